//! Reads an archive and the archives inside it, within a budget that its size gives.

use std::collections::BTreeMap;

use super::ending::{Ending, is_archive, is_java_head};
use super::identity::{self, Found};
use crate::bytes::{Damage, DamageKind, ReadAt, Salvaged};
use crate::collector::Sink;
use crate::format::container::inflating::Budget;
use crate::format::container::zip::{Archive, Content, Member, Taken};
use crate::format::executable::Slice;
use crate::format::package::java_manifest::Manifest;
use crate::format::package::maven_pom::{self, Coordinates};
use crate::model::Field;
use crate::text::file_name;

/// Archives inside archives are followed this deep.
pub(super) const MAX_DEPTH: usize = 4;
/// Bytes of one archive inside an archive that are held at once; a larger one is inflated as it is read.
const MAX_NESTED: usize = 32 << 20;
/// Bytes inflated for an archive on disk, whatever its size.
const MIN_INFLATED: u64 = 512 << 20;
/// Bytes inflated for each byte of an archive on disk beyond that.
const RATIO: u64 = 4;
/// Archives inside one archive on disk, at all depths.
const MAX_ARCHIVES: usize = 20_000;
/// Members of interest in one archive.
const MAX_MEMBERS: usize = 20_000;
/// Bytes of a manifest or of coordinates.
pub(super) const SMALL: usize = 1 << 20;

/// Reads one archive on disk.
pub(super) struct Reader<'a> {
    path: &'a [u8],
    /// Bytes that may still be inflated.
    budget: Budget,
    /// Archives that may still be opened.
    archives: usize,
    /// Whether an archive that has nothing of Java in it is passed over.
    pub(super) only_java: bool,
}

/// What a member of an archive is to this collector.
fn is_manifest(name: &str) -> bool {
    name.trim_start_matches('/').eq_ignore_ascii_case("META-INF/MANIFEST.MF")
}

/// Coordinates, wherever the classes are: at the top, in `WEB-INF/classes`, in `BOOT-INF/classes`.
pub(super) fn is_coordinates(name: &str) -> bool {
    let mut parts = name.rsplit('/');
    let is_file = parts.next().is_some_and(|last| {
        last.eq_ignore_ascii_case("pom.properties") || last.eq_ignore_ascii_case("pom.xml")
    });
    let mut above = parts.skip(2);
    let mut is = |name: &str| above.next().is_some_and(|part| part.eq_ignore_ascii_case(name));
    is_file && is("maven") && is("META-INF")
}

/// A library of an application that was packed as one program.
fn is_library(name: &str) -> bool {
    let is_among =
        ["BOOT-INF/lib/", "WEB-INF/lib/", "WEB-INF/lib-provided/"].iter().any(|it| name.starts_with(it));
    is_among && Ending::of(name.as_bytes()) == Ending::Java
}

impl<'a> Reader<'a> {
    pub(super) fn new(path: &'a [u8], size: u64) -> Self {
        let budget = Budget::new(MIN_INFLATED.saturating_add(size.saturating_mul(RATIO)));
        Reader { path, budget, archives: MAX_ARCHIVES, only_java: false }
    }

    /// An archive; `inside` is its path within the one on disk, empty for that itself.
    pub(super) fn archive(
        &mut self,
        file: &dyn ReadAt,
        name: &str,
        inside: &str,
        depth: usize,
        sink: &mut Sink<'_>,
    ) {
        let archive = match Archive::open(file) {
            Ok(archive) => archive,
            Err(damage) => {
                sink.artifact(identity::archive(self.path, inside).with(Field::Name, identity::stem(name)));
                return self.damage(sink, inside, damage);
            }
        };
        let is_wanted = |name: &str| is_manifest(name) || is_coordinates(name) || is_archive(name);
        let members = archive.members(is_wanted, MAX_MEMBERS);
        let is_java = members
            .value
            .iter()
            .any(|it| is_manifest(&it.name) || is_coordinates(&it.name) || is_library(&it.name));
        if depth == 0 && self.only_java && !is_java {
            return;
        }
        for damage in members.damage {
            self.damage(sink, inside, damage);
        }
        let (nested, own): (Vec<Member>, Vec<Member>) =
            members.value.into_iter().partition(|member| is_archive(&member.name));
        let mut taken = Taken::default();
        let found = self.identity(&archive, &own, inside, &mut taken, sink);
        for artifact in found.artifacts(identity::stem(name), identity::archive(self.path, inside)) {
            sink.artifact(artifact);
        }
        for member in &nested {
            if !self.may_read(&archive, member, inside, &mut taken, sink) {
                break;
            }
            if self.archives == 0 {
                let what = format!("more than {MAX_ARCHIVES} archives inside it");
                return self.damage(sink, "", Damage::new(DamageKind::OverLimit, None, what));
            }
            self.archives -= 1;
            self.nested(file, &archive, member, inside, depth, sink);
        }
    }

    /// Whether a member has bytes of its own.
    fn may_read(
        &self,
        archive: &Archive<'_>,
        member: &Member,
        inside: &str,
        taken: &mut Taken,
        sink: &mut Sink<'_>,
    ) -> bool {
        let shared = taken.take(archive, member).err();
        let is_apart = shared.is_none();
        shared.into_iter().for_each(|damage| self.damage(sink, inside, damage));
        is_apart
    }

    fn nested(
        &mut self,
        file: &dyn ReadAt,
        archive: &Archive<'_>,
        member: &Member,
        inside: &str,
        depth: usize,
        sink: &mut Sink<'_>,
    ) {
        let within =
            if inside.is_empty() { member.name.clone() } else { format!("{inside}!/{}", member.name) };
        if depth >= MAX_DEPTH {
            let what = format!("archives nest deeper than {MAX_DEPTH}");
            return self.damage(sink, &within, Damage::new(DamageKind::OverLimit, None, what));
        }
        let name = file_name(&member.name);
        if member.size > MAX_NESTED as u64 && member.is_deflated() {
            let budget = std::mem::replace(&mut self.budget, Budget::new(0));
            match archive.stream(member, &budget) {
                Ok(stream) => {
                    // What lies deeper is charged by what it takes from the stream.
                    self.budget = Budget::new(budget.left());
                    self.archive(&stream, name, &within, depth + 1, sink);
                }
                Err(damage) => self.unreadable(name, &within, damage, sink),
            }
            self.budget = Budget::new(self.budget.left().min(budget.left()));
            return;
        }
        let limit = usize::try_from(self.budget.left()).unwrap_or(usize::MAX).min(MAX_NESTED);
        match archive.content(member, limit) {
            // Read where it is: only what is inflated costs memory.
            Ok(Content::Stored(start, size)) => {
                self.inner(&Slice::new(file, start, size), name, &within, depth + 1, sink);
            }
            Ok(Content::Inflated(bytes)) => {
                self.budget.take(bytes.len() as u64);
                self.inner(&bytes, name, &within, depth + 1, sink);
            }
            Err(damage) => self.unreadable(name, &within, damage, sink),
        }
    }

    /// An archive inside an archive, unless it only has the ending of one.
    fn inner(&mut self, file: &dyn ReadAt, name: &str, within: &str, depth: usize, sink: &mut Sink<'_>) {
        let is_certain = Ending::of(name.as_bytes()) == Ending::Java;
        if is_certain || file.read_vec(0, 4).is_ok_and(|head| is_java_head(&head)) {
            self.archive(file, name, within, depth, sink);
        }
    }

    fn unreadable(&self, name: &str, within: &str, damage: Damage, sink: &mut Sink<'_>) {
        sink.artifact(identity::archive(self.path, within).with(Field::Name, identity::stem(name)));
        self.damage(sink, within, damage);
    }

    /// What the manifest and the coordinates say.
    fn identity(
        &self,
        archive: &Archive<'_>,
        own: &[Member],
        inside: &str,
        taken: &mut Taken,
        sink: &mut Sink<'_>,
    ) -> Found {
        let mut found = Found::default();
        // A project's two files say the same; the properties have no variables in them.
        let mut projects: BTreeMap<&str, Coordinates> = BTreeMap::new();
        for member in own {
            if !self.may_read(archive, member, inside, taken, sink) {
                break;
            }
            let bytes = match archive.read(member, SMALL) {
                Ok(bytes) => bytes,
                Err(damage) => {
                    self.damage(sink, inside, damage);
                    continue;
                }
            };
            if !self.budget.take(bytes.len() as u64) {
                let what = "reading it costs more than an archive of its size may";
                self.damage(sink, inside, Damage::new(DamageKind::OverLimit, None, what));
                break;
            }
            if is_manifest(&member.name) {
                found.manifest = Manifest::parse(&bytes);
                continue;
            }
            let folder = member.name.rsplit_once('/').map_or("", |(folder, _)| folder);
            let read = coordinates(&member.name, &bytes);
            for mut damage in read.damage {
                damage.what = format!("{}: {}", member.name, damage.what);
                self.damage(sink, inside, damage);
            }
            let known = projects.entry(folder).or_default();
            *known = joined(std::mem::take(known), read.value, is_xml(&member.name));
        }
        found.coordinates = projects.into_values().filter(|it| it.artifact.is_some()).collect();
        found
    }

    fn damage(&self, sink: &mut Sink<'_>, inside: &str, mut damage: Damage) {
        if !inside.is_empty() {
            damage.what = format!("in {inside}: {}", damage.what);
        }
        sink.damage(self.path, &[damage]);
    }
}

fn is_xml(name: &str) -> bool {
    name.get(name.len().saturating_sub(4)..).is_some_and(|end| end.eq_ignore_ascii_case(".xml"))
}

/// The coordinates in a `pom.properties` or `pom.xml`.
pub(super) fn coordinates(name: &str, bytes: &[u8]) -> Salvaged<Coordinates> {
    if is_xml(name) { maven_pom::parse(bytes) } else { Salvaged::whole(Coordinates::of_properties(bytes)) }
}

/// What both files of a project say together; what the properties say counts.
fn joined(known: Coordinates, new: Coordinates, new_is_xml: bool) -> Coordinates {
    let (first, second) = if new_is_xml { (known, new) } else { (new, known) };
    Coordinates {
        group: first.group.or(second.group),
        artifact: first.artifact.or(second.artifact),
        version: first.version.or(second.version),
        organization: first.organization.or(second.organization),
    }
}
