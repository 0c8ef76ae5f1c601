//! The command line as a whole: its commands. `--help`, the man page and the completions come from here.

use clap::{Parser, Subcommand};

use super::arguments::Global;
#[cfg(feature = "distribution")]
use super::deliver;
#[cfg(feature = "generate")]
use super::generate;
use super::{
    about, attest, config_arguments, diff, examples, explain, fleet, inventory, osquery, plan, reference,
    scan, selftest, signatures, verify,
};

/// Finds banned-vendor software on this machine, in mounted disks and in images, and proves what it checked.
#[derive(Debug, Parser)]
#[command(
    name = "debar",
    version,
    about,
    long_about = "Finds banned-vendor software on this machine, in mounted disks and in images, and proves what it \
        checked.\n\nIt reads package databases, services, programs, browser extensions and language packages, and reports \
        the evidence, the laws that apply and how to remove what it found. A scan is read-only and stays offline. Only \
        registry: targets use the network and the credential helper that the Docker config names; a process of its own sends \
        reports to a collector that you name with -o json=https://...",
    after_long_help = "EXAMPLES\n  debar scan                                      scan this machine\n  \
        debar scan -o text -o report.json               and keep the report\n  \
        debar scan image.tar --fail-on installed        an image, in a pipeline\n  \
        debar plan report.json -o plan.sh               a script that removes what was found\n  \
        debar verify report.json                        is it gone?\n\n\
        EXIT CODES\n  0  nothing found, every place read\n  1  a restricted product was found (see \
        --fail-on)\n  2  the command could not run\n  3  nothing found, but something could not be read\n\n\
        `debar help COMMAND` has the options, examples and formats of a command.\n\n\
        Every option can also be set in the config file (see --config) under its long name, and as an environment \
        variable: DEBAR_ and the name in capitals, dashes as underscores. The command line goes before the \
        environment, the environment before the file.",
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
    /// Scan this machine, a disk or an image for restricted products.
    #[command(after_long_help = examples::scan())]
    Scan(scan::Scan),
    /// List everything that is installed or running, of every vendor.
    #[command(after_long_help = examples::inventory())]
    Inventory(inventory::Inventory),
    /// Plan the removal of what reports found.
    #[command(after_long_help = examples::PLAN)]
    Plan(plan::Plan),
    /// Check again what a report found: is it gone?
    #[command(after_long_help = examples::VERIFY)]
    Verify(verify::Verify),
    /// Send the reports that wait in the spool to their collector.
    #[cfg(feature = "distribution")]
    #[command(after_long_help = examples::DELIVER)]
    Deliver(deliver::Deliver),
    /// Compare two reports: new, gone, changed, still there.
    #[command(after_long_help = examples::DIFF)]
    Diff(diff::Diff),
    /// Roll the reports of many hosts up into one picture.
    #[command(after_long_help = examples::FLEET)]
    Fleet(fleet::arguments::Fleet),
    /// Serve findings, gaps and artifacts as tables of osquery.
    #[command(after_long_help = examples::OSQUERY)]
    Osquery(osquery::Osquery),
    /// State what a scan checked and what it came to, for auditors.
    #[command(after_long_help = examples::ATTEST)]
    Attest(attest::Attest),
    /// List the sources of inventory that debar reads.
    #[command(after_long_help = examples::COLLECTORS)]
    Collectors(reference::Collectors),
    /// Explain a word of a report: a product, vendor, rule, state, gap, source, audience or exit code.
    #[command(after_long_help = examples::EXPLAIN)]
    Explain(explain::Explain),
    /// List, check, make, sign and export signature files.
    #[command(after_long_help = examples::SIGNATURES)]
    Signatures(signatures::arguments::Signatures),
    /// Make, show or check a config file.
    #[command(after_long_help = examples::CONFIG)]
    Config(config_arguments::Config),
    /// See a finding end to end with a harmless test product.
    #[command(after_long_help = examples::SELFTEST)]
    Selftest(selftest::Selftest),
    /// Print the completions of a shell.
    #[command(after_long_help = examples::COMPLETION)]
    Completion(about::Completion),
    /// Print the version of debar, its signatures and its formats.
    #[command(after_long_help = examples::VERSION)]
    Version(about::Version),
    /// Write man pages, completions and schemas.
    #[cfg(feature = "generate")]
    #[command(hide = true)]
    Generate(generate::Generate),
}
