//! Runs one collector for the tests of collectors.

use super::{Collector, Sink, Yield};
use crate::fs::{Entry, Root};
use crate::model::{Artifact, Gap};
use crate::target::Target;

/// Runs a collector on a target, without its walk, and returns what it gives; for tests.
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

fn below(root: &Root, path: &[u8], files: &mut std::collections::BTreeSet<(Vec<u8>, bool)>) {
    use crate::fs::tree::{ListedKind, join};
    for listed in root.tree().list(path).into_iter().flatten() {
        let child = join(path, &listed.name);
        match listed.kind {
            ListedKind::Directory => below(root, &child, files),
            ListedKind::File => drop(files.insert((child, false))),
            ListedKind::Link => drop(files.insert((child, true))),
            ListedKind::Special => {}
        }
    }
}
