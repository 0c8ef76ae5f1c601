//! A product on its way to a finding.

use super::matcher::Candidate;
use crate::model::State;

/// A product with the matches that are its own, and those of the vendor that are parts of its installation.
pub(super) struct Draft<'m, 's> {
    pub(super) candidate: &'m Candidate<'s>,
    pub(super) index: usize,
    pub(super) own: Vec<usize>,
    pub(super) state: State,
    /// The product whose indicators a part meets, and the part.
    pub(super) parts: Vec<(usize, usize)>,
}
