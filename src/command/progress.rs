//! The progress bar: on standard error, and only when that is a terminal.

use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::scan::Progress;
use crate::text::escape::printable;

/// A bar that follows a scan until it is dropped.
pub(super) struct Bar {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Bar {
    /// Shows how far a scan is, unless nobody is looking.
    pub(super) fn follow(progress: &Arc<Progress>, what: &str, wanted: bool) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        if !wanted || !std::io::stderr().is_terminal() {
            return Bar { stop, thread: None };
        }
        let (progress, stopped, what) = (Arc::clone(progress), Arc::clone(&stop), what.to_owned());
        let show = move || {
            let bar = ProgressBar::new(1);
            if let Ok(style) =
                ProgressStyle::with_template("{spinner} {msg} {pos}/{len} sources, {prefix} names")
            {
                bar.set_style(style);
            }
            bar.set_message(printable(&what).into_owned());
            while !stopped.load(Ordering::Relaxed) {
                bar.set_length(progress.total.load(Ordering::Relaxed) as u64);
                bar.set_position(progress.done.load(Ordering::Relaxed) as u64);
                bar.set_prefix(progress.seen.load(Ordering::Relaxed).to_string());
                bar.tick();
                std::thread::park_timeout(Duration::from_millis(100));
            }
            bar.finish_and_clear();
        };
        Bar { stop, thread: std::thread::Builder::new().spawn(show).ok() }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            drop(thread.join());
        }
    }
}
