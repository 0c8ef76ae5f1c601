//! What the integration tests share: scratch roots, and the built binary.
#![allow(dead_code, clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

pub mod build;
pub mod fleet;
pub mod formats;
pub mod image;
pub mod large;
pub mod plan;
pub mod planted;
pub mod random;
#[cfg(feature = "distribution")]
pub mod registry;
pub mod world;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// The built binary without root's rights; `scratch` is a folder that nothing else lies in.
#[cfg(unix)]
pub fn unprivileged(scratch: &Path) -> Command {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    if !rustix::process::geteuid().is_root() {
        return debar();
    }
    // The build folder may be closed to others: a copy is not.
    let copy = scratch.join("debar");
    fs::copy(env!("CARGO_BIN_EXE_debar"), &copy).unwrap();
    fs::set_permissions(scratch, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(copy);
    command.uid(65534).gid(65534).current_dir("/");
    command
}

/// A root on the disk, removed at the end.
pub struct Root {
    folder: tempfile::TempDir,
}

impl Root {
    /// An empty root.
    pub fn empty() -> Self {
        Root { folder: tempfile::tempdir().unwrap() }
    }

    /// A small Debian: os-release, and a dpkg database with `base-files` and more packages if given.
    pub fn debian(packages: &[(&str, &str)]) -> Self {
        let root = Root::empty();
        root.file(
            "etc/os-release",
            "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n",
        );
        root.file("etc/hostname", "workstation-7\n");
        root.file("var/lib/dpkg/status", status(packages));
        for (name, _) in [("base-files", "12.4")].iter().chain(packages) {
            root.file(&format!("var/lib/dpkg/info/{name}.list"), "/.\n");
        }
        root
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where a path of it lies.
    pub fn at(&self, path: &str) -> PathBuf {
        self.path().join(path)
    }

    /// Adds a file with its folders.
    pub fn file(&self, path: &str, content: impl AsRef<[u8]>) -> &Self {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// Adds a link.
    #[cfg(unix)]
    pub fn link(&self, path: &str, to: &str) -> &Self {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(to, path).unwrap();
        self
    }
}

/// A dpkg database.
pub fn status(packages: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, version) in [("base-files", "12.4")].iter().chain(packages) {
        text.push_str(&format!(
            "Package: {name}\nStatus: install ok installed\nMaintainer: Somebody <somebody@example.org>\n\
             Architecture: amd64\nVersion: {version}\n\n"
        ));
    }
    text
}

/// The binary under test, without the environment of the tests' user.
pub fn debar() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_debar"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("DEBAR_") {
            command.env_remove(name);
        }
    }
    command.env_remove("NO_COLOR");
    // Tests have limits of time, and other work beside them.
    command.env("DEBAR_NICE", "0");
    command
}

/// The files that `debar generate` writes.
pub fn generated_files() -> Vec<(String, String)> {
    debar::command::generated::files(<debar::command::cli::Cli as clap::CommandFactory>::command())
}

/// Runs a command and returns its exit code, standard output and standard error.
pub fn run(command: &mut Command) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code().unwrap_or(-1), text(stdout), text(stderr))
}

/// Scans a root with more arguments; the exit code and the JSON report.
pub fn scan(root: &Root, arguments: &[&str]) -> (i32, Value) {
    scan_with(&mut debar(), root, arguments)
}

/// As [`scan`], with a command prepared by the caller.
pub fn scan_with(command: &mut Command, root: &Root, arguments: &[&str]) -> (i32, Value) {
    let (code, out, err) = run(command.arg("scan").arg(root.path()).args(["-o", "json"]).args(arguments));
    let report = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}"));
    (code, report)
}

/// The gaps of a report as `kind collector place`, the root's own path left out.
pub fn gaps(report: &Value) -> Vec<String> {
    let gap = |gap: &Value| {
        let part = |name: &str| gap[name].as_str().unwrap().to_owned();
        format!("{} {} {}", part("kind"), part("collector"), part("place"))
    };
    report["gaps"].as_array().unwrap().iter().map(gap).collect()
}

/// How many artifacts a collector yielded.
pub fn artifacts(report: &Value, collector: &str) -> u64 {
    let coverage = report["coverage"].as_array().unwrap();
    coverage.iter().find(|entry| entry["collector"] == collector).unwrap()["artifacts"].as_u64().unwrap()
}

/// The ids of the findings.
pub fn findings(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["id"].as_str().unwrap().to_owned()).collect()
}
