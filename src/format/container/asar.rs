//! Archives of Electron applications (`app.asar`): a directory in JSON, then the files one after the other.
//!
//! electron/asar, "Format": two pickles of Chromium, of which the first is the size of the second and the second is
//! the directory: `files` maps names to `files`, or to `offset` (as text), `size` and `unpacked`.

use serde_json::{Map, Value};

use crate::bytes::{Damage, DamageKind, ReadAt, Salvaged};

/// Bytes of a directory.
const MAX_DIRECTORY: u32 = 64 << 20;
/// Folders nest this deep.
const MAX_DEPTH: usize = 64;

/// A file in an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its path.
    pub path: String,
    /// Where its bytes begin.
    pub offset: u64,
    /// How many there are.
    pub size: u64,
}

/// The files whose paths are wanted, but for those that lie beside the archive.
///
/// # Errors
/// Damage when there is no directory.
pub fn members(file: &dyn ReadAt, wanted: impl Fn(&str) -> bool) -> Result<Salvaged<Vec<Member>>, Damage> {
    let head = file.read_vec(0, 16)?;
    let number = |at: usize| Some(u32::from_le_bytes(*head.get(at..)?.first_chunk()?));
    let (Some(4), Some(pickle), Some(length)) = (number(0), number(4), number(12)) else {
        let kind = if head.len() < 16 { DamageKind::Truncated } else { DamageKind::Corrupt };
        return Err(Damage::new(kind, 0, "no archive of Electron"));
    };
    if length > MAX_DIRECTORY {
        return Err(Damage::new(DamageKind::OverLimit, 12, format!("a directory of {length} bytes")));
    }
    let text = file.read_vec(16, length as usize)?;
    if text.len() < length as usize {
        return Err(Damage::new(DamageKind::Truncated, 16, "the file ends inside its directory"));
    }
    let directory: Map<String, Value> = serde_json::from_slice(&text).map_err(|error| {
        Damage::new(DamageKind::Corrupt, 16, format!("its directory is not JSON: {error}"))
    })?;
    let base = 8 + u64::from(pickle);
    let mut found = Salvaged::whole(Vec::new());
    let mut pending = vec![(String::new(), &directory, 0)];
    while let Some((folder, node, depth)) = pending.pop() {
        for (name, node) in node.get("files").and_then(Value::as_object).into_iter().flatten() {
            let Some(node) = node.as_object() else { continue };
            let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
            if node.contains_key("files") {
                if depth < MAX_DEPTH {
                    pending.push((path, node, depth + 1));
                } else {
                    let what = format!("folders nest deeper than {MAX_DEPTH}");
                    found.damage.push(Damage::new(DamageKind::OverLimit, None, what));
                }
                continue;
            }
            if !wanted(&path) || node.get("unpacked").and_then(Value::as_bool) == Some(true) {
                continue;
            }
            let offset = node.get("offset").and_then(Value::as_str).and_then(|text| text.parse::<u64>().ok());
            let size = node.get("size").and_then(Value::as_u64);
            match (offset.and_then(|offset| base.checked_add(offset)), size) {
                (Some(offset), Some(size)) => found.value.push(Member { path, offset, size }),
                _ if node.contains_key("link") => {}
                _ => {
                    found.damage.push(Damage::new(DamageKind::Corrupt, None, format!("{path} has no place")))
                }
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// An archive with this directory and these bytes.
    pub(crate) fn archive(directory: &str, bytes: &[u8]) -> Vec<u8> {
        let length = u32::try_from(directory.len()).unwrap();
        let padded = directory.len().next_multiple_of(4);
        let pickle = u32::try_from(padded).unwrap() + 8;
        let numbers = [4, pickle, pickle - 4, length].map(u32::to_le_bytes).concat();
        let mut all = [&numbers, directory.as_bytes()].concat();
        all.resize(16 + padded, 0);
        [all, bytes.to_vec()].concat()
    }

    #[test]
    fn files_lie_behind_the_directory() {
        let directory = r#"{"files": {"package.json": {"size": 3, "offset": "2"}, "x": {"files": {"package.json": {"size": 1, "unpacked": true}}}}}"#;
        let bytes = archive(directory, b"..abc");
        let found = members(&bytes, |path| path.ends_with("package.json")).unwrap();
        assert_eq!((found.value.len(), found.damage), (1, vec![]));
        assert_eq!(bytes.read_vec(found.value[0].offset, 3).unwrap(), b"abc");
        assert!(
            members(&bytes[..40].to_vec(), |_| true).is_err() && members(&b"".to_vec(), |_| true).is_err()
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn any_bytes_never_panic(text in "[{}:,\"files0offstz]{0,60}", cut in 0usize..80) {
            let mut bytes = archive(&text, b"");
            bytes.truncate(cut);
            let _ = members(&bytes, |_| true);
        }
    }
}
