//! What every collector promises, checked on all of them: it opens only what it declares, it yields only the
//! fields it declares, its name is its own.
//!
//! Images depend on the first: only declared files are kept when one is prepared.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use crate::support::world;

use std::collections::BTreeSet;
use std::io;
use std::sync::{Arc, Mutex};

use debar::bytes::ReadAt;
use debar::collector::{self, Collector, Sink, Yield};
use debar::fs::tree::{Listed, Stat, Tree};
use debar::fs::{Entry, Root};
use debar::model::{Field, TargetKind};
use debar::target::Target;
use debar::text::wildcard;

/// A tree that remembers what was opened and listed.
struct Watched<T> {
    tree: T,
    opened: Arc<Mutex<BTreeSet<Vec<u8>>>>,
    listed: Arc<Mutex<BTreeSet<Vec<u8>>>>,
}

impl<T: Tree> Tree for Watched<T> {
    fn stat(&self, path: &[u8]) -> io::Result<Stat> {
        self.tree.stat(path)
    }

    fn list(&self, path: &[u8]) -> io::Result<Vec<Listed>> {
        self.listed.lock().unwrap().insert(path.to_vec());
        self.tree.list(path)
    }

    fn open(&self, path: &[u8]) -> io::Result<Box<dyn ReadAt>> {
        self.opened.lock().unwrap().insert(path.to_vec());
        self.tree.open(path)
    }
}

fn components(path: &[u8]) -> Vec<&[u8]> {
    path.split(|&byte| byte == b'/').filter(|part| !part.is_empty()).collect()
}

/// Whether the first components of a path fit a pattern, as many as either has.
fn fits(pattern: &str, path: &[u8], whole: bool) -> bool {
    let (pattern, path) = (components(pattern.as_bytes()), components(path));
    let enough = if whole { pattern.len() == path.len() } else { path.len() <= pattern.len() };
    enough && pattern.iter().zip(&path).all(|(pattern, name)| wildcard(pattern, name))
}

fn is_below(pattern: &str, path: &[u8]) -> bool {
    let (pattern, path) = (components(pattern.as_bytes()), components(path));
    path.len() > pattern.len() && pattern.iter().zip(&path).all(|(pattern, name)| wildcard(pattern, name))
}

fn may_open(collector: &Collector, path: &[u8]) -> bool {
    collector.reads.iter().any(|pattern| !pattern.ends_with('/') && fits(pattern, path, true))
        || collector.walks.iter().any(|place| is_below(place, path))
}

fn may_list(collector: &Collector, path: &[u8]) -> bool {
    collector.reads.iter().any(|pattern| fits(pattern, path, false))
        || collector.walks.iter().any(|place| fits(place, path, false) || is_below(place, path))
}

/// What a collector yields of the world, and what it opened and listed that it does not declare. Links are part
/// of no declaration: an image keeps what they lead to. Here the world's links are left out.
fn undeclared(collector: &'static Collector) -> (Vec<Yield>, Vec<String>) {
    let (mut yielded, mut wrong) = undeclared_in(collector, world::names());
    let mac = undeclared_in(collector, world::macos::names());
    yielded.extend(mac.0);
    wrong.extend(mac.1);
    let windows = undeclared_in(collector, world::windows::names());
    yielded.extend(windows.0);
    // Names compare without case there, and asking whether one exists may list its folder.
    wrong.extend(windows.1.into_iter().filter(|what| !what.starts_with("lists ")));
    (yielded, wrong)
}

fn undeclared_in(collector: &'static Collector, names: Vec<world::Name>) -> (Vec<Yield>, Vec<String>) {
    let names: Vec<world::Name> =
        names.into_iter().filter(|(_, kind)| !matches!(kind, world::Kind::Link(_))).collect();
    let (opened, listed) = (Arc::default(), Arc::default());
    let tree =
        Watched { tree: world::in_memory(&names), opened: Arc::clone(&opened), listed: Arc::clone(&listed) };
    let target = Target::new(TargetKind::Directory, "world", Root::new(Box::new(tree)));
    // Where homes lie is looked up once, whichever collector comes first.
    drop(target.root.glob("home/*"));
    opened.lock().unwrap().clear();
    listed.lock().unwrap().clear();
    let mut yielded = Vec::new();
    let mut out = |one| yielded.push(one);
    let mut sink = Sink::new(collector.name, &mut out);
    (collector.run)(&target, &mut sink);
    if let Some(visit) = collector.visit {
        let is_file = |kind: &world::Kind| matches!(kind, world::Kind::File(_) | world::Kind::Executable(_));
        for (path, _) in names.iter().filter(|(_, kind)| is_file(kind)) {
            if collector.walks.iter().any(|place| is_below(place, path)) {
                let entry = Entry::new(&target.root, path, false);
                if (visit.wants)(&entry) {
                    (visit.file)(&target, &entry, &mut sink);
                }
            }
        }
    }
    let text = |path: &Vec<u8>| String::from_utf8_lossy(path).into_owned();
    let mut wrong = Vec::new();
    let opened = opened.lock().unwrap();
    wrong.extend(
        opened.iter().filter(|path| !may_open(collector, path)).map(|path| format!("opens {}", text(path))),
    );
    let listed = listed.lock().unwrap();
    wrong.extend(
        listed.iter().filter(|path| !may_list(collector, path)).map(|path| format!("lists {}", text(path))),
    );
    (yielded, wrong)
}

#[test]
fn collectors_open_only_what_they_declare() {
    let mut wrong = Vec::new();
    for collector in collector::all().filter(|collector| !collector.applies.live_only) {
        wrong.extend(undeclared(collector).1.into_iter().map(|what| format!("{} {what}", collector.name)));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn collectors_yield_only_the_fields_they_declare() {
    let mut wrong = BTreeSet::new();
    for collector in collector::all().filter(|collector| !collector.applies.live_only) {
        for one in undeclared(collector).0 {
            if let Yield::Artifact(artifact) = one {
                let fields = artifact.fields.keys().filter(|field| !collector.yields.contains(field));
                wrong.extend(fields.map(|field| format!("{} yields {field}", collector.name)));
                assert_eq!(artifact.collector, collector.name);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Otherwise the tests above would prove nothing of it.
#[test]
fn the_worlds_have_something_for_every_collector_of_files() {
    let files = |collector: &&Collector| {
        let systems = collector.applies.os;
        systems.is_empty()
            || systems.contains(&debar::model::Os::Linux)
            || systems.contains(&debar::model::Os::Macos)
            || systems.contains(&debar::model::Os::Windows)
    };
    let names = collector::all()
        .filter(files)
        .filter(|collector| !collector.applies.live_only && !collector.applies.image_only);
    let empty: Vec<&str> = names
        .filter(|collector| !undeclared(collector).0.iter().any(|one| matches!(one, Yield::Artifact(_))))
        .map(|collector| collector.name)
        .collect();
    assert!(empty.is_empty(), "{empty:?}");
}

#[test]
fn declarations_are_well_formed() {
    let mut names = BTreeSet::new();
    for collector in collector::all() {
        let name = collector.name;
        assert!(names.insert(name), "two collectors are called {name}");
        assert!(
            name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'),
            "{name}"
        );
        assert!(collector.about.ends_with('.'), "{name}: {}", collector.about);
        assert_eq!(collector.walks.is_empty(), collector.visit.is_none(), "{name}");
        assert!(!collector.yields.is_empty(), "{name}");
        let fields: BTreeSet<_> = collector.yields.iter().collect();
        assert_eq!(fields.len(), collector.yields.len(), "{name} declares a field twice");
        let patterns: BTreeSet<_> = collector.reads.iter().chain(collector.walks).collect();
        assert_eq!(
            patterns.len(),
            collector.reads.len() + collector.walks.len(),
            "{name} declares a pattern twice"
        );
        for pattern in patterns {
            assert!(!pattern.starts_with('/') && !pattern.contains("**"), "{name}: {pattern}");
        }
    }
}

/// The check itself says a wrong path from a right one.
#[test]
fn a_path_outside_of_the_declarations_is_seen() {
    let apk = collector::named("apk_packages").unwrap();
    assert!(may_open(apk, b"lib/apk/db/installed"));
    assert!(!may_open(apk, b"etc/shadow") && !may_open(apk, b"lib/apk/db"));
    assert!(may_list(apk, b"lib/apk/db") && !may_list(apk, b"var/lib/rpm"));
    let files = collector::named("program_files").unwrap();
    assert!(may_open(files, b"opt/a/b/c") && !may_open(files, b"etc/shadow"));
}

/// Fields that describe what something is, where it is and how it is used: an indicator asks for one of them only beside
/// a field that says whose it is, or not at all.
const DESCRIBES: &[(&[Field], &str)] = &[
    (
        &[
            Field::Arch,
            Field::BuildId,
            Field::Browser,
            Field::Client,
            Field::Container,
            Field::Depends,
            Field::Dependencies,
            Field::Digest,
            Field::Enabled,
            Field::Env,
            Field::Entrypoint,
            Field::Epoch,
            Field::Format,
            Field::History,
            Field::InstallDate,
            Field::InstallSource,
            Field::Interpreter,
            Field::Issuer,
            Field::Label,
            Field::License,
            Field::Mime,
            Field::Needed,
            Field::OnDisk,
            Field::PackageMetadata,
            Field::Parent,
            Field::Permissions,
            Field::Pid,
            Field::ProductType,
            Field::ProductVersion,
            Field::Profile,
            Field::Release,
            Field::Runpath,
            Field::Schedule,
            Field::Scope,
            Field::Section,
            Field::Serial,
            Field::ServiceType,
            Field::Sha1,
            Field::Size,
            Field::Soname,
            Field::StartTime,
            Field::StartType,
            Field::Status,
            Field::Type,
            Field::Uid,
            Field::User,
            Field::Version,
            Field::VscodeEdition,
        ],
        "says nothing of whose product it is",
    ),
    (
        &[
            Field::Copyright,
            Field::Description,
            Field::FileDescription,
            Field::Homepage,
            Field::InternalName,
            Field::Module,
            Field::Namespace,
            Field::OriginalFilename,
            Field::PackageCode,
            Field::Product,
            Field::Source,
            Field::SignerChain,
            Field::UpdateUrl,
            Field::UpgradeCode,
            Field::IdentifyingNumber,
            Field::PackageFamilyName,
            Field::QuietUninstallString,
            Field::UninstallString,
        ],
        "stands beside another field of the same artifact that says whose it is",
    ),
    (
        &[Field::Author, Field::Maintainer, Field::Packager],
        "who packaged it is often a third party; the vendor field of the same record counts",
    ),
];
/// Fields that may hold a name of the vendor's own, in sources where no indicator asks for them, and why.
const NOT_ASKED: &[(&[&str], &[Field], &str)] = &[
    (&["tcc_grants"], &[Field::Program], "the identifier of the same grant is asked for"),
    (&["ai_models"], &[Field::Vendor], "the namespace of the same model is asked for"),
    (&["os_version"], &[Field::Name, Field::DisplayName], "no vendor of the catalogue makes a system"),
    (&["image"], &[Field::Name], "the reference of the same image is asked for"),
    (&["containers"], &[Field::Name], "the file that declares it; the reference of the image is asked for"),
    (
        &["program_folders", "defender_exclusions"],
        &[Field::Name],
        "the last component of the path, which is asked for",
    ),
    (
        &["registry_hives"],
        &[Field::Name, Field::Path, Field::Key],
        "hives that could not be read, never a product",
    ),
    (
        &["crontab", "apt_sources", "yum_sources"],
        &[Field::Name],
        "the file or repository; what it runs or names is asked for",
    ),
    (&["yum_sources"], &[Field::DisplayName], "the address of the same repository is asked for"),
    (
        &["library_packages"],
        &[Field::Name],
        "anyone may choose it; the author of the same package is asked for",
    ),
    (&["mcp_servers"], &[Field::Name], "users choose it; the program is asked for"),
    (
        &["vscode_extensions", "jetbrains_plugins"],
        &[Field::Name, Field::DisplayName],
        "anyone may choose it; the identifier with its publisher is asked for",
    ),
    (
        &["npm_packages", "java_archives", "dotnet_packages", "chocolatey_packages"],
        &[Field::DisplayName],
        "a title that anyone may choose; the name is asked for",
    ),
    (&["snap_packages"], &[Field::Identifier], "a random number of the store; the name is asked for"),
    (&["appx_packages"], &[Field::Identifier], "a hash of the publisher, which is asked for"),
    (&["amcache"], &[Field::Identifier, Field::Service], "the path of the same entry is asked for"),
    (
        &["userassist", "security_products", "scheduled_tasks"],
        &[Field::Identifier],
        "a class; the program that serves it is asked for",
    ),
    (
        &["driver_packages", "network_filters"],
        &[Field::Service],
        "the driver of that name is asked for among drivers",
    ),
    (&["systemd_units"], &[Field::Service], "the service that it starts is a unit of its own"),
    (
        &["spack_packages", "macports_packages", "package_receipts", "firefox_addons", "jetbrains_plugins"],
        &[Field::InstallLocation],
        "the package manager chooses it; the name is asked for",
    ),
];
/// Fields that only repeat where the record stands or what another field has.
const REPEATS: &[(Field, &str)] = &[
    (Field::Cmdline, "its programs stand in `program` or `path`, which is asked for"),
    (Field::Key, "where the record stands; keys of a vendor's own are asked for in `registry_roots`"),
];
/// Sources whose `path` is asked for: it is a place of the product's own. In others it is the file of the record.
const PLACES: &[&str] = &[
    "program_files",
    "program_folders",
    "processes",
    "services",
    "drivers",
    "driver_bindings",
    "amcache",
    "prefetch",
    "userassist",
    "defender_exclusions",
    "privileged_helpers",
];

#[test]
fn each_field_is_asked_for_by_an_indicator_or_has_a_reason() {
    const WHOSE: &[Field] = &[
        Field::BundleIdentifier,
        Field::Company,
        Field::Publisher,
        Field::Signer,
        Field::Subject,
        Field::TeamIdentifier,
        Field::Vendor,
    ];
    let set = debar::signature::load(&[]).unwrap();
    let mut asked = BTreeSet::new();
    for indicator in
        set.files.iter().flat_map(|loaded| &loaded.file.products).flat_map(|product| &product.indicators)
    {
        let collectors = indicator.collectors.iter().flat_map(|name| collector::matched(name));
        for name in collectors {
            asked.extend(indicator.conditions.keys().map(|field| (name.to_owned(), *field)));
        }
    }
    let has_reason = |name: &str, field: Field| {
        DESCRIBES.iter().any(|(fields, _)| fields.contains(&field))
            || NOT_ASKED.iter().any(|(known, of, _)| known.contains(&name) && of.contains(&field))
            || REPEATS.iter().any(|(known, _)| *known == field)
            || field == Field::Path && !PLACES.contains(&name)
    };
    let mut wrong = Vec::new();
    for collector in collector::all() {
        for field in collector.yields {
            let is_asked = asked.contains(&(collector.name.to_owned(), *field));
            // A setup is known by whatever packages and programs are.
            if !is_asked && !has_reason(collector.name, *field) && collector.name != "setup_packages" {
                wrong.push(format!("{}: nothing asks for {field}", collector.name));
            }
        }
    }
    for (names, fields, _) in NOT_ASKED {
        for (name, field) in names.iter().flat_map(|name| fields.iter().map(move |field| (*name, *field))) {
            let yields = collector::named(name).is_some_and(|collector| collector.yields.contains(&field));
            if yields && asked.contains(&(name.to_owned(), field)) {
                wrong.push(format!("{name}: {field} is asked for"));
            }
        }
        let is_there = |field| {
            names.iter().filter_map(|name| collector::named(name)).any(|one| one.yields.contains(field))
        };
        wrong.extend(
            fields.iter().filter(|field| !is_there(field)).map(|field| format!("{names:?}: no {field}")),
        );
    }
    let both = WHOSE.iter().filter(|field| DESCRIBES.iter().any(|(fields, _)| fields.contains(field)));
    wrong.extend(both.map(|field| format!("{field} says whose something is")));
    assert!(wrong.is_empty(), "{wrong:#?}");
}
