//! Integers and texts as hives store them.

/// Where hive bins begin; offsets of cells count from here.
pub(super) const BINS: u64 = 4096;

/// A list, key or value that is not there.
pub(super) const NONE: u32 = u32::MAX;

pub(super) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

pub(super) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// A name as stored: one byte a character (Latin-1) or UTF-16.
pub(super) fn name(bytes: &[u8], is_latin1: bool) -> String {
    if is_latin1 { bytes.iter().map(|&byte| char::from(byte)).collect() } else { utf16(bytes) }
}

/// UTF-16 (little-endian) as text; units that are no character become U+FFFD.
pub fn utf16(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).filter_map(|pair| Some(u16::from_le_bytes(*pair.first_chunk()?)));
    char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}
