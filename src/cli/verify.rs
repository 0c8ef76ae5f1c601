//! `debar verify`.

use std::path::PathBuf;

use clap::Args;

use super::{JudgeOptions, Output, TargetOptions, boolish, output};

/// Look again at what a report found: is it gone?
///
/// Runs only the sources that tell of the products in the report and of what they leave behind, and shows each
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
