//! What Windows' registry says of extensions of Chromium's relatives: policies, extensions that other programs have
//! the browser install, native messaging hosts.
//!
//! Sources: "ExtensionInstallForcelist" and "ExtensionSettings" of the Chrome Enterprise policy list, "Alternative
//! extension installation methods", "Native messaging". The manifest of a host lies in the program's own folder and is
//! not read; its name and place are reported.

use serde_json::{Map, Value as Json};

use crate::collector::Sink;
use crate::format::browser::browser_policy;
use crate::model::{Artifact, Field, State};
use crate::registry::{Key, Software};
use crate::target::Target;

/// Browser, its key, and the key of its policies, both below `Software`.
const BROWSERS: &[(&str, &str, &str)] = &[
    ("chrome", r"Google\Chrome", r"Policies\Google\Chrome"),
    ("chromium", "Chromium", r"Policies\Chromium"),
    ("edge", r"Microsoft\Edge", r"Policies\Microsoft\Edge"),
    ("brave", r"BraveSoftware\Brave-Browser", r"Policies\BraveSoftware\Brave"),
    ("vivaldi", "Vivaldi", r"Policies\Vivaldi"),
    ("opera", r"Opera Software", r"Policies\Opera Software"),
    ("yandex", r"Yandex\YandexBrowser", r"Policies\YandexBrowser"),
];

/// The keys of this file, for `keys`.
pub(super) const KEYS: &[&str] = &[
    r"HKLM\SOFTWARE\Policies\Google\Chrome\*",
    r"HKLM\SOFTWARE\Policies\Microsoft\Edge\*",
    r"HKLM\SOFTWARE\Google\Chrome\Extensions\*",
    r"HKLM\SOFTWARE\WOW6432Node\Google\Chrome\Extensions\*",
    r"HKLM\SOFTWARE\Google\Chrome\NativeMessagingHosts\*",
    r"HKLM\SOFTWARE\WOW6432Node\Google\Chrome\NativeMessagingHosts\*",
    r"HKLM\SOFTWARE\Microsoft\Edge\Extensions\*",
    r"HKLM\SOFTWARE\Microsoft\Edge\NativeMessagingHosts\*",
    r"HKU\*\Software\Google\Chrome\*\*",
    r"HKU\*\Software\Microsoft\Edge\*\*",
];

pub(super) fn run(target: &Target, sink: &mut Sink<'_>) {
    let registry = target.registry();
    for place in registry.software() {
        for (browser, own, policies) in BROWSERS {
            for key in sink.registry(registry.key(&format!(r"{}\{policies}", place.key))) {
                policy(target, sink, browser, &key);
            }
            for key in sink.keys(registry, &format!(r"{}\{own}\Extensions\*", place.key)) {
                external(target, sink, browser, &key);
            }
            hosts(target, sink, browser, &place, own);
        }
    }
}

fn policy(target: &Target, sink: &mut Sink<'_>, browser: &'static str, key: &Key<'_>) {
    let mut policy = Map::new();
    for name in ["ExtensionInstallForcelist", "ExtensionSettings"] {
        for list in sink.registry(key.key(name)) {
            let values = sink.values(&list);
            if name == "ExtensionInstallForcelist" {
                policy.insert(name.to_owned(), values.iter().filter_map(|value| value.text()).collect());
                continue;
            }
            let mut settings = Map::new();
            for one in sink.registry(list.subkeys()) {
                let values = sink.values(&one);
                let text =
                    |value: &crate::registry::Value| Some((value.name.clone(), Json::from(value.text()?)));
                settings
                    .insert(one.name().to_owned(), Json::Object(values.iter().filter_map(text).collect()));
            }
            policy.insert(name.to_owned(), Json::Object(settings));
        }
    }
    if let Some(text) = sink.values(key).text("ExtensionSettings") {
        policy.insert("ExtensionSettings".to_owned(), Json::from(text));
    }
    if policy.is_empty() {
        return;
    }
    match browser_policy::chromium(Json::Object(policy).to_string().as_bytes()) {
        Ok(installed) => {
            for one in installed {
                let record = one.id.clone().unwrap_or_else(|| one.policy.to_owned());
                let mut artifact = of_key(target, sink, browser, key)
                    .with_some(Field::Identifier, one.id)
                    .with_some(Field::UpdateUrl, one.update_url)
                    .with(Field::Type, "policy")
                    .with(Field::Source, one.policy);
                artifact.location.record = Some(record);
                sink.artifact(artifact);
            }
        }
        Err(damage) => sink.gap(crate::model::GapKind::Corrupt, key.path(), damage.what),
    }
}

fn external(target: &Target, sink: &mut Sink<'_>, browser: &'static str, key: &Key<'_>) {
    let values = sink.values(key);
    let artifact = of_key(target, sink, browser, key)
        .with(Field::Identifier, key.name())
        .with_some(Field::Version, values.text("version"))
        .with_some(Field::UpdateUrl, values.text("update_url"))
        .with_some(Field::Source, values.text("path"))
        .with(Field::Type, "external");
    sink.artifact(artifact);
}

/// The native messaging hosts below the key of a browser.
pub(in super::super) fn hosts(
    target: &Target,
    sink: &mut Sink<'_>,
    browser: &'static str,
    place: &Software<'_>,
    below: &str,
) {
    for key in sink.keys(target.registry(), &format!(r"{}\{below}\NativeMessagingHosts\*", place.key)) {
        let manifest = sink.values(&key).text("");
        let is_gone = manifest.as_deref().is_some_and(|path| target.registry().is_gone(&target.root, path));
        let artifact = of_key(target, sink, browser, &key)
            .with(Field::Name, key.name())
            .with_some(Field::Path, manifest)
            .with(Field::Type, "native-messaging-host")
            .state(if is_gone { State::Remnant } else { State::Installed });
        sink.artifact(artifact);
    }
}

/// An artifact of a browser seen at a key.
pub(in super::super) fn of_key(
    target: &Target,
    sink: &Sink<'_>,
    browser: &'static str,
    key: &Key<'_>,
) -> Artifact {
    let user = target.registry().user_of(key);
    Artifact::new(sink.collector(), key.location())
        .with(Field::Browser, browser)
        .with(Field::Key, key.path())
        .with_some(Field::User, user.map(|user| user.name.as_str()))
}

#[cfg(test)]
mod tests {
    use crate::collector::{collect, named};
    use crate::model::Field;
    use crate::registry::Memory;

    #[test]
    fn policies_externals_and_hosts_of_machine_and_user() {
        let registry = Memory::new()
            .user("S-1-5-21-1", "u")
            .value(
                r"HKLM\SOFTWARE\Policies\Google\Chrome\ExtensionInstallForcelist",
                "1",
                "aaa;https://example.com/u",
            )
            .value(
                r"HKLM\SOFTWARE\Policies\Microsoft\Edge",
                "ExtensionSettings",
                r#"{"bbb": {"installation_mode": "force_installed", "update_url": "https://example.com/e"}}"#,
            )
            .value(
                r"HKU\S-1-5-21-1\Software\Policies\Chromium\ExtensionSettings\ccc",
                "installation_mode",
                "normal_installed",
            )
            .value(
                r"HKLM\SOFTWARE\WOW6432Node\Google\Chrome\Extensions\ddd",
                "update_url",
                "https://example.com/x",
            )
            .value(r"HKLM\SOFTWARE\Google\Chrome\NativeMessagingHosts\com.example", "", r"C:\Gone\host.json");
        let target = crate::collector::windows::testing::complete().target(registry);
        let (found, gaps) = collect(named("chrome_extensions").unwrap(), &target);
        assert!(gaps.is_empty(), "{gaps:?}");
        let mut seen: Vec<_> = found
            .iter()
            .map(|one| {
                (
                    one.text(Field::Type).unwrap(),
                    one.text(Field::Identifier).or(one.text(Field::Name)).unwrap(),
                )
            })
            .collect();
        seen.sort_unstable();
        let expected = [
            ("external", "ddd"),
            ("native-messaging-host", "com.example"),
            ("policy", "aaa"),
            ("policy", "bbb"),
            ("policy", "ccc"),
        ];
        assert_eq!(seen, expected);
        assert!(found.iter().any(|one| one.state == crate::model::State::Remnant));
    }
}
