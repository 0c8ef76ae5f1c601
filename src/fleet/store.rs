//! The store: one file, an embedded key-value database (redb) whose commits are whole or not there.
//!
//! A report's digest is written in the same transaction as what it says: a run that was killed loses nothing that was
//! committed and doubles nothing when it is run again.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::path::Path;

use rayon::prelude::*;
use redb::{
    Database, ReadOnlyDatabase, ReadTransaction, ReadableDatabase, ReadableTable, ReadableTableMetadata,
    TableDefinition, WriteTransaction,
};
use sha2::{Digest, Sha256};

use super::{Host, Product, Sighting, Time, history};
use crate::model::plain;
use crate::text::hex::hex;

/// Hosts by machine and name.
const HOSTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("hosts");
/// Digests of the reports that were taken, with their time.
const REPORTS: TableDefinition<'_, &[u8; 16], i64> = TableDefinition::new("reports");
/// Products by id.
const PRODUCTS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("products");
/// What people wrote into work lists, by host and product.
const OWNERS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("owners");
/// What the store is.
const META: TableDefinition<'_, &str, u64> = TableDefinition::new("meta");
/// From which time on history is kept, in `META`.
const KEPT_SINCE: &str = "kept_since";
/// Hosts whose history is gone through at a time.
const HOSTS_AT_A_TIME: usize = 1_000;
/// Hosts that are decoded together.
const DECODED_AT_A_TIME: usize = 4_096;
/// Version of the tables.
const FORMAT: u64 = 2;
/// Memory for pages of the file, in bytes.
const CACHE: usize = 48 << 20;

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database says no.
    #[error("{0}")]
    Database(String),
    /// A later debar wrote it.
    #[error("it has format {0} and this debar knows {FORMAT}: use a newer debar")]
    Newer(u64),
    /// A record does not read.
    #[error("the record of {0} is damaged; ingest the reports into a new store")]
    Record(String),
}

fn builder() -> redb::Builder {
    let mut builder = Database::builder();
    builder.set_cache_size(CACHE);
    builder
}

/// Makes an empty store, whole or not at all: one that a full disk left half-made would never open again.
fn make(path: &Path) -> Result<(), StoreError> {
    let io = |error: std::io::Error| failed(redb::StorageError::from(error));
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut temporary = tempfile::Builder::new();
    temporary.prefix(".").suffix(".tmp");
    #[cfg(unix)]
    temporary.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let temporary = temporary.tempfile_in(folder).map_err(io)?.into_temp_path();
    Store::writable(builder().create(&temporary)).map_err(failed)?.prepare()?;
    match temporary.persist_noclobber(path) {
        // Another debar was faster.
        Err(error) if error.error.kind() != std::io::ErrorKind::AlreadyExists => Err(io(error.error)),
        _ => Ok(()),
    }
}

/// Whether a store cannot be opened for writing: it is another account's, or on a disk that is mounted to be read.
fn may_only_read(error: &redb::DatabaseError) -> bool {
    use std::io::ErrorKind::{PermissionDenied, ReadOnlyFilesystem};
    matches!(error, redb::DatabaseError::Storage(redb::StorageError::Io(error))
        if [PermissionDenied, ReadOnlyFilesystem].contains(&error.kind()))
}

fn denied() -> redb::StorageError {
    std::io::Error::from(std::io::ErrorKind::PermissionDenied).into()
}

/// redb has an error type for each step; people need the sentence, and what to do.
fn failed(error: impl Into<redb::Error>) -> StoreError {
    use redb::Error;
    let error = error.into();
    let is_content = |error: &std::io::Error| error.kind() == std::io::ErrorKind::InvalidData;
    let remedy = match &error {
        Error::DatabaseAlreadyOpen => "Another debar uses it: try again when that has ended",
        Error::Io(error) if error.kind() == std::io::ErrorKind::NotFound => "Check that its folder exists",
        Error::Io(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            "Check that you may read it, and write to it and its folder where something is to be kept"
        }
        Error::Io(error) if !is_content(error) => DISK,
        Error::PreviousIo | Error::Backend(_) => DISK,
        Error::RepairAborted => "Run a `debar fleet` command as the account that it belongs to",
        _ => "Name another file with --store; `debar fleet ingest` makes it from the reports",
    };
    let what = match &error {
        Error::DatabaseAlreadyOpen => "it is in use".to_owned(),
        Error::Io(error) if !is_content(error) => plain(error),
        Error::PreviousIo | Error::Backend(_) => "the disk failed".to_owned(),
        Error::RepairAborted => {
            "its last writer was stopped, which only one that may write to it mends".to_owned()
        }
        Error::UpgradeRequired(_) => "an earlier debar made it in another format".to_owned(),
        _ => "it is no store of a fleet, or a damaged one".to_owned(),
    };
    StoreError::Database(format!("{what}. {remedy}"))
}

/// What to do when the disk fails: a report is taken whole or not at all.
const DISK: &str = "Check that you may write to it and that its disk works and has space, then ingest again: \
    no report was taken in half, and none is taken twice";

/// What someone wrote into a work list.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Note {
    /// Who sees to it.
    pub owner: String,
    /// Anything else.
    pub note: String,
}

/// The store of a fleet.
pub struct Store {
    database: Access,
}

/// What may be done with the file.
enum Access {
    Write(Database),
    /// Another account's store: what it holds can be seen, and nothing is kept in it.
    Read(ReadOnlyDatabase),
}

/// What became of a batch of reports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    /// Reports that were new.
    pub new: u64,
    /// Reports that the store had.
    pub known: u64,
    /// Reports from before the time that is kept.
    pub old: u64,
}

/// What was forgotten.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Runs of hosts.
    pub runs: u64,
    /// Digests of reports.
    pub reports: u64,
}

impl Store {
    /// Opens a store; makes it if `create`.
    ///
    /// # Errors
    /// When it is not there, is no store, is in use by another debar, or a later debar wrote it.
    pub fn open(path: &Path, create: bool) -> Result<Self, StoreError> {
        if path.is_dir() {
            let file = path.join("debar-fleet.db");
            let what = format!("it is a folder. Name a file in it, for example --store {}", file.display());
            return Err(StoreError::Database(what));
        }
        if create && !path.exists() {
            make(path)?;
        }
        if create {
            let store = Store::writable(builder().create(path)).map_err(failed)?;
            store.prepare()?;
            return store.known();
        }
        let store = match Store::writable(builder().open(path)) {
            Err(error) if may_only_read(&error) => {
                let database = builder().open_read_only(path).map_err(failed)?;
                Store { database: Access::Read(database) }
            }
            opened => opened.map_err(failed)?,
        };
        store.known()
    }

    /// Opens a store on anything that keeps bytes, and makes it there if need be: a disk of a test that fails.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn on(backend: impl redb::StorageBackend) -> Result<Self, StoreError> {
        let store = Store::writable(builder().create_with_backend(backend)).map_err(failed)?;
        store.prepare()?;
        store.known()
    }

    fn writable(database: Result<Database, redb::DatabaseError>) -> Result<Self, redb::DatabaseError> {
        Ok(Store { database: Access::Write(database?) })
    }

    fn begin_read(&self) -> Result<ReadTransaction, StoreError> {
        match &self.database {
            Access::Write(database) => database.begin_read(),
            Access::Read(database) => database.begin_read(),
        }
        .map_err(failed)
    }

    fn begin_write(&self) -> Result<WriteTransaction, StoreError> {
        match &self.database {
            Access::Write(database) => database.begin_write().map_err(failed),
            Access::Read(_) => Err(failed(denied())),
        }
    }

    /// The store, unless a later debar wrote it.
    fn known(self) -> Result<Self, StoreError> {
        let format = self.format()?;
        if format > FORMAT { Err(StoreError::Newer(format)) } else { Ok(self) }
    }

    /// Makes the tables that are not there, so that reading needs no exceptions.
    fn prepare(&self) -> Result<(), StoreError> {
        let write = self.begin_write()?;
        {
            write.open_table(HOSTS).map_err(failed)?;
            write.open_table(REPORTS).map_err(failed)?;
            write.open_table(PRODUCTS).map_err(failed)?;
            write.open_table(OWNERS).map_err(failed)?;
            let mut meta = write.open_table(META).map_err(failed)?;
            let format = meta.get("format").map_err(failed)?.map_or(0, |format| format.value());
            // An earlier debar would lose what it does not know.
            if format < FORMAT {
                meta.insert("format", FORMAT).map_err(failed)?;
            }
        }
        write.commit().map_err(failed)
    }

    fn format(&self) -> Result<u64, StoreError> {
        let read = self.begin_read()?;
        let meta = read.open_table(META).map_err(failed)?;
        let format = meta.get("format").map_err(failed)?;
        Ok(format.map_or(FORMAT, |format| format.value()))
    }

    /// Takes what reports say, all of it or nothing.
    ///
    /// # Errors
    /// When it cannot be written; nothing was taken then.
    pub fn take(&self, sightings: &[Sighting]) -> Result<Taken, StoreError> {
        let mut taken = Taken::default();
        let write = self.begin_write()?;
        {
            let mut reports = write.open_table(REPORTS).map_err(failed)?;
            let mut hosts = write.open_table(HOSTS).map_err(failed)?;
            let mut products = write.open_table(PRODUCTS).map_err(failed)?;
            let kept_since = kept_since(&write.open_table(META).map_err(failed)?)?;
            // Many hosts have the same products: each is written when it changes.
            let mut known: BTreeMap<&str, &Product> = BTreeMap::new();
            for sighting in sightings {
                // Its digest may be forgotten already: taken again, it would count twice.
                if sighting.time < kept_since {
                    taken.old += 1;
                    continue;
                }
                if reports.insert(&sighting.digest, sighting.time).map_err(failed)?.is_some() {
                    taken.known += 1;
                    continue;
                }
                taken.new += 1;
                let key = key(&sighting.host);
                let old = match hosts.get(key.as_str()).map_err(failed)? {
                    Some(record) => Some(decode::<Host>(&key, record.value())?),
                    None => None,
                };
                let host = merged(old, sighting);
                hosts.insert(key.as_str(), encode(&host)?.as_slice()).map_err(failed)?;
                known.extend(sighting.products.iter().map(|product| (product.id.as_str(), product)));
            }
            for (id, product) in known {
                let bytes = encode(product)?;
                let same = products.get(id).map_err(failed)?.is_some_and(|old| old.value() == bytes);
                if !same {
                    products.insert(id, bytes.as_slice()).map_err(failed)?;
                }
            }
        }
        write.commit().map_err(failed)?;
        Ok(taken)
    }

    /// Forgets the history of before a time, all of it or nothing; older reports are not taken any more. The newest word
    /// of each host stays, and what is still open with all that says since when.
    ///
    /// # Errors
    /// When it cannot be written; nothing was forgotten then.
    pub fn forget(&self, before: Time) -> Result<Forgotten, StoreError> {
        let mut forgotten = Forgotten::default();
        let write = self.begin_write()?;
        {
            let mut meta = write.open_table(META).map_err(failed)?;
            let before = before.max(kept_since(&meta)?);
            meta.insert(KEPT_SINCE, u64::try_from(before).unwrap_or(0)).map_err(failed)?;
            let mut reports = write.open_table(REPORTS).map_err(failed)?;
            let count = reports.len().map_err(failed)?;
            reports.retain(|_, time| time >= before).map_err(failed)?;
            forgotten.reports = count - reports.len().map_err(failed)?;
            let mut hosts = write.open_table(HOSTS).map_err(failed)?;
            let mut next: Option<String> = None;
            // A table cannot be changed while it is walked: some hosts at a time.
            loop {
                let mut changed = Vec::new();
                let mut last = None;
                let range = (next.as_deref().map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
                for record in hosts.range::<&str>(range).map_err(failed)?.take(HOSTS_AT_A_TIME) {
                    let (key, record) = record.map_err(failed)?;
                    let mut host: Host = decode(key.value(), record.value())?;
                    let runs = history::forget(&mut host, before);
                    if runs > 0 {
                        forgotten.runs += runs as u64;
                        changed.push((key.value().to_owned(), encode(&host)?));
                    }
                    last = Some(key.value().to_owned());
                }
                for (key, host) in changed {
                    hosts.insert(key.as_str(), host.as_slice()).map_err(failed)?;
                }
                if last.is_none() {
                    break;
                }
                next = last;
            }
        }
        write.commit().map_err(failed)?;
        Ok(forgotten)
    }

    /// Calls `each` for every host, those of one machine one after the other.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn hosts(&self, mut each: impl FnMut(Host) + Send) -> Result<(), StoreError> {
        let read = self.begin_read()?;
        let hosts = read.open_table(HOSTS).map_err(failed)?;
        let mut records = hosts.iter().map_err(failed)?;
        // Most of the time goes into decoding: every core decodes some, while those before are put together.
        let mut decoded: Vec<Host> = Vec::new();
        loop {
            let batch: Result<Vec<(String, Vec<u8>)>, redb::StorageError> = (records.by_ref())
                .take(DECODED_AT_A_TIME)
                .map(|record| record.map(|(key, record)| (key.value().to_owned(), record.value().to_vec())))
                .collect();
            let batch = batch.map_err(failed)?;
            let (next, ()) = rayon::join(
                || batch.par_iter().map(|(key, record)| decode(key, record)).collect::<Result<_, _>>(),
                || std::mem::take(&mut decoded).into_iter().for_each(&mut each),
            );
            if batch.is_empty() {
                return Ok(());
            }
            decoded = next?;
        }
    }

    /// Every product by id.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn products(&self) -> Result<BTreeMap<String, Product>, StoreError> {
        self.all(PRODUCTS)
    }

    /// What people wrote into work lists, by host and product.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn notes(&self) -> Result<BTreeMap<String, Note>, StoreError> {
        self.all(OWNERS)
    }

    /// Keeps what people wrote into a work list.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep_notes(&self, notes: &BTreeMap<String, Note>) -> Result<(), StoreError> {
        let write = self.begin_write()?;
        {
            let mut table = write.open_table(OWNERS).map_err(failed)?;
            for (key, note) in notes {
                if *note == Note::default() {
                    table.remove(key.as_str()).map_err(failed)?;
                } else {
                    table.insert(key.as_str(), encode(note)?.as_slice()).map_err(failed)?;
                }
            }
        }
        write.commit().map_err(failed)
    }

    fn all<T: serde::de::DeserializeOwned>(
        &self,
        table: TableDefinition<'_, &str, &[u8]>,
    ) -> Result<BTreeMap<String, T>, StoreError> {
        let read = self.begin_read()?;
        let table = read.open_table(table).map_err(failed)?;
        let mut all = BTreeMap::new();
        for record in table.iter().map_err(failed)? {
            let (key, record) = record.map_err(failed)?;
            all.insert(key.value().to_owned(), decode(key.value(), record.value())?);
        }
        Ok(all)
    }
}

/// The time from which on the store keeps what was said; 0 if it keeps all.
fn kept_since(meta: &impl ReadableTable<&'static str, u64>) -> Result<Time, StoreError> {
    let since = meta.get(KEPT_SINCE).map_err(failed)?.map_or(0, |since| since.value());
    Ok(Time::try_from(since).unwrap_or(Time::MAX))
}

/// The host with one more report. What is reported of the host is what its newest report says.
fn merged(old: Option<Host>, sighting: &Sighting) -> Host {
    let new = &sighting.host;
    let Some(old) = old else { return new.clone() };
    // Of two reports of one second the order of arrival must not decide; what a wrong clock dated is kept apart.
    let facts = |host: &Host| serde_json::to_vec(&host.bare()).ok();
    // What a right clock dated goes before.
    let rank = |host: &Host| {
        let runs = if host.runs.is_empty() { &host.misdated } else { &host.runs };
        (!host.runs.is_empty(), runs.last().map(|run| run.to))
    };
    let is_newest = match rank(new).cmp(&rank(&old)) {
        Ordering::Equal => facts(new) > facts(&old),
        order => order == Ordering::Greater,
    };
    let mut host = if is_newest { new.bare() } else { old.bare() };
    (host.runs, host.misdated, host.late) = (old.runs, old.misdated, old.late);
    (host.duties, host.adrift) = (old.duties, old.adrift);
    history::add_all(&mut host, new);
    host.reports = old.reports + 1;
    host
}

/// Machines first, so that the names of one machine lie together; names first where reports have no machine.
fn key(host: &Host) -> String {
    let mut key = host.machine.clone().unwrap_or_default();
    key.push('\0');
    key.push_str(&host.name.to_lowercase());
    // What distinguishes clones: each combination has a record of its own, and roll_up puts them together.
    if host.domain.is_some() || !host.hardware.is_empty() {
        key.push('\0');
        key.push_str(&host.domain.as_deref().unwrap_or_default().to_lowercase());
    }
    let is_card = |mark: &&String| mark.starts_with("mac:");
    if let Some(mark) = host.hardware.iter().find(|mark| !is_card(mark)) {
        key.push('\0');
        key.push_str(mark);
    } else if !host.hardware.is_empty() {
        // Network cards come and go: they count only where nothing better is known.
        let mut cards: Vec<&str> = host.hardware.iter().filter(is_card).map(String::as_str).collect();
        cards.sort_unstable();
        key.push('\0');
        key.push_str(&hex(Sha256::digest(cards.join("\0")).get(..8).unwrap_or_default()));
    }
    key
}

fn encode(value: &impl serde::Serialize) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(value).map_err(|error| StoreError::Database(error.to_string()))
}

fn decode<T: serde::de::DeserializeOwned>(key: &str, bytes: &[u8]) -> Result<T, StoreError> {
    serde_json::from_slice(bytes).map_err(|_| StoreError::Record(key.replace('\0', " ").trim().to_owned()))
}
