//! Bookmarks of macOS: where a file was when someone chose it, as login items remember apps.
//!
//! Only where it points is read. Format: "Mac Bookmark Format" (mac_alias) and "Mac OS background item bookmark
//! data format" (dtformats).

use crate::bytes::{Damage, DamageKind, Salvaged};

/// Parts of a path, at most.
const MAX_PARTS: usize = 256;

const PATH: u32 = 0x1004;
const VOLUME: u32 = 0x2002;
const NAME: u32 = 0xf017;
const STRING: u32 = 0x101;
const ARRAY: u32 = 0x601;

/// What a bookmark says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bookmark {
    /// The absolute path of the file.
    pub path: Option<String>,
    /// The name that was shown.
    pub name: Option<String>,
}

/// Reads a bookmark.
pub fn read(bytes: &[u8]) -> Salvaged<Bookmark> {
    let mut bookmark = Bookmark::default();
    let damage = fill(bytes, &mut bookmark);
    Salvaged { value: bookmark, damage: damage.err().into_iter().collect() }
}

fn fill(bytes: &[u8], bookmark: &mut Bookmark) -> Result<(), Damage> {
    if !bytes.starts_with(b"book") && !bytes.starts_with(b"alis") {
        return Err(Damage::new(DamageKind::Corrupt, 0, "no bookmark"));
    }
    let area = number(bytes, 12)?;
    let area = usize::try_from(area).ok().and_then(|area| bytes.get(area..)).ok_or_else(|| cut(area))?;
    let table = number(area, 0)?;
    let count = number(area, u64::from(table) + 16)?;
    let mut volume = None;
    for at in 0..u64::from(count) {
        let entry = u64::from(table) + 20 + at * 12;
        let (tag, place) = (number(area, entry)?, number(area, entry + 4)?);
        match tag {
            PATH => bookmark.path = Some(path(area, place)?),
            VOLUME => volume = Some(string(area, place)?),
            NAME => bookmark.name = Some(string(area, place)?),
            _ => {}
        }
    }
    if let (Some(path), Some(volume)) = (&mut bookmark.path, volume)
        && volume != "/"
        && !path.starts_with(&volume)
    {
        path.insert_str(0, &volume);
    }
    Ok(())
}

fn path(area: &[u8], place: u32) -> Result<String, Damage> {
    let parts = record(area, place, ARRAY)?;
    let mut path = String::new();
    for part in parts.chunks_exact(4).take(MAX_PARTS) {
        path.push('/');
        path.push_str(&string(area, number(part, 0)?)?);
    }
    Ok(path)
}

fn string(area: &[u8], place: u32) -> Result<String, Damage> {
    record(area, place, STRING).map(|bytes| String::from_utf8_lossy(bytes).into_owned())
}

/// The bytes of a record: after its size and its type.
fn record(area: &[u8], place: u32, kind: u32) -> Result<&[u8], Damage> {
    let found = number(area, u64::from(place) + 4)?;
    if found != kind {
        let what = format!("a record is of type {found:#x}, not {kind:#x}");
        return Err(Damage::new(DamageKind::Corrupt, u64::from(place), what));
    }
    let size = number(area, u64::from(place))?;
    let start = usize::try_from(place).ok().and_then(|place| place.checked_add(8));
    let end = start.zip(usize::try_from(size).ok()).and_then(|(start, size)| start.checked_add(size));
    start.zip(end).and_then(|(start, end)| area.get(start..end)).ok_or_else(|| cut(place))
}

fn number(bytes: &[u8], at: u64) -> Result<u32, Damage> {
    let start = usize::try_from(at).ok();
    let four = start.and_then(|start| bytes.get(start..)?.first_chunk::<4>());
    four.map(|four| u32::from_le_bytes(*four)).ok_or_else(|| cut(at))
}

fn cut(at: impl Into<u64>) -> Damage {
    Damage::new(DamageKind::Truncated, at.into(), "the bookmark ends before what it refers to")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_bookmark_or_ends_early_is_damage() {
        for bytes in [&b""[..], b"book", b"boot0000000000000000", &[b"book".as_slice(), &[0xff; 60]].concat()]
        {
            let read = read(bytes);
            assert_eq!((read.value, read.damage.len()), (Bookmark::default(), 1));
        }
    }
}
