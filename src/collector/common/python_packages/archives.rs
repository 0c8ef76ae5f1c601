//! Packages inside wheels, eggs, and programs that are archives of them: pex, shiv, zipapps.

use super::super::places::home_owner;
use super::package::{LIMIT, by_name, ends_with, is_info, of_metadata, state};
use crate::bytes::{Damage, ReadAt};
use crate::collector::Sink;
use crate::collector::support::packed_program;
use crate::format::container::inflating::Budget;
use crate::format::container::zip::{Archive, Content, Member, Taken};
use crate::format::executable::Slice;
use crate::fs::Entry;
use crate::fs::tree::{file_name, parent};
use crate::model::{Field, Location, State};

/// Members of interest in one archive.
const MAX_MEMBERS: usize = 20_000;
/// Bytes of a wheel inside an archive.
const MAX_NESTED: usize = 64 << 20;
/// Bytes inflated for one archive on disk.
const MAX_INFLATED: u64 = 512 << 20;

/// Folders in which Python keeps wheels to install them into new environments.
const SEEDS: &[&[u8]] = &[b"_bundled", b"python-wheels", b"site-packages", b"dist-packages"];

/// An archive; a program may be one.
pub(super) fn read(entry: &Entry<'_>, is_program: bool, sink: &mut Sink<'_>) {
    let path = entry.path();
    let file = match entry.open() {
        Ok(file) => file,
        // Other collectors read every program and report those that they cannot.
        Err(_) if is_program => return,
        Err(fault) => return sink.fault(fault),
    };
    // One that is cut off is reported by the collector of Java archives.
    if is_program && !packed_program::is_archive(file.as_ref()).unwrap_or(false) {
        return;
    }
    let state = match file_name(path) {
        name if ends_with(name, ".egg") => state(path, path),
        name if !ends_with(name, ".whl") => State::Embedded,
        _ if path.split(|&byte| byte == b'/').any(|part| SEEDS.contains(&part)) => State::Embedded,
        _ => State::Installer,
    };
    let mut reader = Reader { path, state, is_program, budget: Budget::new(MAX_INFLATED) };
    reader.archive(file.as_ref(), path, "", sink);
}

struct Reader<'a> {
    path: &'a [u8],
    state: State,
    is_program: bool,
    budget: Budget,
}

/// Metadata, or what carries it.
fn is_wanted(name: &str) -> bool {
    is_metadata(name) || is_package(name)
}

fn is_metadata(name: &str) -> bool {
    let path = name.as_bytes();
    let last = file_name(path);
    let is_file = last.eq_ignore_ascii_case(b"METADATA") || last.eq_ignore_ascii_case(b"PKG-INFO");
    is_file && is_info(file_name(parent(path)))
}

fn is_package(name: &str) -> bool {
    [".whl", ".egg"].iter().any(|ending| ends_with(name.as_bytes(), ending))
}

impl Reader<'_> {
    /// An archive that is called `named`; `inside` is its path within the one on disk.
    fn archive(&mut self, file: &dyn ReadAt, named: &[u8], inside: &str, sink: &mut Sink<'_>) {
        let archive = match Archive::open(file) {
            Ok(archive) => archive,
            Err(damage) => {
                self.name(named, inside, sink);
                return self.damage(inside, damage, sink);
            }
        };
        let members = archive.members(is_wanted, MAX_MEMBERS);
        if !(self.is_program && members.value.is_empty()) {
            members.damage.into_iter().for_each(|damage| self.damage(inside, damage, sink));
        }
        if members.value.is_empty() {
            return self.name(named, inside, sink);
        }
        let mut taken = Taken::default();
        for member in &members.value {
            let read =
                taken.take(&archive, member).and_then(|()| self.member(file, &archive, member, inside, sink));
            if let Err(damage) = read {
                self.damage(inside, damage, sink);
            }
        }
    }

    fn member(
        &mut self,
        file: &dyn ReadAt,
        archive: &Archive<'_>,
        member: &Member,
        inside: &str,
        sink: &mut Sink<'_>,
    ) -> Result<(), Damage> {
        let within =
            if inside.is_empty() { member.name.clone() } else { format!("{inside}!/{}", member.name) };
        let limit = if is_metadata(&member.name) { LIMIT * 8 } else { MAX_NESTED };
        let limit = usize::try_from(self.budget.left()).unwrap_or(limit).min(limit);
        let content = archive.content(member, limit)?;
        if let Content::Inflated(bytes) = &content {
            self.budget.take(bytes.len() as u64);
        }
        if is_metadata(&member.name) {
            let bytes = match content {
                Content::Inflated(bytes) => bytes,
                Content::Stored(start, size) => {
                    file.read_vec(start, usize::try_from(size).unwrap_or(limit).min(limit))?
                }
            };
            let folder = parent(member.name.as_bytes());
            let (artifact, damage) = of_metadata(&bytes, self.location(&within), folder);
            damage.into_iter().for_each(|damage| self.damage(&within, damage, sink));
            if let Some(artifact) = artifact {
                sink.artifact(
                    artifact
                        .state(self.state)
                        .with_some(Field::User, home_owner(self.path))
                        .with(Field::Path, crate::text::shown(self.path)),
                );
            }
            return Ok(());
        }
        // A wheel in a wheel in a wheel is nothing that a tool makes.
        if !inside.is_empty() {
            self.name(member.name.as_bytes(), &within, sink);
            return Ok(());
        }
        match content {
            Content::Stored(start, size) => {
                self.archive(&Slice::new(file, start, size), member.name.as_bytes(), &within, sink);
            }
            Content::Inflated(bytes) => self.archive(&bytes, member.name.as_bytes(), &within, sink),
        }
        Ok(())
    }

    fn location(&self, within: &str) -> Location {
        if within.is_empty() { Location::path(self.path) } else { Location::record(self.path, within) }
    }

    fn name(&self, named: &[u8], inside: &str, sink: &mut Sink<'_>) {
        if let Some(artifact) = by_name(self.location(inside), named) {
            sink.artifact(artifact.state(self.state).with_some(Field::User, home_owner(self.path)));
        }
    }

    fn damage(&self, inside: &str, mut damage: Damage, sink: &mut Sink<'_>) {
        if !inside.is_empty() {
            damage.what = format!("in {inside}: {}", damage.what);
        }
        sink.damage(self.path, &[damage]);
    }
}
