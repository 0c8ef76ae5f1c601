//! `firefox_addons`: add-ons of Firefox, Thunderbird and their relatives, what forces them, and the programs
//! they may start.
//!
//! A profile's `extensions.json` is its list; a file in a profile that the list does not know is left over, and
//! is installed where there is no list to ask. Folders as in MDN, "Native manifests", and mozilla-central,
//! toolkit/xre/nsXREDirProvider.cpp.

mod places;
mod profile;
mod registry;
mod shape;

use std::collections::BTreeSet;

use places::{HOSTS, POLICIES, PROFILE_READS, PROFILES, SHARED};
use profile::{left, lying, profile};

use super::native_messaging;
use super::places::DATA_PLACES;
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::format::browser::browser_policy;
use crate::fs::Found;
use crate::fs::root::name_of;
use crate::model::{Artifact, Field, Location};
use crate::registry::{HIVES, with_hives};
use crate::target::Target;
use crate::text::{shown, text_of};

/// The collector of what Mozilla's relatives keep.
pub const COLLECTOR: Collector = Collector {
    name: "firefox_addons",
    about: "Add-ons of Firefox, Thunderbird and every other relative in every profile and of the machine, policies that install them, and their native messaging hosts.",
    applies: Applies::EVERYWHERE,
    reads: &with_hives::<{ HIVES.len() + READS.len() }>(READS),
    walks: DATA_PLACES,
    keys: registry::KEYS,
    yields: &[
        Field::Identifier,
        Field::Name,
        Field::DisplayName,
        Field::Version,
        Field::Description,
        Field::Author,
        Field::Homepage,
        Field::UpdateUrl,
        Field::Permissions,
        Field::Type,
        Field::Source,
        Field::InstallLocation,
        Field::Enabled,
        Field::Browser,
        Field::Profile,
        Field::User,
        Field::Path,
        Field::Program,
        Field::Depends,
        Field::Key,
    ],
    run,
    visit: Some(Visit { wants: shape::wants, file: shape::file }),
};

const READS: &[&str] = &{
    let mut all =
        [""; PROFILE_READS.len() + shape::READS.len() + POLICIES.len() + HOSTS.len() + SHARED.len()];
    let (profiles, rest) = all.split_at_mut(PROFILE_READS.len());
    let (hidden, rest) = rest.split_at_mut(shape::READS.len());
    hidden.copy_from_slice(shape::READS);
    let (policies, rest) = rest.split_at_mut(POLICIES.len());
    let (hosts, shared) = rest.split_at_mut(HOSTS.len());
    profiles.copy_from_slice(PROFILE_READS);
    policies.copy_from_slice(POLICIES);
    hosts.copy_from_slice(HOSTS);
    shared.copy_from_slice(SHARED);
    all
};

/// Bytes read of a policy file.
const POLICY: usize = 4 << 20;

fn run(target: &Target, sink: &mut Sink<'_>) {
    registry::run(target, sink);
    let mut seen = BTreeSet::new();
    for (browser, pattern) in PROFILES {
        for folder in sink.glob(&target.root, pattern) {
            if folder.is_directory() && seen.insert(folder.real.clone()) {
                profile(target, sink, browser, &folder);
            }
        }
    }
    for folder in shape::hidden(target, sink) {
        if seen.insert(folder.real.clone()) {
            profile(target, sink, &shape::name(&folder.path), &folder);
        }
    }
    for found in sink.files(&target.root, POLICIES) {
        policy(target, sink, &found);
    }
    for found in sink.files(&target.root, HOSTS) {
        native_messaging::host(target, sink, browser_of(&found.path), &found);
    }
    for pattern in SHARED {
        // `pattern` names folders; add-ons are files more often than not.
        for folder in sink.glob(&target.root, folder_of(pattern)) {
            if folder.is_directory() && seen.insert(folder.real.clone()) {
                for (id, path) in lying(target, sink, &folder) {
                    let artifact = left(sink, &id, &path, browser_of(&path)).with(Field::Source, "machine");
                    sink.artifact(artifact);
                }
            }
        }
    }
}

/// `a/*/` for `a/*/*/`.
fn folder_of(pattern: &'static str) -> &'static str {
    pattern.strip_suffix("*/").unwrap_or(pattern).trim_end_matches('/')
}

/// The browser that a folder of the machine belongs to.
fn browser_of(path: &[u8]) -> &'static str {
    let path = text_of(path).to_lowercase();
    ["thunderbird", "librewolf", "waterfox", "seamonkey"]
        .into_iter()
        .find(|name| path.contains(name))
        .unwrap_or("firefox")
}

fn policy(target: &Target, sink: &mut Sink<'_>, found: &Found) {
    let Some(bytes) = sink.read(&target.root, found, POLICY) else { return };
    let installed = match browser_policy::mozilla(&bytes) {
        Ok(installed) => installed,
        Err(damage) => return sink.damage(&found.path, &[damage]),
    };
    for one in installed {
        let record = one.id.clone().or(one.update_url.clone()).unwrap_or_else(|| name_of(found));
        let artifact = Artifact::new(sink.collector(), Location::record(&found.path, record))
            .with_some(Field::Identifier, one.id)
            .with_some(Field::UpdateUrl, one.update_url)
            .with(Field::Type, "policy")
            .with(Field::Source, one.policy)
            .with(Field::Browser, browser_of(&found.path))
            .with(Field::Path, shown(&found.path));
        sink.artifact(artifact);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::State;
    use crate::model::{Gap, GapKind, TargetKind};

    fn collected(tree: Memory) -> (Vec<Artifact>, Vec<Gap>) {
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        collect(&COLLECTOR, &target)
    }

    const LIST: &str = r#"{"schemaVersion": 36, "addons": [
        {"id": "a@example.com", "version": "2.1", "type": "extension", "active": true, "location": "app-profile",
         "defaultLocale": {"name": "Example"}, "locales": [{"name": "Beispiel"}]},
        {"id": "b@example.com", "type": "extension", "active": false, "defaultLocale": {"name": "Other"}}]}"#;

    #[test]
    fn profiles_wherever_they_are_with_what_their_list_does_not_know() {
        let tree = Memory::new()
            .file("home/u/.mozilla/firefox/x.default/extensions.json", LIST)
            .file("home/u/.mozilla/firefox/x.default/extensions/a@example.com.xpi", "PK")
            .file("home/u/.mozilla/firefox/x.default/extensions/left@example.com.xpi", "PK")
            .file("home/u/.mozilla/firefox/x.default/extensions/staged/x", "")
            .file("root/.thunderbird/y/extensions/mail@example.com.xpi", "PK");
        let (artifacts, gaps) = collected(tree);
        assert_eq!(gaps, []);
        let short: Vec<_> = artifacts
            .iter()
            .map(|it| (it.text(Field::Identifier).unwrap(), it.state, it.text(Field::Browser).unwrap()))
            .collect();
        assert_eq!(
            short,
            [
                ("a@example.com", State::Installed, "firefox"),
                ("b@example.com", State::Disabled, "firefox"),
                ("left@example.com", State::Remnant, "firefox"),
                ("mail@example.com", State::Installed, "thunderbird"),
            ]
        );
        assert_eq!(artifacts[0].text(Field::User), Some("u"));
        assert_eq!(artifacts[0].text(Field::Profile), Some("x.default"));
        assert_eq!(artifacts[0].text(Field::DisplayName), Some("Beispiel"));
        assert_eq!(artifacts[3].text(Field::User), Some("root"));
    }

    #[test]
    fn a_damaged_list_is_a_gap_and_its_files_are_installed() {
        let tree = Memory::new()
            .file("home/u/.mozilla/firefox/x/extensions.json", &LIST[..60])
            .file("home/u/.mozilla/firefox/x/extensions/a@example.com.xpi", "PK");
        let (artifacts, gaps) = collected(tree);
        assert_eq!(gaps.iter().map(|gap| gap.kind).collect::<Vec<_>>(), [GapKind::Truncated]);
        assert_eq!((artifacts.len(), artifacts[0].state), (1, State::Installed));
    }

    #[test]
    fn policies_hosts_and_add_ons_of_the_machine() {
        let tree = Memory::new()
            .file(
                "etc/firefox/policies/policies.json",
                r#"{"policies": {"ExtensionSettings": {"c@example.com": {"installation_mode": "force_installed"},
                    "d@example.com": {"installation_mode": "blocked"}}}}"#,
            )
            .file(
                "usr/lib/mozilla/native-messaging-hosts/com.example.json",
                r#"{"name": "com.example", "path": "/opt/gone", "allowed_extensions": ["a@example.com"]}"#,
            )
            .file("usr/lib/mozilla/extensions/{ec8030f7-c20a-464f-9b0e-13a3a9e97384}/e@example.com.xpi", "PK");
        let (artifacts, gaps) = collected(tree);
        assert_eq!(gaps, []);
        let short: Vec<_> = artifacts
            .iter()
            .map(|it| {
                (it.text(Field::Identifier), it.text(Field::Name), it.text(Field::Type).unwrap(), it.state)
            })
            .collect();
        assert_eq!(
            short,
            [
                (Some("c@example.com"), None, "policy", State::Installed),
                (None, Some("com.example"), "native-messaging-host", State::Remnant),
                (Some("e@example.com"), None, "extension", State::Installed),
            ]
        );
    }
}
