//! Windows container images: files below `Files/`, and the registry of every layer stacked.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use crate::support::image;

use std::path::Path;

use crate::support::world::hive::Hive;
use serde_json::Value;

const UNINSTALL: &str = r"Microsoft\Windows\CurrentVersion\Uninstall";

/// A program as an installer registers it.
fn program(hive: &mut Hive, key: &str, name: &str, version: &str) {
    let path = format!(r"{UNINSTALL}\{key}");
    hive.text(&path, "DisplayName", name).text(&path, "DisplayVersion", version).text(
        &path,
        "Publisher",
        "Example",
    );
}

fn layer(members: &[(&str, Vec<u8>)]) -> image::Layer {
    let mut tar = Vec::new();
    for (path, bytes) in members {
        image::member(&mut tar, path.as_bytes(), b'0', 0o644, b"", bytes);
    }
    image::gzipped(tar)
}

fn base() -> image::Layer {
    let mut software = Hive::new();
    program(&mut software, "Kept", "Kept", "1");
    program(&mut software, "Removed", "Removed", "1");
    program(&mut software, "Updated", "Updated", "1");
    software.text(&format!(r"{UNINSTALL}\Updated"), "Comments", "of the base");
    software.text(r"Microsoft\Windows NT\CurrentVersion", "CurrentBuildNumber", "20348");
    software.text(r"Microsoft\Windows NT\CurrentVersion", "ProductName", "Windows Server 2022");
    let mut system = Hive::new();
    system.number("Select", "Current", 1);
    let service = r"ControlSet001\Services\base";
    system.number(service, "Type", 16).number(service, "Start", 2).text(service, "ImagePath", r"C:\base.exe");
    layer(&[
        ("Files/Windows/System32/ntdll.dll", b"MZ".to_vec()),
        ("Files/Windows/System32/config/SOFTWARE", software.bytes()),
        ("Files/Windows/System32/config/SYSTEM", system.bytes()),
        ("Files/Windows/System32/config/DEFAULT", Vec::new()),
        ("Files/base.exe", b"MZ".to_vec()),
        ("UtilityVM/Files/Windows/System32/ntdll.dll", b"MZ".to_vec()),
    ])
}

/// Installs, updates, and adds a service.
fn second() -> image::Layer {
    let mut software = Hive::new();
    program(&mut software, "Added", "Added", "2");
    program(&mut software, "Gone", "Gone again", "2");
    let updated = format!(r"{UNINSTALL}\Updated");
    software.text(&updated, "DisplayVersion", "2").deleted_value(&updated, "Comments");
    let mut system = Hive::new();
    let service = r"ControlSet001\Services\added";
    system.number(service, "Type", 16).number(service, "Start", 2).text(
        service,
        "ImagePath",
        r"C:\added.exe",
    );
    let mut user = Hive::new();
    user.text(r"Software\Microsoft\Windows\CurrentVersion\Run", "added", r"C:\added.exe");
    layer(&[
        ("Hives/Software_Delta", software.bytes()),
        ("Hives/System_Delta", system.bytes()),
        ("Hives/DefaultUser_Delta", user.bytes()),
        ("Files/added.exe", b"MZ".to_vec()),
        // Named as the registry's own file is called in the layer; no hive at all.
        ("Files/Hives/Software_Delta", b"no hive".to_vec()),
    ])
}

/// Removes what the first and the second layer had.
fn third() -> image::Layer {
    let mut software = Hive::new();
    for key in ["Removed", "Gone"] {
        software.layering(&format!(r"{UNINSTALL}\{key}"), 1);
    }
    // The same file in other letters, as NTFS takes it.
    layer(&[("Hives/Software_Delta", software.bytes()), ("Files/WINDOWS/system32/.wh.NTDLL.dll", Vec::new())])
}

fn inventory(folder: &Path) -> Value {
    let output = assert_cmd::Command::cargo_bin("debar")
        .unwrap()
        .args(["inventory", "--no-progress", "-o", "json", "--platform", "windows/amd64"])
        .arg(folder)
        .output()
        .unwrap();
    assert!([0, 3].contains(&output.status.code().unwrap()), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Name, version, state, layer and the layer that removed it, of every artifact of a collector.
fn of(inventory: &Value, collector: &str) -> Vec<String> {
    let artifacts = inventory["artifacts"].as_array().unwrap().iter();
    let mut found: Vec<String> = artifacts
        .filter(|artifact| artifact["collector"] == collector)
        .map(|artifact| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            let layer = &artifact["location"]["layer"];
            format!(
                "{} {} {} {} {}",
                text(&artifact["fields"]["name"]),
                text(&artifact["fields"]["version"]),
                text(&artifact["state"]),
                layer["index"],
                layer["removed_in"]
            )
        })
        .collect();
    found.sort();
    found
}

#[test]
fn the_registry_of_an_image_is_that_of_all_its_layers() {
    let folder = tempfile::tempdir().unwrap();
    image::oci_folder_of("windows", &[base(), second(), third()], folder.path());
    let inventory = inventory(folder.path());
    assert_eq!(inventory["target"]["os"]["name"], "Windows Server 2022");
    assert_eq!(
        of(&inventory, "programs"),
        [
            "Added 2 installed 1 null",
            "Gone again 2 deleted-in-later-layer 1 2",
            "Kept 1 installed 0 null",
            "Removed 1 deleted-in-later-layer 0 2",
            "Updated 1 deleted-in-later-layer 0 1",
            "Updated 2 installed 1 null",
        ]
    );
    assert_eq!(inventory["gaps"], serde_json::json!([]));
    let services = of(&inventory, "services");
    assert!(services.iter().any(|service| service.starts_with("base ")), "{services:?}");
    assert!(services.iter().any(|service| service.starts_with("added ")), "{services:?}");
    // An earlier state has the hive and not the program: that removes no service.
    assert!(services.iter().all(|service| !service.contains("deleted")), "{services:?}");
    let startup = of(&inventory, "startup_items");
    assert!(startup.iter().any(|item| item.starts_with("added ")), "{startup:?}");
    // The second layer deleted a value of the first, which the first still has.
    let artifacts = inventory["artifacts"].as_array().unwrap().iter();
    let with_comment = artifacts.filter(|artifact| artifact.to_string().contains("of the base"));
    assert!(with_comment.clone().all(|artifact| artifact["state"] == "deleted-in-later-layer"));
}

#[test]
fn damage_of_a_layers_hive_is_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let broken = layer(&[("Hives/Software_Delta", b"regf, and then nothing".to_vec())]);
    image::oci_folder_of("windows", &[base(), broken], folder.path());
    let inventory = inventory(folder.path());
    let gaps = inventory["gaps"].as_array().unwrap();
    assert!(gaps.iter().any(|gap| gap["place"] == "/Hives/Software_Delta"), "{gaps:?}");
    assert!(of(&inventory, "programs").contains(&"Kept 1 installed 0 null".to_owned()));
}

#[test]
fn a_layer_by_itself_is_read_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("layer.tar");
    std::fs::write(&path, second().tar).unwrap();
    let programs = of(&inventory(&path), "programs");
    let added = ["Added 2 installed 0 null", "Gone again 2 installed 0 null", "Updated 2 installed 0 null"];
    assert_eq!(programs, added);
}

#[test]
fn marks_of_deletion_hide_nothing_in_a_hive_that_is_no_layers() {
    let mut software = Hive::new();
    program(&mut software, "Hidden", "Hidden", "1");
    software.layering(&format!(r"{UNINSTALL}\Hidden"), 1);
    let folder = tempfile::tempdir().unwrap();
    let layers = [layer(&[
        ("Files/Windows/System32/ntdll.dll", b"MZ".to_vec()),
        ("Files/Windows/System32/config/SOFTWARE", software.bytes()),
    ])];
    image::oci_folder_of("windows", &layers, folder.path());
    assert_eq!(of(&inventory(folder.path()), "programs"), ["Hidden 1 installed 0 null"]);
}
