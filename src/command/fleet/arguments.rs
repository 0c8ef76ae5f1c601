//! Arguments of `debar fleet` and its subcommands.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::command::arguments::boolish;
use crate::command::examples;
use crate::command::output_arguments::{Output, output_of};

/// How tables are written.
const FORMATS: &[&str] = &["text", "json", "ndjson", "csv"];

/// Roll the reports of many hosts up into one picture.
#[derive(Debug, Clone, Args)]
pub struct Fleet {
    /// What to do.
    #[command(subcommand)]
    pub command: FleetCommand,
}

/// What to do with the reports of many hosts.
#[derive(Debug, Clone, Subcommand)]
pub enum FleetCommand {
    /// Take reports into the store; each is taken once, however often it is named.
    #[command(after_long_help = examples::FLEET_INGEST)]
    Ingest(Ingest),
    /// Count how the hosts stand, by standing, product and rule.
    #[command(after_long_help = examples::FLEET_STATUS)]
    Status(Picture),
    /// List the hosts, gravest first.
    #[command(after_long_help = examples::FLEET_HOSTS)]
    Hosts(Hosts),
    /// List every product on every host, with first seen, last seen, gone and reappeared.
    #[command(after_long_help = examples::FLEET_FINDINGS)]
    Findings(Findings),
    /// Count how the hosts stood on each day.
    #[command(after_long_help = examples::FLEET_TREND)]
    Trend(Trend),
    /// Write a list of what there is to do; the columns owner and note of an earlier list are kept.
    #[command(after_long_help = examples::FLEET_WORKLIST)]
    Worklist(Worklist),
    /// Write the removal plans of many hosts into folders for Ansible, Intune and Configuration Manager.
    #[command(after_long_help = examples::FLEET_PLAN)]
    Plan(super::plan::Plan),
    /// Write hosts and findings for data platforms, in folders by day.
    #[command(after_long_help = examples::FLEET_EXPORT)]
    Export(Export),
    /// State how the fleet stands on a day, for auditors: who was asked, who answered, what was found, what was not read.
    #[command(after_long_help = examples::FLEET_ATTEST)]
    Attest(Attest),
    /// Write a dashboard: one self-contained page.
    #[command(after_long_help = examples::FLEET_HTML)]
    Html(Html),
}

/// The store.
#[derive(Debug, Clone, Args)]
pub struct StoreOptions {
    /// The store: one file, made by the first ingest.
    #[arg(
        long,
        value_name = "FILE",
        default_value = "debar-fleet.db",
        env = "DEBAR_STORE",
        help_heading = "Fleet"
    )]
    pub store: PathBuf,
}

/// How the picture is put together.
#[derive(Debug, Clone, Args)]
pub struct PictureOptions {
    /// The store.
    #[command(flatten)]
    pub store: StoreOptions,
    /// List of the hosts that should report (CSV with a header line; columns host, machine_id, owner, site): those that never did are reported.
    #[arg(long, value_name = "CSV", env = "DEBAR_ASSETS", help_heading = "Fleet")]
    pub assets: Option<PathBuf>,
    /// Days without a report after which a host is stale.
    #[arg(long, value_name = "DAYS", default_value_t = 7, env = "DEBAR_STALE_AFTER", help_heading = "Fleet")]
    pub stale_after: u32,
    /// Warn of hosts whose signatures are older than this many days (0: never).
    #[arg(
        long,
        value_name = "DAYS",
        default_value_t = 180,
        env = "DEBAR_SIGNATURE_AGE",
        help_heading = "Fleet"
    )]
    pub signature_age: u16,
    /// Look at the store as of this day (YYYY-MM-DD), at its end [default: now].
    #[arg(long, value_name = "DATE", env = "DEBAR_AS_OF", value_parser = crate::command::arguments::day, help_heading = "Fleet")]
    pub as_of: Option<jiff::civil::Date>,
}

/// A picture, and where it goes.
#[derive(Debug, Clone, Args)]
pub struct Picture {
    /// How the picture is put together.
    #[command(flatten)]
    pub picture: PictureOptions,
    /// Write as text, json, ndjson or csv, to a file or to standard output; may be repeated [default: text].
    #[arg(short, long, value_name = "FORMAT[=FILE]", value_parser = output, help_heading = "Report")]
    pub output: Vec<Output>,
    /// Show every column of a table, however wide the terminal is.
    #[arg(short, long, env = "DEBAR_WIDE", value_parser = boolish(), help_heading = "Report")]
    pub wide: bool,
}

/// Take reports into the store.
#[derive(Debug, Clone, Args)]
pub struct Ingest {
    /// Reports (json or ndjson), folders of them, or - for standard input.
    #[arg(value_name = "PATH", required = true)]
    pub places: Vec<PathBuf>,
    /// Forget what was said more than so many days ago, and take no older reports; what is still there keeps its first day, and each
    /// host its newest word [default: keep all].
    #[arg(long, value_name = "DAYS", env = "DEBAR_KEEP_DAYS", value_parser = clap::value_parser!(u32).range(1..), help_heading = "Fleet")]
    pub keep_days: Option<u32>,
    /// Take only reports that lie in a folder of PATH that is named like their host (in lower case, as a collector with
    /// certificates makes it), and refuse those about another host.
    #[arg(long, env = "DEBAR_BIND_FOLDER", value_parser = boolish(), help_heading = "Fleet")]
    pub bind_folder: bool,
    /// Public key (minisign) of hosts: a report with a FILE.minisig beside it must fit it, and is marked `signed`; may be repeated.
    #[arg(long, value_name = "KEY", env = "DEBAR_REPORT_KEY", value_delimiter = ',', help_heading = "Fleet")]
    pub trusted_key: Vec<PathBuf>,
    /// The store.
    #[command(flatten)]
    pub store: StoreOptions,
}

/// List the hosts.
#[derive(Debug, Clone, Args)]
pub struct Hosts {
    /// Only hosts of this name, or that stand so.
    #[arg(value_name = "HOST")]
    pub named: Vec<String>,
    /// Show why each host stands as it does, and what cures it.
    #[arg(long, env = "DEBAR_WHY", value_parser = boolish(), help_heading = "Fleet")]
    pub why: bool,
    /// Only hosts that stand so.
    #[arg(long, value_name = "STANDING", env = "DEBAR_STANDING", help_heading = "Fleet")]
    pub standing: Option<StandingName>,
    /// The picture.
    #[command(flatten)]
    pub picture: Picture,
}

/// How a host stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StandingName {
    /// A banned product was found.
    Found,
    /// On the list of assets, and it never reported.
    NeverReported,
    /// It has not reported for too long.
    Stale,
    /// Nothing found, and not everything read.
    Incomplete,
    /// Nothing found, and everything read.
    Clean,
}

/// List every product on every host.
#[derive(Debug, Clone, Args)]
pub struct Findings {
    /// List what is gone, too.
    #[arg(long, env = "DEBAR_GONE", value_parser = boolish(), help_heading = "Fleet")]
    pub gone: bool,
    /// The picture.
    #[command(flatten)]
    pub picture: Picture,
}

/// Count how the hosts stood on each day.
#[derive(Debug, Clone, Args)]
pub struct Trend {
    /// How many days, up to today.
    #[arg(long, value_name = "N", default_value_t = 90, env = "DEBAR_DAYS", value_parser = clap::builder::RangedU64ValueParser::<usize>::from(1..=3_660), help_heading = "Fleet")]
    pub days: usize,
    /// The picture.
    #[command(flatten)]
    pub picture: Picture,
}

/// Write a list of what there is to do.
#[derive(Debug, Clone, Args)]
pub struct Worklist {
    /// An earlier list (CSV) whose columns owner and note are kept; a list that -o csv=FILE replaces is read anyway.
    #[arg(long, value_name = "CSV", env = "DEBAR_EARLIER", help_heading = "Fleet")]
    pub earlier: Vec<PathBuf>,
    /// The picture.
    #[command(flatten)]
    pub picture: Picture,
}

/// Write hosts and findings for data platforms.
#[derive(Debug, Clone, Args)]
pub struct Export {
    /// A new folder: hosts/day=DATE/ and findings/day=DATE/ are made in it, by the day of the last report.
    #[arg(value_name = "FOLDER")]
    pub folder: PathBuf,
    /// Write CSV, not NDJSON.
    #[arg(long, env = "DEBAR_CSV", value_parser = boolish(), help_heading = "Fleet")]
    pub csv: bool,
    /// Write Apache Parquet, not NDJSON: times and numbers have their types.
    #[cfg(feature = "parquet")]
    #[arg(long, conflicts_with = "csv", env = "DEBAR_PARQUET", value_parser = boolish(), help_heading = "Fleet")]
    pub parquet: bool,
    /// How the picture is put together.
    #[command(flatten)]
    pub picture: PictureOptions,
}

/// State how the fleet stands on a day.
#[derive(Debug, Clone, Args)]
pub struct Attest {
    /// How the picture is put together.
    #[command(flatten)]
    pub picture: PictureOptions,
    /// Write as markdown or json, to a file or to standard output; may be repeated [default: markdown].
    #[arg(short, long, value_name = "FORMAT[=FILE]", value_parser = statement_output, help_heading = "Report")]
    pub output: Vec<Output>,
    /// Sign each file that is written with this minisign secret key; the signature lies beside it (.minisig). Its password comes from DEBAR_KEY_PASSWORD or is asked for.
    #[arg(long, value_name = "FILE", env = "DEBAR_KEY", help_heading = "Report")]
    pub key: Option<PathBuf>,
}

fn statement_output(text: &str) -> Result<Output, String> {
    output_of(text, &["markdown", "json"], &[])
}

/// Write a dashboard.
#[derive(Debug, Clone, Args)]
pub struct Html {
    /// The page.
    #[arg(value_name = "FILE", default_value = "fleet.html")]
    pub file: PathBuf,
    /// Days of the trend.
    #[arg(long, value_name = "N", default_value_t = 90, env = "DEBAR_DAYS", value_parser = clap::builder::RangedU64ValueParser::<usize>::from(1..=3_660), help_heading = "Fleet")]
    pub days: usize,
    /// How the picture is put together.
    #[command(flatten)]
    pub picture: PictureOptions,
}

fn output(text: &str) -> Result<Output, String> {
    output_of(text, FORMATS, &[])
}
