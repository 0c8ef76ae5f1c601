//! Records of packages of languages that have one small record each: what it says, whatever tool wrote it.
//!
//! Sources: Composer's `installed.json` (composer, `InstalledFilesystemRepository`); Bitnami's `.bitnami_components.json`;
//! Google's `cos-package-info.json`; cpanminus' `install.json`; `Project.toml` of Julia's Pkg; `.crates.toml` of Cargo;
//! "Writing R Extensions"; `package.conf.d` of GHC; LuaRocks' rockspec; `app(4)` of Erlang; opam's manual; headers of
//! WordPress plug-ins and themes; `about_Module_Manifests` of PowerShell; `release` of the JDK (JEP 223); PEAR's registry;
//! `pack.pl` of SWI-Prolog; `pubspec.yaml` of Dart.

use serde_json::Value;

use super::deb822;
use crate::bytes::{Damage, DamageKind, Salvaged};
use crate::format::text::{relaxed_json, yaml};

/// A package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Record {
    /// Name.
    pub name: String,
    /// Version.
    pub version: Option<String>,
    /// One line on what it is.
    pub description: Option<String>,
    /// Who wrote it.
    pub authors: Vec<String>,
    /// Who maintains it.
    pub maintainers: Vec<String>,
    /// The company that made it.
    pub vendor: Option<String>,
    /// Where its project is.
    pub homepage: Option<String>,
    /// Licences.
    pub licenses: Vec<String>,
}

/// What a file holds.
pub type Records = Salvaged<Vec<Record>>;

pub(super) fn one(record: Record) -> Records {
    Salvaged::whole(vec![record])
}

pub(super) fn broken(kind: DamageKind, what: &str) -> Records {
    Salvaged::lost(Damage::new(kind, None, what))
}

/// A text, or each text of a list.
fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::String(text)) => vec![text.clone()],
        Some(Value::Array(list)) => {
            let name =
                |value: &Value| value.as_str().or_else(|| value.get("name")?.as_str()).map(str::to_owned);
            list.iter().filter_map(name).collect()
        }
        _ => Vec::new(),
    }
}

fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A package by the usual keys.
fn of_object(value: &Value) -> Option<Record> {
    Some(Record {
        name: text(value, "name")?,
        version: text(value, "version"),
        description: text(value, "description"),
        authors: texts(value.get("authors").or_else(|| value.get("author"))),
        maintainers: texts(value.get("maintainers")),
        vendor: None,
        homepage: text(value, "homepage"),
        licenses: texts(value.get("license")),
    })
}

/// The objects of a list, or of one under a key.
fn listed(bytes: &[u8], key: &str) -> Records {
    let value: Value = match relaxed_json::parse(bytes) {
        Ok(value) => value,
        Err(damage) => return Salvaged::lost(damage),
    };
    let Some(list) = value.as_array().or_else(|| value.get(key)?.as_array()) else {
        return broken(DamageKind::Corrupt, "a list of packages without packages");
    };
    let records: Vec<Record> = list.iter().filter_map(of_object).collect();
    let nameless = list.len() - records.len();
    let damage = (nameless > 0)
        .then(|| Damage::new(DamageKind::Corrupt, None, format!("{nameless} packages without names")));
    Salvaged { value: records, damage: damage.into_iter().collect() }
}

/// `vendor/composer/installed.json`.
pub fn composer(bytes: &[u8]) -> Records {
    listed(bytes, "packages")
}

/// `/etc/cos-package-info.json`.
pub fn container_optimized(bytes: &[u8]) -> Records {
    listed(bytes, "installedPackages")
}

/// `/opt/bitnami/.bitnami_components.json`: components by name.
pub fn bitnami(bytes: &[u8]) -> Records {
    let value: serde_json::Map<String, Value> = match relaxed_json::parse(bytes) {
        Ok(value) => value,
        Err(damage) => return Salvaged::lost(damage),
    };
    let record = |(name, value): (&String, &Value)| Record {
        name: name.clone(),
        version: text(value, "version"),
        ..Record::default()
    };
    Salvaged::whole(value.iter().map(record).collect())
}

/// `.meta/DISTRIBUTION/install.json`.
pub fn perl(bytes: &[u8]) -> Records {
    match relaxed_json::parse::<Value>(bytes) {
        Ok(value) => match of_object(&value) {
            Some(record) => one(record),
            None => broken(DamageKind::Corrupt, "a distribution without a name"),
        },
        Err(damage) => Salvaged::lost(damage),
    }
}

fn toml_of(bytes: &[u8]) -> Result<toml::Table, Damage> {
    let text = String::from_utf8_lossy(bytes);
    toml::from_str(&text)
        .map_err(|error| Damage::new(DamageKind::Corrupt, None, format!("not TOML: {}", error.message())))
}

/// `Project.toml`; environments have one without a name.
pub fn julia(bytes: &[u8]) -> Records {
    let table = match toml_of(bytes) {
        Ok(table) => table,
        Err(damage) => return Salvaged::lost(damage),
    };
    let text = |key: &str| table.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let authors = table.get("authors").and_then(toml::Value::as_array).into_iter().flatten();
    let Some(name) = text("name") else {
        return broken(DamageKind::Corrupt, "a package without a name");
    };
    one(Record {
        name,
        version: text("version"),
        authors: authors.filter_map(toml::Value::as_str).map(str::to_owned).collect(),
        ..Record::default()
    })
}

/// `MANIFEST.json` of a collection of Ansible ("Collection structure").
pub fn ansible(bytes: &[u8]) -> Records {
    let value: Value = match relaxed_json::parse(bytes) {
        Ok(value) => value,
        Err(damage) => return Salvaged::lost(damage),
    };
    let info = value.get("collection_info");
    let Some(mut record) = info.and_then(of_object) else {
        return broken(DamageKind::Corrupt, "a collection without a name");
    };
    let namespace = info.and_then(|info| text(info, "namespace"));
    if let Some(namespace) = namespace {
        record.name = format!("{namespace}.{}", record.name);
        record.vendor = Some(namespace);
    }
    one(record)
}

/// `extension.toml` of Zed ("Developing Extensions").
pub fn zed(bytes: &[u8]) -> Records {
    let table = match toml_of(bytes) {
        Ok(table) => table,
        Err(damage) => return Salvaged::lost(damage),
    };
    let text = |key: &str| table.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let authors = table.get("authors").and_then(toml::Value::as_array).into_iter().flatten();
    let Some(name) = text("name").or_else(|| text("id")) else {
        return broken(DamageKind::Corrupt, "an extension without a name");
    };
    let record = Record {
        name,
        version: text("version"),
        description: text("description"),
        authors: authors.filter_map(toml::Value::as_str).map(str::to_owned).collect(),
        homepage: text("repository"),
        ..Record::default()
    };
    let is_cut = record.version.is_none();
    let damage = is_cut.then(|| Damage::new(DamageKind::Truncated, None, "an extension without a version"));
    Salvaged { value: vec![record], damage: damage.into_iter().collect() }
}

/// `.cargo/.crates.toml`: `"NAME VERSION (SOURCE)" = ["PROGRAM"]`.
pub fn cargo(bytes: &[u8]) -> Records {
    let table = match toml_of(bytes) {
        Ok(table) => table,
        Err(damage) => return Salvaged::lost(damage),
    };
    let Some(installed) = table.get("v1").and_then(toml::Value::as_table) else {
        return broken(DamageKind::Corrupt, "a list without installed crates");
    };
    let record = |key: &String| {
        let mut words = key.split(' ');
        let name = words.next()?.to_owned();
        Some(Record { name, version: words.next().map(str::to_owned), ..Record::default() })
    };
    Salvaged::whole(installed.keys().filter_map(record).collect())
}

/// `pubspec.yaml`: plain values of the top level.
pub fn pub_spec(bytes: &[u8]) -> Records {
    let Salvaged { value, mut damage } = yaml::parse(bytes);
    let of = |key: &str| yaml::text(&value, key);
    let Some(name) = of("name") else {
        return broken(DamageKind::Truncated, "a package without its name");
    };
    let record = Record {
        name,
        version: of("version"),
        description: of("description"),
        authors: of("author").into_iter().collect(),
        homepage: of("homepage").or_else(|| of("repository")),
        ..Record::default()
    };
    let is_cut = record.version.is_none() || !bytes.ends_with(b"\n");
    if is_cut && damage.is_empty() {
        damage.push(Damage::new(DamageKind::Truncated, None, "the description of the package is cut off"));
    }
    Salvaged { value: vec![record], damage }
}

/// `installed/vcpkg/status` of vcpkg: stanzas of packages, and of features of packages.
pub fn vcpkg(bytes: &[u8]) -> Records {
    let mut records = Vec::new();
    let mut damage = deb822::read(&bytes, u64::MAX, &mut |stanza| {
        let text = |key: &str| {
            stanza
                .get(key)
                .map(|value| String::from_utf8_lossy(value).into_owned())
                .filter(|text| !text.is_empty())
        };
        let is_installed = text("Status").is_some_and(|status| status.ends_with(" installed"));
        if let (Some(name), None, true) = (text("Package"), text("Feature"), is_installed) {
            let version = text("Version");
            records.push(Record { name, version, description: text("Description"), ..Record::default() });
        }
    });
    if !bytes.ends_with(b"\n") && damage.is_empty() {
        damage.push(Damage::new(DamageKind::Truncated, bytes.len() as u64, "the list ends inside a line"));
    }
    Salvaged { value: records, damage }
}

/// A stanza of `Key: value` whose names of keys differ: R's `DESCRIPTION`, GHC's `NAME.conf`.
pub fn stanza(bytes: &[u8], name: &str) -> Records {
    let mut found = None;
    let mut damage = deb822::read(&bytes, u64::MAX, &mut |stanza| {
        let text = |keys: &[&str]| {
            let words = keys.iter().map(|key| stanza.words(key)).find(|words| !words.is_empty())?;
            let value = String::from_utf8_lossy(&words.join(&b' ')).into_owned();
            let value = value.trim_matches(['"', '\'']).to_owned();
            (!value.is_empty()).then_some(value)
        };
        let Some(name) = text(&[name]) else { return };
        found.get_or_insert(Record {
            name,
            version: text(&["version"]),
            description: text(&["title", "synopsis", "description"]),
            authors: text(&["author"]).into_iter().collect(),
            maintainers: text(&["maintainer"]).into_iter().collect(),
            vendor: None,
            homepage: text(&["url", "homepage"]),
            licenses: text(&["license"]).into_iter().collect(),
        });
    });
    if found.as_ref().is_none_or(|record| record.version.is_none()) && damage.is_empty() {
        damage.push(Damage::new(DamageKind::Truncated, None, "a package without its name or version"));
    }
    Salvaged { value: found.into_iter().collect(), damage }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn short(records: Records) -> Vec<(String, String, String)> {
        assert_eq!(records.damage, []);
        let version = |record: &Record| record.version.clone().unwrap_or_default();
        records.value.iter().map(|it| (it.name.clone(), version(it), it.authors.join("|"))).collect()
    }

    fn row(name: &str, version: &str, author: &str) -> Vec<(String, String, String)> {
        vec![(name.to_owned(), version.to_owned(), author.to_owned())]
    }

    #[test]
    fn lists_in_json() {
        let package = r#"{"name": "example/kit", "version": "v1.0", "authors": [{"name": "Example Ltd", "email": "a@example.com"}]}"#;
        let expected = row("example/kit", "v1.0", "Example Ltd");
        assert_eq!(short(composer(format!("[{package}]").as_bytes())), expected);
        assert_eq!(short(composer(format!("{{\"packages\": [{package}]}}").as_bytes())), expected);
        assert_eq!(
            short(bitnami(br#"{"kit": {"version": "1.0-2", "type": "NAMI"}}"#)),
            row("kit", "1.0-2", "")
        );
        let cos = br#"{"installedPackages": [{"category": "a", "name": "kit", "version": "1.0"}], "buildTimePackages": []}"#;
        assert_eq!(short(container_optimized(cos)), row("kit", "1.0", ""));
        assert_eq!(
            short(perl(br#"{"name": "Example::Kit", "version": "1.0"}"#)),
            row("Example::Kit", "1.0", "")
        );
    }

    #[test]
    fn tables_and_stanzas() {
        let julia_project = b"name = \"Kit\"\nuuid = \"x\"\nversion = \"1.0\"\nauthors = [\"Example Ltd\"]\n";
        assert_eq!(short(julia(julia_project)), row("Kit", "1.0", "Example Ltd"));
        let zed_extension =
            b"id = \"kit\"\nname = \"Kit\"\nversion = \"1.0\"\nschema_version = 1\nauthors = [\"Example Ltd\"]\n";
        assert_eq!(short(zed(zed_extension)), row("Kit", "1.0", "Example Ltd"));
        let collection =
            br#"{"collection_info": {"namespace": "example", "name": "kit", "version": "1.0", "authors": ["Example Ltd"]}}"#;
        assert_eq!(short(ansible(collection)), row("example.kit", "1.0", "Example Ltd"));
        let crates = b"[v1]\n\"kit 1.0.0 (registry+https://example.com)\" = [\"kit\"]\n";
        assert_eq!(short(cargo(crates)), row("kit", "1.0.0", ""));
        let r = b"Package: kit\nVersion: 1.0\nTitle: A Kit\nAuthor: Example\n  Ltd\nBuilt: R 4.3.0\n";
        assert_eq!(short(stanza(r, "package")), row("kit", "1.0", "Example Ltd"));
        let dart = b"name: kit\nversion: 1.0.0\nenvironment:\n  sdk: x\n";
        assert_eq!(short(pub_spec(dart)), row("kit", "1.0.0", ""));
        let ghc =
            b"name:                 kit\nversion:              1.0\nid: kit-1.0-x\nauthor: Example Ltd\n";
        assert_eq!(short(stanza(ghc, "name")), row("kit", "1.0", "Example Ltd"));
    }

    #[test]
    fn what_is_cut_off_is_damage() {
        for records in [
            composer(br#"{"packages": [{"name": "a""#),
            composer(br#"{"other": []}"#),
            composer(br#"[{"version": "1"}]"#),
            julia(b"name = \"Ki"),
            cargo(b"[v"),
            stanza(b"Package: kit\nVer", "package"),
            stanza(b"Package: kit\n", "package"),
            pub_spec(b"name: kit\nvers"),
            ansible(br#"{"collection_info": {"namespace": "a""#),
            ansible(br#"{"collection_info": {}}"#),
            zed(b"id = \"kit\"\nver"),
            zed(b"id = \"kit\"\n"),
        ] {
            assert!(!records.damage.is_empty(), "{records:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            for read in [composer, container_optimized, bitnami, perl, julia, cargo, pub_spec, ansible, zed] {
                let _ = read(&bytes);
            }
            let _ = stanza(&bytes, "name");
        }
    }
}
