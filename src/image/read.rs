//! All layers of an image, read at once, with their digests.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use rayon::prelude::*;
use sha2::{Digest, Sha256, Sha512};

use super::bodies::{Blob, Sequential};
use super::{ImageOptions, LayerIndex, LayerKind, digest_text, gap};
use crate::bytes::ReadAt;
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
    /// The index, and the digest of the archive in a compressed layer if it was asked for.
    Index(usize, Arc<LayerIndex>, Option<String>),
    /// The digest of the bytes as stored.
    Digest(usize, io::Result<String>),
}

/// The layers of one archive or layout by where they lie: its images share them, and an image may name one twice.
#[derive(Default)]
pub(super) struct ByPath(BTreeMap<(String, String, LayerKind), Arc<LayerIndex>>);

impl ByPath {
    fn key(stored: &Stored, kind: LayerKind) -> Option<(String, String, LayerKind)> {
        match &stored.blob {
            // Another digest of the same bytes is wrong, which must come out.
            Blob::At(_, path) => Some((path.clone(), format!("{} {}", stored.digest, stored.diff_id), kind)),
            _ => None,
        }
    }

    /// Forgets layers when they have become many; they are read again if they come again.
    pub(super) fn forget_if_many(&mut self) {
        const MANY: usize = 200_000;
        if self.0.values().map(|layer| layer.members.len()).sum::<usize>() > MANY {
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
    let keys: Vec<_> = blobs.iter().map(|blob| ByPath::key(blob, kind)).collect();
    let known = |(blob, key): (&Stored, &Option<_>)| {
        options.known(&blob.digest, kind).or_else(|| by_path.0.get(key.as_ref()?).cloned())
    };
    let mut indexes: Vec<Option<Arc<LayerIndex>>> = blobs.iter().zip(&keys).map(known).collect();
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
        }
    }
    work.sort_by_key(|(size, _)| std::cmp::Reverse(*size));
    // One after the other from the front: splitting the list in halves, as rayon does, would begin in its middle.
    let done: Vec<Done> = work
        .into_iter()
        .par_bridge()
        .filter_map(|(_, work)| {
            let (Work::Read(at) | Work::Verify(at)) = work;
            let blob = blobs.get(at)?;
            let bytes = match blob.blob.open() {
                Ok(bytes) => bytes,
                Err(error) => return Some(Done::Digest(at, Err(error))),
            };
            Some(match work {
                Work::Read(at) => {
                    let hash =
                        (options.verify_layers && blob.diff_id.starts_with("sha256:")).then(Sha256::new);
                    let (index, hash) = LayerIndex::read_hashed(
                        &bytes,
                        kind,
                        options.interest.as_ref(),
                        &options.budget,
                        hash,
                    );
                    Done::Index(at, Arc::new(index), hash.map(|hash| digest_text("sha256", &hash.finalize())))
                }
                Work::Verify(at) => Done::Digest(at, digest(&bytes, blob.expected())),
            })
        })
        .collect();
    let mut wrong = vec![false; blobs.len()];
    let mut is_wrong = |at: usize, detail: String, kind: GapKind| {
        let Some(blob) = blobs.get(at) else { return };
        gaps.push(gap(kind, blob.place(at), detail));
        wrong.get_mut(at).into_iter().for_each(|wrong| *wrong = true);
    };
    let mut verified = Vec::new();
    for done in done {
        match done {
            Done::Index(at, index, archive) => {
                let expected = blobs.get(at).map(|blob| blob.diff_id.as_str());
                if let Some(archive) = archive.filter(|archive| expected != Some(archive)) {
                    let detail = format!(
                        "the digest of the archive in it is {archive}: it is not the one that the config names"
                    );
                    is_wrong(at, detail, GapKind::Corrupt);
                }
                if let Some(slot) = indexes.get_mut(at) {
                    *slot = Some(index);
                }
            }
            Done::Digest(at, Ok(digest)) => {
                let Some(blob) = blobs.get(at) else { continue };
                if digest == blob.expected() {
                    verified.push((at, digest));
                } else {
                    let who = if blob.digest.is_empty() { "config" } else { "manifest" };
                    let detail = format!(
                        "the digest of its bytes is {digest}: it is not the layer that the {who} names"
                    );
                    is_wrong(at, detail, GapKind::Corrupt);
                }
            }
            Done::Digest(at, Err(error)) => is_wrong(at, error.to_string(), GapKind::Unreadable),
        }
    }
    for (at, digest) in verified.into_iter().filter(|(at, _)| wrong.get(*at) == Some(&false)) {
        if let Some(index) = indexes.get(at).cloned().flatten() {
            options.remember(&digest, kind, &index);
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

/// The digest of some bytes, by the algorithm that an expected digest names.
fn digest(bytes: &Arc<dyn ReadAt>, expected: &str) -> io::Result<String> {
    match expected.split_once(':').map_or("sha256", |(algorithm, _)| algorithm) {
        "sha256" => Ok(digest_text("sha256", &hash::<Sha256>(bytes)?)),
        "sha512" => Ok(digest_text("sha512", &hash::<Sha512>(bytes)?)),
        other => {
            let what = format!("its digest is of the kind {other}, which debar cannot verify");
            Err(io::Error::new(io::ErrorKind::Unsupported, what))
        }
    }
}

fn hash<D: Digest>(bytes: &Arc<dyn ReadAt>) -> io::Result<Vec<u8>> {
    let mut hash = D::new();
    let mut stream = Sequential { bytes: Arc::clone(bytes), at: 0 };
    let mut buf = vec![0; 256 << 10];
    loop {
        match io::Read::read(&mut stream, &mut buf) {
            Ok(0) => return Ok(hash.finalize().to_vec()),
            Ok(count) => hash.update(buf.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}
