//! The style class of a verdict.

use crate::report::Verdict;

pub(super) fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Found => "bad",
        Verdict::NotFound | Verdict::FilesChecked => "good",
        Verdict::Incomplete => "caution",
    }
}
