//! Keys and their lists of subkeys.

use std::borrow::Cow;
use std::collections::HashSet;

use super::list::{Hint, Walk};
use super::value::{LINK, Values};
use super::{BINS, Hive, NONE, name, u16_at, u32_at, u64_at};
use crate::bytes::{Damage, DamageKind};

/// Flag of a key: it is a link to another key.
const LINKS: u16 = 0x10;
/// Longest name in bytes: 255 characters ("Registry Element Size Limits"), with room for what other writers think.
const MAX_NAME: usize = 4 * 255;
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
    is_link: bool,
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
        let cell = hive.cell_start(offset, 76 + MAX_NAME as u64)?;
        Key::parse(hive, offset, &cell)
            .ok_or_else(|| Damage::new(DamageKind::Corrupt, BINS + u64::from(offset), "a key is no key"))
    }

    fn parse(hive: &'h Hive, offset: u32, cell: &[u8]) -> Option<Key<'h>> {
        if cell.get(..2)? != b"nk" {
            return None;
        }
        let field = |at| u32_at(cell, at);
        let length = usize::from(u16_at(cell, 72)?);
        if length > MAX_NAME {
            return None;
        }
        let flags = u16_at(cell, 2)?;
        let is_latin1 = flags & LATIN1_NAME != 0;
        // A name of UTF-16 has whole units; with an odd length the flag is wrong.
        if !is_latin1 && length % 2 != 0 {
            return None;
        }
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
            is_link: flags & LINKS != 0,
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

    /// Where it leads to if it is a link to another key: `\Registry\Machine\SOFTWARE\...`. A key that is marked as a
    /// link and names no other is a key; one that lost the mark and has nothing but a link's value is a link.
    pub fn link(&self) -> Option<String> {
        if !self.is_link && (self.value_count, self.subkey_count) != (1, 0) {
            return None;
        }
        let values = self.values().values;
        let value = values.iter().find(|value| same_name(&value.name, "SymbolicLinkValue"))?;
        if !self.is_link && value.kind != LINK {
            return None;
        }
        let text = super::utf16(&value.data(1 << 16).ok()?);
        Some(text.trim_end_matches('\0').to_owned()).filter(|text| !text.is_empty())
    }

    /// Its subkeys.
    pub fn subkeys(&self) -> Children<'h> {
        let (mut children, seen) = self.listed();
        if !children.damage.is_empty() {
            // A set: comparing each with each would take hours where a hostile hive has all its keys below one.
            let mut names: HashSet<String> =
                children.keys.iter().map(|key| key.name.to_uppercase()).collect();
            for &offset in self.hive.adopted(self.offset) {
                if !seen.contains(&offset)
                    && let Ok(key) = Key::read(self.hive, offset)
                    && names.insert(key.name.to_uppercase())
                {
                    children.keys.push(key);
                }
            }
        }
        children
    }

    /// The subkeys in its list, with where the list contradicts itself, the key or the keys that it names.
    fn listed(&self) -> (Children<'h>, HashSet<u32>) {
        let mut children = Children { keys: Vec::new(), damage: Vec::new() };
        let mut seen = HashSet::new();
        let mut doubts = Vec::new();
        let mut damage = self.each_subkey(|offset, hint| {
            if seen.insert(offset) {
                let key = self.child(offset)?;
                if !hint.fits(&key.name) && doubts.len() < 10 {
                    let what = format!("the list of subkeys means another name than '{}'", key.name);
                    doubts.push(Damage::new(DamageKind::Corrupt, key.place(), what));
                }
                children.keys.push(key);
            }
            Ok(true)
        });
        damage.append(&mut doubts);
        if damage.is_empty() && children.keys.len() != self.subkey_count as usize {
            let what = format!("{} subkeys of {} are in their list", children.keys.len(), self.subkey_count);
            damage.push(Damage::new(DamageKind::Corrupt, self.place(), what));
        }
        children.damage = damage;
        (children, seen)
    }

    /// The subkey of a name, compared without case.
    ///
    /// # Errors
    /// When it was not found and the list is broken or contradicts the keys, so that nobody can say.
    pub fn subkey(&self, wanted: &str) -> Result<Option<Key<'h>>, Damage> {
        let mut found = None;
        self.each_subkey(|offset, hint| {
            if !hint.fits(wanted) {
                return Ok(true);
            }
            let key = self.child(offset)?;
            if same_name(&key.name, wanted) {
                found = Some(key);
            }
            Ok(found.is_none())
        });
        // Only a list without contradictions says that a name is not there.
        if found.is_none()
            && let Some(doubt) = self.doubt()
        {
            found = self.subkeys().keys.into_iter().find(|key| same_name(&key.name, wanted));
            if found.is_none() {
                return Err(doubt);
            }
        }
        Ok(found)
    }

    /// The first thing that is wrong with the list of subkeys; found once for each key.
    fn doubt(&self) -> Option<Damage> {
        let known = |hive: &Hive| hive.doubts.lock().ok()?.get(&self.offset).cloned();
        known(self.hive).unwrap_or_else(|| {
            let doubt = self.listed().0.damage.into_iter().next();
            if let Ok(mut doubts) = self.hive.doubts.lock() {
                doubts.insert(self.offset, doubt.clone());
            }
            doubt
        })
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
    fn each_subkey(&self, mut each: impl FnMut(u32, Hint) -> Result<bool, Damage>) -> Vec<Damage> {
        let wrong = match (self.subkey_count, self.subkey_list) {
            // Windows gives a key without subkeys no list: so it is in all of 100,000 keys of real hives.
            (0, list) if list != NONE => Some("it counts no subkeys and has a list of them"),
            (1.., NONE) => Some("it has subkeys and no list of them"),
            _ => None,
        };
        if wrong.is_some() || self.subkey_count == 0 {
            let damage = wrong.map(|what| Damage::new(DamageKind::Corrupt, self.place(), what));
            return damage.into_iter().collect();
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

/// Whether two names of keys or values are the same to Windows: compared without case.
pub fn same_name(a: &str, b: &str) -> bool {
    if a.is_ascii() && b.is_ascii() {
        return a.eq_ignore_ascii_case(b);
    }
    let fold = |text: &str| -> Cow<'static, str> { text.to_uppercase().into() };
    fold(a) == fold(b)
}
