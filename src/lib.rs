//! debar: finds banned-vendor software and proves what it looked at.
pub mod artifact;
pub mod collector;
pub mod coverage;
pub mod format;
pub mod signature;
pub mod target;
