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
