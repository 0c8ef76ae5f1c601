//! Archives that were unpacked: layers of images, applications of servers, bundles of OSGi that are folders.

use super::identity::{self, Found};
use super::reader::{SMALL, coordinates, is_coordinates};
use crate::bytes::{Damage, DamageKind};
use crate::collector::Sink;
use crate::format::package::java_manifest::Manifest;
use crate::fs::Entry;
use crate::fs::tree::{file_name, join, parent};
use crate::model::{Location, State};
use crate::target::Target;
use crate::text::text_of;

/// Whether a file is the manifest or the coordinates of an unpacked archive.
pub(super) fn is_wanted(path: &[u8]) -> bool {
    match file_name(path) {
        name if name.eq_ignore_ascii_case(b"MANIFEST.MF") => {
            file_name(parent(path)).eq_ignore_ascii_case(b"META-INF")
        }
        name if name.eq_ignore_ascii_case(b"pom.properties") || name.eq_ignore_ascii_case(b"pom.xml") => {
            is_coordinates(&text_of(path))
        }
        _ => false,
    }
}

/// The folder that is the archive.
fn top(path: &[u8], is_manifest: bool) -> &[u8] {
    let folder = parent(parent(path));
    if is_manifest { folder } else { parent(parent(parent(folder))) }
}

pub(super) fn read(target: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let path = entry.path();
    let name = entry.name();
    let is_manifest = name.eq_ignore_ascii_case(b"MANIFEST.MF");
    // Both files of a project say the same; the properties have no variables in them.
    if name.eq_ignore_ascii_case(b"pom.xml")
        && target.root.find(&join(parent(path), b"pom.properties")).is_ok()
    {
        return;
    }
    let Some(bytes) = sink.read_entry(entry, SMALL) else { return };
    let folder = top(path, is_manifest);
    let stem = text_of(file_name(folder));
    let stem = identity::stem(&stem);
    if is_manifest {
        // Every line has an end (JAR File Specification); Java takes a last one without it for cut off.
        if !bytes.is_empty() && !bytes.ends_with(b"\n") && !bytes.ends_with(b"\r") {
            sink.damage(path, &[Damage::new(DamageKind::Truncated, None, "the manifest ends inside a line")]);
        }
        let found = Found { manifest: Manifest::parse(&bytes), coordinates: Vec::new() };
        if IDENTITY.iter().any(|key| found.manifest.find(key).is_some()) {
            let mut archive = identity::archive(folder, "");
            archive.location = Location::path(path);
            found.artifacts(stem, archive).into_iter().for_each(|artifact| sink.artifact(artifact));
        }
        return;
    }
    let read = coordinates(&text_of(name), &bytes);
    sink.damage(path, &read.damage);
    // Maven writes all three into the properties, one a line.
    let known = &read.value;
    let is_whole = known.artifact.is_some() && known.group.is_some() && known.version.is_some();
    if !name.eq_ignore_ascii_case(b"pom.xml")
        && known.artifact.is_some()
        && !(is_whole && bytes.ends_with(b"\n"))
    {
        let what = "the coordinates are cut off";
        sink.damage(path, &[Damage::new(DamageKind::Truncated, None, what)]);
    }
    if read.value.artifact.is_none() {
        let what = Damage::new(DamageKind::Corrupt, None, "coordinates without a name");
        if read.damage.is_empty() {
            sink.damage(path, &[what]);
        }
        return;
    }
    let is_own = read.value.artifact.as_deref().is_some_and(|artifact| artifact.eq_ignore_ascii_case(stem));
    let state = if is_own { State::Installed } else { State::Embedded };
    sink.artifact(identity::of_coordinates(&read.value, Location::path(path)).state(state));
}

/// Attributes of which a manifest of an archive has at least one.
const IDENTITY: &[&str] = &[
    "implementation-title",
    "implementation-vendor",
    "implementation-version",
    "bundle-symbolicname",
    "bundle-name",
    "bundle-vendor",
    "specification-title",
    "specification-vendor",
];
