//! OCI layouts: an index that leads to manifests, perhaps through further indexes.
//!
//! Sources: the OCI image specification 1.1 (`image-layout.md`, `image-index.md`, `manifest.md`); containerd's
//! `core/images` for how an engine chooses; `ValidateUnambiguousManifestFormat` of containers/image.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;

use super::super::digest::{is_digest, verify};
use super::super::manifest::{Config, Descriptor, Manifest};
use super::super::platform::Platform;
use super::chosen::{Chosen, LayerBlob, MAX_IMAGES, MAX_LAYERS, MAX_TOTAL, Named};
use super::json::{MAX_JSON, json, parse};
use crate::format::container::decompress::Compression;
use crate::format::container::tar;
use crate::fs::root::{Fault, Root};
use crate::image::error::ImageError;
use crate::image::gaps::gap;
use crate::model::{Gap, GapKind};

/// Indexes inside indexes.
const MAX_DEPTH: usize = 4;
/// Names and platforms that an index may give to images.
const MAX_NAMES: usize = 10 * MAX_IMAGES;
/// Why a layout is not used that names no image at all.
pub(super) const NO_IMAGE: &str = "its index.json lists no image";

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct LayoutFile {
    image_layout_version: String,
}

/// A manifest of an image, with what the index says of it.
#[derive(Clone)]
struct Leaf {
    descriptor: Descriptor,
    manifest: Arc<Manifest>,
    config: Arc<Config>,
    reference: Option<String>,
    gaps: Arc<[Gap]>,
}

/// Images of an OCI layout; `None` when it is none.
pub(in super::super) fn oci(root: &Root, platform: Option<&Platform>) -> Result<Option<Named>, ImageError> {
    let mut gaps = Vec::new();
    let marker = json::<LayoutFile>(root, "oci-layout", &mut gaps);
    let is_marked = marker.is_some();
    let index = match json::<Manifest>(root, "index.json", &mut gaps) {
        None if is_marked => {
            return Err(ImageError::Unusable("it has an oci-layout and no index.json".to_owned()));
        }
        None => return Ok(None),
        // Anything may be called so at the top of a file system.
        Some(Err(_)) if !is_marked => return Ok(None),
        Some(index) => index.map_err(ImageError::Unusable)?,
    };
    if index.manifests.is_empty() {
        return if is_marked { Err(ImageError::Unusable(NO_IMAGE.to_owned())) } else { Ok(None) };
    }
    match marker {
        Some(Ok(marker)) if marker.image_layout_version != "1.0.0" => {
            let version = marker.image_layout_version;
            let detail = format!("its version is `{version}`, and only 1.0.0 is known");
            gaps.push(gap(GapKind::Unsupported, "oci-layout".to_owned(), detail));
        }
        Some(Err(error)) => gaps.push(gap(GapKind::Corrupt, "oci-layout".to_owned(), error)),
        _ => {}
    }
    let wanted = platform.cloned().unwrap_or_else(Platform::of_this_machine);
    let mut search = Search {
        root,
        wanted,
        leaves: Vec::new(),
        known: BTreeMap::new(),
        indexes: BTreeMap::new(),
        named: BTreeSet::new(),
        gaps,
        bytes: 0,
        is_full: false,
    };
    for descriptor in index.manifests {
        search.descend(descriptor, None, 0);
    }
    let Search { leaves, gaps, wanted, .. } = search;
    let known = leaves.iter().map(|leaf| {
        let config = leaf.manifest.config.as_ref().map(|config| config.digest.clone()).unwrap_or_default();
        (config, leaf.manifest.layers.iter().map(|layer| layer.digest.clone()).collect())
    });
    let known = known.collect();
    let leaves = choose(leaves, platform, &wanted)?;
    if leaves.is_empty() {
        let why = gaps.first().map(|gap| format!(": {}: {}", gap.place, gap.detail)).unwrap_or_default();
        return Err(ImageError::Unusable(format!("its index leads to no image{why}")));
    }
    let chosen = leaves.into_iter().map(|(leaf, names)| chosen(leaf, names, &gaps)).collect();
    Ok(Some(Named { chosen, known }))
}

/// What a manifest says of its image, which the index calls by some names.
fn chosen(leaf: Leaf, references: BTreeSet<String>, gaps: &[Gap]) -> Chosen {
    const LISTED: usize = 100;
    let mut gaps: Vec<Gap> = gaps.iter().chain(leaf.gaps.iter()).cloned().collect();
    let mut layers = Vec::new();
    for (number, layer) in leaf.manifest.layers.iter().enumerate() {
        if number >= MAX_LAYERS || gaps.len() >= LISTED {
            let left = leaf.manifest.layers.len() - number;
            let detail =
                format!("{left} of its layers were not read: it has too many, or too many are at fault");
            gaps.push(gap(GapKind::OverLimit, format!("image {}", leaf.descriptor.digest), detail));
            break;
        }
        let place = format!("layer {}", layer.digest);
        if layer.media_type.ends_with("+encrypted") {
            gaps.push(gap(GapKind::Encrypted, place.clone(), "an encrypted layer".to_owned()));
        } else if !is_file_layer(&layer.media_type) {
            let kind = &layer.media_type;
            let detail = format!("its media type `{kind}` is none of layers of files; it was read as one");
            gaps.push(gap(GapKind::Unsupported, place.clone(), detail));
        }
        match blob_path(&layer.digest) {
            Some(path) => layers.push(LayerBlob { path, digest: layer.digest.clone(), size: layer.size }),
            None => gaps.push(gap(GapKind::Corrupt, place, "its digest is no digest".to_owned())),
        }
    }
    Chosen {
        references: references.into_iter().collect(),
        digest: leaf.descriptor.digest,
        platform: leaf.descriptor.platform,
        config: leaf.config,
        annotations: leaf.manifest.annotations.clone(),
        layers,
        gaps,
    }
}

/// Whether a media type is one of layers that are archives of files; `application/vnd.…` of OCI and of Docker.
pub(in super::super) fn is_file_layer(media_type: &str) -> bool {
    let bare = media_type.strip_suffix("+encrypted").unwrap_or(media_type);
    let known = [
        ("application/vnd.oci.image.layer.v1.tar", ["", "+gzip", "+zstd"]),
        ("application/vnd.oci.image.layer.nondistributable.v1.tar", ["", "+gzip", "+zstd"]),
        ("application/vnd.docker.image.rootfs.diff.tar", ["", ".gzip", ".zstd"]),
        ("application/vnd.docker.image.rootfs.foreign.diff.tar", ["", ".gzip", ".zstd"]),
    ];
    bare.is_empty()
        || known.iter().any(|(base, ends)| bare.strip_prefix(base).is_some_and(|end| ends.contains(&end)))
}

/// The way from an index to the manifests of images.
struct Search<'a> {
    root: &'a Root,
    wanted: Platform,
    leaves: Vec<Leaf>,
    /// What the manifests that were read are: `None` for no image. An index may name one manifest many times.
    known: BTreeMap<String, Option<Leaf>>,
    /// The indexes that were read, and how deep they nested.
    indexes: BTreeMap<String, usize>,
    /// The names and platforms that it gave them since.
    named: BTreeSet<(String, Option<String>, Option<String>)>,
    gaps: Vec<Gap>,
    /// Read so far.
    bytes: usize,
    is_full: bool,
}

impl Search<'_> {
    fn gap(&mut self, kind: GapKind, place: String, detail: impl Into<String>) {
        const LISTED: usize = 100;
        if self.gaps.len() < LISTED {
            self.gaps.push(gap(kind, place, detail.into()));
        }
    }

    /// The bytes of a blob: `None` when it is not there, and why it cannot be read.
    fn read(&mut self, descriptor: &Descriptor) -> Option<Result<Vec<u8>, (GapKind, String)>> {
        let Some(path) = blob_path(&descriptor.digest) else {
            return Some(Err((GapKind::Corrupt, "its digest is no digest".to_owned())));
        };
        match self.root.read(path.as_bytes(), MAX_JSON) {
            Err(Fault::Absent) => None,
            Err(Fault::Unreadable { kind, detail, .. }) => Some(Err((kind, detail))),
            Ok(content) if content.cut_from.is_some() => {
                Some(Err((GapKind::OverLimit, format!("it is larger than {MAX_JSON} bytes"))))
            }
            Ok(content) => {
                self.bytes += content.bytes.len();
                Some(Ok(content.bytes))
            }
        }
    }

    /// Whether no more is read.
    fn is_over(&mut self, place: &str) -> bool {
        let is_over =
            self.bytes > MAX_TOTAL || self.known.len() >= MAX_IMAGES || self.leaves.len() >= MAX_NAMES;
        if is_over && !std::mem::replace(&mut self.is_full, true) {
            let detail = format!(
                "its index names more than {MAX_IMAGES} images, or manifests of more than {MAX_TOTAL} bytes; \
                those from here on were not scanned"
            );
            self.gaps.push(gap(GapKind::OverLimit, place.to_owned(), detail));
        }
        is_over
    }

    fn descend(&mut self, descriptor: Descriptor, reference: Option<String>, depth: usize) {
        let named = |key: &str| descriptor.annotations.get(key).cloned();
        let reference = named("io.containerd.image.name")
            .or_else(|| named("org.opencontainers.image.ref.name"))
            .or(reference);
        let place = format!("manifest {}", descriptor.digest);
        if self.is_over(&place) {
            return;
        }
        if let Some(known) = self.known.get(&descriptor.digest) {
            let platform = descriptor.platform.as_ref().map(Platform::to_string);
            if self.named.insert((descriptor.digest.clone(), reference.clone(), platform)) {
                self.leaves.extend(known.clone().map(|leaf| Leaf { descriptor, reference, ..leaf }));
            }
            return;
        }
        let bytes = match self.read(&descriptor) {
            Some(Ok(bytes)) => bytes,
            Some(Err((kind, detail))) => return self.gap(kind, place, detail),
            None => return self.missing(&descriptor, place),
        };
        let mut own = Vec::new();
        if let Err(unverified) = verify(&descriptor, &bytes) {
            own.push(gap(unverified.kind, place.clone(), unverified.detail));
        }
        let manifest = match parse::<Manifest>(&place, &bytes, &mut own) {
            Ok(manifest) => manifest,
            Err(error) => return self.gap(GapKind::Corrupt, place, error),
        };
        let is_index = !manifest.manifests.is_empty();
        if is_index && (manifest.config.is_some() || !manifest.layers.is_empty()) {
            let detail =
                "it is an index and the manifest of an image at once, and readers differ in which one counts";
            own.push(gap(GapKind::Corrupt, place.clone(), detail.to_owned()));
        }
        if is_index && self.indexes.get(&descriptor.digest).is_none_or(|&known| known > depth) {
            self.indexes.insert(descriptor.digest.clone(), depth);
            self.index(&manifest, &place, reference.clone(), depth);
        }
        if manifest.config.is_some() || !manifest.layers.is_empty() {
            self.leaf(descriptor, manifest, reference, own);
        } else if is_index {
            self.gaps.append(&mut own);
        } else if is_of_documents(&manifest) {
            self.known.insert(descriptor.digest, None);
        } else {
            let detail = if manifest.fs_layers.is_empty() {
                "it names neither an image nor manifests"
            } else {
                "it is of Docker's schema 1, which is not read. Save the image again with a newer tool"
            };
            self.gap(GapKind::Unsupported, place, detail);
        }
    }

    fn index(&mut self, index: &Manifest, place: &str, reference: Option<String>, depth: usize) {
        if depth >= MAX_DEPTH {
            let detail = format!("indexes nest deeper than {MAX_DEPTH}");
            return self.gap(GapKind::OverLimit, place.to_owned(), detail);
        }
        for descriptor in &index.manifests {
            self.descend(descriptor.clone(), reference.clone(), depth + 1);
        }
    }

    /// A manifest that an index names and that is not there: an archive may hold only some of the platforms.
    fn missing(&mut self, descriptor: &Descriptor, place: String) {
        let platform = descriptor.platform.as_ref();
        let is_other =
            platform.is_some_and(|platform| !platform.is_unknown() && !platform.fits(&self.wanted));
        if is_other || is_beside(descriptor) {
            return;
        }
        let detail = match platform.filter(|platform| !platform.is_unknown()) {
            Some(platform) => format!(
                "the index names an image for {platform} that is not there. If only others are meant, choose one \
                with --platform"
            ),
            None => "the index names it and it is not there".to_owned(),
        };
        self.gap(GapKind::Corrupt, place, detail);
    }

    fn leaf(&mut self, descriptor: Descriptor, manifest: Manifest, reference: Option<String>, own: Vec<Gap>) {
        let mut gaps = own;
        let named = manifest.config.clone().unwrap_or_default();
        let config = Arc::new(self.config(&named, &mut gaps));
        let digest = descriptor.digest.clone();
        let manifest = Arc::new(manifest);
        let leaf = self.is_image(&named, &manifest, &config).then(|| Leaf {
            descriptor,
            manifest: Arc::clone(&manifest),
            config,
            reference,
            gaps: gaps.into(),
        });
        let is_file = |layer: &&Descriptor| !layer.media_type.is_empty() && is_file_layer(&layer.media_type);
        if leaf.is_none() && manifest.layers.iter().any(|layer| is_file(&layer)) {
            let detail = "it has layers of files and a config that is of no image, so engines cannot run it; it was not read";
            self.gap(GapKind::Unsupported, format!("manifest {digest}"), detail);
        }
        self.leaves.extend(leaf.clone());
        self.known.insert(digest, leaf);
    }

    /// The config that a manifest names.
    fn config(&mut self, named: &Descriptor, gaps: &mut Vec<Gap>) -> Config {
        let place = format!("config {}", named.digest);
        let bytes = match self.read(named) {
            Some(Ok(bytes)) => bytes,
            Some(Err((kind, detail))) => {
                gaps.push(gap(kind, place, detail));
                return Config::default();
            }
            None => {
                gaps.push(gap(GapKind::Corrupt, place, "it is not there".to_owned()));
                return Config::default();
            }
        };
        if let Err(unverified) = verify(named, &bytes) {
            gaps.push(gap(unverified.kind, place.clone(), unverified.detail));
        }
        match parse::<Config>(&place, &bytes, gaps) {
            Ok(config) => config,
            // The config of what is no image may be anything.
            Err(_) if !is_image_config(&named.media_type) => Config::default(),
            Err(error) => {
                gaps.push(gap(GapKind::Corrupt, place, error));
                Config::default()
            }
        }
    }

    /// Whether a manifest is of an image. Signatures, bills of materials, build proofs and charts travel beside images
    /// as manifests, too; what they are is decided by their content, because anybody may write a media type.
    fn is_image(&self, named: &Descriptor, manifest: &Manifest, config: &Config) -> bool {
        if !is_image_config(&named.media_type) && config.rootfs.diff_ids.is_empty() {
            return false;
        }
        manifest.layers.is_empty()
            || manifest.layers.iter().any(|layer| !is_document(&layer.media_type) || self.is_archive(layer))
    }

    /// Whether a blob begins as an archive of files does.
    fn is_archive(&self, layer: &Descriptor) -> bool {
        let Some(path) = blob_path(&layer.digest) else { return false };
        let start = self.root.open(path.as_bytes()).ok().and_then(|blob| blob.read_vec(0, tar::BLOCK).ok());
        start.is_some_and(|start| tar::is_tar(&start) || Compression::of(&start).is_some())
    }
}

/// Whether a media type is one of configs of images.
fn is_image_config(media_type: &str) -> bool {
    matches!(
        media_type,
        "" | "application/vnd.oci.image.config.v1+json" | "application/vnd.docker.container.image.v1+json"
    )
}

/// Whether a media type is one of documents that travel beside images.
fn is_document(media_type: &str) -> bool {
    media_type.ends_with("json") || media_type.ends_with("xml") || media_type.starts_with("text/")
}

/// Whether a manifest of an artifact (of the drafts of OCI 1.1) has documents alone.
fn is_of_documents(manifest: &Manifest) -> bool {
    !manifest.blobs.is_empty()
        && manifest.fs_layers.is_empty()
        && manifest.blobs.iter().all(|blob| is_document(&blob.media_type))
}

/// Whether an index says of an entry that it only describes another one, and for no platform.
pub(in super::super) fn is_beside(descriptor: &Descriptor) -> bool {
    descriptor.annotations.contains_key("vnd.docker.reference.type")
        && descriptor.platform.as_ref().is_some_and(Platform::is_unknown)
}

/// Of images that are the same for several platforms, the one asked for; of different images all.
fn choose(
    leaves: Vec<Leaf>,
    asked: Option<&Platform>,
    wanted: &Platform,
) -> Result<Vec<(Leaf, BTreeSet<String>)>, ImageError> {
    let stated = |leaf: &Leaf| leaf.descriptor.platform.clone().filter(|platform| !platform.is_unknown());
    let platforms: BTreeSet<String> =
        leaves.iter().filter_map(stated).map(|platform| platform.to_string()).collect();
    // An index may say otherwise than the image itself: either way it is one for this platform.
    let fits = |leaf: &Leaf| {
        let Config { os, architecture, variant, .. } = leaf.config.as_ref();
        let own = Platform { os: os.clone(), architecture: architecture.clone(), variant: variant.clone() };
        stated(leaf).is_some_and(|platform| platform.fits(wanted)) || own.fits(wanted)
    };
    let mut groups: BTreeMap<Option<String>, Vec<Leaf>> = BTreeMap::new();
    for leaf in leaves {
        groups.entry(leaf.reference.clone()).or_default().push(leaf);
    }
    let mut chosen: Vec<(Leaf, BTreeSet<String>)> = Vec::new();
    let mut seen = BTreeMap::new();
    for (reference, group) in groups {
        let some_fit = group.iter().any(fits);
        let narrows = asked.is_some() || (group.len() > 1 && some_fit);
        let taken = group.into_iter().filter(|leaf| !narrows || fits(leaf) || stated(leaf).is_none());
        // One manifest with many names is one image.
        for leaf in taken {
            let at = *seen.entry(leaf.descriptor.digest.clone()).or_insert(chosen.len());
            if at == chosen.len() {
                chosen.push((leaf, BTreeSet::new()));
            }
            if let Some((_, names)) = chosen.get_mut(at) {
                names.extend(reference.clone());
            }
        }
    }
    match asked {
        Some(asked) if chosen.is_empty() => {
            let there: Vec<String> = platforms.into_iter().collect();
            let there =
                if there.is_empty() { "none with a stated platform".to_owned() } else { there.join(", ") };
            Err(ImageError::Unusable(format!("it has no image for the platform {asked}; there is {there}")))
        }
        _ => Ok(chosen),
    }
}

/// Where a blob lies in an OCI layout; `None` for what is no digest (and could lead elsewhere).
pub(in super::super) fn blob_path(digest: &str) -> Option<String> {
    let (algorithm, encoded) = digest.split_once(':')?;
    is_digest(digest).then(|| format!("blobs/{algorithm}/{encoded}"))
}
