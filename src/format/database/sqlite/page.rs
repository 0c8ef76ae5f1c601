//! How cells lie in a page of a table's tree (section 1.6 of "Database File Format").
//!
//! Pages have no checksums. But all of a page's cell content area belongs to a cell, to a free block or to the
//! counted fragments, and to one of them only: a damaged cell pointer or cell count, by which a row would go missing
//! in silence, breaks that. SQLite's `PRAGMA integrity_check` looks at the same.

use std::ops::Range;

use super::record::varint;
use super::{Damage, DamageKind, MAX_ROW, u16_at};

/// The head of a leaf's cell.
pub(super) struct Cell {
    pub(super) rowid: i64,
    /// Bytes of its payload.
    pub(super) length: usize,
    /// Where the payload begins in the cell.
    pub(super) start: usize,
    /// How many of its bytes lie in the leaf itself; the others lie in overflow pages, whose first number follows.
    pub(super) local: usize,
}

impl Cell {
    /// The head at the start of some bytes, or what is wrong with it.
    pub(super) fn read(cell: &[u8], usable: usize) -> Result<Cell, Damage> {
        let wrong = |what: &str| Damage::new(DamageKind::Corrupt, None, what);
        let cut = || wrong("it ends within a number");
        let (length, used) = varint(cell).ok_or_else(cut)?;
        let (rowid, more) = varint(cell.get(used..).unwrap_or_default()).ok_or_else(cut)?;
        let length = usize::try_from(length).ok().filter(|length| *length <= MAX_ROW);
        let length = length.ok_or_else(|| wrong("it has an impossible length"))?;
        Ok(Cell { rowid, length, start: used + more, local: local(length, usable) })
    }

    /// How many bytes of the page the cell takes.
    pub(super) fn extent(&self) -> usize {
        let overflow = if self.local < self.length { 4 } else { 0 };
        // A freed cell becomes a free block, whose head takes four bytes.
        (self.start + self.local + overflow).max(4)
    }
}

/// How many bytes a cell of an interior page takes: the number of a page and a row id.
pub(super) fn interior_extent(cell: &[u8]) -> Option<usize> {
    Some(4 + varint(cell.get(4..)?)?.1)
}

/// How many bytes of a payload are kept in the leaf itself.
fn local(length: usize, usable: usize) -> usize {
    let most = usable - 35;
    if length <= most {
        return length;
    }
    let least = (usable - 12) * 32 / 255 - 23;
    let fitted = least + (length - least) % (usable - 4);
    if fitted <= most { fitted } else { least }
}

/// What is wrong with how a page's content is divided, if anything. `at` is where the page's head begins, `cells`
/// where its cells lie.
pub(super) fn unaccounted(
    page: &[u8],
    at: usize,
    usable: usize,
    mut parts: Vec<Range<usize>>,
) -> Option<String> {
    let content = match u16_at(page, at + 5) {
        0 => 65_536,
        start => usize::from(start),
    };
    let mut free = usize::from(u16_at(page, at + 1));
    while free != 0 {
        let (next, length) = (usize::from(u16_at(page, free)), usize::from(u16_at(page, free + 2)));
        if free < content || length < 4 || free + length > usable || (next != 0 && next < free + length) {
            return Some("has a free block outside itself".to_owned());
        }
        parts.push(free..free + length);
        free = next;
    }
    parts.sort_by_key(|part| part.start);
    let mut end = content;
    let mut gaps = 0;
    for part in &parts {
        if part.start < end || part.end > usable {
            return Some("has cells that overlap".to_owned());
        }
        gaps += part.start - end;
        end = part.end;
    }
    let Some(rest) = usable.checked_sub(end) else {
        return Some("has its content behind its end".to_owned());
    };
    gaps += rest;
    let stated = usize::from(page.get(at + 7).copied().unwrap_or(0));
    (gaps != stated).then(|| format!("has {gaps} bytes that belong to no cell, and states {stated}"))
}
