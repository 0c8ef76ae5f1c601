//! What the commands do: they put targets, signatures, scans and reports together.

pub mod arguments;
pub mod attest;
pub mod cli;
mod config;
mod delivery;
pub mod diff;
pub mod explain;
pub mod fleet;
#[cfg(feature = "generate")]
pub mod generate;
#[cfg(feature = "generate")]
pub mod generated;
#[cfg(feature = "generate")]
mod handbook;
mod interrupt;
pub mod inventory;
pub mod osquery;
mod outputs;
pub mod plan;
mod progress;
pub mod reference;
pub mod scan;
mod session;
mod sight;
pub mod signatures;
mod targets;
pub mod verify;
mod visibility;

use std::ffi::OsString;
use std::io::{self, Write};

use clap::{CommandFactory, FromArgMatches};

use crate::model::Error;
use crate::process::{self, output};
use crate::report::exit;
use cli::{Cli, Command};

/// Parses a command line with the environment and the config file, runs it, and returns the exit code.
///
/// # Errors
/// What keeps the command from running: exit code 2. Mistakes on the command line are printed here.
pub fn run(arguments: Vec<OsString>) -> Result<u8, Error> {
    output::outlive_file_size_limit();
    let cli = match parse(osquery::by_name(arguments))? {
        Ok(cli) => cli,
        Err(message) => {
            // It repeats arguments, which a job may have from anywhere: a branch, a tag.
            let text = message.to_string();
            if message.use_stderr() && !process::is_plain(&text) {
                process::say(&text);
                return Ok(exit::FATAL);
            }
            // `--help` and `--version` are messages too; a closed pipe is no reason to complain.
            return match message.print().and_then(|()| io::stdout().flush()) {
                _ if message.use_stderr() => Ok(exit::FATAL),
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Error::Stdout(error)),
                _ => Ok(exit::OK),
            };
        }
    };
    let global = cli.global;
    match cli.command {
        Command::Scan(options) => scan::run(&options, &global),
        Command::Inventory(options) => inventory::run(&options, &global),
        Command::Plan(options) => plan::run(&options, &global),
        Command::Verify(options) => verify::run(&options, &global),
        Command::Diff(options) => diff::run(&options, &global),
        Command::Fleet(options) => fleet::run(&options, &global),
        Command::Osquery(options) => osquery::run(&options, &global),
        Command::Attest(options) => attest::run(&options, &global),
        Command::Collectors(options) => reference::collectors(&options),
        Command::Explain(options) => explain::run(&options),
        Command::Signatures(options) => signatures::run(&options.command),
        #[cfg(feature = "generate")]
        Command::Generate(options) => generate::run(&options, Cli::command()),
    }
}

fn parse(mut arguments: Vec<OsString>) -> Result<Result<Cli, clap::Error>, Error> {
    let mut command = Cli::command();
    let matches = match command.try_get_matches_from_mut(arguments.clone()) {
        Ok(matches) => matches,
        Err(error) => return Ok(Err(error)),
    };
    if let Some((name, matches)) = matches.subcommand() {
        let mut more = config::arguments(&command, name, matches)?;
        if !more.is_empty() {
            // Right behind the subcommand's name: behind `--` they would be targets.
            let at =
                arguments.iter().position(|argument| argument == name).map_or(arguments.len(), |at| at + 1);
            let rest = arguments.split_off(at);
            arguments.append(&mut more);
            arguments.extend(rest);
        }
    }
    Ok(Cli::command().try_get_matches_from(arguments).and_then(|matches| Cli::from_arg_matches(&matches)))
}
