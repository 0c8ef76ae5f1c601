//! Holds the findings of a report that was handed in against the signatures in use.
//!
//! A report is a file, and anyone can write one. What acts on it takes nothing from it but facts that the signatures
//! match again, and learns on which facts each match rests, to check just those where it acts.

use std::collections::BTreeSet;

use super::{Evidence, Finding};
use crate::collector;
use crate::finding::matcher::{Candidate, Matcher};
use crate::model::{Artifact, Field, Value};
use crate::signature::{Indicator, Status, Strength};
use crate::text::file_name;

/// Evidence that a signature matches again.
#[derive(Debug, Clone)]
pub struct Kept {
    /// The evidence, each fact that names its place taken from that place.
    pub evidence: Evidence,
    /// The product whose indicators match it, for [`Matcher::product`]: that of the finding, or the one that lists the part.
    pub product: usize,
    /// The strongest of these indicators.
    pub strength: Strength,
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
    // As in a scan: weak traces back a finding up and make none.
    let is_proof = |kept: &Kept| !kept.evidence.shared && kept.strength == Strength::Conclusive;
    if !rechecked.kept.is_empty() && !rechecked.kept.iter().any(is_proof) {
        rechecked.kept.clear();
        rechecked
            .refused
            .push(format!("{id}: the signatures in use see only possible traces of it in this report"));
    }
    Ok(rechecked)
}

/// Whether the indicators of a product may speak for evidence of a finding of another one, or of its own: only those of
/// the one product that the evidence names, if that is a banned one of the same vendor. Reports of versions that did not
/// name it leave it open which of these lists a part.
fn may_speak(matcher: &Matcher<'_>, product: usize, evidence: &Evidence, index: usize) -> bool {
    let (Some(own), Some(other)) = (matcher.product(product), matcher.product(index)) else { return false };
    let is_part = other.vendor.id == own.vendor.id && other.product.status == Status::Banned;
    match &evidence.product {
        Some(named) => {
            evidence.shared
                && is_part
                && named.split_once('/') == Some((other.vendor.id.as_str(), other.product.id.as_str()))
        }
        None => index == product || evidence.shared && is_part,
    }
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
    let mut hits = matcher.hits(&artifact);
    hits.retain(|hit| may_speak(matcher, product, &evidence, hit.product));
    // The finding's own product before the others, and of these one.
    let speaks = hits.iter().map(|hit| hit.product).min_by_key(|index| (*index != product, *index));
    let indicators: Vec<&Indicator> = hits
        .iter()
        .filter(|hit| Some(hit.product) == speaks)
        .filter_map(|hit| matcher.indicator(*hit))
        .collect();
    let strength = indicators.iter().map(|indicator| indicator.strength).max();
    let (Some(product), Some(strength)) = (speaks, strength) else {
        return Err(format!("{}: no indicator of the product matches it", what()));
    };
    // What its source never has, no host can show otherwise.
    let can_be = |field: &Field| collector.yields.contains(field) || artifact.fields.contains_key(field);
    let facts = |indicator: &&Indicator| {
        let fields = indicator.conditions.keys().chain(indicator.unless.keys()).copied();
        fields.filter(can_be).collect::<BTreeSet<Field>>()
    };
    let rests_on = indicators.iter().map(facts).collect();
    Ok(Kept { evidence, product, strength, rests_on })
}

/// Evidence whose facts about its own place are those of the place: what is acted on must be what is matched.
fn placed(evidence: &Evidence) -> Evidence {
    let mut placed = evidence.clone();
    let collector = evidence.collector.as_str();
    if let Some(path) = evidence.location.path.as_deref().filter(|_| PLACES.contains(&collector)) {
        placed.fields.insert(Field::Path, Value::One(path.to_owned()));
        let name = file_name(path);
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
    use crate::signature::SignatureSet;

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
            product: None,
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

    /// What a report calls a part is a part only as the signatures have it.
    #[test]
    fn a_part_is_matched_by_the_one_product_that_lists_it() {
        let set = set();
        let matcher = Matcher::new(&set);
        let key = |key: &str| Location { registry_key: Some(key.to_owned()), ..Location::default() };
        let driver = key(r"HKLM\SYSTEM\CurrentControlSet\Services\klfdefsf");
        let proof = || {
            let fields =
                [(Field::Name, "Kaspersky Endpoint Security for Windows"), (Field::Publisher, "Kaspersky")];
            evidence("programs", &fields, key(r"HKLM\SOFTWARE\x\Uninstall\{A}"))
        };
        let kept_with = |product: Option<&str>, shared: bool| {
            let path = r"C:\Windows\System32\drivers\klfdefsf.sys";
            let mut part =
                evidence("drivers", &[(Field::Name, "klfdefsf"), (Field::Path, path)], driver.clone());
            (part.shared, part.product) = (shared, product.map(str::to_owned));
            let finding = finding("kaspersky/endpoint-security-windows", vec![proof(), part]);
            let kept = recheck(&matcher, &finding).unwrap().kept;
            assert_eq!(kept[0].evidence.collector, "programs");
            let of = |kept: &Kept| matcher.product(kept.product).unwrap().product.id.clone();
            kept.get(1).map(of)
        };
        assert_eq!(kept_with(Some("kaspersky/drivers"), true).as_deref(), Some("drivers"));
        assert_eq!(kept_with(None, true).as_deref(), Some("drivers"), "a report of an older version");
        for other in
            ["kaspersky/other", "kaspersky/free", "kaspersky/vendor-code", "acronis/drivers", "nonsense"]
        {
            assert_eq!(kept_with(Some(other), true), None, "{other}");
        }
        assert_eq!(kept_with(None, false), None, "no part, and none of its own");
        assert_eq!(kept_with(Some("kaspersky/drivers"), false), None);
    }

    #[test]
    fn possible_traces_alone_make_no_finding() {
        let set = set();
        let matcher = Matcher::new(&set);
        let id = "kaspersky/home-linux";
        let fields = [(Field::Name, "kaspersky"), (Field::Version, "1"), (Field::Maintainer, "Debian")];
        let weak = evidence("deb_packages", &fields, Location::record(b"var/lib/dpkg/status", "kaspersky"));
        let forged = finding(id, vec![weak]);
        let rechecked = recheck(&matcher, &forged).unwrap();
        assert!(
            rechecked.kept.is_empty() && rechecked.refused.iter().any(|why| why.contains("possible traces")),
            "{id}: {:?}",
            rechecked.refused
        );
    }

    #[test]
    fn a_match_is_used_only_for_what_it_rests_on() {
        let kept = Kept {
            evidence: evidence("deb_packages", &[], Location::default()),
            product: 0,
            strength: Strength::Conclusive,
            rests_on: vec![[Field::Maintainer].into(), [Field::Name, Field::Arch].into()],
        };
        assert_eq!(kept.rests_only_on(&[Field::Name]), None);
        assert_eq!(kept.rests_only_on(&[Field::Name, Field::Arch, Field::Maintainer]).unwrap().len(), 1);
    }
}
