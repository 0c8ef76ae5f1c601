//! Collectors: each reads one source of inventory and yields artifacts.
//!
//! A collector is a value in [`TABLE`], not a type. It knows formats, never vendors: it yields everything its
//! source holds and leaves judging to the matcher. Adding one is a file and a line in its folder's table.
//! [`Collector::run`] returns nothing: what was found before an error stays found, and the error is a gap.

pub mod common;
pub mod linux;
pub mod macos;
pub mod support;
pub mod windows;

use crate::bytes::Damage;
use crate::fs::tree::Listed;
use crate::fs::{Entry, Fault, Found, Root};
use crate::model::{Artifact, Field, Gap, GapKind, Os};
use crate::registry::{Key, Read, Registry, Values};
use crate::target::Target;

/// Every collector, in the order of reports.
pub static TABLE: &[&[Collector]] = &[common::TABLE, linux::TABLE, macos::TABLE, windows::TABLE];

/// Every collector, in the order of reports.
pub fn all() -> impl Iterator<Item = &'static Collector> {
    TABLE.iter().copied().flatten()
}

/// The collector of a name.
pub fn named(name: &str) -> Option<&'static Collector> {
    all().find(|collector| collector.name == name)
}

/// One source of inventory.
pub struct Collector {
    /// Name, as osquery's table where it has one.
    pub name: &'static str,
    /// One sentence: what it yields.
    pub about: &'static str,
    /// Where its source exists.
    pub applies: Applies,
    /// Files it reads: literal components, `*` inside one component; no leading slash. A trailing slash: only
    /// the names of directories are wanted. It opens nothing else, so that an image can be prepared by these
    /// names alone.
    pub reads: &'static [&'static str],
    /// Directories below which it looks at every file; patterns as in `reads`. Needs `visit`.
    pub walks: &'static [&'static str],
    /// Registry keys it reads.
    pub keys: &'static [&'static str],
    /// The fields its artifacts may have; an indicator on another field is an error.
    pub yields: &'static [Field],
    /// Reads what `reads` and `keys` name.
    pub run: fn(&Target, &mut Sink<'_>),
    /// What it does with each file below `walks`.
    pub visit: Option<Visit>,
}

/// What a walking collector does with files; called from many threads.
#[derive(Clone, Copy)]
pub struct Visit {
    /// Whether it wants to see the file; decides by name first, so that most files cost nothing.
    pub wants: fn(&Entry<'_>) -> bool,
    /// Looks at one wanted file.
    pub file: fn(&Target, &Entry<'_>, &mut Sink<'_>),
}

/// Where a collector's source exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Applies {
    /// The operating systems; all when empty.
    pub os: &'static [Os],
    /// Whether only a running system has it.
    pub live_only: bool,
    /// Whether only an image has it.
    pub image_only: bool,
}

impl Applies {
    /// On every operating system.
    pub const EVERYWHERE: Applies = Applies { os: &[], live_only: false, image_only: false };
    /// On every operating system while it runs.
    pub const LIVE: Applies = Applies { os: &[], live_only: true, image_only: false };
    /// On images.
    pub const IMAGE: Applies = Applies { os: &[], live_only: false, image_only: true };
    /// On Linux.
    pub const LINUX: Applies = Applies { os: &[Os::Linux], live_only: false, image_only: false };
    /// On macOS.
    pub const MACOS: Applies = Applies { os: &[Os::Macos], live_only: false, image_only: false };
    /// On Windows.
    pub const WINDOWS: Applies = Applies { os: &[Os::Windows], live_only: false, image_only: false };

    /// Why the collector does not apply to a target; `None` if it does. A target whose operating system was
    /// not recognised is given to every collector: better to look in vain than not to look.
    pub fn reason_against(&self, target: &Target) -> Option<String> {
        if self.live_only && !target.is_live() {
            return Some("only on a running system".to_owned());
        }
        if self.image_only && target.image.is_none() {
            return Some("only on an image".to_owned());
        }
        let is_known = !target.families.is_empty() && !self.os.is_empty();
        if is_known && !self.os.iter().any(|os| target.may_be(*os)) {
            let words: Vec<&str> = self.os.iter().map(|os| os.word()).collect();
            return Some(format!("only on {}", words.join(" and ")));
        }
        None
    }

    /// For the table of collectors: `linux, live`.
    pub fn words(&self) -> String {
        let mut words: Vec<&str> = self.os.iter().map(|os| os.word()).collect();
        if words.is_empty() {
            words.push("all");
        }
        if self.live_only {
            words.push("live only");
        }
        if self.image_only {
            words.push("images only");
        }
        words.join(", ")
    }
}

/// Where a collector puts what it finds.
pub struct Sink<'a> {
    collector: &'static str,
    out: &'a mut dyn FnMut(Yield),
}

/// What a collector gives.
#[derive(Debug)]
pub enum Yield {
    /// One observed thing.
    Artifact(Artifact),
    /// A place that should have been read and was not.
    Gap(Gap),
}

impl<'a> Sink<'a> {
    /// A sink for the named collector.
    pub fn new(collector: &'static str, out: &'a mut dyn FnMut(Yield)) -> Self {
        Sink { collector, out }
    }

    /// The collector's name, for its artifacts.
    pub fn collector(&self) -> &'static str {
        self.collector
    }

    /// Yields an artifact.
    pub fn artifact(&mut self, mut artifact: Artifact) {
        artifact.redact();
        (self.out)(Yield::Artifact(support::leftover::judged(artifact)));
    }

    /// Records a gap at a place.
    pub fn gap(&mut self, kind: GapKind, place: impl Into<String>, detail: impl Into<String>) {
        let gap =
            Gap { kind, collector: self.collector.to_owned(), place: place.into(), detail: detail.into() };
        (self.out)(Yield::Gap(gap));
    }

    /// At most `limit` of the items; a gap says that there are more.
    pub fn limited<T>(
        &mut self,
        items: impl IntoIterator<Item = T>,
        limit: usize,
        place: &[u8],
        what: &str,
    ) -> Vec<T> {
        let mut items = items.into_iter();
        let taken: Vec<T> = items.by_ref().take(limit).collect();
        if items.next().is_some() {
            let detail = format!("more than {limit} {what}; the rest was not read");
            self.gap(GapKind::OverLimit, crate::text::shown(place), detail);
        }
        taken
    }

    /// Records a fault of the root as a gap; absence is none.
    pub fn fault(&mut self, fault: Fault) {
        if let Some(gap) = fault.into_gap(self.collector) {
            (self.out)(Yield::Gap(gap));
        }
    }

    /// Records what a format could not read at a path of the target.
    pub fn damage(&mut self, path: &[u8], damage: &[Damage]) {
        for damage in damage {
            (self.out)(Yield::Gap(crate::fs::damage_gap(self.collector, crate::text::shown(path), damage)));
        }
    }

    /// What could be read of a registry; faults become gaps.
    pub fn registry<T>(&mut self, read: Read<T>) -> T {
        for fault in read.faults {
            (self.out)(Yield::Gap(fault.into_gap(self.collector)));
        }
        read.items
    }

    /// The registry keys that a pattern names; faults become gaps.
    pub fn keys<'r>(&mut self, registry: &'r Registry, pattern: &str) -> Vec<Key<'r>> {
        self.registry(registry.keys(pattern))
    }

    /// The values of a registry key; faults become gaps.
    pub fn values(&mut self, key: &Key<'_>) -> Values {
        self.registry(key.values())
    }

    /// The paths that a pattern names; faults become gaps.
    pub fn glob(&mut self, root: &Root, pattern: &str) -> Vec<Found> {
        let mut paths = Vec::new();
        for result in root.glob(pattern) {
            match result {
                Ok(found) => paths.push(found),
                Err(fault) => self.fault(fault),
            }
        }
        paths
    }

    /// The regular files that any of the patterns names, each once; faults become gaps.
    pub fn files(&mut self, root: &Root, patterns: &[&str]) -> Vec<Found> {
        let mut seen = std::collections::BTreeSet::new();
        let mut files = Vec::new();
        for pattern in patterns {
            for found in self.glob(root, pattern) {
                if !found.is_directory() && seen.insert(found.real.clone()) {
                    files.push(found);
                }
            }
        }
        files
    }

    /// The names in a directory that was found, sorted, as far as they can be read; faults become gaps.
    pub fn list(&mut self, root: &Root, found: &Found) -> Vec<Listed> {
        let (names, fault) = root.list_salvaged(found);
        fault.into_iter().for_each(|fault| self.fault(fault));
        names
    }

    /// The bytes of a file that was found; faults become gaps, and so does the rest of a file over the limit.
    pub fn read(&mut self, root: &Root, found: &Found, limit: usize) -> Option<Vec<u8>> {
        let content = root.read_found(found, limit);
        self.content(&found.path, content, limit)
    }

    /// The bytes of a file; `None` when there is none. As [`Sink::read`].
    pub fn read_path(&mut self, root: &Root, path: &[u8], limit: usize) -> Option<Vec<u8>> {
        let content = root.read(path, limit);
        self.content(path, content, limit)
    }

    /// The bytes of a walked file. As [`Sink::read`].
    pub fn read_entry(&mut self, entry: &Entry<'_>, limit: usize) -> Option<Vec<u8>> {
        let content = entry.read(limit);
        self.content(entry.path(), content, limit)
    }

    fn content(
        &mut self,
        path: &[u8],
        content: Result<crate::fs::Content, Fault>,
        limit: usize,
    ) -> Option<Vec<u8>> {
        match content {
            Ok(content) => {
                if let Some(size) = content.cut_from {
                    let detail = format!("{size} bytes; the first {limit} were read");
                    self.gap(GapKind::OverLimit, crate::text::shown(path), detail);
                }
                Some(content.bytes)
            }
            Err(fault) => {
                self.fault(fault);
                None
            }
        }
    }
}

/// Runs a collector on a target, without its walk, and returns what it gives; for tests.
#[cfg(test)]
pub(crate) fn collect(collector: &Collector, target: &Target) -> (Vec<Artifact>, Vec<Gap>) {
    let (mut artifacts, mut gaps) = (Vec::new(), Vec::new());
    let mut out = |yielded| match yielded {
        Yield::Artifact(artifact) => artifacts.push(artifact),
        Yield::Gap(gap) => gaps.push(gap),
    };
    let mut sink = Sink::new(collector.name, &mut out);
    (collector.run)(target, &mut sink);
    if let Some(visit) = collector.visit {
        let mut files = std::collections::BTreeSet::new();
        for pattern in collector.walks {
            for found in sink.glob(&target.root, pattern) {
                below(&target.root, &found.real, &mut files);
            }
        }
        for (path, is_link) in &files {
            let entry = Entry::new(&target.root, path, *is_link);
            if (visit.wants)(&entry) {
                (visit.file)(target, &entry, &mut sink);
            }
            if let Some(fault) = entry.fault() {
                sink.fault(fault.clone());
            }
        }
    }
    (artifacts, gaps)
}

#[cfg(test)]
fn below(root: &Root, path: &[u8], files: &mut std::collections::BTreeSet<(Vec<u8>, bool)>) {
    use crate::fs::tree::{ListedKind, join};
    for listed in root.tree().list(path).unwrap_or_default() {
        let child = join(path, &listed.name);
        match listed.kind {
            ListedKind::Directory => below(root, &child, files),
            ListedKind::File => drop(files.insert((child, false))),
            ListedKind::Link => drop(files.insert((child, true))),
            ListedKind::Special => {}
        }
    }
}
