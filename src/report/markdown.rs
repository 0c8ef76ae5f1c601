//! `markdown`: for job summaries, pull requests and tickets (GitHub Flavored Markdown). Below 1 MiB, GitHub's limit for
//! a summary: what does not fit is counted, and the verdict and the table of products come first.
//!
//! What a target says is shown in code spans, where nothing is markup.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::words::{self, headline, plural, standing};
use super::{GapEntry, InventoryReport, Look, ScanReport, verdict};
use crate::finding::Finding;
use crate::model::{Coverage, Outcome};
use crate::text::escape::{code_span, markdown};

/// Bytes that a document may have; the rest up to 1 MiB is for the lines that say what was left out.
const MAX_BYTES: usize = 1_000_000;
/// Evidence shown per product.
const MAX_EVIDENCE: usize = 20;

/// A document that stops growing at its limit and counts what it refused.
#[derive(Default)]
struct Page {
    text: String,
    left_out: usize,
}

impl Page {
    /// Adds a block, whole or not at all.
    fn add(&mut self, block: &str) {
        if self.text.len() + block.len() > MAX_BYTES { self.left_out += 1 } else { self.text.push_str(block) }
    }

    fn write(self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(self.text.as_bytes())?;
        if self.left_out > 0 {
            writeln!(
                out,
                "\n**{} left out to stay below 1 MiB; the JSON report has them all.**",
                plural(self.left_out, "entry")
            )?;
        }
        Ok(())
    }
}

/// Adds formatted text to a block; a `String` takes it all.
macro_rules! put {
    ($block:expr, $($argument:tt)*) => { let _ = writeln!($block, $($argument)*); };
}

pub(super) fn scan(reports: &[ScanReport], _: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::default();
    for report in reports {
        summary(report, &mut page);
    }
    for report in reports {
        for finding in &report.findings {
            page.add(&details(finding, report, reports.len() > 1));
        }
    }
    let rules = words::rules(reports.iter().flat_map(|report| &report.findings));
    if !rules.is_empty() {
        page.add("\n### What the rules say\n\n");
    }
    for rule in rules {
        let mut block = String::new();
        let limits = rule.does_not_bind.as_deref().unwrap_or_default();
        put!(block, "- **{}**: {} {}", markdown(&rule.title), markdown(&rule.summary), markdown(limits));
        page.add(&block);
    }
    for report in reports {
        coverage(&report.gaps, &report.coverage, &report.target.host, &mut page);
    }
    page.write(out)
}

fn summary(report: &ScanReport, page: &mut Page) {
    let head = verdict::heading(report);
    let mut block = String::new();
    put!(block, "## debar: {head} on {}\n", code_span(&report.target.host, false));
    let os = if report.target.os.name.is_empty() { "not recognised" } else { &report.target.os.name };
    put!(
        block,
        "{}{} Target {} ({}), signatures {}, rules as of {}.\n",
        verdict::lines(report).iter().map(|line| markdown(line)).collect::<Vec<_>>().join(" "),
        match words::places(verdict::blind(&report.gaps)) {
            0 => String::new(),
            unread =>
                format!(" **{} could not be read: this is not a clean result.**", plural(unread, "place")),
        },
        code_span(&report.target.name, false),
        markdown(os),
        markdown(&words::signatures(report)),
        report.as_of,
    );
    if !report.findings.is_empty() || !report.possible.is_empty() {
        put!(block, "| Product | Status | State | Where | Layer |\n| --- | --- | --- | --- | --- |");
    }
    page.add(&block);
    for finding in report.findings.iter().chain(&report.possible) {
        let first = finding.evidence.first();
        let place = first.map(|first| code_span(&first.location.to_string(), true)).unwrap_or_default();
        let layer = first.and_then(|first| first.location.layer.as_ref());
        let layer = layer.map(|layer| layer.index.to_string()).unwrap_or_default();
        let mut row = String::new();
        let standing = words::standing_of(finding);
        let status = standing.rsplit_once(&format!(", {}", finding.state.word()));
        let status = status.map_or(standing.clone(), |(status, excepted)| format!("{status}{excepted}"));
        put!(
            row,
            "| {} | {} | {} | {place} | {layer} |",
            markdown(&finding.product.name),
            markdown(&status),
            finding.state.word(),
        );
        page.add(&row);
    }
}

fn details(finding: &Finding, report: &ScanReport, several: bool) -> String {
    let mut block = String::new();
    let name = markdown(&finding.product.name);
    put!(block, "\n<details><summary>\n\n**{name}**, {}", markdown(&words::standing_of(finding)));
    if several {
        put!(block, "on {}", code_span(&report.target.host, false));
    }
    put!(block, "\n</summary>\n");
    if let Some(note) = &finding.note {
        put!(block, "{}\n", markdown(note));
    }
    if let Some(exception) = &finding.exception {
        put!(block, "{}\n", markdown(&words::exception(exception)));
    }
    for evidence in finding.evidence.iter().take(MAX_EVIDENCE) {
        put!(
            block,
            "- {} ({}): {} at {}",
            markdown(&evidence.collector),
            evidence.state.word(),
            code_span(&headline(&evidence.fields), false),
            code_span(&evidence.location.to_string(), false),
        );
        if let Some(layer) = &evidence.location.layer {
            put!(block, "  - {}", code_span(&words::layer(layer), false));
        }
    }
    let more = finding.evidence.len().saturating_sub(MAX_EVIDENCE) + finding.evidence_omitted;
    if more > 0 {
        put!(block, "- and {more} more, in the JSON report");
    }
    if !finding.removal.is_empty() {
        put!(block, "\n**Removal**\n");
    }
    for (at, step) in finding.removal.iter().enumerate() {
        put!(block, "{}. {}", at + 1, markdown(&step.title));
        if let Some(note) = &step.note {
            put!(block, "   - {}", markdown(note));
        }
        for command in &step.commands {
            put!(block, "   - {}", code_span(command, false));
        }
    }
    if !finding.rules.is_empty() {
        put!(block, "\n**Rules**\n");
    }
    for rule in &finding.rules {
        put!(block, "- {}, {}", markdown(&rule.title), standing(rule));
    }
    put!(block, "\n</details>");
    block
}

fn coverage(gaps: &[GapEntry], coverage: &[Coverage], host: &str, page: &mut Page) {
    if !gaps.is_empty() {
        page.add(&format!("\n### Could not be read on {}\n\n", code_span(host, false)));
    }
    for ((place, kind, detail), asked) in words::gaps(gaps) {
        let (place, detail) = (code_span(place, false), code_span(detail, false));
        page.add(&format!(
            "- {} {place}: {detail} ({})\n",
            markdown(kind.word()),
            markdown(&asked.join(", "))
        ));
    }
    let ran = coverage.iter().filter(|entry| entry.outcome == Outcome::Ran && entry.artifacts > 0);
    let counts: Vec<String> = ran.map(|entry| format!("{} {}", entry.collector, entry.artifacts)).collect();
    let (host, counts) = (code_span(host, false), markdown(&counts.join(", ")));
    page.add(&format!(
        "\n<details><summary>Checked on this target</summary>\n\n{host}: {counts}\n\n</details>\n"
    ));
}

pub(super) fn inventory(reports: &[InventoryReport], _: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut page = Page::default();
    for report in reports {
        let mut block = String::new();
        put!(
            block,
            "## {} on {}\n",
            plural(report.artifacts.len(), "artifact"),
            code_span(&report.target.host, false)
        );
        page.add(&block);
        let mut by_collector: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for artifact in &report.artifacts {
            by_collector.entry(&artifact.collector).or_default().push(artifact);
        }
        for (collector, artifacts) in by_collector {
            page.add(&format!("\n### {} ({})\n\n", markdown(collector), artifacts.len()));
            for artifact in artifacts {
                let what = code_span(&headline(&artifact.fields), false);
                page.add(&format!("- {what} at {}\n", code_span(&artifact.location.to_string(), false)));
            }
        }
        coverage(&report.gaps, &report.coverage, &report.target.host, &mut page);
    }
    page.write(out)
}
