//! A running Windows: what its own programming interface alone says. Unsafe code is here and in `process/windows` only.
//!
//! Read-only questions to the system, by documented functions; no child programs and no WMI, which would hang where
//! the machine is sick and leave traces where it is not.
#![expect(unsafe_code, reason = "Windows has no safe interface for these")]

use std::collections::BTreeMap;
use std::io;

use windows_sys::Win32::Foundation::ERROR_MORE_DATA;
use windows_sys::Win32::Storage::FileSystem::{GetDriveTypeW, GetLogicalDrives, QueryDosDeviceW};
use windows_sys::Win32::System::Services::{
    CloseServiceHandle, ENUM_SERVICE_STATUS_PROCESSW, EnumServicesStatusExW, OpenSCManagerW,
    SC_ENUM_PROCESS_INFO, SC_HANDLE, SC_MANAGER_CONNECT, SC_MANAGER_ENUMERATE_SERVICE, SERVICE_DRIVER,
    SERVICE_RUNNING, SERVICE_STATE_ALL, SERVICE_STOPPED, SERVICE_WIN32,
};
use windows_sys::Win32::System::SystemInformation::GetSystemWindowsDirectoryW;

use super::ServiceActivity;

// Answers of `GetDriveTypeW` (fileapi.h).
const DRIVE_NO_ROOT_DIR: u32 = 1;
const DRIVE_REMOVABLE: u32 = 2;
const DRIVE_FIXED: u32 = 3;
const DRIVE_REMOTE: u32 = 4;
const DRIVE_CDROM: u32 = 5;
const DRIVE_RAMDISK: u32 = 6;

/// Which drive Windows is installed on, e.g. `C`.
pub(super) fn system_drive() -> char {
    let mut buffer = [0_u16; 260];
    // SAFETY: the buffer is as long as is said; the function writes no more.
    unsafe { GetSystemWindowsDirectoryW(buffer.as_mut_ptr(), 260) };
    let letter = buffer.first().copied().and_then(|unit| char::from_u32(u32::from(unit)));
    letter.filter(char::is_ascii_alphabetic).map_or('C', |letter| letter.to_ascii_uppercase())
}

/// Letters of the drives, each with why it is left out; `None` for the fixed disks.
pub(super) fn drives() -> Vec<(char, Option<String>)> {
    // SAFETY: no arguments.
    let mask = unsafe { GetLogicalDrives() };
    let letters = ('A'..='Z').enumerate().filter(|(bit, _)| mask & 1 << bit != 0).map(|(_, letter)| letter);
    letters.filter_map(|letter| Some((letter, left_out(letter)?))).collect()
}

/// Why a drive is left out, `Some(None)` for none; `None` if there is no such drive.
fn left_out(letter: char) -> Option<Option<String>> {
    let wide = |text: String| -> Vec<u16> { text.encode_utf16().chain([0]).collect() };
    let root = wide(format!("{letter}:\\"));
    // SAFETY: the text ends with a NUL and lives through the call.
    let kind = unsafe { GetDriveTypeW(root.as_ptr()) };
    let reason = match kind {
        DRIVE_NO_ROOT_DIR => return None,
        DRIVE_FIXED => None,
        DRIVE_REMOVABLE => Some("removable drive"),
        DRIVE_REMOTE => Some("network drive"),
        DRIVE_CDROM => Some("CD or DVD drive"),
        DRIVE_RAMDISK => Some("RAM disk"),
        _ => Some("drive of a kind that Windows does not tell"),
    };
    let mut buffer = [0_u16; 1024];
    let name = wide(format!("{letter}:"));
    // SAFETY: the name ends with a NUL, the buffer is as long as is said.
    let length = unsafe { QueryDosDeviceW(name.as_ptr(), buffer.as_mut_ptr(), 1024) } as usize;
    let device = String::from_utf16_lossy(buffer.get(..length).unwrap_or_default());
    let device = device.split('\0').next().unwrap_or_default();
    // `subst`: another name for a folder that is checked, or that is not, under its own.
    if let (Some(folder), None) = (device.strip_prefix(r"\??\"), reason) {
        return Some(Some(format!("another name for {folder} (subst)")));
    }
    Some(reason.map(str::to_owned))
}

/// A connection to the service manager, closed at the end.
struct Manager(SC_HANDLE);

impl Drop for Manager {
    fn drop(&mut self) {
        // SAFETY: it was opened and is closed once.
        unsafe { CloseServiceHandle(self.0) };
    }
}

/// What every service and driver does now, by its name in lower case.
pub(super) fn services() -> io::Result<BTreeMap<String, ServiceActivity>> {
    let access = SC_MANAGER_CONNECT | SC_MANAGER_ENUMERATE_SERVICE;
    // SAFETY: no machine and no database name: the local one.
    let manager = Manager(unsafe { OpenSCManagerW(std::ptr::null(), std::ptr::null(), access) });
    if manager.0.is_null() {
        return Err(io::Error::last_os_error());
    }
    let mut services = BTreeMap::new();
    let mut resume = 0;
    // The largest answer the function gives; of 64-bit numbers, because structures with pointers are written.
    let mut buffer = vec![0_u64; (256 << 10) / 8];
    loop {
        let (mut needed, mut count) = (0, 0);
        // SAFETY: the buffer is as long as is said and aligned for the structures written.
        let done = unsafe {
            EnumServicesStatusExW(
                manager.0,
                SC_ENUM_PROCESS_INFO,
                SERVICE_WIN32 | SERVICE_DRIVER,
                SERVICE_STATE_ALL,
                buffer.as_mut_ptr().cast(),
                256 << 10,
                &raw mut needed,
                &raw mut count,
                &raw mut resume,
                std::ptr::null(),
            )
        };
        let error = io::Error::last_os_error();
        let is_more = done == 0 && error.raw_os_error() == i32::try_from(ERROR_MORE_DATA).ok();
        if done == 0 && !is_more {
            return Err(error);
        }
        let entries = buffer.as_ptr().cast::<ENUM_SERVICE_STATUS_PROCESSW>();
        for index in 0..count as usize {
            // SAFETY: the function wrote `count` structures at the start of the buffer, whose names point into it.
            let (name, status) = unsafe {
                let entry = &*entries.add(index);
                (text(entry.lpServiceName), entry.ServiceStatusProcess)
            };
            let activity = match status.dwCurrentState {
                SERVICE_STOPPED => ServiceActivity::Stopped,
                SERVICE_RUNNING => ServiceActivity::Running { pid: status.dwProcessId },
                _ => ServiceActivity::Changing { pid: status.dwProcessId },
            };
            services.insert(name.to_lowercase(), activity);
        }
        if !is_more || count == 0 {
            return Ok(services);
        }
    }
}

/// The text at a pointer.
///
/// # Safety
/// It must be null or point to UTF-16 that ends with a NUL.
unsafe fn text(start: *const u16) -> String {
    if start.is_null() {
        return String::new();
    }
    // SAFETY: as the caller promises, every unit up to the NUL may be read.
    let units = unsafe {
        let length = (0..).take_while(|&at| *start.add(at) != 0).count();
        std::slice::from_raw_parts(start, length)
    };
    String::from_utf16_lossy(units)
}
