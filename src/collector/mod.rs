//! Collectors: each reads one source of inventory and yields artifacts.
//!
//! A collector is a value in [`TABLE`], not a type. It knows formats, never vendors: it yields everything its
//! source holds and leaves judging to the matcher. Adding one is a file and a line in its folder's table.
//! [`Collector::run`] returns nothing: what was found before an error stays found, and the error is a gap.

pub mod common;
mod definition;
pub mod linux;
pub mod macos;
mod minor;
mod sink;
pub mod support;
#[cfg(test)]
mod testing;
pub mod windows;

pub use definition::{Applies, Collector, Visit};
pub use minor::{MINOR, matched};
pub use sink::{Sink, Yield};
#[cfg(test)]
pub(crate) use testing::collect;

use crate::model::CollectorId;

/// Every collector, in the order of reports.
pub static TABLE: &[&[Collector]] = &[common::TABLE, linux::TABLE, macos::TABLE, windows::TABLE];

/// Every collector has its line in [`CollectorId`], in the same order: the build fails when one lacks it.
const _: () = {
    let (mut folders, mut known) = (TABLE, CollectorId::ALL);
    while let [folder, other_folders @ ..] = folders {
        let mut collectors: &[Collector] = folder;
        while let [collector, others @ ..] = collectors {
            let (is_same, rest) = match known {
                [id, rest @ ..] => (is_same_text(collector.name.as_bytes(), id.name().as_bytes()), rest),
                [] => (false, known),
            };
            assert!(
                is_same,
                "src/model/collector_id.rs must list the same collectors as TABLE, in its order"
            );
            (collectors, known) = (others, rest);
        }
        folders = other_folders;
    }
    assert!(known.is_empty(), "src/model/collector_id.rs lists a collector that TABLE lacks");
};

const fn is_same_text(one: &[u8], other: &[u8]) -> bool {
    match (one, other) {
        ([first, one @ ..], [second, other @ ..]) => *first == *second && is_same_text(one, other),
        ([], []) => true,
        _ => false,
    }
}

/// Every collector, in the order of reports.
pub fn all() -> impl Iterator<Item = &'static Collector> {
    TABLE.iter().copied().flatten()
}

/// The collector of a name.
pub fn named(name: &str) -> Option<&'static Collector> {
    all().find(|collector| collector.name == name)
}

#[cfg(test)]
mod tests {
    use super::all;

    #[test]
    fn a_walk_has_a_bit_for_every_collector_that_visits() {
        let visiting = all().filter(|collector| collector.visit.is_some()).count();
        assert!(visiting <= crate::fs::walk::Mask::BITS as usize, "{visiting}");
    }
}
