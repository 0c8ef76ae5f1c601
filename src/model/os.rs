//! Operating systems: the family, and what is known of a target's own.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An operating system family.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Os {
    /// Linux, any distribution.
    Linux,
    /// macOS.
    Macos,
    /// Windows.
    Windows,
}

impl Os {
    /// The word used in reports and signatures.
    pub fn word(self) -> &'static str {
        match self {
            Os::Linux => "linux",
            Os::Macos => "macos",
            Os::Windows => "windows",
        }
    }
}

/// What is known of a target's operating system.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OsIdentity {
    /// The family; `None` when nothing of the three was recognised.
    #[serde(rename = "family")]
    pub os: Option<Os>,
    /// Distribution id, e.g. `debian` (os-release `ID`).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub id: String,
    /// Distributions it is like (os-release `ID_LIKE`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub like: Vec<String>,
    /// Version, e.g. `12` (os-release `VERSION_ID`).
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// Name for people, e.g. `Debian GNU/Linux 12 (bookworm)`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
}

impl OsIdentity {
    /// Whether it is one of the given distributions or like one.
    pub fn is_like(&self, ids: &[&str]) -> bool {
        ids.iter().any(|id| self.id == *id || self.like.iter().any(|like| like == id))
    }
}
