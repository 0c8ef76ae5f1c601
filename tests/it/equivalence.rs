//! The same world gives the same report, whatever kind of target it is.
#![allow(clippy::unwrap_used, reason = "tests")]
#![cfg(unix)]

use crate::support::world;

use crate::support::image;
use crate::support::large;

use std::sync::Arc;

use debar::collector::support::interest::AllCollectors;
use debar::fs::Root;
use debar::host;
use debar::image::{ImageOptions, Wanted, open_file, open_folder};
use debar::model::Artifact;
use debar::model::TargetKind;
use debar::scan::{Observed, Options, observe};
use debar::target::Target;

fn observed(root: Root) -> Observed<String> {
    observed_with(root, &Options::default())
}

fn observed_with(root: Root, options: &Options) -> Observed<String> {
    observed_target(Target::new(TargetKind::Directory, "world", root), options)
}

fn observed_target(target: Target, options: &Options) -> Observed<String> {
    let target = Arc::new(target);
    let mut observed = observe(&target, options, &Arc::default(), |mut artifact: Artifact| {
        // The layer is what only an image has.
        artifact.location.layer = None;
        Some(format!("{artifact:?}"))
    });
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
    let directory = observed(host::directory(folder.path(), false).unwrap());

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

/// Layers cut at random, parents left out, second names as hard links, each kind of compression, as archive and as
/// folder: the report is the directory's. Large programs, of which layers keep parts, are among them, and some that
/// lie about their parts.
#[test]
fn an_image_gives_the_same_report_as_the_directory() {
    let mut names = world::names();
    let large = [
        ("honest.so", large::shared_object(false)),
        ("liar.so", large::shared_object(true)),
        ("honest.exe", large::program(false)),
        ("liar.exe", large::program(true)),
        ("second-liar.exe", large::program(true)),
        ("package.deb", large::package()),
    ];
    let placed = |(name, bytes)| (format!("opt/large/{name}").into_bytes(), world::Kind::Executable(bytes));
    names.extend(large.map(placed));
    let folder = tempfile::tempdir().unwrap();
    world::on_disk(&names, folder.path());
    let directory = observed(host::directory(folder.path(), false).unwrap());
    // Not the same for want of anything.
    for (place, what) in
        [("liar.so", "libexample.so.1"), ("liar.exe", "Example Endpoint"), ("package.deb", "deb")]
    {
        let has = |text: &String| text.contains(&format!("large/{place}")) && text.contains(what);
        assert!(directory.kept.iter().any(has), "{place}");
    }
    for seed in 0..6 {
        let image = image::of_names(&names, seed);
        let scratch = tempfile::tempdir().unwrap();
        let options = || Arc::new(ImageOptions::new(Arc::new(AllCollectors::new(false)), None));
        let (one, other) = (options(), options());
        let archive = scratch.path().join("image.tar");
        std::fs::write(&archive, image::docker_archive(&image)).unwrap();
        let layout = scratch.path().join("layout");
        image::oci_folder(&image, &layout);
        let root = Arc::new(host::directory(&layout, false).unwrap());
        let opened = [
            open_file(&archive, Wanted::ANYTHING, &one).unwrap(),
            open_folder(&root, Wanted::OCI, &other).unwrap().unwrap(),
        ];
        for images in opened {
            assert_eq!(images.len(), 1);
            for opened in images {
                assert_eq!(opened.gaps, [], "seed {seed}");
                let target = Target::of_image("world", opened, |_| ());
                let image = observed_target(
                    {
                        let mut target = target;
                        target.image = None;
                        target
                    },
                    &Options::default(),
                );
                let only_in = |a: &[String], b: &[String]| -> Vec<String> {
                    a.iter().filter(|one| !b.contains(one)).cloned().collect()
                };
                assert_eq!(only_in(&image.kept, &directory.kept), [""; 0], "only in the image, seed {seed}");
                assert_eq!(only_in(&directory.kept, &image.kept), [""; 0], "only on the disk, seed {seed}");
                assert_eq!(image.gaps, directory.gaps, "seed {seed}");
                assert_eq!(image.coverage, directory.coverage, "seed {seed}");
            }
        }
    }
}
