//! Runs every collector on the files of one target.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};

use super::coordinator::Coordinator;
use super::crew::{self, Line};
use super::elsewhere::Elsewhere;
use super::limits::Limits;
use super::options::{HIVES, Keep, Message, OS, Observed, Options, Progress, QUEUE, WALKER};
use super::visits::Visits;
use crate::collector::support::test_data::is_test_data;
use crate::collector::support::{expected, volumes};
use crate::collector::{self, Collector, Sink, Visit, Yield};
use crate::fs::ledger::reading_for;
use crate::fs::walk::{Mask, Observer, Place, walk};
use crate::fs::{Entry, Fault};
use crate::model::{Artifact, Gap, GapKind, Os, TargetKind};
use crate::target::Target;
use crate::text::shown;

/// Runs every collector on the files of a target.
pub(super) fn observe_files<T: Send + 'static>(
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
        visits: Arc::default(),
        elsewhere: Arc::default(),
        sender,
    };
    let visits = Arc::clone(&worker.visits);
    let counts = Arc::clone(&worker.counts);
    let mut coordinator = Coordinator::new(&collectors, target, options.only.as_ref());
    let line = start_collectors(&worker, &collectors, &mut coordinator, options);
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
        let walk = move || worker.walk(&walking, threads, &progress);
        if let Err(error) = crew::run("walk".to_owned(), walk) {
            coordinator.walk_failed_to_start(&error);
        }
    }
    if target.may_be(Os::Windows) {
        // Whatever collectors run: who the machine is, its registry says.
        coordinator.opening = crew::run("registry".to_owned(), move || worker.open_registry()).is_ok();
    } else {
        drop(worker);
    }
    progress.total.store(coordinator.running(), Ordering::Relaxed);
    coordinator.wait(&receiver, &line, limits, &visits, target, progress);
    line.clear();
    coordinator.finish(&counts, target)
}

/// Starts the collectors that apply: each on a thread of its own, or on a few threads for an image.
fn start_collectors<T: Send + 'static>(
    worker: &Worker<T>,
    collectors: &[&'static Collector],
    coordinator: &mut Coordinator<T>,
    options: &Options,
) -> Arc<Line> {
    let applying: Vec<(usize, &'static Collector)> =
        collectors.iter().copied().enumerate().filter(|(index, _)| coordinator.applies(*index)).collect();
    let jobs = applying.iter().map(|&(index, collector)| {
        let worker = worker.clone();
        Box::new(move || worker.run(index, collector)) as Box<dyn FnOnce() + Send>
    });
    let line = Line::new(jobs.collect());
    let threads = match worker.target.kind {
        TargetKind::Image => options.threads.clamp(1, applying.len().max(1)),
        _ => applying.len(),
    };
    let started = (0..threads).map(|_| line.join()).collect::<Vec<_>>();
    if let Some(Err(error)) = started.iter().find(|started| started.is_err())
        && started.iter().all(Result::is_err)
    {
        line.clear();
        applying.iter().for_each(|(index, _)| coordinator.failed_to_start(*index, error));
    }
    line
}

pub(super) struct Worker<T> {
    pub(super) target: Arc<Target>,
    pub(super) keep: Arc<dyn Fn(Artifact) -> Option<T> + Send + Sync>,
    pub(super) counts: Arc<Vec<AtomicUsize>>,
    pub(super) visits: Arc<Visits>,
    pub(super) elsewhere: Arc<Elsewhere>,
    pub(super) sender: SyncSender<Message<T>>,
}

impl<T> Clone for Worker<T> {
    fn clone(&self) -> Self {
        Worker {
            target: Arc::clone(&self.target),
            keep: Arc::clone(&self.keep),
            counts: Arc::clone(&self.counts),
            visits: Arc::clone(&self.visits),
            elsewhere: Arc::clone(&self.elsewhere),
            sender: self.sender.clone(),
        }
    }
}

impl<T: Send> Worker<T> {
    /// Sends a message; when the coordinator stopped waiting there is nobody to tell.
    pub(super) fn send(&self, message: Message<T>) {
        drop(self.sender.send(message));
    }

    pub(super) fn run(&self, index: usize, collector: &'static Collector) {
        self.target.learn_places();
        self.contained(index, collector, None, |sink| (collector.run)(&self.target, sink));
        self.contained(index, collector, None, |sink| beside(&self.target, sink));
        self.send(Message::Done(index));
    }

    /// Opens the registry before anybody asks for it; a panic is recognised by the collectors that ask.
    pub(super) fn open_registry(&self) {
        let open = || reading_for(HIVES, || self.target.registry().is_empty());
        let opened = catch_unwind(AssertUnwindSafe(open));
        drop(opened);
        self.send(Message::RegistryOpened);
    }

    /// Runs a piece of a collector, for a file of the walk if it is for one; a panic becomes a gap.
    pub(super) fn contained(
        &self,
        index: usize,
        collector: &'static Collector,
        file: Option<&[u8]>,
        work: impl FnOnce(&mut Sink<'_>),
    ) {
        let mut out = |yielded| match yielded {
            Yield::Artifact(mut artifact) => {
                if let Some(count) = self.counts.get(index) {
                    count.fetch_add(1, Ordering::Relaxed);
                }
                add_layer(&self.target, &mut artifact);
                if let Some(path) = file.filter(|_| self.target.deep) {
                    artifact.state = self.elsewhere.state(&self.target, path, artifact.state);
                }
                if let Some(kept) = (self.keep)(artifact) {
                    self.send(Message::Kept(index, kept));
                }
            }
            // Packages test themselves with damaged packages. They are named, because anything can lie in such a folder.
            Yield::Gap(gap) if gap.kind.is_of_bytes() && file.is_some_and(is_test_data) => {
                let reason = format!("test data of a package: {}", gap.detail);
                self.target.root.name_unread(gap.place, reason);
            }
            Yield::Gap(gap) => self.send(Message::Gap(index, gap)),
        };
        let mut sink = Sink::new(collector.name, &mut out);
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| reading_for(collector.name, || work(&mut sink))))
        {
            let gap = Gap {
                kind: GapKind::Crashed,
                collector: collector.name.to_owned(),
                place: file.map(shown).unwrap_or_default(),
                detail: message_of(panic.as_ref()),
            };
            self.send(Message::Gap(index, gap));
        }
    }

    pub(super) fn walk(
        &self,
        walking: &[(usize, &'static Collector, Visit)],
        threads: usize,
        progress: &Progress,
    ) {
        let root = &self.target.root;
        self.target.learn_places();
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
        crew::with_pool(threads, || walk(root, &places, &observer));
        self.send(Message::WalkDone);
    }

    pub(super) fn visit(
        &self,
        walking: &[(usize, &'static Collector, Visit)],
        entry: &Entry<'_>,
        mask: Mask,
    ) {
        for (bit, (index, collector, visit)) in walking.iter().enumerate() {
            if mask & (1 << bit) != 0 && (visit.wants)(entry) {
                let file = |sink: &mut Sink<'_>| (visit.file)(&self.target, entry, sink);
                self.visits.during(entry.path(), || {
                    self.contained(*index, collector, Some(entry.path()), file);
                });
            }
        }
    }

    /// A place that the walk could not read is one gap, however many collectors asked for it.
    pub(super) fn walk_fault(
        &self,
        walking: &[(usize, &'static Collector, Visit)],
        fault: Fault,
        mask: Mask,
    ) {
        let asked = walking.iter().enumerate().filter(|(bit, _)| mask & (1 << bit) != 0).map(|(_, w)| w);
        let first = asked.clone().find(|(_, collector, _)| collector.name == WALKER).or(asked.clone().next());
        let Some((index, collector, _)) = first else { return };
        if let Some(gap) = fault.into_gap(collector.name) {
            self.send(Message::Gap(*index, gap));
        }
    }
}

/// What a scan asks of a target beside its collectors. It reads, so it runs beside one of them: within its time limits,
/// and where no other collector waits for it.
fn beside(target: &Target, sink: &mut Sink<'_>) {
    let gaps = match sink.collector() {
        OS => {
            crate::host::places::name_others(&target.root);
            expected::unread(target).collect()
        }
        WALKER => volumes::missing(target),
        _ => Vec::new(),
    };
    for gap in gaps {
        sink.gap(gap.kind, gap.place, gap.detail);
    }
}

pub(super) fn add_layer(target: &Target, artifact: &mut Artifact) {
    if artifact.location.layer.is_none()
        && target.kind == TargetKind::Image
        && let Some(path) = artifact.location.path.as_deref()
    {
        let path = path.trim_start_matches('/').as_bytes();
        let layer = target.root.layer(path);
        // Paths are shown as they were asked for, perhaps through links.
        artifact.location.layer =
            layer.or_else(|| target.root.layer(&target.root.find_no_follow(path).ok()?.real));
    }
}

pub(super) fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "panic without a message".to_owned())
}
