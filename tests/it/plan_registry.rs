//! What a plan checks again on Windows is what the collectors read there: from hives through scan and plan, and back
//! to the values of the hives as the script's runtime looks at them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]
#![cfg(unix)]

use crate::support::world::hive;

use crate::support::world::hive::Hive;
use crate::support::{Root, debar, run};
use debar::fs::Root as Files;
use debar::fs::directory::Directory;
use debar::model::TargetKind;
use debar::registry::{Key, Registry};
use debar::target::Target;
use serde_json::Value;

const RUNTIME: &str = include_str!("../../src/plan/runtime.ps1");
const UNINSTALL: &str = r"Microsoft\Windows\CurrentVersion\Uninstall";
const EXPAND_SZ: u32 = 2;

fn signatures() -> String {
    r#"{"format": 1, "vendor": {"id": "v", "name": "V"}, "version": "1", "date": "2026-01-01",
      "sources": {"s": "the tests"}, "rules": [], "products": [{"id": "p", "name": "P", "status": "banned",
      "platforms": ["windows"], "indicators": [
        {"id": "program", "collectors": ["programs"], "strength": "conclusive",
         "where": {"publisher": {"equals": "Vendor Ltd"}}, "source": "s"},
        {"id": "service", "collectors": ["services", "drivers"], "strength": "conclusive",
         "where": {"name": {"prefix": "Guard"}}, "source": "s"}]}]}"#
        .to_owned()
}

fn software() -> Hive {
    let mut hive = Hive::new();
    hive.text(r"Microsoft\Windows NT\CurrentVersion", "ProductName", "Windows 10 Pro");
    let key = |name: &str| format!(r"{UNINSTALL}\{name}");
    // A package whose product is called otherwise, and its visible twin.
    let code = "{5D6E7F80-1A2B-3C4D-8E9F-A0B1C2D3E4F5}";
    for name in [code.to_owned(), format!("InstallWIX_{code}")] {
        let key = key(&name);
        hive.text(&key, "DisplayName", &format!("Agent of {}", &name[..1])).text(
            &key,
            "Publisher",
            "Vendor Ltd",
        );
        hive.text(&key, "DisplayVersion", "1.2").text(
            &key,
            "UninstallString",
            &format!("MsiExec.exe /X{code}"),
        );
    }
    hive.text(r"Classes\Installer\Products\08F7E6D5B2A1D4C3E8F90A1B2C3D4E5F", "ProductName", "Product");
    // One without a name and with a version in numbers only.
    let nameless = key("{5D6E7F80-1A2B-3C4D-8E9F-A0B1C2D3E4F6}");
    hive.text(&nameless, "Publisher", "Vendor Ltd").number(&nameless, "VersionMajor", 3);
    // A command with variables.
    let quiet = key("Tool");
    hive.text(&quiet, "DisplayName", "Инструмент").text(&quiet, "Publisher", "Vendor Ltd").value(
        &quiet,
        "QuietUninstallString",
        EXPAND_SZ,
        hive::text(r#""%ProgramFiles%\Tool\un.exe" /S"#),
    );
    hive
}

fn system() -> Hive {
    let mut hive = Hive::new();
    hive.number("Select", "Current", 1);
    let key = |name: &str| format!(r"ControlSet001\Services\{name}");
    for (name, kind, image) in [
        ("GuardSvc", 0x10, r#""%ProgramFiles%\Guard\guard.exe" -r"#),
        ("GuardFs", 2, r"\SystemRoot\System32\drivers\guardfs.sys"),
        ("GuardNet", 1, ""),
    ] {
        hive.number(&key(name), "Type", kind).number(&key(name), "Start", 2);
        if !image.is_empty() {
            hive.value(&key(name), "ImagePath", EXPAND_SZ, hive::text(image));
        }
    }
    hive
}

/// `Get-Text`: as stored.
fn text(key: &Key<'_>, name: &str) -> String {
    assert!(RUNTIME.contains(&format!("'{name}'")) || RUNTIME.contains("$key $Value"), "{name}");
    key.values().items.text(name).unwrap_or_default()
}

/// `Get-ShownName`.
fn shown_name(key: &Key<'_>) -> String {
    let names = ["DisplayName", "ProductName"].map(|name| text(key, name));
    names.into_iter().find(|text| !text.trim().is_empty()).unwrap_or_else(|| key.name().to_owned())
}

/// `Test-Value`.
fn is_value(registry: &Registry, key: &Key<'_>, name: &str, wanted: &str) -> bool {
    let stored = text(key, name);
    stored.eq_ignore_ascii_case(wanted) || registry.expand(&stored, None).eq_ignore_ascii_case(wanted)
}

#[test]
fn the_script_finds_what_the_scan_saw() {
    let root = Root::empty();
    root.file("Windows/System32/ntdll.dll", "")
        .file("Windows/System32/config/SOFTWARE", software().bytes())
        .file("Windows/System32/config/SYSTEM", system().bytes());
    let files = Root::empty();
    files.file("v.json", signatures());
    let report = files.at("report.json");
    let out = format!("json={}", report.display());
    let (code, _, err) = run(debar()
        .arg("scan")
        .arg(root.path())
        .args(["-q", "-o", &out, "--signatures"])
        .arg(files.at("v.json")));
    assert_eq!((code, err.as_str()), (1, ""));
    let (_, plan, err) =
        run(debar().arg("plan").arg(&report).args(["-o", "json", "--signatures"]).arg(files.at("v.json")));
    assert_eq!(err, "");
    let plan: Value = serde_json::from_str(&plan).unwrap();
    let target = Target::new(
        TargetKind::Directory,
        "test",
        Files::new(Box::new(Directory::open(root.path()).unwrap())),
    );
    let registry = target.registry();
    let mut kinds = Vec::new();
    for step in plan["hosts"][0]["steps"].as_array().unwrap() {
        let action = &step["action"];
        let field = |name: &str| action[name].as_str().unwrap().to_owned();
        let key = |path: String| registry.key(&path).items.into_iter().next().unwrap();
        let kind = field("kind");
        match kind.as_str() {
            "msi" => {
                let key = key(field("key"));
                assert!(
                    shown_name(&key) == field("name") || field("name") == field("product_code"),
                    "{action}"
                );
                let version = text(&key, "DisplayVersion");
                assert!(version.is_empty() || version == field("version"), "{action}");
            }
            "uninstaller" => {
                let key = key(field("key"));
                assert_eq!(shown_name(&key), field("name"));
                assert!(is_value(registry, &key, &field("value"), &field("command")), "{action}");
            }
            "windows_service" => {
                let path = format!(r"HKLM\SYSTEM\CurrentControlSet\Services\{}", field("name"));
                assert!(is_value(registry, &key(path), "ImagePath", &field("command")), "{action}");
            }
            // It looks through all lists by itself.
            "driver_filter" => {}
            other => panic!("no step that is bound to a key: {other} {step}"),
        }
        kinds.push(kind);
    }
    kinds.sort();
    kinds.retain(|kind| kind != "driver_filter");
    assert_eq!(kinds, ["msi", "msi", "uninstaller", "windows_service", "windows_service", "windows_service"]);
}
