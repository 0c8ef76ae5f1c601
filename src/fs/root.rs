//! Read-only access to a target's files, with the rules that hold for every kind of target.
//!
//! Links are followed here, component by component, and never leave the target: an absolute link restarts at
//! the target's root, `..` stops at it. `*` patterns, case folding (Windows), size limits, excluded places and
//! the answer to "what is it waiting for" live here too, once for all trees.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::{Arc, OnceLock};

use super::activity::Activity;
use super::ledger::{Ledger, Watched};
use super::tree::{Kind, Listed, ListedKind, Stat, Tree, file_name, join, parent};
use crate::bytes::ReadAt;
use crate::model::{Gap, GapKind, Layer};
use crate::text::{shown, wildcard};

/// How many links one path may lead through, as in the Linux kernel.
const MAX_LINKS: usize = 40;
/// How many names one pattern may expand to before the rest is a gap.
const MAX_MATCHES: usize = 100_000;

/// Why a place could not be read. `Absent` is normal and never a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// There is no such path.
    Absent,
    /// There is, and it could not be read.
    Unreadable {
        /// Why.
        kind: GapKind,
        /// The path as it was asked for.
        place: Vec<u8>,
        /// What happened.
        detail: String,
    },
}

impl Fault {
    fn new(kind: GapKind, place: &[u8], detail: impl Into<String>) -> Self {
        Fault::Unreadable { kind, place: place.to_vec(), detail: detail.into() }
    }

    /// The fault of an I/O error at a place.
    pub fn from_io(place: &[u8], error: &io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => return Fault::Absent,
            io::ErrorKind::PermissionDenied => GapKind::Denied,
            io::ErrorKind::InvalidInput => GapKind::SpecialFile,
            io::ErrorKind::UnexpectedEof => GapKind::Truncated,
            io::ErrorKind::TimedOut => GapKind::TimedOut,
            io::ErrorKind::FileTooLarge => GapKind::OverLimit,
            io::ErrorKind::InvalidData => GapKind::Corrupt,
            io::ErrorKind::Unsupported => GapKind::Unsupported,
            _ if is_link_loop(error) => GapKind::LinkLoop,
            _ => GapKind::Unreadable,
        };
        Fault::new(kind, place, error.to_string())
    }

    /// The gap that this fault is, unless there was nothing there.
    pub fn into_gap(self, collector: &str) -> Option<Gap> {
        match self {
            Fault::Absent => None,
            Fault::Unreadable { kind, place, detail } => {
                Some(Gap { kind, collector: collector.to_owned(), place: shown(&place), detail })
            }
        }
    }
}

/// `ELOOP`: `io::ErrorKind::FilesystemLoop` is not stable yet.
fn is_link_loop(error: &io::Error) -> bool {
    #[cfg(unix)]
    {
        error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
    }
    #[cfg(not(unix))]
    {
        let _ = error;
        false
    }
}

/// A path that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The path as it was asked for; what reports show.
    pub path: Vec<u8>,
    /// The path after following every link; what trees are asked for.
    pub real: Vec<u8>,
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
    skipped: BTreeMap<Vec<u8>, String>,
    unwalked: BTreeSet<Vec<u8>>,
    homes: OnceLock<Vec<Found>>,
    drives: Vec<Vec<u8>>,
    /// The letter of the drive that the top is, for links that name it.
    letter: u8,
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
];

impl Root {
    /// A root over a tree; names compare as the file system stores them.
    pub fn new(tree: Box<dyn Tree>) -> Self {
        Root {
            tree,
            fold_case: false,
            skipped: BTreeMap::new(),
            unwalked: BTreeSet::new(),
            homes: OnceLock::new(),
            drives: Vec::new(),
            letter: b'C',
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
        Ok(Found { path: real.to_vec(), real: real.to_vec(), stat })
    }

    /// What a link leads to whose directory is a path without links; for walks, which come by such paths only.
    ///
    /// # Errors
    /// As [`Root::find`].
    pub(super) fn follow(&self, link: &[u8]) -> Result<Found, Fault> {
        self.resolve_noting(parent(link), file_name(link), link, true, &mut false)
    }

    /// The names in a directory (a path without links) in any order, as far as they could be read, and what stopped
    /// it; for walks.
    pub(super) fn names(&self, real: &[u8]) -> (Vec<Listed>, Option<Fault>) {
        let mut names = Vec::new();
        let result = self.tree.list_into(real, &mut names);
        (names, result.err().map(|error| self.ledger.fault(real, real, &error)))
    }

    /// Makes names compare without case, as on Windows.
    pub fn fold_case(&mut self) {
        self.fold_case = true;
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
    pub fn is_unwalked(&self, real: &[u8]) -> bool {
        self.is_skipped(real) || self.unwalked.contains(real)
    }

    /// The places left out, with their reasons.
    pub fn skipped(&self) -> &BTreeMap<Vec<u8>, String> {
        &self.skipped
    }

    /// Whether exactly this path is left out; whoever descends from the root asks for each directory.
    pub fn is_skipped(&self, real: &[u8]) -> bool {
        self.skipped.contains_key(real)
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
    /// [`Fault::Absent`] when there is nothing (a dangling link leads to nothing), else why it cannot be told.
    pub fn find(&self, path: &[u8]) -> Result<Found, Fault> {
        self.resolve(path, true)
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

    /// Whether nothing is at a path for certain: not when it cannot be told, nor when the path leads through a
    /// place that is left out.
    pub fn is_gone(&self, path: &[u8]) -> bool {
        let mut left_out = false;
        self.resolve_noting(b"", path, path, true, &mut left_out) == Err(Fault::Absent) && !left_out
    }

    fn resolve(&self, asked: &[u8], follow_last: bool) -> Result<Found, Fault> {
        self.resolve_noting(b"", asked, asked, follow_last, &mut false)
    }

    /// Resolves `path` from a directory (a path without links), which faults call `asked`; notes whether the way led to
    /// what is left out.
    fn resolve_noting(
        &self,
        from: &[u8],
        path: &[u8],
        asked: &[u8],
        follow_last: bool,
        left_out: &mut bool,
    ) -> Result<Found, Fault> {
        let mut pending: Vec<Vec<u8>> = components(path).rev().map(<[u8]>::to_vec).collect();
        let mut real = from.to_vec();
        let mut stat = Stat::of(Kind::Directory);
        let mut links = 0;
        while let Some(component) = pending.pop() {
            if component == b".." {
                real = parent(&real).to_vec();
                stat = Stat::of(Kind::Directory);
                continue;
            }
            if stat.kind != Kind::Directory {
                return Err(Fault::Absent);
            }
            let (next, next_stat) = self.child(&real, &component, asked)?;
            if self.is_skipped(&next) {
                *left_out = true;
                return Err(Fault::Absent);
            }
            match &next_stat.kind {
                Kind::Link(to) if follow_last || !pending.is_empty() => {
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(Fault::new(
                            GapKind::LinkLoop,
                            asked,
                            "links lead to each other without end",
                        ));
                    }
                    let Some(to) = self.link_target(to) else {
                        *left_out = true;
                        return Err(Fault::Absent);
                    };
                    if to.first() == Some(&b'/') {
                        real = Vec::new();
                    }
                    pending.extend(components(&to).rev().map(<[u8]>::to_vec));
                    stat = Stat::of(Kind::Directory);
                }
                _ => {
                    real = next;
                    stat = next_stat;
                }
            }
        }
        Ok(Found { path: normalise(asked), real, stat })
    }

    /// Windows link targets carry a drive and either slash; `None` when they lead to a share, a volume or a drive that
    /// is no part of the target.
    fn link_target(&self, to: &[u8]) -> Option<Vec<u8>> {
        if !self.fold_case {
            return Some(to.to_vec());
        }
        let to: Vec<u8> = to.iter().map(|&byte| if byte == b'\\' { b'/' } else { byte }).collect();
        let bare = [b"/??/".as_slice(), b"//?/"].iter().find_map(|prefix| to.strip_prefix(*prefix));
        match bare.unwrap_or(&to) {
            [letter, b':', rest @ ..] if letter.eq_ignore_ascii_case(&self.letter) => {
                Some([b"/", rest].concat())
            }
            [letter, b':', rest @ ..] if letter.is_ascii_alphabetic() => {
                let drive =
                    self.drives.iter().find(|drive| drive.first() == Some(&letter.to_ascii_uppercase()))?;
                Some([b"/", drive.as_slice(), rest].concat())
            }
            [b'/', b'/', ..] => None,
            _ if bare.is_some() => None,
            relative => Some(relative.to_vec()),
        }
    }

    fn child(&self, directory: &[u8], name: &[u8], asked: &[u8]) -> Result<(Vec<u8>, Stat), Fault> {
        let exact = join(directory, name);
        let error = match self.during(&exact, || self.tree.stat(&exact)) {
            Ok(stat) => return Ok((exact, stat)),
            Err(error) => self.ledger.fault(asked, &exact, &error),
        };
        if error != Fault::Absent || !self.fold_case {
            return Err(error);
        }
        let wanted = folded(name);
        let names = self
            .during(directory, || self.tree.list(directory))
            .map_err(|error| self.ledger.fault(asked, directory, &error))?;
        let name = names.into_iter().find(|listed| folded(&listed.name) == wanted).ok_or(Fault::Absent)?.name;
        let actual = join(directory, &name);
        let stat = self
            .during(&actual, || self.tree.stat(&actual))
            .map_err(|error| self.ledger.fault(asked, &actual, &error))?;
        Ok((actual, stat))
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
            // It was there a moment ago, or a link was swapped in: somebody is changing it under us.
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

    /// Reads a file of at most `limit` bytes; of a larger one the first `limit` bytes, and says so.
    ///
    /// # Errors
    /// As [`Root::open`], and when reading fails.
    pub fn read(&self, path: &[u8], limit: usize) -> Result<Content, Fault> {
        self.read_found(&self.find(path)?, limit)
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

    /// Every path that a pattern names, in order, and every fault on the way.
    ///
    /// A pattern is literal components separated by `/`; `*` inside a component stands for any run of bytes
    /// within it (a leading dot included). There is no `**`: the cost is the number of names, not the size of the disk.
    /// `home/*` stands for the home of each user, also of those that lie elsewhere.
    pub fn glob(&self, pattern: &str) -> Vec<Result<Found, Fault>> {
        let top = vec![Found { path: Vec::new(), real: Vec::new(), stat: Stat::of(Kind::Directory) }];
        let mut results = self.glob_below(top, pattern);
        if let Some(rest) =
            pattern.strip_prefix("home/*").filter(|rest| matches!(rest.get(..1), None | Some("/")))
        {
            // Found when first needed, on the thread of a collector: a home may hang.
            let homes = self.homes.get_or_init(|| super::homes::elsewhere(self));
            if !homes.is_empty() {
                results.extend(self.glob_below(homes.clone(), rest));
            }
        }
        let is_on_any = |first: &str| ON_ANY_DRIVE.iter().any(|folder| folder.eq_ignore_ascii_case(first));
        if !self.drives.is_empty() && is_on_any(pattern.split('/').next().unwrap_or_default()) {
            let (found, faults): (Vec<_>, Vec<_>) =
                self.drives.iter().map(|drive| self.find(drive)).partition(Result::is_ok);
            results.extend(self.glob_below(found.into_iter().flatten().collect(), pattern));
            results.extend(faults.into_iter().filter(|fault| *fault != Err(Fault::Absent)));
        }
        // Two names that lead to one file are one place.
        let mut seen = BTreeSet::new();
        results.retain(|result| result.as_ref().map_or(true, |found| seen.insert(found.real.clone())));
        results
    }

    fn glob_below(&self, mut level: Vec<Found>, pattern: &str) -> Vec<Result<Found, Fault>> {
        let mut faults = Vec::new();
        for component in components(pattern.as_bytes()) {
            let mut next = Vec::new();
            for at in &level {
                if !at.is_directory() {
                    continue;
                }
                let names = if component.contains(&b'*') {
                    let (names, fault) = self.list_salvaged(at);
                    faults.extend(fault);
                    self.matching(names, component)
                } else {
                    vec![component.to_vec()]
                };
                for name in names {
                    // Resolve from the real directory, show the asked one.
                    let asked = join(&at.path, &name);
                    match self.resolve_noting(&at.real, &name, &asked, true, &mut false) {
                        Ok(found) => next.push(found),
                        Err(Fault::Absent) => {}
                        Err(fault) => faults.push(fault),
                    }
                }
                if next.len() > MAX_MATCHES {
                    let detail = format!("more than {MAX_MATCHES} names match");
                    faults.push(Fault::new(GapKind::OverLimit, pattern.as_bytes(), detail));
                    next.truncate(MAX_MATCHES);
                    break;
                }
            }
            level = next;
        }
        let faults = faults.into_iter().filter(|fault| *fault != Fault::Absent).map(Err);
        level.into_iter().map(Ok).chain(faults).collect()
    }

    fn matching(&self, names: Vec<Listed>, pattern: &[u8]) -> Vec<Vec<u8>> {
        let pattern = if self.fold_case { folded(pattern) } else { pattern.to_vec() };
        let fits = |name: &[u8]| match self.fold_case {
            true => wildcard(&pattern, &folded(name)),
            false => wildcard(&pattern, name),
        };
        names.into_iter().map(|listed| listed.name).filter(|name| fits(name)).collect()
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

/// A name without case, for file systems that compare so.
fn folded(name: &[u8]) -> Vec<u8> {
    match std::str::from_utf8(name) {
        Ok(text) => text.to_lowercase().into_bytes(),
        Err(_) => name.to_ascii_lowercase(),
    }
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
