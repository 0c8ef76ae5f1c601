//! What engines keep on a machine, read from their folders without a daemon: images and containers of Podman, Buildah
//! and CRI-O (`containers/storage`), of Docker, and of containerd.
//!
//! A layer that lies unpacked is walked once and read in place; a container is its image's layers and its own. Nothing
//! is locked or changed: a container that writes meanwhile is seen in the middle of it.

mod containerd;
mod containers_storage;
mod docker;
mod folder;
mod kind;
mod listing;
mod places;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

pub use self::kind::StoreKind;
pub use self::listing::Item;
pub use self::places::stores;

use self::folder::Folder;
use self::listing::{Contents, LayerFolder, Listing};
use super::assemble::{Image, assemble, open_image};
use super::bodies::Blob;
use super::error::ImageError;
use super::layout::LayerBlob;
use super::options::ImageOptions;
use crate::fs::root::Root;

/// Folders that stay known, for images that share them, until they have this many names.
const MANY: usize = 1_000_000;

/// A store, and what is in it.
pub struct Store {
    root: Arc<Root>,
    items: Vec<Arc<Item>>,
    folders: Mutex<BTreeMap<Vec<u8>, Arc<Folder>>>,
}

impl Store {
    /// Opens a store at a root.
    ///
    /// # Errors
    /// When there is none.
    pub fn open(kind: StoreKind, root: Root) -> Result<Store, ImageError> {
        if !kind.is_at(&root, "") {
            let signs = kind.signs().join(" or ");
            return Err(ImageError::Unusable(format!(
                "it is no such store, or you may not read it: it has no {signs}. Name the store's own folder"
            )));
        }
        let root = Arc::new(root);
        let Listing { mut items, gaps } = match kind {
            StoreKind::ContainersStorage => containers_storage::items(&root),
            StoreKind::Docker => docker::items(&root),
            StoreKind::Containerd => containerd::items(&root, "")?,
        };
        if items.is_empty() {
            let why = gaps.first().map(|gap| format!(": {}: {}", gap.place, gap.detail)).unwrap_or_default();
            return Err(ImageError::Unusable(format!("it lists no image and no container{why}")));
        }
        for item in &mut items {
            item.chosen_mut().gaps.extend(gaps.iter().cloned());
        }
        let items = items.into_iter().map(Arc::new).collect();
        Ok(Store { root, items, folders: Mutex::default() })
    }

    /// Its images and containers; of those only what is called so, if a name is given.
    ///
    /// # Errors
    /// When nothing is called so.
    pub fn items(&self, name: Option<&str>) -> Result<Vec<Arc<Item>>, ImageError> {
        let Some(name) = name else { return Ok(self.items.clone()) };
        let is_named = |item: &&Arc<Item>| item.is_called(name);
        let named: Vec<Arc<Item>> = self.items.iter().filter(is_named).cloned().collect();
        if !named.is_empty() {
            Ok(named)
        } else {
            Err(ImageError::Unusable(format!(
                "it has no image or container `{name}`; there is {}",
                self.items.iter().take(50).map(|item| item.title()).collect::<Vec<_>>().join(", ")
            )))
        }
    }

    /// Reads an image or container.
    pub fn image(&self, item: &Item, options: &ImageOptions) -> Image {
        match &item.contents {
            Contents::Blobs { chosen, root } => open_image(root, chosen.clone(), options),
            Contents::Folders { chosen, layers } => {
                let mut chosen = chosen.clone();
                let folders: Vec<Arc<Folder>> =
                    layers.iter().map(|layer| self.folder(layer, options)).collect();
                chosen.gaps.extend(folders.iter().flat_map(|folder| folder.gaps.clone()));
                let digests = layers.iter().map(|layer| layer.digest.clone());
                chosen.layers =
                    digests.map(|digest| LayerBlob { path: String::new(), digest, size: 0 }).collect();
                let indexes = folders.iter().map(|folder| Arc::clone(&folder.index)).collect();
                let blobs = folders.iter().map(|folder| Blob::Open(Arc::clone(&folder.blob))).collect();
                assemble(&self.root, chosen, indexes, blobs, options)
            }
        }
    }

    fn folder(&self, layer: &LayerFolder, options: &ImageOptions) -> Arc<Folder> {
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = folders.get(&layer.path) {
            return Arc::clone(folder);
        }
        if folders.values().map(|folder| folder.index.members.len()).sum::<usize>() > MANY {
            folders.clear();
        }
        let folder = Arc::new(Folder::read(&self.root, &layer.path, &layer.keeping, options));
        folders.insert(layer.path.clone(), Arc::clone(&folder));
        folder
    }
}
