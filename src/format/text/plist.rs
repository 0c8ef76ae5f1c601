//! Property lists: XML, binary, and the old text form that `.strings` files are still written in.
//!
//! An own reader, because the one crate there is gives all or nothing: a damaged `Info.plist` still names its app
//! in the part that can be read, and a binary list whose objects refer to each other may unfold to any size. What
//! is read here is bounded by [`MAX_VALUES`] and [`MAX_DEPTH`], whatever the bytes. Formats: Apple's
//! `PropertyList-1.0.dtd`, `CFBinaryPList.c` and `CFOldStylePList.c` (CoreFoundation).

mod binary;
mod text;
mod xml;

use crate::bytes::{Damage, DamageKind, Salvaged};

/// Values in one list, counted as often as they are referred to.
pub const MAX_VALUES: usize = 500_000;
/// Bytes of all texts and data in one list, counted as often as they are referred to.
pub const MAX_BYTES: usize = 64 << 20;
/// Arrays and dictionaries may nest this deep.
pub const MAX_DEPTH: usize = 64;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A floating-point number.
    Real(f64),
    /// Yes or no.
    Boolean(bool),
    /// A date as seconds since 1970 (UTC).
    Date(f64),
    /// Bytes.
    Data(Vec<u8>),
    /// A reference to an object of a keyed archive, by its number.
    Uid(u64),
    /// Values in order.
    Array(Vec<Value>),
    /// Values by key, in the order of the file; keys may repeat, the first one counts.
    Dictionary(Vec<(String, Value)>),
}

impl Value {
    /// The value of a key, if this is a dictionary that has it.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entries().iter().find(|(found, _)| found == key).map(|(_, value)| value)
    }

    /// The entries of a dictionary; nothing of other values.
    pub fn entries(&self) -> &[(String, Value)] {
        match self {
            Value::Dictionary(entries) => entries,
            _ => &[],
        }
    }

    /// The items of an array; nothing of other values.
    pub fn items(&self) -> &[Value] {
        match self {
            Value::Array(items) => items,
            _ => &[],
        }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a key that is a text and not empty.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_text().map(str::trim).filter(|text| !text.is_empty())
    }

    /// The texts of a key that is a text or an array of texts.
    pub fn texts(&self, key: &str) -> Vec<&str> {
        match self.get(key) {
            Some(Value::Text(text)) => vec![text],
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_text).collect(),
            _ => Vec::new(),
        }
    }

    /// Yes or no; numbers count as in C.
    pub fn as_boolean(&self) -> Option<bool> {
        match self {
            Value::Boolean(value) => Some(*value),
            Value::Integer(value) => Some(*value != 0),
            _ => None,
        }
    }

    /// The yes or no of a key.
    pub fn boolean(&self, key: &str) -> Option<bool> {
        self.get(key)?.as_boolean()
    }

    /// The seconds since 1970 of a key that is a date.
    pub fn date(&self, key: &str) -> Option<f64> {
        match self.get(key)? {
            Value::Date(seconds) => Some(*seconds),
            _ => None,
        }
    }
}

/// What is left to spend on a list.
struct Budget {
    values: usize,
    bytes: usize,
}

impl Budget {
    fn new() -> Self {
        Budget { values: MAX_VALUES, bytes: MAX_BYTES }
    }

    /// Pays for a value of so many bytes.
    fn spend(&mut self, bytes: usize) -> Result<(), Damage> {
        match (self.values.checked_sub(1), self.bytes.checked_sub(bytes)) {
            (Some(values), Some(bytes)) => {
                *self = Budget { values, bytes };
                Ok(())
            }
            _ => {
                let what = format!("it unfolds to more than {MAX_VALUES} values or {MAX_BYTES} bytes");
                Err(Damage::new(DamageKind::OverLimit, None, what))
            }
        }
    }
}

/// Reads a property list in any of its forms. The value is an empty dictionary when nothing could be read.
pub fn read(bytes: &[u8]) -> Salvaged<Value> {
    if bytes.starts_with(b"bplist") {
        return binary::read(bytes);
    }
    let text = decoded(bytes);
    let start = text.trim_start();
    if start.is_empty() {
        return broken(DamageKind::Corrupt, "no property list: it is empty");
    }
    if start.starts_with('<') && !is_data(start) {
        return xml::read(start);
    }
    text::read(&text)
}

/// `<0fbd77>` is old-style data, `<?xml` and `<plist` are not.
fn is_data(text: &str) -> bool {
    let digits = text.strip_prefix('<').and_then(|rest| rest.split('>').next()).unwrap_or_default();
    digits.bytes().all(|byte| byte.is_ascii_hexdigit() || byte.is_ascii_whitespace())
}

fn broken(kind: DamageKind, what: &str) -> Salvaged<Value> {
    Salvaged { value: Value::Dictionary(Vec::new()), damage: vec![Damage::new(kind, 0, what)] }
}

/// UTF-8, or UTF-16 as its mark tells; `.strings` files are often the latter.
fn decoded(bytes: &[u8]) -> String {
    let utf16 = |rest: &[u8], unit: fn([u8; 2]) -> u16| -> String {
        let units = rest.chunks_exact(2).filter_map(|pair| Some(unit(pair.try_into().ok()?)));
        char::decode_utf16(units).map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(rest, u16::from_be_bytes),
        [b'<' | b'"' | b'/', 0, ..] => utf16(bytes, u16::from_le_bytes),
        [0, b'<' | b'"' | b'/', ..] => utf16(bytes, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// Seconds from 1970 to 2001, where Apple's clock starts.
const APPLE_EPOCH: f64 = 978_307_200.0;

#[cfg(test)]
mod tests;
