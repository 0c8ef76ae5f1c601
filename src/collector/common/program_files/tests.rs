use super::*;
use crate::fs::Root;
use crate::fs::memory::Memory;
use crate::model::{Gap, TargetKind};

const SHARED: &[u8] = include_bytes!("../../../../tests/fixtures/executables/elf64-shared.so");
const AUDITABLE: &[u8] = include_bytes!("../../../../tests/fixtures/executables/auditable.so");
const SIGNED_PE: &[u8] = include_bytes!("../../../../tests/fixtures/executables/pe64-signed.exe");
const MACHO: &[u8] = include_bytes!("../../../../tests/fixtures/executables/macho-signed.dylib");

fn collected(tree: Memory) -> (Vec<Artifact>, Vec<Gap>) {
    let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
    crate::collector::collect(&COLLECTOR, &target)
}

fn only(tree: Memory) -> Artifact {
    let (mut artifacts, gaps) = collected(tree);
    assert_eq!(gaps, []);
    assert_eq!(artifacts.len(), 1, "{artifacts:#?}");
    artifacts.remove(0)
}

#[test]
fn a_library_tells_its_build_and_linkage() {
    let found = only(Memory::new().file("opt/example/lib/libexample.so.1.2", SHARED));
    assert_eq!(found.text(Field::Name), Some("libexample.so.1.2"));
    assert_eq!(found.text(Field::Path), Some("/opt/example/lib/libexample.so.1.2"));
    assert_eq!(found.text(Field::Format), Some("elf"));
    assert!(found.text(Field::BuildId).is_some());
    assert_eq!(found.text(Field::Size), Some(SHARED.len().to_string().as_str()));
    assert_eq!(found.state, State::Installed);
}

#[test]
fn crates_of_an_executable_are_dependencies() {
    let found = only(Memory::new().executable("usr/local/bin/tool", AUDITABLE));
    assert!(found.text(Field::Dependencies).is_some());
}

#[test]
fn a_windows_program_tells_its_resource_and_signer() {
    let found = only(Memory::new().file("Program Files/Example/example.exe", SIGNED_PE));
    assert_eq!(found.text(Field::Format), Some("pe"));
    assert!(found.text(Field::Company).is_some());
    assert!(found.text(Field::Signer).is_some());
}

#[test]
fn a_macos_library_tells_its_team() {
    let found = only(Memory::new().file("Applications/Example.app/Contents/libexample.dylib", MACHO));
    assert_eq!(found.text(Field::Format), Some("macho"));
    assert!(found.text(Field::Arch).is_some());
}

#[test]
fn only_what_is_executable_or_named_so_is_opened() {
    let (artifacts, gaps) = collected(
        Memory::new()
            .file("usr/share/doc/elf-without-bit", SHARED)
            .executable("usr/share/icons/tool.svg", "#!/bin/sh\n")
            .file("usr/lib/modules/6.1/kernel/x.ko", SHARED)
            .file("usr/lib/libempty.so", "")
            .failing("usr/share/data.png", std::io::ErrorKind::PermissionDenied),
    );
    assert!(artifacts.is_empty(), "{artifacts:#?}");
    assert_eq!(gaps, []);
}

#[test]
fn source_text_is_a_program_where_programs_lie() {
    let text = "#!/usr/bin/python3\n";
    let tree = Memory::new()
        .executable("opt/example/bin/run.py", text)
        .executable("opt/example/lib/module.py", text);
    assert_eq!(only(tree).text(Field::Path), Some("/opt/example/bin/run.py"));
}

#[test]
fn a_script_tells_its_interpreter() {
    let found = only(Memory::new().executable("opt/example/run", "#! /usr/bin/python3 -E\nprint()\n"));
    assert_eq!(found.text(Field::Format), Some("script"));
    assert_eq!(found.text(Field::Interpreter), Some("/usr/bin/python3"));
}

#[test]
fn kept_setups_are_installers_wherever_they_are_kept() {
    let deb = "!<arch>\ndebian-binary   1342943816  0     0     100644  4         `\n2.0\n";
    for place in [
        "home/a/Downloads",
        "home/b/Загрузки",
        "tmp",
        "var/tmp",
        "Users/c/Desktop",
        "root",
        "home/a",
        "var/cache/apt/archives",
    ] {
        let found = only(Memory::new().file(format!("{place}/example.deb"), deb));
        assert_eq!((found.state, found.text(Field::Format)), (State::Installer, Some("deb")), "{place}");
    }
    let script = only(Memory::new().file("root/Downloads/setup.sh", "#!/bin/sh\n"));
    assert_eq!(script.state, State::Installer);
}

#[test]
fn a_setup_script_is_named_whatever_it_holds() {
    for place in ["opt", "root", "tmp", "home/a"] {
        let found = only(Memory::new().file(format!("{place}/example-12.1.sh"), "packed"));
        assert_eq!(found.text(Field::Name), Some("example-12.1.sh"), "{place}");
    }
    assert!(collected(Memory::new().file("opt/vendor/lib/part.sh", "packed")).0.is_empty());
}

#[test]
fn a_windows_program_that_cannot_be_read_is_named_and_a_gap() {
    let tree = Memory::new()
        .failing("Program Files/Example/example.exe", std::io::ErrorKind::PermissionDenied)
        .file("Program Files/Example/stub.exe", "");
    let (artifacts, gaps) = collected(tree);
    let names: Vec<_> = artifacts.iter().filter_map(|artifact| artifact.text(Field::Name)).collect();
    assert_eq!(names, ["example.exe", "stub.exe"]);
    assert_eq!(gaps.len(), 1);
    assert_eq!(gaps[0].kind, GapKind::Denied);
}

#[test]
fn a_windows_program_that_was_put_aside_has_its_former_name_and_starts_no_more() {
    for (name, former) in [
        ("driver.sys.bak", Some("driver.sys")),
        ("driver.SYS_old", Some("driver.SYS")),
        ("tool.exe.disabled", Some("tool.exe")),
        ("notes.txt.bak", None),
        ("tool.bak", None),
    ] {
        let path = format!("Windows/System32/drivers/{name}");
        let tree = Memory::new().file(&path, SIGNED_PE).directory("Windows/System32/config");
        let (found, gaps) = collected(tree);
        assert_eq!(gaps, [], "{name}");
        let Some(former) = former else {
            assert!(found.is_empty(), "{name}: {found:?}");
            continue;
        };
        assert_eq!(found.len(), 1, "{name}");
        let texts =
            |field| found[0].fields.get(&field).unwrap().texts().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(texts(Field::Name), [name, former]);
        assert_eq!(texts(Field::Path), [format!("/{path}"), format!("/Windows/System32/drivers/{former}")]);
        assert!(found[0].text(Field::Company).is_some(), "{name}");
        assert_eq!(found[0].state, State::Remnant);
    }
    let setup = collected(Memory::new().file("Users/a/Downloads/tool.exe.old", SIGNED_PE)).0;
    assert_eq!(setup[0].state, State::Installer);
}
