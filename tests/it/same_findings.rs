//! The same root as a directory and as every kind of image gives the same artifacts and findings, through the built
//! program: with links, programs in folders of their own, and the registry of Windows in layers.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::world::hive::Hive;
use crate::support::world::{self, Kind, Name, windows};
use crate::support::{debar, image, run};
use serde_json::Value;

const SIGNATURES: &str = r#"{
  "format": 1, "vendor": {"id": "house", "name": "House rules"}, "version": "1", "date": "2026-01-02",
  "sources": {"policy": "the tests"}, "rules": [],
  "products": [{"id": "probe", "name": "Probe", "status": "banned", "platforms": ["linux", "windows"], "indicators": [
    {"id": "program", "collectors": ["program_files"], "strength": "conclusive",
     "where": {"path": {"contains": ["/probe-agent"]}}, "source": "policy"},
    {"id": "installed", "collectors": ["programs", "deb_packages"], "strength": "conclusive",
     "where": {"name": {"prefix": ["Probe"]}}, "source": "policy"}
  ]}]
}"#;

/// Where the maker of random layers puts first names of hard links.
const FIRST: &str = "/etc/systemd/first/";

/// Artifacts, findings and gaps of a target, without what only one kind of target has.
#[derive(Debug, PartialEq, Eq)]
struct Facts {
    artifacts: BTreeSet<String>,
    findings: BTreeSet<String>,
    gaps: BTreeSet<String>,
}

/// Takes out what says how a target is stored: layers, and which hive of theirs a key is in.
fn bare(mut value: Value) -> Value {
    if let Some(location) = value.get_mut("location").and_then(Value::as_object_mut) {
        location.remove("layer");
        location.remove("hive");
    }
    value
}

fn facts(target: &Path, arguments: &[&str]) -> Facts {
    let list = |report: &Value, name: &str| report[name].as_array().cloned().unwrap_or_default();
    let read = |command: &mut Command| -> Value {
        let (code, out, err) = run(command.args(arguments).arg(target));
        serde_json::from_str(&out).unwrap_or_else(|_| panic!("{code} {err}"))
    };
    let folder = tempfile::tempdir().unwrap();
    let signatures = folder.path().join("house.json");
    fs::write(&signatures, SIGNATURES).unwrap();
    let inventory = read(debar().args(["inventory", "--no-progress", "-o", "json"]));
    let scan = read(debar().args(["scan", "--no-progress", "-o", "json", "--signatures"]).arg(&signatures));
    // An image has a config, and states before the last; each layer of Windows has hives of its own.
    let is_common = |artifact: &Value| {
        artifact["collector"] != "image"
            && artifact["collector"] != "registry_hives"
            && artifact["state"] != "deleted-in-later-layer"
            && !artifact["location"]["path"].as_str().is_some_and(|path| path.starts_with(FIRST))
    };
    let findings = list(&scan, "findings").into_iter().map(|finding| {
        let evidence: BTreeSet<String> =
            list(&finding, "evidence").into_iter().map(|one| bare(one)["location"].to_string()).collect();
        format!("{} {} {evidence:?}", finding["product"]["id"], finding["state"])
    });
    Facts {
        artifacts: list(&inventory, "artifacts")
            .into_iter()
            .filter(is_common)
            .map(|one| bare(one).to_string())
            .collect(),
        findings: findings.collect(),
        gaps: list(&scan, "gaps")
            .iter()
            .filter(|gap| !gap["place"].as_str().is_some_and(|place| place.starts_with(FIRST)))
            .map(|gap| format!("{} {}", gap["kind"], gap["place"]))
            .collect(),
    }
}

#[track_caller]
fn same(one: &Facts, other: &Facts, what: &str) {
    let only = |a: &BTreeSet<String>, b: &BTreeSet<String>| a.difference(b).cloned().collect::<Vec<_>>();
    for (a, b) in
        [(&one.artifacts, &other.artifacts), (&one.findings, &other.findings), (&one.gaps, &other.gaps)]
    {
        assert_eq!(
            (only(a, b), only(b, a)),
            (Vec::new(), Vec::new()),
            "only in the directory, only in {what}"
        );
    }
}

/// Every form that an image has: each is written to the folder, and comes with its name.
fn forms(layers: &[image::Layer], os: &str, folder: &Path) -> Vec<(&'static str, std::path::PathBuf)> {
    let at = |name: &str| folder.join(name);
    let docker = image::docker_archive_of(os, layers);
    fs::write(at("docker.tar"), &docker).unwrap();
    fs::write(at("docker.tar.gz"), image::gzipped(docker).stored).unwrap();
    image::oci_folder_of(os, layers, &at("layout"));
    let mut archive = Vec::new();
    // As `skopeo copy` to `dir:` writes it.
    fs::create_dir(at("skopeo")).unwrap();
    fs::write(at("skopeo/version"), "Directory Transport Version: 1.1\n").unwrap();
    for (path, bytes) in image::oci_files(os, layers) {
        image::member(&mut archive, path.as_bytes(), b'0', 0o644, b"", &bytes);
        match path.strip_prefix("blobs/sha256/") {
            Some(digits) => fs::write(at("skopeo").join(digits), &bytes).unwrap(),
            None if path == "index.json" => {
                let index: Value = serde_json::from_slice(&bytes).unwrap();
                let digest = index["manifests"][0]["digest"].as_str().unwrap().trim_start_matches("sha256:");
                let manifest = fs::read(at("layout/blobs/sha256").join(digest)).unwrap();
                fs::write(at("skopeo/manifest.json"), manifest).unwrap();
            }
            None => {}
        }
    }
    archive.resize(archive.len() + 1024, 0);
    fs::write(at("oci.tar"), archive).unwrap();
    ["docker.tar", "docker.tar.gz", "layout", "oci.tar", "skopeo"].map(|name| (name, at(name))).into()
}

/// Links on the way to programs, a folder of the image's own, jars at the top, a home.
fn linux() -> Vec<Name> {
    let text = |path: &str, text: &str| (path.as_bytes().to_vec(), Kind::File(text.into()));
    let program =
        |path: &str| (path.as_bytes().to_vec(), Kind::Executable(b"#!/bin/sh\nexec sleep 1\n".to_vec()));
    let link = |path: &str, to: &'static str| (path.as_bytes().to_vec(), Kind::Link(to));
    let mut names = world::names();
    names.extend([
        program("workspace/bin/probe-agent"),
        program("data/tools/probe-agent-moved"),
        link("usr/local/tools", "/data/tools"),
        link("usr/local/bin/probe-agent-link", "../../../workspace/bin/probe-agent"),
        program("function/probe-agent.sh"),
        text(
            "var/lib/dpkg/status.d/probe",
            "Package: probe-package\nStatus: install ok installed\nVersion: 1\n\n",
        ),
        text("workspace/node_modules/probe/package.json", r#"{"name": "probe", "version": "1.0.0"}"#),
        link("workspace/latest", "node_modules/probe"),
        link("deployments", "/workspace"),
    ]);
    names
}

#[test]
fn a_linux_is_the_same_as_a_directory_and_as_every_kind_of_image() {
    let names = linux();
    let scratch = tempfile::tempdir().unwrap();
    let root = scratch.path().join("root");
    world::on_disk(&names, &root);
    // Images are walked whole, directories when that is asked for.
    let directory = facts(&root, &["--deep"]);
    assert!(
        directory.findings.iter().any(|finding| finding.contains("/workspace/bin/probe-agent")),
        "{directory:?}"
    );
    let mut plain = Vec::new();
    names.iter().for_each(|name| image::add(&mut plain, name));
    plain.resize(plain.len() + 1024, 0);
    let tar = scratch.path().join("plain.tar");
    fs::write(&tar, plain).unwrap();
    same(&directory, &facts(&tar, &[]), "a plain archive");
    for seed in [3, 8] {
        let folder = tempfile::tempdir().unwrap();
        for (form, path) in forms(&image::of_names(&names, seed), "linux", folder.path()) {
            same(&directory, &facts(&path, &[]), &format!("{form}, seed {seed}"));
        }
    }
}

/// A program as an installer registers it.
fn program(hive: &mut Hive, name: &str) {
    let key = format!(r"Microsoft\Windows\CurrentVersion\Uninstall\{name}");
    hive.text(&key, "DisplayName", name).text(&key, "DisplayVersion", "1").text(&key, "Publisher", "Example");
}

fn service(hive: &mut Hive, name: &str) {
    let key = format!(r"ControlSet001\Services\{name}");
    hive.number(&key, "Type", 16).number(&key, "Start", 2);
    hive.text(&key, "ImagePath", &format!(r"C:\Program Files\{name}\{name}.exe"));
}

/// What later layers of a Windows image add to the hives of the lowest.
fn added(at: usize, software: &mut Hive, system: &mut Hive) {
    program(software, &format!("Probe {at}"));
    service(system, &format!("probe{at}"));
}

const CONFIG: &str = "Windows/System32/config";

/// A Windows as files, its hives merged, and as layers that each change them. Later layers change nothing else, so that a
/// program that one registers is there.
fn windows_world(later: usize) -> (Vec<Name>, Vec<image::Layer>) {
    let mut files: Vec<Name> = windows::names()
        .into_iter()
        .filter(|(path, _)| ![b"SOFTWARE".as_slice(), b"SYSTEM"].iter().any(|hive| path.ends_with(hive)))
        .collect();
    files.push((b"Program Files/House/probe-agent.exe".to_vec(), Kind::File(b"MZ".to_vec())));
    files.push((b"Windows/System32/ntdll.dll".to_vec(), Kind::File(b"MZ".to_vec())));
    let hives = |software: &Hive, system: &Hive| {
        [("SOFTWARE", software.bytes()), ("SYSTEM", system.bytes())]
            .map(|(name, bytes)| (format!("{CONFIG}/{name}").into_bytes(), Kind::File(bytes)))
    };
    let (mut software, mut system) = (windows::software(), windows::system(3));
    let mut layers = vec![Vec::new(); later + 1];
    let put = |layer: &mut Vec<u8>, (path, kind): &Name| {
        image::add(layer, &([b"Files/", path.as_slice()].concat(), kind.clone()));
    };
    for name in hives(&software, &system) {
        put(&mut layers[0], &name);
    }
    for (number, name) in files.iter().enumerate() {
        put(&mut layers[number % (later + 1)], name);
    }
    for (at, layer) in layers.iter_mut().enumerate().skip(1) {
        added(at, &mut software, &mut system);
        let (mut own_software, mut own_system) = (Hive::new(), Hive::new());
        added(at, &mut own_software, &mut own_system);
        image::member(layer, b"Hives/Software_Delta", b'0', 0o644, b"", &own_software.bytes());
        image::member(layer, b"Hives/System_Delta", b'0', 0o644, b"", &own_system.bytes());
    }
    files.extend(hives(&software, &system));
    (files, layers.into_iter().map(image::gzipped).collect())
}

#[test]
fn a_windows_is_the_same_as_a_directory_and_as_every_kind_of_image() {
    for later in [0, 2] {
        let (names, layers) = windows_world(later);
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path().join("root");
        world::on_disk(&names, &root);
        let directory = facts(&root, &["--deep"]);
        assert_eq!(directory.findings.len(), 1, "{directory:?}");
        assert_eq!(
            directory.artifacts.iter().filter(|one| one.contains("\"Probe ")).count(),
            later,
            "{directory:?}"
        );
        for (form, path) in forms(&layers, "windows", scratch.path()) {
            same(
                &directory,
                &facts(&path, &["--platform", "windows/amd64"]),
                &format!("{form}, {later} later layers"),
            );
        }
    }
}
