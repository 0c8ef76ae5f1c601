//! `package_receipts`: what the Installer noted of the packages it installed.
//!
//! A receipt by itself says that something was installed once, and stays when the program is thrown away: it is a
//! remnant, and that the program is there too, other collectors tell. Source: pkgutil(1), installer(8).

use super::{home_owner, property_list, time};
use crate::artifact::{Artifact, Field, Location, State, shown, text_of};
use crate::collector::{Applies, Collector, Sink};
use crate::target::Target;
use crate::target::root::name_of;
use crate::target::tree::parent;

const RECEIPTS: &str = "private/var/db/receipts/*.plist";
/// Mac OS X up to 10.5.
const OLD: &str = "Library/Receipts/*.pkg/Contents/Info.plist";

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "package_receipts",
    about: "Receipts of packages that the Installer installed.",
    applies: Applies::MACOS,
    reads: &[RECEIPTS, "Users/*/Library/Receipts/*.plist", OLD],
    walks: &[],
    keys: &[],
    yields: &[
        Field::Identifier,
        Field::Name,
        Field::Version,
        Field::InstallDate,
        Field::InstallLocation,
        Field::Source,
        Field::User,
        Field::Path,
    ],
    run,
    visit: None,
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    for found in sink.files(&target.root, COLLECTOR.reads) {
        let Some(list) = property_list(&target.root, sink, &found) else { continue };
        let is_old = found.path.ends_with(b"Contents/Info.plist");
        // The name of the file is the identifier.
        let name = match is_old {
            true => text_of(crate::target::tree::file_name(parent(parent(&found.path)))),
            false => name_of(&found).trim_end_matches(".plist").to_owned(),
        };
        let identifier = list.text("PackageIdentifier").or_else(|| list.text("CFBundleIdentifier"));
        let version = list.text("PackageVersion").or_else(|| list.text("CFBundleShortVersionString"));
        let artifact = Artifact::new(sink.collector(), Location::path(&found.path))
            .state(State::Remnant)
            .with(Field::Identifier, identifier.unwrap_or(&name))
            .with(Field::Name, list.text("PackageFileName").unwrap_or(&name))
            .with_some(Field::Version, version)
            .with_some(Field::InstallDate, list.date("InstallDate").and_then(time))
            .with_some(
                Field::InstallLocation,
                list.text("InstallPrefixPath").map(|path| format!("/{}", path.trim_matches('/'))),
            )
            .with_some(Field::Source, list.text("InstallProcessName"))
            .with_some(Field::User, home_owner(&found.path))
            .with(Field::Path, shown(&found.path));
        sink.artifact(artifact);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::target::memory::Memory;
    use crate::target::{Root, TargetKind};

    #[test]
    fn a_receipt_is_what_was_left_and_a_damaged_one_is_named_by_its_file() {
        let receipt = "<plist><dict><key>InstallDate</key><date>2024-01-02T03:04:05Z</date><key>InstallPrefixPath</key>\
            <string>Applications</string><key>PackageIdentifier</key><string>com.example.core</string>\
            <key>PackageVersion</key><string>12.1</string></dict></plist>";
        let tree = Memory::new()
            .file("private/var/db/receipts/com.example.core.plist", receipt)
            .file("private/var/db/receipts/com.example.core.bom", "BOMStore")
            .file("private/var/db/receipts/com.example.cut.plist", "bplist00");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        assert_eq!(gaps.len(), 1);
        let [core, cut] = artifacts.as_slice() else { panic!("{artifacts:?}") };
        assert_eq!((core.state, core.text(Field::Identifier)), (State::Remnant, Some("com.example.core")));
        assert_eq!(core.text(Field::InstallDate), Some("2024-01-02T03:04:05Z"));
        assert_eq!(core.text(Field::InstallLocation), Some("/Applications"));
        assert_eq!(cut.text(Field::Identifier), Some("com.example.cut"));
    }
}
