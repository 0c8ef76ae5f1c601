//! What authors of signatures do with them: check, make, compare, sign, and hand them to other tools.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::fs;
use std::path::Path;

use crate::support::{Root, debar, run};
use minisign::KeyPair;
use serde_json::{Value, json};

/// A file with one product and the given indicators.
fn file(indicators: Value) -> Value {
    json!({
        "format": 1, "vendor": {"id": "acme", "name": "Acme"}, "version": "2026.1", "date": "2026-01-02",
        "sources": {"policy": "the tests"}, "rules": [],
        "products": [{"id": "agent", "name": "Acme Agent", "status": "banned",
            "platforms": ["linux", "windows", "macos"], "indicators": indicators}]
    })
}

fn indicator(id: &str, collector: &str, conditions: Value) -> Value {
    json!({"id": id, "collectors": [collector], "strength": "conclusive", "where": conditions, "source": "policy"})
}

fn written(folder: &Path, name: &str, value: &Value) -> String {
    let path = folder.join(name);
    fs::write(&path, serde_json::to_string_pretty(value).unwrap()).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn check_names_the_real_package_that_a_broad_indicator_would_find() {
    let folder = tempfile::tempdir().unwrap();
    let broad = file(json!([indicator("broad", "deb_packages", json!({"name": {"contains": "papirus"}}))]));
    let path = written(folder.path(), "acme.json", &broad);
    let (code, out, _) = run(debar().args(["signatures", "check", &path]));
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("acme/agent/broad: too broad") && out.contains("papirus-icon-theme"), "{out}");
    let (code, ..) = run(debar().args(["signatures", "check", "--strict", &path]));
    assert_eq!(code, 1);

    let precise =
        file(json!([indicator("precise", "deb_packages", json!({"name": {"equals": "acme-agent"}}))]));
    let path = written(folder.path(), "acme.json", &precise);
    let (code, out, _) = run(debar().args(["signatures", "check", "--strict", &path]));
    assert_eq!(code, 0, "{out}");
}

#[test]
fn check_places_what_is_questionable() {
    let folder = tempfile::tempdir().unwrap();
    let twice = json!({"name": {"equals": "acme-agent"}});
    let questionable = file(json!([
        indicator("one", "deb_packages", twice.clone()),
        indicator("two", "deb_packages", twice),
        indicator("never", "deb_packages", json!({"name": {"equals": "acme", "suffix": "-agent"}})),
    ]));
    let path = written(folder.path(), "acme.json", &questionable);
    let (code, out, _) = run(debar().args(["signatures", "check", "--strict", &path]));
    assert_eq!(code, 1);
    assert!(out.contains("acme.json:") && out.contains("duplicate: asks the same as `agent/one`"), "{out}");
    assert!(out.contains("dead: no text meets all"), "{out}");
}

/// Nothing dead, shadowed, twice or too broad.
#[test]
fn the_shipped_files_have_nothing_questionable() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/signatures");
    let (code, out, _) = run(debar().args(["signatures", "check", "--strict", folder]));
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("no problem; tried on"), "{out}");
    let tried: usize = out.rsplit("tried on ").next().unwrap().split(' ').next().unwrap().parse().unwrap();
    assert!(tried > 180_000, "{out}");
}

#[test]
fn a_signature_made_from_an_inventory_finds_what_it_was_made_from() {
    let root = Root::debian(&[("acme-agent", "7.1"), ("hello", "2.10")]);
    let inventory = root.at("inventory.ndjson");
    let output = format!("ndjson={}", inventory.display());
    run(debar().args(["inventory", "--no-progress", "-o", &output]).arg(root.path()));
    let select = ["--vendor", "acme", "--product", "agent", "--select", "deb_packages.name=acme-agent"];
    let (code, made, errors) = run(debar().args(["signatures", "new"]).arg(&inventory).args(select));
    assert_eq!((code, errors.as_str()), (0, ""));
    root.file("srv/signatures/acme.json", &made);
    let signatures = root.at("srv/signatures");
    let (code, out, _) = run(debar().args(["signatures", "check"]).arg(&signatures));
    assert_eq!(code, 0, "{out}");
    let (code, out, _) = run(debar().args(["signatures", "test", "--signatures"]).arg(&signatures));
    assert_eq!(code, 0, "{out}");
    let (code, out, _) =
        run(debar().args(["scan", "--no-progress", "--signatures"]).arg(&signatures).arg(root.path()));
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("acme-agent 7.1") && out.replace('\n', " ").contains("(unsigned)"), "{out}");

    let (code, _, errors) = run(debar().args(["signatures", "new"]).arg(&inventory).args([
        "--vendor",
        "a",
        "--product",
        "b",
        "--select",
        "nmae=x",
    ]));
    assert!(code == 2 && errors.contains("did you mean `name`?"), "{errors}");
}

#[test]
fn a_signature_of_what_an_installation_brought_has_nothing_that_was_there_before() {
    let root = Root::debian(&[("hello", "2.10")]);
    let inventory = |name: &str| {
        let file = root.at(name);
        let output = format!("ndjson={}", file.display());
        run(debar().args(["inventory", "--no-progress", "-o", &output]).arg(root.path()));
        file
    };
    let make = |more: &[&std::path::Path]| {
        let product = ["--vendor", "acme", "--product", "agent", "--since"];
        run(debar().args(["signatures", "new"]).arg(more[0]).args(product).arg(more[1]))
    };
    let before = inventory("before.ndjson");
    let (code, _, errors) = make(&[&before, &before]);
    assert!(code == 2 && errors.contains("0 artifacts"), "{errors}");
    root.file("opt/acme/agent", "#!/bin/sh\n");
    root.file("usr/lib/systemd/system/agent.service", "[Service]\nExecStart=/opt/acme/agent\n");
    let after = inventory("after.ndjson");
    let (code, made, errors) = make(&[&after, &before]);
    assert_eq!((code, errors.as_str()), (0, ""));
    assert!(made.contains("\"agent.service\"") && made.contains("/opt/acme"), "{made}");
    assert!(!made.contains("hello") && !made.contains("base-files"), "{made}");
}

#[test]
fn diff_tells_each_change() {
    let folder = tempfile::tempdir().unwrap();
    let old = file(json!([indicator("a", "deb_packages", json!({"name": {"equals": "acme"}}))]));
    let mut new = file(json!([
        indicator("a", "deb_packages", json!({"name": {"equals": "acmed"}})),
        indicator("b", "rpm_packages", json!({"name": {"equals": "acme"}})),
    ]));
    new["products"][0]["status"] = json!("exempt");
    new["products"][0]["note"] = json!("Named in no rule");
    let (old, new) = (written(folder.path(), "old.json", &old), written(folder.path(), "new.json", &new));
    let (code, out, _) = run(debar().args(["signatures", "diff", &old, &new]));
    assert_eq!(code, 1);
    for line in [
        "~ product agent: was banned, is exempt",
        "~ indicator agent/a: conclusive, deb_packages name equals acmed",
        "+ indicator agent/b: conclusive, rpm_packages name equals acme",
    ] {
        assert!(out.contains(line), "{line}\n{out}");
    }
    let (code, out, _) = run(debar().args(["signatures", "diff", &old, &old]));
    assert_eq!((code, out.contains("0 changes")), (0, true));
}

#[test]
fn signed_sets_are_used_and_changed_ones_refused() {
    let root = Root::debian(&[("acme-agent", "7.1")]);
    let good = file(json!([indicator("a", "deb_packages", json!({"name": {"equals": "acme-agent"}}))]));
    let folder = tempfile::tempdir().unwrap();
    let path = written(folder.path(), "acme.json", &good);
    let pair = KeyPair::generate_unencrypted_keypair().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(at("key"), pair.sk.to_box(None).unwrap().into_string()).unwrap();
    fs::write(at("key.pub"), pair.pk.to_box().unwrap().into_string()).unwrap();
    let scan = |more: &[&str]| {
        run(debar()
            .args(["scan", "--no-progress", "--signatures", &path, "--trusted-key", &at("key.pub")])
            .args(more)
            .arg(root.path()))
    };
    let (code, _, errors) = scan(&["--require-signed"]);
    assert!(code == 2 && errors.contains("it is not signed"), "{errors}");

    let (code, out, errors) = run(debar().args(["signatures", "sign", &path, "--key", &at("key")]));
    assert_eq!((code, errors.as_str()), (0, ""), "{out}");
    let (code, out, _) = run(debar().args(["signatures", "verify", &path, "--trusted-key", &at("key.pub")]));
    assert!(code == 0 && out.contains("good"), "{out}");
    let (code, out, errors) = scan(&["--require-signed"]);
    assert_eq!(code, 1, "{errors}");
    assert!(out.replace('\n', " ").contains("(signed by "), "{out}");

    fs::write(&path, fs::read_to_string(&path).unwrap().replace("acme-agent", "acme-other")).unwrap();
    let (code, _, errors) = scan(&[]);
    assert!(code == 2 && errors.contains("the file was changed"), "{errors}");
    let (code, out, _) = run(debar().args(["signatures", "verify", &path, "--trusted-key", &at("key.pub")]));
    assert!(code == 1 && out.contains("REFUSED"), "{out}");
    let other = KeyPair::generate_unencrypted_keypair().unwrap();
    fs::write(at("key.pub"), other.pk.to_box().unwrap().into_string()).unwrap();
    let (code, _, errors) = scan(&[]);
    assert!(code == 2 && errors.contains("not among the trusted keys"), "{errors}");
}

#[test]
fn exports_carry_hostile_text_as_data() {
    let folder = tempfile::tempdir().unwrap();
    let hostile = "acme'; DROP TABLE x; --\"\\ $(reboot) `id` %PATH%";
    let signatures = file(json!([
        indicator("deb", "deb_packages", json!({"name": {"equals": hostile}})),
        indicator("pe", "program_files", json!({"company": {"equals": hostile}})),
        indicator("path", "processes", json!({"path": {"prefix": format!("/opt/{hostile}/")}})),
    ]));
    let path = written(folder.path(), "acme.json", &signatures);
    let export = |language: &str| {
        let (code, out, errors) =
            run(debar().args(["signatures", "export", language, "acme/agent", "--signatures", &path]));
        assert_eq!(code, 0, "{errors}");
        out
    };
    assert!(export("sql").contains("lower(name) = 'acme''; drop table x; --\"\\ $(reboot) `id` %path%'"));
    assert!(export("yara").contains(r#"iequals "acme'; DROP TABLE x; --\"\\ $(reboot) `id` %PATH%""#));
    let pack: Value = serde_json::from_str(&export("osquery")).unwrap();
    assert!(
        pack["queries"]["debar_acme_agent_deb_packages_linux"]["query"]
            .as_str()
            .unwrap()
            .contains("'acme'';")
    );
    assert!(export("sigma").contains(r#"- "/opt/acme'; DROP TABLE x; --\"\\ $(reboot) `id` %PATH%/""#));
}

#[test]
fn a_field_that_may_be_missing_is_exported_where_the_language_can_say_so() {
    let folder = tempfile::tempdir().unwrap();
    let optional = json!({"name": {"equals": "acme"}, "maintainer": {"contains": "Acme", "or_absent": true}});
    let signatures = file(json!([
        indicator("deb", "deb_packages", optional),
        indicator(
            "pe",
            "program_files",
            json!({"product": {"equals": "acme"}, "company": {"contains": "Acme", "or_absent": true}}),
        ),
    ]));
    let path = written(folder.path(), "acme.json", &signatures);
    let export = |language: &str| {
        let arguments = ["signatures", "export", language, "acme", "--list-left-out", "--signatures", &path];
        let (code, out, errors) = run(debar().args(arguments));
        assert_eq!(code, 0, "{errors}");
        (out, errors)
    };
    let (sql, _) = export("sql");
    assert!(
        sql.contains("(coalesce(lower(maintainer), '') = '' OR (instr(lower(maintainer), 'acme') > 0))"),
        "{sql}"
    );
    let (_, left_out) = export("yara");
    assert!(left_out.contains("acme/agent/pe: a missing company cannot be expressed"), "{left_out}");
}

#[test]
fn what_a_language_cannot_say_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let signatures =
        file(json!([indicator("deb", "deb_packages", json!({"name": {"regex": "^acme-[0-9]+$"}}))]));
    let path = written(folder.path(), "acme.json", &signatures);
    let arguments = ["signatures", "export", "sql", "acme", "--list-left-out", "--signatures", &path];
    let (code, out, errors) = run(debar().args(arguments));
    assert_eq!(code, 0);
    assert!(!out.contains("deb_packages"), "{out}");
    assert!(errors.contains("acme/agent/deb: regex on name cannot be expressed"), "{errors}");
}

/// The commands of CONTRIBUTING's "A signature in ten minutes", line by line as they stand there; only the machine is a
/// folder.
#[cfg(unix)]
#[test]
fn the_ten_minutes_work_as_written() {
    let text = include_str!("../../CONTRIBUTING.md");
    let block = text.split("## A signature in ten minutes").nth(1).unwrap().split("```").nth(1).unwrap();
    let lines: Vec<&str> = block.lines().skip(1).filter(|line| !line.is_empty()).collect();
    assert!(lines.len() >= 8, "{lines:?}");
    let (without, with) =
        (Root::debian(&[("hello", "2.10")]), Root::debian(&[("hello", "2.10"), ("acme-agent", "7.1")]));
    let folder = tempfile::tempdir().unwrap();
    let mut machine = &without;
    for line in lines {
        if line.starts_with('#') {
            machine = &with;
            continue;
        }
        let looks = line.starts_with("debar inventory") || line.starts_with("debar scan");
        let target = if looks { machine.path().to_str().unwrap() } else { "" };
        let line = line.replacen("debar", env!("CARGO_BIN_EXE_debar"), 1);
        let mut shell = std::process::Command::new("sh");
        shell.current_dir(folder.path()).args(["-c", &format!("{line} {target}")]);
        let (code, out, errors) = run(&mut shell);
        let expected = if line.contains(" scan ") { 1 } else { 0 };
        assert_eq!(code, expected, "{line}: {out}{errors}");
    }
    let made = fs::read_to_string(folder.path().join("acme.json")).unwrap();
    assert!(made.contains("\"$schema\": \"schema/signatures.schema.json\""), "{made}");
}
