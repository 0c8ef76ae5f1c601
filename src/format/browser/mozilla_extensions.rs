//! The list of add-ons that a profile of a Mozilla program keeps: `extensions.json`.
//!
//! Keys as in mozilla-central, toolkit/mozapps/extensions/internal/XPIDatabase.sys.mjs (`DBAddonInternal`).

use serde::Deserialize;
use serde_json::Value;

use crate::bytes::{Damage, DamageKind, Salvaged};
use crate::format::text::relaxed_json;

/// One add-on that a profile knows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Addon {
    /// Its identifier.
    pub id: String,
    /// Its name, first in the default locale, then in every other that has one.
    pub names: Vec<String>,
    /// Description in the default locale.
    pub description: Option<String>,
    /// Its author in the default locale.
    pub creator: Option<String>,
    /// Home page in the default locale.
    pub homepage: Option<String>,
    /// Version.
    pub version: Option<String>,
    /// `extension`, `theme`, `locale`, `dictionary`, …
    pub kind: Option<String>,
    /// Where it is installed: `app-profile`, `app-builtin`, `app-global`, …
    pub location: Option<String>,
    /// Its file or folder, in the path syntax of its system.
    pub path: Option<String>,
    /// Where it was installed from.
    pub source: Option<String>,
    /// Where it updates from.
    pub update_url: Option<String>,
    /// Whether the browser loads it.
    pub active: bool,
    /// Permissions and hosts it was given.
    pub permissions: Vec<String>,
}

#[derive(Deserialize)]
struct Database {
    addons: Vec<Value>,
}

/// The add-ons of an `extensions.json`; one without an identifier is damage, because none is without.
///
/// # Errors
/// Damage when it is no JSON or has no list.
pub fn addons(bytes: &[u8]) -> Result<Salvaged<Vec<Addon>>, Damage> {
    let database: Database = relaxed_json::parse(bytes)?;
    let value: Vec<Addon> = database.addons.iter().filter_map(addon).collect();
    let nameless = database.addons.len() - value.len();
    let what = format!("{nameless} of {} add-ons have no identifier", database.addons.len());
    let damage = (nameless > 0).then(|| Damage::new(DamageKind::Corrupt, None, what));
    Ok(Salvaged { value, damage: damage.into_iter().collect() })
}

fn addon(value: &Value) -> Option<Addon> {
    let text = |key: &str| text_of(value.get(key));
    let default = value.get("defaultLocale");
    let of_default = |key: &str| text_of(default?.get(key));
    let locales = value.get("locales").and_then(Value::as_array).into_iter().flatten();
    let mut names: Vec<String> = of_default("name").into_iter().collect();
    for name in locales.filter_map(|locale| text_of(locale.get("name"))) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let permissions = value.get("userPermissions");
    let permissions = ["permissions", "origins"]
        .iter()
        .filter_map(|key| permissions?.get(*key)?.as_array())
        .flatten()
        .filter_map(|permission| text_of(Some(permission)));
    Some(Addon {
        id: text("id")?,
        names,
        description: of_default("description"),
        creator: of_default("creator"),
        homepage: of_default("homepageURL"),
        version: text("version"),
        kind: text("type"),
        location: text("location"),
        path: text("path"),
        source: text("sourceURI"),
        update_url: text("updateURL"),
        active: value.get("active").and_then(Value::as_bool).unwrap_or(true),
        permissions: permissions.collect(),
    })
}

fn text_of(value: Option<&Value>) -> Option<String> {
    let text = value?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_addon_with_localised_names() {
        let bytes = r#"{"schemaVersion": 36, "addons": [
            {"id": "a@example.com", "version": "2.1", "type": "extension", "active": false, "location": "app-profile",
             "defaultLocale": {"name": "Example", "creator": "Someone", "description": null},
             "locales": [{"name": "Beispiel", "locales": ["de"]}, {"name": "Example", "locales": ["en"]}],
             "path": "/home/u/.mozilla/firefox/x/extensions/a@example.com.xpi",
             "userPermissions": {"permissions": ["tabs"], "origins": ["<all_urls>"]}},
            {"version": "1"}]}"#;
        let Salvaged { value: all, damage } = addons(bytes.as_bytes()).unwrap();
        assert_eq!(damage[0].what, "1 of 2 add-ons have no identifier");
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].names, ["Example", "Beispiel"]);
        assert_eq!(all[0].creator.as_deref(), Some("Someone"));
        assert_eq!(all[0].permissions, ["tabs", "<all_urls>"]);
        assert!(!all[0].active);
    }

    #[test]
    fn a_list_that_is_cut_off_is_damage() {
        assert!(addons(br#"{"addons": [{"id": "a"}"#).is_err());
        assert!(addons(br#"{"schemaVersion": 1}"#).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = addons(&bytes);
        }
    }
}
