//! All layers of an image, read at once, with their digests.

use std::io;
use std::sync::{Arc, PoisonError};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::bodies::{Blob, Sequential};
use super::{ImageOptions, LayerIndex, LayerKind, digest_text, gap};
use crate::coverage::{Gap, GapKind};
use crate::format::ReadAt;

/// One layer on its way.
pub(super) struct Stored {
    pub(super) blob: Blob,
    /// What its digest must be; empty where nothing says so.
    pub(super) digest: String,
    /// Its size, and whether it is compressed.
    pub(super) size: u64,
    pub(super) is_compressed: bool,
}

enum Work {
    Read(usize),
    Verify(usize),
}

enum Done {
    Index(usize, Arc<LayerIndex>),
    Verified(usize, io::Result<String>),
}

/// Reads all layers at once, the largest first, and verifies digests of compressed ones beside.
pub(super) fn read_layers(
    blobs: &[Stored],
    kind: LayerKind,
    options: &ImageOptions,
    gaps: &mut Vec<Gap>,
) -> Vec<Arc<LayerIndex>> {
    let seen = |digest: &str| {
        options
            .seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&(digest.to_owned(), kind))
            .filter(|_| !digest.is_empty())
            .cloned()
    };
    let mut indexes: Vec<Option<Arc<LayerIndex>>> = blobs.iter().map(|blob| seen(&blob.digest)).collect();
    let mut work: Vec<(u64, Work)> = Vec::new();
    for (at, blob) in blobs.iter().enumerate() {
        if indexes.get(at).is_none_or(Option::is_some) || matches!(blob.blob, Blob::Missing) {
            continue;
        }
        work.push((blob.size, Work::Read(at)));
        // An uncompressed layer is read in place, most of it never: hashing it would cost more than the scan.
        if !blob.digest.is_empty() && blob.is_compressed {
            work.push((blob.size / 8, Work::Verify(at)));
        }
    }
    work.sort_by_key(|(size, _)| std::cmp::Reverse(*size));
    let done: Vec<Done> = work
        .into_par_iter()
        .with_max_len(1)
        .filter_map(|(_, work)| {
            let (Work::Read(at) | Work::Verify(at)) = work;
            let bytes = match blobs.get(at)?.blob.open() {
                Ok(bytes) => bytes,
                Err(error) => return Some(Done::Verified(at, Err(error))),
            };
            Some(match work {
                Work::Read(at) => Done::Index(
                    at,
                    Arc::new(LayerIndex::read(&bytes, kind, options.interest.as_ref(), &options.budget)),
                ),
                Work::Verify(at) => Done::Verified(at, sha256(&bytes)),
            })
        })
        .collect();
    let mut verified = Vec::new();
    for done in done {
        match done {
            Done::Index(at, index) => {
                if let Some(slot) = indexes.get_mut(at) {
                    *slot = Some(index);
                }
            }
            Done::Verified(at, digest) => verified.push((at, digest)),
        }
    }
    for (at, digest) in verified {
        let Some(blob) = blobs.get(at) else { continue };
        match digest {
            Ok(digest) if digest == blob.digest => {
                if let Some(index) = indexes.get(at).cloned().flatten() {
                    let mut seen = options.seen.lock().unwrap_or_else(PoisonError::into_inner);
                    seen.insert((digest, kind), index);
                }
            }
            Ok(digest) => {
                let detail = format!(
                    "the digest of its bytes is {digest}: it is not the layer that the manifest names"
                );
                gaps.push(gap(GapKind::Corrupt, format!("layer {}", blob.digest), detail));
            }
            Err(error) => {
                gaps.push(gap(GapKind::Unreadable, format!("layer {}", blob.digest), error.to_string()))
            }
        }
    }
    indexes.into_iter().map(Option::unwrap_or_default).collect()
}

/// The SHA-256 digest of some bytes, as images write it.
fn sha256(bytes: &Arc<dyn ReadAt>) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut stream = Sequential { bytes: Arc::clone(bytes), at: 0 };
    let mut buf = vec![0; 256 << 10];
    loop {
        match io::Read::read(&mut stream, &mut buf) {
            Ok(0) => break,
            Ok(count) => hash.update(buf.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(digest_text(&hash.finalize()))
}
