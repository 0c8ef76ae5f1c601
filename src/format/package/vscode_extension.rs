//! Extensions of Visual Studio Code and its relatives: `package.json` ("Extension Manifest" of its documentation), the
//! texts of `package.nls.json`, and the lists `extensions.json` and `.obsolete` of a folder of extensions
//! (microsoft/vscode, `extensionsScannerService.ts`, `extensionsProfileScannerService.ts`).

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::npm_package::{self, Package};
use crate::bytes::{Damage, DamageKind, Salvaged};
use crate::format::text::relaxed_json;
use crate::format::text::xml::{self, is_path};

/// What an extension says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Manifest {
    /// What it has in common with packages of npm.
    pub package: Package,
    /// Who published it.
    pub publisher: Option<String>,
    /// Name for people; `%key%` stands for a text of `package.nls.json`.
    pub display_name: Option<String>,
}

impl Manifest {
    /// Name and publisher, as galleries name it.
    pub fn identifier(&self) -> Option<String> {
        let name = self.package.name.as_deref()?;
        Some(
            self.publisher
                .as_deref()
                .map_or_else(|| name.to_owned(), |publisher| format!("{publisher}.{name}")),
        )
    }
}

/// An extension in the list of a folder.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// Name with publisher.
    pub identifier: String,
    /// Version.
    pub version: Option<String>,
    /// Folder in the folder of extensions.
    pub folder: Option<String>,
    /// The publisher's name for people.
    pub publisher: Option<String>,
    /// Milliseconds since 1970 at which it was installed.
    pub installed: Option<i64>,
    /// Where it was installed from: a gallery or a file.
    pub source: Option<String>,
    /// Platform it was made for.
    pub platform: Option<String>,
}

/// Reads a manifest.
///
/// # Errors
/// Damage when it is no JSON object.
pub fn manifest(bytes: &[u8]) -> Result<Manifest, Damage> {
    let object: Map<String, Value> = relaxed_json::parse(bytes)?;
    Ok(Manifest {
        package: npm_package::of(&object),
        publisher: object.get("publisher").and_then(text_of),
        display_name: object.get("displayName").and_then(text_of),
    })
}

/// What an `extension.vsixmanifest` says: extensions of Visual Studio have no other manifest ("VSIX extension schema 2.0
/// reference").
pub fn vsix(bytes: &[u8]) -> Salvaged<Manifest> {
    let mut manifest = Manifest::default();
    let damage = xml::read(bytes, &mut |around, element| {
        if !is_path(around, &["PackageManifest", "Metadata"]) {
            return;
        }
        let text = || Some(element.text.trim().to_owned()).filter(|text| !text.is_empty());
        match element.name.as_str() {
            "Identity" => {
                let attribute = |name: &str| element.attribute(name).map(str::to_owned);
                manifest.package.name = attribute("Id");
                manifest.package.version = attribute("Version");
                manifest.publisher = attribute("Publisher");
            }
            "DisplayName" => manifest.display_name = text(),
            "Description" => manifest.package.description = text(),
            _ => {}
        }
    });
    Salvaged { value: manifest, damage }
}

/// The texts that `%key%` in a manifest stands for.
///
/// # Errors
/// Damage when it is no JSON object.
pub fn texts(bytes: &[u8]) -> Result<BTreeMap<String, String>, Damage> {
    let object: Map<String, Value> = relaxed_json::parse(bytes)?;
    let text = |value: &Value| text_of(value).or_else(|| text_of(value.get("message")?));
    Ok(object.iter().filter_map(|(key, value)| Some((key.clone(), text(value)?))).collect())
}

/// The list of a folder of extensions; `None` for the list of another program, which is no array.
///
/// # Errors
/// Damage when it is no JSON.
pub fn list(bytes: &[u8]) -> Result<Option<Salvaged<Vec<Entry>>>, Damage> {
    let Value::Array(records) = relaxed_json::parse(bytes)? else { return Ok(None) };
    let (mut entries, mut damage) = (Vec::new(), Vec::new());
    for (number, record) in records.iter().enumerate() {
        match entry(record) {
            Some(entry) => entries.push(entry),
            None => {
                let what = format!("extension {} has no identifier", number + 1);
                damage.push(Damage::new(DamageKind::Corrupt, None, what));
            }
        }
    }
    Ok(Some(Salvaged { value: entries, damage }))
}

fn entry(record: &Value) -> Option<Entry> {
    let text = |path: &str| record.pointer(path).and_then(text_of);
    let location =
        || text("/location/path").or_else(|| text("/location/fsPath")).or_else(|| text("/location"));
    let last = |path: String| path.rsplit(['/', '\\']).find(|part| !part.is_empty()).map(str::to_owned);
    Some(Entry {
        identifier: text("/identifier/id")?,
        version: text("/version"),
        folder: text("/relativeLocation").or_else(|| last(location()?)),
        publisher: text("/metadata/publisherDisplayName"),
        installed: record.pointer("/metadata/installedTimestamp").and_then(Value::as_i64),
        source: text("/metadata/source"),
        platform: text("/metadata/targetPlatform").filter(|platform| platform != "undefined"),
    })
}

/// The folders whose extensions were uninstalled and wait to be deleted.
///
/// # Errors
/// Damage when it is no JSON object.
pub fn obsolete(bytes: &[u8]) -> Result<BTreeSet<String>, Damage> {
    let object: Map<String, Value> = relaxed_json::parse(bytes)?;
    let is_true = |value: &Value| value.as_bool() == Some(true);
    Ok(object.into_iter().filter(|(_, value)| is_true(value)).map(|(name, _)| name.to_lowercase()).collect())
}

/// Identifier and version of a folder that is called `publisher.name-1.2.3`, with or without a platform.
pub fn by_folder(name: &str) -> Option<(&str, &str)> {
    name.match_indices('-').find_map(|(at, _)| {
        let (identifier, rest) = (name.get(..at)?, name.get(at + 1..)?);
        let numbers: Vec<&str> = rest.split(['-', '+']).next()?.split('.').collect();
        let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let (publisher, own) = identifier.split_once('.')?;
        let is_version = numbers.len() == 3 && numbers.iter().all(is_number);
        (is_version && !publisher.is_empty() && !own.is_empty()).then(|| {
            let end = [
                rest.find("-linux"),
                rest.find("-darwin"),
                rest.find("-win32"),
                rest.find("-alpine"),
                rest.find("-web"),
            ];
            let end = end.into_iter().flatten().min().unwrap_or(rest.len());
            (identifier, rest.get(..end).unwrap_or(rest))
        })
    })
}

fn text_of(value: &Value) -> Option<String> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_manifest_and_its_texts() {
        let found = manifest(
            br#"{"name": "tool", "publisher": "example", "version": "1.2.3", "displayName": "%title%",
                "engines": {"vscode": "^1.80.0"}}"#,
        )
        .unwrap();
        assert_eq!(found.identifier().as_deref(), Some("example.tool"));
        assert_eq!((found.display_name.as_deref(), found.package.is_extension), (Some("%title%"), true));
        let texts = texts(br#"{"title": {"message": "Tool", "comment": []}, "other": "x", "n": 1}"#).unwrap();
        assert_eq!((texts.get("title").map(String::as_str), texts.len()), (Some("Tool"), 2));
        assert!(
            !manifest(br#"{"name": "library", "engines": {"node": "18"}}"#).unwrap().package.is_extension
        );
        assert!(manifest(b"{\"name\"").is_err() && manifest(b"[]").is_err());
    }

    #[test]
    fn a_manifest_of_visual_studio() {
        let found = vsix(
            br#"<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011"><Metadata>
                <Identity Id="tool" Version="1.0" Language="en-US" Publisher="Example Ltd"/><DisplayName>Tool</DisplayName>
                </Metadata></PackageManifest>"#,
        );
        assert_eq!(found.damage, []);
        let found = found.value;
        assert_eq!(found.identifier().as_deref(), Some("Example Ltd.tool"));
        assert_eq!(
            (found.display_name.as_deref(), found.package.version.as_deref()),
            (Some("Tool"), Some("1.0"))
        );
        assert!(!vsix(b"<PackageManifest><Metadata>").damage.is_empty());
    }

    #[test]
    fn lists_of_editors_and_of_others() {
        let found = list(
            br#"[{"identifier": {"id": "example.tool", "uuid": "u"}, "version": "1.2.3",
                  "location": {"$mid": 1, "path": "/c:/Users/u/.vscode/extensions/example.tool-1.2.3", "scheme": "file"},
                  "metadata": {"installedTimestamp": 1700000000000, "publisherDisplayName": "Example", "source": "gallery",
                               "targetPlatform": "undefined"}},
                 {"identifier": {"id": "old.one"}, "relativeLocation": "old.one-0.1.0-linux-x64"}, {"version": "1"}]"#,
        );
        let found = found.unwrap().unwrap();
        let folders: Vec<_> = found.value.iter().map(|it| it.folder.as_deref().unwrap()).collect();
        assert_eq!(folders, ["example.tool-1.2.3", "old.one-0.1.0-linux-x64"]);
        assert_eq!(
            (found.value[0].installed, found.value[0].platform.as_deref()),
            (Some(1_700_000_000_000), None)
        );
        assert_eq!(found.damage.len(), 1);
        assert_eq!(list(br#"{"schemaVersion": 36, "addons": []}"#), Ok(None));
        assert!(list(b"[{").is_err());
    }

    #[test]
    fn folders_that_are_called_after_an_extension() {
        for (name, found) in [
            ("ms-python.python-2024.1.0", Some(("ms-python.python", "2024.1.0"))),
            ("a-b.c-d-1.0.0-linux-x64", Some(("a-b.c-d", "1.0.0"))),
            ("a.b-1.0.0-beta.1", Some(("a.b", "1.0.0-beta.1"))),
            ("socket.io", None),
            ("tool-1.0.0", None),
            ("a.b-1.0", None),
            (".b-1.0.0", None),
            ("-", None),
        ] {
            assert_eq!(by_folder(name), found, "{name}");
        }
        assert!(obsolete(br#"{"A.b-1.0.0": true, "c.d-1.0.0": false}"#).unwrap().iter().eq(["a.b-1.0.0"]));
    }

    proptest! {
        #[test]
        fn any_bytes_do_not_panic(bytes in proptest::collection::vec(proptest::sample::select(b"{}[]\":,id.-1\xff".to_vec()), 0..60)) {
            let _ = (manifest(&bytes), texts(&bytes), list(&bytes), obsolete(&bytes));
            by_folder(&String::from_utf8_lossy(&bytes));
        }
    }
}
