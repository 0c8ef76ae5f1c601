//! Bytes and how they are read: random access, encodings, damage.

pub mod decode;

use std::io;

/// Random access to the bytes of one file, without a cursor, so that several readers can share it.
pub trait ReadAt: Send + Sync {
    /// The size of the file in bytes, as known when it was opened.
    fn size(&self) -> u64;

    /// Reads at `offset` into `buf` and returns how many bytes were read; 0 means the end of the file.
    ///
    /// # Errors
    /// What the operating system (or the decoder below) says.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize>;

    /// Reads exactly `len` bytes at `offset`, or fewer if the file ends before.
    ///
    /// # Errors
    /// As [`ReadAt::read_at`].
    fn read_vec(&self, offset: u64, len: usize) -> io::Result<Vec<u8>> {
        let available = usize::try_from(self.size().saturating_sub(offset)).unwrap_or(usize::MAX);
        let mut buf = vec![0; len.min(available)];
        let mut filled = 0;
        while let Some(rest) = buf.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.read_at(offset + filled as u64, rest) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        buf.truncate(filled);
        Ok(buf)
    }
}

impl ReadAt for [u8] {
    fn size(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.get(offset..)).unwrap_or_default();
        let n = rest.len().min(buf.len());
        if let (Some(to), Some(from)) = (buf.get_mut(..n), rest.get(..n)) {
            to.copy_from_slice(from);
        }
        Ok(n)
    }
}

impl ReadAt for Vec<u8> {
    fn size(&self) -> u64 {
        self.as_slice().size()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.as_slice().read_at(offset, buf)
    }
}

impl<T: ReadAt + ?Sized> ReadAt for &T {
    fn size(&self) -> u64 {
        (**self).size()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        (**self).read_at(offset, buf)
    }
}

/// What kind of damage a format met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DamageKind {
    /// The bytes contradict the format (bad magic, checksum, offset, encoding).
    Corrupt,
    /// The input ends before the format says it should.
    Truncated,
    /// A variant of the format that this reader does not know.
    Unsupported,
    /// Reading on would cost more than the reader's stated limit.
    OverLimit,
    /// The content is encrypted.
    Encrypted,
    /// The operating system refused a read.
    Io,
}

/// One place where a format went wrong. The facts before and after it may still be good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// What kind of damage.
    pub kind: DamageKind,
    /// Where, in bytes from the start of the input, if known.
    pub offset: Option<u64>,
    /// What is wrong, as a lower-case fragment: "page 7 points outside the file".
    pub what: String,
}

impl Damage {
    /// Damage of a kind at an offset (`None` if not known).
    pub fn new(kind: DamageKind, offset: impl Into<Option<u64>>, what: impl Into<String>) -> Self {
        Damage { kind, offset: offset.into(), what: what.into() }
    }
}

impl From<io::Error> for Damage {
    fn from(error: io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::UnexpectedEof => DamageKind::Truncated,
            io::ErrorKind::FileTooLarge | io::ErrorKind::OutOfMemory => DamageKind::OverLimit,
            _ => DamageKind::Io,
        };
        Damage::new(kind, None, error.to_string())
    }
}

/// At most `limit` of the items; that there are more is damage: what is cut off is never cut off in silence.
pub fn limited<T>(
    items: impl IntoIterator<Item = T>,
    limit: usize,
    what: &str,
    damage: &mut Vec<Damage>,
) -> Vec<T> {
    let mut items = items.into_iter();
    let taken: Vec<T> = items.by_ref().take(limit).collect();
    if items.next().is_some() {
        let what = format!("more than {limit} {what}; the rest was not read");
        damage.push(Damage::new(DamageKind::OverLimit, None, what));
    }
    taken
}

/// What a format could read, and where it went wrong (empty when all was well).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Salvaged<T> {
    /// The facts that were readable.
    pub value: T,
    /// Every place that was not.
    pub damage: Vec<Damage>,
}

impl<T> Salvaged<T> {
    /// A value without damage.
    pub fn whole(value: T) -> Self {
        Salvaged { value, damage: Vec::new() }
    }

    /// Nothing but damage.
    pub fn lost(damage: impl Into<Damage>) -> Self
    where
        T: Default,
    {
        Salvaged { value: T::default(), damage: vec![damage.into()] }
    }
}

/// The last line of a text, which need not have an end, and where it begins.
pub fn last_line(bytes: &[u8]) -> (usize, &[u8]) {
    let start = bytes.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    (start, bytes.get(start..).unwrap_or_default())
}

/// A file below `tests/fixtures`.
#[cfg(test)]
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)).unwrap()
}
