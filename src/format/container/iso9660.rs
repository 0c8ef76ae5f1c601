//! Images of discs: what a disc is called, who published it, and its files, which lie in one piece each.
//!
//! Specifications: ECMA-119 (ISO 9660); Microsoft, "Joliet Specification"; IEEE P1282 (Rock Ridge), of which only names are
//! read. Discs that have a file system of UDF as well are only read as far as ISO 9660 goes.

use std::collections::{BTreeSet, VecDeque};

use crate::bytes::{Damage, DamageKind, ReadAt, Salvaged};
use crate::format::executable::ByteOrder::Little;

const SECTOR: u64 = 2048;
/// The first descriptor.
const FIRST: u64 = 16;
const MAX_DESCRIPTORS: u64 = 64;
/// Bytes of the lists of all folders, and of one.
const MAX_LISTS: u64 = 64 << 20;
const MAX_LIST: u64 = 8 << 20;
/// Files of one disc.
const MAX_FILES: usize = 200_000;
/// Folders may nest this deep.
const MAX_DEPTH: usize = 64;

/// A disc.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Disc {
    /// What it is called.
    pub label: Option<String>,
    /// Who published it.
    pub publisher: Option<String>,
    /// Who prepared it, often the program that wrote it.
    pub preparer: Option<String>,
    /// Whether it has a file system of UDF, too, in which there may be more.
    pub has_udf: bool,
    /// Its files.
    pub files: Vec<File>,
}

/// A file of a disc.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its path, without a slash at the start.
    pub path: String,
    /// Where it begins in the image.
    pub offset: u64,
    /// Its size.
    pub size: u64,
}

/// Reads a disc; `None` when the file is no image of one.
pub fn read(file: &dyn ReadAt) -> Option<Salvaged<Disc>> {
    let mut disc = Disc::default();
    let (mut root, mut is_wide) = (None, false);
    let mut damage = Vec::new();
    for sector in FIRST..FIRST + MAX_DESCRIPTORS {
        let descriptor = file.read_vec(sector * SECTOR, 2048).ok()?;
        match (descriptor.first(), descriptor.get(1..6)) {
            (Some(1), Some(b"CD001")) if root.is_none() => {
                let text = |at: usize, length: usize| {
                    let bytes = descriptor.get(at..at + length)?;
                    let text = String::from_utf8_lossy(bytes).trim_matches(['\0', ' ']).to_owned();
                    // `_FILE.TXT` names a file that says it.
                    (!text.is_empty() && !text.starts_with('_')).then_some(text)
                };
                (disc.label, disc.publisher, disc.preparer) = (text(40, 32), text(318, 128), text(446, 128));
                root = folder_at(&descriptor);
                let size = Little.u32(&descriptor, 80).map_or(0, |sectors| u64::from(sectors) * SECTOR);
                if size > file.size() {
                    let what = format!("the disc has {size} bytes");
                    damage.push(Damage::new(DamageKind::Truncated, file.size(), what));
                }
            }
            // Names of Joliet are whole, where those of ISO 9660 have eight letters.
            (Some(2), Some(b"CD001")) if is_joliet(&descriptor) => {
                (root, is_wide) = (folder_at(&descriptor), true);
            }
            (_, Some(b"NSR02" | b"NSR03")) => disc.has_udf = true,
            (_, Some(b"CD001" | b"BEA01" | b"TEA01" | b"BOOT2")) => {}
            _ => break,
        }
    }
    let root = root?;
    let mut reader = Reader { file, is_wide, left: MAX_LISTS, files: Vec::new(), damage };
    reader.folders(root);
    disc.files = reader.files;
    Some(Salvaged { value: disc, damage: reader.damage })
}

/// Where the list of the folder at the top is, and its size.
fn folder_at(descriptor: &[u8]) -> Option<(u64, u64)> {
    let record = Record::of(descriptor.get(156..190)?)?;
    Some((record.start, record.size))
}

fn is_joliet(descriptor: &[u8]) -> bool {
    matches!(descriptor.get(88..91), Some(b"%/@" | b"%/C" | b"%/E"))
}

/// A record of a folder's list.
#[derive(Debug, Clone)]
struct Record<'a> {
    start: u64,
    size: u64,
    is_folder: bool,
    name: &'a [u8],
    /// What follows the name: fields of Rock Ridge.
    rest: &'a [u8],
}

impl<'a> Record<'a> {
    fn of(bytes: &'a [u8]) -> Option<Record<'a>> {
        let length = usize::from(*bytes.first()?);
        let record = bytes.get(..length)?;
        let name_length = usize::from(*record.get(32)?);
        let name = record.get(33..33 + name_length)?;
        Some(Record {
            start: u64::from(Little.u32(record, 2)?) * SECTOR,
            size: u64::from(Little.u32(record, 10)?),
            is_folder: record.get(25)? & 2 != 0,
            name,
            rest: record.get(33 + name_length + (name_length + 1) % 2..).unwrap_or_default(),
        })
    }

    /// The name in the fields of Rock Ridge.
    fn long_name(&self) -> Option<String> {
        let (mut rest, mut name) = (self.rest, Vec::new());
        while let (Some(sign), Some(&length)) = (rest.get(..2), rest.get(2)) {
            let field = rest.get(..usize::from(length).max(4))?;
            if sign == b"NM" {
                name.extend_from_slice(field.get(5..).unwrap_or_default());
            }
            rest = rest.get(field.len()..)?;
        }
        (!name.is_empty()).then(|| String::from_utf8_lossy(&name).into_owned())
    }

    fn called(&self, is_wide: bool) -> String {
        let name = if is_wide {
            encoding_rs::UTF_16BE.decode_without_bom_handling(self.name).0.into_owned()
        } else {
            self.long_name().unwrap_or_else(|| String::from_utf8_lossy(self.name).into_owned())
        };
        // `SETUP.EXE;1`
        let name = name.split_once(';').map_or(name.as_str(), |(name, _)| name);
        name.trim_end_matches('.').replace('/', "_")
    }
}

struct Reader<'a> {
    file: &'a dyn ReadAt,
    is_wide: bool,
    /// Bytes of lists that may still be read.
    left: u64,
    files: Vec<File>,
    damage: Vec<Damage>,
}

impl Reader<'_> {
    fn folders(&mut self, (start, size): (u64, u64)) {
        let mut seen = BTreeSet::from([start]);
        let mut pending = VecDeque::from([(start, size, String::new(), 0)]);
        while let Some((start, size, path, depth)) = pending.pop_front() {
            let wanted = size.min(MAX_LIST).min(self.left);
            let list = match self.file.read_vec(start, usize::try_from(wanted).unwrap_or(usize::MAX)) {
                Ok(list) => list,
                Err(error) => return self.damage.push(Damage::from(error)),
            };
            self.left -= list.len() as u64;
            if (list.len() as u64) < size {
                let is_limit = (list.len() as u64) == wanted && wanted < size;
                let kind = if is_limit { DamageKind::OverLimit } else { DamageKind::Truncated };
                let what = format!("the list of the folder /{path} is not there as a whole");
                self.damage.push(Damage::new(kind, start, what));
            }
            for record in records(&list) {
                if matches!(record.name, [0 | 1]) {
                    continue;
                }
                let name = record.called(self.is_wide);
                let path = if path.is_empty() { name } else { format!("{path}/{name}") };
                if record.is_folder && depth == MAX_DEPTH {
                    let what = format!("folders nest deeper than {MAX_DEPTH}");
                    return self.damage.push(Damage::new(DamageKind::OverLimit, start, what));
                }
                if record.is_folder {
                    if seen.insert(record.start) {
                        pending.push_back((record.start, record.size, path, depth + 1));
                    }
                } else if self.files.len() < MAX_FILES {
                    self.files.push(File { path, offset: record.start, size: record.size });
                } else {
                    let what = format!("more than {MAX_FILES} files on the disc");
                    return self.damage.push(Damage::new(DamageKind::OverLimit, start, what));
                }
            }
        }
    }
}

/// The records of a list: none crosses the border of a sector, zeros fill what is left of one.
fn records(list: &[u8]) -> impl Iterator<Item = Record<'_>> {
    list.chunks(2048).flat_map(|sector| {
        let mut rest = sector;
        std::iter::from_fn(move || {
            let record = Record::of(rest)?;
            rest = rest.get(usize::from(*rest.first()?).max(34)..).unwrap_or_default();
            Some(record)
        })
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    fn record(name: &[u8], start: u32, size: u32, is_folder: bool, long: &str) -> Vec<u8> {
        let mut bytes = vec![0; 33];
        bytes[2..6].copy_from_slice(&start.to_le_bytes());
        bytes[10..14].copy_from_slice(&size.to_le_bytes());
        bytes[25] = u8::from(is_folder) * 2;
        bytes[32] = u8::try_from(name.len()).unwrap();
        bytes.extend_from_slice(name);
        bytes.resize(bytes.len() + (name.len() + 1) % 2, 0);
        if !long.is_empty() {
            bytes.extend(
                [b"NM".as_slice(), &[u8::try_from(long.len() + 5).unwrap(), 1, 0], long.as_bytes()].concat(),
            );
        }
        bytes[0] = u8::try_from(bytes.len()).unwrap();
        bytes
    }

    /// A disc with one file in a folder.
    pub fn disc(label: &str, publisher: &str, name: &str, content: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0; 21 * 2048];
        bytes[0x8000..0x8006].copy_from_slice(b"\x01CD001");
        bytes[0x8000 + 40..][..32].fill(b' ');
        bytes[0x8000 + 40..][..label.len()].copy_from_slice(label.as_bytes());
        bytes[0x8000 + 318..][..publisher.len()].copy_from_slice(publisher.as_bytes());
        bytes[0x8000 + 156..][..34].copy_from_slice(&record(b"\0", 18, 2048, true, ""));
        bytes[0x8800..0x8806].copy_from_slice(b"\xffCD001");
        let size = u32::try_from(content.len()).unwrap();
        let own = record(b"\0", 18, 2048, true, "");
        for (sector, list) in [
            (18, [own.clone(), record(b"DIR", 19, 2048, true, "dir")].concat()),
            (19, [own, record(b"FILE.;1", 20, size, false, name)].concat()),
        ] {
            bytes[sector * 2048..][..list.len()].copy_from_slice(&list);
        }
        bytes[20 * 2048..][..content.len()].copy_from_slice(content);
        bytes
    }

    #[test]
    fn files_with_their_places_and_who_published_the_disc() {
        let image = disc("Tool", "EXAMPLE LTD", "Long name.exe", b"MZ");
        let found = read(&image).unwrap();
        assert_eq!(found.damage, []);
        let disc = found.value;
        assert_eq!((disc.label.as_deref(), disc.publisher.as_deref()), (Some("Tool"), Some("EXAMPLE LTD")));
        assert_eq!(disc.files, [File { path: "dir/Long name.exe".to_owned(), offset: 20 * 2048, size: 2 }]);
        assert_eq!(read(&super::tests::disc("x", "", "", b"")).unwrap().value.files[0].path, "dir/FILE");
        assert!(read(&vec![0_u8; 50_000]).is_none());
    }

    #[test]
    fn names_of_joliet_come_first_and_cuts_are_damage() {
        let mut image = disc("x", "", "", b"");
        let wide: Vec<u8> = "Имя.exe;1".encode_utf16().flat_map(u16::to_be_bytes).collect();
        let list = record(&wide, 20, 5, false, "");
        let joliet = image[0x8000..0x8800].to_vec();
        image[0x8800..0x9000].copy_from_slice(&joliet);
        image[0x8800] = 2;
        image[0x8800 + 88..][..3].copy_from_slice(b"%/E");
        image[0x8800 + 156..][..34].copy_from_slice(&record(b"\0", 21, 2048, true, ""));
        image.extend_from_slice(&list);
        let found = read(&image).unwrap();
        assert_eq!((found.value.files[0].path.as_str(), found.damage.len()), ("Имя.exe", 1));
        image.resize(22 * 2048, 0);
        assert_eq!(read(&image).unwrap().damage, []);
    }

    #[test]
    fn folders_that_hold_themselves_end() {
        let mut image = disc("x", "", "", b"");
        let again = record(b"DIR", 18, 2048, true, "");
        image[19 * 2048..][..again.len()].copy_from_slice(&again);
        assert_eq!(read(&image).unwrap().value.files, []);
    }

    proptest! {
        #[test]
        fn no_bytes_panic(at in 0_usize..43_000, bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let mut image = disc("x", "y", "z", b"");
            image.truncate(43_000);
            let end = (at + bytes.len()).min(image.len());
            image.splice(at.min(end)..end, bytes);
            let _ = read(&image);
        }
    }
}
