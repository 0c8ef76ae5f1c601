//! `html`: one file that opens anywhere, for people who decide and for the record. It loads nothing, and its content
//! security policy names its own style and script by hash, so that nothing a target says can run.
//!
//! Every fact is in the markup: without a script only filtering and sorting are missing, and print shows all. Several
//! hosts share one page.

mod chart;
mod class;
mod finding;
mod list;
mod sections;

use std::collections::BTreeMap;
use std::io::{self, Write};

use sha2::{Digest, Sha256};

use super::verdict;
use super::words::{self, headline, plural};
use super::{ArtifactEntry, InventoryReport, Look, ScanReport, Verdict, Versions};
use crate::finding::Finding;
use crate::text::escape::markup;
use chart::Bar;
use class::class;
use list::{Facet, List};

const STYLE: &str = include_str!("html/page.css");
const SCRIPT: &str = include_str!("html/page.js");

const SCAN_FACETS: &[Facet] = &[
    Facet { key: "state", label: "State", filters: true, sorts: false },
    Facet { key: "status", label: "Status", filters: true, sorts: false },
    Facet { key: "product", label: "Product", filters: true, sorts: true },
    Facet { key: "host", label: "Host", filters: true, sorts: true },
];
const INVENTORY_FACETS: &[Facet] = &[
    Facet { key: "collector", label: "Source", filters: true, sorts: false },
    Facet { key: "state", label: "State", filters: true, sorts: false },
    Facet { key: "host", label: "Host", filters: true, sorts: true },
    Facet { key: "name", label: "Name", filters: false, sorts: true },
];

/// Findings from which on charts say more than the list itself.
const CHARTED: usize = 20;

pub(super) fn scan(reports: &[ScanReport], _: Look, out: &mut dyn Write) -> io::Result<()> {
    scan_head(reports, out)?;
    sections::warnings(reports, out)?;
    let mut ordered: Vec<(&ScanReport, &Finding)> = pairs(reports).collect();
    ordered.sort_by_key(|(_, finding)| (finding.status, std::cmp::Reverse(finding.state)));
    let mut list = List::new("Findings", "finding", SCAN_FACETS, "severity", ordered.len());
    for (report, finding) in &ordered {
        list.count(&finding::facets(report, finding));
    }
    list.begin(out)?;
    for (report, finding) in ordered {
        let body = finding::row(report, finding, reports.len() > 1)?;
        list.row(&finding::facets(report, finding), &body, out)?;
    }
    list.end(out)?;
    sections::possible(reports, out)?;
    if let [one] = reports {
        sections::facts(one, out)?;
    }
    if pairs(reports).count() >= CHARTED {
        scan_charts(reports, out)?;
    }
    sections::rules(reports, out)?;
    if reports.len() > 1 {
        sections::targets(reports, out)?;
    }
    sections::gaps(reports.iter().map(|report| (&report.target, report.gaps.as_slice())), out)?;
    if let [one] = reports {
        sections::coverage(&one.coverage, out)?;
    }
    made(reports.first().map(|report| (&*report.versions, report.as_of.as_str())), out)
}

/// The verdict, what it means, and what comes next.
fn scan_head(reports: &[ScanReport], out: &mut dyn Write) -> io::Result<()> {
    let (word, sentence, verdict) = match reports {
        [one] => {
            let (word, sentence) = verdict::verdict(one);
            (word, sentence, one.verdict)
        }
        several => {
            let (verdict, sentence) = verdict::verdicts(several);
            (words::verdict_word(verdict).to_owned(), sentence, verdict)
        }
    };
    let title = match reports {
        [one] => format!("{word} on {}", one.target.host),
        _ => sentence.clone(),
    };
    head(&title, ("#rows", "Skip to the list"), out)?;
    let is_excepted =
        reports.iter().all(|report| report.verdict != Verdict::Found || verdict::is_excepted(report));
    let class = if verdict == Verdict::Found && is_excepted { "caution" } else { class(verdict) };
    let sentence = markup(&sentence);
    writeln!(
        out,
        "<header class=\"{class}\"><p class=\"kind\"><b class=\"verdict\">{word}</b> debar scan report</p>\n<h1>{sentence}</h1>"
    )?;
    if let [one] = reports {
        for line in verdict::lines(one).iter().skip(1) {
            writeln!(out, "<p>{}</p>", markup(line))?;
        }
    }
    let unread: usize = reports.iter().map(|report| words::places(verdict::blind(&report.gaps))).sum();
    if unread > 0 && verdict == Verdict::Found {
        let places = plural(unread, "place");
        writeln!(out, "<p><a href=\"#gaps\">{places} could not be read</a>; there may be more.</p>")?;
    } else if unread > 0 {
        writeln!(out, "<p><a href=\"#gaps\">What could not be read, and what to do about it</a></p>")?;
    }
    if verdict == Verdict::Found {
        writeln!(
            out,
            "<p>Open a finding for evidence and removal steps. <code>debar plan</code> makes a script; \
             <code>debar verify</code> confirms the removal.</p>"
        )?;
    }
    writeln!(out, "</header>\n<main>")
}

fn pairs(reports: &[ScanReport]) -> impl Iterator<Item = (&ScanReport, &Finding)> {
    reports.iter().flat_map(|report| report.findings.iter().map(move |finding| (report, finding)))
}

/// The beginning of a page, with a link that skips to what matters.
pub(crate) fn head(title: &str, (to, skip): (&str, &str), out: &mut dyn Write) -> io::Result<()> {
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
         </head>\n<body>\n<a class=\"skip\" href=\"{to}\">{skip}</a>",
        markup(title)
    )
}

fn made(made: Option<(&Versions, &str)>, out: &mut dyn Write) -> io::Result<()> {
    let mut text = String::new();
    if let Some((versions, as_of)) = made {
        let sets: Vec<String> =
            versions.signatures.iter().map(|set| format!("{} {}", set.vendor, set.version)).collect();
        text = format!("Made by debar {}", versions.debar);
        if !sets.is_empty() {
            text.push_str(&format!(", signatures: {}", sets.join(", ")));
        }
        if !as_of.is_empty() {
            text.push_str(&format!("; rules as of {as_of}"));
        }
        text.push_str(".\n");
    }
    foot(&format!("{text}It repeats what rules say; it does not say what is legal for you."), out)
}

/// The end of a page, in each line of which something is said about it.
pub(crate) fn foot(text: &str, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "</main>\n<footer><p class=\"soft\">")?;
    for line in text.lines() {
        writeln!(out, "{}", markup(line))?;
    }
    writeln!(out, "</p></footer>\n<script>{SCRIPT}</script>\n</body>\n</html>")
}

fn scan_charts(reports: &[ScanReport], out: &mut dyn Write) -> io::Result<()> {
    let mut states = BTreeMap::new();
    let mut products: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, finding) in pairs(reports).filter(|(_, finding)| finding.counts()) {
        *states.entry(std::cmp::Reverse(finding.state)).or_default() += 1;
        *products.entry(&finding.product.name).or_default() += 1;
    }
    let states = states
        .into_iter()
        .map(|(state, count)| Bar::new(words::state(state.0), count, finding::colour(state.0)));
    let products = products.into_iter().map(|(name, count)| Bar::new(name, count, "bar"));
    writeln!(
        out,
        "<section aria-labelledby=\"charts\"><h2 id=\"charts\">At a glance</h2>\n<div class=\"charts\">"
    )?;
    chart::bars("Banned products by state", "finding", states.collect(), out)?;
    chart::bars("Banned products", "finding", chart::largest(products.collect()), out)?;
    match reports {
        [one] => chart::coverage(one.coverage.iter(), out)?,
        several => {
            let all = [Verdict::Found, Verdict::Incomplete, Verdict::NotFound, Verdict::FilesChecked];
            let bars = all.into_iter().filter_map(|verdict| {
                let count = several.iter().filter(|report| report.verdict == verdict).count();
                let bar =
                    Bar::new(words::verdict_word(verdict).to_lowercase().as_str(), count, class(verdict));
                (count > 0 || verdict != Verdict::FilesChecked).then_some(bar)
            });
            chart::bars("Targets by verdict", "target", bars.collect(), out)?;
        }
    }
    writeln!(out, "</div></section>")
}

pub(super) fn inventory(reports: &[InventoryReport], _: Look, out: &mut dyn Write) -> io::Result<()> {
    let count: usize = reports.iter().map(|report| report.artifacts.len()).sum();
    let hosts: Vec<&str> = reports.iter().map(|report| report.target.host.as_str()).collect();
    let on = match hosts.as_slice() {
        [one] => (*one).to_owned(),
        several => plural(several.len(), "target"),
    };
    let title = format!("{} on {on}", plural(count, "artifact"));
    head(&title, ("#rows", "Skip to the list"), out)?;
    let title = markup(&title);
    writeln!(out, "<header><p class=\"kind\">debar inventory</p>\n<h1>{title}</h1>")?;
    let unread: usize = reports.iter().map(|report| words::places(&report.gaps)).sum();
    if unread > 0 {
        let places = plural(unread, "place");
        writeln!(
            out,
            "<p class=\"caution\"><a href=\"#gaps\">{places} could not be read</a>; there may be more.</p>"
        )?;
    }
    writeln!(out, "</header>\n<main>")?;
    let mut collectors: BTreeMap<&str, usize> = BTreeMap::new();
    let mut list = List::new("Artifacts", "artifact", INVENTORY_FACETS, "source", count);
    let entries = || {
        reports
            .iter()
            .flat_map(|report| report.artifacts.iter().map(|entry| (report.target.host.as_str(), entry)))
    };
    for (host, entry) in entries() {
        *collectors.entry(&entry.collector).or_default() += 1;
        list.count(&artifact_facets(host, entry));
    }
    writeln!(
        out,
        "<section aria-labelledby=\"charts\"><h2 id=\"charts\">At a glance</h2>\n<div class=\"charts\">"
    )?;
    let bars = collectors.into_iter().map(|(name, count)| Bar::new(name, count, "bar"));
    chart::bars("Artifacts by source", "artifact", chart::largest(bars.collect()), out)?;
    chart::coverage(reports.iter().flat_map(|report| report.coverage.iter()), out)?;
    writeln!(out, "</div></section>")?;
    list.begin(out)?;
    for (host, entry) in entries() {
        list.row(&artifact_facets(host, entry), &artifact_row(host, entry, reports.len() > 1)?, out)?;
    }
    list.end(out)?;
    sections::gaps(reports.iter().map(|report| (&report.target, report.gaps.as_slice())), out)?;
    if let [one] = reports {
        sections::coverage(&one.coverage, out)?;
    }
    made(reports.first().map(|report| (&report.versions, "")), out)
}

fn artifact_facets(host: &str, entry: &ArtifactEntry) -> [String; 4] {
    [entry.collector.clone(), entry.state.word().to_owned(), host.to_owned(), headline(&entry.fields)]
}

fn artifact_row(host: &str, entry: &ArtifactEntry, several: bool) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    let shown = if several { markup(host) } else { String::new() };
    writeln!(
        out,
        "<summary><span class=\"pill\">{}</span> <b>{}</b> {shown}</summary><div class=\"body\"><dl>\
         <dt>seen at</dt><dd><code>{}</code></dd><dt>state</dt><dd>{}</dd>",
        markup(&entry.collector),
        markup(&headline(&entry.fields)),
        markup(&entry.location.to_string()),
        entry.state.word(),
    )?;
    if let Some(layer) = &entry.location.layer {
        writeln!(out, "<dt>layer</dt><dd>{}</dd>", markup(&words::layer(layer)))?;
    }
    for (field, value) in &entry.fields {
        writeln!(out, "<dt>{field}</dt><dd>{}</dd>", markup(&value.joined()))?;
    }
    write!(out, "</dl></div>")?;
    Ok(out)
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
