//! `pacman_packages`: one folder per package in pacman's local database.

use std::collections::{BTreeMap, BTreeSet};

use crate::collector::{Applies, Collector, Sink};
use crate::format::package::pacman;
use crate::fs::tree::{file_name, join, parent};
use crate::fs::{Found, Root};
use crate::model::{Artifact, Field, GapKind, Location};
use crate::target::Target;
use crate::text::{shown, text_of};

const MAX_DESC: usize = 4 << 20;
/// Descriptions of packages: of the system, of MSYS2 and Git's kit for developers where their setups, Chocolatey and Scoop
/// put them.
const DESCRIPTIONS: &[&str] = &[
    "var/lib/pacman/local/*/desc",
    "msys64/var/lib/pacman/local/*/desc",
    "msys32/var/lib/pacman/local/*/desc",
    "git-sdk-*/var/lib/pacman/local/*/desc",
    "*/msys64/var/lib/pacman/local/*/desc",
    "*/git-sdk-*/var/lib/pacman/local/*/desc",
    "Users/*/scoop/apps/msys2/*/var/lib/pacman/local/*/desc",
];

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "pacman_packages",
    about: "Packages of pacman (Arch and its relatives, MSYS2 on Windows).",
    applies: Applies::LINUX_OR_WINDOWS,
    reads: DESCRIPTIONS,
    walks: &[],
    keys: &[],
    yields: &[
        Field::Name,
        Field::Version,
        Field::Arch,
        Field::Packager,
        Field::Source,
        Field::License,
        Field::Homepage,
        Field::Description,
        Field::InstallDate,
        Field::Size,
    ],
    run,
    visit: None,
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    let root = &target.root;
    let mut folders: Vec<Found> = Vec::new();
    for description in DESCRIPTIONS {
        let pattern = description.strip_suffix("/desc").unwrap_or(description);
        folders.extend(sink.glob(root, pattern).into_iter().filter(Found::is_directory));
    }
    // `current` of Scoop leads to the version.
    let mut seen = BTreeSet::new();
    folders.retain(|folder| seen.insert(folder.real.clone()));
    for folder in folders {
        match root.find(&join(&folder.path, b"desc")) {
            Ok(found) => package(root, &found, sink),
            // A package without its description is still a package: its folder says name and version.
            Err(_) => {
                sink.gap(GapKind::Corrupt, shown(&folder.path), "a package without its desc file");
                let artifact = named_by_folder(&folder.path, sink.collector());
                sink.artifact(artifact);
            }
        }
    }
}

fn package(root: &Root, found: &Found, sink: &mut Sink<'_>) {
    let Some(bytes) = sink.read(root, found, MAX_DESC) else { return };
    let read = pacman::read(&bytes);
    sink.damage(&found.path, &read.damage);
    let entries = read.value;
    let folder = parent(&found.path);
    let artifact = match entries.get("NAME").and_then(|names| names.first()) {
        Some(name) => described(name, &entries, &found.path, sink.collector()),
        None => named_by_folder(folder, sink.collector()),
    };
    let stated = format!(
        "{}-{}",
        artifact.text(Field::Name).unwrap_or_default(),
        artifact.text(Field::Version).unwrap_or_default()
    );
    if stated != text_of(file_name(folder)) {
        sink.gap(GapKind::Corrupt, shown(&found.path), format!("it says {stated}, its folder does not"));
        let by_folder = named_by_folder(folder, sink.collector());
        sink.artifact(by_folder);
    }
    sink.artifact(artifact);
}

fn described(
    name: &str,
    entries: &BTreeMap<String, Vec<String>>,
    path: &[u8],
    collector: &'static str,
) -> Artifact {
    let value = |key: &str| entries.get(key).and_then(|values| values.first()).map(String::as_str);
    let date =
        value("INSTALLDATE").and_then(|seconds| jiff::Timestamp::from_second(seconds.parse().ok()?).ok());
    Artifact::new(collector, Location::path(path))
        .with(Field::Name, name)
        .with_some(Field::Version, value("VERSION"))
        .with_some(Field::Arch, value("ARCH"))
        .with_some(Field::Packager, value("PACKAGER"))
        .with_some(Field::Source, value("BASE"))
        .with_some(Field::License, value("LICENSE"))
        .with_some(Field::Homepage, value("URL"))
        .with_some(Field::Description, value("DESC"))
        .with_some(Field::InstallDate, date.map(|date| date.to_string()))
        .with_some(Field::Size, value("SIZE"))
}

/// `name-version-release`.
fn named_by_folder(folder: &[u8], collector: &'static str) -> Artifact {
    let text = text_of(file_name(folder));
    let cut = text.rmatch_indices('-').nth(1).map_or(text.len(), |(at, _)| at);
    let (name, version) = text.split_at(cut);
    Artifact::new(collector, Location::path(folder))
        .with(Field::Name, name)
        .with(Field::Version, version.trim_start_matches('-'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    #[test]
    fn packages_of_msys2_lie_on_windows() {
        let text = b"%NAME%\ntool\n\n%VERSION%\n1-1\n\n";
        let tree = Memory::new()
            .file("Windows/System32/kernel32.dll", b"")
            .file("msys64/var/lib/pacman/local/tool-1-1/desc", text)
            .file("tools/msys64/var/lib/pacman/local/tool-1-1/desc", text)
            .file("Users/u/scoop/apps/msys2/2024/var/lib/pacman/local/tool-1-1/desc", text)
            .link("Users/u/scoop/apps/msys2/current", "2024");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        assert_eq!((artifacts.len(), gaps.len()), (3, 0), "{artifacts:?}");
    }

    #[test]
    fn packages_are_described_or_named_by_their_folder() {
        let tree = Memory::new()
            .file("var/lib/pacman/local/ALPM_DB_VERSION", b"9\n")
            .file(
                "var/lib/pacman/local/gawk-5.3.1-1/desc",
                b"%NAME%\ngawk\n\n%VERSION%\n5.3.1-1\n\n%INSTALLDATE%\n1733011443\n\n",
            )
            .file("var/lib/pacman/local/kesl-bin-12.0-1/files", b"");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        let names: Vec<_> = artifacts
            .iter()
            .map(|a| (a.text(Field::Name).unwrap(), a.text(Field::Version).unwrap()))
            .collect();
        assert_eq!(names, [("gawk", "5.3.1-1"), ("kesl-bin", "12.0-1")]);
        assert_eq!(artifacts[0].text(Field::InstallDate), Some("2024-12-01T00:04:03Z"));
        assert_eq!(gaps.len(), 1);
    }
}
