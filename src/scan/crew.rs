//! Threads that stay for the next target: to start one costs more than many a small image does.
//!
//! A thread whose work hangs or panics does not come back, and another takes its place: a read on a hanging mount never
//! returns.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::sync::mpsc::{SendError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rayon::ThreadPool;

type Job = Box<dyn FnOnce() + Send>;

/// Threads that have nothing to do, by name.
static IDLE: Mutex<BTreeMap<String, Vec<Sender<Job>>>> = Mutex::new(BTreeMap::new());

/// Pools that have nothing to do, with their number of threads.
static POOLS: Mutex<Vec<(usize, ThreadPool)>> = Mutex::new(Vec::new());

/// Runs work on a thread of that name which does nothing else meanwhile.
///
/// # Errors
/// When no thread can be started.
pub(super) fn run(name: String, job: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let mut job: Job = Box::new(job);
    while let Some(thread) = idle(&name) {
        match thread.send(job) {
            Ok(()) => return Ok(()),
            Err(SendError(unsent)) => job = unsent,
        }
    }
    let (sender, jobs) = channel::<Job>();
    thread::Builder::new().name(name.clone()).spawn(move || {
        let mut next = Some(job);
        while let Some(job) = next.take() {
            job();
            let mut threads = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
            threads.entry(name.clone()).or_default().push(sender.clone());
            drop(threads);
            next = jobs.recv().ok();
        }
    })?;
    Ok(())
}

/// How long a line may stand still until another thread joins.
const STANDSTILL: Duration = Duration::from_millis(100);

/// Pieces of work that threads take one after the other.
///
/// On a running system each piece has a thread of its own from the start. An image is read from one file, so that a few
/// threads do; waking one for each of fifty collectors costs more than scanning a small image.
pub(super) struct Line {
    jobs: Mutex<VecDeque<Job>>,
    /// How many pieces were left when that was last noticed to change.
    moved: Mutex<(usize, Instant)>,
}

impl Line {
    /// A line that no thread works on yet.
    pub(super) fn new(jobs: VecDeque<Box<dyn FnOnce() + Send>>) -> Arc<Line> {
        let moved = Mutex::new((jobs.len(), Instant::now()));
        Arc::new(Line { jobs: Mutex::new(jobs), moved })
    }

    /// One more thread takes work from the line until none is left.
    ///
    /// # Errors
    /// When no thread can be started.
    pub(super) fn join(self: &Arc<Self>) -> io::Result<()> {
        let line = Arc::clone(self);
        run("collectors".to_owned(), move || {
            while let Some(job) = line.next() {
                job();
            }
        })
    }

    /// Lets another thread join when all others seem to hang.
    pub(super) fn relieve(self: &Arc<Self>) {
        let left = self.jobs().len();
        if left == 0 {
            return;
        }
        let mut moved = self.moved.lock().unwrap_or_else(PoisonError::into_inner);
        let stands = moved.0 == left;
        if stands && moved.1.elapsed() < STANDSTILL {
            return;
        }
        *moved = (left, Instant::now());
        drop(moved);
        if stands {
            // Without another thread those that hang are waited for, as long as the limits allow.
            drop(self.join());
        }
    }

    /// Drops the work that no thread has taken.
    pub(super) fn clear(&self) {
        self.jobs().clear();
    }

    fn next(&self) -> Option<Job> {
        self.jobs().pop_front()
    }

    fn jobs(&self) -> MutexGuard<'_, VecDeque<Job>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn idle(name: &str) -> Option<Sender<Job>> {
    IDLE.lock().unwrap_or_else(PoisonError::into_inner).get_mut(name)?.pop()
}

/// Does work on a pool of so many threads; on the calling thread where there can be none.
pub(super) fn with_pool(threads: usize, work: impl FnOnce() + Send) {
    let mut pools = POOLS.lock().unwrap_or_else(PoisonError::into_inner);
    let known = pools.iter().position(|(size, _)| *size == threads).map(|at| pools.swap_remove(at).1);
    drop(pools);
    let made = || rayon::ThreadPoolBuilder::new().num_threads(threads).build().ok();
    let Some(pool) = known.or_else(made) else { return work() };
    pool.install(work);
    // One whose work hangs or panics does not come back.
    POOLS.lock().unwrap_or_else(PoisonError::into_inner).push((threads, pool));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc::channel;

    #[test]
    fn threads_and_pools_are_used_again_unless_their_work_hangs() {
        let (answer, answers) = channel();
        let ask = |wait: Option<std::sync::mpsc::Receiver<()>>| {
            let answer = answer.clone();
            run("crew test".to_owned(), move || {
                answer.send(thread::current().id()).unwrap();
                wait.into_iter().for_each(|wait| _ = wait.recv().is_ok());
            })
            .unwrap();
            answers.recv().unwrap()
        };
        let settled = || {
            while idle_count() == 0 {
                thread::yield_now()
            }
        };
        let first = ask(None);
        settled();
        let (hold, held) = channel();
        assert_eq!(ask(Some(held)), first);
        let other = ask(None);
        assert_ne!(other, first, "the first one hangs");
        settled();
        assert_eq!(ask(None), other);
        drop(hold);
    }

    #[test]
    fn work_in_a_line_is_done_although_a_piece_hangs() {
        let (answer, answers) = channel();
        let (hold, held) = channel::<()>();
        let hangs: Box<dyn FnOnce() + Send> = Box::new(move || _ = held.recv().is_ok());
        let rest = (0..5).map(|at| {
            let answer = answer.clone();
            Box::new(move || answer.send(at).unwrap()) as Box<dyn FnOnce() + Send>
        });
        let line = Line::new(std::iter::once(hangs).chain(rest).collect());
        line.join().unwrap();
        let mut done = Vec::new();
        while done.len() < 5 {
            line.relieve();
            done.extend(answers.recv_timeout(Duration::from_millis(20)));
        }
        assert_eq!(done, [0, 1, 2, 3, 4]);
        drop(hold);
    }

    fn idle_count() -> usize {
        IDLE.lock().unwrap().get("crew test").map_or(0, Vec::len)
    }

    #[test]
    fn work_is_done_on_a_pool_of_its_size() {
        for threads in [1, 3, 1] {
            let mut count = 0;
            with_pool(threads, || count = rayon::current_num_threads());
            assert_eq!(count, threads);
        }
    }
}
