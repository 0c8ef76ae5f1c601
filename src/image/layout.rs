//! Which images an archive or folder holds, and where their layers are.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::DeserializeOwned;

use super::manifest::{Config, Descriptor, DockerImage, Manifest, OldLayer, Platform};
use super::{ImageError, LayerKind, digest_text, gap};
use crate::fs::root::{Fault, Root};
use crate::model::{Gap, GapKind};

/// Manifests, indexes and configs are small; anything larger is none.
const MAX_JSON: usize = 16 << 20;
/// Indexes inside indexes.
const MAX_DEPTH: usize = 4;
/// Images of one archive.
const MAX_IMAGES: usize = 10_000;

/// An image that was chosen.
#[derive(Debug, Clone, Default)]
pub(super) struct Chosen {
    pub(super) references: Vec<String>,
    pub(super) digest: String,
    pub(super) config: Config,
    pub(super) annotations: BTreeMap<String, String>,
    pub(super) layers: Vec<LayerBlob>,
    pub(super) gaps: Vec<Gap>,
}

impl Chosen {
    /// How its layers keep their files.
    pub(super) fn kind(&self) -> LayerKind {
        match self.config.os.eq_ignore_ascii_case("windows") {
            true => LayerKind::Windows,
            false => LayerKind::Plain,
        }
    }
}

/// Where a layer is.
#[derive(Debug, Clone)]
pub(super) struct LayerBlob {
    pub(super) path: String,
    pub(super) digest: String,
    /// Its size; 0 where nothing says so.
    pub(super) size: u64,
}

/// Images in whichever layout there is; `None` for a plain file system.
pub(super) fn detect(root: &Root, platform: Option<&Platform>) -> Result<Option<Vec<Chosen>>, ImageError> {
    // Newer `docker save` archives are both; as an OCI layout they say more.
    if root.exists(b"oci-layout")
        && let Some(images) = oci(root, platform)?
    {
        return Ok(Some(images));
    }
    match docker(root) {
        // A file system may have a `manifest.json` of something else at its top.
        Err(_) if ["etc", "usr", "bin", "opt", "Files"].iter().any(|name| root.exists(name.as_bytes())) => {
            Ok(None)
        }
        other => other,
    }
}

/// Images of `docker save`.
pub(super) fn docker(root: &Root) -> Result<Option<Vec<Chosen>>, ImageError> {
    let Some(images) = json::<Vec<DockerImage>>(root, "manifest.json") else {
        return before_manifests(root);
    };
    let images = images.map_err(ImageError::Unusable)?;
    let mut chosen = Vec::new();
    for image in images.into_iter().take(MAX_IMAGES) {
        let mut gaps = Vec::new();
        let (config, digest) = config(root, &image.config, None, &mut gaps);
        let layers = image.layers.unwrap_or_default().into_iter().map(|path| {
            // Blobs of newer archives are named by their digest.
            let digest =
                path.strip_prefix("blobs/sha256/").map(|hex| format!("sha256:{hex}")).unwrap_or_default();
            LayerBlob { path, digest, size: 0 }
        });
        chosen.push(Chosen {
            references: image.repo_tags.unwrap_or_default(),
            digest,
            config,
            annotations: BTreeMap::new(),
            layers: layers.collect(),
            gaps,
        });
    }
    Ok(Some(chosen))
}

/// Archives of Docker before 1.10: a folder for each layer, which names its parent.
fn before_manifests(root: &Root) -> Result<Option<Vec<Chosen>>, ImageError> {
    let Some(repositories) = json::<BTreeMap<String, BTreeMap<String, String>>>(root, "repositories") else {
        return Ok(None);
    };
    // A file system may have a file of that name.
    let Ok(repositories) = repositories else { return Ok(None) };
    let mut tops: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, tags) in repositories {
        for (tag, id) in tags {
            tops.entry(id).or_default().push(format!("{name}:{tag}"));
        }
    }
    let mut chosen = Vec::new();
    for (top, references) in tops.into_iter().take(MAX_IMAGES) {
        let mut gaps = Vec::new();
        let mut layers = Vec::new();
        let mut config = None;
        let mut seen = BTreeSet::new();
        let mut next = Some(top.clone());
        while let Some(id) = next.take().filter(|id| seen.insert(id.clone())) {
            layers.push(LayerBlob { path: format!("{id}/layer.tar"), digest: String::new(), size: 0 });
            match json::<OldLayer>(root, &format!("{id}/json")) {
                Some(Ok(layer)) => {
                    config.get_or_insert(layer.config);
                    next = layer.parent.filter(|parent| !parent.is_empty());
                }
                Some(Err(error)) => gaps.push(gap(GapKind::Corrupt, format!("{id}/json"), error)),
                None => gaps.push(gap(GapKind::Corrupt, format!("{id}/json"), "it is not there".to_owned())),
            }
        }
        layers.reverse();
        chosen.push(Chosen {
            references,
            digest: top,
            config: config.unwrap_or_default(),
            annotations: BTreeMap::new(),
            layers,
            gaps,
        });
    }
    Ok(Some(chosen).filter(|chosen| !chosen.is_empty()))
}

/// A manifest found in an index, with what the index says of it.
struct Leaf {
    descriptor: Descriptor,
    manifest: Manifest,
    reference: Option<String>,
    gaps: Vec<Gap>,
}

/// Images of an OCI layout; `None` when it is none.
pub(super) fn oci(root: &Root, platform: Option<&Platform>) -> Result<Option<Vec<Chosen>>, ImageError> {
    let Some(index) = json::<Manifest>(root, "index.json") else { return Ok(None) };
    let index = index.map_err(ImageError::Unusable)?;
    if index.manifests.is_empty() {
        return Ok(None);
    }
    let mut leaves = Vec::new();
    let mut gaps = Vec::new();
    for descriptor in index.manifests {
        descend(root, descriptor, None, 0, &mut leaves, &mut gaps);
    }
    let leaves = choose(leaves, platform)?;
    if leaves.is_empty() {
        let why = gaps.first().map(|gap| format!(": {}: {}", gap.place, gap.detail)).unwrap_or_default();
        return Err(ImageError::Unusable(format!("its index leads to no image{why}")));
    }
    let mut chosen = Vec::new();
    for leaf in leaves {
        let mut gaps: Vec<Gap> = gaps.iter().cloned().chain(leaf.gaps).collect();
        let config = match &leaf.manifest.config {
            Some(descriptor) => match blob_path(&descriptor.digest) {
                Some(path) => config(root, &path, Some(&descriptor.digest), &mut gaps).0,
                None => Config::default(),
            },
            None => Config::default(),
        };
        let mut layers = Vec::new();
        for layer in leaf.manifest.layers {
            let place = format!("layer {}", layer.digest);
            if layer.media_type.ends_with("+encrypted") {
                gaps.push(gap(GapKind::Encrypted, place.clone(), "an encrypted layer".to_owned()));
            }
            match blob_path(&layer.digest) {
                Some(path) => layers.push(LayerBlob { path, digest: layer.digest, size: layer.size }),
                None => gaps.push(gap(
                    GapKind::Unsupported,
                    place,
                    "a digest of a kind that is not known".to_owned(),
                )),
            }
        }
        chosen.push(Chosen {
            references: leaf.reference.into_iter().collect(),
            digest: leaf.descriptor.digest,
            config,
            annotations: leaf.manifest.annotations,
            layers,
            gaps,
        });
    }
    Ok(Some(chosen))
}

fn descend(
    root: &Root,
    descriptor: Descriptor,
    reference: Option<String>,
    depth: usize,
    leaves: &mut Vec<Leaf>,
    gaps: &mut Vec<Gap>,
) {
    let named = |key: &str| descriptor.annotations.get(key).cloned();
    let reference = named("io.containerd.image.name")
        .or_else(|| named("org.opencontainers.image.ref.name"))
        .or(reference);
    // Signatures, bills of materials and build proofs travel beside images and are none.
    if named("vnd.docker.reference.type").is_some() || leaves.len() >= MAX_IMAGES {
        return;
    }
    let place = format!("manifest {}", descriptor.digest);
    let Some(path) = blob_path(&descriptor.digest) else {
        return gaps.push(gap(GapKind::Corrupt, place, "its digest is no digest".to_owned()));
    };
    let mut own = Vec::new();
    let manifest = match json::<Manifest>(root, &path) {
        Some(Ok(manifest)) => manifest,
        // An index may name platforms that were not fetched.
        None => return,
        Some(Err(error)) => return gaps.push(gap(GapKind::Corrupt, place, error)),
    };
    verify(root, &path, &descriptor.digest, &place, &mut own);
    if manifest.config.is_some() {
        let is_image = manifest.layers.iter().all(|layer| {
            layer.media_type.is_empty()
                || layer.media_type.contains("layer")
                || layer.media_type.contains("rootfs")
        });
        if is_image {
            leaves.push(Leaf { descriptor, manifest, reference, gaps: own });
        }
    } else if depth >= MAX_DEPTH {
        gaps.push(gap(GapKind::OverLimit, place, format!("indexes nest deeper than {MAX_DEPTH}")));
    } else {
        gaps.append(&mut own);
        for descriptor in manifest.manifests {
            descend(root, descriptor, reference.clone(), depth + 1, leaves, gaps);
        }
    }
}

/// Of images that are the same for several platforms, the one asked for; of different images all.
fn choose(leaves: Vec<Leaf>, asked: Option<&Platform>) -> Result<Vec<Leaf>, ImageError> {
    let platforms: BTreeSet<String> = leaves
        .iter()
        .filter_map(|leaf| leaf.descriptor.platform.as_ref())
        .filter(|platform| !platform.is_unknown())
        .map(ToString::to_string)
        .collect();
    let default = Platform::of_this_machine();
    let wanted = asked.unwrap_or(&default);
    let mut groups: BTreeMap<Option<String>, Vec<Leaf>> = BTreeMap::new();
    for leaf in leaves {
        groups.entry(leaf.reference.clone()).or_default().push(leaf);
    }
    let mut chosen = Vec::new();
    for (_, group) in groups {
        let fits =
            |leaf: &Leaf| leaf.descriptor.platform.as_ref().is_some_and(|platform| platform.fits(wanted));
        let known =
            |leaf: &Leaf| leaf.descriptor.platform.as_ref().is_some_and(|platform| !platform.is_unknown());
        let some_fit = group.iter().any(fits);
        if asked.is_some() || (group.len() > 1 && some_fit) {
            chosen.extend(group.into_iter().filter(|leaf| fits(leaf) || !known(leaf)));
        } else {
            chosen.extend(group);
        }
    }
    match asked {
        Some(asked) if chosen.is_empty() => {
            let platforms: Vec<String> = platforms.into_iter().collect();
            Err(ImageError::Unusable(format!(
                "it has no image for the platform {asked}; there is {}",
                if platforms.is_empty() {
                    "none with a stated platform".to_owned()
                } else {
                    platforms.join(", ")
                }
            )))
        }
        _ => Ok(chosen),
    }
}

/// Where a blob lies in an OCI layout; `None` for what is no digest (and could lead elsewhere).
pub(super) fn blob_path(digest: &str) -> Option<String> {
    let (algorithm, hex) = digest.split_once(':')?;
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (plain(algorithm) && plain(hex)).then(|| format!("blobs/{algorithm}/{hex}"))
}

fn verify(root: &Root, path: &str, digest: &str, place: &str, gaps: &mut Vec<Gap>) {
    use sha2::Digest;
    if let Ok(content) = root.read(path.as_bytes(), MAX_JSON)
        && digest.starts_with("sha256:")
    {
        let actual = digest_text("sha256", &sha2::Sha256::digest(&content.bytes));
        if actual != digest {
            let detail = format!("the digest of its bytes is {actual}: it is not what was named");
            gaps.push(gap(GapKind::Corrupt, place.to_owned(), detail));
        }
    }
}

/// The config at a path, and its digest.
fn config(root: &Root, path: &str, digest: Option<&str>, gaps: &mut Vec<Gap>) -> (Config, String) {
    use sha2::Digest;
    let place = format!("config {path}");
    let bytes = root.read(path.as_bytes(), MAX_JSON).map(|content| content.bytes).unwrap_or_default();
    let actual = digest_text("sha256", &sha2::Sha256::digest(&bytes));
    if let Some(digest) = digest.filter(|digest| digest.starts_with("sha256:") && **digest != actual) {
        let detail = format!("the digest of its bytes is {actual}, not {digest}");
        gaps.push(gap(GapKind::Corrupt, place.clone(), detail));
    }
    match json::<Config>(root, path) {
        Some(Ok(config)) => (config, actual),
        Some(Err(error)) => {
            gaps.push(gap(GapKind::Corrupt, place, error));
            (Config::default(), actual)
        }
        None => {
            gaps.push(gap(GapKind::Corrupt, place, "it is not there".to_owned()));
            (Config::default(), String::new())
        }
    }
}

/// A JSON file; `None` when it is not there.
pub(super) fn json<T: DeserializeOwned>(root: &Root, path: &str) -> Option<Result<T, String>> {
    match root.read(path.as_bytes(), MAX_JSON) {
        Err(Fault::Absent) => None,
        Err(Fault::Unreadable { detail, .. }) => Some(Err(format!("{path} cannot be read: {detail}"))),
        Ok(content) if content.cut_from.is_some() => {
            Some(Err(format!("{path} is larger than {MAX_JSON} bytes")))
        }
        Ok(content) => {
            Some(serde_json::from_slice(&content.bytes).map_err(|error| format!("{path}: {error}")))
        }
    }
}
