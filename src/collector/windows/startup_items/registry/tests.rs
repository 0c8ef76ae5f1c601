use super::super::COLLECTOR;
use super::*;
use crate::collector::collect;
use crate::collector::windows::testing::complete;
use crate::registry::Memory;

#[test]
fn further_places_that_load_libraries_or_name_folders() {
    const VERSION: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion";
    const CONTROL: &str = r"HKLM\SYSTEM\CurrentControlSet\Control";
    let path = |name: &str| format!(r"C:\Vendor Lab\{name}.dll");
    let named = path("helper");
    let registry = Memory::new()
        .value(&format!(r"{VERSION}\Control Panel\Cpls"), "x", path("applet").as_str())
        .value(
            &format!(r"{VERSION}\Explorer\AutoplayHandlers\Handlers\x"),
            "DefaultIcon",
            format!("{},-3", path("icon")).as_str(),
        )
        .value(
            r"HKLM\SOFTWARE\Microsoft\Exchange\Client\Extensions",
            "x",
            format!("4.0;{};1;1111;", path("mail")).as_str(),
        )
        .value(
            r"HKLM\SOFTWARE\Microsoft\Windows\Windows Error Reporting\RuntimeExceptionHelperModules",
            &named,
            0_u32,
        )
        .value(&format!(r"{CONTROL}\Session Manager\Environment"), "HOME_OF_X", path("variable").as_str())
        .value(&format!(r"{CONTROL}\Session Manager\Environment"), "NUMBER", "8")
        .value(r"HKLM\SYSTEM\Setup", "CmdLine", "")
        .value(&format!(r"{CONTROL}\WMI\Autologger\x"), "FileName", path("trace").as_str());
    let (found, gaps) = collect(&COLLECTOR, &complete().target(registry));
    assert!(gaps.is_empty(), "{gaps:?}");
    let mut programs: Vec<_> = found.iter().filter_map(|one| one.text(Field::Program)).collect();
    programs.sort_unstable();
    assert_eq!(programs, ["applet", "helper", "icon", "mail", "trace", "variable"].map(path));
}

#[test]
fn scripts_that_group_policy_was_to_run_by_either_key() {
    const POLICY: &str = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Group Policy";
    for key in
        [r"Scripts\Startup\0\0", r"State\Machine\Scripts\Startup\0\0", r"State\S-1-5-21-1\Scripts\Logon\0\0"]
    {
        let registry = Memory::new().value(&format!(r"{POLICY}\{key}"), "Script", r"C:\Vendor Lab\tool.exe");
        let (found, gaps) = collect(&COLLECTOR, &complete().target(registry));
        assert!(gaps.is_empty(), "{gaps:?}");
        let programs: Vec<_> = found.iter().filter_map(|one| one.text(Field::Program)).collect();
        assert_eq!(programs, [r"C:\Vendor Lab\tool.exe"], "{key}");
    }
}
