//! What only a running system has. The only `cfg(target_os)` of the crate are in this folder and in
//! [`crate::fs::directory`].

#[cfg(target_os = "linux")]
mod linux;
mod mount;
pub mod os;
pub mod places;
mod processes;
mod services;
#[cfg(windows)]
mod windows;

use std::io;
use std::path::{Path, PathBuf};

use crate::fs::directory::Directory;
use crate::fs::drives::{Drive, Drives};
use crate::fs::root::Root;
use crate::fs::tree::Tree;
use crate::model;

pub use mount::Mount;
use mount::{NETWORK, PSEUDO, READ_BY_NAME};
pub use processes::{Executable, ProcessPlace, in_pid_namespace, process_place};
pub use services::{ServiceActivity, services};

/// The root of this host. Pseudo and network file systems below it are left out; `one_file_system` leaves out
/// every mount.
///
/// # Errors
/// When the root directory cannot be opened.
pub fn host(one_file_system: bool) -> io::Result<Root> {
    let path = host_root();
    let mut root = with_drives(Box::new(Directory::open(&path)?), other_drives(), one_file_system);
    for mount in mounts_below(&path) {
        if READ_BY_NAME.contains(&mount.file_system.as_str()) {
            root.do_not_walk(&mount.path);
        } else {
            leave_out(&mut root, &mount, one_file_system);
        }
    }
    if cfg!(target_os = "macos") {
        walk_firmlinks_once(&mut root);
        leave_out_volumes(&mut root);
    }
    if cfg!(windows) {
        leave_out_kept_open(&mut root);
    }
    Ok(root)
}

/// What a running Windows keeps open for itself, and what it holds. Every other place that reports programs is read.
const KEPT_OPEN: &[(&str, &str)] = &[
    ("Windows/AppCompat/Programs/Amcache.hve", "what was once on this machine"),
    ("Windows/System32/wbem/Repository/OBJECTS.DATA", "what WMI starts at events"),
    ("ProgramData/Microsoft/Network/Downloader/qmgr.db", "what waits to be downloaded in the background"),
];

/// Names what a running Windows keeps open, so that there is nothing to read.
fn leave_out_kept_open(root: &mut Root) {
    for (place, what) in KEPT_OPEN {
        if root.exists(place.as_bytes()) {
            let reason = format!(
                "kept open by the running Windows; scan its disk, mounted elsewhere, or an image of it to see {what}"
            );
            root.skip(place.as_bytes(), reason);
        }
    }
}

/// Other volumes of a Mac, shares of the network among them, are mounted below `/Volumes`; the link there leads back
/// to the root.
fn leave_out_volumes(root: &mut Root) {
    for volume in root.list(b"Volumes").into_iter().flatten() {
        if volume.kind == crate::fs::tree::ListedKind::Directory {
            let path = [b"Volumes/", volume.name.as_slice()].concat();
            let reason = format!("another volume; scan it with: debar scan '{}'", crate::text::shown(&path));
            root.skip(&path, reason);
        }
    }
}

/// A drive of this host which is not the root.
struct OtherDrive {
    /// Its letter and a colon.
    name: String,
    /// Why it is left out; `None` for a fixed disk, which is this machine's.
    left_out: Option<String>,
}

/// The host's root with its other fixed drives; the rest is left out with a reason.
fn with_drives(system: Box<dyn Tree>, others: Vec<OtherDrive>, one_file_system: bool) -> Root {
    let (mut drives, mut skipped) = (Vec::new(), Vec::new());
    for drive in others {
        let reason =
            drive.left_out.or(one_file_system.then(|| "another drive, --one-file-system".to_owned()));
        match reason {
            Some(reason) => {
                skipped.push((
                    drive.name.clone(),
                    format!("{reason}; scan it with: debar scan {}\\", drive.name),
                ));
            }
            None => {
                let tree = Directory::open(Path::new(&format!("\\\\?\\{}\\", drive.name)));
                let tree = tree.map(|tree| Box::new(tree) as Box<dyn Tree>);
                drives.push(Drive { name: drive.name.into_bytes(), tree });
            }
        }
    }
    let names: Vec<Vec<u8>> = drives.iter().map(|drive| drive.name.clone()).collect();
    let mut root = Root::new(if drives.is_empty() { system } else { Box::new(Drives::new(system, drives)) });
    root.set_drives(system_drive(), names);
    for (name, reason) in skipped {
        root.skip(name.as_bytes(), reason);
    }
    root
}

/// The data volume of macOS shows its folders twice: below its mount, and by firmlinks at the root of the system
/// volume. Walks take the latter. Only of a running system: elsewhere firmlinks lead nowhere.
fn walk_firmlinks_once(root: &mut Root) {
    let Ok(list) = root.read(b"usr/share/firmlinks", 1 << 16) else { return };
    for line in list.bytes.split(|&byte| byte == b'\n') {
        let Some(tab) = line.iter().position(|&byte| byte == b'\t') else { continue };
        let (Some(link), Some(data)) = (line.get(..tab), line.get(tab + 1..)) else { continue };
        if root.exists(link) && !data.is_empty() {
            root.do_not_walk(&[b"System/Volumes/Data/", data].concat());
        }
    }
}

/// A directory of this host as the root of a target; mounts below it as in [`host`]. What is mounted on its
/// `proc` belongs to this host, not to the target.
///
/// # Errors
/// When it cannot be opened.
pub fn directory(path: &Path, one_file_system: bool) -> io::Result<Root> {
    let path = path.canonicalize()?;
    let mut root = Root::new(Box::new(Directory::open(&path)?));
    for mount in mounts_below(&path) {
        if READ_BY_NAME.contains(&mount.file_system.as_str()) {
            root.skip(&mount.path, format!("{} {}", model::PSEUDO, mount.file_system));
        } else {
            leave_out(&mut root, &mount, one_file_system);
        }
    }
    Ok(root)
}

fn leave_out(root: &mut Root, mount: &Mount, one_file_system: bool) {
    let file_system = mount.file_system.as_str();
    if PSEUDO.contains(&file_system) {
        root.skip(&mount.path, format!("{} {file_system}", model::PSEUDO));
    } else if NETWORK.contains(&file_system) {
        root.skip(&mount.path, format!("network file system {file_system}; scan it where it is stored"));
    } else if one_file_system {
        root.skip(&mount.path, format!("another file system ({file_system}), --one-file-system"));
    } else if mount.is_private && !mount.path.starts_with(b"run/") {
        // Where it lies at a searched place, the failed read is a gap as well.
        let reason = format!(
            "a file system of one user ({file_system}), which answers to no other; run debar as that user"
        );
        root.name_unread(crate::text::shown(&mount.path), reason);
    }
}

/// Where the host's root lies. The prefix lets Windows take names as they are: long, with a dot at the end, or
/// those of devices.
fn host_root() -> PathBuf {
    #[cfg(windows)]
    {
        format!("\\\\?\\{}:\\", system_drive()).into()
    }
    #[cfg(not(windows))]
    {
        PathBuf::from("/")
    }
}

/// The letter of the drive that Windows is on.
fn system_drive() -> char {
    #[cfg(windows)]
    {
        windows::system_drive()
    }
    #[cfg(not(windows))]
    {
        'C'
    }
}

/// Drives of this host which are not the root.
fn other_drives() -> Vec<OtherDrive> {
    #[cfg(windows)]
    {
        let system = system_drive();
        let others = windows::drives().into_iter().filter(|(letter, _)| *letter != system);
        others.map(|(letter, left_out)| OtherDrive { name: format!("{letter}:"), left_out }).collect()
    }
    #[cfg(not(windows))]
    {
        Vec::new()
    }
}

#[cfg(target_os = "linux")]
fn mounts_below(path: &Path) -> Vec<Mount> {
    linux::mounts_below(path)
}

#[cfg(not(target_os = "linux"))]
fn mounts_below(_: &Path) -> Vec<Mount> {
    Vec::new()
}

/// Takes what a confined process cannot see any more: the list of mounts and, for a scan of this host, what other
/// processes run. To be called before the process is confined.
pub fn prepare(is_host: bool, is_confined: bool) {
    #[cfg(target_os = "linux")]
    {
        linux::mountinfo();
        if is_host {
            linux::guide::start(is_confined);
        }
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (is_host, is_confined);
}

/// The host's own name, if the system reports it.
pub fn host_name() -> Option<String> {
    sysinfo::System::host_name().ok().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::memory::Memory;

    #[test]
    fn fixed_drives_are_looked_at_and_others_are_told() {
        let drives = || {
            let drive = |name: &str, left_out: Option<&str>| OtherDrive {
                name: name.to_owned(),
                left_out: left_out.map(str::to_owned),
            };
            vec![drive("D:", None), drive("E:", Some("removable drive"))]
        };
        let system = || Box::new(Memory::new().directory("Windows/System32"));
        let root = with_drives(system(), drives(), false);
        assert_eq!(root.drives(), [b"D:".to_vec()]);
        assert_eq!(
            root.skipped().get(b"E:".as_slice()).map(String::as_str),
            Some("removable drive; scan it with: debar scan E:\\")
        );
        // There is no such drive here: recognised by each pattern that asks for it.
        assert!(root.glob("Program Files/*").iter().all(Result::is_ok));
        let alone = with_drives(system(), drives(), true);
        assert!(alone.drives().is_empty() && alone.skipped().len() == 2);
    }

    #[test]
    fn the_data_volume_is_walked_by_its_firmlinks_only() {
        let tree = Memory::new()
            .file("usr/share/firmlinks", "/Applications\tApplications\n/opt\topt\n")
            .directory("Applications")
            .directory("System/Volumes/Data/Applications");
        let mut root = Root::new(Box::new(tree));
        walk_firmlinks_once(&mut root);
        let data = root.find(b"System/Volumes/Data").unwrap().real;
        assert!(root.is_unwalked(&data.join(b"Applications")));
        assert!(!root.is_unwalked(&data.join(b"opt")), "there is no /opt to walk instead");
        assert!(!root.is_unwalked(&root.find(b"Applications").unwrap().real));
    }

    #[test]
    fn the_hive_that_a_running_windows_keeps_is_told() {
        let mut without = Root::new(Box::new(Memory::new().directory("Windows")));
        leave_out_kept_open(&mut without);
        assert!(without.skipped().is_empty());
        let hive = "Windows/AppCompat/Programs/Amcache.hve";
        let mut root = Root::new(Box::new(Memory::new().file(hive, "regf")));
        leave_out_kept_open(&mut root);
        let places: Vec<_> = root.skipped().iter().collect();
        let [(path, reason)] = places.as_slice() else { panic!("{places:?}") };
        assert!(path.as_slice() == hive.as_bytes() && reason.contains("mounted"), "{reason}");
    }

    #[test]
    fn other_volumes_are_said_to_be_left_out() {
        let tree = Memory::new().directory("Volumes/Share").link("Volumes/Macintosh HD", "/");
        let mut root = Root::new(Box::new(tree));
        leave_out_volumes(&mut root);
        let places: Vec<_> = root.skipped().iter().collect();
        let [(path, reason)] = places.as_slice() else { panic!("{places:?}") };
        assert_eq!(path.as_slice(), b"Volumes/Share");
        assert!(reason.ends_with("debar scan '/Volumes/Share'"), "{reason}");
    }
}
