//! `vscode_extensions`: extensions of Visual Studio Code and of every editor made from it.
//!
//! An extension is a folder with a `package.json` that names the editors it is made for. Its folder lies in one called
//! `extensions`, or is called `publisher.name-version` itself; so editors that no list names are read as well, portable
//! ones and servers for remote work included. The list of the default profile is no complete one: other profiles
//! have lists of their own, so an extension that it does not name is installed. `.obsolete` names what was uninstalled.

use std::collections::{BTreeMap, BTreeSet};

use super::places::{DATA_PLACES, home_owner, leads_to};
use crate::collector::support::test_data::is_test_data;
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::format::package::vscode_extension::{self, Entry as Listed, Manifest};
use crate::fs::tree::{ListedKind, file_name, join, parent};
use crate::fs::{Entry, Fault, Found};
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::{shown, text_of};

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "vscode_extensions",
    about: "Extensions of Visual Studio Code, Cursor, Windsurf and every other editor made from it, of users, portable editors and remote servers, and of Visual Studio.",
    applies: Applies::EVERYWHERE,
    reads: READS,
    walks: DATA_PLACES,
    keys: &[],
    yields: &[
        Field::Identifier,
        Field::Name,
        Field::DisplayName,
        Field::Version,
        Field::Publisher,
        Field::Author,
        Field::Description,
        Field::Homepage,
        Field::License,
        Field::Arch,
        Field::Source,
        Field::InstallDate,
        Field::VscodeEdition,
        Field::User,
        Field::Path,
    ],
    run,
    visit: Some(Visit { wants, file }),
};

/// Defines the folders of extensions outside of walked places, and what is read there.
macro_rules! folders {
    ($($folder:literal)*) => {
        const FOLDERS: &[&str] = &[$($folder,)*];
        const READS: &[&str] = &[$(
            concat!($folder, "/extensions.json"),
            concat!($folder, "/.obsolete"),
            concat!($folder, "/*/package.json"),
            concat!($folder, "/*/package.nls.json"),
        )*];
    };
}

folders! {
    "home/*/*/extensions" "home/*/*/data/extensions"
    "root/*/extensions" "root/*/data/extensions"
    "Users/*/*/extensions" "Users/*/*/data/extensions"
    "*/data/extensions" "config/extensions" "config/*/extensions" "config/data/*/extensions"
    "vscode/*/extensions" "workspace/*/extensions" "workspaces/*/extensions" "var/lib/code-server/extensions"
}

/// Bytes read of a list or a manifest.
const LIMIT: usize = 16 << 20;

fn run(target: &Target, sink: &mut Sink<'_>) {
    let mut seen = BTreeSet::new();
    for pattern in FOLDERS {
        for found in sink.glob(&target.root, pattern) {
            if found.is_directory() && seen.insert(found.real.clone()) {
                Folder::open(target, sink, &found.path).read(sink, &found);
            }
        }
    }
}

fn is_extensions(folder: &[u8]) -> bool {
    file_name(folder).eq_ignore_ascii_case(b"extensions")
}

fn is_named_as_one(folder: &[u8]) -> bool {
    vscode_extension::by_folder(&text_of(file_name(folder))).is_some()
}

/// Whether a folder is an extension as Theia keeps it: `deployedPlugins/NAME`, or `extension` in it or in `plugins/NAME`, as it
/// was packed.
fn is_unpacked(folder: &[u8]) -> bool {
    let above = file_name(parent(parent(folder)));
    file_name(parent(folder)) == b"deployedPlugins"
        || file_name(folder) == b"extension" && matches!(above, b"deployedPlugins" | b"plugins")
}

/// Whether a user added an extension of Theia.
fn is_deployed(folder: &[u8]) -> bool {
    [parent(folder), parent(parent(folder))].iter().any(|all| file_name(all) == b"deployedPlugins")
}

/// Whether a folder lies where editors keep an extension.
pub(super) fn is_place(folder: &[u8]) -> bool {
    is_extensions(parent(folder)) || is_named_as_one(folder) || is_unpacked(folder)
}

fn wants(entry: &Entry<'_>) -> bool {
    let folder = parent(entry.path());
    match entry.name() {
        b"extensions.json" | b".obsolete" => is_extensions(folder),
        b"package.json" | b"package.nls.json" => is_place(folder),
        b"extension.vsixmanifest" => true,
        _ => false,
    }
}

fn file(target: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let path = parent(entry.path());
    let is_read = |folder: &[u8]| FOLDERS.iter().any(|pattern| leads_to(&target.root, pattern, folder));
    match entry.name() {
        b"extensions.json" if !is_read(path) => match target.root.find(path) {
            Ok(found) => Folder::open(target, sink, path).read(sink, &found),
            Err(fault) => sink.fault(fault),
        },
        b"package.json" => {
            let all = parent(path);
            let is_listed = is_extensions(all) && target.root.exists(&join(all, b"extensions.json"));
            if !is_listed && !is_read(all) {
                Folder::unlisted(target, sink, all).extension(sink, file_name(path));
            }
        }
        b"extension.vsixmanifest" if !target.root.exists(&join(path, b"package.json")) => {
            visual_studio(entry, sink);
        }
        _ => {}
    }
}

/// An extension of Visual Studio, which lies wherever its editor finds it: in the program's folder or in that of a user.
fn visual_studio(entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let path = entry.path();
    let Some(bytes) = sink.read_entry(entry, LIMIT) else { return };
    let read = vscode_extension::vsix(&bytes);
    sink.damage(path, &read.damage);
    let manifest = read.value;
    if manifest.package.name.is_none() && read.damage.is_empty() {
        return;
    }
    let artifact = Artifact::new(sink.collector(), Location::path(path))
        .state(State::Installed)
        .with_some(Field::Name, manifest.package.name.as_deref())
        .with_some(Field::Identifier, manifest.identifier())
        .with_some(Field::DisplayName, manifest.display_name)
        .with_some(Field::Version, manifest.package.version)
        .with_some(Field::Publisher, manifest.publisher)
        .with_some(Field::Description, manifest.package.description)
        .with(Field::VscodeEdition, "visual_studio")
        .with_some(Field::User, home_owner(path))
        .with(Field::Path, shown(parent(path)));
    sink.artifact(artifact);
}

/// A folder of extensions.
struct Folder<'a> {
    target: &'a Target,
    path: &'a [u8],
    /// By the name of their folders, in lower case.
    listed: BTreeMap<String, Listed>,
    has_list: bool,
    obsolete: BTreeSet<String>,
}

impl<'a> Folder<'a> {
    fn unlisted(target: &'a Target, sink: &mut Sink<'_>, path: &'a [u8]) -> Self {
        let obsolete_path = join(path, b".obsolete");
        let obsolete = sink.read_path(&target.root, &obsolete_path, LIMIT).map(|bytes| {
            vscode_extension::obsolete(&bytes).unwrap_or_else(|damage| {
                sink.damage(&obsolete_path, &[damage]);
                BTreeSet::new()
            })
        });
        let obsolete = obsolete.unwrap_or_default();
        Folder { target, path, listed: BTreeMap::new(), has_list: false, obsolete }
    }

    fn open(target: &'a Target, sink: &mut Sink<'_>, path: &'a [u8]) -> Self {
        let mut folder = Folder::unlisted(target, sink, path);
        let path = join(path, b"extensions.json");
        let Some(bytes) = sink.read_path(&target.root, &path, LIMIT) else { return folder };
        match vscode_extension::list(&bytes) {
            Ok(Some(list)) => {
                sink.damage(&path, &list.damage);
                folder.has_list = true;
                for entry in list.value {
                    let name = entry.folder.clone().unwrap_or_else(|| entry.identifier.clone());
                    folder.listed.insert(name.to_lowercase(), entry);
                }
            }
            Ok(None) => {}
            Err(damage) => {
                folder.has_list = true;
                sink.damage(&path, &[damage]);
            }
        }
        folder
    }

    /// Every extension in it, and what its list names that is not there.
    fn read(mut self, sink: &mut Sink<'_>, found: &Found) {
        for listed in sink.list(&self.target.root, found) {
            if matches!(listed.kind, ListedKind::Directory | ListedKind::Link)
                && self.extension(sink, &listed.name)
            {
                self.listed.remove(&text_of(&listed.name).to_lowercase());
            }
        }
        let path = join(self.path, b"extensions.json");
        for entry in std::mem::take(&mut self.listed).into_values() {
            let artifact =
                Artifact::new(sink.collector(), Location::record(&path, entry.identifier.as_str()));
            let artifact = self.described(artifact, None, Some(&entry), None).state(State::Remnant);
            sink.artifact(artifact);
        }
    }

    /// Reads one extension; whether there is one.
    fn extension(&self, sink: &mut Sink<'_>, name: &[u8]) -> bool {
        let folder = join(self.path, name);
        let path = join(&folder, b"package.json");
        let (root, called) = (&self.target.root, text_of(name));
        let listed = self.listed.get(&called.to_lowercase());
        let is_named = vscode_extension::by_folder(&called).is_some();
        let found = match root.find(&path) {
            Ok(found) if found.is_file() => Some(found),
            Ok(_) | Err(Fault::Absent) => return false,
            Err(fault) => {
                sink.fault(fault);
                None
            }
        };
        let bytes = found.and_then(|found| sink.read(root, &found, LIMIT));
        let manifest = match bytes.map(|bytes| vscode_extension::manifest(&bytes)) {
            Some(Ok(manifest)) if manifest.package.is_extension || listed.is_some() => Some(manifest),
            Some(Ok(_)) => return false,
            Some(Err(damage)) => {
                if listed.is_none() && !is_named && !self.has_list {
                    // A file of another program, as far as anyone can know.
                    return false;
                }
                sink.damage(&path, &[damage]);
                None
            }
            None => None,
        };
        if manifest.is_none() && listed.is_none() && !is_named {
            return false;
        }
        let state = if self.obsolete.contains(&called.to_lowercase()) {
            State::Remnant
        } else if is_test_data(&path)
            || (listed.is_none() && !is_named && !self.has_list && !is_deployed(&folder))
        {
            // What comes with an editor has no version in the name of its folder.
            State::Embedded
        } else {
            State::Installed
        };
        let manifest = manifest.map(|manifest| self.translated(sink, &folder, manifest));
        let artifact = Artifact::new(sink.collector(), Location::path(&path)).state(state);
        sink.artifact(self.described(artifact, manifest.as_ref(), listed, Some(&called)));
        true
    }

    /// A manifest with its texts in place of their keys.
    fn translated(&self, sink: &mut Sink<'_>, folder: &[u8], mut manifest: Manifest) -> Manifest {
        let key_of =
            |text: &Option<String>| text.as_deref()?.strip_prefix('%')?.strip_suffix('%').map(str::to_owned);
        let keys = [key_of(&manifest.display_name), key_of(&manifest.package.description)];
        if keys.iter().all(Option::is_none) {
            return manifest;
        }
        let path = join(folder, b"package.nls.json");
        let Some(bytes) = sink.read_path(&self.target.root, &path, LIMIT) else { return manifest };
        match vscode_extension::texts(&bytes) {
            Ok(texts) => {
                let [name, description] = keys.map(|key| texts.get(&key?).cloned());
                manifest.display_name = name.or(manifest.display_name);
                manifest.package.description = description.or(manifest.package.description);
            }
            Err(damage) => sink.damage(&path, &[damage]),
        }
        manifest
    }

    fn described(
        &self,
        artifact: Artifact,
        manifest: Option<&Manifest>,
        listed: Option<&Listed>,
        called: Option<&str>,
    ) -> Artifact {
        let by_folder = called.and_then(vscode_extension::by_folder);
        let identifier = manifest
            .and_then(Manifest::identifier)
            .or_else(|| listed.map(|listed| listed.identifier.clone()))
            .or_else(|| by_folder.map(|(identifier, _)| identifier.to_owned()))
            .or_else(|| called.map(str::to_owned));
        let publisher = manifest
            .and_then(|it| it.publisher.clone())
            .or_else(|| identifier.as_deref()?.split_once('.').map(|(publisher, _)| publisher.to_owned()));
        let package = manifest.map(|manifest| &manifest.package);
        let version = package.and_then(|it| it.version.clone()).or(listed.and_then(|it| it.version.clone()));
        let installed = listed.and_then(|it| jiff::Timestamp::from_millisecond(it.installed?).ok());
        let folder = called.map(str::to_owned).or(listed.and_then(|it| it.folder.clone()));
        artifact
            .with_some(Field::Name, identifier.as_deref())
            .with_some(Field::Identifier, identifier)
            .with_some(Field::DisplayName, manifest.and_then(|it| it.display_name.as_deref()))
            .with_some(Field::Version, version.or(by_folder.map(|(_, version)| version.to_owned())))
            .with_many(
                Field::Publisher,
                publisher.into_iter().chain(listed.and_then(|it| it.publisher.clone())),
            )
            .with_some(Field::Author, package.and_then(|it| it.author.as_deref()))
            .with_some(Field::Description, package.and_then(|it| it.description.as_deref()))
            .with_some(Field::Homepage, package.and_then(|it| it.homepage.as_deref()))
            .with_some(Field::License, package.and_then(|it| it.license.as_deref()))
            .with_some(Field::Arch, listed.and_then(|it| it.platform.as_deref()))
            .with_some(Field::Source, listed.and_then(|it| it.source.as_deref()))
            .with_some(Field::InstallDate, installed.map(|time| time.to_string()))
            .with(Field::VscodeEdition, edition(self.path))
            .with_some(Field::User, home_owner(self.path))
            .with_some(Field::Path, folder.map(|folder| shown(&join(self.path, folder.as_bytes()))))
    }
}

/// The editor that a folder of extensions belongs to, as osquery names it where it knows it: by the folder around it.
fn edition(extensions: &[u8]) -> String {
    /// Folders that every editor has.
    const GENERIC: &[&str] = &[
        "data",
        "app",
        "resources",
        "contents",
        "server",
        "vscode",
        "lib",
        "bin",
        "plugins",
        "deployedplugins",
    ];
    let mut folder = parent(extensions);
    let mut name = text_of(file_name(folder));
    while GENERIC.contains(&name.to_lowercase().as_str()) && !parent(folder).is_empty() {
        folder = parent(folder);
        name = text_of(file_name(folder));
    }
    let name = name.trim_start_matches('.').trim_end_matches(".app").to_lowercase();
    match name.as_str() {
        "vscode-oss" => "vscodium".to_owned(),
        _ => name.replace(['-', ' '], "_"),
    }
}

#[cfg(test)]
mod tests;
