//! Names of a Windows file system: compared without case, and by their short forms (`PROGRA~1`).
//!
//! Two names may differ in case only, in case-sensitive directories and on disks that were unpacked on Linux; they
//! are one name with two sources. Source for short names: "8.3 filename" of [MS-FSCC], section 2.1.5.2.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::fs::tree::Listed;

/// Names kept of all directories together; a disk has millions.
const MAX_NAMES: usize = 200_000;

/// The names of one directory.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// As stored, by the name without case.
    by_folded: HashMap<Vec<u8>, Vec<Vec<u8>>>,
}

impl Names {
    pub(super) fn new(listed: Vec<Listed>) -> Self {
        let mut by_folded: HashMap<Vec<u8>, Vec<Vec<u8>>> = HashMap::new();
        for listed in listed {
            by_folded.entry(folded(&listed.name)).or_default().push(listed.name);
        }
        by_folded.values_mut().for_each(|names| names.sort());
        Names { by_folded }
    }

    /// Every name as stored that a name may mean: those that differ in case only, and without any of these the long
    /// names that it may be the short one of.
    pub(super) fn meant_by(&self, name: &[u8]) -> Vec<Vec<u8>> {
        if let Some(names) = self.by_folded.get(&folded(name)) {
            return names.clone();
        }
        let Some(short) = Short::of(name) else { return Vec::new() };
        let mut long: Vec<Vec<u8>> =
            self.by_folded.values().flatten().filter(|long| short.may_be(long)).cloned().collect();
        long.sort();
        long
    }

    fn len(&self) -> usize {
        self.by_folded.len()
    }
}

/// Names of directories that were asked for, so that each is listed once.
#[derive(Debug, Default)]
pub(super) struct Cache {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    directories: HashMap<Vec<u8>, Arc<Names>>,
    /// Names of all of them.
    names: usize,
}

impl Cache {
    pub(super) fn get(&self, directory: &[u8]) -> Option<Arc<Names>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner).directories.get(directory).cloned()
    }

    pub(super) fn put(&self, directory: &[u8], names: Names) -> Arc<Names> {
        let names = Arc::new(names);
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.names + names.len() > MAX_NAMES {
            *kept = Kept::default();
        }
        kept.names += names.len();
        kept.directories.insert(directory.to_vec(), Arc::clone(&names));
        names
    }
}

/// A short name: `KASPER~1.EXE`.
struct Short {
    /// What stands before `~`, in lower case.
    start: Vec<u8>,
    /// What stands behind the dot, in lower case.
    ending: Vec<u8>,
}

impl Short {
    fn of(name: &[u8]) -> Option<Short> {
        let (base, ending) = match name.iter().rposition(|&byte| byte == b'.') {
            Some(dot) => (name.get(..dot)?, name.get(dot + 1..)?),
            None => (name, &b""[..]),
        };
        let tilde = base.iter().rposition(|&byte| byte == b'~')?;
        let (start, number) = (base.get(..tilde)?, base.get(tilde + 1..)?);
        let is_short = !start.is_empty()
            && base.len() <= 8
            && ending.len() <= 3
            && !number.is_empty()
            && number.iter().all(u8::is_ascii_digit);
        is_short.then(|| Short { start: start.to_ascii_lowercase(), ending: ending.to_ascii_lowercase() })
    }

    /// Whether Windows may have made it of a long name: the first six characters of the name, or the first two and
    /// four digits of a checksum when many names begin alike; three of the ending.
    fn may_be(&self, long: &[u8]) -> bool {
        let long = String::from_utf8_lossy(long).to_lowercase();
        let (base, ending) = long.rsplit_once('.').unwrap_or((&long, ""));
        let kept = |text: &str, count: usize| -> Vec<u8> {
            let is_kept = |c: &char| !matches!(c, ' ' | '.');
            let replaced = |c: char| match c {
                '+' | ',' | ';' | '=' | '[' | ']' => '_',
                c => c,
            };
            text.chars().filter(is_kept).map(replaced).take(count).collect::<String>().into_bytes()
        };
        if kept(ending, 3) != self.ending {
            return false;
        }
        let begins = kept(base, 6);
        let is_hashed = || {
            self.start.len() == 6
                && kept(base, 2).get(..2) == self.start.get(..2)
                && self.start.get(2..).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
        };
        begins.starts_with(&self.start) && self.start.len() >= begins.len().min(2) || is_hashed()
    }
}

/// A name without case, for file systems that compare so.
pub(super) fn folded(name: &[u8]) -> Vec<u8> {
    match std::str::from_utf8(name) {
        Ok(text) => text.to_lowercase().into_bytes(),
        Err(_) => name.to_ascii_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::tree::ListedKind;

    #[test]
    fn a_short_name_may_mean_the_long_names_it_can_be_made_of() {
        let listed = |name: &str| Listed { name: name.into(), kind: ListedKind::Directory };
        let all =
            ["Program Files", "Program Files (x86)", "ProgramData", "Kaspersky Lab", "a+b long.text", "Y~1"];
        let names = Names::new(all.into_iter().map(listed).collect());
        let meant = |name: &str| -> Vec<String> {
            names.meant_by(name.as_bytes()).into_iter().map(|name| String::from_utf8(name).unwrap()).collect()
        };
        assert_eq!(meant("PROGRA~2"), ["Program Files", "Program Files (x86)", "ProgramData"]);
        assert_eq!(meant("kasper~1"), ["Kaspersky Lab"]);
        assert_eq!(meant("KA3F0C~1"), ["Kaspersky Lab"], "with a checksum");
        assert_eq!(meant("A_BLON~1.TEX"), ["a+b long.text"]);
        assert_eq!(meant("y~1"), ["Y~1"]);
        for none in ["KASPER~1.EXE", "KASPER~", "KASPERS~1", "~1", "KAXYZW~1", "Kasper"] {
            assert!(meant(none).is_empty(), "{none}");
        }
    }
}
