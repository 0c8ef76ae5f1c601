//! Reports on their way to a collector, against one that misbehaves: nothing is lost, nothing is sent elsewhere, and the
//! scan itself stays confined.
#![cfg(feature = "distribution")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use crate::support::{Root, debar, run};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// What came in.
#[derive(Clone)]
struct Put {
    line: String,
    token: String,
    body: Vec<u8>,
}

/// A collector on loopback.
struct Collector {
    host: String,
    puts: Arc<Mutex<Vec<Put>>>,
}

impl Collector {
    /// The answer gets the number of the request.
    fn start(answer: impl Fn(usize) -> &'static str + Send + 'static) -> Collector {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let puts: Arc<Mutex<Vec<Put>>> = Arc::default();
        let log = Arc::clone(&puts);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let Some(put) = read(&mut BufReader::new(&stream)) else { continue };
                let number = log.lock().unwrap().len();
                log.lock().unwrap().push(put);
                let head = answer(number);
                drop(write!(stream, "HTTP/1.1 {head}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
            }
        });
        Collector { host, puts }
    }

    fn puts(&self) -> Vec<Put> {
        self.puts.lock().unwrap().clone()
    }

    fn address(&self) -> String {
        format!("http://{}/%h/%s.json", self.host)
    }
}

fn read(lines: &mut BufReader<&std::net::TcpStream>) -> Option<Put> {
    let mut line = String::new();
    lines.read_line(&mut line).ok()?;
    let (mut length, mut token) = (0, String::new());
    loop {
        let mut header = String::new();
        lines.read_line(&mut header).ok()?;
        let Some((name, value)) = header.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().unwrap(),
            "authorization" => token = value.to_owned(),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    lines.read_exact(&mut body).ok()?;
    Some(Put { line: line.trim_end().to_owned(), token, body })
}

/// A root with a finding, and a folder for the spool.
struct Scene {
    root: Root,
    scratch: Root,
}

impl Scene {
    fn new() -> Self {
        Scene { root: Root::debian(&[("kesl", "12.1")]), scratch: Root::empty() }
    }

    fn spool(&self) -> PathBuf {
        self.scratch.at("spool")
    }

    fn scan(&self, address: &str, more: &[&str]) -> (i32, String, String) {
        let mut command = debar();
        command.args(["scan", "--no-progress", "-o", &format!("json={address}")]).arg(self.root.path());
        run(without_proxy(command.arg("--spool").arg(self.spool()).args(more)))
    }

    fn deliver(&self, more: &[&str]) -> (i32, String, String) {
        let mut command = debar();
        run(without_proxy(command.arg("deliver").arg("--spool").arg(self.spool()).args(more)))
    }

    fn waiting(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(self.spool()).unwrap().map(|entry| entry.unwrap().path());
        files.collect()
    }
}

fn without_proxy(command: &mut Command) -> &mut Command {
    for name in ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        command.env_remove(name);
    }
    command
}

/// An address where nobody answers.
fn nobody() -> String {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    format!("http://127.0.0.1:{port}/%h/%s.json")
}

#[test]
fn a_report_arrives_under_its_own_digest_and_the_scan_stays_confined() {
    let (scene, collector) = (Scene::new(), Collector::start(|_| "201 Created"));
    let (code, out, err) = scene.scan(&collector.address(), &[]);
    assert_eq!((code, out.as_str(), err.as_str()), (1, "", ""));
    let [put] = collector.puts().try_into().unwrap_or_else(|_| unreachable!());
    let digest: String = Sha256::digest(&put.body).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(put.line, format!("PUT /workstation-7/{digest}.json HTTP/1.1"));
    let report: Value = serde_json::from_slice(&put.body).unwrap();
    assert_eq!(report["target"]["host"], "workstation-7");
    if cfg!(target_os = "linux") && report["versions"]["confinement"]["system_calls"] == "fully" {
        assert_eq!(report["versions"]["confinement"]["connections"], false);
    }
    assert!(scene.waiting().is_empty());
}

#[test]
fn what_cannot_be_delivered_waits_and_is_sent_later() {
    let scene = Scene::new();
    let (code, _, err) = scene.scan(&nobody(), &["--deliver-timeout", "1s"]);
    assert_eq!(code, 1, "{err}");
    assert!(err.contains("cannot be reached") && err.contains("`debar deliver` tries again"), "{err}");
    assert_eq!(scene.waiting().len(), 1);
    let (code, _, err) = scene.deliver(&["--deliver-timeout", "1s"]);
    assert!(code == 3 && err.contains("1 report waits in"), "{code} {err}");
    // The address was of a port that is free: listen there now.
    let text = fs::read_to_string(&scene.waiting()[0]).unwrap();
    let port: u16 = text.split("127.0.0.1:").nth(1).unwrap().split('/').next().unwrap().parse().unwrap();
    let Ok(listener) = TcpListener::bind(("127.0.0.1", port)) else { return };
    let answer = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let put = read(&mut BufReader::new(&stream)).unwrap();
        stream.write_all(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").unwrap();
        put
    });
    assert_eq!(scene.deliver(&[]), (0, String::new(), String::new()));
    assert!(answer.join().unwrap().body.starts_with(b"{"));
    assert!(scene.waiting().is_empty());
    assert_eq!(scene.deliver(&[]).0, 0);
}

#[test]
fn passing_trouble_is_tried_again_and_a_report_that_is_there_is_delivered() {
    for end in ["201 Created", "200 OK", "204 No Content", "409 Conflict", "412 Precondition Failed"] {
        let scene = Scene::new();
        let collector = Collector::start(move |number| if number < 2 { "503 Later" } else { end });
        let (code, _, err) = scene.scan(&collector.address(), &[]);
        assert_eq!((code, err.as_str()), (1, ""), "{end}");
        let puts = collector.puts();
        assert!(puts.len() == 3 && puts.iter().all(|put| put.body == puts[0].body), "{end}");
        assert!(scene.waiting().is_empty(), "{end}");
    }
}

#[test]
fn a_refusal_is_named_and_the_report_stays() {
    for (answer, why) in [
        ("403 Forbidden", "answers 403"),
        ("413 Payload Too Large", "answers 413"),
        ("302 Found\r\nLocation: http://127.0.0.1:1/", "redirects are not followed"),
    ] {
        let scene = Scene::new();
        let collector = Collector::start(move |_| answer);
        let (code, _, err) = scene.scan(&collector.address(), &[]);
        assert!(code == 1 && err.contains(why), "{answer}: {err}");
        assert_eq!((collector.puts().len(), scene.waiting().len()), (1, 1), "{answer}");
    }
    // Without its digest in the address, another report may be there.
    let (scene, collector) = (Scene::new(), Collector::start(|_| "409 Conflict"));
    let (_, _, err) = scene.scan(&collector.address().replace("%s", "latest"), &[]);
    assert!(err.contains("put %s into the address") && scene.waiting().len() == 1, "{err}");
}

#[test]
fn a_spool_that_cannot_be_written_is_an_error_and_loses_nothing() {
    let scene = Scene::new();
    let (code, _, err) = scene.scan(&nobody(), &["--deliver-timeout", "1s"]);
    assert_eq!(code, 1, "{err}");
    let (code, _, err) = scene.scan(&nobody(), &["--spool-limit", "2K", "--deliver-timeout", "1s"]);
    assert!(code == 2 && err.contains("it is full") && err.contains("--spool-limit"), "{code} {err}");
    assert_eq!(scene.waiting().len(), 1);
    let scene = Scene { scratch: Root::empty(), ..scene };
    scene.scratch.file("spool", "");
    let (code, _, err) = scene.scan(&nobody(), &[]);
    assert!(code == 2 && err.contains("cannot write"), "{code} {err}");
}

#[cfg(unix)]
#[test]
fn the_spool_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let (scene, collector) = (Scene::new(), Collector::start(|_| "201 Created"));
    assert_eq!(scene.scan(&collector.address(), &[]).0, 1);
    assert_eq!(fs::metadata(scene.spool()).unwrap().permissions().mode() & 0o777, 0o700);
    fs::set_permissions(scene.spool(), fs::Permissions::from_mode(0o755)).unwrap();
    let (code, _, err) = scene.scan(&collector.address(), &[]);
    assert!(code == 2 && err.contains("chmod 700"), "{code} {err}");
    let (code, _, err) = scene.deliver(&[]);
    assert!(code == 2 && err.contains("chmod 700"), "{code} {err}");
    assert_eq!(collector.puts().len(), 1);
}

#[test]
fn a_token_comes_from_a_file_and_files_that_are_missing_are_named() {
    let (scene, collector) = (Scene::new(), Collector::start(|_| "201 Created"));
    scene.scratch.file("token", "s3cret\n");
    let file = |name: &str| scene.scratch.at(name).to_str().unwrap().to_owned();
    assert_eq!(scene.scan(&collector.address(), &["--token-file", &file("token")]).0, 1);
    assert_eq!(collector.puts()[0].token, "Bearer s3cret");
    let (code, _, err) = scene.scan(&collector.address(), &["--token-file", &file("none")]);
    assert!(code == 1 && err.contains("none"), "{code} {err}");
    assert_eq!((collector.puts().len(), scene.waiting().len()), (1, 1));
    let (code, _, err) = scene.deliver(&["--client-cert", &file("token")]);
    assert!(code == 2 && err.contains("holds no certificate"), "{code} {err}");
    assert_eq!(scene.waiting().len(), 1);
}

#[test]
fn addresses_that_nothing_should_be_sent_to_are_refused() {
    let scene = Scene::new();
    for (address, why) in [
        ("json=http://collector.example.org/%s.json", "without TLS"),
        ("html=https://collector.example.org/%s.html", "json"),
        ("json=https://user:pass@collector.example.org/", "is no address"),
    ] {
        let (code, _, err) = run(debar().args(["scan", "-o", address]).arg(scene.root.path()));
        assert!(code == 2 && err.contains(why), "{address}: {err}");
    }
    let (code, _, err) = run(debar().args(["inventory", "-o", "json=https://collector.example.org/x"]));
    assert!(code == 2 && err.contains("only `debar scan` sends"), "{err}");
    assert!(!Path::new("https:").exists());
}

#[test]
fn a_damaged_file_of_the_spool_is_named_and_stays() {
    let scene = Scene::new();
    assert_eq!(scene.scan(&nobody(), &["--deliver-timeout", "1s"]).0, 1);
    let file = scene.waiting().remove(0);
    let mut bytes = fs::read(&file).unwrap();
    bytes.truncate(bytes.len() - 1);
    fs::write(&file, bytes).unwrap();
    let (code, _, err) = scene.deliver(&[]);
    assert!(code == 3 && err.contains("it is damaged"), "{err}");
    assert_eq!(scene.waiting(), [file]);
}
