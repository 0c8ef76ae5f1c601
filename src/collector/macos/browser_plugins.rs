//! `browser_plugins`: Internet plug-ins, which browsers loaded until about 2018, and plug-ins of the Finder's context
//! menu, which macOS 10.5 loaded last. Old installations still have both.

use super::bundle;
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::fs::Entry;
use crate::target::Target;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "browser_plugins",
    about: "Internet plug-ins and context menu plug-ins of the machine and its users.",
    applies: Applies::MACOS,
    reads: &[],
    walks: bundle::PLACES,
    keys: &[],
    yields: bundle::FIELDS,
    run: |_, _| (),
    visit: Some(Visit { wants, file }),
};

/// The folders that such plug-ins are loaded from.
const FOLDERS: &[&[u8]] = &[b"Internet Plug-Ins", b"Contextual Menu Items"];

fn wants(entry: &Entry<'_>) -> bool {
    bundle::wanted(entry, &[b"plugin", b"webplugin", b"bundle"])
        && FOLDERS.iter().any(|folder| entry.path().windows(folder.len()).any(|part| part == *folder))
}

fn file(target: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let info = bundle::info(entry, sink);
    let artifact = bundle::artifact(target, sink, entry.path(), &info, "plug-in");
    sink.artifact(artifact);
}
