//! `registry_roots`: keys that vendors made of their own, which stay when a program is removed, and the programs
//! that Windows finds by name.

use std::collections::BTreeSet;

use super::registered::{artifact, is_gone, state};
use crate::collector::{Applies, Collector, Sink};
use crate::model::{Field, State};
use crate::registry::HIVES;
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
        r"HKLM\SOFTWARE\WOW6432Node\*",
        r"HKLM\SOFTWARE\WOW6432Node\*\*",
        r"HKU\*\Software\*",
        r"HKU\*\Software\*\*",
        r"HKU\*\Software\Classes\VirtualStore\MACHINE\SOFTWARE\*",
        r"HKU\*\Software\Classes\VirtualStore\MACHINE\SOFTWARE\*\*",
        r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\App Paths\*",
        r"HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\App Paths\*",
        r"HKU\*\Software\Microsoft\Windows\CurrentVersion\App Paths\*",
        FOLDERS,
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

fn run(target: &Target, sink: &mut Sink<'_>) {
    folders(target, sink);
    let registry = target.registry();
    for place in registry.software() {
        for vendor in sink.keys(registry, &format!(r"{}\*", place.key)) {
            if OF_WINDOWS.iter().any(|name| vendor.name().eq_ignore_ascii_case(name)) {
                continue;
            }
            let root = artifact(sink, registry, &vendor)
                .with(Field::Name, vendor.name())
                .with(Field::Vendor, vendor.name())
                .with(Field::Type, "vendor-key")
                .state(State::Remnant);
            sink.artifact(root);
            for product in sink.registry(vendor.subkeys()) {
                let below = artifact(sink, registry, &product)
                    .with(Field::Name, product.name())
                    .with(Field::Vendor, vendor.name())
                    .with(Field::Type, "product-key")
                    .state(State::Remnant);
                sink.artifact(below);
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
