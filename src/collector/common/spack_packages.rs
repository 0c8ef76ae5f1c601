//! `spack_packages`: installations of Spack, whose folder lies wherever its user put it.

use super::places::{PROGRAM_PLACES, home_owner};
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::format::package::spack;
use crate::fs::Entry;
use crate::fs::tree::{file_name, parent};
use crate::model::{Artifact, Field, Location, Os, State};
use crate::target::Target;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "spack_packages",
    about: "Packages that Spack installed, by its databases.",
    applies: Applies { os: &[Os::Linux, Os::Macos], live_only: false, image_only: false },
    reads: READS,
    walks: PROGRAM_PLACES,
    keys: &[],
    yields: &[
        Field::Name,
        Field::Version,
        Field::Arch,
        Field::InstallDate,
        Field::InstallLocation,
        Field::User,
    ],
    run,
    visit: Some(Visit { wants, file }),
};

/// Places outside of those that are walked: clones at the top and in homes.
const READS: &[&str] = &[
    "*/.spack-db/index.json",
    "*/opt/spack/.spack-db/index.json",
    "home/*/*/opt/spack/.spack-db/index.json",
    "root/*/opt/spack/.spack-db/index.json",
    "Users/*/*/opt/spack/.spack-db/index.json",
];

/// Bytes read of a database.
const LIMIT: usize = 256 << 20;

fn run(target: &Target, sink: &mut Sink<'_>) {
    for found in sink.files(&target.root, READS) {
        if let Some(bytes) = sink.read(&target.root, &found, LIMIT) {
            database(sink, &found.path, &bytes);
        }
    }
}

fn wants(entry: &Entry<'_>) -> bool {
    entry.name() == b"index.json" && file_name(parent(entry.path())) == b".spack-db"
}

fn file(_: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    if let Some(bytes) = sink.read_entry(entry, LIMIT) {
        database(sink, entry.path(), &bytes);
    }
}

fn database(sink: &mut Sink<'_>, path: &[u8], bytes: &[u8]) {
    let read = spack::read(bytes);
    sink.damage(path, &read.damage);
    for package in read.value {
        let installed = package.installed.and_then(|time| jiff::Timestamp::from_second(time).ok());
        let artifact = Artifact::new(sink.collector(), Location::record(path, package.name.as_str()))
            .state(if package.is_installed { State::Installed } else { State::Remnant })
            .with(Field::Name, package.name)
            .with_some(Field::Version, package.version)
            .with_some(Field::Arch, package.arch)
            .with_some(Field::InstallDate, installed.map(|time| time.to_string()))
            .with_some(Field::InstallLocation, package.path)
            .with_some(Field::User, home_owner(path));
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
    fn databases_are_found_where_programs_lie_and_in_homes() {
        let index = |name: &str| {
            format!(
                "{{\"database\": {{\"installs\": {{\"a\": {{\"spec\": {{\"name\": \"{name}\", \"version\": \"1\"}}, \"installed\": true}}}}}}}}"
            )
        };
        let tree = Memory::new()
            .file("etc/os-release", "ID=debian\n")
            .file("opt/hpc/tools/.spack-db/index.json", index("deep"))
            .file("home/u/spack/opt/spack/.spack-db/index.json", index("mine"))
            .file("spack/opt/spack/.spack-db/index.json", "{\"database\"");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        let names: Vec<_> = artifacts.iter().map(|it| (it.text(Field::Name), it.text(Field::User))).collect();
        assert_eq!(names, [(Some("mine"), Some("u")), (Some("deep"), None)]);
        assert_eq!(gaps.len(), 1);
    }
}
