//! Collectors of Linux.

use super::Collector;

/// The collectors of this folder, in the order of reports.
pub static TABLE: &[Collector] = &[];
