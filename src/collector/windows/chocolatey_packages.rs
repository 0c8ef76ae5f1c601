//! `chocolatey_packages`: packages of Chocolatey, by the manifests that it keeps of them (osquery's table of that
//! name reads the same files). What it could not install or remove cleanly stays in `lib-bad` and `lib-bkp`.

use crate::collector::support::facts::of_nuspec;
use crate::collector::{Applies, Collector, Sink};
use crate::format::package::nuspec;
use crate::fs::root::name_of;
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::shown;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "chocolatey_packages",
    about: "Packages of Chocolatey: id, title, version, authors.",
    applies: Applies::WINDOWS,
    reads: &[
        "ProgramData/chocolatey/lib/*/*.nuspec",
        "ProgramData/chocolatey/lib-bad/*/*.nuspec",
        "ProgramData/chocolatey/lib-bkp/*/*.nuspec",
        // A folder for each version, since Chocolatey 1.
        "ProgramData/chocolatey/lib-bad/*/*/*.nuspec",
        "ProgramData/chocolatey/lib-bkp/*/*/*.nuspec",
        "ProgramData/chocolatey/lib-synced/*/*.nuspec",
    ],
    walks: &[],
    keys: &[],
    yields: &[
        Field::Name,
        Field::DisplayName,
        Field::Version,
        Field::Author,
        Field::Packager,
        Field::Description,
        Field::Homepage,
        Field::Copyright,
        Field::Depends,
        Field::Path,
    ],
    run,
    visit: None,
};

/// Bytes read of a manifest.
const LIMIT: usize = 4 << 20;

fn run(target: &Target, sink: &mut Sink<'_>) {
    for found in sink.files(&target.root, COLLECTOR.reads) {
        let Some(bytes) = sink.read(&target.root, &found, LIMIT) else { continue };
        let parsed = nuspec::parse(&bytes);
        sink.damage(&found.path, &parsed.damage);
        let mut package = parsed.value;
        let path = found.path.to_ascii_lowercase();
        let is_kept = [b"/lib-bad/".as_slice(), b"/lib-bkp/"]
            .iter()
            .any(|part| memchr::memmem::find(&path, part).is_some());
        // The file is called by the id.
        let file = name_of(&found);
        let stem = file.get(..file.len().saturating_sub(".nuspec".len())).unwrap_or(&file).to_owned();
        let artifact = Artifact::new(sink.collector(), Location::path(&found.path))
            .state(if is_kept { State::Remnant } else { State::Installed })
            .with(Field::Name, package.id.take().unwrap_or(stem))
            .with(Field::Path, shown(&found.path));
        sink.artifact(of_nuspec(artifact, package));
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
    fn packages_by_id_else_by_the_name_of_the_file() {
        let tree = Memory::new()
            .file(
                "ProgramData/chocolatey/lib/tool/tool.nuspec",
                "<package><metadata><id>Tool</id><version>1.0</version><authors>Example</authors></metadata></package>",
            )
            .file("ProgramData/chocolatey/lib-bad/other/other.nuspec", "<package><metadata>")
            .file("ProgramData/chocolatey/lib-bad/third/1.0/third.nuspec", "<package><metadata/></package>")
            .directory("windows/system32");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        let [tool, other, third] = artifacts.as_slice() else { panic!("{artifacts:?}") };
        assert_eq!((tool.text(Field::Name), tool.text(Field::Author)), (Some("Tool"), Some("Example")));
        assert_eq!((other.state, other.text(Field::Name)), (State::Remnant, Some("other")));
        assert_eq!((third.state, third.text(Field::Name)), (State::Remnant, Some("third")));
        assert_eq!(gaps.len(), 1);
    }
}
