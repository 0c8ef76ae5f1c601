//! Places whose content is put aside: backups, trash, what a system replaced. A program there is left over, not
//! installed, whichever collector saw it.

use crate::model::{Artifact, State};

/// Folders at the top of a drive, in lower case; what an upgrade or the system itself put there. `*` at the end stands
/// for any ending.
const AT_TOP: &[&str] = &[
    "windows.old*",
    "$windows.~bt",
    "$windows.~ws",
    "$recycle.bin",
    "recycler",
    "recycled",
    "system volume information",
    "previous systems.localized",
    "previous systems",
    "previous system*",
    ".trash-*",
    ".trashes",
    ".mobilebackups",
    "lost+found",
    ".snapshots",
    "timeshift",
];
/// Folders anywhere, in lower case.
const ANYWHERE: &[&str] =
    &["relocated items", "incompatible software", "backups.backupdb", ".trash", ".trashes", "filerepository"];
/// Endings of folders, in lower case, that someone renamed to keep them.
const KEPT: &[&str] =
    &[".app.back", ".app.bak", ".app.backup", ".app.old", ".kext.back", ".kext.bak", ".kext.old"];

/// The artifact, left over if it lies where things are put aside.
pub fn judged(artifact: Artifact) -> Artifact {
    let is_there = matches!(artifact.state, State::Installed | State::Disabled | State::Embedded);
    // A key of the registry may name such a place, and says more than that the file is there.
    let path = artifact.location.path.as_deref().filter(|_| artifact.location.registry_key.is_none());
    match path {
        Some(path) if is_there && is_put_aside(path) => artifact.state(State::Remnant),
        _ => artifact,
    }
}

/// Whether a path leads through a place for what is put aside.
pub fn is_put_aside(path: &str) -> bool {
    let lower = path.to_lowercase();
    let mut parts = lower.split('/').filter(|part| !part.is_empty() && !part.ends_with(':'));
    let at_top = |part: &str| {
        AT_TOP.iter().any(|top| match top.strip_suffix('*') {
            Some(start) => part.starts_with(start),
            None => part == *top,
        })
    };
    let anywhere = |part: &str| ANYWHERE.contains(&part) || KEPT.iter().any(|ending| part.ends_with(ending));
    parts.clone().next().is_some_and(at_top)
        || parts.any(anywhere)
        || lower.contains("/.local/share/trash/")
        || lower.starts_with("/volumes/") && lower.contains("/.timemachine")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Location;

    #[test]
    fn what_is_put_aside_is_left_over_and_what_only_names_it_is_not() {
        for aside in [
            "/Windows.old/Program Files/x.exe",
            "/windows.old.000/x.exe",
            "/D:/$Recycle.Bin/S-1/$R1/x.exe",
            "/Users/Shared/Relocated Items/Security/Library/Extensions/x.kext",
            "/Users/a/.Trash/X.app",
            "/Applications/X.app.back/Contents/Info.plist",
            "/Volumes/T/Backups.backupdb/m/2024/D/Applications/X.app",
            "/home/a/.local/share/Trash/files/x",
        ] {
            let seen = Artifact::new("apps", Location::path(aside.as_bytes()));
            assert_eq!(judged(seen).state, State::Remnant, "{aside}");
        }
        for there in ["/opt/windows.old", "/Applications/Trash.app", "/Users/a/backup/x", "/opt/lost+found/x"]
        {
            let seen = Artifact::new("apps", Location::path(there.as_bytes()));
            assert_eq!(judged(seen).state, State::Installed, "{there}");
        }
        let running = Artifact::new("processes", Location::path(b"/Windows.old/x.exe")).state(State::Running);
        assert_eq!(judged(running).state, State::Running);
    }
}
