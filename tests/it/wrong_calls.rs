//! Wrong calls: each message says what happened, where, and what to do next.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::fs;
use std::process::Command;

use crate::support::{Root, debar, run};

/// A wrong call: its arguments, variables, and what the message must contain.
struct Call {
    line: &'static str,
    variables: &'static [(&'static str, &'static str)],
    says: &'static [&'static str],
}

const fn call(line: &'static str, says: &'static [&'static str]) -> Call {
    Call { line, variables: &[], says }
}

const fn with(variables: &'static [(&'static str, &'static str)], says: &'static [&'static str]) -> Call {
    Call { line: "scan root", variables, says }
}

/// All give exit code 2.
const WRONG: &[Call] = &[
    // Options without effect.
    call("scan root --keep 3", &["--keep", "%t"]),
    call("scan root --keep 3 -o json=x.json", &["--keep", "%h-%t.json"]),
    call("scan root -o json=a.out -o csv=a.out", &["json and csv", "a.out", "another file"]),
    call("scan root -o json=a.out -o csv=./a.out", &["json and csv", "a.out"]),
    call("scan root -o a.json -o json=sub/../a.json", &["a.json"]),
    call("scan root -o json=%h.x -o csv=%h.x", &["%h.x"]),
    call("scan root -o json -o csv", &["standard output", "-o csv=FILE"]),
    call("inventory root -o json -o ndjson", &["standard output"]),
    call("plan report.json -o text -o sh", &["standard output", "sh=FILE"]),
    call("diff report.json report.json -o text -o json", &["standard output"]),
    call("scan root --insecure", &["--insecure", "registry:", "root"]),
    call("scan --insecure", &["--insecure", "this host"]),
    call("scan root --platform linux/arm64", &["--platform", "images", "root"]),
    call("scan root --verify-layers", &["--verify-layers", "images"]),
    call("scan root --as app", &["--as", "images"]),
    call("scan root --deep --no-deep", &["--deep and --no-deep"]),
    call("scan --shard 1/2", &["--shard", "--from-file"]),
    call("scan root --shard 1/2", &["--shard", "--from-file"]),
    // Outputs.
    call("scan root -o json=sub", &["sub", "folder", "sub/report.json"]),
    call("scan root -o json=sub/", &["sub", "folder"]),
    call("scan root -o sub", &["sub", "folder", "json=sub/report"]),
    call("scan root -o json=none/x.json", &["none/x.json", "folder exists"]),
    call("scan root -o jsn=x", &["did you mean `json=x`"]),
    call("scan root -o report.xlsx", &[".xlsx", "FORMAT=report.xlsx"]),
    call("scan root -o json=", &["no file after `=`"]),
    // Targets.
    call("scan roott", &["roott", "Did you mean root?"]),
    call("scan docker:app", &["docker-store:app", "registry:app"]),
    call("scan podman:app", &["containers-storage:app"]),
    call("scan image:alpine", &["registry:alpine"]),
    call("scan https://example.org/app", &["registry:example.org/app"]),
    call("scan file:///etc", &["write /etc alone"]),
    call("scan ssh://host", &["debar scan on host"]),
    call("scan rgistry:app", &["did you mean registry:app"]),
    call("scan alpine:3.19", &["registry:alpine:3.19"]),
    call("scan nothing-like-it/at/all.x", &["no such file", "A target is a path"]),
    call("scan --from-file none.txt", &["none.txt", "Check the path"]),
    call("scan --from-file empty.txt", &["empty.txt", "names no target"]),
    // Values.
    call("scan root --as-of 2025-13-01", &["--as-of", "YYYY-MM-DD"]),
    call("fleet status --as-of yesterday", &["--as-of", "YYYY-MM-DD"]),
    call("attest report.json --identified 1.2.2026", &["--identified", "YYYY-MM-DD"]),
    call("scan root --timeout 5x", &["--timeout", "`x`"]),
    call("fleet status --stale-after x", &["--stale-after", "not a whole number"]),
    call("scan root --vendor kasperski", &["did you mean `kaspersky`"]),
    call("scan root --fail-on instaled", &["installed"]),
    call("scan root --format json", &["--format", "-o json"]),
    call("scan root --format=json", &["--format", "-o report.json"]),
    call("scan root --severity high", &["--severity", "--fail-on"]),
    call("scan root --skip-dirs x", &["--exclude"]),
    call("image alpine", &["`image`", "registry:NAME"]),
    call("sbom root", &["debar inventory"]),
    call("./root", &["debar scan ./root"]),
    // Slips of all kinds.
    call("scan root --unknown", &["`debar scan` has no option `--unknown`", "`debar scan --help`"]),
    call("scan root --timeout -5", &["`-5`", "follows a `=`"]),
    call("scna root", &["no command `scna`", "did you mean `scan`"]),
    call("fleet hsots", &["`debar fleet` has no command `hsots`", "hosts"]),
    call("selftest here", &["`here`", "too many", "`debar selftest --help`"]),
    call("plan", &["`debar plan` needs a report", "debar scan -o report.json"]),
    call("diff report.json", &["second file"]),
    call("verify", &["needs a report"]),
    call("fleet ingest", &["a folder of reports"]),
    call("fleet plan sub", &["--into removal"]),
    call("attest report.json --verify x", &["--public-key"]),
    call("signatures sign report.json", &["--key key.sec"]),
    call("scan root --spool x", &["--spool", "-o json=https://"]),
    call("scan root --client-cert x -o json", &["--client-cert", "-o json=https://"]),
    call("scan root -o json=%q.json", &["%q", "%h (host)", "%%"]),
    call("scan root -o json=%h-%s.json", &["%s", "addresses of collectors"]),
    call("scan docker-archive:none.tar", &["docker-archive:none.tar", "Check the path none.tar"]),
    call("scan --from-file binary", &["binary", "no text in UTF-8"]),
    call("scan root --vendor zzzzzzzz", &["`zzzzzzzz`. `debar signatures list`"]),
    call("signatures list --vendor zzzzzzzz", &["debar signatures list"]),
    call("inventory root --collector zzzzzzzz", &["`zzzzzzzz`. `debar collectors`"]),
    call("scan root --signatures garbage", &["garbage:1:1", "no JSON"]),
    call("scan root --signatures kind.json", &["kind.json:1:", "should be"]),
    call("fleet ingest report.json --store sub", &["it is a folder", "--store sub/debar-fleet.db"]),
    call("fleet status --store fleet.db --assets open.csv", &["open.csv", "line 2", "quotation mark"]),
    call("fleet status --store fleet.db --assets binary", &["binary", "CSV"]),
    call("fleet status --store fleet.db --assets other.csv", &["owner, site", "call one column `host`"]),
    call("fleet trend --days 0 --store fleet.db", &["1..=3660"]),
    call("fleet export garbage --store fleet.db", &["garbage", "Name a new folder"]),
    call("fleet plan report.json --into garbage", &["garbage", "Name a new folder"]),
    call("fleet hosts nobody --store fleet.db", &["`nobody`", "debar fleet hosts"]),
    call("deliver --spool none", &["no spool none", "--spool"]),
    call("osquery --socket none --timeout 1s", &["none", "Is osquery running"]),
    call("explain kaspersy", &["did you mean `kaspersky`? `debar signatures list`"]),
    call("man", &["no command `man`", "debar help COMMAND"]),
    call("inv root", &["`inventory`"]),
    call("scan root -o -", &["-o text"]),
    call("scan root -o json=ftp://example.org/x", &["ftp://example.org/x", "https://HOST/%h/%s.json"]),
    call("inventory root -o json=s3://bucket/x", &["s3://bucket/x", "FORMAT=FILE"]),
    call("scan -", &["standard input", "docker save"]),
    call("scan registry:127.0.0.1:1/x --timeout 1s", &["127.0.0.1:1", "cannot be reached"]),
    call("signatures check", &["signature files", "`debar signatures check --help`"]),
    call("verify clean.json", &["clean.json", "debar scan"]),
    call("fleet export out --store fleet.db", &["hosts is in it already", "Name a new folder"]),
    call("fleet attest --as-of 2999-01-01 --store fleet.db", &["2999-01-01", "not come yet"]),
    call("fleet status --store fleet.db --assets empty.csv", &["empty.csv", "names no host"]),
    call("fleet status --store fleet.db --assets header.csv", &["header.csv", "names no host"]),
    call("fleet status --store fleet.db --assets names.csv", &["call one column `host`", "PC-1"]),
    call("fleet status --store fleet.db --assets sub", &["sub", "Name a file in it"]),
    // Where a value came from.
    with(&[("DEBAR_VERBOSE", "x")], &["the variable DEBAR_VERBOSE", "not a whole number"]),
    with(&[("DEBAR_CONFIG", "")], &["the variable DEBAR_CONFIG is empty", "unset it"]),
    with(&[("DEBAR_TIMEOUT", "")], &["the variable DEBAR_TIMEOUT is empty", "unset it"]),
    with(&[("DEBAR_TIMEOUT", "5x")], &["the variable DEBAR_TIMEOUT", "5x"]),
    with(&[("DEBAR_OUTPUT", "jsn")], &["the variable DEBAR_OUTPUT", "json"]),
    with(&[("DEBAR_AS_OF", "x")], &["the variable DEBAR_AS_OF", "YYYY-MM-DD"]),
    call("scan root -c bad-value.toml", &["bad-value.toml, line 3", "5x"]),
    call("scan root -c bad-key.toml", &["bad-key.toml", "line 2", "`timeuot`", "did you mean `timeout`"]),
    call("scan root -c bad-kind.toml", &["bad-kind.toml", "line 2", "true or false"]),
    call("scan root -c bad-syntax.toml", &["bad-syntax.toml", "line 2, column"]),
    call("fleet status -c bad-fleet.toml", &["bad-fleet.toml, line 2", "stale-after"]),
    call("scan root -c none.toml", &["none.toml", "Check the path"]),
    // Files that are something else.
    call("plan none.json", &["none.json", "Check the path"]),
    call("plan root", &["root", "Name a file in it"]),
    call("plan garbage", &["garbage", "no report of debar", "debar scan -o json=FILE"]),
    call("verify garbage", &["garbage", "no report of debar"]),
    call("diff report.json garbage", &["garbage", "no report of debar"]),
    call("attest garbage", &["garbage", "no report of debar"]),
    call("fleet status --store garbage", &["garbage", "no store of a fleet", "debar fleet ingest"]),
    call("fleet status --store none.db", &["none.db", "debar fleet ingest"]),
    call("explain nothing", &["nothing", "debar signatures list"]),
    call("signatures show nothing", &["nothing", "debar signatures list"]),
];

/// Words of libraries: nobody who uses debar knows them.
const RAW: &[&str] = &[
    "os error",
    "redb",
    "magic number",
    "expected value",
    "failed to parse",
    "invalid digit",
    "parameter 'month'",
    "CSV error",
    "invalid type",
    "EOF while parsing",
    ": io: ",
];

fn scene() -> Root {
    let scene = Root::debian(&[("klnagent64", "15.1.0-20748")]);
    let root = scene.at("root");
    fs::create_dir_all(&root).unwrap();
    for name in ["etc", "var"] {
        fs::rename(scene.at(name), root.join(name)).unwrap();
    }
    scene.file("binary", [0_u8, 1, 2, 255, 10]).file("open.csv", "host;owner\n\"a;b\nc;d\n");
    scene.file("empty.csv", "").file("header.csv", "host,owner\n").file("names.csv", "PC-1\nPC-2\n");
    scene.file("out/hosts/keep", "");
    scene.file("other.csv", "owner,site\na,b\n").file("kind.json", "{\"format\": \"x\"}");
    scene.file("sub/keep", "").file("empty.txt", "# nothing\n").file("garbage", "garbage\n");
    scene.file("bad-value.toml", "# a comment\n[scan]\ntimeout = \"5x\"\n");
    scene.file("bad-key.toml", "quiet = false\ntimeuot = \"5m\"\n");
    scene.file("bad-kind.toml", "[scan]\nverbose = \"x\"\n");
    scene.file("bad-syntax.toml", "quiet = false\n= 3\n");
    scene.file("bad-fleet.toml", "[fleet.status]\nstale-after = \"soon\"\n");
    let (code, ..) = run(in_scene(&scene).args(["scan", "root", "-q", "-o", "report.json"]));
    assert_eq!(code, 1);
    let (code, ..) = run(in_scene(&scene).args(["fleet", "ingest", "report.json", "--store", "fleet.db"]));
    assert_eq!(code, 0);
    let clean = Root::debian(&[]);
    let (code, ..) = run(in_scene(&scene).arg("scan").arg(clean.path()).args(["-q", "-o", "clean.json"]));
    assert_eq!(code, 0);
    scene
}

fn in_scene(scene: &Root) -> Command {
    let mut command = debar();
    command.current_dir(scene.path()).env("DEBAR_NO_PROGRESS", "1");
    command
}

#[test]
fn each_message_says_what_where_and_what_next() {
    let scene = scene();
    let mut wrong = Vec::new();
    for call in WRONG {
        let mut command = in_scene(&scene);
        command.args(call.line.split(' ')).envs(call.variables.iter().copied());
        let (code, out, err) = run(&mut command);
        let missing: Vec<&&str> = call.says.iter().filter(|says| !err.contains(**says)).collect();
        let raw: Vec<&&str> = RAW.iter().filter(|raw| err.contains(**raw)).collect();
        if code != 2 || !out.is_empty() || !missing.is_empty() || !raw.is_empty() {
            wrong.push(format!(
                "{} {:?}: code {code}, missing {missing:?}, raw {raw:?}\n{err}",
                call.line, call.variables
            ));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), WRONG.len(), wrong.join("\n"));
}

#[test]
fn what_is_not_used_is_named_and_stops_nothing() {
    let scene = scene();
    let (code, _, err) =
        run(in_scene(&scene).env("DEBAR_TIMEUOT", "5m").args(["scan", "root", "-o", "report.json"]));
    assert!(
        code == 1 && err.contains("DEBAR_TIMEUOT") && err.contains("did you mean DEBAR_TIMEOUT?"),
        "{err}"
    );
    scene.file(
        "sections.toml",
        "[scan]\nquiet = false\n\n[scna]\ntimeout = \"5m\"\n[fleet.statsu]\ndays = 3\n",
    );
    let (code, _, err) =
        run(in_scene(&scene).args(["scan", "root", "-c", "sections.toml", "-o", "report.json"]));
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("sections.toml, line 4") && err.contains("did you mean [scan]?"), "{err}");
    assert!(err.contains("line 6") && err.contains("did you mean [fleet.status]?"), "{err}");
    let quiet = in_scene(&scene).env("DEBAR_TIMEUOT", "5m").args(["scan", "root", "-q"]).output().unwrap();
    assert!(quiet.stderr.is_empty());
}

#[test]
fn what_a_file_or_variable_sets_for_all_scans_needs_no_effect_on_each() {
    let scene = scene();
    scene.file("all.toml", "keep = 3\n[scan]\ninsecure = true\nplatform = \"linux/arm64\"\n");
    let (code, _, err) = run(in_scene(&scene).args(["scan", "root", "-c", "all.toml"]));
    assert_eq!(code, 1, "{err}");
    let (code, _, err) = run(in_scene(&scene).env("DEBAR_INSECURE", "1").args(["scan", "root"]));
    assert_eq!(code, 1, "{err}");
    // A subcommand of fleet takes its settings from the file, too.
    scene.file("fleet.toml", "[fleet]\nstore = \"house.db\"\n");
    let (code, _, err) = run(in_scene(&scene).args(["fleet", "ingest", "report.json", "-c", "fleet.toml"]));
    assert!(code == 0 && scene.at("house.db").exists(), "{err}");
}

#[test]
fn a_report_serves_in_any_folder() {
    let scene = scene();
    let report = scene.at("report.json");
    let elsewhere = tempfile::tempdir().unwrap();
    let (code, out, err) = run(debar().current_dir(&elsewhere).arg("verify").arg(&report));
    assert!(code == 1 && out.contains("still there"), "{out}{err}");
    let (code, out, err) = run(debar().current_dir(&elsewhere).arg("plan").arg(&report));
    let place = fs::canonicalize(scene.at("root")).unwrap();
    assert!(code == 0 && out.contains(place.to_str().unwrap()), "{out}{err}");
}

#[test]
fn reports_of_two_machines_are_no_change_of_one() {
    let scene = scene();
    scene.file("root/etc/hostname", "other\n");
    run(in_scene(&scene).args(["scan", "root", "-q", "-o", "other.json"]));
    let (_, out, _) = run(in_scene(&scene).args(["diff", "report.json", "other.json"]));
    assert!(out.contains("two machines, workstation-7 and other"), "{out}");
    let (_, out, _) = run(in_scene(&scene).args(["diff", "report.json", "report.json"]));
    assert!(!out.contains("two machines"), "{out}");
}

#[test]
fn what_is_all_excepted_is_no_alarm() {
    let scene = scene();
    scene.file(
        "except.toml",
        "format = 1\n[[exceptions]]\nid = \"lab\"\nproduct = \"kaspersky/*\"\nhost = \"workstation-*\"\n\
         owner = \"lab@example.org\"\nreason = \"tests\"\nexpires = \"2100-01-01\"\n",
    );
    let call = ["scan", "root", "--exceptions", "except.toml", "--color", "always", "--as-of", "2099-12-01"];
    let (code, out, err) = run(in_scene(&scene).args(call));
    assert_eq!(code, 0, "{out}{err}");
    assert!(out.contains("FOUND, ALL EXCEPTED") && !out.contains("\u{1b}[1;31mFOUND"), "{out}");
    assert!(!out.contains("Next:"), "{out}");
}

#[test]
fn lists_may_come_from_windows() {
    let scene = scene();
    for list in [b"\xef\xbb\xbfroot\r\n".to_vec(), b"\xff\xfer\0o\0o\0t\0\r\0\n\0".to_vec()] {
        scene.file("list.txt", list);
        let (code, _, err) = run(in_scene(&scene).args(["scan", "--from-file", "list.txt"]));
        assert_eq!(code, 1, "{err}");
    }
    // `debar scan -o json > report.json` in PowerShell writes UTF-16.
    let text = fs::read_to_string(scene.at("report.json")).unwrap();
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    scene.file("wide.json", units.flat_map(u16::to_le_bytes).collect::<Vec<u8>>());
    let (code, out, err) = run(in_scene(&scene).args(["plan", "wide.json"]));
    assert!(code == 0 && out.contains("klnagent64"), "{out}{err}");
}

#[test]
fn folders_of_an_inventory_are_no_leftovers() {
    let scene = scene();
    scene.file("root/opt/ordinary/bin/tool", "");
    let (_, out, err) = run(in_scene(&scene).args(["inventory", "root"]));
    assert!(out.contains("ordinary") && !out.contains("remnant") && !out.contains("leftover"), "{out}{err}");
}

#[cfg(unix)]
#[test]
fn a_project_file_counts_only_where_it_is_the_users_own() {
    use std::os::unix::fs::PermissionsExt;
    let mode =
        |path: &std::path::Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let scene = scene();
    scene.file(".debar.toml", "[scan]\nfail-on = \"never\"\n");
    let call = |folder: &str, target: &str| {
        let folder = scene.at(folder);
        run(debar().current_dir(folder).args(["scan", target, "--no-progress", "-o", "csv"]))
    };
    let (code, _, err) = call("", "root");
    assert!(code == 0 && err.contains(".debar.toml sets fail-on"), "{code} {err}");
    // The command line goes before it, and its mistakes have their line.
    let (code, ..) = run(in_scene(&scene).args(["scan", "root", "--fail-on", "installed"]));
    assert_eq!(code, 1);
    scene.file(".debar.toml", "\n[scan]\nfail-on = \"nver\"\n");
    let (code, _, err) = call("", "root");
    assert!(code == 2 && err.contains(".debar.toml, line 3"), "{err}");
    // What is scanned does not configure the scan, nor does what others may write.
    scene.file("root/.debar.toml", "fail-on = \"never\"\n");
    for target in [".", "..", scene.path().to_str().unwrap()] {
        let (code, _, err) = call("root", target);
        assert!(code != 0 && err.contains("a part of the target"), "{target}: {code} {err}");
    }
    scene.file(".debar.toml", "fail-on = \"never\"\n");
    mode(&scene.at(".debar.toml"), 0o666);
    let (code, _, err) = call("", "root");
    assert!(code == 1 && err.contains("other accounts may write to it"), "{err}");
    mode(&scene.at(".debar.toml"), 0o644);
    mode(scene.path(), 0o777);
    let (code, _, err) = call("", "root");
    assert!(code == 1 && err.contains("other accounts may write to its folder"), "{err}");
    mode(scene.path(), 0o755);
    fs::remove_file(scene.at(".debar.toml")).unwrap();
    scene.link(".debar.toml", "root/.debar.toml");
    let (code, _, err) = call("", "root");
    assert!(code == 1 && err.contains("no plain file"), "{err}");
}

#[test]
fn an_empty_name_is_an_unset_variable() {
    let scene = scene();
    let (code, _, err) = run(in_scene(&scene).args(["scan", ""]));
    assert!(code == 2 && err.contains("a variable"), "{err}");
}

#[test]
fn states_go_by_the_words_that_reports_use() {
    let scene = scene();
    for word in ["leftover", "RUNNING", "Installed"] {
        let (code, _, err) = run(in_scene(&scene).args(["scan", "root", "-q", "--fail-on", word]));
        assert_eq!(code, i32::from(word != "RUNNING"), "{word}: {err}");
    }
}

#[test]
fn a_check_of_a_config_file_knows_every_option_of_a_scan() {
    let scene = scene();
    scene.file("all.toml", "quiet = false\ncolor = \"never\"\n[scan]\nverbose = 1\nquiet = true\n");
    let (code, out, err) = run(in_scene(&scene).args(["config", "check", "all.toml"]));
    assert_eq!((code, out.contains("no problem")), (0, true), "{out}{err}");
    scene.file("wrong.toml", "[scan]\nverbose = \"x\"\n");
    let (code, out, err) = run(in_scene(&scene).args(["config", "check", "wrong.toml"]));
    assert!(code == 1 && out.contains("line 2") && out.contains("true or false"), "{out}{err}");
}

#[test]
fn nothing_to_list_and_nothing_to_remove_are_said() {
    let scene = scene();
    let fleet = |arguments: &[&str]| {
        run(in_scene(&scene).args(["fleet"]).args(arguments).args(["--store", "fleet.db"]))
    };
    let (code, out, err) = fleet(&["hosts", "--why", "incomplete"]);
    assert!(code == 0 && out.contains("Nothing to list"), "{out}{err}");
    let (_, out, _) = fleet(&["hosts", "--why", "incomplete", "-o", "csv"]);
    assert_eq!(out.lines().count(), 1, "{out}");
    run(in_scene(&scene).args(["fleet", "ingest", "clean.json", "--store", "clean.db"]));
    let (code, out, err) =
        run(in_scene(&scene).args(["fleet", "hosts", "--why", "workstation-7", "--store", "clean.db"]));
    assert!(
        code == 0 && out.contains("clean") && out.contains("nothing found, every place read"),
        "{out}{err}"
    );
    // `-` is standard output, as everywhere.
    let (code, out, err) = fleet(&["html", "-"]);
    assert!(code == 0 && out.starts_with("<!") && !scene.at("-").exists(), "{err}");
    let planted = scene.at("selftest");
    let (code, out, err) = run(in_scene(&scene).args(["selftest", "--remove", "--root"]).arg(&planted));
    assert!(code == 0 && out.contains("nothing to remove"), "{out}{err}");
}

#[test]
fn reports_in_the_wrong_order_or_of_two_places_are_no_change() {
    let scene = scene();
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    run(in_scene(&scene).args(["scan", "root", "-q", "-o", "later.json"]));
    let (_, out, _) = run(in_scene(&scene).args(["diff", "later.json", "report.json"]));
    assert!(out.contains("the first report is newer than the second"), "{out}");
    let (_, out, _) = run(in_scene(&scene).args(["diff", "report.json", "later.json"]));
    assert!(!out.contains("Warning"), "{out}");
    // Products have their whole names where there is room.
    assert!(out.contains("kaspersky/network-agent-linux "), "{out}");
    fs::create_dir_all(scene.at("copy")).unwrap();
    scene.file("copy/etc/hostname", "workstation-7\n").file("copy/etc/os-release", "ID=debian\n");
    run(in_scene(&scene).args(["scan", "copy", "-q", "-o", "copy.json"]));
    let (_, out, _) = run(in_scene(&scene).args(["diff", "report.json", "copy.json"]));
    assert!(out.contains("two places"), "{out}");
}

#[test]
fn a_limit_that_the_user_set_is_what_the_cure_names() {
    let scene = scene();
    let (code, out, err) = run(in_scene(&scene).args(["scan", "root", "--max-memory", "1K"]));
    assert_eq!(code, 3, "{out}{err}");
    assert!(out.contains("--max-memory") && !out.contains("bytes of memory"), "{out}");
}

#[test]
fn reports_on_standard_input_may_not_be_compressed_and_none_is_said() {
    let scene = scene();
    let ingest = |bytes: &[u8]| {
        scene.file("input", bytes);
        let input = fs::File::open(scene.at("input")).unwrap();
        run(in_scene(&scene).args(["fleet", "ingest", "-", "--store", "stdin.db"]).stdin(input))
    };
    let (code, _, err) = ingest(b"\x1f\x8b\x08\0\0");
    assert!(code == 3 && err.contains("compressed (gzip)") && !err.contains("UTF-8"), "{err}");
    let (code, _, err) = ingest(b"");
    assert!(code == 3 && err.contains("no report in standard input"), "{err}");
    let report = fs::read(scene.at("report.json")).unwrap();
    let (code, out, err) = ingest(&[&b"\xef\xbb\xbf"[..], &report, b"garbage\n", &report].concat());
    assert!(code == 3 && err.contains("standard input, line"), "{out}{err}");
}

#[test]
fn the_help_of_a_command_lists_the_formats_that_it_writes() {
    let scene = scene();
    let calls = [
        "scan root",
        "inventory root",
        "plan report.json",
        "diff report.json report.json",
        "verify report.json",
        "attest report.json",
        "version",
        "signatures list",
        "fleet status",
        "fleet hosts",
        "fleet findings",
        "fleet trend",
        "fleet worklist",
        "fleet attest",
    ];
    for call in calls {
        let words: Vec<&str> = call.split(' ').collect();
        let (_, help, _) = run(in_scene(&scene).args(&words).arg("--help"));
        let listed = help.split("FORMATS\n").nth(1).and_then(|rest| rest.lines().next());
        let listed: Vec<&str> = listed.unwrap_or_default().trim().split(", ").collect();
        let (_, _, mut err) = run(in_scene(&scene).args(&words).args(["-o", "zzz"]));
        if words[0] == "inventory" {
            // A setting for scans may name any format; what an inventory cannot be is refused by the command.
            err = run(in_scene(&scene).args(&words).args(["-o", "sarif"]))
                .2
                .replace("written as ", "there are ");
        }
        let there = err.split("there are ").nth(1).unwrap_or_default();
        let there: Vec<&str> = there.split([';', '\n']).next().unwrap_or_default().split(", ").collect();
        assert_eq!(listed, there, "{call}: {err}");
    }
}
