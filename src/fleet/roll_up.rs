//! Rolling up: how each host and each product stands now.

use std::collections::BTreeMap;

use serde::Serialize;

use super::assets::{Asset, Assets};
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
        let mut matched = assets.map(Assets::matching);
        each_host(store, &mut |host, mut notes| {
            let asset = matched.as_mut().map(|matched| matched.take(&host));
            if let Some(None) = asset {
                notes.push("not on the list of assets".to_owned());
            }
            hosts.push(view(host, asset.flatten(), notes, options));
        })?;
        let listed = matched.is_some();
        let silent = matched.into_iter().flat_map(|matched| matched.rest());
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

/// Calls `each` for every host with what to know of it. The names of one machine are one host if it had one after
/// the other (it was renamed), and hosts of their own if their reports overlap (its disk was cloned).
pub(super) fn each_host(store: &Store, each: &mut dyn FnMut(Host, Vec<String>)) -> Result<(), StoreError> {
    let mut machine: Vec<Host> = Vec::new();
    store.hosts(|host| {
        if machine.last().is_some_and(|last| last.machine.is_none() || last.machine != host.machine) {
            flush(&mut machine, each);
        }
        machine.push(host);
    })?;
    flush(&mut machine, each);
    Ok(())
}

fn span(host: &Host) -> (Time, Time) {
    let first = host.runs.first().map_or(0, |run| run.from);
    (first, host.runs.last().map_or(0, |run| run.to))
}

fn flush(names: &mut Vec<Host>, each: &mut dyn FnMut(Host, Vec<String>)) {
    names.sort_by_key(span);
    let apart = names.windows(2).all(|pair| match pair {
        [earlier, later] => span(earlier).1 < span(later).0,
        _ => true,
    });
    if !apart {
        let all: Vec<String> = names.iter().map(|host| host.name.clone()).collect();
        for host in names.drain(..) {
            let others: Vec<&str> =
                all.iter().filter(|name| **name != host.name).map(String::as_str).take(5).collect();
            each(host, vec![format!("has the machine id of {}, too: a cloned disk?", others.join(", "))]);
        }
        return;
    }
    let Some(mut newest) = names.pop() else { return };
    let mut notes = Vec::new();
    let mut runs = Vec::new();
    for earlier in names.drain(..) {
        notes.push(format!("was called {} until {}", earlier.name, super::day_of(span(&earlier).1)));
        newest.reports += earlier.reports;
        runs.extend(earlier.runs);
    }
    runs.append(&mut newest.runs);
    newest.runs = runs;
    each(newest, notes);
}

fn view(mut host: Host, asset: Option<Asset>, mut notes: Vec<String>, options: Options) -> HostView {
    let (first, last) = span(&host);
    let products = products(&host.runs);
    let whole = host.runs.last().is_some_and(|run| run.said.whole);
    let standing = match () {
        () if products.iter().any(|product| product.gone.is_none()) => Standing::Found,
        () if last < options.horizon() => Standing::Stale,
        () if whole => Standing::Clean,
        () => Standing::Incomplete,
    };
    if host.ahead > 0 {
        notes.push(format!("its clock is {} ahead", span_of(host.ahead)));
    }
    if standing == Standing::Found && last < options.horizon() {
        notes.push("has not reported since".to_owned());
    }
    host.runs = Vec::new();
    HostView { host, standing, first, last, products, asset, notes }
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
    HostView { host, standing, first: 0, last: 0, products: Vec::new(), asset: Some(asset), notes }
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
            if !view.confirmed && run.said.whole && view.gone.is_none() {
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
        Run { from, to, said: Said { verdict, whole, products } }
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

    fn host(name: &str, runs: Vec<Run>) -> Host {
        Host { name: name.to_owned(), machine: Some("m".to_owned()), reports: 1, runs, ..Host::default() }
    }

    #[test]
    fn a_renamed_host_is_one_and_a_cloned_disk_is_two() {
        let group = |mut hosts: Vec<Host>| {
            let mut seen = Vec::new();
            flush(&mut hosts, &mut |host, notes| seen.push((host.name, host.runs.len(), notes)));
            seen
        };
        let renamed = group(vec![
            host("new", vec![run(20, 30, true, &[])]),
            host("old", vec![run(0, 10, true, &[("v/p", State::Running)])]),
        ]);
        assert_eq!(renamed, [("new".to_owned(), 2, vec!["was called old until 1970-01-01".to_owned()])]);
        let cloned =
            group(vec![host("a", vec![run(0, 30, true, &[])]), host("b", vec![run(10, 20, true, &[])])]);
        assert_eq!(cloned.len(), 2);
        assert!(cloned[0].2[0].starts_with("has the machine id of b"), "{cloned:?}");
    }
}
