//! Packages that Windows has registered, for everybody or for single users.
//!
//! A full name is `Name_Version_Architecture_ResourceId_PublisherId`; the family name leaves out the middle.

use super::super::registered::{artifact, is_gone, state};
use crate::collector::Sink;
use crate::fs::root::name_of;
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::shown;

/// Where packages are registered, each in a key of its full name.
pub(super) const KEYS: &[&str] = &[
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Appx\AppxAllUserStore\Applications\*",
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Appx\AppxAllUserStore\Staged\*",
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Appx\AppxAllUserStore\S-1-*\*",
    // What was removed for a user and waits to be deleted.
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Appx\AppxAllUserStore\EndOfLife\*\*",
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Appx\AppxAllUserStore\Deleted\EndOfLife\*\*",
    r"HKLM\SOFTWARE\Classes\Local Settings\Software\Microsoft\Windows\CurrentVersion\AppModel\Repository\Packages\*",
    r"HKU\*\Software\Classes\Local Settings\Software\Microsoft\Windows\CurrentVersion\AppModel\Repository\Packages\*",
    DATA,
];

pub(super) fn run(target: &Target, sink: &mut Sink<'_>) {
    let registry = target.registry();
    for pattern in KEYS.iter().filter(|pattern| **pattern != DATA) {
        for key in sink.keys(registry, pattern) {
            let Some(name) = full_name(key.name()) else { continue };
            let values = sink.values(&key);
            let folder = values.text("PackageRootFolder").or_else(|| values.text("Path"));
            let folder =
                folder.map(|path| path.strip_suffix(r"\AppxManifest.xml").map(str::to_owned).unwrap_or(path));
            let is_gone =
                folder.as_deref().is_some_and(|folder| is_gone(target, folder, registry.user_of(&key)));
            // `AppxAllUserStore\S-1-…` says whose package it is by its name.
            let sid = key.path().split('\\').rev().nth(1).filter(|parent| parent.starts_with("S-1-"));
            let artifact = artifact(sink, registry, &key)
                .with(Field::Name, name.name)
                .with_some(Field::DisplayName, values.text("DisplayName"))
                .with(Field::Version, name.version)
                .with(Field::Arch, name.arch)
                .with(Field::PackageFamilyName, format!("{}_{}", name.name, name.publisher))
                .with(Field::Identifier, key.name())
                .with_some(Field::InstallLocation, folder)
                .state(state(is_gone || key.path().contains(r"\EndOfLife\")));
            sink.artifact(match (artifact.text(Field::Uid), sid) {
                (None, Some(sid)) => artifact.with(Field::Uid, sid),
                _ => artifact,
            });
        }
    }
}

/// Folders that Windows keeps of each package that it has registered, and its copies of their manifests.
pub(super) const REPOSITORY: [&str; 2] = [
    "ProgramData/Microsoft/Windows/AppRepository/Packages/*",
    "ProgramData/Microsoft/Windows/AppRepository/*.xml",
];
/// Data of apps in the registry of a user, in keys of the family's name.
const DATA: &str = r"HKU\*\Software\Classes\Local Settings\Software\Microsoft\Windows\CurrentVersion\AppModel\SystemAppData\*";

/// What Windows keeps of packages beside their manifests: they are left when a package is removed by hand.
pub(super) fn repository(target: &Target, sink: &mut Sink<'_>) {
    let kept = REPOSITORY.map(|pattern| sink.glob(&target.root, pattern)).concat();
    for found in kept {
        let file = name_of(&found);
        let Some(name) = full_name(file.strip_suffix(".xml").unwrap_or(&file)) else { continue };
        let artifact = Artifact::new(sink.collector(), Location::path(&found.path))
            .state(State::Remnant)
            .with(Field::Name, name.name)
            .with(Field::Version, name.version)
            .with(Field::Arch, name.arch)
            .with(Field::PackageFamilyName, format!("{}_{}", name.name, name.publisher))
            .with(Field::Type, "repository")
            .with(Field::Path, shown(&found.path));
        sink.artifact(artifact);
    }
    for key in sink.keys(target.registry(), DATA) {
        let Some((name, _)) = key.name().rsplit_once('_') else { continue };
        let artifact = artifact(sink, target.registry(), &key)
            .state(State::Remnant)
            .with(Field::Name, name)
            .with(Field::PackageFamilyName, key.name())
            .with(Field::Type, "data");
        sink.artifact(artifact);
    }
}

struct FullName<'a> {
    name: &'a str,
    version: &'a str,
    arch: &'a str,
    publisher: &'a str,
}

fn full_name(text: &str) -> Option<FullName<'_>> {
    let mut parts = text.rsplitn(5, '_');
    let (publisher, _resource, arch, version) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    Some(FullName { name: parts.next()?, version, arch, publisher })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_name_is_taken_apart() {
        let name = full_name("Microsoft.Windows_Tool_10.0.1.0_neutral_~_8wekyb3d8bbwe").unwrap();
        assert_eq!((name.name, name.version), ("Microsoft.Windows_Tool", "10.0.1.0"));
        assert_eq!((name.arch, name.publisher), ("neutral", "8wekyb3d8bbwe"));
        assert!(full_name("Deprovisioned").is_none());
    }
}
