//! Values of property lists, and the limits of reading them.

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
    /// The same as JSON, which has no dates, bytes or references.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Text(text) => text.as_str().into(),
            Self::Integer(number) => (*number).into(),
            Self::Real(number) => (*number).into(),
            Self::Boolean(is_so) => (*is_so).into(),
            Self::Array(items) => items.iter().map(Self::to_json).collect(),
            Self::Dictionary(entries) => {
                // The first of a key that repeats counts.
                entries.iter().rev().map(|(key, value)| (key.clone(), value.to_json())).collect()
            }
            Self::Date(_) | Self::Data(_) | Self::Uid(_) => serde_json::Value::Null,
        }
    }

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

    /// Every text in it, in order; keys are none.
    pub fn all_texts(&self) -> Vec<&str> {
        match self {
            Value::Text(text) => vec![text],
            Value::Array(items) => items.iter().flat_map(Value::all_texts).collect(),
            Value::Dictionary(entries) => entries.iter().flat_map(|(_, value)| value.all_texts()).collect(),
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
pub(super) struct Budget {
    pub(super) values: usize,
    pub(super) bytes: usize,
}

impl Budget {
    pub(super) fn new() -> Self {
        Budget { values: MAX_VALUES, bytes: MAX_BYTES }
    }

    /// Pays for a value of so many bytes.
    pub(super) fn spend(&mut self, bytes: usize) -> Result<(), Damage> {
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

/// `<0fbd77>` is old-style data, `<?xml` and `<plist` are not.
pub(super) fn is_data(text: &str) -> bool {
    let digits = text.strip_prefix('<').and_then(|rest| rest.split('>').next()).unwrap_or_default();
    digits.bytes().all(|byte| byte.is_ascii_hexdigit() || byte.is_ascii_whitespace())
}

pub(super) fn broken(kind: DamageKind, what: &str) -> Salvaged<Value> {
    Salvaged { value: Value::Dictionary(Vec::new()), damage: vec![Damage::new(kind, 0, what)] }
}

/// UTF-8, or UTF-16 as its mark says; `.strings` files are often the latter.
pub(super) fn decoded(bytes: &[u8]) -> String {
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
pub(super) const APPLE_EPOCH: f64 = 978_307_200.0;
