//! `nix_packages`: what Nix profiles hold, and what else lies in the store.
//!
//! A store path is `HASH-NAME-VERSION`, 32 characters of hash (Nix manual, "Store path"). A profile names its
//! packages in `manifest.json` (`nix profile`) or `manifest.nix` (`nix-env`); a system's profile has none, so that
//! the programs in it are followed to the store. What no profile names directly is needed by others, or waits
//! for the garbage collector: both ship with the disk, as parts of others.

use std::collections::{BTreeMap, BTreeSet};

use crate::bytes::{Damage, DamageKind};
use crate::collector::{Applies, Collector, Sink};
use crate::format::text::relaxed_json;
use crate::fs::Found;
use crate::fs::tree::file_name;
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::text_of;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "nix_packages",
    about: "Packages of Nix profiles and of the Nix store.",
    applies: Applies::LINUX,
    reads: READS,
    walks: &[],
    keys: &[],
    yields: &[Field::Name, Field::Version, Field::Source, Field::User, Field::Path],
    run,
    visit: None,
};

const READS: &[&str] = &[
    MANIFESTS[0],
    MANIFESTS[1],
    MANIFESTS[2],
    MANIFESTS[3],
    MANIFESTS[4],
    MANIFESTS[5],
    MANIFESTS[6],
    MANIFESTS[7],
    PROGRAMS[0],
    PROGRAMS[1],
    PROGRAMS[2],
    STORE,
];

const MANIFESTS: [&str; 8] = [
    "nix/var/nix/profiles/*/manifest.json",
    "nix/var/nix/profiles/*/manifest.nix",
    "nix/var/nix/profiles/per-user/*/*/manifest.json",
    "nix/var/nix/profiles/per-user/*/*/manifest.nix",
    "home/*/.local/state/nix/profiles/*/manifest.json",
    "home/*/.local/state/nix/profiles/*/manifest.nix",
    "root/.local/state/nix/profiles/*/manifest.json",
    "root/.local/state/nix/profiles/*/manifest.nix",
];
/// Programs of systems and profiles: links into the store.
const PROGRAMS: [&str; 3] = [
    "nix/var/nix/profiles/system/sw/bin/*",
    "nix/var/nix/profiles/default/bin/*",
    "nix/var/nix/profiles/per-user/*/profile/bin/*",
];
/// Every folder of the store, by name only.
const STORE: &str = "nix/store/*/";

/// Bytes read of a manifest.
const LIMIT: usize = 16 << 20;

fn run(target: &Target, sink: &mut Sink<'_>) {
    // Store path, and the profile that names it.
    let mut held: BTreeMap<String, Found> = BTreeMap::new();
    for found in sink.files(&target.root, &MANIFESTS) {
        let Some(bytes) = sink.read(&target.root, &found, LIMIT) else { continue };
        let text = String::from_utf8_lossy(&bytes);
        if found.path.ends_with(b".json")
            && let Some(damage) = damage_of(&bytes)
        {
            sink.damage(&found.path, &[damage]);
        }
        for path in store_paths(&text) {
            held.entry(path.to_owned()).or_insert_with(|| found.clone());
        }
    }
    for found in sink.files(&target.root, &PROGRAMS) {
        let real = text_of(&found.real);
        if let Some(path) = store_paths(&format!("/{real}")).next() {
            held.entry(path.to_owned()).or_insert_with(|| found.clone());
        }
    }
    let mut reported = BTreeSet::new();
    for (path, profile) in &held {
        let artifact = artifact(sink, path, State::Installed)
            .with_some(Field::User, super::home_owner(&profile.path))
            .with(Field::Source, crate::text::shown(&profile.path));
        sink.artifact(artifact);
        reported.insert(path.clone());
    }
    for found in sink.glob(&target.root, STORE) {
        let path = text_of(file_name(&found.path));
        if found.is_directory() && !reported.contains(&path) && is_store_name(&path) {
            let artifact = artifact(sink, &path, State::Embedded);
            sink.artifact(artifact);
        }
    }
}

/// What is wrong with a `manifest.json`: every element names store paths, and each of them is one.
fn damage_of(bytes: &[u8]) -> Option<Damage> {
    let manifest: serde_json::Value = match relaxed_json::parse(bytes) {
        Ok(manifest) => manifest,
        Err(damage) => return Some(damage),
    };
    let corrupt = |what: &str| Some(Damage::new(DamageKind::Corrupt, None, what));
    // A list up to version 2, an object by name since version 3.
    let elements: Vec<&serde_json::Value> = match manifest.get("elements") {
        Some(serde_json::Value::Array(elements)) => elements.iter().collect(),
        Some(serde_json::Value::Object(elements)) => elements.values().collect(),
        _ => return corrupt("no list of elements"),
    };
    for element in elements {
        let Some(paths) = element.get("storePaths").and_then(serde_json::Value::as_array) else {
            return corrupt("an element without store paths");
        };
        if !paths.iter().all(|path| path.as_str().is_some_and(|path| store_paths(path).count() == 1)) {
            return corrupt("what should be a store path is none");
        }
    }
    None
}

fn artifact(sink: &Sink<'_>, path: &str, state: State) -> Artifact {
    let (name, version) = name_and_version(path.get(33..).unwrap_or_default());
    let full = format!("nix/store/{path}");
    Artifact::new(sink.collector(), Location::path(full.as_bytes()))
        .state(state)
        .with(Field::Name, name)
        .with(Field::Version, version)
        .with(Field::Path, format!("/{full}"))
}

/// `HASH-…` of every store path in a text.
fn store_paths(text: &str) -> impl Iterator<Item = &str> {
    text.split("/nix/store/").skip(1).filter_map(|rest| {
        let end = rest.find(|char: char| !(char.is_ascii_alphanumeric() || "+-._?=".contains(char)));
        let path = rest.get(..end.unwrap_or(rest.len()))?;
        (is_store_name(path) && !path.ends_with(".drv")).then_some(path)
    })
}

pub(super) fn is_store_name(name: &str) -> bool {
    name.len() > 33
        && name.as_bytes().get(32) == Some(&b'-')
        && name.bytes().take(32).all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// The version begins at the first dash that a digit follows (`builtins.parseDrvName`).
pub(super) fn name_and_version(text: &str) -> (&str, &str) {
    let dashes = text.match_indices('-').map(|(at, _)| at);
    let mut splits = dashes.filter_map(|at| Some((text.get(..at)?, text.get(at + 1..)?)));
    splits.find(|(_, version)| version.starts_with(|char: char| char.is_ascii_digit())).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    const HASH: &str = "0123456789abcdfghijklmnpqrsvwxyz";

    #[test]
    fn names_and_versions_split_where_nix_splits_them() {
        assert_eq!(name_and_version("gtk+3-3.24.1-dev"), ("gtk+3", "3.24.1-dev"));
        assert_eq!(name_and_version("nix-2.18"), ("nix", "2.18"));
        assert_eq!(name_and_version("font-dejavu"), ("font-dejavu", ""));
    }

    #[test]
    fn a_manifest_whose_elements_name_no_store_path_is_damaged() {
        let whole = format!("{{\"elements\": [{{\"storePaths\": [\"/nix/store/{HASH}-tool-1.5\"]}}]}}");
        assert_eq!(damage_of(whole.as_bytes()), None);
        assert_eq!(damage_of(br#"{"elements": {}, "version": 3}"#), None);
        for (good, bad) in [
            ("elements", "elemants"),
            ("storePaths", "storePathz"),
            ("/nix/store", "/nix/stora"),
            ("-tool", "/tool"),
        ] {
            assert!(damage_of(whole.replace(good, bad).as_bytes()).is_some(), "{bad}");
        }
    }

    #[test]
    fn profiles_systems_and_the_rest_of_the_store() {
        let tree = Memory::new()
            .file(
                "home/u/.local/state/nix/profiles/profile/manifest.json",
                format!("{{\"elements\": {{\"a\": {{\"storePaths\": [\"/nix/store/{HASH}-tool-1.5\"]}}}}, \"version\": 3}}"),
            )
            .file("nix/var/nix/profiles/default/manifest.nix", format!("[ {{ outPath = \"/nix/store/{HASH}-old-2\"; }} ]"))
            .file(format!("nix/store/{HASH}-prog-3.1/bin/prog"), "")
            .link("nix/var/nix/profiles/system/sw/bin/prog", format!("/nix/store/{HASH}-prog-3.1/bin/prog"))
            .directory(format!("nix/store/{HASH}-lib-4"))
            .directory("nix/store/.links");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = crate::collector::collect(&COLLECTOR, &target);
        assert_eq!(gaps, []);
        let short: Vec<_> = artifacts
            .iter()
            .map(|it| (it.text(Field::Name).unwrap(), it.text(Field::Version).unwrap(), it.state))
            .collect();
        assert_eq!(
            short,
            [
                ("old", "2", State::Installed),
                ("prog", "3.1", State::Installed),
                ("tool", "1.5", State::Installed),
                ("lib", "4", State::Embedded),
            ]
        );
        assert_eq!(artifacts[2].text(Field::User), Some("u"));
    }
}
