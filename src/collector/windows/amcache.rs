//! `amcache`: programs and executables that Windows' compatibility service has seen on this machine.
//!
//! It keeps what was removed, so an entry alone says that something was here; what is still at its place is installed.
//! Two layouts: `InventoryApplication…` (Windows 10) and `Programs`, `File` with numbered values (Windows 8). Source:
//! "AmCache analysis" of the ANSSI.

use super::registered::{artifact, is_gone};
use crate::collector::{Applies, Collector, Sink};
use crate::model::{Artifact, Field, State};
use crate::registry::{HIVES, Key, Values};
use crate::target::Target;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "amcache",
    about: "Programs and executables that were once on this machine, with publisher and SHA-1, by Amcache.hve (offline: a running Windows keeps the file locked).",
    applies: Applies::WINDOWS,
    reads: HIVES,
    walks: &[],
    keys: &[
        r"Amcache.hve\Root\InventoryApplication\*",
        r"Amcache.hve\Root\InventoryApplicationFile\*",
        r"Amcache.hve\Root\InventoryDriverBinary\*",
        r"Amcache.hve\Root\Programs\*",
        r"Amcache.hve\Root\File\*\*",
    ],
    yields: &[
        Field::Name,
        Field::Version,
        Field::Publisher,
        Field::Company,
        Field::Product,
        Field::ProductVersion,
        Field::FileDescription,
        Field::Source,
        Field::Path,
        Field::InstallLocation,
        Field::InstallDate,
        Field::UninstallString,
        Field::IdentifyingNumber,
        Field::PackageCode,
        Field::Identifier,
        Field::Service,
        Field::Sha1,
        Field::Size,
        Field::Type,
        Field::Key,
    ],
    run,
    visit: None,
};

/// Field, and the name of the value.
type Map = &'static [(Field, &'static str)];

const APPLICATION: Map = &[
    (Field::Name, "Name"),
    (Field::Version, "Version"),
    (Field::Publisher, "Publisher"),
    (Field::Source, "Source"),
    (Field::InstallLocation, "RootDirPath"),
    (Field::InstallDate, "InstallDate"),
    (Field::UninstallString, "UninstallString"),
    (Field::IdentifyingNumber, "MsiProductCode"),
    (Field::PackageCode, "MsiPackageCode"),
    (Field::Identifier, "ProgramId"),
];
const FILE: Map = &[
    (Field::Name, "Name"),
    (Field::Path, "LowerCaseLongPath"),
    (Field::Company, "Publisher"),
    (Field::Version, "Version"),
    (Field::Product, "ProductName"),
    (Field::ProductVersion, "ProductVersion"),
    (Field::Identifier, "ProgramId"),
    (Field::Size, "Size"),
];
const DRIVER: Map = &[
    (Field::Name, "DriverName"),
    (Field::Company, "DriverCompany"),
    (Field::Version, "DriverVersion"),
    (Field::Product, "Product"),
    (Field::ProductVersion, "ProductVersion"),
    (Field::Service, "Service"),
];
const OLD_PROGRAM: Map = &[
    (Field::Name, "0"),
    (Field::Version, "1"),
    (Field::Publisher, "2"),
    (Field::Source, "6"),
    (Field::InstallLocation, "d"),
];
const OLD_FILE: Map = &[
    (Field::Product, "0"),
    (Field::Company, "1"),
    (Field::Version, "5"),
    (Field::Size, "6"),
    (Field::FileDescription, "c"),
    (Field::Path, "15"),
    (Field::Identifier, "100"),
];

fn run(target: &Target, sink: &mut Sink<'_>) {
    for (pattern, kind, map, sha1) in [
        (r"Amcache.hve\Root\InventoryApplication\*", "application", APPLICATION, None),
        (r"Amcache.hve\Root\InventoryApplicationFile\*", "file", FILE, Some("FileId")),
        (r"Amcache.hve\Root\InventoryDriverBinary\*", "driver", DRIVER, Some("DriverId")),
        (r"Amcache.hve\Root\Programs\*", "application", OLD_PROGRAM, None),
        (r"Amcache.hve\Root\File\*\*", "file", OLD_FILE, Some("101")),
    ] {
        for key in sink.keys(target.registry(), pattern) {
            let values = sink.values(&key);
            let artifact = entry(target, sink, &key, &values, map);
            // Four zeros before the digest.
            let digest = sha1.and_then(|name| values.text(name));
            // The first releases of Windows 10 name the key of a driver by the digest.
            let digest = digest.or_else(|| is_digest(key.name()).then(|| key.name().to_owned()));
            let digest = digest.as_deref().and_then(|text| text.strip_prefix("0000"));
            sink.artifact(artifact.with_some(Field::Sha1, digest).with(Field::Type, kind));
        }
    }
}

/// Four zeros and a SHA-1.
fn is_digest(name: &str) -> bool {
    name.len() == 44 && name.starts_with("0000") && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn entry(target: &Target, sink: &Sink<'_>, key: &Key<'_>, values: &Values, map: Map) -> Artifact {
    let mut entry = artifact(sink, target.registry(), key);
    for (field, name) in map {
        entry = entry.with_some(*field, values.text(name));
    }
    // The key of a driver is its path; in the first releases of Windows 10 its name is.
    if key.path().contains("InventoryDriverBinary") {
        let name = entry.text(Field::Name).unwrap_or_default().to_owned();
        let path = if is_digest(key.name()) { name.clone() } else { key.name().to_owned() };
        entry = entry.with(Field::Path, path.replace('/', "\\"));
        let last = name.rsplit(['\\', '/']).next().unwrap_or_default().to_owned();
        entry = entry.with(Field::Name, last);
    }
    if entry.text(Field::Name).is_none() {
        let path = entry.text(Field::Path).unwrap_or_default().to_owned();
        let name = path.rsplit('\\').next().unwrap_or_default().to_owned();
        entry = entry.with(Field::Name, if name.is_empty() { key.name().to_owned() } else { name });
    }
    let path = entry.text(Field::Path).or_else(|| entry.text(Field::InstallLocation));
    let is_there = path.is_some_and(|path| {
        let registry = target.registry();
        registry.has_files(&target.root) && registry.on_target(path).is_some() && !is_gone(target, path, None)
    });
    entry.state(if is_there { State::Installed } else { State::Remnant })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::collector::windows::testing::complete;
    use crate::registry::Memory;

    #[test]
    fn drivers_are_named_by_path_or_by_digest() {
        let digest = "0000a9993e364706816aba3e25717850c26c9cd0d89d";
        let key = |name: &str| format!(r"Amcache.hve\Root\InventoryDriverBinary\{name}");
        let registry = Memory::new()
            .value(&key(digest), "DriverName", r"c:\windows\system32\drivers\old.sys")
            .value(&key("c:/windows/system32/drivers/new.sys"), "DriverName", "new.sys");
        let (artifacts, gaps) = collect(&COLLECTOR, &complete().target(registry));
        assert_eq!(gaps, []);
        let facts = |one: &Artifact| {
            [Field::Name, Field::Path, Field::Sha1]
                .map(|field| one.text(field).unwrap_or_default().to_owned())
        };
        let mut found: Vec<_> = artifacts.iter().map(facts).collect();
        found.sort();
        let sha1 = digest.strip_prefix("0000").unwrap();
        assert_eq!(
            found,
            [
                ["new.sys", r"c:\windows\system32\drivers\new.sys", ""],
                ["old.sys", r"c:\windows\system32\drivers\old.sys", sha1],
            ]
        );
    }
}
