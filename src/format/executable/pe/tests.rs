use proptest::prelude::*;

use super::*;
use crate::format::certificate::authenticode;
use crate::format::executable::version_resource::dotted;

const SIGNED_64: &[u8] = include_bytes!("../../../../tests/fixtures/executables/pe64-signed.exe");
const LIBRARY_32: &[u8] = include_bytes!("../../../../tests/fixtures/executables/pe32.dll");

fn whole(bytes: &[u8]) -> Pe {
    let pe = read(&bytes).unwrap();
    assert_eq!(pe.damage, []);
    pe.value
}

#[test]
fn a_program_says_who_made_it_in_every_language() {
    let pe = whole(SIGNED_64);
    assert_eq!((pe.arch(), pe.subsystem, pe.is_dll, pe.is_64), (Some("x86_64"), 2, false, true));
    let version = pe.version.unwrap();
    assert_eq!(version.texts("CompanyName"), ["Example Ltd", "Пример", "例社"]);
    assert_eq!(version.texts("ProductName"), ["Example Endpoint"]);
    assert_eq!(version.texts("OriginalFilename"), ["agent.exe"]);
    assert_eq!(version.texts("ProductVersion"), ["21.3"]);
    assert_eq!(version.file_version.map(dotted).as_deref(), Some("21.3.10.391"));
    assert_eq!(version.product_version.map(dotted).as_deref(), Some("21.3.0.0"));
}

#[test]
fn both_signatures_name_their_signers() {
    let (offset, size) = whole(SIGNED_64).certificates.unwrap();
    let signed = authenticode::read(&SIGNED_64, offset, size);
    assert_eq!(signed.damage, []);
    let signed = signed.value;
    assert_eq!(signed.signer_names(), ["Example Ltd", "ООО Пример", "Example Lab JSC", "Example Lab"]);
    assert!(signed.certificate_names().contains(&"Example Code Signing CA".to_owned()));
    assert_eq!(
        signed.signers[0].subject.as_ref().map(ToString::to_string).as_deref(),
        Some("C=RU, L=Moscow, O=ООО Пример, CN=Example Ltd")
    );
}

#[test]
fn a_32_bit_library_has_no_version() {
    let pe = whole(LIBRARY_32);
    assert_eq!((pe.arch(), pe.is_dll, pe.is_64), (Some("i686"), true, false));
    assert_eq!((pe.version, pe.certificates), (None, None));
    assert!(pe.layout.section(".rdata").or(pe.layout.section(".text")).is_some());
}

#[test]
fn a_file_cut_before_its_resources_is_truncated() {
    let pe = read(&&SIGNED_64[..0x400]).unwrap();
    assert_eq!(pe.value.arch(), Some("x86_64"));
    assert_eq!(pe.damage[0].kind, DamageKind::Truncated);
    let (offset, size) = whole(SIGNED_64).certificates.unwrap();
    let cut = authenticode::read(&&SIGNED_64[..SIGNED_64.len() - 100], offset, size);
    assert_eq!(cut.damage[0].kind, DamageKind::Truncated);
    let cut = authenticode::read(&&SIGNED_64[..offset as usize], offset, size);
    assert_eq!(cut.damage[0].kind, DamageKind::Truncated);
}

#[test]
fn a_resource_tree_that_leads_to_itself_ends() {
    let mut bytes = SIGNED_64.to_vec();
    let start = whole(SIGNED_64).layout.section(".rsrc").unwrap().offset as usize;
    // The entry of the version type leads back to the root.
    bytes[start + 20..start + 24].copy_from_slice(&IS_DIRECTORY_AT_ROOT.to_le_bytes());
    let pe = read(&bytes).unwrap();
    assert_eq!(pe.value.version, None);
    assert_eq!(pe.damage[0].kind, DamageKind::Corrupt);
}

const IS_DIRECTORY_AT_ROOT: u32 = 0x8000_0000;

#[test]
fn a_dos_program_is_no_pe() {
    let mut bytes = vec![0; 200];
    bytes[..2].copy_from_slice(b"MZ");
    assert_eq!(read(&bytes), None);
    assert_eq!(read(&b"MZ".as_slice()), None);
}

#[test]
fn a_file_cut_before_its_headers_is_truncated() {
    let bytes = crate::bytes::fixture("executables/pe32.dll");
    for size in [30, 64, 66, 100, 0x80] {
        let read = read(&&bytes[..size]).unwrap_or_else(|| panic!("{size}"));
        assert_eq!(read.damage[0].kind, DamageKind::Truncated, "{size}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_change_never_panics(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..30),
        header in prop::collection::vec((0_usize..0x400, any::<u8>()), 0..10),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = SIGNED_64.to_vec();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        for (at, value) in header {
            bytes[at] = value;
        }
        for bytes in [&bytes[..], &bytes[..cut.index(bytes.len())]] {
            if let Some((offset, size)) = read(&bytes).and_then(|pe| pe.value.certificates) {
                let _ = authenticode::read(&bytes, offset, size);
            }
        }
    }
}
