//! `python_packages`: packages of Python wherever programs are: of the system, of users, of virtual environments.
//!
//! Each has a folder `NAME-VERSION.dist-info` (PEP 376) or, by older tools, a folder or file `.egg-info`; in an
//! environment of conda it has a record in `conda-meta`. Wheels, eggs and programs that are archives (pex, shiv) carry
//! the same folders inside.

mod archives;
mod package;

use package::{LIMIT, by_name, ends_with, is_info, normalised, of_metadata, state};

use super::places::{PROGRAM_PLACES, home_owner};
use crate::bytes::{Damage, DamageKind};
use crate::collector::support::packed_program;
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::format::package::{conda_record, python_names};
use crate::fs::Entry;
use crate::fs::tree::{file_name, join, parent};
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::{shown, text_of};

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "python_packages",
    about: "Python packages of the system, of users and of virtual environments, in wheels, eggs and packed programs, and packages of conda.",
    applies: Applies::EVERYWHERE,
    reads: &[],
    walks: PROGRAM_PLACES,
    keys: &[],
    yields: &[
        Field::Name,
        Field::Version,
        Field::Description,
        Field::Author,
        Field::Maintainer,
        Field::Homepage,
        Field::License,
        Field::Depends,
        Field::Type,
        Field::User,
        Field::Path,
    ],
    run: |_, _| (),
    visit: Some(Visit { wants, file }),
};

/// Bytes of a record of conda: it lists every file.
const RECORD: usize = 64 << 20;

/// The files beside the metadata, in the order in which they stand for it where it is gone.
const BESIDE: &[&str] = &[
    "RECORD",
    "WHEEL",
    "INSTALLER",
    "SOURCES.txt",
    "top_level.txt",
    "entry_points.txt",
    "direct_url.json",
    "REQUESTED",
];

/// What a file is to this collector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Metadata,
    /// A file beside the metadata, by its place in [`BESIDE`].
    Beside(usize),
    EggLink,
    /// A line that adds a project to what is found: the package is edited where it lies.
    Editable,
    Conda,
    Archive,
    /// The modules of a packed program.
    Library,
    Program,
}

fn kind(path: &[u8]) -> Option<Kind> {
    let name = file_name(path);
    let folder = || file_name(parent(path));
    let is = |other: &str| name.eq_ignore_ascii_case(other.as_bytes());
    if is("METADATA") || is("PKG-INFO") {
        return is_info(folder()).then_some(Kind::Metadata);
    }
    if let Some(at) = BESIDE.iter().position(|beside| is(beside)) {
        return is_info(folder()).then_some(Kind::Beside(at));
    }
    let ending = |endings: &[&str]| endings.iter().any(|ending| ends_with(name, ending));
    if ending(&[".egg-info"]) {
        return Some(Kind::Metadata);
    }
    if ending(&[".egg-link"]) {
        return Some(Kind::EggLink);
    }
    if ending(&[".pth"]) {
        return matches!(folder(), b"site-packages" | b"dist-packages").then_some(Kind::Editable);
    }
    if ending(&[".json"]) {
        return (folder() == b"conda-meta" || is_fetched(path)).then_some(Kind::Conda);
    }
    if ending(&[".whl", ".egg", ".pex", ".pyz", ".pyzw", ".shiv"]) {
        return Some(Kind::Archive);
    }
    // py2exe and cx_Freeze pack the modules of a program into it.
    if is("library.zip") {
        return Some(Kind::Library);
    }
    packed_program::has_no_ending(name).then_some(Kind::Program)
}

/// Whether a record is that of a package which conda has fetched and unpacked.
fn is_fetched(path: &[u8]) -> bool {
    path.strip_suffix(b"/info/index.json").is_some_and(|folder| file_name(parent(folder)) == b"pkgs")
}

fn wants(entry: &Entry<'_>) -> bool {
    kind(entry.path()).is_some_and(|kind| kind != Kind::Program || entry.is_executable())
}

fn file(target: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    match kind(entry.path()) {
        Some(Kind::Metadata) => metadata(entry, sink),
        Some(Kind::Beside(at)) => without_metadata(target, entry.path(), at, sink),
        Some(Kind::EggLink) => egg_link(entry, sink),
        Some(Kind::Editable) => editable(target, entry, sink),
        Some(Kind::Conda) => conda(entry, sink),
        Some(kind) => archives::read(entry, matches!(kind, Kind::Library | Kind::Program), sink),
        None => {}
    }
}

fn metadata(entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let bytes = match entry.read(LIMIT) {
        // What is behind the limit is the description.
        Ok(content) => content.bytes,
        Err(fault) => return sink.fault(fault),
    };
    let path = entry.path();
    let named = if ends_with(file_name(path), ".egg-info") { path } else { parent(path) };
    let (artifact, damage) = of_metadata(&bytes, Location::path(path), named);
    sink.damage(path, &damage);
    if let Some(artifact) = artifact {
        sink.artifact(artifact.state(state(path, named)).with_some(Field::User, home_owner(path)));
    }
}

/// A package whose folder has no metadata: the first of the other files stands for it.
fn without_metadata(target: &Target, path: &[u8], at: usize, sink: &mut Sink<'_>) {
    let folder = parent(path);
    let is_there = |name: &str| target.root.exists(&join(folder, name.as_bytes()));
    let before = BESIDE.get(..at).unwrap_or_default();
    let lower = ["metadata", "pkg-info"];
    if ["METADATA", "PKG-INFO"].iter().chain(&lower).chain(before).any(|name| is_there(name)) {
        return;
    }
    if let Some(artifact) = by_name(Location::path(path), folder) {
        sink.artifact(artifact.state(state(path, folder)).with_some(Field::User, home_owner(path)));
    }
}

/// A package that is developed where the link leads.
fn egg_link(entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let path = entry.path();
    let Some(bytes) = sink.read_entry(entry, LIMIT) else { return };
    let text = String::from_utf8_lossy(&bytes);
    let place = text.lines().next().map(str::trim).filter(|line| !line.is_empty());
    // A second line leads from there to the project.
    if place.is_none() || !text.contains('\n') {
        sink.damage(path, &[Damage::new(DamageKind::Truncated, None, "a link that leads nowhere")]);
    }
    if let Some(artifact) = by_name(Location::path(path), path) {
        let artifact = artifact.state(state(path, path)).with_some(Field::User, home_owner(path));
        sink.artifact(match place {
            Some(place) => artifact.with(Field::Path, place),
            None => artifact,
        });
    }
}

/// A package that is edited in its project (PEP 660), where nothing else names it: `__editable__.NAME-VERSION.pth` of
/// setuptools, `NAME.pth` or `_NAME.pth` of others with the path of the project as its only line.
fn editable(target: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let path = entry.path();
    let file = text_of(entry.name());
    let stem = file.get(..file.len().saturating_sub(4)).unwrap_or_default();
    let Some(bytes) = sink.read_entry(entry, LIMIT) else { return };
    let text = String::from_utf8_lossy(&bytes);
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let (first, is_only) = (lines.next(), lines.next().is_none());
    let place = first.filter(|line| is_only && !line.starts_with("import ") && line.contains(['/', '\\']));
    let named = match stem.strip_prefix("__editable__.") {
        Some(named) => named,
        None => {
            let name = stem.trim_start_matches('_');
            let is_name = |part: &str| normalised(part) == normalised(name);
            if !place.is_some_and(|place| place.split(['/', '\\']).any(is_name)) {
                return;
            }
            name
        }
    };
    let as_folder = format!("{named}.dist-info");
    let Some((name, _)) = python_names::of_file(&as_folder) else { return };
    if has_metadata(target, parent(path), name, sink) {
        return;
    }
    if let Some(artifact) = by_name(Location::path(path), as_folder.as_bytes()) {
        let artifact = artifact.state(state(path, path)).with_some(Field::User, home_owner(path));
        sink.artifact(artifact.with(Field::Path, place.map_or_else(|| shown(path), str::to_owned)));
    }
}

/// Whether a folder of packages has the metadata of one.
fn has_metadata(target: &Target, folder: &[u8], name: &str, sink: &mut Sink<'_>) -> bool {
    let Ok(found) = target.root.find(folder) else { return false };
    let names = sink.list(&target.root, &found);
    names.iter().map(|listed| text_of(&listed.name)).any(|listed| {
        let it = python_names::of_file(&listed);
        it.is_some_and(|(other, _)| normalised(other) == normalised(name))
    })
}

fn conda(entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let path = entry.path();
    let Some(bytes) = sink.read_entry(entry, RECORD) else { return };
    let record = match conda_record::parse(&bytes) {
        Ok(record) => record,
        Err(damage) => return sink.damage(path, &[damage]),
    };
    let artifact = Artifact::new(COLLECTOR.name, Location::path(path))
        .state(if is_fetched(path) { State::Installer } else { State::Installed })
        .with(Field::Name, record.name)
        .with_some(Field::Version, record.version)
        .with_some(Field::License, record.license)
        .with_many(Field::Depends, record.depends)
        .with(Field::Type, "conda")
        .with_some(Field::User, home_owner(path))
        .with(Field::Path, shown(path));
    sink.artifact(artifact);
}

#[cfg(test)]
mod tests;
