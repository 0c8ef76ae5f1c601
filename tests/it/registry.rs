//! Hives through the whole of debar: what other readers find in real ones, what odd and damaged ones give.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout, reason = "tests")]

use std::io::Read;
use std::path::Path;

use crate::support::world::hive::Hive;
use debar::collector::{self, Sink, Yield};
use debar::format::database::regf;
use debar::fs::Root;
use debar::fs::memory::Memory;
use debar::model::TargetKind;
use debar::model::{Artifact, Field, State};
use debar::model::{Gap, GapKind};
use debar::target::Target;

fn fixture(name: &str) -> Vec<u8> {
    let bytes =
        std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/hives").join(name)).unwrap();
    if !name.ends_with(".xz") {
        return bytes;
    }
    let mut unpacked = Vec::new();
    lzma_rust2::XzReader::new(bytes.as_slice(), false).read_to_end(&mut unpacked).unwrap();
    unpacked
}

/// Keys, values, and places of damage that a whole hive has.
fn counts(hive: &regf::Hive) -> (usize, usize, usize) {
    let (mut keys, mut values, mut damage) = (0, 0, 0);
    let mut stack: Vec<regf::Key<'_>> = vec![hive.root().unwrap()];
    while let Some(key) = stack.pop() {
        keys += 1;
        let read = key.values();
        values += read.values.len();
        damage += read.damage.len() + read.values.iter().filter(|value| value.data(1 << 24).is_err()).count();
        let children = key.subkeys();
        damage += children.damage.len();
        stack.extend(children.keys);
    }
    (keys, values, damage)
}

fn windows() -> Memory {
    Memory::new().file("Windows/System32/ntdll.dll", "")
}

fn run(tree: Memory, name: &str) -> (Vec<Artifact>, Vec<Gap>) {
    let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
    let (mut artifacts, mut gaps) = (Vec::new(), Vec::new());
    let mut out = |yielded| match yielded {
        Yield::Artifact(artifact) => artifacts.push(artifact),
        Yield::Gap(gap) => gaps.push(gap),
    };
    let collector = collector::named(name).unwrap();
    (collector.run)(&target, &mut Sink::new(collector.name, &mut out));
    (artifacts, gaps)
}

#[test]
fn transaction_logs_complete_a_hive() {
    let open = |logs: &[Vec<u8>]| regf::Hive::open(Box::new(fixture("NTUSER.DAT.xz")), logs).unwrap();
    let logs = [fixture("NTUSER.DAT.LOG1.xz"), fixture("NTUSER.DAT.LOG2.xz")];
    let whole = open(&logs);
    // The same entries applied by a script of the format's specification, counted by regipy and hivexml.
    assert_eq!(counts(&whole.value), (3105, 4695, 0));
    assert_eq!((whole.value.recovery(), whole.damage.len()), (regf::Recovery::Recovered(23), 0));
    // Without its logs: what regipy counts, and damage.
    let dirty = open(&[]);
    assert_eq!(counts(&dirty.value).0, 2590);
    assert_eq!((dirty.value.recovery(), dirty.damage.len()), (regf::Recovery::Dirty, 1));
    // A log that a flipped bit broke completes it up to there.
    let mut broken = logs.clone();
    broken[0][300_000] ^= 1;
    let part = open(&broken);
    assert!(matches!(part.value.recovery(), regf::Recovery::Recovered(applied) if applied < 23));
}

#[test]
fn a_corrupted_hive_gives_what_is_salvageable_and_gaps() {
    let bytes = fixture("corrupted_system_hive.xz");
    let (services, gaps) = run(windows().file("Windows/System32/config/SYSTEM", bytes.clone()), "services");
    let (drivers, _) = run(windows().file("Windows/System32/config/SYSTEM", bytes), "drivers");
    // Services that others wait for have no key of their own.
    let is_gone = |one: &Artifact| one.text(Field::Status).is_some_and(|status| status.starts_with("gone"));
    let keyed = services.iter().chain(&drivers).filter(|one| !is_gone(one));
    let names: std::collections::BTreeSet<_> =
        keyed.map(|one| one.text(Field::Name).unwrap().to_lowercase()).collect();
    // All that regipy reads, but for the 25 whose names are the bytes of other cells, and two of another control set.
    assert_eq!(names.len(), 200);
    assert!(gaps.iter().any(|gap| gap.kind == GapKind::Corrupt), "{gaps:?}");
}

/// The topmost key is nobody's child, whatever it says of its parent: a walk through it would never end. Found by fuzzing.
#[test]
fn a_hive_whose_topmost_key_is_its_own_child_is_read_once() {
    let mut hive = Hive::new();
    hive.text("Key", "value", "text");
    let mut bytes = hive.bytes();
    let number = |bytes: &[u8], at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    let root = number(&bytes, 36);
    let key = 4096 + root as usize + 4;
    let list = 4096 + number(&bytes, key + 28) as usize + 4;
    // Its parent, and the first entry of its list.
    for at in [key + 16, list + 4] {
        bytes[at..at + 4].copy_from_slice(&root.to_le_bytes());
    }
    let hive = regf::Hive::open(Box::new(bytes), &[]).unwrap().value;
    let top = hive.root().unwrap().subkeys();
    assert!(!top.damage.is_empty());
    let names: Vec<_> = top.keys.iter().map(|key| key.name.as_str()).collect();
    assert_eq!(names, ["Key"], "what the list lost is found by a sweep, and nothing else");
}

#[test]
fn names_in_utf16_are_read() {
    let hive = regf::Hive::open(Box::new(fixture("python-registry-UNICODE_TESTS")), &[]).unwrap().value;
    assert_eq!(counts(&hive), (3, 22, 0));
    assert!(hive.root().unwrap().subkeys().keys.iter().any(|key| !key.name.is_ascii()));
}

const UNINSTALL: &str = r"Microsoft\Windows\CurrentVersion\Uninstall";

#[test]
fn localised_and_odd_programs_are_all_there() {
    let mut software = Hive::new();
    let list = r"Microsoft\Windows NT\CurrentVersion\ProfileList\S-1-5-21-7";
    software
        .text(list, "ProfileImagePath", r"C:\Users\Владимир")
        .text(&format!(r"{UNINSTALL}\a"), "DisplayName", "Kaspersky Endpoint Security")
        .text(&format!(r"{UNINSTALL}\a"), "Publisher", "АО «Лаборатория Касперского»")
        .text(&format!(r"{UNINSTALL}\b"), "DisplayName", "カスペルスキー セキュリティ")
        .text(&format!(r"{UNINSTALL}\c"), "DisplayName", "卡巴斯基安全软件")
        .text(&format!(r"{UNINSTALL}\c"), "DisplayVersion", "21.3")
        .number(&format!(r"{UNINSTALL}\c"), "SystemComponent", 1)
        .add_key(&format!(r"{UNINSTALL}\Ключ без имени"));
    let mut user = Hive::new();
    user.text(&format!(r"Software\{UNINSTALL}\d"), "DisplayName", "Программа пользователя");
    let tree = windows()
        .file("Windows/System32/config/SOFTWARE", software.bytes())
        .file("Users/Владимир/NTUSER.DAT", user.bytes());
    let (programs, gaps) = run(tree, "programs");
    assert!(gaps.is_empty(), "{gaps:?}");
    let names: Vec<_> = programs.iter().map(|one| one.text(Field::Name).unwrap()).collect();
    let expected = [
        "Kaspersky Endpoint Security",
        "カスペルスキー セキュリティ",
        "卡巴斯基安全软件",
        "Ключ без имени",
        "Программа пользователя",
    ];
    assert_eq!(names, expected);
    assert_eq!(programs[0].text(Field::Publisher), Some("АО «Лаборатория Касперского»"));
    assert_eq!((programs[0].text(Field::Version), programs[2].text(Field::Version)), (None, Some("21.3")));
    assert_eq!(programs[2].text(Field::Type), Some("system-component"));
    let of_user = &programs[4];
    assert_eq!((of_user.text(Field::User), of_user.text(Field::Uid)), (Some("Владимир"), Some("S-1-5-21-7")));
    assert_eq!(of_user.text(Field::Scope), Some("user"));
    assert_eq!(of_user.location.path.as_deref(), Some("/Users/Владимир/NTUSER.DAT"));
}

#[test]
fn a_product_of_windows_installer_is_one_program() {
    let code = "{90120000-0011-0000-0000-0000000FF1CE}";
    let packed = "00002109110000000000000000F01FEC";
    let data = r"Microsoft\Windows\CurrentVersion\Installer\UserData\S-1-5-18\Products";
    let mut software = Hive::new();
    software
        .text(&format!(r"WOW6432Node\{UNINSTALL}\{code}"), "DisplayName", "Suite")
        .number(&format!(r"WOW6432Node\{UNINSTALL}\{code}"), "SystemComponent", 1)
        .text(
            &format!(r"WOW6432Node\{UNINSTALL}\{code}"),
            "UninstallString",
            &format!("MsiExec.exe /X{code}"),
        )
        .text(&format!(r"WOW6432Node\{UNINSTALL}\InstallWIX_{code}"), "DisplayName", "Suite 2007")
        .text(&format!(r"WOW6432Node\{UNINSTALL}\InstallWIX_{code}"), "UninstallString", r"C:\setup.exe /u")
        .text(&format!(r"{data}\{packed}\InstallProperties"), "DisplayVersion", "12.0")
        .text(
            &format!(r"Classes\Installer\Products\{packed}"),
            "PackageCode",
            "51E9E3D0A7EDB003691F4BFA219B4688",
        )
        .text(
            r"Microsoft\Windows\CurrentVersion\Installer\UpgradeCodes\00002109110000000000000000F01FED",
            packed,
            "",
        )
        .text(&format!(r"{data}\11112109110000000000000000F01FEC\InstallProperties"), "DisplayName", "Ghost");
    let (programs, gaps) =
        run(windows().file("Windows/System32/config/SOFTWARE", software.bytes()), "programs");
    assert!(gaps.is_empty(), "{gaps:?}");
    assert_eq!(programs.len(), 2);
    let suite = &programs[0];
    assert_eq!(suite.text(Field::IdentifyingNumber), Some(code));
    assert_eq!(suite.text(Field::PackageCode), Some("{0D3E9E15-DE7A-300B-96F1-B4AF12B96488}"));
    assert_eq!(suite.text(Field::UpgradeCode), Some("{90120000-0011-0000-0000-0000000FF1DE}"));
    assert_eq!(suite.text(Field::Version), Some("12.0"));
    assert_eq!(suite.fields[&Field::UninstallString].texts().count(), 2);
    assert_eq!(suite.text(Field::Name), Some("Suite 2007"));
    assert_eq!(programs[1].text(Field::Name), Some("Ghost"));
}

#[test]
fn a_hive_of_200_000_keys_with_big_data_is_read_whole() {
    let mut hive = Hive::new();
    for index in 0..200_000 {
        hive.add_key(&format!(r"Many\key{index:06}"));
    }
    let big: Vec<u8> = (0..40_000u32).map(|index| index as u8).collect();
    hive.value("Big", "", 3, big.clone());
    let hive = regf::Hive::open(Box::new(hive.bytes()), &[]).unwrap();
    assert_eq!(hive.damage, []);
    assert_eq!(counts(&hive.value), (200_003, 1, 0));
    let many = hive.value.root().unwrap().subkey("MANY").unwrap().unwrap();
    assert_eq!(many.subkey("KEY123456").unwrap().unwrap().name, "key123456");
    let read = hive.value.root().unwrap().subkey("big").unwrap().unwrap();
    assert_eq!(read.values().values[0].data(usize::MAX).unwrap(), big);
}

#[test]
fn flipped_bits_never_hide_that_something_is_wrong_and_never_panic() {
    let mut hive = Hive::new();
    for index in 0..40 {
        hive.text(&format!(r"{UNINSTALL}\p{index}"), "DisplayName", &format!("Program {index}"));
    }
    let bytes = hive.bytes();
    let mut seed = 1u64;
    let mut silent = Vec::new();
    for _ in 0..400 {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let mut damaged = bytes.clone();
        let at = 4096 + (seed >> 33) as usize % (bytes.len() - 4096);
        damaged[at] ^= 1 << (seed & 7);
        let (programs, gaps) =
            run(windows().file("Windows/System32/config/SOFTWARE", damaged.clone()), "programs");
        let (_, of_hives) =
            run(windows().file("Windows/System32/config/SOFTWARE", damaged), "registry_hives");
        if programs.is_empty() && gaps.is_empty() && of_hives.is_empty() {
            silent.push(at);
        }
    }
    // Nothing reports a letter that was changed in the name of a key above, nor of the hash of such a name.
    assert!(silent.len() <= 4, "{silent:?}");
}

#[test]
fn identity_and_state_come_from_the_registry() {
    let mut software = Hive::new();
    let current = r"Microsoft\Windows NT\CurrentVersion";
    software
        .text(current, "ProductName", "Windows 10 Pro")
        .text(current, "CurrentBuildNumber", "22631")
        .text(current, "DisplayVersion", "23H2")
        .number(current, "CurrentMajorVersionNumber", 10)
        .number(current, "CurrentMinorVersionNumber", 0)
        .number(current, "UBR", 3155)
        .text(&format!(r"{UNINSTALL}\gone"), "InstallLocation", r"C:\Program Files\Gone")
        .text(&format!(r"{UNINSTALL}\there"), "InstallLocation", r"C:\Program Files\There\");
    let mut system = Hive::new();
    system.number("Select", "Current", 1).text(
        r"ControlSet001\Control\ComputerName\ComputerName",
        "ComputerName",
        "ПК-7",
    );
    let tree = || {
        windows()
            .file("Windows/System32/config/SOFTWARE", software.bytes())
            .file("Windows/System32/config/SYSTEM", system.bytes())
            .file("Program Files/There/a.exe", "")
    };
    let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree())));
    assert!(!target.registry().is_empty());
    let identity = target.identity();
    assert_eq!(
        (identity.name.as_str(), identity.version.as_str()),
        ("Windows 11 Pro 23H2", "10.0.22631.3155")
    );
    assert_eq!(target.registry().host_name().as_deref(), Some("ПК-7"));
    let (programs, _) = run(tree(), "programs");
    let states: Vec<_> = programs.iter().map(|one| (one.text(Field::Name).unwrap(), one.state)).collect();
    assert_eq!(states, [("gone", State::Remnant), ("there", State::Installed)]);
}

/// For `tests/e2e/agreement/registry.sh`: prints keys and values of the hives named in `DEBAR_TEST_HIVES`, separated by
/// blanks; and writes a hive for other readers where `DEBAR_TEST_HIVE_OUT` says.
#[test]
#[ignore = "run by tests/e2e/agreement/registry.sh"]
fn counts_of_given_hives() {
    for path in std::env::var("DEBAR_TEST_HIVES").unwrap_or_else(|_| String::new()).split_whitespace() {
        let log = |ending: &str| std::fs::read(format!("{path}{ending}")).ok();
        let logs: Vec<Vec<u8>> = [".LOG1", ".LOG2"].iter().filter_map(|ending| log(ending)).collect();
        let hive = regf::Hive::open(Box::new(std::fs::read(path).unwrap()), &logs).unwrap().value;
        let (keys, values, _) = counts(&hive);
        println!("counts {keys} {values}");
    }
    if let Ok(path) = std::env::var("DEBAR_TEST_HIVE_OUT") {
        let mut hive = Hive::new();
        for index in 0..3_000 {
            hive.text(&format!(r"Many\ключ{index}"), "имя", "値");
        }
        hive.value("Big", "", 3, vec![7; 40_000]).number("Big", "n", 5);
        std::fs::write(path, hive.bytes()).unwrap();
    }
}

/// For `tests/bench/registry.sh`: a SOFTWARE hive of 60 MB and a SYSTEM hive of 20 MB below `DEBAR_TEST_LARGE`.
#[test]
#[ignore = "run by tests/bench/registry.sh"]
fn large_hives() {
    let Ok(folder) = std::env::var("DEBAR_TEST_LARGE") else { return };
    let (mut software, mut system) = (Hive::new(), Hive::new());
    system.number("Select", "Current", 1);
    for index in 0..700 {
        let program = format!(r"{UNINSTALL}\{{{index:08X}-0000-0000-0000-000000000000}}");
        for name in [
            "DisplayName",
            "DisplayVersion",
            "Publisher",
            "InstallLocation",
            "UninstallString",
            "InstallDate",
        ] {
            software.text(&program, name, &format!(r"C:\Program Files\Vendor {index}\{name}"));
        }
        let service = format!(r"ControlSet001\Services\service{index}");
        system.number(&service, "Type", if index % 2 == 0 { 0x10 } else { 1 }).number(&service, "Start", 3);
        system.text(&service, "ImagePath", &format!(r"C:\Program Files\Vendor {index}\service.exe"));
    }
    // hivex refuses keys with more than 70,000 subkeys.
    let group = |index: u32| index / 30_000;
    for index in 0..150_000 {
        let class = format!(r"Classes\Group {}\{{{index:08X}-1111-1111-1111-111111111111}}", group(index));
        software.text(&class, "", "A class of some library");
        software.text(&format!(r"{class}\InprocServer32"), "", r"C:\Windows\System32\some library.dll");
    }
    for index in 0..85_000 {
        let device = format!(r"ControlSet001\Enum\Bus {}\DEVICE{index:06}", group(index));
        system.text(&device, "DeviceDesc", "Some device of some vendor").number(&device, "ConfigFlags", 0);
    }
    let config = Path::new(&folder).join("Windows/System32/config");
    std::fs::create_dir_all(&config).unwrap();
    for (name, hive) in [("SOFTWARE", software), ("SYSTEM", system)] {
        let bytes = hive.bytes();
        println!("{name}: {} MB", bytes.len() / 1_000_000);
        std::fs::write(config.join(name), bytes).unwrap();
    }
}
