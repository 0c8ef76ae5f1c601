use proptest::prelude::*;

use super::*;
use crate::report::{FORMATS, Look};

const REPORT: &str = include_str!("../../../tests/fixtures/reports/found-1.0.json");

fn message(text: &str) -> String {
    read(text.as_bytes()).unwrap_err().to_string()
}

#[test]
fn what_the_formats_write_is_read_back() {
    let one = read(REPORT.as_bytes()).unwrap();
    assert!(one[0].findings[0].evidence[0].id.starts_with("ev-"), "reports of 1.0 had no ids");
    let mut two = one.clone();
    two.extend(one.clone());
    for (format, reports) in [("json", &one), ("json", &two), ("ndjson", &one), ("ndjson", &two)] {
        let mut bytes = Vec::new();
        let format = FORMATS.iter().find(|known| known.name == format).unwrap();
        (format.scan)(reports, Look::default(), &mut bytes).unwrap();
        let back = read(&bytes).unwrap();
        assert_eq!(back.len(), reports.len());
        assert_eq!(back[0].findings, reports[0].findings);
        assert_eq!(back[0].gaps, reports[0].gaps);
    }
}

#[test]
fn what_is_no_report_is_refused_with_a_way_out() {
    for (text, expected) in [
        ("", "empty"),
        (" \n", "empty"),
        ("hello", "debar scan -o json=FILE"),
        ("{}", "no `schema_version`"),
        (r#"{"schema_version": "1.0"}"#, "no report of a scan"),
        (r#"{"schema_version": "1.0", "artifacts": []}"#, "an inventory"),
        (r#"{"schema_version": "1.0", "reports": []}"#, "no report"),
        (r#"{"schema_version": "3.0", "findings": []}"#, "use a newer debar"),
        (r#"{"schema_version": "0.9", "findings": []}"#, "scan again"),
        (r#"{"schema_version": "x", "findings": []}"#, "is no version"),
        (r#"{"schema_version": "1.0", "findings": [}"#, "line 1, column 40"),
        (
            r#"{"type": "gap", "kind": "denied", "collector": "c", "place": "p", "detail": "d"}"#,
            "`summary` line is missing",
        ),
        (r#"{"type": "artifact"}"#, "an inventory"),
    ] {
        assert!(message(text).contains(expected), "{text}: {}", message(text));
    }
    assert!(message(&REPORT[..REPORT.len() / 2]).contains("not whole"));
    let newer = REPORT.replace("\"1.0\"", "\"2.99\"").replace("\"denied\"", "\"invented_later\"");
    assert!(message(&newer).contains("newer debar"), "{}", message(&newer));
    let more = REPORT.replace("\"as_of\"", "\"invented_later\": 1, \"as_of\"");
    assert!(read(more.as_bytes()).is_ok());
}

#[test]
fn a_report_cleaner_than_its_content_is_refused() {
    for verdict in ["not_found", "incomplete"] {
        let changed = REPORT.replace("\"verdict\": \"found\"", &format!("\"verdict\": \"{verdict}\""));
        assert!(message(&changed).contains("contradicts itself"));
    }
}

#[test]
fn lost_lines_are_noticed() {
    let mut bytes = Vec::new();
    let reports = read(REPORT.as_bytes()).unwrap();
    let format = FORMATS.iter().find(|known| known.name == "ndjson").unwrap();
    (format.scan)(&reports, Look::default(), &mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    let without: String =
        text.lines().filter(|line| !line.contains("\"gap\"")).flat_map(|line| [line, "\n"]).collect();
    assert!(message(&without).contains("lines are missing"));
}

#[test]
fn nesting_is_bounded() {
    let deep = format!("{{\"schema_version\": \"1.1\", \"findings\": {}", "[".repeat(1_000_000));
    assert!(read(deep.as_bytes()).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn damage_never_panics(at in 0..REPORT.len(), byte: u8, cut in 0..REPORT.len()) {
        let mut bytes = REPORT.as_bytes().to_vec();
        bytes[at] = byte;
        let _ = read(&bytes);
        let _ = read(&bytes[..cut]);
    }
}
