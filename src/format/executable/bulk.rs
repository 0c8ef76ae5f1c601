//! The parts of a large file that say nothing of what it is: code, debug symbols, the payload of a package.
//!
//! An executable's identity is small and lies in a few tables; most of its bytes are never asked for. Anyone who sees a
//! file stream by once and has to store what may be asked later leaves these parts out. They are recognised by the first
//! bytes alone, so a file may lie about them: anyone who left them out must be able to come back for them.

mod parts;

use std::ops::Range;

use super::{elf, pe};
use crate::format::package::deb;
pub(crate) use parts::Parts;

/// How many first bytes of a file decide. The tables that lead to code lie in the first page or two.
pub const HEAD: usize = 64 << 10;
/// The start of a file is never left out: readers of any format look there first.
const FRONT: u64 = 4 << 10;
/// Smaller parts are not worth a gap.
const SMALLEST: u64 = 16 << 10;

/// The ranges of a file of `size` bytes that no reader of its identity asks for, in order and apart from each other;
/// none for files of which everything may be asked. `head` is its first bytes, [`HEAD`] of them or all.
pub fn ranges(head: &[u8], size: u64) -> Vec<Range<u64>> {
    let parts = if elf::is_elf(head) {
        elf::bulk(head)
    } else if pe::is_pe(head) {
        pe::bulk(head)
    } else if deb::is_deb(head) {
        deb::bulk(head, size)
    } else {
        None
    };
    let Some(Parts { mut bulk, mut identity }) = parts else { return Vec::new() };
    identity.push(0..FRONT);
    identity.sort_by_key(|range| range.start);
    bulk.sort_by_key(|range| range.start);
    let mut found: Vec<Range<u64>> = Vec::new();
    let mut end = 0;
    for range in bulk {
        let mut at = range.start.max(end);
        let range_end = range.end.min(size);
        let mut add = |range: Range<u64>| match found.last_mut() {
            Some(last) if last.end == range.start => last.end = range.end,
            _ => found.push(range),
        };
        for keep in identity.iter().filter(|keep| keep.start < keep.end) {
            if keep.end <= at || keep.start >= range_end {
                continue;
            }
            if keep.start > at {
                add(at..keep.start);
            }
            at = keep.end;
        }
        if at < range_end {
            add(at..range_end);
        }
        end = end.max(range_end);
    }
    found.retain(|range| range.end - range.start >= SMALLEST);
    found
}

#[cfg(test)]
mod tests;
