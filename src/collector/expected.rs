//! Sources that an operating system always has: when one of them yields nothing, that is a gap, because a
//! deleted package database must not look like a clean machine.

use crate::coverage::{Gap, GapKind};
use crate::target::{Target, TargetKind};

/// Distributions (os-release `ID` or `ID_LIKE`), the collector that cannot come back empty there, and its source.
const EXPECTED: &[(&[&str], &str, &str)] = &[
    (&["debian", "ubuntu"], "deb_packages", "/var/lib/dpkg/status"),
    (
        &[
            "fedora",
            "rhel",
            "centos",
            "suse",
            "opensuse",
            "sles",
            "amzn",
            "mariner",
            "azurelinux",
            "photon",
            "openEuler",
        ],
        "rpm_packages",
        "/var/lib/rpm",
    ),
    (&["alpine", "wolfi", "chainguard"], "apk_packages", "/lib/apk/db/installed"),
    (&["arch"], "pacman_packages", "/var/lib/pacman/local"),
    (&["gentoo"], "portage_packages", "/var/db/pkg"),
];

/// The gaps for sources that should have yielded something. `counts`: artifacts by collector.
pub fn missing(target: &Target, counts: &[(&'static str, usize)]) -> Vec<Gap> {
    let os = &target.os;
    if os.os.is_none() && target.kind != TargetKind::Image {
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
    EXPECTED
        .iter()
        .filter(|(ids, collector, _)| os.is_like(ids) && empty(collector))
        .map(|(_, collector, source)| Gap {
            kind: GapKind::SourceMissing,
            collector: (*collector).to_owned(),
            place: (*source).to_owned(),
            detail: format!("{} always has packages, and none was found", os.name),
        })
        .collect()
}
