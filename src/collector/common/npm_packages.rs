//! `npm_packages`: packages of npm, global, in projects and inside applications.
//!
//! A `package.json` that is no package's (it only says which kind of module a folder holds) has no name and is
//! left out; one that cannot be read is a gap where a package must be: right below `node_modules`.

use super::places::{PROGRAM_PLACES, home_owner};
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::format::package::npm_package;
use crate::fs::Entry;
use crate::fs::tree::{file_name, parent};
use crate::model::{Artifact, Field, Location};
use crate::target::Target;
use crate::text::{shown, text_of};

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "npm_packages",
    about: "npm packages, installed globally, in projects and inside applications.",
    applies: Applies::EVERYWHERE,
    reads: &[],
    walks: PROGRAM_PLACES,
    keys: &[],
    yields: &[
        Field::Name,
        Field::DisplayName,
        Field::Version,
        Field::Namespace,
        Field::Description,
        Field::Author,
        Field::Maintainer,
        Field::Homepage,
        Field::License,
        Field::Depends,
        Field::User,
        Field::Path,
    ],
    run: |_, _| (),
    visit: Some(Visit { wants, file }),
};

/// Bytes read of one file.
const LIMIT: usize = 2 << 20;

fn wants(entry: &Entry<'_>) -> bool {
    entry.name() == b"package.json"
}

/// Whether a folder is a package's for certain: `node_modules/NAME` or `node_modules/@SCOPE/NAME`.
fn is_package(folder: &[u8]) -> bool {
    let above = parent(folder);
    file_name(above) == b"node_modules"
        || (file_name(above).starts_with(b"@") && file_name(parent(above)) == b"node_modules")
}

/// `NAME` or `@SCOPE/NAME`.
fn name_of_folder(folder: &[u8]) -> String {
    let (name, scope) = (file_name(folder), file_name(parent(folder)));
    if scope.starts_with(b"@") { format!("{}/{}", text_of(scope), text_of(name)) } else { text_of(name) }
}

fn file(_: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let path = entry.path();
    let folder = parent(path);
    let Some(bytes) = sink.read_entry(entry, LIMIT) else { return };
    let package = match npm_package::parse(&bytes) {
        Ok(package) => package,
        Err(damage) if is_package(folder) => return sink.damage(path, &[damage]),
        // Tests of packages hold broken ones on purpose.
        Err(_) => return,
    };
    // The folder gives the name of a package that does not: npm puts it where its name says.
    let by_folder = || is_package(folder).then(|| name_of_folder(folder));
    let Some(name) = package.name.clone().or_else(by_folder) else { return };
    let artifact = Artifact::new(sink.collector(), Location::path(path))
        .with(Field::Name, name)
        .with_some(Field::DisplayName, package.product_name.as_deref())
        .with_some(Field::Version, package.version.as_deref())
        .with_some(Field::Namespace, package.scope())
        .with_some(Field::Description, package.description.as_deref())
        .with_some(Field::Author, package.author.as_deref())
        .with_many(Field::Maintainer, &package.people)
        .with_some(Field::Homepage, package.homepage.as_deref())
        .with_some(Field::License, package.license.as_deref())
        .with_many(Field::Depends, &package.dependencies)
        .with_some(Field::User, home_owner(path))
        .with(Field::Path, shown(folder));
    sink.artifact(artifact);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::{GapKind, TargetKind};

    #[test]
    fn packages_wherever_they_are_and_gaps_only_where_one_must_be() {
        let tree = Memory::new()
            .file("usr/lib/node_modules/npm/package.json", r#"{"name": "npm", "version": "10.0"}"#)
            .file("opt/app/node_modules/@scope/kit/package.json", r#"{"name": "@scope/kit", "version": "1"}"#)
            .file("opt/app/node_modules/@scope/kit/dist/package.json", r#"{"type": "module"}"#)
            .file("opt/app/resources/app/package.json", r#"{"name": "app", "productName": "The App"}"#)
            .file("opt/app/node_modules/@scope/nameless/package.json", r#"{"nbme": "@scope/nameless"}"#)
            .file("opt/app/node_modules/broken/package.json", "{")
            .file("opt/app/node_modules/resolve/test/broken/package.json", "{");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = crate::collector::collect(&COLLECTOR, &target);
        let mut names: Vec<_> = artifacts.iter().filter_map(|it| it.text(Field::Name)).collect();
        names.sort_unstable();
        assert_eq!(names, ["@scope/kit", "@scope/nameless", "app", "npm"]);
        let kinds: Vec<_> = gaps.iter().map(|gap| (gap.kind, gap.place.as_str())).collect();
        assert_eq!(kinds, [(GapKind::Truncated, "/opt/app/node_modules/broken/package.json")]);
    }
}
