//! All layers of an image, read at once, with their digests.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::bodies::{Blob, Budget};
use super::digest::{Hasher, Unverified, Verified, verify_stream};
use super::gaps::gap;
use super::layer::{LayerIndex, LayerKind};
use super::options::ImageOptions;
use crate::model::{Gap, GapKind};

/// One layer on its way.
pub(super) struct Stored {
    pub(super) blob: Blob,
    /// What its digest must be; empty where nothing says so.
    pub(super) digest: String,
    /// What the digest of its archive must be; empty where nothing says so.
    pub(super) diff_id: String,
    /// Its size, and whether it is compressed.
    pub(super) size: u64,
    pub(super) is_compressed: bool,
}

impl Stored {
    /// What the digest of its bytes must be; empty where nothing says so.
    fn expected(&self) -> &str {
        if self.digest.is_empty() && !self.is_compressed { &self.diff_id } else { &self.digest }
    }

    /// Whether it is read in place, most of it never, so that its digest is only compared when that is asked for.
    pub(super) fn is_in_place(&self) -> bool {
        !self.is_compressed && !matches!(self.blob, Blob::Missing)
    }

    /// What reports call it.
    fn place(&self, number: usize) -> String {
        match [&self.digest, &self.diff_id].into_iter().find(|digest| !digest.is_empty()) {
            Some(digest) => format!("layer {digest}"),
            None => format!("layer {number}"),
        }
    }
}

enum Work {
    Read(usize),
    Verify(usize),
}

enum Done {
    /// The index, and whether the archive in a compressed layer is the one that the config names, if that was asked.
    Index(usize, Arc<LayerIndex>, Option<Unverified>),
    /// Whether the bytes as stored are those that were named.
    Stored(usize, Result<Verified, Unverified>),
}

/// The layers of one archive or layout by where they lie: its images share them, and an image may name one twice.
#[derive(Default)]
pub(super) struct ByPath(BTreeMap<Key, Arc<LayerIndex>>);

/// Path, what its bytes are compared with, and kind.
type Key = (String, String, LayerKind);

impl ByPath {
    fn key(stored: &Stored, kind: LayerKind, options: &ImageOptions) -> Option<Key> {
        // Another digest of the same bytes is wrong, which must come out where digests are compared.
        let compared = match (stored.is_compressed, options.verify_layers) {
            (_, true) => format!("{} {}", stored.digest, stored.diff_id),
            (true, false) => stored.digest.clone(),
            (false, false) => String::new(),
        };
        match &stored.blob {
            Blob::At(_, path) => Some((path.clone(), compared, kind)),
            _ => None,
        }
    }

    /// Forgets layers when they have become many; they are read again if they come again.
    pub(super) fn forget_if_many(&mut self, budget: &Budget) {
        const MANY: usize = 200_000;
        if budget.is_scarce() || self.0.values().map(|layer| layer.members.len()).sum::<usize>() > MANY {
            self.0.clear();
        }
    }
}

/// Reads all layers at once, the largest first, and verifies their digests beside.
///
/// What a compressed layer's bytes must be is known from the manifest, and hashing them costs little beside decoding
/// them: it is always done. A layer that is not compressed is read in place, most of it never; hashing it would cost
/// more than the scan. What a compressed layer holds follows from its bytes. Both are done when they are asked for.
pub(super) fn read_layers(
    blobs: &[Stored],
    kind: LayerKind,
    options: &ImageOptions,
    by_path: &mut ByPath,
    gaps: &mut Vec<Gap>,
) -> Vec<Arc<LayerIndex>> {
    let keys: Vec<_> = blobs.iter().map(|blob| ByPath::key(blob, kind, options)).collect();
    let known = |(blob, key): (&Stored, &Option<_>)| {
        options.known(&blob.digest, kind).or_else(|| by_path.0.get(key.as_ref()?).cloned())
    };
    let mut indexes: Vec<Option<Arc<LayerIndex>>> = blobs.iter().zip(&keys).map(known).collect();
    let work = work(blobs, &keys, &indexes, options, gaps);
    // One after the other from the front: splitting the list in halves, as rayon does, would begin in its middle.
    let one = |work| {
        let (Work::Read(at) | Work::Verify(at)) = work;
        perform(&work, blobs.get(at)?, kind, options)
    };
    let done: Vec<Done> = match work.len() {
        // To wake other threads costs more than a small layer.
        0 | 1 => work.into_iter().filter_map(one).collect(),
        _ => work.into_iter().par_bridge().filter_map(one).collect(),
    };
    let verified = take_in(done, blobs, &mut indexes, gaps);
    for (at, proof) in verified {
        if let Some(index) = indexes.get(at).cloned().flatten() {
            options.remember(&proof, kind, &index);
        }
    }
    for (key, index) in keys.iter().zip(&indexes) {
        if let (Some(key), Some(index)) = (key, index) {
            by_path.0.entry(key.clone()).or_insert_with(|| Arc::clone(index));
        }
    }
    let indexes = indexes.into_iter().zip(&keys);
    let found = |key: &Option<_>| by_path.0.get(key.as_ref()?).cloned();
    indexes.map(|(index, key)| index.or_else(|| found(key)).unwrap_or_default()).collect()
}

/// What is to be done for the layers that are not known yet, the largest first.
fn work(
    blobs: &[Stored],
    keys: &[Option<Key>],
    indexes: &[Option<Arc<LayerIndex>>],
    options: &ImageOptions,
    gaps: &mut Vec<Gap>,
) -> Vec<Work> {
    let mut work: Vec<(u64, Work)> = Vec::new();
    let mut begun = BTreeSet::new();
    for (at, blob) in blobs.iter().enumerate() {
        let is_known = indexes.get(at).is_none_or(Option::is_some) || matches!(blob.blob, Blob::Missing);
        let key = keys.get(at).and_then(Option::as_ref);
        if is_known || key.is_some_and(|key| !begun.insert(key)) {
            continue;
        }
        work.push((blob.size, Work::Read(at)));
        if !blob.expected().is_empty() && (blob.is_compressed || options.verify_layers) {
            work.push((blob.size / 8, Work::Verify(at)));
        } else if !blob.expected().is_empty()
            && let Err(unverified) = Hasher::of(blob.expected())
        {
            gaps.push(gap(unverified.kind, blob.place(at), unverified.detail));
        }
    }
    work.sort_by_key(|(size, _)| std::cmp::Reverse(*size));
    work.into_iter().map(|(_, work)| work).collect()
}

/// Takes in what was done; gives the layers whose digest was compared, with nothing wrong about them.
fn take_in(
    done: Vec<Done>,
    blobs: &[Stored],
    indexes: &mut [Option<Arc<LayerIndex>>],
    gaps: &mut Vec<Gap>,
) -> Vec<(usize, Verified)> {
    let mut wrong = vec![false; blobs.len()];
    let mut is_wrong = |at: usize, unverified: Unverified| {
        let Some(blob) = blobs.get(at) else { return };
        gaps.push(gap(unverified.kind, blob.place(at), unverified.detail));
        wrong.get_mut(at).into_iter().for_each(|wrong| *wrong = true);
    };
    let mut verified = Vec::new();
    for done in done {
        match done {
            Done::Index(at, index, unverified) => {
                if let Some(unverified) = unverified {
                    let detail = format!(
                        "the archive in it is not the one that the config names: {}",
                        unverified.detail
                    );
                    is_wrong(at, Unverified { detail, ..unverified });
                }
                if let Some(slot) = indexes.get_mut(at) {
                    *slot = Some(index);
                }
            }
            Done::Stored(at, Ok(proof)) => verified.push((at, proof)),
            Done::Stored(at, Err(unverified)) if unverified.kind == GapKind::Corrupt => {
                let is_named = blobs.get(at).is_some_and(|blob| !blob.digest.is_empty());
                let by = if is_named { "manifest" } else { "config" };
                let detail = format!("it is not the layer that the {by} names: {}", unverified.detail);
                is_wrong(at, Unverified { detail, ..unverified });
            }
            Done::Stored(at, Err(unverified)) => is_wrong(at, unverified),
        }
    }
    verified.retain(|(at, _)| wrong.get(*at) == Some(&false));
    verified
}

/// Reads or verifies one layer.
fn perform(work: &Work, stored: &Stored, kind: LayerKind, options: &ImageOptions) -> Option<Done> {
    let (Work::Read(at) | Work::Verify(at)) = *work;
    let bytes = match stored.blob.open() {
        Ok(bytes) => bytes,
        Err(error) => {
            let unverified = Unverified { kind: GapKind::Unreadable, detail: error.to_string() };
            return Some(Done::Stored(at, Err(unverified)));
        }
    };
    if let Work::Verify(_) = work {
        return Some(Done::Stored(at, verify_stream(stored.expected(), &bytes)));
    }
    let (interest, budget) = (options.interest.as_ref(), &options.budget);
    let asked = options.verify_layers && !stored.diff_id.is_empty();
    let hasher = asked.then(|| Hasher::of(&stored.diff_id)).transpose();
    let (hasher, unverified) = match hasher {
        Ok(hasher) => (hasher, None),
        Err(unverified) => (None, Some(unverified)),
    };
    let (index, hasher) = LayerIndex::read_hashed(&bytes, kind, interest, budget, hasher);
    let unverified = unverified.or_else(|| hasher?.verify(&stored.diff_id).err());
    Some(Done::Index(at, Arc::new(index), unverified))
}
