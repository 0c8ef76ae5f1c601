//! Recall and precision of the shipped signatures on records as public logs, inventories and manifests have them.
//! Each record stands alone on its target: nothing else helps to find it.
//!
//! There are two sets. The first, in `fixtures/recall`, was collected while the signatures were written. The second, in
//! `fixtures/recall/second`, was collected afterwards from other places, and measured before a signature was changed
//! for it: of 174 records 140 were found as the right product (80 %), 9 as another one of the vendor's, and 25 were not
//! found. Since then the signatures cover them; what is left is named in `ALONE_TOO_WEAK`.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use debar::collector;
use debar::finding::matcher::Matcher;
use debar::finding::{self, Finding, Grouping, Match};
use debar::model::{Artifact, Field, Location, Value};
use debar::signature::{self, SignatureSet, Status};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Records {
    #[expect(dead_code, reason = "for the reader of the file")]
    about: String,
    records: Vec<Record>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    collector: String,
    /// Where the record was seen.
    #[expect(dead_code, reason = "for the reader of the file")]
    source: String,
    /// The product that must be named; any of the vendor's when absent.
    product: Option<String>,
    fields: BTreeMap<Field, Value>,
}

fn records(file: &Path) -> Vec<Record> {
    serde_json::from_slice::<Records>(&std::fs::read(file).unwrap()).unwrap().records
}

fn shipped() -> SignatureSet {
    let mut set = signature::load(&[]).unwrap();
    set.bind(None);
    set
}

fn findings(set: &SignatureSet, matcher: &Matcher<'_>, record: &Record) -> Vec<Finding> {
    let known = collector::named(&record.collector).unwrap();
    for field in record.fields.keys() {
        assert!(known.yields.contains(field), "{} yields no {field}", known.name);
    }
    let mut artifact = Artifact::new(known.name, Location::default());
    artifact.fields.clone_from(&record.fields);
    let hits = matcher.hits(&artifact);
    let matches = if hits.is_empty() { Vec::new() } else { vec![Match { artifact, hits }] };
    let how = Grouping { as_of: jiff::civil::date(2026, 11, 24), rules: None, os: None, is_image: false };
    finding::group(matcher, set, &matches, &how).findings
}

fn banned(findings: &[Finding]) -> Vec<&str> {
    let banned = findings.iter().filter(|finding| finding.status == Status::Banned);
    banned.map(|finding| finding.id.as_str()).collect()
}

/// What no public source lets conclude from alone; it backs other evidence up.
const ALONE_TOO_WEAK: &[&str] = &["kav4fs_oas", "kltap"];

/// The files of records in a folder.
fn files(folder: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_file() && !path.ends_with("traps.json")).collect()
}

#[test]
fn every_record_of_a_product_is_found() {
    all_are_found("tests/fixtures/recall", 190);
}

#[test]
fn every_record_of_the_second_set_is_found() {
    all_are_found("tests/fixtures/recall/second", 170);
}

#[test]
fn no_record_stands_in_both_sets() {
    let keys = |folder: &str| -> BTreeSet<String> {
        let records = files(folder).into_iter().flat_map(|file| records(&file));
        records.map(|record| format!("{} {:?}", record.collector, record.fields)).collect()
    };
    let (first, second) = (keys("tests/fixtures/recall"), keys("tests/fixtures/recall/second"));
    let both: Vec<&String> = first.intersection(&second).collect();
    assert!(both.is_empty(), "{both:#?}");
}

fn all_are_found(folder: &str, at_least: usize) {
    let set = shipped();
    let matcher = Matcher::new(&set);
    let (mut seen, mut missed) = (0, Vec::new());
    for file in files(folder) {
        for record in records(&file) {
            seen += 1;
            let name = record.fields.get(&Field::Name).map(Value::joined).unwrap_or_default();
            if ALONE_TOO_WEAK.contains(&name.as_str()) {
                continue;
            }
            let found = findings(&set, &matcher, &record);
            let found = banned(&found);
            let wanted = record.product.as_ref().map(|product| format!("kaspersky/{product}"));
            if found.is_empty() || wanted.as_ref().is_some_and(|wanted| !found.contains(&wanted.as_str())) {
                missed.push(format!(
                    "{} {:?} (wanted {wanted:?}, found {found:?})",
                    record.collector, record.fields
                ));
            }
        }
    }
    assert!(seen >= at_least, "{seen} records");
    assert!(missed.is_empty(), "{} of {seen} missed:\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn nothing_that_is_only_called_so_is_banned() {
    let set = shipped();
    let matcher = Matcher::new(&set);
    for record in records(Path::new("tests/fixtures/recall/traps.json")) {
        let found = findings(&set, &matcher, &record);
        assert!(banned(&found).is_empty(), "{:?} is taken for {:?}", record.fields, banned(&found));
    }
}
