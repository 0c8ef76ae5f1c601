//! The file tree of a target: three primitives that never follow a link.
//!
//! A new kind of target is one implementation of [`Tree`]. Everything else (links, case, patterns, limits) is
//! done once, in [`super::root::Root`], so that it is the same for a host, a mounted disk and an image.
//!
//! Paths are raw bytes, components separated by `/`, without a leading slash, without `.`, `..` or empty
//! components; the root is the empty path. A name that is not UTF-8 is a name like any other.

use std::collections::BTreeSet;
use std::io;

use super::path::RealPath;
pub use super::path::{file_name, is_within, join, parent};
use crate::bytes::ReadAt;
use crate::model::Layer;

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link (or junction) and the target it names, as stored.
    Link(Vec<u8>),
    /// A device, pipe, socket or anything else that is never opened.
    Special,
}

/// What is known of a name without opening it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stat {
    /// What it is.
    pub kind: Kind,
    /// Size in bytes, for files.
    pub size: u64,
    /// Whether someone may execute it (on file systems without such bits: true).
    pub executable: bool,
    /// Whether reading it would fetch it from elsewhere (cloud placeholder); never opened.
    pub placeholder: bool,
}

impl Stat {
    /// A stat of a kind; size 0, not executable.
    pub fn of(kind: Kind) -> Self {
        Stat { kind, size: 0, executable: false, placeholder: false }
    }
}

/// The kind of a listed name; the target of a link is not read yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListedKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A link.
    Link,
    /// Anything else.
    Special,
}

/// One name in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The name, one component.
    pub name: Vec<u8>,
    /// What it is.
    pub kind: ListedKind,
}

/// A hive of the registry that a layer of a Windows container image carries beside its files.
pub struct LayerHive {
    /// Where it lies in its layer, e.g. `Hives/Software_Delta`.
    pub path: Vec<u8>,
    /// The layer.
    pub layer: Option<Layer>,
    /// Opens it.
    pub open: Box<dyn Fn() -> io::Result<Box<dyn ReadAt>> + Send + Sync>,
}

/// What a path of one layer of an overlay file system says of the layers below it (Linux' `overlayfs`,
/// `fuse-overlayfs`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OverlayMark {
    /// Nothing.
    None,
    /// What lower layers have under this name is gone.
    Whiteout,
    /// What lower layers have in this directory is gone.
    Opaque,
    /// The file's owner or mode was changed; its bytes are those of the lower layer.
    MetadataOnly,
    /// The directory shows what lower layers have under another name.
    Redirected,
}

/// Read-only access to a file tree. No method follows a link in the last component; `Root` sees to the others.
pub trait Tree: Send + Sync {
    /// What a path stands for.
    ///
    /// # Errors
    /// `NotFound` or `NotADirectory` when there is no such path; others when it cannot be known.
    fn stat(&self, path: &[u8]) -> io::Result<Stat>;

    /// The names in a directory, in any order, without `.` and `..`.
    ///
    /// # Errors
    /// As the operating system says. Names that could be read before an error are lost with it; see
    /// [`Tree::list_into`].
    fn list(&self, path: &[u8]) -> io::Result<Vec<Listed>>;

    /// As [`Tree::list`], and what was read before an error stays in `names`: a directory that fails half-way must
    /// not hide its first half.
    ///
    /// # Errors
    /// As [`Tree::list`].
    fn list_into(&self, path: &[u8], names: &mut Vec<Listed>) -> io::Result<()> {
        names.extend(self.list(path)?);
        Ok(())
    }

    /// Opens a regular file.
    ///
    /// # Errors
    /// `InvalidInput` when it is not a regular file; others as the operating system says.
    fn open(&self, path: &[u8]) -> io::Result<Box<dyn ReadAt>>;

    /// The image layer a path comes from; `None` outside images.
    fn layer(&self, _path: &[u8]) -> Option<Layer> {
        None
    }

    /// The hives of an image's layers, the topmost first; `None` for anything but a Windows image.
    fn layer_hives(&self) -> Option<Vec<LayerHive>> {
        None
    }

    /// How a path is marked, where the tree is a layer of an overlay file system.
    ///
    /// # Errors
    /// When it cannot be known.
    fn overlay_mark(&self, _path: &[u8]) -> io::Result<OverlayMark> {
        Ok(OverlayMark::None)
    }

    /// Whether bytes of some files lie where reading each by itself is expensive: see [`Tree::fetch`].
    fn is_partial(&self) -> bool {
        false
    }

    /// Whether the bytes of a file (a path without links) are ready, or there are none to fetch.
    fn is_at_hand(&self, _path: &[u8]) -> bool {
        true
    }

    /// Makes the bytes of some files ready at once. What cannot be is reported when it is opened.
    fn fetch(&self, _paths: &BTreeSet<RealPath>) {}
}
