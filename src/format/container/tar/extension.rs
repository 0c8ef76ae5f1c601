//! Headers that extend the next one: GNU long names, PAX records, sparse maps.

use std::io::{self, Read};

use super::source::fill;
use super::{BLOCK, Damage, DamageKind, Dialect, MAX_PATH, Piece, Source, until_zero};

/// Sparse files of more pieces than this are damage.
pub(super) const MAX_PIECES: usize = 10_000;
/// Go refuses longer extended headers, and so do libarchive's limits.
const MAX_HEADER: u64 = 1 << 20;

const TWICE: &str = "two extended headers of the same type before it";
const MIXED: &str = "a long name of GNU and another one of PAX";
const MALFORMED: &str = "a malformed PAX record";
const EMPTY: &str = "a PAX record or long name without a value";
const GLOBAL: &str = "a global header that names or measures members";
const FORGOTTEN: &str = "a global header between an extended header and its member";
const SPARSE: &str = "sparse records of an incomplete or unknown version";
const NUMBER: &str = "a PAX record that should be a number and is none";

/// What extension headers say of the member that follows.
#[derive(Debug, Default)]
pub(super) struct Extension {
    long_name: Option<Vec<u8>>,
    long_link: Option<Vec<u8>>,
    records: Option<Records>,
    /// What makes the member unusable.
    pub(super) damage: Option<Damage>,
    /// What Go, GNU tar, bsdtar and Python read differently.
    pub(super) notes: Vec<&'static str>,
}

impl Extension {
    /// Reads the body of an extension header; returns the records of a global one.
    pub(super) fn read(
        &mut self,
        kind: u8,
        source: &mut impl Source,
        stored: u64,
        dialect: Dialect,
    ) -> io::Result<Option<Records>> {
        let at = source.position();
        let limit = if matches!(kind, b'L' | b'K') { MAX_PATH as u64 } else { MAX_HEADER };
        if stored > limit {
            let what = format!("an extended header of {stored} bytes");
            self.damage = Some(Damage::new(DamageKind::OverLimit, at, what));
            return Ok(None);
        }
        let mut body = Vec::new();
        source.take(stored).read_to_end(&mut body)?;
        if (body.len() as u64) < stored {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the archive ends inside a header"));
        }
        match kind {
            b'L' | b'K' => self.long(kind, until_zero(&body)),
            b'g' => return Ok(Some(self.global(&body, at, dialect))),
            _ => {
                self.note_if(self.records.is_some(), TWICE);
                // The later one replaces the earlier one, whatever either has.
                self.records = Some(self.parse(&body, at));
            }
        }
        Ok(None)
    }

    fn long(&mut self, kind: u8, name: &[u8]) {
        let slot = if kind == b'L' { &mut self.long_name } else { &mut self.long_link };
        let earlier = slot.replace(name.to_vec());
        self.note_if(earlier.is_some_and(|earlier| earlier != name), TWICE);
        self.note_if(name.is_empty(), EMPTY);
    }

    fn global(&mut self, body: &[u8], at: u64, dialect: Dialect) -> Records {
        let records = self.parse(body, at);
        self.note_if(records.matters(), GLOBAL);
        if self.is_begun() {
            self.note_if(true, FORGOTTEN);
            if dialect == Dialect::Go {
                (self.long_name, self.long_link, self.records) = (None, None, None);
            }
        }
        records
    }

    fn parse(&mut self, body: &[u8], at: u64) -> Records {
        let mut records = Records::default();
        if let Err(stopped) = records.parse(body, &mut self.notes) {
            match stopped {
                Stopped::Malformed => self.note_if(true, MALFORMED),
                Stopped::OverLimit(what) => {
                    self.damage = Some(Damage::new(DamageKind::OverLimit, at, what));
                }
            }
        }
        records
    }

    fn note_if(&mut self, holds: bool, what: &'static str) {
        if holds {
            self.notes.push(what);
        }
    }

    fn is_begun(&self) -> bool {
        self.records.is_some()
            || self.long_name.is_some()
            || self.long_link.is_some()
            || self.damage.is_some()
    }

    /// Damage when the archive ends where a member should follow.
    pub(super) fn unfinished(&self, at: u64) -> Option<Damage> {
        let what = if self.is_begun() {
            "the archive ends after the name of a member"
        } else {
            self.notes.first().copied()?
        };
        Some(Damage::new(DamageKind::Truncated, at, what))
    }

    /// What holds for the member: its records, with those of global headers where they count.
    pub(super) fn settle(mut self, global: &Records, dialect: Dialect) -> Settled {
        let mut records = self.records.take().unwrap_or_default();
        let filled = |value: Option<Vec<u8>>| value.filter(|value| !value.is_empty());
        let (long_name, long_link) = (filled(self.long_name.take()), filled(self.long_link.take()));
        let (path, link) = (filled(records.path.take()), filled(records.link.take()));
        let differ = |one: &Option<Vec<u8>>, other: &Option<Vec<u8>>| matches!((one, other), (Some(one), Some(other)) if one != other);
        self.note_if(differ(&long_name, &path) || differ(&long_link, &link), MIXED);
        let is_sparse = records.is_sparse();
        self.note_if(!is_sparse && records.has_sparse_records(), SPARSE);
        let sparse_name = filled(records.sparse_name.take());
        let (path, link) = match dialect {
            Dialect::Go => {
                let sparse_name = sparse_name.filter(|_| is_sparse);
                (sparse_name.or(long_name).or(path), long_link.or(link))
            }
            Dialect::Gnu => (
                sparse_name.or(path).or_else(|| filled(global.path.clone())).or(long_name),
                link.or_else(|| filled(global.link.clone())).or(long_link),
            ),
        };
        if dialect == Dialect::Gnu && records.size.is_none() {
            records.size = global.size;
        }
        Settled { path, link, records, damage: self.damage, notes: self.notes }
    }
}

/// What holds for one member.
pub(super) struct Settled {
    pub(super) path: Option<Vec<u8>>,
    pub(super) link: Option<Vec<u8>>,
    pub(super) records: Records,
    pub(super) damage: Option<Damage>,
    pub(super) notes: Vec<&'static str>,
}

/// Why records could not be read to their end.
enum Stopped {
    Malformed,
    OverLimit(String),
}

/// The records of one PAX header that matter here. A later record of the same key replaces the earlier one.
#[derive(Debug, Default)]
pub(super) struct Records {
    path: Option<Vec<u8>>,
    link: Option<Vec<u8>>,
    pub(super) size: Option<u64>,
    sparse_name: Option<Vec<u8>>,
    major: Option<Vec<u8>>,
    minor: Option<Vec<u8>>,
    map: Option<Vec<u8>>,
    block_count: Option<Vec<u8>>,
    sparse_size: Option<Vec<u8>>,
    real_size: Option<Vec<u8>>,
    /// The numbers of format 0.0: an offset and a length, in turn.
    pairs: Vec<u8>,
    pair_count: usize,
}

impl Records {
    /// Takes what a later global header has.
    pub(super) fn replace(&mut self, later: Records) {
        self.path = later.path.or(self.path.take());
        self.link = later.link.or(self.link.take());
        self.size = later.size.or(self.size);
    }

    /// Whether it would change what a member is called or how long it is.
    fn matters(&self) -> bool {
        self.path.is_some() || self.link.is_some() || self.size.is_some() || self.has_sparse_records()
    }

    fn has_sparse_records(&self) -> bool {
        let records = [&self.sparse_name, &self.major, &self.minor, &self.map, &self.block_count];
        let sizes = [&self.sparse_size, &self.real_size];
        records.into_iter().chain(sizes).any(Option::is_some)
    }

    /// Records of the form `LENGTH KEY=VALUE\n`, one after the other.
    fn parse(&mut self, body: &[u8], notes: &mut Vec<&'static str>) -> Result<(), Stopped> {
        let mut left = body;
        while !left.is_empty() {
            let (key, value, rest) = record(left).ok_or(Stopped::Malformed)?;
            self.take(key, value, notes)?;
            left = rest;
        }
        if self.pair_count > 0 {
            self.map = Some(std::mem::take(&mut self.pairs));
        }
        Ok(())
    }

    fn take(&mut self, key: &[u8], value: &[u8], notes: &mut Vec<&'static str>) -> Result<(), Stopped> {
        let is_name = matches!(key, b"path" | b"linkpath" | b"uname" | b"gname");
        if (if is_name { value } else { key }).contains(&0) {
            return Err(Stopped::Malformed);
        }
        let slot = match key {
            b"path" => &mut self.path,
            b"linkpath" => &mut self.link,
            b"GNU.sparse.name" => &mut self.sparse_name,
            b"GNU.sparse.major" => &mut self.major,
            b"GNU.sparse.minor" => &mut self.minor,
            b"GNU.sparse.map" => &mut self.map,
            b"GNU.sparse.numblocks" => &mut self.block_count,
            b"GNU.sparse.size" => &mut self.sparse_size,
            // Star calls the size of its sparse files so; bsdtar takes it.
            b"GNU.sparse.realsize" | b"SCHILY.realsize" => &mut self.real_size,
            _ => return self.number(key, value, notes),
        };
        if value.is_empty() {
            notes.push(EMPTY);
        }
        if matches!(key, b"path" | b"linkpath" | b"GNU.sparse.name") && value.len() > MAX_PATH {
            let what = format!("a PAX record `{}` of {} bytes", String::from_utf8_lossy(key), value.len());
            return Err(Stopped::OverLimit(what));
        }
        *slot = Some(value.to_vec());
        Ok(())
    }

    /// Records that are numbers. Go refuses an archive in which one is none.
    fn number(&mut self, key: &[u8], value: &[u8], notes: &mut Vec<&'static str>) -> Result<(), Stopped> {
        let mut is_number = true;
        match key {
            b"size" if value.is_empty() => {
                self.size = None;
                notes.push(EMPTY);
            }
            b"size" => {
                let size = integer(value).and_then(|size| u64::try_from(size).ok());
                is_number = size.is_some() && value.iter().all(u8::is_ascii_digit);
                self.size = size.or(self.size);
            }
            b"GNU.sparse.offset" | b"GNU.sparse.numbytes" => {
                let is_length = key == b"GNU.sparse.numbytes";
                if (self.pair_count % 2 == 1) != is_length || value.contains(&b',') {
                    return Err(Stopped::Malformed);
                }
                if self.pair_count > 0 {
                    self.pairs.push(b',');
                }
                self.pairs.extend_from_slice(value);
                self.pair_count += 1;
            }
            b"uid" | b"gid" => is_number = value.is_empty() || integer(value).is_some(),
            b"mtime" | b"atime" | b"ctime" => is_number = value.is_empty() || is_time(value),
            _ => {}
        }
        if !is_number {
            notes.push(NUMBER);
        }
        Ok(())
    }

    /// The version of sparse records that holds, as Go finds it: whether the map lies in the body.
    fn sparse_version(&self) -> Option<bool> {
        let text = |value: &Option<Vec<u8>>| value.clone().unwrap_or_default();
        match (text(&self.major).as_slice(), text(&self.minor).as_slice()) {
            (b"0", b"0" | b"1") => Some(false),
            (b"1", b"0") => Some(true),
            (b"", b"") => self.map.as_ref().is_some_and(|map| !map.is_empty()).then_some(false),
            _ => None,
        }
    }

    /// Whether the member is a PAX sparse file.
    pub(super) fn is_sparse(&self) -> bool {
        self.sparse_version().is_some()
    }

    /// The size of a sparse file with its holes; `Err` when it is no number.
    pub(super) fn sparse_size(&self) -> Result<Option<u64>, ()> {
        let size = [&self.sparse_size, &self.real_size].into_iter().flatten().find(|size| !size.is_empty());
        size.map(|size| integer(size).and_then(|size| u64::try_from(size).ok()).ok_or(())).transpose()
    }

    /// The map of a PAX sparse file, and how many bytes of the body it takes (format 1.0 keeps it there).
    pub(super) fn map(
        &self,
        source: &mut impl Source,
        stored: u64,
    ) -> io::Result<(Result<Vec<Piece>, Damage>, u64)> {
        match self.sparse_version() {
            Some(true) => map_in_body(source, stored),
            _ => Ok((self.listed_map(source.position()), 0)),
        }
    }

    fn listed_map(&self, at: u64) -> Result<Vec<Piece>, Damage> {
        let damage = |what: &str| Damage::new(DamageKind::Corrupt, at, what.to_owned());
        let map = self.map.as_deref().unwrap_or_default();
        let numbers: Vec<u64> = match map {
            b"" => Vec::new(),
            map => {
                let numbers = map.split(|&byte| byte == b',').map(decimal).collect::<Option<_>>();
                numbers.ok_or_else(|| damage("a sparse map without numbers"))?
            }
        };
        let count = self.block_count.as_deref().and_then(decimal);
        if count != Some(numbers.len() as u64 / 2) || !numbers.len().is_multiple_of(2) {
            return Err(damage("a sparse map of another length than it states"));
        }
        pieces(&numbers, at)
    }
}

/// The first record: its key, its value, and what follows.
fn record(bytes: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = bytes.iter().take(20).position(|&byte| byte == b' ')?;
    let length = usize::try_from(decimal(bytes.get(..space)?)?).ok()?;
    let (record, rest) = bytes.split_at_checked(length)?;
    let record = record.get(space + 1..)?.strip_suffix(b"\n")?;
    let equals = record.iter().position(|&byte| byte == b'=')?;
    Some((record.get(..equals)?, record.get(equals + 1..)?, rest))
}

fn pieces(numbers: &[u64], at: u64) -> Result<Vec<Piece>, Damage> {
    if numbers.len() / 2 > MAX_PIECES {
        let what = format!("a sparse file of more than {MAX_PIECES} pieces");
        return Err(Damage::new(DamageKind::OverLimit, at, what));
    }
    let pairs = numbers.chunks_exact(2);
    Ok(pairs.filter_map(|pair| Some(Piece { at: *pair.first()?, len: *pair.get(1)? })).collect())
}

/// A map at the start of a body: a count and pairs, each number on a line of its own.
fn map_in_body(source: &mut impl Source, stored: u64) -> io::Result<(Result<Vec<Piece>, Damage>, u64)> {
    let start = source.position();
    let damage = |what: &str| Damage::new(DamageKind::Corrupt, start, what.to_owned());
    let mut numbers = Vec::new();
    let mut wanted = 1;
    while numbers.len() < wanted {
        if source.position() - start > stored {
            return Ok((Err(damage("a sparse map longer than its member")), 0));
        }
        let Some(number) = line(source)? else {
            return Ok((Err(damage("a sparse map without numbers")), 0));
        };
        if numbers.is_empty() {
            if number > MAX_PIECES as u64 {
                let what = format!("a sparse file of {number} pieces");
                return Ok((Err(Damage::new(DamageKind::OverLimit, start, what)), 0));
            }
            wanted = 1 + 2 * usize::try_from(number).unwrap_or(0);
        }
        numbers.push(number);
    }
    let used = source.position() - start;
    let padded = used.div_ceil(BLOCK as u64) * BLOCK as u64;
    source.skip(padded - used)?;
    Ok((pieces(numbers.get(1..).unwrap_or_default(), start), padded))
}

/// A number without a sign, as every tool reads it.
fn decimal(text: &[u8]) -> Option<u64> {
    let is_digits = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(text).ok().filter(|_| is_digits)?.parse().ok()
}

/// A number as Go reads it, with or without a sign.
fn integer(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// A time as Go reads it: seconds, and digits behind a point.
fn is_time(text: &[u8]) -> bool {
    let mut parts = text.splitn(2, |&byte| byte == b'.');
    let seconds = parts.next().and_then(integer);
    seconds.is_some() && parts.next().is_none_or(|part| part.iter().all(u8::is_ascii_digit))
}

/// A decimal number on a line of its own.
fn line(source: &mut impl Read) -> io::Result<Option<u64>> {
    let mut text = Vec::new();
    while text.len() <= 20 {
        let mut byte = [0];
        if fill(source, &mut byte)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match byte {
            [b'\n'] => return Ok(decimal(&text)),
            [byte] => text.push(byte),
        }
    }
    Ok(None)
}
