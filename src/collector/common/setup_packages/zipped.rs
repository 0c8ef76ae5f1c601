//! Setups that are ZIP archives, and setups in archives.

use super::contents::{self, Contents, EXTENSIONS, MAX_MEMBER, MAX_MEMBERS, SMALL, is_packed, is_setup};
use super::extension;
use crate::bytes::{Damage, DamageKind, ReadAt};
use crate::collector::support::facts::{of_nuspec, signed_by};
use crate::format::certificate::pkcs7;
use crate::format::container::unopened;
use crate::format::container::zip::{self, Archive, Content, Member};
use crate::format::executable::Slice;
use crate::format::package::{appx_manifest, eopkg, nuspec};
use crate::model::{Artifact, Field, Skipped};
use crate::text::file_name;

/// Bytes of all members that had to be inflated.
const MAX_INFLATED: usize = 256 << 20;
/// Archives inside archives are followed this deep.
const MAX_DEPTH: usize = 3;

/// Members that say what an archive is.
const MANIFESTS: &[&str] = &[
    "AppxManifest.xml",
    "AppxMetadata/AppxBundleManifest.xml",
    "AppxSignature.p7x",
    "AndroidManifest.xml",
    "metadata.xml",
];
/// What a ZIP archive holds.
pub(super) fn read(file: &dyn ReadAt, name: &str, base: Artifact, nested: Nested) -> Contents {
    let mut reader = Reader { found: Contents::default(), budget: MAX_INFLATED, nested };
    reader.archive(file, name, "", base, 0);
    reader.found
}

/// What a tar archive or a compressed file holds; nothing when a file is neither.
pub(super) fn packed(file: &dyn ReadAt, name: &str, base: &Artifact, nested: Nested) -> Contents {
    let mut reader = Reader { found: Contents::default(), budget: MAX_INFLATED, nested };
    reader.packed(file, name, "", base, 0);
    reader.found
}

/// A setup that lies in another file: a package, a program, or another archive.
pub(super) fn one(file: &dyn ReadAt, name: &str, base: Artifact, nested: Nested) -> Contents {
    let mut reader = Reader { found: Contents::default(), budget: MAX_INFLATED, nested };
    let within = base.location.record.clone().unwrap_or_default();
    reader.member(file, name, &within, base, 1);
    reader.found
}

/// Reads a setup that lies in an archive: its first bytes, its bytes, its name, and what its artifact begins with.
pub(super) type Nested = fn(&[u8], &dyn ReadAt, &str, Artifact) -> Contents;

pub(super) struct Reader {
    pub(super) found: Contents,
    nested: Nested,
    /// Bytes that may still be inflated.
    pub(super) budget: usize,
}

fn is_nuspec(name: &str) -> bool {
    !name.contains('/') && name.to_ascii_lowercase().ends_with(".nuspec")
}

impl Reader {
    /// An archive; `inside` is its path within the one on disk, empty for that itself.
    fn archive(&mut self, file: &dyn ReadAt, name: &str, inside: &str, base: Artifact, depth: usize) {
        let archive = match Archive::open(file) {
            Ok(archive) => archive,
            // Its name may be worth an answer.
            Err(damage) => {
                self.found.artifacts.push(base.with(Field::Format, "zip"));
                return self.found.damage.push(damage);
            }
        };
        let is_wanted = |name: &str| {
            MANIFESTS.contains(&name) || is_nuspec(name) || is_setup(name) || extension::is_wanted(name)
        };
        let members = archive.members(is_wanted, MAX_MEMBERS);
        self.found.damage.extend(members.damage);
        let members = members.value;
        if self.package(&archive, &members, name, &base) {
            return;
        }
        let setups: Vec<&Member> = members.iter().filter(|member| is_setup(&member.name)).collect();
        if !setups.is_empty() {
            self.found.artifacts.push(base.clone().with(Field::Format, "zip"));
        }
        for member in setups {
            let within =
                if inside.is_empty() { member.name.clone() } else { format!("{inside}!/{}", member.name) };
            self.setup(file, &archive, member, &within, &base, depth);
        }
    }

    /// Whether the archive as a whole is a package, which is then reported.
    fn package(&mut self, archive: &Archive<'_>, members: &[Member], name: &str, base: &Artifact) -> bool {
        let lower = name.to_ascii_lowercase();
        let named = |wanted: &str| members.iter().find(|member| member.name == wanted);
        let appx = named("AppxManifest.xml").or_else(|| named("AppxMetadata/AppxBundleManifest.xml"));
        let artifact = if let Some(manifest) = appx {
            let bytes = self.small(archive, manifest);
            self.appx(&bytes, named("AppxSignature.p7x").map(|member| self.small_of(archive, member)), base)
        } else if let Some(manifest) = members.iter().find(|member| is_nuspec(&member.name)) {
            let bytes = self.small(archive, manifest);
            self.nuget(&bytes, base)
        } else if named("AndroidManifest.xml").is_some() {
            // Programs of Android run on no system that is checked; the name says which.
            base.clone().with(Field::Format, "android")
        } else if let Some(manifest) = named("metadata.xml").filter(|_| lower.ends_with(".eopkg")) {
            let bytes = self.small(archive, manifest);
            self.eopkg(&bytes, base)
        } else {
            let is_promised = EXTENSIONS.iter().any(|ending| lower.ends_with(ending));
            let Some(found) = extension::read(archive, members, base, is_promised) else { return false };
            self.found.damage.extend(found.damage);
            found.value
        };
        self.found.artifacts.push(artifact);
        true
    }

    fn small(&mut self, archive: &Archive<'_>, member: &Member) -> Vec<u8> {
        match archive.read(member, SMALL) {
            Ok(bytes) => bytes,
            Err(damage) => {
                self.found.damage.push(damage);
                Vec::new()
            }
        }
    }

    fn small_of(&self, archive: &Archive<'_>, member: &Member) -> Result<Vec<u8>, Damage> {
        archive.read(member, SMALL)
    }

    fn appx(
        &mut self,
        bytes: &[u8],
        signature: Option<Result<Vec<u8>, Damage>>,
        base: &Artifact,
    ) -> Artifact {
        let read = appx_manifest::parse(bytes);
        self.found.damage.extend(read.damage);
        let package = read.value;
        if package.name.is_none() {
            let what = "the manifest of an Appx package without its name";
            self.found.damage.push(Damage::new(DamageKind::Corrupt, None, what));
        }
        let common = package.publisher.as_deref().and_then(appx_manifest::common_name);
        let mut artifact = base
            .clone()
            .with(Field::Format, "msix")
            .with_some(Field::Name, package.name.as_deref())
            .with_some(Field::DisplayName, package.display_name.as_deref())
            .with_some(Field::Version, package.version.as_deref())
            .with_some(Field::Arch, package.arch.as_deref())
            .with_many(Field::Publisher, package.publisher_name.as_deref().into_iter().chain(common))
            .with_some(Field::Subject, package.publisher.as_deref())
            .with_some(Field::PackageFamilyName, package.family_name())
            .with_some(Field::Description, package.description.as_deref());
        match signature {
            Some(Ok(bytes)) => {
                // Signed data behind the magic "PKCX".
                let signed = pkcs7::read(bytes.strip_prefix(b"PKCX").unwrap_or(&bytes));
                self.found.damage.extend(signed.damage);
                artifact = signed_by(artifact, &signed.value);
            }
            Some(Err(damage)) => self.found.damage.push(damage),
            None => {}
        }
        artifact
    }

    fn nuget(&mut self, bytes: &[u8], base: &Artifact) -> Artifact {
        let read = nuspec::parse(bytes);
        self.found.damage.extend(read.damage);
        let mut package = read.value;
        let id = package.id.take();
        of_nuspec(base.clone().with(Field::Format, "nuget").with_some(Field::Name, id), package)
    }

    fn eopkg(&mut self, bytes: &[u8], base: &Artifact) -> Artifact {
        let read = eopkg::parse(bytes);
        self.found.damage.extend(read.damage);
        let package = read.value;
        base.clone()
            .with(Field::Format, "eopkg")
            .with_some(Field::Name, package.name)
            .with_some(Field::Version, package.version)
            .with_some(Field::Packager, package.packager)
            .with_some(Field::Homepage, package.homepage)
            .with_some(Field::Description, package.summary)
    }

    fn setup(
        &mut self,
        file: &dyn ReadAt,
        archive: &Archive<'_>,
        member: &Member,
        within: &str,
        base: &Artifact,
        depth: usize,
    ) {
        let name = file_name(&member.name).to_owned();
        let mut base =
            base.clone().with(Field::Name, name.as_str()).with(Field::Size, member.size.to_string());
        base.location.record = Some(within.to_owned());
        match archive.content(member, MAX_MEMBER.min(self.budget)) {
            // Read where it is: only what is inflated costs memory.
            Ok(Content::Stored(start, size)) => {
                self.member(&Slice::new(file, start, size), &name, within, base, depth);
            }
            Ok(Content::Inflated(bytes)) => {
                self.budget = self.budget.saturating_sub(bytes.len());
                self.member(&bytes, &name, within, base, depth);
            }
            Err(damage) => {
                self.found.artifacts.push(base);
                self.found.damage.push(damage);
            }
        }
    }

    /// A setup in an archive: a package, a program, or another archive.
    pub(super) fn member(
        &mut self,
        file: &dyn ReadAt,
        name: &str,
        within: &str,
        base: Artifact,
        depth: usize,
    ) {
        let head = match file.read_vec(0, contents::HEAD) {
            Ok(head) => head,
            Err(error) => return self.found.damage.push(Damage::from(error)),
        };
        let is_zip = zip::is_zip(&head) || name.to_ascii_lowercase().ends_with(".zip");
        let read = if is_zip { Contents::default() } else { (self.nested)(&head, file, name, base.clone()) };
        if !read.artifacts.is_empty() {
            self.found.artifacts.extend(read.artifacts);
            self.found.unread.extend(read.unread.iter().map(|what| format!("{within}: {what}")));
            return self.found.damage.extend(read.damage);
        }
        if is_zip || is_packed(&head) {
            if depth >= MAX_DEPTH {
                let what = format!("archives nest deeper than {MAX_DEPTH}");
                return self.found.damage.push(Damage::new(DamageKind::OverLimit, None, what));
            }
            if is_zip {
                return self.archive(file, name, within, base, depth + 1);
            }
            return self.packed(file, name, within, &base, depth + 1);
        }
        if let Some(what) = unopened::kind(&head, file) {
            self.found.unread.push(Skipped::not_opened(&format!("{within}: {what}")));
            return self.found.artifacts.push(base.with(Field::Format, "archive"));
        }
        let program = contents::program(&head, file, base, &mut self.found.damage);
        self.found.artifacts.extend(program);
    }
}
