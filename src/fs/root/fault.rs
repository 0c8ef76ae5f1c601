//! Why a place could not be read.

use std::io;

use crate::model::{Gap, GapKind};
use crate::text::shown;

/// Why a place could not be read. `Absent` is normal and never a gap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// There is no such path.
    Absent,
    /// There is, and it could not be read.
    Unreadable {
        /// Why.
        kind: GapKind,
        /// The path as it was asked for.
        place: Vec<u8>,
        /// What happened.
        detail: String,
    },
}

impl Fault {
    pub(super) fn new(kind: GapKind, place: &[u8], detail: impl Into<String>) -> Self {
        Fault::Unreadable { kind, place: place.to_vec(), detail: detail.into() }
    }

    /// The fault of an I/O error at a place.
    pub fn from_io(place: &[u8], error: &io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => return Fault::Absent,
            io::ErrorKind::PermissionDenied => GapKind::Denied,
            io::ErrorKind::InvalidInput => GapKind::SpecialFile,
            io::ErrorKind::UnexpectedEof => GapKind::Truncated,
            io::ErrorKind::TimedOut => GapKind::TimedOut,
            io::ErrorKind::FileTooLarge => GapKind::OverLimit,
            io::ErrorKind::InvalidData => GapKind::Corrupt,
            io::ErrorKind::Unsupported => GapKind::Unsupported,
            _ if is_link_loop(error) => GapKind::LinkLoop,
            _ => GapKind::Unreadable,
        };
        Fault::new(kind, place, error.to_string())
    }

    /// The fault as that of another path, which leads to the same.
    #[must_use]
    pub fn at(self, path: Vec<u8>) -> Self {
        match self {
            Fault::Absent => Fault::Absent,
            Fault::Unreadable { kind, detail, .. } => Fault::Unreadable { kind, place: path, detail },
        }
    }

    /// Whether something is there whose content lies elsewhere.
    pub fn is_astray(&self) -> bool {
        matches!(self, Fault::Unreadable { kind: GapKind::BrokenLink | GapKind::Unsupported, .. })
    }

    /// The gap that this fault is, unless there was nothing there.
    pub fn into_gap(self, collector: &str) -> Option<Gap> {
        match self {
            Fault::Absent => None,
            Fault::Unreadable { kind, place, detail } => {
                Some(Gap { kind, collector: collector.to_owned(), place: shown(&place), detail })
            }
        }
    }
}

/// `ELOOP`: `io::ErrorKind::FilesystemLoop` is not stable yet.
fn is_link_loop(error: &io::Error) -> bool {
    #[cfg(unix)]
    {
        error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
    }
    #[cfg(not(unix))]
    {
        let _ = error;
        false
    }
}
