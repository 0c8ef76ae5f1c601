//! `opkg_packages`: the database of opkg (OpenWrt, Yocto, Entware) and of ipkg before it.
//!
//! The status file names packages and states; a control file beside it adds who maintains a package. A control file
//! whose package the status file does not name is a package that a damaged database hides.

use std::collections::BTreeMap;

use crate::collector::{Applies, Collector, Sink};
use crate::format::package::deb822::{self, Stanza};
use crate::fs::Found;
use crate::fs::tree::{file_name, join, parent};
use crate::model::{Artifact, Field, GapKind, Location, State};
use crate::target::Target;
use crate::text::{shown, text_of};

/// OpenWrt's, Yocto's, Entware's, Optware's and ipkg's, and the writable half of OpenWrt's file system.
const STATUS: &[&str] = &[
    "usr/lib/opkg/status",
    "var/lib/opkg/status",
    "opt/lib/opkg/status",
    "usr/lib/ipkg/status",
    "opt/lib/ipkg/status",
    "var/opkg/status",
    "overlay/upper/usr/lib/opkg/status",
];

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "opkg_packages",
    about: "Packages of opkg (OpenWrt, Yocto, Entware).",
    applies: Applies::LINUX,
    reads: &[
        "usr/lib/opkg/status",
        "var/lib/opkg/status",
        "opt/lib/opkg/status",
        "usr/lib/ipkg/status",
        "opt/lib/ipkg/status",
        "var/opkg/status",
        "overlay/upper/usr/lib/opkg/status",
        "usr/lib/opkg/info/*.control",
        "var/lib/opkg/info/*.control",
        "opt/lib/opkg/info/*.control",
        "usr/lib/ipkg/info/*.control",
        "opt/lib/ipkg/info/*.control",
        "var/opkg/info/*.control",
        "overlay/upper/usr/lib/opkg/info/*.control",
    ],
    walks: &[],
    keys: &[],
    yields: &[
        Field::Name,
        Field::Version,
        Field::Arch,
        Field::Maintainer,
        Field::Status,
        Field::Source,
        Field::Section,
        Field::License,
        Field::Homepage,
        Field::Description,
        Field::InstallDate,
        Field::Size,
    ],
    run,
    visit: None,
};

/// Bytes read of a status file.
const MAX_STATUS: u64 = 64 << 20;

fn run(target: &Target, sink: &mut Sink<'_>) {
    let mut folders = Vec::new();
    for found in sink.files(&target.root, STATUS) {
        folders.push(parent(&found.path).to_vec());
        database(target, sink, &found);
    }
    // Control files whose status file is gone.
    for status in STATUS {
        let folder = parent(status.as_bytes());
        if !folders.iter().any(|known| known == folder) {
            hidden(target, sink, folder, &BTreeMap::new(), false);
        }
    }
}

fn database(target: &Target, sink: &mut Sink<'_>, found: &Found) {
    let mut packages = BTreeMap::new();
    let damaged = stanzas(target, sink, found, &mut |stanza| {
        let Some(package) = package(found, stanza) else { return false };
        let sound = stanza.first_bad_line().is_none() && is_sound(stanza);
        let name = package.text(Field::Name).unwrap_or_default().to_owned();
        packages.insert((name, stanza.offset), package);
        sound
    });
    let folder = parent(&found.path).to_vec();
    let controls = hidden(target, sink, &folder, &packages, damaged);
    for ((name, _), mut package) in packages {
        if let Some(control) = controls.get(&name) {
            for (field, value) in control.fields.clone() {
                package.fields.entry(field).or_insert(value);
            }
        }
        sink.artifact(package);
    }
}

/// Gives every stanza of a file, and reports those that are not sound; returns whether there were any.
fn stanzas(
    target: &Target,
    sink: &mut Sink<'_>,
    found: &Found,
    each: &mut dyn FnMut(Stanza<'_>) -> bool,
) -> bool {
    let file = match target.root.open_found(found) {
        Ok(file) => file,
        Err(fault) => {
            sink.fault(fault);
            return true;
        }
    };
    let mut bad = Vec::new();
    let damage = target.root.during(&found.real, || {
        deb822::read(file.as_ref(), MAX_STATUS, &mut |stanza| {
            let is_joined = stanza.repeats_any();
            let parts = if is_joined { stanza.parts() } else { vec![stanza] };
            let mut sound = !is_joined;
            for part in parts {
                sound &= each(part);
            }
            if !sound {
                bad.push(stanza.offset);
            }
        })
    });
    // One gap says as much as thousands.
    for offset in bad.iter().take(20) {
        let detail = format!("the stanza at byte {offset} is damaged");
        sink.gap(GapKind::Corrupt, shown(&found.path), detail);
    }
    sink.damage(&found.path, &damage);
    !bad.is_empty() || !damage.is_empty()
}

/// The package of a stanza; `None` without a name.
fn package(found: &Found, stanza: Stanza<'_>) -> Option<Artifact> {
    let text = |field: &str| stanza.get(field).map(text_of).filter(|text| !text.is_empty());
    let name = text("Package")?;
    let status = text("Status");
    let state = state_of(status.as_deref().unwrap_or_default()).unwrap_or(State::Installed);
    let installed =
        text("Installed-Time").and_then(|time| jiff::Timestamp::from_second(time.parse().ok()?).ok());
    Some(
        Artifact::new(COLLECTOR.name, Location::record(&found.path, name.as_str()))
            .state(state)
            .with(Field::Name, name)
            .with_some(Field::Version, text("Version"))
            .with_some(Field::Arch, text("Architecture"))
            .with_some(Field::Maintainer, text("Maintainer"))
            .with_some(Field::Status, status)
            .with_some(Field::Source, text("Source").or_else(|| text("SourceName")))
            .with_some(Field::Section, text("Section"))
            .with_some(Field::License, text("License"))
            .with_some(Field::Homepage, text("Homepage").or_else(|| text("URL")))
            .with_some(Field::Description, text("Description"))
            .with_some(Field::InstallDate, installed.map(|time| time.to_string()))
            .with_some(Field::Size, text("Installed-Size")),
    )
}

/// `want flag[,flag] state` (opkg, `pkg.c`).
fn state_of(status: &str) -> Option<State> {
    let mut words = status.split_whitespace();
    let (want, _flags, state) = (words.next()?, words.next()?, words.next()?);
    if !["unknown", "install", "deinstall", "purge"].contains(&want) {
        return None;
    }
    match state {
        "not-installed" | "config-files" | "post-inst-failed" | "removal-failed" => Some(State::Remnant),
        "unpacked" | "half-configured" | "installed" | "half-installed" => Some(State::Installed),
        _ => None,
    }
}

/// opkg writes a version and a status into every stanza.
fn is_sound(stanza: Stanza<'_>) -> bool {
    let status = stanza.get("Status").map(text_of);
    stanza.get("Version").is_some() && status.is_some_and(|status| state_of(&status).is_some())
}

/// What the control files of a folder say, by package. Those that the status file does not name are artifacts.
fn hidden(
    target: &Target,
    sink: &mut Sink<'_>,
    folder: &[u8],
    known: &BTreeMap<(String, u64), Artifact>,
    damaged: bool,
) -> BTreeMap<String, Artifact> {
    let pattern = String::from_utf8_lossy(&join(folder, b"info/*.control")).into_owned();
    let mut controls = BTreeMap::new();
    for found in sink.files(&target.root, &[&pattern]) {
        let file = text_of(file_name(&found.path));
        let name = file.strip_suffix(".control").unwrap_or(&file).to_owned();
        let mut control = None;
        stanzas(target, sink, &found, &mut |stanza| {
            control = control.take().or_else(|| package(&found, stanza));
            control.is_some()
        });
        let control = control.unwrap_or_else(|| {
            Artifact::new(COLLECTOR.name, Location::path(&found.path)).with(Field::Name, name.as_str())
        });
        if !known.keys().any(|(known, _)| *known == name) {
            sink.artifact(control.clone());
            if !damaged {
                let detail = format!(
                    "opkg keeps the control file of {name}, and its status file does not name the package"
                );
                sink.gap(GapKind::Corrupt, shown(&found.path), detail);
            }
        }
        controls.insert(name, control);
    }
    controls
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::{Gap, TargetKind};

    fn packages(tree: Memory) -> (Vec<(String, State, String)>, Vec<Gap>) {
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        let text = |it: &Artifact, field| it.text(field).unwrap_or_default().to_owned();
        let short = artifacts.iter().map(|it| (text(it, Field::Name), it.state, text(it, Field::Maintainer)));
        (short.collect(), gaps)
    }

    const STANZAS: &str = "Package: tool\nVersion: 1.0\nStatus: install user installed\nArchitecture: x86_64\nInstalled-Time: 1700000000\n\n\
        Package: old\nVersion: 2\nStatus: deinstall ok not-installed\n\n";

    #[test]
    fn stanzas_of_every_place_with_their_control_files() {
        for place in ["usr/lib/opkg", "var/lib/opkg", "opt/lib/opkg", "usr/lib/ipkg"] {
            let tree = Memory::new().file(format!("{place}/status"), STANZAS).file(
                format!("{place}/info/tool.control"),
                "Package: tool\nVersion: 1.0\nMaintainer: Example Ltd\n",
            );
            let (names, gaps) = packages(tree);
            assert_eq!(gaps, [], "{place}");
            let expected = [("old", State::Remnant, ""), ("tool", State::Installed, "Example Ltd")];
            assert_eq!(
                names,
                expected.map(|(name, state, by)| (name.to_owned(), state, by.to_owned())),
                "{place}"
            );
        }
    }

    #[test]
    fn a_package_that_the_status_file_hides_is_found_by_its_control_file() {
        let control = "Package: hidden\nVersion: 1\n";
        for status in [Some(STANZAS), None] {
            let mut tree = Memory::new().file("usr/lib/opkg/info/hidden.control", control);
            if let Some(status) = status {
                tree = tree.file("usr/lib/opkg/status", status);
            }
            let (names, gaps) = packages(tree);
            assert!(names.iter().any(|(name, _, _)| name == "hidden"), "{names:?}");
            assert_eq!(gaps.len(), 1, "{gaps:?}");
        }
    }

    #[test]
    fn damage_loses_no_package_in_silence() {
        for (good, bad) in [
            ("Package: tool", "Pbckage: tool"),
            ("user installed", "user instbl"),
            ("\n\nPackage: old", "\nPackage: old"),
        ] {
            let (names, gaps) =
                packages(Memory::new().file("usr/lib/opkg/status", STANZAS.replacen(good, bad, 1)));
            assert!(
                !gaps.is_empty() && names.iter().all(|(name, _, _)| !name.is_empty()),
                "{bad}: {names:?} {gaps:?}"
            );
        }
    }
}
