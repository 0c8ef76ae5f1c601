//! `winget_packages`: portable programs that the Windows Package Manager unpacked. What it installs otherwise is
//! registered by its own installer. Folders are called `PackageId_SourceId` (winget-cli, "Portable installs").

use crate::collector::common::places::home_owner;
use crate::collector::{Applies, Collector, Sink};
use crate::fs::root::name_of;
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::shown;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "winget_packages",
    about: "Portable programs that the Windows Package Manager (winget) unpacked, by their package ids.",
    applies: Applies::WINDOWS,
    reads: &[
        "Users/*/AppData/Local/Microsoft/WinGet/Packages/*/",
        "Program Files/WinGet/Packages/*/",
        "Program Files (x86)/WinGet/Packages/*/",
    ],
    walks: &[],
    keys: &[],
    yields: &[Field::Name, Field::Source, Field::User, Field::InstallLocation, Field::Path],
    run,
    visit: None,
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    for pattern in COLLECTOR.reads {
        for found in sink.glob(&target.root, pattern) {
            if !found.is_directory() {
                continue;
            }
            let is_empty = match target.root.list_found(&found) {
                Ok(names) => names.is_empty(),
                Err(fault) => {
                    sink.fault(fault);
                    false
                }
            };
            let name = name_of(&found);
            // Ids of packages hold no underscore before the source's; sources are package family names.
            let (id, source) = name.split_once('_').unwrap_or((&name, ""));
            let artifact = Artifact::new(sink.collector(), Location::path(&found.path))
                .state(if is_empty { State::Remnant } else { State::Installed })
                .with(Field::Name, id)
                .with(Field::Source, source)
                .with_some(Field::User, home_owner(&found.path))
                .with(Field::InstallLocation, shown(&found.path))
                .with(Field::Path, shown(&found.path));
            sink.artifact(artifact);
        }
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
    fn folders_tell_the_package_and_empty_ones_are_left() {
        let packages = "Users/anna/AppData/Local/Microsoft/WinGet/Packages";
        let tree = Memory::new()
            .directory("Windows/System32")
            .file(format!("{packages}/Example.Tool_Microsoft.Winget.Source_8wekyb3d8bbwe/tool.exe"), "")
            .directory(format!("{packages}/Gone.Tool_x"));
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, _) = collect(&COLLECTOR, &target);
        let [tool, gone] = artifacts.as_slice() else { panic!("{artifacts:?}") };
        assert_eq!(tool.text(Field::Name), Some("Example.Tool"));
        assert_eq!(tool.text(Field::Source), Some("Microsoft.Winget.Source_8wekyb3d8bbwe"));
        assert_eq!((gone.state, gone.text(Field::Name)), (State::Remnant, Some("Gone.Tool")));
    }
}
