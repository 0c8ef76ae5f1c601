//! Read-only access to a target's files, with the rules that hold for every kind of target.
//!
//! Links are followed here, component by component, and never leave the target: an absolute link restarts at
//! the target's root, `..` stops at it. `*` patterns, case folding (Windows), size limits, excluded places and
//! the answer to "what is it waiting for" live here too, once for all trees.

mod fault;
mod glob;
mod names;
mod places;
mod resolve;
mod rules;
mod way;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, OnceLock};

use super::activity::Activity;
use super::ledger::{Ledger, Watched};
use super::path::RealPath;
use super::tree::{Kind, Listed, ListedKind, Stat, Tree, file_name, parent};
use crate::bytes::ReadAt;
use crate::model::{GapKind, Layer};
use crate::text::shown;
pub use fault::Fault;
use way::Way;

/// How many links one path may lead through, as in the Linux kernel.
const MAX_LINKS: usize = 40;
/// How many names one pattern may expand to before the rest is a gap.
const MAX_MATCHES: usize = 100_000;

/// A path that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The path as it was asked for; what reports show.
    pub path: Vec<u8>,
    /// The path after following every link; what trees are asked for.
    pub real: RealPath,
    /// What it is.
    pub stat: Stat,
}

impl Found {
    /// Whether it is a regular file.
    pub fn is_file(&self) -> bool {
        self.stat.kind == Kind::File
    }

    /// Whether it is a directory.
    pub fn is_directory(&self) -> bool {
        self.stat.kind == Kind::Directory
    }
}

/// Bytes of a file, whole or cut at a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The size of the whole file, if the limit cut it.
    pub cut_from: Option<u64>,
}

/// Read-only access to the files of a target.
pub struct Root {
    tree: Box<dyn Tree>,
    fold_case: bool,
    /// Whether names that patterns search for are found in any case, as macOS has them by default.
    fold_names: bool,
    skipped: BTreeMap<Vec<u8>, String>,
    unwalked: BTreeSet<Vec<u8>>,
    homes: OnceLock<Vec<Found>>,
    /// The names at the top, of an image; `None` when they cannot be listed.
    tops: OnceLock<Option<BTreeSet<Vec<u8>>>>,
    drives: Vec<Vec<u8>>,
    /// The letter of the drive that the top is, for links that name it.
    letter: u8,
    /// Whether everything of it is here: an image has no other volumes.
    is_whole: bool,
    /// The folder of Windows, where it is not called so.
    windows: Option<String>,
    places: rules::Places,
    /// Names of directories, where they compare without case.
    names: names::Cache,
    activity: Activity,
    ledger: Arc<Ledger>,
}

/// Folders that each drive of a Windows may have. Windows' own is on one of them.
const ON_ANY_DRIVE: &[&str] = &[
    "*",
    "Users",
    "Documents and Settings",
    "Program Files",
    "Program Files (x86)",
    "Program Files (Arm)",
    "ProgramData",
    "PortableApps",
    "$Recycle.Bin",
    "RECYCLER",
];

impl Root {
    /// A root over a tree; names compare as the file system stores them.
    pub fn new(tree: Box<dyn Tree>) -> Self {
        Root {
            tree,
            fold_case: false,
            fold_names: false,
            skipped: BTreeMap::new(),
            unwalked: BTreeSet::new(),
            homes: OnceLock::new(),
            tops: OnceLock::new(),
            drives: Vec::new(),
            letter: b'C',
            is_whole: false,
            windows: None,
            places: rules::Places::default(),
            names: names::Cache::default(),
            activity: Activity::default(),
            ledger: Arc::default(),
        }
    }

    /// The reads that failed so far.
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What a path without links stands for; for walks, which know that there are none.
    ///
    /// # Errors
    /// As [`Root::find`].
    pub(super) fn look(&self, real: &[u8]) -> Result<Found, Fault> {
        let stat = self.tree.stat(real).map_err(|error| self.ledger.fault(real, real, &error))?;
        Ok(Found { path: real.to_vec(), real: RealPath::resolved(real.to_vec()), stat })
    }

    /// What a link leads to whose directory is a path without links; for walks, which come by such paths only. A link to
    /// what another volume may have is a fault.
    ///
    /// # Errors
    /// As [`Root::find`].
    pub(super) fn follow_strictly(&self, link: &[u8]) -> Result<Found, Fault> {
        self.follow(parent(link), file_name(link), link, |dangling| self.may_be_elsewhere(dangling))
    }

    /// A path with the name that the folder of Windows has here.
    fn here<'p>(&self, path: &'p [u8]) -> Cow<'p, [u8]> {
        match (&self.windows, std::str::from_utf8(path)) {
            (Some(_), Ok(text)) => Cow::Owned(self.with_windows(text).into_bytes()),
            _ => Cow::Borrowed(path),
        }
    }

    /// Follows a path from a directory (a path without links). A link that leads to nothing is a fault where it matters.
    fn follow(
        &self,
        from: &[u8],
        path: &[u8],
        asked: &[u8],
        matters: impl Fn(&way::Dangling) -> bool,
    ) -> Result<Found, Fault> {
        let mut way = Way::default();
        let found = self.resolve_noting(from, path, asked, true, &mut way);
        match (&found, &way.dangling) {
            (Err(Fault::Absent), Some(dangling)) if !way.left_out && matters(dangling) => {
                Err(Self::dangles(asked, dangling))
            }
            _ => found,
        }
    }

    /// The names in a directory (a path without links) in any order, as far as they could be read, and what stopped
    /// it; for walks.
    pub(super) fn names(&self, real: &RealPath) -> (Vec<Listed>, Option<Fault>) {
        let mut names = Vec::new();
        let result = self.tree.list_into(real, &mut names);
        (names, result.err().map(|error| self.ledger.fault(real, real, &error)))
    }

    /// Says that nothing of it lies on other volumes, as of an image.
    pub fn set_whole(&mut self) {
        self.is_whole = true;
    }

    /// Makes names compare without case, as on Windows.
    pub fn fold_case(&mut self) {
        self.fold_case = true;
    }

    /// Makes patterns find names in any case. Paths stay as they are: the file system of a Mac that runs knows itself.
    pub fn fold_names(&mut self) {
        self.fold_names = true;
    }

    /// Whether names compare without case.
    pub fn folds_case(&self) -> bool {
        self.fold_case
    }

    /// Says which drive of a Windows the top is (`C`), and that folders of the top are its other drives, e.g. `D:`;
    /// patterns of programs and users hold for each.
    pub fn set_drives(&mut self, letter: char, others: Vec<Vec<u8>>) {
        self.letter = u8::try_from(letter.to_ascii_uppercase()).unwrap_or(b'C');
        self.drives = others;
    }

    /// The other drives of a Windows, as folders of the top.
    pub fn drives(&self) -> &[Vec<u8>] {
        &self.drives
    }

    /// Leaves out a place and everything below it, with the reason that the report shows.
    pub fn skip(&mut self, path: &[u8], reason: impl Into<String>) {
        self.skipped.insert(normalise(path), reason.into());
    }

    /// Keeps walks out of a place that may still be read by name (`/proc`).
    pub fn do_not_walk(&mut self, path: &[u8]) {
        self.unwalked.insert(normalise(path));
    }

    /// Whether a walk must not enter exactly this directory.
    pub fn is_unwalked(&self, real: &RealPath) -> bool {
        self.is_skipped(real) || self.unwalked.contains(real.as_slice())
    }

    /// The places left out, with their reasons.
    pub fn skipped(&self) -> &BTreeMap<Vec<u8>, String> {
        &self.skipped
    }

    /// Whether exactly this path is left out; anyone who descends from the root asks for each directory.
    pub fn is_skipped(&self, real: &RealPath) -> bool {
        self.skipped.contains_key(real.as_slice())
    }

    /// The tree below.
    pub fn tree(&self) -> &dyn Tree {
        self.tree.as_ref()
    }

    /// The image layer that a path (after links) comes from.
    pub fn layer(&self, real: &[u8]) -> Option<Layer> {
        self.tree.layer(real)
    }

    /// The places that reads are under way at right now, for the report of a scan that ran out of time.
    pub fn waiting_for(&self) -> Vec<String> {
        self.activity.places()
    }

    /// What a path leads to, links followed within the target.
    ///
    /// # Errors
    /// [`Fault::Absent`] when there is nothing (a dangling link leads to nothing), else why it cannot be known.
    pub fn find(&self, path: &[u8]) -> Result<Found, Fault> {
        self.resolve(path, true)
    }

    /// As [`Root::find`], and a link to what another volume may have is a fault.
    ///
    /// # Errors
    /// As [`Root::find`].
    pub fn find_strictly(&self, path: &[u8]) -> Result<Found, Fault> {
        let path = self.here(path);
        self.follow(b"", &path, &path, |dangling| self.may_be_elsewhere(dangling))
    }

    /// As [`Root::find`], but a link in the last component is returned as a link.
    ///
    /// # Errors
    /// As [`Root::find`].
    pub fn find_no_follow(&self, path: &[u8]) -> Result<Found, Fault> {
        self.resolve(path, false)
    }

    /// Whether a path exists; faults count as absence, so use it only where absence is harmless.
    pub fn exists(&self, path: &[u8]) -> bool {
        self.find(path).is_ok()
    }

    /// Whether nothing is at a path for certain: not when it cannot be known, nor when the path leads through a
    /// place that is left out or to what another volume may have.
    pub fn is_gone(&self, path: &[u8]) -> bool {
        let mut way = Way::default();
        let path = &self.here(path);
        self.resolve_noting(b"", path, path, true, &mut way) == Err(Fault::Absent)
            && !way.left_out
            && !way.dangling.is_some_and(|dangling| self.may_be_elsewhere(&dangling))
    }

    fn resolve(&self, asked: &[u8], follow_last: bool) -> Result<Found, Fault> {
        let asked = self.here(asked);
        self.resolve_noting(b"", &asked, &asked, follow_last, &mut Way::default())
    }

    /// Opens a regular file, links followed within the target.
    ///
    /// # Errors
    /// As [`Root::find`]; a device, pipe or socket is a fault and is never opened; neither is a cloud placeholder.
    pub fn open(&self, path: &[u8]) -> Result<Box<dyn ReadAt>, Fault> {
        self.open_found(&self.find(path)?)
    }

    /// Opens a file that was found.
    ///
    /// # Errors
    /// As [`Root::open`].
    pub fn open_found(&self, found: &Found) -> Result<Box<dyn ReadAt>, Fault> {
        match found.stat.kind {
            Kind::File if found.stat.placeholder => {
                return Err(Fault::new(
                    GapKind::Unsupported,
                    &found.path,
                    "a cloud placeholder: opening it would fetch it",
                ));
            }
            Kind::File => {}
            Kind::Directory => {
                return Err(Fault::new(
                    GapKind::SpecialFile,
                    &found.path,
                    "a directory stands where a file should be",
                ));
            }
            Kind::Link(_) | Kind::Special => {
                return Err(Fault::new(GapKind::SpecialFile, &found.path, "it is a device, pipe or socket"));
            }
        }
        let opened = self.during(&found.real, || self.tree.open(&found.real));
        let file = opened.map_err(|error| match self.ledger.fault(&found.path, &found.real, &error) {
            // It was there a moment ago, or a link was swapped in: someone is changing it under us.
            Fault::Absent => {
                let detail = "it disappeared while it was read";
                let (asked, real) = (shown(&found.path), shown(&found.real));
                self.ledger.note(asked, real, GapKind::Unreadable, detail.to_owned());
                Fault::new(GapKind::Unreadable, &found.path, detail)
            }
            fault => fault,
        })?;
        let (asked, real) = (found.path.clone(), found.real.clone());
        Ok(Box::new(Watched { file, ledger: Arc::clone(&self.ledger), asked, real }))
    }

    /// Reads a file of at most `limit` bytes; of a larger one the first `limit` bytes, and says so. What stands there
    /// and is no file, or a link that leads to nothing, is written down as a failed read: who reads a file by its name
    /// goes by what it says, and may drop the fault.
    ///
    /// # Errors
    /// As [`Root::open`], for a link that leads to nothing, and when reading fails.
    pub fn read(&self, path: &[u8], limit: usize) -> Result<Content, Fault> {
        let path = self.here(path);
        // What is missing in a directory that a link leads to is not there; what a link itself names should be.
        let matters = |dangling: &way::Dangling| {
            self.may_be_elsewhere(dangling) || dangling.link == *path && self.is_source(dangling)
        };
        let found = self.follow(b"", &path, &path, matters);
        found.and_then(|found| self.read_found(&found, limit)).inspect_err(|fault| {
            if let Fault::Unreadable { kind, place, detail } = fault {
                self.ledger.note(shown(place), shown(place), *kind, detail.clone());
            }
        })
    }

    /// Reads a file that was found; as [`Root::read`].
    ///
    /// # Errors
    /// As [`Root::read`].
    pub fn read_found(&self, found: &Found, limit: usize) -> Result<Content, Fault> {
        let file = self.open_found(found)?;
        self.during(&found.real, || read_up_to(file.as_ref(), limit))
            .map_err(|error| Fault::from_io(&found.path, &error))
    }

    /// The names in a directory, sorted; links followed to reach it.
    ///
    /// # Errors
    /// As [`Root::find`], and when listing fails.
    pub fn list(&self, path: &[u8]) -> Result<Vec<Listed>, Fault> {
        self.list_found(&self.find(path)?)
    }

    /// The names in a directory that was found, sorted.
    ///
    /// # Errors
    /// As [`Root::list`].
    pub fn list_found(&self, found: &Found) -> Result<Vec<Listed>, Fault> {
        match self.list_salvaged(found) {
            (names, None) => Ok(names),
            (_, Some(fault)) => Err(fault),
        }
    }

    /// The names in a directory that was found, sorted, as far as they could be read, and what stopped it.
    pub fn list_salvaged(&self, found: &Found) -> (Vec<Listed>, Option<Fault>) {
        let mut names = Vec::new();
        if !found.is_directory() {
            return (names, Some(Fault::Absent));
        }
        let result = self.during(&found.real, || self.tree.list_into(&found.real, &mut names));
        names.sort_by(|a, b| a.name.cmp(&b.name));
        (names, result.err().map(|error| self.ledger.fault(&found.path, &found.real, &error)))
    }

    /// Runs an operation on a place and remembers, while it runs, that this thread waits for it.
    pub fn during<T>(&self, place: &[u8], operation: impl FnOnce() -> T) -> T {
        self.activity.during(place, operation)
    }

    /// Inside [`Root::during`]: the operation has come to another place.
    pub fn moved_to(&self, place: &[u8]) {
        self.activity.moved_to(place);
    }
}

/// Reads a file from its start, at most `limit` bytes.
fn read_up_to(file: &dyn ReadAt, limit: usize) -> io::Result<Content> {
    const STEP: usize = 1 << 16;
    let size = file.size();
    // Files under /proc and /sys say that they are empty; read them until they end.
    let expected = usize::try_from(size).unwrap_or(usize::MAX).min(limit);
    let mut bytes = vec![0; if expected == 0 { STEP.min(limit) } else { expected }];
    let mut filled = 0;
    loop {
        if filled == bytes.len() {
            if filled >= expected && size > 0 || filled >= limit {
                break;
            }
            bytes.resize((filled + STEP).min(limit), 0);
        }
        let Some(rest) = bytes.get_mut(filled..) else {
            break;
        };
        match file.read_at(filled as u64, rest) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(filled);
    let cut = filled >= limit && (size == 0 || size > filled as u64);
    Ok(Content { bytes, cut_from: cut.then_some(size.max(filled as u64)) })
}

/// The components of a path, `.` and empty ones left out.
fn components(path: &[u8]) -> impl DoubleEndedIterator<Item = &[u8]> {
    path.split(|&byte| byte == b'/').filter(|component| !component.is_empty() && *component != b".")
}

/// A path without leading, trailing and doubled slashes and without `.`.
pub fn normalise(path: &[u8]) -> Vec<u8> {
    components(path).collect::<Vec<_>>().join(&b'/')
}

/// Whether a listed name is worth following: a directory or a link.
pub fn may_be_directory(listed: &Listed) -> bool {
    matches!(listed.kind, ListedKind::Directory | ListedKind::Link)
}

/// The last component of a found path, as text.
pub fn name_of(found: &Found) -> String {
    crate::text::text_of(file_name(&found.path))
}

#[cfg(test)]
mod tests;
