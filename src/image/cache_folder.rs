//! The folder of a cache: whose it is, and who may write to it.

use std::io;
use std::path::Path;

/// Makes a folder for this account alone, whatever its umask.
///
/// # Errors
/// When the system does not.
pub fn make(folder: &Path) -> io::Result<()> {
    let mut how = std::fs::DirBuilder::new();
    how.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut how, 0o700);
    how.create(folder)
}

/// Who may write to a folder besides this account and root.
#[cfg(unix)]
pub(super) fn who_else(metadata: &std::fs::Metadata) -> Option<&'static str> {
    use std::os::unix::fs::MetadataExt;
    let is_ours = [0, rustix::process::geteuid().as_raw()].contains(&metadata.uid());
    match metadata.mode() {
        mode if mode & 0o002 != 0 => Some("everybody"),
        mode if mode & 0o020 != 0 => Some("its group"),
        _ if !is_ours => Some("its owner, another account,"),
        _ => None,
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn only_this_account_and_root_may_write() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("a/cache");
        make(&folder).unwrap();
        let who = || who_else(&std::fs::metadata(&folder).unwrap());
        assert_eq!(who(), None);
        for (mode, expected) in [(0o755, None), (0o775, Some("its group")), (0o757, Some("everybody"))] {
            std::fs::set_permissions(&folder, PermissionsExt::from_mode(mode)).unwrap();
            assert_eq!(who(), expected, "{mode:o}");
        }
        if rustix::process::geteuid().is_root() {
            std::fs::set_permissions(&folder, PermissionsExt::from_mode(0o755)).unwrap();
            std::os::unix::fs::chown(&folder, Some(12345), None).unwrap();
            assert_eq!(who(), Some("its owner, another account,"));
        }
    }
}
