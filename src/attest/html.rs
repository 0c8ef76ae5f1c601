//! The statement as a page that prints, for auditors: the same facts as the Markdown page.

use std::io::{self, Write};

use super::{Found, Scan, Source, Statement};
use crate::finding::clocks::Deadline;
use crate::report::html::{foot, head};
use crate::signature::rules::DayCount;
use crate::text::escape::markup;

/// Writes the page.
///
/// # Errors
/// What the writer reports.
pub fn write(statement: &Statement, out: &mut dyn Write) -> io::Result<()> {
    head("statement on a scan for banned software", ("#scans", "Skip to the scans"), out)?;
    writeln!(
        out,
        "<header><p class=\"kind\">debar attest</p>\n<h1>Statement on a scan for banned software</h1>\n\
         <p>What was read, with what, when and by whom, and what was found there.</p></header>\n<main id=\"scans\">\n<dl>"
    )?;
    for subject in &statement.subject {
        pair("Report", &subject.name, out)?;
        writeln!(
            out,
            "<dt>SHA-256 of the report</dt><dd><code>{}</code></dd>",
            markup(&subject.digest.sha256)
        )?;
    }
    writeln!(out, "</dl>")?;
    for scan in &statement.predicate.scans {
        write_scan(scan, out)?;
    }
    foot(
        &format!(
            "Made by debar {}. It states what was read and what was found there; it does not say what is lawful.",
            statement.predicate.debar
        ),
        out,
    )
}

fn pair(name: &str, value: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<dt>{name}</dt><dd>{}</dd>", markup(value))
}

fn write_scan(scan: &Scan, out: &mut dyn Write) -> io::Result<()> {
    let colour = match scan.verdict.as_str() {
        "found" => "bad",
        "could not examine" => "caution",
        _ if !scan.not_read.iter().any(crate::report::GapEntry::is_blind) => "good",
        _ => "caution",
    };
    writeln!(
        out,
        "<section><h2>{}</h2>\n<p class=\"{colour}\"><b class=\"verdict\">{}</b></p>\n<dl>",
        markup(&scan.host),
        markup(&super::page::capital(&scan.verdict))
    )?;
    for (name, value) in super::page::facts(scan) {
        pair(name, &value, out)?;
    }
    writeln!(out, "</dl>")?;
    for line in &scan.summary {
        writeln!(out, "<p>{}</p>", markup(line))?;
    }
    writeln!(out, "<h3>Found</h3>")?;
    found(&scan.findings, out)?;
    deadlines(&scan.deadlines, out)?;
    writeln!(out, "<h3>Not read</h3>")?;
    if scan.not_read.is_empty() && scan.left_out.is_empty() {
        writeln!(out, "<p>Every source that was asked for was read.</p>")?;
    }
    if scan.not_read.len() + scan.left_out.len() > 0 {
        writeln!(out, "<ul>")?;
        for gap in &scan.not_read {
            let (place, detail) = (markup(&gap.place), markup(&gap.detail));
            let (kind, asked) = (gap.kind.word(), markup(&gap.collector));
            writeln!(out, "<li>{kind} <code>{place}</code>: {detail} ({asked})</li>")?;
        }
        for skipped in &scan.left_out {
            let (place, reason) = (markup(&skipped.place), markup(&skipped.reason));
            writeln!(out, "<li>skipped: <code>{place}</code> ({reason})</li>")?;
        }
        writeln!(out, "</ul>")?;
    }
    let list = |sources: &[Source]| markup(&super::page::listed(sources));
    writeln!(
        out,
        "<h3>Read</h3><p>{}.</p>\n<h3>Not on this target, or not asked for</h3><p>{}.</p></section>",
        list(&scan.read),
        list(&scan.not_applicable)
    )
}

fn found(findings: &[Found], out: &mut dyn Write) -> io::Result<()> {
    if findings.is_empty() {
        return writeln!(out, "<p>Nothing in what was read.</p>");
    }
    writeln!(
        out,
        "<table><thead><tr><th scope=\"col\">Product</th><th scope=\"col\">State</th><th scope=\"col\">Evidence</th>\
         <th scope=\"col\">Rules in force</th><th scope=\"col\">Exception</th></tr></thead><tbody>"
    )?;
    for found in findings {
        let exception = found.exception.as_ref().map(super::page::excepted).unwrap_or_default();
        writeln!(
            out,
            "<tr><th scope=\"row\">{}<br><span class=\"soft\">{}</span></th><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            markup(&found.name),
            markup(&found.product),
            markup(&found.state),
            found.evidence.len(),
            markup(&found.rules.join(", ")),
            markup(&exception)
        )?;
    }
    writeln!(out, "</tbody></table>")
}

fn deadlines(deadlines: &[Deadline], out: &mut dyn Write) -> io::Result<()> {
    if deadlines.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<h3>Reporting deadlines</h3>\n<p>Business days are those of the US federal government (5 U.S.C. 6103). Whom a rule \
         binds is in the rule.</p>\n<table><thead><tr><th scope=\"col\">Rule</th><th scope=\"col\">Due</th>\
         <th scope=\"col\">What</th><th scope=\"col\">Counted</th></tr></thead><tbody>"
    )?;
    for deadline in deadlines {
        let days = match deadline.count {
            DayCount::Business => "business days",
            DayCount::Calendar => "calendar days",
        };
        let counted = format!("{} {days} from {}", deadline.days, deadline.from);
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}<br><span class=\"soft\">{}</span></td></tr>",
            markup(&deadline.rule),
            markup(deadline.due.as_deref().unwrap_or("not known from a scan")),
            markup(&deadline.what),
            markup(&counted),
            markup(deadline.note.as_deref().unwrap_or_default())
        )?;
    }
    writeln!(out, "</tbody></table>")
}
