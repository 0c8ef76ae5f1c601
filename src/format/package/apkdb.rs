//! The database of apk: records of `K:value` lines, separated by blank lines (apk-tools, `apk-v2(5)` and the
//! Alpine wiki's "Apk spec").
//!
//! Lines for the files of a package (`F R Z M a`) follow its own lines in the same record.

use crate::bytes::{Damage, DamageKind};

/// An installed package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// Name (`P`).
    pub name: String,
    /// Version (`V`).
    pub version: String,
    /// Architecture (`A`).
    pub arch: Option<String>,
    /// Description (`T`).
    pub description: Option<String>,
    /// Home page (`U`).
    pub url: Option<String>,
    /// Licence (`L`).
    pub license: Option<String>,
    /// Source package (`o`).
    pub origin: Option<String>,
    /// Maintainer (`m`).
    pub maintainer: Option<String>,
    /// Installed size in bytes (`I`).
    pub size: Option<String>,
    /// What it provides (`p`).
    pub provides: Vec<String>,
}

/// Calls `each` for every package, and returns where the database is damaged. A database that does not end
/// with a blank line was cut.
pub fn read(bytes: &[u8], each: &mut dyn FnMut(Package)) -> Vec<Damage> {
    let mut damage = Vec::new();
    let mut package = Package::default();
    let (mut offset, mut start, mut bad) = (0_u64, 0_u64, None);
    let mut end_of_record = true;
    let mut finish =
        |package: &mut Package, start: u64, bad: &mut Option<String>, damage: &mut Vec<Damage>| {
            let package = std::mem::take(package);
            let mut bad = bad.take();
            if !is_name(&package.name) || package.version.is_empty() {
                bad = Some(format!("a record without a sound name and version ({})", package.name));
            }
            if let Some(what) = bad {
                damage.push(Damage::new(DamageKind::Corrupt, start, what));
            }
            each(package);
        };
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        let text = line.strip_suffix(b"\n").unwrap_or(line);
        if text.is_empty() {
            if !end_of_record {
                finish(&mut package, start, &mut bad, &mut damage);
            }
            (end_of_record, start) = (true, offset + 1);
        } else {
            end_of_record = false;
            if let Err(what) = field(&mut package, text) {
                bad.get_or_insert(what);
            }
        }
        offset += line.len() as u64;
    }
    if !end_of_record {
        finish(&mut package, start, &mut bad, &mut damage);
        damage.push(Damage::new(
            DamageKind::Truncated,
            offset,
            "the database does not end with a blank line",
        ));
    }
    damage
}

fn field(package: &mut Package, line: &[u8]) -> Result<(), String> {
    let (Some(&key), Some(b':')) = (line.first(), line.get(1)) else {
        return Err(format!(
            "a line that is no field: {}",
            String::from_utf8_lossy(line.get(..40).unwrap_or(line))
        ));
    };
    let value = || String::from_utf8_lossy(line.get(2..).unwrap_or_default()).into_owned();
    let set = |field: &mut String| {
        // Two records whose separator was lost.
        if !field.is_empty() {
            return Err(format!("field {} twice in one record", char::from(key)));
        }
        *field = value();
        Ok(())
    };
    match key {
        b'P' => return set(&mut package.name),
        b'V' => return set(&mut package.version),
        b'A' => package.arch = Some(value()),
        b'T' => package.description = Some(value()),
        b'U' => package.url = Some(value()),
        b'L' => package.license = Some(value()),
        b'o' => package.origin = Some(value()),
        b'm' => package.maintainer = Some(value()),
        b'I' => package.size = Some(value()),
        b'p' => package.provides = value().split_whitespace().map(str::to_owned).collect(),
        key if key.is_ascii_alphabetic() => {}
        key => return Err(format!("a field called {}", key.escape_ascii())),
    }
    Ok(())
}

/// Names begin with a letter, digit or underscore; a dot begins a group made by `apk add --virtual`.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|char| char.is_ascii_alphanumeric() || "+-._".contains(char))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TWO: &[u8] = b"C:Q1x=\nP:musl\nV:1.2.4-r0\nA:x86_64\np:so:libc.musl-x86_64.so.1=1 cmd:ldd=1\nF:lib\nR:x\n\nP:zlib\nV:1.3\no:zlib\n\n";

    fn names(bytes: &[u8]) -> (Vec<String>, Vec<DamageKind>) {
        let mut names = Vec::new();
        let damage = read(bytes, &mut |package| names.push(package.name));
        (names, damage.into_iter().map(|damage| damage.kind).collect())
    }

    #[test]
    fn records_are_packages() {
        assert_eq!(names(TWO), (vec!["musl".into(), "zlib".into()], vec![]));
    }

    #[test]
    fn a_cut_database_is_truncated() {
        assert_eq!(names(&TWO[..TWO.len() - 3]).1, [DamageKind::Truncated]);
    }

    #[test]
    fn records_that_ran_together_are_corrupt() {
        let text = String::from_utf8(TWO.to_vec()).unwrap().replace("\n\nP:z", "\n.\nP:z");
        assert_eq!(names(text.as_bytes()).1, [DamageKind::Corrupt]);
    }

    proptest! {
        #[test]
        fn any_bytes_do_not_panic(bytes in proptest::collection::vec(proptest::sample::select(b"PV:\n a\xff\0".to_vec()), 0..80)) {
            names(&bytes);
        }
    }
}
