//! Groups matches by product, and products by installation.

use super::draft::Draft;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::installation::{Installation, host, is_part};
use super::{
    Confidence, Evidence, Finding, Grouping, MAX_EVIDENCE, Match, ProductName, State, identify, protection,
};
use crate::finding::matcher::{Candidate, Matcher, in_words, state_of};
use crate::finding::remedy;
use crate::signature::rules::AppliedRule;
use crate::signature::{SignatureSet, Status, Strength};

/// What the matches on a target come to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Grouped {
    /// Products that count, exempt and informational ones: banned ones first, then by state.
    pub findings: Vec<Finding>,
    /// Products that are restricted only for organisations that were not named.
    pub also_here: Vec<Finding>,
    /// Products of which there are only weak traces.
    pub possible: Vec<Finding>,
}

impl Grouped {
    /// Every product, whatever it counts for.
    pub fn every(&mut self) -> impl Iterator<Item = &mut Finding> {
        [&mut self.findings, &mut self.also_here, &mut self.possible].into_iter().flatten()
    }
}

/// What products of a vendor claim, and the folders around it.
#[derive(Default)]
struct Claims<'a> {
    artifacts: BTreeSet<(&'a str, usize)>,
    folders: HashSet<(&'a str, &'a str)>,
}

impl<'a> Claims<'a> {
    fn claim(&mut self, vendor: &'a str, matches: &'a [Match], at: impl IntoIterator<Item = usize>) {
        for at in at {
            self.artifacts.insert((vendor, at));
            let path = matches.get(at).and_then(|matched| matched.artifact.location.path.as_deref());
            let mut rest = path.unwrap_or_default();
            while let Some((folder, _)) = rest.rsplit_once('/') {
                self.folders.insert((vendor, folder));
                rest = folder;
            }
        }
    }

    /// Whether a product of the vendor has this artifact, or something inside this folder.
    fn has(&self, vendor: &str, matches: &[Match], at: usize) -> bool {
        let path = matches.get(at).and_then(|matched| matched.artifact.location.path.as_deref());
        self.artifacts.contains(&(vendor, at))
            || path.is_some_and(|path| self.folders.contains(&(vendor, path)))
    }
}

/// Groups matches by product. A product is found when a conclusive indicator matched. Supporting indicators back a
/// finding of the same product up; alone they are a possible trace, however many sources agree.
pub fn group(matcher: &Matcher<'_>, set: &SignatureSet, matches: &[Match], how: &Grouping<'_>) -> Grouped {
    let mut by_product: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, matched) in matches.iter().enumerate() {
        let products: BTreeSet<usize> = matched.hits.iter().map(|hit| hit.product).collect();
        for product in products {
            by_product.entry(product).or_default().push(at);
        }
    }
    let context = Context { matcher, set, matches, how };
    let mut drafts = context.named(&by_product);
    context.join_parts(&mut drafts);
    let mut claims = Claims::default();
    for draft in &drafts {
        let parts = draft.parts.iter().map(|(_, at)| *at);
        claims.claim(&draft.candidate.vendor.id, matches, draft.own.iter().copied().chain(parts));
    }
    context.vendor_wide(&by_product, &mut drafts, &mut claims);
    let possible = context.possible(&by_product, &drafts, &mut claims);
    let mut grouped = Grouped::default();
    for draft in &drafts {
        let finding = context.finding(draft, Confidence::Confirmed);
        if finding.binds {
            grouped.findings.push(finding);
        } else if finding.status == Status::Banned && finding.in_force {
            grouped.also_here.push(finding);
        }
    }
    grouped.possible = possible.iter().map(|draft| context.finding(draft, Confidence::Possible)).collect();
    protection::consider(&mut grouped.findings, matcher, how.is_image);
    for list in [&mut grouped.findings, &mut grouped.also_here, &mut grouped.possible] {
        list.sort_by(|a, b| {
            (a.status, std::cmp::Reverse(a.state), &a.id).cmp(&(b.status, std::cmp::Reverse(b.state), &b.id))
        });
    }
    grouped
}

struct Context<'a, 's> {
    matcher: &'a Matcher<'s>,
    set: &'a SignatureSet,
    matches: &'a [Match],
    how: &'a Grouping<'a>,
}

impl<'a, 's> Context<'a, 's> {
    /// A draft when a conclusive indicator of the product is among what matched.
    fn draft(&self, index: usize, at: Vec<usize>, least: Strength) -> Option<Draft<'a, 's>> {
        let candidate = self.matcher.product(index)?;
        let evidence: Vec<Evidence> = at.iter().filter_map(|&at| self.evidence(index, at)).collect();
        let strongest = evidence.iter().map(|evidence| evidence.strength).max()?;
        let state = evidence.iter().map(|evidence| evidence.state).max()?;
        (strongest >= least).then_some(Draft { candidate, index, own: at, state, parts: Vec::new() })
    }

    fn named(&self, by_product: &BTreeMap<usize, Vec<usize>>) -> Vec<Draft<'a, 's>> {
        let named = by_product.iter().filter(|(index, _)| {
            self.matcher.product(**index).is_some_and(|candidate| !candidate.product.fallback)
        });
        named.filter_map(|(&index, at)| self.draft(index, at.clone(), Strength::Conclusive)).collect()
    }

    /// Makes products that were only seen inside another one's installation parts of it.
    fn join_parts(&self, drafts: &mut Vec<Draft<'a, 's>>) {
        let installed: Vec<Installation> =
            drafts.iter().map(|draft| Installation::of(draft, self.matches)).collect();
        let mut joined: Vec<(usize, usize)> = Vec::new();
        for (at, part) in drafts.iter().enumerate() {
            let whole = drafts.iter().zip(&installed).enumerate().find(|(other, (whole, of))| {
                *other != at
                    && whole.candidate.vendor.id == part.candidate.vendor.id
                    && is_part(part, whole, of, self.matches)
                    // Of two that are parts of each other the first stays.
                    && !joined.contains(&(*other, at))
                    && !joined.iter().any(|(gone, _)| gone == other)
            });
            joined.extend(whole.map(|(other, _)| (at, other)));
        }
        for &(part, whole) in &joined {
            let parts: Vec<(usize, usize)> = drafts
                .get(part)
                .into_iter()
                .flat_map(|draft| draft.own.iter().map(|&at| (draft.index, at)))
                .collect();
            if let Some(whole) = drafts.get_mut(whole) {
                let new = parts.into_iter().filter(|(_, at)| !whole.own.contains(at));
                whole.parts.extend(new.collect::<Vec<_>>());
            }
        }
        let mut at = 0;
        drafts.retain(|_| {
            at += 1;
            !joined.iter().any(|(part, _)| *part == at - 1)
        });
    }

    /// Gives what only a vendor-wide product claims to the installation it is a part of; the rest is a product that no
    /// signature lists.
    fn vendor_wide(
        &self,
        by_product: &BTreeMap<usize, Vec<usize>>,
        drafts: &mut Vec<Draft<'a, 's>>,
        claims: &mut Claims<'a>,
    ) {
        let installed: Vec<(&'a str, Installation)> = drafts
            .iter()
            .map(|draft| (draft.candidate.vendor.id.as_str(), Installation::of(draft, self.matches)))
            .collect();
        for (&index, at) in by_product {
            let Some(candidate) = self.matcher.product(index).filter(|one| one.product.fallback) else {
                continue;
            };
            let vendor = candidate.vendor.id.as_str();
            // Places in the list of drafts beside the installations of this vendor alone.
            let (places, own): (Vec<usize>, Vec<&Installation>) = installed
                .iter()
                .enumerate()
                .filter(|(place, (id, _))| *id == vendor && same_standing(drafts.get(*place), candidate))
                .map(|(place, (_, one))| (place, one))
                .unzip();
            let mut rest = Vec::new();
            for &at in at {
                if claims.has(vendor, self.matches, at) {
                    continue;
                }
                let Some(evidence) = self.evidence(index, at) else { continue };
                let Some(matched) = self.matches.get(at) else { continue };
                match host(&matched.artifact, evidence.state, &own).and_then(|host| places.get(host)) {
                    Some(&place) => {
                        drafts.get_mut(place).into_iter().for_each(|draft| draft.parts.push((index, at)));
                        claims.claim(vendor, self.matches, [at]);
                    }
                    None => rest.push(at),
                }
            }
            if let Some(draft) = self.draft(index, rest, Strength::Conclusive) {
                claims.claim(vendor, self.matches, draft.own.iter().copied());
                drafts.push(draft);
            }
        }
    }

    /// What only supporting indicators show, of products that count and that were not found.
    fn possible(
        &self,
        by_product: &BTreeMap<usize, Vec<usize>>,
        drafts: &[Draft<'a, 's>],
        claims: &mut Claims<'a>,
    ) -> Vec<Draft<'a, 's>> {
        let mut open: Vec<(&usize, &Vec<usize>)> = by_product
            .iter()
            .filter(|(index, _)| !drafts.iter().any(|draft| draft.index == **index))
            .collect();
        // Named products before the vendor-wide one, the one with more evidence first.
        open.sort_by_key(|(index, at)| {
            let fallback = self.matcher.product(**index).is_some_and(|candidate| candidate.product.fallback);
            (fallback, std::cmp::Reverse(at.len()), **index)
        });
        let mut possible = Vec::new();
        for (&index, at) in open {
            let Some(candidate) = self.matcher.product(index) else { continue };
            if candidate.product.status != Status::Banned || !candidate.binds {
                continue;
            }
            let vendor = candidate.vendor.id.as_str();
            let at: Vec<usize> =
                at.iter().copied().filter(|&at| !claims.has(vendor, self.matches, at)).collect();
            if let Some(draft) = self.draft(index, at, Strength::Supporting) {
                claims.claim(vendor, self.matches, draft.own.iter().copied());
                possible.push(draft);
            }
        }
        possible
    }

    fn evidence(&self, product: usize, at: usize) -> Option<Evidence> {
        let matched = self.matches.get(at)?;
        let hits = matched.hits.iter().filter(|hit| hit.product == product);
        let indicators: Vec<_> = hits.filter_map(|hit| self.matcher.indicator(*hit)).collect();
        let strongest = indicators.iter().max_by_key(|indicator| indicator.strength)?;
        let artifact = &matched.artifact;
        Some(Evidence {
            id: String::new(),
            collector: artifact.collector.to_owned(),
            indicators: indicators.iter().map(|indicator| indicator.id.clone()).collect(),
            matched: in_words(strongest),
            strength: strongest.strength,
            state: state_of(artifact, strongest),
            shared: false,
            product: None,
            fields: artifact.fields.clone(),
            location: artifact.location.clone(),
        })
    }

    /// The steps that remove a product: its own, and for its parts those of the products that list them.
    fn removal(&self, draft: &Draft<'a, 's>) -> Vec<super::Removal> {
        let own: Vec<Evidence> = draft.own.iter().filter_map(|&at| self.evidence(draft.index, at)).collect();
        let mut steps = remedy::steps(draft.candidate.product, &own, self.how.os);
        let others: BTreeSet<usize> = draft.parts.iter().map(|(index, _)| *index).collect();
        for other in others {
            let Some(candidate) = self.matcher.product(other) else { continue };
            let parts = draft.parts.iter().filter(|(index, _)| *index == other);
            let parts: Vec<Evidence> = parts.filter_map(|(index, at)| self.evidence(*index, *at)).collect();
            for mut step in remedy::steps(candidate.product, &parts, self.how.os) {
                let has_commands = !step.commands.is_empty();
                step.commands.retain(|command| !steps.iter().any(|known| known.commands.contains(command)));
                let is_known =
                    steps.iter().any(|known| known.title == step.title && step.commands.is_empty());
                if !is_known && (!has_commands || !step.commands.is_empty()) {
                    steps.push(step);
                }
            }
        }
        steps
    }

    fn finding(&self, draft: &Draft<'a, 's>, confidence: Confidence) -> Finding {
        let (candidate, product) = (draft.candidate, draft.candidate.product);
        let mut evidence: Vec<Evidence> =
            draft.own.iter().filter_map(|&at| self.evidence(draft.index, at)).collect();
        evidence.extend(draft.parts.iter().filter_map(|(index, at)| {
            let lists = self.matcher.product(*index)?;
            let product =
                (*index != draft.index).then(|| format!("{}/{}", lists.vendor.id, lists.product.id));
            self.evidence(*index, *at).map(|evidence| Evidence { shared: true, product, ..evidence })
        }));
        let removal = if !self.how.is_image {
            self.removal(draft)
        } else if product.status == Status::Banned {
            remedy::rebuild(&product.name, &evidence)
        } else {
            Vec::new()
        };
        evidence.sort_by(|a, b| {
            let key = |e: &Evidence| (e.shared, std::cmp::Reverse(e.strength), std::cmp::Reverse(e.state));
            key(a).cmp(&key(b)).then_with(|| (&a.collector, &a.location).cmp(&(&b.collector, &b.location)))
        });
        let state = evidence.iter().map(|evidence| evidence.state).max().unwrap_or(State::Installed);
        // What binds nobody who was named is shown with all rules: they say whom it does bind.
        let wanted =
            |id: &&String| !candidate.binds || self.how.rules.is_none_or(|rules| rules.contains(*id));
        let rules: Vec<AppliedRule> = candidate
            .rules
            .iter()
            .filter(wanted)
            .filter_map(|id| self.set.rules.get(id))
            .map(|rule| rule.applied(self.how.as_of, |id| self.set.is_vendor(id, &candidate.vendor.id)))
            .collect();
        // A house rule ("we do not want this here") needs no law.
        let in_force = candidate.rules.is_empty() || rules.iter().any(|rule| rule.in_force && rule.binding);
        let evidence_omitted = evidence.len().saturating_sub(MAX_EVIDENCE);
        evidence.truncate(MAX_EVIDENCE);
        identify(&mut evidence);
        let id = format!("{}/{}", candidate.vendor.id, product.id);
        Finding {
            id: id.clone(),
            product: ProductName { id, vendor: candidate.vendor.name.clone(), name: product.name.clone() },
            status: product.status,
            binds: candidate.binds,
            confidence,
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
}

/// Whether a found product can hold parts that another one lists: both are banned, say, and both count.
fn same_standing(draft: Option<&Draft<'_, '_>>, other: &Candidate<'_>) -> bool {
    draft.is_some_and(|draft| {
        let one = draft.candidate;
        one.product.status == other.product.status && one.binds == other.binds && !one.product.fallback
    })
}
