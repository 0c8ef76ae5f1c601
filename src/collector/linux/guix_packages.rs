//! `guix_packages`: what Guix profiles hold, and what else lies in its store.
//!
//! As with Nix, what no profile names is needed by others or waits for the garbage collector.

use std::collections::BTreeSet;

use super::nix_packages::{is_store_name, name_and_version};
use crate::collector::{Applies, Collector, Sink};
use crate::format::package::guix_manifest;
use crate::fs::tree::file_name;
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::{shown, text_of};

const MANIFESTS: &[&str] = &[
    "var/guix/profiles/*/manifest",
    "var/guix/profiles/*/profile/manifest",
    "var/guix/profiles/per-user/*/*/manifest",
    "var/guix/profiles/per-user/*/*/profile/manifest",
    "home/*/.guix-profile/manifest",
    "home/*/.config/guix/current/manifest",
    "root/.guix-profile/manifest",
    "root/.config/guix/current/manifest",
];
/// Every folder of the store, by name only.
const STORE: &str = "gnu/store/*/";

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "guix_packages",
    about: "Packages of Guix profiles and of the Guix store.",
    applies: Applies::LINUX,
    reads: &[
        "var/guix/profiles/*/manifest",
        "var/guix/profiles/*/profile/manifest",
        "var/guix/profiles/per-user/*/*/manifest",
        "var/guix/profiles/per-user/*/*/profile/manifest",
        "home/*/.guix-profile/manifest",
        "home/*/.config/guix/current/manifest",
        "root/.guix-profile/manifest",
        "root/.config/guix/current/manifest",
        STORE,
    ],
    walks: &[],
    keys: &[],
    yields: &[Field::Name, Field::Version, Field::Source, Field::User, Field::Path],
    run,
    visit: None,
};

/// Bytes read of a manifest.
const LIMIT: usize = 16 << 20;

fn run(target: &Target, sink: &mut Sink<'_>) {
    let mut held = BTreeSet::new();
    for found in sink.files(&target.root, MANIFESTS) {
        let Some(bytes) = sink.read(&target.root, &found, LIMIT) else { continue };
        let read = guix_manifest::read(&bytes);
        sink.damage(&found.path, &read.damage);
        for package in read.value {
            let folder = crate::text::file_name(&package.path).to_owned();
            let artifact =
                Artifact::new(sink.collector(), Location::record(&found.path, package.name.as_str()))
                    .with(Field::Name, package.name)
                    .with(Field::Version, package.version)
                    .with(Field::Source, shown(&found.path))
                    .with_some(Field::User, super::home_owner(&found.path))
                    .with(Field::Path, package.path);
            if held.insert(folder) {
                sink.artifact(artifact);
            }
        }
    }
    for found in sink.glob(&target.root, STORE) {
        let path = text_of(file_name(&found.path));
        if !found.is_directory() || held.contains(&path) || !is_store_name(&path) {
            continue;
        }
        let (name, version) = name_and_version(path.get(33..).unwrap_or_default());
        let artifact = Artifact::new(sink.collector(), Location::path(&found.path))
            .state(State::Embedded)
            .with(Field::Name, name)
            .with(Field::Version, version)
            .with(Field::Path, shown(&found.path));
        sink.artifact(artifact);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    #[test]
    fn profiles_and_the_rest_of_the_store() {
        let hash = "0123456789abcdfghijklmnpqrsvwxyz";
        let manifest = format!(
            "(manifest (version 3) (packages ((\"tool\" \"1.0\" \"out\" \"/gnu/store/{hash}-tool-1.0\" (propagated-inputs ()) (search-paths ())))))"
        );
        let tree = Memory::new()
            .file("var/guix/profiles/per-user/u/guix-profile/manifest", manifest)
            .directory(format!("gnu/store/{hash}-tool-1.0"))
            .directory(format!("gnu/store/{hash}-lib-2"));
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        assert_eq!(gaps, []);
        let short: Vec<_> =
            artifacts.iter().map(|it| (it.text(Field::Name), it.text(Field::Version), it.state)).collect();
        assert_eq!(
            short,
            [(Some("tool"), Some("1.0"), State::Installed), (Some("lib"), Some("2"), State::Embedded)]
        );
    }
}
