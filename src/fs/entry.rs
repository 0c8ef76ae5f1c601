//! A file that a walk comes by.

use std::cell::OnceCell;

use super::path::RealPath;
use super::root::{Content, Fault, Found, Root};
use super::tree::file_name;
use crate::bytes::ReadAt;

/// One file that a walk met.
pub struct Entry<'a> {
    root: &'a Root,
    path: &'a [u8],
    /// The last component: each collector asks for it.
    name: &'a [u8],
    /// The path without links up to the last component.
    real: &'a [u8],
    is_link: bool,
    found: OnceCell<Result<Found, Fault>>,
}

impl<'a> Entry<'a> {
    /// An entry for a path that is known to be a file or a link.
    pub fn new(root: &'a Root, path: &'a [u8], is_link: bool) -> Self {
        Entry { root, path, name: file_name(path), real: path, is_link, found: OnceCell::new() }
    }

    /// An entry for a file or link in a directory that links lead to.
    pub fn behind_links(root: &'a Root, path: &'a [u8], real: &'a RealPath, is_link: bool) -> Self {
        Entry { real: real.as_slice(), ..Entry::new(root, path, is_link) }
    }

    /// An entry for a file of which everything but its bytes is known.
    pub fn known(root: &'a Root, path: &'a [u8], stat: super::tree::Stat) -> Self {
        let found = Found { path: path.to_vec(), real: RealPath::resolved(path.to_vec()), stat };
        Entry { found: OnceCell::from(Ok(found)), ..Entry::new(root, path, false) }
    }

    /// The path from the target's root.
    pub fn path(&self) -> &[u8] {
        self.path
    }

    /// The file's name.
    pub fn name(&self) -> &[u8] {
        self.name
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

    /// Why nothing is known of the file, if the caller looked.
    pub(crate) fn fault(&self) -> Option<&Fault> {
        self.found.get().and_then(|looked| looked.as_ref().err())
    }

    fn look(&self) -> Result<Found, Fault> {
        let found =
            if self.is_link { self.root.follow_strictly(self.real) } else { self.root.look(self.real) };
        found.map(|found| Found { path: self.path.to_vec(), ..found })
    }

    /// Where a link leads that has nothing at its end, as the link says.
    pub fn dangling(&self) -> Option<Vec<u8>> {
        let leads_nowhere = self.is_link
            && matches!(self.looked(), Err(fault) if *fault == Fault::Absent || fault.is_astray());
        let link = leads_nowhere.then(|| self.root.find_no_follow(self.real).ok()).flatten()?;
        match link.stat.kind {
            super::tree::Kind::Link(to) => Some(to),
            _ => None,
        }
    }

    /// Whether someone may execute it.
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
