//! What collectors of registry keys share: whose a key is, and what a registered command line starts.

use super::paths::{self, Command};
use crate::collector::Sink;
use crate::collector::support::launched;
use crate::model::{Artifact, Field, State};
use crate::registry::{Key, Registry, User};
use crate::target::Target;

/// An installed artifact seen at a key: its path, and the user whose hive it lies in.
pub(super) fn artifact(sink: &Sink<'_>, registry: &Registry, key: &Key<'_>) -> Artifact {
    let user = registry.user_of(key);
    Artifact::new(sink.collector(), key.location())
        .with(Field::Key, key.path())
        .with_some(Field::User, user.map(|user| user.name.as_str()))
        .with_some(Field::Uid, user.and_then(|user| user.sid.as_deref()))
}

/// The fields that [`artifact`] sets, for `yields`.
pub(super) const fn machine_or_user(user: Option<&User>) -> &'static str {
    if user.is_some() { "user" } else { "machine" }
}

/// What a registered command line starts, with the variables of the user whose it is.
pub(super) fn command(target: &Target, line: &str, user: Option<&User>) -> Option<Command> {
    let registry = target.registry();
    paths::command(&target.root, registry, &registry.expand(line, user))
}

/// What a command line starts, directly or through a launcher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Launch {
    /// The program that runs, then what it is to start or load.
    pub(super) programs: Vec<String>,
    /// Files of settings that the line names.
    pub(super) settings: Vec<String>,
    /// Commands that were encoded in the line.
    pub(super) decoded: Vec<String>,
    /// Whether the program, or all that a launcher is to start, is gone for certain.
    pub(super) is_gone: bool,
}

/// What a registered command line starts, also through another program, with the variables of the user whose it is.
pub(super) fn launch(target: &Target, line: &str, user: Option<&User>) -> Option<Launch> {
    let registry = target.registry();
    let line = registry.expand(line, user);
    let started = paths::command(&target.root, registry, &line)?;
    let mut launch = Launch {
        programs: vec![started.program],
        settings: settings_in(&line),
        decoded: Vec::new(),
        is_gone: started.is_gone,
    };
    let program = launch.programs.first().cloned().unwrap_or_default();
    let is_launcher = launched::is_windows_launcher(&program);
    let mut named = launched::in_windows_arguments(&line);
    // `--cwd "C:\Vendor" -- tool.exe`
    let joined = launched::joined(&named.programs, &named.programs);
    named.programs.extend(joined);
    if is_launcher {
        launch.decoded = named.decoded;
    } else {
        // Wrappers have any name: of other programs, only what can be started counts, by its whole path.
        named
            .programs
            .retain(|path| launched::is_program_by_path(path) && !path.eq_ignore_ascii_case(&program));
    }
    let stem = |path: &str| {
        let name = path.rsplit(['\\', '/']).next().unwrap_or_default().to_lowercase();
        name.strip_suffix(".exe").map(str::to_owned).unwrap_or(name)
    };
    // The line begins with the launcher itself.
    let is_itself = |at: usize, path: &str| at == 0 && stem(path) == stem(&program);
    let named = named.programs.iter().enumerate().filter(|(at, path)| !is_itself(*at, path));
    let mut known = Vec::new();
    for path in named.map(|(_, path)| registry.expand(path, user)) {
        if registry.on_target(&path).is_some() {
            known.push(registry.is_gone(&target.root, &path));
        }
        launch.programs.push(path);
    }
    launch.programs.iter_mut().for_each(|path| *path = as_opened(path));
    launch.is_gone |= is_launcher && !known.is_empty() && known.iter().all(|gone| *gone);
    Some(launch)
}

/// A path as Windows opens it: without the dots and blanks that its parts end with.
fn as_opened(path: &str) -> String {
    if path.starts_with(r"\\?\") || ![".\\", " \\"].iter().any(|end| path.contains(end)) {
        return path.to_owned();
    }
    let part = |part: &str| {
        let whole = part.trim_end_matches(['.', ' ']);
        if whole.is_empty() { part.to_owned() } else { whole.to_owned() }
    };
    path.split('\\').map(part).collect::<Vec<_>>().join("\\")
}

/// Whether a file or folder that the registry names is gone for certain.
pub(super) fn is_gone(target: &Target, path: &str, user: Option<&User>) -> bool {
    let path = target.registry().expand(path.trim().trim_matches('"').trim_end_matches('\\'), user);
    target.registry().is_gone(&target.root, &path)
}

/// Whether a file or folder is gone, or an empty folder was left of it.
pub(super) fn is_gone_or_empty(target: &Target, path: &str, user: Option<&User>) -> bool {
    if is_gone(target, path, user) {
        return true;
    }
    let registry = target.registry();
    let path = registry.expand(path.trim().trim_matches('"').trim_end_matches('\\'), user);
    let found = registry.on_target(&path).and_then(|path| target.root.find(&path).ok());
    found.is_some_and(|found| {
        found.is_directory() && target.root.list_found(&found).is_ok_and(|names| names.is_empty())
    })
}

/// `DisplayIcon` is a file and the number of an icon in it.
pub(super) fn icon_file(icon: &str) -> &str {
    let icon = icon.trim();
    let icon = match icon.rsplit_once(',') {
        Some((file, number)) if number.trim().trim_start_matches('-').bytes().all(|b| b.is_ascii_digit()) => {
            file
        }
        _ => icon,
    };
    icon.trim().trim_matches('"')
}

/// Installed, or a remnant when what it names is gone.
pub(super) fn state(is_gone: bool) -> State {
    if is_gone { State::Remnant } else { State::Installed }
}

/// Endings of settings.
pub(super) const SETTINGS: &[&str] =
    &["xml", "yml", "yaml", "ini", "json", "conf", "cfg", "toml", "properties", "config"];

/// Files of settings that a command line names.
fn settings_in(line: &str) -> Vec<String> {
    let mut words = launched::windows_words(line);
    let is_settings = |word: &String| {
        let ending = word.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
        word.contains('\\') && ending.is_some_and(|ending| SETTINGS.contains(&ending.as_str()))
    };
    words.retain(is_settings);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_taken_as_windows_opens_it() {
        for (path, opened) in [
            (r"C:\Vendor.\Tool 1 \a.exe", r"C:\Vendor\Tool 1\a.exe"),
            (r"C:\a\..\b.exe", r"C:\a\..\b.exe"),
            (r"\\?\C:\Vendor.\a.exe", r"\\?\C:\Vendor.\a.exe"),
            ("a.exe", "a.exe"),
        ] {
            assert_eq!(as_opened(path), opened);
        }
    }
}
