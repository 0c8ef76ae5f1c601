use super::*;
use proptest::prelude::*;

/// Walks everything that can be reached and returns how many keys that were.
fn walk(hive: &Hive) -> usize {
    let mut keys = 0;
    let mut stack: Vec<Key<'_>> = hive.root().into_iter().collect();
    while let Some(key) = stack.pop() {
        keys += 1;
        for value in key.values().values {
            let _ = value.data(1 << 16);
        }
        let _ = (key.subkey("Software"), key.class_name());
        stack.extend(key.subkeys().keys);
    }
    keys
}

#[test]
fn what_is_no_hive_is_said_to_be_none() {
    let open = |bytes: &[u8]| Hive::open(Box::new(bytes.to_vec()), &[]).err().map(|damage| damage.kind);
    assert_eq!(open(b""), Some(DamageKind::Truncated));
    assert_eq!(open(&[0; 5000]), Some(DamageKind::Corrupt));
    assert_eq!(open(b"regf"), Some(DamageKind::Corrupt));
}

#[test]
fn names_in_both_encodings() {
    assert_eq!(name(b"M\xfcller", true), "Müller");
    assert_eq!(name(&[0x1b, 0x04, 0x30, 0xd8], false), "Л\u{fffd}");
    assert!(same_name("ЛАБОРАТОРИЯ", "лаборатория") && !same_name("a", "ab"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn any_bytes_never_panic(mut bytes in proptest::collection::vec(any::<u8>(), 0..9000)) {
        for (at, magic) in [(0usize, b"regf".as_slice()), (4096, b"hbin"), (4132, b"nk")] {
            if let Some(place) = bytes.get_mut(at..at + magic.len()) {
                place.copy_from_slice(magic);
            }
        }
        if let Ok(hive) = Hive::open(Box::new(bytes.clone()), &[bytes]) {
            walk(&hive.value);
        }
    }
}
