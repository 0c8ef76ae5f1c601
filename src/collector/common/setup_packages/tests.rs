use super::*;
use crate::collector::collect;
use crate::format::container::zip::tests::archive;
use crate::format::container::{cabinet, iso9660};
use crate::format::package::{rpm, xar};
use crate::fs::Root;
use crate::fs::memory::Memory;
use crate::model::{Gap, TargetKind};

fn setups(path: &str, bytes: Vec<u8>) -> (Vec<Artifact>, Vec<Gap>) {
    let tree = Memory::new().file("etc/os-release", "ID=debian\n").file(path, bytes);
    collect(&COLLECTOR, &Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree))))
}

fn one(path: &str, bytes: Vec<u8>) -> Artifact {
    let (artifacts, gaps) = setups(path, bytes);
    assert_eq!(gaps, [], "{path}");
    let [artifact] = artifacts.as_slice() else { panic!("{path}: {artifacts:?}") };
    assert_eq!(artifact.state, State::Installer, "{path}");
    artifact.clone()
}

fn texts(artifact: &Artifact, fields: &[Field]) -> Vec<String> {
    fields.iter().map(|field| artifact.text(*field).unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_package_is_what_is_inside_whatever_it_is_called_and_wherever_it_is_kept() {
    let rpm = || rpm::tests::package("tool", "Example Ltd");
    for path in [
        "home/u/Downloads/setup",
        "home/u/Downloads/update.bin",
        "home/u/Desktop/x.rpm",
        "home/u/Desktop/x.txt",
        "home/u/setup.dat",
        "root/x",
        "tmp/x.rpm",
        "x.rpm",
        "var/cache/dnf/base-1/packages/x.rpm",
        "var/cache/yum/x86_64/9/base/packages/x.rpm",
        "opt/installers/x.rpm",
        "Users/anna/Downloads/x",
    ] {
        let found = one(path, rpm());
        assert_eq!(
            texts(&found, &[Field::Name, Field::Vendor, Field::Format]),
            ["tool", "Example Ltd", "rpm"],
            "{path}"
        );
    }
}

#[test]
fn packages_of_macos_and_windows() {
    let found = one("Users/anna/Downloads/setup", xar::tests::package("com.example.tool"));
    assert_eq!(texts(&found, &[Field::Identifier, Field::Version]), ["com.example.tool", "1.2"]);
    let manifest = |root: &str| {
        format!(
            "<{root}><Identity Name=\"Example.Tool\" Publisher=\"CN=Example Ltd, C=DE\" Version=\"1.0.0.0\"/></{root}>"
        )
    };
    for (member, root) in [("AppxManifest.xml", "Package"), ("AppxMetadata/AppxBundleManifest.xml", "Bundle")]
    {
        let found = one("Users/anna/Downloads/x.bin", archive(&[(member, manifest(root).as_bytes())]));
        assert_eq!(
            texts(&found, &[Field::Name, Field::Publisher, Field::Format]),
            ["Example.Tool", "Example Ltd", "msix"]
        );
    }
    let nuspec = b"<package><metadata><id>tool</id><version>1</version><authors>Example</authors></metadata></package>";
    let found = one("ProgramData/chocolatey/lib/tool/tool.nupkg", archive(&[("tool.nuspec", nuspec)]));
    assert_eq!(texts(&found, &[Field::Name, Field::Author]), ["tool", "Example"]);
    let android = one("home/u/Downloads/tool.apk", archive(&[("AndroidManifest.xml", b"\x03\0\x08\0")]));
    assert_eq!(texts(&android, &[Field::Name, Field::Format]), ["tool.apk", "android"]);
}

#[test]
fn a_setup_in_an_archive_counts() {
    let rpm = rpm::tests::package("tool", "Example Ltd");
    let inner = archive(&[("deep/x.rpm!", &rpm)]);
    let zip = archive(&[("setup/x.rpm", &rpm), ("inner.zip!", &inner), ("readme.txt", b"x")]);
    let (artifacts, gaps) = setups("home/u/Downloads/all.zip", zip);
    assert_eq!(gaps, []);
    let found: Vec<_> = artifacts
        .iter()
        .map(|it| {
            (it.text(Field::Name).unwrap_or_default(), it.location.record.as_deref().unwrap_or_default())
        })
        .collect();
    let expected = [
        ("all.zip", ""),
        ("tool", "setup/x.rpm"),
        ("inner.zip", "inner.zip"),
        ("tool", "inner.zip!/deep/x.rpm"),
    ];
    assert_eq!(found, expected);
    assert_eq!(setups("home/u/Downloads/photos.zip", archive(&[("a.jpg", b"x")])).0, []);
}

#[test]
fn what_cannot_be_read_is_named_and_a_gap() {
    let rpm = rpm::tests::package("tool", "Example Ltd");
    for (path, bytes) in [
        ("home/u/Downloads/cut.rpm", rpm[..120].to_vec()),
        ("home/u/Downloads/cut.zip", b"PK".to_vec()),
        ("home/u/Downloads/cut.deb", b"!<arch>\ndebian-binary   ".to_vec()),
        ("home/u/Downloads/cut.pkg", b"xar!\0\x1c".to_vec()),
        ("home/u/Downloads/image.dmg", b"any".to_vec()),
        ("home/u/Downloads/image", [vec![0; 600], b"koly".to_vec(), vec![0; 508]].concat()),
        ("home/u/Downloads/cut.ipk", b"\x1f\x8b\x08".to_vec()),
    ] {
        let (artifacts, gaps) = setups(path, bytes);
        assert_eq!((artifacts.len(), gaps.len()), (1, 1), "{path}: {artifacts:?} {gaps:?}");
    }
}

#[test]
fn extensions_that_wait_in_downloads() {
    let manifest =
        br#"{"name": "__MSG_n__", "version": "1.0", "author": "Example Ltd", "default_locale": "en",
        "browser_specific_settings": {"gecko": {"id": "a@example.com"}}}"#;
    let extension = archive(&[
        ("manifest.json", manifest),
        ("_locales/en/messages.json", br#"{"n": {"message": "Tool"}}"#),
    ]);
    let crx = [b"Cr24\x03\0\0\0\0\0\0\0".to_vec(), extension.clone()].concat();
    for (path, bytes) in [("home/u/Downloads/a.xpi", extension), ("home/u/Downloads/a.crx", crx)] {
        let found = one(path, bytes);
        let fields = [Field::Name, Field::Version, Field::Author, Field::Identifier, Field::Format];
        assert_eq!(texts(&found, &fields), ["Tool", "1.0", "Example Ltd", "a@example.com", "webextension"]);
    }
    let package =
        br#"{"name": "tool", "publisher": "example", "version": "1.0", "engines": {"vscode": "*"}}"#;
    let found = one("home/u/Downloads/a.vsix", archive(&[("extension/package.json", package)]));
    assert_eq!(texts(&found, &[Field::Identifier, Field::Publisher]), ["example.tool", "example"]);
    let (artifacts, gaps) = setups("home/u/Downloads/b.vsix", archive(&[("x", b"x")]));
    assert_eq!((artifacts.len(), gaps.len()), (1, 1));
}

#[test]
fn a_gem_says_who_wrote_it() {
    let (artifacts, gaps) = setups("var/lib/gems/3.1.0/cache/kit-1.0.gem", b"no gem at all".to_vec());
    assert_eq!((artifacts.len(), gaps.len()), (1, 1));
}

#[test]
fn other_files_are_no_setups() {
    for (path, bytes) in [
        ("home/u/Downloads/notes.txt", b"text".to_vec()),
        ("home/u/Downloads/data.gz", b"\x1f\x8b\x08cut".to_vec()),
        ("home/u/Downloads/lib.jar", b"PK\x03\x04".to_vec()),
        ("home/u/.hidden", rpm::tests::package("tool", "Example Ltd")),
        ("tmp/x", rpm::tests::package("tool", "Example Ltd")),
        ("home/u/Documents/x", rpm::tests::package("tool", "Example Ltd")),
    ] {
        assert_eq!(setups(path, bytes), (vec![], vec![]), "{path}");
    }
}

fn names(path: &str, bytes: Vec<u8>) -> Vec<String> {
    let (artifacts, gaps) = setups(path, bytes);
    assert_eq!(gaps, [], "{path}");
    artifacts.iter().map(|it| it.text(Field::Name).unwrap_or_default().to_owned()).collect()
}

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, bytes) in members {
        let mut header = [0_u8; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[100..107].copy_from_slice(b"0000644");
        header[124..135].copy_from_slice(format!("{:011o}", bytes.len()).as_bytes());
        header[156] = b'0';
        header[257..263].copy_from_slice(b"ustar\0");
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|&byte| u32::from(byte)).sum();
        header[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
        out.extend_from_slice(&header);
        out.extend_from_slice(bytes);
        out.resize(out.len().next_multiple_of(512), 0);
    }
    out.resize(out.len() + 1024, 0);
    out
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_setup_in_a_tar_archive_or_compressed_counts() {
    let rpm = rpm::tests::package("tool", "Example Ltd");
    let all = tar(&[("setup/readme", b"x"), ("./setup/x.rpm", &rpm)]);
    for (path, bytes, expected) in [
        ("home/u/Downloads/all.tar", all.clone(), &["all.tar", "tool"][..]),
        ("home/u/Downloads/all.tar.gz", gzip(&all), &["all.tar.gz", "tool"]),
        ("home/u/Downloads/sub/all.tgz", gzip(&all), &["all.tgz", "tool"]),
        ("home/u/Downloads/renamed", gzip(&all), &["renamed", "tool"]),
        ("home/u/Downloads/renamed", all.clone(), &["renamed", "tool"]),
        ("home/u/Downloads/x.rpm.gz", gzip(&rpm), &["tool"]),
        (
            "home/u/Downloads/in.zip",
            archive(&[("a/all.tar.gz", &gzip(&all))]),
            &["in.zip", "all.tar.gz", "tool"],
        ),
        (
            "home/u/Downloads/in.tar",
            tar(&[("a.zip", &archive(&[("x.rpm", &rpm)]))]),
            &["in.tar", "a.zip", "tool"],
        ),
        ("home/u/Downloads/photos.tar.gz", gzip(&tar(&[("a.jpg", b"x")])), &[]),
        ("home/u/Downloads/data.csv.gz", gzip(b"a,b\n"), &[]),
        ("tmp/all.tar", all.clone(), &[]),
    ] {
        assert_eq!(names(path, bytes), expected, "{path}");
    }
    for bytes in [gzip(&all)[..40].to_vec(), all[..700].to_vec(), all[..1024].to_vec()] {
        let (artifacts, gaps) = setups("home/u/Downloads/cut.tar.gz", bytes);
        assert_eq!((artifacts.len(), gaps.len()), (1, 1), "{artifacts:?} {gaps:?}");
    }
}

#[test]
fn archives_cannot_nest_without_end() {
    let rpm = rpm::tests::package("tool", "Example Ltd");
    let mut bytes = tar(&[("x.rpm", &rpm)]);
    for _ in 0..6 {
        bytes = gzip(&tar(&[("a.tar.gz", &gzip(&bytes))]));
    }
    let (_, gaps) = setups("home/u/Downloads/all.tar.gz", bytes);
    assert_eq!(gaps.iter().map(|gap| gap.kind).collect::<Vec<_>>(), [crate::model::GapKind::OverLimit]);
}

#[test]
fn what_debar_does_not_open_is_named_and_listed_as_unread() {
    for (path, bytes) in [
        ("home/u/Downloads/setup.7z", b"7z\xbc\xaf\x27\x1c\0\x04".to_vec()),
        ("Users/anna/Desktop/setup.rar", b"Rar!\x1a\x07\x01\0".to_vec()),
        ("home/u/Downloads/sub/disc.iso", [vec![0; 0x8001], b"CD001".to_vec()].concat()),
        ("home/u/Downloads/renamed", b"hsqs\0\0\0\0".to_vec()),
    ] {
        let tree = Memory::new().file("etc/os-release", "ID=debian\n").file(path, bytes);
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        assert_eq!((artifacts.len(), gaps.len()), (1, 0), "{path}");
        assert_eq!(artifacts[0].text(Field::Format), Some("archive"));
        assert!(target.root.unread().iter().any(|unread| format!("{unread:?}").contains(path)), "{path}");
    }
}

#[test]
fn programs_are_known_by_their_content_whatever_they_are_called() {
    let dll = crate::bytes::fixture("executables/pe32.dll");
    for path in ["home/u/Downloads/setup", "Users/anna/Desktop/setup.txt", "home/u/Downloads/x.bin"] {
        assert_eq!(one(path, dll.clone()).text(Field::Format), Some("pe"), "{path}");
    }
    // `program_files` reads these.
    assert_eq!(names("home/u/Downloads/setup.exe", dll), [""; 0]);
    assert_eq!(names("home/u/Downloads/notes", b"#!/bin/sh\n".to_vec()), [""; 0]);
}

#[test]
fn extensions_are_known_by_their_manifest_and_named_in_any_locale() {
    let extension = archive(&[
        (
            "manifest.json",
            br#"{"manifest_version": 3, "name": "__MSG_n__", "version": "1", "default_locale": "de"}"#,
        ),
        ("_locales/de/messages.json", br#"{"x": {"message": "y"}}"#),
        ("_locales/ru/messages.json", br#"{"n": {"message": "Tool"}}"#),
    ]);
    let crx = [b"Cr24\x03\0\0\0\0\0\0\0".to_vec(), extension.clone()].concat();
    for bytes in [extension, crx] {
        let found = one("home/u/Downloads/renamed", bytes);
        assert_eq!(texts(&found, &[Field::Name, Field::Format]), ["Tool", "webextension"]);
    }
    for (member, bytes, expected) in [
        (
            "extension/package.json",
            &br#"{"name": "tool", "publisher": "example", "version": "1.0", "engines": {"vscode": "*"}}"#[..],
            ["vsix", "example.tool", "example", ""],
        ),
        (
            "extension.vsixmanifest",
            br#"<PackageManifest><Metadata><Identity Id="tool" Version="1" Publisher="Example Ltd"/></Metadata></PackageManifest>"#,
            ["vsix", "Example Ltd.tool", "Example Ltd", ""],
        ),
        (
            "manifest.json",
            br#"{"dxt_version": "0.1", "name": "tool", "version": "1", "author": {"name": "Example Ltd"}, "server": {}}"#,
            ["mcpb", "tool", "", "Example Ltd"],
        ),
        (
            "tool-1.0.dist-info/METADATA",
            b"Metadata-Version: 2.1\nName: tool\nVersion: 1.0\nAuthor: Example Ltd\n",
            ["python", "tool", "", "Example Ltd"],
        ),
    ] {
        let found = one("home/u/Downloads/renamed", archive(&[(member, bytes)]));
        let fields = [Field::Format, Field::Name, Field::Publisher, Field::Author];
        assert_eq!(texts(&found, &fields), expected, "{member}");
    }
    let manifest = b"Manifest-Version: 1.0\nImplementation-Vendor: Example Ltd\n\n";
    let found = one("home/u/Downloads/renamed", archive(&[("META-INF/MANIFEST.MF", manifest)]));
    assert_eq!(texts(&found, &[Field::Format, Field::Vendor]), ["jar", "Example Ltd"]);
    let npm = gzip(&tar(&[(
        "package/package.json",
        br#"{"name": "tool", "version": "1", "author": "Example Ltd"}"#,
    )]));
    let found = one("home/u/Downloads/tool-1.tgz", npm);
    assert_eq!(texts(&found, &[Field::Format, Field::Name, Field::Author]), ["npm", "tool", "Example Ltd"]);
    let other = archive(&[("manifest.json", br#"{"name": "web", "icons": []}"#)]);
    assert_eq!(names("home/u/Downloads/web.zip", other), [""; 0]);
}

#[test]
fn files_of_cabinets_by_name_and_of_discs_by_content() {
    let cab = cabinet::tests::cabinet(&["readme.txt", "x64/tool.msi"]);
    let (artifacts, gaps) = setups("home/u/Downloads/driver.cab", cab.clone());
    let found: Vec<_> = artifacts.iter().map(|it| texts(it, &[Field::Name, Field::Format])).collect();
    assert_eq!(
        (found, gaps.len()),
        (
            vec![
                vec!["driver.cab".to_owned(), "cab".to_owned()],
                vec!["tool.msi".to_owned(), "file".to_owned()]
            ],
            0
        )
    );
    assert_eq!(artifacts[1].location.record.as_deref(), Some("x64/tool.msi"));

    let rpm = rpm::tests::package("tool", "Example Ltd");
    for path in ["home/u/Downloads/a.iso", "Users/anna/Desktop/renamed"] {
        let disc = iso9660::tests::disc("Tool 1", "Example Ltd", "tool-1.rpm", &rpm);
        let (artifacts, gaps) = setups(path, disc);
        assert_eq!(gaps, [], "{path}");
        let found: Vec<_> =
            artifacts.iter().map(|it| texts(it, &[Field::Name, Field::DisplayName, Field::Vendor])).collect();
        let name = path.rsplit('/').next().unwrap();
        assert_eq!(found, [[name, "Tool 1", ""], ["tool", "", "Example Ltd"]]);
        assert_eq!(artifacts[1].location.record.as_deref(), Some("dir/tool-1.rpm"));
    }
    // Within an archive, and cut off.
    let inner = archive(&[("setup/a.cab", &cab), ("a.iso", &iso9660::tests::disc("T", "", "a.txt", b""))]);
    let (artifacts, gaps) = setups("home/u/Downloads/all.zip", inner);
    assert_eq!((artifacts.len(), gaps.len()), (4, 0), "{artifacts:?}");
    assert_eq!(artifacts[2].location.record.as_deref(), Some("setup/a.cab!/x64/tool.msi"));
    assert_eq!(setups("home/u/Downloads/cut.cab", cab[..60].to_vec()).1.len(), 1);
}
