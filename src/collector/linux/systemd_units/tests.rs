use super::*;
use crate::collector::collect;
use crate::fs::Root;
use crate::fs::memory::Memory;
use crate::model::TargetKind;

fn run_on(tree: Memory) -> Vec<Artifact> {
    let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
    let (artifacts, gaps) = collect(&COLLECTOR, &target);
    assert!(gaps.is_empty(), "{gaps:?}");
    for artifact in &artifacts {
        assert!(artifact.fields.keys().all(|field| COLLECTOR.yields.contains(field)));
    }
    artifacts
}

fn shown_all(tree: Memory) -> Vec<String> {
    let text = |a: &Artifact, field| a.fields.get(&field).map_or("-".into(), |value| value.joined());
    run_on(tree)
        .iter()
        .map(|a| {
            let parts = [Field::Name, Field::StartType, Field::Program].map(|field| text(a, field));
            format!("{} {}", a.state.word(), parts.join(" | "))
        })
        .collect()
}

const UNIT: &str = "[Service]\nExecStart=/opt/v/run\n[Install]\nWantedBy=multi-user.target\n";

fn with_program() -> Memory {
    Memory::new().executable("opt/v/run", "")
}

#[test]
fn links_enable_and_the_folder_reached_twice_counts_once() {
    let tree = with_program()
        .link("lib", "usr/lib")
        .file("usr/lib/systemd/system/a.service", UNIT)
        .file("usr/lib/systemd/system/b.service", UNIT)
        .file("usr/lib/systemd/system/t@.service", UNIT)
        .file("usr/lib/systemd/system/static.service", "[Service]\nExecStart=/opt/v/run\n")
        .file("usr/lib/systemd/system/x.target", "[Unit]\n")
        .link("etc/systemd/system/multi-user.target.wants/a.service", "/lib/systemd/system/a.service")
        .link("etc/systemd/system/multi-user.target.wants/t@1.service", "/lib/systemd/system/t@.service")
        .link("etc/systemd/system/other-name.service", "/lib/systemd/system/a.service");
    assert_eq!(
        shown_all(tree),
        [
            "installed a.service, other-name.service | enabled | /opt/v/run",
            "disabled b.service | disabled | /opt/v/run",
            "installed static.service | static | /opt/v/run",
            "installed t@.service | enabled | /opt/v/run",
        ]
    );
}

#[test]
fn masks_hide_by_name_and_drop_ins_change_the_program() {
    let tree = with_program()
        .file("usr/lib/systemd/system/a.service", UNIT)
        .link("etc/systemd/system/a.service", "/dev/null")
        .file("usr/lib/systemd/system/b.service", UNIT)
        .file("etc/systemd/system/b.service.d/z.conf", "[Service]\nExecStart=\nExecStart=/opt/other\n")
        .file("etc/systemd/system/empty.service", "");
    assert_eq!(
        shown_all(tree),
        [
            "disabled empty.service | masked | -",
            "disabled a.service | masked | /opt/v/run",
            "remnant b.service | disabled | /opt/other",
        ]
    );
}

#[test]
fn what_is_left_of_removed_units_is_a_remnant() {
    let tree = Memory::new()
        .file("etc/systemd/system/gone.service", UNIT)
        .link("etc/systemd/system/multi-user.target.wants/v.service", "/usr/lib/systemd/system/v.service")
        .link("etc/systemd/system/alias.service", "/usr/lib/systemd/system/w.service")
        .link("etc/systemd/system/masked.service", "/dev/null")
        .link("etc/systemd/system/linked.service", "/opt/v/linked.service")
        .file("etc/systemd/system/dropped.service.d/a.conf", "[Service]\nExecStart=/opt/v/run\n")
        .file("etc/systemd/system/service.d/all.conf", "[Service]\nNice=1\n");
    assert_eq!(
        shown_all(tree),
        [
            "remnant gone.service | disabled | /opt/v/run",
            "remnant alias.service, w.service | enabled | -",
            "remnant linked.service | enabled | -",
            "remnant masked.service | masked | -",
            "remnant v.service | enabled | -",
            "remnant dropped.service | - | /opt/v/run",
        ]
    );
}

#[test]
fn a_disabled_service_that_a_timer_starts_is_not_off() {
    let tree = with_program()
        .file("usr/lib/systemd/system/a.service", UNIT)
        .file(
            "usr/lib/systemd/system/a.timer",
            "[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n",
        )
        .link("etc/systemd/system/timers.target.wants/a.timer", "/usr/lib/systemd/system/a.timer");
    let artifacts = run_on(tree);
    assert_eq!(
        (artifacts[0].state, artifacts[0].text(Field::StartType)),
        (State::Installed, Some("disabled"))
    );
    assert_eq!(artifacts[1].text(Field::Service), Some("a.service"));
    assert_eq!(artifacts[1].text(Field::Schedule), Some("OnCalendar=daily"));
}

#[test]
fn users_have_units_and_linked_files_are_read_where_they_lie() {
    let tree = with_program()
        .file("home/alice/.config/systemd/user/a.service", UNIT)
        .link("home/alice/.config/systemd/user/default.target.wants/a.service", "../a.service")
        .file("opt/v/unit.service", UNIT)
        .link("etc/systemd/system/linked.service", "/opt/v/unit.service");
    let artifacts = run_on(tree);
    assert_eq!(artifacts[0].text(Field::Name), Some("linked.service"));
    assert_eq!(artifacts[0].text(Field::Program), Some("/opt/v/run"));
    let user = &artifacts[1];
    assert_eq!((user.text(Field::User), user.text(Field::Scope)), (Some("alice"), Some("user")));
    assert_eq!(user.text(Field::StartType), Some("enabled"));
}

#[test]
fn variables_watched_paths_and_drop_ins_of_many_units() {
    let tree = Memory::new()
        .file(
            "etc/systemd/system/a.service",
            "[Service]\nEnvironmentFile=/etc/default/a\nExecStart=/bin/sh -c ${P}\n",
        )
        .file("etc/default/a", "P=/opt/v/run\n")
        .file("etc/systemd/system/b.path", "[Path]\nPathChanged=/var/opt/v\n")
        .file("etc/systemd/system/service.d/o.conf", "[Service]\nExecStartPre=/opt/v/pre\n")
        .file("etc/systemd/system/c-.service.d/o.conf", "[Service]\nExecStart=/opt/v/c\n")
        .file("etc/systemd/system/d-.service.d/o.conf", "[Service]\nTimeoutStopSec=1\n");
    assert_eq!(
        shown_all(tree),
        [
            "remnant a.service | static | /bin/sh, /opt/v/run",
            "installed b.path | static | /var/opt/v",
            "remnant c-.service | - | /opt/v/c",
            "remnant service | - | /opt/v/pre",
        ]
    );
}

#[test]
fn mounts_and_units_that_only_a_wants_folder_holds() {
    let tree = Memory::new()
        .file("etc/systemd/system/opt-vendor.mount", "[Mount]\nWhat=/dev/sdb1\nWhere=/opt/vendor\n")
        .file("etc/systemd/system/multi-user.target.wants/own.service", "[Service]\nExecStart=/opt/own\n")
        .file("opt/vendor/far.service", "[Service]\nExecStart=/opt/vendor/far\n")
        .link("etc/systemd/system/multi-user.target.wants/far.service", "/opt/vendor/far.service")
        .file("usr/lib/systemd/system/near.service", "[Service]\nExecStart=/usr/bin/near\n")
        .link(
            "etc/systemd/system/multi-user.target.wants/near.service",
            "/usr/lib/systemd/system/near.service",
        );
    let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
    let (artifacts, gaps) = collect(&COLLECTOR, &target);
    assert!(gaps.is_empty(), "{gaps:?}");
    let mut seen: Vec<_> = artifacts
        .iter()
        .map(|one| (one.text(Field::Name).unwrap(), one.text(Field::Program).unwrap()))
        .collect();
    seen.sort_unstable();
    assert_eq!(
        seen,
        [
            ("far.service", "/opt/vendor/far"),
            ("near.service", "/usr/bin/near"),
            ("opt-vendor.mount", "/opt/vendor"),
            ("own.service", "/opt/own"),
        ]
    );
}
