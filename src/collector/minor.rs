//! Databases that indicators of others hold for.

use crate::model::Field;

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

/// A collector and the field that names a maker in it.
type Maker = (&'static str, Field);

/// Where the maker of a package or program stands in other sources: an indicator that asks for nothing but a maker holds
/// there, too. Libraries are not among them: who wrote one that a program carries is another question.
const MAKERS: &[(&str, Field, &[Maker])] = &[
    (
        "rpm_packages",
        Field::Vendor,
        &[
            ("snap_packages", Field::Publisher),
            ("flatpak_packages", Field::Vendor),
            ("bottlerocket_packages", Field::Publisher),
            ("image", Field::Vendor),
            ("jetbrains_plugins", Field::Vendor),
            ("polkit_actions", Field::Vendor),
            ("setup_packages", Field::Publisher),
        ],
    ),
    ("deb_packages", Field::Maintainer, &[("apk_packages", Field::Maintainer)]),
    ("programs", Field::Publisher, &[("chocolatey_packages", Field::Author)]),
    (
        "program_files",
        Field::Signer,
        &[
            ("apps", Field::Signer),
            ("driver_bindings", Field::Signer),
            ("driver_packages", Field::Signer),
            ("kernel_extensions", Field::Signer),
            ("kernel_modules", Field::Signer),
            ("privileged_helpers", Field::Signer),
            ("setup_packages", Field::Signer),
            ("system_extensions", Field::Signer),
        ],
    ),
    ("program_files", Field::Company, &[("driver_bindings", Field::Company)]),
];

/// The collectors and fields that have the same maker as a field of a collector.
pub fn same_maker(collector: &str, field: Field) -> impl Iterator<Item = (&'static str, Field)> {
    let others = MAKERS.iter().filter(move |(name, known, _)| *name == collector && *known == field);
    others.flat_map(|(_, _, others)| others.iter().copied())
}

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
    fn makers_are_fields_that_collectors_yield() {
        let is_field = |name: &str, field: &Field| {
            crate::collector::named(name).is_some_and(|collector| collector.yields.contains(field))
        };
        for (name, field, others) in MAKERS {
            assert!(is_field(name, field), "{name} {field}");
            others.iter().for_each(|(name, field)| assert!(is_field(name, field), "{name} {field}"));
        }
        assert_eq!(
            same_maker("deb_packages", Field::Maintainer).collect::<Vec<_>>(),
            [("apk_packages", Field::Maintainer)]
        );
        assert_eq!(same_maker("deb_packages", Field::Name).count(), 0);
    }

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
