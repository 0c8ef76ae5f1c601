//! Archives of `docker save`: `manifest.json`, and before it a folder for each layer.
//!
//! Source: moby's `image/tarexport/load.go`.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::digest::{self, is_digest};
use super::super::manifest::{Config, DockerImage, OldLayer};
use super::chosen::{Chosen, LayerBlob, MAX_IMAGES, MAX_LAYERS, MAX_TOTAL};
use super::json::{json, json_and_bytes};
use crate::fs::RealPath;
use crate::fs::root::Root;
use crate::image::error::ImageError;
use crate::image::gaps::gap;
use crate::model::{Gap, GapKind};

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
    // Names of one image, however many, are one image: engines know it by its config and layers.
    let mut same: BTreeMap<(String, Vec<String>), BTreeSet<String>> = BTreeMap::new();
    let mut order = Vec::new();
    for image in std::mem::take(&mut images) {
        let key = (image.config, image.layers);
        if !same.contains_key(&key) {
            order.push(key.clone());
        }
        same.entry(key).or_default().extend(image.repo_tags);
    }
    too_many(order.len(), &mut gaps);
    only_in_repositories(root, &order, &mut gaps);
    let mut configs = Configs { root, known: BTreeMap::new(), bytes: 0 };
    let image = |(path, layers): (String, Vec<String>)| {
        let references = same.remove(&(path.clone(), layers.clone())).unwrap_or_default();
        let (config, digest, of_config) = configs.at(&path);
        let layers = layers.into_iter().map(|path| {
            let digest = digest_of(&path);
            LayerBlob { path, digest, size: 0 }
        });
        Chosen {
            references: references.into_iter().collect(),
            digest,
            config,
            layers: layers.collect(),
            gaps: gaps.iter().cloned().chain(of_config).collect(),
            ..Chosen::default()
        }
    };
    Ok(Some(order.into_iter().take(MAX_IMAGES).map(image).collect()))
}

/// The configs of an archive, each read once, however many images name it.
struct Configs<'a> {
    root: &'a Root,
    known: BTreeMap<String, (Arc<Config>, String, Vec<Gap>)>,
    /// Read so far.
    bytes: usize,
}

impl Configs<'_> {
    /// The config at a path, its digest, and what is wrong with it.
    fn at(&mut self, path: &str) -> (Arc<Config>, String, Vec<Gap>) {
        if let Some(known) = self.known.get(path) {
            return known.clone();
        }
        let mut gaps = Vec::new();
        let place = format!("config {path}");
        let (config, digest) = if self.bytes > MAX_TOTAL {
            let detail =
                format!("the configs before it have more than {MAX_TOTAL} bytes, so it was not read");
            gaps.push(gap(GapKind::OverLimit, place, detail));
            (Config::default(), String::new())
        } else {
            match json_and_bytes::<Config>(self.root, path, &mut gaps) {
                Some(Ok((config, bytes))) => {
                    self.bytes += bytes.len();
                    (config, digest::sha256(&bytes))
                }
                Some(Err(error)) => {
                    gaps.push(gap(GapKind::Corrupt, place, error));
                    (Config::default(), String::new())
                }
                None => {
                    gaps.push(gap(GapKind::Corrupt, place, "it is not there".to_owned()));
                    (Config::default(), String::new())
                }
            }
        };
        let made = (Arc::new(config), digest, gaps);
        self.known.insert(path.to_owned(), made.clone());
        made
    }
}

/// Images that `repositories` names and `manifest.json` does not: Docker before 1.10 loads those, later ones these.
fn only_in_repositories(root: &Root, images: &[(String, Vec<String>)], gaps: &mut Vec<Gap>) {
    const LISTED: usize = 20;
    type Names = BTreeMap<String, BTreeMap<String, String>>;
    let Some(Ok(names)) = json::<Names>(root, "repositories", &mut Vec::new()) else { return };
    // Newer archives have the layer of the old form as a link to that of the new one.
    let real = |path: &str| root.find(path.as_bytes()).ok().map(|found| found.real);
    let known: BTreeSet<RealPath> =
        images.iter().flat_map(|(_, layers)| layers).filter_map(|layer| real(layer)).collect();
    let named = names.iter().flat_map(|(name, tags)| tags.iter().map(move |(tag, id)| (name, tag, id)));
    let unknown = named
        .filter(|(_, _, id)| real(&format!("{id}/layer.tar")).is_some_and(|layer| !known.contains(&layer)));
    for (name, tag, id) in unknown.take(LISTED) {
        let detail = format!(
            "it names the layer {id} for {name}:{tag}, which manifest.json does not have, and readers differ in which \
            one counts"
        );
        gaps.push(gap(GapKind::Corrupt, "repositories".to_owned(), detail));
    }
}

/// The digest in the path of a blob: those of newer archives are named by it.
fn digest_of(path: &str) -> String {
    let named = path.strip_prefix("blobs/").and_then(|rest| rest.split_once('/'));
    let digest = named.map(|(algorithm, encoded)| format!("{algorithm}:{encoded}"));
    digest.filter(|digest| is_digest(digest)).unwrap_or_default()
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
    let mut layers: BTreeMap<String, (String, Arc<Config>, Vec<Gap>)> = BTreeMap::new();
    for listed in root.list(b"").into_iter().flatten() {
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
        let image = stacked(&top, &layers);
        let gaps = gaps.iter().cloned().chain(image.gaps).collect();
        chosen.push(Chosen { references, gaps, ..image });
    }
    Ok(Some(chosen).filter(|chosen| !chosen.is_empty()))
}

/// The parent, config and faults of a layer.
fn old_layer(root: &Root, id: &str) -> (String, Arc<Config>, Vec<Gap>) {
    let mut gaps = Vec::new();
    let path = format!("{id}/json");
    let parent = json::<OldLayer>(root, &path, &mut gaps);
    let config = json::<Config>(root, &path, &mut Vec::new());
    match (parent, config) {
        (Some(Ok(layer)), Some(Ok(config))) => (layer.parent, Arc::new(config), gaps),
        (Some(Err(error)), _) | (_, Some(Err(error))) => {
            gaps.push(gap(GapKind::Corrupt, path, error));
            (String::new(), Arc::default(), gaps)
        }
        (None, _) | (_, None) => {
            gaps.push(gap(GapKind::Corrupt, path, "it is not there".to_owned()));
            (String::new(), Arc::default(), gaps)
        }
    }
}

/// The image whose top layer has an id.
fn stacked(top: &str, layers: &BTreeMap<String, (String, Arc<Config>, Vec<Gap>)>) -> Chosen {
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
            image.config = Arc::clone(config);
        }
        image.gaps.extend(gaps.iter().cloned());
        image.layers.push(LayerBlob { path: format!("{next}/layer.tar"), digest: String::new(), size: 0 });
        next = parent;
    }
    image.layers.reverse();
    image
}
