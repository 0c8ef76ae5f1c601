//! Ctrl-C, SIGTERM and the console's close: a scan ends at once with what it has, everything else ends at once.
//!
//! While a target is scanned, the first signal stops the waiting; the report is written and says what was not done.
//! At any other time, and the second time, debar ends with exit code 2. A report that is being written then leaves no
//! part of itself behind.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use crate::process::{self, output};
use crate::report::exit;

/// How often the memory of opening a target is compared with its limit.
const TICK: Duration = Duration::from_millis(50);

/// How much more than its limit debar may use before opening a target is given up without a report.
const SLACK: u64 = 256 << 20;

static STOP: OnceLock<Arc<AtomicBool>> = OnceLock::new();
static SCANNING: AtomicUsize = AtomicUsize::new(0);

/// The flag that a signal sets while a target is scanned.
pub(super) fn flag() -> Arc<AtomicBool> {
    Arc::clone(STOP.get_or_init(Arc::default))
}

/// Whether a signal came.
pub(super) fn came() -> bool {
    flag().load(Ordering::Relaxed)
}

/// Begins to listen, with what was taken of the system before. Where that is impossible, signals end debar as they end
/// any program.
pub(super) fn listen(prepared: std::io::Result<process::Interrupts>) {
    let stop = flag();
    let Ok(interrupts) = prepared else { return };
    drop(interrupts.listen(move || {
        let first = !stop.swap(true, Ordering::Relaxed);
        if !(first && SCANNING.load(Ordering::Relaxed) > 0) {
            end("interrupted; no report was written");
        }
    }));
}

/// There is something to report for as long as this lives: a target is scanned, or was.
pub(super) struct Scanning(());

impl Scanning {
    pub(super) fn begin() -> Self {
        SCANNING.fetch_add(1, Ordering::Relaxed);
        Scanning(())
    }
}

impl Drop for Scanning {
    fn drop(&mut self) {
        SCANNING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Ends debar if a target is not open after a time, or has taken too much memory: opening reads, and a read on a dead
/// mount does not return.
pub(super) struct Opening(Arc<AtomicBool>, Option<std::thread::Thread>);

impl Opening {
    /// Begins to watch; no `limit` or `memory` where it is 0.
    pub(super) fn begin(target: &str, limit: Duration, memory: u64) -> Self {
        let open = Arc::new(AtomicBool::new(false));
        if limit.is_zero() && memory == 0 {
            return Opening(open, None);
        }
        // What reads layers stops at the limit, and what it has read is scanned: that comes first.
        let most = memory.saturating_add((memory / 4).max(SLACK));
        let (is_open, target) = (Arc::clone(&open), target.to_owned());
        let watch = std::thread::Builder::new().name("opening".to_owned()).spawn(move || {
            let start = Instant::now();
            while !is_open.load(Ordering::Acquire) {
                // What was scanned before is worth more than the limit.
                let is_first = SCANNING.load(Ordering::Relaxed) == 0;
                let is_watched = memory > 0 && is_first;
                if is_watched && let Some(used) = process::memory_in_use().filter(|&used| used > most) {
                    end(&format!(
                        "cannot open {target}: debar used {used} bytes of memory, more than the limit of {memory}. \
                         Raise --max-memory if the target is meant to be that large"
                    ));
                }
                if !limit.is_zero() && start.elapsed() >= limit {
                    end(&format!(
                        "cannot open {target}: it did not answer within the time limit. Check for a hanging mount, or \
                         raise --timeout"
                    ));
                }
                // Memory must be asked for; time passes by itself.
                std::thread::park_timeout(if memory > 0 { TICK } else { limit.saturating_sub(start.elapsed()) });
            }
        });
        Opening(open, watch.ok().map(|watch| watch.thread().clone()))
    }
}

impl Drop for Opening {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
        if let Some(thread) = &self.1 {
            thread.unpark();
        }
    }
}

fn end(why: &str) -> ! {
    output::remove_unfinished();
    process::say(&format!("error: {why}"));
    std::process::exit(exit::FATAL.into())
}
