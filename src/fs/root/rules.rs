//! The rules by which a system keeps usual folders elsewhere.

use std::sync::RwLock;

/// A place of the target that was not read, and why.
pub(crate) type Unread = (String, String);

/// Where this system keeps what patterns name by the usual folders.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// The usual folder and the other one; both may have `*`.
    pub(super) rules: RwLock<Vec<(String, String)>>,
    pub(super) unread: RwLock<Vec<Unread>>,
}
