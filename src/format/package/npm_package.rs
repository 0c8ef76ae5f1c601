//! `package.json` of npm packages: docs.npmjs.com, "package.json".

use serde_json::{Map, Value};

use crate::bytes::Damage;
use crate::format::text::relaxed_json;

/// What a package says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// Name with its scope: `@scope/name`.
    pub name: Option<String>,
    /// Version.
    pub version: Option<String>,
    /// Description.
    pub description: Option<String>,
    /// Author: name and address.
    pub author: Option<String>,
    /// Maintainers and contributors.
    pub people: Vec<String>,
    /// Home page, or where its source is.
    pub homepage: Option<String>,
    /// Licence.
    pub license: Option<String>,
    /// Name for people, of applications.
    pub product_name: Option<String>,
    /// Packages it needs to run, as `name@range`.
    pub dependencies: Vec<String>,
    /// Whether it says which editors it is made for, which only extensions of Visual Studio Code do.
    pub is_extension: bool,
}

impl Package {
    /// The scope: `@scope`.
    pub fn scope(&self) -> Option<&str> {
        self.name.as_deref()?.split_once('/').map(|(scope, _)| scope).filter(|scope| scope.starts_with('@'))
    }
}

/// Reads a `package.json`.
///
/// # Errors
/// Damage when it is no JSON object.
pub fn parse(bytes: &[u8]) -> Result<Package, Damage> {
    Ok(of(&relaxed_json::parse(bytes)?))
}

/// What the object of a `package.json` says.
pub fn of(object: &Map<String, Value>) -> Package {
    let text = |key: &str| object.get(key).and_then(text_of);
    let lists = ["maintainers", "contributors"].iter();
    let people = lists.filter_map(|key| object.get(*key)?.as_array()).flatten();
    let repository = object.get("repository");
    let dependencies = object.get("dependencies").and_then(Value::as_object).into_iter().flatten();
    Package {
        name: text("name"),
        version: text("version"),
        description: text("description"),
        author: object.get("author").and_then(person),
        people: people.filter_map(person).collect(),
        homepage: text("homepage")
            .or_else(|| repository.and_then(|it| text_of(it).or_else(|| text_of(it.get("url")?)))),
        license: text("license").or_else(|| text_of(object.get("license")?.get("type")?)),
        product_name: text("productName"),
        dependencies: dependencies
            .map(|(name, range)| match range.as_str() {
                Some(range) => format!("{name}@{range}"),
                None => name.clone(),
            })
            .collect(),
        is_extension: object.get("engines").is_some_and(|engines| engines.get("vscode").is_some()),
    }
}

fn text_of(value: &Value) -> Option<String> {
    value.as_str().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// `Name <address> (page)` or an object with these.
fn person(value: &Value) -> Option<String> {
    text_of(value).or_else(|| {
        let name = value.get("name").and_then(text_of);
        let email = value.get("email").and_then(text_of);
        match (name, email) {
            (Some(name), Some(email)) => Some(format!("{name} <{email}>")),
            (name, email) => name.or(email),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn people_are_texts_or_objects() {
        let package = parse(
            br#"{"name": "@scope/tool", "version": "1.0.0", "author": {"name": "A", "email": "a@example.com"},
                "contributors": ["B <b@example.com>", {"name": "C"}, 7], "repository": {"url": "https://example.com"},
                "license": {"type": "MIT"}, "dependencies": {"x": "^1"}}"#,
        )
        .unwrap();
        assert_eq!(package.scope(), Some("@scope"));
        assert_eq!(package.author.as_deref(), Some("A <a@example.com>"));
        assert_eq!(package.people, ["B <b@example.com>", "C"]);
        assert_eq!(package.homepage.as_deref(), Some("https://example.com"));
        assert_eq!(package.license.as_deref(), Some("MIT"));
        assert_eq!(package.dependencies, ["x@^1"]);
    }

    #[test]
    fn what_is_no_object_is_damage() {
        assert!(parse(b"[]").is_err() && parse(b"").is_err() && parse(b"{\"name\":").is_err());
        assert_eq!(parse(b"{\"type\": \"module\"}").unwrap(), Package::default());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]
        #[test]
        fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
        }
    }
}
