//! Who asks decides which rules count, and which vendors are looked for; and anyone who removes an antivirus hears whether
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
        "usr/lib/node_modules/@deepseek-ai/sdk/package.json",
        r#"{"name": "@deepseek-ai/sdk", "version": "0.1.2"}"#,
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
    assert!(
        is_found(&["--audience", "all"])
            && is_found(&["--rules", "all"])
            && is_found(&["--vendor", "deepseek"])
    );
    let (code, out, _) = run(debar().args(["signatures", "list"]));
    assert!(code == 0 && out.contains("deepseek/deepseek"), "the list shows what could be asked for: {out}");
}

#[test]
fn what_binds_others_is_listed_apart_and_changes_nothing() {
    let root = Root::debian(&[("hello", "2.10")]);
    root.file(
        "usr/lib/node_modules/@deepseek-ai/sdk/package.json",
        r#"{"name": "@deepseek-ai/sdk", "version": "0.1.2"}"#,
    );
    let listed = |report: &Value| -> Vec<(String, bool, String)> {
        let also_here = report["also_here"].as_array().unwrap().iter();
        also_here
            .map(|one| {
                let text = |value: &Value| value.as_str().unwrap().to_owned();
                (text(&one["id"]), one["binds"].as_bool().unwrap(), text(&one["status"]))
            })
            .collect()
    };
    let (code, report) = scan(&root, &[]);
    assert_eq!((code, report["verdict"].as_str()), (0, Some("not_found")));
    let expected = ("deepseek/deepseek".to_owned(), false, "banned".to_owned());
    assert_eq!(listed(&report), std::slice::from_ref(&expected));
    let (code, report) = scan(&root, &["--audience", "private", "--fail-on", "possible"]);
    assert_eq!((code, listed(&report)), (0, vec![expected]));
    let (code, report) = scan(&root, &["--audience", "state:TX"]);
    assert_eq!((code, listed(&report)), (1, vec![]));
    let (code, report) = scan(&root, &["--other-vendors=false"]);
    assert_eq!((code, listed(&report)), (0, vec![]));
    assert_eq!(report["checked"]["narrowed"], "--other-vendors=false");
    let text = |more: &[&str]| {
        let out = run(debar().args(["scan", "--no-progress"]).args(more).arg(root.path())).1;
        out.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let plain = text(&[]);
    assert!(plain.contains("Also here, restricted for some organisations: DeepSeek"), "{plain}");
    assert!(plain.contains(" Kaspersky products and ") && plain.contains(" further vendors in "), "{plain}");
    assert!(text(&["--vendor", "kaspersky"]).contains("narrowed by --vendor kaspersky"));
    // Formats for tools that act have no entry of it.
    for format in ["sarif", "junit", "csv", "github"] {
        let out = text(&["-o", format]);
        let entries = out.lines().filter(|line| {
            line.contains("deepseek/deepseek") && !line.contains("also_here") && !line.contains("Also here")
        });
        assert_eq!(entries.collect::<Vec<_>>(), [""; 0], "{format}");
    }
    let (code, _, errors) = run(debar().args(["scan", "--vendor", "kasperksy"]).arg(root.path()));
    assert!(code == 2 && errors.contains("did you mean `kaspersky`?"), "{errors}");
}

#[test]
fn an_antivirus_that_is_listed_apart_is_no_replacement() {
    let files = Root::empty();
    files.file(
        "house.json",
        r#"{"format": 1, "vendor": {"id": "house", "name": "House rules"}, "version": "1", "date": "2026-01-02",
          "on_request": true, "sources": {"policy": "the tests"}, "rules": ["us-tx-prohibited-tech"], "products": [
            {"id": "guard", "name": "Guard", "status": "banned", "antivirus": true, "platforms": ["linux"],
             "indicators": [{"id": "deb", "collectors": ["deb_packages"], "strength": "conclusive",
               "where": {"name": {"equals": "house-guard"}}, "source": "policy"}]}]}"#,
    );
    let house = files.at("house.json");
    let signatures = ["--signatures", house.to_str().unwrap()];
    let (_, report) = scan(&Root::debian(&[("kesl", "12.1.0-1508"), ("house-guard", "1")]), &signatures);
    let found = finding(&report, "kaspersky/endpoint-security-linux").unwrap();
    assert!(found["warnings"][0].as_str().unwrap().contains("only antivirus"), "{found:#}");
    assert_eq!(report["also_here"][0]["id"], "house/guard");
    let alone = Root::debian(&[("house-guard", "1")]);
    let (code, report) = scan(&alone, &signatures);
    assert_eq!((code, report["also_here"][0]["id"].as_str()), (0, Some("house/guard")));
    assert_eq!(report["findings"].as_array().unwrap().len(), 0);
    let (code, report) = scan(&alone, &[&signatures[..], &["--audience", "state:TX"]].concat());
    assert_eq!((code, report["findings"][0]["id"].as_str()), (1, Some("house/guard")));
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

#[test]
fn the_report_of_whom_a_duty_binds_gives_the_day() {
    let root = Root::debian(&[("kesl", "12.1.0-1508")]);
    let (_, contractor) = scan(&root, &["--audience", "federal-contractor"]);
    let duties = contractor["duties"].as_array().unwrap();
    let first = duties.iter().find(|duty| duty["rule"] == "us-far-52.204-23" && duty["days"] == 3).unwrap();
    // Three business days after a Wednesday, with Thanksgiving and a weekend between.
    assert_eq!(first["due"], "2026-12-01");
    let (_, all) = scan(&root, &[]);
    assert!(all.get("duties").is_none(), "nobody said whom the scan is for");
    let (_, out, _) = run(debar()
        .args(["scan", "--no-progress", "--as-of", "2026-11-25", "--audience", "federal-contractor"])
        .arg(root.path()));
    let out = out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(out.contains("first report to the contracting officer by 2026-12-01 (3 business days"), "{out}");
    let clean = Root::debian(&[("hello", "2.10")]);
    assert!(scan(&clean, &["--audience", "federal-contractor"]).1.get("duties").is_none());
}

#[test]
fn an_audience_hears_which_vendors_cannot_be_checked_for() {
    let root = Root::debian(&[("hello", "2.10")]);
    let (_, texas) = scan(&root, &["--audience", "state:TX"]);
    let names: Vec<&str> = texas["checked"]["not_checked"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| it["id"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["shein"]);
    assert!(scan(&root, &["--audience", "private"]).1["checked"].get("not_checked").is_none());
}
