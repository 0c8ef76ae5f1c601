//! Inventories of debar, `json` and `ndjson`.

use serde::Deserialize;

use super::listing::{Recorded, counts, not_recorded};
use crate::model::{Artifact, CollectorId, Coverage, Outcome, Skipped};
use crate::report::read::{ReadError, check_version, each_line, parse, refused};
use crate::report::{ArtifactEntry, DocumentInfo, GapEntry, InventoryReport, TargetInfo, Versions};

#[derive(Deserialize)]
struct Several {
    reports: Vec<InventoryReport>,
}

/// Reads one inventory or several.
pub(super) fn read(bytes: &[u8], name: &str) -> Result<Vec<Recorded>, ReadError> {
    #[derive(Deserialize)]
    struct Head {
        schema_version: Option<String>,
        reports: Option<serde::de::IgnoredAny>,
    }
    let head: Head = parse(bytes, 1, None)?;
    check_version(head.schema_version.as_deref())?;
    let version = head.schema_version.as_deref();
    let inventories = match head.reports {
        Some(_) => parse::<Several>(bytes, 1, version)?.reports,
        None => vec![parse::<InventoryReport>(bytes, 1, version)?],
    };
    if inventories.is_empty() {
        return Err(refused("it holds no inventory"));
    }
    inventories.into_iter().map(|inventory| recorded(inventory, name)).collect()
}

/// The last line of a target in NDJSON.
#[derive(Deserialize)]
struct Summary {
    schema_version: String,
    target_info: TargetInfo,
    artifacts: usize,
    gaps: usize,
    versions: Versions,
    started: String,
    finished: String,
    duration_ms: u64,
}

#[derive(Default)]
struct Parts {
    artifacts: Vec<ArtifactEntry>,
    gaps: Vec<GapEntry>,
    coverage: Vec<Coverage>,
    skipped: Vec<Skipped>,
}

/// Reads NDJSON.
pub(super) fn read_lines(bytes: &[u8], name: &str) -> Result<Vec<Recorded>, ReadError> {
    let mut inventories = Vec::new();
    let mut parts = Parts::default();
    each_line(bytes, "inventory", |line| {
        match line.kind.as_str() {
            "artifact" => parts.artifacts.push(line.parse()?),
            "gap" => parts.gaps.push(line.parse()?),
            "coverage" => parts.coverage.push(line.parse()?),
            "skipped" => parts.skipped.push(line.parse()?),
            "summary" => inventories.push(recorded(whole(std::mem::take(&mut parts), line.parse()?)?, name)?),
            "finding" | "also_here" | "possible" => {
                return Err(refused(
                    "it is the report of a scan, which keeps only what matched. Name an inventory, as `debar inventory -o ndjson=FILE` \
                     writes it",
                ));
            }
            // A later minor version may have more kinds of lines.
            _ => {}
        }
        Ok(())
    })?;
    if inventories.is_empty() {
        return Err(refused(
            "its last `summary` line is missing: the inventory is not whole. Get a whole one",
        ));
    }
    Ok(inventories)
}

fn whole(parts: Parts, summary: Summary) -> Result<InventoryReport, ReadError> {
    if summary.artifacts != parts.artifacts.len() || summary.gaps != parts.gaps.len() {
        return Err(refused(format!(
            "its `summary` counts {} artifacts and {} gaps, and {} and {} are there: lines are missing. Get a whole inventory",
            summary.artifacts,
            summary.gaps,
            parts.artifacts.len(),
            parts.gaps.len()
        )));
    }
    Ok(InventoryReport {
        schema_version: summary.schema_version,
        target: summary.target_info,
        artifacts: parts.artifacts,
        gaps: parts.gaps,
        coverage: parts.coverage,
        skipped: parts.skipped,
        versions: summary.versions,
        started: summary.started,
        finished: summary.finished,
        duration_ms: summary.duration_ms,
    })
}

fn recorded(inventory: InventoryReport, name: &str) -> Result<Recorded, ReadError> {
    check_version(Some(&inventory.schema_version))?;
    let InventoryReport {
        target,
        artifacts: entries,
        mut gaps,
        coverage,
        skipped,
        versions,
        started,
        finished,
        ..
    } = inventory;
    let mut artifacts = Vec::with_capacity(entries.len());
    let mut unknown = std::collections::BTreeMap::<String, usize>::new();
    for entry in entries {
        match CollectorId::of(&entry.collector) {
            Some(id) => {
                let ArtifactEntry { state, fields, location, .. } = entry;
                let mut artifact = Artifact { collector: id.name(), state, fields, location };
                artifact.redact();
                artifacts.push(artifact);
            }
            None => *unknown.entry(entry.collector).or_default() += 1,
        }
    }
    // The kind decides, not the file.
    gaps.iter_mut().for_each(|gap| {
        gap.grade = gap.kind.grade();
        gap.exception = None;
    });
    gaps.extend(unknown.into_iter().map(|(collector, count)| {
        let detail =
            format!("this debar does not know the source of {count} artifacts: match it with a newer one");
        not_recorded(&collector, name, detail)
    }));
    gaps.extend(uncovered(&coverage, &artifacts, name));
    Ok(Recorded {
        document: DocumentInfo {
            format: "inventory".to_owned(),
            name: name.to_owned(),
            made: finished.clone(),
            tool: format!("debar {}", versions.debar),
        },
        target,
        artifacts,
        gaps,
        coverage,
        skipped,
        started,
        finished,
    })
}

/// What the inventory does not cover: sources that were left out, that its debar did not have yet, or whose artifacts were
/// taken out of it.
fn uncovered(coverage: &[Coverage], artifacts: &[Artifact], name: &str) -> Vec<GapEntry> {
    let counts = counts(artifacts);
    let mut gaps = Vec::new();
    for collector in CollectorId::ALL.iter().map(|id| id.name()) {
        let listed = counts.get(collector).copied().unwrap_or_default();
        let why = match coverage.iter().find(|entry| entry.collector == collector) {
            None => "the debar that made the inventory had no such source".to_owned(),
            Some(entry) if entry.outcome == Outcome::LeftOut => {
                "the source was left out when the inventory was made".to_owned()
            }
            Some(entry) if entry.artifacts > listed => {
                format!("it counts {} artifacts and lists {listed}", entry.artifacts)
            }
            Some(_) => continue,
        };
        gaps.push(not_recorded(collector, name, why));
    }
    gaps
}
