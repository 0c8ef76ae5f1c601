//! `java_archives`: Java archives and the archives inside them.
//!
//! Two places tell what an archive is: the manifest, which its maker fills as he likes, and the coordinates that
//! Maven leaves for everything that was built into it. An archive with one pair of coordinates is that artifact;
//! with more, it carries the others inside.

use std::collections::BTreeMap;
use std::ops::Range;

use super::places::{PROGRAM_PLACES, home_owner};
use crate::bytes::{Damage, DamageKind, ReadAt};
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::format::container::zip::{Archive, Content, Member};
use crate::format::executable::Slice;
use crate::format::package::java_manifest::{Manifest, properties};
use crate::fs::Entry;
use crate::fs::tree::file_name;
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::{shown, text_of};

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "java_archives",
    about: "Java archives (jar, war, ear, aar) and what is inside them, by manifest and Maven coordinates.",
    applies: Applies::EVERYWHERE,
    reads: &[],
    walks: PROGRAM_PLACES,
    keys: &[],
    yields: &[
        Field::Name,
        Field::DisplayName,
        Field::Version,
        Field::Namespace,
        Field::Vendor,
        Field::Description,
        Field::License,
        Field::Module,
        Field::User,
        Field::Path,
    ],
    run: |_, _| (),
    visit: Some(Visit { wants, file }),
};

/// Archives inside archives are followed this deep.
const MAX_DEPTH: usize = 4;
/// Bytes of one archive inside an archive that had to be inflated.
const MAX_NESTED: usize = 32 << 20;
/// Bytes inflated for one archive on disk in all.
const MAX_INFLATED: usize = 512 << 20;
/// Archives inside one archive on disk, at all depths.
const MAX_ARCHIVES: usize = 20_000;
/// Members of interest in one archive.
const MAX_MEMBERS: usize = 20_000;
/// Bytes of a manifest or of coordinates.
const SMALL: usize = 1 << 20;

fn wants(entry: &Entry<'_>) -> bool {
    entry.has_ending(ENDINGS)
}

const ENDINGS: &[&str] = &[".jar", ".war", ".ear", ".aar"];

fn is_archive(name: &str) -> bool {
    let lower = name.get(name.len().saturating_sub(4)..).unwrap_or_default().to_ascii_lowercase();
    ENDINGS.contains(&lower.as_str())
}

fn file(_: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let path = entry.path();
    let file = match entry.open() {
        Ok(file) => file,
        Err(fault) => return sink.fault(fault),
    };
    let mut reader = Reader { path, budget: MAX_INFLATED, archives: MAX_ARCHIVES };
    reader.archive(file.as_ref(), &text_of(file_name(path)), "", 0, sink);
}

struct Reader<'a> {
    path: &'a [u8],
    /// Bytes that may still be inflated.
    budget: usize,
    /// Archives that may still be opened.
    archives: usize,
}

impl Reader<'_> {
    /// An archive; `inside` is its path within the one on disk, empty for that itself.
    fn archive(&mut self, file: &dyn ReadAt, name: &str, inside: &str, depth: usize, sink: &mut Sink<'_>) {
        let archive = match Archive::open(file) {
            Ok(archive) => archive,
            Err(damage) => {
                sink.artifact(self.artifact(sink, inside).with(Field::Name, stem(name)));
                return self.damage(sink, inside, damage);
            }
        };
        let is_wanted = |name: &str| {
            name == "META-INF/MANIFEST.MF"
                || (name.starts_with("META-INF/maven/") && name.ends_with("/pom.properties"))
                || is_archive(name)
        };
        let members = archive.members(is_wanted, MAX_MEMBERS);
        for damage in members.damage {
            self.damage(sink, inside, damage);
        }
        let (nested, own): (Vec<Member>, Vec<Member>) =
            members.value.into_iter().partition(|member| is_archive(&member.name));
        self.identity(&archive, &own, name, inside, sink);
        let mut taken: BTreeMap<u64, u64> = BTreeMap::new();
        for member in &nested {
            // Members that share bytes make a small file as large as one likes.
            if archive.range(member).is_some_and(|range| !is_apart(&mut taken, &range)) {
                let what = format!("{} shares its bytes with another member", member.name);
                self.damage(sink, inside, Damage::new(DamageKind::Corrupt, None, what));
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
        let name = member.name.rsplit('/').next().unwrap_or(&member.name);
        match archive.content(member, MAX_NESTED.min(self.budget)) {
            // Read where it is: only what is inflated costs memory.
            Ok(Content::Stored(start, size)) => {
                self.archive(&Slice::new(file, start, size), name, &within, depth + 1, sink);
            }
            Ok(Content::Inflated(bytes)) => {
                self.budget = self.budget.saturating_sub(bytes.len());
                self.archive(&bytes, name, &within, depth + 1, sink);
            }
            Err(damage) => {
                sink.artifact(self.artifact(sink, &within).with(Field::Name, stem(name)));
                self.damage(sink, &within, damage);
            }
        }
    }

    /// Yields what the manifest and the coordinates tell.
    fn identity(&self, archive: &Archive<'_>, own: &[Member], name: &str, inside: &str, sink: &mut Sink<'_>) {
        let mut manifest = Manifest::default();
        let mut coordinates = Vec::new();
        for member in own {
            match archive.read(member, SMALL) {
                Ok(bytes) if member.name == "META-INF/MANIFEST.MF" => manifest = Manifest::parse(&bytes),
                Ok(bytes) => coordinates.push(properties(&bytes)),
                Err(damage) => self.damage(sink, inside, damage),
            }
        }
        let first = |names: &[&str]| names.iter().find_map(|name| manifest.get(name)).map(str::to_owned);
        let title =
            first(&["implementation-title", "bundle-name", "specification-title", "bundle-symbolicname"]);
        let symbolic = first(&["bundle-symbolicname", "automatic-module-name"]);
        let symbolic = symbolic.map(|name| name.split(';').next().unwrap_or(&name).trim().to_owned());
        let vendors =
            ["implementation-vendor", "bundle-vendor", "specification-vendor", "vendor", "created-by-vendor"];
        let vendors = vendors.iter().filter_map(|name| manifest.get(name));
        let version =
            first(&["implementation-version", "bundle-version", "specification-version", "version"]);
        let artifact = self
            .artifact(sink, inside)
            .with_some(Field::DisplayName, title)
            .with_some(Field::Module, symbolic)
            .with_many(Field::Vendor, vendors)
            .with_some(Field::Description, manifest.get("bundle-description"))
            .with_some(Field::License, manifest.get("bundle-license"));
        let of = |pom: &BTreeMap<String, String>, key: &str| pom.get(key).cloned();
        match coordinates.as_slice() {
            [pom] => sink.artifact(
                artifact
                    .with(Field::Name, of(pom, "artifactId").unwrap_or_else(|| stem(name)))
                    .with_some(Field::Namespace, of(pom, "groupId"))
                    .with_some(Field::Version, of(pom, "version").or(version)),
            ),
            _ => sink.artifact(
                artifact
                    .with(Field::Name, stem(name))
                    .with_some(Field::Namespace, first(&["implementation-vendor-id"]))
                    .with_some(Field::Version, version),
            ),
        }
        if coordinates.len() > 1 {
            for pom in &coordinates {
                let artifact = self
                    .artifact(sink, inside)
                    .state(State::Embedded)
                    .with_some(Field::Name, of(pom, "artifactId"))
                    .with_some(Field::Namespace, of(pom, "groupId"))
                    .with_some(Field::Version, of(pom, "version"));
                sink.artifact(artifact);
            }
        }
    }

    fn artifact(&self, sink: &Sink<'_>, inside: &str) -> Artifact {
        let (location, state) = match inside {
            "" => (Location::path(self.path), State::Installed),
            inside => (Location::record(self.path, inside), State::Embedded),
        };
        Artifact::new(sink.collector(), location)
            .state(state)
            .with(Field::Path, shown(self.path))
            .with_some(Field::User, home_owner(self.path))
    }

    fn damage(&self, sink: &mut Sink<'_>, inside: &str, mut damage: Damage) {
        if !inside.is_empty() {
            damage.what = format!("in {inside}: {}", damage.what);
        }
        sink.damage(self.path, &[damage]);
    }
}

/// Takes a range, unless it shares bytes with one that was taken before.
fn is_apart(taken: &mut BTreeMap<u64, u64>, range: &Range<u64>) -> bool {
    let before = taken.range(..range.end).next_back();
    let is_apart = before.is_none_or(|(_, end)| *end <= range.start);
    if is_apart && !range.is_empty() {
        taken.insert(range.start, range.end);
    }
    is_apart
}

/// `tool-1.2` for `tool-1.2.jar`.
fn stem(name: &str) -> String {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::container::zip::tests::archive;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::{Gap, GapKind, TargetKind};

    fn collected(bytes: Vec<u8>) -> (Vec<Artifact>, Vec<Gap>) {
        let tree = Memory::new().file("opt/app/tool-1.0.jar", bytes);
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        crate::collector::collect(&COLLECTOR, &target)
    }

    const MANIFEST: &[u8] =
        b"Manifest-Version: 1.0\nImplementation-Title: Tool\nImplementation-Vendor: Example Inc\nImplementation-Version: 9\n";

    fn pom(artifact: &str) -> Vec<u8> {
        format!("groupId=org.example\nartifactId={artifact}\nversion=1.2\n").into_bytes()
    }

    #[test]
    fn coordinates_name_an_archive_and_its_manifest_the_vendor() {
        let (artifacts, gaps) = collected(archive(&[
            ("META-INF/MANIFEST.MF", MANIFEST),
            ("META-INF/maven/org.example/tool/pom.properties", &pom("tool")),
            ("Tool.class", b""),
        ]));
        assert_eq!(gaps, []);
        assert_eq!(artifacts.len(), 1);
        let it = &artifacts[0];
        assert_eq!(it.text(Field::Name), Some("tool"));
        assert_eq!(it.text(Field::Namespace), Some("org.example"));
        assert_eq!(it.text(Field::Version), Some("1.2"));
        assert_eq!(it.text(Field::Vendor), Some("Example Inc"));
        assert_eq!(it.text(Field::DisplayName), Some("Tool"));
    }

    #[test]
    fn what_was_built_in_is_embedded_and_so_are_archives_inside_stored_or_deflated() {
        let inner = archive(&[("META-INF/maven/g/inner/pom.properties", &pom("inner"))]);
        let middle = archive(&[("lib/inner.jar!", &inner)]);
        let (artifacts, gaps) = collected(archive(&[
            ("META-INF/maven/g/a/pom.properties", &pom("a")),
            ("META-INF/maven/g/b/pom.properties", &pom("b")),
            ("BOOT-INF/lib/middle.jar", &middle),
        ]));
        assert_eq!(gaps, []);
        let short: Vec<_> = artifacts
            .iter()
            .map(|it| (it.text(Field::Name).unwrap(), it.state, it.location.record.as_deref().unwrap_or("")))
            .collect();
        assert_eq!(
            short,
            [
                ("tool-1.0", State::Installed, ""),
                ("a", State::Embedded, ""),
                ("b", State::Embedded, ""),
                ("middle", State::Embedded, "BOOT-INF/lib/middle.jar"),
                ("inner", State::Embedded, "BOOT-INF/lib/middle.jar!/lib/inner.jar"),
            ]
        );
    }

    /// An archive whose directory names one stored member many times.
    fn overlapping(inner: &[u8], count: u16) -> Vec<u8> {
        let number = |value: usize| u32::try_from(value).unwrap().to_le_bytes();
        let (name, sizes) = (b"x.jar", [number(inner.len()), number(inner.len())].concat());
        let method = [20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        let local = [&b"PK\x03\x04"[..], &method, &sizes, &[5, 0, 0, 0], name, inner].concat();
        let entry = [&b"PK\x01\x02\x14\0"[..], &method, &sizes, &[5, 0], &[0; 16], name].concat();
        let directory = entry.repeat(usize::from(count));
        let counts = [count.to_le_bytes(), count.to_le_bytes()].concat();
        let end =
            [&b"PK\x05\x06\0\0\0\0"[..], &counts, &number(directory.len()), &number(local.len()), &[0, 0]];
        [local, directory, end.concat()].concat()
    }

    #[test]
    fn members_that_share_their_bytes_are_read_once_and_a_gap() {
        let mut bytes = archive(&[("META-INF/maven/g/inner/pom.properties", &pom("inner"))]);
        for _ in 0..3 {
            bytes = overlapping(&bytes, 200);
        }
        let (artifacts, gaps) = collected(bytes);
        assert!(artifacts.iter().any(|it| it.text(Field::Name) == Some("inner")));
        assert_eq!((artifacts.len(), gaps.len()), (4, 3));
        assert!(gaps.iter().all(|gap| gap.kind == GapKind::Corrupt), "{gaps:?}");
    }

    #[test]
    fn archives_that_nest_too_deep_or_are_damaged_are_gaps() {
        let mut bytes = archive(&[("x.jar!", b"no archive")]);
        assert_eq!(collected(bytes.clone()).1[0].kind, GapKind::Corrupt);
        for _ in 0..MAX_DEPTH {
            bytes = archive(&[("x.jar", &bytes)]);
        }
        assert_eq!(collected(bytes).1[0].kind, GapKind::OverLimit);
    }
}
