use super::*;
use crate::collector::collect;
use crate::fs::Root;
use crate::fs::memory::Memory;
use crate::model::{Gap, GapKind, State, TargetKind};

fn collected(tree: Memory) -> (Vec<Artifact>, Vec<Gap>) {
    let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
    collect(&COLLECTOR, &target)
}

const MANIFEST: &str = r#"{"name": "__MSG_appName__", "version": "1.2", "default_locale": "en",
    "description": "__MSG_about__", "author": "Someone"}"#;

fn localised(tree: Memory, extension: &str) -> Memory {
    tree.file(format!("{extension}/manifest.json"), MANIFEST)
        .file(
            format!("{extension}/_locales/en/messages.json"),
            r#"{"appname": {"message": "Example"}, "about": {"message": "What it is"}}"#,
        )
        .file(format!("{extension}/_locales/zh_CN/messages.json"), r#"{"appName": {"message": "例子"}}"#)
}

const PREFERENCES: &str = r#"{"extensions": {"settings": {
    "known": {"state": 1, "location": 1, "path": "known/1.2_0"},
    "off": {"disable_reasons": [1], "location": 6, "path": "off/1.2_0"},
    "gone": {"state": 1, "location": 1, "path": "gone/1_0"},
    "dev": {"state": 1, "location": 4, "path": "/home/u/dev"}}}}"#;

#[test]
fn a_profile_tells_enabled_disabled_left_and_unpacked_extensions() {
    let profile = "home/u/.config/google-chrome/Default";
    let mut tree = Memory::new().file(format!("{profile}/Secure Preferences"), PREFERENCES);
    for id in ["known", "off", "unknown"] {
        tree = localised(tree, &format!("{profile}/Extensions/{id}/1.2_0"));
    }
    let (artifacts, gaps) = collected(tree);
    assert_eq!(gaps, []);
    let mut short: Vec<_> =
        artifacts.iter().map(|it| (it.text(Field::Identifier).unwrap(), it.state)).collect();
    short.sort();
    assert_eq!(
        short,
        [
            ("dev", State::Installed),
            ("gone", State::Remnant),
            ("known", State::Installed),
            ("off", State::Disabled),
            ("unknown", State::Remnant),
        ]
    );
    let known = artifacts.iter().find(|it| it.text(Field::Identifier) == Some("known")).unwrap();
    assert_eq!(known.text(Field::Name), Some("Example"));
    assert_eq!(known.text(Field::DisplayName), Some("例子"));
    assert_eq!(known.text(Field::Description), Some("What it is"));
    assert_eq!(known.text(Field::User), Some("u"));
    assert_eq!(known.text(Field::Profile), Some("Default"));
    assert_eq!(known.text(Field::Browser), Some("chrome"));
}

#[test]
fn without_a_readable_list_every_folder_is_installed() {
    let profile = "root/.config/opera";
    let tree = localised(Memory::new(), &format!("{profile}/Extensions/id/1_0"))
        .file(format!("{profile}/Preferences"), "{\"extensions\":");
    let (artifacts, gaps) = collected(tree);
    assert_eq!(gaps.iter().map(|gap| gap.kind).collect::<Vec<_>>(), [GapKind::Truncated]);
    assert_eq!((artifacts.len(), artifacts[0].state), (1, State::Installed));
    assert_eq!(artifacts[0].text(Field::Browser), Some("opera"));
}

#[test]
fn windows_and_macos_profiles() {
    for (base, browser) in [
        ("Users/u/AppData/Local/Microsoft/Edge/User Data/Profile 1", "edge"),
        ("Users/u/AppData/Local/Google/Chrome Dev/User Data/Default", "chrome"),
        ("Users/u/AppData/Local/BraveSoftware/Brave-Browser-Beta/User Data/Default", "brave"),
        ("Users/u/Library/Application Support/Yandex/YandexBrowser/Default", "yandex"),
        ("Users/u/Library/Application Support/Google/Chrome/Profile 2", "chrome"),
        ("Users/u/Library/Application Support/Google/Chrome Beta/Default", "chrome"),
        ("Users/u/Library/Application Support/Google/Chrome Dev/Default", "chrome"),
        ("Users/u/Library/Application Support/Google/Chrome Canary/Default", "chrome"),
        ("Users/u/Library/Application Support/Microsoft Edge/Default", "edge"),
        ("Users/u/Library/Application Support/Microsoft Edge Beta/Default", "edge"),
        ("Users/u/Library/Application Support/Microsoft Edge Dev/Default", "edge"),
        ("Users/u/Library/Application Support/Microsoft Edge Canary/Default", "edge"),
        ("Users/u/Library/Application Support/BraveSoftware/Brave-Browser/Default", "brave"),
        ("Users/u/Library/Application Support/BraveSoftware/Brave-Browser-Nightly/Default", "brave"),
    ] {
        let (artifacts, gaps) = collected(localised(Memory::new(), &format!("{base}/Extensions/id/1_0")));
        assert_eq!(gaps, []);
        assert_eq!(artifacts.len(), 1, "{base}");
        assert_eq!(artifacts[0].text(Field::Browser), Some(browser));
        assert_eq!(artifacts[0].text(Field::User), Some("u"));
    }
}

#[test]
fn policies_external_extensions_and_hosts_of_the_machine() {
    let tree = Memory::new()
        .file(
            "etc/opt/chrome/policies/managed/it.json",
            r#"{"ExtensionInstallForcelist": ["forced;https://example.com/u"],
                "ExtensionInstallBlocklist": ["blocked"]}"#,
        )
        .file(
            "opt/google/chrome/extensions/external.json",
            r#"{"external_update_url": "https://example.com/u"}"#,
        )
        .file(
            "etc/chromium/native-messaging-hosts/com.example.json",
            r#"{"name": "com.example", "path": "/opt/example/host"}"#,
        )
        .executable("opt/example/host", "")
        .file(
            "home/u/.config/chromium/NativeMessagingHosts/com.gone.json",
            r#"{"name": "g", "path": "/opt/gone"}"#,
        );
    let (artifacts, gaps) = collected(tree);
    assert_eq!(gaps, []);
    let mut short: Vec<_> = artifacts
        .iter()
        .map(|it| {
            (it.text(Field::Type).unwrap(), it.text(Field::Identifier).or(it.text(Field::Name)), it.state)
        })
        .collect();
    short.sort();
    assert_eq!(
        short,
        [
            ("external", Some("external"), State::Installed),
            ("native-messaging-host", Some("com.example"), State::Installed),
            ("native-messaging-host", Some("g"), State::Remnant),
            ("policy", Some("forced"), State::Installed),
        ]
    );
}

#[test]
fn a_damaged_manifest_is_a_gap_and_its_identifier_is_still_told() {
    let tree =
        Memory::new().file("home/u/.config/chromium/Default/Extensions/id/1_0/manifest.json", "{\"name\"");
    let (artifacts, gaps) = collected(tree);
    assert_eq!(gaps.len(), 1);
    assert_eq!(artifacts[0].text(Field::Identifier), Some("id"));
}
