//! Attestation: a statement of what a scan checked and what it came to, bound to the report by its digest, as an
//! in-toto Statement for machines and as a page for auditors.
//!
//! Source: in-toto Attestation Framework, Statement v1 (`https://in-toto.io/Statement/v1`). The predicate is debar's own.

pub mod html;
pub mod page;

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::finding::Exception;
use crate::finding::clocks::{Deadline, deadlines};
use crate::model::{Outcome, Skipped};
use crate::report::{Checked, GapEntry, ScanReport, Verdict, Versions, limited_details, summary};

/// The type of the statement.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// The type of the predicate: a name, not an address.
pub const PREDICATE_TYPE: &str = "urn:debar:attestation:scan:v1";

/// An in-toto Statement about a report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Statement {
    /// `https://in-toto.io/Statement/v1`.
    #[serde(rename = "_type")]
    pub r#type: String,
    /// The report.
    pub subject: Vec<Subject>,
    /// `urn:debar:attestation:scan:v1`.
    #[serde(rename = "predicateType")]
    pub predicate_type: String,
    /// What is stated.
    pub predicate: Predicate,
}

/// What a statement is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Subject {
    /// File name of the report.
    pub name: String,
    /// Its digests.
    pub digest: Digests,
}

/// Digests of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Digests {
    /// SHA-256, in hexadecimal digits.
    pub sha256: String,
}

/// What is stated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Predicate {
    /// The debar that made the statement.
    pub debar: String,
    /// The scans in the report.
    pub scans: Vec<Scan>,
}

/// What was examined and what came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Scan {
    /// The host.
    pub host: String,
    /// The target as the user named it.
    pub target: String,
    /// The operating system as the target names it.
    pub operating_system: String,
    /// `found`, `not found in what was read`, `nothing found; 1 detail not checked`, `files checked, no operating system` or
    /// `could not examine`.
    pub verdict: String,
    /// What the verdict covers, in sentences.
    pub summary: Vec<String>,
    /// What was checked for.
    pub checked: Checked,
    /// When the scan began (RFC 3339, UTC).
    pub started: String,
    /// When it ended.
    pub finished: String,
    /// The day that the rules were judged on.
    pub as_of: String,
    /// The account, its privilege, and the sets of signatures and rules.
    pub versions: Versions,
    /// The banned products.
    pub findings: Vec<Found>,
    /// The sources that were read: collector and number of artifacts.
    pub read: Vec<Source>,
    /// The sources that do not exist on such a target, or were left out, and why.
    pub not_applicable: Vec<Source>,
    /// Places that should have been read and were not.
    pub not_read: Vec<GapEntry>,
    /// Places left out on purpose.
    pub left_out: Vec<Skipped>,
    /// What the rules that were considered say is due, and until when.
    pub deadlines: Vec<Deadline>,
}

/// A source of inventory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// The collector.
    pub collector: String,
    /// How many artifacts it yielded.
    pub artifacts: usize,
    /// Why it was not read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A banned product that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Found {
    /// `vendor/product`.
    pub product: String,
    /// Its name.
    pub name: String,
    /// Its state.
    pub state: String,
    /// Ids of the evidence.
    pub evidence: Vec<String>,
    /// Ids of the rules in force.
    pub rules: Vec<String>,
    /// The exception that someone granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<Exception>,
}

/// The statement on a report: `bytes` is the whole file, `name` its name. `identified` is the day on which the products
/// were identified; the day on which the scan ended when `None`.
pub fn statement(name: &str, bytes: &[u8], reports: &[ScanReport], identified: Option<Date>) -> Statement {
    Statement {
        r#type: STATEMENT_TYPE.to_owned(),
        subject: vec![Subject { name: name.to_owned(), digest: Digests { sha256: sha256(bytes) } }],
        predicate_type: PREDICATE_TYPE.to_owned(),
        predicate: Predicate {
            debar: env!("CARGO_PKG_VERSION").to_owned(),
            scans: reports.iter().map(|report| scan(report, identified)).collect(),
        },
    }
}

/// SHA-256 in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn scan(report: &ScanReport, identified: Option<Date>) -> Scan {
    let sources = |outcome: Outcome| -> Vec<Source> {
        let entries = report.coverage.iter().filter(|entry| entry.outcome == outcome);
        entries
            .map(|entry| Source {
                collector: entry.collector.clone(),
                artifacts: entry.artifacts,
                reason: entry.reason.clone(),
            })
            .collect()
    };
    let read = sources(Outcome::Ran);
    let counting = report.findings.iter().filter(|finding| finding.counts());
    let findings: Vec<Found> = counting
        .map(|finding| Found {
            product: finding.id.clone(),
            name: finding.product.name.clone(),
            state: finding.state.word().to_owned(),
            evidence: finding.evidence.iter().map(|evidence| evidence.id.clone()).collect(),
            rules: finding.rules.iter().filter(|rule| rule.in_force).map(|rule| rule.id.clone()).collect(),
            exception: finding.exception.clone(),
        })
        .collect();
    // A report without a source that was read proves nothing, whatever its verdict says.
    let verdict = match report.verdict {
        Verdict::Found => "found".to_owned(),
        Verdict::FilesChecked if !read.is_empty() => "files checked, no operating system".to_owned(),
        Verdict::NotFound if !read.is_empty() => match limited_details(report) {
            0 => "not found in what was read".to_owned(),
            1 => "nothing found; 1 detail not checked".to_owned(),
            count => format!("nothing found; {count} details not checked"),
        },
        Verdict::NotFound | Verdict::Incomplete | Verdict::FilesChecked => "could not examine".to_owned(),
    };
    let day = identified.or_else(|| report.finished.get(..10).and_then(|day| day.parse().ok()));
    Scan {
        host: report.target.host.clone(),
        target: report.target.name.clone(),
        operating_system: report.target.os.name.clone(),
        verdict,
        summary: summary(report),
        checked: Checked::clone(&report.checked),
        started: report.started.clone(),
        finished: report.finished.clone(),
        as_of: report.as_of.clone(),
        versions: Versions::clone(&report.versions),
        findings,
        read,
        not_applicable: sources(Outcome::NotApplicable),
        not_read: report.gaps.clone(),
        left_out: report.skipped.iter().filter(|place| !place.is_pseudo()).cloned().collect(),
        deadlines: day.map(|day| deadlines(&report.findings, day)).unwrap_or_default(),
    }
}
