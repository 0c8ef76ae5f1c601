//! `debar diff`: what changed between two reports.

use std::path::PathBuf;

use clap::Args;

use crate::command::arguments::boolish;
use crate::command::output_arguments::{Output, output_of};

use super::session::{confine_to, read_reports};
use crate::command::arguments::Global;
use crate::command::outputs::write_outputs;
use crate::model::Error;
use crate::report::compare::compare;
use crate::report::comparison::WRITERS;
use crate::report::exit;

/// Compare two reports: new, gone, changed, still there.
///
/// Exit code 1 when a banned product is new or in a graver state, 3 when a product is not seen any more but its sources
/// were not all read, else 0.
#[derive(Debug, Clone, Args)]
pub struct Diff {
    /// The earlier report (json or ndjson).
    #[arg(value_name = "OLD")]
    pub old: PathBuf,
    /// The later report (json or ndjson); - for standard input.
    #[arg(value_name = "NEW")]
    pub new: PathBuf,
    /// Write as text, json or markdown, to a file or to standard output; may be repeated [default: text].
    #[arg(short, long, value_name = "FORMAT[=FILE]", value_parser = output, help_heading = "Report")]
    pub output: Vec<Output>,
    /// Give exit code 0 although not everything was read again; the comparison still shows it.
    #[arg(long, env = "DEBAR_ALLOW_GAPS", value_parser = boolish(), help_heading = "Report")]
    pub allow_gaps: bool,
}

fn output(text: &str) -> Result<Output, String> {
    let names: Vec<&str> = crate::report::comparison::WRITERS.iter().map(|(name, _)| *name).collect();
    output_of(text, &names, &[])
}

pub(super) fn run(options: &Diff, global: &Global) -> Result<u8, Error> {
    if options.old.as_os_str() == "-" && options.new.as_os_str() == "-" {
        return Err(Error::Usage("only one of the reports can come from standard input".to_owned()));
    }
    confine_to([options.old.as_path(), options.new.as_path()], &options.output)?;
    let comparison = compare(&read_reports(&options.old)?, &read_reports(&options.new)?);
    write_outputs(&options.output, global, "text", |name, look, out| {
        match WRITERS.iter().find(|(known, _)| *known == name) {
            Some((_, write)) => write(&comparison, look, out),
            None => Ok(()),
        }
    })?;
    Ok(match (comparison.is_worse(), comparison.is_uncertain() && !options.allow_gaps) {
        (true, _) => exit::FOUND,
        (false, true) => exit::INCOMPLETE,
        (false, false) => exit::OK,
    })
}
