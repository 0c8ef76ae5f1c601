//! The tables that people and spreadsheets get: status, hosts, findings, work list.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::assets::not_csv;
use super::next::{Step, cures, next_step};
use super::roll_up::{Fleet, HostView, Standing};
use super::store::Note;
use super::{Change, DAY, Day, Options, ProductView, Time, day_of, stamp};
use crate::model::State;
use crate::write::Table;
use crate::write::csv::original;

/// Rules that the status shows for people, those that bind on most hosts first.
const RULES: usize = 5;
/// Hosts that a line of the status names.
const NAMED: usize = 10;

/// A time in a table; nothing for none.
fn when(time: Time) -> String {
    if time == 0 { String::new() } else { stamp(time) }
}

/// The hosts, gravest first, as far as they are wanted.
pub fn hosts(fleet: &Fleet, wanted: impl Fn(&HostView) -> bool) -> Table {
    let headers = vec![
        "host",
        "standing",
        "state",
        "products",
        "first_report",
        "last_report",
        "reports",
        "os",
        "domain",
        "site",
        "owner",
        "machine_id",
        "debar",
        "signatures",
        "gaps",
        "notes",
        "also_here",
        "possible",
        "skipped",
        "trust",
    ];
    let wanted = fleet.hosts.iter().filter(|view| wanted(view));
    let row = |view: &HostView| {
        let products: Vec<&str> = view.open().map(|product| product.id.as_str()).collect();
        let asset = view.asset.clone().unwrap_or_default();
        let host = &view.host;
        vec![
            host.name.clone(),
            view.standing.word().to_owned(),
            view.state().map(|state| state.word().to_owned()).unwrap_or_default(),
            products.join(" "),
            when(view.first),
            when(view.last),
            host.reports.to_string(),
            host.os.clone(),
            host.domain.clone().unwrap_or_default(),
            asset.site,
            asset.owner,
            host.machine.clone().unwrap_or_default(),
            host.debar.clone(),
            host.signatures.clone(),
            host.gaps.join(" "),
            view.notes.join("; "),
            host.also_here.join(" "),
            host.possible.join(" "),
            host.skipped.join(" "),
            if host.reports == 0 { String::new() } else { host.trust.word().to_owned() },
        ]
    };
    Table { headers, rows: wanted.map(row).collect() }
}

/// Why each host stands as it does, and what to do: a row for each product, gap and note.
pub fn why(fleet: &Fleet, wanted: impl Fn(&HostView) -> bool) -> Table {
    let mut rows = Vec::new();
    for view in fleet.hosts.iter().filter(|view| wanted(view)) {
        let step = next_step(view);
        let own = |step: Option<&Step>| step.map(|step| step.what.clone()).unwrap_or_default();
        let mut reasons: Vec<(String, String)> = Vec::new();
        for product in view.open() {
            let doubt = if product.confirmed { "" } else { ", not confirmed by the newest report" };
            let seen =
                format!("first seen {}, last seen {}", day_of(product.first_seen), day_of(product.last_seen));
            let reason = format!("{} {}: {seen}{doubt}", product.id, product.state.word());
            reasons.push((reason, own(step.as_ref())));
        }
        match view.standing {
            Standing::NeverReported => reasons.push(("never reported".to_owned(), own(step.as_ref()))),
            Standing::Stale => {
                reasons.push((format!("last report {}", day_of(view.last)), own(step.as_ref())))
            }
            _ => {}
        }
        for cure in cures(view) {
            let what = if cure.kind.limited().is_some() { "a detail was not read" } else { "not read" };
            reasons.push((
                format!("{what} ({}): {}", cure.kind.word(), cure.kind.about()),
                cure.remedy.to_owned(),
            ));
        }
        reasons.extend(view.notes.iter().map(|note| (note.clone(), String::new())));
        for (at, (reason, cure)) in reasons.into_iter().enumerate() {
            let command =
                step.as_ref().filter(|_| at == 0).map(|step| step.command.clone()).unwrap_or_default();
            rows.push(vec![view.host.name.clone(), view.standing.word().to_owned(), reason, cure, command]);
        }
    }
    Table { headers: vec!["host", "standing", "why", "cure", "command"], rows }
}

/// Every product on every host, gone ones too if asked.
pub fn findings(fleet: &Fleet, gone_too: bool) -> Table {
    let headers = vec![
        "host",
        "product",
        "name",
        "vendor",
        "state",
        "status",
        "first_seen",
        "last_seen",
        "gone",
        "reappeared",
        "rules",
        "site",
    ];
    let mut rows = Vec::new();
    for view in &fleet.hosts {
        for product in view.products.iter().filter(|product| gone_too || product.gone.is_none()) {
            let known = fleet.product(&product.id);
            rows.push(vec![
                view.host.name.clone(),
                product.id.clone(),
                known.name,
                known.vendor,
                product.state.word().to_owned(),
                status_of(product).to_owned(),
                when(product.first_seen),
                when(product.last_seen),
                product.gone.map(when).unwrap_or_default(),
                product.reappeared.to_string(),
                known.rules.join(" "),
                view.asset.clone().unwrap_or_default().site,
            ]);
        }
    }
    Table { headers, rows }
}

/// Whether a product is there: seen by the newest report, not seen by one that could not look everywhere, or gone.
pub(super) fn status_of(product: &ProductView) -> &'static str {
    match (product.gone, product.confirmed) {
        (Some(_), _) => "gone",
        (None, true) => "present",
        (None, false) => "unconfirmed",
    }
}

/// What there is to do: each product on each host, and each host that does not tell. What people wrote into the columns
/// `owner` and `note` of an earlier list stays.
pub fn worklist(fleet: &Fleet, notes: &BTreeMap<String, Note>, options: Options) -> Table {
    let headers = vec![
        "host",
        "task",
        "product",
        "name",
        "state",
        "first_seen",
        "last_seen",
        "days",
        "rules",
        "site",
        "next",
        "command",
        "owner",
        "note",
    ];
    let mut rows = Vec::new();
    for view in &fleet.hosts {
        let asset = view.asset.clone().unwrap_or_default();
        let step = next_step(view);
        let mut row = |task: &str, product: Option<&ProductView>, since: Time| {
            let id = product.map(|product| product.id.clone()).unwrap_or_default();
            let known = fleet.product(&id);
            let note = notes.get(&note_key(&view.host.name, &id)).cloned().unwrap_or_default();
            let owner = if note.owner.is_empty() { asset.owner.clone() } else { note.owner };
            let days =
                if since == 0 { String::new() } else { ((options.now - since) / DAY).max(0).to_string() };
            rows.push(vec![
                view.host.name.clone(),
                task.to_owned(),
                id,
                known.name,
                product.map(|product| product.state.word().to_owned()).unwrap_or_default(),
                product.map(|product| when(product.first_seen)).unwrap_or_default(),
                when(view.last),
                days,
                known.rules.join(" "),
                asset.site.clone(),
                step.as_ref().map(|step| step.what.clone()).unwrap_or_default(),
                step.as_ref().map(|step| step.command.clone()).unwrap_or_default(),
                owner,
                note.note,
            ]);
        };
        match view.standing {
            Standing::Found => {
                for product in view.open() {
                    let task = if product.confirmed { "remove" } else { "look again" };
                    row(task, Some(product), product.first_seen);
                }
            }
            Standing::NeverReported => row("install debar", None, 0),
            Standing::Stale => row("make it report", None, view.last),
            Standing::Incomplete => row("let debar read everything", None, view.last),
            Standing::Clean => {}
        }
    }
    Table { headers, rows }
}

/// What a note is kept under.
fn note_key(host: &str, product: &str) -> String {
    format!("{}\0{product}", host.to_lowercase())
}

/// What people wrote into the columns `owner` and `note` of a work list.
///
/// # Errors
/// When it is no work list.
pub fn notes_of(list: impl io::Read) -> Result<BTreeMap<String, Note>, String> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(list);
    let headers = reader.headers().map_err(|error| not_csv(&error))?.clone();
    let column = |name: &str| headers.iter().position(|header| header.trim_start_matches('\u{feff}') == name);
    let (Some(host), Some(product), Some(owner)) = (column("host"), column("product"), column("owner"))
    else {
        return Err("it has no columns `host`, `product` and `owner`: it is no work list".to_owned());
    };
    let note = column("note");
    let mut notes = BTreeMap::new();
    for record in reader.records() {
        let record = record.map_err(|error| not_csv(&error))?;
        let cell = |at: usize| {
            let cell = record.get(at).unwrap_or_default();
            // As it was before it was made harmless.
            original(cell).trim().to_owned()
        };
        let written = Note { owner: cell(owner), note: note.map(cell).unwrap_or_default() };
        notes.insert(note_key(&cell(host), &cell(product)), written);
    }
    Ok(notes)
}

/// How the fleet stands.
pub fn status(fleet: &Fleet) -> Status {
    let mut status = Status { hosts: fleet.hosts.len(), ..Status::default() };
    let mut rules: BTreeMap<String, usize> = BTreeMap::new();
    let mut products: BTreeMap<&str, ProductCounts> = BTreeMap::new();
    for view in &fleet.hosts {
        *status.standings.entry(view.standing.word()).or_default() += 1;
        if !view.host.signatures.is_empty() {
            *status.signatures.entry(view.host.signatures.clone()).or_default() += 1;
        }
        status.notes += usize::from(!view.notes.is_empty());
        match &view.change {
            Some(Change::Merged(text)) => status.renamed.push(text.clone()),
            Some(Change::Split(text)) => status.cloned.push(text.clone()),
            Some(Change::Unconfirmed(text)) => status.unconfirmed.push(text.clone()),
            None => {}
        }
        status.possible += usize::from(!view.host.possible.is_empty());
        status.skipped += usize::from(!view.host.skipped.is_empty());
        for id in &view.host.also_here {
            *status.also_here.entry(id.clone()).or_default() += 1;
        }
        let mut spoken: BTreeSet<&str> = BTreeSet::new();
        for product in &view.products {
            let counts = products.entry(&product.id).or_default();
            match (product.gone, product.state) {
                (Some(_), _) => counts.gone += 1,
                (None, State::Running) => counts.running += 1,
                (None, state) if state > State::Remnant => counts.installed += 1,
                (None, _) => counts.remnant += 1,
            }
            counts.reappeared += usize::from(product.gone.is_none() && product.reappeared > 0);
            if product.gone.is_none()
                && let Some(known) = fleet.products.get(&product.id)
            {
                spoken.extend(known.rules.iter().map(String::as_str));
            }
        }
        for rule in spoken {
            *rules.entry(rule.to_owned()).or_default() += 1;
        }
    }
    status.products = products.into_iter().map(|(id, counts)| (id.to_owned(), counts)).collect();
    status.rules = rules;
    status
}

/// How a fleet stands, in numbers of hosts.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Status {
    /// All.
    pub hosts: usize,
    /// By standing.
    pub standings: BTreeMap<&'static str, usize>,
    /// By product.
    pub products: BTreeMap<String, ProductCounts>,
    /// By rule that speaks against something there.
    pub rules: BTreeMap<String, usize>,
    /// By the date of their signatures.
    pub signatures: BTreeMap<String, usize>,
    /// Products that are restricted only for some organisations.
    pub also_here: BTreeMap<String, usize>,
    /// Those with possible traces.
    pub possible: usize,
    /// Those whose newest report skipped places on purpose.
    pub skipped: usize,
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct ProductCounts {
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

impl Status {
    /// Writes it for people.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let counts: Vec<String> = Standing::ALL
            .iter()
            .filter_map(|standing| {
                let count = self.standings.get(standing.word())?;
                Some(format!("{count} {}", standing.word().replace('_', " ")))
            })
            .collect();
        writeln!(out, "{} hosts: {}", self.hosts, counts.join(", "))?;
        if !self.products.is_empty() {
            writeln!(out)?;
            self.product_table().text(out)?;
        }
        if !self.rules.is_empty() {
            writeln!(out)?;
            let mut rules: Vec<(&String, &usize)> = self.rules.iter().collect();
            rules.sort_by(|one, other| other.1.cmp(one.1).then(one.0.cmp(other.0)));
            let rows = rules.iter().take(RULES).map(|(rule, hosts)| vec![(*rule).clone(), hosts.to_string()]);
            Table { headers: vec!["rule", "hosts"], rows: rows.collect() }.text(out)?;
            if rules.len() > RULES {
                writeln!(out, "{} more rules: -o json", rules.len() - RULES)?;
            }
        }
        if let Some((oldest, hosts)) = self.signatures.iter().next().filter(|_| self.signatures.len() > 1) {
            writeln!(out, "\n{hosts} hosts have signatures of {oldest}, the oldest")?;
        }
        if !self.also_here.is_empty() {
            let restricted: Vec<String> =
                self.also_here.iter().map(|(id, hosts)| format!("{id} {hosts}")).collect();
            writeln!(out, "\nRestricted only for some organisations: {}", restricted.join(", "))?;
        }
        if self.possible > 0 {
            writeln!(out, "\nHosts with possible traces: {}", self.possible)?;
        }
        if self.skipped > 0 {
            writeln!(out, "\nHosts whose scan skipped places: {} (debar fleet hosts)", self.skipped)?;
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
                let line = format!("{title}: {}{more}", named.join("; "));
                writeln!(out, "\n{}", crate::text::escape::line(&line))?;
            }
        }
        if self.notes > 0 {
            writeln!(out, "\n{} hosts have notes: debar fleet hosts", self.notes)?;
        }
        if self.standings.keys().any(|standing| *standing != Standing::Clean.word()) {
            writeln!(out, "\nNext: debar fleet worklist -o csv=todo.csv; debar fleet hosts --why")?;
        }
        Ok(())
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

/// A trend as a table.
pub fn days(days: &[Day]) -> Table {
    let mut headers = vec!["day"];
    headers.extend(days.first().into_iter().flat_map(|day| day.counts()).map(|(word, _)| word));
    let rows = days.iter().map(|day| {
        let counts = day.counts().map(|(_, count)| count.to_string());
        std::iter::once(day.day.clone()).chain(counts).collect()
    });
    Table { headers, rows: rows.collect() }
}

/// The day that a row of a table is of, by its column; `none` without a time.
pub(super) fn day_in(row: &[String], column: usize) -> String {
    let time: Option<jiff::Timestamp> = row.get(column).and_then(|cell| cell.parse().ok());
    time.map_or_else(|| "none".to_owned(), |time| day_of(time.as_second()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_begin_no_formula_and_notes_come_back_as_they_were() {
        let table = Table {
            headers: vec!["host", "product", "owner", "note"],
            rows: vec![vec!["=cmd()".into(), "v/p".into(), "Ann \"A\", x".into(), "-later".into()]],
        };
        let mut csv = Vec::new();
        table.csv(&mut csv).unwrap();
        assert!(csv.windows(7).any(|window| window == b"'=cmd()"));
        let notes = notes_of(csv.as_slice()).unwrap();
        let expected = Note { owner: "Ann \"A\", x".to_owned(), note: "-later".to_owned() };
        assert_eq!(notes.into_iter().collect::<Vec<_>>(), [("=cmd()\0v/p".to_owned(), expected)]);
        assert!(notes_of("a,b\n".as_bytes()).is_err());
    }
}
