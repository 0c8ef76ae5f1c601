//! Reports that tests make up, and the plans that the built binary makes of them.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

use super::debar;

/// The shells of this machine, as [`shell`] takes them.
pub fn shells() -> Vec<&'static str> {
    let there = |name: &&str| shell(name).args(["-c", ":"]).status().is_ok_and(|status| status.success());
    let shells: Vec<&str> = ["sh", "dash", "bash", "busybox sh"].into_iter().filter(there).collect();
    assert!(!shells.is_empty());
    shells
}

/// A call of a shell: its program and, of BusyBox, the word behind it.
pub fn shell(name: &str) -> Command {
    let mut words = name.split(' ');
    let mut command = Command::new(words.next().unwrap_or_default());
    command.args(words);
    command
}

/// Signatures of a vendor that the tests make up.
pub const SIGNATURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/plan/v.json");

pub fn evidence(collector: &str, fields: Value, path: &str) -> Value {
    json!({"collector": collector, "indicators": ["i"], "matched": "m", "strength": "conclusive", "state": "installed",
        "fields": fields, "location": {"path": path}})
}

pub fn finding(id: &str, name: &str, evidence: Vec<Value>) -> Value {
    json!({"id": id, "product": {"id": id, "vendor": "V", "name": name}, "status": "banned", "state": "installed",
        "in_force": true, "rules": [], "removal": [], "evidence": evidence})
}

pub fn report(host: &str, os: &str, findings: Vec<Value>) -> String {
    json!({"schema_version": "1.1", "verdict": "found", "target": {"kind": "host", "name": "this host", "host": host,
        "os": {"family": os}}, "as_of": "2026-11-24", "findings": findings, "gaps": [], "coverage": [], "skipped": [],
        "versions": {"debar": "0.1.0", "account": "root", "elevated": true}, "started": "2026-11-24T00:00:00Z",
        "finished": "2026-11-24T00:00:01Z", "duration_ms": 1})
    .to_string()
}

/// A plan of a report in a format.
pub fn plan(report: &str, format: &str) -> String {
    let output = planned(report, format);
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    String::from_utf8(output.stdout).unwrap()
}

/// What `debar plan` says of a report, whatever it is.
pub fn planned(report: &str, format: &str) -> Output {
    let mut command = debar();
    let mut child = command
        .args(["plan", "-", "--signatures", SIGNATURES, "-o", format])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(report.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// A package of dpkg by this vendor.
pub fn deb(name: &str) -> Value {
    let fields = json!({"name": name, "version": "1", "arch": "amd64", "maintainer": "Vendor Ltd"});
    evidence("deb_packages", fields, "/s")
}

pub fn steps(report: &str) -> Vec<(String, String, String)> {
    let plan: Value = serde_json::from_str(&plan(report, "json")).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let steps = plan["hosts"][0]["steps"].as_array().unwrap();
    steps
        .iter()
        .map(|step| (text(&step["phase"]), text(&step["action"]["kind"]), text(&step["product"])))
        .collect()
}
