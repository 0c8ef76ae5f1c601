//! The tables that people and spreadsheets get: status, hosts, findings, work list.

use std::collections::BTreeMap;
use std::io;

use super::assets::not_csv;
use super::next::{Step, cures, next_step};
use super::roll_up::{Fleet, HostView, Standing};
use super::store::Note;
use super::{DAY, Day, Options, ProductView, Time, day_of, stamp};
use crate::write::Table;
use crate::write::csv::original;

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

/// Why each host stands as it does, and what to do: a row for each product, gap and note. A clean host has none, unless
/// the user asked for it by name.
pub fn why(fleet: &Fleet, wanted: impl Fn(&HostView) -> bool, is_named: bool) -> Table {
    let mut rows = Vec::new();
    for view in fleet.hosts.iter().filter(|view| wanted(view)) {
        let step = next_step(view);
        let own = |step: Option<&Step>| step.map(|step| step.what.clone()).unwrap_or_default();
        let mut reasons: Vec<(String, String)> = Vec::new();
        for product in view.open() {
            let doubt = if product.confirmed { "" } else { ", not confirmed by the newest report" };
            let seen =
                format!("first seen {}, last seen {}", day_of(product.first_seen), day_of(product.last_seen));
            let due = fleet.due(view, product);
            let due = due.map(|due| format!("; {} due by {} ({})", due.what, due.day, due.rule));
            let due = due.unwrap_or_default();
            let reason = format!("{} {}: {seen}{doubt}{due}", product.id, product.state.word());
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
        if is_named && view.standing == Standing::Clean && reasons.is_empty() {
            let read = format!("nothing found, every place read: last report {}", day_of(view.last));
            reasons.push((read, String::new()));
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

/// The columns of a work list.
const WORKLIST: [&str; 15] = [
    "host",
    "task",
    "product",
    "name",
    "state",
    "first_seen",
    "last_seen",
    "days",
    "due",
    "rules",
    "site",
    "next",
    "command",
    "owner",
    "note",
];

/// What there is to do: each product on each host, and each host that does not tell. What people wrote into the columns
/// `owner` and `note` of an earlier list stays.
pub fn worklist(fleet: &Fleet, notes: &BTreeMap<String, Note>, options: Options) -> Table {
    let headers = WORKLIST.to_vec();
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
            let due = product.and_then(|product| fleet.due(view, product));
            let due = due.map(|due| format!("{} {}", due.day, due.what)).unwrap_or_default();
            rows.push(vec![
                view.host.name.clone(),
                task.to_owned(),
                id,
                known.name,
                product.map(|product| product.state.word().to_owned()).unwrap_or_default(),
                product.map(|product| when(product.first_seen)).unwrap_or_default(),
                when(view.last),
                days,
                due,
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
