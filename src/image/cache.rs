//! Layers that were read before, in a folder that the user names: their names, and the bytes that collectors asked
//! for. Signatures are matched again on every run, so a new set of them needs no layer to be read again.
//!
//! An entry is for the bytes of one layer (its digest, which was verified when it was read) and for what this very
//! program asks of layers. One that is damaged, cut or for anything else is not used. Anyone who may write to the
//! folder may forge one; so a folder of another account, or that a group or everybody may write to, is refused.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::bodies::{Body, Budget, FileBytes, Kept};
use super::cache_folder;
use super::layer::{Folder, LayerIndex, LayerKind, Member, Name};
use super::sieve::Sieved;
use crate::bytes::ReadAt;
use crate::format::container::tar::{MemberKind, Piece};
use crate::text::hex::hex;

/// What an entry begins with; the last byte is the version of the layout.
const MAGIC: &[u8; 8] = b"debarLC\x03";
const DIGEST: usize = 32;
/// Names and tables of an entry that are read into memory.
const MAX_TABLES: u64 = 2 << 30;

/// A folder of layers.
pub struct Cache {
    folder: PathBuf,
    identity: String,
    /// Layers that the folder has and that were verified.
    good: Mutex<BTreeSet<String>>,
}

/// Where the bytes of a member are that an entry did not have at first.
pub(super) type Fetched = (Arc<Kept>, Body);

impl Cache {
    /// Opens a folder, which is made if it is not there. `identity` says which program asks what of layers: entries
    /// of another are not used.
    ///
    /// # Errors
    /// When it cannot be made, is none, or others may write to it.
    pub fn open(folder: &Path, identity: String) -> io::Result<Cache> {
        // A confined process may not make folders, not even one that is there.
        if !folder.is_dir() {
            cache_folder::make(folder)?;
        }
        let metadata = std::fs::metadata(folder)?;
        if !metadata.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        #[cfg(unix)]
        if let Some(who) = cache_folder::who_else(&metadata) {
            let what = format!("{who} may write to it, and could so make images look clean");
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, what));
        }
        Ok(Cache { folder: folder.to_owned(), identity, good: Mutex::default() })
    }

    fn key(&self, digest: &str, kind: LayerKind) -> String {
        format!("{} {kind:?} {digest}", self.identity)
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{}.layer", hex(&Sha256::digest(key))))
    }

    fn is_good(&self, key: &str) -> bool {
        self.good.lock().unwrap_or_else(PoisonError::into_inner).contains(key)
    }

    /// A layer, if it is there whole.
    pub(super) fn load(&self, digest: &str, kind: LayerKind, budget: &Budget) -> Option<LayerIndex> {
        let key = self.key(digest, kind);
        let index = read(File::open(self.path(&key)).ok()?, &key, budget)?;
        self.good.lock().unwrap_or_else(PoisonError::into_inner).insert(key);
        Some(index)
    }

    /// Keeps a layer whose digest was verified, unless something of it could not be read.
    pub(super) fn store(&self, digest: &str, kind: LayerKind, index: &LayerIndex) {
        let key = self.key(digest, kind);
        if !digest.is_empty() && is_whole(index) && self.write(&key, index, &|_| None).is_ok() {
            self.good.lock().unwrap_or_else(PoisonError::into_inner).insert(key);
        }
    }

    /// Keeps what a second pass over a layer fetched, so that the next run needs none.
    pub(super) fn complete(
        &self,
        digest: &str,
        kind: LayerKind,
        index: &LayerIndex,
        fetched: &dyn Fn(u64) -> Option<Fetched>,
    ) {
        let key = self.key(digest, kind);
        if self.is_good(&key) {
            // Without it the next run makes that pass again.
            drop(self.write(&key, index, fetched));
        }
    }

    fn write(
        &self,
        key: &str,
        index: &LayerIndex,
        fetched: &dyn Fn(u64) -> Option<Fetched>,
    ) -> io::Result<()> {
        let (tables, bodies) = tables(key, index, fetched);
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        let mut hash = Sha256::new();
        file.write_all(MAGIC)?;
        file.write_all(&[0; DIGEST])?;
        let mut write = |bytes: &[u8]| {
            hash.update(bytes);
            file.write_all(bytes)
        };
        write(&tables)?;
        for (bytes, size) in bodies {
            let mut at = 0;
            while at < size {
                let count = usize::try_from(size - at).unwrap_or(usize::MAX).min(1 << 18);
                let part = bytes.read_vec(at, count)?;
                if part.is_empty() {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                write(&part)?;
                at += part.len() as u64;
            }
        }
        let digest_of_all = hash.finalize();
        io::Seek::seek(&mut file, io::SeekFrom::Start(MAGIC.len() as u64))?;
        file.write_all(&digest_of_all)?;
        file.persist(self.path(key)).map_err(|error| error.error)?;
        Ok(())
    }
}

/// Whether nothing of a layer was left out: what one run had no room for another may have.
fn is_whole(index: &LayerIndex) -> bool {
    index.damage.is_empty() && index.members.iter().all(|member| member.body != Body::OverLimit)
}

/// Bodies that follow the tables, with their sizes.
type Bodies = Vec<(Box<dyn ReadAt>, u64)>;

/// Everything of an entry but the bodies, and the bodies in the order in which they follow.
fn tables(key: &str, index: &LayerIndex, fetched: &dyn Fn(u64) -> Option<Fetched>) -> (Vec<u8>, Bodies) {
    let mut out = Vec::new();
    let mut bodies = Bodies::new();
    let mut at = 0;
    put(&mut out, key.len() as u64);
    out.extend_from_slice(key.as_bytes());
    out.push(u8::from(index.is_compressed));
    put(&mut out, index.names.len() as u64);
    out.extend_from_slice(&index.names);
    put(&mut out, index.folders.len() as u64);
    for folder in &index.folders {
        put_name(&mut out, folder.name);
        out.extend_from_slice(&folder.parent.to_le_bytes());
    }
    put(&mut out, index.links.len() as u64);
    for (start, len) in &index.links {
        out.extend_from_slice(&start.to_le_bytes());
        out.extend_from_slice(&len.to_le_bytes());
    }
    put(&mut out, index.sparse.len() as u64);
    for (member, pieces) in &index.sparse {
        put(&mut out, u64::from(*member));
        put_pieces(&mut out, pieces);
    }
    // One that a later pass brought is whole.
    let whole = |number: u32| {
        let size = index.members.get(number as usize)?.size;
        let (kept, body) = fetched(index.sieved.get(&number)?.offset)?;
        Some((kept.open(body, size)?, size))
    };
    let sieved: Vec<_> = index.sieved.iter().filter(|(number, _)| whole(**number).is_none()).collect();
    put(&mut out, sieved.len() as u64);
    for (member, sieved) in sieved {
        put(&mut out, u64::from(*member));
        put(&mut out, sieved.offset);
        put_pieces(&mut out, &sieved.pieces);
    }
    put(&mut out, index.hives.len() as u64);
    for hive in &index.hives {
        out.extend_from_slice(&hive.to_le_bytes());
    }
    put(&mut out, index.members.len() as u64);
    for (number, member) in index.members.iter().enumerate() {
        put_name(&mut out, member.name);
        out.extend_from_slice(&member.folder.to_le_bytes());
        let kind = KINDS.iter().position(|kind| *kind == member.kind).unwrap_or_default();
        out.extend_from_slice(&[u8::try_from(kind).unwrap_or_default(), u8::from(member.executable)]);
        put(&mut out, member.size);
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        let size = index.kept(member, number);
        let bytes = whole(number).or_else(|| {
            let bytes = match member.body {
                body @ (Body::Memory(_) | Body::File(_)) => index.kept.open(body, size),
                Body::Unread(offset) => fetched(offset).and_then(|(kept, body)| kept.open(body, size)),
                _ => None,
            };
            Some((bytes?, size))
        });
        let (tag, value) = match (member.body, bytes) {
            (_, Some((bytes, size))) => {
                bodies.push((bytes, size));
                at += size;
                (KEPT, at - size)
            }
            (Body::Archive(offset), None) => (ARCHIVE, offset),
            (Body::Unread(offset), None) => (UNREAD, offset),
            _ => (NONE, 0),
        };
        out.push(tag);
        put(&mut out, value);
    }
    put(&mut out, at);
    let len = (out.len() + 8) as u64;
    (std::iter::once(len.to_le_bytes().to_vec()).chain([out]).collect::<Vec<_>>().concat(), bodies)
}

const NONE: u8 = 0;
const ARCHIVE: u8 = 1;
const UNREAD: u8 = 2;
const KEPT: u8 = 3;
const KINDS: [MemberKind; 5] =
    [MemberKind::File, MemberKind::Directory, MemberKind::Link, MemberKind::HardLink, MemberKind::Special];

fn put(out: &mut Vec<u8>, number: u64) {
    out.extend_from_slice(&number.to_le_bytes());
}

fn put_pieces(out: &mut Vec<u8>, pieces: &[Piece]) {
    put(out, pieces.len() as u64);
    for piece in pieces {
        put(out, piece.at);
        put(out, piece.len);
    }
}

fn put_name(out: &mut Vec<u8>, name: Name) {
    out.extend_from_slice(&name.at.to_le_bytes());
    out.extend_from_slice(&name.len.to_le_bytes());
}

/// Reads an entry; `None` for one that is not whole or not of this key.
fn read(file: File, key: &str, budget: &Budget) -> Option<LayerIndex> {
    let file = Arc::new(file);
    let bytes = FileBytes::new(Arc::clone(&file));
    let head = bytes.read_vec(0, MAGIC.len() + DIGEST + 8).ok()?;
    if head.get(..MAGIC.len())? != MAGIC {
        return None;
    }
    let expected = head.get(MAGIC.len()..MAGIC.len() + DIGEST)?;
    let start = (MAGIC.len() + DIGEST) as u64;
    let len = u64::from_le_bytes(head.get(MAGIC.len() + DIGEST..)?.try_into().ok()?);
    let bodies = start.checked_add(len)?;
    if len > MAX_TABLES || bodies > bytes.size() {
        return None;
    }
    let mut hash = Sha256::new();
    let mut stream = super::bodies::Sequential { bytes: bytes.clone(), at: start };
    let mut buf = vec![0; 256 << 10];
    loop {
        match stream.read(&mut buf).ok()? {
            0 => break,
            count => hash.update(buf.get(..count)?),
        }
    }
    if *hash.finalize() != *expected {
        return None;
    }
    let tables = bytes.read_vec(start + 8, usize::try_from(len).ok()?.checked_sub(8)?).ok()?;
    let mut input = Input(&tables);
    let known = input.count()?;
    if input.take(known)? != key.as_bytes() {
        return None;
    }
    let is_compressed = input.take(1)?.first() == Some(&1);
    let mut index = LayerIndex { is_compressed, ..LayerIndex::default() };
    let count = input.count()?;
    index.names = input.take(count)?.to_vec();
    for _ in 0..input.count()? {
        let name = input.name()?;
        index.folders.push(Folder { name, parent: input.u32()? });
    }
    for _ in 0..input.count()? {
        index.links.push((input.u32()?, input.u32()?));
    }
    for _ in 0..input.count()? {
        let member = u32::try_from(input.u64()?).ok()?;
        index.sparse.insert(member, input.pieces()?);
    }
    for _ in 0..input.count()? {
        let member = u32::try_from(input.u64()?).ok()?;
        index.sieved.insert(member, Sieved { offset: input.u64()?, pieces: input.pieces()? });
    }
    for _ in 0..input.count()? {
        index.hives.push(input.u32()?);
    }
    let members = input.count()?;
    let mut kept = Vec::new();
    for number in 0..members {
        let name = input.name()?;
        let folder = input.u32()?;
        let &[kind, executable] = input.take(2)? else { return None };
        let kind = *KINDS.get(usize::from(kind))?;
        let size = input.u64()?;
        let tag = *input.take(1)?.first()?;
        let value = input.u64()?;
        let body = match tag {
            ARCHIVE => Body::Archive(value),
            UNREAD => Body::Unread(value),
            KEPT => {
                kept.push(number);
                Body::File(bodies.checked_add(value)?)
            }
            _ => Body::None,
        };
        index.members.push(Member { folder, name, kind, executable: executable == 1, size, body });
    }
    let size = input.u64()?;
    if bodies.checked_add(size)? != bytes.size() {
        return None;
    }
    // Small ones come along, so that not every layer keeps a file open.
    if size <= 1 << 20 && u32::try_from(size).is_ok() && budget.take_memory(size) {
        let memory = bytes.read_vec(bodies, usize::try_from(size).ok()?).ok()?;
        for number in kept {
            let member = index.members.get_mut(number)?;
            if let Body::File(offset) = member.body {
                member.body = Body::Memory(u32::try_from(offset - bodies).ok()?);
            }
        }
        index.kept = Arc::new(Kept::of(memory, None));
    } else {
        index.kept = Arc::new(Kept::of(Vec::new(), Some(file)));
    }
    Some(index)
}

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take(8)?.try_into().ok().map(u64::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_le_bytes)
    }

    /// A number of things that follow; each has at least one byte.
    fn count(&mut self) -> Option<usize> {
        usize::try_from(self.u64()?).ok().filter(|&count| count <= self.0.len())
    }

    fn pieces(&mut self) -> Option<Arc<[Piece]>> {
        (0..self.count()?).map(|_| Some(Piece { at: self.u64()?, len: self.u64()? })).collect()
    }

    fn name(&mut self) -> Option<Name> {
        let at = self.u32()?;
        Some(Name { at, len: self.take(2)?.try_into().ok().map(u16::from_le_bytes)? })
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Asked, Interest};
    use super::*;

    const PLAIN: LayerKind = LayerKind::Plain;

    struct Everything;

    impl Interest for Everything {
        fn folder(&self, _: &[u8]) -> Asked {
            Asked::default()
        }
        fn wants(&self, _: &Asked, path: &[u8], _: bool) -> bool {
            !path.ends_with(b"later")
        }
    }

    /// A layer with files of several sizes, a link and a folder, compressed.
    fn layer() -> Arc<dyn ReadAt> {
        let mut tar = Vec::new();
        for (path, kind, size) in [
            ("a/one", b'0', 700),
            ("a/two", b'0', 2_000_000),
            ("b", b'5', 0),
            ("c", b'2', 0),
            ("later", b'0', 90),
        ] {
            let mut block = [0; 512];
            block[..path.len()].copy_from_slice(path.as_bytes());
            block[124..135].copy_from_slice(format!("{size:011o}").as_bytes());
            block[156] = kind;
            block[157..160].copy_from_slice(b"a/x");
            block[257..263].copy_from_slice(b"ustar\0");
            block[148..156].fill(b' ');
            let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
            block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
            tar.extend_from_slice(&block);
            tar.resize(tar.len() + usize::try_from(size).unwrap(), path.as_bytes()[0]);
            tar.resize(tar.len().div_ceil(512) * 512, 0);
        }
        tar.resize(tar.len() + 1024, 0);
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&tar).unwrap();
        Arc::new(encoder.finish().unwrap())
    }

    /// Everything that an index says, with the bytes that it kept.
    fn told(index: &LayerIndex) -> Vec<String> {
        let member = |member: &Member| {
            let path = [index.folder_path(member.folder), index.name(member.name).to_vec()].concat();
            let bytes =
                index.kept.open(member.body, member.size).map(|bytes| bytes.read_vec(0, 3_000_000).unwrap());
            let bytes = bytes.map(|bytes| (bytes.len(), bytes.first().copied()));
            format!(
                "{} {:?} {} {} {bytes:?}",
                String::from_utf8(path).unwrap(),
                member.kind,
                member.size,
                member.executable
            )
        };
        index.members.iter().map(member).collect()
    }

    #[test]
    fn what_is_kept_comes_back_and_what_is_damaged_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let budget = Budget::default();
        let index = LayerIndex::read(&layer(), PLAIN, &Everything, &budget);
        let cache = Cache::open(folder.path(), "one".to_owned()).unwrap();
        cache.store("sha256:1", PLAIN, &index);
        let back = cache.load("sha256:1", PLAIN, &budget).unwrap();
        assert_eq!(told(&back), told(&index));
        assert!(told(&index)[1].contains("(2000000, Some(97))"), "{:?}", told(&index));
        // Another kind, another layer, and another program.
        assert!(cache.load("sha256:1", LayerKind::Windows, &budget).is_none());
        assert!(cache.load("sha256:2", PLAIN, &budget).is_none());
        let other = Cache::open(folder.path(), "two".to_owned()).unwrap();
        assert!(other.load("sha256:1", PLAIN, &budget).is_none());
        std::fs::copy(cache.path(&cache.key("sha256:1", PLAIN)), other.path(&other.key("sha256:1", PLAIN)))
            .unwrap();
        assert!(other.load("sha256:1", PLAIN, &budget).is_none(), "an entry says itself what it is of");
        std::fs::copy(cache.path(&cache.key("sha256:1", PLAIN)), cache.path(&cache.key("sha256:2", PLAIN)))
            .unwrap();
        assert!(cache.load("sha256:2", PLAIN, &budget).is_none());
        // Any bit, any length.
        let good = std::fs::read(cache.path(&cache.key("sha256:1", PLAIN))).unwrap();
        for at in (0..good.len()).step_by(good.len() / 50) {
            let mut bad = good.clone();
            bad[at] ^= 0x10;
            std::fs::write(cache.path(&cache.key("sha256:1", PLAIN)), &bad).unwrap();
            assert!(cache.load("sha256:1", PLAIN, &budget).is_none(), "byte {at}");
            std::fs::write(cache.path(&cache.key("sha256:1", PLAIN)), &good[..at]).unwrap();
            assert!(cache.load("sha256:1", PLAIN, &budget).is_none(), "length {at}");
        }
    }

    #[test]
    fn what_is_not_whole_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let cache = Cache::open(folder.path(), "one".to_owned()).unwrap();
        let over = LayerIndex::read(&layer(), PLAIN, &Everything, &Budget::new(1 << 20, 0, 1 << 30));
        assert!(over.members.iter().any(|member| member.body == Body::OverLimit));
        cache.store("sha256:1", PLAIN, &over);
        let half: Vec<u8> = layer().read_vec(0, 2_000).unwrap();
        let cut =
            LayerIndex::read(&(Arc::new(half) as Arc<dyn ReadAt>), PLAIN, &Everything, &Budget::default());
        cache.store("sha256:2", PLAIN, &cut);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    #[cfg(unix)]
    fn a_folder_for_everybody_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o777)).unwrap();
        assert!(Cache::open(folder.path(), String::new()).is_err());
        assert!(Cache::open(&folder.path().join("a/b"), String::new()).is_ok());
    }
}
