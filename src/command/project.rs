//! The settings of a project: `.debar.toml` in the current folder.
//!
//! A folder may come from anywhere, and what lies in it must not configure a scan. The file counts only when it and the
//! folder belong to the account that runs debar, when nobody else may write to them, and when the folder is no part of what is scanned.

use std::path::{Path, PathBuf};

use clap::ArgMatches;

use super::config::File;
use super::target_names;
use crate::model::Error;

/// Name of the file.
pub(super) const NAME: &str = ".debar.toml";

/// What there is in the current folder.
pub(super) enum Found {
    None,
    /// A file that does not count, and why.
    Unsafe(String),
    File(File),
}

/// The file of the current folder, for a command with these arguments.
///
/// # Errors
/// When it counts and cannot be read, or is no TOML.
pub(super) fn file(matches: &ArgMatches) -> Result<Found, Error> {
    let path = Path::new(NAME);
    let Ok(about) = std::fs::symlink_metadata(path) else { return Ok(Found::None) };
    let why = if !about.is_file() {
        Some("it is no plain file".to_owned())
    } else {
        foreign(path, "it").or_else(|| foreign(Path::new("."), "its folder")).or_else(|| in_target(matches))
    };
    match why {
        Some(why) => Ok(Found::Unsafe(format!(
            "{NAME} of this folder is not used: {why}. Name it with --config to use it"
        ))),
        None => File::read(path).map(Found::File),
    }
}

/// Why the owner or the mode of a path does not let it count.
#[cfg(unix)]
fn foreign(path: &Path, what: &str) -> Option<String> {
    use std::os::unix::fs::MetadataExt;
    let Ok(about) = std::fs::symlink_metadata(path) else { return Some(format!("{what} cannot be read")) };
    if about.uid() != rustix::process::geteuid().as_raw() {
        return Some(format!("{what} belongs to another account"));
    }
    (about.mode() & 0o022 != 0).then(|| format!("other accounts may write to {what}"))
}

/// Owners are not known here: an elevated process takes no settings from a folder.
#[cfg(not(unix))]
fn foreign(_: &Path, _: &str) -> Option<String> {
    let (_, elevated) = crate::process::account();
    elevated.then(|| "debar runs elevated".to_owned())
}

/// Whether the current folder is a part of what is scanned.
fn in_target(matches: &ArgMatches) -> Option<String> {
    let here = std::fs::canonicalize(".").ok()?;
    let given = ["targets", "at"].into_iter().filter_map(|name| matches.try_get_many::<String>(name).ok()?);
    let mut given = given.flatten().filter_map(|name| target_names::local(name)).map(PathBuf::from);
    let inside = given.find(|path| std::fs::canonicalize(path).is_ok_and(|target| here.starts_with(target)));
    inside.map(|target| format!("its folder is a part of the target {}", target.display()))
}
