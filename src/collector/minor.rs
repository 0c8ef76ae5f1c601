//! Databases that indicators of others hold for.

/// Databases of package managers that few vendors make packages for. An indicator on packages of dpkg or rpm holds for
/// them, too: a vendor calls its package the same wherever it lies.
pub const MINOR: &[&str] = &[
    "opkg_packages",
    "xbps_packages",
    "slackware_packages",
    "eopkg_packages",
    "bottlerocket_packages",
    "guix_packages",
    "spack_packages",
];

/// Setups that were not installed yet: what they install is known by the same facts.
const SETUPS: &[&str] = &["setup_packages"];
/// Sources of what setups install.
const INSTALLED: &[&str] = &[
    "programs",
    "program_files",
    "apk_packages",
    "pacman_packages",
    "portage_packages",
    "snap_packages",
    "appx_packages",
    "chocolatey_packages",
    "package_receipts",
    "vscode_extensions",
    "firefox_addons",
    "chrome_extensions",
];

/// Containers by the references of their images.
const CONTAINERS: &[&str] = &["containers"];

/// What programs with windows register beside their entry: known by the same programs.
const REGISTERED: &[&str] = &["polkit_actions"];

/// The collectors whose artifacts an indicator on a collector is held against.
pub fn matched(name: &str) -> impl Iterator<Item = &str> {
    let is_major = matches!(name, "deb_packages" | "rpm_packages");
    let minor = if is_major { MINOR } else { &[] };
    let setups = if is_major || INSTALLED.contains(&name) { SETUPS } else { &[] };
    let others = match name {
        "image" => CONTAINERS,
        "desktop_entries" => REGISTERED,
        _ => &[],
    };
    std::iter::once(name).chain(minor.iter().chain(setups).chain(others).copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minor_databases_are_collectors() {
        let is_collector = |name: &&&str| crate::collector::named(name).is_some();
        assert_eq!(MINOR.iter().filter(is_collector).count(), MINOR.len());
        assert_eq!(matched("services").collect::<Vec<_>>(), ["services"]);
        assert_eq!(matched("image").collect::<Vec<_>>(), ["image", "containers"]);
        assert_eq!(matched("desktop_entries").collect::<Vec<_>>(), ["desktop_entries", "polkit_actions"]);
        assert_eq!(matched("programs").collect::<Vec<_>>(), ["programs", "setup_packages"]);
    }
}
