//! A `package.json`, and the folder that it lies in.

use crate::bytes::Damage;
use crate::collector::common::vscode_extensions;
use crate::format::package::npm_package;
use crate::fs::tree::{file_name, parent};
use crate::model::{Artifact, CollectorId, Field, Location};
use crate::text::text_of;

/// Bytes read of one file.
pub(super) const LIMIT: usize = 2 << 20;

/// Whether a folder is a package's for certain: `node_modules/NAME` or `node_modules/@SCOPE/NAME`.
pub(super) fn is_package(folder: &[u8]) -> bool {
    let above = parent(folder);
    file_name(above) == b"node_modules"
        || (file_name(above).starts_with(b"@") && file_name(parent(above)) == b"node_modules")
}

/// `NAME` or `@SCOPE/NAME`.
pub(super) fn name_of_folder(folder: &[u8]) -> String {
    let (name, scope) = (file_name(folder), file_name(parent(folder)));
    if scope.starts_with(b"@") { format!("{}/{}", text_of(scope), text_of(name)) } else { text_of(name) }
}

/// The package that a `package.json` in a folder describes; `None` when it is no package's.
pub(super) fn of_package(
    bytes: &[u8],
    folder: &[u8],
    location: Location,
) -> Result<Option<Artifact>, Damage> {
    let package = npm_package::parse(bytes)?;
    // `vscode_extensions` reads those.
    if package.is_extension && vscode_extensions::is_place(folder) {
        return Ok(None);
    }
    // The folder gives the name of a package that does not: npm puts it where its name says.
    let by_folder = || is_package(folder).then(|| name_of_folder(folder));
    let Some(name) = package.name.clone().or_else(by_folder) else { return Ok(None) };
    let artifact = Artifact::new(CollectorId::NpmPackages.name(), location)
        .with(Field::Name, name)
        .with_some(Field::DisplayName, package.product_name.as_deref())
        .with_some(Field::Version, package.version.as_deref())
        .with_some(Field::Namespace, package.scope())
        .with_some(Field::Description, package.description.as_deref())
        .with_some(Field::Author, package.author.as_deref())
        .with_many(Field::Maintainer, &package.people)
        .with_some(Field::Homepage, package.homepage.as_deref())
        .with_some(Field::License, package.license.as_deref())
        .with_many(Field::Depends, &package.dependencies);
    Ok(Some(artifact))
}
