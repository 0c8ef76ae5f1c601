//! `debar diff`.

use std::path::PathBuf;

use clap::Args;

use super::{Output, boolish, output_of};

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
    output_of(text, &names, &[("txt", "text"), ("json", "json"), ("md", "markdown")])
}
