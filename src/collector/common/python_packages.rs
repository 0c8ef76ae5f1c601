//! `python_packages`: packages of Python wherever programs are: of the system, of users, of virtual environments.
//!
//! Each has a folder `NAME-VERSION.dist-info` (PEP 376) or, by older tools, a folder or file `.egg-info`.

use super::places::{PROGRAM_PLACES, home_owner};
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::format::package::python_metadata::Metadata;
use crate::fs::Entry;
use crate::fs::tree::{file_name, parent};
use crate::model::{Artifact, Field, Location};
use crate::target::Target;
use crate::text::shown;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "python_packages",
    about: "Python packages of the system, of users and of virtual environments.",
    applies: Applies::EVERYWHERE,
    reads: &[],
    walks: PROGRAM_PLACES,
    keys: &[],
    yields: &[
        Field::Name,
        Field::Version,
        Field::Description,
        Field::Author,
        Field::Maintainer,
        Field::Homepage,
        Field::License,
        Field::Depends,
        Field::User,
        Field::Path,
    ],
    run: |_, _| (),
    visit: Some(Visit { wants, file }),
};

/// Bytes read of one file: the headers come first, the long description last.
const LIMIT: usize = 256 << 10;

fn wants(entry: &Entry<'_>) -> bool {
    let name = entry.name();
    let folder = || file_name(parent(entry.path()));
    match name {
        b"METADATA" => folder().ends_with(b".dist-info"),
        b"PKG-INFO" => folder().ends_with(b".egg-info") || folder() == b"EGG-INFO",
        _ => name.ends_with(b".egg-info"),
    }
}

fn file(_: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let bytes = match entry.read(LIMIT) {
        // What is behind the limit is the description.
        Ok(content) => content.bytes,
        Err(fault) => return sink.fault(fault),
    };
    let metadata = Metadata::parse(&bytes);
    let path = entry.path();
    let named = if file_name(path).ends_with(b".egg-info") { path } else { parent(path) };
    let Some(name) = metadata.get("name") else {
        let what =
            crate::bytes::Damage::new(crate::bytes::DamageKind::Corrupt, None, "no name among its headers");
        return sink.damage(path, &[what]);
    };
    // Headers end with a blank line or with the last line's end, and every package has a version.
    let has_end =
        bytes.ends_with(b"\n") || [&b"\n\n"[..], b"\r\n\r\n"].iter().any(|end| contains(&bytes, end));
    if !has_end || metadata.get("version").is_none() {
        let what = "its headers are cut off";
        sink.damage(path, &[crate::bytes::Damage::new(crate::bytes::DamageKind::Truncated, None, what)]);
    }
    let pages = metadata.all("project-url").filter_map(|url| url.split_once(',')).map(|(_, url)| url.trim());
    let artifact = Artifact::new(sink.collector(), Location::path(path))
        .with(Field::Name, name)
        .with_some(Field::Version, metadata.get("version"))
        .with_some(Field::Description, metadata.get("summary"))
        .with_many(Field::Author, metadata.all("author").chain(metadata.all("author-email")))
        .with_many(Field::Maintainer, metadata.all("maintainer").chain(metadata.all("maintainer-email")))
        .with_many(Field::Homepage, metadata.all("home-page").chain(pages))
        .with_some(Field::License, metadata.get("license-expression").or(metadata.get("license")))
        .with_many(Field::Depends, metadata.all("requires-dist"))
        .with_some(Field::User, home_owner(path))
        .with(Field::Path, shown(named));
    sink.artifact(artifact);
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    memchr::memmem::find(bytes, part).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    #[test]
    fn wheels_and_eggs_of_system_users_and_environments() {
        let text = |name: &str| {
            format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nAuthor-email: a@example.com\n\nlong")
        };
        let tree = Memory::new()
            .file("usr/lib/python3/dist-packages/one-1.0.dist-info/METADATA", text("one"))
            .file("usr/lib/python3/dist-packages/two-1.0.egg-info", text("two"))
            .file("home/u/.local/lib/python3.11/site-packages/three.egg-info/PKG-INFO", text("three"))
            .file("opt/app/venv/lib/site-packages/four-1.dist-info/METADATA", text("four"))
            .file("opt/app/METADATA", text("no package"))
            .file(
                "opt/cut/lib/site-packages/cut-1.dist-info/METADATA",
                "Metadata-Version: 2.1\nName: cut\nVers",
            )
            .file("opt/app/bad-1.dist-info/METADATA", "nothing");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = crate::collector::collect(&COLLECTOR, &target);
        let mut names: Vec<_> = artifacts.iter().filter_map(|it| it.text(Field::Name)).collect();
        names.sort_unstable();
        assert_eq!(names, ["cut", "four", "one", "three", "two"]);
        let three = artifacts.iter().find(|it| it.text(Field::Name) == Some("three")).unwrap();
        assert_eq!(three.text(Field::User), Some("u"));
        assert_eq!(three.text(Field::Author), Some("a@example.com"));
        assert_eq!(gaps.len(), 2, "{gaps:?}");
    }
}
