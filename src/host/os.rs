//! Which operating system a target is, told by its files, so that a disk can be scanned on any host.
//!
//! Sources: os-release(5) of systemd; `SystemVersion.plist` of macOS; the registry hives of Windows.

use crate::format::text::plist;
use crate::fs::root::{Fault, Root};
use crate::model::{Os, OsIdentity};
use crate::registry::Registry;

/// The first build of Windows 11, which calls itself Windows 10 in the registry.
const WINDOWS_11: u32 = 22_000;

/// Adds what the registry says of a Windows: `10.0.22631.3155`, `Windows 11 Pro 23H2`.
pub fn refine(os: &mut OsIdentity, registry: &Registry) {
    let keys = registry.key(r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion").items;
    let Some(values) = keys.first().map(|key| key.values().items) else { return };
    let build = values.text("CurrentBuildNumber").or_else(|| values.text("CurrentBuild"));
    let kernel =
        match (values.number("CurrentMajorVersionNumber"), values.number("CurrentMinorVersionNumber")) {
            (Some(major), Some(minor)) => Some(format!("{major}.{minor}")),
            _ => values.text("CurrentVersion"),
        };
    let revision = values.number("UBR").map(|number| number.to_string());
    let parts: Vec<String> = [kernel, build.clone(), revision].into_iter().flatten().collect();
    os.version = parts.join(".");
    let is_11 = build.and_then(|build| build.parse::<u32>().ok()).is_some_and(|build| build >= WINDOWS_11);
    if let Some(mut name) = values.text("ProductName") {
        let is_client = values.text("InstallationType").is_none_or(|kind| kind == "Client");
        if is_11 && is_client {
            name = name.replacen("Windows 10", "Windows 11", 1);
        }
        let release = values.text("DisplayVersion").or_else(|| values.text("ReleaseId"));
        os.name = [Some(name), release].into_iter().flatten().collect::<Vec<_>>().join(" ");
    }
}

/// Recognises the operating system of a target; fields stay empty where its files do not tell.
pub fn identify(root: &Root) -> OsIdentity {
    for path in ["etc/os-release", "usr/lib/os-release"] {
        if let Ok(content) = root.read(path.as_bytes(), 1 << 16) {
            return from_os_release(&String::from_utf8_lossy(&content.bytes));
        }
    }
    if let Some(mac) = macos(root) {
        return mac;
    }
    if is_windows(root) {
        return OsIdentity {
            os: Some(Os::Windows),
            id: "windows".into(),
            name: "Windows".into(),
            ..Default::default()
        };
    }
    let linux =
        ["lib/apk/db", "var/lib/dpkg", "var/lib/rpm", "usr/lib/sysimage/rpm", "var/lib/pacman", "var/db/pkg"];
    if linux.iter().any(|path| root.exists(path.as_bytes()))
        || root.exists(b"etc/passwd") && root.exists(b"bin")
    {
        return OsIdentity { os: Some(Os::Linux), name: "Linux".into(), ..Default::default() };
    }
    OsIdentity::default()
}

/// Windows names may be stored in any case; look through the listing instead of folding the root.
fn is_windows(root: &Root) -> bool {
    let Ok(names) = root.list(b"") else { return false };
    let windows = names.iter().find(|listed| listed.name.eq_ignore_ascii_case(b"windows"));
    let Some(windows) = windows else { return false };
    let Ok(names) = root.list(&windows.name) else {
        return false;
    };
    names.iter().any(|listed| listed.name.eq_ignore_ascii_case(b"system32"))
}

fn macos(root: &Root) -> Option<OsIdentity> {
    let mac = |name: &str, version: &str| OsIdentity {
        os: Some(Os::Macos),
        id: "macos".into(),
        version: version.into(),
        name: format!("{name} {version}").trim().into(),
        like: Vec::new(),
    };
    let path = b"System/Library/CoreServices/SystemVersion.plist";
    match root.find(path) {
        Ok(found) => {
            // Damaged or not: only macOS has such a file.
            let bytes = root.read_found(&found, 1 << 16).map(|content| content.bytes).unwrap_or_default();
            let list = plist::read(&bytes).value;
            let name = list.text("ProductName").unwrap_or("macOS");
            Some(mac(name, list.text("ProductVersion").unwrap_or_default()))
        }
        // The data volume by itself: the system lies on another one.
        Err(Fault::Absent) => {
            let own: [&[u8]; 2] = [b"private/var/db/dslocal", b"Library/Receipts/InstallHistory.plist"];
            own.iter().any(|path| root.exists(path)).then(|| mac("macOS", ""))
        }
        Err(_) => Some(mac("macOS", "")),
    }
}

fn from_os_release(text: &str) -> OsIdentity {
    let value = |key: &str| -> String {
        let line = text.lines().rev().find_map(|line| line.trim().strip_prefix(key)?.strip_prefix('='));
        unquoted(line.unwrap_or_default())
    };
    OsIdentity {
        os: Some(Os::Linux),
        id: value("ID").to_lowercase(),
        like: value("ID_LIKE").to_lowercase().split_whitespace().map(str::to_owned).collect(),
        version: value("VERSION_ID"),
        name: ["PRETTY_NAME", "NAME", "ID"]
            .into_iter()
            .map(value)
            .find(|name| !name.is_empty())
            .unwrap_or_default(),
    }
}

/// A value of os-release: shell quotes and backslashes taken off.
fn unquoted(value: &str) -> String {
    let value = value.trim();
    let inner = ['"', '\''].iter().find_map(|&quote| value.strip_prefix(quote)?.strip_suffix(quote));
    let mut out = String::new();
    let mut escaped = false;
    for c in inner.unwrap_or(value).chars() {
        if c == '\\' && !escaped {
            escaped = true;
        } else {
            escaped = false;
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::memory::Memory;

    fn identity(tree: Memory) -> OsIdentity {
        identify(&Root::new(Box::new(tree)))
    }

    #[test]
    fn os_release_through_the_usual_link() {
        let os = identity(
            Memory::new()
                .file(
                    "usr/lib/os-release",
                    b"ID=ubuntu\nID_LIKE=debian\nVERSION_ID=\"24.04\"\nPRETTY_NAME='Ubuntu 24.04'\n",
                )
                .link("etc/os-release", "../usr/lib/os-release"),
        );
        assert_eq!((os.os, os.id.as_str(), os.version.as_str()), (Some(Os::Linux), "ubuntu", "24.04"));
        assert!(os.is_like(&["debian"]) && !os.is_like(&["rhel"]));
        assert_eq!(os.name, "Ubuntu 24.04");
    }

    #[test]
    fn windows_in_any_case() {
        assert_eq!(identity(Memory::new().directory("WINDOWS/system32")).os, Some(Os::Windows));
    }

    #[test]
    fn macos_version() {
        let plist = b"<plist><dict><key>ProductName</key><string>macOS</string><key>ProductVersion</key>\n<string>14.5</string></dict></plist>";
        let os = identity(Memory::new().file("System/Library/CoreServices/SystemVersion.plist", plist));
        assert_eq!((os.os, os.name.as_str()), (Some(Os::Macos), "macOS 14.5"));
    }

    #[test]
    fn macos_by_a_binary_list_and_by_its_data_volume_alone() {
        let list = [
            b"bplist00\xd2\x01\x02\x03\x04\x5bProductName\x5e".as_slice(),
            b"ProductVersion\x55macOS\x5414.5\x08\x0d\x19\x28\x2e",
            b"\0\0\0\0\0\0\x01\x01\0\0\0\0\0\0\0\x05\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x33",
        ]
        .concat();
        let os = identity(Memory::new().file("System/Library/CoreServices/SystemVersion.plist", list));
        assert_eq!((os.name.as_str(), os.version.as_str()), ("macOS 14.5", "14.5"));
        let data = Memory::new().directory("private/var/db/dslocal/nodes").directory("Users/a");
        assert_eq!(identity(data).os, Some(Os::Macos));
    }

    #[test]
    fn an_empty_folder_is_nothing() {
        assert_eq!(identity(Memory::new().file("documents/x", b"")).os, None);
    }
}
