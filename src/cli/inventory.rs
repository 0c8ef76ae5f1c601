//! `debar inventory`.

use clap::Args;

use super::{ManyTargets, Output, TargetOptions, boolish, output};

/// List everything that is installed or running.
#[derive(Debug, Clone, Args)]
pub struct Inventory {
    /// What to list: nothing for this host, a path (mounted disk, chroot, image archive, OCI layout; told by its content),
    /// dir:, docker-archive:, oci-archive: or oci-dir: before the path to say which, - for an image on standard input,
    /// registry:NAME (or docker://NAME) for one in a registry, containers-storage:, docker-store: or containerd: and [PATH][#NAME]
    /// for the images and containers that Podman, Docker or containerd keep on this machine.
    #[arg(value_name = "TARGET")]
    pub targets: Vec<String>,
    /// Many targets.
    #[command(flatten)]
    pub many: ManyTargets,
    /// Report as FORMAT, to a file or to standard output; may be repeated [default: text].
    #[arg(short, long, value_name = "FORMAT[=FILE]", env = "DEBAR_OUTPUT", value_delimiter = ',', value_parser = output, help_heading = "Report")]
    pub output: Vec<Output>,
    /// Give exit code 0 although places could not be looked at; the report still shows them.
    #[arg(long, env = "DEBAR_ALLOW_GAPS", value_parser = boolish(), help_heading = "Report")]
    pub allow_gaps: bool,
    /// Only artifacts of this collector; may be repeated.
    #[arg(
        long,
        value_name = "NAME",
        env = "DEBAR_COLLECTOR",
        value_delimiter = ',',
        help_heading = "Report"
    )]
    pub collector: Vec<String>,
    /// How to look at the target.
    #[command(flatten)]
    pub target: TargetOptions,
}
