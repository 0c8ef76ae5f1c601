//! Compares reports: what is new, gone, in another state, or still there. Pure.
//!
//! A product that a later scan does not show is gone only if the sources that showed it were read again without a
//! gap; otherwise nobody knows, and the comparison says so.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::finding::{Finding, ProductName};
use crate::model::{GapKind, Outcome, State, TargetKind};
use crate::report::{GapEntry, SCHEMA_VERSION, ScanReport, TargetInfo, Verdict};
use crate::signature::Status;

/// What became of a product between two scans of a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// Only the later scan has it.
    New,
    /// Both have it, in different states.
    Changed,
    /// Both have it in the same state.
    StillThere,
    /// The later scan does not show it, and could not read everything that showed it before.
    NotSeen,
    /// Only data of it is left, where a plan kept it.
    Kept,
    /// The later scan read what showed it before, and it was not there any more.
    Gone,
}

impl Change {
    /// The words used for people.
    pub fn words(self) -> &'static str {
        match self {
            Change::New => "new",
            Change::Changed => "changed",
            Change::StillThere => "still there",
            Change::NotSeen => "not visible any more, not all read",
            Change::Kept => "gone (kept data)",
            Change::Gone => "gone",
        }
    }
}

/// One product on one target in two scans.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    /// The host.
    pub host: String,
    /// The target as the user named it.
    pub target: String,
    /// The product.
    pub product: ProductName,
    /// How it stands.
    pub status: Status,
    /// Whether it counts: banned, and a rule in force (in the later scan, if it has it).
    pub counts: bool,
    /// What became of it.
    pub change: Change,
    /// Its state before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<State>,
    /// Its state after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<State>,
    /// Ids of evidence that only the later scan has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence_new: Vec<String>,
    /// Ids of evidence that only the earlier scan has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence_gone: Vec<String>,
    /// How many pieces of evidence both have.
    pub evidence_kept: usize,
    /// Why nobody knows: the sources that were not read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_read: Vec<String>,
}

/// One of the two scans of a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Side {
    /// When it ended.
    pub finished: String,
    /// What it came to.
    pub verdict: Verdict,
    /// How many gaps it has.
    pub gaps: usize,
}

/// The two scans of a target; one is absent when only the other file has the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Pair {
    /// The host.
    pub host: String,
    /// The target as the user named it.
    pub target: String,
    /// The earlier scan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Side>,
    /// The later scan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Side>,
}

/// What changed between two sets of reports.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Comparison {
    /// Version of this format; that of reports.
    pub schema_version: String,
    /// The targets.
    pub targets: Vec<Pair>,
    /// The products, by target; what is new first.
    pub changes: Vec<Entry>,
    /// What makes the comparison doubtful.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// Compares two sets of reports, each of one or more targets.
pub fn compare(old: &[ScanReport], new: &[ScanReport]) -> Comparison {
    let mut pairs: Vec<(Option<&ScanReport>, Option<&ScanReport>)> = Vec::new();
    let mut taken = BTreeSet::new();
    for after in new {
        let before = counterpart(old, after, new.len());
        if let Some(at) = before {
            taken.insert(at);
        }
        pairs.push((before.and_then(|at| old.get(at)), Some(after)));
    }
    let alone = old.iter().enumerate().filter(|(at, _)| !taken.contains(at));
    pairs.extend(alone.map(|(_, before)| (Some(before), None)));
    let mut changes = Vec::new();
    let mut targets = Vec::new();
    for (before, after) in pairs {
        let Some(named) = after.or(before) else { continue };
        targets.push(Pair {
            host: named.target.host.clone(),
            target: named.target.name.clone(),
            before: before.map(side),
            after: after.map(side),
        });
        changes.extend(entries(before, after));
    }
    let warnings = [other_machine(old, new), other_place(old, new), wrong_order(old, new)];
    let warnings = warnings.into_iter().flatten().collect();
    Comparison { schema_version: SCHEMA_VERSION.to_owned(), targets, changes, warnings }
}

/// A warning when what was scanned of one machine are two places: what one of them lacks did not go.
fn other_place(old: &[ScanReport], new: &[ScanReport]) -> Option<String> {
    let ([old], [new]) = (old, new) else { return None };
    let (old, new) = (&old.target, &new.target);
    let is_folder = |target: &TargetInfo| target.kind == TargetKind::Directory;
    let is_other = old.host.eq_ignore_ascii_case(&new.host)
        && (is_folder(old) || is_folder(new))
        && (old.kind != new.kind || old.place != new.place);
    is_other.then(|| {
        let name = |target: &TargetInfo| target.place.clone().unwrap_or_else(|| target.name.clone());
        format!(
            "these are reports of two places, {} and {}: what differs may be no change",
            name(old),
            name(new)
        )
    })
}

/// A warning when the second report is the older one: what is new and what is gone are the wrong way around.
fn wrong_order(old: &[ScanReport], new: &[ScanReport]) -> Option<String> {
    let time = |report: &ScanReport| report.finished.parse::<jiff::Timestamp>().ok();
    let (first, last) = (old.iter().filter_map(time).min()?, new.iter().filter_map(time).max()?);
    (last < first).then(|| {
        "the first report is newer than the second: write debar diff OLD NEW, or what is new looks gone"
            .to_owned()
    })
}

/// A warning when reports of one machine are compared with those of another. Images have other names with each build.
fn other_machine(old: &[ScanReport], new: &[ScanReport]) -> Option<String> {
    let is_machine = |report: &&ScanReport| report.target.kind != TargetKind::Image;
    let (old, new): (Vec<_>, Vec<_>) =
        (old.iter().filter(is_machine).collect(), new.iter().filter(is_machine).collect());
    let is_same = |a: &TargetInfo, b: &TargetInfo| {
        a.host.eq_ignore_ascii_case(&b.host) || (a.machine_id.is_some() && a.machine_id == b.machine_id)
    };
    let shared = old.iter().any(|a| new.iter().any(|b| is_same(&a.target, &b.target)));
    let (first, last) = (old.first()?, new.first()?);
    (!shared).then(|| {
        format!(
            "these are reports of two machines, {} and {}: what differs is no change of one",
            first.target.host, last.target.host
        )
    })
}

fn side(report: &ScanReport) -> Side {
    Side { finished: report.finished.clone(), verdict: report.verdict, gaps: report.gaps.len() }
}

/// The place of the report of the same target: of the same host and name; else of the same host, if there is one
/// only; else, when each side has one report, that one, because images are named again for each build.
fn counterpart(old: &[ScanReport], new: &ScanReport, of: usize) -> Option<usize> {
    let same_host = |report: &&ScanReport| report.target.host == new.target.host;
    let exact = old.iter().rposition(|report| same_host(&report) && report.target.name == new.target.name);
    if exact.is_some() {
        return exact;
    }
    if old.iter().filter(same_host).count() == 1 {
        return old.iter().position(|report| same_host(&report));
    }
    (old.len() == 1 && of == 1).then_some(0)
}

fn entries(before: Option<&ScanReport>, after: Option<&ScanReport>) -> Vec<Entry> {
    // What is listed apart or only possible is there, too: it is neither new nor gone when it becomes a finding or ceases
    // to be one.
    let findings = |report: Option<&ScanReport>| -> BTreeMap<String, Finding> {
        let lists = report.map(|report| [&report.possible, &report.also_here, &report.findings]);
        let all = lists.into_iter().flatten().flatten();
        all.map(|finding| (finding.id.clone(), finding.clone())).collect()
    };
    let (old, new) = (findings(before), findings(after));
    let named = [before, after].into_iter().flatten().flat_map(|report| &report.findings);
    let ids: BTreeSet<&String> = named.map(|finding| &finding.id).collect();
    let mut entries: Vec<Entry> = Vec::new();
    for id in ids {
        let (was, is) = (old.get(id), new.get(id));
        let Some(shown) = is.or(was) else { continue };
        let Some(report) = after.or(before) else { continue };
        let not_read = match (was, is) {
            (Some(was), None) => not_read(was, after),
            _ => Vec::new(),
        };
        let change = match (was, is) {
            (None, _) => Change::New,
            (Some(_), None) if not_read.is_empty() => Change::Gone,
            (Some(_), None) => Change::NotSeen,
            (Some(was), Some(is)) if was.state == is.state => Change::StillThere,
            (Some(_), Some(_)) => Change::Changed,
        };
        let evidence = |finding: Option<&Finding>| -> BTreeSet<String> {
            finding.iter().flat_map(|finding| &finding.evidence).map(|evidence| evidence.id.clone()).collect()
        };
        let (evidence_old, evidence_now) = (evidence(was), evidence(is));
        entries.push(Entry {
            host: report.target.host.clone(),
            target: report.target.name.clone(),
            product: shown.product.clone(),
            status: shown.status,
            counts: shown.counts(),
            change,
            before: was.map(|finding| finding.state),
            after: is.map(|finding| finding.state),
            evidence_new: evidence_now.difference(&evidence_old).cloned().collect(),
            evidence_gone: evidence_old.difference(&evidence_now).cloned().collect(),
            evidence_kept: evidence_old.intersection(&evidence_now).count(),
            not_read,
        });
    }
    entries.sort_by(|a, b| (a.change, a.status, &a.product.id).cmp(&(b.change, b.status, &b.product.id)));
    entries
}

/// The collector that reports hives which cannot be read.
const HIVES: &str = "registry_hives";

/// The sources that showed a product before and that a later scan did not read, or not wholly.
pub fn not_read(was: &Finding, after: Option<&ScanReport>) -> Vec<String> {
    let Some(after) = after else { return vec!["no later report of this target".to_owned()] };
    let sources: BTreeSet<&str> = was.evidence.iter().map(|evidence| evidence.collector.as_str()).collect();
    let missed = |collector: &str| -> Option<String> {
        if let Some(gap) = after.gaps.iter().find(|gap| gap.is_of(collector)) {
            // What verify adds names the place in its detail.
            let place = if gap.kind == GapKind::OutOfSight { &gap.detail } else { &gap.place };
            return Some(format!("{collector}: {} {place}", gap.kind.word()));
        }
        match after.coverage.iter().find(|entry| entry.collector == collector) {
            Some(entry) if entry.outcome == Outcome::Ran => None,
            Some(entry) => Some(format!("{collector}: {}", entry.reason.as_deref().unwrap_or("did not run"))),
            None => Some(format!("{collector}: did not run")),
        }
    };
    let mut missed: Vec<String> = sources.into_iter().filter_map(missed).collect();
    // What is wrong with a whole hive is recognised by the collector of hives, for all that read keys of it.
    for evidence in was.evidence.iter().filter(|evidence| evidence.location.registry_key.is_some()) {
        let hive = evidence.location.path.as_deref();
        let is_hive = |gap: &&GapEntry| gap.collector == HIVES && hive.is_none_or(|hive| hive == gap.place);
        if let Some(gap) = after.gaps.iter().find(is_hive) {
            let reason = format!("{}: {} {}", evidence.collector, gap.kind.word(), gap.place);
            if !missed.contains(&reason) {
                missed.push(reason);
            }
        }
    }
    // A place that was read before and is left out now.
    for evidence in &was.evidence {
        let Some(path) = evidence.location.path.as_deref() else { continue };
        let below = |place: &str| {
            let place = format!("/{}", place.trim_matches('/'));
            path.strip_prefix(place.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if let Some(skipped) = after.skipped.iter().find(|skipped| below(&skipped.place)) {
            let reason = format!("{}: {} left out ({})", evidence.collector, skipped.place, skipped.reason);
            if !missed.contains(&reason) {
                missed.push(reason);
            }
        }
    }
    missed
}

/// Whether a report is of the same machine or image as another, by more than what an image says of itself.
fn holds_for(before: &ScanReport, now: &ScanReport) -> bool {
    let (was, is) = (&before.target, &now.target);
    if is.kind == TargetKind::Image || was.kind == TargetKind::Image {
        let digest = |target: &TargetInfo| target.image.as_ref().map(|image| image.digest.clone());
        let is_same = digest(is).is_some_and(|digest_now| digest(was) == Some(digest_now));
        return was.kind == is.kind && (was.name == is.name || is_same);
    }
    match (&was.machine_id, &is.machine_id) {
        (Some(was), Some(is)) => was == is,
        // Reports of earlier versions, and folders that are no whole system, have none.
        _ => was.host == is.host && (was.name == is.name || was.kind == is.kind),
    }
}

/// Marks the findings that a baseline has too, in the same state or a graver one. What a baseline could not read
/// was not accepted by it: only what it shows is known. It holds for the same machine and, of images, for the same
/// digest or the same name on the command line; a report that it does not hold for gets a warning.
pub fn mark_known(reports: &mut [ScanReport], baseline: &[ScanReport]) {
    for report in reports {
        let before = baseline.iter().rfind(|before| holds_for(before, report));
        if before.is_none() {
            let what = match report.target.kind {
                TargetKind::Image => "image of this digest or name",
                TargetKind::Sbom => "bill of materials",
                _ => "machine",
            };
            report
                .warnings
                .push(format!("the baseline has no report of this {what}; nothing counts as known"));
        }
        for finding in &mut report.findings {
            let known = before.and_then(|before| before.findings.iter().find(|known| known.id == finding.id));
            finding.in_baseline = known.is_some_and(|known| known.state >= finding.state);
        }
    }
}

impl Comparison {
    /// Whether something that counts is new, or in a graver state than before.
    pub fn is_worse(&self) -> bool {
        self.changes.iter().any(|entry| {
            entry.counts
                && match entry.change {
                    Change::New => true,
                    Change::Changed => entry.after > entry.before,
                    _ => false,
                }
        })
    }

    /// Whether something is not known because places were not read.
    pub fn is_uncertain(&self) -> bool {
        self.changes.iter().any(|entry| entry.change == Change::NotSeen)
            || self.targets.iter().any(|pair| {
                pair.after.as_ref().is_none_or(|after| after.verdict == Verdict::Incomplete || after.gaps > 0)
            })
    }

    /// How many products came to a change.
    pub fn count(&self, change: Change) -> usize {
        self.changes.iter().filter(|entry| entry.change == change).count()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::report::read::read;

    fn report() -> ScanReport {
        let text = include_str!("../../tests/fixtures/reports/found-1.0.json");
        let mut report = read(text.as_bytes()).unwrap().remove(0);
        report.gaps.clear();
        let coverage = r#"[{"collector": "deb_packages", "outcome": "ran", "artifacts": 1, "gaps": 0}]"#;
        report.coverage = Arc::new(serde_json::from_str(coverage).unwrap());
        report
    }

    fn without_findings() -> ScanReport {
        ScanReport { findings: Vec::new(), verdict: Verdict::NotFound, ..report() }
    }

    fn change(old: &ScanReport, new: &ScanReport) -> Change {
        compare(std::slice::from_ref(old), std::slice::from_ref(new)).changes[0].change
    }

    #[test]
    fn what_becomes_of_a_product() {
        let mut running = report();
        running.findings[0].state = State::Running;
        assert_eq!(change(&without_findings(), &report()), Change::New);
        assert_eq!(change(&report(), &report()), Change::StillThere);
        assert_eq!(change(&report(), &running), Change::Changed);
        assert_eq!(change(&report(), &without_findings()), Change::Gone);
    }

    #[test]
    fn what_was_not_read_again_is_not_gone() {
        let mut gap = without_findings();
        gap.gaps =
            read(include_bytes!("../../tests/fixtures/reports/found-1.0.json")).unwrap().remove(0).gaps;
        assert_eq!(change(&report(), &gap), Change::NotSeen);
        let mut left_out = without_findings();
        Arc::make_mut(&mut left_out.coverage)[0].outcome = Outcome::NotApplicable;
        assert_eq!(change(&report(), &left_out), Change::NotSeen);
        let mut no_word = without_findings();
        no_word.coverage = Arc::default();
        assert_eq!(change(&report(), &no_word), Change::NotSeen);
        let mut skipped = without_findings();
        skipped.skipped = serde_json::from_str(r#"[{"place": "/s", "reason": "--exclude"}]"#).unwrap();
        assert_eq!(change(&report(), &skipped), Change::NotSeen);
        let other = ScanReport {
            target: crate::report::TargetInfo { host: "b".into(), ..report().target },
            ..report()
        };
        let both = compare(&[report(), other.clone()], &[without_findings()]);
        assert_eq!(
            both.changes.iter().map(|entry| entry.change).collect::<Vec<_>>(),
            [Change::Gone, Change::NotSeen]
        );
        assert!(both.is_uncertain() && !both.is_worse());
    }

    #[test]
    fn a_baseline_knows_a_state_and_what_is_less_grave() {
        let mut running = report();
        running.findings[0].state = State::Running;
        for (now, baseline, known) in
            [(report(), report(), true), (report(), running.clone(), true), (running, report(), false)]
        {
            let mut reports = [now];
            mark_known(&mut reports, &[baseline]);
            assert_eq!(reports[0].findings[0].in_baseline, known);
            assert_eq!(reports[0].findings[0].fails(), !known);
            assert!(reports[0].findings[0].counts());
        }
    }
}
