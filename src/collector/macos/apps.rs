//! `apps`: application bundles wherever programs lie, the apps, helpers and extensions inside of them, and what
//! lies in the Trash and can still be started from there.
//!
//! An app is one by its `.app`, or by a package type of `APPL` where someone took the ending away.

use super::{app_store, bundle};
use crate::collector::common::places::home_owner;
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::format::text::plist::Value;
use crate::fs::Entry;
use crate::fs::root::name_of;
use crate::fs::tree::{join, parent};
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::shown;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "apps",
    about: "Application bundles of the machine and its users, their helpers, login items and extensions, with names in every language, signer and team, also in the Trash.",
    applies: Applies::MACOS,
    reads: EMPTY,
    walks: bundle::PLACES,
    keys: &[],
    yields: bundle::FIELDS,
    run,
    visit: Some(Visit { wants, file }),
};

/// Where apps lie that may have lost everything but their folder.
const EMPTY: &[&str] = &["Applications/*.app", "Applications/*/*.app", "Users/*/Applications/*.app"];

/// Apps without an `Info.plist`: what a removal left of them.
fn run(target: &Target, sink: &mut Sink<'_>) {
    for pattern in EMPTY {
        for found in sink.glob(&target.root, pattern) {
            let has = |below: &[u8]| target.root.exists(&join(&found.path, below));
            // `Wrapper` holds an app of iOS.
            if !found.is_directory() || has(b"Contents/Info.plist") || has(b"Info.plist") || has(b"Wrapper") {
                continue;
            }
            let artifact = Artifact::new(sink.collector(), Location::path(&found.path))
                .state(State::Remnant)
                .with(Field::Name, name_of(&found))
                .with(Field::Type, "app")
                .with_some(Field::User, home_owner(&found.path))
                .with(Field::Path, shown(&found.path));
            sink.artifact(artifact);
        }
    }
}

/// Endings of bundles that are programs.
const PROGRAMS: &[&[u8]] = &[b"app", b"appex", b"xpc", b"systemextension", b"service"];
/// Endings of bundles that are none, so that their `Info.plist` is not opened to find out.
const OTHERS: &[&[u8]] = &[
    b"framework",
    b"bundle",
    b"plugin",
    b"kext",
    b"prefpane",
    b"lproj",
    b"qlgenerator",
    b"mdimporter",
    b"component",
    b"saver",
    b"vst",
    b"vst3",
    b"driver",
    b"dsym",
    b"docset",
    b"xctest",
    b"dictionary",
    b"wdgt",
    b"rtfd",
    b"nib",
];

fn wants(entry: &Entry<'_>) -> bool {
    let path = entry.path();
    let Some(folder) = bundle::of(path) else { return false };
    let ending = bundle::ending(folder);
    let ending = ending.as_slice();
    // Without its ending, only the usual layout distinguishes a bundle from a folder with a file of that name.
    PROGRAMS.contains(&ending)
        || !OTHERS.contains(&ending) && parent(path) != folder
        || LOADED.contains(&ending) && is_loaded_at(path)
}

/// Endings of bundles that macOS or programs of it load from folders of their own.
const LOADED: &[&[u8]] = &[
    b"mdimporter",
    b"qlgenerator",
    b"saver",
    b"mailbundle",
    b"fs",
    b"osax",
    b"dext",
    b"driver",
    b"bundle",
    b"plugin",
    b"component",
    b"framework",
    b"action",
    b"colorpicker",
    b"dsplug",
    b"wdgt",
];
/// Those folders, below `Library`.
const LOADED_AT: &[&[u8]] = &[
    b"Library/Audio/Plug-Ins/",
    b"Library/DriverExtensions/",
    b"Library/Filesystems/",
    b"Library/Frameworks/",
    b"Library/Mail/Bundles/",
    b"Library/QuickLook/",
    b"Library/Screen Savers/",
    b"Library/ScriptingAdditions/",
    b"Library/Security/SecurityAgentPlugins/",
    b"Library/Spotlight/",
    b"Library/Address Book Plug-Ins/",
    b"Library/Automator/",
    b"Library/Bundles/",
    b"Library/ColorPickers/",
    b"Library/Components/",
    b"Library/CoreMediaIO/Plug-Ins/",
    b"Library/DirectoryServices/PlugIns/",
    b"Library/Graphics/",
    b"Library/OpenDirectory/Modules/",
    b"Library/Widgets/",
    b"Library/XPCServices/",
    b"Library/iTunes/iTunes Plug-ins/",
    b"Library/Printers/",
];

fn is_loaded_at(path: &[u8]) -> bool {
    let path = match home_owner(path) {
        Some(_) => path.splitn(3, |&byte| byte == b'/').nth(2).unwrap_or_default(),
        None => path,
    };
    LOADED_AT.iter().any(|folder| path.starts_with(folder))
}

fn file(target: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let path = entry.path();
    let Some(folder) = bundle::of(path) else { return };
    let info = bundle::info(entry, sink);
    let is_loaded = LOADED.contains(&bundle::ending(folder).as_slice()) && is_loaded_at(path);
    if !is_program(folder, &info) && !is_loaded {
        return;
    }
    let mut artifact = bundle::artifact(target, sink, path, &info, kind(folder));
    if let Some(receipt) = app_store::receipt(target, sink, parent(path)) {
        artifact = artifact.with(Field::Source, receipt);
    }
    let kept = folder.split(|&byte| byte == b'/').any(|part| matches!(part, b"Downloads" | b"Desktop"));
    if kept && artifact.state == State::Installed && is_setup(&info) {
        artifact = artifact.state(State::Installer);
    }
    sink.artifact(artifact);
}

fn is_program(folder: &[u8], info: &Value) -> bool {
    PROGRAMS.contains(&bundle::ending(folder).as_slice()) || info.text("CFBundlePackageType") == Some("APPL")
}

/// Setups call themselves so.
fn is_setup(info: &Value) -> bool {
    let name = info.text("CFBundleIdentifier").unwrap_or_default().to_ascii_lowercase();
    ["install", "setup", "downloader"].iter().any(|word| name.contains(word))
}

fn kind(folder: &[u8]) -> &'static str {
    let inside = |part: &[u8]| folder.windows(part.len()).any(|window| window == part);
    match bundle::ending(folder).as_slice() {
        b"appex" => "app-extension",
        b"xpc" => "xpc-service",
        b"systemextension" => "system-extension",
        b"service" => "service",
        ending if LOADED.contains(&ending) => "plug-in",
        _ if inside(b"/Library/LoginItems/") => "login-item",
        _ if inside(b"/Contents/") => "helper",
        _ => "app",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::fixture;
    use crate::collector::collect;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::{Artifact, Gap, GapKind, TargetKind};

    fn seen(tree: Memory) -> (Vec<Artifact>, Vec<Gap>) {
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        collect(&COLLECTOR, &target)
    }

    const INFO: &str = "<plist><dict><key>CFBundleIdentifier</key><string>com.example.tool</string>\
        <key>CFBundleName</key><string>Tool</string><key>CFBundleExecutable</key><string>Tool</string>\
        <key>CFBundleShortVersionString</key><string>1.5</string><key>CFBundleVersion</key><string>77</string>\
        <key>CFBundlePackageType</key><string>APPL</string></dict></plist>";

    #[test]
    fn a_renamed_app_in_a_users_folder_keeps_identifier_team_and_names() {
        let utf16: Vec<u8> = "\u{feff}CFBundleDisplayName = \"Инструмент\";"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let at = "Users/a/Applications/Notes";
        let (artifacts, gaps) = seen(
            Memory::new()
                .file(format!("{at}/Contents/Info.plist"), INFO)
                .file(format!("{at}/Contents/Resources/ru.lproj/InfoPlist.strings"), utf16)
                .file(
                    format!("{at}/Contents/Resources/InfoPlist.loctable"),
                    "<plist><dict><key>ja</key><dict><key>CFBundleName</key><string>ツール</string></dict></dict></plist>",
                )
                .executable(format!("{at}/Contents/MacOS/Tool"), fixture("executables/macho-signed.dylib")),
        );
        assert!(gaps.is_empty(), "{gaps:?}");
        let [app] = artifacts.as_slice() else { panic!("{artifacts:?}") };
        assert_eq!(app.state, State::Installed);
        let names: Vec<&str> = app.fields[&Field::DisplayName].texts().collect();
        assert_eq!(names, ["Tool", "Инструмент", "ツール"]);
        assert_eq!(app.text(Field::BundleIdentifier), Some("com.example.tool"));
        assert_eq!((app.text(Field::Version), app.text(Field::Release)), (Some("1.5"), Some("77")));
        assert_eq!((app.text(Field::User), app.text(Field::Type)), (Some("a"), Some("app")));
        assert_eq!(app.text(Field::TeamIdentifier), Some("AB12CD34EF"));
    }

    #[test]
    fn nested_apps_extensions_and_the_trash() {
        let app = |path: &str| format!("{path}/Contents/Info.plist");
        let (artifacts, gaps) = seen(
            Memory::new()
                .file(app("Applications/A/Tool.app"), fixture("macos/BinaryApp.plist"))
                .executable("Applications/A/Tool.app/Contents/MacOS/gMacInformation", "x")
                .file(app("Applications/A/Tool.app/Contents/Library/LoginItems/Start.app"), INFO)
                .file(app("Applications/A/Tool.app/Contents/PlugIns/S.appex"), INFO)
                .file(app("Applications/A/Tool.app/Contents/Frameworks/Qt.framework/Helpers/W.app"), INFO)
                .file("Applications/A/Tool.app/Contents/Frameworks/Qt.framework/Resources/Info.plist", INFO)
                .file(app("Users/a/.Trash/Old.app"), INFO)
                .executable("Users/a/.Trash/Old.app/Contents/MacOS/Tool", "x")
                .file("Applications/Phone.app/Wrapper/P.app/Info.plist", INFO)
                .executable("Applications/Phone.app/Wrapper/P.app/Tool", "x"),
        );
        assert!(gaps.is_empty(), "{gaps:?}");
        let kinds: Vec<_> = artifacts
            .iter()
            .map(|app| (app.text(Field::Name).unwrap(), app.text(Field::Type).unwrap(), app.state))
            .collect();
        assert_eq!(
            kinds,
            [
                ("W.app", "helper", State::Remnant),
                ("Tool.app", "app", State::Installed),
                ("Start.app", "login-item", State::Remnant),
                ("S.appex", "app-extension", State::Remnant),
                ("P.app", "app", State::Installed),
                ("Old.app", "app", State::Remnant),
            ],
            "those without their program are remnants"
        );
    }

    #[test]
    fn a_damaged_list_is_a_gap_and_the_app_is_still_seen() {
        for name in ["InvalidFormat.plist", "DifferentFormat.plist", "Empty.plist"] {
            let file = fixture(&format!("macos/{name}"));
            let (artifacts, gaps) = seen(Memory::new().file("Applications/X.app/Contents/Info.plist", file));
            assert_eq!((artifacts.len(), gaps.len()), (1, 1), "{name}: {gaps:?}");
            assert_eq!(gaps[0].kind, GapKind::Corrupt);
            assert_eq!(artifacts[0].text(Field::Path), Some("/Applications/X.app"));
        }
    }
}
