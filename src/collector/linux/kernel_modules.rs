//! `kernel_modules`: modules that are loaded, and those on disk that did not come with the kernel.
//!
//! A kernel has thousands of modules of its own; they are distinguished by its `modules.order`, and never opened.
//! What lies in the folders for others' modules is read for its author and signer. A module that someone put
//! among the kernel's own is recognised by its name alone, so that an image need not keep the bytes of them all.

mod files;

use std::collections::BTreeSet;

use crate::collector::{Applies, Collector, Sink};
use crate::format::text::kernel_lists::{self, Loaded};
use crate::format::text::shell_assignments;
use crate::fs::Found;
use crate::fs::tree::{file_name, is_within, join, parent};
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::{shown, text_of};

use files::Files;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "kernel_modules",
    about: "Kernel modules that are loaded, loaded at boot, or on disk and not the kernel's own; DKMS sources.",
    applies: Applies::LINUX,
    reads: files::READS,
    walks: &[],
    keys: &[],
    yields: &[
        Field::Name,
        Field::Version,
        Field::Description,
        Field::Author,
        Field::License,
        Field::Signer,
        Field::Size,
        Field::Status,
        Field::Type,
        Field::Depends,
        Field::Path,
    ],
    run,
    visit: None,
};

/// Bytes read of a list or configuration file.
const LIMIT: usize = 32 << 20;

fn run(target: &Target, sink: &mut Sink<'_>) {
    let files = Files::of(target, sink);
    if target.is_live() {
        loaded(target, sink, &files);
    }
    for module in &files.modules {
        sink.artifact(module.clone());
    }
    dkms(target, sink);
    autoloaded(target, sink, &files);
}

fn loaded(target: &Target, sink: &mut Sink<'_>, files: &Files) {
    let Some(bytes) = sink.read_path(&target.root, b"proc/modules", LIMIT) else { return };
    for module in kernel_lists::loaded(&bytes) {
        let Loaded { name, size, used_by: _, state } = module;
        let version = join(&join(b"sys/module", &name), b"version");
        let version =
            sink.read_path(&target.root, &version, 1 << 12).map(|bytes| text_of(bytes.trim_ascii()));
        // The file says who made it.
        let mut artifact = files
            .module(&name)
            .cloned()
            .unwrap_or_else(|| Artifact::new(sink.collector(), Location::default()));
        artifact.location = Location::record(b"proc/modules", text_of(&name));
        let artifact = artifact
            .state(State::Running)
            .with(Field::Name, text_of(&name))
            .with(Field::Type, "loaded")
            .with(Field::Size, text_of(&size))
            .with(Field::Status, text_of(&state))
            .with_some(Field::Version, version);
        sink.artifact(artifact);
    }
}

/// Sources that DKMS builds modules from, registered or only left in `/usr/src`.
fn dkms(target: &Target, sink: &mut Sink<'_>) {
    let mut described = BTreeSet::new();
    for found in sink.files(&target.root, files::DKMS) {
        described.insert(parent(parent(&found.path)).to_vec());
        let Some(bytes) = sink.read(&target.root, &found, 1 << 20) else { continue };
        let artifact = dkms_artifact(sink, &found, &bytes);
        sink.artifact(artifact);
    }
    for found in sink.glob(&target.root, files::DKMS_BUILT) {
        let (name, version) = (file_name(parent(&found.path)), file_name(&found.path));
        // Links of kernels, and modules that were replaced, lie beside the versions.
        let is_version =
            found.is_directory() && !version.starts_with(b"kernel-") && version != b"original_module";
        if is_version && !described.contains(found.path.as_slice()) {
            let artifact = Artifact::new(sink.collector(), Location::path(&found.path))
                .state(State::Remnant)
                .with(Field::Name, text_of(name))
                .with(Field::Version, text_of(version))
                .with(Field::Type, "dkms")
                .with(Field::Path, shown(&found.path));
            sink.artifact(artifact);
        }
    }
}

fn dkms_artifact(sink: &Sink<'_>, found: &Found, bytes: &[u8]) -> Artifact {
    let assignments = shell_assignments::parse(bytes);
    let values = |name: &'static [u8]| {
        assignments
            .iter()
            .filter(move |assignment| assignment.name == name)
            .map(|assignment| text_of(&assignment.value))
    };
    let state = if is_within(&found.path, b"var/lib/dkms") { State::Installed } else { State::Remnant };
    Artifact::new(sink.collector(), Location::path(&found.path))
        .state(state)
        .with_many(Field::Name, values(b"PACKAGE_NAME").chain(values(b"BUILT_MODULE_NAME")))
        .with_some(Field::Version, values(b"PACKAGE_VERSION").next_back())
        .with(Field::Type, "dkms")
        .with(Field::Path, shown(&found.path))
}

/// Names that are loaded at boot; a name without a module is what a removal left.
fn autoloaded(target: &Target, sink: &mut Sink<'_>, files: &Files) {
    for found in sink.files(&target.root, files::AUTOLOAD) {
        let Some(bytes) = sink.read(&target.root, &found, 1 << 20) else { continue };
        for name in kernel_lists::autoloaded(&bytes) {
            let state = if files.has(name) { State::Installed } else { State::Remnant };
            let artifact = Artifact::new(sink.collector(), Location::record(&found.path, text_of(name)))
                .state(state)
                .with(Field::Name, text_of(&kernel_lists::canonical(name)))
                .with(Field::Type, "autoload")
                .with(Field::Status, "autoload")
                .with(Field::Path, shown(&found.path));
            sink.artifact(artifact);
        }
    }
}

#[cfg(test)]
mod tests;
