//! `debar scan`.

use clap::Args;

use super::{Output, SignatureOptions, TargetOptions, output};
use crate::exit::FailOn;

/// Look for banned products.
#[derive(Debug, Clone, Args)]
pub struct Scan {
    /// What to scan: nothing for this host, a path, or dir:PATH for a mounted disk, chroot or extracted image.
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    /// Report as FORMAT, to a file or to standard output; may be repeated [default: text].
    #[arg(short, long, value_name = "FORMAT[=FILE]", env = "DEBAR_OUTPUT", value_delimiter = ',', value_parser = output, help_heading = "Report")]
    pub output: Vec<Output>,
    /// From which state on a banned product gives exit code 1.
    #[arg(
        long,
        value_name = "STATE",
        default_value = "remnant",
        env = "DEBAR_FAIL_ON",
        help_heading = "Report"
    )]
    pub fail_on: FailOn,
    /// Give exit code 0 although places could not be looked at; the report still shows them.
    #[arg(long, env = "DEBAR_ALLOW_GAPS", help_heading = "Report")]
    pub allow_gaps: bool,
    /// Judge the rules as of this day (YYYY-MM-DD) [default: today, UTC].
    #[arg(long, value_name = "DATE", env = "DEBAR_AS_OF", help_heading = "Signatures")]
    pub as_of: Option<jiff::civil::Date>,
    /// Only these rules count (see debar signatures).
    #[arg(long, value_name = "ID", env = "DEBAR_RULES", value_delimiter = ',', help_heading = "Signatures")]
    pub rules: Vec<String>,
    /// Which signatures to use.
    #[command(flatten)]
    pub signatures: SignatureOptions,
    /// How to look at the target.
    #[command(flatten)]
    pub target: TargetOptions,
}
