//! `debar collectors`, and printing for all commands.

use super::arguments::boolish;
use clap::Args;
use std::io::{self, Write};

use serde::Serialize;

use crate::collector::{self, Collector};
use crate::model::Error;
use crate::report::exit;

/// List the sources of inventory that debar reads.
#[derive(Debug, Clone, Args)]
pub struct Collectors {
    /// As JSON.
    #[arg(long, env = "DEBAR_JSON", value_parser = boolish())]
    pub json: bool,
}

/// Prints; a reader that went away is no error.
pub(super) fn print(text: &str) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.map_err(Error::Stdout),
    }
}

#[derive(Serialize)]
struct Entry {
    name: &'static str,
    about: &'static str,
    applies: String,
    reads: &'static [&'static str],
    walks: &'static [&'static str],
    keys: &'static [&'static str],
    yields: Vec<&'static str>,
}

impl From<&'static Collector> for Entry {
    fn from(collector: &'static Collector) -> Self {
        Entry {
            name: collector.name,
            about: collector.about,
            applies: collector.applies.words(),
            reads: collector.reads,
            walks: collector.walks,
            keys: collector.keys,
            yields: collector.yields.iter().map(|field| field.name()).collect(),
        }
    }
}

pub(super) fn collectors(options: &Collectors) -> Result<u8, Error> {
    if options.json {
        let entries: Vec<Entry> = collector::all().map(Entry::from).collect();
        let text = serde_json::to_string_pretty(&entries).map_err(|error| Error::Stdout(error.into()))?;
        print(&(text + "\n"))?;
        return Ok(exit::OK);
    }
    let width = collector::all().map(|collector| collector.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for collector in collector::all() {
        text.push_str(&format!(
            "{:width$}  {} ({})\n",
            collector.name,
            collector.about,
            collector.applies.words()
        ));
    }
    text.push_str("\n`debar explain NAME` shows what a collector reads and yields.\n");
    print(&text)?;
    Ok(exit::OK)
}
