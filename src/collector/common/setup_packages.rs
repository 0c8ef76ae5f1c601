//! `setup_packages`: packages and setups that wait to be installed, by what is inside them, whatever they are called.
//!
//! They lie in downloads, on desktops, at the top of homes and in the caches of package managers. A setup in an archive
//! counts as well; archives and images of disks that debar does not open are named. `program_files` reports the same files by name, and programs by their resources.

mod content;
mod contents;
mod extension;
mod listed;
mod packed;
mod zipped;

use contents::{EXTENSIONS, HEAD, PACKAGES, YIELDS};

use super::places::{PROGRAM_PLACES, home_owner};
use super::program_files::{self, is_kept, is_kept_folder, loose};
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::fs::tree::{file_name, parent};
use crate::fs::{Entry, Fault};
use crate::model::{Artifact, Field, GapKind, Location, Os, State};
use crate::target::Target;
use crate::text::{shown, text_of};

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "setup_packages",
    about: "Setup packages (deb, rpm, apk, ipk, pkg, MSI, MSIX, NuGet and others, also in ZIP and tar archives) by what is inside.",
    applies: Applies::EVERYWHERE,
    reads: READS,
    walks: PROGRAM_PLACES,
    keys: &[],
    yields: YIELDS,
    run,
    visit: Some(Visit { wants, file }),
};

/// Folders whose own files are checked, and no folder below.
#[rustfmt::skip]
const READS: &[&str] = &[
    "*", "tmp/*", "var/tmp/*", "root/*", "home/*/*", "Users/*/*", "Users/*/OneDrive*/*", "Users/*/OneDrive*/*/*",
    "var/cache/apt/archives/*", "var/cache/apt/archives/partial/*", "var/cache/dnf/*/packages/*",
    "var/cache/libdnf5/*/packages/*", "var/cache/yum/*/*/*/packages/*", "var/cache/yum/*/packages/*",
    "var/cache/zypp/packages/*/*", "var/cache/zypp/packages/*/*/*", "var/cache/PackageKit/*/*/*/packages/*",
    "var/cache/pacman/pkg/*", "var/cache/apk/*", "etc/apk/cache/*", "var/cache/xbps/*", "var/cache/eopkg/packages/*",
    "var/cache/opkg/*", "Library/Updates/*/*", "Users/*/Library/Caches/Homebrew/downloads/*", "Windows/ccmcache/*/*",
];

/// Bytes from which on a script carries something along.
const MIN_SCRIPT: u64 = 64 << 10;
/// Endings of archives that may hold a setup; these are read where setups are kept.
const ARCHIVES: &[&str] = &[".zip", ".pkg.tar.zst", ".pkg.tar.xz", ".pkg.tar.gz", ".pkg.tar"];
/// Endings of other archives and images; people keep them in downloads, programs in temporary folders.
const OTHER_ARCHIVES: &[&str] = &[
    ".tar", ".tgz", ".tar.gz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".tar.zst", ".7z", ".rar", ".cab",
    ".iso", ".img", ".wim", ".vhd", ".vhdx",
];
/// Content of other kinds, which begins like an archive.
const OTHERS: &[&str] = &[
    ".jar", ".war", ".ear", ".aar", ".hpi", ".jpi", ".jmod", ".docx", ".xlsx", ".pptx", ".odt", ".ods",
    ".odp", ".epub", ".whl",
];

fn wants(entry: &Entry<'_>) -> bool {
    entry.has_ending(PACKAGES)
        || (entry.has_ending(ARCHIVES) || entry.has_ending(EXTENSIONS)) && is_kept(entry.path())
        || entry.has_ending(OTHER_ARCHIVES) && is_downloaded(entry.path())
        // In a folder of downloads, the content says what a file is, not its name.
        || is_chosen(entry.path()) && !entry.has_ending(OTHERS)
}

/// Whether a file lies anywhere below a folder of downloads or a desktop.
fn is_downloaded(path: &[u8]) -> bool {
    parent(path).split(|&byte| byte == b'/').any(|folder| is_kept_folder(folder) && !is_temporary(folder))
}

fn is_temporary(folder: &[u8]) -> bool {
    ["temp", "tmp", "package cache"].iter().any(|name| folder.eq_ignore_ascii_case(name.as_bytes()))
}

/// Whether a file lies where people or package managers put setups: right in a folder of downloads, on a desktop, at the
/// top of a home, in a cache. Programs hold files in temporary folders open, and what is hidden was not downloaded.
fn is_chosen(path: &[u8]) -> bool {
    let (name, folder) = (file_name(path), parent(path));
    if name.starts_with(b".") || name.get(..6).is_some_and(|start| start.eq_ignore_ascii_case(b"ntuser")) {
        return false;
    }
    let is_home = folder == b"root" || matches!(parent(folder), b"home" | b"Users");
    is_home
        || path.starts_with(b"var/cache/")
        || is_kept_folder(file_name(folder)) && !is_temporary(file_name(folder))
}

fn run(target: &Target, sink: &mut Sink<'_>) {
    let mut seen = std::collections::BTreeSet::new();
    for result in READS.iter().flat_map(|pattern| target.root.glob(pattern)) {
        match result {
            Ok(found) if found.is_file() && seen.insert(found.real.clone()) => {
                let entry = Entry::behind_links(&target.root, &found.path, &found.real, false);
                if wants(&entry) {
                    file(target, &entry, sink);
                }
            }
            Ok(_) => {}
            // `program_files` reports names that lead nowhere.
            Err(
                Fault::Absent | Fault::Unreadable { kind: GapKind::BrokenLink | GapKind::Unsupported, .. },
            ) => {}
            Err(fault) => sink.fault(fault),
        }
    }
    // The registry of a Windows knows what its setups installed.
    if target.os.os == Some(Os::Linux) {
        loose::run(target, sink, is_package, file);
    }
}

fn is_package(name: &[u8]) -> bool {
    let is_end = |ending: &str| {
        let at = name.len().checked_sub(ending.len());
        at.and_then(|at| name.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(ending.as_bytes()))
    };
    PACKAGES.iter().any(|ending| is_end(ending))
}

fn file(target: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let path = entry.path();
    // The walk reports why; what is in the cloud only is never fetched, and `program_files` names it.
    let Some(found) = entry.found().filter(|found| found.stat.size > 0 && !found.stat.placeholder) else {
        return;
    };
    let size = found.stat.size;
    let read = target.root.during(path, || {
        let file = entry.open()?;
        let head = file.read_vec(0, HEAD).map_err(|error| Fault::from_io(path, &error))?;
        let name = text_of(file_name(path));
        let base = artifact(path, &name).with(Field::Size, size.to_string());
        let mut contents = content::read(&head, file.as_ref(), &name, base.clone());
        let is_nothing = contents.artifacts.is_empty() && contents.damage.is_empty();
        // Where the name does not promise a program, `program_files` does not read it.
        if is_nothing && is_chosen(path) && !program_files::is_read(target, entry) && is_program(&head, size)
        {
            contents.artifacts.extend(contents::program(&head, file.as_ref(), base, &mut contents.damage));
        }
        Ok(contents)
    });
    match read {
        Ok(contents) => {
            contents.artifacts.into_iter().for_each(|artifact| sink.artifact(artifact));
            sink.damage(path, &contents.damage);
            let unread = contents.unread.into_iter();
            unread.for_each(|what| target.root.name_unread(shown(path), what));
        }
        Err(fault) => sink.fault(fault),
    }
}

/// Whether the content of a file may be a program's; small scripts are no setups.
fn is_program(head: &[u8], size: u64) -> bool {
    !head.starts_with(b"#!") || size > MIN_SCRIPT
}

/// A setup that is called by the name of its file.
fn artifact(path: &[u8], name: &str) -> Artifact {
    Artifact::new(COLLECTOR.name, Location::path(path))
        .state(State::Installer)
        .with(Field::Name, name)
        .with_some(Field::User, home_owner(path).filter(|user| user != "Public"))
        .with(Field::Path, shown(path))
}

#[cfg(test)]
mod tests;
