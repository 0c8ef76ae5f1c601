//! Recall and precision of the shipped signatures on records as public logs, inventories and manifests have them.
//! Each record stands alone on its target: nothing else helps to find it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeMap;
use std::path::Path;

use debar::artifact::{Artifact, Field, Location, Value};
use debar::collector;
use debar::finding::{self, Finding, Grouping, Match};
use debar::matcher::Matcher;
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
    set.narrow(None);
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
    let how = Grouping { as_of: jiff::civil::date(2026, 11, 24), rules: None, os: None };
    finding::group(matcher, set, &matches, &how)
}

fn banned(findings: &[Finding]) -> Vec<&str> {
    let banned = findings.iter().filter(|finding| finding.status == Status::Banned);
    banned.map(|finding| finding.id.as_str()).collect()
}

#[test]
fn every_record_of_a_product_is_found() {
    let set = shipped();
    let matcher = Matcher::new(&set);
    let (mut seen, mut missed) = (0, Vec::new());
    for entry in std::fs::read_dir("tests/fixtures/recall").unwrap() {
        let file = entry.unwrap().path();
        if file.ends_with("traps.json") {
            continue;
        }
        for record in records(&file) {
            seen += 1;
            let found = findings(&set, &matcher, &record);
            let found = banned(&found);
            let wanted = record.product.as_ref().map(|product| format!("kaspersky/{product}"));
            if found.is_empty() || wanted.as_ref().is_some_and(|wanted| !found.contains(&wanted.as_str())) {
                missed.push(format!("{} {:?} (wanted {wanted:?})", record.collector, record.fields));
            }
        }
    }
    assert!(seen >= 150, "{seen} records");
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
