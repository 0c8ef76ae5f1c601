//! What a finding is made of.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::finding::matcher::Hit;
use crate::model::{Artifact, Field, Location, State, Value};
use crate::signature::rules::AppliedRule;
use crate::signature::{Status, Strength};
use crate::text::hex::hex;

/// One product on one target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Stable id of the finding on this target: the product's.
    pub id: String,
    /// The product.
    pub product: ProductName,
    /// How the product stands.
    pub status: Status,
    /// Whether its rules bind the audience that the scan was made for. What does not bind changes neither the verdict nor
    /// the exit code.
    #[serde(default = "yes")]
    pub binds: bool,
    /// How sure it is that the product is there.
    #[serde(default)]
    pub confidence: Confidence,
    /// Why, for exempt and informational products.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What to mind before acting on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// The state it is in on this target: the strongest that the evidence shows.
    pub state: State,
    /// Whether a rule, or the signature file itself where it names none, speaks against it on the day of the report.
    pub in_force: bool,
    /// The rules that speak of it, as they stand on the day of the report.
    pub rules: Vec<AppliedRule>,
    /// Every matching artifact.
    pub evidence: Vec<Evidence>,
    /// How many more artifacts matched than are listed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub evidence_omitted: usize,
    /// The steps that remove it, filled in from the evidence.
    pub removal: Vec<Removal>,
    /// The exception that someone granted for it; the finding stays visible with it in every format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<Exception>,
    /// Whether the baseline that the scan was held against has it, in this state or a graver one.
    #[serde(default, skip_serializing_if = "is_false")]
    pub in_baseline: bool,
}

pub(super) fn yes() -> bool {
    true
}

/// How sure it is that a product is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Confidence {
    /// A conclusive indicator matched.
    #[default]
    Confirmed,
    /// Only supporting indicators matched: a weak trace, to be checked by a person.
    Possible,
}

/// A decision to live with a finding for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Exception {
    /// Its id in the file of exceptions.
    pub id: String,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// The last day on which it holds, YYYY-MM-DD.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
    /// How the finding stands with it, in the words of VEX.
    #[serde(default)]
    pub status: VexStatus,
    /// Why it stands so, in the words of VEX, e.g. `vulnerable_code_not_present`; free text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub justification: Option<String>,
}

/// How a finding with an exception stands: the status words of OpenVEX (openvex.dev) and CSAF.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VexStatus {
    /// It is there, and someone accepts that for a while.
    #[default]
    Affected,
    /// It is there, and no rule speaks of it in this place.
    NotAffected,
    /// Someone looks into it.
    UnderInvestigation,
}

impl VexStatus {
    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            VexStatus::Affected => "affected",
            VexStatus::NotAffected => "not_affected",
            VexStatus::UnderInvestigation => "under_investigation",
        }
    }
}

/// The name of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProductName {
    /// `vendor/product`.
    pub id: String,
    /// The vendor's name.
    pub vendor: String,
    /// The product's name.
    pub name: String,
}

/// An artifact that matched, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// Stable id: the same thing at the same place has the same id in every scan of the target.
    #[serde(default)]
    pub id: String,
    /// The collector that saw it.
    pub collector: String,
    /// The indicators that it met.
    pub indicators: Vec<String>,
    /// What they look at, in words.
    pub matched: String,
    /// The strongest of them.
    pub strength: Strength,
    /// The state that it shows.
    pub state: State,
    /// Belongs to the vendor's installation around the product: folders, logs, drivers and services that products share.
    /// An exception for the product covers it wherever it lies.
    #[serde(default, skip_serializing_if = "is_false")]
    pub shared: bool,
    /// The product whose indicators it met (`vendor/product`), where it is a part that another product of the vendor lists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// What is known of the artifact.
    pub fields: BTreeMap<Field, Value>,
    /// Where it was seen.
    pub location: Location,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
pub(super) fn is_zero(count: &usize) -> bool {
    *count == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
pub(super) fn is_false(value: &bool) -> bool {
    !value
}

/// An artifact and the indicators that it meets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Match {
    /// The artifact.
    pub artifact: Artifact,
    /// What it meets; never empty.
    pub hits: Vec<Hit>,
}

/// What an artifact is distinguished by from others at its place; what changes with an update or a restart is none of it.
pub(super) const IDENTITY: &[Field] = &[
    Field::Name,
    Field::Path,
    Field::Identifier,
    Field::IdentifyingNumber,
    Field::User,
    Field::Profile,
    Field::Arch,
    Field::Type,
];

/// Gives evidence without an id its id: a digest of collector, place and name. Of several that look the same
/// (two processes of one program), the second is `-2`.
pub fn identify(evidence: &mut [Evidence]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for one in evidence.iter_mut() {
        if !one.id.is_empty() {
            continue;
        }
        let mut digest = Sha256::new();
        let mut part = |name: &str, text: &str| {
            digest.update(name.as_bytes());
            digest.update([0]);
            digest.update(text.as_bytes());
            digest.update([0]);
        };
        part("collector", &one.collector);
        part("path", one.location.path.as_deref().unwrap_or_default());
        part("key", one.location.registry_key.as_deref().unwrap_or_default());
        part("record", one.location.record.as_deref().unwrap_or_default());
        for field in IDENTITY {
            if let Some(value) = one.fields.get(field) {
                value.texts().for_each(|text| part(field.name(), text));
            }
        }
        let digest = digest.finalize();
        let digits = hex(digest.get(..8).unwrap_or_default());
        let count = seen.entry(digits.clone()).or_default();
        *count += 1;
        one.id = match count {
            1 => format!("ev-{digits}"),
            count => format!("ev-{digits}-{count}"),
        };
    }
}

impl Finding {
    /// Whether it is a banned product against which a rule speaks on that day, for the audience of the scan. Exceptions and
    /// baselines do not change that: it is there.
    pub fn counts(&self) -> bool {
        self.status == Status::Banned
            && self.in_force
            && self.binds
            && self.confidence == Confidence::Confirmed
    }

    /// Whether it makes a scan fail: it counts, nobody granted an exception, and no baseline has it.
    pub fn fails(&self) -> bool {
        self.counts() && self.exception.is_none() && !self.in_baseline
    }
}

/// One step that removes a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Removal {
    /// What it does.
    pub title: String,
    /// Commands to run, quoted for a POSIX shell or `cmd.exe`; one for each artifact it applies to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<String>,
    /// What to know before or after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}
