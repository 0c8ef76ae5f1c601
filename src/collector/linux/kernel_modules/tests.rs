use super::*;
use crate::collector::collect;
use crate::fs::Root;
use crate::fs::memory::Memory;
use crate::model::TargetKind;

const MODULE: &[u8] = include_bytes!("../../../../tests/fixtures/executables/examplefs.ko");

fn run_on(kind: TargetKind, tree: Memory) -> Vec<Artifact> {
    let target = Target::new(kind, "test", Root::new(Box::new(tree)));
    let (artifacts, gaps) = collect(&COLLECTOR, &target);
    assert!(gaps.is_empty(), "{gaps:?}");
    for artifact in &artifacts {
        assert!(artifact.fields.keys().all(|field| COLLECTOR.yields.contains(field)));
    }
    artifacts
}

fn shown_all(artifacts: &[Artifact]) -> Vec<String> {
    let part = |a: &Artifact, field| a.fields.get(&field).map_or("-".into(), |value| value.joined());
    let show = |a: &Artifact| {
        let parts = [Field::Name, Field::Type, Field::Path].map(|field| part(a, field));
        format!("{} {}", a.state.word(), parts.join(" "))
    };
    artifacts.iter().map(show).collect()
}

fn kernel() -> Memory {
    Memory::new()
        .link("lib", "usr/lib")
        .file("usr/lib/modules/6.1/modules.order", "kernel/fs/own-fs.ko\n")
        .file("usr/lib/modules/6.1/modules.builtin", "kernel/fs/built-in.ko\n")
        .file(
            "usr/lib/modules/6.1/modules.dep",
            "kernel/fs/own-fs.ko.xz: kernel/fs/x.ko\nextra/examplefs.ko:\nkernel/net/stranger.ko:\nkernel/net/gone.ko:\n",
        )
        .file("usr/lib/modules/6.1/kernel/fs/own-fs.ko.xz", "")
        .file("usr/lib/modules/6.1/kernel/net/stranger.ko", "")
        .file("usr/lib/modules/6.1/extra/examplefs.ko", MODULE)
}

#[test]
fn only_what_did_not_come_with_the_kernel_is_told_and_read() {
    let artifacts = run_on(TargetKind::Directory, kernel());
    assert_eq!(
        shown_all(&artifacts),
        [
            "installed examplefs file /lib/modules/6.1/extra/examplefs.ko",
            "installed stranger file /lib/modules/6.1/kernel/net/stranger.ko",
            "remnant gone file /lib/modules/6.1/kernel/net/gone.ko",
        ]
    );
    assert!(artifacts[0].text(Field::Author).is_some() && artifacts[0].text(Field::Signer).is_some());
}

#[test]
fn a_loaded_module_is_running_and_knows_its_author() {
    let tree = kernel()
        .file("proc/modules", "examplefs 16384 0 - Live 0x0 (OE)\nown_fs 8192 0 - Live 0x0\n")
        .file("sys/module/examplefs/version", "9.9\n");
    let artifacts = run_on(TargetKind::Host, tree.clone());
    let running: Vec<_> = artifacts.iter().filter(|a| a.state == State::Running).collect();
    assert_eq!(running.len(), 2);
    assert!(running[0].text(Field::Author).is_some() && running[1].text(Field::Author).is_none());
    assert_eq!((running[0].text(Field::Version), running[0].text(Field::Size)), (Some("9.9"), Some("16384")));
    // The same files on a mounted disk say nothing of what runs there.
    assert!(run_on(TargetKind::Directory, tree).iter().all(|a| a.state != State::Running));
}

#[test]
fn sources_and_names_to_load() {
    let tree = kernel()
        .file(
            "usr/src/v-1.0/dkms.conf",
            "PACKAGE_NAME=\"v\"\nPACKAGE_VERSION=1.0\nBUILT_MODULE_NAME[0]=vmod\n",
        )
        .link("var/lib/dkms/v/1.0/source", "/usr/src/v-1.0")
        .file("usr/src/left-2/dkms.conf", "PACKAGE_NAME=left\n")
        .file("var/lib/dkms/gone/3/6.1.0/x86_64/module/gone.ko.xz", "")
        .link("var/lib/dkms/gone/kernel-6.1.0-x86_64", "3/6.1.0/x86_64")
        .file("etc/modules-load.d/v.conf", "own-fs\nbuilt_in\nremoved\n");
    let shown = shown_all(&run_on(TargetKind::Directory, tree));
    assert_eq!(
        shown[3..],
        [
            "installed v, vmod dkms /var/lib/dkms/v/1.0/source/dkms.conf",
            "remnant left dkms /usr/src/left-2/dkms.conf",
            "remnant gone dkms /var/lib/dkms/gone/3",
            "installed own_fs autoload /etc/modules-load.d/v.conf",
            "installed built_in autoload /etc/modules-load.d/v.conf",
            "remnant removed autoload /etc/modules-load.d/v.conf",
        ]
    );
}

#[test]
fn a_module_that_outlived_its_kernel_is_a_remnant_and_a_weak_link_no_second_module() {
    let tree = Memory::new()
        .file("lib/modules/5.10/extra/examplefs.ko", MODULE)
        .link("lib/modules/6.1/weak-updates/examplefs.ko", "/lib/modules/5.10/extra/examplefs.ko");
    assert_eq!(
        shown_all(&run_on(TargetKind::Directory, tree)),
        ["remnant examplefs file /lib/modules/5.10/extra/examplefs.ko"]
    );
}
