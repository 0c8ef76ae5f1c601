//! rpm's Berkeley DB database: a hash whose values are the headers, mostly on overflow pages.
//!
//! Format: `dbinc/db_page.h` and `dbinc/hash.h` of Berkeley DB; all numbers in the byte order of the machine
//! that wrote it, recognised by the magic number. The hash is not searched: every hash page is read in order.

use std::collections::BTreeSet;

use super::MAX_HEADER;
use crate::bytes::{Damage, DamageKind, ReadAt};

const HASH_MAGIC: u32 = 0x0006_1561;
const MAGIC_AT: usize = 12;
const PAGE_SIZE_AT: usize = 20;
const LAST_PAGE_AT: usize = 32;
const ENCRYPTION_AT: usize = 24;

/// Page types (`P_*`).
const INVALID: u8 = 0;
const HASH_UNSORTED: u8 = 2;
const OVERFLOW: u8 = 7;
const HASH_META: u8 = 8;
const HASH: u8 = 13;
/// Item types on a hash page (`H_*`).
const KEY_DATA: u8 = 1;
const OFF_PAGE: u8 = 3;
const PAGE_HEAD: usize = 26;

struct File<'a> {
    file: &'a dyn ReadAt,
    big_endian: bool,
    page_size: usize,
    pages: u32,
}

pub(super) fn read(file: &dyn ReadAt, blob: &mut dyn FnMut(&[u8], &str), damage: &mut Vec<Damage>) {
    let file = match File::open(file) {
        Ok(file) => file,
        Err(error) => return damage.push(error),
    };
    let size = u64::from(file.pages) * file.page_size as u64;
    if file.file.size() < size {
        let what = format!("the database should have {size} bytes and has {}", file.file.size());
        damage.push(Damage::new(DamageKind::Truncated, file.file.size(), what));
    }
    if file.file.size() > size {
        let what = format!("the database says {} pages, and the file has more", file.pages);
        damage.push(Damage::new(DamageKind::Corrupt, LAST_PAGE_AT as u64, what));
    }
    let last = u32::try_from(file.file.size() / file.page_size as u64).unwrap_or(u32::MAX);
    // Page 0 holds the description of the hash.
    for number in 1..last {
        let page = match file.page(number) {
            Ok(page) => page,
            Err(error) => {
                damage.push(error);
                continue;
            }
        };
        match page.get(25) {
            Some(&HASH | &HASH_UNSORTED) => file.hash_page(number, &page, blob, damage),
            Some(&OVERFLOW | &INVALID | &HASH_META) => {}
            kind => {
                let at = u64::from(number) * file.page_size as u64;
                let kind = kind.copied().unwrap_or(0);
                damage.push(Damage::new(DamageKind::Corrupt, at, format!("page {number} is of kind {kind}")));
            }
        }
    }
}

impl<'a> File<'a> {
    fn open(file: &'a dyn ReadAt) -> Result<Self, Damage> {
        let head = file.read_vec(0, 512)?;
        if head.len() < 72 {
            return Err(Damage::new(DamageKind::Truncated, 0, "the database ends within its head"));
        }
        let number = |at: usize, big_endian: bool| {
            let four = head.get(at..at + 4).and_then(|four| four.try_into().ok()).unwrap_or_default();
            if big_endian { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) }
        };
        let big_endian = match (number(MAGIC_AT, false), number(MAGIC_AT, true)) {
            (HASH_MAGIC, _) => false,
            (_, HASH_MAGIC) => true,
            _ => {
                return Err(Damage::new(
                    DamageKind::Corrupt,
                    0,
                    "neither SQLite, ndb nor a Berkeley DB hash",
                ));
            }
        };
        let page_size = number(PAGE_SIZE_AT, big_endian) as usize;
        if !page_size.is_power_of_two() || !(512..=65_536).contains(&page_size) {
            return Err(Damage::new(
                DamageKind::Corrupt,
                PAGE_SIZE_AT as u64,
                format!("pages of {page_size} bytes"),
            ));
        }
        if head.get(ENCRYPTION_AT).is_some_and(|&method| method != 0) {
            return Err(Damage::new(
                DamageKind::Encrypted,
                ENCRYPTION_AT as u64,
                "the database is encrypted",
            ));
        }
        let pages = number(LAST_PAGE_AT, big_endian).saturating_add(1);
        Ok(File { file, big_endian, page_size, pages })
    }

    fn page(&self, number: u32) -> Result<Vec<u8>, Damage> {
        let at = u64::from(number) * self.page_size as u64;
        let page = self.file.read_vec(at, self.page_size)?;
        if page.len() < self.page_size {
            return Err(Damage::new(DamageKind::Truncated, at, format!("page {number} is cut")));
        }
        let stated = self.u32(&page, 8);
        // An unused page is all zeros.
        if stated != number && page.iter().any(|&byte| byte != 0) {
            return Err(Damage::new(
                DamageKind::Corrupt,
                at,
                format!("page {number} says that it is page {stated}"),
            ));
        }
        Ok(page)
    }

    fn u16(&self, bytes: &[u8], at: usize) -> usize {
        let two = bytes.get(at..at + 2).and_then(|two| two.try_into().ok()).unwrap_or_default();
        usize::from(if self.big_endian { u16::from_be_bytes(two) } else { u16::from_le_bytes(two) })
    }

    fn u32(&self, bytes: &[u8], at: usize) -> u32 {
        let four = bytes.get(at..at + 4).and_then(|four| four.try_into().ok()).unwrap_or_default();
        if self.big_endian { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) }
    }

    /// A hash page: pairs of key and value, whose offsets are listed behind the page's head. Items are stored
    /// from the end of the page downwards, so that an item ends where the one before it begins.
    fn hash_page(
        &self,
        number: u32,
        page: &[u8],
        blob: &mut dyn FnMut(&[u8], &str),
        damage: &mut Vec<Damage>,
    ) {
        let at = u64::from(number) * self.page_size as u64;
        let entries = self.u16(page, 20);
        if !entries.is_multiple_of(2) || PAGE_HEAD + entries * 2 > self.page_size {
            return damage.push(Damage::new(
                DamageKind::Corrupt,
                at,
                format!("page {number} has {entries} items"),
            ));
        }
        let offset = |index: usize| self.u16(page, PAGE_HEAD + index * 2);
        // The last item lies where the free space ends; otherwise the number of items is wrong. 65,536 is stored as 0.
        let last = if entries > 0 { offset(entries - 1) } else { self.page_size & 0xffff };
        if last != self.u16(page, 22) {
            damage.push(Damage::new(
                DamageKind::Corrupt,
                at,
                format!("page {number} does not end with its last item"),
            ));
        }
        for pair in 0..entries / 2 {
            let (key, value) = (pair * 2, pair * 2 + 1);
            let key_end = if key == 0 { self.page_size } else { offset(key - 1) };
            let key_bytes = page.get(offset(key)..key_end).unwrap_or_default();
            let item = page.get(offset(value)..offset(key)).unwrap_or_default();
            // Key 0 holds the number of the last package: a number of four bytes, and no header.
            let is_zero =
                key_bytes.get(1..).is_some_and(|key| key.len() == 4 && key.iter().all(|&byte| byte == 0));
            if is_zero && item.len() == 5 && item.first() == Some(&KEY_DATA) {
                continue;
            }
            let place = format!("page {number}, item {value}");
            match item.first() {
                Some(&OFF_PAGE) if item.len() >= 12 => {
                    match self.overflow(self.u32(item, 4), self.u32(item, 8) as usize) {
                        Ok(bytes) => blob(&bytes, &place),
                        Err(error) => damage.push(error),
                    }
                }
                Some(&KEY_DATA) => blob(item.get(1..).unwrap_or_default(), &place),
                _ => {
                    damage.push(Damage::new(DamageKind::Corrupt, at, format!("{place} is of no known kind")))
                }
            }
        }
    }

    /// A value that fills pages of its own.
    fn overflow(&self, first: u32, length: usize) -> Result<Vec<u8>, Damage> {
        if length > MAX_HEADER || length as u64 > self.file.size() {
            return Err(Damage::new(
                DamageKind::Corrupt,
                None,
                format!("a value of {length} bytes at page {first}"),
            ));
        }
        let mut bytes = Vec::with_capacity(length);
        let mut seen = BTreeSet::new();
        let mut number = first;
        while bytes.len() < length {
            let at = u64::from(number) * self.page_size as u64;
            if number == 0 || !seen.insert(number) {
                return Err(Damage::new(
                    DamageKind::Corrupt,
                    at,
                    format!("the value at page {first} ends early"),
                ));
            }
            let page = self.page(number)?;
            if page.get(25) != Some(&OVERFLOW) {
                return Err(Damage::new(
                    DamageKind::Corrupt,
                    at,
                    format!("page {number} is no part of a value"),
                ));
            }
            // On overflow pages the offset of free space is the number of bytes in use.
            let used = self.u16(&page, 22);
            let part = page.get(PAGE_HEAD..PAGE_HEAD + used).filter(|part| !part.is_empty());
            let part =
                part.ok_or_else(|| Damage::new(DamageKind::Corrupt, at, format!("page {number} is empty")))?;
            bytes.extend_from_slice(part.get(..part.len().min(length - bytes.len())).unwrap_or_default());
            number = self.u32(&page, 16);
        }
        Ok(bytes)
    }
}
