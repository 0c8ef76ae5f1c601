//! What the list of processes does not tell: whether the executable still exists, and the container or other
//! root that the process runs in.

mod place;
pub use place::{Executable, ProcessPlace};

/// What the kernel calls the namespace of processes that it begins with (`PROC_PID_INIT_INO` in its `proc_ns.h`).
#[cfg(target_os = "linux")]
const FIRST_NAMESPACE: &str = "pid:[4026531836]";

/// Whether only the processes of a container or sandbox can be seen: pid_namespaces(7).
#[cfg(target_os = "linux")]
pub fn in_pid_namespace() -> bool {
    let own = std::fs::read_link("/proc/self/ns/pid");
    own.is_ok_and(|own| own.to_str().is_some_and(|own| own.starts_with("pid:[") && own != FIRST_NAMESPACE))
}

/// Whether only the processes of a container or sandbox can be seen: other systems have no such namespaces.
#[cfg(not(target_os = "linux"))]
pub fn in_pid_namespace() -> bool {
    false
}

/// Returns what is known of a process beyond the list; `listed` is the executable that the list gave.
#[cfg(target_os = "linux")]
pub fn process_place(pid: u32, _listed: Option<&std::path::Path>) -> ProcessPlace {
    super::linux::process_place(pid)
}

/// Returns what is known of a process beyond the list; `listed` is the executable that the list gave.
#[cfg(not(target_os = "linux"))]
pub fn process_place(_pid: u32, listed: Option<&std::path::Path>) -> ProcessPlace {
    let executable = match listed.filter(|path| !path.as_os_str().is_empty()) {
        Some(path) => Executable::File {
            path: path.as_os_str().as_encoded_bytes().to_vec(),
            on_disk: path.try_exists().ok(),
        },
        // The list does not say why; an administrator sees all but the system's own, which have no file.
        None if crate::process::account().1 => Executable::None,
        None => Executable::Denied,
    };
    ProcessPlace { executable, container: None }
}
