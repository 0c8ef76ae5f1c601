//! `html`: one file that opens anywhere, for people who decide and for the record. It loads nothing, and its content
//! security policy names its own style and script by hash, so that nothing a target says can run.
//!
//! Every fact is in the markup: without a script only filtering and sorting are missing, and print shows all. Several
//! hosts share one page.

mod chart;

use std::collections::BTreeMap;
use std::io::{self, Write};

use sha2::{Digest, Sha256};

use super::escape::markup;
use super::words::{self, headline, plural, standing};
use super::{ArtifactEntry, InventoryReport, Look, ScanReport, TargetInfo, Verdict, Versions};
use crate::artifact::State;
use crate::coverage::{Coverage, Gap, Outcome};
use crate::finding::{Evidence, Finding};
use crate::signature::{Status, Strength};
use chart::Bar;

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

/// What a row is filtered and sorted by: the attribute, and the word for people.
struct Facet {
    key: &'static str,
    label: &'static str,
}

const SCAN_FACETS: &[Facet] = &[
    Facet { key: "state", label: "State" },
    Facet { key: "status", label: "Status" },
    Facet { key: "product", label: "Product" },
    Facet { key: "host", label: "Host" },
];
const INVENTORY_FACETS: &[Facet] = &[
    Facet { key: "collector", label: "Source" },
    Facet { key: "state", label: "State" },
    Facet { key: "host", label: "Host" },
];

pub(super) fn scan(reports: &[ScanReport], _: Look, out: &mut dyn Write) -> io::Result<()> {
    let found = |verdict| reports.iter().filter(|report| report.verdict == verdict).count();
    let title = match reports {
        [one] => format!("{} on {}", words::verdict(one).0, one.target.host),
        several => format!(
            "{} targets: {} found, {} incomplete, {} not found",
            several.len(),
            found(Verdict::Found),
            found(Verdict::Incomplete),
            found(Verdict::NotFound)
        ),
    };
    head(&title, out)?;
    writeln!(out, "<header><h1>debar: {}</h1>", markup(&title))?;
    if let [one] = reports {
        writeln!(out, "<p>{}</p>", markup(&words::verdict(one).1))?;
    }
    let incomplete = reports.iter().filter(|report| !report.gaps.is_empty()).count();
    if incomplete > 0 {
        let told = plural(incomplete, "target");
        writeln!(
            out,
            "<p class=\"caution\">Not everything could be looked at on {told}; there may be more.</p>"
        )?;
    }
    writeln!(out, "</header>\n<main>")?;
    targets(reports, out)?;
    scan_charts(reports, out)?;
    let mut values: BTreeMap<&str, BTreeMap<String, usize>> = BTreeMap::new();
    for (report, finding) in pairs(reports) {
        for (facet, value) in SCAN_FACETS.iter().zip(facets_of(report, finding)) {
            *values.entry(facet.key).or_default().entry(value).or_default() += 1;
        }
    }
    let count = pairs(reports).count();
    controls("Findings", count, SCAN_FACETS, &values, out)?;
    let mut ordered: Vec<(&ScanReport, &Finding)> = pairs(reports).collect();
    ordered.sort_by_key(|(_, finding)| (finding.status, std::cmp::Reverse(finding.state)));
    for (report, finding) in ordered {
        finding_row(report, finding, out)?;
    }
    writeln!(out, "</ul></section>")?;
    rules(reports, out)?;
    for report in reports.iter().filter(|report| !report.gaps.is_empty()) {
        gaps(&report.target, &report.gaps, out)?;
    }
    if let [one] = reports {
        coverage(&one.coverage, out)?;
    }
    foot(reports.first().map(|report| (&report.versions, report.as_of.as_str())), out)
}

fn pairs(reports: &[ScanReport]) -> impl Iterator<Item = (&ScanReport, &Finding)> {
    reports.iter().flat_map(|report| report.findings.iter().map(move |finding| (report, finding)))
}

fn facets_of(report: &ScanReport, finding: &Finding) -> [String; 4] {
    let standing = words::standing_of(finding);
    let status = standing.split(&format!(", {}", finding.state.word())).collect::<String>();
    [finding.state.word().to_owned(), status, finding.product.name.clone(), report.target.host.clone()]
}

fn head(title: &str, out: &mut dyn Write) -> io::Result<()> {
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        base64(&Sha256::digest(STYLE.as_bytes())),
        base64(&Sha256::digest(SCRIPT.as_bytes())),
    );
    writeln!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>debar: {}</title>\n<style>{STYLE}</style>\n\
         </head>\n<body>\n<a class=\"skip\" href=\"#rows\">Skip to the list</a>",
        markup(title)
    )
}

fn foot(made: Option<(&Versions, &str)>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "</main>\n<footer><p class=\"soft\">")?;
    if let Some((versions, as_of)) = made {
        let sets: Vec<String> =
            versions.signatures.iter().map(|set| format!("{} {}", set.vendor, set.version)).collect();
        let mut told = format!("Made by debar {}", versions.debar);
        if !sets.is_empty() {
            told.push_str(&format!(", signatures: {}", sets.join(", ")));
        }
        if !as_of.is_empty() {
            told.push_str(&format!("; rules as of {as_of}"));
        }
        writeln!(out, "{}.", markup(&told))?;
    }
    writeln!(
        out,
        "It repeats what rules say; it does not say what is legal for you.</p></footer>\n<script>{SCRIPT}</script>\n\
         </body>\n</html>"
    )
}

fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Found => "bad",
        Verdict::NotFound => "good",
        Verdict::Incomplete => "caution",
    }
}

fn targets(reports: &[ScanReport], out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<section class=\"scroll\" tabindex=\"0\" aria-labelledby=\"targets\"><h2 id=\"targets\">Targets</h2>\n\
         <table><thead><tr><th scope=\"col\">Host</th>\
         <th scope=\"col\">Verdict</th><th scope=\"col\">Banned</th><th scope=\"col\">Gaps</th>\
         <th scope=\"col\">Target</th><th scope=\"col\">System</th><th scope=\"col\">Scanned</th>\
         <th scope=\"col\">As</th></tr></thead><tbody>"
    )?;
    for report in reports {
        let target = &report.target;
        let elevated = if report.versions.elevated { "" } else { " (not elevated)" };
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td class=\"{}\">{}</td><td>{}</td><td>{}</td><td>{} ({})</td><td>{}</td>\
             <td>{}</td><td>{}{elevated}</td></tr>",
            markup(&target.host),
            class(report.verdict),
            words::verdict(report).0.to_lowercase(),
            report.findings.iter().filter(|finding| finding.counts()).count(),
            words::places(&report.gaps),
            markup(&target.name),
            target.kind.word(),
            markup(&target.os.name),
            markup(&report.started),
            markup(&report.versions.account),
        )?;
    }
    writeln!(out, "</tbody></table></section>")
}

fn scan_charts(reports: &[ScanReport], out: &mut dyn Write) -> io::Result<()> {
    let mut states: BTreeMap<std::cmp::Reverse<State>, usize> = BTreeMap::new();
    let mut products: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, finding) in pairs(reports).filter(|(_, finding)| finding.counts()) {
        *states.entry(std::cmp::Reverse(finding.state)).or_default() += 1;
        *products.entry(&finding.product.name).or_default() += 1;
    }
    let states = states.into_iter().map(|(state, count)| {
        Bar::new(state.0.word(), count, if state.0 >= State::Installed { "bad" } else { "caution" })
    });
    let products = products.into_iter().map(|(name, count)| Bar::new(name, count, "bar"));
    writeln!(
        out,
        "<section aria-labelledby=\"charts\"><h2 id=\"charts\">At a glance</h2>\n<div class=\"charts\">"
    )?;
    chart::bars("Banned products by state", "finding", states.collect(), out)?;
    chart::bars("Banned products", "finding", chart::largest(products.collect()), out)?;
    let coverage = reports.iter().flat_map(|report| &report.coverage);
    coverage_chart(coverage, out)?;
    writeln!(out, "</div></section>")
}

fn coverage_chart<'a>(coverage: impl Iterator<Item = &'a Coverage>, out: &mut dyn Write) -> io::Result<()> {
    let (mut whole, mut gaps, mut not) = (0, 0, 0);
    for entry in coverage {
        match (entry.outcome, entry.gaps) {
            (_, 1..) => gaps += 1,
            (Outcome::Ran, 0) => whole += 1,
            (Outcome::NotApplicable, 0) => not += 1,
        }
    }
    let bars = vec![
        Bar::new("read", whole, "good"),
        Bar::new("read with gaps", gaps, "caution"),
        Bar::new("not on such a target", not, "bar"),
    ];
    chart::bars("Sources of inventory", "source", bars, out)
}

fn controls(
    what: &str,
    count: usize,
    facets: &[Facet],
    values: &BTreeMap<&str, BTreeMap<String, usize>>,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(
        out,
        "<section aria-labelledby=\"list\"><h2 id=\"list\">{what}</h2>\n<form id=\"filter\" hidden>\n\
         <label>Search <input type=\"search\" id=\"search\" autocomplete=\"off\"></label>"
    )?;
    for facet in facets {
        let Some(values) = values.get(facet.key).filter(|values| values.len() > 1) else { continue };
        writeln!(
            out,
            "<label>{} <select data-facet=\"{}\"><option value=\"\">any</option>",
            facet.label, facet.key
        )?;
        for (value, count) in values {
            let value = markup(value);
            writeln!(out, "<option value=\"{value}\">{value} ({count})</option>")?;
        }
        writeln!(out, "</select></label>")?;
    }
    writeln!(out, "<label>Sort by <select id=\"sort\"><option value=\"\">gravity</option>")?;
    for facet in facets {
        writeln!(out, "<option value=\"{}\">{}</option>", facet.key, facet.label.to_lowercase())?;
    }
    writeln!(
        out,
        "</select></label>\n<button type=\"submit\">Filter</button>\n<button type=\"reset\">Reset</button>\n\
         <button type=\"button\" id=\"unfold\" aria-pressed=\"false\">Unfold all</button>\n</form>\n\
         <p id=\"count\" role=\"status\">{count} in all</p>\n<ul class=\"rows\" id=\"rows\">"
    )
}

fn finding_row(report: &ScanReport, finding: &Finding, out: &mut dyn Write) -> io::Result<()> {
    let [state, status, product, host] = facets_of(report, finding).map(|text| markup(&text));
    let colour = match finding.state {
        _ if !finding.counts() => "soft",
        State::Running | State::Installed => "bad",
        _ => "caution",
    };
    writeln!(
        out,
        "<li data-state=\"{state}\" data-status=\"{status}\" data-product=\"{product}\" data-host=\"{host}\"><details>\
         <summary><i class=\"{colour}\">{state}</i> <b>{product}</b> {host} <span class=\"soft\">{status}</span>\
         </summary><div class=\"body\">"
    )?;
    if let Some(note) = &finding.note {
        writeln!(out, "<p>{}</p>", markup(note))?;
    }
    if let Some(exception) = &finding.exception {
        writeln!(out, "<p>{}</p>", markup(&words::exception(exception)))?;
    }
    writeln!(out, "<h3>Evidence</h3><ul>")?;
    finding.evidence.iter().try_for_each(|one| evidence(one, out))?;
    if finding.evidence_omitted > 0 {
        writeln!(out, "<li>and {} more</li>", finding.evidence_omitted)?;
    }
    writeln!(out, "</ul>")?;
    if !finding.removal.is_empty() {
        writeln!(out, "<h3>Removal</h3><ol>")?;
        for step in &finding.removal {
            writeln!(out, "<li>{}", markup(&step.title))?;
            if !step.commands.is_empty() {
                let commands: Vec<String> = step.commands.iter().map(|command| markup(command)).collect();
                writeln!(out, "<pre>{}</pre>", commands.join("\n"))?;
            }
            if let Some(note) = &step.note {
                writeln!(out, "<p class=\"soft\">{}</p>", markup(note))?;
            }
            writeln!(out, "</li>")?;
        }
        writeln!(out, "</ol>")?;
    }
    if finding.status == Status::Banned && !finding.rules.is_empty() {
        writeln!(out, "<h3>Rules</h3><ul>")?;
        for rule in &finding.rules {
            let id = markup(&anchor(&rule.id));
            writeln!(
                out,
                "<li><a href=\"#{id}\">{}</a>, {}</li>",
                markup(&rule.title),
                markup(&standing(rule))
            )?;
        }
        writeln!(out, "</ul>")?;
    }
    writeln!(out, "</div></details></li>")
}

fn anchor(id: &str) -> String {
    let plain = |char: char| if char.is_ascii_alphanumeric() || "-_".contains(char) { char } else { '-' };
    format!("rule-{}", id.chars().map(plain).collect::<String>())
}

fn evidence(evidence: &Evidence, out: &mut dyn Write) -> io::Result<()> {
    let backing = if evidence.strength == Strength::Supporting { ", supporting" } else { "" };
    write!(
        out,
        "<li>{} ({}{backing}): {} <br><code>{}</code>",
        markup(&evidence.collector),
        evidence.state.word(),
        markup(&headline(&evidence.fields)),
        markup(&evidence.location.to_string()),
    )?;
    if let Some(layer) = &evidence.location.layer {
        write!(out, "<br>{}", markup(&words::layer(layer)))?;
    }
    let because = format!("because {} [{}]", evidence.matched, evidence.indicators.join(", "));
    writeln!(out, "<br><span class=\"soft\">{}</span></li>", markup(&because))
}

fn rules(reports: &[ScanReport], out: &mut dyn Write) -> io::Result<()> {
    let rules = words::rules(reports.iter().flat_map(|report| &report.findings));
    if rules.is_empty() {
        return Ok(());
    }
    writeln!(out, "<section aria-labelledby=\"rules\"><h2 id=\"rules\">What the rules say</h2>")?;
    for rule in rules {
        writeln!(
            out,
            "<h3 id=\"{}\">{}</h3><p>{} {}</p><p class=\"soft\">Binds: {}.",
            markup(&anchor(&rule.id)),
            markup(&rule.title),
            markup(&rule.summary),
            markup(rule.does_not_bind.as_deref().unwrap_or_default()),
            markup(&rule.binds.join("; ")),
        )?;
        if !rule.exemptions.is_empty() {
            writeln!(out, "Exempt: {}.", markup(&rule.exemptions.join("; ")))?;
        }
        // Only such an address is a link: others could be code.
        match rule.url.starts_with("https://") {
            true => writeln!(
                out,
                "<a href=\"{}\" rel=\"noreferrer\">{}</a></p>",
                markup(&rule.url),
                markup(&rule.citation)
            )?,
            false => writeln!(out, "{}</p>", markup(&rule.citation))?,
        }
    }
    writeln!(out, "</section>")
}

fn gaps(target: &TargetInfo, gaps: &[Gap], out: &mut dyn Write) -> io::Result<()> {
    let told = words::gaps(gaps);
    writeln!(out, "<section><h2>Could not be looked at on {}</h2><ul>", markup(&target.host))?;
    let mut kinds = Vec::new();
    for ((place, kind, detail), asked) in &told {
        if !kinds.contains(kind) {
            kinds.push(*kind);
        }
        let (detail, asked) = (markup(detail), markup(&asked.join(", ")));
        writeln!(out, "<li>{} <code>{}</code>: {detail} ({asked})</li>", kind.word(), markup(place))?;
    }
    writeln!(out, "</ul><dl>")?;
    for kind in kinds {
        writeln!(out, "<dt>{}</dt><dd>{}</dd>", kind.word(), markup(kind.remedy()))?;
    }
    writeln!(out, "</dl></section>")
}

fn coverage(coverage: &[Coverage], out: &mut dyn Write) -> io::Result<()> {
    writeln!(
        out,
        "<section class=\"scroll\" tabindex=\"0\" aria-labelledby=\"coverage\"><h2 id=\"coverage\">Looked at</h2>\n\
         <table><thead><tr><th scope=\"col\">Source</th>\
         <th scope=\"col\">Outcome</th><th scope=\"col\">Artifacts</th><th scope=\"col\">Gaps</th></tr></thead><tbody>"
    )?;
    for entry in coverage {
        let outcome = match entry.outcome {
            Outcome::Ran => "read",
            Outcome::NotApplicable => entry.reason.as_deref().unwrap_or("not on such a target"),
        };
        writeln!(
            out,
            "<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>",
            markup(&entry.collector),
            markup(outcome),
            entry.artifacts,
            entry.gaps
        )?;
    }
    writeln!(out, "</tbody></table></section>")
}

pub(super) fn inventory(reports: &[InventoryReport], _: Look, out: &mut dyn Write) -> io::Result<()> {
    let count: usize = reports.iter().map(|report| report.artifacts.len()).sum();
    let hosts: Vec<&str> = reports.iter().map(|report| report.target.host.as_str()).collect();
    let on = match hosts.as_slice() {
        [one] => (*one).to_owned(),
        several => plural(several.len(), "target"),
    };
    let title = format!("{} on {on}", plural(count, "artifact"));
    head(&title, out)?;
    writeln!(out, "<header><h1>debar: {}</h1></header>\n<main>", markup(&title))?;
    let mut values: BTreeMap<&str, BTreeMap<String, usize>> = BTreeMap::new();
    let mut collectors: BTreeMap<&str, usize> = BTreeMap::new();
    for (report, entry) in
        reports.iter().flat_map(|report| report.artifacts.iter().map(move |it| (report, it)))
    {
        *collectors.entry(&entry.collector).or_default() += 1;
        let facets = [entry.collector.as_str(), entry.state.word(), &report.target.host];
        for (facet, value) in INVENTORY_FACETS.iter().zip(facets) {
            *values.entry(facet.key).or_default().entry(value.to_owned()).or_default() += 1;
        }
    }
    writeln!(
        out,
        "<section aria-labelledby=\"charts\"><h2 id=\"charts\">At a glance</h2>\n<div class=\"charts\">"
    )?;
    let bars = collectors.into_iter().map(|(name, count)| Bar::new(name, count, "bar"));
    chart::bars("Artifacts by source", "artifact", chart::largest(bars.collect()), out)?;
    coverage_chart(reports.iter().flat_map(|report| &report.coverage), out)?;
    writeln!(out, "</div></section>")?;
    controls("Artifacts", count, INVENTORY_FACETS, &values, out)?;
    for report in reports {
        for entry in &report.artifacts {
            artifact_row(&report.target.host, entry, reports.len() > 1, out)?;
        }
    }
    writeln!(out, "</ul></section>")?;
    for report in reports.iter().filter(|report| !report.gaps.is_empty()) {
        gaps(&report.target, &report.gaps, out)?;
    }
    if let [one] = reports {
        coverage(&one.coverage, out)?;
    }
    foot(reports.first().map(|report| (&report.versions, "")), out)
}

fn artifact_row(host: &str, entry: &ArtifactEntry, several: bool, out: &mut dyn Write) -> io::Result<()> {
    let (collector, state, host) = (markup(&entry.collector), entry.state.word(), markup(host));
    let shown = if several { host.as_str() } else { "" };
    writeln!(
        out,
        "<li data-collector=\"{collector}\" data-state=\"{state}\" data-host=\"{host}\"><details><summary>\
         <i class=\"soft\">{collector}</i> <b>{}</b> {shown}</summary><div class=\"body\"><dl>\
         <dt>seen at</dt><dd><code>{}</code></dd><dt>state</dt><dd>{state}</dd>",
        markup(&headline(&entry.fields)),
        markup(&entry.location.to_string()),
    )?;
    if let Some(layer) = &entry.location.layer {
        writeln!(out, "<dt>layer</dt><dd>{}</dd>", markup(&words::layer(layer)))?;
    }
    for (field, value) in &entry.fields {
        writeln!(out, "<dt>{field}</dt><dd>{}</dd>", markup(&value.joined()))?;
    }
    writeln!(out, "</dl></div></details></li>")
}

/// Base64 with padding (RFC 4648), as hashes in a content security policy are written.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let group =
            (0..3).fold(0_usize, |group, at| group << 8 | usize::from(chunk.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            let symbol = ALPHABET.get(group >> (18 - 6 * at) & 63).filter(|_| at <= chunk.len());
            text.push(symbol.map_or('=', |symbol| char::from(*symbol)));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_of_rfc_4648() {
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")]
        {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    #[test]
    fn style_and_script_cannot_end_their_element() {
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</") && !SCRIPT.contains("<!--"));
    }
}
