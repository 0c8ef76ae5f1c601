//! The event log of the running Windows: one entry, on request.
//!
//! The source needs no registration to be written to; the `.msi` registers it, so that the Event Viewer knows the text.
#![expect(unsafe_code, reason = "Windows has no safe interface for these")]

use std::io;

use windows_sys::Win32::Foundation::HANDLE;
use windows_sys::Win32::System::EventLog::{
    DeregisterEventSource, EVENTLOG_ERROR_TYPE, EVENTLOG_INFORMATION_TYPE, EVENTLOG_WARNING_TYPE,
    RegisterEventSourceW, ReportEventW,
};

use crate::process::{EVENT_SOURCE, Event, Gravity};

/// Units of a text; the log takes 31,839 (documentation of `ReportEventW`).
const MAX_UNITS: usize = 31_000;

/// A connection to the log, closed at the end.
struct Log(HANDLE);

impl Drop for Log {
    fn drop(&mut self) {
        // SAFETY: it was opened and is closed once.
        unsafe { DeregisterEventSource(self.0) };
    }
}

/// Writes an entry into the log `Application`.
pub(in crate::process) fn write(event: &Event) -> io::Result<()> {
    // What it cannot hold is in the report.
    let wide = |text: &str| -> Vec<u16> { text.encode_utf16().take(MAX_UNITS).chain([0]).collect() };
    let (source, text) = (wide(EVENT_SOURCE), wide(&event.text));
    // SAFETY: no server name: this machine; the name ends with a NUL and lives through the call.
    let handle = unsafe { RegisterEventSourceW(std::ptr::null(), source.as_ptr()) };
    if handle.is_null() {
        return Err(io::Error::last_os_error());
    }
    let log = Log(handle);
    let kind = match event.gravity {
        Gravity::Error => EVENTLOG_ERROR_TYPE,
        Gravity::Warning => EVENTLOG_WARNING_TYPE,
        Gravity::Information => EVENTLOG_INFORMATION_TYPE,
    };
    let texts = [text.as_ptr()];
    // SAFETY: one text that ends with a NUL, no further data, no user; all live through the call.
    let written = unsafe {
        let (nobody, nothing) = (std::ptr::null_mut(), std::ptr::null());
        ReportEventW(log.0, kind, 0, event.id, nobody, 1, 0, texts.as_ptr(), nothing)
    };
    if written == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}
