//! `os_version`: the operating system that the target says it is. A vendor's own operating system is a product.

use crate::collector::{Applies, Collector, Sink};
use crate::model::{Artifact, Field, Location, Os};
use crate::registry::{HIVES, with_hives};
use crate::target::Target;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "os_version",
    about: "The operating system's name and version as its own files state them.",
    applies: Applies::EVERYWHERE,
    // The list of accounts says where homes lie (`target::homes`): kept with the rest when an image is prepared.
    reads: &with_hives::<{ HIVES.len() + 4 }>(&[OS_RELEASE[0], OS_RELEASE[1], OS_RELEASE[2], "etc/passwd"]),
    walks: &[],
    keys: &[r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"],
    yields: &[Field::Name, Field::DisplayName, Field::Version],
    run,
    visit: None,
};

const OS_RELEASE: [&str; 3] =
    ["etc/os-release", "usr/lib/os-release", "System/Library/CoreServices/SystemVersion.plist"];

fn run(target: &Target, sink: &mut Sink<'_>) {
    if target.os.os.is_none() {
        return;
    }
    // Version and edition of a Windows.
    if target.os.os == Some(Os::Windows) {
        target.registry();
    }
    let os = target.identity();
    let place = OS_RELEASE.iter().find(|path| target.root.exists(path.as_bytes()));
    let location = place.map(|path| Location::path(path.as_bytes())).unwrap_or_default();
    let artifact = Artifact::new(sink.collector(), location)
        .with(Field::Name, os.id.as_str())
        .with(Field::DisplayName, os.name.as_str())
        .with(Field::Version, os.version.as_str());
    sink.artifact(artifact);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    #[test]
    fn the_name_comes_from_os_release() {
        let tree = Memory::new()
            .file("etc/os-release", b"ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian 12\"\n");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        assert_eq!(artifacts.len(), 1);
        assert_eq!(artifacts[0].text(Field::Name), Some("debian"));
        assert_eq!(artifacts[0].location.path.as_deref(), Some("/etc/os-release"));
        assert!(gaps.is_empty());
    }
}
