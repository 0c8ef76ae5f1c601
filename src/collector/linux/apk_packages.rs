//! `apk_packages`: the database of Alpine's apk, checked against `/etc/apk/world`, the list of packages that
//! someone asked for: one that is in no record is a sign of a damaged database.

use std::collections::BTreeSet;

use crate::collector::{Applies, Collector, Sink};
use crate::format::package::apkdb;
use crate::fs::Root;
use crate::model::{Artifact, Field, GapKind, Location};
use crate::target::Target;
use crate::text::shown;

/// Bytes read of a database; a large system's has 20 MB.
const MAX_DATABASE: usize = 64 << 20;
const MAX_WORLD: usize = 1 << 20;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "apk_packages",
    about: "Packages of apk (Alpine, Wolfi, Chainguard).",
    applies: Applies::LINUX,
    reads: &["lib/apk/db/installed", "usr/lib/apk/db/installed", "etc/apk/world"],
    walks: &[],
    keys: &[],
    yields: &[
        Field::Name,
        Field::Version,
        Field::Arch,
        Field::Maintainer,
        Field::Source,
        Field::License,
        Field::Homepage,
        Field::Description,
        Field::Size,
    ],
    run,
    visit: None,
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    let root = &target.root;
    let databases = sink.files(root, &["lib/apk/db/installed", "usr/lib/apk/db/installed"]);
    let mut known = BTreeSet::new();
    for found in &databases {
        let Some(bytes) = sink.read(root, found, MAX_DATABASE) else { continue };
        let damage = apkdb::read(&bytes, &mut |package| {
            for provided in &package.provides {
                known.insert(name_of(provided).to_owned());
            }
            known.insert(package.name.clone());
            let artifact =
                Artifact::new(sink.collector(), Location::record(&found.path, package.name.as_str()))
                    .with(Field::Name, package.name)
                    .with(Field::Version, package.version)
                    .with_some(Field::Arch, package.arch)
                    .with_some(Field::Maintainer, package.maintainer)
                    .with_some(Field::Source, package.origin)
                    .with_some(Field::License, package.license)
                    .with_some(Field::Homepage, package.url)
                    .with_some(Field::Description, package.description)
                    .with_some(Field::Size, package.size);
            sink.artifact(artifact);
        });
        sink.damage(&found.path, &damage);
    }
    if let Some(found) = databases.first() {
        check_world(root, &shown(&found.path), &known, sink);
    }
}

/// The name in `name=1.2`, `name>1`, `name@repository`, `!name`.
fn name_of(dependency: &str) -> &str {
    let end = dependency.find(['=', '<', '>', '~', '@']).unwrap_or(dependency.len());
    dependency.get(..end).unwrap_or(dependency)
}

fn check_world(root: &Root, database: &str, known: &BTreeSet<String>, sink: &mut Sink<'_>) {
    let Some(world) = sink.read_path(root, b"etc/apk/world", MAX_WORLD) else { return };
    for wanted in String::from_utf8_lossy(&world).split_whitespace() {
        let name = name_of(wanted);
        if !wanted.starts_with('!') && !known.contains(name) {
            let detail = format!("/etc/apk/world asks for {name}, and the database does not name it");
            sink.gap(GapKind::Corrupt, database, detail);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    fn gaps(world: &[u8]) -> usize {
        let database = include_bytes!("../../../tests/fixtures/apk/installed");
        let tree = Memory::new().file("lib/apk/db/installed", database).file("etc/apk/world", world);
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        assert_eq!(artifacts.len(), 15);
        assert_eq!(artifacts[0].text(Field::Maintainer), Some("Natanael Copa <ncopa@alpinelinux.org>"));
        gaps.len()
    }

    #[test]
    fn world_is_compared_with_what_is_provided() {
        assert_eq!(gaps(b"alpine-baselayout\nbusybox>1\n/bin/sh\nso:libcrypto.so.3\n!gone\n"), 0);
        assert_eq!(gaps(b"alpine-baselayout\nlost@edge\n"), 1);
    }
}
