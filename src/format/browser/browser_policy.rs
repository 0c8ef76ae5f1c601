//! Policies by which an administrator has browsers install extensions.
//!
//! Chromium: `ExtensionInstallForcelist` and `ExtensionSettings` ("Chrome Enterprise policy list"). Firefox:
//! `policies.json` with `Extensions` and `ExtensionSettings` ("Policy templates for Firefox"). A policy that
//! blocks or merely allows an extension installs nothing and is left out.

use serde_json::{Map, Value};

use crate::bytes::Damage;
use crate::format::text::relaxed_json;

/// An extension that a policy installs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installed {
    /// The extension's identifier, when the policy names it.
    pub id: Option<String>,
    /// Where the browser gets it.
    pub update_url: Option<String>,
    /// The policy.
    pub policy: &'static str,
}

/// What a policy file of a Chromium browser installs.
///
/// # Errors
/// Damage when it is no JSON object.
pub fn chromium(bytes: &[u8]) -> Result<Vec<Installed>, Damage> {
    let object: Map<String, Value> = relaxed_json::parse(bytes)?;
    let list = object.get("ExtensionInstallForcelist").and_then(Value::as_array);
    let mut installed: Vec<Installed> =
        list.into_iter().flatten().filter_map(Value::as_str).map(forced).collect();
    installed.extend(from_settings(object.get("ExtensionSettings"), "update_url"));
    Ok(installed)
}

/// An entry of `ExtensionInstallForcelist`: `ID` or `ID;update URL`.
pub fn forced(entry: &str) -> Installed {
    let (id, url) = entry.split_once(';').map_or((entry, None), |(id, url)| (id, Some(url)));
    Installed {
        id: Some(id.trim().to_owned()),
        update_url: url.map(|url| url.trim().to_owned()),
        policy: "ExtensionInstallForcelist",
    }
}

/// What a `policies.json` of a Mozilla program installs.
///
/// # Errors
/// Damage when it is no JSON object.
pub fn mozilla(bytes: &[u8]) -> Result<Vec<Installed>, Damage> {
    let object: Map<String, Value> = relaxed_json::parse(bytes)?;
    let policies = object.get("policies");
    let policy = |name: &str| policies.and_then(|policies| policies.get(name));
    let extensions = policy("Extensions");
    let texts = |name: &str| {
        let list = extensions.and_then(|extensions| extensions.get(name)).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str)
    };
    let by_address = texts("Install").map(|url| Installed {
        id: None,
        update_url: Some(url.to_owned()),
        policy: "Extensions",
    });
    let locked = texts("Locked").map(|id| Installed {
        id: Some(id.to_owned()),
        update_url: None,
        policy: "Extensions",
    });
    let mut installed: Vec<Installed> = by_address.chain(locked).collect();
    installed.extend(from_settings(policy("ExtensionSettings"), "install_url"));
    Ok(installed)
}

/// The value of `ExtensionSettings`: an object, or its text where only texts are possible.
fn from_settings(value: Option<&Value>, address: &str) -> Vec<Installed> {
    let parsed: Option<Value>;
    let value = match value {
        Some(Value::String(text)) => {
            parsed = relaxed_json::parse(text.as_bytes()).ok();
            parsed.as_ref()
        }
        other => other,
    };
    let entries = value.and_then(Value::as_object).into_iter().flatten();
    entries
        .filter(|(_, setting)| {
            let mode = setting.get("installation_mode").and_then(Value::as_str);
            matches!(mode, Some("force_installed" | "normal_installed"))
        })
        .flat_map(|(ids, setting)| {
            let url = setting.get(address).and_then(Value::as_str).map(str::to_owned);
            ids.split(',').map(str::trim).filter(|id| *id != "*" && !id.is_empty()).map(move |id| Installed {
                id: Some(id.to_owned()),
                update_url: url.clone(),
                policy: "ExtensionSettings",
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn ids(installed: &[Installed]) -> Vec<&str> {
        installed.iter().filter_map(|it| it.id.as_deref()).collect()
    }

    #[test]
    fn forced_extensions_are_installed_and_blocked_ones_are_not() {
        let bytes = br#"{"ExtensionInstallForcelist": ["aaa;https://example.com/update", "bbb",],
            "ExtensionInstallBlocklist": ["ccc"], "ExtensionInstallAllowlist": ["ddd"],
            "ExtensionSettings": {"*": {"installation_mode": "force_installed"},
              "eee,fff": {"installation_mode": "normal_installed", "update_url": "https://example.com/u"},
              "ggg": {"installation_mode": "blocked"}, "hhh": {"installation_mode": "removed"}}}"#;
        let all = chromium(bytes).unwrap();
        assert_eq!(ids(&all), ["aaa", "bbb", "eee", "fff"]);
        assert_eq!(all[0].update_url.as_deref(), Some("https://example.com/update"));
        assert_eq!(all[3].update_url.as_deref(), Some("https://example.com/u"));
    }

    #[test]
    fn firefox_installs_by_address_lock_and_setting() {
        let bytes = br#"{"policies": {"Extensions": {"Install": ["https://example.com/a.xpi"],
            "Locked": ["a@example.com"], "Uninstall": ["b@example.com"]},
            "ExtensionSettings": {"c@example.com": {"installation_mode": "force_installed",
              "install_url": "https://example.com/c.xpi"}}}}"#;
        let all = mozilla(bytes).unwrap();
        assert_eq!(ids(&all), ["a@example.com", "c@example.com"]);
        assert_eq!(all[0].update_url.as_deref(), Some("https://example.com/a.xpi"));
        assert_eq!(all[2].policy, "ExtensionSettings");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = chromium(&bytes);
            let _ = mozilla(&bytes);
        }
    }
}
