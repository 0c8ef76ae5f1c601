//! What a profile of a Chromium browser knows of its extensions: `extensions.settings` in `Preferences` and
//! `Secure Preferences`.
//!
//! Keys and numbers as in Chromium: extensions/browser/extension_prefs.cc, extensions/browser/disable_reason.h
//! and extensions/common/mojom/manifest.mojom (`ManifestLocation`).

use serde::Deserialize;
use serde_json::{Map, Value};

use super::webextension::Manifest;
use crate::bytes::Damage;
use crate::format::text::relaxed_json;

/// What a profile knows of one extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The extension's identifier: 32 letters from a to p.
    pub id: String,
    /// Its folder, below `Extensions` of the profile or absolute.
    pub path: Option<String>,
    /// Where it came from.
    pub origin: Origin,
    /// Whether the browser loads it.
    pub enabled: bool,
    /// Whether someone removed it; only the memory of that is left.
    pub uninstalled: bool,
    /// The manifest, as far as the profile keeps a copy.
    pub manifest: Option<Manifest>,
}

/// Where an extension came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The user installed it.
    User,
    /// A file or registry key of another program had the browser install it.
    External,
    /// A policy forces it.
    Policy,
    /// Loaded from a folder of a developer or the command line.
    Unpacked,
    /// Part of the browser.
    Component,
}

impl Origin {
    /// The word for reports.
    pub fn word(self) -> &'static str {
        match self {
            Origin::User => "user",
            Origin::External => "external",
            Origin::Policy => "policy",
            Origin::Unpacked => "unpacked",
            Origin::Component => "component",
        }
    }

    fn from_number(number: Option<i64>) -> Origin {
        match number {
            Some(2 | 3 | 6) => Origin::External,
            Some(7 | 9) => Origin::Policy,
            Some(4 | 8) => Origin::Unpacked,
            Some(5 | 10) => Origin::Component,
            _ => Origin::User,
        }
    }
}

#[derive(Deserialize)]
struct Preferences {
    extensions: Option<Extensions>,
}

#[derive(Deserialize)]
struct Extensions {
    settings: Option<Map<String, Value>>,
}

/// The extensions of a preferences file; `None` when the file keeps no list.
///
/// # Errors
/// Damage when it is no JSON, or the list is none.
pub fn settings(bytes: &[u8]) -> Result<Option<Vec<Setting>>, Damage> {
    let preferences: Preferences = relaxed_json::parse(bytes)?;
    let settings = preferences.extensions.and_then(|extensions| extensions.settings);
    Ok(settings.map(|settings| settings.iter().map(|(id, value)| setting(id, value)).collect()))
}

fn setting(id: &str, value: &Value) -> Setting {
    let number = |key: &str| value.get(key).and_then(Value::as_i64);
    // A bit set in older profiles, a list of numbers in newer ones.
    let disabled = match value.get("disable_reasons") {
        Some(Value::Number(reasons)) => reasons.as_i64() != Some(0),
        Some(Value::Array(reasons)) => !reasons.is_empty(),
        _ => false,
    };
    let path = value.get("path").and_then(Value::as_str);
    Setting {
        id: id.to_owned(),
        path: path.filter(|path| !path.is_empty()).map(str::to_owned),
        origin: Origin::from_number(number("location")),
        enabled: !disabled && number("state").is_none_or(|state| state == 1),
        uninstalled: number("state") == Some(2),
        manifest: value.get("manifest").and_then(Value::as_object).map(Manifest::from_object),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn states_of_old_and_new_profiles() {
        let bytes = br#"{"extensions": {"settings": {
            "a": {"state": 1, "location": 1, "path": "a/1.0_0", "manifest": {"name": "A"}},
            "b": {"state": 0, "disable_reasons": 1, "location": 6},
            "c": {"disable_reasons": [8192], "location": 7},
            "d": {"disable_reasons": [], "location": 4, "path": "/home/u/dev"},
            "e": {"state": 2, "location": 3},
            "f": "odd"}}, "profile": {"name": 1}}"#;
        let all = settings(bytes).unwrap().unwrap();
        let short: Vec<_> =
            all.iter().map(|it| (it.id.as_str(), it.enabled, it.uninstalled, it.origin)).collect();
        assert_eq!(
            short,
            [
                ("a", true, false, Origin::User),
                ("b", false, false, Origin::External),
                ("c", false, false, Origin::Policy),
                ("d", true, false, Origin::Unpacked),
                ("e", false, true, Origin::External),
                ("f", true, false, Origin::User),
            ]
        );
        assert_eq!(all[0].manifest.as_ref().unwrap().name.as_deref(), Some("A"));
    }

    #[test]
    fn no_list_is_not_an_empty_list() {
        assert_eq!(settings(br#"{"extensions": {}}"#).unwrap(), None);
        assert_eq!(settings(br#"{}"#).unwrap(), None);
        assert_eq!(settings(br#"{"extensions": {"settings": {}}}"#).unwrap(), Some(Vec::new()));
        assert!(settings(br#"{"extensions": {"settings": []}}"#).is_err());
        assert!(settings(br#"{"extensions""#).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = settings(&bytes);
        }
    }
}
