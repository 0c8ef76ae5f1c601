//! This process on Windows: priority, rights, console, event log.
#![expect(unsafe_code, reason = "Windows has no safe interface for these")]

pub(super) mod confinement;
pub(super) mod event_log;

use windows_sys::Win32::Foundation::{CloseHandle, HANDLE};
use windows_sys::Win32::Security::{GetTokenInformation, TOKEN_ELEVATION, TOKEN_QUERY, TokenElevation};
use windows_sys::Win32::System::Console::{
    ENABLE_VIRTUAL_TERMINAL_PROCESSING, GetConsoleMode, GetConsoleProcessList, GetStdHandle,
    STD_OUTPUT_HANDLE, SetConsoleMode,
};
use windows_sys::Win32::System::Threading::{
    BELOW_NORMAL_PRIORITY_CLASS, GetCurrentProcess, OpenProcessToken, SetPriorityClass,
};

/// Lets other programs go first. Not background mode: it confines a process to 32 MiB of memory on some versions.
pub(super) fn give_way() {
    // SAFETY: the handle stands for this process and needs no closing.
    unsafe { SetPriorityClass(GetCurrentProcess(), BELOW_NORMAL_PRIORITY_CLASS) };
}

/// Whether this process runs elevated; `None` if the system does not tell.
pub(super) fn is_elevated() -> Option<bool> {
    let mut elevation = TOKEN_ELEVATION::default();
    let size = u32::try_from(size_of::<TOKEN_ELEVATION>()).ok()?;
    let mut written = 0;
    let answered = with_token(TOKEN_QUERY, |token| {
        // SAFETY: the structure is of the size that is said.
        unsafe {
            GetTokenInformation(token, TokenElevation, (&raw mut elevation).cast(), size, &raw mut written)
        }
    })?;
    (answered != 0).then_some(elevation.TokenIsElevated != 0)
}

/// Does something with the token of this process; `None` if the system does not give it.
fn with_token<T>(access: u32, work: impl FnOnce(HANDLE) -> T) -> Option<T> {
    let mut token: HANDLE = std::ptr::null_mut();
    // SAFETY: the pseudo handle needs no closing; `token` is written on success only.
    if unsafe { OpenProcessToken(GetCurrentProcess(), access, &raw mut token) } == 0 {
        return None;
    }
    let done = work(token);
    // SAFETY: the token is open and closed once.
    unsafe { CloseHandle(token) };
    Some(done)
}

/// Makes the console understand colours; whether it does.
pub(super) fn enable_colours() -> bool {
    // SAFETY: the handle belongs to the process; the mode is written on success only.
    unsafe {
        let console = GetStdHandle(STD_OUTPUT_HANDLE);
        let mut mode = 0;
        GetConsoleMode(console, &raw mut mode) != 0
            && (mode & ENABLE_VIRTUAL_TERMINAL_PROCESSING != 0
                || SetConsoleMode(console, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING) != 0)
    }
}

/// Whether this process has a console that no other process uses: one that was opened for it.
pub(super) fn is_alone_in_console() -> bool {
    let mut processes = [0_u32; 2];
    // SAFETY: the list has as many places as are said. Without a console none is filled.
    unsafe { GetConsoleProcessList(processes.as_mut_ptr(), 2) == 1 }
}
