//! Trends: how many hosts stood how on each day.

use std::collections::BTreeMap;

use serde::Serialize;

use super::assets::Assets;
use super::identity::each_host;
use super::store::{Store, StoreError};
use super::{DAY, Host, Options, Standing, Time, day_of};
use crate::model::State;

/// The longest trend, in days.
const MAX_DAYS: usize = 3_660;

/// A day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Day {
    /// YYYY-MM-DD, UTC.
    pub day: String,
    /// Hosts on which a banned product ran.
    pub running: i64,
    /// Hosts on which one was there and did not run.
    pub installed: i64,
    /// Hosts with leftovers.
    pub remnant: i64,
    /// Hosts that had not reported for too long.
    pub stale: i64,
    /// Hosts where not everything was read.
    pub incomplete: i64,
    /// Hosts that were clean.
    pub clean: i64,
}

/// The days of a trend, one after the other, up to now; at most `days`, and none before the first report.
///
/// # Errors
/// When the store cannot be read.
pub fn trend(
    store: &Store,
    assets: Option<&Assets>,
    days: usize,
    options: Options,
) -> Result<Vec<Day>, StoreError> {
    let matching = assets.map(Assets::matching);
    let days = days.clamp(1, MAX_DAYS);
    let today = options.now.div_euclid(DAY);
    let first = today - Time::try_from(days).unwrap_or(0) + 1;
    // How many more or fewer hosts of each kind there are than on the day before.
    let mut changes = vec![[0_i64; 6]; days + 1];
    let mut begin = today;
    each_host(store, matching.as_ref(), options, &mut |known| {
        let host = known.host;
        begin = begin.min(host.runs.first().map_or(today, |run| run.from.div_euclid(DAY)));
        for (from, to, kind) in spells(&host, today, options) {
            let at = |day: Time| usize::try_from((day - first).max(0)).unwrap_or(0).min(days);
            let (from, to) = (at(from), at(to + 1));
            if from < to {
                if let Some(more) = changes.get_mut(from).and_then(|kinds| kinds.get_mut(kind)) {
                    *more += 1;
                }
                if let Some(fewer) = changes.get_mut(to).and_then(|kinds| kinds.get_mut(kind)) {
                    *fewer -= 1;
                }
            }
        }
    })?;
    let mut counts = [0_i64; 6];
    let mut trend = Vec::new();
    for (at, change) in changes.iter().take(days).enumerate() {
        counts.iter_mut().zip(change).for_each(|(count, change)| *count += change);
        let day = first + Time::try_from(at).unwrap_or(0);
        if day < begin {
            continue;
        }
        let [running, installed, remnant, stale, incomplete, clean] = counts;
        trend.push(Day { day: day_of(day * DAY), running, installed, remnant, stale, incomplete, clean });
    }
    Ok(trend)
}

/// From which day to which a host stood how: the place of the count.
fn spells(host: &Host, today: Time, options: Options) -> Vec<(Time, Time, usize)> {
    let mut spells: Vec<(Time, Time, usize)> = Vec::new();
    // What is there as far as anybody knows: only who looked everywhere can say that something is gone.
    let mut open: BTreeMap<&str, State> = BTreeMap::new();
    for (at, run) in host.runs.iter().enumerate() {
        if run.said.clears() {
            open.clear();
        }
        open.extend(run.said.products.iter().map(|(id, state)| (id.as_str(), *state)));
        let (from, last) = (run.from.div_euclid(DAY), run.to.div_euclid(DAY));
        // The last word of a day counts; a run lasts until the next one begins.
        let next = host.runs.get(at + 1).map(|next| next.from.div_euclid(DAY));
        let end = next.map_or(today, |next| next - 1);
        if end < from {
            continue;
        }
        let state = open.values().max().copied();
        let kind = match state {
            Some(State::Running) => 0,
            Some(state) if state > State::Remnant => 1,
            Some(_) => 2,
            None if run.said.whole => 5,
            None => 4,
        };
        // What was found stays found; who found nothing and is silent is stale.
        let fresh = if kind < 3 { end } else { end.min(last + Time::from(options.stale_after)) };
        spells.push((from, fresh, kind));
        if fresh < end {
            spells.push((fresh + 1, end, 3));
        }
    }
    spells
}

impl Day {
    /// The counts by the words of tables.
    pub fn counts(&self) -> [(&'static str, i64); 6] {
        [
            ("running", self.running),
            ("installed", self.installed),
            ("remnant", self.remnant),
            (Standing::Stale.word(), self.stale),
            (Standing::Incomplete.word(), self.incomplete),
            (Standing::Clean.word(), self.clean),
        ]
    }
}
