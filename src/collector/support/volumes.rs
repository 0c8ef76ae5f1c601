//! Volumes that a system mounts and that are no part of the target: what lies on them was not read.
//!
//! Sources: fstab(5), passwd(5).

use crate::format::text::fstab;
use crate::fs::tree::{file_name, is_within, parent};
use crate::fs::{Fault, Root};
use crate::model::{Gap, GapKind, Os, TargetKind};
use crate::target::Target;
use crate::text::{shown, text_of};

/// Bytes read of each list.
const LIMIT: usize = 4 << 20;
/// Where programs and users are; what is mounted below them, or above, is missed.
const SEARCHED: &[&[u8]] = &[
    b"Applications",
    b"app",
    b"etc",
    b"home",
    b"lib",
    b"opt",
    b"root",
    b"srv",
    b"usr",
    b"var/lib",
    b"var/opt",
    b"var/www",
];
/// File systems without programs of their own.
const WITHOUT: &[&str] = &[
    "swap", "proc", "sysfs", "tmpfs", "devpts", "devtmpfs", "cgroup", "cgroup2", "debugfs", "efivarfs",
    "none", "ramfs",
];
/// Accounts of people begin here (login.defs(5)).
const FIRST_UID: u32 = 1000;
/// `nobody`.
const NOBODY: u32 = 65534;

/// The gaps for volumes that are not here.
pub fn missing(target: &Target) -> Vec<Gap> {
    if target.kind != TargetKind::Directory || target.is_earlier {
        return Vec::new();
    }
    let root = &target.root;
    if target.may_be(Os::Macos) {
        let missing = |home: &str| {
            [home.to_owned(), format!("System/Volumes/Data{home}")]
                .iter()
                .all(|path| root.is_gone(path.as_bytes()))
        };
        let homes = crate::host::places::mac_homes(root);
        return homes
            .iter()
            .filter(|(home, _)| missing(home))
            .map(|(home, user)| {
                gap(
                    home.trim_start_matches('/').as_bytes(),
                    &format!("the home of {user}, on a volume that is not mounted here"),
                )
            })
            .collect();
    }
    if !target.may_be(Os::Linux) {
        return Vec::new();
    }
    let mut gaps: Vec<Gap> =
        mounted(root).into_iter().map(|place| gap(&place, "/etc/fstab mounts a volume here")).collect();
    for (home, user) in homes(root) {
        if is_elsewhere(root, &home) {
            gaps.push(gap(&home, &format!("the home of {user}, on a volume that is not mounted here")));
        }
    }
    gaps
}

fn gap(place: &[u8], what: &str) -> Gap {
    Gap {
        kind: GapKind::SourceMissing,
        collector: "program_files".to_owned(),
        place: shown(place),
        detail: format!("{what}, and nothing is in it: it is no part of this target"),
    }
}

/// Searched places that a volume is mounted on at every start, and that are empty.
fn mounted(root: &Root) -> Vec<Vec<u8>> {
    // The ledger of the root keeps a failed read.
    let table = match root.read(b"etc/fstab", LIMIT) {
        Ok(table) => table.bytes,
        Err(_) => Vec::new(),
    };
    let mut places = Vec::new();
    for entry in fstab::entries(&table).into_iter().filter(|entry| !entry.options.is_empty()) {
        let is_optional = entry.has(&["noauto", "nofail"]);
        let is_without = WITHOUT.contains(&entry.kind.as_str());
        let place = entry.place.into_bytes();
        let is_searched = SEARCHED.iter().any(|searched| is_within(&place, searched)) || place == b"var";
        if is_searched && !is_optional && !is_without && is_empty(root, &place) {
            places.push(place);
        }
    }
    for unit in root.glob("etc/systemd/system/*.mount").into_iter().flatten().filter(|unit| unit.is_file()) {
        let place = mounted_by(root, &unit.path);
        let is_searched = |place: &Vec<u8>| SEARCHED.iter().any(|searched| is_within(place, searched));
        places.extend(place.filter(is_searched).filter(|place| is_empty(root, place)));
    }
    places.sort();
    places.dedup();
    places
}

/// Where a unit that every start needs mounts a volume (systemd.mount(5)).
fn mounted_by(root: &Root, unit: &[u8]) -> Option<Vec<u8>> {
    let name = text_of(file_name(unit));
    let is_wanted = ["wants", "requires"].iter().any(|kind| {
        root.glob(&format!("etc/systemd/system/*.{kind}")).into_iter().flatten().any(|folder| {
            root.list_found(&folder)
                .is_ok_and(|names| names.iter().any(|listed| listed.name == name.as_bytes()))
        })
    });
    let content = root.read(unit, LIMIT).ok().filter(|_| is_wanted)?;
    let text = String::from_utf8_lossy(&content.bytes).into_owned();
    let value = |key: &str| {
        text.lines()
            .find_map(|line| line.trim().strip_prefix(key)?.trim_start().strip_prefix('=').map(str::trim))
    };
    let is_optional = value("Options").is_some_and(|options| {
        options.split(',').any(|option| matches!(option, "nofail" | "bind" | "rbind"))
    });
    let is_without = value("Type").is_some_and(|kind| WITHOUT.contains(&kind));
    let place = value("Where").filter(|_| !is_optional && !is_without)?;
    Some(place.trim_matches('/').as_bytes().to_vec())
}

fn is_empty(root: &Root, place: &[u8]) -> bool {
    match root.list(place) {
        Ok(names) => names.iter().all(|listed| listed.name == b"lost+found"),
        Err(fault) => fault == Fault::Absent,
    }
}

/// Homes of people, and whose they are.
fn homes(root: &Root) -> Vec<(Vec<u8>, String)> {
    let Ok(passwd) = root.read(b"etc/passwd", LIMIT) else { return Vec::new() };
    let text = String::from_utf8_lossy(&passwd.bytes).into_owned();
    let home = |line: &str| {
        let fields: Vec<&str> = line.split(':').collect();
        let [name, _, uid, _, _, home, shell, ..] = fields.as_slice() else { return None };
        let uid: u32 = uid.parse().ok()?;
        let is_person =
            uid >= FIRST_UID && uid != NOBODY && !shell.ends_with("nologin") && !shell.ends_with("/false");
        (is_person && home.starts_with('/'))
            .then(|| (home.trim_matches('/').as_bytes().to_vec(), (*name).to_owned()))
    };
    text.lines().filter_map(home).collect()
}

/// Whether a home that is not there may lie on another volume: no folder at the top of its name, or an empty one.
fn is_elsewhere(root: &Root, home: &[u8]) -> bool {
    if home.is_empty() || !root.is_gone(home) {
        return root.find(home) == Err(Fault::Absent) && !home.is_empty();
    }
    let mut above = parent(home);
    while !above.is_empty() && root.is_gone(above) {
        above = parent(above);
    }
    let first = home.split(|&byte| byte == b'/').next().unwrap_or_default();
    match above {
        b"" => !matches!(first, b"nonexistent" | b"dev" | b"run" | b"tmp" | b"proc" | b"home" | b"root"),
        b"home" => false,
        above => !is_within(above, b"usr") && !is_within(above, b"var") && is_empty(root, above),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::memory::Memory;

    fn places(tree: Memory) -> Vec<String> {
        let tree = tree.file("etc/os-release", "ID=debian\n");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        missing(&target).into_iter().map(|gap| gap.place).collect()
    }

    #[test]
    fn what_every_start_mounts_where_programs_are_is_missed() {
        let table = "# x\nUUID=1 / ext4 defaults 0 1\nUUID=2 /home ext4 defaults 0 2\nUUID=3 none swap sw 0 0\n\
            UUID=4 /boot ext4 defaults 0 2\nUUID=5 /opt xfs nofail 0 0\nsrv:/x /media/x nfs defaults 0 0\n\
            UUID=6 /srv btrfs subvol=@srv 0 0\nUUID=7 /usr/local ext4 noauto 0 0\n";
        let tree =
            Memory::new().file("etc/fstab", table).directory("home").directory("opt").file("srv/x", "");
        assert_eq!(places(tree.clone()), ["/home"]);
        assert!(places(tree.file("home/a/x", "")).is_empty());
    }

    #[test]
    fn what_a_unit_mounts_at_every_start_is_missed() {
        let unit = "[Mount]\nWhat=/dev/sdb1\nWhere=/opt\n";
        let tree = Memory::new().file("etc/systemd/system/opt.mount", unit).directory("opt");
        assert!(places(tree.clone()).is_empty(), "nothing wants it");
        let tree = tree.link("etc/systemd/system/local-fs.target.wants/opt.mount", "../opt.mount");
        assert_eq!(places(tree.clone()), ["/opt"]);
        assert!(places(tree.file("opt/x", "")).is_empty());
    }

    #[test]
    fn a_home_of_a_mac_on_another_volume_is_missed() {
        let account = |home: &str| {
            format!(
                "<plist><dict><key>name</key><array><string>a</string></array><key>home</key><array><string>{home}</string></array></dict></plist>"
            )
        };
        let accounts = "private/var/db/dslocal/nodes/Default/users";
        let tree = Memory::new()
            .file("System/Library/CoreServices/SystemVersion.plist", "<plist><dict/></plist>")
            .file(format!("{accounts}/a.plist"), account("/Volumes/Homes/a"))
            .file(format!("{accounts}/b.plist"), account("/Homes/b"))
            .file(format!("{accounts}/c.plist"), account("/var/empty"))
            .file(format!("{accounts}/d.plist"), account("/Users/d"))
            .file("Homes/b/x", "");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let places: Vec<String> = missing(&target).into_iter().map(|gap| gap.place).collect();
        assert_eq!(places, ["/Volumes/Homes/a"]);
    }

    #[test]
    fn homes_on_other_volumes_are_missed_and_those_that_never_were_are_not() {
        let passwd = "a:x:1000:1000::/data/a:/bin/sh\nb:x:1001:1001::/home/b:/bin/sh\nc:x:1002:1002::/srv/c:/usr/sbin/nologin\n\
            d:x:1003:1003::/nonexistent:/bin/sh\ne:x:1004:1004::/mnt/e:/bin/sh\nf:x:1005:1005::/full/f:/bin/sh\n";
        let tree =
            Memory::new().file("etc/passwd", passwd).directory("home").directory("mnt").file("full/x", "");
        assert_eq!(places(tree), ["/data/a", "/mnt/e"]);
    }
}
