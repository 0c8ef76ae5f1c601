//! Rolling up: how each host and each product stands now.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use super::assets::{Asset, Assets};
use super::identity::{Change, Known, each_host, span};
use super::store::{Store, StoreError};
use super::{DAY, Host, Product, Run, Time};
use crate::model::State;

/// How to look at the store.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// What time it is.
    pub now: Time,
    /// Days without a report after which a host is stale.
    pub stale_after: u32,
}

impl Options {
    /// The oldest report that still returns how a host stands.
    pub(super) fn horizon(self) -> Time {
        self.now - Time::from(self.stale_after) * DAY
    }
}

/// How a host stands, gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// A banned product was found and nothing says that it is gone.
    Found,
    /// On the list of assets, and it never reported.
    NeverReported,
    /// It has not reported for too long.
    Stale,
    /// Nothing was found, and not everything was read.
    Incomplete,
    /// Nothing was found, and everything was read.
    Clean,
}

impl Standing {
    /// Every standing, gravest first.
    pub const ALL: [Standing; 5] =
        [Standing::Found, Standing::NeverReported, Standing::Stale, Standing::Incomplete, Standing::Clean];

    /// The word used in tables.
    pub fn word(self) -> &'static str {
        match self {
            Standing::Found => "found",
            Standing::NeverReported => "never_reported",
            Standing::Stale => "stale",
            Standing::Incomplete => "incomplete",
            Standing::Clean => "clean",
        }
    }
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

/// A host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostView {
    /// What the store has of it, without its runs; a host that never reported has no reports.
    pub host: Host,
    /// How it stands.
    pub standing: Standing,
    /// Its first report.
    pub first: Time,
    /// Its newest report.
    pub last: Time,
    /// Every product that it ever had.
    pub products: Vec<ProductView>,
    /// What the list of assets says of it.
    pub asset: Option<Asset>,
    /// What someone should know of it.
    pub notes: Vec<String>,
    /// How its identity was decided, when that was not plain.
    pub change: Option<Change>,
}

impl HostView {
    /// The products that are there as far as anybody knows.
    pub fn open(&self) -> impl Iterator<Item = &ProductView> {
        self.products.iter().filter(|product| product.gone.is_none())
    }

    /// The gravest state of what is there.
    pub fn state(&self) -> Option<State> {
        self.open().map(|product| product.state).max()
    }
}

/// Every host and product.
#[derive(Debug)]
pub struct Fleet {
    /// The hosts.
    pub hosts: Vec<HostView>,
    /// The products by id.
    pub products: BTreeMap<String, Product>,
    /// Whether there was a list of assets.
    pub listed: bool,
}

impl Fleet {
    /// Rolls up a store.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn of(store: &Store, assets: Option<&Assets>, options: Options) -> Result<Self, StoreError> {
        let mut hosts = Vec::new();
        let matching = assets.map(Assets::matching);
        let mut reported = HashSet::new();
        each_host(store, matching.as_ref(), options, &mut |mut known| {
            reported.extend(known.asset);
            let asset = known.asset.and_then(|at| matching.as_ref()?.asset(at));
            if matching.is_some() && asset.is_none() {
                known.notes.push("not on the list of assets".to_owned());
            }
            hosts.push(view(known, asset, options));
        })?;
        let listed = matching.is_some();
        let silent = matching.into_iter().flat_map(|matching| matching.rest(&reported));
        hosts.extend(silent.map(never));
        hosts.sort_by(|a, b| (a.standing, &a.host.name).cmp(&(b.standing, &b.host.name)));
        Ok(Fleet { hosts, products: store.products()?, listed })
    }

    /// The product of an id; by its id alone if the store does not know it.
    pub fn product(&self, id: &str) -> Product {
        self.products.get(id).cloned().unwrap_or_else(|| Product {
            id: id.to_owned(),
            name: id.to_owned(),
            vendor: String::new(),
            rules: Vec::new(),
        })
    }
}

fn view(known: Known, asset: Option<Asset>, options: Options) -> HostView {
    let Known { mut host, mut notes, change, .. } = known;
    let (first, last) = span(&host);
    let products = products(&host.runs);
    let whole = host.runs.last().is_some_and(|run| run.said.whole);
    let standing = match () {
        () if products.iter().any(|product| product.gone.is_none()) => Standing::Found,
        () if last < options.horizon() => Standing::Stale,
        () if whole => Standing::Clean,
        () => Standing::Incomplete,
    };
    match host.ahead {
        0 => {}
        ahead @ 1.. => notes.push(format!("its clock is {} ahead", span_of(ahead))),
        behind => notes.push(format!("its clock is {} behind", span_of(behind.saturating_neg()))),
    }
    if whole && products.iter().any(|product| product.gone.is_none() && !product.confirmed) {
        notes.push(proves_nothing(&host).to_owned());
    }
    if standing == Standing::Found && last < options.horizon() {
        notes.push("has not reported since".to_owned());
    }
    host.runs = Vec::new();
    HostView { host, standing, first, last, products, asset, notes, change }
}

/// Why a clean report does not clear what an earlier one found.
fn proves_nothing(host: &Host) -> &'static str {
    if host.machine.is_none() && host.domain.is_none() {
        "its reports have no machine id, serial number or domain: a clean one may be of another host with this name"
    } else {
        "a report made by a wrong clock proves nothing gone: set the clock and scan again"
    }
}

fn span_of(seconds: Time) -> String {
    match seconds {
        ..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / DAY),
    }
}

fn never(asset: Asset) -> HostView {
    let host = Host { name: asset.host.clone(), ..Host::default() };
    let (standing, notes) = (Standing::NeverReported, Vec::new());
    HostView {
        host,
        standing,
        first: 0,
        last: 0,
        products: Vec::new(),
        asset: Some(asset),
        notes,
        change: None,
    }
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
    use super::*;
    use crate::fleet::Said;
    use crate::report::Verdict;

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
