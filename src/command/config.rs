//! The config file: TOML whose keys are the long names of options.
//!
//! A key at the top holds for every command that has such an option, a key in a table named like a command
//! only for it. Values go through the same parsers as the command line, by becoming arguments of it, so that
//! there is one set of names, checks and messages.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{ArgMatches, Command};

use crate::model::Error;

/// Where the config file lies when nobody names one.
pub const DEFAULT: &str =
    if cfg!(windows) { "C:\\ProgramData\\debar\\config.toml" } else { "/etc/debar/config.toml" };

/// Arguments that the config file adds to a command line: its values for options that neither the command line
/// nor the environment sets. `cli` is the whole command line, `name` and `matches` are of the subcommand.
///
/// # Errors
/// When a named file cannot be read, or the file has a mistake.
pub fn arguments(cli: &Command, name: &str, matches: &ArgMatches) -> Result<Vec<OsString>, Error> {
    let named = matches.get_one::<PathBuf>("config");
    let path = named.map_or_else(|| PathBuf::from(DEFAULT), PathBuf::clone);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Vec::new());
        }
        Err(source) => return Err(Error::Read { path, source }),
    };
    let wrong = |message: String| Error::Config { path: path.clone(), message };
    let mut adding = Adding {
        cli,
        command: cli.find_subcommand(name).unwrap_or(cli),
        matches,
        path: &path,
        arguments: Vec::new(),
    };
    let table: toml::Table =
        text.parse().map_err(|error: toml::de::Error| wrong(with_line(&text, &error)))?;
    let own = table.get(name).and_then(toml::Value::as_table);
    for (key, value) in table.iter().filter(|(_, value)| !value.is_table()) {
        if own.is_none_or(|own| !own.contains_key(key)) {
            adding.add(key, value, false)?;
        }
    }
    for (key, value) in own.into_iter().flatten() {
        adding.add(key, value, true)?;
    }
    Ok(adding.arguments)
}

/// The message of the parser, which names line and column, on one line.
fn with_line(text: &str, error: &toml::de::Error) -> String {
    let at = error.span().map_or(0, |span| span.start.min(text.len()));
    let before = text.get(..at).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.chars().rev().take_while(|&char| char != '\n').count() + 1;
    format!("line {line}, column {column}: {}", error.message())
}

/// Arguments that are being added.
struct Adding<'a> {
    cli: &'a Command,
    command: &'a Command,
    matches: &'a ArgMatches,
    path: &'a Path,
    arguments: Vec<OsString>,
}

impl Adding<'_> {
    /// Adds a key of the file; one that must exist is an error when the command has no such option.
    fn add(&mut self, key: &str, value: &toml::Value, must_exist: bool) -> Result<(), Error> {
        let wrong = |message: String| Error::Config { path: self.path.to_owned(), message };

        let found = self.command.get_arguments().find(|argument| argument.get_long() == Some(key));
        let Some(argument) = found.filter(|_| key != "config") else {
            if must_exist || !is_known_somewhere(self.cli, key) {
                let names: Vec<&str> =
                    self.command.get_arguments().filter_map(|argument| argument.get_long()).collect();
                let nearest = names
                    .iter()
                    .max_by(|a, b| strsim::jaro_winkler(a, key).total_cmp(&strsim::jaro_winkler(b, key)));
                let hint = nearest.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
                return Err(wrong(format!("there is no option `{key}`{hint}")));
            }
            return Ok(());
        };
        // An option without a variable means something else in each command: only its own table sets it.
        if !must_exist && argument.get_env().is_none() {
            return Ok(());
        }
        if matches!(
            self.matches.value_source(argument.get_id().as_str()),
            Some(ValueSource::CommandLine | ValueSource::EnvVariable)
        ) {
            return Ok(());
        }
        let text = |value: &toml::Value| match value {
            toml::Value::String(text) => Ok(text.clone()),
            toml::Value::Integer(number) => Ok(number.to_string()),
            toml::Value::Datetime(date) => Ok(date.to_string()),
            // An option that is on by default takes its value in words.
            toml::Value::Boolean(value) if argument.get_default_values().iter().any(|it| it == "true") => {
                Ok(value.to_string())
            }
            other => Err(wrong(format!("`{key}` cannot be a {}", other.type_str()))),
        };
        if !argument.get_action().takes_values() {
            match value {
                toml::Value::Boolean(true) => self.arguments.push(format!("--{key}").into()),
                toml::Value::Boolean(false) => {}
                toml::Value::Integer(count @ 0..=9) if key == "verbose" => {
                    self.arguments.extend((0..*count).map(|_| OsString::from("--verbose")));
                }
                _ => return Err(wrong(format!("`{key}` must be true or false"))),
            }
            return Ok(());
        }
        match value {
            toml::Value::Array(values) => {
                for value in values {
                    self.arguments.push(format!("--{key}={}", text(value)?).into());
                }
            }
            value => self.arguments.push(format!("--{key}={}", text(value)?).into()),
        }
        Ok(())
    }
}

/// A key at the top may belong to another command.
fn is_known_somewhere(cli: &clap::Command, key: &str) -> bool {
    let mut commands = cli.get_subcommands();
    commands.any(|command| command.get_arguments().any(|argument| argument.get_long() == Some(key)))
}
