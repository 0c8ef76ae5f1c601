//! Keys and their lists of subkeys.

use std::borrow::Cow;
use std::collections::HashSet;

use super::value::Values;
use super::{BINS, Hive, NONE, name, u16_at, u32_at, u64_at};
use crate::bytes::{Damage, DamageKind};

/// Flag of a key: its name is stored one byte a character.
const LATIN1_NAME: u16 = 0x20;
/// Bytes of the smallest key node, so that a list longer than the hive can hold is seen.
const SMALLEST: u64 = 80;

/// One key.
#[derive(Clone)]
pub struct Key<'h> {
    pub(super) hive: &'h Hive,
    offset: u32,
    /// Its name.
    pub name: String,
    /// When it was last written: 100 nanoseconds since 1601 (UTC).
    pub modified: u64,
    parent: u32,
    subkey_count: u32,
    subkey_list: u32,
    value_count: u32,
    value_list: u32,
    class: (u32, u16),
    /// How it changes the same key of a hive below it; only hives of container layers mean it.
    pub layering: Layering,
}

/// What a key of a differencing hive does to the same key of the hives below it ("layer semantics").
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Layering {
    /// It adds to it: its values and subkeys replace those of the same name.
    #[default]
    Merge,
    /// It takes the place of the key and of everything below: the key is deleted.
    Tombstone,
    /// It hides the values below it, not the subkeys.
    SupersedeLocal,
    /// It hides values and subkeys below it.
    SupersedeTree,
}

impl Layering {
    /// The two lowest bits of the byte after the access bits.
    fn of(bits: u8) -> Layering {
        match bits & 3 {
            0 => Layering::Merge,
            1 => Layering::Tombstone,
            2 => Layering::SupersedeLocal,
            _ => Layering::SupersedeTree,
        }
    }
}

/// The subkeys that could be read, and where their list is broken.
pub struct Children<'h> {
    /// In the order of the list; the ones that a sweep found come last.
    pub keys: Vec<Key<'h>>,
    /// What could not be read.
    pub damage: Vec<Damage>,
}

impl<'h> Key<'h> {
    pub(super) fn read(hive: &'h Hive, offset: u32) -> Result<Key<'h>, Damage> {
        let cell = hive.cell(offset)?;
        Key::parse(hive, offset, &cell)
            .ok_or_else(|| Damage::new(DamageKind::Corrupt, BINS + u64::from(offset), "a key is no key"))
    }

    fn parse(hive: &'h Hive, offset: u32, cell: &[u8]) -> Option<Key<'h>> {
        if cell.get(..2)? != b"nk" {
            return None;
        }
        let field = |at| u32_at(cell, at);
        let length = usize::from(u16_at(cell, 72)?);
        let is_latin1 = u16_at(cell, 2)? & LATIN1_NAME != 0;
        Some(Key {
            hive,
            offset,
            name: name(cell.get(76..76 + length)?, is_latin1),
            modified: u64_at(cell, 4)?,
            parent: field(16)?,
            subkey_count: field(20)?,
            subkey_list: field(28)?,
            value_count: field(36)?,
            value_list: field(40)?,
            class: (field(48)?, u16_at(cell, 74)?),
            layering: Layering::of(*cell.get(13)?),
        })
    }

    /// Where its cell is; for [`Hive::key_at`].
    pub fn offset(&self) -> u32 {
        self.offset
    }

    /// The name of its class, which almost no key has.
    pub fn class_name(&self) -> Option<String> {
        let (offset, length) = self.class;
        let cell = (length > 0).then(|| self.hive.cell(offset).ok()).flatten()?;
        Some(super::utf16(cell.get(..usize::from(length))?))
    }

    /// Its subkeys.
    pub fn subkeys(&self) -> Children<'h> {
        let mut children = Children { keys: Vec::new(), damage: Vec::new() };
        let mut seen = HashSet::new();
        let mut damage = self.each_subkey(|offset, _| {
            if seen.insert(offset) {
                children.keys.push(self.child(offset)?);
            }
            Ok(true)
        });
        if damage.is_empty() && children.keys.len() != self.subkey_count as usize {
            let what = format!("{} subkeys of {} are in their list", children.keys.len(), self.subkey_count);
            damage.push(Damage::new(DamageKind::Corrupt, self.place(), what));
        }
        if !damage.is_empty() {
            // A set: comparing each with each would take hours where a hostile hive has all its keys below one.
            let mut names: HashSet<String> =
                children.keys.iter().map(|key| key.name.to_uppercase()).collect();
            for &offset in self.hive.adopted(self.offset) {
                if seen.insert(offset)
                    && let Ok(key) = Key::read(self.hive, offset)
                    && names.insert(key.name.to_uppercase())
                {
                    children.keys.push(key);
                }
            }
        }
        children.damage = damage;
        children
    }

    /// The subkey of a name, compared without case.
    ///
    /// # Errors
    /// When it was not found and the list is broken, so that it cannot be told.
    pub fn subkey(&self, wanted: &str) -> Result<Option<Key<'h>>, Damage> {
        let hash = wanted.is_ascii().then(|| hash(wanted));
        let mut found = None;
        let damage = self.each_subkey(|offset, hint| {
            // Only names of the same hash can be equal; for others than ASCII it depends on tables of Windows.
            if let (Some(hash), Some(hint)) = (hash, hint)
                && hash != hint
            {
                return Ok(true);
            }
            let key = self.child(offset)?;
            if same_name(&key.name, wanted) {
                found = Some(key);
            }
            Ok(found.is_none())
        });
        if let (None, Some(first)) = (&found, damage.into_iter().next()) {
            let adopted = self.hive.adopted(self.offset).iter();
            let mut adopted = adopted.filter_map(|&offset| Key::read(self.hive, offset).ok());
            found = adopted.find(|key| same_name(&key.name, wanted));
            if found.is_none() {
                return Err(first);
            }
        }
        Ok(found)
    }

    /// A subkey, which must name this key as its parent: so no cell is part of two lists. The topmost key is nobody's
    /// child, whatever it says: so lists never loop.
    fn child(&self, offset: u32) -> Result<Key<'h>, Damage> {
        let key = Key::read(self.hive, offset)?;
        if key.parent == self.offset && offset != self.hive.root {
            return Ok(key);
        }
        let what = format!("subkey '{}' belongs to another key", key.name);
        Err(Damage::new(DamageKind::Corrupt, BINS + u64::from(offset), what))
    }

    /// Its values.
    pub fn values(&self) -> Values<'h> {
        Values::read(self.hive, self.value_count, self.value_list, self.place())
    }

    fn place(&self) -> u64 {
        BINS + u64::from(self.offset)
    }

    /// Calls with the offset, and the hash of the name where the list has it, of each subkey until it says that
    /// it has enough.
    fn each_subkey(&self, mut each: impl FnMut(u32, Option<u32>) -> Result<bool, Damage>) -> Vec<Damage> {
        if self.subkey_count == 0 || self.subkey_list == NONE {
            let is_missing = self.subkey_count != 0;
            let what = "it has subkeys and no list of them";
            return is_missing
                .then(|| Damage::new(DamageKind::Corrupt, self.place(), what))
                .into_iter()
                .collect();
        }
        let mut walk = Walk {
            hive: self.hive,
            left: (self.hive.store.size() / SMALLEST).min(u64::from(self.subkey_count) + 1),
            damage: Vec::new(),
        };
        walk.list(self.subkey_list, true, &mut each);
        walk.damage
    }
}

struct Walk<'h> {
    hive: &'h Hive,
    left: u64,
    damage: Vec<Damage>,
}

impl Walk<'_> {
    /// Goes through one list; an index root (`ri`) names lists, and only of leaves. Returns whether to go on.
    fn list(
        &mut self,
        offset: u32,
        may_nest: bool,
        each: &mut impl FnMut(u32, Option<u32>) -> Result<bool, Damage>,
    ) -> bool {
        let cell = match self.hive.cell(offset) {
            Ok(cell) => cell,
            Err(damage) => return self.broken(damage),
        };
        let corrupt = |what: &str| Damage::new(DamageKind::Corrupt, BINS + u64::from(offset), what);
        let count = usize::from(u16_at(&cell, 2).unwrap_or_default());
        let (width, hashed, nested) = match cell.get(..2) {
            Some(b"lh") => (8, true, false),
            Some(b"lf") => (8, false, false),
            Some(b"li") => (4, false, false),
            Some(b"ri") if may_nest => (4, false, true),
            _ => return self.broken(corrupt("a list of subkeys is no list")),
        };
        for index in 0..count {
            let at = 4 + index * width;
            let Some(entry) = u32_at(&cell, at) else {
                return self.broken(corrupt("a list of subkeys is longer than its cell"));
            };
            if nested {
                if !self.list(entry, false, each) {
                    return false;
                }
                continue;
            }
            if self.left == 0 {
                self.damage.push(corrupt("more subkeys are listed than the key has"));
                return false;
            }
            self.left -= 1;
            let hint = if hashed { u32_at(&cell, at + 4) } else { None };
            match each(entry, hint) {
                Ok(true) => {}
                Ok(false) => return false,
                Err(damage) => drop(self.broken(damage)),
            }
        }
        true
    }

    /// Notes what is broken; a few places tell enough of a list.
    fn broken(&mut self, damage: Damage) -> bool {
        if self.damage.len() < 10 {
            self.damage.push(damage);
        }
        true
    }
}

/// The hash of a hash leaf, of an ASCII name.
fn hash(name: &str) -> u32 {
    name.bytes()
        .fold(0u32, |hash, byte| hash.wrapping_mul(37).wrapping_add(u32::from(byte.to_ascii_uppercase())))
}

/// Whether two names of keys or values are the same to Windows: compared without case.
pub fn same_name(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() {
        return a.eq_ignore_ascii_case(b);
    }
    let fold = |text: &str| -> Cow<'static, str> { text.to_uppercase().into() };
    fold(a) == fold(b)
}
