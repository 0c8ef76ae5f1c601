//! Outputs that fail: a full disk, a limit on the size of files, a read-only file system, a folder or a reader that
//! goes away. Every command that writes fails loudly, leaves no part of what it wrote, and what was there before stays.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stderr, reason = "tests")]

use crate::support::image;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::{Root, debar, run};

/// Reports and a store of a fleet, for the commands that read them.
struct Desk {
    root: Root,
    files: tempfile::TempDir,
}

impl Desk {
    fn new() -> Desk {
        let desk = Desk {
            root: Root::debian(&[("hello", "2.10"), ("klnagent64", "15.0.0")]),
            files: tempfile::tempdir().unwrap(),
        };
        let clean = clean();
        for (root, code, name) in [(&desk.root, 1, "report.json"), (&clean, 0, "clean.json")] {
            let out = format!("json={}", desk.at(name).display());
            assert_eq!(run(debar().arg("scan").arg(root.path()).args(["-q", "-o", &out])).0, code);
        }
        let ingest = desk.command("fleet ingest --store {at}/fleet.db {at}/report.json", "");
        assert_eq!(run(&mut { ingest }).0, 0);
        let pair = minisign::KeyPair::generate_unencrypted_keypair().unwrap();
        fs::write(desk.at("key"), pair.sk.to_box(None).unwrap().into_string()).unwrap();
        desk
    }

    fn at(&self, name: &str) -> PathBuf {
        self.files.path().join(name)
    }

    /// A line with the places in it filled in.
    fn words(&self, line: &str, out: &str) -> Vec<String> {
        let (root, at) = (self.root.path().to_str().unwrap(), self.files.path().to_str().unwrap());
        let fill = |word: &str| word.replace("{root}", root).replace("{at}", at).replace("{out}", out);
        line.split(' ').map(fill).collect()
    }

    fn command(&self, line: &str, out: &str) -> Command {
        let mut command = debar();
        command.args(self.words(line, out));
        command
    }
}

/// Every command that writes a file, to `{out}`.
const WRITING: &[&str] = &[
    "scan {root} -o json={out}",
    "scan {root} -q -o html={out} -o text",
    "inventory {root} -o ndjson={out}",
    "plan {at}/report.json -o sh={out}",
    "verify {at}/report.json -o json={out}",
    "diff {at}/clean.json {at}/report.json -o json={out}",
    "attest {at}/report.json -o intoto={out}",
    "attest {at}/report.json -o html={out}",
    "fleet status --store {at}/fleet.db -o json={out}",
    "fleet hosts --store {at}/fleet.db -o csv={out}",
    "fleet findings --store {at}/fleet.db -o ndjson={out}",
    "fleet trend --store {at}/fleet.db -o csv={out}",
    "fleet worklist --store {at}/fleet.db -o json={out}",
    "fleet attest --store {at}/fleet.db -o json={out}",
    "fleet html --store {at}/fleet.db {out}",
];

/// Commands that print, with the exit code that they have when someone reads it.
const PRINTING: &[(&str, i32)] = &[
    ("scan {root}", 1),
    ("inventory {root}", 0),
    ("plan {at}/report.json", 0),
    ("verify {at}/report.json", 1),
    ("diff {at}/clean.json {at}/report.json", 1),
    ("attest {at}/report.json", 0),
    ("fleet status --store {at}/fleet.db", 0),
    ("fleet worklist --store {at}/fleet.db", 0),
    ("fleet ingest --store {at}/fleet.db {at}/report.json", 0),
    ("collectors", 0),
    ("collectors --json", 0),
    ("explain deb_packages", 0),
    ("signatures list", 0),
    ("signatures show kaspersky", 0),
    ("signatures export osquery", 0),
    ("signatures test", 0),
    ("--help", 0),
    ("scan --help", 0),
    ("--version", 0),
];

/// The names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

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

#[test]
fn a_full_standard_output_fails_whatever_is_printed() {
    let desk = Desk::new();
    let mut injected = 0;
    for (line, expected) in PRINTING {
        let (code, out, error) = run(&mut desk.command(line, ""));
        assert!(code == *expected && !out.is_empty(), "{line}: {code} {error}");
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let out = desk.command(line, "").stdout(full).output().unwrap();
        let error = String::from_utf8(out.stderr).unwrap();
        assert_eq!(out.status.code(), Some(2), "{line}: {error}");
        assert!(error.contains("standard output") && error.contains("No space left"), "{line}: {error}");
        injected += 1;
    }
    eprintln!("standard output: {injected} faults injected");
    assert!(injected > 15);
}

/// `RLIMIT_FSIZE`, as `ulimit -f` and systemd's `LimitFSIZE=` set it: the signal that comes with it ends most programs
/// in the middle of a file.
#[test]
fn a_limit_on_the_size_of_files_leaves_the_old_file_and_no_part_of_the_new_one() {
    let desk = Desk::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("written");
    let out = path.to_str().unwrap();
    let status = |desk: &Desk| run(&mut desk.command("fleet hosts --store {at}/fleet.db -o csv", ""));
    let before = status(&desk);
    let mut injected = 0;
    for line in WRITING {
        run(&mut desk.command(line, out));
        let size = fs::metadata(&path).unwrap().len();
        fs::write(&path, "old").unwrap();
        // Times in a report take a byte more or less: not right at its end.
        for limit in [0, 1, size / 2, size - size / 8 - 1] {
            let mut limited = Command::new("prlimit");
            limited.arg(format!("--fsize={limit}")).arg(env!("CARGO_BIN_EXE_debar"));
            let (code, _, error) = run(limited.args(desk.words(line, out)));
            assert_eq!(code, 2, "{line}, at most {limit} of {size} bytes: {error}");
            let place = [out, "fleet.db"].into_iter().find(|place| error.contains(place));
            assert!(place.is_some() && error.contains("has space"), "{line}: {error}");
            assert_eq!(fs::read(&path).unwrap(), b"old", "{line}");
            assert_eq!(names(folder.path()), ["written"], "{line}");
            injected += 1;
        }
    }
    assert_eq!(status(&desk), before, "the store is as it was");
    eprintln!("file size: {injected} faults injected");
    assert!(injected > 50);
}

/// The same for a signature beside what is signed.
#[test]
fn a_limit_on_the_size_of_files_leaves_no_part_of_a_signature() {
    let desk = Desk::new();
    let mut limited = Command::new("prlimit");
    limited.arg("--fsize=16").arg(env!("CARGO_BIN_EXE_debar"));
    let line = "signatures sign --key {at}/key {at}/clean.json";
    let (code, _, error) = run(limited.args(desk.words(line, "")));
    assert!(
        code == 2 && error.contains("clean.json.minisig") && error.contains("has space"),
        "{code} {error}"
    );
    assert_eq!(names(desk.files.path()), ["clean.json", "fleet.db", "key", "report.json"]);
}

/// A store that is half made would never open again, and a timer would fail for ever.
#[test]
fn a_store_that_cannot_be_written_is_not_made_and_takes_everything_later() {
    let desk = Desk::new();
    let folder = tempfile::tempdir().unwrap();
    let store = folder.path().join("new.db");
    let out = store.to_str().unwrap();
    let line = "fleet ingest --store {out} {at}/report.json {at}/clean.json";
    let whole = fs::metadata(desk.at("fleet.db")).unwrap().len();
    let mut injected = 0;
    for limit in (0..whole).step_by(8192) {
        let mut limited = Command::new("prlimit");
        limited.arg(format!("--fsize={limit}")).arg(env!("CARGO_BIN_EXE_debar"));
        let (code, _, error) = run(limited.args(desk.words(line, out)));
        assert_eq!(code, 2, "at most {limit} of {whole} bytes: {error}");
        assert!(error.contains("new.db") && error.contains("ingest again"), "{error}");
        assert!(names(folder.path()).is_empty(), "{:?}", names(folder.path()));
        injected += 1;
    }
    let (code, said, error) = run(&mut desk.command(line, out));
    assert_eq!((code, said.as_str()), (0, "2 reports taken\n"), "{error}");
    eprintln!("new store: {injected} faults injected");
    assert!(injected > 5);
}

/// Nobody knows before a scan ends whether there still is a place for its report.
#[test]
fn a_folder_that_vanishes_during_a_scan_fails() {
    let mut large = Vec::new();
    image::member(&mut large, b"etc/os-release", b'0', 0o644, b"", b"ID=debian\n");
    image::member(&mut large, b"etc/large", b'0', 0o644, b"", &vec![1; 1 << 20]);
    let mut injected = 0;
    for format in ["json", "html", "sarif"] {
        let scratch = tempfile::tempdir().unwrap();
        let folder = scratch.path().join("reports");
        fs::create_dir(&folder).unwrap();
        let out = format!("{format}={}/report", folder.display());
        let mut scan = debar();
        scan.args(["scan", "-", "-o", &out]).stdin(Stdio::piped()).stderr(Stdio::piped());
        let mut child = scan.spawn().unwrap();
        let mut archive = child.stdin.take().unwrap();
        // More than a pipe holds: when it is written, debar reads, and so has looked for its outputs' folders.
        archive.write_all(&large).unwrap();
        fs::remove_dir(&folder).unwrap();
        drop(archive);
        let came = child.wait_with_output().unwrap();
        let error = String::from_utf8(came.stderr).unwrap();
        assert_eq!(came.status.code(), Some(2), "{error}");
        assert!(error.contains("cannot write") && error.contains("reports/report"), "{error}");
        assert!(names(scratch.path()).is_empty());
        injected += 1;
    }
    eprintln!("folder: {injected} faults injected");
    assert!(injected > 2);
}

/// Every command with its output on a file system of its own: a full one, and one that is read-only.
#[test]
fn a_full_disk_and_a_read_only_one_fail_for_every_command_that_writes() {
    let desk = Desk::new();
    let scratch = tempfile::tempdir().unwrap();
    let out = scratch.path().join("out/written");
    fs::create_dir(scratch.path().join("out")).unwrap();
    let quoted = |line: &str| desk.words(line, out.to_str().unwrap()).join(" ");
    let mut script = String::new();
    let folder = out.parent().unwrap().display();
    let lines = WRITING.iter().copied();
    let lines = lines.chain([
        "fleet export --store {at}/fleet.db {out}",
        "fleet plan {at}/report.json --into {out}",
        "fleet ingest --store {out} {at}/report.json",
    ]);
    for (options, says, left) in [("size=16k", "No space left", 2), ("ro", "Read-only file system", 0)] {
        script += &format!("mount -t tmpfs -o {options} disk {folder}\n");
        if left > 0 {
            // A page is left of four, for names; one is what a first small file takes.
            script += &format!(
                "echo old > {folder}/old; dd if=/dev/zero of={folder}/filler bs=4096 count=3 2>{folder}.dd || true\n"
            );
        }
        for line in lines.clone() {
            script += &format!(
                "code=0; {debar} {line} >{folder}.out 2>{folder}.error || code=$?
                [ $code = 2 ] || {{ echo \"exit code $code of {line}\"; cat {folder}.error; exit 1; }}
                grep -q '{says}' {folder}.error && grep -q out/ {folder}.error || {{ echo '{line}'; cat {folder}.error; exit 1; }}
                [ \"$(ls -A {folder} | wc -l)\" = {left} ] || {{ echo '{line}'; ls -lAR {folder}; exit 1; }}\n",
                debar = env!("CARGO_BIN_EXE_debar"),
                line = quoted(line),
            );
        }
        script += &format!("umount {folder}\n");
    }
    if in_own_mounts(&script) {
        eprintln!("disks: {} faults injected", 2 * lines.count());
    }
}
