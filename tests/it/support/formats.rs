//! A file of each format that collectors read, in a small world of its own.
#![allow(dead_code, clippy::unwrap_used, reason = "tests")]

mod libraries;
mod linux;
mod others;
mod programs;

use super::world::{Kind, Name};

/// Where a file may end and still be whole.
#[derive(Debug, Clone, Copy)]
pub enum Ends {
    /// Nowhere: the format says how long it is, or ends in something of its own.
    Never,
    /// Behind a line: each says something by itself.
    Lines,
    /// Between records.
    Records,
    /// As records, and behind a line of the last one once it has its description: what else it has may be left out.
    Stanzas,
    /// Behind a line, and anywhere behind these many bytes: what follows is content that names nothing.
    Behind(usize),
    /// Where what is left is a setting: a whole line, or one that only has a shorter value.
    Setting(fn(&[u8]) -> bool),
}

impl Ends {
    /// Whether the first bytes of a file are a whole file.
    pub fn allow(self, cut: &[u8], whole: &[u8]) -> bool {
        let next = whole.get(cut.len()).copied();
        match self {
            Ends::Never => false,
            Ends::Lines => cut.ends_with(b"\n") || next == Some(b'\n'),
            Ends::Records => cut.ends_with(b"\n\n") || cut.ends_with(b"\n") && next == Some(b'\n'),
            Ends::Stanzas => {
                let last = cut.windows(2).rposition(|end| end == b"\n\n").map_or(cut, |at| &cut[at..]);
                let is_described = last.windows(12).any(|part| part == b"Description:");
                Ends::Records.allow(cut, whole) || is_described && Ends::Lines.allow(cut, whole)
            }
            Ends::Behind(size) => cut.len() >= size || Ends::Lines.allow(cut, whole),
            Ends::Setting(is_whole) => Ends::Lines.allow(cut, whole) || is_whole(cut),
        }
    }
}

/// A file of a format, and the world that it lies in.
pub struct Format {
    pub name: &'static str,
    pub names: Vec<Name>,
    /// Its path.
    pub path: &'static str,
    pub ends: Ends,
}

fn file(path: &str, bytes: impl Into<Vec<u8>>) -> Name {
    (path.as_bytes().to_vec(), Kind::File(bytes.into()))
}

fn program(path: &str, bytes: impl Into<Vec<u8>>) -> Name {
    (path.as_bytes().to_vec(), Kind::Executable(bytes.into()))
}

fn link(path: &str, to: &'static str) -> Name {
    (path.as_bytes().to_vec(), Kind::Link(to))
}

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)).unwrap()
}

impl Format {
    /// On a small Debian.
    fn linux(name: &'static str, path: &'static str, bytes: impl Into<Vec<u8>>, ends: Ends) -> Self {
        let mut names = vec![
            file("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\n"),
            file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nu:x:1000:1000::/home/u:/bin/sh\n"),
            file("usr/bin/true", "#!/bin/sh\n"),
            file(path, bytes),
        ];
        if path != "var/lib/dpkg/status" {
            let status =
                "Package: base-files\nStatus: install ok installed\nArchitecture: amd64\nVersion: 12.4\n\n";
            names.push(file("var/lib/dpkg/status", status));
        }
        Format { name, names, path, ends }
    }

    /// On a small Windows.
    fn windows(name: &'static str, path: &'static str, bytes: impl Into<Vec<u8>>, ends: Ends) -> Self {
        let names = others::windows(path, bytes.into());
        Format { name, names, path, ends }
    }

    /// On a small Mac.
    fn mac(name: &'static str, path: &'static str, bytes: impl Into<Vec<u8>>, ends: Ends) -> Self {
        let names = others::mac(path, bytes.into());
        Format { name, names, path, ends }
    }

    /// With one name more.
    fn with(mut self, name: Name) -> Self {
        self.names.push(name);
        self
    }

    /// With the file as a program.
    fn executable(mut self) -> Self {
        for (path, kind) in &mut self.names {
            if path == self.path.as_bytes() {
                let Kind::File(bytes) = kind else { continue };
                *kind = Kind::Executable(std::mem::take(bytes));
            }
        }
        self
    }

    /// The content of the file.
    pub fn bytes(&self) -> &[u8] {
        let content = self.names.iter().find_map(|(path, kind)| match kind {
            Kind::File(bytes) | Kind::Executable(bytes) if path == self.path.as_bytes() => Some(bytes),
            _ => None,
        });
        content.unwrap()
    }

    /// The names of the world with other content; without the file when there is none.
    pub fn names_with(&self, content: Option<&[u8]>) -> Vec<Name> {
        let mut names = self.names.clone();
        names.retain_mut(|(path, kind)| {
            if path != self.path.as_bytes() {
                return true;
            }
            let (Kind::File(bytes) | Kind::Executable(bytes)) = kind else { return true };
            *bytes = content.unwrap_or_default().to_vec();
            content.is_some()
        });
        names
    }
}

/// Every format.
pub fn all() -> Vec<Format> {
    let mut all = linux::databases();
    all.extend(linux::settings());
    all.extend(programs::packages());
    all.extend(libraries::records());
    all.extend(programs::setups());
    all.extend(programs::applications());
    all.extend(others::formats());
    all
}
