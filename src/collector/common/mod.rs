//! Collectors whose sources exist on more than one operating system.

mod ai_models;
mod chrome_extensions;
mod dotnet_packages;
mod firefox_addons;
mod image;
mod java_archives;
mod jetbrains_plugins;
mod library_packages;
mod mcp_servers;
mod native_messaging;
mod npm_packages;
mod os_version;
pub(crate) mod places;
mod processes;
pub(super) mod program_files;
mod program_folders;
mod python_packages;
mod ruby_gems;
mod setup_packages;
mod spack_packages;
mod vscode_extensions;

use super::Collector;

/// The collectors of this folder, in the order of reports.
#[rustfmt::skip]
pub static TABLE: &[Collector] = &[
    os_version::COLLECTOR,
    image::COLLECTOR,
    processes::COLLECTOR,
    program_folders::COLLECTOR,
    program_files::COLLECTOR,
    setup_packages::COLLECTOR,
    chrome_extensions::COLLECTOR,
    firefox_addons::COLLECTOR,
    vscode_extensions::COLLECTOR,
    jetbrains_plugins::COLLECTOR,
    ai_models::COLLECTOR,
    mcp_servers::COLLECTOR,
    python_packages::COLLECTOR,
    npm_packages::COLLECTOR,
    java_archives::COLLECTOR,
    ruby_gems::COLLECTOR,
    dotnet_packages::COLLECTOR,
    library_packages::COLLECTOR,
    spack_packages::COLLECTOR,
];
