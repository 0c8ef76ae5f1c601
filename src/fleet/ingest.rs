//! Taking reports in: from files, folders and standard input.
//!
//! Only what a fleet needs is parsed. A report that is damaged, of another version or cleaner than its own content is
//! named and left out; it stops nothing. Folders are read in batches: while one is written, the next is parsed.

use std::fs::File;
use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use rayon::prelude::*;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::store::{Store, StoreError, Taken};
use super::{Host, Product, Run, Said, Sighting, Time};
use crate::finding::Finding;
use crate::model::{GapKind, Grade, Skipped, State};
use crate::report::read::{check_version, read};
use crate::report::{ScanReport, TargetInfo, Verdict};
use crate::signature::Status;

/// Files parsed at a time.
const BATCH: usize = 1_000;
/// The largest report, in bytes. Several are in memory at a time.
const MAX_BYTES: u64 = 16 << 20;
/// Clocks of hosts may be ahead this many seconds.
const TOLERANCE: Time = 300;

/// A report that could not be taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// The file, or the line of standard input.
    pub place: String,
    /// Why, and what to do.
    pub why: String,
}

/// What became of the reports.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ingested {
    /// Reports that were new.
    pub new: u64,
    /// Reports that the store had.
    pub known: u64,
    /// Reports from before the time that the store keeps.
    pub old: u64,
    /// Those that could not be taken.
    pub refused: Vec<Refused>,
}

impl Ingested {
    fn add(&mut self, taken: Taken) {
        self.new += taken.new;
        self.known += taken.known;
        self.old += taken.old;
    }
}

/// Takes the reports of files, of folders with everything below them, and of standard input (`-`). `now` is the time
/// that no report can be made after.
///
/// # Errors
/// When the store cannot be written. What cannot be read is reported in the result.
pub fn ingest(store: &Store, places: &[PathBuf], now: Time) -> Result<Ingested, StoreError> {
    let mut done = Ingested::default();
    let mut ready: Vec<Sighting> = Vec::new();
    let mut files = files(places);
    loop {
        let mut batch: Vec<Result<PathBuf, Refused>> = Vec::new();
        batch.extend(files.by_ref().take(BATCH));
        let (written, parsed) = rayon::join(
            || store.take(&ready),
            || {
                batch
                    .into_par_iter()
                    .map(|file| file.and_then(|file| parse_file(&file, now)))
                    .collect::<Vec<_>>()
            },
        );
        done.add(written?);
        ready.clear();
        if parsed.is_empty() {
            break;
        }
        for result in parsed {
            match result {
                Ok(sightings) => ready.extend(sightings),
                Err(refused) => done.refused.push(refused),
            }
        }
    }
    if places.iter().any(|place| place.as_os_str() == "-") {
        stream(store, std::io::stdin().lock(), now, &mut done)?;
    }
    Ok(done)
}

/// The files of the places. Of folders those that may be reports; links are not followed.
fn files(places: &[PathBuf]) -> impl Iterator<Item = Result<PathBuf, Refused>> {
    places.iter().filter(|place| place.as_os_str() != "-").flat_map(|place| {
        let named = place.clone();
        walkdir::WalkDir::new(place).sort_by_file_name().into_iter().filter_map(move |entry| match entry {
            Ok(entry) if entry.file_type().is_dir() => None,
            Ok(entry) => {
                let is_named = entry.depth() == 0 && entry.path() == named;
                let is_file = entry.file_type().is_file() || is_named;
                (is_file && (is_named || is_report(entry.path()))).then(|| Ok(entry.into_path()))
            }
            Err(error) => {
                let place = error.path().unwrap_or(&named).display().to_string();
                let why = error
                    .into_io_error()
                    .map_or_else(|| "a loop of folders".to_owned(), |error| error.to_string());
                Some(Err(Refused { place, why }))
            }
        })
    })
}

/// Whether a file of a folder may be a report, and is no half-written one.
fn is_report(path: &Path) -> bool {
    let name = path.file_name().map(|name| name.as_encoded_bytes()).unwrap_or_default();
    let ending = path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
    !name.starts_with(b".")
        && ending.is_some_and(|ending| ending == "json" || ending == "ndjson" || ending == "jsonl")
}

fn parse_file(path: &Path, now: Time) -> Result<Vec<Sighting>, Refused> {
    let refused = |why: String| Refused { place: path.display().to_string(), why };
    let (bytes, written) = load(path).map_err(refused)?;
    sightings(&bytes, written.min(now)).map_err(refused)
}

/// The bytes of a file, and when it was written.
fn load(path: &Path) -> Result<(Vec<u8>, Time), String> {
    let open = || -> std::io::Result<(Vec<u8>, Time, u64)> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        let written = metadata.modified()?.duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs());
        let mut bytes =
            Vec::with_capacity(usize::try_from(metadata.len().min(MAX_BYTES)).unwrap_or_default());
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
        Ok((bytes, Time::try_from(written).unwrap_or(Time::MAX), metadata.len()))
    };
    match open() {
        Ok((bytes, ..)) if bytes.len() as u64 > MAX_BYTES => Err(format!(
            "a report may have at most {MAX_BYTES} bytes; scan that host with fewer findings in one report"
        )),
        Ok((bytes, written, _)) => Ok((bytes, written)),
        Err(error) => Err(error.to_string()),
    }
}

/// Takes reports from a stream: one JSON document after the other, each beginning on a line of its own, or the
/// lines of NDJSON.
fn stream(store: &Store, mut input: impl BufRead, now: Time, done: &mut Ingested) -> Result<(), StoreError> {
    let mut ready = Vec::new();
    let mut document = Vec::new();
    let (mut line, mut first, mut number) = (Vec::new(), 1_u64, 0_u64);
    loop {
        line.clear();
        let read = match (&mut input).take(MAX_BYTES + 1).read_until(b'\n', &mut line) {
            Ok(read) => read,
            Err(error) => {
                done.refused.push(Refused { place: "standard input".to_owned(), why: error.to_string() });
                0
            }
        };
        number += 1;
        let begins = line.starts_with(b"{") && !continues(&document);
        if (read == 0 || begins) && !document.trim_ascii().is_empty() {
            match sightings(&document, now) {
                Ok(sightings) => ready.extend(sightings),
                Err(why) => {
                    done.refused.push(Refused { place: format!("standard input, line {first}"), why })
                }
            }
            document.clear();
        }
        if document.is_empty() {
            first = number;
        }
        if ready.len() >= BATCH || read == 0 {
            done.add(store.take(&ready)?);
            ready.clear();
        }
        if read == 0 {
            return Ok(());
        }
        // One byte over the limit is enough to be refused.
        if document.len() as u64 <= MAX_BYTES {
            document.extend_from_slice(&line);
        }
    }
}

/// Whether the document so far is NDJSON whose summary is still to come.
fn continues(document: &[u8]) -> bool {
    let last = document.trim_ascii_end().rsplit(|&byte| byte == b'\n').next().unwrap_or_default();
    document.starts_with(b"{\"type\":") && !last.starts_with(b"{\"type\":\"summary\"")
}

/// What the bytes of one file tell; `arrived` is the latest that it can have been made.
fn sightings(bytes: &[u8], arrived: Time) -> Result<Vec<Sighting>, String> {
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("a report may have at most {MAX_BYTES} bytes"));
    }
    let digest = Sha256::digest(bytes);
    // Most files hold one report as JSON.
    if let Ok(brief) = serde_json::from_slice::<Brief>(bytes) {
        check_version(Some(&brief.schema_version)).map_err(|error| error.to_string())?;
        return Ok(vec![sighting(brief, &digest, 0, arrived)?]);
    }
    let reports = read(bytes).map_err(|error| error.to_string())?;
    let briefs = reports.into_iter().map(Brief::from).enumerate();
    briefs.map(|(at, brief)| sighting(brief, &digest, at, arrived)).collect()
}

/// Products and places kept of a report beside its findings.
const LISTED: usize = 64;

/// What a fleet needs of a report.
#[derive(Deserialize)]
struct Brief {
    schema_version: String,
    verdict: Verdict,
    target: TargetInfo,
    findings: Vec<BriefFinding>,
    #[serde(default)]
    also_here: Vec<BriefFinding>,
    #[serde(default)]
    possible: Vec<BriefFinding>,
    #[serde(default)]
    skipped: Vec<Skipped>,
    gaps: Vec<BriefGap>,
    versions: BriefVersions,
    finished: String,
}

#[derive(Deserialize)]
struct BriefFinding {
    product: crate::finding::ProductName,
    status: Status,
    state: State,
    in_force: bool,
    #[serde(default = "yes")]
    binds: bool,
    #[serde(default)]
    rules: Vec<BriefRule>,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
struct BriefRule {
    id: String,
    in_force: bool,
}

#[derive(Deserialize)]
struct BriefGap {
    kind: GapKind,
}

#[derive(Deserialize)]
struct BriefVersions {
    debar: String,
    #[serde(default)]
    signatures: Vec<BriefSignature>,
}

#[derive(Deserialize)]
struct BriefSignature {
    date: String,
}

impl From<ScanReport> for Brief {
    fn from(report: ScanReport) -> Self {
        let brief = |finding: Finding| BriefFinding {
            product: finding.product,
            status: finding.status,
            state: finding.state,
            in_force: finding.in_force,
            binds: finding.binds,
            rules: finding
                .rules
                .into_iter()
                .map(|rule| BriefRule { id: rule.id, in_force: rule.in_force })
                .collect(),
        };
        Brief {
            schema_version: report.schema_version,
            verdict: report.verdict,
            target: report.target,
            findings: report.findings.into_iter().map(brief).collect(),
            also_here: report.also_here.into_iter().map(brief).collect(),
            possible: report.possible.into_iter().map(brief).collect(),
            skipped: report.skipped,
            gaps: report.gaps.into_iter().map(|gap| BriefGap { kind: gap.kind }).collect(),
            versions: BriefVersions {
                debar: report.versions.debar,
                signatures: report
                    .versions
                    .signatures
                    .into_iter()
                    .map(|file| BriefSignature { date: file.date })
                    .collect(),
            },
            finished: report.finished,
        }
    }
}

fn sighting(brief: Brief, digest: &[u8], at: usize, arrived: Time) -> Result<Sighting, String> {
    let finished: jiff::Timestamp = brief
        .finished
        .parse()
        .map_err(|_| format!("its `finished` {:?} is no time; it is damaged", brief.finished))?;
    let finished = finished.as_second();
    let ahead = finished - arrived;
    let (time, ahead) = if ahead > TOLERANCE { (arrived, ahead) } else { (finished, 0) };
    // An exception lets a scan pass; the product is there all the same.
    let counts =
        |finding: &&BriefFinding| finding.status == Status::Banned && finding.in_force && finding.binds;
    let counted: Vec<&BriefFinding> = brief.findings.iter().filter(counts).collect();
    let whole = !brief.gaps.iter().any(|gap| gap.kind.grade() == Grade::Blind);
    let earned = match (counted.is_empty(), whole) {
        (false, _) => Verdict::Found,
        (true, true) => Verdict::NotFound,
        (true, false) => Verdict::Incomplete,
    };
    if brief.verdict.rank() < earned.rank() {
        return Err(format!(
            "it contradicts itself: its verdict is {} and its content says {}. It was changed; scan again",
            brief.verdict.word(),
            earned.word()
        ));
    }
    let mut products: Vec<(String, State)> =
        counted.iter().map(|finding| (finding.product.id.clone(), finding.state)).collect();
    products.sort();
    products.dedup_by(|later, kept| later.0 == kept.0);
    let known = counted
        .iter()
        .map(|finding| Product {
            id: finding.product.id.clone(),
            name: finding.product.name.clone(),
            vendor: finding.product.vendor.clone(),
            rules: finding.rules.iter().filter(|rule| rule.in_force).map(|rule| rule.id.clone()).collect(),
        })
        .collect();
    let mut gaps: Vec<String> = brief.gaps.iter().map(|gap| gap.kind.word().to_owned()).collect();
    gaps.sort();
    gaps.dedup();
    // A folder without an operating system says nothing of the host's packages and services.
    let whole = whole && brief.verdict != Verdict::FilesChecked;
    let said = Said { verdict: brief.verdict, whole, products };
    let ids = |findings: &[BriefFinding]| -> Vec<String> {
        findings.iter().take(LISTED).map(|finding| finding.product.id.clone()).collect()
    };
    let (also_here, possible) = (ids(&brief.also_here), ids(&brief.possible));
    let skipped = brief.skipped.iter().filter(|place| !place.is_pseudo()).take(LISTED);
    let skipped = skipped.map(|place| place.place.clone()).collect();
    let target = brief.target;
    let os = if target.os.name.is_empty() { target.os.id.clone() } else { target.os.name.clone() };
    // Several reports of one file are distinguished by their place.
    let mut own = [0_u8; 16];
    let mut hash = Sha256::new();
    hash.update(digest);
    hash.update(at.to_le_bytes());
    own.iter_mut().zip(hash.finalize()).for_each(|(to, from)| *to = from);
    Ok(Sighting {
        digest: own,
        time,
        host: Host {
            name: target.host,
            machine: target.machine_id,
            domain: target.domain,
            os,
            debar: brief.versions.debar,
            signatures: brief.versions.signatures.into_iter().map(|file| file.date).min().unwrap_or_default(),
            gaps,
            also_here,
            possible,
            skipped,
            ahead,
            reports: 1,
            runs: vec![Run { from: time, to: time, said }],
        },
        products: known,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_of_a_stream_are_told_apart() {
        assert!(continues(b"{\"type\":\"finding\"}\n"));
        assert!(!continues(b"{\"type\":\"finding\"}\n{\"type\":\"summary\"}\n"));
        assert!(!continues(b"{\n \"schema_version\": \"1.0\"\n}\n") && !continues(b""));
    }

    #[test]
    fn half_written_and_other_files_of_a_folder_are_no_reports() {
        let is = |name: &str| is_report(Path::new(name));
        assert!(is("a/b.json") && is("B.NDJSON"));
        assert!(!is("a/.b.json.12.tmp") && !is(".b.json") && !is("c.txt"));
    }
}
