//! `ndjson`: one JSON object a line, each with its `type` and the host, so that a line stands by itself in a
//! log pipeline. The last line of a target is its `summary`: without it the report is not whole.

use std::io::{self, Write};

use serde::Serialize;

use super::{
    Checked, DocumentInfo, InventoryReport, Look, SCHEMA_VERSION, ScanReport, TargetInfo, Verdict, Versions,
};
use crate::finding::clocks::Deadline;
use crate::write::json;

#[derive(Serialize)]
struct Line<'a, T> {
    r#type: &'static str,
    host: &'a str,
    target: &'a str,
    #[serde(flatten)]
    content: T,
}

#[derive(Serialize)]
struct Summary<'a> {
    schema_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<Verdict>,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<&'a str>,
    target_info: &'a TargetInfo,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<&'a DocumentInfo>,
    #[serde(skip_serializing_if = "Option::is_none")]
    findings: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    also_here: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    possible: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checked: Option<&'a Checked>,
    #[serde(skip_serializing_if = "<[Deadline]>::is_empty")]
    duties: &'a [Deadline],
    #[serde(skip_serializing_if = "Option::is_none")]
    artifacts: Option<usize>,
    gaps: usize,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    warnings: &'a [String],
    versions: &'a Versions,
    started: &'a str,
    finished: &'a str,
    duration_ms: u64,
}

struct Lines<'a> {
    target: &'a TargetInfo,
    out: &'a mut dyn Write,
}

impl Lines<'_> {
    fn line(&mut self, r#type: &'static str, content: impl Serialize) -> io::Result<()> {
        let line = Line { r#type, host: &self.target.host, target: &self.target.name, content };
        json(&line, false, self.out)
    }

    fn lines<T: Serialize>(&mut self, r#type: &'static str, contents: &[T]) -> io::Result<()> {
        contents.iter().try_for_each(|content| self.line(r#type, content))
    }
}

pub(super) fn scan(reports: &[ScanReport], _: Look, out: &mut dyn Write) -> io::Result<()> {
    for report in reports {
        let mut lines = Lines { target: &report.target, out };
        lines.lines("finding", &report.findings)?;
        lines.lines("also_here", &report.also_here)?;
        lines.lines("possible", &report.possible)?;
        lines.lines("gap", &report.gaps)?;
        lines.lines("coverage", &report.coverage)?;
        lines.lines("skipped", &report.skipped)?;
        lines.line(
            "summary",
            Summary {
                schema_version: SCHEMA_VERSION,
                verdict: Some(report.verdict),
                as_of: Some(&report.as_of),
                target_info: &report.target,
                document: report.document.as_ref(),
                findings: Some(report.findings.len()),
                also_here: Some(report.also_here.len()),
                possible: Some(report.possible.len()),
                checked: Some(&report.checked),
                duties: &report.duties,
                artifacts: None,
                gaps: report.gaps.len(),
                warnings: &report.warnings,
                versions: &report.versions,
                started: &report.started,
                finished: &report.finished,
                duration_ms: report.duration_ms,
            },
        )?;
    }
    Ok(())
}

pub(super) fn inventory(reports: &[InventoryReport], _: Look, out: &mut dyn Write) -> io::Result<()> {
    for report in reports {
        let mut lines = Lines { target: &report.target, out };
        lines.lines("artifact", &report.artifacts)?;
        lines.lines("gap", &report.gaps)?;
        lines.lines("coverage", &report.coverage)?;
        lines.lines("skipped", &report.skipped)?;
        lines.line(
            "summary",
            Summary {
                schema_version: SCHEMA_VERSION,
                verdict: None,
                as_of: None,
                target_info: &report.target,
                document: None,
                findings: None,
                also_here: None,
                possible: None,
                checked: None,
                duties: &[],
                artifacts: Some(report.artifacts.len()),
                gaps: report.gaps.len(),
                warnings: &[],
                versions: &report.versions,
                started: &report.started,
                finished: &report.finished,
                duration_ms: report.duration_ms,
            },
        )?;
    }
    Ok(())
}
