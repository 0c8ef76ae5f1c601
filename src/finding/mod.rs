//! Findings: matches grouped by product, with the rules that speak of it and the steps that remove it.

pub mod examples;
pub mod matcher;
mod protection;
pub mod recheck;
pub mod remedy;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::finding::matcher::{Candidate, Hit, Matcher, in_words, state_of};
use crate::model::{Artifact, Field, Location, Os, State, Value};
use crate::signature::rules::AppliedRule;
use crate::signature::{SignatureSet, Status, Strength};
use crate::text::hex::hex;
use remedy::Removal;

/// Matching artifacts kept per product; the rest is counted.
const MAX_EVIDENCE: usize = 10_000;

/// One product on one target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Stable id of the finding on this target: the product's.
    pub id: String,
    /// The product.
    pub product: ProductName,
    /// How the product stands.
    pub status: Status,
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
    /// The exception that somebody granted for it; the finding stays visible with it in every format.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<Exception>,
    /// Whether the baseline that the scan was held against has it, in this state or a graver one.
    #[serde(default, skip_serializing_if = "is_false")]
    pub in_baseline: bool,
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
    /// It is there, and somebody accepts that for a while.
    #[default]
    Affected,
    /// It is there, and no rule speaks of it in this place.
    NotAffected,
    /// Somebody looks into it.
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
    /// What is known of the artifact.
    pub fields: BTreeMap<Field, Value>,
    /// Where it was seen.
    pub location: Location,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_false(value: &bool) -> bool {
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

/// How findings are put together.
#[derive(Debug, Clone, Copy)]
pub struct Grouping<'a> {
    /// The day that rules are judged on, YYYY-MM-DD.
    pub as_of: jiff::civil::Date,
    /// The rules to consider; all when `None`.
    pub rules: Option<&'a BTreeSet<String>>,
    /// The target's operating system, for the steps that remove things there; any when not known.
    pub os: Option<Os>,
    /// Whether the target is an image, which is built again and not repaired.
    pub is_image: bool,
}

/// Groups matches by product. A product is found when a conclusive indicator matched, or supporting ones of
/// two independent kinds of source. Banned products come first, then by the gravity of their state.
pub fn group(
    matcher: &Matcher<'_>,
    set: &SignatureSet,
    matches: &[Match],
    how: &Grouping<'_>,
) -> Vec<Finding> {
    let mut by_product: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, matched) in matches.iter().enumerate() {
        let products: BTreeSet<usize> = matched.hits.iter().map(|hit| hit.product).collect();
        for product in products {
            by_product.entry(product).or_default().push(at);
        }
    }
    let evidence = |product: usize, at: &[usize]| -> Vec<Evidence> {
        at.iter().filter_map(|&at| evidence_of(matcher, product, matches.get(at)?)).collect()
    };
    // What a listed product claims, the vendor-wide one does not repeat.
    let mut claimed: BTreeSet<(&str, usize)> = BTreeSet::new();
    let mut found: Vec<(&Candidate<'_>, Vec<Evidence>)> = Vec::new();
    for fallback in [false, true] {
        for (&index, at) in &by_product {
            let Some(candidate) = matcher.product(index) else { continue };
            if candidate.product.fallback != fallback {
                continue;
            }
            let vendor = candidate.vendor.id.as_str();
            let at: Vec<usize> = match fallback {
                true => at.iter().copied().filter(|&at| !is_claimed(matches, &claimed, vendor, at)).collect(),
                false => at.clone(),
            };
            let evidence = evidence(index, &at);
            if suffices(&evidence) {
                claimed.extend(at.into_iter().map(|at| (vendor, at)));
                found.push((candidate, evidence));
            }
        }
    }
    let mut findings: Vec<Finding> =
        found.into_iter().map(|(candidate, evidence)| finding(candidate, set, evidence, how)).collect();
    protection::consider(&mut findings, matcher, how.is_image);
    findings.sort_by(|a, b| {
        (a.status, std::cmp::Reverse(a.state), &a.id).cmp(&(b.status, std::cmp::Reverse(b.state), &b.id))
    });
    findings
}

/// Whether a listed product of the vendor has this artifact, or something inside this folder.
fn is_claimed(matches: &[Match], claimed: &BTreeSet<(&str, usize)>, vendor: &str, at: usize) -> bool {
    if claimed.contains(&(vendor, at)) {
        return true;
    }
    let path = |at: usize| matches.get(at).and_then(|matched| matched.artifact.location.path.as_deref());
    let Some(folder) = path(at) else { return false };
    claimed
        .iter()
        .filter(|(owner, _)| *owner == vendor)
        .filter_map(|(_, at)| path(*at)?.strip_prefix(folder))
        .any(|rest| rest.starts_with('/'))
}

fn evidence_of(matcher: &Matcher<'_>, product: usize, matched: &Match) -> Option<Evidence> {
    let hits = matched.hits.iter().filter(|hit| hit.product == product);
    let indicators: Vec<_> = hits.filter_map(|hit| matcher.indicator(*hit)).collect();
    let strongest = indicators.iter().max_by_key(|indicator| indicator.strength)?;
    let artifact = &matched.artifact;
    Some(Evidence {
        id: String::new(),
        collector: artifact.collector.to_owned(),
        indicators: indicators.iter().map(|indicator| indicator.id.clone()).collect(),
        matched: in_words(strongest),
        strength: strongest.strength,
        state: state_of(artifact, strongest),
        fields: artifact.fields.clone(),
        location: artifact.location.clone(),
    })
}

/// Sources that tell of the same bytes on the disk are one kind: a program that was copied somewhere shows as
/// file, folder and process at once, and that is still one observation.
fn source_kind(collector: &str) -> &str {
    match collector {
        "processes" | "program_files" | "program_folders" | "prefetch" => "files",
        // What macOS keeps of a program after it was removed: that it was installed, approved and granted access is
        // one past, however many of them agree.
        "install_history" | "tcc_grants" | "kext_policy" | "configuration_profiles" | "login_items" => {
            "records"
        }
        other => other,
    }
}

fn suffices(evidence: &[Evidence]) -> bool {
    if evidence.iter().any(|evidence| evidence.strength == Strength::Conclusive) {
        return true;
    }
    let kinds: BTreeSet<&str> = evidence.iter().map(|evidence| source_kind(&evidence.collector)).collect();
    kinds.len() >= 2
}

fn finding(
    candidate: &Candidate<'_>,
    set: &SignatureSet,
    mut evidence: Vec<Evidence>,
    how: &Grouping<'_>,
) -> Finding {
    let product = candidate.product;
    evidence.sort_by(|a, b| {
        let key = |e: &Evidence| (std::cmp::Reverse(e.strength), std::cmp::Reverse(e.state));
        key(a).cmp(&key(b)).then_with(|| (&a.collector, &a.location).cmp(&(&b.collector, &b.location)))
    });
    let state = evidence.iter().map(|evidence| evidence.state).max().unwrap_or(State::Installed);
    let wanted = |id: &&String| how.rules.is_none_or(|rules| rules.contains(*id));
    let rules: Vec<AppliedRule> = candidate
        .rules
        .iter()
        .filter(wanted)
        .filter_map(|id| set.rules.get(id))
        .map(|rule| rule.applied(how.as_of))
        .collect();
    // A house rule ("we do not want this here") needs no law.
    let in_force = candidate.rules.is_empty() || rules.iter().any(|rule| rule.in_force && rule.binding);
    let removal = match how.is_image {
        true if product.status == Status::Banned => remedy::rebuild(&product.name, &evidence),
        true => Vec::new(),
        false => remedy::steps(product, &evidence, how.os),
    };
    let evidence_omitted = evidence.len().saturating_sub(MAX_EVIDENCE);
    evidence.truncate(MAX_EVIDENCE);
    identify(&mut evidence);
    let id = format!("{}/{}", candidate.vendor.id, product.id);
    Finding {
        id: id.clone(),
        product: ProductName { id, vendor: candidate.vendor.name.clone(), name: product.name.clone() },
        status: product.status,
        note: product.note.clone(),
        warnings: Vec::new(),
        state,
        in_force,
        rules,
        evidence,
        evidence_omitted,
        removal,
        exception: None,
        in_baseline: false,
    }
}

/// What an artifact is told apart by from others at its place; what changes with an update or a restart is none of it.
const IDENTITY: &[Field] = &[
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
    /// Whether it is a banned product against which a rule speaks on that day. Exceptions and baselines change
    /// nothing of that: it is there.
    pub fn counts(&self) -> bool {
        self.status == Status::Banned && self.in_force
    }

    /// Whether it makes a scan fail: it counts, nobody granted an exception, and no baseline has it.
    pub fn fails(&self) -> bool {
        self.counts() && self.exception.is_none() && !self.in_baseline
    }
}

#[cfg(test)]
mod tests;
