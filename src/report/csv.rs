//! `csv` (RFC 4180): for spreadsheets. A cell that a spreadsheet could take for a formula gets a leading
//! apostrophe (OWASP "CSV Injection"); every row names the host.
//!
//! UTF-8 without a byte order mark, as RFC 4180 has none: with one, most programs that read CSV take it for part of the
//! first column's name. LibreOffice and Excel's "Data > From Text/CSV" recognise UTF-8 without it.

use std::borrow::Cow;
use std::io::{self, Write};

use super::{InventoryReport, Look, ScanReport, verdict, words};
use crate::finding::Finding;
use crate::model::Field;
use crate::write::csv::Rows;

/// The columns of a scan.
#[rustfmt::skip]
const HEAD: &[&str] = &[
    "host", "target", "type", "verdict", "product_id", "vendor", "product", "status", "state", "collector", "name",
    "version", "package_vendor", "publisher", "path", "location", "strength", "rules", "detail", "scanned",
];
/// Columns of facts in the order of rows; what else is known goes into `details`.
const FACTS: &[Field] = &[Field::Name, Field::Version, Field::Vendor, Field::Publisher, Field::Path];

/// The facts that have no column, as `field=value; …`.
fn details(fields: &std::collections::BTreeMap<Field, crate::model::Value>) -> String {
    let rest = fields.iter().filter(|(field, _)| !FACTS.contains(field));
    rest.map(|(field, value)| format!("{field}={}", value.joined())).collect::<Vec<_>>().join("; ")
}

pub(super) fn scan(reports: &[ScanReport], _: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = Rows::new(out);
    rows.row(HEAD.iter().copied().map(Cow::Borrowed))?;
    for report in reports {
        write_report(report, &mut rows)?;
    }
    rows.finish()
}

fn write_report(report: &ScanReport, rows: &mut Rows<&mut dyn Write>) -> io::Result<()> {
    let lead = |kind: &'static str| {
        [report.target.host.as_str(), report.target.name.as_str(), kind, report.verdict.word()]
            .map(Cow::Borrowed)
    };
    let none = || Cow::Borrowed("");
    let confirmed = report.findings.iter().map(|finding| ("finding", finding));
    let possible = report.possible.iter().map(|finding| ("possible", finding));
    for (kind, finding) in confirmed.chain(possible) {
        let rules: Vec<&str> = finding.rules.iter().map(|rule| rule.id.as_str()).collect();
        for evidence in &finding.evidence {
            let product = [&finding.product.id, &finding.product.vendor, &finding.product.name]
                .map(|text| Cow::Borrowed(text.as_str()));
            let state =
                [finding.status.word(), evidence.state.word(), &evidence.collector].map(Cow::Borrowed);
            let facts = FACTS.iter().map(|field| match evidence.fields.get(field) {
                Some(value) => Cow::Owned(value.joined()),
                None => none(),
            });
            let rest = [
                Cow::Owned(evidence.location.to_string()),
                Cow::Borrowed(evidence.strength.word()),
                Cow::Owned(rules.join(" ")),
                Cow::Owned(description(finding, &details(&evidence.fields))),
                Cow::Borrowed(report.started.as_str()),
            ];
            rows.row(lead(kind).into_iter().chain(product).chain(state).chain(facts).chain(rest))?;
        }
    }
    let mut place = |kind, word: &str, collector: &str, place: &str, detail: String| {
        let cells = std::iter::repeat_with(none).take(3).chain([Cow::Owned(word.to_owned()), none()]);
        let cells =
            cells.chain([Cow::Owned(collector.to_owned())]).chain(std::iter::repeat_with(none).take(5));
        let rest = [
            Cow::Owned(place.to_owned()),
            none(),
            none(),
            Cow::Owned(detail),
            Cow::Borrowed(report.started.as_str()),
        ];
        rows.row(lead(kind).into_iter().chain(cells).chain(rest))
    };
    for gap in &report.gaps {
        let excepted = gap.exception.as_ref().map(|one| format!("{}; ", words::exception(one)));
        let detail = format!("{}{}", excepted.unwrap_or_default(), gap.detail);
        let kind = if gap.is_blind() { "gap" } else { "limited_gap" };
        let asked: Vec<&str> = gap.collectors().collect();
        place(kind, gap.kind.word(), &asked.join(" "), &gap.place, detail)?;
    }
    for skipped in verdict::skipped(report) {
        place("skipped", "", "", &skipped.place, skipped.reason.clone())?;
    }
    // What the verdict covers; also where nothing else is said of the target.
    let lines = verdict::lines(report);
    place("summary", "", "", "", format!("{}. {}", verdict::heading(report), lines.join(" ")))
}

/// The facts of the evidence, after the exception of its finding and the baseline that has it.
fn description(finding: &Finding, details: &str) -> String {
    let exception = finding.exception.as_ref().map(words::exception);
    let known = finding.in_baseline.then(|| "in the baseline".to_owned());
    let parts = exception.into_iter().chain(known).chain(Some(details.to_owned()));
    parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join("; ")
}

pub(super) fn inventory(reports: &[InventoryReport], _: Look, out: &mut dyn Write) -> io::Result<()> {
    let mut rows = Rows::new(out);
    let mut head = vec!["host", "target", "collector", "state"];
    head.extend(FACTS.iter().map(|field| field.name()));
    head.extend(["location", "details"]);
    rows.row(head.into_iter().map(Cow::Borrowed))?;
    for report in reports {
        for artifact in &report.artifacts {
            let lead = [&report.target.host, &report.target.name, &artifact.collector];
            let lead = lead.into_iter().map(|text| Cow::Borrowed(text.as_str()));
            let facts = FACTS.iter().map(|field| match artifact.fields.get(field) {
                Some(value) => Cow::Owned(value.joined()),
                None => Cow::Borrowed(""),
            });
            let rest = [Cow::Owned(artifact.location.to_string()), Cow::Owned(details(&artifact.fields))];
            rows.row(lead.chain([Cow::Borrowed(artifact.state.word())]).chain(facts).chain(rest))?;
        }
    }
    rows.finish()
}
