//! `browser_plugins`: Internet plug-ins, which browsers loaded until about 2018 and which old installations still have.

use super::bundle;
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::fs::Entry;
use crate::target::Target;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "browser_plugins",
    about: "Internet plug-ins of the machine and its users.",
    applies: Applies::MACOS,
    reads: &[],
    walks: bundle::PLACES,
    keys: &[],
    yields: bundle::FIELDS,
    run: |_, _| (),
    visit: Some(Visit { wants, file }),
};

fn wants(entry: &Entry<'_>) -> bool {
    bundle::wanted(entry, &[b"plugin", b"webplugin", b"bundle"])
        && entry.path().windows(18).any(|part| part == b"/Internet Plug-Ins")
}

fn file(target: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let info = bundle::info(entry, sink);
    let artifact = bundle::artifact(target, sink, entry.path(), &info, "plug-in");
    sink.artifact(artifact);
}
