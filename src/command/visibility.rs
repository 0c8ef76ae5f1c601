//! Whether what gave a piece of evidence can still be seen: what is not visible any more is not gone.

use crate::finding::Evidence;
use crate::fs::Fault;
use crate::fs::tree::Kind;
use crate::model::TargetKind;
use crate::target::Target;

/// Sources that hold what is installed in files of their own; a system without them is not one without programs.
const DATABASES: &[&str] = &[
    "deb_packages",
    "rpm_packages",
    "apk_packages",
    "pacman_packages",
    "snap_packages",
    "opkg_packages",
    "xbps_packages",
    "slackware_packages",
    "eopkg_packages",
    "bottlerocket_packages",
];

/// Why it cannot be said that a piece of evidence is gone; `None` when the place where it was can be seen.
pub(super) fn hidden(target: &Target, evidence: &Evidence) -> Option<String> {
    // An image is another one with each build, and its layers come as a whole.
    if target.kind == TargetKind::Image {
        return None;
    }
    let path = evidence.location.path.as_deref().filter(|path| !path.contains("\\x"))?;
    let path = path.trim_start_matches('/');
    let is_source =
        evidence.location.registry_key.is_some() || DATABASES.contains(&evidence.collector.as_str());
    let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
    for (depth, end) in ends.enumerate() {
        let above = path.get(..end).unwrap_or(path);
        match target.root.find_no_follow(above.as_bytes()) {
            Ok(found) if matches!(found.stat.kind, Kind::Link(_)) => match target.root.find(above.as_bytes())
            {
                Ok(_) => {}
                Err(_) => return Some(format!("/{above} is a link that leads to nothing that can be read")),
            },
            Ok(_) => {}
            Err(Fault::Absent) => {
                // A user who left takes the registry along; a folder of the top does not leave.
                let is_home = depth == 1 && path.starts_with("Users/");
                let is_hidden = depth == 0 && end < path.len() || is_source && !is_home;
                return is_hidden.then(|| format!("/{above} is not there any more"));
            }
            Err(_) => return Some(format!("/{above} cannot be read")),
        }
    }
    None
}
