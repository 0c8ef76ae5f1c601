//! The base block: what a hive says of itself, and what each of its logs remembers of that.

use super::{u32_at, u64_at};

/// The first 512 bytes of a hive or of its log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BaseBlock {
    /// Incremented before and after a write; different numbers mean that it was interrupted.
    pub(super) primary: u32,
    pub(super) secondary: u32,
    /// When it was last written.
    pub(super) modified: u64,
    pub(super) major: u32,
    pub(super) minor: u32,
    /// 0 for a hive, 1 and 2 for a log of the old format, 6 of the new one.
    pub(super) kind: u32,
    /// Cell of the topmost key.
    pub(super) root: u32,
    /// Bytes of all hive bins.
    pub(super) bins_size: u32,
    /// Whether the checksum is right.
    pub(super) is_sound: bool,
}

impl BaseBlock {
    /// Reads a base block; `None` without its signature.
    pub(super) fn read(bytes: &[u8]) -> Option<BaseBlock> {
        if bytes.get(..4) != Some(b"regf") {
            return None;
        }
        let field = |at| u32_at(bytes, at);
        Some(BaseBlock {
            primary: field(4)?,
            secondary: field(8)?,
            modified: u64_at(bytes, 12)?,
            major: field(20)?,
            minor: field(24)?,
            kind: field(28)?,
            root: field(36)?,
            bins_size: field(40)?,
            is_sound: bytes.get(..508).is_some_and(|summed| Some(checksum(summed)) == field(508)),
        })
    }

    /// Whether a write was interrupted.
    pub(super) fn is_dirty(&self) -> bool {
        !self.is_sound || self.primary != self.secondary
    }
}

/// The exclusive or of all words; two values are reserved.
pub(super) fn checksum(bytes: &[u8]) -> u32 {
    let words = bytes.chunks_exact(4).filter_map(|word| Some(u32::from_le_bytes(*word.first_chunk()?)));
    match words.fold(0, |sum, word| sum ^ word) {
        0 => 1,
        u32::MAX => u32::MAX - 1,
        sum => sum,
    }
}
