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
    let redact_as = |text: &mut String, redacted: fn(&str) -> Cow<'_, str>| {
        if let Cow::Owned(shown) = redacted(text) {
            *text = shown;
        }
    };
    let redact = |text: &mut String| redact_as(text, secret::redacted);
    let commands = fields.get(&Field::Cmdline).into_iter().flat_map(Value::texts);
    let secrets: Vec<String> = commands.flat_map(secret::secrets_of).map(str::to_owned).collect();
    if let Some(programs) = fields.get_mut(&Field::Program).filter(|_| !secrets.is_empty()) {
        let known = |text: &mut String| *text = secret::without_words(text, &secrets).into_owned();
        match programs {
            Value::One(text) => known(text),
            Value::Many(texts) => texts.iter_mut().for_each(known),
        }
    }
    for (field, value) in fields.iter_mut().filter(|(field, _)| WITH_SECRETS.contains(field)) {
        let redacted = if *field == Field::Description { secret::redacted_prose } else { secret::redacted };
        match value {
            Value::One(text) => redact_as(text, redacted),
            Value::Many(texts) => texts.iter_mut().for_each(|text| redact_as(text, redacted)),
        }
    }
    location.record.iter_mut().for_each(redact);
    location.layer.iter_mut().filter_map(|layer| layer.created_by.as_mut()).for_each(redact);
}
