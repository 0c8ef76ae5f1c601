//! Whether `debar verify` can still see where evidence was: a product is gone only when the place that showed it is there
//! and was read.

use crate::finding::{Evidence, Finding};
use crate::format::text::fstab;
use crate::fs::tree::Kind;
use crate::fs::{Fault, Root};
use crate::model::{CollectorId, Coverage, Outcome, TargetKind};
use crate::report::ScanReport;
use crate::target::Target;

/// Folders at the top of a system that no uninstaller removes, without case.
const STANDING: &[&str] = &[
    "applications",
    "documents and settings",
    "etc",
    "home",
    "library",
    "opt",
    "private",
    "program files",
    "program files (x86)",
    "programdata",
    "root",
    "system",
    "users",
    "usr",
    "var",
    "windows",
];
/// Bytes read of the table of mounts.
const MAX_FSTAB: usize = 1 << 20;

/// Sources that hold what is installed in files of their own; a system without them is not one without programs.
const DATABASES: &[CollectorId] = &[
    CollectorId::DebPackages,
    CollectorId::RpmPackages,
    CollectorId::ApkPackages,
    CollectorId::PacmanPackages,
    CollectorId::SnapPackages,
    CollectorId::OpkgPackages,
    CollectorId::XbpsPackages,
    CollectorId::SlackwarePackages,
    CollectorId::EopkgPackages,
    CollectorId::BottlerocketPackages,
];

/// Why it is not known whether evidence is gone; one reason for each source.
pub(super) fn unseen(was: &Finding, before: &ScanReport, target: &Target, after: &ScanReport) -> Vec<String> {
    let mut reasons = Vec::new();
    if before.target.os.os.is_some() && after.target.os.os != before.target.os.os {
        reasons.push("the operating system that the report names is not there any more".to_owned());
    }
    for evidence in &was.evidence {
        if let Some(reason) = unseen_evidence(evidence, target, after) {
            let reason = format!("{}: {reason}", evidence.collector);
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
    }
    reasons
}

fn unseen_evidence(evidence: &Evidence, target: &Target, after: &ScanReport) -> Option<String> {
    let path = evidence.location.path.as_deref().filter(|path| !path.contains("\\x"))?;
    let root = &target.root;
    let collector = CollectorId::of(&evidence.collector);
    let is_in_hive = evidence.location.registry_key.is_some();
    let is_source = is_in_hive || collector.is_some_and(|collector| DATABASES.contains(&collector));
    if let Some(reason) = lost_way(path, root, target.kind, is_source) {
        return Some(reason);
    }
    let is_there = || root.find(path.as_bytes()).is_ok_and(|found| found.is_file() && found.stat.size > 0);
    // What a registry or a database recorded is gone only when that file still is there to read.
    if is_in_hive {
        let profile = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let is_user = path.to_lowercase().contains("/ntuser.") || path.to_lowercase().contains("/usrclass.");
        // A profile that was removed with its hive is gone.
        let has_owner = !is_user || root.exists(profile.as_bytes());
        return (has_owner && !is_there()).then(|| format!("the hive {path} is not there any more"));
    }
    let yields = |entry: &&Coverage| entry.collector == evidence.collector;
    let entry = after.coverage.iter().find(yields);
    let is_silent = entry.is_some_and(|entry| entry.outcome == Outcome::Ran && entry.artifacts == 0);
    let is_record = evidence.location.record.is_some();
    (is_record && is_silent && target.kind != TargetKind::Image && !is_there())
        .then(|| format!("{path} is not there any more"))
}

/// Why the way to a path cannot be gone any more: a link that leads nowhere, a folder that always is there, a source
/// without which a system is none, a mount.
fn lost_way(path: &str, root: &Root, kind: TargetKind, is_source: bool) -> Option<String> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let mut place = String::new();
    for (depth, part) in parts.iter().enumerate() {
        let parent = place.clone();
        place.push('/');
        place.push_str(part);
        match root.find_no_follow(place.as_bytes()) {
            Ok(found) if matches!(found.stat.kind, Kind::Link(_)) => match root.find(place.as_bytes()) {
                Ok(_) => {}
                Err(Fault::Absent) => return Some(format!("{place} is a link that leads nowhere")),
                Err(Fault::Unreadable { detail, .. }) => return Some(format!("{place}: {detail}")),
            },
            Ok(_) => {}
            // An image is another one with each build, and its layers come as a whole.
            Err(Fault::Absent) if kind == TargetKind::Image => return None,
            Err(Fault::Absent) => {
                // A user who left takes the registry along; a folder of the top does not leave.
                let is_home = depth == 1 && parts.first() == Some(&"Users");
                let is_top =
                    depth == 0 && (parts.len() > 1 || STANDING.contains(&part.to_lowercase().as_str()));
                if is_top || is_source && !is_home {
                    return Some(format!("{place} is not there any more"));
                }
                let is_empty = root.list(parent.as_bytes()).is_ok_and(|names| names.is_empty());
                return (is_empty && is_mount(&parent, root)).then(|| format!("{parent} is not mounted"));
            }
            Err(Fault::Unreadable { detail, .. }) => return Some(format!("{place}: {detail}")),
        }
    }
    None
}

/// Whether the system mounts something at a folder.
fn is_mount(folder: &str, root: &Root) -> bool {
    let Ok(content) = root.read(b"etc/fstab", MAX_FSTAB) else { return false };
    let folder = folder.trim_matches('/');
    !folder.is_empty() && fstab::entries(&content.bytes).iter().any(|entry| entry.place == folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::memory::Memory;

    fn way(tree: Memory, path: &str) -> Option<String> {
        lost_way(path, &Root::new(Box::new(tree)), TargetKind::Directory, false)
    }

    #[test]
    fn a_way_that_is_lost_is_not_gone() {
        let there =
            || Memory::new().directory("opt").file("etc/fstab", "/dev/sdb1 /srv/data ext4 defaults 0 2\n");
        assert_eq!(way(there(), "/opt/kaspersky/kesl/bin"), None, "the folder around it was read");
        assert_eq!(
            way(Memory::new().directory("etc"), "/opt/kaspersky").unwrap(),
            "/opt is not there any more"
        );
        assert_eq!(way(there(), "/D:/kaspersky").unwrap(), "/D: is not there any more");
        assert_eq!(way(there(), "/build/kaspersky").unwrap(), "/build is not there any more");
        assert_eq!(way(there(), "/build"), None, "no system has such a folder");
        let linked = Memory::new().link("opt", "/data/opt").directory("data");
        assert_eq!(way(linked, "/opt/kaspersky").unwrap(), "/opt is a link that leads nowhere");
        let whole = Memory::new().link("opt", "/data/opt").directory("data/opt");
        assert_eq!(way(whole, "/opt/kaspersky"), None);
        let unmounted = there().directory("srv/data");
        assert_eq!(way(unmounted, "/srv/data/x").unwrap(), "/srv/data is not mounted");
        assert_eq!(way(there().file("srv/data/y", ""), "/srv/data/x"), None);
    }
}
