//! How the fleet stands, in numbers of hosts.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::assets::Assets;
use super::next::number;
use super::roll_up::{Fleet, HostView, Standing, each_view};
use super::store::{Store, StoreError};
use super::{Change, DAY, Options, ProductView, day_of};
use crate::model::State;
use crate::text::escape::line;
use crate::write::Table;
use crate::write::style::wrapped;

/// Products that a line of the status names, those of most hosts first.
const PRODUCTS: usize = 5;
/// Hosts that a line of the status names.
const NAMED: usize = 10;

/// How a fleet stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Status {
    /// The day (UTC).
    pub as_of: String,
    /// Days without a report after which a host is silent.
    pub stale_after: u32,
    /// All.
    pub hosts: usize,
    /// By standing.
    pub standings: BTreeMap<&'static str, usize>,
    /// Those where something was found, by its gravest state.
    pub states: BTreeMap<&'static str, usize>,
    /// Those that are incomplete, by kind of gap.
    pub gaps: BTreeMap<String, usize>,
    /// By product.
    pub products: BTreeMap<String, ProductCounts>,
    /// By rule that speaks against something there.
    pub rules: BTreeMap<String, usize>,
    /// What changed in the last 24 hours.
    pub changes: Changes,
    /// What must be reported, where a rule asks for that.
    pub due: Duties,
    /// By the date of their signatures.
    pub signatures: BTreeMap<String, usize>,
    /// Those whose signatures are too old.
    pub aged: usize,
    /// Products that are restricted only for some organisations.
    pub also_here: BTreeMap<String, usize>,
    /// Those with possible traces.
    pub possible: usize,
    /// Those whose newest report skipped places on purpose.
    pub skipped: usize,
    /// By what vouches for their reports.
    pub trust: BTreeMap<&'static str, usize>,
    /// Those with something to know of them: renamed, cloned, with a wrong clock, not on the list.
    pub notes: usize,
    /// Hosts that had other names before.
    pub renamed: Vec<String>,
    /// Hosts that have the machine id of another one.
    pub cloned: Vec<String>,
    /// Hosts that were renamed or are clones: nobody can know yet.
    pub unconfirmed: Vec<String>,
}

/// On how many hosts a product is.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct ProductCounts {
    /// Its name.
    pub name: String,
    /// Where it runs.
    pub running: usize,
    /// Where it is installed, switched off, embedded or kept as a setup.
    pub installed: usize,
    /// Where it left something.
    pub remnant: usize,
    /// Where it was.
    pub gone: usize,
    /// Where it is again after it was gone.
    pub reappeared: usize,
}

impl ProductCounts {
    /// Where it is.
    fn there(&self) -> usize {
        self.running + self.installed + self.remnant
    }
}

/// Products on hosts, in the last 24 hours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Changes {
    /// Seen for the first time.
    pub found: usize,
    /// Gone.
    pub gone: usize,
    /// Back after they were gone.
    pub reappeared: usize,
}

/// What must be reported.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Duties {
    /// Hosts with a finding to report.
    pub hosts: usize,
    /// Those whose last day is over.
    pub overdue: usize,
    /// The next last day that is still to come.
    pub next: Option<String>,
}

/// How the fleet stands. Hosts are counted one after the other; they are not kept.
///
/// # Errors
/// When the store cannot be read.
pub fn status(store: &Store, assets: Option<&Assets>, options: Options) -> Result<Status, StoreError> {
    let fleet = Fleet::without_hosts(store, assets)?;
    let mut status = Status::on(options);
    each_view(store, assets, options, &mut |view| status.count(&fleet, &view, options))?;
    Ok(status.ordered())
}

impl Status {
    /// How a fleet stands whose hosts are at hand.
    pub fn of(fleet: &Fleet, options: Options) -> Self {
        let mut status = Status::on(options);
        fleet.hosts.iter().for_each(|view| status.count(fleet, view, options));
        status.ordered()
    }

    /// With its hosts by name: the store has an order of its own.
    fn ordered(mut self) -> Self {
        for hosts in [&mut self.renamed, &mut self.cloned, &mut self.unconfirmed] {
            hosts.sort();
        }
        self
    }

    fn on(options: Options) -> Self {
        Status { as_of: day_of(options.now), stale_after: options.stale_after, ..Status::default() }
    }

    fn count(&mut self, fleet: &Fleet, view: &HostView, options: Options) {
        self.hosts += 1;
        *self.standings.entry(view.standing.word()).or_default() += 1;
        if let Some(state) = view.state() {
            *self.states.entry(state.word()).or_default() += 1;
        }
        if view.standing == Standing::Incomplete {
            for kind in &view.host.gaps {
                *self.gaps.entry(kind.clone()).or_default() += 1;
            }
        }
        if !view.host.signatures.is_empty() {
            *self.signatures.entry(view.host.signatures.clone()).or_default() += 1;
        }
        if view.host.reports > 0 {
            *self.trust.entry(view.host.trust.word()).or_default() += 1;
        }
        self.aged += usize::from(options.is_aged(&view.host.newest_signatures));
        self.notes += usize::from(!view.notes.is_empty());
        match &view.change {
            Some(Change::Merged(text)) => self.renamed.push(text.clone()),
            Some(Change::Split(text)) => self.cloned.push(text.clone()),
            Some(Change::Unconfirmed(text)) => self.unconfirmed.push(text.clone()),
            None => {}
        }
        self.possible += usize::from(!view.host.possible.is_empty());
        self.skipped += usize::from(!view.host.skipped.is_empty());
        for id in &view.host.also_here {
            *self.also_here.entry(id.clone()).or_default() += 1;
        }
        let mut spoken: BTreeSet<&str> = BTreeSet::new();
        let mut due = None;
        for product in &view.products {
            self.count_product(fleet, product, options);
            if product.gone.is_some() {
                continue;
            }
            if let Some(known) = fleet.products.get(&product.id) {
                spoken.extend(known.rules.iter().map(String::as_str));
            }
            due = due.into_iter().chain(fleet.due(view, product).map(|due| due.day)).min();
        }
        for rule in spoken {
            *self.rules.entry(rule.to_owned()).or_default() += 1;
        }
        if let Some(day) = due {
            self.due.hosts += 1;
            if day < self.as_of {
                self.due.overdue += 1;
            } else {
                self.due.next = self.due.next.take().into_iter().chain([day]).min();
            }
        }
    }

    fn count_product(&mut self, fleet: &Fleet, product: &ProductView, options: Options) {
        let counts = self.products.entry(product.id.clone()).or_insert_with(|| ProductCounts {
            name: fleet.product(&product.id).name,
            ..ProductCounts::default()
        });
        match (product.gone, product.state) {
            (Some(_), _) => counts.gone += 1,
            (None, State::Running) => counts.running += 1,
            (None, state) if state > State::Remnant => counts.installed += 1,
            (None, _) => counts.remnant += 1,
        }
        counts.reappeared += usize::from(product.gone.is_none() && product.reappeared > 0);
        let yesterday = options.now - DAY;
        match product.gone {
            Some(gone) => self.changes.gone += usize::from(gone > yesterday),
            None if product.since <= yesterday => {}
            None if product.reappeared > 0 => self.changes.reappeared += 1,
            None => self.changes.found += 1,
        }
    }

    /// Writes it for people, no wider than a terminal where that can be. `list` is the name of the list of assets.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn text(&self, list: Option<&str>, width: usize, out: &mut dyn Write) -> io::Result<()> {
        let whose = list.map_or_else(String::new, |list| format!(" (list: {list})"));
        let head = format!("Fleet on {}: {}{whose}", self.as_of, hosts(self.hosts));
        let lines = self.lines().into_iter().map(|(title, count, detail)| {
            let detail = if detail.is_empty() { String::new() } else { format!("   {detail}") };
            (format!("  {title:<12} {:>9}{}", number(count), line(&detail)), usize::MAX)
        });
        let width = width.saturating_sub(2).max(40);
        let sentences = self.sentences().into_iter().map(|text| (text, width));
        for (text, width) in std::iter::once((head, width)).chain(lines).chain(sentences) {
            if width == usize::MAX {
                writeln!(out, "{text}")?;
                continue;
            }
            for (at, text) in wrapped(&line(&text), width).iter().enumerate() {
                writeln!(out, "{}{text}", if at > 0 { "  " } else { "" })?;
            }
        }
        Ok(())
    }

    /// The lines of the status: what, on how many hosts, and what that is made of.
    fn lines(&self) -> Vec<(&'static str, usize, String)> {
        let of = |standing: Standing| self.standings.get(standing.word()).copied().unwrap_or_default();
        let (never, silent) = (of(Standing::NeverReported), of(Standing::Stale));
        let states = State::ALL.iter().rev().filter_map(|state| {
            let count = self.states.get(state.word())?;
            let word = if *state == State::Remnant { "leftover" } else { state.word() };
            Some(format!("{} {}", word.replace('-', " "), number(*count)))
        });
        let mut gaps: Vec<(&String, &usize)> = self.gaps.iter().collect();
        gaps.sort_by(|one, other| other.1.cmp(one.1).then(one.0.cmp(other.0)));
        let gaps: Vec<String> = gaps
            .iter()
            .take(3)
            .map(|(kind, count)| format!("{} {}", number(**count), kind.replace('_', " ")))
            .collect();
        let mut quiet = Vec::new();
        if never > 0 {
            quiet.push(format!("never {}", number(never)));
        }
        if silent > 0 {
            quiet.push(format!("silent for over {} days {}", self.stale_after, number(silent)));
        }
        vec![
            ("Found", of(Standing::Found), states.collect::<Vec<_>>().join(", ")),
            ("Not reported", never + silent, quiet.join(", ")),
            ("Incomplete", of(Standing::Incomplete), gaps.join(", ")),
            ("Clean", of(Standing::Clean), String::new()),
        ]
    }

    /// The products that are on most hosts.
    fn most(&self) -> Option<String> {
        let mut most: Vec<&ProductCounts> =
            self.products.values().filter(|counts| counts.there() > 0).collect();
        most.sort_by(|one, other| other.there().cmp(&one.there()).then(one.name.cmp(&other.name)));
        let named: Vec<String> = most
            .iter()
            .take(PRODUCTS)
            .map(|counts| format!("{} {}", counts.name, number(counts.there())))
            .collect();
        let more = most.len().saturating_sub(PRODUCTS);
        let more = if more > 0 { format!(", {more} more products") } else { String::new() };
        (!named.is_empty()).then(|| format!("Most: {}{more}", named.join(", ")))
    }

    fn sentences(&self) -> Vec<String> {
        let mut all: Vec<String> = self.most().into_iter().collect();
        let Changes { found, gone, reappeared } = self.changes;
        if found + gone + reappeared > 0 {
            all.push(format!(
                "In the last 24 hours: {} found, {} gone, {} came back",
                number(found),
                number(gone),
                number(reappeared)
            ));
        }
        if self.due.hosts > 0 {
            let next = self.due.next.as_ref().map_or_else(String::new, |day| format!(", next by {day}"));
            all.push(format!(
                "To report: findings on {}, {} overdue{next}",
                hosts(self.due.hosts),
                number(self.due.overdue)
            ));
        }
        if self.aged > 0 {
            let oldest = self.signatures.keys().next().map_or("", String::as_str);
            all.push(format!(
                "Old signatures: {}, the oldest of {oldest}; update debar there",
                hosts(self.aged)
            ));
        }
        if !self.also_here.is_empty() {
            let ids: Vec<String> = self.also_here.iter().map(|(id, count)| format!("{id} {count}")).collect();
            all.push(format!("Restricted only for some organisations: {}", ids.join(", ")));
        }
        if self.possible > 0 {
            all.push(format!("Possible traces: {}", hosts(self.possible)));
        }
        if self.skipped > 0 {
            all.push(format!("Scans that skipped places: {} (debar fleet hosts)", hosts(self.skipped)));
        }
        for (title, hosts) in [
            ("Renamed, counted as one host", &self.renamed),
            ("Cloned disks, counted apart", &self.cloned),
            ("Renamed or cloned, counted apart until that is clear", &self.unconfirmed),
        ] {
            if !hosts.is_empty() {
                let more = hosts.len().saturating_sub(NAMED);
                let named: Vec<&str> = hosts.iter().map(String::as_str).take(NAMED).collect();
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                all.push(format!("{title}: {}{more}", named.join("; ")));
            }
        }
        if self.notes > 0 {
            all.push(format!("Notes: {} (debar fleet hosts --why)", hosts(self.notes)));
        }
        if self.standings.keys().any(|standing| *standing != Standing::Clean.word()) {
            all.push("Next: debar fleet worklist -o todo.csv; debar fleet hosts --why".to_owned());
        }
        all
    }

    /// The products as a table.
    pub fn product_table(&self) -> Table {
        let rows = self.products.iter().map(|(id, counts)| {
            let numbers = [counts.running, counts.installed, counts.remnant, counts.gone, counts.reappeared];
            std::iter::once(id.clone()).chain(numbers.map(|number| number.to_string())).collect()
        });
        let headers = vec!["product", "running", "installed", "remnant", "gone", "reappeared"];
        Table { headers, rows: rows.collect() }
    }
}

fn hosts(count: usize) -> String {
    if count == 1 { "1 host".to_owned() } else { format!("{} hosts", number(count)) }
}
