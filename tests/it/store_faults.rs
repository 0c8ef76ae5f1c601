//! A disk that fails under the store of a fleet: at every single read, write, sync and change of length of taking
//! reports in, once or for good. Whatever fails is reported, no report is half in the store, and taking them in again
//! doubles none.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stderr, reason = "tests")]

use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use crate::support::{Root, scan};
use debar::fleet::{Host, Ingested, Intake, Options, Store, StoreError, ingest, status};
use redb::StorageBackend;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Operation {
    Read,
    Write,
    Sync,
    SetLen,
}

const OPERATIONS: &[Operation] = &[Operation::Read, Operation::Write, Operation::Sync];

/// How an operation fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    /// This once.
    Once,
    /// And whatever is asked of the disk after it.
    ForGood,
    /// As for good, after a write left half of its bytes.
    Torn,
    /// As for good, and nothing of what was written since the last sync is there afterwards.
    Lost,
}

#[derive(Debug, Clone, Copy)]
struct Plan {
    operation: Operation,
    /// Which of its kind, counted from 0.
    at: usize,
    wrong: Wrong,
}

#[derive(Debug, Default)]
struct State {
    plan: Option<Plan>,
    seen: [AtomicUsize; 4],
    hits: AtomicUsize,
    is_gone: AtomicBool,
}

/// A disk in memory.
#[derive(Debug, Clone, Default)]
struct Disk {
    bytes: Arc<Mutex<Vec<u8>>>,
    /// As they were after the last sync.
    synced: Arc<Mutex<Vec<u8>>>,
    state: Arc<State>,
}

impl Disk {
    fn of(bytes: &[u8], plan: Option<Plan>) -> Disk {
        let keep = || Arc::new(Mutex::new(bytes.to_vec()));
        Disk { bytes: keep(), synced: keep(), state: Arc::new(State { plan, ..State::default() }) }
    }

    fn bytes(&self) -> Vec<u8> {
        match self.state.plan.map(|plan| plan.wrong) {
            Some(Wrong::Lost) if self.hits() > 0 => self.synced.lock().unwrap().clone(),
            _ => self.bytes.lock().unwrap().clone(),
        }
    }

    fn hits(&self) -> usize {
        self.state.hits.load(Ordering::SeqCst)
    }

    fn count(&self, operation: Operation) -> usize {
        self.state.seen[operation as usize].load(Ordering::SeqCst)
    }

    /// What goes wrong at the next operation of a kind.
    fn at(&self, operation: Operation) -> Option<Wrong> {
        let before = self.state.seen[operation as usize].fetch_add(1, Ordering::SeqCst);
        let plan = self.state.plan?;
        if self.state.is_gone.load(Ordering::SeqCst) {
            return Some(Wrong::ForGood);
        }
        if plan.operation != operation || plan.at != before {
            return None;
        }
        self.state.hits.fetch_add(1, Ordering::SeqCst);
        self.state.is_gone.store(plan.wrong != Wrong::Once, Ordering::SeqCst);
        Some(plan.wrong)
    }
}

/// As a full disk says it, and a broken one.
fn no_space() -> io::Error {
    io::Error::from(ErrorKind::StorageFull)
}

fn broken() -> io::Error {
    io::Error::other("the disk does not answer")
}

impl StorageBackend for Disk {
    fn len(&self) -> Result<u64, io::Error> {
        Ok(self.bytes.lock().unwrap().len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), io::Error> {
        if self.at(Operation::Read).is_some() {
            return Err(broken());
        }
        let bytes = self.bytes.lock().unwrap();
        let from = usize::try_from(offset).unwrap();
        let there =
            bytes.get(from..from + out.len()).ok_or_else(|| io::Error::from(ErrorKind::UnexpectedEof))?;
        out.copy_from_slice(there);
        Ok(())
    }

    fn set_len(&self, len: u64) -> Result<(), io::Error> {
        if self.at(Operation::SetLen).is_some() {
            return Err(no_space());
        }
        self.bytes.lock().unwrap().resize(usize::try_from(len).unwrap(), 0);
        Ok(())
    }

    fn sync_data(&self) -> Result<(), io::Error> {
        if self.at(Operation::Sync).is_some() {
            return Err(broken());
        }
        *self.synced.lock().unwrap() = self.bytes.lock().unwrap().clone();
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), io::Error> {
        let wrong = self.at(Operation::Write);
        let written = match wrong {
            None => data,
            Some(Wrong::Torn) => &data[..data.len() / 2],
            Some(_) => &[],
        };
        let from = usize::try_from(offset).unwrap();
        let mut bytes = self.bytes.lock().unwrap();
        bytes
            .get_mut(from..from + written.len())
            .ok_or_else(|| io::Error::from(ErrorKind::UnexpectedEof))?
            .copy_from_slice(written);
        if wrong.is_some() { Err(no_space()) } else { Ok(()) }
    }
}

/// Reports of hosts in a folder.
struct Reports(tempfile::TempDir);

impl Reports {
    /// One of each verdict that has findings, from each of the hosts.
    fn of(hosts: &[&str]) -> Reports {
        let folder = tempfile::tempdir().unwrap();
        let report = scan(&Root::debian(&[("kesl", "12.1.0")]), &[]).1;
        for (at, host) in hosts.iter().enumerate() {
            let mut report = report.clone();
            report["target"]["host"] = (*host).into();
            std::fs::write(folder.path().join(format!("{at}.json")), report.to_string()).unwrap();
        }
        Reports(folder)
    }

    fn ingest(&self, disk: &Disk) -> Result<Ingested, StoreError> {
        let store = Store::on(disk.clone())?;
        ingest(&store, &[PathBuf::from(self.0.path())], INTAKE)
    }
}

const INTAKE: Intake<'static> = Intake { now: i64::MAX, bound: false, keys: &[] };

/// The hosts that a sound disk reports.
fn hosts(bytes: &[u8]) -> BTreeMap<String, Host> {
    let store = Store::on(Disk::of(bytes, None)).unwrap();
    let mut hosts = BTreeMap::new();
    store.hosts(|host| assert!(hosts.insert(host.name.clone(), host).is_none())).unwrap();
    hosts
}

/// Injects every fault of some operations into taking reports into a store of these bytes.
fn sweep(
    name: &str,
    start: &[u8],
    reports: &Reports,
    operations: &[Operation],
) -> BTreeMap<Operation, usize> {
    let before = hosts(start);
    let sound = Disk::of(start, None);
    let taken = reports.ingest(&sound).unwrap();
    assert!(taken.new > 1 && taken.refused.is_empty(), "{taken:?}");
    let after = hosts(&sound.bytes());
    assert_eq!(after.len() as u64, before.len() as u64 + taken.new);
    let mut injected = BTreeMap::new();
    for &operation in operations {
        for at in 0..sound.count(operation) {
            for wrong in [Wrong::Once, Wrong::ForGood, Wrong::Torn, Wrong::Lost] {
                let plan = Plan { operation, at, wrong };
                let disk = Disk::of(start, Some(plan));
                let mut hits = 0;
                // The store is closed when `ingest` returns: what fails only then lost nothing.
                let came = catch_unwind(AssertUnwindSafe(|| {
                    let store = Store::on(disk.clone())?;
                    let came = ingest(&store, &[PathBuf::from(reports.0.path())], INTAKE);
                    hits = disk.hits();
                    came
                }));
                let Ok(came) = came else { unreachable!("{name}: {plan:?} made it panic") };
                if disk.hits() == 0 {
                    continue;
                }
                *injected.entry(operation).or_default() += 1;
                match &came {
                    Ok(came) => assert!(hits == 0 && *came == taken, "{name}: {plan:?} went by in silence"),
                    Err(error) => {
                        let error = error.to_string();
                        let says = ["disk", "space", "I/O"].iter().any(|word| error.contains(word));
                        assert!(says && error.contains("ingest"), "{name}: {plan:?}: {error}");
                    }
                }
                let left = disk.bytes();
                let there = hosts(&left);
                let is_whole = there == after || there == before;
                assert!(is_whole && (came.is_err() || there == after), "{name}: {plan:?} left {there:?}");
                let again = Disk::of(&left, None);
                let second = reports.ingest(&again).unwrap();
                assert_eq!(second.new + second.known, taken.new, "{name}: {plan:?}");
                assert_eq!(hosts(&again.bytes()), after, "{name}: {plan:?}, taken in again");
            }
        }
    }
    injected
}

fn check(name: &str, injected: &BTreeMap<Operation, usize>, expected: &[Operation]) {
    eprintln!("{name}: faults injected: {injected:?}, 0 silent");
    for operation in expected {
        assert!(injected.get(operation).is_some_and(|&count| count > 0), "{name}: no {operation:?} failed");
    }
}

#[test]
fn a_disk_that_fails_under_an_empty_store_halves_no_report() {
    // As `debar fleet ingest` makes one; `tests/it/outputs.rs` has the disk fail while it is made.
    let empty = Disk::default();
    drop(Store::on(empty.clone()).unwrap());
    let injected = sweep("empty store", &empty.bytes(), &Reports::of(&["a", "b", "c"]), OPERATIONS);
    check("empty store", &injected, OPERATIONS);
}

/// Few reports fit into the pages that a store has; those of hosts with very long names do not.
#[test]
fn a_store_that_cannot_grow_halves_no_report() {
    let empty = Disk::default();
    drop(Store::on(empty.clone()).unwrap());
    let long = "n".repeat(300_000);
    let reports = Reports::of(&["a", &long]);
    let injected = sweep("growing store", &empty.bytes(), &reports, &[Operation::SetLen]);
    check("growing store", &injected, &[Operation::SetLen]);
}

#[test]
fn a_disk_that_fails_under_a_store_in_use_halves_and_doubles_no_report() {
    let disk = Disk::default();
    Reports::of(&["a", "b", "c"]).ingest(&disk).unwrap();
    let injected = sweep("store in use", &disk.bytes(), &Reports::of(&["d", "e"]), OPERATIONS);
    check("store in use", &injected, OPERATIONS);
}

/// What is read of a store is all of it or an error: a host that is missing from a picture would count as clean.
#[test]
fn a_disk_that_cannot_be_read_makes_no_smaller_fleet() {
    let disk = Disk::default();
    Reports::of(&["a", "b", "c"]).ingest(&disk).unwrap();
    let start = disk.bytes();
    let picture = |disk: &Disk| -> Result<String, StoreError> {
        let store = Store::on(disk.clone())?;
        let how = Options { now: i64::from(u32::MAX), stale_after: 7, signature_age: 0 };
        Ok(serde_json::to_string(&status(&store, None, how)?).unwrap())
    };
    let sound = Disk::of(&start, None);
    let expected = picture(&sound).unwrap();
    let mut injected = 0;
    for at in 0..sound.count(Operation::Read) {
        for wrong in [Wrong::Once, Wrong::ForGood] {
            let disk = Disk::of(&start, Some(Plan { operation: Operation::Read, at, wrong }));
            let came = picture(&disk);
            injected += disk.hits();
            assert!(came.is_err() || disk.hits() == 0, "read {at} {wrong:?}: {came:?}, not {expected}");
        }
    }
    eprintln!("store read: {injected} faults injected, 0 silent");
    assert!(injected > 0);
}
