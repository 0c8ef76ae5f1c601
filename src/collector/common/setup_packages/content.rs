//! What a setup file holds, as artifacts.

use super::contents::{Contents, EXTENSIONS, PACKAGES};
use super::{listed, zipped};
use crate::bytes::{Damage, DamageKind, ReadAt};
use crate::collector::support::facts;
use crate::format::container::compound_file;
use crate::format::container::decompress::Compression;
use crate::format::container::zip::is_zip;
use crate::format::container::{cabinet, unopened};
use crate::format::database::rpmdb;
use crate::format::executable::ends_at_once;
use crate::format::package::pkginfo::{self, Archive};
use crate::format::package::{deb, deb822, gemspec, msi, rpm, xar};
use crate::model::{Artifact, Field, Skipped};
use crate::text::text_of;

/// Bytes of a control file of dpkg or opkg.
const MAX_CONTROL: u64 = 4 << 20;
/// The trailer of a disk image.
const TRAILER: u64 = 512;

/// Reads a file of any name; nothing when it is no setup. `base` is called by the file's name.
pub(super) fn read(head: &[u8], file: &dyn ReadAt, name: &str, base: Artifact) -> Contents {
    let lower = name.to_ascii_lowercase();
    let is_extension = EXTENSIONS.iter().any(|ending| lower.ends_with(ending));
    if is_zip(head) || head.starts_with(b"Cr24") || lower.ends_with(".zip") || is_extension {
        return zipped::read(file, name, base, package);
    }
    let found = package(head, file, name, base.clone());
    if !found.artifacts.is_empty() || !found.damage.is_empty() {
        return found;
    }
    let found = zipped::packed(file, name, &base, package);
    if !found.artifacts.is_empty() || !found.damage.is_empty() {
        return found;
    }
    match unopened::kind(head, file) {
        Some(what) => Contents {
            artifacts: vec![base.with(Field::Format, "archive")],
            damage: Vec::new(),
            unread: vec![Skipped::not_opened(what)],
        },
        None => Contents::default(),
    }
}

/// Reads a file that is no archive of others.
fn package(head: &[u8], file: &dyn ReadAt, name: &str, base: Artifact) -> Contents {
    let lower = name.to_ascii_lowercase();
    let is_promised = PACKAGES.iter().any(|ending| lower.ends_with(ending));
    if let Some(damage) = ends_at_once(head, is_promised).filter(|_| file.size() <= head.len() as u64) {
        return damaged(base, vec![damage]);
    }
    if deb::is_deb(head) {
        return of_deb(file, base.with(Field::Format, "deb"));
    }
    if rpm::is_rpm(head) {
        return of_rpm(file, base.with(Field::Format, "rpm"));
    }
    if xar::is_xar(head) {
        return of_xar(file, base.with(Field::Format, "pkg"));
    }
    if head.starts_with(&compound_file::MAGIC) {
        return of_msi(file, base);
    }
    if head.starts_with(b"hsqs") && lower.ends_with(".snap") {
        let stem = name.get(..name.len() - 5).unwrap_or(name);
        let (name, revision) = stem.rsplit_once('_').unwrap_or((stem, ""));
        return Contents::one(
            base.with(Field::Format, "snap").with(Field::Name, name).with(Field::Release, revision),
        );
    }
    if cabinet::is_cabinet(head) {
        return listed::cabinet(file, &base);
    }
    if unopened::kind(head, file) == Some(unopened::DISC) {
        return listed::disc(file, &base, package);
    }
    if is_disk_image(file, &lower) {
        let what = "disk image of macOS, which debar does not open";
        let damage = vec![Damage::new(DamageKind::Unsupported, None, what)];
        return Contents { artifacts: vec![base.with(Field::Format, "dmg")], damage, ..Contents::default() };
    }
    if lower.ends_with(".gem") {
        return of_gem(file, base.with(Field::Format, "gem"));
    }
    of_archive(head, file, &lower, base)
}

fn of_gem(file: &dyn ReadAt, base: Artifact) -> Contents {
    let read = gemspec::packed(file);
    let gem = read.value;
    let artifact = base
        .with_some(Field::Name, gem.name)
        .with_some(Field::Version, gem.version)
        .with_many(Field::Author, gem.authors)
        .with_some(Field::Description, gem.summary)
        .with_some(Field::Homepage, gem.homepage)
        .with_many(Field::License, gem.licenses);
    Contents { artifacts: vec![artifact], damage: read.damage, ..Contents::default() }
}

/// Disk images end in a trailer (Apple's `UDIFResourceFile`); those without one are bare file systems.
fn is_disk_image(file: &dyn ReadAt, lower: &str) -> bool {
    let at = file.size().saturating_sub(TRAILER);
    lower.ends_with(".dmg") || file.read_vec(at, 4).is_ok_and(|start| start == b"koly")
}

/// The base where the name of a file alone promises a package, and what is wrong with its content.
fn damaged(base: Artifact, damage: Vec<Damage>) -> Contents {
    Contents { artifacts: vec![base], damage, ..Contents::default() }
}

fn of_deb(file: &dyn ReadAt, base: Artifact) -> Contents {
    let read = deb::control(file);
    match read.value.as_deref().and_then(|text| of_control(text, base.clone())) {
        Some(artifact) => Contents { artifacts: vec![artifact], damage: read.damage, ..Contents::default() },
        None => {
            let mut damage = read.damage;
            if damage.is_empty() {
                damage.push(Damage::new(DamageKind::Corrupt, None, "a control file without a package"));
            }
            damaged(base, damage)
        }
    }
}

/// The package that a control file of dpkg or opkg names.
fn of_control(text: &[u8], base: Artifact) -> Option<Artifact> {
    let mut found = None;
    deb822::read(&text, MAX_CONTROL, &mut |stanza| {
        let text = |field: &str| stanza.get(field).map(text_of).filter(|text| !text.is_empty());
        let (None, Some(name)) = (&found, text("Package")) else { return };
        found = Some(
            base.clone()
                .with(Field::Name, name)
                .with_some(Field::Version, text("Version"))
                .with_some(Field::Arch, text("Architecture"))
                .with_some(Field::Maintainer, text("Maintainer"))
                .with_some(Field::Vendor, text("Vendor"))
                .with_some(Field::Source, text("Source"))
                .with_some(Field::Section, text("Section"))
                .with_some(Field::License, text("License"))
                .with_some(Field::Homepage, text("Homepage"))
                .with_some(Field::Description, text("Description")),
        );
    });
    found
}

fn of_rpm(file: &dyn ReadAt, base: Artifact) -> Contents {
    let read = match rpm::read(file) {
        Ok(read) => read,
        Err(damage) => return damaged(base, vec![damage]),
    };
    let rpmdb::Package { name, version, release, arch, vendor, packager, summary, url, license, .. } =
        read.value;
    let artifact = base
        .with(Field::Name, name)
        .with(Field::Version, version)
        .with(Field::Release, release)
        .with_some(Field::Arch, arch)
        .with_some(Field::Vendor, vendor)
        .with_some(Field::Packager, packager)
        .with_some(Field::Description, summary)
        .with_some(Field::Homepage, url)
        .with_some(Field::License, license);
    Contents { artifacts: vec![artifact], damage: read.damage, ..Contents::default() }
}

fn of_xar(file: &dyn ReadAt, base: Artifact) -> Contents {
    let read = xar::read(file);
    let package = read.value;
    // `Developer ID Installer: Example Ltd (TEAMIDENTI)`
    let team = package
        .signers
        .iter()
        .find_map(|name| name.strip_suffix(')')?.rsplit_once('(').map(|(_, team)| team));
    let team = team.filter(|team| team.len() == 10 && team.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let artifact = base
        .with_some(Field::DisplayName, package.title)
        .with_some(Field::Version, package.version)
        .with_some(Field::TeamIdentifier, team.map(str::to_owned))
        .with_many(Field::BundleIdentifier, package.identifiers.clone())
        .with_many(Field::Identifier, package.identifiers)
        .with_many(Field::Signer, package.signers)
        .with_many(Field::SignerChain, package.chain);
    Contents { artifacts: vec![artifact], damage: read.damage, ..Contents::default() }
}

/// Packages and patches of Windows Installer; other compound files are documents.
fn of_msi(file: &dyn ReadAt, base: Artifact) -> Contents {
    let Some(read) = msi::read(file) else { return Contents::default() };
    let package = read.value;
    if !package.is_installer {
        return Contents::default();
    }
    let artifact = facts::of_msi(base, &package)
        .with_some(Field::Name, package.property("ProductName"))
        .with_some(Field::Publisher, package.property("Manufacturer"));
    Contents { artifacts: vec![artifact], damage: read.damage, ..Contents::default() }
}

/// Compressed tar archives of apk, pacman, XBPS and opkg.
fn of_archive(head: &[u8], file: &dyn ReadAt, lower: &str, base: Artifact) -> Contents {
    const NAMED: &[&str] =
        &[".apk", ".ipk", ".xbps", ".pkg.tar.zst", ".pkg.tar.xz", ".pkg.tar.gz", ".pkg.tar"];
    let is_named = NAMED.iter().any(|ending| lower.ends_with(ending));
    if !is_named && Compression::of(head).is_none() {
        return Contents::default();
    }
    let read = pkginfo::read(file, is_named);
    let format = if lower.ends_with(".apk") { "apk" } else { "package" };
    match read.value {
        Archive::Package(package) => {
            let artifact = base
                .with(Field::Format, format)
                .with_some(Field::Name, package.name)
                .with_some(Field::Version, package.version)
                .with_some(Field::Arch, package.arch)
                .with_some(Field::Maintainer, package.maintainer.clone())
                .with_some(Field::Packager, package.maintainer)
                .with_some(Field::Homepage, package.homepage)
                .with_some(Field::Description, package.description)
                .with_some(Field::License, package.license);
            Contents { artifacts: vec![artifact], damage: read.damage, ..Contents::default() }
        }
        Archive::Control(text) => {
            let base = base.with(Field::Format, "ipk");
            let artifact = of_control(&text, base.clone()).unwrap_or(base);
            Contents { artifacts: vec![artifact], damage: read.damage, ..Contents::default() }
        }
        Archive::Other if is_named => damaged(base, read.damage),
        Archive::Other => Contents::default(),
    }
}
