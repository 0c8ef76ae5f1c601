//! Laws of a fleet: in any order of reports, doubled or not, beside reports of clones, what was found stays found until
//! its own host says otherwise; tables, export and dashboard say the same.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, UNIX_EPOCH};

use debar::fleet::{
    DAY, Fleet, Intake, Options, Standing, Store, dashboard, findings, hosts, ingest, status,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{Root, scan};

/// 2026-06-01, when everything begins.
const BEGIN: i64 = 1_780_272_000;
/// Days of a history; a host is silent after more.
const DAYS: i64 = 20;
const HOW: Options = Options { now: BEGIN + (DAYS + 1) * DAY, stale_after: 60 };

/// A machine: what it calls itself before and after a day, the machine id that clones share, and its own serial number.
#[derive(Debug, Clone)]
struct Machine {
    renamed: Option<i64>,
    is_clone: bool,
}

/// What a machine says on a day.
#[derive(Debug, Clone)]
struct Said {
    machine: usize,
    day: i64,
    found: bool,
    whole: bool,
    /// How wrong its clock is, in days: so much that it shows.
    skew: i64,
}

fn base(found: bool) -> &'static Value {
    static BASE: OnceLock<(Value, Value)> = OnceLock::new();
    let (clean, dirty) = BASE
        .get_or_init(|| (scan(&Root::debian(&[]), &[]).1, scan(&Root::debian(&[("kesl", "12.1")]), &[]).1));
    if found { dirty } else { clean }
}

fn name(at: usize, machine: &Machine, day: i64) -> String {
    let is_new = machine.renamed.is_some_and(|from| day >= from);
    format!("pc-{at}{}", if is_new { "-new" } else { "" })
}

/// The file of a report, written when it was made.
fn write(folder: &Path, file: &str, machines: &[Machine], said: &Said) -> PathBuf {
    let machine = &machines[said.machine];
    let mut report = base(said.found).clone();
    let made = BEGIN + said.day * DAY + said.machine as i64;
    report["finished"] = json!(jiff::Timestamp::from_second(made + said.skew * DAY).unwrap().to_string());
    let target = &mut report["target"];
    target["kind"] = json!("host");
    target["host"] = json!(name(said.machine, machine, said.day));
    let id = if machine.is_clone { "golden image".to_owned() } else { format!("machine {}", said.machine) };
    target["machine_id"] = json!(id);
    target["serial"] = json!(format!("SN-{:04}", said.machine + 7_000));
    for file in report["versions"]["signatures"].as_array_mut().unwrap() {
        file["date"] = json!("2026-05-01");
    }
    if !said.whole {
        let gap = json!({"kind": "denied", "collector": "processes", "place": "/proc", "detail": "no"});
        report["gaps"] = json!([gap]);
        if !said.found {
            report["verdict"] = json!("incomplete");
        }
    }
    let path = folder.join(file);
    fs::write(&path, report.to_string()).unwrap();
    let time = UNIX_EPOCH + Duration::from_secs(u64::try_from(made).unwrap());
    fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    path
}

fn taken(batches: &[Vec<PathBuf>], store: &Path) -> Fleet {
    let store = Store::open(store, true).unwrap();
    for batch in batches {
        let done = ingest(&store, batch, Intake { now: HOW.now, bound: false }).unwrap();
        assert!(done.refused.is_empty(), "{:?}", done.refused);
    }
    Fleet::of(&store, None, HOW).unwrap()
}

/// Everything that a table of hosts and one of findings say, but for when a product was gone and how often it came back:
/// runs keep their first and last report only, so a late report in the middle of one leaves that open.
fn picture(fleet: &Fleet) -> Vec<Vec<String>> {
    let mut rows = hosts(fleet, |_| true).rows;
    let table = findings(fleet, true);
    let gone = table.headers.iter().position(|header| *header == "gone").unwrap();
    let returns = table.headers.iter().position(|header| *header == "reappeared").unwrap();
    rows.extend(table.rows.into_iter().map(|mut row| {
        if !row[gone].is_empty() {
            row[gone] = "yes".to_owned();
        }
        row[returns].clear();
        row
    }));
    rows.sort();
    rows
}

/// The dashboard's data says what the tables say.
fn same_on_the_dashboard(fleet: &Fleet) {
    let mut page = Vec::new();
    dashboard(fleet, &[], &BTreeMap::new(), HOW, &mut page).unwrap();
    let page = String::from_utf8(page).unwrap();
    let data = page.split("id=\"data\">").nth(1).unwrap().split("</script>").next().unwrap();
    let data: Value = serde_json::from_str(data).unwrap();
    let on_page: BTreeSet<(String, String, usize)> = data["hosts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|host| {
            let standing = data["standings"][usize::try_from(host[1].as_u64().unwrap()).unwrap()].as_str();
            let products = host[3].as_array().unwrap().len();
            (host[0].as_str().unwrap().to_owned(), standing.unwrap().to_owned(), products)
        })
        .collect();
    let in_table: BTreeSet<(String, String, usize)> = fleet
        .hosts
        .iter()
        .map(|view| (view.host.name.clone(), view.standing.word().to_owned(), view.open().count()))
        .collect();
    assert_eq!(on_page, in_table);
    let found = fleet.hosts.iter().filter(|view| view.standing == Standing::Found).count();
    assert_eq!(status(fleet).standings.get("found").copied().unwrap_or_default(), found);
}

fn machines() -> impl Strategy<Value = Vec<Machine>> {
    let machine = (prop::option::weighted(0.3, 1..DAYS), any::<bool>());
    prop::collection::vec(machine.prop_map(|(renamed, is_clone)| Machine { renamed, is_clone }), 1..4)
}

fn history(machines: usize, skews: &'static [i64]) -> impl Strategy<Value = Vec<Said>> {
    let said = (0..machines, 0..DAYS, any::<bool>(), prop::bool::weighted(0.7), prop::sample::select(skews));
    let said = said.prop_map(|(machine, day, found, whole, skew)| Said { machine, day, found, whole, skew });
    prop::collection::vec(said, 1..12).prop_map(|mut all| {
        // A machine says one thing a day.
        let mut seen = BTreeSet::new();
        all.retain(|said| seen.insert((said.machine, said.day)));
        all.sort_by_key(|said| said.day);
        all
    })
}

fn world(skews: &'static [i64]) -> impl Strategy<Value = (Vec<Machine>, Vec<Said>)> {
    machines().prop_flat_map(move |machines| {
        let count = machines.len();
        (Just(machines), history(count, skews))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_order_in_which_reports_come_changes_nothing(
        (machines, history) in world(&[0]),
        order in any::<prop::sample::Index>(),
        parts in 1_usize..4,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let files: Vec<PathBuf> = history
            .iter()
            .enumerate()
            .map(|(at, said)| write(folder.path(), &format!("{at:03}.json"), &machines, said))
            .collect();
        let straight = taken(std::slice::from_ref(&files), &folder.path().join("straight.db"));
        // Turned around, in parts, and each part twice.
        let mut mixed = files.clone();
        mixed.reverse();
        let turn = order.index(mixed.len());
        mixed.rotate_left(turn);
        let batches: Vec<Vec<PathBuf>> =
            mixed.chunks(mixed.len().div_ceil(parts)).flat_map(|part| [part.to_vec(), part.to_vec()]).collect();
        let mixed = taken(&batches, &folder.path().join("mixed.db"));
        prop_assert_eq!(picture(&straight), picture(&mixed));
        same_on_the_dashboard(&straight);
    }

    #[test]
    fn what_was_found_stays_until_its_own_machine_says_otherwise(
        (machines, history) in world(&[0, 0, 0, 3, -400]),
        order in any::<prop::sample::Index>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let mut files: Vec<PathBuf> = history
            .iter()
            .enumerate()
            .map(|(at, said)| write(folder.path(), &format!("{at:03}.json"), &machines, said))
            .collect();
        let turn = order.index(files.len());
        files.rotate_left(turn);
        let fleet = taken(&[files], &folder.path().join("store.db"));
        same_on_the_dashboard(&fleet);
        for (at, machine) in machines.iter().enumerate() {
            let own: Vec<&Said> = history.iter().filter(|said| said.machine == at).collect();
            let Some(last) = own.iter().rposition(|said| said.found) else { continue };
            // Only a whole report with a right clock, made later, clears.
            if own[last + 1..].iter().any(|said| said.whole && said.skew == 0) {
                continue;
            }
            let names: BTreeSet<String> = own.iter().map(|said| name(at, machine, said.day)).collect();
            let is_there = fleet.hosts.iter().any(|view| {
                (names.contains(&view.host.name)) && view.open().next().is_some()
            });
            prop_assert!(is_there, "machine {} lost its finding: {:?}", at, picture(&fleet));
        }
    }
}
