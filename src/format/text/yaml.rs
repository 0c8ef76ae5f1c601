//! YAML as people and programs write settings in it. Numbers stay texts, so that a version `1.10` is not 1.1.
//!
//! Specification: YAML 1.2.2; events by saphyr-parser. Aliases stand for copies of what they name, within a budget, and `<<`
//! merges mappings (YAML 1.1, "Merge Key Language-Independent Type"). Only the first document is read.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError};
use serde_json::{Map, Value};

use crate::bytes::{Damage, DamageKind, Salvaged};

/// Collections may nest this deep.
const MAX_DEPTH: usize = 64;
/// Bytes that copies of anchored values may have together: aliases of aliases grow without bound.
const MAX_COPIED: usize = 4 << 20;

/// The value of the first document: up to the first mistake, and that mistake with its line.
pub fn parse(bytes: &[u8]) -> Salvaged<Value> {
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
    let mut builder = Builder { left: MAX_COPIED, ..Builder::default() };
    let mut damage = Vec::new();
    for event in Parser::new_from_str(&text) {
        let taken = match event {
            Ok((Event::DocumentEnd, _)) => break,
            Ok((event, span)) => builder.take(event).map_err(|(kind, what)| {
                Damage::new(kind, None, format!("{what}, line {}", span.start.line()))
            }),
            Err(error) => Err(mistake(&error, &text)),
        };
        if let Err(mistake) = taken {
            damage.push(mistake);
            break;
        }
    }
    builder.close_all();
    damage.extend(builder.repeated.map(|key| {
        Damage::new(DamageKind::Corrupt, None, format!("not YAML: the key {key:?} stands twice"))
    }));
    Salvaged { value: builder.whole, damage }
}

/// A plain value of a mapping that is not empty.
pub fn text(mapping: &Value, key: &str) -> Option<String> {
    let text = match mapping.get(key)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Bool(value) => value.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

fn mistake(error: &ScanError, text: &str) -> Damage {
    let is_at_end = text.chars().skip(error.marker().index()).all(char::is_whitespace);
    let kind = if is_at_end { DamageKind::Truncated } else { DamageKind::Corrupt };
    Damage::new(kind, None, format!("not YAML: {}, line {}", error.info(), error.marker().line()))
}

/// A collection whose end has not come yet.
struct Open {
    items: Items,
    /// The number of its anchor; 0 for none.
    anchor: usize,
}

enum Items {
    List(Vec<Value>),
    Mapping {
        map: Map<String, Value>,
        /// A key whose value has not come yet.
        key: Option<String>,
        /// Values of `<<`.
        merged: Vec<Value>,
    },
}

#[derive(Default)]
struct Builder {
    whole: Value,
    open: Vec<Open>,
    anchors: HashMap<usize, Value>,
    /// Bytes that may still be copied.
    left: usize,
    /// The first key that stands twice in a mapping.
    repeated: Option<String>,
}

/// Why a document is not read further.
type Mistake = (DamageKind, &'static str);

impl Builder {
    fn take(&mut self, event: Event<'_>) -> Result<(), Mistake> {
        match event {
            Event::Scalar(text, style, anchor, _) => self.value(scalar(&text, style), anchor),
            Event::Alias(number) => {
                let value = self.anchors.get(&number).cloned();
                let value = value.ok_or((DamageKind::Corrupt, "an alias of what is not there"))?;
                self.spend(&value)?;
                self.value(value, 0)
            }
            Event::SequenceStart(anchor, _) => self.begin(Items::List(Vec::new()), anchor),
            Event::MappingStart(anchor, _) => {
                self.begin(Items::Mapping { map: Map::new(), key: None, merged: Vec::new() }, anchor)
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn begin(&mut self, items: Items, anchor: usize) -> Result<(), Mistake> {
        if self.open.len() >= MAX_DEPTH {
            return Err((DamageKind::OverLimit, "nests too deep"));
        }
        self.open.push(Open { items, anchor });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Mistake> {
        let Some(Open { items, anchor }) = self.open.pop() else { return Ok(()) };
        let value = match items {
            Items::List(list) => Value::Array(list),
            Items::Mapping { mut map, key, merged } => {
                if let Some(key) = key {
                    map.insert(key, Value::Null);
                }
                merged.into_iter().for_each(|value| merge(&mut map, value));
                Value::Object(map)
            }
        };
        self.value(value, anchor)
    }

    /// Closes what a mistake left open; nothing can name it any more.
    fn close_all(&mut self) {
        self.open.iter_mut().for_each(|open| open.anchor = 0);
        while !self.open.is_empty() && self.close().is_ok() {}
    }

    /// Puts a value where it belongs.
    fn value(&mut self, value: Value, anchor: usize) -> Result<(), Mistake> {
        if anchor > 0 {
            self.spend(&value)?;
            self.anchors.insert(anchor, value.clone());
        }
        match self.open.last_mut().map(|open| &mut open.items) {
            None => self.whole = value,
            Some(Items::List(list)) => list.push(value),
            Some(Items::Mapping { map, key, merged }) => match key.take() {
                None => *key = Some(as_key(value)),
                Some(name) if name == "<<" => merged.push(value),
                Some(name) => {
                    if map.contains_key(&name) {
                        self.repeated.get_or_insert_with(|| name.clone());
                    }
                    map.insert(name, value);
                }
            },
        }
        Ok(())
    }

    fn spend(&mut self, value: &Value) -> Result<(), Mistake> {
        self.left = self
            .left
            .checked_sub(size(value))
            .ok_or((DamageKind::OverLimit, "aliases stand for too much"))?;
        Ok(())
    }
}

/// Adds what a mapping, or each of a list of them, has and the map has not.
fn merge(map: &mut Map<String, Value>, value: Value) {
    match value {
        Value::Object(other) => {
            for (key, value) in other {
                map.entry(key).or_insert(value);
            }
        }
        Value::Array(list) => list.into_iter().for_each(|value| merge(map, value)),
        _ => {}
    }
}

/// About how many bytes a value takes.
fn size(value: &Value) -> usize {
    let inner = match value {
        Value::String(text) => text.len(),
        Value::Array(list) => list.iter().map(size).sum(),
        Value::Object(map) => map.iter().map(|(key, value)| key.len() + size(value)).sum(),
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
    };
    inner + size_of::<Value>()
}

fn scalar(text: &str, style: ScalarStyle) -> Value {
    match text {
        _ if style != ScalarStyle::Plain => Value::String(text.to_owned()),
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        "null" | "Null" | "NULL" | "~" | "" => Value::Null,
        _ => Value::String(text.to_owned()),
    }
}

/// A key as a text; collections as JSON.
fn as_key(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    fn value(text: &str) -> Value {
        let read = parse(text.as_bytes());
        assert_eq!(read.damage, [], "{text}");
        read.value
    }

    #[test]
    fn mappings_and_lists_in_blocks() {
        let text = "%YAML 1.2\n---\n# settings\na:\n  b: 1 # one\n  'c d': \"x: #y\\u00e9\"\nlist:\n- one\n-   k: v\n    l: w\n- \n  - x\n  - ~\nnext: true\n...\nrest: [";
        let expected = json!({"a": {"b": "1", "c d": "x: #y\u{e9}"}, "list": ["one", {"k": "v", "l": "w"}, ["x", null]], "next": true});
        assert_eq!(value(text), expected);
        assert_eq!(value("- - a\n  - b\n- c: \n    d\n"), json!([["a", "b"], {"c": "d"}]));
        assert_eq!((value(""), value("--- text")), (Value::Null, json!("text")));
        assert_eq!(value("a: b\n---\na: c\n"), json!({"a": "b"}));
    }

    #[test]
    fn values_in_brackets_and_over_lines() {
        assert_eq!(
            value("a: {b: [x, \"y, z\"], c: http://h:1/p, 'd': }\nb: [\n  one,\n  two # 2\n]\n"),
            json!({"a": {"b": ["x", "y, z"], "c": "http://h:1/p", "d": null}, "b": ["one", "two"]})
        );
        assert_eq!(
            value(
                "a: |\n  one\n   two: 2\n\nb: >-\n  x\n  y\nc: plain\n  more\nd: 'it''s\n  two'\ne: !!str &x 5\n"
            ),
            json!({"a": "one\n two: 2\n", "b": "x y", "c": "plain more", "d": "it's two", "e": "5"})
        );
    }

    #[test]
    fn aliases_and_merges() {
        assert_eq!(
            value("base: &b {x: 1, y: 2}\nother:\n  <<: *b\n  y: 3\nlist: [*b]\n"),
            json!({"base": {"x": "1", "y": "2"}, "other": {"x": "1", "y": "3"}, "list": [{"x": "1", "y": "2"}]})
        );
        assert_eq!(
            value("a: &a {x: 1}\nb: &b {x: 2, y: 2}\nc:\n  <<: [*a, *b]\n"),
            json!({"a": {"x": "1"}, "b": {"x": "2", "y": "2"}, "c": {"x": "1", "y": "2"}})
        );
        let mut bomb = String::from("a0: &a0 [text, text, text, text, text, text, text, text, text]\n");
        for level in 1..20 {
            let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
            bomb.push_str(&format!("a{level}: &a{level} [{aliases}]\n"));
        }
        let read = parse(bomb.as_bytes());
        assert_eq!(read.damage.first().map(|damage| damage.kind), Some(DamageKind::OverLimit));
        assert!(size(&read.value) < 3 * MAX_COPIED, "{}", size(&read.value));
    }

    #[test]
    fn what_is_not_read_is_damage_and_the_rest_is_kept() {
        let kind = |text: &str| parse(text.as_bytes()).damage.first().map(|damage| damage.kind);
        for text in [
            "a: *b\n",
            "a: 1\n  b: 2\nc\n",
            "a:\n  b: 1\n c: 2\n",
            "a: 1\na: 2\n",
            "a: {b: 1}}\n",
            "a: \"x\n",
        ] {
            assert_eq!(kind(text), Some(DamageKind::Corrupt), "{text}");
        }
        for text in ["a: [1, 2\n", "name: x\nver"] {
            assert_eq!(kind(text), Some(DamageKind::Truncated), "{text}");
        }
        assert_eq!(parse(b"a: 1\nb: [x, y\n").value, json!({"a": "1", "b": ["x", "y"]}));
        assert_eq!(kind(&"- ".repeat(200)), Some(DamageKind::OverLimit));
        assert_eq!(kind(&format!("a: {}", "[".repeat(200))), Some(DamageKind::OverLimit));
    }

    proptest! {
        #[test]
        fn no_bytes_panic(text in "[-a:{}\\[\\],\"'#|>&*! \\\\u\n\u{e9}]{0,80}") {
            let _ = parse(text.as_bytes());
        }
    }
}
