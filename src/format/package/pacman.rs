//! pacman's local database: `desc` files of `%KEY%` lines, each followed by its values and a blank line
//! (libalpm, `be_local.c`).

use std::collections::BTreeMap;

use crate::bytes::{Damage, DamageKind, Salvaged};

/// Reads a `desc` file into its keys and their values.
pub fn read(bytes: &[u8]) -> Salvaged<BTreeMap<String, Vec<String>>> {
    let mut entries: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut damage = Vec::new();
    let mut key: Option<String> = None;
    let mut offset = 0_u64;
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        let text = String::from_utf8_lossy(line);
        let text = text.trim_end_matches(['\n', '\r']);
        let name =
            text.strip_prefix('%').and_then(|rest| rest.strip_suffix('%')).filter(|name| !name.is_empty());
        match (name, &key) {
            _ if text.is_empty() => key = None,
            (Some(name), None) => {
                entries.entry(name.to_owned()).or_default();
                key = Some(name.to_owned());
            }
            (_, Some(key)) => entries.entry(key.clone()).or_default().push(text.to_owned()),
            (None, None) => damage.push(Damage::new(DamageKind::Corrupt, offset, "a value without its key")),
        }
        offset += line.len() as u64;
    }
    let is_valueless = || key.as_ref().is_some_and(|key| entries.get(key).is_some_and(Vec::is_empty));
    if bytes.last() != Some(&b'\n') {
        damage.push(Damage::new(DamageKind::Truncated, offset, "the file ends within a line"));
    } else if is_valueless() {
        damage.push(Damage::new(DamageKind::Truncated, offset, "the file ends before the value of a key"));
    }
    Salvaged { value: entries, damage }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_have_values() {
        let found = read(b"%NAME%\ngawk\n\n%DEPENDS%\nsh\nglibc\n\n");
        assert_eq!(found.damage, []);
        assert_eq!(found.value["DEPENDS"], ["sh", "glibc"]);
    }

    #[test]
    fn a_cut_file_is_truncated() {
        for cut in [&b"%NAME%\ngaw"[..], b"%NAME%\ngawk\n\n%ARCH%\n", b"%NAME%\n"] {
            assert_eq!(read(cut).damage[0].kind, DamageKind::Truncated);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_do_not_panic(bytes in proptest::collection::vec(proptest::sample::select(b"%A\n\xff".to_vec()), 0..60)) {
            read(&bytes);
        }
    }
}
