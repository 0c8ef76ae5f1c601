//! `startup_items`: what starts when someone logs on.

mod event_logs;
mod folders;
mod registry;
mod scripts;

use crate::collector::{Applies, Collector, Sink};
use crate::model::Field;
use crate::registry::{HIVES, with_hives};
use crate::target::Target;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "startup_items",
    about: "Programs that start with Windows or when a user logs on: startup folders, Run keys, Winlogon, debuggers, libraries loaded everywhere, scripts of PowerShell and group policy, event consumers of WMI.",
    applies: Applies::WINDOWS,
    reads: &with_hives::<{ HIVES.len() + READS.len() }>(&READS),
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

/// The files of both.
#[expect(
    clippy::indexing_slicing,
    reason = "evaluated by the compiler, which refuses an index out of bounds"
)]
const READS: [&str; folders::READS.len() + scripts::READS.len()] = {
    let mut all = [""; folders::READS.len() + scripts::READS.len()];
    let mut at = 0;
    while at < all.len() {
        all[at] = if at < folders::READS.len() {
            folders::READS[at]
        } else {
            scripts::READS[at - folders::READS.len()]
        };
        at += 1;
    }
    all
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    folders::run(target, sink);
    scripts::run(target, sink);
    registry::run(target, sink);
}
