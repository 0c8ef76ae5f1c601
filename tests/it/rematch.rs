//! Documents in place of targets: inventories that are matched again, and bills of materials.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::fs;
use std::io::Write;
use std::process::Stdio;

use crate::support::{Root, debar, findings, run};
use serde_json::Value;

/// The inventory of a root, and its report.
fn inventory(root: &Root, format: &str) -> std::path::PathBuf {
    let file = root.at(&format!("srv/inventory.{format}"));
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let output = format!("{format}={}", file.display());
    let (code, _, err) =
        run(debar().arg("inventory").arg(root.at("")).args(["-o", &output, "--exclude", "/srv"]));
    assert_eq!(code, 0, "{err}");
    file
}

fn scanned(arguments: &[&str]) -> (i32, Value) {
    let (code, out, err) = run(debar().arg("scan").args(arguments).args(["-o", "json"]));
    let report = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{code}: {out}{err}"));
    (code, report)
}

#[test]
fn an_inventory_is_matched_without_the_machine() {
    for (package, code, product) in
        [("kesl", 1, vec!["kaspersky/endpoint-security-linux".to_owned()]), ("libc6", 0, vec![])]
    {
        let root = Root::debian(&[(package, "11.2")]);
        let direct = scanned(&[root.at("").to_str().unwrap()]);
        for format in ["json", "ndjson"] {
            let file = inventory(&root, format);
            let (again, report) = scanned(&[file.to_str().unwrap()]);
            assert_eq!((again, findings(&report)), (code, product.clone()), "{format} {report}");
            assert_eq!(direct.0, code);
            assert_eq!(report["verdict"], direct.1["verdict"]);
            assert_eq!(report["document"]["format"], "inventory");
            assert_eq!(report["target"]["host"], "workstation-7");
            assert_eq!(report["finished"], report["document"]["made"], "it was so then");
        }
    }
}

#[test]
fn an_inventory_of_some_sources_clears_nothing() {
    let root = Root::debian(&[("libc6", "2.36")]);
    let file = root.at("srv/part.json");
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    let output = format!("json={}", file.display());
    let at = root.at("");
    let (code, _, err) =
        run(debar().arg("inventory").arg(&at).args(["-o", &output, "--collector", "os_version"]));
    assert_eq!(code, 0, "{err}");
    let (code, report) = scanned(&[file.to_str().unwrap()]);
    assert_eq!((code, report["verdict"].as_str()), (3, Some("incomplete")));
    assert_eq!(report["gaps"][0]["kind"], "not_recorded");
}

#[test]
fn a_bill_of_materials_finds_and_never_clears() {
    let root = Root::debian(&[]);
    let bill = |name: &str| {
        format!(
            r#"{{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": [
                {{"type": "application", "name": "{name}", "version": "1", "purl": "pkg:deb/debian/{name}@1"}}]}}"#
        )
    };
    root.file("srv/with.json", bill("kesl"));
    root.file("srv/without.json", bill("libc6"));
    let (with, without) = (root.at("srv/with.json"), root.at("srv/without.json"));
    let (code, report) = scanned(&[with.to_str().unwrap()]);
    assert_eq!((code, findings(&report).len()), (1, 1), "{report}");
    assert_eq!(report["target"]["kind"], "sbom");
    let removal = report["findings"][0]["removal"].as_array().unwrap();
    assert!(removal.iter().all(|step| step["commands"].as_array().is_none_or(Vec::is_empty)), "{removal:?}");
    let (code, report) = scanned(&[&format!("sbom:{}", without.display())]);
    assert_eq!((code, report["verdict"].as_str()), (3, Some("incomplete")));

    // Standard input, as `syft -o cyclonedx-json | debar scan -` has it.
    let mut child = debar().args(["scan", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(bill("kesl").as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("a CycloneDX bill of materials; nothing was scanned."), "{text}");

    // A fleet is made of hosts, and an inventory is a list already.
    let (code, _, err) = run(debar().arg("inventory").arg(&with));
    assert!(code == 2 && err.contains("`debar scan` matches it"), "{code} {err}");
    root.file("srv/other.json", r#"{"some": "json"}"#);
    let (code, _, err) = run(debar().arg("scan").arg(root.at("srv/other.json")));
    assert!(code == 2 && err.contains("CycloneDX"), "{code} {err}");
}
