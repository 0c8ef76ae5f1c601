//! What a document lists.

use std::collections::BTreeMap;

use crate::model::{Artifact, Coverage, Gap, GapKind, Skipped};
use crate::report::{DocumentInfo, GapEntry, TargetInfo};

/// What a document says of one machine, image or product.
#[derive(Debug)]
pub struct Recorded {
    /// The document.
    pub document: DocumentInfo,
    /// What it is about.
    pub target: TargetInfo,
    /// What it lists.
    pub artifacts: Vec<Artifact>,
    /// What it says was not read, and what it does not say.
    pub gaps: Vec<GapEntry>,
    /// What was looked for when it was made.
    pub coverage: Vec<Coverage>,
    /// What was left out on purpose.
    pub skipped: Vec<Skipped>,
    /// When the state that it describes was read (RFC 3339, UTC); empty where it does not say.
    pub started: String,
    /// When that ended.
    pub finished: String,
}

/// A gap for what a document does not say.
pub(super) fn not_recorded(collector: &str, place: &str, detail: impl Into<String>) -> GapEntry {
    let gap = Gap {
        kind: GapKind::NotRecorded,
        collector: collector.to_owned(),
        place: place.to_owned(),
        detail: detail.into(),
    };
    gap.into()
}

/// How many artifacts there are of each collector.
pub(super) fn counts(artifacts: &[Artifact]) -> BTreeMap<&'static str, usize> {
    let mut counts = BTreeMap::new();
    for artifact in artifacts {
        *counts.entry(artifact.collector).or_default() += 1;
    }
    counts
}
