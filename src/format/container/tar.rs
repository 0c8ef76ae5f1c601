//! tar archives, header by header, in bounded memory: ustar, PAX (POSIX.1-2001) and GNU extensions, as written by
//! every tool that makes image layers.
//!
//! A [`Reader`] runs over a [`Source`] that can skip: seeking over bodies on a file, decoding and discarding on a
//! compressed stream. Long names, PAX records and sparse maps are read up to stated limits, whatever size a header
//! claims; what is over a limit is damage of that member, and reading goes on. Formats: POSIX pax, the GNU tar
//! manual's appendix "Tar Internals".
//!
//! Tools disagree on odd archives. A [`Reader`] reads as the tool that its [`Dialect`] names, and reports as damage
//! whatever Go's archive/tar, GNU tar, bsdtar and Python's tarfile read differently: the member comes next all the
//! same.

mod block;
mod extension;
mod header;
mod member;
mod source;
#[cfg(test)]
mod tests;

use std::io;

use self::extension::{Extension, Records, Settled};
use self::header::Header;
use self::source::fill;
pub use self::source::{Seeking, Source, Streaming, pass};
use crate::bytes::{Damage, DamageKind, ReadAt};
use block::until_zero;
pub use block::{BLOCK, MAX_PATH};
pub use member::{Dialect, Member, MemberKind, Piece, Spot};
/// Zeros behind the end of an archive that are read, in the search for something else.
const MAX_BEHIND: u64 = 1 << 30;
const UNKNOWN_TYPE: &str = "a type that container engines do not unpack";

/// What a reader gives next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// A member; its body may be read before the next call.
    Member(Member),
    /// Something went wrong with one member; the next may be good.
    Damaged(Damage),
    /// The end, with the damage that ended it early.
    End(Option<Damage>),
}

/// Reads the members of an archive in order.
pub struct Reader<S> {
    source: S,
    dialect: Dialect,
    /// What global headers set for all members that follow.
    global: Records,
    /// A member whose damage was given first.
    held: Option<Member>,
    /// Where the next header lies.
    next: u64,
    /// Where the last body ends; some tools leave out the padding after the last one.
    body_end: u64,
    done: bool,
}

impl<S: Source> Reader<S> {
    /// A reader at the start of an archive.
    pub fn new(source: S, dialect: Dialect) -> Self {
        let global = Records::default();
        Reader { source, dialect, global, held: None, next: 0, body_end: 0, done: false }
    }

    /// The source, to read the body of the member that was just given: its `stored` bytes from here.
    pub fn body(&mut self) -> &mut S {
        &mut self.source
    }

    /// The source, after the archive.
    pub fn into_source(self) -> S {
        self.source
    }

    /// The next member.
    pub fn next_member(&mut self) -> Next {
        if let Some(member) = self.held.take() {
            return Next::Member(member);
        }
        if self.done {
            return Next::End(None);
        }
        match self.advance() {
            Ok(next) => {
                self.done = matches!(next, Next::End(_));
                next
            }
            Err(error) => {
                self.done = true;
                let mut damage = Damage::from(error);
                damage.offset = Some(self.source.position());
                Next::End(Some(damage))
            }
        }
    }

    fn advance(&mut self) -> io::Result<Next> {
        let mut extension = Extension::default();
        loop {
            let behind = self.next.saturating_sub(self.source.position());
            self.source.skip(behind)?;
            let at = self.source.position();
            let mut block = [0; BLOCK];
            let filled = fill(&mut self.source, &mut block)?;
            if filled == 0 && at >= self.body_end {
                return Ok(Next::End(extension.unfinished(at)));
            }
            if filled < BLOCK {
                let what = "the archive ends inside a member";
                return Ok(Next::End(Some(Damage::new(DamageKind::Truncated, at, what))));
            }
            self.next = at + BLOCK as u64;
            self.body_end = self.next;
            let header = Header(&block);
            if header.is_zero() {
                let behind = self.behind_the_end()?;
                return Ok(Next::End(extension.unfinished(at).or(behind)));
            }
            if !header.checksum_holds() {
                let what = "the checksum of a header is wrong; the rest of the archive is lost";
                return Ok(Next::End(Some(Damage::new(DamageKind::Corrupt, at, what))));
            }
            let Some(stored) = header.number(124, 12) else {
                let what = "the size in a header is no number; the rest of the archive is lost";
                return Ok(Next::End(Some(Damage::new(DamageKind::Corrupt, at, what))));
            };
            let body = at + BLOCK as u64;
            match header.type_flag() {
                // Solaris wrote `X` for `x`, and Go does not know it.
                b'X' if self.dialect == Dialect::Go => return self.member(&header, extension, stored, at),
                kind @ (b'L' | b'K' | b'x' | b'g' | b'X') => {
                    self.next = after(body, stored);
                    self.body_end = body.saturating_add(stored);
                    header.differences(self.dialect, &mut extension.notes);
                    if kind == b'X' {
                        extension.notes.push(UNKNOWN_TYPE);
                    }
                    let global = extension.read(kind, &mut self.source, stored, self.dialect)?;
                    global.into_iter().for_each(|global| self.global.replace(global));
                }
                _ => return self.member(&header, extension, stored, at),
            }
        }
    }

    /// Damage when anything but zeros follows the end of the archive: another archive, or what is no archive at all.
    fn behind_the_end(&mut self) -> io::Result<Option<Damage>> {
        let start = self.source.position();
        loop {
            let at = self.source.position();
            let bytes = match self.source.fill_buf() {
                Ok([]) => return Ok(None),
                Ok(bytes) => bytes,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if let Some(first) = bytes.iter().position(|&byte| byte != 0) {
                let what = "something follows the end of the archive, which was not read";
                return Ok(Some(Damage::new(DamageKind::Corrupt, at + first as u64, what)));
            }
            let count = bytes.len();
            self.source.consume(count);
            if at - start > MAX_BEHIND {
                let what = format!("more than {MAX_BEHIND} bytes of zeros follow the end of the archive");
                return Ok(Some(Damage::new(DamageKind::OverLimit, at, what)));
            }
        }
    }

    fn member(
        &mut self,
        header: &Header<'_>,
        extension: Extension,
        stated: u64,
        at: u64,
    ) -> io::Result<Next> {
        let flag = header.type_flag();
        let mut settled = extension.settle(&self.global, self.dialect);
        header.differences(self.dialect, &mut settled.notes);
        let path = settled.path.take().unwrap_or_else(|| header.path(self.dialect));
        let link = settled.link.take().unwrap_or_else(|| until_zero(header.field(157, 100)).to_vec());
        let stated = settled.records.size.unwrap_or(stated);
        let kind = self.kind(flag, &path, &mut settled.notes);
        // Links and devices have no body, whatever their size says (POSIX).
        let has_body = matches!(kind, Some(MemberKind::File) | None) || flag == b'D';
        if !has_body && stated > 0 {
            settled.notes.push("a link, folder or device with a size");
        }
        let stored = if has_body { stated } else { 0 };
        let body = at + BLOCK as u64;
        self.next = after(body, stored);
        self.body_end = body.saturating_add(stored);
        let Some(kind) = kind else {
            let what = "a volume header, or the continuation of another volume";
            return Ok(Next::Damaged(Damage::new(DamageKind::Unsupported, at, what)));
        };
        if let Some(damage) = settled.damage.take() {
            return Ok(Next::Damaged(damage));
        }
        let executable = header.number(100, 8).unwrap_or(0) & 0o111 != 0;
        let mut member =
            Member { path, kind, link, size: stored, executable, offset: body, stored, sparse: None };
        if kind == MemberKind::File
            && let Some(damage) = self.sparse(header, &mut settled, &mut member)?
        {
            return Ok(Next::Damaged(damage));
        }
        Ok(self.noted(member, &settled.notes, at))
    }

    /// Gives a member, after the damage that tools read it differently.
    fn noted(&mut self, member: Member, notes: &[&'static str], at: u64) -> Next {
        if notes.is_empty() {
            return Next::Member(member);
        }
        let mut listed: Vec<&str> = notes.to_vec();
        listed.sort_unstable();
        listed.dedup();
        let name = member.path.get(..member.path.len().min(200)).unwrap_or_default();
        let what = format!(
            "member {} has {}: container engines and tar programs read that differently",
            String::from_utf8_lossy(name),
            listed.join("; ")
        );
        self.held = Some(member);
        Next::Damaged(Damage::new(DamageKind::Corrupt, at, what))
    }

    /// What a member is; `None` for what is no part of the tree.
    fn kind(&self, flag: u8, path: &[u8], notes: &mut Vec<&'static str>) -> Option<MemberKind> {
        let is_folder = path.ends_with(b"/");
        Some(match flag {
            b'1' => MemberKind::HardLink,
            b'2' => MemberKind::Link,
            b'3' | b'4' | b'6' => MemberKind::Special,
            b'5' => MemberKind::Directory,
            // GNU's directory listing and volume label are no members of the tree.
            b'V' | b'M' | b'N' => return None,
            b'D' => {
                notes.push(UNKNOWN_TYPE);
                MemberKind::Directory
            }
            // Before 1988 a directory was a file whose name ends with a slash.
            0 if is_folder => MemberKind::Directory,
            b'0' if is_folder => {
                notes.push("the type of a file and the name of a folder");
                if self.dialect == Dialect::Go { MemberKind::File } else { MemberKind::Directory }
            }
            0 | b'0' | b'S' => MemberKind::File,
            b'7' if self.dialect == Dialect::Gnu => MemberKind::File,
            _ => {
                notes.push(UNKNOWN_TYPE);
                MemberKind::File
            }
        })
    }

    /// Reads the map of a sparse file; returns what makes the member unusable.
    fn sparse(
        &mut self,
        header: &Header<'_>,
        settled: &mut Settled,
        member: &mut Member,
    ) -> io::Result<Option<Damage>> {
        let records = &settled.records;
        let map = if header.type_flag() == b'S' {
            if header.format() != header::Format::Gnu {
                settled.notes.push("an old sparse map in a header that is not GNU's");
            }
            let map = header.old_sparse(&mut self.source)?;
            member.offset = self.source.position();
            self.next = after(member.offset, member.stored);
            self.body_end = member.offset.saturating_add(member.stored);
            member.size = header.number(483, 12).unwrap_or(0);
            map
        } else if records.is_sparse() {
            let (map, length) = records.map(&mut self.source, member.stored)?;
            member.offset += length;
            member.stored = member.stored.saturating_sub(length);
            match records.sparse_size() {
                Ok(size) => member.size = size.unwrap_or(member.size),
                Err(()) => settled.notes.push("a sparse size that is no number"),
            }
            map
        } else {
            return Ok(None);
        };
        let map = match map.and_then(|map| checked(map, member.stored, member.size, member.offset)) {
            Ok(map) => map,
            Err(damage) => return Ok(Some(damage)),
        };
        if Piece::total(&map) != member.stored {
            settled.notes.push("more bytes than its sparse map names");
        }
        member.sparse = Some(map);
        Ok(None)
    }
}

/// A sparse map must be in order, inside the file, and no longer than what is stored.
fn checked(map: Vec<Piece>, stored: u64, size: u64, at: u64) -> Result<Vec<Piece>, Damage> {
    let mut end = 0;
    let mut total = 0_u64;
    for piece in &map {
        let fits = piece.at >= end && piece.at.checked_add(piece.len).is_some_and(|end| end <= size);
        if !fits {
            return Err(Damage::new(
                DamageKind::Corrupt,
                at,
                "the map of a sparse file leads out of the file",
            ));
        }
        end = piece.at + piece.len;
        total = total.saturating_add(piece.len);
    }
    if total > stored {
        return Err(Damage::new(
            DamageKind::Corrupt,
            at,
            "the map of a sparse file names more than is stored",
        ));
    }
    Ok(map)
}

/// Where the header after a body lies.
fn after(body: u64, stored: u64) -> u64 {
    body.saturating_add(stored).saturating_add(BLOCK as u64 - 1) / BLOCK as u64 * BLOCK as u64
}

/// Whether some bytes begin with a tar header.
pub fn is_tar(start: &[u8]) -> bool {
    let Some(block) = start.get(..BLOCK).and_then(|block| <&[u8; BLOCK]>::try_from(block).ok()) else {
        return false;
    };
    Header(block).checksum_holds() && block.first() != Some(&0)
}
