//! Parts of a file that may be left unread.

use std::ops::Range;

/// What of a file may be left out, and what must stay although it lies inside.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    pub(crate) bulk: Vec<Range<u64>>,
    pub(crate) identity: Vec<Range<u64>>,
}
