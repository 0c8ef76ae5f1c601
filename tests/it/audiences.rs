//! Who asks decides which rules count, and which vendors are looked for; and whoever removes an antivirus hears whether
//! another one is there.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use crate::support::{Root, debar, run};
use serde_json::Value;

/// The exit code and the report of a scan.
fn scan(root: &Root, more: &[&str]) -> (i32, Value) {
    let (code, out, errors) = run(debar()
        .args(["scan", "--no-progress", "--as-of", "2026-11-25", "-o", "json"])
        .args(more)
        .arg(root.path()));
    (code, serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {errors}")))
}

fn finding<'r>(report: &'r Value, id: &str) -> Option<&'r Value> {
    report["findings"].as_array().unwrap().iter().find(|finding| finding["product"]["id"] == id)
}

fn rules(finding: &Value) -> Vec<&str> {
    finding["rules"].as_array().unwrap().iter().map(|rule| rule["id"].as_str().unwrap()).collect()
}

#[test]
fn an_audience_hears_of_its_rules_alone() {
    let root = Root::debian(&[("kesl", "12.1.0-1508")]);
    let of = |audience: &str| {
        let (code, report) = scan(&root, &["--audience", audience]);
        let found = finding(&report, "kaspersky/endpoint-security-linux").unwrap().clone();
        (
            code,
            rules(&found).into_iter().map(str::to_owned).collect::<Vec<String>>(),
            found["in_force"] == true,
        )
    };
    let (_, private, _) = of("private");
    assert!(private.contains(&"us-doc-icts-kaspersky-2024".to_owned()), "{private:?}");
    assert!(!private.contains(&"us-dhs-bod-17-01".to_owned()), "{private:?}");
    let (code, agency, in_force) = of("federal-agency");
    assert!(agency.contains(&"us-dhs-bod-17-01".to_owned()) && code == 1 && in_force, "{agency:?}");
    assert!(agency.iter().all(|rule| !rule.starts_with("us-tx")), "{agency:?}");
    let (_, texas, _) = of("state:TX");
    assert_eq!(texas, ["us-tx-prohibited-tech"]);
    let (_, germany, _) = of("country:DE");
    assert_eq!(germany, ["de-bsi-2022-03-15"]);
    let (code, _, errors) = run(debar().args(["scan", "--audience", "state:Texas"]).arg(root.path()));
    assert!(code == 2 && errors.contains("no code of two letters"), "{errors}");
}

#[test]
fn other_vendors_are_looked_for_when_a_chosen_rule_names_them() {
    let root = Root::debian(&[("hello", "2.10")]);
    root.file(
        "usr/lib/python3/dist-packages/langchain_deepseek-0.1.2.dist-info/METADATA",
        "Metadata-Version: 2.1\nName: langchain-deepseek\nVersion: 0.1.2\n\n",
    );
    let is_found = |more: &[&str]| finding(&scan(&root, more).1, "deepseek/deepseek").is_some();
    assert!(!is_found(&[]), "nobody asked for it");
    assert!(!is_found(&["--audience", "private"]), "no rule for private persons names it");
    assert!(!is_found(&["--rules", "us-dhs-bod-17-01"]), "that rule names another vendor");
    assert!(is_found(&["--audience", "state:TX"]));
    assert!(is_found(&["--audience", "private", "--audience", "country:TW"]));
    assert!(is_found(&["--rules", "us-tx-prohibited-tech"]));
    let (code, report) = scan(&root, &["--rules", "us-tx-prohibited-tech"]);
    assert_eq!(
        (code, rules(finding(&report, "deepseek/deepseek").unwrap())),
        (1, vec!["us-tx-prohibited-tech"])
    );
    let (code, out, _) = run(debar().args(["signatures", "list"]));
    assert!(code == 0 && out.contains("deepseek/deepseek"), "the list shows what could be asked for: {out}");
}

#[test]
fn the_only_antivirus_is_said_to_be_it() {
    let warned = |packages: &[(&str, &str)]| {
        let (_, report) = scan(&Root::debian(packages), &[]);
        let found = finding(&report, "kaspersky/endpoint-security-linux").unwrap().clone();
        (
            found["warnings"].to_string().contains("the only antivirus"),
            finding(&report, "protection/clamav").is_some(),
        )
    };
    assert_eq!(warned(&[("kesl", "12.1")]), (true, false));
    assert_eq!(
        warned(&[("kesl", "12.1"), ("clamav-daemon", "1.0.7")]),
        (false, true),
        "the other one is told"
    );
    // Where there is nothing to remove, the other ones are nobody's finding.
    let (_, report) = scan(&Root::debian(&[("clamav-daemon", "1.0.7")]), &[]);
    assert_eq!(report["findings"].as_array().unwrap().len(), 0);
}
