//! Statements for auditors on the built binary: what they say, and that a signature holds only for what was signed.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
#![cfg(unix)]

use std::fs;
use std::process::Command;

use crate::support::{Root, debar, run};
use serde_json::Value;
use sha2::{Digest, Sha256};

struct Office {
    files: Root,
    report: String,
}

/// A report of a Debian with a banned product.
fn office() -> Office {
    let (root, files) = (Root::debian(&[("kesl", "12.1.0-1274")]), Root::empty());
    let report = files.at("report.json").to_str().unwrap().to_owned();
    let mut scan = debar();
    scan.args(["scan", "--as-of", "2026-11-24", "-q", "-o"]).arg(format!("json={report}")).arg(root.path());
    assert_eq!(run(&mut scan).0, 1);
    // A pair of keys, made now.
    let pair = minisign::KeyPair::generate_unencrypted_keypair().unwrap();
    files.file("key.pub", pair.pk.to_box().unwrap().into_string());
    files.file("key", pair.sk.to_box(None).unwrap().into_string());
    Office { files, report }
}

impl Office {
    fn at(&self, name: &str) -> String {
        self.files.at(name).to_str().unwrap().to_owned()
    }

    fn attest(&self, arguments: &[&str]) -> (i32, String, String) {
        run(debar().arg("attest").arg(&self.report).args(arguments))
    }

    fn statement(&self, arguments: &[&str]) -> Value {
        let (code, out, err) = self.attest(&[&["-o", "intoto"], arguments].concat());
        assert_eq!((code, err.as_str()), (0, ""));
        serde_json::from_str(&out).unwrap()
    }
}

#[test]
fn the_statement_says_what_was_read_and_what_it_came_to() {
    let office = office();
    let statement = office.statement(&["--identified", "2026-11-24"]);
    assert_eq!(statement["_type"], "https://in-toto.io/Statement/v1");
    let digest: String =
        Sha256::digest(fs::read(&office.report).unwrap()).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(statement["subject"][0]["digest"]["sha256"], digest.as_str());
    let scan = &statement["predicate"]["scans"][0];
    assert_eq!((&scan["verdict"], &scan["host"]), (&"found".into(), &"workstation-7".into()));
    assert!(scan["read"].as_array().unwrap().iter().any(|source| source["collector"] == "deb_packages"));
    let due = |what: &str| {
        let deadlines = scan["deadlines"].as_array().unwrap();
        deadlines.iter().find(|one| one["what"] == what).unwrap()["due"].clone()
    };
    assert_eq!(
        due("first report to the contracting officer"),
        "2026-11-30",
        "over Thanksgiving and a weekend"
    );
    assert_eq!(due("follow-up report"), "2026-12-14");
    let schema = crate::support::generated_files()
        .into_iter()
        .find(|(path, _)| path.ends_with("attestation.schema.json"));
    assert!(jsonschema::is_valid(&serde_json::from_str(&schema.unwrap().1).unwrap(), &statement));
    let (_, page, _) = office.attest(&[]);
    assert!(page.contains("**Found**") && page.contains(&digest), "{page}");
    let (_, html, _) = office.attest(&["-o", "html", "--identified", "2026-11-24"]);
    for said in
        ["<b class=\"verdict\">Found</b>", &digest, "2026-11-30", "workstation-7", "<h3>Not read</h3>"]
    {
        assert!(html.contains(said), "{said}: {html}");
    }
}

#[test]
fn the_three_words_of_the_verdict() {
    let office = office();
    let report = fs::read_to_string(&office.report).unwrap();
    let mut value: Value = serde_json::from_str(&report).unwrap();
    value["findings"] = Value::Array(Vec::new());
    value["gaps"] = Value::Array(Vec::new());
    value["verdict"] = "not_found".into();
    let verdict = |value: &Value| {
        fs::write(&office.report, value.to_string()).unwrap();
        office.statement(&[])["predicate"]["scans"][0]["verdict"].as_str().unwrap().to_owned()
    };
    assert_eq!(verdict(&value), "not found in what was read");
    let mut limited = value.clone();
    limited["gaps"] = serde_json::json!([{"kind": "hidden_executable", "grade": "limited", "collector": "processes",
        "place": "process 1", "detail": "x"}]);
    assert_eq!(verdict(&limited), "nothing found; 1 detail not checked");
    // The kind decides, whatever grade the file gives: a blind gap makes the report contradict itself.
    limited["gaps"][0]["kind"] = "denied".into();
    fs::write(&office.report, limited.to_string()).unwrap();
    assert_eq!(office.attest(&[]).0, 2);
    value["coverage"] = Value::Array(Vec::new());
    assert_eq!(verdict(&value), "could not examine", "nothing was read");
    value["verdict"] = "incomplete".into();
    assert_eq!(verdict(&value), "could not examine");
}

#[test]
fn a_signature_holds_for_the_statement_and_the_report_only() {
    let office = office();
    let (statement, key, public) = (office.at("statement.json"), office.at("key"), office.at("key.pub"));
    let (code, _, err) = office.attest(&["-o", &format!("intoto={statement}"), "--key", &key]);
    assert_eq!((code, err.as_str()), (0, ""));
    let check = || office.attest(&["--verify", &statement, "--public-key", &public]);
    let (code, out, err) = check();
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("the statement holds"), "{out}");

    let text = fs::read_to_string(&statement).unwrap();
    fs::write(&statement, text.replace("\"found\"", "\"not found in what was read\"")).unwrap();
    let (code, _, err) = check();
    assert_eq!(code, 2);
    assert!(err.contains("the file was changed"), "{err}");
    fs::write(&statement, &text).unwrap();

    let report = fs::read_to_string(&office.report).unwrap();
    fs::write(&office.report, format!("{report}\n")).unwrap();
    let (code, _, err) = check();
    assert_eq!(code, 2);
    assert!(err.contains("it is about another report"), "{err}");
    fs::write(&office.report, report).unwrap();

    let other = minisign::KeyPair::generate_unencrypted_keypair().unwrap();
    office.files.file("key.pub", other.pk.to_box().unwrap().into_string());
    let (code, _, err) = check();
    assert_eq!(code, 2);
    assert!(err.contains("not among the trusted keys"), "{err}");
}

/// Where minisign itself is installed, it agrees.
#[test]
fn minisign_verifies_it_too() {
    let office = office();
    let statement = office.at("statement.json");
    let (code, _, err) = office.attest(&["-o", &format!("intoto={statement}"), "--key", &office.at("key")]);
    assert_eq!((code, err.as_str()), (0, ""));
    match Command::new("minisign").args(["-V", "-q", "-p", &office.at("key.pub"), "-m", &statement]).status()
    {
        Ok(status) => assert!(status.success()),
        Err(_) => assert!(std::env::var_os("DEBAR_TEST_ALL").is_none(), "minisign is missing: install it"),
    }
}
