//! Members of ZIP archives, by position: APPNOTE.TXT 6.3.10 (PKWARE). The directory is `rawzip`'s work; here are
//! the limits and the inflating.

use std::collections::BTreeMap;
use std::io::{self, Read};

use rawzip::{CompressionMethod, ZipArchive, ZipArchiveEntryWayfinder, ZipLocator};

use super::inflating::{Budget, Inflating};
use crate::bytes::{Damage, DamageKind, ReadAt, Salvaged};

/// How far before the end the directory's end record may begin: its comment has at most 64 KiB.
const SEARCH: u64 = 66 << 10;
/// Bytes for one record of the directory: three variable parts of at most 64 KiB.
const RECORD: usize = 200 << 10;

/// Whether bytes begin like an archive.
pub fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// A member that was asked for.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its path, with `/` between folders; bytes that are not UTF-8 replaced.
    pub name: String,
    /// Size in bytes after inflating, as the directory claims.
    pub size: u64,
    at: ZipArchiveEntryWayfinder,
    method: CompressionMethod,
    is_encrypted: bool,
}

impl Member {
    /// Whether it has to be inflated to be read.
    pub fn is_deflated(&self) -> bool {
        self.method == CompressionMethod::DEFLATE && !self.is_encrypted
    }
}

/// Bytes of a member's own header before its name.
const HEADER: usize = 30;

struct Source<'a>(&'a dyn ReadAt);

impl rawzip::ReaderAt for Source<'_> {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.0.read_at(offset, buf)
    }
}

/// The ranges of an archive that were read. Members that share bytes make a small file as large as one likes.
#[derive(Debug, Default)]
pub struct Taken(BTreeMap<u64, u64>);

impl Taken {
    /// Takes the bytes of a member.
    ///
    /// # Errors
    /// Damage when another member has some of them.
    pub fn take(&mut self, archive: &Archive<'_>, member: &Member) -> Result<(), Damage> {
        let Some(range) = archive.range(member) else { return Ok(()) };
        let before = self.0.range(..range.end).next_back();
        if before.is_some_and(|(_, end)| *end > range.start) {
            let what = format!("{} shares its bytes with another member", member.name);
            return Err(Damage::new(DamageKind::Corrupt, None, what));
        }
        if !range.is_empty() {
            self.0.insert(range.start, range.end);
        }
        Ok(())
    }
}

/// An archive whose directory was found.
pub struct Archive<'a> {
    file: &'a dyn ReadAt,
    archive: ZipArchive<Source<'a>>,
}

/// Where the bytes of a member are.
#[derive(Debug)]
pub enum Content {
    /// In the archive as they are: start and length.
    Stored(u64, u64),
    /// Inflated.
    Inflated(Vec<u8>),
}

impl<'a> Archive<'a> {
    /// Finds the directory of an archive.
    ///
    /// # Errors
    /// Damage when there is none, or it cannot be read.
    pub fn open(file: &'a dyn ReadAt) -> Result<Archive<'a>, Damage> {
        let mut buffer = vec![0; 16 << 10];
        let locator = ZipLocator::new().max_search_space(SEARCH);
        match locator.locate_in_reader(Source(file), &mut buffer, file.size()) {
            Ok(archive) => Archive { file, archive }.checked(),
            Err((_, error)) => Err(damage(&error)),
        }
    }

    /// Refuses the directory of an archive inside: where the file is cut off, that is the last one in it.
    fn checked(self) -> Result<Archive<'a>, Damage> {
        let is_last = self.archive.end_offset() >= self.file.size();
        if is_last && self.is_from_front()? || !is_zip(&self.file.read_vec(0, 4)?) {
            return Ok(self);
        }
        let mut buffer = vec![0; RECORD];
        let mut entries = self.archive.entries(&mut buffer);
        let mut is_inner = false;
        while let Ok(Some(record)) = entries.next_entry() {
            is_inner = true;
            if record.local_header_offset() == 0 {
                return Ok(self);
            }
        }
        if is_inner {
            let what = "the file ends before its directory; an archive inside has one";
            return Err(Damage::new(DamageKind::Truncated, self.archive.end_offset(), what));
        }
        Ok(self)
    }

    /// Whether places in the directory count from the front of the file: its end record says where it lies.
    fn is_from_front(&self) -> io::Result<bool> {
        let stated = self.file.read_vec(self.archive.eocd_offset().saturating_add(16), 4)?;
        let stated = stated.try_into().map(u32::from_le_bytes).unwrap_or(u32::MAX);
        // Larger archives say so elsewhere.
        Ok(stated == u32::MAX || u64::from(stated) == self.archive.directory_offset())
    }

    /// The members whose names are wanted, at most `max`. More are OverLimit; a directory that is damaged half
    /// way gives what came before.
    pub fn members(&self, wanted: impl Fn(&str) -> bool, max: usize) -> Salvaged<Vec<Member>> {
        let mut found = Salvaged::whole(Vec::new());
        let mut buffer = vec![0; RECORD];
        let mut entries = self.archive.entries(&mut buffer);
        loop {
            let record = match entries.next_entry() {
                Ok(Some(record)) => record,
                Ok(None) => return found,
                Err(error) => {
                    found.damage.push(damage(&error));
                    return found;
                }
            };
            if record.is_dir() {
                continue;
            }
            let path = record.file_path();
            let name = String::from_utf8_lossy(path.as_ref());
            if !wanted(&name) {
                continue;
            }
            if found.value.len() == max {
                let what = format!("more than {max} members of interest");
                found.damage.push(Damage::new(DamageKind::OverLimit, None, what));
                return found;
            }
            found.value.push(Member {
                name: name.into_owned(),
                size: record.uncompressed_size_hint(),
                at: record.wayfinder(),
                method: record.compression_method(),
                is_encrypted: record.flags().is_encrypted(),
            });
        }
    }

    /// What is wrong when the directory and the members themselves have other names: a damaged name in the directory hides a
    /// member. Of larger archives the first `max` members are compared.
    pub fn disagreement(&self, max: usize) -> Option<Damage> {
        let mut buffer = vec![0; RECORD];
        let mut entries = self.archive.entries(&mut buffer);
        for _ in 0..max {
            let record = entries.next_entry().ok()??;
            if let Err(error) = self.archive.get_entry(record.wayfinder()) {
                return Some(damage(&error));
            }
            let path = record.file_path();
            let named: &[u8] = path.as_ref();
            let at = record.local_header_offset();
            let Ok(header) = self.file.read_vec(at, HEADER + named.len()) else { continue };
            let (head, own) = header.split_at_checked(HEADER)?;
            let length = head.get(26..28).and_then(|bytes| bytes.try_into().ok()).map(u16::from_le_bytes);
            // Behind the program of a self-extracting archive offsets may count from another place.
            if head.starts_with(b"PK\x03\x04")
                && (own != named || length.map(usize::from) != Some(named.len()))
            {
                let what =
                    format!("{} has another name in the archive's directory", String::from_utf8_lossy(own));
                return Some(Damage::new(DamageKind::Corrupt, Some(at), what));
            }
        }
        None
    }

    /// Where the stored bytes of a member lie; `None` where its own header cannot be read.
    pub fn range(&self, member: &Member) -> Option<std::ops::Range<u64>> {
        let (start, end) = self.archive.get_entry(member.at).ok()?.compressed_data_range();
        Some(start..end)
    }

    /// The bytes of a member, or where they are.
    ///
    /// # Errors
    /// Damage when it is encrypted, compressed in an unknown way, larger than `limit`, cut off, or not what its
    /// checksum says.
    pub fn content(&self, member: &Member, limit: usize) -> Result<Content, Damage> {
        if member.is_encrypted {
            return Err(Damage::new(DamageKind::Encrypted, None, format!("{} is encrypted", member.name)));
        }
        let entry = self.archive.get_entry(member.at).map_err(|error| damage(&error))?;
        let (start, end) = entry.compressed_data_range();
        if member.method == CompressionMethod::STORE {
            if end > self.file.size() {
                return Err(Damage::new(DamageKind::Truncated, start, format!("{} is cut off", member.name)));
            }
            return Ok(Content::Stored(start, end.saturating_sub(start)));
        }
        if member.method != CompressionMethod::DEFLATE {
            let what = format!("{} is compressed in an unknown way", member.name);
            return Err(Damage::new(DamageKind::Unsupported, start, what));
        }
        let inflater = flate2::read::DeflateDecoder::new(entry.reader());
        let mut bytes = Vec::new();
        let mut reader = entry.verifying_reader(inflater);
        let read = reader.by_ref().take(limit as u64 + 1).read_to_end(&mut bytes);
        if bytes.len() > limit {
            let what = format!("{} is more than {limit} bytes", member.name);
            return Err(Damage::new(DamageKind::OverLimit, start, what));
        }
        match read {
            Ok(_) => Ok(Content::Inflated(bytes)),
            Err(error) => {
                let kind = match error.kind() {
                    io::ErrorKind::UnexpectedEof => DamageKind::Truncated,
                    _ => DamageKind::Corrupt,
                };
                Err(Damage::new(kind, start, format!("{}: {error}", member.name)))
            }
        }
    }

    /// A member too large to be held as a file of its own, which is inflated as it is read.
    ///
    /// # Errors
    /// As [`Archive::content`].
    pub fn stream<'b>(&'b self, member: &Member, budget: &'b Budget) -> Result<Inflating<'b>, Damage> {
        let range =
            self.archive.get_entry(member.at).map_err(|error| damage(&error))?.compressed_data_range();
        if member.is_encrypted || member.method != CompressionMethod::DEFLATE {
            let what = format!("{} is compressed in an unknown way", member.name);
            return Err(Damage::new(DamageKind::Unsupported, range.0, what));
        }
        Ok(Inflating::new(self.file, range.0..range.1, member.size, budget))
    }

    /// The bytes of a small member. As [`Archive::content`].
    ///
    /// # Errors
    /// As [`Archive::content`].
    pub fn read(&self, member: &Member, limit: usize) -> Result<Vec<u8>, Damage> {
        match self.content(member, limit)? {
            Content::Inflated(bytes) => Ok(bytes),
            Content::Stored(start, size) if size <= limit as u64 => {
                let size = usize::try_from(size).unwrap_or(limit);
                self.file.read_vec(start, size).map_err(Damage::from)
            }
            Content::Stored(start, _) => {
                let what = format!("{} is more than {limit} bytes", member.name);
                Err(Damage::new(DamageKind::OverLimit, start, what))
            }
        }
    }
}

fn damage(error: &rawzip::Error) -> Damage {
    let kind = match error.kind() {
        rawzip::ErrorKind::Eof => DamageKind::Truncated,
        rawzip::ErrorKind::IO(error) => match error.kind() {
            io::ErrorKind::FileTooLarge => DamageKind::OverLimit,
            io::ErrorKind::UnexpectedEof => DamageKind::Truncated,
            io::ErrorKind::InvalidData => DamageKind::Corrupt,
            _ => DamageKind::Io,
        },
        _ => DamageKind::Corrupt,
    };
    Damage::new(kind, None, format!("ZIP archive: {error}"))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;
    use rawzip::ZipArchiveWriter;
    use std::io::Write;

    /// An archive with these members; names that end with `!` are stored.
    pub(crate) fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut archive = ZipArchiveWriter::new(&mut out);
        for (name, bytes) in members {
            let (name, method) = match name.strip_suffix('!') {
                Some(name) => (name, CompressionMethod::STORE),
                None => (*name, CompressionMethod::DEFLATE),
            };
            let (mut entry, config) = archive.new_file(name).compression_method(method).start().unwrap();
            let descriptor = if method == CompressionMethod::STORE {
                let mut writer = config.wrap(&mut entry);
                writer.write_all(bytes).unwrap();
                writer.finish().unwrap().1
            } else {
                let encoder = flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::default());
                let mut writer = config.wrap(encoder);
                writer.write_all(bytes).unwrap();
                let (encoder, descriptor) = writer.finish().unwrap();
                encoder.finish().unwrap();
                descriptor
            };
            entry.finish(descriptor).unwrap();
        }
        archive.finish().unwrap();
        out
    }

    #[test]
    fn members_by_name_deflated_and_stored() {
        let bytes = archive(&[("a/deflated", &[7; 5000]), ("stored!", b"as it is"), ("other", b"")]);
        let archive = Archive::open(&bytes).unwrap();
        let members = archive.members(|name| name != "other", 10);
        assert_eq!(members.damage, []);
        let names: Vec<_> = members.value.iter().map(|it| (it.name.as_str(), it.size)).collect();
        assert_eq!(names, [("a/deflated", 5000), ("stored", 8)]);
        assert_eq!(archive.read(&members.value[0], 5000).unwrap(), [7; 5000]);
        assert_eq!(archive.read(&members.value[1], 100).unwrap(), b"as it is");
        assert_eq!(archive.read(&members.value[0], 4999).unwrap_err().kind, DamageKind::OverLimit);
        assert_eq!(archive.read(&members.value[1], 7).unwrap_err().kind, DamageKind::OverLimit);
        assert_eq!(archive.members(|_| true, 2).damage[0].kind, DamageKind::OverLimit);
    }

    #[test]
    fn members_lie_apart() {
        let bytes = archive(&[("a", &[7; 5000]), ("b!", b"as it is"), ("c!", b"too")]);
        let archive = Archive::open(&bytes).unwrap();
        let members = archive.members(|_| true, 10).value;
        let ranges: Vec<_> = members.iter().map(|member| archive.range(member).unwrap()).collect();
        assert_eq!(ranges[1].end - ranges[1].start, 8);
        assert!(ranges.windows(2).all(|pair| pair[0].end <= pair[1].start));
    }

    #[test]
    fn a_changed_byte_is_damage() {
        let text: Vec<u8> = (0..2000u32).flat_map(|number| number.to_le_bytes()).collect();
        let mut bytes = archive(&[("file", &text)]);
        bytes[200] ^= 0x10;
        let archive = Archive::open(&bytes).unwrap();
        let member = archive.members(|_| true, 1).value.remove(0);
        assert!(archive.read(&member, 1 << 20).is_err());
    }

    #[test]
    fn a_name_that_only_the_directory_has_is_damage() {
        let sound = archive(&[("a.txt", b"a"), ("META-INF/x.xml", b"x")]);
        let disagreement = |bytes: &[u8]| Archive::open(&bytes).unwrap().disagreement(100);
        assert_eq!(disagreement(&sound), None);
        let at = sound.windows(8).rposition(|window| window == b"META-INF").unwrap();
        let mut changed = sound.clone();
        changed[at + 1] ^= 4;
        assert_eq!(disagreement(&changed).unwrap().kind, DamageKind::Corrupt);
    }

    #[test]
    fn an_archive_that_is_cut_off_is_damage() {
        let bytes = archive(&[("file", &[1; 100])]);
        assert!(Archive::open(&bytes[..bytes.len() - 30].to_vec()).is_err());
        // The directory of an archive inside may end right where the file does.
        let inner = archive(&[("file", b"x"), ("other", b"y")]);
        let outer = archive(&[("inner!", &inner), ("last", b"z")]);
        let end = memchr::memmem::find(&outer, &inner).unwrap() + inner.len();
        assert!(Archive::open(&outer[..end].to_vec()).is_err());
        let behind_a_program = [b"#!/bin/sh\n".to_vec(), inner].concat();
        assert!(Archive::open(&behind_a_program).is_ok());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn any_damage_never_panics(at in 0usize..300, value in any::<u8>(), cut in 0usize..300) {
            let mut bytes = archive(&[("a", &[1; 100]), ("b!", &[2; 50])]);
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
            bytes.truncate(bytes.len().saturating_sub(cut));
            if let Ok(archive) = Archive::open(&bytes) {
                for member in archive.members(|_| true, 10).value {
                    let _ = archive.read(&member, 1000);
                }
            }
        }
    }
}
