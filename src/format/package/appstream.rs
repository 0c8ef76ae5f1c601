//! AppStream metadata of an application: freedesktop.org, "AppStream Specification", "Upstream metadata".

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::bytes::decode::entity;
use crate::bytes::{Damage, DamageKind, Salvaged};

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

/// Elements may nest this deep.
const MAX_DEPTH: usize = 64;

/// Reads a component. What comes before damage is kept.
pub fn parse(bytes: &[u8]) -> Salvaged<Component> {
    let mut found = Salvaged::whole(Component::default());
    let mut reader = Reader::from_reader(bytes);
    let mut open: Vec<Element> = Vec::new();
    let mut has_root = false;
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                has_root = true;
                let element = Element::of(&start);
                release(&element, &open, &mut found.value);
                open.push(element);
                if open.len() > MAX_DEPTH {
                    let what = format!("elements nest deeper than {MAX_DEPTH}");
                    found.damage.push(Damage::new(DamageKind::OverLimit, reader.buffer_position(), what));
                    return found;
                }
            }
            Ok(Event::Empty(start)) => {
                has_root = true;
                release(&Element::of(&start), &open, &mut found.value);
            }
            Ok(Event::Text(text)) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&text.decode().unwrap_or_default());
                }
            }
            Ok(Event::GeneralRef(reference)) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&entity(&reference));
                }
            }
            Ok(Event::CData(text)) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&String::from_utf8_lossy(&text));
                }
            }
            Ok(Event::End(_)) => {
                if let Some(element) = open.pop() {
                    take(element, &open, &mut found.value);
                }
            }
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(error) => {
                let what = format!("not XML: {error}");
                found.damage.push(Damage::new(DamageKind::Corrupt, reader.error_position(), what));
                return found;
            }
        }
    }
    if !has_root {
        found.damage.push(Damage::new(DamageKind::Corrupt, 0, "not XML: no element"));
    } else if !open.is_empty() {
        found.damage.push(Damage::new(DamageKind::Truncated, None, "not XML: it ends inside an element"));
    }
    found
}

#[derive(Default)]
struct Element {
    name: Vec<u8>,
    language: bool,
    kind: Option<String>,
    version: Option<String>,
    text: String,
}

impl Element {
    fn of(start: &BytesStart<'_>) -> Element {
        let mut element = Element { name: start.name().as_ref().to_vec(), ..Element::default() };
        for attribute in start.attributes().flatten() {
            let value = || attribute.unescape_value().ok().map(std::borrow::Cow::into_owned);
            match attribute.key.as_ref() {
                b"xml:lang" => element.language = true,
                b"type" => element.kind = value(),
                b"version" => element.version = value(),
                _ => {}
            }
        }
        element
    }
}

fn names(open: &[Element]) -> Vec<&[u8]> {
    open.iter().map(|element| element.name.as_slice()).collect()
}

fn release(element: &Element, open: &[Element], component: &mut Component) {
    if element.name == b"release"
        && matches!(names(open).as_slice(), [_, b"releases"])
        && component.version.is_none()
    {
        component.version.clone_from(&element.version);
    }
}

fn take(element: Element, open: &[Element], component: &mut Component) {
    let text = element.text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return;
    }
    let path = names(open);
    let place = match (path.as_slice(), element.name.as_slice()) {
        ([_], b"id") => &mut component.id,
        ([_], b"name") if element.language => return component.localised_names.push(text),
        ([_], b"name") => &mut component.name,
        ([_], b"developer_name") | ([_, b"developer"], b"name") if !element.language => {
            &mut component.developer
        }
        ([_], b"summary") if !element.language => &mut component.summary,
        ([_], b"project_license") => &mut component.license,
        ([_], b"url") if element.kind.as_deref() == Some("homepage") => &mut component.homepage,
        _ => return,
    };
    place.get_or_insert(text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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
