//! `containers`: containers that are declared or kept on the host, and images in the stores of engines, by their references.
//!
//! Whole systems that lie among programs, as folders, disks or archives, are named as not read: each is a target of its own.
//!
//! Declarations are read line by line for the keys that name an image, so that templates and unknown versions of a schema
//! count as well. Sources: podman-systemd.unit(5), the Compose specification, static pods of Kubernetes, `config.v2.json` and
//! `repositories.json` of Docker, `containers.json` and `images.json` of containers/storage.

use std::collections::BTreeSet;

use crate::bytes::{Damage, DamageKind};
use crate::collector::common::places::PROGRAM_PLACES;
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::format::container::system_image;
use crate::format::text::ini::{self, Dialect};
use crate::fs::root::name_of;
use crate::fs::tree::parent;
use crate::fs::{Entry, Fault, Found};
use crate::model::{Artifact, Field, GapKind, Location, State};
use crate::target::Target;
use crate::text::{shown, text_of};

/// Defines where declarations and stores are, and everything that is read.
macro_rules! places {
    ($($pattern:literal $kind:literal,)*) => {
        const PLACES: &[(&str, &str)] = &[$(($pattern, $kind),)*];
        const READS: &[&str] = &[$($pattern,)* TOPS[0], TOPS[1], TOPS[2]];
    };
}

places! {
    "etc/containers/systemd/*.container" "quadlet",
    "etc/containers/systemd/*.image" "quadlet",
    "etc/containers/systemd/*.kube" "quadlet",
    "etc/containers/systemd/*/*.container" "quadlet",
    "etc/containers/systemd/users/*/*.container" "quadlet",
    "usr/share/containers/systemd/*.container" "quadlet",
    "home/*/.config/containers/systemd/*.container" "quadlet",
    "home/*/.config/containers/systemd/*.image" "quadlet",
    "root/.config/containers/systemd/*.container" "quadlet",
    "home/*/*compose*.y*ml" "compose",
    "home/*/*/*compose*.y*ml" "compose",
    "root/*compose*.y*ml" "compose",
    "root/*/*compose*.y*ml" "compose",
    "opt/*compose*.y*ml" "compose",
    "opt/*/*compose*.y*ml" "compose",
    "srv/*compose*.y*ml" "compose",
    "srv/*/*compose*.y*ml" "compose",
    "etc/docker/compose/*/*compose*.y*ml" "compose",
    "var/lib/docker/volumes/*/_data/compose/*/*compose*.y*ml" "compose",
    "etc/kubernetes/manifests/*" "manifest",
    "var/lib/rancher/k3s/server/manifests/*" "manifest",
    "var/lib/rancher/rke2/server/manifests/*" "manifest",
    "var/lib/docker/containers/*/config.v2.json" "container",
    "home/*/.local/share/docker/containers/*/config.v2.json" "container",
    "var/lib/containers/storage/overlay-containers/containers.json" "container",
    "home/*/.local/share/containers/storage/overlay-containers/containers.json" "container",
    "var/lib/docker/image/*/repositories.json" "stored image",
    "home/*/.local/share/docker/image/*/repositories.json" "stored image",
    "var/lib/containers/storage/overlay-images/images.json" "stored image",
    "home/*/.local/share/containers/storage/overlay-images/images.json" "stored image",
}

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "containers",
    about: "Containers that are declared (Quadlet, Compose, static pods) or kept on the host, and images in stores, by reference.",
    applies: Applies::LINUX,
    reads: READS,
    walks: PROGRAM_PLACES,
    keys: &[],
    yields: &[Field::Name, Field::Reference, Field::Type, Field::User, Field::Path],
    run,
    visit: Some(Visit { wants, file: system }),
};

/// Folders whose own files may be images of systems, and no folder below.
const TOPS: [&str; 3] = ["*", "home/*/*", "root/*"];

/// Bytes read of one file.
const LIMIT: usize = 8 << 20;
/// The most references of one file.
const REFERENCES: usize = 10_000;

fn run(target: &Target, sink: &mut Sink<'_>) {
    let mut seen = BTreeSet::new();
    for (pattern, kind) in PLACES {
        for found in sink.files(&target.root, &[pattern]) {
            if seen.insert(found.real.clone()) {
                file(target, sink, &found, kind);
            }
        }
    }
    for found in TOPS.iter().flat_map(|pattern| target.root.glob(pattern)).flatten() {
        let entry = Entry::behind_links(&target.root, &found.path, &found.real, false);
        if found.is_file() && wants(&entry) {
            system(target, &entry, sink);
        }
    }
}

fn wants(entry: &Entry<'_>) -> bool {
    other_root(entry.path()).is_some()
        || layout(entry.path()).is_some()
        || store(entry.path()).is_some()
        || entry.has_ending(system_image::ENDINGS)
}

/// The root of another system, by the path of the file that names it. Snaps and flatpaks have collectors of their own.
fn other_root(path: &[u8]) -> Option<&[u8]> {
    let folder =
        [&b"/etc/os-release"[..], b"/usr/lib/os-release"].iter().find_map(|end| path.strip_suffix(*end))?;
    let is_package = folder.starts_with(b"snap/") || memchr::memmem::find(folder, b"/flatpak/").is_some();
    (!folder.is_empty() && !is_package).then_some(folder)
}

/// The folder of an OCI layout, by the path of the file that marks it; the target itself is read as one.
fn layout(path: &[u8]) -> Option<&[u8]> {
    path.strip_suffix(b"/oci-layout").filter(|folder| !folder.is_empty())
}

/// The store of an engine, by the path of a file that only its kind has. The usual stores of a host are targets already.
fn store(path: &[u8]) -> Option<&[u8]> {
    const SIGNS: &[&[u8]] = &[
        b"/io.containerd.metadata.v1.bolt/meta.db",
        b"/overlay-images/images.json",
        b"/overlay-layers/layers.json",
        b"/vfs-images/images.json",
        b"/vfs-layers/layers.json",
    ];
    let of_docker = || {
        let driver = path.strip_suffix(b"/repositories.json")?;
        parent(driver).strip_suffix(b"/image")
    };
    SIGNS
        .iter()
        .find_map(|sign| path.strip_suffix(*sign))
        .or_else(of_docker)
        .filter(|folder| !folder.is_empty())
}

/// Names what holds a system of its own.
fn system(target: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let path = entry.path();
    if let Some(folder) = other_root(path) {
        let reason = "the root of another system, another installation: scan it as a target of its own";
        return target.root.name_unread(shown(folder), reason);
    }
    if let Some(folder) = layout(path) {
        return target.root.name_unread(shown(folder), "an image layout: scan it as a target of its own");
    }
    if let Some(folder) = store(path) {
        let reason = "images and containers of an engine, which are targets of their own";
        return target.root.name_unread(shown(folder), reason);
    }
    // Names that lead nowhere, and files that are in the cloud only, others report.
    let Some(_) = entry.found().filter(|found| found.stat.size > 0 && !found.stat.placeholder) else {
        return;
    };
    let head = target.root.during(path, || {
        let file = entry.open()?;
        file.read_vec(0, system_image::HEAD).map_err(|error| Fault::from_io(path, &error))
    });
    match head {
        Ok(head) => {
            if let Some(what) = system_image::of(&head) {
                target.root.name_unread(shown(path), format!("{what}: scan it as a target of its own"));
            }
        }
        Err(fault) => sink.fault(fault),
    }
}

fn file(target: &Target, sink: &mut Sink<'_>, found: &Found, kind: &str) {
    let Some(bytes) = sink.read(&target.root, found, LIMIT) else { return };
    let is_store = kind == "stored image";
    let references = if is_store { stored(&bytes) } else { Ok(declared(&text_of(&bytes))) };
    let references = references.unwrap_or_else(|error| {
        sink.gap(GapKind::Corrupt, shown(&found.path), format!("not JSON: {error}"));
        declared(&text_of(&bytes))
    });
    if !is_store && let Some(damage) = unended(&found.path, &bytes) {
        sink.damage(&found.path, &[damage]);
    }
    for reference in sink.limited(references, REFERENCES, &found.path, "references of images") {
        let artifact = Artifact::new(sink.collector(), Location::record(&found.path, reference.clone()))
            .state(if is_store { State::Embedded } else { State::Installed })
            .with(Field::Name, name_of(found))
            .with(Field::Reference, reference)
            .with(Field::Type, kind)
            .with_some(Field::User, super::home_owner(&found.path))
            .with(Field::Path, shown(&found.path));
        sink.artifact(artifact);
    }
}

/// That a file which names images ends too early, where its format shows that.
fn unended(path: &[u8], bytes: &[u8]) -> Option<Damage> {
    if path.ends_with(b".json") {
        let error = serde_json::from_slice::<serde::de::IgnoredAny>(bytes).err()?;
        let kind = if error.is_eof() { DamageKind::Truncated } else { DamageKind::Corrupt };
        return Some(Damage::new(kind, None, format!("not JSON: {error}")));
    }
    let is_quadlet = [&b".container"[..], b".image", b".pod"].iter().any(|ending| path.ends_with(ending));
    is_quadlet
        .then(|| ini::unended(bytes, Dialect { backslash_continues: true, ..Dialect::default() }))
        .flatten()
}

/// The values of keys that name an image: `image: x`, `Image=x`, `"Image":"x"`, `\"image-name\":\"x\"`.
fn declared(text: &str) -> BTreeSet<String> {
    let mut references = BTreeSet::new();
    let lower = text.to_ascii_lowercase();
    for (at, _) in lower.match_indices("image") {
        let before = lower.get(..at).and_then(|before| before.chars().next_back());
        if before.is_some_and(|char| char.is_alphanumeric() || matches!(char, '_' | '.' | '/' | '$' | '{')) {
            continue;
        }
        let rest = text.get(at + 5..).unwrap_or_default();
        let rest = rest.strip_prefix("-name").or_else(|| rest.strip_prefix("Name")).unwrap_or(rest);
        let rest = rest.trim_start_matches(['\\', '"', '\'']).trim_start_matches([' ', '\t']);
        let Some(rest) = rest.strip_prefix([':', '=']) else { continue };
        let value = rest.trim_start_matches([' ', '\t', '\\', '"', '\'']);
        let end = value.find(|char: char| char.is_whitespace() || "\"'\\,}#".contains(char));
        let value = value.get(..end.unwrap_or(value.len())).unwrap_or_default();
        let value = value.strip_prefix("docker://").unwrap_or(value);
        let is_reference = value.len() > 1
            && value.len() <= 512
            && value.chars().all(|char| char.is_ascii_alphanumeric() || "-._/:@${".contains(char))
            && !value.starts_with("sha256:");
        if is_reference {
            references.insert(value.to_owned());
        }
    }
    references
}

/// The names of images in a store.
fn stored(bytes: &[u8]) -> Result<BTreeSet<String>, serde_json::Error> {
    let value: serde_json::Value = serde_json::from_slice(bytes)?;
    let mut names = BTreeSet::new();
    let docker = value.get("Repositories").and_then(serde_json::Value::as_object);
    for tags in docker.into_iter().flat_map(|map| map.values()).filter_map(serde_json::Value::as_object) {
        names.extend(tags.keys().cloned());
    }
    for image in value.as_array().into_iter().flatten() {
        let listed = image.get("names").and_then(serde_json::Value::as_array).into_iter().flatten();
        names.extend(listed.filter_map(serde_json::Value::as_str).map(str::to_owned));
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    #[test]
    fn references_of_declarations_containers_and_stores() {
        let podman = r#"[{"id":"a","image":"b0","metadata":"{\"image-name\":\"quay.io/v/f:1\"}"}]"#;
        let tree = Memory::new()
            .file("etc/containers/systemd/a.container", "[Container]\nImage=docker.io/v/a:1\n")
            .file("opt/stack/docker-compose.yml", "services:\n  x:\n    image: 'v/b'\n    build: .\n")
            .file(
                "etc/kubernetes/manifests/c.yaml",
                "spec:\n  containers:\n  - image: r.example:5000/v/c@sha256:0\n",
            )
            .file(
                "var/lib/docker/containers/0/config.v2.json",
                r#"{"Config":{"Image":"v/d:2"},"Image":"sha256:0"}"#,
            )
            .file(
                "var/lib/docker/image/overlay2/repositories.json",
                r#"{"Repositories":{"v/e":{"v/e:1":"sha256:0"}}}"#,
            )
            .file("var/lib/containers/storage/overlay-containers/containers.json", podman)
            .file(
                "var/lib/containers/storage/overlay-images/images.json",
                r#"[{"id":"0","names":["quay.io/v/g:1"]}]"#,
            )
            .file("home/u/x-compose.yaml", "# my_image: no\nimages:\n  - x\n");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        assert!(gaps.is_empty(), "{gaps:?}");
        let seen: Vec<(&str, &str)> = artifacts
            .iter()
            .map(|one| (one.text(Field::Reference).unwrap(), one.text(Field::Type).unwrap()))
            .collect();
        assert_eq!(
            seen,
            [
                ("docker.io/v/a:1", "quadlet"),
                ("v/b", "compose"),
                ("r.example:5000/v/c@sha256:0", "manifest"),
                ("v/d:2", "container"),
                ("b0", "container"),
                ("quay.io/v/f:1", "container"),
                ("v/e:1", "stored image"),
                ("quay.io/v/g:1", "stored image"),
            ]
        );
    }

    #[test]
    fn systems_among_programs_are_named() {
        let tree = Memory::new()
            .file("etc/os-release", "ID=x\n")
            .file("usr/lib/os-release", "ID=x\n")
            .file("opt/a/b/c/etc/os-release", "ID=y\n")
            .file("opt/vm/disk.qcow2", "QFI\u{fb}")
            .file("opt/vm/disk.IMG", b"QFI\xfb\0\0\0\x03")
            .file("opt/vm/text.img", "nothing")
            .file("home/u/x.sif", [&[0; 32][..], b"SIF_MAGIC\0"].concat())
            .file("srv/images/oci-layout", "{}")
            .file("opt/x/flatpak/app/a/files/etc/os-release", "ID=z\n");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        assert_eq!(collect(&COLLECTOR, &target), (Vec::new(), Vec::new()));
        let named: Vec<String> = target.root.unread().into_iter().map(|(place, _)| place).collect();
        assert_eq!(named, ["/home/u/x.sif", "/opt/a/b/c", "/opt/vm/disk.IMG", "/srv/images"]);
    }

    #[test]
    fn stores_of_engines_among_programs_are_named() {
        for (sign, store) in [
            ("srv/docker/image/overlay2/repositories.json", "/srv/docker"),
            ("opt/c/io.containerd.metadata.v1.bolt/meta.db", "/opt/c"),
            ("usr/lib/containers/storage/overlay-images/images.json", "/usr/lib/containers/storage"),
        ] {
            let mut target = Target::new(
                TargetKind::Image,
                "test",
                Root::new(Box::new(Memory::new().file(sign, "[]").file("srv/image/list/other.json", "[]"))),
            );
            target.deep = true;
            collect(&COLLECTOR, &target);
            let named: Vec<String> = target.root.unread().into_iter().map(|(place, _)| place).collect();
            assert_eq!(named, [store]);
        }
    }

    #[test]
    fn a_damaged_store_is_a_gap() {
        let tree = Memory::new().file("var/lib/docker/image/overlay2/repositories.json", "{\"Repos");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        assert_eq!(collect(&COLLECTOR, &target).1.len(), 1);
    }
}
