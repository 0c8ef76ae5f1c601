//! `debar attest`.

use std::path::PathBuf;

use clap::Args;

use super::{Output, output_of};

/// The ways to write a statement.
const FORMATS: &[&str] = &["markdown", "html", "intoto"];

/// State what a scan looked at and what it came to, for auditors; sign it, or verify it.
#[derive(Debug, Clone, Args)]
pub struct Attest {
    /// Report of a scan (json or ndjson); with --verify the report that the statement must be about.
    #[arg(value_name = "REPORT")]
    pub report: PathBuf,
    /// Write as markdown or html (pages) or intoto (an in-toto Statement), to a file or to standard output; may be repeated [default: markdown].
    #[arg(short, long, value_name = "FORMAT[=FILE]", value_parser = output, help_heading = "Report")]
    pub output: Vec<Output>,
    /// Sign each file that is written with this minisign secret key; the signature lies beside it (.minisig). Its password comes from DEBAR_KEY_PASSWORD or is asked for.
    #[arg(long, value_name = "FILE", env = "DEBAR_KEY", help_heading = "Report")]
    pub key: Option<PathBuf>,
    /// The day on which the products were identified, for the deadlines (YYYY-MM-DD) [default: the day on which the scan ended].
    #[arg(long, value_name = "DATE", env = "DEBAR_IDENTIFIED", help_heading = "Report")]
    pub identified: Option<jiff::civil::Date>,
    /// Verify this in-toto Statement: its signature, and that it is about the report.
    #[arg(long, value_name = "STATEMENT", env = "DEBAR_VERIFY", requires = "public_key", conflicts_with_all = ["output", "key", "identified"], help_heading = "Verify")]
    pub verify: Option<PathBuf>,
    /// The minisign public key that must have signed it.
    #[arg(long, value_name = "FILE", env = "DEBAR_PUBLIC_KEY", help_heading = "Verify")]
    pub public_key: Option<PathBuf>,
}

fn output(text: &str) -> Result<Output, String> {
    output_of(text, FORMATS, &[("md", "markdown"), ("htm", "html"), ("json", "intoto")])
}
