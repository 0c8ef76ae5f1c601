//! A scan leaves a target as it was, and is not led out of it while someone changes it.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

use crate::support::world;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use debar::host;
use debar::model::TargetKind;
use debar::scan::{Options, observe};
use debar::target::Target;
use rustix::fs::{AtFlags, CWD, RenameFlags, Timespec, Timestamps};

fn scanned(top: &Path) -> Vec<String> {
    let root = host::directory(top, false).unwrap();
    let target = Arc::new(Target::new(TargetKind::Directory, "world", root));
    let observed = observe(&target, &Options::default(), &Arc::default(), |one| Some(format!("{one:?}")));
    let gaps = observed.gaps.iter().map(|gap| format!("{gap:?}"));
    observed.kept.into_iter().chain(gaps).collect()
}

#[test]
fn a_directory_swapped_for_a_link_leads_nowhere() {
    let (top, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let program = |path: PathBuf| {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "#!/bin/sh\n").unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    };
    fs::create_dir_all(top.path().join("etc")).unwrap();
    fs::write(top.path().join("etc/os-release"), "ID=debian\n").unwrap();
    // At every depth of a walk, and where patterns lead.
    let swapped = ["opt/a", "opt/b/c/d/e/f", "home", "etc/init.d"];
    for (count, place) in swapped.iter().enumerate() {
        let inside = top.path().join(place);
        for path in ["x/y/z/inside", "inside", "u/Downloads/inside"] {
            program(inside.join(path));
        }
        for path in ["x/y/z/stolen", "stolen", "u/Downloads/stolen"] {
            program(outside.path().join(path));
        }
        symlink(outside.path(), top.path().join(format!("link{count}"))).unwrap();
    }
    let (stop, swaps) = (AtomicBool::new(false), AtomicUsize::new(0));
    let seen = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::Relaxed) {
                for (count, place) in swapped.iter().enumerate() {
                    let (place, link) = (top.path().join(place), top.path().join(format!("link{count}")));
                    rustix::fs::renameat_with(CWD, place, CWD, link, RenameFlags::EXCHANGE).unwrap();
                    swaps.fetch_add(1, Ordering::Relaxed);
                }
            }
        });
        let mut seen = Vec::new();
        for _ in 0..40 {
            seen.extend(scanned(top.path()));
        }
        stop.store(true, Ordering::Relaxed);
        seen
    });
    eprintln!("{} swaps during 40 scans", swaps.load(Ordering::Relaxed));
    assert!(swaps.load(Ordering::Relaxed) > 40);
    assert!(seen.iter().any(|one| one.contains("inside")), "the scans saw nothing at all");
    let stolen: Vec<_> = seen.iter().filter(|one| one.contains("stolen")).collect();
    assert!(stolen.is_empty(), "{stolen:?}");
}

/// Every name below a directory with its access and change times; not of links, whose reading always counts.
fn times(top: &Path) -> BTreeMap<PathBuf, (i64, i64, i64, i64)> {
    let mut times = BTreeMap::new();
    let mut pending = vec![top.to_owned()];
    while let Some(path) = pending.pop() {
        let meta = fs::symlink_metadata(&path).unwrap();
        if meta.is_symlink() {
            continue;
        }
        if meta.is_dir() {
            pending.extend(fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
        }
        times.insert(path, (meta.atime(), meta.atime_nsec(), meta.mtime(), meta.mtime_nsec()));
    }
    times
}

#[test]
fn access_times_stay_as_they_were() {
    let top = tempfile::tempdir().unwrap();
    world::on_disk(&world::names(), top.path());
    // Long ago and before the last change: a plain read would set it even on file systems that do so sparingly.
    let day = Timespec { tv_sec: 86_400, tv_nsec: 0 };
    let long_ago =
        Timestamps { last_access: day, last_modification: Timespec { tv_sec: 172_800, tv_nsec: 0 } };
    let age = || {
        for path in times(top.path()).into_keys() {
            rustix::fs::utimensat(CWD, &path, &long_ago, AtFlags::SYMLINK_NOFOLLOW).unwrap();
        }
    };
    age();
    fs::read(top.path().join("etc/os-release")).unwrap();
    fs::read_dir(top.path().join("etc")).unwrap().for_each(drop);
    let plain = fs::metadata(top.path().join("etc/os-release")).unwrap();
    if plain.atime() == day.tv_sec {
        return eprintln!("not tested: this file system keeps no access times");
    }
    age();
    let mut before = times(top.path());
    // Looking at the tree above listed its directories.
    age();
    for times in before.values_mut() {
        (times.0, times.1) = (day.tv_sec, 0);
    }
    let report = assert_cmd::Command::cargo_bin("debar")
        .unwrap()
        .args(["scan", "-o", "json"])
        .arg(top.path())
        .output()
        .unwrap();
    assert!(report.stdout.len() > 1_000, "{report:?}");
    for (path, (atime, atime_nsec, ..)) in before {
        let now = fs::symlink_metadata(&path).unwrap();
        assert_eq!((now.atime(), now.atime_nsec()), (atime, atime_nsec), "{}", path.display());
    }
}
