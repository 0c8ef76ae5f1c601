//! What a confined debar can no longer do: each is tried, in a child process under the policy of a scan.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stderr, reason = "tests")]

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::{Root, debar, run, scan};
use debar::model::{Confinement, Enforced};
use debar::process::{Bounds, confine};

/// Set in the child: the folder that the probes work in.
const PROBE: &str = "DEBAR_PROBE";

/// What is tried, and whether a scan needs it.
fn probes(top: &Path) -> Vec<(&'static str, bool, io::Result<()>)> {
    let at = |path: &str| top.join(path);
    let errno = |result: rustix::io::Result<()>| result.map_err(io::Error::from);
    let beside = || {
        fs::write(at("outputs/.r.tmp"), "x").and_then(|()| fs::rename(at("outputs/.r.tmp"), at("outputs/r")))
    };
    let read = |path: PathBuf| fs::read(path).map(drop);
    vec![
        ("read in the target", true, read(at("target/file"))),
        ("list the target", true, fs::read_dir(at("target")).map(drop)),
        ("write an output whole", true, beside()),
        ("replace an output", true, fs::write(at("outputs/r"), "y")),
        ("start a thread", true, std::thread::Builder::new().spawn(|| ()).map(|it| it.join().unwrap())),
        ("write in the target", false, fs::write(at("target/new"), "x")),
        ("change the target", false, fs::write(at("target/file"), "x")),
        ("append to the target", false, fs::File::options().append(true).open(at("target/file")).map(drop)),
        (
            "truncate the target",
            false,
            fs::File::options().write(true).truncate(true).open(at("target/file")).map(drop),
        ),
        ("remove from the target", false, fs::remove_file(at("target/file"))),
        ("move out of the target", false, fs::rename(at("target/file"), at("outputs/stolen"))),
        ("link the target elsewhere", false, fs::hard_link(at("target/file"), at("outputs/linked"))),
        ("read outside", false, read(at("outside/secret"))),
        ("read outside through a link", false, read(at("target/link"))),
        ("list outside", false, fs::read_dir(at("outside")).map(drop)),
        ("write outside", false, fs::write(at("outside/new"), "x")),
        ("read what an output folder holds", false, read(at("outputs/other"))),
        ("read an account's secrets", false, read("/etc/passwd".into())),
        ("make a folder", false, fs::create_dir(at("outputs/folder"))),
        ("make a link", false, std::os::unix::fs::symlink("/", at("outputs/link"))),
        ("make a device", false, {
            use rustix::fs::{CWD, FileType, Mode, mknodat};
            errno(mknodat(CWD, at("outputs/pipe"), FileType::Fifo, Mode::RUSR, 0))
        }),
        ("change a mode", false, {
            use rustix::fs::{CWD, Mode, chmodat};
            errno(chmodat(CWD, at("outputs/r"), Mode::RWXU, rustix::fs::AtFlags::empty()))
        }),
        ("change an owner", false, std::os::unix::fs::chown(at("outputs/r"), Some(1), None)),
        ("change a time", false, {
            let file = fs::File::options().write(true).open(at("outputs/r")).unwrap();
            file.set_modified(std::time::SystemTime::UNIX_EPOCH)
        }),
        ("start a program", false, Command::new("/bin/true").stdout(Stdio::null()).status().map(drop)),
        ("connect", false, std::net::TcpStream::connect("127.0.0.1:9").map(drop)),
        ("listen", false, std::net::TcpListener::bind("127.0.0.1:0").map(drop)),
        ("send a datagram", false, std::net::UdpSocket::bind("127.0.0.1:0").map(drop)),
        ("connect to a local socket", false, std::os::unix::net::UnixStream::connect("/run/none").map(drop)),
        ("signal another process", false, {
            let parent = rustix::process::getppid().unwrap();
            errno(rustix::process::test_kill_process(parent))
        }),
        ("change the root", false, errno(rustix::process::chroot("/"))),
    ]
}

/// Runs in the child, and is nothing by itself.
#[test]
fn probe() {
    let Some(top) = std::env::var_os(PROBE) else { return };
    let top = PathBuf::from(top);
    let bounds =
        Bounds { read: vec![top.join("target")], write: vec![top.join("outputs")], ..Bounds::default() };
    let told = confine(&bounds);
    let tried: BTreeMap<&str, (bool, Option<i32>)> = probes(&top)
        .into_iter()
        .map(|(what, needed, result)| {
            (what, (needed, result.err().map(|error| error.raw_os_error().unwrap_or(-1))))
        })
        .collect();
    fs::write(top.join("outputs/told"), serde_json::to_vec(&(told, tried)).unwrap()).unwrap();
}

#[test]
fn a_confined_scan_reads_its_target_writes_its_outputs_and_nothing_else() {
    let scratch = tempfile::tempdir().unwrap();
    for path in ["target/file", "outside/secret", "outputs/other"] {
        fs::create_dir_all(scratch.path().join(path).parent().unwrap()).unwrap();
        fs::write(scratch.path().join(path), "x").unwrap();
    }
    std::os::unix::fs::symlink(scratch.path().join("outside/secret"), scratch.path().join("target/link"))
        .unwrap();
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "confinement::probe", "--test-threads", "1"])
        .env(PROBE, scratch.path())
        .output()
        .unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
    let told = fs::read(scratch.path().join("outputs/told")).unwrap();
    let (told, tried): (Confinement, BTreeMap<String, (bool, Option<i32>)>) =
        serde_json::from_slice(&told).unwrap();
    assert!(tried.len() > 25, "{tried:?}");
    eprintln!("{}", told.words());
    let kernel_has_all = told.files == Enforced::Fully && told.system_calls == Enforced::Fully;
    assert!(kernel_has_all || std::env::var_os("DEBAR_TEST_ALL").is_none(), "{told:?}");
    let mut wrong = Vec::new();
    for (what, (needed, error)) in &tried {
        let refused = matches!(error, Some(1 | 13 | 18 | 38));
        match needed {
            true if error.is_some() => wrong.push(format!("{what}: {error:?}")),
            false if kernel_has_all && !refused => wrong.push(format!("{what} was possible: {error:?}")),
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(fs::read(scratch.path().join("target/file")).unwrap(), b"x");
}

#[test]
fn a_report_says_what_was_in_force() {
    let root = Root::debian(&[]);
    let (code, report) = scan(&root, &[]);
    assert_eq!(code, 0, "{report:#}");
    let told = &report["versions"]["confinement"];
    if std::env::var_os("DEBAR_TEST_ALL").is_some() {
        assert_eq!(
            (told["files"].as_str(), told["system_calls"].as_str()),
            (Some("fully"), Some("fully")),
            "{told}"
        );
    }
    let (_, text, _) = run(debar().args(["scan", "-v"]).arg(root.path()));
    assert!(text.contains("Confined by") || text.contains("Not confined"), "{text}");
    let (code, report) = scan(&root, &["--no-confinement"]);
    assert_eq!(code, 0);
    assert_eq!(report["versions"]["confinement"]["files"].as_str(), Some("no"));
}

/// The kernel's own word for it, of the binary at work: it waits for someone to read its output.
#[test]
fn the_kernel_says_that_the_binary_is_confined() {
    let root = Root::debian(&[]);
    let scratch = tempfile::tempdir().unwrap();
    let pipe = scratch.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let out = format!("json={}", pipe.display());
    let mut command = debar();
    command.env_remove("DEBAR_NICE").arg("scan").arg(root.path()).args(["-o", &out]);
    let mut child = command.spawn().unwrap();
    let is_confined = || {
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let value = |name: &str| {
            status.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned())
        };
        (value("NoNewPrivs:").as_deref(), value("Seccomp:").as_deref()) == (Some("1"), Some("2"))
    };
    let start = std::time::Instant::now();
    while !is_confined() && start.elapsed().as_secs() < 60 {
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert!(is_confined());
    let stat = fs::read_to_string(format!("/proc/{}/stat", child.id())).unwrap();
    let nice = stat.rsplit(") ").next().unwrap().split(' ').nth(16).unwrap();
    assert_eq!(nice, "19", "it gives way by default");
    assert!(fs::read(&pipe).unwrap().starts_with(b"{"));
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// A command that waits for its first byte at a pipe is confined already.
#[test]
fn no_command_reads_a_report_or_a_signature_file_before_it_is_confined() {
    let scratch = tempfile::tempdir().unwrap();
    let at = |name: &str| scratch.path().join(name).display().to_string();
    let report = include_str!("../fixtures/reports/found-1.0.json");
    fs::write(at("old.json"), report).unwrap();
    let (pipe, old, store, into) = (at("pipe"), at("old.json"), at("fleet.db"), at("new"));
    let (code, _, error) = run(debar().args(["fleet", "ingest", &old, "--store", &store]));
    assert_eq!(code, 0, "{error}");
    let root = Root::debian(&[]).path().display().to_string();
    let commands: &[&[&str]] = &[
        &["plan", &pipe],
        &["diff", &old, &pipe],
        &["attest", &pipe],
        &["verify", &pipe],
        &["scan", &root, "--baseline", &pipe],
        &["fleet", "ingest", &pipe, "--store", &store],
        &["fleet", "status", "--assets", &pipe, "--store", &store],
        &["fleet", "hosts", "--assets", &pipe, "--store", &store],
        &["fleet", "findings", "--assets", &pipe, "--store", &store],
        &["fleet", "trend", "--assets", &pipe, "--store", &store],
        &["fleet", "worklist", "--assets", &pipe, "--store", &store],
        &["fleet", "worklist", "--earlier", &pipe, "--store", &store],
        &["fleet", "export", &into, "--assets", &pipe, "--store", &store],
        &["fleet", "attest", "--assets", &pipe, "--store", &store],
        &["fleet", "html", &into, "--assets", &pipe, "--store", &store],
        &["fleet", "plan", "--signatures", &pipe, &old, "--into", &into],
        &["signatures", "check", &pipe],
        &["signatures", "list", "--signatures", &pipe],
        &["signatures", "show", "kaspersky", "--signatures", &pipe],
        &["signatures", "test", "--signatures", &pipe],
        &["signatures", "export", "sigma", "--signatures", &pipe],
        &["signatures", "new", &pipe, "--vendor", "v", "--product", "p", "--select", "name=x"],
        &["signatures", "verify", &pipe, "--trusted-key", &pipe],
    ];
    let mut wrong = Vec::new();
    for arguments in commands {
        drop(fs::remove_file(&pipe));
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        let mut child = debar().args(*arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let filters = |child: &std::process::Child| {
            let status =
                fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_else(|_| String::new());
            status.lines().find_map(|line| line.strip_prefix("Seccomp:")).map(|mode| mode.trim().to_owned())
        };
        // It sleeps while it waits at the pipe; what it was by then is what it stays.
        let start = std::time::Instant::now();
        while filters(&child).as_deref() != Some("2")
            && child.try_wait().unwrap().is_none()
            && start.elapsed().as_secs() < 60
        {
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        match child.try_wait().unwrap() {
            None if filters(&child).as_deref() == Some("2") => {}
            None => wrong.push(format!("{arguments:?} is not confined")),
            Some(status) => wrong.push(format!("{arguments:?} did not wait: {status}")),
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The thread that stays outside of Landlock can read links, and nothing else.
#[test]
fn the_thread_outside_of_landlock_only_reads_links() {
    let tried = std::thread::spawn(|| {
        let is_bound = debar::process::only_read_links();
        let link = fs::read_link("/proc/self/exe").map(drop).map_err(|error| error.kind());
        let open = fs::read("/etc/passwd").map(drop).map_err(|error| error.kind());
        let write = fs::write("/tmp/debar-probe", "x").map_err(|error| error.kind());
        let start = Command::new("/bin/true").status().map(drop).map_err(|error| error.kind());
        (is_bound, link, [open, write, start])
    });
    let (is_bound, link, refused) = tried.join().unwrap();
    assert!(is_bound || std::env::var_os("DEBAR_TEST_ALL").is_none());
    if is_bound {
        assert_eq!(link, Ok(()));
        assert_eq!(refused, [Err(io::ErrorKind::PermissionDenied); 3]);
    }
}

/// On the live host, Landlock must not hide what runs.
#[test]
fn a_confined_scan_of_this_host_sees_what_other_processes_run() {
    let mut sleeper = Command::new("/bin/sleep").arg("600").spawn().unwrap();
    let look = |more: &[&str]| {
        let (code, out, error) =
            run(debar().args(["inventory", "--collector", "processes", "-o", "json", "-x"]).args(more));
        assert!(matches!(code, 0 | 3), "{error}");
        let report: serde_json::Value = serde_json::from_str(&out).unwrap();
        let artifacts = report["artifacts"].as_array().unwrap();
        let own = artifacts
            .iter()
            .find(|one| one["location"]["pid"].as_u64() == Some(sleeper.id().into()))
            .cloned();
        (
            own.unwrap()["fields"]["path"].clone(),
            crate::support::gaps(&report).iter().any(|gap| gap.contains("list of processes")),
        )
    };
    let confined = look(&[]);
    let free = look(&["--no-confinement"]);
    sleeper.kill().unwrap();
    sleeper.wait().unwrap();
    assert_eq!(confined, free);
    assert!(
        confined.0.as_str().unwrap().ends_with("sleep") || confined.0.as_str().unwrap().contains("coreutils"),
        "{confined:?}"
    );
}
