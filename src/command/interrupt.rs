//! Ctrl-C, SIGTERM and the console's close: a scan ends at once with what it has, everything else ends at once.
//!
//! While a target is scanned, the first signal stops the waiting; the report is written and says what was not done.
//! At any other time, and the second time, debar ends with exit code 2. A report that is being written then leaves no
//! part of itself behind.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use crate::process::{self, output};
use crate::report::exit;

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

fn end(why: &str) -> ! {
    output::remove_unfinished();
    process::say(&format!("error: {why}"));
    std::process::exit(exit::FATAL.into())
}
