//! Users and profiles, as the registry names them.

/// A user of the target's Windows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Security identifier; `None` when only the folder of the profile is known.
    pub sid: Option<String>,
    /// Name of the profile's folder, which is the name of the account when it was made.
    pub name: String,
    /// Folder of the profile as Windows names it, e.g. `C:\Users\Name`.
    pub profile: Option<String>,
    /// The key that the hive is mounted at: `HKU\` and the identifier, or the name where there is none.
    pub key: String,
}

/// A profile that the registry lists.
pub(super) struct Profile {
    pub(super) sid: String,
    pub(super) folder: String,
}
