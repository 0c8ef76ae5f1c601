//! `debar scan`: targets → artifacts → matches → findings → report.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;

use jiff::civil::Date;

use super::progress::Bar;
use super::session::{self, Clock};
use super::write_reports;
use crate::cli::{Global, JudgeOptions, TargetOptions, scan::Scan};
use crate::error::Error;
use crate::exceptions::Exceptions;
use crate::finding::{self, Grouping, Match};
use crate::matcher::Matcher;
use crate::report::{SCHEMA_VERSION, ScanReport, Verdict};
use crate::scan::{self, Progress, observe};
use crate::signature::SignatureSet;
use crate::target::Target;
use crate::{compare, exceptions, exit, signature};

pub(super) fn run(options: &Scan, global: &Global) -> Result<u8, Error> {
    let targets = session::open_targets(&options.targets, &options.target)?;
    let judge = Judge::new(&options.judge)?;
    let baseline = options.baseline.as_deref().map(session::read_reports).transpose()?;
    let looking = Looking { target: &options.target, only: None, quiet: global.quiet };
    let mut reports: Vec<ScanReport> = targets.iter().map(|target| judge.scan(target, &looking)).collect();
    if let Some(baseline) = &baseline {
        compare::mark_known(&mut reports, baseline);
    }
    judge.except(&mut reports, global.quiet);
    write_reports(&options.output, global, |format, look, out| (format.scan)(&reports, look, out))?;
    Ok(exit::code(&reports, options.judge.fail_on, options.judge.allow_gaps))
}

fn scan(
    target: &Arc<Target>,
    options: &Scan,
    set: &SignatureSet,
    matcher: &Arc<Matcher<'static>>,
    how: &Grouping<'_>,
    quiet: bool,
) -> ScanReport {
    let clock = Clock::start();
    let progress = Arc::new(Progress::default());
    let bar = Bar::follow(&progress, &target.name, !quiet && !options.target.no_progress);
    let in_threads = Arc::clone(matcher);
    let observed = observe(target, &session::scan_options(&options.target), &progress, move |artifact| {
        let hits = in_threads.hits(&artifact);
        (!hits.is_empty()).then_some(Match { artifact, hits })
    });
    drop(bar);
    let findings = finding::group(matcher, set, &observed.kept, &Grouping { os: target.os.os, ..*how });
    let times = clock.stop();
    ScanReport {
        schema_version: SCHEMA_VERSION.to_owned(),
        verdict: Verdict::of(&findings, &observed.gaps),
        target: session::target_info(target),
        as_of: how.as_of.to_string(),
        findings,
        gaps: observed.gaps,
        coverage: observed.coverage,
        skipped: observed.skipped,
        warnings: Vec::new(),
        versions: session::versions(Some(set)),
        started: times.started,
        finished: times.finished,
        duration_ms: times.duration_ms,
    }
}

fn chosen_rules(chosen: &[String], set: &SignatureSet) -> Result<Option<BTreeSet<String>>, Error> {
    for id in chosen {
        if !set.rules.contains_key(id) {
            let near = crate::signature::nearest(id, set.rules.keys().map(String::as_str));
            let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
            return Err(Error::Usage(format!(
                "there is no rule `{id}`{hint} `debar signatures list` shows the rules there are"
            )));
        }
    }
    Ok((!chosen.is_empty()).then(|| chosen.iter().cloned().collect()))
}
