//! `debar plan`: from reports to the steps that remove what they found.

use std::path::{Path, PathBuf};

use clap::Args;

use super::session::{self, read_reports};
use crate::command::arguments::{Global, SignatureOptions};
use crate::command::output_arguments::{Output, output_of};
use crate::command::outputs::{no_scripts_for_others, write_outputs};
use crate::finding::matcher::Matcher;
use crate::model::Error;
use crate::plan::{WRITERS, build};
use crate::process;
use crate::report::exit;
use crate::text::escape::printable;

/// Plan the removal of what reports found; nothing is removed by debar itself.
///
/// A report is not believed: evidence that the signatures in use do not match again is refused by name (exit code 3). The
/// scripts only show what they would do until they are called with --apply (-Apply), refuse a step when the host no
/// longer shows what the scan saw, keep a copy of the product's data, and log what they did.
#[derive(Debug, Clone, Args)]
pub struct Plan {
    /// Reports of scans (json or ndjson); - for standard input.
    #[arg(value_name = "REPORT", required = true)]
    pub reports: Vec<PathBuf>,
    /// Write as text, markdown, json, sh, ps1, intune-detect, intune-remediate, configmgr or ansible, to a file or to standard output; a file name with an extension of these does, too; may be repeated [default: text].
    #[arg(short, long, value_name = "FORMAT[=FILE]", value_parser = output, help_heading = "Report")]
    pub output: Vec<Output>,
    /// Which signatures to match the evidence against.
    #[command(flatten)]
    pub signatures: SignatureOptions,
}

fn output(text: &str) -> Result<Output, String> {
    let names: Vec<&str> = crate::plan::WRITERS.iter().map(|(name, _)| *name).collect();
    output_of(text, &names, &[("yml", "ansible"), ("yaml", "ansible")])
}

/// Formats for people and programs, which nobody runs.
const READ: &[&str] = &["text", "markdown", "json"];

pub(super) fn run(options: &Plan, global: &Global) -> Result<u8, Error> {
    let files = session::signature_files(&options.signatures);
    session::confine_to(options.reports.iter().chain(&files).map(PathBuf::as_path), &options.output)?;
    let scripts = options.output.iter().filter(|output| !READ.contains(&output.format.as_str()));
    for file in scripts.filter_map(|output| output.file.as_deref()) {
        no_scripts_for_others(file.parent().unwrap_or(Path::new("")), file)?;
    }
    let mut reports = Vec::new();
    for path in &options.reports {
        reports.extend(read_reports(path)?);
    }
    let set = session::judging_signatures(&options.signatures)?;
    let plan = build::plan(&reports, &Matcher::new(&set));
    write_outputs(&options.output, global, "text", |name, _, out| {
        match WRITERS.iter().find(|(known, _)| *known == name) {
            Some((_, write)) => write(&plan, out),
            None => Ok(()),
        }
    })?;
    let mut refused =
        plan.hosts.iter().flat_map(|host| host.refused.iter().map(move |why| (host, why))).peekable();
    let code = if refused.peek().is_some() { exit::INCOMPLETE } else { exit::OK };
    for (host, why) in refused {
        let text = format!("debar: {}: not believed, and not part of the plan: {why}", host.host);
        process::say(&printable(&text));
    }
    Ok(code)
}
