//! Collectors of Linux.

mod apk_packages;
mod appimages;
mod apt_sources;
mod bottlerocket_packages;
mod certificates;
mod containers;
mod crontab;
mod deb_packages;
mod desktop_entries;
mod eopkg_packages;
mod flatpak_packages;
mod guix_packages;
mod init_scripts;
mod kernel_modules;
mod nix_packages;
mod opkg_packages;
mod pacman_packages;
mod polkit_actions;
mod portage_packages;
mod rpm_packages;
mod slackware_packages;
mod snap_packages;
mod systemd_units;
mod xbps_packages;
mod yum_sources;

use super::Collector;
use super::common::places::home_owner;

/// The collectors of this folder, in the order of reports.
#[rustfmt::skip]
pub static TABLE: &[Collector] = &[
    deb_packages::COLLECTOR,
    rpm_packages::COLLECTOR,
    apk_packages::COLLECTOR,
    pacman_packages::COLLECTOR,
    portage_packages::COLLECTOR,
    opkg_packages::COLLECTOR,
    xbps_packages::COLLECTOR,
    slackware_packages::COLLECTOR,
    eopkg_packages::COLLECTOR,
    bottlerocket_packages::COLLECTOR,
    snap_packages::COLLECTOR,
    flatpak_packages::COLLECTOR,
    appimages::COLLECTOR,
    nix_packages::COLLECTOR,
    guix_packages::COLLECTOR,
    systemd_units::COLLECTOR,
    init_scripts::COLLECTOR,
    kernel_modules::COLLECTOR,
    containers::COLLECTOR,
    desktop_entries::COLLECTOR,
    polkit_actions::COLLECTOR,
    crontab::COLLECTOR,
    apt_sources::COLLECTOR,
    yum_sources::COLLECTOR,
    certificates::COLLECTOR,
];
