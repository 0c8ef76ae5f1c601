//! Macs with planted products, scanned by the built binary with the built-in signatures.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use crate::support::{Root, findings, scan};
use serde_json::Value;

const NAME: &str = "private/var/db/receipts/com.kaspersky.kav.core";

fn list(pairs: &[(&str, &str)]) -> String {
    let entries: String =
        pairs.iter().map(|(key, text)| format!("<key>{key}</key><string>{text}</string>")).collect();
    format!("<plist version=\"1.0\"><dict>{entries}</dict></plist>")
}

fn mac() -> Root {
    let root = Root::empty();
    root.file(
        "System/Library/CoreServices/SystemVersion.plist",
        list(&[("ProductName", "macOS"), ("ProductVersion", "15.1")]),
    );
    root.file(
        "Library/Receipts/InstallHistory.plist",
        "<plist><array><dict><key>displayName</key><string>Kaspersky</string><key>packageIdentifiers</key>\
         <array><string>com.kaspersky.kav.core</string></array></dict></array></plist>",
    );
    root
}

fn app(root: &Root, at: &str, identifier: &str) {
    let info = list(&[
        ("CFBundleIdentifier", identifier),
        ("CFBundleExecutable", "run"),
        ("CFBundlePackageType", "APPL"),
    ]);
    root.file(&format!("{at}/Contents/Info.plist"), info);
    root.file(&format!("{at}/Contents/MacOS/run"), "#!/bin/sh\n");
}

/// The one finding's product, state and places.
fn found(root: &Root) -> (String, String, Vec<String>) {
    let (code, report) = scan(root, &[]);
    assert_eq!((code, findings(&report).len()), (1, 1), "{report}");
    let finding = &report["findings"][0];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let places = finding["evidence"].as_array().unwrap().iter().map(|one| text(&one["location"]["path"]));
    (text(&finding["product"]["id"]), text(&finding["state"]), places.collect())
}

#[test]
fn a_mac_that_was_cleaned_is_clean_although_it_remembers() {
    let root = mac();
    app(&root, "Applications/Tool.app", "com.example.tool");
    let (code, report) = scan(&root, &[]);
    assert_eq!((code, findings(&report)), (0, vec![]), "{report}");
}

#[test]
fn installed_renamed_and_in_a_users_folder() {
    for at in [
        "Applications/Kaspersky Internet Security.app",
        "Applications/Utilities/Notes.app",
        "Users/a/Applications/Editor.app",
        "Users/a/Downloads/Editor.app",
    ] {
        let root = mac();
        app(&root, at, "com.kaspersky.kav");
        let (product, state, places) = found(&root);
        assert_eq!((product.as_str(), state.as_str()), ("kaspersky/mac-security", "installed"), "{at}");
        assert!(places.contains(&format!("/{at}")), "{places:?}");
    }
}

/// Neither the name of the folder nor the identifier says, but the names in the user's language do.
#[test]
fn localised_names_and_binary_lists_are_read() {
    let root = mac();
    app(&root, "Applications/Protector.app", "com.example.other");
    root.file(
        "Applications/Protector.app/Contents/Resources/ru.lproj/InfoPlist.strings",
        "CFBundleDisplayName = \"Kaspersky Internet Security\";",
    );
    root.file(
        "Applications/gMac.app/Contents/Info.plist",
        include_bytes!("../fixtures/macos/BinaryApp.plist"),
    );
    let (_, inventory) = inventory(&root);
    let apps: Vec<_> =
        inventory.iter().map(|fields| (&fields["bundle_identifier"], &fields["display_name"])).collect();
    let expected = [
        (Value::from("com.example.other"), Value::from("Kaspersky Internet Security")),
        (Value::from("com.google.corp.gMacInformation"), Value::from("gMacInformation")),
    ];
    assert_eq!(apps, expected.iter().map(|(bundle, name)| (bundle, name)).collect::<Vec<_>>());
}

/// The fields of the apps of a root.
fn inventory(root: &Root) -> (i32, Vec<Value>) {
    let mut command = crate::support::debar();
    command.arg("inventory").arg(root.path()).args(["--collector", "apps", "-o", "json"]);
    let (code, out, err) = crate::support::run(&mut command);
    let report: Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {err}"));
    (code, report["artifacts"].as_array().unwrap().iter().map(|one| one["fields"].clone()).collect())
}

#[test]
fn a_login_item_makes_a_finding_while_its_program_is_there() {
    let list = include_bytes!("../fixtures/macos/BackgroundItems-v16.btm");
    // The fixture with the team of the vendor, which is as long.
    let place = list.windows(10).position(|window| window == b"EXAMPLE123").unwrap();
    let mut list = list.to_vec();
    list[place..place + 10].copy_from_slice(b"2Y8XE5CQ94");
    let at = "private/var/db/com.apple.backgroundtaskmanagement/BackgroundItems-v16.btm";
    let root = mac();
    root.file(at, &list);
    let (code, report) = scan(&root, &[]);
    assert_eq!((code, findings(&report)), (0, vec![]), "macOS only remembers: {report}");
    root.file("usr/local/bin/example-agent", "#!/bin/sh\n");
    let (product, state, places) = found(&root);
    assert_eq!((product.as_str(), state.as_str()), ("kaspersky/other", "installed"), "{places:?}");
}

#[test]
fn leftovers_are_remnants_each_by_itself() {
    let receipt =
        list(&[("PackageIdentifier", "com.kaspersky.kav.core"), ("InstallPrefixPath", "Applications")]);
    let daemon = list(&[
        ("Label", "com.kaspersky.kav"),
        ("Program", "/Library/Application Support/Kaspersky Lab/KAV/Binaries/kav"),
    ]);
    let bill = include_bytes!("../fixtures/macos/Tool.bom");
    let leftovers: [&[(&str, &[u8])]; 3] = [
        &[(&format!("{NAME}.plist"), receipt.as_bytes()), (&format!("{NAME}.bom"), bill)],
        &[("Library/LaunchDaemons/com.kaspersky.kav.plist", daemon.as_bytes())],
        &[("Library/Application Support/Kaspersky Lab/KAV/settings", b"")],
    ];
    for files in leftovers {
        let root = mac();
        for (path, content) in files {
            root.file(path, content);
        }
        let (product, state, places) = found(&root);
        assert_eq!((product.as_str(), state.as_str()), ("kaspersky/mac-security", "remnant"), "{places:?}");
    }
}

#[test]
fn a_receipt_whose_app_is_there_is_installed() {
    let root = mac();
    root.file(
        &format!("{NAME}.plist"),
        list(&[("PackageIdentifier", "com.kaspersky.kav.core"), ("InstallPrefixPath", "Applications")]),
    );
    root.file(&format!("{NAME}.bom"), include_bytes!("../fixtures/macos/Tool.bom"));
    root.file("Applications/Tool.app/Contents/Resources/ru.lproj/InfoPlist.strings", "");
    assert_eq!(found(&root).1, "installed");
}

#[test]
fn a_system_extension_outlives_the_app_in_the_trash() {
    let root = mac();
    app(&root, "Users/a/.Trash/Kaspersky.app", "com.kaspersky.kav");
    root.file(
        "Library/SystemExtensions/db.plist",
        "<plist><dict><key>extensions</key><array><dict><key>identifier</key><string>com.kaspersky.kav.sysext</string>\
         <key>teamID</key><string>2Y8XE5CQ94</string><key>state</key><string>activated_enabled</string></dict></array>\
         </dict></plist>",
    );
    let (product, state, places) = found(&root);
    assert_eq!((product.as_str(), state.as_str()), ("kaspersky/mac-security", "installed"), "{places:?}");
    assert!(places.contains(&"/Users/a/.Trash/Kaspersky.app".to_owned()));
}
