//! Shortcuts of the Start menu, desktops and the Quick Launch bar: they stay when a program is deleted by hand.

use crate::collector::Sink;
use crate::collector::common::places::home_owner;
use crate::collector::windows::registered::{is_gone, state};
use crate::format::link::shell_link;
use crate::fs::root::name_of;
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::shown;

/// Where they lie.
pub(super) const READS: [&str; 10] = [
    "ProgramData/Microsoft/Windows/Start Menu/*",
    "ProgramData/Microsoft/Windows/Start Menu/Programs/*",
    "ProgramData/Microsoft/Windows/Start Menu/Programs/*/*",
    "ProgramData/Microsoft/Windows/Start Menu/Programs/*/*/*",
    "Users/*/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/*",
    "Users/*/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/*/*",
    "Users/*/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/*/*/*",
    "Users/*/AppData/Roaming/Microsoft/Internet Explorer/Quick Launch/*",
    "Users/*/AppData/Roaming/Microsoft/Internet Explorer/Quick Launch/User Pinned/*/*",
    "Users/*/Desktop/*",
];
/// Bytes read of one.
const LIMIT: usize = 1 << 20;
/// The most shortcuts and folders reported.
const SHORTCUTS: usize = 10_000;

pub(super) fn run(target: &Target, sink: &mut Sink<'_>) {
    let mut folders = Vec::new();
    for pattern in READS {
        folders.extend(sink.glob(&target.root, pattern).into_iter().filter(|found| {
            // Folders of programs; those of desktops are a user's own.
            found.is_directory() && pattern.contains("Programs")
        }));
    }
    for found in sink.limited(folders, SHORTCUTS, b"", "folders of the Start menu") {
        sink.artifact(base(sink, &found.path, &name_of(&found)).with(Field::Type, "start-menu-folder"));
    }
    let mut files = sink.files(&target.root, &READS);
    files.retain(|found| name_of(found).to_ascii_lowercase().ends_with(".lnk"));
    for found in sink.limited(files, SHORTCUTS, b"", "shortcuts") {
        let Some(bytes) = sink.read(&target.root, &found, LIMIT) else { continue };
        let name = name_of(&found);
        let stem = name.get(..name.len().saturating_sub(4)).unwrap_or(&name);
        let registry = target.registry();
        // One that is damaged starts nothing: its name is what is left.
        let link = shell_link::read(&bytes).map(|link| link.value);
        let program =
            link.as_ref().and_then(|link| link.target()).map(|path| registry.expand_at(path, &found.path));
        let known = program.as_deref().is_some_and(|path| registry.on_target(path).is_some());
        let is_left = !known || program.as_deref().is_some_and(|path| is_gone(target, path, None));
        let names = [Some(stem.to_owned()), link.and_then(|link| link.name)];
        let artifact = base(sink, &found.path, stem)
            .with_many(Field::Name, names.into_iter().flatten())
            .with_some(Field::Path, program)
            .with(Field::Type, "shortcut")
            .state(state(is_left));
        sink.artifact(artifact);
    }
}

fn base(sink: &Sink<'_>, path: &[u8], name: &str) -> Artifact {
    Artifact::new(sink.collector(), Location::path(path))
        .state(State::Remnant)
        .with(Field::Name, name)
        .with(Field::Path, shown(path))
        .with_some(Field::User, home_owner(path))
}

#[cfg(test)]
mod tests {
    use super::super::COLLECTOR;
    use super::*;
    use crate::collector::collect;
    use crate::collector::windows::testing::complete;

    #[test]
    fn shortcuts_name_what_they_lead_to_or_what_they_are_called() {
        let link = include_bytes!("../../../../tests/fixtures/windows/shortcut.lnk");
        let menu = "ProgramData/Microsoft/Windows/Start Menu/Programs";
        let tree = complete()
            .directory("Program Files")
            .file(format!("{menu}/Vendor Tools/Tool.lnk"), &link[..])
            .file("Users/u/Desktop/Other tool.lnk", "damaged")
            .file("Users/u/Desktop/notes.txt", "x");
        let (artifacts, gaps) = collect(&COLLECTOR, &tree.target(crate::registry::Memory::new()));
        assert!(gaps.is_empty(), "{gaps:?}");
        let seen: Vec<_> = artifacts
            .iter()
            .map(|one| (one.text(Field::Type).unwrap(), one.text(Field::Name).unwrap(), one.state))
            .collect();
        assert_eq!(
            seen,
            [
                ("start-menu-folder", "Vendor Tools", State::Remnant),
                ("shortcut", "Tool", State::Remnant),
                ("shortcut", "Other tool", State::Remnant),
            ]
        );
    }
}
