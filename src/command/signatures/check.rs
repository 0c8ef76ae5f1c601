//! `debar signatures check`: mistakes, then what is questionable: indicators that can never match or say nothing
//! new, and those that names of the real world would trip.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use serde::Deserialize;

use crate::collector;
use crate::command::reference::print;
use crate::command::signatures::arguments::Check;
use crate::finding::matcher::{Matcher, is_conclusive};
use crate::format::container::decompress::{self, Compression};
use crate::model::{Artifact, Error, Field, Location, Value};
use crate::report::exit;
use crate::signature::{self, Status};

/// Names that no banned product has, from public lists; see `signatures/precision/README.md`.
const PRECISION: &[(&str, &[u8])] = &[
    ("Debian packages", include_bytes!("../../../signatures/precision/debian-packages.tsv.xz")),
    ("publishers and products", include_bytes!("../../../signatures/precision/programs.tsv.xz")),
    ("app identifiers and names", include_bytes!("../../../signatures/precision/apps.tsv.xz")),
];
/// A list unpacked; none is anywhere near this size.
const MAX_LIST: usize = 64 << 20;
/// Names shown for one indicator; more are counted.
const SHOWN: usize = 5;

pub(super) fn run(options: &Check) -> Result<u8, Error> {
    let read = options.files.iter().chain(&options.against).map(std::path::PathBuf::as_path);
    crate::command::session::confine_to(read, &[])?;
    let set = signature::check(&options.files)?;
    let mut questionable: Vec<String> =
        signature::lint(&options.files)?.iter().map(|problem| format!("{problem}\n")).collect();
    let matcher = Matcher::new(&set);
    let mut trips: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut tried = 0;
    let mut against = |list: &str, artifact: &Artifact| {
        tried += 1;
        for hit in matcher.hits(artifact) {
            let (Some(candidate), Some(indicator)) = (matcher.product(hit.product), matcher.indicator(hit))
            else {
                continue;
            };
            if candidate.product.status == Status::Banned && is_conclusive(indicator) {
                let id = format!("{}/{}/{}", candidate.vendor.id, candidate.product.id, indicator.id);
                trips.entry(id).or_default().push(format!("{} ({list})", in_words(artifact)));
            }
        }
    };
    for (name, packed) in PRECISION {
        for artifact in listed(name, packed)? {
            against(name, &artifact);
        }
    }
    for path in &options.against {
        for artifact in inventory(path)? {
            against(&path.display().to_string(), &artifact);
        }
    }
    for (id, names) in trips {
        let more = names.len().saturating_sub(SHOWN);
        let shown: Vec<String> = names.into_iter().take(SHOWN).collect();
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        questionable.push(format!("{id}: too broad: would find {}{more}\n", shown.join("; ")));
    }
    for line in &questionable {
        print(line)?;
    }
    let products: usize = set.files.iter().map(|loaded| loaded.file.products.len()).sum();
    let doubts = match questionable.len() {
        0 => String::new(),
        count => format!(", {count} questionable"),
    };
    print(&format!(
        "{} vendors, {products} products, {} rules: no problem{doubts}; tried on {tried} names\n",
        set.files.len(),
        set.rules.len()
    ))?;
    Ok(if questionable.is_empty() || !options.strict { exit::OK } else { exit::FOUND })
}

fn in_words(artifact: &Artifact) -> String {
    let texts: Vec<String> = artifact.fields.values().map(Value::joined).collect();
    format!("{} {}", artifact.collector, texts.join(", "))
}

/// The artifacts of a packed list. Its first line names the collectors and the fields of the columns.
fn listed(name: &str, packed: &[u8]) -> Result<Vec<Artifact>, Error> {
    let broken = |what: &str| Error::Usage(format!("the list of {name} inside debar cannot be read: {what}"));
    let unpacked = decompress::bounded(packed, Compression::Xz, MAX_LIST);
    if let Some(damage) = unpacked.damage.first() {
        return Err(broken(&damage.what));
    }
    let text = String::from_utf8(unpacked.value).map_err(|error| broken(&error.to_string()))?;
    let mut lines = text.lines();
    let mut head = lines.next().unwrap_or_default().split('\t');
    let collectors: Vec<&'static str> = head
        .next()
        .unwrap_or_default()
        .split(',')
        .filter_map(|name| collector::named(name).map(|collector| collector.name))
        .collect();
    let field = |name: &str| Field::ALL.iter().copied().find(|field| field.name() == name);
    // A column may fill several fields: what one source calls an identifier is a bundle identifier to another.
    let fields: Option<Vec<Vec<Field>>> = head.map(|names| names.split('+').map(field).collect()).collect();
    let fields = fields.ok_or_else(|| broken("a column has the name of no field"))?;
    let mut artifacts = Vec::new();
    for line in lines {
        for collector in &collectors {
            let mut artifact = Artifact::new(collector, Location::default());
            for (fields, text) in fields.iter().zip(line.split('\t')) {
                fields.iter().for_each(|field| artifact.set(*field, text));
            }
            artifacts.push(artifact);
        }
    }
    Ok(artifacts)
}

/// A line of an inventory that is an artifact.
#[derive(Deserialize)]
struct Line {
    collector: Option<String>,
    fields: Option<BTreeMap<Field, Value>>,
}

/// The artifacts of an inventory in NDJSON; other lines are passed over.
pub(super) fn inventory(path: &Path) -> Result<Vec<Artifact>, Error> {
    let failed = |source| Error::Read { path: path.to_owned(), source };
    let reader: Box<dyn Read> = if path.as_os_str() == "-" {
        Box::new(std::io::stdin())
    } else {
        Box::new(File::open(path).map_err(failed)?)
    };
    let mut artifacts = Vec::new();
    for (number, line) in BufReader::new(reader).lines().enumerate() {
        let line = line.map_err(failed)?;
        if line.trim().is_empty() {
            continue;
        }
        let line: Line = serde_json::from_str(&line).map_err(|_| {
            let what = format!(
                "line {} is no line of an inventory; make one with `debar inventory -o ndjson`",
                number + 1
            );
            failed(std::io::Error::new(std::io::ErrorKind::InvalidData, what))
        })?;
        if let (Some(name), Some(fields)) = (line.collector, line.fields)
            && let Some(collector) = collector::named(&name)
        {
            let mut artifact = Artifact::new(collector.name, Location::default());
            artifact.fields = fields;
            artifacts.push(artifact);
        }
    }
    Ok(artifacts)
}
