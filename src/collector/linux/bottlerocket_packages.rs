//! `bottlerocket_packages`: the inventory that Bottlerocket ships instead of a package database.

use crate::collector::{Applies, Collector, Sink};
use crate::format::package::bottlerocket;
use crate::model::{Artifact, Field, Location};
use crate::target::Target;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "bottlerocket_packages",
    about: "Packages in the inventory of Bottlerocket.",
    applies: Applies::LINUX,
    reads: &[
        "usr/share/bottlerocket/application-inventory.json",
        "*/usr/share/bottlerocket/application-inventory.json",
    ],
    walks: &[],
    keys: &[],
    yields: &[
        Field::Name,
        Field::Version,
        Field::Release,
        Field::Publisher,
        Field::Arch,
        Field::Homepage,
        Field::Description,
        Field::InstallDate,
    ],
    run,
    visit: None,
};

/// Bytes read of an inventory.
const LIMIT: usize = 16 << 20;

fn run(target: &Target, sink: &mut Sink<'_>) {
    for found in sink.files(&target.root, COLLECTOR.reads) {
        let Some(bytes) = sink.read(&target.root, &found, LIMIT) else { continue };
        let read = bottlerocket::read(&bytes);
        sink.damage(&found.path, &read.damage);
        for package in read.value {
            let artifact =
                Artifact::new(sink.collector(), Location::record(&found.path, package.name.as_str()))
                    .with(Field::Name, package.name)
                    .with_some(Field::Version, package.version)
                    .with_some(Field::Release, package.release)
                    .with_some(Field::Publisher, package.publisher)
                    .with_some(Field::Arch, package.arch)
                    .with_some(Field::Homepage, package.homepage)
                    .with_some(Field::Description, package.summary)
                    .with_some(Field::InstallDate, package.install_date);
            sink.artifact(artifact);
        }
    }
}
