//! Commands that look things up: `collectors`, `explain`, and the hidden `generate`.

#[cfg(feature = "generate")]
use std::path::PathBuf;

use clap::Args;

use super::{SignatureOptions, boolish};

/// List the sources of inventory that debar reads.
#[derive(Debug, Clone, Args)]
pub struct Collectors {
    /// As JSON.
    #[arg(long, env = "DEBAR_JSON", value_parser = boolish())]
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

/// Write what packages ship.
#[cfg(feature = "generate")]
#[derive(Debug, Clone, Args)]
pub struct Generate {
    /// Folder to write to: man/, completions/ and schema/ are made in it.
    pub directory: PathBuf,
}
