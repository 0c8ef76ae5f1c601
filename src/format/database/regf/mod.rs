//! Hives of the Windows registry ("regf"), read only, with their transaction logs applied in memory.
//!
//! Cells are read by position through a bounded cache of blocks, so a large hive costs what is checked. A hive
//! that is damaged gives what can be reached; where a list of subkeys is broken, the keys that name their parent
//! are looked up in a sweep of the hive. Format: "Windows registry file format specification" (M. Suhanov); versions
//! 1.2 (NT 3.5) to 1.6, with the layered keys of containers.

mod base_block;
mod integers;
mod key;
mod list;
mod log;
mod store;
mod value;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Mutex, OnceLock};

use crate::bytes::{Damage, DamageKind, ReadAt, Salvaged};
use base_block::BaseBlock;
use store::Store;

pub use integers::utf16;
use integers::{BINS, NONE, name, u16_at, u32_at, u64_at};
pub use key::{Children, Key, Layering, same_name};
pub use log::Recovery;
pub use value::{Value, Values};

/// One hive.
pub struct Hive {
    store: Store,
    root: u32,
    big_data: bool,
    recovery: Recovery,
    modified: u64,
    adopted: OnceLock<HashMap<u32, Vec<u32>>>,
    /// What is wrong with the list of subkeys of a key, by the key's offset; `None` for a sound list.
    doubts: Mutex<HashMap<u32, Option<Damage>>>,
}

impl Hive {
    /// Opens a hive and applies what its transaction logs (`.LOG`, `.LOG1`, `.LOG2`, in this order) have to add.
    /// That the hive is dirty and no log fits is damage beside the hive.
    ///
    /// # Errors
    /// When it is no hive, or has no key.
    pub fn open(file: Box<dyn ReadAt>, logs: &[Vec<u8>]) -> Result<Salvaged<Hive>, Damage> {
        let head = file.read_vec(0, BINS as usize)?;
        if head.is_empty() {
            return Err(Damage::new(DamageKind::Truncated, 0, "the hive is empty"));
        }
        let own = BaseBlock::read(&head);
        let recovered = log::recover(own.as_ref(), logs);
        let Some(base) = recovered.base.or(own) else {
            return Err(Damage::new(DamageKind::Corrupt, 0, "it does not begin as a registry hive"));
        };
        let mut damage = Vec::new();
        if recovered.recovery == Recovery::Dirty {
            let what = "it was not written completely and no transaction log completes it: its last changes are missing";
            damage.push(Damage::new(DamageKind::Corrupt, 0, what));
        }
        if (base.major, base.kind) != (1, 0) {
            let what = format!("version {}.{} of the format, type {}", base.major, base.minor, base.kind);
            damage.push(Damage::new(DamageKind::Unsupported, 20, what));
        }
        let store = Store::new(file, recovered.pages);
        let end = BINS + u64::from(base.bins_size);
        if store.size() < end {
            let what = format!("it is {} bytes long and should be {end}", store.size());
            damage.push(Damage::new(DamageKind::Truncated, store.size(), what));
        }
        let hive = Hive {
            store,
            root: base.root,
            big_data: base.minor > 3,
            recovery: recovered.recovery,
            modified: base.modified,
            adopted: OnceLock::new(),
            doubts: Mutex::default(),
        };
        hive.root()?;
        Ok(Salvaged { value: hive, damage })
    }

    /// The topmost key.
    ///
    /// # Errors
    /// When its cell is no key.
    pub fn root(&self) -> Result<Key<'_>, Damage> {
        Key::read(self, self.root)
    }

    /// The key whose cell is at an offset, as [`Key::offset`] gave it.
    ///
    /// # Errors
    /// When there is no key.
    pub fn key_at(&self, offset: u32) -> Result<Key<'_>, Damage> {
        Key::read(self, offset)
    }

    /// How the content came about.
    pub fn recovery(&self) -> Recovery {
        self.recovery
    }

    /// When it was last written: 100 nanoseconds since 1601 (UTC), 0 if not known.
    pub fn modified(&self) -> u64 {
        self.modified
    }

    /// Its bytes, with what its logs completed.
    pub fn size(&self) -> u64 {
        self.store.size()
    }

    /// The content of a cell, without its size; cut where the hive ends.
    fn cell(&self, offset: u32) -> Result<Cow<'_, [u8]>, Damage> {
        self.cell_start(offset, u64::MAX)
    }

    /// The first bytes of a cell: a hostile one says that it is as long as the hive, once for each of a million values.
    fn cell_start(&self, offset: u32, most: u64) -> Result<Cow<'_, [u8]>, Damage> {
        let at = BINS + u64::from(offset);
        let corrupt = |what: String| Damage::new(DamageKind::Corrupt, at, what);
        if offset == NONE || !offset.is_multiple_of(8) || at + 8 > self.store.size() {
            return Err(corrupt("a cell is named that cannot be there".to_owned()));
        }
        let head = self.store.bytes(at, 4)?;
        let size = u32_at(&head, 0).unwrap_or_default() as i32;
        let size = u64::from(size.unsigned_abs());
        if size < 8 || size > self.store.size() {
            return Err(corrupt(format!("a cell of {size} bytes")));
        }
        let length = (size - 4).min(self.store.size() - at - 4).min(most);
        self.store.bytes(at + 4, length as usize)
    }

    /// The keys that say that they are children of a key; found by a sweep of the whole hive, once.
    fn adopted(&self, parent: u32) -> &[u32] {
        let index = self.adopted.get_or_init(|| self.sweep());
        index.get(&parent).map(Vec::as_slice).unwrap_or_default()
    }

    fn sweep(&self) -> HashMap<u32, Vec<u32>> {
        let mut index: HashMap<u32, Vec<u32>> = HashMap::new();
        let mut bin = BINS;
        while bin + 32 <= self.store.size() {
            // A read that fails is the file's to report; here it only ends the bin.
            let head = self.store.bytes(bin, 32).unwrap_or(Cow::Borrowed(&[]));
            let size = u64::from(u32_at(&head, 8).unwrap_or_default());
            if head.get(..4) != Some(b"hbin") || size == 0 || !size.is_multiple_of(4096) {
                bin += 4096;
                continue;
            }
            let end = (bin + size).min(self.store.size());
            let mut at = bin + 32;
            while at + 8 <= end {
                let head = self.store.bytes(at, 24).unwrap_or(Cow::Borrowed(&[]));
                let size = u32_at(&head, 0).unwrap_or_default() as i32;
                let offset = u32::try_from(at - BINS).unwrap_or(NONE);
                if size < 0
                    && offset != self.root
                    && head.get(4..6) == Some(b"nk")
                    && let Some(parent) = u32_at(&head, 20)
                {
                    index.entry(parent).or_default().push(offset);
                }
                // A broken size: look for the next cell from the next possible place on.
                let step = u64::from(size.unsigned_abs());
                at += if step < 8 || !step.is_multiple_of(8) || at + step > end { 8 } else { step };
            }
            bin = end.next_multiple_of(4096);
        }
        index
    }
}

#[cfg(test)]
mod tests;
