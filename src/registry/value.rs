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
    /// Units that are no UTF-16 become U+FFFD. `None` for binary data and for empty text.
    pub fn text(&self) -> Option<String> {
        self.texts().into_iter().next()
    }

    /// Its texts, empty ones left out; as [`Value::text`].
    pub fn texts(&self) -> Vec<String> {
        match self.kind {
            SZ | EXPAND_SZ | LINK => {
                let text = utf16(&self.data);
                let text = text.split('\0').next().unwrap_or_default();
                if text.is_empty() { Vec::new() } else { vec![text.to_owned()] }
            }
            MULTI_SZ => {
                let text = utf16(&self.data);
                text.split('\0').filter(|text| !text.is_empty()).map(str::to_owned).collect()
            }
            _ => self.number().map(|number| number.to_string()).into_iter().collect(),
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
            _ => None,
        }
    }

    /// Whether variables in its text are to be expanded.
    pub fn is_expandable(&self) -> bool {
        self.kind == EXPAND_SZ
    }
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
