//! Systems without a banned product are clean: exit code 0 and no gap, so that honesty about gaps does not become noise.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;

use crate::support::world::hive::{Hive, text};
use crate::support::world::{self, macos};
use crate::support::{Root, findings, gaps, scan};

/// Text that a value expands.
const EXPANDABLE: u32 = 2;

fn fixture(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)).unwrap()
}

/// A Linux of this name with two accounts.
fn linux(id: &str) -> Root {
    let root = Root::empty();
    root.file("etc/os-release", format!("ID={id}\nNAME={id}\nVERSION_ID=1\n"));
    root.file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nanna:x:1000:1000::/home/anna:/bin/sh\n");
    root.file(
        "etc/fstab",
        "UUID=1 / ext4 defaults 0 1\nUUID=2 none swap sw 0 0\nUUID=3 /boot vfat defaults 0 2\n",
    );
    root.file("home/anna/.profile", "export PATH=\"$HOME/bin:$PATH\"\n");
    root.file("root/.bashrc", "alias ll='ls -l'\n");
    root
}

#[track_caller]
fn is_clean(root: &Root) {
    let (code, report) = scan(root, &[]);
    assert_eq!((code, gaps(&report), findings(&report)), (0, vec![], vec![]));
}

#[test]
fn a_debian() {
    let root = Root::debian(&[("base-files", "12.4"), ("libc6", "2.36")]);
    root.file("etc/passwd", "root:x:0:0:root:/root:/bin/bash\n");
    root.file(
        "lib/systemd/system/a.service",
        "[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n",
    );
    root.link("etc/systemd/system/multi-user.target.wants/a.service", "/lib/systemd/system/a.service");
    root.file("etc/cron.daily/dpkg", "#!/bin/sh\n/bin/true\n");
    is_clean(&root);
}

#[test]
fn systems_of_rpm_with_each_kind_of_database() {
    for (id, at, database) in [
        ("centos", "var/lib/rpm/Packages", "rpmdb/Packages"),
        ("sles", "usr/lib/sysimage/rpm/Packages.db", "rpmdb/Packages.db"),
    ] {
        let root = linux(id);
        root.file(at, fixture(database));
        is_clean(&root);
    }
}

#[test]
fn an_alpine() {
    let root = linux("alpine");
    root.file("lib/apk/db/installed", fixture("apk/installed"));
    root.file("etc/apk/world", "alpine-baselayout\nbusybox\n");
    root.file("etc/inittab", "::sysinit:/sbin/openrc sysinit\ntty1::respawn:/sbin/getty 38400 tty1\n");
    is_clean(&root);
}

#[test]
fn a_mac() {
    let root = Root::empty();
    world::on_disk(&macos::clean(), root.path());
    is_clean(&root);
}

#[test]
fn a_windows_with_a_user_and_the_services_own_accounts() {
    const PROFILES: &str = r"Microsoft\Windows NT\CurrentVersion\ProfileList";
    let (mut software, mut system, mut user) = (Hive::new(), Hive::new(), Hive::new());
    software
        .text(r"Microsoft\Windows NT\CurrentVersion", "ProductName", "Windows 11 Pro")
        .text(r"Microsoft\Windows\CurrentVersion\Uninstall\Tool", "DisplayName", "Tool")
        .text(r"Classes\CLSID\{1}", "", "Name of a class")
        .text(r"Classes\lnkfile\shellex\ContextMenuHandlers\Menu", "", "{1}")
        .text("RegisteredApplications", "Tool", r"Software\Tool\Capabilities")
        .text(&format!(r"{PROFILES}\S-1-5-21-1"), "ProfileImagePath", r"C:\Users\anna");
    for (account, folder) in [
        ("S-1-5-18", r"%systemroot%\system32\config\systemprofile"),
        ("S-1-5-19", r"%systemroot%\ServiceProfiles\LocalService"),
    ] {
        software.value(&format!(r"{PROFILES}\{account}"), "ProfileImagePath", EXPANDABLE, text(folder));
    }
    system
        .number("Select", "Current", 1)
        .text(r"ControlSet001\Control\ComputerName\ComputerName", "ComputerName", "W")
        .text(r"ControlSet001\Services\Dhcp", "ImagePath", r"%SystemRoot%\system32\svchost.exe -k netsvcs")
        .number(r"ControlSet001\Services\Dhcp", "Type", 32);
    user.text(r"Software\Tool", "x", "y");
    let root = Root::empty();
    for (path, hive) in [
        ("Windows/System32/config/SOFTWARE", &software),
        ("Windows/System32/config/SYSTEM", &system),
        ("Windows/ServiceProfiles/LocalService/NTUSER.DAT", &user),
        ("Users/anna/NTUSER.DAT", &user),
    ] {
        root.file(path, hive.bytes());
    }
    for program in ["explorer.exe", "System32/ntdll.dll", "System32/kernel32.dll", "System32/svchost.exe"] {
        root.file(&format!("Windows/{program}"), "MZ");
    }
    root.file("ProgramData/x", "").file("Program Files/x", "").file("Users/Public/x", "");
    // Set aside, left empty, made by tools: none of it is a banned product's.
    root.file("Windows/System32/drivers/disk.sys.old", "MZ").file("Recovery/OEM/Apps/setup.exe", "MZ");
    root.file("Windows/AdminArsenal/Runner/7z.exe", "MZ").file("Windows/Prefetch/A.EXE-1A2B3C4D.pf", [0; 64]);
    root.file("Program Files/Mozilla Firefox/defaults/pref/channel-prefs.js", "pref();");
    root.link("Documents and Settings", "/Users").link("Users/All Users", "/ProgramData");
    is_clean(&root);
}
