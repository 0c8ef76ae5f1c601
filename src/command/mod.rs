//! What the commands do: they put targets, signatures, scans and reports together.

pub mod about;
pub mod arguments;
pub mod attest;
mod bare;
pub mod cli;
mod config;
mod config_arguments;
#[cfg(feature = "distribution")]
pub mod deliver;
mod delivery;
pub mod diff;
mod documents;
mod effects;
mod examples;
pub mod explain;
pub mod fleet;
mod found;
#[cfg(feature = "generate")]
pub mod generate;
#[cfg(feature = "generate")]
pub mod generated;
mod habits;
#[cfg(feature = "generate")]
mod handbook;
mod interrupt;
pub mod inventory;
mod leaf;
mod meant;
mod nested;
mod opener;
pub mod osquery;
pub mod output_arguments;
mod outputs;
mod parse;
pub mod plan;
mod progress;
mod project;
pub mod reference;
#[cfg(feature = "generate")]
mod removals;
pub mod scan;
pub mod selftest;
mod session;
pub mod settings;
mod sight;
pub mod signatures;
mod store_names;
mod target_names;
mod targets;
mod test_product;
mod value_mistakes;
pub mod verify;
mod window;

use std::ffi::OsString;
use std::io::{self, Write};

#[cfg(feature = "generate")]
use clap::CommandFactory;

use crate::model::Error;
use crate::process::{self, output};
use crate::report::exit;
#[cfg(feature = "generate")]
use cli::Cli;
use cli::Command;
use parse::Parsed;

/// Parses a command line with the environment and the config file, runs it, and returns the exit code.
///
/// # Errors
/// What keeps the command from running: exit code 2. Mistakes on the command line are printed here.
pub fn run(arguments: Vec<OsString>) -> Result<u8, Error> {
    if window::is_own(&arguments) {
        return Ok(window::run(run_line));
    }
    run_line(arguments)
}

fn run_line(arguments: Vec<OsString>) -> Result<u8, Error> {
    output::outlive_file_size_limit();
    let cli = match parse::parse(osquery::by_name(arguments))? {
        Parsed::Command(cli) => *cli,
        Parsed::Mistake(text) => {
            process::say(text.trim_end());
            return Ok(exit::FATAL);
        }
        Parsed::Message(message) => {
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
        #[cfg(feature = "distribution")]
        Command::Deliver(options) => deliver::run(&options),
        Command::Diff(options) => diff::run(&options, &global),
        Command::Fleet(options) => fleet::run(&options, &global),
        Command::Osquery(options) => osquery::run(&options, &global),
        Command::Attest(options) => attest::run(&options, &global),
        Command::Collectors(options) => reference::collectors(&options),
        Command::Explain(options) => explain::run(&options),
        Command::Signatures(options) => signatures::run(&options.command, &global),
        Command::Config(options) => settings::run(&options, &global),
        Command::Selftest(options) => selftest::run(&options, &global),
        Command::Completion(options) => about::completion(&options),
        Command::Version(options) => about::version(&options, &global),
        #[cfg(feature = "generate")]
        Command::Generate(options) => generate::run(&options, Cli::command()),
    }
}
