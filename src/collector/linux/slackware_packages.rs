//! `slackware_packages`: Slackware's records of packages. Records of removed packages lie elsewhere and are history.

use crate::collector::{Applies, Collector, Sink};
use crate::format::package::slackware;
use crate::fs::root::name_of;
use crate::model::{Artifact, Field, Location};
use crate::target::Target;
use crate::text::shown;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "slackware_packages",
    about: "Packages of Slackware's pkgtools.",
    applies: Applies::LINUX,
    reads: &["var/lib/pkgtools/packages/*", "var/log/packages/*", "var/adm/packages/*"],
    walks: &[],
    keys: &[],
    yields: &[
        Field::Name,
        Field::Version,
        Field::Arch,
        Field::Release,
        Field::Source,
        Field::Description,
        Field::Path,
    ],
    run,
    visit: None,
};

/// Bytes read of a record; the list of files, which comes last, is not needed.
const HEAD: usize = 16 << 10;

fn run(target: &Target, sink: &mut Sink<'_>) {
    for found in sink.files(&target.root, COLLECTOR.reads) {
        let file = name_of(&found);
        // Reading a head is no cut: what follows is the list of files.
        let read = match target.root.read_found(&found, HEAD) {
            Ok(content) => slackware::read(&file, &content.bytes),
            Err(fault) => {
                sink.fault(fault);
                crate::bytes::Salvaged::whole(slackware::named(&file))
            }
        };
        sink.damage(&found.path, &read.damage);
        let package = read.value;
        let artifact = Artifact::new(sink.collector(), Location::path(&found.path))
            .with(Field::Name, package.name)
            .with_some(Field::Version, package.version)
            .with_some(Field::Arch, package.arch)
            .with_some(Field::Release, package.release)
            .with_some(Field::Source, package.source)
            .with_some(Field::Description, package.description)
            .with(Field::Path, shown(&found.path));
        sink.artifact(artifact);
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
    fn records_of_both_places_are_read_once() {
        let tree = Memory::new()
            .file(
                "var/lib/pkgtools/packages/tool-1.0-x86_64-1",
                "PACKAGE NAME: tool-1.0-x86_64-1\nFILE LIST:\n",
            )
            .file("var/lib/pkgtools/packages/cut-2-noarch-1", "")
            .link("var/log/packages", "../lib/pkgtools/packages");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        let names: Vec<_> = artifacts.iter().filter_map(|it| it.text(Field::Name)).collect();
        assert_eq!((names, gaps.len()), (vec!["cut", "tool"], 1));
    }
}
