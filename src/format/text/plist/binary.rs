//! Binary property lists (`bplist00`): objects, a table of their offsets, and a trailer that says where that is.

use super::{APPLE_EPOCH, Budget, Damage, DamageKind, MAX_DEPTH, Salvaged, Value, broken};
use crate::format::executable::ByteOrder;

/// The last bytes of a list.
const TRAILER: usize = 32;

struct Reader<'a> {
    bytes: &'a [u8],
    /// Where the table of offsets starts, and so where objects end.
    table: usize,
    /// Bytes of an offset in the table.
    offset_size: usize,
    /// Bytes of a reference to an object.
    reference_size: usize,
    objects: usize,
    budget: Budget,
    /// The objects that are being read, so that none is part of itself.
    open: Vec<usize>,
    damage: Vec<Damage>,
}

/// Objects that are damaged are left out; the others are kept.
pub(super) fn read(bytes: &[u8]) -> Salvaged<Value> {
    let trailer = bytes.len().checked_sub(TRAILER).filter(|start| *start >= 8);
    let Some(trailer) = trailer.and_then(|start| bytes.get(start..)) else {
        return broken(DamageKind::Truncated, "the property list ends before its trailer");
    };
    let number = |at: usize| ByteOrder::Big.u64(trailer, at).and_then(|number| usize::try_from(number).ok());
    let sizes = (trailer.get(6).copied().unwrap_or(0), trailer.get(7).copied().unwrap_or(0));
    let (Some(objects), Some(top), Some(table)) = (number(8), number(16), number(24)) else {
        return broken(DamageKind::Corrupt, "the trailer of the property list is damaged");
    };
    let (offset_size, reference_size) = (usize::from(sizes.0), usize::from(sizes.1));
    let end = objects.checked_mul(offset_size).and_then(|size| size.checked_add(table));
    let fits = end.is_some_and(|end| end <= bytes.len() - TRAILER)
        && (1..=8).contains(&offset_size)
        && (1..=8).contains(&reference_size)
        && top < objects
        && table >= 8;
    if !fits {
        return broken(DamageKind::Corrupt, "the trailer of the property list contradicts its size");
    }
    let mut reader = Reader {
        bytes,
        table,
        offset_size,
        reference_size,
        objects,
        budget: Budget::new(),
        open: Vec::new(),
        damage: Vec::new(),
    };
    let value = match reader.object(top) {
        Ok(value) => value,
        Err(error) => {
            reader.damage.push(error);
            Value::Dictionary(Vec::new())
        }
    };
    Salvaged { value, damage: reader.damage }
}

impl Reader<'_> {
    fn corrupt(&self, object: usize, what: &str) -> Damage {
        let offset = self.offset(object).map(|offset| offset as u64);
        Damage::new(DamageKind::Corrupt, offset, format!("object {object} of the property list {what}"))
    }

    fn big_endian(&self, at: usize, size: usize) -> Option<u64> {
        let bytes = self.bytes.get(at..at.checked_add(size)?)?;
        Some(bytes.iter().fold(0, |number, &byte| number << 8 | u64::from(byte)))
    }

    fn offset(&self, object: usize) -> Option<usize> {
        let at = self.table.checked_add(object.checked_mul(self.offset_size)?)?;
        let offset = usize::try_from(self.big_endian(at, self.offset_size)?).ok()?;
        (object < self.objects && offset >= 8 && offset < self.table).then_some(offset)
    }

    /// Reads an object. An error is one that ends the whole list (over a limit); damage inside is noted.
    fn object(&mut self, object: usize) -> Result<Value, Damage> {
        if self.open.contains(&object) {
            return Err(self.corrupt(object, "is part of itself"));
        }
        if self.open.len() >= MAX_DEPTH {
            let what = format!("values nest deeper than {MAX_DEPTH}");
            return Err(Damage::new(DamageKind::OverLimit, None, what));
        }
        let outside = "lies outside of it";
        let at = self.offset(object).ok_or_else(|| self.corrupt(object, outside))?;
        let marker = self.bytes.get(at).copied().unwrap_or(0);
        let low = usize::from(marker & 0xf);
        let size = 1_usize << low.min(8);
        let cut = |reader: &Self| reader.corrupt(object, "is cut");
        let value = match marker >> 4 {
            0 => match marker {
                8 => Value::Boolean(false),
                9 => Value::Boolean(true),
                _ => return Err(self.corrupt(object, "has no kind that is known")),
            },
            1 if size <= 8 => {
                let number = self.big_endian(at + 1, size).ok_or_else(|| cut(self))?;
                // Only eight bytes have a sign.
                Value::Integer(i64::from_be_bytes(number.to_be_bytes()))
            }
            // Sixteen bytes: the lower half says all that is ever stored.
            1 if size == 16 => {
                let number = self.big_endian(at + 9, 8).ok_or_else(|| cut(self))?;
                Value::Integer(i64::from_be_bytes(number.to_be_bytes()))
            }
            2 | 3 if size == 8 => {
                let real = f64::from_bits(self.big_endian(at + 1, 8).ok_or_else(|| cut(self))?);
                if marker >> 4 == 2 { Value::Real(real) } else { Value::Date(real + APPLE_EPOCH) }
            }
            2 if size == 4 => {
                let bits = self.big_endian(at + 1, 4).ok_or_else(|| cut(self))?;
                Value::Real(f32::from_bits(u32::try_from(bits).unwrap_or(0)).into())
            }
            8 => Value::Uid(self.big_endian(at + 1, low + 1).ok_or_else(|| cut(self))?),
            4..=7 => {
                let kind = marker >> 4;
                let (count, start) = self.count(at).ok_or_else(|| cut(self))?;
                let length = if kind == 6 { count.checked_mul(2) } else { Some(count) };
                let end = length.and_then(|length| start.checked_add(length));
                let bytes = end.filter(|end| *end <= self.table).and_then(|end| self.bytes.get(start..end));
                let bytes = bytes.ok_or_else(|| cut(self))?;
                self.budget.spend(bytes.len())?;
                return Ok(match kind {
                    4 => Value::Data(bytes.to_vec()),
                    6 => Value::Text(utf16(bytes)),
                    _ => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
                });
            }
            0xa | 0xc => return self.array(object, at),
            0xd => return self.dictionary(object, at),
            _ => return Err(self.corrupt(object, "has no kind that is known")),
        };
        self.budget.spend(0)?;
        Ok(value)
    }

    /// How many items an object has, and where they start.
    fn count(&self, at: usize) -> Option<(usize, usize)> {
        let low = self.bytes.get(at)? & 0xf;
        if low != 0xf {
            return Some((low.into(), at + 1));
        }
        let marker = *self.bytes.get(at + 1)?;
        let size = 1_usize << (marker & 0xf).min(8);
        let count = self.big_endian(at + 2, size).filter(|_| marker >> 4 == 1 && size <= 8)?;
        Some((usize::try_from(count).ok()?, at + 2 + size))
    }

    /// The references of an array, or of a dictionary's keys and then its values.
    fn references(&self, object: usize, at: usize, per_item: usize) -> Result<Vec<usize>, Damage> {
        let cut = || self.corrupt(object, "is cut");
        let (count, start) = self.count(at).ok_or_else(cut)?;
        let count = count.checked_mul(per_item).ok_or_else(cut)?;
        let end = count.checked_mul(self.reference_size).and_then(|size| size.checked_add(start));
        let bytes = end.filter(|end| *end <= self.table).and_then(|end| self.bytes.get(start..end));
        let number =
            |bytes: &[u8]| bytes.iter().fold(0_usize, |number, &byte| number << 8 | usize::from(byte));
        Ok(bytes.ok_or_else(cut)?.chunks_exact(self.reference_size).map(number).collect())
    }

    /// An object inside of another; damage leaves it out, a limit ends everything.
    fn item(&mut self, object: usize) -> Result<Option<Value>, Damage> {
        match self.object(object) {
            Ok(value) => Ok(Some(value)),
            Err(error) if error.kind == DamageKind::OverLimit => Err(error),
            Err(error) => {
                if self.damage.len() < 16 {
                    self.damage.push(error);
                }
                // Damage costs as much as a value, or a list of nothing but damage would be free.
                self.budget.spend(0)?;
                Ok(None)
            }
        }
    }

    fn array(&mut self, object: usize, at: usize) -> Result<Value, Damage> {
        let references = self.references(object, at, 1)?;
        self.budget.spend(0)?;
        self.open.push(object);
        let mut items = Vec::new();
        for reference in references {
            match self.item(reference) {
                Ok(item) => items.extend(item),
                Err(limit) => {
                    self.limit(limit);
                    break;
                }
            }
        }
        self.open.pop();
        Ok(Value::Array(items))
    }

    fn dictionary(&mut self, object: usize, at: usize) -> Result<Value, Damage> {
        let references = self.references(object, at, 2)?;
        self.budget.spend(0)?;
        self.open.push(object);
        let mut entries = Vec::new();
        let (keys, values) = references.split_at(references.len() / 2);
        for (key, value) in keys.iter().zip(values) {
            let pair = self.item(*key).and_then(|key| Ok((key, self.item(*value)?)));
            match pair {
                Ok((Some(Value::Text(key)), Some(value))) => entries.push((key, value)),
                Ok((Some(Value::Text(_)) | None, _)) => {}
                Ok((Some(_), _)) => {
                    let error = self.corrupt(object, "has a key that is no text");
                    if self.damage.len() < 16 {
                        self.damage.push(error);
                    }
                }
                Err(limit) => {
                    self.limit(limit);
                    break;
                }
            }
        }
        self.open.pop();
        Ok(Value::Dictionary(entries))
    }

    /// Notes a limit once; what was read before it stays.
    fn limit(&mut self, limit: Damage) {
        if !self.damage.contains(&limit) {
            self.damage.push(limit);
        }
    }
}

fn utf16(bytes: &[u8]) -> String {
    let units = bytes.chunks_exact(2).filter_map(|pair| Some(u16::from_be_bytes(pair.try_into().ok()?)));
    char::decode_utf16(units).map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}
