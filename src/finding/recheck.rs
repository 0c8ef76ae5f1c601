//! Holds the findings of a report that was handed in against the signatures in use.
//!
//! A report is a file, and anyone can write one. What acts on it takes nothing from it but facts that the signatures
//! match again, and learns on which facts each match rests, to check just those where it acts.

use std::collections::BTreeSet;

use super::{Evidence, Finding};
use crate::collector;
use crate::finding::matcher::{Candidate, Matcher};
use crate::model::{Artifact, Field, Value};
use crate::signature::Status;

/// Evidence that a signature matches again.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The evidence, each fact that names its place taken from that place.
    pub evidence: Evidence,
    /// The facts that each match rests on, one set per indicator.
    pub rests_on: Vec<BTreeSet<Field>>,
}

/// A finding as the signatures in use see it.
pub struct Rechecked<'m, 's> {
    /// The product of the signatures.
    pub candidate: &'m Candidate<'s>,
    /// The evidence that matches.
    pub kept: Vec<Kept>,
    /// Why other evidence was refused, one sentence each.
    pub refused: Vec<String>,
}

/// Sources whose artifacts are files or folders, with their path as the fact `path`.
const PLACES: &[&str] = &[
    "program_folders",
    "program_files",
    "appimages",
    "desktop_entries",
    "systemd_units",
    "init_scripts",
    "native_messaging",
    "apps",
];
/// Of these, the ones whose name is that of the file or folder.
const NAMED_BY_PLACE: &[&str] = &["program_folders", "program_files", "native_messaging", "systemd_units"];

/// Matches the evidence of a finding again.
///
/// # Errors
/// A sentence when the signatures in use do not have the product, or do not ban it.
pub fn recheck<'m, 's>(matcher: &'m Matcher<'s>, finding: &Finding) -> Result<Rechecked<'m, 's>, String> {
    let id = &finding.product.id;
    let found = matcher.products().iter().enumerate().find(|(_, candidate)| {
        id.split_once('/') == Some((candidate.vendor.id.as_str(), candidate.product.id.as_str()))
    });
    let Some((index, candidate)) = found else {
        return Err(format!(
            "the signatures in use do not have {id}; name its signature file with --signatures"
        ));
    };
    if candidate.product.status != Status::Banned {
        let status = candidate.product.status.word();
        return Err(format!("{id} is {status} in the signatures in use, not banned"));
    }
    let mut rechecked = Rechecked { candidate, kept: Vec::new(), refused: Vec::new() };
    for evidence in &finding.evidence {
        match matched(matcher, index, evidence) {
            Ok(kept) => rechecked.kept.push(kept),
            Err(why) => rechecked.refused.push(why),
        }
    }
    Ok(rechecked)
}

fn matched(matcher: &Matcher<'_>, product: usize, evidence: &Evidence) -> Result<Kept, String> {
    let what = || {
        let name = evidence.fields.get(&Field::Name).map(Value::joined).unwrap_or_default();
        format!("{} {name} at {}", evidence.collector, evidence.location)
    };
    let Some(collector) = collector::named(&evidence.collector) else {
        return Err(format!("{}: there is no such collector", what()));
    };
    let evidence = placed(evidence);
    let mut artifact = Artifact::new(collector.name, evidence.location.clone());
    artifact.fields.clone_from(&evidence.fields);
    // A part that products of the vendor share is matched by an indicator of any of them.
    let vendor = |index| matcher.product(index).map(|candidate| candidate.vendor.id.as_str());
    let is_its_own = |index| index == product || evidence.shared && vendor(index) == vendor(product);
    let indicators = matcher.hits(&artifact).into_iter().filter(|hit| is_its_own(hit.product));
    let rests_on: Vec<BTreeSet<Field>> = indicators
        .filter_map(|hit| matcher.indicator(hit))
        .map(|indicator| indicator.conditions.keys().chain(indicator.unless.keys()).copied().collect())
        .collect();
    if rests_on.is_empty() {
        return Err(format!("{}: no indicator of the product matches it", what()));
    }
    Ok(Kept { evidence, rests_on })
}

/// Evidence whose facts about its own place are those of the place: what is acted on must be what is matched.
fn placed(evidence: &Evidence) -> Evidence {
    let mut placed = evidence.clone();
    let collector = evidence.collector.as_str();
    if let Some(path) = evidence.location.path.as_deref().filter(|_| PLACES.contains(&collector)) {
        placed.fields.insert(Field::Path, Value::One(path.to_owned()));
        let name = path.rsplit('/').next().unwrap_or(path);
        if NAMED_BY_PLACE.contains(&collector) {
            placed.fields.insert(Field::Name, Value::One(name.to_owned()));
        }
    }
    if let Some(key) = &evidence.location.registry_key
        && matches!(collector, "services" | "drivers")
    {
        let name = key.rsplit('\\').next().unwrap_or(key);
        placed.fields.insert(Field::Name, Value::One(name.to_owned()));
    }
    if let Some(key) = &evidence.location.registry_key
        && placed.fields.contains_key(&Field::Key)
    {
        placed.fields.insert(Field::Key, Value::One(key.clone()));
    }
    placed
}

impl Kept {
    /// Whether one of the matches rests on nothing but these facts; the facts that it needs of them.
    pub fn rests_only_on(&self, facts: &[Field]) -> Option<&BTreeSet<Field>> {
        let only = self.rests_on.iter().filter(|needed| needed.iter().all(|field| facts.contains(field)));
        only.min_by_key(|needed| needed.len())
    }

    /// The first text of a fact.
    pub fn text(&self, field: Field) -> Option<&str> {
        self.evidence.fields.get(&field).and_then(|value| value.texts().next())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::ProductName;
    use crate::model::{Location, State};
    use crate::signature::{SignatureSet, Strength};

    fn set() -> SignatureSet {
        crate::signature::load(&[]).unwrap()
    }

    fn evidence(collector: &str, fields: &[(Field, &str)], location: Location) -> Evidence {
        Evidence {
            id: "ev-1".into(),
            collector: collector.into(),
            indicators: vec!["package-deb".into()],
            matched: "name equals kesl".into(),
            strength: Strength::Conclusive,
            state: State::Installed,
            shared: false,
            fields: fields.iter().map(|(field, text)| (*field, Value::One((*text).to_owned()))).collect(),
            location,
        }
    }

    fn finding(product: &str, evidence: Vec<Evidence>) -> Finding {
        let id = product.to_owned();
        Finding {
            id: id.clone(),
            product: ProductName { id, vendor: "V".into(), name: "openssh-server".into() },
            status: Status::Banned,
            binds: true,
            confidence: Default::default(),
            note: None,
            warnings: Vec::new(),
            state: State::Installed,
            in_force: true,
            rules: Vec::new(),
            evidence,
            evidence_omitted: 0,
            removal: Vec::new(),
            exception: None,
            in_baseline: false,
        }
    }

    #[test]
    fn a_forged_report_is_not_believed() {
        let set = set();
        let matcher = Matcher::new(&set);
        let status = Location::record(b"var/lib/dpkg/status", "x");
        let path = |path: &[u8]| Location::path(path);
        let forged = finding(
            "kaspersky/endpoint-security-linux",
            vec![
                evidence("deb_packages", &[(Field::Name, "kesl"), (Field::Version, "1")], status.clone()),
                evidence("deb_packages", &[(Field::Name, "openssh-server")], status.clone()),
                // A fact that matches, and a place that does not.
                evidence(
                    "program_folders",
                    &[(Field::Name, "kesl"), (Field::Path, "/opt/kaspersky/kesl")],
                    path(b"var/lib/postgresql"),
                ),
                evidence("program_folders", &[], path(b"opt/kaspersky/kesl")),
                evidence("nonsense", &[(Field::Name, "kesl")], status.clone()),
            ],
        );
        let rechecked = recheck(&matcher, &forged).unwrap();
        assert_eq!(rechecked.kept.len(), 2);
        assert_eq!(rechecked.refused.len(), 3);
        assert!(rechecked.refused[0].contains("openssh-server"), "{:?}", rechecked.refused);
        assert!(rechecked.refused[1].contains("/var/lib/postgresql"), "{:?}", rechecked.refused);
        assert_eq!(rechecked.candidate.product.name, "Kaspersky Endpoint Security for Linux");
        let other = recheck(&matcher, &finding("acme/shell", Vec::new())).err().unwrap();
        assert!(other.contains("acme/shell") && other.contains("--signatures"), "{other}");
    }

    #[test]
    fn a_match_is_used_only_for_what_it_rests_on() {
        let kept = Kept {
            evidence: evidence("deb_packages", &[], Location::default()),
            rests_on: vec![[Field::Maintainer].into(), [Field::Name, Field::Arch].into()],
        };
        assert_eq!(kept.rests_only_on(&[Field::Name]), None);
        assert_eq!(kept.rests_only_on(&[Field::Name, Field::Arch, Field::Maintainer]).unwrap().len(), 1);
    }
}
