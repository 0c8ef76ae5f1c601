//! What collectors of registry keys share: whose a key is, and what a registered command line starts.

use super::paths::{self, Command};
use crate::collector::Sink;
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

/// Whether a file or folder that the registry names is gone for certain.
pub(super) fn is_gone(target: &Target, path: &str, user: Option<&User>) -> bool {
    let path = target.registry().expand(path.trim().trim_matches('"').trim_end_matches('\\'), user);
    target.registry().is_gone(&target.root, &path)
}

/// Installed, or a remnant when what it names is gone.
pub(super) fn state(is_gone: bool) -> State {
    if is_gone { State::Remnant } else { State::Installed }
}
