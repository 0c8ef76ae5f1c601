//! The side of the extension: calls of osquery, answered on a socket of its own.

use std::io::{self, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::answers::{Answers, Look};
use super::tables;
use super::thrift::{I32, I64, Kind, LIST, MAP, Reader, STRING, STRUCT, Writer};

/// Connections at a time. osquery opens one for each call.
const MAX_CONNECTIONS: usize = 32;
/// How long a connection may be silent, and how long osquery may take to read an answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// Answers calls for as long as the process lives. Each connection has a thread: osquery asks whether the extension is there
/// while a scan runs.
pub fn serve<L: Look + Send + Sync + 'static>(
    listener: &UnixListener,
    answers: &Arc<Answers<L>>,
    uuid: i64,
    end: impl Fn() + Clone + Send + 'static,
) {
    let connected = Arc::new(AtomicUsize::new(0));
    for stream in listener.incoming() {
        let Ok(stream) = stream else {
            // No more files may be open: it passes.
            std::thread::sleep(Duration::from_millis(100));
            continue;
        };
        if connected.fetch_add(1, Ordering::Relaxed) >= MAX_CONNECTIONS {
            connected.fetch_sub(1, Ordering::Relaxed);
            continue;
        }
        let (answers, open, end) = (Arc::clone(answers), Arc::clone(&connected), end.clone());
        let thread = std::thread::Builder::new().name("osquery".to_owned()).spawn(move || {
            let quiet = [stream.set_read_timeout(Some(PATIENCE)), stream.set_write_timeout(Some(PATIENCE))];
            if quiet.iter().all(Result::is_ok) {
                drop(connection(&stream, &answers, uuid, &end));
            }
            open.fetch_sub(1, Ordering::Relaxed);
        });
        if thread.is_err() {
            connected.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

fn connection<L: Look>(
    stream: &UnixStream,
    answers: &Answers<L>,
    uuid: i64,
    end: &impl Fn(),
) -> io::Result<()> {
    let mut from = BufReader::new(stream);
    let mut to = stream;
    while let Some((reply, is_last)) = answer(&mut from, answers, uuid)? {
        to.write_all(&reply)?;
        if is_last {
            end();
        }
    }
    Ok(())
}

/// Reads a call and answers it; says whether it was the one to end. `None` at the end of the connection.
///
/// # Errors
/// When what comes is no message of the protocol: there is no telling where the next one begins.
pub fn answer<L: Look>(
    from: &mut impl Read,
    answers: &Answers<L>,
    uuid: i64,
) -> io::Result<Option<(Vec<u8>, bool)>> {
    let mut reader = Reader::new(from);
    let Some(head) = reader.head()? else { return Ok(None) };
    let reply = |kind| Writer::message(kind, &head.method, head.sequence);
    let mut out = match head.method.as_str() {
        "ping" => {
            reader.skip(STRUCT)?;
            let mut out = reply(Kind::Reply);
            out.field(STRUCT, 0);
            status(&mut out, &Ok::<(), String>(()), uuid);
            out
        }
        "call" => {
            let (registry, item, request) = call(&mut reader)?;
            let rows = rows(&registry, &item, &request, answers);
            let mut out = reply(Kind::Reply);
            out.field(STRUCT, 0);
            out.field(STRUCT, 1);
            status(&mut out, &rows.as_ref().map(|_| ()), uuid);
            out.field(LIST, 2);
            match &rows {
                Ok(write) => write(&mut out),
                Err(_) => out.list(MAP, 0),
            }
            out.stop();
            out
        }
        "shutdown" => {
            reader.skip(STRUCT)?;
            reply(Kind::Reply)
        }
        _ => {
            reader.skip(STRUCT)?;
            // TApplicationException: an unknown method.
            let mut out = reply(Kind::Exception);
            out.field(STRING, 1);
            out.string("debar does not know this call");
            out.field(I32, 2);
            out.i32(1);
            out
        }
    };
    out.stop();
    Ok(Some((out.into_bytes(), head.method == "shutdown")))
}

type Request = std::collections::BTreeMap<String, String>;

fn call<R: Read>(reader: &mut Reader<R>) -> io::Result<(String, String, Request)> {
    let (mut registry, mut item, mut request) = Default::default();
    while let Some((kind, number)) = reader.field()? {
        match (kind, number) {
            (STRING, 1) => registry = reader.string()?,
            (STRING, 2) => item = reader.string()?,
            (MAP, 3) => request = reader.strings()?,
            _ => reader.skip(kind)?,
        }
    }
    Ok((registry, item, request))
}

fn status<E: AsRef<str>>(out: &mut Writer, result: &Result<(), E>, uuid: i64) {
    let (code, message) = match result {
        Ok(()) => (0, "OK"),
        Err(message) => (1, message.as_ref()),
    };
    out.field(I32, 1);
    out.i32(code);
    out.field(STRING, 2);
    out.string(message);
    out.field(I64, 3);
    out.i64(uuid);
    out.stop();
}

/// What a call answers, still to be written.
type Answer = Box<dyn Fn(&mut Writer)>;

fn rows<L: Look>(
    registry: &str,
    item: &str,
    request: &Request,
    answers: &Answers<L>,
) -> Result<Answer, String> {
    let table = tables::named(item)
        .filter(|_| registry == "table")
        .ok_or_else(|| format!("debar has no {registry} called {item}"))?;
    match request.get("action").map(String::as_str) {
        Some("columns") => Ok(Box::new(|out| tables::routes(table, out))),
        Some("generate") => {
            let context = request.get("context").map(String::as_str).unwrap_or_default();
            let rows = answers.rows(table, context).map_err(|why| format!("{item}: {why}"))?;
            Ok(Box::new(move |out| rows.write(out)))
        }
        action => Err(format!("{item} cannot {}", action.unwrap_or("do nothing"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::osquery::answers::Take;
    use crate::osquery::tables::Source;

    fn message(method: &str, arguments: impl FnOnce(&mut Writer)) -> Vec<u8> {
        let mut writer = Writer::message(Kind::Call, method, 5);
        arguments(&mut writer);
        writer.stop();
        writer.into_bytes()
    }

    fn ask(bytes: &[u8]) -> io::Result<Option<(Vec<u8>, bool)>> {
        let look = |_: Source, _: Option<&str>, _: Take<'_>| Err("the scan cannot run".to_owned());
        answer(&mut &bytes[..], &Answers::new(look, Duration::ZERO), 9)
    }

    fn call_of(item: &str, action: &str) -> Vec<u8> {
        message("call", |out| {
            out.field(STRING, 1);
            out.string("table");
            out.field(STRING, 2);
            out.string(item);
            out.field(MAP, 3);
            out.strings(&[("action", action)]);
        })
    }

    fn has(reply: &[u8], text: &str) -> bool {
        reply.windows(text.len()).any(|window| window == text.as_bytes())
    }

    #[test]
    fn calls_are_answered() {
        let (pong, is_last) = ask(&message("ping", |_| {})).unwrap().unwrap();
        assert!(has(&pong, "OK") && !is_last);
        assert!(ask(&message("shutdown", |_| {})).unwrap().unwrap().1);
        let (columns, _) = ask(&call_of("debar_findings", "columns")).unwrap().unwrap();
        assert!(has(&columns, "product") && has(&columns, "INTEGER"));
        let (unknown, _) = ask(&message("query", |_| {})).unwrap().unwrap();
        assert_eq!(Reader::new(unknown.as_slice()).head().unwrap().unwrap().kind, Kind::Exception);
        assert!(ask(&[]).unwrap().is_none());
    }

    #[test]
    fn a_scan_that_cannot_run_is_an_error_and_no_empty_table() {
        let (reply, _) = ask(&call_of("debar_findings", "generate")).unwrap().unwrap();
        assert!(has(&reply, "debar_findings: the scan cannot run") && !has(&reply, "OK"));
        let (reply, _) = ask(&call_of("users", "generate")).unwrap().unwrap();
        assert!(has(&reply, "debar has no table called users"));
    }

    #[test]
    fn what_is_no_message_ends_the_connection() {
        assert!(ask(b"GET / HTTP/1.1\r\n\r\n").is_err());
        let mut cut = call_of("debar_findings", "generate");
        cut.truncate(cut.len() - 3);
        assert!(ask(&cut).is_err());
    }
}
