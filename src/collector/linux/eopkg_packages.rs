//! `eopkg_packages`: one folder for each package of eopkg (Solus) and PiSi, `NAME-VERSION-RELEASE`.

use crate::collector::{Applies, Collector, Sink};
use crate::format::package::eopkg;
use crate::fs::tree::{file_name, join};
use crate::model::{Artifact, Field, GapKind, Location};
use crate::target::Target;
use crate::text::{shown, text_of};

const FOLDERS: &[&str] = &["var/lib/eopkg/package/*", "var/lib/pisi/package/*"];

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "eopkg_packages",
    about: "Packages of eopkg (Solus) and PiSi (Pisi Linux).",
    applies: Applies::LINUX,
    reads: &["var/lib/eopkg/package/*/metadata.xml", "var/lib/pisi/package/*/metadata.xml"],
    walks: &[],
    keys: &[],
    yields: &[
        Field::Name,
        Field::Version,
        Field::Release,
        Field::Arch,
        Field::Packager,
        Field::Source,
        Field::Section,
        Field::License,
        Field::Homepage,
        Field::Description,
        Field::Size,
    ],
    run,
    visit: None,
};

/// Bytes read of the metadata of a package.
const LIMIT: usize = 8 << 20;

fn run(target: &Target, sink: &mut Sink<'_>) {
    for pattern in FOLDERS {
        for folder in sink.glob(&target.root, pattern) {
            if !folder.is_directory() {
                continue;
            }
            let full = text_of(file_name(&folder.path));
            let path = join(&folder.path, b"metadata.xml");
            let package = match sink.read_path(&target.root, &path, LIMIT) {
                Some(bytes) => {
                    let read = eopkg::parse(&bytes);
                    sink.damage(&path, &read.damage);
                    read.value
                }
                None => {
                    sink.gap(GapKind::Corrupt, shown(&folder.path), "a package without readable metadata");
                    eopkg::Package::default()
                }
            };
            // The folder names the package even where its metadata does not.
            let (name, version, release) = split(&full);
            if package.name.as_deref().is_some_and(|stated| stated != name) {
                sink.gap(GapKind::Corrupt, shown(&path), "it states another name than its folder's");
            }
            let artifact = Artifact::new(sink.collector(), Location::path(&folder.path))
                .with(Field::Name, name)
                .with(Field::Version, package.version.as_deref().unwrap_or(version))
                .with(Field::Release, package.release.as_deref().unwrap_or(release))
                .with_some(Field::Arch, package.arch)
                .with_some(Field::Packager, package.packager)
                .with_some(Field::Source, package.source)
                .with_some(Field::Section, package.section)
                .with_many(Field::License, package.licenses)
                .with_some(Field::Homepage, package.homepage)
                .with_some(Field::Description, package.summary)
                .with_some(Field::Size, package.size);
            sink.artifact(artifact);
        }
    }
}

fn split(full: &str) -> (&str, &str, &str) {
    let mut parts = full.rsplitn(3, '-');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(release), Some(version), Some(name)) => (name, version, release),
        _ => (full, "", ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    #[test]
    fn folders_name_packages_and_metadata_describes_them() {
        let metadata = "<PISI><Source><Packager><Name>A</Name></Packager></Source><Package><Name>lib-tool</Name><History>\
            <Update release=\"4\"><Version>1.0</Version></Update></History></Package></PISI>";
        let tree = Memory::new()
            .file("var/lib/eopkg/package/lib-tool-1.0-4/metadata.xml", metadata)
            .file("var/lib/eopkg/package/cut-2-1/metadata.xml", "<PISI>")
            .directory("var/lib/eopkg/package/empty-3-1");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        let names: Vec<_> =
            artifacts.iter().map(|it| (it.text(Field::Name), it.text(Field::Packager))).collect();
        assert_eq!(names, [(Some("cut"), None), (Some("empty"), None), (Some("lib-tool"), Some("A"))]);
        assert_eq!(gaps.len(), 2, "{gaps:?}");
    }
}
