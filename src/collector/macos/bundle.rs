//! Bundles: folders that are programs, with an `Info.plist` that says what they are.
//!
//! Source: Apple, "Bundle Programming Guide" and "Information Property List".

use super::LIMIT;
use crate::bytes::DamageKind;
use crate::collector::Sink;
use crate::collector::common::places::home_owner;
use crate::format::certificate::pkcs7::SignedData;
use crate::format::executable::macho;
use crate::format::text::plist::{self, Value};
use crate::fs::tree::{ListedKind, file_name, join, parent};
use crate::fs::{Entry, Fault};
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::{shown, text_of};

/// Where bundles are installed, embedded, downloaded and thrown away.
pub(super) const PLACES: &[&str] = &[
    "Applications",
    "System/Applications",
    "System/Library/CoreServices",
    "System/Library/Extensions",
    "System/Library/PreferencePanes",
    "System/Library/Services",
    "Library/Application Support",
    "Library/Extensions",
    "Users/*/Library/Frameworks",
    "Library/StagedExtensions",
    "Library/SystemExtensions",
    "Library/PreferencePanes",
    "Library/Internet Plug-Ins",
    "Library/Contextual Menu Items",
    "Library/PrivilegedHelperTools",
    "Library/Services",
    "Library/StartupItems",
    "Users/*/Applications",
    "Users/*/Desktop",
    "Users/*/Documents",
    "Users/*/Downloads",
    "Users/*/.Trash",
    "Users/*/Library/Application Support",
    "Users/*/Library/PreferencePanes",
    "Users/*/Library/Internet Plug-Ins",
    "Users/Shared",
    "private/var/root/Applications",
    "private/var/root/.Trash",
    "private/tmp",
    "opt",
    "usr/local",
    ".Trashes",
    // Apps that were put elsewhere.
    "*.app",
    "Library/*/*.app",
    "Users/*/*.app",
    "Users/*/*/*.app",
    "Users/*/Library/*/*.app",
    "Users/*/Library/Mobile Documents/*/*.app",
    "Users/*/Library/CloudStorage/*/*.app",
    "Volumes/*/*.app",
    "Volumes/*/Applications",
    // What other programs load.
    "Library/Audio/Plug-Ins",
    "Library/DriverExtensions",
    "Library/Filesystems",
    "Library/Frameworks",
    "Library/Input Methods",
    "Library/Mail/Bundles",
    "Library/QuickLook",
    "Library/Screen Savers",
    "Library/ScriptingAdditions",
    "Library/Security/SecurityAgentPlugins",
    "Library/Spotlight",
    "Users/*/Library/Input Methods",
    "Users/*/Library/Mail/Bundles",
    "Users/*/Library/QuickLook",
    "Users/*/Library/Screen Savers",
    "Users/*/Library/ScriptingAdditions",
    "Users/*/Library/Services",
    "Users/*/Library/Spotlight",
    "Library/Address Book Plug-Ins",
    "Users/*/Library/Address Book Plug-Ins",
    "Library/Automator",
    "Users/*/Library/Automator",
    "Library/Bundles",
    "Users/*/Library/Bundles",
    "Library/ColorPickers",
    "Users/*/Library/ColorPickers",
    "Library/Components",
    "Users/*/Library/Components",
    "Library/CoreMediaIO/Plug-Ins",
    "Users/*/Library/CoreMediaIO/Plug-Ins",
    "Library/DirectoryServices/PlugIns",
    "Users/*/Library/DirectoryServices/PlugIns",
    "Library/Graphics",
    "Users/*/Library/Graphics",
    "Library/OpenDirectory/Modules",
    "Users/*/Library/OpenDirectory/Modules",
    "Library/Widgets",
    "Users/*/Library/Widgets",
    "Library/XPCServices",
    "Users/*/Library/XPCServices",
    "Library/iTunes/iTunes Plug-ins",
    "Users/*/Library/iTunes/iTunes Plug-ins",
    "Library/Printers",
    "Users/*/Library/Extensions",
    // Where macOS keeps apps and extensions for itself, and what it put aside.
    "Incompatible Software",
    "private/var/db/KernelExtensionManagement/Staging",
    "private/var/folders/*/*/*/AppTranslocation",
    "private/var/tmp",
    // Apps deeper in folders of people and of tools.
    "*/*.app",
    "*/*/*.app",
    "Library/*/*/*.app",
    "Library/*/*/*/*.app",
    "Users/*/*/*/*.app",
    "Users/*/Library/Mobile Documents/*/*/*.app",
    "Users/*/homebrew/Caskroom",
    "Users/*/Applications (Parallels)",
];

/// More languages of one bundle than this are not read.
const MAX_LANGUAGES: usize = 200;

/// The fields of a bundle.
pub(super) const FIELDS: &[Field] = &[
    Field::Name,
    Field::DisplayName,
    Field::BundleIdentifier,
    Field::Version,
    Field::Release,
    Field::Copyright,
    Field::Section,
    Field::Description,
    Field::Type,
    Field::Program,
    Field::OnDisk,
    Field::TeamIdentifier,
    Field::Signer,
    Field::SignerChain,
    Field::User,
    Field::Source,
    Field::Path,
];

/// The folder of the bundle whose `Info.plist` this is.
pub(super) fn of(path: &[u8]) -> Option<&[u8]> {
    if !file_name(path).eq_ignore_ascii_case(b"Info.plist") {
        return None;
    }
    let folder = parent(path);
    // A framework keeps it below its version.
    if file_name(folder) == b"Resources" {
        let mut above = parent(folder);
        for _ in 0..2 {
            above = if ending(above) == b"framework" { above } else { parent(above) };
        }
        if ending(above) == b"framework" {
            return Some(above);
        }
    }
    let bundle = if file_name(folder) == b"Contents" { parent(folder) } else { folder };
    Some(bundle).filter(|bundle| !bundle.is_empty())
}

/// The ending of a bundle's name, in lower case.
pub(super) fn ending(bundle: &[u8]) -> Vec<u8> {
    let name = file_name(bundle);
    let dot = name.iter().rposition(|&byte| byte == b'.').filter(|dot| *dot > 0);
    dot.and_then(|dot| name.get(dot + 1..)).unwrap_or_default().to_ascii_lowercase()
}

/// Whether the entry is the `Info.plist` of a bundle with one of the endings.
pub(super) fn wanted(entry: &Entry<'_>, endings: &[&[u8]]) -> bool {
    of(entry.path()).is_some_and(|bundle| endings.contains(&ending(bundle).as_slice()))
}

/// Whether someone threw it away: it can still be started from there.
fn is_trashed(path: &[u8]) -> bool {
    path.split(|&byte| byte == b'/').any(|part| part == b".Trash" || part == b".Trashes")
}

/// Reads the `Info.plist` of a bundle; damage becomes a gap, and what is readable is returned.
pub(super) fn info(entry: &Entry<'_>, sink: &mut Sink<'_>) -> Value {
    let Some(bytes) = sink.read_entry(entry, LIMIT) else { return Value::Dictionary(Vec::new()) };
    let read = plist::read(&bytes);
    sink.damage(entry.path(), &read.damage);
    read.value
}

/// The artifact of a bundle. It is one by its name alone: a damaged `Info.plist` hides no bundle.
pub(super) fn artifact(
    target: &Target,
    sink: &mut Sink<'_>,
    info_plist: &[u8],
    info: &Value,
    kind: &str,
) -> Artifact {
    let bundle = of(info_plist).unwrap_or_default();
    let contents = parent(info_plist);
    let short = info.text("CFBundleShortVersionString");
    let build = info.text("CFBundleVersion");
    let artifact = Artifact::new(sink.collector(), Location::path(bundle))
        .with(Field::Name, text_of(file_name(bundle)))
        .with_some(Field::BundleIdentifier, info.text("CFBundleIdentifier"))
        .with_some(Field::Version, short.or(build))
        .with_some(Field::Release, build.filter(|build| short.is_some_and(|short| short != *build)))
        .with_some(Field::Copyright, info.text("NSHumanReadableCopyright"))
        .with_some(Field::Description, info.text("CFBundleGetInfoString"))
        .with_some(Field::Section, info.text("LSApplicationCategoryType"))
        .with(Field::Type, kind)
        .with_some(Field::User, home_owner(bundle))
        .with(Field::Path, shown(bundle))
        .with_many(Field::DisplayName, names(target, sink, contents, info));
    let artifact = executable(target, sink, bundle, contents, info, artifact);
    match (is_trashed(bundle), super::extension_state::state_at(target, bundle)) {
        (true, _) => artifact.state(State::Remnant),
        // What macOS says of a system extension counts for its files, too.
        (false, Some(state)) if state < artifact.state => artifact.state(state),
        _ => artifact,
    }
}

/// Libraries and files that the variables of an app name (`LSEnvironment`).
fn loaded(info: &Value) -> Vec<String> {
    let values = info.get("LSEnvironment").map(Value::all_texts).unwrap_or_default();
    let paths = values.iter().flat_map(|value| value.split(':')).filter(|path| path.starts_with('/'));
    paths.map(str::to_owned).collect()
}

/// The names shown to people, in every language of the bundle.
fn names(target: &Target, sink: &mut Sink<'_>, contents: &[u8], info: &Value) -> Vec<String> {
    const KEYS: [&str; 2] = ["CFBundleDisplayName", "CFBundleName"];
    let of = |list: &Value| -> Vec<String> {
        KEYS.iter().filter_map(|key| list.text(key)).map(str::to_owned).collect()
    };
    let mut names = of(info);
    let folder = join(contents, b"Resources");
    let listed = match target.root.list(&folder) {
        Ok(listed) => listed,
        Err(fault) => {
            sink.fault(fault);
            return names;
        }
    };
    let languages =
        listed.iter().filter(|one| one.kind == ListedKind::Directory && one.name.ends_with(b".lproj"));
    let languages = sink.limited(languages, MAX_LANGUAGES, &folder, "languages");
    let mut files: Vec<Vec<u8>> = languages
        .into_iter()
        .map(|language| join(&join(&folder, &language.name), b"InfoPlist.strings"))
        .collect();
    let table = listed.iter().find(|one| one.name == b"InfoPlist.loctable" && one.kind == ListedKind::File);
    files.extend(table.map(|table| join(&folder, &table.name)));
    for path in files {
        let Some(bytes) = sink.read_path(&target.root, &path, LIMIT) else { continue };
        let read = plist::read(&bytes);
        // An empty file of translations translates nothing.
        if !bytes.trim_ascii().is_empty() {
            sink.damage(&path, &read.damage);
        }
        names.extend(of(&read.value));
        // A table holds every language.
        names.extend(read.value.entries().iter().flat_map(|(_, language)| of(language)));
    }
    names
}

/// Program, and what its signature says. A bundle that names a program which is not there has been taken apart.
fn executable(
    target: &Target,
    sink: &mut Sink<'_>,
    bundle: &[u8],
    contents: &[u8],
    info: &Value,
    artifact: Artifact,
) -> Artifact {
    let Some(name) = info.text("CFBundleExecutable") else { return artifact };
    if name.contains('/') || name == ".." {
        return artifact;
    }
    let path = match file_name(contents) {
        b"Contents" => join(&join(contents, b"MacOS"), name.as_bytes()),
        _ => join(bundle, name.as_bytes()),
    };
    let artifact = artifact.with_many(Field::Program, [shown(&path)].into_iter().chain(loaded(info)));
    let file = match target.root.open(&path) {
        Ok(file) => file,
        Err(Fault::Absent) if target.root.is_gone(&path) => {
            return artifact.with(Field::OnDisk, "no").state(State::Remnant);
        }
        Err(fault) => {
            sink.fault(fault);
            return artifact;
        }
    };
    signed(target, sink, &path, file.as_ref(), artifact.with(Field::OnDisk, "yes"))
}

/// Adds the identity in the code signature of a Mach-O file.
pub(super) fn signed(
    target: &Target,
    sink: &mut Sink<'_>,
    path: &[u8],
    file: &dyn crate::bytes::ReadAt,
    artifact: Artifact,
) -> Artifact {
    let Some(read) = target.root.during(path, || macho::read(file)) else { return artifact };
    // As `program_files`: what contradicts itself is strange but whole.
    let mut damage = read.damage;
    damage.retain(|damage| damage.kind != DamageKind::Corrupt);
    damage.truncate(1);
    sink.damage(path, &damage);
    let signatures = || read.value.iter().filter_map(|one| one.signature.as_ref());
    let mut all = SignedData::default();
    for signature in signatures() {
        all.signers.extend(signature.signed.signers.iter().cloned());
        all.certificates.extend(signature.signed.certificates.iter().cloned());
    }
    let identifiers: Vec<String> = artifact
        .text(Field::BundleIdentifier)
        .map(str::to_owned)
        .into_iter()
        .chain(signatures().filter_map(|it| it.identifier.clone()))
        .collect();
    artifact
        .with_many(Field::BundleIdentifier, identifiers)
        .with_many(Field::TeamIdentifier, signatures().filter_map(|it| it.team_identifier.as_deref()))
        .with_many(Field::Signer, all.signer_names())
        .with_many(Field::SignerChain, all.certificate_names())
}
