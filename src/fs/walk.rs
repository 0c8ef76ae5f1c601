//! Walks: the parallel search below the places where programs are installed.
//!
//! All collectors that search share one walk, so that a directory is listed once however many ask. The first
//! levels are spread over the thread pool; below them a thread walks a subtree by itself and hands on a directory
//! of it whenever nothing is queued for an idle one, because subtrees differ in size a thousandfold. Each directory
//! is listed through the tree, never by a path of the host, so that one that is swapped for a link under the walk is
//! a gap and leads nowhere. Links to directories are followed only near the top of a place and only to where no walk
//! goes anyway; files behind links are visited unless the walk meets them under their own name.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::root::{Content, Fault, Found, Root};
use super::tree::{Listed, ListedKind, file_name, is_within, join};
use crate::bytes::ReadAt;

/// Below a place, this many levels are spread over threads, and links to directories are followed.
const PARALLEL_LEVELS: usize = 2;
/// Deeper directories than this below a place are a gap.
const MAX_DEPTH: usize = 200;

/// A set of collectors, one bit each.
pub type Mask = u64;

/// One file that a walk met.
pub struct Entry<'a> {
    root: &'a Root,
    path: &'a [u8],
    is_link: bool,
    found: OnceCell<Result<Found, Fault>>,
}

impl<'a> Entry<'a> {
    /// An entry for a path that is known to be a file or a link.
    pub fn new(root: &'a Root, path: &'a [u8], is_link: bool) -> Self {
        Entry { root, path, is_link, found: OnceCell::new() }
    }

    /// An entry for a file of which everything but its bytes is known.
    pub fn known(root: &'a Root, path: &'a [u8], stat: super::tree::Stat) -> Self {
        let found = Found { path: path.to_vec(), real: path.to_vec(), stat };
        Entry { root, path, is_link: false, found: OnceCell::from(Ok(found)) }
    }

    /// The path from the target's root.
    pub fn path(&self) -> &[u8] {
        self.path
    }

    /// The file's name.
    pub fn name(&self) -> &[u8] {
        file_name(self.path)
    }

    /// Whether the name ends with one of the given endings, compared without (ASCII) case.
    pub fn has_ending(&self, endings: &[&str]) -> bool {
        let name = self.name();
        endings.iter().any(|ending| {
            name.len() >= ending.len()
                && name
                    .get(name.len() - ending.len()..)
                    .is_some_and(|end| end.eq_ignore_ascii_case(ending.as_bytes()))
        })
    }

    /// The file behind the name; `None` when it is gone or no regular file.
    pub fn found(&self) -> Option<&Found> {
        self.looked().as_ref().ok().filter(|found| found.is_file())
    }

    fn looked(&self) -> &Result<Found, Fault> {
        self.found.get_or_init(|| self.look())
    }

    /// Whether there is no such file: a link to nowhere, a directory, a file that has just been removed.
    pub fn is_gone(&self) -> bool {
        match self.looked() {
            Ok(found) => !found.is_file(),
            Err(fault) => *fault == Fault::Absent,
        }
    }

    /// Why nothing is known of the file, if somebody looked.
    pub(crate) fn fault(&self) -> Option<&Fault> {
        self.found.get().and_then(|looked| looked.as_ref().err())
    }

    fn look(&self) -> Result<Found, Fault> {
        if self.is_link {
            return self.root.follow(self.path);
        }
        self.root.look(self.path)
    }

    /// Whether somebody may execute it.
    pub fn is_executable(&self) -> bool {
        self.found().is_some_and(|found| found.stat.executable)
    }

    /// Opens the file.
    ///
    /// # Errors
    /// As [`Root::open`].
    pub fn open(&self) -> Result<Box<dyn ReadAt>, Fault> {
        self.root.open_found(self.looked().as_ref().map_err(Clone::clone)?)
    }

    /// Reads the file; as [`Root::read`].
    ///
    /// # Errors
    /// As [`Root::read`].
    pub fn read(&self, limit: usize) -> Result<Content, Fault> {
        self.root.read_found(self.looked().as_ref().map_err(Clone::clone)?, limit)
    }
}

/// A directory to walk and the collectors that asked for it.
#[derive(Debug, Clone)]
pub struct Place {
    /// The directory.
    pub found: Found,
    /// Who asked.
    pub mask: Mask,
}

/// What a walk tells: files, faults, and how far it is.
pub struct Observer<'a> {
    /// Whether any collector that asked for its place wants a file; asked before a link is followed.
    pub wants: &'a (dyn Fn(&Entry<'_>, Mask) -> bool + Sync),
    /// Called for each file, with the collectors that asked for its place; from several threads.
    pub file: &'a (dyn Fn(&Entry<'_>, Mask) + Sync),
    /// Called for each place that could not be read, with the collectors that asked for it.
    pub fault: &'a (dyn Fn(Fault, Mask) + Sync),
    /// Counts the names seen.
    pub seen: &'a AtomicU64,
}

struct Walker<'a> {
    root: &'a Root,
    /// Every place asked for, so that a place inside another adds its collectors on the way down.
    places: BTreeMap<Vec<u8>, Mask>,
    followed: Mutex<BTreeSet<Vec<u8>>>,
    observer: &'a Observer<'a>,
    /// Directories that wait for a thread.
    queued: AtomicUsize,
}

/// Walks every place, on the current rayon pool, and returns when all are done.
pub fn walk(root: &Root, places: &[Place], observer: &Observer<'_>) {
    let mut masks: BTreeMap<Vec<u8>, Mask> = BTreeMap::new();
    for place in places {
        *masks.entry(place.found.real.clone()).or_default() |= place.mask;
    }
    let mut tops: Vec<Vec<u8>> = Vec::new();
    for path in masks.keys() {
        if !tops.iter().any(|top| is_within(path, top)) {
            tops.push(path.clone());
        }
    }
    let queued = AtomicUsize::new(0);
    let walker = Walker { root, places: masks, followed: Mutex::default(), observer, queued };
    rayon::scope(|scope| {
        for top in tops {
            let walker = &walker;
            walker.queue(scope, top, 0, 0);
        }
    });
}

impl<'a> Walker<'a> {
    /// Leaves a directory to whichever thread is idle first.
    fn queue<'s>(&'s self, scope: &rayon::Scope<'s>, path: Vec<u8>, mask: Mask, level: usize) {
        self.queued.fetch_add(1, Ordering::Relaxed);
        scope.spawn(move |scope| {
            self.queued.fetch_sub(1, Ordering::Relaxed);
            self.directory(scope, path, mask, level);
        });
    }

    fn directory<'s>(&'s self, scope: &rayon::Scope<'s>, path: Vec<u8>, mask: Mask, level: usize) {
        if self.root.is_unwalked(&path) {
            return;
        }
        let mask = mask | self.places.get(&path).copied().unwrap_or(0);
        if level > PARALLEL_LEVELS {
            return self.root.during(&path, || self.subtree(scope, &path, mask, level));
        }
        for listed in self.root.during(&path, || self.list(&path, mask)) {
            let child = join(&path, &listed.name);
            match listed.kind {
                ListedKind::Directory if level < PARALLEL_LEVELS => {
                    self.queue(scope, child, mask, level + 1);
                }
                ListedKind::Directory => self.directory(scope, child, mask, level + 1),
                ListedKind::File => self.file(&child, mask),
                ListedKind::Link => self.link(scope, child, mask, level),
                ListedKind::Special => {}
            }
        }
    }

    /// The names in a directory, as far as they can be read; what cannot is told.
    fn list(&self, path: &[u8], mask: Mask) -> Vec<Listed> {
        let (names, fault) = self.root.names(path);
        if let Some(fault) = fault {
            self.fault(fault, mask);
        }
        self.observer.seen.fetch_add(names.len() as u64, Ordering::Relaxed);
        names
    }

    /// A subtree, `depth` levels below its place, without recursion: hostile trees are deep.
    fn subtree<'s>(&'s self, scope: &rayon::Scope<'s>, top: &[u8], mask: Mask, depth: usize) {
        let mut at = top.to_vec();
        let mut levels = vec![(at.len(), mask, self.list(&at, mask).into_iter())];
        while let Some((length, mask, names)) = levels.last_mut() {
            at.truncate(*length);
            let mask = *mask;
            let Some(listed) = names.next() else {
                levels.pop();
                continue;
            };
            at.push(b'/');
            at.extend_from_slice(&listed.name);
            match listed.kind {
                ListedKind::Directory if self.root.is_unwalked(&at) => {}
                ListedKind::Directory if depth + levels.len() >= MAX_DEPTH => self.too_deep(&at, mask),
                ListedKind::Directory if self.queued.load(Ordering::Relaxed) == 0 => {
                    self.queue(scope, at.clone(), mask, depth + levels.len());
                }
                ListedKind::Directory => {
                    self.root.moved_to(&at);
                    let mask = mask | self.places.get(&at).copied().unwrap_or(0);
                    levels.push((at.len(), mask, self.list(&at, mask).into_iter()));
                }
                ListedKind::Link => self.file_behind_link(&at, mask),
                ListedKind::File => self.file(&at, mask),
                ListedKind::Special => {}
            }
        }
    }

    fn file(&self, path: &[u8], mask: Mask) {
        self.visit(&Entry::new(self.root, path, false), mask);
    }

    fn link<'s>(&'s self, scope: &rayon::Scope<'s>, path: Vec<u8>, mask: Mask, level: usize) {
        match self.root.follow(&path) {
            Ok(found) if found.is_directory() => {
                let leads_up = self.places.keys().any(|place| is_within(place, &found.real));
                if !leads_up && !self.is_walked(&found.real) && self.first_time(&found.real) {
                    // One level down already: a chain of links is not followed for ever.
                    self.queue(scope, found.real, mask, level + 1);
                }
            }
            Ok(_) => self.file_behind_link(&path, mask),
            Err(fault) => self.fault(fault, mask),
        }
    }

    fn file_behind_link(&self, path: &[u8], mask: Mask) {
        let entry = Entry::new(self.root, path, true);
        // Icon themes are tens of thousands of links; following one costs more than asking for its name.
        if (self.observer.wants)(&entry, mask)
            && !entry.is_gone()
            && entry.found().is_none_or(|found| !self.is_walked(&found.real))
        {
            self.visit(&entry, mask);
        }
    }

    /// Shows a file to the collectors; that it could not be looked at is told once, whoever asked.
    fn visit(&self, entry: &Entry<'_>, mask: Mask) {
        (self.observer.file)(entry, mask);
        if let Some(fault) = entry.fault() {
            self.fault(fault.clone(), mask);
        }
    }

    /// Whether a walk comes by this path under its own name.
    fn is_walked(&self, real: &[u8]) -> bool {
        self.places.keys().any(|place| is_within(real, place))
    }

    fn first_time(&self, real: &[u8]) -> bool {
        let mut followed = self.followed.lock().unwrap_or_else(PoisonError::into_inner);
        !followed.iter().any(|place| is_within(real, place)) && followed.insert(real.to_vec())
    }

    fn too_deep(&self, path: &[u8], mask: Mask) {
        let detail = format!("directories nest deeper than {MAX_DEPTH} levels");
        let kind = crate::model::GapKind::OverLimit;
        self.fault(Fault::Unreadable { kind, place: path.to_vec(), detail }, mask);
    }

    fn fault(&self, fault: Fault, mask: Mask) {
        if fault != Fault::Absent {
            (self.observer.fault)(fault, mask);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::directory::Directory;
    use crate::fs::memory::Memory;
    use crate::fs::tree::Tree;

    fn walked(tree: impl Tree + 'static, places: &[(&str, Mask)]) -> Vec<(String, Mask)> {
        let root = Root::new(Box::new(tree));
        let places: Vec<Place> = places
            .iter()
            .filter_map(|(path, mask)| Some(Place { found: root.find(path.as_bytes()).ok()?, mask: *mask }))
            .collect();
        let files = Mutex::new(Vec::new());
        let observer = Observer {
            wants: &|_, _| true,
            file: &|entry, mask| {
                files.lock().unwrap().push((String::from_utf8(entry.path().to_vec()).unwrap(), mask));
            },
            fault: &|fault, _| files.lock().unwrap().push((format!("{fault:?}"), 0)),
            seen: &AtomicU64::new(0),
        };
        walk(&root, &places, &observer);
        let mut files = files.into_inner().unwrap();
        files.sort();
        files
    }

    #[test]
    fn a_place_inside_a_place_adds_its_collectors() {
        let tree = Memory::new().file("opt/x", b"").file("opt/a/b/c/d/e", b"").file("opt/a/b/c/y", b"");
        let files = walked(tree, &[("opt", 1), ("opt/a/b/c/d", 2)]);
        assert_eq!(files, [("opt/a/b/c/d/e".into(), 3), ("opt/a/b/c/y".into(), 1), ("opt/x".into(), 1)]);
    }

    #[test]
    fn links_to_directories_elsewhere_are_followed_once_and_never_upwards() {
        let tree = Memory::new()
            .file("data/app/bin", b"")
            .link("opt/app", "/data/app")
            .link("opt/again", "/data/app")
            .link("opt/up", "/")
            .link("opt/self", ".");
        assert_eq!(walked(tree, &[("opt", 1)]), [("data/app/bin".into(), 1)]);
    }

    #[test]
    fn a_file_behind_a_link_is_visited_unless_the_walk_meets_it() {
        let tree = Memory::new()
            .file("data/tool", b"")
            .link("opt/tool", "/data/tool")
            .file("opt/x", b"")
            .link("opt/y", "x");
        assert_eq!(walked(tree, &[("opt", 1)]), [("opt/tool".into(), 1), ("opt/x".into(), 1)]);
    }

    #[test]
    fn memory_and_directory_give_the_same_walk() {
        let scratch = tempfile::tempdir().unwrap();
        let mut memory = Memory::new();
        for path in ["opt/a/1", "opt/a/b/c/2", "opt/a/b/c/d/e/3", "home/u/4", "opt/5"] {
            let host = scratch.path().join(path);
            std::fs::create_dir_all(host.parent().unwrap()).unwrap();
            std::fs::write(host, b"").unwrap();
            memory = memory.file(path, b"");
        }
        let places = [("opt", 1), ("home", 2), ("opt/a/b/c/d", 4)];
        let directory = Directory::open(scratch.path()).unwrap();
        assert_eq!(walked(memory, &places), walked(directory, &places));
    }
}
