//! rpm's ndb database, as SUSE uses it: `Packages.db`, slots that point to checksummed blobs
//! (`lib/backend/ndb/rpmpkg.c` of rpm).

use super::MAX_HEADER;
use crate::bytes::{Damage, DamageKind, ReadAt};

/// The file begins so.
pub(super) const MAGIC: &[u8] = b"RpmP";
const PAGE: usize = 4096;
const SLOT: &[u8] = b"Slot";
const BLOB_START: &[u8] = b"BlbS";
const BLOB_END: &[u8] = b"BlbE";
const BLOCK: u64 = 16;
/// More slot pages than any real database has (1 million packages).
const MAX_SLOT_PAGES: u32 = 4096;

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    let four = bytes.get(at..at + 4).and_then(|four| four.try_into().ok());
    four.map_or(0, u32::from_le_bytes)
}

pub(super) fn read(file: &dyn ReadAt, blob: &mut dyn FnMut(&[u8], &str), damage: &mut Vec<Damage>) {
    let head = match file.read_vec(0, 32) {
        Ok(head) if head.len() == 32 => head,
        Ok(_) => {
            return damage.push(Damage::new(DamageKind::Truncated, 0, "the database ends within its head"));
        }
        Err(error) => return damage.push(Damage::from(error)),
    };
    if u32_at(&head, 4) != 0 {
        return damage.push(Damage::new(
            DamageKind::Unsupported,
            4,
            format!("ndb version {}", u32_at(&head, 4)),
        ));
    }
    let pages = u32_at(&head, 12);
    if pages == 0 || pages > MAX_SLOT_PAGES {
        return damage.push(Damage::new(DamageKind::Corrupt, 12, format!("{pages} pages of slots")));
    }
    // A count of pages that lost a bit would hide packages: behind the last page there are no slots.
    match file.read_vec(u64::from(pages) * PAGE as u64, 4) {
        Ok(behind) if behind == SLOT => {
            let what = format!("there are more than {pages} pages of slots");
            damage.push(Damage::new(DamageKind::Corrupt, 12, what));
        }
        Ok(_) => {}
        Err(error) => damage.push(Damage::from(error)),
    }
    for page in 0..u64::from(pages) {
        let base = page * PAGE as u64;
        let bytes = match file.read_vec(base, PAGE) {
            Ok(bytes) => bytes,
            Err(error) => {
                damage.push(Damage { offset: Some(base), ..Damage::from(error) });
                continue;
            }
        };
        if bytes.len() < PAGE {
            damage.push(Damage::new(DamageKind::Truncated, base, "the database ends within its slots"));
        }
        // The head of the file takes the place of the first two slots.
        for (index, slot) in bytes.chunks_exact(16).enumerate().skip(if page == 0 { 2 } else { 0 }) {
            match read_slot(file, slot, base + index as u64 * 16) {
                Ok(Some((package, bytes))) => blob(&bytes, &format!("package {package}")),
                Ok(None) => {}
                Err(error) => damage.push(error),
            }
        }
    }
}

/// The package of a slot and its header; none when the slot is empty.
fn read_slot(file: &dyn ReadAt, slot: &[u8], at: u64) -> Result<Option<(u32, Vec<u8>)>, Damage> {
    if !slot.starts_with(SLOT) {
        return Err(Damage::new(DamageKind::Corrupt, at, "a slot without its mark"));
    }
    let (package, block, blocks) = (u32_at(slot, 4), u32_at(slot, 8), u32_at(slot, 12));
    if block == 0 {
        // A package's slot is emptied as a whole (`rpmpkgDelInternal`).
        if package != 0 || blocks != 0 {
            let what = format!("the slot of package {package} leads nowhere");
            return Err(Damage::new(DamageKind::Corrupt, at, what));
        }
        return Ok(None);
    }
    let bytes = read_blob(file, package, u64::from(block) * BLOCK, u64::from(blocks) * BLOCK)?;
    Ok(Some((package, bytes)))
}

fn read_blob(file: &dyn ReadAt, package: u32, at: u64, room: u64) -> Result<Vec<u8>, Damage> {
    let wrong = |what: &str| Damage::new(DamageKind::Corrupt, at, format!("package {package}: {what}"));
    let head = file.read_vec(at, 16)?;
    if head.len() < 16 {
        return Err(Damage::new(
            DamageKind::Truncated,
            at,
            format!("package {package} lies behind the end of the file"),
        ));
    }
    if !head.starts_with(BLOB_START) || u32_at(&head, 4) != package {
        return Err(wrong("its blob does not begin where its slot says"));
    }
    let length = u32_at(&head, 12) as usize;
    // Head, blob, padding, tail of 12 bytes, in blocks of 16.
    if length > MAX_HEADER || (length as u64 + 16 + 12).div_ceil(BLOCK) * BLOCK != room {
        return Err(wrong("its length does not fit its slot"));
    }
    let bytes = file.read_vec(at + 16, length)?;
    let tail = file.read_vec(at + room - 12, 12)?;
    if bytes.len() < length || tail.len() < 12 {
        return Err(Damage::new(
            DamageKind::Truncated,
            at,
            format!("package {package} ends behind the end of the file"),
        ));
    }
    if tail.get(8..) != Some(BLOB_END) || u32_at(&tail, 4) as usize != length {
        return Err(wrong("its blob does not end where its slot says"));
    }
    // The sum covers head, blob and padding (`rpmpkgVerifyblob`).
    let covered = file.read_vec(at, usize::try_from(room - 12).unwrap_or(0))?;
    if adler32(&covered) != u32_at(&tail, 0) {
        return Err(wrong("its checksum does not fit"));
    }
    Ok(bytes)
}

/// Adler-32 (RFC 1950, section 9).
fn adler32(bytes: &[u8]) -> u32 {
    const MODULUS: u32 = 65_521;
    let (mut a, mut b) = (1_u32, 0_u32);
    // 5552: the most additions before a 32-bit sum could overflow.
    for chunk in bytes.chunks(5_552) {
        for &byte in chunk {
            a += u32::from(byte);
            b += a;
        }
        a %= MODULUS;
        b %= MODULUS;
    }
    b << 16 | a
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_checksum_of_the_standard() {
        assert_eq!(super::adler32(b"Wikipedia"), 0x11e6_0398);
    }
}
