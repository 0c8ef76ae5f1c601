//! Receives what the threads of a scan find, and decides when to stop waiting for them.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};

use super::crew::Line;
use super::limits::Limits;
use super::options::{HIVES, Message, OS, Observed, Progress, WALKER};
use super::visits::Visits;
use crate::collector::{self, Collector};
use crate::model::{Coverage, Gap, GapKind, Outcome, Skipped, TargetKind, plain};
use crate::target::Target;
use crate::text::shown;

/// Gaps kept per collector; more are counted in one gap.
const MAX_GAPS: usize = 1_000;

/// Receives what the threads find and decides when to stop waiting.
pub(super) struct Coordinator<T> {
    collectors: Vec<&'static Collector>,
    reasons: Vec<Option<(Outcome, String)>>,
    waiting: Vec<bool>,
    pub(super) walking: Vec<usize>,
    /// Whether the registry is being opened.
    pub(super) opening: bool,
    kept: Vec<(usize, T)>,
    gaps: Vec<Vec<Gap>>,
    more_gaps: Vec<usize>,
}

impl<T> Coordinator<T> {
    pub(super) fn new(
        collectors: &[&'static Collector],
        target: &Target,
        only: Option<&BTreeSet<String>>,
    ) -> Self {
        // Who reads keys depends on who reports hives that cannot be read.
        let reads_keys = |only: &BTreeSet<String>| {
            collectors.iter().any(|one| !one.keys.is_empty() && only.contains(one.name))
        };
        let left_out = |collector: &Collector| {
            let out = only.is_some_and(|only| {
                !(only.contains(collector.name) || collector.name == HIVES && reads_keys(only))
            });
            out.then(|| (Outcome::LeftOut, "not among the sources that were asked for".to_owned()))
        };
        let reason = |collector: &Collector| {
            let against = collector.applies.reason_against(target);
            against.map(|why| (Outcome::NotApplicable, why)).or_else(|| left_out(collector))
        };
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

    pub(super) fn applies(&self, index: usize) -> bool {
        self.reasons.get(index).is_some_and(Option::is_none)
    }

    pub(super) fn running(&self) -> usize {
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

    pub(super) fn failed_to_start(&mut self, index: usize, error: &std::io::Error) {
        self.stop_waiting(index);
        self.add_gap(
            index,
            GapKind::Unreadable,
            "",
            &format!("no thread could be started for it: {}", plain(error)),
        );
    }

    pub(super) fn walk_failed_to_start(&mut self, error: &std::io::Error) {
        let walking = std::mem::take(&mut self.walking);
        for index in walking {
            self.add_gap(
                index,
                GapKind::Unreadable,
                "",
                &format!("no thread could be started for the walk: {}", plain(error)),
            );
        }
    }

    pub(super) fn add_gap(&mut self, index: usize, kind: GapKind, place: &str, detail: &str) {
        let gap = Gap {
            kind,
            collector: self.name(index).to_owned(),
            place: place.to_owned(),
            detail: detail.to_owned(),
        };
        self.take_gap(index, gap);
    }

    pub(super) fn take_gap(&mut self, index: usize, gap: Gap) {
        let Some(gaps) = self.gaps.get_mut(index) else { return };
        if gaps.len() < MAX_GAPS {
            gaps.push(gap);
        } else if let Some(more) = self.more_gaps.get_mut(index) {
            *more += 1;
        }
    }

    pub(super) fn wait(
        &mut self,
        receiver: &Receiver<Message<T>>,
        line: &Arc<Line>,
        mut limits: Limits,
        visits: &Visits,
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
            if !self.walking.is_empty()
                && let Some(watch) = &mut limits.watch
            {
                let seen = progress.seen.load(Ordering::Relaxed);
                self.give_up_walk(&watch.stuck(visits, seen));
            }
            line.relieve();
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
        let mut dead = self.late();
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

    /// Waits no longer for a walk that has nothing left but files that take too long.
    fn give_up_walk(&mut self, stuck: &[Vec<u8>]) {
        if stuck.is_empty() {
            return;
        }
        let walking = std::mem::take(&mut self.walking);
        let booked = walking.iter().copied().find(|&index| self.name(index) == WALKER);
        let Some(index) = booked.or_else(|| walking.first().copied()) else { return };
        for path in stuck {
            let detail = "not read when the time for a single source was up";
            self.add_gap(index, GapKind::TimedOut, &shown(path), detail);
        }
    }

    /// The collectors that still run.
    fn late(&self) -> Vec<usize> {
        (0..self.waiting.len()).filter(|&index| self.waiting.get(index).copied().unwrap_or(false)).collect()
    }

    pub(super) fn finish(mut self, counts: &[AtomicUsize], target: &Target) -> Observed<T> {
        let counts: Vec<usize> = counts.iter().map(|count| count.load(Ordering::Relaxed)).collect();
        self.take_late_gaps(&counts, target);
        let coverage = self.coverage(&counts);
        // Threads finish in any order; reports do not depend on it. (What one collector yields is sorted by the caller.)
        self.kept.sort_by_key(|(index, _)| *index);
        Observed {
            kept: self.kept.into_iter().map(|(_, kept)| kept).collect(),
            gaps: self.gaps.into_iter().flatten().collect(),
            coverage,
            skipped: skipped(target),
        }
    }

    /// The gaps that can be known only when all collectors have run: what is missing, what nobody reported, and how many
    /// are not listed.
    fn take_late_gaps(&mut self, counts: &[usize], target: &Target) {
        // One that did not run cannot be missed.
        let named: Vec<(&'static str, usize)> = (self.collectors.iter().zip(counts))
            .zip(&self.reasons)
            .filter(|(_, reason)| reason.is_none())
            .map(|((collector, count), _)| (collector.name, *count))
            .collect();
        // An earlier state has no own report: what it lacks is no gap.
        let missing = if target.is_earlier {
            Vec::new()
        } else {
            let system = self.collectors.iter().position(|collector| collector.name == OS);
            let gaps = system.and_then(|index| self.gaps.get(index));
            let has_unread = gaps.is_some_and(|gaps| gaps.iter().any(|gap| gap.kind == GapKind::Unsupported));
            collector::support::expected::missing(target, &named, has_unread)
        };
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
        for gap in target.unreported(self.gaps.iter().flatten()) {
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
    }

    /// Of a folder that refuses access, everything below is refused as well: one gap of each collector stands for it.
    fn fold_denied(&mut self) {
        let denied: BTreeSet<String> = self
            .gaps
            .iter()
            .flatten()
            .filter(|gap| gap.kind == GapKind::Denied)
            .map(|gap| gap.place.clone())
            .collect();
        let topmost = |place: &str| -> Option<String> {
            let ends = place.match_indices('/').map(|(at, _)| at).filter(|at| *at > 0);
            ends.filter_map(|end| place.get(..end)).find(|above| denied.contains(*above)).map(str::to_owned)
        };
        for gap in self.gaps.iter_mut().flatten().filter(|gap| gap.kind == GapKind::Denied) {
            if let Some(above) = topmost(&gap.place) {
                gap.place = above;
            }
        }
    }

    /// What each collector came to; its gaps are sorted.
    fn coverage(&mut self, counts: &[usize]) -> Vec<Coverage> {
        self.fold_denied();
        let mut coverage = Vec::new();
        for (index, collector) in self.collectors.iter().enumerate() {
            if let Some(gaps) = self.gaps.get_mut(index) {
                gaps.sort();
                gaps.dedup();
            }
            let (outcome, reason) = self.reasons.get(index).cloned().flatten().unzip();
            coverage.push(Coverage {
                collector: collector.name.to_owned(),
                outcome: outcome.unwrap_or(Outcome::Ran),
                reason,
                artifacts: counts.get(index).copied().unwrap_or(0),
                gaps: self.gaps.get(index).map_or(0, Vec::len),
            });
        }
        coverage
    }
}

/// The places that the scan did not read, with the reasons.
fn skipped(target: &Target) -> Vec<Skipped> {
    let skipped = target.root.skipped().iter().map(|(place, reason)| (shown(place), reason.clone()));
    let mut skipped: Vec<Skipped> =
        skipped.chain(target.root.unread()).map(|(place, reason)| Skipped { place, reason }).collect();
    if target.kind == TargetKind::Image && !target.deep {
        let reason = "only the usual places of programs were searched (--no-deep)".to_owned();
        skipped.push(Skipped { place: "/".to_owned(), reason });
    }
    let uncompared = target.image.as_ref().map_or(0, |image| image.uncompared);
    if uncompared > 0 {
        let reason = match uncompared {
            1 => "the digest of 1 uncompressed layer not compared (--verify-layers)".to_owned(),
            count => format!("digests of {count} uncompressed layers not compared (--verify-layers)"),
        };
        skipped.push(Skipped { place: "layers of the image".to_owned(), reason });
    }
    skipped
}

/// The places that are being read at, the first one and in words.
fn reading(target: &Target) -> (String, String) {
    let waiting_for = target.root.waiting_for();
    let place = waiting_for.first().cloned().unwrap_or_else(|| "/".to_owned());
    let reading =
        if waiting_for.is_empty() { String::new() } else { format!("; reading {}", waiting_for.join(", ")) };
    (place, reading)
}
