//! Variables of the environment, and which path of the target a path of its Windows is: the one place for both.
//!
//! A target is the drive that Windows is installed on, and on a running system the other fixed drives, as folders by
//! their letters (`D:`): what is on a share or on a drive that is no part of the target cannot be known from here.
//! Sources: Microsoft's "Recognized environment variables" (of the User State Migration Tool), "Naming Files, Paths,
//! and Namespaces".

use std::collections::BTreeMap;

use super::Values;
use super::user::User;
use crate::fs::root::Root;
use crate::text::text_of;

/// What variables stand for; names in upper case.
#[derive(Default)]
pub(super) struct Environment {
    machine: BTreeMap<String, String>,
    users: BTreeMap<String, BTreeMap<String, String>>,
    /// Drives of the target beside that of Windows, e.g. `D:`.
    drives: Vec<String>,
}

/// Prefixes of paths in the names of the kernel.
const KERNEL_PREFIXES: &[&str] = &[r"\??\", r"\\?\", r"\\.\", r"\GLOBAL??\", r"\DosDevices\"];
/// How often a variable may lead to another.
const DEPTH: usize = 4;

impl Environment {
    /// What the registry says, by the values of its keys, of folders and variables of the machine; Windows' own defaults where it says nothing.
    pub(super) fn of_machine(values: impl Fn(&str) -> Values, drives: Vec<String>) -> Environment {
        let mut variables = BTreeMap::new();
        let current = values(r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion");
        let windows = current.text("SystemRoot").filter(|path| path.get(1..2) == Some(":"));
        let windows = windows.unwrap_or_else(|| r"C:\Windows".to_owned());
        let drive = windows.get(..2).unwrap_or("C:").to_owned();
        let mut set = |name: &str, text: String| drop(variables.insert(name.to_owned(), text));
        set("SYSTEMROOT", windows.clone());
        set("WINDIR", windows);
        set("SYSTEMDRIVE", drive.clone());
        let folders = values(r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion");
        let wow = values(r"HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion");
        for (name, folder, default) in [
            ("PROGRAMFILES", folders.text("ProgramFilesDir"), "Program Files"),
            ("PROGRAMW6432", folders.text("ProgramFilesDir"), "Program Files"),
            (
                "PROGRAMFILES(X86)",
                folders.text("ProgramFilesDir (x86)").or_else(|| wow.text("ProgramFilesDir")),
                "Program Files (x86)",
            ),
            ("COMMONPROGRAMFILES", folders.text("CommonFilesDir"), r"Program Files\Common Files"),
            ("COMMONPROGRAMW6432", folders.text("CommonFilesDir"), r"Program Files\Common Files"),
            (
                "COMMONPROGRAMFILES(X86)",
                folders.text("CommonFilesDir (x86)").or_else(|| wow.text("CommonFilesDir")),
                r"Program Files (x86)\Common Files",
            ),
        ] {
            set(
                name,
                folder.filter(|text| !text.contains('%')).unwrap_or_else(|| format!(r"{drive}\{default}")),
            );
        }
        let profiles = values(r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList");
        let data = profiles.text("ProgramData").unwrap_or_else(|| r"%SystemDrive%\ProgramData".to_owned());
        set("PROGRAMDATA", data.clone());
        // Until Windows XP a folder among the profiles, named in the language of the system.
        let of_all = profiles.text("ProfilesDirectory").zip(profiles.text("AllUsersProfile"));
        set("ALLUSERSPROFILE", of_all.map_or(data, |(folder, name)| format!(r"{folder}\{name}")));
        set("PUBLIC", profiles.text("Public").unwrap_or_else(|| r"%SystemDrive%\Users\Public".to_owned()));
        for value in values(r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment").iter() {
            let name = value.name.to_uppercase();
            if let (Some(text), false) = (value.text(), variables.contains_key(&name)) {
                variables.insert(name, text);
            }
        }
        Environment { machine: variables, users: BTreeMap::new(), drives }
    }

    /// Adds the variables of a user.
    pub(super) fn add_user(&mut self, user: &User, own: &Values) {
        let mut variables = user.profile.as_deref().map(of_profile).unwrap_or_default();
        variables.insert("USERNAME".to_owned(), user.name.clone());
        for value in own.iter() {
            if let Some(text) = value.text() {
                variables.insert(value.name.to_uppercase(), text);
            }
        }
        self.users.insert(user.key.clone(), variables);
    }

    /// Expands `%NAME%` for the user whose profile lies at a path of Windows, whether or not the user has a hive.
    pub(super) fn expand_for_profile(&self, text: &str, profile: &str, users: &[User]) -> String {
        let is_it =
            |user: &&User| user.profile.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(profile));
        let known = users.iter().find(is_it).and_then(|user| self.users.get(&user.key));
        match known {
            Some(known) => self.expanded(text, Some(known), 0),
            None => self.expanded(text, Some(&of_profile(profile)), 0),
        }
    }

    /// Expands `%NAME%`; unknown names stay.
    pub(super) fn expand(&self, text: &str, user: Option<&User>) -> String {
        self.expanded(text, user.and_then(|user| self.users.get(&user.key)), 0)
    }

    fn expanded(&self, text: &str, user: Option<&BTreeMap<String, String>>, depth: usize) -> String {
        if !text.contains('%') || depth > DEPTH {
            return text.to_owned();
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('%') {
            out.push_str(before);
            let known = after.split_once('%').and_then(|(name, after)| {
                let name = name.to_uppercase();
                let value = user.and_then(|user| user.get(&name)).or_else(|| self.machine.get(&name))?;
                Some((value, after))
            });
            match known {
                Some((value, after)) => {
                    out.push_str(&self.expanded(value, user, depth + 1));
                    rest = after;
                }
                None => {
                    out.push('%');
                    rest = after;
                }
            }
        }
        out.push_str(rest);
        out
    }

    /// The path from the target's root.
    pub(super) fn on_target(&self, path: &str) -> Option<Vec<u8>> {
        let path = self.expand(path.trim(), None).replace('/', "\\");
        let stripped = KERNEL_PREFIXES.iter().find_map(|prefix| strip_prefix(&path, prefix));
        let path = stripped.unwrap_or(&path);
        let windows = self.machine.get("SYSTEMROOT").map_or(r"C:\Windows", String::as_str);
        let full;
        let path = match strip_prefix(path, r"\SystemRoot\").or_else(|| strip_prefix(path, r"SystemRoot\")) {
            Some(below) => {
                full = format!(r"{windows}\{below}");
                &full
            }
            // What the kernel loads is named from Windows' folder.
            None if strip_prefix(path, r"System32\")
                .or_else(|| strip_prefix(path, r"SysWOW64\"))
                .is_some() =>
            {
                full = format!(r"{windows}\{path}");
                &full
            }
            None => path,
        };
        let (drive, below) = path.split_at_checked(2)?;
        let below = below.strip_prefix('\\')?;
        if below.is_empty() || below.contains(['%', '*', '?', ':', '"', '<', '>', '|']) {
            return None;
        }
        let below = below.replace('\\', "/").into_bytes();
        if drive.eq_ignore_ascii_case(self.system_drive()) {
            return Some(below);
        }
        let drive = self.drives.iter().find(|known| drive.eq_ignore_ascii_case(known))?;
        Some([drive.as_bytes(), b"/", &below].concat())
    }

    fn system_drive(&self) -> &str {
        self.machine.get("SYSTEMROOT").and_then(|windows| windows.get(..2)).unwrap_or("C:")
    }

    /// The path of Windows that a path of the target is known by.
    pub(super) fn windows_path(&self, path: &[u8]) -> String {
        let path = text_of(path).trim_start_matches('/').replace('/', "\\");
        let is_other =
            path.split('\\').next().is_some_and(|first| self.drives.iter().any(|drive| drive == first));
        if is_other { path } else { format!(r"{}\{path}", self.system_drive()) }
    }

    /// Whether nothing is at a path of the target for certain.
    pub(super) fn is_gone(&self, root: &Root, path: &str) -> bool {
        let Some(path) = self.on_target(path) else { return false };
        if !is_whole(root) || is_below_what_is_missing(root, &path) {
            return false;
        }
        // Windows adds the ending to a program's name; 32-bit programs mean SysWOW64 when they say System32.
        let with_ending = [path.as_slice(), b".exe"].concat();
        let text = String::from_utf8_lossy(&path).to_lowercase();
        let redirected = text.find("/system32/").map(|at| {
            let (before, after) =
                (path.get(..at).unwrap_or_default(), path.get(at + 10..).unwrap_or_default());
            [before, b"/SysWOW64/", after].concat()
        });
        root.is_gone(&path)
            && root.is_gone(&with_ending)
            && redirected.is_none_or(|redirected| root.is_gone(&redirected))
    }
}

/// The variables of a user whose profile is this folder.
fn of_profile(profile: &str) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    for (name, below) in [
        ("USERPROFILE", ""),
        ("APPDATA", r"\AppData\Roaming"),
        ("LOCALAPPDATA", r"\AppData\Local"),
        ("TEMP", r"\AppData\Local\Temp"),
        ("TMP", r"\AppData\Local\Temp"),
        ("ONEDRIVE", r"\OneDrive"),
    ] {
        variables.insert(name.to_owned(), format!("{profile}{below}"));
    }
    variables.insert("HOMEPATH".to_owned(), profile.get(2..).unwrap_or_default().to_owned());
    variables.insert("HOMEDRIVE".to_owned(), profile.get(..2).unwrap_or_default().to_owned());
    variables
}

/// Whether a target has the files of its Windows: of a folder of hives alone nothing is gone for certain.
pub(super) fn is_whole(root: &Root) -> bool {
    root.exists(b"Windows/System32/ntdll.dll") || root.exists(b"Windows/System32/kernel32.dll")
}

/// Folders that every Windows has since Vista.
const TOPS: &[&str] = &["program files", "program files (x86)", "programdata"];

/// Whether a path lies below such a folder that is not there: the target is a part of a disk, and says nothing of it.
fn is_below_what_is_missing(root: &Root, path: &[u8]) -> bool {
    let top = path.split(|&byte| byte == b'/').next().unwrap_or_default();
    TOPS.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(top)) && root.is_gone(top)
}

/// As `str::strip_prefix`, without case, for ASCII.
fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

#[cfg(test)]
mod tests {
    use crate::registry::Memory;
    use crate::registry::Registry;

    #[test]
    fn variables_of_the_machine_and_of_the_user() {
        let registry = Registry::from(Memory::new().user("S-1-5-21-1", "Анна"));
        let anna = registry.users().first();
        let expand = |text| registry.expand(text, None);
        assert_eq!(expand(r"%SystemRoot%\x"), r"C:\Windows\x");
        assert_eq!(expand(r"%appdata%\x"), r"%appdata%\x");
        assert_eq!(expand("100% of %ProgramFiles(x86)%"), r"100% of C:\Program Files (x86)");
        assert_eq!(registry.expand(r"%LocalAppData%\x %1", anna), r"C:\Users\Анна\AppData\Local\x %1");
        let at = |path: &str| registry.expand_at(r"%AppData%\x", path.as_bytes());
        assert_eq!(at("Users/анна/AppData/y"), r"C:\Users\анна\AppData\Roaming\x");
        assert_eq!(at("users/nobody/y"), r"C:\users\nobody\AppData\Roaming\x");
        assert_eq!(at("ProgramData/y"), r"%AppData%\x");
    }

    #[test]
    fn data_of_all_users_lie_among_the_profiles_of_an_old_windows() {
        const PROFILES: &str = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\ProfileList";
        let registry = Registry::from(
            Memory::new()
                .value(PROFILES, "ProfilesDirectory", r"%SystemDrive%\Dokumente und Einstellungen")
                .value(PROFILES, "AllUsersProfile", "All Users"),
        );
        let data = registry.expand(r"%ALLUSERSPROFILE%\Anwendungsdaten", None);
        assert_eq!(data, r"C:\Dokumente und Einstellungen\All Users\Anwendungsdaten");
    }

    #[test]
    fn paths_of_the_targets_drives_can_be_told() {
        let mut registry = Registry::from(Memory::new());
        registry.environment.drives = vec!["E:".to_owned()];
        let at = |path| registry.on_target(path).map(|path| String::from_utf8(path).unwrap());
        for (path, found) in [
            (r"C:\Program Files\a.exe", "Program Files/a.exe"),
            (r"\??\c:\x/y", "x/y"),
            (r"\SystemRoot\System32\drivers\a.sys", "Windows/System32/drivers/a.sys"),
            (r"system32\a.sys", "Windows/system32/a.sys"),
            (r"e:\Tools\a.exe", "E:/Tools/a.exe"),
        ] {
            assert_eq!(at(path).as_deref(), Some(found));
        }
        for path in [r"D:\a.exe", r"\\server\share\a.exe", "a.exe", r"%unknown%\a", r"C:\*", r"C:\", "C:"] {
            assert_eq!(at(path), None, "{path}");
        }
        assert_eq!(registry.windows_path(b"/x/y"), r"C:\x\y");
        assert_eq!(registry.windows_path(b"E:/x"), r"E:\x");
    }
}
