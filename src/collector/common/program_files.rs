//! `program_files`: executables, libraries, drivers and kept setups where programs are installed, with the
//! identity they carry inside.
//!
//! Most files are turned away by their name, most of the rest by their executable bit; one that is opened is
//! read by position, so its size does not matter. Kernel modules below `lib/modules` belong to `kernel_modules`.

pub(super) mod identity;
pub(super) mod loose;

use super::places::{PROGRAM_PLACES, in_inner_tree};
use crate::bytes::{Damage, DamageKind, ReadAt};
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::format::executable::ends_at_once;
use crate::fs::tree::{file_name, parent};
use crate::fs::walk::is_command;
use crate::fs::{Entry, Fault};
use crate::model::{Artifact, Field, GapKind, Location, Os, State, Value};
use crate::target::Target;
use crate::text::{shown, text_of};

/// How much of a file is read first.
const HEAD: usize = 4096;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "program_files",
    about: "Executables, libraries, drivers and setup files where programs are installed or downloaded, with version resource, signer, codes of Windows Installer, build information and linkage.",
    applies: Applies::EVERYWHERE,
    reads: READS,
    walks: PROGRAM_PLACES,
    keys: &[],
    yields: &[
        Field::Name,
        Field::Path,
        Field::Format,
        Field::Arch,
        Field::Version,
        Field::BuildId,
        Field::Soname,
        Field::Needed,
        Field::Runpath,
        Field::Interpreter,
        Field::PackageMetadata,
        Field::Module,
        Field::Dependencies,
        Field::Company,
        Field::Product,
        Field::FileDescription,
        Field::OriginalFilename,
        Field::InternalName,
        Field::Copyright,
        Field::ProductVersion,
        Field::Signer,
        Field::SignerChain,
        Field::TeamIdentifier,
        Field::BundleIdentifier,
        Field::Author,
        Field::Description,
        Field::License,
        Field::Depends,
        Field::IdentifyingNumber,
        Field::UpgradeCode,
        Field::PackageCode,
        Field::Size,
    ],
    run,
    visit: Some(Visit { wants, file }),
};

/// Folders whose own files are checked, and no folder below: where setups are left, and caches of packages.
#[rustfmt::skip]
const READS: &[&str] = &[
    "*", "tmp/*", "var/tmp/*", "root/*", "home/*/*", "Windows/*", "PerfLogs/*",
    // Folders of Windows that hold no programs of its own.
    "Windows/addins/*", "Windows/Cursors/*", "Windows/debug/*", "Windows/Fonts/*", "Windows/Help/*", "Windows/INF/*",
    "Windows/Logs/*", "Windows/Media/*", "Windows/Prefetch/*", "Windows/Resources/*", "Windows/security/*",
    "Windows/System/*", "Windows/tracing/*", "Windows/Web/*", "inetpub/wwwroot/*",
    // What OneDrive has taken over: desktops and documents, under names of any language.
    "Users/*/OneDrive*/*", "Users/*/OneDrive*/*/*",
    // Packages that wait on a Mac, or were left.
    "private/tmp/*", "private/var/tmp/*", "Library/Managed Installs/Cache/*", "Library/Addigy/ansible/packages/*/*",
    "var/cache/apt/archives/*", "var/cache/dnf/*/packages/*", "var/cache/libdnf5/*/packages/*",
    "var/cache/yum/*/*/*/packages/*", "var/cache/zypp/packages/*/*", "var/cache/zypp/packages/*/*/*",
    "var/cache/PackageKit/*/*/*/packages/*", "var/cache/pacman/pkg/*",
];

/// What the ending of a name promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// A Windows executable, library or driver: yielded even when its content is none.
    Windows,
    /// A library or module of another system; many text files have such names, too.
    Library,
    /// A package or self-extracting archive.
    Setup,
    /// A shell script: a setup only where setups are kept.
    Script,
    /// Source text of an interpreted language: a program where programs lie, a module elsewhere.
    Source,
    /// Content that is never a program.
    Data,
    /// Anything else: the executable bit decides.
    Other,
}

/// Endings that people and setups append to a program to put it aside, in lower case.
const ASIDE: &[&str] = &[
    "bak",
    "backup",
    "old",
    "orig",
    "disabled",
    "off",
    "del",
    "deleted",
    "removed",
    "renamed",
    "save",
    "quarantine",
];

/// The name of a Windows program or setup before it was put aside: `x.sys` of `x.sys.old` or `x.sys_old`. `None` for one that was not.
fn before_aside(name: &[u8]) -> Option<&[u8]> {
    let at = name.iter().rposition(|&byte| matches!(byte, b'.' | b'_' | b'-'))?;
    let (before, ending) = (name.get(..at)?, name.get(at + 1..)?);
    let is_aside = ASIDE.iter().any(|aside| ending.eq_ignore_ascii_case(aside.as_bytes()));
    (is_aside && matches!(Ending::of_plain(before), Ending::Windows | Ending::Setup)).then_some(before)
}

impl Ending {
    fn of(name: &[u8]) -> Ending {
        Ending::of_plain(before_aside(name).unwrap_or(name))
    }

    /// Of a name that is taken as it is.
    fn of_plain(name: &[u8]) -> Ending {
        let Some(dot) = name.iter().rposition(|&byte| byte == b'.') else {
            return Ending::Other;
        };
        let mut buffer = [0; 8];
        let ending = name.get(dot + 1..).unwrap_or_default();
        let Some(lower) = buffer.get_mut(..ending.len()) else {
            return Ending::Other;
        };
        lower.copy_from_slice(ending);
        lower.make_ascii_lowercase();
        match &*lower {
            b"exe" | b"dll" | b"sys" | b"ocx" | b"scr" | b"cpl" | b"drv" | b"ax" | b"com" | b"xll"
            | b"wll" | b"tsp" | b"ime" => Ending::Windows,
            b"so" | b"dylib" | b"ko" | b"node" | b"pyd" | b"bundle" | b"efi" => Ending::Library,
            b"deb" | b"rpm" | b"run" | b"msi" | b"msp" | b"pkg" | b"dmg" => Ending::Setup,
            b"sh" => Ending::Script,
            b"py" | b"pl" | b"rb" | b"js" | b"mjs" | b"php" | b"lua" | b"tcl" => Ending::Source,
            b"svg" | b"png" | b"xpm" | b"jpg" | b"jpeg" | b"gif" | b"ico" | b"icns" | b"webp" | b"ttf"
            | b"otf" | b"woff" | b"woff2" | b"pfb" | b"pfm" | b"tfm" | b"afm" | b"mf" | b"wav" | b"mp3"
            | b"ogg" | b"mp4" | b"h" | b"hpp" | b"c" | b"cc" | b"cpp" | b"rs" | b"go" | b"java" | b"ts"
            | b"s" | b"def" | b"vim" | b"bc" | b"mod" | b"debug" | b"msg" | b"lang" | b"pc" | b"cfg"
            | b"typed" | b"pem" | b"crt" | b"sql" | b"pom" | b"jar" | b"war" | b"ear" | b"map" | b"css"
            | b"html" | b"htm" | b"xml" | b"json" | b"yaml" | b"yml" | b"toml" | b"md" | b"rst" | b"txt"
            | b"tex" | b"sty" | b"pdf" | b"csv" | b"conf" | b"ini" | b"log" | b"gz" | b"xz" | b"bz2"
            | b"zst" | b"mo" | b"po" | b"pyc" | b"pyo" | b"pyi" | b"pm" | b"pod" | b"el" | b"elc" | b"o"
            | b"a" | b"lib" | b"pdb" | b"rlib" | b"rmeta" | b"d" | b"mui" | b"cat" | b"inf" | b"nls"
            | b"plist" | b"strings" | b"nib" | b"desktop" | b"service" | b"db" | b"sqlite" => Ending::Data,
            // `libx.so.1.2.3`
            digits if digits.iter().all(u8::is_ascii_digit) => {
                if name.windows(4).any(|part| part == b".so.") { Ending::Library } else { Ending::Other }
            }
            _ => Ending::Other,
        }
    }
}

/// Whether files are kept at a path for later: downloads, desktops, temporary folders, installer caches.
pub(super) fn is_kept(path: &[u8]) -> bool {
    let folders = path.split(|&byte| byte == b'/').rev().skip(1);
    [b"tmp/".as_slice(), b"var/tmp/", b"var/cache/", b"Windows/Installer/", b"Windows/SoftwareDistribution/"]
        .iter()
        .any(|top| path.starts_with(top))
        || folders.into_iter().any(is_kept_folder)
}

pub(super) fn is_kept_folder(name: &[u8]) -> bool {
    const FOLDERS: &[&str] = &[
        "Downloads",
        "Загрузки",
        "Завантаження",
        "Téléchargements",
        "Descargas",
        "Scaricati",
        "Pobrane",
        "Transferências",
        "ダウンロード",
        "下载",
        "下載",
        "Desktop",
        "Рабочий стол",
        "Temp",
        "Package Cache",
    ];
    FOLDERS.iter().any(|folder| name.eq_ignore_ascii_case(folder.as_bytes()))
}

/// Whether the file lies right in a folder that people unpack setups into: the top, `/opt`, a home.
fn is_loose(path: &[u8]) -> bool {
    let folder = parent(path);
    matches!(folder, b"" | b"opt" | b"root") || parent(folder) == b"home"
}

/// Whether the name alone says what the file is, whatever it holds: a setup may be packed in any way.
fn is_named_so(ending: Ending, path: &[u8]) -> bool {
    match ending {
        Ending::Windows | Ending::Setup => true,
        Ending::Script => is_kept(path) || is_loose(path),
        _ => false,
    }
}

/// Whether the folder is one that programs are started from.
fn is_in_bin(path: &[u8]) -> bool {
    is_command(path) || file_name(parent(path)) == b"libexec" || is_kept(path)
}

/// Kernel modules of installed kernels are read by `kernel_modules`.
fn is_kernels(path: &[u8]) -> bool {
    path.starts_with(b"lib/modules/") || path.starts_with(b"usr/lib/modules/")
}

fn wants(entry: &Entry<'_>) -> bool {
    let ending = Ending::of(entry.name());
    if ending == Ending::Other && is_command(entry.path()) && entry.dangling().is_some() {
        return true;
    }
    match ending {
        Ending::Data => false,
        Ending::Windows | Ending::Setup => true,
        Ending::Library => !is_kernels(entry.path()),
        Ending::Script if is_named_so(Ending::Script, entry.path()) => true,
        Ending::Source => is_in_bin(entry.path()) && entry.is_executable(),
        Ending::Script | Ending::Other => entry.is_executable(),
    }
}

/// Whether this collector reads a file.
pub(super) fn is_read(target: &Target, entry: &Entry<'_>) -> bool {
    let is_nameless = Ending::of(entry.name()) == Ending::Other && target.families == [Os::Windows];
    wants(entry) && !is_nameless
}

/// Temporary folders, homes and caches hold setups at their top; below, everything else.
fn run(target: &Target, sink: &mut Sink<'_>) {
    let mut seen = std::collections::BTreeSet::new();
    for result in READS.iter().flat_map(|pattern| target.root.glob(pattern)) {
        match result {
            Ok(found) if found.is_file() && seen.insert(found.real.clone()) => {
                let entry = Entry::behind_links(&target.root, &found.path, &found.real, false);
                if wants(&entry) {
                    file(target, &entry, sink);
                }
            }
            Ok(_) => {}
            Err(fault) => unreadable(target, fault, sink),
        }
    }
    loose::run(target, sink, |name| matches!(Ending::of(name), Ending::Windows | Ending::Setup), file);
}

/// A name that leads to nothing readable: of these folders only programs and setups count.
fn unreadable(target: &Target, fault: Fault, sink: &mut Sink<'_>) {
    if let Fault::Unreadable { kind: GapKind::BrokenLink | GapKind::Unsupported, place, .. } = &fault {
        let ending = Ending::of(file_name(place));
        if !matches!(ending, Ending::Windows | Ending::Setup) {
            return;
        }
        sink.artifact(named(target, place, ending));
    }
    sink.fault(fault);
}

/// A command that is a link to a program which is not there: what a removal left, known by where the program was.
fn command_to_nothing(target: &Target, path: &[u8], to: &[u8]) -> Artifact {
    let place = if to.starts_with(b"/") { to.to_vec() } else { [parent(path), b"/", to].concat() };
    let place = [b"/".as_slice(), &crate::fs::root::normalise(&place)].concat();
    let artifact = named(target, path, Ending::Other);
    let paths: Vec<String> =
        artifact.fields.get(&Field::Path).into_iter().flat_map(Value::texts).map(str::to_owned).collect();
    artifact.with_many(Field::Path, paths.into_iter().chain([text_of(&place)])).state(State::Remnant)
}

/// What the name of a file alone says. A program that was put aside starts no more; it has its former path, too.
fn named(target: &Target, path: &[u8], ending: Ending) -> Artifact {
    let usual = target.root.usual_path(path).map(|usual| shown(usual.as_bytes()));
    let inner = in_inner_tree(path).map(shown);
    let former = before_aside(file_name(path))
        .and_then(|name| path.get(..path.len() - file_name(path).len() + name.len()));
    let state = match (former, ending) {
        (_, Ending::Setup) => State::Installer,
        _ if is_kept(path) => State::Installer,
        (Some(_), _) => State::Remnant,
        (None, _) => State::Installed,
    };
    Artifact::new(COLLECTOR.name, Location::path(path))
        .with_many(Field::Name, [file_name(path)].into_iter().chain(former.map(file_name)).map(text_of))
        .with_many(Field::Path, [shown(path)].into_iter().chain(usual).chain(inner).chain(former.map(shown)))
        .state(state)
}

fn file(target: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let ending = Ending::of(entry.name());
    // Windows has no executable bit: there the name decides.
    if ending == Ending::Other && target.families == [Os::Windows] {
        return;
    }
    let path = entry.path();
    let Some(found) = entry.found() else {
        // The walk reports why; the name alone may be worth an answer.
        if matches!(ending, Ending::Windows | Ending::Setup) && !entry.is_gone() {
            sink.artifact(named(target, path, ending));
        } else if let Some(to) = entry.dangling().filter(|_| is_command(path)) {
            sink.artifact(command_to_nothing(target, path, &to));
        }
        return;
    };
    let size = found.stat.size;
    if size == 0 && ending != Ending::Windows {
        return;
    }
    let artifact = named(target, path, ending).with(Field::Size, size.to_string());
    if found.stat.placeholder {
        // In the cloud only: named, never fetched.
        sink.gap(GapKind::Unsupported, shown(path), "a cloud placeholder: opening it would fetch it");
        return sink.artifact(artifact);
    }
    let mut damage = Vec::new();
    let read = target.root.during(path, || {
        let file = entry.open()?;
        let head = file.read_vec(0, HEAD).map_err(|error| Fault::from_io(path, &error))?;
        if is_empty_copy(&head, file.as_ref()) {
            return Err(without_content(path));
        }
        damage
            .extend(ends_at_once(&head, matches!(ending, Ending::Windows | Ending::Library | Ending::Setup)));
        Ok(identity::read(&head, file.as_ref(), artifact.clone(), &mut damage))
    });
    match read {
        Ok(Some(artifact)) => sink.artifact(artifact),
        Ok(None) if is_named_so(ending, path) => sink.artifact(artifact),
        Ok(None) => {}
        Err(fault) => {
            if fault != Fault::Absent && matches!(ending, Ending::Windows | Ending::Setup) {
                sink.artifact(artifact);
            }
            sink.fault(fault);
        }
    }
    // What contradicts itself is strange but whole; what is cut, refused or endless hides something.
    damage.retain(|damage: &Damage| damage.kind != DamageKind::Corrupt);
    damage.truncate(1);
    sink.damage(path, &damage);
}

/// Whether a program is zeros and nothing else, as copies are that were made without what holds the content.
fn is_empty_copy(head: &[u8], file: &dyn ReadAt) -> bool {
    let is_zero = |bytes: &[u8]| !bytes.is_empty() && bytes.iter().all(|&byte| byte == 0);
    let size = file.size();
    let samples = [size / 4, size / 2, size.saturating_sub(HEAD as u64)];
    is_zero(head)
        && samples
            .iter()
            .all(|&at| file.read_vec(at, HEAD).is_ok_and(|bytes| bytes.is_empty() || is_zero(&bytes)))
}

fn without_content(path: &[u8]) -> Fault {
    let detail =
        "no content, only zeros: what it was compressed, deduplicated or kept in the cloud by has it";
    Fault::Unreadable { kind: GapKind::NoContent, place: path.to_vec(), detail: detail.to_owned() }
}

/// What the file at a path says of itself; `None` when it is no program or cannot be read.
pub(in crate::collector) fn identity_of(target: &Target, path: &[u8]) -> Option<Artifact> {
    let file = target.root.open(path).ok()?;
    target.root.during(path, || {
        let head = file.read_vec(0, HEAD).ok()?;
        let artifact = Artifact::new(COLLECTOR.name, Location::path(path));
        identity::read(&head, file.as_ref(), artifact, &mut Vec::new())
    })
}

#[cfg(test)]
mod tests;
