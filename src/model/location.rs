//! Where an artifact was seen.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::text::shown;

/// Where an artifact was seen. Every part is text for people and machines; absent parts do not apply.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Location {
    /// Path from the target's root, with a leading slash; bytes that are not UTF-8 as `\xNN`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Registry key, for artifacts of a Windows registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registry_key: Option<String>,
    /// Process id, for artifacts of a running system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    /// The record inside the file, e.g. a package name or a line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// The image layer, for artifacts of an image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<Layer>,
}

/// The image layer that an artifact comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Layer {
    /// Position from the bottom, 0 first.
    pub index: usize,
    /// Digest of the layer as stored; empty where the image does not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub digest: String,
    /// Digest of the uncompressed layer; empty where the image does not say.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub diff_id: String,
    /// The history line that created it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
    /// Whether it belongs to the base image; absent where the history does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_image: Option<bool>,
    /// The later layer that removed or replaced the artifact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed_in: Option<usize>,
}

impl Location {
    /// A file or folder of the target; `path` as used by [`crate::fs::Root`], without a leading slash.
    pub fn path(path: &[u8]) -> Self {
        Location { path: Some(shown(path)), ..Location::default() }
    }

    /// A record inside a file.
    pub fn record(path: &[u8], record: impl Into<String>) -> Self {
        Location { record: Some(record.into()), ..Location::path(path) }
    }

    /// A running process.
    pub fn pid(pid: u32) -> Self {
        Location { pid: Some(pid), ..Location::default() }
    }

    /// A registry key.
    pub fn registry(key: impl Into<String>) -> Self {
        Location { registry_key: Some(key.into()), ..Location::default() }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        if let Some(key) = &self.registry_key {
            parts.push(key.clone());
        }
        if let Some(path) = &self.path {
            parts.push(path.clone());
        }
        if let Some(record) = &self.record {
            parts.push(format!("({record})"));
        }
        if let Some(pid) = self.pid {
            parts.push(format!("pid {pid}"));
        }
        if let Some(layer) = &self.layer {
            parts.push(format!("layer {}", layer.index));
        }
        f.write_str(&parts.join(" "))
    }
}
