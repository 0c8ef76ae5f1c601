//! What the services of a running Windows do now; the registry tells only what they are.

use std::collections::BTreeMap;
use std::io;

/// What a service does now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServiceActivity {
    /// Nothing.
    Stopped,
    /// It runs.
    Running {
        /// The process that it runs in; 0 for drivers.
        pid: u32,
    },
    /// It starts, stops, pauses or is paused.
    Changing {
        /// The process that it runs in; 0 for drivers.
        pid: u32,
    },
}

/// What every service and driver of this host does now, by its name in lower case; empty where there are none.
///
/// # Errors
/// When the service manager does not answer or refuses this account.
pub fn services() -> io::Result<BTreeMap<String, ServiceActivity>> {
    #[cfg(windows)]
    {
        super::windows::system::services()
    }
    #[cfg(not(windows))]
    {
        Ok(BTreeMap::new())
    }
}
