//! Packages in archives of Electron applications, in the caches of Yarn and in the store of pnpm.

use serde::Deserialize;

use super::super::places::home_owner;
use super::package::{LIMIT, is_package, of_package};
use crate::bytes::{Damage, DamageKind};
use crate::collector::Sink;
use crate::format::container::asar;
use crate::format::container::inflating::Budget;
use crate::format::container::zip::{Archive, Taken};
use crate::format::text::relaxed_json;
use crate::fs::Entry;
use crate::fs::tree::{file_name, parent};
use crate::model::{Artifact, Field, Location, State};
use crate::text::{shown, text_of};

/// Members of interest in one archive.
const MAX_MEMBERS: usize = 20_000;
/// Bytes inflated for one archive.
const MAX_INFLATED: u64 = 256 << 20;
/// Bytes of a list of the store: it names every file of a package.
const MAX_LIST: usize = 32 << 20;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Electron,
    Yarn,
    Pnpm,
}

fn kind(entry: &Entry<'_>) -> Option<Kind> {
    let path = entry.path();
    if entry.has_ending(&[".asar"]) {
        return Some(Kind::Electron);
    }
    if entry.has_ending(&[".zip"]) {
        let is_yarns = file_name(parent(path)) == b"cache" && memchr::memmem::find(path, b".yarn/").is_some();
        return is_yarns.then_some(Kind::Yarn);
    }
    if !entry.has_ending(&[".json"]) {
        return None;
    }
    // `files/00/…-index.json`, since version 10 `index/00/…-NAME@VERSION.json`.
    let folder = file_name(parent(parent(path)));
    let is_store = (folder == b"files" && entry.has_ending(&["-index.json"]))
        || (folder == b"index" && file_name(parent(path)).len() == 2 && entry.name().contains(&b'@'));
    is_store.then_some(Kind::Pnpm)
}

pub(super) fn is_wanted(entry: &Entry<'_>) -> bool {
    kind(entry).is_some()
}

pub(super) fn read(entry: &Entry<'_>, sink: &mut Sink<'_>) {
    match kind(entry) {
        Some(Kind::Electron) => electron(entry, sink),
        Some(Kind::Yarn) => yarn(entry, sink),
        Some(Kind::Pnpm) => pnpm(entry, sink),
        None => {}
    }
}

/// A package inside an archive: its own at the top, or one below `node_modules`.
fn is_packages(path: &str) -> bool {
    let folder = parent(path.as_bytes());
    file_name(path.as_bytes()) == b"package.json" && (folder.is_empty() || is_package(folder))
}

/// Yields the package of a `package.json` inside an archive.
fn packed(path: &[u8], inside: &str, bytes: &[u8], state: State, sink: &mut Sink<'_>) {
    match of_package(bytes, parent(inside.as_bytes()), Location::record(path, inside)) {
        Ok(Some(artifact)) => sink.artifact(owned(artifact, path).state(state)),
        Ok(None) => {}
        Err(damage) => within(path, inside, damage, sink),
    }
}

fn owned(artifact: Artifact, path: &[u8]) -> Artifact {
    artifact.with_some(Field::User, home_owner(path)).with(Field::Path, shown(path))
}

fn within(path: &[u8], inside: &str, mut damage: Damage, sink: &mut Sink<'_>) {
    damage.what = format!("in {inside}: {}", damage.what);
    sink.damage(path, &[damage]);
}

fn electron(entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let path = entry.path();
    let file = match entry.open() {
        Ok(file) => file,
        Err(fault) => return sink.fault(fault),
    };
    let members = match asar::members(file.as_ref(), is_packages) {
        Ok(members) => members,
        Err(damage) => return sink.damage(path, &[damage]),
    };
    sink.damage(path, &members.damage);
    let budget = Budget::new(MAX_INFLATED);
    for member in sink.limited(members.value, MAX_MEMBERS, path, "packages") {
        let size = usize::try_from(member.size).unwrap_or(usize::MAX);
        if size > LIMIT || !budget.take(member.size) {
            let damage = Damage::new(DamageKind::OverLimit, member.offset, format!("{size} bytes"));
            within(path, &member.path, damage, sink);
            continue;
        }
        match file.read_vec(member.offset, size) {
            Ok(bytes) if bytes.len() == size => {
                let is_own = parent(member.path.as_bytes()).is_empty();
                let state = if is_own { State::Installed } else { State::Embedded };
                packed(path, &member.path, &bytes, state, sink);
            }
            Ok(_) => {
                let damage =
                    Damage::new(DamageKind::Truncated, member.offset, "the archive ends before its end");
                within(path, &member.path, damage, sink);
            }
            Err(error) => within(path, &member.path, Damage::from(error), sink),
        }
    }
}

/// Projects of Yarn run from the archives in `.yarn/cache`; those in `~/.yarn/berry` are kept for others.
fn yarn(entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let path = entry.path();
    let file = match entry.open() {
        Ok(file) => file,
        Err(fault) => return sink.fault(fault),
    };
    let archive = match Archive::open(file.as_ref()) {
        Ok(archive) => archive,
        Err(damage) => return sink.damage(path, &[damage]),
    };
    let is_kept = file_name(parent(parent(path))) == b"berry";
    let state = if is_kept { State::Installer } else { State::Installed };
    let members = archive.members(is_packages, MAX_MEMBERS);
    sink.damage(path, &members.damage);
    let (mut taken, budget) = (Taken::default(), Budget::new(MAX_INFLATED));
    for member in &members.value {
        let read = taken.take(&archive, member).and_then(|()| archive.read(member, LIMIT));
        match read {
            Ok(bytes) if budget.take(bytes.len() as u64) => packed(path, &member.name, &bytes, state, sink),
            Ok(_) => {
                let damage =
                    Damage::new(DamageKind::OverLimit, None, "reading it costs more than an archive may");
                return sink.damage(path, &[damage]);
            }
            Err(damage) => within(path, &member.name, damage, sink),
        }
    }
}

/// What the store's list of a package's files says of the package.
#[derive(Deserialize)]
struct Stored {
    name: Option<String>,
    version: Option<String>,
}

fn pnpm(entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let path = entry.path();
    let Some(bytes) = sink.read_entry(entry, MAX_LIST) else { return };
    let stored: Stored = match relaxed_json::parse(&bytes) {
        Ok(stored) => stored,
        Err(damage) => return sink.damage(path, &[damage]),
    };
    let file = text_of(entry.name());
    let by_name =
        file.strip_suffix(".json").and_then(|stem| stem.split_once('-')).map(|(_, package)| package);
    let by_name = by_name.and_then(|package| package.rsplit_once('@'));
    let name = stored.name.or_else(|| by_name.map(|(name, _)| name.replace('+', "/")));
    let Some(name) = name.filter(|name| !name.is_empty()) else { return };
    let scope =
        name.split_once('/').map(|(scope, _)| scope.to_owned()).filter(|scope| scope.starts_with('@'));
    let artifact = Artifact::new(sink.collector(), Location::path(path))
        .state(State::Installer)
        .with(Field::Name, name)
        .with_some(Field::Namespace, scope)
        .with_some(Field::Version, stored.version.or_else(|| by_name.map(|(_, version)| version.to_owned())));
    sink.artifact(owned(artifact, path));
}
