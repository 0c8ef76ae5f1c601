//! Signatures: what products look like, and the rules that speak of them.

mod check;
pub mod literal;
mod load;
mod locate;
pub mod model;
pub mod normalise;
pub mod rules;
pub mod version;

use std::collections::BTreeMap;

pub use load::{Problem, check, load, nearest, suggested};
pub use locate::{Step, position, repeated_keys};
pub use model::{Condition, Indicator, Product, RemovalStep, SignatureFile, Status, Strength, Vendor};
pub use rules::{Effect, Milestone, Rule};

/// Checked signatures and rules: every name in them exists, every pattern compiles.
#[derive(Debug, Clone, Default)]
pub struct SignatureSet {
    /// One entry per vendor file.
    pub files: Vec<LoadedFile>,
    /// The rules by id.
    pub rules: BTreeMap<String, Rule>,
    /// Version and date of the rules file.
    pub rules_version: String,
}

/// A signature file and where it came from.
#[derive(Debug, Clone)]
pub struct LoadedFile {
    /// What it says.
    pub file: SignatureFile,
    /// `built in`, or the path it was read from.
    pub origin: String,
}
