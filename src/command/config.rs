//! Config files: TOML whose keys are the long names of options.
//!
//! A key at the top holds for every command that has such an option, a key in a table named like a command only for it
//! and its subcommands. Values go through the same parsers as the command line, by becoming arguments of it, so that
//! there is one set of names, checks and messages.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

use super::leaf::{self, Leaf};
use crate::model::Error;
use crate::signature::nearest;
use crate::text::written;

/// Where the config file lies when nobody names one.
pub const DEFAULT: &str =
    if cfg!(windows) { "C:\\ProgramData\\debar\\config.toml" } else { "/etc/debar/config.toml" };

/// A file of settings.
pub(super) struct File {
    pub(super) path: PathBuf,
    table: toml::Table,
    /// Lines of keys, by their names with dots between.
    lines: BTreeMap<String, usize>,
}

/// What files add to a command line.
#[derive(Debug, Default)]
pub(super) struct Added {
    pub(super) arguments: Vec<OsString>,
    /// File and line of each option that was added, by its long name.
    pub(super) origins: BTreeMap<String, String>,
}

/// The config file that the command line or the environment names, or the usual one if it is there.
///
/// # Errors
/// When it cannot be read, or is no TOML.
pub(super) fn file(matches: &ArgMatches) -> Result<Option<File>, Error> {
    match matches.get_one::<PathBuf>("config") {
        Some(path) => File::read(path).map(Some),
        None => match File::read(Path::new(DEFAULT)) {
            Err(Error::Read { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => Ok(None),
            file => file.map(Some),
        },
    }
}

impl File {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, or is no TOML.
    pub(super) fn read(path: &Path) -> Result<Self, Error> {
        let text = written::read(path).map_err(|source| Error::Read { path: path.to_owned(), source })?;
        let wrong = |error: toml::de::Error| {
            let (line, column) = place(&text, error.span().map_or(0, |span| span.start));
            let message = format!("line {line}, column {column}: {}", error.message());
            Error::Config { path: path.to_owned(), message }
        };
        let table: toml::Table = text.parse().map_err(wrong)?;
        let mut lines = BTreeMap::new();
        collect_lines(&text, toml::de::DeTable::parse(&text).map_err(wrong)?.get_ref(), "", &mut lines);
        Ok(File { path: path.to_owned(), table, lines })
    }

    fn line(&self, key: &str) -> usize {
        self.lines.get(key).copied().unwrap_or(1)
    }

    /// A place in the file, for messages.
    fn at(&self, key: &str) -> String {
        format!("{}, line {}", self.path.display(), self.line(key))
    }

    fn wrong(&self, key: &str, message: &str) -> Error {
        Error::Config { path: self.path.clone(), message: format!("line {}: {message}", self.line(key)) }
    }

    /// What is in tables that no command is named like: nothing reads it.
    pub(super) fn warnings(&self, cli: &Command) -> Vec<String> {
        let mut warnings = Vec::new();
        self.unread_tables(cli, &self.table, "", &mut warnings);
        warnings
    }

    fn unread_tables(&self, command: &Command, table: &toml::Table, above: &str, to: &mut Vec<String>) {
        for (name, inner) in table.iter().filter_map(|(name, value)| Some((name, value.as_table()?))) {
            let full = format!("{above}{name}");
            match command.find_subcommand(name) {
                Some(command) => self.unread_tables(command, inner, &format!("{full}."), to),
                None => {
                    let names = command.get_subcommands().map(Command::get_name);
                    let hint = nearest(name, names).map(|name| format!("; did you mean [{above}{name}]?"));
                    to.push(format!(
                        "{}: the section [{full}] is not used, because there is no such command{}",
                        self.at(&full),
                        hint.unwrap_or_default()
                    ));
                }
            }
        }
    }

    /// Every key of the file with the commands that it is for.
    pub(super) fn keys<'a>(&'a self, cli: &'a Command) -> Vec<(String, &'a toml::Value, Vec<Leaf<'a>>)> {
        let mut keys = Vec::new();
        collect_keys(&self.table, "", cli, &mut Vec::new(), &mut keys);
        keys
    }

    /// What is wrong with a key, for all commands that it is for.
    pub(super) fn problem(
        &self,
        cli: &Command,
        full: &str,
        value: &toml::Value,
        leaves: &[Leaf<'_>],
    ) -> Option<String> {
        let key = full.rsplit('.').next().unwrap_or(full);
        // A section that no command is named like is reported already.
        leaves.first()?;
        let section: Vec<&str> =
            full.rsplit_once('.').map(|(above, _)| above.split('.').collect()).unwrap_or_default();
        let takes = |leaf: &&Leaf<'_>| leaf.command.get_arguments().any(|it| it.get_long() == Some(key));
        let Some(leaf) = leaves.iter().find(takes) else {
            return self.check_known(cli, &section, full, key).err().map(|error| error.to_string());
        };
        let argument = leaf.command.get_arguments().find(|it| it.get_long() == Some(key))?;
        let arguments = match self.values(full, key, value, argument) {
            Ok(arguments) => arguments,
            Err(error) => return Some(error.to_string()),
        };
        let mut line: Vec<OsString> = vec!["debar".into()];
        line.extend(leaf.names.iter().map(Into::into));
        line.extend(arguments);
        let error = cli.clone().try_get_matches_from(line).err()?;
        super::value_mistakes::wrong_value(&error, &self.at(full))
    }

    /// Adds what the file sets for a command and nothing before it does.
    ///
    /// # Errors
    /// When a key names no option, or its value is of the wrong kind.
    pub(super) fn add(
        &self,
        cli: &Command,
        leaf: &Leaf<'_>,
        matches: &ArgMatches,
        to: &mut Added,
    ) -> Result<(), Error> {
        // The most specific table goes first: what it sets, those above do not.
        let mut tables = vec![(String::new(), &self.table)];
        let mut table = &self.table;
        let mut prefix = String::new();
        for name in &leaf.names {
            let Some(inner) = table.get(name).and_then(toml::Value::as_table) else { break };
            prefix.push_str(&format!("{name}."));
            tables.push((prefix.clone(), inner));
            table = inner;
        }
        for (prefix, table) in tables.iter().rev() {
            let section: Vec<&str> = prefix.split('.').filter(|name| !name.is_empty()).collect();
            for (key, value) in table.iter().filter(|(_, value)| !value.is_table()) {
                let full = format!("{prefix}{key}");
                let is_option = |argument: &&Arg| argument.get_long() == Some(key.as_str());
                let found = leaf.command.get_arguments().find(is_option).filter(|_| key != "config");
                let Some(argument) = found else {
                    self.check_known(cli, &section, &full, key)?;
                    continue;
                };
                // An option without a variable means something else in each command: only its own table sets it.
                if prefix.is_empty() && argument.get_env().is_none() {
                    continue;
                }
                let source = matches.value_source(argument.get_id().as_str());
                let is_set = matches!(source, Some(ValueSource::CommandLine | ValueSource::EnvVariable));
                if is_set || to.origins.contains_key(key) {
                    continue;
                }
                to.arguments.extend(self.values(&full, key, value, argument)?);
                to.origins.insert(key.clone(), self.at(&full));
            }
        }
        Ok(())
    }

    /// Checks that a key of a section is an option of some command that the section is for.
    fn check_known(&self, cli: &Command, section: &[&str], full: &str, key: &str) -> Result<(), Error> {
        let commands = leaf::below(cli, section);
        let mut names =
            commands.iter().flat_map(|leaf| leaf.command.get_arguments()).filter_map(Arg::get_long);
        if key != "config" && names.any(|name| name == key) {
            return Ok(());
        }
        let names = commands.iter().flat_map(|leaf| leaf.command.get_arguments()).filter_map(Arg::get_long);
        let hint = nearest(key, names.filter(|name| *name != "config"));
        let hint = hint.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
        Err(self.wrong(full, &format!("there is no option `{key}`{hint}")))
    }

    /// A key and its value as arguments.
    pub(super) fn values(
        &self,
        full: &str,
        key: &str,
        value: &toml::Value,
        argument: &Arg,
    ) -> Result<Vec<OsString>, Error> {
        let text = |value: &toml::Value| match value {
            toml::Value::String(text) => Ok(text.clone()),
            toml::Value::Integer(number) => Ok(number.to_string()),
            toml::Value::Datetime(date) => Ok(date.to_string()),
            // An option that is on by default takes its value in words.
            toml::Value::Boolean(value) if argument.get_default_values().iter().any(|it| it == "true") => {
                Ok(value.to_string())
            }
            other => Err(self.wrong(full, &format!("`{key}` cannot be a {}", other.type_str()))),
        };
        if !argument.get_action().takes_values() {
            return match value {
                toml::Value::Boolean(true) => Ok(vec![format!("--{key}").into()]),
                toml::Value::Boolean(false) => Ok(Vec::new()),
                toml::Value::Integer(count @ 0..=9) if key == "verbose" => {
                    Ok((0..*count).map(|_| OsString::from("--verbose")).collect())
                }
                _ => Err(self.wrong(full, &format!("`{key}` must be true or false"))),
            };
        }
        let one = |value: &toml::Value| Ok(OsString::from(format!("--{key}={}", text(value)?)));
        match value {
            toml::Value::Array(values) => values.iter().map(one).collect(),
            value => Ok(vec![one(value)?]),
        }
    }
}

fn collect_keys<'a>(
    table: &'a toml::Table,
    prefix: &str,
    command: &'a Command,
    section: &mut Vec<&'a str>,
    to: &mut Vec<(String, &'a toml::Value, Vec<Leaf<'a>>)>,
) {
    for (key, value) in table {
        match value.as_table() {
            None => to.push((format!("{prefix}{key}"), value, leaf::below(command, section))),
            Some(inner) => {
                section.push(key);
                collect_keys(inner, &format!("{prefix}{key}."), command, section, to);
                section.pop();
            }
        }
    }
}

fn collect_lines(
    text: &str,
    table: &toml::de::DeTable<'_>,
    prefix: &str,
    lines: &mut BTreeMap<String, usize>,
) {
    for (key, value) in table {
        let full = format!("{prefix}{}", key.get_ref());
        lines.insert(full.clone(), place(text, key.span().start).0);
        if let toml::de::DeValue::Table(inner) = value.get_ref() {
            collect_lines(text, inner, &format!("{full}."), lines);
        }
    }
}

/// Line and column of a place in a text.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at.min(text.len())).unwrap_or_default();
    let column = before.chars().rev().take_while(|&char| char != '\n').count() + 1;
    (before.matches('\n').count() + 1, column)
}
