//! What debar needs of a snap's `meta/snap.yaml`: the plain values at its top level.
//!
//! Keys as in "The snap.yaml schema" (snapcraft.io). YAML 1.2 is far more than snaps need there, so that only
//! `key: value` in the first column is read, quoted or not, and lists of plain values; blocks are passed over.

use crate::bytes::{Damage, DamageKind, last_line};

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
pub fn parse(bytes: &[u8]) -> SnapYaml {
    let text = String::from_utf8_lossy(bytes);
    let mut snap = SnapYaml::default();
    let mut in_architectures = false;
    for line in text.strip_prefix('\u{feff}').unwrap_or(&text).lines() {
        if in_architectures && let Some(item) = line.trim_start().strip_prefix("- ") {
            snap.architectures.extend(scalar(item));
            continue;
        }
        if line.starts_with([' ', '\t', '#', '-']) {
            continue;
        }
        let Some((key, value)) = line.split_once(':') else { continue };
        in_architectures = key == "architectures";
        let place = match key {
            "name" => &mut snap.name,
            "version" => &mut snap.version,
            "title" => &mut snap.title,
            "summary" => &mut snap.summary,
            "type" => &mut snap.kind,
            "license" => &mut snap.license,
            "architectures" => {
                let list = value.trim().trim_start_matches('[').trim_end_matches(']');
                snap.architectures.extend(list.split(',').filter_map(scalar));
                continue;
            }
            _ => continue,
        };
        if place.is_none() {
            *place = scalar(value);
        }
    }
    snap
}

/// That a file ends inside a key.
pub fn unended(bytes: &[u8]) -> Option<Damage> {
    let (_, line) = last_line(bytes);
    let is_key = line.first().is_some_and(u8::is_ascii_alphabetic) && !line.contains(&b':');
    is_key.then(|| Damage::new(DamageKind::Truncated, None, "the file ends inside a key"))
}

/// A plain or quoted value; `None` for none, and for blocks, which begin with `|` or `>`.
fn scalar(text: &str) -> Option<String> {
    let text = text.trim();
    let value = match text.chars().next()? {
        '|' | '>' | '{' | '[' | '&' | '*' => return None,
        '\'' => text.get(1..)?.rsplit_once('\'')?.0.replace("''", "'"),
        '"' => serde_json::from_str(text).unwrap_or_else(|_| text.trim_matches('"').to_owned()),
        _ => text.split(" #").next().unwrap_or(text).trim().to_owned(),
    };
    (!value.is_empty()).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn values_of_the_top_level_only() {
        let snap = parse(
            b"name: core\nversion: '16-2.61'\nsummary: \"A \\\"base\\\"\" \ndescription: |\n  name: no\ntype: os # comment\n\
              architectures:\n- amd64\n- arm64\napps:\n  x:\n    version: 9\n",
        );
        assert_eq!(snap.name.as_deref(), Some("core"));
        assert_eq!(snap.version.as_deref(), Some("16-2.61"));
        assert_eq!(snap.summary.as_deref(), Some("A \"base\""));
        assert_eq!(snap.kind.as_deref(), Some("os"));
        assert_eq!(snap.architectures, ["amd64", "arm64"]);
        assert_eq!(parse(b"architectures: [amd64, 'arm64']\n").architectures, ["amd64", "arm64"]);
        assert_eq!(parse(b"asdf\nlkjh\n"), SnapYaml::default());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn any_text_never_panics(text in "[name: \"'\\[\\],|\n-]{0,60}") {
            let _ = parse(text.as_bytes());
        }
    }
}
