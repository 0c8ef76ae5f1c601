//! Random damage to each file that a collector reads, through the built binary: it never crashes, never hangs, and
//! never loses an artifact without a gap.
//!
//! `DEBAR_FLIPS=2000 cargo test --test it flips` does the long run.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use crate::support::random::Random;
use crate::support::world;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::support::{Root, debar, run};
use serde_json::Value;

/// The files of the world whose content says what is installed: not programs, whose identity is more than their
/// presence, and not tables of jobs and sources or policies, in which any line is a line and any key a key.
fn databases() -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for (path, kind) in world::names() {
        let world::Kind::File(bytes) = kind else { continue };
        let path = String::from_utf8(path).unwrap();
        let wanted =
            ["var/", "lib/", "snap/", "home/u/.config", "home/u/.mozilla", "home/u/.local", "opt/app/"];
        let text = ["usr/lib/python3", "usr/lib/mozilla"];
        if !bytes.is_empty() && wanted.iter().chain(&text).any(|start| path.starts_with(start)) {
            found.push((path, bytes));
        }
    }
    for form in ["Packages", "Packages.db"] {
        let fixture =
            std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/rpmdb").join(form);
        found.push((format!("var/lib/rpm/{form}"), std::fs::read(fixture).unwrap()));
    }
    found
}

/// A small Debian with everything around the damaged file that belongs to it (the other parts of an extension, …).
fn root_with(path: &str, bytes: &[u8]) -> Root {
    let root = Root::debian(&[]);
    for (other, kind) in world::names() {
        let other = String::from_utf8_lossy(&other).into_owned();
        // What a real machine has beside the file, and what therefore reports damage to it.
        let beside = [
            ("home/u/.config", "home/u/.config"),
            ("snap/tool", "snap/tool"),
            ("var/lib/snapd", "snap/tool"),
            ("var/lib/dpkg", "var/lib/dpkg/info"),
        ];
        let belongs = beside.iter().any(|(of, top)| path.starts_with(of) && other.starts_with(top));
        match kind {
            world::Kind::File(bytes) if belongs => drop(root.file(&other, bytes)),
            world::Kind::Link(to) if belongs => drop(root.link(&other, to)),
            _ => {}
        }
    }
    root.file(path, bytes);
    root
}

/// Artifacts by collector, gaps, and how long it took.
fn inventory(root: &Root) -> (BTreeMap<String, u64>, Vec<String>, Duration) {
    let start = Instant::now();
    let mut command = debar();
    command.arg("inventory").arg(root.path()).args(["-o", "json", "--timeout", "30s"]);
    let (code, out, err) = run(&mut command);
    assert!(matches!(code, 0 | 3), "exit code {code}: {err}");
    let report: Value = serde_json::from_str(&out).unwrap();
    let coverage = report["coverage"].as_array().unwrap();
    let counts = coverage
        .iter()
        .map(|one| (one["collector"].as_str().unwrap().to_owned(), one["artifacts"].as_u64().unwrap()))
        .filter(|(_, count)| *count > 0)
        .collect();
    (counts, crate::support::gaps(&report), start.elapsed())
}

fn damaged(bytes: &[u8], random: &mut Random) -> (Vec<u8>, String) {
    let mut bytes = bytes.to_vec();
    match random.below(8) {
        0 => {
            bytes.truncate(random.below(bytes.len()));
            let how = format!("cut to {} bytes", bytes.len());
            (bytes, how)
        }
        1 => {
            let at = random.below(bytes.len());
            let end = (at + 1 + random.below(64)).min(bytes.len());
            bytes[at..end].fill(0);
            (bytes, format!("zeros from {at} to {end}"))
        }
        _ => {
            let mut how = Vec::new();
            for _ in 0..=random.below(3) {
                let (at, bit) = (random.below(bytes.len()), random.below(8));
                bytes[at] ^= 1 << bit;
                how.push(format!("byte {at} bit {bit}"));
            }
            (bytes, how.join(", "))
        }
    }
}

#[test]
fn damage_never_loses_an_artifact_silently() {
    let copies = std::env::var("DEBAR_FLIPS").map_or(60, |count| count.parse().unwrap());
    let databases = databases();
    assert!(databases.len() > 15, "{}", databases.len());
    let sound: Vec<_> = databases.iter().map(|(path, bytes)| inventory(&root_with(path, bytes)).0).collect();
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut wrong = Vec::new();
    let mut with_gaps = 0;
    for copy in 0..copies {
        let (path, bytes) = &databases[copy % databases.len()];
        let (bytes, how) = damaged(bytes, &mut random);
        let (counts, gaps, took) = inventory(&root_with(path, &bytes));
        assert!(took < Duration::from_secs(25), "{path}, {how}: {took:?}");
        assert!(!gaps.iter().any(|gap| gap.starts_with("crashed ")), "{path}, {how}: {gaps:?}");
        with_gaps += usize::from(!gaps.is_empty());
        let lost: Vec<_> = sound[copy % databases.len()]
            .iter()
            .filter(|(name, count)| counts.get(*name).copied().unwrap_or(0) < **count)
            .collect();
        if gaps.is_empty() && !lost.is_empty() {
            wrong.push(format!("{path}, {how}: lost {lost:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {copies}, {with_gaps} with gaps:\n{}", wrong.len(), wrong.join("\n"));
}
