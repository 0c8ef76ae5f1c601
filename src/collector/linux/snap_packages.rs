//! `snap_packages`: snaps that snapd manages, that are mounted, or that were left behind.
//!
//! snapd's state says which revision is in use; the mounted snap says its version and title; assertions of the
//! store say who published it. A snap that the state does not know is what a removal left.

use std::collections::{BTreeMap, BTreeSet};

use crate::bytes::{Damage, DamageKind, Salvaged};
use crate::collector::{Applies, Collector, Sink};
use crate::format::package::snap_yaml::{self, SnapYaml};
use crate::format::package::snapd_state::{self, Snap};
use crate::fs::Found;
use crate::fs::root::name_of;
use crate::fs::tree::{file_name, parent};
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::{shown, text_of};

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "snap_packages",
    about: "Snaps with version and publisher, switched on or off, and what removed ones left.",
    applies: Applies::LINUX,
    reads: &[
        STATE,
        MOUNTED[0],
        MOUNTED[1],
        FILES,
        SEED[0],
        SEED[1],
        DECLARATIONS,
        ACCOUNTS,
        LEFT[0],
        LEFT[1],
        LEFT[2],
    ],
    walks: &[],
    keys: &[],
    yields: &[
        Field::Name,
        Field::DisplayName,
        Field::Version,
        Field::Release,
        Field::Publisher,
        Field::Identifier,
        Field::Source,
        Field::Type,
        Field::Description,
        Field::License,
        Field::Arch,
        Field::Enabled,
        Field::User,
        Field::Path,
    ],
    run,
    visit: None,
};

const STATE: &str = "var/lib/snapd/state.json";
const MOUNTED: [&str; 2] = ["snap/*/current/meta/snap.yaml", "var/lib/snapd/snap/*/current/meta/snap.yaml"];
const FILES: &str = "var/lib/snapd/snaps/*.snap";
/// Snaps that an image brings along, which snapd installs at the first boot.
const SEED: [&str; 2] = ["var/lib/snapd/seed/snaps/*.snap", "var/lib/snapd/seed/systems/*/snaps/*.snap"];
const DECLARATIONS: &str = "var/lib/snapd/assertions/asserts-v0/snap-declaration/*/*/active*";
const ACCOUNTS: &str = "var/lib/snapd/assertions/asserts-v0/account/*/active*";
/// Data of snaps, which stays when a snap goes.
const LEFT: [&str; 3] = ["var/snap/*/", "home/*/snap/*/", "root/snap/*/"];

/// Bytes read of snapd's state, which also holds its history.
const STATE_LIMIT: usize = 64 << 20;
/// Bytes read of anything else.
const LIMIT: usize = 1 << 20;

fn run(target: &Target, sink: &mut Sink<'_>) {
    let state = state(target, sink);
    let publishers = publishers(target, sink);
    let mut mounted = mounted(target, sink);
    let mut known = BTreeSet::new();
    for snap in state.iter().flatten() {
        let (path, yaml) = match mounted.remove(&snap.name) {
            Some((path, yaml)) => (Some(path), yaml),
            None => (None, SnapYaml::default()),
        };
        let location = Location::record(STATE.as_bytes(), snap.name.as_str());
        let publisher = snap.id.as_ref().and_then(|id| publishers.get(id));
        let artifact = described(Artifact::new(sink.collector(), location), &yaml)
            .state(if snap.active { State::Installed } else { State::Disabled })
            .with(Field::Name, snap.name.as_str())
            .with_some(Field::Release, snap.revision.as_deref())
            .with_some(Field::Identifier, snap.id.as_deref())
            .with_some(Field::Source, snap.channel.as_deref())
            .with_some(Field::Type, snap.kind.as_deref())
            .with_many(Field::Publisher, publisher.into_iter().flatten())
            .with(Field::Enabled, if snap.active { "yes" } else { "no" })
            .with_some(Field::Path, path.map(|path| shown(&path)));
        sink.artifact(artifact);
        known.insert(snap.name.clone());
    }
    for (name, (path, yaml)) in mounted {
        let artifact = described(Artifact::new(sink.collector(), Location::path(&path)), &yaml)
            .with(Field::Name, name.as_str())
            .with(Field::Path, shown(&path));
        sink.artifact(artifact);
        known.insert(name);
    }
    unknown_files(target, sink, state.is_some(), &mut known);
    left(target, sink, &known);
}

/// The snaps of snapd's state; `None` when there is no readable state.
fn state(target: &Target, sink: &mut Sink<'_>) -> Option<Vec<Snap>> {
    let bytes = sink.read_path(&target.root, STATE.as_bytes(), STATE_LIMIT)?;
    snapd_state::snaps(&bytes).map_err(|damage| sink.damage(STATE.as_bytes(), &[damage])).ok()
}

fn mounted(target: &Target, sink: &mut Sink<'_>) -> BTreeMap<String, (Vec<u8>, SnapYaml)> {
    let mut mounted = BTreeMap::new();
    for found in sink.files(&target.root, &MOUNTED) {
        let Some(bytes) = sink.read(&target.root, &found, LIMIT) else { continue };
        // `NAME/current/meta/snap.yaml`
        let folder = parent(parent(parent(&found.path)));
        let Salvaged { value: yaml, damage } = snap_yaml::parse(&bytes);
        if yaml.name.is_none() || yaml.version.is_none() {
            let what = "it has no name or no version: it is cut or damaged";
            sink.damage(&found.path, &[Damage::new(DamageKind::Truncated, None, what)]);
        }
        sink.damage(&found.path, &damage);
        mounted.insert(text_of(file_name(folder)), (found.path, yaml));
    }
    mounted
}

fn described(artifact: Artifact, yaml: &SnapYaml) -> Artifact {
    artifact
        .with_some(Field::DisplayName, yaml.title.as_deref())
        .with_some(Field::Version, yaml.version.as_deref())
        .with_some(Field::Description, yaml.summary.as_deref())
        .with_some(Field::Type, yaml.kind.as_deref())
        .with_some(Field::License, yaml.license.as_deref())
        .with_many(Field::Arch, &yaml.architectures)
}

/// Names of the publisher by the snap's identifier.
fn publishers(target: &Target, sink: &mut Sink<'_>) -> BTreeMap<String, Vec<String>> {
    let mut headers = |pattern: &str| -> Vec<BTreeMap<String, String>> {
        let files = sink.files(&target.root, &[pattern]);
        files
            .iter()
            .filter_map(|found| sink.read(&target.root, found, LIMIT))
            .map(|bytes| snapd_state::assertion(&bytes))
            .collect()
    };
    let mut accounts = BTreeMap::new();
    for mut account in headers(ACCOUNTS) {
        if let Some(id) = account.remove("account-id") {
            let names: Vec<String> =
                ["display-name", "username"].iter().filter_map(|key| account.remove(*key)).collect();
            accounts.insert(id, names);
        }
    }
    let mut publishers = BTreeMap::new();
    for mut declaration in headers(DECLARATIONS) {
        if let (Some(id), Some(publisher)) =
            (declaration.remove("snap-id"), declaration.remove("publisher-id"))
        {
            let names = accounts.get(&publisher).cloned().unwrap_or_else(|| vec![publisher]);
            publishers.insert(id, names);
        }
    }
    publishers
}

/// `NAME_REVISION.snap` of snaps that nothing else reports.
fn unknown_files(target: &Target, sink: &mut Sink<'_>, has_state: bool, known: &mut BTreeSet<String>) {
    for (patterns, state) in [(&[FILES][..], State::Remnant), (&SEED[..], State::Installer)] {
        for found in sink.files(&target.root, patterns) {
            let file = name_of(&found);
            let stem = file.strip_suffix(".snap").unwrap_or(&file);
            // Snaps of a model that are not from the store have no revision.
            let (name, revision) = stem.rsplit_once('_').unwrap_or((stem, ""));
            if !known.insert(name.to_owned()) {
                continue;
            }
            let artifact = Artifact::new(sink.collector(), Location::path(&found.path))
                .state(if has_state { state } else { State::Installed })
                .with(Field::Name, name)
                .with(Field::Release, revision)
                .with(Field::Path, shown(&found.path));
            sink.artifact(artifact);
        }
    }
}

fn left(target: &Target, sink: &mut Sink<'_>, known: &BTreeSet<String>) {
    for pattern in LEFT {
        let folders: Vec<Found> = sink.glob(&target.root, pattern);
        for folder in folders.iter().filter(|folder| folder.is_directory()) {
            let name = name_of(folder);
            if known.contains(&name) {
                continue;
            }
            let artifact = Artifact::new(sink.collector(), Location::path(&folder.path))
                .state(State::Remnant)
                .with(Field::Name, name)
                .with(Field::Type, "data")
                .with_some(Field::User, super::home_owner(&folder.path))
                .with(Field::Path, shown(&folder.path));
            sink.artifact(artifact);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    fn short(tree: Memory) -> Vec<(String, State, String)> {
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = crate::collector::collect(&COLLECTOR, &target);
        assert_eq!(gaps, []);
        let text = |it: &Artifact, field| it.text(field).unwrap_or("").to_owned();
        artifacts.iter().map(|it| (text(it, Field::Name), it.state, text(it, Field::Version))).collect()
    }

    const STATE_TEXT: &str = r#"{"data": {"snaps": {"tool": {"active": true, "current": "7", "sequence":
        [{"snap-id": "abc", "revision": "7"}]}, "off": {"current": "1", "sequence": []}}}}"#;

    #[test]
    fn the_state_with_what_mounts_and_assertions_add() {
        let assertions = "var/lib/snapd/assertions/asserts-v0";
        let tree = Memory::new()
            .file(STATE, STATE_TEXT)
            .file("snap/tool/7/meta/snap.yaml", "name: tool\nversion: '1.5'\n")
            .link("snap/tool/current", "7")
            .file("var/lib/snapd/snaps/tool_7.snap", "hsqs")
            .file("var/lib/snapd/snaps/gone_3.snap", "hsqs")
            .directory("var/snap/left")
            .directory("home/u/snap/tool")
            .file(
                format!("{assertions}/snap-declaration/16/abc/active"),
                "snap-id: abc\npublisher-id: p1\n\nsig",
            )
            .file(format!("{assertions}/account/p1/active"), "account-id: p1\ndisplay-name: Some One\n\nsig");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = crate::collector::collect(&COLLECTOR, &target);
        assert_eq!(gaps, []);
        let names: Vec<_> = artifacts.iter().map(|it| (it.text(Field::Name).unwrap(), it.state)).collect();
        assert_eq!(
            names,
            [
                ("off", State::Disabled),
                ("tool", State::Installed),
                ("gone", State::Remnant),
                ("left", State::Remnant)
            ]
        );
        assert_eq!(artifacts[1].text(Field::Version), Some("1.5"));
        assert_eq!(artifacts[1].text(Field::Publisher), Some("Some One"));
        assert_eq!(artifacts[1].text(Field::Release), Some("7"));
    }

    #[test]
    fn without_a_state_mounts_and_files_are_installed() {
        let tree = Memory::new()
            .file("var/lib/snapd/snap/a/current/meta/snap.yaml", "name: a\nversion: 2\n")
            .file("var/lib/snapd/snaps/b_1.snap", "hsqs");
        assert_eq!(
            short(tree),
            [("a".into(), State::Installed, "2".into()), ("b".into(), State::Installed, String::new())]
        );
    }

    #[test]
    fn a_damaged_state_is_a_gap() {
        let tree = Memory::new().file(STATE, "{\"data\": {\"sna");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        assert_eq!(crate::collector::collect(&COLLECTOR, &target).1.len(), 1);
    }

    #[test]
    fn what_a_seed_brings_along_is_installed_at_the_first_boot() {
        let seed = "var/lib/snapd/seed/snaps";
        let tree = || {
            Memory::new().file(format!("{seed}/agent_12.snap"), "").file(format!("{seed}/tool_7.snap"), "")
        };
        let names = |tree| short(tree).into_iter().map(|(name, state, _)| (name, state)).collect::<Vec<_>>();
        let all = |state| vec![("agent".to_owned(), State::Installed), ("tool".to_owned(), state)];
        assert_eq!(names(tree()), all(State::Installed));
        let seeded = names(tree().file(STATE, STATE_TEXT));
        assert!(seeded.contains(&("agent".to_owned(), State::Installer)), "{seeded:?}");
        assert_eq!(seeded.iter().filter(|(name, _)| name == "tool").count(), 1, "{seeded:?}");
    }
}
