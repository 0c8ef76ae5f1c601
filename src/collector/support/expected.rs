//! Sources that an operating system always has: when one of them yields nothing, that is a gap, because a
//! deleted package database must not look like a clean machine.

use crate::model::{Gap, GapKind, Os, TargetKind};
use crate::target::Target;

/// Distributions (os-release `ID` or `ID_LIKE`), the collectors of which one cannot come back empty there, and its source.
#[rustfmt::skip]
const EXPECTED: &[(&[&str], &[&str], &str)] = &[
    (&["debian", "ubuntu", "astra", "deepin", "uos"], &["deb_packages"], "/var/lib/dpkg/status"),
    (
        &[
            "fedora", "rhel", "centos", "rocky", "almalinux", "ol", "suse", "opensuse", "sles", "amzn", "mariner", "azurelinux",
            "photon", "openeuler", "anolis", "altlinux", "redos", "rosa", "mageia", "openmandriva", "mandriva",
        ],
        &["rpm_packages"],
        "/var/lib/rpm",
    ),
    (&["alpine", "wolfi", "chainguard"], &["apk_packages"], "/lib/apk/db/installed"),
    (&["arch"], &["pacman_packages"], "/var/lib/pacman/local"),
    (&["gentoo"], &["portage_packages"], "/var/db/pkg"),
    // Releases from 25 on use apk.
    (&["openwrt", "lede"], &["opkg_packages", "apk_packages"], "/usr/lib/opkg/status"),
    (&["void"], &["xbps_packages"], "/var/db/xbps"),
    (&["slackware"], &["slackware_packages"], "/var/lib/pkgtools/packages"),
    (&["solus", "pisi", "pisilinux"], &["eopkg_packages"], "/var/lib/eopkg/package"),
    (&["guix"], &["guix_packages"], "/var/guix/profiles"),
    (&["nixos"], &["nix_packages"], "/nix/var/nix/profiles"),
    (&["bottlerocket"], &["bottlerocket_packages"], "/usr/share/bottlerocket/application-inventory.json"),
    // Without it, this is the system volume alone, and programs lie on the other one.
    (&["macos"], &["install_history"], "/Library/Receipts/InstallHistory.plist"),
];

/// The collectors of whole systems' packages; a Linux where all of them come back empty was not checked.
const SYSTEM_PACKAGES: &[&str] = &[
    "deb_packages",
    "rpm_packages",
    "apk_packages",
    "pacman_packages",
    "portage_packages",
    "nix_packages",
    "opkg_packages",
    "xbps_packages",
    "slackware_packages",
    "eopkg_packages",
    "guix_packages",
    "bottlerocket_packages",
];

/// Databases of packages that no collector reads, and whose they are. What they name is not checked.
const UNREAD: &[(&str, &str)] = &[
    ("var/lib/pkg/db", "CRUX's pkgutils"),
    ("var/db/kiss/installed", "KISS Linux"),
    ("usr/share/clear/bundles", "swupd (Clear Linux)"),
    ("usr/local/tce.installed", "Tiny Core Linux"),
    ("var/db/paludis", "Paludis (Exherbo)"),
    ("var/db/pkg/local.sqlite", "FreeBSD's pkg"),
    ("usr/pkg/pkgdb", "pkgsrc"),
    ("var/lib/conarydb/conarydb", "Conary"),
    (".moss/db/install", "moss (AerynOS)"),
    ("var/log/porg", "porg"),
    ("var/lib/sorcery", "Sorcery (Source Mage)"),
    ("var/lib/lpkg", "Lunar Linux"),
];

/// The gaps for sources that should have yielded something. `counts`: artifacts by collector; `has_unread`: whether
/// [`unread`] has gaps for the target. Reads nothing: no time limit holds any more when it is asked.
pub fn missing(target: &Target, counts: &[(&'static str, usize)], has_unread: bool) -> Vec<Gap> {
    let os = &target.os;
    if os.os.is_none() && target.kind != TargetKind::Image {
        if target.is_folder() {
            // A folder without a system of its own may hold one, whose sources lie elsewhere than they are looked for.
            let held =
                target.root.unread().into_iter().find(|(_, reason)| reason.contains("another installation"));
            return held
                .map(|(place, _)| Gap {
                    kind: GapKind::UnrecognisedTarget,
                    collector: "os_version".to_owned(),
                    detail: "holds the root of a system: scan it as a target of its own".to_owned(),
                    place,
                })
                .into_iter()
                .collect();
        }
        return vec![Gap {
            kind: GapKind::UnrecognisedTarget,
            collector: "os_version".to_owned(),
            place: "/".to_owned(),
            detail:
                "neither os-release nor a package database, SystemVersion.plist or Windows folder was found"
                    .to_owned(),
        }];
    }
    let empty = |collector: &str| counts.iter().any(|(name, count)| *name == collector && *count == 0);
    let missing = |collector: &str, place: &str, detail: String| Gap {
        kind: GapKind::SourceMissing,
        collector: collector.to_owned(),
        place: place.to_owned(),
        detail,
    };
    let name = [&os.name, &os.id].into_iter().find(|name| !name.is_empty()).map_or("Linux", String::as_str);
    let known: Vec<Gap> = EXPECTED
        .iter()
        .filter(|(ids, collectors, _)| os.is_like(ids) && collectors.iter().all(|collector| empty(collector)))
        .filter_map(|(_, collectors, source)| {
            let detail = format!("{name} always has packages, and none was found");
            Some(missing(collectors.first()?, source, detail))
        })
        .collect();
    // Images of one program have no packages; a machine or a disk that nobody can tell packages of may have any.
    let is_system = os.os == Some(Os::Linux) && target.kind != TargetKind::Image;
    if known.is_empty()
        && !has_unread
        && is_system
        && SYSTEM_PACKAGES.iter().all(|collector| empty(collector))
    {
        let detail = format!("{name} has no package database that debar can read");
        return vec![missing("deb_packages", "/", detail)];
    }
    known
}

/// The gaps for databases that no collector reads.
pub fn unread(target: &Target) -> impl Iterator<Item = Gap> {
    let is_system = target.os.os.is_some() || target.kind == TargetKind::Image;
    let asked = if is_system && !target.is_earlier { UNREAD } else { &[] };
    let there = asked.iter().filter(|(path, _)| target.root.exists(path.as_bytes()));
    there.map(|(path, manager)| Gap {
        kind: GapKind::Unsupported,
        collector: "os_version".to_owned(),
        place: format!("/{path}"),
        detail: format!("the package database of {manager}, which debar cannot read"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::Root;
    use crate::fs::memory::Memory;

    fn gaps(os_release: Option<&str>, kind: TargetKind, counts: &[(&'static str, usize)]) -> Vec<String> {
        let mut tree = Memory::new().file("etc/passwd", "").directory("bin");
        if let Some(text) = os_release {
            tree = tree.file("etc/os-release", text);
        }
        let target = Target::new(kind, "test", Root::new(Box::new(tree)));
        let mut all: Vec<(&'static str, usize)> = SYSTEM_PACKAGES.iter().map(|name| (*name, 0)).collect();
        for (name, count) in counts {
            all.retain(|(other, _)| other != name);
            all.push((name, *count));
        }
        let unread: Vec<Gap> = unread(&target).collect();
        let missing = missing(&target, &all, !unread.is_empty()).into_iter();
        missing.chain(unread).map(|gap| format!("{} {}", gap.collector, gap.detail)).collect()
    }

    #[test]
    fn distributions_have_their_packages() {
        for id in ["openEuler", "altlinux", "redos", "fedora", "opensuse-leap\nID_LIKE=\"suse opensuse\""] {
            let release = format!("ID={id}\n");
            let found = gaps(Some(&release), TargetKind::Directory, &[]);
            assert!(found.len() == 1 && found[0].starts_with("rpm_packages"), "{id}: {found:?}");
            assert_eq!(gaps(Some(&release), TargetKind::Image, &[("rpm_packages", 1)]), [""; 0]);
        }
        assert!(gaps(Some("ID=astra\n"), TargetKind::Host, &[])[0].starts_with("deb_packages astra always"));
    }

    #[test]
    fn a_linux_without_any_packages_is_a_gap_unless_it_is_an_image() {
        for release in [None, Some("ID=buildroot\n")] {
            assert_eq!(gaps(release, TargetKind::Directory, &[]).len(), 1, "{release:?}");
            assert_eq!(gaps(release, TargetKind::Directory, &[("nix_packages", 3)]), [""; 0]);
            assert_eq!(gaps(release, TargetKind::Image, &[]), [""; 0]);
        }
    }

    #[test]
    fn images_of_distributions_have_their_packages_too() {
        for (id, collector) in [
            ("void", "xbps_packages"),
            ("slackware", "slackware_packages"),
            ("solus", "eopkg_packages"),
            ("guix", "guix_packages"),
            ("bottlerocket", "bottlerocket_packages"),
            ("openwrt", "opkg_packages"),
        ] {
            let release = format!("ID={id}\n");
            assert_eq!(gaps(Some(&release), TargetKind::Image, &[]).len(), 1, "{id}");
            assert_eq!(gaps(Some(&release), TargetKind::Image, &[(collector, 1)]), [""; 0], "{id}");
        }
        assert_eq!(gaps(Some("ID=openwrt\n"), TargetKind::Image, &[("apk_packages", 1)]), [""; 0]);
    }

    #[test]
    fn a_database_that_no_collector_reads_is_a_gap_in_images_too() {
        let tree =
            Memory::new().file("etc/os-release", "ID=crux\n").file("var/lib/pkg/db", "tool\n1.0-1\n\n");
        let target = Target::new(TargetKind::Image, "test", Root::new(Box::new(tree)));
        let gaps: Vec<Gap> = unread(&target).collect();
        assert!(missing(&target, &[], true).is_empty());
        assert_eq!((gaps.len(), gaps[0].place.as_str()), (1, "/var/lib/pkg/db"));
    }
}
