//! Folders that people made at the top of a Windows drive and in their homes, as `C:\\Soft` and `C:\\Distr\\AV`, and that
//! tools made in Windows' own folder, as `C:\\Windows\\AdminArsenal`; on Linux those at the top, and what is mounted for
//! people: sticks, discs, shares. Nothing names them, so they are searched a few levels deep, upper levels first, and no
//! further than a limit: `--deep` is for whole drives.

use std::collections::{BTreeSet, VecDeque};

use super::super::places::PROGRAM_PLACES;
use crate::collector::Sink;
use crate::fs::tree::{ListedKind, join};
use crate::fs::{Entry, Found};
use crate::model::Os;
use crate::target::Target;

/// Levels of folders below the top of a drive or a home.
const DEPTH: usize = 5;
/// The same on Linux, where whole disks are mounted.
const DEPTH_ON_LINUX: usize = 4;
/// Folders listed; the default search ends there, as it does at the walked places. Nothing is lost that it covers.
const FOLDERS: usize = 2_000;
/// Folders at the top that are the system's, or walked, or of another installation.
const OWN: &[&str] = &[
    "boot",
    "config.msi",
    "documents and settings",
    "efi",
    "msocache",
    "perflogs",
    "program files",
    "program files (arm)",
    "program files (x86)",
    "programdata",
    "recycler",
    "sandbox",
    "system volume information",
    "users",
    "windows",
    "winnt",
];
/// Folders at the top of a Linux that are the system's, or walked, or of people.
const OWN_ON_LINUX: &[&str] = &[
    "app",
    "bin",
    "boot",
    "dev",
    "etc",
    "gnu",
    "home",
    "lib",
    "lib32",
    "lib64",
    "libx32",
    "lost+found",
    "nix",
    "opt",
    "proc",
    "programs",
    "root",
    "run",
    "sbin",
    "snap",
    "srv",
    "sys",
    "sysroot",
    "tmp",
    "usr",
    "var",
];
/// Folders of homes that are walked, or full of data of programs.
const OF_HOMES: &[&str] = &[
    "appdata",
    "application data",
    "desktop",
    "documents",
    "downloads",
    "local settings",
    "scoop",
    "my documents",
];

/// Folders of Windows' own folder that are the system's, or walked; others are tools', as those of deployment.
#[rustfmt::skip]
const OF_WINDOWS: &[&str] = &[
    "addins", "appcompat", "apppatch", "appreadiness", "assembly", "bcastdvr", "boot", "branding", "browsercore", "cbstemp",
    "containers", "csc", "cursors", "debug", "diagnostics", "diagtrack", "digitallocker", "downloaded program files", "ehome",
    "elambkup", "en-us", "fonts", "globalization", "help", "identitycrl", "ime", "immersivecontrolpanel", "inf", "inputmethod",
    "installer", "l2schemas", "livekernelreports", "logs", "media", "microsoft.net", "migration", "minidump", "modemlogs",
    "ocr", "offline web pages", "panther", "performance", "pla", "policydefinitions", "prefetch", "printdialog",
    "provisioning", "pss", "registration", "rescache", "resources", "schcache", "schemas", "security", "serviceprofiles",
    "servicestate", "servicing", "setup", "shellcomponents", "shellexperiences", "skb", "softwaredistribution", "speech",
    "speech_onecore", "sxs", "syswow64", "sysarm32", "system", "system32", "systemapps", "systemresources", "systemtemp", "sysvol",
    "tapi", "tasks", "temp", "tracing", "twain_32", "twain_64", "unifiedupdateplatform", "vss", "waas", "web", "winsxs", "wlansvc",
    "ccmcache", "imecache",
];

/// Gives files whose names promise a program or a setup to `visit`.
pub(in crate::collector::common) fn run(
    target: &Target,
    sink: &mut Sink<'_>,
    promises: fn(&[u8]) -> bool,
    visit: fn(&Target, &Entry<'_>, &mut Sink<'_>),
) {
    let (tops, max_depth): (&[(&str, &[&str])], usize) = match target.os.os {
        _ if target.deep => return,
        Some(Os::Windows) => (&[("*", OWN), ("Windows/*", OF_WINDOWS)], DEPTH),
        Some(Os::Linux) => (&[("*", OWN_ON_LINUX), ("run/media/*", &[])], DEPTH_ON_LINUX),
        _ => return,
    };
    let root = &target.root;
    let walked: BTreeSet<_> =
        PROGRAM_PLACES.iter().flat_map(|place| root.glob(place)).flatten().map(|found| found.real).collect();
    let mut queue: VecDeque<(Found, usize)> = VecDeque::new();
    for (pattern, own) in tops {
        let folders = sink.glob(root, pattern).into_iter().filter(Found::is_directory);
        queue.extend(folders.filter(|found| is_searched(&found.path, own)).map(|found| (found, 1)));
    }
    if target.os.os == Some(Os::Windows) {
        queue
            .extend(sink.glob(root, "Users/*").into_iter().filter(Found::is_directory).map(|home| (home, 0)));
    }
    let mut listed = 0;
    while let Some((folder, depth)) = queue.pop_front() {
        if walked.contains(&folder.real) || root.is_skipped(&folder.real) {
            continue;
        }
        if listed == FOLDERS {
            break;
        }
        listed += 1;
        let others = if depth == 0 { OF_HOMES } else { &[] };
        let names = sink.list(root, &folder);
        // The root of another system, which is named as one.
        let has = |name: &[u8]| names.iter().any(|listed| listed.name == name);
        if has(b"etc") && has(b"usr") || has(b"Windows") && has(b"Users") {
            continue;
        }
        for name in names {
            let path = join(&folder.path, &name.name);
            match name.kind {
                ListedKind::Directory if depth < max_depth && is_searched(&path, others) => {
                    queue.extend(root.find(&path).ok().map(|found| (found, depth + 1)));
                }
                ListedKind::File if promises(&name.name) => {
                    let Ok(found) = root.find(&path) else { continue };
                    let entry = Entry::behind_links(root, &found.path, &found.real, false);
                    visit(target, &entry, sink);
                }
                _ => {}
            }
        }
    }
}

/// Whether a folder is one of people: not one of these, not hidden, not what an update put aside, not one of sources.
fn is_searched(path: &[u8], others: &[&str]) -> bool {
    let name = crate::text::text_of(crate::fs::tree::file_name(path)).to_lowercase();
    let is_aside =
        ["$", ".", "windows.old", "onedrive", "node_modules"].iter().any(|start| name.starts_with(start));
    !is_aside && !others.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::super::COLLECTOR;
    use crate::collector::collect;
    use crate::collector::windows::testing::complete;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::{Field, Os, TargetKind};
    use crate::registry::Memory as Hives;
    use crate::target::Target;

    #[test]
    fn what_is_mounted_for_people_and_lies_at_the_top_of_a_linux_is_searched() {
        let tree = Memory::new()
            .file("etc/os-release", "ID=debian\n")
            .file("mnt/tool.rpm", "some other text")
            .file("media/anna/STICK/soft/tool.exe", "MZ")
            .file("run/media/anna/STICK/tool.msi", "some other text")
            .file("distr/tool.deb", "some other text")
            .file("mnt/a/b/c/d/e/deep.deb", "x")
            .file("mnt/disk/Windows/x", "x")
            .file("mnt/disk/Users/x", "x")
            .file("mnt/disk/Soft/tool.exe", "MZ")
            .file("mnt/photos/a.jpg", "x")
            .file("run/tool/tool.deb", "x")
            .file("var/x/tool.deb", "x");
        let mut target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        target.os.os = Some(Os::Linux);
        let (found, gaps) = collect(&COLLECTOR, &target);
        assert!(gaps.is_empty(), "{gaps:?}");
        let mut seen: Vec<_> = found.iter().filter_map(|one| one.text(Field::Path)).collect();
        seen.sort_unstable();
        let expected = [
            "/distr/tool.deb",
            "/media/anna/STICK/soft/tool.exe",
            "/mnt/tool.rpm",
            "/run/media/anna/STICK/tool.msi",
        ];
        assert_eq!(seen, expected);
    }

    #[test]
    fn folders_that_nothing_names_are_searched() {
        let tree = complete()
            .file("Soft/tool.exe", "MZ")
            .file("Distr/AV/2024/setup.exe", "MZ")
            .file("Distr/a/b/c/d/e/f/deep.exe", "MZ")
            .file("Users/anna/tool.exe", "MZ")
            .file("Users/anna/Videos/x/film.exe", "MZ")
            .file("Users/anna/Videos/film.txt", "x")
            .file("Windows.old/Program Files/old.exe", "MZ")
            .file("$WinREAgent/x/agent.exe", "MZ")
            .file("Recovery/OEM/Apps/setup.exe", "MZ")
            .file("Windows/AdminArsenal/Runner/service-1/exec/setup.exe", "MZ")
            .file("Windows/WinSxS/amd64_x/system.exe", "MZ");
        let target = tree.target(Hives::new());
        let (found, gaps) = collect(&COLLECTOR, &target);
        assert!(gaps.is_empty(), "{gaps:?}");
        let mut seen: Vec<_> = found.iter().filter_map(|one| one.text(Field::Path)).collect();
        seen.retain(|path| !path.starts_with("/Windows/System32/") && *path != "/Windows/explorer.exe");
        seen.sort_unstable();
        assert_eq!(
            seen,
            [
                "/Distr/AV/2024/setup.exe",
                "/Recovery/OEM/Apps/setup.exe",
                "/Soft/tool.exe",
                "/Users/anna/Videos/x/film.exe",
                "/Users/anna/tool.exe",
                "/Windows/AdminArsenal/Runner/service-1/exec/setup.exe",
            ]
        );
    }
}
