//! Least privilege while a target is read: on Linux, debar gives up what a scan does not need.
//!
//! Three layers, each as far as the kernel has it. `no_new_privs`: nothing that is started gains rights. Landlock
//! (landlock(7)): files can be read below the targets only, and written only where outputs go. seccomp (seccomp(2)):
//! system calls that start programs, open connections, change other processes, mounts, owners or modes fail with
//! `EPERM`; calls that debar never makes, with `ENOSYS`.
//!
//! On Windows it gives up privileges, child processes, code made at run time and libraries from outside of System32; what
//! files it may open and what it may connect to stays as it is.
//!
//! Landlock also hides what other processes run (`/proc/PID/exe`, ptrace(2)). A scan of the live host needs that, so
//! one thread that only answers this question is started before and stays outside of Landlock; seccomp binds it too.

mod bounds;

use crate::model::Confinement;
pub use bounds::Bounds;

/// Confines this process, as far as the system can, for the rest of its life. To be called before it has threads:
/// Landlock binds the calling thread and those that it starts later.
pub fn confine(bounds: &Bounds) -> Confinement {
    #[cfg(target_os = "linux")]
    {
        super::linux::confine(bounds)
    }
    #[cfg(windows)]
    {
        super::windows::confinement::confine(bounds.network)
    }
    #[cfg(not(any(target_os = "linux", windows)))]
    {
        let _ = bounds;
        Confinement::none("debar has no means of it on this system")
    }
}
