//! The names of the files in a cabinet of Windows; their content, which is mostly compressed, is not read.
//!
//! Specification: Microsoft, "Microsoft Cabinet File Format".

use crate::bytes::{Damage, DamageKind, ReadAt, Salvaged};
use crate::format::executable::ByteOrder::Little;

const MAGIC: &[u8; 4] = b"MSCF";
/// Bytes of the header that are read.
const HEADER: usize = 36;
/// Bytes before a file's name.
const FIXED: usize = 16;
/// Bytes of the list of files: 65,535 of them, with names of at most 256 bytes.
const MAX_LIST: usize = 65_535 * (FIXED + 257);

/// A file in a cabinet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its path, with slashes.
    pub name: String,
    /// Its size, unpacked.
    pub size: u64,
}

/// Whether a file begins as a cabinet.
pub fn is_cabinet(head: &[u8]) -> bool {
    head.starts_with(b"MSCF\0\0\0\0")
}

/// Lists the files; `None` when it is no cabinet. What comes before damage is kept.
pub fn read(file: &dyn ReadAt) -> Option<Salvaged<Vec<Member>>> {
    let head = file.read_vec(0, HEADER).ok()?;
    if !head.starts_with(MAGIC) {
        return None;
    }
    let cut = |at: u64| Damage::new(DamageKind::Truncated, at, "the cabinet ends inside its list of files");
    let (Some(start), Some(count)) = (Little.u32(&head, 16), Little.u16(&head, 28)) else {
        return Some(Salvaged { value: Vec::new(), damage: vec![cut(head.len() as u64)] });
    };
    let room = file.size().saturating_sub(u64::from(start)).min(MAX_LIST as u64);
    let list = match file.read_vec(u64::from(start), usize::try_from(room).unwrap_or(MAX_LIST)) {
        Ok(list) => list,
        Err(error) => return Some(Salvaged { value: Vec::new(), damage: vec![Damage::from(error)] }),
    };
    let (mut members, mut at) = (Vec::new(), 0);
    for _ in 0..count {
        let Some((member, length)) = list.get(at..).and_then(member) else {
            let damage = vec![cut(u64::from(start) + at as u64)];
            return Some(Salvaged { value: members, damage });
        };
        members.push(member);
        at += length;
    }
    Some(Salvaged::whole(members))
}

/// A file of the list, and how long its entry is.
fn member(entry: &[u8]) -> Option<(Member, usize)> {
    let rest = entry.get(FIXED..)?;
    let end = memchr::memchr(0, rest.get(..rest.len().min(257))?)?;
    let name = String::from_utf8_lossy(rest.get(..end)?).replace('\\', "/");
    Some((Member { name, size: u64::from(Little.u32(entry, 0)?) }, FIXED + end + 1))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A cabinet of empty files.
    pub fn cabinet(names: &[&str]) -> Vec<u8> {
        let mut bytes = vec![0; HEADER];
        bytes[..4].copy_from_slice(MAGIC);
        bytes[16] = u8::try_from(HEADER).unwrap();
        bytes[28] = u8::try_from(names.len()).unwrap();
        for name in names {
            bytes.extend([7, 0, 0, 0]);
            bytes.extend([0; 12]);
            bytes.extend([name.as_bytes(), b"\0"].concat());
        }
        bytes
    }

    #[test]
    fn files_by_name_and_a_cut_list_is_damage() {
        let bytes = cabinet(&["setup.exe", "data\\tool.msi"]);
        let read = read(&bytes).unwrap();
        assert_eq!(read.damage, []);
        assert_eq!(read.value[1], Member { name: "data/tool.msi".to_owned(), size: 7 });
        for cut in [10, 40, bytes.len() - 1] {
            let read = super::read(&&bytes[..cut]).unwrap();
            assert_eq!(read.damage.len(), 1, "{cut}");
            assert_eq!(read.value.len(), usize::from(cut > 60), "{cut}");
        }
        assert!(super::read(&&b"text"[..]).is_none());
    }

    proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), is_named in any::<bool>()) {
            let bytes = if is_named { [MAGIC.to_vec(), bytes].concat() } else { bytes };
            let _ = read(&bytes);
        }
    }
}
