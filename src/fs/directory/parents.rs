//! Handles of the directories that this thread looked into last.
//!
//! A walk asks about one name after the other of the same directory, and a path through links about the same few
//! directories again and again: with the directory's handle kept, a look is one call of the system instead of three, and
//! the kernel goes no long way. A directory that is moved meanwhile takes its handle along: what is checked was
//! in the target a moment ago, which is all that any look can say.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fd::OwnedFd;

/// So many, that all levels of a usual path stay; each thread has its own, and a process may open 1,024 files.
const MAX: usize = 8;

/// A name for one opened tree: two may have the same paths.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Id(u64);

impl Id {
    /// A new one.
    pub fn next() -> Id {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Id(NEXT.fetch_add(1, Ordering::Relaxed))
    }
}

struct Recent {
    tree: Id,
    path: Vec<u8>,
    handle: Rc<OwnedFd>,
}

thread_local! {
    /// The latest last.
    static RECENT: RefCell<Vec<Recent>> = const { RefCell::new(Vec::new()) };
}

/// The handle of a directory of a tree, if it is among the last.
pub fn known(tree: Id, path: &[u8]) -> Option<Rc<OwnedFd>> {
    RECENT.with_borrow_mut(|recent| {
        let at = recent.iter().rposition(|one| one.tree == tree && one.path == path)?;
        let one = recent.remove(at);
        let handle = Rc::clone(&one.handle);
        recent.push(one);
        Some(handle)
    })
}

/// Keeps the handle of a directory of a tree until others have taken its place.
pub fn remember(tree: Id, path: &[u8], handle: OwnedFd) -> Rc<OwnedFd> {
    let handle = Rc::new(handle);
    RECENT.with_borrow_mut(|recent| {
        recent.retain(|one| one.tree != tree || one.path != path);
        if recent.len() >= MAX {
            recent.remove(0);
        }
        recent.push(Recent { tree, path: path.to_vec(), handle: Rc::clone(&handle) });
    });
    handle
}

/// The handle of a directory of a tree, from `open` if it is not among the last.
///
/// # Errors
/// As `open`.
pub fn handle<E>(tree: Id, path: &[u8], open: impl FnOnce() -> Result<OwnedFd, E>) -> Result<Rc<OwnedFd>, E> {
    match known(tree, path) {
        Some(handle) => Ok(handle),
        None => open().map(|handle| remember(tree, path, handle)),
    }
}
