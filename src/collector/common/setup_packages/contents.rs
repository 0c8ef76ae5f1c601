//! What was found in a setup file.

use crate::bytes::{Damage, DamageKind, ReadAt};
use crate::collector::common::program_files;
use crate::format::container::decompress::Compression;
use crate::model::{Artifact, Field};

/// The fields of its artifacts.
pub(super) const YIELDS: &[Field] = &[
    Field::Name,
    Field::DisplayName,
    Field::Path,
    Field::Format,
    Field::Version,
    Field::Release,
    Field::Arch,
    Field::Vendor,
    Field::Publisher,
    Field::Packager,
    Field::Maintainer,
    Field::Author,
    Field::Company,
    Field::Product,
    Field::FileDescription,
    Field::OriginalFilename,
    Field::InternalName,
    Field::Copyright,
    Field::ProductVersion,
    Field::Signer,
    Field::SignerChain,
    Field::TeamIdentifier,
    Field::BundleIdentifier,
    Field::Subject,
    Field::PackageFamilyName,
    Field::Identifier,
    Field::IdentifyingNumber,
    Field::UpgradeCode,
    Field::PackageCode,
    Field::Source,
    Field::Section,
    Field::Homepage,
    Field::License,
    Field::Description,
    Field::Depends,
    Field::User,
    Field::Size,
];

/// Endings of extensions of browsers and editors, where they are kept to be added by hand.
pub(super) const EXTENSIONS: &[&str] = &[".crx", ".xpi", ".vsix", ".mcpb", ".dxt"];
/// Endings of packages and setups; these are read wherever programs lie.
pub(super) const PACKAGES: &[&str] = &[
    ".deb",
    ".udeb",
    ".rpm",
    ".apk",
    ".ipk",
    ".xbps",
    ".eopkg",
    ".snap",
    ".msi",
    ".msp",
    ".msix",
    ".appx",
    ".msixbundle",
    ".appxbundle",
    ".eappx",
    ".emsix",
    ".pkg",
    ".mpkg",
    ".dmg",
    ".nupkg",
    ".gem",
];

/// Bytes of a manifest or signature.
pub(super) const SMALL: usize = 4 << 20;
/// Bytes of one member of an archive that had to be inflated.
pub(super) const MAX_MEMBER: usize = 128 << 20;
/// Members of interest in one archive.
pub(super) const MAX_MEMBERS: usize = 2_000;

/// Members that are setups.
const SETUPS: &[&str] = &[
    ".exe",
    ".msi",
    ".msp",
    ".msix",
    ".appx",
    ".msixbundle",
    ".appxbundle",
    ".deb",
    ".rpm",
    ".pkg",
    ".dmg",
    ".apk",
    ".ipk",
    ".run",
    ".zip",
    ".com",
    ".scr",
    ".tar",
    ".tgz",
    ".tar.gz",
    ".tar.xz",
    ".tar.bz2",
    ".tar.zst",
    ".txz",
    ".7z",
    ".rar",
    ".cab",
    ".iso",
];

pub(super) fn is_setup(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    SETUPS.iter().any(|ending| lower.ends_with(ending))
}

/// Whether a file that begins so is a tar archive, or compressed.
pub(super) fn is_packed(head: &[u8]) -> bool {
    is_tar(head) || Compression::of(head).is_some()
}

pub(super) fn is_tar(head: &[u8]) -> bool {
    head.get(257..262) == Some(b"ustar")
}

/// How much of a file is read first.
pub(super) const HEAD: usize = 4096;

/// What was found in a file.
#[derive(Default)]
pub(super) struct Contents {
    pub(super) artifacts: Vec<Artifact>,
    pub(super) damage: Vec<Damage>,
    /// Why the file, or a part of it, is passed over: it is named, and no one can know what is in it.
    pub(super) unread: Vec<String>,
}

impl Contents {
    pub(super) fn one(artifact: Artifact) -> Contents {
        Contents { artifacts: vec![artifact], ..Contents::default() }
    }
}

/// A program inside an archive, by its own resources; `None` when it is no program.
pub(super) fn program(
    head: &[u8],
    file: &dyn ReadAt,
    base: Artifact,
    damage: &mut Vec<Damage>,
) -> Option<Artifact> {
    let mut own = Vec::new();
    let mut artifact = program_files::identity::read(head, file, base, &mut own)?;
    // What contradicts itself is strange but whole; what is cut, refused or endless hides something.
    own.retain(|damage| damage.kind != DamageKind::Corrupt);
    damage.extend(own.into_iter().take(1));
    artifact.fields.retain(|field, _| YIELDS.contains(field));
    Some(artifact)
}
