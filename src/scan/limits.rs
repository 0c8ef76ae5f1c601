//! What ends a scan before it is done: its time, its memory, or someone who stops it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::Options;
use super::visits::Watch;
use crate::model::GapKind;
use crate::process;
use crate::text::size;

/// How often the coordinator looks up from its messages.
const TICK: Duration = Duration::from_millis(100);
/// The same, where a request for memory that is refused would end debar.
const SHORT_TICK: Duration = Duration::from_millis(4);

fn tick() -> Duration {
    if process::is_memory_limited() { SHORT_TICK } else { TICK }
}

/// What ends a scan before it is done.
pub(super) struct Limits {
    end: Option<Instant>,
    source_end: Option<Instant>,
    /// The walk's time for a single file.
    pub(super) watch: Option<Watch>,
    max_memory: Option<u64>,
    stop: Arc<AtomicBool>,
    next_look: Instant,
}

impl Limits {
    pub(super) fn of(options: &Options) -> Self {
        let after = |time: Option<Duration>| time.and_then(|time| Instant::now().checked_add(time));
        Limits {
            end: after(options.timeout),
            source_end: after(options.source_timeout),
            watch: options.source_timeout.map(Watch::new),
            max_memory: options.max_memory,
            stop: Arc::clone(&options.stop),
            next_look: Instant::now(),
        }
    }

    /// Why it ends now, if it does.
    pub(super) fn reached(&mut self) -> Option<(GapKind, String)> {
        let now = Instant::now();
        if now < self.next_look {
            return None;
        }
        self.next_look = now + self.until_next();
        if self.stop.load(Ordering::Relaxed) {
            return Some((GapKind::Interrupted, "the scan was stopped".to_owned()));
        }
        if self.end.is_some_and(|end| now >= end) {
            return Some((GapKind::TimedOut, "the time was up".to_owned()));
        }
        if let Some(why) = process::memory_refused() {
            return Some((GapKind::OverLimit, why));
        }
        let used = self.max_memory.and_then(|limit| Some((limit, process::memory_in_use()?)));
        let (limit, used) = used.filter(|(limit, used)| used > limit)?;
        let why = format!(
            "debar used {} of memory, more than --max-memory allows ({})",
            size::in_words(used),
            size::in_words(limit)
        );
        Some((GapKind::OverLimit, why))
    }

    /// Whether the time of single collectors is up; said once.
    pub(super) fn source_is_over(&mut self) -> bool {
        self.source_end.take_if(|end| Instant::now() >= *end).is_some()
    }

    /// How long to wait for a message before looking again.
    pub(super) fn until_next(&self) -> Duration {
        let left = |end: &Option<Instant>| end.map(|end| end.saturating_duration_since(Instant::now()));
        [left(&self.end), left(&self.source_end)].into_iter().flatten().fold(tick(), Duration::min)
    }
}
