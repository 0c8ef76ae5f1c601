//! What a verdict covers, in every format: skipped places, possible traces, accepted gaps, folders without a system.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use serde_json::Value;

use crate::support::{Root, debar, gaps, run};

/// Every format that a scan can be written in; annotations for a build server have no room for what was checked.
fn formats() -> impl Iterator<Item = &'static str> {
    debar::report::FORMATS.iter().map(|format| format.name).filter(|name| *name != "github")
}

fn scan_as(root: &Root, format: &str, more: &[&str]) -> (i32, String) {
    let (code, out, errors) =
        run(debar().args(["scan", "--no-progress", "-o", format]).args(more).arg(root.path()));
    assert_eq!(errors, "");
    (code, out)
}

fn scan(root: &Root, more: &[&str]) -> (i32, Value) {
    let (code, out) = scan_as(root, "json", more);
    (code, serde_json::from_str(&out).unwrap())
}

/// A root, and a folder with signatures of a product that only a weak sign points to.
fn traced() -> (Root, Root) {
    let files = Root::empty();
    files.file(
        "house.json",
        r#"{"format": 1, "vendor": {"id": "house", "name": "House rules"}, "version": "1", "date": "2026-01-02",
          "sources": {"policy": "the tests"}, "rules": [], "products": [
            {"id": "hello", "name": "Hello", "status": "banned", "platforms": ["linux"], "indicators": [
              {"id": "deb", "collectors": ["deb_packages"], "strength": "supporting",
               "where": {"name": {"equals": "hello"}}, "source": "policy"},
              {"id": "folder", "collectors": ["program_folders"], "strength": "supporting",
               "where": {"path": {"equals": "/opt/hello"}}, "source": "policy"}]}]}"#,
    );
    let root = Root::debian(&[("hello", "2.10")]);
    root.file("opt/hello/bin", "x");
    (root, files)
}

#[test]
fn weak_signs_are_possible_traces_however_many_agree() {
    let (root, files) = traced();
    let house = files.at("house.json");
    let signatures = ["--signatures", house.to_str().unwrap()];
    let (code, report) = scan(&root, &signatures);
    assert_eq!((code, report["verdict"].as_str()), (0, Some("not_found")));
    assert_eq!(report["findings"].as_array().unwrap().len(), 0);
    let trace = &report["possible"][0];
    assert_eq!((trace["id"].as_str(), trace["confidence"].as_str()), (Some("house/hello"), Some("possible")));
    assert_eq!(trace["evidence"].as_array().unwrap().len(), 2);
    let (code, _) = scan(&root, &[&signatures[..], &["--fail-on", "possible"]].concat());
    assert_eq!(code, 1);
    let (_, text) = scan_as(&root, "text", &signatures);
    assert!(
        text.contains("NOT FOUND, 1 possible trace\n") && text.starts_with("Possible trace, no proof:"),
        "{text}"
    );
    let (_, sarif) = scan_as(&root, "sarif", &signatures);
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 0);
    let (_, junit) = scan_as(&root, "junit", &signatures);
    assert!(!junit.contains("debar.products") && junit.contains("failures=\"0\""), "{junit}");
}

#[test]
fn archives_that_stay_closed_are_counted_and_a_gap_where_their_name_points_to_a_vendor() {
    let root = Root::debian(&[("hello", "2.10")]);
    for name in ["photos.7z", "letters.7z"] {
        root.file(&format!("home/u/Downloads/{name}"), b"7z\xbc\xaf\x27\x1c\0\x04");
    }
    let (code, report) = scan(&root, &[]);
    assert_eq!((code, report["verdict"].as_str()), (0, Some("not_found")));
    for format in ["text", "junit", "markdown", "html"] {
        let (_, out) = scan_as(&root, format, &[]);
        let words = out.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains("2 archives not opened"), "{format}: {out}");
    }
    root.file("home/u/Downloads/Kaspersky_setup.rar", b"Rar!\x1a\x07\x01\0");
    let (code, report) = scan(&root, &[]);
    assert_eq!((code, report["verdict"].as_str()), (3, Some("incomplete")));
    assert_eq!(gaps(&report), ["unsupported setup_packages /home/u/Downloads/Kaspersky_setup.rar"]);
}

#[test]
fn skipped_places_are_named_in_every_format() {
    let root = Root::debian(&[("hello", "2.10")]);
    root.file("srv/secret-place/x", "x");
    for format in formats() {
        let (code, out) = scan_as(&root, format, &["--exclude", "/srv/secret-place"]);
        assert_eq!(code, 0, "{format}");
        assert!(out.contains("secret-place"), "{format}: {out}");
        let told = out.to_lowercase();
        assert!(!told.contains("every source was read") && !told.contains("everything was read"), "{format}");
    }
    let (_, whole) = scan_as(&root, "text", &[]);
    assert!(whole.contains("every source was read"), "{whole}");
}

#[test]
fn every_format_says_what_was_checked_for() {
    let root = Root::debian(&[("hello", "2.10")]);
    for format in formats() {
        let (_, out) = scan_as(&root, format, &[]);
        let flat = out.split_whitespace().collect::<Vec<_>>().join(" ");
        let checked = match format {
            "json" | "ndjson" => flat.contains("\"products\""),
            _ => flat.contains(" Kaspersky products and ") && flat.contains(" further vendors"),
        };
        assert!(checked, "{format}: {out}");
    }
}

#[test]
fn a_folder_without_a_system_is_checked_file_by_file() {
    let folder = Root::empty();
    folder.file("bin/tool", "x").file("lib/a.txt", "x");
    let (code, report) = scan(&folder, &[]);
    assert_eq!((code, report["verdict"].as_str(), gaps(&report).len()), (0, Some("files_checked"), 0));
    let (_, text) = scan_as(&folder, "text", &[]);
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("FILES CHECKED\n") && flat.contains("no operating system here"), "{text}");
    // Files are found wherever they lie.
    folder.file("deep/down/node_modules/x/package.json", r#"{"name": "x", "version": "1"}"#);
    let (_, report) = scan(&folder, &[]);
    let npm = report["coverage"].as_array().unwrap().iter().find(|it| it["collector"] == "npm_packages");
    assert_eq!(npm.unwrap()["artifacts"], 1);
    // An empty mount point, and a disk that lost its system files, are no such folders.
    assert_eq!(scan(&Root::empty(), &[]).0, 3);
    for name in ["etc/x", "Windows/x", "Program Files/x/y", "Users/x/y", "var/x", "Library/x"] {
        let disk = Root::empty();
        disk.file(name, "x").file("more", "x");
        let (code, report) = scan(&disk, &[]);
        assert_eq!((code, report["verdict"].as_str()), (3, Some("incomplete")), "{name}");
    }
}

#[test]
fn a_gap_can_be_accepted_for_a_while() {
    let broken = Root::debian(&[]);
    let status = broken.at("var/lib/dpkg/status");
    let mut text = std::fs::read(&status).unwrap();
    text.extend_from_slice(b"\0\0\0 no stanza\n\n");
    std::fs::write(&status, text).unwrap();
    let (code, report) = scan(&broken, &[]);
    assert_eq!(code, 3, "{report:#}");
    assert_eq!(report["gaps"][0]["grade"], "blind");
    let kind = report["gaps"][0]["kind"].as_str().unwrap().to_owned();
    let files = Root::empty();
    let grant = |kind: &str, expires: &str| {
        let text = format!(
            "format = 1\n[[exceptions]]\nid = \"g-1\"\ngap = \"{kind}\"\npath = \"/var/lib/dpkg\"\n\
             owner = \"o\"\nreason = \"ticket 7\"\nexpires = \"{expires}\"\n"
        );
        files.file("exceptions.toml", text);
        let path = files.at("exceptions.toml");
        let mut command = debar();
        command.args(["scan", "--no-progress", "-o", "json", "--as-of", "2026-11-25", "--exceptions"]);
        let (code, out, _) = run(command.arg(path).arg(broken.path()));
        (code, serde_json::from_str::<Value>(&out).unwrap())
    };
    let (code, report) = grant(&kind, "2027-06-30");
    assert_eq!((code, report["verdict"].as_str()), (0, Some("incomplete")), "{report:#}");
    assert_eq!(report["gaps"][0]["exception"]["id"], "g-1");
    assert_eq!(grant(&kind, "2026-11-24").0, 3, "it has expired");
    assert_eq!(grant("link_loop", "2027-06-30").0, 3, "another kind");
}

#[test]
fn other_installations_are_named_or_scanned_as_targets_of_their_own() {
    let root = Root::debian(&[("hello", "2.10")]);
    for (path, content) in [
        ("etc/os-release", "ID=debian\n"),
        ("opt/kaspersky/kesl/bin/kesl", "x"),
        ("var/lib/lxc/inner/rootfs/etc/os-release", "ID=debian\n"),
    ] {
        root.file(&format!("var/lib/lxc/web/rootfs/{path}"), content);
    }
    let (code, report) = scan(&root, &[]);
    assert_eq!(code, 0, "{report}");
    let skipped = report["skipped"].to_string();
    assert!(
        skipped.contains("/var/lib/lxc/web/rootfs") && skipped.contains("another installation"),
        "{skipped}"
    );
    let (code, report) = scan(&root, &["--nested", "--allow-gaps"]);
    assert_eq!(code, 1, "{report}");
    let names: Vec<&str> = report["reports"]
        .as_array()
        .unwrap()
        .iter()
        .map(|report| report["target"]["name"].as_str().unwrap())
        .collect();
    let inner = ["lxc/web/rootfs", "lxc/inner/rootfs"];
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(names[1].ends_with(inner[0]) && names[2].ends_with(inner[1]), "{names:?}");
}
