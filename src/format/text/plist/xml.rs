//! XML property lists, by a pull parser: whatever was complete before the damage is kept.

use quick_xml::Reader;
use quick_xml::events::Event;

use super::{Budget, Damage, DamageKind, MAX_DEPTH, Salvaged, Value};
use crate::bytes::decode::{OWN_ENTITIES, base64, defines_entities, entity};

/// An element that is open.
struct Open {
    name: Vec<u8>,
    text: String,
    /// Of an array or dictionary: what is complete; a dictionary's come with their keys.
    items: Vec<(String, Value)>,
    /// The key that waits for its value.
    key: Option<String>,
}

impl Open {
    fn new(name: &[u8]) -> Self {
        Open { name: name.to_vec(), text: String::new(), items: Vec::new(), key: None }
    }

    /// The value that an element of this name and content is; `None` for keys, wrappers and unknown ones.
    fn value(self) -> Option<Value> {
        let text = self.text;
        Some(match self.name.as_slice() {
            b"string" => Value::Text(text),
            b"integer" => Value::Integer(integer(text.trim())?),
            b"real" => Value::Real(text.trim().parse().ok()?),
            b"true" => Value::Boolean(true),
            b"false" => Value::Boolean(false),
            b"date" => Value::Date(text.trim().parse::<jiff::Timestamp>().ok()?.as_second() as f64),
            b"data" => Value::Data(base64(text.as_bytes())?),
            b"array" => Value::Array(self.items.into_iter().map(|(_, value)| value).collect()),
            b"dict" => Value::Dictionary(self.items),
            _ => return None,
        })
    }
}

fn integer(text: &str) -> Option<i64> {
    match text.strip_prefix("0x") {
        Some(digits) => i64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

struct State {
    open: Vec<Open>,
    root: Option<Value>,
    budget: Budget,
    damage: Vec<Damage>,
}

pub(super) fn read(text: &str) -> Salvaged<Value> {
    let mut reader = Reader::from_str(text);
    let mut state = State { open: Vec::new(), root: None, budget: Budget::new(), damage: Vec::new() };
    let mut seen = false;
    let stopped = loop {
        let result = match reader.read_event() {
            Ok(Event::Start(start)) => {
                seen = true;
                state.start(start.local_name().as_ref())
            }
            Ok(Event::Empty(start)) => {
                seen = true;
                state.start(start.local_name().as_ref()).and_then(|()| state.end())
            }
            Ok(Event::Text(text)) => state.text(&String::from_utf8_lossy(&text)),
            Ok(Event::CData(text)) => state.text(&String::from_utf8_lossy(&text)),
            Ok(Event::GeneralRef(reference)) => state.text(&entity(&reference)),
            Ok(Event::End(_)) => state.end(),
            Ok(Event::DocType(doctype)) => {
                if defines_entities(&doctype) {
                    state.damage.push(Damage::new(DamageKind::Unsupported, None, OWN_ENTITIES));
                }
                Ok(())
            }
            Ok(Event::Eof) => break None,
            Ok(_) => Ok(()),
            Err(error) => {
                let what = format!("not XML: {error}");
                break Some(Damage::new(DamageKind::Corrupt, reader.error_position(), what));
            }
        };
        if let Err(damage) = result {
            break Some(damage);
        }
    };
    let cut = !state.open.is_empty();
    match stopped {
        Some(damage) => state.damage.push(damage),
        None if !seen => {
            state.damage.push(Damage::new(DamageKind::Corrupt, 0, "no property list: no element"))
        }
        None if cut => {
            let what = "the property list ends inside an element";
            state.damage.push(Damage::new(DamageKind::Truncated, text.len() as u64, what));
        }
        None if state.root.is_none() && state.damage.is_empty() => {
            state.damage.push(Damage::new(DamageKind::Corrupt, 0, "no property list: it holds no value"));
        }
        None => {}
    }
    // What is open holds what was complete; a text that is cut is none.
    while let Some(open) = state.open.pop() {
        if matches!(open.name.as_slice(), b"dict" | b"array")
            && let Some(value) = open.value()
        {
            state.take(value);
        }
    }
    Salvaged { value: state.root.unwrap_or(Value::Dictionary(Vec::new())), damage: state.damage }
}

impl State {
    fn start(&mut self, name: &[u8]) -> Result<(), Damage> {
        if self.open.len() >= MAX_DEPTH {
            let what = format!("values nest deeper than {MAX_DEPTH}");
            return Err(Damage::new(DamageKind::OverLimit, None, what));
        }
        self.budget.spend(0)?;
        self.open.push(Open::new(name));
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Damage> {
        let Some(open) = self.open.last_mut() else { return Ok(()) };
        if !matches!(open.name.as_slice(), b"dict" | b"array" | b"plist") {
            self.budget.bytes =
                self.budget.bytes.checked_sub(text.len()).ok_or_else(|| {
                    Damage::new(DamageKind::OverLimit, None, "its texts are over the limit")
                })?;
            open.text.push_str(text);
        }
        Ok(())
    }

    fn end(&mut self) -> Result<(), Damage> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        match open.name.as_slice() {
            b"key" => {
                if let Some(parent) = self.open.last_mut() {
                    parent.key = Some(open.text);
                }
            }
            b"plist" => {}
            name => {
                let what = format!("a <{}> that cannot be read", String::from_utf8_lossy(name));
                match open.value() {
                    Some(value) => self.take(value),
                    None => {
                        if self.damage.len() < 16 {
                            self.damage.push(Damage::new(DamageKind::Corrupt, None, what));
                        }
                        if let Some(parent) = self.open.last_mut() {
                            parent.key = None;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Gives a complete value to what it is part of.
    fn take(&mut self, value: Value) {
        let parent =
            self.open.iter_mut().rev().find(|open| matches!(open.name.as_slice(), b"dict" | b"array"));
        match parent {
            None if self.root.is_none() => self.root = Some(value),
            None => {}
            Some(parent) if parent.name == b"array" => parent.items.push((String::new(), value)),
            Some(parent) => match parent.key.take() {
                Some(key) => parent.items.push((key, value)),
                None if self.damage.len() < 16 => {
                    self.damage.push(Damage::new(DamageKind::Corrupt, None, "a value without its key"));
                }
                None => {}
            },
        }
    }
}
