//! `rpm_packages`: the database of rpm in whichever form and place the distribution keeps it, or the lists that
//! distroless images have instead.

mod manifest;
mod package;

use package::artifact;

use crate::collector::support::database::Sides;
use crate::collector::{Applies, Collector, Sink};
use crate::format::database::rpmdb::{self};
use crate::fs::{Found, Root};
use crate::model::{Field, GapKind};
use crate::target::Target;
use crate::text::shown;

/// The places, older ones first: rpm's own, SUSE's and Fedora's, and rpm-ostree's.
const DATABASES: &[&str] = &[
    "var/lib/rpm/rpmdb.sqlite",
    "var/lib/rpm/Packages.db",
    "var/lib/rpm/Packages",
    "usr/lib/sysimage/rpm/rpmdb.sqlite",
    "usr/lib/sysimage/rpm/Packages.db",
    "usr/lib/sysimage/rpm/Packages",
    "usr/share/rpm/rpmdb.sqlite",
    "usr/share/rpm/Packages.db",
    "usr/share/rpm/Packages",
];

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "rpm_packages",
    about: "Packages of rpm, from its SQLite, ndb or Berkeley DB database.",
    applies: Applies::LINUX,
    reads: &[
        "var/lib/rpm/rpmdb.sqlite",
        "var/lib/rpm/rpmdb.sqlite-wal",
        "var/lib/rpm/rpmdb.sqlite-journal",
        "var/lib/rpm/Packages.db",
        "var/lib/rpm/Packages",
        "usr/lib/sysimage/rpm/rpmdb.sqlite",
        "usr/lib/sysimage/rpm/rpmdb.sqlite-wal",
        "usr/lib/sysimage/rpm/rpmdb.sqlite-journal",
        "usr/lib/sysimage/rpm/Packages.db",
        "usr/lib/sysimage/rpm/Packages",
        "usr/share/rpm/rpmdb.sqlite",
        "usr/share/rpm/rpmdb.sqlite-wal",
        "usr/share/rpm/rpmdb.sqlite-journal",
        "usr/share/rpm/Packages.db",
        "usr/share/rpm/Packages",
        manifest::FULL,
        manifest::SHORT,
    ],
    walks: &[],
    keys: &[],
    yields: &[
        Field::Name,
        Field::Version,
        Field::Release,
        Field::Epoch,
        Field::Arch,
        Field::Vendor,
        Field::Packager,
        Field::Source,
        Field::Description,
        Field::Homepage,
        Field::License,
        Field::Section,
        Field::InstallDate,
        Field::Size,
    ],
    run,
    visit: None,
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    // The places are often links to one another: each database is read once.
    for found in sink.files(&target.root, DATABASES) {
        read(&target.root, &found, sink);
    }
    manifest::read(&target.root, sink);
}

fn read(root: &Root, found: &Found, sink: &mut Sink<'_>) {
    let file = match root.open_found(found) {
        Ok(file) => file,
        Err(fault) => return sink.fault(fault),
    };
    let sides = Sides::open(root, sink, found);
    let mut count = 0_usize;
    let damage = root.during(&found.real, || {
        rpmdb::read(file.as_ref(), sides.beside(), &mut |package| {
            count += 1;
            sink.artifact(artifact(found, package, sink.collector()));
        })
    });
    sink.damage(&found.path, &damage);
    if count == 0 && damage.is_empty() {
        sink.gap(GapKind::SourceMissing, shown(&found.path), "the database holds no package");
    }
}
