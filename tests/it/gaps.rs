//! What cannot be read becomes a gap of the right kind, exit code 3, and nothing else is lost.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;

use crate::support::{Root, artifacts, debar, gaps, run, scan, scan_with, unprivileged};

/// A collector's gap at a place, and every package still there.
fn assert_gap(root: &Root, expected: &str, packages: u64) {
    let (code, report) = scan(root, &[]);
    assert_eq!(code, 3, "{report:#}");
    assert_eq!(report["verdict"], "incomplete");
    assert!(gaps(&report).iter().any(|gap| gap == expected), "{:?}", gaps(&report));
    assert_eq!(artifacts(&report, "deb_packages"), packages);
}

#[test]
fn a_sound_root_has_no_gap() {
    let (code, report) = scan(&Root::debian(&[("hello", "2.10")]), &[]);
    assert_eq!(gaps(&report), [""; 0]);
    assert_eq!((code, report["verdict"].as_str()), (0, Some("not_found")));
}

#[test]
fn an_unreadable_directory_is_denied() {
    let root = Root::debian(&[("hello", "2.10")]);
    root.file("home/ada/.config/x", "");
    fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(root.at("home/ada"), fs::Permissions::from_mode(0o000)).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let (code, report) = scan_with(&mut unprivileged(scratch.path()), &root, &[]);
    fs::set_permissions(root.at("home/ada"), fs::Permissions::from_mode(0o755)).unwrap();
    assert_eq!(code, 3, "{report:#}");
    // One gap, of all collectors that met it.
    let denied = gaps(&report);
    assert!(
        denied.len() == 1 && denied[0].starts_with("denied ") && denied[0].ends_with("/home/ada"),
        "{denied:?}"
    );
    assert!(report["gaps"][0]["also"].as_array().is_some_and(|also| also.len() > 2), "{report:#}");
    assert_eq!(artifacts(&report, "deb_packages"), 2);
}

#[test]
fn a_truncated_status_file_is_truncated() {
    let root = Root::debian(&[("hello", "2.10")]);
    let text = fs::read(root.at("var/lib/dpkg/status")).unwrap();
    root.file("var/lib/dpkg/status", &text[..text.len() - 9]);
    assert_gap(&root, "truncated deb_packages /var/lib/dpkg/status", 2);
}

#[test]
fn a_status_file_cut_between_packages_is_corrupt() {
    let root = Root::debian(&[("hello", "2.10")]);
    root.file("var/lib/dpkg/status", crate::support::status(&[]));
    assert_gap(&root, "corrupt deb_packages /var/lib/dpkg/status", 2);
}

/// Every single-bit error in the name or the status of a package shows.
#[test]
fn a_flipped_bit_never_hides_a_package() {
    let root = Root::debian(&[("hello", "2.10")]);
    let text = fs::read(root.at("var/lib/dpkg/status")).unwrap();
    let stanza = text.windows(14).position(|window| window == b"Package: hello").unwrap();
    for at in stanza + 9..stanza + 14 {
        for bit in [0, 3, 7] {
            let mut flipped = text.clone();
            flipped[at] ^= 1 << bit;
            root.file("var/lib/dpkg/status", flipped);
            let (code, report) = scan(&root, &[]);
            assert_eq!(code, 3, "byte {at} bit {bit}: {report:#}");
        }
    }
}

/// Packages that a root with a fixture as its database says, and the gaps.
fn with_database(path: &str, bytes: &[u8], collector: &str) -> (i32, u64, Vec<String>) {
    let root = Root::debian(&[("hello", "2.10")]);
    root.file(path, bytes);
    let (code, report) = scan(&root, &[]);
    assert_eq!(artifacts(&report, "deb_packages"), 2, "nothing else is lost");
    (code, artifacts(&report, collector), gaps(&report))
}

fn fixture(name: &str) -> Vec<u8> {
    fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)).unwrap()
}

/// Databases of rpm and apk, the collector that reads each, and a place in it to damage.
const DATABASES: &[(&str, &str, &str)] = &[
    ("rpmdb/rpmdb.sqlite", "var/lib/rpm/rpmdb.sqlite", "rpm_packages"),
    ("rpmdb/Packages.db", "var/lib/rpm/Packages.db", "rpm_packages"),
    ("rpmdb/Packages", "var/lib/rpm/Packages", "rpm_packages"),
    ("apk/installed", "lib/apk/db/installed", "apk_packages"),
];

#[test]
fn truncated_databases_are_gaps() {
    for (name, path, collector) in DATABASES {
        let bytes = fixture(name);
        let (_, whole, none) = with_database(path, &bytes, collector);
        assert!(whole > 0 && none.is_empty(), "{name}: {none:?}");
        let (code, left, found) = with_database(path, &bytes[..bytes.len() * 2 / 3], collector);
        assert!(matches!(code, 1 | 3), "{name}: {code}, {found:?}");
        assert!(left <= whole, "{name}");
        assert!(found.iter().any(|gap| gap.contains(collector) && gap.contains(path)), "{name}: {found:?}");
    }
}

/// A bit that changes may change a word; it may never hide a package without a gap.
#[test]
fn flipped_bits_in_databases_hide_nothing() {
    for (name, path, collector) in DATABASES {
        let bytes = fixture(name);
        let (_, whole, _) = with_database(path, &bytes, collector);
        for part in 1..6 {
            let mut damaged = bytes.clone();
            let at = damaged.len() * part / 6 + part;
            damaged[at] ^= 1 << part;
            let (code, left, found) = with_database(path, &damaged, collector);
            assert!(
                left == whole || (!found.is_empty() && code != 0),
                "{name}, byte {at}: {left} of {whole}"
            );
        }
    }
}

#[test]
fn a_status_file_of_500_mb_is_over_the_limit_and_read_to_it() {
    let root = Root::debian(&[]);
    let path = root.at("var/lib/dpkg/status");
    let mut file = fs::OpenOptions::new().append(true).open(path).unwrap();
    file.write_all(b"Package: hello\nStatus: install ok installed\nVersion: 1\n\n").unwrap();
    // Sparse: the rest reads as zeros, at no cost of disk.
    file.set_len(500 << 20).unwrap();
    let (code, report) = scan(&root, &[]);
    assert_eq!(code, 3);
    assert!(
        gaps(&report).contains(&"over_limit deb_packages /var/lib/dpkg/status".to_owned()),
        "{:?}",
        gaps(&report)
    );
    assert!(artifacts(&report, "deb_packages") >= 2);
}

#[test]
fn links_that_lead_in_circles_end() {
    let root = Root::debian(&[]);
    root.link("opt/app/self", ".").link("opt/app/up", "../..").link("opt/a", "b").link("opt/b", "a");
    let (code, report) = scan(&root, &[]);
    // A link to a directory above is ordinary; links that never arrive are not.
    assert_eq!(code, 3, "{report:#}");
    assert!(gaps(&report).iter().all(|gap| gap.starts_with("link_loop ")), "{:?}", gaps(&report));
    assert_eq!(artifacts(&report, "deb_packages"), 1);
}

#[test]
fn a_link_to_a_device_is_not_read() {
    let root = Root::debian(&[]);
    // Inside the target there is no /dev/zero: the link leads to nothing, and never to the host's.
    fs::remove_file(root.at("var/lib/dpkg/status")).unwrap();
    root.link("var/lib/dpkg/status", "/dev/zero");
    assert_gap(&root, "corrupt deb_packages /var/lib/dpkg/status", 1);
}

#[test]
fn a_fifo_is_not_opened() {
    let root = Root::debian(&[]);
    let path = root.at("var/lib/dpkg/status");
    fs::remove_file(&path).unwrap();
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &path,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o644),
        0,
    )
    .unwrap();
    assert_gap(&root, "special_file deb_packages /var/lib/dpkg/status", 1);
}

#[test]
fn names_that_are_not_utf8_are_names() {
    let root = Root::debian(&[]);
    let name = std::ffi::OsStr::from_bytes(b"caf\xe9");
    fs::create_dir_all(root.at("opt").join(name)).unwrap();
    fs::write(root.at("opt").join(name).join("x"), "").unwrap();
    let (code, report) = scan(&root, &[]);
    assert_eq!((code, gaps(&report)), (0, vec![]));
    let (_, out, _) = run(debar().arg("inventory").arg(root.path()).args(["-o", "json"]));
    assert!(out.contains("/opt/caf\\\\xe9"), "shown as an escape");
}

#[test]
fn a_deleted_package_database_is_a_missing_source() {
    let root = Root::debian(&[]);
    fs::remove_dir_all(root.at("var/lib/dpkg")).unwrap();
    assert_gap(&root, "source_missing deb_packages /var/lib/dpkg/status", 0);
}

#[test]
fn a_directory_without_an_operating_system_is_unrecognised() {
    let root = Root::empty();
    root.file("etc/file", "");
    assert_gap(&root, "unrecognised_target os_version /", 0);
}

#[test]
fn gaps_can_be_accepted_and_are_still_shown() {
    let root = Root::empty();
    let (code, report) = scan(&root, &["--allow-gaps"]);
    assert_eq!((code, report["verdict"].as_str()), (0, Some("incomplete")));
    assert_eq!(gaps(&report).len(), 1);
}

/// What a removal left behind in places that no package manager knows: each alone is seen.
#[test]
fn a_link_or_a_line_that_names_a_removed_product_is_seen() {
    const PROGRAM: &str = "/opt/kaspersky/kesl/bin/kesl-control";
    let reported = |plant: &dyn Fn(&Root)| {
        let root = Root::debian(&[("tool", "1")]);
        plant(&root);
        let (code, report) = scan(&root, &[]);
        assert_eq!(code, 1, "{report}");
        report["findings"][0]["state"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        reported(&|root| {
            root.link("usr/bin/kesl-control", PROGRAM);
        }),
        "remnant"
    );
    for (path, line) in [
        ("etc/crypttab", format!("x /dev/sda1 none keyscript={PROGRAM}\n")),
        ("etc/ssh/sshrc", format!("{PROGRAM}\n")),
        ("run/udev/rules.d/9.rules", format!("RUN+=\"{PROGRAM}\"\n")),
        ("home/ada/.ssh/authorized_keys", format!("command=\"{PROGRAM}\" ssh-ed25519 AAAA x\n")),
    ] {
        assert_eq!(
            reported(&|root| {
                root.file(path, &line);
            }),
            "remnant",
            "{path}"
        );
    }
}
