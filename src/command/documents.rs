//! Documents that are named as targets: inventories of debar and bills of materials.

use std::fs::File;
use std::io::{self, BufRead, Read};
use std::path::Path;

use super::target_names::{self, DOCUMENT};
use crate::model::Error;
use crate::report::read::MAX_BYTES;
use crate::report::recorded::{self, Recorded};

/// Bytes that show what a file is.
const BEGINNING: usize = 64;

/// What a document lists that a target names; `None` when the target is something else.
pub(super) fn read(name: &str) -> Option<Result<Vec<Recorded>, Error>> {
    let bytes = if name == "-" { from_input() } else { from_file(name) };
    let bytes = match bytes {
        Ok(bytes) => bytes?,
        Err(source) => return Some(Err(Error::Target { target: name.to_owned(), source })),
    };
    let recorded = recorded::read(&bytes, name);
    Some(
        recorded
            .map_err(|error| Error::UnsupportedTarget { target: name.to_owned(), reason: error.to_string() }),
    )
}

fn from_file(name: &str) -> io::Result<Option<Vec<u8>>> {
    let (path, is_said) = match name.strip_prefix(DOCUMENT) {
        Some(path) => (Path::new(path), true),
        // What says that it is something else is not looked into.
        None => match target_names::local(name) {
            Some(path) if path == Path::new(name) => (path, false),
            _ => return Ok(None),
        },
    };
    if !is_said && !std::fs::metadata(path).is_ok_and(|file| file.is_file()) {
        return Ok(None);
    }
    let mut file = File::open(path)?;
    let mut beginning = Vec::new();
    file.by_ref().take(BEGINNING as u64).read_to_end(&mut beginning)?;
    if !is_said && !recorded::may_begin(&beginning) {
        return Ok(None);
    }
    whole(beginning, file).map(Some)
}

/// The beginning of standard input decides, and nothing is taken from it: an image is read there, too.
fn from_input() -> io::Result<Option<Vec<u8>>> {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd;
        use std::os::unix::fs::FileExt;
        let file = File::from(io::stdin().as_fd().try_clone_to_owned()?);
        if file.metadata()?.is_file() {
            let at = io::Seek::stream_position(&mut &file)?;
            let mut beginning = [0; BEGINNING];
            let read = file.read_at(&mut beginning, at)?;
            let beginning = beginning.get(..read).unwrap_or_default();
            return if recorded::may_begin(beginning) { whole(Vec::new(), file).map(Some) } else { Ok(None) };
        }
    }
    let mut input = io::stdin().lock();
    if !recorded::may_begin(input.fill_buf()?) {
        return Ok(None);
    }
    whole(Vec::new(), input).map(Some)
}

/// The rest of a document, up to what is more than one may have.
fn whole(mut bytes: Vec<u8>, input: impl Read) -> io::Result<Vec<u8>> {
    let room = (MAX_BYTES + 1).saturating_sub(bytes.len());
    input.take(room as u64).read_to_end(&mut bytes)?;
    Ok(bytes)
}
