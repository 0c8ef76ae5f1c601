use super::*;
use crate::fs::memory::Memory as Files;
use crate::model::GapKind;

fn text(registry: &Registry, path: &str, name: &str) -> Option<String> {
    registry.key(path).items.first()?.values().items.text(name)
}

fn paths(keys: &[Key<'_>]) -> Vec<String> {
    keys.iter().map(|key| key.path().to_owned()).collect()
}

#[test]
fn names_compare_without_case_in_any_script() {
    let registry = Registry::from(Memory::new().value(r"HKLM\SOFTWARE\Лаборатория", "Имя", "х"));
    assert_eq!(text(&registry, r"HKEY_LOCAL_MACHINE\software\ЛАБОРАТОРИЯ", "ИМЯ").as_deref(), Some("х"));
    assert!(registry.key(r"HKLM\SOFTWARE\Other").items.is_empty());
    assert!(registry.key(r"HKLM\SOFTWARE\Other").faults.is_empty(), "a missing key is normal");
}

#[test]
fn patterns_name_keys_of_every_user() {
    let registry = Registry::from(
        Memory::new()
            .user("S-1-5-21-1", "Иван")
            .user("S-1-5-21-2", "b")
            .value(r"HKU\S-1-5-21-1\Software\Vendor\Tool1", "a", 1u32)
            .key(r"HKU\S-1-5-21-2\Software\Vendor\Tool2")
            .key(r"HKU\S-1-5-21-2\Software\Vendor\Other"),
    );
    let keys = registry.keys(r"HKU\*\Software\vendor\TOOL*").items;
    assert_eq!(
        paths(&keys),
        [r"HKU\S-1-5-21-1\Software\Vendor\Tool1", r"HKU\S-1-5-21-2\Software\Vendor\Tool2"]
    );
    assert_eq!(registry.user_of(&keys[0]).unwrap().name, "Иван");
    assert_eq!(keys[0].values().items.number("A"), Some(1));
    assert_eq!(registry.software().len(), 10, "each user has two views and two of VirtualStore");
}

#[test]
fn the_current_control_set_is_the_selected_one() {
    let registry = Registry::from(
        Memory::new()
            .value(r"HKLM\SYSTEM\Select", "Current", 2u32)
            // Some hives hold the link as an empty key.
            .key(r"HKLM\SYSTEM\CurrentControlSet")
            .value(r"HKLM\SYSTEM\ControlSet001\Services\a", "Start", 1u32)
            .value(r"HKLM\SYSTEM\ControlSet002\Services\a", "Start", 2u32),
    );
    let keys = registry.keys(r"HKLM\SYSTEM\CurrentControlSet\Services\*").items;
    assert_eq!(paths(&keys), [r"HKLM\SYSTEM\CurrentControlSet\Services\a"]);
    assert_eq!(keys[0].values().items.number("Start"), Some(2));
}

#[test]
fn of_several_hives_the_first_answers() {
    let mut registry = Registry::from(Memory::new().value(r"HKLM\SOFTWARE\A", "v", "upper").value(
        r"HKLM\SOFTWARE\B",
        "v",
        "b",
    ));
    let lower = Registry::from(Memory::new().value(r"HKLM\SOFTWARE\a", "v", "lower").value(
        r"HKLM\SOFTWARE\a\C",
        "w",
        "c",
    ));
    let lower = lower.mounts.into_iter().next().unwrap();
    registry.mount("HKLM", lower.node, lower.origin);
    assert_eq!(text(&registry, r"HKLM\SOFTWARE\a", "v").as_deref(), Some("upper"));
    assert_eq!(text(&registry, r"HKLM\SOFTWARE\A\c", "w").as_deref(), Some("c"));
    assert_eq!(paths(&registry.keys(r"HKLM\SOFTWARE\*").items), [r"HKLM\SOFTWARE\A", r"HKLM\SOFTWARE\B"]);
}

#[test]
fn what_cannot_be_read_is_a_fault_at_the_key() {
    let registry = Registry::from(
        Memory::new()
            .failing(r"HKLM\SOFTWARE\Broken", GapKind::Denied, "access denied")
            .key(r"HKLM\SOFTWARE\A"),
    );
    let read = registry.keys(r"HKLM\SOFTWARE\*\*");
    assert_eq!(read.faults.len(), 1);
    assert_eq!(
        (read.faults[0].place.as_str(), read.faults[0].kind),
        (r"HKLM\SOFTWARE\Broken", GapKind::Denied)
    );
}

#[test]
fn variables_are_expanded_for_machine_and_user() {
    let registry = Registry::from(
        Memory::new()
            .value(r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion", "SystemRoot", r"D:\WINNT")
            .value(r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion", "ProgramFilesDir", r"D:\Programme")
            .value(r"HKU\S-1-5-21-1\Environment", "TOOLS", r"%USERPROFILE%\tools")
            .user("S-1-5-21-1", "名前"),
    );
    let user = &registry.users()[0];
    assert_eq!(registry.expand(r"%ProgramFiles%\x", None), r"D:\Programme\x");
    assert_eq!(registry.expand(r"%tools%\x", Some(user)), r"C:\Users\名前\tools\x");
    assert_eq!(registry.expand(r"100% of %NoSuch%", None), r"100% of %NoSuch%");
    assert_eq!(registry.on_target(r"%windir%\notepad.exe").unwrap(), b"WINNT/notepad.exe");
    assert_eq!(registry.on_target(r"\??\D:\a.sys").unwrap(), b"a.sys");
    assert_eq!(
        registry.on_target(r"\SystemRoot\System32\drivers\a.sys").unwrap(),
        b"WINNT/System32/drivers/a.sys"
    );
    assert_eq!(registry.on_target(r"system32\drivers\a.sys").unwrap(), b"WINNT/system32/drivers/a.sys");
    assert_eq!(registry.on_target(r"C:\other drive"), None);
    assert_eq!(registry.on_target(r"\\server\share\a.exe"), None);
}

#[test]
fn only_what_is_certainly_gone_is_gone() {
    let registry = Registry::from(Memory::new());
    let root = Root::new(Box::new(
        Files::new()
            .file("Windows/System32/ntdll.dll", b"")
            .file("Windows/SysWOW64/a.dll", b"")
            .directory("Program Files")
            .file("b.exe", b""),
    ));
    assert!(registry.is_gone(&root, r"C:\Program Files\x.exe"));
    assert!(!registry.is_gone(&root, r"C:\ProgramData\x.exe"), "no Windows is without that folder");
    assert!(!registry.is_gone(&root, r"C:\Windows\System32\a.dll"));
    assert!(!registry.is_gone(&root, r"C:\b"));
    assert!(!registry.is_gone(&root, r"D:\x.exe") && !registry.is_gone(&root, r"\\s\x.exe"));
}

#[test]
fn values_have_the_types_they_say() {
    let value = |kind, data: &[u8]| Value::new(String::new(), kind, data.to_vec());
    assert_eq!(value(1, b"a\0b\0\0\0c\0").text().as_deref(), Some("ab"));
    assert_eq!(value(1, b"a\0\x00\xd8b").text().as_deref(), Some("a\u{fffd}"));
    assert_eq!(value(7, b"a\0\0\0b\0\0\0\0\0").texts(), ["a", "b"]);
    assert_eq!(value(4, &[5, 1, 0, 0]).number(), Some(261));
    assert_eq!(value(5, &[0, 0, 1, 5]).number(), Some(261));
    assert_eq!(value(4, &[5]).number(), None);
    assert_eq!(value(1, b"7\0\0\0").number(), Some(7));
    assert_eq!(value(3, b"a\0").text(), None);
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    for kind in [0, 3, 8, 0x20001] {
        assert_eq!(value(kind, &utf16("Лаборатория\0")).text().as_deref(), Some("Лаборатория"), "{kind}");
    }
    assert_eq!(value(1, &utf16("\0Name\0")).text().as_deref(), Some("Name"));
    assert_eq!(value(1, b"Internet Security\0").text().as_deref(), Some("Internet Security"));
    assert_eq!(value(1, &utf16("中国\0")).text().as_deref(), Some("中国"));
    assert_eq!(value(3, &[7, 0, 0, 0]).number(), Some(7));
    assert_eq!(value(3, &[0x80, 0, 1, 0, 0xff, 0xff, 9, 3, 1, 0]).text(), None);
}

#[test]
fn a_link_to_a_key_answers_with_that_key() {
    let registry = Registry::from(
        Memory::new()
            .value(r"HKLM\SOFTWARE\Real\Below", "v", "found")
            .link(r"HKLM\SOFTWARE\Link", r"\Registry\Machine\SOFTWARE\Real")
            .link(r"HKLM\SOFTWARE\Twice", r"\REGISTRY\MACHINE\SOFTWARE\Link")
            .link(r"HKLM\SOFTWARE\Round", r"\Registry\Machine\SOFTWARE\Round2")
            .link(r"HKLM\SOFTWARE\Round2", r"\Registry\Machine\SOFTWARE\Round")
            .link(r"HKLM\SOFTWARE\Dangling", r"\Registry\Machine\SOFTWARE\Nothing")
            .link(r"HKLM\SOFTWARE\Out", r"\Registry\A\hive"),
    );
    for path in [r"HKLM\SOFTWARE\Link\Below", r"HKLM\SOFTWARE\twice\below"] {
        assert_eq!(text(&registry, path, "v").as_deref(), Some("found"), "{path}");
    }
    let all = registry.keys(r"HKLM\SOFTWARE\*\Below");
    assert_eq!(all.items.len(), 3, "{:?}", paths(&all.items));
    let kinds: Vec<_> = all.faults.iter().map(|fault| fault.kind).collect();
    assert!(
        kinds.contains(&GapKind::SourceMissing) && kinds.contains(&GapKind::LinkLoop),
        "{:?}",
        all.faults
    );
    assert!(registry.key(r"HKLM\SOFTWARE\Dangling").faults.is_empty(), "it leads nowhere in Windows, too");
}

#[test]
fn without_a_selected_control_set_all_are_read() {
    let registry =
        Registry::from(Memory::new().value(r"HKLM\SYSTEM\ControlSet003\Services\a", "Start", 1u32).value(
            r"HKLM\SYSTEM\ControlSet007\Services\b",
            "Start",
            2u32,
        ));
    let keys = registry.keys(r"HKLM\SYSTEM\CurrentControlSet\Services\*").items;
    assert_eq!(
        paths(&keys),
        [r"HKLM\SYSTEM\CurrentControlSet\Services\a", r"HKLM\SYSTEM\CurrentControlSet\Services\b"]
    );
    assert_eq!(registry.faults().len(), 1, "which one Windows runs with is not known");
}
