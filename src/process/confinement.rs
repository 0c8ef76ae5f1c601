//! Least privilege while a target is read: on Linux, debar gives up what a scan does not need.
//!
//! Three layers, each as far as the kernel has it. `no_new_privs`: nothing that is started gains rights. Landlock
//! (landlock(7)): files can be read below the targets only, and written only where outputs go. seccomp (seccomp(2)):
//! system calls that start programs, open connections, change other processes, mounts, owners or modes fail with
//! `EPERM`; calls that debar never makes, with `ENOSYS`.
//!
//! Landlock also hides what other processes run (`/proc/PID/exe`, ptrace(2)). A scan of the live host needs that, so
//! one thread that only answers this question is started before and stays outside of Landlock; seccomp binds it too.

use std::path::PathBuf;

use crate::model::Confinement;

/// What a scan needs.
#[derive(Debug, Clone, Default)]
pub struct Bounds {
    /// What may be read: files, and folders with everything below.
    pub read: Vec<PathBuf>,
    /// Where outputs are made: their folders, and pipes or devices themselves.
    pub write: Vec<PathBuf>,
    /// Where temporary files are made, to write and to read.
    pub scratch: Vec<PathBuf>,
    /// Whether connections are opened and helper programs started: images are fetched from a registry.
    pub network: bool,
}

/// Confines this process, as far as the system can, for the rest of its life. To be called before it has threads:
/// Landlock binds the calling thread and those that it starts later.
pub fn confine(bounds: &Bounds) -> Confinement {
    #[cfg(target_os = "linux")]
    {
        super::linux::confine(bounds)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = bounds;
        Confinement::none("debar has no means of it on this system")
    }
}
