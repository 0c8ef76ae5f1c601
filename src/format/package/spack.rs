//! Spack's database `.spack-db/index.json`: every installation by its hash (spack, `spack/database.py`).

use serde_json::Value;

use crate::bytes::{Damage, DamageKind, Salvaged};
use crate::format::text::relaxed_json;

/// An installation.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// Name.
    pub name: String,
    /// Version.
    pub version: Option<String>,
    /// Platform, system and processor.
    pub arch: Option<String>,
    /// Folder that it is installed in.
    pub path: Option<String>,
    /// Seconds since 1970 at which it was installed.
    pub installed: Option<i64>,
    /// Whether it is still installed; records of what was removed stay while others need them.
    pub is_installed: bool,
}

/// The installations of a database.
pub fn read(bytes: &[u8]) -> Salvaged<Vec<Package>> {
    let index: Value = match relaxed_json::parse(bytes) {
        Ok(index) => index,
        Err(damage) => return Salvaged::lost(damage),
    };
    let (mut packages, mut damage) = (Vec::new(), Vec::new());
    let Some(installs) = index.pointer("/database/installs").and_then(Value::as_object) else {
        let damage = Damage::new(DamageKind::Corrupt, None, "a database without installations");
        return Salvaged { value: packages, damage: vec![damage] };
    };
    for (hash, record) in installs {
        match package(record) {
            Some(package) => packages.push(package),
            None => {
                let what = format!("installation {hash} has no name or no state");
                damage.push(Damage::new(DamageKind::Corrupt, None, what));
            }
        }
    }
    Salvaged { value: packages, damage }
}

fn package(record: &Value) -> Option<Package> {
    let spec = record.get("spec")?;
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    // Up to version 4 of the database a spec is an object in an object of its name.
    let (name, spec) = match text(spec, "name") {
        Some(name) => (name, spec),
        None => spec
            .as_object()
            .filter(|outer| outer.len() == 1)?
            .iter()
            .next()
            .map(|(name, spec)| (name.clone(), spec))?,
    };
    if name.is_empty() {
        return None;
    }
    let arch = spec.get("arch").map(|arch| {
        let parts = ["platform", "platform_os"].iter().filter_map(|key| text(arch, key));
        let target =
            arch.get("target").and_then(|it| it.as_str().map(str::to_owned).or_else(|| text(it, "name")));
        parts.chain(target).collect::<Vec<_>>().join("-")
    });
    Some(Package {
        name,
        version: text(spec, "version"),
        arch,
        path: text(record, "path"),
        #[expect(clippy::cast_possible_truncation, reason = "fractions of a second do not matter")]
        installed: record.get("installation_time").and_then(Value::as_f64).map(|time| time as i64),
        is_installed: record.get("installed").and_then(Value::as_bool)?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_forms_of_spec() {
        let found = read(
            br#"{"database": {"version": "7", "installs": {
                "a": {"spec": {"name": "tool", "version": "1.0", "arch": {"platform": "linux", "platform_os": "debian12", "target": {"name": "zen"}}},
                      "path": "/opt/spack/tool", "installed": true, "installation_time": 1700000000.5},
                "b": {"spec": {"old": {"version": "2"}}, "path": null, "installed": false},
                "c": {"spec": {}, "installed": true}}}}"#,
        );
        assert_eq!(found.damage.len(), 1);
        let [tool, old] = found.value.as_slice() else { panic!("{found:?}") };
        assert_eq!((tool.arch.as_deref(), tool.installed), (Some("linux-debian12-zen"), Some(1_700_000_000)));
        assert_eq!((old.name.as_str(), old.version.as_deref(), old.is_installed), ("old", Some("2"), false));
    }

    proptest! {
        #[test]
        fn any_bytes_do_not_panic(bytes in proptest::collection::vec(proptest::sample::select(b"{}[]\":,spec\xff".to_vec()), 0..60)) {
            read(&bytes);
        }
    }
}
