//! Removal plans on the built binary: what hostile names become in scripts, in what order steps come, and what is left
//! to a person. The scripts are run by every POSIX shell there is; `tests/e2e/plan/run.sh` takes one for real.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#![cfg(unix)]

use std::fs;
use std::process::Command;

use crate::support::plan::{deb, evidence, finding, plan, planned, report, shell, shells, steps};
use crate::support::run;
use debar::text::quote::posix;
use proptest::prelude::*;
use serde_json::{Value, json};

const HOSTILE: &str = "[-a-z $(){}`'\"\\\\%!;&|<>*?~#\n\t\r\u{7}\u{1b}\u{202e}é\u{2019}\u{1f600}]{1,24}|\\$\\(touch CANARY\\)|`touch CANARY`|'; touch CANARY; '|%PATH%|\n touch CANARY\n|-rf";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_quoted_word_is_one_word_in_every_shell(text in HOSTILE) {
        let quoted = posix(&text).unwrap();
        for name in shells() {
            let output = shell(name).arg("-c").arg(format!("printf '%s|' {quoted}")).output().unwrap();
            prop_assert_eq!(String::from_utf8(output.stdout).unwrap(), format!("{text}|"), "{}", name);
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
        for name in shells() {
            let output = shell(name).arg(&script).arg("--host").arg(&host).arg("--apply").arg("--log")
                .arg(folder.path().join("log")).arg("--data").arg(folder.path().join("data")).current_dir(folder.path()).output().unwrap();
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            prop_assert_eq!(errors, "", "{}", name);
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
        let output = planned(&forged.to_string(), format);
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

/// A name with a line's end in it makes no line of its own among the messages.
#[test]
fn a_refused_name_is_one_line() {
    let forged = "vendorware\ndebar: removed\u{202e}";
    let mut package = deb(forged);
    package["fields"]["maintainer"] = json!("Somebody else");
    let output = planned(&report("a", "linux", vec![finding("v/p", "P", vec![package])]), "text");
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(errors.lines().count(), 1, "{errors}");
    assert!(errors.contains("u{a}debar: removed") && !errors.contains('\u{202e}'), "{errors}");
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
