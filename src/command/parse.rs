//! A command line with what the environment and config files add to it, and what is wrong with them.

use std::collections::BTreeMap;
use std::ffi::OsString;

use clap::parser::ValueSource;
use clap::{ArgMatches, Command, CommandFactory, FromArgMatches};

use super::cli::Cli;
use super::config::{self, Added};
use super::leaf::{self, Leaf};
use super::value_mistakes::{long_name, placed, plainly};
use super::{effects, habits, project};
use crate::model::Error;
use crate::process;
use crate::signature::nearest;

/// Variables that no option has: read by commands, or by the files for build servers that come with debar.
const OTHER_VARIABLES: &[&str] = &[
    "DEBAR_ADDRESS",
    "DEBAR_FOLDER",
    "DEBAR_JSON",
    "DEBAR_KEY_PASSWORD",
    "DEBAR_SHA256",
    "DEBAR_SOURCE",
    "DEBAR_TARGET",
    "DEBAR_URL",
    "DEBAR_VERSION",
];

/// What became of a command line.
pub(super) enum Parsed {
    Command(Box<Cli>),
    /// Help, the version, or a mistake.
    Message(clap::Error),
    /// A mistake in words of debar's own.
    Mistake(String),
}

/// Parses a command line with the environment and the config files.
///
/// # Errors
/// What is wrong with the environment or a config file.
pub(super) fn parse(mut arguments: Vec<OsString>) -> Result<Parsed, Error> {
    let mut cli = Cli::command();
    let first = match cli.try_get_matches_from_mut(arguments.clone()) {
        Ok(matches) => matches,
        Err(error) => {
            return Ok(match of_environment(&cli, &error, &arguments) {
                Some(text) => Parsed::Mistake(text),
                None => mistake(error),
            });
        }
    };
    let (leaf, matches) = leaf::of(&cli, &first);
    let added = from_files(&cli, &leaf, matches)?;
    leaf::insert(&mut arguments, &leaf, added.arguments.clone());
    let whole = match Cli::command().try_get_matches_from(arguments) {
        Ok(whole) => whole,
        Err(error) => {
            return Ok(match long_name(&error).and_then(|name| added.origins.get(&name)) {
                Some(origin) => Parsed::Mistake(placed(&error, origin)),
                None => mistake(error),
            });
        }
    };
    let is_quiet = leaf::of(&cli, &whole).1.get_flag("quiet");
    if !is_quiet {
        unknown_variables(&cli).iter().for_each(|warning| process::say(warning));
    }
    let parsed = Cli::from_arg_matches(&whole);
    if let Ok(parsed) = &parsed {
        let named =
            |name: &str| matches.try_get_raw(name).is_ok() && is_from_line(matches.value_source(name));
        effects::check(&parsed.command, &named)?;
    }
    Ok(parsed.map_or_else(mistake, |cli| Parsed::Command(Box::new(cli))))
}

fn is_from_line(source: Option<ValueSource>) -> bool {
    source == Some(ValueSource::CommandLine)
}

/// What config files set for a command.
pub(super) fn from_files(cli: &Command, leaf: &Leaf<'_>, matches: &ArgMatches) -> Result<Added, Error> {
    let mut added = Added::default();
    // Its options are about files, and `config` itself must work when one is wrong.
    if leaf.names.is_empty() || leaf.names.first().is_some_and(|name| name == "config") {
        return Ok(added);
    }
    let is_quiet = matches.get_flag("quiet");
    let warn = |text: String| {
        if !is_quiet {
            process::say(&format!("warning: {text}"));
        }
    };
    match project::file(matches)? {
        project::Found::None => {}
        project::Found::Unsafe(why) => warn(why),
        project::Found::File(file) => {
            file.add(cli, leaf, matches, &mut added)?;
            file.warnings(cli).into_iter().for_each(warn);
            if !added.origins.is_empty() && !is_quiet {
                let names: Vec<&str> = added.origins.keys().map(String::as_str).collect();
                process::say(&format!("note: {} sets {}", file.path.display(), names.join(", ")));
            }
        }
    }
    if let Some(file) = config::file(matches)? {
        file.add(cli, leaf, matches, &mut added)?;
        file.warnings(cli).into_iter().for_each(warn);
    }
    Ok(added)
}

fn mistake(error: clap::Error) -> Parsed {
    let text = error.to_string();
    match habits::hint(&error).or_else(|| habits::words(&error)).unwrap_or_else(|| plainly(&text)) {
        hinted if error.use_stderr() && hinted != text => Parsed::Mistake(hinted),
        _ => Parsed::Message(error),
    }
}

/// The message for a value that came from a variable; none when it is on the command line.
fn of_environment(cli: &Command, error: &clap::Error, line: &[OsString]) -> Option<String> {
    let name = long_name(error)?;
    let options = || leaf::below(cli, &[]).into_iter().flat_map(|leaf| leaf.command.get_arguments());
    let all = options().chain(cli.get_arguments());
    let argument =
        all.filter(|argument| argument.get_long() == Some(&name)).find(|it| it.get_env().is_some())?;
    let variable = argument.get_env()?;
    std::env::var_os(variable)?;
    let long = format!("--{name}");
    let short = argument.get_short();
    let is_on_line = line.iter().map(|argument| argument.to_string_lossy()).any(|argument| {
        let is_long =
            argument.strip_prefix(long.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('='));
        let is_short = short.is_some_and(|short| {
            argument.starts_with('-') && !argument.starts_with("--") && argument.contains(short)
        });
        is_long || is_short
    });
    (!is_on_line).then(|| placed(error, &format!("the variable {}", variable.to_string_lossy())))
}

/// A warning for each variable that looks like one of debar's and is none.
fn unknown_variables(cli: &Command) -> Vec<String> {
    let leaves = leaf::below(cli, &[]);
    let options = leaves.iter().flat_map(|leaf| leaf.command.get_arguments()).chain(cli.get_arguments());
    let mut known: BTreeMap<String, ()> =
        options.filter_map(|option| Some((option.get_env()?.to_string_lossy().into_owned(), ()))).collect();
    known.extend(OTHER_VARIABLES.iter().map(|name| ((*name).to_owned(), ())));
    let set = std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
    let unknown = set.filter(|name| name.starts_with("DEBAR_") && !known.contains_key(name));
    unknown
        .map(|name| {
            let hint = nearest(&name, known.keys().map(String::as_str));
            let hint = hint.map(|near| format!("; did you mean {near}?")).unwrap_or_default();
            format!("warning: debar reads no variable {name}, so it does nothing{hint}")
        })
        .collect()
}
