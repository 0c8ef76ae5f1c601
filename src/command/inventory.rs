//! `debar inventory`: every artifact of every collector.

use clap::Args;

use crate::command::arguments::{ManyTargets, TargetOptions, boolish};
use crate::command::output_arguments::{Output, output};

use std::collections::BTreeSet;
use std::sync::Arc;

use super::bare;
use super::interrupt::{self, Scanning};
use super::meant;
use super::progress::Bar;
use super::session::{self, Clock};
use super::target_names;
use super::targets::{self, Subject};
use crate::collector;
use crate::command::arguments::Global;
use crate::command::outputs::write_reports;
use crate::model::{Artifact, Error};
use crate::report::{self, ArtifactEntry, DocumentInfo, GapEntry, InventoryReport, SCHEMA_VERSION, exit};
use crate::scan::{Options, Progress, observe};
use crate::target::Target;

/// List everything that is installed or running.
#[derive(Debug, Clone, Args)]
pub struct Inventory {
    /// What to list: nothing for this host, a path (mounted disk, chroot, image archive, OCI layout, recognised by its content),
    /// dir:, docker-archive:, oci-archive: or oci-dir: before the path to say which, - for an image on standard input,
    /// registry:NAME (or docker://NAME) for one in a registry, containers-storage:, docker-store: or containerd: and [PATH][#NAME]
    /// for the images and containers that Podman, Docker or containerd keep on this machine.
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    /// Many targets.
    #[command(flatten)]
    pub many: ManyTargets,
    /// Report as FORMAT, to a file or to standard output; may be repeated [default: text].
    #[arg(short, long, value_name = "FORMAT[=FILE]", env = "DEBAR_OUTPUT", value_delimiter = ',', value_parser = output, help_heading = "Report")]
    pub output: Vec<Output>,
    /// Give exit code 0 although places could not be read; the report still shows them.
    #[arg(long, env = "DEBAR_ALLOW_GAPS", value_parser = boolish(), help_heading = "Report")]
    pub allow_gaps: bool,
    /// Only artifacts of this collector; may be repeated.
    #[arg(
        long,
        value_name = "NAME",
        env = "DEBAR_COLLECTOR",
        value_delimiter = ',',
        help_heading = "Report"
    )]
    pub collector: Vec<String>,
    /// How to look at the target.
    #[command(flatten)]
    pub target: TargetOptions,
}

pub(super) fn run(options: &Inventory, global: &Global) -> Result<u8, Error> {
    for name in &options.collector {
        if collector::named(name).is_none() {
            let near = crate::signature::nearest(name, collector::all().map(|collector| collector.name));
            return Err(Error::Usage(format!(
                "there is no collector `{name}`{} `debar collectors` lists them",
                meant::end(near)
            )));
        }
    }
    for output in &options.output {
        if report::format(&output.format).is_some_and(|format| format.inventory.is_none()) {
            let fit = report::FORMATS.iter().filter(|format| format.inventory.is_some());
            let names: Vec<&str> = fit.map(|format| format.name).collect();
            return Err(Error::Usage(format!(
                "{} is a format of scans; inventories can be written as {}",
                output.format,
                names.join(", ")
            )));
        }
    }
    let names = target_names::names(&options.targets, &options.many)?;
    let mut reports: Vec<InventoryReport> = Vec::new();
    let opening = session::Opening {
        names: names.as_deref().unwrap_or_default(),
        is_host: names.is_none(),
        files: &[],
        outputs: &options.output,
        spool: None,
    };
    session::begin(&opening, &options.target)?;
    let mut empty = Vec::new();
    let unopened = targets::each_target(names.as_deref(), &options.target, |subject| {
        let target = match subject {
            Subject::Target(target) => target,
            Subject::Document(recorded) => return empty.push(listed_already(&recorded.document)),
        };
        let report = inventory(&target, options, global.quiet);
        if bare::is_bare(&target) && report.artifacts.is_empty() && report.gaps.is_empty() {
            empty.push(bare::error_for(&target))
        } else {
            reports.push(report)
        }
    })?;
    empty.extend(unopened);
    let code_without = bare::report(empty, reports.is_empty())?;
    write_reports(&options.output, global, |format, look, out| match format.inventory {
        Some(write) => write(&reports, look, out),
        // Refused above; an annotation of GitHub would say nothing here.
        None => Ok(()),
    })?;
    let complete = reports.iter().all(|report| !report.gaps.iter().any(GapEntry::is_blind));
    let stopped = interrupt::came() || reports.iter().any(|report| exit::is_stopped(&report.gaps));
    Ok(if (complete || options.allow_gaps) && !stopped { code_without } else { exit::INCOMPLETE })
}

/// The error for a document, which is a list itself.
fn listed_already(document: &DocumentInfo) -> Error {
    let reason = "it is a list of software already; `debar scan` matches it".to_owned();
    Error::UnsupportedTarget { target: document.name.clone(), reason }
}

fn inventory(target: &Arc<Target>, options: &Inventory, quiet: bool) -> InventoryReport {
    let clock = Clock::start();
    let scanning = Scanning::begin();
    let progress = Arc::new(Progress::default());
    let bar = Bar::follow(&progress, &target.name, !quiet && !options.target.no_progress);
    let wanted: BTreeSet<String> = options.collector.iter().cloned().collect();
    let only = Some(wanted).filter(|wanted| !wanted.is_empty());
    let scan = Options { only: only.clone(), ..session::scan_options(&options.target) };
    let mut observed = observe(target, &scan, &progress, move |artifact| {
        let wanted = only.as_ref().is_none_or(|only| only.contains(artifact.collector));
        wanted.then_some(artifact)
    });
    drop(bar);
    drop(scanning);
    sort(&mut observed.kept);
    let times = clock.stop();
    InventoryReport {
        schema_version: SCHEMA_VERSION.to_owned(),
        target: session::target_info(target),
        artifacts: observed.kept.into_iter().map(ArtifactEntry::from).collect(),
        gaps: GapEntry::of(observed.gaps),
        coverage: observed.coverage,
        skipped: observed.skipped,
        versions: session::versions(None),
        started: times.started,
        finished: times.finished,
        duration_ms: times.duration_ms,
    }
}

/// Within a collector by location: threads find things in any order, reports do not show it.
fn sort(artifacts: &mut [Artifact]) {
    let order = |collector: &str| collector::all().position(|entry| entry.name == collector);
    artifacts.sort_by(|a, b| {
        (order(a.collector), &a.location, &a.fields).cmp(&(order(b.collector), &b.location, &b.fields))
    });
}
