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

/// Signatures of a vendor that the tests make up.
const SIGNATURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/plan/v.json");

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
        .args(["plan", "-", "--signatures", SIGNATURES, "-o", format])
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

/// A package of dpkg by this vendor.
fn deb(name: &str) -> Value {
    let fields = json!({"name": name, "version": "1", "arch": "amd64", "maintainer": "Vendor Ltd"});
    evidence("deb_packages", fields, "/s")
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
        let path = format!("/nowhere/vendorware{path}");
        let text = report(&host, "linux", vec![finding("v/p", &name, vec![
            evidence("deb_packages", json!({"name": name, "version": name, "arch": "amd64", "maintainer": "Vendor Ltd"}), "/s"),
            evidence("program_folders", json!({"name": name, "path": path}), &path),
            evidence("program_files", json!({"name": name, "size": "1"}), &path),
            evidence("systemd_units", json!({"name": name}), &path),
            evidence("crontab", json!({"name": name, "program": format!("/vendorware{name}")}), &path),
        ])]);
        let script = folder.path().join("plan.sh");
        fs::write(&script, plan(&text, "sh")).unwrap();
        for shell in shells() {
            let output = Command::new(shell).arg(&script).arg("--host").arg(&host).arg("--apply").arg("--log")
                .arg(folder.path().join("log")).arg("--data").arg(folder.path().join("data")).current_dir(folder.path()).output().unwrap();
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            prop_assert_eq!(errors, "", "{}", shell);
            prop_assert!(matches!(output.status.code(), Some(0..=2)), "{:?}", output);
            let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            prop_assert_eq!(names.len(), 3, "{:?}", names);
        }
        let windows = plan(&text.replace("\"linux\"", "\"windows\""), "ps1");
        prop_assert!(windows.bytes().all(|byte| byte.is_ascii() && (byte >= 0x20 || byte == b'\n')));
    }
}

#[test]
fn agents_come_first_and_remnants_last() {
    let unit = "/etc/systemd/system/vendorware.service";
    let agent =
        json!({"name": "agent", "version": "1", "release": "2", "arch": "x86_64", "vendor": "Vendor Ltd"});
    let text = report(
        "a",
        "linux",
        vec![
            finding(
                "v/product",
                "Product",
                vec![
                    evidence("program_folders", json!({}), "/opt/vendorware/product"),
                    evidence("systemd_units", json!({}), unit),
                    deb("product"),
                ],
            ),
            finding("v/network-agent", "Agent", vec![evidence("rpm_packages", agent, "/r")]),
        ],
    );
    let order: Vec<String> =
        steps(&text).into_iter().map(|(phase, kind, _)| format!("{phase} {kind}")).collect();
    assert_eq!(order, ["keep keep", "agent rpm", "product deb", "service unit", "remnant folder"]);
}

#[test]
fn what_many_share_and_what_is_unsafe_is_left_to_a_person() {
    for path in [
        "/vendorware",
        "/home/vendorware",
        "/usr/vendorware",
        "/opt/../vendorware",
        "/opt//vendorware",
        "/opt/vendorware\\xff",
        "/opt/vendorware/lib",
        "/opt/vendorware/System32",
        "opt/vendorware",
        "/opt/vendorware\nb",
    ] {
        let text = report(
            "a",
            "linux",
            vec![finding("v/p", "P", vec![evidence("program_folders", json!({"path": path}), path)])],
        );
        assert_eq!(steps(&text)[0].1, "manual", "{path}");
    }
    for name in ["-rf", "a b", "$(reboot)", "a;b", ""] {
        let text = report("a", "linux", vec![finding("v/p", "P", vec![deb(name)])]);
        assert_eq!(steps(&text)[0].1, "manual", "{name}");
    }
    // What only its content shows: a report could say so of any file.
    let signed = evidence("program_files", json!({"signer": "Vendor Ltd"}), "/usr/sbin/sshd");
    let text = report("a", "linux", vec![finding("v/p", "P", vec![signed])]);
    assert_eq!(steps(&text)[0].1, "manual");
}

/// A report is a file that anybody can write.
#[test]
fn a_forged_report_makes_no_step() {
    let forged = vec![
        finding(
            "v/p",
            "P",
            vec![
                evidence("program_folders", json!({"path": "/opt/vendorware"}), "/var/lib/postgresql"),
                evidence(
                    "deb_packages",
                    json!({"name": "openssh-server", "version": "1", "arch": "amd64", "maintainer": "Debian"}),
                    "/s",
                ),
            ],
        ),
        finding("acme/shell", "Shell", vec![deb("bash")]),
        finding("protection/microsoft-defender", "Defender", vec![deb("bash")]),
    ];
    let mut forged = serde_json::from_str::<Value>(&report("a", "linux", forged)).unwrap();
    forged["findings"][0]["removal"] =
        json!([{"title": "Run rm -rf /", "commands": ["rm -rf /srv"], "note": "now"}]);
    for format in ["text", "json", "sh", "markdown"] {
        let mut child = debar()
            .args(["plan", "-", "--signatures", SIGNATURES, "-o", format])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(forged.to_string().as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let (out, err) =
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
        assert_eq!(output.status.code(), Some(3), "{err}");
        for named in ["postgresql", "openssh-server", "acme/shell"] {
            assert!(err.contains(named), "{named}: {err}");
            assert!(out.contains(named), "{format} does not name {named}");
        }
        assert!(!out.contains("rm -rf /srv") && !out.contains("Run rm"), "{format}");
        if format == "json" {
            let plan: Value = serde_json::from_str(&out).unwrap();
            assert_eq!(plan["hosts"][0]["steps"].as_array().unwrap().len(), 0);
        }
    }
}

/// A user's unit has the name of the system's, and the path of a user's program is the user's.
#[test]
fn what_a_user_owns_is_never_run_or_stopped_for_the_system() {
    let unit = evidence(
        "systemd_units",
        json!({"name": "ssh.service", "program": "/opt/vendorware/x", "scope": "user", "user": "eve"}),
        "/home/eve/.config/systemd/user/ssh.service",
    );
    let text = report("a", "linux", vec![finding("v/p", "P", vec![unit])]);
    let script = plan(&text, "sh");
    let call = script.lines().find(|line| line.contains("unit 'ssh.service'")).unwrap();
    assert!(call.ends_with("'/opt/vendorware/x' 'user'"), "{call}");
    let mut program = evidence(
        "programs",
        json!({"name": "Tool", "publisher": "Vendor Ltd", "quiet_uninstall_string": "\"C:\\Users\\eve\\evil.exe\" /S",
            "scope": "user", "user": "eve"}),
        "/x",
    );
    program["location"] = json!({"registry_key": "HKU\\S-1-5-21-1\\Software\\Uninstall\\Tool"});
    let mut machine = program.clone();
    machine["fields"]["scope"] = json!("machine");
    machine["location"] = json!({"registry_key": "HKLM\\SOFTWARE\\Uninstall\\Tool"});
    let text = report("W", "windows", vec![finding("v/p", "P", vec![program, machine])]);
    let kinds: Vec<String> = steps(&text).into_iter().map(|(_, kind, _)| kind).collect();
    assert_eq!(kinds, ["uninstall_by_hand", "uninstall_by_hand"]);
    let script = plan(&text, "ps1");
    assert!(!script.contains("{ Invoke-Uninstaller '"), "{script}");
    assert!(script.contains("as the user eve, never as administrator"), "{script}");
}

/// What cannot be undone stops `--apply`, and only while the product is there.
#[test]
fn the_only_antivirus_needs_a_replacement() {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().canonicalize().unwrap();
    fs::create_dir_all(base.join("vendorware/x")).unwrap();
    let path = base.join("vendorware/x").to_str().unwrap().to_owned();
    let text = report(
        "a",
        "linux",
        vec![finding("v/guard", "Guard", vec![evidence("program_folders", json!({}), &path)])],
    );
    let script = base.join("plan.sh");
    fs::write(&script, plan(&text, "sh")).unwrap();
    let run_it = |more: &[&str]| {
        let mut command = Command::new("sh");
        let data = base.join("data");
        run(command
            .arg(&script)
            .args(["--host", "a", "--log"])
            .arg(base.join("log"))
            .arg("--data")
            .arg(data)
            .args(more))
    };
    let (code, out, _) = run_it(&[]);
    assert!(code == 1 && out.contains("nothing was changed; --apply does it"), "{out}");
    let (code, out, _) = run_it(&["--apply"]);
    assert!(
        code == 1 && out.contains("--i-have-a-replacement") && base.join("vendorware/x").exists(),
        "{out}"
    );
    let (code, out, _) = run_it(&["--apply", "--i-have-a-replacement"]);
    assert!(code == 0 && !base.join("vendorware/x").exists(), "{out}");
    let (code, out, _) = run_it(&["--apply"]);
    assert!(code == 0 && out.contains("everything is done"), "{out}");
}

/// Quarantine, keys and logs are kept, with their owners, in a folder of root.
#[test]
fn data_is_kept_before_its_folder_goes() {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().canonicalize().unwrap();
    let data = base.join("var/opt/vendorware");
    fs::create_dir_all(data.join("quarantine")).unwrap();
    fs::write(data.join("quarantine/sample"), "evidence").unwrap();
    fs::write(data.join("kesl.log"), "log").unwrap();
    let text = report(
        "a",
        "linux",
        vec![finding("v/p", "P", vec![evidence("program_folders", json!({}), data.to_str().unwrap())])],
    );
    let page = plan(&text, "text");
    assert!(page.contains("Look inside first"), "{page}");
    let script = base.join("plan.sh");
    fs::write(&script, plan(&text, "sh")).unwrap();
    let run_it = || {
        let mut command = Command::new("sh");
        let kept = base.join("kept data");
        run(command
            .arg(&script)
            .args(["--host", "a", "--apply", "--log"])
            .arg(base.join("log"))
            .arg("--data")
            .arg(kept))
    };
    let (code, out, err) = run_it();
    assert!(code == 0 && !data.exists(), "{out}{err}");
    let kept = run(Command::new("find").arg(base.join("kept data")).args(["-type", "f"])).1;
    assert!(kept.contains("quarantine/sample") && kept.contains("kesl.log"), "{kept}");
    use std::os::unix::fs::PermissionsExt as _;
    assert_eq!(fs::metadata(base.join("kept data")).unwrap().permissions().mode() & 0o777, 0o700);
    let (code, out, _) = run_it();
    assert!(code == 0 && !out.contains("FAILED"), "{out}");
}

#[test]
fn a_clean_report_has_nothing_to_remove() {
    let text = report("a", "linux", Vec::new());
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("plan.sh");
    fs::write(&script, plan(&text, "sh")).unwrap();
    let (code, out, _) = run(Command::new("sh").arg(&script).args(["--host", "a"]));
    assert_eq!((code, out.as_str()), (0, "nothing to remove\n"));
    assert!(plan(&text, "text").contains("Nothing to remove."));
    assert!(!plan(&text, "markdown").contains("\\:"), "a terminal shows escapes");
}

#[test]
fn an_image_is_built_again() {
    let mut package = deb("product");
    package["location"] = json!({"path": "/s", "record": "product",
        "layer": {"index": 3, "digest": "sha256:1", "created_by": "RUN apt-get install product TOKEN=hunter2"}});
    let text = report("img", "linux", vec![finding("v/guard", "Guard", vec![package])]);
    let text = text.replace("\"kind\":\"host\"", "\"kind\":\"image\"");
    let page = plan(&text, "text");
    assert!(
        page.contains("Remove this build step (`RUN apt-get install product TOKEN=<redacted>`, layer 3)"),
        "{page}"
    );
    assert!(!page.contains("antivirus") && !page.contains("dpkg") && !page.contains("hunter2"), "{page}");
    // No format has a step for a host, or promises that a script takes one.
    for format in ["text", "markdown", "sh", "ps1"] {
        let page = plan(&text, format);
        assert!(page.contains("an image is built again, which no script does"), "{format}: {page}");
        let tail = page.rsplit("an image").next().unwrap();
        assert!(!tail.contains("apply does it") && !tail.contains("plan.sh"), "{format}: {page}");
    }
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("plan.sh");
    fs::write(&script, plan(&text, "sh")).unwrap();
    for more in [&[][..], &["--apply"]] {
        let (code, out, err) = run(Command::new("sh").arg(&script).args(more));
        assert!(code == 1 && out.contains("layer 3") && err.is_empty(), "{out}{err}");
    }
    let playbook = plan(&text, "ansible");
    assert!(
        playbook.contains("- name: ") && playbook.contains("layer 3") && !playbook.contains("become"),
        "{playbook}"
    );
}

/// What is left to people is not promised to a script.
#[test]
fn a_plan_by_hand_promises_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().canonicalize().unwrap();
    let tab = base.join("tab").to_str().unwrap().to_owned();
    fs::write(&tab, "* * * * * root /vendorware/x\n").unwrap();
    let mut entry =
        evidence("crontab", json!({"program": "/vendorware/x", "cmdline": "/vendorware/x"}), &tab);
    entry["location"] = json!({"path": tab, "record": "* * * * * root /vendorware/x"});
    let text = report("a", "linux", vec![finding("v/p", "P", vec![entry])]);
    let script = base.join("plan.sh");
    fs::write(&script, plan(&text, "sh")).unwrap();
    let (code, out, _) = run(Command::new("sh").arg(&script).args(["--host", "a"]));
    assert!(
        code == 1 && out.contains("--apply changes nothing") && !out.contains("--apply does it"),
        "{out}"
    );
    let log = base.join("log").to_str().unwrap().to_owned();
    let data = base.join("data").to_str().unwrap().to_owned();
    let apply = ["--host", "a", "--apply", "--log", &log, "--data", &data];
    let (code, out, _) = run(Command::new("sh").arg(&script).args(apply));
    assert!(code == 1 && out.contains("1 step is left to do"), "{out}");
}

/// The vendor's shared drivers by the signatures that are built in: out of the lists of filters first.
#[test]
fn the_filters_of_shared_drivers_go_first() {
    let at = |collector: &str, fields: Value, key: &str| {
        let mut evidence = evidence(collector, fields, "/x");
        evidence["location"] = json!({ "registry_key": key });
        evidence
    };
    let path = r"C:\Windows\system32\DRIVERS\klkbdflt.sys";
    let image = r"\SystemRoot\system32\DRIVERS\klkbdflt.sys";
    let service = r"HKLM\SYSTEM\CurrentControlSet\Services\klkbdflt";
    let class = r"HKLM\SYSTEM\CurrentControlSet\Control\Class\{4d36e96b-e325-11ce-bfc1-08002be10318}";
    let driver = |shown: Option<&str>| {
        let mut fields = json!({"name": "klkbdflt", "path": path, "cmdline": image});
        if let Some(shown) = shown {
            fields["display_name"] = json!(shown);
        }
        at("drivers", fields, service)
    };
    let filter = at(
        "driver_bindings",
        json!({"name": "klkbdflt", "path": path, "type": "upper-filter", "section": "Keyboard"}),
        class,
    );
    for (shown, value) in
        [(None, ""), (Some("Kaspersky Lab Keyboard Device Filter"), "Kaspersky Lab Keyboard Device Filter")]
    {
        let found = finding("kaspersky/drivers", "D", vec![driver(shown), filter.clone()]);
        let plan: Value = serde_json::from_str(&plan(&report("W", "windows", vec![found]), "json")).unwrap();
        let steps = plan["hosts"][0]["steps"].as_array().unwrap();
        let kinds: Vec<&str> = steps.iter().map(|step| step["action"]["kind"].as_str().unwrap()).collect();
        assert_eq!(kinds, ["driver_filter", "windows_service", "manual"], "{plan}");
        // What the signature goes by is checked again on the host, also that it names no other vendor.
        assert_eq!(steps[1]["action"]["values"]["DisplayName"], value, "{plan}");
        // The class stays; the driver's name in its list does not.
        let checks = steps[2]["action"]["checks"].as_array().unwrap();
        assert!(checks.contains(&json!({"kind": "data", "key": class, "text": "klkbdflt"})), "{plan}");
        assert!(!checks.contains(&json!({"kind": "key", "key": class})), "{plan}");
    }
}

/// A step by hand ends: of a key that others share only what is the product's is looked for.
#[test]
fn a_shared_key_does_not_keep_a_step_open() {
    const KES: &str = "kaspersky/endpoint-security-windows";
    let run = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Run";
    let windows = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Windows";
    let approved = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Shell Extensions\Approved";
    let folder = r"C:\Program Files (x86)\Kaspersky Lab\KES.12.4.0";
    let startup = |kind: &str, name: &str, file: &str, key: &str| {
        let program = format!(r"{folder}\{file}");
        let mut one = evidence(
            "startup_items",
            json!({"name": name, "type": kind, "program": program, "cmdline": program}),
            "/x",
        );
        one["location"] = json!({ "registry_key": key });
        one
    };
    let mut extension = evidence(
        "com_extensions",
        json!({"name": "x", "type": "approved-shell-extension", "identifier": "{1}", "program": format!(r"{folder}\shellex.dll")}),
        "/x",
    );
    extension["location"] =
        json!({"registry_key": approved, "record": "{DD230880-495A-11D1-B064-008048EC2FC5}"});
    for (product, evidence, check) in [
        (KES, startup("run", "AVP", "avp.exe", run), json!({"kind": "value", "key": run, "value": "AVP"})),
        (
            KES,
            startup("appinit", "AppInit_DLLs", "kloehk.dll", windows),
            json!({"kind": "data", "key": windows, "text": "kloehk.dll"}),
        ),
        (
            "kaspersky/other",
            extension,
            json!({"kind": "data", "key": approved, "text": "{DD230880-495A-11D1-B064-008048EC2FC5}"}),
        ),
    ] {
        let found = finding(product, "K", vec![evidence]);
        let plan: Value = serde_json::from_str(&plan(&report("W", "windows", vec![found]), "json")).unwrap();
        let steps = plan["hosts"][0]["steps"].as_array().unwrap();
        let checks: Vec<&Value> =
            steps.iter().filter_map(|step| step["action"]["checks"].as_array()).flatten().collect();
        assert!(!checks.is_empty() && checks.iter().all(|seen| **seen == check), "{plan}");
    }
}

#[test]
fn links_sizes_and_owners_are_checked_on_the_host() {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().canonicalize().unwrap().join("vendorware");
    fs::create_dir(&base).unwrap();
    let at = |name: &str| base.join(name).to_str().unwrap().to_owned();
    for name in ["real", "kept", "gone-soon"] {
        fs::create_dir(base.join(name)).unwrap();
        fs::write(base.join(name).join("file"), "12345").unwrap();
    }
    fs::write(base.join("kept/other"), "12345").unwrap();
    for link in ["link", "other-link"] {
        std::os::unix::fs::symlink("kept", base.join(link)).unwrap();
    }
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
                file_of("other-link/other", "5"),
                file_of("real/file", "4"),
                file_of("kept/file", "5"),
            ],
        )],
    );
    let script = base.join("plan.sh");
    fs::write(&script, plan(&text, "sh")).unwrap();
    let run_it = |more: &[&str]| {
        run(Command::new("sh")
            .arg(&script)
            .args(["--host", "a", "--log", &at("log"), "--data", &at("data")])
            .args(more))
    };
    let (code, out, _) = run_it(&[]);
    assert_eq!(code, 1, "{out}");
    assert!(base.join("gone-soon").exists() && !base.join("log").exists(), "a dry run");
    let (code, out, _) = run_it(&["--apply"]);
    assert_eq!(code, 1, "{out}");
    assert!(!base.join("gone-soon").exists() && !base.join("kept/file").exists());
    assert!(base.join("link").exists() && base.join("real/file").exists());
    assert_eq!(out.matches("REFUSED").count(), 4, "{out}");
    assert!(out.contains("it is a link now") && out.contains("a folder above it is a link now"), "{out}");
    assert!(out.contains("it has 5 bytes now and had 4") && out.contains("already gone"), "{out}");
    assert!(fs::read_to_string(base.join("log")).unwrap().contains("REFUSED"));
}

/// A copy of this host, mounted somewhere, has its name.
#[test]
fn a_plan_for_a_folder_runs_only_where_somebody_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let base = folder.path().canonicalize().unwrap();
    let there = base.join("opt/vendorware");
    fs::create_dir_all(&there).unwrap();
    let path = there.to_str().unwrap().to_owned();
    let evidence = evidence("program_folders", json!({"path": path}), &path);
    let uname = run(Command::new("uname").arg("-n")).1;
    let text = report(uname.trim(), "linux", vec![finding("v/p", "P", vec![evidence])]);
    let script = base.join("plan.sh");
    fs::write(&script, plan(&text.replace("\"kind\":\"host\"", "\"kind\":\"directory\""), "sh")).unwrap();
    let log = base.join("log").to_str().unwrap().to_owned();
    let data = base.join("data").to_str().unwrap().to_owned();
    let (code, out, _) =
        run(Command::new("sh").arg(&script).args(["--apply", "--log", &log, "--data", &data]));
    assert_eq!(code, 2, "{out}");
    assert!(
        out.contains("not a running host: run this in that system, with --host") && there.exists(),
        "{out}"
    );
    let (code, out, _) = run(Command::new("sh").arg(&script).args([
        "--apply",
        "--log",
        &log,
        "--data",
        &data,
        "--host",
        uname.trim(),
    ]));
    assert_eq!(code, 0, "{out}");
    assert!(!there.exists());
}

#[test]
fn windows_programs_are_bound_to_what_is_registered() {
    let code = "{0123ABCD-0123-4567-89AB-0123456789AB}";
    let key = format!("HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\{code}");
    let mut msi = evidence(
        "programs",
        json!({"name": "Endpoint", "version": "12.1", "publisher": "Vendor Ltd", "uninstall_string": format!("MsiExec.exe /I{code}")}),
        "/x",
    );
    msi["location"] = json!({"registry_key": key});
    let mut unquiet = msi.clone();
    unquiet["fields"] = json!({"name": "Other", "publisher": "Vendor Ltd", "uninstall_string": "C:\\a\\un.exe PASSWORD=hunter2"});
    let text = report("W", "windows", vec![finding("v/p", "P", vec![msi, unquiet])]);
    let kinds: Vec<String> = steps(&text).into_iter().map(|(_, kind, _)| kind).collect();
    assert_eq!(kinds, ["msi", "uninstall_by_hand"]);
    let script = plan(&text, "ps1");
    let call = script.lines().find(|line| line.contains("{ Remove-Msi '")).unwrap();
    let packed = "DCBA321032107654"; // the first three groups reversed
    assert!(
        call.contains(&format!("Remove-Msi '{code}' '{packed}98BA1032547698BA' '{key}' 'Endpoint' '12.1'")),
        "{call}"
    );
    assert!(call.contains("@('Publisher=Vendor Ltd') @('utf16-hex KLHEX', 'plain KLPASSWD')"), "{call}");
    for format in ["ps1", "json", "markdown", "sh", "text", "ansible"] {
        assert!(!plan(&text, format).contains("hunter2"), "{format}");
    }
}

/// Services, drivers and folders are what a product needs while it is uninstalled, and a driver stays loaded until the
/// restart. The drivers are a finding of their own.
#[test]
fn on_windows_the_uninstaller_comes_first_then_a_restart_then_what_was_left() {
    let registered = |name: &str, fields: Value| {
        let mut evidence = evidence("programs", fields, "/x");
        evidence["fields"]["publisher"] = json!("Vendor Ltd");
        evidence["location"] = json!({"registry_key": format!("HKLM\\SOFTWARE\\Uninstall\\{name}")});
        evidence
    };
    let service = |collector: &str, name: &str| {
        let mut evidence = evidence(collector, json!({"name": name}), "/x");
        evidence["location"] =
            json!({"registry_key": format!("HKLM\\SYSTEM\\CurrentControlSet\\Services\\{name}")});
        evidence
    };
    let by_hand = registered("Tool", json!({"name": "Tool", "uninstall_string": "\"C:\\v\\un.exe\" /x"}));
    let agent = registered(
        "Agent",
        json!({"name": "Agent", "quiet_uninstall_string": "\"C:\\v\\agent.exe\" /S", "uninstall_string": "C:\\v\\agent.exe"}),
    );
    let product = finding(
        "v/product",
        "Product",
        vec![
            evidence("program_folders", json!({}), "/Program Files/Vendorware/Product"),
            evidence("program_files", json!({}), "/D:/Vendorware/a.sys"),
            service("drivers", "vendfs"),
            service("services", "vendsvc"),
            by_hand,
        ],
    );
    let drivers = finding("v/drivers", "Drivers", vec![service("drivers", "vendnet")]);
    let text = report("W", "windows", vec![drivers, product, finding("v/agent", "Agent", vec![agent])]);
    let plan: Value = serde_json::from_str(&plan(&text, "json")).unwrap();
    let shown: Vec<String> = plan["hosts"][0]["steps"]
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
        shown,
        [
            "keep C:\\Program Files\\Vendorware\\Product",
            "agent Agent",
            "product Tool, restart",
            "filter vendnet",
            "filter vendfs",
            "service vendsvc",
            "service vendnet",
            "service vendfs, restart",
            "remnant C:\\Program Files\\Vendorware\\Product",
            "remnant D:\\Vendorware\\a.sys",
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
    let folder = base.join("opt/vendorware");
    fs::create_dir_all(&folder).unwrap();
    fs::create_dir_all(&tools).unwrap();
    let state = base.join("state");
    let tool = |name: &str, script: &str| {
        fs::write(tools.join(name), format!("#!/bin/sh\n{script}\n")).unwrap();
        assert!(Command::new("chmod").arg("+x").arg(tools.join(name)).status().unwrap().success());
    };
    // A package that is there until `dpkg --purge` works, which it does once `fixed` is there.
    let (shown, fixed) = (state.display(), base.join("fixed"));
    let state_of = format!("[ ! -e {shown} ] || echo 'installed 1 amd64'");
    tool("dpkg-query", &format!("case \"$*\" in *Maintainer*) printf 'Vendor Ltd' ;; *) {state_of} ;; esac"));
    tool("dpkg", &format!("[ -e {} ] && rm {shown}", fixed.display()));
    fs::write(&state, "").unwrap();
    let module = json!({"name": "vendmod", "type": "loaded"});
    let text = report(
        "a",
        "linux",
        vec![finding(
            "v/p",
            "P",
            vec![
                deb("p"),
                evidence("program_folders", json!({}), folder.to_str().unwrap()),
                evidence("kernel_modules", module, "/m"),
            ],
        )],
    );
    let script = base.join("plan.sh");
    fs::write(&script, plan(&text, "sh")).unwrap();
    let path = format!("{}:{}", tools.display(), std::env::var("PATH").unwrap());
    let apply = |more: &[&str]| {
        let mut command = Command::new("sh");
        command.arg(&script).args(["--host", "a", "--apply", "--log"]).arg(base.join("log"));
        command.arg("--data").arg(base.join("data")).args(more).env("PATH", &path);
        let output = command.output().unwrap();
        (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, out) = apply(&[]);
    assert!(code == 2 && out.contains("FAILED") && out.contains("waits for the steps above"), "{code} {out}");
    assert!(folder.exists());
    fs::write(&fixed, "").unwrap();
    // The restart is due until there was one.
    for _ in 0..2 {
        let (code, out) = apply(&[]);
        assert!(code == 64 && out.contains("restart the host now") && folder.exists(), "{code} {out}");
    }
    let (code, out) = apply(&["--restarted"]);
    // The module is not loaded any more: the script sees that.
    assert!(code == 0 && out.contains("already gone") && !out.contains("restart the"), "{code} {out}");
    assert!(!folder.exists());
}

#[test]
fn the_plan_fits_its_schema() {
    let text = report(
        "a",
        "linux",
        vec![finding("v/p", "P", vec![evidence("program_folders", json!({}), "/opt/vendorware/p")])],
    );
    let plan: Value = serde_json::from_str(&plan(&text, "json")).unwrap();
    let schema = crate::support::generated_files()
        .into_iter()
        .find(|(path, _)| path.ends_with("plan.schema.json"))
        .unwrap();
    assert!(jsonschema::is_valid(&serde_json::from_str(&schema.1).unwrap(), &plan));
}

/// Decryption comes before anything that makes the content of a disk unreadable; by the signatures that are built in.
#[test]
fn what_can_encrypt_stops_a_plan_of_the_built_in_signatures() {
    let registered = |collector: &str, fields: Value, key: &str| {
        let mut evidence = evidence(collector, fields, "/x");
        evidence["location"] = json!({ "registry_key": key });
        evidence
    };
    let program = |name: &str| {
        let fields = json!({"name": name, "publisher": "Kaspersky", "version": "12"});
        registered("programs", fields, "HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Uninstall\\{A}")
    };
    let driver = |name: &str| {
        let path = format!("C:\\Windows\\System32\\drivers\\{name}.sys");
        let key = format!("HKLM\\SYSTEM\\CurrentControlSet\\Services\\{name}");
        registered("drivers", json!({"name": name, "cmdline": path, "path": path}), &key)
    };
    let part = |name: &str| {
        let mut part = driver(name);
        (part["shared"], part["product"]) = (json!(true), json!("kaspersky/drivers"));
        part
    };
    for (id, evidence, stops) in [
        (
            "kaspersky/endpoint-security-windows",
            vec![program("Kaspersky Endpoint Security for Windows")],
            true,
        ),
        ("kaspersky/small-office-security", vec![program("Kaspersky Small Office Security")], true),
        ("kaspersky/drivers", vec![driver("klfdefsf")], true),
        ("kaspersky/drivers", vec![driver("klfle")], true),
        ("kaspersky/drivers", vec![driver("klkbdflt")], false),
        // The driver of the encryption is a part of a product that does not encrypt.
        ("kaspersky/anti-virus", vec![program("Kaspersky Anti-Virus"), part("klfle")], true),
        ("kaspersky/anti-virus", vec![program("Kaspersky Anti-Virus"), part("klif")], false),
    ] {
        let text = report("W", "windows", vec![finding(id, "P", evidence)]);
        let plan: Value = serde_json::from_str(&plan(&text, "json")).unwrap();
        let steps = plan["hosts"][0]["steps"].as_array().unwrap();
        assert!(!steps.is_empty(), "{id}: {plan}");
        let settled = steps.iter().any(|step| step["action"]["what"] == "decrypted");
        assert_eq!(settled, stops, "{id}: {plan}");
    }
}

/// On a Mac the vendor's uninstaller lies in the folders that go, and extensions are unloaded before their bundles; by the
/// signatures that are built in.
#[test]
fn a_mac_keeps_its_uninstaller_until_it_ran() {
    let folder = "/Library/Application Support/Kaspersky Lab/KAV";
    let agent = "/Users/eve/Library/LaunchAgents/com.kaspersky.kav.gui.plist";
    let job = json!({"label": "com.kaspersky.kav.gui", "type": "agent", "path": agent, "cmdline": "/Applications/Kaspersky.app/Contents/MacOS/k",
        "program": "/Applications/Kaspersky.app/Contents/MacOS/k"});
    let kext = "/Library/Extensions/klif.kext";
    let app =
        evidence("apps", json!({"bundle_identifier": "com.kaspersky.kav"}), "/Applications/Kaspersky.app");
    let rest = vec![
        evidence("program_folders", json!({"name": "KAV", "path": folder}), folder),
        evidence("kernel_extensions", json!({"bundle_identifier": "com.kaspersky.kext.klif"}), kext),
        evidence("launchd", job, agent),
    ];
    let plan_of = |evidence: Vec<Value>| -> Vec<Value> {
        let text = report("m", "macos", vec![finding("kaspersky/mac-security", "P", evidence)]);
        let plan: Value = serde_json::from_str(&plan(&text, "json")).unwrap();
        plan["hosts"][0]["steps"].as_array().unwrap().clone()
    };
    let steps = plan_of([vec![app], rest.clone()].concat());
    let at = |what: &str| steps.iter().position(|step| step.to_string().contains(what)).unwrap();
    let uninstaller = at("UninstallScript");
    assert_eq!(steps[uninstaller]["phase"], "product");
    // It is done when the app is gone, whatever it leaves behind.
    assert_eq!(
        steps[uninstaller]["action"]["checks"],
        json!([{"kind": "path", "path": "/Applications/Kaspersky.app"}])
    );
    assert_eq!(steps[at("kextunload")]["phase"], "filter");
    let deleted = steps.iter().position(|step| step["action"]["kind"] == "folder").unwrap();
    assert!(uninstaller < deleted && at("kextunload") < deleted, "{steps:?}");
    // What a user owns is never done to the system, whatever name it has.
    let unloaded = at("launchctl");
    assert_eq!(
        steps[unloaded]["action"]["commands"],
        json!([format!("sudo -u eve launchctl unload -w {agent}")])
    );
    // Leftovers have no uninstaller to wait for.
    let steps = plan_of(rest);
    let phases: Vec<&Value> = steps.iter().map(|step| &step["phase"]).collect();
    assert!(!phases.contains(&&json!("product")), "{steps:?}");
}

/// Kinds of odd evidence that no script may act on, and that do not seem to be gone where a script cannot see them.
#[test]
fn what_lies_elsewhere_is_left_to_a_person() {
    let kinds = |os: &str, evidence: Value| -> Vec<(String, String, Value)> {
        let text = report("a", os, vec![finding("v/p", "P", vec![evidence])]);
        let plan: Value = serde_json::from_str(&plan(&text, "json")).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let steps = plan["hosts"][0]["steps"].as_array().unwrap().clone();
        steps
            .iter()
            .map(|step| {
                (text(&step["phase"]), text(&step["action"]["kind"]), step["action"]["checks"].clone())
            })
            .collect()
    };
    // Other file systems: containers, images, what only shows something else.
    for path in [
        "/proc/1/root/opt/vendorware",
        "/var/lib/docker/overlay2/a/diff/opt/vendorware",
        "/var/lib/containers/storage/overlay/a/diff/opt/vendorware",
        "/run/user/1000/doc/vendorware/x",
        "/sys/x/vendorware/y",
    ] {
        let steps = kinds("linux", evidence("program_folders", json!({}), path));
        assert_eq!(steps, [("manual".to_owned(), "manual".to_owned(), Value::Null)], "{path}");
    }
    let mut layered = evidence("program_folders", json!({}), "/opt/vendorware/x");
    layered["location"]["layer"] = json!({"index": 2, "digest": "sha256:1"});
    assert_eq!(kinds("linux", layered)[0].1, "manual");
    // Paths that Windows takes for other ones, or cannot be seen by a script.
    let long = format!("/Program Files/Vendorware/{}x", "folder/".repeat(40));
    for path in [
        "/Program Files/Vendorware./x",
        "/Program Files/Vendorware /x",
        "/Program Files/Vendorware/con",
        &long,
    ] {
        let steps = kinds("windows", evidence("program_folders", json!({}), path));
        assert_eq!(steps, [("manual".to_owned(), "manual".to_owned(), Value::Null)], "{path}");
    }
    // A unit that starts the system's own program, too.
    let shared = json!({"name": "ssh.service", "program": ["/usr/sbin/sshd", "/opt/vendorware/x"]});
    assert_eq!(
        kinds("linux", evidence("systemd_units", shared, "/etc/systemd/system/ssh.service"))[0].1,
        "manual"
    );
    // Uninstallers: of a user, of nobody's part of the registry, with files that others may have written.
    let quiet = |command: &str, key: &str| {
        let fields = json!({"name": "Tool", "publisher": "Vendor Ltd", "quiet_uninstall_string": command});
        let mut program = evidence("programs", fields, "/x");
        program["location"] = json!({ "registry_key": key });
        program
    };
    let machine = "HKLM\\SOFTWARE\\Uninstall\\Tool";
    assert_eq!(kinds("windows", quiet("\"C:\\v\\un.exe\" /S", machine))[0].1, "uninstaller");
    for (command, key) in [
        ("\"C:\\v\\un.exe\" /S", "HKCU\\SOFTWARE\\Uninstall\\Tool"),
        ("\"C:\\v\\un.exe\" /S", "HKEY_CURRENT_USER\\SOFTWARE\\Uninstall\\Tool"),
        ("\"C:\\v\\un.exe\" /S", "HKCR\\Uninstall\\Tool"),
        ("\"C:\\v\\un.exe\" /S /script C:\\Users\\eve\\x.ini", machine),
        ("\"C:\\v\\un.exe\" /S \\\\server\\share\\x", machine),
        ("\"C:\\Program Files\\nodejs\\node.exe\" un.js", machine),
        ("\"C:\\v\\un.exe\" /S KLPASSWD=<redacted>", machine),
    ] {
        assert_eq!(kinds("windows", quiet(command, key))[0].1, "uninstall_by_hand", "{command} in {key}");
    }
}
