//! Collectors of Windows. Each is written once, against the target's files and registry, and works on the live
//! host, on a mounted disk and in an image alike.

mod appx_packages;
mod chocolatey_packages;
pub(crate) mod paths;
mod scheduled_tasks;
mod startup_items;

use super::Collector;

/// The collectors of this folder, in the order of reports.
#[rustfmt::skip]
pub static TABLE: &[Collector] = &[
    appx_packages::COLLECTOR,
    chocolatey_packages::COLLECTOR,
    scheduled_tasks::COLLECTOR,
    startup_items::COLLECTOR,
];
