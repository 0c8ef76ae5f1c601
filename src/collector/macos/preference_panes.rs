//! `preference_panes`: panes of System Settings that programs add.

use super::bundle;
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::fs::Entry;
use crate::target::Target;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "preference_panes",
    about: "Preference panes of the machine and its users.",
    applies: Applies::MACOS,
    reads: &[],
    walks: bundle::PLACES,
    keys: &[],
    yields: bundle::FIELDS,
    run: |_, _| (),
    visit: Some(Visit { wants, file }),
};

fn wants(entry: &Entry<'_>) -> bool {
    bundle::wanted(entry, &[b"prefpane"])
}

fn file(target: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let info = bundle::info(entry, sink);
    let artifact = bundle::artifact(target, sink, entry.path(), &info, "preference-pane");
    sink.artifact(artifact);
}
