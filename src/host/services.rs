//! What the services of a running Windows do now; the registry says only what they are.

mod activity;

pub use activity::ServiceActivity;
use std::collections::BTreeMap;
use std::io;

/// What every service and driver of this host does now, by its name in lower case; empty where there are none.
///
/// # Errors
/// When the service manager does not answer or refuses this account.
pub fn services() -> io::Result<BTreeMap<String, ServiceActivity>> {
    #[cfg(windows)]
    {
        super::windows::services()
    }
    #[cfg(not(windows))]
    {
        Ok(BTreeMap::new())
    }
}
