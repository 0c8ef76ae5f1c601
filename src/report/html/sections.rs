//! What stands around the list: what was scanned, what the rules say, what could not be read, and what was.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::class::class;
use crate::model::{Coverage, Outcome};
use crate::report::words::{self, headline, plural, standing};
use crate::report::{GapEntry, ScanReport, TargetInfo, verdict};
use crate::signature::Status;
use crate::signature::rules::AppliedRule;
use crate::text::escape::markup;

/// What someone should know about the scans themselves.
pub(super) fn warnings(reports: &[ScanReport], out: &mut dyn Write) -> io::Result<()> {
    let warnings: BTreeSet<&str> =
        reports.iter().flat_map(|report| report.warnings.iter().map(String::as_str)).collect();
    for warning in warnings {
        writeln!(out, "<p class=\"caution\">Warning: {}</p>", markup(warning))?;
    }
    Ok(())
}

fn account(report: &ScanReport) -> String {
    let elevated = if report.versions.elevated { "" } else { " (not elevated)" };
    format!("{}{elevated}", report.versions.account)
}

/// The one target of a report.
pub(super) fn facts(report: &ScanReport, out: &mut dyn Write) -> io::Result<()> {
    let target = &report.target;
    let os = if target.os.name.is_empty() { "not recognised" } else { &target.os.name };
    let took = words::duration(report.duration_ms);
    writeln!(out, "<dl class=\"facts\">")?;
    for (name, value) in [
        ("Host", target.host.as_str()),
        ("Target", &format!("{} ({})", target.name, target.kind.word())),
        ("Image", &target.image.as_ref().map(words::image).unwrap_or_default()),
        ("System", os),
        ("Scanned", &format!("{} in {took}", words::time(&report.started))),
        ("As", &account(report)),
        ("Rules as of", &report.as_of),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    {
        writeln!(out, "<div><dt>{name}</dt><dd>{}</dd></div>", markup(value))?;
    }
    writeln!(out, "</dl>")
}

/// The targets of a page that has several.
pub(super) fn targets(reports: &[ScanReport], out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<section aria-labelledby=\"targets\"><h2 id=\"targets\">Targets</h2>\n<details{}><summary>{}</summary>\n\
         <div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Table of targets\">\
         <table><thead><tr><th scope=\"col\">Host</th>\
         <th scope=\"col\">Verdict</th><th scope=\"col\">Banned</th><th scope=\"col\">Unread</th>\
         <th scope=\"col\">Target</th><th scope=\"col\">System</th><th scope=\"col\">Scanned</th>\
         <th scope=\"col\">As</th></tr></thead><tbody>",
        open(reports.len()),
        plural(reports.len(), "target"),
    )?;
    for report in reports {
        let target = &report.target;
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td class=\"{}\">{}</td><td>{}</td><td>{}</td><td>{} ({})</td><td>{}</td>\
             <td>{}</td><td>{}</td></tr>",
            markup(&target.host),
            class(report.verdict),
            markup(&verdict::heading(report).to_lowercase()),
            report.findings.iter().filter(|finding| finding.counts()).count(),
            words::places(&report.gaps),
            markup(&target.name),
            target.kind.word(),
            markup(&target.os.name),
            markup(&words::time(&report.started)),
            markup(&account(report)),
        )?;
    }
    writeln!(out, "</tbody></table></div></details></section>")
}

/// Rules that are listed before the rest is folded.
const RULES: usize = 3;

/// A few things are shown at once; many would stand in the way of what follows.
fn open(count: usize) -> &'static str {
    if count <= 12 { " open" } else { "" }
}

pub(super) fn anchor(id: &str) -> String {
    let plain = |char: char| if char.is_ascii_alphanumeric() || "-_".contains(char) { char } else { '-' };
    format!("rule-{}", id.chars().map(plain).collect::<String>())
}

/// What only weak signs point to.
pub(super) fn possible(reports: &[ScanReport], out: &mut dyn Write) -> io::Result<()> {
    let traces: Vec<_> =
        reports.iter().flat_map(|report| report.possible.iter().map(move |it| (report, it))).collect();
    if traces.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "<section aria-labelledby=\"possible\"><h2 id=\"possible\">Possible traces</h2>\n\
         <p class=\"soft\">Weak signs that are no proof. Check them by hand.</p><ul>"
    )?;
    for (report, trace) in traces {
        let host =
            if reports.len() > 1 { format!(" on {}", markup(&report.target.host)) } else { String::new() };
        writeln!(out, "<li><b>{}</b>{host}<ul>", markup(&trace.product.name))?;
        for evidence in &trace.evidence {
            writeln!(
                out,
                "<li>{}: {} at <code>{}</code></li>",
                markup(&evidence.collector),
                markup(&headline(&evidence.fields)),
                markup(&evidence.location.to_string())
            )?;
        }
        writeln!(out, "</ul></li>")?;
    }
    writeln!(out, "</ul></section>")
}

pub(super) fn rules(reports: &[ScanReport], out: &mut dyn Write) -> io::Result<()> {
    let banned =
        || reports.iter().flat_map(|report| &report.findings).filter(|it| it.status == Status::Banned);
    let rules = words::rules(banned());
    if rules.is_empty() {
        return Ok(());
    }
    let mut products: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for finding in banned() {
        for rule in &finding.rules {
            products.entry(&rule.id).or_default().insert(&finding.product.name);
        }
    }
    writeln!(
        out,
        "<section aria-labelledby=\"rules\"><h2 id=\"rules\">What the rules say</h2>\n\
         <p class=\"soft\">Whether a rule binds you, its own words decide.</p>"
    )?;
    // What binds most stands first; the rest is one step away.
    let folded = rules.len().saturating_sub(RULES);
    for (at, rule) in rules.into_iter().enumerate() {
        if at == RULES && folded > 1 {
            writeln!(
                out,
                "<details class=\"rule\"><summary>{}</summary><div class=\"body\">",
                plural(folded, "more rule")
            )?;
        }
        write_rule(rule, products.get(rule.id.as_str()), out)?;
    }
    writeln!(out, "{}</section>", if folded > 1 { "</div></details>" } else { "" })
}

fn write_rule(rule: &AppliedRule, products: Option<&BTreeSet<&str>>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<details class=\"rule\"><summary><b>{}</b> <span class=\"soft\">{}</span></summary>\
         <div class=\"body\" id=\"{}\"><p>{} {}</p><dl><dt>binds</dt><dd>{}</dd>",
        markup(&rule.title),
        markup(&standing(rule)),
        markup(&anchor(&rule.id)),
        markup(&rule.summary),
        markup(rule.does_not_bind.as_deref().unwrap_or_default()),
        markup(&rule.binds.join("; ")),
    )?;
    if !rule.exemptions.is_empty() {
        writeln!(out, "<dt>exempt</dt><dd>{}</dd>", markup(&rule.exemptions.join("; ")))?;
    }
    if let Some(products) = products {
        let products: Vec<&str> = products.iter().copied().collect();
        writeln!(out, "<dt>speaks of</dt><dd>{}</dd>", markup(&products.join("; ")))?;
    }
    let citation = markup(&rule.citation);
    // Only such an address is a link: others could be code.
    let citation = if rule.url.starts_with("https://") {
        format!("<a href=\"{}\" rel=\"noreferrer\">{citation}</a>", markup(&rule.url))
    } else {
        citation
    };
    writeln!(out, "<dt>source</dt><dd>{citation}</dd></dl></div></details>")
}

pub(super) fn gaps<'a>(
    targets: impl Iterator<Item = (&'a TargetInfo, &'a [GapEntry])>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let targets: Vec<(&TargetInfo, &[GapEntry])> = targets.collect();
    let with: Vec<_> = targets.iter().filter(|(_, gaps)| !gaps.is_empty()).collect();
    if with.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section aria-labelledby=\"gaps\"><h2 id=\"gaps\">Could not be read</h2>")?;
    let mut kinds = Vec::new();
    for (target, gaps) in &with {
        if targets.len() > 1 {
            let (host, places) = (markup(&target.host), plural(words::places(*gaps), "place"));
            writeln!(out, "<details{}><summary><b>{host}</b> {places}</summary>", open(with.len()))?;
        }
        writeln!(out, "<ul>")?;
        for ((place, kind, detail), asked) in &words::gaps(gaps) {
            if !kinds.contains(kind) {
                kinds.push(*kind);
            }
            let place = if place.is_empty() { "(no place)" } else { place };
            let (detail, asked) = (markup(detail), markup(&asked.join(", ")));
            writeln!(
                out,
                "<li>{} <code>{}</code>: {detail} <span class=\"soft\">({asked})</span></li>",
                kind.word(),
                markup(place)
            )?;
        }
        writeln!(out, "</ul>{}", if targets.len() > 1 { "</details>" } else { "" })?;
    }
    writeln!(out, "<h3>What to do about it</h3><dl>")?;
    for kind in kinds {
        writeln!(out, "<dt>{}</dt><dd>{}</dd>", kind.word(), markup(kind.remedy()))?;
    }
    writeln!(out, "</dl></section>")
}

pub(super) fn coverage(coverage: &[Coverage], out: &mut dyn Write) -> io::Result<()> {
    let (ran, not): (Vec<&Coverage>, Vec<&Coverage>) =
        coverage.iter().partition(|entry| entry.outcome == Outcome::Ran);
    writeln!(
        out,
        "<section aria-labelledby=\"coverage\"><h2 id=\"coverage\">Checked</h2>\n\
         <details><summary>{} read</summary>\n\
         <table class=\"narrow\"><thead><tr><th scope=\"col\">Source</th>\
         <th scope=\"col\">Artifacts</th><th scope=\"col\">Gaps</th></tr></thead><tbody>",
        plural(ran.len(), "source"),
    )?;
    for entry in ran {
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td></tr>",
            markup(&entry.collector),
            entry.artifacts,
            entry.gaps
        )?;
    }
    writeln!(out, "</tbody></table></details>")?;
    if !not.is_empty() {
        let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for entry in &not {
            let reason = entry.reason.as_deref().unwrap_or("not on such a target");
            reasons.entry(reason).or_default().push(&entry.collector);
        }
        writeln!(
            out,
            "<details><summary>{} not on such a target</summary><dl>",
            plural(not.len(), "source")
        )?;
        for (reason, collectors) in reasons {
            writeln!(out, "<dt>{}</dt><dd>{}</dd>", markup(reason), markup(&collectors.join(", ")))?;
        }
        writeln!(out, "</dl></details>")?;
    }
    writeln!(out, "</section>")
}
