//! Fields that what a package says of itself becomes, wherever the package is met.

use crate::format::certificate::pkcs7::SignedData;
use crate::format::package::{msi, nuspec};
use crate::model::{Artifact, Field};

/// The artifact with those who signed it.
pub fn signed_by(artifact: Artifact, signed: &SignedData) -> Artifact {
    artifact
        .with_many(Field::Signer, signed.signer_names())
        .with_many(Field::SignerChain, signed.certificate_names())
}

/// The artifact with the facts of a package of Windows Installer and its signers.
pub fn of_msi(artifact: Artifact, package: &msi::Package) -> Artifact {
    let property = |name| package.property(name);
    signed_by(artifact, &package.signed)
        .with(Field::Format, "msi")
        .with_some(Field::Version, property("ProductVersion"))
        .with_some(Field::Company, property("Manufacturer"))
        .with_some(Field::Product, property("ProductName"))
        .with_some(Field::IdentifyingNumber, property("ProductCode"))
        .with_some(Field::UpgradeCode, property("UpgradeCode"))
        .with_some(Field::PackageCode, package.code())
        .with_some(Field::Author, package.author.as_deref())
        .with_some(Field::Description, package.subject.as_deref().or(package.title.as_deref()))
}

/// The artifact with the facts of a NuGet package but for its id.
pub fn of_nuspec(artifact: Artifact, package: nuspec::Package) -> Artifact {
    artifact
        .with_some(Field::DisplayName, package.title)
        .with_some(Field::Version, package.version)
        .with_some(Field::Author, package.authors)
        .with_some(Field::Packager, package.owners)
        .with_some(Field::Description, package.summary)
        .with_some(Field::Homepage, package.project_url)
        .with_some(Field::Copyright, package.copyright)
        .with_many(Field::Depends, package.dependencies)
}
