//! The spool: a folder of reports that are to be sent. Only its owner may enter it.
//!
//! One file for each report and address: a line of JSON with the address, then the report as it is sent. A file appears
//! whole or not at all, and stays until a collector has the report.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::model::plain;
use crate::process::output::write_whole;
use crate::text::hex::hex;

/// The ending of a file of the spool.
const ENDING: &str = "report";
/// The longest first line.
const MAX_HEAD: u64 = 64 << 10;
/// The largest report that is read back.
const MAX_REPORT: u64 = 1 << 30;
/// What a scan that was killed left half written is of no use after this time.
const ABANDONED: Duration = Duration::from_secs(86_400);

/// Why a report could not be kept.
#[derive(Debug)]
pub enum SpoolError {
    /// The spool has no room.
    Full(String),
    /// It cannot be used.
    Unusable(io::Error),
}

/// What stands before a report.
#[derive(Serialize, Deserialize)]
struct Head {
    address: String,
}

/// A folder of reports that are to be sent.
#[derive(Debug, Clone)]
pub struct Spool {
    folder: PathBuf,
    /// Most bytes that it may hold.
    limit: u64,
}

/// A report that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its file.
    pub path: PathBuf,
}

/// What an entry holds.
pub(super) struct Content {
    pub(super) address: String,
    pub(super) report: Vec<u8>,
}

impl Spool {
    /// Opens a spool, which is made when it is not there.
    ///
    /// # Errors
    /// When it cannot be made, or others may enter it.
    pub fn open(folder: &Path, limit: u64) -> io::Result<Self> {
        if !folder.exists() {
            make(folder)?;
        }
        check(folder)?;
        let folder = fs::canonicalize(folder)?;
        Ok(Spool { folder, limit })
    }

    /// Where it lies.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Keeps a report for an address.
    ///
    /// # Errors
    /// When there is no room for it, or it cannot be written.
    pub fn keep(&self, address: &str, report: &[u8]) -> Result<(), SpoolError> {
        let mut head = serde_json::to_vec(&Head { address: address.to_owned() })
            .map_err(|error| SpoolError::Unusable(error.into()))?;
        head.push(b'\n');
        let size = (head.len() + report.len()) as u64;
        let entries = self.entries().map_err(SpoolError::Unusable)?;
        let taken: u64 =
            entries.iter().filter_map(|entry| fs::metadata(&entry.path).ok()).map(|about| about.len()).sum();
        if taken.saturating_add(size) > self.limit {
            return Err(SpoolError::Full(format!(
                "{} reports with {taken} bytes wait in it, and this one has {size}; the limit is {} (--spool-limit). \
                 Run `debar deliver` to see why they cannot be sent",
                entries.len(),
                self.limit
            )));
        }
        let mut hash = Sha256::new();
        hash.update(&head);
        hash.update(report);
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |now| now.as_secs());
        // The oldest first by name; the digest keeps two reports of one second apart.
        let name = format!("{now:012}-{}.{ENDING}", hex(&hash.finalize()));
        let write = |out: &mut dyn Write| out.write_all(&head).and_then(|()| out.write_all(report));
        write_whole(&self.folder.join(name), write).map_err(SpoolError::Unusable)
    }

    /// The reports that wait, the oldest first.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn entries(&self) -> io::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let path = entry.path();
            if path.extension().is_some_and(|ending| ending == ENDING) {
                entries.push(Entry { path });
            }
        }
        entries.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(entries)
    }

    /// Removes what scans that were killed left half written.
    pub fn tidy(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        for entry in entries.flatten() {
            let is_unfinished = entry.path().extension().is_some_and(|ending| ending == "tmp");
            let age =
                entry.metadata().and_then(|about| about.modified()).ok().and_then(|time| time.elapsed().ok());
            if is_unfinished && age.is_some_and(|age| age > ABANDONED) {
                drop(fs::remove_file(entry.path()));
            }
        }
    }
}

impl Entry {
    /// Its file's name, for messages.
    pub fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// Reads it; `None` when another sender was faster.
    pub(super) fn read(&self) -> Result<Option<Content>, String> {
        if !fs::symlink_metadata(&self.path).is_ok_and(|about| about.is_file()) {
            return if self.path.exists() { Err("it is no file of debar's".to_owned()) } else { Ok(None) };
        }
        let mut bytes = Vec::new();
        let read = fs::File::open(&self.path)
            .and_then(|file| file.take(MAX_REPORT + MAX_HEAD).read_to_end(&mut bytes));
        match read {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(plain(&error)),
            Ok(_) => {}
        }
        let damaged = || "it is damaged; remove it, and scan again".to_owned();
        let end = memchr::memchr(b'\n', &bytes).ok_or_else(damaged)?;
        let head: Head =
            bytes.get(..end).and_then(|head| serde_json::from_slice(head).ok()).ok_or_else(damaged)?;
        let whole = Sha256::digest(&bytes);
        if !self.path.file_stem().is_some_and(|stem| stem.to_string_lossy().ends_with(&hex(&whole))) {
            return Err(damaged());
        }
        bytes.drain(..=end);
        Ok(Some(Content { address: head.address, report: bytes }))
    }

    /// Removes it after it was delivered.
    pub(super) fn remove(&self) -> Result<(), String> {
        match fs::remove_file(&self.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(format!("it was delivered, and cannot be removed: {}", plain(&error)))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(unix)]
fn make(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    if let Some(parent) = folder.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        fs::create_dir_all(parent)?;
    }
    fs::DirBuilder::new().mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// Checks that nobody else can put reports there: they would be sent with this machine's certificate.
fn check(folder: &Path) -> io::Result<()> {
    let about = fs::symlink_metadata(folder)?;
    let refused = |why: &str| io::Error::new(io::ErrorKind::InvalidInput, why.to_owned());
    if !about.is_dir() {
        return Err(refused("it is no folder. Name a folder that only you may enter"));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if about.uid() != rustix::process::geteuid().as_raw() {
            return Err(refused("it belongs to another account. Name a folder of your own"));
        }
        if about.mode() & 0o077 != 0 {
            return Err(refused("other accounts may enter it. Close it with `chmod 700`"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spool(limit: u64) -> (tempfile::TempDir, Spool) {
        let folder = tempfile::tempdir().unwrap();
        let spool = Spool::open(&folder.path().join("new/spool"), limit).unwrap();
        (folder, spool)
    }

    #[test]
    fn what_is_kept_comes_back_byte_for_byte_until_it_is_removed() {
        let (_folder, spool) = spool(1 << 20);
        spool.keep("https://c/1", b"{\n}\n").unwrap();
        spool.keep("https://c/2", b"").unwrap();
        let mut contents: Vec<(String, Vec<u8>)> = spool
            .entries()
            .unwrap()
            .iter()
            .map(|entry| entry.read().unwrap().unwrap())
            .map(|content| (content.address, content.report))
            .collect();
        contents.sort();
        assert_eq!(
            contents,
            [("https://c/1".to_owned(), b"{\n}\n".to_vec()), ("https://c/2".to_owned(), Vec::new())]
        );
        let first = spool.entries().unwrap().remove(0);
        first.remove().unwrap();
        first.remove().unwrap();
        assert!(first.read().unwrap().is_none());
        assert_eq!(spool.entries().unwrap().len(), 1);
    }

    #[test]
    fn a_full_spool_refuses_and_loses_nothing() {
        let (_folder, spool) = spool(200);
        spool.keep("https://c/1", &[b'x'; 100]).unwrap();
        let Err(SpoolError::Full(why)) = spool.keep("https://c/2", &[b'y'; 100]) else { panic!() };
        assert!(why.contains("1 reports") && why.contains("--spool-limit"), "{why}");
        assert_eq!(spool.entries().unwrap().len(), 1);
    }

    #[test]
    fn a_changed_or_foreign_file_is_named_and_never_sent() {
        let (_folder, spool) = spool(1 << 20);
        spool.keep("https://c/1", b"report").unwrap();
        let entry = spool.entries().unwrap().remove(0);
        fs::write(&entry.path, b"{\"address\":\"https://evil/\"}\nreport").unwrap();
        assert!(entry.read().is_err_and(|why| why.contains("damaged")));
        let folder = Entry { path: spool.folder().join("folder.report") };
        fs::create_dir(&folder.path).unwrap();
        assert!(folder.read().is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_folder_that_others_may_enter_is_no_spool() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let (_folder, spool) = spool(1);
        assert_eq!(fs::metadata(spool.folder()).unwrap().mode() & 0o777, 0o700);
        fs::set_permissions(spool.folder(), fs::Permissions::from_mode(0o750)).unwrap();
        assert!(Spool::open(spool.folder(), 1).is_err_and(|error| error.to_string().contains("chmod 700")));
        fs::set_permissions(spool.folder(), fs::Permissions::from_mode(0o700)).unwrap();
        let link = spool.folder().join("../link");
        std::os::unix::fs::symlink(spool.folder(), &link).unwrap();
        assert!(Spool::open(&link, 1).is_err());
    }
}
