//! What Windows' registry says of add-ons of Mozilla's programs: policies, add-ons of other programs, and native
//! messaging hosts.
//!
//! Sources: "Policy templates for Firefox" (`Software\Policies\Mozilla\Firefox`), "Installing add-ons using the
//! Windows Registry", MDN "Native manifests".

use serde_json::{Map, Value as Json};

use super::super::chrome_extensions::registry::{hosts, of_key};
use crate::collector::Sink;
use crate::format::browser::browser_policy;
use crate::model::Field;
use crate::registry::Key;
use crate::target::Target;

/// Browser, its key, and the key of its policies, both below `Software`.
const PROGRAMS: &[(&str, &str, &str)] = &[
    ("firefox", r"Mozilla\Firefox", r"Policies\Mozilla\Firefox"),
    ("thunderbird", r"Mozilla\Thunderbird", r"Policies\Mozilla\Thunderbird"),
];

/// The keys of this file, for `keys`.
pub(super) const KEYS: &[&str] = &[
    r"HKLM\SOFTWARE\Policies\Mozilla\Firefox\*",
    r"HKLM\SOFTWARE\Mozilla\Firefox\Extensions",
    r"HKLM\SOFTWARE\WOW6432Node\Mozilla\Firefox\Extensions",
    r"HKLM\SOFTWARE\Mozilla\NativeMessagingHosts\*",
    r"HKLM\SOFTWARE\WOW6432Node\Mozilla\NativeMessagingHosts\*",
    r"HKU\*\Software\Mozilla\*\*",
];

pub(super) fn run(target: &Target, sink: &mut Sink<'_>) {
    let registry = target.registry();
    for place in registry.software() {
        for (browser, own, policies) in PROGRAMS {
            for key in sink.registry(registry.key(&format!(r"{}\{policies}", place.key))) {
                policy(target, sink, browser, &key);
            }
            for key in sink.registry(registry.key(&format!(r"{}\{own}\Extensions", place.key))) {
                for value in sink.values(&key).iter() {
                    let mut artifact = of_key(target, sink, browser, &key)
                        .with(Field::Identifier, value.name.as_str())
                        .with_some(Field::Source, value.text())
                        .with(Field::Type, "external");
                    artifact.location.record = Some(value.name.clone());
                    sink.artifact(artifact);
                }
            }
        }
        hosts(target, sink, "firefox", &place, "Mozilla");
    }
}

fn policy(target: &Target, sink: &mut Sink<'_>, browser: &'static str, key: &Key<'_>) {
    let mut extensions = Map::new();
    for list in ["Install", "Locked"] {
        for key in sink.registry(key.key(&format!(r"Extensions\{list}"))) {
            let values = sink.values(&key);
            extensions.insert(list.to_owned(), values.iter().filter_map(|value| value.text()).collect());
        }
    }
    let mut policies = Map::new();
    policies.insert("Extensions".to_owned(), Json::Object(extensions));
    // One text, or several lines of it.
    let settings = sink.values(key).texts("ExtensionSettings");
    if !settings.is_empty() {
        policies.insert("ExtensionSettings".to_owned(), Json::from(settings.join("\n")));
    }
    let file = Json::Object([("policies".to_owned(), Json::Object(policies))].into_iter().collect());
    match browser_policy::mozilla(file.to_string().as_bytes()) {
        Ok(installed) => {
            for one in installed {
                let record = one.id.clone().or_else(|| one.update_url.clone());
                let mut artifact = of_key(target, sink, browser, key)
                    .with_some(Field::Identifier, one.id)
                    .with_some(Field::UpdateUrl, one.update_url)
                    .with(Field::Type, "policy")
                    .with(Field::Source, one.policy);
                artifact.location.record = record;
                sink.artifact(artifact);
            }
        }
        Err(damage) => sink.gap(crate::model::GapKind::Corrupt, key.path(), damage.what),
    }
}
