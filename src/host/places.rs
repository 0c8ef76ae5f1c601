//! Where a system keeps programs beside the usual folders, as its own files say, and what else is installed on the same
//! disk. What the registry of a Windows says, [`crate::registry`] teaches.
//!
//! Sources: systemd.service(5), environment(5), schroot.conf(5), machinectl(1), ostree(1), Apple's "Time Machine".

mod environments;
mod moved;

use std::collections::BTreeSet;

use crate::fs::{Root, damage_gap};
use crate::model::Os;
use crate::text::shown;

/// Units of services.
const UNITS: &[&str] = &[
    "etc/systemd/system/*.service",
    "usr/lib/systemd/system/*.service",
    "lib/systemd/system/*.service",
    "usr/local/lib/systemd/system/*.service",
    "etc/systemd/system/*.service.d/*.conf",
    "etc/systemd/user/*.service",
    "home/*/.config/systemd/user/*.service",
];
/// Tables of jobs and scripts of the start, which name programs by their whole paths.
const JOBS: &[&str] = &[
    "etc/crontab",
    "etc/anacrontab",
    "etc/cron.d/*",
    "var/spool/cron/*",
    "var/spool/cron/crontabs/*",
    "etc/rc.local",
    "etc/inittab",
    "etc/profile.d/*",
];
/// Bytes read of a unit.
const MAX_UNIT: usize = 256 << 10;
/// Folders at the top that walks go through anyway, or that are no folders of a program.
const USUAL: &[&str] = &[
    "app", "bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "libx32", "opt", "proc", "run", "sbin",
    "srv", "sys", "tmp", "usr",
];
/// Folders that hold those of many programs or users: nothing of them belongs to one program.
const SHARED: &[&str] =
    &["home", "root", "var", "var/lib", "var/tmp", "mnt", "media", "data", "Users", "Volumes"];
/// Folders of the data volume of a Mac, which a running one shows at the top (`/usr/share/firmlinks`).
const OF_THE_DATA_VOLUME: &[&str] =
    &["Applications", "Library", "Users", "opt", "private", "usr/local", "Volumes"];
/// Folders of other installations, and what they are.
const INSTALLATIONS: &[(&str, &str)] = &[
    ("Windows.old*/*/", "the Windows before an upgrade"),
    ("$WINDOWS.~BT/NewOS/*/", "a Windows that is being set up"),
    ("var/lib/machines/*/usr/", "a machine of systemd-nspawn"),
    ("var/lib/lxc/*/rootfs/", "a container of LXC"),
    ("var/snap/lxd/common/lxd/storage-pools/*/containers/*/rootfs/", "a container of LXD"),
    ("var/lib/incus/storage-pools/*/containers/*/rootfs/", "a container of Incus"),
    ("srv/chroot/*/etc/", "another root folder"),
    ("var/chroot/*/etc/", "another root folder"),
    ("var/lib/schroot/chroots/*/etc/", "another root folder"),
    ("ostree/deploy/*/deploy/*/usr/", "a deployment of OSTree"),
    ("sysroot/ostree/deploy/*/deploy/*/usr/", "a deployment of OSTree"),
    (".snapshots/*/snapshot/", "a snapshot"),
    ("timeshift/snapshots/*/localhost/", "a snapshot"),
    ("Backups.backupdb/*/*/*/", "a backup of Time Machine"),
    ("Volumes/*/Backups.backupdb/*/*/*/", "a backup of Time Machine"),
    ("Previous Systems*/*/Applications/", "the macOS before an upgrade"),
    ("home/*/.local/share/lxc/*/rootfs/", "a container of LXC"),
    ("var/lib/lxd/storage-pools/*/containers/*/rootfs/", "a container of LXD"),
    ("data/data/*/files/usr/", "the system of an app"),
    ("bedrock/strata/*/etc/", "another root folder"),
    ("var/lib/mock/*/root/etc/", "another root folder"),
    ("var/cache/lxc/*/*/etc/", "another root folder"),
    ("var/tmp/*.ch/img/*/etc/", "an image of Charliecloud"),
    ("home/*/.udocker/containers/*/ROOT/", "a container of udocker"),
    ("home/*/.local/share/enroot/*/etc/", "a container of Enroot"),
    ("var/lib/buildkit/*/snapshots/", "the cache of BuildKit"),
    ("home/*/.local/share/buildkit/*/snapshots/", "the cache of BuildKit"),
    ("composefs/images/", "a system of bootc"),
];
/// Files that hold a system or a part of one, and what they are.
const IMAGES: &[(&str, &str)] = &[
    ("var/lib/portables/*.raw", "a portable service"),
    ("var/lib/extensions/*.raw", "an extension of the system"),
    ("var/lib/confexts/*.raw", "an extension of the system"),
    ("var/lib/machines/*.raw", "a machine of systemd-nspawn"),
    ("var/lib/vz/images/*/*.raw", "the disk of a virtual machine"),
    ("var/lib/vz/template/cache/*.tar.*", "a template of containers"),
    ("var/lib/vz/dump/vzdump-*", "a backup of a machine"),
    ("var/cache/pbuilder/*.tgz", "the archive of another root folder"),
    ("*.apkovl.tar.gz", "the settings and packages of a diskless Alpine"),
    ("media/*/*.apkovl.tar.gz", "the settings and packages of a diskless Alpine"),
];

/// Folders in which other systems are mounted, unpacked or kept.
const KEEPERS: &[&str] = &[
    "*",
    "chroots/*",
    "data/*",
    "data/*/*",
    "data/*/*/*",
    "export/*",
    "home/*/*",
    "images/*",
    "media/*",
    "media/*/*",
    "mnt/*",
    "mnt/*/*",
    "opt/*",
    "opt/*/*",
    "root/*",
    "run/media/*/*",
    "srv/*",
    "srv/*/*",
    "tmp/*",
    "var/*/*",
    "Volumes/*",
];
/// What only the root of a system has.
const SIGNS: &[&str] = &[
    "etc/os-release",
    "Windows/System32/config/",
    "WINNT/System32/config/",
    "System/Library/CoreServices/SystemVersion.plist",
];
/// The accounts of a Mac.
const MAC_ACCOUNTS: &str = "private/var/db/dslocal/nodes/*/users/*.plist";
/// Bytes read of one account.
const MAX_ACCOUNT: usize = 4 << 20;

/// Disks of the Windows Subsystem for Linux. Source: "How to manage WSL disk space" of Microsoft's documentation.
const LINUX_DISKS: &[&str] = &[
    "Users/*/AppData/Local/Packages/*/LocalState/ext4.vhdx",
    "Users/*/AppData/Local/wsl/*/ext4.vhdx",
    "Users/*/AppData/Local/Docker/wsl/*/*.vhdx",
    "Users/*/AppData/Local/Docker/wsl/*/*/*.vhdx",
];

/// Where programs for virtual machines keep disks. Sources: "Storage pools" of libvirt, the manuals of VirtualBox, GNOME
/// Boxes, VMware, Parallels, UTM, Hyper-V and QEMU.
const MACHINES: &[&str] = &[
    "var/lib/libvirt/images/*",
    "var/lib/vz/images/*/*",
    "home/*/*",
    "home/*/*/*",
    "home/*/.local/share/libvirt/images/*",
    "home/*/.local/share/gnome-boxes/images/*",
    "home/*/.var/app/org.gnome.Boxes/data/gnome-boxes/images/*",
    "home/*/VirtualBox VMs/*/*",
    "home/*/vmware/*/*",
    "root/VirtualBox VMs/*/*",
    "Users/*/VirtualBox VMs/*/*",
    "Users/*/Parallels/*",
    "Users/*/Virtual Machines.localized/*",
    "Users/*/Documents/Virtual Machines/*/*",
    "Users/*/Library/Containers/com.utmapp.UTM/Data/Documents/*",
    "Users/Public/Documents/Hyper-V/Virtual hard disks/*",
    "ProgramData/Microsoft/Windows/Virtual Hard Disks/*",
];
/// Endings of such disks, and of the folders that hold one.
const MACHINE_DISKS: &[&str] =
    &[".hdd", ".pvm", ".qcow", ".qcow2", ".utm", ".vdi", ".vhd", ".vhdx", ".vmdk", ".vmwarevm"];
/// The most disks named; behind them comes one line for the rest.
const MAX_DISKS: usize = 64;

/// Names the disks of virtual machines as not read: each is a system of its own.
fn name_machines(root: &Root) {
    let mut count = 0;
    for found in MACHINES.iter().flat_map(|pattern| root.glob(pattern)).flatten() {
        let name = crate::text::text_of(crate::fs::tree::file_name(&found.path)).to_ascii_lowercase();
        let is_disk = MACHINE_DISKS.iter().any(|ending| name.ends_with(ending));
        let is_pool = found.path.starts_with(b"var/lib/libvirt/images/") && name.ends_with(".img");
        if !is_disk && !is_pool {
            continue;
        }
        count += 1;
        if count > MAX_DISKS {
            let parent = shown(crate::fs::tree::parent(&found.path));
            return root.name_unread(
                parent,
                format!("more than {MAX_DISKS} disks of virtual machines: scan each as a target of its own"),
            );
        }
        root.name_unread(
            shown(&found.path),
            "the disk of a virtual machine: mount it and scan it as a target of its own",
        );
    }
}

/// Names the registries of users that no Windows is around: copies of profiles, shares of roaming ones.
fn name_profiles(root: &Root) {
    let hives =
        ["NTUSER.DAT", "*/NTUSER.DAT", "*/*/NTUSER.DAT"].iter().flat_map(|pattern| root.glob(pattern));
    for found in hives.flatten().filter(|found| found.is_file()) {
        let reason =
            "the registry of a user, read only within a Windows: scan it as a target with its Windows";
        root.name_unread(shown(&found.path), reason);
    }
}

/// Homes of a Mac outside of `Users`, and whose they are. Source: dscl(1), opendirectoryd(8).
pub fn mac_homes(root: &Root) -> Vec<(String, String)> {
    let mut homes = Vec::new();
    for account in root.glob(MAC_ACCOUNTS).into_iter().flatten().filter(|account| account.is_file()) {
        let Ok(content) = root.read(&account.path, MAX_ACCOUNT) else { continue };
        let read = crate::format::text::plist::read(&content.bytes);
        for damage in &read.damage {
            let place = shown(&account.path);
            let gap = damage_gap("", place.as_str(), damage);
            // No collector reads accounts: the ledger of the root keeps what nobody else says.
            root.ledger().note(place.clone(), place, gap.kind, gap.detail);
        }
        let account = read.value;
        let name = account.texts("name").first().map(|name| (*name).to_owned()).unwrap_or_default();
        for home in account.texts("home") {
            let home = home.trim_end_matches('/');
            let is_systems = name.starts_with('_')
                || ["/var/", "/private/var/", "/dev/"].iter().any(|top| home.starts_with(top));
            if home.starts_with('/') && home.len() > 1 && !home.starts_with("/Users/") && !is_systems {
                homes.push((home.to_owned(), name.clone()));
            }
        }
    }
    homes
}

/// Names other systems below the usual folders for them as not read. It lists many folders, also of file systems whose
/// server may be gone: nothing else may wait for it.
pub fn name_others(root: &Root) {
    let own = root.windows().to_owned();
    let name = |path: &[u8]| {
        let reason = "the root of another system, another installation: scan it as a target of its own";
        root.name_unread(shown(path), reason);
    };
    let is_sign = |top: &[u8], sign: &str| {
        let found = root.find(&crate::fs::tree::join(top, sign.trim_end_matches('/').as_bytes()));
        found.is_ok_and(|found| found.is_directory() || !sign.ends_with('/'))
    };
    for keeper in KEEPERS {
        for found in
            root.glob(&format!("{keeper}/")).into_iter().flatten().filter(|found| found.is_directory())
        {
            if SIGNS.iter().any(|sign| is_sign(&found.path, sign)) {
                name(&found.path);
            }
        }
    }
    // A second Windows beside the one that was recognised.
    for found in root.glob("*/System32/config/").into_iter().flatten().filter(|found| found.is_directory()) {
        let top = crate::fs::tree::parent(crate::fs::tree::parent(&found.path));
        if !top.eq_ignore_ascii_case(own.as_bytes()) {
            name(top);
        }
    }
}

/// Chroots that schroot(1) knows.
fn schroots(root: &Root) {
    let lists = ["etc/schroot/schroot.conf", "etc/schroot/chroot.d/*"];
    for list in lists.iter().flat_map(|pattern| root.glob(pattern)).flatten().filter(|list| list.is_file()) {
        let Ok(content) = root.read(&list.path, MAX_UNIT) else { continue };
        for line in String::from_utf8_lossy(&content.bytes).lines() {
            let Some((key, folder)) = line.split_once('=') else { continue };
            if matches!(key.trim(), "directory" | "location")
                && root.exists(folder.trim().trim_matches('/').as_bytes())
            {
                root.name_unread(
                    folder.trim(),
                    "another root folder, another installation: scan it as a target of its own",
                );
            }
        }
    }
}

/// Teaches the root of a target where programs are, and names what else is installed there.
pub fn learn(root: &Root, families: &[Os], is_live: bool) {
    for folder in environments::find(root) {
        root.also_at("srv", &folder);
    }
    if families.contains(&Os::Linux) {
        for folder in programs(root) {
            root.also_at("srv", &folder);
        }
    }
    if families.contains(&Os::Linux) {
        for (usual, other) in moved::by_settings(root) {
            root.also_at(usual, &other);
        }
        for (pattern, what) in IMAGES {
            for found in root.glob(pattern).into_iter().flatten().filter(|found| found.is_file()) {
                root.name_unread(shown(&found.path), format!("{what}: scan it as a target of its own"));
            }
        }
    }
    if families.contains(&Os::Linux) && !is_live {
        for (place, from) in moved::bound(root) {
            root.also_at(&place, &from);
        }
    }
    if families.contains(&Os::Macos) && !is_live {
        for folder in OF_THE_DATA_VOLUME {
            root.also_at(folder, &format!("System/Volumes/Data/{folder}"));
        }
    }
    if families.contains(&Os::Macos) {
        root.also_at("Users/*", "private/var/root");
        for (home, _) in mac_homes(root) {
            root.also_at("Users/*", &home);
            if !is_live {
                root.also_at("Users/*", &format!("System/Volumes/Data{home}"));
            }
        }
    }
    schroots(root);
    for found in LINUX_DISKS.iter().flat_map(|pattern| root.glob(pattern)).flatten() {
        root.name_unread(
            shown(&found.path),
            "the disk of a Linux (WSL), another installation: scan it as a target of its own",
        );
    }
    name_machines(root);
    if families.is_empty() {
        name_profiles(root);
    }
    for (pattern, what) in INSTALLATIONS {
        // The folder that says is one below; of snapshots and backups it is the installation itself.
        let is_itself = what.starts_with("a snapshot")
            || what.starts_with("a backup")
            || pattern.ends_with("rootfs/")
            || pattern.ends_with("ROOT/")
            || pattern.ends_with("files/usr/");
        for found in root.glob(pattern).into_iter().flatten().filter(|found| found.is_directory()) {
            let path = if is_itself { found.path.as_slice() } else { crate::fs::tree::parent(&found.path) };
            root.name_unread(
                shown(path),
                format!("{what}, another installation: scan it as a target of its own"),
            );
        }
    }
}

/// Folders of the programs that services start and that the machine's own search path names.
fn programs(root: &Root) -> BTreeSet<String> {
    let mut folders = BTreeSet::new();
    let mut add = |folder: &str| {
        let folder = folder.trim_matches('/');
        if is_own_folder(folder) && !folder.contains(['*', '%', '$']) {
            folders.insert(folder.to_owned());
        }
    };
    let read = |path: &[u8]| root.read(path, MAX_UNIT).ok().map(|content| content.bytes);
    for unit in UNITS.iter().flat_map(|pattern| root.glob(pattern)).flatten().filter(|unit| unit.is_file()) {
        let Some(bytes) = read(&unit.path) else { continue };
        for line in String::from_utf8_lossy(&bytes).lines() {
            let Some(command) = line.trim().strip_prefix("ExecStart=") else { continue };
            let command = command.trim_start_matches(['@', '-', ':', '+', '!']);
            let program = match command.strip_prefix('"') {
                Some(quoted) => quoted.split('"').next().unwrap_or_default(),
                None => command.split_whitespace().next().unwrap_or_default(),
            };
            if let (true, Some((folder, _))) = (program.starts_with('/'), program.rsplit_once('/')) {
                add(folder);
            }
        }
    }
    for job in JOBS.iter().flat_map(|pattern| root.glob(pattern)).flatten().filter(|job| job.is_file()) {
        let Some(bytes) = read(&job.path) else { continue };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let words = text.lines().filter(|line| !line.trim_start().starts_with('#')).flat_map(|line| {
            line.split(|char: char| {
                char.is_whitespace() || matches!(char, '"' | '\'' | ';' | '=' | ':' | '&' | '|' | '(')
            })
        });
        for word in words.filter(|word| word.starts_with('/')) {
            let path = word.trim_start_matches('/').as_bytes();
            match root.find(path) {
                Ok(found) if found.is_directory() => add(word),
                Ok(found) if found.is_file() => add(word.rsplit_once('/').map_or("", |(folder, _)| folder)),
                _ => {}
            }
        }
    }
    if let Some(bytes) = read(b"etc/environment") {
        for line in String::from_utf8_lossy(&bytes).lines() {
            let Some(path) = line.trim().strip_prefix("PATH=") else { continue };
            path.trim_matches(['"', '\'']).split(':').for_each(&mut add);
        }
    }
    folders
}

/// Whether a folder is one of a program, which no walk goes through anyway: not a shared one, not a home.
fn is_own_folder(folder: &str) -> bool {
    let mut parts = folder.split('/');
    let (first, second, third) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
    let is_home = matches!(first, "home" | "Users") && second.is_some() && third.is_none();
    !folder.is_empty() && !USUAL.contains(&first) && !SHARED.contains(&folder) && !is_home
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::memory::Memory;

    #[test]
    fn programs_of_services_and_of_the_search_path_are_found_where_they_are() {
        let unit = "[Service]\nExecStart=-/data/vendor/bin/agent --x\nExecStart=/usr/bin/true\nExecStart=\"/srv2/a b/c\" d\n";
        let tree = Memory::new()
            .file("etc/systemd/system/a.service", unit)
            .file("etc/environment", "PATH=\"/usr/bin:/tools/bin:/home/a\"\n")
            .file("data/vendor/bin/agent", "");
        let root = Root::new(Box::new(tree));
        assert_eq!(
            programs(&root).into_iter().collect::<Vec<_>>(),
            ["data/vendor/bin", "srv2/a b", "tools/bin"]
        );
        learn(&root, &[Os::Linux], false);
        assert_eq!(root.glob("srv/*").remove(0).unwrap().path, b"data/vendor/bin/agent");
    }

    #[test]
    fn a_damaged_account_is_written_down_and_its_home_may_be_missing() {
        let account = |home: &str| {
            format!("<plist version=\"1.0\"><dict><key>home</key><array><string>{home}</string>")
        };
        let whole = format!("{}</array></dict></plist>", account("/Volumes/x/a"));
        let tree = Memory::new()
            .file("private/var/db/dslocal/nodes/Default/users/a.plist", whole)
            .file("private/var/db/dslocal/nodes/Default/users/b.plist", account("/Volu"));
        let root = Root::new(Box::new(tree));
        assert_eq!(mac_homes(&root).first().map(|(home, _)| home.as_str()), Some("/Volumes/x/a"));
        let places: Vec<String> =
            root.ledger().unreported(std::iter::empty()).into_iter().map(|gap| gap.place).collect();
        assert_eq!(places, ["/private/var/db/dslocal/nodes/Default/users/b.plist"]);
    }

    #[test]
    fn other_installations_are_named() {
        let tree = Memory::new()
            .file("Windows.old/Windows/explorer.exe", "")
            .file("Users/u/AppData/Local/Packages/Vendor.Linux/LocalState/ext4.vhdx", "")
            .file("home/a/VirtualBox VMs/w/w.vdi", "")
            .file("var/lib/lxc/web/rootfs/etc/os-release", "")
            .file("Profiles/anna.V6/NTUSER.DAT", "");
        let root = Root::new(Box::new(tree));
        learn(&root, &[], false);
        name_others(&root);
        let places: Vec<String> = root.unread().into_iter().map(|(place, _)| place).collect();
        let disk = "/Users/u/AppData/Local/Packages/Vendor.Linux/LocalState/ext4.vhdx";
        assert_eq!(
            places,
            [
                "/Profiles/anna.V6/NTUSER.DAT",
                disk,
                "/Windows.old",
                "/home/a/VirtualBox VMs/w/w.vdi",
                "/var/lib/lxc/web/rootfs"
            ]
        );
    }
}
