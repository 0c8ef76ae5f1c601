//! The documents: what a scan found, what an inventory lists, and what they say of themselves.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::finding::clocks::Deadline;
use crate::finding::{Exception, Finding};
use crate::model::{
    Artifact, Confinement, Coverage, Field, Gap, GapKind, Grade, Location, OsIdentity, Skipped, State,
    TargetKind, Value,
};

/// Version of the report types: the major number changes when a reader of the old one could go wrong.
pub const SCHEMA_VERSION: &str = "2.0";

/// What a scan came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Banned software was found.
    Found,
    /// None was found, and everything that should be checked was.
    NotFound,
    /// None was found, but some places could not be read.
    Incomplete,
    /// None was found among the files of a folder that holds no operating system: there are no package databases,
    /// services or accounts to read.
    FilesChecked,
}

/// A place that should have been read and was not, as a report states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GapEntry {
    /// Why it was not read.
    pub kind: GapKind,
    /// How much it can hide; decided by the kind alone.
    #[serde(default)]
    pub grade: Grade,
    /// The collector that met it.
    pub collector: String,
    /// Further collectors that missed the same place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// The path, registry key or pattern.
    pub place: String,
    /// What happened, in one line.
    pub detail: String,
    /// The exception that was granted for it; the gap stays visible and does not give exit code 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<Exception>,
}

impl From<Gap> for GapEntry {
    fn from(gap: Gap) -> Self {
        let Gap { kind, collector, place, detail } = gap;
        GapEntry { kind, grade: kind.grade(), collector, also: Vec::new(), place, detail, exception: None }
    }
}

impl GapEntry {
    /// The gaps as a report states them: a place that refuses access is one gap of all collectors that met it.
    pub fn of(gaps: Vec<Gap>) -> Vec<Self> {
        let mut entries: Vec<Self> = Vec::with_capacity(gaps.len());
        let mut denied: HashMap<(String, String), usize> = HashMap::new();
        for gap in gaps {
            if gap.kind == GapKind::Denied {
                match denied.entry((gap.place.clone(), gap.detail.clone())) {
                    Entry::Occupied(known) => {
                        if let Some(known) =
                            entries.get_mut(*known.get()).filter(|one| !one.is_of(&gap.collector))
                        {
                            known.also.push(gap.collector);
                        }
                        continue;
                    }
                    Entry::Vacant(new) => drop(new.insert(entries.len())),
                }
            }
            entries.push(GapEntry::from(gap));
        }
        entries
    }

    /// The collectors that missed the place.
    pub fn collectors(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.collector.as_str()).chain(self.also.iter().map(String::as_str))
    }

    /// Whether a collector missed the place.
    pub fn is_of(&self, collector: &str) -> bool {
        self.collectors().any(|known| known == collector)
    }

    /// Whether it keeps a verdict from being `not_found`.
    pub fn is_blind(&self) -> bool {
        self.kind.grade() == Grade::Blind
    }
}

/// What a scan checked for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Checked {
    /// The vendors whose products the verdict covers, and the further ones.
    pub vendors: Vec<CheckedVendor>,
    /// Vendors that the chosen rules name and that were not checked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_checked: Vec<UncheckedVendor>,
    /// The options that narrowed the set, as the user wrote them; absent for a whole set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub narrowed: Option<String>,
}

/// A vendor that a scan checked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckedVendor {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// How many of its products were checked for.
    pub products: usize,
    /// Whether they count for the verdict; others are only restricted for some organisations.
    pub binds: bool,
}

/// A vendor that a chosen rule names and that a scan cannot check for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UncheckedVendor {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Why.
    pub reason: String,
}

/// What was scanned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TargetInfo {
    /// What kind of thing.
    pub kind: TargetKind,
    /// What the user called it.
    pub name: String,
    /// The host's name as the target itself states it; the target's name if it states none.
    pub host: String,
    /// Stable identity of the installation, whatever it is called: a digest of `/etc/machine-id` or `MachineGuid`, which
    /// themselves are nobody else's business.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub machine_id: Option<String>,
    /// The domain that the host is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Serial number of the hardware; only of a running system that lets this account read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial: Option<String>,
    /// What distinguishes clones of a disk, the strongest first: digests of identifiers of the hardware as `KIND:DIGEST`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hardware: Vec<String>,
    /// Its operating system.
    pub os: OsIdentity,
    /// Where a folder or file lies: an absolute path as `debar scan` takes it, so that the report can be used in any folder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Which image it is, if it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageName>,
}

/// The document that was matched in place of a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DocumentInfo {
    /// `inventory` (of debar), `cyclonedx` or `spdx`.
    pub format: String,
    /// What the user called it.
    pub name: String,
    /// When it was made, as it says itself.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub made: String,
    /// What made it, with its version.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub tool: String,
}

/// What an image is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImageName {
    /// Digest of its manifest; of its config, which `docker` calls the image's id, where there is no manifest.
    pub digest: String,
    /// The names in its archive.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
}

/// Which debar and which signatures made a report, and with what privileges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Versions {
    /// Version of debar.
    pub debar: String,
    /// The signature files used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signatures: Vec<SignatureVersion>,
    /// Version of the rules file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rules: String,
    /// The account that ran the scan.
    pub account: String,
    /// Whether that account may read everything (root, administrator).
    pub elevated: bool,
    /// What kept debar within bounds; absent in reports of older versions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confinement: Option<Confinement>,
}

/// A signature file that was used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SignatureVersion {
    /// The vendor's id.
    pub vendor: String,
    /// Version of the file.
    pub version: String,
    /// Its date.
    pub date: String,
    /// `built in`, or its path.
    pub origin: String,
    /// Id of the trusted key that signed it; absent for built-in and for unsigned files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_by: Option<String>,
}

/// Writes what reports share as if it was theirs alone.
fn as_one<T: Serialize, S: serde::Serializer>(shared: &Arc<T>, serializer: S) -> Result<S::Ok, S::Error> {
    T::serialize(shared, serializer)
}

fn into_shared<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Arc<T>, D::Error> {
    T::deserialize(deserializer).map(Arc::new)
}

/// The report of a scan of one target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScanReport {
    /// Version of this format.
    pub schema_version: String,
    /// What the scan came to.
    pub verdict: Verdict,
    /// What was scanned.
    pub target: TargetInfo,
    /// The document that was matched in place of a target; absent when something was scanned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentInfo>,
    /// The day that rules are judged on.
    pub as_of: String,
    /// What was checked for; absent in reports of version 1.
    #[serde(default, serialize_with = "as_one", deserialize_with = "into_shared")]
    pub checked: Arc<Checked>,
    /// One entry per product, banned ones first.
    pub findings: Vec<Finding>,
    /// Products that are restricted only for organisations that were not named by `--audience`; they change neither the
    /// verdict nor the exit code.
    #[serde(default)]
    pub also_here: Vec<Finding>,
    /// Products of which only weak traces were seen. They change the exit code only with `--fail-on possible`.
    #[serde(default)]
    pub possible: Vec<Finding>,
    /// What the rules of the named audiences ask for, and until when, counted from the day of the scan.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub duties: Vec<Deadline>,
    /// Places that should have been read and were not.
    pub gaps: Vec<GapEntry>,
    /// What each collector did.
    #[serde(serialize_with = "as_one", deserialize_with = "into_shared")]
    pub coverage: Arc<Vec<Coverage>>,
    /// Places left out on purpose.
    pub skipped: Vec<Skipped>,
    /// What to know about the scan itself, e.g. exceptions that have expired.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// What made the report.
    #[serde(serialize_with = "as_one", deserialize_with = "into_shared")]
    pub versions: Arc<Versions>,
    /// When the scan began (RFC 3339, UTC).
    pub started: String,
    /// When it ended (RFC 3339, UTC).
    pub finished: String,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

/// An artifact in an inventory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ArtifactEntry {
    /// The collector that saw it.
    pub collector: String,
    /// The state it was seen in.
    pub state: State,
    /// What is known of it.
    pub fields: BTreeMap<Field, Value>,
    /// Where it was seen.
    pub location: Location,
}

impl From<Artifact> for ArtifactEntry {
    fn from(artifact: Artifact) -> Self {
        let Artifact { collector, state, fields, location } = artifact;
        ArtifactEntry { collector: collector.to_owned(), state, fields, location }
    }
}

/// The inventory of one target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InventoryReport {
    /// Version of this format.
    pub schema_version: String,
    /// What was scanned.
    pub target: TargetInfo,
    /// Every artifact of every collector.
    pub artifacts: Vec<ArtifactEntry>,
    /// Places that should have been read and were not.
    pub gaps: Vec<GapEntry>,
    /// What each collector did.
    pub coverage: Vec<Coverage>,
    /// Places left out on purpose.
    pub skipped: Vec<Skipped>,
    /// What made the report.
    pub versions: Versions,
    /// When the scan began (RFC 3339, UTC).
    pub started: String,
    /// When it ended (RFC 3339, UTC).
    pub finished: String,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
}

/// How a report is shown.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// With ANSI colours.
    pub colour: bool,
    /// Columns of the terminal; reports for files use 80.
    pub width: usize,
    /// 0 short, 1 also how each match came about and what was skipped, 2 everything.
    pub verbose: u8,
}

impl Default for Look {
    fn default() -> Self {
        Look { colour: false, width: 80, verbose: 0 }
    }
}

impl Verdict {
    /// The verdict that findings and gaps come to on a system.
    pub fn of(findings: &[Finding], gaps: &[GapEntry]) -> Self {
        if findings.iter().any(Finding::counts) {
            Verdict::Found
        } else if gaps.iter().any(GapEntry::is_blind) {
            Verdict::Incomplete
        } else {
            Verdict::NotFound
        }
    }

    /// The same, where it is known what was scanned: a folder without an operating system has a verdict of its own.
    pub fn on(target: &TargetInfo, findings: &[Finding], gaps: &[GapEntry]) -> Self {
        let is_folder = target.kind == TargetKind::Directory && target.os.os.is_none();
        match Verdict::of(findings, gaps) {
            Verdict::NotFound if is_folder => Verdict::FilesChecked,
            verdict => verdict,
        }
    }

    /// How much a verdict says: a report may claim no lower one than its content has earned.
    pub fn rank(self) -> u8 {
        match self {
            Verdict::NotFound | Verdict::FilesChecked => 0,
            Verdict::Incomplete => 1,
            Verdict::Found => 2,
        }
    }

    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Found => "found",
            Verdict::NotFound => "not_found",
            Verdict::Incomplete => "incomplete",
            Verdict::FilesChecked => "files_checked",
        }
    }
}
