//! What matching costs as signatures grow: 1,000, 10,000 and 100,000 indicators over the same artifacts, in turns, in
//! one run; loading and memory too. `cargo bench --bench matcher [-- ARTIFACTS]`; 1,000,000 by default.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::indexing_slicing, reason = "a benchmark")]

use std::time::{Duration, Instant};

use debar::artifact::{Artifact, Field, Location};
use debar::matcher::Matcher;
use debar::signature::{self, SignatureSet};
use serde_json::{Value, json};

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];
const ROUNDS: usize = 5;

fn main() {
    let count = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(1_000_000);
    let artifacts: Vec<Artifact> = (0..count).map(artifact).collect();
    let base = resident();
    println!("{count} artifacts, median of {ROUNDS} rounds in turns");
    let mut sets: Vec<(usize, SignatureSet)> = Vec::new();
    for size in SIZES {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("acme.json");
        std::fs::write(&path, serde_json::to_vec(&file(size)).unwrap()).unwrap();
        let start = Instant::now();
        let set = signature::load(&[path]).unwrap();
        let loaded = start.elapsed();
        let start = Instant::now();
        let matcher = Matcher::new(&set);
        println!("{size} indicators: read and checked in {loaded:.2?}, compiled in {:.2?}", start.elapsed());
        drop(matcher);
        sets.push((size, set));
    }
    let matchers: Vec<(usize, Matcher<'_>)> =
        sets.iter().map(|(size, set)| (*size, Matcher::new(set))).collect();
    println!("all three in memory: {} MB more than the artifacts alone", (resident() - base) / 1_000);
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); matchers.len()];
    let mut hits = vec![0; matchers.len()];
    for _ in 0..ROUNDS {
        for (at, (_, matcher)) in matchers.iter().enumerate() {
            let start = Instant::now();
            hits[at] = artifacts.iter().map(|artifact| matcher.hits(artifact).len()).sum::<usize>();
            times[at].push(start.elapsed());
        }
    }
    let medians: Vec<Duration> = times.into_iter().map(median).collect();
    for (at, (size, _)) in matchers.iter().enumerate() {
        println!(
            "{size} indicators: {:.2?}, {} hits, {:.2} times the time of {}",
            medians[at],
            hits[at],
            medians[at].as_secs_f64() / medians[0].as_secs_f64(),
            SIZES[0]
        );
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Resident memory in kilobytes.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
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
