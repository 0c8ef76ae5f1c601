//! Lists of subkeys, and what they say of the keys that they name.

use super::{BINS, Hive, u16_at, u32_at};
use crate::bytes::{Damage, DamageKind};

/// What a list of subkeys says of the name of a key, so that a lookup reads few keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hint {
    /// Nothing (`li`).
    None,
    /// The first four characters (`lf`).
    Start([u8; 4]),
    /// A hash of the name (`lh`).
    Hash(u32),
}

impl Hint {
    /// Whether a name can be the one that the list means.
    pub(super) fn fits(self, name: &str) -> bool {
        match self {
            Hint::None => true,
            // Characters of more than one byte are written as zeros by some versions of Windows.
            Hint::Start(start) => {
                name.encode_utf16().chain([0; 4]).zip(start).all(|(unit, byte)| match u8::try_from(unit) {
                    Ok(unit) => unit.eq_ignore_ascii_case(&byte) || unit >= 0x80,
                    Err(_) => true,
                })
            }
            Hint::Hash(wanted) => hash(name) == wanted || !is_folded_alike(name),
        }
    }
}

/// The hash of a hash leaf. Windows folds single UTF-16 units.
fn hash(name: &str) -> u32 {
    name.encode_utf16().fold(0u32, |hash, unit| hash.wrapping_mul(37).wrapping_add(u32::from(upper(unit))))
}

/// One UTF-16 unit in upper case, as the tables of Windows have it: units of which Unicode makes several, or a
/// character that those tables do not know, stay.
fn upper(unit: u16) -> u16 {
    let Some(char) = char::from_u32(u32::from(unit)) else { return unit };
    let mut folded = char.to_uppercase();
    match (folded.next(), folded.next()) {
        (Some(one), None) if !matches!(unit, 0xb5 | 0x131 | 0x17f) => {
            u16::try_from(u32::from(one)).unwrap_or(unit)
        }
        _ => unit,
    }
}

/// Whether every version of Windows folds a name as [`upper`] does: scripts that got their upper case with a later
/// Unicode do not count.
fn is_folded_alike(name: &str) -> bool {
    name.chars().all(|char| {
        let is_old = matches!(u32::from(char), 0..=0x17e | 0x386..=0x3ce | 0x400..=0x45f | 0x531..=0x586 | 0xff21..=0xff5a);
        is_old && !matches!(u32::from(char), 0xb5 | 0x131) || char.to_uppercase().eq([char])
    })
}

/// Goes through the lists of one key.
pub(super) struct Walk<'h> {
    pub(super) hive: &'h Hive,
    pub(super) left: u64,
    pub(super) damage: Vec<Damage>,
}

impl Walk<'_> {
    /// Goes through one list; an index root (`ri`) names lists, and only of leaves. Returns whether to go on.
    pub(super) fn list(
        &mut self,
        offset: u32,
        may_nest: bool,
        each: &mut impl FnMut(u32, Hint) -> Result<bool, Damage>,
    ) -> bool {
        let cell = match self.hive.cell(offset) {
            Ok(cell) => cell,
            Err(damage) => return self.broken(damage),
        };
        let corrupt = |what: &str| Damage::new(DamageKind::Corrupt, BINS + u64::from(offset), what);
        let count = usize::from(u16_at(&cell, 2).unwrap_or_default());
        let (width, nested) = match cell.get(..2) {
            Some(b"lh" | b"lf") => (8, false),
            Some(b"li") => (4, false),
            Some(b"ri") if may_nest => (4, true),
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
            match each(entry, hint(&cell, at + 4)) {
                Ok(true) => {}
                Ok(false) => return false,
                Err(damage) => drop(self.broken(damage)),
            }
        }
        true
    }

    /// Notes what is broken; a few places are enough to judge a list.
    pub(super) fn broken(&mut self, damage: Damage) -> bool {
        if self.damage.len() < 10 {
            self.damage.push(damage);
        }
        true
    }
}

/// What a leaf has behind the offset of a key.
fn hint(cell: &[u8], at: usize) -> Hint {
    let bytes = cell.get(at..).and_then(|rest| rest.first_chunk::<4>()).copied();
    match (cell.get(..2), bytes) {
        (Some(b"lh"), Some(bytes)) => Hint::Hash(u32::from_le_bytes(bytes)),
        (Some(b"lf"), Some(bytes)) => Hint::Start(bytes),
        _ => Hint::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hint_fits_the_name_that_windows_made_it_of() {
        // "Uninstall", and a name with a letter outside of ASCII.
        assert_eq!(hash("Uninstall"), hash("UNINSTALL"));
        assert!(Hint::Hash(hash("ÖFFNEN")).fits("öffnen") && Hint::Hash(hash("ЖУРНАЛ")).fits("Журнал"));
        assert!(
            !Hint::Hash(hash("Uninstall")).fits("Uninstal")
                && !Hint::Hash(hash("Uninstall")).fits("Uninsta\u{ec}l")
        );
        assert!(Hint::Hash(7).fits("ꭰ"), "versions of Windows differ in how they fold it");
        assert!(Hint::Start(*b"Unin").fits("Uninstall") && Hint::Start(*b"ab\0\0").fits("AB"));
        assert!(!Hint::Start(*b"Unin").fits("Tninstall") && !Hint::Start(*b"abc\0").fits("ab"));
        assert!(Hint::None.fits("anything"));
    }
}
