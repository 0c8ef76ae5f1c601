//! The words of a verdict: what a scan came to, what that covers and what stands apart from it. Every format says the same.

use std::collections::{BTreeMap, BTreeSet};

use super::words::{places, plural, verdict_word};
use super::{CheckedVendor, GapEntry, ScanReport, Verdict};
use crate::finding::Finding;
use crate::model::{Skipped, State};
use crate::signature::Status;
use crate::signature::rules::{AppliedRule, DayCount};

/// States or countries named before the rest is counted.
const NAMED: usize = 4;
/// Skipped places of one reason named before the rest is counted; JSON names them all.
const SKIPPED: usize = 8;
/// Products named in the line on restrictions of others before the rest is counted.
const PRODUCTS: usize = 8;

/// The verdict as a heading and a sentence.
pub(super) fn verdict(report: &ScanReport) -> (String, String) {
    (heading(report), sentence(report))
}

/// The verdict in capitals, with what it leaves open: `NOT FOUND, 2 possible traces (1 detail not checked)`.
pub(super) fn heading(report: &ScanReport) -> String {
    let mut head = verdict_word(report.verdict).to_owned();
    if is_excepted(report) {
        head.push_str(", ALL EXCEPTED");
    }
    if !report.possible.is_empty() {
        head.push_str(&format!(", {}", plural(report.possible.len(), "possible trace")));
    }
    let outside = outside(report);
    if outside > 0 && report.verdict != Verdict::Found {
        head.push_str(&format!(", {} outside these rules", plural(outside, "product")));
    }
    let limited = limited(report).len();
    if limited > 0 && report.verdict != Verdict::Incomplete {
        head.push_str(&format!(" ({} not checked)", plural(limited, "detail")));
    }
    head
}

/// How many products were found that none of the chosen rules bans on the day of the report: others do, or these later.
fn outside(report: &ScanReport) -> usize {
    let is_outside =
        |finding: &&Finding| finding.status == Status::Banned && finding.binds && !finding.in_force;
    report.findings.iter().filter(is_outside).count()
}

/// Whether everything that was found is accepted by an exception.
pub(super) fn is_excepted(report: &ScanReport) -> bool {
    let mut counting = report.findings.iter().filter(|finding| finding.counts()).peekable();
    report.verdict == Verdict::Found
        && counting.peek().is_some()
        && counting.all(|finding| finding.exception.is_some())
}

fn sentence(report: &ScanReport) -> String {
    let host = &report.target.host;
    let counting: Vec<&Finding> = report.findings.iter().filter(|finding| finding.counts()).collect();
    match report.verdict {
        Verdict::Found => {
            let running = counting.iter().filter(|finding| finding.state == State::Running).count();
            let products = plural(counting.len(), "banned product");
            match running {
                0 => format!("{products} found on {host}."),
                _ => format!("{products} found on {host}, {running} running."),
            }
        }
        Verdict::NotFound if outside(report) > 0 => format!(
            "No product that these rules ban on {host}{}; {} that other rules ban, or these on a later day.",
            scope(report),
            plural(outside(report), "product")
        ),
        Verdict::NotFound => format!("No banned product on {host}{}.", scope(report)),
        Verdict::Incomplete => format!(
            "No banned product seen on {host}, but {} could not be read. This is not a clean result.",
            plural(places(blind(&report.gaps)), "place")
        ),
        Verdict::FilesChecked => format!(
            "No banned product among the files of {host}. There is no operating system here, so that there are no packages, \
             services or accounts to check."
        ),
    }
}

/// What a verdict of "not found" rests on; "every source was read" only when nothing was skipped or hidden.
fn scope(report: &ScanReport) -> String {
    match (skipped(report).count(), report.gaps.is_empty()) {
        (0, true) => "; every source was read".to_owned(),
        (0, false) => String::new(),
        (count, _) => format!(" outside {}", plural(count, "skipped place")),
    }
}

/// The gaps that keep a verdict from being "not found".
pub(super) fn blind(gaps: &[GapEntry]) -> impl Iterator<Item = &GapEntry> {
    gaps.iter().filter(|gap| gap.is_blind())
}

/// The details that limited gaps leave open, once each.
pub(super) fn limited(report: &ScanReport) -> BTreeSet<&'static str> {
    report.gaps.iter().filter_map(|gap| gap.kind.limited()).collect()
}

/// The details that are not checked, in a sentence; none when there is no such gap.
pub(super) fn not_checked(report: &ScanReport) -> Option<String> {
    let limited: Vec<&str> = limited(report).into_iter().collect();
    (!limited.is_empty())
        .then(|| format!("{} not checked: {}.", plural(limited.len(), "detail"), limited.join("; ")))
}

/// The places that were skipped on purpose and could hold files.
pub(super) fn skipped(report: &ScanReport) -> impl Iterator<Item = &Skipped> {
    report.skipped.iter().filter(|place| !place.is_pseudo())
}

/// The skipped places in a sentence, those of one reason together; archives are counted.
pub(super) fn skipped_line(report: &ScanReport) -> Option<String> {
    let (archives, others): (Vec<&Skipped>, Vec<&Skipped>) =
        skipped(report).partition(|place| place.archive().is_some());
    let sentences: Vec<String> = others_line(&others).into_iter().chain(archives_line(&archives)).collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

/// `4 archives not opened: 3 7-Zip archive (/a, /b, /c), 1 disc image (/d).`
fn archives_line(archives: &[&Skipped]) -> Option<String> {
    let mut kinds: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for archive in archives {
        let (_, kind) = archive.archive()?;
        kinds.entry(kind).or_default().push(&archive.place);
    }
    let said: Vec<String> =
        kinds.iter().map(|(kind, places)| format!("{kind} {} ({})", places.len(), named(places))).collect();
    let count = plural(archives.len(), "archive");
    (!said.is_empty()).then(|| format!("{count} not opened: {}.", said.join(", ")))
}

/// The first places by name.
fn named(places: &[&str]) -> String {
    let more = places.len().saturating_sub(SKIPPED);
    let named = places.iter().take(SKIPPED).copied().collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{named} and {more} more") } else { named }
}

fn others_line(others: &[&Skipped]) -> Option<String> {
    let mut by_reason: Vec<(&str, Vec<&str>)> = Vec::new();
    for Skipped { place, reason } in others {
        match by_reason.iter_mut().find(|(known, _)| known == reason) {
            Some((_, places)) => places.push(place),
            None => by_reason.push((reason, vec![place])),
        }
    }
    let said: Vec<String> =
        by_reason.iter().map(|(reason, places)| format!("{} ({reason})", named(places))).collect();
    (!said.is_empty()).then(|| format!("Skipped: {}.", said.join(", ")))
}

/// What was checked for and in how much, in a sentence; none in reports that do not say it.
pub(super) fn checked(report: &ScanReport) -> Option<String> {
    let vendors = &report.checked.vendors;
    if vendors.is_empty() {
        return None;
    }
    let (bound, further): (Vec<&CheckedVendor>, Vec<&CheckedVendor>) =
        vendors.iter().partition(|vendor| vendor.binds);
    let mut parts: Vec<String> = match bound.len() {
        0 => Vec::new(),
        1..=3 => {
            bound.iter().map(|vendor| plural(vendor.products, &format!("{} product", vendor.name))).collect()
        }
        count => {
            let products: usize = bound.iter().map(|vendor| vendor.products).sum();
            vec![format!("{} of {}", plural(products, "product"), plural(count, "vendor"))]
        }
    };
    if !further.is_empty() {
        let noun = if parts.is_empty() { "vendor" } else { "further vendor" };
        parts.push(plural(further.len(), noun));
    }
    let (last, first) = parts.split_last()?;
    let mut text = match first {
        [] => format!("Checked for {last}"),
        first => format!("Checked for {} and {last}", first.join(", ")),
    };
    let amounts = amounts(report);
    if !amounts.is_empty() {
        text.push_str(&format!(" in {}", amounts.join(", ")));
    }
    if let Some(narrowed) = &report.checked.narrowed {
        text.push_str(&format!("; narrowed by {narrowed}"));
    }
    Some(format!("{text}."))
}

/// The document that was matched in place of a target, in a sentence.
pub(super) fn document(report: &ScanReport) -> Option<String> {
    let document = report.document.as_ref()?;
    let kind = match document.format.as_str() {
        "inventory" => "an inventory of debar",
        "cyclonedx" => "a CycloneDX bill of materials",
        "spdx" => "an SPDX bill of materials",
        other => other,
    };
    let mut made = String::new();
    if !document.made.is_empty() {
        made.push_str(&format!(", made {}", document.made));
    }
    if !document.tool.is_empty() {
        made.push_str(&format!(" by {}", document.tool));
    }
    Some(format!("Matched {}, {kind}{made}; nothing was scanned.", document.name))
}

/// The vendors that a chosen rule names and that were not checked for, in a sentence.
pub(super) fn unchecked_vendors(report: &ScanReport) -> Option<String> {
    let names: Vec<&str> = report.checked.not_checked.iter().map(|vendor| vendor.name.as_str()).collect();
    (!names.is_empty()).then(|| {
        format!(
            "Not checked for {}: the rules name them, and no endpoint software of theirs is in the catalogue.",
            names.join(", ")
        )
    })
}

/// What is due and until when, in a sentence; only what runs from a day that the scan knows.
pub(super) fn duties(report: &ScanReport) -> Option<String> {
    let due = report.duties.iter().filter_map(|duty| Some((duty.due.as_deref()?, duty)));
    let texts: Vec<String> = due
        .map(|(day, duty)| {
            let days = match duty.count {
                DayCount::Business => "business day",
                DayCount::Calendar => "calendar day",
            };
            let days = plural(usize::from(duty.days), days);
            format!("{} by {day} ({days} from {}, {})", duty.what, duty.from, duty.rule)
        })
        .collect();
    (!texts.is_empty()).then(|| format!("Due: {}.", texts.join("; ")))
}

/// How much was read, by what people call it.
fn amounts(report: &ScanReport) -> Vec<String> {
    let count = |wanted: &dyn Fn(&str) -> bool| -> usize {
        let entries = report.coverage.iter().filter(|entry| wanted(&entry.collector));
        entries.map(|entry| entry.artifacts).sum()
    };
    let kinds = [
        (count(&|name| name == "programs" || name == "program_files" || name == "apps"), "program"),
        (count(&|name| name.ends_with("_packages")), "package"),
        (count(&|name| matches!(name, "services" | "systemd_units" | "init_scripts" | "launchd")), "service"),
        (count(&|name| name == "processes"), "processe"),
    ];
    let said = kinds.into_iter().filter(|(count, _)| *count > 0);
    said.map(|(count, noun)| match (count, noun) {
        (1, "processe") => "1 process".to_owned(),
        (1, noun) => format!("1 {noun}"),
        (count, noun) => format!("{} {noun}s", grouped(count)),
    })
    .collect()
}

/// A count with commas between thousands.
fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The products that are restricted only for organisations that were not named, in a sentence.
pub(super) fn also_here(report: &ScanReport) -> Option<String> {
    if report.also_here.is_empty() {
        return None;
    }
    let mut products: Vec<String> = report
        .also_here
        .iter()
        .take(PRODUCTS)
        .map(|finding| format!("{} ({})", finding.product.name, restricted_for(&finding.rules)))
        .collect();
    let more = report.also_here.len().saturating_sub(PRODUCTS);
    if more > 0 {
        products.push(format!("{more} more"));
    }
    Some(format!("Also here, restricted for some organisations: {}; --audience judges.", products.join(", ")))
}

/// Whom the rules in force bind, in a few words: `state devices in TX, FL`.
fn restricted_for(rules: &[AppliedRule]) -> String {
    let mut by_kind: BTreeMap<u8, BTreeSet<&str>> = BTreeMap::new();
    for rule in rules.iter().filter(|rule| rule.in_force && rule.binding) {
        match rule.jurisdiction.as_str() {
            "US" => by_kind.entry(0).or_default().insert("US federal use"),
            place => match place.strip_prefix("US-") {
                Some(state) => by_kind.entry(1).or_default().insert(state),
                None => by_kind.entry(2).or_default().insert(place),
            },
        };
    }
    let parts: Vec<String> = by_kind
        .into_iter()
        .map(|(kind, places)| {
            let more = places.len().saturating_sub(NAMED);
            let mut text = places.into_iter().take(NAMED).collect::<Vec<_>>().join(", ");
            if more > 0 {
                text.push_str(&format!(" and {more} more"));
            }
            match kind {
                1 => format!("state devices in {text}"),
                _ => text,
            }
        })
        .collect();
    if parts.is_empty() { "no rule in force".to_owned() } else { parts.join("; ") }
}

/// Every sentence that belongs to a verdict, in the order in which people need them.
pub(super) fn lines(report: &ScanReport) -> Vec<String> {
    let (_, sentence) = verdict(report);
    let rest = [
        document(report),
        not_checked(report),
        checked(report),
        unchecked_vendors(report),
        skipped_line(report),
        also_here(report),
        duties(report),
    ];
    std::iter::once(sentence).chain(rest.into_iter().flatten()).collect()
}

/// The verdict on several targets, which is the worst of them, and how many there are of each.
pub(super) fn verdicts(reports: &[ScanReport]) -> (Verdict, String) {
    let count = |verdict| reports.iter().filter(|report| report.verdict == verdict).count();
    let (found, incomplete) = (count(Verdict::Found), count(Verdict::Incomplete));
    let (clean, files) = (count(Verdict::NotFound), count(Verdict::FilesChecked));
    let total = plural(reports.len(), "target");
    let mut summary = format!("{total}: {found} found, {incomplete} incomplete, {clean} not found");
    if files > 0 {
        summary.push_str(&format!(", {files} without an operating system"));
    }
    let verdict = match (found, incomplete, clean) {
        (1.., ..) => Verdict::Found,
        (0, 1.., _) => Verdict::Incomplete,
        (0, 0, 1..) => Verdict::NotFound,
        (0, 0, 0) if files > 0 => Verdict::FilesChecked,
        (0, 0, 0) => Verdict::NotFound,
    };
    (verdict, summary)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::{Coverage, Gap, GapKind, Outcome};
    use crate::report::Checked;

    fn found() -> ScanReport {
        let text = include_str!("../../tests/fixtures/reports/found-1.0.json");
        crate::report::read::read(text.as_bytes()).unwrap().remove(0)
    }

    fn report() -> ScanReport {
        let mut report = found();
        report.gaps.clear();
        report.findings.clear();
        report.verdict = Verdict::NotFound;
        report
    }

    fn vendor(name: &str, products: usize, binds: bool) -> CheckedVendor {
        CheckedVendor { id: name.to_lowercase(), name: name.to_owned(), products, binds }
    }

    fn gap(kind: GapKind) -> GapEntry {
        Gap { kind, collector: "processes".into(), place: "1".into(), detail: "x".into() }.into()
    }

    #[test]
    fn every_source_was_read_only_when_it_was() {
        assert_eq!(verdict(&report()).1, "No banned product on a; every source was read.");
        let mut limited = report();
        limited.gaps = vec![gap(GapKind::HiddenExecutable), gap(GapKind::HiddenExecutable)];
        assert_eq!(
            verdict(&limited),
            ("NOT FOUND (1 detail not checked)".to_owned(), "No banned product on a.".to_owned(),)
        );
        assert_eq!(not_checked(&limited).unwrap(), "1 detail not checked: which program process 1 runs.");
        let mut excluded = report();
        excluded.skipped = vec![
            Skipped { place: "/opt".into(), reason: "--exclude".into() },
            Skipped { place: "/proc".into(), reason: "pseudo file system proc".into() },
        ];
        assert_eq!(verdict(&excluded).1, "No banned product on a outside 1 skipped place.");
        assert_eq!(skipped_line(&excluded).unwrap(), "Skipped: /opt (--exclude).");
        let mut many = report();
        let place = |number: usize| Skipped { place: format!("/{number}"), reason: "another system".into() };
        many.skipped =
            (0..10).map(place).chain([Skipped { place: "/a".into(), reason: "b".into() }]).collect();
        let line = "Skipped: /0, /1, /2, /3, /4, /5, /6, /7 and 2 more (another system), /a (b).";
        assert_eq!(skipped_line(&many).unwrap(), line);
    }

    #[test]
    fn what_other_rules_ban_stands_beside_the_verdict() {
        let mut other = report();
        other.findings = found().findings;
        other.findings.truncate(1);
        (other.findings[0].status, other.findings[0].in_force) = (Status::Banned, false);
        let (heading, sentence) = verdict(&other);
        assert_eq!(heading, "NOT FOUND, 1 product outside these rules");
        assert_eq!(
            sentence,
            "No product that these rules ban on a; every source was read; 1 product that other rules ban, or these on a later day."
        );
    }

    #[test]
    fn a_verdict_says_what_it_covers() {
        let mut whole = report();
        assert_eq!(checked(&whole), None, "reports of version 1 do not say it");
        Arc::make_mut(&mut whole.checked).vendors =
            vec![vendor("Kaspersky", 66, true), vendor("W", 1, false), vendor("X", 2, false)];
        whole.coverage = Arc::new(Vec::from(
            [("programs", 4_392), ("deb_packages", 1), ("processes", 62), ("services", 0)].map(
                |(collector, artifacts)| Coverage {
                    collector: collector.to_owned(),
                    outcome: Outcome::Ran,
                    reason: None,
                    artifacts,
                    gaps: 0,
                },
            ),
        ));
        assert_eq!(
            checked(&whole).unwrap(),
            "Checked for 66 Kaspersky products and 2 further vendors in 4,392 programs, 1 package, 62 processes."
        );
        whole.coverage = Arc::default();
        whole.checked = Arc::new(Checked {
            vendors: vec![vendor("W", 1, true), vendor("X", 2, true)],
            narrowed: Some("--vendor w,x".to_owned()),
            not_checked: Vec::new(),
        });
        assert_eq!(
            checked(&whole).unwrap(),
            "Checked for 1 W product and 2 X products; narrowed by --vendor w,x."
        );
        Arc::make_mut(&mut whole.checked).vendors =
            "abcd".chars().map(|name| vendor(&name.to_string(), 3, true)).collect();
        assert!(checked(&whole).unwrap().starts_with("Checked for 12 products of 4 vendors;"));
    }

    #[test]
    fn thousands_have_commas() {
        for (count, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(count), text);
        }
    }
}
