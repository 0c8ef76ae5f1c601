//! `debar fleet`, with reports that the built binary made.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::fs;

use crate::support::fleet::{Fleet, report};
use crate::support::{Root, debar, run};
use serde_json::{Value, json};

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

#[test]
fn every_good_report_is_taken_once_and_every_bad_one_is_named() {
    let fleet = Fleet::new();
    let found = report(&fleet.found, "bad-pc", 0);
    fleet.put("a.json", &found).put("b.json", &report(&fleet.clean, "good-pc", 0));
    let text = found.to_string();
    fs::write(fleet.path("in/cut.json"), &text[..text.len() / 2]).unwrap();
    fs::write(fleet.path("in/empty.json"), "").unwrap();
    fs::write(fleet.path("in/notes.txt"), "no report").unwrap();
    let mut cleaner = found.clone();
    cleaner["verdict"] = json!("not_found");
    fleet.put("cleaner.json", &cleaner);
    let mut newer = found;
    newer["schema_version"] = json!("7.0");
    fleet.put("newer.json", &newer);
    let (code, out, err) = fleet.run(&["ingest", "in"]);
    assert_eq!((code, out.as_str()), (3, "2 reports taken, 4 not taken, 1 skipped\n"), "{err}");
    assert!(err.contains("notes.txt was skipped: it is no report"), "{err}");
    for (name, why) in
        [("cut", "middle"), ("empty", "empty"), ("cleaner", "contradicts"), ("newer", "newer debar")]
    {
        let line = err.lines().find(|line| line.contains(&format!("{name}.json"))).unwrap();
        assert!(line.contains(why), "{line}");
    }
    let (_, out, _) = fleet.run(&["ingest", "in"]);
    assert_eq!(out, "0 reports taken, 2 known already, 4 not taken, 1 skipped\n");
    let status = fleet.json(&["status"]);
    assert_eq!(status["standings"], json!({"found": 1, "clean": 1}));
    let product = &status["products"]["kaspersky/endpoint-security-linux"];
    assert!(product["installed"] == 1 || status["products"].as_object().unwrap().len() == 1, "{status}");
    assert!(!status["rules"].as_object().unwrap().is_empty());
}

#[test]
fn a_list_of_assets_tells_who_is_silent_and_who_is_unknown() {
    let fleet = Fleet::new();
    fleet
        .put("a.json", &report(&fleet.found, "pc1.corp.example", 0))
        .put("b.json", &report(&fleet.clean, "PC2", 0))
        .put("c.json", &report(&fleet.clean, "pc3", 30))
        .put("d.json", &report(&fleet.incomplete(), "pc4", 0))
        .put("e.json", &report(&fleet.clean, "stranger", 0));
    fs::write(
        fleet.path("assets.csv"),
        "Hostname;Owner;Site\npc1;ann;Bonn\npc2;;\npc3;;\npc4;;\npc5;bob;Ulm\n",
    )
    .unwrap();
    assert_eq!(fleet.run(&["ingest", "in"]).0, 0);
    assert_eq!(
        fleet.column(&["hosts", "--assets", "assets.csv"], "standing"),
        pairs(&[
            ("PC2", "clean"),
            ("pc1.corp.example", "found"),
            ("pc3", "stale"),
            ("pc4", "incomplete"),
            ("pc5", "never_reported"),
            ("stranger", "clean"),
        ])
    );
    let notes = fleet.column(&["hosts", "--assets", "assets.csv", "--standing", "clean"], "notes");
    assert_eq!(notes, pairs(&[("PC2", ""), ("stranger", "not on the list of assets")]));
    let tasks = fleet.column(&["worklist", "--assets", "assets.csv"], "task");
    assert_eq!(
        tasks,
        pairs(&[
            ("pc1.corp.example", "remove"),
            ("pc3", "make it report"),
            ("pc4", "let debar read everything"),
            ("pc5", "install debar"),
        ])
    );
    let (code, _, err) = fleet.run(&["status", "--assets", "in/a.json"]);
    assert!(code == 2 && err.contains("no column names the hosts"), "{err}");
}

#[test]
fn gone_is_what_a_whole_report_lacks_and_it_may_come_back() {
    let fleet = Fleet::new();
    for (days_ago, of) in [(9, &fleet.found), (5, &fleet.clean), (3, &fleet.found)] {
        fleet.put(&format!("back-{days_ago}.json"), &report(of, "back", days_ago));
    }
    fleet.put("blind-9.json", &report(&fleet.found, "blind", 9));
    fleet.put("blind-1.json", &report(&fleet.incomplete(), "blind", 1));
    fleet.put("gone-9.json", &report(&fleet.found, "gone", 9));
    fleet.put("gone-1.json", &report(&fleet.clean, "gone", 1));
    fleet.run(&["ingest", "in"]);
    let status = fleet.column(&["findings", "--gone"], "status");
    assert_eq!(status, pairs(&[("back", "present"), ("blind", "unconfirmed"), ("gone", "gone")]));
    assert_eq!(fleet.column(&["findings"], "reappeared"), pairs(&[("back", "1"), ("blind", "0")]));
    let trend = fleet.json(&["trend", "--days", "30"]);
    let days = trend.as_array().unwrap();
    assert_eq!(days.len(), 10, "none before the first report");
    let installed: Vec<&str> = days.iter().map(|day| day["installed"].as_str().unwrap()).collect();
    assert_eq!(installed, ["3", "3", "3", "3", "2", "2", "3", "3", "2", "2"], "{trend}");
}

#[test]
fn old_history_is_forgotten_and_what_still_counts_is_not() {
    let fleet = Fleet::new();
    for (days_ago, of) in [(400, &fleet.found), (390, &fleet.clean), (1, &fleet.clean)] {
        fleet.put(&format!("gone-{days_ago}.json"), &report(of, "gone", days_ago));
    }
    fleet.put("old-400.json", &report(&fleet.found, "old", 400));
    fleet.put("old-1.json", &report(&fleet.found, "old", 1));
    fleet.put("blind-400.json", &report(&fleet.found, "blind", 400));
    fleet.put("blind-1.json", &report(&fleet.incomplete(), "blind", 1));
    fleet.put("silent-400.json", &report(&fleet.clean, "silent", 400));
    fleet.run(&["ingest", "in"]);
    let before = (fleet.json(&["findings"]), fleet.column(&["hosts"], "standing"));
    let gone = pairs(&[("blind", "unconfirmed"), ("gone", "gone"), ("old", "present")]);
    assert_eq!(fleet.column(&["findings", "--gone"], "status"), gone);
    let (code, out, err) = fleet.run(&["ingest", "in", "--keep-days", "365"]);
    let said = "0 reports taken, 8 known already\n1 stretch of history and 5 reports forgotten\n";
    assert_eq!((code, out.as_str()), (0, said), "{err}");
    assert_eq!((fleet.json(&["findings"]), fleet.column(&["hosts"], "standing")), before);
    assert_eq!(fleet.column(&["findings", "--gone"], "status"), [gone[0].clone(), gone[2].clone()]);
    // What was forgotten does not come back and counts nothing twice.
    let (code, out, _) = fleet.run(&["ingest", "in"]);
    assert_eq!((code, out.as_str()), (0, "0 reports taken, 3 known already, 5 older than what is kept\n"));
    assert_eq!((fleet.json(&["findings"]), fleet.column(&["hosts"], "standing")), before);
    let (_, out, _) = fleet.run(&["ingest", "in", "--keep-days", "365"]);
    assert!(out.ends_with("0 stretches of history and 0 reports forgotten\n"), "{out}");
}

#[test]
fn a_renamed_host_is_one_a_cloned_disk_two_and_a_wrong_clock_is_told() {
    let fleet = Fleet::new();
    let with = |mut report: Value, machine: &str| {
        report["target"]["machine_id"] = json!(machine);
        report
    };
    fleet.put("a.json", &with(report(&fleet.found, "old-name", 9), "m1"));
    fleet.put("b.json", &with(report(&fleet.clean, "new-name", 1), "m1"));
    for days_ago in [3, 1] {
        fleet.put(&format!("c{days_ago}.json"), &with(report(&fleet.found, "clone-a", days_ago), "m2"));
        fleet.put(&format!("d{days_ago}.json"), &with(report(&fleet.clean, "clone-b", days_ago), "m2"));
    }
    let mut ahead = report(&fleet.clean, "ahead", 0);
    ahead["finished"] = json!("2199-01-01T00:00:00Z");
    fleet.put("e.json", &ahead);
    fleet.run(&["ingest", "in"]);
    let standing = fleet.column(&["hosts"], "standing");
    let expected = [("ahead", "clean"), ("clone-a", "found"), ("clone-b", "clean"), ("new-name", "clean")];
    assert_eq!(standing, pairs(&expected));
    let notes = fleet.column(&["hosts"], "notes");
    let starts = [
        "its clock is ",
        "has the machine id of clone-b",
        "has the machine id of clone-a",
        "was called old-name",
    ];
    for ((host, note), start) in notes.iter().zip(starts) {
        assert!(note.starts_with(start), "{host}: {note}");
    }
    // A host is not clean for ever because its clock was wrong once.
    let far = fleet.json(&["hosts", "--as-of", "2100-01-01"]);
    assert!(
        far.as_array().unwrap().iter().all(|host| host["standing"] == "stale" || host["standing"] == "found")
    );
}

#[test]
fn nothing_is_gone_on_a_guess_of_the_clock_or_of_the_host() {
    let fleet = Fleet::new();
    let with = |mut report: Value, key: &str, value: Value| {
        report["target"][key] = value;
        report
    };
    // Without machine id and domain nobody knows whether the second report is of the same host.
    for (days_ago, of) in [(3, &fleet.found), (1, &fleet.clean)] {
        let report = report(of, "nameless", days_ago);
        fleet.put(&format!("n{days_ago}.json"), &with(report, "machine_id", Value::Null));
    }
    // Older than its signatures, and ahead: neither is trusted, and the clock is named.
    let mut behind = report(&fleet.found, "behind", 0);
    behind["finished"] = json!("2015-01-01T00:10:00Z");
    fleet.put("b1.json", &report(&fleet.clean, "behind", 9)).put("b2.json", &behind);
    let mut late = report(&fleet.clean, "late", 0);
    late["finished"] = json!("1970-01-01T00:00:10Z");
    fleet.put("l1.json", &report(&fleet.found, "late", 9)).put("l2.json", &late);
    // Two reports of one second.
    fleet.put("s1.json", &report(&fleet.found, "second", 0));
    fleet.put("s2.json", &report(&fleet.clean, "second", 0));
    // Clones with one name that their serial numbers tell apart.
    for (days_ago, of, serial) in [(9, &fleet.found, "A1"), (8, &fleet.clean, "B2")] {
        let report = report(of, "twin", days_ago);
        fleet.put(&format!("t{serial}.json"), &with(report, "serial", json!(serial)));
    }
    assert_eq!(fleet.run(&["ingest", "in"]).0, 0);
    let hosts = fleet.column(&["hosts"], "standing");
    let expected = [
        ("behind", "found"),
        ("late", "found"),
        ("nameless", "found"),
        ("second", "found"),
        ("twin", "found"),
        ("twin", "stale"),
    ];
    assert_eq!(hosts, pairs(&expected));
    let notes = fleet.column(&["hosts"], "notes");
    assert!(notes[0].1.contains(" behind"), "{notes:?}");
    assert!(notes[1].1.contains("proves nothing gone"), "{notes:?}");
    assert!(notes[2].1.contains("no machine id"), "{notes:?}");
    assert_eq!(fleet.json(&["status"])["cloned"], json!(["twin", "twin"]));
    // A clock that was set again counts in the order of arrival.
    let mut ahead = report(&fleet.found, "fixed", 0);
    ahead["finished"] = json!("2199-01-01T00:00:00Z");
    fs::create_dir_all(fleet.path("one")).unwrap();
    fs::write(fleet.path("one/f1.json"), ahead.to_string()).unwrap();
    fleet.run(&["ingest", "one"]);
    fs::write(fleet.path("one/f2.json"), report(&fleet.clean, "fixed", 1).to_string()).unwrap();
    fleet.run(&["ingest", "one"]);
    assert!(fleet.column(&["hosts"], "standing").contains(&("fixed".to_owned(), "clean".to_owned())));
}

#[test]
fn reports_are_taken_whatever_wrote_the_file() {
    let fleet = Fleet::new();
    let text = |host: &str| report(&fleet.found, host, 0).to_string();
    let wide = |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
    fs::create_dir_all(fleet.path("in")).unwrap();
    let files: [(&str, Vec<u8>); 6] = [
        ("a.json", [b"\xff\xfe".to_vec(), wide(&text("a"))].concat()),
        ("b.txt", wide(&text("b"))),
        ("HOST-C", [b"\xef\xbb\xbf", text("c").as_bytes()].concat()),
        ("d.json", format!("{}\n{}", text("d"), text("e")).into_bytes()),
        ("f.json", format!("[{}]", text("f")).into_bytes()),
        ("g.json", [text("g").as_bytes(), &[0; 4096]].concat()),
    ];
    for (name, bytes) in files {
        fs::write(fleet.path("in").join(name), bytes).unwrap();
    }
    let (code, out, err) = fleet.run(&["ingest", "in"]);
    assert_eq!((code, out.as_str()), (0, "7 reports taken\n"), "{err}");
    fs::create_dir_all(fleet.path("none")).unwrap();
    fs::write(fleet.path("none/a.json.tmp"), text("z")).unwrap();
    let (code, out, err) = fleet.run(&["ingest", "none"]);
    assert_eq!((code, out.as_str()), (3, "0 reports taken, 1 skipped\n"));
    assert!(err.contains("there is no report in none") && err.contains("still being written"), "{err}");
    fs::write(fleet.path("none/b.json"), format!("WARNING: x\n{}", text("b"))).unwrap();
    let (code, _, err) = fleet.run(&["ingest", "none"]);
    assert!(code == 3 && err.contains("another program wrote"), "{err}");
}

#[test]
fn what_people_write_into_a_work_list_survives() {
    let fleet = Fleet::new();
    fleet.put("a.json", &report(&fleet.found, "=pc", 2));
    fleet.run(&["ingest", "in"]);
    fleet.run(&["worklist", "-o", "csv=list.csv"]);
    let list = fs::read_to_string(fleet.path("list.csv")).unwrap();
    assert!(list.lines().nth(1).unwrap().starts_with("'=pc,remove,kaspersky/"), "{list}");
    let (head, row) = list.split_once('\n').unwrap();
    let edited = row.trim_end().strip_suffix(",,").unwrap();
    fs::write(fleet.path("list.csv"), format!("{head}\n{edited},Ann,\"on leave, then\"\n")).unwrap();
    fleet.put("b.json", &report(&fleet.found, "=pc", 0));
    fleet.run(&["ingest", "in"]);
    for file in ["list.csv", "another.csv"] {
        let (code, _, err) = fleet.run(&["worklist", "-o", &format!("csv={file}")]);
        assert_eq!(code, 0, "{err}");
        let list = fs::read_to_string(fleet.path(file)).unwrap();
        assert!(list.trim_end().ends_with(",Ann,\"on leave, then\""), "{file}: {list}");
    }
}

#[test]
fn standard_input_export_and_dashboard() {
    let fleet = Fleet::new();
    let mut hostile = report(&fleet.found, "</script><script>alert(1)</script>", 0);
    hostile["target"]["domain"] = json!("corp.example");
    let text = format!(
        "{}\n{}{{\"schema_version\":\n",
        hostile,
        serde_json::to_string_pretty(&report(&fleet.clean, "pc", 0)).unwrap() + "\n"
    );
    fs::write(fleet.path("stream"), text).unwrap();
    let mut command = debar();
    command.current_dir(fleet.folder.path()).args(["fleet", "ingest", "-"]);
    let (code, out, err) = run(command.stdin(fs::File::open(fleet.path("stream")).unwrap()));
    assert_eq!((code, out.as_str()), (3, "2 reports taken, 1 not taken\n"), "{err}");
    assert!(err.contains("standard input, line "), "{err}");
    let (_, out, _) = fleet.run(&["export", "lake"]);
    assert_eq!(out, "3 rows written to lake\n");
    let days: Vec<_> =
        fs::read_dir(fleet.path("lake/findings")).unwrap().map(|day| day.unwrap().path()).collect();
    assert!(days.len() == 1 && days[0].to_string_lossy().contains("day=2"), "{days:?}");
    let line = fs::read_to_string(days[0].join("part-0.ndjson")).unwrap();
    assert!(
        serde_json::from_str::<Value>(&line).unwrap()["product"].as_str().unwrap().starts_with("kaspersky/")
    );
    assert_eq!(fleet.run(&["export", "lake"]).0, 2, "rows are not written twice");
    #[cfg(feature = "parquet")]
    parquet_has_the_rows_of_the_ndjson(&fleet);
    let (code, _, err) = fleet.run(&["html", "page.html"]);
    assert_eq!(code, 0, "{err}");
    let page = fs::read_to_string(fleet.path("page.html")).unwrap();
    assert!(page.contains("alert(1)") && !page.contains("<script>alert") && !page.contains("__DATA__"));
}

/// Reads both exports back and compares them row by row, times as times.
#[cfg(feature = "parquet")]
fn parquet_has_the_rows_of_the_ndjson(fleet: &Fleet) {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;
    let (code, out, err) = fleet.run(&["export", "columns", "--parquet"]);
    assert_eq!((code, out.as_str()), (0, "3 rows written to columns\n"), "{err}");
    for (table, time, number) in [("hosts", "last_report", "reports"), ("findings", "gone", "reappeared")] {
        let day = fs::read_dir(fleet.path("columns").join(table)).unwrap().next().unwrap().unwrap();
        let file = fs::File::open(day.path().join("part-0.parquet")).unwrap();
        let reader = SerializedFileReader::new(file).unwrap();
        let text = |field: Field| match field {
            Field::Str(text) => text,
            Field::Long(number) => number.to_string(),
            Field::TimestampMicros(time) => jiff::Timestamp::from_microsecond(time).unwrap().to_string(),
            Field::Null => String::new(),
            other => unreachable!("{other:?}"),
        };
        let rows: Vec<Value> = reader
            .get_row_iter(None)
            .unwrap()
            .map(|row| {
                let columns = row.unwrap().into_columns();
                let is = |name: &str| columns.iter().find(|(column, _)| column == name).unwrap().1.clone();
                assert!(matches!(is(time), Field::TimestampMicros(_) | Field::Null), "{:?}", is(time));
                assert!(matches!(is(number), Field::Long(_)), "{:?}", is(number));
                columns.into_iter().map(|(name, field)| (name, json!(text(field)))).collect()
            })
            .collect();
        let ndjson = fleet.path("lake").join(table).join(day.file_name()).join("part-0.ndjson");
        let lines = fs::read_to_string(ndjson).unwrap();
        let expected: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(rows, expected);
    }
    assert_eq!(fleet.run(&["export", "both", "--parquet", "--csv"]).0, 2);
}

#[test]
fn reports_get_names_of_their_own_and_the_last_ones_are_kept() {
    let root = Root::debian(&[]);
    root.file("etc/hostname", "../pc 1\n");
    let folder = tempfile::tempdir().unwrap();
    let old = folder.path().join("_._pc_1-20200101T000000Z.json");
    run(debar().arg("scan").arg(root.path()).args(["-q", "-o", &format!("json={}", old.display())]));
    for (name, content) in [("_._pc_1-20200101T000000Z.json.bak", ""), ("other-20200101T000000Z.json", "")] {
        fs::write(folder.path().join(name), content).unwrap();
    }
    let names = || {
        let mut names: Vec<_> = fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    };
    let output = format!("json={}/%h-%t.json", folder.path().display());
    let (code, out, err) = run(debar().arg("scan").arg(root.path()).args(["--keep", "1", "-o", &output]));
    assert_eq!((code, out.as_str()), (0, ""), "{err}");
    let left = names();
    assert_eq!(left.len(), 3, "{left:?}");
    assert!(left.iter().any(|name| name.starts_with("_._pc_1-2") && !name.contains("20200101")), "{left:?}");
    assert!(left.contains(&"other-20200101T000000Z.json".to_owned()));
    let (code, _, err) = run(debar().arg("scan").arg(root.path()).args(["--keep", "1", "-o", "json=x.json"]));
    assert!(code == 2 && err.contains("%h-%t"), "{err}");
}

#[test]
fn the_verdict_as_a_line_of_syslog() {
    let root = Root::debian(&[("kesl", "12.1.0")]);
    let (code, out, _) = run(debar().arg("scan").arg(root.path()).args(["-o", "syslog"]));
    assert_eq!((code, out.lines().count()), (1, 1));
    let fields: Vec<&str> = out.splitn(7, ' ').collect();
    assert_eq!(
        (fields[0], fields[2], fields[3], fields[4], fields[5]),
        ("<131>1", "workstation-7", "debar", "-", "scan")
    );
    assert!(
        fields[6]
            .starts_with("[debar@32473 verdict=\"found\" findings=\"1\" gaps=\"0\" products=\"kaspersky/"),
        "{out}"
    );
}

#[cfg(not(windows))]
#[test]
fn without_an_event_log_it_says_what_to_use_instead_and_scans_nothing() {
    let root = Root::debian(&[]);
    let (code, out, err) = run(debar().arg("scan").arg(root.path()).arg("--event-log"));
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("-o syslog"), "{err}");
}

#[test]
fn a_store_that_is_not_there_says_how_to_make_one() {
    let fleet = Fleet::new();
    let (code, _, err) = fleet.run(&["status"]);
    assert!(code == 2 && err.contains("debar fleet ingest"), "{err}");
    fs::write(fleet.path("debar-fleet.db"), "this is no store").unwrap();
    let (code, _, err) = fleet.run(&["status"]);
    assert!(code == 2 && err.contains("cannot use the store"), "{err}");
}

/// An auditor may read the store and not write to it.
#[cfg(unix)]
#[test]
fn a_store_that_may_only_be_read_shows_what_it_holds_and_keeps_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let fleet = Fleet::new();
    fleet.put("a.json", &report(&fleet.found, "pc", 0));
    assert_eq!(fleet.run(&["ingest", "in"]).0, 0);
    let store = fleet.path("debar-fleet.db");
    fs::set_permissions(fleet.path(""), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&store, fs::Permissions::from_mode(0o644)).unwrap();
    let before = fs::read(&store).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    let fleet_as_other = |arguments: &[&str]| {
        let mut command = crate::support::unprivileged(scratch.path());
        run(command.arg("fleet").args(arguments).arg("--store").arg(&store))
    };
    let (code, out, err) = fleet_as_other(&["hosts", "-o", "json"]);
    assert!(code == 0 && out.contains("\"pc\""), "{out} {err}");
    if rustix::process::geteuid().is_root() {
        let (code, _, err) = fleet_as_other(&["ingest", fleet.path("in").to_str().unwrap()]);
        assert!(code == 2 && err.contains("Permission denied") && err.contains("write to it"), "{err}");
    }
    assert_eq!(fs::read(&store).unwrap(), before);
}

#[test]
fn a_host_speaks_for_itself_only_and_nothing_else_clears_it() {
    let fleet = Fleet::new();
    for (folder, host, of, name) in [
        ("pc-1", "PC-1", &fleet.found, "own.json"),
        ("pc-2", "PC-1", &fleet.clean, "forged.json"),
        ("pc-2", "pc-2", &fleet.clean, "own.json"),
    ] {
        fs::create_dir_all(fleet.path("in").join(folder)).unwrap();
        fleet.put(&format!("{folder}/{name}"), &report(of, host, 2));
    }
    fleet.put("loose.json", &report(&fleet.clean, "PC-1", 1));
    let (code, out, err) = fleet.run(&["ingest", "in", "--bind-folder"]);
    assert_eq!((code, out.as_str()), (3, "2 reports taken, 2 not taken\n"), "{err}");
    assert!(err.contains("about the host PC-1 and lies in the folder of pc-2"), "{err}");
    assert!(err.contains("in no host's folder"), "{err}");
    let trust =
        [("PC-1".to_owned(), "certificate".to_owned()), ("pc-2".to_owned(), "certificate".to_owned())];
    assert_eq!(fleet.column(&["hosts"], "trust"), trust);

    // The same by a folder that anyone may write to: it adds findings and clears none.
    let (code, _, err) = fleet.run(&["ingest", "in/loose.json"]);
    assert_eq!(code, 0, "{err}");
    let standing = fleet.column(&["hosts"], "standing");
    assert_eq!(standing[0], ("PC-1".to_owned(), "found".to_owned()));
    assert!(fleet.column(&["hosts"], "notes")[0].1.contains("without the host's certificate"));
    fleet.put("pc-1/later.json", &report(&fleet.clean, "PC-1", 0));
    assert_eq!(fleet.run(&["ingest", "in/pc-1", "in", "--bind-folder"]).0, 3);
    assert_eq!(fleet.column(&["hosts"], "standing")[0].1, "clean");
    let (code, _, err) = fleet.run(&["ingest", "-", "--bind-folder"]);
    assert!(code == 2 && err.contains("standard input has none"), "{err}");
}
