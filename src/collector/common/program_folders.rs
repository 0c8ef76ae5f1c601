//! `program_folders`: the names of the folders that programs are installed to and keep their data in.
//!
//! Only names, so that what a removal left behind is seen without a walk: one listing for each parent. A folder
//! by itself is a remnant; that more than the folder is there, other collectors tell.
//!
//! The names of some files count as much: the settings that macOS keeps for an app, settings right in `/etc`, and logs
//! right in the folders that all programs share.

use std::collections::BTreeSet;

use super::places::{home_owner, in_inner_tree};
use crate::collector::{Applies, Collector, Sink};
use crate::fs::tree::{ListedKind, file_name, join};
use crate::fs::{Fault, Found};
use crate::model::{Artifact, Field, Location, Os, State};
use crate::target::Target;
use crate::text::{shown, text_of, wildcard};

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "program_folders",
    about: "Names of the folders that programs are installed to and keep their data in, of programs in homes, of their settings on macOS and in Firefox, of settings in /etc, and of logs and folders at the top of a drive.",
    applies: Applies::EVERYWHERE,
    reads: READS,
    walks: &[],
    keys: &[],
    yields: &[Field::Name, Field::Path, Field::User],
    run,
    visit: None,
};

/// Logs at the top of a Windows drive.
const WINDOWS_LOGS: &str = "*_log.txt";
/// Folders at the top of every Windows drive: the system's own.
const WINDOWS_OWN: &[&str] = &[
    "$Recycle.Bin",
    "$WinREAgent",
    "Boot",
    "Documents and Settings",
    "PerfLogs",
    "Program Files",
    "Program Files (Arm)",
    "Program Files (x86)",
    "ProgramData",
    "Recovery",
    "System Volume Information",
    "Users",
    "Windows",
];
/// Settings of apps, of the machine and of each user.
const MAC_SETTINGS: [&str; 7] = [
    "Library/Preferences/*.plist",
    "Users/*/Library/Preferences/*.plist",
    "Users/*/Library/Preferences/ByHost/*.plist",
    "Library/Managed Preferences/*.plist",
    "Library/Managed Preferences/*/*.plist",
    "Users/*/Library/Cookies/*.binarycookies",
    "Users/*/Library/HTTPStorages/*.binarycookies",
];
/// Settings that programs put into the folders of Firefox and Thunderbird. Source: "Customizing Firefox using AutoConfig".
const AUTOCONFIG: [&str; 4] = [
    "Program Files/Mozilla */defaults/pref/*.js",
    "Program Files (x86)/Mozilla */defaults/pref/*.js",
    "Program Files/Mozilla */*.cfg",
    "Program Files (x86)/Mozilla */*.cfg",
];
/// Logs that programs of a Mac keep without a folder of their own.
const MAC_LOGS: [&str; 3] = ["Library/Logs/*.log", "private/var/log/*.log", "private/tmp/*.log"];
/// Files that programs put into folders of the system, by their names; lists of jobs that were renamed start nothing.
const MAC_NAMES: [&str; 6] = [
    "Library/LaunchDaemons/*",
    "Library/LaunchAgents/*",
    "Users/*/Library/LaunchAgents/*",
    "private/etc/asl/*",
    "private/etc/newsyslog.d/*",
    "private/etc/paths.d/*",
];
/// Logs of events: Windows keeps them when a program is removed.
const EVENT_LOGS: &str = "Windows/System32/winevt/Logs/*.evtx";
/// Settings that programs keep right in `/etc`.
const LINUX_SETTINGS: [&str; 5] = ["etc/*.cfg", "etc/*.conf", "etc/*.ini", "etc/*.json", "etc/*.xml"];

/// Folders of programs right in a home: their names begin with a dot.
const HIDDEN: [&str; 3] = ["home/*/.*/", "root/.*/", "Users/*/.*/"];

/// Defines the parents of such folders, and what is listed: the folders in `one`, and in `two` theirs as well.
macro_rules! parents {
    (one: [$($one:literal)*] two: [$($two:literal)*]) => {
        const PARENTS: &[(&str, usize)] = &[$(($one, 1),)* $(($two, 2),)*];
        const READS: &[&str] = &[
            $(concat!($one, "/*/"),)* $(concat!($two, "/*/"), concat!($two, "/*/*/"),)*
            HIDDEN[0], HIDDEN[1], HIDDEN[2], "*/", WINDOWS_LOGS,
            MAC_SETTINGS[0], MAC_SETTINGS[1], MAC_SETTINGS[2], MAC_SETTINGS[3], MAC_SETTINGS[4],
            MAC_SETTINGS[5], MAC_SETTINGS[6], AUTOCONFIG[0], AUTOCONFIG[1], AUTOCONFIG[2], AUTOCONFIG[3],
            MAC_LOGS[0], MAC_LOGS[1], MAC_LOGS[2],
            MAC_NAMES[0], MAC_NAMES[1], MAC_NAMES[2], MAC_NAMES[3], MAC_NAMES[4], MAC_NAMES[5], EVENT_LOGS,
            LINUX_SETTINGS[0], LINUX_SETTINGS[1], LINUX_SETTINGS[2], LINUX_SETTINGS[3], LINUX_SETTINGS[4],
        ];
    };
}

parents! {
    one: [
        "EFI" "boot/efi/EFI" "etc" "usr/lib" "usr/lib64" "usr/libexec" "var/cache" "var/db" "var/lib"
        "home/*/.cache" "home/*/.config" "home/*/.local/share"
        "root/.cache" "root/.config" "root/.local/share"
        "Library/Caches" "Library/Contextual Menu Items" "Library/Extensions" "Library/Input Methods"
        "Library/QuickLook" "Library/Services" "System/Library/Services"
        "ProgramData/Microsoft/Windows/Start Menu/Programs" "Users/*/AppData/Roaming/Microsoft/Windows/Start Menu/Programs"
        "Program Files/Windows Sidebar/Gadgets" "Program Files/Windows Sidebar/Shared Gadgets"
        "Program Files (x86)/Windows Sidebar/Gadgets" "Program Files (x86)/Windows Sidebar/Shared Gadgets"
        "Users/*/AppData/Local/Microsoft/Windows Sidebar/Gadgets"
        "Library" "Library/PrivilegedHelperTools" "Library/Preferences" "Users/Shared" "Users/*/Library"
        "Users/*/Library/Caches" "Users/*/Library/Services" "Users/*/Library/Preferences"
        "Users/*/Library/Containers" "Users/*/Library/Group Containers" "Users/*/Library/Application Scripts"
        "Users/*/Library/HTTPStorages" "Users/*/Library/Saved Application State" "Users/*/Library/WebKit"
    ]
    two: [
        "opt" "opt/*/apps" "srv/*/opt" "srv/opt" "home/*/opt" "etc/opt" "var/opt" "var/log" "usr/local"
        "Library/Application Support" "Library/Logs" "Users/*/Library/Application Support" "Users/*/Library/Logs" "Programs"
        "Program Files" "Program Files (x86)" "ProgramData"
        "Program Files/Common Files" "Program Files (x86)/Common Files" "Users/*/AppData/Local/Programs"
        "Users/*/AppData/Local" "Users/*/AppData/LocalLow" "Users/*/AppData/Roaming"
        "Users/*/AppData/Local/VirtualStore/Program Files" "Users/*/AppData/Local/VirtualStore/Program Files (x86)"
        "Users/*/AppData/Local/VirtualStore/ProgramData"
    ]
}

/// The most folders reported of one target.
const MAX_FOLDERS: usize = 100_000;

fn run(target: &Target, sink: &mut Sink<'_>) {
    let mut seen = BTreeSet::new();
    for (pattern, levels) in PARENTS {
        let mut parents = sink.glob(&target.root, pattern);
        for _ in 0..*levels {
            let mut folders = Vec::new();
            for parent in parents.iter().filter(|parent| parent.is_directory()) {
                if seen.len() > MAX_FOLDERS {
                    let detail = format!("more than {MAX_FOLDERS} folders");
                    return sink.gap(crate::model::GapKind::OverLimit, shown(&parent.path), detail);
                }
                folders.extend(folders_in(target, sink, parent));
            }
            // One that another pattern reported already may have folders that it did not.
            for folder in folders.iter().filter(|folder| seen.insert(folder.real.clone())) {
                let artifact = artifact(target, sink, &folder.path, State::Remnant);
                sink.artifact(artifact);
            }
            parents = folders;
        }
    }
    let mut named = named(target, sink);
    let hidden: Vec<Found> = HIDDEN.iter().flat_map(|pattern| sink.glob(&target.root, pattern)).collect();
    named.extend(hidden.into_iter().filter(Found::is_directory));
    for found in sink.limited(named, MAX_FOLDERS, b"", "folders and files at the top") {
        if seen.insert(found.real.clone()) {
            let artifact = artifact(target, sink, &found.path, State::Remnant);
            sink.artifact(artifact);
        }
    }
}

/// What lies outside of the parents and counts by its name.
fn named(target: &Target, sink: &mut Sink<'_>) -> Vec<Found> {
    match target.os.os {
        Some(Os::Windows) => {
            let mut found = sink.glob(&target.root, "*");
            found.retain(|found| {
                let name = text_of(file_name(&found.path));
                found.is_directory() && !WINDOWS_OWN.iter().any(|own| name.eq_ignore_ascii_case(own))
            });
            found.extend(sink.files(&target.root, &[WINDOWS_LOGS]));
            found.extend(AUTOCONFIG.iter().flat_map(|pattern| listed(target, sink, pattern)));
            let logs = listed(target, sink, EVENT_LOGS).into_iter();
            found.extend(logs.filter(|found| !file_name(&found.path).starts_with(b"Microsoft-")));
            found
        }
        Some(Os::Macos) => {
            let mut found = sink.files(&target.root, &MAC_SETTINGS);
            found.retain(|found| !file_name(&found.path).starts_with(b"com.apple."));
            let names = MAC_NAMES.iter().flat_map(|pattern| listed(target, sink, pattern));
            let mut names: Vec<Found> = names.collect();
            // `launchd` reads lists of jobs.
            names.retain(|found| !found.path.to_ascii_lowercase().ends_with(b".plist"));
            found.extend(names);
            found.extend(MAC_LOGS.iter().flat_map(|pattern| listed(target, sink, pattern)));
            found
        }
        Some(Os::Linux) => LINUX_SETTINGS.iter().flat_map(|pattern| listed(target, sink, pattern)).collect(),
        None => Vec::new(),
    }
}

/// The files of a folder that a pattern names, by their names alone: a link that leads nowhere is no gap here.
fn listed(target: &Target, sink: &mut Sink<'_>, pattern: &str) -> Vec<Found> {
    let (folder, names) = pattern.rsplit_once('/').unwrap_or(("", pattern));
    let mut found = Vec::new();
    for parent in sink.glob(&target.root, folder) {
        for listed in sink.list(&target.root, &parent) {
            let name = listed.name.to_ascii_lowercase();
            if listed.kind == ListedKind::File && wildcard(names.as_bytes(), &name) {
                let (path, real) = (join(&parent.path, &listed.name), parent.real.join(&listed.name));
                found.push(Found { path, real, stat: parent.stat.clone() });
            }
        }
    }
    found
}

/// The folders in a folder; only links cost a look.
fn folders_in(target: &Target, sink: &mut Sink<'_>, parent: &Found) -> Vec<Found> {
    let names = sink.list(&target.root, parent);
    let mut folders = Vec::new();
    for listed in names {
        let (path, real) = (join(&parent.path, &listed.name), parent.real.join(&listed.name));
        match listed.kind {
            ListedKind::Directory if !target.root.is_skipped(&real) => {
                folders.push(Found { path, real, stat: parent.stat.clone() });
            }
            ListedKind::Link => match target.root.find_strictly(&real) {
                Ok(found) if found.is_directory() => folders.push(Found { path, ..found }),
                Ok(_) | Err(Fault::Absent) => {}
                Err(fault) => {
                    // The folder is somewhere else: not left over for all that is known.
                    if fault.is_astray() {
                        let artifact = artifact(target, sink, &path, State::Installed);
                        sink.artifact(artifact);
                    }
                    sink.fault(fault.at(path));
                }
            },
            ListedKind::Directory | ListedKind::File | ListedKind::Special => {}
        }
    }
    folders
}

/// A folder by its path; one that was moved also by its usual path.
fn artifact(target: &Target, sink: &Sink<'_>, path: &[u8], state: State) -> Artifact {
    let usual = target.root.usual_path(path).map(|usual| shown(usual.as_bytes()));
    let owner = home_owner(path)
        .or_else(|| usual.as_ref().and_then(|path| home_owner(path.trim_matches('/').as_bytes())));
    Artifact::new(sink.collector(), Location::path(path))
        .state(state)
        .with(Field::Name, text_of(file_name(path)))
        .with_many(Field::Path, [shown(path)].into_iter().chain(usual).chain(in_inner_tree(path).map(shown)))
        .with_some(Field::User, owner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::{GapKind, TargetKind};

    fn paths(tree: Memory) -> Vec<String> {
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        assert!(gaps.is_empty(), "{gaps:?}");
        assert!(artifacts.iter().all(|artifact| artifact.state == State::Remnant));
        artifacts.into_iter().filter_map(|artifact| artifact.location.path).collect()
    }

    #[test]
    fn folders_of_two_levels_and_links_to_folders() {
        let tree = Memory::new()
            .file("opt/vendor/product/bin/x", "")
            .file("opt/readme", "")
            .directory("mnt/data")
            .link("var/opt/vendor", "/mnt/data")
            .link("var/opt/loop", "/var/opt")
            .link("var/opt/file", "/opt/readme")
            .directory("home/a/.config/v");
        assert_eq!(
            paths(tree),
            [
                "/home/a/.config/v",
                "/opt/vendor",
                "/opt/vendor/product",
                "/var/opt/loop",
                "/var/opt/vendor",
                "/home/a/.config"
            ]
        );
    }

    #[test]
    fn folders_of_three_levels_where_the_first_one_says_nothing() {
        let tree = Memory::new()
            .directory("Program Files/Common Files/Vendor/Product")
            .directory("Users/b/AppData/Local/Programs/Vendor/Product")
            .directory("opt/wine/apps/product")
            .directory("var/log/vendor/product")
            .directory("home/a/.agent/bin")
            .directory("home/a/photos")
            .file("home/a/.profile", "");
        let found = paths(tree);
        for path in [
            "/Program Files/Common Files/Vendor/Product",
            "/Users/b/AppData/Local/Programs/Vendor/Product",
            "/opt/wine/apps/product",
            "/var/log/vendor/product",
            "/home/a/.agent",
        ] {
            assert!(found.iter().any(|found| found == path), "{path}: {found:?}");
        }
        assert!(!found.iter().any(|path| path.contains("photos") || path.contains("bin")), "{found:?}");
        assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), found.len(), "each once");
    }

    #[test]
    fn windows_folders_in_any_case() {
        let tree = Memory::new()
            .directory("Windows/System32")
            .directory("PROGRAM FILES (X86)/Vendor/Product 1")
            .directory("Users/b/AppData/Local/Vendor");
        assert_eq!(
            paths(tree),
            [
                "/Program Files (x86)/Vendor",
                "/Program Files (x86)/Vendor/Product 1",
                "/Users/b/AppData/Local/Vendor"
            ]
        );
    }

    fn paths_on(os: Os, tree: Memory) -> Vec<String> {
        let mut target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        target.os.os = Some(os);
        let (artifacts, _) = collect(&COLLECTOR, &target);
        artifacts.into_iter().filter_map(|artifact| artifact.location.path).collect()
    }

    #[test]
    fn tools_leave_folders_and_logs_at_the_top_of_a_windows_drive() {
        let tree = || {
            Memory::new()
                .directory("Windows/System32")
                .directory("TOOL_Data/Reports")
                .file("Tool.3.1_04.02.2021_log.txt", "log")
                .file("readme.txt", "text")
        };
        assert_eq!(paths_on(Os::Windows, tree()), ["/TOOL_Data", "/Tool.3.1_04.02.2021_log.txt"]);
        assert!(paths_on(Os::Linux, tree()).is_empty());
    }

    #[test]
    fn uninstallers_leave_settings_in_browsers_and_folders_in_the_start_menu() {
        let tree = Memory::new()
            .directory("Windows/System32")
            .file("Program Files/Mozilla Firefox/defaults/pref/vendor_prefs.js", "pref()")
            .file("Program Files/Mozilla Firefox/vendor.cfg", "//")
            .file("Program Files/Mozilla Firefox/firefox.exe", "MZ")
            .directory("ProgramData/Microsoft/Windows/Start Menu/Programs/Vendor Suite");
        let found = paths_on(Os::Windows, tree);
        for path in [
            "/Program Files/Mozilla Firefox/defaults/pref/vendor_prefs.js",
            "/Program Files/Mozilla Firefox/vendor.cfg",
            "/ProgramData/Microsoft/Windows/Start Menu/Programs/Vendor Suite",
        ] {
            assert!(found.iter().any(|found| found == path), "{path}: {found:?}");
        }
        assert!(!found.iter().any(|path| path.ends_with("firefox.exe")));
    }

    #[test]
    fn a_tree_that_was_unpacked_below_another_folder_has_its_own_paths() {
        let tree = Memory::new().directory("srv/x/opt/vendor/product");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (found, _) = collect(&COLLECTOR, &target);
        let inner = found.iter().filter_map(|one| one.fields.get(&Field::Path)?.texts().nth(1));
        assert_eq!(inner.collect::<Vec<_>>(), ["/opt/vendor", "/opt/vendor/product"]);
    }

    #[test]
    fn settings_of_apps_stay_on_a_mac() {
        let tree = Memory::new()
            .file("Library/Preferences/com.vendor.tool.plist", "x")
            .file("Users/b/Library/Preferences/com.vendor.agent.plist", "x")
            .file("Users/b/Library/Preferences/com.apple.dock.plist", "x")
            .file("Users/b/Library/Preferences/notes.txt", "x")
            .file("Users/b/Library/Cookies/com.vendor.agent.binarycookies", "cook")
            .file("Users/b/Library/Cookies/com.apple.Safari.binarycookies", "cook");
        assert_eq!(
            paths_on(Os::Macos, tree),
            [
                "/Library/Preferences",
                "/Users/b/Library/Cookies",
                "/Users/b/Library/Preferences",
                "/Library/Preferences/com.vendor.tool.plist",
                "/Users/b/Library/Preferences/com.vendor.agent.plist",
                "/Users/b/Library/Cookies/com.vendor.agent.binarycookies"
            ]
        );
    }

    #[test]
    fn settings_and_logs_without_a_folder() {
        let tree = Memory::new()
            .file("etc/vendord.xml", "x")
            .file("etc/vendor-setup.json", "x")
            .file("etc/passwd", "x")
            .link("etc/resolv.conf", "../run/systemd/resolve/stub-resolv.conf");
        assert_eq!(paths_on(Os::Linux, tree), ["/etc/vendor-setup.json", "/etc/vendord.xml"]);
        let tree = Memory::new()
            .file("private/var/log/vendor_daemon.log", "x")
            .file("Library/Logs/vendor_trace.log", "x")
            .directory("Library/Contextual Menu Items/Vendor.plugin");
        let found = paths_on(Os::Macos, tree);
        for path in [
            "/private/var/log/vendor_daemon.log",
            "/Library/Logs/vendor_trace.log",
            "/Library/Contextual Menu Items/Vendor.plugin",
        ] {
            assert!(found.iter().any(|found| found == path), "{path}: {found:?}");
        }
    }

    #[test]
    fn a_denied_folder_is_a_gap() {
        let tree = Memory::new().directory("etc").failing("opt", std::io::ErrorKind::PermissionDenied);
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        assert_eq!(collect(&COLLECTOR, &target).1[0].kind, GapKind::Denied);
    }
}
