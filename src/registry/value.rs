//! Values of keys and what their data means.

use crate::format::database::regf::{same_name, utf16};

/// Types of data (winnt.h).
pub(super) const SZ: u32 = 1;
pub(super) const EXPAND_SZ: u32 = 2;
pub(super) const BINARY: u32 = 3;
pub(super) const DWORD: u32 = 4;
const DWORD_BIG_ENDIAN: u32 = 5;
const LINK: u32 = 6;
pub(super) const MULTI_SZ: u32 = 7;
pub(super) const QWORD: u32 = 11;

/// A value: name, type and data as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Value {
    /// Its name; empty for the default value of the key.
    pub name: String,
    /// Its type (`REG_SZ` is 1 …), as stored.
    pub kind: u32,
    /// Its data, as stored.
    pub data: Vec<u8>,
    /// Whether it says that hives below it have no value of this name; no key gives such a value.
    pub(super) is_tombstone: bool,
}

impl Value {
    /// A value of a type and its data as stored.
    pub(crate) fn new(name: String, kind: u32, data: Vec<u8>) -> Self {
        Value { name, kind, data, is_tombstone: false }
    }

    /// Its text up to the first zero; of several texts the first that is not empty, of a number its decimal digits.
    /// Units that are no UTF-16 become U+FFFD. Data of another type counts as text when it reads as such: programs write
    /// texts under any type. `None` for other binary data and for empty text.
    pub fn text(&self) -> Option<String> {
        self.texts().into_iter().next()
    }

    /// Its texts, empty ones left out; as [`Value::text`].
    pub fn texts(&self) -> Vec<String> {
        match self.kind {
            SZ | EXPAND_SZ | LINK => first(&decoded(&self.data)),
            MULTI_SZ => {
                let text = utf16(&self.data);
                text.split('\0').filter(|text| !text.is_empty()).map(str::to_owned).collect()
            }
            // A number is four or eight bytes; longer data that reads as text is text under the wrong type.
            DWORD | DWORD_BIG_ENDIAN | QWORD
                if self.number().is_some() && (self.data.len() <= 8 || !reads_as_text(&self.data)) =>
            {
                self.number().map(|number| number.to_string()).into_iter().collect()
            }
            _ if reads_as_text(&self.data) => first(&decoded(&self.data)),
            _ => Vec::new(),
        }
    }

    /// Its number; text of decimal digits is one too.
    pub fn number(&self) -> Option<u64> {
        let data = self.data.as_slice();
        match self.kind {
            DWORD => data.first_chunk().map(|bytes| u64::from(u32::from_le_bytes(*bytes))),
            DWORD_BIG_ENDIAN => data.first_chunk().map(|bytes| u64::from(u32::from_be_bytes(*bytes))),
            QWORD => data.first_chunk().map(|bytes| u64::from_le_bytes(*bytes)),
            SZ | EXPAND_SZ => self.text()?.trim().parse().ok(),
            MULTI_SZ | LINK => None,
            // A number that was written as bytes, or under a type that does not exist.
            _ => match data.len() {
                4 => data.first_chunk().map(|bytes| u64::from(u32::from_le_bytes(*bytes))),
                8 => data.first_chunk().map(|bytes| u64::from_le_bytes(*bytes)),
                _ => None,
            },
        }
    }

    /// Whether variables in its text are to be expanded.
    pub fn is_expandable(&self) -> bool {
        self.kind == EXPAND_SZ
    }
}

/// The first text that is not empty.
fn first(text: &str) -> Vec<String> {
    text.split('\0').find(|part| !part.is_empty()).map(str::to_owned).into_iter().collect()
}

/// The text of data: UTF-16, or one byte a character where programs wrote that.
fn decoded(data: &[u8]) -> String {
    if is_single_byte(data) {
        return data.iter().map(|&byte| char::from(byte)).collect();
    }
    if is_swapped(data) {
        let swapped: Vec<u8> =
            data.chunks_exact(2).flat_map(|unit| unit.iter().rev().copied().collect::<Vec<u8>>()).collect();
        return utf16(&swapped);
    }
    utf8(data).map_or_else(|| utf16(data), str::to_owned)
}

/// Whether data is UTF-16 with the bytes of each unit the other way round: nearly all would be signs of Asia whose
/// numbers end in zeros.
fn is_swapped(data: &[u8]) -> bool {
    let units = || data.chunks_exact(2).filter(|unit| *unit != [0, 0]);
    let plain = units().filter(|unit| matches!(unit, [0, b' '..=b'~'])).count();
    plain >= 8 && plain * 4 >= units().count() * 3
}

/// Data that is UTF-8 with letters beyond ASCII, as some programs write: long enough that UTF-16 is not so by chance.
fn utf8(data: &[u8]) -> Option<&str> {
    let end = data.iter().rposition(|byte| *byte != 0).map_or(0, |at| at + 1);
    let text = std::str::from_utf8(data.get(..end)?).ok()?;
    let is_text = text.len() >= 12
        && !text.is_ascii()
        && !text.chars().any(|char| char.is_control() && !char.is_whitespace())
        && text.bytes().filter(|byte| byte.is_ascii_alphanumeric()).count() >= 4;
    is_text.then_some(text)
}

/// Whether data is ASCII, one byte a character: as UTF-16 it would be a run of unrelated signs.
fn is_single_byte(data: &[u8]) -> bool {
    let length = data.iter().position(|byte| *byte == 0).unwrap_or(data.len());
    let (text, rest) = data.split_at(length);
    let is_text =
        text.len() >= 4 && text.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n'));
    // UTF-16 of that form would end in two zeros at an even place; a few signs may be so by chance, many are not.
    let ends_as_utf16 = length % 2 == 0 && rest.len() >= 2;
    is_text && (text.len() >= 12 || !ends_as_utf16) && rest.iter().all(|byte| *byte == 0)
}

/// Whether data that is not marked as text is text all the same.
fn reads_as_text(data: &[u8]) -> bool {
    if is_single_byte(data) {
        return true;
    }
    let text = utf16(data);
    let text = text.trim_matches('\0');
    let odd = |char: char| {
        char.is_control() && !char.is_whitespace()
            || matches!(char, '\u{fffd}' | '\u{e000}'..='\u{f8ff}' | '\u{fff0}'..)
    };
    let count = text.chars().count();
    let simple = text.chars().filter(|char| u32::from(*char) < 0x600).count();
    count >= 3 && !text.chars().any(odd) && (simple * 2 > count || data.ends_with(&[0, 0]))
}

/// The values of one key.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Values {
    values: Vec<Value>,
}

impl Values {
    pub(super) fn new(values: Vec<Value>) -> Self {
        Values { values }
    }

    /// Each value, in the order of the key.
    pub fn iter(&self) -> impl Iterator<Item = &Value> {
        self.values.iter()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The value of a name, compared without case; the default value is called "".
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|value| same_name(&value.name, name))
    }

    /// The text of a value; see [`Value::text`].
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).and_then(Value::text)
    }

    /// The texts of a value; none when it is missing.
    pub fn texts(&self, name: &str) -> Vec<String> {
        self.get(name).map(Value::texts).unwrap_or_default()
    }

    /// The number of a value.
    pub fn number(&self, name: &str) -> Option<u64> {
        self.get(name).and_then(Value::number)
    }

    /// The data of a value as stored, whatever its type.
    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.get(name).map(|value| value.data.as_slice())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(data: Vec<u8>) -> Option<String> {
        Value::new(String::new(), SZ, data).text()
    }

    #[test]
    fn text_is_read_as_the_program_wrote_it() {
        let path = "C:\\Program Files\\Лаборатория\\a.exe";
        let wide = |order: fn(u16) -> [u8; 2]| path.encode_utf16().flat_map(order).collect::<Vec<u8>>();
        assert_eq!(text(wide(u16::to_le_bytes)).as_deref(), Some(path));
        assert_eq!(text(format!("{path}\0").into_bytes()).as_deref(), Some(path), "UTF-8");
        assert_eq!(
            text(b"C:\\Tools\\a.exe\0".to_vec()).as_deref(),
            Some("C:\\Tools\\a.exe"),
            "one byte each"
        );
        let plain = "C:\\Tools\\agent.exe";
        let swapped: Vec<u8> = plain.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(text(swapped).as_deref(), Some(plain), "the bytes of each unit the other way round");
        let asian: Vec<u8> = "卡巴斯基安全软件".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(text(asian).as_deref(), Some("卡巴斯基安全软件"));
    }
}
