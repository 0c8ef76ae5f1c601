//! What this process gives up on Windows: privileges, child processes, code made at run time, libraries from elsewhere.
//!
//! Source: "SetProcessMitigationPolicy", "AdjustTokenPrivileges" and "SetDefaultDllDirectories" of Microsoft's documentation.
#![expect(unsafe_code, reason = "Windows has no safe interface for these")]

use windows_sys::Win32::Foundation::{HANDLE, LUID};
use windows_sys::Win32::Security::{
    AdjustTokenPrivileges, GetTokenInformation, LUID_AND_ATTRIBUTES, LookupPrivilegeValueW,
    SE_PRIVILEGE_REMOVED, TOKEN_ADJUST_PRIVILEGES, TOKEN_PRIVILEGES, TOKEN_QUERY, TokenPrivileges,
};
use windows_sys::Win32::System::LibraryLoader::{LOAD_LIBRARY_SEARCH_SYSTEM32, SetDefaultDllDirectories};
use windows_sys::Win32::System::Threading::{
    PROCESS_MITIGATION_POLICY, ProcessChildProcessPolicy, ProcessDynamicCodePolicy, ProcessImageLoadPolicy,
    SetProcessMitigationPolicy,
};

use super::with_token;
use crate::model::Confinement;

/// What a scan needs: walking through folders, reading what its access list keeps back, asking what others run.
const NEEDED: &[&str] = &["SeChangeNotifyPrivilege", "SeBackupPrivilege", "SeDebugPrivilege"];
/// The most privileges that Windows has, with room.
const MOST: usize = 64;
/// No images from shares or of low integrity, and those of System32 first.
const IMAGES: u32 = 0b111;

/// Gives up what a scan does not need; with `network`, programs that log on to a registry can still be started.
pub(in crate::process) fn confine(network: bool) -> Confinement {
    let mut confined = Confinement { programs: true, connections: true, ..Confinement::default() };
    match drop_privileges() {
        Some(count) => confined.measures.push(format!("{count} privileges given up")),
        None => confined.notes.push("Windows refuses to take privileges away".to_owned()),
    }
    let mut set = |is_set: bool, what: &str| {
        let list = if is_set { &mut confined.measures } else { &mut confined.notes };
        list.push(if is_set { what.to_owned() } else { format!("Windows refuses: {what}") });
        is_set
    };
    // SAFETY: it takes a number and changes this process only.
    set(unsafe { SetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_SYSTEM32) } != 0, "libraries of System32 only");
    set(mitigate(ProcessImageLoadPolicy, IMAGES), "no images from shares");
    set(mitigate(ProcessDynamicCodePolicy, 1), "no code made at run time");
    if !network {
        confined.programs = !set(mitigate(ProcessChildProcessPolicy, 1), "no child processes");
    }
    confined
}

/// Sets the flags of a policy, which is one number; it holds for the rest of the process's life.
fn mitigate(policy: PROCESS_MITIGATION_POLICY, flags: u32) -> bool {
    // SAFETY: the policy's structure is of one field of 32 bits, and the size says so.
    unsafe { SetProcessMitigationPolicy(policy, (&raw const flags).cast(), size_of::<u32>()) != 0 }
}

/// Privileges as Windows lists them: a number, and so many entries.
#[repr(C)]
struct Privileges {
    count: u32,
    entries: [LUID_AND_ATTRIBUTES; MOST],
}

/// Takes all privileges away that a scan does not need; how many.
fn drop_privileges() -> Option<usize> {
    with_token(TOKEN_QUERY | TOKEN_ADJUST_PRIVILEGES, drop_from)?
}

/// Takes them away from an open token.
fn drop_from(token: HANDLE) -> Option<usize> {
    let none = LUID_AND_ATTRIBUTES { Luid: LUID { LowPart: 0, HighPart: 0 }, Attributes: 0 };
    let mut held = Privileges { count: 0, entries: [none; MOST] };
    let size = u32::try_from(size_of::<Privileges>()).ok()?;
    let mut written = 0;
    // SAFETY: the structure has the layout of TOKEN_PRIVILEGES with room for more entries, and its size is said.
    let answered = unsafe {
        GetTokenInformation(token, TokenPrivileges, (&raw mut held).cast(), size, &raw mut written)
    };
    let needed: Vec<(u32, i32)> = NEEDED.iter().filter_map(|name| number_of(name)).collect();
    let count = usize::try_from(held.count).unwrap_or(MOST).min(MOST);
    let mut given_up = 0;
    for entry in held.entries.iter_mut().take(count) {
        if !needed.contains(&(entry.Luid.LowPart, entry.Luid.HighPart)) {
            entry.Attributes = SE_PRIVILEGE_REMOVED;
            given_up += 1;
        }
    }
    if answered == 0 {
        return None;
    }
    let state: *const TOKEN_PRIVILEGES = (&raw const held).cast();
    // SAFETY: as above; what was there before is not asked for.
    let changed =
        unsafe { AdjustTokenPrivileges(token, 0, state, 0, std::ptr::null_mut(), std::ptr::null_mut()) };
    (changed != 0).then_some(given_up)
}

/// The number by which this Windows knows a privilege.
fn number_of(name: &str) -> Option<(u32, i32)> {
    let name: Vec<u16> = name.encode_utf16().chain([0]).collect();
    let mut number = LUID { LowPart: 0, HighPart: 0 };
    // SAFETY: the name ends in zero; the number is written on success only.
    let is_known = unsafe { LookupPrivilegeValueW(std::ptr::null(), name.as_ptr(), &raw mut number) } != 0;
    is_known.then_some((number.LowPart, number.HighPart))
}
