//! What the list of processes does not tell: whether the executable still exists, and the container or other
//! root that the process runs in.

/// Where a process has its executable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Executable {
    /// It has none: a kernel thread, or it has ended.
    None,
    /// The system does not let this account see it.
    Denied,
    /// It is this file, as the process itself would name it.
    File {
        /// The path as the system names it.
        path: Vec<u8>,
        /// Whether the file still exists; `None` if that cannot be told.
        on_disk: Option<bool>,
    },
}

/// Where a process runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessPlace {
    /// Its executable.
    pub executable: Executable,
    /// The container, as its control group names it, or else the directory that is its root.
    pub container: Option<String>,
}

/// Tells what is known of a process beyond the list; `listed` is the executable that the list gave.
#[cfg(target_os = "linux")]
pub fn process_place(pid: u32, _listed: Option<&std::path::Path>) -> ProcessPlace {
    super::linux::process_place(pid)
}

/// Tells what is known of a process beyond the list; `listed` is the executable that the list gave.
#[cfg(not(target_os = "linux"))]
pub fn process_place(_pid: u32, listed: Option<&std::path::Path>) -> ProcessPlace {
    let executable = match listed.filter(|path| !path.as_os_str().is_empty()) {
        Some(path) => Executable::File {
            path: path.as_os_str().as_encoded_bytes().to_vec(),
            on_disk: path.try_exists().ok(),
        },
        // The list does not say why; an administrator sees all but the system's own, which have no file.
        None if super::account().1 => Executable::None,
        None => Executable::Denied,
    };
    ProcessPlace { executable, container: None }
}
