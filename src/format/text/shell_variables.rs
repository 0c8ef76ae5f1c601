//! Variables of a shell script, as far as it sets them to plain text.

use std::collections::HashMap;

/// The variables of a script, as far as it sets them to plain text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variables {
    values: HashMap<Vec<u8>, Vec<u8>>,
}

impl Variables {
    /// Sets a variable.
    pub fn set(&mut self, name: &[u8], value: &[u8]) {
        if value.len() < MAX_LINE {
            self.values.insert(name.to_vec(), value.to_vec());
        }
    }

    /// A text with `$NAME`, `${NAME}` and `${NAME:-other}` replaced; what is not known stays as it is.
    pub fn expand(&self, text: &[u8]) -> Vec<u8> {
        let mut expanded = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = memchr::memchr(b'$', rest) {
            let (before, from) = rest.split_at(at);
            expanded.extend_from_slice(before);
            let braced = from.get(1) == Some(&b'{');
            let name = from.get(if braced { 2 } else { 1 }..).unwrap_or_default();
            let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
            let length = name.iter().position(|byte| !is_part(byte)).unwrap_or(name.len());
            let (name, behind) = name.split_at(length);
            let close = if braced { behind.iter().position(|&byte| byte == b'}') } else { Some(0) };
            match (self.values.get(name), close) {
                (Some(value), Some(close)) if expanded.len() + value.len() < MAX_LINE => {
                    expanded.extend_from_slice(value);
                    rest = behind.get(close + usize::from(braced)..).unwrap_or_default();
                }
                _ => {
                    expanded.push(b'$');
                    rest = from.get(1..).unwrap_or_default();
                }
            }
        }
        expanded.extend_from_slice(rest);
        expanded
    }
}

/// Bytes of an expanded line.
const MAX_LINE: usize = 16 << 10;
