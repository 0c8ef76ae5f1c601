//! Setups in tar archives, and compressed setups.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::contents::{HEAD, MAX_MEMBER, MAX_MEMBERS, SMALL, is_setup, is_tar};
use super::extension;
use super::zipped::Reader;
use crate::bytes::{Damage, DamageKind, ReadAt};
use crate::format::container::decompress::{self, Compression, Counted};
use crate::format::container::tar::{self, BLOCK, Dialect, MemberKind, Next, Seeking, Source, Streaming};
use crate::format::executable::Slice;
use crate::format::package::npm_package;
use crate::model::{Artifact, Field};
use crate::text::file_name;

/// Endings of archives of tar, compressed or not.
const ARCHIVES: &[&str] =
    &[".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2", ".tbz", ".tar.zst", ".tzst", ".taz"];
/// Bytes that each kind of compression is known by.
const MIN_HEAD: usize = 10;
/// Bytes read of a compressed file at once.
const BUFFER: usize = 64 << 10;

fn ends_in(name: &str, endings: &[&str]) -> bool {
    let lower = name.to_ascii_lowercase();
    endings.iter().any(|ending| lower.ends_with(ending))
}

/// Whether the name of a file promises an archive of tar or a compressed setup.
fn is_promised(name: &str) -> bool {
    const ENDINGS: &[&str] = &[".gz", ".xz", ".bz2", ".zst"];
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    ends_in(name, ARCHIVES) || ends_in(name, ENDINGS) && is_setup(stem)
}

/// A file from its start.
struct Sequential<'a> {
    file: &'a dyn ReadAt,
    at: u64,
}

impl Read for Sequential<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read_at(self.at, buf)?;
        self.at = self.at.saturating_add(count as u64);
        Ok(count)
    }
}

/// That an archive does not end as every program of tar ends it, in zeros: it was cut off between two members.
fn unended(file: &dyn ReadAt) -> Option<Damage> {
    let block = BLOCK as u64;
    let last = file.size().checked_sub(block).map(|at| file.read_vec(at, BLOCK));
    let is_ended = matches!(&last, Some(Ok(bytes)) if bytes.iter().all(|&byte| byte == 0));
    (!is_ended).then(|| Damage::new(DamageKind::Truncated, file.size(), "the archive has no end"))
}

/// What is being read: where it lies, and how deep.
struct Place<'a> {
    name: &'a str,
    inside: &'a str,
    base: &'a Artifact,
    depth: usize,
}

impl Place<'_> {
    fn within(&self, name: &str) -> String {
        if self.inside.is_empty() { name.to_owned() } else { format!("{}!/{name}", self.inside) }
    }

    /// What a member's artifact begins with.
    fn member(&self, path: &str, size: u64) -> Artifact {
        let name = file_name(path);
        let mut base = self.base.clone().with(Field::Name, name).with(Field::Size, size.to_string());
        base.location.record = Some(self.within(path));
        base
    }
}

impl Reader {
    /// A tar archive, compressed or not, or one compressed setup; other files are passed over.
    pub(super) fn packed(
        &mut self,
        file: &dyn ReadAt,
        name: &str,
        inside: &str,
        base: &Artifact,
        depth: usize,
    ) {
        let place = Place { name, inside, base, depth };
        let head = match file.read_vec(0, HEAD) {
            Ok(head) => head,
            Err(error) => return self.found.damage.push(Damage::from(error)),
        };
        match Compression::of(&head) {
            Some(compression) => self.compressed(file, compression, &place),
            None if is_tar(&head) || (ends_in(name, &[".tar"]) && !head.is_empty()) => {
                let damage = self.tar(Seeking::new(file), Some(file), &place);
                if let Some(damage) = damage.or_else(|| unended(file)) {
                    self.damaged(&place, damage);
                }
            }
            // An archive that ends within the bytes that say so.
            None if is_promised(name) && (1..MIN_HEAD).contains(&head.len()) => {
                let what = "the file ends inside the bytes that say what it is";
                self.damaged(&place, Damage::new(DamageKind::Truncated, head.len() as u64, what));
            }
            None => {}
        }
    }

    /// Names an archive that is damaged.
    fn damaged(&mut self, place: &Place<'_>, damage: Damage) {
        if self.found.artifacts.is_empty() {
            self.found.artifacts.push(place.base.clone().with(Field::Format, "tar"));
        }
        self.found.damage.push(damage);
    }

    fn compressed(&mut self, file: &dyn ReadAt, compression: Compression, place: &Place<'_>) {
        let limit = self.budget as u64;
        let count: Arc<AtomicU64> = Arc::default();
        let stream = decompress::reader(Sequential { file, at: 0 }, compression, BUFFER)
            .map(|stream| Counted { stream: stream.take(limit), count: Arc::clone(&count) });
        let mut first = Vec::new();
        let read = stream.and_then(|mut stream| {
            stream.by_ref().take(BLOCK as u64).read_to_end(&mut first)?;
            Ok(stream)
        });
        let stem = place.name.rsplit_once('.').map_or(place.name, |(stem, _)| stem);
        let is_named = is_promised(place.name);
        let damage = match read {
            Ok(stream) if is_tar(&first) => {
                self.tar(Streaming::new(io::Cursor::new(first).chain(stream), BUFFER), None, place)
            }
            Ok(mut stream) => {
                let is_program = first.starts_with(b"MZ") || first.starts_with(b"\x7fELF");
                if !is_named && !is_program {
                    return;
                }
                let read = stream.by_ref().take(MAX_MEMBER as u64).read_to_end(&mut first);
                if read.is_ok() && count.load(Ordering::Relaxed) < limit {
                    let base = place.member(stem, first.len() as u64);
                    self.member(&first, stem, &place.within(stem), base, place.depth + 1);
                }
                read.err().map(Damage::from)
            }
            Err(error) => Some(Damage::from(error)),
        };
        let taken = count.load(Ordering::Relaxed);
        self.budget = self.budget.saturating_sub(usize::try_from(taken).unwrap_or(usize::MAX));
        if taken >= limit {
            if self.found.artifacts.is_empty() {
                self.found.artifacts.push(place.base.clone().with(Field::Format, "tar"));
            }
            self.found.unread.push(format!("only the first {limit} bytes of what is packed in it were read"));
        } else if let Some(damage) = damage.filter(|_| is_named || !self.found.artifacts.is_empty()) {
            self.damaged(place, damage);
        }
    }

    /// The setups in an archive; `at`: the archive as a file, where its members can be read in place. Returns the damage that
    /// ended it early.
    fn tar<S: Source>(&mut self, source: S, at: Option<&dyn ReadAt>, place: &Place<'_>) -> Option<Damage> {
        let mut reader = tar::Reader::new(source, Dialect::Gnu);
        let mut count = 0;
        loop {
            let member = match reader.next_member() {
                Next::Member(member) if member.kind == MemberKind::File => member,
                // Odd headers, which programs of tar read differently; the member follows.
                Next::Member(_) | Next::Damaged(_) => continue,
                Next::End(damage) => return damage,
            };
            let path =
                String::from_utf8_lossy(member.path.strip_prefix(b"./").unwrap_or(&member.path)).into_owned();
            let is_own = count == 0 && is_manifest(&path);
            if !is_own && !is_setup(&path) {
                continue;
            }
            if count == MAX_MEMBERS {
                let what = format!("more than {MAX_MEMBERS} setups in it");
                return Some(Damage::new(DamageKind::OverLimit, None, what));
            }
            count += 1;
            let base = place.member(&path, member.size);
            if let (Some(file), false) = (at, is_own) {
                self.named(place);
                let body = Slice::new(file, member.offset, member.stored);
                self.member(&body, file_name(&path), &place.within(&path), base, place.depth);
                continue;
            }
            let limit = if is_own { SMALL } else { MAX_MEMBER.min(self.budget) } as u64;
            let mut bytes = Vec::new();
            let read = reader.body().take(member.stored.min(limit)).read_to_end(&mut bytes);
            let is_whole = read.is_ok() && bytes.len() as u64 == member.stored;
            if is_own {
                self.found
                    .artifacts
                    .extend(is_whole.then(|| of_manifest(&path, &bytes, place.base)).flatten());
            } else if is_whole {
                self.named(place);
                self.budget = self.budget.saturating_sub(bytes.len());
                self.member(&bytes, file_name(&path), &place.within(&path), base, place.depth);
            } else {
                self.named(place);
                self.found.artifacts.push(base);
                if member.stored > limit {
                    let what = format!("{path} has {} bytes", member.stored);
                    self.found.damage.push(Damage::new(DamageKind::OverLimit, None, what));
                }
            }
        }
    }

    /// The archive itself, once.
    fn named(&mut self, place: &Place<'_>) {
        let artifact = place.base.clone().with(Field::Format, "tar");
        if !self.found.artifacts.contains(&artifact) {
            self.found.artifacts.push(artifact);
        }
    }
}

/// Whether a member says what its archive is: of a package of npm, or of Python's sources.
fn is_manifest(path: &str) -> bool {
    path == "package/package.json" || path.split_once('/').is_some_and(|(_, name)| name == "PKG-INFO")
}

fn of_manifest(path: &str, bytes: &[u8], base: &Artifact) -> Option<Artifact> {
    if path.ends_with("PKG-INFO") {
        return extension::of_python(bytes, base);
    }
    let mut package = npm_package::parse(bytes).ok()?;
    let artifact = base
        .clone()
        .with(Field::Format, "npm")
        .with(Field::Name, package.name.take()?)
        .with_many(Field::Maintainer, std::mem::take(&mut package.people));
    Some(extension::of_package(artifact, package))
}
