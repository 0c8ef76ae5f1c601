//! How many reports a command of the fleet took, and which files it did not take.

use crate::fleet;

/// Skipped files that are named; the others are counted.
pub(super) const NAMED: usize = 20;

/// Names the files that were not taken or skipped.
pub(super) fn name_lost(refused: &[fleet::Refused], skipped: &[fleet::Refused]) {
    for refused in refused {
        crate::process::say(&format!("debar: {} was not taken: {}", refused.place, refused.why));
    }
    for skipped in skipped.iter().take(NAMED) {
        crate::process::say(&format!("debar: {} was skipped: {}", skipped.place, skipped.why));
    }
    if skipped.len() > NAMED {
        crate::process::say(&format!("debar: {} more files were skipped", skipped.len() - NAMED));
    }
}

/// A number of things.
pub(super) fn counted(count: u64, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}
