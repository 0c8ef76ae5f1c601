//! Laws of a fleet: in any order of reports, doubled or not, beside reports of clones, what was found stays found until
//! its own host says otherwise; tables, export and dashboard say the same.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, UNIX_EPOCH};

use debar::fleet::{
    DAY, ExportFormat, Fleet, Intake, Options, ProductView, Standing, Status, Store, dashboard, day_of,
    export, findings, hosts, ingest, status,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{Root, scan};

/// 2026-06-01, when everything begins.
const BEGIN: i64 = 1_780_272_000;
/// Days of a history; a host is silent after more.
const DAYS: i64 = 20;
const HOW: Options = Options { now: BEGIN + (DAYS + 1) * DAY, stale_after: 60, signature_age: 0 };

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
    /// How many days it took to arrive.
    delay: i64,
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

/// The file of a report, written when it arrived.
fn write(folder: &Path, file: &str, machines: &[Machine], said: &Said) -> PathBuf {
    let machine = &machines[said.machine];
    let mut report = base(said.found).clone();
    let made = BEGIN + said.day * DAY + said.machine as i64;
    report["finished"] = json!(jiff::Timestamp::from_second(made + said.skew * DAY).unwrap().to_string());
    // No two scans are alike to the byte, not even those that a wrong clock dates alike: a copy would be the same report.
    report["duration_ms"] = json!(1_000 + said.day);
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
    let arrived = u64::try_from(made + said.delay * DAY).unwrap();
    let time = UNIX_EPOCH + Duration::from_secs(arrived);
    fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    path
}

fn taken(batches: &[Vec<PathBuf>], store: &Path) -> Fleet {
    let store = Store::open(store, true).unwrap();
    for batch in batches {
        let done = ingest(&store, batch, Intake { now: HOW.now, bound: false, keys: &[] }).unwrap();
        assert!(done.refused.is_empty(), "{:?}", done.refused);
    }
    let fleet = Fleet::of(&store, None, HOW).unwrap();
    assert_eq!(status(&store, None, HOW).unwrap(), Status::of(&fleet, HOW), "counted without keeping them");
    fleet
}

/// Everything that a table of hosts and one of findings say.
fn picture(fleet: &Fleet) -> Vec<Vec<String>> {
    let mut rows = hosts(fleet, |_| true).rows;
    rows.extend(findings(fleet, true).rows);
    rows.sort();
    rows
}

/// An export has every row of the tables.
fn same_in_the_export(fleet: &Fleet, folder: &Path) {
    let tables = [("hosts", hosts(fleet, |_| true)), ("findings", findings(fleet, true))];
    let named = [("hosts", &tables[0].1, "last_report"), ("findings", &tables[1].1, "last_seen")];
    export(folder, &named, ExportFormat::Ndjson).unwrap();
    for (name, table) in &tables {
        let mut exported: Vec<Vec<String>> = Vec::new();
        for day in fs::read_dir(folder.join(name)).into_iter().flatten() {
            let text = fs::read_to_string(day.unwrap().path().join("part-0.ndjson")).unwrap();
            exported.extend(text.lines().map(|line| {
                let row: Value = serde_json::from_str(line).unwrap();
                table.headers.iter().map(|header| row[header].as_str().unwrap().to_owned()).collect()
            }));
        }
        let mut rows = table.rows.clone();
        rows.sort();
        exported.sort();
        assert_eq!(exported, rows);
    }
}

/// A product with its state, when it was first and last seen, and how often it came back.
type Shown = (String, String, String, String, u64);

/// The dashboard's data says what the tables say.
fn same_on_the_dashboard(fleet: &Fleet) {
    let mut page = Vec::new();
    dashboard(fleet, &[], &BTreeMap::new(), HOW, &mut page).unwrap();
    let page = String::from_utf8(page).unwrap();
    let data = page.split("id=\"data\">").nth(1).unwrap().split("</script>").next().unwrap();
    let data: Value = serde_json::from_str(data).unwrap();
    let text = |at: &Value| {
        data["texts"][usize::try_from(at.as_u64().unwrap()).unwrap()].as_str().unwrap().to_owned()
    };
    let id = |at: &Value| {
        data["products"][usize::try_from(at.as_u64().unwrap()).unwrap()]["id"].as_str().unwrap().to_owned()
    };
    let on_page: BTreeSet<(String, String, Vec<Shown>)> = data["hosts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|host| {
            let standing = data["standings"][usize::try_from(host[1].as_u64().unwrap()).unwrap()].as_str();
            let shown = |product: &Value| {
                let [id, first, last] = [id(&product[0]), text(&product[2]), text(&product[3])];
                (id, text(&product[1]), first, last, product[6].as_u64().unwrap())
            };
            let products = host[3].as_array().unwrap().iter().map(shown).collect();
            (host[0].as_str().unwrap().to_owned(), standing.unwrap().to_owned(), products)
        })
        .collect();
    let shown = |product: &ProductView| {
        let (first, last) = (day_of(product.first_seen), day_of(product.last_seen));
        (product.id.clone(), product.state.word().to_owned(), first, last, u64::from(product.reappeared))
    };
    let in_table: BTreeSet<(String, String, Vec<Shown>)> = fleet
        .hosts
        .iter()
        .map(|view| {
            (view.host.name.clone(), view.standing.word().to_owned(), view.open().map(shown).collect())
        })
        .collect();
    assert_eq!(on_page, in_table);
    let found = fleet.hosts.iter().filter(|view| view.standing == Standing::Found).count();
    assert_eq!(Status::of(fleet, HOW).standings.get("found").copied().unwrap_or_default(), found);
}

fn machines() -> impl Strategy<Value = Vec<Machine>> {
    let machine = (prop::option::weighted(0.3, 1..DAYS), any::<bool>());
    prop::collection::vec(machine.prop_map(|(renamed, is_clone)| Machine { renamed, is_clone }), 1..4)
}

fn history(
    machines: usize,
    skews: &'static [i64],
    delays: &'static [i64],
) -> impl Strategy<Value = Vec<Said>> {
    let days = (0..DAYS, prop::sample::select(skews), prop::sample::select(delays));
    let said = (0..machines, days, any::<bool>(), prop::bool::weighted(0.7));
    let said = said.prop_map(|(machine, (day, skew, delay), found, whole)| {
        let delay = delay.min(DAYS - day);
        Said { machine, day, found, whole, skew, delay }
    });
    prop::collection::vec(said, 1..12).prop_map(|mut all| {
        // A machine says one thing a day.
        let mut seen = BTreeSet::new();
        all.retain(|said| seen.insert((said.machine, said.day)));
        all.sort_by_key(|said| said.day);
        all
    })
}

fn world(skews: &'static [i64], delays: &'static [i64]) -> impl Strategy<Value = (Vec<Machine>, Vec<Said>)> {
    machines().prop_flat_map(move |machines| {
        let count = machines.len();
        (Just(machines), history(count, skews, delays))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn the_order_in_which_reports_come_changes_nothing(
        (machines, history) in world(&[0, 0, 3, -400], &[0, 0, 1, 9]),
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
        same_in_the_export(&mixed, &folder.path().join("export"));
    }

    #[test]
    fn what_was_found_stays_until_its_own_machine_says_otherwise(
        (machines, history) in world(&[0, 0, 0, 3, -400], &[0]),
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
