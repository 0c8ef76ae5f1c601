//! Patterns: every path that one names, wherever this system keeps what it stands for.

use std::collections::BTreeSet;

use super::names::folded;
use super::{Fault, Found, MAX_MATCHES, ON_ANY_DRIVE, Root, components};
use crate::fs::path::RealPath;
use crate::fs::tree::{Kind, Listed, Stat, join};
use crate::model::GapKind;
use crate::text::wildcard;

impl Root {
    /// Every path that a pattern names, in order, and every fault on the way.
    ///
    /// A pattern is literal components separated by `/`; `*` inside a component stands for any run of bytes
    /// within it (a leading dot included). There is no `**`: the cost is the number of names, not the size of the disk.
    /// `home/*` stands for the home of each user, also of those that lie elsewhere; so does each folder that
    /// [`Root::also_at`] names.
    pub fn glob(&self, pattern: &str) -> Vec<Result<Found, Fault>> {
        if self.has_nothing_of(pattern) {
            return Vec::new();
        }
        let mut results: Vec<Result<Found, Fault>> =
            self.patterns(pattern).iter().flat_map(|pattern| self.glob_of(pattern)).collect();
        // Two names that lead to one file are one place.
        let mut seen = BTreeSet::new();
        results.retain(|result| result.as_ref().map_or(true, |found| seen.insert(found.real.clone())));
        results
    }

    /// Whether nothing can be named by a pattern, because the top of an image has no such folder. Collectors ask for
    /// thousands of patterns, and an archive may hold thousands of small images.
    fn has_nothing_of(&self, pattern: &str) -> bool {
        let first = pattern.trim_start_matches('/').split('/').next().unwrap_or_default();
        let is_plain = self.is_whole && !self.fold_case && !self.fold_names && self.drives.is_empty();
        if !is_plain || first.is_empty() || first == "." || first == ".." || first.contains('*') {
            return false;
        }
        let tops = self.tops.get_or_init(|| {
            let names = self.tree.list(b"").ok()?;
            Some(names.into_iter().map(|listed| listed.name).collect())
        });
        let is_absent = tops.as_ref().is_some_and(|tops| !tops.contains(first.as_bytes()));
        is_absent
            && !self.is_named(first)
            && (first != "home" || self.homes.get_or_init(|| crate::fs::homes::elsewhere(self)).is_empty())
    }

    /// What one pattern names, on every drive.
    fn glob_of(&self, pattern: &str) -> Vec<Result<Found, Fault>> {
        let top =
            vec![Found { path: Vec::new(), real: RealPath::default(), stat: Stat::of(Kind::Directory) }];
        let mut results = self.glob_below(top, pattern);
        if let Some(rest) =
            pattern.strip_prefix("home/*").filter(|rest| matches!(rest.get(..1), None | Some("/")))
        {
            // Found when first needed, on the thread of a collector: a home may hang.
            let homes = self.homes.get_or_init(|| crate::fs::homes::elsewhere(self));
            if !homes.is_empty() {
                results.extend(self.glob_below(homes.clone(), rest));
            }
        }
        let is_on_any = |first: &str| ON_ANY_DRIVE.iter().any(|folder| folder.eq_ignore_ascii_case(first));
        if !self.drives.is_empty() && is_on_any(pattern.split('/').next().unwrap_or_default()) {
            let (found, faults): (Vec<_>, Vec<_>) =
                self.drives.iter().map(|drive| self.find(drive)).partition(Result::is_ok);
            results.extend(self.glob_below(found.into_iter().flatten().collect(), pattern));
            results.extend(faults.into_iter().filter(|fault| *fault != Err(Fault::Absent)));
        }
        results
    }

    fn glob_below(&self, mut level: Vec<Found>, pattern: &str) -> Vec<Result<Found, Fault>> {
        let mut faults = Vec::new();
        let wants_directories = pattern.ends_with('/');
        let mut left: Vec<&[u8]> = components(pattern.as_bytes()).rev().collect();
        while let Some(component) = left.pop() {
            let is_last = left.is_empty() && !wants_directories;
            let mut next = Vec::new();
            for at in level.iter().filter(|at| at.is_directory()) {
                for (name, shown) in self.names_for(at, component, &mut faults) {
                    // Resolve from the real directory, show the asked one.
                    let asked = join(&at.path, &shown);
                    match self.resolve_component(at, &name, &asked, (component, is_last)) {
                        Ok(found) => next.push(found),
                        Err(Fault::Absent) => {}
                        Err(fault) => faults.push(fault),
                    }
                }
                if next.len() > MAX_MATCHES {
                    let detail = format!("more than {MAX_MATCHES} names match");
                    faults.push(Fault::new(GapKind::OverLimit, pattern.as_bytes(), detail));
                    next.truncate(MAX_MATCHES);
                    break;
                }
            }
            level = next;
        }
        let faults = faults.into_iter().filter(|fault| *fault != Fault::Absent).map(Err);
        level.into_iter().map(Ok).chain(faults).collect()
    }

    /// The names in a directory that a component of a pattern stands for, each with the name to show.
    fn names_for(&self, at: &Found, component: &[u8], faults: &mut Vec<Fault>) -> Vec<(Vec<u8>, Vec<u8>)> {
        if component.contains(&b'*') {
            let (names, fault) = self.list_salvaged(at);
            faults.extend(fault);
            return self.matching(names, component).into_iter().map(|name| (name.clone(), name)).collect();
        }
        let asked = (component.to_vec(), component.to_vec());
        if !(self.fold_case || self.fold_names) || component == b".." {
            return vec![asked];
        }
        // A directory that cannot be listed may still be entered by name; another spelling of it is not seen.
        let spellings = match self.names_of(&at.real) {
            Ok(names) => names.meant_by(component),
            Err(error) => {
                self.ledger.fault(&at.path, &at.real, &error);
                Vec::new()
            }
        };
        match spellings.as_slice() {
            [] => vec![asked],
            [one] => vec![(one.clone(), component.to_vec())],
            several => several.iter().map(|name| (name.clone(), name.clone())).collect(),
        }
    }

    /// What a name in a directory leads to. A link to nothing is a fault where a source is expected, and on the way to
    /// any where another volume may have what it leads to.
    fn resolve_component(
        &self,
        at: &Found,
        name: &[u8],
        asked: &[u8],
        (component, is_last): (&[u8], bool),
    ) -> Result<Found, Fault> {
        self.follow(&at.real, name, asked, |dangling| {
            if !component.contains(&b'*') {
                self.is_source(dangling)
            } else {
                !is_last && self.may_be_elsewhere(dangling)
            }
        })
    }

    fn matching(&self, names: Vec<Listed>, pattern: &[u8]) -> Vec<Vec<u8>> {
        let folds = self.fold_case || self.fold_names;
        let pattern = if folds { folded(pattern) } else { pattern.to_vec() };
        let fits = |name: &[u8]| {
            if folds { wildcard(&pattern, &folded(name)) } else { wildcard(&pattern, name) }
        };
        names.into_iter().map(|listed| listed.name).filter(|name| fits(name)).collect()
    }
}
