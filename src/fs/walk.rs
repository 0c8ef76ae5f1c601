//! Walks: the parallel search below the places where programs are installed.
//!
//! All collectors that search share one walk, so that a directory is listed once however many ask. The first
//! levels are spread over the thread pool; below them a thread walks a subtree by itself and hands on a directory
//! of it whenever nothing is queued for an idle one, because subtrees differ in size a thousandfold. Each directory
//! is listed through the tree, never by a path of the host, so that one that is swapped for a link under the walk is
//! a gap and leads nowhere. A directory is known by the path that leads to it, so that what lies behind a link has the
//! names that programs use for it. Links to directories are followed near the top of a place, and outside of `/usr`
//! anywhere, and only to where no walk goes anyway; files behind links are visited unless the walk meets them under
//! their own name.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::entry::Entry;
use super::path::RealPath;
use super::root::{Fault, Found, Root};
use super::tree::{Listed, ListedKind, file_name, is_within, join, parent};

/// Below a place, this many levels are spread over threads, and links to directories are followed.
const PARALLEL_LEVELS: usize = 2;
/// Links to directories that one may follow after the other.
const MAX_LINKS: usize = 8;
/// Directories that a link in a place is not followed to: everything would be walked.
const TOO_WIDE: &[&[u8]] =
    &[b"", b"Users", b"Volumes", b"data", b"dev", b"home", b"media", b"mnt", b"proc", b"run", b"sys", b"var"];
/// Directories at the top that programs are installed into. Signatures name programs by their paths there.
const OF_PROGRAMS: &[&[u8]] =
    &[b"Applications", b"Library", b"Program Files", b"Program Files (x86)", b"ProgramData", b"opt"];
/// Deeper directories than this below a place are a gap.
const MAX_DEPTH: usize = 200;

/// A set of collectors, one bit each.
pub type Mask = u64;

/// A directory to walk and the collectors that asked for it.
#[derive(Debug, Clone)]
pub struct Place {
    /// The directory.
    pub found: Found,
    /// Who asked.
    pub mask: Mask,
}

/// What a walk yields: files, faults, and how far it is.
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
    /// Every place asked for, so that a place inside another adds its collectors on the way down, and those that links
    /// lead to.
    places: BTreeMap<RealPath, Known>,
    /// Links to directories that wait until everything else is walked.
    links: Mutex<BTreeMap<RealPath, Known>>,
    /// Directories that were walked under their own name and again under that of a link.
    renamed: BTreeSet<RealPath>,
    observer: &'a Observer<'a>,
    /// Directories that wait for a thread.
    queued: AtomicUsize,
}

/// What is known of a directory that is walked.
#[derive(Debug, Clone, Default)]
struct Known {
    /// Who asked for it.
    mask: Mask,
    /// The path that leads to it, where that is another one.
    path: Option<Vec<u8>>,
    /// Whether it is walked by itself: not again on the way down from another one.
    is_top: bool,
    /// Links that were followed to come to it.
    links: usize,
}

impl Known {
    /// Adds a link that leads to it. Whichever comes first, the same name counts: one of the system before that of a
    /// user, whose links must not say what programs are called.
    fn add(&mut self, mask: Mask, path: Vec<u8>, links: usize) {
        self.mask |= mask;
        self.links = self.links.max(links);
        let order = |path: &[u8]| (is_users(path), path.to_vec());
        if self.path.as_ref().is_none_or(|known| order(known) > order(&path)) {
            self.path = Some(path);
        }
    }

    fn join(&mut self, other: Known) {
        match other.path {
            Some(path) => self.add(other.mask, path, other.links),
            None => self.mask |= other.mask,
        }
    }

    /// The name of a link of the system.
    fn name(&self) -> Option<&Vec<u8>> {
        self.path.as_ref().filter(|path| !is_users(path))
    }
}

/// Whether a path lies in the home of a user.
fn is_users(path: &[u8]) -> bool {
    [b"home/".as_slice(), b"Users/", b"Documents and Settings/"].iter().any(|homes| path.starts_with(homes))
}

/// A directory on its way to be walked.
#[derive(Debug, Clone)]
struct At {
    /// The path that leads to it.
    path: Vec<u8>,
    /// The path without links.
    real: RealPath,
    mask: Mask,
    /// Who has come by another way.
    without: Mask,
    /// Below its place.
    level: usize,
    /// Links that were followed to come to the place.
    links: usize,
}

/// Walks every place, on the current rayon pool, and returns when all are done.
pub fn walk(root: &Root, places: &[Place], observer: &Observer<'_>) {
    let mut known: BTreeMap<RealPath, Known> = BTreeMap::new();
    let mut linked: BTreeMap<RealPath, Known> = BTreeMap::new();
    for Place { found, mask } in places {
        if !is_another_name(&found.path, &found.real) {
            known.entry(found.real.clone()).or_default().mask |= mask
        } else {
            linked.entry(found.real.clone()).or_default().add(*mask, found.path.clone(), 1)
        }
    }
    let mut walker = Walker {
        root,
        places: known,
        links: Mutex::default(),
        renamed: BTreeSet::new(),
        observer,
        queued: AtomicUsize::new(0),
    };
    // A directory that has its own name and that of a link of the system, which programs use, goes by the latter; also
    // one that the walk comes to inside of another place.
    linked.retain(|real, known| {
        let is_walked = walker.is_walked(real);
        if is_walked {
            let place = walker.places.entry(real.clone()).or_default();
            place.mask |= known.mask;
            place.path.clone_from(&known.path);
        }
        !is_walked
    });
    let mut tops = walker.tops(walker.places.keys().cloned().collect());
    if tops.is_empty() {
        tops = walker.behind(std::mem::take(&mut linked));
    }
    // Links lead to directories with links; each round follows those of the last.
    while !tops.is_empty() {
        let round = &walker;
        rayon::scope(|scope| tops.into_iter().for_each(|top| round.queue(scope, round.start(top))));
        let mut links = std::mem::take(walker.links.get_mut().unwrap_or_else(PoisonError::into_inner));
        for (real, known) in std::mem::take(&mut linked) {
            links.entry(real).or_default().join(known);
        }
        tops = walker.behind(links);
    }
}

/// Whether a path is more than the other spelling of a directory: `/bin` of merged systems is `/usr/bin` by its real
/// name, and a Windows folder in other letters is the same one.
fn is_another_name(path: &[u8], real: &[u8]) -> bool {
    const MERGED: &[&[u8]] = &[b"bin", b"sbin", b"lib", b"lib32", b"lib64", b"libx32"];
    !MERGED.contains(&path) && !path.eq_ignore_ascii_case(real)
}

/// A path and the directories that it lies in.
fn ancestors(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    std::iter::successors(Some(path), |path| (!path.is_empty()).then(|| parent(path)))
}

/// Whether a link moves a program out of the directory of programs in which signatures name it: then its files are
/// also visited under the link's name, although a walk meets them under their own. Only an administrator of the system
/// can put a link there. A whole directory at the top is no program.
fn renames(link: &[u8], real: &[u8]) -> bool {
    let top = |path: &[u8]| path.split(|&byte| byte == b'/').next().unwrap_or_default().to_ascii_lowercase();
    let is_programs = OF_PROGRAMS.iter().any(|directory| top(link).eq_ignore_ascii_case(directory));
    is_programs && real.contains(&b'/') && top(link) != top(real)
}

impl<'a> Walker<'a> {
    /// Of some directories those that lie in no other of them, each marked.
    fn tops(&mut self, paths: Vec<RealPath>) -> Vec<RealPath> {
        let mut tops: BTreeSet<RealPath> = BTreeSet::new();
        // In this order a directory comes before what lies in it, if not always right before. Links can lead to as many
        // directories as users like, so each is compared with those above it only.
        for path in paths {
            if !ancestors(&path).any(|directory| tops.contains(directory)) {
                tops.insert(path);
            }
        }
        for top in &tops {
            if let Some(known) = self.places.get_mut(top) {
                known.is_top = true;
            }
        }
        tops.into_iter().collect()
    }

    /// The directories that links lead to and that no walk came to yet, or only under a name that programs do not use.
    fn behind(&mut self, links: BTreeMap<RealPath, Known>) -> Vec<RealPath> {
        let mut new = BTreeMap::new();
        for (real, known) in links {
            if !self.is_walked(&real) {
                new.insert(real, known);
            } else if known.path.as_ref().is_some_and(|path| renames(path, &real))
                && !ancestors(&real).any(|directory| self.renamed.contains(directory))
            {
                self.renamed.insert(real.clone());
                new.insert(real, known);
            }
        }
        let paths = new.keys().cloned().collect();
        self.places.extend(new);
        self.tops(paths)
    }

    fn start(&self, real: RealPath) -> At {
        let known = self.places.get(&real).cloned().unwrap_or_default();
        let path = known.path.unwrap_or_else(|| real.to_vec());
        At { path, real, mask: known.mask, without: 0, level: 0, links: known.links }
    }

    /// A directory in another one; `None` when nobody who has not come to it by another way asked for it.
    fn enter(&self, at: &At, name: &[u8]) -> Option<At> {
        let real = at.real.join(name);
        if self.root.is_unwalked(&real) {
            return None;
        }
        let mut child = At {
            path: join(&at.path, name),
            real,
            mask: at.mask,
            without: at.without,
            level: at.level + 1,
            links: at.links,
        };
        if let Some(known) = self.places.get(&child.real) {
            if known.is_top {
                child.without |= known.mask;
            }
            child.mask = (at.mask | known.mask) & !child.without;
            if let (Some(path), true) = (known.name(), at.real == *at.path) {
                child.path.clone_from(path);
            }
        }
        (child.mask != 0).then_some(child)
    }

    /// Leaves a directory to whichever thread is idle first.
    fn queue<'s>(&'s self, scope: &rayon::Scope<'s>, at: At) {
        self.queued.fetch_add(1, Ordering::Relaxed);
        scope.spawn(move |scope| {
            self.queued.fetch_sub(1, Ordering::Relaxed);
            if !self.root.is_unwalked(&at.real) {
                self.directory(scope, at);
            }
        });
    }

    fn directory<'s>(&'s self, scope: &rayon::Scope<'s>, at: At) {
        if at.level > PARALLEL_LEVELS {
            let real = at.real.clone();
            return self.root.during(&real, || self.subtree(scope, at));
        }
        for listed in self.root.during(&at.real, || self.list(&at)) {
            match listed.kind {
                ListedKind::Directory => {
                    let Some(child) = self.enter(&at, &listed.name) else { continue };
                    if at.level < PARALLEL_LEVELS {
                        self.queue(scope, child);
                    } else {
                        self.directory(scope, child);
                    }
                }
                ListedKind::File => self.file(&at, &listed.name),
                ListedKind::Link => self.link(&at, &listed.name),
                ListedKind::Special => {}
            }
        }
    }

    /// The names in a directory, as far as they can be read; what cannot is reported.
    fn list(&self, at: &At) -> Vec<Listed> {
        let (names, fault) = self.root.names(&at.real);
        if let Some(fault) = fault {
            self.fault(fault, at.mask);
        }
        self.observer.seen.fetch_add(names.len() as u64, Ordering::Relaxed);
        names
    }

    /// A subtree without recursion: hostile trees are deep.
    fn subtree<'s>(&'s self, scope: &rayon::Scope<'s>, top: At) {
        let depth = top.level;
        let follows = self.follows_deep(&top);
        let names = self.list(&top).into_iter();
        let mut levels = vec![(top, names)];
        loop {
            let height = depth + levels.len();
            let Some((at, names)) = levels.last_mut() else { break };
            let Some(listed) = names.next() else {
                levels.pop();
                continue;
            };
            match listed.kind {
                ListedKind::Directory => {
                    let Some(child) = self.enter(at, &listed.name) else { continue };
                    if height >= MAX_DEPTH {
                        self.too_deep(&child);
                    } else if self.queued.load(Ordering::Relaxed) == 0 {
                        self.queue(scope, child);
                    } else {
                        self.root.moved_to(&child.real);
                        let names = self.list(&child).into_iter();
                        levels.push((child, names));
                    }
                }
                ListedKind::Link if follows => self.link(at, &listed.name),
                ListedKind::Link => self.file_behind_link(at, &listed.name),
                ListedKind::File => self.file(at, &listed.name),
                ListedKind::Special => {}
            }
        }
    }

    /// Whether links deep in a place are followed. In `/usr` packages keep tens of thousands of links to files, icon
    /// themes above all, and looking at each costs more than everything else.
    fn follows_deep(&self, at: &At) -> bool {
        !is_within(&at.real, b"usr") || is_within(&at.real, b"usr/local")
    }

    fn file(&self, at: &At, name: &[u8]) {
        let path = join(&at.path, name);
        if at.real == *at.path {
            return self.visit(&Entry::new(self.root, &path, false), at.mask);
        }
        self.visit(&Entry::behind_links(self.root, &path, &at.real.join(name), false), at.mask);
    }

    fn link(&self, at: &At, name: &[u8]) {
        let link = join(&at.real, name);
        match self.root.follow_strictly(&link) {
            Ok(found) if found.is_directory() => {
                // A folder of homes or of all data is no program, and a chain of links is not followed for ever.
                let leads_up = is_within(&link, &found.real) || TOO_WIDE.contains(&found.real.as_slice());
                let path = join(&at.path, name);
                if !leads_up
                    && at.links < MAX_LINKS
                    && (!self.is_walked(&found.real) || renames(&path, &found.real))
                {
                    self.follow_later(found.real, at, path);
                }
            }
            Ok(_) => self.file_behind_link(at, name),
            Err(fault) => {
                self.file_behind_link(at, name);
                self.fault(fault, at.mask);
            }
        }
    }

    fn follow_later(&self, real: RealPath, at: &At, path: Vec<u8>) {
        let mut links = self.links.lock().unwrap_or_else(PoisonError::into_inner);
        links.entry(real).or_default().add(at.mask, path, at.links + 1);
    }

    fn file_behind_link(&self, at: &At, name: &[u8]) {
        let (path, real) = (join(&at.path, name), at.real.join(name));
        let entry = Entry::behind_links(self.root, &path, &real, true);
        // Icon themes are tens of thousands of links; following one costs more than asking for its name.
        if (self.observer.wants)(&entry, at.mask)
            && (!entry.is_gone() || is_command(&real) && entry.dangling().is_some())
            && entry.found().is_none_or(|found| !self.is_walked(&found.real))
        {
            self.visit(&entry, at.mask);
        }
    }

    /// Shows a file to the collectors; that it could not be read is reported once, once for all callers.
    fn visit(&self, entry: &Entry<'_>, mask: Mask) {
        (self.observer.file)(entry, mask);
        if let Some(fault) = entry.fault() {
            self.fault(fault.clone(), mask);
        }
    }

    /// Whether a walk comes by this path under its own name.
    fn is_walked(&self, real: &[u8]) -> bool {
        ancestors(real).any(|path| self.places.contains_key(path))
    }

    fn too_deep(&self, at: &At) {
        let detail = format!("directories nest deeper than {MAX_DEPTH} levels");
        let kind = crate::model::GapKind::OverLimit;
        self.fault(Fault::Unreadable { kind, place: at.path.clone(), detail }, at.mask);
    }

    fn fault(&self, fault: Fault, mask: Mask) {
        if fault != Fault::Absent {
            (self.observer.fault)(fault, mask);
        }
    }
}

/// Whether a path is right in a folder that the shell searches for commands: there a link to nothing says what was there.
pub fn is_command(path: &[u8]) -> bool {
    matches!(file_name(parent(path)), b"bin" | b"sbin" | b"games")
}

#[cfg(test)]
mod tests;
