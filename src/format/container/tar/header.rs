//! One header block: its numbers, its name, and what tools read differently in it.

use std::io;

use super::extension::MAX_PIECES;
use super::source::fill;
use super::{BLOCK, Damage, DamageKind, Dialect, Piece, Source, until_zero};

/// Which writer made a header, by its magic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Before 1988, or a magic that Go does not know.
    V7,
    /// POSIX.1-1988 and PAX.
    Ustar,
    /// Schily's: a shorter prefix, with times behind it.
    Star,
    /// GNU's: times where the prefix would be.
    Gnu,
}

pub(super) struct Header<'a>(pub(super) &'a [u8; BLOCK]);

impl<'a> Header<'a> {
    pub(super) fn field(&self, at: usize, len: usize) -> &'a [u8] {
        self.0.get(at..at + len).unwrap_or_default()
    }

    pub(super) fn type_flag(&self) -> u8 {
        self.0.get(156).copied().unwrap_or(0)
    }

    /// An octal number, or base 256; `None` when it is neither, or negative.
    pub(super) fn number(&self, at: usize, len: usize) -> Option<u64> {
        number(self.field(at, len)).and_then(|number| u64::try_from(number).ok())
    }

    pub(super) fn is_zero(&self) -> bool {
        self.0.iter().all(|&byte| byte == 0)
    }

    pub(super) fn checksum_holds(&self) -> bool {
        let Some(stated) = self.number(148, 8) else { return false };
        let bytes = || {
            self.0.iter().enumerate().map(|(at, &byte)| if (148..156).contains(&at) { b' ' } else { byte })
        };
        let unsigned: u64 = bytes().map(u64::from).sum();
        // Some old tars summed signed bytes.
        let signed: i64 = bytes().map(|byte| i64::from(byte.cast_signed())).sum();
        stated == unsigned || i64::try_from(stated) == Ok(signed)
    }

    pub(super) fn format(&self) -> Format {
        match (self.field(257, 6), self.field(263, 2)) {
            (b"ustar\0", _) if self.field(508, 4) == b"tar\0" => Format::Star,
            (b"ustar\0", _) => Format::Ustar,
            (b"ustar ", b" \0") => Format::Gnu,
            _ => Format::V7,
        }
    }

    /// Whether a GNU header has a prefix where its times should be. Docker wrote such headers until Go 1.8.
    fn has_prefix_for_times(&self) -> bool {
        let is_no_time = |at| {
            let time = self.field(at, 12);
            time.first() != Some(&0) && number(time).is_none()
        };
        self.format() == Format::Gnu && (is_no_time(345) || is_no_time(357))
    }

    /// The prefix of the name.
    fn prefix(&self, dialect: Dialect) -> &'a [u8] {
        let prefix = until_zero(self.field(345, 155));
        match self.format() {
            Format::Ustar => prefix,
            Format::Star => until_zero(self.field(345, 131)),
            Format::Gnu if dialect == Dialect::Go && self.has_prefix_for_times() && prefix.is_ascii() => {
                prefix
            }
            Format::Gnu | Format::V7 => b"",
        }
    }

    pub(super) fn path(&self, dialect: Dialect) -> Vec<u8> {
        let name = until_zero(self.field(0, 100));
        match self.prefix(dialect) {
            b"" => name.to_vec(),
            prefix => [prefix, b"/", name].concat(),
        }
    }

    /// What Go, GNU tar, bsdtar and Python read differently in this block.
    pub(super) fn differences(&self, dialect: Dialect, notes: &mut Vec<&'static str>) {
        let format = self.format();
        let times = [(329, 8), (337, 8), (476, 12), (488, 12)];
        let numbers = [(100, 8), (108, 8), (116, 8), (124, 12), (136, 12)];
        let further = match format {
            Format::V7 => 0,
            Format::Ustar | Format::Gnu => 2,
            Format::Star => times.len(),
        };
        for &(at, len) in numbers.iter().chain(times.iter().take(further)) {
            let field = self.field(at, len);
            if number(field).is_none() {
                notes.push("a number that is none");
            } else if is_odd(field) {
                notes.push(
                    "a number with zero bytes before its digits, or of a binary kind that few tools know",
                );
            }
        }
        match format {
            // Python takes the prefix of any header; GNU tar never takes it from GNU's.
            Format::V7 | Format::Gnu
                if !until_zero(self.field(345, 155)).is_empty()
                    && (dialect == Dialect::Gnu || self.prefix(dialect).is_empty()) =>
            {
                notes.push("bytes in the place of a prefix");
            }
            Format::Star if !self.field(345, 131).contains(&0) => {
                notes.push("a prefix that ends where times begin");
            }
            _ => {}
        }
    }

    /// The map of an old GNU sparse member: four pieces here, more in the blocks that follow.
    pub(super) fn old_sparse(&self, source: &mut impl Source) -> io::Result<Result<Vec<Piece>, Damage>> {
        let mut map = Vec::new();
        let mut whole = pieces(self.field(386, 96), &mut map);
        let mut more = self.0.get(482) != Some(&0);
        while more {
            let mut block = [0; BLOCK];
            let at = source.position();
            if fill(source, &mut block)? < BLOCK {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            whole &= pieces(block.get(..504).unwrap_or_default(), &mut map);
            more = block.get(504) != Some(&0);
            if map.len() > MAX_PIECES {
                // The rest of the map is read over, so that the next header is found.
                while more {
                    if fill(source, &mut block)? < BLOCK {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                    more = block.get(504) != Some(&0);
                }
                let what = format!("a sparse file of more than {MAX_PIECES} pieces");
                return Ok(Err(Damage::new(DamageKind::OverLimit, at, what)));
            }
        }
        Ok(if whole {
            Ok(map)
        } else {
            Err(Damage::new(DamageKind::Corrupt, None, "the map of a sparse file is no list of numbers"))
        })
    }
}

/// A number as Go reads it: octal between blanks and zero bytes, or base 256 in two's complement.
pub(super) fn number(field: &[u8]) -> Option<i64> {
    match field.first() {
        Some(&first) if first & 0x80 != 0 => base_256(first, field),
        _ => {
            let is_blank = |byte: &u8| matches!(byte, b' ' | 0);
            let start = field.iter().position(|byte| !is_blank(byte)).unwrap_or(field.len());
            let end = field.iter().rposition(|byte| !is_blank(byte)).map_or(start, |last| last + 1);
            let digits = until_zero(field.get(start..end).unwrap_or_default());
            digits.iter().try_fold(0_i64, |value, &digit| match digit {
                b'0'..=b'7' => value.checked_mul(8)?.checked_add(i64::from(digit - b'0')),
                _ => None,
            })
        }
    }
}

fn base_256(first: u8, field: &[u8]) -> Option<i64> {
    let invert = if first & 0x40 == 0 { 0 } else { 0xff };
    let mut value = 0_u64;
    for (at, &byte) in field.iter().enumerate() {
        let byte = (byte ^ invert) & if at == 0 { 0x7f } else { 0xff };
        if value >> 56 > 0 {
            return None;
        }
        value = value << 8 | u64::from(byte);
    }
    let value = i64::try_from(value).ok()?;
    Some(if invert == 0 { value } else { !value })
}

/// Whether other tools read another number: zero bytes before the digits end it for bsdtar and Python, and only Go and
/// bsdtar take base 256 with a first byte of another value.
fn is_odd(field: &[u8]) -> bool {
    match field.first() {
        Some(&first) if first & 0x80 != 0 => !matches!(first, 0x80 | 0xff),
        _ => {
            let digit = field.iter().position(u8::is_ascii_digit).unwrap_or(0);
            field.get(..digit).unwrap_or_default().contains(&0)
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
        let number = |field| number(field).and_then(|number| u64::try_from(number).ok());
        match (number(at), number(len)) {
            (Some(at), Some(len)) => map.push(Piece { at, len }),
            _ => return false,
        }
    }
    true
}
