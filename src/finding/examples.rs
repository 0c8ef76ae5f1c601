//! The examples in signature files: artifacts that must and must not make a finding.

use std::collections::BTreeMap;

use super::{Grouping, Match, group};
use crate::collector;
use crate::finding::matcher::Matcher;
use crate::model::{Artifact, Location};
use crate::signature::SignatureSet;
use crate::signature::model::Example;

/// Tries every example; returns how many there are and a line for each that fails.
pub fn run(set: &SignatureSet) -> (usize, Vec<String>) {
    let matcher = Matcher::new(set);
    let (mut tried, mut failures) = (0, Vec::new());
    for loaded in &set.files {
        for product in &loaded.file.products {
            let id = format!("{}/{}", loaded.file.vendor.id, product.id);
            let examples = &product.examples;
            let expected = examples.positive.iter().map(|example| (example, true));
            for (example, expected) in
                expected.chain(examples.negative.iter().map(|example| (example, false)))
            {
                tried += 1;
                let found = findings(&matcher, set, example);
                if found.contains_key(&id) != expected {
                    let others: Vec<String> = found.into_keys().collect();
                    let verb = if expected { "is not found" } else { "is found" };
                    failures.push(format!(
                        "{id} {verb} in example \"{}\" (found: {})",
                        example.about,
                        others.join(", ")
                    ));
                }
            }
        }
    }
    (tried, failures)
}

fn findings(matcher: &Matcher<'_>, set: &SignatureSet, example: &Example) -> BTreeMap<String, ()> {
    let artifacts = example.artifacts.iter().filter_map(|given| {
        let mut artifact = Artifact::new(collector::named(&given.collector)?.name, Location::default());
        artifact.fields = given.fields.clone();
        Some(artifact)
    });
    let matches: Vec<Match> = artifacts
        .map(|artifact| Match { hits: matcher.hits(&artifact), artifact })
        .filter(|matched| !matched.hits.is_empty())
        .collect();
    let how = Grouping { as_of: jiff::civil::Date::MAX, rules: None, os: None, is_image: false };
    group(matcher, set, &matches, &how).into_iter().map(|finding| (finding.id, ())).collect()
}
