use proptest::prelude::*;

use super::*;
use crate::bytes::fixture;

/// What Python's plistlib reads from the same files.
#[test]
fn good_lists_in_both_forms() {
    let binary = read(&fixture("macos/BinaryApp.plist"));
    assert_eq!((binary.damage.len(), binary.value.entries().len()), (0, 27));
    assert_eq!(binary.value.text("CFBundleIdentifier"), Some("com.google.corp.gMacInformation"));
    assert_eq!(
        binary.value.text("NSHumanReadableCopyright"),
        Some("Copyright © 2019 Google. All rights reserved."),
        "UTF-16"
    );
    let xml = read(&fixture("macos/ValidXML.plist"));
    assert_eq!((xml.damage.len(), xml.value.entries().len()), (0, 43));
    assert_eq!(xml.value.text("CFBundleShortVersionString"), Some("130.0.6723.69"));
    let partial = read(&fixture("macos/MissingData.plist"));
    assert_eq!(
        (partial.damage.len(), partial.value.entries().len()),
        (0, 41),
        "a list without names is a list"
    );
    assert_eq!(partial.value.text("CFBundleShortVersionString"), None);
}

#[test]
fn damaged_lists_are_said_to_be() {
    for name in ["InvalidFormat.plist", "DifferentFormat.plist", "Empty.plist"] {
        let read = read(&fixture(&format!("macos/{name}")));
        assert_eq!(read.damage.len(), 1, "{name}: {read:?}");
        assert!(read.value.entries().is_empty(), "{name}");
    }
}

#[test]
fn what_comes_before_the_damage_is_kept() {
    let whole = fixture("macos/ValidXML.plist");
    let at = whole.windows(10).position(|window| window == b"</dict>\n\t<").unwrap() + 4000;
    for end in [at, at + 1, at + 7, whole.len() - 20] {
        let read = read(&whole[..end]);
        assert_eq!(read.damage.len(), 1);
        assert_eq!(read.value.text("CFBundleDisplayName"), Some("Google Chrome"), "cut at {end}");
    }
    let crossed = read(b"<plist><dict><key>a</key><string>b</string><key>c</key></array></dict></plist>");
    assert_eq!((crossed.value.text("a"), crossed.damage.len()), (Some("b"), 1));
    let text = read(b"/* c */ \"a\" = \"b\\U00e4\\n\"; // d\nc = d; e = \"f");
    assert_eq!((text.value.text("a"), text.value.text("c")), (Some("b\u{e4}"), Some("d")));
    assert_eq!(text.damage[0].kind, DamageKind::Truncated);
}

#[test]
fn every_kind_of_value() {
    let xml = b"<?xml version='1.0'?><!DOCTYPE plist><plist><dict><key>t&amp;&#65;</key><string>x&lt;<![CDATA[y>]]></string>\
        <key>i</key><integer>-7</integer><key>h</key><integer>0x10</integer><key>r</key><real>1.5</real>\
        <key>b</key><true/><key>f</key><false/><key>e</key><string/><key>d</key><date>2024-07-20T10:00:00Z</date>\
        <key>x</key><data>aGVs bG8=</data><key>a</key><array><integer>1</integer><array/></array></dict></plist>";
    let read = read(xml);
    assert!(read.damage.is_empty(), "{:?}", read.damage);
    let value = read.value;
    assert_eq!(value.text("t&A"), Some("x<y>"));
    assert_eq!((value.get("i"), value.get("h")), (Some(&Value::Integer(-7)), Some(&Value::Integer(16))));
    assert_eq!((value.boolean("b"), value.boolean("f"), value.text("e")), (Some(true), Some(false), None));
    assert_eq!((value.date("d"), value.get("r")), (Some(1_721_469_600.0), Some(&Value::Real(1.5))));
    assert_eq!(value.get("x"), Some(&Value::Data(b"hello".to_vec())));
    assert_eq!(value.get("a").unwrap().items().len(), 2);
    let old = super::read("\u{feff}{ a = (1, \"2\", <0fbd>,); b = { c = d; }; }".as_bytes());
    assert_eq!((old.damage.len(), old.value.get("b").unwrap().text("c")), (0, Some("d")));
    assert_eq!(old.value.get("a").unwrap().items()[2], Value::Data(vec![0x0f, 0xbd]));
    let utf16: Vec<u8> =
        "\u{feff}CFBundleName = \"Имя\";".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(super::read(&utf16).value.text("CFBundleName"), Some("Имя"));
}

/// A binary list of objects and the offset table over them; one byte each for offsets and references.
fn binary(objects: &[&[u8]]) -> Vec<u8> {
    let mut bytes = b"bplist00".to_vec();
    let mut offsets = Vec::new();
    for object in objects {
        offsets.extend(u16::try_from(bytes.len()).unwrap().to_be_bytes());
        bytes.extend_from_slice(object);
    }
    let table = bytes.len() as u64;
    bytes.extend(offsets);
    bytes.extend([0, 0, 0, 0, 0, 0, 2, 1]);
    for number in [objects.len() as u64, 0, table] {
        bytes.extend(number.to_be_bytes());
    }
    bytes
}

#[test]
fn a_hostile_binary_list_ends() {
    let itself = read(&binary(&[b"\xa1\x00"]));
    assert!(itself.damage[0].what.contains("part of itself"), "{:?}", itself.damage);
    // Sixty levels of an array that holds the next one fifteen times.
    let levels: Vec<Vec<u8>> = (1..60_u8).map(|next| [vec![0xae], vec![next; 14]].concat()).collect();
    let mut objects: Vec<&[u8]> = levels.iter().map(Vec::as_slice).collect();
    objects.push(b"\x51a");
    let bomb = read(&binary(&objects));
    assert!(bomb.damage.iter().any(|it| it.kind == DamageKind::OverLimit), "{:?}", bomb.damage);
    let huge = read(&binary(&[b"\xaf\x13\x7f\xff\xff\xff\xff\xff\xff\xff"]));
    assert_eq!(huge.damage[0].kind, DamageKind::Corrupt);
    let deep: Vec<Vec<u8>> = (1..200_u8).map(|next| vec![0xa1, next]).collect();
    let objects: Vec<&[u8]> = deep.iter().map(Vec::as_slice).collect();
    assert_eq!(read(&binary(&objects)).damage[0].kind, DamageKind::OverLimit);
    let nested = "<array>".repeat(100_000);
    assert_eq!(read(nested.as_bytes()).damage[0].kind, DamageKind::OverLimit);
    assert_eq!(read("(".repeat(100_000).as_bytes()).damage[0].kind, DamageKind::OverLimit);
}

#[test]
fn one_bad_object_leaves_the_others() {
    // A dictionary of two entries, the second value of an unknown kind.
    let read = read(&binary(&[b"\xd2\x01\x02\x03\x04", b"\x51a", b"\x51b", b"\x51x", b"\x7f"]));
    assert_eq!((read.value.text("a"), read.value.text("b"), read.damage.len()), (Some("x"), None, 1));
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400), form in 0..4_usize) {
        let start: &[u8] = [b"bplist00".as_slice(), b"<plist><dict>", b"{ a = ", b""][form];
        let _ = read(&[start, &bytes].concat());
    }

    #[test]
    fn no_change_of_a_binary_list_makes_it_panic(at in 0..1200_usize, byte in any::<u8>()) {
        let mut bytes = fixture("macos/BinaryApp.plist");
        bytes[at] = byte;
        let _ = read(&bytes);
    }
}
