//! debar's own process: confinement, priority, signals, memory, the account, output files that appear whole.

#[cfg(target_os = "linux")]
mod calls;
mod confinement;
mod console;
mod event_log;
mod interrupts;
#[cfg(target_os = "linux")]
mod linux;
pub mod output;
#[cfg(windows)]
mod windows;

pub use confinement::{Bounds, confine};
pub use console::{is_plain, say};
pub use event_log::{EVENT_SOURCE, Event, Gravity, has_event_log, write_event};
pub use interrupts::Interrupts;
#[cfg(target_os = "linux")]
pub use linux::only_read_links;

/// Makes the console ready for colours; whether it can show them.
pub fn can_show_colours() -> bool {
    #[cfg(windows)]
    {
        windows::enable_colours()
    }
    #[cfg(not(windows))]
    {
        true
    }
}

/// Whether this process has a console that no other process uses: a window that closes with it.
pub fn is_alone_in_console() -> bool {
    #[cfg(windows)]
    {
        windows::is_alone_in_console()
    }
    #[cfg(not(windows))]
    {
        false
    }
}

/// Gives way to other programs: the lowest priority for the processor, which on Linux is the lowest for disks too
/// (ioprio_set(2)), `nice` from 1 to 19; 0 changes nothing. What the system refuses stays as it was.
pub fn give_way(nice: u8) {
    if nice == 0 {
        return;
    }
    #[cfg(unix)]
    let _ = rustix::process::setpriority_process(None, i32::from(nice.min(19)));
    #[cfg(windows)]
    windows::give_way();
}

/// Files and sockets that this process makes from now on are for its account only.
#[cfg(unix)]
pub fn only_for_me() {
    rustix::process::umask(rustix::fs::Mode::from_bits_truncate(0o077));
}

/// The bytes of memory that this process has in use, where the system reports it.
pub fn memory_in_use() -> Option<u64> {
    #[cfg(target_os = "linux")]
    {
        linux::memory_in_use()
    }
    #[cfg(not(target_os = "linux"))]
    {
        let own = sysinfo::Pid::from_u32(std::process::id());
        let wanted = sysinfo::ProcessRefreshKind::nothing().with_memory();
        let mut system = sysinfo::System::new().ok()?;
        system.refresh_processes_specifics(sysinfo::ProcessesToUpdate::Some(&[own]), false, wanted);
        system.process(own).map(sysinfo::Process::memory)
    }
}

/// Why no more memory can be taken, where the system allows few more addresses.
pub fn memory_refused() -> Option<String> {
    #[cfg(target_os = "linux")]
    if let Some((used, most)) = linux::scarce_addresses() {
        return Some(format!(
            "debar used {} of addresses, and the system allows {} (`ulimit -v`)",
            crate::text::size::in_words(used),
            crate::text::size::in_words(most)
        ));
    }
    None
}

/// Whether the system limits the addresses of this process.
pub fn is_memory_limited() -> bool {
    #[cfg(target_os = "linux")]
    {
        linux::most_addresses().is_some()
    }
    #[cfg(not(target_os = "linux"))]
    {
        false
    }
}

/// Begins again as a process that shares its memory among its threads, where the system limits its addresses: the
/// allocator would reserve most of them for single threads, and refuse others a few bytes.
pub fn share_scarce_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        use std::os::unix::process::CommandExt;
        const SHARED: &str = "MALLOC_ARENA_MAX";
        let mut words = std::env::args_os();
        if let Some(name) = words.next().filter(|_| is_memory_limited() && std::env::var_os(SHARED).is_none())
        {
            // It returns only where it failed, and then this process goes on as it is.
            let _ =
                std::process::Command::new("/proc/self/exe").arg0(name).args(words).env(SHARED, "1").exec();
        }
    }
}

/// Takes what a confined process cannot read any more: its account and its memory.
pub fn look_around() {
    account();
    memory_in_use();
    memory_refused();
}

/// The account that runs this process, and whether it may read everything.
pub fn account() -> (String, bool) {
    static ACCOUNT: std::sync::OnceLock<(String, bool)> = std::sync::OnceLock::new();
    ACCOUNT.get_or_init(look_at_account).clone()
}

fn look_at_account() -> (String, bool) {
    #[cfg(unix)]
    {
        let uid = rustix::process::geteuid().as_raw();
        let name = std::fs::read_to_string("/etc/passwd").ok().and_then(|passwd| user_name(&passwd, uid));
        (name.unwrap_or_else(|| format!("uid {uid}")), uid == 0)
    }
    #[cfg(not(unix))]
    {
        let name = std::env::var("USERNAME").unwrap_or_else(|_| "unknown".to_owned());
        #[cfg(windows)]
        let elevated = windows::is_elevated().unwrap_or(false);
        #[cfg(not(windows))]
        let elevated = false;
        (name, elevated)
    }
}

#[cfg(unix)]
fn user_name(passwd: &str, uid: u32) -> Option<String> {
    passwd.lines().find_map(|line| {
        let mut parts = line.split(':');
        let name = parts.next()?;
        (parts.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    })
}
