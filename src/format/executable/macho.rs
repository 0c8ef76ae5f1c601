//! Mach-O: what an executable, library or bundle of macOS says it is, thin or fat.
//!
//! Load commands and the code signature are read where they lie; code never. Every architecture of a fat file
//! is read for itself, since each carries its own signature. Identity only: nothing of the signature is
//! verified (see [`crate::format::certificate::pkcs7`]). Format: Apple's `mach-o/loader.h` and `mach-o/fat.h`; signatures: Apple's
//! `cs_blobs.h`.

mod signature;

pub use signature::CodeSignature;

use crate::bytes::{Damage, DamageKind, ReadAt, Salvaged};
use crate::format::executable::{ByteOrder, Layout, Section, Segment, Slice, c_string, exact, text};

/// More architectures than this are not read, and more is how Java class files, which share the magic, look.
const MAX_ARCHITECTURES: u32 = 20;
/// Load commands are read up to this many bytes; the largest programs have a few hundred kilobytes less.
const MAX_COMMANDS: usize = 1 << 20;
/// More sections than this are not read.
const MAX_SECTIONS: usize = 4096;
/// An embedded property list is read up to this many bytes.
const MAX_PLIST: u64 = 256 << 10;

const LC_SEGMENT: u32 = 0x1;
const LC_LOAD_DYLIB: u32 = 0xc;
const LC_ID_DYLIB: u32 = 0xd;
const LC_LOAD_DYLINKER: u32 = 0xe;
const LC_LOAD_WEAK_DYLIB: u32 = 0x8000_0018;
const LC_SEGMENT_64: u32 = 0x19;
const LC_UUID: u32 = 0x1b;
const LC_RPATH: u32 = 0x8000_001c;
const LC_CODE_SIGNATURE: u32 = 0x1d;
/// A file of debug symbols.
const MH_DSYM: u32 = 0xa;
const LC_REEXPORT_DYLIB: u32 = 0x8000_001f;

/// What one architecture of a Mach-O file says it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MachO {
    /// `cputype`.
    pub cpu: u32,
    /// `filetype`: 2 program, 6 library, 8 bundle, 11 kernel extension …
    pub file_type: u32,
    /// Where this architecture starts in the file; 0 in a thin file. Offsets in `layout` count from here.
    pub start: u64,
    /// Its size in bytes.
    pub size: u64,
    /// `LC_ID_DYLIB`: the name a library is linked by.
    pub id: Option<String>,
    /// The libraries it loads.
    pub needed: Vec<String>,
    /// `LC_RPATH`.
    pub runpath: Vec<String>,
    /// `LC_LOAD_DYLINKER`.
    pub interpreter: Option<String>,
    /// `LC_UUID` in hexadecimal.
    pub uuid: Option<String>,
    /// The code signature, if there is one.
    pub signature: Option<CodeSignature>,
    /// The bytes of an embedded `Info.plist`.
    pub info_plist: Option<Vec<u8>>,
    /// Sections and segments, from `start`.
    pub layout: Layout,
}

impl MachO {
    /// The architecture as `uname -m` writes it on Linux; `None` for those not in the table.
    pub fn arch(&self) -> Option<&'static str> {
        Some(match self.cpu {
            0x0100_0007 => "x86_64",
            0x7 => "i686",
            0x0100_000c | 0x0200_000c => "aarch64",
            0xc => "arm",
            0x12 => "ppc",
            0x0100_0012 => "ppc64",
            _ => return None,
        })
    }
}

/// Whether a file that starts with these bytes may be Mach-O.
pub fn is_macho(head: &[u8]) -> bool {
    match ByteOrder::Big.u32(head, 0) {
        Some(0xfeed_face | 0xfeed_facf | 0xcefa_edfe | 0xcffa_edfe) => true,
        Some(0xcafe_babe | 0xcafe_babf) => {
            ByteOrder::Big.u32(head, 4).is_some_and(|count| (1..=MAX_ARCHITECTURES).contains(&count))
        }
        _ => false,
    }
}

/// Reads every architecture of a Mach-O file; `None` if it is none.
///
/// Damage is Truncated for a table past the end of the file, Corrupt for one that contradicts itself.
pub fn read(file: &dyn ReadAt) -> Option<Salvaged<Vec<MachO>>> {
    let head = file.read_vec(0, 8).ok().filter(|head| is_macho(head))?;
    let mut out = Salvaged::whole(Vec::new());
    let entry_size = match ByteOrder::Big.u32(&head, 0)? {
        0xcafe_babe => 20,
        0xcafe_babf => 32,
        _ => {
            thin(file, 0, file.size(), &mut out);
            return Some(out);
        }
    };
    let count = ByteOrder::Big.u32(&head, 4)? as usize;
    let table = match exact(file, 8, count * entry_size, "the table of architectures") {
        Ok(table) => table,
        Err(damage) => {
            out.damage.push(damage);
            return Some(out);
        }
    };
    for entry in table.chunks_exact(entry_size) {
        let (start, size) = match entry_size {
            20 => (ByteOrder::Big.u32(entry, 8).map(u64::from), ByteOrder::Big.u32(entry, 12).map(u64::from)),
            _ => (ByteOrder::Big.u64(entry, 8), ByteOrder::Big.u64(entry, 16)),
        };
        if let (Some(start), Some(size)) = (start, size) {
            if start.checked_add(size).is_none_or(|end| end > file.size()) {
                let what = "the file ends before the end of an architecture";
                out.damage.push(Damage::new(DamageKind::Truncated, start, what));
            }
            thin(file, start, size, &mut out);
        }
    }
    Some(out)
}

fn thin(file: &dyn ReadAt, start: u64, size: u64, out: &mut Salvaged<Vec<MachO>>) {
    let slice = Slice::new(file, start, size);
    let mut macho = MachO { start, size, ..MachO::default() };
    let before = out.damage.len();
    let is_macho = match commands(&slice, &mut macho, &mut out.damage) {
        Ok(is_macho) => is_macho,
        Err(damage) => {
            out.damage.push(damage);
            true
        }
    };
    for damage in out.damage.iter_mut().skip(before) {
        damage.offset = damage.offset.map(|offset| offset.saturating_add(start));
    }
    // A fat file may also hold archives of object files.
    if is_macho {
        out.value.push(macho);
    }
}

/// Reads header and load commands; false if there is no Mach-O header.
fn commands(file: &dyn ReadAt, macho: &mut MachO, damage: &mut Vec<Damage>) -> Result<bool, Damage> {
    let head = file.read_vec(0, 32)?;
    let (order, is_64) = match ByteOrder::Big.u32(&head, 0) {
        Some(0xfeed_face) => (ByteOrder::Big, false),
        Some(0xfeed_facf) => (ByteOrder::Big, true),
        Some(0xcefa_edfe) => (ByteOrder::Little, false),
        Some(0xcffa_edfe) => (ByteOrder::Little, true),
        _ => return Ok(false),
    };
    macho.layout.order = order;
    let cut = || Damage::new(DamageKind::Truncated, 0, "the file ends inside its header");
    macho.cpu = order.u32(&head, 4).ok_or_else(cut)?;
    macho.file_type = order.u32(&head, 12).ok_or_else(cut)?;
    let count = order.u32(&head, 16).ok_or_else(cut)?;
    let size = order.u32(&head, 20).ok_or_else(cut)? as usize;
    if size > MAX_COMMANDS {
        let what = format!("{size} bytes of load commands; the first {MAX_COMMANDS} were read");
        damage.push(Damage::new(DamageKind::OverLimit, 20, what));
    }
    let bytes = exact(file, if is_64 { 32 } else { 28 }, size.min(MAX_COMMANDS), "the load commands")?;
    let mut signature = None;
    let mut rest = bytes.as_slice();
    for _ in 0..count {
        let (Some(kind), Some(length)) = (order.u32(rest, 0), order.u32(rest, 4)) else {
            break;
        };
        let Some(command) = rest.get(..length as usize).filter(|command| command.len() >= 8) else {
            damage.push(Damage::new(DamageKind::Corrupt, None, "a load command does not fit"));
            break;
        };
        match kind {
            LC_CODE_SIGNATURE => signature = order.u32(command, 8).zip(order.u32(command, 12)),
            _ => one_command(kind, command, order, macho),
        }
        rest = rest.get(command.len()..).unwrap_or_default();
    }
    // A file of debug symbols keeps the segments of a program whose bytes it does not have.
    if macho.file_type != MH_DSYM {
        damage.extend(super::cut_off(&macho.layout.segments, file.size()));
    }
    if let Some((offset, size)) = signature.filter(|(_, size)| *size > 0) {
        macho.signature = signature::read(file, offset.into(), size.into(), damage);
    }
    let plist = macho.layout.section("__info_plist").map(|section| (section.offset, section.size));
    if let Some((offset, size)) = plist {
        match exact(file, offset, size.min(MAX_PLIST) as usize, "the embedded property list") {
            Ok(bytes) => macho.info_plist = Some(bytes),
            Err(error) => damage.push(error),
        }
    }
    Ok(true)
}

fn one_command(kind: u32, command: &[u8], order: ByteOrder, macho: &mut MachO) {
    // Texts lie in the command itself, at an offset from its start.
    let string = || {
        let at = order.u32(command, 8)? as usize;
        Some(text(c_string(command, at)?)).filter(|text| !text.is_empty())
    };
    match kind {
        LC_ID_DYLIB => macho.id = string(),
        LC_LOAD_DYLIB | LC_LOAD_WEAK_DYLIB | LC_REEXPORT_DYLIB => macho.needed.extend(string()),
        LC_RPATH => macho.runpath.extend(string()),
        LC_LOAD_DYLINKER => macho.interpreter = string(),
        LC_UUID => macho.uuid = command.get(8..24).map(crate::text::hex::hex),
        LC_SEGMENT => segment(command, &Widths { order, is_64: false }, &mut macho.layout),
        LC_SEGMENT_64 => segment(command, &Widths { order, is_64: true }, &mut macho.layout),
        _ => {}
    }
}

/// Field widths of segments and sections.
struct Widths {
    order: ByteOrder,
    is_64: bool,
}

impl Widths {
    fn word(&self, bytes: &[u8], at_32: usize, at_64: usize) -> Option<u64> {
        if self.is_64 { self.order.u64(bytes, at_64) } else { self.order.u32(bytes, at_32).map(u64::from) }
    }

    fn long(&self, bytes: &[u8], at_32: usize, at_64: usize) -> Option<u32> {
        self.order.u32(bytes, if self.is_64 { at_64 } else { at_32 })
    }
}

fn segment(command: &[u8], widths: &Widths, layout: &mut Layout) {
    let Some((address, offset, size, protection)) = (|| {
        Some((
            widths.word(command, 24, 24)?,
            widths.word(command, 32, 40)?,
            widths.word(command, 36, 48)?,
            widths.long(command, 44, 60)?,
        ))
    })() else {
        return;
    };
    layout.segments.push(Segment { address, offset, size, is_data: protection & 0b110 == 0b010 });
    let (header, entry) = if widths.is_64 { (72, 80) } else { (56, 68) };
    for section in command.get(header..).unwrap_or_default().chunks_exact(entry) {
        if layout.sections.len() >= MAX_SECTIONS {
            return;
        }
        let name = section.get(..16).unwrap_or_default();
        let name = text(name.split(|&byte| byte == 0).next().unwrap_or_default());
        let flags = widths.long(section, 56, 64).unwrap_or(0);
        let is_zero_fill = matches!(flags & 0xff, 0x1 | 0xc | 0x12);
        let size = widths.word(section, 36, 40).unwrap_or(0);
        layout.sections.push(Section {
            name,
            address: widths.word(section, 32, 32).unwrap_or(0),
            offset: widths.long(section, 40, 48).map_or(0, u64::from),
            size: if is_zero_fill { 0 } else { size },
        });
    }
}

#[cfg(test)]
mod tests;
