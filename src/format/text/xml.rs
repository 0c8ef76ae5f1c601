//! XML as the manifests of Windows packages and tasks use it: elements with attributes and text, nothing else.
//!
//! One reader for all of them. Elements are reported as they end, with the elements around them; names lose their
//! prefix, because programs that write these files choose prefixes as they like. UTF-16 is recognised by its byte
//! order mark. Entities other than XML's own stay as they are written, never looked up; a document that defines some is
//! damaged.
//! Format: W3C, "Extensible Markup Language 1.0".

use std::borrow::Cow;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use crate::bytes::decode::{OWN_ENTITIES, defines_entities, entity};
use crate::bytes::{Damage, DamageKind};

/// Elements may nest this deep: bills of materials as deep as in JSON, where each level has two elements here.
const MAX_DEPTH: usize = 300;

/// An element that has ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Element {
    /// Its name without a prefix.
    pub name: String,
    /// Its attributes, names without a prefix, in order.
    pub attributes: Vec<(String, String)>,
    /// Its own text, without blanks around it.
    pub text: String,
}

impl Element {
    fn of(start: &BytesStart<'_>, damage: &mut Vec<Damage>) -> Element {
        let local = |name: &[u8]| String::from_utf8_lossy(name).into_owned();
        let mut element = Element { name: local(start.local_name().as_ref()), ..Element::default() };
        for attribute in start.attributes().with_checks(false) {
            match attribute {
                Ok(attribute) => {
                    let raw = String::from_utf8_lossy(&attribute.value);
                    // An entity that only the document could define stays as it is written.
                    let value = attribute.unescape_value().unwrap_or(raw).trim().to_owned();
                    element.attributes.push((local(attribute.key.local_name().as_ref()), value));
                }
                Err(error) => {
                    let what = format!("an attribute of {} that is none: {error}", element.name);
                    damage.push(Damage::new(DamageKind::Corrupt, None, what));
                }
            }
        }
        element
    }

    /// The value of an attribute; `None` when there is none or it is empty.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }
}

/// Reads every element and calls `each` as it ends, with the elements around it, the outermost first. What comes
/// before damage is reported.
pub fn read(bytes: &[u8], each: &mut dyn FnMut(&[Element], &Element)) -> Vec<Damage> {
    let text = decoded(bytes);
    let mut reader = Reader::from_str(&text);
    let mut open: Vec<Element> = Vec::new();
    let mut has_root = false;
    let mut damage = Vec::new();
    let add = |open: &mut Vec<Element>, text: &str| {
        if let Some(element) = open.last_mut() {
            element.text.push_str(text);
        }
    };
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                has_root = true;
                open.push(Element::of(&start, &mut damage));
                if open.len() > MAX_DEPTH {
                    let what = format!("elements nest deeper than {MAX_DEPTH}");
                    damage.push(Damage::new(DamageKind::OverLimit, reader.buffer_position(), what));
                    return damage;
                }
            }
            Ok(Event::Empty(start)) => {
                has_root = true;
                each(&open, &Element::of(&start, &mut damage));
            }
            Ok(Event::Text(text)) => add(&mut open, &String::from_utf8_lossy(&text)),
            Ok(Event::GeneralRef(reference)) => add(&mut open, &entity(&reference)),
            Ok(Event::CData(text)) => add(&mut open, &String::from_utf8_lossy(&text)),
            Ok(Event::End(_)) => {
                if let Some(mut element) = open.pop() {
                    element.text = element.text.trim().to_owned();
                    each(&open, &element);
                }
            }
            Ok(Event::DocType(doctype)) if defines_entities(&doctype) => {
                damage.push(Damage::new(DamageKind::Unsupported, None, OWN_ENTITIES));
            }
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(error) => {
                let what = format!("not XML: {error}");
                damage.push(Damage::new(DamageKind::Corrupt, reader.error_position(), what));
                return damage;
            }
        }
    }
    if !has_root {
        damage.push(Damage::new(DamageKind::Corrupt, 0, "not XML: no element"));
    } else if !open.is_empty() {
        damage.push(Damage::new(DamageKind::Truncated, None, "not XML: it ends inside an element"));
    }
    damage
}

/// Whether the names of the elements around one are these, the outermost first.
pub fn is_path(around: &[Element], names: &[&str]) -> bool {
    around.len() == names.len() && around.iter().zip(names).all(|(element, name)| element.name == *name)
}

/// The text of a file that says by its byte order mark how it is encoded. Without one, or with a damaged one, it is
/// UTF-16 where every other byte is zero, which no other text has, else UTF-8. Undecodable bytes become replacement
/// characters.
pub fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    let wide = |bytes: &[u8], unit: Unit| {
        let units = bytes.chunks_exact(2).filter_map(|pair| Some(unit(*pair.first_chunk()?)));
        Cow::Owned(
            char::decode_utf16(units).map(|char| char.unwrap_or(char::REPLACEMENT_CHARACTER)).collect(),
        )
    };
    match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest),
        // Without a mark: two characters of ASCII in two bytes each.
        [1..0x80, 0, 1..0x80, 0, ..] => wide(bytes, u16::from_le_bytes),
        [0, 1..0x80, 0, 1..0x80, ..] => wide(bytes, u16::from_be_bytes),
        _ => match zeros(bytes) {
            (false, false) | (true, true) => String::from_utf8_lossy(bytes),
            // Bytes before the mark may shift every character by half.
            _ if let Some((rest, unit)) = behind_mark(bytes) => wide(rest, unit),
            (false, true) => wide(unmarked(bytes, 1), u16::from_le_bytes),
            (true, false) => wide(unmarked(bytes, 0), u16::from_be_bytes),
        },
    }
}

/// Makes a unit of UTF-16 of its two bytes.
type Unit = fn([u8; 2]) -> u16;

/// What follows a byte order mark that some other bytes come before, and how its characters are stored.
fn behind_mark(bytes: &[u8]) -> Option<(&[u8], Unit)> {
    let beginning = bytes.get(..bytes.len().min(64))?;
    let at = beginning.windows(2).position(|pair| matches!(pair, [0xff, 0xfe] | [0xfe, 0xff]))?;
    let unit: Unit = if beginning.get(at) == Some(&0xff) { u16::from_le_bytes } else { u16::from_be_bytes };
    Some((bytes.get(at + 2..)?, unit))
}

/// Whether most of the first bytes at even places are zero, and of those at odd ones.
fn zeros(bytes: &[u8]) -> (bool, bool) {
    let beginning = bytes.get(..bytes.len().min(128)).unwrap_or_default();
    let half = beginning.len() / 2;
    let count = |from: usize| beginning.iter().skip(from).step_by(2).filter(|byte| **byte == 0).count();
    // Of a few bytes nothing can be said.
    let is_most = |zeros: usize| half >= 4 && zeros * 4 > half * 3;
    (is_most(count(0)), is_most(count(1)))
}

/// Bytes of UTF-16 without a first unit that is a damaged mark: the byte that is zero in letters is not.
fn unmarked(bytes: &[u8], high: usize) -> &[u8] {
    if bytes.get(high) == Some(&0) { bytes } else { bytes.get(2..).unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn elements_of(bytes: &[u8]) -> (Vec<String>, Vec<Damage>) {
        let mut elements = Vec::new();
        let damage = read(bytes, &mut |around, element| {
            let names: Vec<&str> = around.iter().map(|element| element.name.as_str()).collect();
            elements.push(format!("{}/{}={}", names.join("/"), element.name, element.text));
        });
        (elements, damage)
    }

    #[test]
    fn a_damaged_mark_hides_no_text() {
        let text = "[Version]\nProvider=\"A\"\n";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (mark, bytes) in [
            (&[0xbf, 0xfe][..], &little),
            (&[], &little),
            (&[0xfe, 0xef], &big),
            (&[], &big),
            (b"\n\n\n\xff\xfe", &little),
            (b"\n\xfe\xff", &big),
        ] {
            assert_eq!(decoded(&[mark, bytes].concat()), text, "{mark:?}");
        }
        assert_eq!(decoded(b"a\0b"), "a\0b");
        assert_eq!(decoded(b""), "");
    }

    #[test]
    fn elements_lose_their_prefix_and_texts_their_entities() {
        let (elements, damage) =
            elements_of(b"<?xml version='1.0'?><a:T xmlns:a='x'><b n='1'>x &amp; &#233;&evil;</b><c/></a:T>");
        assert_eq!(elements, ["T/b=x & \u{e9}&evil;", "T/c=", "/T="]);
        assert!(damage.is_empty());
    }

    #[test]
    fn entities_of_a_document_are_damage_and_bytes_that_are_no_text_hide_none() {
        let (found, damage) = elements_of(b"<!DOCTYPE a [<!ENTITY k 'Kasper'>]><a><b>&k;sky</b></a>");
        assert_eq!(found, ["a/b=&k;sky", "/a="]);
        assert_eq!(damage.len(), 1, "{damage:?}");
        assert_eq!(elements_of(b"<!DOCTYPE html><a/>").1, []);
        assert_eq!(elements_of(b"<a><b>Kaspersky\xff</b></a>").0[0], "a/b=Kaspersky\u{fffd}");
    }

    #[test]
    fn an_attribute_keeps_what_it_says() {
        let mut attributes = Vec::new();
        let damage = read(b"<a n='x&k;y' m='1' m='2'/>", &mut |_, element| {
            attributes.extend(element.attributes.iter().map(|(_, value)| value.clone()));
        });
        assert_eq!((attributes, damage.len()), (vec!["x&k;y".into(), "1".into(), "2".into()], 0));
        assert_eq!(read(b"<a n=x/>", &mut |_, _| {}).len(), 1);
    }

    #[test]
    fn two_bytes_a_character_without_a_mark() {
        let text = "\r\n <?xml version=\"1.0\"?><a><b>x</b></a>";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [little, big] {
            let (elements, damage) = elements_of(&bytes);
            assert_eq!(elements, ["a/b=x", "/a="]);
            assert!(damage.is_empty(), "{damage:?}");
        }
    }

    #[test]
    fn both_byte_orders_and_no_mark() {
        let text = "<T>Пример</T>";
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for bytes in [[&[0xff, 0xfe], &*le].concat(), [&[0xfe, 0xff], &*be].concat(), le, text.into()] {
            assert_eq!(elements_of(&bytes), (vec!["/T=Пример".to_owned()], Vec::new()));
        }
    }

    #[test]
    fn damage_keeps_what_came_before() {
        let (elements, damage) = elements_of(b"<T><a>1</a><b>");
        assert_eq!(
            (elements.as_slice(), damage[0].kind),
            (["T/a=1".to_owned()].as_slice(), DamageKind::Truncated)
        );
        assert_eq!(elements_of(b"text").1[0].kind, DamageKind::Corrupt);
        assert_eq!(elements_of(b"<a></b>").1[0].kind, DamageKind::Corrupt);
        assert_eq!(elements_of("<a>".repeat(301).as_bytes()).1[0].kind, DamageKind::OverLimit);
    }

    proptest! {
        #[test]
        fn any_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = elements_of(&bytes);
        }
    }
}
