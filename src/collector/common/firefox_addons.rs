//! `firefox_addons`: add-ons of Firefox, Thunderbird and their relatives, what forces them, and the programs
//! they may start.
//!
//! A profile's `extensions.json` is its list; a file in a profile that the list does not know is left over, and
//! is installed where there is no list to ask. Folders as in MDN, "Native manifests", and mozilla-central,
//! toolkit/xre/nsXREDirProvider.cpp.

mod registry;
mod shape;

use std::collections::BTreeSet;

use super::native_messaging;
use super::places::{DATA_PLACES, home_owner};
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::format::browser::browser_policy;
use crate::format::browser::mozilla_extensions::{self, Addon};
use crate::fs::root::name_of;
use crate::fs::tree::{ListedKind, file_name, join, parent};
use crate::fs::{Fault, Found};
use crate::model::{Artifact, Field, Location, State};
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

/// Defines the folders whose children are profiles.
macro_rules! profiles {
    (linux: [$($lb:literal $lp:literal)*] others: [$($ob:literal $op:literal)*]) => {
        const PROFILES: &[(&str, &str)] = &[
            $(($lb, concat!("home/*/", $lp, "/*/")), ($lb, concat!("root/", $lp, "/*/")),)*
            $(($ob, concat!($op, "/*/")),)*
        ];
        const PROFILE_READS: &[&str] = &[
            $(
                concat!("home/*/", $lp, "/*/extensions.json"), concat!("root/", $lp, "/*/extensions.json"),
                concat!("home/*/", $lp, "/*/extensions/*/"), concat!("root/", $lp, "/*/extensions/*/"),
            )*
            $(concat!($op, "/*/extensions.json"), concat!($op, "/*/extensions/*/"),)*
        ];
    };
}

profiles! {
    linux: [
        "firefox" ".mozilla/firefox"
        "firefox" ".config/mozilla/firefox"
        "firefox" "snap/firefox/common/.mozilla/firefox"
        "firefox" ".var/app/org.mozilla.firefox/.mozilla/firefox"
        "firefox" ".var/app/org.mozilla.firefox/config/mozilla/firefox"
        "seamonkey" ".mozilla/seamonkey"
        "librewolf" ".librewolf"
        "librewolf" ".var/app/io.gitlab.librewolf-community/.librewolf"
        "waterfox" ".waterfox"
        "thunderbird" ".thunderbird"
        "thunderbird" "snap/thunderbird/common/.thunderbird"
        "thunderbird" ".var/app/org.mozilla.Thunderbird/.thunderbird"
        "thunderbird" ".var/app/org.mozilla.thunderbird/.thunderbird"
    ]
    others: [
        "firefox" "Users/*/Library/Application Support/Firefox/Profiles"
        "thunderbird" "Users/*/Library/Thunderbird/Profiles"
        "librewolf" "Users/*/Library/Application Support/librewolf/Profiles"
        "waterfox" "Users/*/Library/Application Support/Waterfox/Profiles"
        "firefox" "Users/*/AppData/Roaming/Mozilla/Firefox/Profiles"
        "firefox" "Users/*/AppData/Local/Packages/Mozilla.Firefox_n80bbvh6b1yt2/LocalCache/Roaming/Mozilla/Firefox/Profiles"
        "thunderbird" "Users/*/AppData/Roaming/Thunderbird/Profiles"
        "librewolf" "Users/*/AppData/Roaming/librewolf/Profiles"
        "waterfox" "Users/*/AppData/Roaming/Waterfox/Profiles"
        "seamonkey" "Users/*/AppData/Roaming/Mozilla/SeaMonkey/Profiles"
    ]
}

/// Policies of the machine.
const POLICIES: &[&str] = &[
    "etc/firefox/policies/policies.json",
    "etc/firefox-esr/policies/policies.json",
    "etc/thunderbird/policies/policies.json",
    "etc/librewolf/policies/policies.json",
    "usr/lib/firefox/distribution/policies.json",
    "usr/lib64/firefox/distribution/policies.json",
    "usr/lib/firefox-esr/distribution/policies.json",
    "usr/lib/thunderbird/distribution/policies.json",
    "usr/lib64/thunderbird/distribution/policies.json",
    "usr/share/librewolf/distribution/policies.json",
    "opt/firefox/distribution/policies.json",
    "snap/firefox/current/usr/lib/firefox/distribution/policies.json",
    "Applications/Firefox.app/Contents/Resources/distribution/policies.json",
    "Applications/Thunderbird.app/Contents/Resources/distribution/policies.json",
    "Program Files/Mozilla Firefox/distribution/policies.json",
    "Program Files (x86)/Mozilla Firefox/distribution/policies.json",
    "Program Files/Mozilla Thunderbird/distribution/policies.json",
];

/// Registrations of programs.
const HOSTS: &[&str] = &[
    "usr/lib/mozilla/native-messaging-hosts/*.json",
    "usr/lib64/mozilla/native-messaging-hosts/*.json",
    "usr/share/mozilla/native-messaging-hosts/*.json",
    "home/*/.mozilla/native-messaging-hosts/*.json",
    "root/.mozilla/native-messaging-hosts/*.json",
    "home/*/.librewolf/native-messaging-hosts/*.json",
    "Library/Application Support/Mozilla/NativeMessagingHosts/*.json",
    "Users/*/Library/Application Support/Mozilla/NativeMessagingHosts/*.json",
];

/// Add-ons that are installed for every profile by lying in a folder, under their identifier.
const SHARED: &[&str] = &[
    "usr/lib/mozilla/extensions/*/*/",
    "usr/lib64/mozilla/extensions/*/*/",
    "usr/share/mozilla/extensions/*/*/",
    "home/*/.mozilla/extensions/*/*/",
    "root/.mozilla/extensions/*/*/",
    "usr/lib/firefox/distribution/extensions/*/",
    "usr/lib64/firefox/distribution/extensions/*/",
    "usr/lib/firefox-esr/distribution/extensions/*/",
    "usr/lib/thunderbird/distribution/extensions/*/",
    "opt/firefox/distribution/extensions/*/",
    "Program Files/Mozilla Firefox/distribution/extensions/*/",
    "Program Files (x86)/Mozilla Firefox/distribution/extensions/*/",
    "Library/Application Support/Mozilla/Extensions/*/*/",
];

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

/// Bytes read of a list of add-ons.
const LIST: usize = 32 << 20;
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

fn profile(target: &Target, sink: &mut Sink<'_>, browser: &str, folder: &Found) {
    let path = join(&folder.path, b"extensions.json");
    let list = sink.read_path(&target.root, &path, LIST).map(|bytes| mozilla_extensions::addons(&bytes));
    let name = text_of(file_name(&folder.path));
    let mut known = BTreeSet::new();
    let has_list = match list {
        Some(Ok(addons)) => {
            sink.damage(&path, &addons.damage);
            for addon in addons.value {
                let artifact = listed(sink, &addon, &path, browser).with(Field::Profile, name.as_str());
                sink.artifact(artifact);
                known.insert(addon.id);
            }
            true
        }
        Some(Err(damage)) => {
            sink.damage(&path, &[damage]);
            false
        }
        None => false,
    };
    let extensions = match target.root.find(&join(&folder.path, b"extensions")) {
        Ok(extensions) if extensions.is_directory() => extensions,
        Ok(_) | Err(Fault::Absent) => return,
        Err(fault) => return sink.fault(fault),
    };
    for (id, path) in lying(target, sink, &extensions) {
        if !known.contains(&id) {
            let state = if has_list { State::Remnant } else { State::Installed };
            let artifact = left(sink, &id, &path, browser).with(Field::Profile, name.as_str()).state(state);
            sink.artifact(artifact);
        }
    }
}

/// Identifiers and paths of what lies in a folder of add-ons.
fn lying(target: &Target, sink: &mut Sink<'_>, folder: &Found) -> Vec<(String, Vec<u8>)> {
    let names = sink.list(&target.root, folder);
    let addons = names.into_iter().filter_map(|listed| {
        let name = text_of(&listed.name);
        let id = match listed.kind {
            ListedKind::File => name.strip_suffix(".xpi")?,
            ListedKind::Directory | ListedKind::Link => name.strip_suffix(".xpi").unwrap_or(&name),
            ListedKind::Special => return None,
        };
        // `staged` and `trash` hold what is being installed and removed.
        let is_id = id.contains('@') || id.starts_with('{');
        is_id.then(|| (id.to_owned(), join(&folder.path, &listed.name)))
    });
    addons.collect()
}

fn listed(sink: &Sink<'_>, addon: &Addon, path: &[u8], browser: &str) -> Artifact {
    let mut names = addon.names.iter();
    Artifact::new(sink.collector(), Location::record(path, addon.id.as_str()))
        .state(if addon.active { State::Installed } else { State::Disabled })
        .with(Field::Identifier, addon.id.as_str())
        .with_some(Field::Name, names.next())
        .with_many(Field::DisplayName, names)
        .with_some(Field::Version, addon.version.as_deref())
        .with_some(Field::Description, addon.description.as_deref())
        .with_some(Field::Author, addon.creator.as_deref())
        .with_some(Field::Homepage, addon.homepage.as_deref())
        .with_some(Field::UpdateUrl, addon.update_url.as_deref())
        .with_many(Field::Permissions, &addon.permissions)
        .with(Field::Type, addon.kind.as_deref().unwrap_or("extension"))
        .with_many(Field::Source, addon.source.iter().chain(&addon.location))
        .with_some(Field::Path, addon.path.as_deref())
        .with(Field::Enabled, if addon.active { "yes" } else { "no" })
        .with(Field::Browser, browser)
        .with_some(Field::User, home_owner(path))
}

/// An add-on that only its file reports.
fn left(sink: &Sink<'_>, id: &str, path: &[u8], browser: &str) -> Artifact {
    Artifact::new(sink.collector(), Location::path(path))
        .with(Field::Identifier, id)
        .with(Field::Type, "extension")
        .with(Field::Browser, browser)
        .with_some(Field::User, home_owner(path))
        .with(Field::Path, shown(path))
        .with(Field::InstallLocation, shown(parent(path)))
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
