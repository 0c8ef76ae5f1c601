//! Native messaging hosts, which Chromium's and Mozilla's browsers register alike.

use super::places::home_owner;
use crate::collector::Sink;
use crate::collector::support::program;
use crate::format::browser::native_messaging_host;
use crate::fs::Found;
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::shown;

/// Bytes read of a registration.
const LIMIT: usize = 1 << 20;

/// Yields the program that a registration names; one whose program is gone is a remnant.
pub(super) fn host(target: &Target, sink: &mut Sink<'_>, browser: &'static str, found: &Found) {
    let Some(bytes) = sink.read(&target.root, found, LIMIT) else { return };
    let host = match native_messaging_host::parse(&bytes) {
        Ok(host) => host,
        Err(damage) => return sink.damage(&found.path, &[damage]),
    };
    let gone = program::are_gone(&target.root, host.program.as_deref().map(str::as_bytes));
    let artifact = Artifact::new(sink.collector(), Location::path(&found.path))
        .state(if gone { State::Remnant } else { State::Installed })
        .with_some(Field::Name, host.name.as_deref())
        .with_some(Field::Description, host.description.as_deref())
        .with_some(Field::Program, host.program.as_deref())
        .with_many(Field::Depends, &host.allowed)
        .with(Field::Type, "native-messaging-host")
        .with(Field::Browser, browser)
        .with_some(Field::User, home_owner(&found.path))
        .with(Field::Path, shown(&found.path));
    sink.artifact(artifact);
}
