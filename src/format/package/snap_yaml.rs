//! What debar needs of a snap's `meta/snap.yaml`: the plain values at its top level.
//!
//! Keys as in "The snap.yaml schema" (snapcraft.io).

use serde_json::Value;

use crate::bytes::Salvaged;
use crate::format::text::yaml;

/// What a snap says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SnapYaml {
    /// Name.
    pub name: Option<String>,
    /// Version.
    pub version: Option<String>,
    /// Title for people.
    pub title: Option<String>,
    /// One line on what it is.
    pub summary: Option<String>,
    /// `app`, `base`, `os`, `kernel`, `gadget`, `snapd`; `app` when absent.
    pub kind: Option<String>,
    /// Architectures.
    pub architectures: Vec<String>,
    /// Licence.
    pub license: Option<String>,
}

/// Reads the top level.
pub fn parse(bytes: &[u8]) -> Salvaged<SnapYaml> {
    let Salvaged { value, damage } = yaml::parse(bytes);
    let text = |key: &str| yaml::text(&value, key);
    let value = SnapYaml {
        name: text("name"),
        version: text("version"),
        title: text("title"),
        summary: text("summary"),
        kind: text("type"),
        architectures: architectures(&value),
        license: text("license"),
    };
    Salvaged { value, damage }
}

/// A list of names; old snaps have one for where to build and one for where to run.
fn architectures(snap: &Value) -> Vec<String> {
    let list = snap.get("architectures").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_of_the_top_level_only() {
        let Salvaged { value: snap, damage } = parse(
            b"name: core\nversion: '16-2.61'\nsummary: \"A \\\"base\\\"\" \ndescription: |\n  name: no\ntype: os # comment\n\
              architectures:\n- amd64\n- arm64\napps:\n  x:\n    version: 9\n",
        );
        assert_eq!(damage, []);
        assert_eq!(snap.name.as_deref(), Some("core"));
        assert_eq!(snap.version.as_deref(), Some("16-2.61"));
        assert_eq!(snap.summary.as_deref(), Some("A \"base\""));
        assert_eq!(snap.kind.as_deref(), Some("os"));
        assert_eq!(snap.architectures, ["amd64", "arm64"]);
        assert_eq!(parse(b"architectures: [amd64, 'arm64']\n").value.architectures, ["amd64", "arm64"]);
        assert_eq!(parse(b"asdf\nlkjh\n").value, SnapYaml::default());
        let cut = parse(b"name: core\nversion: 16\nsumma");
        assert_eq!((cut.value.version.as_deref(), cut.damage.len()), (Some("16"), 1));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn any_text_never_panics(text in "[name: \"'\\[\\],|\n-]{0,60}") {
            let _ = parse(text.as_bytes());
        }
    }
}
