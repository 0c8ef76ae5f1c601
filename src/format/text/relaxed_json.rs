//! JSON as browsers accept it in manifests and policies: a byte order mark, comments and trailing commas.
//!
//! Chromium reads manifests with `JSON_PARSE_CHROMIUM_EXTENSIONS` and policies with `JSON_ALLOW_TRAILING_COMMAS`
//! (base/json/json_reader.h). What is allowed beyond RFC 8259 is blanked out, so that offsets stay true.

use serde::de::DeserializeOwned;

use crate::bytes::{Damage, DamageKind};

/// The value that the bytes hold.
///
/// # Errors
/// Damage with the place of the first mistake; the type decides what is one.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Damage> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match serde_json::from_slice(bytes) {
        Ok(value) => Ok(value),
        // Most files are plain: only the others are copied.
        Err(first) => serde_json::from_slice(&plain(bytes)).map_err(|_| damage(&first)),
    }
}

fn damage(error: &serde_json::Error) -> Damage {
    let kind = if error.is_eof() { DamageKind::Truncated } else { DamageKind::Corrupt };
    Damage::new(kind, None, format!("not JSON: {error}"))
}

/// The same bytes with comments and trailing commas as blanks.
fn plain(bytes: &[u8]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    let mut comma = None;
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let next = bytes.get(at + 1).copied();
        match (byte, next) {
            (b'"', _) => {
                comma = None;
                at = after_string(bytes, at);
                continue;
            }
            (b'/', Some(b'/')) => {
                let end = bytes.get(at..).and_then(|rest| rest.iter().position(|&byte| byte == b'\n'));
                let end = end.map_or(bytes.len(), |length| at + length);
                blank(&mut out, at, end);
                at = end;
                continue;
            }
            (b'/', Some(b'*')) => {
                let rest = bytes.get(at + 2..).unwrap_or_default();
                let end = rest.windows(2).position(|two| two == b"*/");
                let end = end.map_or(bytes.len(), |length| at + length + 4);
                blank(&mut out, at, end);
                at = end;
                continue;
            }
            (b',', _) => comma = Some(at),
            (b'}' | b']', _) => {
                if let Some(comma) = comma.take() {
                    blank(&mut out, comma, comma + 1);
                }
            }
            (b' ' | b'\t' | b'\r' | b'\n', _) => {}
            _ => comma = None,
        }
        at += 1;
    }
    out
}

fn after_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn blank(out: &mut [u8], start: usize, end: usize) {
    for byte in out.iter_mut().take(end).skip(start).filter(|byte| **byte != b'\n') {
        *byte = b' ';
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[test]
    fn comments_and_trailing_commas_are_ignored_outside_of_strings() {
        let text = "\u{feff}// head\n{\"a\": \"// \\\" /* no */ ,]\", /* two\nlines */ \"b\": [1, 2,\n],}";
        let value: Value = parse(text.as_bytes()).unwrap();
        assert_eq!(value, json!({"a": "// \" /* no */ ,]", "b": [1, 2]}));
    }

    #[test]
    fn what_is_cut_off_is_truncated_and_what_is_wrong_corrupt() {
        assert_eq!(parse::<Value>(b"{\"a\": ").unwrap_err().kind, DamageKind::Truncated);
        assert_eq!(parse::<Value>(b"{a: 1}").unwrap_err().kind, DamageKind::Corrupt);
        assert!(parse::<Value>(b"[1,,]").is_err());
        assert!(parse::<Value>(b"{} /* open").is_ok());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse::<Value>(&bytes);
        }

        #[test]
        fn what_is_strict_stays_the_same(text in "[\\[\\]{},:\"a1/* \\\\]{0,40}") {
            if let Ok(strict) = serde_json::from_str::<Value>(&text) {
                prop_assert_eq!(serde_json::from_slice::<Value>(&plain(text.as_bytes())).unwrap(), strict);
            }
        }
    }
}
