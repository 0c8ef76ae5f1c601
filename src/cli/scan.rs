//! `debar scan`.

use std::path::PathBuf;

use clap::Args;

use super::{JudgeOptions, ManyTargets, Output, TargetOptions, boolish, output};

/// Look for banned products.
#[derive(Debug, Clone, Args)]
pub struct Scan {
    /// What to scan: nothing for this host, a path (mounted disk, chroot, image archive, OCI layout; told by its content),
    /// dir:, docker-archive:, oci-archive: or oci-dir: before the path to say which, - for an image on standard input,
    /// registry:NAME (or docker://NAME) for one in a registry, containers-storage:, docker-store: or containerd: and [PATH][#NAME]
    /// for the images and containers that Podman, Docker or containerd keep on this machine.
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    /// Many targets.
    #[command(flatten)]
    pub many: ManyTargets,
    /// Report as FORMAT, to a file or to standard output; may be repeated [default: text]. In the name of a file %h stands for
    /// the host, %t for the time and %i for an id of the report: each target gets a file of its own then.
    #[arg(short, long, value_name = "FORMAT[=FILE]", env = "DEBAR_OUTPUT", value_delimiter = ',', value_parser = output, help_heading = "Report")]
    pub output: Vec<Output>,
    /// Of the files that an output with %t in its name made for a host, keep the newest N and remove the others.
    #[arg(long, value_name = "N", env = "DEBAR_KEEP", value_parser = clap::value_parser!(u16).range(1..), help_heading = "Report")]
    pub keep: Option<u16>,
    /// Write the verdict into the event log of Windows, too: log Application, source debar, event 100 (nothing found), 101 (found) or 103
    /// (incomplete). Elsewhere: -o syslog.
    #[arg(long, env = "DEBAR_EVENT_LOG", value_parser = boolish(), help_heading = "Report")]
    pub event_log: bool,
    /// Report whose findings are known already: only new ones, and those in a graver state, give exit code 1.
    #[arg(long, value_name = "REPORT", env = "DEBAR_BASELINE", help_heading = "Report")]
    pub baseline: Option<PathBuf>,
    /// How findings are judged.
    #[command(flatten)]
    pub judge: JudgeOptions,
    /// How to look at the target.
    #[command(flatten)]
    pub target: TargetOptions,
}
