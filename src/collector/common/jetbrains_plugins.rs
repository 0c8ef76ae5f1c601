//! `jetbrains_plugins`: plugins of JetBrains' IDEs, Android Studio and every other IDE made from the IntelliJ Platform.
//!
//! A plugin is a jar with `META-INF/plugin.xml` below a folder `plugins`, or on Linux below the folder of the IDE's data
//! itself, which ends in the IDE's version ("Directories used by the IDE" of JetBrains' help). What lies in the IDE's own
//! folder came with it.

use std::collections::BTreeSet;

use super::places::{DATA_PLACES, home_owner, leads_to};
use crate::bytes::ReadAt;
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::format::container::zip::Archive;
use crate::format::package::jetbrains_plugin::{self, Plugin};
use crate::fs::Entry;
use crate::fs::tree::{file_name, join, parent};
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::{shown, text_of};

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "jetbrains_plugins",
    about: "Plugins of JetBrains' IDEs, Android Studio and every other IDE made from the IntelliJ Platform, installed by users or with the IDE.",
    applies: Applies::EVERYWHERE,
    reads: READS,
    walks: DATA_PLACES,
    keys: &[],
    yields: &[
        Field::Identifier,
        Field::Name,
        Field::Version,
        Field::Vendor,
        Field::Author,
        Field::Description,
        Field::Homepage,
        Field::Depends,
        Field::ProductType,
        Field::User,
        Field::Path,
        Field::InstallLocation,
    ],
    run,
    visit: Some(Visit { wants, file }),
};

/// Defines folders of plugins outside of walked places, and what is read there.
macro_rules! folders {
    ($($folder:literal)*) => {
        const FOLDERS: &[&str] = &[$($folder,)*];
        const READS: &[&str] = &[$(
            concat!($folder, "/plugins/*.jar"),
            concat!($folder, "/plugins/*/lib/*.jar"),
            concat!($folder, "/disabled_plugins.txt"),
        )*];
    };
}

folders! {
    // Up to 2019.3, an IDE had one folder in the home for everything.
    "home/*/.*/config" "root/.*/config" "Users/*/.*/config"
    // Unpacked in a home; for remote work; of snaps.
    "home/*/*" "root/*" "home/*/.cache/JetBrains/RemoteDev/dist/*" "root/.cache/JetBrains/RemoteDev/dist/*"
    "Users/*/Library/Preferences/*" "snap/*/current"
}

/// Bytes read of a description.
const LIMIT: usize = 4 << 20;
/// Descriptions read of one archive: it has one.
const MAX_DESCRIPTIONS: usize = 16;
/// Members whose names are compared with those in the directory.
const MAX_COMPARED: usize = 20_000;
/// Where an archive has it.
const DESCRIPTION: &str = "META-INF/plugin.xml";

fn run(target: &Target, sink: &mut Sink<'_>) {
    let mut seen = BTreeSet::new();
    for pattern in READS.iter().filter(|pattern| pattern.ends_with(".jar")) {
        for found in sink.files(&target.root, &[pattern]) {
            if place_of(&found.path).is_some() && seen.insert(found.real.clone()) {
                match target.root.open_found(&found) {
                    Ok(bytes) => archive(target, sink, &found.path, &*bytes),
                    Err(fault) => sink.fault(fault),
                }
            }
        }
    }
}

fn wants(entry: &Entry<'_>) -> bool {
    entry.name() == b"disabled_plugins.txt"
        || (entry.has_ending(&[".jar"]) && place_of(entry.path()).is_some())
}

fn file(target: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let Some(place) = place_of(entry.path()).filter(|_| entry.has_ending(&[".jar"])) else { return };
    let around = parent(place.plugins);
    if FOLDERS.iter().any(|pattern| leads_to(&target.root, pattern, around)) {
        return;
    }
    match entry.open() {
        Ok(bytes) => archive(target, sink, entry.path(), &*bytes),
        Err(fault) => sink.fault(fault),
    }
}

/// Where a jar of a plugin lies.
#[derive(Debug, PartialEq, Eq)]
struct Place<'a> {
    /// The folder of all plugins.
    plugins: &'a [u8],
    /// The plugin: a folder, or the jar itself.
    plugin: &'a [u8],
    /// Whether users put it there.
    is_users: bool,
}

/// `plugins/NAME/lib/*.jar`, `IDE2024.1/NAME/lib/*.jar`, or a jar right below such a folder of a user.
fn place_of(path: &[u8]) -> Option<Place<'_>> {
    let folder = parent(path);
    let is_plugins = |folder: &[u8]| file_name(folder).eq_ignore_ascii_case(b"plugins");
    let is_of_users = |plugins: &[u8]| {
        let around = if is_plugins(plugins) { parent(plugins) } else { plugins };
        product(file_name(around)).is_some() || file_name(around) == b"config"
    };
    if file_name(folder).eq_ignore_ascii_case(b"lib") {
        let plugin = parent(folder);
        let plugins = parent(plugin);
        let is_users = is_of_users(plugins);
        // An IDE has jars in its own `lib`, which lies in no folder of plugins.
        return (is_plugins(plugins) || product(file_name(plugins)).is_some()).then_some(Place {
            plugins,
            plugin,
            is_users,
        });
    }
    let is_one = (is_plugins(folder) || product(file_name(folder)).is_some()) && is_of_users(folder);
    is_one.then_some(Place { plugins: folder, plugin: path, is_users: true })
}

/// The IDE that a folder of settings or data is called after: `PyCharm2024.1`, `.IntelliJIdea2019.3`.
fn product(name: &[u8]) -> Option<&str> {
    let name = std::str::from_utf8(name).ok()?;
    let name = name.strip_prefix('.').unwrap_or(name);
    let at = name.find(|letter: char| letter.is_ascii_digit())?;
    let (product, version) = name.split_at_checked(at)?;
    let is_version = version.contains('.')
        && version.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()));
    let is_name = product.len() > 3
        && product.starts_with(|letter: char| letter.is_ascii_uppercase())
        && product.bytes().all(|byte| byte.is_ascii_alphabetic());
    (is_version && is_name).then_some(product)
}

fn archive(target: &Target, sink: &mut Sink<'_>, path: &[u8], bytes: &dyn ReadAt) {
    let Some(place) = place_of(path) else { return };
    let archive = match Archive::open(bytes) {
        Ok(archive) => archive,
        Err(damage) => return sink.damage(path, &[damage]),
    };
    let members = archive.members(|name| name == DESCRIPTION, MAX_DESCRIPTIONS);
    sink.damage(path, &members.damage);
    // Most jars of a plugin have none, and those of users are few enough to be compared.
    if members.value.is_empty() && place.is_users {
        let damage: Vec<_> = archive.disagreement(MAX_COMPARED).into_iter().collect();
        sink.damage(path, &damage);
    }
    for member in members.value {
        let bytes = match archive.read(&member, LIMIT) {
            Ok(bytes) => bytes,
            Err(damage) => {
                sink.damage(path, &[damage]);
                continue;
            }
        };
        let plugin = jetbrains_plugin::parse(&bytes);
        sink.damage(path, &plugin.damage);
        if plugin.value.is_named() {
            let is_disabled = place.is_users && is_disabled(target, sink, &place, &plugin.value);
            let state = match (place.is_users, is_disabled) {
                (_, true) => State::Disabled,
                (true, false) => State::Installed,
                (false, false) => State::Embedded,
            };
            let artifact = described(sink, path, &place, plugin.value).state(state);
            sink.artifact(artifact);
        }
    }
}

/// Whether the IDE's settings switch a plugin off. They lie beside the plugins, on Linux in `.config`.
fn is_disabled(target: &Target, sink: &mut Sink<'_>, place: &Place<'_>, plugin: &Plugin) -> bool {
    let Some(id) = plugin.id.as_deref().or(plugin.name.as_deref()) else { return false };
    let around =
        if product(file_name(place.plugins)).is_some() { place.plugins } else { parent(place.plugins) };
    let shown_path = text_of(around);
    let settings = match shown_path.split_once("/.local/share/") {
        Some((home, rest)) => join(format!("{home}/.config/{rest}").as_bytes(), b"disabled_plugins.txt"),
        None => join(around, b"disabled_plugins.txt"),
    };
    let Some(bytes) = sink.read_path(&target.root, &settings, LIMIT) else { return false };
    jetbrains_plugin::disabled(&bytes).any(|disabled| disabled == id)
}

fn described(sink: &Sink<'_>, path: &[u8], place: &Place<'_>, plugin: Plugin) -> Artifact {
    let homepage =
        plugin.homepage.or_else(|| plugin.vendor_contact.iter().find(|it| it.contains('/')).cloned());
    Artifact::new(sink.collector(), Location::path(path))
        .with_some(Field::Name, plugin.name.as_deref().or(plugin.id.as_deref()))
        .with_some(Field::Identifier, plugin.id.as_deref().or(plugin.name.as_deref()))
        .with_some(Field::Version, plugin.version)
        .with_some(Field::Vendor, plugin.vendor)
        .with_many(Field::Author, plugin.vendor_contact)
        .with_some(Field::Description, plugin.description)
        .with_some(Field::Homepage, homepage)
        .with_many(Field::Depends, plugin.depends)
        .with(Field::ProductType, product_type(place.plugins))
        .with_some(Field::User, home_owner(path))
        .with(Field::Path, shown(path))
        .with(Field::InstallLocation, shown(place.plugin))
}

/// The IDE: by the folder of its data, else by that of the IDE itself.
fn product_type(plugins: &[u8]) -> String {
    let mut folder = plugins;
    while !folder.is_empty() {
        if let Some(product) = product(file_name(folder)) {
            return product.to_owned();
        }
        folder = parent(folder);
    }
    let mut folder = parent(plugins);
    while matches!(file_name(folder), b"Contents" | b"config" | b"current" | b"dist") {
        folder = parent(folder);
    }
    text_of(file_name(folder)).trim_end_matches(".app").trim_start_matches('.').to_owned()
}

#[cfg(test)]
mod tests;
