//! ELF: what an executable or shared object of Linux and the BSDs says it is.
//!
//! Names, interpreter and notes are taken from the program headers, which no stripping removes; the section
//! table adds what only it has (kernel modules, sections by name). Only tables are read, never code: a file of
//! hundreds of megabytes costs a few reads of kilobytes. Both classes, both byte orders.
//!
//! Format: System V ABI, chapters 4 and 5; the notes: "Package metadata for executable files" of the UAPI group.

mod bulk;
mod dynamic;
mod notes;

pub(super) use bulk::bulk;

use crate::bytes::{Damage, DamageKind, ReadAt, Salvaged};
use crate::format::executable::{ByteOrder, Layout, Section, Segment, c_string, exact, text};

/// More section headers than this are not read; the largest kernels and object files stay below.
const MAX_SECTIONS: u64 = 65_536;
/// More program headers than this are not read; programs have about a dozen.
const MAX_SEGMENTS: u64 = 4_096;
/// The section names are read up to this many bytes.
const MAX_NAMES: u64 = 4 << 20;

const PT_LOAD: u32 = 1;
const PT_DYNAMIC: u32 = 2;
const PT_INTERP: u32 = 3;
const PT_NOTE: u32 = 4;
const SHT_DYNAMIC: u32 = 6;
const SHT_NOTE: u32 = 7;
const SHT_NOBITS: u32 = 8;

/// What the file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An object file; kernel modules are such.
    Relocatable,
    /// A program at a fixed address.
    Executable,
    /// A shared object or a position-independent program.
    Shared,
    /// A core dump.
    Core,
    /// Anything else, by number.
    Other(u16),
}

/// What an ELF file says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elf {
    /// 32 or 64.
    pub bits: u8,
    /// What the file is for.
    pub kind: Kind,
    /// `e_machine`.
    pub machine: u16,
    /// `DT_SONAME`.
    pub soname: Option<String>,
    /// `DT_NEEDED`, in order.
    pub needed: Vec<String>,
    /// `DT_RUNPATH`, or `DT_RPATH` where there is none, split at colons.
    pub runpath: Vec<String>,
    /// `PT_INTERP`.
    pub interpreter: Option<String>,
    /// The GNU build id in hexadecimal.
    pub build_id: Option<String>,
    /// The texts of the package metadata note, by key: `type`, `os`, `name`, `version` …
    pub package_metadata: Vec<(String, String)>,
    /// Sections and segments.
    pub layout: Layout,
}

impl Elf {
    /// The architecture as `uname -m` writes it; `None` for machines not in the table.
    pub fn arch(&self) -> Option<&'static str> {
        let is_64 = self.bits == 64;
        Some(match (self.machine, is_64, self.layout.order) {
            (62, ..) => "x86_64",
            (3, ..) => "i686",
            (183, _, ByteOrder::Little) => "aarch64",
            (183, _, ByteOrder::Big) => "aarch64_be",
            (40, ..) => "arm",
            (243, true, _) => "riscv64",
            (243, false, _) => "riscv32",
            (258, true, _) => "loongarch64",
            (258, false, _) => "loongarch32",
            (20, ..) => "ppc",
            (21, _, ByteOrder::Little) => "ppc64le",
            (21, _, ByteOrder::Big) => "ppc64",
            (22, true, _) => "s390x",
            (22, false, _) => "s390",
            (8, true, _) => "mips64",
            (8, false, _) => "mips",
            (2 | 18, ..) => "sparc",
            (43, ..) => "sparc64",
            (15, ..) => "parisc",
            (4, ..) => "m68k",
            (42, ..) => "sh",
            (50, ..) => "ia64",
            (0x9026, ..) => "alpha",
            (247, ..) => "bpf",
            _ => return None,
        })
    }

    /// Whether it is a Linux kernel module.
    pub fn is_kernel_module(&self) -> bool {
        self.kind == Kind::Relocatable
            && self.layout.section(".modinfo").is_some()
            && self.layout.section(".gnu.linkonce.this_module").is_some()
    }
}

/// Whether a file that starts with these bytes is ELF.
pub fn is_elf(head: &[u8]) -> bool {
    head.starts_with(b"\x7fELF")
}

/// Reads the identity of an ELF file; `None` if it is none (wrong magic, class or byte order).
///
/// Damage is Truncated for a table that lies past the end of the file, OverLimit for one of absurd size.
pub fn read(file: &dyn ReadAt) -> Option<Salvaged<Elf>> {
    let head = file.read_vec(0, 64).ok()?;
    if !is_elf(&head) {
        return None;
    }
    let words = Words::of(&head)?;
    let order = words.order;
    let mut reader = Reader { file, words, damage: Vec::new() };
    let header = words.header(&head);
    let mut elf = Elf {
        bits: if words.is_64 { 64 } else { 32 },
        kind: match order.u16(&head, 16).unwrap_or(0) {
            1 => Kind::Relocatable,
            2 => Kind::Executable,
            3 => Kind::Shared,
            4 => Kind::Core,
            other => Kind::Other(other),
        },
        machine: order.u16(&head, 18).unwrap_or(0),
        soname: None,
        needed: Vec::new(),
        runpath: Vec::new(),
        interpreter: None,
        build_id: None,
        package_metadata: Vec::new(),
        layout: Layout { order, ..Layout::default() },
    };
    match header {
        Some(header) => reader.tables(&header, &mut elf),
        None => reader.damage.push(Damage::new(DamageKind::Truncated, 0, "the file ends inside its header")),
    }
    Some(Salvaged { value: elf, damage: reader.damage })
}

/// Field widths and byte order of one file.
#[derive(Debug, Clone, Copy)]
struct Words {
    order: ByteOrder,
    is_64: bool,
}

/// The part of the file header that leads to the tables.
struct Header {
    segments: Table,
    sections: Table,
    names_index: usize,
}

struct Table {
    offset: u64,
    entry_size: usize,
    count: u64,
}

/// One program header.
struct ProgramHeader {
    kind: u32,
    flags: u32,
    address: u64,
    offset: u64,
    size: u64,
    align: u64,
}

/// One section header.
struct SectionHeader {
    name: usize,
    kind: u32,
    address: u64,
    offset: u64,
    size: u64,
    link: u32,
    info: u32,
    align: u64,
}

impl Words {
    /// What the first bytes of a file say; `None` for no class or byte order that there is.
    fn of(head: &[u8]) -> Option<Words> {
        let is_64 = match head.get(4)? {
            1 => false,
            2 => true,
            _ => return None,
        };
        let order = match head.get(5)? {
            1 => ByteOrder::Little,
            2 => ByteOrder::Big,
            _ => return None,
        };
        Some(Words { order, is_64 })
    }

    /// A field whose width is the file's class, at its place in either class.
    fn word(self, bytes: &[u8], at_32: usize, at_64: usize) -> Option<u64> {
        if self.is_64 { self.order.u64(bytes, at_64) } else { self.order.u32(bytes, at_32).map(u64::from) }
    }

    fn half(self, bytes: &[u8], at_32: usize, at_64: usize) -> Option<u16> {
        self.order.u16(bytes, if self.is_64 { at_64 } else { at_32 })
    }

    fn long(self, bytes: &[u8], at_32: usize, at_64: usize) -> Option<u32> {
        self.order.u32(bytes, if self.is_64 { at_64 } else { at_32 })
    }

    fn header(self, head: &[u8]) -> Option<Header> {
        let size = |at_32, at_64| self.half(head, at_32, at_64).map(usize::from);
        Some(Header {
            segments: Table {
                offset: self.word(head, 28, 32)?,
                entry_size: size(42, 54)?,
                count: u64::from(self.half(head, 44, 56)?),
            },
            sections: Table {
                offset: self.word(head, 32, 40)?,
                entry_size: size(46, 58)?,
                count: u64::from(self.half(head, 48, 60)?),
            },
            names_index: size(50, 62)?,
        })
    }

    fn program_header(self, bytes: &[u8]) -> Option<ProgramHeader> {
        Some(ProgramHeader {
            kind: self.order.u32(bytes, 0)?,
            flags: self.long(bytes, 24, 4)?,
            offset: self.word(bytes, 4, 8)?,
            address: self.word(bytes, 8, 16)?,
            size: self.word(bytes, 16, 32)?,
            align: self.word(bytes, 28, 48)?,
        })
    }

    fn section_header(self, bytes: &[u8]) -> Option<SectionHeader> {
        Some(SectionHeader {
            name: self.order.u32(bytes, 0)? as usize,
            kind: self.order.u32(bytes, 4)?,
            address: self.word(bytes, 12, 16)?,
            offset: self.word(bytes, 16, 24)?,
            size: self.word(bytes, 20, 32)?,
            link: self.long(bytes, 24, 40)?,
            info: self.long(bytes, 28, 44)?,
            align: self.word(bytes, 32, 48)?,
        })
    }

    fn program_header_size(self) -> usize {
        if self.is_64 { 56 } else { 32 }
    }

    fn section_header_size(self) -> usize {
        if self.is_64 { 64 } else { 40 }
    }
}

struct Reader<'a> {
    file: &'a dyn ReadAt,
    words: Words,
    damage: Vec<Damage>,
}

impl Reader<'_> {
    fn tables(&mut self, header: &Header, elf: &mut Elf) {
        let (sections, names_index, first_info) = self.section_headers(header);
        // More than 65,534 program headers are counted in the first section header.
        let count = if header.segments.count == 0xffff { first_info } else { header.segments.count };
        let segments = self.program_headers(&header.segments, count);
        elf.layout.segments = segments
            .iter()
            .filter(|segment| segment.kind == PT_LOAD)
            .map(|segment| Segment {
                address: segment.address,
                offset: segment.offset,
                size: segment.size,
                is_data: segment.flags & 0b11 == 0b10,
            })
            .collect();
        elf.layout.sections = self.named(&sections, names_index);

        // A file of split-off debug symbols keeps the program headers of a program whose bytes it does not have.
        let is_debug_file = elf.layout.sections.iter().zip(&sections).any(|(named, section)| {
            section.kind == SHT_NOBITS && matches!(named.name.as_str(), ".text" | ".dynamic" | ".dynstr")
        });
        if !is_debug_file {
            self.damage.extend(super::cut_off(&elf.layout.segments, self.file.size()));
            self.interpreter(&segments, elf);
            self.dynamic(&segments, &sections, elf);
        }
        self.notes(&segments, &sections, is_debug_file, elf);
    }

    fn program_headers(&mut self, table: &Table, count: u64) -> Vec<ProgramHeader> {
        let size = table.entry_size;
        if count == 0 || table.offset == 0 || size < self.words.program_header_size() {
            return Vec::new();
        }
        let Some(bytes) = self.table(table.offset, size, count.min(MAX_SEGMENTS), "the program headers")
        else {
            return Vec::new();
        };
        self.check_count(count, MAX_SEGMENTS, table.offset, "program headers");
        bytes.chunks_exact(size).filter_map(|bytes| self.words.program_header(bytes)).collect()
    }

    /// The section headers, the index of the section of names, and what the first one says in `sh_info`.
    fn section_headers(&mut self, header: &Header) -> (Vec<SectionHeader>, usize, u64) {
        let table = &header.sections;
        let size = table.entry_size;
        if table.offset == 0 || size < self.words.section_header_size() {
            return (Vec::new(), 0, 0);
        }
        let mut count = table.count;
        let mut first = None;
        if count == 0 || header.names_index == 0xffff || header.segments.count == 0xffff {
            // Numbers too large for the file header stand in the first section header.
            first = self
                .table(table.offset, size, 1, "the section headers")
                .and_then(|bytes| self.words.section_header(&bytes));
            if count == 0 {
                count = first.as_ref().map_or(0, |first| first.size);
            }
        }
        if count == 0 {
            return (Vec::new(), 0, 0);
        }
        self.check_count(count, MAX_SECTIONS, table.offset, "section headers");
        let bytes = self
            .table(table.offset, size, count.min(MAX_SECTIONS), "the section headers")
            .unwrap_or_default();
        let headers = bytes.chunks_exact(size).filter_map(|bytes| self.words.section_header(bytes)).collect();
        let names_index = match (&first, header.names_index) {
            (Some(first), 0xffff) => first.link as usize,
            (_, index) => index,
        };
        (headers, names_index, first.map_or(0, |first| u64::from(first.info)))
    }

    fn named(&mut self, headers: &[SectionHeader], names_index: usize) -> Vec<Section> {
        let names = match headers.get(names_index) {
            Some(names) if names_index > 0 && names.kind != SHT_NOBITS => {
                self.range(names.offset, names.size.min(MAX_NAMES), "the section names").unwrap_or_default()
            }
            _ => Vec::new(),
        };
        let section = |header: &SectionHeader| Section {
            name: text(c_string(&names, header.name).unwrap_or_default()),
            address: header.address,
            offset: header.offset,
            size: if header.kind == SHT_NOBITS { 0 } else { header.size },
        };
        headers.iter().map(section).collect()
    }

    fn interpreter(&mut self, segments: &[ProgramHeader], elf: &mut Elf) {
        let Some(segment) = segments.iter().find(|segment| segment.kind == PT_INTERP) else {
            return;
        };
        if let Some(bytes) = self.range(segment.offset, segment.size.min(4096), "the interpreter's name") {
            let name = text(c_string(&bytes, 0).unwrap_or_default());
            elf.interpreter = Some(name).filter(|name| !name.is_empty());
        }
    }

    fn table(&mut self, offset: u64, size: usize, count: u64, what: &str) -> Option<Vec<u8>> {
        self.range(offset, count.checked_mul(size as u64)?, what)
    }

    /// The bytes of a range whose size has been limited already.
    fn range(&mut self, offset: u64, size: u64, what: &str) -> Option<Vec<u8>> {
        match exact(self.file, offset, usize::try_from(size).ok()?, what) {
            Ok(bytes) => Some(bytes),
            Err(damage) => {
                self.damage.push(damage);
                None
            }
        }
    }

    fn check_count(&mut self, count: u64, limit: u64, offset: u64, what: &str) {
        if count > limit {
            let what = format!("{count} {what}; the first {limit} were read");
            self.damage.push(Damage::new(DamageKind::OverLimit, offset, what));
        }
    }
}

#[cfg(test)]
mod tests;
