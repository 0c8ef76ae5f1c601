//! `*.deps.json`: what a .NET program was built with.
//!
//! dotnet/runtime, docs/design/features and dotnet/sdk, "runtime-configuration-file.md": `libraries` maps
//! `Name/Version` to a kind: `package`, `project`, `reference`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use crate::bytes::Damage;
use crate::format::text::relaxed_json;

/// A library of a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Library {
    /// Name.
    pub name: String,
    /// Version; may be empty.
    pub version: String,
    /// `package`, `project`, `reference`, …
    pub kind: Option<String>,
}

#[derive(Deserialize)]
struct File {
    libraries: BTreeMap<String, Value>,
}

/// The libraries of a `*.deps.json`.
///
/// # Errors
/// Damage when it is no JSON or lists none.
pub fn libraries(bytes: &[u8]) -> Result<Vec<Library>, Damage> {
    let file: File = relaxed_json::parse(bytes)?;
    let library = |(id, value): (String, Value)| {
        let (name, version) = id.split_once('/').unwrap_or((&id, ""));
        let kind = value.get("type").and_then(Value::as_str).map(str::to_owned);
        Library { name: name.to_owned(), version: version.to_owned(), kind }
    };
    Ok(file.libraries.into_iter().map(library).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_and_versions_are_split() {
        let all = libraries(
            br#"{"runtimeTarget": {"name": ".NETCoreApp,Version=v8.0"},
                "libraries": {"App/1.0.0": {"type": "project"}, "Example.Kit/2.1": {"type": "package"}}}"#,
        )
        .unwrap();
        assert_eq!((all[0].name.as_str(), all[0].kind.as_deref()), ("App", Some("project")));
        assert_eq!((all[1].name.as_str(), all[1].version.as_str()), ("Example.Kit", "2.1"));
        assert!(libraries(b"{}").is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = libraries(&bytes);
        }
    }
}
