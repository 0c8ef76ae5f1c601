//! Coverage: what was checked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether a collector ran.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It read its sources; zero artifacts means there were none.
    Ran,
    /// Its sources do not exist on such a target.
    NotApplicable,
    /// Its sources were not asked for.
    LeftOut,
}

/// What one collector did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// The collector's name.
    pub collector: String,
    /// Whether it ran.
    pub outcome: Outcome,
    /// Why it does not apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How many artifacts it yielded.
    pub artifacts: usize,
    /// How many gaps it met.
    pub gaps: usize,
}

/// A place left out on purpose: by the user's `--exclude`, or by debar's manners (pseudo file systems, network mounts).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Skipped {
    /// The path.
    pub place: String,
    /// Why it was left out.
    pub reason: String,
}

impl Skipped {
    /// Whether it holds no files of a disk, so that nothing could be installed there.
    pub fn is_pseudo(&self) -> bool {
        self.reason.starts_with(PSEUDO)
    }

    /// The reason of an archive that debar does not open; for one in another, `PATH: KIND`.
    pub fn not_opened(kind: &str) -> String {
        format!("{kind}{NOT_OPENED}")
    }

    /// What kind of archive it is that was not opened, and its path in another one.
    pub fn archive(&self) -> Option<(Option<&str>, &str)> {
        let kind = self.reason.strip_suffix(NOT_OPENED)?;
        Some(kind.rsplit_once(": ").map_or((None, kind), |(within, kind)| (Some(within), kind)))
    }
}

/// How the reason ends for which an archive is skipped.
const NOT_OPENED: &str = ", which debar does not open";

/// How the reason begins for which a file system without files of its own is skipped.
pub const PSEUDO: &str = "pseudo file system";
