//! Commands that look things up: `collectors`, `explain`, `signatures`, and the hidden `generate`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::SignatureOptions;

/// List the sources of inventory that debar reads.
#[derive(Debug, Clone, Args)]
pub struct Collectors {
    /// As JSON.
    #[arg(long, env = "DEBAR_JSON")]
    pub json: bool,
}

/// Explain a name from a report.
#[derive(Debug, Clone, Args)]
pub struct Explain {
    /// A product (vendor/product), rule, collector or kind of gap.
    #[arg(value_name = "NAME")]
    pub name: String,
    /// Which signatures to use.
    #[command(flatten)]
    pub signatures: SignatureOptions,
}

/// List and check signature files.
#[derive(Debug, Clone, Args)]
pub struct Signatures {
    /// What to do.
    #[command(subcommand)]
    pub command: SignaturesCommand,
}

/// What to do with signatures.
#[derive(Debug, Clone, Subcommand)]
pub enum SignaturesCommand {
    /// List vendors, products and rules.
    List(SignatureOptions),
    /// Check files: each problem with file, line, column and a suggestion.
    Check {
        /// Signature files, rule files or folders of them.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Try the indicators on the examples in the files.
    Test(SignatureOptions),
}

/// Write what packages ship.
#[derive(Debug, Clone, Args)]
pub struct Generate {
    /// Folder to write to: man/, completions/ and schema/ are made in it.
    pub directory: PathBuf,
}
