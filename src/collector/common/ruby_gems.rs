//! `ruby_gems`: installed gems, by the specification that RubyGems writes for each.

use super::places::{PROGRAM_PLACES, home_owner};
use crate::bytes::{Damage, DamageKind};
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::format::package::gemspec;
use crate::fs::Entry;
use crate::fs::tree::{file_name, parent};
use crate::model::{Artifact, Field, Location};
use crate::target::Target;
use crate::text::shown;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "ruby_gems",
    about: "Ruby gems, of the system, of users and inside applications.",
    applies: Applies::EVERYWHERE,
    reads: &[],
    walks: PROGRAM_PLACES,
    keys: &[],
    yields: &[
        Field::Name,
        Field::Version,
        Field::Description,
        Field::Author,
        Field::Homepage,
        Field::License,
        Field::User,
        Field::Path,
    ],
    run: |_, _| (),
    visit: Some(Visit { wants, file }),
};

/// Bytes read of one specification.
const LIMIT: usize = 1 << 20;

/// `specifications/NAME-VERSION.gemspec`; gems that came with Ruby lie in `specifications/default`.
fn wants(entry: &Entry<'_>) -> bool {
    if !entry.name().ends_with(b".gemspec") {
        return false;
    }
    let folder = parent(entry.path());
    file_name(folder) == b"specifications"
        || (file_name(folder) == b"default" && file_name(parent(folder)) == b"specifications")
}

fn file(_: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let path = entry.path();
    let Some(bytes) = sink.read_entry(entry, LIMIT) else { return };
    let gem = gemspec::parse(&bytes);
    let Some(name) = gem.name else {
        return sink.damage(path, &[Damage::new(DamageKind::Corrupt, None, "a gem without a name")]);
    };
    // RubyGems writes it as one block.
    let is_whole = bytes.trim_ascii_end().ends_with(b"end");
    if !is_whole || gem.version.is_none() {
        sink.damage(path, &[Damage::new(DamageKind::Truncated, None, "the specification is cut off")]);
    }
    let artifact = Artifact::new(sink.collector(), Location::path(path))
        .with(Field::Name, name)
        .with_some(Field::Version, gem.version)
        .with_some(Field::Description, gem.summary)
        .with_many(Field::Author, gem.authors)
        .with_some(Field::Homepage, gem.homepage)
        .with_many(Field::License, gem.licenses)
        .with_some(Field::User, home_owner(path))
        .with(Field::Path, shown(path));
    sink.artifact(artifact);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    #[test]
    fn specifications_of_installed_gems_only() {
        let gem =
            "Gem::Specification.new do |s|\n  s.name = \"example\".freeze\n  s.version = \"1.0\"\nend\n";
        let tree = Memory::new()
            .file("var/lib/gems/3.1.0/specifications/example-1.0.gemspec", gem)
            .file("usr/share/rubygems-integration/all/specifications/example-1.0.gemspec", gem)
            .file("usr/lib/ruby/gems/3.1.0/specifications/default/example-1.0.gemspec", gem)
            .file("opt/app/example.gemspec", gem)
            .file("opt/app/specifications/bad.gemspec", "")
            .file(
                "opt/cut/specifications/cut-1.gemspec",
                "Gem::Specification.new do |s|\n  s.name = \"cut\"\n",
            );
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = crate::collector::collect(&COLLECTOR, &target);
        assert_eq!(artifacts.len(), 4, "{artifacts:#?}");
        assert_eq!(artifacts.iter().filter(|it| it.text(Field::Version) == Some("1.0")).count(), 3);
        assert_eq!(gaps.len(), 2);
    }
}
