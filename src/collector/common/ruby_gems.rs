//! `ruby_gems`: installed gems, by the specification that RubyGems writes for each. Gems that Bundler takes from Git have
//! only the one that their authors wrote, which may compute its version.

use super::places::{PROGRAM_PLACES, home_owner};
use crate::bytes::{Damage, DamageKind};
use crate::collector::support::test_data::is_test_data;
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::format::package::gemspec;
use crate::fs::Entry;
use crate::fs::tree::{file_name, parent};
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::{shown, text_of};

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

/// What the place of a specification says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// `specifications/NAME-VERSION.gemspec`, or a folder below for gems that came with Ruby.
    Installed,
    /// `bundler/gems/NAME-COMMIT/NAME.gemspec`.
    Git,
}

fn kind(entry: &Entry<'_>) -> Option<Kind> {
    if !entry.name().ends_with(b".gemspec") {
        return None;
    }
    let folder = parent(entry.path());
    let above = parent(folder);
    if file_name(folder) == b"specifications" || file_name(above) == b"specifications" {
        return Some(Kind::Installed);
    }
    (file_name(above) == b"gems" && file_name(parent(above)) == b"bundler").then_some(Kind::Git)
}

fn wants(entry: &Entry<'_>) -> bool {
    kind(entry).is_some()
}

/// Name and version that a file or folder is called after: `NAME-VERSION.gemspec`, `NAME-COMMIT`.
fn by_name(stem: &str) -> (&str, Option<&str>) {
    let mut cuts = stem.match_indices('-').map(|(at, _)| at);
    let is_version =
        |at: &usize| stem.get(at + 1..).is_some_and(|rest| rest.starts_with(|it: char| it.is_ascii_digit()));
    match cuts.find(is_version) {
        Some(at) => (stem.get(..at).unwrap_or(stem), stem.get(at + 1..)),
        None => (stem, None),
    }
}

fn file(_: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let path = entry.path();
    let Some(bytes) = sink.read_entry(entry, LIMIT) else { return };
    let gem = gemspec::parse(&bytes);
    let file = text_of(entry.name());
    let stem = file.strip_suffix(".gemspec").unwrap_or(&file);
    let (called, file_version) = by_name(stem);
    let is_git = kind(entry) == Some(Kind::Git);
    if !is_git {
        // RubyGems writes it as one block.
        let is_whole = bytes.trim_ascii_end().ends_with(b"end");
        if gem.name.is_none() {
            sink.damage(path, &[Damage::new(DamageKind::Corrupt, None, "a gem without a name")]);
        } else if !is_whole || gem.version.is_none() {
            sink.damage(path, &[Damage::new(DamageKind::Truncated, None, "the specification is cut off")]);
        }
    }
    let folder = text_of(file_name(parent(path)));
    let commit = folder.rsplit_once('-').map(|(_, commit)| commit.to_owned()).filter(|_| is_git);
    let state = if is_test_data(path) { State::Embedded } else { State::Installed };
    let artifact = Artifact::new(sink.collector(), Location::path(path))
        .state(state)
        .with(Field::Name, gem.name.unwrap_or_else(|| called.to_owned()))
        .with_some(Field::Version, gem.version.or(file_version.map(str::to_owned)).or(commit))
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
            .file(
                "srv/app/vendor/bundle/ruby/3.1.0/bundler/gems/kit-0a1b2c/kit.gemspec",
                "Gem::Specification.new do |spec|\n  spec.name = 'kit'\n  spec.version = Kit::VERSION\nend\n",
            )
            .file("opt/app/specifications/bad.gemspec", "")
            .file(
                "opt/cut/specifications/cut-1.gemspec",
                "Gem::Specification.new do |s|\n  s.name = \"cut\"\n",
            );
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = crate::collector::collect(&COLLECTOR, &target);
        let mut names: Vec<_> = artifacts
            .iter()
            .map(|it| (it.text(Field::Name).unwrap(), it.text(Field::Version).unwrap_or_default()))
            .collect();
        names.sort_unstable();
        let example = ("example", "1.0");
        assert_eq!(names, [("bad", ""), ("cut", "1"), example, example, example, ("kit", "0a1b2c")]);
        assert_eq!(artifacts.iter().filter(|it| it.text(Field::Version) == Some("1.0")).count(), 3);
        assert_eq!(gaps.len(), 2);
    }
}
