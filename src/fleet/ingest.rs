//! Taking reports in: from files, folders and standard input.
//!
//! Only what a fleet needs is parsed. A report that is damaged, of another version or cleaner than its own content is
//! named and left out; it stops nothing. Folders are read in batches: while one is written, the next is parsed.

use std::fs::File;
use std::io::{BufRead, Read};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use rayon::prelude::*;

use super::documents::{MAX_BYTES, culprit, decoded, is_meant, is_signature, is_unfinished, split};
use super::sighting::{sightings, single};
use super::store::{Store, StoreError, Taken};
use super::{Host, Sighting, Time, Trust};
use crate::model::plain;
use crate::signature::signing::{self, TrustedKey};

/// Files parsed at a time.
pub(super) const BATCH: usize = 1_000;
/// Documents of a stream parsed at a time: the store waits for the disk after each batch.
const STREAMED: usize = 4_000;
/// Bytes of documents that wait until they are parsed together.
const MOST_WAITING: usize = 64 << 20;
/// The largest file of a signature.
const MAX_SIGNATURE: u64 = 64 << 10;

/// How reports are taken in.
#[derive(Debug, Clone, Copy)]
pub struct Intake<'a> {
    /// No report can be made after this time.
    pub now: Time,
    /// Whether a folder below a place holds reports of the host that it is named like and no others: a collector lets each
    /// host write into the folder of its certificate only.
    pub bound: bool,
    /// Keys whose signatures of reports are believed; without any, signatures are not read.
    pub keys: &'a [TrustedKey],
}

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
    /// Files of folders that are no reports, or not whole yet.
    pub skipped: Vec<Refused>,
}

/// What one file came to.
pub(super) struct Parsed<T> {
    pub found: Vec<T>,
    pub refused: Vec<Refused>,
    pub skipped: Option<Refused>,
}

impl<T> Parsed<T> {
    fn nothing() -> Self {
        Parsed { found: Vec::new(), refused: Vec::new(), skipped: None }
    }

    pub fn refused(place: String, why: String) -> Self {
        Parsed { refused: vec![Refused { place, why }], ..Parsed::nothing() }
    }

    fn skipped(place: String, why: &str) -> Self {
        Parsed { skipped: Some(Refused { place, why: why.to_owned() }), ..Parsed::nothing() }
    }
}

impl Ingested {
    fn add(&mut self, taken: Taken) {
        self.new += taken.new;
        self.known += taken.known;
        self.old += taken.old;
    }

    /// Whether there was nothing to take.
    pub fn is_empty(&self) -> bool {
        self.new + self.known + self.old == 0 && self.refused.is_empty()
    }
}

/// Takes the reports of files, of folders with everything below them, and of standard input (`-`).
///
/// # Errors
/// When the store cannot be written. What cannot be read is reported in the result.
pub fn ingest(store: &Store, places: &[PathBuf], how: Intake<'_>) -> Result<Ingested, StoreError> {
    let now = how.now;
    let mut done = Ingested::default();
    let mut ready: Vec<Sighting> = Vec::new();
    let mut files = files(places);
    loop {
        let mut batch: Vec<Result<Entry, Refused>> = Vec::new();
        batch.extend(files.by_ref().take(BATCH));
        let (written, parsed) = rayon::join(
            || store.take(&ready),
            || batch.into_par_iter().map(|file| parse(file, how)).collect::<Vec<Parsed<Sighting>>>(),
        );
        done.add(written?);
        ready.clear();
        if parsed.is_empty() {
            break;
        }
        for parsed in parsed {
            ready.extend(parsed.found);
            done.refused.extend(parsed.refused);
            done.skipped.extend(parsed.skipped);
        }
        // Where a clock was wrong the order of arrival counts.
        ready.sort_by_key(|sighting| sighting.arrived);
    }
    if places.iter().any(|place| place.as_os_str() == "-") {
        stream(store, std::io::stdin().lock(), now.saturating_mul(1_000), &mut done)?;
    }
    Ok(done)
}

/// A file to read, and whether the user named it.
pub(super) struct Entry {
    pub path: PathBuf,
    pub is_named: bool,
    is_file: bool,
    /// The folder of the place that it lies in, or below.
    folder: Option<String>,
}

impl Entry {
    /// Refuses what a host said of another one.
    fn bind(&self, parsed: &mut Parsed<Sighting>) {
        let place = self.path.display().to_string();
        for mut sighting in std::mem::take(&mut parsed.found) {
            match &self.folder {
                Some(folder) if is_called(&sighting.host, folder) => {
                    sighting.host.vouch(Trust::Certificate);
                    parsed.found.push(sighting);
                }
                Some(folder) => parsed.refused.push(Refused {
                    place: place.clone(),
                    why: format!(
                        "it is about the host {} and lies in the folder of {folder} (--bind-folder)",
                        sighting.host.name
                    ),
                }),
                None => parsed.refused.push(Refused {
                    place: place.clone(),
                    why: "it lies in no host's folder (--bind-folder)".to_owned(),
                }),
            }
        }
    }
}

/// Whether a folder is named like a host, with or without its domain.
fn is_called(host: &Host, folder: &str) -> bool {
    let name = host.name.to_lowercase();
    let full = host.domain.as_ref().map(|domain| format!("{name}.{}", domain.to_lowercase()));
    name == folder || full.is_some_and(|full| full == folder)
}

/// The files of the places; links are not followed.
pub(super) fn files(places: &[PathBuf]) -> impl Iterator<Item = Result<Entry, Refused>> {
    places.iter().filter(|place| place.as_os_str() != "-").flat_map(|place| {
        let named = place.clone();
        walkdir::WalkDir::new(place).sort_by_file_name().into_iter().filter_map(move |entry| match entry {
            Ok(entry) if entry.file_type().is_dir() => None,
            Ok(entry) => {
                let is_named = entry.depth() == 0 && entry.path() == named;
                let is_file = entry.file_type().is_file() || is_named;
                let folder = below(entry.path(), &named);
                Some(Ok(Entry { is_named, is_file, folder, path: entry.into_path() }))
            }
            Err(error) => {
                let place = error.path().unwrap_or(&named).display().to_string();
                let why = error
                    .into_io_error()
                    .map_or_else(|| "a loop of folders".to_owned(), |error| unreadable(&error));
                Some(Err(Refused { place, why }))
            }
        })
    })
}

/// The first folder on the way from a place to a file below it.
fn below(path: &Path, place: &Path) -> Option<String> {
    let mut parts = path.strip_prefix(place).ok()?.components();
    let first = parts.next()?;
    parts.next()?;
    first.as_os_str().to_str().map(str::to_owned)
}

fn parse(file: Result<Entry, Refused>, how: Intake<'_>) -> Parsed<Sighting> {
    let mut trust = Trust::default();
    let mut check = |path: &Path, bytes: &[u8]| {
        trust = signed(path, bytes, how.keys)?;
        Ok(())
    };
    let mut parsed = of_file(file, &mut check, |file, bytes, written, place| {
        let arrived = written.min(how.now.saturating_mul(1_000).saturating_add(999));
        // Most files are one report, which is parsed once.
        let mut parsed = match single(bytes, arrived).filter(|_| bytes.len() as u64 <= MAX_BYTES) {
            Some(Ok(sighting)) => Parsed { found: vec![sighting], ..Parsed::nothing() },
            _ => of_documents(bytes, place, |document| sightings(document, arrived)),
        };
        if how.bound {
            file.bind(&mut parsed);
        }
        parsed
    });
    if trust != Trust::default() {
        parsed.found.iter_mut().for_each(|sighting| sighting.host.vouch(sighting.host.trust.max(trust)));
    }
    parsed
}

/// What the signature beside a file says of its bytes.
fn signed(path: &Path, bytes: &[u8], keys: &[TrustedKey]) -> Result<Trust, String> {
    let beside = signing::beside(path);
    if keys.is_empty() || !beside.exists() {
        return Ok(Trust::default());
    }
    let mut signature = String::new();
    let read = File::open(&beside).and_then(|file| file.take(MAX_SIGNATURE).read_to_string(&mut signature));
    read.map_err(|error| format!("its signature {} cannot be read: {}", beside.display(), plain(&error)))?;
    signing::verify(keys, &signature, bytes)
        .map(|_| Trust::Signed)
        .map_err(|why| format!("{why}. Get it again from the host, or name the key with --trusted-key"))
}

/// Says of a file and its bytes why they are not taken, as of one whose signature does not fit.
pub(super) type Check<'a> = dyn FnMut(&Path, &[u8]) -> Result<(), String> + 'a;

/// What a file comes to by a reader, which gets the file, its text, when it was written, and its name, after its bytes passed
/// a check.
pub(super) fn of_file<T>(
    file: Result<Entry, Refused>,
    check: &mut Check<'_>,
    read: impl FnOnce(&Entry, &[u8], Time, &str) -> Parsed<T>,
) -> Parsed<T> {
    let file = match file {
        Ok(file) => file,
        Err(refused) => return Parsed::refused(refused.place, refused.why),
    };
    let place = file.path.display().to_string();
    if !file.is_file {
        return Parsed::skipped(place, "it is a link, a pipe or a device");
    }
    if !file.is_named && is_unfinished(&file.path) {
        return Parsed::skipped(place, "its name says that it is still being written");
    }
    if !file.is_named && is_signature(&file.path) {
        return if file.path.with_extension("").exists() {
            Parsed::nothing()
        } else {
            Parsed::skipped(place, "it is a signature without the file that it signs")
        };
    }
    let mut load = || {
        let (bytes, written) = load(&file.path)?;
        check(&file.path, &bytes)?;
        Ok((decoded(bytes)?, written))
    };
    match load() {
        Ok((bytes, _)) if !file.is_named && !is_meant(&file.path, &bytes) => {
            Parsed::skipped(place, "it is no report")
        }
        Ok((bytes, written)) => read(&file, &bytes, written, &place),
        Err(why) => Parsed::refused(place, why),
    }
}

/// What the documents of a text say; one that is refused does not take the others with it.
pub(super) fn of_documents<T>(
    bytes: &[u8],
    place: &str,
    read: impl Fn(&[u8]) -> Result<Vec<T>, String>,
) -> Parsed<T> {
    let mut parsed = Parsed::nothing();
    let mut take = |bytes: &[u8], place: String| match read(bytes) {
        Ok(found) => parsed.found.extend(found),
        Err(why) => {
            let why =
                culprit(bytes).map_or_else(|| why.clone(), |culprit| format!("{why}. Cause: {culprit}"));
            parsed.refused.push(Refused { place, why });
        }
    };
    // One document that is no report, or a refused one.
    if serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok()
        && !bytes.trim_ascii_start().starts_with(b"[")
    {
        take(bytes, place.to_owned());
        return parsed;
    }
    match split(bytes) {
        Some(documents) if documents.len() > 1 => {
            for (at, document) in documents.iter().enumerate() {
                take(document, format!("{place}, document {}", at + 1));
            }
        }
        Some(documents) => match documents.first() {
            Some(document) => take(document, place.to_owned()),
            None => take(bytes, place.to_owned()),
        },
        None => take(bytes, place.to_owned()),
    }
    parsed
}

/// The bytes of a file, and when it was written, in milliseconds.
fn load(path: &Path) -> Result<(Vec<u8>, Time), String> {
    let open = || -> std::io::Result<(Vec<u8>, Time, u64)> {
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        let written = metadata.modified()?.duration_since(UNIX_EPOCH).map_or(0, |time| time.as_millis());
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len().min(MAX_BYTES)).unwrap_or(0));
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
        Ok((bytes, Time::try_from(written).unwrap_or(Time::MAX), metadata.len()))
    };
    match open() {
        Ok((bytes, ..)) if bytes.len() as u64 > MAX_BYTES => Err(format!(
            "a report may have at most {MAX_BYTES} bytes; scan that host with fewer findings in one report"
        )),
        Ok((bytes, written, _)) => Ok((bytes, written)),
        Err(error) => Err(unreadable(&error)),
    }
}

/// Why a file or folder cannot be read, and what to do.
fn unreadable(error: &std::io::Error) -> String {
    let next = match error.kind() {
        std::io::ErrorKind::NotFound => ". Check the path",
        std::io::ErrorKind::PermissionDenied => ". Check that you may read it",
        _ => "",
    };
    format!("{}{next}", plain(error))
}

/// Takes reports from a stream: one JSON document after the other, each beginning on a line of its own, or the
/// lines of NDJSON.
fn stream(store: &Store, mut input: impl BufRead, now: Time, done: &mut Ingested) -> Result<(), StoreError> {
    // What cannot be read is reported below.
    if let Ok(first) = input.fill_buf()
        && let Some(kind) = compression(first)
    {
        let why = format!("it is compressed ({kind}): unpack it on the way, or name the file");
        done.refused.push(Refused { place: "standard input".to_owned(), why });
        return Ok(());
    }
    let mut waiting: Vec<(String, Vec<u8>)> = Vec::new();
    let mut ready: Vec<Sighting> = Vec::new();
    let mut size = 0;
    let mut document = Vec::new();
    let (mut line, mut first, mut number) = (Vec::new(), 1_u64, 0_u64);
    loop {
        line.clear();
        let read = match (&mut input).take(MAX_BYTES + 1).read_until(b'\n', &mut line) {
            Ok(read) => read,
            Err(error) => {
                done.refused.push(Refused { place: "standard input".to_owned(), why: plain(&error) });
                0
            }
        };
        number += 1;
        let begins = line.starts_with(b"{") && !continues(&document);
        if (read == 0 || begins) && !document.trim_ascii().is_empty() {
            size += document.len();
            waiting.push((format!("standard input, line {first}"), std::mem::take(&mut document)));
        }
        if document.is_empty() {
            first = number;
        }
        if waiting.len() >= STREAMED || size >= MOST_WAITING || read == 0 {
            ready = take_documents(store, &ready, std::mem::take(&mut waiting), now, done)?;
            size = 0;
        }
        if read == 0 {
            done.add(store.take(&ready)?);
            return Ok(());
        }
        // One byte over the limit is enough to be refused.
        if document.len() as u64 <= MAX_BYTES {
            document.extend_from_slice(&line);
        }
    }
}

/// What a stream is compressed with, by its first bytes.
fn compression(first: &[u8]) -> Option<&'static str> {
    let known = [(&b"\x1f\x8b"[..], "gzip"), (b"\x28\xb5\x2f\xfd", "zstd"), (b"PK\x03\x04", "zip")];
    known.into_iter().find(|(magic, _)| first.starts_with(magic)).map(|(_, kind)| kind)
}

/// Writes what is ready while documents that arrived together are parsed; returns what these say.
fn take_documents(
    store: &Store,
    ready: &[Sighting],
    documents: Vec<(String, Vec<u8>)>,
    now: Time,
    done: &mut Ingested,
) -> Result<Vec<Sighting>, StoreError> {
    let parse = |(place, document): (String, Vec<u8>)| match single(&document, now) {
        Some(Ok(sighting)) if document.len() as u64 <= MAX_BYTES => {
            Parsed { found: vec![sighting], ..Parsed::nothing() }
        }
        _ => of_documents(&document, &place, |document| sightings(document, now)),
    };
    let (written, parsed) = rayon::join(
        || store.take(ready),
        || documents.into_par_iter().map(parse).collect::<Vec<Parsed<Sighting>>>(),
    );
    done.add(written?);
    let mut found = Vec::new();
    for parsed in parsed {
        found.extend(parsed.found);
        done.refused.extend(parsed.refused);
    }
    Ok(found)
}

/// Whether the document so far is NDJSON whose summary is still to come.
fn continues(document: &[u8]) -> bool {
    let last = document.trim_ascii_end().rsplit(|&byte| byte == b'\n').next().unwrap_or_default();
    document.starts_with(b"{\"type\":") && !last.starts_with(b"{\"type\":\"summary\"")
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
}
