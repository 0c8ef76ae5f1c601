//! The event log of Windows: one entry, on request.

mod event;

pub use event::{EVENT_SOURCE, Event, Gravity};
use std::io;

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
