//! The files that the walk is reading, and since when: one that takes without end must not keep a scan waiting.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long nothing else may have happened before the walk counts as waiting for its slow files alone.
const QUIET: Duration = Duration::from_secs(1);

/// Visits that are under way.
#[derive(Default)]
pub(super) struct Visits {
    running: Mutex<BTreeMap<u64, (Instant, Vec<u8>)>>,
    begun: AtomicU64,
}

impl Visits {
    /// Runs a visit to a file.
    pub(super) fn during(&self, path: &[u8], visit: impl FnOnce()) {
        let number = self.begun.fetch_add(1, Ordering::Relaxed);
        self.lock().insert(number, (Instant::now(), path.to_vec()));
        visit();
        self.lock().remove(&number);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, (Instant, Vec<u8>)>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The files that are being read, if each has taken longer than the limit.
    fn overdue(&self, limit: Duration) -> Vec<Vec<u8>> {
        let running = self.lock();
        if running.values().all(|(since, _)| since.elapsed() > limit) {
            running.values().map(|(_, path)| path.clone()).collect()
        } else {
            Vec::new()
        }
    }
}

/// Watches a walk for the moment from which on it only waits for files that take too long.
pub(super) struct Watch {
    limit: Duration,
    /// Names and visits seen so far, and when there were more for the last time.
    last: (u64, u64, Instant),
}

impl Watch {
    pub(super) fn new(limit: Duration) -> Self {
        Watch { limit, last: (0, 0, Instant::now()) }
    }

    /// The files that the walk waits for in vain; none while it gets on.
    pub(super) fn stuck(&mut self, visits: &Visits, seen: u64) -> Vec<Vec<u8>> {
        let begun = visits.begun.load(Ordering::Relaxed);
        let (last_seen, last_begun, since) = self.last;
        if (last_seen, last_begun) != (seen, begun) {
            self.last = (seen, begun, Instant::now());
            return Vec::new();
        }
        if since.elapsed() < QUIET.min(self.limit) { Vec::new() } else { visits.overdue(self.limit) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_walk_is_stuck_when_every_file_is_overdue_and_nothing_else_happens() {
        let (visits, limit) = (Visits::default(), Duration::from_millis(20));
        let mut watch = Watch::new(limit);
        assert!(watch.stuck(&visits, 5).is_empty());
        visits.during(b"slow", || {
            assert!(watch.stuck(&visits, 5).is_empty(), "a visit began");
            std::thread::sleep(2 * limit);
            assert!(watch.stuck(&visits, 6).is_empty(), "a name was seen");
            std::thread::sleep(2 * limit);
            assert_eq!(watch.stuck(&visits, 6), [b"slow".to_vec()]);
            visits.during(b"fast", || assert!(visits.overdue(limit).is_empty()));
        });
        assert!(visits.overdue(limit).is_empty());
    }
}
