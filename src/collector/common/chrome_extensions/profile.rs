//! One browser's profiles.

use std::collections::BTreeMap;

use super::super::native_messaging;
use super::super::places::home_owner;
use super::external::{SMALL, external};
use crate::collector::Sink;
use crate::format::browser::chrome_preferences::{self, Origin, Setting};
use crate::format::browser::webextension::{Locales, Manifest, Messages};
use crate::fs::tree::{ListedKind, file_name, join};
use crate::fs::{Fault, Found};
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::{shown, text_of};

/// Bytes read of a profile's preferences: those of a profile used for years are a few MiB.
const PREFERENCES: usize = 64 << 20;
/// Locales of one extension that are read.
const MAX_LOCALES: usize = 200;

/// Reads every profile of a browser, and what else its folder registers.
pub(super) fn browser(target: &Target, sink: &mut Sink<'_>, browser: &'static str, data: &Found) {
    let mut folders = folders(target, sink, data);
    // Opera's folder is a profile itself.
    folders.push(data.clone());
    for folder in &folders {
        read(target, sink, browser, folder);
    }
    for name in [b"NativeMessagingHosts".as_slice(), b"External Extensions"] {
        for found in files(target, sink, &join(&data.path, name)) {
            if name == b"NativeMessagingHosts" {
                native_messaging::host(target, sink, browser, &found);
            } else {
                external(target, sink, browser, &found);
            }
        }
    }
}

/// The folders in a folder, links to folders included.
fn folders(target: &Target, sink: &mut Sink<'_>, parent: &Found) -> Vec<Found> {
    entries(target, sink, parent, |kind| matches!(kind, ListedKind::Directory | ListedKind::Link))
        .into_iter()
        .filter(Found::is_directory)
        .collect()
}

/// The `.json` files in a folder, which may be absent.
fn files(target: &Target, sink: &mut Sink<'_>, folder: &[u8]) -> Vec<Found> {
    let parent = match target.root.find(folder) {
        Ok(parent) if parent.is_directory() => parent,
        Ok(_) => return Vec::new(),
        Err(fault) => {
            sink.fault(fault);
            return Vec::new();
        }
    };
    entries(target, sink, &parent, |kind| matches!(kind, ListedKind::File | ListedKind::Link))
        .into_iter()
        .filter(|found| found.is_file() && file_name(&found.path).ends_with(b".json"))
        .collect()
}

fn entries(
    target: &Target,
    sink: &mut Sink<'_>,
    parent: &Found,
    wanted: impl Fn(ListedKind) -> bool,
) -> Vec<Found> {
    let names = sink.list(&target.root, parent);
    let mut found = Vec::new();
    for listed in names.into_iter().filter(|listed| wanted(listed.kind)) {
        match target.root.find(&join(&parent.path, &listed.name)) {
            Ok(one) => found.push(one),
            Err(fault) => sink.fault(fault),
        }
    }
    found
}

/// Reads one profile.
pub(super) fn read(target: &Target, sink: &mut Sink<'_>, browser: &str, folder: &Found) {
    Profile { target, browser, folder }.read(sink);
}

struct Profile<'a> {
    target: &'a Target,
    browser: &'a str,
    folder: &'a Found,
}

impl Profile<'_> {
    fn read(&self, sink: &mut Sink<'_>) {
        let mut settings: BTreeMap<String, (Setting, Vec<u8>)> = BTreeMap::new();
        let mut is_known = false;
        let mut is_damaged = false;
        // The secure file is the one the browser believes where both know an extension.
        for name in [b"Preferences".as_slice(), b"Secure Preferences"] {
            let path = join(&self.folder.path, name);
            let Ok(found) = self.target.root.find(&path) else { continue };
            if found.is_directory() {
                continue;
            }
            let Some(bytes) = sink.read(&self.target.root, &found, PREFERENCES) else {
                is_damaged = true;
                continue;
            };
            match chrome_preferences::settings(&bytes) {
                Ok(None) => {}
                Ok(Some(all)) => {
                    is_known = true;
                    settings.extend(all.into_iter().map(|one| (one.id.clone(), (one, path.clone()))));
                }
                Err(damage) => {
                    is_damaged = true;
                    sink.damage(&path, &[damage]);
                }
            }
        }
        let has_list = is_known && !is_damaged;
        for (id, version) in self.versions(sink) {
            let setting = settings.get_mut(&id);
            let setting = setting.map(|(setting, _)| {
                let copy = setting.clone();
                // Recognised by its folder; what stays is recognised by the profile alone.
                setting.path = None;
                copy
            });
            let state = match &setting {
                Some(setting) => state_of(setting),
                None if has_list => State::Remnant,
                None => State::Installed,
            };
            if let Some(artifact) = self.on_disk(sink, &id, &version, setting.as_ref()) {
                sink.artifact(artifact.state(state));
            }
        }
        for (setting, path) in settings.into_values() {
            if setting.path.is_some() || setting.uninstalled {
                let artifact = self.known_only(sink, &setting, &path);
                sink.artifact(artifact);
            }
        }
    }

    /// Identifier and folder of each version that lies in the profile.
    fn versions(&self, sink: &mut Sink<'_>) -> Vec<(String, Found)> {
        let mut versions = Vec::new();
        let extensions = match self.target.root.find(&join(&self.folder.path, b"Extensions")) {
            Ok(extensions) if extensions.is_directory() => extensions,
            Ok(_) | Err(Fault::Absent) => return versions,
            Err(fault) => {
                sink.fault(fault);
                return versions;
            }
        };
        for extension in folders(self.target, sink, &extensions) {
            let id = text_of(file_name(&extension.path));
            versions.extend(folders(self.target, sink, &extension).into_iter().map(|one| (id.clone(), one)));
        }
        versions
    }

    fn on_disk(
        &self,
        sink: &mut Sink<'_>,
        id: &str,
        folder: &Found,
        setting: Option<&Setting>,
    ) -> Option<Artifact> {
        let path = join(&folder.path, b"manifest.json");
        let found = match self.target.root.find(&path) {
            Ok(found) => found,
            // An emptied folder is nothing.
            Err(fault) => {
                sink.fault(fault);
                return None;
            }
        };
        let bytes = sink.read(&self.target.root, &found, SMALL).unwrap_or_default();
        let manifest = Manifest::parse(&bytes).unwrap_or_else(|damage| {
            sink.damage(&path, &[damage]);
            Manifest::default()
        });
        let artifact = self.artifact(sink, Location::path(&path), id, setting);
        let artifact = artifact.with(Field::Path, shown(&folder.path));
        Some(self.described(sink, artifact, &manifest, folder))
    }

    fn known_only(&self, sink: &Sink<'_>, setting: &Setting, path: &[u8]) -> Artifact {
        let artifact =
            self.artifact(sink, Location::record(path, setting.id.as_str()), &setting.id, Some(setting));
        let artifact = artifact.with_some(Field::Path, setting.path.as_deref()).state(match setting.origin {
            // Lies in the profile if anywhere, and does not.
            Origin::User | Origin::External | Origin::Policy if !is_absolute(setting) => State::Remnant,
            _ => state_of(setting),
        });
        match &setting.manifest {
            Some(manifest) => with_texts(artifact, manifest)
                .with_some(Field::Name, manifest.name.as_deref())
                .with_some(Field::Description, manifest.description.as_deref()),
            None => artifact,
        }
    }

    fn artifact(&self, sink: &Sink<'_>, location: Location, id: &str, setting: Option<&Setting>) -> Artifact {
        let enabled = setting.map(|setting| if setting.enabled { "yes" } else { "no" });
        Artifact::new(sink.collector(), location)
            .with(Field::Identifier, id)
            .with_some(Field::Source, setting.map(|setting| setting.origin.word()))
            .with_some(Field::Enabled, enabled)
            .with(Field::Browser, self.browser)
            .with(Field::Profile, profile_name(self.folder))
            .with_some(Field::User, home_owner(&self.folder.path))
    }

    /// The manifest's texts; names in the default locale, names in others for people to see.
    fn described(
        &self,
        sink: &mut Sink<'_>,
        artifact: Artifact,
        manifest: &Manifest,
        folder: &Found,
    ) -> Artifact {
        let artifact = with_texts(artifact, manifest);
        if !manifest.is_localised() {
            return artifact
                .with_some(Field::Name, manifest.name.as_deref())
                .with_some(Field::Description, manifest.description.as_deref());
        }
        let texts = self.locales(sink, folder).texts(manifest);
        artifact
            .with_some(Field::Description, texts.description)
            .with_many(Field::DisplayName, texts.other_names)
            .with_some(Field::Name, texts.name)
    }

    fn locales(&self, sink: &mut Sink<'_>, folder: &Found) -> Locales {
        let mut locales = Locales::default();
        let top = match self.target.root.find(&join(&folder.path, b"_locales")) {
            Ok(top) if top.is_directory() => top,
            Ok(_) | Err(Fault::Absent) => return locales,
            Err(fault) => {
                sink.fault(fault);
                return locales;
            }
        };
        let all = folders(self.target, sink, &top);
        for locale in sink.limited(all, MAX_LOCALES, &top.path, "locales") {
            let path = join(&locale.path, b"messages.json");
            let Some(bytes) = sink.read_path(&self.target.root, &path, SMALL) else { continue };
            match Messages::parse(&bytes) {
                Ok(messages) => locales.insert(&text_of(file_name(&locale.path)), messages),
                Err(damage) => sink.damage(&path, &[damage]),
            }
        }
        locales
    }
}

/// The state of an extension that lies where its profile says.
fn state_of(setting: &Setting) -> State {
    if setting.uninstalled {
        State::Remnant
    } else if setting.enabled {
        State::Installed
    } else {
        State::Disabled
    }
}

fn is_absolute(setting: &Setting) -> bool {
    setting.path.as_deref().is_some_and(|path| path.starts_with('/') || path.get(1..2) == Some(":"))
}

fn with_texts(artifact: Artifact, manifest: &Manifest) -> Artifact {
    artifact
        .with_some(Field::Version, manifest.version.as_deref())
        .with_some(Field::Author, manifest.author.as_deref())
        .with_some(Field::Homepage, manifest.homepage.as_deref())
        .with_some(Field::UpdateUrl, manifest.update_url.as_deref())
        .with_many(Field::Permissions, &manifest.permissions)
        .with(Field::Type, manifest.kind.word())
}

/// A path of a profile as text.
fn profile_name(found: &Found) -> String {
    text_of(crate::fs::tree::file_name(&found.path))
}
