//! The registry that Wine keeps as text: `system.reg`, `user.reg`.
//!
//! Source: `server/registry.c` of Wine. Keys are `[path] time`, values `"name"=data`; the default value is `@`.

use crate::bytes::{Damage, DamageKind, Salvaged};

/// The first line.
const HEAD: &[u8] = b"WINE REGISTRY Version ";

/// A key and those of its values that are texts or numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its path, without the name of the file's own top.
    pub path: String,
    /// Names and data, the default value under an empty name; of a list of texts, the first.
    pub values: Vec<(String, String)>,
}

impl Key {
    /// The text of a value.
    pub fn text(&self, name: &str) -> Option<&str> {
        let value = self.values.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        value.map(|(_, data)| data.as_str()).filter(|data| !data.trim().is_empty())
    }
}

/// The keys whose paths are wanted.
pub fn keys(bytes: &[u8], wants: impl Fn(&str) -> bool) -> Salvaged<Vec<Key>> {
    let mut damage = Vec::new();
    if !bytes.starts_with(HEAD) {
        damage.push(Damage::new(
            DamageKind::Corrupt,
            0,
            "no registry of Wine: its first line is another one",
        ));
    }
    if let Some(at) = memchr::memchr(0, bytes) {
        damage.push(Damage::new(DamageKind::Corrupt, at as u64, "a zero byte in a text file"));
    }
    if !bytes.is_empty() && !bytes.ends_with(b"\n") {
        damage.push(Damage::new(DamageKind::Truncated, bytes.len() as u64, "the last line does not end"));
    }
    let mut keys: Vec<Key> = Vec::new();
    let mut is_wanted = false;
    for line in bytes.split(|&byte| byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        match line.first() {
            Some(b'[') => {
                let (path, _) = unescaped(line.get(1..).unwrap_or_default(), b']');
                is_wanted = wants(&path);
                if is_wanted {
                    keys.push(Key { path, values: Vec::new() });
                }
            }
            Some(b'"' | b'@') if is_wanted => {
                if let (Some(key), Some(value)) = (keys.last_mut(), value(line)) {
                    key.values.push(value);
                }
            }
            _ => {}
        }
    }
    Salvaged { value: keys, damage }
}

/// A value that is a text or a number.
fn value(line: &[u8]) -> Option<(String, String)> {
    let (name, rest) = match line.strip_prefix(b"\"") {
        Some(rest) => unescaped(rest, b'"'),
        None => (String::new(), line.get(1..)?),
    };
    let data = rest.strip_prefix(b"=")?;
    if let Some(number) = data.strip_prefix(b"dword:") {
        let number = u32::from_str_radix(std::str::from_utf8(number).ok()?.trim(), 16).ok()?;
        return Some((name, number.to_string()));
    }
    // `str(2):"…"` for those with variables, `str(7):"…"` for lists.
    let quote =
        data.iter().position(|&byte| byte == b'"').filter(|at| *at == 0 || data.starts_with(b"str("))?;
    let (text, _) = unescaped(data.get(quote + 1..)?, b'"');
    Some((name, text.split('\0').next().unwrap_or_default().to_owned()))
}

/// The text up to a byte that nothing escapes, and what is behind it.
fn unescaped(bytes: &[u8], end: u8) -> (String, &[u8]) {
    let mut text = Vec::new();
    let mut rest = bytes;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte == end {
            return (String::from_utf8_lossy(&text).into_owned(), rest);
        }
        if byte != b'\\' {
            text.push(byte);
            continue;
        }
        let Some((&escape, after)) = rest.split_first() else { break };
        rest = after;
        let digits = |most: usize, radix: u32| {
            let is_digit = |byte: &u8| char::from(*byte).is_digit(radix);
            let digits = after.iter().take(most).take_while(|byte| is_digit(byte)).count();
            let text = std::str::from_utf8(after.get(..digits)?).ok()?;
            Some((u32::from_str_radix(text, radix).ok()?, digits))
        };
        let number = match escape {
            b'x' => digits(4, 16),
            _ => None,
        };
        match (escape, number) {
            (_, Some((unit, digits))) => {
                let char = char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER);
                text.extend(char.to_string().bytes());
                rest = rest.get(digits..).unwrap_or_default();
            }
            (b'n', None) => text.push(b'\n'),
            (b'r', None) => text.push(b'\r'),
            (b'0', None) => text.push(0),
            (other, None) => text.push(other),
        }
    }
    (String::from_utf8_lossy(&text).into_owned(), rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wanted_keys_with_their_texts() {
        let text = "WINE REGISTRY Version 2\n;; All keys relative to \\\\Machine\n\n#arch=win64\n\n\
            [Software\\\\Other] 1\n\"DisplayName\"=\"no\"\n\n[Software\\\\Uninstall\\\\V \\x41\\x44f] 1700000000\n#time=1d9\n\
            @=\"default\"\n\"DisplayName\"=\"V \\\"x\\\" C:\\\\a\"\n\"NoModify\"=dword:0000000a\n\
            \"Path\"=str(2):\"%A%\\\\b\"\n\"List\"=str(7):\"one\\0two\\0\"\n\"Bin\"=hex:01,02,\\\n  03\n";
        let read = keys(text.as_bytes(), |path| path.contains("Uninstall"));
        assert!(read.damage.is_empty(), "{:?}", read.damage);
        let [key] = read.value.as_slice() else { panic!("{:?}", read.value) };
        assert_eq!(key.path, "Software\\Uninstall\\V A\u{44f}");
        let texts = ["", "displayname", "NoModify", "Path", "List", "Bin"].map(|name| key.text(name));
        let wanted = [Some("default"), Some("V \"x\" C:\\a"), Some("10"), Some("%A%\\b"), Some("one"), None];
        assert_eq!(texts, wanted);
    }

    #[test]
    fn what_is_no_registry_or_cut_is_damage() {
        for text in ["", "REGEDIT4\n", "WINE REGISTRY Version 2\n[a] 1\n\"b\"=\"c"] {
            assert!(!keys(text.as_bytes(), |_| true).damage.is_empty(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(text in r#"[\[\]"@=\\x0-9a-c\n]{0,80}"#) {
            let _ = keys(text.as_bytes(), |_| true);
        }
    }
}
