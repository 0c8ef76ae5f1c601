//! `startup_items`: what starts when somebody logs on.

mod folders;

use crate::artifact::Field;
use crate::collector::{Applies, Collector, Sink};
use crate::target::Target;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "startup_items",
    about: "Programs that start when somebody logs on: shortcuts and files in the startup folders.",
    applies: Applies::WINDOWS,
    reads: folders::READS,
    walks: &[],
    keys: &[],
    yields: &[
        Field::Name,
        Field::Program,
        Field::Cmdline,
        Field::Description,
        Field::Type,
        Field::User,
        Field::Path,
    ],
    run,
    visit: None,
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    folders::run(target, sink);
}
