//! Places by other names: what this system itself says of where users, programs and their data lie.
//!
//! Collectors name the usual folders (`Users/*`, `Program Files`, `home/*`). A rule says where one of them is kept as
//! well; every pattern that begins with the usual folder holds there, too.

use std::cmp::Ordering;
use std::sync::PoisonError;

use super::Root;
use super::rules::Unread;
use crate::model::GapKind;

/// Rules of one system; hostile registries name any number of folders.
const MAX_RULES: usize = 1_000;
/// Patterns that one becomes.
const MAX_PATTERNS: usize = 1_000;

impl Root {
    /// Says that what patterns name by a usual folder lies in another one as well. Returns whether there is room for
    /// it.
    pub fn also_at(&self, usual: &str, other: &str) -> bool {
        let other = other.trim_matches('/');
        let mut rules = self.places.rules.write().unwrap_or_else(PoisonError::into_inner);
        let rule = (usual.to_owned(), other.to_owned());
        // One folder inside of the other would lead from pattern to pattern without end.
        if other.is_empty()
            || below(other, usual).is_some()
            || below(usual, other).is_some()
            || rules.contains(&rule)
        {
            return true;
        }
        let has_room = rules.len() < MAX_RULES;
        if has_room {
            rules.push(rule);
        }
        has_room
    }

    /// Whether a rule, or another name of Windows' folder, may lead from a folder at the top to another place.
    pub(super) fn is_named(&self, top: &str) -> bool {
        let rules = self.places.rules.read().unwrap_or_else(PoisonError::into_inner);
        self.windows.is_some()
            || rules.iter().any(|(usual, _)| {
                usual
                    .split('/')
                    .next()
                    .is_some_and(|first| first.contains('*') || first.eq_ignore_ascii_case(top))
            })
    }

    /// Names a place that the scan does not read, with the reason that the report shows.
    pub fn name_unread(&self, place: impl Into<String>, reason: impl Into<String>) {
        let mut unread = self.places.unread.write().unwrap_or_else(PoisonError::into_inner);
        let place = place.into();
        // The first reason is the closest.
        if unread.iter().any(|(known, _)| *known == place) {
            return;
        }
        match unread.len().cmp(&MAX_RULES) {
            Ordering::Less => unread.push((place, reason.into())),
            Ordering::Equal => unread.push((
                "further places".to_owned(),
                format!("more than {MAX_RULES} are not read; the rest is not listed"),
            )),
            Ordering::Greater => {}
        }
    }

    /// The places that the scan does not read, with the reasons.
    pub fn unread(&self) -> Vec<Unread> {
        let mut unread = self.places.unread.read().unwrap_or_else(PoisonError::into_inner).clone();
        unread.sort();
        unread
    }

    /// A pattern and what it is by the names of this system.
    pub(super) fn patterns(&self, pattern: &str) -> Vec<String> {
        let rules = self.places.rules.read().unwrap_or_else(PoisonError::into_inner);
        let mut patterns = vec![self.with_windows(pattern)];
        let mut at = 0;
        while let Some(pattern) = patterns.get(at).cloned() {
            at += 1;
            for (usual, other) in rules.iter() {
                let Some(rest) = below(&pattern, usual) else { continue };
                let renamed = self.with_windows(&format!("{other}{rest}"));
                if patterns.contains(&renamed) {
                    continue;
                }
                if patterns.len() == MAX_PATTERNS {
                    let detail = format!("more than {MAX_PATTERNS} places by the names of this system");
                    let asked = patterns.swap_remove(0);
                    self.ledger.note(asked.clone(), asked.clone(), GapKind::OverLimit, detail);
                    patterns.push(asked);
                    return patterns;
                }
                patterns.push(renamed);
            }
        }
        patterns
    }

    /// What a path is called where a system keeps its folders in the usual places; `None` for one that lies in them.
    pub fn usual_path(&self, path: &[u8]) -> Option<String> {
        let path = std::str::from_utf8(path).ok()?;
        let rules = self.places.rules.read().unwrap_or_else(PoisonError::into_inner);
        rules
            .iter()
            .filter(|(usual, _)| usual != "srv")
            .find_map(|(usual, other)| renamed(path, other, usual))
    }

    /// A path or pattern with the name that the folder of Windows has here.
    pub(super) fn with_windows(&self, path: &str) -> String {
        match (&self.windows, below(path.trim_start_matches('/'), USUAL_WINDOWS)) {
            (Some(windows), Some(rest)) => format!("{windows}{rest}"),
            _ => path.to_owned(),
        }
    }

    /// Says that the folder of Windows has another name than `Windows`.
    pub fn set_windows(&mut self, name: &str) {
        self.windows = (!name.eq_ignore_ascii_case(USUAL_WINDOWS)).then(|| name.to_owned());
    }

    /// The name of the folder of Windows.
    pub fn windows(&self) -> &str {
        self.windows.as_deref().unwrap_or(USUAL_WINDOWS)
    }
}

/// The name of Windows' own folder since Windows XP.
const USUAL_WINDOWS: &str = "Windows";

/// What follows a folder in a path or pattern, with its slash; `None` when the path lies elsewhere.
fn below<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    let (start, rest) = path.split_at_checked(folder.len())?;
    (start.eq_ignore_ascii_case(folder) && (rest.is_empty() || rest.starts_with('/'))).then_some(rest)
}

/// A path below a folder that has another name, by the usual name. A `*` of the usual name stands for the last part of the
/// other one.
fn renamed(path: &str, other: &str, usual: &str) -> Option<String> {
    let mut rest = path.split('/');
    let mut last = "";
    for pattern in other.split('/') {
        last = rest.next()?;
        let is_it = pattern == "*" || pattern.eq_ignore_ascii_case(last);
        if !is_it {
            return None;
        }
    }
    let start = usual.replacen('*', last, 1);
    Some(rest.fold(start, |path, part| format!("{path}/{part}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::memory::Memory;

    #[test]
    fn rules_hold_one_after_the_other_and_never_for_ever() {
        let root = Root::new(Box::new(Memory::new()));
        root.also_at("Users/*", "Documents and Settings/*");
        root.also_at("Documents and Settings/*/AppData", "Documents and Settings/*/Data");
        root.also_at("Users/*", "Users/a");
        root.also_at("Users/*/Desktop", "users/*");
        root.also_at("opt", "srv");
        root.also_at("srv", "opt");
        assert_eq!(
            root.patterns("users/*/AppData/x"),
            [
                "users/*/AppData/x",
                "Documents and Settings/*/AppData/x",
                "Users/a/AppData/x",
                "Documents and Settings/*/Data/x"
            ]
        );
        assert_eq!(root.patterns("optical"), ["optical"]);
        assert_eq!(root.patterns("opt/x"), ["opt/x", "srv/x"]);
    }

    #[test]
    fn a_moved_folder_has_a_usual_name() {
        let root = Root::new(Box::new(Memory::new()));
        root.also_at("Users/*", "Homes/a");
        root.also_at("Users/*", "Windows/ServiceProfiles/*");
        root.also_at("Users/*/AppData/Roaming", "Roam/b");
        let usual = |path: &str| root.usual_path(path.as_bytes());
        assert_eq!(usual("homes/A/AppData/Local/V").as_deref(), Some("Users/A/AppData/Local/V"));
        assert_eq!(usual("Windows/ServiceProfiles/s/x").as_deref(), Some("Users/s/x"));
        assert_eq!(usual("Roam/b/V").as_deref(), Some("Users/b/AppData/Roaming/V"));
        assert_eq!((usual("Homes/other/x"), usual("Users/a/x"), usual("Homes")), (None, None, None));
    }

    #[test]
    fn windows_has_any_name() {
        let mut root =
            Root::new(Box::new(Memory::new().file("WINNT/System32/x", "").file("Windows.old/x", "")));
        root.fold_case();
        root.set_windows("WINNT");
        assert!(root.exists(b"Windows/system32/x") && !root.exists(b"Windows/x"));
        let found = root.glob("Windows/*/x").remove(0).unwrap();
        assert_eq!(found.path, b"WINNT/System32/x");
    }
}
