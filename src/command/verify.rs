//! `debar verify`: looks again at what a report found.
//!
//! Only the collectors run that the indicators of the report's products (and of their vendors' catch-all products)
//! look at, and those that gave the evidence. What gave evidence then and cannot be read now is a gap: a product is
//! gone only when someone looked.

use std::path::PathBuf;

use clap::Args;

use super::arguments::{Global, JudgeOptions, TargetOptions, boolish};
use super::output_arguments::{Output, output};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::scan::{Judge, Looking, policy};
use super::session::{self, read_reports};
use super::sight::unseen;
use super::{target_names, targets};
use crate::collector;
use crate::command::outputs::{write_outputs, write_reports};
use crate::finding::{Evidence, Finding};
use crate::model::{Error, Gap, GapKind, Os, State, TargetKind};
use crate::report::compare::{Change, Comparison, compare, not_read};
use crate::report::comparison::WRITERS;
use crate::report::{GapEntry, ScanReport, Verdict, exit};
use crate::signature::SignatureSet;
use crate::target::Target;
use crate::text::wildcard;

/// Check again what a report found: is it gone?
///
/// Runs only the sources that can show the products in the report and their leftovers, and shows each
/// product before and after. The result is a report, too.
#[derive(Debug, Clone, Args)]
pub struct Verify {
    /// Report of a scan (json or ndjson); - for standard input.
    #[arg(value_name = "REPORT")]
    pub report: PathBuf,
    /// Where to look, when the target lies elsewhere now [default: the report's own target].
    #[arg(value_name = "TARGET")]
    pub at: Option<String>,
    /// Report as FORMAT, to a file or to standard output; may be repeated [default: text, a table of before and after].
    #[arg(short, long, value_name = "FORMAT[=FILE]", env = "DEBAR_OUTPUT", value_delimiter = ',', value_parser = output, help_heading = "Report")]
    pub output: Vec<Output>,
    /// Look although the target is of another host than the report; for machines that were renamed.
    #[arg(long, env = "DEBAR_ANY_HOST", value_parser = boolish(), help_heading = "Target")]
    pub any_host: bool,
    /// How findings are judged.
    #[command(flatten)]
    pub judge: JudgeOptions,
    /// How to look at the target.
    #[command(flatten)]
    pub target: TargetOptions,
}

pub(super) fn run(options: &Verify, global: &Global) -> Result<u8, Error> {
    // Nothing of the report is believed before debar can do no more than read, and write its outputs.
    let anywhere = ["dir:/".to_owned()];
    let at = options.at.as_slice();
    let names = if at.is_empty() { &anywhere } else { at };
    session::begin(&opening(options, names, true), &options.target)?;
    let mut before = read_reports(&options.report)?;
    before.retain(|report| !report.findings.is_empty());
    if before.is_empty() {
        return Err(Error::Usage(format!(
            "{} has no findings to check again; `debar scan` checks everything",
            options.report.display()
        )));
    }
    // What counted for the report counts here, whatever audience is named now.
    let bound = before.iter().flat_map(|report| &report.findings).map(|finding| finding.id.clone()).collect();
    let judge = Judge::binding(&options.judge, &bound)?;
    let mut after = Vec::new();
    let mut kept = BTreeSet::new();
    if options.at.is_none() {
        before.iter().filter(|report| report.target.kind != TargetKind::Host).try_for_each(is_local)?;
    }
    let names: Vec<String> = before.iter().flat_map(|report| target_names(report, options)).collect();
    let has_host = before.iter().any(|report| target_names(report, options).is_empty());
    session::narrow(&opening(options, &names, has_host), &options.target)?;
    for report in &before {
        let target = open(report, options)?;
        let only = sources(report, judge.set);
        let looking = Looking { target: &options.target, only: Some(only), quiet: global.quiet };
        let mut again = judge.scan(&target, &looking);
        again.target.name.clone_from(&report.target.name);
        if options.at.is_none() {
            again.target.place.clone_from(&report.target.place);
        }
        let mut of_target = set_aside(&mut again);
        of_target.extend(kept_copies(report, &target));
        add_gaps(report, judge.set, &target, &mut again);
        kept.extend(of_target.into_iter().map(|id| (again.target.host.clone(), id)));
        after.push(again);
    }
    if options.any_host {
        // Reported as the same target, so that they are compared.
        for (report, again) in before.iter_mut().zip(&after) {
            report.target.host.clone_from(&again.target.host);
        }
    }
    judge.except(&mut after, global.quiet);
    let mut comparison = compare(&before, &after);
    for entry in comparison.changes.iter_mut().filter(|entry| entry.change == Change::Gone) {
        if kept.contains(&(entry.host.clone(), entry.product.id.clone())) {
            entry.change = Change::Kept;
        }
    }
    write(&comparison, &after, &options.output, global)?;
    Ok(exit::code(&after, policy(&options.judge)))
}

/// Writes the comparison as text, and the reports of now in every other format.
fn write(
    comparison: &Comparison,
    after: &[ScanReport],
    outputs: &[Output],
    global: &Global,
) -> Result<(), Error> {
    let is_text = |output: &Output| output.format == "text";
    let (text, others): (Vec<Output>, Vec<Output>) = outputs.iter().cloned().partition(is_text);
    if !others.is_empty() {
        write_reports(&others, global, |format, look, out| (format.scan)(after, look, out))?;
    }
    if others.is_empty() || !text.is_empty() {
        write_outputs(&text, global, "text", |_, look, out| {
            WRITERS
                .iter()
                .filter(|(name, _)| *name == "text")
                .try_for_each(|(_, write)| write(comparison, look, out))
        })?;
    }
    Ok(())
}

fn opening<'a>(options: &'a Verify, names: &'a [String], is_host: bool) -> session::Opening<'a> {
    session::Opening { names, is_host, files: &[], outputs: &options.output, spool: None }
}

/// Where plans keep data: quarantine, keys, logs and backups of what they removed.
const KEPT: &[&str] =
    &["/var/lib/debar/kept/", "/ProgramData/debar/kept/", "/Library/Application Support/debar/kept/"];

/// The products of a report of whose places a plan kept a copy. A scan does not see it there, and it is data all the same.
fn kept_copies(report: &ScanReport, target: &Target) -> Vec<String> {
    let mut dated: Vec<Vec<u8>> = Vec::new();
    for place in KEPT {
        let place = place.trim_start_matches('/').as_bytes();
        let names = target.root.list(place).into_iter().flatten();
        dated.extend(names.map(|listed| [place, &listed.name].concat()));
    }
    let is_windows = target.os.os == Some(Os::Windows);
    let is_copied = |evidence: &Evidence| {
        let Some(path) = evidence.location.path.as_deref().filter(|_| evidence.location.record.is_none())
        else {
            return false;
        };
        let path = path.trim_start_matches('/');
        // `C\...`: a colon is no part of a name.
        let path = match path.split_once(":/") {
            Some((drive, rest)) if is_windows && drive.len() == 1 => format!("{drive}/{rest}"),
            _ if is_windows => format!("C/{path}"),
            _ => path.to_owned(),
        };
        let mut copies = dated.iter().map(|folder| [folder, b"/".as_slice(), path.as_bytes()].concat());
        copies.any(|copy| target.root.find_no_follow(&copy).is_ok())
    };
    let copied = report.findings.iter().filter(|finding| finding.evidence.iter().any(is_copied));
    copied.map(|finding| finding.id.clone()).collect()
}

/// Takes out what shows only data that a plan kept; the products of which nothing else is there. What runs is never that.
fn set_aside(report: &mut ScanReport) -> Vec<String> {
    let is_kept = |evidence: &Evidence| {
        let path = evidence.location.path.as_deref().unwrap_or_default();
        let starts =
            |place: &&str| path.get(..place.len()).is_some_and(|start| start.eq_ignore_ascii_case(place));
        evidence.state != State::Running && evidence.location.pid.is_none() && KEPT.iter().any(starts)
    };
    let mut kept = Vec::new();
    for finding in &mut report.findings {
        let before = finding.evidence.len();
        finding.evidence.retain(|evidence| !is_kept(evidence));
        if finding.evidence.is_empty() && before > 0 && finding.evidence_omitted == 0 {
            kept.push(finding.id.clone());
        } else if let Some(state) = finding.evidence.iter().map(|evidence| evidence.state).max() {
            finding.state = state;
        }
    }
    report.findings.retain(|finding| !kept.contains(&finding.id));
    report.verdict = Verdict::on(&report.target, &report.findings, &report.gaps);
    kept
}

/// The target of a report as it is opened; none for this host.
fn target_names(report: &ScanReport, options: &Verify) -> Vec<String> {
    match (&options.at, report.target.kind) {
        (Some(at), _) => vec![at.clone()],
        (None, TargetKind::Host) => Vec::new(),
        (None, _) => vec![place(report).to_owned()],
    }
}

/// Where the target of a report lies.
fn place(report: &ScanReport) -> &str {
    report.target.place.as_ref().unwrap_or(&report.target.name)
}

/// Checks that the target that a report names is a folder or a file of this machine: a report may come from anywhere, and
/// sends debar to no registry, device, pipe or store.
fn is_local(report: &ScanReport) -> Result<(), Error> {
    let name = place(report);
    let about = |name: &str| target_names::local(name).map(std::fs::metadata);
    let is_good = |about: &std::fs::Metadata| about.is_dir() || about.is_file();
    let is_here = matches!(about(name), Some(Ok(about)) if is_good(&about));
    // The name is relative to a folder of then; what it is now must fit all the same.
    let fits =
        about(&report.target.name).is_some_and(|about| about.is_err() || about.is_ok_and(|it| is_good(&it)));
    if is_here && fits {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "the report is of `{}`, which is no folder or file here; name the target on the command line, after the report, \
         if that is where to look",
        report.target.name
    )))
}

/// Opens the target of a report and checks that it is the same machine.
fn open(report: &ScanReport, options: &Verify) -> Result<Arc<Target>, Error> {
    let looking = TargetOptions { deep: options.target.deep || was_deep(report), ..options.target.clone() };
    let mut targets = targets::open_targets(&target_names(report, options), &looking)?;
    // Of several images in one archive, the one of the report.
    let digest = |target: &Arc<Target>| target.image.as_ref().map(|image| image.digest.clone());
    let its = report.target.image.as_ref().map(|image| image.digest.clone());
    let same = targets.iter().position(|target| its.is_some() && digest(target) == its);
    let target = same
        .map(|at| targets.swap_remove(at))
        .or_else(|| targets.pop())
        .ok_or_else(|| Error::Usage("there is no target".to_owned()))?;
    let scan = session::scan_options(&options.target);
    if target.os.os == Some(Os::Windows) {
        // The name of a machine whose disk this is.
        target.open_registry_within(scan.timeout);
    }
    let here = session::target_info(&target).host;
    if !options.any_host && !here.eq_ignore_ascii_case(&report.target.host) {
        return Err(Error::Usage(format!(
            "the report is of {} and this is {here}: nothing here says whether it is gone there. Verify it there, name \
             its disk as TARGET, or use --any-host if the machine was renamed",
            report.target.host
        )));
    }
    Ok(target)
}

/// Whether evidence lies where only a search of the whole target looks.
fn was_deep(report: &ScanReport) -> bool {
    let evidence = report.findings.iter().flat_map(|finding| &finding.evidence);
    let mut walked = evidence.filter_map(|evidence| {
        let collector = collector::named(&evidence.collector).filter(|known| !known.walks.is_empty())?;
        Some((collector, evidence.location.path.as_deref()?))
    });
    walked.any(|(collector, path)| {
        let parts = |text: &str| -> Vec<Vec<u8>> {
            text.split('/').filter(|part| !part.is_empty()).map(|part| part.as_bytes().to_vec()).collect()
        };
        let path = parts(path);
        let below = |pattern: &&str| {
            let pattern = parts(pattern);
            path.len() > pattern.len()
                && pattern.iter().zip(&path).all(|(pattern, name)| wildcard(pattern, name))
        };
        !collector.walks.iter().chain(collector.reads).any(below)
    })
}

/// The collectors that tell of the products of a report and of what they leave behind.
fn sources(report: &ScanReport, set: &SignatureSet) -> BTreeSet<String> {
    // Hives that cannot be read are reported by their own collector.
    let mut sources: BTreeSet<String> = ["os_version".to_owned(), "registry_hives".to_owned()].into();
    let findings = report.findings.iter();
    sources.extend(findings.flat_map(|finding| &finding.evidence).map(|evidence| evidence.collector.clone()));
    let ids: BTreeSet<&str> = report.findings.iter().map(|finding| finding.product.id.as_str()).collect();
    let vendors: BTreeSet<&str> = ids.iter().filter_map(|id| id.split('/').next()).collect();
    for loaded in &set.files {
        let vendor = loaded.file.vendor.id.as_str();
        for product in loaded.file.products.iter().filter(|_| vendors.contains(vendor)) {
            let id = format!("{vendor}/{}", product.id);
            if product.fallback || ids.contains(id.as_str()) {
                sources.extend(product.indicators.iter().flat_map(|indicator| indicator.collectors.clone()));
            }
        }
    }
    sources
}

/// Adds a gap for each product that is not seen and whose sources were not all read, or that no signature knows.
fn add_gaps(before: &ScanReport, set: &SignatureSet, target: &Target, after: &mut ScanReport) {
    let known: BTreeSet<String> = set
        .files
        .iter()
        .flat_map(|loaded| {
            loaded.file.products.iter().map(|product| format!("{}/{}", loaded.file.vendor.id, product.id))
        })
        .collect();
    let mut gaps: BTreeMap<(String, String), Gap> = BTreeMap::new();
    for was in &before.findings {
        if after.findings.iter().any(|finding| finding.id == was.id) {
            continue;
        }
        let mut missed: Vec<String> = not_read(was, Some(after));
        missed.extend(unseen(was, before, target, after));
        if after.possible.iter().any(|trace| trace.id == was.id) {
            missed.push("only weak traces of it are left".to_owned());
        }
        if !known.contains(&was.id) {
            missed.push("the signatures in use do not know it".to_owned());
        }
        for missed in missed {
            let gap = gap_of(was, &missed);
            gaps.entry((gap.place.clone(), gap.detail.clone())).or_insert(gap);
        }
    }
    // A gap of the collector is reported already.
    let is_reported =
        |gap: &Gap| after.gaps.iter().any(|known| known.is_blind() && known.is_of(&gap.collector));
    let new: Vec<Gap> = gaps.into_values().filter(|gap| !is_reported(gap)).collect();
    for gap in new {
        if let Some(entry) =
            Arc::make_mut(&mut after.coverage).iter_mut().find(|entry| entry.collector == gap.collector)
        {
            entry.gaps += 1;
        }
        after.gaps.push(GapEntry::from(gap));
    }
    after.verdict = Verdict::on(&after.target, &after.findings, &after.gaps);
}

fn gap_of(was: &Finding, missed: &str) -> Gap {
    let from = was.evidence.iter().find(|evidence| missed.starts_with(&format!("{}:", evidence.collector)));
    let from = from.or(was.evidence.first());
    Gap {
        kind: GapKind::OutOfSight,
        collector: from.map(|evidence| evidence.collector.clone()).unwrap_or_default(),
        place: from.map(|evidence| evidence.location.to_string()).unwrap_or_default(),
        detail: format!("{missed}; whether {} is gone is not known", was.id),
    }
}
