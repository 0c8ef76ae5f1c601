//! `debar scan`: targets → artifacts → matches → findings → report.

use std::path::PathBuf;

use clap::Args;

use super::arguments::{Global, JudgeOptions, ManyTargets, Output, TargetOptions, boolish, output};

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;

use jiff::civil::Date;

use super::delivery;
use super::interrupt::{self, Scanning};
use super::progress::Bar;
use super::session::{self, Clock};
use super::targets;
use crate::finding::matcher::Matcher;
use crate::finding::{self, Grouping, Match, remedy};
use crate::model::{Error, TargetKind};
use crate::report::exceptions::{self, Exceptions};
use crate::report::{SCHEMA_VERSION, ScanReport, Verdict, compare, exit};
use crate::scan::{self, Progress, observe};
use crate::signature::{Audience, SignatureSet};
use crate::target::Target;

/// Look for banned products.
#[derive(Debug, Clone, Args)]
pub struct Scan {
    /// What to scan: nothing for this host, a path (mounted disk, chroot, image archive, OCI layout; told by its content),
    /// dir:, docker-archive:, oci-archive: or oci-dir: before the path to say which, - for an image on standard input,
    /// registry:NAME (or docker://NAME) for one in a registry, containers-storage:, docker-store: or containerd: and [PATH][#NAME]
    /// for the images and containers that Podman, Docker or containerd keep on this machine.
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    /// Many targets.
    #[command(flatten)]
    pub many: ManyTargets,
    /// Report as FORMAT, to a file or to standard output; may be repeated [default: text]. In the name of a file %h stands for
    /// the host, %t for the time and %i for an id of the report: each target gets a file of its own then.
    #[arg(short, long, value_name = "FORMAT[=FILE]", env = "DEBAR_OUTPUT", value_delimiter = ',', value_parser = output, help_heading = "Report")]
    pub output: Vec<Output>,
    /// Of the files that an output with %t in its name made for a host, keep the newest N and remove the others.
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
    /// How to look at the target.
    #[command(flatten)]
    pub target: TargetOptions,
}

pub(super) fn run(options: &Scan, global: &Global) -> Result<u8, Error> {
    delivery::check(&options.output, options.keep)?;
    delivery::check_event_log(options.event_log)?;
    let names = targets::names(&options.targets, &options.many)?;
    let judge = Judge::new(&options.judge)?;
    let baseline = options.baseline.as_deref().map(session::read_reports).transpose()?;
    let looking = Looking { target: &options.target, only: None, quiet: global.quiet };
    let mut reports: Vec<ScanReport> = Vec::new();
    session::begin(names.as_deref().unwrap_or_default(), names.is_none(), &options.output, &options.target)?;
    targets::each_target(names.as_deref(), &options.target, |target| {
        reports.push(judge.scan(&target, &looking));
    })?;
    if let Some(baseline) = &baseline {
        compare::mark_known(&mut reports, baseline);
    }
    judge.except(&mut reports, global.quiet);
    delivery::deliver(&options.output, options.keep, global, &reports)?;
    if options.event_log {
        delivery::write_events(&reports)?;
    }
    let code = exit::code(&reports, options.judge.fail_on, options.judge.allow_gaps);
    // Some of many targets may not have been opened at all.
    Ok(if interrupt::came() && code == exit::OK { exit::INCOMPLETE } else { code })
}

/// What findings are judged by: signatures, rules, exceptions and the day.
pub(super) struct Judge {
    pub(super) set: &'static SignatureSet,
    matcher: Arc<Matcher<'static>>,
    rules: Option<BTreeSet<String>>,
    exceptions: Exceptions,
    as_of: Date,
}

/// How a target is looked at.
pub(super) struct Looking<'a> {
    pub(super) target: &'a TargetOptions,
    /// The collectors to run; all when `None`.
    pub(super) only: Option<BTreeSet<String>>,
    pub(super) quiet: bool,
}

impl Judge {
    pub(super) fn new(options: &JudgeOptions) -> Result<Self, Error> {
        // Signatures live as long as the process: threads that hang in a read keep using them.
        let mut set = session::signatures(&options.signatures)?;
        let rules = chosen_rules(&options.rules, &options.audience, &set)?;
        set.narrow(rules.as_ref());
        let set: &'static SignatureSet = Box::leak(Box::new(set));
        let exceptions = options.exceptions.as_deref().map(exceptions::load).transpose()?.unwrap_or_default();
        let today = || jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).date();
        let as_of = options.as_of.unwrap_or_else(today);
        Ok(Judge { set, matcher: Arc::new(Matcher::new(set)), rules, exceptions, as_of })
    }

    /// Attaches the exceptions, and says what is wrong with them.
    pub(super) fn except(&self, reports: &mut [ScanReport], quiet: bool) {
        for warning in self.exceptions.apply(reports, self.as_of) {
            if !quiet {
                drop(writeln!(std::io::stderr(), "warning: {warning}"));
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
        let how = Grouping {
            as_of: self.as_of,
            rules: self.rules.as_ref(),
            os: target.os.os,
            is_image: target.kind == TargetKind::Image,
        };
        let mut findings = finding::group(&self.matcher, self.set, &observed.kept, &how);
        if let Some(first) = remedy::elsewhere(target.kind, target.os.os) {
            for finding in findings.iter_mut().filter(|finding| !finding.removal.is_empty()) {
                finding.removal.insert(0, first.clone());
            }
        }
        let times = clock.stop();
        ScanReport {
            schema_version: SCHEMA_VERSION.to_owned(),
            verdict: Verdict::of(&findings, &observed.gaps),
            target: session::target_info(target),
            as_of: self.as_of.to_string(),
            findings,
            gaps: observed.gaps,
            coverage: observed.coverage,
            skipped: observed.skipped,
            warnings: Vec::new(),
            versions: session::versions(Some(self.set)),
            started: times.started,
            finished: times.finished,
            duration_ms: times.duration_ms,
        }
    }
}

fn chosen_rules(
    chosen: &[String],
    audiences: &[Audience],
    set: &SignatureSet,
) -> Result<Option<BTreeSet<String>>, Error> {
    for id in chosen {
        if !set.rules.contains_key(id) {
            let near = crate::signature::nearest(id, set.rules.keys().map(String::as_str));
            let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            return Err(Error::Usage(format!(
                "there is no rule `{id}`{hint} `debar signatures list` shows the rules there are"
            )));
        }
    }
    if chosen.is_empty() && audiences.is_empty() {
        return Ok(None);
    }
    let concerns = |audience: &&Audience| set.rules.values().any(|rule| rule.audiences.contains(audience));
    if let Some(none) = audiences.iter().find(|audience| !concerns(audience)) {
        return Err(Error::Usage(format!(
            "no rule is known for the audience `{none}`; `debar signatures list` shows the rules there are"
        )));
    }
    let mut rules = set.rules_for(audiences);
    rules.extend(chosen.iter().cloned());
    Ok(Some(rules))
}
