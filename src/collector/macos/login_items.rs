//! `login_items`: what macOS keeps of apps, agents and daemons that start by themselves, and whether someone
//! switched them off. An entry stays when its program is removed; it is a remnant then.
//!
//! Since macOS 13 the list of the machine, which only Full Disk Access can read; before, one of each user. A new
//! macOS leaves the list of the old one beside its own: the highest number counts.

use super::{home_owner, is_gone};
use crate::collector::{Applies, Collector, Sink};
use crate::format::text::background_items::{self, Item};
use crate::format::text::plist::Value;
use crate::fs::Found;
use crate::fs::root::name_of;
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::file_name;

const MACHINE: &str = "private/var/db/com.apple.backgroundtaskmanagement/BackgroundItems-v*.btm";
const USERS: &str =
    "Users/*/Library/Application Support/com.apple.backgroundtaskmanagementagent/backgrounditems.btm";
/// The list of Mac OS X 10.5 to 10.12, and that of the versions before.
const OLD: &str = "Users/*/Library/Preferences/com.apple.loginitems.plist";
const OLDEST: &str = "Users/*/Library/Preferences/loginwindow.plist";
/// Scripts that run when anyone logs in or out.
const HOOKS: [&str; 2] = [
    "private/var/root/Library/Preferences/com.apple.loginwindow.plist",
    "Library/Preferences/com.apple.loginwindow.plist",
];
/// What the Dock holds.
const DOCK: &str = "Users/*/Library/Preferences/com.apple.dock.plist";
/// Apps that were open when a user logged out, and start at the next login.
const OPEN: &str = "Users/*/Library/Preferences/ByHost/com.apple.loginwindow.*.plist";
/// Apps that open files and addresses for a user.
const HANDLERS: [&str; 2] = [
    "Users/*/Library/Preferences/com.apple.LaunchServices/com.apple.launchservices.secure.plist",
    "Users/*/Library/Preferences/com.apple.LaunchServices.plist",
];
/// Users that are none: the system's, by their number at the end.
const SYSTEM_USER: &str = "FFFFEEEE-DDDD-CCCC-BBBB-AAAA";

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "login_items",
    about: "Login items, agents and daemons that macOS was told to start, their signers, and whether they were switched off; apps in the Dock, and those that open files.",
    applies: Applies::MACOS,
    reads: &[MACHINE, USERS, OLD, OLDEST, HOOKS[0], HOOKS[1], DOCK, OPEN, HANDLERS[0], HANDLERS[1]],
    walks: &[],
    keys: &[],
    yields: &[
        Field::Name,
        Field::Identifier,
        Field::BundleIdentifier,
        Field::TeamIdentifier,
        Field::Publisher,
        Field::Program,
        Field::Cmdline,
        Field::Type,
        Field::Enabled,
        Field::OnDisk,
        Field::Scope,
        Field::User,
        Field::Path,
    ],
    run,
    visit: None,
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    let newest = sink.files(&target.root, &[MACHINE]).into_iter().max_by_key(number);
    old(target, sink);
    hooks(target, sink);
    dock(target, sink);
    open(target, sink);
    handlers(target, sink);
    let users = sink.files(&target.root, &[USERS]);
    for found in newest.into_iter().chain(users) {
        let Some(bytes) = sink.read(&target.root, &found, super::LIMIT) else { continue };
        let read = background_items::read(&bytes);
        sink.damage(&found.path, &read.damage);
        for item in read.value {
            let artifact = artifact(target, sink, &found, &item);
            sink.artifact(artifact);
        }
    }
}

/// Lists of versions before macOS 10.13: names with the place in an alias record, or with a path.
fn old(target: &Target, sink: &mut Sink<'_>) {
    for found in sink.files(&target.root, &[OLD, OLDEST]) {
        let Some(list) = super::dictionary(&target.root, sink, &found) else { continue };
        let session = list.get("SessionItems").and_then(|items| items.get("CustomListItems"));
        let launched = list.get("AutoLaunchedApplicationDictionary");
        for item in [session, launched].into_iter().flatten().flat_map(Value::items) {
            let alias = item.get("Alias").and_then(data_of).and_then(alias_path);
            let program = alias.or_else(|| item.text("Path").map(str::to_owned));
            let name = item.text("Name").map(str::to_owned);
            let name = name.or_else(|| program.as_deref().map(|program| file_name(program).to_owned()));
            let gone = program.as_deref().map(|program| is_gone(&target.root, program));
            let record = name.clone().unwrap_or_default();
            let artifact = Artifact::new(sink.collector(), Location::record(&found.path, record))
                .state(if gone == Some(false) { State::Installed } else { State::Remnant })
                .with_some(Field::Name, name)
                .with_some(Field::Program, program)
                .with(Field::Type, "login item")
                .with_some(Field::OnDisk, gone.map(|gone| if gone { "no" } else { "yes" }))
                .with(Field::Scope, "user")
                .with_some(Field::User, home_owner(&found.path));
            sink.artifact(artifact);
        }
    }
}

/// What runs at each login and logout.
fn hooks(target: &Target, sink: &mut Sink<'_>) {
    for found in sink.files(&target.root, &HOOKS) {
        let Some(list) = super::dictionary(&target.root, sink, &found) else { continue };
        for name in ["LoginHook", "LogoutHook"] {
            let Some(program) = list.text(name) else { continue };
            let gone = is_gone(&target.root, program);
            let artifact = Artifact::new(sink.collector(), Location::record(&found.path, name))
                .state(if gone { State::Remnant } else { State::Installed })
                .with(Field::Name, name)
                .with(Field::Program, program)
                .with(Field::Type, "login hook")
                .with(Field::OnDisk, if gone { "no" } else { "yes" })
                .with(Field::Scope, "machine");
            sink.artifact(artifact);
        }
    }
}

/// Apps that a user keeps in the Dock; one that was removed stays there as a question mark.
fn dock(target: &Target, sink: &mut Sink<'_>) {
    for found in sink.files(&target.root, &[DOCK]) {
        let Some(list) = super::dictionary(&target.root, sink, &found) else { continue };
        let lists = ["persistent-apps", "recent-apps", "persistent-others"];
        for tile in lists.iter().filter_map(|name| list.get(name)).flat_map(Value::items) {
            let Some(data) = tile.get("tile-data") else { continue };
            let url = data.get("file-data").and_then(|file| file.text("_CFURLString"));
            let program =
                url.map(|url| format!("/{}", super::extension_state::path_of(url).trim_matches('/')));
            let identifier = data.text("bundle-identifier");
            if identifier.is_some_and(|id| id.starts_with("com.apple.")) {
                continue;
            }
            let gone = program.as_deref().map(|program| is_gone(&target.root, program));
            let label = data.text("file-label").map(str::to_owned);
            let record = label.clone().or_else(|| identifier.map(str::to_owned)).unwrap_or_default();
            let artifact = Artifact::new(sink.collector(), Location::record(&found.path, record))
                .state(if gone == Some(false) { State::Installed } else { State::Remnant })
                .with_some(Field::Name, label)
                .with_some(Field::BundleIdentifier, identifier)
                .with_some(Field::Program, program)
                .with(Field::Type, "dock")
                .with_some(Field::OnDisk, gone.map(|gone| if gone { "no" } else { "yes" }))
                .with(Field::Scope, "user")
                .with_some(Field::User, home_owner(&found.path));
            sink.artifact(artifact);
        }
    }
}

/// Apps that macOS opens again at the next login.
fn open(target: &Target, sink: &mut Sink<'_>) {
    for found in sink.files(&target.root, &[OPEN]) {
        let Some(list) = super::dictionary(&target.root, sink, &found) else { continue };
        let apps = list.get("TALAppsToRelaunchAtLogin").map(Value::items).unwrap_or_default();
        for app in apps {
            let identifier = app.text("BundleID");
            if identifier.is_some_and(|id| id.to_ascii_lowercase().starts_with("com.apple.")) {
                continue;
            }
            let program = app.text("Path");
            let gone = program.is_none_or(|program| is_gone(&target.root, program));
            let record = identifier.or(program).unwrap_or_default();
            let artifact = Artifact::new(sink.collector(), Location::record(&found.path, record))
                .state(if gone { State::Remnant } else { State::Installed })
                .with_some(Field::Name, program.and_then(|path| path.rsplit('/').next()))
                .with_some(Field::BundleIdentifier, identifier)
                .with_some(Field::Program, program)
                .with(Field::Type, "open at logout")
                .with(Field::OnDisk, if gone { "no" } else { "yes" })
                .with(Field::Scope, "user")
                .with_some(Field::User, home_owner(&found.path));
            sink.artifact(artifact);
        }
    }
}

/// Apps that a user chose to open files and addresses with; the choice outlives the app.
fn handlers(target: &Target, sink: &mut Sink<'_>) {
    for found in sink.files(&target.root, &HANDLERS) {
        let Some(list) = super::dictionary(&target.root, sink, &found) else { continue };
        let mut apps = std::collections::BTreeSet::new();
        for handler in list.get("LSHandlers").map(Value::items).unwrap_or_default() {
            let roles = handler.entries().iter().filter(|(key, _)| key.starts_with("LSHandlerRole"));
            apps.extend(roles.filter_map(|(_, app)| app.as_text()).map(str::to_lowercase));
        }
        apps.retain(|app| app.contains('.') && !app.starts_with("com.apple."));
        for app in apps {
            let artifact = Artifact::new(sink.collector(), Location::record(&found.path, &app))
                .state(State::Remnant)
                .with(Field::Identifier, app.as_str())
                .with(Field::BundleIdentifier, app)
                .with(Field::Type, "handler")
                .with(Field::Scope, "user")
                .with_some(Field::User, home_owner(&found.path));
            sink.artifact(artifact);
        }
    }
}

fn data_of(value: &Value) -> Option<&[u8]> {
    match value {
        Value::Data(bytes) => Some(bytes),
        _ => None,
    }
}

/// The path in an alias record: the text under tag 18, behind 150 bytes of fixed length.
fn alias_path(record: &[u8]) -> Option<String> {
    let mut at = 150;
    loop {
        let head: [u8; 4] = *record.get(at..)?.first_chunk()?;
        let (tag, length) =
            (u16::from_be_bytes([head[0], head[1]]), usize::from(u16::from_be_bytes([head[2], head[3]])));
        let data = record.get(at + 4..)?.get(..length)?;
        match tag {
            18 => return Some(format!("/{}", String::from_utf8_lossy(data).trim_matches(['/', '\0']))),
            0xffff => return None,
            _ => at += 4 + length.next_multiple_of(2),
        }
    }
}

/// The number of a list: `16` of `BackgroundItems-v16.btm`.
fn number(found: &Found) -> u64 {
    let digits: String = name_of(found).chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

fn artifact(target: &Target, sink: &Sink<'_>, found: &Found, item: &Item) -> Artifact {
    let program = item.program.as_deref().or(item.path.as_deref()).filter(|path| path.starts_with('/'));
    let gone = program.map(|program| is_gone(&target.root, program));
    let state = match gone {
        // Who signed others, not something that starts.
        _ if item.kind == "developer" => State::Remnant,
        // Without a place nothing shows whether it is there.
        Some(true) | None => State::Remnant,
        Some(false) if item.enabled => State::Installed,
        Some(false) => State::Disabled,
    };
    let owner = home_owner(&found.path);
    let is_machines = item.user.as_deref().is_some_and(|user| user.starts_with(SYSTEM_USER));
    let record = [item.user.as_deref(), item.identifier.as_deref().or(item.path.as_deref())];
    let record: Vec<&str> = record.into_iter().flatten().collect();
    Artifact::new(sink.collector(), Location::record(&found.path, record.join("/")))
        .state(state)
        .with_some(Field::Name, item.name.as_deref())
        .with_some(Field::Identifier, item.identifier.as_deref())
        .with_many(Field::BundleIdentifier, &item.bundles)
        .with_some(Field::TeamIdentifier, item.team.as_deref())
        .with_some(Field::Publisher, item.developer.as_deref())
        .with_some(Field::Program, program)
        .with(Field::Cmdline, item.arguments.join(" "))
        .with(Field::Type, item.kind)
        .with(Field::Enabled, if item.enabled { "yes" } else { "no" })
        .with_some(Field::OnDisk, gone.map(|gone| if gone { "no" } else { "yes" }))
        .with(Field::Scope, if is_machines { "machine" } else { "user" })
        .with_some(Field::User, owner)
        .with_some(Field::Path, item.path.as_deref())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::fixture;
    use crate::collector::collect;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    #[test]
    fn lists_of_old_versions_are_read() {
        let mut record = vec![0; 150];
        for (tag, text) in [(2_u16, "xyz"), (18, "Applications/Tool.app")] {
            record.extend(tag.to_be_bytes());
            record.extend((text.len() as u16).to_be_bytes());
            record.extend(text.bytes());
            record.resize(record.len().next_multiple_of(2), 0);
        }
        assert_eq!(alias_path(&record).as_deref(), Some("/Applications/Tool.app"));
        assert_eq!((alias_path(&record[..160]), alias_path(b"")), (None, None));
        let list = "<plist><dict><key>SessionItems</key><dict><key>CustomListItems</key><array>\
            <dict><key>Name</key><string>Tool</string></dict></array></dict></dict></plist>";
        let oldest = "<plist><dict><key>AutoLaunchedApplicationDictionary</key><array>\
            <dict><key>Path</key><string>/Applications/Other.app</string></dict></array></dict></plist>";
        let tree = Memory::new()
            .file("Users/a/Library/Preferences/com.apple.loginitems.plist", list)
            .file("Users/a/Library/Preferences/loginwindow.plist", oldest)
            .directory("Applications/Other.app");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        assert!(gaps.is_empty(), "{gaps:?}");
        let seen: Vec<_> = artifacts.iter().map(|one| (one.text(Field::Name), one.state)).collect();
        assert_eq!(seen, [(Some("Tool"), State::Remnant), (Some("Other.app"), State::Installed)]);
    }

    #[test]
    fn apps_in_the_dock() {
        let tile = |id: &str, url: &str| {
            format!(
                "<dict><key>tile-data</key><dict><key>bundle-identifier</key><string>{id}</string><key>file-label</key>\
                <string>Tool</string><key>file-data</key><dict><key>_CFURLString</key><string>{url}</string></dict></dict></dict>"
            )
        };
        let list = format!(
            "<plist><dict><key>persistent-apps</key><array>{}{}{}</array></dict></plist>",
            tile("com.apple.Safari", "file:///Applications/Safari.app/"),
            tile("com.vendor.a", "file:///Applications/Vendor%20A.app/"),
            tile("com.vendor.b", "file:///Applications/B.app/"),
        );
        let tree = Memory::new()
            .file("Users/a/Library/Preferences/com.apple.dock.plist", list)
            .directory("Applications/Vendor A.app");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        assert!(gaps.is_empty(), "{gaps:?}");
        let seen: Vec<_> = artifacts.iter().map(|one| (one.text(Field::Program), one.state)).collect();
        assert_eq!(
            seen,
            [
                (Some("/Applications/Vendor A.app"), State::Installed),
                (Some("/Applications/B.app"), State::Remnant)
            ]
        );
    }

    #[test]
    fn the_newest_list_counts_and_what_is_gone_is_a_remnant() {
        let folder = "private/var/db/com.apple.backgroundtaskmanagement";
        let tree = Memory::new()
            .file(format!("{folder}/BackgroundItems-v9.btm"), "of an older system, not read")
            .file(format!("{folder}/BackgroundItems-v16.btm"), fixture("macos/BackgroundItems-v16.btm"))
            .file("Applications/Example Tool ü.app/Contents/Info.plist", "")
            .file(
                "Users/a/Library/Application Support/com.apple.backgroundtaskmanagementagent/backgrounditems.btm",
                fixture("macos/backgrounditems.btm"),
            )
            .file("Applications/Example Tool.app/Contents/Info.plist", "");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        assert!(gaps.is_empty(), "{gaps:?}");
        let seen: Vec<_> = artifacts
            .iter()
            .map(|one| (one.text(Field::Type).unwrap(), one.text(Field::User), one.state))
            .collect();
        assert_eq!(
            seen,
            [
                ("app", None, State::Installed),
                ("agent", None, State::Remnant),
                ("daemon", None, State::Remnant),
                ("developer", None, State::Remnant),
                ("login-item", Some("a"), State::Installed),
                ("login-item", Some("a"), State::Remnant),
            ]
        );
        assert_eq!(artifacts[0].text(Field::TeamIdentifier), Some("EXAMPLE123"));
    }
}
