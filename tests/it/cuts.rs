//! Files that end too early, as a full disk or a broken copy leaves them: nothing of what they said is lost without a gap.
//!
//! Each format is cut at places spread over its length. A part of them is tried by default;
//! `DEBAR_CUTS=40 cargo test --test it cuts` tries forty of each.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stderr, reason = "tests")]

use crate::support::formats::{self, Format};
use crate::support::random::Random;
use crate::support::world::{self, Name};

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use debar::fs::Root;
use debar::model::{Field, TargetKind};
use debar::scan::{Options, observe};
use debar::target::Target;

/// What a scan came to: what is known of each artifact, and whether something could not be read.
struct Came {
    facts: BTreeSet<String>,
    collectors: BTreeSet<String>,
    gaps: BTreeSet<String>,
}

/// Fields that say how a file is, and not what it says.
const OF_THE_FILE: &[Field] = &[Field::Size, Field::Digest, Field::Sha1];

fn scan(names: &[Name], only: Option<&BTreeSet<String>>) -> Came {
    let root = Root::new(Box::new(world::in_memory(names)));
    let options = Options { threads: 1, only: only.cloned(), ..Options::default() };
    let target = Arc::new(Target::new(TargetKind::Directory, "world", root));
    let observed = observe(&target, &options, &Arc::default(), Some);
    let mut came = Came { facts: BTreeSet::new(), collectors: BTreeSet::new(), gaps: BTreeSet::new() };
    for artifact in observed.kept {
        let place = format!("{} {}", artifact.collector, artifact.location);
        let fields = artifact.fields.iter().filter(|(field, _)| !OF_THE_FILE.contains(field));
        came.facts.extend(fields.map(|(field, value)| format!("{place}: {field} {value:?}")));
        came.collectors.insert(artifact.collector.to_owned());
    }
    came.gaps.extend(observed.gaps.iter().map(|gap| format!("{gap:?}")));
    came
}

/// Tries cuts of a format: how many, and which lose something in silence.
fn cut(format: &Format, count: usize) -> (usize, Vec<String>) {
    let bytes = format.bytes();
    let sound = scan(&format.names, None);
    let without = scan(&format.names_with(None), None);
    let of_it: BTreeSet<&String> = sound.facts.difference(&without.facts).collect();
    if of_it.is_empty() {
        return (0, vec![format!("{}: nothing is known of it: {:?}", format.name, sound.gaps)]);
    }
    let mut only: BTreeSet<String> =
        of_it.iter().filter_map(|fact| fact.split(' ').next()).map(str::to_owned).collect();
    only.insert("registry_hives".to_owned());
    only.insert("program_files".to_owned());
    let mut random = Random(0x9E37_79B9_7F4A_7C15 ^ bytes.len() as u64);
    let mut lost = Vec::new();
    for at in 0..count {
        // One place in each part of the file, the first byte and the last one among them.
        let (start, end) = (bytes.len() * at / count, bytes.len() * (at + 1) / count);
        let size = match at {
            0 => 1,
            _ if at + 1 == count => bytes.len() - 1,
            _ => start + random.below(end - start),
        };
        let names = format.names_with(Some(&bytes[..size]));
        if format.ends.allow(&bytes[..size], bytes) {
            continue;
        }
        let is_silent = |only| {
            let came = scan(&names, only);
            let missing: Vec<String> = of_it
                .iter()
                .filter(|fact| !came.facts.contains(**fact))
                .map(|fact| (*fact).clone())
                .collect();
            (!missing.is_empty() && came.gaps.is_subset(&sound.gaps)).then_some(missing)
        };
        // Another collector may report the same file.
        if let Some(missing) = is_silent(Some(&only)).and_then(|_| is_silent(None)) {
            let first = missing.first().cloned().unwrap_or_default();
            lost.push(format!(
                "{} cut to {size} of {} bytes: {} facts, {first}",
                format.name,
                bytes.len(),
                missing.len()
            ));
        }
    }
    (count, lost)
}

fn count() -> usize {
    std::env::var("DEBAR_CUTS").map_or(8, |count| count.parse().unwrap())
}

#[test]
fn no_cut_of_a_file_loses_what_it_said_in_silence() {
    let formats = formats::all();
    assert!(formats.len() > 70, "{} formats", formats.len());
    let (next, tried, lost) = (AtomicUsize::new(0), AtomicUsize::new(0), Mutex::new(Vec::new()));
    let workers = std::thread::available_parallelism().map_or(2, usize::from).min(8);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(format) = formats.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let (count, silent) = cut(format, count());
                    tried.fetch_add(count, Ordering::Relaxed);
                    lost.lock().unwrap().extend(silent);
                }
            });
        }
    });
    let mut lost = lost.into_inner().unwrap();
    lost.sort();
    eprintln!("{} formats, {} cuts", formats.len(), tried.into_inner());
    assert!(lost.is_empty(), "{} cuts lost something:\n{}", lost.len(), lost.join("\n"));
}
