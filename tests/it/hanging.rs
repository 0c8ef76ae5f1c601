//! A read that never returns costs no more than the time limit, and nothing else that was found.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::support::{Root, artifacts, gaps, scan};
use debar::bytes::ReadAt;
use debar::fs::memory::Memory;
use debar::fs::tree::{Listed, Stat, Tree};
use debar::model::GapKind;
use debar::model::TargetKind;
use debar::scan::{Options, observe};
use debar::target::Target;

/// A tree in which opening one file never returns.
struct Hanging {
    tree: Memory,
    at: &'static [u8],
}

impl Tree for Hanging {
    fn stat(&self, path: &[u8]) -> io::Result<Stat> {
        self.tree.stat(path)
    }

    fn list(&self, path: &[u8]) -> io::Result<Vec<Listed>> {
        self.tree.list(path)
    }

    fn open(&self, path: &[u8]) -> io::Result<Box<dyn ReadAt>> {
        if path == self.at {
            loop {
                std::thread::park();
            }
        }
        self.tree.open(path)
    }
}

fn observed(at: &'static [u8]) -> (Duration, debar::scan::Observed<String>) {
    let tree = Memory::new()
        .file("etc/os-release", "ID=debian\n")
        .file("var/lib/dpkg/status", crate::support::status(&[("hello", "2.10")]))
        .file("etc/cron.d/job", "5 4 * * * root /bin/true\n")
        .executable("opt/tool/bin/tool", "#!/bin/sh\n")
        .executable("usr/local/bin/other", "#!/bin/sh\n");
    let root = debar::fs::Root::new(Box::new(Hanging { tree, at }));
    let target = Arc::new(Target::new(TargetKind::Directory, "test", root));
    let options = Options { timeout: Some(Duration::from_millis(300)), ..Options::default() };
    let start = Instant::now();
    let observed =
        observe(&target, &options, &Arc::default(), |artifact| Some(artifact.collector.to_owned()));
    (start.elapsed(), observed)
}

#[test]
fn a_file_that_hangs_is_a_gap_with_its_place() {
    let (took, observed) = observed(b"var/lib/dpkg/status");
    assert!(took < Duration::from_secs(20), "{took:?}");
    let hanging: Vec<_> = observed.gaps.iter().filter(|gap| gap.kind == GapKind::TimedOut).collect();
    assert_eq!(hanging.len(), 1, "{:?}", observed.gaps);
    assert_eq!(
        (hanging[0].collector.as_str(), hanging[0].place.as_str()),
        ("deb_packages", "/var/lib/dpkg/status")
    );
    for collector in ["crontab", "program_files"] {
        assert!(observed.kept.iter().any(|kept| kept == collector), "{:?}", observed.kept);
    }
}

#[test]
fn a_walk_that_hangs_keeps_what_it_found_before() {
    let (_, observed) = observed(b"opt/tool/bin/tool");
    let hanging: Vec<_> = observed.gaps.iter().filter(|gap| gap.kind == GapKind::TimedOut).collect();
    assert!(hanging.iter().any(|gap| gap.place.contains("/opt/tool")), "{:?}", observed.gaps);
    assert!(observed.kept.iter().any(|kept| kept == "deb_packages"), "{:?}", observed.kept);
}

/// A file system whose server never answers, as a network mount whose server is gone.
#[cfg(target_os = "linux")]
struct DeadMount {
    at: std::path::PathBuf,
    server: std::process::Child,
}

#[cfg(target_os = "linux")]
impl DeadMount {
    /// Mounts it, or says why that cannot be done here.
    fn new(at: std::path::PathBuf) -> Result<Self, String> {
        if !rustix::process::geteuid().is_root() {
            return Err("only root may mount".to_owned());
        }
        std::fs::create_dir_all(&at).unwrap();
        // The shell keeps the descriptor open and reads nothing from it.
        let script = "exec 3<>/dev/fuse && mount -i -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 dead \"$1\" \
                      && exec sleep 120";
        let server = std::process::Command::new("sh").args(["-c", script, "sh"]).arg(&at).spawn().unwrap();
        let mut mount = DeadMount { at, server };
        for _ in 0..100 {
            let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap();
            if mounts.contains(mount.at.to_str().unwrap()) {
                return Ok(mount);
            }
            if mount.server.try_wait().unwrap().is_some() {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err("FUSE is not available".to_owned())
    }
}

#[cfg(target_os = "linux")]
impl Drop for DeadMount {
    fn drop(&mut self) {
        // Without its server every operation fails at once, so that the folder can be removed.
        let _ = self.server.kill();
        let _ = self.server.wait();
        let _ = std::process::Command::new("umount").arg("-l").arg(&self.at).output();
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_mount_whose_server_is_gone_does_not_hold_up_a_scan() {
    let root = Root::debian(&[("hello", "2.10")]);
    let _mount = match DeadMount::new(root.at("opt/data")) {
        Ok(mount) => mount,
        Err(reason) if std::env::var_os("DEBAR_TEST_ALL").is_some() => panic!("not tested: {reason}"),
        Err(reason) => return eprintln!("not tested: {reason}"),
    };
    let start = Instant::now();
    let (code, report) = scan(&root, &["--timeout", "1s"]);
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
    assert_eq!(code, 3, "{report:#}");
    assert!(
        gaps(&report).iter().any(|gap| gap.starts_with("timed_out ") && gap.ends_with(" /opt/data")),
        "{:?}",
        gaps(&report)
    );
    assert_eq!(artifacts(&report, "deb_packages"), 2);
}

/// A target that never answers ends with its time; the reports of the targets before and behind it are written.
#[cfg(unix)]
#[test]
fn a_target_that_does_not_answer_loses_no_report_of_others() {
    use std::io::Write;
    use std::process::Stdio;
    let (first, last) = (Root::debian(&[("kesl", "11.4.0-1111")]), Root::debian(&[("hello", "2.10")]));
    // Nothing at all comes, and the beginning of an archive.
    for beginning in [&b""[..], &b"etc/os-release"[..]] {
        let mut child = crate::support::debar()
            .args(["scan", "-o", "json", "--timeout", "1s"])
            .args([first.path().as_os_str(), "-".as_ref(), last.path().as_os_str()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(beginning).unwrap();
        let start = Instant::now();
        let output = child.wait_with_output().unwrap();
        assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
        drop(input);
        let error = String::from_utf8(output.stderr).unwrap();
        let reports: serde_json::Value = serde_json::from_slice(&output.stdout).expect(&error);
        assert_eq!(output.status.code(), Some(1), "{error}");
        let reports = reports["reports"].as_array().unwrap();
        assert_eq!(reports.len(), 2, "{reports:?}");
        assert_eq!(reports[0]["verdict"], "found");
        assert_eq!(reports[1]["verdict"], "not_found");
        assert!(error.contains("cannot scan -: it did not answer within the time limit"), "{error}");
    }
}

/// What was not read is never clean, and a run without any report fails.
#[cfg(unix)]
#[test]
fn a_target_that_does_not_answer_is_never_clean() {
    use std::process::Stdio;
    let clean = Root::debian(&[("hello", "2.10")]);
    for (first, expected) in [(Some(&clean), 3), (None, 2)] {
        let mut child = crate::support::debar()
            .args(["scan", "-q", "--timeout", "1s"])
            .args(first.map(|root| root.path()))
            .arg("-")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let input = child.stdin.take().unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(expected));
        drop(input);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_dead_mount_as_a_target_loses_no_report_of_others() {
    let (clean, other) = (Root::debian(&[("hello", "2.10")]), tempfile::tempdir().unwrap());
    let mount = match DeadMount::new(other.path().join("dead")) {
        Ok(mount) => mount,
        Err(reason) if std::env::var_os("DEBAR_TEST_ALL").is_some() => panic!("not tested: {reason}"),
        Err(reason) => return eprintln!("not tested: {reason}"),
    };
    let dead = mount.at.to_str().unwrap();
    for name in
        [dead.to_owned(), format!("dir:{dead}"), format!("oci-dir:{dead}:1"), format!("containerd:{dead}")]
    {
        let start = Instant::now();
        let (code, out, error) = crate::support::run(
            crate::support::debar()
                .args(["scan", "-o", "json", "--timeout", "1s"])
                .args([clean.path().as_os_str(), name.as_ref()]),
        );
        assert!(start.elapsed() < Duration::from_secs(30), "{name}: {:?}", start.elapsed());
        assert_eq!(code, 3, "{name}: {error}");
        let report: serde_json::Value = serde_json::from_str(&out).expect(&error);
        assert_eq!(report["verdict"], "not_found", "{name}");
        assert!(error.contains(&format!("cannot scan {name}: it did not answer")), "{name}: {error}");
    }
}
