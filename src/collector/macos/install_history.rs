//! `install_history`: everything the Installer and Software Update ever installed. A record of the past, which
//! nobody removes: it says when, and never that something is still there.

use super::{property_list, time};
use crate::collector::{Applies, Collector, Sink};
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "install_history",
    about: "Records of past installations by the Installer, Software Update and the App Store.",
    applies: Applies::MACOS,
    reads: &["Library/Receipts/InstallHistory.plist"],
    walks: &[],
    keys: &[],
    yields: &[Field::Identifier, Field::Name, Field::Version, Field::InstallDate, Field::Source],
    run,
    visit: None,
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    for found in sink.files(&target.root, COLLECTOR.reads) {
        let Some(list) = property_list(&target.root, sink, &found) else { continue };
        for (at, record) in list.items().iter().enumerate() {
            let artifact =
                Artifact::new(sink.collector(), Location::record(&found.path, format!("record {at}")))
                    .state(State::Remnant)
                    .with_many(Field::Identifier, record.texts("packageIdentifiers"))
                    .with_some(Field::Name, record.text("displayName"))
                    .with_some(Field::Version, record.text("displayVersion"))
                    .with_some(Field::InstallDate, record.date("date").and_then(time))
                    .with_some(Field::Source, record.text("processName"));
            sink.artifact(artifact);
        }
    }
}
