//! Collectors whose sources exist on more than one operating system.

mod os_version;
mod processes;
mod program_folders;

use super::Collector;

/// The collectors of this folder, in the order of reports.
pub static TABLE: &[Collector] = &[os_version::COLLECTOR, processes::COLLECTOR, program_folders::COLLECTOR];
