use super::reader::MAX_DEPTH;
use super::*;
use crate::format::container::zip::tests::archive;
use crate::fs::Root;
use crate::fs::memory::Memory;
use crate::model::{Artifact, Gap, GapKind, State, TargetKind};

fn collected(bytes: Vec<u8>) -> (Vec<Artifact>, Vec<Gap>) {
    of(Memory::new().file("opt/app/tool-1.0.jar", bytes))
}

fn of(tree: Memory) -> (Vec<Artifact>, Vec<Gap>) {
    let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
    crate::collector::collect(&COLLECTOR, &target)
}

const MANIFEST: &[u8] =
    b"Manifest-Version: 1.0\nImplementation-Title: Tool\nImplementation-Vendor: Example Inc\nImplementation-Version: 9\n";

fn pom(artifact: &str) -> Vec<u8> {
    format!("groupId=org.example\nartifactId={artifact}\nversion=1.2\n").into_bytes()
}

#[test]
fn coordinates_name_an_archive_and_its_manifest_the_vendor() {
    let (artifacts, gaps) = collected(archive(&[
        ("META-INF/MANIFEST.MF", MANIFEST),
        ("META-INF/maven/org.example/tool/pom.properties", &pom("tool")),
        ("Tool.class", b""),
    ]));
    assert_eq!(gaps, []);
    assert_eq!(artifacts.len(), 1);
    let it = &artifacts[0];
    assert_eq!(it.text(Field::Name), Some("tool"));
    assert_eq!(it.text(Field::Namespace), Some("org.example"));
    assert_eq!(it.text(Field::Version), Some("1.2"));
    assert_eq!(it.text(Field::Vendor), Some("Example Inc"));
    assert_eq!(it.text(Field::DisplayName), Some("Tool"));
}

#[test]
fn what_was_built_in_is_embedded_and_so_are_archives_inside_stored_or_deflated() {
    let inner = archive(&[("META-INF/maven/g/inner/pom.properties", &pom("inner"))]);
    let middle = archive(&[("lib/inner.jar!", &inner)]);
    let (artifacts, gaps) = collected(archive(&[
        ("META-INF/maven/g/a/pom.properties", &pom("a")),
        ("META-INF/maven/g/b/pom.properties", &pom("b")),
        ("BOOT-INF/lib/middle.jar", &middle),
    ]));
    assert_eq!(gaps, []);
    let short: Vec<_> = artifacts
        .iter()
        .map(|it| (it.text(Field::Name).unwrap(), it.state, it.location.record.as_deref().unwrap_or("")))
        .collect();
    assert_eq!(
        short,
        [
            ("tool", State::Installed, ""),
            ("a", State::Embedded, ""),
            ("b", State::Embedded, ""),
            ("middle", State::Embedded, "BOOT-INF/lib/middle.jar"),
            ("inner", State::Embedded, "BOOT-INF/lib/middle.jar!/lib/inner.jar"),
        ]
    );
}

/// An archive whose directory names one stored member many times.
fn overlapping(inner: &[u8], count: u16) -> Vec<u8> {
    let number = |value: usize| u32::try_from(value).unwrap().to_le_bytes();
    let (name, sizes) = (b"x.jar", [number(inner.len()), number(inner.len())].concat());
    let method = [20, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let local = [&b"PK\x03\x04"[..], &method, &sizes, &[5, 0, 0, 0], name, inner].concat();
    let entry = [&b"PK\x01\x02\x14\0"[..], &method, &sizes, &[5, 0], &[0; 16], name].concat();
    let directory = entry.repeat(usize::from(count));
    let counts = [count.to_le_bytes(), count.to_le_bytes()].concat();
    let end = [&b"PK\x05\x06\0\0\0\0"[..], &counts, &number(directory.len()), &number(local.len()), &[0, 0]];
    [local, directory, end.concat()].concat()
}

#[test]
fn members_that_share_their_bytes_are_read_once_and_a_gap() {
    let mut bytes = archive(&[("META-INF/maven/g/inner/pom.properties", &pom("inner"))]);
    for _ in 0..3 {
        bytes = overlapping(&bytes, 200);
    }
    let (artifacts, gaps) = collected(bytes);
    assert!(artifacts.iter().any(|it| it.text(Field::Name) == Some("inner")));
    assert_eq!((artifacts.len(), gaps.len()), (5, 3));
    assert!(gaps.iter().all(|gap| gap.kind == GapKind::Corrupt), "{gaps:?}");
}

#[test]
fn archives_that_nest_too_deep_or_are_damaged_are_gaps() {
    let mut bytes = archive(&[("x.jar!", b"no archive")]);
    assert_eq!(collected(bytes.clone()).1[0].kind, GapKind::Corrupt);
    for _ in 0..MAX_DEPTH {
        bytes = archive(&[("x.jar", &bytes)]);
    }
    assert_eq!(collected(bytes).1[0].kind, GapKind::OverLimit);
}

fn names(artifacts: &[Artifact]) -> Vec<(&str, &str, State)> {
    let mut names: Vec<_> = artifacts
        .iter()
        .map(|it| {
            (it.text(Field::Name).unwrap_or_default(), it.text(Field::Version).unwrap_or_default(), it.state)
        })
        .collect();
    names.sort_unstable();
    names
}

#[test]
fn an_archive_is_not_what_was_built_into_it() {
    let pom = pom("commons-io");
    let (artifacts, gaps) = collected(archive(&[("META-INF/maven/g/commons-io/pom.properties", &pom)]));
    assert_eq!(gaps, []);
    assert_eq!(
        names(&artifacts),
        [("commons-io", "1.2", State::Embedded), ("tool", "1.0", State::Installed)]
    );
}

#[test]
fn coordinates_lie_wherever_classes_do_and_in_either_file() {
    let xml =
        b"<project><groupId>org.example</groupId><artifactId>x</artifactId><version>7</version></project>";
    for folder in ["", "BOOT-INF/classes/", "WEB-INF/classes/"] {
        let path = format!("{folder}META-INF/maven/org.example/x/pom.xml");
        let (artifacts, gaps) = collected(archive(&[(path.as_str(), xml)]));
        assert_eq!((names(&artifacts)[1], gaps), (("x", "7", State::Embedded), vec![]));
    }
    // The properties count where both are.
    let both = [
        ("META-INF/maven/g/x/pom.xml", &xml[..]),
        ("META-INF/maven/g/x/pom.properties", b"artifactId=x\nversion=8\n"),
    ];
    let (artifacts, _) = collected(archive(&both));
    assert_eq!(names(&artifacts)[1], ("x", "8", State::Embedded));
    assert_eq!(artifacts[1].text(Field::Namespace), Some("org.example"));
}

#[test]
fn plug_ins_of_servers_are_archives_and_other_files_of_their_endings_are_not() {
    let jar = archive(&[("META-INF/manifest.mf", MANIFEST)]);
    for ending in ["hpi", "jpi", "rar", "par", "sar", "nar", "kar", "lpkg", "JMOD", "jar.original"] {
        let path = format!("opt/app/x.{ending}");
        let (artifacts, gaps) = of(Memory::new().file(&path, jar.clone()));
        assert_eq!(
            (names(&artifacts).as_slice(), gaps),
            (&[("x", "9", State::Installed)][..], vec![]),
            "{ending}"
        );
        let cut = of(Memory::new().file(&path, &jar[..jar.len() - 30]));
        assert_eq!((cut.0.len(), cut.1.len()), (1, 1));
        let other = of(Memory::new().file(&path, b"Rar!"));
        assert_eq!((other.0.len(), other.1.len()), (0, 0));
    }
    let jmod = [b"JM\x01\0".to_vec(), jar].concat();
    assert_eq!(
        of(Memory::new().file("opt/jdk/jmods/java.base.jmod", jmod)).0[0].text(Field::Name),
        Some("java.base")
    );
}

#[test]
fn programs_are_archives_by_their_content() {
    let jar = archive(&[("META-INF/MANIFEST.MF", MANIFEST)]);
    let script = [b"#!/bin/bash\nexit 0\n".to_vec(), jar.clone()].concat();
    for (name, bytes) in [("app", &jar), ("app-1.0", &script), ("app.sh", &script)] {
        let path = format!("opt/app/bin/{name}");
        let (artifacts, gaps) = of(Memory::new().executable(&path, bytes.clone()));
        assert_eq!((artifacts.len(), gaps.len()), (1, 0), "{name}");
        let (artifacts, gaps) = of(Memory::new().executable(&path, &bytes[..bytes.len() - 30]));
        assert_eq!((artifacts.is_empty(), gaps.len()), (name != "app", 1), "{name}");
    }
    let packed = archive(&[("BOOT-INF/lib/kit-1.0.jar", &jar)]);
    let (artifacts, _) = of(Memory::new().executable("opt/app/application", packed));
    assert!(artifacts.iter().any(|it| it.text(Field::Name) == Some("kit")));
    let zipapp = [b"#!/usr/bin/python3\n".to_vec(), archive(&[("__main__.py", b"")])].concat();
    for other in [zipapp, b"#!/bin/sh\n".to_vec(), b"\x7fELF".to_vec(), Vec::new()] {
        assert_eq!(of(Memory::new().executable("usr/bin/x", other)), (vec![], vec![]));
    }
}

#[test]
fn unpacked_archives_are_read() {
    let tree = Memory::new()
        .file("opt/app/META-INF/maven/g/app/pom.properties", pom("app"))
        .file("opt/app/META-INF/maven/g/app/pom.xml", "<project><artifactId>app</artifactId></project>")
        .file(
            "srv/webapps/x/WEB-INF/classes/META-INF/maven/g/y/pom.xml",
            "<project><artifactId>y</artifactId></project>",
        )
        .file("opt/eclipse/plugins/org.example.core_3.1.0/META-INF/MANIFEST.MF", MANIFEST)
        .file("opt/other/META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n")
        .file("opt/project/pom.xml", "<project><artifactId>source</artifactId></project>");
    let (artifacts, gaps) = of(tree);
    assert_eq!(gaps, []);
    let expected = [
        ("app", "1.2", State::Installed),
        ("org.example.core", "9", State::Installed),
        ("y", "", State::Embedded),
    ];
    assert_eq!(names(&artifacts), expected);
}

#[test]
fn an_inner_archive_of_any_size_is_read_within_the_budget() {
    let large: Vec<u8> = (0..34u32 << 18)
        .flat_map(|number| (number.wrapping_mul(2_654_435_761) >> 20).to_le_bytes())
        .collect();
    let inner = archive(&[("pad!", &large), ("META-INF/maven/g/inner/pom.properties", &pom("inner"))]);
    let (artifacts, gaps) = collected(archive(&[("lib/inner.jar", &inner)]));
    assert_eq!(gaps, []);
    assert_eq!(artifacts[1].text(Field::Namespace), Some("org.example"));
}
