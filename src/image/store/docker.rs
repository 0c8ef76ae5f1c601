//! Docker's own store: `image/DRIVER` says which images and layers there are, `DRIVER/ID/diff` are the layers, and
//! `containers` describes the containers.
//!
//! Source: `moby`'s `image/fs.go`, `layer/filestore.go`, `container/container.go` and its graph drivers. Newer Dockers
//! may keep images in containerd, below their own folder.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Deserialize;

use super::containerd;
use super::folder::Keeping;
use super::folder::Marks;
use super::listing::{
    Contents, Item, LayerFolder, Listing, MAX_LAYERS, is_folder, is_id, names, text, with_own_layers,
};
use crate::fs::root::Root;
use crate::image::digest::{chain_id, verify};
use crate::image::gaps::gap;
use crate::image::layout::{Chosen, json, json_and_bytes};
use crate::image::manifest::{Config, Descriptor};
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

pub(super) fn items(root: &Arc<Root>) -> Listing {
    let mut listing = Listing::default();
    let mut known = BTreeMap::new();
    for driver in names(root, "image", &mut listing.gaps).iter().filter(|driver| is_id(driver)) {
        images(root, driver, &mut listing, &mut known);
    }
    for id in names(root, "containers", &mut listing.gaps).iter().filter(|id| is_id(id)) {
        if let Some(item) = container(root, id, &known, &mut listing.gaps) {
            listing.items.push(item);
        }
    }
    let daemon = "containerd/daemon";
    if is_folder(root, &format!("{daemon}/io.containerd.metadata.v1.bolt")) {
        match containerd::items(root, daemon) {
            Ok(further) => {
                listing.items.extend(further.items);
                listing.gaps.extend(further.gaps);
            }
            Err(error) => listing.gaps.push(gap(GapKind::Corrupt, daemon.to_owned(), error.to_string())),
        }
    }
    listing
}

/// The names of images by their ids, as the store lists them.
fn repositories(root: &Root, driver: &str, gaps: &mut Vec<Gap>) -> BTreeMap<String, Vec<String>> {
    let list = format!("image/{driver}/repositories.json");
    let repositories = match json::<Repositories>(root, &list, gaps) {
        Some(Ok(repositories)) => repositories,
        Some(Err(error)) => {
            gaps.push(gap(GapKind::Corrupt, list, error));
            Repositories::default()
        }
        None => Repositories::default(),
    };
    let mut called: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, id) in repositories.repositories.into_values().flatten() {
        called.entry(id).or_default().push(name);
    }
    called
}

fn images(root: &Arc<Root>, driver: &str, listing: &mut Listing, known: &mut BTreeMap<String, Chosen>) {
    let mut called = repositories(root, driver, &mut listing.gaps);
    let content = format!("image/{driver}/imagedb/content/sha256");
    let ids = names(root, &content, &mut listing.gaps);
    // Steps of a build that a later one goes on from are part of that image.
    let metadata = format!("image/{driver}/imagedb/metadata/sha256");
    let parent = |id: &String| text(root, &format!("{metadata}/{id}/parent"), &mut Vec::new());
    let parents: BTreeSet<String> = ids.iter().filter_map(parent).collect();
    for hex in ids.iter().filter(|id| is_id(id)) {
        let id = format!("sha256:{hex}");
        let mut chosen = Chosen { digest: id.clone(), ..Chosen::default() };
        chosen.config = Arc::new(config(root, &format!("{content}/{hex}"), &id, &mut chosen.gaps));
        chosen.references = called.remove(&id).unwrap_or_default();
        known.insert(id.clone(), chosen.clone());
        if chosen.references.is_empty() && parents.contains(&id) {
            continue;
        }
        let diff_ids = &chosen.config.rootfs.diff_ids;
        let layers = match chain_id(diff_ids) {
            Some(top) => chain(root, driver, &top, &mut chosen.gaps),
            None => Vec::new(),
        };
        if layers.len() != diff_ids.len() && chosen.gaps.is_empty() {
            let detail =
                format!("its config names {} layers, and the store has {}", diff_ids.len(), layers.len());
            chosen.gaps.push(gap(GapKind::Corrupt, format!("image {id}"), detail));
        }
        let names = std::iter::once(id).chain(chosen.references.clone()).collect();
        listing.items.push(Item {
            is_container: false,
            names,
            contents: Contents::Folders { chosen, layers },
        });
    }
    for (id, names) in called {
        let detail = format!("the store lists {}, and has no such image", names.join(", "));
        listing.gaps.push(gap(GapKind::Corrupt, format!("image {id}"), detail));
    }
}

/// The config of an image.
fn config(root: &Root, path: &str, id: &str, gaps: &mut Vec<Gap>) -> Config {
    let place = format!("config {id}");
    match json_and_bytes::<Config>(root, path, gaps) {
        Some(Ok((config, bytes))) => {
            let descriptor = Descriptor { digest: id.to_owned(), ..Descriptor::default() };
            if let Err(unverified) = verify(&descriptor, &bytes) {
                gaps.push(gap(unverified.kind, place, unverified.detail));
            }
            config
        }
        failed => {
            let detail = failed.and_then(Result::err).unwrap_or_else(|| "it is not there".to_owned());
            gaps.push(gap(GapKind::Corrupt, place, detail));
            Config::default()
        }
    }
}

fn container(
    root: &Arc<Root>,
    id: &str,
    known: &BTreeMap<String, Chosen>,
    store_gaps: &mut Vec<Gap>,
) -> Option<Item> {
    let path = format!("containers/{id}/config.v2.json");
    let mut gaps = Vec::new();
    let container = match json::<Container>(root, &path, &mut gaps) {
        Some(Ok(container)) => container,
        failed => {
            let detail = failed.and_then(Result::err).unwrap_or_else(|| "it is not there".to_owned());
            gaps.push(gap(GapKind::Corrupt, path, detail));
            Container::default()
        }
    };
    let named = Some(container.driver.clone()).filter(|driver| is_id(driver));
    let Some(driver) = named.or_else(|| names(root, "image", &mut gaps).into_iter().next()) else {
        store_gaps.append(&mut gaps);
        return None;
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
    let mut layers = match text(root, &format!("{mount}/parent"), &mut gaps) {
        Some(parent) => chain(root, &driver, &parent, &mut gaps),
        None => Vec::new(),
    };
    let image_layers = layers.len();
    for part in ["init-id", "mount-id"] {
        let own = text(root, &format!("{mount}/{part}"), &mut gaps).filter(|own| is_id(own));
        // What the container wrote itself lies there.
        if own.is_none() && part == "mount-id" {
            let detail = "the store names no folder of its own files".to_owned();
            gaps.push(gap(GapKind::Corrupt, format!("container {id}"), detail));
        }
        let lower = layers.last().map(|layer| layer.path.clone());
        layers.extend(own.and_then(|own| folder(root, &driver, &own, lower, &mut gaps)));
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

/// The folders of a chain, the lowest first.
fn chain(root: &Root, driver: &str, top: &str, gaps: &mut Vec<Gap>) -> Vec<LayerFolder> {
    let mut ids = Vec::new();
    let mut seen = BTreeSet::new();
    let mut next = Some(top.to_owned());
    while let Some(chain) = next.take() {
        let hex = chain.strip_prefix("sha256:").unwrap_or(&chain);
        let place = format!("image/{driver}/layerdb/sha256/{hex}");
        let id = text(root, &format!("{place}/cache-id"), gaps).filter(|id| is_id(hex) && is_id(id));
        let Some(id) = id else {
            gaps.push(gap(
                GapKind::Corrupt,
                format!("layer {chain}"),
                "the store has no such layer".to_owned(),
            ));
            break;
        };
        next = text(root, &format!("{place}/parent"), gaps);
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
        "overlay2" | "overlay" => (changes, Keeping::Changes(Marks::Kernel)),
        "fuse-overlayfs" => (changes, Keeping::Changes(Marks::Names)),
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
        assert_eq!(chain_id(&ids), Some(crate::image::digest::sha256("sha256:a sha256:b")));
    }
}
