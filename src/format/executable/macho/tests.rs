use proptest::prelude::*;

use super::*;

const SIGNED: &[u8] = include_bytes!("../../../../tests/fixtures/executables/macho-signed.dylib");

fn whole(bytes: &[u8]) -> Vec<MachO> {
    let macho = read(&bytes).unwrap();
    assert_eq!(macho.damage, []);
    macho.value
}

/// A fat file with the library twice, the second time as another processor's.
fn fat() -> Vec<u8> {
    let mut bytes = vec![0; 0x8000];
    bytes[..8].copy_from_slice(&[0xca, 0xfe, 0xba, 0xbe, 0, 0, 0, 2]);
    for (index, start) in [0x1000_u32, 0x5000].into_iter().enumerate() {
        let at = 8 + index * 20;
        bytes[at + 8..at + 12].copy_from_slice(&start.to_be_bytes());
        bytes[at + 12..at + 16].copy_from_slice(&(SIGNED.len() as u32).to_be_bytes());
        let start = start as usize;
        bytes.resize(bytes.len().max(start + SIGNED.len()), 0);
        bytes[start..start + SIGNED.len()].copy_from_slice(SIGNED);
    }
    bytes[0x5004] = 0x0c;
    bytes
}

#[test]
fn a_signed_library_names_its_team_and_signer() {
    let macho = whole(SIGNED).remove(0);
    assert_eq!((macho.arch(), macho.file_type), (Some("x86_64"), 6));
    assert_eq!(macho.id.as_deref(), Some("@rpath/libexample.dylib"));
    assert_eq!(macho.runpath, ["@loader_path/lib"]);
    assert_eq!(macho.uuid.map(|uuid| uuid.len()), Some(32));
    let signature = macho.signature.unwrap();
    assert_eq!(signature.identifier.as_deref(), Some("com.example.agent"));
    assert_eq!(signature.team_identifier.as_deref(), Some("AB12CD34EF"));
    assert_eq!(
        signature.signed.signer_names(),
        ["Developer ID Application: Example Ltd (AB12CD34EF)", "Example Ltd"]
    );
    let plist = String::from_utf8(macho.info_plist.unwrap()).unwrap();
    assert!(plist.contains("CFBundleIdentifier"), "{plist}");
}

#[test]
fn each_architecture_of_a_fat_file_is_read() {
    let all = whole(&fat());
    let archs: Vec<_> = all.iter().map(MachO::arch).collect();
    assert_eq!(archs, [Some("x86_64"), Some("aarch64")]);
    assert_eq!(all[1].start, 0x5000);
    assert_eq!(all[0].signature, all[1].signature);
    assert!(all[1].signature.is_some());
}

#[test]
fn a_cut_file_is_truncated_and_keeps_its_commands() {
    let cut = read(&&SIGNED[..0x1000]).unwrap();
    assert_eq!(cut.value[0].id.as_deref(), Some("@rpath/libexample.dylib"));
    assert_eq!(cut.damage[0].kind, DamageKind::Truncated);
    let fat = fat();
    let cut = read(&&fat[..0x4000]).unwrap();
    assert!(cut.value[0].signature.is_some());
    assert_eq!(cut.damage[0].kind, DamageKind::Truncated);
}

#[test]
fn a_java_class_is_no_fat_file() {
    assert_eq!(read(&b"\xca\xfe\xba\xbe\x00\x00\x00\x41\x00\x10".as_slice()), None);
    assert!(!is_macho(b"\xca\xfe\xba\xbe\x00\x03\x00\x2d"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_change_never_panics(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..30),
        header in prop::collection::vec((0_usize..0x400, any::<u8>()), 0..10),
        is_fat: bool,
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = if is_fat { fat() } else { SIGNED.to_vec() };
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        for (at, value) in header {
            bytes[at] = value;
        }
        let _ = read(&bytes);
        let _ = read(&&bytes[..cut.index(bytes.len())]);
    }
}
