//! Container images as targets: one pass per layer, a pure merge, and the result is one more
//! [`Tree`](crate::fs::tree::Tree).
//!
//! An archive is itself read as the tree of its members, so that `docker save` archives, OCI archives and OCI
//! folders are all a [`Root`] in which blobs are found by path. Sources: the OCI image specification 1.1, the Docker
//! image specification 1.2.

mod archive;
mod bodies;
mod body;
mod cache;
mod cache_folder;
mod cached_layer;
mod digest;
#[cfg(feature = "distribution")]
mod distribution;
mod fuzz;
mod go_json;
mod indexer;
mod layer;
mod layout;
mod lost;
mod manifest;
mod merge;
mod platform;
mod read;
mod sieve;
mod store;
#[cfg(test)]
mod tests;
mod tree;
mod windows;

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

pub use archive::{Images, Layout, Wanted, open_file, open_folder, open_stdin};
pub use bodies::Budget;
pub use cache::Cache;
pub use cache_folder::make as make_cache_folder;
#[cfg(feature = "distribution")]
pub use distribution::{Access, open_registry};
pub use fuzz::merge_all;
pub use layer::{Asked, Interest, LayerIndex, LayerKind};
pub use manifest::{Config, Descriptor, History, Manifest, RunConfig};
pub use platform::Platform;
pub use store::{Store, StoreKind, stores};
pub use tree::ImageTree;

use self::bodies::{Blob, SpoolError};
use self::digest::Verified;
use self::layout::Chosen;
use self::merge::{Rules, merge};
use self::read::{ByPath, Stored, read_layers};
use self::tree::{Hives, Shared};
use crate::format::container::decompress::Compression;
use crate::format::container::tar;
use crate::fs::root::Root;
use crate::model::{Gap, GapKind, Layer};

/// The collector that gaps of reading an image are booked on.
pub const COLLECTOR: &str = "image";
/// How many versions of one path, replaced by later layers, are checked.
const MAX_VERSIONS: usize = 64;

/// How images are opened.
pub struct ImageOptions {
    /// The platform to take of an image for several; this machine's when `None`.
    pub platform: Option<Platform>,
    /// What collectors ask for.
    pub interest: Arc<dyn Interest>,
    /// How much may be kept.
    pub budget: Arc<Budget>,
    /// Whether every layer is read completely and held against its digests, at that cost.
    pub verify_layers: bool,
    /// Layers that were read and whose digest was verified, so that images that share them read them once.
    pub seen: Mutex<BTreeMap<(String, LayerKind), Arc<LayerIndex>>>,
    /// Layers that earlier runs read.
    pub cache: Option<Arc<Cache>>,
}

impl ImageOptions {
    /// Options with the usual budget.
    pub fn new(interest: Arc<dyn Interest>, platform: Option<Platform>) -> Self {
        ImageOptions {
            platform,
            interest,
            budget: Arc::default(),
            verify_layers: false,
            seen: Mutex::default(),
            cache: None,
        }
    }

    /// The index of a layer that was read before, in this run or an earlier one.
    fn known(&self, digest: &str, kind: LayerKind) -> Option<Arc<LayerIndex>> {
        if digest.is_empty() {
            return None;
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (digest.to_owned(), kind);
        if let Some(index) = seen.get(&key) {
            return Some(Arc::clone(index));
        }
        // Who wants every byte verified wants every byte read.
        let cache = self.cache.as_ref().filter(|_| !self.verify_layers)?;
        let index = Arc::new(cache.load(digest, kind, &self.budget)?);
        seen.insert(key, Arc::clone(&index));
        Some(index)
    }

    /// Remembers the index of a layer whose digest was verified.
    fn remember(&self, verified: &Verified, kind: LayerKind, index: &Arc<LayerIndex>) {
        if let Some(cache) = &self.cache {
            cache.store(verified.digest(), kind, index);
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.insert((verified.digest().to_owned(), kind), Arc::clone(index));
    }

    /// Forgets the layers of earlier images when they have become many; they are read again if they come again.
    pub fn forget_if_many(&self) {
        const MANY: usize = 500_000;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.values().map(|layer| layer.members.len()).sum::<usize>() > MANY {
            seen.clear();
        }
    }
}

/// What is known of an image besides its files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ImageInfo {
    /// Its names.
    pub references: Vec<String>,
    /// Digest of its manifest, or of its config where there is no manifest.
    pub digest: String,
    /// Its config; empty for a plain archive of a file system.
    pub config: Arc<Config>,
    /// Annotations of its manifest.
    pub annotations: BTreeMap<String, String>,
    /// Its layers.
    pub layers: Vec<Layer>,
    /// How many layers that are not compressed were not compared with their digests.
    pub uncompared: usize,
}

/// An image that was read.
pub struct Image {
    /// What is known of it.
    pub info: ImageInfo,
    /// Its files as a container would see them.
    pub tree: ImageTree,
    /// What later layers removed or replaced, which still ships: the latest version of each path, then the one
    /// before, and so on.
    pub lost: Vec<ImageTree>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
    /// The archive or folder that holds it; layers are read from there while it is scanned.
    pub source: Arc<Root>,
}

/// Why an image could not be opened at all.
#[derive(Debug)]
pub enum ImageError {
    /// The operating system says so.
    Io(io::Error),
    /// It is not what it was called, or lacks what was asked for; says what would work.
    Unusable(String),
}

impl std::fmt::Display for ImageError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ImageError::Io(error) => error.fmt(f),
            ImageError::Unusable(what) => f.write_str(what),
        }
    }
}

impl From<io::Error> for ImageError {
    fn from(error: io::Error) -> Self {
        ImageError::Io(error)
    }
}

impl From<SpoolError> for ImageError {
    fn from(error: SpoolError) -> Self {
        match error {
            SpoolError::Stream(error) => ImageError::Io(error),
            SpoolError::Room(error) => ImageError::Unusable(error.to_string()),
        }
    }
}

fn open_image(root: &Arc<Root>, chosen: Chosen, options: &ImageOptions) -> Image {
    open_one_of(root, chosen, options, &mut ByPath::default())
}

/// Opens one image of an archive or layout, whose images share layers.
fn open_one_of(root: &Arc<Root>, mut chosen: Chosen, options: &ImageOptions, by_path: &mut ByPath) -> Image {
    let kind = chosen.kind();
    let gaps = &mut chosen.gaps;
    let mut blobs = Vec::new();
    let diff_ids = &chosen.config.rootfs.diff_ids;
    if !diff_ids.is_empty() && diff_ids.len() != chosen.layers.len() {
        let (named, there) = (diff_ids.len(), chosen.layers.len());
        let detail = format!("its config names {named} layers and its manifest {there}");
        gaps.push(gap(GapKind::Corrupt, "the image".to_owned(), detail));
    }
    for (number, layer) in chosen.layers.iter().enumerate() {
        let place = if layer.digest.is_empty() { &layer.path } else { &layer.digest };
        let blob = Blob::At(Arc::clone(root), layer.path.clone());
        let (digest, diff_id) = (layer.digest.clone(), diff_ids.get(number).cloned().unwrap_or_default());
        if options.known(&digest, kind).is_some() {
            blobs.push(Stored { blob, digest, diff_id, size: layer.size, is_compressed: false });
            continue;
        }
        let start = blob.open().and_then(|bytes| Ok((bytes.read_vec(0, tar::BLOCK)?, bytes.size())));
        blobs.push(match start {
            Ok((start, size)) => {
                if layer.size != 0 && layer.size != size {
                    let detail = format!("it has {size} bytes and should have {}", layer.size);
                    gaps.push(gap(GapKind::Corrupt, format!("layer {place}"), detail));
                }
                Stored { blob, digest, diff_id, size, is_compressed: Compression::of(&start).is_some() }
            }
            Err(error) => {
                gaps.push(gap(GapKind::Unreadable, format!("layer {place}"), error.to_string()));
                Stored { blob: Blob::Missing, digest, diff_id, size: 0, is_compressed: false }
            }
        });
    }
    let indexes = read_layers(&blobs, kind, options, by_path, gaps);
    let uncompared =
        if options.verify_layers { 0 } else { blobs.iter().filter(|blob| blob.is_in_place()).count() };
    let mut image =
        assemble(root, chosen, indexes, blobs.into_iter().map(|stored| stored.blob).collect(), options);
    image.info.uncompared = uncompared;
    image
}

/// Puts the layers of an image together, once each is read.
fn assemble(
    root: &Arc<Root>,
    mut chosen: Chosen,
    mut indexes: Vec<Arc<LayerIndex>>,
    blobs: Vec<Blob>,
    options: &ImageOptions,
) -> Image {
    let kind = settle_kind(&mut chosen, &mut indexes, &blobs, options);
    let mut gaps = chosen.gaps;
    if indexes.iter().all(|index| index.members.is_empty()) && gaps.is_empty() {
        let detail = "the image has no files, so there was nothing to check".to_owned();
        gaps.push(gap(GapKind::SourceMissing, format!("image {}", chosen.digest), detail));
    }
    let steps = chosen.config.steps();
    let base = chosen.config.base_layers();
    let about: Vec<Layer> = chosen
        .layers
        .iter()
        .enumerate()
        .map(|(index, layer)| Layer {
            index,
            digest: layer.digest.clone(),
            diff_id: chosen.config.rootfs.diff_ids.get(index).cloned().unwrap_or_default(),
            created_by: steps.get(index).map(|step| step.created_by.clone()).filter(|step| !step.is_empty()),
            base_image: base.map(|base| index < base),
            removed_in: None,
        })
        .collect();
    for (at, (index, layer)) in indexes.iter().zip(&about).enumerate() {
        let place =
            if layer.digest.is_empty() { format!("layer {at}") } else { format!("layer {}", layer.digest) };
        damage_of(index, &place, &mut gaps);
    }
    let is_windows = kind == LayerKind::Windows;
    let cache = options.cache.clone().map(|cache| (cache, kind, indexes.clone()));
    let merged = Arc::new(merge(indexes.into(), Rules { whiteouts: true, folds_case: is_windows }));
    dangling(&merged, &mut gaps);
    let (lost, omitted) = merged.lost_trees(MAX_VERSIONS);
    if omitted > 0 {
        let detail = format!("{omitted} files that later layers replaced more than {MAX_VERSIONS} times");
        gaps.push(gap(GapKind::OverLimit, String::new(), detail));
    }
    let mut shared = Shared::new(about.clone(), blobs, Arc::clone(&options.budget));
    shared.cache = cache;
    let shared = Arc::new(shared);
    let mut tree = ImageTree::new(Arc::clone(&merged), &shared);
    let mut lost: Vec<ImageTree> = lost
        .into_iter()
        .map(|(merged, removed_in)| ImageTree { removed_in, ..ImageTree::new(merged, &shared) })
        .collect();
    if is_windows {
        tree.hives = Some(Hives { image: Arc::clone(&merged), before: None });
        with_earlier_hives(&merged, &mut lost, &shared);
    }
    Image {
        info: ImageInfo {
            references: chosen.references,
            digest: chosen.digest,
            config: chosen.config,
            annotations: chosen.annotations,
            layers: about,
            uncompared: 0,
        },
        tree,
        lost,
        gaps,
        source: Arc::clone(root),
    }
}

/// Decides how the layers keep their files, by what the index, the config and the layers themselves say. A
/// contradiction is a gap. Layers of Windows that nothing calls so are read once more.
fn settle_kind(
    chosen: &mut Chosen,
    indexes: &mut [Arc<LayerIndex>],
    blobs: &[Blob],
    options: &ImageOptions,
) -> LayerKind {
    let kind = chosen.kind();
    chosen.gaps.extend(chosen.contradiction());
    let contradiction = match kind {
        LayerKind::Windows => indexes.iter().any(|index| windows::has_linux(index)),
        LayerKind::Plain => indexes.iter().any(|index| windows::has_windows(index)),
    };
    if !contradiction {
        return kind;
    }
    let named = if kind == LayerKind::Windows { "Windows" } else { "another system than Windows" };
    let detail = format!("it is said to be of {named}, and its layers hold another one");
    chosen.gaps.push(gap(GapKind::Corrupt, format!("image {}", chosen.digest), detail));
    let is_linux = indexes.iter().any(|index| windows::has_linux(index));
    // Layers of stores lie in folders, not in archives.
    if kind == LayerKind::Windows || is_linux || chosen.layers.iter().any(|layer| layer.path.is_empty()) {
        return kind;
    }
    for (index, blob) in indexes.iter_mut().zip(blobs) {
        if let Ok(bytes) = blob.open() {
            let (interest, budget) = (options.interest.as_ref(), &options.budget);
            *index = Arc::new(LayerIndex::read(&bytes, LayerKind::Windows, interest, budget));
        }
    }
    LayerKind::Windows
}

/// Gives each earlier state of a Windows image the hives that it had: without those of the topmost layer, and so on.
fn with_earlier_hives(image: &Arc<merge::Merged>, lost: &mut Vec<ImageTree>, shared: &Arc<Shared>) {
    let changing = image.layers.iter().enumerate().filter(|(_, layer)| !layer.hives.is_empty());
    let layers: Vec<usize> = changing.map(|(number, _)| number).collect();
    for (state, &layer) in layers.iter().rev().take(MAX_VERSIONS).enumerate() {
        if state == lost.len() {
            let folds_case = Rules { whiteouts: true, folds_case: true };
            let nothing = merge(Arc::from(vec![Arc::new(LayerIndex::default())]), folds_case);
            lost.push(ImageTree::new(nothing, shared));
        }
        if let Some(tree) = lost.get_mut(state) {
            tree.hives = Some(Hives { image: Arc::clone(image), before: Some(layer) });
        }
    }
}

fn gap(kind: GapKind, place: String, detail: String) -> Gap {
    Gap { kind, collector: COLLECTOR.to_owned(), place, detail }
}

fn damage_of(index: &LayerIndex, place: &str, gaps: &mut Vec<Gap>) {
    gaps.extend(index.damage.iter().map(|damage| crate::fs::damage_gap(COLLECTOR, place.to_owned(), damage)));
}

/// Hard links to nothing; many are one gap.
fn dangling(merged: &merge::Merged, gaps: &mut Vec<Gap>) {
    const LISTED: usize = 20;
    if merged.is_cut {
        let detail =
            "links lead through links, or layers repeat, without end; the rest of its layers was left out";
        gaps.push(gap(GapKind::OverLimit, String::new(), detail.to_owned()));
    }
    for dangling in merged.dangling.iter().take(LISTED) {
        let link = crate::text::shown(&dangling.link);
        let detail = format!("a hard link in layer {} to {link}, which is not there", dangling.layer);
        gaps.push(gap(GapKind::Corrupt, crate::text::shown(&dangling.path), detail));
    }
    if let Some(more) = merged.dangling.len().checked_sub(LISTED).filter(|&more| more > 0) {
        let detail = format!("{more} more hard links to what is not there");
        gaps.push(gap(GapKind::Corrupt, String::new(), detail));
    }
}
