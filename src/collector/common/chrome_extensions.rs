//! `chrome_extensions`: extensions of Chromium browsers, what forces them, and the programs they may start.
//!
//! What a profile knows (`Preferences`) and what lies in its folder are merged: an extension that the profile
//! does not know is left over, one that lies nowhere but is known was loaded from elsewhere. A profile whose
//! list cannot be read has all its folders installed.

mod external;
mod places;
mod profile;
pub(super) mod registry;
mod shape;

use external::{SMALL, external};
use places::{Kind, PROFILES, SYSTEM, SYSTEM_READS};

use super::native_messaging;
use super::places::DATA_PLACES;
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::format::browser::browser_policy;
use crate::format::text::plist;
use crate::fs::Found;
use crate::model::{Artifact, Field, Location};
use crate::registry::{HIVES, with_hives};
use crate::target::Target;
use crate::text::shown;

/// The collector of what Chromium's relatives keep below the folders of users.
pub const COLLECTOR: Collector = Collector {
    name: "chrome_extensions",
    about: "Extensions of Chrome, Edge and every other relative of Chromium in every profile, policies that install them, and their native messaging hosts.",
    applies: Applies::EVERYWHERE,
    reads: &with_hives::<{ HIVES.len() + READS.len() }>(READS),
    walks: DATA_PLACES,
    keys: registry::KEYS,
    yields: &[
        Field::Identifier,
        Field::Name,
        Field::DisplayName,
        Field::Version,
        Field::Description,
        Field::Author,
        Field::Homepage,
        Field::UpdateUrl,
        Field::Permissions,
        Field::Type,
        Field::Source,
        Field::Enabled,
        Field::Browser,
        Field::Profile,
        Field::User,
        Field::Path,
        Field::Program,
        Field::Depends,
        Field::Key,
    ],
    run,
    visit: Some(Visit { wants: shape::wants, file: shape::file }),
};

const READS: &[&str] = &{
    let mut all = [""; PROFILES.len() + SYSTEM_READS.len() + shape::READS.len()];
    let (profiles, rest) = all.split_at_mut(PROFILES.len());
    let (system, hidden) = rest.split_at_mut(SYSTEM_READS.len());
    profiles.copy_from_slice(PROFILES);
    system.copy_from_slice(SYSTEM_READS);
    hidden.copy_from_slice(shape::READS);
    all
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    let mut seen = std::collections::BTreeSet::new();
    for (browser, pattern) in places::DATA {
        for data in sink.glob(&target.root, pattern) {
            if data.is_directory() && seen.insert(data.real.clone()) {
                profile::browser(target, sink, browser, &data);
            }
        }
    }
    shape::hidden(target, sink);
    for (browser, kind, pattern) in SYSTEM {
        for found in sink.files(&target.root, &[pattern]) {
            machine(target, sink, browser, *kind, &found);
        }
    }
    registry::run(target, sink);
}

fn machine(target: &Target, sink: &mut Sink<'_>, browser: &'static str, kind: Kind, found: &Found) {
    match kind {
        Kind::Policy => policy(target, sink, browser, found),
        Kind::External => external(target, sink, browser, found),
        Kind::Host => native_messaging::host(target, sink, browser, found),
    }
}

fn policy(target: &Target, sink: &mut Sink<'_>, browser: &'static str, found: &Found) {
    let Some(mut bytes) = sink.read(&target.root, found, SMALL) else { return };
    // macOS keeps policies as property lists, of the same names and values.
    if found.path.ends_with(b".plist") {
        let list = plist::read(&bytes);
        sink.damage(&found.path, &list.damage);
        bytes = list.value.to_json().to_string().into_bytes();
    }
    match browser_policy::chromium(&bytes) {
        Ok(installed) => {
            for one in installed {
                let artifact = from_policy(sink, browser, found, one);
                sink.artifact(artifact);
            }
        }
        Err(damage) => sink.damage(&found.path, &[damage]),
    }
}

/// An extension that a policy file installs.
pub(super) fn from_policy(
    sink: &Sink<'_>,
    browser: &'static str,
    found: &Found,
    installed: browser_policy::Installed,
) -> Artifact {
    let record = installed.id.as_deref().or(installed.update_url.as_deref()).unwrap_or(installed.policy);
    Artifact::new(sink.collector(), Location::record(&found.path, record))
        .with_some(Field::Identifier, installed.id.as_deref())
        .with_some(Field::UpdateUrl, installed.update_url.as_deref())
        .with(Field::Type, "policy")
        .with(Field::Source, installed.policy)
        .with(Field::Browser, browser)
        .with(Field::Path, shown(&found.path))
}

#[cfg(test)]
mod tests;
