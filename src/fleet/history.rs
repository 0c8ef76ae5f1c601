//! Runs: putting one more report where it belongs.

use serde::Serialize;

use super::{Host, Late, Run, Said, Time, Trust, due, steps};
use crate::model::State;

/// Runs kept of one host. A host that says something else with every report loses its oldest ones.
const MAX_RUNS: usize = 4_000;
/// Late reports kept of one host, the newest.
const MAX_LATE: usize = 64;

/// Adds what a host's reports said to what is known of it.
pub(super) fn add_all(host: &mut Host, more: &Host) {
    let both = [(&mut host.runs, &more.runs), (&mut host.misdated, &more.misdated)];
    for (runs, more) in both {
        for run in more {
            run.times().into_iter().for_each(|time| add(runs, time, &run.said));
        }
    }
    if let Some((arrived, facts)) = &more.adrift {
        let text = |facts: &Host| serde_json::to_vec(facts).ok();
        let is_newer = host
            .adrift
            .as_ref()
            .is_none_or(|(known, old)| known < arrived || (known == arrived && text(old) < text(facts)));
        if is_newer {
            host.adrift = Some((*arrived, facts.clone()));
        }
    }
    due::unite(&mut host.duties, &more.duties);
    host.late.extend(&more.late);
    host.late.sort_unstable();
    host.late.dedup();
    let oldest = host.late.len().saturating_sub(MAX_LATE);
    host.late.drain(..oldest);
}

impl Run {
    /// A run of reports, in order.
    fn of(times: &[Time], said: &Said) -> Option<Run> {
        let (from, to) = (*times.first()?, *times.last()?);
        let mut steps = String::new();
        if times.len() > 2 {
            times.windows(2).for_each(|pair| {
                if let [one, next] = pair {
                    steps::push(&mut steps, next - one);
                }
            });
        }
        Some(Run { from, to, steps, said: said.clone() })
    }

    /// When its reports were made, in order, each once.
    pub(super) fn times(&self) -> Vec<Time> {
        let mut times = vec![self.from];
        let mut time = self.from;
        for step in steps::read(&self.steps) {
            time += step;
            // A damaged text must not move what is known.
            if time >= self.to {
                break;
            }
            times.push(time);
        }
        if self.to > self.from {
            times.push(self.to);
        }
        times
    }

    /// Adds a later report that says the same.
    fn append(&mut self, time: Time) {
        if self.to > self.from && self.steps.is_empty() {
            steps::push(&mut self.steps, self.to - self.from);
        }
        if self.to > self.from {
            steps::push(&mut self.steps, time - self.to);
        }
        self.to = time;
    }

    /// The run without its reports of after a time; nothing when it has no others.
    fn until(self, now: Time) -> Option<Run> {
        if self.to <= now {
            return Some(self);
        }
        let times = self.times();
        Run::of(times.get(..times.partition_point(|time| *time <= now))?, &self.said)
    }
}

/// Adds what a report of a time said. Runs stay in order, do not overlap, and neighbours differ; the order in which
/// reports come changes nothing.
pub(super) fn add(runs: &mut Vec<Run>, time: Time, said: &Said) {
    // Most reports are newer than all others.
    match runs.last_mut() {
        None => return runs.extend(Run::of(&[time], said)),
        Some(run) if run.to < time && run.said == *said => return run.append(time),
        Some(run) if run.to < time => runs.extend(Run::of(&[time], said)),
        Some(_) => insert(runs, time, said),
    }
    if runs.len() > MAX_RUNS {
        runs.drain(..runs.len() - MAX_RUNS);
    }
}

/// Adds a late report.
fn insert(runs: &mut Vec<Run>, time: Time, said: &Said) {
    // The first run that begins after the report.
    let after = runs.partition_point(|run| run.from <= time);
    let around = after.checked_sub(1).filter(|at| runs.get(*at).is_some_and(|run| run.to >= time));
    let Some(at) = around else {
        runs.splice(after..after, Run::of(&[time], said));
        return join(runs, after);
    };
    let Some(run) = runs.get(at).cloned() else { return };
    let times = run.times();
    let before = times.get(..times.partition_point(|other| *other < time)).unwrap_or_default();
    let later = times.get(times.partition_point(|other| *other <= time)..).unwrap_or_default();
    // Two reports of one second: both count, the graver state of each product.
    let is_known = before.len() + later.len() < times.len();
    let now = if is_known { both(&run.said, said) } else { said.clone() };
    let parts = [Run::of(before, &run.said), Run::of(&[time], &now), Run::of(later, &run.said)];
    runs.splice(at..=at, parts.into_iter().flatten());
    join(runs, at);
}

/// What two reports of one second say together.
fn both(one: &Said, other: &Said) -> Said {
    let mut products = one.products.clone();
    for (id, state) in &other.products {
        match products.iter_mut().find(|(known, _)| known == id) {
            Some((_, known)) => *known = (*known).max(*state),
            None => products.push((id.clone(), *state)),
        }
    }
    products.sort();
    let verdict = if one.verdict.rank() >= other.verdict.rank() { one.verdict } else { other.verdict };
    let (whole, unsure) = (one.whole && other.whole, one.unsure && other.unsure);
    Said { verdict, whole, products, unsure, trust: one.trust.max(other.trust) }
}

/// Puts the runs of a host together as far as they are known at a time: in the order in which its reports were made, as far
/// as that can be known, and believing what nothing vouches for only where it finds something. The result depends on what
/// the reports say and on when they were made and arrived, never on the order in which they were taken.
pub(super) fn settle(host: &mut Host, now: Time) {
    for (runs, now) in
        [(&mut host.runs, now), (&mut host.misdated, now.saturating_mul(1_000).saturating_add(999))]
    {
        *runs = std::mem::take(runs).into_iter().filter_map(|run| run.until(now)).collect();
    }
    // Anyone can say anything of a host; what came with its certificate stays until such a report says otherwise.
    let trust = host.every_run().map(|run| run.said.trust).max().unwrap_or_default();
    host.trust = host.trust.max(trust);
    let is_doubtful = |of: Trust| trust != Trust::default() && of == Trust::default();
    for run in host.runs.iter_mut().chain(&mut host.misdated) {
        run.said.unsure |= is_doubtful(run.said.trust);
    }
    host.late.retain(|late| late.made <= now && !is_doubtful(late.trust));
    if host.misdated.is_empty() {
        return;
    }
    let certain: Vec<Time> = host.runs.iter().filter(|run| !run.said.unsure).flat_map(Run::times).collect();
    let last = host.runs.last().map_or(Time::MIN, |run| run.to);
    let mut runs = std::mem::take(&mut host.runs);
    for run in std::mem::take(&mut host.misdated) {
        for arrived in run.times() {
            add(&mut runs, place(arrived, &certain, &host.late), &run.said);
        }
    }
    if let Some((arrived, facts)) = host.adrift.take()
        && place(arrived, &certain, &host.late) >= last
    {
        let (late, duties) = (std::mem::take(&mut host.late), std::mem::take(&mut host.duties));
        *host = Host { reports: host.reports, trust: host.trust, late, duties, ..*facts };
    }
    host.runs = runs;
}

/// Where a report of a wrong clock belongs that arrived at a time, in milliseconds: before those that arrived after it, although they were
/// made earlier, and after all others.
fn place(arrived: Time, certain: &[Time], late: &[Late]) -> Time {
    let second = arrived / 1_000;
    let earlier = certain.get(..certain.partition_point(|made| *made < second)).unwrap_or_default();
    let came_later = |made: Time| late.iter().any(|late| late.made == made && late.arrived > arrived);
    earlier.iter().rev().take_while(|made| came_later(**made)).last().map_or(second, |made| made - 1)
}

/// Joins neighbours that say the same, around a run.
fn join(runs: &mut Vec<Run>, around: usize) {
    let mut at = around.saturating_sub(1);
    let end = around + 4;
    while at < end {
        match (runs.get(at), runs.get(at + 1)) {
            (Some(run), Some(next)) if run.said == next.said => {
                let mut times = run.times();
                times.extend(next.times());
                let joined = Run::of(&times, &run.said);
                runs.splice(at..at + 2, joined);
            }
            (Some(_), Some(_)) => at += 1,
            _ => return,
        }
    }
}

/// Forgets runs that ended before a time; returns how many. The newest run stays, however old, and so does all that
/// says since when a product is there, or that it was gone since that time.
pub(super) fn forget(host: &mut Host, before: Time) -> usize {
    let forgotten =
        forget_runs(&mut host.runs, before) + forget_runs(&mut host.misdated, before.saturating_mul(1_000));
    host.late.retain(|late| late.arrived / 1_000 >= before);
    forgotten
}

fn forget_runs(runs: &mut Vec<Run>, before: Time) -> usize {
    let old = runs.partition_point(|run| run.to < before).min(runs.len().saturating_sub(1));
    let kept = products(runs).into_iter().filter(|product| product.gone.is_none_or(|gone| gone >= before));
    let needed = kept.map(|product| runs.partition_point(|run| run.from < product.first_seen)).min();
    let old = old.min(needed.unwrap_or(old));
    runs.drain(..old);
    // No report from before that time comes any more: what lies between needs no times.
    for run in runs.iter_mut().filter(|run| run.from < before && !run.steps.is_empty()) {
        let mut times = run.times();
        let (from, to) = (run.from, run.to);
        times.retain(|time| *time >= before || *time == from || *time == to);
        *run = Run::of(&times, &run.said).unwrap_or_else(|| run.clone());
    }
    old
}

/// A product on a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProductView {
    /// `vendor/product`.
    pub id: String,
    /// The state it was last seen in.
    pub state: State,
    /// The first report that had it.
    pub first_seen: Time,
    /// The first report that had it since it was gone the last time, or ever.
    pub since: Time,
    /// The last one that had it.
    pub last_seen: Time,
    /// The first report without gaps after that which did not have it.
    pub gone: Option<Time>,
    /// How often it came back after it was gone.
    pub reappeared: u32,
    /// Whether the newest report has it. If not, and it is not gone, that report could not look everywhere.
    pub confirmed: bool,
}

/// The history of every product in a host's runs.
pub(super) fn products(runs: &[Run]) -> Vec<ProductView> {
    let mut views: Vec<ProductView> = Vec::new();
    for run in runs {
        for (id, state) in &run.said.products {
            match views.iter_mut().find(|view| view.id == *id) {
                Some(view) => {
                    if view.gone.take().is_some() {
                        view.reappeared += 1;
                        view.since = run.from;
                    }
                    (view.state, view.last_seen) = (*state, run.to);
                }
                None => views.push(ProductView {
                    id: id.clone(),
                    state: *state,
                    first_seen: run.from,
                    since: run.from,
                    last_seen: run.to,
                    gone: None,
                    reappeared: 0,
                    confirmed: true,
                }),
            }
        }
        for view in &mut views {
            view.confirmed = run.said.products.iter().any(|(id, _)| *id == view.id);
            if !view.confirmed && run.said.clears() && view.gone.is_none() {
                view.gone = Some(run.from);
            }
        }
    }
    views
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::Verdict;

    fn said(product: Option<State>) -> Said {
        let products: Vec<_> = product.into_iter().map(|state| ("v/p".to_owned(), state)).collect();
        let verdict = if products.is_empty() { Verdict::NotFound } else { Verdict::Found };
        Said { verdict, whole: true, products, unsure: false, trust: Trust::default() }
    }

    #[test]
    fn the_same_every_day_is_one_run_and_a_change_begins_another() {
        let mut runs = Vec::new();
        for day in 0..5 {
            add(&mut runs, day * 10, &said(Some(State::Installed)));
        }
        add(&mut runs, 50, &said(None));
        add(&mut runs, 60, &said(None));
        let spans: Vec<_> = runs.iter().map(|run| (run.from, run.to, run.said.products.len())).collect();
        assert_eq!(spans, [(0, 40, 1), (50, 60, 0)]);
    }

    #[test]
    fn a_late_report_that_says_something_else_splits_a_run() {
        let mut runs = Vec::new();
        add(&mut runs, 0, &said(None));
        add(&mut runs, 40, &said(None));
        add(&mut runs, 20, &said(Some(State::Running)));
        let spans: Vec<_> = runs.iter().map(|run| (run.from, run.to, run.said.products.len())).collect();
        assert_eq!(spans, [(0, 0, 0), (20, 20, 1), (40, 40, 0)]);
    }

    #[test]
    fn what_is_long_gone_is_forgotten_and_what_is_still_there_keeps_its_first_day() {
        let (found, clean) = (said(Some(State::Installed)), said(None));
        let runs = |ends: &[(&Said, Time)]| -> Vec<Run> {
            let run = |(said, at): &(&Said, Time)| Run::of(&[*at, at + 5], said).unwrap();
            ends.iter().map(run).collect()
        };
        let mut gone = runs(&[(&found, 0), (&clean, 10), (&found, 20), (&clean, 30), (&found, 100)]);
        assert_eq!((forget_runs(&mut gone, 50), gone[0].from), (0, 0), "it is there, first seen at 0");
        let mut gone = runs(&[(&found, 0), (&clean, 10), (&found, 20), (&clean, 30), (&clean, 100)]);
        assert_eq!((forget_runs(&mut gone, 50), gone.len()), (4, 1));
        let mut late = runs(&[(&clean, 0), (&found, 10), (&clean, 60)]);
        assert_eq!((forget_runs(&mut late, 50), late[0].from), (1, 10), "it went after that time");
        let mut silent = runs(&[(&found, 0), (&clean, 10)]);
        assert_eq!((forget_runs(&mut silent, 1_000), silent[0].from), (1, 10), "the newest word stays");
    }

    proptest! {
        /// Whatever is forgotten, what is there and since when, what went since that time, and every word since then stay.
        #[test]
        fn forgetting_changes_nothing_that_counts(
            kinds in prop::collection::vec((0u8..3, any::<bool>(), 1i64..5), 1..20), before in 0i64..80,
        ) {
            let mut runs = Vec::new();
            let mut time = 0;
            for (kind, whole, length) in kinds {
                let mut said = said([None, Some(State::Installed), Some(State::Running)][usize::from(kind)]);
                said.whole = whole;
                runs.extend(Run::of(&[time, time + length - 1][..if length > 1 { 2 } else { 1 }], &said));
                time += length;
            }
            let mut kept = runs.clone();
            let forgotten = forget_runs(&mut kept, before);
            prop_assert_eq!(&runs[forgotten..], kept.as_slice());
            prop_assert!(!kept.is_empty() && runs[..forgotten].iter().all(|run| run.to < before));
            let kept_products = |runs: &[Run]| -> Vec<_> {
                let all = products(runs).into_iter();
                all.filter(|product| product.gone.is_none_or(|gone| gone >= before)).collect()
            };
            prop_assert_eq!(kept_products(&runs), kept_products(&kept));
            prop_assert_eq!(forget_runs(&mut kept, before), 0);
        }

        /// Whatever the order in which reports arrive, two of one second among them: the same runs, and all that is worked
        /// out of them; ordered, apart, neighbours differ.
        #[test]
        fn order_does_not_matter(
            (reports, shuffled) in prop::collection::vec((0i64..40, 0u8..4), 1..40)
                .prop_flat_map(|reports| (Just(reports.clone()), Just(reports).prop_shuffle())),
        ) {
            let of = |kind: u8| {
                let mut said = said([None, Some(State::Installed), Some(State::Running), None][usize::from(kind)]);
                said.whole = kind != 3;
                said
            };
            let runs = |reports: &[(i64, u8)]| {
                let mut runs = Vec::new();
                reports.iter().for_each(|(time, kind)| add(&mut runs, *time, &of(*kind)));
                runs
            };
            let (one, mut other) = (runs(&reports), runs(&shuffled));
            prop_assert_eq!(&one, &other);
            // The same reports again change nothing.
            shuffled.iter().for_each(|(time, kind)| add(&mut other, *time, &of(*kind)));
            prop_assert_eq!(&one, &other);
            for pair in one.windows(2) {
                prop_assert!(pair[0].to < pair[1].from && pair[0].said != pair[1].said);
            }
            let mut times: Vec<i64> = reports.iter().map(|(time, _)| *time).collect();
            times.sort_unstable();
            times.dedup();
            prop_assert_eq!(one.iter().flat_map(Run::times).collect::<Vec<_>>(), times);
        }

        /// Clocks that are wrong, reports that come late, and such that nothing vouches for: in whatever order they are
        /// taken, the host is the same.
        #[test]
        fn the_order_of_taking_does_not_matter(
            (reports, shuffled) in prop::collection::vec((0i64..60, 0i64..60, 0u8..3, any::<bool>(), any::<bool>()), 1..16)
                .prop_flat_map(|reports| (Just(reports.clone()), Just(reports).prop_shuffle())),
        ) {
            let taken = |reports: &[(i64, i64, u8, bool, bool)]| {
                let mut host = Host::default();
                for (made, delay, kind, is_wrong, is_vouched) in reports {
                    let said = said([None, Some(State::Installed), Some(State::Running)][usize::from(*kind)]);
                    let arrived = made + delay;
                    let mut one = Host::default();
                    let run = |time: Time| Run::of(&[time], &Said { unsure: *is_wrong, ..said.clone() });
                    if *is_wrong {
                        one.misdated.extend(run(arrived * 1_000));
                        one.adrift = Some((arrived * 1_000, Box::new(Host { os: kind.to_string(), ..Host::default() })));
                    } else {
                        one.runs.extend(run(*made));
                        one.late.extend((*delay > 0).then_some(Late { made: *made, arrived: arrived * 1_000, trust: Trust::default() }));
                    }
                    one.vouch(if *is_vouched { Trust::Signed } else { Trust::default() });
                    add_all(&mut host, &one);
                }
                settle(&mut host, 1_000);
                (host.runs, host.os)
            };
            prop_assert_eq!(taken(&reports), taken(&shuffled));
        }
    }

    #[test]
    fn the_order_of_arrival_places_what_a_wrong_clock_dated() {
        let late = |made, arrived: Time| Late { made, arrived: arrived * 1_000, trust: Trust::default() };
        let place =
            |arrived: Time, certain: &[Time], late: &[Late]| super::place(arrived * 1_000, certain, late);
        // Made at 5 and arrived at 12: newer than what arrived at 10.
        assert_eq!(place(10, &[2, 5], &[late(5, 12)]), 4);
        // What arrived at 7 was there first: a late report from before it says nothing of what came after.
        assert_eq!(place(10, &[5, 7], &[late(5, 12)]), 10);
        assert_eq!(place(10, &[2, 5], &[]), 10);
        assert_eq!(place(10, &[2, 5, 11], &[late(2, 30), late(5, 12)]), 1);
    }

    fn run(from: Time, to: Time, whole: bool, products: &[(&str, State)]) -> Run {
        let verdict = match (products.is_empty(), whole) {
            (false, _) => Verdict::Found,
            (true, true) => Verdict::NotFound,
            (true, false) => Verdict::Incomplete,
        };
        let products = products.iter().map(|(id, state)| ((*id).to_owned(), *state)).collect();
        let said = Said { verdict, whole, products, unsure: false, trust: Trust::default() };
        Run { from, to, steps: String::new(), said }
    }

    #[test]
    fn gone_only_after_somebody_looked_everywhere() {
        let seen = run(0, 10, true, &[("v/p", State::Running)]);
        let blind = run(20, 30, false, &[]);
        let [view] = products(&[seen.clone(), blind.clone()]).try_into().unwrap();
        assert_eq!((view.gone, view.confirmed, view.last_seen), (None, false, 10));
        let clean = run(40, 50, true, &[]);
        let back = run(60, 70, true, &[("v/p", State::Remnant)]);
        let [view] = products(&[seen.clone(), blind.clone(), clean.clone()]).try_into().unwrap();
        assert_eq!((view.gone, view.reappeared), (Some(40), 0));
        let [view] = products(&[seen, blind, clean, back]).try_into().unwrap();
        assert_eq!((view.gone, view.reappeared, view.state), (None, 1, State::Remnant));
        assert_eq!((view.first_seen, view.since, view.last_seen, view.confirmed), (0, 60, 70, true));
    }
}
