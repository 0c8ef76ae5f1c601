//! Lists of packages in distroless images of Azure Linux and CBL-Mariner.

use std::collections::BTreeSet;

use super::package::artifact;
use crate::collector::Sink;
use crate::format::package::rpm_manifest;
use crate::fs::Root;
use crate::model::GapKind;
use crate::text::shown;

/// With vendor and times.
pub(super) const FULL: &str = "var/lib/rpmmanifest/container-manifest-2";
/// Names alone.
pub(super) const SHORT: &str = "var/lib/rpmmanifest/container-manifest-1";
/// Bytes read of a list.
const LIMIT: usize = 16 << 20;

/// Yields the packages of the full list, and those that only the short one names.
pub(super) fn read(root: &Root, sink: &mut Sink<'_>) {
    let mut known = BTreeSet::new();
    let mut counts = Vec::new();
    for found in sink.files(root, &[FULL, SHORT]) {
        let Some(bytes) = sink.read(root, &found, LIMIT) else { continue };
        let read = rpm_manifest::read(&bytes);
        sink.damage(&found.path, &read.damage);
        counts.push(read.value.len());
        for package in read.value {
            if known.insert((package.name.clone(), package.version.clone(), package.release.clone())) {
                let artifact = artifact(&found, package, sink.collector());
                sink.artifact(artifact);
            }
        }
        if counts.windows(2).any(|two| two.first() != two.last()) {
            sink.gap(
                GapKind::Corrupt,
                shown(&found.path),
                "the two lists of packages name different packages",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::COLLECTOR;
    use super::*;
    use crate::collector::collect;
    use crate::fs::memory::Memory;
    use crate::model::{Field, TargetKind};
    use crate::target::Target;

    #[test]
    fn the_short_list_adds_what_the_full_one_lacks() {
        let tree = Memory::new()
            .file(FULL, "tool\t1.0-2\t1654040040\t1654040040\tExample Ltd\t(none)\t1\tx86_64\t0\ttool-1.0-2.src.rpm\n")
            .file(SHORT, "tool-1.0-2.x86_64\nlost-2-1.x86_64\n");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        let names: Vec<_> = artifacts.iter().filter_map(|it| it.text(Field::Name)).collect();
        assert_eq!((names, gaps.len()), (vec!["tool", "lost"], 1));
        assert_eq!(artifacts[0].text(Field::Vendor), Some("Example Ltd"));
    }
}
