//! `registry_roots`: keys that vendors made of their own, which stay when a program is removed, and the programs
//! that Windows finds by name.

use std::collections::BTreeSet;

use super::registered::{artifact, is_gone, state};
use crate::collector::{Applies, Collector, Sink};
use crate::model::{Field, State};
use crate::registry::{HIVES, Key, Registry};
use crate::target::Target;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "registry_roots",
    about: "Keys of vendors and their products below Software, of the machine and of every user; programs with an application path.",
    applies: Applies::WINDOWS,
    reads: HIVES,
    walks: &[],
    keys: &[
        r"HKLM\SOFTWARE\*",
        r"HKLM\SOFTWARE\*\*",
        r"HKLM\SOFTWARE\*\*\*",
        r"HKLM\SOFTWARE\*\*\*\*",
        r"HKLM\SOFTWARE\WOW6432Node\*",
        r"HKLM\SOFTWARE\WOW6432Node\*\*",
        r"HKLM\SOFTWARE\WOW6432Node\*\*\*",
        r"HKLM\SOFTWARE\WOW6432Node\*\*\*\*",
        r"HKU\*\Software\*",
        r"HKU\*\Software\*\*",
        r"HKU\*\Software\*\*\*",
        r"HKU\*\Software\*\*\*\*",
        r"HKU\*\Software\Classes\VirtualStore\MACHINE\SOFTWARE\*",
        r"HKU\*\Software\Classes\VirtualStore\MACHINE\SOFTWARE\*\*",
        r"HKU\*\Software\Classes\VirtualStore\MACHINE\SOFTWARE\*\*\*",
        r"HKU\*\Software\Classes\VirtualStore\MACHINE\SOFTWARE\*\*\*\*",
        r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\*",
        r"HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\App Paths\*",
        r"HKU\*\Software\Microsoft\Windows\CurrentVersion\App Paths\*",
        FOLDERS,
        EARLY,
    ],
    yields: &[
        Field::Name,
        Field::Vendor,
        Field::Program,
        Field::Path,
        Field::Type,
        Field::User,
        Field::Uid,
        Field::Key,
    ],
    run,
    visit: None,
};

/// Keys that belong to Windows itself: they are vendors' keys too, and what is below them is Windows.
const OF_WINDOWS: &[&str] =
    &["Microsoft", "Classes", "Policies", "WOW6432Node", "Clients", "RegisteredApplications", "ODBC"];

/// Folders that Windows Installer made: each is the name of a value.
const FOLDERS: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Installer\Folders";
/// Folders that programs of all vendors share: what is named below them is a vendor's.
const SHARED: &[&str] =
    &["program files", "program files (x86)", "program files (arm)", "programdata", "common files"];

/// Antivirus programs that start before others, in keys of their vendors' names. Source: Microsoft, "ELAM driver
/// requirements".
const EARLY: &str = r"HKLM\ELAM\*";

/// Folders of vendors and products that Windows Installer made, each once.
fn folders(target: &Target, sink: &mut Sink<'_>) {
    let registry = target.registry();
    for key in sink.registry(registry.key(FOLDERS)) {
        let mut seen = BTreeSet::new();
        for value in sink.values(&key).iter() {
            let parts: Vec<&str> = value.name.split('\\').filter(|part| !part.is_empty()).collect();
            let is_shared = |part: &&str| SHARED.contains(&part.to_lowercase().as_str());
            let Some(at) = parts.iter().rposition(is_shared) else { continue };
            for end in [at + 2, at + 3] {
                let Some([.., name]) = parts.get(..end) else { continue };
                let path = parts.get(..end).unwrap_or_default().join("\\");
                if !seen.insert(path.to_lowercase()) {
                    continue;
                }
                let folder = artifact(sink, registry, &key)
                    .with(Field::Name, *name)
                    .with_some(Field::Vendor, parts.get(at + 1).copied())
                    .with(Field::Path, path)
                    .with(Field::Type, "installer-folder")
                    .state(State::Remnant);
                sink.artifact(folder);
            }
        }
    }
}

/// Levels of keys below a product's own: a vendor that keeps its products in one common key (`Protected`, `Components`)
/// names them there.
const NESTED: usize = 2;

/// The keys below a product's. They carry no name of their own: `Settings` and `Setup` are in every program.
fn nested(registry: &Registry, sink: &mut Sink<'_>, vendor: &str, key: &Key, levels: usize) {
    for below in sink.registry(key.subkeys()) {
        let artifact = artifact(sink, registry, &below)
            .with(Field::Vendor, vendor)
            .with(Field::Type, "nested-key")
            .state(State::Remnant);
        sink.artifact(artifact);
        if levels > 1 {
            nested(registry, sink, vendor, &below, levels - 1);
        }
    }
}

/// The key of a vendor.
fn of_vendor(registry: &Registry, sink: &mut Sink<'_>, vendor: &Key<'_>) {
    let root = artifact(sink, registry, vendor)
        .with(Field::Name, vendor.name())
        .with(Field::Vendor, vendor.name())
        .with(Field::Type, "vendor-key")
        .state(State::Remnant);
    sink.artifact(root);
}

fn run(target: &Target, sink: &mut Sink<'_>) {
    folders(target, sink);
    let registry = target.registry();
    for vendor in sink.keys(registry, EARLY) {
        of_vendor(registry, sink, &vendor);
    }
    for place in registry.software() {
        for vendor in sink.keys(registry, &format!(r"{}\*", place.key)) {
            if OF_WINDOWS.iter().any(|name| vendor.name().eq_ignore_ascii_case(name)) {
                continue;
            }
            of_vendor(registry, sink, &vendor);
            for product in sink.registry(vendor.subkeys()) {
                let below = artifact(sink, registry, &product)
                    .with(Field::Name, product.name())
                    .with(Field::Vendor, vendor.name())
                    .with(Field::Type, "product-key")
                    .state(State::Remnant);
                sink.artifact(below);
                nested(registry, sink, vendor.name(), &product, NESTED);
            }
        }
        for key in
            sink.keys(registry, &format!(r"{}\Microsoft\Windows\CurrentVersion\App Paths\*", place.key))
        {
            let program = sink.values(&key).text("");
            let is_gone = program.as_deref().is_some_and(|program| is_gone(target, program, place.user));
            let entry = artifact(sink, registry, &key)
                .with(Field::Name, key.name())
                .with_some(
                    Field::Program,
                    program.map(|program| registry.expand(program.trim_matches('"'), place.user)),
                )
                .with(Field::Type, "app-path")
                .state(state(is_gone));
            sink.artifact(entry);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::{collect, named};
    use crate::registry::Memory;

    /// Vendors put the keys of their products below a common one, in two levels.
    #[test]
    fn keys_below_a_products_are_told_to_a_depth() {
        let registry = Memory::new()
            .key(r"HKLM\SOFTWARE\Vendor\protected\Suite10\environment\deep")
            .key(r"HKLM\SOFTWARE\WOW6432Node\Vendor\Components\34\1103")
            .key(r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Other");
        let target = crate::collector::windows::testing::complete().target(registry);
        let (found, gaps) = collect(named("registry_roots").unwrap(), &target);
        assert!(gaps.is_empty(), "{gaps:?}");
        let nested: Vec<_> = found.iter().filter(|one| one.text(Field::Type) == Some("nested-key")).collect();
        let keys: BTreeSet<_> = nested.iter().filter_map(|one| one.text(Field::Key)).collect();
        let all = [
            r"HKLM\SOFTWARE\Vendor\protected\Suite10",
            r"HKLM\SOFTWARE\Vendor\protected\Suite10\environment",
            r"HKLM\SOFTWARE\WOW6432Node\Vendor\Components\34",
            r"HKLM\SOFTWARE\WOW6432Node\Vendor\Components\34\1103",
        ];
        assert_eq!(keys, all.into());
        assert!(nested.iter().all(|one| one.text(Field::Vendor) == Some("Vendor")));
        // Names such as `environment` are every program's.
        assert!(nested.iter().all(|one| one.text(Field::Name).is_none()));
    }
}
