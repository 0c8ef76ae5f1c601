//! Outputs that fail: a full disk, a read-only file system, a reader that goes away. The command fails loudly, leaves
//! no part of a report, and an old report stays.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stderr, reason = "tests")]

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use common::{Root, debar, run};

/// A clean target, so that a wrong exit code would be a clean verdict.
fn clean() -> Root {
    Root::debian(&[("hello", "2.10")])
}

/// What is not about an output: the command, and what it is run on.
fn commands(root: &Root) -> Vec<Vec<String>> {
    let path = root.path().to_str().unwrap().to_owned();
    vec![vec!["scan".into(), path.clone()], vec!["inventory".into(), path]]
}

#[test]
fn a_full_device_fails_in_every_format() {
    // With a finding: a clean report is empty in some formats, and nothing fits on any device.
    let root = Root::debian(&[("hello", "2.10"), ("klnagent64", "15.0.0")]);
    let mut injected = 0;
    for arguments in commands(&root) {
        for format in debar::report::FORMATS {
            let (_, printed, _) = run(debar().args(&arguments).args(["-o", format.name]));
            if printed.is_empty() {
                // A clean target has no annotations, and an inventory not every format.
                continue;
            }
            let output = format!("{}=/dev/full", format.name);
            let (code, _, error) = run(debar().args(&arguments).args(["-o", &output]));
            assert_eq!(code, 2, "{arguments:?} {output}: {error}");
            if error.contains("is a format of scans") {
                continue;
            }
            assert!(error.contains("/dev/full") && error.contains("space"), "{error}");
            let full = fs::File::options().write(true).open("/dev/full").unwrap();
            let out = debar().args(&arguments).args(["-o", format.name]).stdout(full).output().unwrap();
            assert_eq!(out.status.code(), Some(2), "{arguments:?} {} on a full standard output", format.name);
            injected += 2;
        }
    }
    assert!(injected > 20, "{injected}");
    eprintln!("outputs: {injected} faults injected");
}

/// Runs a shell script in mounts of its own; `false` when this account may not mount.
fn in_own_mounts(script: &str) -> bool {
    let may = Command::new("unshare").args(["-m", "true"]).stderr(Stdio::null()).status();
    if !may.is_ok_and(|status| status.success()) {
        assert!(std::env::var_os("DEBAR_TEST_ALL").is_none(), "needs the right to mount");
        return false;
    }
    let out = Command::new("unshare").args(["-m", "sh", "-euc", script]).output().unwrap();
    assert!(
        out.status.success(),
        "{}{}",
        String::from_utf8_lossy(&out.stdout),
        String::from_utf8_lossy(&out.stderr)
    );
    true
}

#[test]
fn a_full_disk_leaves_the_old_report_and_no_part_of_the_new_one() {
    let root = clean();
    let scratch = tempfile::tempdir().unwrap();
    in_own_mounts(&format!(
        "mount -t tmpfs -o size=16k full {out}; cd {out}; echo old > report.json
        dd if=/dev/zero of=filler bs=4096 count=2 2>/dev/null
        code=0; {debar} scan {root} -o json=report.json || code=$?
        [ $code = 2 ] || {{ echo \"exit code $code\"; exit 1; }}
        [ \"$(cat report.json)\" = old ] || {{ echo 'the old report is gone'; exit 1; }}
        [ \"$(ls -A | wc -l)\" = 2 ] || {{ ls -lA; exit 1; }}",
        out = scratch.path().display(),
        debar = env!("CARGO_BIN_EXE_debar"),
        root = root.path().display(),
    ));
}

#[test]
fn a_read_only_file_system_is_refused() {
    let root = clean();
    let scratch = tempfile::tempdir().unwrap();
    in_own_mounts(&format!(
        "mount -t tmpfs -o ro locked {out}
        code=0; {debar} scan {root} -o json={out}/report.json 2>{out}.error || code=$?
        grep -q 'Read-only file system' {out}.error || {{ cat {out}.error; exit 1; }}
        rm {out}.error; [ $code = 2 ]",
        out = scratch.path().display(),
        debar = env!("CARGO_BIN_EXE_debar"),
        root = root.path().display(),
    ));
}

#[test]
fn a_missing_folder_is_refused() {
    let root = clean();
    let (code, _, error) =
        run(debar().args(["scan"]).arg(root.path()).args(["-o", "json=/nonexistent/r.json"]));
    assert_eq!(code, 2);
    assert!(error.contains("/nonexistent/r.json"), "{error}");
}

/// A reader that goes away in the middle: of a named pipe, the output failed; of standard output
/// (`debar scan | head`), the exit code still is the verdict's.
#[test]
fn a_reader_that_goes_away_never_makes_a_verdict_clean() {
    let banned = Root::debian(&[("kesl", "11.4.0-1111")]);
    let scratch = tempfile::tempdir().unwrap();
    let pipe = scratch.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    for format in ["json", "html"] {
        let out = format!("{format}={}", pipe.display());
        let mut child = debar().arg("scan").arg(banned.path()).args(["-o", &out]).spawn().unwrap();
        // Opened and closed again. The report fits into the pipe's buffer if it is written before that.
        read_a_byte(&pipe);
        assert!(matches!(child.wait().unwrap().code(), Some(1 | 2)), "{format}");
    }
    let mut child = debar().arg("scan").arg(banned.path()).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

fn read_a_byte(pipe: &Path) {
    use std::io::Read;
    let mut byte = [0];
    fs::File::open(pipe).unwrap().read_exact(&mut byte).unwrap();
}
