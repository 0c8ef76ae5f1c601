//! The line that data follows, for one target: collectors → artifacts → matcher, with gaps beside it.
//!
//! Threads and panic containment live here. Each collector runs on a thread of its own and all walks on a
//! thread pool; none of them is waited for longer than the time limit, because a read on a hanging mount never
//! returns. Matching happens where artifacts arise, so that a machine with a million files is scanned in the
//! memory of its matches.

mod layers;

use std::any::Any;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use crate::artifact::{Artifact, shown};
use crate::collector::{self, Collector, Sink, Visit, Yield};
use crate::coverage::{Coverage, Gap, GapKind, Outcome, Skipped};
use crate::target::ledger::reading_for;
use crate::target::walk::{Mask, Observer, Place, walk};
use crate::target::{Entry, Fault, Os, Target, live};

/// Gaps kept per collector; more are counted in one gap.
const MAX_GAPS: usize = 1_000;
/// Messages on their way to the coordinator; bounds memory when it is slower than the collectors.
const QUEUE: usize = 4_096;
/// How often the coordinator looks up from its messages.
const TICK: Duration = Duration::from_millis(100);
/// The collector that gaps of the shared walk are booked on when it took part.
const WALKER: &str = "program_files";
/// The collector that tells of hives which cannot be read.
const HIVES: &str = "registry_hives";

/// How a target is looked at.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Threads of the walk; 0 means one per core.
    pub threads: usize,
    /// When to stop waiting.
    pub timeout: Option<Duration>,
    /// When to stop waiting for a single collector; the shared walk has only the limit of the whole.
    pub source_timeout: Option<Duration>,
    /// Memory of this process, in bytes, from which on it ends with what it has.
    pub max_memory: Option<u64>,
    /// Set by somebody who wants it to end now.
    pub stop: Arc<AtomicBool>,
    /// The collectors to run; every one that applies when `None`. Those left out say so in the coverage.
    pub only: Option<BTreeSet<String>>,
}

/// How far a scan is, for whoever shows it.
#[derive(Debug, Default)]
pub struct Progress {
    /// Names seen by the walk.
    pub seen: AtomicU64,
    /// Collectors that are done.
    pub done: AtomicUsize,
    /// Collectors that apply.
    pub total: AtomicUsize,
}

/// What was kept of a target, and how completely it was looked at.
#[derive(Debug)]
pub struct Observed<T> {
    /// What `keep` made of the artifacts, in the order of the table of collectors, then of location.
    pub kept: Vec<T>,
    /// Every place that should have been read and was not.
    pub gaps: Vec<Gap>,
    /// One entry per collector.
    pub coverage: Vec<Coverage>,
    /// Places left out on purpose.
    pub skipped: Vec<Skipped>,
}

/// What is kept of an artifact; `None` drops it. Called on the thread that found it.
pub trait Keep<T>: Fn(Artifact) -> Option<T> + Send + Sync + 'static {}
impl<T, F: Fn(Artifact) -> Option<T> + Send + Sync + 'static> Keep<T> for F {}

enum Message<T> {
    Kept(usize, T),
    Gap(usize, Gap),
    Done(usize),
    WalkDone,
    RegistryOpened,
}

/// Runs every collector that applies to a target and keeps what `keep` says. Of an image also what its later
/// layers removed, which still ships.
pub fn observe<T: Send + 'static>(
    target: &Arc<Target>,
    options: &Options,
    progress: &Arc<Progress>,
    keep: impl Keep<T>,
) -> Observed<T> {
    layers::fetch_behind_links(target);
    match target.lost.is_empty() {
        true => observe_files(target, options, progress, keep),
        false => layers::observe(target, options, progress, keep),
    }
}

/// Runs every collector on the files of a target.
fn observe_files<T: Send + 'static>(
    target: &Arc<Target>,
    options: &Options,
    progress: &Arc<Progress>,
    keep: impl Keep<T>,
) -> Observed<T> {
    let limits = Limits::of(options);
    let collectors: Vec<&'static Collector> = collector::all().collect();
    let (sender, receiver) = sync_channel(QUEUE);
    let worker = Worker {
        target: Arc::clone(target),
        keep: Arc::new(keep),
        counts: Arc::new(collectors.iter().map(|_| AtomicUsize::new(0)).collect()),
        sender,
    };
    let counts = Arc::clone(&worker.counts);
    let mut coordinator = Coordinator::new(&collectors, target, options.only.as_ref());
    for (index, collector) in collectors.iter().copied().enumerate() {
        if coordinator.applies(index) {
            let worker = worker.clone();
            let spawned = std::thread::Builder::new()
                .name(format!("collector {}", collector.name))
                .spawn(move || worker.run(index, collector));
            if let Err(error) = spawned {
                coordinator.failed_to_start(index, &error);
            }
        }
    }
    let walking: Vec<(usize, &'static Collector, Visit)> = collectors
        .iter()
        .enumerate()
        .filter(|(index, _)| coordinator.applies(*index))
        .filter_map(|(index, collector)| Some((index, *collector, collector.visit?)))
        .take(Mask::BITS as usize)
        .collect();
    if !walking.is_empty() {
        let worker = worker.clone();
        coordinator.walking = walking.iter().map(|(index, ..)| *index).collect();
        let (threads, progress) = (options.threads, Arc::clone(progress));
        let thread = std::thread::Builder::new().name("walk".to_owned());
        if let Err(error) = thread.spawn(move || worker.walk(&walking, threads, &progress)) {
            coordinator.walk_failed_to_start(&error);
        }
    }
    if target.os.os == Some(Os::Windows) {
        // Whatever collectors run: who the machine is, its registry tells.
        let thread = std::thread::Builder::new().name("registry".to_owned());
        coordinator.opening = thread.spawn(move || worker.open_registry()).is_ok();
    } else {
        drop(worker);
    }
    progress.total.store(coordinator.running(), Ordering::Relaxed);
    coordinator.wait(&receiver, limits, target, progress);
    coordinator.finish(&counts, target)
}

struct Worker<T> {
    target: Arc<Target>,
    keep: Arc<dyn Fn(Artifact) -> Option<T> + Send + Sync>,
    counts: Arc<Vec<AtomicUsize>>,
    sender: SyncSender<Message<T>>,
}

impl<T> Clone for Worker<T> {
    fn clone(&self) -> Self {
        Worker {
            target: Arc::clone(&self.target),
            keep: Arc::clone(&self.keep),
            counts: Arc::clone(&self.counts),
            sender: self.sender.clone(),
        }
    }
}

impl<T: Send> Worker<T> {
    /// Sends a message; when the coordinator stopped waiting there is nobody to tell.
    fn send(&self, message: Message<T>) {
        drop(self.sender.send(message));
    }

    fn run(&self, index: usize, collector: &'static Collector) {
        self.contained(index, collector, "", |sink| (collector.run)(&self.target, sink));
        self.send(Message::Done(index));
    }

    /// Opens the registry before anybody asks for it; a panic is told by the collectors that ask.
    fn open_registry(&self) {
        let open = || reading_for(HIVES, || self.target.registry().is_empty());
        let opened = catch_unwind(AssertUnwindSafe(open));
        drop(opened);
        self.send(Message::RegistryOpened);
    }

    /// Runs a piece of a collector; a panic becomes a gap.
    fn contained(
        &self,
        index: usize,
        collector: &'static Collector,
        place: &str,
        work: impl FnOnce(&mut Sink<'_>),
    ) {
        let mut out = |yielded| match yielded {
            Yield::Artifact(mut artifact) => {
                if let Some(count) = self.counts.get(index) {
                    count.fetch_add(1, Ordering::Relaxed);
                }
                add_layer(&self.target, &mut artifact);
                if let Some(kept) = (self.keep)(artifact) {
                    self.send(Message::Kept(index, kept));
                }
            }
            Yield::Gap(gap) => self.send(Message::Gap(index, gap)),
        };
        let mut sink = Sink::new(collector.name, &mut out);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| reading_for(collector.name, || work(&mut sink))))
        {
            let gap = Gap {
                kind: GapKind::Crashed,
                collector: collector.name.to_owned(),
                place: place.to_owned(),
                detail: message_of(panic.as_ref()),
            };
            self.send(Message::Gap(index, gap));
        }
    }

    fn walk(&self, walking: &[(usize, &'static Collector, Visit)], threads: usize, progress: &Progress) {
        let root = &self.target.root;
        let mut places = Vec::new();
        for (bit, (_, collector, _)) in walking.iter().enumerate() {
            let patterns = if self.target.deep { &[""] } else { collector.walks };
            for result in patterns.iter().flat_map(|pattern| root.glob(pattern)) {
                match result {
                    Ok(found) => places.push(Place { found, mask: 1 << bit }),
                    Err(fault) => self.walk_fault(walking, fault, 1 << bit),
                }
            }
        }
        let observer = Observer {
            wants: &|entry: &Entry<'_>, mask| {
                walking
                    .iter()
                    .enumerate()
                    .any(|(bit, (_, _, visit))| mask & (1 << bit) != 0 && (visit.wants)(entry))
            },
            file: &|entry: &Entry<'_>, mask| self.visit(walking, entry, mask),
            fault: &|fault, mask| self.walk_fault(walking, fault, mask),
            seen: &progress.seen,
        };
        match rayon::ThreadPoolBuilder::new().num_threads(threads).build() {
            Ok(pool) => pool.install(|| walk(root, &places, &observer)),
            Err(_) => walk(root, &places, &observer),
        }
        self.send(Message::WalkDone);
    }

    fn visit(&self, walking: &[(usize, &'static Collector, Visit)], entry: &Entry<'_>, mask: Mask) {
        for (bit, (index, collector, visit)) in walking.iter().enumerate() {
            if mask & (1 << bit) != 0 && (visit.wants)(entry) {
                let place = || shown(entry.path());
                self.contained(*index, collector, &place(), |sink| (visit.file)(&self.target, entry, sink));
            }
        }
    }

    /// A place that the walk could not read is one gap, however many collectors asked for it.
    fn walk_fault(&self, walking: &[(usize, &'static Collector, Visit)], fault: Fault, mask: Mask) {
        let asked = walking.iter().enumerate().filter(|(bit, _)| mask & (1 << bit) != 0).map(|(_, w)| w);
        let first = asked.clone().find(|(_, collector, _)| collector.name == WALKER).or(asked.clone().next());
        let Some((index, collector, _)) = first else { return };
        if let Some(gap) = fault.into_gap(collector.name) {
            self.send(Message::Gap(*index, gap));
        }
    }
}

fn add_layer(target: &Target, artifact: &mut Artifact) {
    if artifact.location.layer.is_none()
        && target.kind == crate::target::TargetKind::Image
        && let Some(path) = artifact.location.path.as_deref()
    {
        let path = path.trim_start_matches('/').as_bytes();
        let layer = target.root.layer(path);
        // Paths are shown as they were asked for, perhaps through links.
        artifact.location.layer =
            layer.or_else(|| target.root.layer(&target.root.find_no_follow(path).ok()?.real));
    }
}

fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "panic without a message".to_owned())
}

/// The places that are being read at, the first one and in words.
fn reading(target: &Target) -> (String, String) {
    let waiting_for = target.root.waiting_for();
    let place = waiting_for.first().cloned().unwrap_or_else(|| "/".to_owned());
    let reading = match waiting_for.is_empty() {
        true => String::new(),
        false => format!("; reading {}", waiting_for.join(", ")),
    };
    (place, reading)
}

/// What ends a scan before it is done.
struct Limits {
    end: Option<Instant>,
    source_end: Option<Instant>,
    max_memory: Option<u64>,
    stop: Arc<AtomicBool>,
    next_look: Instant,
}

impl Limits {
    fn of(options: &Options) -> Self {
        let after = |time: Option<Duration>| time.and_then(|time| Instant::now().checked_add(time));
        Limits {
            end: after(options.timeout),
            source_end: after(options.source_timeout),
            max_memory: options.max_memory,
            stop: Arc::clone(&options.stop),
            next_look: Instant::now(),
        }
    }

    /// Why it ends now, if it does.
    fn reached(&mut self) -> Option<(GapKind, String)> {
        let now = Instant::now();
        if now < self.next_look {
            return None;
        }
        self.next_look = now + TICK.min(self.until_next());
        if self.stop.load(Ordering::Relaxed) {
            return Some((GapKind::Interrupted, "the scan was stopped".to_owned()));
        }
        if self.end.is_some_and(|end| now >= end) {
            return Some((GapKind::TimedOut, "the time was up".to_owned()));
        }
        let used = self.max_memory.and_then(|limit| Some((limit, live::memory_in_use()?)));
        let (limit, used) = used.filter(|(limit, used)| used > limit)?;
        let why = format!("debar used {used} bytes of memory, more than the limit of {limit}");
        Some((GapKind::OverLimit, why))
    }

    /// Whether the time of single collectors is up; said once.
    fn source_is_over(&mut self) -> bool {
        self.source_end.take_if(|end| Instant::now() >= *end).is_some()
    }

    /// How long to wait for a message before looking again.
    fn until_next(&self) -> Duration {
        let left = |end: &Option<Instant>| end.map(|end| end.saturating_duration_since(Instant::now()));
        [left(&self.end), left(&self.source_end)].into_iter().flatten().fold(TICK, Duration::min)
    }
}

/// Receives what the threads find and decides when to stop waiting.
struct Coordinator<T> {
    collectors: Vec<&'static Collector>,
    reasons: Vec<Option<String>>,
    waiting: Vec<bool>,
    walking: Vec<usize>,
    /// Whether the registry is being opened.
    opening: bool,
    kept: Vec<(usize, T)>,
    gaps: Vec<Vec<Gap>>,
    more_gaps: Vec<usize>,
}

impl<T> Coordinator<T> {
    fn new(collectors: &[&'static Collector], target: &Target, only: Option<&BTreeSet<String>>) -> Self {
        // Who reads keys depends on who tells of hives that cannot be read.
        let reads_keys = |only: &BTreeSet<String>| {
            collectors.iter().any(|one| !one.keys.is_empty() && only.contains(one.name))
        };
        let left_out = |collector: &Collector| {
            let out = only.is_some_and(|only| {
                !(only.contains(collector.name) || collector.name == HIVES && reads_keys(only))
            });
            out.then(|| "left out: not among the sources that were asked for".to_owned())
        };
        let reason =
            |collector: &Collector| collector.applies.reason_against(target).or_else(|| left_out(collector));
        let reasons: Vec<_> = collectors.iter().map(|collector| reason(collector)).collect();
        Coordinator {
            collectors: collectors.to_vec(),
            waiting: reasons.iter().map(Option::is_none).collect(),
            reasons,
            walking: Vec::new(),
            opening: false,
            kept: Vec::new(),
            gaps: collectors.iter().map(|_| Vec::new()).collect(),
            more_gaps: vec![0; collectors.len()],
        }
    }

    fn applies(&self, index: usize) -> bool {
        self.reasons.get(index).is_some_and(Option::is_none)
    }

    fn running(&self) -> usize {
        let collectors = self.waiting.iter().filter(|waiting| **waiting).count();
        collectors + usize::from(!self.walking.is_empty()) + usize::from(self.opening)
    }

    fn name(&self, index: usize) -> &'static str {
        self.collectors.get(index).map_or("", |collector| collector.name)
    }

    fn stop_waiting(&mut self, index: usize) {
        if let Some(waiting) = self.waiting.get_mut(index) {
            *waiting = false;
        }
    }

    fn failed_to_start(&mut self, index: usize, error: &std::io::Error) {
        self.stop_waiting(index);
        self.add_gap(index, GapKind::Unreadable, "", &format!("no thread could be started for it: {error}"));
    }

    fn walk_failed_to_start(&mut self, error: &std::io::Error) {
        let walking = std::mem::take(&mut self.walking);
        for index in walking {
            self.add_gap(
                index,
                GapKind::Unreadable,
                "",
                &format!("no thread could be started for the walk: {error}"),
            );
        }
    }

    fn add_gap(&mut self, index: usize, kind: GapKind, place: &str, detail: &str) {
        let gap = Gap {
            kind,
            collector: self.name(index).to_owned(),
            place: place.to_owned(),
            detail: detail.to_owned(),
        };
        self.take_gap(index, gap);
    }

    fn take_gap(&mut self, index: usize, gap: Gap) {
        let Some(gaps) = self.gaps.get_mut(index) else { return };
        if gaps.len() < MAX_GAPS {
            gaps.push(gap);
        } else if let Some(more) = self.more_gaps.get_mut(index) {
            *more += 1;
        }
    }

    fn wait(
        &mut self,
        receiver: &Receiver<Message<T>>,
        mut limits: Limits,
        target: &Target,
        progress: &Progress,
    ) {
        while self.running() > 0 {
            if let Some((kind, why)) = limits.reached() {
                return self.stop(kind, &why, target);
            }
            if limits.source_is_over() {
                self.give_up_sources(target);
            }
            match receiver.recv_timeout(limits.until_next()) {
                Ok(Message::Kept(index, kept)) => self.kept.push((index, kept)),
                Ok(Message::Gap(index, gap)) => self.take_gap(index, gap),
                Ok(Message::Done(index)) => {
                    self.stop_waiting(index);
                    progress.done.fetch_add(1, Ordering::Relaxed);
                }
                Ok(Message::WalkDone) => {
                    self.walking.clear();
                    progress.done.fetch_add(1, Ordering::Relaxed);
                }
                Ok(Message::RegistryOpened) => {
                    self.opening = false;
                    progress.done.fetch_add(1, Ordering::Relaxed);
                }
                Err(RecvTimeoutError::Timeout) => {}
                // Every thread is gone and some never said that it was done: they died.
                Err(RecvTimeoutError::Disconnected) => return self.died(),
            }
        }
    }

    fn died(&mut self) {
        let mut dead: Vec<usize> = (0..self.waiting.len())
            .filter(|&index| self.waiting.get(index).copied().unwrap_or(false))
            .collect();
        dead.append(&mut self.walking);
        for index in dead {
            self.add_gap(index, GapKind::Crashed, "", "its thread ended before it was done");
        }
    }

    /// Ends it: says of everything that is still running why, and what it is waiting for.
    fn stop(&mut self, kind: GapKind, why: &str, target: &Target) {
        let (place, reading) = reading(target);
        for index in self.late() {
            self.add_gap(index, kind, &place, &format!("not done when {why}{reading}"));
        }
        let walking: Vec<&str> = self.walking.iter().map(|&index| self.name(index)).collect();
        let names = walking.join(", ");
        let booked = self.walking.iter().copied().find(|&index| self.name(index) == WALKER);
        if let Some(index) = booked.or_else(|| self.walking.first().copied()) {
            let detail = format!("the walk was not done when {why} (for {names}){reading}");
            self.add_gap(index, kind, &place, &detail);
        }
        let hives = self.collectors.iter().position(|collector| collector.name == HIVES);
        if let Some(index) = hives.filter(|_| self.opening) {
            self.add_gap(index, kind, &place, &format!("the registry was not open when {why}{reading}"));
        }
    }

    /// Waits no longer for single collectors, only for the walk.
    fn give_up_sources(&mut self, target: &Target) {
        let (place, reading) = reading(target);
        for index in self.late() {
            let detail = format!("not done when the time for a single source was up{reading}");
            self.add_gap(index, GapKind::TimedOut, &place, &detail);
            self.stop_waiting(index);
        }
    }

    /// The collectors that still run.
    fn late(&self) -> Vec<usize> {
        (0..self.waiting.len()).filter(|&index| self.waiting.get(index).copied().unwrap_or(false)).collect()
    }

    fn finish(mut self, counts: &[AtomicUsize], target: &Target) -> Observed<T> {
        let counts: Vec<usize> = counts.iter().map(|count| count.load(Ordering::Relaxed)).collect();
        // One that did not run cannot be missed.
        let named: Vec<(&'static str, usize)> = (self.collectors.iter().zip(&counts))
            .zip(&self.reasons)
            .filter(|(_, reason)| reason.is_none())
            .map(|((collector, count), _)| (collector.name, *count))
            .collect();
        // An earlier state has no own report: what it lacks is no gap.
        let missing =
            if target.is_earlier { Vec::new() } else { collector::expected::missing(target, &named) };
        for gap in target.gaps.iter().cloned().chain(missing) {
            match self.collectors.iter().position(|collector| collector.name == gap.collector) {
                Some(index) => self.take_gap(index, gap),
                None => {
                    if let Some(gaps) = self.gaps.first_mut() {
                        gaps.push(gap);
                    }
                }
            }
        }
        for gap in target.untold(self.gaps.iter().flatten()) {
            let index = self.collectors.iter().position(|collector| collector.name == gap.collector);
            let index = index.unwrap_or_default();
            // With more gaps than are listed, it is among those that were counted.
            if self.more_gaps.get(index).is_none_or(|more| *more == 0) {
                self.take_gap(index, gap);
            }
        }
        for (index, more) in std::mem::take(&mut self.more_gaps).into_iter().enumerate() {
            if more > 0
                && let Some(gaps) = self.gaps.get_mut(index)
            {
                let detail = format!("{more} more gaps of this collector are not listed");
                let collector = self.collectors.get(index).map_or("", |collector| collector.name).to_owned();
                gaps.push(Gap { kind: GapKind::OverLimit, collector, place: String::new(), detail });
            }
        }
        let mut coverage = Vec::new();
        for (index, collector) in self.collectors.iter().enumerate() {
            if let Some(gaps) = self.gaps.get_mut(index) {
                gaps.sort();
                gaps.dedup();
            }
            let reason = self.reasons.get(index).cloned().flatten();
            coverage.push(Coverage {
                collector: collector.name.to_owned(),
                outcome: if reason.is_none() { Outcome::Ran } else { Outcome::NotApplicable },
                reason,
                artifacts: counts.get(index).copied().unwrap_or(0),
                gaps: self.gaps.get(index).map_or(0, Vec::len),
            });
        }
        // Threads finish in any order; reports do not depend on it. (What one collector yields is sorted by the caller.)
        self.kept.sort_by_key(|(index, _)| *index);
        let skipped = target.root.skipped().iter();
        Observed {
            kept: self.kept.into_iter().map(|(_, kept)| kept).collect(),
            gaps: self.gaps.into_iter().flatten().collect(),
            coverage,
            skipped: skipped
                .map(|(place, reason)| Skipped { place: shown(place), reason: reason.clone() })
                .collect(),
        }
    }
}
