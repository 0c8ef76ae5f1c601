//! Values of fields: one text or several.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The value of a field: one text, or several that match independently.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Value {
    /// One text.
    One(String),
    /// Several texts; a condition holds when it holds for one of them.
    Many(Vec<String>),
}

impl Value {
    /// Every text of the value.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        match self {
            Value::One(text) => std::slice::from_ref(text),
            Value::Many(texts) => texts.as_slice(),
        }
        .iter()
        .map(String::as_str)
    }

    /// The texts joined with ", ", for people.
    pub fn joined(&self) -> String {
        match self {
            Value::One(text) => text.clone(),
            Value::Many(texts) => texts.join(", "),
        }
    }
}
