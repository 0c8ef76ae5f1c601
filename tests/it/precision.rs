//! Precision: whatever other vendors call themselves and their products, in whichever source it is seen, the built-in
//! signatures find none of them.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

use std::collections::BTreeSet;

use debar::collector;
use debar::finding::matcher::Matcher;
use debar::finding::{Grouping, Match, group};
use debar::model::{Artifact, Field, Location};
use debar::signature::{self, SignatureSet, Status};

/// Kind, publisher and product of each line.
fn pairs() -> Vec<[&'static str; 3]> {
    let lines = include_str!("../fixtures/windows/other-vendors.tsv").lines();
    let lines = lines.filter(|line| !line.starts_with('#'));
    lines.map(|line| line.split('\t').collect::<Vec<_>>().try_into().unwrap()).collect()
}

/// What a field of an artifact of this vendor's product holds.
fn text(field: Field, publisher: &str, product: &str) -> Option<String> {
    Some(match field {
        Field::Publisher
        | Field::Vendor
        | Field::Company
        | Field::Signer
        | Field::SignerChain
        | Field::Author
        | Field::Maintainer
        | Field::Packager
        | Field::Subject
        | Field::Issuer
        | Field::Copyright => publisher.to_owned(),
        Field::Name
        | Field::DisplayName
        | Field::Product
        | Field::FileDescription
        | Field::OriginalFilename
        | Field::InternalName
        | Field::Service
        | Field::Description => product.to_owned(),
        Field::Path | Field::Program | Field::InstallLocation | Field::Cmdline | Field::UninstallString => {
            format!("C:\\Program Files\\{publisher}\\{product}\\{product}.exe")
        }
        _ => return None,
    })
}

/// The findings on a target where every source tells of this product.
fn found(set: &SignatureSet, matcher: &Matcher<'_>, publisher: &str, product: &str) -> BTreeSet<String> {
    let artifacts = collector::all().map(|collector| {
        let mut artifact = Artifact::new(collector.name, Location::default());
        for field in collector.yields {
            artifact = artifact.with_some(*field, text(*field, publisher, product));
        }
        artifact
    });
    let matches: Vec<Match> = artifacts
        .map(|artifact| Match { hits: matcher.hits(&artifact), artifact })
        .filter(|matched| !matched.hits.is_empty())
        .collect();
    let how = Grouping { as_of: jiff::civil::Date::MAX, rules: None, os: None, is_image: false };
    let findings = group(matcher, set, &matches, &how).findings.into_iter();
    // Antivirus products of others are told beside a banned one, as information.
    findings.filter(|finding| finding.status != Status::Informational).map(|finding| finding.id).collect()
}

#[test]
fn no_product_of_another_vendor_is_found() {
    // As a scan does: vendors that are only looked for on request are not.
    let (pairs, mut set) = (pairs(), signature::load(&[]).unwrap());
    set.bind(None);
    let matcher = Matcher::new(&set);
    assert!(pairs.len() >= 200, "{} pairs", pairs.len());
    let distinct: BTreeSet<_> = pairs.iter().collect();
    assert_eq!(distinct.len(), pairs.len(), "a pair stands there twice");
    let wrong: Vec<_> = pairs
        .iter()
        .map(|[_, publisher, product]| (publisher, product, found(&set, &matcher, publisher, product)))
        .filter(|(.., findings)| !findings.is_empty())
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Otherwise the test above would prove nothing.
#[test]
fn a_product_of_the_banned_vendor_is_found() {
    let set = signature::load(&[]).unwrap();
    assert!(!found(&set, &Matcher::new(&set), "AO Kaspersky Lab", "anything").is_empty());
}
