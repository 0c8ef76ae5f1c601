//! PE: what a Windows executable, library or driver says it is.
//!
//! Headers, the version resource and the certificate table are read where they lie; code and other resources
//! never. A typical file costs three reads. Damage is reported only where a table with identity is cut off or
//! points nowhere; what Windows itself tolerates is tolerated.
//!
//! Format: Microsoft's "PE Format"; resources: `VS_VERSIONINFO` in [`super::version_resource`].

mod bulk;
mod headers;
mod resource;

pub(super) use bulk::bulk;

use super::version_resource::VersionResource;
use crate::bytes::{Damage, DamageKind, ReadAt, Salvaged};
use crate::format::executable::{Layout, Section, Segment, exact, text};
use headers::{Headers, LE, Mapped};

/// The loader's own limit.
const MAX_SECTIONS: usize = 96;

const RESOURCES: usize = 2;
const CERTIFICATES: usize = 4;
const CLR_HEADER: usize = 14;
/// Fewer bytes of a first header say nothing at all.
const MIN_HEAD: usize = 16;
/// What the headers begin with.
const SIGNATURE: &[u8] = b"PE\0\0";

/// What a PE file says it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pe {
    /// `Machine` of the file header.
    pub machine: u16,
    /// `Subsystem`: 1 driver, 2 windows, 3 console …
    pub subsystem: u16,
    /// Whether it is a library.
    pub is_dll: bool,
    /// Whether it is PE32+.
    pub is_64: bool,
    /// Whether it carries .NET code.
    pub is_dotnet: bool,
    /// The version resource, if there is one.
    pub version: Option<VersionResource>,
    /// File offset and size of the certificate table, if there is one.
    pub certificates: Option<(u64, u64)>,
    /// Sections and segments.
    pub layout: Layout,
}

impl Pe {
    /// The architecture as `uname -m` writes it; `None` for machines not in the table.
    pub fn arch(&self) -> Option<&'static str> {
        Some(match self.machine {
            0x8664 => "x86_64",
            0x014c => "i686",
            0xaa64 | 0xa641 | 0xa64e => "aarch64",
            0x01c0 | 0x01c2 | 0x01c4 => "arm",
            0x0200 => "ia64",
            0x5032 => "riscv32",
            0x5064 => "riscv64",
            0x6232 => "loongarch32",
            0x6264 => "loongarch64",
            _ => return None,
        })
    }
}

/// Whether a file that starts with these bytes may be PE: DOS programs start the same.
pub fn is_pe(head: &[u8]) -> bool {
    head.starts_with(b"MZ")
}

/// Reads the identity of a PE file; `None` if it is none (a DOS or 16-bit program, or no program).
///
/// Damage is Truncated for a table past the end of the file, Corrupt for one that contradicts itself.
pub fn read(file: &dyn ReadAt) -> Option<Salvaged<Pe>> {
    let dos = file.read_vec(0, 64).ok().filter(|dos| is_pe(dos))?;
    let cut = |at: u64| Salvaged {
        value: Pe::default(),
        damage: vec![Damage::new(DamageKind::Truncated, at, "the file ends before its headers")],
    };
    let Some(at) = LE.u32(&dos, 0x3c).map(u64::from) else {
        // Programs of DOS have a header of 28 bytes and at least one of code.
        return (dos.len() > MIN_HEAD).then(|| cut(dos.len() as u64));
    };
    let start = file.read_vec(at, 24).ok()?;
    if !start.starts_with(SIGNATURE) {
        return ends_before(&dos, &start).then(|| cut(at));
    }
    let mut out = Salvaged::whole(Pe { machine: LE.u16(&start, 4).unwrap_or(0), ..Pe::default() });
    if let Err(damage) = tables(file, at, &start, &mut out) {
        out.damage.push(damage);
    }
    Some(out)
}

/// Whether a file is cut off before the signature that its first header leads to. In programs of DOS anything may stand in
/// the place of that address; in those for later systems the relocations of the DOS part lie behind it (Microsoft,
/// "Executable-File Header Format").
fn ends_before(dos: &[u8], start: &[u8]) -> bool {
    let is_new = LE.u16(dos, 0x18).is_some_and(|relocations| relocations >= 0x40);
    start.len() < SIGNATURE.len() && SIGNATURE.starts_with(start) && (is_new || !start.is_empty())
}

fn tables(file: &dyn ReadAt, at: u64, start: &[u8], out: &mut Salvaged<Pe>) -> Result<(), Damage> {
    let cut = || Damage::new(DamageKind::Truncated, at, "the file ends inside its headers");
    let section_count = usize::from(LE.u16(start, 6).ok_or_else(cut)?);
    let optional_size = usize::from(LE.u16(start, 20).ok_or_else(cut)?);
    let characteristics = LE.u16(start, 22).ok_or_else(cut)?;
    let table_size = section_count.min(MAX_SECTIONS) * 40;
    let bytes = exact(file, at + 24, optional_size + table_size, "the headers")?;
    let (optional, table) = bytes.split_at_checked(optional_size).ok_or_else(cut)?;

    let pe = &mut out.value;
    let optional = optional_header(optional);
    pe.is_dll = characteristics & 0x2000 != 0;
    pe.is_64 = optional.is_64;
    pe.subsystem = optional.subsystem;
    let mut headers = Headers {
        directories: optional.directories,
        mapped: Vec::with_capacity(section_count.min(MAX_SECTIONS)),
    };
    for header in table.chunks_exact(40) {
        section(header, optional.base, optional.alignment, &mut headers, &mut pe.layout);
    }
    // The last section need not fill its last sector.
    let is_behind =
        |section: &Section| section.size > 0 && section.offset.saturating_add(section.size) > file.size();
    let is_cut = pe.layout.sections.iter().any(is_behind);
    pe.is_dotnet = headers.directory(CLR_HEADER).is_some();
    // Unlike the others, this directory is a file offset: signatures are not mapped.
    pe.certificates = headers.directory(CERTIFICATES);
    if let Some((address, _)) = headers.directory(RESOURCES) {
        pe.version = resource::version(file, &headers, address, &mut out.damage);
    }
    if is_cut {
        let what = "the file ends before its last section does";
        out.damage.push(Damage::new(DamageKind::Truncated, file.size(), what));
    }
    Ok(())
}

/// The optional header, as far as it leads to the tables.
struct Optional {
    is_64: bool,
    subsystem: u16,
    base: u64,
    alignment: u32,
    directories: Vec<(u64, u64)>,
}

fn optional_header(bytes: &[u8]) -> Optional {
    let is_64 = LE.u16(bytes, 0) == Some(0x20b);
    let base = if is_64 { LE.u64(bytes, 24) } else { LE.u32(bytes, 28).map(u64::from) };
    let count_at = if is_64 { 108 } else { 92 };
    let count = LE.u32(bytes, count_at).unwrap_or(0).min(16) as usize;
    let directories = bytes.get(count_at + 4..).unwrap_or_default().chunks_exact(8).take(count);
    Optional {
        is_64,
        subsystem: LE.u16(bytes, 68).unwrap_or(0),
        base: base.unwrap_or(0),
        alignment: LE.u32(bytes, 32).unwrap_or(0),
        directories: directories.filter_map(pair).collect(),
    }
}

fn pair(bytes: &[u8]) -> Option<(u64, u64)> {
    Some((u64::from(LE.u32(bytes, 0)?), u64::from(LE.u32(bytes, 4)?)))
}

fn section(header: &[u8], base: u64, alignment: u32, headers: &mut Headers, layout: &mut Layout) {
    let field = |at| u64::from(LE.u32(header, at).unwrap_or(0));
    let (virtual_size, address, raw_size, raw_at, flags) =
        (field(8), field(12), field(16), field(20), field(36));
    // The loader rounds the file offset down to a sector, unless the file's pages are smaller than one.
    let offset = if alignment >= 0x1000 { raw_at & !0x1ff } else { raw_at };
    let size = if virtual_size == 0 { raw_size } else { raw_size.min(virtual_size) };
    let name = header.get(..8).unwrap_or_default();
    let name = text(name.split(|&byte| byte == 0).next().unwrap_or_default());
    headers.mapped.push(Mapped { address, size: raw_size, offset });
    layout.sections.push(Section { name, address: base.saturating_add(address), offset, size });
    layout.segments.push(Segment {
        address: base.saturating_add(address),
        offset,
        size: raw_size,
        // Initialised data, readable and writable.
        is_data: flags & 0xe000_0040 == 0xc000_0040,
    });
}

#[cfg(test)]
mod tests;
