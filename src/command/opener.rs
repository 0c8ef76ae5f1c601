//! Opening targets beside the thread that reports them.
//!
//! A read on a dead mount never returns. The thread that waits for it is given up then, and what was reported of other
//! targets stays. It is no thread of `scan::crew`: those begin confined and stay for a scan, and targets may be opened before
//! debar gives up what a scan does not need.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use super::interrupt;
use crate::model::Error;
use crate::process;
use crate::text::size::in_words;

/// How often memory is compared with its limit, and a signal is noticed.
const TICK: Duration = Duration::from_millis(50);

/// How much more than its limit debar may use before opening a target is given up.
const SLACK: u64 = 256 << 20;

/// As much as the main thread has.
const STACK: usize = 8 << 20;

/// Why a target is given up whose place does not answer.
pub(super) const UNANSWERED: &str =
    "it did not answer within the time limit. Check for a hanging mount, or raise --timeout";

type Job = Box<dyn FnOnce() + Send>;

/// Opens targets one after the other, in a thread of its own.
#[derive(Default)]
pub(super) struct Opener {
    jobs: Option<Sender<Job>>,
    /// Why no further target is opened.
    ended: Option<&'static str>,
}

/// How long opening a target may take, and how much memory debar may use for it; no limit where it is 0.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) time: Duration,
    pub(super) memory: u64,
}

impl Opener {
    /// Why no further target is opened, if that is so.
    pub(super) fn ended(&self) -> Option<&'static str> {
        self.ended.or_else(|| interrupt::came().then_some("interrupted"))
    }

    /// Does what opens a target.
    ///
    /// # Errors
    /// When it does not end within the limits, or panics.
    pub(super) fn run<T: Send + 'static>(
        &mut self,
        target: &str,
        limits: Limits,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Error> {
        let (answer, answers) = mpsc::sync_channel(1);
        // Nobody may wait for the answer any more.
        let job: Job = Box::new(move || drop(answer.send(work())));
        if let Err(source) = self.begin(job) {
            return Err(Error::Target { target: target.to_owned(), source });
        }
        let start = Instant::now();
        let failed = loop {
            match answers.recv_timeout(TICK) {
                Ok(answer) => return Ok(answer),
                Err(RecvTimeoutError::Disconnected) => {
                    break "it could not be opened by a fault of debar's own. Please report it".to_owned();
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
            if let Some(why) = self.is_over(limits, start) {
                break why;
            }
        };
        self.jobs = None;
        Err(Error::UnsupportedTarget { target: target.to_owned(), reason: failed })
    }

    /// Hands work to the thread, which is made when there is none.
    fn begin(&mut self, job: Job) -> std::io::Result<()> {
        let jobs = match &self.jobs {
            Some(jobs) => jobs,
            None => {
                let (jobs, taken) = mpsc::channel::<Job>();
                let thread = thread::Builder::new().name("opening".to_owned()).stack_size(STACK);
                thread.spawn(move || taken.into_iter().for_each(|job| job()))?;
                self.jobs.insert(jobs)
            }
        };
        jobs.send(job).map_err(|_| std::io::Error::other("the thread that opens targets is gone"))
    }

    /// Why opening is given up, if that is so.
    fn is_over(&mut self, limits: Limits, start: Instant) -> Option<String> {
        if interrupt::came() {
            return Some("interrupted while it was opened".to_owned());
        }
        if let Some(why) = process::memory_refused() {
            self.ended = Some("the system allows no more memory");
            return Some(why);
        }
        // What reads layers stops at the limit, and what it has read is scanned: that comes first.
        let most = limits.memory.saturating_add((limits.memory / 4).max(SLACK));
        let used = Some(()).filter(|()| limits.memory > 0).and_then(|()| process::memory_in_use());
        if let Some(used) = used.filter(|&used| used > most) {
            // The thread keeps what it took.
            self.ended = Some("debar uses more memory than it may");
            return Some(format!(
                "debar used {} of memory, more than --max-memory allows ({}). Raise it if the target is meant to be \
                 that large",
                in_words(used),
                in_words(limits.memory)
            ));
        }
        let is_late = !limits.time.is_zero() && start.elapsed() >= limits.time;
        is_late.then(|| UNANSWERED.to_owned())
    }
}
