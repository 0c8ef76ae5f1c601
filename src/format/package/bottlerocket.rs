//! Bottlerocket's `application-inventory.json`: what its image was built from (bottlerocket-os/bottlerocket, "buildsys").

use serde_json::Value;

use crate::bytes::{Damage, DamageKind, Salvaged};
use crate::format::text::relaxed_json;

/// A package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// Name.
    pub name: String,
    /// Version.
    pub version: Option<String>,
    /// Release.
    pub release: Option<String>,
    /// Who published it.
    pub publisher: Option<String>,
    /// When it was installed.
    pub install_date: Option<String>,
    /// Architecture.
    pub arch: Option<String>,
    /// Home page.
    pub homepage: Option<String>,
    /// What it is, in one line.
    pub summary: Option<String>,
}

/// The packages of an inventory.
pub fn read(bytes: &[u8]) -> Salvaged<Vec<Package>> {
    let inventory: Value = match relaxed_json::parse(bytes) {
        Ok(inventory) => inventory,
        Err(damage) => return Salvaged::lost(damage),
    };
    let (mut packages, mut damage) = (Vec::new(), Vec::new());
    match inventory.get("Content").and_then(Value::as_array) {
        Some(records) => {
            for (at, record) in records.iter().enumerate() {
                let text = |key: &str| record.get(key).and_then(Value::as_str).map(str::to_owned);
                let Some(name) = text("Name").filter(|name| !name.trim().is_empty()) else {
                    let what = format!("record {at} has no name");
                    damage.push(Damage::new(DamageKind::Corrupt, None, what));
                    continue;
                };
                packages.push(Package {
                    name,
                    version: text("Version"),
                    release: text("Release"),
                    publisher: text("Publisher"),
                    install_date: text("InstalledTime"),
                    arch: text("Architecture"),
                    homepage: text("Url"),
                    summary: text("Summary"),
                });
            }
        }
        None => damage.push(Damage::new(DamageKind::Corrupt, None, "an inventory without content")),
    }
    Salvaged { value: packages, damage }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn records_with_a_name_are_packages() {
        let found = read(br#"{"Content":[{"Name":"tool","Publisher":"Example","Version":"1.0","Release":"1"},{"Version":"2"}]}"#);
        assert_eq!((found.value.len(), found.damage.len()), (1, 1));
        assert_eq!(
            (found.value[0].name.as_str(), found.value[0].publisher.as_deref()),
            ("tool", Some("Example"))
        );
        assert_eq!((read(b"{\"Contents\":[]}").damage.len(), read(b"{\"Cont").damage.len()), (1, 1));
    }

    proptest! {
        #[test]
        fn any_bytes_do_not_panic(bytes in proptest::collection::vec(proptest::sample::select(b"{}[]\":,Name\xff".to_vec()), 0..60)) {
            read(&bytes);
        }
    }
}
