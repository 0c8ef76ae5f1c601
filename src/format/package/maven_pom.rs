//! `pom.xml`: the coordinates of a Maven project ("POM Reference", maven.apache.org).
//!
//! A project takes the group and the version of its parent where it has none. `${…}` is resolved from the project's
//! own properties and coordinates; what only other files define stays unknown.

use std::collections::BTreeMap;

use crate::bytes::Salvaged;
use crate::format::text::xml::{Element, is_path, read};

/// What Maven calls an artifact.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coordinates {
    /// Group: `org.example`.
    pub group: Option<String>,
    /// Artifact.
    pub artifact: Option<String>,
    /// Version.
    pub version: Option<String>,
    /// The firm behind it.
    pub organization: Option<String>,
}

impl Coordinates {
    /// Those of a `pom.properties`.
    pub fn of_properties(bytes: &[u8]) -> Coordinates {
        let mut pairs = super::java_manifest::properties(bytes);
        let mut take = |key: &str| pairs.remove(key).filter(|value| !value.is_empty());
        Coordinates {
            group: take("groupId"),
            artifact: take("artifactId"),
            version: take("version"),
            organization: None,
        }
    }
}

/// Reads a `pom.xml`.
pub fn parse(bytes: &[u8]) -> Salvaged<Coordinates> {
    let mut values: BTreeMap<String, String> = BTreeMap::new();
    let mut each = |around: &[Element], element: &Element| {
        let key = if is_path(around, &["project"]) {
            element.name.clone()
        } else if is_path(around, &["project", "parent"]) {
            format!("parent.{}", element.name)
        } else if is_path(around, &["project", "organization"]) {
            format!("organization.{}", element.name)
        } else if is_path(around, &["project", "properties"]) {
            format!("${}", element.name)
        } else {
            return;
        };
        if !element.text.is_empty() {
            values.entry(key).or_insert_with(|| element.text.clone());
        }
    };
    let damage = read(bytes, &mut each);
    let value = |keys: [&str; 2]| {
        keys.iter().find_map(|key| values.get(*key)).and_then(|it| resolved(it, &values, 0))
    };
    let coordinates = Coordinates {
        group: value(["groupId", "parent.groupId"]),
        artifact: value(["artifactId", "artifactId"]),
        version: value(["version", "parent.version"]),
        organization: value(["organization.name", "organization.name"]),
    };
    Salvaged { value: coordinates, damage }
}

/// A text without `${…}`; `None` where one has no value here.
fn resolved(text: &str, values: &BTreeMap<String, String>, depth: usize) -> Option<String> {
    let Some((before, rest)) = text.split_once("${") else { return Some(text.to_owned()) };
    let (name, after) = rest.split_once('}')?;
    let own = name.strip_prefix("project.").or(name.strip_prefix("pom.")).unwrap_or(name);
    let inherited = format!("parent.{own}");
    let value =
        values.get(&format!("${name}")).or_else(|| values.get(own)).or_else(|| values.get(&inherited))?;
    // A property may name itself, and each may name two others.
    if depth > 8 || value.len() > 1000 {
        return None;
    }
    let whole = [before, &resolved(value, values, depth + 1)?, &resolved(after, values, depth + 1)?].concat();
    (whole.len() <= 1000).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_project_does_not_say_its_parent_does() {
        let pom = parse(
            b"<project xmlns='http://maven.apache.org/POM/4.0.0'><parent><groupId>org.example</groupId><version>1.2</version>\
              <artifactId>parent</artifactId></parent><artifactId>tool-${kind}</artifactId><properties><kind>x</kind></properties>\
              <organization><name>Example Inc</name></organization>\
              <dependencies><dependency><groupId>a</groupId><artifactId>b</artifactId></dependency></dependencies></project>",
        );
        assert_eq!(pom.damage, []);
        let text = |text: &str| Some(text.to_owned());
        let expected = Coordinates {
            group: text("org.example"),
            artifact: text("tool-x"),
            version: text("1.2"),
            organization: text("Example Inc"),
        };
        assert_eq!(pom.value, expected);
    }

    #[test]
    fn versions_that_other_files_define_are_unknown_and_cycles_end() {
        let version = |version: &str| {
            let pom = format!(
                "<project><artifactId>a</artifactId><version>{version}</version>\
                 <properties><a>${{a}}${{a}}</a><b>3</b></properties></project>"
            );
            parse(pom.as_bytes()).value.version
        };
        assert_eq!(version("${elsewhere}"), None);
        assert_eq!(version("${a}"), None);
        assert_eq!(version("1.${b}-x").as_deref(), Some("1.3-x"));
        assert_eq!(version("${project.version}"), None);
        assert!(!parse(b"<project><artifactId>a</artifactId>").damage.is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn any_text_never_panics(text in "(<project>|</project>|<version>|</version>|<properties>|[${}ab<>/]){0,20}") {
            let _ = parse(text.as_bytes());
        }
    }
}
