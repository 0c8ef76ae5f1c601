//! Every command that writes, in every format, with names that a hostile machine gave itself: no terminal control, no
//! formula, no command of a build server comes through.
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::fs;
use std::path::Path;

use crate::support::{Root, debar};

/// Names as hostile hosts, packages and files have them.
const HOSTILE: &[&str] = &[
    "##vso[task.setvariable variable=x]y",
    "##[error]x",
    "::error::x",
    "##teamcity[x]",
    " =1+1",
    "＝1+1",
    "=cmd|' /C calc'!A0",
    "+1",
    "-1",
    "@SUM(1)",
    "|cmd",
    "%cmd",
    "\u{1b}[31mred\u{1b}]0;title\u{7}",
    "\u{9b}31m",
    "a\u{202e}gpj.exe",
    "a\u{200b}b\u{feff}",
    "<script>alert(1)</script>",
    "[x](javascript:alert(1)) `y` **z**",
    "$(touch /tmp/owned); `id` '\" \\",
];

/// A report of a host of this name with a product whose version is the name, too.
fn report(folder: &Path, name: &str, at: usize) -> std::path::PathBuf {
    let root = Root::debian(&[]);
    root.file("etc/hostname", format!("{name}\n"));
    root.file(
        "var/lib/dpkg/status",
        format!(
            "Package: base-files\nStatus: install ok installed\nMaintainer: A <a@example.org>\nArchitecture: amd64\n\
             Version: 12.4\n\nPackage: kesl\nStatus: install ok installed\nMaintainer: AO Kaspersky Lab <info@kaspersky.com>\n\
             Architecture: amd64\nVersion: {name}\nHomepage: {name}\n\n"
        ),
    );
    root.file("var/lib/dpkg/info/kesl.list", "/.\n");
    let file = folder.join(format!("{at}.json"));
    let output = debar()
        .args(["scan", "-q", "--no-progress", "-o"])
        .arg(format!("json={}", file.display()))
        .arg(root.path())
        .output();
    assert!(matches!(output.unwrap().status.code(), Some(1 | 3)), "{name}");
    file
}

/// What no output may hold, whatever its syntax.
fn harmless(output: &str, what: &str) {
    for raw in ["##vso[", "##[", "##teamcity["] {
        assert!(!output.contains(raw), "{what} holds {raw}");
    }
    for line in output.lines() {
        assert!(
            !line.trim_start().starts_with("::") || what.ends_with("github"),
            "{what} has a line of a build server's command: {line}"
        );
    }
    // RFC 5424 marks UTF-8 messages.
    let output = if what.contains("syslog") { &output.replacen(" \u{feff}", " ", 1) } else { output };
    let raw = output.chars().find(|char| {
        char.is_control() && !"\n\r\t".contains(*char)
            || matches!(char, '\u{80}'..='\u{9f}' | '\u{202a}'..='\u{202e}' | '\u{200b}' | '\u{feff}')
    });
    // JSON may keep what it escapes itself; C0 it always does.
    let is_json = what.contains("json")
        || what.contains("sarif")
        || what.contains("cyclonedx")
        || what.contains("ocsf")
        || what.contains("intoto");
    assert!(raw.is_none() || is_json && raw.is_none_or(|char| char >= ' '), "{what} holds {raw:?}");
}

fn harmless_csv(output: &str, what: &str) {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(output.as_bytes());
    for record in reader.records() {
        for cell in &record.unwrap() {
            let first = cell.trim_start().chars().next();
            assert!(!first.is_some_and(|first| "=+-@|%＝＋－＠\t\r".contains(first)), "{what}: {cell:?}");
        }
    }
}

fn written(arguments: &[&str], what: &str) {
    let output = debar().args(arguments).env_remove("GITHUB_ACTIONS").output().unwrap();
    assert!(output.status.code() != Some(2), "{what}: {}", String::from_utf8_lossy(&output.stderr));
    let (out, errors) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr).into_owned());
    harmless(&out, what);
    harmless(&errors, &format!("stderr of {what}"));
    if what.ends_with("csv") {
        harmless_csv(&out, what);
    }
    if what.ends_with(" json") {
        serde_json::from_str::<serde_json::Value>(&out).unwrap();
    }
}

#[test]
fn every_command_in_every_format_keeps_hostile_names_harmless() {
    let folder = tempfile::tempdir().unwrap();
    let reports = folder.path().join("reports");
    fs::create_dir(&reports).unwrap();
    let files: Vec<_> = HOSTILE.iter().enumerate().map(|(at, name)| report(&reports, name, at)).collect();
    let store = folder.path().join("store.redb");
    let store = store.to_str().unwrap();
    written(&["fleet", "ingest", reports.to_str().unwrap(), "--store", store], "fleet ingest");
    for command in ["hosts", "findings", "worklist", "status", "trend"] {
        for format in ["text", "json", "ndjson", "csv"] {
            written(
                &["fleet", command, "--store", store, "-o", format],
                &format!("fleet {command} {format}"),
            );
        }
    }
    for format in ["text", "json", "ndjson", "csv"] {
        written(
            &["fleet", "hosts", "--why", "--store", store, "-o", format],
            &format!("fleet hosts --why {format}"),
        );
    }
    for format in ["markdown", "json"] {
        written(&["fleet", "attest", "--store", store, "-o", format], &format!("fleet attest {format}"));
    }
    for file in &files {
        let file = file.to_str().unwrap();
        for format in ["markdown", "json", "sh", "ps1"] {
            written(&["plan", file, "-o", format], &format!("plan {format}"));
        }
        for format in ["text", "markdown", "json"] {
            written(&["diff", file, file, "-o", format], &format!("diff {format}"));
        }
        for format in ["markdown", "html", "intoto"] {
            written(&["attest", file, "-o", format], &format!("attest {format}"));
        }
    }
}

#[test]
fn every_format_of_a_scan_and_an_inventory_keeps_hostile_names_harmless() {
    let root = Root::debian(&[]);
    root.file("etc/hostname", "##vso[task.complete]x\n");
    let mut status = fs::read_to_string(root.at("var/lib/dpkg/status")).unwrap();
    for (at, name) in HOSTILE.iter().enumerate() {
        status.push_str(&format!(
            "Package: kesl\nStatus: install ok installed\nMaintainer: AO Kaspersky Lab <info@kaspersky.com>\n\
             Architecture: amd64\nVersion: {name}\nHomepage: {name}\n\n"
        ));
        root.file(&format!("opt/tool/{at}{}", name.replace('/', "-")), "#!/bin/sh\n");
    }
    root.file("var/lib/dpkg/status", status);
    root.file("var/lib/dpkg/info/kesl.list", "/.\n");
    let path = root.path().to_str().unwrap();
    for format in debar::report::FORMATS {
        written(&["scan", "--no-progress", path, "-o", format.name], &format!("scan {}", format.name));
        if format.inventory.is_some() {
            written(
                &["inventory", "--no-progress", path, "-o", format.name],
                &format!("inventory {}", format.name),
            );
        }
    }
}
