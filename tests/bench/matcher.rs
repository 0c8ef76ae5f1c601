//! What matching costs as signatures grow: 1,000, 10,000 and 100,000 indicators over the same artifacts. First the bars,
//! measured in turns so that a busy machine slows all three alike: time of a pass, loading, memory; then criterion's
//! figures per artifact. `cargo bench --bench matcher`; `DEBAR_BENCH_ARTIFACTS` sets another number than 1,000,000.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::indexing_slicing, reason = "a benchmark")]

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput};
use debar::finding::matcher::Matcher;
use debar::model::{Artifact, Field, Location};
use debar::signature;
use serde_json::{Value, json};

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];
const ROUNDS: usize = 7;
/// Artifacts of one of criterion's iterations.
const SAMPLE: usize = 10_000;

fn main() {
    let count = std::env::var("DEBAR_BENCH_ARTIFACTS").ok().and_then(|text| text.parse().ok());
    let count: usize = count.unwrap_or(1_000_000);
    let folder = tempfile::tempdir().unwrap();
    let path = |size: usize| folder.path().join(format!("{size}.json"));
    for size in SIZES {
        std::fs::write(path(size), serde_json::to_vec(&file(size)).unwrap()).unwrap();
    }
    for size in SIZES {
        cost(size, &path(size));
    }
    let artifacts: Vec<Artifact> = (0..count).map(artifact).collect();
    let sets: Vec<_> = SIZES.map(|size| (size, signature::load(&[path(size)]).unwrap())).into();
    let matchers: Vec<(usize, Matcher<'_>)> =
        sets.iter().map(|(size, set)| (*size, Matcher::new(set))).collect();
    in_turns(&matchers, &artifacts);

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("match");
    let sample = &artifacts[..SAMPLE.min(artifacts.len())];
    group.throughput(Throughput::Elements(sample.len() as u64));
    for (size, matcher) in &matchers {
        group.bench_with_input(BenchmarkId::from_parameter(size), matcher, |bencher, matcher| {
            bencher.iter(|| pass(matcher, black_box(sample)));
        });
    }
    group.finish();
    criterion.final_summary();
}

fn pass(matcher: &Matcher<'_>, artifacts: &[Artifact]) -> usize {
    artifacts.iter().map(|artifact| matcher.hits(artifact).len()).sum()
}

/// What it costs to have a file of this size: time and memory.
fn cost(size: usize, path: &Path) {
    let base = resident();
    let start = Instant::now();
    let set = signature::load(&[path.to_owned()]).unwrap();
    let loaded = start.elapsed();
    let start = Instant::now();
    let matcher = Matcher::new(&set);
    let compiled = start.elapsed();
    let memory = resident().saturating_sub(base) / 1_000;
    println!(
        "{size} indicators ({} MB): read and checked in {loaded:.2?}, compiled in {compiled:.2?}, {memory} MB",
        std::fs::metadata(path).unwrap().len() / 1_000_000
    );
    drop(matcher);
}

/// Passes over all artifacts, the sizes in turns; the median of each and how much more it is than the first.
fn in_turns(matchers: &[(usize, Matcher<'_>)], artifacts: &[Artifact]) {
    println!("{} artifacts, {ROUNDS} rounds in turns", artifacts.len());
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); matchers.len()];
    let mut hits = vec![0; matchers.len()];
    for _ in 0..ROUNDS {
        for (at, (_, matcher)) in matchers.iter().enumerate() {
            let start = Instant::now();
            hits[at] = pass(matcher, artifacts);
            times[at].push(start.elapsed());
        }
    }
    let medians: Vec<Duration> = times.into_iter().map(median).collect();
    for (at, (size, _)) in matchers.iter().enumerate() {
        let ratio = medians[at].as_secs_f64() / medians[0].as_secs_f64();
        println!("{size} indicators: {:.2?}, {} hits, {ratio:.2} times {}", medians[at], hits[at], SIZES[0]);
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Resident memory in kilobytes.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_else(|_| String::new());
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// A number that looks drawn, the same in every run.
fn mixed(number: usize) -> usize {
    let mut x = number as u64 ^ 0x9e37_79b9_7f4a_7c15;
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    usize::try_from((x ^ (x >> 31)) >> 1).unwrap()
}

const SYLLABLES: [&str; 16] = [
    "ka", "lib", "net", "core", "tool", "sys", "mon", "ver", "dra", "pix", "qua", "zen", "tor", "bex", "lum",
    "fy",
];

fn word(number: usize) -> String {
    let mut rest = mixed(number);
    let mut word = String::new();
    for _ in 0..4 {
        word.push_str(SYLLABLES[rest % SYLLABLES.len()]);
        rest /= SYLLABLES.len();
    }
    word
}

/// As an inventory has them: packages, programs and files, most of which nobody bans.
fn artifact(number: usize) -> Artifact {
    let name = word(number.wrapping_mul(7));
    let location = Location::default();
    match number % 3 {
        0 => Artifact::new("deb_packages", location)
            .with(Field::Name, format!("{name}-{}", number % 97))
            .with(Field::Version, "1.2.3-4")
            .with(Field::Maintainer, format!("{} <{name}@example.org>", word(number / 50))),
        1 => Artifact::new("program_files", location)
            .with(Field::Name, format!("{name}.exe"))
            .with(Field::Path, format!("/Program Files/{}/{name}.exe", word(number / 9)))
            .with(Field::Company, word(number / 50)),
        _ => Artifact::new("processes", location)
            .with(Field::Name, name.clone())
            .with(Field::Path, format!("/usr/lib/{}/{name}", word(number / 9)))
            .with(Field::Cmdline, format!("/usr/lib/{name} --serve {number}")),
    }
}

/// Indicators of the kinds that real files have, in their proportions: mostly exact names and places.
fn file(size: usize) -> Value {
    let indicators: Vec<Value> = (0..size).map(|number| indicator(number, 1_000_003 + number)).collect();
    let products: Vec<Value> = indicators
        .chunks(20)
        .enumerate()
        .map(|(at, indicators)| {
            json!({"id": format!("p{at}"), "name": format!("Product {at}"), "status": "banned",
                "platforms": ["linux", "windows"], "indicators": indicators})
        })
        .collect();
    json!({"format": 1, "vendor": {"id": "acme", "name": "Acme"}, "version": "1", "date": "2026-01-01",
        "sources": {"s": "made up"}, "rules": [], "products": products})
}

fn indicator(number: usize, seed: usize) -> Value {
    let (name, maker) = (format!("{}{}", word(seed), number), format!("{} {number}", word(seed / 3)));
    let (collector, conditions) = match number % 10 {
        0..=3 => ("deb_packages", json!({"name": {"any_of": [name, format!("{name}-gui")]}})),
        4 | 5 => ("program_files", json!({"company": {"equals": maker}})),
        6 => ("program_files", json!({"path": {"prefix": format!("/Program Files/{name}/")}})),
        7 => ("processes", json!({"path": {"prefix": format!("/opt/{name}/")}})),
        8 => ("deb_packages", json!({"maintainer": {"contains": format!("@{name}.example")}})),
        _ => ("processes", json!({"cmdline": {"regex": format!("/{name}/bin/[a-z]+d( |$)")}})),
    };
    json!({"id": format!("i{number}"), "collectors": [collector], "strength": "conclusive",
        "where": conditions, "source": "s"})
}
