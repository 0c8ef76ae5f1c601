//! Removal plans of Windows and Macs on the built binary.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]
#![cfg(unix)]

use std::fs;
use std::process::Command;

use crate::support::plan::{deb, evidence, finding, plan, report, steps};
use serde_json::{Value, json};

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
