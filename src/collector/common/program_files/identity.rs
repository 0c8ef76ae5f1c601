//! What an executable says of itself, as fields.

use crate::bytes::{Damage, ReadAt, limited};
use crate::collector::support::facts::{of_msi, signed_by};
use crate::format::certificate::authenticode;
use crate::format::certificate::pkcs7::SignedData;
use crate::format::container::compound_file;
use crate::format::executable::version_resource::dotted;
use crate::format::executable::{Headed, Layout, cargo_auditable, elf, go_build_info, macho, modinfo, pe};
use crate::format::package::msi;
use crate::model::{Artifact, Field};

/// More libraries or dependencies of one file than this are not listed.
const MAX_LISTED: usize = 2000;

/// The artifact with the fields that the content says; `None` if the content is no program and no setup.
pub(in crate::collector::common) fn read(
    head: &[u8],
    file: &dyn ReadAt,
    artifact: Artifact,
    damage: &mut Vec<Damage>,
) -> Option<Artifact> {
    let headed = Headed::new(head, file);
    if elf::is_elf(head) {
        return Some(from_elf(&headed, artifact.with(Field::Format, "elf"), damage));
    }
    if pe::is_pe(head) {
        return Some(from_pe(&headed, artifact, damage));
    }
    if macho::is_macho(head) {
        return Some(from_macho(&headed, artifact.with(Field::Format, "macho"), damage));
    }
    if let Some(script) = head.strip_prefix(b"#!") {
        return Some(from_script(script, artifact));
    }
    if head.starts_with(&compound_file::MAGIC) {
        return from_msi(&headed, artifact, damage);
    }
    let format = match head {
        [0xed, 0xab, 0xee, 0xdb, ..] => "rpm",
        [b'x', b'a', b'r', b'!', ..] => "pkg",
        _ if head.starts_with(b"!<arch>\ndebian-binary") => "deb",
        _ => return None,
    };
    Some(artifact.with(Field::Format, format))
}

/// Packages and patches of Windows Installer; other compound files are documents.
fn from_msi(file: &dyn ReadAt, artifact: Artifact, damage: &mut Vec<Damage>) -> Option<Artifact> {
    let package = msi::read(file)?;
    damage.extend(package.damage);
    let package = package.value;
    if !package.is_installer {
        return None;
    }
    Some(of_msi(artifact, &package))
}

fn from_script(script: &[u8], artifact: Artifact) -> Artifact {
    let line = script.split(|&byte| byte == b'\n').next().unwrap_or_default();
    let line = String::from_utf8_lossy(line);
    let mut words = line.split_whitespace();
    let interpreter = words.next();
    artifact.with(Field::Format, "script").with_some(Field::Interpreter, interpreter)
}

fn from_elf(file: &dyn ReadAt, artifact: Artifact, damage: &mut Vec<Damage>) -> Artifact {
    let Some(elf) = elf::read(file) else {
        return artifact;
    };
    damage.extend(elf.damage);
    let elf = elf.value;
    let note = |key: &str| elf.package_metadata.iter().find(|(found, _)| found == key).map(|(_, text)| text);
    let mut artifact = artifact
        .with_some(Field::Arch, elf.arch())
        .with_some(Field::Version, note("version"))
        .with_some(Field::BuildId, elf.build_id.as_deref())
        .with_some(Field::Soname, elf.soname.as_deref())
        .with_many(Field::Needed, limited(&elf.needed, MAX_LISTED, "libraries", damage))
        .with_many(Field::Runpath, &elf.runpath)
        .with_some(Field::Interpreter, elf.interpreter.as_deref());
    let texts = elf.package_metadata.iter().map(|(key, text)| format!("{key}={text}"));
    artifact = artifact.with_many(Field::PackageMetadata, texts);
    if let Some(info) = modinfo::read_elf(file, &elf) {
        damage.extend(info.damage);
        let info = info.value;
        return artifact
            .with_some(Field::Version, info.first("version"))
            .with_some(Field::Description, info.first("description"))
            .with_some(Field::License, info.first("license"))
            .with_many(Field::Author, info.all("author"))
            .with_many(Field::Depends, info.depends())
            .with_some(Field::Signer, info.signer.as_deref());
    }
    built_from(file, &elf.layout, artifact, damage)
}

fn from_pe(file: &dyn ReadAt, artifact: Artifact, damage: &mut Vec<Damage>) -> Artifact {
    // A DOS or 16-bit program has no identity inside.
    let Some(pe) = pe::read(file) else {
        return artifact;
    };
    damage.extend(pe.damage);
    let pe = pe.value;
    let mut artifact = artifact.with(Field::Format, "pe").with_some(Field::Arch, pe.arch());
    if let Some(version) = &pe.version {
        let file_version = version.file_version.map(dotted);
        let file_version =
            file_version.or_else(|| version.texts("FileVersion").first().map(|&it| it.to_owned()));
        let product_version = version.product_version.map(dotted);
        let product_versions = version.texts("ProductVersion").into_iter().map(str::to_owned);
        artifact = artifact
            .with_some(Field::Version, file_version)
            .with_many(Field::ProductVersion, product_versions.chain(product_version))
            .with_many(Field::Company, version.texts("CompanyName"))
            .with_many(Field::Product, version.texts("ProductName"))
            .with_many(Field::FileDescription, version.texts("FileDescription"))
            .with_many(Field::OriginalFilename, version.texts("OriginalFilename"))
            .with_many(Field::InternalName, version.texts("InternalName"))
            .with_many(Field::Copyright, version.texts("LegalCopyright"));
    }
    if let Some((offset, size)) = pe.certificates {
        let signed = authenticode::read(file, offset, size);
        damage.extend(signed.damage);
        artifact = signed_by(artifact, &signed.value);
    }
    built_from(file, &pe.layout, artifact, damage)
}

fn from_macho(file: &dyn ReadAt, artifact: Artifact, damage: &mut Vec<Damage>) -> Artifact {
    let Some(macho) = macho::read(file) else {
        return artifact;
    };
    damage.extend(macho.damage);
    let all = macho.value;
    let needed = limited(all.iter().flat_map(|one| &one.needed), MAX_LISTED, "libraries", damage);
    let signatures = || all.iter().filter_map(|one| one.signature.as_ref());
    let mut signed = SignedData::default();
    for signature in signatures() {
        signed.signers.extend(signature.signed.signers.iter().cloned());
        signed.certificates.extend(signature.signed.certificates.iter().cloned());
    }
    let artifact = artifact
        .with_many(Field::Arch, all.iter().filter_map(macho::MachO::arch))
        .with_many(Field::BuildId, all.iter().filter_map(|one| one.uuid.as_deref()))
        .with_many(Field::Soname, all.iter().filter_map(|one| one.id.as_deref()))
        .with_many(Field::Needed, needed)
        .with_many(Field::Runpath, all.iter().flat_map(|one| &one.runpath))
        .with_many(Field::Interpreter, all.iter().filter_map(|one| one.interpreter.as_deref()))
        .with_many(Field::TeamIdentifier, signatures().filter_map(|it| it.team_identifier.as_deref()))
        .with_many(Field::BundleIdentifier, signatures().filter_map(|it| it.identifier.as_deref()));
    let artifact = signed_by(artifact, &signed);
    match all.first() {
        Some(one) => {
            let slice = crate::format::executable::Slice::new(file, one.start, one.size);
            built_from(&slice, &one.layout, artifact, damage)
        }
        None => artifact,
    }
}

/// Modules and crates of Go and Rust programs.
fn built_from(file: &dyn ReadAt, layout: &Layout, artifact: Artifact, damage: &mut Vec<Damage>) -> Artifact {
    match go_build_info::read(file, layout) {
        Ok(Some(info)) => {
            let main = info.main.iter();
            let mut version = main.clone().map(|module| module.version.as_str());
            let version = version.rfind(|text| !text.is_empty() && *text != "(devel)");
            let has_version = artifact.text(Field::Version).is_some();
            let modules = main.flat_map(|module| {
                std::iter::once(module.path.clone())
                    .chain(module.replaced_by.iter().map(|(path, _)| path.clone()))
            });
            let dependencies = info.dependencies.iter().flat_map(go_build_info::GoModule::names);
            return artifact
                .with_many(Field::Module, modules.chain(info.path.clone()))
                .with_some(Field::Version, version.filter(|_| !has_version))
                .with_many(Field::Dependencies, limited(dependencies, MAX_LISTED, "modules", damage));
        }
        Ok(None) => {}
        Err(error) => damage.push(error),
    }
    let Some(crates) = cargo_auditable::read(file, layout) else {
        return artifact;
    };
    damage.extend(crates.damage);
    let root = crates.value.iter().find(|it| it.root);
    let has_version = artifact.text(Field::Version).is_some();
    let dependencies = crates.value.iter().filter(|it| !it.root && it.kind == "runtime");
    artifact
        .with_some(Field::Module, root.map(|it| it.name.as_str()))
        .with_some(Field::Version, root.map(|it| it.version.as_str()).filter(|_| !has_version))
        .with_many(
            Field::Dependencies,
            limited(dependencies, MAX_LISTED, "crates", damage)
                .iter()
                .map(|it| format!("{}@{}", it.name, it.version)),
        )
}
