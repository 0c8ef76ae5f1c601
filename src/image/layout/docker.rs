//! Archives of `docker save`: `manifest.json`, and before it a folder for each layer.
//!
//! Source: moby's `image/tarexport/load.go`.

use std::collections::{BTreeMap, BTreeSet};

use super::super::digest::{self, is_digest};
use super::super::manifest::{Config, DockerImage, OldLayer};
use super::{Chosen, LayerBlob, MAX_IMAGES, json, json_and_bytes};
use crate::fs::root::Root;
use crate::image::{ImageError, gap};
use crate::model::{Gap, GapKind};

/// Layers of one image.
const MAX_LAYERS: usize = 10_000;

/// Images of `docker save`; `None` when there is no list of them.
pub(in super::super) fn docker(root: &Root) -> Result<Option<Vec<Chosen>>, ImageError> {
    let mut gaps = Vec::new();
    let Some(images) = json::<Vec<DockerImage>>(root, "manifest.json", &mut gaps) else {
        return before_manifests(root);
    };
    let mut images = images.map_err(ImageError::Unusable)?;
    if images.is_empty() {
        return Err(ImageError::Unusable("its manifest.json lists no image".to_owned()));
    }
    too_many(images.len(), &mut gaps);
    images.truncate(MAX_IMAGES);
    let image = |image: DockerImage| {
        let mut gaps = gaps.clone();
        let (config, digest) = config(root, &image.config, &mut gaps);
        let layers = image.layers.into_iter().map(|path| {
            let digest = digest_of(&path);
            LayerBlob { path, digest, size: 0 }
        });
        Chosen {
            references: image.repo_tags,
            digest,
            config,
            layers: layers.collect(),
            gaps,
            ..Chosen::default()
        }
    };
    Ok(Some(images.into_iter().map(image).collect()))
}

/// The digest in the path of a blob: those of newer archives are named by it.
fn digest_of(path: &str) -> String {
    let named = path.strip_prefix("blobs/").and_then(|rest| rest.split_once('/'));
    let digest = named.map(|(algorithm, encoded)| format!("{algorithm}:{encoded}"));
    digest.filter(|digest| is_digest(digest)).unwrap_or_default()
}

/// The config at a path, and its digest.
fn config(root: &Root, path: &str, gaps: &mut Vec<Gap>) -> (Config, String) {
    let place = format!("config {path}");
    match json_and_bytes::<Config>(root, path, gaps) {
        Some(Ok((config, bytes))) => (config, digest::sha256(&bytes)),
        Some(Err(error)) => {
            gaps.push(gap(GapKind::Corrupt, place, error));
            (Config::default(), String::new())
        }
        None => {
            gaps.push(gap(GapKind::Corrupt, place, "it is not there".to_owned()));
            (Config::default(), String::new())
        }
    }
}

fn too_many(count: usize, gaps: &mut Vec<Gap>) {
    if count > MAX_IMAGES {
        let detail = format!("it has {count} images, of which the first {MAX_IMAGES} were scanned");
        gaps.push(gap(GapKind::OverLimit, "the archive".to_owned(), detail));
    }
}

/// Archives of Docker before 1.10: a folder for each layer, which names its parent. Docker loads every folder that has
/// `json` and `layer.tar`, whether `repositories` names it or not.
fn before_manifests(root: &Root) -> Result<Option<Vec<Chosen>>, ImageError> {
    let mut gaps = Vec::new();
    let names: BTreeMap<String, BTreeMap<String, String>> = match json(root, "repositories", &mut gaps) {
        Some(Ok(names)) => names,
        // A file system may have a file of that name.
        Some(Err(_)) | None => BTreeMap::new(),
    };
    let mut layers: BTreeMap<String, (String, Config, Vec<Gap>)> = BTreeMap::new();
    for listed in root.list(b"").unwrap_or_default() {
        let Ok(id) = String::from_utf8(listed.name) else { continue };
        let has = |name: &str| root.exists(format!("{id}/{name}").as_bytes());
        if has("layer.tar") && has("json") {
            let layer = old_layer(root, &id);
            layers.insert(id, layer);
        }
    }
    let mut called: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, tags) in names {
        for (tag, id) in tags {
            called.entry(id).or_default().push(format!("{name}:{tag}"));
        }
    }
    // Every layer that no other one is based on is the top of an image, and so is every one with a name.
    let parents: BTreeSet<&String> = layers.values().map(|(parent, ..)| parent).collect();
    let mut tops: BTreeSet<String> = layers.keys().filter(|id| !parents.contains(id)).cloned().collect();
    tops.extend(called.keys().cloned());
    too_many(tops.len(), &mut gaps);
    let mut chosen = Vec::new();
    for top in tops.into_iter().take(MAX_IMAGES) {
        let references = called.remove(&top).unwrap_or_default();
        chosen.push(Chosen { references, gaps: gaps.clone(), ..stacked(&top, &layers) });
    }
    Ok(Some(chosen).filter(|chosen| !chosen.is_empty()))
}

/// The parent, config and faults of a layer.
fn old_layer(root: &Root, id: &str) -> (String, Config, Vec<Gap>) {
    let mut gaps = Vec::new();
    let path = format!("{id}/json");
    let parent = json::<OldLayer>(root, &path, &mut gaps);
    let config = json::<Config>(root, &path, &mut Vec::new());
    match (parent, config) {
        (Some(Ok(layer)), Some(Ok(config))) => (layer.parent, config, gaps),
        (Some(Err(error)), _) | (_, Some(Err(error))) => {
            gaps.push(gap(GapKind::Corrupt, path, error));
            (String::new(), Config::default(), gaps)
        }
        (None, _) | (_, None) => {
            gaps.push(gap(GapKind::Corrupt, path, "it is not there".to_owned()));
            (String::new(), Config::default(), gaps)
        }
    }
}

/// The image whose top layer has an id.
fn stacked(top: &str, layers: &BTreeMap<String, (String, Config, Vec<Gap>)>) -> Chosen {
    let mut image = Chosen { digest: top.to_owned(), ..Chosen::default() };
    let mut seen = BTreeSet::new();
    let mut next = top;
    while !next.is_empty() {
        let Some((parent, config, gaps)) = layers.get(next) else {
            let detail = "the archive has no such layer".to_owned();
            image.gaps.push(gap(GapKind::Corrupt, format!("layer {next}"), detail));
            break;
        };
        if !seen.insert(next) || seen.len() > MAX_LAYERS {
            let detail = "layers that are each other's parents".to_owned();
            image.gaps.push(gap(GapKind::Corrupt, format!("layer {next}"), detail));
            break;
        }
        if image.layers.is_empty() {
            image.config = config.clone();
        }
        image.gaps.extend(gaps.iter().cloned());
        image.layers.push(LayerBlob { path: format!("{next}/layer.tar"), digest: String::new(), size: 0 });
        next = parent;
    }
    image.layers.reverse();
    image
}
