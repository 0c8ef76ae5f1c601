//! A finding: one line, and below it the evidence, the removal and the rules.

use std::io::{self, Write};

use super::sections::anchor;
use crate::finding::{Evidence, Finding};
use crate::model::State;
use crate::report::ScanReport;
use crate::report::words::{self, headline, plural, standing};
use crate::signature::{Status, Strength};
use crate::text::escape::markup;

/// Rules named with a finding; the section of the rules says of each which products it speaks of.
const RULES: usize = 4;
/// Pieces of evidence that are not folded.
const FIRST: usize = 3;

/// State, status, product and host, by which rows are filtered.
pub(super) fn facets(report: &ScanReport, finding: &Finding) -> [String; 4] {
    let status = words::status_of(finding);
    [words::state(finding.state).to_owned(), status, finding.product.name.clone(), report.target.host.clone()]
}

/// The class of a state's colour.
pub(super) fn colour(state: State) -> &'static str {
    if state >= State::Installed { "bad" } else { "caution" }
}

/// What stands within the row.
pub(super) fn row(report: &ScanReport, finding: &Finding, several: bool) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    let [state, status, product, host] = facets(report, finding).map(|text| markup(&text));
    let colour = if finding.counts() { colour(finding.state) } else { "soft" };
    write!(out, "<summary><span class=\"pill {colour}\">{state}</span> <b>{product}</b>")?;
    if let Some(version) = words::version(finding) {
        write!(out, "{} ", markup(&version))?;
    }
    if several {
        write!(out, " {host}")?;
    }
    // Most are simply banned, and the heading says so.
    if !finding.counts() || status != "banned" {
        write!(out, " <span class=\"soft\">{status}</span>")?;
    }
    writeln!(out, "</summary><div class=\"body\">")?;
    if let Some(note) = &finding.note {
        writeln!(out, "<p>{}</p>", markup(note))?;
    }
    for warning in &finding.warnings {
        writeln!(out, "<p class=\"caution\">{}</p>", markup(warning))?;
    }
    if let Some(exception) = &finding.exception {
        writeln!(out, "<p>{}</p>", markup(&words::exception(exception)))?;
    }
    if finding.in_baseline {
        writeln!(out, "<p>Known: the baseline has it; it does not count for the exit code.</p>")?;
    }
    let sorted = strongest_first(finding);
    let (first, rest) = sorted.split_at(sorted.len().min(FIRST));
    writeln!(out, "<h3>Evidence</h3><ul>")?;
    first.iter().try_for_each(|one| evidence(one, &mut out))?;
    writeln!(out, "</ul>")?;
    let more = rest.len() + finding.evidence_omitted;
    if more > 0 {
        let pieces = if more == 1 { "1 more piece".to_owned() } else { format!("{more} more pieces") };
        writeln!(out, "<details><summary>{pieces} of evidence</summary><ul>")?;
        rest.iter().try_for_each(|one| evidence(one, &mut out))?;
        if finding.evidence_omitted > 0 {
            writeln!(out, "<li>and {} more</li>", finding.evidence_omitted)?;
        }
        writeln!(out, "</ul></details>")?;
    }
    removal(finding, &mut out)?;
    rules(finding, &mut out)?;
    write!(out, "</div>")?;
    Ok(out)
}

/// The evidence as the text report has it: what proves the most first.
fn strongest_first(finding: &Finding) -> Vec<&Evidence> {
    let mut evidence: Vec<&Evidence> = finding.evidence.iter().collect();
    evidence.sort_by_key(|one| (one.strength != Strength::Conclusive, std::cmp::Reverse(one.state)));
    evidence
}

fn removal(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    if finding.removal.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h3>Removal</h3><ol>")?;
    for step in &finding.removal {
        writeln!(out, "<li>{}", markup(&step.title))?;
        if let Some(note) = &step.note {
            writeln!(out, "<p class=\"soft\">{}</p>", markup(note))?;
        }
        if !step.commands.is_empty() {
            let commands: Vec<String> = step.commands.iter().map(|command| markup(command)).collect();
            writeln!(out, "<pre>{}</pre>", commands.join("\n"))?;
        }
        writeln!(out, "</li>")?;
    }
    writeln!(out, "</ol>")
}

fn rules(finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    if finding.status != Status::Banned || finding.rules.is_empty() {
        return Ok(());
    }
    writeln!(out, "<h3>Rules</h3><ul>")?;
    // One more is not worth a line that says so.
    let shown = if finding.rules.len() <= RULES + 1 { finding.rules.len() } else { RULES };
    for rule in finding.rules.iter().take(shown) {
        let (id, title) = (markup(&anchor(&rule.id)), markup(&rule.title));
        writeln!(out, "<li><a href=\"#{id}\">{title}</a>, {}</li>", markup(&standing(rule)))?;
    }
    if let more @ 1.. = finding.rules.len() - shown {
        writeln!(out, "<li><a href=\"#rules\">and {}</a></li>", plural(more, "other rule"))?;
    }
    writeln!(out, "</ul>")
}

fn evidence(evidence: &Evidence, out: &mut dyn Write) -> io::Result<()> {
    let backing = if evidence.strength == Strength::Supporting { ", supporting" } else { "" };
    write!(
        out,
        "<li>{} ({}{backing}): {} <br><code>{}</code>",
        markup(&evidence.collector),
        words::state(evidence.state),
        markup(&headline(&evidence.fields)),
        markup(&evidence.location.to_string()),
    )?;
    if let Some(layer) = &evidence.location.layer {
        write!(out, "<br>{}", markup(&words::layer(layer)))?;
    }
    let because = format!("{} [{}]", evidence.matched, evidence.indicators.join(", "));
    writeln!(
        out,
        "<details class=\"why\"><summary>why it matched</summary>{}</details></li>",
        markup(&because)
    )
}
