//! What a collector yields, and how it reads the target.

use crate::bytes::Damage;
use crate::fs::tree::Listed;
use crate::fs::{Entry, Fault, Found, Root};
use crate::model::{Artifact, Field, Gap, GapKind};
use crate::registry::{Key, Read, Registry, Values};

/// Where a collector puts what it finds.
pub struct Sink<'a> {
    pub(super) collector: &'static str,
    pub(super) out: &'a mut dyn FnMut(Yield),
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
    ///
    /// A record of a package without a name names nothing: it is damage.
    pub fn artifact(&mut self, mut artifact: Artifact) {
        artifact.redact();
        if is_nameless(&artifact) {
            let place = artifact.location.to_string();
            return self.gap(GapKind::Corrupt, place, "a record of a package without its name");
        }
        (self.out)(Yield::Artifact(super::support::leftover::judged(artifact)));
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

    pub(super) fn content(
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

/// Whether a package is called nothing at all.
fn is_nameless(artifact: &Artifact) -> bool {
    const NAMES: &[Field] =
        &[Field::Name, Field::DisplayName, Field::Identifier, Field::PackageFamilyName, Field::Path];
    artifact.collector.ends_with("_packages") && !NAMES.iter().any(|name| artifact.fields.contains_key(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Location;

    #[test]
    fn a_package_without_a_name_is_damage() {
        let (mut artifacts, mut gaps) = (0, Vec::new());
        let mut out = |one| match one {
            Yield::Artifact(_) => artifacts += 1,
            Yield::Gap(gap) => gaps.push(gap.place),
        };
        let mut sink = Sink::new("deb_packages", &mut out);
        let nameless = || Artifact::new("deb_packages", Location::record(b"var/lib/dpkg/status", ""));
        sink.artifact(nameless().with(Field::Version, "1"));
        sink.artifact(nameless().with(Field::Name, "tool"));
        assert_eq!((artifacts, gaps.len()), (1, 1));
    }
}
