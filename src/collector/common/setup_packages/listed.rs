//! Cabinets and images of discs: their files by name, and those of discs, which are not compressed, by content.

use super::contents::{Contents, MAX_MEMBERS, is_setup};
use super::zipped::{self, Nested};
use crate::bytes::ReadAt;
use crate::format::container::iso9660::{self, Disc};
use crate::format::container::{cabinet, unopened};
use crate::format::executable::Slice;
use crate::model::{Artifact, Field, Skipped};
use crate::text::file_name;

/// Setups by name that one archive may have.
const MAX_NAMES: usize = 50_000;

fn member(base: &Artifact, path: &str, size: u64) -> Artifact {
    let mut base = base.clone().with(Field::Name, file_name(path)).with(Field::Size, size.to_string());
    base.location.record = Some(match &base.location.record {
        Some(outer) => format!("{outer}!/{path}"),
        None => path.to_owned(),
    });
    base
}

/// A cabinet, and the setups in it; nothing when the file is none.
pub(super) fn cabinet(file: &dyn ReadAt, base: &Artifact) -> Contents {
    let Some(read) = cabinet::read(file) else { return Contents::default() };
    let mut found = Contents::one(base.clone().with(Field::Format, "cab"));
    found.damage = read.damage;
    let setups = read.value.iter().filter(|member| is_setup(&member.name));
    found.artifacts.extend(setups.map(|it| member(base, &it.name, it.size).with(Field::Format, "file")));
    found.unread.push(Skipped::not_opened(unopened::CABINET));
    found
}

/// The image of a disc, and the setups on it; nothing when the file is none.
pub(super) fn disc(file: &dyn ReadAt, base: &Artifact, nested: Nested) -> Contents {
    let Some(read) = iso9660::read(file) else { return Contents::default() };
    let Disc { label, publisher, has_udf, files, .. } = read.value;
    let artifact = base
        .clone()
        .with(Field::Format, "iso")
        .with_some(Field::DisplayName, label)
        .with_some(Field::Publisher, publisher);
    let mut found = Contents::one(artifact);
    found.damage = read.damage;
    if has_udf {
        found.unread.push(Skipped::not_opened(unopened::DISC));
    }
    let setups: Vec<_> = files.iter().filter(|file| is_setup(&file.path)).take(MAX_NAMES + 1).collect();
    if setups.len() > MAX_NAMES {
        found.unread.push(format!("more than {MAX_NAMES} setups on it, of which these were read"));
    }
    for (count, it) in setups.into_iter().take(MAX_NAMES).enumerate() {
        let own = member(base, &it.path, it.size);
        // What a distribution has on its discs is known by its names, too.
        if count >= MAX_MEMBERS {
            found.artifacts.push(own.with(Field::Format, "file"));
            continue;
        }
        let body = Slice::new(file, it.offset, it.size);
        let inner = zipped::one(&body, &it.path, own, nested);
        found.artifacts.extend(inner.artifacts);
        found.damage.extend(inner.damage);
        found.unread.extend(inner.unread);
    }
    found
}
