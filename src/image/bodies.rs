//! The bytes of members: read in place where a layer is not compressed, kept while it was decoded where it is.
//!
//! Kept bodies lie in memory up to a budget that all layers of a run share, then in a temporary file that has no
//! name any more. What was not kept is fetched by a second pass over just its layer.

use std::fs::File;
use std::io::{self, BufRead, Read, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::body::Body;
use crate::bytes::ReadAt;
use crate::format::container::tar::{Piece, Spot, pass};
use crate::fs::root::{Fault, Root};
use crate::text::size::in_words;

/// How much may be kept; shared by all layers of a run.
#[derive(Debug)]
pub struct Budget {
    memory: Arc<AtomicU64>,
    disk: Arc<AtomicU64>,
    /// From which on disk is scarce.
    scarce: u64,
    /// The largest single file that is kept.
    largest: u64,
    /// Bytes that names and members of all layers at hand may take.
    index: Arc<AtomicU64>,
    /// When opening must be done.
    end: Mutex<Option<Instant>>,
    /// How much memory the process may use; 0 for any.
    max_memory: u64,
}

/// A share of the budget that is in use, and given back when this ends.
#[derive(Debug, Default)]
pub(super) struct Held {
    from: Option<Arc<AtomicU64>>,
    count: u64,
}

impl Held {
    /// Makes it so many bytes of the memory for names in all, if there are.
    pub(super) fn grow_to(&mut self, budget: &Budget, count: u64) -> bool {
        self.grow(&budget.index, count.saturating_sub(self.count))
    }

    /// Takes so many bytes more, if there are; always of the same.
    fn grow(&mut self, from: &Arc<AtomicU64>, more: u64) -> bool {
        let is_granted = more == 0
            || from.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(more)).is_ok();
        if is_granted {
            self.from.get_or_insert_with(|| Arc::clone(from));
            self.count += more;
        }
        is_granted
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(from) = &self.from {
            from.fetch_add(self.count, Ordering::Relaxed);
        }
    }
}

/// Names and members of all layers at hand may take this much memory: some 1.3 million files.
const MAX_INDEX: u64 = 96 << 20;

impl Default for Budget {
    fn default() -> Self {
        Budget::new(8 << 20, 8 << 30, 1 << 30)
    }
}

impl Budget {
    /// A budget of so many bytes of memory and of temporary disk, and for a single file.
    pub fn new(memory: u64, disk: u64, largest: u64) -> Self {
        let index = Arc::new(AtomicU64::new(MAX_INDEX));
        let scarce = disk / 2;
        let (memory, disk) = (Arc::new(AtomicU64::new(memory)), Arc::new(AtomicU64::new(disk)));
        Budget { memory, disk, scarce, largest, index, end: Mutex::default(), max_memory: 0 }
    }

    /// The usual budget for a process that may use so much memory; 0 for any.
    pub fn within(max_memory: u64) -> Self {
        let share = if max_memory == 0 { 10 * MAX_INDEX } else { max_memory / 20 };
        Budget { index: Arc::new(AtomicU64::new(share)), max_memory, ..Budget::default() }
    }

    /// Opening the next image begins, which may take so long; for ever when zero.
    pub fn begin(&self, timeout: Duration) {
        let end = Some(timeout).filter(|timeout| !timeout.is_zero());
        *self.end.lock().unwrap_or_else(PoisonError::into_inner) =
            end.and_then(|timeout| Instant::now().checked_add(timeout));
    }

    /// Why no more is read of layers, if that is so.
    pub(super) fn exhausted(&self) -> io::Result<()> {
        let end = *self.end.lock().unwrap_or_else(PoisonError::into_inner);
        if end.is_some_and(|end| Instant::now() >= end) {
            let what = "reading it was not done when the time was up; the rest was not read. Raise --timeout";
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, what));
        }
        if let Some(why) = crate::process::memory_refused() {
            return Err(io::Error::new(io::ErrorKind::OutOfMemory, format!("{why}; the rest was not read")));
        }
        let used = Some(self.max_memory).filter(|&limit| limit > 0).and_then(|limit| {
            crate::process::memory_in_use().filter(|&used| used > limit).map(|used| (used, limit))
        });
        if let Some((used, limit)) = used {
            let what = format!(
                "debar used {} of memory, more than --max-memory allows ({}); the rest was not read. Raise it",
                in_words(used),
                in_words(limit)
            );
            return Err(io::Error::new(io::ErrorKind::OutOfMemory, what));
        }
        Ok(())
    }

    /// Takes so many bytes of the memory, if there are.
    pub(super) fn memory(&self, count: u64) -> Option<Held> {
        let mut held = Held::default();
        held.grow(&self.memory, count).then_some(held)
    }

    /// Whether what earlier images keep is too much of the disk that the next one may need.
    pub(super) fn is_scarce(&self) -> bool {
        self.disk.load(Ordering::Relaxed) < self.scarce
    }
}

/// The kept bodies of one layer.
#[derive(Debug, Default)]
pub(super) struct Kept {
    memory: Vec<u8>,
    file: Option<Arc<File>>,
    written: u64,
    in_memory: Held,
    on_disk: Held,
}

impl Kept {
    /// Bodies that lie in memory, of which that much was taken.
    pub(super) fn of(memory: Vec<u8>, in_memory: Held) -> Kept {
        Kept { memory, in_memory, ..Kept::default() }
    }

    /// Bodies that lie in a file of the cache.
    pub(super) fn in_file(file: Arc<File>) -> Kept {
        Kept { file: Some(file), ..Kept::default() }
    }

    /// Keeps the next `size` bytes of a stream.
    pub(super) fn keep(&mut self, stream: &mut impl BufRead, size: u64, budget: &Budget) -> io::Result<Body> {
        self.keep_pieces(stream, size, &[Piece { at: 0, len: size }], budget)
    }

    /// Keeps some pieces of the next `size` bytes of a stream, one behind the other.
    pub(super) fn keep_pieces(
        &mut self,
        stream: &mut impl BufRead,
        size: u64,
        pieces: &[Piece],
        budget: &Budget,
    ) -> io::Result<Body> {
        let kept = Piece::total(pieces);
        if kept == 0 {
            return Ok(Body::None);
        }
        if kept > budget.largest {
            return Ok(Body::OverLimit);
        }
        // Not on the word of a header: memory grows with what really comes.
        if kept <= 1 << 20 && self.in_memory.grow(&budget.memory, kept) {
            let index = u32::try_from(self.memory.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
            let copied = sift(stream, size, pieces, |stream, len| {
                (&mut *stream).take(len).read_to_end(&mut self.memory).map(|count| count as u64)
            })?;
            return if copied == kept { Ok(Body::Memory(index)) } else { Err(cut()) };
        }
        if !self.on_disk.grow(&budget.disk, kept) {
            return Ok(Body::OverLimit);
        }
        let file = match &self.file {
            Some(file) => Arc::clone(file),
            None => Arc::clone(self.file.insert(Arc::new(tempfile::tempfile().map_err(no_room)?))),
        };
        let offset = self.written;
        let copied = sift(stream, size, pieces, |stream, len| append(stream, len, &file))?;
        self.written += copied;
        if copied == kept { Ok(Body::File(offset)) } else { Err(cut()) }
    }

    pub(super) fn open(self: &Arc<Self>, body: Body, size: u64) -> Option<Box<dyn ReadAt>> {
        match body {
            Body::Memory(offset) => {
                let bytes = InMemory(Arc::clone(self));
                Some(Box::new(Window { bytes, offset: u64::from(offset), size }))
            }
            Body::File(offset) => {
                let file = Arc::clone(self.file.as_ref()?);
                Some(Box::new(Window { bytes: FileBytes::new(file), offset, size }))
            }
            _ => None,
        }
    }
}

/// Writes the next `size` bytes of a stream to a file, as many at once as the stream has: with the small buffer of
/// `io::copy`, most of the time of a large image would go into writing.
fn append(stream: &mut impl BufRead, size: u64, mut file: &File) -> io::Result<u64> {
    let mut copied = 0;
    while copied < size {
        let available = match stream.fill_buf() {
            Ok([]) => break,
            Ok(available) => available,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let wanted = usize::try_from(size - copied).unwrap_or(usize::MAX).min(available.len());
        file.write_all(available.get(..wanted).unwrap_or_default()).map_err(no_room)?;
        stream.consume(wanted);
        copied += wanted as u64;
    }
    Ok(copied)
}

fn cut() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the archive ends inside a member")
}

/// Goes through the next `size` bytes of a stream and copies pieces of them; returns how many bytes were copied.
fn sift<S: BufRead>(
    stream: &mut S,
    size: u64,
    pieces: &[Piece],
    mut copy: impl FnMut(&mut S, u64) -> io::Result<u64>,
) -> io::Result<u64> {
    let mut at = 0;
    let mut copied = 0;
    for piece in pieces {
        discard(stream, piece.at.saturating_sub(at))?;
        copied += copy(stream, piece.len)?;
        at = piece.at + piece.len;
    }
    discard(stream, size.saturating_sub(at))?;
    Ok(copied)
}

/// Lets the next bytes of a stream go by, all of which must be there.
fn discard(stream: &mut impl BufRead, count: u64) -> io::Result<()> {
    if pass(stream, count)? == count { Ok(()) } else { Err(cut()) }
}

struct InMemory(Arc<Kept>);

impl ReadAt for InMemory {
    fn size(&self) -> u64 {
        self.0.memory.size()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.0.memory.read_at(offset, buf)
    }
}

/// A regular file of the scanning host.
#[derive(Debug, Clone)]
pub(super) struct FileBytes {
    file: Arc<File>,
    size: u64,
}

impl FileBytes {
    pub(super) fn new(file: Arc<File>) -> Self {
        let size = file.metadata().map_or(0, |metadata| metadata.len());
        FileBytes { file, size }
    }
}

impl ReadAt for FileBytes {
    fn size(&self) -> u64 {
        self.size
    }

    #[cfg(unix)]
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        std::os::unix::fs::FileExt::read_at(&*self.file, buf, offset)
    }

    #[cfg(windows)]
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        std::os::windows::fs::FileExt::seek_read(&*self.file, buf, offset)
    }
}

/// Writes bytes at a position of a file.
#[cfg(feature = "distribution")]
pub(super) fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    #[cfg(unix)]
    return std::os::unix::fs::FileExt::write_all_at(file, bytes, offset);
    #[cfg(windows)]
    {
        let mut written = 0;
        while let Some(rest) = bytes.get(written..).filter(|rest| !rest.is_empty()) {
            written += std::os::windows::fs::FileExt::seek_write(file, rest, offset + written as u64)?;
        }
        Ok(())
    }
}

/// A stream that ends with an error when no more may be read.
pub(super) struct Bounded<'b, R> {
    pub(super) stream: R,
    pub(super) budget: &'b Budget,
    pub(super) count: u32,
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        // Asking the system each time would cost more than some reads do.
        if self.count.is_multiple_of(64) {
            self.budget.exhausted()?;
        }
        self.count = self.count.wrapping_add(1);
        self.stream.read(buf)
    }
}

/// A part of something larger.
pub(super) struct Window<R> {
    pub(super) bytes: R,
    pub(super) offset: u64,
    pub(super) size: u64,
}

impl<R: ReadAt> ReadAt for Window<R> {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let count = buf.len().min(left);
        if count == 0 {
            return Ok(0);
        }
        let read = self
            .bytes
            .read_at(self.offset.saturating_add(offset), buf.get_mut(..count).unwrap_or_default())?;
        if read == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the archive ends inside a member"));
        }
        Ok(read)
    }
}

impl ReadAt for Arc<dyn ReadAt> {
    fn size(&self) -> u64 {
        (**self).size()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        (**self).read_at(offset, buf)
    }
}

/// A sparse file over its stored pieces.
pub(super) struct Sparse {
    pub(super) stored: Box<dyn ReadAt>,
    pub(super) pieces: Arc<[Piece]>,
    pub(super) size: u64,
}

impl ReadAt for Sparse {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let count = buf.len().min(left);
        let buf = buf.get_mut(..count).unwrap_or_default();
        let (stored, length) = match Piece::find(&self.pieces, offset) {
            Spot::Stored(at, length) => (Some(at), length),
            // A hole up to the next piece.
            Spot::Between(next) => (None, next.map_or(u64::MAX, |next| next - offset)),
        };
        let here = usize::try_from(length).unwrap_or(usize::MAX).min(buf.len());
        let buf = buf.get_mut(..here).unwrap_or_default();
        match stored {
            Some(at) => self.stored.read_at(at, buf),
            None => {
                buf.fill(0);
                Ok(here)
            }
        }
    }
}

/// What a fault of the temporary folder means to people: the target is sound, this host has no room for it.
pub(super) fn no_room(error: io::Error) -> io::Error {
    let folder = std::env::temp_dir();
    let what = format!(
        "it cannot be kept in the temporary folder {}: {}. Make room there, or name another folder in TMPDIR \
         (on Windows TMP)",
        folder.display(),
        crate::model::plain(&error)
    );
    io::Error::new(error.kind(), what)
}

/// Why a stream could not be copied to a temporary file.
pub(super) enum SpoolError {
    /// It cannot be read.
    Stream(io::Error),
    /// It cannot be written.
    Room(io::Error),
}

/// Writes a stream to a temporary file without a name; runs of zeros take no space.
pub(super) fn spool(stream: &mut impl Read) -> Result<FileBytes, SpoolError> {
    spool_while(stream, |_| true).map(|(bytes, _)| bytes)
}

/// As [`spool`], for as long as so many written bytes are fine; returns whether that was to the end.
pub(super) fn spool_while(
    stream: &mut impl Read,
    mut is_fine: impl FnMut(u64) -> bool,
) -> Result<(FileBytes, bool), SpoolError> {
    use std::io::{Seek, SeekFrom};
    let failed = |error| SpoolError::Room(no_room(error));
    let mut file = tempfile::tempfile().map_err(failed)?;
    let mut buf = vec![0; 1 << 17];
    let mut size = 0;
    let mut written = 0;
    let is_whole = loop {
        if !is_fine(written) {
            break false;
        }
        let count = match stream.read(&mut buf) {
            Ok(0) => break true,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(SpoolError::Stream(error)),
        };
        let bytes = buf.get(..count).unwrap_or_default();
        if count >= 4096 && bytes.iter().all(|&byte| byte == 0) {
            file.seek(SeekFrom::Current(count as i64)).map_err(failed)?;
        } else {
            file.write_all(bytes).map_err(failed)?;
            written += count as u64;
        }
        size += count as u64;
    };
    file.set_len(size).map_err(failed)?;
    Ok((FileBytes::new(Arc::new(file)), is_whole))
}

/// The blob of a layer, opened when it is needed: an image may have more layers than a process may have files open.
#[derive(Clone)]
pub(super) enum Blob {
    /// It could not be opened.
    Missing,
    /// Something that is open.
    Open(Arc<dyn ReadAt>),
    /// A path of an archive or layout.
    At(Arc<Root>, String),
}

impl Blob {
    pub(super) fn open(&self) -> io::Result<Arc<dyn ReadAt>> {
        match self {
            Blob::Missing => Err(io::Error::other("its layer is missing")),
            Blob::Open(bytes) => Ok(Arc::clone(bytes)),
            Blob::At(root, path) => match root.open(path.as_bytes()) {
                Ok(bytes) => Ok(Arc::from(bytes)),
                Err(Fault::Absent) => Err(io::Error::other("the layer is not there")),
                Err(Fault::Unreadable { detail, .. }) => Err(io::Error::other(detail)),
            },
        }
    }
}

/// Reads a [`ReadAt`] from its start.
pub(super) struct Sequential<R> {
    pub(super) bytes: R,
    pub(super) at: u64,
}

impl<R: ReadAt> Read for Sequential<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read_at(self.at, buf)?;
        self.at += count as u64;
        Ok(count)
    }
}
