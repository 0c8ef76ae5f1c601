//! The hot loops over fixed inputs, for `tests/bench/callgrind.sh`, which counts their instructions: `loops LOOP PASSES`.
//! What a pass costs is the difference between runs of more and fewer passes, so that preparing the input is no part
//! of it.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark")]

#[path = "../it/support/world/hive.rs"]
mod hive;

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use debar::finding::matcher::Matcher;
use debar::format::container::tar::{Dialect, Next, Reader, Seeking};
use debar::format::database::regf::{Hive, Key};
use debar::fs::Root;
use debar::fs::memory::Memory;
use debar::fs::walk::{Observer, Place, walk};
use debar::model::{Artifact, Field, Location};
use debar::signature;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [name, passes] = arguments.as_slice() else {
        println!("usage: loops matcher|walk|tar|hive PASSES");
        return;
    };
    let passes: usize = passes.parse().unwrap();
    let count = match name.as_str() {
        "matcher" => matcher(passes),
        "walk" => walked(passes),
        "tar" => tar(passes),
        _ => keys(passes),
    };
    println!("{name}: {count}");
}

/// Artifacts of a common kind, few of which match the built-in signatures.
fn matcher(passes: usize) -> usize {
    let set = signature::load(&[]).unwrap();
    let matcher = Matcher::new(&set);
    let artifact = |at: usize| {
        let name = if at.is_multiple_of(100) { "kesl".to_owned() } else { format!("libexample{at}-dev") };
        let path = format!("/usr/lib/x86_64-linux-gnu/libexample{at}.so.{}", at % 7);
        match at % 2 {
            0 => Artifact::new("deb_packages", Location::default())
                .with(Field::Name, name)
                .with(Field::Version, format!("1.{at}-1"))
                .with(Field::Maintainer, "Somebody Else <somebody@example.org>"),
            _ => Artifact::new("program_files", Location::default())
                .with(Field::Name, name)
                .with(Field::Path, path)
                .with(Field::Company, "Example & Partners"),
        }
    };
    let artifacts: Vec<Artifact> = (0..2_000).map(artifact).collect();
    (0..passes).map(|_| black_box(&artifacts).iter().map(|one| matcher.hits(one).len()).sum::<usize>()).sum()
}

/// A tree in memory: what is counted is the walk, not the operating system.
fn walked(passes: usize) -> usize {
    let mut tree = Memory::new();
    for folder in 0..60 {
        for file in 0..40 {
            let name = if u32::is_multiple_of(file, 10) { "tool.exe" } else { "page.html" };
            tree = tree.file(format!("opt/product{}/part{folder}/{file}-{name}", folder % 7), "MZ");
        }
    }
    let root = Root::new(Box::new(tree));
    let places = [Place { found: root.find(b"opt").unwrap(), mask: 1 }];
    let files = AtomicUsize::new(0);
    let observer = Observer {
        wants: &|entry, _| entry.has_ending(&[".exe", ".dll"]),
        file: &|_, _| {
            files.fetch_add(1, Ordering::Relaxed);
        },
        fault: &|fault, _| unreachable!("{fault:?}"),
        seen: &AtomicU64::new(0),
    };
    (0..passes).for_each(|_| walk(&root, &places, &observer));
    files.into_inner()
}

/// Headers of an archive, with the long names of GNU tar among them.
fn tar(passes: usize) -> usize {
    let mut archive = Vec::new();
    for at in 0_usize..2_000 {
        let path = format!("usr/share/doc/package{}/file{at}", at / 20);
        if at.is_multiple_of(20) {
            header(&mut archive, "././@LongLink", b'L', 200);
            let at = archive.len();
            archive.resize(at + 200, b'n');
            archive.resize(archive.len().div_ceil(512) * 512, 0);
        }
        header(&mut archive, &path, b'0', 700);
        archive.resize(archive.len() + 1024, 1);
    }
    archive.resize(archive.len() + 1024, 0);
    let mut members = 0;
    for _ in 0..passes {
        let mut reader = Reader::new(Seeking::new(archive.clone()), Dialect::Go);
        loop {
            match reader.next_member() {
                Next::Member(member) => members += usize::from(!black_box(member).path.is_empty()),
                Next::Damaged(damage) => unreachable!("{damage:?}"),
                Next::End(damage) => break assert_eq!(damage, None),
            }
        }
    }
    members
}

fn header(archive: &mut Vec<u8>, path: &str, kind: u8, size: usize) {
    let start = archive.len();
    archive.resize(start + 512, 0);
    let block = archive.get_mut(start..).unwrap();
    let mut put =
        |at: usize, bytes: &[u8]| block.get_mut(at..at + bytes.len()).unwrap().copy_from_slice(bytes);
    put(0, path.as_bytes());
    put(100, b"0000644");
    put(124, format!("{size:011o}").as_bytes());
    put(156, &[kind]);
    put(257, b"ustar\0");
    put(148, b"        ");
    let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
    block.get_mut(148..156).unwrap().copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

/// Every key and value of a hive.
fn keys(passes: usize) -> usize {
    let mut hive = hive::Hive::new();
    for at in 0..1_000 {
        let path = format!(r"Microsoft\Windows\CurrentVersion\Uninstall\Tool {at}");
        hive.text(&path, "DisplayName", &format!("Tool {at}"));
        hive.text(&path, "Publisher", "Пример").number(&path, "EstimatedSize", at);
    }
    let bytes = hive.bytes();
    let below = |key: &Key<'_>| -> (usize, Vec<u32>) {
        let values = key.values().values;
        let read = values.iter().map(|value| value.data(1 << 16).unwrap().len()).sum();
        (read, key.subkeys().keys.iter().map(Key::offset).collect())
    };
    let mut count = 0;
    for _ in 0..passes {
        let hive = Hive::open(Box::new(bytes.clone()), &[]).unwrap().value;
        let mut pending = vec![hive.root().unwrap().offset()];
        while let Some(offset) = pending.pop() {
            let (read, more) = below(&hive.key_at(offset).unwrap());
            count += read;
            pending.extend(more);
        }
    }
    count
}
