//! AppStream metadata of an application: freedesktop.org, "AppStream Specification", "Upstream metadata".

use crate::bytes::Salvaged;
use crate::format::text::xml::{self, Element};

/// What an application says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Component {
    /// Identifier: `org.example.Tool`.
    pub id: Option<String>,
    /// Name without a language.
    pub name: Option<String>,
    /// Names in languages.
    pub localised_names: Vec<String>,
    /// Who develops it.
    pub developer: Option<String>,
    /// One line on what it is.
    pub summary: Option<String>,
    /// Version of the first release listed, which is the newest.
    pub version: Option<String>,
    /// Home page.
    pub homepage: Option<String>,
    /// Licence of the program.
    pub license: Option<String>,
}

/// Reads a component. What comes before damage is kept.
pub fn parse(bytes: &[u8]) -> Salvaged<Component> {
    let mut component = Component::default();
    let damage = xml::read(bytes, &mut |around, element| take(element, around, &mut component));
    Salvaged { value: component, damage }
}

fn take(element: &Element, around: &[Element], component: &mut Component) {
    let path: Vec<&str> = around.iter().skip(1).map(|element| element.name.as_str()).collect();
    if let (["releases"], "release") = (path.as_slice(), element.name.as_str()) {
        // The first is the newest.
        component.version =
            component.version.take().or_else(|| element.attribute("version").map(str::to_owned));
        return;
    }
    let text = element.text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() || around.is_empty() {
        return;
    }
    let is_translated = element.attribute("lang").is_some();
    let place = match (path.as_slice(), element.name.as_str()) {
        ([], "id") => &mut component.id,
        ([], "name") if is_translated => return component.localised_names.push(text),
        ([], "name") => &mut component.name,
        ([], "developer_name") | (["developer"], "name") if !is_translated => &mut component.developer,
        ([], "summary") if !is_translated => &mut component.summary,
        ([], "project_license") => &mut component.license,
        ([], "url") if element.attribute("type") == Some("homepage") => &mut component.homepage,
        _ => return,
    };
    place.get_or_insert(text);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::bytes::DamageKind;

    #[test]
    fn a_component_with_names_developer_and_newest_release() {
        let found = parse(
            "<?xml version=\"1.0\"?><component type=\"desktop\"><id>org.example.Tool</id><name>Tool &amp; Co&#33;</name>\
             <name xml:lang=\"ru\">Инструмент</name><developer id=\"x\"><name>Some One</name></developer>\
             <summary>Does\n it</summary><url type=\"homepage\">https://example.com</url>\
             <releases><release version=\"2.0\"/><release version=\"1.0\"><description><p>name</p></description></release>\
             </releases></component>"
                .as_bytes(),
        );
        assert_eq!(found.damage, []);
        let component = found.value;
        assert_eq!(component.id.as_deref(), Some("org.example.Tool"));
        assert_eq!(component.name.as_deref(), Some("Tool & Co!"));
        assert_eq!(component.localised_names, ["Инструмент"]);
        assert_eq!(component.developer.as_deref(), Some("Some One"));
        assert_eq!(component.summary.as_deref(), Some("Does it"));
        assert_eq!(component.version.as_deref(), Some("2.0"));
        assert_eq!(component.homepage.as_deref(), Some("https://example.com"));
    }

    #[test]
    fn what_is_not_xml_or_ends_early_is_damage() {
        assert_eq!(parse(b"hello world\n").damage.len(), 1);
        assert_eq!(parse(b"").damage.len(), 1);
        let cut = parse(b"<component><id>a</id><name>b");
        assert_eq!(cut.value.id.as_deref(), Some("a"));
        assert_eq!(cut.damage[0].kind, DamageKind::Truncated);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn any_text_never_panics(text in "[<>/a\"=&;!\\[\\]c ?x-]{0,60}") {
            let _ = parse(text.as_bytes());
        }
    }
}
