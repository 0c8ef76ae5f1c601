//! Extensions of browsers, editors and assistants, and packages of Python and Java: archives that a manifest describes.

use super::contents::SMALL;
use crate::bytes::{Damage, DamageKind, Salvaged};
use crate::format::browser::webextension::{Locales, Manifest, Messages};
use crate::format::container::zip::{Archive, Member};
use crate::format::package::npm_package::{self, Package};
use crate::format::package::{java_manifest, python_metadata, vscode_extension};
use crate::format::text::relaxed_json;
use crate::model::{Artifact, Field};

/// Locales of one extension that are read.
const MAX_LOCALES: usize = 200;

/// Manifests, what they mostly are first.
const MANIFESTS: &[&str] =
    &["extension/package.json", "extension.vsixmanifest", "manifest.json", "META-INF/MANIFEST.MF"];

/// Whether a member says what its archive is.
pub(super) fn is_wanted(name: &str) -> bool {
    MANIFESTS.contains(&name) || is_metadata(name)
}

/// `NAME-VERSION.dist-info/METADATA` of a wheel.
fn is_metadata(name: &str) -> bool {
    name.strip_suffix(".dist-info/METADATA").is_some_and(|folder| !folder.contains('/'))
}

/// The extension that an archive is. `is_promised`: its name says that it is one, so that an archive that is none is
/// damaged.
pub(super) fn read(
    archive: &Archive<'_>,
    members: &[Member],
    base: &Artifact,
    is_promised: bool,
) -> Option<Salvaged<Artifact>> {
    let mut damage = Vec::new();
    let metadata = members.iter().filter(|member| is_metadata(&member.name));
    let named = |wanted: &&str| members.iter().find(|member| member.name == **wanted);
    for member in MANIFESTS.iter().filter_map(named).chain(metadata) {
        let read = archive.read(member, SMALL).and_then(|bytes| match member.name.as_str() {
            "extension/package.json" => of_editor(&bytes, base).map(Some),
            "extension.vsixmanifest" => Ok(of_visual_studio(&bytes, base, &mut damage)),
            "manifest.json" => of_object(archive, &bytes, base, is_promised),
            "META-INF/MANIFEST.MF" => Ok(of_java(&bytes, base)),
            _ => Ok(of_python(&bytes, base)),
        });
        match read {
            Ok(Some(artifact)) => return Some(Salvaged { value: artifact, damage }),
            Ok(None) => {}
            Err(lost) => damage.push(lost),
        }
    }
    if !is_promised && damage.is_empty() {
        return None;
    }
    if damage.is_empty() {
        damage.push(Damage::new(DamageKind::Corrupt, None, "an extension without its manifest"));
    }
    is_promised.then(|| Salvaged { value: base.clone().with(Field::Format, "zip"), damage })
}

/// An extension of an editor, by its `package.json`.
fn of_editor(bytes: &[u8], base: &Artifact) -> Result<Artifact, Damage> {
    Ok(described(base, vscode_extension::manifest(bytes)?))
}

fn of_visual_studio(bytes: &[u8], base: &Artifact, damage: &mut Vec<Damage>) -> Option<Artifact> {
    let read = vscode_extension::vsix(bytes);
    damage.extend(read.damage);
    read.value.package.name.is_some().then(|| described(base, read.value))
}

fn described(base: &Artifact, manifest: vscode_extension::Manifest) -> Artifact {
    let identifier = manifest.identifier();
    let mut package = manifest.package;
    package.description = package.description.filter(|text| !text.starts_with('%'));
    let artifact = base
        .clone()
        .with(Field::Format, "vsix")
        .with_some(Field::Name, identifier.as_deref())
        .with_some(Field::Identifier, identifier)
        .with_some(Field::Publisher, manifest.publisher)
        .with_some(Field::DisplayName, manifest.display_name.filter(|name| !name.starts_with('%')));
    of_package(artifact, package)
}

/// What a `package.json`, or a manifest with its fields, says besides the name and the people.
pub(super) fn of_package(artifact: Artifact, package: Package) -> Artifact {
    artifact
        .with_some(Field::Version, package.version)
        .with_some(Field::Author, package.author)
        .with_some(Field::Description, package.description)
        .with_some(Field::Homepage, package.homepage)
        .with_some(Field::License, package.license)
}

/// An extension of a browser, or of an assistant ("MCPB manifest specification"); other programs call theirs so, too.
fn of_object(
    archive: &Archive<'_>,
    bytes: &[u8],
    base: &Artifact,
    is_promised: bool,
) -> Result<Option<Artifact>, Damage> {
    let object: serde_json::Map<String, serde_json::Value> = match relaxed_json::parse(bytes) {
        Ok(object) => object,
        Err(_) if !is_promised => return Ok(None),
        Err(damage) => return Err(damage),
    };
    let is_text = |key: &str| object.get(key).is_some_and(serde_json::Value::is_string);
    if object.contains_key("server") && (is_text("dxt_version") || is_text("manifest_version")) {
        let mut package = npm_package::of(&object);
        let display = object.get("display_name").and_then(serde_json::Value::as_str);
        let artifact = base
            .clone()
            .with(Field::Format, "mcpb")
            .with_some(Field::Name, package.name.take())
            .with_some(Field::DisplayName, display);
        return Ok(Some(of_package(artifact, package)));
    }
    let is_browsers = object.get("manifest_version").is_some_and(serde_json::Value::is_number);
    if !is_browsers && !is_promised {
        return Ok(None);
    }
    let manifest = Manifest::from_object(&object);
    let texts = locales(archive, &manifest)?.texts(&manifest);
    Ok(Some(
        base.clone()
            .with(Field::Format, "webextension")
            .with_some(Field::Name, texts.name)
            .with_many(Field::DisplayName, texts.other_names)
            .with_some(Field::Description, texts.description)
            .with_some(Field::Identifier, manifest.gecko_id)
            .with_some(Field::Version, manifest.version)
            .with_some(Field::Author, manifest.author)
            .with_some(Field::Homepage, manifest.homepage),
    ))
}

/// The messages of every locale, where a manifest refers to some.
fn locales(archive: &Archive<'_>, manifest: &Manifest) -> Result<Locales, Damage> {
    let mut locales = Locales::default();
    if !manifest.is_localised() {
        return Ok(locales);
    }
    let locale_of =
        |name: &str| Some(name.strip_prefix("_locales/")?.strip_suffix("/messages.json")?.to_owned());
    let members = archive.members(|name| locale_of(name).is_some(), MAX_LOCALES);
    if let Some(damage) = members.damage.into_iter().next() {
        return Err(damage);
    }
    for member in members.value {
        let messages = Messages::parse(&archive.read(&member, SMALL)?)?;
        locales.insert(&locale_of(&member.name).unwrap_or_default(), messages);
    }
    Ok(locales)
}

/// A package of Java by its manifest; where files end as packages of Java do, another collector reads them.
fn of_java(bytes: &[u8], base: &Artifact) -> Option<Artifact> {
    let manifest = java_manifest::Manifest::parse(bytes);
    let get = |names: &[&str]| names.iter().find_map(|name| manifest.find(name)).map(str::to_owned);
    let name = get(&["implementation-title", "bundle-name", "specification-title", "short-name"]);
    let vendor = get(&["implementation-vendor", "bundle-vendor", "specification-vendor"]);
    (name.is_some() || vendor.is_some()).then(|| {
        base.clone()
            .with(Field::Format, "jar")
            .with_some(Field::DisplayName, name)
            .with_some(Field::Vendor, vendor)
            .with_some(Field::Identifier, get(&["bundle-symbolicname", "automatic-module-name"]))
            .with_some(Field::Version, get(&["implementation-version", "bundle-version"]))
    })
}

/// A package of Python by its metadata.
pub(super) fn of_python(bytes: &[u8], base: &Artifact) -> Option<Artifact> {
    let metadata = python_metadata::Metadata::parse(bytes);
    let name = metadata.get("name")?;
    Some(
        base.clone()
            .with(Field::Format, "python")
            .with(Field::Name, name)
            .with_some(Field::Version, metadata.get("version"))
            .with_some(Field::Description, metadata.get("summary"))
            .with_many(Field::Author, metadata.all("author").chain(metadata.all("author-email")))
            .with_many(Field::Maintainer, metadata.all("maintainer").chain(metadata.all("maintainer-email")))
            .with_some(Field::Homepage, metadata.get("home-page"))
            .with_some(Field::License, metadata.get("license")),
    )
}
