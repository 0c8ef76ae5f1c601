//! `debar osquery`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::duration;

/// Serve tables to osquery, as an extension of it.
#[derive(Debug, Clone, Args)]
#[command(
    after_long_help = "osquery starts extensions that are named in its extensions.load, whose names end in .ext: a link \
    debar.ext to debar is taken for `debar osquery`. Tables: debar_findings, debar_gaps, debar_scan, debar_artifacts. A query \
    starts `debar scan` (or `debar inventory`), with the config file and DEBAR_* variables of this process; nothing is \
    scanned while nobody asks. It ends when osquery does."
)]
pub struct Osquery {
    /// Socket of osquery's manager of extensions.
    #[arg(long, value_name = "PATH", default_value = "/var/osquery/osquery.em", help_heading = "osquery")]
    pub socket: PathBuf,
    /// How long to wait for osquery.
    #[arg(long, value_name = "TIME", default_value = "3", value_parser = duration, help_heading = "osquery")]
    pub timeout: Duration,
    /// How often to ask whether osquery is still there.
    #[arg(long, value_name = "TIME", default_value = "3", value_parser = duration, help_heading = "osquery")]
    pub interval: Duration,
    /// How long an answer is good for: within that time no query scans again.
    #[arg(long, value_name = "TIME", default_value = "5m", env = "DEBAR_MAX_AGE", value_parser = duration, help_heading = "osquery")]
    pub max_age: Duration,
    /// How far a scan gives way to other programs: 0 not at all, 19 as far as possible. A query waits for it: beside programs that keep
    /// every core busy, a scan at 19 takes minutes.
    #[arg(long, value_name = "N", default_value = "10", env = "DEBAR_NICE", value_parser = clap::value_parser!(u8).range(0..=19), help_heading = "osquery")]
    pub nice: u8,
}
