//! `package_receipts`: what the Installer noted of the packages it installed.
//!
//! A receipt says that something was installed once, and stays when the program is thrown away. The bill of
//! materials beside it lists what was installed: while any of that is there, the package is installed; when all of it
//! is gone, the receipt is a remnant. So is one that lost its list, unless the package has a folder of its own that is
//! still there.
//! Source: pkgutil(1), installer(8), bom(5).

use super::{home_owner, is_systems, property_list, time};
use crate::collector::{Applies, Collector, Sink};
use crate::format::package::bill_of_materials::{self, Listed};
use crate::format::text::plist::Value;
use crate::fs::root::name_of;
use crate::fs::tree::{file_name, join, parent};
use crate::fs::{Found, Root};
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::{shown, text_of};

/// Receipts; the last are those of Mac OS X up to 10.5.
const LISTS: &[&str] = &[
    "private/var/db/receipts/*.plist",
    "Users/*/Library/Receipts/*.plist",
    "Library/Receipts/*.pkg/Contents/Info.plist",
    "System/Library/Receipts/*.plist",
];
/// Bills of materials, which may be all that is left of a receipt; the last are those of Mac OS X 10.5.
const BILLS: &[&str] = &[
    "private/var/db/receipts/*.bom",
    "Users/*/Library/Receipts/*.bom",
    "Library/Receipts/boms/*.bom",
    "System/Library/Receipts/*.bom",
];
/// Receipts of Mac OS X up to 10.5 are packages themselves.
const PACKAGES: &[&str] = &["Library/Receipts/*.pkg", "Library/Receipts/*.mpkg"];

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "package_receipts",
    about: "Receipts of packages that the Installer installed, and whether what it installed is still there.",
    applies: Applies::MACOS,
    reads: &[
        "private/var/db/receipts/*.plist",
        "private/var/db/receipts/*.bom",
        "Users/*/Library/Receipts/*.plist",
        "Users/*/Library/Receipts/*.bom",
        "Library/Receipts/*.pkg/Contents/Info.plist",
        "System/Library/Receipts/*.plist",
        "System/Library/Receipts/*.bom",
        "Library/Receipts/*.pkg/Contents/Archive.bom",
        "Library/Receipts/boms/*.bom",
        "Library/Receipts/*",
    ],
    walks: &[],
    keys: &[],
    yields: &[
        Field::Identifier,
        Field::Name,
        Field::Version,
        Field::InstallDate,
        Field::InstallLocation,
        Field::OnDisk,
        Field::Source,
        Field::User,
        Field::Path,
    ],
    run,
    visit: None,
};

/// Bytes read of one bill of materials.
const LIMIT: usize = 64 << 20;
/// Files of one package that are looked for before it counts as gone, spread over the list.
const MAX_SOUGHT: usize = 2_000;
/// Folders that belong to no package: that they are there, or not, says nothing.
const SHARED: &[&str] = &[
    "",
    "Applications",
    "Library",
    "Library/Application Support",
    "Library/Extensions",
    "Library/Frameworks",
    "Library/LaunchAgents",
    "Library/LaunchDaemons",
    "Library/PrivilegedHelperTools",
    "private/tmp",
    "tmp",
    "opt",
    "usr/local",
    "usr/local/bin",
];

fn run(target: &Target, sink: &mut Sink<'_>) {
    for found in sink.files(&target.root, BILLS) {
        let list = [found.path.strip_suffix(b".bom").unwrap_or(&found.path), b".plist"].concat();
        if target.root.exists(&list) {
            continue;
        }
        let nothing = Value::Dictionary(Vec::new());
        let (is_there, _) = is_there(&target.root, sink, &list, &nothing, false);
        let name = name_of(&found).trim_end_matches(".bom").to_owned();
        let artifact = bare(sink, &found, &name).state(match is_there {
            Some(true) => State::Installed,
            _ => State::Remnant,
        });
        sink.artifact(artifact);
    }
    for pattern in PACKAGES {
        for found in sink.glob(&target.root, pattern) {
            let has_list = target.root.exists(&join(&found.path, b"Contents/Info.plist"));
            if !has_list {
                let artifact = bare(sink, &found, &name_of(&found)).state(State::Remnant);
                sink.artifact(artifact);
            }
        }
    }
    for found in sink.files(&target.root, LISTS) {
        let Some(list) = property_list(&target.root, sink, &found) else { continue };
        let is_old = found.path.ends_with(b"Contents/Info.plist");
        // The name of the file is the identifier.
        let name = if is_old {
            text_of(file_name(parent(parent(&found.path))))
        } else {
            name_of(&found).trim_end_matches(".plist").to_owned()
        };
        let identifier = list.text("PackageIdentifier").or_else(|| list.text("CFBundleIdentifier"));
        let version = list.text("PackageVersion").or_else(|| list.text("CFBundleShortVersionString"));
        let (is_there, has_list) = is_there(&target.root, sink, &found.path, &list, is_old);
        let artifact = Artifact::new(sink.collector(), Location::path(&found.path))
            .state(if is_there.unwrap_or(has_list) { State::Installed } else { State::Remnant })
            .with(Field::Identifier, identifier.unwrap_or(&name))
            .with(Field::Name, list.text("PackageFileName").unwrap_or(&name))
            .with_some(Field::Version, version)
            .with_some(Field::InstallDate, list.date("InstallDate").and_then(time))
            .with_some(Field::InstallLocation, prefix(&list).map(|prefix| format!("/{prefix}")))
            .with_some(Field::OnDisk, is_there.map(|there| if there { "yes" } else { "no" }))
            .with_some(Field::Source, list.text("InstallProcessName"))
            .with_some(Field::User, home_owner(&found.path))
            .with(Field::Path, shown(&found.path));
        sink.artifact(artifact);
    }
}

/// A receipt that has only its name.
fn bare(sink: &Sink<'_>, found: &Found, name: &str) -> Artifact {
    Artifact::new(sink.collector(), Location::path(&found.path))
        .with(Field::Identifier, name.trim_end_matches(".pkg").trim_end_matches(".mpkg"))
        .with(Field::Name, name)
        .with_some(Field::User, home_owner(&found.path))
        .with(Field::Path, shown(&found.path))
}

/// Where the package was installed to, without slashes around it.
fn prefix(list: &Value) -> Option<&str> {
    ["InstallPrefixPath", "IFPkgRelocatedPath", "IFPkgFlagDefaultLocation"]
        .iter()
        .find_map(|key| list.get(key).and_then(Value::as_text))
        .map(|path| path.trim_start_matches('.').trim_matches('/'))
}

/// Whether anything that the package installed is there (`None` when that cannot be known, as of a package that
/// installed no files), and whether there is a list of it.
fn is_there(
    root: &Root,
    sink: &mut Sink<'_>,
    receipt: &[u8],
    list: &Value,
    is_old: bool,
) -> (Option<bool>, bool) {
    let prefix = prefix(list);
    // In a user's receipts, the home folder is the volume.
    let home = home_owner(receipt).and_then(|_| receipt.windows(9).position(|at| at == b"/Library/"));
    let volumes: Vec<&[u8]> =
        [Some(b"".as_slice()), home.and_then(|end| receipt.get(..end))].into_iter().flatten().collect();
    let gone = |path: &[u8]| {
        !is_systems(&String::from_utf8_lossy(path))
            && volumes.iter().all(|volume| is_gone(root, &join(volume, path)))
    };
    let bill = if is_old {
        join(parent(receipt), b"Archive.bom")
    } else {
        [receipt.strip_suffix(b".plist").unwrap_or(receipt), b".bom"].concat()
    };
    let Some(bytes) = sink.read_path(root, &bill, LIMIT) else {
        let own = prefix.filter(|prefix| !SHARED.contains(prefix));
        return (own.map(|own| !gone(own.as_bytes())), false);
    };
    let read = bill_of_materials::read(&bytes);
    sink.damage(&bill, &read.damage);
    let files: Vec<&Listed> = read.value.iter().filter(|one| !one.is_folder).collect();
    let prefix = prefix.unwrap_or_default().as_bytes();
    let step = files.len().div_ceil(MAX_SOUGHT).max(1);
    let any = files.iter().step_by(step).any(|file| !gone(&join(prefix, &file.path)));
    (Some(any).filter(|_| !files.is_empty()), true)
}

/// Whether nothing is at a path for certain. The links of the system volume are missing on a data volume by itself.
fn is_gone(root: &Root, path: &[u8]) -> bool {
    let linked = [b"var/".as_slice(), b"etc/", b"tmp/"].iter().any(|top| path.starts_with(top));
    root.is_gone(path) && (!linked || root.is_gone(&join(b"private", path)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::fixture;
    use crate::collector::collect;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    fn receipt(prefix: &str) -> String {
        format!(
            "<plist><dict><key>InstallDate</key><date>2024-01-02T03:04:05Z</date><key>InstallPrefixPath</key>\
            <string>{prefix}</string><key>PackageIdentifier</key><string>com.example.core</string>\
            <key>PackageVersion</key><string>12.1</string></dict></plist>"
        )
    }

    fn seen(tree: Memory) -> Vec<Artifact> {
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        assert!(gaps.is_empty(), "{gaps:?}");
        artifacts
    }

    fn state(tree: Memory) -> (State, Option<String>) {
        let artifacts = seen(tree);
        let [one] = artifacts.as_slice() else { panic!("{artifacts:?}") };
        (one.state, one.text(Field::OnDisk).map(str::to_owned))
    }

    const AT: &str = "private/var/db/receipts/com.example.core";

    #[test]
    fn a_receipt_is_a_remnant_when_all_that_it_lists_is_gone() {
        let with = |prefix: &str| {
            Memory::new()
                .file(format!("{AT}.plist"), receipt(prefix))
                .file(format!("{AT}.bom"), fixture("macos/Tool.bom"))
        };
        let yes = (State::Installed, Some("yes".to_owned()));
        let no = (State::Remnant, Some("no".to_owned()));
        assert_eq!(state(with("Applications")), no);
        assert_eq!(state(with("Applications").file("Applications/Other.app/Contents/Info.plist", b"")), no);
        assert_eq!(state(with("Applications").directory("Applications/Tool.app/Contents/MacOS")), no);
        assert_eq!(state(with("Applications").file("Applications/Tool.app/Contents/MacOS/Tool", b"")), yes);
        assert_eq!(state(with("/").file("Tool.app/Contents/Info.plist", b"")), yes);
        // The sealed volume is not at hand; what belongs there is not gone.
        assert_eq!(state(with("System/Library")), yes);
    }

    #[test]
    fn of_a_long_list_any_file_will_do() {
        let with = Memory::new()
            .file(format!("{AT}.plist"), receipt("var/lib"))
            .file(format!("{AT}.bom"), fixture("macos/Many.bom"));
        let with = with.file("private/var/lib/deep/folder/file-600", b"");
        assert_eq!(state(with).0, State::Installed, "also through the links that a data volume lacks");
    }

    #[test]
    fn a_receipt_that_lost_its_list_is_a_remnant_without_a_folder_of_its_own() {
        let with = |prefix: &str| Memory::new().file(format!("{AT}.plist"), receipt(prefix));
        assert_eq!(state(with("Applications")), (State::Remnant, None));
        assert_eq!(state(with("Library/Example")), (State::Remnant, Some("no".to_owned())));
        assert_eq!(
            state(with("Library/Example").directory("Library/Example")),
            (State::Installed, Some("yes".to_owned()))
        );
    }

    #[test]
    fn a_bill_alone_and_an_old_package_without_a_list_are_receipts() {
        let bill = Memory::new().file(format!("{AT}.bom"), fixture("macos/Tool.bom"));
        let artifacts = seen(bill);
        let [one] = artifacts.as_slice() else { panic!("{artifacts:?}") };
        assert_eq!((one.text(Field::Identifier), one.state), (Some("com.example.core"), State::Remnant));
        let artifacts = seen(Memory::new().directory("Library/Receipts/Vendor Tool.pkg/Contents"));
        let [one] = artifacts.as_slice() else { panic!("{artifacts:?}") };
        assert_eq!((one.text(Field::Name), one.state), (Some("Vendor Tool.pkg"), State::Remnant));
    }

    #[test]
    fn a_users_receipt_counts_from_the_home_folder() {
        let at = "Users/a/Library/Receipts/com.example.core";
        let with = Memory::new()
            .file(format!("{at}.plist"), receipt("Applications"))
            .file(format!("{at}.bom"), fixture("macos/Tool.bom"));
        assert_eq!(
            state(with.file("Users/a/Applications/Tool.app/Contents/Info.plist", b"")).0,
            State::Installed
        );
    }

    #[test]
    fn a_damaged_receipt_is_named_by_its_file() {
        let tree = Memory::new()
            .file(format!("{AT}.plist"), receipt("Applications"))
            .file("private/var/db/receipts/com.example.cut.plist", "bplist00")
            .file("private/var/db/receipts/com.example.cut.bom", "BOMStore");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        assert_eq!(gaps.len(), 2, "{gaps:?}");
        let [core, cut] = artifacts.as_slice() else { panic!("{artifacts:?}") };
        assert_eq!(core.text(Field::Identifier), Some("com.example.core"));
        assert_eq!(core.text(Field::InstallDate), Some("2024-01-02T03:04:05Z"));
        assert_eq!(core.text(Field::InstallLocation), Some("/Applications"));
        assert_eq!((cut.text(Field::Identifier), cut.state), (Some("com.example.cut"), State::Installed));
    }
}
