//! Docker's own store: `image/DRIVER` says which images and layers there are, `DRIVER/ID/diff` are the layers, and
//! `containers` describes the containers.
//!
//! Source: `moby`'s `image/fs.go`, `layer/filestore.go`, `container/container.go` and its graph drivers. Newer Dockers
//! may keep images in containerd, below their own folder.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{
    Contents, Item, Keeping, LayerFolder, MAX_LAYERS, containerd, is_folder, is_id, names, text,
    with_own_layers,
};
use crate::fs::root::Root;
use crate::image::layout::{Chosen, json};
use crate::image::manifest::Config;
use crate::image::{ImageError, digest_text, gap};
use crate::model::{Gap, GapKind};

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Repositories {
    repositories: BTreeMap<String, BTreeMap<String, String>>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Container {
    name: String,
    image: String,
    driver: String,
    state: State,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct State {
    running: bool,
}

pub(super) fn items(root: &Arc<Root>) -> Result<Vec<Item>, ImageError> {
    let mut items = Vec::new();
    let mut known = BTreeMap::new();
    for driver in names(root, "image", &mut Vec::new()) {
        images(root, &driver, &mut items, &mut known);
    }
    for id in names(root, "containers", &mut Vec::new()).iter().filter(|id| is_id(id)) {
        items.extend(container(root, id, &known));
    }
    let daemon = "containerd/daemon";
    if is_folder(root, &format!("{daemon}/io.containerd.metadata.v1.bolt")) {
        items.extend(containerd::items(root, daemon)?);
    }
    Ok(items)
}

fn images(root: &Arc<Root>, driver: &str, items: &mut Vec<Item>, known: &mut BTreeMap<String, Chosen>) {
    let mut gaps = Vec::new();
    let list = format!("image/{driver}/repositories.json");
    let repositories = match json::<Repositories>(root, &list) {
        Some(Ok(repositories)) => repositories,
        Some(Err(error)) => {
            gaps.push(gap(GapKind::Corrupt, list, error));
            Repositories::default()
        }
        None => Repositories::default(),
    };
    let mut called: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, id) in repositories.repositories.values().flatten() {
        called.entry(id).or_default().push(name.clone());
    }
    let content = format!("image/{driver}/imagedb/content/sha256");
    let ids = names(root, &content, &mut gaps);
    // Steps of a build that a later one goes on from are part of that image.
    let metadata = format!("image/{driver}/imagedb/metadata/sha256");
    let parents: BTreeSet<String> =
        ids.iter().filter_map(|id| text(root, &format!("{metadata}/{id}/parent"))).collect();
    for hex in ids.iter().filter(|id| is_id(id)) {
        let id = format!("sha256:{hex}");
        let mut gaps = gaps.clone();
        let path = format!("{content}/{hex}");
        let config: Config = match json(root, &path) {
            Some(Ok(config)) => config,
            Some(Err(error)) => {
                gaps.push(gap(GapKind::Corrupt, format!("config {id}"), error));
                Config::default()
            }
            None => continue,
        };
        let bytes =
            root.read(path.as_bytes(), super::MAX_JSON).map(|content| content.bytes).unwrap_or_default();
        let actual = digest_text("sha256", &Sha256::digest(&bytes));
        if actual != id {
            gaps.push(gap(
                GapKind::Corrupt,
                format!("config {id}"),
                format!("the digest of its bytes is {actual}"),
            ));
        }
        let references = called.remove(id.as_str()).unwrap_or_default();
        let is_named = !references.is_empty();
        let top = chain_id(&config.rootfs.diff_ids);
        let chosen = Chosen {
            references: references.clone(),
            digest: id.clone(),
            config,
            annotations: BTreeMap::new(),
            layers: Vec::new(),
            gaps,
        };
        known.insert(id.clone(), chosen.clone());
        if !is_named && parents.contains(&id) {
            continue;
        }
        let mut chosen = chosen;
        let layers = top.map(|top| chain(root, driver, &top, &mut chosen.gaps)).unwrap_or_default();
        let names = std::iter::once(id).chain(references).collect();
        items.push(Item { is_container: false, names, contents: Contents::Folders { chosen, layers } });
    }
}

fn container(root: &Arc<Root>, id: &str, known: &BTreeMap<String, Chosen>) -> Option<Item> {
    let path = format!("containers/{id}/config.v2.json");
    let mut gaps = Vec::new();
    let container: Container = match json(root, &path)? {
        Ok(container) => container,
        Err(error) => {
            gaps.push(gap(GapKind::Corrupt, path, error));
            Container::default()
        }
    };
    let driver = match is_id(&container.driver) {
        true => container.driver.clone(),
        false => names(root, "image", &mut gaps).into_iter().next()?,
    };
    // With the store of containerd the files are there.
    let mount = format!("image/{driver}/layerdb/mounts/{id}");
    if !is_folder(root, &mount) {
        if is_folder(root, "containerd/daemon") {
            return None;
        }
        gaps.push(gap(
            GapKind::Corrupt,
            format!("container {id}"),
            "the store has no files of it".to_owned(),
        ));
    }
    let mut layers = match text(root, &format!("{mount}/parent")) {
        Some(parent) => chain(root, &driver, &parent, &mut gaps),
        None => Vec::new(),
    };
    let image_layers = layers.len();
    for own in ["init-id", "mount-id"] {
        if let Some(own) = text(root, &format!("{mount}/{own}")).filter(|own| is_id(own)) {
            let lower = layers.last().map(|layer| layer.path.clone());
            layers.extend(folder(root, &driver, &own, lower, &mut gaps));
        }
    }
    let name = container.name.trim_start_matches('/').to_owned();
    let mut chosen = known.get(&container.image).cloned().unwrap_or_default();
    let own = layers.len() - image_layers;
    let state = if container.state.running { "running " } else { "" };
    chosen.config = with_own_layers(chosen.config, &format!("{state}{name}"), image_layers, own);
    chosen.gaps.extend(gaps);
    let names = [id.to_owned()].into_iter().chain(Some(name).filter(|name| !name.is_empty())).collect();
    Some(Item { is_container: true, names, contents: Contents::Folders { chosen, layers } })
}

/// The id of a chain of layers: what is below, and the next layer, hashed together.
pub(super) fn chain_id(diff_ids: &[String]) -> Option<String> {
    let mut ids = diff_ids.iter();
    let first = ids.next()?.clone();
    Some(ids.fold(first, |chain, next| digest_text("sha256", &Sha256::digest(format!("{chain} {next}")))))
}

/// The folders of a chain, the lowest first.
fn chain(root: &Root, driver: &str, top: &str, gaps: &mut Vec<Gap>) -> Vec<LayerFolder> {
    let mut ids = Vec::new();
    let mut seen = BTreeSet::new();
    let mut next = Some(top.to_owned());
    while let Some(chain) = next.take() {
        let hex = chain.strip_prefix("sha256:").unwrap_or(&chain);
        let place = format!("image/{driver}/layerdb/sha256/{hex}");
        let id = text(root, &format!("{place}/cache-id")).filter(|id| is_id(hex) && is_id(id));
        let Some(id) = id else {
            gaps.push(gap(
                GapKind::Corrupt,
                format!("layer {chain}"),
                "the store has no such layer".to_owned(),
            ));
            break;
        };
        next = text(root, &format!("{place}/parent"));
        if !seen.insert(chain.clone()) || seen.len() > MAX_LAYERS {
            gaps.push(gap(
                GapKind::Corrupt,
                format!("layer {chain}"),
                "layers that are each other's parents".to_owned(),
            ));
            break;
        }
        ids.push(id);
    }
    let mut folders: Vec<LayerFolder> = Vec::new();
    for id in ids.iter().rev() {
        let lower = folders.last().map(|layer| layer.path.clone());
        folders.extend(folder(root, driver, id, lower, gaps));
    }
    folders
}

/// The folder of a driver's layer.
fn folder(
    root: &Root,
    driver: &str,
    id: &str,
    lower: Option<Vec<u8>>,
    gaps: &mut Vec<Gap>,
) -> Option<LayerFolder> {
    let changes = format!("{driver}/{id}/diff");
    let whole = format!("{driver}/dir/{id}");
    let (path, keeping) = match driver {
        "overlay2" | "overlay" | "fuse-overlayfs" => (changes, Keeping::Changes),
        "vfs" => (whole, Keeping::Whole(lower)),
        _ => {
            let what = format!("the storage driver {driver} keeps layers where they cannot be read as files");
            gaps.push(gap(GapKind::Unsupported, format!("layer {id}"), what));
            return None;
        }
    };
    if !is_folder(root, &path) {
        gaps.push(gap(GapKind::Unreadable, path, "the files of the layer are not there".to_owned()));
        return None;
    }
    Some(LayerFolder { path: path.into_bytes(), keeping, digest: String::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chains() {
        let ids = ["sha256:a".to_owned(), "sha256:b".to_owned()];
        assert_eq!(chain_id(&[]), None);
        assert_eq!(chain_id(&ids[..1]).as_deref(), Some("sha256:a"));
        assert_eq!(chain_id(&ids), Some(digest_text("sha256", &Sha256::digest("sha256:a sha256:b"))));
    }
}
