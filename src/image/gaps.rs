//! What an image could not be read of.

use super::layer::LayerIndex;
use super::merge::Merged;
use crate::model::{Gap, GapKind};

/// The collector that gaps of reading an image are booked on.
pub const COLLECTOR: &str = "image";

pub(super) fn gap(kind: GapKind, place: String, detail: String) -> Gap {
    Gap { kind, collector: COLLECTOR.to_owned(), place, detail }
}

pub(super) fn damage_of(index: &LayerIndex, place: &str, gaps: &mut Vec<Gap>) {
    gaps.extend(index.damage.iter().map(|damage| crate::fs::damage_gap(COLLECTOR, place.to_owned(), damage)));
}

/// Hard links to nothing; many are one gap.
pub(super) fn dangling(merged: &Merged, gaps: &mut Vec<Gap>) {
    const LISTED: usize = 20;
    if merged.is_cut {
        let detail =
            "links lead through links, or layers repeat, without end; the rest of its layers was left out";
        gaps.push(gap(GapKind::OverLimit, String::new(), detail.to_owned()));
    }
    for dangling in merged.dangling.iter().take(LISTED) {
        let link = crate::text::shown(&dangling.link);
        let detail = format!("a hard link in layer {} to {link}, which is not there", dangling.layer);
        gaps.push(gap(GapKind::Corrupt, crate::text::shown(&dangling.path), detail));
    }
    if let Some(more) = merged.dangling.len().checked_sub(LISTED).filter(|&more| more > 0) {
        let detail = format!("{more} more hard links to what is not there");
        gaps.push(gap(GapKind::Corrupt, String::new(), detail));
    }
}
