//! Why a host of a fleet stands as it does, and what can be stated of all.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::fs;

use crate::support::fleet::{Fleet, report};
use serde_json::{Value, json};

#[test]
fn each_host_says_why_it_stands_so_and_what_to_do() {
    let fleet = Fleet::new();
    fleet.put("found.json", &report(&fleet.found, "pc-1", 0));
    fleet.put("blind.json", &report(&fleet.incomplete(), "pc-2", 0));
    fleet.put("clean.json", &report(&fleet.clean, "pc-3", 0));
    fleet.put("silent.json", &report(&fleet.clean, "pc-4", 40));
    fs::write(fleet.path("assets.csv"), "host\npc-1\npc-2\npc-3\npc-4\npc-5\n").unwrap();
    assert_eq!(fleet.run(&["ingest", "in"]).0, 0);
    let why = |more: &[&str]| -> Vec<(String, String, String)> {
        let rows = fleet.json(&[&["hosts", "--why", "--assets", "assets.csv"], more].concat());
        let text = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
        rows.as_array()
            .unwrap()
            .iter()
            .map(|row| (text(row, "host"), text(row, "why"), text(row, "cure")))
            .collect()
    };
    let [(host, reason, cure)] = why(&["incomplete"]).try_into().unwrap();
    assert_eq!(
        (host.as_str(), reason.as_str()),
        ("pc-2", "not read (denied): The operating system refused access.")
    );
    assert!(cure.starts_with("Run debar as root"), "{cure}");
    let [(host, reason, cure)] = why(&["PC-1"]).try_into().unwrap();
    assert!(
        host == "pc-1" && reason.starts_with("kaspersky/endpoint-security-linux installed: first seen "),
        "{reason}"
    );
    assert_eq!(cure, "remove what was found");
    let all = why(&[]);
    let hosts: Vec<&str> = all.iter().map(|(host, ..)| host.as_str()).collect();
    assert_eq!(hosts, ["pc-1", "pc-5", "pc-4", "pc-2"], "a clean host needs no reason");
    let (code, _, err) = fleet.run(&["hosts", "pc-9"]);
    assert!(code == 2 && err.contains("there is no host `pc-9`"), "{err}");
    let commands = fleet.column(&["worklist", "--assets", "assets.csv"], "command");
    assert!(commands.iter().all(|(_, command)| command.contains("debar ")), "{commands:?}");
    assert_eq!(commands.len(), 4);
}

#[test]
fn a_statement_says_who_was_asked_who_answered_and_what_was_not_read() {
    let fleet = Fleet::new();
    fleet.put("found.json", &report(&fleet.found, "pc-1", 0));
    fleet.put("blind.json", &report(&fleet.incomplete(), "pc-`2`", 0));
    fleet.put("silent.json", &report(&fleet.clean, "pc-4", 40));
    fs::write(fleet.path("assets.csv"), "host\npc-1\npc-`2`\npc-4\npc-5\n").unwrap();
    assert_eq!(fleet.run(&["ingest", "in"]).0, 0);
    let statement = fleet.json(&["attest", "--assets", "assets.csv"]);
    assert_eq!((&statement["asked"], &statement["answered"]), (&json!(4), &json!(3)));
    assert_eq!(statement["never_reported"], json!(["pc-5"]));
    assert_eq!(statement["silent"][0]["host"], "pc-4");
    assert_eq!(statement["found"][0]["hosts"][0]["host"], "pc-1");
    assert_eq!(statement["not_read"][0]["hosts"], json!(["pc-`2`"]));
    assert_eq!(statement["unauthenticated"], 3);
    let (code, out, err) = fleet.run(&["attest", "--assets", "assets.csv"]);
    assert_eq!(code, 0, "{err}");
    for part in ["1 of 4 hosts has software of", "`pc-5`: never reported", "`pc-'2'`", "## What was not read"]
    {
        assert!(out.contains(part), "{part}: {out}");
    }
    // On a day before every report nothing had answered.
    let before = fleet.json(&["attest", "--assets", "assets.csv", "--as-of", "2020-01-01"]);
    assert_eq!((&before["asked"], &before["answered"], &before["found"]), (&json!(4), &json!(0), &json!([])));
    let (code, _, err) = fleet.run(&["attest", "--key", "none"]);
    assert!(code == 2 && err.contains("-o markdown=FILE"), "{err}");
}
