//! The part of Thrift's binary protocol that osquery's extensions speak: strict, not framed
//! (<https://github.com/apache/thrift/blob/master/doc/specs/thrift-binary-protocol.md>).
//!
//! The `thrift` crate would do it, too, with 8,000 lines generated or carried along, threads of its own and no limit on
//! what a message may allocate. Five messages do not need that. Anyone who may connect may send anything: a message may have
//! [`MAX_MESSAGE`] bytes, memory grows with bytes that arrived, never with a length that was announced, and nesting ends.

use std::collections::BTreeMap;
use std::io::{self, Read};

/// The largest message that is read, in bytes. Requests carry a query's constraints, answers of the manager a list of
/// extensions.
pub const MAX_MESSAGE: usize = 4 << 20;
/// How deep what is skipped may nest.
const MAX_DEPTH: u8 = 16;

const VERSION: i32 = 0x8001_0000_u32 as i32;
/// Types of fields.
const STOP: u8 = 0;
const BOOL: u8 = 2;
const BYTE: u8 = 3;
const DOUBLE: u8 = 4;
const I16: u8 = 6;
/// A number of 32 bits.
pub const I32: u8 = 8;
/// A number of 64 bits.
pub const I64: u8 = 10;
/// Text or bytes.
pub const STRING: u8 = 11;
/// A structure.
pub const STRUCT: u8 = 12;
/// A map.
pub const MAP: u8 = 13;
const SET: u8 = 14;
/// A list.
pub const LIST: u8 = 15;

/// Kinds of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Asks for a reply.
    Call,
    /// Answers a call.
    Reply,
    /// Says that a call could not be taken.
    Exception,
    /// Asks for nothing.
    OneWay,
}

impl Kind {
    fn of(code: i32) -> io::Result<Kind> {
        match code & 0xff {
            1 => Ok(Kind::Call),
            2 => Ok(Kind::Reply),
            3 => Ok(Kind::Exception),
            4 => Ok(Kind::OneWay),
            _ => Err(wrong("an unknown kind of message")),
        }
    }

    fn code(self) -> i32 {
        match self {
            Kind::Call => 1,
            Kind::Reply => 2,
            Kind::Exception => 3,
            Kind::OneWay => 4,
        }
    }
}

fn wrong(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("osquery's message is not understood: {what}"))
}

/// The head of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// What kind it is.
    pub kind: Kind,
    /// The method.
    pub method: String,
    /// Its number, which the reply repeats.
    pub sequence: i32,
}

/// Reads one message.
pub struct Reader<R> {
    from: R,
    left: usize,
}

impl<R: Read> Reader<R> {
    /// A reader of the next message.
    pub fn new(from: R) -> Self {
        Reader { from, left: MAX_MESSAGE }
    }

    fn exactly<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        self.left = self.left.checked_sub(N).ok_or_else(|| wrong("it is too long"))?;
        let mut bytes = [0; N];
        self.from.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn byte(&mut self) -> io::Result<u8> {
        Ok(u8::from_be_bytes(self.exactly()?))
    }

    /// A number of 32 bits.
    ///
    /// # Errors
    /// When the message ends or is too long.
    pub fn i32(&mut self) -> io::Result<i32> {
        Ok(i32::from_be_bytes(self.exactly()?))
    }

    /// A number of 64 bits.
    ///
    /// # Errors
    /// When the message ends or is too long.
    pub fn i64(&mut self) -> io::Result<i64> {
        Ok(i64::from_be_bytes(self.exactly()?))
    }

    /// How many there are; each takes a byte at least.
    fn count(&mut self) -> io::Result<usize> {
        let count = usize::try_from(self.i32()?).map_err(|_| wrong("a negative length"))?;
        if count > self.left { Err(wrong("it is too long")) } else { Ok(count) }
    }

    /// A text; what is not UTF-8 is replaced.
    ///
    /// # Errors
    /// When the message ends or is too long.
    pub fn string(&mut self) -> io::Result<String> {
        let count = self.count()?;
        self.left -= count;
        let mut bytes = Vec::new();
        let read = (&mut self.from).take(count as u64).read_to_end(&mut bytes)?;
        if read < count {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The head; `None` at the end of the connection.
    ///
    /// # Errors
    /// When it is no message of this protocol.
    pub fn head(&mut self) -> io::Result<Option<Head>> {
        let mut first = [0; 1];
        if self.from.read(&mut first)? == 0 {
            return Ok(None);
        }
        let [a] = first;
        let [b, c, d] = self.exactly()?;
        let word = i32::from_be_bytes([a, b, c, d]);
        if (word as u32 & 0xffff_0000) != VERSION as u32 {
            return Err(wrong("another version of the protocol"));
        }
        let kind = Kind::of(word)?;
        Ok(Some(Head { kind, method: self.string()?, sequence: self.i32()? }))
    }

    /// The next field of a structure, its type and number; `None` at the end of the structure.
    ///
    /// # Errors
    /// When the message ends.
    pub fn field(&mut self) -> io::Result<Option<(u8, i16)>> {
        match self.byte()? {
            STOP => Ok(None),
            kind => Ok(Some((kind, i16::from_be_bytes(self.exactly()?)))),
        }
    }

    /// The length of a map of these types.
    ///
    /// # Errors
    /// When it is of others.
    pub fn map(&mut self, key: u8, value: u8) -> io::Result<usize> {
        let found = (self.byte()?, self.byte()?);
        let count = self.count()?;
        if count > 0 && found != (key, value) { Err(wrong("a map of other types")) } else { Ok(count) }
    }

    /// A map of texts.
    ///
    /// # Errors
    /// When it is of something else.
    pub fn strings(&mut self) -> io::Result<BTreeMap<String, String>> {
        let mut map = BTreeMap::new();
        for _ in 0..self.map(STRING, STRING)? {
            map.insert(self.string()?, self.string()?);
        }
        Ok(map)
    }

    /// Leaves out a value.
    ///
    /// # Errors
    /// When it is of no known type or nests too deep.
    pub fn skip(&mut self, kind: u8) -> io::Result<()> {
        self.skip_below(kind, MAX_DEPTH)
    }

    fn skip_below(&mut self, kind: u8, depth: u8) -> io::Result<()> {
        let below = depth.checked_sub(1).ok_or_else(|| wrong("it nests too deep"))?;
        match kind {
            BOOL | BYTE => drop(self.byte()?),
            I16 => drop(self.exactly::<2>()?),
            I32 => drop(self.i32()?),
            I64 | DOUBLE => drop(self.i64()?),
            STRING => drop(self.string()?),
            STRUCT => {
                while let Some((kind, _)) = self.field()? {
                    self.skip_below(kind, below)?;
                }
            }
            MAP => {
                let (key, value) = (self.byte()?, self.byte()?);
                for _ in 0..self.count()? {
                    self.skip_below(key, below)?;
                    self.skip_below(value, below)?;
                }
            }
            SET | LIST => {
                let kind = self.byte()?;
                for _ in 0..self.count()? {
                    self.skip_below(kind, below)?;
                }
            }
            _ => return Err(wrong("a field of unknown type")),
        }
        Ok(())
    }
}

/// Writes one message.
#[derive(Debug, Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// Begins a message.
    pub fn message(kind: Kind, method: &str, sequence: i32) -> Self {
        let mut writer = Writer::default();
        writer.i32(VERSION | kind.code());
        writer.string(method);
        writer.i32(sequence);
        writer
    }

    /// Begins a field.
    pub fn field(&mut self, kind: u8, number: i16) {
        self.bytes.push(kind);
        self.bytes.extend(number.to_be_bytes());
    }

    /// Ends a structure.
    pub fn stop(&mut self) {
        self.bytes.push(STOP);
    }

    /// A number of 32 bits.
    pub fn i32(&mut self, number: i32) {
        self.bytes.extend(number.to_be_bytes());
    }

    /// A number of 64 bits.
    pub fn i64(&mut self, number: i64) {
        self.bytes.extend(number.to_be_bytes());
    }

    fn count(&mut self, count: usize) {
        self.i32(i32::try_from(count).unwrap_or(i32::MAX));
    }

    /// A text.
    pub fn string(&mut self, text: &str) {
        self.count(text.len());
        self.bytes.extend(text.as_bytes());
    }

    /// Begins a map.
    pub fn map(&mut self, key: u8, value: u8, count: usize) {
        self.bytes.extend([key, value]);
        self.count(count);
    }

    /// Begins a list.
    pub fn list(&mut self, kind: u8, count: usize) {
        self.bytes.push(kind);
        self.count(count);
    }

    /// A map of texts.
    pub fn strings<'a>(&mut self, pairs: &[(&'a str, impl AsRef<str> + 'a)]) {
        self.map(STRING, STRING, pairs.len());
        for (key, value) in pairs {
            self.string(key);
            self.string(value.as_ref());
        }
    }

    /// What was written by another writer.
    pub fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
    }

    /// The bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// How many bytes there are.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let mut writer = Writer::message(Kind::Call, "call", 7);
        writer.field(STRING, 1);
        writer.string("table");
        writer.field(MAP, 3);
        writer.strings(&[("action", "generate")]);
        writer.field(LIST, 9);
        writer.list(I64, 2);
        writer.i64(1);
        writer.i64(2);
        writer.stop();
        let bytes = writer.into_bytes();
        let mut reader = Reader::new(bytes.as_slice());
        let head = Head { kind: Kind::Call, method: "call".to_owned(), sequence: 7 };
        assert_eq!(reader.head().unwrap(), Some(head));
        assert_eq!(reader.field().unwrap(), Some((STRING, 1)));
        assert_eq!(reader.string().unwrap(), "table");
        assert_eq!(reader.field().unwrap(), Some((MAP, 3)));
        assert_eq!(reader.strings().unwrap()["action"], "generate");
        assert_eq!(reader.field().unwrap(), Some((LIST, 9)));
        reader.skip(LIST).unwrap();
        assert_eq!(reader.field().unwrap(), None);
        assert_eq!(Reader::new(&[][..]).head().unwrap(), None);
    }

    #[test]
    fn announced_lengths_allocate_nothing() {
        // A text of 2 GiB, of 3 MiB that do not come, a map of a billion, and lists without end.
        for body in [&b"\x7f\xff\xff\xff"[..], b"\x00\x30\x00\x00abc", b"\xff\xff\xff\xff"] {
            assert!(Reader::new(body).string().is_err());
        }
        assert!(Reader::new(&b"\x0b\x0b\x3b\x9a\xca\x00"[..]).strings().is_err());
        let nested = [LIST, 0, 0, 0, 1].repeat(100);
        assert!(Reader::new(nested.as_slice()).skip(LIST).is_err());
    }

    #[test]
    fn a_message_without_end_is_cut_off() {
        let mut reader = Reader::new(io::repeat(1));
        assert!(reader.skip(STRUCT).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_an_end(bytes in proptest::collection::vec(any::<u8>(), 0..400), kind in 0_u8..20) {
            let mut reader = Reader::new(bytes.as_slice());
            if reader.head().is_ok() {
                drop(reader.skip(kind));
            }
        }
    }
}
