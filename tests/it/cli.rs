//! The command line as scripts see it: exit codes, outputs, errors, and where options come from.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::fs;

use crate::support::{Root, debar, findings, run, scan};
use serde_json::Value;

/// A signature file for the tests' own product, so that the commands are tested apart from the catalogue.
const HOUSE: &str = r#"{
  "format": 1,
  "vendor": {"id": "house", "name": "House rules"},
  "version": "2026.1",
  "date": "2026-01-02",
  "sources": {"policy": "the tests"},
  "rules": [],
  "products": [{
    "id": "hello", "name": "Hello", "status": "banned", "platforms": ["linux"],
    "indicators": [{
      "id": "deb", "collectors": ["deb_packages"], "strength": "conclusive",
      "where": {"name": {"equals": "Hello"}}, "source": "policy"
    }],
    "removal": [{
      "platform": "linux", "collectors": ["deb_packages"], "title": "Remove the package with its configuration",
      "command": "apt-get purge {name}", "source": "policy"
    }]
  }]
}"#;

struct House {
    root: Root,
    signatures: String,
}

fn house(packages: &[(&str, &str)]) -> House {
    let root = Root::debian(packages);
    root.file("srv/signatures/house.json", HOUSE);
    let signatures = root.at("srv/signatures").to_str().unwrap().to_owned();
    House { root, signatures }
}

#[test]
fn exit_codes_tell_the_verdict() {
    let with = house(&[("hello", "2.10")]);
    let (code, report) = scan(&with.root, &["--signatures", &with.signatures]);
    assert_eq!((code, findings(&report)), (1, vec!["house/hello".to_owned()]));
    assert_eq!(report["verdict"], "found");
    let removal = &report["findings"][0]["removal"];
    assert!(removal[0]["title"].as_str().unwrap().contains("not on this host"), "{removal}");
    assert_eq!(removal[1]["commands"][0], "apt-get purge hello");
    assert_eq!(report["target"]["host"], "workstation-7");

    let without = house(&[]);
    let (code, report) = scan(&without.root, &["--signatures", &without.signatures]);
    assert_eq!((code, report["verdict"].as_str()), (0, Some("not_found")));

    let (code, out, err) = run(debar().args(["scan", "/there/is/no/such/path"]));
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(
        err.contains("/there/is/no/such/path") && err.contains("there is no such file or folder"),
        "{err}"
    );
}

#[test]
fn fail_on_chooses_the_states_that_count() {
    let house = house(&[]);
    let remnant = "Package: hello\nStatus: deinstall ok config-files\nVersion: 1\n\n";
    house.root.file("var/lib/dpkg/status", crate::support::status(&[]) + remnant);
    for (fail_on, expected) in [("remnant", 1), ("installed", 0), ("running", 0), ("never", 0)] {
        let (code, report) = scan(&house.root, &["--signatures", &house.signatures, "--fail-on", fail_on]);
        assert_eq!(code, expected, "{fail_on}");
        assert_eq!(report["verdict"], "found", "the report does not depend on the exit code");
        assert_eq!(report["findings"][0]["state"], "remnant");
    }
}

#[test]
fn reports_go_to_files_and_standard_output() {
    let house = house(&[("hello", "2.10")]);
    let out = tempfile::tempdir().unwrap();
    let json = out.path().join("report.json");
    let csv = out.path().join("report.csv");
    let mut command = debar();
    command.arg("scan").arg(house.root.path()).args(["--signatures", &house.signatures]);
    command.arg("-o").arg(format!("json={}", json.display())).arg("-o").arg(format!("csv={}", csv.display()));
    let (code, stdout, _) = run(command.args(["-o", "text"]));
    assert_eq!(code, 1);
    assert!(stdout.contains("\nFOUND      1 banned product"), "{stdout}");
    let report: Value = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
    assert_eq!(findings(&report), ["house/hello"]);
    assert!(fs::read_to_string(&csv).unwrap().contains("workstation-7"));
    assert_eq!(fs::read_dir(out.path()).unwrap().count(), 2, "no temporary file is left");
}

#[test]
fn a_report_that_cannot_be_written_is_fatal() {
    let house = house(&[]);
    let (code, _, err) =
        run(debar().arg("scan").arg(house.root.path()).args(["-o", "json=/there/is/no/folder/x"]));
    assert_eq!(code, 2);
    assert!(err.contains("/there/is/no/folder/x"), "{err}");
}

#[test]
fn every_format_names_the_host() {
    let house = house(&[("hello", "2.10")]);
    for format in debar::report::FORMATS {
        let mut command = debar();
        command.arg("scan").arg(house.root.path()).args([
            "--signatures",
            &house.signatures,
            "-o",
            format.name,
        ]);
        let (_, out, _) = run(&mut command);
        assert!(out.contains("workstation-7"), "{}: {out}", format.name);
    }
}

#[test]
fn lines_of_ndjson_stand_by_themselves() {
    let house = house(&[("hello", "2.10")]);
    let mut command = debar();
    command.arg("scan").arg(house.root.path()).args(["--signatures", &house.signatures, "-o", "ndjson"]);
    let (_, out, _) = run(&mut command);
    let lines: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().all(|line| line["host"] == "workstation-7"));
    let kinds: Vec<&str> = lines.iter().map(|line| line["type"].as_str().unwrap()).collect();
    assert_eq!((kinds[0], *kinds.last().unwrap()), ("finding", "summary"));
}

#[test]
fn the_command_line_goes_before_the_environment_and_that_before_the_file() {
    let house = house(&[]);
    let remnant = "Package: hello\nStatus: deinstall ok config-files\nVersion: 1\n\n";
    house.root.file("var/lib/dpkg/status", crate::support::status(&[]) + remnant);
    let config = house.root.at("srv/config.toml");
    let text = format!(
        "signatures = [{:?}]\n[scan]\nfail-on = \"never\"\noutput = [\"ndjson\"]\n",
        house.signatures
    );
    fs::write(&config, text).unwrap();
    let mut command = debar();
    command.args(["scan", "-c"]).arg(&config).arg(house.root.path());
    let (code, out, err) = run(&mut command);
    assert_eq!(code, 0, "{err}");
    assert!(out.starts_with("{\"type\":\"finding\""), "{out}");
    command.env("DEBAR_FAIL_ON", "remnant");
    assert_eq!(run(&mut command).0, 1);
    assert_eq!(run(command.args(["--fail-on", "running"])).0, 0);
}

#[test]
fn a_mistake_in_the_config_file_is_named_with_its_place() {
    let root = Root::debian(&[]);
    for (text, expected) in [
        ("fail-on = ", "line 1"),
        ("fial-on = \"never\"", "did you mean `fail-on`?"),
        ("deep = \"yes\"", "`deep` must be true or false"),
        ("fail-on = \"sometimes\"", "sometimes"),
    ] {
        root.file("config.toml", text);
        let mut command = debar();
        command.arg("scan").arg("-c").arg(root.at("config.toml")).arg(root.path());
        let (code, _, err) = run(&mut command);
        assert_eq!(code, 2, "{text}");
        assert!(err.contains(expected), "{text}: {err}");
    }
}

#[test]
fn mistakes_on_the_command_line_say_what_to_write() {
    let root = Root::debian(&[]);
    for (arguments, expected) in [
        (vec!["-o", "xml"], "text, json, ndjson, csv"),
        (vec!["--rules", "us-dhs-bod-17-0l"], "there is no rule"),
        (vec!["--rules", "x"], "there is no rule `x`. `debar signatures list` shows"),
        (vec!["--as-of", "yesterday"], "yesterday"),
        (vec!["--timeout", "soon"], "30s"),
    ] {
        let (code, _, err) = run(debar().arg("scan").arg(root.path()).args(&arguments));
        assert_eq!(code, 2, "{arguments:?}");
        assert!(err.contains(expected), "{arguments:?}: {err}");
    }
}

#[test]
fn quiet_says_nothing_and_excluded_places_are_reported() {
    let house = house(&[("hello", "2.10")]);
    let mut command = debar();
    command.arg("scan").arg(house.root.path()).args(["--signatures", &house.signatures, "-q"]);
    assert_eq!(run(&mut command), (1, String::new(), String::new()));
    let (_, report) = scan(&house.root, &["--exclude", "/srv"]);
    assert_eq!(report["skipped"][0]["place"], "/srv");
}

#[test]
fn what_is_no_image_is_refused_with_a_way_out() {
    let root = Root::debian(&[]);
    root.file("image.tar", "x");
    let target = root.at("image.tar").to_str().unwrap().to_owned();
    let (code, _, err) = run(debar().args(["scan", &target]));
    assert_eq!(code, 2);
    assert!(err.contains("dir:PATH"), "{err}");
}

#[test]
fn everything_in_a_report_can_be_explained() {
    let house = house(&[("hello", "2.10")]);
    for name in ["denied", "deb_packages", "house/hello"] {
        let (code, out, err) = run(debar().args(["explain", name, "--signatures", &house.signatures]));
        assert_eq!(code, 0, "{err}");
        assert!(out.starts_with(&format!("{name}: a ")), "{out}");
    }
    let (code, _, err) = run(debar().args(["explain", "deb_package"]));
    assert_eq!(code, 2);
    assert!(err.contains("did you mean `deb_packages`?"), "{err}");
}

#[test]
fn the_inventory_lists_every_artifact() {
    let root = Root::debian(&[("hello", "2.10")]);
    let (code, out, err) =
        run(debar().arg("inventory").arg(root.path()).args(["-o", "json", "--collector", "deb_packages"]));
    assert_eq!(code, 0, "{err}");
    let report: Value = serde_json::from_str(&out).unwrap();
    let artifacts = report["artifacts"].as_array().unwrap();
    let names: Vec<&str> =
        artifacts.iter().map(|artifact| artifact["fields"]["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["base-files", "hello"]);
}

#[test]
fn several_targets_make_several_reports() {
    let (a, b) = (house(&[]), house(&[("hello", "1")]));
    let mut command = debar();
    command.arg("scan").arg(a.root.path()).arg(b.root.path()).args([
        "--signatures",
        &a.signatures,
        "-o",
        "json",
    ]);
    let (code, out, _) = run(&mut command);
    assert_eq!(code, 1);
    let report: Value = serde_json::from_str(&out).unwrap();
    let verdicts: Vec<&str> = report["reports"]
        .as_array()
        .unwrap()
        .iter()
        .map(|report| report["verdict"].as_str().unwrap())
        .collect();
    assert_eq!(verdicts, ["not_found", "found"]);
}

#[test]
fn a_broken_target_among_several_loses_no_report() {
    let house = house(&[]);
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.tar");
    std::fs::write(&broken, "no archive").unwrap();
    let scan = |paths: &[&std::path::Path]| {
        run(debar().arg("scan").args(paths).args(["--signatures", &house.signatures, "-o", "json"]))
    };
    let (code, out, err) = scan(&[&broken, house.root.path()]);
    assert_eq!(code, 3, "{err}");
    assert!(err.contains("broken.tar"), "{err}");
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["verdict"], "not_found");
    let (code, out, err) = scan(&[&broken]);
    assert_eq!((code, out.as_str()), (2, ""), "{err}");
}

#[test]
fn reports_fit_their_schemas() {
    let house = house(&[("hello", "2.10")]);
    let schema = |name: &str| -> Value {
        let files = crate::support::generated_files();
        let (_, text) =
            files.into_iter().find(|(path, _)| path.ends_with(&format!("{name}.schema.json"))).unwrap();
        serde_json::from_str(&text).unwrap()
    };
    for name in ["scan", "inventory"] {
        let mut command = debar();
        command.arg(name).arg(house.root.path()).args(["-o", "json"]);
        if name == "scan" {
            command.args(["--signatures", &house.signatures]);
        }
        let (_, out, _) = run(&mut command);
        let report: Value = serde_json::from_str(&out).unwrap();
        let validator = jsonschema::validator_for(&schema(name)).unwrap();
        let errors: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
        assert_eq!(errors, [""; 0]);
    }
}
