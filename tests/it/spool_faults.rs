//! The temporary folder fails: it is not there, full, or a file in it may not grow. What of an image should have been
//! kept there is a gap or an error with a way out, at every byte at which it can fail, and never a clean verdict.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests"
)]

use crate::support::image;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::support::debar;
use serde_json::Value;

/// Bytes that no compression makes smaller, so that a layer has its size.
fn noise(count: usize, seed: u64) -> Vec<u8> {
    let mut random = image::Random(seed);
    (0..count).map(|_| random.below(256) as u8).collect()
}

/// A package database that is not kept in memory.
fn status() -> String {
    let mut status = crate::support::status(&[]);
    for at in 0..4_000 {
        status += &format!(
            "Package: tool-{at}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.{at}\n\
             Maintainer: Somebody <somebody@example.org>\nDescription: {}\n\n",
            "words ".repeat(120)
        );
    }
    assert!(status.len() > 3 << 20);
    status
}

/// A clean image.
fn layers() -> Vec<image::Layer> {
    let mut archive = Vec::new();
    let mut add = |path: &str, bytes: &[u8]| {
        image::member(&mut archive, path.as_bytes(), b'0', 0o644, b"", bytes);
    };
    add("etc/os-release", b"ID=debian\nVERSION_ID=12\n");
    add("var/lib/dpkg/status", status().as_bytes());
    add("usr/share/noise", &noise(300_000, 7));
    vec![image::gzipped(archive)]
}

/// An OCI layout, and an archive of it.
struct Images {
    folder: tempfile::TempDir,
}

impl Images {
    fn new() -> Images {
        let images = Images { folder: tempfile::tempdir().unwrap() };
        let layers = layers();
        image::oci_folder(&layers, &images.folder.path().join("layout"));
        let archive = image::docker_archive(&layers);
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&archive).unwrap();
        fs::write(images.folder.path().join("archive.tar.gz"), encoder.finish().unwrap()).unwrap();
        fs::write(images.folder.path().join("archive.tar"), archive).unwrap();
        images
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }
}

/// What a scan came to: exit code, report if there is one, and what was said.
struct Came {
    code: Option<i32>,
    report: Option<Value>,
    error: String,
}

/// Runs a command with the archive on a pipe: a file on standard input would be read in place.
fn with_archive(images: &Images, command: &mut Command) -> Output {
    let mut cat = Command::new("cat");
    let mut cat = cat.arg(images.path("archive.tar")).stdout(Stdio::piped()).spawn().unwrap();
    let out = command.stdin(cat.stdout.take().unwrap()).output().unwrap();
    // The pipe's other end goes with the command, or `cat` would wait for a reader.
    command.stdin(Stdio::null());
    cat.wait().unwrap();
    out
}

/// Scans a target; `-` is the archive on a pipe. `limit` is the largest file that may be written.
fn scan(images: &Images, target: &str, limit: Option<u64>, temporary: Option<&Path>) -> Came {
    let mut command = match limit {
        None => debar(),
        Some(limit) => {
            let mut command = Command::new("prlimit");
            command.arg(format!("--fsize={limit}")).arg(env!("CARGO_BIN_EXE_debar"));
            command
        }
    };
    command.envs(temporary.map(|folder| ("TMPDIR", folder)));
    command.args(["scan", target, "-o", "json", "--no-progress", "--nice", "0"]);
    let out = match target {
        "-" => with_archive(images, &mut command),
        _ => command.output().unwrap(),
    };
    Came {
        code: out.status.code(),
        report: serde_json::from_slice(&out.stdout).ok(),
        error: String::from_utf8(out.stderr).unwrap(),
    }
}

/// What a report says, without the times.
fn told(report: &Value) -> String {
    format!("{} {} {} {}", report["verdict"], report["findings"], report["gaps"], report["coverage"])
}

/// Whether a scan said that the temporary folder failed, and how to go on.
fn assert_told(name: &str, came: &Came, is_fatal: bool) {
    let says = |text: &str| text.contains("temporary folder") && text.contains("TMPDIR");
    if is_fatal {
        assert!(came.code == Some(2) && came.report.is_none(), "{name}: {:?} {}", came.code, came.error);
        assert!(says(&came.error), "{name}: {}", came.error);
    } else {
        assert_eq!(came.code, Some(3), "{name}: {}", came.error);
        let gaps = &came.report.as_ref().unwrap()["gaps"];
        assert!(
            gaps.as_array().unwrap().iter().any(|gap| says(gap["detail"].as_str().unwrap())),
            "{name}: {gaps}"
        );
    }
}

/// Each target, and whether it cannot be scanned at all without the temporary folder.
fn targets(images: &Images) -> Vec<(String, bool)> {
    vec![(images.path("layout"), false), (images.path("archive.tar.gz"), true), ("-".to_owned(), true)]
}

#[test]
fn a_temporary_file_that_may_not_grow_is_told_at_whatever_byte() {
    let images = Images::new();
    let mut injected = 0;
    for (target, is_fatal) in targets(&images) {
        let sound = scan(&images, &target, None, None);
        assert_eq!(sound.code, Some(0), "{}", sound.error);
        let mut hits = 0;
        // Powers of two, up to what is never reached.
        for limit in [0].into_iter().chain((0..24).map(|power| 1 << power)) {
            let came = scan(&images, &target, Some(limit), None);
            if came.code == Some(0) {
                assert!(limit > 1 << 20, "at most {limit} bytes of a file, and nothing was told");
                assert_eq!(told(came.report.as_ref().unwrap()), told(sound.report.as_ref().unwrap()));
                continue;
            }
            assert_told(&format!("{target} with {limit} bytes"), &came, is_fatal);
            hits += 1;
        }
        eprintln!("spool of {target}: {hits} faults injected, 0 silent");
        assert!(hits > 15);
        injected += hits;
    }
    assert!(injected > 45);
}

#[test]
fn a_temporary_folder_that_is_not_there_is_told() {
    let images = Images::new();
    for (target, is_fatal) in targets(&images) {
        let came = scan(&images, &target, None, Some(Path::new("/nonexistent")));
        assert_told(&target, &came, is_fatal);
    }
}

#[test]
fn a_full_temporary_folder_is_told() {
    let may = Command::new("unshare").args(["-m", "true"]).stderr(Stdio::null()).status();
    if !may.is_ok_and(|status| status.success()) {
        assert!(std::env::var_os("DEBAR_TEST_ALL").is_none(), "needs the right to mount");
        return;
    }
    let images = Images::new();
    let scratch = tempfile::tempdir().unwrap();
    for (target, is_fatal) in targets(&images) {
        for pages in ["1", "100", "600"] {
            let script = format!(
                "mount -t tmpfs -o nr_blocks={pages} full {folder}
                export TMPDIR={folder}
                exec {debar} scan {target} -o json --no-progress",
                folder = scratch.path().display(),
                debar = env!("CARGO_BIN_EXE_debar"),
            );
            let mut command = Command::new("unshare");
            let out = with_archive(&images, command.args(["-m", "sh", "-euc", &script]));
            let came = Came {
                code: out.status.code(),
                report: serde_json::from_slice(&out.stdout).ok(),
                error: String::from_utf8(out.stderr).unwrap(),
            };
            assert_told(&format!("{target} with {pages} pages"), &came, is_fatal);
        }
    }
}

/// A cache is a convenience: when it cannot be written, the scan is as without it, and no entry is half there.
#[test]
fn a_cache_that_cannot_be_written_changes_no_report() {
    let images = Images::new();
    let cache = tempfile::tempdir().unwrap();
    let layout = images.path("layout");
    let run = |limit: u64| {
        let mut command = Command::new("prlimit");
        command.arg(format!("--fsize={limit}")).arg(env!("CARGO_BIN_EXE_debar"));
        command.args(["scan", &layout, "-o", "json", "--no-progress", "--cache"]).arg(cache.path());
        let out = command.output().unwrap();
        let report: Value = serde_json::from_slice(&out.stdout).unwrap();
        (out.status.code(), told(&report), fs::read_dir(cache.path()).unwrap().count())
    };
    let sound = scan(&images, &layout, None, None);
    let (mut injected, mut kept) = (0, 0);
    // Room for the temporary file, and then for more and more of the entry, which has names besides.
    for more in (0..2048).step_by(128) {
        let (code, report, entries) = run(status().len() as u64 + more);
        assert_eq!((code, report), (Some(0), told(sound.report.as_ref().unwrap())), "{more}");
        if entries == 0 {
            injected += 1
        } else {
            kept += 1
        }
        for entry in fs::read_dir(cache.path()).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
    }
    eprintln!("cache: {injected} faults injected, {kept} entries kept");
    assert!(injected > 0 && kept > 0);
}
