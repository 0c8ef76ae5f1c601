//! The same world gives the same report, whatever kind of target it is.
#![allow(clippy::unwrap_used, reason = "tests")]
#![cfg(unix)]

#[path = "common/world.rs"]
mod world;

use std::sync::Arc;

use debar::scan::{Observed, Options, observe};
use debar::target::{Root, Target, TargetKind, live};

fn observed(root: Root) -> Observed<String> {
    observed_with(root, &Options::default())
}

fn observed_with(root: Root, options: &Options) -> Observed<String> {
    let target = Arc::new(Target::new(TargetKind::Directory, "world", root));
    let mut observed = observe(&target, options, &Arc::default(), |artifact| Some(format!("{artifact:?}")));
    // Reports sort; a walk comes by in the order of the disk.
    observed.kept.sort();
    observed
}

#[test]
fn memory_and_directory_give_the_same_report() {
    let names = world::names();
    let folder = tempfile::tempdir().unwrap();
    world::on_disk(&names, folder.path());
    let memory = observed(Root::new(Box::new(world::in_memory(&names))));
    let directory = observed(live::directory(folder.path(), false).unwrap());

    assert!(memory.kept.len() > 50, "{} artifacts", memory.kept.len());
    let only_in = |a: &[String], b: &[String]| -> Vec<String> {
        a.iter().filter(|one| !b.contains(one)).cloned().collect()
    };
    assert_eq!(only_in(&memory.kept, &directory.kept), [""; 0], "only in memory");
    assert_eq!(only_in(&directory.kept, &memory.kept), [""; 0], "only on the disk");
    assert_eq!(memory.kept.len(), directory.kept.len());
    assert_eq!(memory.gaps, directory.gaps);
    assert_eq!(memory.coverage, directory.coverage);
}

/// Threads meet the world in another order each time; nothing may depend on it, least of all links into walked places.
#[test]
fn any_number_of_threads_gives_the_same_report() {
    let names = world::names();
    let with = |threads| {
        let options = Options { threads, ..Options::default() };
        observed_with(Root::new(Box::new(world::in_memory(&names))), &options)
    };
    let one = with(1);
    for threads in [2, 8, 8, 8] {
        let many = with(threads);
        assert_eq!(one.kept, many.kept, "{threads} threads");
        assert_eq!((&one.gaps, &one.coverage), (&many.gaps, &many.coverage), "{threads} threads");
    }
}
