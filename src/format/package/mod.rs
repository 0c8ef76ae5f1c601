//! Records of package managers, stores and languages: what is installed, as each of them writes it down.

pub mod apkdb;
pub mod appstream;
pub mod appx_manifest;
pub mod apt_sources;
pub mod bill_of_materials;
pub mod bottlerocket;
pub mod chisel;
pub mod deb;
pub mod deb822;
pub mod dotnet_deps;
pub mod eopkg;
pub mod gemspec;
pub mod guix_manifest;
pub mod java_manifest;
pub mod msi;
pub mod npm_package;
pub mod nuspec;
pub mod packed_guid;
pub mod pacman;
pub mod python_metadata;
pub mod rpm_manifest;
pub mod slackware;
pub mod snap_yaml;
pub mod snapd_state;
pub mod spack;
pub mod xbps;
