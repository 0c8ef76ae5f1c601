//! Extensions that another program has the browser install ("External Extensions").

use super::super::places::home_owner;
use crate::collector::Sink;
use crate::fs::Found;
use crate::fs::root::name_of;
use crate::model::{Artifact, Field, Location};
use crate::target::Target;
use crate::text::shown;

/// Bytes read of a manifest, a policy, a file of messages.
pub(super) const SMALL: usize = 4 << 20;

/// `ID.json`: another program has the browser install an extension ("External Extensions").
pub(super) fn external(target: &Target, sink: &mut Sink<'_>, browser: &'static str, found: &Found) {
    let Some(bytes) = sink.read(&target.root, found, SMALL) else { return };
    let object = match crate::format::text::relaxed_json::parse::<serde_json::Map<_, _>>(&bytes) {
        Ok(object) => object,
        Err(damage) => return sink.damage(&found.path, &[damage]),
    };
    let text = |key: &str| object.get(key).and_then(serde_json::Value::as_str);
    let name = name_of(found);
    let artifact = Artifact::new(sink.collector(), Location::path(&found.path))
        .with(Field::Identifier, name.strip_suffix(".json").unwrap_or(&name))
        .with_some(Field::Version, text("external_version"))
        .with_some(Field::UpdateUrl, text("external_update_url"))
        .with_some(Field::Source, text("external_crx"))
        .with(Field::Type, "external")
        .with(Field::Browser, browser)
        .with_some(Field::User, home_owner(&found.path))
        .with(Field::Path, shown(&found.path));
    sink.artifact(artifact);
}
