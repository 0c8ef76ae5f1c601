//! Headers that extend the next one: GNU long names, PAX records, sparse maps.

use std::io::{self, Read};

use super::{BLOCK, Damage, DamageKind, MAX_PATH, Piece, Source, fill};

/// Sparse files of more pieces than this are damage.
pub const MAX_PIECES: usize = 10_000;
/// Longest key of a PAX record that is looked at.
const MAX_KEY: usize = 256;

/// What extension headers say of the member that follows.
#[derive(Debug, Default)]
pub struct Extension {
    pub path: Option<Vec<u8>>,
    pub link: Option<Vec<u8>>,
    pub size: Option<u64>,
    pub real_size: Option<u64>,
    /// What makes the member unusable.
    pub damage: Option<Damage>,
    /// Pieces of PAX sparse formats 0.0 and 0.1.
    pieces: Vec<Piece>,
    offset: Option<u64>,
    has_map: bool,
    major: Option<u64>,
    seen: bool,
}

impl Extension {
    /// Reads the body of an extension header.
    pub fn read(&mut self, kind: u8, source: &mut impl Source, stored: u64) -> io::Result<()> {
        let at = source.position();
        match kind {
            b'L' | b'K' => {
                self.seen = true;
                if stored > MAX_PATH as u64 {
                    return self.over(at, "a name", stored);
                }
                let mut name = vec![0; usize::try_from(stored).unwrap_or(0)];
                if fill(source, &mut name)? < name.len() {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                let name = super::until_zero(&name).to_vec();
                *(if kind == b'L' { &mut self.path } else { &mut self.link }) = Some(name);
                Ok(())
            }
            // Global records hold for all that follows; none that matters here makes sense so.
            b'g' => Ok(()),
            _ => {
                self.seen = true;
                self.records(source, stored, at)
            }
        }
    }

    /// Damage when the archive ends where a member should follow.
    pub fn unfinished(&self, at: u64) -> Option<Damage> {
        self.seen
            .then(|| Damage::new(DamageKind::Truncated, at, "the archive ends after the name of a member"))
    }

    fn over(&mut self, at: u64, what: &str, size: u64) -> io::Result<()> {
        let what = format!("{what} of {size} bytes");
        self.damage = Some(Damage::new(DamageKind::OverLimit, at, what));
        Ok(())
    }

    /// Records of the form `LENGTH KEY=VALUE\n`, one after the other; values that nobody asks for are skipped
    /// unread, however long.
    fn records(&mut self, source: &mut impl Source, stored: u64, at: u64) -> io::Result<()> {
        let mut left = stored;
        while left > 0 {
            let Some((length, digits)) = length_of(source, left)? else {
                self.damage = Some(Damage::new(DamageKind::Corrupt, at, "a PAX record without a length"));
                return Ok(());
            };
            // Padding with zeros ends the records.
            if length == 0 {
                return Ok(());
            }
            let Some(mut rest) = length.checked_sub(digits).filter(|_| length <= left) else {
                self.damage =
                    Some(Damage::new(DamageKind::Corrupt, at, "a PAX record longer than its header"));
                return Ok(());
            };
            left -= length;
            let mut key = Vec::new();
            while rest > 0 && key.len() <= MAX_KEY {
                let byte = one(source)?;
                rest -= 1;
                if byte == b'=' {
                    break;
                }
                key.push(byte);
            }
            self.record(&key, source, rest, at)?;
        }
        Ok(())
    }

    fn record(&mut self, key: &[u8], source: &mut impl Source, rest: u64, at: u64) -> io::Result<()> {
        let limit = match key {
            b"path" | b"linkpath" | b"GNU.sparse.name" => MAX_PATH,
            b"GNU.sparse.map" => MAX_PIECES * 42,
            b"size"
            | b"GNU.sparse.size"
            | b"GNU.sparse.realsize"
            | b"GNU.sparse.offset"
            | b"GNU.sparse.numbytes"
            | b"GNU.sparse.major" => 32,
            _ => return source.skip(rest),
        };
        if rest > limit as u64 {
            self.over(at, &format!("a PAX record `{}`", String::from_utf8_lossy(key)), rest)?;
            return source.skip(rest);
        }
        let mut value = vec![0; usize::try_from(rest).unwrap_or(0)];
        if fill(source, &mut value)? < value.len() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let value = value.strip_suffix(b"\n").unwrap_or(&value);
        let number = || decimal(value);
        match key {
            b"path" if self.path.is_none() || self.major.is_none() => self.path = Some(value.to_vec()),
            b"linkpath" => self.link = Some(value.to_vec()),
            b"GNU.sparse.name" => {
                self.path = Some(value.to_vec());
                self.major.get_or_insert(0);
            }
            b"GNU.sparse.map" => {
                self.has_map = true;
                let numbers: Option<Vec<u64>> = value.split(|&byte| byte == b',').map(decimal).collect();
                match numbers {
                    Some(numbers) => {
                        self.pieces = numbers
                            .chunks_exact(2)
                            .filter_map(|pair| Some(Piece { at: *pair.first()?, len: *pair.get(1)? }))
                            .collect();
                    }
                    None => {
                        self.damage =
                            Some(Damage::new(DamageKind::Corrupt, at, "a sparse map without numbers"))
                    }
                }
            }
            _ => {
                let Some(number) = number() else {
                    let what = format!("`{}` in a PAX record is no number", String::from_utf8_lossy(key));
                    self.damage = Some(Damage::new(DamageKind::Corrupt, at, what));
                    return Ok(());
                };
                match key {
                    b"size" => self.size = Some(number),
                    b"GNU.sparse.size" | b"GNU.sparse.realsize" => self.real_size = Some(number),
                    b"GNU.sparse.major" => self.major = Some(number),
                    b"GNU.sparse.offset" => self.offset = Some(number),
                    _ => self.piece(number, at),
                }
            }
        }
        Ok(())
    }

    fn piece(&mut self, len: u64, at: u64) {
        self.has_map = true;
        if self.pieces.len() >= MAX_PIECES {
            self.damage = Some(Damage::new(
                DamageKind::OverLimit,
                at,
                format!("a sparse file of more than {MAX_PIECES} pieces"),
            ));
        } else if let Some(at) = self.offset.take() {
            self.pieces.push(Piece { at, len });
        }
    }

    /// Whether the member is a PAX sparse file.
    pub fn is_sparse(&self) -> bool {
        self.has_map || self.major == Some(1)
    }

    /// The map of a PAX sparse file, and how many bytes of the body it takes (format 1.0 keeps it there).
    pub fn map(
        &self,
        source: &mut impl Source,
        stored: u64,
    ) -> io::Result<(Result<Vec<Piece>, Damage>, u64)> {
        if self.major != Some(1) {
            return Ok((Ok(self.pieces.clone()), 0));
        }
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
        let map = numbers.get(1..).unwrap_or_default().chunks_exact(2);
        let map = map.filter_map(|pair| Some(Piece { at: *pair.first()?, len: *pair.get(1)? })).collect();
        Ok((Ok(map), padded))
    }
}

fn decimal(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok()?.trim().parse().ok()
}

fn one(source: &mut impl Read) -> io::Result<u8> {
    let mut byte = [0];
    if fill(source, &mut byte)? == 0 {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(byte[0])
}

/// The length of a record and how many bytes that took; `(0, _)` at padding.
fn length_of(source: &mut impl Read, left: u64) -> io::Result<Option<(u64, u64)>> {
    let mut value = 0_u64;
    for read in 1..=left.min(20) {
        match one(source)? {
            0 if read == 1 => return Ok(Some((0, 1))),
            digit @ b'0'..=b'9' => {
                let Some(next) = value.checked_mul(10).and_then(|v| v.checked_add(u64::from(digit - b'0')))
                else {
                    return Ok(None);
                };
                value = next;
            }
            b' ' if read > 1 && value > 0 => return Ok(Some((value, read))),
            _ => return Ok(None),
        }
    }
    Ok(None)
}

/// A decimal number on a line of its own.
fn line(source: &mut impl Read) -> io::Result<Option<u64>> {
    let mut text = Vec::new();
    while text.len() <= 20 {
        match one(source)? {
            b'\n' => return Ok(decimal(&text)),
            byte => text.push(byte),
        }
    }
    Ok(None)
}
