//! `debar config`: what is set, and where.

use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{Arg, Command, CommandFactory};

use super::arguments::Global;
use super::cli::Cli;
use super::config_arguments::{Check, Config, ConfigCommand, Init, Show};
use super::outputs::write_outputs;
use super::reference::print;
use super::{config, leaf, parse, project};
use crate::model::Error;
use crate::process::output;
use crate::report::exit;
use crate::write::Table;

pub(super) fn run(options: &Config, global: &Global) -> Result<u8, Error> {
    match &options.command {
        ConfigCommand::Init(options) => init(options),
        ConfigCommand::Show(options) => show(options, global),
        ConfigCommand::Check(options) => check(options, global),
    }
}

fn init(options: &Init) -> Result<u8, Error> {
    let path = &options.file;
    if path.exists() {
        return Err(Error::Usage(format!("{} is there already; name another file", path.display())));
    }
    let text = template(&Cli::command());
    output::write_whole(path, |out| out.write_all(text.as_bytes()))
        .map_err(|source| Error::Output { path: path.clone(), source })?;
    print(&format!("{} is written. `debar config check {0}` checks it.\n", path.display()))?;
    Ok(exit::OK)
}

/// Every option of a scan and of the fleet in a comment.
fn template(cli: &Command) -> String {
    let mut text = "# Settings of debar. Remove the # before a line to set it. A key at the top holds for every command that\n\
        # has the option, one in a section for that command only.\n"
        .to_owned();
    for names in [&["scan"][..], &["fleet", "status"]] {
        text.push_str(&format!("\n[{}]\n", names.join(".")));
        for leaf in leaf::below(cli, names) {
            for (argument, long) in settable(leaf.command) {
                let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
                text.push_str(&format!("# {}\n# {long} = {}\n", help.replace('\n', " "), example(argument)));
            }
        }
    }
    text
}

fn settable(command: &Command) -> impl Iterator<Item = (&Arg, &str)> {
    let options = command.get_arguments().filter_map(|argument| Some((argument, argument.get_long()?)));
    options.filter(|(argument, long)| {
        !["help", "version", "config"].contains(long)
            && !argument.is_hide_set()
            && argument.get_env().is_some()
    })
}

/// The default as a value of TOML.
fn example(argument: &Arg) -> String {
    if !argument.get_action().takes_values() {
        return "true".to_owned();
    }
    let default = argument.get_default_values().first().map(|value| value.to_string_lossy().into_owned());
    let name = argument.get_value_names().and_then(|names| names.first()).map(ToString::to_string);
    match default {
        Some(default) if default == "true" || default.parse::<u32>().is_ok() => default,
        default => format!("{:?}", default.or(name).unwrap_or_default()),
    }
}

fn no_single_command(names: &[&str], leaves: &[leaf::Leaf<'_>]) -> Error {
    let all: Vec<String> = leaves.iter().map(|leaf| leaf.names.join(" ")).collect();
    let next = match all.as_slice() {
        [] => "`debar --help` shows the commands".to_owned(),
        all => format!("name one of {}", all.join(", ")),
    };
    Error::Usage(format!("`{}` is no single command; {next}", names.join(" ")))
}

fn show(options: &Show, global: &Global) -> Result<u8, Error> {
    let cli = Cli::command();
    let names: Vec<&str> = options.command.iter().map(String::as_str).collect();
    let leaves = leaf::below(&cli, &names);
    let [leaf] = &leaves[..] else { return Err(no_single_command(&names, &leaves)) };
    let mut line: Vec<std::ffi::OsString> = vec!["debar".into()];
    line.extend(leaf.names.iter().map(Into::into));
    if let Some(path) = &global.config {
        line.extend(["--config".into(), path.into()]);
    }
    // What a command needs on its line is not there.
    let parsed = |line: &[std::ffi::OsString]| {
        Cli::command()
            .ignore_errors(true)
            .try_get_matches_from(line)
            .map_err(|error| Error::Usage(error.to_string()))
    };
    let first = parsed(&line)?;
    let (_, matches) = leaf::of(&cli, &first);
    let added = parse::from_files(&cli, leaf, matches)?;
    leaf::insert(&mut line, leaf, added.arguments);
    let whole = parsed(&line)?;
    let (_, values) = leaf::of(&cli, &whole);
    let mut table = Table { headers: vec!["option", "value", "origin"], rows: Vec::new() };
    for (argument, long) in settable(leaf.command) {
        let id = argument.get_id().as_str();
        let origin = match (added.origins.get(long), matches.value_source(id)) {
            (_, Some(ValueSource::EnvVariable)) => {
                argument.get_env().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
            }
            (Some(origin), _) => origin.clone(),
            _ if options.all => "default".to_owned(),
            _ => continue,
        };
        let raw = values.try_get_raw(id).ok().flatten().into_iter().flatten();
        let value: Vec<String> = raw.map(|value| value.to_string_lossy().into_owned()).collect();
        let value = if argument.get_action().takes_values() || !value.is_empty() {
            value.join(",")
        } else {
            "true".to_owned()
        };
        table.rows.push(vec![long.to_owned(), value, origin]);
    }
    write_outputs(&options.output, global, "text", |format, _, out| match format {
        "json" => table.json(out),
        "ndjson" => table.ndjson(out),
        "csv" => table.csv(out),
        _ if table.rows.is_empty() => writeln!(out, "every option has its default; --all lists them"),
        _ => table.text(out),
    })?;
    Ok(exit::OK)
}

fn check(options: &Check, global: &Global) -> Result<u8, Error> {
    let named = options.file.clone().or_else(|| global.config.clone());
    let own = PathBuf::from(project::NAME);
    let path = named.unwrap_or_else(|| if own.exists() { own } else { PathBuf::from(config::DEFAULT) });
    let file = config::File::read(&path)?;
    let mut cli = Cli::command();
    // Only then do commands have the options that all of them have.
    cli.build();
    let mut problems = file.warnings(&cli);
    for (full, value, leaves) in file.keys(&cli) {
        problems.extend(file.problem(&cli, &full, value, &leaves));
    }
    for problem in &problems {
        print(&format!("{problem}\n"))?;
    }
    if problems.is_empty() {
        print(&format!("{}: no problem\n", path.display()))?;
    }
    Ok(if problems.is_empty() { exit::OK } else { exit::FOUND })
}
