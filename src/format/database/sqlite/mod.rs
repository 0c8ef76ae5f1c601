//! SQLite databases, read only and by position.
//!
//! An own reader because it must work where SQLite's cannot: on a read-only disk with a write-ahead log, inside
//! an image layer, on a damaged file (what is readable is returned), and without C in the build. Reads whole
//! tables; no SQL, no indexes, no tables `WITHOUT ROWID`. Format: sqlite.org, "Database File Format".

mod integers;
mod journal;
mod page;
mod record;
mod row;
mod schema;
mod wal;

use std::collections::BTreeSet;

pub use record::Value;

use crate::bytes::{Damage, DamageKind, ReadAt};
use integers::{MAX_ROW, u16_at, u32_at};
use journal::Journal;
use record::Encoding;
pub use row::Row;
use wal::Wal;

/// The file begins so.
pub const MAGIC: &[u8] = b"SQLite format 3\0";
const HEAD: usize = 100;
const LEAF: u8 = 0x0d;
const INTERIOR: u8 = 0x05;
/// A tree of the largest database is not deeper than this.
const MAX_DEPTH: usize = 20;

/// Takes the row id and the payload of a cell, and where to say what is wrong with it.
type EachCell<'c> = dyn FnMut(i64, &[u8], &mut Vec<Damage>) + 'c;

/// Files beside a database that change what it holds.
#[derive(Clone, Copy, Default)]
pub struct Beside<'a> {
    /// The write-ahead log: newer pages.
    pub wal: Option<&'a dyn ReadAt>,
    /// The rollback journal: what pages were before a transaction that was cut off.
    pub journal: Option<&'a dyn ReadAt>,
}

/// An open database.
pub struct Database<'a> {
    file: &'a dyn ReadAt,
    wal: Option<Wal<'a>>,
    journal: Option<Journal<'a>>,
    page_size: usize,
    usable: usize,
    pages: u32,
    encoding: Encoding,
    damage: Vec<Damage>,
}

impl<'a> Database<'a> {
    /// Opens a database, with the write-ahead log and the rollback journal beside it.
    ///
    /// # Errors
    /// When the head is damaged or of an unknown version.
    pub fn open(file: &'a dyn ReadAt, beside: Beside<'a>) -> Result<Self, Damage> {
        let head = file.read_vec(0, HEAD)?;
        if head.len() < HEAD {
            return Err(Damage::new(DamageKind::Truncated, 0, "the database ends within its head"));
        }
        if !head.starts_with(MAGIC) {
            return Err(Damage::new(DamageKind::Corrupt, 0, "it is no SQLite database"));
        }
        let page_size = match u16_at(&head, 16) {
            1 => 65_536,
            size => usize::from(size),
        };
        let reserved = usize::from(head.get(20).copied().unwrap_or(0));
        if !page_size.is_power_of_two() || !(512..=65_536).contains(&page_size) || page_size - reserved < 480
        {
            return Err(Damage::new(DamageKind::Corrupt, 16, format!("pages of {page_size} bytes")));
        }
        let mut damage = Vec::new();
        let mut kept = |error: Damage| damage.push(error);
        let journal = beside.journal.map(|journal| Journal::open(journal, page_size));
        let journal = journal.and_then(|journal| journal.map_err(&mut kept).ok().flatten());
        let first = journal.as_ref().and_then(|journal| journal.page(1));
        let head = first.transpose()?.unwrap_or(head);
        let encoding = match u32_at(&head, 56) {
            0 | 1 => Encoding::Utf8,
            2 => Encoding::Utf16Little,
            3 => Encoding::Utf16Big,
            other => return Err(Damage::new(DamageKind::Corrupt, 56, format!("text encoding {other}"))),
        };
        let in_file = u32::try_from(file.size() / page_size as u64).unwrap_or(u32::MAX);
        // The stated size holds only if the last writer kept it (section 1.3.7).
        let stated = u32_at(&head, 28);
        let mut pages = if stated != 0 && u32_at(&head, 24) == u32_at(&head, 92) { stated } else { in_file };
        let wal = match beside.wal.map(|wal| Wal::open(wal, page_size)) {
            Some(Ok(wal)) => wal,
            Some(Err(error)) => {
                damage.push(error);
                None
            }
            None => None,
        };
        if let Some(journal) = &journal {
            damage.extend(journal.damage().iter().cloned());
            pages = journal.pages();
        }
        if let Some(wal) = &wal {
            damage.extend(wal.damage().iter().cloned());
            pages = wal.pages();
        }
        if in_file < pages && wal.is_none() && journal.is_none() {
            let what = format!("the database should have {pages} pages and has {in_file}");
            damage.push(Damage::new(DamageKind::Truncated, file.size(), what));
        }
        Ok(Database { file, wal, journal, page_size, usable: page_size - reserved, pages, encoding, damage })
    }

    /// Calls `each` for every readable row of a table, and returns everything that is damaged.
    pub fn rows(&self, table: &str, each: &mut dyn FnMut(Row<'_>)) -> Vec<Damage> {
        let mut damage = self.damage.clone();
        let mut found = None;
        let columns = schema::columns_of_schema();
        self.tree(1, &mut damage, &mut |rowid, payload, damage| {
            let row = self.row(rowid, payload, &columns, None, damage);
            if let Some(definition) = schema::table(&row, table) {
                found = Some(definition);
            }
        });
        match found {
            None => damage.push(Damage::new(DamageKind::Corrupt, None, format!("there is no table {table}"))),
            Some(Err(what)) => damage.push(Damage::new(DamageKind::Unsupported, None, what)),
            Some(Ok(definition)) => {
                let alias = definition.rowid_column;
                self.tree(definition.root, &mut damage, &mut |rowid, payload, damage| {
                    each(self.row(rowid, payload, &definition.columns, alias, damage));
                });
            }
        }
        damage
    }

    fn row<'r>(
        &self,
        rowid: i64,
        payload: &'r [u8],
        columns: &'r [String],
        alias: Option<usize>,
        damage: &mut Vec<Damage>,
    ) -> Row<'r> {
        let mut values = record::read(payload, self.encoding).unwrap_or_else(|| {
            damage.push(Damage::new(DamageKind::Corrupt, None, format!("row {rowid} is damaged")));
            Vec::new()
        });
        // An INTEGER PRIMARY KEY is stored as NULL: its value is the row id.
        if let Some(value) = alias.and_then(|alias| values.get_mut(alias)) {
            *value = Value::Integer(rowid);
        }
        Row { rowid, columns, values }
    }

    fn page(&self, number: u32) -> Result<Vec<u8>, Damage> {
        if number == 0 || number > self.pages {
            return Err(Damage::new(
                DamageKind::Corrupt,
                None,
                format!("page {number} of {} is named", self.pages),
            ));
        }
        if let Some(page) = self.wal.as_ref().and_then(|wal| wal.page(number)) {
            return page;
        }
        if let Some(page) = self.journal.as_ref().and_then(|journal| journal.page(number)) {
            return page;
        }
        let at = u64::from(number - 1) * self.page_size as u64;
        let page = self.file.read_vec(at, self.page_size)?;
        if page.len() < self.page_size {
            return Err(Damage::new(DamageKind::Truncated, at, format!("page {number} is cut")));
        }
        Ok(page)
    }

    /// Calls `each` with row id and payload of every cell of a table's tree, in order of the row ids.
    fn tree(&self, root: u32, damage: &mut Vec<Damage>, each: &mut EachCell<'_>) {
        let mut seen = BTreeSet::new();
        let mut pending = vec![(root, 0)];
        let mut last = None;
        while let Some((number, depth)) = pending.pop() {
            if depth > MAX_DEPTH || !seen.insert(number) {
                damage.push(Damage::new(
                    DamageKind::Corrupt,
                    None,
                    format!("page {number} is part of itself"),
                ));
                continue;
            }
            match self.page(number) {
                Ok(page) => {
                    let children = self.cells(number, &page, (damage, &mut seen, &mut last), each);
                    pending.extend(children.into_iter().rev().map(|child| (child, depth + 1)));
                }
                Err(error) => damage.push(error),
            }
        }
    }

    /// Calls `each` with the cells of one page; returns the pages below it, in order.
    fn cells(
        &self,
        number: u32,
        page: &[u8],
        (damage, seen, last): (&mut Vec<Damage>, &mut BTreeSet<u32>, &mut Option<i64>),
        each: &mut EachCell<'_>,
    ) -> Vec<u32> {
        let at = if number == 1 { HEAD } else { 0 };
        let cells = usize::from(u16_at(page, at + 3));
        let kind = page.get(at).copied().unwrap_or(0);
        let wrong = |what: String| {
            let offset = u64::from(number - 1) * self.page_size as u64;
            Damage::new(DamageKind::Corrupt, offset, format!("page {number} {what}"))
        };
        let head = if kind == INTERIOR { 12 } else { 8 };
        if !matches!(kind, LEAF | INTERIOR) || at + head + cells * 2 > self.usable {
            damage.push(wrong("is no page of a table".to_owned()));
            return Vec::new();
        }
        let mut children = Vec::new();
        let mut extents = Vec::new();
        for cell in 0..cells {
            let start = usize::from(u16_at(page, at + head + cell * 2));
            let Some(bytes) = page.get(start..self.usable).filter(|_| start >= at + head) else {
                damage.push(wrong(format!("has a cell outside itself (cell {cell})")));
                continue;
            };
            let extent = |length| start..start + length;
            if kind == INTERIOR {
                extents.extend(page::interior_extent(bytes).map(extent));
                children.push(u32_at(bytes, 0));
                continue;
            }
            let leaf = page::Cell::read(bytes, self.usable);
            extents.extend(leaf.as_ref().ok().map(|leaf| extent(leaf.extent())));
            match leaf.and_then(|leaf| Ok((leaf.rowid, self.payload(&leaf, bytes, seen)?))) {
                Ok((rowid, payload)) => {
                    if last.is_some_and(|last| last >= rowid) {
                        damage.push(wrong(format!("has row {rowid} out of order")));
                    }
                    *last = Some(rowid);
                    each(rowid, &payload, damage);
                }
                Err(error) => damage
                    .push(Damage { what: format!("page {number}, cell {cell}: {}", error.what), ..error }),
            }
        }
        if kind == INTERIOR {
            children.push(u32_at(page, at + 8));
        }
        // With a cell whose place is not known, they cannot add up.
        if extents.len() == cells {
            damage.extend(page::unaccounted(page, at, self.usable, extents).map(wrong));
        }
        children
    }

    /// The payload of a leaf's cell, with its overflow pages. Those belong to one cell only: `seen` holds the
    /// pages of the tree that are taken, so that a damaged number cannot put another row's content in place of its own.
    fn payload(&self, leaf: &page::Cell, cell: &[u8], seen: &mut BTreeSet<u32>) -> Result<Vec<u8>, Damage> {
        let wrong = |what: &str| Damage::new(DamageKind::Corrupt, None, what);
        let page::Cell { length, local, .. } = *leaf;
        let rest = cell.get(leaf.start..).unwrap_or_default();
        let mut payload = rest.get(..local).ok_or_else(|| wrong("it is longer than its page"))?.to_vec();
        let mut next = u32_at(rest, local);
        while payload.len() < length {
            if !seen.insert(next) {
                return Err(wrong("its overflow pages lead in a circle, or are those of another cell"));
            }
            let page = self.page(next)?;
            let part = page.get(4..self.usable).unwrap_or_default();
            payload.extend_from_slice(part.get(..part.len().min(length - payload.len())).unwrap_or_default());
            next = u32_at(&page, 0);
        }
        if length > local && next != 0 {
            return Err(wrong("its overflow pages go on behind its end"));
        }
        Ok(payload)
    }
}

#[cfg(test)]
mod tests;
