//! Runs: putting one more report where it belongs.

use serde::Serialize;

use super::{Run, Said, Time};
use crate::model::State;

/// Runs kept of one host. A host that says something else with every report loses its oldest ones.
const MAX_RUNS: usize = 4_000;

/// Adds what a report of a time said. Runs stay in order, do not overlap, and neighbours differ.
pub(super) fn add(runs: &mut Vec<Run>, time: Time, said: &Said) {
    // The first run that begins after the report.
    let at = runs.partition_point(|run| run.from <= time);
    let before = at.checked_sub(1);
    match before.and_then(|before| runs.get(before)) {
        Some(run) if run.said == *said => {
            let to = run.to.max(time);
            if let Some(run) = before.and_then(|before| runs.get_mut(before)) {
                run.to = to;
            }
        }
        Some(run) if run.to == time || run.from == time => {
            // Two reports of one second: both count, the graver state of each product.
            let both = both(&run.said, said);
            let part = |from: Time, to: Time| (from <= to).then(|| Run { from, to, said: run.said.clone() });
            let now = Some(Run { from: time, to: time, said: both });
            let parts = [part(run.from, time - 1), now, part(time + 1, run.to)];
            runs.splice(at - 1..at, parts.into_iter().flatten());
        }
        Some(run) => {
            // Something else in the middle: what was said before, this, and what was said before again.
            let part = |from: Time, to: Time| (from <= to).then(|| Run { from, to, said: run.said.clone() });
            let parts = [
                part(run.from, run.to.min(time - 1)),
                Some(Run { from: time, to: time, said: said.clone() }),
                part(time + 1, run.to),
            ];
            runs.splice(at - 1..at, parts.into_iter().flatten());
        }
        None => runs.insert(0, Run { from: time, to: time, said: said.clone() }),
    }
    join(runs, before.unwrap_or_default());
    if runs.len() > MAX_RUNS {
        runs.drain(..runs.len() - MAX_RUNS);
    }
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
    Said { verdict, whole: one.whole && other.whole, products, unsure: one.unsure && other.unsure }
}

/// Puts what a wrong clock dated after a report that arrived later before that report.
pub(super) fn settle(runs: &mut Vec<Run>, time: Time) {
    let wrong = |run: &Run| run.said.unsure && run.from > time;
    // A late report is no word on what came after it.
    if runs.iter().any(|run| !run.said.unsure && run.to > time) {
        return;
    }
    let moved: Vec<Said> = runs.iter().filter(|run| wrong(run)).map(|run| run.said.clone()).collect();
    runs.retain(|run| !wrong(run));
    for said in moved {
        add(runs, time - 1, &said);
    }
}

/// Joins neighbours that say the same, from one run on.
fn join(runs: &mut Vec<Run>, from: usize) {
    let mut at = from.saturating_sub(1);
    let end = from + 4;
    while at < end {
        match (runs.get(at), runs.get(at + 1)) {
            (Some(run), Some(next)) if run.said == next.said => {
                let to = run.to.max(next.to);
                runs.remove(at + 1);
                if let Some(run) = runs.get_mut(at) {
                    run.to = to;
                }
            }
            (Some(_), Some(_)) => at += 1,
            _ => return,
        }
    }
}

/// Forgets runs that ended before a time; returns how many. The newest run stays, however old, and so does all that
/// says since when a product is there, or that it was gone since that time.
pub(super) fn forget(runs: &mut Vec<Run>, before: Time) -> usize {
    let old = runs.partition_point(|run| run.to < before).min(runs.len().saturating_sub(1));
    if old == 0 {
        return 0;
    }
    let kept_products =
        products(runs).into_iter().filter(|product| product.gone.is_none_or(|gone| gone >= before));
    let needed = kept_products.map(|product| runs.partition_point(|run| run.from < product.first_seen)).min();
    let old = old.min(needed.unwrap_or(old));
    runs.drain(..old);
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
                    view.reappeared += u32::from(view.gone.take().is_some());
                    (view.state, view.last_seen) = (*state, run.to);
                }
                None => views.push(ProductView {
                    id: id.clone(),
                    state: *state,
                    first_seen: run.from,
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
        Said { verdict, whole: true, products, unsure: false }
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
        assert_eq!(spans, [(0, 19, 0), (20, 20, 1), (21, 40, 0)]);
    }

    #[test]
    fn what_is_long_gone_is_forgotten_and_what_is_still_there_keeps_its_first_day() {
        let (found, clean) = (said(Some(State::Installed)), said(None));
        let runs = |ends: &[(&Said, Time)]| -> Vec<Run> {
            let run = |(said, at): &(&Said, Time)| Run { from: *at, to: at + 5, said: (*said).clone() };
            ends.iter().map(run).collect()
        };
        let mut gone = runs(&[(&found, 0), (&clean, 10), (&found, 20), (&clean, 30), (&found, 100)]);
        assert_eq!((forget(&mut gone, 50), gone[0].from), (0, 0), "it is there, first seen at 0");
        let mut gone = runs(&[(&found, 0), (&clean, 10), (&found, 20), (&clean, 30), (&clean, 100)]);
        assert_eq!((forget(&mut gone, 50), gone.len()), (4, 1));
        let mut late = runs(&[(&clean, 0), (&found, 10), (&clean, 60)]);
        assert_eq!((forget(&mut late, 50), late[0].from), (1, 10), "it went after that time");
        let mut silent = runs(&[(&found, 0), (&clean, 10)]);
        assert_eq!((forget(&mut silent, 1_000), silent[0].from), (1, 10), "the newest word stays");
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
                runs.push(Run { from: time, to: time + length - 1, said });
                time += length;
            }
            let mut kept = runs.clone();
            let forgotten = forget(&mut kept, before);
            prop_assert_eq!(&runs[forgotten..], kept.as_slice());
            prop_assert!(!kept.is_empty() && runs[..forgotten].iter().all(|run| run.to < before));
            let kept_products = |runs: &[Run]| -> Vec<_> {
                let all = products(runs).into_iter();
                all.filter(|product| product.gone.is_none_or(|gone| gone >= before)).collect()
            };
            prop_assert_eq!(kept_products(&runs), kept_products(&kept));
            prop_assert_eq!(forget(&mut kept, before), 0);
        }

        /// Whatever the order in which distinct times arrive: ordered, apart, neighbours differ, and every report's
        /// word stands at its time.
        #[test]
        fn order_does_not_matter(mut reports in prop::collection::btree_map(0i64..200, 0u8..3, 1..30), seed in any::<u64>()) {
            let of = |kind: u8| said([None, Some(State::Installed), Some(State::Running)][usize::from(kind)]);
            let mut shuffled: Vec<(i64, u8)> = reports.iter().map(|(time, kind)| (time * 10, *kind)).collect();
            let mut state = seed | 1;
            for at in (1..shuffled.len()).rev() {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                shuffled.swap(at, (state >> 33) as usize % (at + 1));
            }
            let mut runs = Vec::new();
            for (time, kind) in &shuffled {
                add(&mut runs, *time, &of(*kind));
            }
            for pair in runs.windows(2) {
                prop_assert!(pair[0].to < pair[1].from && pair[0].said != pair[1].said);
            }
            while let Some((time, kind)) = reports.pop_first() {
                let time = time * 10;
                let run = runs.iter().find(|run| run.from <= time && time <= run.to);
                prop_assert_eq!(&run.unwrap().said, &of(kind));
            }
        }
    }

    fn run(from: Time, to: Time, whole: bool, products: &[(&str, State)]) -> Run {
        let verdict = match (products.is_empty(), whole) {
            (false, _) => Verdict::Found,
            (true, true) => Verdict::NotFound,
            (true, false) => Verdict::Incomplete,
        };
        let products = products.iter().map(|(id, state)| ((*id).to_owned(), *state)).collect();
        Run { from, to, said: Said { verdict, whole, products, unsure: false } }
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
        assert_eq!((view.first_seen, view.last_seen, view.confirmed), (0, 70, true));
    }
}
