//! The write-ahead log: newer versions of pages, valid up to the last commit (section 4 of the format).

use std::collections::BTreeMap;

use super::u32_at;
use crate::bytes::{Damage, DamageKind, ReadAt};

const HEAD: u64 = 32;
const FRAME_HEAD: u64 = 24;
const MAGIC_LITTLE: u32 = 0x377f_0682;
const MAGIC_BIG: u32 = 0x377f_0683;

pub(super) struct Wal<'a> {
    file: &'a dyn ReadAt,
    page_size: usize,
    /// Offset of the newest committed version of each page.
    pages: BTreeMap<u32, u64>,
    size: u32,
    damage: Vec<Damage>,
}

impl<'a> Wal<'a> {
    /// Reads the log's frames; `None` when it holds no committed one.
    pub(super) fn open(file: &'a dyn ReadAt, page_size: usize) -> Result<Option<Self>, Damage> {
        let head = file.read_vec(0, HEAD as usize)?;
        if head.len() < HEAD as usize {
            return Ok(None);
        }
        let big_endian = match u32_at(&head, 0) {
            MAGIC_LITTLE => false,
            MAGIC_BIG => true,
            _ => return Err(Damage::new(DamageKind::Corrupt, 0, "the write-ahead log has no magic number")),
        };
        if u32_at(&head, 8) as usize != page_size {
            return Err(Damage::new(DamageKind::Corrupt, 8, "the write-ahead log has pages of another size"));
        }
        let mut sum = checksum(head.get(..24).unwrap_or_default(), (0, 0), big_endian);
        if sum != (u32_at(&head, 24), u32_at(&head, 28)) {
            return Err(Damage::new(
                DamageKind::Corrupt,
                24,
                "the checksum of the write-ahead log's head does not fit",
            ));
        }
        let salt = head.get(16..24).unwrap_or_default();
        let mut wal = Wal { file, page_size, pages: BTreeMap::new(), size: 0, damage: Vec::new() };
        let mut uncommitted = BTreeMap::new();
        let mut at = HEAD;
        loop {
            let frame = file.read_vec(at, FRAME_HEAD as usize + page_size)?;
            // Frames of an older generation have another salt: the log ends here.
            if frame.len() < FRAME_HEAD as usize + page_size || frame.get(8..16) != Some(salt) {
                break;
            }
            sum = checksum(frame.get(..8).unwrap_or_default(), sum, big_endian);
            sum = checksum(frame.get(FRAME_HEAD as usize..).unwrap_or_default(), sum, big_endian);
            if sum != (u32_at(&frame, 16), u32_at(&frame, 20)) {
                let what =
                    "a frame of the write-ahead log does not fit its checksum; it and what follows are lost";
                wal.damage.push(Damage::new(DamageKind::Corrupt, at, what));
                break;
            }
            uncommitted.insert(u32_at(&frame, 0), at + FRAME_HEAD);
            let size = u32_at(&frame, 4);
            if size != 0 {
                wal.pages.append(&mut uncommitted);
                wal.size = size;
            }
            at += FRAME_HEAD + page_size as u64;
        }
        Ok((wal.size != 0 || !wal.damage.is_empty()).then_some(wal))
    }

    pub(super) fn pages(&self) -> u32 {
        if self.size == 0 { u32::MAX } else { self.size }
    }

    pub(super) fn damage(&self) -> &[Damage] {
        &self.damage
    }

    /// The newest version of a page, if the log has one.
    pub(super) fn page(&self, number: u32) -> Option<Result<Vec<u8>, Damage>> {
        let at = *self.pages.get(&number)?;
        Some(self.file.read_vec(at, self.page_size).map_err(Damage::from).and_then(|page| {
            let cut =
                || Damage::new(DamageKind::Truncated, at, "the write-ahead log was cut while it was read");
            (page.len() == self.page_size).then_some(page).ok_or_else(cut)
        }))
    }
}

/// The running checksum over pairs of 32-bit numbers (section 4.2).
fn checksum(bytes: &[u8], start: (u32, u32), big_endian: bool) -> (u32, u32) {
    let number = |four: &[u8]| {
        let four = four.try_into().unwrap_or([0; 4]);
        if big_endian { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) }
    };
    bytes.chunks_exact(8).fold(start, |(a, b), pair| {
        let (first, second) = pair.split_at(4);
        let a = a.wrapping_add(number(first)).wrapping_add(b);
        (a, b.wrapping_add(number(second)).wrapping_add(a))
    })
}
