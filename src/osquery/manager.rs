//! The side of osquery: registering with it, and asking whether it is still there.

use std::io::{self, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::tables::{self, TABLES};
use super::thrift::{I64, Kind, LIST, MAP, Reader, STRING, STRUCT, Writer};

/// The name under which the extension registers.
pub const NAME: &str = "debar";
/// How long osquery may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// What osquery said to a call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Status {
    /// 0 for yes.
    pub code: i32,
    /// Why not.
    pub message: String,
    /// The number of the extension.
    pub uuid: i64,
}

/// osquery's manager of extensions.
#[derive(Debug, Clone)]
pub struct Manager {
    socket: PathBuf,
}

impl Manager {
    /// The manager behind a socket.
    pub fn new(socket: &Path) -> Self {
        Manager { socket: socket.to_owned() }
    }

    fn call<T>(
        &self,
        method: &str,
        arguments: impl FnOnce(&mut Writer),
        result: impl FnOnce(&mut Reader<&UnixStream>, u8) -> io::Result<T>,
    ) -> io::Result<T> {
        // A connection for each call, as osquery's own library does it: none is left half used.
        let stream = UnixStream::connect(&self.socket)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let mut writer = Writer::message(Kind::Call, method, 1);
        arguments(&mut writer);
        writer.stop();
        (&stream).write_all(&writer.into_bytes())?;
        let mut reader = Reader::new(&stream);
        let head = reader.head()?.ok_or(io::ErrorKind::UnexpectedEof)?;
        if head.kind != Kind::Reply || head.method != method {
            return Err(io::Error::other(format!("osquery does not know the call `{method}`")));
        }
        match reader.field()? {
            Some((kind, 0)) => result(&mut reader, kind),
            _ => Err(io::Error::other(format!("osquery answers the call `{method}` with nothing"))),
        }
    }

    /// Registers the tables. The status has the number under which osquery calls the extension.
    ///
    /// # Errors
    /// When osquery is not there or does not speak the protocol.
    pub fn register(&self, version: &str) -> io::Result<Status> {
        let arguments = |out: &mut Writer| {
            out.field(STRUCT, 1);
            // Without a least version of the SDK: every osquery that knows the protocol will do.
            for (number, text) in [(1, NAME), (2, version), (3, "0.0.0"), (4, "0.0.0")] {
                out.field(STRING, number);
                out.string(text);
            }
            out.stop();
            out.field(MAP, 2);
            out.map(STRING, MAP, 1);
            out.string("table");
            out.map(STRING, LIST, TABLES.len());
            for table in TABLES {
                out.string(table.name);
                tables::routes(table, out);
            }
        };
        self.call("registerExtension", arguments, |reader, _| status(reader))
    }

    /// Takes the tables back.
    ///
    /// # Errors
    /// When osquery is not there.
    pub fn deregister(&self, uuid: i64) -> io::Result<Status> {
        let arguments = |out: &mut Writer| {
            out.field(I64, 1);
            out.i64(uuid);
        };
        self.call("deregisterExtension", arguments, |reader, _| status(reader))
    }

    /// Whether osquery is there and knows the extension. One that was restarted within two questions does not, although
    /// its socket has the same name.
    ///
    /// # Errors
    /// When osquery is not there.
    pub fn knows(&self, uuid: i64) -> io::Result<bool> {
        self.call(
            "extensions",
            |_| {},
            |reader, _| {
                let mut known = false;
                for _ in 0..reader.map(I64, STRUCT)? {
                    known |= reader.i64()? == uuid;
                    reader.skip(STRUCT)?;
                }
                Ok(known)
            },
        )
    }
}

fn status<R: Read>(reader: &mut Reader<R>) -> io::Result<Status> {
    let mut status = Status::default();
    while let Some((kind, number)) = reader.field()? {
        match (kind, number) {
            (super::thrift::I32, 1) => status.code = reader.i32()?,
            (STRING, 2) => status.message = reader.string()?,
            (I64, 3) => status.uuid = reader.i64()?,
            _ => reader.skip(kind)?,
        }
    }
    Ok(status)
}
