//! The event log of Windows: one entry, on request.

use std::io;

/// The name under which debar writes into the event log.
pub const EVENT_SOURCE: &str = "debar";

/// How grave an entry of the event log is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gravity {
    /// Something has to be done.
    Error,
    /// Something should be looked at.
    Warning,
    /// All is well.
    Information,
}

/// An entry of the event log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// How grave.
    pub gravity: Gravity,
    /// Its number, by which consoles filter: at most 1000, whose texts Windows' own `EventCreate.exe` has.
    pub id: u32,
    /// What happened.
    pub text: String,
}

/// Whether this system has an event log as Windows has.
pub fn has_event_log() -> bool {
    cfg!(windows)
}

/// Writes an entry into the event log `Application` of this Windows.
///
/// # Errors
/// When Windows does not take it, and on every other system.
pub fn write_event(event: &Event) -> io::Result<()> {
    #[cfg(windows)]
    {
        super::windows::event_log::write(event)
    }
    #[cfg(not(windows))]
    {
        let _ = event;
        Err(io::Error::new(io::ErrorKind::Unsupported, "only Windows has an event log"))
    }
}
