//! The examples in signature files: artifacts that must and must not make a finding.

use super::{Finding, Grouped, Grouping, Match, group};
use crate::collector;
use crate::finding::matcher::Matcher;
use crate::model::{Artifact, Location};
use crate::signature::SignatureSet;
use crate::signature::model::Example;

/// What an example of a product must come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    Finding,
    Trace,
    Nothing,
}

/// Tries every example; returns how many there are and a line for each that fails.
pub fn run(set: &SignatureSet) -> (usize, Vec<String>) {
    let matcher = Matcher::new(set);
    let (mut tried, mut failures) = (0, Vec::new());
    for loaded in &set.files {
        for product in &loaded.file.products {
            let id = format!("{}/{}", loaded.file.vendor.id, product.id);
            let examples = &product.examples;
            let kinds = [
                (Expected::Finding, &examples.positive),
                (Expected::Trace, &examples.possible),
                (Expected::Nothing, &examples.negative),
            ];
            for (expected, example) in
                kinds.into_iter().flat_map(|(expected, list)| list.iter().map(move |one| (expected, one)))
            {
                tried += 1;
                let seen = seen(&matcher, set, example);
                let verb = match (expected, has(&seen.findings, &id), has(&seen.possible, &id)) {
                    (Expected::Finding, false, _) => "is not found",
                    (Expected::Trace, _, false) => "is no possible trace",
                    (Expected::Trace | Expected::Nothing, true, _) => "is found",
                    _ => continue,
                };
                let others: Vec<&str> = seen.findings.iter().map(|finding| finding.id.as_str()).collect();
                failures.push(format!(
                    "{id} {verb} in example \"{}\" (found: {})",
                    example.about,
                    others.join(", ")
                ));
            }
        }
    }
    (tried, failures)
}

fn has(findings: &[Finding], id: &str) -> bool {
    findings.iter().any(|finding| finding.id == id)
}

fn seen(matcher: &Matcher<'_>, set: &SignatureSet, example: &Example) -> Grouped {
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
    group(matcher, set, &matches, &how)
}
