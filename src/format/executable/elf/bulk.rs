//! The code of an ELF file, recognised by its program headers.

use super::{PT_DYNAMIC, PT_INTERP, PT_LOAD, PT_NOTE, ProgramHeader, Words};
use crate::format::executable::bulk::Parts;

const EXECUTABLE: u32 = 0b001;
const WRITABLE: u32 = 0b010;

/// Segments of nothing but code, and of constants behind them. Only the program headers are at hand: the dynamic
/// section, which says where the names are that a program is linked by, lies behind the code. Linkers since 2018 keep
/// those names in a segment that is read and not executed, before the code; where there is none, they may lie beside
/// the code. Go wrote the modules of a program among its constants before 1.18.
pub(in crate::format) fn bulk(head: &[u8]) -> Option<Parts> {
    let words = Words::of(head)?;
    let header = words.header(head)?;
    let table = &header.segments;
    // More are counted elsewhere.
    if table.count == 0xffff || table.entry_size < words.program_header_size() {
        return None;
    }
    let table_end = table.offset.checked_add(table.count.checked_mul(table.entry_size as u64)?)?;
    let at = usize::try_from(table.offset).ok()?..usize::try_from(table_end).ok()?;
    let segments: Vec<ProgramHeader> = head
        .get(at)?
        .chunks_exact(table.entry_size)
        .filter_map(|bytes| words.program_header(bytes))
        .collect();

    let range = |segment: &ProgramHeader| segment.offset..segment.offset.saturating_add(segment.size);
    let loaded = |flags: u32| {
        segments.iter().filter(move |segment| {
            segment.kind == PT_LOAD && segment.size > 0 && segment.flags & (EXECUTABLE | WRITABLE) == flags
        })
    };
    let is_linked = segments.iter().any(|segment| segment.kind == PT_DYNAMIC);
    let names_before = |at: u64| !is_linked || loaded(0).any(|segment| segment.offset < at);
    let is_code = |segment: &&ProgramHeader| names_before(segment.offset);
    let first_code = loaded(EXECUTABLE).filter(is_code).map(|segment| segment.offset).min();
    let constants_from = first_code.filter(|_| !may_be_go(head, &segments)).unwrap_or(u64::MAX);
    let is_constant = |segment: &&ProgramHeader| segment.offset > constants_from;
    let is_identity = |segment: &&ProgramHeader| matches!(segment.kind, PT_DYNAMIC | PT_INTERP | PT_NOTE);
    let sections = &header.sections;
    let sections_size = sections.count.saturating_mul(sections.entry_size as u64);
    let mut parts = Parts {
        bulk: loaded(EXECUTABLE).filter(is_code).chain(loaded(0).filter(is_constant)).map(range).collect(),
        identity: segments.iter().filter(is_identity).map(range).collect(),
    };
    parts.identity.push(0..table_end);
    parts.identity.push(sections.offset..sections.offset.saturating_add(sections_size));
    Some(parts)
}

/// Whether a note of Go's linker is at hand, or notes are not.
fn may_be_go(head: &[u8], segments: &[ProgramHeader]) -> bool {
    segments.iter().filter(|segment| segment.kind == PT_NOTE).any(|notes| {
        let start = usize::try_from(notes.offset).unwrap_or(usize::MAX);
        let end = start.saturating_add(usize::try_from(notes.size).unwrap_or(usize::MAX));
        head.get(start..end).is_none_or(|notes| notes.windows(4).any(|owner| owner == b"Go\0\0"))
    })
}

#[cfg(test)]
#[expect(clippy::single_range_in_vec_init, reason = "lists of ranges")]
mod tests {
    use std::ops::Range;

    use crate::format::executable::bulk::ranges;

    const SIZE: u64 = 1 << 20;

    /// A 64-bit little-endian program with these program headers: kind, flags, offset, size.
    fn program(headers: &[(u32, u32, u64, u64)]) -> Vec<u8> {
        let mut bytes = vec![0; 4096];
        bytes[..6].copy_from_slice(b"\x7fELF\x02\x01");
        bytes[32] = 64;
        bytes[54] = 56;
        bytes[56] = u8::try_from(headers.len()).unwrap();
        for (index, (kind, flags, offset, size)) in headers.iter().enumerate() {
            let header = &mut bytes[64 + index * 56..][..56];
            header[..4].copy_from_slice(&kind.to_le_bytes());
            header[4..8].copy_from_slice(&flags.to_le_bytes());
            header[8..16].copy_from_slice(&offset.to_le_bytes());
            header[32..40].copy_from_slice(&size.to_le_bytes());
        }
        bytes
    }

    fn bulk(headers: &[(u32, u32, u64, u64)]) -> Vec<Range<u64>> {
        ranges(&program(headers), SIZE)
    }

    #[test]
    fn code_behind_the_names_is_left_out() {
        let headers = [
            (1, 4, 0, 0x1_0000),
            (1, 5, 0x1_0000, 0x8_0000),
            (1, 6, 0xa_0000, 0x1000),
            (2, 6, 0xa_0000, 0x100),
        ];
        assert_eq!(bulk(&headers), [0x1_0000..0x9_0000]);
    }

    #[test]
    fn constants_behind_code_are_left_out_unless_go_wrote_modules_there() {
        let mut headers = vec![
            (1, 4, 0, 0x1_0000),
            (1, 5, 0x1_0000, 0x1_0000),
            (1, 4, 0x2_0000, 0x1_0000),
            (4, 4, 0x800, 0x10),
        ];
        assert_eq!(bulk(&headers), [0x1_0000..0x3_0000]);
        let mut go = program(&headers);
        go[0x800..0x810].copy_from_slice(b"\x04\0\0\0\0\0\0\0\x04\0\0\0Go\0\0");
        assert_eq!(ranges(&go, SIZE), [0x1_0000..0x2_0000]);
        // Notes that are not at hand may be Go's.
        headers[3].2 = 0x5000;
        assert_eq!(bulk(&headers), [0x1_0000..0x2_0000]);
        // A file of split-off symbols, or one that linkers made before 2018.
        assert_eq!(bulk(&[(1, 5, 0, 0x1_0000), (1, 4, 0x1_0000, 0x1_0000), (2, 6, 0x2_0000, 0x100)]), []);
    }

    #[test]
    fn code_beside_the_names_stays() {
        assert_eq!(bulk(&[(1, 5, 0, 0x8_0000), (1, 6, 0x8_0000, 0x1000), (2, 6, 0x8_0000, 0x100)]), []);
        // The only segment that is not executed lies behind.
        assert_eq!(bulk(&[(1, 5, 0, 0x8_0000), (1, 4, 0x8_0000, 0x1000), (2, 4, 0x8_0000, 0x100)]), []);
        // Code that a program may write may hold anything.
        assert_eq!(bulk(&[(1, 4, 0, 0x1000), (1, 7, 0x1000, 0x8_0000)]), []);
    }

    #[test]
    fn a_program_that_is_linked_to_nothing_has_no_names() {
        assert_eq!(
            bulk(&[(1, 5, 0, 0x8_0000), (4, 4, 0x2_0000, 0x40)]),
            [0x1000..0x2_0000, 0x2_0040..0x8_0000]
        );
    }

    #[test]
    fn section_headers_stay_wherever_they_lie() {
        let mut bytes = program(&[(1, 5, 0, 0x8_0000)]);
        bytes[40..48].copy_from_slice(&0x4_0000_u64.to_le_bytes());
        bytes[58] = 64;
        bytes[60] = 10;
        assert_eq!(ranges(&bytes, SIZE), [0x1000..0x4_0000, 0x4_0000 + 640..0x8_0000]);
    }

    #[test]
    fn segments_past_the_end_and_across_each_other_are_no_trouble() {
        assert_eq!(bulk(&[(1, 5, 0x8_0000, u64::MAX), (1, 5, 0x7_0000, 0x2_0000)]), [0x7_0000..SIZE]);
        assert_eq!(bulk(&[(1, 5, u64::MAX, u64::MAX)]), []);
        assert_eq!(ranges(&program(&[(1, 5, 0, 0x8_0000)])[..100], SIZE), [], "the headers are cut");
    }
}
