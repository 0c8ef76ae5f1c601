//! `containers/storage`, as Podman, Buildah and CRI-O use it: `DRIVER-images`, `DRIVER-layers` and `DRIVER-containers`
//! list what there is, `overlay/ID/diff` and `vfs/dir/ID` are the layers.
//!
//! Source: the library's `images.go`, `layers.go` and `containers.go`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::folder::Keeping;
use super::folder::Marks;
use super::listing::{
    Contents, Item, LayerFolder, Listing, MAX_JSON, MAX_LAYERS, is_id, names, with_own_layers,
};
use crate::fs::root::{Fault, Root};
use crate::image::digest::verify;
use crate::image::gaps::{COLLECTOR, gap};
use crate::image::layout::{Chosen, json, parse};
use crate::image::manifest::{Config, Descriptor, Manifest};
use crate::model::{Gap, GapKind};

/// Drivers, which the lists are named by.
pub(super) const SIGNS: &[&str] = &["overlay", "vfs", "btrfs", "zfs", "overlay2", "aufs"];

#[derive(Default, Deserialize)]
#[serde(default)]
struct StoredImage {
    id: String,
    digest: String,
    names: Vec<String>,
    layer: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct StoredLayer {
    id: String,
    parent: String,
    #[serde(rename = "compressed-diff-digest")]
    compressed: String,
    #[serde(rename = "diff-digest")]
    diff: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct StoredContainer {
    id: String,
    names: Vec<String>,
    image: String,
    layer: String,
}

pub(super) fn items(root: &Arc<Root>) -> Listing {
    let Listing { mut items, gaps: mut store_gaps } = Listing::default();
    for &driver in SIGNS {
        let gaps = &mut store_gaps;
        let images: Vec<StoredImage> = list(root, &format!("{driver}-images/images.json"), gaps);
        let mut layers: Vec<StoredLayer> = list(root, &format!("{driver}-layers/layers.json"), gaps);
        layers.extend(list::<StoredLayer>(root, &format!("{driver}-layers/volatile-layers.json"), gaps));
        let mut containers: Vec<StoredContainer> =
            list(root, &format!("{driver}-containers/containers.json"), gaps);
        containers.extend(list::<StoredContainer>(
            root,
            &format!("{driver}-containers/volatile-containers.json"),
            gaps,
        ));
        let layers: BTreeMap<&str, &StoredLayer> =
            layers.iter().map(|layer| (layer.id.as_str(), layer)).collect();
        let mut known: BTreeMap<String, (Chosen, Vec<LayerFolder>)> = BTreeMap::new();
        for image in images {
            let mut gaps = Vec::new();
            let folders = chain(root, driver, &image.layer, &layers, &mut gaps);
            let names = image.names;
            let config = Arc::new(config(root, driver, &image.id, &mut gaps));
            let digest = if image.digest.is_empty() { format!("sha256:{}", image.id) } else { image.digest };
            let chosen = Chosen { references: names.clone(), digest, config, gaps, ..Chosen::default() };
            known.insert(image.id.clone(), (chosen.clone(), folders.clone()));
            items.push(Item {
                is_container: false,
                names: std::iter::once(image.id).chain(names).collect(),
                contents: Contents::Folders { chosen, layers: folders },
            });
        }
        for container in containers {
            let mut gaps = Vec::new();
            let folders = chain(root, driver, &container.layer, &layers, &mut gaps);
            let names: Vec<String> = std::iter::once(container.id).chain(container.names).collect();
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
    Listing { items, gaps: store_gaps }
}

/// A list of the store; empty when it is not there.
fn list<T: DeserializeOwned>(root: &Root, path: &str, gaps: &mut Vec<Gap>) -> Vec<T> {
    let parsed = match root.read(path.as_bytes(), MAX_JSON) {
        Err(Fault::Absent) => return Vec::new(),
        Err(Fault::Unreadable { detail, .. }) => Err(detail),
        Ok(content) if content.cut_from.is_some() => Err(format!("it is larger than {MAX_JSON} bytes")),
        Ok(content) if content.bytes.trim_ascii().is_empty() => return Vec::new(),
        Ok(content) => parse(path, &content.bytes, gaps),
    };
    parsed.unwrap_or_else(|what| {
        gaps.push(gap(GapKind::Corrupt, path.to_owned(), format!("the list cannot be used: {what}")));
        Vec::new()
    })
}

/// The folders of a layer and those below it, the lowest first.
fn chain(
    root: &Root,
    driver: &str,
    top: &str,
    layers: &BTreeMap<&str, &StoredLayer>,
    gaps: &mut Vec<Gap>,
) -> Vec<LayerFolder> {
    // Where a program does the mounts (fuse-overlayfs), it may mark by names.
    let marks = if root.exists(format!("{driver}/.has-mount-program").as_bytes()) {
        Marks::Names
    } else {
        Marks::Kernel
    };
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
            "overlay" | "overlay2" => Keeping::Changes(marks),
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
    let manifest = match json::<Manifest>(root, &format!("{folder}/manifest"), gaps) {
        Some(Ok(manifest)) => Some(manifest),
        Some(Err(error)) => {
            gaps.push(gap(GapKind::Corrupt, format!("manifest of image {id}"), error));
            None
        }
        // Images that were built here may have none.
        None => None,
    };
    let named = manifest.and_then(|manifest| manifest.config).map(|config| config.digest);
    let wanted = named.unwrap_or_else(|| format!("sha256:{id}"));
    let descriptor = Descriptor { digest: wanted.clone(), ..Descriptor::default() };
    for name in names(root, &folder, gaps) {
        // Names with other characters than letters are kept in base64, after this sign.
        if !name.starts_with('=') {
            continue;
        }
        let path = format!("{folder}/{name}");
        let content = match root.read(path.as_bytes(), MAX_JSON) {
            Ok(content) => content,
            Err(fault) => {
                gaps.extend(fault.into_gap(COLLECTOR));
                continue;
            }
        };
        if verify(&descriptor, &content.bytes).is_ok() {
            match parse(&format!("config {wanted}"), &content.bytes, gaps) {
                Ok(config) => return config,
                Err(error) => gaps.push(gap(GapKind::Corrupt, format!("config {wanted}"), error)),
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
