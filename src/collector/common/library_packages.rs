//! `library_packages`: packages of languages and platforms that have one small record each, by that record.
//!
//! Composer and PEAR of PHP, WordPress, R, Lua, Perl, Erlang and Elixir, OCaml, Haskell, Dart, Julia, Conan, Cargo's
//! installed programs, vcpkg, providers of Terraform, collections of Ansible, extensions of Zed, PowerShell, SWI-Prolog, Java runtimes, Bitnami's components, Google's Container-Optimized OS.

use super::places::{PROGRAM_PLACES, home_owner, leads_to};
use crate::collector::support::test_data::is_test_data;
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::format::package::library_record::{self as record, Record, Records};
use crate::format::package::library_script as script;
use crate::fs::Entry;
use crate::fs::tree::{file_name, parent};
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::{shown, text_of};

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "library_packages",
    about: "Packages of PHP, WordPress, R, Lua, Perl, Erlang, OCaml, Haskell, Dart, Julia, Conan, vcpkg, Cargo, Terraform, Ansible, Zed, PowerShell and Prolog, Java runtimes, and components of Bitnami.",
    applies: Applies::EVERYWHERE,
    reads: READS,
    walks: PROGRAM_PLACES,
    keys: &[],
    yields: &[
        Field::Name,
        Field::Version,
        Field::Description,
        Field::Author,
        Field::Maintainer,
        Field::Vendor,
        Field::Homepage,
        Field::License,
        Field::Type,
        Field::User,
        Field::Path,
    ],
    run,
    visit: Some(Visit { wants, file }),
};

/// Records outside of the places of programs.
#[rustfmt::skip]
const READS: &[&str] = &[
    "etc/cos-package-info.json",
    "home/*/.cargo/.crates.toml", "root/.cargo/.crates.toml", "Users/*/.cargo/.crates.toml",
    "home/*/.julia/packages/*/*/Project.toml", "root/.julia/packages/*/*/Project.toml",
    "Users/*/.julia/packages/*/*/Project.toml",
    "home/*/.pub-cache/hosted/*/*/pubspec.yaml", "root/.pub-cache/hosted/*/*/pubspec.yaml",
    "Users/*/.pub-cache/hosted/*/*/pubspec.yaml",
    "home/*/.conan/data/*/*/*/*/package/*/conaninfo.txt", "root/.conan/data/*/*/*/*/package/*/conaninfo.txt",
    "Users/*/.conan/data/*/*/*/*/package/*/conaninfo.txt",
    "home/*/.opam/*/.opam-switch/packages/*/opam", "root/.opam/*/.opam-switch/packages/*/opam",
    "home/*/R/*/*/*/DESCRIPTION", "root/R/*/*/*/DESCRIPTION",
    "home/*/.luarocks/lib/luarocks/*/*/*/*.rockspec", "root/.luarocks/lib/luarocks/*/*/*/*.rockspec",
    "home/*/perl5/lib/perl5/*/.meta/*/install.json", "root/perl5/lib/perl5/*/.meta/*/install.json",
    "home/*/.ansible/collections/ansible_collections/*/*/MANIFEST.json",
    "root/.ansible/collections/ansible_collections/*/*/MANIFEST.json",
    "home/*/.opam/*/lib/*/META", "root/.opam/*/lib/*/META",
    "var/lib/ghc/package.conf.d/*.conf",
    "home/*/.cabal/store/*/package.db/*.conf", "home/*/.ghcup/ghc/*/lib/*/package.conf.d/*.conf",
    "home/*/.ghcup/ghc/*/lib/*/lib/package.conf.d/*.conf",
    "home/*/.config/composer/vendor/composer/installed.json", "root/.config/composer/vendor/composer/installed.json",
    "home/*/.composer/vendor/composer/installed.json", "root/.composer/vendor/composer/installed.json",
    "home/*/.jdks/*/release", "home/*/.gradle/jdks/*/release", "Users/*/.jdks/*/release",
    "Users/*/Library/Java/JavaVirtualMachines/*/Contents/Home/release",
    "Library/Java/JavaVirtualMachines/*/Contents/Home/release",
];
/// Bytes read of one record.
const LIMIT: usize = 64 << 20;

/// What a file is a record of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Composer,
    Pear,
    WordPress,
    R,
    Lua,
    Perl,
    Erlang,
    Opam,
    Findlib,
    Haskell,
    Dart,
    Julia,
    Conan,
    Vcpkg,
    Terraform,
    Cargo,
    Ansible,
    Zed,
    PowerShell,
    Prolog,
    Java,
    Bitnami,
    ContainerOptimized,
}

impl Kind {
    fn word(self) -> &'static str {
        match self {
            Kind::Composer => "composer",
            Kind::Pear => "pear",
            Kind::WordPress => "wordpress",
            Kind::R => "cran",
            Kind::Lua => "luarocks",
            Kind::Perl => "cpan",
            Kind::Erlang => "otp",
            Kind::Opam => "opam",
            Kind::Findlib => "findlib",
            Kind::Haskell => "hackage",
            Kind::Dart => "pub",
            Kind::Julia => "julia",
            Kind::Conan => "conan",
            Kind::Vcpkg => "vcpkg",
            Kind::Terraform => "terraform",
            Kind::Cargo => "cargo",
            Kind::Ansible => "ansible",
            Kind::Zed => "zed",
            Kind::PowerShell => "powershell",
            Kind::Prolog => "swi-prolog",
            Kind::Java => "java-runtime",
            Kind::Bitnami => "bitnami",
            Kind::ContainerOptimized => "cos",
        }
    }

    /// By the name of a file and of the folders around it.
    fn of(path: &[u8]) -> Option<Kind> {
        let name = file_name(path);
        let folder = |up: usize| folder(path, up);
        let is_theme = || name == b"style.css" && folder(1) == b"themes";
        match name {
            b"installed.json" => (folder(0) == b"composer").then_some(Kind::Composer),
            b"DESCRIPTION" => folder(1)
                .ends_with(b"library")
                .then_some(Kind::R)
                .or_else(|| folder(2).ends_with(b"-library").then_some(Kind::R)),
            b"install.json" => (folder(1) == b".meta").then_some(Kind::Perl),
            b"opam" => matches!(folder(1), b"packages" | b"lib" | b"ocaml").then_some(Kind::Opam),
            b"META" => matches!(folder(1), b"lib" | b"ocaml").then_some(Kind::Findlib),
            b"MANIFEST.json" => (folder(2) == b"ansible_collections").then_some(Kind::Ansible),
            b"extension.toml" => {
                (folder(1) == b"installed" && folder(2) == b"extensions").then_some(Kind::Zed)
            }
            b"release" => Some(Kind::Java),
            b"pack.pl" => (folder(1) == b"pack").then_some(Kind::Prolog),
            b"pubspec.yaml" => (folder(2) == b"hosted").then_some(Kind::Dart),
            b"Project.toml" => (folder(2) == b"packages").then_some(Kind::Julia),
            b"conaninfo.txt" => (folder(1) == b"package").then_some(Kind::Conan),
            b"status" => (folder(0) == b"vcpkg").then_some(Kind::Vcpkg),
            // `updates/0000000001` has what changed since.
            _ if name.len() == 10 && name.iter().all(u8::is_ascii_digit) => {
                (folder(0) == b"updates" && folder(1) == b"vcpkg").then_some(Kind::Vcpkg)
            }
            _ if name.starts_with(b"terraform-provider-") => is_provider(path).then_some(Kind::Terraform),
            b".crates.toml" => Some(Kind::Cargo),
            b".bitnami_components.json" => Some(Kind::Bitnami),
            b"cos-package-info.json" => Some(Kind::ContainerOptimized),
            _ if name.ends_with(b".rockspec") => folder(2).starts_with(b"rocks").then_some(Kind::Lua),
            _ if name.ends_with(b".app") => (folder(0) == b"ebin").then_some(Kind::Erlang),
            _ if name.ends_with(b".conf") => {
                matches!(folder(0), b"package.conf.d" | b"package.db").then_some(Kind::Haskell)
            }
            _ if name.ends_with(b".reg") => {
                path.windows(11).any(|part| part == b"/.registry/").then_some(Kind::Pear)
            }
            _ if name.len() > 5
                && name.get(name.len() - 5..).is_some_and(|end| end.eq_ignore_ascii_case(b".psd1")) =>
            {
                is_manifest(name, folder(0), folder(1)).then_some(Kind::PowerShell)
            }
            _ if name.ends_with(b".php") => {
                let is_single = matches!(folder(0), b"plugins" | b"mu-plugins") && folder(1) == b"wp-content";
                (is_single || folder(1) == b"plugins" && folder(2) == b"wp-content")
                    .then_some(Kind::WordPress)
            }
            _ => (is_theme() && folder(2) == b"wp-content").then_some(Kind::WordPress),
        }
    }

    /// What the record says; nothing when the file is another of the same name.
    fn read(self, bytes: &[u8], path: &[u8]) -> Option<Records> {
        let folder = text_of(file_name(parent(path)));
        let name = text_of(file_name(path));
        let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
        Some(match self {
            Kind::Composer => record::composer(bytes),
            Kind::Pear => script::pear(bytes, stem),
            Kind::WordPress => return script::wordpress(bytes),
            Kind::R => record::stanza(bytes, "package"),
            Kind::Lua => script::rockspec(bytes),
            Kind::Perl => record::perl(bytes),
            Kind::Erlang => return script::erlang(bytes),
            Kind::Opam => script::opam(bytes, &folder),
            Kind::Findlib => return script::findlib(bytes, &folder),
            Kind::Haskell => record::stanza(bytes, "name"),
            Kind::Dart => record::pub_spec(bytes),
            Kind::Julia => record::julia(bytes),
            Kind::Conan => conan(path),
            Kind::Vcpkg => record::vcpkg(bytes),
            Kind::Terraform => provider(path),
            Kind::Cargo => record::cargo(bytes),
            Kind::Ansible => record::ansible(bytes),
            Kind::Zed => record::zed(bytes),
            Kind::PowerShell => return script::powershell(bytes, stem),
            Kind::Prolog => script::prolog(bytes),
            Kind::Java => return script::java(bytes),
            Kind::Bitnami => record::bitnami(bytes),
            Kind::ContainerOptimized => record::container_optimized(bytes),
        })
    }

    /// Whether a package waits in a cache for programs that are built with it.
    fn is_cached(self) -> bool {
        matches!(self, Kind::Dart | Kind::Conan | Kind::Julia)
    }
}

/// The name of the folder that many levels above the one that a file is in.
fn folder(path: &[u8], up: usize) -> &[u8] {
    file_name((0..up).fold(parent(path), |path, _| parent(path)))
}

/// `NAME/NAME.psd1`, `NAME/VERSION/NAME.psd1`.
fn is_manifest(name: &[u8], folder: &[u8], above: &[u8]) -> bool {
    let stem = name.get(..name.len().saturating_sub(5)).unwrap_or(name);
    stem.eq_ignore_ascii_case(folder) || stem.eq_ignore_ascii_case(above)
}

/// `HOST/NAMESPACE/NAME/VERSION/SYSTEM_PROCESSOR/terraform-provider-NAME`
fn is_provider(path: &[u8]) -> bool {
    folder(path, 4).contains(&b'.')
        && folder(path, 1).first().is_some_and(u8::is_ascii_digit)
        && folder(path, 0).contains(&b'_')
}

fn provider(path: &[u8]) -> Records {
    let part = |up: usize| text_of(folder(path, up));
    Records::whole(vec![Record {
        name: format!("{}/{}", part(3), part(2)),
        version: Some(part(1)),
        vendor: Some(part(3)),
        homepage: Some(format!("{}/{}/{}", part(4), part(3), part(2))),
        ..Record::default()
    }])
}

/// `NAME/VERSION/USER/CHANNEL/package/ID/conaninfo.txt`
fn conan(path: &[u8]) -> Records {
    let part = |up: usize| text_of(folder(path, up));
    Records::whole(vec![Record { name: part(5), version: Some(part(4)), ..Record::default() }])
}

fn wants(entry: &Entry<'_>) -> bool {
    Kind::of(entry.path()).is_some()
}

fn run(target: &Target, sink: &mut Sink<'_>) {
    for found in sink.files(&target.root, READS) {
        let entry = Entry::behind_links(&target.root, &found.path, &found.real, false);
        read(&entry, sink);
    }
}

fn file(target: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    // A deep scan walks these places, too.
    if !READS.iter().any(|pattern| leads_to(&target.root, pattern, entry.path())) {
        read(entry, sink);
    }
}

fn read(entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let path = entry.path();
    let Some(kind) = Kind::of(path) else { return };
    let bytes = if kind == Kind::Terraform {
        // Its folders say what it is; the program is read elsewhere.
        Some(Vec::new())
    } else if kind == Kind::WordPress {
        // What is behind the header is the program.
        entry.read(script::HEADER).map(|content| content.bytes).map_err(|fault| sink.fault(fault)).ok()
    } else {
        sink.read_entry(entry, LIMIT)
    };
    if let Some(bytes) = bytes {
        records(sink, kind, path, &bytes);
    }
}

fn records(sink: &mut Sink<'_>, kind: Kind, path: &[u8], bytes: &[u8]) {
    let Some(records) = kind.read(bytes, path) else { return };
    sink.damage(path, &records.damage);
    let is_single = records.value.len() == 1;
    for record in records.value {
        let location =
            if is_single { Location::path(path) } else { Location::record(path, record.name.as_str()) };
        let state = match kind {
            _ if is_test_data(path) => State::Embedded,
            _ if kind.is_cached() => State::Installer,
            // Applications carry the packages of their language along.
            Kind::Composer => State::Embedded,
            _ => State::Installed,
        };
        let artifact = Artifact::new(COLLECTOR.name, location)
            .state(state)
            .with(Field::Name, record.name)
            .with_some(Field::Version, record.version)
            .with_some(Field::Description, record.description)
            .with_many(Field::Author, record.authors)
            .with_many(Field::Maintainer, record.maintainers)
            .with_some(Field::Vendor, record.vendor)
            .with_some(Field::Homepage, record.homepage)
            .with_many(Field::License, record.licenses)
            .with(Field::Type, kind.word())
            .with_some(Field::User, home_owner(path))
            .with(Field::Path, shown(parent(path)));
        sink.artifact(artifact);
    }
}

#[cfg(test)]
mod tests;
