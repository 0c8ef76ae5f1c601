//! Variables of the environment, and which path of the target a path of its Windows is.

use std::collections::BTreeMap;

use super::super::root::Root;
use super::users::User;
use super::{Registry, Values};

/// What variables stand for; names in upper case.
#[derive(Default)]
pub(super) struct Environment {
    machine: BTreeMap<String, String>,
    users: BTreeMap<String, BTreeMap<String, String>>,
}

/// Prefixes of paths in the names of the kernel.
const KERNEL_PREFIXES: &[&str] = &[r"\??\", r"\\?\", r"\\.\", r"\GLOBAL??\", r"\DosDevices\"];
/// How often a variable may lead to another.
const DEPTH: usize = 4;

impl Environment {
    /// What the registry says of folders and variables of the machine; Windows' own defaults where it says nothing.
    pub(super) fn of_machine(registry: &Registry) -> Environment {
        let values = |path: &str| -> Values {
            registry.key(path).items.first().map(|key| key.values().items).unwrap_or_default()
        };
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
        set("ALLUSERSPROFILE", data);
        set("PUBLIC", profiles.text("Public").unwrap_or_else(|| r"%SystemDrive%\Users\Public".to_owned()));
        for value in values(r"HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment").iter() {
            let name = value.name.to_uppercase();
            if let (Some(text), false) = (value.text(), variables.contains_key(&name)) {
                variables.insert(name, text);
            }
        }
        Environment { machine: variables, users: BTreeMap::new() }
    }

    /// Adds the variables of a user.
    pub(super) fn add_user(&mut self, user: &User, own: &Values) {
        let mut variables = BTreeMap::new();
        if let Some(profile) = &user.profile {
            for (name, below) in [
                ("USERPROFILE", ""),
                ("APPDATA", r"\AppData\Roaming"),
                ("LOCALAPPDATA", r"\AppData\Local"),
                ("TEMP", r"\AppData\Local\Temp"),
                ("TMP", r"\AppData\Local\Temp"),
            ] {
                variables.insert(name.to_owned(), format!("{profile}{below}"));
            }
            variables.insert("HOMEPATH".to_owned(), profile.get(2..).unwrap_or_default().to_owned());
            variables.insert("HOMEDRIVE".to_owned(), profile.get(..2).unwrap_or_default().to_owned());
        }
        variables.insert("USERNAME".to_owned(), user.name.clone());
        for value in own.iter() {
            if let Some(text) = value.text() {
                variables.insert(value.name.to_uppercase(), text);
            }
        }
        self.users.insert(user.key.clone(), variables);
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
        let drive = windows.get(..2).unwrap_or("C:");
        let below = strip_prefix(path, drive)?.strip_prefix('\\')?;
        if below.contains(['%', '*', '?', ':', '"', '<', '>', '|']) {
            return None;
        }
        Some(below.replace('\\', "/").into_bytes())
    }

    /// Whether nothing is at a path of the target for certain.
    pub(super) fn is_gone(&self, root: &Root, path: &str) -> bool {
        let Some(path) = self.on_target(path) else { return false };
        if !is_whole(root) {
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

/// Whether a target has the files of its Windows: of a folder of hives alone nothing is gone for certain.
pub(super) fn is_whole(root: &Root) -> bool {
    root.exists(b"Windows/System32/ntdll.dll") || root.exists(b"Windows/System32/kernel32.dll")
}

/// As `str::strip_prefix`, without case, for ASCII.
fn strip_prefix<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}
