//! The code, relocations and debug symbols of a PE file, recognised by its section table.

use super::{CERTIFICATES, Headers, LE, MAX_SECTIONS, RESOURCES, optional_header, section};
use crate::format::executable::bulk::Parts;
use crate::format::executable::{Layout, exact};

const IS_CODE: u32 = 0x2000_0020;
const IS_DISCARDABLE: u32 = 0x0200_0000;

/// Sections of code, of relocations and of DWARF as MinGW's linker writes it, and the symbols behind them. Whatever
/// holds resources stays, and so does what is called like something else: crates, build information.
pub(in crate::format) fn bulk(head: &[u8]) -> Option<Parts> {
    let at = usize::try_from(LE.u32(head, 0x3c)?).ok()?;
    let start = head.get(at..at.checked_add(24)?).filter(|start| start.starts_with(b"PE\0\0"))?;
    let count = usize::from(LE.u16(start, 6)?);
    let optional_size = usize::from(LE.u16(start, 20)?);
    if count > MAX_SECTIONS {
        return None;
    }
    let bytes = exact(&head, (at + 24) as u64, optional_size + count * 40, "the headers").ok()?;
    let (optional, table) = bytes.split_at_checked(optional_size)?;
    let optional = optional_header(optional);
    let mut headers = Headers { directories: optional.directories, mapped: Vec::new() };
    let mut layout = Layout::default();
    for header in table.chunks_exact(40) {
        section(header, 0, optional.alignment, &mut headers, &mut layout);
    }
    let resources = headers.directory(RESOURCES).and_then(|(address, _)| headers.offset_of(address));
    let resources = resources.map(|(at, rest)| at..at.saturating_add(rest));
    let certificates = headers.directory(CERTIFICATES).map(|(at, size)| at..at.saturating_add(size));

    let sections = headers.mapped.iter().zip(&layout.sections).zip(table.chunks_exact(40));
    let mut bulk: Vec<_> = sections
        .filter(|((_, named), header)| {
            let flags = LE.u32(header, 36).unwrap_or(0);
            flags & IS_CODE != 0 || (flags & IS_DISCARDABLE != 0 && is_debug(&named.name))
        })
        .map(|((mapped, _), _)| mapped.offset..mapped.offset.saturating_add(mapped.size))
        .collect();
    // COFF symbols: 18 bytes each. The strings behind them stay.
    let (symbols, symbol_count) = (u64::from(LE.u32(start, 12)?), u64::from(LE.u32(start, 16)?));
    if symbols != 0 {
        bulk.push(symbols..symbols + symbol_count * 18);
    }
    Some(Parts { bulk, identity: resources.into_iter().chain(certificates).collect() })
}

/// Relocations, and debug symbols: long names stand elsewhere, and `/4` says where.
fn is_debug(name: &str) -> bool {
    let is_long =
        name.strip_prefix('/').is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    is_long || name == ".reloc" || name.starts_with(".debug") || name.starts_with(".stab")
}

#[cfg(test)]
#[expect(clippy::single_range_in_vec_init, reason = "lists of ranges")]
mod tests {
    use std::ops::Range;

    use crate::format::executable::bulk::ranges;

    /// Name, flags, offset and size in the file.
    type Section = (&'static str, u32, u32, u32);

    /// A library with these sections, each at the address of its offset.
    fn library(sections: &[Section], resources: u32, certificates: (u32, u32)) -> Vec<u8> {
        let mut bytes = vec![0; 4096];
        let mut put = |at: usize, number: u32| bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
        put(0x3c, 0x40);
        put(0x40, 0x4550);
        put(0x44, 0x8664 | u32::try_from(sections.len()).unwrap() << 16);
        put(0x54, 240);
        let optional = 0x58;
        put(optional, 0x20b);
        put(optional + 32, 0x1000);
        put(optional + 108, 16);
        put(optional + 112 + 16, resources);
        put(optional + 112 + 20, u32::from(resources != 0) * 4096);
        put(optional + 112 + 32, certificates.0);
        put(optional + 112 + 36, certificates.1);
        for (index, (_, flags, offset, size)) in sections.iter().enumerate() {
            let at = optional + 240 + index * 40;
            put(at + 8, *size);
            put(at + 12, *offset);
            put(at + 16, *size);
            put(at + 20, *offset);
            put(at + 36, *flags);
        }
        for (index, (name, ..)) in sections.iter().enumerate() {
            let at = optional + 240 + index * 40;
            bytes[at..at + name.len()].copy_from_slice(name.as_bytes());
        }
        bytes[..2].copy_from_slice(b"MZ");
        bytes
    }

    fn bulk(sections: &[Section], resources: u32, certificates: (u32, u32)) -> Vec<Range<u64>> {
        ranges(&library(sections, resources, certificates), 1 << 20)
    }

    #[test]
    fn code_relocations_and_debug_symbols_are_left_out() {
        let sections = [
            (".text", 0x6000_0020, 0x1000, 0x1_0000),
            (".rdata", 0x4000_0040, 0x1_1000, 0x1_0000),
            (".rsrc", 0x4000_0040, 0x2_1000, 0x1_0000),
            (".reloc", 0x4200_0040, 0x3_1000, 0x1_0000),
            ("/19", 0x4200_0040, 0x4_1000, 0x1_0000),
            // Drivers say so of what they need only at their start.
            ("INIT", 0x4200_0040, 0x5_1000, 0x1_0000),
            (".dep-v0", 0x4200_0040, 0x6_1000, 0x1_0000),
        ];
        assert_eq!(bulk(&sections, 0x2_1000, (0, 0)), [0x1000..0x1_1000, 0x3_1000..0x5_1000]);
    }

    #[test]
    fn resources_and_certificates_stay_wherever_they_lie() {
        let code = [(".text", 0x6000_0020, 0x1000, 0x4_0000), ("UPX1", 0xe000_0040, 0x4_1000, 0x1_0000)];
        let expected = [0x1000..0x2_0000, 0x2_1000..0x4_2000];
        assert_eq!(bulk(&code, 0x4_2000, (0x2_0000, 0x1000)), expected);
    }

    #[test]
    fn symbols_of_a_linker_are_left_out_and_their_strings_stay() {
        let mut bytes = library(&[], 0, (0, 0));
        bytes[0x4c..0x50].copy_from_slice(&0x8_0000_u32.to_le_bytes());
        bytes[0x50..0x54].copy_from_slice(&0x1000_u32.to_le_bytes());
        assert_eq!(ranges(&bytes, 1 << 20), [0x8_0000..0x8_0000 + 18 * 0x1000]);
    }
}
