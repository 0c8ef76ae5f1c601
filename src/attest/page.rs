//! The statement as a page (Markdown), for auditors.

use std::io::{self, Write};

use super::{Scan, Source, Statement};
use crate::finding::Exception;
use crate::signature::rules::DayCount;
use crate::text::escape::markdown;

/// Writes the page.
///
/// # Errors
/// What the writer reports.
pub fn write(statement: &Statement, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "# Statement on a scan for banned software\n")?;
    for subject in &statement.subject {
        writeln!(
            out,
            "- Report: {}\n- SHA-256 of the report: {}",
            markdown(&subject.name),
            markdown(&subject.digest.sha256)
        )?;
    }
    for scan in &statement.predicate.scans {
        write_scan(scan, out)?;
    }
    writeln!(
        out,
        "\nMade by debar {}. It states what was read and what was found there; it does not say what is lawful.",
        statement.predicate.debar
    )
}

fn write_scan(scan: &Scan, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "\n## {}\n", markdown(&scan.host))?;
    writeln!(out, "**{}**\n", capital(&scan.verdict))?;
    for (name, value) in facts(scan) {
        writeln!(out, "- {name}: {}", markdown(&value))?;
    }
    for line in &scan.summary {
        writeln!(out, "- {}", markdown(line))?;
    }
    writeln!(out, "\n### Found\n")?;
    if scan.findings.is_empty() {
        writeln!(out, "Nothing in what was read.")?;
    }
    for found in &scan.findings {
        let rules = found.rules.join(", ");
        writeln!(
            out,
            "- {} ({}): {}; {} pieces of evidence; rules in force: {}",
            markdown(&found.name),
            markdown(&found.product),
            markdown(&found.state),
            found.evidence.len(),
            markdown(&rules)
        )?;
        if let Some(exception) = &found.exception {
            writeln!(out, "  - {}", markdown(&excepted(exception)))?;
        }
    }
    write_deadlines(scan, out)?;
    writeln!(out, "\n### Not read\n")?;
    if scan.not_read.is_empty() && scan.left_out.is_empty() {
        writeln!(out, "Every source that was asked for was read.")?;
    }
    for gap in &scan.not_read {
        writeln!(
            out,
            "- {} {}: {} ({})",
            gap.kind.word(),
            markdown(&gap.place),
            markdown(&gap.detail),
            markdown(&gap.collector)
        )?;
    }
    for skipped in &scan.left_out {
        writeln!(out, "- skipped: {} ({})", markdown(&skipped.place), markdown(&skipped.reason))?;
    }
    let list = |sources: &[Source]| markdown(&listed(sources));
    writeln!(out, "\n### Read\n\n{}.", list(&scan.read))?;
    writeln!(out, "\nNot on this target, or not asked for: {}.", list(&scan.not_applicable))
}

/// When each rule that binds wants a report.
fn write_deadlines(scan: &Scan, out: &mut dyn Write) -> io::Result<()> {
    if !scan.deadlines.is_empty() {
        writeln!(
            out,
            "\n### Reporting deadlines\n\nBusiness days are those of the US federal government (5 U.S.C. 6103). Whom a rule binds is in the rule.\n\n| rule | due | what | counted |\n| --- | --- | --- | --- |"
        )?;
    }
    for deadline in &scan.deadlines {
        let days = match deadline.count {
            DayCount::Business => "business days",
            DayCount::Calendar => "calendar days",
        };
        let due = deadline.due.as_deref().unwrap_or("not known from a scan");
        let note = deadline.note.as_deref().map(|note| format!(". {note}")).unwrap_or_default();
        writeln!(
            out,
            "| {} | {} | {} | {} {days} from {}{} |",
            markdown(&deadline.rule),
            markdown(due),
            markdown(&deadline.what),
            deadline.days,
            markdown(&deadline.from),
            markdown(&note)
        )?;
    }
    Ok(())
}

/// A verdict as it begins a page.
pub(super) fn capital(verdict: &str) -> String {
    let mut chars = verdict.chars();
    chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect()
}

/// With what, when and by whom it was scanned: names and values that both pages state.
pub(super) fn facts(scan: &Scan) -> [(&'static str, String); 7] {
    let versions = &scan.versions;
    let elevated =
        if versions.elevated { "with administrative privilege" } else { "WITHOUT administrative privilege" };
    let signatures: Vec<String> = versions
        .signatures
        .iter()
        .map(|set| format!("{} {} of {} ({})", set.vendor, set.version, set.date, set.origin))
        .collect();
    [
        ("Target", scan.target.clone()),
        ("Operating system", scan.operating_system.clone()),
        ("Examined", format!("from {} to {}", scan.started, scan.finished)),
        ("Account", format!("{}, {elevated}", versions.account)),
        ("Signatures", signatures.join("; ")),
        ("Rules", format!("version {}, judged as of {}", versions.rules, scan.as_of)),
        ("Scanner", format!("debar {}", versions.debar)),
    ]
}

/// An exception that someone granted.
pub(super) fn excepted(exception: &Exception) -> String {
    let until = exception.expires.as_deref().unwrap_or("no last day");
    format!("exception {} ({until}), {}: {}", exception.id, exception.owner, exception.reason)
}

/// Sources with what they yielded, or why they were not read.
pub(super) fn listed(sources: &[Source]) -> String {
    let lines = sources.iter().map(|source| match &source.reason {
        Some(reason) => format!("{} ({reason})", source.collector),
        None => format!("{} {}", source.collector, source.artifacts),
    });
    lines.collect::<Vec<_>>().join(", ")
}
