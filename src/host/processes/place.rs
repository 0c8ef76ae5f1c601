//! Where a process runs.

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
        /// Whether the file still exists; `None` if that cannot be known.
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
