//! Where the bytes of an archive come from: a file, where skipping costs nothing, or a decoder.

use std::io::{self, BufRead, Read};

use super::{BLOCK, ReadAt};

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

/// Fills a buffer as far as the source goes.
pub(super) fn fill(source: &mut impl Read, buf: &mut [u8]) -> io::Result<usize> {
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
