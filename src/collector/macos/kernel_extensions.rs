//! `kernel_extensions`: kernel extension bundles, also those inside of apps and those staged for loading.

use super::bundle;
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::fs::Entry;
use crate::target::Target;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "kernel_extensions",
    about: "Kernel extension bundles, installed, staged or kept inside of programs, with signer and team.",
    applies: Applies::MACOS,
    reads: &[],
    walks: bundle::PLACES,
    keys: &[],
    yields: bundle::FIELDS,
    run: |_, _| (),
    visit: Some(Visit { wants, file }),
};

fn wants(entry: &Entry<'_>) -> bool {
    bundle::wanted(entry, &[b"kext"])
}

fn file(target: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let info = bundle::info(entry, sink);
    let artifact = bundle::artifact(target, sink, entry.path(), &info, "kernel-extension");
    sink.artifact(artifact);
}
