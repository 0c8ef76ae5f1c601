//! `flatpak_packages`: applications and runtimes of Flatpak, of the machine and of users.
//!
//! A deployed ref is a folder `app/ID/ARCH/BRANCH/active` with a `metadata` file (flatpak-metadata(5)); what it
//! is called and who made it, its AppStream metadata says; where it came from, the `deploy` file beside it, whose
//! first value is the remote's name.

use std::collections::BTreeSet;

use crate::bytes::{Damage, DamageKind};
use crate::collector::{Applies, Collector, Sink};
use crate::format::package::appstream::{self, Component};
use crate::format::text::ini::{self, Dialect};
use crate::fs::Found;
use crate::fs::root::name_of;
use crate::fs::tree::{file_name, join, parent};
use crate::model::{Artifact, Field, GapKind, Location, State};
use crate::target::Target;
use crate::text::{shown, text_of};

macro_rules! installations {
    ($($base:literal)*) => {
        const METADATA: &[&str] = &[
            $(concat!($base, "/app/*/*/*/active/metadata"), concat!($base, "/runtime/*/*/*/active/metadata"),)*
        ];
        const READS: &[&str] = &[
            $(
                concat!($base, "/app/*/*/*/active/metadata"), concat!($base, "/runtime/*/*/*/active/metadata"),
                concat!($base, "/app/*/*/*/active/deploy"), concat!($base, "/runtime/*/*/*/active/deploy"),
                concat!($base, "/app/*/*/*/active/files/share/metainfo/*.xml"),
                concat!($base, "/app/*/*/*/active/files/share/appdata/*.xml"),
            )*
            LEFT[0], LEFT[1], LEFT[2], LEFT[3], LEFT[4], INSTALLATIONS,
        ];
    };
}

installations! {
    "var/lib/flatpak" "home/*/.local/share/flatpak" "root/.local/share/flatpak"
}

/// Installations in other places (flatpak-installation(5)).
const INSTALLATIONS: &str = "etc/flatpak/installations.d/*.conf";
/// Data of applications, which stays when one goes, and folders of applications that nothing is deployed in.
const LEFT: [&str; 5] = [
    "home/*/.var/app/*/",
    "root/.var/app/*/",
    "home/*/.local/share/flatpak/app/*/",
    "root/.local/share/flatpak/app/*/",
    "var/lib/flatpak/app/*/",
];

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "flatpak_packages",
    about: "Flatpak applications and runtimes, of the machine and of users, and what removed ones left.",
    applies: Applies::LINUX,
    reads: READS,
    walks: &[],
    keys: &[],
    yields: &[
        Field::Identifier,
        Field::Name,
        Field::DisplayName,
        Field::Version,
        Field::Release,
        Field::Arch,
        Field::Vendor,
        Field::Description,
        Field::Homepage,
        Field::License,
        Field::Source,
        Field::Type,
        Field::Depends,
        Field::Scope,
        Field::User,
        Field::Path,
    ],
    run,
    visit: None,
};

/// Bytes read of one file.
const LIMIT: usize = 4 << 20;

fn run(target: &Target, sink: &mut Sink<'_>) {
    let mut known = BTreeSet::new();
    for found in sink.files(&target.root, METADATA) {
        let artifact = deployed(target, sink, &found);
        if let Some(id) = artifact.text(Field::Identifier) {
            known.insert(id.to_owned());
        }
        sink.artifact(artifact);
    }
    elsewhere(target, sink, &mut known);
    for pattern in LEFT {
        for folder in sink.glob(&target.root, pattern) {
            let id = name_of(&folder);
            if folder.is_directory() && !known.contains(&id) {
                let artifact = Artifact::new(sink.collector(), Location::path(&folder.path))
                    .state(State::Remnant)
                    .with(Field::Identifier, id)
                    .with(Field::Type, "data")
                    .with_some(Field::User, super::home_owner(&folder.path))
                    .with(Field::Path, shown(&folder.path));
                sink.artifact(artifact);
            }
        }
    }
}

/// Applications and runtimes of installations in other places, by the names of their folders: only names are known of
/// places that no pattern declares.
fn elsewhere(target: &Target, sink: &mut Sink<'_>, known: &mut BTreeSet<String>) {
    for found in sink.files(&target.root, &[INSTALLATIONS]) {
        let Some(bytes) = sink.read(&target.root, &found, LIMIT) else { continue };
        let parsed = ini::parse(&bytes, Dialect::default());
        sink.damage(&found.path, &parsed.damage);
        let paths: Vec<Vec<u8>> = parsed
            .value
            .iter()
            .filter(|it| it.key.eq_ignore_ascii_case(b"Path"))
            .map(|it| it.value.trim_ascii().to_vec())
            .collect();
        if paths.is_empty() {
            sink.gap(GapKind::Corrupt, shown(&found.path), "an installation of Flatpak without its path");
        }
        for path in paths {
            if path.contains(&b'*') {
                sink.gap(
                    GapKind::Unsupported,
                    shown(&found.path),
                    "a path of an installation with wildcards",
                );
                continue;
            }
            let top = path.strip_prefix(b"/").unwrap_or(&path);
            for kind in ["app", "runtime"] {
                let refs = String::from_utf8_lossy(&join(top, kind.as_bytes())).into_owned() + "/*/*/*/";
                for folder in sink.glob(&target.root, &refs) {
                    let (branch, arch) = (file_name(&folder.path), parent(&folder.path));
                    let id = text_of(file_name(parent(arch)));
                    // `current` leads to one of the others.
                    if !folder.is_directory() || file_name(arch) == b"current" {
                        continue;
                    }
                    known.insert(id.clone());
                    let artifact = Artifact::new(sink.collector(), Location::path(&folder.path))
                        .with(Field::Identifier, id)
                        .with(Field::Arch, text_of(file_name(arch)))
                        .with(Field::Release, text_of(branch))
                        .with(Field::Type, kind)
                        .with(Field::Source, shown(&found.path))
                        .with(Field::Path, shown(&folder.path));
                    sink.artifact(artifact);
                }
            }
        }
    }
}

fn deployed(target: &Target, sink: &mut Sink<'_>, found: &Found) -> Artifact {
    let active = parent(&found.path);
    let branch = parent(active);
    let arch = parent(branch);
    let id = parent(arch);
    let bytes = sink.read(&target.root, found, LIMIT).unwrap_or_default();
    let mut parsed = ini::parse(&bytes, Dialect::default());
    // Flatpak ends every line.
    if parsed.damage.is_empty() && !bytes.is_empty() && !bytes.ends_with(b"\n") {
        parsed.damage.push(Damage::new(DamageKind::Truncated, None, "the file ends inside a line"));
    }
    sink.damage(&found.path, &parsed.damage);
    let setting = |key: &[u8]| {
        let mut settings = parsed.value.iter();
        settings
            .find(|it| it.key == key && (it.is_in(b"Application") || it.is_in(b"Runtime")))
            .map(|it| text_of(&it.value))
    };
    let owner = super::home_owner(&found.path);
    let component = component(target, sink, active, file_name(id));
    Artifact::new(sink.collector(), Location::path(&found.path))
        .with(Field::Identifier, text_of(file_name(id)))
        .with(Field::Arch, text_of(file_name(arch)))
        .with(Field::Release, text_of(file_name(branch)))
        .with(Field::Type, text_of(file_name(parent(id))))
        .with_some(Field::Depends, setting(b"runtime"))
        .with_some(Field::Source, origin(target, sink, active))
        .with(Field::Name, component.name.or_else(|| setting(b"name")).unwrap_or_default())
        .with_many(Field::DisplayName, component.localised_names)
        .with_some(Field::Version, component.version)
        .with_some(Field::Vendor, component.developer)
        .with_some(Field::Description, component.summary)
        .with_some(Field::Homepage, component.homepage)
        .with_some(Field::License, component.license)
        .with(Field::Scope, if owner.is_some() { "user" } else { "machine" })
        .with_some(Field::User, owner)
        .with(Field::Path, shown(active))
}

/// The application's own AppStream metadata; a file may bring that of others.
fn component(target: &Target, sink: &mut Sink<'_>, active: &[u8], id: &[u8]) -> Component {
    for folder in [b"files/share/metainfo".as_slice(), b"files/share/appdata"] {
        for ending in [".metainfo.xml", ".appdata.xml"] {
            let mut name = id.to_vec();
            name.extend_from_slice(ending.as_bytes());
            let path = join(&join(active, folder), &name);
            if let Some(bytes) = sink.read_path(&target.root, &path, LIMIT) {
                let parsed = appstream::parse(&bytes);
                sink.damage(&path, &parsed.damage);
                return parsed.value;
            }
        }
    }
    Component::default()
}

/// The remote: the first value of a serialised GVariant `(ssasta{sv})`, a text that ends with a zero byte.
fn origin(target: &Target, sink: &mut Sink<'_>, active: &[u8]) -> Option<String> {
    let bytes = sink.read_path(&target.root, &join(active, b"deploy"), LIMIT)?;
    let end = bytes.iter().position(|&byte| byte == 0)?;
    let text = std::str::from_utf8(bytes.get(..end)?).ok()?;
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    #[test]
    fn deployed_for_machine_and_user_and_what_was_left() {
        let app = "var/lib/flatpak/app/org.example.Tool/x86_64/stable";
        let tree = Memory::new()
            .file(format!("{app}/0123/metadata"), "[Application]\nname=org.example.Tool\nruntime=org.example.Platform/x86_64/1\n")
            .file(format!("{app}/0123/deploy"), &b"remote\0more\0"[..])
            .file(
                format!("{app}/0123/files/share/metainfo/org.example.Tool.metainfo.xml"),
                "<component><id>org.example.Tool</id><name>Tool</name><developer_name>Some One</developer_name>\
                 <releases><release version=\"2.1\"/></releases></component>",
            )
            .link(format!("{app}/active"), "0123")
            .file(
                "home/u/.local/share/flatpak/runtime/org.example.Platform/x86_64/1/active/metadata",
                "[Runtime]\nname=org.example.Platform\n",
            )
            .directory("home/u/.var/app/org.example.Tool")
            .directory("home/u/.var/app/org.example.Gone");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = crate::collector::collect(&COLLECTOR, &target);
        assert_eq!(gaps, []);
        let ids: Vec<_> =
            artifacts.iter().map(|it| (it.text(Field::Identifier).unwrap(), it.state)).collect();
        assert_eq!(
            ids,
            [
                ("org.example.Tool", State::Installed),
                ("org.example.Platform", State::Installed),
                ("org.example.Gone", State::Remnant),
            ]
        );
        let tool = &artifacts[0];
        assert_eq!(tool.text(Field::Name), Some("Tool"));
        assert_eq!(tool.text(Field::Version), Some("2.1"));
        assert_eq!(tool.text(Field::Vendor), Some("Some One"));
        assert_eq!(tool.text(Field::Source), Some("remote"));
        assert_eq!(tool.text(Field::Scope), Some("machine"));
        assert_eq!(artifacts[1].text(Field::User), Some("u"));
    }

    #[test]
    fn damaged_metadata_is_a_gap_and_the_application_is_still_told() {
        let app = "var/lib/flatpak/app/org.example.Tool/x86_64/stable/active";
        let tree = Memory::new()
            .file(format!("{app}/metadata"), "[Application]\n")
            .file(format!("{app}/files/share/appdata/org.example.Tool.appdata.xml"), "no xml");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = crate::collector::collect(&COLLECTOR, &target);
        assert_eq!((artifacts.len(), gaps.len()), (1, 1));
    }

    #[test]
    fn installations_in_other_places_are_named_by_a_configuration() {
        let tree = Memory::new()
            .file("etc/flatpak/installations.d/extra.conf", "[Installation \"extra\"]\nPath=/srv/flatpak\n")
            .file("srv/flatpak/app/org.example.Tool/x86_64/stable/active/metadata", "[Application]\n");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = crate::collector::collect(&COLLECTOR, &target);
        assert_eq!(gaps, []);
        let ids: Vec<_> =
            artifacts.iter().map(|it| (it.text(Field::Identifier), it.text(Field::Arch))).collect();
        assert_eq!(ids, [(Some("org.example.Tool"), Some("x86_64"))]);
    }
}
