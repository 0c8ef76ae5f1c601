//! `kernel_extensions`: kernel extension bundles, also those inside of apps and those staged for loading.

use super::{bundle, dictionary};
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::format::text::plist::Value;
use crate::fs::Entry;
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;

/// What macOS 10.13 to 10.15 has loaded, by bundle; and what the collection of others' extensions was built of since
/// macOS 11.
const LOADED: &str = "private/var/db/loadedkextmt.plist";
const COLLECTION: &str = "private/var/db/KernelExtensionManagement/AuxKC/*/*.plist";

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "kernel_extensions",
    about: "Kernel extension bundles, installed, staged or kept inside of programs, with signer and team.",
    applies: Applies::MACOS,
    reads: &[LOADED, COLLECTION],
    walks: bundle::PLACES,
    keys: &[],
    yields: bundle::FIELDS,
    run,
    visit: Some(Visit { wants, file }),
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    for found in sink.files(&target.root, &[LOADED, COLLECTION]) {
        let Some(list) = dictionary(&target.root, sink, &found) else { continue };
        let mut named = Vec::new();
        extensions(&list, &mut named);
        for (identifier, path) in named {
            let artifact = Artifact::new(sink.collector(), Location::record(&found.path, &identifier))
                .state(State::Remnant)
                .with(Field::Name, identifier.as_str())
                .with(Field::BundleIdentifier, identifier)
                .with(Field::Type, "loaded")
                .with_some(Field::Path, path);
            sink.artifact(artifact);
        }
    }
}

/// The extensions that a list names, wherever it does, but for Apple's own: identifiers as keys, or under a key.
fn extensions(list: &Value, named: &mut Vec<(String, Option<String>)>) {
    let path = |one: &Value| one.text("OSBundlePath").or(one.text("bundlePath")).map(str::to_owned);
    let mut add = |identifier: &str, path: Option<String>| {
        if identifier.contains('.') && !identifier.starts_with("com.apple.") {
            named.push((identifier.to_owned(), path));
        }
    };
    if let Some(identifier) = list.text("bundleIdentifier").or(list.text("CFBundleIdentifier")) {
        add(identifier, path(list));
    }
    for (key, value) in list.entries().iter().filter(|(_, value)| matches!(value, Value::Dictionary(_))) {
        add(key, path(value));
    }
    for value in list.items().iter().chain(list.entries().iter().map(|(_, value)| value)) {
        extensions(value, named);
    }
}

fn wants(entry: &Entry<'_>) -> bool {
    bundle::wanted(entry, &[b"kext"])
}

fn file(target: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let info = bundle::info(entry, sink);
    let artifact = bundle::artifact(target, sink, entry.path(), &info, "kernel-extension");
    sink.artifact(artifact);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    #[test]
    fn extensions_that_macos_has_loaded() {
        let loaded = "<plist><dict><key>com.vendor.kext.a</key><dict><key>OSBundlePath</key><string>/Library/Extensions/a.kext\
            </string></dict><key>com.apple.kext</key><dict/></dict></plist>";
        let built = "<plist><dict><key>kextsToBuild</key><array><dict><key>bundleIdentifier</key><string>com.vendor.kext.b\
            </string></dict></array></dict></plist>";
        let tree = Memory::new()
            .file(LOADED, loaded)
            .file("private/var/db/KernelExtensionManagement/AuxKC/CurrentAuxKC/list.plist", built);
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (found, gaps) = collect(&COLLECTOR, &target);
        assert!(gaps.is_empty(), "{gaps:?}");
        let mut seen: Vec<_> = found.iter().filter_map(|one| one.text(Field::BundleIdentifier)).collect();
        seen.sort_unstable();
        assert_eq!(seen, ["com.vendor.kext.a", "com.vendor.kext.b"]);
    }
}
