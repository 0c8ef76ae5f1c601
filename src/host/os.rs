//! Which operating system a target is, recognised by its files, so that a disk can be scanned on any host.
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

/// What the files of a target say of its operating system.
#[derive(Debug, Clone, Default)]
pub struct Recognised {
    /// The system.
    pub identity: OsIdentity,
    /// The families that there are signs of, that of the system first. Empty when there is no sign at all.
    pub families: Vec<Os>,
    /// The folder of Windows, as it is called here.
    pub windows: Option<String>,
}

/// Recognises the operating system of a target; fields stay empty where its files do not tell.
///
/// With signs of several systems, the one counts whose signs only an administrator can make: anybody may make folders
/// at the top of a Windows drive, and nobody but administrators writes below its `System32`.
pub fn identify(root: &Root) -> Recognised {
    let windows = windows_folder(root);
    let mac = macos(root);
    let linux = linux(root);
    let identity_of_windows = || OsIdentity {
        os: Some(Os::Windows),
        id: "windows".into(),
        name: "Windows".into(),
        ..Default::default()
    };
    let (is_installed, folder) =
        windows.map_or((false, None), |(name, is_installed)| (is_installed, Some(name)));
    let windows = folder.is_some().then(identity_of_windows);
    let signs = match (is_installed, &mac) {
        (true, _) => [windows, mac, linux],
        (false, Some(_)) if linux.as_ref().is_none_or(|linux| linux.id.is_empty()) => [mac, linux, windows],
        (false, _) => [linux, mac, windows],
    };
    let mut families: Vec<Os> = signs.iter().flatten().filter_map(|identity| identity.os).collect();
    let mut identity = signs.into_iter().flatten().next().unwrap_or_default();
    if families.is_empty() && root.exists(b"etc/passwd") && root.exists(b"bin") {
        families.push(Os::Linux);
        identity = OsIdentity { os: Some(Os::Linux), name: "Linux".into(), ..Default::default() };
    }
    Recognised { identity, families, windows: folder }
}

/// As [`identify`], of the system that runs: which family that is, its files do not decide.
pub fn identify_running(root: &Root, os: Os) -> Recognised {
    let recognised = match os {
        Os::Linux => linux(root),
        Os::Macos => macos(root),
        Os::Windows => None,
    };
    let (id, name) = match os {
        Os::Linux => ("", "Linux"),
        Os::Macos => ("macos", "macOS"),
        Os::Windows => ("windows", "Windows"),
    };
    let unknown = OsIdentity { os: Some(os), id: id.into(), name: name.into(), ..Default::default() };
    let windows = (os == Os::Windows).then(|| windows_folder(root)).flatten().map(|(name, _)| name);
    Recognised { identity: recognised.unwrap_or(unknown), families: vec![os], windows }
}

/// The system that this program was built for.
pub fn running() -> Option<Os> {
    match std::env::consts::OS {
        "linux" => Some(Os::Linux),
        "macos" => Some(Os::Macos),
        "windows" => Some(Os::Windows),
        _ => None,
    }
}

/// Files of systems that are older than os-release(5) or do without, and the distribution that each names; the first
/// word of what they hold may name another one.
const RELEASES: &[(&str, &str)] = &[
    ("etc/oracle-release", "ol"),
    ("etc/centos-release", "centos"),
    ("etc/fedora-release", "fedora"),
    ("etc/altlinux-release", "altlinux"),
    ("etc/mageia-release", "mageia"),
    ("etc/mandriva-release", "mandriva"),
    ("etc/photon-release", "photon"),
    ("etc/redhat-release", "rhel"),
    ("etc/system-release", "rhel"),
    ("etc/SuSE-release", "suse"),
    ("etc/alpine-release", "alpine"),
    ("etc/arch-release", "arch"),
    ("etc/gentoo-release", "gentoo"),
    ("etc/slackware-version", "slackware"),
    ("etc/debian_version", "debian"),
];
/// First words of such files, and the distribution.
const CALLED: &[(&str, &str)] = &[
    ("centos", "centos"),
    ("fedora", "fedora"),
    ("rocky", "rocky"),
    ("almalinux", "almalinux"),
    ("amazon", "amzn"),
    ("oracle", "ol"),
    ("alt", "altlinux"),
];

/// A Linux, by os-release, by the files that came before it, or by its package database.
fn linux(root: &Root) -> Option<OsIdentity> {
    let text = |path: &str| {
        let content = root.read(path.as_bytes(), 1 << 16).ok()?;
        Some(String::from_utf8_lossy(&content.bytes).into_owned())
    };
    let mut identity = ["etc/os-release", "usr/lib/os-release"]
        .into_iter()
        .filter_map(text)
        .map(|text| from_os_release(&text))
        .reduce(|first, second| if first.id.is_empty() { second } else { first });
    for (path, id) in RELEASES {
        let Some(text) = text(path) else { continue };
        let first = text.split_whitespace().next().unwrap_or_default().to_lowercase();
        let id = CALLED.iter().find(|(word, _)| first == *word).map_or(*id, |(_, id)| *id);
        let known = identity.get_or_insert_with(|| OsIdentity { os: Some(Os::Linux), ..Default::default() });
        if known.id.is_empty() {
            known.id = id.to_owned();
            known.name = text.lines().next().unwrap_or_default().trim().to_owned();
        } else if !known.is_like(&[id]) {
            known.like.push(id.to_owned());
        }
        if known.name.is_empty() || known.name.starts_with(|c: char| c.is_ascii_digit()) {
            known.name = id.to_owned();
        }
    }
    let databases =
        ["lib/apk/db", "var/lib/dpkg", "var/lib/rpm", "usr/lib/sysimage/rpm", "var/lib/pacman", "var/db/pkg"];
    let has_database = || databases.iter().any(|path| root.exists(path.as_bytes()));
    identity.or_else(|| {
        has_database().then(|| OsIdentity { os: Some(Os::Linux), name: "Linux".into(), ..Default::default() })
    })
}

/// The folder of Windows at the top, and whether a Windows is installed there rather than only a folder of that name.
/// Names may be stored in any case; the listing is gone through instead of folding the root.
fn windows_folder(root: &Root) -> Option<(String, bool)> {
    let names = root.list(b"").ok()?;
    let is_usual = |name: &[u8]| name.eq_ignore_ascii_case(b"windows");
    let mut found = None;
    let (usual, others): (Vec<_>, Vec<_>) = names.into_iter().partition(|listed| is_usual(&listed.name));
    for listed in usual.into_iter().chain(others) {
        if !crate::fs::root::may_be_directory(&listed) {
            continue;
        }
        let Ok(name) = String::from_utf8(listed.name) else { continue };
        let Some(system) = child(root, name.as_bytes(), b"system32") else { continue };
        let is_installed = is_windows(root, &system);
        if is_installed {
            return Some((name, true));
        }
        if is_usual(name.as_bytes()) && found.is_none() {
            found = Some((name, false));
        }
    }
    found
}

/// Whether a `System32` is that of an installed Windows.
fn is_windows(root: &Root, system: &[u8]) -> bool {
    let has = |names: &[&[u8]], folder: &[u8]| names.iter().any(|name| child(root, folder, name).is_some());
    has(&[b"ntdll.dll", b"kernel32.dll"], system)
        || child(root, system, b"config").is_some_and(|config| has(&[b"system", b"software"], &config))
}

/// A name in a directory, whatever its case; links that cannot be followed are there as well.
fn child(root: &Root, directory: &[u8], name: &[u8]) -> Option<Vec<u8>> {
    let names = root.list(directory).ok()?;
    let listed = names.into_iter().find(|listed| listed.name.eq_ignore_ascii_case(name))?;
    Some(crate::fs::tree::join(directory, &listed.name))
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
            let bytes = root.read_found(&found, 1 << 16).map_or_else(|_| Vec::new(), |content| content.bytes);
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
        identify(&Root::new(Box::new(tree))).identity
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

    #[test]
    fn folders_at_the_top_do_not_change_which_system_it_is() {
        let tree = Memory::new()
            .file("Windows/System32/config/SOFTWARE", "")
            .file("etc/os-release", "ID=debian\n")
            .file("System/Library/CoreServices/SystemVersion.plist", "");
        let recognised = identify(&Root::new(Box::new(tree)));
        assert_eq!(recognised.identity.os, Some(Os::Windows));
        assert_eq!(recognised.families, [Os::Windows, Os::Macos, Os::Linux]);
        let running = identify_running(&Root::new(Box::new(Memory::new())), Os::Linux);
        assert_eq!((running.identity.os, running.families), (Some(Os::Linux), vec![Os::Linux]));
    }

    #[test]
    fn windows_has_the_name_that_its_folder_has() {
        let tree = Memory::new().file("WINNT/system32/config/software", "").directory("Windows.old/System32");
        assert_eq!(identify(&Root::new(Box::new(tree))).windows.as_deref(), Some("WINNT"));
    }

    #[test]
    fn systems_older_than_os_release_are_known() {
        for (path, text, id) in [
            ("etc/redhat-release", "CentOS release 6.10 (Final)\n", "centos"),
            ("etc/redhat-release", "Red Hat Enterprise Linux Server release 6.9\n", "rhel"),
            ("etc/debian_version", "7.11\n", "debian"),
            ("etc/SuSE-release", "SUSE Linux Enterprise Server 11 (x86_64)\n", "suse"),
        ] {
            assert_eq!(identity(Memory::new().file(path, text)).id, id, "{path}");
        }
        let both = identity(Memory::new().file("etc/os-release", "ID=own\n").file("etc/redhat-release", "x"));
        assert!(both.id == "own" && both.is_like(&["rhel"]));
    }
}
