//! Phrases that several formats share.

use std::collections::BTreeMap;

use unicode_width::UnicodeWidthStr as _;

use super::{GapEntry, ImageName, ScanReport, SignatureVersion, Verdict};
use crate::finding::{Confidence, Exception, Finding};
use crate::model::{Field, GapKind, Layer, State, Value};
use crate::signature::rules::AppliedRule;
use crate::signature::{Status, Strength};

/// The facts that tell a person what it is: name, version, who made it.
pub(super) fn headline(fields: &BTreeMap<Field, Value>) -> String {
    let text = |field: &Field| fields.get(field).map(Value::joined);
    let mut line = [Field::DisplayName, Field::Name, Field::FileDescription, Field::Identifier, Field::Path]
        .iter()
        .find_map(text)
        .unwrap_or_default();
    if let (Some(shown), Some(name)) = (text(&Field::DisplayName), text(&Field::Name))
        && shown != name
    {
        line = format!("{shown} ({name})");
    }
    if let Some(version) = text(&Field::Version) {
        line = format!("{line} {version}");
    }
    let makers =
        [Field::Publisher, Field::Vendor, Field::Maintainer, Field::Author, Field::Company, Field::Signer];
    if let Some(maker) = makers.iter().find_map(text) {
        line = format!("{line}, {maker}");
    }
    let extra = [Field::Status, Field::Program, Field::Cmdline].iter().find_map(text);
    if let Some(extra) = extra
        && extra.len() <= 200
    {
        line = format!("{line}; {extra}");
    }
    line
}

/// Whether a rule is in force, and since when.
pub(super) fn standing(rule: &AppliedRule) -> String {
    match (&rule.since, rule.days_in_force, rule.in_force) {
        (Some(since), Some(days), true) if rule.binding => {
            format!("in force since {since} ({})", plural_days(days))
        }
        (Some(since), Some(days), true) => {
            format!("a warning without legal force, given on {since} ({} ago)", plural_days(days))
        }
        (Some(since), _, false) => format!("was in force from {since}"),
        _ => match &rule.next {
            Some(next) => match rule.days_until_next {
                Some(days) => format!("not in force yet; next: {} (in {})", next.date, plural_days(days)),
                None => format!("not in force yet; next: {}", next.date),
            },
            None => "no effective date".to_owned(),
        },
    }
}

/// How many different places the gaps are at.
pub(super) fn places<'a>(gaps: impl IntoIterator<Item = &'a GapEntry>) -> usize {
    let mut places: Vec<&str> = gaps.into_iter().map(|gap| gap.place.as_str()).collect();
    places.sort_unstable();
    places.dedup();
    places.len()
}

/// A count with its noun.
pub(super) fn plural(count: usize, noun: &str) -> String {
    match count {
        1 => format!("1 {noun}"),
        count => format!("{count} {noun}s"),
    }
}

/// A count with its noun and verb.
pub(super) fn were(count: usize, noun: &str) -> String {
    format!("{} {}", plural(count, noun), if count == 1 { "was" } else { "were" })
}

fn plural_days(days: i32) -> String {
    plural(usize::try_from(days).unwrap_or(0), "day")
}

/// A time for people.
pub(super) fn duration(ms: u64) -> String {
    match ms {
        ms if ms < 1_000 => format!("{ms} ms"),
        ms if ms < 120_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        ms => format!("{} min {} s", ms / 60_000, ms % 60_000 / 1_000),
    }
}

/// What a finding is, in a few words: `banned`, `banned, excepted`.
pub(super) fn status_of(finding: &Finding) -> String {
    let status = match (finding.status, finding.in_force) {
        (Status::Banned, false) => "listed, no rule in force",
        (status, _) => status.word(),
    };
    format!("{status}{}", held_back(finding))
}

/// The same with its state: `banned, running`.
pub(super) fn standing_of(finding: &Finding) -> String {
    let status = match (finding.status, finding.in_force) {
        (Status::Banned, false) => "listed, no rule in force",
        (status, _) => status.word(),
    };
    format!("{status}, {}{}", finding.state.word(), held_back(finding))
}

/// The version of the strongest evidence that has one.
pub(super) fn version(finding: &Finding) -> Option<String> {
    let strongest = |conclusive: bool| {
        finding
            .evidence
            .iter()
            .filter(|evidence| (evidence.strength == Strength::Conclusive) == conclusive)
            .find_map(|evidence| evidence.fields.get(&Field::Version))
            .map(Value::joined)
    };
    strongest(true).or_else(|| strongest(false)).filter(|version| version.width() <= 30)
}

/// A state in the words of people.
pub(super) fn state(state: State) -> &'static str {
    match state {
        State::Installer => "setup file",
        State::Remnant => "leftover",
        State::DeletedInLaterLayer => "deleted in a later layer",
        other => other.word(),
    }
}

/// Why a banned product does not count.
fn held_back(finding: &Finding) -> String {
    if finding.confidence == Confidence::Possible {
        return ", possible trace".to_owned();
    }
    let excepted = if finding.exception.is_some() { ", excepted" } else { "" };
    let known = if finding.in_baseline { ", in the baseline" } else { "" };
    format!("{excepted}{known}")
}

/// An exception in a sentence.
pub(super) fn exception(exception: &Exception) -> String {
    let until = exception.expires.as_ref().map(|day| format!(" until {day}")).unwrap_or_default();
    let why = exception.justification.as_ref().map(|why| format!(", {why}")).unwrap_or_default();
    let status = exception.status.word();
    format!("Exception {} of {}{until} ({status}{why}): {}", exception.id, exception.owner, exception.reason)
}

/// The layer of an image that something came with, in words.
pub(super) fn layer(layer: &Layer) -> String {
    let mut text = format!("layer {}", layer.index);
    // Archives of `docker save` name layers by what they hold only.
    if let Some(digest) = [&layer.digest, &layer.diff_id].into_iter().find(|digest| !digest.is_empty()) {
        text.push_str(&format!(" ({digest})"));
    }
    if let Some(command) = &layer.created_by {
        text.push_str(&format!(", created by {command}"));
    }
    if let Some(later) = layer.removed_in {
        text.push_str(&format!(", removed in layer {later}"));
    }
    text
}

/// A layer in a line: its digest as engines shorten it.
pub(super) fn brief_layer(layer: &Layer) -> String {
    let cut = |digest: &str| brief_digest(digest);
    self::layer(&Layer { digest: cut(&layer.digest), diff_id: cut(&layer.diff_id), ..layer.clone() })
}

/// A digest as engines shorten it, so that it stands in a line: `sha256:` and twelve digits.
pub(super) fn brief_digest(digest: &str) -> String {
    match digest.split_once(':') {
        Some((kind, hex)) => format!("{kind}:{}", hex.get(..12).unwrap_or(hex)),
        None => digest.to_owned(),
    }
}

/// The names of an image, its digest last.
pub(super) fn image(image: &ImageName) -> String {
    let names = image.references.iter().chain([&image.digest]);
    names.map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// The verdict as a heading.
pub(super) fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Found => "FOUND",
        Verdict::NotFound => "NOT FOUND",
        Verdict::Incomplete => "INCOMPLETE",
        Verdict::FilesChecked => "FILES CHECKED",
    }
}

/// A time of a report (RFC 3339, UTC) for people.
pub(super) fn time(time: &str) -> String {
    time.replacen('T', " ", 1).replace('Z', " UTC")
}

/// Every rule that the findings name, once, in their order.
pub(super) fn rules<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Vec<&'a AppliedRule> {
    let mut rules: Vec<&AppliedRule> = Vec::new();
    let banned = findings.into_iter().filter(|finding| finding.status == Status::Banned);
    for rule in banned.flat_map(|finding| &finding.rules) {
        if !rules.iter().any(|known| known.id == rule.id) {
            rules.push(rule);
        }
    }
    rules
}

/// Gaps with one entry per place, kind and detail, and who asked for it.
pub(super) fn gaps(gaps: &[GapEntry]) -> BTreeMap<(&str, GapKind, &str), Vec<&str>> {
    let mut places: BTreeMap<(&str, GapKind, &str), Vec<&str>> = BTreeMap::new();
    for gap in gaps {
        let asked = places.entry((&gap.place, gap.kind, &gap.detail)).or_default();
        for collector in gap.collectors() {
            if !asked.contains(&collector) {
                asked.push(collector);
            }
        }
    }
    places
}

/// The signature files in a few words: those that bind or are not built in by name, and whether they are signed.
pub(super) fn signatures(report: &ScanReport) -> String {
    let is_named = |set: &&SignatureVersion| {
        let further = report.checked.vendors.iter().find(|vendor| vendor.id == set.vendor);
        set.origin != "built in" || further.is_none_or(|vendor| vendor.binds)
    };
    let (named, rest): (Vec<&SignatureVersion>, Vec<&SignatureVersion>) =
        report.versions.signatures.iter().partition(is_named);
    let mut sets: Vec<String> = named.into_iter().map(one_signature).collect();
    if !rest.is_empty() {
        sets.push(format!("{} more built in", rest.len()));
    }
    sets.join(", ")
}

fn one_signature(set: &SignatureVersion) -> String {
    let SignatureVersion { vendor, version, .. } = set;
    match &set.signed_by {
        _ if set.origin == "built in" => format!("{vendor} {version}"),
        Some(key) => format!("{vendor} {version} (signed by {key})"),
        None => format!("{vendor} {version} (unsigned)"),
    }
}
