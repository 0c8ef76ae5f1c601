//! The rollback journal: what pages were before a transaction that was cut off. SQLite puts them back when it opens the
//! database (section 3 of the format), so what they hold is what counts.

use std::collections::BTreeMap;

use super::u32_at;
use crate::bytes::{Damage, DamageKind, ReadAt};

const MAGIC: &[u8] = &[0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1, 0x63, 0xd7];
const HEAD: usize = 28;
/// A count of records that the writer left open: as many as the file has.
const ALL: u32 = u32::MAX;

pub(super) struct Journal<'a> {
    file: &'a dyn ReadAt,
    page_size: usize,
    /// Offset of the first, and so the oldest, version of each page.
    pages: BTreeMap<u32, u64>,
    /// Pages that the database had before the transaction.
    size: u32,
    damage: Vec<Damage>,
}

impl<'a> Journal<'a> {
    /// Reads a journal; `None` when it has nothing to put back: it is empty, or its head was wiped at a commit.
    pub(super) fn open(file: &'a dyn ReadAt, page_size: usize) -> Result<Option<Self>, Damage> {
        let mut journal = Journal { file, page_size, pages: BTreeMap::new(), size: 0, damage: Vec::new() };
        let mut at = 0;
        let mut is_first = true;
        while let Some(head) = journal.head(at, is_first)? {
            if is_first {
                journal.size = head.size;
            }
            is_first = false;
            at = journal.records(&head, at + u64::from(head.sector))?;
            at = at.next_multiple_of(u64::from(head.sector));
        }
        Ok((!is_first).then_some(journal))
    }

    fn head(&self, at: u64, is_first: bool) -> Result<Option<Head>, Damage> {
        let bytes = self.file.read_vec(at, HEAD)?;
        if !bytes.starts_with(MAGIC) || bytes.len() < HEAD {
            let is_wiped = bytes.first().is_none_or(|byte| *byte == 0);
            if is_first && !is_wiped {
                return Err(Damage::new(DamageKind::Corrupt, at, "the rollback journal has no magic number"));
            }
            return Ok(None);
        }
        let field = |at| u32_at(&bytes, at);
        let sector = field(20);
        if !sector.is_power_of_two() || !(32..=65_536).contains(&sector) {
            return Err(Damage::new(
                DamageKind::Corrupt,
                at + 20,
                format!("sectors of {sector} bytes in the rollback journal"),
            ));
        }
        // Heads of older versions have no size of pages.
        if field(24) != 0 && field(24) as usize != self.page_size {
            return Err(Damage::new(
                DamageKind::Corrupt,
                at + 24,
                "the rollback journal has pages of another size",
            ));
        }
        Ok(Some(Head { count: field(8), nonce: field(12), size: field(16), sector }))
    }

    /// Notes the records behind a head; returns where they end.
    fn records(&mut self, head: &Head, start: u64) -> Result<u64, Damage> {
        let length = self.page_size as u64 + 8;
        let room = self.file.size().saturating_sub(start) / length;
        let count = if head.count == ALL { room } else { u64::from(head.count).min(room) };
        if head.count != ALL && u64::from(head.count) > room {
            let what = "the rollback journal is cut: it holds fewer pages than it says";
            self.damage.push(Damage::new(DamageKind::Truncated, self.file.size(), what));
        }
        for index in 0..count {
            let at = start + index * length;
            let record = self.file.read_vec(at, self.page_size + 8)?;
            let number = u32_at(&record, 0);
            let page = record.get(4..4 + self.page_size).unwrap_or_default();
            if number == 0 || checksum(page, head.nonce) != u32_at(&record, 4 + self.page_size) {
                // SQLite stops here as well: the record was not written whole before the cut.
                return Ok(at);
            }
            self.pages.entry(number).or_insert(at + 4);
        }
        Ok(start + count * length)
    }

    pub(super) fn pages(&self) -> u32 {
        self.size
    }

    pub(super) fn damage(&self) -> &[Damage] {
        &self.damage
    }

    /// What a page was before the transaction, if it was changed.
    pub(super) fn page(&self, number: u32) -> Option<Result<Vec<u8>, Damage>> {
        let at = *self.pages.get(&number)?;
        Some(self.file.read_vec(at, self.page_size).map_err(Damage::from))
    }
}

struct Head {
    count: u32,
    nonce: u32,
    size: u32,
    sector: u32,
}

/// The nonce and every 200th byte from the end.
fn checksum(page: &[u8], nonce: u32) -> u32 {
    let mut sum = nonce;
    let mut at = page.len().saturating_sub(200);
    while at > 0 {
        sum = sum.wrapping_add(u32::from(page.get(at).copied().unwrap_or_default()));
        at = at.saturating_sub(200);
    }
    sum
}
