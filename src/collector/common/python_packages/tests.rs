use super::*;
use crate::fs::Root;
use crate::fs::memory::Memory;
use crate::model::{State, TargetKind};

#[test]
fn wheels_and_eggs_of_system_users_and_environments() {
    let text = |name: &str| {
        format!("Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\nAuthor-email: a@example.com\n\nlong")
    };
    let tree = Memory::new()
        .file("usr/lib/python3/dist-packages/one-1.0.dist-info/METADATA", text("one"))
        .file("usr/lib/python3/dist-packages/two-1.0.egg-info", text("two"))
        .file("home/u/.local/lib/python3.11/site-packages/three.egg-info/PKG-INFO", text("three"))
        .file("opt/app/venv/lib/site-packages/four-1.dist-info/METADATA", text("four"))
        .file("opt/app/METADATA", text("no package"))
        .file("opt/cut/lib/site-packages/cut-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: cut\nVers")
        .file("opt/app/bad-1.dist-info/METADATA", "nothing");
    let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
    let (artifacts, gaps) = crate::collector::collect(&COLLECTOR, &target);
    let mut names: Vec<_> = artifacts.iter().filter_map(|it| it.text(Field::Name)).collect();
    names.sort_unstable();
    assert_eq!(names, ["bad", "cut", "four", "one", "three", "two"]);
    let three = artifacts.iter().find(|it| it.text(Field::Name) == Some("three")).unwrap();
    assert_eq!(three.text(Field::User), Some("u"));
    assert_eq!(three.text(Field::Author), Some("a@example.com"));
    assert_eq!(gaps.len(), 2, "{gaps:?}");
}

fn of(tree: Memory) -> (Vec<(String, String, State)>, Vec<crate::model::Gap>) {
    let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
    let (artifacts, gaps) = crate::collector::collect(&COLLECTOR, &target);
    let text = |it: &Artifact, field| it.text(field).unwrap_or_default().to_owned();
    let mut all: Vec<_> =
        artifacts.iter().map(|it| (text(it, Field::Name), text(it, Field::Version), it.state)).collect();
    all.sort_unstable();
    (all, gaps)
}

fn named(name: &str, version: &str, state: State) -> (String, String, State) {
    (name.to_owned(), version.to_owned(), state)
}

const TEXT: &str = "Metadata-Version: 2.1\nName: Example_Tool\nVersion: 2.0\n\n";

#[test]
fn folders_say_what_lost_its_metadata_and_case_does_not_matter() {
    let (all, gaps) = of(Memory::new()
        .file("usr/lib/python3/dist-packages/one-1.0.dist-info/RECORD", "x")
        .file("usr/lib/python3/dist-packages/one-1.0.dist-info/INSTALLER", "pip")
        .file("usr/lib/python3/dist-packages/two-1.0.dist-info/WHEEL", "x")
        .file("usr/lib/python3/dist-packages/Example_Tool-2.0.DIST-INFO/metadata", TEXT)
        .file("usr/lib/python3/dist-packages/Example_Tool-2.0.DIST-INFO/RECORD", "x")
        .file("usr/lib/python3/dist-packages/a-b.egg-link", "/srv/src/a-b\n.")
        .file("usr/lib/python3/dist-packages/gone.egg-link", ""));
    let expected = [
        named("Example_Tool", "2.0", State::Installed),
        named("a-b", "", State::Installed),
        named("gone", "", State::Installed),
        named("one", "1.0", State::Installed),
        named("two", "1.0", State::Installed),
    ];
    assert_eq!((all.as_slice(), gaps.len()), (&expected[..], 1));
}

#[test]
fn what_packages_carry_and_test_with_is_not_installed() {
    let (all, gaps) = of(Memory::new()
        .file("opt/lib/site-packages/setuptools/_vendor/a-1.dist-info/METADATA", TEXT)
        .file("opt/lib/site-packages/x/tests/b-1.dist-info/METADATA", TEXT)
        .file("opt/lib/site-packages/c-1-py3.9.egg/EGG-INFO/PKG-INFO", TEXT));
    let states: Vec<State> = all.iter().map(|it| it.2).collect();
    assert_eq!((states, gaps), (vec![State::Embedded, State::Embedded, State::Installed], vec![]));
}

#[test]
fn packages_lie_in_wheels_eggs_and_programs() {
    use crate::format::container::zip::tests::archive;
    let wheel = archive(&[("Example_Tool-2.0.dist-info/METADATA", TEXT.as_bytes())]);
    let egg = archive(&[("EGG-INFO/PKG-INFO", TEXT.as_bytes())]);
    let pex = |member: &str, bytes: &[u8]| {
        [b"#!/usr/bin/env python3\n".to_vec(), archive(&[(member, bytes)])].concat()
    };
    let (all, gaps) = of(Memory::new()
        .file("usr/lib/python3.11/ensurepip/_bundled/Example_Tool-2.0-py3-none-any.whl", wheel.clone())
        .file("home/u/Downloads/Example_Tool-2.0-py3-none-any.whl", wheel.clone())
        .file("opt/lib/site-packages/Example_Tool-2.0-py3.9.egg", egg)
        .executable("opt/bin/shiv", pex("site-packages/Example_Tool-2.0.dist-info/METADATA", TEXT.as_bytes()))
        .executable("opt/bin/tool.pex", pex(".deps/Example_Tool-2.0-py3-none-any.whl", &wheel))
        .file("opt/lib/site-packages/cut-1.0-py3-none-any.whl", &wheel[..wheel.len() - 30]));
    let tool = |state| named("Example_Tool", "2.0", state);
    let expected = [
        tool(State::Installer),
        tool(State::Embedded),
        tool(State::Embedded),
        tool(State::Embedded),
        tool(State::Installed),
        named("cut", "1.0", State::Embedded),
    ];
    assert_eq!((all.as_slice(), gaps.len()), (&expected[..], 1));
}

#[test]
fn environments_of_conda_have_records() {
    let (all, gaps) = of(Memory::new()
        .file("opt/conda/conda-meta/numpy-1.2-py_0.json", r#"{"name": "numpy", "version": "1.2"}"#)
        .file("opt/conda/conda-meta/bad.json", "{")
        .file("opt/conda/pkgs/six-1.0-0/info/index.json", r#"{"name": "six", "version": "1.0"}"#)
        .file("opt/conda/other/x.json", "{}"));
    let expected = vec![named("numpy", "1.2", State::Installed), named("six", "1.0", State::Installer)];
    assert_eq!((all, gaps.len()), (expected, 1));
}

#[test]
fn projects_that_are_edited_and_modules_of_packed_programs_are_packages() {
    use crate::format::container::zip::tests::archive;
    let library = archive(&[("kit-3.0.dist-info/METADATA", TEXT.as_bytes()), ("kit/__init__.pyc", b"x")]);
    let packages = "usr/lib/python3/dist-packages";
    let (all, gaps) = of(Memory::new()
        .file(
            format!("{packages}/__editable__.one_tool-1.0.pth"),
            "import __editable___one_tool_1_0_finder\n",
        )
        .file(format!("{packages}/_two_tool.pth"), "/home/u/two-tool/src\n")
        .file(format!("{packages}/three.pth"), "C:\\src\\three\n")
        .file(format!("{packages}/four.pth"), "/srv/four\n")
        .file(format!("{packages}/Four-2.dist-info/METADATA"), TEXT.replace("Example_Tool", "four"))
        .file(format!("{packages}/distutils-precedence.pth"), "import os; var = '/distutils-precedence'\n")
        .file(format!("{packages}/easy-install.pth"), "./a.egg\n/usr/lib/easy-install\n")
        .file(format!("{packages}/other.pth"), "/srv/projects\n")
        .file("srv/three.pth", "/srv/three\n")
        .file("opt/packed/lib/library.zip", library)
        .file("opt/data/library.zip", "no archive"));
    let expected = [
        named("Example_Tool", "2.0", State::Embedded),
        named("four", "2.0", State::Installed),
        named("one_tool", "1.0", State::Installed),
        named("three", "", State::Installed),
        named("two_tool", "", State::Installed),
    ];
    assert_eq!((all.as_slice(), gaps), (&expected[..], vec![]));
}
