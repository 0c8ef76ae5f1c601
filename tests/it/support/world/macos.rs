//! A Mac from which Kaspersky was removed by dragging the app to the Trash, with something for every collector.

use super::{Kind, Name, file, fixture, folder, program};

fn list(entries: &str) -> String {
    format!("<?xml version=\"1.0\"?><plist version=\"1.0\"><dict>{entries}</dict></plist>")
}

fn texts(pairs: &[(&str, &str)]) -> String {
    pairs.iter().map(|(key, text)| format!("<key>{key}</key><string>{text}</string>")).collect()
}

fn bundle(identifier: &str, name: &str, executable: &str) -> String {
    list(&texts(&[
        ("CFBundleIdentifier", identifier),
        ("CFBundleName", name),
        ("CFBundleExecutable", executable),
        ("CFBundleShortVersionString", "12.1"),
        ("CFBundlePackageType", "APPL"),
    ]))
}

/// Every name of the Mac.
pub fn names() -> Vec<Name> {
    let mut names = clean();
    names.extend(left_over());
    names
}

/// A Mac without a banned product.
pub fn clean() -> Vec<Name> {
    let macho = || fixture("executables/macho-signed.dylib");
    vec![
        file(
            "System/Library/CoreServices/SystemVersion.plist",
            list(&texts(&[("ProductName", "macOS"), ("ProductVersion", "14.5")])),
        ),
        file(
            "Library/Receipts/InstallHistory.plist",
            "<plist><array><dict><key>displayName</key><string>macOS 14.5</string><key>date</key><date>2024-06-01T00:00:00Z</date></dict></array></plist>",
        ),
        file("Applications/Tool.app/Contents/Info.plist", bundle("com.example.tool", "Tool", "Tool")),
        program("Applications/Tool.app/Contents/MacOS/Tool", macho()),
        file("Applications/Tool.app/Contents/_MASReceipt/receipt", "0"),
        file(
            "Applications/Tool.app/Contents/Resources/de.lproj/InfoPlist.strings",
            "CFBundleName = \"Werkzeug\";",
        ),
        file(
            "Library/Extensions/tool.kext/Contents/Info.plist",
            list(&texts(&[("CFBundleIdentifier", "com.example.kext")])),
        ),
        file(
            "Library/PreferencePanes/Tool.prefPane/Contents/Info.plist",
            list(&texts(&[("CFBundleIdentifier", "com.example.pane")])),
        ),
        file(
            "Library/Internet Plug-Ins/Tool.plugin/Contents/Info.plist",
            list(&texts(&[("CFBundleIdentifier", "com.example.plugin")])),
        ),
        program("Library/PrivilegedHelperTools/com.example.helper", macho()),
        file("opt/homebrew/Cellar/jq/1.7/INSTALL_RECEIPT.json", "{\"source\": {\"tap\": \"homebrew/core\"}}"),
        folder("opt/homebrew/Caskroom/tool/1.0/x"),
        file("opt/local/var/macports/registry/registry.db", fixture("macos/macports-registry.db")),
    ]
}

/// What stays behind.
fn left_over() -> Vec<Name> {
    vec![
        file(
            "Users/u/.Trash/Kaspersky.app/Contents/Info.plist",
            bundle("com.kaspersky.kav", "Kaspersky", "kav_app"),
        ),
        program("Users/u/.Trash/Kaspersky.app/Contents/MacOS/kav_app", "x"),
        file(
            "private/var/db/receipts/com.kaspersky.kav.core.plist",
            list(&texts(&[("PackageIdentifier", "com.kaspersky.kav.core"), ("PackageVersion", "12.1")])),
        ),
        file(
            "Library/LaunchDaemons/com.kaspersky.kav.plist",
            list(&format!(
                "{}<key>RunAtLoad</key><true/>",
                texts(&[
                    ("Label", "com.kaspersky.kav"),
                    ("Program", "/Library/Application Support/Kaspersky Lab/KAV/Binaries/kav")
                ])
            )),
        ),
        file(
            "private/var/db/com.apple.xpc.launchd/disabled.501.plist",
            list("<key>com.kaspersky.kav.gui</key><true/>"),
        ),
        file(
            "Library/SystemExtensions/db.plist",
            list(&format!(
                "<key>extensions</key><array><dict>{}</dict></array>",
                texts(&[
                    ("identifier", "com.kaspersky.kav.sysext"),
                    ("teamID", "2Y8XE5CQ94"),
                    ("state", "activated_enabled")
                ])
            )),
        ),
        file(
            "Library/SystemExtensions/1/com.kaspersky.kav.sysext.systemextension/Contents/Info.plist",
            list(&texts(&[("CFBundleIdentifier", "com.kaspersky.kav.sysext")])),
        ),
        file(
            "Users/u/Library/Containers/com.apple.Safari/Data/Library/Safari/AppExtensions/Extensions.plist",
            list("<key>com.kaspersky.kav.safari (2Y8XE5CQ94)</key><dict><key>Enabled</key><true/></dict>"),
        ),
        file(
            "Library/Managed Preferences/com.apple.system-extension-policy.plist",
            list("<key>AllowedTeamIdentifiers</key><array><string>2Y8XE5CQ94</string></array>"),
        ),
        file("Library/Application Support/com.apple.TCC/TCC.db", fixture("macos/TCC.db")),
        file(
            "private/var/db/com.apple.backgroundtaskmanagement/BackgroundItems-v16.btm",
            fixture("macos/BackgroundItems-v16.btm"),
        ),
        file("private/var/db/SystemPolicyConfiguration/KextPolicy", fixture("macos/KextPolicy")),
        ("Library/Application Support/Kaspersky Lab".into(), Kind::Folder),
    ]
}
