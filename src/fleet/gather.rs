//! The findings that are still open in a heap of reports: for each host its newest report that finds something, unless a
//! later one that read everything finds nothing.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;

use super::documents::decoded;
use super::ingest::{BATCH, Entry, Parsed, Refused, files, of_documents, of_file};
use super::sighting::sightings;
use super::{Sighting, Time};
use crate::report::read::{MAX_BYTES, read};
use crate::report::{GapEntry, ScanReport};

/// What a heap of reports came to.
#[derive(Debug, Default)]
pub struct Gathered {
    hosts: BTreeMap<Key, Newest>,
    /// Those that could not be read.
    pub refused: Vec<Refused>,
    /// Files of folders that are no reports, or not whole yet.
    pub skipped: Vec<Refused>,
}

/// What distinguishes hosts here: machine id, name and domain. A renamed host is two: each plan names the host that it is
/// for, and its script takes no step elsewhere.
type Key = (String, String, String);

/// The newest report of a host that decides.
#[derive(Debug)]
struct Newest {
    /// When it was made, and when it arrived.
    at: (Time, Time),
    /// The report as JSON, without what no plan needs; `None` when nothing is left to remove.
    report: Option<Vec<u8>>,
}

impl Gathered {
    /// Whether there was no report.
    pub fn is_empty(&self) -> bool {
        self.hosts.is_empty() && self.refused.is_empty()
    }

    /// How many hosts have nothing to remove.
    pub fn clean(&self) -> usize {
        self.hosts.values().filter(|newest| newest.report.is_none()).count()
    }

    /// The reports with open findings, one per host, by name.
    pub fn reports(&self) -> impl Iterator<Item = ScanReport> {
        let mut hosts: Vec<(&Key, &Newest)> = self.hosts.iter().collect();
        hosts.sort_by_key(|((machine, name, domain), _)| (name, domain, machine));
        hosts.into_iter().filter_map(|(_, newest)| serde_json::from_slice(newest.report.as_deref()?).ok())
    }

    fn add(&mut self, (sighting, report): Seen) {
        let said = sighting.host.every_run().next().map(|run| &run.said);
        // What finds nothing because it could not read everything proves nothing gone.
        let decides = said.is_some_and(|said| !said.products.is_empty() || said.clears());
        let host = &sighting.host;
        let folded = |text: &Option<String>| text.as_deref().unwrap_or_default().to_lowercase();
        let key = (folded(&host.machine), host.name.to_lowercase(), folded(&host.domain));
        let at = (sighting.time, sighting.arrived);
        let newest = self.hosts.entry(key).or_insert(Newest { at: (Time::MIN, Time::MIN), report: None });
        if decides && at >= newest.at {
            *newest = Newest { at, report };
        }
    }
}

/// A report, and its JSON if it finds something.
type Seen = (Sighting, Option<Vec<u8>>);

/// Reads the reports of files, of folders with everything below them, and of standard input (`-`). `now` is the time that
/// no report can be made after.
pub fn gather(places: &[PathBuf], now: Time) -> Gathered {
    let mut gathered = Gathered::default();
    let mut files = files(places);
    loop {
        let batch: Vec<_> = files.by_ref().take(BATCH).collect();
        if batch.is_empty() {
            break;
        }
        let parsed: Vec<Parsed<Seen>> = batch.into_par_iter().map(|file| parse(file, now)).collect();
        parsed.into_iter().for_each(|parsed| take(&mut gathered, parsed));
    }
    if places.iter().any(|place| place.as_os_str() == "-") {
        let place = "standard input";
        let mut bytes = Vec::new();
        let read = std::io::stdin().lock().take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes);
        let parsed = match read.map_err(|error| error.to_string()).and_then(|_| decoded(bytes)) {
            Ok(bytes) => of_documents(&bytes, place, |document| seen(document, now.saturating_mul(1_000))),
            Err(why) => Parsed::refused(place.to_owned(), why),
        };
        take(&mut gathered, parsed);
    }
    gathered
}

fn take(gathered: &mut Gathered, parsed: Parsed<Seen>) {
    parsed.found.into_iter().for_each(|seen| gathered.add(seen));
    gathered.refused.extend(parsed.refused);
    gathered.skipped.extend(parsed.skipped);
}

fn parse(file: Result<Entry, Refused>, now: Time) -> Parsed<Seen> {
    of_file(file, &mut |_, _| Ok(()), |_, bytes, written, place| {
        of_documents(bytes, place, |document| {
            seen(document, written.min(now.saturating_mul(1_000).saturating_add(999)))
        })
    })
}

/// The reports of a document. Those that find nothing are not parsed as a whole.
fn seen(document: &[u8], arrived: Time) -> Result<Vec<Seen>, String> {
    let sightings = sightings(document, arrived)?;
    let has_products = |one: &Sighting| one.host.every_run().any(|run| !run.said.products.is_empty());
    if !sightings.iter().any(has_products) {
        return Ok(sightings.into_iter().map(|sighting| (sighting, None)).collect());
    }
    let reports = read(document).map_err(|error| error.to_string())?;
    let with_report = |(sighting, report): (Sighting, ScanReport)| {
        let report = has_products(&sighting).then(|| for_plan(report)).transpose();
        Ok((sighting, report?))
    };
    sightings.into_iter().zip(reports).map(with_report).collect()
}

/// A report without what no plan needs: there can be many.
fn for_plan(mut report: ScanReport) -> Result<Vec<u8>, String> {
    report.coverage = Arc::default();
    report.skipped.clear();
    report.also_here.clear();
    report.possible.clear();
    report.gaps = Vec::<GapEntry>::new();
    serde_json::to_vec(&report).map_err(|error| error.to_string())
}
