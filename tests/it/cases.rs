//! Cases that are data: `tests/cases/NAME/` with `target/` (the files of a system) or `layers/N/` (those of an image's
//! layers, the lowest first), and `expected.json`. A new case is a new folder; `UPDATE=1` writes what debar says now,
//! for its author to read.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::support::image::{docker_archive, gzipped, member};
use crate::support::{debar, run};

const CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases");

/// The entries of a folder in the order of their names.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    entries
}

/// Adds what lies in a folder to a layer.
fn pack(archive: &mut Vec<u8>, top: &Path, folder: &Path) {
    for path in entries(folder) {
        let name = path.strip_prefix(top).unwrap().to_str().unwrap().as_bytes();
        let about = path.symlink_metadata().unwrap();
        if about.is_symlink() {
            let to = fs::read_link(&path).unwrap();
            member(archive, name, b'2', 0o777, to.to_str().unwrap().as_bytes(), b"");
        } else if about.is_dir() {
            member(archive, name, b'5', 0o755, b"", b"");
            pack(archive, top, &path);
        } else {
            let mode = about.permissions().mode() & 0o777;
            member(archive, name, b'0', mode, b"", &fs::read(&path).unwrap());
        }
    }
}

/// What debar says of a case, as far as cases compare it.
fn said(case: &Path) -> Value {
    let scratch = tempfile::tempdir().unwrap();
    let mut target = format!("dir:{}", case.join("target").display());
    if case.join("layers").is_dir() {
        let layers: Vec<_> = entries(&case.join("layers"))
            .iter()
            .map(|layer| {
                let mut archive = Vec::new();
                pack(&mut archive, layer, layer);
                gzipped(archive)
            })
            .collect();
        let archive = scratch.path().join("image.tar");
        fs::write(&archive, docker_archive(&layers)).unwrap();
        target = format!("docker-archive:{}", archive.display());
    }
    let (code, out, err) = run(debar().args(["scan", &target, "-o", "json", "--as-of", "2026-11-30"]));
    let report: Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}"));
    let list = |name: &str, text: &dyn Fn(&Value) -> String| -> Vec<String> {
        report[name].as_array().unwrap().iter().map(text).collect()
    };
    let product = |finding: &Value| format!("{} {}", finding["id"], finding["state"]).replace('"', "");
    json!({
        "exit": code,
        "verdict": report["verdict"],
        "findings": list("findings", &product),
        "possible": list("possible", &product),
        "gaps": list("gaps", &|gap| format!("{} {}", gap["kind"], gap["place"]).replace('"', "")),
    })
}

#[test]
fn every_case_says_what_it_expects() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for case in entries(Path::new(CASES)).iter().filter(|path| path.is_dir()) {
        count += 1;
        let said = said(case);
        let expected = case.join("expected.json");
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&expected, format!("{said:#}\n")).unwrap();
            continue;
        }
        let text = fs::read_to_string(&expected)
            .unwrap_or_else(|error| panic!("{}: {error}; UPDATE=1 writes it", expected.display()));
        if serde_json::from_str::<Value>(&text).unwrap() != said {
            wrong.push(format!("{}: expected {text}, and debar says {said:#}", case.display()));
        }
    }
    assert!(count > 0, "no case in {CASES}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
