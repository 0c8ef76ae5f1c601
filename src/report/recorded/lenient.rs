//! Documents of other tools: a member of another form is passed over and counted, and does not refuse the whole.

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer};

/// A value of the expected form, or one of another form, which is passed over and counted.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Maybe<T> {
    Is(T),
    Other(IgnoredAny),
}

/// The text of a member, empty when it is none.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(match Maybe::<String>::deserialize(deserializer)? {
        Maybe::Is(text) => text,
        Maybe::Other(_) => String::new(),
    })
}

/// The elements of a list; a single one stands for a list of it, and anything else for an empty one.
pub(super) fn elements<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<Maybe<T>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Elements<T> {
        Several(Vec<Maybe<T>>),
        One(T),
        Other(IgnoredAny),
    }
    Ok(match Elements::deserialize(deserializer)? {
        Elements::Several(several) => several,
        Elements::One(one) => vec![Maybe::Is(one)],
        Elements::Other(_) => Vec::new(),
    })
}

/// The elements of the expected form.
pub(super) fn fitting<T>(elements: Vec<Maybe<T>>) -> impl Iterator<Item = T> {
    elements.into_iter().filter_map(|element| match element {
        Maybe::Is(it) => Some(it),
        Maybe::Other(_) => None,
    })
}
