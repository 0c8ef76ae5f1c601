//! Every shell script that a plan is, read by the small shells that Debian (dash) and Alpine (BusyBox) run it with: a construct of
//! bash would end it in the middle of a removal. `.ci/run` demands both.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#![cfg(unix)]

use std::fs;
use std::path::Path;

use crate::support::plan::{deb, evidence, finding, planned, report, shell, shells};
use crate::support::{Root, debar, run};
use serde_json::json;

/// Reads a script without running it.
fn reads(script: &Path, what: &str) {
    for name in shells() {
        let output = shell(name).arg("-n").arg(script).output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && errors.is_empty(), "{name} does not read {what}: {errors}");
    }
}

/// Findings of each kind that a plan has steps for, with names that need quotation marks.
fn reports() -> Vec<(&'static str, String)> {
    let unit = "/etc/systemd/system/vendorware.service";
    let all = || {
        vec![
            deb("product"),
            evidence(
                "rpm_packages",
                json!({"name": "agent", "version": "1", "release": "2", "arch": "x86_64", "vendor": "Vendor Ltd"}),
                "/r",
            ),
            evidence("snap_packages", json!({"name": "vendorware", "publisher": "Vendor Ltd"}), "/snap"),
            evidence("flatpak_packages", json!({"name": "ltd.vendor.App", "publisher": "Vendor Ltd"}), "/f"),
            evidence("systemd_units", json!({"name": "vendorware.service"}), unit),
            evidence(
                "program_folders",
                json!({"name": "it's $(here)"}),
                "/opt/vendorware/it's $(here) `x` \"y\"",
            ),
            evidence(
                "program_files",
                json!({"name": "vendorware", "size": "1"}),
                "/opt/vendorware/bin/vendor ware",
            ),
            evidence("crontab", json!({"name": "job", "program": "/vendorware/x"}), "/etc/cron.d/job"),
            evidence("kernel_modules", json!({"name": "vendorware"}), "/lib/modules/vendorware.ko"),
            evidence(
                "launchd",
                json!({"name": "ltd.vendor", "program": "/vendorware/x"}),
                "/Library/LaunchDaemons/ltd.vendor.plist",
            ),
            evidence(
                "apps",
                json!({"name": "Vendor App", "bundle_identifier": "ltd.vendor"}),
                "/Applications/Vendor App.app",
            ),
        ]
    };
    let of = |os, findings| report("a'b \"c\" $d", os, findings);
    let image = of("linux", vec![finding("v/p", "P", vec![deb("product")])]);
    vec![
        (
            "Linux",
            of("linux", vec![finding("v/p", "P'x", all()), finding("v/network-agent", "Agent", all())]),
        ),
        ("Linux with a guard", of("linux", vec![finding("v/guard", "Guard", all())])),
        ("a Mac", of("macos", vec![finding("v/p", "P", all())])),
        ("an image", image.replace("\"kind\":\"host\"", "\"kind\":\"image\"")),
        ("a folder", image.replace("\"kind\":\"host\"", "\"kind\":\"directory\"")),
        ("a clean host", of("linux", Vec::new())),
    ]
}

#[test]
fn small_shells_read_every_script() {
    let demanded = std::env::var_os("DEBAR_TEST_ALL").is_some();
    for name in ["dash", "busybox sh"] {
        assert!(!demanded || shells().contains(&name), "{name} is missing: install it");
    }
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("plan.sh");
    for (what, text) in reports() {
        // Evidence that the signatures do not match is refused, and the script says so.
        let made = planned(&text, "sh");
        assert!(made.stdout.starts_with(b"#!/bin/sh"), "{what}: {}", String::from_utf8_lossy(&made.stderr));
        fs::write(&script, made.stdout).unwrap();
        reads(&script, what);
    }
}

/// Of a scan with the built-in signatures, alone and among the plans of a fleet.
#[test]
fn small_shells_read_the_scripts_of_a_scan() {
    let root = Root::debian(&[("kesl", "12.1.0-1508"), ("klnagent64", "15.1.0-1")]);
    root.file(
        "usr/lib/systemd/system/kesl.service",
        "[Service]\nExecStart=/opt/kaspersky/kesl/libexec/kesl\n",
    )
    .file("opt/kaspersky/kesl/libexec/kesl", "")
    .file("var/opt/kaspersky/kesl/install-current/kesl.ini", "x");
    let folder = tempfile::tempdir().unwrap();
    let reports = folder.path().join("in");
    fs::create_dir(&reports).unwrap();
    let (_, found, _) = run(debar().args(["scan", "--no-progress", "-o", "json"]).arg(root.path()));
    fs::write(reports.join("a.json"), &found).unwrap();
    let script = folder.path().join("plan.sh");
    let (code, text, err) = run(debar().args(["plan", "-o", "sh"]).arg(reports.join("a.json")));
    assert!(code == 0 && text.contains("kesl"), "{err}");
    fs::write(&script, text).unwrap();
    reads(&script, "the plan of a scan");
    let host: serde_json::Value = serde_json::from_str(&found).unwrap();
    let mut host = host;
    host["target"]["kind"] = json!("host");
    host["target"]["host"] = json!("ws-1");
    fs::write(reports.join("a.json"), host.to_string()).unwrap();
    let (code, out, err) =
        run(debar().current_dir(folder.path()).args(["fleet", "plan", "in", "--into", "out"]));
    assert_eq!(code, 0, "{out}{err}");
    reads(&folder.path().join("out/hosts/ws-1/plan.sh"), "a plan of a fleet");
}
