//! Compound files ("OLE structured storage"): the container of Windows Installer packages and of much else.
//!
//! Streams are read by position: the directory and the streams that are asked for, never the file. Chains of sectors
//! are followed through the table on the disk, each no longer than its stream. Source: \[MS-CFB\].

use crate::bytes::{Damage, DamageKind, ReadAt};

/// The first bytes of every compound file.
pub const MAGIC: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
/// Sector numbers from here on are marks: end of chain, free and so on.
const LAST_SECTOR: u32 = 0xffff_fffa;
/// Entries of the directory that are read; packages have hundreds.
const MAX_ENTRIES: usize = 20_000;
/// Size of an entry of the directory.
const ENTRY: usize = 128;
/// Sectors of the table that are remembered.
const MAX_TABLE: u64 = 1 << 16;

/// A stream of a compound file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stream {
    /// Its name as stored: UTF-16.
    pub name: Vec<u16>,
    start: u32,
    size: u64,
}

/// A compound file whose directory was read.
pub struct CompoundFile<'f> {
    file: &'f dyn ReadAt,
    sector: usize,
    table: Vec<u32>,
    small_table: u32,
    /// Streams smaller than this lie in the stream of the root entry.
    cutoff: u64,
    root: Option<Stream>,
    streams: Vec<Stream>,
    /// The identifier of the root: what kind of file it is.
    pub class: [u8; 16],
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn corrupt(offset: u64, what: &str) -> Damage {
    Damage::new(DamageKind::Corrupt, offset, what)
}

impl<'f> CompoundFile<'f> {
    /// Reads the directory; `None` if it is no compound file.
    ///
    /// # Errors
    /// When the header or the directory cannot be read.
    pub fn open(file: &'f dyn ReadAt) -> Result<Option<Self>, Damage> {
        let head = file.read_vec(0, 512)?;
        if !head.starts_with(&MAGIC) {
            return Ok(None);
        }
        let field =
            |at| u32_at(&head, at).ok_or_else(|| Damage::new(DamageKind::Truncated, at as u64, "header"));
        let shift = u16_at(&head, 30).unwrap_or_default();
        if shift != 9 && shift != 12 {
            return Err(corrupt(30, "the size of sectors is neither 512 nor 4096"));
        }
        let sector = 1 << shift;
        let mut compound = CompoundFile {
            file,
            sector,
            table: Vec::new(),
            small_table: field(60)?,
            cutoff: u64::from(field(56)?),
            root: None,
            streams: Vec::new(),
            class: [0; 16],
        };
        compound.read_table_places(&head, field(68)?)?;
        let directory = compound.chain(field(48)?, (MAX_ENTRIES * ENTRY) as u64 + 1)?;
        if directory.len() > MAX_ENTRIES * ENTRY {
            let what = format!("its directory has more than {MAX_ENTRIES} entries");
            return Err(Damage::new(DamageKind::OverLimit, None, what));
        }
        for entry in directory.chunks_exact(ENTRY) {
            compound.add(entry);
        }
        Ok(Some(compound))
    }

    /// Where the table of sectors lies: 109 places in the header, more in a chain of sectors.
    fn read_table_places(&mut self, head: &[u8], mut more: u32) -> Result<(), Damage> {
        let places = |bytes: &[u8]| -> Vec<u32> {
            let numbers = bytes.chunks_exact(4).filter_map(|four| u32_at(four, 0));
            numbers.filter(|number| *number < LAST_SECTOR).collect()
        };
        self.table = places(head.get(76..).unwrap_or_default());
        // A table cannot be larger than the file that it describes.
        let most = self.file.size() / self.sector as u64 / (self.sector as u64 / 4) + 2;
        while more < LAST_SECTOR {
            if self.table.len() as u64 > most.min(MAX_TABLE) {
                return Err(corrupt(68, "the table of sectors is larger than the file"));
            }
            let bytes = self.sector_at(more)?;
            let (list, next) = bytes.split_at_checked(self.sector - 4).unwrap_or_default();
            let places = places(list);
            if places.is_empty() {
                break;
            }
            self.table.extend(places);
            more = u32_at(next, 0).unwrap_or(LAST_SECTOR);
        }
        Ok(())
    }

    fn add(&mut self, entry: &[u8]) {
        let length = usize::from(u16_at(entry, 64).unwrap_or_default()).saturating_sub(2).min(64);
        let name = entry.get(..length).unwrap_or_default().chunks_exact(2).filter_map(|two| u16_at(two, 0));
        let low = u64::from(u32_at(entry, 120).unwrap_or_default());
        // The upper half is not to be trusted in files of small sectors.
        let high = if self.sector > 512 { u64::from(u32_at(entry, 124).unwrap_or_default()) } else { 0 };
        let start = u32_at(entry, 116).unwrap_or(LAST_SECTOR);
        let stream = Stream { name: name.collect(), start, size: low | high << 32 };
        match entry.get(66) {
            Some(2) => self.streams.push(stream),
            Some(5) if self.root.is_none() => {
                if let Some(class) = entry.get(80..96).and_then(|class| class.try_into().ok()) {
                    self.class = class;
                }
                self.root = Some(stream);
            }
            _ => {}
        }
    }

    /// Every stream, of every folder inside.
    pub fn streams(&self) -> &[Stream] {
        &self.streams
    }

    /// The bytes of a stream, at most `limit`.
    ///
    /// # Errors
    /// When its chain of sectors leads nowhere or the file cannot be read.
    pub fn read(&self, stream: &Stream, limit: u64) -> Result<Vec<u8>, Damage> {
        let wanted = stream.size.min(limit);
        let Some(root) = self.root.as_ref().filter(|_| stream.size < self.cutoff) else {
            let mut bytes = self.chain(stream.start, wanted)?;
            bytes.truncate(usize::try_from(wanted).unwrap_or(usize::MAX));
            return Ok(bytes);
        };
        // Small sectors of 64 bytes, of the root's stream, with a table of their own.
        let mut bytes = Vec::new();
        let mut at = stream.start;
        while (bytes.len() as u64) < wanted {
            if at >= LAST_SECTOR {
                return Err(corrupt(0, "a small stream ends before its size"));
            }
            let (index, inside) = (at as usize / (self.sector / 64), at as usize % (self.sector / 64) * 64);
            let sector = self.sector_at(self.nth(root.start, index)?)?;
            let piece = sector.get(inside..inside + 64);
            bytes.extend_from_slice(piece.ok_or_else(|| corrupt(0, "a small sector is cut"))?);
            let per_sector = self.sector / 4;
            let table = self.sector_at(self.nth(self.small_table, at as usize / per_sector)?)?;
            at = u32_at(&table, at as usize % per_sector * 4).unwrap_or(LAST_SECTOR);
        }
        bytes.truncate(usize::try_from(wanted).unwrap_or(usize::MAX));
        Ok(bytes)
    }

    /// The bytes of a chain of sectors until it ends, at least `limit` if it is that long.
    fn chain(&self, start: u32, limit: u64) -> Result<Vec<u8>, Damage> {
        let mut bytes = Vec::new();
        let mut at = start;
        while at < LAST_SECTOR && (bytes.len() as u64) < limit {
            if bytes.len() as u64 > self.file.size() {
                return Err(corrupt(0, "a chain of sectors is longer than the file"));
            }
            bytes.extend(self.sector_at(at)?);
            at = self.next(at)?;
        }
        Ok(bytes)
    }

    /// The number of the sector so many steps down a chain.
    fn nth(&self, start: u32, steps: usize) -> Result<u32, Damage> {
        let mut at = start;
        if steps as u64 > self.file.size() / self.sector as u64 {
            return Err(corrupt(0, "a chain of sectors is longer than the file"));
        }
        for _ in 0..steps {
            at = self.next(at)?;
        }
        Ok(at)
    }

    fn next(&self, at: u32) -> Result<u32, Damage> {
        let per_sector = self.sector / 4;
        let place = self.table.get(at as usize / per_sector).copied();
        let place = place.ok_or_else(|| corrupt(0, "a sector is not in the table"))?;
        let offset = self.offset(place) + (at as usize % per_sector * 4) as u64;
        let entry = self.file.read_vec(offset, 4)?;
        u32_at(&entry, 0)
            .ok_or_else(|| Damage::new(DamageKind::Truncated, offset, "the table of sectors is cut"))
    }

    fn offset(&self, number: u32) -> u64 {
        (u64::from(number) + 1) * self.sector as u64
    }

    fn sector_at(&self, number: u32) -> Result<Vec<u8>, Damage> {
        let offset = self.offset(number);
        let mut bytes = self.file.read_vec(offset, self.sector)?;
        if bytes.is_empty() {
            return Err(Damage::new(
                DamageKind::Truncated,
                offset,
                "a sector lies behind the end of the file",
            ));
        }
        // The last one may be cut.
        bytes.resize(self.sector, 0);
        Ok(bytes)
    }
}
