//! Collectors of macOS. All their sources are files, so a mounted disk reads like a live system.
//!
//! Paths begin at the data volume: `/var` is a link to `/private/var` there, and on a disk that was mounted by
//! itself the link is missing.

mod app_store;
mod apps;
mod browser_plugins;
mod bundle;
mod configuration_profiles;
mod extension_state;
mod homebrew_packages;
mod install_history;
mod kernel_extensions;
mod kext_policy;
mod launchd;
mod login_items;
mod macports_packages;
mod package_receipts;
mod preference_panes;
mod privileged_helpers;
mod safari_extensions;
mod support;
mod system_extensions;
mod tcc_grants;

use super::Collector;
use super::common::places::home_owner;
use support::{LIMIT, dictionary, is_gone, is_systems, not_a_dictionary, property_list, rows, time};

/// The collectors of this folder, in the order of reports.
#[rustfmt::skip]
pub static TABLE: &[Collector] = &[
    apps::COLLECTOR,
    package_receipts::COLLECTOR,
    install_history::COLLECTOR,
    launchd::COLLECTOR,
    login_items::COLLECTOR,
    system_extensions::COLLECTOR,
    kernel_extensions::COLLECTOR,
    privileged_helpers::COLLECTOR,
    homebrew_packages::COLLECTOR,
    macports_packages::COLLECTOR,
    safari_extensions::COLLECTOR,
    browser_plugins::COLLECTOR,
    preference_panes::COLLECTOR,
    configuration_profiles::COLLECTOR,
    tcc_grants::COLLECTOR,
    kext_policy::COLLECTOR,
];
