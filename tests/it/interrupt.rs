//! Ctrl-C, SIGTERM, limits: a scan ends at once with what it has, says what was not done, and leaves no part of a file.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{Root, debar, gaps};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

/// A folder with so many programs that a scan takes seconds.
fn large() -> Root {
    let root = Root::debian(&[("kesl", "11.4.0-1111")]);
    let elf =
        fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/executables/elf64-shared.so"))
            .unwrap();
    root.file("opt/first/lib.so", elf);
    let first = root.at("opt/first/lib.so");
    for folder in 0..40 {
        let folder = root.at(&format!("opt/many{folder}"));
        fs::create_dir(&folder).unwrap();
        for file in 0..500 {
            fs::hard_link(&first, folder.join(format!("lib{file}.so"))).unwrap();
        }
    }
    root
}

fn wait(child: &mut Child) -> (Option<i32>, Duration) {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return (status.code(), start.elapsed());
        }
        assert!(start.elapsed() < Duration::from_secs(60), "it does not end");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Waits until a child reads below a target: it is in the middle of its scan.
fn is_reading(child: &Child) {
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(60) {
        let tasks = fs::read_dir(format!("/proc/{}/task", child.id())).unwrap();
        let names = tasks.filter_map(|task| fs::read_to_string(task.ok()?.path().join("comm")).ok());
        if names.into_iter().any(|name| name.trim() == "walk") {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    unreachable!("the walk never began");
}

#[test]
fn a_stopped_scan_reports_what_it_found_as_incomplete() {
    let root = large();
    let scratch = tempfile::tempdir().unwrap();
    let file = scratch.path().join("report.json");
    for (stop, arguments) in [(Signal::INT, &["--allow-gaps", "--fail-on", "never"][..]), (Signal::TERM, &[])]
    {
        let out = format!("json={}", file.display());
        let mut child = debar()
            .arg("scan")
            .arg(root.path())
            .args(["-q", "--threads", "1", "-o", &out])
            .args(arguments)
            .spawn()
            .unwrap();
        is_reading(&child);
        signal(&child, stop);
        let (code, took) = wait(&mut child);
        assert!(took < Duration::from_secs(20), "{took:?}");
        let report: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
        let stopped = gaps(&report).iter().any(|gap| gap.starts_with("interrupted "));
        if stopped {
            // Found so far, and in no case a clean exit.
            assert!(matches!(code, Some(1 | 3)), "{code:?}");
            assert_ne!(report["verdict"].as_str(), Some("not_found"));
        } else {
            assert!(matches!(code, Some(0 | 1)), "it was faster than the signal: {code:?}");
        }
        assert_eq!(fs::read_dir(scratch.path()).unwrap().count(), 1, "only the report");
        fs::remove_file(&file).unwrap();
    }
}

/// A report that nobody takes: the pipe has no reader. The signal ends debar there and then.
#[test]
fn a_signal_while_an_output_hangs_ends_it() {
    let root = Root::debian(&[]);
    let scratch = tempfile::tempdir().unwrap();
    let pipe = scratch.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let out = format!("json={}", pipe.display());
    let mut child =
        debar().arg("scan").arg(root.path()).args(["-o", &out]).stderr(Stdio::piped()).spawn().unwrap();
    // Long enough for the scan of so small a root; a signal that still comes into it only stops that.
    std::thread::sleep(Duration::from_secs(3));
    signal(&child, Signal::INT);
    std::thread::sleep(Duration::from_secs(1));
    if child.try_wait().unwrap().is_none() {
        signal(&child, Signal::INT);
    }
    let (code, _) = wait(&mut child);
    assert_eq!(code, Some(2));
    let mut error = String::new();
    std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut error).unwrap();
    assert!(error.contains("interrupted"), "{error}");
}

/// The limit holds while a target is opened, too: here an archive whose list of names is larger.
#[test]
fn more_memory_than_allowed_ends_the_opening_of_a_target() {
    let scratch = tempfile::tempdir().unwrap();
    let archive = scratch.path().join("image.tar");
    let mut tar = Vec::new();
    for number in 0..200_000 {
        crate::support::image::member(&mut tar, format!("{number:0>90}").as_bytes(), b'0', 0o644, b"", b"");
    }
    fs::write(&archive, tar).unwrap();
    let (code, _, error) =
        crate::support::run(debar().arg("scan").arg(&archive).args(["--max-memory", "20M"]));
    let is_bounded = code == 2 && error.contains("more than the limit of") || code == 3;
    assert!(is_bounded, "{code}: {error}");
}

/// What the system refuses would end debar by a signal and without a report: it stops before that.
#[cfg(target_os = "linux")]
#[test]
fn addresses_that_the_system_refuses_end_a_scan_with_a_report() {
    let root = Root::debian(&[("kesl", "11.4.0-1111")]);
    let status = fs::read_to_string(root.at("var/lib/dpkg/status")).unwrap();
    let more: String = (0..150_000)
        .map(|number| format!("Package: p{number}\nStatus: install ok installed\nVersion: 1\nArchitecture: all\nDescription: {number:0>400}\n\n"))
        .collect();
    root.file("var/lib/dpkg/status", format!("{status}\n{more}"));
    let binary = debar().get_program().to_owned();
    for kibibytes in [260_000, 400_000] {
        let mut shell = Command::new("sh");
        shell
            .args(["-c", "ulimit -v \"$1\"; shift; exec \"$0\" \"$@\""])
            .arg(&binary)
            .arg(kibibytes.to_string());
        shell.arg("inventory").arg(root.path()).args(["-q", "-o", "json"]);
        let (code, report, error) = crate::support::run(&mut shell);
        assert!(
            code == 3 && report.contains("ulimit -v") || code == 0 && kibibytes > 300_000,
            "{kibibytes}: {code} {error}"
        );
    }
}

#[test]
fn more_memory_than_allowed_ends_a_scan_with_what_it_found() {
    let root = large();
    let (code, report) = crate::support::scan(&root, &["--max-memory", "1M"]);
    assert!(matches!(code, 1 | 3), "{code}");
    let over = gaps(&report).into_iter().find(|gap| gap.starts_with("over_limit ")).unwrap();
    let detail = report["gaps"].as_array().unwrap().iter().find(|gap| gap["kind"] == "over_limit").unwrap();
    assert!(detail["detail"].as_str().unwrap().contains("--max-memory"), "{over} {detail}");
}
