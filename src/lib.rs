//! debar: finds banned-vendor software and proves what it looked at.
pub mod artifact;
pub mod collector;
pub mod coverage;
pub mod error;
pub mod exit;
pub mod finding;
pub mod format;
pub mod matcher;
pub mod remedy;
pub mod report;
pub mod scan;
pub mod signature;
pub mod target;
