//! The command that a command line names, below all its subcommands.

use std::ffi::OsString;

use clap::{ArgMatches, Command};

/// A command that has no subcommands.
#[derive(Clone)]
pub(super) struct Leaf<'a> {
    /// Its name and those above it.
    pub(super) names: Vec<String>,
    pub(super) command: &'a Command,
}

/// The command that was called, and what was given to it.
pub(super) fn of<'a>(cli: &'a Command, matches: &'a ArgMatches) -> (Leaf<'a>, &'a ArgMatches) {
    let mut leaf = Leaf { names: Vec::new(), command: cli };
    let mut here = matches;
    while let Some((name, below)) = here.subcommand() {
        let Some(command) = leaf.command.find_subcommand(name) else { break };
        leaf.names.push(name.to_owned());
        leaf.command = command;
        here = below;
    }
    (leaf, here)
}

/// Every command below a section, which is a list of names of commands; none when there is no such command.
pub(super) fn below<'a>(cli: &'a Command, section: &[&str]) -> Vec<Leaf<'a>> {
    let mut command = cli;
    for name in section {
        let Some(found) = command.find_subcommand(name) else { return Vec::new() };
        command = found;
    }
    let names = section.iter().map(|&name| name.to_owned()).collect();
    let mut leaves = Vec::new();
    collect(command, names, &mut leaves);
    leaves
}

fn collect<'a>(command: &'a Command, names: Vec<String>, leaves: &mut Vec<Leaf<'a>>) {
    if !command.has_subcommands() {
        leaves.push(Leaf { names, command });
        return;
    }
    for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
        let names = names.iter().cloned().chain([below.get_name().to_owned()]).collect();
        collect(below, names, leaves);
    }
}

/// Puts arguments right behind the names of a command: behind `--` they would be targets.
pub(super) fn insert(arguments: &mut Vec<OsString>, leaf: &Leaf<'_>, more: Vec<OsString>) {
    let mut at = 0;
    for name in &leaf.names {
        let rest = arguments.get(at..).unwrap_or_default();
        at +=
            rest.iter().position(|argument| argument == name.as_str()).map_or(rest.len(), |found| found + 1);
    }
    let rest = arguments.split_off(at);
    arguments.extend(more);
    arguments.extend(rest);
}
