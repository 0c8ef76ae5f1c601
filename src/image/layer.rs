//! The index of one layer: names of everything, bytes of what was asked.
//!
//! One sequential pass. A path is stored as its folder and its name, folders once each, so that a million members
//! fit in memory.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, Hash, Hasher};
use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::bodies::{Body, Bounded, Budget, Held, Kept, Sequential};
use super::digest;
use super::sieve::{self, Sieved};
use super::windows::{self, Place};
use crate::bytes::{Damage, DamageKind, ReadAt};
use crate::format::container::decompress::{self, Compression};
use crate::format::container::tar::{
    self, Dialect, MemberKind, Next, Piece, Reader, Seeking, Source, Streaming,
};

/// The longest name that Linux's file systems take, in bytes; Windows counts characters.
const MAX_NAME: usize = 255;
/// The longest path and the longest target of a link that Linux takes, in bytes. Engines cannot unpack longer ones, and
/// following a link whose target has thousands of components costs as many steps.
const MAX_PATH: usize = 4096;
/// The longest path that Windows takes, in bytes: 32,767 characters, of which each may take three.
const MAX_WINDOWS_PATH: usize = 3 * 32_767;
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
    pub(super) body: Body,
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
    more_damage: usize,
    /// The memory that it takes, of what all layers may take.
    held: Held,
}

impl LayerIndex {
    /// Reads a layer once, as container engines unpack it. `bytes` is the blob as stored; its compression follows from
    /// its first bytes.
    pub fn read(
        bytes: &Arc<dyn ReadAt>,
        kind: LayerKind,
        interest: &dyn Interest,
        budget: &Budget,
    ) -> LayerIndex {
        LayerIndex::read_hashed(bytes, kind, interest, budget, None).0
    }

    /// Reads an archive that is no layer, as GNU tar does. It is not compressed.
    pub(super) fn read_plain(
        bytes: &Arc<dyn ReadAt>,
        kind: LayerKind,
        interest: &dyn Interest,
        budget: &Budget,
    ) -> LayerIndex {
        let mut indexer = Indexer::new(kind, interest, budget);
        drop(indexer.run(Reader::new(Seeking::new(Arc::clone(bytes)), Dialect::Gnu), false));
        indexer.finish()
    }

    /// As [`LayerIndex::read`], and the digest of what a compressed layer holds when a hash is given: `None` for one
    /// that is not compressed, or could not be read to its end.
    pub(super) fn read_hashed(
        bytes: &Arc<dyn ReadAt>,
        kind: LayerKind,
        interest: &dyn Interest,
        budget: &Budget,
        hash: Option<digest::Hasher>,
    ) -> (LayerIndex, Option<digest::Hasher>) {
        let mut indexer = Indexer::new(kind, interest, budget);
        let start = bytes.read_vec(0, tar::BLOCK);
        let mut hashed = None;
        match start.map(|start| Compression::of(&start)) {
            Err(error) => indexer.index.damage(error.into()),
            Ok(None) => drop(indexer.run(Reader::new(Seeking::new(Arc::clone(bytes)), Dialect::Go), false)),
            Ok(Some(compression)) => {
                let stream = Sequential { bytes: Arc::clone(bytes), at: 0 };
                let buffer = buffer_for(bytes.size());
                let stream = decompress::reader(stream, compression, buffer);
                match (stream.map(|stream| Bounded { stream, budget, count: 0 }), hash) {
                    (Ok(stream), None) => {
                        let stream = Streaming::new(stream, buffer);
                        drop(indexer.run(Reader::new(stream, Dialect::Go), true));
                    }
                    (Ok(stream), Some(mut hash)) => {
                        let stream = Hashing { stream, hash: &mut hash };
                        let stream = Streaming::new(stream, buffer);
                        let mut rest = indexer.run(Reader::new(stream, Dialect::Go), true);
                        // An archive may end before its layer does.
                        let is_whole = io::copy(&mut rest, &mut io::sink()).is_ok();
                        drop(rest);
                        hashed = is_whole.then_some(hash);
                    }
                    (Err(error), _) => indexer.index.damage(error.into()),
                }
            }
        }
        (indexer.finish(), hashed)
    }

    /// The index of files that lie in a folder, not in an archive. Where a member says that its bytes begin, the
    /// caller's blob must have them.
    pub(super) fn of_members(
        members: impl Iterator<Item = tar::Member>,
        interest: &dyn Interest,
        budget: &Budget,
    ) -> LayerIndex {
        let mut indexer = Indexer::new(LayerKind::Plain, interest, budget);
        let mut nothing = Reader::new(Seeking::new(Vec::new()), Dialect::Gnu);
        for member in members {
            if let Err(error) = indexer.member(member, &mut nothing, false) {
                indexer.index.damage(error.into());
            }
        }
        indexer.finish()
    }

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

    fn damage(&mut self, damage: Damage) {
        if self.damage.len() < MAX_DAMAGE { self.damage.push(damage) } else { self.more_damage += 1 }
    }

    fn damaged(&mut self, kind: DamageKind, path: &[u8], what: &str) {
        let path = crate::text::text_of(path.get(..path.len().min(200)).unwrap_or_default());
        self.damage(Damage::new(kind, None, format!("member {path}: {what}")));
    }
}

/// Hashes what is read through it.
struct Hashing<'h, R> {
    stream: R,
    hash: &'h mut digest::Hasher,
}

impl<R: Read> Read for Hashing<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.stream.read(buf)?;
        self.hash.update(buf.get(..count).unwrap_or_default());
        Ok(count)
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

struct Indexer<'a> {
    index: LayerIndex,
    kind: LayerKind,
    interest: &'a dyn Interest,
    budget: &'a Budget,
    kept: Kept,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
    last: Vec<u8>,
    last_folder: u32,
    last_asked: Asked,
}

impl<'a> Indexer<'a> {
    fn new(kind: LayerKind, interest: &'a dyn Interest, budget: &'a Budget) -> Self {
        let root = Folder { parent: 0, name: Name { at: 0, len: 0 } };
        Indexer {
            index: LayerIndex { folders: vec![root], ..LayerIndex::default() },
            kind,
            last_asked: interest.folder(b""),
            interest,
            budget,
            kept: Kept::default(),
            table: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            last: Vec::new(),
            last_folder: 0,
        }
    }

    fn finish(mut self) -> LayerIndex {
        if self.index.more_damage > 0 {
            let what = format!("{} more damaged members are not listed", self.index.more_damage);
            self.index.damage.push(Damage::new(DamageKind::OverLimit, None, what));
        }
        self.index.kept = Arc::new(self.kept);
        self.index.members.shrink_to_fit();
        self.index.names.shrink_to_fit();
        self.index
    }

    /// Goes through the archive, and gives its source back.
    fn run<S: Source>(&mut self, mut reader: Reader<S>, compressed: bool) -> S {
        self.index.is_compressed = compressed;
        self.members(&mut reader, compressed);
        reader.into_source()
    }

    fn members<S: Source>(&mut self, reader: &mut Reader<S>, compressed: bool) {
        loop {
            match reader.next_member() {
                Next::End(damage) => {
                    if let Some(damage) = damage {
                        self.index.damage(damage);
                    }
                    return;
                }
                Next::Damaged(damage) => self.index.damage(damage),
                Next::Member(member) => {
                    if self.index.members.len().is_multiple_of(1024)
                        && let Err(error) = self.budget.exhausted()
                    {
                        return self.index.damage(error.into());
                    }
                    if !self.has_room() {
                        let what = "the names of its files and those of other layers take too much memory; the rest of \
                                    the layer was not read. Raise --max-memory";
                        return self.index.damage(Damage::new(DamageKind::OverLimit, member.offset, what));
                    }
                    if let Err(error) = self.member(member, reader, compressed) {
                        return self.index.damage(error.into());
                    }
                }
            }
        }
    }

    /// Whether the index may take the memory that it takes.
    fn has_room(&mut self) -> bool {
        let index = &self.index;
        let members = index.members.len() * size_of::<Member>() + index.links.len() * size_of::<(u32, u32)>();
        let folders = index.folders.len() * (size_of::<Folder>() + size_of::<u32>());
        let used = index.names.len() + members + folders;
        self.index.held.grow_to(self.budget, used as u64)
    }

    fn member<S: Source>(
        &mut self,
        member: tar::Member,
        reader: &mut Reader<S>,
        compressed: bool,
    ) -> io::Result<()> {
        let (path, escapes) = match self.kind {
            LayerKind::Plain => inside(&member.path),
            // There, both slashes part names.
            LayerKind::Windows => inside(&windows::slashes(&member.path)),
        };
        if escapes {
            let what = "the path leads out of the image; it is taken from the image's root";
            self.index.damaged(DamageKind::Corrupt, &member.path, what);
        }
        let path = match self.kind {
            LayerKind::Plain => path,
            LayerKind::Windows => match windows::place(path) {
                Place::File(path) => path,
                Place::Hive(name) => return self.hive(&name, &member, reader, compressed),
                Place::Nowhere => return Ok(()),
            },
        };
        // The root itself.
        if path.is_empty() {
            return Ok(());
        }
        let longest = if self.kind == LayerKind::Windows { 4 * MAX_NAME } else { MAX_NAME };
        if path.split(|&byte| byte == b'/').any(|name| name.len() > longest) {
            self.index.damaged(DamageKind::OverLimit, &path, "a name too long for any file system");
            return Ok(());
        }
        if self.is_too_long(&path) || self.is_too_long(&member.link) {
            let what = "a path or the target of a link that is too long for any file system";
            self.index.damaged(DamageKind::OverLimit, &path, what);
            return Ok(());
        }
        let (parent, file) = (crate::fs::tree::parent(&path), crate::fs::tree::file_name(&path));
        if parent != self.last {
            self.last_folder = self.folder(parent);
            self.last_asked = self.interest.folder(parent);
            self.last.clear();
            self.last.extend_from_slice(parent);
        }
        let folder = self.last_folder;
        let Some(name) = self.add_name(file) else { return Ok(()) };
        let mut size = member.size;
        let mut body = Body::None;
        let number = u32::try_from(self.index.members.len()).unwrap_or(u32::MAX);
        match member.kind {
            MemberKind::Link | MemberKind::HardLink => {
                size = self.index.links.len() as u64;
                let link = match (member.kind, self.kind) {
                    (MemberKind::HardLink, LayerKind::Plain) => inside(&member.link).0,
                    (MemberKind::HardLink, LayerKind::Windows) => windows::hard_link(&member.link),
                    (_, LayerKind::Plain) => member.link,
                    (_, LayerKind::Windows) => windows::link(&member.link),
                };
                let at = u32::try_from(self.index.names.len()).unwrap_or(u32::MAX);
                self.index.links.push((at, u32::try_from(link.len()).unwrap_or(0)));
                self.index.names.extend_from_slice(&link);
            }
            MemberKind::File if member.stored > 0 => {
                let wanted = || self.interest.wants(&self.last_asked, &path, member.executable);
                body = if !compressed {
                    Body::Archive(member.offset)
                } else if !wanted() {
                    Body::Unread(member.offset)
                } else if member.sparse.is_some() {
                    // What is stored of a sparse file is not in the places that its first bytes speak of.
                    self.kept.keep(reader.body(), member.stored, self.budget)?
                } else {
                    let unread = |head: &[u8], size| self.interest.unread(head, size);
                    let (body, pieces) =
                        sieve::keep(&mut self.kept, reader.body(), member.stored, self.budget, unread)?;
                    let sieved = pieces.map(|pieces| Sieved { offset: member.offset, pieces });
                    self.index.sieved.extend(sieved.map(|sieved| (number, sieved)));
                    body
                };
            }
            _ => {}
        }
        if let Some(pieces) = member.sparse {
            self.index.sparse.insert(number, pieces.into());
        }
        let executable = member.executable;
        self.index.members.push(Member { folder, name, kind: member.kind, executable, size, body });
        Ok(())
    }

    fn is_too_long(&self, path: &[u8]) -> bool {
        path.len() >= if self.kind == LayerKind::Windows { MAX_WINDOWS_PATH } else { MAX_PATH }
    }

    /// A hive of a Windows layer; whatever else lies among them is nothing that Windows reads.
    fn hive<S: Source>(
        &mut self,
        name: &[u8],
        member: &tar::Member,
        reader: &mut Reader<S>,
        compressed: bool,
    ) -> io::Result<()> {
        if member.kind == MemberKind::Directory || name.starts_with(b".wh.") {
            return Ok(());
        }
        if member.kind != MemberKind::File || member.sparse.is_some() {
            let what = "a hive that is a link, a device or sparse is not read";
            self.index.damaged(DamageKind::Unsupported, &member.path, what);
            return Ok(());
        }
        let Some(name) = self.add_name(name) else { return Ok(()) };
        let body = if member.stored == 0 {
            Body::None
        } else if compressed {
            self.kept.keep(reader.body(), member.stored, self.budget)?
        } else {
            Body::Archive(member.offset)
        };
        self.index.hives.push(u32::try_from(self.index.members.len()).unwrap_or(u32::MAX));
        let size = member.size;
        let hive = Member { folder: BESIDE, name, kind: MemberKind::File, executable: false, size, body };
        self.index.members.push(hive);
        Ok(())
    }

    fn add_name(&mut self, name: &[u8]) -> Option<Name> {
        let at = u32::try_from(self.index.names.len()).ok()?;
        let len = u16::try_from(name.len()).ok()?;
        self.index.names.extend_from_slice(name);
        Some(Name { at, len })
    }

    /// The number of a folder; folders on the way get one, too.
    fn folder(&mut self, path: &[u8]) -> u32 {
        let mut at = 0;
        for name in path.split(|&byte| byte == b'/').filter(|name| !name.is_empty()) {
            let hash = hash(&self.hasher, at, name);
            let index = &self.index;
            let same = |&number: &u32| {
                index
                    .folders
                    .get(number as usize)
                    .is_some_and(|folder| folder.parent == at && index.name(folder.name) == name)
            };
            if let Some(&number) = self.table.find(hash, same) {
                at = number;
                continue;
            }
            let number = u32::try_from(self.index.folders.len()).unwrap_or(u32::MAX);
            let Some(name) = self.add_name(name) else { return at };
            self.index.folders.push(Folder { parent: at, name });
            let (index, hasher) = (&self.index, &self.hasher);
            self.table.insert_unique(hash, number, |&number| {
                index
                    .folders
                    .get(number as usize)
                    .map_or(0, |folder| self::hash(hasher, folder.parent, index.name(folder.name)))
            });
            at = number;
        }
        at
    }
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
