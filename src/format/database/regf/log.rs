//! Transaction logs: what was to be written into a hive when its writing was interrupted.
//!
//! Windows 8.1 and later write changes to the logs first and to the hive an hour later, so a hive taken from a
//! running or crashed machine is complete only with its logs.

use super::base_block::BaseBlock;
use super::store::Pages;
use super::{BINS, u32_at};

/// How the content of a hive came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    /// Written completely; logs have nothing to add.
    Clean,
    /// Not written completely, and completed from its transaction logs: this many entries were applied.
    Recovered(usize),
    /// Not written completely, and no log fits: the last changes are missing.
    Dirty,
}

/// Unit of places in logs, and of pages in the old format.
const SECTOR: usize = 512;
/// What Windows seeds the hash of a log entry with.
const SEED: u64 = 0x82EF_4D88_7A4E_55C5;

/// What the logs have to add.
pub(super) struct Recovered {
    /// The base block, when the hive's own must be replaced.
    pub(super) base: Option<BaseBlock>,
    pub(super) pages: Pages,
    pub(super) recovery: Recovery,
}

/// Finds what the logs of a hive add to it.
pub(super) fn recover(own: Option<&BaseBlock>, logs: &[Vec<u8>]) -> Recovered {
    let nothing = |recovery| Recovered { base: None, pages: Pages::new(), recovery };
    if own.is_some_and(|base| !base.is_dirty()) {
        return nothing(Recovery::Clean);
    }
    let mut found: Vec<Log> = logs.iter().filter_map(|bytes| Log::read(own, bytes)).collect();
    // An entry continues the one before it, also over a switch from one log to the other.
    found.sort_by_key(|log| log.first);
    let sound = own.filter(|base| base.is_sound);
    let mut pages = Pages::new();
    let (mut applied, mut last, mut base) = (0, None, None);
    for log in found {
        for entry in log.entries {
            let is_later = match last {
                Some(last) => entry.sequence > last,
                None => sound.is_none_or(|base| entry.sequence >= base.secondary),
            };
            if is_later {
                last = Some(entry.sequence);
                applied += 1;
                for (at, page) in entry.pages {
                    lay(&mut pages, at, page);
                }
                let mut new = *sound.unwrap_or(&log.base);
                new.kind = 0;
                new.bins_size = entry.bins_size.unwrap_or(log.base.bins_size);
                new.root = log.base.root;
                base = Some(new);
            }
        }
    }
    match applied {
        0 => nothing(Recovery::Dirty),
        applied => Recovered { base, pages, recovery: Recovery::Recovered(applied) },
    }
}

/// Lays a page over those before it. Pages begin at multiples of a sector and differ in length, so a later one
/// is cut into sectors: then each place has one owner.
fn lay(pages: &mut Pages, at: u64, page: &[u8]) {
    for (index, sector) in page.chunks(SECTOR).enumerate() {
        pages.insert(at + (index * SECTOR) as u64, sector.to_vec());
    }
}

struct Log<'a> {
    base: BaseBlock,
    first: u32,
    entries: Vec<Entry<'a>>,
}

struct Entry<'a> {
    sequence: u32,
    bins_size: Option<u32>,
    pages: Vec<(u64, &'a [u8])>,
}

impl<'a> Log<'a> {
    /// Reads a log that belongs to a hive; `None` when it has nothing that could be applied.
    fn read(own: Option<&BaseBlock>, bytes: &'a [u8]) -> Option<Log<'a>> {
        let base = BaseBlock::read(bytes).filter(|base| base.is_sound)?;
        let entries = match base.kind {
            6 => new_format(bytes),
            1 | 2 => old_format(own, &base, bytes).into_iter().collect(),
            _ => return None,
        };
        let first = entries.first()?.sequence;
        Some(Log { base, first, entries })
    }
}

/// Entries one behind the other, up to the first that is not whole or does not continue.
fn new_format(bytes: &[u8]) -> Vec<Entry<'_>> {
    let mut entries: Vec<Entry<'_>> = Vec::new();
    let mut at = SECTOR;
    while let Some((entry, size)) = bytes.get(at..).and_then(entry) {
        if entries.last().is_some_and(|last| last.sequence.wrapping_add(1) != entry.sequence) {
            break;
        }
        entries.push(entry);
        at += size;
    }
    entries
}

fn entry(bytes: &[u8]) -> Option<(Entry<'_>, usize)> {
    let size = u32_at(bytes, 4)? as usize;
    if bytes.get(..4)? != b"HvLE" || size < SECTOR || !size.is_multiple_of(SECTOR) {
        return None;
    }
    let bytes = bytes.get(..size)?;
    if marvin32(bytes.get(..32)?) != *bytes.get(32..)?.first_chunk()?
        || marvin32(bytes.get(40..)?) != *bytes.get(24..)?.first_chunk()?
    {
        return None;
    }
    let bins_size = u32_at(bytes, 16)?;
    let count = u32_at(bytes, 20)? as usize;
    let mut data = 40usize.checked_add(count.checked_mul(8)?)?;
    let mut pages = Vec::new();
    for index in 0..count {
        let place = u64::from(u32_at(bytes, 40 + index * 8)?);
        let length = u32_at(bytes, 44 + index * 8)? as usize;
        let page = bytes.get(data..data.checked_add(length)?)?;
        if !place.is_multiple_of(SECTOR as u64) || place + length as u64 > u64::from(bins_size) {
            return None;
        }
        pages.push((BINS + place, page));
        data += length;
    }
    Some((Entry { sequence: u32_at(bytes, 12)?, bins_size: Some(bins_size), pages }, size))
}

/// One transaction: a bitmap of pages, and the pages.
fn old_format<'a>(own: Option<&BaseBlock>, base: &BaseBlock, bytes: &'a [u8]) -> Option<Entry<'a>> {
    let fits = match own {
        Some(own) if own.is_sound => own.modified == base.modified,
        _ => true,
    };
    if !fits || base.primary != base.secondary || bytes.get(SECTOR..SECTOR + 4)? != b"DIRT" {
        return None;
    }
    let bits = base.bins_size as usize / SECTOR;
    let map = bytes.get(SECTOR + 4..SECTOR + 4 + bits.div_ceil(8))?;
    let mut data = SECTOR + (4 + bits.div_ceil(8)).next_multiple_of(SECTOR);
    let mut pages = Vec::new();
    for bit in 0..bits {
        if map.get(bit / 8)? & (1 << (bit % 8)) != 0 {
            // A log that ends early is applied as far as it goes.
            let Some(page) = bytes.get(data..data + SECTOR) else { break };
            pages.push((BINS + (bit * SECTOR) as u64, page));
            data += SECTOR;
        }
    }
    // Chosen by its time; in numbers it follows the write that was interrupted.
    let sequence = own.map_or(base.primary, |own| own.secondary.max(base.primary));
    Some(Entry { sequence, bins_size: None, pages })
}

/// Marvin32, both halves: the hash of log entries (a published, unkeyed use: the seed is fixed).
fn marvin32(data: &[u8]) -> [u8; 8] {
    let (mut low, mut high) = (SEED as u32, (SEED >> 32) as u32);
    let mut mix = |word: u32| {
        low = low.wrapping_add(word);
        high ^= low;
        low = low.rotate_left(20).wrapping_add(high);
        high = high.rotate_left(9) ^ low;
        low = low.rotate_left(27).wrapping_add(high);
        high = high.rotate_left(19);
    };
    let words = data.chunks_exact(4);
    let rest = words.remainder();
    for word in words {
        mix(word.first_chunk().map_or(0, |word| u32::from_le_bytes(*word)));
    }
    let last = rest.iter().rev().fold(0x80, |word, &byte| word << 8 | u32::from(byte));
    mix(last);
    mix(0);
    let mut hash = [0; 8];
    let (first, second) = hash.split_at_mut(4);
    first.copy_from_slice(&low.to_le_bytes());
    second.copy_from_slice(&high.to_le_bytes());
    hash
}
