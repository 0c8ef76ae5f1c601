//! What the commands do: they put targets, signatures, scans and reports together.

mod attest;
mod delivery;
mod diff;
mod explain;
mod fleet;
#[cfg(feature = "generate")]
mod generate;
mod interrupt;
mod inventory;
mod osquery;
mod plan;
mod progress;
mod reference;
mod scan;
mod session;
mod signatures;
mod targets;
mod verify;

use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};

use clap::{CommandFactory, FromArgMatches};

use crate::cli::{Cli, Colour, Command, Global, Output};
use crate::model::Error;
use crate::process::output;
use crate::report::{self, Format, Look};
use crate::{config, exit};

/// Parses a command line with the environment and the config file, runs it, and returns the exit code.
///
/// # Errors
/// What keeps the command from running: exit code 2. Mistakes on the command line are printed here.
pub fn run(arguments: Vec<OsString>) -> Result<u8, Error> {
    output::outlive_file_size_limit();
    let cli = match parse(osquery::by_name(arguments))? {
        Ok(cli) => cli,
        Err(message) => {
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
        Command::Generate(options) => generate::run(&options),
    }
}

fn parse(mut arguments: Vec<OsString>) -> Result<Result<Cli, clap::Error>, Error> {
    let mut command = Cli::command();
    let matches = match command.try_get_matches_from_mut(arguments.clone()) {
        Ok(matches) => matches,
        Err(error) => return Ok(Err(error)),
    };
    if let Some((name, matches)) = matches.subcommand()
        && let Some(subcommand) = command.find_subcommand(name)
    {
        let mut more = config::arguments(subcommand, name, matches)?;
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

/// Writes reports to where `-o` says; as text to standard output when it says nothing.
fn write_reports(
    outputs: &[Output],
    global: &Global,
    write: impl Fn(&Format, Look, &mut dyn Write) -> io::Result<()>,
) -> Result<(), Error> {
    annotate(outputs, global, &write)?;
    write_outputs(outputs, global, "text", |name, look, out| match report::format(name) {
        Some(format) => write(format, look, out),
        None => Ok(()),
    })
}

/// Writes to where `-o` says, by the name of the format; in a format of its own to standard output when it says
/// nothing.
fn write_outputs(
    outputs: &[Output],
    global: &Global,
    default: &str,
    write: impl Fn(&str, Look, &mut dyn Write) -> io::Result<()>,
) -> Result<(), Error> {
    let verbose = global.verbose;
    for output in outputs {
        let Some(path) = &output.file else { continue };
        let look = Look { verbose, ..Look::default() };
        let written = output::write_whole(path, |out| write(&output.format, look, out));
        written.map_err(|source| Error::Output { path: path.clone(), source })?;
    }
    let mut printed: Vec<&str> =
        outputs.iter().filter(|output| output.file.is_none()).map(|output| output.format.as_str()).collect();
    if outputs.is_empty() && !global.quiet {
        printed.push(default);
    }
    let stdout = io::stdout();
    let look = Look { colour: coloured(global.color, stdout.is_terminal()), width: width(), verbose };
    for format in printed {
        let mut out = io::BufWriter::new(stdout.lock());
        match write(format, look, &mut out).and_then(|()| out.flush()) {
            // `debar scan | head` is no error.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            result => result.map_err(Error::Stdout)?,
        }
    }
    Ok(())
}

/// Annotates the run when it is one of GitHub Actions, on standard error: what is printed stays what was asked for.
fn annotate(
    outputs: &[Output],
    global: &Global,
    write: impl Fn(&Format, Look, &mut dyn Write) -> io::Result<()>,
) -> Result<(), Error> {
    let there = std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true");
    let asked = outputs.iter().any(|output| output.format == "github");
    if let Some(format) = report::format("github").filter(|_| there && !asked && !global.quiet) {
        let mut commands = Vec::new();
        write(format, Look::default(), &mut commands).map_err(Error::Stdout)?;
        drop(io::stderr().write_all(&commands));
    }
    Ok(())
}

fn coloured(colour: Colour, terminal: bool) -> bool {
    match colour {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => {
            terminal
                && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
                && crate::process::can_show_colours()
        }
    }
}

/// Columns to write in: those of the terminal between 40 and 120, else 80; longer lines are hard to read.
fn width() -> usize {
    if !io::stdout().is_terminal() {
        return 80;
    }
    terminal_size::terminal_size().map_or(80, |(width, _)| usize::from(width.0).clamp(40, 120))
}
