//! An entry of the [cache](super::cache): the tables of one layer, then the bodies that were kept of it.

use std::fs::File;
use std::io::Read;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::bodies::{Budget, FileBytes, Kept};
use super::body::Body;
use super::layer::{Folder, LayerIndex, Member, Name};
use super::sieve::Sieved;
use crate::bytes::ReadAt;
use crate::format::container::tar::{MemberKind, Piece};

/// What an entry begins with; the last byte is the version of the layout.
pub(super) const MAGIC: &[u8; 8] = b"debarLC\x03";
pub(super) const DIGEST: usize = 32;
/// Names and tables of an entry that are read into memory.
const MAX_TABLES: u64 = 2 << 30;

/// Where the bytes of a member are that an entry did not have at first.
pub(super) type Fetched = (Arc<Kept>, Body);

/// Bodies that follow the tables, with their sizes.
type Bodies = Vec<(Box<dyn ReadAt>, u64)>;

/// Everything of an entry but the bodies, and the bodies in the order in which they follow.
pub(super) fn tables(
    key: &str,
    index: &LayerIndex,
    fetched: &dyn Fn(u64) -> Option<Fetched>,
) -> (Vec<u8>, Bodies) {
    let mut out = Vec::new();
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
    let sieved = index.sieved.iter().filter(|(number, _)| whole(index, **number, fetched).is_none());
    let sieved: Vec<_> = sieved.collect();
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
    let bodies = put_members(&mut out, index, fetched);
    let len = (out.len() + 8) as u64;
    (std::iter::once(len.to_le_bytes().to_vec()).chain([out]).collect::<Vec<_>>().concat(), bodies)
}

/// The body of a member of which pieces were kept, where a later pass brought it whole.
fn whole(
    index: &LayerIndex,
    number: u32,
    fetched: &dyn Fn(u64) -> Option<Fetched>,
) -> Option<(Box<dyn ReadAt>, u64)> {
    let size = index.members.get(number as usize)?.size;
    let (kept, body) = fetched(index.sieved.get(&number)?.offset)?;
    Some((kept.open(body, size)?, size))
}

/// Writes the members and the size of all bodies, which it gives back in their order.
fn put_members(out: &mut Vec<u8>, index: &LayerIndex, fetched: &dyn Fn(u64) -> Option<Fetched>) -> Bodies {
    let mut bodies = Bodies::new();
    let mut at = 0;
    put(out, index.members.len() as u64);
    for (number, member) in index.members.iter().enumerate() {
        put_name(out, member.name);
        out.extend_from_slice(&member.folder.to_le_bytes());
        let kind = KINDS.iter().position(|kind| *kind == member.kind).unwrap_or_default();
        out.extend_from_slice(&[u8::try_from(kind).unwrap_or(0), u8::from(member.executable)]);
        put(out, member.size);
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        let size = index.kept(member, number);
        let bytes = whole(index, number, fetched).or_else(|| {
            let bytes = match member.body() {
                body @ (Body::Memory(_) | Body::File(_)) => index.kept.open(body, size),
                Body::Unread(offset) => fetched(offset).and_then(|(kept, body)| kept.open(body, size)),
                _ => None,
            };
            Some((bytes?, size))
        });
        let (tag, value) = match (member.body(), bytes) {
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
        put(out, value);
    }
    put(out, at);
    bodies
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
pub(super) fn read(file: File, key: &str, budget: &Budget) -> Option<LayerIndex> {
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
    if digest_from(&bytes, start)? != *expected {
        return None;
    }
    let tables = bytes.read_vec(start + 8, usize::try_from(len).ok()?.checked_sub(8)?).ok()?;
    let mut input = Input(&tables);
    let known = input.count()?;
    if input.take(known)? != key.as_bytes() {
        return None;
    }
    let mut index = read_tables(&mut input)?;
    let kept = read_members(&mut input, bodies, &mut index)?;
    let size = input.u64()?;
    if bodies.checked_add(size)? != bytes.size() {
        return None;
    }
    // Small ones come along, so that not every layer keeps a file open.
    let small = Some(size).filter(|&size| size <= 1 << 20 && u32::try_from(size).is_ok());
    if let Some(held) = small.and_then(|size| budget.memory(size)) {
        let memory = bytes.read_vec(bodies, usize::try_from(size).ok()?).ok()?;
        for number in kept {
            let member = index.members.get_mut(number)?;
            if let Body::File(offset) = member.body() {
                member.packed = Body::Memory(u32::try_from(offset - bodies).ok()?).into();
            }
        }
        index.kept = Arc::new(Kept::of(memory, held));
    } else {
        index.kept = Arc::new(Kept::in_file(file));
    }
    Some(index)
}

/// The SHA-256 of everything from an offset on.
fn digest_from(bytes: &FileBytes, start: u64) -> Option<[u8; DIGEST]> {
    let mut hash = Sha256::new();
    let mut stream = super::bodies::Sequential { bytes: bytes.clone(), at: start };
    let mut buf = vec![0; 256 << 10];
    loop {
        match stream.read(&mut buf).ok()? {
            0 => return Some(hash.finalize().into()),
            count => hash.update(buf.get(..count)?),
        }
    }
}

/// Everything before the members.
fn read_tables(input: &mut Input<'_>) -> Option<LayerIndex> {
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
    Some(index)
}

/// Reads the members; gives the numbers of those whose bodies were kept, which begin at `bodies`.
fn read_members(input: &mut Input<'_>, bodies: u64, index: &mut LayerIndex) -> Option<Vec<usize>> {
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
        index.members.push(Member {
            folder,
            name,
            kind,
            executable: executable == 1,
            size,
            packed: body.into(),
        });
    }
    Some(kept)
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
