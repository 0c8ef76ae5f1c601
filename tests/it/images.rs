//! Images as a whole: where their programs are, what later layers deleted, and what a hostile one may cost.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::path::Path;

use crate::support::{debar, image, run, status};
use serde_json::Value;

/// Finds a program by its name, wherever it is.
const SIGNATURES: &str = r#"{
  "format": 1, "vendor": {"id": "house", "name": "House rules"}, "version": "1", "date": "2026-01-02",
  "sources": {"policy": "the tests"}, "rules": [],
  "products": [{"id": "probe", "name": "Probe", "status": "banned", "platforms": ["linux"], "indicators": [{
    "id": "program", "collectors": ["program_files"], "strength": "conclusive",
    "where": {"path": {"contains": ["/probe-agent"]}}, "source": "policy"
  }]}]
}"#;

/// One member of a layer: its path, its type, where it leads, and its bytes.
type Member<'a> = (&'a str, u8, &'a str, &'a [u8]);

fn layer(members: &[Member<'_>]) -> image::Layer {
    let mut tar = Vec::new();
    for (path, kind, link, bytes) in members {
        image::member(&mut tar, path.as_bytes(), *kind, 0o755, link.as_bytes(), bytes);
    }
    image::gzipped(tar)
}

fn system(more: &[Member<'_>]) -> image::Layer {
    let status = status(&[("base-files", "12")]);
    let release: Member<'_> = ("etc/os-release", b'0', "", b"ID=debian\nVERSION_ID=12\n");
    let packages: Member<'_> = ("var/lib/dpkg/status", b'0', "", status.as_bytes());
    layer(&[&[release, packages][..], more].concat())
}

/// Scans an archive: the exit code, and of each report its findings' states, its gaps' details and what was skipped.
fn scanned(archive: &Path, arguments: &[&str]) -> (i32, Vec<[Vec<String>; 3]>) {
    let folder = tempfile::tempdir().unwrap();
    let signatures = folder.path().join("house.json");
    std::fs::write(&signatures, SIGNATURES).unwrap();
    let mut command = debar();
    command.args(["scan", "--no-progress", "-o", "json", "--signatures"]).arg(&signatures);
    let (code, out, err) = run(command.args(arguments).arg(archive));
    let report: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{code} {err}"));
    let reports = report["reports"].as_array().cloned().unwrap_or_else(|| vec![report]);
    let texts = |report: &Value, list: &str, field: &str| {
        report[list]
            .as_array()
            .into_iter()
            .flatten()
            .map(|one| one[field].as_str().unwrap().to_owned())
            .collect()
    };
    let of = |report: &Value| {
        [
            texts(report, "findings", "state"),
            texts(report, "gaps", "detail"),
            texts(report, "skipped", "reason"),
        ]
    };
    (code, reports.iter().map(of).collect())
}

fn scan_layers(layers: &[image::Layer], arguments: &[&str]) -> [Vec<String>; 3] {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("image.tar");
    std::fs::write(&archive, image::docker_archive(layers)).unwrap();
    let (_, mut reports) = scanned(&archive, arguments);
    assert_eq!(reports.len(), 1);
    reports.remove(0)
}

#[test]
fn an_image_is_searched_whole_unless_told_otherwise() {
    let program: Member<'_> = ("workspace/bin/probe-agent", b'0', "", b"#!/bin/sh\n");
    let [states, gaps, skipped] = scan_layers(&[system(&[program])], &[]);
    assert_eq!((states, gaps), (vec!["installed".to_owned()], vec![]));
    assert!(skipped.iter().all(|line| line.contains("--verify-layers")), "{skipped:?}");
    let [states, gaps, skipped] = scan_layers(&[system(&[program])], &["--no-deep"]);
    assert_eq!((states, gaps), (Vec::<String>::new(), vec![]));
    assert!(skipped[0].contains("--no-deep"), "{skipped:?}");
}

#[test]
fn what_lies_below_another_root_or_in_a_cache_is_not_installed() {
    let release: Member<'_> = ("srv/rootfs/etc/os-release", b'0', "", b"ID=x\n");
    let below =
        scan_layers(&[system(&[release, ("srv/rootfs/bin/probe-agent", b'0', "", b"#!/bin/sh\n")])], &[]);
    assert_eq!(below[0], ["embedded"]);
    let cached = scan_layers(&[system(&[("root/.cache/x/probe-agent", b'0', "", b"#!/bin/sh\n")])], &[]);
    assert_eq!(cached[0], ["installer"]);
}

#[test]
fn what_a_later_layer_deleted_behind_a_link_is_reported() {
    let program: Member<'_> = ("real/probe-agent", b'0', "", b"#!/bin/sh\n");
    let first = || system(&[program, ("opt/agent", b'2', "/real", b"")]);
    let whiteout = layer(&[("opt/agent/.wh.probe-agent", b'0', "", b"")]);
    assert_eq!(scan_layers(&[first(), whiteout], &[])[0], ["deleted-in-later-layer"]);
}

#[test]
fn a_layer_that_is_no_archive_is_a_gap() {
    let mut erofs = vec![0; 1024];
    erofs.extend([0xe2, 0xe1, 0xf5, 0xe0]);
    erofs.resize(8192, 1);
    let [_, gaps, _] = scan_layers(&[system(&[]), image::gzipped(erofs)], &[]);
    assert!(gaps.iter().any(|gap| gap.contains("follows the end of the archive")), "{gaps:?}");
}

#[test]
fn systems_within_an_image_are_named() {
    // Larger than what is kept of a member whole.
    let mut saved = image::docker_archive(&[system(&[("filler", b'0', "", &[1; 300_000])])]);
    saved.resize(400_000, 0);
    let disk = [&b"QFI\xfb\0\0\0\x03"[..], &[7; 200_000]].concat();
    let [states, gaps, skipped] = scan_layers(
        &[system(&[
            ("var/lib/images/airgap.tar", b'0', "", &saved),
            ("disk/machine.qcow2", b'0', "", &disk),
            ("srv/a/b/c/etc/os-release", b'0', "", b"ID=other\n"),
            ("usr/src/tool.tar", b'0', "", b"no archive"),
        ])],
        &[],
    );
    let all = (Vec::<String>::new(), Vec::<String>::new());
    assert_eq!((states, gaps), all);
    let count = |what: &str| skipped.iter().filter(|reason| reason.contains(what)).count();
    assert_eq!(count("scan it as a target of its own"), 3, "{skipped:?}");
    for what in
        ["an archive of container images", "the disk of a virtual machine", "the root of another system"]
    {
        assert_eq!(count(what), 1, "{what}: {skipped:?}");
    }
}

#[test]
fn a_layer_that_wraps_a_file_system_is_a_gap() {
    for (path, of) in [("overlaybd.commit", "overlaybd"), ("image/image.boot", "Nydus")] {
        let [_, gaps, _] = scan_layers(&[system(&[]), layer(&[(path, b'0', "", b"ZFile\0\x01")])], &[]);
        assert!(gaps.iter().any(|gap| gap.contains(of)), "{gaps:?}");
    }
}

#[test]
fn links_in_links_repeated_layers_and_endless_names_end() {
    let back = "d/../".repeat(800);
    let mut members = vec![("d".to_owned(), b'5', String::new())];
    for at in 0..30 {
        let next = if at == 0 { "d".to_owned() } else { format!("l{}", at - 1) };
        members.push((format!("l{at}"), b'2', format!("{back}{next}")));
    }
    members.push(("d/s".to_owned(), b'2', "../l29".to_owned()));
    members.push((format!("d/{}file", "s/".repeat(2000)), b'0', String::new()));
    let members: Vec<Member<'_>> =
        members.iter().map(|(path, kind, link)| (path.as_str(), *kind, link.as_str(), &b""[..])).collect();
    let [_, gaps, _] = scan_layers(&[system(&members)], &[]);
    assert!(gaps.iter().any(|gap| gap.contains("without end")), "{gaps:?}");
    let longer = "d/../".repeat(2000);
    let [_, gaps, _] = scan_layers(&[system(&[("d", b'5', "", b""), ("l", b'2', &longer, b"")])], &[]);
    assert!(!gaps.is_empty(), "a link that no system could have");
    let name = "n".repeat(300);
    let [_, gaps, _] = scan_layers(&[system(&[(&name, b'0', "", b"")])], &[]);
    assert!(gaps.iter().any(|gap| gap.contains("too long for any file system")), "{gaps:?}");
}

#[test]
fn what_is_no_archive_is_not_decompressed_to_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let bomb = folder.path().join("bomb.tar.zst");
    // 16 GiB of one byte, in blocks of 128 KiB that repeat it.
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0, 0x58];
    for at in 0..131_072_u32 {
        let block = u32::from(at == 131_071) | 1 << 1 | 131_072 << 3;
        frame.extend([&block.to_le_bytes()[..3], b"A"].concat());
    }
    std::fs::write(&bomb, frame).unwrap();
    let (code, _, err) = run(debar().args(["scan", "--no-progress"]).arg(&bomb));
    assert!(code == 2 && err.contains("no tar archive"), "{code} {err}");
}

#[test]
fn a_layer_that_takes_too_long_is_a_gap() {
    // A package, then 64 GiB of zeros in blocks of zstd that repeat one byte. Some bytes before them keep the whole within
    // the growth that is allowed, however fast the machine gets there.
    const BLOCK: usize = 128 << 10;
    const BLOCKS: usize = 65_535;
    let raw = |bytes: &[u8]| [&((bytes.len() as u32) << 3).to_le_bytes()[..3], bytes].concat();
    let zeros = [&(((BLOCK as u32) << 3) | 1 << 1).to_le_bytes()[..3], &[0]].concat().repeat(BLOCKS);
    let mut start = system(&[]).tar;
    start.truncate(start.len() - 1024);
    let mut frame = [&[0x28, 0xb5, 0x2f, 0xfd, 0, 0x58][..], &raw(&start)].concat();
    for _ in 0..8 {
        let mut header = Vec::new();
        image::header(&mut header, b"bytes", b'0', 0o644, b"", 64 * BLOCK);
        frame.extend(raw(&header));
        frame.extend(raw(&[b'b'; BLOCK]).repeat(64));
        let mut header = Vec::new();
        image::header(&mut header, b"zeros", b'0', 0o644, b"", BLOCK * BLOCKS);
        frame.extend(raw(&header));
        frame.extend(&zeros);
    }
    frame.extend(((1024 << 3) | 1 << 1 | 1_u32).to_le_bytes().get(..3).unwrap());
    frame.push(0);
    let layer = image::Layer { tar: frame, stored: Vec::new() };
    let begun = std::time::Instant::now();
    let [_, gaps, _] = scan_layers(&[layer], &["--timeout", "1s"]);
    assert!(gaps.iter().any(|gap| gap.contains("when the time was up")), "{gaps:?}");
    assert!(begun.elapsed().as_secs() < 60, "{:?}", begun.elapsed());
}
