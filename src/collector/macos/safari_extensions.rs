//! `safari_extensions`: extensions that Safari knows of, by user. Those inside of apps are `apps` too; here is
//! whether they are switched on, and what outlived its app.

use super::{home_owner, property_list};
use crate::collector::{Applies, Collector, Sink};
use crate::format::text::plist::Value;
use crate::fs::Found;
use crate::fs::root::name_of;
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::shown;

/// Lists of extensions inside of apps: identifier and team, then what is known.
const LISTS: &[(&str, &str)] = &[
    (
        "app-extension",
        "Users/*/Library/Containers/com.apple.Safari/Data/Library/Safari/AppExtensions/Extensions.plist",
    ),
    (
        "web-extension",
        "Users/*/Library/Containers/com.apple.Safari/Data/Library/Safari/WebExtensions/Extensions.plist",
    ),
    (
        "content-blocker",
        "Users/*/Library/Containers/com.apple.Safari/Data/Library/Safari/ContentBlockers/Extensions.plist",
    ),
    ("app-extension", "Users/*/Library/Safari/AppExtensions/Extensions.plist"),
    ("web-extension", "Users/*/Library/Safari/WebExtensions/Extensions.plist"),
];
/// Archives of Safari 5 to 12, and the list of them.
const ARCHIVES: &str = "Users/*/Library/Safari/Extensions/*.safariextz";
const OLD_LIST: &str = "Users/*/Library/Safari/Extensions/Extensions.plist";

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "safari_extensions",
    about: "Extensions of Safari of every user, switched on or not.",
    applies: Applies::MACOS,
    reads: &[
        "Users/*/Library/Containers/com.apple.Safari/Data/Library/Safari/AppExtensions/Extensions.plist",
        "Users/*/Library/Containers/com.apple.Safari/Data/Library/Safari/WebExtensions/Extensions.plist",
        "Users/*/Library/Containers/com.apple.Safari/Data/Library/Safari/ContentBlockers/Extensions.plist",
        "Users/*/Library/Safari/AppExtensions/Extensions.plist",
        "Users/*/Library/Safari/WebExtensions/Extensions.plist",
        ARCHIVES,
        OLD_LIST,
    ],
    walks: &[],
    keys: &[],
    yields: &[
        Field::Identifier,
        Field::Name,
        Field::TeamIdentifier,
        Field::Type,
        Field::Enabled,
        Field::Permissions,
        Field::Browser,
        Field::User,
        Field::Path,
    ],
    run,
    visit: None,
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    for (kind, pattern) in LISTS {
        for found in sink.files(&target.root, &[pattern]) {
            let Some(list) = property_list(&target.root, sink, &found) else { continue };
            for (key, value) in list.entries() {
                // `com.example.app.extension (TEAM123456)`
                let (identifier, team) = match key.rsplit_once(" (") {
                    Some((identifier, team)) => (identifier, Some(team.trim_end_matches(')'))),
                    None => (key.as_str(), None),
                };
                let sites = value.get("Permissions").map(Value::entries).unwrap_or_default();
                let artifact = artifact(sink, &found, kind, identifier, value.boolean("Enabled"))
                    .with_some(Field::TeamIdentifier, team)
                    .with_many(Field::Permissions, sites.iter().take(100).map(|(site, _)| site));
                sink.artifact(artifact);
            }
        }
    }
    let mut listed = Vec::new();
    for found in sink.files(&target.root, &[OLD_LIST]) {
        let Some(list) = property_list(&target.root, sink, &found) else { continue };
        for extension in list.get("Installed Extensions").map(Value::items).unwrap_or_default() {
            let Some(archive) = extension.text("Archive File Name") else { continue };
            listed.push((home_owner(&found.path), archive.to_owned()));
            let artifact = archived(sink, &found, archive, extension.boolean("Enabled"));
            sink.artifact(artifact);
        }
    }
    for found in sink.files(&target.root, &[ARCHIVES]) {
        let name = name_of(&found);
        if !listed.contains(&(home_owner(&found.path), name.clone())) {
            let artifact = archived(sink, &found, &name, None).state(State::Remnant);
            sink.artifact(artifact);
        }
    }
}

/// Archives are called by identifier and team: `com.example.tool-TEAM123456.safariextz`.
fn archived(sink: &Sink<'_>, found: &Found, name: &str, enabled: Option<bool>) -> Artifact {
    let stem = name.trim_end_matches(".safariextz");
    let parts = stem.rsplit_once('-').filter(|(_, team)| team.len() == 10);
    let (identifier, team) = parts.map_or((stem, None), |(identifier, team)| (identifier, Some(team)));
    artifact(sink, found, "archive", identifier, enabled).with_some(Field::TeamIdentifier, team)
}

fn artifact(sink: &Sink<'_>, found: &Found, kind: &str, identifier: &str, enabled: Option<bool>) -> Artifact {
    Artifact::new(sink.collector(), Location::record(&found.path, identifier))
        .state(if enabled == Some(false) { State::Disabled } else { State::Installed })
        .with(Field::Identifier, identifier)
        .with(Field::Name, identifier)
        .with(Field::Type, kind)
        .with_some(Field::Enabled, enabled.map(|enabled| if enabled { "yes" } else { "no" }))
        .with(Field::Browser, "safari")
        .with_some(Field::User, home_owner(&found.path))
        .with(Field::Path, shown(&found.path))
}
