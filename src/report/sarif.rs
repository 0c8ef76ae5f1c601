//! `sarif`: SARIF 2.1.0 (OASIS), for code scanning. One run per target; one result per finding, whose locations are
//! its evidence, and one per kind of gap, so that an incomplete scan is never shown as a clean one.
//!
//! What GitHub makes of it decides some choices: an alert is one fingerprint, so that it says nothing of host, image
//! or version and survives a rebuild; a location without a file is refused, so that registry keys and processes are
//! written as paths; of a result's locations 100 are kept; runs of one file need categories of their own, while a
//! single run takes its category from the workflow. <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::words::{self, headline, plural, standing};
use super::{GapEntry, Look, ScanReport, verdict};
use crate::finding::{Evidence, Finding};
use crate::model::{GapKind, Grade, Location, State};
use crate::signature::Status;
use crate::text::escape::{code_span, markdown, printable, uri_path};
use crate::text::hex::hex;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// Locations that GitHub keeps of a result.
const MAX_LOCATIONS: usize = 100;

pub(super) fn scan(reports: &[ScanReport], _: Look, out: &mut dyn Write) -> io::Result<()> {
    let runs: Vec<Value> = reports.iter().map(|report| run(report, reports.len() > 1)).collect();
    crate::write::json(&json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": runs }), true, out)
}

fn run(report: &ScanReport, several: bool) -> Value {
    let kinds: BTreeSet<GapKind> = report.gaps.iter().map(|gap| gap.kind).collect();
    let rules: Vec<Value> =
        report.findings.iter().map(product_rule).chain(kinds.iter().map(|kind| gap_rule(*kind))).collect();
    let found = report.findings.iter().enumerate().map(|(at, finding)| result(report, finding, at));
    let first = report.findings.len();
    let gaps = kinds.iter().enumerate().map(|(at, kind)| gap_result(report, *kind, first + at));
    let results: Vec<Value> = found.chain(gaps).collect();
    let versions = &report.versions;
    let mut run = json!({
        "tool": { "driver": {
            "name": "debar",
            "fullName": format!("debar {}", versions.debar),
            "semanticVersion": versions.debar,
            "rules": rules,
        }},
        "invocations": [{
            "executionSuccessful": true,
            "startTimeUtc": report.started,
            "endTimeUtc": report.finished,
            "toolExecutionNotifications": notifications(report),
        }],
        "originalUriBaseIds": { "ROOT": {
            "uri": "file:///",
            "description": { "text": text("Root of the scanned target.") },
        }},
        "results": results,
        "properties": {
            "target": report.target,
            "verdict": report.verdict,
            "asOf": report.as_of,
            "signatures": versions.signatures,
            "summary": format!("{}. {}", verdict::heading(report), verdict::lines(report).join(" ")),
            "checked": *report.checked,
            "skipped": verdict::skipped(report).collect::<Vec<_>>(),
            "account": versions.account,
            "elevated": versions.elevated,
        },
    });
    if several && let Some(run) = run.as_object_mut() {
        let id = format!("debar/{}/", uri_path(&report.target.name));
        run.insert("automationDetails".to_owned(), json!({ "id": id }));
    }
    run
}

/// Plain text of a message: what SARIF takes for a placeholder or a link is escaped.
fn text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let shown = printable(text);
    let mut chars = shown.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            ']' if chars.peek() == Some(&'(') => escaped.push('\\'),
            '{' if chars.peek().is_some_and(char::is_ascii_digit) => escaped.push('{'),
            _ => {}
        }
        escaped.push(char);
    }
    escaped
}

fn level(finding: &Finding) -> &'static str {
    match finding.state {
        _ if !finding.counts() && finding.status != Status::Banned => "note",
        _ if !finding.in_force => "note",
        State::Running | State::Installed => "error",
        _ => "warning",
    }
}

fn product_rule(finding: &Finding) -> Value {
    let product = &finding.product;
    let about = match &finding.note {
        Some(note) => format!("{} of {} is {}: {note}", product.name, product.vendor, finding.status.word()),
        None => format!("{} of {} is {}.", product.name, product.vendor, finding.status.word()),
    };
    let mut plain = about.clone();
    let mut marked = markdown(&about);
    for step in &finding.removal {
        plain.push_str(&format!("\nRemoval: {}.", step.title));
        marked.push_str(&format!("\n\n**Removal:** {}", markdown(&step.title)));
        if let Some(note) = &step.note {
            plain.push_str(&format!("\n  {note}"));
            marked.push_str(&format!("\n- {}", markdown(note)));
        }
        for command in &step.commands {
            plain.push_str(&format!("\n  {command}"));
            marked.push_str(&format!("\n- {}", code_span(command, false)));
        }
    }
    for rule in &finding.rules {
        let standing = standing(rule);
        plain.push_str(&format!("\nRule: {}, {standing}. {}", rule.title, rule.summary));
        marked.push_str(&format!(
            "\n\n**Rule:** {}, {standing}. {}",
            markdown(&rule.title),
            markdown(&rule.summary)
        ));
        if let Some(limits) = &rule.does_not_bind {
            plain.push_str(&format!(" {limits}"));
            marked.push_str(&format!(" {}", markdown(limits)));
        }
    }
    let mut rule = json!({
        "id": product.id,
        "name": camel(&product.id),
        "shortDescription": { "text": text(&format!("{} is {}.", product.name, finding.status.word())) },
        "fullDescription": { "text": text(&about) },
        "help": { "text": lines(&plain), "markdown": marked },
        "defaultConfiguration": { "level": level(finding) },
        "properties": {
            "tags": ["security", "inventory", finding.status.word()],
            "precision": "very-high",
            "problem.severity": match level(finding) { "note" => "recommendation", level => level },
            "security-severity": match level(finding) { "error" => "9.0", "warning" => "6.0", _ => "2.0" },
        },
    });
    let url = finding.rules.iter().map(|rule| &rule.url).find(|url| url.starts_with("https://"));
    if let (Some(url), Some(rule)) = (url, rule.as_object_mut()) {
        rule.insert("helpUri".to_owned(), json!(url));
    }
    rule
}

/// [`text`] of every line.
fn lines(plain: &str) -> String {
    plain.lines().map(text).collect::<Vec<_>>().join("\n")
}

fn gap_rule(kind: GapKind) -> Value {
    json!({
        "id": format!("gap/{}", kind.word()),
        "name": camel(&format!("gap/{}", kind.word())),
        "shortDescription": { "text": format!("Not everything was read: {}.", kind.word()) },
        "fullDescription": { "text": text(kind.about()) },
        "help": { "text": text(kind.remedy()), "markdown": markdown(kind.remedy()) },
        "defaultConfiguration": { "level": gap_level(kind) },
        "properties": { "tags": ["coverage"], "precision": "very-high", "problem.severity": "warning" },
    })
}

fn gap_level(kind: GapKind) -> &'static str {
    match kind.grade() {
        Grade::Blind => "warning",
        Grade::Limited => "note",
    }
}

/// `kaspersky/endpoint-security` as `KasperskyEndpointSecurity`, the form that rule names have.
fn camel(id: &str) -> String {
    let words = id.split(|char: char| !char.is_alphanumeric()).filter(|word| !word.is_empty());
    words
        .flat_map(|word| {
            let mut chars = word.chars();
            chars.next().into_iter().flat_map(char::to_uppercase).chain(chars)
        })
        .collect()
}

fn result(report: &ScanReport, finding: &Finding, rule: usize) -> Value {
    let pieces = finding.evidence.len() + finding.evidence_omitted;
    let mut message = format!(
        "{} is {} on {} ({}; {}).",
        finding.product.name,
        finding.state.word(),
        report.target.host,
        words::standing_of(finding),
        plural(pieces, "piece") + " of evidence",
    );
    if let Some(first) = finding.evidence.first() {
        message.push_str(&format!(
            " {}: {} at {}.",
            first.collector,
            headline(&first.fields),
            first.location
        ));
        if let Some(layer) = &first.location.layer {
            message.push_str(&format!(" It came with {}.", words::layer(layer)));
        }
    }
    if pieces > MAX_LOCATIONS {
        message.push_str(&format!(" {} more are in the JSON report.", pieces - MAX_LOCATIONS));
    }
    let locations: Vec<Value> = if finding.evidence.is_empty() {
        vec![place("debar", &finding.product.id, None)]
    } else {
        finding.evidence.iter().take(MAX_LOCATIONS).map(location).collect()
    };
    let mut result = json!({
        "ruleId": finding.product.id,
        "ruleIndex": rule,
        "level": level(finding),
        "message": { "text": text(&message) },
        "locations": locations,
        "partialFingerprints": fingerprints(&finding.id),
        "properties": {
            "status": finding.status,
            "state": finding.state,
            "inForce": finding.in_force,
            "rules": finding.rules.iter().map(|rule| &rule.id).collect::<Vec<_>>(),
            "evidence": pieces,
        },
    });
    if let (Some(exception), Some(result)) = (&finding.exception, result.as_object_mut()) {
        let suppression = json!({
            "kind": "external",
            "status": "accepted",
            "justification": words::exception(exception),
        });
        result.insert("suppressions".to_owned(), json!([suppression]));
    }
    // Only known findings: whether another is new is not known without a baseline.
    if let (true, Some(result)) = (finding.in_baseline, result.as_object_mut()) {
        result.insert("baselineState".to_owned(), json!("unchanged"));
    }
    result
}

fn fingerprints(id: &str) -> Value {
    let digest = Sha256::digest(format!("debar finding v1\0{id}").as_bytes());
    let digest = hex(digest.get(..16).unwrap_or_default());
    json!({ "primaryLocationLineHash": format!("{digest}:1"), "debarFinding/v1": digest })
}

/// Where a location is, as a path: GitHub takes nothing else.
fn path_of(location: &Location) -> String {
    let pid = || location.pid.map(|pid| format!("process/{pid}"));
    location.path.clone().or_else(|| location.registry_key.clone()).or_else(pid).unwrap_or_default()
}

fn location(evidence: &Evidence) -> Value {
    let about = format!(
        "{} ({}, {}): {}",
        evidence.collector,
        evidence.state.word(),
        evidence.strength.word(),
        headline(&evidence.fields)
    );
    let mut place = place(&evidence.collector, &path_of(&evidence.location), Some(&about));
    if let Some(object) = place.as_object_mut() {
        let name = evidence.location.to_string();
        object.insert(
            "logicalLocations".to_owned(),
            json!([{ "fullyQualifiedName": name, "kind": "resource" }]),
        );
        if let Some(layer) = &evidence.location.layer {
            object.insert("properties".to_owned(), json!({ "layer": layer }));
        }
    }
    place
}

fn place(otherwise: &str, path: &str, about: Option<&str>) -> Value {
    let uri = match uri_path(path) {
        uri if uri.is_empty() => uri_path(otherwise),
        uri => uri,
    };
    let mut place = json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri, "uriBaseId": "ROOT" },
        "region": { "startLine": 1 },
    }});
    if let (Some(about), Some(place)) = (about, place.as_object_mut()) {
        place.insert("message".to_owned(), json!({ "text": text(about) }));
    }
    place
}

fn gap_result(report: &ScanReport, kind: GapKind, rule: usize) -> Value {
    let gaps: BTreeMap<(&str, GapKind, &str), Vec<&str>> =
        words::gaps(&report.gaps).into_iter().filter(|((_, each, _), _)| *each == kind).collect();
    let locations: Vec<Value> = gaps
        .iter()
        .take(MAX_LOCATIONS)
        .map(|((path, _, detail), asked)| {
            place("unknown", path, Some(&format!("{detail} ({})", asked.join(", "))))
        })
        .collect();
    let first =
        gaps.keys().next().map(|(path, _, detail)| format!(" First: {path}: {detail}.")).unwrap_or_default();
    let (host, word) = (&report.target.host, kind.word());
    let message = match kind.limited() {
        Some(detail) => format!("Not checked on {host}: {detail} ({word}).{first}"),
        None => format!(
            "{} of {host} could not be read ({word}). This is not a clean result.{first}",
            plural(gaps.len(), "place")
        ),
    };
    json!({
        "ruleId": format!("gap/{}", kind.word()),
        "ruleIndex": rule,
        "level": gap_level(kind),
        "message": { "text": text(&message) },
        "locations": locations,
        "partialFingerprints": fingerprints(&format!("gap/{}", kind.word())),
    })
}

/// Every gap and every skipped place, for tools that check how a run went.
fn notifications(report: &ScanReport) -> Vec<Value> {
    let skipped = verdict::skipped(report).map(|place_of| {
        json!({
            "descriptor": { "id": "skipped" },
            "level": "note",
            "message": { "text": text(&format!("Skipped {}: {}", place_of.place, place_of.reason)) },
            "locations": [place("unknown", &place_of.place, None)],
        })
    });
    gap_notifications(&report.gaps).into_iter().chain(skipped).collect()
}

fn gap_notifications(gaps: &[GapEntry]) -> Vec<Value> {
    words::gaps(gaps)
        .into_iter()
        .map(|((path, kind, detail), asked)| {
            json!({
                "descriptor": { "id": format!("gap/{}", kind.word()) },
                "level": gap_level(kind),
                "message": { "text": text(&format!("{} {path}: {detail} ({})", kind.word(), asked.join(", "))) },
                "locations": [place("unknown", path, None)],
            })
        })
        .collect()
}
