//! `debar fleet plan`: the removal plans of many hosts, as folders for the tools that deploy them.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;

use super::lost::{NAMED, counted, name_lost};
use crate::command::arguments::{Global, SignatureOptions};
use crate::command::outputs::no_scripts_for_others;
use crate::command::session::{confine_into, judging_signatures, signature_files};
use crate::finding::matcher::Matcher;
use crate::fleet;
use crate::model::Error;
use crate::plan::{build, folders};
use crate::process::say;
use crate::report::exit;
use crate::text::escape::printable;

/// Write the removal plans of many hosts into folders for Ansible, Intune and Configuration Manager.
///
/// Each host's newest report with findings counts, unless a later one that read everything found nothing. Reports are not
/// believed: what the signatures in use do not match again is refused by name (exit code 3).
#[derive(Debug, Clone, Args)]
pub struct Plan {
    /// Reports (json or ndjson), folders of them, or - for standard input.
    #[arg(value_name = "PATH", required = true)]
    pub places: Vec<PathBuf>,
    /// A new folder: hosts/NAME/, ansible/, intune/, configmgr/ and hosts.csv are made in it.
    #[arg(long, value_name = "FOLDER", env = "DEBAR_INTO", required = true, help_heading = "Fleet")]
    pub into: PathBuf,
    /// Which signatures to match the evidence against.
    #[command(flatten)]
    pub signatures: SignatureOptions,
}

pub(super) fn run(options: &Plan, global: &Global) -> Result<u8, Error> {
    let files = signature_files(&options.signatures);
    let there = options.into.ancestors().find(|path| path.exists()).unwrap_or(Path::new("."));
    no_scripts_for_others(there, &options.into)?;
    confine_into(options.places.iter().chain(&files).map(PathBuf::as_path), &options.into);
    let set = judging_signatures(&options.signatures)?;
    let matcher = Matcher::new(&set);
    let gathered = fleet::gather(&options.places, Timestamp::now().as_second());
    name_lost(&gathered.refused, &gathered.skipped);
    if gathered.is_empty() {
        let places: Vec<String> = options.places.iter().map(|place| place.display().to_string()).collect();
        say(&format!(
            "debar: there is no report in {}. Reports are what `debar scan -o json=FILE` writes",
            places.join(", ")
        ));
        return Ok(exit::INCOMPLETE);
    }
    let mut refused: Vec<String> = Vec::new();
    let plans = gathered.reports().map(|report| {
        let plan = build::plan(std::slice::from_ref(&report), &matcher);
        let sentences = plan.hosts.iter().flat_map(|host| {
            let sentence =
                |why: &String| format!("debar: {}: not believed, and not part of the plan: {why}", host.host);
            // A name in a report may have a line's end in it.
            host.refused.iter().map(sentence).map(|text| printable(&text).into_owned()).collect::<Vec<_>>()
        });
        refused.extend(sentences);
        plan
    });
    let written = folders::write(plans, &options.into)
        .map_err(|source| Error::Output { path: options.into.clone(), source })?;
    for sentence in refused.iter().take(NAMED) {
        say(sentence);
    }
    if refused.len() > NAMED {
        say(&format!(
            "debar: {} more pieces of evidence are not believed; see hosts.csv",
            refused.len() - NAMED
        ));
    }
    for sentence in written.left.iter().take(NAMED) {
        say(&format!("debar: {sentence}"));
    }
    if written.left.len() > NAMED {
        say(&format!("debar: {} more hosts need another way; see hosts.csv", written.left.len() - NAMED));
    }
    if !global.quiet {
        let (plans, clean) = (written.rows.len(), gathered.clean());
        let folder = options.into.display().to_string();
        writeln!(
            io::stdout().lock(),
            "{} written to {}; {} nothing to remove",
            counted(plans as u64, "plan"),
            crate::text::escape::printable(&folder),
            if clean == 1 { "1 host has".to_owned() } else { format!("{clean} hosts have") }
        )
        .map_err(Error::Stdout)?;
    }
    Ok(if refused.is_empty() && gathered.refused.is_empty() { exit::OK } else { exit::INCOMPLETE })
}
