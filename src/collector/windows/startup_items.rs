//! `startup_items`: what starts when someone logs on.

mod folders;
mod registry;

use crate::collector::{Applies, Collector, Sink};
use crate::model::Field;
use crate::registry::{HIVES, with_hives};
use crate::target::Target;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "startup_items",
    about: "Programs that start with Windows or when somebody logs on: startup folders, Run keys, Winlogon, debuggers, libraries loaded everywhere.",
    applies: Applies::WINDOWS,
    reads: &with_hives::<{ HIVES.len() + folders::READS.len() }>(folders::READS),
    walks: &[],
    keys: registry::KEYS,
    yields: &[
        Field::Name,
        Field::Program,
        Field::Cmdline,
        Field::Description,
        Field::Type,
        Field::User,
        Field::Uid,
        Field::Key,
        Field::Path,
    ],
    run,
    visit: None,
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    folders::run(target, sink);
    registry::run(target, sink);
}
