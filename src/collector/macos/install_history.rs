//! `install_history`: everything the Installer and Software Update ever installed, and what tools of device management
//! keep of their work. Records of the past, which nobody removes: they say when, and never that something is still there.
//!
//! Sources: "InstallInfo.plist" and "ApplicationInventory.plist" of Munki; Jamf's folders of receipts and of packages
//! that wait.

use super::{property_list, time};
use crate::collector::{Applies, Collector, Sink};
use crate::format::text::plist::Value;
use crate::fs::Found;
use crate::fs::root::name_of;
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "install_history",
    about: "Records of past installations by the Installer, Software Update, the App Store, Munki and Jamf.",
    applies: Applies::MACOS,
    reads: &[HISTORY, MUNKI[0], MUNKI[1], JAMF[0], JAMF[1]],
    walks: &[],
    keys: &[],
    yields: &[Field::Identifier, Field::Name, Field::Version, Field::InstallDate, Field::Source],
    run,
    visit: None,
};

/// What the Installer wrote down.
const HISTORY: &str = "Library/Receipts/InstallHistory.plist";
/// What Munki saw installed and installs, and the apps that it saw.
const MUNKI: [&str; 2] =
    ["Library/Managed Installs/InstallInfo.plist", "Library/Managed Installs/ApplicationInventory.plist"];
/// Jamf keeps a file of the name of each package.
const JAMF: [&str; 2] =
    ["Library/Application Support/JAMF/Receipts/*", "Library/Application Support/JAMF/Waiting Room/*"];

fn run(target: &Target, sink: &mut Sink<'_>) {
    for found in sink.files(&target.root, &[HISTORY]) {
        let Some(list) = property_list(&target.root, sink, &found) else { continue };
        for (at, record) in list.items().iter().enumerate() {
            let artifact = entry(sink, &found, format!("record {at}"))
                .with_many(Field::Identifier, record.texts("packageIdentifiers"))
                .with_some(Field::Name, record.text("displayName"))
                .with_some(Field::Version, record.text("displayVersion"))
                .with_some(Field::InstallDate, record.date("date").and_then(time))
                .with_some(Field::Source, record.text("processName"));
            sink.artifact(artifact);
        }
    }
    for found in sink.files(&target.root, &MUNKI) {
        let Some(list) = property_list(&target.root, sink, &found) else { continue };
        // What it removes, or could install, is not what it installed.
        let installed = list.get("managed_installs").unwrap_or(&list);
        for (at, record) in installed.items().iter().enumerate() {
            sink.artifact(managed(entry(sink, &found, format!("record {at}")), record));
        }
    }
    for found in sink.files(&target.root, &JAMF) {
        let name = name_of(&found);
        let stem = [".pkg", ".dmg", ".zip", ".mpkg"].iter().find_map(|end| name.strip_suffix(end));
        let artifact = entry(sink, &found, name.clone())
            .with(Field::Name, stem.unwrap_or(&name))
            .with(Field::Source, "jamf");
        sink.artifact(artifact);
    }
}

fn entry(sink: &Sink<'_>, found: &Found, record: String) -> Artifact {
    Artifact::new(sink.collector(), Location::record(&found.path, record)).state(State::Remnant)
}

fn managed(artifact: Artifact, record: &Value) -> Artifact {
    artifact
        .with_some(Field::Identifier, record.text("bundleid"))
        .with_many(Field::Name, ["display_name", "name"].iter().filter_map(|key| record.text(key)))
        .with_some(
            Field::Version,
            ["installed_version", "version_to_install", "version"].iter().find_map(|key| record.text(key)),
        )
        .with(Field::Source, "munki")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    #[test]
    fn tools_of_device_management_remember_what_they_installed() {
        let list = |keys: &str| format!("<plist>{keys}</plist>");
        let record = |name: &str| format!("<dict><key>name</key><string>{name}</string></dict>");
        let tree = Memory::new()
            .file(
                MUNKI[0],
                list(&format!(
                    "<dict><key>managed_installs</key><array>{}</array><key>removals</key><array>{}</array></dict>",
                    record("Installed"),
                    record("Removed")
                )),
            )
            .file(MUNKI[1], list(&format!("<array>{}</array>", record("Seen"))))
            .file("Library/Application Support/JAMF/Receipts/Agent 1.0.pkg", "");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (found, gaps) = collect(&COLLECTOR, &target);
        assert!(gaps.is_empty(), "{gaps:?}");
        let mut names: Vec<_> = found.iter().filter_map(|one| one.text(Field::Name)).collect();
        names.sort_unstable();
        assert_eq!(names, ["Agent 1.0", "Installed", "Seen"]);
    }
}
