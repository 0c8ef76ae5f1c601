//! What bills of materials list, as artifacts of the collectors that would have seen it.

use std::collections::BTreeSet;

use super::listing::{counts, not_recorded};
use crate::model::{
    Artifact, CollectorId, Component, Coverage, Field, Location, Os, OsIdentity, Outcome, State, TargetKind,
};
use crate::report::purl::Purl;
use crate::report::{GapEntry, TargetInfo};
use crate::text::any_file_name;

/// The most entries of one bill.
const MAX_LISTED: usize = 2_000_000;

/// One entry of a bill of materials.
#[derive(Debug, Default)]
pub(super) struct Listed {
    /// The kind of component, in the words of CycloneDX.
    pub(super) kind: String,
    pub(super) group: String,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) description: String,
    pub(super) purl: String,
    /// Organisations that publish, supply or make it.
    pub(super) makers: Vec<String>,
    /// People who wrote it.
    pub(super) authors: Vec<String>,
    /// Where it lies.
    pub(super) paths: Vec<String>,
    pub(super) sha1: String,
    /// What debar itself wrote beside a component.
    pub(super) own: Option<Own>,
}

/// What debar writes of an artifact into a bill of its own.
#[derive(Debug, Default)]
pub(super) struct Own {
    pub(super) collector: String,
    pub(super) state: String,
    pub(super) fields: Vec<(Field, String)>,
}

/// The artifacts of a bill, and what of it could not be used.
#[derive(Default)]
pub(super) struct Bill {
    pub(super) artifacts: Vec<Artifact>,
    pub(super) os: OsIdentity,
    entries: usize,
    /// Entries without a name, and those that no collector would have seen.
    odd: usize,
    over: usize,
}

/// Types of package URLs beside those that [`CollectorId::purl_type`] has. Source: the package-url project's list, and what
/// tools write where it has none.
const MORE_TYPES: &[(&str, CollectorId)] = &[
    ("arch", CollectorId::PacmanPackages),
    ("brew", CollectorId::HomebrewPackages),
    ("cargo", CollectorId::ProgramFiles),
    ("chocolatey", CollectorId::ChocolateyPackages),
    ("conda", CollectorId::PythonPackages),
    ("docker", CollectorId::Image),
    ("ebuild", CollectorId::PortagePackages),
    ("flatpak", CollectorId::FlatpakPackages),
    ("golang", CollectorId::ProgramFiles),
    ("homebrew", CollectorId::HomebrewPackages),
    ("nix", CollectorId::NixPackages),
    ("oci", CollectorId::Image),
    ("opkg", CollectorId::OpkgPackages),
    ("portage", CollectorId::PortagePackages),
    ("scoop", CollectorId::ScoopPackages),
    ("snap", CollectorId::SnapPackages),
    ("winget", CollectorId::WingetPackages),
];

/// The collectors that would have seen a component.
fn collectors(kind: &str, purl: Option<&Purl>) -> Vec<CollectorId> {
    let by_type = purl.and_then(|purl| {
        let table = CollectorId::ALL.iter().copied().find(|id| id.purl_type() == Some(purl.kind.as_str()));
        table.or_else(|| MORE_TYPES.iter().find(|(kind, _)| *kind == purl.kind).map(|(_, id)| *id))
    });
    if let Some(id) = by_type {
        return vec![id];
    }
    match kind {
        "file" => vec![CollectorId::ProgramFiles],
        "container" => vec![CollectorId::Image],
        "operating-system" => vec![CollectorId::OsVersion],
        "device-driver" => {
            vec![CollectorId::Drivers, CollectorId::KernelModules, CollectorId::KernelExtensions]
        }
        // A machine, and what is no software.
        "device" | "data" | "cryptographic-asset" | "machine-learning-model" => Vec::new(),
        // A program that no package manager has: as the systems list such.
        _ => vec![CollectorId::Programs, CollectorId::Apps],
    }
}

impl Bill {
    /// Takes one entry.
    pub(super) fn take(&mut self, listed: &Listed) {
        self.entries += 1;
        if self.entries > MAX_LISTED {
            self.over += 1;
            return;
        }
        if let Some(artifact) = listed.own.as_ref().and_then(|own| of_own(listed, own)) {
            self.artifacts.push(artifact);
            return;
        }
        let purl = Purl::parse(&listed.purl);
        if listed.kind == "operating-system" && self.os.name.is_empty() {
            self.os.id = listed.name.to_lowercase();
            self.os.name = format!("{} {}", listed.name, listed.version).trim().to_owned();
            self.os.version.clone_from(&listed.version);
        }
        if purl.as_ref().is_some_and(|purl| matches!(purl.kind.as_str(), "deb" | "rpm" | "apk" | "alpm")) {
            self.os.os = Some(Os::Linux);
        }
        if listed.name.trim().is_empty() && purl.is_none() {
            self.odd += 1;
            return;
        }
        let ids = collectors(&listed.kind, purl.as_ref());
        self.artifacts.extend(ids.into_iter().map(|id| artifact(listed, purl.as_ref(), id)));
    }

    /// Counts an entry that has no form that could be understood.
    pub(super) fn pass_over(&mut self, count: usize) {
        self.odd += count;
    }

    /// What the bill leaves open; never nothing.
    pub(super) fn gaps(&self, name: &str) -> Vec<GapEntry> {
        let gap = |detail: String| not_recorded("document", name, detail);
        let mut gaps = vec![gap(
            "a bill of materials lists what its maker looked for: it can show a product, never that there is none".to_owned(),
        )];
        if self.odd > 0 {
            gaps.push(gap(format!("{} of its entries have no name or an unknown form", self.odd)));
        }
        if self.over > 0 {
            gaps.push(gap(format!("{} entries above {MAX_LISTED} were not matched", self.over)));
        }
        gaps
    }

    /// What was matched, by the collectors that the entries belong to.
    pub(super) fn coverage(&self) -> Vec<Coverage> {
        let entry = |(name, artifacts): (&'static str, usize)| Coverage {
            collector: name.to_owned(),
            outcome: Outcome::Ran,
            reason: None,
            artifacts,
            gaps: 0,
        };
        counts(&self.artifacts).into_iter().map(entry).collect()
    }

    /// What it is about.
    pub(super) fn target(&self, document: &str, about: &str) -> TargetInfo {
        TargetInfo {
            kind: TargetKind::Sbom,
            name: document.to_owned(),
            host: if about.is_empty() { document } else { about }.to_owned(),
            machine_id: None,
            domain: None,
            serial: None,
            hardware: Vec::new(),
            os: self.os.clone(),
            place: None,
            image: None,
        }
    }
}

/// An artifact as debar had it when it wrote the bill; `None` for a source that this debar does not know.
fn of_own(listed: &Listed, own: &Own) -> Option<Artifact> {
    let id = CollectorId::of(&own.collector)?;
    let state =
        State::ALL.iter().copied().find(|state| state.word() == own.state).unwrap_or(State::Installed);
    let mut artifact = Artifact::new(id.name(), location(listed)).state(state);
    let fields: BTreeSet<Field> = own.fields.iter().map(|(field, _)| *field).collect();
    for field in fields {
        let texts = own.fields.iter().filter(|(its, _)| *its == field).map(|(_, text)| text.as_str());
        artifact = artifact.with_many(field, texts);
    }
    artifact = artifact
        .with(Field::Version, listed.version.as_str())
        .with(Field::Description, listed.description.as_str());
    if !artifact.fields.contains_key(&Field::Name) {
        artifact.set(Field::Name, listed.name.as_str());
    }
    Some(artifact)
}

fn location(listed: &Listed) -> Location {
    let record = if listed.purl.is_empty() { &listed.name } else { &listed.purl };
    Location { path: listed.paths.first().cloned(), record: Some(record.clone()), ..Location::default() }
}

fn artifact(listed: &Listed, purl: Option<&Purl>, id: CollectorId) -> Artifact {
    let (group, name) = match purl {
        Some(purl) => (purl.namespace.as_str(), purl.name.as_str()),
        None => (listed.group.as_str(), listed.name.as_str()),
    };
    let joined = if group.is_empty() { name.to_owned() } else { format!("{group}/{name}") };
    let version = purl.map(|purl| purl.version.as_str()).filter(|version| !version.is_empty());
    let version = version.unwrap_or(&listed.version);
    let artifact = Artifact::new(id.name(), location(listed));
    let artifact = match id {
        // The namespace of these is the distribution.
        CollectorId::DebPackages
        | CollectorId::RpmPackages
        | CollectorId::ApkPackages
        | CollectorId::PacmanPackages => artifact.with(Field::Name, name),
        CollectorId::NpmPackages => artifact.with(Field::Name, joined).with(Field::Namespace, group),
        CollectorId::JavaArchives => artifact.with(Field::Name, name).with(Field::Namespace, group),
        CollectorId::ProgramFiles if listed.kind != "file" => {
            let dependency = format!("{joined}@{version}");
            artifact.with(Field::Module, joined).with(Field::Dependencies, dependency)
        }
        CollectorId::ProgramFiles => {
            artifact.with(Field::Name, any_file_name(&listed.name)).with(Field::Path, listed.name.as_str())
        }
        CollectorId::Image => artifact
            .with(Field::Name, joined.as_str())
            .with_many(Field::Reference, [joined.as_str(), listed.name.as_str()]),
        _ => artifact.with_many(Field::Name, [name, listed.name.as_str()]),
    };
    let mut artifact = artifact
        .with(Field::Version, version)
        .with(Field::Description, listed.description.as_str())
        .with(Field::DisplayName, listed.name.as_str())
        .with(Field::Sha1, listed.sha1.as_str());
    let makers = || listed.makers.iter().cloned();
    for field in [Field::Publisher, Field::Vendor, Field::Company] {
        artifact = artifact.with_many(field, makers());
    }
    // Maintainers and authors are people or organisations.
    for field in [Field::Maintainer, Field::Author] {
        artifact = artifact.with_many(field, listed.authors.iter().cloned().chain(makers()));
    }
    if id.component() != Component::File {
        artifact = artifact.with_many(Field::Path, listed.paths.iter().cloned());
    }
    artifact.redact();
    artifact
}
