//! From a report on: verify, diff, baselines and exceptions, on the built binary.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#![cfg(unix)]

use crate::support::image;
use crate::support::world;

use std::fs;
use std::path::PathBuf;

use crate::support::world::hive;
use crate::support::{Root, debar, findings, run, scan, status};
use serde_json::Value;

/// Two products: one by its package or its folder, one by its package only.
const HOUSE: &str = r#"{
  "format": 1, "vendor": {"id": "house", "name": "House rules"}, "version": "2026.1", "date": "2026-01-02",
  "sources": {"policy": "the tests"}, "rules": [],
  "products": [
    {"id": "hello", "name": "Hello", "status": "banned", "platforms": ["linux"], "indicators": [
      {"id": "deb", "collectors": ["deb_packages"], "strength": "conclusive",
       "where": {"name": {"equals": "hello"}}, "source": "policy"},
      {"id": "folder", "collectors": ["program_folders"], "strength": "conclusive", "state": "remnant",
       "where": {"path": {"equals": "/opt/hello"}}, "source": "policy"}]},
    {"id": "other", "name": "Other", "status": "banned", "platforms": ["linux"], "indicators": [
      {"id": "deb", "collectors": ["deb_packages"], "strength": "conclusive",
       "where": {"name": {"equals": "other"}}, "source": "policy"}]}
  ]
}"#;

struct House {
    root: Root,
    files: Root,
    signatures: String,
}

impl House {
    fn new(packages: &[(&str, &str)]) -> Self {
        let files = Root::empty();
        files.file("house.json", HOUSE);
        let signatures = files.at("house.json").to_str().unwrap().to_owned();
        House { root: Root::debian(packages), files, signatures }
    }

    fn report(&self, name: &str, format: &str) -> PathBuf {
        let path = self.files.at(name);
        let mut command = debar();
        command.arg("scan").arg(self.root.path()).args(["--signatures", &self.signatures, "-q", "-o"]);
        let (_, _, err) = run(command.arg(format!("{format}={}", path.display())));
        assert_eq!(err, "");
        path
    }

    fn remove(&self, name: &str) {
        let text = fs::read_to_string(self.root.at("var/lib/dpkg/status")).unwrap();
        let kept: Vec<&str> =
            text.split("\n\n").filter(|one| !one.contains(&format!("Package: {name}\n"))).collect();
        self.root.file("var/lib/dpkg/status", kept.join("\n\n"));
        fs::remove_file(self.root.at(&format!("var/lib/dpkg/info/{name}.list"))).unwrap();
    }

    fn verify(&self, report: &PathBuf, more: &[&str]) -> (i32, String, String) {
        run(debar().arg("verify").arg(report).args(["--signatures", &self.signatures]).args(more))
    }
}

#[test]
fn what_was_removed_is_gone_and_what_was_left_is_still_there() {
    for format in ["json", "ndjson"] {
        let house = House::new(&[("hello", "1")]);
        house.root.file("opt/hello/bin", "x");
        let report = house.report("before", format);
        let (code, out, err) = house.verify(&report, &[]);
        assert_eq!((code, err.as_str()), (1, ""));
        assert!(out.contains("still there"), "{out}");

        house.remove("hello");
        let (code, out, _) = house.verify(&report, &[]);
        assert_eq!(code, 1);
        assert!(out.contains("house/hello installed    remnant      changed"), "{out}");

        fs::remove_dir_all(house.root.at("opt/hello")).unwrap();
        let (code, out, err) = house
            .verify(&report, &["-o", "text", "-o", &format!("json={}", house.files.at("after").display())]);
        assert_eq!((code, err.as_str()), (0, ""), "{out}");
        assert!(out.contains("house/hello installed    -            gone"), "{out}");
        let after: Value =
            serde_json::from_str(&fs::read_to_string(house.files.at("after")).unwrap()).unwrap();
        assert_eq!(
            (&after["verdict"], after["findings"].as_array().unwrap().len()),
            (&"not_found".into(), 0)
        );
        let coverage = after["coverage"].as_array().unwrap();
        let outcome =
            |name: &str| coverage.iter().find(|entry| entry["collector"] == name).unwrap()["outcome"].clone();
        assert_eq!((outcome("deb_packages"), outcome("snap_packages")), ("ran".into(), "left_out".into()));
    }
}

/// A scan does not look where a plan keeps data; what is there is said all the same.
#[test]
fn data_that_a_plan_kept_is_said() {
    let house = House::new(&[("hello", "1")]);
    house.root.file("opt/hello/logs/a.log", "x");
    let report = house.report("before", "json");
    house.remove("hello");
    fs::remove_dir_all(house.root.at("opt/hello")).unwrap();
    house.root.file("var/lib/debar/kept/2026-11-30T120000Z/opt/hello/logs/a.log", "x");
    let (code, out, err) = house.verify(&report, &[]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert!(out.contains("house/hello installed    -            gone (kept data)"), "{out}");
}

#[test]
fn what_cannot_be_looked_at_is_not_gone() {
    let house = House::new(&[("hello", "1")]);
    let report = house.report("before", "json");
    // The database is gone altogether.
    fs::remove_file(house.root.at("var/lib/dpkg/status")).unwrap();
    fs::remove_dir_all(house.root.at("var/lib/dpkg/info")).unwrap();
    let (code, out, _) = house.verify(&report, &[]);
    assert_eq!(code, 3, "{out}");
    assert!(out.contains("not visible any more, not all read"), "{out}");
    // The user leaves it out.
    let (code, out, _) = house.verify(&report, &["--exclude", "/var/lib/dpkg"]);
    assert_eq!(code, 3, "{out}");
    assert_eq!(house.verify(&report, &["--exclude", "/var/lib/dpkg", "--allow-gaps"]).0, 0);
    // The signatures no longer know it.
    let house = House::new(&[("hello", "1")]);
    let report = house.report("before", "json");
    house.files.file(
        "house.json",
        HOUSE
            .replace("\"id\": \"hello\"", "\"id\": \"hallo\"")
            .replace("equals\": \"hello", "equals\": \"hallo"),
    );
    let (code, out, _) = house.verify(&report, &["-o", "json"]);
    assert_eq!(code, 3);
    assert!(out.contains("the signatures in use do not know it"), "{out}");
}

#[test]
fn another_machine_says_nothing_of_this_one() {
    let house = House::new(&[("hello", "1")]);
    let report = house.report("before", "json");
    house.root.file("etc/hostname", "workstation-8\n");
    let (code, _, err) = house.verify(&report, &[]);
    assert_eq!(code, 2);
    assert!(err.contains("the report is of workstation-7 and this is workstation-8"), "{err}");
    let (code, out, _) = house.verify(&report, &["--any-host"]);
    assert_eq!(code, 1);
    assert!(out.contains("still there"), "{out}");
}

#[test]
fn a_report_without_findings_or_of_another_kind_is_refused() {
    let house = House::new(&[]);
    let report = house.report("before", "json");
    let (code, _, err) = house.verify(&report, &[]);
    assert_eq!(code, 2);
    assert!(err.contains("no findings to check again"), "{err}");
    let sarif = house.report("sarif", "sarif");
    let (code, _, err) = house.verify(&sarif, &[]);
    assert_eq!(code, 2);
    assert!(err.contains("cannot use") && err.contains("debar scan -o json=FILE"), "{err}");
}

#[test]
fn diff_tells_what_became_of_each_product() {
    let house = House::new(&[("hello", "1")]);
    let old = house.report("old", "json");
    house.remove("hello");
    house.root.file("var/lib/dpkg/status", status(&[("other", "1")]));
    house.root.file("var/lib/dpkg/info/other.list", "/.\n");
    let new = house.report("new", "ndjson");
    let (code, out, err) = run(debar().arg("diff").arg(&old).arg(&new));
    assert_eq!((code, err.as_str()), (1, ""));
    assert!(out.contains("house/other -            installed    new"), "{out}");
    assert!(out.contains("house/hello installed    -            gone"), "{out}");
    let (code, out, _) = run(debar().arg("diff").arg(&new).arg(&new).args(["-o", "json"]));
    let comparison: Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, &comparison["changes"][0]["change"]), (0, &"still_there".into()));
    let file = house.files.at("diff.md");
    let (code, out, _) = run(debar().arg("diff").arg(&old).arg(&new).arg("-o").arg(&file));
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(fs::read_to_string(file).unwrap().contains("| house/other | - | installed | new |"));
    let schema = crate::support::generated_files()
        .into_iter()
        .find(|(path, _)| path.ends_with("comparison.schema.json"));
    let schema: Value = serde_json::from_str(&schema.unwrap().1).unwrap();
    assert!(jsonschema::is_valid(&schema, &comparison));
}

#[test]
fn only_what_the_baseline_does_not_have_fails() {
    let house = House::new(&[("hello", "1")]);
    let baseline = house.report("baseline", "json");
    let baseline = baseline.to_str().unwrap();
    let arguments = ["--signatures", &house.signatures, "--baseline", baseline];
    let (code, report) = scan(&house.root, &arguments);
    assert_eq!((code, &report["verdict"]), (0, &"found".into()), "it is there all the same");
    assert_eq!(report["findings"][0]["in_baseline"], true);
    house.root.file("var/lib/dpkg/status", status(&[("hello", "1"), ("other", "1")]));
    let (code, report) = scan(&house.root, &arguments);
    assert_eq!((code, findings(&report).len()), (1, 2));
}

#[test]
fn exceptions_stay_visible_and_do_not_fail() {
    let house = House::new(&[("hello", "1")]);
    let exception = "format = 1\n[[exceptions]]\nid = \"lab-1\"\nproduct = \"house/hello\"\nhost = \"workstation-*\"\n\
        owner = \"lab@example.org\"\nreason = \"needed until spring\"\nexpires = \"2027-03-31\"\n";
    house.files.file("exceptions.toml", exception);
    let file = house.files.at("exceptions.toml").to_str().unwrap().to_owned();
    let arguments = ["--signatures", &house.signatures, "--exceptions", &file, "--as-of", "2026-11-24"];
    let (code, report) = scan(&house.root, &arguments);
    assert_eq!((code, &report["verdict"]), (0, &"found".into()));
    assert_eq!(report["findings"][0]["exception"]["status"], "affected");
    for format in debar::report::FORMATS.iter().filter(|format| format.name != "github") {
        let (code, out, _) =
            run(debar().arg("scan").arg(house.root.path()).args(arguments).args(["-o", format.name]));
        assert_eq!(code, 0, "{}", format.name);
        assert!(out.contains("lab-1"), "{} does not show the exception: {out}", format.name);
    }
    let later = ["--signatures", &house.signatures, "--exceptions", &file, "--as-of", "2027-04-01"];
    let (code, out, err) = run(debar().arg("scan").arg(house.root.path()).args(later));
    assert_eq!(code, 1);
    assert!(err.contains("warning: exception lab-1 expired on 2027-03-31"), "{err}");
    assert!(out.contains("exception lab-1 expired"), "{out}");
    house.files.file("exceptions.toml", exception.replace("expires", "expire"));
    let (code, _, err) = run(debar().arg("scan").arg(house.root.path()).args(arguments));
    assert_eq!(code, 2);
    assert!(
        err.contains("exceptions.toml:8:1: unknown field `expire`")
            && err.contains("did you mean `expires`?"),
        "{err}"
    );
}

#[test]
fn a_hive_that_broke_since_hides_no_program() {
    let root = Root::empty();
    let mut software = hive::Hive::new();
    let entry = r"Microsoft\Windows\CurrentVersion\Uninstall\Guard";
    software.text(entry, "DisplayName", "Guard").text(entry, "Publisher", "AO Kaspersky Lab");
    software.text(r"Microsoft\Windows NT\CurrentVersion", "ProductName", "Windows 10 Pro");
    root.file("Windows/System32/ntdll.dll", "").file("Windows/System32/config/SOFTWARE", software.bytes());
    let files = Root::empty();
    let report = files.at("report.json");
    let (code, ..) =
        run(debar().arg("scan").arg(root.path()).args(["-q", "-o", &format!("json={}", report.display())]));
    assert_eq!(code, 1);
    root.file("Windows/System32/config/SOFTWARE", "regf, and nothing that a hive has");
    let (code, out, _) = run(debar().arg("verify").arg(&report));
    assert_eq!(code, 3, "{out}");
    assert!(out.contains("not visible any more, not all read"), "{out}");
}

#[test]
fn an_exception_for_an_image_goes_by_its_digest() {
    let files = Root::empty();
    let layers = image::of_names(&world::names(), 7);
    fs::write(files.at("app.tar"), image::docker_archive(&layers)).unwrap();
    let target = files.at("app.tar");
    let scan = |arguments: &[&str]| {
        let (code, out, err) = run(debar()
            .arg("scan")
            .arg(&target)
            .args(["--allow-gaps", "--no-progress", "-o", "json"])
            .args(arguments));
        (code, serde_json::from_str::<Value>(&out).unwrap_or_else(|_| panic!("{out}{err}")))
    };
    let (code, report) = scan(&[]);
    assert_eq!(code, 1);
    let digest = report["target"]["image"]["digest"].as_str().unwrap();
    assert!(digest.starts_with("sha256:") && digest.len() == 71, "{digest}");
    assert_eq!(report["target"]["image"]["references"][0], "made:1");
    for (image, called, expected) in
        [(digest, "x", 0), ("made:*", "made:1", 0), ("made:*", "x", 1), ("sha256:00", "x", 1)]
    {
        files.file(
            "exceptions.toml",
            format!(
                "format = 1\n[[exceptions]]\nid = \"image-1\"\nproduct = \"kaspersky/*\"\nimage = \"{image}\"\n\
                 owner = \"o\"\nreason = \"r\"\nexpires = \"2027-03-31\"\nstatus = \"not_affected\"\n\
                 justification = \"vulnerable_code_not_in_execute_path\"\n"
            ),
        );
        let file = files.at("exceptions.toml").to_str().unwrap().to_owned();
        let (code, report) = scan(&["--exceptions", &file, "--as-of", "2026-11-24", "--as", called]);
        assert_eq!(code, expected, "{image}");
        let by_own_word = report["warnings"].to_string().contains("what the image says of itself");
        assert_eq!(by_own_word, image == "made:*" && expected == 1, "{}", report["warnings"]);
        let warned = report["warnings"].to_string().contains("covers nothing here");
        assert_eq!(warned, expected == 1, "{image}: {}", report["warnings"]);
        // Each format shows what was excepted, each in its own way.
        let shown = |format: &str| {
            run(debar().arg("scan").arg(&target).args([
                "--allow-gaps",
                "--exceptions",
                &file,
                "--as-of",
                "2026-11-24",
                "--as",
                called,
                "-o",
                format,
            ]))
            .1
        };
        if expected == 0 {
            let sarif: Value = serde_json::from_str(&shown("sarif")).unwrap();
            let result = &sarif["runs"][0]["results"][0];
            assert_eq!(result["suppressions"][0]["kind"], "external");
            assert_eq!(report["findings"][0]["exception"]["status"], "not_affected");
            for format in debar::report::FORMATS.iter().filter(|format| format.name != "github") {
                assert!(shown(format.name).contains("image-1"), "{}", format.name);
            }
        }
    }
}
