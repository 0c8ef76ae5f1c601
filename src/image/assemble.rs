//! Images put together from their layers.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::bodies::Blob;
use super::gaps::{damage_of, dangling, gap};
use super::layer::{LayerIndex, LayerKind};
use super::layout::{Chosen, LayerBlob};
use super::manifest::Config;
use super::merge::{self, Rules, merge};
use super::options::ImageOptions;
use super::read::{ByPath, Stored, read_layers};
use super::tree::{Hives, ImageTree, Shared};
use super::windows;
use crate::format::container::decompress::Compression;
use crate::format::container::tar;
use crate::fs::root::Root;
use crate::model::{Gap, GapKind, Layer};

/// How many versions of one path, replaced by later layers, are checked.
pub(super) const MAX_VERSIONS: usize = 64;

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

pub(super) fn open_image(root: &Arc<Root>, chosen: Chosen, options: &ImageOptions) -> Image {
    open_one_of(root, chosen, options, &mut ByPath::default())
}

/// Opens one image of an archive or layout, whose images share layers.
pub(super) fn open_one_of(
    root: &Arc<Root>,
    mut chosen: Chosen,
    options: &ImageOptions,
    by_path: &mut ByPath,
) -> Image {
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
pub(super) fn assemble(
    root: &Arc<Root>,
    mut chosen: Chosen,
    mut indexes: Vec<Arc<LayerIndex>>,
    blobs: Vec<Blob>,
    options: &ImageOptions,
) -> Image {
    let kind = settle_kind(&mut chosen, &mut indexes, &blobs, options);
    within_layers(&mut chosen, &indexes);
    let mut gaps = chosen.gaps;
    if indexes.iter().all(|index| index.members.is_empty()) && gaps.is_empty() {
        let detail = "the image has no files, so there was nothing to check".to_owned();
        gaps.push(gap(GapKind::SourceMissing, format!("image {}", chosen.digest), detail));
    }
    let about = layers_of(&chosen.layers, &chosen.config);
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
        gaps.extend(with_earlier_hives(&merged, &mut lost, &shared));
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

/// What the config says of each layer: its digests, the build step that made it, and whether the base image has it.
fn layers_of(layers: &[LayerBlob], config: &Config) -> Vec<Layer> {
    let steps = config.steps();
    let base = config.base_layers();
    let about = |(index, layer): (usize, &LayerBlob)| Layer {
        index,
        digest: layer.digest.clone(),
        diff_id: config.rootfs.diff_ids.get(index).cloned().unwrap_or_default(),
        created_by: steps.get(index).map(|step| step.created_by.clone()).filter(|step| !step.is_empty()),
        base_image: base.map(|base| index < base),
        removed_in: None,
    };
    layers.iter().enumerate().map(about).collect()
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

/// Layers whose archive is a wrapper: engines mount the file system that one of its files is. Sources: overlaybd
/// (`overlaybd.commit`), Nydus (`image/image.boot`).
fn within_layers(chosen: &mut Chosen, indexes: &[Arc<LayerIndex>]) {
    const WRAPPED: &[(&[u8], &[u8], &str)] =
        &[(b"", b"overlaybd.commit", "overlaybd"), (b"image", b"image.boot", "Nydus")];
    for (at, index) in indexes.iter().enumerate() {
        for (folder, name, of) in WRAPPED {
            let is_it = index.members.iter().any(|member| {
                index.name(member.name) == *name && index.folder_path(member.folder) == *folder
            });
            if is_it {
                let digest = chosen.layers.get(at).map(|layer| layer.digest.as_str()).unwrap_or_default();
                let place = if digest.is_empty() { format!("layer {at}") } else { format!("layer {digest}") };
                let detail = format!("it wraps a file system of {of}, which is not read");
                chosen.gaps.push(gap(GapKind::Unsupported, place, detail));
            }
        }
    }
}

/// Gives each earlier state of a Windows image the hives that it had: without those of the topmost layer, and so on.
/// Returns what is over the limit.
fn with_earlier_hives(
    image: &Arc<merge::Merged>,
    lost: &mut Vec<ImageTree>,
    shared: &Arc<Shared>,
) -> Option<Gap> {
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
    let omitted = layers.len().saturating_sub(MAX_VERSIONS);
    let detail = format!("the registry of {omitted} layers below the newest {MAX_VERSIONS} that change it");
    (omitted > 0).then(|| gap(GapKind::OverLimit, String::new(), detail))
}
