//! Reads layers into their indexes.

use std::io::{self, Read};
use std::sync::Arc;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::bodies::{Bounded, Budget, Kept, Sequential};
use super::body::Body;
use super::digest;
use super::layer::{
    Asked, BESIDE, Folder, Interest, LayerIndex, LayerKind, Member, Name, buffer_for, hash, inside,
};
use super::sieve::{self, Sieved};
use super::windows::{self, Place};
use crate::bytes::{Damage, DamageKind, ReadAt};
use crate::format::container::decompress::{self, Compression};
use crate::format::container::tar::{self, Dialect, MemberKind, Next, Reader, Seeking, Source, Streaming};

/// The longest name that Linux's file systems take, in bytes; Windows counts characters.
const MAX_NAME: usize = 255;
/// The longest path and the longest target of a link that Linux takes, in bytes. Engines cannot unpack longer ones, and
/// following a link whose target has thousands of components costs as many steps.
const MAX_PATH: usize = 4096;
/// The longest path that Windows takes, in bytes: 32,767 characters, of which each may take three.
const MAX_WINDOWS_PATH: usize = 3 * 32_767;

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

    /// Where a member belongs in the image.
    fn place(&mut self, member: &[u8]) -> Place {
        let (path, escapes) = match self.kind {
            LayerKind::Plain => inside(member),
            // There, both slashes part names.
            LayerKind::Windows => inside(&windows::slashes(member)),
        };
        if escapes {
            let what = "the path leads out of the image; it is taken from the image's root";
            self.index.damaged(DamageKind::Corrupt, member, what);
        }
        match self.kind {
            LayerKind::Plain => Place::File(path),
            LayerKind::Windows => windows::place(path),
        }
    }

    fn member<S: Source>(
        &mut self,
        member: tar::Member,
        reader: &mut Reader<S>,
        compressed: bool,
    ) -> io::Result<()> {
        let path = match self.place(&member.path) {
            Place::File(path) => path,
            Place::Hive(name) => return self.hive(&name, &member, reader, compressed),
            Place::Nowhere => return Ok(()),
        };
        // The root itself.
        if path.is_empty() {
            return Ok(());
        }
        if let Some(what) = self.too_long(&path, &member.link) {
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
            MemberKind::Link | MemberKind::HardLink => size = self.link(member.kind, member.link),
            MemberKind::File if member.stored > 0 && !compressed => body = Body::Archive(member.offset),
            MemberKind::File if member.stored > 0 => body = self.body(&member, &path, number, reader)?,
            _ => {}
        }
        if let Some(pieces) = member.sparse {
            self.index.sparse.insert(number, pieces.into());
        }
        let executable = member.executable;
        self.index.members.push(Member {
            folder,
            name,
            kind: member.kind,
            executable,
            size,
            packed: body.into(),
        });
        Ok(())
    }

    /// What of a path and of the target of a link no file system takes.
    fn too_long(&self, path: &[u8], link: &[u8]) -> Option<&'static str> {
        let (longest, longest_path) = match self.kind {
            LayerKind::Windows => (4 * MAX_NAME, MAX_WINDOWS_PATH),
            LayerKind::Plain => (MAX_NAME, MAX_PATH),
        };
        if path.split(|&byte| byte == b'/').any(|name| name.len() > longest) {
            return Some("a name too long for any file system");
        }
        let is_too_long = path.len() >= longest_path || link.len() >= longest_path;
        is_too_long.then_some("a path or the target of a link that is too long for any file system")
    }

    /// Adds the target of a link; gives its number.
    fn link(&mut self, kind: MemberKind, link: Vec<u8>) -> u64 {
        let number = self.index.links.len() as u64;
        let link = match (kind, self.kind) {
            (MemberKind::HardLink, LayerKind::Plain) => inside(&link).0,
            (MemberKind::HardLink, LayerKind::Windows) => windows::hard_link(&link),
            (_, LayerKind::Plain) => link,
            (_, LayerKind::Windows) => windows::link(&link),
        };
        let at = u32::try_from(self.index.names.len()).unwrap_or(u32::MAX);
        self.index.links.push((at, u32::try_from(link.len()).unwrap_or(0)));
        self.index.names.extend_from_slice(&link);
        number
    }

    /// Keeps what collectors ask of a file in a compressed layer.
    fn body<S: Source>(
        &mut self,
        member: &tar::Member,
        path: &[u8],
        number: u32,
        reader: &mut Reader<S>,
    ) -> io::Result<Body> {
        if !self.interest.wants(&self.last_asked, path, member.executable) {
            return Ok(Body::Unread(member.offset));
        }
        if member.sparse.is_some() {
            // What is stored of a sparse file is not in the places that its first bytes speak of.
            return self.kept.keep(reader.body(), member.stored, self.budget);
        }
        let unread = |head: &[u8], size| self.interest.unread(head, size);
        let (body, pieces) = sieve::keep(&mut self.kept, reader.body(), member.stored, self.budget, unread)?;
        let sieved = pieces.map(|pieces| Sieved { offset: member.offset, pieces });
        self.index.sieved.extend(sieved.map(|sieved| (number, sieved)));
        Ok(body)
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
        let hive = Member {
            folder: BESIDE,
            name,
            kind: MemberKind::File,
            executable: false,
            size,
            packed: body.into(),
        };
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
