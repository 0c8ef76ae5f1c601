//! One package of RPM as an artifact.

use crate::format::database::rpmdb::Package;
use crate::fs::Found;
use crate::model::{Artifact, Field, Location};

pub(super) fn artifact(found: &Found, package: Package, collector: &'static str) -> Artifact {
    let mut record = format!("{}-{}-{}", package.name, package.version, package.release);
    if let Some(arch) = &package.arch {
        record.push_str(&format!(".{arch}"));
    }
    let installed = package.install_time.and_then(|time| jiff::Timestamp::from_second(time.into()).ok());
    Artifact::new(collector, Location::record(&found.path, record))
        .with(Field::Name, package.name)
        .with(Field::Version, package.version)
        .with(Field::Release, package.release)
        .with_some(Field::Epoch, package.epoch.map(|epoch| epoch.to_string()))
        .with_some(Field::Arch, package.arch)
        .with_some(Field::Vendor, package.vendor)
        .with_some(Field::Packager, package.packager)
        .with_some(Field::Source, package.source_rpm)
        .with_some(Field::Description, package.summary)
        .with_some(Field::Homepage, package.url)
        .with_some(Field::License, package.license)
        .with_some(Field::Section, package.group)
        .with_some(Field::InstallDate, installed.map(|time| time.to_string()))
        .with_some(Field::Size, package.size.map(|size| size.to_string()))
}
