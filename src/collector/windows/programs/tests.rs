use super::*;

#[test]
fn an_icon_is_a_file_and_a_number() {
    assert_eq!(icon_file(r#""C:\a b\c.exe",-3"#), r"C:\a b\c.exe");
    assert_eq!(icon_file(r"C:\a,b\c.exe"), r"C:\a,b\c.exe");
    assert_eq!(icon_file(r"C:\c.exe, 0"), r"C:\c.exe");
}

#[test]
fn twins_are_told_by_a_product_code_only() {
    assert!(is_twin("InstallShield_{90120000-0011-0000-0000-0000000FF1CE}") && is_twin("installwix_x"));
    assert!(!is_twin("Install") && !is_twin("ИнсталляторИнс"));
}

#[test]
fn what_a_device_management_was_asked_to_install_is_no_more_than_left_until_it_is_there() {
    use crate::collector::collect;
    use crate::collector::windows::testing::complete;
    use crate::model::State;
    use crate::registry::Memory;

    const BELOW: &str = r"HKLM\SOFTWARE\Microsoft\EnterpriseDesktopAppManagement\S-0-0-00-0\MSI";
    let (pending, known) =
        ("{A0B1C2D3-0000-4000-8000-000000000001}", "{A0B1C2D3-0000-4000-8000-000000000002}");
    let registry = Memory::new()
        .value(
            &format!(r"{BELOW}\{pending}"),
            "CurrentDownloadUrl",
            "https://mdm.example/Vendor%20Suite.msi?x=1",
        )
        .value(&format!(r"{BELOW}\{known}"), "DownloadLocation", r"C:\Windows\Temp\other.msi")
        .value(&format!(r"{BELOW}\NotACode"), "DownloadLocation", r"C:\x.msi")
        .value(
            &format!(r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\{known}"),
            "DisplayName",
            "Other Suite",
        );
    let (found, gaps) = collect(&COLLECTOR, &complete().target(registry));
    assert!(gaps.is_empty(), "{gaps:?}");
    let seen: Vec<_> = found
        .iter()
        .map(|one| (one.text(Field::IdentifyingNumber), one.text(Field::Name), one.state))
        .collect();
    assert_eq!(
        seen,
        [
            (Some(known), Some("Other Suite"), State::Installed),
            (Some(pending), Some("Vendor Suite"), State::Remnant),
        ]
    );
}
