//! What images without dpkg keep instead of its database: lists of checksums beside stanzas, and chisel's manifest.

use std::collections::BTreeSet;

use crate::collector::Sink;
use crate::format::package::chisel;
use crate::fs::tree::file_name;
use crate::fs::{Entry, Found, Root};
use crate::model::{Artifact, Field, GapKind, Location};
use crate::text::{shown, text_of};

/// Where slices put chisel's manifest: `base-files_chisel` names the first folder, older releases one at the top.
pub(super) const MANIFESTS: [&str; 2] = ["var/lib/chisel/manifest.wall", "*/manifest.wall"];
/// Bytes of a compressed manifest.
const MAX_MANIFEST: usize = 64 << 20;

/// Yields the packages of chisel's manifests.
pub(super) fn chiselled(root: &Root, sink: &mut Sink<'_>) {
    for found in sink.files(root, &MANIFESTS) {
        if let Some(bytes) = sink.read(root, &found, MAX_MANIFEST) {
            manifest(&found.path, &bytes, sink);
        }
    }
}

/// Yields the packages of a manifest of chisel that slices put elsewhere: each says where it wants one.
pub(super) fn elsewhere(entry: &Entry<'_>, sink: &mut Sink<'_>) {
    if let Some(bytes) = sink.read_entry(entry, MAX_MANIFEST) {
        manifest(entry.path(), &bytes, sink);
    }
}

fn manifest(path: &[u8], bytes: &[u8], sink: &mut Sink<'_>) {
    let read = chisel::read(bytes);
    sink.damage(path, &read.damage);
    for package in read.value {
        let artifact = Artifact::new(sink.collector(), Location::record(path, package.name.as_str()))
            .with(Field::Name, package.name)
            .with(Field::Version, package.version)
            .with(Field::Arch, package.arch);
        sink.artifact(artifact);
    }
}

/// Compares lists of checksums with the stanzas: a list whose package has none is a package that the stanzas hide.
pub(super) fn check_sums(lists: &[Found], known: &BTreeSet<String>, damaged: bool, sink: &mut Sink<'_>) {
    for found in lists {
        let file = text_of(file_name(&found.path));
        let full = file.strip_suffix(".md5sums").unwrap_or(&file);
        // `name`, `name:arch`, or the stanza's file, whose package may be called otherwise.
        let name = full.split(':').next().unwrap_or(full);
        if known.contains(name) || known.contains(&stanza_file(full)) {
            continue;
        }
        let artifact = Artifact::new(sink.collector(), Location::path(&found.path)).with(Field::Name, name);
        sink.artifact(artifact);
        if !damaged {
            let detail = format!("checksums of {name}, and no stanza names the package");
            sink.gap(GapKind::Corrupt, shown(&found.path), detail);
        }
    }
}

/// How a file of stanzas is remembered among names of packages, which hold no slash.
pub(super) fn stanza_file(name: &str) -> String {
    format!("/{name}")
}
