//! Rolling up: how each host and each product stands now.

use std::collections::{BTreeMap, HashSet};

use serde::Serialize;

use super::assets::{Asset, Assets};
use super::history::{ProductView, products};
use super::identity::{Change, Known, each_host};
use super::store::{Store, StoreError};
use super::{DAY, Due, Host, Options, Product, Time, Trust, due};
use crate::model::State;

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
        let mut fleet = Fleet::without_hosts(store, assets)?;
        let hosts = &mut fleet.hosts;
        each_view(store, assets, options, &mut |view| hosts.push(view))?;
        hosts.sort_by(|a, b| (a.standing, &a.host.name).cmp(&(b.standing, &b.host.name)));
        Ok(fleet)
    }

    /// What is known beside the hosts.
    pub(super) fn without_hosts(store: &Store, assets: Option<&Assets>) -> Result<Self, StoreError> {
        Ok(Fleet { hosts: Vec::new(), products: store.products()?, listed: assets.is_some() })
    }

    /// What is due first for a product on a host, and when.
    pub fn due(&self, view: &HostView, product: &ProductView) -> Option<Due> {
        due::first(&view.host.duties, &self.products.get(&product.id)?.rules, product.since)
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

/// Calls `each` for every host, one after the other, so that a fleet need not fit in memory: those that reported, then those
/// of the list of assets that never did.
pub(super) fn each_view(
    store: &Store,
    assets: Option<&Assets>,
    options: Options,
    each: &mut (dyn FnMut(HostView) + Send),
) -> Result<(), StoreError> {
    let matching = assets.map(Assets::matching);
    let mut reported = HashSet::new();
    each_host(store, matching.as_ref(), options, &mut |mut known| {
        reported.extend(known.asset);
        let asset = known.asset.and_then(|at| matching.as_ref()?.asset(at));
        if matching.is_some() && asset.is_none() {
            known.notes.push("not on the list of assets".to_owned());
        }
        each(view(known, asset, options));
    })?;
    let silent = matching.into_iter().flat_map(|matching| matching.rest(&reported));
    silent.map(never).for_each(each);
    Ok(())
}

fn view(known: Known, asset: Option<Asset>, options: Options) -> HostView {
    let Known { mut host, mut notes, change, .. } = known;
    let (first, last) = host.span();
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
    if options.is_aged(&host.newest_signatures) {
        notes.push(format!("its signatures are of {}: update debar there", host.newest_signatures));
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
    } else if host.trust != Trust::Unauthenticated {
        "a report made by a wrong clock, or without the host's certificate or a signature, proves nothing gone: scan again"
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
