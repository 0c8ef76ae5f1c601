//! `debar plan`: from reports to the steps that remove what they found.

use std::path::PathBuf;

use clap::Args;

use crate::command::arguments::{Output, output_of};

use super::session::read_reports;
use crate::command::arguments::Global;
use crate::command::outputs::write_outputs;
use crate::model::Error;
use crate::plan::{WRITERS, build};
use crate::report::exit;

/// Plan the removal of what reports found; nothing is removed by debar itself.
///
/// The scripts only show what they would do until they are called with --apply (-Apply), refuse a step when the host no
/// longer shows what the scan saw, and log what they did.
#[derive(Debug, Clone, Args)]
pub struct Plan {
    /// Reports of scans (json or ndjson); - for standard input.
    #[arg(value_name = "REPORT", required = true)]
    pub reports: Vec<PathBuf>,
    /// Write as markdown, json, sh or ps1, to a file or to standard output; a file name with such an extension does, too; may be repeated [default: markdown].
    #[arg(short, long, value_name = "FORMAT[=FILE]", value_parser = output, help_heading = "Report")]
    pub output: Vec<Output>,
}

fn output(text: &str) -> Result<Output, String> {
    let names: Vec<&str> = crate::plan::WRITERS.iter().map(|(name, _)| *name).collect();
    output_of(text, &names, &[])
}

pub(super) fn run(options: &Plan, global: &Global) -> Result<u8, Error> {
    let mut reports = Vec::new();
    for path in &options.reports {
        reports.extend(read_reports(path)?);
    }
    let plan = build::plan(&reports);
    write_outputs(&options.output, global, "markdown", |name, _, out| {
        match WRITERS.iter().find(|(known, _)| *known == name) {
            Some((_, write)) => write(&plan, out),
            None => Ok(()),
        }
    })?;
    Ok(exit::OK)
}
