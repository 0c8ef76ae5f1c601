//! The faults that reading a target met, even if the caller ignored it, whatever became of the answer.
//!
//! Collectors turn faults into gaps. One that drops a fault (`.ok()`, "harmless if it is not there") would make a
//! shorter inventory look whole, so every failed read is written down here as well, below all collectors, and a
//! scan adds those that no gap reports ([`Ledger::unreported`]).

use std::cell::Cell;
use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use super::path::RealPath;
use super::root::Fault;
use crate::bytes::ReadAt;
use crate::model::{Gap, GapKind};
use crate::text::shown;

/// Faults kept; more are counted. A disk that fails everywhere must not fill the memory.
const MAX_FAULTS: usize = 10_000;
/// Who gets the faults of no collector: recognising the operating system reads before any of them.
const NOBODY: &str = "os_version";

thread_local! {
    static READER: Cell<&'static str> = const { Cell::new(NOBODY) };
}

/// Runs a piece of a collector; what it fails to read is written down for it.
pub fn reading_for<T>(collector: &'static str, work: impl FnOnce() -> T) -> T {
    /// Gives the thread back also when `work` panics.
    struct Before(&'static str);
    impl Drop for Before {
        fn drop(&mut self) {
            READER.set(self.0);
        }
    }
    let _before = Before(READER.replace(collector));
    work()
}

/// One read that failed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Failed {
    /// What was asked for, as reports show it.
    asked: String,
    /// What failed on the way there: links followed.
    real: String,
    kind: GapKind,
    detail: String,
    reader: &'static str,
}

/// The reads that failed.
#[derive(Debug, Default)]
pub struct Ledger {
    failed: Mutex<(BTreeSet<Failed>, usize)>,
}

impl Ledger {
    /// Writes a failed read down.
    pub(crate) fn note(&self, asked: String, real: String, kind: GapKind, detail: String) {
        let mut failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        if failed.0.len() < MAX_FAULTS {
            failed.0.insert(Failed { asked, real, kind, detail, reader: READER.get() });
        } else {
            failed.1 += 1;
        }
    }

    /// The fault of an I/O error: at `real`, on the way to `asked`. What is not there is no failed read.
    pub(super) fn fault(&self, asked: &[u8], real: &[u8], error: &io::Error) -> Fault {
        let fault = Fault::from_io(asked, error);
        if let Fault::Unreadable { kind, detail, .. } = &fault {
            self.note(shown(asked), shown(real), *kind, detail.clone());
        }
        fault
    }

    /// The failed reads that no gap reports: a gap does whose place is what was asked for or what failed.
    pub fn unreported<'a>(&self, gaps: impl Iterator<Item = &'a Gap>) -> Vec<Gap> {
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        let reported: BTreeSet<&str> = gaps.map(|gap| gap.place.as_str()).collect();
        let gap = |failed: &Failed| Gap {
            kind: failed.kind,
            collector: failed.reader.to_owned(),
            place: failed.asked.clone(),
            detail: failed.detail.clone(),
        };
        let unreported = |failed: &&Failed| {
            !reported.contains(failed.asked.as_str()) && !reported.contains(failed.real.as_str())
        };
        let mut gaps: Vec<Gap> = failed.0.iter().filter(unreported).map(gap).collect();
        if failed.1 > 0 {
            gaps.push(Gap {
                kind: GapKind::OverLimit,
                collector: NOBODY.to_owned(),
                place: "/".to_owned(),
                detail: format!("{} more failed reads are not listed", failed.1),
            });
        }
        gaps
    }
}

/// An open file whose failed and short reads are written down.
pub(super) struct Watched {
    pub(super) file: Box<dyn ReadAt>,
    pub(super) ledger: Arc<Ledger>,
    /// As it was asked for.
    pub(super) asked: Vec<u8>,
    pub(super) real: RealPath,
}

impl ReadAt for Watched {
    fn size(&self) -> u64 {
        self.file.size()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let result = self.file.read_at(offset, buf);
        match &result {
            Ok(0) if !buf.is_empty() && offset < self.size() && !self.is_made_up() => {
                let detail = format!("it ends at byte {offset} of {}: cut while it was read", self.size());
                self.ledger.note(shown(&self.asked), shown(&self.real), GapKind::Truncated, detail);
            }
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                let fault = self.ledger.fault(&self.asked, &self.real, error);
                // An open file that is "not there" (a stale handle of a network mount) is a failed read as well.
                if fault == Fault::Absent {
                    let (asked, real) = (shown(&self.asked), shown(&self.real));
                    self.ledger.note(asked, real, GapKind::Unreadable, error.to_string());
                }
            }
            _ => {}
        }
        result
    }
}

impl Watched {
    /// Files of sysfs all say that they have the size of a page (`Documentation/filesystems/sysfs.rst`).
    fn is_made_up(&self) -> bool {
        self.real.starts_with(b"sys/") && self.size() <= 1 << 16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(place: &str) -> Gap {
        Gap {
            kind: GapKind::Denied,
            collector: "deb_packages".into(),
            place: place.into(),
            detail: String::new(),
        }
    }

    #[test]
    fn a_failed_read_is_reported_once() {
        let ledger = Ledger::default();
        let error = io::Error::from(io::ErrorKind::PermissionDenied);
        reading_for("deb_packages", || ledger.fault(b"home/a/x", b"home/a", &error));
        assert_eq!(ledger.fault(b"none", b"none", &io::ErrorKind::NotFound.into()), Fault::Absent);
        for place in ["/home/a", "/home/a/x"] {
            assert_eq!(ledger.unreported([gap(place)].iter()), []);
        }
        for other in ["/home", "/home/a-b", "/home/a/y", ""] {
            let unreported = ledger.unreported([gap(other)].iter());
            assert_eq!(unreported.len(), 1, "{other}");
            assert_eq!(
                (unreported[0].collector.as_str(), unreported[0].place.as_str()),
                ("deb_packages", "/home/a/x")
            );
        }
    }

    #[test]
    fn a_panic_gives_the_thread_back() {
        let caught =
            std::panic::catch_unwind(|| reading_for("x", || std::panic::resume_unwind(Box::new(()))));
        assert!(caught.is_err());
        assert_eq!(READER.get(), NOBODY);
    }

    #[test]
    fn more_failed_reads_than_are_kept_are_counted() {
        let ledger = Ledger::default();
        let error = io::Error::from(io::ErrorKind::PermissionDenied);
        for number in 0..MAX_FAULTS + 5 {
            let path = format!("x{number}").into_bytes();
            ledger.fault(&path, &path, &error);
        }
        let unreported = ledger.unreported(std::iter::empty());
        assert_eq!(unreported.len(), MAX_FAULTS + 1);
        assert!(unreported.last().unwrap().detail.starts_with("5 more"));
    }
}
