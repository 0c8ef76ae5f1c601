//! `dotnet_packages`: NuGet packages inside .NET programs, by the list that the build leaves beside each.

use super::places::{PROGRAM_PLACES, home_owner};
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::format::package::dotnet_deps;
use crate::fs::Entry;
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::shown;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "dotnet_packages",
    about: "NuGet packages and projects inside .NET programs.",
    applies: Applies::EVERYWHERE,
    reads: &[],
    walks: PROGRAM_PLACES,
    keys: &[],
    yields: &[Field::Name, Field::Version, Field::Type, Field::User, Field::Path],
    run: |_, _| (),
    visit: Some(Visit { wants, file }),
};

/// Bytes read of one list.
const LIMIT: usize = 16 << 20;

fn wants(entry: &Entry<'_>) -> bool {
    entry.has_ending(&[".deps.json"])
}

fn file(_: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let path = entry.path();
    let Some(bytes) = sink.read_entry(entry, LIMIT) else { return };
    let libraries = match dotnet_deps::libraries(&bytes) {
        Ok(libraries) => libraries,
        Err(damage) => return sink.damage(path, &[damage]),
    };
    for library in libraries {
        // The program itself, and what others made that went into it.
        let is_own = library.kind.as_deref() == Some("project");
        let record = format!("{}/{}", library.name, library.version);
        let artifact = Artifact::new(sink.collector(), Location::record(path, record))
            .state(if is_own { State::Installed } else { State::Embedded })
            .with(Field::Name, library.name)
            .with(Field::Version, library.version)
            .with_some(Field::Type, library.kind)
            .with_some(Field::User, home_owner(path))
            .with(Field::Path, shown(path));
        sink.artifact(artifact);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    #[test]
    fn the_program_is_installed_and_its_packages_embedded() {
        let list = r#"{"libraries": {"App/1.0": {"type": "project"}, "Kit/2.0": {"type": "package"}}}"#;
        let tree = Memory::new().file("opt/app/App.deps.json", list).file("opt/app/Bad.deps.json", "{}");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = crate::collector::collect(&COLLECTOR, &target);
        let short: Vec<_> = artifacts.iter().map(|it| (it.text(Field::Name).unwrap(), it.state)).collect();
        assert_eq!(short, [("App", State::Installed), ("Kit", State::Embedded)]);
        assert_eq!(gaps.len(), 1);
    }
}
