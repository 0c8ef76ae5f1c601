use super::*;
use crate::collector::collect;
use crate::format::container::zip::tests::archive;
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
