//! Reports of a fleet that the built binary made, and what `debar fleet` says of them.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::{Root, debar, run, scan};

/// A folder of reports and a store.
pub struct Fleet {
    pub folder: tempfile::TempDir,
    pub clean: Value,
    pub found: Value,
}

pub const DAY: i64 = 86_400;

impl Fleet {
    pub fn new() -> Self {
        let clean = scan(&Root::debian(&[]), &[]).1;
        let found = scan(&Root::debian(&[("kesl", "12.1.0")]), &[]).1;
        assert_eq!((&clean["verdict"], &found["verdict"]), (&json!("not_found"), &json!("found")));
        Fleet { folder: tempfile::tempdir().unwrap(), clean, found }
    }

    pub fn incomplete(&self) -> Value {
        let mut report = self.clean.clone();
        report["gaps"] =
            json!([{"kind": "denied", "collector": "processes", "place": "/proc", "detail": "no"}]);
        report["verdict"] = json!("incomplete");
        report
    }

    pub fn put(&self, name: &str, report: &Value) -> &Self {
        fs::create_dir_all(self.path("in")).unwrap();
        fs::write(self.path("in").join(name), report.to_string()).unwrap();
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        // The reports are of signatures that are old on purpose.
        let mut command = debar();
        command.env("DEBAR_SIGNATURE_AGE", "0").current_dir(self.folder.path());
        run(command.arg("fleet").args(arguments))
    }

    pub fn json(&self, arguments: &[&str]) -> Value {
        let (code, out, err) = self.run(&[arguments, &["-o", "json"]].concat());
        assert_eq!(code, 0, "{err}");
        serde_json::from_str(&out).unwrap()
    }

    /// `column` of every row, by host.
    pub fn column(&self, arguments: &[&str], column: &str) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let rows = self.json(arguments);
        let mut rows: Vec<_> =
            rows.as_array().unwrap().iter().map(|row| (text(&row["host"]), text(&row[column]))).collect();
        rows.sort();
        rows
    }
}

/// A report of a host so many days ago.
pub fn report(of: &Value, host: &str, days_ago: i64) -> Value {
    let mut report = of.clone();
    // The first second of the day: whenever the test runs, days are days.
    let time = jiff::Timestamp::now().as_second().div_euclid(DAY) * DAY + 1 - days_ago * DAY;
    report["finished"] = json!(jiff::Timestamp::from_second(time).unwrap().to_string());
    report["target"]["kind"] = json!("host");
    report["target"]["host"] = json!(host);
    report["target"]["machine_id"] = json!(format!("id of {}", host.to_lowercase()));
    for file in report["versions"]["signatures"].as_array_mut().unwrap() {
        file["date"] = json!("2025-01-01");
    }
    report
}
