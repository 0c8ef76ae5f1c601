//! A deflated member of an archive as a file with random access, in bounded memory.
//!
//! Bytes are inflated from the front; the last ones stay at hand. What lies before them is inflated again, which a
//! budget counts like everything else: who reads to and fro pays for it.

use std::collections::VecDeque;
use std::io::{self, Read};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use flate2::read::DeflateDecoder;

use crate::bytes::ReadAt;

/// Bytes of one block.
const BLOCK: usize = 1 << 20;
/// Blocks at hand.
const KEPT: usize = 24;

/// What may still be inflated, however deep archives nest.
#[derive(Debug)]
pub struct Budget(AtomicU64);

impl Budget {
    /// So many bytes.
    pub fn new(bytes: u64) -> Self {
        Budget(AtomicU64::new(bytes))
    }

    /// Takes bytes of it; false when there are not so many.
    pub fn take(&self, bytes: u64) -> bool {
        let less = |left: u64| Some(left.saturating_sub(bytes));
        let before = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
        before.is_ok_and(|left| left >= bytes)
    }

    /// What is left.
    pub fn left(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A part of a file, read from front to end.
struct Part<'a> {
    file: &'a dyn ReadAt,
    range: Range<u64>,
}

impl Read for Part<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.range.end.saturating_sub(self.range.start)).unwrap_or(usize::MAX);
        let len = left.min(buf.len());
        let read = self.file.read_at(self.range.start, buf.get_mut(..len).unwrap_or_default())?;
        self.range.start = self.range.start.saturating_add(read as u64);
        Ok(read)
    }
}

/// The file.
pub struct Inflating<'a> {
    file: &'a dyn ReadAt,
    range: Range<u64>,
    size: u64,
    budget: &'a Budget,
    state: Mutex<State<'a>>,
}

struct State<'a> {
    decoder: DeflateDecoder<Part<'a>>,
    /// Number of the first block at hand.
    first: u64,
    blocks: VecDeque<Vec<u8>>,
}

impl<'a> Inflating<'a> {
    /// The deflated bytes of a range of a file; `size`: of what they inflate to, as the archive says.
    pub fn new(file: &'a dyn ReadAt, range: Range<u64>, size: u64, budget: &'a Budget) -> Self {
        let state = Mutex::new(State::begin(file, range.clone()));
        Inflating { file, range, size, budget, state }
    }

    /// Inflates up to a block; false when the content ends before.
    fn forward(&self, state: &mut State<'a>, block: u64) -> io::Result<bool> {
        if block < state.first {
            *state = State::begin(self.file, self.range.clone());
        }
        while block >= state.first.saturating_add(state.blocks.len() as u64) {
            let mut bytes = Vec::new();
            let read = state.decoder.by_ref().take(BLOCK as u64).read_to_end(&mut bytes);
            read.map_err(|error| match error.kind() {
                io::ErrorKind::InvalidInput => io::Error::new(io::ErrorKind::InvalidData, error),
                _ => error,
            })?;
            if bytes.is_empty() {
                return Ok(false);
            }
            if !self.budget.take(bytes.len() as u64) {
                let what = "inflating it costs more than its archive may";
                return Err(io::Error::new(io::ErrorKind::FileTooLarge, what));
            }
            state.blocks.push_back(bytes);
            if state.blocks.len() > KEPT {
                state.blocks.pop_front();
                state.first += 1;
            }
        }
        Ok(true)
    }
}

impl<'a> State<'a> {
    fn begin(file: &'a dyn ReadAt, range: Range<u64>) -> Self {
        State { decoder: DeflateDecoder::new(Part { file, range }), first: 0, blocks: VecDeque::new() }
    }
}

impl ReadAt for Inflating<'_> {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        if offset >= self.size {
            return Ok(0);
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (block, within) = (offset / BLOCK as u64, offset % BLOCK as u64);
        if !self.forward(&mut state, block)? {
            return Ok(0);
        }
        let at = usize::try_from(block.saturating_sub(state.first)).unwrap_or(usize::MAX);
        state.blocks.get(at).map_or(Ok(0), |block| block.read_at(within, buf))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn deflated(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn any_place_can_be_read_again_within_the_budget() {
        let bytes: Vec<u8> = (0..30u32 << 18).flat_map(u32::to_le_bytes).collect();
        let packed = deflated(&bytes);
        let budget = Budget::new(bytes.len() as u64 * 3 / 2);
        let file = Inflating::new(&packed, 0..packed.len() as u64, bytes.len() as u64, &budget);
        let end = bytes.len() - 100;
        assert_eq!(file.read_vec(end as u64, 1000).unwrap(), bytes[end..]);
        assert_eq!(file.read_vec(0, 10).unwrap(), bytes[..10]);
        let across = BLOCK - 5;
        assert_eq!(file.read_vec(across as u64, 10).unwrap(), bytes[across..across + 10]);
        let error = file.read_vec(end as u64, 10).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    }

    #[test]
    fn damage_is_an_error_and_a_false_size_an_end() {
        let mut packed = deflated(&[7; 5000]);
        let budget = Budget::new(1 << 20);
        let file = Inflating::new(&packed, 0..packed.len() as u64, 9000, &budget);
        assert_eq!(file.read_vec(0, 9000).unwrap().len(), 5000);
        packed[0] = 0xff;
        let file = Inflating::new(&packed, 0..packed.len() as u64, 5000, &budget);
        assert!(file.read_vec(0, 10).is_err());
    }
}
