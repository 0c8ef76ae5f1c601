//! What snapd knows of the snaps of a machine: `state.json`, and the assertions that name their publishers.
//!
//! snapcore/snapd, overlord/snapstate (`SnapState`, `SideInfo`) and asserts/doc.go (headers of assertions).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::bytes::Damage;
use crate::format::text::relaxed_json;

/// A snap that snapd manages.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Snap {
    /// Name; an instance of a parallel installation as `name_key`.
    pub name: String,
    /// Kind: `app`, `base`, `os`, …
    pub kind: Option<String>,
    /// Whether it is switched on.
    pub active: bool,
    /// Revision in use.
    pub revision: Option<String>,
    /// Channel it follows.
    pub channel: Option<String>,
    /// The store's identifier.
    pub id: Option<String>,
}

#[derive(Deserialize)]
struct State {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    #[serde(default)]
    snaps: BTreeMap<String, Value>,
}

/// The snaps of a `state.json`.
///
/// # Errors
/// Damage when it is no JSON or no state.
pub fn snaps(bytes: &[u8]) -> Result<Vec<Snap>, Damage> {
    let state: State = relaxed_json::parse(bytes)?;
    Ok(state.data.snaps.iter().map(|(name, value)| snap(name, value)).collect())
}

fn snap(name: &str, value: &Value) -> Snap {
    let text = |value: Option<&Value>| match value? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let revision = text(value.get("current"));
    // An entry is the information itself, or since snapd 2.61 holds it with the revision's components.
    let sequence = value.get("sequence").and_then(Value::as_array).into_iter().flatten();
    let mut infos = sequence.map(|entry| entry.get("snap").unwrap_or(entry));
    let info = infos.find(|info| text(info.get("revision")) == revision);
    Snap {
        name: name.to_owned(),
        kind: text(value.get("type")),
        active: value.get("active").and_then(Value::as_bool).unwrap_or(false),
        channel: text(value.get("channel")).or_else(|| text(info?.get("channel"))),
        id: text(info.and_then(|info| info.get("snap-id"))),
        revision,
    }
}

/// The headers of an assertion. Values over several lines are left out.
pub fn assertion(bytes: &[u8]) -> BTreeMap<String, String> {
    let text = String::from_utf8_lossy(bytes);
    let headers = text.lines().take_while(|line| !line.is_empty());
    let pairs = headers.filter(|line| !line.starts_with(' ')).filter_map(|line| line.split_once(':'));
    let pairs = pairs.map(|(key, value)| (key.to_owned(), value.trim().to_owned()));
    pairs.filter(|(_, value)| !value.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_revision_in_use_tells_the_rest() {
        let all = snaps(
            br#"{"data": {"snaps": {
                "tool": {"type": "app", "active": true, "current": "12", "channel": "latest/stable",
                    "sequence": [{"name": "tool", "snap-id": "old", "revision": "11"},
                                 {"name": "tool", "snap-id": "abc", "revision": "12"}]},
                "new": {"current": "3", "sequence": [{"snap": {"snap-id": "def", "revision": "3", "channel": "edge"}}]}}},
                "changes": {"1": {}}}"#,
        )
        .unwrap();
        assert_eq!(all.len(), 2);
        assert_eq!((all[0].name.as_str(), all[0].id.as_deref(), all[0].active), ("new", Some("def"), false));
        assert_eq!(all[0].channel.as_deref(), Some("edge"));
        assert_eq!((all[1].id.as_deref(), all[1].active), (Some("abc"), true));
        assert!(snaps(b"{}").is_err());
        assert_eq!(snaps(br#"{"data": {}}"#).unwrap(), []);
    }

    #[test]
    fn headers_of_an_assertion_end_before_its_signature() {
        let headers = assertion(
            b"type: account\naccount-id: xyz\ndisplay-name: Some One\nlist:\n  - a: b\n\nAcLB: no\n",
        );
        assert_eq!(headers["account-id"], "xyz");
        assert_eq!(headers["display-name"], "Some One");
        assert_eq!(headers.len(), 3);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = snaps(&bytes);
            let _ = assertion(&bytes);
        }
    }
}
