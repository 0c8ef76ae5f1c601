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
pub use minor::{MINOR, matched, same_maker};
pub use sink::{Sink, Yield};
#[cfg(test)]
pub(crate) use testing::collect;

/// Every collector, in the order of reports.
pub static TABLE: &[&[Collector]] = &[common::TABLE, linux::TABLE, macos::TABLE, windows::TABLE];

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
    use crate::model::CollectorId;

    #[test]
    fn a_walk_has_a_bit_for_every_collector_that_visits() {
        let visiting = all().filter(|collector| collector.visit.is_some()).count();
        assert!(visiting <= crate::fs::walk::Mask::BITS as usize, "{visiting}");
    }

    #[test]
    fn every_collector_has_its_facts() {
        let named: Vec<&str> = all().map(|collector| collector.name).collect();
        let known: Vec<&str> = CollectorId::ALL.iter().map(|id| id.name()).collect();
        assert_eq!(named, known, "the table of collectors and CollectorId, in this order");
    }
}
