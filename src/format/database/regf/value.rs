//! Values of a key and their data.

use std::collections::HashSet;

use super::{BINS, Hive, NONE, name, u16_at, u32_at};
use crate::bytes::{Damage, DamageKind};

/// Flag of a value: its name is stored one byte a character.
const LATIN1_NAME: u16 = 1;
/// Flag of a value: it deletes the value of this name of the hives below; only hives of container layers mean it.
const TOMBSTONE: u16 = 2;
/// Set in the size of data that lies in the value itself.
const INLINE: u32 = 0x8000_0000;
/// Longest data of one cell; longer data lies in segments of this length.
const SEGMENT: usize = 16_344;
/// Bytes of the smallest value.
const SMALLEST: u64 = 24;
/// Longest name in bytes: 16,383 characters ("Registry Element Size Limits").
const MAX_NAME: usize = 2 * 16_383;
/// `REG_SZ`, `REG_EXPAND_SZ`, `REG_MULTI_SZ`.
const TEXTS: [u32; 3] = [1, 2, 7];
/// `REG_LINK`.
pub(super) const LINK: u32 = 6;

/// One value; its data is read when it is asked for.
#[derive(Clone)]
pub struct Value<'h> {
    hive: &'h Hive,
    /// Its name; empty for the default value of the key.
    pub name: String,
    /// Its type (`REG_SZ` is 1 …), as stored.
    pub kind: u32,
    /// Bytes of its data, as stated.
    pub size: usize,
    /// Whether it says that there is no value of this name, in a hive of a container layer.
    pub is_tombstone: bool,
    is_inline: bool,
    data: u32,
}

/// The values that could be read, and where their list is broken.
pub struct Values<'h> {
    /// In the order of the list.
    pub values: Vec<Value<'h>>,
    /// What could not be read.
    pub damage: Vec<Damage>,
}

impl<'h> Values<'h> {
    pub(super) fn read(hive: &'h Hive, count: u32, list: u32, place: u64) -> Values<'h> {
        let mut read = Values { values: Vec::new(), damage: Vec::new() };
        if count == 0 {
            if list != NONE {
                let what = "it counts no values and has a list of them";
                read.damage.push(Damage::new(DamageKind::Corrupt, place, what));
            }
            return read;
        }
        let cell = match hive.cell(list) {
            Ok(cell) => cell,
            Err(damage) => {
                read.damage.push(damage);
                return read;
            }
        };
        // Cells do not overlap, so the names of all values fit into the hive; a hostile list names one a million times.
        let mut seen = HashSet::new();
        let mut left = hive.size();
        for index in 0..count as usize {
            let Some(offset) = u32_at(&cell, index * 4) else {
                let what = format!("{index} values of {count} are in their list");
                read.damage.push(Damage::new(DamageKind::Corrupt, place, what));
                break;
            };
            if !seen.insert(offset) {
                if read.damage.len() < 10 {
                    let what = "a value is listed twice";
                    read.damage.push(Damage::new(DamageKind::Corrupt, place, what));
                }
                continue;
            }
            match Value::read(hive, offset) {
                Ok(value) => match left.checked_sub(SMALLEST + value.name.len() as u64 / 3) {
                    Some(rest) => {
                        left = rest;
                        read.values.push(value);
                    }
                    None => {
                        let what = "the values of a key are larger than their hive";
                        read.damage.push(Damage::new(DamageKind::Corrupt, place, what));
                        break;
                    }
                },
                Err(damage) if read.damage.len() < 10 => read.damage.push(damage),
                Err(_) => {}
            }
        }
        read
    }
}

/// Whether a text without its end goes on where its length says that it ends. Windows rounds cells up to eight bytes, so
/// that less than that behind a text is nothing.
fn goes_on(kind: u32, cell: &[u8], size: usize) -> bool {
    let unit = |at| u16_at(cell, at).and_then(|unit| char::from_u32(unit.into()));
    let is_text = |unit: Option<char>| unit.is_some_and(|unit| unit != '\0' && !unit.is_control());
    TEXTS.contains(&kind)
        && cell.len() >= size + 16
        && size.checked_sub(2).is_some_and(|last| is_text(unit(last)))
        && (0..4).all(|next| is_text(unit(size + 2 * next)))
}

impl<'h> Value<'h> {
    fn read(hive: &'h Hive, offset: u32) -> Result<Value<'h>, Damage> {
        let cell = hive.cell_start(offset, 20 + MAX_NAME as u64)?;
        Value::parse(hive, &cell)
            .ok_or_else(|| Damage::new(DamageKind::Corrupt, BINS + u64::from(offset), "a value is no value"))
    }

    fn parse(hive: &'h Hive, cell: &[u8]) -> Option<Value<'h>> {
        if cell.get(..2)? != b"vk" {
            return None;
        }
        let length = usize::from(u16_at(cell, 2)?);
        if length > MAX_NAME {
            return None;
        }
        let size = u32_at(cell, 4)?;
        // Hives before Windows NT 4 have no flags; names there are one byte a character.
        let flags = u16_at(cell, 16)?;
        let is_latin1 = flags & LATIN1_NAME != 0;
        // A name of UTF-16 has whole units; with an odd length the flag is wrong.
        if !is_latin1 && length % 2 != 0 {
            return None;
        }
        Some(Value {
            hive,
            name: name(cell.get(20..20 + length)?, is_latin1),
            kind: u32_at(cell, 12)?,
            size: (size & !INLINE) as usize,
            is_tombstone: flags & TOMBSTONE != 0,
            is_inline: size & INLINE != 0,
            data: u32_at(cell, 8)?,
        })
    }

    /// Its data, at most `limit` bytes of it.
    ///
    /// # Errors
    /// When less is there than the value says.
    pub fn data(&self, limit: usize) -> Result<Vec<u8>, Damage> {
        let size = self.size.min(limit);
        if self.is_inline && self.size > 4 {
            let what = format!("{} bytes of value '{}' lie in 4", self.size, self.name);
            return Err(Damage::new(DamageKind::Corrupt, None, what));
        }
        if self.is_inline {
            return Ok(self.data.to_le_bytes().get(..size.min(4)).unwrap_or_default().to_vec());
        }
        // Windows keeps nothing in the value itself, as all of 1,000 empty values of real hives.
        if self.size == 0 && ![0, NONE].contains(&self.data) {
            let what = format!("value '{}' has no length and data elsewhere", self.name);
            return Err(Damage::new(DamageKind::Corrupt, BINS + u64::from(self.data), what));
        }
        if size == 0 || self.data == NONE {
            return Ok(Vec::new());
        }
        let cell = self.hive.cell(self.data)?;
        if size == self.size && goes_on(self.kind, &cell, size) {
            let what = format!("the text of value '{}' goes on behind its length", self.name);
            return Err(Damage::new(DamageKind::Corrupt, BINS + u64::from(self.data), what));
        }
        let data = match cell.get(..2) {
            Some(b"db") if self.hive.big_data && self.size > SEGMENT => self.segments(&cell, size)?,
            _ => cell.get(..size).unwrap_or(&cell).to_vec(),
        };
        if data.len() < size {
            let what = format!("{} bytes of {} of value '{}' are there", data.len(), self.size, self.name);
            return Err(Damage::new(DamageKind::Truncated, BINS + u64::from(self.data), what));
        }
        Ok(data)
    }

    fn segments(&self, cell: &[u8], size: usize) -> Result<Vec<u8>, Damage> {
        let count = usize::from(u16_at(cell, 2).unwrap_or_default());
        let list = self.hive.cell(u32_at(cell, 4).unwrap_or(NONE))?;
        let mut data = Vec::new();
        for index in 0..count {
            if data.len() >= size {
                break;
            }
            let segment = self.hive.cell(u32_at(&list, index * 4).unwrap_or(NONE))?;
            let wanted = SEGMENT.min(size - data.len());
            data.extend_from_slice(segment.get(..wanted).unwrap_or(&segment));
        }
        Ok(data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_length_has_no_data_elsewhere() {
        let kinds = [(8, false), (0, false), (NONE, false), (8, true)].map(|(data, is_inline)| {
            let hive = Hive::open(Box::new(super::super::tests::hive_of_values(1)), &[]).unwrap().value;
            let name = String::new();
            let value = Value { hive: &hive, name, kind: 1, size: 0, is_tombstone: false, is_inline, data };
            value.data(100).is_err()
        });
        assert_eq!(kinds, [true, false, false, false]);
    }

    #[test]
    fn a_text_ends_where_its_length_says() {
        let cell: Vec<u8> = "C:\\Program Files\\x.exe\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(goes_on(1, &cell, 20) && goes_on(2, &cell, 8));
        // Binary data; the whole text, with and without its end; rounded up; what stood there before.
        assert!(
            !goes_on(3, &cell, 20) && !goes_on(1, &cell, cell.len()) && !goes_on(1, &cell, cell.len() - 2)
        );
        assert!(!goes_on(1, &cell, cell.len() - 10));
        let shorter: Vec<u8> =
            "C:\\a\0ogram Files\\x.exe\0".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(!goes_on(1, &shorter, 10));
    }
}
