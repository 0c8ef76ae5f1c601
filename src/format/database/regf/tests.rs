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

/// A hive with one key, whose list of values names one with a long name so many times.
pub(super) fn hive_of_values(count: u32) -> Vec<u8> {
    let mut bins = vec![0; 32];
    let cell = |bins: &mut Vec<u8>, content: &[u8]| {
        let at = u32::try_from(bins.len()).unwrap();
        let size = (content.len() + 4).next_multiple_of(8);
        bins.extend((-i32::try_from(size).unwrap()).to_le_bytes());
        bins.extend(content);
        bins.resize(at as usize + size, 0);
        at
    };
    let name = vec![b'n'; 30_000];
    let mut value = b"vk".to_vec();
    value.extend(30_000_u16.to_le_bytes());
    for field in [0x8000_0004_u32, 0, 4, 1] {
        value.extend(field.to_le_bytes());
    }
    value.extend(&name);
    let value = cell(&mut bins, &value);
    let list = value.to_le_bytes().repeat(count as usize);
    let list = cell(&mut bins, &list);
    let mut key = b"nk".to_vec();
    key.extend(0x2c_u16.to_le_bytes());
    key.extend([0; 8]);
    for field in [0, NONE, 0, 0, NONE, NONE, count, list, NONE, NONE] {
        key.extend(field.to_le_bytes());
    }
    key.resize(76, 0);
    let root = cell(&mut bins, &key);
    let size = bins.len().next_multiple_of(4096);
    bins.resize(size, 0);
    bins[..4].copy_from_slice(b"hbin");
    bins[8..12].copy_from_slice(&u32::try_from(size).unwrap().to_le_bytes());
    let mut bytes = b"regf".to_vec();
    for field in [1, 1, 0, 0, 1, 5, 0, 1, root, u32::try_from(size).unwrap(), 1] {
        bytes.extend(field.to_le_bytes());
    }
    bytes.resize(508, 0);
    let sum = bytes.chunks_exact(4).fold(0, |sum, word| sum ^ u32::from_le_bytes(word.try_into().unwrap()));
    bytes.extend(sum.to_le_bytes());
    bytes.resize(4096, 0);
    bytes.extend(bins);
    bytes
}

#[test]
fn a_value_that_is_listed_a_million_times_is_read_once() {
    let hive = Hive::open(Box::new(hive_of_values(1_000_000)), &[]).unwrap().value;
    let start = std::time::Instant::now();
    let values = hive.root().unwrap().values();
    assert_eq!((values.values.len(), values.damage.len()), (1, 10));
    assert_eq!(values.damage[0].what, "a value is listed twice");
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}

#[test]
fn a_key_that_counts_nothing_has_no_lists() {
    let counts = |fields: &[(usize, u32)]| {
        let mut bytes = hive_of_values(1);
        let key = memchr::memmem::find(&bytes, b"nk").unwrap();
        for (at, value) in fields {
            bytes[key + at..key + at + 4].copy_from_slice(&value.to_le_bytes());
        }
        let hive = Hive::open(Box::new(bytes), &[]).unwrap().value;
        let root = hive.root().unwrap();
        (root.subkeys().damage.len(), root.values().damage.len())
    };
    assert_eq!(counts(&[]), (0, 0));
    assert_eq!(counts(&[(28, 0)]), (1, 0));
    assert_eq!(counts(&[(36, 0)]), (0, 1));
    assert_eq!(counts(&[(36, 0), (40, 0)]), (0, 1));
    assert_eq!(counts(&[(36, 0), (40, NONE)]), (0, 0));
}
