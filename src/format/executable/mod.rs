//! What ELF, PE and Mach-O have in common: fields at fixed places in either byte order, and a layout of named
//! sections and loaded segments.
//!
//! Executables are large and their identity is small, so every reader takes a [`ReadAt`] and asks for exactly
//! the ranges that hold it. [`Headed`] keeps the first block, which usually holds half of them.

pub mod bulk;
pub mod cargo_auditable;
pub mod elf;
pub mod go_build_info;
pub mod macho;
pub mod modinfo;
pub mod pe;
pub mod version_resource;

use std::io;

use crate::bytes::{Damage, DamageKind, ReadAt};

/// The byte order of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ByteOrder {
    /// Least significant byte first.
    #[default]
    Little,
    /// Most significant byte first.
    Big,
}

impl ByteOrder {
    /// The 16-bit number at a place; `None` past the end.
    pub fn u16(self, bytes: &[u8], at: usize) -> Option<u16> {
        let raw = *bytes.get(at..)?.first_chunk()?;
        Some(match self {
            ByteOrder::Little => u16::from_le_bytes(raw),
            ByteOrder::Big => u16::from_be_bytes(raw),
        })
    }

    /// The 32-bit number at a place; `None` past the end.
    pub fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let raw = *bytes.get(at..)?.first_chunk()?;
        Some(match self {
            ByteOrder::Little => u32::from_le_bytes(raw),
            ByteOrder::Big => u32::from_be_bytes(raw),
        })
    }

    /// The 64-bit number at a place; `None` past the end.
    pub fn u64(self, bytes: &[u8], at: usize) -> Option<u64> {
        let raw = *bytes.get(at..)?.first_chunk()?;
        Some(match self {
            ByteOrder::Little => u64::from_le_bytes(raw),
            ByteOrder::Big => u64::from_be_bytes(raw),
        })
    }
}

/// A named range of an executable.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Section {
    /// Name as stored; of a Mach-O section without its segment.
    pub name: String,
    /// Virtual address, 0 if it is not loaded.
    pub address: u64,
    /// Where its bytes start in the file.
    pub offset: u64,
    /// Size in the file, in bytes; 0 if it has no bytes there.
    pub size: u64,
}

/// A range that the loader maps.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Segment {
    /// Virtual address.
    pub address: u64,
    /// Where its bytes start in the file.
    pub offset: u64,
    /// Size in the file, in bytes.
    pub size: u64,
    /// Whether the program may write there and not execute: where initialised data lies.
    pub is_data: bool,
}

/// That a file ends before a segment that it is loaded from does.
pub(crate) fn cut_off(segments: &[Segment], size: u64) -> Option<Damage> {
    let is_cut = |segment: &Segment| segment.size > 0 && segment.offset.saturating_add(segment.size) > size;
    let what = "the file ends before its last segment does";
    segments.iter().any(is_cut).then(|| Damage::new(DamageKind::Truncated, size, what))
}

/// What programs, packages and archives begin with.
const BEGINNINGS: &[&[u8]] = &[
    b"\x7fELF",
    b"MZ",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"#!",
    b"PK\x03\x04",
    b"!<arch>\ndebian-binary",
    b"\xed\xab\xee\xdb",
    b"xar!",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
];

/// Bytes of a script's first line that Linux reads (execve(2)).
const MAX_FIRST_LINE: usize = 256;

/// That a file ends before it shows what it is: all of it is less than formats begin with. A letter or two may be a text
/// as well, unless the file's name promises a program or package. A script that ends in its first line does nothing.
pub fn ends_at_once(bytes: &[u8], is_promised: bool) -> Option<Damage> {
    if !is_promised && bytes.first().is_some_and(|byte| byte.is_ascii_graphic() && *byte != b'#') {
        return None;
    }
    let is_part = |beginning: &&[u8]| bytes.len() < beginning.len() && beginning.starts_with(bytes);
    let what = "the file ends inside the bytes that say what it is";
    let is_script =
        bytes.starts_with(b"#!") && (..MAX_FIRST_LINE).contains(&bytes.len()) && !bytes.contains(&b'\n');
    (!bytes.is_empty() && (is_script || BEGINNINGS.iter().any(is_part)))
        .then(|| Damage::new(DamageKind::Truncated, bytes.len() as u64, what))
}

/// Where things lie in an executable.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Layout {
    /// Byte order of the program's data.
    pub order: ByteOrder,
    /// The named ranges, in file order; empty when the table was stripped.
    pub sections: Vec<Section>,
    /// The loaded ranges.
    pub segments: Vec<Segment>,
}

impl Layout {
    /// The first section of a name that has bytes in the file.
    pub fn section(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == name && section.size > 0)
    }

    /// The file offset of a virtual address, and how many bytes of its segment follow it in the file.
    pub fn offset_of(&self, address: u64) -> Option<(u64, u64)> {
        self.segments.iter().find_map(|segment| {
            let into = address.checked_sub(segment.address).filter(|into| *into < segment.size)?;
            Some((segment.offset.checked_add(into)?, segment.size - into))
        })
    }
}

/// A file whose first bytes are at hand already.
pub struct Headed<'a> {
    head: &'a [u8],
    file: &'a dyn ReadAt,
}

impl<'a> Headed<'a> {
    /// A file and its first bytes.
    pub fn new(head: &'a [u8], file: &'a dyn ReadAt) -> Self {
        Headed { head, file }
    }
}

impl ReadAt for Headed<'_> {
    fn size(&self) -> u64 {
        self.file.size()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        match usize::try_from(offset) {
            Ok(at) if at < self.head.len() => self.head.read_at(offset, buf),
            _ => self.file.read_at(offset, buf),
        }
    }
}

/// Part of a file as a file of its own: an architecture inside a fat Mach-O.
pub struct Slice<'a> {
    file: &'a dyn ReadAt,
    start: u64,
    size: u64,
}

impl<'a> Slice<'a> {
    /// `size` bytes from `start`, cut where the file ends.
    pub fn new(file: &'a dyn ReadAt, start: u64, size: u64) -> Self {
        Slice { file, start, size: size.min(file.size().saturating_sub(start)) }
    }
}

impl ReadAt for Slice<'_> {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let len = rest.min(buf.len());
        match (self.start.checked_add(offset), buf.get_mut(..len)) {
            (Some(at), Some(buf)) if len > 0 => self.file.read_at(at, buf),
            _ => Ok(0),
        }
    }
}

/// Reads exactly `len` bytes at `offset`; `what` names the table for the damage.
///
/// # Errors
/// Truncated when the file ends before, Io when reading fails.
pub(crate) fn exact(file: &dyn ReadAt, offset: u64, len: usize, what: &str) -> Result<Vec<u8>, Damage> {
    let end = offset.checked_add(len as u64);
    if end.is_none_or(|end| end > file.size()) {
        return Err(Damage::new(
            DamageKind::Truncated,
            offset,
            format!("the file ends before the end of {what}"),
        ));
    }
    let bytes = file.read_vec(offset, len)?;
    if bytes.len() < len {
        return Err(Damage::new(DamageKind::Truncated, offset, format!("the file ends inside {what}")));
    }
    Ok(bytes)
}

/// The bytes from a place up to a NUL or the end.
pub(crate) fn c_string(bytes: &[u8], at: usize) -> Option<&[u8]> {
    bytes.get(at..)?.split(|&byte| byte == 0).next()
}

/// Text of bytes that should be UTF-8; other bytes become U+FFFD, so that the readable part still matches.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_ends_before_it_shows_what_it_is_is_cut() {
        for cut in [&b"\x7fEL"[..], b"#!/bin/s", b"#", b"\xed\xab"] {
            assert!(ends_at_once(cut, false).is_some(), "{cut:?}");
        }
        assert!(ends_at_once(b"!<arch>\ndebian", true).is_some());
        for whole in [&b"#!/bin/sh\n"[..], b"", b"M", b"text", b"!<arch>\ndebian"] {
            assert!(ends_at_once(whole, false).is_none(), "{whole:?}");
        }
    }

    #[test]
    fn a_read_across_the_head_is_whole() {
        let bytes: Vec<u8> = (0..100).collect();
        let headed = Headed::new(&bytes[..10], &bytes);
        assert_eq!(headed.read_vec(5, 20).unwrap(), bytes[5..25]);
        assert_eq!(headed.read_vec(50, 500).unwrap(), bytes[50..]);
    }

    #[test]
    fn a_slice_never_reads_past_its_end() {
        let bytes: Vec<u8> = (0..100).collect();
        let slice = Slice::new(&bytes, 90, 1000);
        assert_eq!(slice.size(), 10);
        assert_eq!(slice.read_vec(4, 100).unwrap(), bytes[94..]);
        assert_eq!(Slice::new(&bytes, 20, 5).read_vec(0, 100).unwrap(), bytes[20..25]);
        assert!(Slice::new(&bytes, u64::MAX, u64::MAX).read_vec(u64::MAX, 9).unwrap().is_empty());
    }
}
