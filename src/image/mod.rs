//! Container images as targets: one pass per layer, a pure merge, and the result is one more
//! [`Tree`](crate::fs::tree::Tree).
//!
//! An archive is itself read as the tree of its members, so that `docker save` archives, OCI archives and OCI
//! folders are all a [`Root`] in which blobs are found by path. Sources: the OCI image specification 1.1, the Docker
//! image specification 1.2.

mod bodies;
mod cache;
#[cfg(feature = "distribution")]
mod distribution;
mod fuzz;
mod layer;
mod layout;
mod manifest;
mod merge;
mod read;
mod sieve;
mod store;
#[cfg(test)]
mod tests;
mod tree;
mod windows;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

pub use bodies::Budget;
pub use cache::Cache;
#[cfg(feature = "distribution")]
pub use distribution::{Access, open_registry};
pub use fuzz::merge_all;
pub use layer::{Asked, Interest, LayerIndex, LayerKind};
pub use manifest::{Config, Descriptor, History, Manifest, Platform, RunConfig};
pub use store::{Store, StoreKind, stores};
pub use tree::ImageTree;

use self::bodies::{Blob, FileBytes, Sequential, SpoolError, spool, spool_while};
use self::layout::Chosen;
use self::merge::{Rules, merge};
use self::read::{ByPath, Stored, read_layers};
use self::tree::{Hives, Shared};
use crate::bytes::ReadAt;
use crate::format::container::decompress::{self, Compression, Counted};
use crate::format::container::tar;
use crate::fs::root::Root;
use crate::model::{Gap, GapKind, Layer};
use crate::text::hex::hex;

/// The collector that gaps of reading an image are booked on.
pub const COLLECTOR: &str = "image";
/// How many versions of one path, replaced by later layers, are looked at.
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
    fn remember(&self, digest: &str, kind: LayerKind, index: &Arc<LayerIndex>) {
        if let Some(cache) = &self.cache {
            cache.store(digest, kind, index);
        }
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.insert((digest.to_owned(), kind), Arc::clone(index));
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
    pub config: Config,
    /// Annotations of its manifest.
    pub annotations: BTreeMap<String, String>,
    /// Its layers.
    pub layers: Vec<Layer>,
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

/// What the user called the thing to open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// To be told by the content.
    Any,
    /// `docker save`.
    DockerArchive,
    /// An OCI layout, as a folder or in a tar archive.
    Oci,
}

/// Images that are opened one after the other, so that of many only one is in memory.
pub struct Images<'a> {
    ready: std::vec::IntoIter<Image>,
    /// Images of an archive or layout that are not open yet, and what holds for all of them.
    chosen: std::vec::IntoIter<Chosen>,
    root: Option<Arc<Root>>,
    gaps: Vec<Gap>,
    by_path: ByPath,
    options: &'a ImageOptions,
}

impl<'a> Images<'a> {
    /// Images that are open.
    pub fn ready(images: Vec<Image>, options: &'a ImageOptions) -> Self {
        let (ready, chosen) = (images.into_iter(), Vec::new().into_iter());
        Images { ready, chosen, root: None, gaps: Vec::new(), by_path: ByPath::default(), options }
    }

    fn chosen(root: &Arc<Root>, chosen: Vec<Chosen>, gaps: Vec<Gap>, options: &'a ImageOptions) -> Self {
        let root = Some(Arc::clone(root));
        Images { chosen: chosen.into_iter(), root, gaps, ..Images::ready(Vec::new(), options) }
    }
}

impl Iterator for Images<'_> {
    type Item = Image;

    fn next(&mut self) -> Option<Image> {
        if let Some(image) = self.ready.next() {
            return Some(image);
        }
        let chosen = self.chosen.next()?;
        let mut image = open_one_of(self.root.as_ref()?, chosen, self.options, &mut self.by_path);
        image.gaps.extend(self.gaps.iter().cloned());
        self.by_path.forget_if_many();
        self.options.forget_if_many();
        Some(image)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let count = self.ready.len() + self.chosen.len();
        (count, Some(count))
    }
}

impl ExactSizeIterator for Images<'_> {}

/// Opens the images in an archive.
///
/// # Errors
/// When it is no archive, or not of the layout that was named.
pub fn open_file<'a>(
    path: &Path,
    layout: Layout,
    options: &'a ImageOptions,
) -> Result<Images<'a>, ImageError> {
    let file = File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(ImageError::Unusable("it is neither a file nor a folder".to_owned()));
    }
    open_bytes(Arc::new(FileBytes::new(Arc::new(file))), layout, options)
}

/// Opens the images in what comes in on standard input; a pipe is copied to a temporary file first.
///
/// # Errors
/// As [`open_file`].
pub fn open_stdin(layout: Layout, options: &ImageOptions) -> Result<Images<'_>, ImageError> {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd;
        let file = File::from(io::stdin().as_fd().try_clone_to_owned()?);
        let at_start = || io::Seek::stream_position(&mut &file).is_ok_and(|position| position == 0);
        if file.metadata()?.is_file() && at_start() {
            return open_bytes(Arc::new(FileBytes::new(Arc::new(file))), layout, options);
        }
    }
    let bytes = spool(&mut io::stdin().lock())?;
    if bytes.size() == 0 {
        return Err(ImageError::Unusable("nothing came in on standard input".to_owned()));
    }
    open_bytes(Arc::new(bytes), layout, options)
}

/// A compressed archive may take this much of the temporary disk.
const MAX_SPOOLED: u64 = 64 << 30;
/// One that grows by more than this factor, beyond this size, is made to fill the disk.
const MAX_SPOOL_GROWTH: (u64, u64) = (200, 1 << 30);

/// The archive in compressed bytes, in a temporary file, and whether it is there to its end.
fn decompressed(
    bytes: Arc<dyn ReadAt>,
    compression: Compression,
) -> Result<(Arc<dyn ReadAt>, bool), ImageError> {
    let damaged = |error: io::Error| match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput => {
            ImageError::Unusable(format!("it cannot be decompressed: {error}. Fetch it again"))
        }
        _ => ImageError::Io(error),
    };
    let taken: Arc<std::sync::atomic::AtomicU64> = Arc::default();
    let stream = Counted { stream: Sequential { bytes, at: 0 }, count: Arc::clone(&taken) };
    let mut stream = decompress::reader(stream, compression, 128 << 10)?;
    let mut start = Vec::new();
    stream.by_ref().take(tar::BLOCK as u64).read_to_end(&mut start).map_err(damaged)?;
    // What is no archive needs no room on the disk.
    if !tar::is_tar(&start) {
        return Err(no_tar());
    }
    let (growth, size) = MAX_SPOOL_GROWTH;
    let is_fine = |written: u64| {
        let taken = taken.load(std::sync::atomic::Ordering::Relaxed);
        written < MAX_SPOOLED && (written < size || written / growth < taken)
    };
    let spooled = spool_while(&mut start.chain(stream), is_fine);
    let (bytes, is_whole) = spooled.map_err(|error| match error {
        SpoolError::Stream(error) => damaged(error),
        error => error.into(),
    })?;
    Ok((Arc::new(bytes), is_whole))
}

fn no_tar() -> ImageError {
    ImageError::Unusable(
        "it is no tar archive, so no container image. For a disk image, mount it and scan the folder with dir:PATH"
            .to_owned(),
    )
}

fn open_bytes(
    bytes: Arc<dyn ReadAt>,
    layout: Layout,
    options: &ImageOptions,
) -> Result<Images<'_>, ImageError> {
    let start = bytes.read_vec(0, tar::BLOCK)?;
    let (bytes, is_whole) = match Compression::of(&start) {
        None if tar::is_tar(&start) => (bytes, true),
        None => return Err(no_tar()),
        Some(compression) => decompressed(bytes, compression)?,
    };
    // The archive is read as the tree of its members; for a plain file system that is the result already.
    let read = |kind| {
        let index = LayerIndex::read_plain(&bytes, kind, options.interest.as_ref(), &options.budget);
        let (tree, mut gaps) = plain(Arc::new(index), kind, Arc::clone(&bytes), &options.budget);
        if !is_whole {
            let detail = "it decompresses to more than the temporary folder is for; the rest was not read";
            gaps.push(gap(GapKind::OverLimit, "the archive".to_owned(), detail.to_owned()));
        }
        (tree, gaps)
    };
    let (tree, gaps) = read(LayerKind::Plain);
    let outer = Arc::new(Root::new(Box::new(ImageTree::new(Arc::clone(&tree.merged), &tree.shared))));
    let images = match layout {
        Layout::Any => layout::detect(&outer, options.platform.as_ref())?,
        Layout::DockerArchive => layout::docker(&outer)?,
        Layout::Oci => layout::oci(&outer, options.platform.as_ref())?,
    };
    match images {
        None if layout == Layout::Any => {
            // One layer of a Windows image by itself.
            let is_windows = outer.exists(b"Files/Windows/System32") || outer.exists(b"Hives/Software_Delta");
            let (tree, gaps) = if is_windows { read(LayerKind::Windows) } else { (tree, gaps) };
            let image = Image { info: ImageInfo::default(), tree, lost: Vec::new(), gaps, source: outer };
            Ok(Images::ready(vec![image], options))
        }
        None => {
            Err(ImageError::Unusable("it is an archive, but has no image of that layout inside".to_owned()))
        }
        Some(chosen) => Ok(Images::chosen(&outer, chosen, gaps, options)),
    }
}

/// Opens the images of an OCI layout in a folder; `None` when the folder is none.
///
/// # Errors
/// When it is one and has no image for the platform.
pub fn open_folder<'a>(
    root: &Arc<Root>,
    options: &'a ImageOptions,
) -> Result<Option<Images<'a>>, ImageError> {
    let chosen = layout::oci(root, options.platform.as_ref())?;
    Ok(chosen.map(|chosen| Images::chosen(root, chosen, Vec::new(), options)))
}

fn plain(
    index: Arc<LayerIndex>,
    kind: LayerKind,
    bytes: Arc<dyn ReadAt>,
    budget: &Arc<Budget>,
) -> (ImageTree, Vec<Gap>) {
    let mut gaps = Vec::new();
    damage_of(&index, "the archive", &mut gaps);
    let is_windows = kind == LayerKind::Windows;
    let merged = Arc::new(merge(Arc::from(vec![index]), Rules { whiteouts: false, folds_case: is_windows }));
    dangling(&merged, &mut gaps);
    let shared = Arc::new(Shared::new(vec![Layer::default()], vec![Blob::Open(bytes)], Arc::clone(budget)));
    let mut tree = ImageTree::new(Arc::clone(&merged), &shared);
    tree.hives = is_windows.then_some(Hives { image: merged, before: None });
    (tree, gaps)
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
    assemble(root, chosen, indexes, blobs.into_iter().map(|stored| stored.blob).collect(), options)
}

/// Puts the layers of an image together, once each is read.
fn assemble(
    root: &Arc<Root>,
    chosen: Chosen,
    indexes: Vec<Arc<LayerIndex>>,
    blobs: Vec<Blob>,
    options: &ImageOptions,
) -> Image {
    let kind = chosen.kind();
    let mut gaps = chosen.gaps;
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
        },
        tree,
        lost,
        gaps,
        source: Arc::clone(root),
    }
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

/// A digest as images write it.
fn digest_text(algorithm: &str, hash: &[u8]) -> String {
    format!("{algorithm}:{}", hex(hash))
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
