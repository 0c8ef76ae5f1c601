//! The short form of the text report: a few lines a product, and the verdict last, where the terminal ends.

use std::collections::BTreeSet;
use std::io;

use unicode_width::UnicodeWidthStr;

use super::page::Page;
use crate::finding::{Evidence, Finding};
use crate::model::{Field, Layer, TargetKind, Value};
use crate::report::verdict::{self, blind};
use crate::report::words::{self, duration, plural, standing};
use crate::report::{ImageName, ScanReport, Verdict};
use crate::signature::{Status, Strength};
use crate::text::escape::{self, printable};

/// Pieces of evidence, commands and gaps shown before the rest is counted.
const EVIDENCE: usize = 3;
const COMMANDS: usize = 4;
const GAPS: usize = 6;
/// Columns of the words before the law and the commands.
const LABEL: usize = 12;
/// The column of what stands behind the verdict.
const COLUMN: usize = 11;

/// Writes one report.
pub(super) fn scan(page: &mut Page<'_>, report: &ScanReport) -> io::Result<()> {
    for finding in &report.findings {
        product(page, finding, report.target.kind)?;
        page.blank()?;
    }
    let mut apart = false;
    for trace in &report.possible {
        let place = trace.evidence.first().map(place).unwrap_or_default();
        let line = format!("Possible trace, no proof: {} ({place}); -v shows why", trace.product.name);
        page.text(0, "", &line)?;
        apart = true;
    }
    if let Some(line) = verdict::also_here(report) {
        page.text(0, "", &line)?;
        apart = true;
    }
    apart |= gaps(page, report)?;
    for warning in &report.warnings {
        let paint = page.paint;
        page.painted(0, "", &format!("Warning: {warning}"), |line| paint.caution(line))?;
        apart = true;
    }
    if apart {
        page.blank()?;
    }
    last(page, report)
}

/// A product: its name and state, evidence, the law and how to remove it.
fn product(page: &mut Page<'_>, finding: &Finding, kind: TargetKind) -> io::Result<()> {
    let name = printable(&finding.product.name).into_owned();
    let name = match words::version(finding) {
        Some(version) => format!("{name} {}", printable(&version)),
        None => name,
    };
    let state = state(finding);
    let paint = page.paint;
    let room = page.look.width.saturating_sub(name.width() + state.width());
    let painted = if finding.fails() { paint.bad(&state) } else { paint.caution(&state) };
    if room >= 2 {
        writeln!(page.out, "{}{:room$}{painted}", paint.strong(&escape::line(&name)), "")?;
    } else {
        page.painted(0, "", &name, |line| paint.strong(line))?;
        writeln!(page.out, "  {painted}")?;
    }
    evidence(page, finding)?;
    let remarks = finding.warnings.iter().map(String::as_str).chain(finding.note.as_deref());
    for text in remarks {
        page.text(2, "", text)?;
    }
    if let Some(exception) = &finding.exception {
        page.text(2, "", &words::exception(exception))?;
    }
    if finding.in_baseline {
        page.text(2, "", "The baseline has it; it does not count for the exit code.")?;
    }
    law(page, finding)?;
    removal(page, finding, kind)
}

/// The state in the words of people.
fn state(finding: &Finding) -> String {
    let state = words::state(finding.state).to_uppercase();
    match (finding.status, finding.exception.is_some()) {
        (Status::Banned, false) => state,
        (Status::Banned, true) => format!("{state}, excepted"),
        (status, _) => format!("{state}, {}", status.word()),
    }
}

/// Up to three pieces of evidence, in one line or two, the strongest first.
fn evidence(page: &mut Page<'_>, finding: &Finding) -> io::Result<()> {
    let mut evidence: Vec<&Evidence> = finding.evidence.iter().collect();
    evidence.sort_by_key(|evidence| {
        (evidence.strength != Strength::Conclusive, std::cmp::Reverse(evidence.state))
    });
    let mut pieces: Vec<String> = Vec::new();
    let mut seen = BTreeSet::new();
    for piece in evidence.iter().map(|evidence| piece(evidence)) {
        if seen.insert(piece.clone()) {
            pieces.push(piece);
        }
    }
    let more = pieces.len().saturating_sub(EVIDENCE) + finding.evidence_omitted;
    pieces.truncate(EVIDENCE);
    if more > 0 {
        pieces.push(format!("+{more} more (-v)"));
    }
    page.text(2, "", &pieces.join(" · "))?;
    let mut layers: Vec<&Layer> =
        finding.evidence.iter().filter_map(|evidence| evidence.location.layer.as_ref()).collect();
    // What a layer still shows goes before what a later one removed of it: a line for each layer.
    layers.sort_by_key(|layer| (layer.index, layer.removed_in));
    layers.dedup_by_key(|layer| layer.index);
    for layer in layers.iter().take(EVIDENCE) {
        page.text(2, "", &words::brief_layer(layer))?;
    }
    Ok(())
}

/// A piece of evidence: what it is, and where where that says more.
fn piece(evidence: &Evidence) -> String {
    let field = |field: Field| evidence.fields.get(&field).map(Value::joined);
    let name = field(Field::Name).or_else(|| field(Field::DisplayName)).unwrap_or_default();
    let place = place(evidence);
    match evidence.collector.as_str() {
        "program_folders" | "program_files" | "setup_packages" | "image" => place,
        "programs" => format!("program {name}, {place}"),
        "processes" => format!("process {name} ({place})"),
        "systemd_units" | "services" | "init_scripts" | "launchd" => format!("service {name}"),
        "drivers" | "kernel_modules" => format!("driver {name}"),
        collector => match collector.strip_suffix("_packages") {
            Some(manager) => format!("package {name} ({})", if manager == "deb" { "dpkg" } else { manager }),
            None => format!("{} {name}, {place}", collector.replace('_', " ")),
        },
    }
}

fn place(evidence: &Evidence) -> String {
    let location = &evidence.location;
    match (&location.registry_key, &location.path, location.pid) {
        (Some(key), ..) => key.clone(),
        (None, Some(path), _) => path.clone(),
        (None, None, Some(pid)) => format!("pid {pid}"),
        (None, None, None) => location.to_string(),
    }
}

/// The rule that binds first, and how many more there are.
fn law(page: &mut Page<'_>, finding: &Finding) -> io::Result<()> {
    if finding.status != Status::Banned {
        return Ok(());
    }
    let binding = finding.rules.iter().find(|rule| rule.in_force && rule.binding);
    let Some(rule) = binding.or_else(|| finding.rules.first()) else { return Ok(()) };
    let mut line = format!("{}, {}", rule.title, standing(rule));
    let more = finding.rules.len().saturating_sub(1);
    if more > 0 {
        line.push_str(&format!("; +{} (-v)", plural(more, "more rule")));
    }
    page.text(2, &format!("{:LABEL$}", "Restricted:"), &line)
}

/// The commands that remove it; a step without one by its title.
fn removal(page: &mut Page<'_>, finding: &Finding, kind: TargetKind) -> io::Result<()> {
    let label = if kind == TargetKind::Image { "Fix:" } else { "Remove:" };
    let mut mark = format!("{label:LABEL$}");
    let mut left = COMMANDS;
    let mut more = 0;
    for step in &finding.removal {
        let commands =
            if step.commands.is_empty() { std::slice::from_ref(&step.title) } else { &step.commands[..] };
        for command in commands {
            if left == 0 {
                more += 1;
                continue;
            }
            left -= 1;
            if step.commands.is_empty() {
                page.text(2, &mark, command)?;
            } else {
                // Never wrapped: it is there to be copied.
                writeln!(page.out, "{}", escape::line(&format!("  {mark}{}", printable(command))))?;
            }
            mark = " ".repeat(LABEL);
        }
    }
    if more > 0 {
        page.text(2, &mark, &format!("+{} (debar plan, or -v)", plural(more, "more step")))?;
    }
    Ok(())
}

/// What was not checked, a line for each place, with the cure of each kind; whether there was anything.
fn gaps(page: &mut Page<'_>, report: &ScanReport) -> io::Result<bool> {
    let all = words::gaps(&report.gaps);
    let is_blind = |kind: crate::model::GapKind| kind.limited().is_none();
    let blind: Vec<_> = all.iter().filter(|((_, kind, _), _)| is_blind(*kind)).collect();
    let mut kinds = Vec::new();
    for ((place, kind, detail), _) in blind.iter().take(GAPS) {
        let place = if place.is_empty() { "(no place)" } else { place };
        page.text(0, "", &format!("Not checked: {place}: {detail} ({})", kind.word()))?;
        if !kinds.contains(kind) {
            kinds.push(*kind);
        }
    }
    if blind.len() > GAPS {
        page.text(0, "", &format!("+{} (-v)", plural(blind.len() - GAPS, "more place")))?;
    }
    for kind in kinds {
        page.text(2, "-> ", kind.remedy())?;
    }
    for gap in report.gaps.iter().filter(|gap| gap.exception.is_some()).take(GAPS) {
        let exception = gap.exception.as_ref().map(words::exception).unwrap_or_default();
        page.text(0, "", &format!("{}: {exception}", gap.place))?;
    }
    Ok(!blind.is_empty())
}

/// The verdict with what it covers and what to do next.
fn last(page: &mut Page<'_>, report: &ScanReport) -> io::Result<()> {
    let head = verdict::heading(report);
    let paint = page.paint;
    let painted = match report.verdict {
        Verdict::Found if verdict::is_excepted(report) => paint.caution(&head),
        Verdict::Found => paint.bad(&head),
        Verdict::NotFound | Verdict::FilesChecked => paint.good(&head),
        Verdict::Incomplete => paint.caution(&head),
    };
    let (_, sentence) = verdict::verdict(report);
    let os = &report.target.os.name;
    let name = &report.target.name;
    let target = if os.is_empty() { name.clone() } else { format!("{name}, {os}") };
    let sentence = format!("{sentence} ({target})");
    // A short heading stands before the sentence, a long one above it.
    if head.width() < COLUMN {
        page.labelled(&head, &painted, COLUMN, &sentence)?;
    } else {
        writeln!(page.out, "{painted}")?;
        page.text(COLUMN, "", &sentence)?;
    }
    if let Some(image) = &report.target.image {
        let digest = words::brief_digest(&image.digest);
        let image = words::image(&ImageName { digest, ..image.clone() });
        page.text(COLUMN, "", &format!("Image: {image}"))?;
    }
    let unread = words::places(blind(&report.gaps));
    if report.verdict == Verdict::Found && unread > 0 {
        page.text(COLUMN, "", &format!("{} could not be read; there may be more.", plural(unread, "place")))?;
    }
    let elevated = if report.versions.elevated { "" } else { ", not elevated" };
    let how = format!("{} as {}{elevated}", duration(report.duration_ms), report.versions.account);
    let checked = match verdict::checked(report) {
        Some(checked) => format!("{} ({how}).", checked.trim_end_matches('.')),
        None => format!("Scanned in {how}."),
    };
    // Signatures that are not debar's own have a say in the verdict.
    let has_own = report.versions.signatures.iter().any(|set| set.origin != "built in");
    let signatures = has_own.then(|| format!("Signatures: {}.", words::signatures(report)));
    let rest = [
        verdict::document(report),
        verdict::not_checked(report),
        Some(checked),
        verdict::unchecked_vendors(report),
        signatures,
        verdict::skipped_line(report),
        verdict::duties(report),
        next(report),
    ];
    for line in rest.into_iter().flatten() {
        page.text(COLUMN, "", &line)?;
    }
    Ok(())
}

/// The next commands.
fn next(report: &ScanReport) -> Option<String> {
    if verdict::is_excepted(report) {
        return None;
    }
    match (report.verdict, report.target.kind) {
        (Verdict::Found, TargetKind::Image) => Some("Next: change the build as above, then scan again.".to_owned()),
        (Verdict::Found, TargetKind::Sbom) => {
            Some("Next: remove it from what the bill describes, then match a new bill or scan that.".to_owned())
        }
        (Verdict::Found, _) => Some(
            "Next: debar scan -o json=report.json, then debar plan report.json; afterwards debar verify report.json."
                .to_owned(),
        ),
        _ => None,
    }
}
