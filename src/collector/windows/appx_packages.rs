//! `appx_packages`: packages from the Store and Windows' own apps, by the manifests in their folders.

mod registry;

use crate::collector::common::places::home_owner;
use crate::collector::{Applies, Collector, Sink};
use crate::format::package::appx_manifest::{self, Package, common_name};
use crate::fs::Found;
use crate::fs::root::name_of;
use crate::fs::tree::{join, parent};
use crate::model::{Artifact, Field, Location, State};
use crate::registry::{HIVES, with_hives};
use crate::target::Target;
use crate::text::shown;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "appx_packages",
    about: "Appx and MSIX packages by their manifests: identity, publisher, version, programs.",
    applies: Applies::WINDOWS,
    reads: READS,
    walks: &[],
    keys: registry::KEYS,
    yields: &[
        Field::Name,
        Field::DisplayName,
        Field::Version,
        Field::Arch,
        Field::Publisher,
        Field::Subject,
        Field::PackageFamilyName,
        Field::Description,
        Field::Program,
        Field::InstallLocation,
        Field::Identifier,
        Field::Type,
        Field::User,
        Field::Uid,
        Field::Key,
        Field::Path,
    ],
    run,
    visit: None,
};

const READS: &[&str] = &{
    const WITH_DATA: usize = HIVES.len() + MANIFESTS.len() + DATA.len();
    let mut all = [""; WITH_DATA];
    let with = with_hives::<{ HIVES.len() + MANIFESTS.len() }>(MANIFESTS);
    let (head, tail) = all.split_at_mut(with.len());
    head.copy_from_slice(&with);
    tail.copy_from_slice(DATA);
    all
};

/// Manifests, and names of programs.
const MANIFESTS: &[&str] = &[
    "Program Files/WindowsApps/*/AppxManifest.xml",
    "Program Files/WindowsApps/Deleted/*/AppxManifest.xml",
    // A library of apps on another drive.
    "WindowsApps/*/AppxManifest.xml",
    "*:/WindowsApps/*/AppxManifest.xml",
    "*:/Program Files/WindowsApps/*/AppxManifest.xml",
    "Windows/SystemApps/*/AppxManifest.xml",
    "Windows/ImmersiveControlPanel/AppxManifest.xml",
    "Windows/PrintDialog/AppxManifest.xml",
    // Names of programs, to tell whether they are still there.
    "Program Files/WindowsApps/*/*/",
    "Program Files/WindowsApps/*/*/*/",
];
/// What apps keep for a user; the folder is named by the family and outlives the app.
const DATA: &[&str] = &["Users/*/AppData/Local/Packages/*", registry::REPOSITORY[0], registry::REPOSITORY[1]];
/// Bytes read of a manifest.
const LIMIT: usize = 4 << 20;

fn run(target: &Target, sink: &mut Sink<'_>) {
    registry::run(target, sink);
    registry::repository(target, sink);
    data_folders(target, sink);
    let manifests: Vec<&str> = MANIFESTS.iter().copied().filter(|path| !path.ends_with('/')).collect();
    for found in sink.files(&target.root, &manifests) {
        let Some(bytes) = sink.read(&target.root, &found, LIMIT) else { continue };
        let parsed = appx_manifest::parse(&bytes);
        sink.damage(&found.path, &parsed.damage);
        let artifact = artifact(target, sink, &found, &parsed.value);
        sink.artifact(artifact);
    }
}

/// Folders of users' data by the family of the package.
fn data_folders(target: &Target, sink: &mut Sink<'_>) {
    for pattern in DATA.iter().take(1) {
        for found in sink.glob(&target.root, pattern) {
            let family = name_of(&found);
            let Some((name, _)) = family.rsplit_once('_').filter(|_| found.is_directory()) else { continue };
            let artifact = Artifact::new(sink.collector(), Location::path(&found.path))
                .state(State::Remnant)
                .with(Field::Name, name)
                .with(Field::PackageFamilyName, family.as_str())
                .with(Field::Type, "data-folder")
                .with_some(Field::User, home_owner(&found.path))
                .with(Field::Path, shown(&found.path));
            sink.artifact(artifact);
        }
    }
}

fn artifact(target: &Target, sink: &Sink<'_>, found: &Found, package: &Package) -> Artifact {
    let folder = parent(&found.path);
    let program = |name: &String| join(folder, name.replace('\\', "/").as_bytes());
    let programs: Vec<Vec<u8>> = package.executables.iter().map(program).collect();
    // Windows moves what it could not delete yet to a folder of that name.
    let is_deleted = parent(folder).eq_ignore_ascii_case(b"Program Files/WindowsApps/Deleted");
    let gone = !programs.is_empty() && programs.iter().all(|path| target.root.is_gone(path));
    let publishers = [package.publisher_name.as_deref(), package.publisher.as_deref().and_then(common_name)];
    Artifact::new(sink.collector(), Location::path(&found.path))
        .state(if gone || is_deleted { State::Remnant } else { State::Installed })
        .with_some(Field::Name, package.name.as_deref())
        .with_some(Field::DisplayName, package.display_name.as_deref())
        .with_some(Field::Version, package.version.as_deref())
        .with_some(Field::Arch, package.arch.as_deref())
        .with_many(Field::Publisher, publishers.into_iter().flatten())
        .with_some(Field::Subject, package.publisher.as_deref())
        .with_some(Field::PackageFamilyName, package.family_name())
        .with_some(Field::Description, package.description.as_deref())
        .with_many(Field::Program, programs.iter().map(|path| shown(path)))
        .with(Field::InstallLocation, shown(folder))
        .with(Field::Path, shown(&found.path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    #[test]
    fn packages_and_what_is_left_of_them() {
        let manifest = |name: &str| {
            format!(
                "<Package><Identity Name='{name}' Publisher='CN=\"Example, Inc.\", C=US' Version='1.0.0.0'/>\
                 <Properties><DisplayName>{name}</DisplayName></Properties>\
                 <Applications><Application Executable='bin\\a.exe'/></Applications></Package>"
            )
        };
        let apps = "Program Files/WindowsApps";
        let tree = Memory::new()
            .directory("Windows/System32")
            .file(format!("{apps}/A_1.0/AppxManifest.xml"), manifest("A"))
            .file(format!("{apps}/A_1.0/Bin/A.exe"), "")
            .file(format!("{apps}/B_1.0/AppxManifest.xml"), manifest("B"))
            .file("Windows/SystemApps/C/AppxManifest.xml", "<Package><Identity Name='C'/>");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        let [a, b, c] = artifacts.as_slice() else { panic!("{artifacts:?}") };
        assert_eq!((a.state, a.text(Field::Publisher)), (State::Installed, Some("Example, Inc.")));
        assert_eq!(a.text(Field::Program), Some("/Program Files/WindowsApps/A_1.0/bin/a.exe"));
        assert_eq!((b.state, c.text(Field::Name)), (State::Remnant, Some("C")));
        assert_eq!(gaps.len(), 1, "the cut manifest");
    }
}
