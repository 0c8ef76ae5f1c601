//! Artifacts: what collectors yield and indicators match on.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Field, Location, State, Value};

/// One observed thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Artifact {
    /// The collector that saw it.
    pub collector: &'static str,
    /// The state it was seen in.
    pub state: State,
    /// What is known of it. Empty facts are left out.
    pub fields: BTreeMap<Field, Value>,
    /// Where it was seen.
    pub location: Location,
}

impl Artifact {
    /// An installed artifact without facts.
    pub fn new(collector: &'static str, location: Location) -> Self {
        Artifact { collector, state: State::Installed, fields: BTreeMap::new(), location }
    }

    /// Sets the state.
    #[must_use]
    pub fn state(mut self, state: State) -> Self {
        self.state = state;
        self
    }

    /// Sets a field to one text; empty text leaves the field absent.
    #[must_use]
    pub fn with(mut self, field: Field, text: impl Into<String>) -> Self {
        self.set(field, text);
        self
    }

    /// Sets a field if there is a text.
    #[must_use]
    pub fn with_some(mut self, field: Field, text: Option<impl Into<String>>) -> Self {
        if let Some(text) = text {
            self.set(field, text);
        }
        self
    }

    /// Sets a field to several texts; empty and repeated ones are left out.
    #[must_use]
    pub fn with_many(mut self, field: Field, texts: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let mut kept: Vec<String> = Vec::new();
        for text in texts {
            let text = text.into();
            if !text.trim().is_empty() && !kept.contains(&text) {
                kept.push(text);
            }
        }
        match kept.len() {
            0 => {}
            1 => self.set(field, kept.remove(0)),
            _ => {
                self.fields.insert(field, Value::Many(kept));
            }
        }
        self
    }

    /// Sets a field to one text; empty text leaves the field absent.
    pub fn set(&mut self, field: Field, text: impl Into<String>) {
        let text = text.into();
        if !text.trim().is_empty() {
            self.fields.insert(field, Value::One(text));
        }
    }

    /// Takes the secrets out of what can hold one; nothing behind a collector sees them.
    pub fn redact(&mut self) {
        super::redact(&mut self.fields, &mut self.location);
    }

    /// The first text of a field.
    pub fn text(&self, field: Field) -> Option<&str> {
        self.fields.get(&field).and_then(|value| value.texts().next())
    }
}
