//! `init_scripts`: services that are started without systemd: System V, OpenRC, Upstart, runit, s6, `rc.local`.
//!
//! A script is enabled when a runlevel has a link to start it; links whose script is gone are remnants. On a
//! system with systemd a unit of the same name usually stands in for the script, and says more.

mod starters;

use starters::LIMIT;

use std::collections::{BTreeMap, BTreeSet};

use crate::collector::support::program;
use crate::collector::{Applies, Collector, Sink};
use crate::format::executable::ends_at_once;
use crate::format::text::init_script::{self, InitScript};
use crate::format::text::plist;
use crate::fs::Found;
use crate::fs::root::{name_of, normalise};
use crate::fs::tree::{ListedKind, file_name, join, parent};
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::{shown, text_of};

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "init_scripts",
    about: "Services of System V init, OpenRC, Upstart, runit and s6, and what other files start: rc.local, profiles, sessions, hooks.",
    applies: Applies::UNIX,
    reads: starters::READS,
    walks: &[],
    keys: &[],
    yields: &[
        Field::Name,
        Field::Description,
        Field::Program,
        Field::Cmdline,
        Field::StartType,
        Field::Status,
        Field::Type,
        Field::User,
        Field::Path,
    ],
    run,
    visit: None,
};

const SCRIPTS: &[&str] = &["etc/init.d/*", "etc/rc.d/init.d/*"];
/// Folders of links, one for each runlevel.
const RUNLEVELS: &[&str] = &["etc/rc*.d", "etc/rc.d/rc*.d", "etc/init.d/rc*.d", "etc/runlevels/*"];
const UPSTART: &[&str] = &["etc/init/*.conf"];
/// Folders that hold a service each; the ones that a supervisor looks into come first.
const SUPERVISED: &[(&str, &str, &str)] = &[
    ("etc/service/*/run", "runit", "enabled"),
    ("service/*/run", "runit", "enabled"),
    ("var/service/*/run", "runit", "enabled"),
    ("etc/runit/runsvdir/*/*/run", "runit", "enabled"),
    ("etc/services.d/*/run", "s6", "enabled"),
    ("etc/s6-overlay/s6-rc.d/*/run", "s6", "enabled"),
    ("etc/s6/sv/*/run", "s6", "disabled"),
    ("etc/sv/*/run", "runit", "disabled"),
];
/// Startup items of Mac OS X before 10.10: a folder each, with a program of the folder's name.
const STARTUP_ITEMS: &[&str] = &["Library/StartupItems/*/*", "System/Library/StartupItems/*/*"];
/// Files beside the scripts that start nothing of their own.
const NO_SCRIPTS: &[&str] = &["README", "skeleton", "functions", "functions.sh", "rc", "rcS", "boot.local"];
fn run(target: &Target, sink: &mut Sink<'_>) {
    let links = Links::of(target, sink);
    let mut names = BTreeSet::new();
    for found in sink.files(&target.root, SCRIPTS) {
        let name = name_of(&found);
        if NO_SCRIPTS.contains(&name.as_str()) || name.starts_with('.') || name.ends_with(".sh~") {
            continue;
        }
        names.insert(file_name(&found.path).to_vec());
        let levels = links.started.get(file_name(&found.path));
        let start_type = if levels.is_some() { "enabled" } else { "disabled" };
        let levels = levels.into_iter().flatten().map(|level| text_of(level));
        if let Some((artifact, script)) = service(target, sink, &found, start_type) {
            let kind = if script.is_openrc { "openrc" } else { "sysv" };
            sink.artifact(artifact.with_many(Field::Status, levels).with(Field::Type, kind));
        }
    }
    links.yield_leftovers(sink, &names);
    for found in sink.files(&target.root, UPSTART) {
        if let Some((artifact, _)) = service(target, sink, &found, "enabled") {
            let name = name_of(&found);
            sink.artifact(
                artifact.with(Field::Name, name.trim_end_matches(".conf")).with(Field::Type, "upstart"),
            );
        }
    }
    let mut seen = BTreeSet::new();
    for (pattern, kind, start_type) in SUPERVISED {
        for found in sink.files(&target.root, &[pattern]) {
            if seen.insert(found.real.clone())
                && let Some((artifact, _)) = service(target, sink, &found, start_type)
            {
                let name = text_of(file_name(parent(&found.path)));
                sink.artifact(artifact.with(Field::Name, name).with(Field::Type, *kind));
            }
        }
    }
    for found in sink.files(&target.root, STARTUP_ITEMS) {
        let folder = text_of(file_name(parent(&found.path)));
        // A list of what the item is and needs lies beside its program.
        if found.path.ends_with(b".plist") {
            let bytes = sink.read(&target.root, &found, LIMIT).unwrap_or_default();
            let list = plist::read(&bytes);
            sink.damage(&found.path, &list.damage);
            let artifact = Artifact::new(sink.collector(), Location::path(&found.path))
                .state(State::Remnant)
                .with(Field::Name, folder)
                .with_some(Field::Description, list.value.text("Description"))
                .with(Field::Type, "startup-item");
            sink.artifact(artifact);
        } else if let Some((artifact, _)) = service(target, sink, &found, "enabled") {
            sink.artifact(artifact.with(Field::Name, folder).with(Field::Type, "startup-item"));
        }
    }
    starters::run(target, sink);
}

fn service(
    target: &Target,
    sink: &mut Sink<'_>,
    found: &Found,
    start_type: &str,
) -> Option<(Artifact, InitScript)> {
    let own = sink.read(&target.root, found, LIMIT)?;
    sink.damage(&found.path, ends_at_once(&own, false).or_else(|| init_script::unended(&own)).as_slice());
    let settings = starters::settings_of(target, sink, &found.path);
    let script = init_script::parse_with(&settings, &own);
    let started = if script.programs.is_empty() { &script.named } else { &script.programs };
    let state = match start_type {
        _ if program::are_gone(&target.root, started.iter().map(Vec::as_slice)) => State::Remnant,
        "disabled" => State::Disabled,
        _ => State::Installed,
    };
    let names = [name_of(found)].into_iter().chain(script.provides.iter().map(|name| text_of(name)));
    let artifact = Artifact::new(sink.collector(), Location::path(&found.path))
        .state(state)
        .with_many(Field::Name, names)
        .with_many(Field::Description, script.description.iter().map(|text| text_of(text)))
        .with_many(
            Field::Program,
            script.programs.iter().chain(&script.named).map(|program| text_of(program)),
        )
        .with(Field::StartType, start_type)
        .with(Field::Path, shown(&found.path));
    Some((artifact, script))
}

/// The links of the runlevels.
#[derive(Default)]
struct Links {
    /// The runlevels that start a script.
    started: BTreeMap<Vec<u8>, BTreeSet<Vec<u8>>>,
    /// Links that lead to nothing, by the script's name.
    dangling: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Links {
    fn of(target: &Target, sink: &mut Sink<'_>) -> Links {
        let mut links = Links::default();
        let mut seen = BTreeSet::new();
        for pattern in RUNLEVELS {
            for folder in sink.glob(&target.root, pattern) {
                if folder.is_directory() && seen.insert(folder.real.clone()) {
                    links.runlevel(target, sink, &folder);
                }
            }
        }
        links
    }

    fn runlevel(&mut self, target: &Target, sink: &mut Sink<'_>, folder: &Found) {
        let level = file_name(&folder.path);
        let system_v = level.starts_with(b"rc") && level.ends_with(b".d");
        // "init.d" and "rc.d" are not runlevels.
        let level = if system_v {
            level.get(2..level.len() - 2).filter(|level| !level.is_empty())
        } else {
            Some(level)
        };
        let Some(level) = level else { return };
        let names = sink.list(&target.root, folder);
        for listed in names {
            let (starts, name) = match (system_v, listed.name.as_slice()) {
                (true, [kind @ (b'S' | b'K'), a, b, name @ ..])
                    if a.is_ascii_digit() && b.is_ascii_digit() =>
                {
                    (*kind == b'S', name)
                }
                (true, _) => continue,
                (false, name) => (true, name),
            };
            if starts && !matches!(level, b"0" | b"1" | b"6") {
                self.started.entry(name.to_vec()).or_default().insert(level.to_vec());
            }
            let path = join(&folder.path, &listed.name);
            if listed.kind == ListedKind::Link && target.root.is_gone(&path) {
                self.dangling.push((name.to_vec(), normalise(&path)));
            }
        }
    }

    /// Scripts that are gone and still linked, each once.
    fn yield_leftovers(&self, sink: &mut Sink<'_>, scripts: &BTreeSet<Vec<u8>>) {
        let mut named = BTreeSet::new();
        for (name, path) in &self.dangling {
            if !scripts.contains(name) && named.insert(name) {
                let artifact = Artifact::new(sink.collector(), Location::path(path))
                    .state(State::Remnant)
                    .with(Field::Name, text_of(name))
                    .with(Field::Type, "sysv")
                    .with(Field::Path, shown(path));
                sink.artifact(artifact);
            }
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

    fn shown_all(tree: Memory) -> Vec<String> {
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        assert!(gaps.is_empty(), "{gaps:?}");
        let part = |a: &Artifact, field| a.fields.get(&field).map_or("-".into(), |value| value.joined());
        let show = |a: &Artifact| {
            assert!(a.fields.keys().all(|field| COLLECTOR.yields.contains(field)));
            let fields = [Field::Name, Field::Type, Field::StartType, Field::Status, Field::Program];
            format!("{} {}", a.state.word(), fields.map(|field| part(a, field)).join(" | "))
        };
        artifacts.iter().map(show).collect()
    }

    #[test]
    fn system_v_scripts_with_their_runlevels() {
        let tree = Memory::new()
            .file(
                "etc/init.d/vendor",
                "#!/bin/sh\n### BEGIN INIT INFO\n# Provides: vendord\n### END INIT INFO\nDAEMON=/opt/v/d\n",
            )
            .file("etc/init.d/off", "#!/bin/sh\n")
            .file("etc/init.d/README", "x")
            .file("etc/init.d/left", "DAEMON=/opt/gone\n")
            .executable("opt/v/d", "")
            .link("etc/rc3.d/S20vendor", "../init.d/vendor")
            .link("etc/rc2.d/S20vendor", "../init.d/vendor")
            .link("etc/rc0.d/K20vendor", "../init.d/vendor")
            .link("etc/rc2.d/S99removed", "../init.d/removed")
            .link("etc/rc0.d/K01removed", "../init.d/removed");
        assert_eq!(
            shown_all(tree),
            [
                "remnant left | sysv | disabled | - | /opt/gone",
                "disabled off | sysv | disabled | - | -",
                "installed vendor, vendord | sysv | enabled | 2, 3 | /opt/v/d",
                "remnant removed | sysv | - | - | -",
            ]
        );
    }

    #[test]
    fn damaged_archives_in_lists_are_gaps() {
        let list = |data: &str| {
            format!("<plist version=\"1.0\"><dict><key>a</key><data>{data}</data></dict></plist>")
        };
        let gaps = |data: &str| {
            let tree = Memory::new().file("etc/emond.d/rules/a.plist", list(data));
            let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
            collect(&COLLECTOR, &target).1.len()
        };
        assert_eq!(gaps("AAAA"), 0);
        // `bplist00` and two more bytes.
        assert_eq!(gaps("YnBsaXN0MDB4eA=="), 1);
    }

    #[test]
    fn openrc_upstart_runit_and_rc_local() {
        let tree = Memory::new()
            .file("etc/init.d/o", "#!/sbin/openrc-run\ncommand=/usr/bin/o\n")
            .executable("usr/bin/o", "")
            .link("etc/runlevels/default/o", "/etc/init.d/o")
            .file("etc/init/u.conf", "exec /opt/u\n")
            .file("etc/sv/r/run", "#!/bin/sh\nexec /usr/bin/o\n")
            .file("etc/sv/s/run", "#!/bin/sh\n")
            .link("etc/service/r", "/etc/sv/r")
            .file("etc/rc.local", "#!/bin/sh\ntouch x\n/opt/v/start &\nexit 0\n");
        assert_eq!(
            shown_all(tree),
            [
                "installed o | openrc | enabled | default | /usr/bin/o",
                "remnant u | upstart | enabled | - | /opt/u",
                "installed r | runit | enabled | - | /usr/bin/o",
                "disabled s | runit | disabled | - | -",
                "remnant rc.local | rc.local | enabled | - | /opt/v/start",
            ]
        );
    }

    #[test]
    fn what_starts_in_containers() {
        let tree = Memory::new()
            .executable("srv/agent", "")
            .file("etc/services.d/a/run", "#!/usr/bin/execlineb -P\nwith-contenv\n/srv/agent -x\n")
            .file("etc/services.d/a/finish", "#!/bin/sh\n/srv/agent --end\n")
            .file("etc/my_init.d/10-a", "#!/bin/sh\n/srv/agent\n")
            .file("docker-entrypoint.d/10-a.sh", "#!/bin/sh\ntest -d /srv/agent\n/srv/agent &\n")
            .file("etc/supervisord.conf", "[program:a]\ncommand=/srv/agent\ndirectory=/srv/data\n")
            .executable("etc/systemd/system-generators/gen", "\u{7f}ELF")
            .file("app/Procfile", "web: /srv/agent -p 1\n");
        assert_eq!(
            shown_all(tree),
            [
                "installed a | s6 | enabled | - | /srv/agent",
                "installed supervisord.conf | supervisor | enabled | - | /srv/agent",
                "installed gen | generator | enabled | - | /etc/systemd/system-generators/gen",
                "installed finish | s6 | enabled | - | /srv/agent",
                "installed 10-a | my_init | enabled | - | /srv/agent",
                "installed 10-a.sh | entrypoint | enabled | - | /srv/agent",
                "installed Procfile | procfile | enabled | - | /srv/agent",
            ]
        );
    }
}
