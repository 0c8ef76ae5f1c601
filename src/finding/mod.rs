//! Findings: matches grouped by product, with the rules that speak of it and the steps that remove it.

pub mod clocks;
mod draft;
mod evidence;
pub mod examples;
mod group;
pub mod holidays;
mod installation;
pub mod matcher;
mod protection;
pub mod recheck;
pub mod remedy;
pub mod unopened;

use std::collections::BTreeSet;

use crate::model::{Os, State};

pub use evidence::{
    Confidence, Evidence, Exception, Finding, Match, ProductName, Removal, VexStatus, identify,
};
pub use group::{Grouped, group};

/// Matching artifacts kept per product; the rest is counted.
const MAX_EVIDENCE: usize = 10_000;

/// How findings are put together.
#[derive(Debug, Clone, Copy)]
pub struct Grouping<'a> {
    /// The day that rules are judged on, YYYY-MM-DD.
    pub as_of: jiff::civil::Date,
    /// The rules to consider; all when `None`.
    pub rules: Option<&'a BTreeSet<String>>,
    /// The target's operating system, for the steps that remove things there; any when not known.
    pub os: Option<Os>,
    /// Whether the target is an image, which is built again and not repaired.
    pub is_image: bool,
}

#[cfg(test)]
mod tests;
