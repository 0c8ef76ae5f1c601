//! Images: what later layers removed or replaced still ships, and what a package database says of a package may
//! be older than the layer that last wrote the database.
//!
//! The files that layers lost are checked like any others, before the image itself. An artifact that the image
//! has as well says in which layer it came; one that it has no more is `deleted-in-later-layer`.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::{Keep, Observed, Options, Progress, observe_files};
use crate::collector;
use crate::fs::Entry;
use crate::fs::walk::{Mask, Observer, Place, walk};
use crate::model::{Artifact, Field, Gap, Layer, State};
use crate::target::Target;

/// Makes the bytes ready that collectors will want behind links: a compressed layer keeps what lies at the paths
/// that they name, and a link may name another.
pub(super) fn fetch_behind_links(target: &Target) {
    for root in std::iter::once(&target.root).chain(&target.lost) {
        if !root.tree().is_partial() {
            continue;
        }
        let mut paths = BTreeSet::new();
        let mut places = Vec::new();
        let mut visits = Vec::new();
        for collector in
            collector::all().filter(|collector| collector.applies.reason_against(target).is_none())
        {
            for pattern in collector.reads.iter().filter(|pattern| !pattern.ends_with('/')) {
                paths
                    .extend(root.glob(pattern).into_iter().flatten().filter(|f| f.is_file()).map(|f| f.real));
            }
            // As many as a walk takes.
            if let Some(visit) = collector.visit.filter(|_| visits.len() < Mask::BITS as usize) {
                let mask = 1 << visits.len();
                visits.push(visit);
                let patterns = if target.deep { &[""] } else { collector.walks };
                let found = patterns.iter().flat_map(|pattern| root.glob(pattern)).flatten();
                places.extend(found.map(|found| Place { found, mask }));
            }
        }
        let wants = |entry: &Entry<'_>, mask: Mask| {
            visits.iter().enumerate().any(|(bit, visit)| mask & (1 << bit) != 0 && (visit.wants)(entry))
        };
        let walked = Mutex::new(&mut paths);
        let observer = Observer {
            wants: &wants,
            file: &|entry, mask| {
                if wants(entry, mask)
                    && let Some(found) = entry.found()
                    && !root.tree().is_at_hand(&found.real)
                {
                    walked.lock().unwrap_or_else(PoisonError::into_inner).insert(found.real.clone());
                }
            },
            fault: &|_, _| {},
            seen: &AtomicU64::new(0),
        };
        walk(root, &places, &observer);
        root.tree().fetch(&paths);
    }
}

/// What is known of an artifact of a lost file.
struct Earlier {
    /// The lowest layer that had it.
    layer: Option<Layer>,
    /// The artifact, if it is kept.
    artifact: Option<Artifact>,
}

/// What the files that layers lost say, by what makes it the same in two states; and what of them could not be read.
fn observe_lost<T: Send + 'static>(
    target: &Arc<Target>,
    left: &dyn Fn() -> Options,
    keep: &Arc<impl Keep<T>>,
) -> (HashMap<u64, Earlier>, Vec<Gap>) {
    let mut earlier: HashMap<u64, Earlier> = HashMap::new();
    let mut gaps = Vec::new();
    for root in &target.lost {
        let state = Arc::new(target.earlier(root));
        let keep = Arc::clone(keep);
        let observed = observe_files(&state, &left(), &Arc::default(), move |artifact: Artifact| {
            let kept = keep(artifact.clone()).is_some().then(|| artifact.clone());
            Some((key(&artifact), artifact.location.layer, kept))
        });
        gaps.extend(observed.gaps);
        for (key, layer, artifact) in observed.kept {
            let entry = earlier.entry(key).or_insert(Earlier { layer: None, artifact });
            if let Some(layer) = layer
                && entry.layer.as_ref().is_none_or(|known| layer.index < known.index)
            {
                entry.layer = Some(layer);
            }
        }
    }
    (earlier, gaps)
}

/// What only earlier states of an image have, in an order that does not depend on threads.
fn deleted(earlier: HashMap<u64, Earlier>, present: &HashSet<u64>) -> Vec<Artifact> {
    let mut deleted: Vec<Artifact> = earlier
        .into_iter()
        .filter(|(key, _)| !present.contains(key))
        .filter_map(|(_, earlier)| {
            let mut artifact = earlier.artifact?;
            // What a folder without files in it was is seen in the image itself.
            artifact.location.layer.as_ref()?.removed_in?;
            artifact.state = State::DeletedInLaterLayer;
            Some(artifact)
        })
        .collect();
    deleted.sort_by(|a, b| (a.collector, &a.location, &a.fields).cmp(&(b.collector, &b.location, &b.fields)));
    deleted
}

/// Looks at an image and at what its layers lost.
pub(super) fn observe<T: Send + 'static>(
    target: &Arc<Target>,
    options: &Options,
    progress: &Arc<Progress>,
    keep: impl Keep<T>,
) -> Observed<T> {
    let deadline = options.timeout.and_then(|timeout| Instant::now().checked_add(timeout));
    let left = || Options {
        timeout: deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())),
        ..options.clone()
    };
    let keep = Arc::new(keep);
    let (earlier, gaps) = observe_lost(target, &left, &keep);
    let layers: Arc<HashMap<u64, Layer>> =
        Arc::new(earlier.iter().filter_map(|(key, earlier)| Some((*key, earlier.layer.clone()?))).collect());
    let present: Arc<Mutex<HashSet<u64>>> = Arc::default();
    let (seen, in_threads) = (Arc::clone(&present), Arc::clone(&keep));
    let mut observed = observe_files(target, &left(), progress, move |mut artifact: Artifact| {
        let key = key(&artifact);
        if let Some(earlier) = layers.get(&key) {
            seen.lock().unwrap_or_else(PoisonError::into_inner).insert(key);
            if let Some(layer) = artifact.location.layer.as_mut().filter(|layer| earlier.index < layer.index)
            {
                *layer = Layer { removed_in: None, ..earlier.clone() };
            }
        }
        in_threads(artifact)
    });
    let present = std::mem::take(&mut *present.lock().unwrap_or_else(PoisonError::into_inner));
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    for artifact in deleted(earlier, &present) {
        let collector = artifact.collector;
        if let Some(kept) = keep(artifact) {
            *counts.entry(collector).or_default() += 1;
            observed.kept.push(kept);
        }
    }
    for gap in gaps {
        if !observed.gaps.contains(&gap) {
            if let Some(coverage) = observed.coverage.iter_mut().find(|c| c.collector == gap.collector) {
                coverage.gaps += 1;
            }
            observed.gaps.push(gap);
        }
    }
    for coverage in &mut observed.coverage {
        coverage.artifacts += counts.get(coverage.collector.as_str()).copied().unwrap_or(0);
    }
    observed
}

/// What makes an artifact the same in two states of an image.
fn key(artifact: &Artifact) -> u64 {
    const FIELDS: &[Field] = &[
        Field::Name,
        Field::Version,
        Field::Release,
        Field::Epoch,
        Field::Arch,
        Field::Identifier,
        Field::Path,
        Field::Key,
        Field::Serial,
    ];
    let mut hasher = DefaultHasher::new();
    artifact.collector.hash(&mut hasher);
    artifact.location.path.hash(&mut hasher);
    artifact.location.registry_key.hash(&mut hasher);
    for field in FIELDS {
        artifact.text(*field).hash(&mut hasher);
    }
    // A package that was removed but not purged is not the package that was installed, by its own record. In other
    // sources that depends on files beside, which an earlier state may lack.
    const BY_RECORD: &[&str] = &["deb_packages", "opkg_packages"];
    (artifact.state == State::Remnant && BY_RECORD.contains(&artifact.collector)).hash(&mut hasher);
    hasher.finish()
}
