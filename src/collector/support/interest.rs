//! What all collectors together ask of an image while it is read: a tree of the components of `reads`, and the
//! places of `walks`.
//!
//! Names compare without case, because whether the image is Windows' is not known yet: too much is kept, never too
//! little.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::OnceLock;

use crate::collector::{Visit, all};
use crate::format::container::system_image;
use crate::format::executable::bulk;
use crate::fs::memory::Memory;
use crate::fs::tree::{Kind, Stat, file_name};
use crate::fs::{Entry, Root};
use crate::image::{Asked, Interest};
use crate::text::wildcard;

/// Folders that are links into `/usr` on merged systems: a layer's own paths may say either.
const MERGED: &[&[u8]] = &[b"bin", b"sbin", b"lib", b"lib32", b"lib64", b"libx32"];

/// Where links lead that nearly every image has: the certificates in `/etc/ssl/certs` of Debian and Alpine. Not to
/// have them costs another pass over their layer.
const BEHIND_LINKS: &[&str] = &["usr/share/ca-certificates/*/*"];

/// What reports the system itself, whatever collectors read.
const OF_THE_SYSTEM: &[&str] = &[
    "etc/hostname",
    "etc/os-release",
    "etc/passwd",
    "usr/lib/os-release",
    "etc/*-release",
    "etc/debian_version",
    "etc/slackware-version",
    "etc/environment",
];

#[derive(Default)]
struct Node {
    literal: HashMap<Vec<u8>, u32>,
    wild: Vec<(Vec<u8>, u32)>,
    /// A pattern for files ends here.
    is_file: bool,
    /// The walking collectors whose place this is.
    walks: u64,
}

/// What all collectors ask for. The tree takes more than a megabyte: it is made when the first image asks.
pub struct AllCollectors {
    questions: OnceLock<Questions>,
    deep: bool,
}

impl AllCollectors {
    /// What the table of collectors asks for; with `deep`, walks go everywhere.
    pub fn new(deep: bool) -> Self {
        AllCollectors { questions: OnceLock::new(), deep }
    }

    fn questions(&self) -> &Questions {
        self.questions.get_or_init(Questions::of_all)
    }
}

struct Questions {
    nodes: Vec<Node>,
    visits: Vec<Visit>,
    /// Never opened: what a visit asks of an entry here is its name and its mode.
    nowhere: Root,
}

impl Questions {
    fn of_all() -> Self {
        let mut interest = Questions {
            nodes: vec![Node::default()],
            visits: Vec::new(),
            nowhere: Root::new(Box::new(Memory::new())),
        };
        for collector in all().filter(|collector| !collector.applies.live_only) {
            for pattern in collector.reads.iter().filter(|pattern| !pattern.ends_with('/')) {
                interest.node_mut(pattern).is_file = true;
            }
            if let Some(visit) = collector.visit
                && interest.visits.len() < u64::BITS as usize
            {
                let bit = 1 << interest.visits.len();
                interest.visits.push(visit);
                for place in collector.walks {
                    interest.node_mut(place).walks |= bit;
                }
            }
        }
        for path in OF_THE_SYSTEM {
            interest.node_mut(path).is_file = true;
        }
        for path in BEHIND_LINKS {
            interest.node_mut(path).is_file = true;
        }
        interest
    }

    fn node_mut(&mut self, pattern: &str) -> &mut Node {
        let mut at = 0;
        for part in pattern.split('/').filter(|part| !part.is_empty()) {
            let part = lower(part.as_bytes());
            let new = u32::try_from(self.nodes.len()).unwrap_or(0);
            let is_wild = part.contains(&b'*');
            let next = self.nodes.get_mut(at).map_or(new, |node| {
                if !is_wild {
                    return *node.literal.entry(part).or_insert(new);
                }
                if let Some((_, next)) = node.wild.iter().find(|(pattern, _)| *pattern == part) {
                    return *next;
                }
                node.wild.push((part, new));
                new
            });
            if next == new {
                self.nodes.push(Node::default());
            }
            at = next as usize;
        }
        if at >= self.nodes.len() {
            at = 0;
        }
        #[expect(clippy::indexing_slicing, reason = "node 0 always exists, and any other was just checked")]
        &mut self.nodes[at]
    }

    fn step(&self, from: &[u32], name: &[u8]) -> Vec<u32> {
        let name = lower(name);
        let mut next = Vec::new();
        for node in from.iter().filter_map(|&at| self.nodes.get(at as usize)) {
            next.extend(node.literal.get(&name));
            next.extend(
                node.wild.iter().filter(|(pattern, _)| wildcard(pattern, &name)).map(|(_, next)| next),
            );
        }
        next
    }

    fn add(&self, parts: &[&[u8]], asked: &mut Asked) {
        let mut patterns = vec![0];
        let mut walks = self.walks(&patterns);
        for part in parts {
            patterns = self.step(&patterns, part);
            walks |= self.walks(&patterns);
        }
        asked.patterns.extend(patterns);
        asked.walks |= walks;
    }

    fn walks(&self, patterns: &[u32]) -> u64 {
        patterns
            .iter()
            .filter_map(|&at| self.nodes.get(at as usize))
            .fold(0, |walks, node| walks | node.walks)
    }
}

impl Interest for AllCollectors {
    fn folder(&self, folder: &[u8]) -> Asked {
        let parts: Vec<&[u8]> = folder.split(|&byte| byte == b'/').filter(|part| !part.is_empty()).collect();
        let mut asked = Asked::default();
        if self.deep {
            asked.walks = u64::MAX;
        }
        let questions = self.questions();
        questions.add(&parts, &mut asked);
        match parts.as_slice() {
            [b"usr", rest @ ..] if rest.first().is_some_and(|first| MERGED.contains(first)) => {
                questions.add(rest, &mut asked);
            }
            [first, ..] if MERGED.contains(first) => {
                let merged: Vec<&[u8]> =
                    std::iter::once(b"usr".as_slice()).chain(parts.iter().copied()).collect();
                questions.add(&merged, &mut asked);
            }
            // The files of a Windows layer lie below this folder.
            [b"Files", rest @ ..] => questions.add(rest, &mut asked),
            _ => {}
        }
        asked
    }

    fn wants(&self, asked: &Asked, path: &[u8], executable: bool) -> bool {
        let questions = self.questions();
        let is_read = || {
            let ends = questions.step(&asked.patterns, file_name(path));
            ends.iter().filter_map(|&at| questions.nodes.get(at as usize)).any(|node| node.is_file)
        };
        let is_walked = || {
            let stat = Stat { executable, ..Stat::of(Kind::File) };
            let entry = Entry::known(&questions.nowhere, path, stat);
            questions
                .visits
                .iter()
                .enumerate()
                .any(|(bit, visit)| asked.walks & (1 << bit) != 0 && (visit.wants)(&entry))
        };
        (!asked.patterns.is_empty() && is_read()) || (asked.walks != 0 && is_walked())
    }

    /// No collector reads code, the payload of packages, or systems inside of files.
    fn unread(&self, head: &[u8], size: u64) -> Vec<Range<u64>> {
        let of_start = system_image::HEAD as u64;
        if size > of_start && system_image::of(head).is_some() {
            return std::iter::once(of_start..size).collect();
        }
        bulk::ranges(head, size)
    }
}

fn lower(name: &[u8]) -> Vec<u8> {
    match std::str::from_utf8(name) {
        Ok(text) if !text.is_ascii() => text.to_lowercase().into_bytes(),
        _ => name.to_ascii_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wants(path: &str, executable: bool) -> bool {
        let interest = AllCollectors::new(false);
        let folder = crate::fs::tree::parent(path.as_bytes());
        interest.wants(&interest.folder(folder), path.as_bytes(), executable)
    }

    #[test]
    fn what_collectors_read_is_wanted_and_nothing_else() {
        assert!(wants("var/lib/dpkg/status", false));
        assert!(wants("lib/apk/db/installed", false));
        assert!(wants("usr/lib/systemd/system/x.service", false));
        assert!(wants("usr/share/ca-certificates/mozilla/x.crt", false), "behind a link of etc/ssl/certs");
        assert!(!wants("etc/shadow", false) && !wants("var/lib/dpkg/info/x.postinst", false));
    }

    #[test]
    fn walks_want_what_their_visits_want() {
        assert!(wants("opt/vendor/bin/program", true));
        assert!(!wants("opt/vendor/share/icon.png", true) && !wants("opt/vendor/share/notes", false));
    }

    #[test]
    fn case_and_merged_folders_do_not_matter() {
        assert!(wants("VAR/lib/DPKG/status", false));
        assert!(wants("usr/lib/apk/db/installed", false) && wants("lib/systemd/system/x.service", false));
    }
}
