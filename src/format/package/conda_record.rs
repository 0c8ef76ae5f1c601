//! `conda-meta/NAME-VERSION-BUILD.json`: an installed package of conda (docs.conda.io, "Conda package specification").

use serde::Deserialize;

use crate::bytes::Damage;
use crate::format::text::relaxed_json;

/// What conda notes of a package.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Record {
    /// Name.
    pub name: String,
    /// Version.
    pub version: Option<String>,
    /// Licence.
    pub license: Option<String>,
    /// What it needs, as `name range`.
    #[serde(default)]
    pub depends: Vec<String>,
}

/// Reads a record.
///
/// # Errors
/// Damage when it is no JSON or has no name.
pub fn parse(bytes: &[u8]) -> Result<Record, Damage> {
    relaxed_json::parse(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_has_a_name() {
        let record =
            parse(br#"{"name": "numpy", "version": "1.2", "depends": ["python >=3"], "files": ["a"]}"#)
                .unwrap();
        assert_eq!((record.name.as_str(), record.version.as_deref()), ("numpy", Some("1.2")));
        assert!(parse(b"{}").is_err() && parse(b"{\"name\": \"n").is_err());
    }
}
