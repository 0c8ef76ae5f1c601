//! Reads scan reports back: `json` (one report, or several under `reports`) and `ndjson`.
//!
//! A report may come from a hostile machine: its size is bounded before it is parsed, the parser bounds how deep
//! values nest, and a report that claims to be cleaner than its own content is refused. Unknown fields are taken,
//! because a later minor version adds some; another major version is refused.

use std::fmt;
use std::sync::Arc;

use serde::Deserialize;

use super::{Checked, DocumentInfo, GapEntry, SCHEMA_VERSION, ScanReport, TargetInfo, Verdict, Versions};
use crate::finding::clocks::Deadline;
use crate::finding::{Finding, identify};
use crate::model::{Coverage, Skipped};

/// The largest file of reports that is read, in bytes: some 100,000 pieces of evidence. What is parsed takes a few times
/// as much memory.
pub const MAX_BYTES: usize = 128 << 20;
/// The most reports in one file.
const MAX_REPORTS: usize = 100_000;

/// Why a report cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadError {
    /// Line, from 1; 0 when the whole file is meant.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What is wrong, and what to do.
    pub message: String,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.message),
            line => write!(f, "line {line}, column {}: {}", self.column, self.message),
        }
    }
}

pub(super) fn refused(message: impl Into<String>) -> ReadError {
    ReadError { line: 0, column: 0, message: message.into() }
}

/// What the beginning of a file reports it.
#[derive(Deserialize)]
struct Head {
    schema_version: Option<String>,
    r#type: Option<serde::de::IgnoredAny>,
    reports: Option<serde::de::IgnoredAny>,
    findings: Option<serde::de::IgnoredAny>,
    artifacts: Option<serde::de::IgnoredAny>,
    runs: Option<serde::de::IgnoredAny>,
    #[serde(rename = "bomFormat")]
    bom_format: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Several {
    reports: Vec<ScanReport>,
}

/// The reports in the bytes of a file, in its order; never none.
///
/// # Errors
/// When it is no whole report of a scan, of another major version, too large, or contradicts itself.
pub fn read(bytes: &[u8]) -> Result<Vec<ScanReport>, ReadError> {
    if bytes.len() > MAX_BYTES {
        let message = format!("{} bytes; a file of reports may have at most {MAX_BYTES}", bytes.len());
        return Err(refused(message));
    }
    let bytes = crate::text::written::utf8(bytes);
    let bytes = bytes.as_ref();
    if bytes.trim_ascii().is_empty() {
        return Err(refused("it is empty; was the scan that should have written it interrupted?"));
    }
    let mut documents = serde_json::Deserializer::from_slice(bytes).into_iter::<Head>();
    let head = match documents.next() {
        Some(Ok(head)) => head,
        Some(Err(error)) => return Err(no_report(&error)),
        None => return Err(refused("it is empty")),
    };
    let mut reports = if head.r#type.is_some() {
        lines(bytes)?
    } else {
        check_version(head.schema_version.as_deref())?;
        check_kind(&head)?;
        let version = head.schema_version.as_deref();
        match head.reports {
            Some(_) => parse::<Several>(bytes, 1, version)?.reports,
            None => vec![parse::<ScanReport>(bytes, 1, version)?],
        }
    };
    if reports.is_empty() {
        return Err(refused("it holds no report"));
    }
    if reports.len() > MAX_REPORTS {
        return Err(refused(format!("it holds {} reports; at most {MAX_REPORTS} are read", reports.len())));
    }
    for report in &mut reports {
        check_version(Some(&report.schema_version))?;
        check_verdict(report)?;
        let every = report.findings.iter_mut().chain(&mut report.also_here).chain(&mut report.possible);
        every.for_each(|finding| {
            identify(&mut finding.evidence);
            redact(finding);
        });
        // The kind decides, not the file.
        report.gaps.iter_mut().for_each(|gap| gap.grade = gap.kind.grade());
    }
    Ok(reports)
}

/// Takes out the secrets that another version of debar left in.
fn redact(finding: &mut Finding) {
    for evidence in &mut finding.evidence {
        crate::model::redact(&mut evidence.fields, &mut evidence.location);
    }
    for command in finding.removal.iter_mut().flat_map(|step| &mut step.commands) {
        *command = crate::text::secret::redacted(command).into_owned();
    }
}

fn no_report(error: &serde_json::Error) -> ReadError {
    let message =
        "it is no report of debar; name a file that `debar scan -o json=FILE` or `-o ndjson=FILE` wrote";
    located(error, 1, message)
}

/// The parser's place and message; `first` is the line that the parsed text begins on.
fn located(error: &serde_json::Error, first: usize, hint: &str) -> ReadError {
    let message = if error.is_eof() {
        "it ends in the middle; the report is not whole. Get a whole one".to_owned()
    } else {
        hint.to_owned()
    };
    ReadError { line: error.line() + first - 1, column: error.column(), message }
}

pub(super) fn parse<'a, T: Deserialize<'a>>(
    bytes: &'a [u8],
    first: usize,
    version: Option<&str>,
) -> Result<T, ReadError> {
    serde_json::from_slice(bytes).map_err(|error| {
        let newer = version.and_then(minor).zip(minor(SCHEMA_VERSION)).is_some_and(|(its, ours)| its > ours);
        let hint = match (newer, version) {
            (true, Some(version)) => format!(
                "it has version {version} of the format and this debar knows {SCHEMA_VERSION}: read it with a newer debar"
            ),
            _ => "it is damaged, or not written by debar".to_owned(),
        };
        located(&error, first, &hint)
    })
}

fn major(version: &str) -> Option<u32> {
    version.split('.').next()?.parse().ok()
}

fn minor(version: &str) -> Option<u32> {
    version.split('.').nth(1)?.parse().ok()
}

/// Whether a version of the report format is one that this debar reads.
///
/// # Errors
/// When it is not.
pub(crate) fn check_version(version: Option<&str>) -> Result<(), ReadError> {
    let Some(version) = version else {
        return Err(refused(
            "it has no `schema_version`: it is no report of debar. Name a file that `debar scan -o json=FILE` wrote",
        ));
    };
    match (major(version), major(SCHEMA_VERSION)) {
        // What version 2 added has a default that is right for a report of version 1.
        (Some(its), Some(ours)) if its == ours || its == 1 => Ok(()),
        (Some(its), Some(ours)) if its > ours => Err(refused(format!(
            "it has version {version} of the report format, and this debar reads 1.x and {ours}.x: use a newer debar"
        ))),
        (Some(_), _) => Err(refused(format!(
            "it has version {version} of the report format, which this debar no longer reads: scan again"
        ))),
        (None, _) => Err(refused(format!("its `schema_version` {version:?} is no version"))),
    }
}

fn check_kind(head: &Head) -> Result<(), ReadError> {
    let what = if head.artifacts.is_some() {
        "an inventory"
    } else if head.runs.is_some() {
        "a SARIF log"
    } else if head.bom_format.is_some() {
        "a CycloneDX document"
    } else if head.findings.is_none() && head.reports.is_none() {
        "no report of a scan"
    } else {
        return Ok(());
    };
    Err(refused(format!(
        "it is {what}; name a file that `debar scan -o json=FILE` or `-o ndjson=FILE` wrote"
    )))
}

/// A report must not be cleaner than what it holds.
fn check_verdict(report: &ScanReport) -> Result<(), ReadError> {
    let earned = Verdict::of(&report.findings, &report.gaps);
    if report.verdict.rank() < earned.rank() {
        return Err(refused(format!(
            "the report of {} contradicts itself: its verdict is {} and its content says {}. It was changed; scan again",
            report.target.host,
            report.verdict.word(),
            earned.word()
        )));
    }
    Ok(())
}

/// The last line of a target in NDJSON.
#[derive(Deserialize)]
struct Summary {
    schema_version: String,
    verdict: Option<Verdict>,
    #[serde(default)]
    as_of: String,
    target_info: TargetInfo,
    #[serde(default)]
    document: Option<DocumentInfo>,
    findings: Option<usize>,
    #[serde(default)]
    also_here: usize,
    #[serde(default)]
    possible: usize,
    #[serde(default)]
    checked: Checked,
    #[serde(default)]
    duties: Vec<Deadline>,
    gaps: usize,
    #[serde(default)]
    warnings: Vec<String>,
    versions: Versions,
    started: String,
    finished: String,
    duration_ms: u64,
}

#[derive(Default)]
struct Parts {
    findings: Vec<Finding>,
    also_here: Vec<Finding>,
    possible: Vec<Finding>,
    gaps: Vec<GapEntry>,
    coverage: Vec<Coverage>,
    skipped: Vec<Skipped>,
}

/// One line of NDJSON.
pub(super) struct Line<'a> {
    /// From 1.
    number: usize,
    pub(super) kind: String,
    version: Option<String>,
    bytes: &'a [u8],
}

impl Line<'_> {
    /// The line as a value.
    ///
    /// # Errors
    /// When it is none, with its place.
    pub(super) fn parse<'de, T: Deserialize<'de>>(&'de self) -> Result<T, ReadError> {
        parse(self.bytes, self.number, self.version.as_deref())
    }
}

/// Goes through lines of NDJSON: each has a `type`, and a `summary` ends each target. `what` they are, for messages.
///
/// # Errors
/// When a line is damaged, or the last `summary` is missing.
pub(super) fn each_line(
    bytes: &[u8],
    what: &str,
    mut take: impl FnMut(&Line<'_>) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    #[derive(Deserialize)]
    struct Kind {
        r#type: String,
        schema_version: Option<String>,
    }
    let mut is_open = false;
    for (at, line) in bytes.split(|&byte| byte == b'\n').enumerate() {
        let (number, bytes) = (at + 1, line.trim_ascii());
        if bytes.is_empty() {
            continue;
        }
        let Kind { r#type: kind, schema_version: version } = parse(bytes, number, None)?;
        is_open = kind != "summary";
        take(&Line { number, kind, version, bytes })?;
    }
    if is_open {
        return Err(refused(format!(
            "its last `summary` line is missing: the {what} is not whole. Get a whole one"
        )));
    }
    Ok(())
}

fn lines(bytes: &[u8]) -> Result<Vec<ScanReport>, ReadError> {
    let mut reports = Vec::new();
    let mut parts = Parts::default();
    each_line(bytes, "report", |line| {
        match line.kind.as_str() {
            "finding" => parts.findings.push(line.parse()?),
            "also_here" => parts.also_here.push(line.parse()?),
            "possible" => parts.possible.push(line.parse()?),
            "gap" => parts.gaps.push(line.parse()?),
            "coverage" => parts.coverage.push(line.parse()?),
            "skipped" => parts.skipped.push(line.parse()?),
            "summary" => {
                check_version(line.version.as_deref())?;
                reports.push(whole(std::mem::take(&mut parts), line.parse()?, line.number)?);
            }
            "artifact" => {
                let message = "it is an inventory; name a file that `debar scan -o ndjson=FILE` wrote";
                return Err(ReadError { line: line.number, column: 1, message: message.to_owned() });
            }
            // A later minor version may have more kinds of lines.
            _ => {}
        }
        Ok(())
    })?;
    Ok(reports)
}

fn whole(parts: Parts, summary: Summary, line: usize) -> Result<ScanReport, ReadError> {
    let wrong = |message: String| ReadError { line, column: 1, message };
    let Some(verdict) = summary.verdict else {
        return Err(wrong("its `summary` has no verdict: it is no report of a scan".to_owned()));
    };
    let counts = [
        ("findings", summary.findings.unwrap_or_default(), parts.findings.len()),
        ("products restricted elsewhere", summary.also_here, parts.also_here.len()),
        ("possible traces", summary.possible, parts.possible.len()),
        ("gaps", summary.gaps, parts.gaps.len()),
    ];
    for (what, said, there) in counts {
        if said != there {
            return Err(wrong(format!(
                "its `summary` counts {said} {what} and {there} are there: lines are missing. Get a whole report"
            )));
        }
    }
    Ok(ScanReport {
        schema_version: summary.schema_version,
        verdict,
        target: summary.target_info,
        document: summary.document,
        as_of: summary.as_of,
        checked: Arc::new(summary.checked),
        findings: parts.findings,
        also_here: parts.also_here,
        possible: parts.possible,
        duties: summary.duties,
        gaps: parts.gaps,
        coverage: Arc::new(parts.coverage),
        skipped: parts.skipped,
        warnings: summary.warnings,
        versions: Arc::new(summary.versions),
        started: summary.started,
        finished: summary.finished,
        duration_ms: summary.duration_ms,
    })
}

#[cfg(test)]
mod tests;
