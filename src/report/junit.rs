//! `junit`: JUnit XML, for the test view of build servers. It has no standard; this is valid against both schemas in
//! use (Ant's by Windy Road, Jenkins' `junit-10.xsd`), which is why attributes that only one knows are left out.
//!
//! One suite per target. A product that counts is a failure; a collector that ran is a test that errs when it met gaps, so
//! that an incomplete scan is not green. Exempt, informational and excepted products are skipped tests.

use std::io::{self, Write};

use super::words::{self, headline, plural, standing};
use super::{Look, ScanReport, verdict};
use crate::finding::Finding;
use crate::model::{Coverage, Outcome};
use crate::text::escape::{markup, printable};

/// Evidence shown per product.
const MAX_EVIDENCE: usize = 100;
/// Gaps shown per collector.
const MAX_GAPS: usize = 100;

pub(super) fn scan(reports: &[ScanReport], _: Look, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites>")?;
    for (id, report) in reports.iter().enumerate() {
        suite(id, report, out)?;
    }
    writeln!(out, "</testsuites>")
}

/// Text in which an attribute of type `token` may not be empty.
fn token(text: &str, otherwise: &str) -> String {
    let text = printable(text).split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() { otherwise.to_owned() } else { markup(&text) }
}

fn suite(id: usize, report: &ScanReport, out: &mut dyn Write) -> io::Result<()> {
    let findings = &report.findings;
    let failures = findings.iter().filter(|finding| fails(finding)).count();
    let errors = report.coverage.iter().filter(|entry| errs(entry, report)).count();
    let ran = || report.coverage.iter().filter(|entry| entry.outcome == Outcome::Ran || entry.gaps > 0);
    let skipped = findings.len() - failures;
    let time = report.duration_ms;
    // The schema of Ant knows no time zone; times are UTC.
    let timestamp = report.started.get(..19).unwrap_or("1970-01-01T00:00:00");
    writeln!(
        out,
        "<testsuite id=\"{id}\" name=\"{}\" package=\"debar\" hostname=\"{}\" timestamp=\"{timestamp}\" tests=\"{}\" \
         failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\" time=\"{}.{:03}\">",
        token(&report.target.name, "target"),
        token(&report.target.host, "unknown"),
        findings.len() + ran().count(),
        time / 1_000,
        time % 1_000,
    )?;
    let signatures = report.versions.signatures.iter().map(|set| format!("{} {}", set.vendor, set.version));
    writeln!(out, "<properties>")?;
    for (name, value) in [
        ("verdict", report.verdict.word()),
        ("debar", &report.versions.debar),
        ("signatures", &signatures.collect::<Vec<_>>().join(", ")),
        ("as_of", &report.as_of),
        ("checked", &verdict::checked(report).unwrap_or_default()),
        ("skipped", &verdict::skipped_line(report).unwrap_or_default()),
        ("possible", &report.possible.iter().map(|it| it.id.as_str()).collect::<Vec<_>>().join(" ")),
        ("also_here", &report.also_here.iter().map(|it| it.id.as_str()).collect::<Vec<_>>().join(" ")),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    {
        writeln!(out, "<property name=\"{name}\" value=\"{}\"/>", markup(value))?;
    }
    writeln!(out, "</properties>")?;
    for finding in findings {
        product(finding, out)?;
    }
    for entry in ran() {
        collector(entry, report, out)?;
    }
    let text = format!("{} {}", verdict::heading(report), verdict::lines(report).join(" "));
    writeln!(out, "<system-out>{}</system-out>", markup(&text))?;
    writeln!(out, "<system-err></system-err>\n</testsuite>")
}

/// Whether a collector did not read everything that matters. A limited gap stands in the text of the suite.
fn errs(entry: &Coverage, report: &ScanReport) -> bool {
    let mine = |gap: &&super::GapEntry| gap.is_of(&entry.collector);
    // Gaps that are not listed count as the others.
    entry.gaps > 0
        && (report.gaps.iter().filter(mine).count() < entry.gaps
            || report.gaps.iter().filter(mine).any(|gap| gap.is_blind() && gap.exception.is_none()))
}

fn fails(finding: &Finding) -> bool {
    finding.fails()
}

fn product(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let name = token(&finding.product.name, "product");
    writeln!(out, "<testcase classname=\"debar.products\" name=\"{name}\" time=\"0\">")?;
    let about = words::standing_of(finding);
    if !fails(finding) {
        let why = match (&finding.exception, &finding.note) {
            (Some(exception), _) => format!("{about}. {}", words::exception(exception)),
            (None, Some(note)) => format!("{about}. {note}"),
            (None, None) => about,
        };
        return writeln!(out, "<skipped message=\"{}\"/>\n</testcase>", markup(&why));
    }
    writeln!(out, "<failure type=\"{}\" message=\"{}\">", finding.state.word(), markup(&about))?;
    let mut tell = |line: String| writeln!(out, "{}", crate::text::escape::line(&markup(&line)));
    for evidence in finding.evidence.iter().take(MAX_EVIDENCE) {
        tell(format!(
            "{} ({}): {} at {}",
            evidence.collector,
            evidence.state.word(),
            headline(&evidence.fields),
            evidence.location
        ))?;
        if let Some(layer) = &evidence.location.layer {
            tell(format!("  {}", words::layer(layer)))?;
        }
    }
    let more = finding.evidence.len().saturating_sub(MAX_EVIDENCE) + finding.evidence_omitted;
    if more > 0 {
        tell(format!("and {} of evidence more", plural(more, "piece")))?;
    }
    for step in &finding.removal {
        tell(format!("Removal: {}", step.title))?;
        step.commands.iter().try_for_each(|command| tell(format!("  $ {command}")))?;
    }
    for rule in &finding.rules {
        tell(format!("Rule: {}, {}. {}", rule.title, standing(rule), rule.summary))?;
    }
    writeln!(out, "</failure>\n</testcase>")
}

fn collector(entry: &Coverage, report: &ScanReport, out: &mut dyn Write) -> io::Result<()> {
    let name = token(&entry.collector, "collector");
    write!(out, "<testcase classname=\"debar.coverage\" name=\"{name}\" time=\"0\"")?;
    if !errs(entry, report) {
        return writeln!(out, "/>");
    }
    let text = format!("{}: not everything was read", plural(entry.gaps, "gap"));
    writeln!(out, ">\n<error type=\"gap\" message=\"{}\">", markup(&text))?;
    let mut gaps = report.gaps.iter().filter(|gap| gap.is_of(&entry.collector));
    for gap in gaps.by_ref().take(MAX_GAPS) {
        writeln!(out, "{} {}: {}", gap.kind.word(), markup(&gap.place), markup(&gap.detail))?;
    }
    let more = gaps.count();
    if more > 0 {
        writeln!(out, "and {} more", plural(more, "gap"))?;
    }
    writeln!(out, "</error>\n</testcase>")
}
