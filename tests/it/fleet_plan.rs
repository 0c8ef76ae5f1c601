//! `debar fleet plan`: which report of a host decides, what is not believed, and where hostile names of hosts may lead.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::{debar, run};
use serde_json::{Value, json};

const SIGNATURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/plan/v.json");

struct Reports {
    folder: tempfile::TempDir,
}

impl Reports {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("in")).unwrap();
        Reports { folder }
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn put(&self, name: &str, report: &Value) -> &Self {
        fs::write(self.at("in").join(name), report.to_string()).unwrap();
        self
    }

    /// Runs it into a folder.
    fn plan(&self, into: &str, more: &[&str]) -> (i32, String, String) {
        let mut command = debar();
        command.current_dir(self.folder.path()).args(["fleet", "plan", "in", "--into", into]).args(more);
        run(&mut command)
    }

    /// The files below a folder, by their path in it.
    fn files(&self, into: &str) -> Vec<String> {
        fn below(folder: &Path, top: &Path, files: &mut Vec<String>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    below(&path, top, files);
                } else {
                    files.push(path.strip_prefix(top).unwrap().to_str().unwrap().replace('\\', "/"));
                }
            }
        }
        let mut files = Vec::new();
        below(&self.at(into), &self.at(into), &mut files);
        files.sort();
        files
    }
}

fn evidence(collector: &str, fields: Value, location: Value) -> Value {
    json!({"collector": collector, "indicators": ["i"], "matched": "m", "strength": "conclusive", "state": "installed",
        "fields": fields, "location": location})
}

fn deb(name: &str) -> Value {
    let fields = json!({"name": name, "version": "1", "arch": "amd64", "maintainer": "Vendor Ltd"});
    evidence("deb_packages", fields, json!({"path": "/s"}))
}

fn folder(path: &str) -> Value {
    evidence("program_folders", json!({}), json!({ "path": path }))
}

/// A report of a host in a minute of one day.
fn report(host: &str, os: &str, minute: u32, evidence: Vec<Value>) -> Value {
    let findings = match evidence.len() {
        0 => json!([]),
        _ => json!([{"id": "v/p", "product": {"id": "v/p", "vendor": "V", "name": "P"}, "status": "banned",
            "state": "installed", "in_force": true, "rules": [], "removal": [], "evidence": evidence}]),
    };
    let verdict = if findings == json!([]) { "not_found" } else { "found" };
    json!({"schema_version": "2.0", "verdict": verdict, "target": {"kind": "host", "name": "this host", "host": host,
        "machine_id": format!("id of {host}"), "os": {"family": os}}, "as_of": "2026-11-24", "findings": findings, "gaps": [],
        "coverage": [], "skipped": [], "versions": {"debar": "0.1.0", "account": "root", "elevated": true},
        "started": "2026-11-24T00:00:00Z", "finished": format!("2026-11-24T00:{minute:02}:01Z"), "duration_ms": 1})
}

#[test]
fn each_tool_gets_the_files_that_it_takes() {
    let reports = Reports::new();
    reports.put("a.json", &report("ws-1", "linux", 0, vec![deb("p")]));
    let key = json!({"registry_key": "HKLM\\SOFTWARE\\Uninstall\\P"});
    let program =
        json!({"name": "P", "publisher": "Vendor Ltd", "quiet_uninstall_string": "\"C:\\v\\un.exe\" /S"});
    for host in ["WIN-1", "WIN-2"] {
        let found = vec![evidence("programs", program.clone(), key.clone())];
        reports.put(&format!("{host}.json"), &report(host, "windows", 0, found));
    }
    reports.put("clean.json", &report("ws-2", "linux", 0, Vec::new()));
    let (code, out, err) = reports.plan("out", &["--signatures", SIGNATURES]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("3 plans written to out; 1 host has nothing to remove"), "{out}");
    let expected = [
        "ansible/hosts/WIN-1.yml",
        "ansible/hosts/WIN-2.yml",
        "ansible/hosts/ws-1.yml",
        "ansible/site.yml",
        "configmgr/001/devices.csv",
        "configmgr/001/plan.ps1",
        "hosts.csv",
        "hosts/WIN-1/plan.json",
        "hosts/WIN-1/plan.md",
        "hosts/WIN-1/plan.ps1",
        "hosts/WIN-2/plan.json",
        "hosts/WIN-2/plan.md",
        "hosts/WIN-2/plan.ps1",
        "hosts/ws-1/plan.json",
        "hosts/ws-1/plan.md",
        "hosts/ws-1/plan.sh",
        "intune/001/detect.ps1",
        "intune/001/devices.csv",
        "intune/001/remediate.ps1",
    ];
    assert_eq!(reports.files("out"), expected);
    let read = |name: &str| fs::read_to_string(reports.at("out").join(name)).unwrap();
    assert_eq!(read("intune/001/devices.csv").replace('\r', ""), "device\nWIN-1\nWIN-2\n");
    let detect = read("intune/001/detect.ps1");
    assert!(detect.contains("Test-HostName 'WIN-1'") && detect.contains("Test-HostName 'WIN-2'"));
    assert!(read("hosts.csv").contains("WIN-1,windows,"), "{}", read("hosts.csv"));
    // A plan of another day does not mix with these.
    let (code, _, err) = reports.plan("out", &["--signatures", SIGNATURES]);
    assert!(code == 2 && err.contains("not empty"), "{code} {err}");
}

#[test]
fn the_newest_report_decides_and_one_that_read_less_does_not() {
    let reports = Reports::new();
    let mut blind = report("blind", "linux", 2, Vec::new());
    blind["gaps"] = json!([{"kind": "denied", "collector": "deb_packages", "place": "/var", "detail": "no"}]);
    blind["verdict"] = json!("incomplete");
    reports
        .put("1.json", &report("gone", "linux", 0, vec![deb("p")]))
        .put("2.json", &report("gone", "linux", 1, Vec::new()))
        .put("3.json", &report("back", "linux", 3, vec![deb("new")]))
        .put("4.json", &report("back", "linux", 1, vec![deb("old")]))
        .put("5.json", &report("back", "linux", 2, Vec::new()))
        .put("6.json", &report("blind", "linux", 1, vec![deb("p")]))
        .put("7.json", &blind);
    let (code, out, err) = reports.plan("out", &["--signatures", SIGNATURES]);
    assert_eq!(code, 0, "{out}{err}");
    let hosts: Vec<String> =
        reports.files("out").into_iter().filter(|file| file.ends_with("plan.sh")).collect();
    assert_eq!(hosts, ["hosts/back/plan.sh", "hosts/blind/plan.sh"]);
    let script = fs::read_to_string(reports.at("out/hosts/back/plan.sh")).unwrap();
    assert!(script.contains("deb 'new'") && !script.contains("deb 'old'"));
}

#[test]
fn what_is_not_loaded_or_forged_is_refused_by_name() {
    let reports = Reports::new();
    reports.put("a.json", &report("ws-1", "linux", 0, vec![deb("p"), folder("/var/lib/postgresql")]));
    let (code, _, err) = reports.plan("without", &[]);
    assert!(code == 3 && err.contains("v/p") && err.contains("--signatures"), "{code} {err}");
    let json = fs::read_to_string(reports.at("without/hosts/ws-1/plan.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap()["hosts"][0]["steps"], json!([]));
    let (code, _, err) = reports.plan("with", &["--signatures", SIGNATURES]);
    assert!(code == 3 && err.contains("/var/lib/postgresql"), "{code} {err}");
    let script = fs::read_to_string(reports.at("with/hosts/ws-1/plan.sh")).unwrap();
    assert!(script.contains("deb 'p'") && !script.contains("folder '/var/lib/postgresql"));
    // Nothing to plan from is no empty plan.
    fs::remove_file(reports.at("in/a.json")).unwrap();
    let (code, _, err) = reports.plan("none", &[]);
    assert!(code == 3 && err.contains("no report") && !reports.at("none").exists(), "{code} {err}");
}

#[test]
fn names_of_hosts_lead_nowhere_else() {
    let reports = Reports::new();
    let hostile = [
        "../../escaped",
        "/etc/cron.d/x",
        "..",
        "CON",
        "a/b",
        "all",
        "*",
        "localhost",
        "web:db",
        "{{ lookup('pipe','x') }}",
        "=1+1",
        "-rf",
        "x\ny",
        "ws-1",
        "WS-1",
        "C:\\Windows\\x",
        "'; touch CANARY; '",
        "##vso[task.complete]x",
        "::error::x",
    ];
    for (at, host) in hostile.iter().enumerate() {
        reports.put(&format!("{at}.json"), &report(host, "linux", 0, vec![deb("p")]));
    }
    let (code, out, err) = reports.plan("out", &["--signatures", SIGNATURES]);
    assert_eq!(code, 0, "{out}{err}");
    let mut names: Vec<_> =
        fs::read_dir(reports.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["in", "out"]);
    let files = reports.files("out");
    // ws-1 and WS-1 are one machine.
    assert_eq!(files.iter().filter(|file| file.ends_with("plan.sh")).count(), hostile.len() - 1, "{files:?}");
    // Only a name that is one host's is a pattern of hosts.
    let books: Vec<&String> =
        files.iter().filter(|file| file.ends_with(".yml") && !file.ends_with("site.yml")).collect();
    assert_eq!(books.len(), 2, "{books:?}");
    for host in ["all", "localhost", "web:db"] {
        assert!(err.contains(&format!("{host} has no playbook")), "{err}");
    }
    let site = fs::read_to_string(reports.at("out/ansible/site.yml")).unwrap();
    assert_eq!(site.matches("import_playbook").count(), 2, "{site}");
    let table = fs::read_to_string(reports.at("out/hosts.csv")).unwrap();
    assert!(!table.lines().any(|line| line.starts_with('=') || line.starts_with("\"=")), "{table}");
    for file in files.iter().filter(|file| !file.ends_with(".json")) {
        let text = fs::read_to_string(reports.at("out").join(file)).unwrap();
        assert!(
            !text.contains("##vso[") && !text.lines().any(|line| line.trim_start().starts_with("::error")),
            "{file}"
        );
    }
}
