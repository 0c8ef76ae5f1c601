//! The command line as a whole: its commands. `--help`, the man page and the completions come from here.

use clap::{Parser, Subcommand};

use super::arguments::Global;
#[cfg(feature = "generate")]
use super::generate;
use super::{attest, diff, explain, fleet, inventory, osquery, plan, reference, scan, signatures, verify};

/// Finds banned-vendor software on this machine, in mounted disks and in images, and proves what it checked.
#[derive(Debug, Parser)]
#[command(
    name = "debar",
    version,
    about,
    long_about = "Finds banned-vendor software on this machine, in mounted disks and in images, and proves what it \
        looked at.\n\nIt reads package databases, services, programs, browser extensions and language packages, \
        matches them against signature files, and reports each banned product with its evidence, the rules that \
        speak of it and the steps that remove it. It changes nothing, starts no program and opens no connection, but for a \
        registry: target: that connects to the registry, and starts the credential helper that the Docker config names \
        for it.",
    after_long_help = "EXIT CODES\n  0  nothing banned, and everything was looked at\n  1  banned software found (see \
        --fail-on)\n  2  the scan could not run\n  3  nothing found, but some places could not be looked at\n\n\
        Every option can also be set in the config file (see --config) under its long name, and as an environment \
        variable: DEBAR_ and the name in capitals, dashes as underscores. The command line goes before the \
        environment, the environment before the file.",
    disable_help_subcommand = true,
    propagate_version = true
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Options of every command.
    #[command(flatten)]
    pub global: Global,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Look for banned products.
    Scan(scan::Scan),
    /// List everything that is installed or running, of whatever vendor.
    Inventory(inventory::Inventory),
    /// Plan the removal of what reports found.
    Plan(plan::Plan),
    /// Look again at what a report found: is it gone?
    Verify(verify::Verify),
    /// Compare two reports: new, gone, changed, still there.
    Diff(diff::Diff),
    /// Roll the reports of many hosts up into one picture.
    Fleet(fleet::arguments::Fleet),
    /// Serve findings, gaps and artifacts as tables of osquery.
    Osquery(osquery::Osquery),
    /// State what a scan checked and what it came to, for auditors.
    Attest(attest::Attest),
    /// List the sources of inventory that debar reads.
    Collectors(reference::Collectors),
    /// Explain a product, a rule, a collector or a kind of gap.
    Explain(explain::Explain),
    /// List, check, make, sign and export signature files.
    Signatures(signatures::arguments::Signatures),
    /// Write man pages, completions and schemas.
    #[cfg(feature = "generate")]
    #[command(hide = true)]
    Generate(generate::Generate),
}
