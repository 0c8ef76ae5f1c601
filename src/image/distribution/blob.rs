//! Layers on their way: what has come can be read while the rest is coming.
//!
//! The bytes are kept, because a second pass may want some of them again: small layers in memory, others in one
//! temporary file that has no name. Their digest is taken as they come.

use std::fs::File;
use std::io::{self, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};

use super::client::{Client, Failure, pause};
use crate::bytes::ReadAt;
use crate::image::bodies::{FileBytes, no_room, write_all_at};
use crate::image::digest::{Hasher, Unverified, Verified};
use crate::model::GapKind;

/// A layer that may be kept in memory, in bytes.
const SMALL: u64 = 1 << 20;
/// Layers of one image may take this much memory.
const MEMORY: u64 = 8 << 20;
/// Layers of one image may take this much temporary disk, as their manifest states their sizes.
const DISK: u64 = 64 << 30;
/// Connections that broke without bringing a byte.
const FRUITLESS: u32 = 5;
/// Connections for one layer.
const CONNECTIONS: u32 = 200;

/// Where the layers of one image are kept.
#[derive(Default)]
pub(super) struct Room {
    memory: AtomicU64,
    disk: AtomicU64,
    file: OnceLock<Result<Arc<File>, String>>,
}

enum Place {
    Memory,
    File(Arc<File>, u64),
}

impl Room {
    fn place(&self, size: u64) -> Result<Place, Fault> {
        let take = |from: &AtomicU64, limit: u64| {
            from.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |used| {
                used.checked_add(size).filter(|&used| used <= limit)
            })
        };
        if size <= SMALL && take(&self.memory, MEMORY).is_ok() {
            return Ok(Place::Memory);
        }
        let Ok(offset) = take(&self.disk, DISK) else {
            let what =
                format!("the layers of the image have more than the {DISK} bytes that are fetched at most");
            return Err(Fault { kind: GapKind::OverLimit, what });
        };
        let make = || tempfile::tempfile().map(Arc::new).map_err(|error| no_room(error).to_string());
        match self.file.get_or_init(make) {
            Ok(file) => Ok(Place::File(Arc::clone(file), offset)),
            Err(what) => Err(Fault { kind: GapKind::Unreadable, what: what.clone() }),
        }
    }
}

/// Why a layer is not, or not wholly, there.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    pub(super) kind: GapKind,
    pub(super) what: String,
}

impl From<Unverified> for Fault {
    fn from(unverified: Unverified) -> Self {
        Fault { kind: unverified.kind, what: unverified.detail }
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        let kind = if matches!(failure, Failure::Denied(_)) { GapKind::Denied } else { GapKind::Unreadable };
        Fault { kind, what: failure.to_string() }
    }
}

#[derive(Default)]
struct State {
    have: u64,
    memory: Vec<u8>,
    end: Option<Result<Verified, Fault>>,
}

/// A layer in a registry.
pub(super) struct Remote {
    client: Arc<Client>,
    room: Arc<Room>,
    pub(super) digest: String,
    pub(super) size: u64,
    has_begun: AtomicBool,
    place: OnceLock<Place>,
    state: Mutex<State>,
    changed: Condvar,
}

impl Remote {
    /// A layer that is fetched when [`Remote::fetch`] is called, or when someone reads it.
    pub(super) fn new(client: &Arc<Client>, room: &Arc<Room>, digest: &str, size: u64) -> Remote {
        Remote {
            client: Arc::clone(client),
            room: Arc::clone(room),
            digest: digest.to_owned(),
            size,
            has_begun: AtomicBool::new(false),
            place: OnceLock::new(),
            state: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// Fetches it, unless that has begun; calls `first` when there is something to read, or never will be.
    pub(super) fn fetch(&self, first: impl FnOnce()) {
        if self.has_begun.swap(true, Ordering::AcqRel) {
            return first();
        }
        let mut first = Some(first);
        let mut first = || first.take().into_iter().for_each(|first| first());
        // Others wait for the end: it comes whatever happens.
        let result = catch_unwind(AssertUnwindSafe(|| self.transfer(&mut first))).unwrap_or_else(|_| {
            Err(Fault {
                kind: GapKind::Crashed,
                what: "fetching it failed by a fault of debar's own".to_owned(),
            })
        });
        self.locked().end = Some(result);
        self.changed.notify_all();
        first();
    }

    /// Whether it is there as its digest says, or what kept it from it; `None` while it has not been fetched.
    pub(super) fn end(&self) -> Option<Result<Verified, Fault>> {
        self.locked().end.clone()
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn transfer(&self, first: &mut impl FnMut()) -> Result<Verified, Fault> {
        let mut hash = Hasher::of(&self.digest)?;
        let place = self.room.place(self.size)?;
        let place = self.place.get_or_init(|| place);
        let path = format!("blobs/{}", self.digest);
        let (mut have, mut fruitless) = (0, 0);
        for _ in 0..CONNECTIONS {
            let reply = match self.client.get(&path, "", have) {
                Err(_) if self.client.is_late() => return Err(self.late(have)),
                reply => reply?,
            };
            // A server that cannot begin in the middle sends what is there already once more.
            let continues = reply.header("content-range").is_some_and(|range| {
                range
                    .trim()
                    .strip_prefix("bytes ")
                    .is_some_and(|range| range.starts_with(&format!("{have}-")))
            });
            let skip = if have > 0 && !continues { have } else { 0 };
            let before = have;
            let mut body = reply.body.into_reader();
            let broke = self.receive(&mut body, skip, &mut have, place, &mut |bytes| {
                hash.update(bytes);
                first();
            })?;
            if have == self.size {
                let of_other = |unverified: Unverified| Unverified {
                    detail: format!("it is not the layer that the manifest names: {}", unverified.detail),
                    ..unverified
                };
                return Ok(hash.verify(&self.digest).map_err(of_other)?);
            }
            fruitless = if have > before { 0 } else { fruitless + 1 };
            if fruitless >= FRUITLESS {
                let why = broke.map(|error| format!(": {error}")).unwrap_or_default();
                let what = format!("it breaks off after {have} of {} bytes{why}", self.size);
                return Err(Fault { kind: GapKind::Truncated, what });
            }
            pause(fruitless + 1, None);
        }
        Err(Fault { kind: GapKind::Truncated, what: format!("it broke off {CONNECTIONS} times") })
    }

    /// Takes what one connection brings, without its first `skip` bytes, and hands it on when others can read it; gives
    /// what broke it off, if something did.
    fn receive(
        &self,
        body: &mut impl Read,
        mut skip: u64,
        have: &mut u64,
        place: &Place,
        each: &mut impl FnMut(&[u8]),
    ) -> Result<Option<io::Error>, Fault> {
        let mut buf = vec![0; 128 << 10];
        loop {
            if self.client.is_late() {
                return Err(self.late(*have));
            }
            let count = match body.read(&mut buf) {
                Ok(0) => return Ok(None),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Ok(Some(error)),
            };
            let known = usize::try_from(skip).unwrap_or(usize::MAX).min(count);
            skip -= known as u64;
            let bytes = buf.get(known..count).unwrap_or_default();
            if *have + bytes.len() as u64 > self.size {
                let what = format!("it has more than the {} bytes that the manifest states", self.size);
                return Err(Fault { kind: GapKind::Corrupt, what });
            }
            if let Place::File(file, offset) = place {
                write_all_at(file, bytes, offset + *have)
                    .map_err(|error| Fault { kind: GapKind::Unreadable, what: no_room(error).to_string() })?;
            }
            *have += bytes.len() as u64;
            let mut state = self.locked();
            if matches!(place, Place::Memory) {
                state.memory.extend_from_slice(bytes);
            }
            state.have = *have;
            drop(state);
            self.changed.notify_all();
            each(bytes);
        }
    }

    fn late(&self, have: u64) -> Fault {
        let what = format!("only {have} of {} bytes had come when the time was up", self.size);
        Fault { kind: GapKind::TimedOut, what }
    }
}

impl ReadAt for Remote {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.fetch(|| {});
        let mut state = self.locked();
        while state.have <= offset && state.end.is_none() {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        if state.have <= offset {
            return match &state.end {
                Some(Err(fault)) => Err(io::Error::other(fault.what.clone())),
                _ => Ok(0),
            };
        }
        let there = usize::try_from(state.have - offset).unwrap_or(usize::MAX).min(buf.len());
        let buf = buf.get_mut(..there).unwrap_or_default();
        match self.place.get() {
            Some(Place::File(file, start)) => {
                drop(state);
                FileBytes::new(Arc::clone(file)).read_at(start + offset, buf)
            }
            _ => state.memory.read_at(offset, buf),
        }
    }
}
