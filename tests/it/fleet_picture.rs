//! What `debar fleet` shows of trust, deadlines, old signatures and clones, on the built binary.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::fs;

use crate::support::fleet::report;
use crate::support::{Root, debar, run, scan};
use minisign::KeyPair;
use serde_json::{Value, json};

/// A folder with reports, and what `debar fleet` says in it.
struct Fleet(tempfile::TempDir);

impl Fleet {
    fn of(reports: &[(&str, &Value)]) -> Fleet {
        let fleet = Fleet(tempfile::tempdir().unwrap());
        fs::create_dir(fleet.0.path().join("in")).unwrap();
        for (name, report) in reports {
            fs::write(fleet.0.path().join("in").join(name), report.to_string()).unwrap();
        }
        fleet
    }

    fn run(&self, line: &str) -> (i32, String, String) {
        run(debar().current_dir(self.0.path()).arg("fleet").args(line.split(' ')))
    }

    fn rows(&self, line: &str) -> Vec<Value> {
        let (code, out, err) = self.run(&format!("{line} -o json"));
        assert_eq!(code, 0, "{err}");
        serde_json::from_str::<Value>(&out).unwrap().as_array().unwrap().clone()
    }
}

#[test]
fn signed_reports_are_marked_and_changed_ones_refused() {
    let clean = scan(&Root::debian(&[]), &[]).1;
    let found = scan(&Root::debian(&[("kesl", "12.1.0")]), &[]).1;
    let [good, plain, other] = ["good", "plain", "changed"].map(|host| report(&found, host, 2));
    let fleet = Fleet::of(&[("good.json", &good), ("plain.json", &plain), ("changed.json", &other)]);
    let at = |name: &str| fleet.0.path().join(name);
    let pair = KeyPair::generate_unencrypted_keypair().unwrap();
    fs::write(at("key"), pair.sk.to_box(None).unwrap().into_string()).unwrap();
    fs::write(at("key.pub"), pair.pk.to_box().unwrap().into_string()).unwrap();
    for name in ["in/good.json", "in/changed.json"] {
        let (code, _, err) = run(debar().args(["signatures", "sign", "--key"]).arg(at("key")).arg(at(name)));
        assert_eq!(code, 0, "{err}");
    }
    fs::write(at("in/changed.json"), report(&clean, "changed", 2).to_string()).unwrap();
    let (code, out, err) = fleet.run("ingest in --trusted-key key.pub");
    assert_eq!((code, out.as_str()), (3, "2 reports taken, 1 not taken\n"), "{err}");
    assert!(err.contains("changed.json was not taken") && err.contains("the file was changed"), "{err}");
    let trust: Vec<Value> = fleet.rows("hosts").iter().map(|row| row["trust"].clone()).collect();
    assert_eq!(trust, ["signed", "unauthenticated"]);
    // Without a signature, a clean report clears nothing of a host that signs; with one it does.
    fs::write(at("in/later.json"), report(&clean, "good", 1).to_string()).unwrap();
    assert_eq!(fleet.run("ingest in/later.json --trusted-key key.pub").0, 0);
    let good = |fleet: &Fleet| fleet.rows("hosts good")[0].clone();
    assert!(
        good(&fleet)["standing"] == "found" && good(&fleet)["notes"].as_str().unwrap().contains("signature")
    );
    fs::write(at("in/last.json"), report(&clean, "good", 0).to_string()).unwrap();
    run(debar().args(["signatures", "sign", "--key"]).arg(at("key")).arg(at("in/last.json")));
    assert_eq!(fleet.run("ingest in/last.json --trusted-key key.pub").0, 0);
    assert_eq!(good(&fleet)["standing"], "clean");
    // Without a key, signatures are neither read nor named.
    let (code, out, err) = fleet.run("ingest in --store other.db");
    assert_eq!((code, out.as_str(), err.as_str()), (0, "5 reports taken\n", ""));
}

#[test]
fn what_must_be_reported_counts_from_the_first_report_of_a_finding() {
    let root = Root::debian(&[("kesl", "12.1.0")]);
    let found = scan(&root, &["--audience", "federal-contractor"]).1;
    assert!(found["duties"].as_array().is_some_and(|duties| !duties.is_empty()));
    let [first, again] = [30, 0].map(|days_ago| report(&found, "contractor", days_ago));
    let fleet = Fleet::of(&[("a.json", &first), ("b.json", &again)]);
    assert_eq!(fleet.run("ingest in").0, 0);
    let due = fleet.rows("worklist")[0]["due"].as_str().unwrap().to_owned();
    let today = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    assert!(due.starts_with("20") && due.get(..10).unwrap() < today.as_str(), "{due}");
    let (_, status, _) = fleet.run("status");
    assert!(status.contains("To report: findings on 1 host, 1 overdue"), "{status}");
    let (_, why, _) = fleet.run("hosts --why -w");
    assert!(why.contains(&format!("due by {}", due.get(..10).unwrap())), "{why}");
}

#[test]
fn the_status_is_short_and_says_what_is_next() {
    let clean = scan(&Root::debian(&[]), &[]).1;
    let found = scan(&Root::debian(&[("kesl", "12.1.0")]), &[]).1;
    let reports = [report(&found, "bad", 0), report(&clean, "good", 0), report(&clean, "silent", 30)];
    let fleet = Fleet::of(&[("a.json", &reports[0]), ("b.json", &reports[1]), ("c.json", &reports[2])]);
    fs::write(fleet.0.path().join("assets.csv"), "host\nbad\ngood\nsilent\nnever\n").unwrap();
    assert_eq!(fleet.run("ingest in").0, 0);
    let (code, out, err) = fleet.run("status --assets assets.csv");
    assert_eq!(code, 0, "{err}");
    for line in [
        ": 4 hosts (list: assets.csv)",
        "  Found                1   installed 1",
        "  Not reported         2   never 1, silent for over 7 days 1",
        "  Incomplete           0\n",
        "  Clean                1\n",
        "Most: Kaspersky Endpoint Security for Linux 1",
        "In the last 24 hours: 1 found, 0 gone, 0 came back",
        "Old signatures: 3 hosts, the oldest of 2025-01-01",
        "Next: debar fleet worklist",
    ] {
        assert!(out.contains(line), "{line}\n{out}");
    }
    assert!(out.lines().count() <= 12, "{out}");
    let (_, out, _) = fleet.run("status --signature-age 0");
    assert!(!out.contains("Old signatures"), "{out}");
}

#[test]
fn clones_with_one_name_that_only_their_network_cards_distinguish_are_two_hosts() {
    let clean = scan(&Root::debian(&[]), &[]).1;
    let found = scan(&Root::debian(&[("kesl", "12.1.0")]), &[]).1;
    let with = |of: &Value, days_ago: i64, cards: &[&str]| {
        let mut report = report(of, "golden", days_ago);
        report["target"]["hardware"] = json!(cards);
        report
    };
    let two =
        Fleet::of(&[("a.json", &with(&found, 2, &["mac:a"])), ("b.json", &with(&clean, 1, &["mac:b"]))]);
    assert_eq!(two.run("ingest in").0, 0);
    let standings = |fleet: &Fleet| -> Vec<String> {
        fleet.rows("hosts").iter().map(|row| row["standing"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(standings(&two), ["found", "clean"]);
    // A laptop in its dock and out of it is one.
    let one = Fleet::of(&[
        ("a.json", &with(&found, 3, &["mac:a"])),
        ("b.json", &with(&found, 2, &["mac:a", "mac:b"])),
        ("c.json", &with(&clean, 1, &["mac:b"])),
    ]);
    assert_eq!(one.run("ingest in").0, 0);
    assert_eq!(standings(&one), ["clean"]);
}
