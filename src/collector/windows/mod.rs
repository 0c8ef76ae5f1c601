//! Collectors of Windows. Each is written once, against the target's files and registry, and works on the live
//! host, on a mounted disk and in an image alike.

mod amcache;
mod appx_packages;
pub(super) mod certificates;
mod chocolatey_packages;
mod com_classes;
mod com_extensions;
mod defender_exclusions;
mod driver_bindings;
mod driver_packages;
mod drivers;
mod network_filters;
mod paths;
mod prefetch;
mod programs;
mod registered;
mod registry_hives;
mod registry_roots;
mod scheduled_tasks;
mod scoop_packages;
mod security_products;
mod service_keys;
mod services;
mod startup_items;
#[cfg(test)]
pub(super) mod testing;
mod userassist;
mod winget_packages;
mod wrappers;

use super::Collector;

/// The collectors of this folder, in the order of reports.
#[rustfmt::skip]
pub static TABLE: &[Collector] = &[
    registry_hives::COLLECTOR,
    programs::COLLECTOR,
    services::COLLECTOR,
    drivers::COLLECTOR,
    driver_bindings::COLLECTOR,
    appx_packages::COLLECTOR,
    chocolatey_packages::COLLECTOR,
    scoop_packages::COLLECTOR,
    winget_packages::COLLECTOR,
    driver_packages::COLLECTOR,
    prefetch::COLLECTOR,
    scheduled_tasks::COLLECTOR,
    startup_items::COLLECTOR,
    security_products::COLLECTOR,
    com_extensions::COLLECTOR,
    network_filters::COLLECTOR,
    defender_exclusions::COLLECTOR,
    registry_roots::COLLECTOR,
    amcache::COLLECTOR,
    userassist::COLLECTOR,
];
