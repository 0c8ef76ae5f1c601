//! Folders that the registry names: where this Windows keeps its users, programs and their data. The root learns them,
//! so that patterns of collectors hold there, too.
//!
//! Sources: Microsoft's "ProfileList" and "Known folders" (`KNOWNFOLDERID`, `User Shell Folders`), "Folder redirection",
//! "Registry virtualization" and the layout of Windows XP.

use super::user::{Profile, User};
use super::{Fault, Registry};
use crate::format::text::xml;
use crate::fs::Root;
use crate::fs::tree::{Listed, ListedKind};
use crate::model::GapKind;

/// Folders that Windows has by these names since some version, and their usual names.
const RENAMED: &[(&str, &str)] = &[
    ("Users/*", "Windows/ServiceProfiles/*"),
    ("Users/*", "Windows/System32/config/systemprofile"),
    ("Users/*", "Windows/SysWOW64/config/systemprofile"),
];
/// The same of Windows XP.
const XP: &[(&str, &str)] = &[
    ("Users/*", "Documents and Settings/*"),
    ("ProgramData/Microsoft/Windows/Start Menu", "Documents and Settings/All Users/Start Menu"),
    ("ProgramData", "Documents and Settings/All Users/Application Data"),
    (
        "Documents and Settings/*/AppData/Roaming/Microsoft/Windows/Start Menu",
        "Documents and Settings/*/Start Menu",
    ),
    ("Documents and Settings/*/AppData/Roaming", "Documents and Settings/*/Application Data"),
    ("Documents and Settings/*/AppData/Local", "Documents and Settings/*/Local Settings/Application Data"),
    ("Documents and Settings/*/AppData", "Documents and Settings/*/Application Data"),
    ("Documents and Settings/*/AppData", "Documents and Settings/*/Local Settings"),
    ("Documents and Settings/*/Documents", "Documents and Settings/*/My Documents"),
];
const CURRENT: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion";
const CURRENT_32: &str = r"HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion";
const PROFILES: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList";
const SHELL_FOLDERS: &str = r"Microsoft\Windows\CurrentVersion\Explorer\User Shell Folders";
/// Folders of programs: key, value, usual folder.
const PROGRAMS: &[(&str, &str, &str)] = &[
    (CURRENT, "ProgramFilesDir", "Program Files"),
    (CURRENT, "ProgramW6432Dir", "Program Files"),
    (CURRENT, "ProgramFilesDir (x86)", "Program Files (x86)"),
    (CURRENT, "ProgramFilesDir (Arm)", "Program Files (Arm)"),
    (CURRENT_32, "ProgramFilesDir", "Program Files (x86)"),
    (CURRENT, "CommonFilesDir", "Program Files/Common Files"),
    (CURRENT, "CommonFilesDir (x86)", "Program Files (x86)/Common Files"),
    (CURRENT_32, "CommonFilesDir", "Program Files (x86)/Common Files"),
    (PROFILES, "ProgramData", "ProgramData"),
    (PROFILES, "Public", "Users/Public"),
];
/// What a user may have moved: value of `User Shell Folders`, usual folder in the profile, whether programs lie there.
const OF_USERS: &[(&str, &str)] = &[
    ("AppData", "AppData/Roaming"),
    ("Local AppData", "AppData/Local"),
    ("Desktop", "Desktop"),
    ("Personal", "Documents"),
    ("{374DE290-123F-4565-9164-39C4925E467B}", "Downloads"),
    ("Start Menu", "AppData/Roaming/Microsoft/Windows/Start Menu"),
    ("Programs", "AppData/Roaming/Microsoft/Windows/Start Menu/Programs"),
    ("Startup", "AppData/Roaming/Microsoft/Windows/Start Menu/Programs/Startup"),
];
/// The same for all users.
const OF_ALL: &[(&str, &str)] = &[
    ("Common AppData", "ProgramData"),
    ("Common Desktop", "Users/Public/Desktop"),
    ("Common Documents", "Users/Public/Documents"),
    ("Common Start Menu", "ProgramData/Microsoft/Windows/Start Menu"),
    ("Common Programs", "ProgramData/Microsoft/Windows/Start Menu/Programs"),
    ("Common Startup", "ProgramData/Microsoft/Windows/Start Menu/Programs/Startup"),
];
/// Keys whose subkeys each name programs of a folder: key, value.
const STARTED: &[(&str, &str)] = &[
    (r"HKLM\SYSTEM\CurrentControlSet\Services\*", "ImagePath"),
    (r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\*", ""),
    (r"HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\App Paths\*", ""),
    (r"HKLM\SOFTWARE\Classes\CLSID\*\InprocServer32", ""),
    (r"HKLM\SOFTWARE\Classes\CLSID\*\LocalServer32", ""),
    (r"HKLM\SOFTWARE\Classes\WOW6432Node\CLSID\*\InprocServer32", ""),
    (r"HKLM\SOFTWARE\Classes\WOW6432Node\CLSID\*\LocalServer32", ""),
    (r"HKU\*\Software\Classes\CLSID\*\InprocServer32", ""),
    (r"HKU\*\Software\Classes\CLSID\*\LocalServer32", ""),
];
/// Files of scheduled tasks, down to folders of folders.
pub(super) const TASKS: [&str; 5] = [
    "Windows/System32/Tasks/*",
    "Windows/System32/Tasks/*/*",
    "Windows/System32/Tasks/*/*/*",
    "Windows/System32/Tasks/*/*/*/*",
    "Windows/System32/Tasks/*/*/*/*/*",
];
/// Where those files lie.
const FOLDER_OF_TASKS: &str = "/Windows/System32/Tasks";
/// Bytes read of one task, and the most tasks.
const TASK: usize = 256 << 10;
const MAX_TASKS: usize = 2_000;
/// Keys of which each value's data is a command line.
const COMMANDS: &[&str] = &[
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run*",
    r"HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Run*",
    r"HKU\*\Software\Microsoft\Windows\CurrentVersion\Run*",
    r"HKLM\SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy\FirewallRules",
];
/// Keys of which each value's name is the path of a program that ran.
const RAN: &[&str] = &[
    r"HKU\*\Software\Microsoft\Windows NT\CurrentVersion\AppCompatFlags\Compatibility Assistant\Store",
    r"HKU\*\Software\Microsoft\Windows NT\CurrentVersion\AppCompatFlags\Layers",
    r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\AppCompatFlags\Layers",
];
/// Keys whose values name folders, separated by semicolons.
const SEARCHED: &[(&str, &str)] = &[
    (r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment", "Path"),
    (r"HKU\*\Environment", "Path"),
];
/// Keys whose values name the folder that a program was installed to.
const INSTALLED: &[&str] = &[
    r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\*",
    r"HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall\*",
];
/// Folders at the top that walks go through anyway, or that are no folders of a program.
const USUAL: &[&str] = &[
    "windows",
    "program files",
    "program files (x86)",
    "program files (arm)",
    "programdata",
    "$recycle.bin",
    "recycler",
    "system volume information",
];

/// What the hives of the machine say, before those of users are looked for.
pub(super) fn of_machine(root: &Root, registry: &mut Registry, profiles: &[Profile]) {
    if !root.folds_case() {
        return;
    }
    let is_xp = |listed: &Listed| {
        listed.name.eq_ignore_ascii_case(b"Documents and Settings") && listed.kind == ListedKind::Directory
    };
    // Since Windows Vista that is a link.
    let xp = root.list(b"").is_ok_and(|names| names.iter().any(is_xp));
    for (usual, here) in RENAMED.iter().chain(if xp { XP } else { &[] }) {
        root.also_at(usual, here);
    }
    for (key, value, usual) in PROGRAMS {
        if let Some(folder) = registry.text(key, value) {
            moved(root, registry, usual, &registry.expand(&folder, None), "folder of programs");
        }
    }
    if let Some(folder) = registry.text(PROFILES, "ProfilesDirectory")
        && let Some(path) = utf8(registry.on_target(&registry.expand(&folder, None)))
    {
        root.also_at("Users/*", &format!("{path}/*"));
    }
    for profile in profiles {
        let Some(path) = utf8(registry.on_target(&profile.folder)) else { continue };
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        if !["users", "documents and settings"].contains(&parent.to_lowercase().as_str()) {
            root.also_at("Users/*", &path);
        }
    }
    for (value, usual) in OF_ALL {
        let folder = registry.text(&format!(r"HKLM\SOFTWARE\{SHELL_FOLDERS}"), value);
        if let Some(folder) = folder {
            moved(root, registry, usual, &registry.expand(&folder, None), "folder of all users");
        }
    }
}

/// What the hives of users say, and where programs are that Windows starts.
pub(super) fn of_users(root: &Root, registry: &mut Registry) {
    if !root.folds_case() {
        return;
    }
    for user in registry.users().to_vec() {
        for (value, usual) in OF_USERS {
            let folder = registry.text(&format!(r"{}\Software\{SHELL_FOLDERS}", user.key), value);
            let Some(folder) = folder.filter(|folder| !folder.is_empty()) else { continue };
            let folder = registry.expand(&folder, Some(&user));
            if !is_usual(&folder, &user, usual) {
                let whose = format!("folder of the user {}", user.name);
                moved(root, registry, &format!("Users/*/{usual}"), &folder, &whose);
            }
        }
    }
    let mut named = started(registry);
    named.extend(of_tasks(root, registry));
    for folder in tidied(named) {
        if let Some(path) = utf8(registry.on_target(&folder))
            && is_own_folder(&path)
            && !root.also_at("Program Files", &path)
        {
            let detail = "more folders of programs are named than are learned; this one and the rest were not searched";
            registry.faults.push(Fault {
                kind: GapKind::OverLimit,
                place: folder,
                detail: detail.to_owned(),
            });
            break;
        }
    }
}

/// Folders of programs that Windows starts, looks up or has installed.
fn started(registry: &Registry) -> Vec<String> {
    let mut folders = Vec::new();
    let text = |key: &super::Key<'_>, value: &str| {
        let text = key.values().items.text(value)?;
        Some(registry.expand(&text, registry.user_of(key)))
    };
    for (pattern, value) in STARTED {
        folders.extend(
            registry
                .keys(pattern)
                .items
                .iter()
                .filter_map(|key| text(key, value))
                .filter_map(|line| folder_of(&line)),
        );
    }
    for key in COMMANDS.iter().flat_map(|pattern| registry.keys(pattern).items) {
        let user = registry.user_of(&key);
        for line in key.values().items.iter().flat_map(super::Value::texts) {
            let line = registry.expand(&line, user);
            folders.extend(paths_in(&line).filter_map(folder_of));
        }
    }
    for key in RAN.iter().flat_map(|pattern| registry.keys(pattern).items) {
        folders.extend(key.values().items.iter().filter_map(|value| folder_of(&value.name)));
    }
    for (pattern, value) in SEARCHED {
        for path in registry.keys(pattern).items.iter().filter_map(|key| text(key, value)) {
            folders.extend(path.split(';').map(|folder| folder.trim().trim_matches('"').to_owned()));
        }
    }
    for pattern in INSTALLED {
        folders.extend(registry.keys(pattern).items.iter().filter_map(|key| text(key, "InstallLocation")));
    }
    folders
}

/// Folders of programs that tasks start, and those that they start in.
fn of_tasks(root: &Root, registry: &mut Registry) -> Vec<String> {
    let mut folders = Vec::new();
    let mut damage = Vec::new();
    let tasks = TASKS.iter().flat_map(|pattern| root.glob(pattern)).flatten();
    let tasks = tasks.filter(|found| found.is_file());
    let tasks = crate::bytes::limited(tasks, MAX_TASKS, "tasks that name folders of programs", &mut damage);
    registry.faults.extend(damage.into_iter().map(|damage| Fault {
        kind: GapKind::OverLimit,
        place: FOLDER_OF_TASKS.to_owned(),
        detail: damage.what,
    }));
    for found in tasks {
        // One that cannot be read is a gap of the tasks' own collector.
        let Ok(read) = root.read_found(&found, TASK) else { continue };
        let text = registry.expand(&xml::decoded(&read.bytes), None);
        folders.extend(
            text.split("<WorkingDirectory>")
                .skip(1)
                .filter_map(|rest| rest.split('<').next())
                .map(str::to_owned),
        );
        folders.extend(paths_in(&text).filter_map(folder_of));
    }
    folders
}

/// The folder of the program that a command line starts.
fn folder_of(line: &str) -> Option<String> {
    let line = line.trim();
    let program = match line.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next().unwrap_or_default(),
        None => {
            let lower = line.to_ascii_lowercase();
            let ends = [".exe", ".sys", ".dll", ".com", ".bat"].iter().filter_map(|end| lower.find(end));
            line.get(..ends.min().map_or(line.len(), |at| at + 4)).unwrap_or_default()
        }
    };
    program.rsplit_once('\\').map(|(folder, _)| folder.to_owned())
}

/// What begins as a path does, each up to the next quote, bar or tag.
fn paths_in(text: &str) -> impl Iterator<Item = &str> {
    let starts = text.match_indices(":\\").filter_map(|(at, _)| at.checked_sub(1));
    let starts = starts.filter(|at| {
        let letter = text.as_bytes().get(*at).is_some_and(u8::is_ascii_alphabetic);
        letter
            && !at
                .checked_sub(1)
                .and_then(|at| text.as_bytes().get(at))
                .is_some_and(u8::is_ascii_alphanumeric)
    });
    starts.filter_map(|at| text.get(at..)?.split(['"', '|', '<', '>', '\n', '\r']).next())
}

fn tidied(folders: Vec<String>) -> Vec<String> {
    let mut folders: Vec<String> = folders
        .into_iter()
        .map(|folder| folder.trim().trim_matches('"').trim_end_matches(['\\', '/']).to_owned())
        .filter(|folder| !folder.is_empty())
        .collect();
    folders.sort();
    folders.dedup();
    folders
}

/// Whether a folder is one of a program, which no walk goes through anyway: not the top of a drive, not a home.
fn is_own_folder(path: &str) -> bool {
    let path = path.to_lowercase();
    let mut parts = path.split('/').skip_while(|part| part.ends_with(':'));
    match (parts.next(), parts.next(), parts.next()) {
        (None | Some(""), ..) => false,
        (Some("users" | "documents and settings"), _, folder) => folder.is_some(),
        (Some(first), ..) => !USUAL.contains(&first),
    }
}

/// Whether a user's folder lies where it usually does.
fn is_usual(folder: &str, user: &User, usual: &str) -> bool {
    let Some(profile) = &user.profile else { return false };
    format!(r"{profile}\{}", usual.replace('/', r"\")).eq_ignore_ascii_case(folder.trim_end_matches('\\'))
}

/// A folder that lies elsewhere: the root learns it, and where it is no part of the target, that is said.
fn moved(root: &Root, registry: &mut Registry, usual: &str, folder: &str, what: &str) {
    if let Some(path) = utf8(registry.on_target(folder)) {
        root.also_at(usual, &path);
        return;
    }
    let has_drive = folder.get(1..2) == Some(":") && folder.len() > 3;
    if folder.starts_with(r"\\") {
        root.name_unread(folder, format!("{what} on a share; scan it where it is stored"));
    } else if has_drive && !folder.contains('%') {
        let detail = format!("the {what} lies on a drive that is no part of this target");
        registry.faults.push(Fault { kind: GapKind::SourceMissing, place: folder.to_owned(), detail });
    }
}

fn utf8(path: Option<Vec<u8>>) -> Option<String> {
    path.and_then(|path| String::from_utf8(path).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_what_a_line_starts() {
        let folders = |text: &str| paths_in(text).filter_map(folder_of).collect::<Vec<_>>();
        assert_eq!(folders(r"C:\Tools\kl\guard.exe -x"), [r"C:\Tools\kl"]);
        assert_eq!(folders(r"v2|Dir=In|App=D:\a b\c.exe|Name=x|"), [r"D:\a b"]);
        assert_eq!(
            folders("<Command>\"C:\\t\\a.exe\"</Command>\n<Arguments>E:\\u\\b.dll,x</Arguments>"),
            [r"C:\t", r"E:\u"]
        );
        assert!(folders("http://x/y").is_empty());
    }

    #[test]
    fn folders_of_programs_are_neither_tops_nor_homes() {
        for own in ["Tools/x", "Tools", "E:/svc", "Users/a/tools"] {
            assert!(is_own_folder(own), "{own}");
        }
        for other in ["E:", "", "Windows/System32", "Program Files/x", "users/a", "Users", "E:/ProgramData/x"]
        {
            assert!(!is_own_folder(other), "{other}");
        }
    }
}
