//! The arguments of `debar config`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::output_arguments::{Output, output_of};
use super::{examples, project};

/// Make, show or check a config file.
#[derive(Debug, Clone, Args)]
pub struct Config {
    /// What to do.
    #[command(subcommand)]
    pub command: ConfigCommand,
}

/// What to do with settings.
#[derive(Debug, Clone, Subcommand)]
pub enum ConfigCommand {
    /// Write a config file with every option in a comment.
    #[command(after_long_help = examples::CONFIG_INIT)]
    Init(Init),
    /// Show the settings of a command and where each comes from.
    #[command(after_long_help = examples::CONFIG_SHOW)]
    Show(Show),
    /// Check a config file.
    #[command(after_long_help = examples::CONFIG_CHECK)]
    Check(Check),
}

/// Write a config file.
#[derive(Debug, Clone, Args)]
pub struct Init {
    /// The file; it must not be there.
    #[arg(value_name = "FILE", default_value = project::NAME)]
    pub file: PathBuf,
}

/// Show settings.
#[derive(Debug, Clone, Args)]
pub struct Show {
    /// The command, for example scan, or fleet status.
    #[arg(value_name = "COMMAND", default_value = "scan")]
    pub command: Vec<String>,
    /// Show options that have their default, too.
    #[arg(long)]
    pub all: bool,
    /// Write as text, json, ndjson or csv [default: text].
    #[arg(short, long, value_name = "FORMAT[=FILE]", value_parser = table_output, help_heading = "Report")]
    pub output: Vec<Output>,
}

/// Check a file.
#[derive(Debug, Clone, Args)]
pub struct Check {
    /// The file [default: --config, .debar.toml, or the config file of the system].
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
}

fn table_output(text: &str) -> Result<Output, String> {
    output_of(text, &["text", "json", "ndjson", "csv"], &[])
}
