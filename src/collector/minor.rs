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

/// The collectors whose artifacts an indicator on a collector is held against.
pub fn matched(name: &str) -> impl Iterator<Item = &str> {
    let minor: &[&str] = if matches!(name, "deb_packages" | "rpm_packages") { MINOR } else { &[] };
    std::iter::once(name).chain(minor.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minor_databases_are_collectors() {
        let is_collector = |name: &&&str| crate::collector::named(name).is_some();
        assert_eq!(MINOR.iter().filter(is_collector).count(), MINOR.len());
        assert_eq!(matched("programs").collect::<Vec<_>>(), ["programs"]);
    }
}
