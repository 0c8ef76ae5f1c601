//! Files that a command of the fleet did not take.

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
