//! Folders that settings of a Linux put elsewhere: what is bound to a place, databases of packages, extensions of the system.

use crate::format::text::fstab;
use crate::fs::Root;
use crate::text::text_of;

/// Bytes read of one file of settings.
const MAX_SETTINGS: usize = 256 << 10;

/// Folders that every start shows at another place as well (mount(8), `bind`; systemd.mount(5)).
pub(super) fn bound(root: &Root) -> Vec<(String, String)> {
    let table = root.read(b"etc/fstab", MAX_SETTINGS).map(|table| table.bytes).unwrap_or_else(|_| Vec::new());
    let binds = fstab::entries(&table).into_iter().filter(|entry| entry.has(&["bind", "rbind"]));
    let mut bound: Vec<(String, String)> = binds.map(|entry| (entry.place, entry.source)).collect();
    for unit in ["etc/systemd/system/*.mount", "usr/lib/systemd/system/*.mount"] {
        for text in texts(root, &[unit]) {
            let value = |key: &str| {
                let mut lines =
                    text.lines().filter_map(|line| line.trim().strip_prefix(key)?.trim().strip_prefix('='));
                lines.next_back().unwrap_or_default().trim().to_owned()
            };
            if value("Options").split(',').any(|option| matches!(option, "bind" | "rbind")) {
                bound.push((value("Where"), value("What")));
            }
        }
    }
    let is_plain = |path: &str| !path.is_empty() && !path.contains('*');
    let inside = bound
        .into_iter()
        .map(|(place, from)| (place.trim_matches('/').to_owned(), from.trim_matches('/').to_owned()));
    inside.filter(|(place, from)| is_plain(place) && is_plain(from)).collect()
}

/// The texts of settings that can be read.
fn texts(root: &Root, patterns: &[&str]) -> Vec<String> {
    let files =
        patterns.iter().flat_map(|pattern| root.glob(pattern)).flatten().filter(|file| file.is_file());
    let bytes = files.filter_map(|file| root.read(&file.path, MAX_SETTINGS).ok());
    bytes.map(|content| String::from_utf8_lossy(&content.bytes).into_owned()).collect()
}

/// Where settings of package managers put their databases, beside the usual folder; and where extensions of the system
/// keep what they add. Sources: dpkg.cfg(5), pacman.conf(5), rpm's macros, opkg.conf, systemd-sysext(8).
pub(super) fn by_settings(root: &Root) -> Vec<(&'static str, String)> {
    const SETTINGS: &[(&str, &[&str], &[&str])] = &[
        ("var/lib/dpkg", &["etc/dpkg/dpkg.cfg", "etc/dpkg/dpkg.cfg.d/*"], &["admindir"]),
        ("var/lib/pacman", &["etc/pacman.conf"], &["DBPath"]),
        ("var/lib/rpm", &["etc/rpm/macros", "etc/rpm/macros.*", "root/.rpmmacros"], &["%_dbpath"]),
    ];
    let mut moved = Vec::new();
    for (usual, files, keys) in SETTINGS {
        for text in texts(root, files) {
            let values = text.lines().filter_map(|line| {
                let rest = keys.iter().find_map(|key| line.trim().strip_prefix(key))?;
                let value = rest.trim_start_matches([' ', '\t', '=']);
                (value.len() < rest.len()).then(|| value.trim().trim_matches('"').to_owned())
            });
            moved.extend(values.map(|value| (*usual, value)));
        }
    }
    for text in texts(root, &["etc/opkg.conf", "etc/opkg/*.conf"]) {
        // `dest NAME FOLDER`: where packages can be installed, each with lists of its own.
        let folders =
            text.lines().filter_map(|line| line.trim().strip_prefix("dest ")?.split_whitespace().nth(1));
        let lists = |folder: &str| format!("{}/usr/lib/opkg", folder.trim_end_matches('/'));
        moved.extend(folders.map(|folder| ("usr/lib/opkg", lists(folder))));
    }
    for (usual, pattern) in [
        ("usr", "var/lib/extensions/*/usr/"),
        ("opt", "var/lib/extensions/*/opt/"),
        ("etc", "var/lib/confexts/*/etc/"),
    ] {
        moved.extend(root.glob(pattern).into_iter().flatten().map(|found| (usual, text_of(&found.path))));
    }
    moved.retain(|(_, folder)| !folder.contains(['*', '%', '$']));
    moved
}

#[cfg(test)]
mod tests {
    use super::super::learn;
    use super::*;
    use crate::fs::memory::Memory;
    use crate::model::Os;

    #[test]
    fn what_is_bound_to_a_place_is_found_there() {
        let tree = Memory::new()
            .file("etc/fstab", "# x\n/data/opt /opt none defaults,bind 0 0\nUUID=1 / ext4 defaults 0 1\n")
            .file("data/opt/vendor/tool", "");
        let root = Root::new(Box::new(tree));
        learn(&root, &[Os::Linux], false);
        assert_eq!(root.glob("opt/*").remove(0).unwrap().path, b"data/opt/vendor");
    }

    #[test]
    fn what_a_unit_binds_and_what_settings_move_is_found_there() {
        let tree = Memory::new()
            .file("etc/systemd/system/opt.mount", "[Mount]\nWhat=/data/opt\nWhere = /opt\nOptions=ro,bind\n")
            .file("etc/systemd/system/srv.mount", "[Mount]\nWhat=/dev/sdb1\nWhere=/srv\n")
            .file("data/opt/vendor/tool", "")
            .file("etc/pacman.conf", "[options]\n#DBPath = /no\nDBPath = /data/pacman/\n")
            .file("data/pacman/local/a/desc", "")
            .file("etc/rpm/macros.x", "%_dbpath %{_usr}/x\n%_dbpath\t/data/rpm\n")
            .file("data/rpm/rpmdb.sqlite", "")
            .file("etc/dpkg/dpkg.cfg.d/x", "admindirectory=/no\nadmindir=/data/dpkg\n")
            .file("data/dpkg/status", "")
            .file("etc/opkg.conf", "dest root /\ndest usb /mnt/usb\n")
            .file("mnt/usb/usr/lib/opkg/status", "")
            .file("var/lib/extensions/a/usr/bin/tool", "");
        let root = Root::new(Box::new(tree));
        learn(&root, &[Os::Linux], false);
        for (pattern, path) in [
            ("opt/*/tool", "data/opt/vendor/tool"),
            ("var/lib/pacman/local/*/desc", "data/pacman/local/a/desc"),
            ("var/lib/rpm/rpmdb.sqlite", "data/rpm/rpmdb.sqlite"),
            ("var/lib/dpkg/status", "data/dpkg/status"),
            ("usr/lib/opkg/status", "mnt/usb/usr/lib/opkg/status"),
            ("usr/bin/*", "var/lib/extensions/a/usr/bin/tool"),
        ] {
            let found: Vec<Vec<u8>> =
                root.glob(pattern).into_iter().flatten().map(|found| found.path.clone()).collect();
            assert_eq!(found, [path.as_bytes()], "{pattern}");
        }
    }
}
