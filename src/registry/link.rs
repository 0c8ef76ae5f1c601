//! Keys that are links to other keys.
//!
//! Source: "Windows registry file format specification" (symbolic links); Microsoft's `REG_LINK`.

use super::stack::Part;
use super::{Fault, Registry, is_below, same_name};
use crate::model::GapKind;

/// Links that one lookup follows. It counts all of them, not only those behind each other: paths of links that lead to
/// paths of links would cost more than a lifetime.
const MAX_LINKS: usize = 32;

/// Hives of Windows that hold no software and are not read.
const UNREAD: &[&str] = &[r"HKLM\SAM", r"HKLM\SECURITY", r"HKLM\HARDWARE", r"HKLM\BCD00000000"];

/// The path of a key that the kernel names, e.g. `\Registry\Machine\SOFTWARE`.
fn kernel_path(path: &str) -> Option<String> {
    let mut parts = path.split('\\').filter(|part| !part.is_empty());
    let top = parts.next().filter(|top| top.eq_ignore_ascii_case("REGISTRY")).and_then(|_| parts.next())?;
    let top = match () {
        () if top.eq_ignore_ascii_case("MACHINE") => "HKLM",
        () if top.eq_ignore_ascii_case("USER") => "HKU",
        () => return None,
    };
    Some([top].into_iter().chain(parts).collect::<Vec<_>>().join("\\"))
}

/// Whether a path lies in the second hive of a user: `HKU\SID_Classes`.
fn is_classes(path: &str) -> bool {
    let mut parts = path.split('\\');
    let is_user = parts.next().is_some_and(|top| top == "HKU");
    is_user && parts.next().is_some_and(|name| name.to_ascii_uppercase().ends_with("_CLASSES"))
}

impl Registry {
    /// What answers for a key: for a link, the parts of the key that it leads to. One that leads out of the hives that
    /// were read is a fault; one to a key that a hive lacks leads nowhere in Windows, too.
    pub(super) fn followed(
        &self,
        path: &str,
        parts: Vec<Part>,
        links: &mut usize,
        faults: &mut Vec<Fault>,
    ) -> Vec<Part> {
        let Some((to, origin)) = parts.first().and_then(|part| Some((part.node.link()?, &part.origin)))
        else {
            return parts;
        };
        *links += 1;
        if *links > MAX_LINKS {
            faults.push(self.fault(
                path,
                origin,
                (GapKind::LinkLoop, format!("a link to {to}, through too many links")),
            ));
            return parts;
        }
        let place = kernel_path(&to);
        let is_mounted = |at: &str| self.mounts.iter().any(|mount| is_below(at, &mount.at));
        match place {
            Some(at) if same_name(&at, path) => parts,
            Some(at) if is_mounted(&at) => {
                self.through(&at, links, faults).map(|key| key.parts).unwrap_or_default()
            }
            // Hives without software, and the part of a user's hive whose absence is another's to report.
            Some(at) if UNREAD.iter().any(|hive| is_below(&at, hive)) || is_classes(&at) => Vec::new(),
            _ => {
                let detail = format!("a link to {to}, which is no part of what was read");
                faults.push(self.fault(path, origin, (GapKind::SourceMissing, detail)));
                Vec::new()
            }
        }
    }
}
