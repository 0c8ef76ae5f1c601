//! tar archives, header by header, in bounded memory: ustar, PAX (POSIX.1-2001) and GNU extensions, as written by
//! every tool that makes image layers.
//!
//! A [`Reader`] runs over a [`Source`] that can skip: seeking over bodies on a file, decoding and discarding on a
//! compressed stream. Long names, PAX records and sparse maps are read up to stated limits, whatever size a header
//! claims; what is over a limit is damage of that member, and reading goes on. Formats: POSIX pax, the GNU tar
//! manual's appendix "Tar Internals".

mod extension;
#[cfg(test)]
mod tests;

use std::io::{self, BufRead, Read};

use crate::bytes::{Damage, DamageKind, ReadAt};

/// Headers and bodies come in blocks of this size.
pub const BLOCK: usize = 512;
/// Longer paths than this are damage; Linux opens none over 4,096 bytes.
pub const MAX_PATH: usize = 16 << 10;

/// What a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MemberKind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Link,
    /// Another name of an earlier file.
    HardLink,
    /// A device or pipe.
    Special,
}

/// A piece of a sparse file that is stored; everything between pieces is zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Where it belongs in the file.
    pub at: u64,
    /// Its length.
    pub len: u64,
}

/// Where a byte of a file lies among its pieces, which are stored one behind the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// At this place of what is stored, with so many bytes of its piece from there on.
    Stored(u64, u64),
    /// In no piece; the next begins there, if one does.
    Between(Option<u64>),
}

impl Piece {
    /// How many bytes pieces have together.
    pub fn total(pieces: &[Piece]) -> u64 {
        pieces.iter().map(|piece| piece.len).fold(0, u64::saturating_add)
    }

    /// Where a byte of the file lies; the pieces are in order.
    pub fn find(pieces: &[Piece], offset: u64) -> Spot {
        let mut before = 0_u64;
        for piece in pieces {
            if offset < piece.at {
                return Spot::Between(Some(piece.at));
            }
            let inside = offset - piece.at;
            if inside < piece.len {
                return Spot::Stored(before.saturating_add(inside), piece.len - inside);
            }
            before = before.saturating_add(piece.len);
        }
        Spot::Between(None)
    }
}

/// Lets the next bytes of a stream go by; returns how many there were, fewer only where it ends.
///
/// # Errors
/// As reading.
pub fn pass(stream: &mut impl BufRead, count: u64) -> io::Result<u64> {
    let mut left = count;
    while left > 0 {
        let available = match stream.fill_buf() {
            Ok([]) => break,
            Ok(available) => available.len(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let step = usize::try_from(left).unwrap_or(usize::MAX).min(available);
        stream.consume(step);
        left -= step as u64;
    }
    Ok(count - left)
}

/// One member of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The path as stored.
    pub path: Vec<u8>,
    /// What it is.
    pub kind: MemberKind,
    /// Where a link leads, as stored.
    pub link: Vec<u8>,
    /// Size of the file; for sparse files with its holes.
    pub size: u64,
    /// Whether somebody may execute it.
    pub executable: bool,
    /// Where the stored bytes begin in the archive.
    pub offset: u64,
    /// How many bytes are stored.
    pub stored: u64,
    /// The stored pieces of a sparse file, in order.
    pub sparse: Option<Vec<Piece>>,
}

/// Bytes that are read in order and can be skipped.
pub trait Source: BufRead {
    /// Skips bytes; skipping past the end is no error.
    ///
    /// # Errors
    /// As reading.
    fn skip(&mut self, count: u64) -> io::Result<()>;
    /// How many bytes came before.
    fn position(&self) -> u64;
}

/// A source over random access: skipping costs nothing.
pub struct Seeking<R> {
    bytes: R,
    buffer: Box<[u8]>,
    /// Where the buffer lies in the file, how much of it is filled, and how much of that was consumed.
    at: u64,
    filled: usize,
    consumed: usize,
}

impl<R: ReadAt> Seeking<R> {
    /// A source at the start of some bytes.
    pub fn new(bytes: R) -> Self {
        // A header, a small file and the next header: most small members cost one read.
        Seeking { bytes, buffer: vec![0; 8 * BLOCK].into(), at: 0, filled: 0, consumed: 0 }
    }
}

impl<R: ReadAt> Read for Seeking<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(buf.len());
        if let (Some(to), Some(from)) = (buf.get_mut(..count), available.get(..count)) {
            to.copy_from_slice(from);
        }
        self.consume(count);
        Ok(count)
    }
}

impl<R: ReadAt> BufRead for Seeking<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.consumed >= self.filled {
            self.at += self.consumed as u64;
            self.consumed = 0;
            self.filled = 0;
            self.filled = loop {
                match self.bytes.read_at(self.at, &mut self.buffer) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    other => break other?,
                }
            };
        }
        Ok(self.buffer.get(self.consumed..self.filled).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        self.consumed = self.consumed.saturating_add(count).min(self.filled);
    }
}

impl<R: ReadAt> Source for Seeking<R> {
    fn skip(&mut self, count: u64) -> io::Result<()> {
        let buffered = (self.filled - self.consumed) as u64;
        if count <= buffered {
            self.consumed += usize::try_from(count).unwrap_or(0);
        } else {
            self.at = self.position().saturating_add(count).min(self.bytes.size());
            self.filled = 0;
            self.consumed = 0;
        }
        Ok(())
    }

    fn position(&self) -> u64 {
        self.at + self.consumed as u64
    }
}

/// A source over a stream, e.g. a decoder: skipping reads and discards.
pub struct Streaming<R> {
    inner: io::BufReader<R>,
    position: u64,
}

impl<R: Read> Streaming<R> {
    /// A source over a stream, which is read `buffer` bytes at once.
    pub fn new(stream: R, buffer: usize) -> Self {
        Streaming { inner: io::BufReader::with_capacity(buffer, stream), position: 0 }
    }
}

impl<R: Read> Read for Streaming<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buf)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl<R: Read> BufRead for Streaming<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.inner.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.position += count as u64;
        self.inner.consume(count);
    }
}

impl<R: Read> Source for Streaming<R> {
    fn skip(&mut self, count: u64) -> io::Result<()> {
        pass(self, count).map(drop)
    }

    fn position(&self) -> u64 {
        self.position
    }
}

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
    /// Where the next header lies.
    next: u64,
    /// Where the last body ends; some tools leave out the padding after the last one.
    body_end: u64,
    done: bool,
}

impl<S: Source> Reader<S> {
    /// A reader at the start of an archive.
    pub fn new(source: S) -> Self {
        Reader { source, next: 0, body_end: 0, done: false }
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
        let mut extension = extension::Extension::default();
        let mut zeros = 0;
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
            if block.iter().all(|&byte| byte == 0) {
                zeros += 1;
                if zeros == 2 {
                    return Ok(Next::End(extension.unfinished(at)));
                }
                continue;
            }
            zeros = 0;
            let header = Header(&block);
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
                kind @ (b'L' | b'K' | b'x' | b'g' | b'X') => {
                    self.next = after(body, stored);
                    self.body_end = body.saturating_add(stored);
                    extension.read(kind, &mut self.source, stored)?;
                }
                _ => return self.member(&header, extension, stored, at),
            }
        }
    }

    fn member(
        &mut self,
        header: &Header<'_>,
        extension: extension::Extension,
        stored: u64,
        at: u64,
    ) -> io::Result<Next> {
        let stored = extension.size.unwrap_or(stored);
        let kind = match header.type_flag() {
            b'1' => MemberKind::HardLink,
            b'2' => MemberKind::Link,
            b'3' | b'4' | b'6' => MemberKind::Special,
            b'5' => MemberKind::Directory,
            // GNU's directory listing and volume label are no members of the tree.
            b'V' | b'M' | b'N' => {
                self.next = after(at + BLOCK as u64, stored);
                let what = "a volume header, or the continuation of another volume";
                return Ok(Next::Damaged(Damage::new(DamageKind::Unsupported, at, what)));
            }
            b'D' => MemberKind::Directory,
            _ => MemberKind::File,
        };
        let path = extension.path.clone().unwrap_or_else(|| header.path());
        // Before 1988 a directory was a file whose name ends with a slash.
        let kind = if kind == MemberKind::File && path.ends_with(b"/") && header.type_flag() != b'7' {
            MemberKind::Directory
        } else {
            kind
        };
        // Links and devices have no body, whatever their size says (POSIX); a hard link may repeat it in PAX.
        let stored = match kind {
            MemberKind::File => stored,
            MemberKind::Directory if header.type_flag() == b'D' => stored,
            _ => 0,
        };
        let mut body = at + BLOCK as u64;
        self.next = after(body, stored);
        self.body_end = body.saturating_add(stored);
        if let Some(damage) = extension.damage {
            return Ok(Next::Damaged(damage));
        }
        let mut size = stored;
        let mut sparse = None;
        let mut stored = stored;
        if kind == MemberKind::File && header.type_flag() == b'S' {
            let map = header.old_sparse(&mut self.source)?;
            body = self.source.position();
            self.next = after(body, stored);
            self.body_end = body.saturating_add(stored);
            size = header.number(483, 12).unwrap_or(0);
            sparse = Some(map);
        } else if kind == MemberKind::File && extension.is_sparse() {
            let (map, length) = extension.map(&mut self.source, stored)?;
            body += length;
            stored = stored.saturating_sub(length);
            size = extension.real_size.unwrap_or(size);
            sparse = Some(map);
        }
        if let Some(Err(damage)) = sparse.as_ref().map(|map| checked(map, stored, size, at)) {
            return Ok(Next::Damaged(damage));
        }
        let link = extension.link.unwrap_or_else(|| until_zero(header.field(157, 100)).to_vec());
        let executable = header.number(100, 8).unwrap_or(0) & 0o111 != 0;
        let sparse = sparse.and_then(Result::ok);
        Ok(Next::Member(Member { path, kind, link, size, executable, offset: body, stored, sparse }))
    }
}

/// A sparse map must be in order, inside the file, and no longer than what is stored.
fn checked(map: &Result<Vec<Piece>, Damage>, stored: u64, size: u64, at: u64) -> Result<(), Damage> {
    let map = map.as_ref().map_err(Clone::clone)?;
    let mut end = 0;
    let mut total = 0_u64;
    for piece in map {
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
    Ok(())
}

/// Where the header after a body lies.
fn after(body: u64, stored: u64) -> u64 {
    body.saturating_add(stored).saturating_add(BLOCK as u64 - 1) / BLOCK as u64 * BLOCK as u64
}

/// Fills a buffer as far as the source goes.
fn fill(source: &mut impl Read, buf: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buf.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match source.read(rest) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn until_zero(bytes: &[u8]) -> &[u8] {
    bytes.split(|&byte| byte == 0).next().unwrap_or_default()
}

/// Whether some bytes begin with a tar header.
pub fn is_tar(start: &[u8]) -> bool {
    let Some(block) = start.get(..BLOCK).and_then(|block| <&[u8; BLOCK]>::try_from(block).ok()) else {
        return false;
    };
    Header(block).checksum_holds() && block.first() != Some(&0)
}

struct Header<'a>(&'a [u8; BLOCK]);

impl<'a> Header<'a> {
    fn field(&self, at: usize, len: usize) -> &'a [u8] {
        self.0.get(at..at + len).unwrap_or_default()
    }

    fn type_flag(&self) -> u8 {
        self.0.get(156).copied().unwrap_or(0)
    }

    /// An octal number, or GNU's base 256; `None` when it is neither, or negative.
    fn number(&self, at: usize, len: usize) -> Option<u64> {
        number(self.field(at, len))
    }

    fn checksum_holds(&self) -> bool {
        let Some(stated) = self.number(148, 8) else { return false };
        let bytes = || {
            self.0.iter().enumerate().map(|(at, &byte)| if (148..156).contains(&at) { b' ' } else { byte })
        };
        let unsigned: u64 = bytes().map(u64::from).sum();
        // Some old tars summed signed bytes.
        let signed: i64 = bytes().map(|byte| i64::from(byte.cast_signed())).sum();
        stated == unsigned || i64::try_from(stated) == Ok(signed)
    }

    fn path(&self) -> Vec<u8> {
        let name = until_zero(self.field(0, 100));
        let prefix = until_zero(self.field(345, 155));
        // Only POSIX headers have a prefix; GNU's use the space for times.
        if prefix.is_empty() || self.field(257, 6) != b"ustar\0" {
            return name.to_vec();
        }
        [prefix, b"/", name].concat()
    }

    /// The map of an old GNU sparse member: four pieces here, more in the blocks that follow.
    fn old_sparse(&self, source: &mut impl Source) -> io::Result<Result<Vec<Piece>, Damage>> {
        let mut map = Vec::new();
        let mut whole = pieces(self.field(386, 96), &mut map);
        let mut more = self.0.get(482) == Some(&1);
        while more {
            let mut block = [0; BLOCK];
            let at = source.position();
            if fill(source, &mut block)? < BLOCK {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            whole &= pieces(block.get(..504).unwrap_or_default(), &mut map);
            more = block.get(504) == Some(&1);
            if map.len() > extension::MAX_PIECES {
                // The rest of the map is read over, so that the next header is found.
                while more {
                    if fill(source, &mut block)? < BLOCK {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                    more = block.get(504) == Some(&1);
                }
                let what = format!("a sparse file of more than {} pieces", extension::MAX_PIECES);
                return Ok(Err(Damage::new(DamageKind::OverLimit, at, what)));
            }
        }
        Ok(match whole {
            true => Ok(map),
            false => {
                Err(Damage::new(DamageKind::Corrupt, None, "the map of a sparse file is no list of numbers"))
            }
        })
    }
}

fn number(field: &[u8]) -> Option<u64> {
    match field.first() {
        Some(0x80) => {
            let mut value = 0_u64;
            for &byte in field.get(1..).unwrap_or_default() {
                value = value.checked_mul(256)?.checked_add(u64::from(byte))?;
            }
            Some(value)
        }
        Some(0x81..) => None,
        _ => {
            let digits = until_zero(field).trim_ascii();
            digits.iter().try_fold(0_u64, |value, &digit| match digit {
                b'0'..=b'7' => value.checked_mul(8)?.checked_add(u64::from(digit - b'0')),
                _ => None,
            })
        }
    }
}

/// Pairs of 12-byte numbers up to the first empty one.
fn pieces(bytes: &[u8], map: &mut Vec<Piece>) -> bool {
    for pair in bytes.chunks_exact(24) {
        let (at, len) = pair.split_at(12);
        if at.first() == Some(&0) {
            break;
        }
        match (number(at), number(len)) {
            (Some(at), Some(len)) => map.push(Piece { at, len }),
            _ => return false,
        }
    }
    true
}
