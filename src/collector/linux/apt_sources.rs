//! `apt_sources`: where apt gets packages from.
//!
//! A source is not the software: alone it is a remnant, whether or not it is switched on.

use crate::collector::{Applies, Collector, Sink};
use crate::format::package::apt_sources::{self, AptSource};
use crate::fs::Found;
use crate::fs::root::name_of;
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::{shown, text_of};

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "apt_sources",
    about: "Package sources of apt, switched on or off.",
    applies: Applies::LINUX,
    reads: &["etc/apt/sources.list", "etc/apt/sources.list.d/*.list", "etc/apt/sources.list.d/*.sources"],
    walks: &[],
    keys: &[],
    yields: &[Field::Name, Field::Source, Field::Description, Field::Type, Field::Enabled, Field::Path],
    run,
    visit: None,
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    for found in sink.files(&target.root, COLLECTOR.reads) {
        let Some(bytes) = sink.read(&target.root, &found, 1 << 20) else { continue };
        let (record, entries) = if found.path.ends_with(b".sources") {
            let (entries, damage) = apt_sources::sources(&bytes);
            sink.damage(&found.path, &damage);
            ("stanza", entries)
        } else {
            sink.damage(&found.path, apt_sources::unended(&bytes).as_slice());
            ("line", apt_sources::list(&bytes))
        };
        for entry in entries {
            let artifact = artifact(sink, &found, &entry, record);
            sink.artifact(artifact);
        }
    }
}

fn artifact(sink: &Sink<'_>, found: &Found, entry: &AptSource, record: &str) -> Artifact {
    let name = name_of(found);
    let texts = |values: &[Vec<u8>]| values.iter().map(|value| text_of(value)).collect::<Vec<_>>();
    let parts = [texts(&entry.suites), texts(&entry.components)].concat().join(" ");
    Artifact::new(sink.collector(), Location::record(&found.path, format!("{record} {}", entry.record)))
        .state(State::Remnant)
        .with(Field::Name, name.trim_end_matches(".list").trim_end_matches(".sources"))
        .with_many(Field::Source, texts(&entry.uris))
        .with(Field::Description, parts)
        .with_many(Field::Type, texts(&entry.types))
        .with(Field::Enabled, if entry.enabled { "yes" } else { "no" })
        .with(Field::Path, shown(&found.path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    #[test]
    fn both_kinds_of_file() {
        let tree = Memory::new()
            .file("etc/apt/sources.list", "deb http://a.example/ stable main\n")
            .file(
                "etc/apt/sources.list.d/v.sources",
                "Types: deb\nURIs: https://v.example\nSuites: s\nEnabled: no\n",
            )
            .file("etc/apt/sources.list.d/v.list.save", "deb http://b.example/ stable main\n");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        assert!(gaps.is_empty(), "{gaps:?}");
        assert_eq!(artifacts.len(), 2);
        assert_eq!(artifacts[0].text(Field::Source), Some("http://a.example/"));
        let (name, enabled) = (artifacts[1].text(Field::Name), artifacts[1].text(Field::Enabled));
        assert_eq!((name, enabled, artifacts[1].state), (Some("v"), Some("no"), State::Remnant));
    }
}
