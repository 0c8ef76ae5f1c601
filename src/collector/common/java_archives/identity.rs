//! What an archive is, by its manifest, its coordinates and the name of its file.

use super::super::places::home_owner;
use super::ending::is_archive;
use crate::format::package::java_file_name;
use crate::format::package::java_manifest::Manifest;
use crate::format::package::maven_pom::Coordinates;
use crate::model::{Artifact, CollectorId, Field, Location, State};
use crate::text::shown;

/// What build tools add to the name of an archive that carries what it needs.
const CLASSIFIERS: &[&str] = &[
    "all",
    "shaded",
    "uber",
    "fat",
    "standalone",
    "jar-with-dependencies",
    "exec",
    "boot",
    "bundle",
    "snapshot",
];

/// Attributes that say whose an archive is; the second is of plug-ins of Jenkins, the third of `NiFi`.
const NAMESPACES: &[&str] = &["implementation-vendor-id", "group-id", "nar-group"];
/// Attributes that name an archive for a machine: of OSGi, of Java's modules, of Jenkins, of `NiFi`.
const MODULES: &[&str] = &["bundle-symbolicname", "automatic-module-name", "short-name", "nar-id"];

/// What was found in an archive.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) manifest: Manifest,
    pub(super) coordinates: Vec<Coordinates>,
}

impl Found {
    /// The archive itself as `of_archive` has it, and what was built into it.
    pub(super) fn artifacts(&self, stem: &str, of_archive: Artifact) -> Vec<Artifact> {
        let (name, by_name) = java_file_name::split(stem);
        let own = self.own(stem, name);
        let version =
            ["implementation-version", "bundle-version"].iter().find_map(|key| self.manifest.find(key));
        let weak = ["specification-version", "version"].iter().find_map(|key| self.manifest.find(key));
        let version = version.or(by_name).or(weak).map(str::to_owned);
        let location = of_archive.location.clone();
        let archive = self.described(of_archive);
        let archive = match own.and_then(|own| self.coordinates.get(own)) {
            Some(own) => archive
                .with(Field::Name, own.artifact.as_deref().unwrap_or(name))
                .with_some(Field::Namespace, own.group.as_deref())
                .with_some(Field::Version, own.version.clone().or(version))
                .with_some(Field::Vendor, own.organization.as_deref()),
            None => archive
                .with(Field::Name, if name.is_empty() { stem } else { name })
                .with_some(Field::Namespace, NAMESPACES.iter().find_map(|key| self.manifest.find(key)))
                .with_some(Field::Version, version),
        };
        let others = self.coordinates.iter().enumerate().filter(|(at, _)| Some(*at) != own);
        let embedded =
            others.map(|(_, other)| of_coordinates(other, location.clone()).state(State::Embedded));
        std::iter::once(archive).chain(embedded).collect()
    }

    /// Which coordinates are those of the archive itself.
    fn own(&self, stem: &str, name: &str) -> Option<usize> {
        let title = self.manifest.get("implementation-title");
        let symbolic = self.symbolic();
        let names = [Some(name), Some(stem), title, symbolic.as_deref()];
        let names: Vec<String> = names.into_iter().flatten().map(str::to_lowercase).collect();
        let fits = |coordinates: &Coordinates| {
            let artifact = coordinates.artifact.as_deref().unwrap_or_default().to_lowercase();
            let qualified =
                format!("{}.{artifact}", coordinates.group.as_deref().unwrap_or_default().to_lowercase());
            let is_classified = |name: &String| {
                let rest = name.strip_prefix(&artifact).and_then(|rest| rest.strip_prefix(['-', '_', '.']));
                rest.is_some_and(|rest| CLASSIFIERS.contains(&rest))
            };
            !artifact.is_empty()
                && names.iter().any(|name| *name == artifact || *name == qualified || is_classified(name))
        };
        self.coordinates.iter().position(fits)
    }

    fn symbolic(&self) -> Option<String> {
        let name = MODULES.iter().find_map(|key| self.manifest.get(key))?;
        Some(name.split(';').next().unwrap_or(name).trim().to_owned())
    }

    /// An artifact with what the manifest says, but for name and version.
    fn described(&self, artifact: Artifact) -> Artifact {
        let manifest = &self.manifest;
        let titles = ["implementation-title", "bundle-name", "specification-title", "bundle-symbolicname"];
        let vendors =
            ["implementation-vendor", "bundle-vendor", "specification-vendor", "vendor", "created-by-vendor"];
        artifact
            .with_some(Field::DisplayName, titles.iter().find_map(|key| manifest.find(key)))
            .with_some(Field::Module, self.symbolic())
            .with_many(Field::Vendor, vendors.iter().flat_map(|key| manifest.all(key)))
            .with_some(Field::Description, manifest.get("bundle-description"))
            .with_some(Field::License, manifest.get("bundle-license"))
    }
}

/// What Maven built into something.
pub(super) fn of_coordinates(coordinates: &Coordinates, location: Location) -> Artifact {
    let path = location.path.clone().unwrap_or_default();
    Artifact::new(CollectorId::JavaArchives.name(), location)
        .with(Field::Path, path.clone())
        .with_some(Field::User, home_owner(path.trim_start_matches('/').as_bytes()))
        .with_some(Field::Name, coordinates.artifact.as_deref())
        .with_some(Field::Namespace, coordinates.group.as_deref())
        .with_some(Field::Version, coordinates.version.as_deref())
        .with_some(Field::Vendor, coordinates.organization.as_deref())
}

/// Whether a path lies where Maven and Gradle keep what they build with.
fn is_cached(path: &[u8]) -> bool {
    [&b"/.m2/repository/"[..], b"/.gradle/caches/"]
        .iter()
        .any(|place| memchr::memmem::find(path, place).is_some())
}

/// An archive on disk, or at a path inside one.
pub(super) fn archive(path: &[u8], inside: &str) -> Artifact {
    let (location, state) = match inside {
        "" if is_cached(path) => (Location::path(path), State::Installer),
        "" => (Location::path(path), State::Installed),
        inside => (Location::record(path, inside), State::Embedded),
    };
    Artifact::new(CollectorId::JavaArchives.name(), location)
        .state(state)
        .with(Field::Path, shown(path))
        .with_some(Field::User, home_owner(path))
}

/// `tool-1.2` for `tool-1.2.jar`, and the whole name where it has no such ending.
pub(super) fn stem(name: &str) -> &str {
    let Some((stem, _)) = name.rsplit_once('.').filter(|_| is_archive(name)) else { return name };
    stem.strip_suffix(".jar").or(stem.strip_suffix(".war")).unwrap_or(stem)
}
