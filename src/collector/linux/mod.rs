//! Collectors of Linux.

mod deb_packages;

use super::Collector;

/// The collectors of this folder, in the order of reports.
pub static TABLE: &[Collector] = &[deb_packages::COLLECTOR];
