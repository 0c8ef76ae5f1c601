//! debar: finds banned-vendor software and proves what it looked at.
pub mod format;
