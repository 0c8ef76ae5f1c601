//! One profile: its list of add-ons, and what lies in its folder.

use std::collections::BTreeSet;

use super::super::places::home_owner;
use crate::collector::Sink;
use crate::format::browser::mozilla_extensions::{self, Addon};
use crate::fs::tree::{ListedKind, file_name, join, parent};
use crate::fs::{Fault, Found};
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::{shown, text_of};

/// Bytes read of a list of add-ons.
pub(super) const LIST: usize = 32 << 20;

pub(super) fn profile(target: &Target, sink: &mut Sink<'_>, browser: &str, folder: &Found) {
    let path = join(&folder.path, b"extensions.json");
    let list = sink.read_path(&target.root, &path, LIST).map(|bytes| mozilla_extensions::addons(&bytes));
    let name = text_of(file_name(&folder.path));
    let mut known = BTreeSet::new();
    let has_list = match list {
        Some(Ok(addons)) => {
            sink.damage(&path, &addons.damage);
            for addon in addons.value {
                let artifact = listed(sink, &addon, &path, browser).with(Field::Profile, name.as_str());
                sink.artifact(artifact);
                known.insert(addon.id);
            }
            true
        }
        Some(Err(damage)) => {
            sink.damage(&path, &[damage]);
            false
        }
        None => false,
    };
    let extensions = match target.root.find(&join(&folder.path, b"extensions")) {
        Ok(extensions) if extensions.is_directory() => extensions,
        Ok(_) | Err(Fault::Absent) => return,
        Err(fault) => return sink.fault(fault),
    };
    for (id, path) in lying(target, sink, &extensions) {
        if !known.contains(&id) {
            let state = if has_list { State::Remnant } else { State::Installed };
            let artifact = left(sink, &id, &path, browser).with(Field::Profile, name.as_str()).state(state);
            sink.artifact(artifact);
        }
    }
}

/// Identifiers and paths of what lies in a folder of add-ons.
pub(super) fn lying(target: &Target, sink: &mut Sink<'_>, folder: &Found) -> Vec<(String, Vec<u8>)> {
    let names = sink.list(&target.root, folder);
    let addons = names.into_iter().filter_map(|listed| {
        let name = text_of(&listed.name);
        let id = match listed.kind {
            ListedKind::File => name.strip_suffix(".xpi")?,
            ListedKind::Directory | ListedKind::Link => name.strip_suffix(".xpi").unwrap_or(&name),
            ListedKind::Special => return None,
        };
        // `staged` and `trash` hold what is being installed and removed.
        let is_id = id.contains('@') || id.starts_with('{');
        is_id.then(|| (id.to_owned(), join(&folder.path, &listed.name)))
    });
    addons.collect()
}

pub(super) fn listed(sink: &Sink<'_>, addon: &Addon, path: &[u8], browser: &str) -> Artifact {
    let mut names = addon.names.iter();
    Artifact::new(sink.collector(), Location::record(path, addon.id.as_str()))
        .state(if addon.active { State::Installed } else { State::Disabled })
        .with(Field::Identifier, addon.id.as_str())
        .with_some(Field::Name, names.next())
        .with_many(Field::DisplayName, names)
        .with_some(Field::Version, addon.version.as_deref())
        .with_some(Field::Description, addon.description.as_deref())
        .with_some(Field::Author, addon.creator.as_deref())
        .with_some(Field::Homepage, addon.homepage.as_deref())
        .with_some(Field::UpdateUrl, addon.update_url.as_deref())
        .with_many(Field::Permissions, &addon.permissions)
        .with(Field::Type, addon.kind.as_deref().unwrap_or("extension"))
        .with_many(Field::Source, addon.source.iter().chain(&addon.location))
        .with_some(Field::Path, addon.path.as_deref())
        .with(Field::Enabled, if addon.active { "yes" } else { "no" })
        .with(Field::Browser, browser)
        .with_some(Field::User, home_owner(path))
}

/// An add-on that only its file reports.
pub(super) fn left(sink: &Sink<'_>, id: &str, path: &[u8], browser: &str) -> Artifact {
    Artifact::new(sink.collector(), Location::path(path))
        .with(Field::Identifier, id)
        .with(Field::Type, "extension")
        .with(Field::Browser, browser)
        .with_some(Field::User, home_owner(path))
        .with(Field::Path, shown(path))
        .with(Field::InstallLocation, shown(parent(path)))
}
