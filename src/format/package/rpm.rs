//! Packages of rpm: a lead, a header of signatures, the header that names the package, then the payload (rpm's
//! documentation, "Package format").

use crate::bytes::{Damage, DamageKind, ReadAt, Salvaged};
use crate::format::database::rpmdb::{MAX_HEADER, Package, header};

const LEAD: u64 = 96;
const MAGIC: &[u8] = &[0x8e, 0xad, 0xe8, 0x01];

/// Whether a file that starts with these bytes is a package.
pub fn is_rpm(head: &[u8]) -> bool {
    head.starts_with(&[0xed, 0xab, 0xee, 0xdb])
}

/// The package that a file holds.
///
/// # Errors
/// Damage when its header is cut or is none.
pub fn read(file: &dyn ReadAt) -> Result<Salvaged<Package>, Damage> {
    let signatures = length(file, LEAD)?;
    let at = LEAD.saturating_add(signatures).next_multiple_of(8);
    let size = usize::try_from(length(file, at)?).unwrap_or(usize::MAX);
    if size > MAX_HEADER {
        return Err(Damage::new(DamageKind::OverLimit, at, format!("a header of {size} bytes")));
    }
    let blob = file.read_vec(at, size)?;
    if blob.len() < size {
        return Err(Damage::new(DamageKind::Truncated, at, "the header is cut off"));
    }
    // The database keeps headers without their magic.
    header::read(blob.get(8..).unwrap_or_default())
}

/// Bytes of the header at a place.
fn length(file: &dyn ReadAt, at: u64) -> Result<u64, Damage> {
    let start = file.read_vec(at, 16)?;
    if start.len() < 16 {
        return Err(Damage::new(DamageKind::Truncated, at, "the package is cut off before its header"));
    }
    if !start.starts_with(MAGIC) {
        return Err(Damage::new(DamageKind::Corrupt, at, "no header of rpm"));
    }
    let number = |at: usize| {
        let four = start.get(at..at + 4).and_then(|four| four.try_into().ok());
        u64::from(four.map_or(0, u32::from_be_bytes))
    };
    Ok(16 + 16 * number(8) + number(12))
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A package with a name and a vendor.
    pub(crate) fn package(name: &str, vendor: &str) -> Vec<u8> {
        let (mut index, mut store) = (Vec::new(), Vec::new());
        for (tag, text) in [(1000_u32, name), (1001, "1.0"), (1002, "1"), (1011, vendor), (1022, "x86_64")] {
            for number in [tag, 6, u32::try_from(store.len()).unwrap(), 1] {
                index.extend(number.to_be_bytes());
            }
            store.extend(text.as_bytes());
            store.push(0);
        }
        let header = |index: &[u8], store: &[u8]| {
            let mut bytes = [MAGIC, &[0; 4]].concat();
            bytes.extend(u32::try_from(index.len() / 16).unwrap().to_be_bytes());
            bytes.extend(u32::try_from(store.len()).unwrap().to_be_bytes());
            [bytes, index.to_vec(), store.to_vec()].concat()
        };
        let mut bytes = vec![0xed, 0xab, 0xee, 0xdb];
        bytes.resize(96, 0);
        bytes.extend(header(&[], &[]));
        bytes.extend(header(&index, &store));
        bytes
    }

    #[test]
    fn the_header_behind_the_signatures_names_the_package() {
        let bytes = package("tool", "Example Ltd");
        let read = read(&bytes).unwrap();
        assert_eq!(read.damage, []);
        assert_eq!((read.value.name.as_str(), read.value.vendor.as_deref()), ("tool", Some("Example Ltd")));
        for length in [4, 100, 115, 130, bytes.len() - 1] {
            assert!(super::read(&bytes[..length].to_vec()).is_err(), "{length}");
        }
    }

    proptest! {
        #[test]
        fn any_change_does_not_panic(at in 0_usize..220, value in any::<u8>()) {
            let mut bytes = package("tool", "Example Ltd");
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
            let _ = read(&bytes);
        }
    }
}
