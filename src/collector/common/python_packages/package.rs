//! A package by its metadata, or by the name of its folder or file.

use crate::bytes::{Damage, DamageKind};
use crate::collector::support::test_data::is_test_data;
use crate::format::package::python_metadata::Metadata;
use crate::format::package::python_names;
use crate::fs::tree::{file_name, parent};
use crate::model::{Artifact, CollectorId, Field, Location, State};
use crate::text::{shown, text_of};

/// Bytes read of one file: the headers come first, the long description last.
pub(super) const LIMIT: usize = 256 << 10;

pub(super) fn ends_with(name: &[u8], ending: &str) -> bool {
    let at = name.len().checked_sub(ending.len());
    at.and_then(|at| name.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(ending.as_bytes()))
}

pub(super) fn is_info(folder: &[u8]) -> bool {
    ends_with(folder, ".dist-info")
        || ends_with(folder, ".egg-info")
        || folder.eq_ignore_ascii_case(b"EGG-INFO")
}

/// Whether a package belongs to another one: what that one carries with it, or tests itself with.
pub(super) fn state(path: &[u8], folder: &[u8]) -> State {
    const LIBRARIES: &[&[u8]] = &[b"site-packages", b"dist-packages"];
    let is_library = |part: &&[u8]| LIBRARIES.contains(part);
    let above = parent(folder);
    let is_egg = ends_with(file_name(above), ".egg");
    let above = if is_egg { parent(above) } else { above };
    // uv's cache, from which environments are filled.
    let is_cached = memchr::memmem::find(path, b"/archive-v0/").is_some();
    let is_carried =
        !is_library(&file_name(above)) && path.split(|&byte| byte == b'/').any(|part| is_library(&part));
    if is_carried || is_test_data(path) {
        State::Embedded
    } else if is_cached {
        State::Installer
    } else {
        State::Installed
    }
}

/// The package that metadata describe, in a folder or file that is called after it.
pub(super) fn of_metadata(bytes: &[u8], location: Location, named: &[u8]) -> (Option<Artifact>, Vec<Damage>) {
    let metadata = Metadata::parse(bytes);
    let mut damage = Vec::new();
    let file = text_of(file_name(named));
    let by_file = python_names::of_file(&file);
    if metadata.get("name").is_none() {
        damage.push(Damage::new(DamageKind::Corrupt, None, "no name among its headers"));
    }
    // Headers end with a blank line or with the last line's end, and every package has a version.
    let has_end =
        bytes.ends_with(b"\n") || [&b"\n\n"[..], b"\r\n\r\n"].iter().any(|end| contains(bytes, end));
    if damage.is_empty() && (!has_end || metadata.get("version").is_none()) {
        damage.push(Damage::new(DamageKind::Truncated, None, "its headers are cut off"));
    }
    // Readers disagree on which of several names counts, and the folder is called after the package, too.
    let mut names: Vec<&str> = metadata.all("name").collect();
    let is_named = |file: &str| names.iter().any(|name| normalised(name) == normalised(file));
    names.extend(by_file.map(|(name, _)| name).filter(|file| !is_named(file)));
    if names.is_empty() {
        return (None, damage);
    }
    let pages = metadata.all("project-url").filter_map(|url| url.split_once(',')).map(|(_, url)| url.trim());
    let artifact = Artifact::new(CollectorId::PythonPackages.name(), location)
        .with_many(Field::Name, names)
        .with_some(Field::Version, metadata.get("version").or(by_file.and_then(|(_, version)| version)))
        .with_some(Field::Description, metadata.get("summary"))
        .with_many(Field::Author, metadata.all("author").chain(metadata.all("author-email")))
        .with_many(Field::Maintainer, metadata.all("maintainer").chain(metadata.all("maintainer-email")))
        .with_many(Field::Homepage, metadata.all("home-page").chain(pages))
        .with_some(Field::License, metadata.get("license-expression").or(metadata.get("license")))
        .with_many(Field::Depends, metadata.all("requires-dist"))
        .with(Field::Path, shown(named));
    (Some(artifact), damage)
}

/// What the name of a folder or file says.
pub(super) fn by_name(location: Location, named: &[u8]) -> Option<Artifact> {
    let file = text_of(file_name(named));
    let (name, version) = python_names::of_file(&file)?;
    let artifact = Artifact::new(CollectorId::PythonPackages.name(), location)
        .with(Field::Name, name)
        .with_some(Field::Version, version)
        .with(Field::Path, shown(named));
    Some(artifact)
}

/// A name as "Names and normalization" (packaging.python.org) compares it.
pub(super) fn normalised(name: &str) -> String {
    let parts = name.split(['-', '_', '.']).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-").to_lowercase()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(bytes, part).is_some()
}
