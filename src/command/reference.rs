//! `debar collectors` and `debar signatures`.

use std::io::{self, Write};

use serde::Serialize;

use crate::cli::SignatureOptions;
use crate::cli::reference::{Collectors, SignaturesCommand};
use crate::collector::{self, Collector};
use crate::error::Error;
use crate::{exit, signature};

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

pub(super) fn signatures(command: &SignaturesCommand) -> Result<u8, Error> {
    match command {
        SignaturesCommand::List(options) => list(options),
        SignaturesCommand::Check { files } => {
            let set = signature::check(files)?;
            let products: usize = set.files.iter().map(|loaded| loaded.file.products.len()).sum();
            print(&format!(
                "{} vendors, {products} products, {} rules: no problem\n",
                set.files.len(),
                set.rules.len()
            ))?;
            Ok(exit::OK)
        }
        SignaturesCommand::Test(options) => {
            let set = signature::load(&options.signatures)?;
            let (tried, failures) = crate::finding::examples::run(&set);
            for failure in &failures {
                print(&format!("{failure}\n"))?;
            }
            print(&format!("{tried} examples, {} failed\n", failures.len()))?;
            Ok(if failures.is_empty() { exit::OK } else { exit::FOUND })
        }
    }
}

fn list(options: &SignatureOptions) -> Result<u8, Error> {
    let set = signature::load(&options.signatures)?;
    let mut text = String::new();
    for loaded in &set.files {
        let file = &loaded.file;
        text.push_str(&format!(
            "{} {} of {} ({})\n",
            file.vendor.name, file.version, file.date, loaded.origin
        ));
        for product in &file.products {
            let indicators = product.indicators.len();
            text.push_str(&format!(
                "  {:<13} {}/{}  {} ({indicators} indicators)\n",
                product.status.word(),
                file.vendor.id,
                product.id,
                product.name
            ));
        }
    }
    text.push_str(&format!("\nRules {}\n", set.rules_version));
    for rule in set.rules.values() {
        text.push_str(&format!("  {}  {} ({})\n", rule.id, rule.title, rule.status));
    }
    print(&text)?;
    Ok(exit::OK)
}
