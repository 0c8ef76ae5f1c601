//! `dotnet_packages`: NuGet packages inside .NET programs, by the list that the build leaves beside each, and the
//! assemblies themselves, which have the name of their file and a version resource.

use super::places::{PROGRAM_PLACES, home_owner};
use crate::bytes::{Damage, DamageKind};
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::format::executable::version_resource::dotted;
use crate::format::executable::{Headed, pe};
use crate::format::package::{dotnet_deps, nuspec};
use crate::fs::Entry;
use crate::fs::tree::{file_name, join, parent};
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::{shown, text_of};

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "dotnet_packages",
    about: "NuGet packages and projects inside .NET programs, those that NuGet keeps to build with, tools of .NET, and .NET assemblies.",
    applies: Applies::EVERYWHERE,
    reads: &[],
    walks: PROGRAM_PLACES,
    keys: &[],
    yields: &[
        Field::Name,
        Field::DisplayName,
        Field::Version,
        Field::Vendor,
        Field::Description,
        Field::Type,
        Field::User,
        Field::Path,
    ],
    run: |_, _| (),
    visit: Some(Visit { wants, file }),
};

/// Bytes read of one list.
const LIMIT: usize = 16 << 20;

/// How much of a file is read first.
const HEAD: usize = 4096;
/// Folders of Windows itself, whose assemblies are part of it.
const OF_WINDOWS: &[u8] = b"Windows/";

fn wants(entry: &Entry<'_>) -> bool {
    entry.has_ending(&[".deps.json"]) || is_program(entry) || is_manifest(entry.path())
}

/// `ID/VERSION/ID.nuspec`, as the folders of NuGet and the tools of .NET have it.
fn is_manifest(path: &[u8]) -> bool {
    let folder = file_name(parent(parent(path)));
    let stem = file_name(path).get(..folder.len());
    let ending = file_name(path).get(folder.len()..);
    !folder.is_empty()
        && stem.is_some_and(|stem| stem.eq_ignore_ascii_case(folder))
        && ending.is_some_and(|ending| ending.eq_ignore_ascii_case(b".nuspec"))
}

/// A package that NuGet unpacked, to build programs with or as a tool.
fn manifest(entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let path = entry.path();
    let Some(bytes) = sink.read_entry(entry, LIMIT) else { return };
    let read = nuspec::parse(&bytes);
    sink.damage(path, &read.damage);
    let package = read.value;
    let Some(name) = package.id.clone() else {
        let damage = Damage::new(DamageKind::Corrupt, None, "a package of NuGet without its id");
        return sink.damage(path, &if read.damage.is_empty() { vec![damage] } else { Vec::new() });
    };
    let is_tool = path.split(|&byte| byte == b'/').any(|folder| folder == b".store");
    let artifact = Artifact::new(sink.collector(), Location::path(path))
        .state(if is_tool { State::Installed } else { State::Installer })
        .with(Field::Name, name)
        .with_some(Field::DisplayName, package.title)
        .with_some(Field::Version, package.version)
        .with_some(Field::Vendor, package.authors)
        .with_some(Field::Description, package.summary)
        .with(Field::Type, "package")
        .with_some(Field::User, home_owner(path))
        .with(Field::Path, shown(path));
    sink.artifact(artifact);
}

fn is_program(entry: &Entry<'_>) -> bool {
    entry.has_ending(&[".dll", ".exe"]) && !entry.path().starts_with(OF_WINDOWS)
}

/// An assembly; programs and libraries of other kinds are the business of `program_files`, and so is what cannot be
/// read.
fn assembly(target: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let path = entry.path();
    if entry.found().is_none_or(|found| found.stat.placeholder) {
        return;
    }
    let Ok(file) = entry.open() else { return };
    let Ok(head) = file.read_vec(0, HEAD) else { return };
    if !pe::is_pe(&head) {
        return;
    }
    let Some(pe) = pe::read(&Headed::new(&head, file.as_ref())).map(|pe| pe.value).filter(|pe| pe.is_dotnet)
    else {
        return;
    };
    let name = text_of(entry.name());
    let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
    // The list beside it names the program with its version of the build.
    let list = format!("{stem}.deps.json");
    if target.root.exists(&join(parent(path), list.as_bytes())) {
        return;
    }
    let texts = |key: &str| pe.version.as_ref().map(|version| version.texts(key)).unwrap_or_default();
    let text = |key: &str| texts(key).first().map(|&text| text.to_owned());
    let number = pe.version.as_ref().and_then(|version| version.file_version).map(dotted);
    let version = text("ProductVersion").map(|text| text.split('+').next().unwrap_or(&text).to_owned());
    let artifact = Artifact::new(sink.collector(), Location::path(path))
        .state(if pe.is_dll { State::Embedded } else { State::Installed })
        .with(Field::Name, stem)
        .with_many(Field::DisplayName, texts("ProductName"))
        .with_some(Field::Version, version.or(text("FileVersion")).or(number))
        .with_many(Field::Vendor, texts("CompanyName"))
        .with_many(Field::Description, texts("FileDescription"))
        .with(Field::Type, "assembly")
        .with_some(Field::User, home_owner(path))
        .with(Field::Path, shown(path));
    sink.artifact(artifact);
}

fn file(target: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    if is_program(entry) {
        return assembly(target, entry, sink);
    }
    if is_manifest(entry.path()) {
        return manifest(entry, sink);
    }
    let path = entry.path();
    let Some(bytes) = sink.read_entry(entry, LIMIT) else { return };
    let libraries = match dotnet_deps::libraries(&bytes) {
        Ok(libraries) => libraries,
        Err(damage) => return sink.damage(path, &[damage]),
    };
    for library in libraries {
        // The program itself, and what others made that went into it.
        let is_own = library.kind.as_deref() == Some("project");
        let record = format!("{}/{}", library.name, library.version);
        let artifact = Artifact::new(sink.collector(), Location::record(path, record))
            .state(if is_own { State::Installed } else { State::Embedded })
            .with(Field::Name, library.name)
            .with(Field::Version, library.version)
            .with_some(Field::Type, library.kind)
            .with_some(Field::User, home_owner(path))
            .with(Field::Path, shown(path));
        sink.artifact(artifact);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    #[test]
    fn the_program_is_installed_and_its_packages_embedded() {
        let list = r#"{"libraries": {"App/1.0": {"type": "project"}, "Kit/2.0": {"type": "package"}}}"#;
        let tree = Memory::new().file("opt/app/App.deps.json", list).file("opt/app/Bad.deps.json", "{}");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = crate::collector::collect(&COLLECTOR, &target);
        let short: Vec<_> = artifacts.iter().map(|it| (it.text(Field::Name).unwrap(), it.state)).collect();
        assert_eq!(short, [("App", State::Installed), ("Kit", State::Embedded)]);
        assert_eq!(gaps.len(), 1);
    }

    #[test]
    fn packages_that_nuget_unpacked_and_tools() {
        let manifest = "<package><metadata><id>Kit</id><version>1.0</version><authors>Example Ltd</authors></metadata></package>";
        let tree = Memory::new()
            .file("home/u/.nuget/packages/kit/1.0/kit.nuspec", manifest)
            .file("home/u/.dotnet/tools/.store/kit/1.0/kit/1.0/kit.nuspec", manifest)
            .file("ProgramData/chocolatey/lib/kit/kit.nuspec", manifest)
            .file("Users/u/.nuget/packages/cut/1.0/cut.nuspec", &manifest[..30]);
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = crate::collector::collect(&COLLECTOR, &target);
        let short: Vec<_> = artifacts.iter().map(|it| (it.text(Field::Vendor).unwrap(), it.state)).collect();
        assert_eq!(short, [("Example Ltd", State::Installed), ("Example Ltd", State::Installer)]);
        assert_eq!(gaps.len(), 1);
    }

    #[test]
    fn assemblies_have_the_name_of_their_file_and_a_version_resource() {
        let native = crate::bytes::fixture("executables/pe64-signed.exe");
        let header = u32::from_le_bytes(*native[0x3c..].first_chunk().unwrap()) as usize;
        let mut managed = native.clone();
        // The directory of the common language runtime.
        let directory = header + 24 + 112 + 14 * 8;
        managed[directory..directory + 8].copy_from_slice(&[0, 0x20, 0, 0, 72, 0, 0, 0]);
        let tree = Memory::new()
            .file("opt/app/Example.Kit.dll", managed.clone())
            .file("opt/app/Tool.exe", managed.clone())
            .file("opt/app/Tool.deps.json", r#"{"libraries": {"Tool/1.0": {"type": "project"}}}"#)
            .file("opt/app/native.dll", native)
            .file("Windows/System32/Example.dll", managed)
            .file("opt/app/text.dll", "no program");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = crate::collector::collect(&COLLECTOR, &target);
        let mut all: Vec<_> = artifacts
            .iter()
            .map(|it| {
                (it.text(Field::Name).unwrap(), it.text(Field::Version).unwrap(), it.text(Field::Vendor))
            })
            .collect();
        all.sort_unstable();
        assert_eq!(all, [("Example.Kit", "21.3", Some("Example Ltd")), ("Tool", "1.0", None)]);
        assert_eq!(gaps, []);
    }
}
