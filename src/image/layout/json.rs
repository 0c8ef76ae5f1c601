//! The JSON files of layouts and stores, read as engines do.

use serde::de::DeserializeOwned;

use super::super::gaps::gap;
use super::super::go_json;
use crate::fs::root::{Fault, Root};
use crate::model::{Gap, GapKind};

/// Manifests, indexes and configs are small; anything larger is none.
pub(super) const MAX_JSON: usize = 8 << 20;

/// A JSON file and its bytes; `None` when it is not there. Fields that occur twice with different values become gaps.
pub(in crate::image) fn json_and_bytes<T: DeserializeOwned>(
    root: &Root,
    path: &str,
    gaps: &mut Vec<Gap>,
) -> Option<Result<(T, Vec<u8>), String>> {
    let content = match root.read(path.as_bytes(), MAX_JSON) {
        Err(Fault::Absent) => return None,
        Err(Fault::Unreadable { detail, .. }) => {
            return Some(Err(format!("{path} cannot be read: {detail}")));
        }
        Ok(content) => content,
    };
    if content.cut_from.is_some() {
        return Some(Err(format!("{path} is larger than {MAX_JSON} bytes")));
    }
    let parsed = parse(path, &content.bytes, gaps);
    Some(parsed.map(|value| (value, content.bytes)).map_err(|error| format!("{path}: {error}")))
}

/// As [`json_and_bytes`], without the bytes.
pub(in crate::image) fn json<T: DeserializeOwned>(
    root: &Root,
    path: &str,
    gaps: &mut Vec<Gap>,
) -> Option<Result<T, String>> {
    json_and_bytes(root, path, gaps).map(|result| result.map(|(value, _)| value))
}

/// Reads JSON as engines do; fields that occur twice with different values become gaps.
pub(in crate::image) fn parse<T: DeserializeOwned>(
    place: &str,
    bytes: &[u8],
    gaps: &mut Vec<Gap>,
) -> Result<T, String> {
    let document = go_json::read::<T>(bytes).map_err(|error| error.to_string())?;
    for name in document.repeated {
        let detail = format!(
            "its field `{name}` occurs more than once with different values, and readers differ in which one counts"
        );
        gaps.push(gap(GapKind::Corrupt, place.to_owned(), detail));
    }
    Ok(document.value)
}
