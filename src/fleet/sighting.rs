//! What one report says of a host, and how far that can be trusted: its clock, its identity.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::documents::MAX_BYTES;
use super::{DAY, Duty, Host, Late, Product, Run, Said, Sighting, Time, Trust, due};
use crate::finding::Finding;
use crate::finding::clocks::Deadline;
use crate::model::{GapKind, Grade, Skipped, State, TargetKind};
use crate::report::read::{check_version, read};
use crate::report::{ScanReport, TargetInfo, Verdict};
use crate::signature::Status;

/// Clocks of hosts may be ahead this many seconds.
const TOLERANCE: Time = 300;
/// A clock that is wrong by more than this leaves open when a report was made.
const WRONG: Time = DAY;
/// A clock that is behind by more than this was reset: when the report was made is open.
const RESET: Time = 120 * DAY;
/// No debar is older (2025-01-01): a clock that says so is wrong.
const FIRST_DEBAR: Time = 1_735_689_600;
/// Domains that systems have which are in none.
const NO_DOMAIN: &[&str] = &["", "localdomain", "local", "lan", "home", "workgroup", "internal", "(none)"];

/// What the bytes of one file tell; `arrived` is the latest that it can have been made, in milliseconds.
pub(super) fn sightings(bytes: &[u8], arrived: Time) -> Result<Vec<Sighting>, String> {
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("a report may have at most {MAX_BYTES} bytes"));
    }
    if let Some(sighting) = single(bytes, arrived) {
        return Ok(vec![sighting?]);
    }
    let digest = Sha256::digest(bytes);
    let reports = read(bytes).map_err(|error| error.to_string())?;
    let briefs = reports.into_iter().map(Brief::from).enumerate();
    briefs.map(|(at, brief)| sighting(brief, &digest, at, arrived)).collect()
}

/// What the bytes of one report as JSON tell; `None` when they are anything else. Most files are that: nothing is parsed
/// twice.
pub(super) fn single(bytes: &[u8], arrived: Time) -> Option<Result<Sighting, String>> {
    let brief = serde_json::from_slice::<Brief>(bytes).ok()?;
    let version = check_version(Some(&brief.schema_version)).map_err(|error| error.to_string());
    Some(version.and_then(|()| sighting(brief, &Sha256::digest(bytes), 0, arrived)))
}

/// Products and places kept of a report beside its findings.
const LISTED: usize = 64;

/// What a fleet needs of a report.
#[derive(Deserialize)]
struct Brief {
    schema_version: String,
    verdict: Verdict,
    target: TargetInfo,
    /// Of what was matched in place of a target.
    #[serde(default)]
    document: Option<serde::de::IgnoredAny>,
    findings: Vec<BriefFinding>,
    #[serde(default)]
    also_here: Vec<BriefFinding>,
    #[serde(default)]
    possible: Vec<BriefFinding>,
    #[serde(default)]
    skipped: Vec<Skipped>,
    #[serde(default)]
    duties: Vec<Deadline>,
    gaps: Vec<BriefGap>,
    versions: BriefVersions,
    finished: String,
}

#[derive(Deserialize)]
struct BriefFinding {
    product: crate::finding::ProductName,
    status: Status,
    state: State,
    in_force: bool,
    #[serde(default = "yes")]
    binds: bool,
    #[serde(default)]
    rules: Vec<BriefRule>,
}

fn yes() -> bool {
    true
}

#[derive(Deserialize)]
struct BriefRule {
    id: String,
    in_force: bool,
}

#[derive(Deserialize)]
struct BriefGap {
    kind: GapKind,
}

#[derive(Deserialize)]
struct BriefVersions {
    debar: String,
    #[serde(default)]
    signatures: Vec<BriefSignature>,
}

#[derive(Deserialize)]
struct BriefSignature {
    date: String,
}

impl From<ScanReport> for Brief {
    fn from(report: ScanReport) -> Self {
        let brief = |finding: Finding| BriefFinding {
            product: finding.product,
            status: finding.status,
            state: finding.state,
            in_force: finding.in_force,
            binds: finding.binds,
            rules: finding
                .rules
                .into_iter()
                .map(|rule| BriefRule { id: rule.id, in_force: rule.in_force })
                .collect(),
        };
        let versions = Arc::unwrap_or_clone(report.versions);
        Brief {
            schema_version: report.schema_version,
            verdict: report.verdict,
            target: report.target,
            document: report.document.map(|_| serde::de::IgnoredAny),
            findings: report.findings.into_iter().map(brief).collect(),
            also_here: report.also_here.into_iter().map(brief).collect(),
            possible: report.possible.into_iter().map(brief).collect(),
            skipped: report.skipped,
            duties: report.duties,
            gaps: report.gaps.into_iter().map(|gap| BriefGap { kind: gap.kind }).collect(),
            versions: BriefVersions {
                debar: versions.debar,
                signatures: (versions.signatures.into_iter())
                    .map(|file| BriefSignature { date: file.date })
                    .collect(),
            },
            finished: report.finished,
        }
    }
}

/// When a report was made, how far its clock was off, and whether that is a guess.
fn time_of(brief: &Brief, arrived: Time) -> Result<(Time, Time, bool), String> {
    let finished: jiff::Timestamp = brief.finished.parse().map_err(|_| {
        format!(
            "its `finished` {:?} is no time with a zone: another tool wrote the time; send the file as debar wrote it",
            brief.finished
        )
    })?;
    let finished = finished.as_second();
    let ahead = finished - arrived;
    if ahead > TOLERANCE {
        return Ok((arrived, ahead, ahead > WRONG));
    }
    let day = |file: &BriefSignature| -> Option<Time> {
        let day: jiff::civil::Date = file.date.parse().ok()?;
        Some(jiff::tz::Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok()?.as_second())
    };
    // A report is not older than its signatures; a file of the user's own may be dated into the future.
    let signed = brief.versions.signatures.iter().filter_map(day).filter(|signed| *signed <= arrived);
    // But that of an inventory is: newer ones were matched with what was read then.
    let signed = if brief.document.is_some() { None } else { signed.max() };
    let behind = signed.unwrap_or(0).max(FIRST_DEBAR) - finished;
    match behind {
        _ if finished >= arrived => Ok((finished, 0, false)),
        // A dead battery sets a clock back by years; files of signatures may be dated some weeks ahead.
        RESET.. => Ok((arrived, -behind, true)),
        WRONG.. => Ok((finished, -behind, false)),
        _ => Ok((finished, 0, false)),
    }
}

/// Identifiers of the hardware, the strongest first.
fn hardware(target: &TargetInfo) -> Vec<String> {
    let serial = target.serial.as_deref().map(|serial| serial.trim().to_lowercase());
    let serial = serial.filter(|serial| !is_filler(serial)).map(|serial| format!("serial:{serial}"));
    serial
        .into_iter()
        .chain(target.hardware.iter().filter(|mark| mark.contains(':')).take(LISTED).cloned())
        .collect()
}

/// Whether an identifier is none: empty, or one character again and again.
fn is_filler(id: &str) -> bool {
    let mut characters = id.chars().filter(|character| *character != '-');
    let first = characters.next();
    characters.all(|character| Some(character) == first)
        || id == "to be filled by o.e.m."
        || id == "default string"
}

/// Whether a report's verdict is no better than its content.
///
/// # Errors
/// Says what contradicts what.
fn is_consistent(verdict: Verdict, found: bool, whole: bool) -> Result<(), String> {
    let earned = match (found, whole) {
        (true, _) => Verdict::Found,
        (false, true) => Verdict::NotFound,
        (false, false) => Verdict::Incomplete,
    };
    if verdict.rank() >= earned.rank() {
        return Ok(());
    }
    Err(format!(
        "it contradicts itself: its verdict is {} and its content says {}. It was changed; scan again",
        verdict.word(),
        earned.word()
    ))
}

fn product_of(finding: &BriefFinding) -> Product {
    Product {
        id: finding.product.id.clone(),
        name: finding.product.name.clone(),
        vendor: finding.product.vendor.clone(),
        rules: finding.rules.iter().filter(|rule| rule.in_force).map(|rule| rule.id.clone()).collect(),
    }
}

/// The digest of one of several reports of a file, which their places distinguish.
fn digest_at(file: &[u8], at: usize) -> [u8; 16] {
    let mut own = [0_u8; 16];
    let mut hash = Sha256::new();
    hash.update(file);
    hash.update(at.to_le_bytes());
    own.iter_mut().zip(hash.finalize()).for_each(|(to, from)| *to = from);
    own
}

/// The products of findings, each with one state.
fn states(findings: &[&BriefFinding]) -> Vec<(String, State)> {
    let mut products: Vec<(String, State)> =
        findings.iter().map(|finding| (finding.product.id.clone(), finding.state)).collect();
    products.sort();
    products.dedup_by(|later, kept| later.0 == kept.0);
    products
}

/// The first products of some findings.
fn ids(findings: &[BriefFinding]) -> Vec<String> {
    findings.iter().take(LISTED).map(|finding| finding.product.id.clone()).collect()
}

/// Whether a finding counts. An exception lets a scan pass; the product is there all the same.
fn counts(finding: &BriefFinding) -> bool {
    finding.status == Status::Banned && finding.in_force && finding.binds
}

/// The first places that were left out.
fn skipped(places: &[Skipped]) -> Vec<String> {
    let places = places.iter().filter(|place| !place.is_pseudo()).take(LISTED);
    places.map(|place| place.place.clone()).collect()
}

/// The kinds of gaps, each once.
fn kinds(brief: &Brief) -> Vec<String> {
    let kinds: BTreeSet<&str> = brief.gaps.iter().map(|gap| gap.kind.word()).collect();
    kinds.into_iter().map(str::to_owned).collect()
}

/// What a host is recognised by among others of its name.
struct Identity {
    hardware: Vec<String>,
    machine: Option<String>,
    domain: Option<String>,
    /// Whether its name is all that is known of it.
    nameless: bool,
}

fn identity(target: &TargetInfo) -> Identity {
    let hardware = hardware(target);
    let machine = target.machine_id.as_ref().map(|id| id.trim().to_lowercase()).filter(|id| !is_filler(id));
    let is_named = |domain: &String| !NO_DOMAIN.contains(&domain.trim().to_lowercase().as_str());
    let domain = target.domain.clone().filter(is_named);
    // The name of an image is what it is; a host's name alone may be that of another host.
    let nameless = machine.is_none() && domain.is_none() && target.kind != TargetKind::Image;
    let nameless = nameless && hardware.iter().all(|mark| mark.starts_with("mac:"));
    Identity { hardware, machine, domain, nameless }
}

fn sighting(brief: Brief, digest: &[u8], at: usize, arrived: Time) -> Result<Sighting, String> {
    if brief.target.kind == TargetKind::Sbom {
        return Err("it is about a bill of materials, which is no host".to_owned());
    }
    let (time, ahead, guessed) = time_of(&brief, arrived / 1_000)?;
    if brief.target.host.trim().is_empty() {
        return Err("it names no host; send the file as debar wrote it".to_owned());
    }
    let counted: Vec<&BriefFinding> = brief.findings.iter().filter(|finding| counts(finding)).collect();
    let whole = !brief.gaps.iter().any(|gap| gap.kind.grade() == Grade::Blind);
    is_consistent(brief.verdict, !counted.is_empty(), whole)?;
    let products = states(&counted);
    let known = counted.iter().map(|finding| product_of(finding)).collect();
    let gaps = kinds(&brief);
    // A folder without an operating system says nothing of the host's packages and services.
    let whole = whole && brief.verdict != Verdict::FilesChecked;
    let mut duties = Vec::new();
    due::unite(&mut duties, &brief.duties.into_iter().map(Duty::from).collect::<Vec<_>>());
    let target = brief.target;
    let Identity { hardware, machine, domain, nameless } = identity(&target);
    let unsure = guessed || nameless;
    let said = Said { verdict: brief.verdict, whole, products, unsure, trust: Trust::default() };
    let when = if guessed { arrived } else { time };
    let run = vec![Run { from: when, to: when, steps: String::new(), said }];
    let is_late = !guessed && !nameless && arrived / 1_000 - time > TOLERANCE;
    let late = is_late.then_some(Late { made: time, arrived, trust: Trust::default() });
    let (also_here, possible) = (ids(&brief.also_here), ids(&brief.possible));
    let skipped = skipped(&brief.skipped);
    let (runs, misdated) = if guessed { (Vec::new(), run) } else { (run, Vec::new()) };
    let dates = brief.versions.signatures.iter().map(|file| file.date.as_str());
    let os = Some(&target.os.name).filter(|name| !name.is_empty()).unwrap_or(&target.os.id).clone();
    let mut host = Host {
        name: target.host,
        machine,
        domain,
        hardware,
        os,
        debar: brief.versions.debar,
        newest_signatures: dates.clone().max().unwrap_or_default().to_owned(),
        signatures: dates.min().unwrap_or_default().to_owned(),
        gaps,
        also_here,
        possible,
        skipped,
        ahead,
        trust: Trust::default(),
        reports: 1,
        runs,
        misdated,
        late: late.into_iter().collect(),
        duties,
        adrift: None,
    };
    if guessed {
        host.adrift = Some((arrived, Box::new(host.bare())));
    }
    Ok(Sighting { digest: digest_at(digest, at), time, arrived, host, products: known })
}
