//! `ruby_gems`: installed gems, by the specification that RubyGems writes for each. Gems that Bundler takes from Git have
//! only the one that their authors wrote, which may compute its version.

use super::places::{PROGRAM_PLACES, home_owner};
use crate::bytes::{Damage, DamageKind};
use crate::collector::support::test_data::is_test_data;
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::format::container::inflating::Budget;
use crate::format::container::zip::{Archive, Taken};
use crate::format::package::gemspec;
use crate::fs::Entry;
use crate::fs::tree::{file_name, parent};
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::{shown, text_of};

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "ruby_gems",
    about: "Ruby gems, of the system, of users, inside applications and in their archives for JRuby.",
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
/// Specifications in one archive.
const MAX_MEMBERS: usize = 20_000;
/// Bytes inflated for one archive.
const MAX_INFLATED: u64 = 64 << 20;

/// What the place of a specification says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// An archive of an application for JRuby, or of JRuby's own.
    Archive,
    /// `specifications/NAME-VERSION.gemspec`, or a folder below for gems that came with Ruby.
    Installed,
    /// `bundler/gems/NAME-COMMIT/NAME.gemspec`.
    Git,
}

fn kind(entry: &Entry<'_>) -> Option<Kind> {
    if entry.has_ending(&[".war"]) || entry.has_ending(&[".jar"]) && names_ruby(entry.name()) {
        return Some(Kind::Archive);
    }
    of_specification(entry.path())
}

/// Whether the name of an archive says that there is something of Ruby in it.
fn names_ruby(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    [&b"jruby"[..], b"gems"].iter().any(|word| memchr::memmem::find(&name, word).is_some())
}

/// What a file is by its path, also within an archive.
fn of_specification(path: &[u8]) -> Option<Kind> {
    if !path.ends_with(b".gemspec") {
        return None;
    }
    let folder = parent(path);
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
    if kind(entry) == Some(Kind::Archive) {
        return archive(entry, sink);
    }
    let Some(bytes) = sink.read_entry(entry, LIMIT) else { return };
    let (artifact, damage) = specification(path, &bytes, Location::path(path));
    sink.damage(path, damage.as_slice());
    let state = if is_test_data(path) { State::Embedded } else { State::Installed };
    sink.artifact(
        artifact.state(state).with_some(Field::User, home_owner(path)).with(Field::Path, shown(path)),
    );
}

/// The gems that an archive carries: of Warbler below `WEB-INF/gems`, of JRuby below `META-INF/jruby.home`. One that cannot
/// be read is reported by the collector of Java archives.
fn archive(entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let path = entry.path();
    let Ok(file) = entry.open() else { return };
    let Ok(archive) = Archive::open(file.as_ref()) else { return };
    let members = archive.members(|name| of_specification(name.as_bytes()).is_some(), MAX_MEMBERS);
    let (mut taken, budget) = (Taken::default(), Budget::new(MAX_INFLATED));
    for member in &members.value {
        let read = taken.take(&archive, member).and_then(|()| archive.read(member, LIMIT));
        let bytes = match read {
            Ok(bytes) if budget.take(bytes.len() as u64) => bytes,
            Ok(_) => {
                let what = "reading it costs more than an archive may";
                return sink.damage(path, &[Damage::new(DamageKind::OverLimit, None, what)]);
            }
            Err(mut damage) => {
                damage.what = format!("in {}: {}", member.name, damage.what);
                sink.damage(path, &[damage]);
                continue;
            }
        };
        let location = Location::record(path, member.name.as_str());
        let (artifact, damage) = specification(member.name.as_bytes(), &bytes, location);
        if let Some(mut damage) = damage {
            damage.what = format!("in {}: {}", member.name, damage.what);
            sink.damage(path, &[damage]);
        }
        let artifact = artifact.state(State::Embedded).with_some(Field::User, home_owner(path));
        sink.artifact(artifact.with(Field::Path, shown(path)));
    }
    sink.damage(path, &members.damage);
}

/// The gem that a specification at a path describes, and how it is damaged.
fn specification(path: &[u8], bytes: &[u8], location: Location) -> (Artifact, Option<Damage>) {
    let gem = gemspec::parse(bytes);
    let file = text_of(file_name(path));
    let mut damage = None;
    let stem = file.strip_suffix(".gemspec").unwrap_or(&file);
    let (called, file_version) = by_name(stem);
    let is_git = of_specification(path) == Some(Kind::Git);
    if !is_git {
        // RubyGems writes it as one block.
        let is_whole = bytes.trim_ascii_end().ends_with(b"end");
        if gem.name.is_none() {
            damage = Some(Damage::new(DamageKind::Corrupt, None, "a gem without a name"));
        } else if !is_whole || gem.version.is_none() {
            damage = Some(Damage::new(DamageKind::Truncated, None, "the specification is cut off"));
        }
    }
    let folder = text_of(file_name(parent(path)));
    let commit = folder.rsplit_once('-').map(|(_, commit)| commit.to_owned()).filter(|_| is_git);
    let artifact = Artifact::new(COLLECTOR.name, location)
        .with(Field::Name, gem.name.unwrap_or_else(|| called.to_owned()))
        .with_some(Field::Version, gem.version.or(file_version.map(str::to_owned)).or(commit))
        .with_some(Field::Description, gem.summary)
        .with_many(Field::Author, gem.authors)
        .with_some(Field::Homepage, gem.homepage)
        .with_many(Field::License, gem.licenses);
    (artifact, damage)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    #[test]
    fn applications_for_jruby_carry_gems() {
        use crate::format::container::zip::tests::archive;
        let gem = b"Gem::Specification.new do |s|\n  s.name = \"kit\".freeze\n  s.version = \"1.0\"\nend\n";
        let cut = gem.get(..40).unwrap();
        let tree = Memory::new()
            .file("opt/a/app.war", archive(&[("WEB-INF/gems/specifications/kit-1.0.gemspec", gem)]))
            .file(
                "opt/b/jruby-stdlib.jar",
                archive(&[("META-INF/jruby.home/lib/ruby/gems/shared/specifications/kit-1.0.gemspec", gem)]),
            )
            .file(
                "opt/c/app.war",
                archive(&[("WEB-INF/gems/specifications/cut-1.0.gemspec", cut), ("x/y.gemspec", gem)]),
            )
            .file("opt/d/app.war", "no archive");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = crate::collector::collect(&COLLECTOR, &target);
        let mut names: Vec<_> =
            artifacts.iter().map(|it| (it.text(Field::Name).unwrap(), it.state)).collect();
        names.sort_unstable();
        let expected = [("cut", State::Embedded), ("kit", State::Embedded), ("kit", State::Embedded)];
        assert_eq!((names.as_slice(), gaps.len()), (&expected[..], 1), "{gaps:?}");
    }

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
