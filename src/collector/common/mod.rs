//! Collectors whose sources exist on more than one operating system.

mod chrome_extensions;
mod firefox_addons;
mod native_messaging;
mod os_version;
pub(crate) mod places;
mod processes;
mod program_files;
mod program_folders;

use super::Collector;

/// The collectors of this folder, in the order of reports.
#[rustfmt::skip]
pub static TABLE: &[Collector] = &[
    os_version::COLLECTOR,
    processes::COLLECTOR,
    program_folders::COLLECTOR,
    program_files::COLLECTOR,
    chrome_extensions::COLLECTOR,
    firefox_addons::COLLECTOR,
];
