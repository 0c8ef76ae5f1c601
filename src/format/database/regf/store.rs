//! The bytes of a hive: blocks read on demand and kept, with the pages of the logs laid over them.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::bytes::{Damage, ReadAt};

/// Bytes read at once.
const BLOCK: usize = 1 << 16;
/// Blocks kept; of a larger hive the others are read each time that they are needed.
const KEPT: usize = (256 << 20) / BLOCK;

/// Pages by their offset in the file; whatever comes later in the list of logs replaced what came before.
pub(super) type Pages = BTreeMap<u64, Vec<u8>>;

pub(super) struct Store {
    file: Box<dyn ReadAt>,
    size: u64,
    pages: Pages,
    longest_page: u64,
    blocks: Vec<OnceLock<Box<[u8]>>>,
    kept: AtomicUsize,
}

impl Store {
    pub(super) fn new(file: Box<dyn ReadAt>, pages: Pages) -> Self {
        let end = pages.iter().map(|(at, page)| at + page.len() as u64).max().unwrap_or_default();
        let size = file.size().max(end);
        // Offsets of cells have 32 bits; what lies behind cannot be named.
        let size = size.min(super::BINS + u64::from(u32::MAX));
        let count = size.div_ceil(BLOCK as u64) as usize;
        Store {
            longest_page: pages.values().map(|page| page.len() as u64).max().unwrap_or_default(),
            file,
            size,
            pages,
            blocks: (0..count).map(|_| OnceLock::new()).collect(),
            kept: AtomicUsize::new(0),
        }
    }

    /// Bytes of the hive, with what the logs add to it.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// The bytes at a place, as many as there are.
    pub(super) fn bytes(&self, at: u64, length: usize) -> Result<Cow<'_, [u8]>, Damage> {
        let index = (at / BLOCK as u64) as usize;
        let within = (at % BLOCK as u64) as usize;
        if within + length <= BLOCK {
            return Ok(match self.block(index)? {
                Cow::Borrowed(block) => Cow::Borrowed(part(block, within, length)),
                Cow::Owned(block) => Cow::Owned(part(&block, within, length).to_vec()),
            });
        }
        let length = length.min(usize::try_from(self.size.saturating_sub(at)).unwrap_or(usize::MAX));
        let mut bytes = Vec::with_capacity(length);
        let mut index = index;
        let mut within = within;
        while bytes.len() < length {
            let block = self.block(index)?;
            let more = part(&block, within, length - bytes.len());
            if more.is_empty() {
                break;
            }
            bytes.extend_from_slice(more);
            index += 1;
            within = 0;
        }
        Ok(Cow::Owned(bytes))
    }

    fn block(&self, index: usize) -> Result<Cow<'_, [u8]>, Damage> {
        let Some(slot) = self.blocks.get(index) else { return Ok(Cow::Borrowed(&[])) };
        if let Some(block) = slot.get() {
            return Ok(Cow::Borrowed(block));
        }
        let block = self.read(index)?;
        if self.kept.fetch_add(1, Ordering::Relaxed) >= KEPT {
            return Ok(Cow::Owned(block));
        }
        Ok(Cow::Borrowed(slot.get_or_init(|| block.into_boxed_slice())))
    }

    fn read(&self, index: usize) -> Result<Vec<u8>, Damage> {
        let start = index as u64 * BLOCK as u64;
        let mut block = self.file.read_vec(start, BLOCK)?;
        let end = (start + BLOCK as u64).min(self.size);
        // What only the logs have lies behind the end of the file.
        block.resize((end - start) as usize, 0);
        let from = start.saturating_sub(self.longest_page);
        for (&at, page) in self.pages.range(from..end) {
            let skipped = start.saturating_sub(at) as usize;
            let target = at.saturating_sub(start) as usize;
            let Some(page) = page.get(skipped..) else { continue };
            if let Some(place) = block.get_mut(target..) {
                let length = page.len().min(place.len());
                if let (Some(to), Some(from)) = (place.get_mut(..length), page.get(..length)) {
                    to.copy_from_slice(from);
                }
            }
        }
        Ok(block)
    }
}

fn part(bytes: &[u8], from: usize, length: usize) -> &[u8] {
    let rest = bytes.get(from..).unwrap_or_default();
    rest.get(..length).unwrap_or(rest)
}
