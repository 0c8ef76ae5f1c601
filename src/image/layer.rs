//! The index of one layer: names of everything, bytes of what was asked.
//!
//! One sequential pass. A path is stored as its folder and its name, folders once each, so that a million members
//! fit in memory.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hash, Hasher};
use std::io;
use std::ops::Range;
use std::sync::Arc;

use hashbrown::DefaultHashBuilder;

use super::bodies::{Budget, Held, Kept, Sequential};
use super::body::{Body, PackedBody};
use super::sieve::Sieved;
use crate::bytes::{Damage, DamageKind, ReadAt};
use crate::format::container::decompress::{self, Compression};
use crate::format::container::tar::{self, MemberKind, Piece, Source, Streaming};

/// Damaged members reported per layer; more are counted.
const MAX_DAMAGE: usize = 100;

/// What collectors ask of an image while it is read: recognised by the table of collectors, so that targets know none.
pub trait Interest: Send + Sync {
    /// What is asked of the files directly in a folder.
    fn folder(&self, folder: &[u8]) -> Asked;
    /// Whether the bytes of a file in that folder are wanted.
    fn wants(&self, asked: &Asked, path: &[u8], executable: bool) -> bool;
    /// Which ranges of a wanted file of `size` bytes nobody will ask for, by its first bytes: in order and apart from
    /// each other. One that is asked for all the same costs another pass over the layer.
    fn unread(&self, _head: &[u8], _size: u64) -> Vec<Range<u64>> {
        Vec::new()
    }
}

/// What is asked of one folder; the asker knows what its numbers mean.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Patterns that have led here.
    pub patterns: Vec<u32>,
    /// Walks that come by here.
    pub walks: u64,
}

/// A name: a range of the layer's names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) at: u32,
    pub(super) len: u16,
}

/// A folder that members of the layer lie in; folder 0 is the root.
#[derive(Debug, Clone, Copy)]
pub(super) struct Folder {
    pub(super) parent: u32,
    pub(super) name: Name,
}

/// One member.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member {
    pub(super) folder: u32,
    pub(super) name: Name,
    pub(super) kind: MemberKind,
    pub(super) executable: bool,
    /// Size in bytes; for links the number of the link's target.
    pub(super) size: u64,
    pub(super) packed: PackedBody,
}

impl Member {
    /// Where its bytes are.
    pub(super) fn body(&self) -> Body {
        self.packed.body()
    }
}

/// Whose layer it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum LayerKind {
    /// A file system from its root.
    #[default]
    Plain,
    /// Of a Windows image: files, hives and more in folders of their own.
    Windows,
}

/// The folder of members that are no part of the file tree.
pub(super) const BESIDE: u32 = u32::MAX;

/// What is known of one layer after reading it once.
#[derive(Debug, Default)]
pub struct LayerIndex {
    pub(super) names: Vec<u8>,
    pub(super) folders: Vec<Folder>,
    pub(super) members: Vec<Member>,
    pub(super) links: Vec<(u32, u32)>,
    pub(super) sparse: BTreeMap<u32, Arc<[Piece]>>,
    /// Members of whose bytes only pieces were kept.
    pub(super) sieved: BTreeMap<u32, Sieved>,
    pub(super) kept: Arc<Kept>,
    /// Hives of a Windows layer, as members beside the tree.
    pub(super) hives: Vec<u32>,
    /// Whether bodies that were not kept cost another pass.
    pub(super) is_compressed: bool,
    /// Whether what marks a removal is a special file called `.wh.x`, and a file of that name is a file.
    pub(super) marks_are_special: bool,
    /// What could not be read, with the place where it is known.
    pub damage: Vec<Damage>,
    pub(super) more_damage: usize,
    /// The memory that it takes, of what all layers may take.
    pub(super) held: Held,
}

impl LayerIndex {
    pub(super) fn name(&self, name: Name) -> &[u8] {
        let at = name.at as usize;
        self.names.get(at..at + usize::from(name.len)).unwrap_or_default()
    }

    pub(super) fn link(&self, member: &Member) -> &[u8] {
        let range = usize::try_from(member.size).ok().and_then(|at| self.links.get(at));
        range
            .and_then(|&(at, len)| self.names.get(at as usize..at as usize + len as usize))
            .unwrap_or_default()
    }

    /// How many bytes of a member are at hand where its body lies.
    pub(super) fn kept(&self, member: &Member, number: u32) -> u64 {
        self.sieved.get(&number).map_or_else(|| self.stored(member, number), Sieved::kept)
    }

    /// How many bytes of a member are stored.
    pub(super) fn stored(&self, member: &Member, number: u32) -> u64 {
        match self.sparse.get(&number) {
            Some(pieces) => Piece::total(pieces),
            None => member.size,
        }
    }

    /// What a member removes of the layers below: a name, or everything in its folder (`.wh..opq`).
    pub(super) fn removes(&self, member: &Member) -> Option<&[u8]> {
        let is_mark = !self.marks_are_special || member.kind == MemberKind::Special;
        self.name(member.name).strip_prefix(b".wh.").filter(|_| is_mark)
    }

    /// The path of a folder.
    pub(super) fn folder_path(&self, folder: u32) -> Vec<u8> {
        let mut names = Vec::new();
        let mut at = folder;
        while at != 0 {
            let Some(folder) = self.folders.get(at as usize) else { break };
            names.push(self.name(folder.name));
            at = folder.parent;
        }
        names.reverse();
        names.join(&b'/')
    }

    pub(super) fn damage(&mut self, damage: Damage) {
        if self.damage.len() < MAX_DAMAGE { self.damage.push(damage) } else { self.more_damage += 1 }
    }

    pub(super) fn damaged(&mut self, kind: DamageKind, path: &[u8], what: &str) {
        let path = crate::text::text_of(path.get(..path.len().min(200)).unwrap_or_default());
        self.damage(Damage::new(kind, None, format!("member {path}: {what}")));
    }
}

/// Images of thousands of tiny layers must not leave thousands of holes of large buffers in the heap.
pub(super) fn buffer_for(size: u64) -> usize {
    usize::try_from(size).unwrap_or(usize::MAX).clamp(4 << 10, 128 << 10)
}

/// Fetches bodies that were not kept: decodes the layer once and reads at the given offsets (offset, length),
/// which must be sorted.
pub(super) fn fetch(
    bytes: &Arc<dyn ReadAt>,
    wanted: &[(u64, u64)],
    budget: &Budget,
) -> io::Result<(Arc<Kept>, BTreeMap<u64, Body>)> {
    let start = bytes.read_vec(0, tar::BLOCK)?;
    let mut kept = Kept::default();
    let mut bodies = BTreeMap::new();
    if let Some(compression) = Compression::of(&start) {
        let stream = Sequential { bytes: Arc::clone(bytes), at: 0 };
        let buffer = buffer_for(bytes.size());
        let mut stream = Streaming::new(decompress::reader(stream, compression, buffer)?, buffer);
        for &(offset, size) in wanted {
            stream.skip(offset.saturating_sub(stream.position()))?;
            bodies.insert(offset, kept.keep(&mut stream, size, budget)?);
        }
    }
    Ok((Arc::new(kept), bodies))
}

/// The hash of a name in a folder.
pub(super) fn hash(hasher: &DefaultHashBuilder, parent: u32, name: &[u8]) -> u64 {
    let mut hasher = hasher.build_hasher();
    parent.hash(&mut hasher);
    name.hash(&mut hasher);
    hasher.finish()
}

/// A path of an archive taken from the root of the image, and whether it tried to leave it.
pub(super) fn inside(path: &[u8]) -> (Vec<u8>, bool) {
    let mut parts: Vec<&[u8]> = Vec::new();
    let mut escapes = false;
    for part in path.split(|&byte| byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => escapes |= parts.pop().is_none(),
            part => parts.push(part),
        }
    }
    (parts.join(&b'/'), escapes)
}
