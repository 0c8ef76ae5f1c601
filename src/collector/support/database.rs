//! Files beside an SQLite database. SQLite follows links first, so they lie beside the file that a link leads to.

use crate::bytes::ReadAt;
use crate::collector::Sink;
use crate::format::database::sqlite::Beside;
use crate::fs::{Fault, Found, Root};

/// The write-ahead log and the rollback journal of a database.
pub struct Sides {
    wal: Option<Box<dyn ReadAt>>,
    journal: Option<Box<dyn ReadAt>>,
}

impl Sides {
    /// Opens what lies beside a database; what cannot be read is a gap.
    pub fn open(root: &Root, sink: &mut Sink<'_>, found: &Found) -> Sides {
        Sides { wal: side(root, sink, found, b"-wal"), journal: side(root, sink, found, b"-journal") }
    }

    /// As the reader of databases takes them.
    pub fn beside(&self) -> Beside<'_> {
        Beside { wal: self.wal.as_deref(), journal: self.journal.as_deref() }
    }
}

fn side(root: &Root, sink: &mut Sink<'_>, found: &Found, ending: &[u8]) -> Option<Box<dyn ReadAt>> {
    match root.open(&[found.real.as_slice(), ending].concat()) {
        Ok(file) => Some(file),
        Err(Fault::Absent) => None,
        Err(fault) => {
            sink.fault(fault);
            None
        }
    }
}
