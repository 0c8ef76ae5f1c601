//! What following links to a path meets.

/// What following links to a path met.
#[derive(Debug, Default)]
pub(super) struct Way {
    /// It led to a place that is left out.
    pub(super) left_out: bool,
    /// A link leads to what is not there: the link, and the first path that is missing.
    pub(super) dangling: Option<Dangling>,
}

/// A link that leads to nothing in the target.
#[derive(Debug)]
pub(super) struct Dangling {
    /// The link.
    pub(super) link: Vec<u8>,
    /// What it names.
    pub(super) to: Vec<u8>,
    /// The directory in which the next component is not there.
    pub(super) within: Vec<u8>,
    pub(super) missing: Vec<u8>,
}
