//! Native messaging hosts: programs that an extension may start, registered by a small JSON file.
//!
//! Keys as in Chrome's "Native messaging" and MDN's "Native manifests".

use serde_json::{Map, Value};

use crate::bytes::Damage;
use crate::format::text::relaxed_json;

/// A registered program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Host {
    /// Name that extensions call it by.
    pub name: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// The program.
    pub program: Option<String>,
    /// Extensions that may start it: origins for Chromium, identifiers for Mozilla.
    pub allowed: Vec<String>,
}

/// Reads a registration.
///
/// # Errors
/// Damage when it is no JSON object.
pub fn parse(bytes: &[u8]) -> Result<Host, Damage> {
    let object: Map<String, Value> = relaxed_json::parse(bytes)?;
    let text = |key: &str| object.get(key).and_then(Value::as_str).map(str::to_owned);
    let lists = ["allowed_origins", "allowed_extensions"].iter();
    let allowed = lists.filter_map(|key| object.get(*key)?.as_array()).flatten();
    Ok(Host {
        name: text("name"),
        description: text("description"),
        program: text("path"),
        allowed: allowed.filter_map(Value::as_str).map(str::to_owned).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_registration_of_either_browser() {
        let host = parse(
            br#"{"name": "com.example.host", "description": "Example", "path": "/opt/example/host", "type": "stdio",
                "allowed_origins": ["chrome-extension://abc/"], "allowed_extensions": ["a@example.com"]}"#,
        )
        .unwrap();
        assert_eq!(host.name.as_deref(), Some("com.example.host"));
        assert_eq!(host.program.as_deref(), Some("/opt/example/host"));
        assert_eq!(host.allowed, ["chrome-extension://abc/", "a@example.com"]);
        assert!(parse(b"[]").is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
        }
    }
}
