//! `debar scan`: targets → artifacts → matches → findings → report.

use std::path::PathBuf;

use clap::Args;

#[cfg(feature = "distribution")]
use super::arguments::DeliveryOptions;
use super::arguments::{Global, JudgeOptions, ManyTargets, TargetOptions, boolish};
use super::output_arguments::{Output, scan_output};

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jiff::civil::Date;

use super::bare;
#[cfg(feature = "distribution")]
use super::deliver::Outbox;
use super::delivery;
use super::interrupt::{self, Scanning};
use super::meant;
use super::progress::Bar;
use super::session::{self, Clock, Times};
use super::signatures::check_vendors;
use super::target_names;
use super::targets::{self, Subject};
use crate::finding::clocks::deadlines;
use crate::finding::matcher::Matcher;
use crate::finding::{self, Grouped, Grouping, Match, remedy, unopened};
use crate::model::{Coverage, Error, Skipped, TargetKind};
use crate::process;
use crate::report::exceptions::{self, Exceptions};
use crate::report::recorded::Recorded;
use crate::report::{
    Checked, CheckedVendor, DocumentInfo, GapEntry, SCHEMA_VERSION, ScanReport, TargetInfo, UncheckedVendor,
    Verdict, Versions, compare, exit,
};
use crate::scan::{self, Progress, observe};
use crate::signature::{Audience, Audiences, SignatureSet, Status};
use crate::target::Target;

/// Look for banned products.
#[derive(Debug, Clone, Args)]
pub struct Scan {
    /// What to scan: nothing for this host, a path (mounted disk, chroot, image archive, OCI layout, recognised by its content),
    /// dir:, docker-archive:, oci-archive: or oci-dir: before the path to say which, - for an image on standard input,
    /// registry:NAME (or docker://NAME) for one in a registry, containers-storage:, docker-store: or containerd: and [PATH][#NAME]
    /// for the images and containers that Podman, Docker or containerd keep on this machine, or a document: an inventory of debar
    /// (json, ndjson) or a bill of materials (CycloneDX as JSON or XML, SPDX as JSON or tags and values), which is matched without the machine.
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    /// Many targets.
    #[command(flatten)]
    pub many: ManyTargets,
    /// Report as FORMAT, to a file or to standard output; may be repeated [default: text]. In the name of a file %h stands for
    /// the host, %t for the time and %i for an id of the report: each target gets a file of its own then. json=https://ADDRESS sends the
    /// report to a collector; there %s stands for its SHA-256, too.
    #[arg(short, long, value_name = "FORMAT[=FILE]", env = "DEBAR_OUTPUT", value_delimiter = ',', value_parser = scan_output, help_heading = "Report")]
    pub output: Vec<Output>,
    /// Of the files that an output with %t in its name made for a machine and target, keep the newest N and remove the others.
    #[arg(long, value_name = "N", env = "DEBAR_KEEP", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Report")]
    pub keep: Option<u16>,
    /// Write the verdict into the event log of Windows, too: log Application, source debar, event 100 (nothing found), 101 (found) or 103
    /// (incomplete). Elsewhere: -o syslog.
    #[arg(long, env = "DEBAR_EVENT_LOG", value_parser = boolish(), help_heading = "Report")]
    pub event_log: bool,
    /// Report whose findings are known already: only new ones, and those in a graver state, give exit code 1.
    #[arg(long, value_name = "REPORT", env = "DEBAR_BASELINE", help_heading = "Report")]
    pub baseline: Option<PathBuf>,
    /// How findings are judged.
    #[command(flatten)]
    pub judge: JudgeOptions,
    /// How reports get to a collector.
    #[cfg(feature = "distribution")]
    #[command(flatten)]
    pub delivery: DeliveryOptions,
    /// How to look at the target.
    #[command(flatten)]
    pub target: TargetOptions,
}

pub(super) fn run(options: &Scan, global: &Global) -> Result<u8, Error> {
    delivery::check(&options.output, options.keep)?;
    delivery::check_event_log(options.event_log)?;
    let names = target_names::names(&options.targets, &options.many)?;
    let mut files = session::judging_files(&options.judge);
    files.extend(options.baseline.clone());
    let looking = Looking { target: &options.target, only: None, quiet: global.quiet };
    let mut reports: Vec<ScanReport> = Vec::new();
    // Before the scan gives up its rights: it opens no connection itself.
    #[cfg(feature = "distribution")]
    let mut outbox = Outbox::open(&options.output, &options.delivery, global)?;
    #[cfg(feature = "distribution")]
    let spool = outbox.as_ref().map(Outbox::folder);
    #[cfg(not(feature = "distribution"))]
    let spool = None;
    let opening = session::Opening {
        names: names.as_deref().unwrap_or_default(),
        is_host: names.is_none(),
        files: &files,
        outputs: &options.output,
        spool,
    };
    session::begin(&opening, &options.target)?;
    let judge = Judge::new(&options.judge)?;
    let baseline = options.baseline.as_deref().map(session::read_reports).transpose()?;
    let mut empty = Vec::new();
    let unopened = targets::each_target(names.as_deref(), &options.target, |subject| {
        let target = match subject {
            Subject::Target(target) => target,
            Subject::Document(recorded) => return reports.push(judge.rematch(*recorded)),
        };
        let report = judge.scan(&target, &looking);
        if bare::is_bare(&target) && report.findings.is_empty() && report.gaps.is_empty() {
            empty.push(bare::error_for(&target))
        } else {
            reports.push(report)
        }
    })?;
    empty.extend(unopened);
    let code_without = bare::report(empty, reports.is_empty())?;
    if let Some(baseline) = &baseline {
        compare::mark_known(&mut reports, baseline);
    }
    judge.except(&mut reports, global.quiet);
    delivery::deliver(&options.output, options.keep, global, &reports)?;
    if options.event_log {
        delivery::write_events(&reports)?;
    }
    #[cfg(feature = "distribution")]
    if let Some(outbox) = &mut outbox {
        outbox.send(&options.output, &reports)?;
    }
    let code = exit::code(&reports, policy(&options.judge));
    // Some of many targets may not have been opened at all.
    let code = if code == exit::OK { code_without } else { code };
    Ok(if interrupt::came() && code == exit::OK { exit::INCOMPLETE } else { code })
}

/// What makes a scan fail, as the options have it.
pub(super) fn policy(options: &JudgeOptions) -> exit::Policy {
    let JudgeOptions { fail_on, allow_gaps, fail_on_limited, .. } = *options;
    exit::Policy { fail_on, allow_gaps, fail_on_limited }
}

/// What findings are judged by: signatures, rules, exceptions and the day.
pub(super) struct Judge {
    pub(super) set: &'static SignatureSet,
    matcher: Arc<Matcher<'static>>,
    rules: Option<BTreeSet<String>>,
    exceptions: Exceptions,
    as_of: Date,
    checked: Arc<Checked>,
    /// What the age of the signatures makes doubtful.
    aged: Option<String>,
    shared: Shared,
}

/// What reports of many targets have in common, and keep once.
#[derive(Default)]
struct Shared {
    versions: OnceLock<Arc<Versions>>,
    coverage: Mutex<Arc<Vec<Coverage>>>,
}

impl Shared {
    /// The coverage of a report, which is often that of the report before.
    fn coverage(&self, coverage: Vec<Coverage>) -> Arc<Vec<Coverage>> {
        let mut last = self.coverage.lock().unwrap_or_else(PoisonError::into_inner);
        if **last != coverage {
            *last = Arc::new(coverage);
        }
        Arc::clone(&last)
    }
}

/// How a target is scanned.
pub(super) struct Looking<'a> {
    pub(super) target: &'a TargetOptions,
    /// The collectors to run; all when `None`.
    pub(super) only: Option<BTreeSet<String>>,
    pub(super) quiet: bool,
}

impl Judge {
    pub(super) fn new(options: &JudgeOptions) -> Result<Self, Error> {
        Self::binding(options, &BTreeSet::new())
    }

    /// A judge for whom these products, as `vendor/product`, count in any case.
    pub(super) fn binding(options: &JudgeOptions, bound: &BTreeSet<String>) -> Result<Self, Error> {
        // Signatures live as long as the process: threads that hang in a read keep using them.
        let mut set = session::judging_signatures(&options.signatures)?;
        let rules = chosen_rules(&options.rules, &options.audience, &set)?;
        narrow(&mut set, options, rules.as_ref())?;
        set.unbound.retain(|id| !bound.contains(id));
        if !options.other_vendors {
            set.drop_unbound();
        }
        let checked = Arc::new(checked(&set, options, rules.as_ref()));
        let set: &'static SignatureSet = Box::leak(Box::new(set));
        let exceptions = options.exceptions.as_deref().map(exceptions::load).transpose()?.unwrap_or_default();
        let today = || jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).date();
        let as_of = options.as_of.unwrap_or_else(today);
        let aged = aged(set, as_of, options.signature_age);
        let shared = Shared::default();
        Ok(Judge {
            set,
            matcher: Arc::new(Matcher::new(set)),
            rules,
            exceptions,
            as_of,
            checked,
            aged,
            shared,
        })
    }

    /// Attaches the exceptions, and says what is wrong with them.
    pub(super) fn except(&self, reports: &mut [ScanReport], quiet: bool) {
        for warning in self.exceptions.apply(reports, self.as_of) {
            if !quiet {
                process::say(&format!("warning: {warning}"));
            }
        }
    }

    pub(super) fn scan(&self, target: &Arc<Target>, looking: &Looking<'_>) -> ScanReport {
        let clock = Clock::start();
        let scanning = Scanning::begin();
        let progress = Arc::new(Progress::default());
        let bar = Bar::follow(&progress, &target.name, !looking.quiet && !looking.target.no_progress);
        let in_threads = Arc::clone(&self.matcher);
        let options = scan::Options { only: looking.only.clone(), ..session::scan_options(looking.target) };
        let observed = observe(target, &options, &progress, move |artifact| {
            let hits = in_threads.hits(&artifact);
            (!hits.is_empty()).then_some(Match { artifact, hits })
        });
        drop(bar);
        drop(scanning);
        let target = session::target_info(target);
        let grouped = self.group(&observed.kept, &target);
        let (mut gaps, mut coverage, skipped) = (observed.gaps, observed.coverage, observed.skipped);
        let named = unopened::gaps(&skipped, &self.matcher);
        coverage
            .iter_mut()
            .filter(|it| it.collector == unopened::COLLECTOR)
            .for_each(|it| it.gaps += named.len());
        gaps.extend(named);
        let gaps = GapEntry::of(gaps);
        self.report(Seen { target, document: None, gaps, coverage, skipped, times: clock.stop() }, grouped)
    }

    /// Matches what a document lists: today's signatures on what was read when it was made.
    pub(super) fn rematch(&self, recorded: Recorded) -> ScanReport {
        let clock = Clock::start();
        let Recorded { document, target, artifacts, gaps, coverage, skipped, started, finished } = recorded;
        let matches = artifacts.into_iter().filter_map(|artifact| {
            let hits = self.matcher.hits(&artifact);
            (!hits.is_empty()).then_some(Match { artifact, hits })
        });
        let mut grouped = self.group(&matches.collect::<Vec<_>>(), &target);
        if target.kind == TargetKind::Sbom {
            for finding in grouped.every() {
                finding.removal = vec![remedy::of_sbom(&finding.product.name)];
            }
        }
        let mut times = clock.stop();
        // What it says was so then.
        for (time, stated) in [(&mut times.started, started), (&mut times.finished, finished)] {
            if stated.parse::<jiff::Timestamp>().is_ok() {
                *time = stated;
            }
        }
        self.report(Seen { target, document: Some(document), gaps, coverage, skipped, times }, grouped)
    }

    fn group(&self, matches: &[Match], target: &TargetInfo) -> Grouped {
        let how = Grouping {
            as_of: self.as_of,
            rules: self.rules.as_ref(),
            os: target.os.os,
            is_image: target.kind == TargetKind::Image,
        };
        let mut grouped = finding::group(&self.matcher, self.set, matches, &how);
        if let Some(first) = remedy::elsewhere(target.kind, target.os.os) {
            for finding in grouped.every().filter(|finding| !finding.removal.is_empty()) {
                finding.removal.insert(0, first.clone());
            }
        }
        grouped
    }

    fn report(&self, seen: Seen, grouped: Grouped) -> ScanReport {
        // Without a named audience nobody is known to be bound.
        let duties =
            self.rules.as_ref().map(|_| deadlines(&grouped.findings, self.as_of)).unwrap_or_default();
        // Nothing of it changes once this process is confined.
        let versions = self.shared.versions.get_or_init(|| Arc::new(session::versions(Some(self.set))));
        ScanReport {
            schema_version: SCHEMA_VERSION.to_owned(),
            verdict: Verdict::on(&seen.target, &grouped.findings, &seen.gaps),
            target: seen.target,
            document: seen.document,
            as_of: self.as_of.to_string(),
            checked: Arc::clone(&self.checked),
            findings: grouped.findings,
            also_here: grouped.also_here,
            possible: grouped.possible,
            duties,
            gaps: seen.gaps,
            coverage: self.shared.coverage(seen.coverage),
            skipped: seen.skipped,
            warnings: self.aged.iter().cloned().collect(),
            versions: Arc::clone(versions),
            started: seen.times.started,
            finished: seen.times.finished,
            duration_ms: seen.times.duration_ms,
        }
    }
}

/// What a report says beside its findings.
struct Seen {
    target: TargetInfo,
    document: Option<DocumentInfo>,
    gaps: Vec<GapEntry>,
    coverage: Vec<Coverage>,
    skipped: Vec<Skipped>,
    times: Times,
}

/// A warning when the newest signatures are older than a number of days.
fn aged(set: &SignatureSet, day: Date, most: u16) -> Option<String> {
    let files = set.files.iter().filter(|loaded| loaded.file.vendor.id != super::test_product::VENDOR);
    let newest: Date = files.filter_map(|loaded| loaded.file.date.parse().ok()).max()?;
    let days = day.since(newest).ok()?.get_days();
    (most > 0 && days > i32::from(most)).then(|| {
        format!(
            "the signatures are {days} days old (of {newest}); newer products may go unnoticed. Install a newer debar, or \
             name newer files with --signatures"
        )
    })
}

/// Keeps of the set what is to be checked for, and decides what of it binds.
fn narrow(
    set: &mut SignatureSet,
    options: &JudgeOptions,
    rules: Option<&BTreeSet<String>>,
) -> Result<(), Error> {
    check_vendors(set, &options.vendor)?;
    set.bind(rules);
    if !options.vendor.is_empty() {
        // Other antivirus products stay, for the warning about the only one. What is named is judged.
        let is_named = |id: &String| options.vendor.contains(id);
        set.files.retain(|loaded| is_named(&loaded.file.vendor.id) || !restricts(&loaded.file.products));
        if rules.is_none() {
            set.unbound.clear();
        }
    }
    Ok(())
}

fn restricts(products: &[crate::signature::Product]) -> bool {
    products.iter().any(|product| product.status == Status::Banned)
}

/// What a set checks for, and the options that narrowed it.
fn checked(set: &SignatureSet, options: &JudgeOptions, rules: Option<&BTreeSet<String>>) -> Checked {
    let vendors = set.files.iter().map(|loaded| &loaded.file).filter(|file| restricts(&file.products));
    let vendors = vendors.filter(|file| file.vendor.id != super::test_product::VENDOR);
    let vendors = vendors.map(|file| {
        let bound = file.products.iter().filter(|product| set.binds(&file.vendor.id, &product.id)).count();
        CheckedVendor {
            id: file.vendor.id.clone(),
            name: file.vendor.name.clone(),
            products: if bound == 0 { file.products.len() } else { bound },
            binds: bound > 0,
        }
    });
    let mut narrowed = Vec::new();
    if !options.vendor.is_empty() {
        narrowed.push(format!("--vendor {}", options.vendor.join(",")));
    }
    if !options.rules.is_empty() && !options.rules.iter().any(|rule| rule == ALL) {
        narrowed.push(format!("--rules {}", options.rules.join(",")));
    }
    if !options.other_vendors {
        narrowed.push("--other-vendors=false".to_owned());
    }
    let narrowed = (!narrowed.is_empty()).then(|| narrowed.join(" "));
    let unchecked = rules.map(|rules| set.without_software(rules)).unwrap_or_default();
    let not_checked = unchecked.into_iter().map(|vendor| UncheckedVendor {
        id: vendor.id.clone(),
        name: vendor.name.clone(),
        reason: vendor.no_software.clone().unwrap_or_default(),
    });
    Checked { vendors: vendors.collect(), not_checked: not_checked.collect(), narrowed }
}

/// Stands for every rule.
const ALL: &str = "all";

fn chosen_rules(
    chosen: &[String],
    audiences: &[Audiences],
    set: &SignatureSet,
) -> Result<Option<BTreeSet<String>>, Error> {
    if chosen.iter().any(|id| id == ALL) {
        return Ok(Some(set.rules.keys().cloned().collect()));
    }
    for id in chosen {
        if !set.rules.contains_key(id) {
            let near = crate::signature::nearest(id, set.rules.keys().map(String::as_str));
            return Err(Error::Usage(format!(
                "there is no rule `{id}`{} `debar signatures list` shows the rules there are",
                meant::end(near)
            )));
        }
    }
    if chosen.is_empty() && audiences.is_empty() {
        return Ok(None);
    }
    let named = audiences.iter().flat_map(|audiences| match audiences {
        Audiences::All => set.rules.values().flat_map(|rule| rule.audiences.clone()).collect(),
        Audiences::One(one) => vec![one.clone()],
    });
    let named: Vec<Audience> = named.collect();
    let concerns = |audience: &&Audience| set.rules.values().any(|rule| rule.audiences.contains(audience));
    if let Some(none) = named.iter().find(|audience| !concerns(audience)) {
        return Err(Error::Usage(format!(
            "no rule is known for the audience `{none}`; `debar signatures list` shows the rules there are"
        )));
    }
    let mut rules = set.rules_for(&named);
    rules.extend(chosen.iter().cloned());
    Ok(Some(rules))
}
