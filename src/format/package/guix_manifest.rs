//! The manifest of a Guix profile: a Scheme expression `(manifest (version N) (packages (ENTRY ...)))`, in which an entry
//! is `("name" "version" "output" "/gnu/store/..." ...)` (GNU Guix, `guix/profiles.scm`).

use crate::bytes::{Damage, DamageKind, Salvaged};

/// Lists may nest this deep.
const MAX_DEPTH: usize = 64;
/// Values in one manifest.
const MAX_VALUES: usize = 500_000;

/// A package of a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// Its path in the store.
    pub path: String,
}

enum Value {
    Text(String),
    Word(String),
    List(Vec<Value>),
}

/// The packages of a profile, with those that they bring along.
pub fn read(bytes: &[u8]) -> Salvaged<Vec<Package>> {
    let text = String::from_utf8_lossy(bytes);
    let mut damage = Vec::new();
    let values = parse(&text, &mut damage);
    let mut packages = Vec::new();
    let is_manifest =
        |value: &&Value| matches!(value, Value::List(items) if is_word(items.first(), "manifest"));
    match values.iter().find(is_manifest) {
        Some(Value::List(items)) => {
            let listed = items.iter().find_map(|item| match item {
                Value::List(parts) if is_word(parts.first(), "packages") => {
                    Some(parts.get(1..).unwrap_or_default())
                }
                _ => None,
            });
            match listed {
                Some(listed) => listed.iter().for_each(|list| entries(list, &mut packages, &mut damage)),
                None => damage.push(Damage::new(DamageKind::Corrupt, None, "a manifest without packages")),
            }
        }
        _ => damage.push(Damage::new(DamageKind::Corrupt, 0, "no manifest of Guix")),
    }
    Salvaged { value: packages, damage }
}

fn is_word(value: Option<&Value>, word: &str) -> bool {
    matches!(value, Some(Value::Word(found)) if found == word)
}

/// The entries of a list, each of which names a store path.
fn entries(list: &Value, packages: &mut Vec<Package>, damage: &mut Vec<Damage>) {
    let Value::List(entries) = list else {
        return damage.push(Damage::new(DamageKind::Corrupt, None, "packages that are no list"));
    };
    for entry in entries {
        let Value::List(parts) = entry else {
            damage.push(Damage::new(DamageKind::Corrupt, None, "an entry that is no list"));
            continue;
        };
        // What another entry brings along already.
        if is_word(parts.first(), "repeated") {
            continue;
        }
        let texts: Vec<&str> = parts
            .iter()
            .map_while(|part| if let Value::Text(text) = part { Some(text.as_str()) } else { None })
            .collect();
        match texts.as_slice() {
            [name, version, _, path, ..] if path.starts_with("/gnu/store/") && !name.is_empty() => {
                packages.push(Package {
                    name: (*name).to_owned(),
                    version: (*version).to_owned(),
                    path: (*path).to_owned(),
                });
            }
            _ => damage.push(Damage::new(DamageKind::Corrupt, None, "an entry without name and store path")),
        }
        let brought = parts.iter().filter_map(|part| match part {
            Value::List(items) if is_word(items.first(), "propagated-inputs") => items.get(1),
            _ => None,
        });
        brought.for_each(|list| self::entries(list, packages, damage));
    }
}

/// A text up to its closing quote, and whether there is one.
fn quoted(chars: &mut impl Iterator<Item = (usize, char)>) -> (String, bool) {
    let mut text = String::new();
    while let Some((_, char)) = chars.next() {
        match char {
            '"' => return (text, true),
            '\\' => text.extend(chars.next().map(|(_, char)| char)),
            char => text.push(char),
        }
    }
    (text, false)
}

/// The values of a text, as deep and as many as the limits allow.
fn parse(text: &str, damage: &mut Vec<Damage>) -> Vec<Value> {
    let mut open: Vec<Vec<Value>> = vec![Vec::new()];
    let mut left = MAX_VALUES;
    let mut chars = text.char_indices().peekable();
    let add = |open: &mut Vec<Vec<Value>>, value| open.last_mut().map(|list| list.push(value));
    while let Some((at, char)) = chars.next() {
        left -= 1;
        if left == 0 || open.len() > MAX_DEPTH {
            damage.push(Damage::new(
                DamageKind::OverLimit,
                at as u64,
                "a manifest that is too large or nests too deep",
            ));
            break;
        }
        match char {
            '(' => open.push(Vec::new()),
            ')' if open.len() > 1 => {
                let list = Value::List(open.pop().unwrap_or_default());
                add(&mut open, list);
            }
            ')' => {
                damage.push(Damage::new(DamageKind::Corrupt, at as u64, "a list that ends before it begins"))
            }
            ';' => while chars.next_if(|(_, char)| *char != '\n').is_some() {},
            '"' => {
                let (text, is_whole) = quoted(&mut chars);
                if !is_whole {
                    damage.push(Damage::new(DamageKind::Truncated, at as u64, "a text that does not end"));
                }
                add(&mut open, Value::Text(text));
            }
            char if char.is_whitespace() => {}
            char => {
                let mut word = String::from(char);
                while let Some((_, char)) =
                    chars.next_if(|(_, char)| !char.is_whitespace() && !"()\";".contains(*char))
                {
                    word.push(char);
                }
                add(&mut open, Value::Word(word));
            }
        }
    }
    if open.len() > 1 {
        damage.push(Damage::new(DamageKind::Truncated, text.len() as u64, "the manifest ends within a list"));
    }
    while open.len() > 1 {
        let list = Value::List(open.pop().unwrap_or_default());
        add(&mut open, list);
    }
    open.pop().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MANIFEST: &str = ";; made by Guix\n(manifest (version 4) (packages ((\"tool\" \"1.0\" \"out\" \"/gnu/store/x-tool-1.0\"\n\
        (propagated-inputs ((\"lib\" \"2\" \"out\" \"/gnu/store/x-lib-2\") (repeated \"tool\" \"1.0\" \"/gnu/store/x\"))) (search-paths ())))))";

    #[test]
    fn entries_and_what_they_bring_along() {
        let found = read(MANIFEST.as_bytes());
        assert_eq!(found.damage, []);
        let names: Vec<_> = found.value.iter().map(|it| (it.name.as_str(), it.version.as_str())).collect();
        assert_eq!(names, [("tool", "1.0"), ("lib", "2")]);
    }

    #[test]
    fn what_is_cut_or_names_no_path_is_damage() {
        for length in 0..MANIFEST.len() {
            assert_ne!(read(&MANIFEST.as_bytes()[..length]).damage, [], "{length}");
        }
        for (good, bad) in
            [("manifest", "manifesu"), ("packages", "pbckages"), ("/gnu/store/x-tool", "/gnu/stord/x-tool")]
        {
            assert_ne!(read(MANIFEST.replacen(good, bad, 1).as_bytes()).damage, [], "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_do_not_panic(bytes in proptest::collection::vec(proptest::sample::select(b"()\"\\; ap\n\xff".to_vec()), 0..80)) {
            read(&bytes);
        }
    }
}
