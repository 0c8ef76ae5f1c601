//! `containers/storage`, as Podman, Buildah and CRI-O use it: `DRIVER-images`, `DRIVER-layers` and `DRIVER-containers`
//! list what there is, `overlay/ID/diff` and `vfs/dir/ID` are the layers.
//!
//! Source: the library's `images.go`, `layers.go` and `containers.go`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::{Contents, Item, Keeping, LayerFolder, MAX_JSON, MAX_LAYERS, is_id, names, with_own_layers};
use crate::fs::root::{Fault, Root};
use crate::image::layout::Chosen;
use crate::image::manifest::{Config, Manifest};
use crate::image::{ImageError, digest_text, gap};
use crate::model::{Gap, GapKind};

/// Drivers, and the lists that they have.
pub(super) const SIGNS: &[&str] =
    &["overlay-images", "vfs-images", "btrfs-images", "zfs-images", "overlay-layers", "vfs-layers"];

#[derive(Deserialize)]
struct StoredImage {
    id: String,
    #[serde(default)]
    digest: String,
    #[serde(default)]
    names: Option<Vec<String>>,
    #[serde(default)]
    layer: String,
}

#[derive(Deserialize)]
struct StoredLayer {
    id: String,
    #[serde(default)]
    parent: String,
    #[serde(default, rename = "compressed-diff-digest")]
    compressed: String,
    #[serde(default, rename = "diff-digest")]
    diff: String,
}

#[derive(Deserialize)]
struct StoredContainer {
    id: String,
    #[serde(default)]
    names: Option<Vec<String>>,
    #[serde(default)]
    image: String,
    #[serde(default)]
    layer: String,
}

pub(super) fn items(root: &Arc<Root>) -> Result<Vec<Item>, ImageError> {
    let mut items = Vec::new();
    for driver in ["overlay", "vfs", "btrfs", "zfs"] {
        let images: Vec<StoredImage> = list(root, &format!("{driver}-images/images.json"))?;
        let mut layers: Vec<StoredLayer> = list(root, &format!("{driver}-layers/layers.json"))?;
        layers.extend(list::<StoredLayer>(root, &format!("{driver}-layers/volatile-layers.json"))?);
        let mut containers: Vec<StoredContainer> =
            list(root, &format!("{driver}-containers/containers.json"))?;
        containers
            .extend(list::<StoredContainer>(root, &format!("{driver}-containers/volatile-containers.json"))?);
        let layers: BTreeMap<&str, &StoredLayer> =
            layers.iter().map(|layer| (layer.id.as_str(), layer)).collect();
        let mut known: BTreeMap<String, (Chosen, Vec<LayerFolder>)> = BTreeMap::new();
        for image in images {
            let mut gaps = Vec::new();
            let folders = chain(driver, &image.layer, &layers, &mut gaps);
            let names = image.names.unwrap_or_default();
            let config = config(root, driver, &image.id, &mut gaps);
            let digest = if image.digest.is_empty() { format!("sha256:{}", image.id) } else { image.digest };
            let chosen = Chosen {
                references: names.clone(),
                digest,
                config,
                annotations: BTreeMap::new(),
                layers: Vec::new(),
                gaps,
            };
            known.insert(image.id.clone(), (chosen.clone(), folders.clone()));
            items.push(Item {
                is_container: false,
                names: std::iter::once(image.id).chain(names).collect(),
                contents: Contents::Folders { chosen, layers: folders },
            });
        }
        for container in containers {
            let mut gaps = Vec::new();
            let folders = chain(driver, &container.layer, &layers, &mut gaps);
            let names: Vec<String> =
                std::iter::once(container.id).chain(container.names.unwrap_or_default()).collect();
            let mut chosen =
                known.get(&container.image).map(|(chosen, _)| chosen.clone()).unwrap_or_default();
            let image_layers = known.get(&container.image).map_or(0, |(_, layers)| layers.len());
            let own = folders.len().saturating_sub(image_layers);
            let name = names.last().cloned().unwrap_or_default();
            chosen.config = with_own_layers(chosen.config, &name, image_layers, own);
            chosen.gaps.extend(gaps);
            items.push(Item {
                is_container: true,
                names,
                contents: Contents::Folders { chosen, layers: folders },
            });
        }
    }
    Ok(items)
}

/// A list of the store; empty when it is not there.
fn list<T: DeserializeOwned>(root: &Root, path: &str) -> Result<Vec<T>, ImageError> {
    let failed = |what: String| ImageError::Unusable(format!("its list {path} cannot be used: {what}"));
    match root.read(path.as_bytes(), MAX_JSON) {
        Err(Fault::Absent) => Ok(Vec::new()),
        Err(Fault::Unreadable { detail, .. }) => Err(failed(detail)),
        Ok(content) if content.bytes.trim_ascii().is_empty() => Ok(Vec::new()),
        Ok(content) => serde_json::from_slice(&content.bytes).map_err(|error| failed(error.to_string())),
    }
}

/// The folders of a layer and those below it, the lowest first.
fn chain(
    driver: &str,
    top: &str,
    layers: &BTreeMap<&str, &StoredLayer>,
    gaps: &mut Vec<Gap>,
) -> Vec<LayerFolder> {
    let mut folders = Vec::new();
    let mut seen = BTreeSet::new();
    let mut next = top;
    while !next.is_empty() {
        let place = || format!("layer {next}");
        let Some(layer) = layers.get(next).filter(|_| is_id(next)) else {
            gaps.push(gap(GapKind::Corrupt, place(), "the store lists no such layer".to_owned()));
            break;
        };
        if !seen.insert(next) || seen.len() > MAX_LAYERS {
            gaps.push(gap(GapKind::Corrupt, place(), "layers that are each other's parents".to_owned()));
            break;
        }
        let folder = |id: &str| match driver {
            "vfs" => format!("vfs/dir/{id}").into_bytes(),
            _ => format!("{driver}/{id}/diff").into_bytes(),
        };
        let keeping = match driver {
            "overlay" => Keeping::Changes,
            "vfs" => Keeping::Whole(
                Some(&layer.parent).filter(|parent| is_id(parent)).map(|parent| folder(parent)),
            ),
            _ => {
                let what =
                    format!("the storage driver {driver} keeps layers where they cannot be read as files");
                gaps.push(gap(GapKind::Unsupported, place(), what));
                break;
            }
        };
        let digest = if layer.compressed.is_empty() { &layer.diff } else { &layer.compressed };
        folders.push(LayerFolder { path: folder(next), keeping, digest: digest.clone() });
        next = &layer.parent;
    }
    folders.reverse();
    folders
}

/// The config of an image: the file of its folder that has the digest which the manifest names.
fn config(root: &Root, driver: &str, id: &str, gaps: &mut Vec<Gap>) -> Config {
    let folder = format!("{driver}-images/{id}");
    let read = |name: &str| {
        root.read(format!("{folder}/{name}").as_bytes(), MAX_JSON).ok().map(|content| content.bytes)
    };
    let manifest = read("manifest").and_then(|bytes| serde_json::from_slice::<Manifest>(&bytes).ok());
    let named = manifest.and_then(|manifest| manifest.config).map(|config| config.digest);
    let wanted = named.unwrap_or_else(|| format!("sha256:{id}"));
    for name in names(root, &folder, gaps) {
        // Names with other characters than letters are kept in base64, after this sign.
        let Some(bytes) = name.starts_with('=').then(|| read(&name)).flatten() else { continue };
        if digest_text("sha256", &Sha256::digest(&bytes)) == wanted {
            match serde_json::from_slice(&bytes) {
                Ok(config) => return config,
                Err(error) => gaps.push(gap(GapKind::Corrupt, format!("config {wanted}"), error.to_string())),
            }
        }
    }
    gaps.push(gap(
        GapKind::Corrupt,
        format!("config {wanted}"),
        "the store has no config of this digest".to_owned(),
    ));
    Config::default()
}
