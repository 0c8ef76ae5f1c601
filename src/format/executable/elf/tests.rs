use proptest::prelude::*;

use super::*;

const SHARED_64: &[u8] = include_bytes!("../../../../tests/fixtures/executables/elf64-shared.so");
const BIG_32: &[u8] = include_bytes!("../../../../tests/fixtures/executables/elf32-big.so");

fn whole(bytes: &[u8]) -> Elf {
    let elf = read(&bytes).unwrap();
    assert_eq!(elf.damage, []);
    elf.value
}

/// What remains when a packer drops the section table.
fn without_sections(bytes: &[u8]) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    bytes[0x28..0x30].fill(0);
    bytes[0x3c..0x40].fill(0);
    bytes
}

fn assert_identity(elf: &Elf) {
    assert_eq!((elf.bits, elf.kind, elf.arch()), (64, Kind::Shared, Some("x86_64")));
    assert_eq!(elf.soname.as_deref(), Some("libexample.so.1"));
    assert_eq!(elf.needed, ["libc.so.6", "libm.so.6"]);
    assert_eq!(elf.runpath, ["$ORIGIN/lib", "/opt/example/lib"]);
    assert_eq!(elf.build_id.as_deref(), Some("00112233445566778899aabbccddeeff"));
    let note: Vec<_> = elf.package_metadata.iter().map(|(key, value)| format!("{key}={value}")).collect();
    assert_eq!(
        note,
        [
            "architecture=x86_64",
            "name=example",
            "os=fedora",
            "osVersion=40",
            "type=rpm",
            "version=1.2-3.fc40"
        ]
    );
}

#[test]
fn a_shared_object_names_itself_and_what_it_needs() {
    let elf = whole(SHARED_64);
    assert_identity(&elf);
    assert_eq!(elf.layout.section(".dynamic").map(|section| section.offset), Some(0xf10));
    assert!(!elf.is_kernel_module());
}

#[test]
fn program_headers_are_enough() {
    let elf = whole(&without_sections(SHARED_64));
    assert_identity(&elf);
    assert_eq!(elf.layout.sections, []);
}

#[test]
fn sections_are_enough_for_notes_of_object_files() {
    let mut bytes = SHARED_64.to_vec();
    bytes[0x38..0x3a].fill(0);
    let elf = read(&bytes.as_slice()).unwrap().value;
    assert_eq!(elf.build_id.as_deref(), Some("00112233445566778899aabbccddeeff"));
    assert_eq!(elf.soname.as_deref(), Some("libexample.so.1"));
}

#[test]
fn a_big_endian_32_bit_object_reads_the_same() {
    let elf = whole(BIG_32);
    assert_eq!((elf.bits, elf.kind, elf.arch()), (32, Kind::Shared, Some("ppc")));
    assert_eq!(elf.soname.as_deref(), Some("libbig.so.2"));
    assert_eq!(elf.build_id.as_deref(), Some("cafe"));
    assert_eq!(elf.needed, [""; 0]);
}

#[test]
fn a_large_string_table_is_read_name_by_name() {
    let mut bytes = SHARED_64.to_vec();
    let tables = bytes.len() as u64;
    // The string table moves to a segment of its own at the end, behind 100 kB of other names.
    let strings = bytes[0x290..0x290 + 73].to_vec();
    bytes.resize(bytes.len() + 100_000, b'x');
    bytes.extend_from_slice(&strings);
    let load = 0x40 + 56;
    bytes[load + 8..load + 16].copy_from_slice(&tables.to_le_bytes());
    bytes[load + 16..load + 24].copy_from_slice(&0x50_0000_u64.to_le_bytes());
    bytes[load + 32..load + 40].copy_from_slice(&100_073_u64.to_le_bytes());
    for entry in 0..10 {
        let at = 0xf10 + entry * 16;
        let (tag, value) = (bytes[at], u64::from_le_bytes(*bytes[at + 8..].first_chunk().unwrap()));
        let moved = match tag {
            1 | 14 | 29 if bytes[at + 1] == 0 => value + 100_000,
            5 => 0x50_0000,
            10 => 100_073,
            _ => continue,
        };
        bytes[at + 8..at + 16].copy_from_slice(&moved.to_le_bytes());
    }
    assert_identity(&whole(&bytes));
}

#[test]
fn a_cut_file_is_truncated_and_keeps_what_came_before() {
    let elf = read(&&SHARED_64[..0x800]).unwrap();
    assert_eq!(elf.value.build_id.as_deref(), Some("00112233445566778899aabbccddeeff"));
    assert!(elf.damage.iter().all(|damage| damage.kind == DamageKind::Truncated));
    assert!(elf.damage.iter().any(|damage| damage.what.contains("dynamic section")), "{:?}", elf.damage);
    assert_eq!(read(&&SHARED_64[..30]).unwrap().damage[0].kind, DamageKind::Truncated);
}

#[test]
fn debug_symbols_without_a_program_are_no_damage() {
    let mut bytes = SHARED_64.to_vec();
    let sections = usize::from_le_bytes(*bytes[0x28..].first_chunk().unwrap());
    for index in 0..usize::from(bytes[0x3c]) {
        let at = sections + index * 64;
        // .dynsym, .dynstr, code and .dynamic lose their bytes, the notes stay.
        if matches!(bytes[at + 4], 1 | 3 | 6 | 11) && bytes[at + 8] & 2 != 0 {
            bytes[at + 4] = 8;
        }
    }
    bytes[0xf10..0x1000].fill(0xee);
    let elf = whole(&bytes);
    assert_eq!((elf.soname, elf.needed.len()), (None, 0));
    assert_eq!(elf.build_id.as_deref(), Some("00112233445566778899aabbccddeeff"));
}

#[test]
fn absurd_counts_are_over_the_limit() {
    let mut bytes = SHARED_64.to_vec();
    bytes.resize(6 << 20, 0);
    bytes[0x28..0x30].copy_from_slice(&0x2000_u64.to_le_bytes());
    bytes[0x3c..0x3e].fill(0);
    bytes[0x2000 + 32..0x2000 + 40].copy_from_slice(&u64::MAX.to_le_bytes());
    assert_eq!(read(&bytes.as_slice()).unwrap().damage[0].kind, DamageKind::OverLimit);
}

#[test]
fn other_magic_is_no_elf() {
    assert_eq!(read(&b"\x7fELG\x02\x01".as_slice()), None);
    assert_eq!(read(&b"\x7fELF\x03\x01\x01".as_slice()), None);
    assert_eq!(read(&b"".as_slice()), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..512)) {
        let _ = read(&bytes.as_slice());
        let _ = read(&[b"\x7fELF".as_slice(), &bytes].concat());
    }

    #[test]
    fn any_change_never_panics(
        big: bool,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = if big { BIG_32 } else { SHARED_64 }.to_vec();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        let _ = read(&bytes.as_slice());
        let _ = read(&&bytes[..cut.index(bytes.len())]);
    }
}
