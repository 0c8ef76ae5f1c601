//! Takes the secrets out of what was observed.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{Field, Location, Value};
use crate::text::secret;

/// Facts that are written by people and programs at length, and may hold a password or token.
const WITH_SECRETS: &[Field] = &[
    Field::Cmdline,
    Field::Program,
    Field::UninstallString,
    Field::QuietUninstallString,
    Field::Entrypoint,
    Field::Env,
    Field::History,
    Field::Label,
    Field::Description,
    Field::Homepage,
    Field::Source,
    Field::InstallSource,
    Field::UpdateUrl,
    Field::Reference,
];

/// Takes the secrets out of facts and of the place where they were seen.
pub fn redact(fields: &mut BTreeMap<Field, Value>, location: &mut Location) {
    let redact = |text: &mut String| {
        if let Cow::Owned(shown) = secret::redacted(text) {
            *text = shown;
        }
    };
    for (_, value) in fields.iter_mut().filter(|(field, _)| WITH_SECRETS.contains(field)) {
        match value {
            Value::One(text) => redact(text),
            Value::Many(texts) => texts.iter_mut().for_each(redact),
        }
    }
    location.record.iter_mut().for_each(redact);
    location.layer.iter_mut().filter_map(|layer| layer.created_by.as_mut()).for_each(redact);
}
