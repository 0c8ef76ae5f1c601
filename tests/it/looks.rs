//! The text report as terminals of all widths show it: no line is longer than the terminal but those to be copied,
//! whatever script names are written in.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use debar::report::{Look, ScanReport, format};
use proptest::prelude::*;
use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

const LONG: &str = "/opt/kaspersky/a folder with a long name/and another one/that goes on and on/bin/program";

fn finding(name: &str, path: &str) -> Value {
    json!({"id": "kaspersky/endpoint-security-linux", "product": {"id": "kaspersky/endpoint-security-linux",
        "vendor": "Kaspersky", "name": name}, "status": "banned", "state": "running", "in_force": true, "rules": [],
        "warnings": ["It is the only antivirus that was found here: have another one ready before it is removed."],
        "removal": [{"title": "Remove the package with its configuration (dpkg)", "commands": ["dpkg --purge kesl"],
            "note": "Stop its service first if dpkg says that it is busy."}],
        "evidence": [{"collector": "program_files", "indicators": ["program"], "matched": "m", "strength": "conclusive",
            "state": "running", "fields": {"name": name, "version": "12.1.0-1274"}, "location": {"path": path}}]})
}

fn report(host: &str, findings: Vec<Value>) -> ScanReport {
    let verdict = if findings.is_empty() { "not_found" } else { "found" };
    serde_json::from_value(json!({"schema_version": "1.1", "verdict": verdict, "target": {"kind": "host",
        "name": "this host", "host": host, "os": {"name": "Debian GNU/Linux 12 (bookworm)", "family": "linux"}},
        "as_of": "2026-11-24", "findings": findings, "gaps": [{"kind": "denied", "collector": "program_files",
        "place": "/root/a folder that nobody but its owner may read", "detail": "permission denied"}],
        "coverage": [{"collector": "deb_packages", "outcome": "ran", "artifacts": 412, "gaps": 0},
            {"collector": "program_files", "outcome": "ran", "artifacts": 9, "gaps": 1}], "skipped": [],
        "warnings": ["exception ex-1 has expired on 2026-10-01; what it excepted counts again"],
        "versions": {"debar": "0.1.0", "account": "root", "elevated": true}, "started": "2026-11-24T00:00:00Z",
        "finished": "2026-11-24T00:00:01Z", "duration_ms": 1000}))
    .unwrap()
}

fn shown(reports: &[ScanReport], look: Look) -> String {
    let mut out = Vec::new();
    (format("text").unwrap().scan)(reports, look, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// Names in scripts that are wide, combined, or run from right to left.
fn names() -> Vec<Value> {
    [
        "Kaspersky Endpoint Security for Linux",
        "カスペルスキー エンドポイント セキュリティ",
        "كاسبرسكي إندبوينت سكيوريتي",
        "קספרסקי אבטחת נקודות קצה",
        "Каспе\u{301}рский Эндпойнт",
    ]
    .iter()
    .map(|name| finding(name, LONG))
    .collect()
}

#[test]
fn every_width() {
    for width in [40, 50, 60, 200] {
        let text = shown(&[report("workstation-7", names())], Look { width, ..Look::default() });
        for line in text.lines() {
            assert!(line.width() <= width, "{width}: {line}");
        }
        insta::assert_snapshot!(format!("text_{width}"), text);
    }
    let look = Look { width: 60, colour: true, verbose: 0 };
    let coloured = shown(&[report("workstation-7", names())], look);
    let plain = regex::Regex::new("\x1b\\[[0-9;]*m").unwrap().replace_all(&coloured, "").into_owned();
    assert_eq!(
        plain,
        shown(&[report("workstation-7", names())], Look { colour: false, ..look }),
        "colours only"
    );
}

#[test]
fn none_one_and_a_thousand() {
    let none = shown(&[report("workstation-7", Vec::new())], Look::default());
    assert!(
        none.contains("\nNOT FOUND  No banned product on workstation-7.") && !none.contains("Remove:"),
        "{none}"
    );
    let one = shown(&[report("workstation-7", vec![finding("Product", "/opt/x")])], Look::default());
    assert!(one.contains("\nFOUND      1 banned product found on workstation-7, 1 running."), "{one}");
    let hosts: Vec<ScanReport> =
        (0..1000).map(|at| report(&format!("host-{at}"), vec![finding("Product", "/opt/x")])).collect();
    let thousand = shown(&hosts, Look::default());
    assert_eq!(thousand.matches("\nFOUND      1 banned product").count(), 1000);
    assert!(
        thousand.ends_with("\n1000 targets: 1000 found, 0 incomplete, 0 not found.\n"),
        "the end tells what it came to"
    );
}

proptest! {
    #[test]
    fn no_name_makes_a_line_longer_than_the_terminal(
        name in "[a-zé\u{301} \u{643}\u{627}\u{5d0}\u{30ab}\u{30b9}\u{1f600}\u{202e}\u{7}\t\n]{0,80}",
        path in "[a-z/ \u{30ab}\u{643}\u{301}]{0,120}",
        width in 40_usize..130,
    ) {
        let text = shown(&[report(&name, vec![finding(&name, &path)])], Look { width, ..Look::default() });
        for line in text.lines() {
            prop_assert!(line.width() <= width, "{}: {}", width, line);
        }
    }
}
