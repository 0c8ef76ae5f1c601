//! `npm_packages`: packages of npm, global, in projects and inside applications.
//!
//! A `package.json` that is no package's (it only says which kind of module a folder holds) has no name and is
//! left out; one that cannot be read is a gap where a package must be: right below `node_modules`. Packages also lie
//! in archives of Electron applications, in the caches of Yarn and in the store of pnpm.

mod archives;
mod package;

use package::{LIMIT, is_package, of_package};

use super::places::{PROGRAM_PLACES, home_owner};
use crate::collector::support::test_data::is_test_data;
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::fs::Entry;
use crate::fs::tree::parent;
use crate::model::{Field, Location, State};
use crate::target::Target;
use crate::text::shown;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "npm_packages",
    about: "npm packages, installed globally, in projects and inside applications, in archives of Electron, caches of Yarn and the store of pnpm.",
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

fn wants(entry: &Entry<'_>) -> bool {
    entry.name() == b"package.json" || archives::is_wanted(entry)
}

/// Whether a path lies in the cache of Yarn 1, from which packages are copied.
fn is_cached(path: &[u8]) -> bool {
    let path = path.to_ascii_lowercase();
    [&b"/.cache/yarn/"[..], b"/yarn/cache/", b"/caches/yarn/", b"/.yarn-cache/"]
        .iter()
        .any(|place| memchr::memmem::find(&path, place).is_some())
}

fn state(path: &[u8], folder: &[u8]) -> State {
    let is_below = || path.split(|&byte| byte == b'/').any(|part| part == b"node_modules");
    if is_cached(path) {
        State::Installer
    } else if is_test_data(path) || (is_below() && !is_package(folder)) {
        State::Embedded
    } else {
        State::Installed
    }
}

fn file(_: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let path = entry.path();
    if entry.name() != b"package.json" {
        return archives::read(entry, sink);
    }
    let folder = parent(path);
    let Some(bytes) = sink.read_entry(entry, LIMIT) else { return };
    match of_package(&bytes, folder, Location::path(path)) {
        Ok(Some(artifact)) => sink.artifact(
            artifact
                .state(state(path, folder))
                .with_some(Field::User, home_owner(path))
                .with(Field::Path, shown(folder)),
        ),
        Err(damage) if is_package(folder) => sink.damage(path, &[damage]),
        // Tests of packages hold broken ones on purpose.
        Ok(None) | Err(_) => {}
    }
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

    #[test]
    fn what_packages_test_with_and_what_is_cached_is_not_installed() {
        let text = |name: &str| format!(r#"{{"name": "{name}", "version": "1"}}"#);
        let tree = Memory::new()
            .file("opt/a/node_modules/resolve/test/resolver/baz/package.json", text("baz"))
            .file("opt/a/node_modules/x/dist/esm/package.json", text("x/esm"))
            .file("opt/a/node_modules/x/node_modules/y/package.json", text("y"))
            .file("srv/.cache/yarn/v6/npm-z-1/node_modules/z/package.json", text("z"));
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = crate::collector::collect(&COLLECTOR, &target);
        let mut states: Vec<_> =
            artifacts.iter().map(|it| (it.text(Field::Name).unwrap(), it.state)).collect();
        states.sort_unstable();
        let expected = [
            ("baz", State::Embedded),
            ("x/esm", State::Embedded),
            ("y", State::Installed),
            ("z", State::Installer),
        ];
        assert_eq!((states.as_slice(), gaps), (&expected[..], vec![]));
    }

    #[test]
    fn packages_lie_in_archives_and_stores() {
        use crate::format::container::{asar, zip};
        let app = r#"{"name": "app", "version": "3"}"#;
        let kit = r#"{"name": "@scope/kit", "version": "4"}"#;
        let directory = format!(
            r#"{{"files": {{"package.json": {{"size": {0}, "offset": "0"}}, "node_modules": {{"files": {{"@scope": {{"files": {{"kit":
            {{"files": {{"package.json": {{"size": {1}, "offset": "{0}"}}, "src": {{"files": {{"package.json": {{"size": {0}, "offset": "0"}}}}}}}}}}}}}}}}}}}}}}"#,
            app.len(),
            kit.len()
        );
        let packed = asar::tests::archive(&directory, format!("{app}{kit}").as_bytes());
        let zip = zip::tests::archive(&[("node_modules/@scope/kit/package.json", kit.as_bytes())]);
        let tree = Memory::new()
            .file("opt/app/resources/app.asar", packed.clone())
            .file("opt/cut/resources/app.asar", &packed[..packed.len() - 20])
            .file("srv/app/.yarn/cache/@scope-kit-npm-4-abc.zip", zip.clone())
            .file("srv/u/.yarn/berry/cache/@scope-kit-npm-4-abc.zip", zip)
            .file("opt/store/v3/files/0a/0b-index.json", kit)
            .file("opt/store/v10/index/0a/0b-@scope+kit@4.json", r#"{"files": {}}"#)
            .file("opt/other.zip", b"");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = crate::collector::collect(&COLLECTOR, &target);
        let mut all: Vec<_> = artifacts
            .iter()
            .map(|it| (it.text(Field::Name).unwrap(), it.text(Field::Version).unwrap(), it.state))
            .collect();
        all.sort_unstable();
        let kit = |state| ("@scope/kit", "4", state);
        let expected = [
            kit(State::Installer),
            kit(State::Installer),
            kit(State::Installer),
            kit(State::Embedded),
            kit(State::Installed),
            ("app", "3", State::Installed),
            ("app", "3", State::Installed),
        ];
        assert_eq!((all.as_slice(), gaps.len()), (&expected[..], 1), "{gaps:?}");
    }
}
