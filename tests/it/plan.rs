//! Removal plans on the built binary: what hostile names become in scripts, in what order steps come, and what is left
//! to a person. The scripts are run by every POSIX shell there is; `tests/e2e/plan/run.sh` takes one for real.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#![cfg(unix)]

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::support::{debar, run};
use debar::text::quote::posix;
use proptest::prelude::*;
use serde_json::{Value, json};

/// The shells of this machine.
fn shells() -> Vec<&'static str> {
    let there =
        |shell: &&str| Command::new(shell).args(["-c", ":"]).status().is_ok_and(|status| status.success());
    let shells: Vec<&str> = ["sh", "dash", "bash", "busybox-sh"].into_iter().filter(there).collect();
    assert!(!shells.is_empty());
    shells
}

fn evidence(collector: &str, fields: Value, path: &str) -> Value {
    json!({"collector": collector, "indicators": ["i"], "matched": "m", "strength": "conclusive", "state": "installed",
        "fields": fields, "location": {"path": path}})
}

fn finding(id: &str, name: &str, evidence: Vec<Value>) -> Value {
    json!({"id": id, "product": {"id": id, "vendor": "V", "name": name}, "status": "banned", "state": "installed",
        "in_force": true, "rules": [], "removal": [], "evidence": evidence})
}

fn report(host: &str, os: &str, findings: Vec<Value>) -> String {
    json!({"schema_version": "1.1", "verdict": "found", "target": {"kind": "host", "name": "this host", "host": host,
        "os": {"family": os}}, "as_of": "2026-11-24", "findings": findings, "gaps": [], "coverage": [], "skipped": [],
        "versions": {"debar": "0.1.0", "account": "root", "elevated": true}, "started": "2026-11-24T00:00:00Z",
        "finished": "2026-11-24T00:00:01Z", "duration_ms": 1})
    .to_string()
}

/// A plan of a report in a format.
fn plan(report: &str, format: &str) -> String {
    let mut command = debar();
    let mut child = command
        .args(["plan", "-", "-o", format])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(report.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    String::from_utf8(output.stdout).unwrap()
}

fn steps(report: &str) -> Vec<(String, String, String)> {
    let plan: Value = serde_json::from_str(&plan(report, "json")).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let steps = plan["hosts"][0]["steps"].as_array().unwrap();
    steps
        .iter()
        .map(|step| (text(&step["phase"]), text(&step["action"]["kind"]), text(&step["product"])))
        .collect()
}

const HOSTILE: &str = "[-a-z $(){}`'\"\\\\%!;&|<>*?~#\n\t\r\u{7}\u{1b}\u{202e}é\u{2019}\u{1f600}]{1,24}|\\$\\(touch CANARY\\)|`touch CANARY`|'; touch CANARY; '|%PATH%|\n touch CANARY\n|-rf";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_quoted_word_is_one_word_in_every_shell(text in HOSTILE) {
        let quoted = posix(&text).unwrap();
        for shell in shells() {
            let output = Command::new(shell).arg("-c").arg(format!("printf '%s|' {quoted}")).output().unwrap();
            prop_assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{text}|"), "{}", shell);
        }
    }

    /// A report in which every text is hostile: the script runs to its end, does only what it says, and starts nothing.
    #[test]
    fn hostile_reports_never_execute(name in HOSTILE, path in HOSTILE, host in "[a-z$()'`\"; ]{1,12}") {
        let folder = tempfile::tempdir().unwrap();
        let path = format!("/nowhere/there/{path}");
        let text = report(&host, "linux", vec![finding("v/p", &name, vec![
            evidence("deb_packages", json!({"name": name, "version": name, "arch": "amd64"}), "/s"),
            evidence("program_folders", json!({"name": name, "path": path}), &path),
            evidence("program_files", json!({"name": name, "size": "1"}), &path),
            evidence("systemd_units", json!({"name": name}), &path),
            evidence("crontab", json!({"name": name}), &path),
        ])]);
        let script = folder.path().join("plan.sh");
        fs::write(&script, plan(&text, "sh")).unwrap();
        for shell in shells() {
            let output = Command::new(shell).arg(&script).arg("--host").arg(&host).arg("--apply").arg("--log")
                .arg(folder.path().join("log")).current_dir(folder.path()).output().unwrap();
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            prop_assert_eq!(errors, "", "{}", shell);
            prop_assert!(matches!(output.status.code(), Some(0 | 1)), "{:?}", output);
            let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            prop_assert_eq!(names.len(), 2, "{:?}", names);
        }
        let windows = plan(&text.replace("\"linux\"", "\"windows\""), "ps1");
        prop_assert!(windows.bytes().all(|byte| byte.is_ascii() && (byte >= 0x20 || byte == b'\n')));
    }
}

#[test]
fn agents_come_first_and_remnants_last() {
    let text = report(
        "a",
        "linux",
        vec![
            finding(
                "v/product",
                "Product",
                vec![
                    evidence("program_folders", json!({"path": "/opt/v/product"}), "/opt/v/product"),
                    evidence("systemd_units", json!({"name": "p.service"}), "/etc/systemd/system/p.service"),
                    evidence(
                        "deb_packages",
                        json!({"name": "product", "version": "1", "arch": "amd64"}),
                        "/s",
                    ),
                ],
            ),
            finding(
                "v/network-agent",
                "Agent",
                vec![evidence(
                    "rpm_packages",
                    json!({"name": "agent", "version": "1", "release": "2", "arch": "x86_64"}),
                    "/r",
                )],
            ),
        ],
    );
    let order: Vec<String> =
        steps(&text).into_iter().map(|(phase, kind, _)| format!("{phase} {kind}")).collect();
    assert_eq!(order, ["agent rpm", "product deb", "service unit", "remnant folder"]);
}

#[test]
fn what_many_share_and_what_is_unsafe_is_left_to_a_person() {
    for path in [
        "/",
        "/opt",
        "/usr/lib",
        "/home/u",
        "/opt/../etc",
        "/opt//x",
        "/opt/a\\xff",
        "/var/log",
        "opt/x",
        "/opt/a\nb",
    ] {
        let text = report(
            "a",
            "linux",
            vec![finding("v/p", "P", vec![evidence("program_folders", json!({"path": path}), path)])],
        );
        assert_eq!(steps(&text)[0].1, "manual", "{path}");
    }
    for name in ["-rf", "a b", "$(reboot)", "a;b", ""] {
        let fields = json!({"name": name, "version": "1", "arch": "amd64"});
        let text =
            report("a", "linux", vec![finding("v/p", "P", vec![evidence("deb_packages", fields, "/s")])]);
        assert_eq!(steps(&text)[0].1, "manual", "{name}");
    }
}

#[test]
fn links_sizes_and_owners_are_checked_on_the_host() {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().canonicalize().unwrap();
    let at = |name: &str| base.join(name).to_str().unwrap().to_owned();
    for name in ["real", "kept", "gone-soon"] {
        fs::create_dir(base.join(name)).unwrap();
        fs::write(base.join(name).join("file"), "12345").unwrap();
    }
    fs::write(base.join("kept/other"), "12345").unwrap();
    std::os::unix::fs::symlink("kept", base.join("link")).unwrap();
    let folder_of = |path: &str| evidence("program_folders", json!({"path": at(path)}), &at(path));
    let file_of = |path: &str, size: &str| evidence("program_files", json!({"size": size}), &at(path));
    let text = report(
        "a",
        "linux",
        vec![finding(
            "v/p",
            "P",
            vec![
                folder_of("link"),
                folder_of("gone-soon"),
                folder_of("never"),
                file_of("link/other", "5"),
                file_of("real/file", "4"),
                file_of("kept/file", "5"),
            ],
        )],
    );
    let script = base.join("plan.sh");
    fs::write(&script, plan(&text, "sh")).unwrap();
    let run_it = |more: &[&str]| {
        run(Command::new("sh").arg(&script).args(["--host", "a", "--log", &at("log")]).args(more))
    };
    let (code, out, _) = run_it(&[]);
    assert_eq!(code, 1, "{out}");
    assert!(base.join("gone-soon").exists() && !base.join("log").exists(), "a dry run");
    let (code, out, _) = run_it(&["--apply"]);
    assert_eq!(code, 1, "{out}");
    assert!(!base.join("gone-soon").exists() && !base.join("kept/file").exists());
    assert!(base.join("link").exists() && base.join("real/file").exists());
    assert_eq!(out.matches("REFUSED").count(), 3, "{out}");
    assert!(out.contains("it is a link now") && out.contains("a folder above it is a link now"), "{out}");
    assert!(out.contains("it has 5 bytes now and had 4") && out.contains("already gone"), "{out}");
    assert!(fs::read_to_string(base.join("log")).unwrap().contains("REFUSED"));
}

/// A copy of this host, mounted somewhere, has its name.
#[test]
fn a_plan_for_a_folder_runs_only_where_somebody_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().canonicalize().unwrap();
    fs::create_dir_all(base.join("opt/v")).unwrap();
    let path = base.join("opt/v").to_str().unwrap().to_owned();
    let evidence = evidence("program_folders", json!({"path": path}), &path);
    let uname = run(Command::new("uname").arg("-n")).1;
    let text = report(uname.trim(), "linux", vec![finding("v/p", "P", vec![evidence])]);
    let script = base.join("plan.sh");
    fs::write(&script, plan(&text.replace("\"kind\":\"host\"", "\"kind\":\"directory\""), "sh")).unwrap();
    let log = base.join("log").to_str().unwrap().to_owned();
    let (code, out, _) = run(Command::new("sh").arg(&script).args(["--apply", "--log", &log]));
    assert_eq!(code, 2, "{out}");
    assert!(
        out.contains("not a running host: run this in that system, with --host")
            && base.join("opt/v").exists(),
        "{out}"
    );
    let (code, out, _) =
        run(Command::new("sh").arg(&script).args(["--apply", "--log", &log, "--host", uname.trim()]));
    assert_eq!(code, 0, "{out}");
    assert!(!base.join("opt/v").exists());
}

#[test]
fn windows_programs_are_bound_to_what_is_registered() {
    let code = "{0123ABCD-0123-4567-89AB-0123456789AB}";
    let key = format!("HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\{code}");
    let mut msi = evidence(
        "programs",
        json!({"name": "Endpoint", "version": "12.1", "uninstall_string": format!("MsiExec.exe /I{code}")}),
        "/x",
    );
    msi["location"] = json!({"registry_key": key});
    let mut unquiet = msi.clone();
    unquiet["fields"] = json!({"name": "Other", "uninstall_string": "C:\\a\\un.exe PASSWORD=hunter2"});
    let mut product = finding("v/p", "P", vec![msi, unquiet]);
    product["removal"] =
        json!([{"title": "t", "commands": [format!("msiexec /x {code} KLPASSWD=<password> /qn")]}]);
    let text = report("W", "windows", vec![product]);
    let kinds: Vec<String> = steps(&text).into_iter().map(|(_, kind, _)| kind).collect();
    assert_eq!(kinds, ["msi", "uninstall_by_hand"]);
    let script = plan(&text, "ps1");
    let call = script.lines().find(|line| line.starts_with("Remove-Msi '")).unwrap();
    assert_eq!(call, format!("Remove-Msi '{code}' '{key}' 'Endpoint' '12.1' @('KLPASSWD')"));
    for format in ["ps1", "json", "markdown", "sh"] {
        assert!(!plan(&text, format).contains("hunter2"), "{format}");
    }
}

/// Services, drivers and folders are what a product needs while it is uninstalled, and a driver stays loaded until the
/// restart. The drivers are a finding of their own.
#[test]
fn on_windows_the_uninstaller_comes_first_then_a_restart_then_what_was_left() {
    let key = |name: &str| json!({"registry_key": format!("HKLM\\SOFTWARE\\Uninstall\\{name}")});
    let mut by_hand =
        evidence("programs", json!({"name": "Tool", "uninstall_string": "\"C:\\v\\un.exe\" /x"}), "/x");
    by_hand["location"] = key("Tool");
    let mut agent = evidence(
        "programs",
        json!({"name": "Agent", "quiet_uninstall_string": "\"C:\\v\\agent.exe\" /S", "uninstall_string": "C:\\v\\agent.exe"}),
        "/x",
    );
    agent["location"] = key("Agent");
    let mut product = finding(
        "v/product",
        "Product",
        vec![
            evidence("program_folders", json!({}), "/Program Files/V/Product"),
            evidence("drivers", json!({"name": "vfs"}), "/x"),
            evidence("services", json!({"name": "vsvc", "cmdline": "C:\\v\\svc.exe"}), "/x"),
            by_hand,
        ],
    );
    product["removal"] = json!([{"title": "the registered command", "commands": ["\"C:\\v\\un.exe\" /x"]},
        {"title": "Uninstall it", "commands": ["MsiExec.exe /X{0}"]}]);
    let drivers = finding("v/drivers", "Drivers", vec![evidence("drivers", json!({"name": "vnet"}), "/x")]);
    let text = report("W", "windows", vec![drivers, product, finding("v/agent", "Agent", vec![agent])]);
    let plan: Value = serde_json::from_str(&plan(&text, "json")).unwrap();
    let told: Vec<String> = plan["hosts"][0]["steps"]
        .as_array()
        .unwrap()
        .iter()
        .map(|step| {
            let (action, restart) = (&step["action"], step["reboot_after"] == true);
            let what = action["path"].as_str().or(action["name"].as_str()).unwrap_or_default();
            format!("{} {what}{}", step["phase"].as_str().unwrap(), if restart { ", restart" } else { "" })
        })
        .collect();
    assert_eq!(
        told,
        [
            "agent Agent",
            "product Tool, restart",
            "service vsvc",
            "service vnet",
            "service vfs",
            "remnant /Program Files/V/Product"
        ]
    );
}

/// What is left of a product waits while the product is there; a restart is asked for once.
#[test]
fn what_is_left_waits_for_the_product_and_a_restart_is_asked_for_once() {
    let base = tempfile::tempdir().unwrap();
    // The real path: the runtime refuses one with a link in it.
    let base = fs::canonicalize(base.path()).unwrap();
    let tools = base.join("tools");
    let folder = base.join("opt/v");
    fs::create_dir_all(&folder).unwrap();
    fs::create_dir_all(&tools).unwrap();
    let state = base.join("state");
    let tool = |name: &str, script: &str| {
        fs::write(tools.join(name), format!("#!/bin/sh\n{script}\n")).unwrap();
        assert!(Command::new("chmod").arg("+x").arg(tools.join(name)).status().unwrap().success());
    };
    // A package that is there until `dpkg --purge` works, which it does once `fixed` is there.
    let (shown, fixed) = (state.display(), base.join("fixed"));
    tool("dpkg-query", &format!("[ ! -e {shown} ] || echo 'installed 1 amd64'"));
    tool("dpkg", &format!("[ -e {} ] && rm {shown}", fixed.display()));
    fs::write(&state, "").unwrap();
    let module = json!({"name": "vmod", "type": "loaded"});
    let text = report(
        "a",
        "linux",
        vec![finding(
            "v/p",
            "P",
            vec![
                evidence("deb_packages", json!({"name": "p", "version": "1", "arch": "amd64"}), "/s"),
                evidence("program_folders", json!({}), folder.to_str().unwrap()),
                evidence("kernel_modules", module, "/m"),
            ],
        )],
    );
    let script = base.join("plan.sh");
    fs::write(&script, plan(&text, "sh")).unwrap();
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap());
    let apply = || {
        let mut command = Command::new("sh");
        command
            .arg(&script)
            .args(["--host", "a", "--apply", "--log"])
            .arg(base.join("log"))
            .env("PATH", &path);
        let output = command.output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, out) = apply();
    assert!(code == 1 && out.contains("FAILED") && out.contains("waits for the steps above"), "{code} {out}");
    assert!(folder.exists());
    fs::write(&fixed, "").unwrap();
    let (code, out) = apply();
    assert!(code == 4 && out.contains("restart the host now") && folder.exists(), "{code} {out}");
    let (code, out) = apply();
    // The module in the evidence is left for a person to look at.
    assert!(code == 1 && out.contains("already gone") && !out.contains("restart"), "{code} {out}");
    assert!(!folder.exists());
}

#[test]
fn the_plan_fits_its_schema() {
    let text = report(
        "a",
        "linux",
        vec![finding("v/p", "P", vec![evidence("program_folders", json!({}), "/opt/v/p")])],
    );
    let plan: Value = serde_json::from_str(&plan(&text, "json")).unwrap();
    let schema = crate::support::generated_files()
        .into_iter()
        .find(|(path, _)| path.ends_with("plan.schema.json"))
        .unwrap();
    assert!(jsonschema::is_valid(&serde_json::from_str(&schema.1).unwrap(), &plan));
}
