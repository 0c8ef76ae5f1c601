//! Startup folders: of the machine and of each user. What a shortcut leads to says whether it was left behind.

use super::super::registered::launch;
use super::scripts::{is_script, programs};
use crate::collector::Sink;
use crate::collector::common::places::home_owner;
use crate::format::link::shell_link;
use crate::fs::Found;
use crate::fs::root::name_of;
use crate::model::{Artifact, Field, GapKind, Location, State};
use crate::target::Target;
use crate::text::shown;

/// The folders, as Microsoft's `FOLDERID_CommonStartup` and `FOLDERID_Startup` name them.
pub(super) const READS: &[&str] = &[
    "ProgramData/Microsoft/Windows/Start Menu/Programs/StartUp/*",
    "Users/*/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Startup/*",
];

/// Bytes read of a shortcut.
const LIMIT: usize = 1 << 20;

pub(super) fn run(target: &Target, sink: &mut Sink<'_>) {
    for found in sink.files(&target.root, READS) {
        let name = name_of(&found);
        if name.eq_ignore_ascii_case("desktop.ini") {
            continue;
        }
        let is_shortcut = name.to_ascii_lowercase().ends_with(".lnk");
        let artifact = if is_shortcut {
            shortcut(target, sink, &found, &name)
        } else {
            let started = if is_script(&name) { programs(target, sink, &found) } else { Vec::new() };
            let programs = [shown(&found.path)].into_iter().chain(started);
            Some(base(sink, &found, &name).with_many(Field::Program, programs))
        };
        if let Some(artifact) = artifact {
            sink.artifact(artifact);
        }
    }
}

fn base(sink: &Sink<'_>, found: &Found, name: &str) -> Artifact {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    Artifact::new(sink.collector(), Location::path(&found.path))
        .with(Field::Name, stem)
        .with(Field::Type, "startup folder")
        .with_some(Field::User, home_owner(&found.path))
        .with(Field::Path, shown(&found.path))
}

fn shortcut(target: &Target, sink: &mut Sink<'_>, found: &Found, name: &str) -> Option<Artifact> {
    let bytes = sink.read(&target.root, found, LIMIT)?;
    let base = base(sink, found, name);
    let Some(link) = shell_link::read(&bytes) else {
        sink.gap(GapKind::Corrupt, shown(&found.path), "named as a shortcut, and it is none");
        return Some(base);
    };
    sink.damage(&found.path, &link.damage);
    let link = link.value;
    let line = |program: &str| format!("\"{program}\" {}", link.arguments.as_deref().unwrap_or_default());
    let started = link.target().and_then(|path| {
        let registry = target.registry();
        let line = registry.expand_at(line(path).trim(), &found.path);
        launch(target, &line, None)
    });
    let is_gone = started.as_ref().is_some_and(|started| started.is_gone);
    Some(
        base.state(if is_gone { State::Remnant } else { State::Installed })
            .with_some(
                Field::Cmdline,
                started
                    .as_ref()
                    .and_then(|one| one.programs.first())
                    .map(|program| line(program).trim().to_owned()),
            )
            .with_many(Field::Program, started.map(|started| started.programs).unwrap_or_default())
            .with_some(Field::Description, link.name.as_deref()),
    )
}

#[cfg(test)]
mod tests {
    use super::super::COLLECTOR;
    use super::*;
    use crate::collector::collect;
    use crate::collector::windows::testing::complete;
    use crate::fs::Root;
    use crate::model::TargetKind;

    #[test]
    fn shortcuts_that_lead_somewhere_and_that_were_left() {
        let link = include_bytes!("../../../../tests/fixtures/windows/shortcut.lnk");
        let user = "Users/Анна/AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Startup";
        let all = "ProgramData/Microsoft/Windows/Start Menu/Programs/StartUp";
        let tree = |with_program: bool| {
            let tree = complete()
                .directory("Program Files")
                .file(format!("{user}/Tool.lnk"), &link[..])
                .file(format!("{user}/desktop.ini"), "")
                .file(format!("{all}/script.cmd"), "")
                .file(format!("{all}/bad.lnk"), "text");
            if with_program { tree.file("Program Files/Vendor/Tool/TOOL.EXE", "") } else { tree }
        };
        let run = |tree| {
            let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
            collect(&COLLECTOR, &target)
        };
        let (artifacts, gaps) = run(tree(true));
        let [bad, script, tool] = artifacts.as_slice() else { panic!("{artifacts:?}") };
        assert_eq!((bad.text(Field::Name), script.text(Field::Name)), (Some("bad"), Some("script")));
        assert_eq!((tool.state, tool.text(Field::User)), (State::Installed, Some("Анна")));
        assert_eq!(tool.text(Field::Program), Some("C:\\Program Files\\Vendor\\Tool\\tool.exe"));
        assert_eq!(
            tool.text(Field::Cmdline),
            Some("\"C:\\Program Files\\Vendor\\Tool\\tool.exe\" /minimised")
        );
        assert_eq!(gaps.len(), 1);
        assert_eq!(run(tree(false)).0[2].state, State::Remnant);
    }
}
