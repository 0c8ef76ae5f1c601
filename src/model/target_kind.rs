//! The kinds of targets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What kind of thing is scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TargetKind {
    /// The live host: its files, processes and what else only a running system has.
    Host,
    /// A root directory: a mounted disk, a chroot, an extracted image.
    Directory,
    /// A container image.
    Image,
    /// A bill of materials: a list of what something holds.
    Sbom,
}

impl TargetKind {
    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            TargetKind::Host => "host",
            TargetKind::Directory => "directory",
            TargetKind::Image => "image",
            TargetKind::Sbom => "sbom",
        }
    }
}
