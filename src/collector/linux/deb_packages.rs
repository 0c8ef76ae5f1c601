//! `deb_packages`: the database of dpkg, and `status.d` or chisel's manifest of images without dpkg ("distroless").
//!
//! dpkg keeps a list of files for every package beside the database. A list whose package the database does not
//! name is a package that a damaged or edited database hides: it is reported as an artifact and as a gap.

mod distroless;

use std::collections::BTreeSet;

use crate::collector::common::places::{PROGRAM_PLACES, leads_to};
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::format::package::deb822::{self, Stanza};
use crate::fs::tree::file_name;
use crate::fs::{Entry, Found, Root};
use crate::model::{Artifact, Field, GapKind, Location, State};
use crate::target::Target;
use crate::text::{shown, text_of};

const STATUS: &str = "var/lib/dpkg/status";
/// What dpkg did since it last wrote the database: a stanza a file, merged when it ends (deb-old, dpkg's `modstatdb`).
const UPDATES: &str = "var/lib/dpkg/updates/*";
const STATUS_D: &str = "var/lib/dpkg/status.d/*";
const LISTS: &str = "var/lib/dpkg/info/*.list";
/// A database of 100,000 packages has about 100 MB; what is larger is read up to here.
const MAX_STATUS: u64 = 128 << 20;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "deb_packages",
    about: "Packages of dpkg: installed, half installed, on hold, and removed ones whose configuration is left.",
    applies: Applies::LINUX,
    reads: &[STATUS, UPDATES, STATUS_D, LISTS, distroless::MANIFESTS[0], distroless::MANIFESTS[1]],
    walks: PROGRAM_PLACES,
    keys: &[],
    yields: &[
        Field::Name,
        Field::Version,
        Field::Arch,
        Field::Maintainer,
        Field::Status,
        Field::Source,
        Field::Section,
        Field::Homepage,
        Field::Description,
        Field::Size,
    ],
    run,
    visit: Some(Visit { wants, file }),
};

fn wants(entry: &Entry<'_>) -> bool {
    entry.name() == b"manifest.wall"
}

fn file(target: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    if !distroless::MANIFESTS.iter().any(|pattern| leads_to(&target.root, pattern, entry.path())) {
        distroless::elsewhere(entry, sink);
    }
}

fn run(target: &Target, sink: &mut Sink<'_>) {
    let root = &target.root;
    let mut known = BTreeSet::new();
    let mut damaged = false;
    let mut sums = Vec::new();
    for found in sink.files(root, &[STATUS, UPDATES, STATUS_D]) {
        // Distroless images keep checksums beside the stanzas, and dpkg half written updates.
        let name = file_name(&found.path);
        let is_update = found.path.starts_with(b"var/lib/dpkg/updates/");
        if is_update && !name.iter().all(u8::is_ascii_digit) {
            continue;
        }
        if name.ends_with(b".md5sums") {
            sums.push(found);
            continue;
        }
        if found.path.starts_with(b"var/lib/dpkg/status.d/") {
            if is_no_stanza(root, &found) {
                continue;
            }
            known.insert(distroless::stanza_file(&text_of(name)));
        }
        damaged |= read(root, &found, &mut known, sink);
    }
    check_lists(root, &known, damaged, sink);
    distroless::check_sums(&sums, &known, damaged, sink);
    distroless::chiselled(root, sink);
}

/// Whether a whole file holds no field of a stanza: builders of images leave scripts and lists beside them.
fn is_no_stanza(root: &Root, found: &Found) -> bool {
    const FIELDS: &[&[u8]] =
        &[b"package", b"version", b"architecture", b"maintainer", b"status", b"description"];
    let Ok(content) = root.read_found(found, 64 << 10) else { return false };
    let has_field = content.bytes.split(|&byte| byte == b'\n').any(|line| {
        let line = line.to_ascii_lowercase();
        FIELDS.iter().any(|field| memchr::memmem::find(&line, field).is_some())
    });
    // A file of one line, or cut within one, may be what is left of a stanza.
    let lines = memchr::memchr_iter(b'\n', &content.bytes).count();
    !has_field && lines > 0 && content.bytes.ends_with(b"\n") && content.cut_from.is_none()
}

/// Reads one database; returns whether it was damaged.
fn read(root: &Root, found: &Found, known: &mut BTreeSet<String>, sink: &mut Sink<'_>) -> bool {
    let file = match root.open_found(found) {
        Ok(file) => file,
        Err(fault) => {
            sink.fault(fault);
            return true;
        }
    };
    let mut bad = 0_usize;
    let damage = root.during(&found.real, || {
        deb822::read(file.as_ref(), MAX_STATUS, &mut |stanza| {
            let is_joined = stanza.repeats_any();
            let parts = if is_joined { stanza.parts() } else { vec![stanza] };
            let mut sound = !is_joined;
            for part in parts {
                sound &= package(found, part, known, sink);
            }
            if !sound {
                bad += 1;
                // One gap says as much as thousands.
                if bad <= 20 {
                    let detail = format!("the stanza at byte {} is damaged", stanza.offset);
                    sink.gap(GapKind::Corrupt, shown(&found.path), detail);
                }
            }
        })
    });
    sink.damage(&found.path, &damage);
    bad > 0 || !damage.is_empty()
}

/// Yields the package of a stanza; returns whether the stanza is sound.
fn package(found: &Found, stanza: Stanza<'_>, known: &mut BTreeSet<String>, sink: &mut Sink<'_>) -> bool {
    let text = |field: &str| stanza.get(field).map(text_of);
    let name = text("Package").unwrap_or_default();
    let status = text("Status");
    // status.d has no Status lines: what is there is installed.
    let state = state_of(status.as_deref().unwrap_or("install ok installed"));
    let version = text("Version");
    if state == Some(None) && version.is_none() {
        known.insert(name);
        return true;
    }
    let sound =
        stanza.first_bad_line().is_none() && is_package_name(&name) && version.is_some() && state.is_some();
    if name.is_empty() {
        return false;
    }
    let Some(state) = state.unwrap_or(Some(State::Installed)) else {
        known.insert(name);
        return sound;
    };
    let size =
        text("Installed-Size").and_then(|kib| kib.parse::<u64>().ok()).map(|kib| (kib * 1024).to_string());
    let artifact = Artifact::new(sink.collector(), Location::record(&found.path, name.as_str()))
        .state(state)
        .with(Field::Name, name.as_str())
        .with_some(Field::Version, version)
        .with_some(Field::Arch, text("Architecture"))
        .with_some(Field::Maintainer, text("Maintainer"))
        .with_some(Field::Status, status)
        .with_some(Field::Source, text("Source"))
        .with_some(Field::Section, text("Section"))
        .with_some(Field::Homepage, text("Homepage"))
        .with_some(Field::Description, text("Description"))
        .with_some(Field::Size, size);
    sink.artifact(artifact);
    known.insert(name);
    sound
}

/// The state of a package by its `Status` line (dpkg(1), "Package states"); the inner `None` for a package that
/// is not there, the outer one for a line that dpkg does not write.
fn state_of(status: &str) -> Option<Option<State>> {
    let mut words = status.split_whitespace();
    let (want, flag, state) = (words.next()?, words.next()?, words.next()?);
    if !["unknown", "install", "hold", "deinstall", "purge"].contains(&want)
        || !["ok", "reinstreq"].contains(&flag)
    {
        return None;
    }
    match state {
        "not-installed" => Some(None),
        "config-files" => Some(Some(State::Remnant)),
        "half-installed" | "unpacked" | "half-configured" | "triggers-awaited" | "triggers-pending"
        | "installed" => Some(Some(State::Installed)),
        _ => None,
    }
}

/// deb-control(5): lower case letters, digits, `+`, `-`, `.`; dpkg also takes capitals and underscores of old packages.
fn is_package_name(name: &str) -> bool {
    name.len() >= 2
        && name.starts_with(|char: char| char.is_ascii_alphanumeric())
        && name.chars().all(|char| char.is_ascii_alphanumeric() || "+-._".contains(char))
}

/// Compares the database with the lists of files beside it.
fn check_lists(root: &Root, known: &BTreeSet<String>, damaged: bool, sink: &mut Sink<'_>) {
    // Names alone are needed: the folder is listed, the lists are not opened.
    let names = match root.find(b"var/lib/dpkg/info") {
        Ok(folder) => sink.list(root, &folder),
        Err(fault) => return sink.fault(fault),
    };
    for listed in names {
        let Some(package) = listed.name.strip_suffix(b".list") else { continue };
        // `name` or, for packages that several architectures share a machine with, `name:arch`.
        let package = text_of(package);
        let name = package.split(':').next().unwrap_or(&package);
        if known.contains(name) {
            continue;
        }
        let path = crate::fs::tree::join(b"var/lib/dpkg/info", &listed.name);
        let artifact = Artifact::new(sink.collector(), Location::path(&path)).with(Field::Name, name);
        sink.artifact(artifact);
        if !damaged {
            let detail = format!("dpkg keeps files of {name}, and its database does not name the package");
            sink.gap(GapKind::Corrupt, format!("/{STATUS}"), detail);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::fs::memory::Memory;
    use crate::model::{Gap, TargetKind};

    fn packages(tree: Memory) -> (Vec<(String, State)>, Vec<Gap>) {
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        let names =
            artifacts.iter().map(|a| (a.text(Field::Name).unwrap_or("").to_owned(), a.state)).collect();
        (names, gaps)
    }

    const STATUS_TEXT: &str = "Package: kesl\nStatus: install ok installed\nVersion: 11.1\n\n\
        Package: old\nStatus: deinstall ok config-files\nVersion: 1\n\n\
        Package: held\nStatus: hold ok installed\nVersion: 2\n\n\
        Package: half\nStatus: install reinstreq half-installed\nVersion: 3\n\n\
        Package: gone\nStatus: purge ok not-installed\n\n";

    #[test]
    fn states_follow_the_status_line() {
        let (names, gaps) = packages(Memory::new().file("var/lib/dpkg/status", STATUS_TEXT.as_bytes()));
        let expected = [
            ("kesl", State::Installed),
            ("old", State::Remnant),
            ("held", State::Installed),
            ("half", State::Installed),
        ];
        assert_eq!(names, expected.map(|(name, state)| (name.to_owned(), state)));
        assert_eq!(gaps, []);
    }

    #[test]
    fn an_installation_that_was_cut_off_is_in_the_updates() {
        let update = "Package: klnagent64\nStatus: install reinstreq half-installed\nVersion: 15.1\n";
        let tree = Memory::new()
            .file("var/lib/dpkg/status", STATUS_TEXT.as_bytes())
            .file("var/lib/dpkg/updates/0003", update)
            .file("var/lib/dpkg/updates/tmp.i", "Package: kl");
        let (names, gaps) = packages(tree);
        assert_eq!(names.last(), Some(&("klnagent64".to_owned(), State::Installed)));
        assert_eq!(gaps, []);
    }

    #[test]
    fn a_package_that_the_database_hides_is_found_by_its_list() {
        let tree = Memory::new()
            .file("var/lib/dpkg/status", STATUS_TEXT.as_bytes())
            .file("var/lib/dpkg/info/kesl.list", b"")
            .file("var/lib/dpkg/info/hidden:amd64.list", b"");
        let (names, gaps) = packages(tree);
        assert_eq!(names.last().unwrap().0, "hidden");
        assert_eq!(gaps.len(), 1);
        assert_eq!(gaps[0].kind, GapKind::Corrupt);
    }

    #[test]
    fn a_lost_separator_hides_no_package() {
        for between in ["", "J", " ", "#", "*"] {
            let text = STATUS_TEXT.replacen("\n\nPackage: held", &format!("\n{between}Package: held"), 1);
            let (names, gaps) = packages(Memory::new().file("var/lib/dpkg/status", text.as_bytes()));
            assert!(names.contains(&("held".to_owned(), State::Installed)), "{between:?}: {names:?}");
            assert_eq!((names.len(), gaps.len()), (4, 1), "{between:?}: {names:?} {gaps:?}");
        }
    }

    #[test]
    fn a_flipped_bit_in_a_name_is_a_gap() {
        let text = STATUS_TEXT.replace("Package: kesl", "Package: k\u{0}sl");
        let (names, gaps) = packages(Memory::new().file("var/lib/dpkg/status", text.as_bytes()));
        assert_eq!(names.len(), 4);
        assert_eq!(gaps[0].kind, GapKind::Corrupt);
    }

    #[test]
    fn slices_put_the_manifest_of_chisel_anywhere() {
        let wall = crate::format::package::chisel::tests::packed();
        let tree = Memory::new()
            .file("var/lib/chisel/manifest.wall", wall.clone())
            .file("usr/share/slices/manifest.wall", wall)
            .file("opt/x/manifest.wall", b"no manifest");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        assert_eq!((artifacts.len(), gaps.len()), (2, 1), "{artifacts:?} {gaps:?}");
    }

    #[test]
    fn distroless_packages_have_files_of_their_own() {
        let tree = Memory::new()
            .file("var/lib/dpkg/status.d/base", b"Package: base-files\nVersion: 12\nArchitecture: amd64\n")
            .file("var/lib/dpkg/status.d/base.md5sums", b"0123 usr/x\n");
        let (names, gaps) = packages(tree);
        assert_eq!(names, [("base-files".to_owned(), State::Installed)]);
        assert_eq!(gaps, []);
    }

    #[test]
    fn checksums_without_a_stanza_are_a_hidden_package() {
        let tree = Memory::new()
            .file("var/lib/dpkg/status.d/base", b"Package: base-files\nVersion: 12\n")
            .file("var/lib/dpkg/status.d/base.md5sums", b"0123 usr/x\n")
            .file("var/lib/dpkg/status.d/hidden.md5sums", b"0123 usr/y\n")
            .file("var/lib/dpkg/status.d/base.postinst", b"#!/bin/sh\nldconfig\n");
        let (names, gaps) = packages(tree);
        let expected = ["base-files", "hidden"].map(|name| (name.to_owned(), State::Installed));
        assert_eq!((names, gaps.len()), (expected.to_vec(), 1), "{gaps:?}");
    }

    #[test]
    fn a_stanza_without_a_name_is_damage_and_no_artifact() {
        for text in ["Version: 1\nMaintainer: A\n", "Pack", "Package:\nVersion: 1\n"] {
            let (names, gaps) = packages(Memory::new().file("var/lib/dpkg/status.d/base", text));
            assert_eq!((names.len(), gaps.is_empty()), (0, false), "{text}");
        }
    }

    #[test]
    fn a_chiselled_image_has_a_manifest() {
        let wall = "{\"jsonwall\":\"1.0\",\"count\":2}\n{\"kind\":\"package\",\"name\":\"tool\",\"version\":\"1\"}\n";
        // A zstd frame with one raw block (RFC 8878).
        let size = u32::try_from(wall.len()).unwrap();
        let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0xa0];
        frame.extend(size.to_le_bytes());
        frame.extend((size << 3 | 1).to_le_bytes().iter().take(3));
        frame.extend(wall.as_bytes());
        for place in ["var/lib/chisel/manifest.wall", "chisel-data/manifest.wall"] {
            let (names, gaps) = packages(Memory::new().file(place, frame.clone()));
            assert_eq!((names, gaps), (vec![("tool".to_owned(), State::Installed)], vec![]), "{place}");
        }
    }
}
