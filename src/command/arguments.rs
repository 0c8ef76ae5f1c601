//! Options that several commands share: argument types only, no effects.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use crate::report::exit::FailOn;
use crate::signature::Audiences;

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Switches read `1` and `yes` from the environment, too: that is what people write there.
pub(super) fn boolish() -> clap::builder::BoolishValueParser {
    clap::builder::BoolishValueParser::new()
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Config file (TOML); by default /etc/debar/config.toml if it exists.
    #[arg(short, long, global = true, value_name = "FILE", env = "DEBAR_CONFIG", help_heading = "General")]
    pub config: Option<PathBuf>,
    /// Print nothing but errors; the exit code is the result.
    #[arg(
        short,
        long,
        global = true,
        env = "DEBAR_QUIET", value_parser = boolish(),
        conflicts_with = "verbose",
        help_heading = "General"
    )]
    pub quiet: bool,
    /// Print more: all evidence, why it matched, whom a rule binds.
    #[arg(short, long, global = true, action = clap::ArgAction::Count, env = "DEBAR_VERBOSE", help_heading = "General")]
    pub verbose: u8,
    /// When to colour.
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        env = "DEBAR_COLOR",
        help_heading = "General"
    )]
    pub color: Colour,
}

/// Which signatures to use.
#[derive(Debug, Clone, Args)]
pub struct SignatureOptions {
    /// Folder of signature files, or one file: a vendor in it replaces the built-in one, a new vendor is added; its rules.json replaces the built-in rules.
    #[arg(
        long,
        value_name = "PATH",
        env = "DEBAR_SIGNATURES",
        value_delimiter = ',',
        help_heading = "Signatures"
    )]
    pub signatures: Vec<PathBuf>,
    /// Public key (minisign) whose signatures of signature files are believed: a file with a FILE.minisig beside it must fit it.
    #[arg(
        long,
        value_name = "FILE",
        env = "DEBAR_TRUSTED_KEY",
        value_delimiter = ',',
        help_heading = "Signatures"
    )]
    pub trusted_key: Vec<PathBuf>,
    /// Refuse signature files that no trusted key signed.
    #[arg(long, env = "DEBAR_REQUIRE_SIGNED", value_parser = boolish(), help_heading = "Signatures")]
    pub require_signed: bool,
}

/// How findings are judged.
#[derive(Debug, Clone, Args)]
pub struct JudgeOptions {
    /// From which state on a banned product gives exit code 1.
    #[arg(
        long,
        value_name = "STATE",
        default_value = "remnant",
        env = "DEBAR_FAIL_ON",
        ignore_case = true,
        help_heading = "Report"
    )]
    pub fail_on: FailOn,
    /// Exit 0 instead of 3 when something could not be read; the report still shows it.
    #[arg(long, env = "DEBAR_ALLOW_GAPS", value_parser = boolish(), help_heading = "Report")]
    pub allow_gaps: bool,
    /// Exit 3 also for limited gaps: details that no place where products are installed depends on.
    #[arg(long, env = "DEBAR_FAIL_ON_LIMITED", value_parser = boolish(), help_heading = "Report")]
    pub fail_on_limited: bool,
    /// Warn when the signatures are older than this many days (0: never).
    #[arg(
        long,
        value_name = "DAYS",
        default_value = "180",
        env = "DEBAR_SIGNATURE_AGE",
        help_heading = "Signatures"
    )]
    pub signature_age: u16,
    /// Judge the rules as of this day (YYYY-MM-DD) [default: today, UTC].
    #[arg(long, value_name = "DATE", env = "DEBAR_AS_OF", value_parser = day, help_heading = "Signatures")]
    pub as_of: Option<jiff::civil::Date>,
    /// Only these rules count (see debar signatures); all for every rule there is.
    #[arg(long, value_name = "ID", env = "DEBAR_RULES", value_delimiter = ',', help_heading = "Signatures")]
    pub rules: Vec<String>,
    /// Judge by the rules that matter for this audience: private, federal-agency, federal-contractor,
    /// federal-funds, state:XX, country:XX, or all; may be repeated.
    #[arg(
        long,
        value_name = "AUDIENCE",
        env = "DEBAR_AUDIENCE",
        value_delimiter = ',',
        help_heading = "Signatures"
    )]
    pub audience: Vec<Audiences>,
    /// Check for this vendor only, by its id (see debar signatures list), and judge by it; may be repeated.
    #[arg(
        long,
        value_name = "VENDOR",
        env = "DEBAR_VENDOR",
        value_delimiter = ',',
        help_heading = "Signatures"
    )]
    pub vendor: Vec<String>,
    /// Check for vendors, too, that are restricted only for some organisations: true or false. Without an audience that
    /// their rules bind they change neither verdict nor exit code.
    #[arg(
        long,
        value_name = "BOOL",
        env = "DEBAR_OTHER_VENDORS",
        default_value = "true",
        default_missing_value = "true",
        num_args = 0..=1,
        require_equals = true,
        action = clap::ArgAction::Set,
        value_parser = boolish(),
        help_heading = "Signatures"
    )]
    pub other_vendors: bool,
    /// File of exceptions (TOML or JSON): findings and gaps that are accepted for a while. They stay in the report and do not give exit code 1 or 3.
    #[arg(long, value_name = "FILE", env = "DEBAR_EXCEPTIONS", help_heading = "Report")]
    pub exceptions: Option<PathBuf>,
    /// Which signatures to use.
    #[command(flatten)]
    pub signatures: SignatureOptions,
}

/// How a target is scanned.
#[derive(Debug, Clone, Args)]
pub struct TargetOptions {
    /// Leave out a path of the target and everything below it; the report says so.
    #[arg(long, value_name = "PATH", env = "DEBAR_EXCLUDE", value_delimiter = ',', help_heading = "Target")]
    pub exclude: Vec<String>,
    /// Stay on the file system of the target's root.
    #[arg(short = 'x', long, env = "DEBAR_ONE_FILE_SYSTEM", value_parser = boolish(), help_heading = "Target")]
    pub one_file_system: bool,
    /// Scan other installations on a disk, too, each as a target of its own: an older Windows, root folders, containers, deployments, backups. Without it, they are named as not read.
    #[arg(long, env = "DEBAR_NESTED", value_parser = boolish(), help_heading = "Target")]
    pub nested: bool,
    /// Search the whole target, not only where programs are usually installed; images are searched whole anyway.
    #[arg(long, env = "DEBAR_DEEP", value_parser = boolish(), help_heading = "Target")]
    pub deep: bool,
    /// Search images only where programs are usually installed; the report says so.
    #[arg(long, env = "DEBAR_NO_DEEP", value_parser = boolish(), help_heading = "Target")]
    pub no_deep: bool,
    /// Of an image for several platforms, scan this one (OS/ARCHITECTURE[/VARIANT]) [default: linux and this machine's].
    #[arg(long, value_name = "PLATFORM", env = "DEBAR_PLATFORM", help_heading = "Target")]
    pub platform: Option<String>,
    /// Read the layers of images to their last byte and hold each against its digests. Without it, the bytes of compressed layers are held against the manifest, and of others only what the scan needs is read.
    #[arg(long, env = "DEBAR_VERIFY_LAYERS", value_parser = boolish(), help_heading = "Target")]
    pub verify_layers: bool,
    /// Speak HTTP without TLS to the registry of a `registry:` target; anyone who is on the way can read the login and change the image.
    #[arg(long, env = "DEBAR_INSECURE", value_parser = boolish(), help_heading = "Target")]
    pub insecure: bool,
    /// What you call the image: exceptions by `image` and baselines hold for that, never for what an archive calls itself.
    #[arg(long = "as", value_name = "NAME", env = "DEBAR_AS", help_heading = "Target")]
    pub called: Option<String>,
    /// Keep what was read of image layers in this folder, and read no layer again that it has; signatures are matched again each time.
    #[arg(long, value_name = "DIR", env = "DEBAR_CACHE", help_heading = "Target")]
    pub cache: Option<PathBuf>,
    /// Stop waiting after this time (30s, 5m, 1h; 0 for never) and report what was not done as gaps.
    #[arg(long, value_name = "TIME", default_value = "30m", env = "DEBAR_TIMEOUT", value_parser = duration, help_heading = "Target")]
    pub timeout: Duration,
    /// Stop waiting for a single source after this time (0 for never); the others and the search go on.
    #[arg(long, value_name = "TIME", default_value = "10m", env = "DEBAR_SOURCE_TIMEOUT", value_parser = duration, help_heading = "Target")]
    pub source_timeout: Duration,
    /// End with what was found when debar itself uses more memory than this (512M, 2G; 0 for no limit).
    #[arg(long, value_name = "SIZE", default_value = "2G", env = "DEBAR_MAX_MEMORY", value_parser = size, help_heading = "Target")]
    pub max_memory: u64,
    /// How far to give way to other programs, for processor and disk: 0 not at all, 19 as far as possible.
    #[arg(long, value_name = "N", default_value = "19", env = "DEBAR_NICE", value_parser = clap::value_parser!(u8).range(0..=19), help_heading = "Target")]
    pub nice: u8,
    /// Do not give up rights that the scan does not need (Linux: Landlock, seccomp, no_new_privs); for finding faults.
    #[arg(long, env = "DEBAR_NO_CONFINEMENT", value_parser = boolish(), help_heading = "Target")]
    pub no_confinement: bool,
    /// Threads of the search [default: one per core].
    #[arg(long, value_name = "N", env = "DEBAR_THREADS", value_parser = clap::value_parser!(u16).range(1..=1024), help_heading = "Target")]
    pub threads: Option<u16>,
    /// Show no progress bar.
    #[arg(long, env = "DEBAR_NO_PROGRESS", value_parser = boolish(), help_heading = "General")]
    pub no_progress: bool,
}

impl TargetOptions {
    /// Whether images are searched whole.
    pub fn searches_images_whole(&self) -> bool {
        self.deep || !self.no_deep
    }
}

/// Parses `512M`, `2G`, or a number of bytes.
fn size(text: &str) -> Result<u64, String> {
    let wrong = || "not a size; write for example 512M, 2G or 0".to_owned();
    let upper = text.trim().to_ascii_uppercase();
    let units = [("K", 10), ("M", 20), ("G", 30)];
    let unit = units.iter().find_map(|(unit, shift)| Some((upper.strip_suffix(unit)?, *shift)));
    let (number, shift) = unit.unwrap_or((&upper, 0));
    let number: u64 = number.parse().map_err(|_| wrong())?;
    number.checked_shl(shift).filter(|bytes| bytes >> shift == number).ok_or_else(wrong)
}

/// Many targets in one run.
#[derive(Debug, Clone, Default, Args)]
pub struct ManyTargets {
    /// Take targets from a file, one a line; empty lines and those that begin with # are left out; - for standard input.
    #[arg(long, value_name = "FILE", env = "DEBAR_FROM_FILE", help_heading = "Target")]
    pub from_file: Option<PathBuf>,
    /// Take every Nth of the targets, beginning with the Ith: splits a list over N jobs.
    #[arg(long, value_name = "I/N", env = "DEBAR_SHARD", value_parser = shard, help_heading = "Target")]
    pub shard: Option<(usize, usize)>,
}

/// Parses `I/N`, with I from 1 to N.
fn shard(text: &str) -> Result<(usize, usize), String> {
    let wrong = || "not a share; write for example 1/4, 2/4, 3/4 or 4/4".to_owned();
    let (index, count) = text.split_once('/').ok_or_else(wrong)?;
    let (index, count): (usize, usize) =
        (index.parse().map_err(|_| wrong())?, count.parse().map_err(|_| wrong())?);
    if index == 0 || index > count { Err(wrong()) } else { Ok((index, count)) }
}

/// How reports get to a collector.
#[cfg(feature = "distribution")]
#[derive(Debug, Clone, Args)]
pub struct DeliveryOptions {
    /// Certificate of this machine for the collector (PEM; with its key, or see --client-key).
    #[arg(long, value_name = "FILE", env = "DEBAR_CLIENT_CERT", help_heading = "Delivery")]
    pub client_cert: Option<PathBuf>,
    /// Private key of --client-cert (PEM, without a password).
    #[arg(
        long,
        value_name = "FILE",
        env = "DEBAR_CLIENT_KEY",
        requires = "client_cert",
        help_heading = "Delivery"
    )]
    pub client_key: Option<PathBuf>,
    /// File with a token that the collector gets as `Authorization: Bearer`.
    #[arg(long, value_name = "FILE", env = "DEBAR_TOKEN_FILE", help_heading = "Delivery")]
    pub token_file: Option<PathBuf>,
    /// Authorities that the collector's certificate must come from (PEM) [default: those that the system trusts].
    #[arg(long, value_name = "FILE", env = "DEBAR_CA", help_heading = "Delivery")]
    pub ca: Option<PathBuf>,
    /// Folder where reports wait until the collector has them; only you may enter it [default: /var/spool/debar for root, else debar/spool in your state folder].
    #[arg(long, value_name = "DIR", env = "DEBAR_SPOOL", help_heading = "Delivery")]
    pub spool: Option<PathBuf>,
    /// Most bytes that may wait; a scan whose report does not fit exits with 2.
    #[arg(long, value_name = "SIZE", default_value = "256M", env = "DEBAR_SPOOL_LIMIT", value_parser = size, help_heading = "Delivery")]
    pub spool_limit: u64,
    /// Stop trying after this time; what is not delivered stays in the spool.
    #[arg(long, value_name = "TIME", default_value = "2m", env = "DEBAR_DELIVER_TIMEOUT", value_parser = duration, help_heading = "Delivery")]
    pub deliver_timeout: Duration,
}

/// Parses a day.
pub(super) fn day(text: &str) -> Result<jiff::civil::Date, String> {
    text.parse().map_err(|_| "not a day; write it as YYYY-MM-DD, for example 2026-11-30".to_owned())
}

/// Parses `90`, `30s`, `5m`, `1h`, `500ms`.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.len() - text.trim_start_matches(|char: char| char.is_ascii_digit()).len();
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.parse().map_err(|_| "not a time; write for example 30s, 5m or 1h".to_owned())?;
    let milliseconds = match unit {
        "ms" => 1,
        "" | "s" => 1_000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        _ => return Err(format!("unknown unit `{unit}`; there are ms, s, m and h")),
    };
    Ok(Duration::from_millis(number.saturating_mul(milliseconds)))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use crate::command::cli::Cli;

    use super::*;

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_option_has_its_environment_variable() {
        for command in Cli::command().get_subcommands() {
            for argument in command.get_arguments().filter(|argument| argument.get_long().is_some()) {
                let long = argument.get_long().unwrap();
                if matches!(long, "help" | "version") || command.is_hide_set() {
                    continue;
                }
                // DEBAR_OUTPUT names formats of scans.
                if long == "output" && matches!(command.get_name(), "diff" | "plan" | "attest" | "version") {
                    continue;
                }
                // osquery itself passes them; DEBAR_TIMEOUT is that of scans.
                if command.get_name() == "osquery" && matches!(long, "socket" | "timeout" | "interval") {
                    continue;
                }
                // The test product is planted and removed when it is asked for, never by a setting.
                if command.get_name() == "selftest" {
                    continue;
                }
                // What debar passes to a second debar.
                if argument.is_hide_set() {
                    continue;
                }
                let variable = format!("DEBAR_{}", long.to_uppercase().replace('-', "_"));
                let env = argument.get_env().and_then(|env| env.to_str());
                assert_eq!(env, Some(variable.as_str()), "{}", command.get_name());
            }
        }
    }

    #[test]
    fn times() {
        assert_eq!(duration("90"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(duration("1h"), Ok(Duration::from_secs(3600)));
        assert!(duration("").is_err() && duration("5 parsecs").is_err() && duration("-1").is_err());
    }

    #[test]
    fn shards() {
        assert_eq!((shard("1/4"), shard("4/4")), (Ok((1, 4)), Ok((4, 4))));
        assert!(shard("0/4").is_err() && shard("5/4").is_err() && shard("x").is_err() && shard("1").is_err());
    }
}
