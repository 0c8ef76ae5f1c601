//! Manifests of browser extensions (`manifest.json`) and their localised messages (`messages.json`).
//!
//! Keys as in the WebExtensions manifest reference (MDN, "manifest.json") and Chrome's extension documentation,
//! "Manifest file format" and "chrome.i18n". A key of the wrong type is as good as absent.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::bytes::Damage;
use crate::format::text::relaxed_json;

/// What an extension says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    /// Name; may be a reference to a message.
    pub name: Option<String>,
    /// Version: numbers separated by dots.
    pub version: Option<String>,
    /// Description; may be a reference to a message.
    pub description: Option<String>,
    /// Author's name or address.
    pub author: Option<String>,
    /// Home page.
    pub homepage: Option<String>,
    /// Where updates come from; the browser's store when absent.
    pub update_url: Option<String>,
    /// The locale that names fall back to.
    pub default_locale: Option<String>,
    /// The identifier that Mozilla's browsers know it by.
    pub gecko_id: Option<String>,
    /// Permissions and hosts it asks for.
    pub permissions: Vec<String>,
    /// What it is.
    pub kind: Kind,
}

/// What a manifest describes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// An extension.
    #[default]
    Extension,
    /// A packaged or hosted app.
    App,
    /// A theme.
    Theme,
}

impl Kind {
    /// The word for reports.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Extension => "extension",
            Kind::App => "app",
            Kind::Theme => "theme",
        }
    }
}

impl Manifest {
    /// Reads a manifest.
    ///
    /// # Errors
    /// Damage when it is no JSON object.
    pub fn parse(bytes: &[u8]) -> Result<Manifest, Damage> {
        relaxed_json::parse::<Map<String, Value>>(bytes).map(|object| Manifest::from_object(&object))
    }

    /// The manifest that a JSON object holds.
    pub fn from_object(object: &Map<String, Value>) -> Manifest {
        let text = |key: &str| object.get(key).and_then(text_of);
        let gecko = ["browser_specific_settings", "applications"].iter().find_map(|key| object.get(*key));
        let gecko = gecko.and_then(|settings| settings.get("gecko"));
        let author = object.get("author");
        let developer = object.get("developer").and_then(|developer| developer.get("name"));
        let permissions = ["permissions", "host_permissions", "optional_permissions"].iter();
        let permissions = permissions.filter_map(|key| object.get(*key)?.as_array()).flatten();
        let kind = if object.contains_key("theme") {
            Kind::Theme
        } else if object.contains_key("app") {
            Kind::App
        } else {
            Kind::Extension
        };
        Manifest {
            name: text("name"),
            version: text("version"),
            description: text("description"),
            author: author
                .and_then(|author| text_of(author).or_else(|| text_of(author.get("email")?)))
                .or_else(|| developer.and_then(text_of)),
            homepage: text("homepage_url"),
            update_url: text("update_url")
                .or_else(|| gecko.and_then(|gecko| gecko.get("update_url")).and_then(text_of)),
            default_locale: text("default_locale"),
            gecko_id: gecko.and_then(|gecko| gecko.get("id")).and_then(text_of),
            permissions: permissions.filter_map(text_of).collect(),
            kind,
        }
    }

    /// Whether a text of it is the name of a message.
    pub fn is_localised(&self) -> bool {
        [&self.name, &self.description].into_iter().flatten().any(|text| message_name(text).is_some())
    }
}

fn text_of(value: &Value) -> Option<String> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The message that a text refers to: `appName` for `__MSG_appName__`.
pub fn message_name(text: &str) -> Option<&str> {
    text.strip_prefix("__MSG_")?.strip_suffix("__").filter(|name| !name.is_empty())
}

/// The messages of one locale. Their names are in lower case, since they compare without case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Messages(BTreeMap<String, String>);

impl Messages {
    /// Reads a `messages.json`.
    ///
    /// # Errors
    /// Damage when it is no JSON object.
    pub fn parse(bytes: &[u8]) -> Result<Messages, Damage> {
        let object: Map<String, Value> = relaxed_json::parse(bytes)?;
        let messages = object.into_iter().filter_map(|(name, message)| {
            text_of(message.get("message")?).map(|text| (name.to_lowercase(), text))
        });
        Ok(Messages(messages.collect()))
    }

    /// A text of the manifest in this locale; `None` when the locale does not have it.
    pub fn resolve(&self, text: &str) -> Option<&str> {
        self.0.get(&message_name(text)?.to_lowercase()).map(String::as_str)
    }
}

/// The messages of every locale that an extension has, by locale in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Locales(BTreeMap<String, Messages>);

/// The texts of a manifest as people see them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Texts {
    /// Name, in the default locale where that has it.
    pub name: Option<String>,
    /// Other names, in other locales.
    pub other_names: Vec<String>,
    /// Description.
    pub description: Option<String>,
}

impl Locales {
    /// Adds the messages of a locale.
    pub fn insert(&mut self, locale: &str, messages: Messages) {
        self.0.insert(locale.to_lowercase(), messages);
    }

    /// The texts of a manifest: in its default locale, in English, in any other, or as they stand.
    pub fn texts(&self, manifest: &Manifest) -> Texts {
        let default = manifest.default_locale.as_deref().unwrap_or("en").to_lowercase();
        let first = ["en", "en_us"]
            .iter()
            .fold(self.0.get(&default), |found, name| found.or_else(|| self.0.get(*name)));
        let resolve = |text: &Option<String>| {
            let text = text.as_deref()?;
            let found = first.and_then(|messages| messages.resolve(text));
            Some(found.or_else(|| self.0.values().find_map(|it| it.resolve(text))).unwrap_or(text).to_owned())
        };
        let name = resolve(&manifest.name);
        let mut other_names: Vec<String> = Vec::new();
        for other in self.0.values().filter_map(|it| it.resolve(manifest.name.as_deref()?)) {
            if Some(other) != name.as_deref() && !other_names.iter().any(|known| known == other) {
                other_names.push(other.to_owned());
            }
        }
        Texts { description: resolve(&manifest.description), name, other_names }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_name_is_taken_from_any_locale_that_has_it() {
        let manifest =
            Manifest::parse(br#"{"name": "__MSG_n__", "description": "__MSG_d__", "default_locale": "de"}"#)
                .unwrap();
        let mut locales = Locales::default();
        assert_eq!(locales.texts(&manifest).name.as_deref(), Some("__MSG_n__"));
        locales.insert("ru", Messages::parse(r#"{"n": {"message": "Имя"}}"#.as_bytes()).unwrap());
        locales.insert("de", Messages::parse(br#"{"d": {"message": "Text"}}"#).unwrap());
        locales.insert("en_US", Messages::parse(br#"{"N": {"message": "Name"}}"#).unwrap());
        let texts = locales.texts(&manifest);
        assert_eq!((texts.name.as_deref(), texts.description.as_deref()), (Some("Name"), Some("Text")));
        assert_eq!(texts.other_names, ["Имя"]);
    }

    #[test]
    fn a_manifest_with_what_both_browsers_know() {
        let manifest = Manifest::parse(
            br#"{ // comment
            "manifest_version": 3, "name": "__MSG_appName__", "version": "1.2.3", "default_locale": "en_US",
            "author": {"email": "dev@example.com"}, "homepage_url": "https://example.com/",
            "permissions": ["tabs", {"usb": []}], "host_permissions": ["<all_urls>"],
            "browser_specific_settings": {"gecko": {"id": "a@example.com"}}, "description": 7 }"#,
        )
        .unwrap();
        assert_eq!(manifest.name.as_deref(), Some("__MSG_appName__"));
        assert_eq!(manifest.author.as_deref(), Some("dev@example.com"));
        assert_eq!(manifest.gecko_id.as_deref(), Some("a@example.com"));
        assert_eq!(manifest.permissions, ["tabs", "<all_urls>"]);
        assert_eq!((manifest.kind, manifest.description.as_deref()), (Kind::Extension, None));
        assert!(manifest.is_localised());
    }

    #[test]
    fn messages_are_found_without_case() {
        let messages = Messages::parse(br#"{"APPName": {"message": "Name"}, "other": 1}"#).unwrap();
        assert_eq!(messages.resolve("__MSG_appname__"), Some("Name"));
        assert_eq!(messages.resolve("__MSG_absent__"), None);
        assert_eq!(messages.resolve("appname"), None);
    }

    #[test]
    fn a_manifest_that_is_no_object_is_damage() {
        assert!(Manifest::parse(b"[]").is_err());
        assert!(Manifest::parse(b"").is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = Manifest::parse(&bytes);
            let _ = Messages::parse(&bytes);
        }
    }
}
