//! `configuration_profiles`: what device management set on this machine, and profiles that are kept as files.
//!
//! The store of installed profiles is macOS's own secret; the settings they make lie in `Managed Preferences`. Teams
//! and identifiers are what other products are allowed by, so they are taken from wherever they stand in a profile.

use super::{home_owner, property_list};
use crate::collector::{Applies, Collector, Sink};
use crate::format::text::plist::Value;
use crate::fs::root::name_of;
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::shown;

const MANAGED: &[&str] = &["Library/Managed Preferences/*.plist", "Library/Managed Preferences/*/*.plist"];
const KEPT: &[&str] = &[
    "Users/*/Downloads/*.mobileconfig",
    "Users/*/Downloads/*/*.mobileconfig",
    "Users/*/Desktop/*.mobileconfig",
    "Users/*/Documents/*.mobileconfig",
    "Users/Shared/*.mobileconfig",
];
/// The store of installed profiles, where it is a property list, and settings beside it.
const STORED: &[&str] = &[
    "private/var/db/ConfigurationProfiles/Store/*",
    "private/var/db/ConfigurationProfiles/Settings/*.plist",
    "private/var/db/ConfigurationProfiles/*.plist",
];

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "configuration_profiles",
    about: "Settings that configuration profiles made, and profiles kept as files, with the teams and bundles they name.",
    applies: Applies::MACOS,
    reads: &[
        "Library/Managed Preferences/*.plist",
        "Library/Managed Preferences/*/*.plist",
        "Users/*/Downloads/*.mobileconfig",
        "Users/*/Downloads/*/*.mobileconfig",
        "Users/*/Desktop/*.mobileconfig",
        "Users/*/Documents/*.mobileconfig",
        "Users/Shared/*.mobileconfig",
        "private/var/db/ConfigurationProfiles/Store/*",
        "private/var/db/ConfigurationProfiles/Settings/*.plist",
        "private/var/db/ConfigurationProfiles/*.plist",
    ],
    walks: &[],
    keys: &[],
    yields: &[
        Field::Name,
        Field::DisplayName,
        Field::Identifier,
        Field::Publisher,
        Field::TeamIdentifier,
        Field::BundleIdentifier,
        Field::Type,
        Field::User,
        Field::Path,
    ],
    run,
    visit: None,
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    for (patterns, kind) in [(MANAGED, "managed-preferences"), (KEPT, "profile"), (STORED, "store")] {
        for found in sink.files(&target.root, patterns) {
            let list = match kind {
                "profile" => profile(target, sink, &found),
                "store" => stored(target, sink, &found),
                _ => property_list(&target.root, sink, &found),
            };
            let Some(list) = list else { continue };
            let (mut teams, mut bundles) = (Vec::new(), Vec::new());
            named(&list, &mut teams, &mut bundles);
            let (mut identifiers, mut makers, mut labels) = (Vec::new(), Vec::new(), Vec::new());
            all_of(&list, "PayloadIdentifier", &mut identifiers);
            all_of(&list, "PayloadOrganization", &mut makers);
            all_of(&list, "PayloadDisplayName", &mut labels);
            let domain = name_of(&found).trim_end_matches(".plist").to_owned();
            // Managed settings are named after the bundle that they are for.
            if kind == "managed-preferences" && domain.contains('.') {
                bundles.push(domain.clone());
            }
            let user = home_owner(&found.path).or_else(|| {
                let folder = crate::fs::tree::parent(&found.path);
                let name = crate::text::text_of(crate::fs::tree::file_name(folder));
                (kind == "managed-preferences" && name != "Managed Preferences").then_some(name)
            });
            let artifact = Artifact::new(sink.collector(), Location::path(&found.path))
                .state(State::Remnant)
                .with(Field::Name, domain)
                .with_many(Field::DisplayName, labels)
                .with_many(Field::Identifier, identifiers)
                .with_many(Field::Publisher, makers)
                .with_many(Field::TeamIdentifier, teams)
                .with_many(Field::BundleIdentifier, bundles)
                .with(Field::Type, kind)
                .with_some(Field::User, user)
                .with(Field::Path, shown(&found.path));
            sink.artifact(artifact);
        }
    }
}

/// A profile may be signed: then the list lies whole within the signature.
fn profile(target: &Target, sink: &mut Sink<'_>, found: &crate::fs::Found) -> Option<Value> {
    let bytes = sink.read(&target.root, found, super::LIMIT)?;
    let start = memchr::memmem::find(&bytes, b"<?xml").unwrap_or(0);
    let end = memchr::memmem::rfind(&bytes, b"</plist>").map_or(bytes.len(), |end| end + 8);
    let read = crate::format::text::plist::read(bytes.get(start..end).unwrap_or(&bytes));
    sink.damage(&found.path, &read.damage);
    Some(read.value)
}

/// A file of the store, if it is a property list.
fn stored(target: &Target, sink: &mut Sink<'_>, found: &crate::fs::Found) -> Option<Value> {
    let bytes = sink.read(&target.root, found, super::LIMIT)?;
    let is_list = bytes.starts_with(b"bplist") || bytes.starts_with(b"<?xml") || bytes.starts_with(b"<plist");
    if !is_list {
        return None;
    }
    let read = crate::format::text::plist::read(&bytes);
    sink.damage(&found.path, &read.damage);
    Some(read.value)
}

/// The texts under a key, wherever it stands.
fn all_of(value: &Value, key: &str, texts: &mut Vec<String>) {
    for item in value.items() {
        all_of(item, key, texts);
    }
    for (name, value) in value.entries() {
        if name == key {
            texts.extend(value.as_text().map(str::to_owned));
        }
        all_of(value, key, texts);
    }
}

/// Gathers the teams and bundles that stand anywhere in a profile.
fn named(value: &Value, teams: &mut Vec<String>, bundles: &mut Vec<String>) {
    for item in value.items() {
        named(item, teams, bundles);
    }
    for (key, value) in value.entries() {
        let texts = || {
            value
                .as_text()
                .into_iter()
                .chain(value.items().iter().filter_map(Value::as_text))
                .map(str::to_owned)
        };
        match key.as_str() {
            "AllowedTeamIdentifiers" | "TeamIdentifier" | "AllowedTeamIDs" => teams.extend(texts()),
            "AllowedSystemExtensions"
            | "AllowedKernelExtensions"
            | "AllowedSystemExtensionTypes"
            | "RemovableSystemExtensions" => {
                teams.extend(value.entries().iter().map(|(team, _)| team.clone()));
                bundles.extend(
                    value
                        .entries()
                        .iter()
                        .flat_map(|(_, list)| list.items())
                        .filter_map(Value::as_text)
                        .map(str::to_owned),
                );
            }
            // Rules for login items, since macOS 13.
            "RuleValue" => {
                let text = value.as_text().map(str::to_owned);
                if text.as_ref().is_some_and(|text| text.contains('.')) {
                    bundles.extend(text);
                } else {
                    teams.extend(text);
                }
            }
            "Identifier"
            | "BundleIdentifier"
            | "bundleID"
            | "PluginBundleID"
            | "FilterDataProviderBundleIdentifier" => bundles.extend(texts()),
            "CodeRequirement" | "FilterDataProviderDesignatedRequirement" => {
                teams.extend(value.as_text().and_then(team_of_requirement).map(str::to_owned));
            }
            _ => {}
        }
        named(value, teams, bundles);
    }
}

/// The team that a code requirement asks for: `certificate leaf[subject.OU] = "TEAM123456"`.
fn team_of_requirement(requirement: &str) -> Option<&str> {
    let after = requirement.split_once("subject.OU]")?.1.trim_start_matches([' ', '=', '"']);
    after.get(..10).filter(|team| team.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    #[test]
    fn teams_and_bundles_stand_anywhere() {
        let policy = "<plist><dict><key>AllowedSystemExtensions</key><dict><key>EXAMPLE123</key><array><string>com.example.ext</string></array></dict></dict></plist>";
        let profile = b"0\x82signature<?xml version='1.0'?><plist><dict><key>PayloadDisplayName</key><string>P</string><key>PayloadContent</key><array><dict>\
            <key>CodeRequirement</key><string>anchor apple generic and certificate leaf[subject.OU] = \"OTHER12345\"</string></dict></array></dict></plist>\0more";
        let tree = Memory::new()
            .file("Library/Managed Preferences/com.apple.system-extension-policy.plist", policy)
            .file("Users/a/Downloads/x.mobileconfig", profile.as_slice());
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        assert!(gaps.is_empty(), "{gaps:?}");
        let [managed, kept] = artifacts.as_slice() else { panic!("{artifacts:?}") };
        assert_eq!(
            (managed.text(Field::TeamIdentifier), managed.text(Field::BundleIdentifier)),
            (Some("EXAMPLE123"), Some("com.example.ext"))
        );
        assert_eq!(
            (kept.text(Field::TeamIdentifier), kept.text(Field::DisplayName)),
            (Some("OTHER12345"), Some("P"))
        );
    }
}
