//! Read-only access to a target's Windows registry, live or from hive files: one tree of keys, whatever is below.
//!
//! [`Registry`] is a table of mounts: a key, the hive that answers below it, and where that hive is from. Several
//! hives may answer one key; the first has precedence. `HKLM` and `HKU` are the top; `HKLM\SYSTEM\CurrentControlSet`
//! and each user's `Software\Classes` are mounts of their own, as in Windows. Hives of container layers are stacked
//! above the hive of the base image and may delete what it has. A key that is missing is normal; what cannot be read
//! is a [`Fault`]. Names compare without case.
//!
//! ```
//! use debar::registry::{Memory, Registry};
//! let registry = Registry::from(Memory::new().value(r"HKLM\SOFTWARE\Vendor\Tool", "Version", "1.0"));
//! let key = registry.key(r"hklm\software\vendor\tool").items.remove(0);
//! assert_eq!(key.values().items.text("version").as_deref(), Some("1.0"));
//! assert_eq!(key.path(), r"HKLM\SOFTWARE\Vendor\Tool");
//! ```

mod environment;
mod folders;
mod hives;
mod link;
#[cfg(windows)]
mod live;
mod memory;
mod node;
mod offline;
mod stack;
mod user;
mod users;
mod value;
mod view;

use std::sync::Arc;

use crate::format::database::regf::same_name;
use crate::fs::root::Root;

pub use hives::{HIVES, with_hives};
pub use memory::Memory;
pub use node::{Fault, Origin, Read};
pub(crate) use node::{Node, Trouble};
pub use user::User;
pub use value::{Value, Values};
pub use view::{Key, Registry, Software};
use view::{components, is_below};

impl Registry {
    /// The registry of a target: what runs (`live`: top keys and their names), and the hive files of users who are
    /// not logged on; without anything that runs, all hive files. Hives that cannot be read are [`Registry::faults`].
    pub(crate) fn open(root: &Root, live: Vec<(&'static str, Arc<dyn Node>)>) -> Registry {
        hives::open(root, live)
    }

    /// The registry of a kind of target: what runs, of the live host, and hive files.
    pub(crate) fn of(kind: crate::model::TargetKind, root: &Root) -> Registry {
        let live = if kind == crate::model::TargetKind::Host { of_this_host() } else { Vec::new() };
        Registry::open(root, live)
    }
}

/// The top keys of the running Windows' registry, with the names that they are mounted at; none elsewhere.
fn of_this_host() -> Vec<(&'static str, Arc<dyn Node>)> {
    #[cfg(windows)]
    {
        live::registry()
    }
    #[cfg(not(windows))]
    {
        Vec::new()
    }
}

#[cfg(test)]
mod tests;
