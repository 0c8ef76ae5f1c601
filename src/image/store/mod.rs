//! What engines keep on a machine, read from their folders without a daemon: images and containers of Podman, Buildah
//! and CRI-O (`containers/storage`), of Docker, and of containerd.
//!
//! A layer that lies unpacked is walked once and read in place; a container is its image's layers and its own. Nothing
//! is locked or changed: a container that writes meanwhile is seen in the middle of it.

mod containerd;
mod containers_storage;
mod docker;
mod folder;
mod places;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use self::folder::{Folder, Keeping};
use super::bodies::Blob;
use super::layout::{Chosen, LayerBlob};
use super::manifest::{Config, History};
use super::{COLLECTOR, Image, ImageError, ImageOptions, assemble, gap, open_image};
use crate::fs::root::Root;
use crate::fs::tree::Kind;
use crate::model::{Gap, GapKind};

/// Lists of images, layers and containers are small; anything larger is none.
const MAX_JSON: usize = 64 << 20;
/// Layers of one image or container.
const MAX_LAYERS: usize = 10_000;
/// Folders that stay known, for images that share them, until they have this many names.
const MANY: usize = 1_000_000;

/// Whose store it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreKind {
    /// `containers/storage`: Podman, Buildah, CRI-O.
    ContainersStorage,
    /// Docker.
    Docker,
    /// containerd, as Kubernetes, nerdctl and newer Dockers use it.
    Containerd,
}

impl StoreKind {
    /// Every kind.
    pub const ALL: [StoreKind; 3] = [StoreKind::ContainersStorage, StoreKind::Docker, StoreKind::Containerd];

    /// The prefix of a target of this kind.
    pub fn prefix(self) -> &'static str {
        match self {
            StoreKind::ContainersStorage => "containers-storage:",
            StoreKind::Docker => "docker-store:",
            StoreKind::Containerd => "containerd:",
        }
    }

    /// Whose stores these are, for reports.
    pub fn engine(self) -> &'static str {
        match self {
            StoreKind::ContainersStorage => "Podman, Buildah or CRI-O",
            StoreKind::Docker => "Docker",
            StoreKind::Containerd => "containerd",
        }
    }

    /// What is there if it is one, for messages.
    fn signs(self) -> &'static [&'static str] {
        match self {
            StoreKind::ContainersStorage => &["overlay-images", "overlay-layers", "vfs-images"],
            StoreKind::Docker => &["image/DRIVER", "containerd/daemon/io.containerd.metadata.v1.bolt"],
            StoreKind::Containerd => &["io.containerd.metadata.v1.bolt/meta.db"],
        }
    }

    /// Whether a store of the kind is at a path: by files that nothing else has.
    fn is_at(self, root: &Root, path: &str) -> bool {
        let below = |name: &str| inside(path, name);
        match self {
            StoreKind::ContainersStorage => {
                let signs = containers_storage::SIGNS.iter();
                signs
                    .flat_map(|driver| {
                        [format!("{driver}-images/images.json"), format!("{driver}-layers/layers.json")]
                    })
                    .any(|sign| is_file(root, &below(&sign)))
            }
            StoreKind::Docker => {
                is_folder(root, &below("containerd/daemon/io.containerd.metadata.v1.bolt"))
                    || names(root, &below("image"), &mut Vec::new()).iter().any(|driver| {
                        is_file(root, &below(&format!("image/{driver}/repositories.json")))
                            || is_folder(root, &below(&format!("image/{driver}/imagedb/content")))
                    })
            }
            StoreKind::Containerd => is_file(root, &below("io.containerd.metadata.v1.bolt/meta.db")),
        }
    }
}

pub use places::stores;

/// A store, and what is in it.
pub struct Store {
    root: Arc<Root>,
    items: Vec<Item>,
    folders: Mutex<BTreeMap<Vec<u8>, Arc<Folder>>>,
}

/// An image or container of a store.
pub struct Item {
    is_container: bool,
    /// Its id, then its names.
    names: Vec<String>,
    contents: Contents,
}

/// Where the layers of an image or container are.
enum Contents {
    /// Unpacked, in folders of the store.
    Folders { chosen: Chosen, layers: Vec<LayerFolder> },
    /// In blobs, in the layout that a root of its own shows.
    Blobs { chosen: Chosen, root: Arc<Root> },
}

/// A layer that lies unpacked in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
struct LayerFolder {
    path: Vec<u8>,
    keeping: Keeping,
    digest: String,
}

/// What a store lists.
#[derive(Default)]
struct Listing {
    items: Vec<Item>,
    /// What could not be read of the lists: each image and container may be another than it seems.
    gaps: Vec<Gap>,
}

impl Item {
    fn chosen_mut(&mut self) -> &mut Chosen {
        match &mut self.contents {
            Contents::Folders { chosen, .. } | Contents::Blobs { chosen, .. } => chosen,
        }
    }

    /// What it is called in a report; it can be asked for by that, too.
    pub fn title(&self) -> String {
        let name = self.names.get(1).or(self.names.first()).map(String::as_str).unwrap_or_default();
        format!("{} {name}", if self.is_container { "container" } else { "image" })
    }

    fn is_called(&self, asked: &str) -> bool {
        let bare = asked.strip_prefix("sha256:").unwrap_or(asked);
        // As `docker` and `podman` take names: short ids, and images without registry or `:latest`.
        let fits = |name: &String| {
            let id = name.strip_prefix("sha256:").unwrap_or(name);
            name == asked
                || (bare.len() >= 12 && id.starts_with(bare))
                || name
                    .strip_suffix(":latest")
                    .unwrap_or(name)
                    .ends_with(&format!("/{}", asked.strip_suffix(":latest").unwrap_or(asked)))
                || name.strip_suffix(":latest") == Some(asked)
        };
        asked == self.title() || self.names.iter().any(fits)
    }
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
        Ok(Store { root, items, folders: Mutex::default() })
    }

    /// Its images and containers; of those only what is called so, if a name is given.
    ///
    /// # Errors
    /// When nothing is called so.
    pub fn items(&self, name: Option<&str>) -> Result<Vec<&Item>, ImageError> {
        let Some(name) = name else { return Ok(self.items.iter().collect()) };
        let named: Vec<&Item> = self.items.iter().filter(|item| item.is_called(name)).collect();
        if !named.is_empty() {
            Ok(named)
        } else {
            Err(ImageError::Unusable(format!(
                "it has no image or container `{name}`; there is {}",
                self.items.iter().take(50).map(Item::title).collect::<Vec<_>>().join(", ")
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

/// The history of a container: its image's, and what it wrote itself in so many layers.
fn with_own_layers(mut config: Arc<Config>, name: &str, image_layers: usize, own: usize) -> Arc<Config> {
    if config.steps().len() == image_layers {
        let step = || History { created_by: format!("written by container {name}"), ..History::default() };
        Arc::make_mut(&mut config).history.extend((0..own).map(|_| step()));
    }
    config
}

/// The names in a folder of a store; none when it is not there.
fn names(root: &Root, path: &str, gaps: &mut Vec<Gap>) -> Vec<String> {
    let mut listed = Vec::new();
    match root.tree().list_into(path.as_bytes(), &mut listed) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            gaps.push(gap(GapKind::Unreadable, path.to_owned(), error.to_string()));
        }
        _ => {}
    }
    let mut names: Vec<String> =
        listed.into_iter().map(|listed| String::from_utf8_lossy(&listed.name).into_owned()).collect();
    names.sort();
    names
}

/// A small text file of a store, without white space around it; `None` when it is not there or empty.
fn text(root: &Root, path: &str, gaps: &mut Vec<Gap>) -> Option<String> {
    match root.read(path.as_bytes(), 4096) {
        Ok(content) => {
            let text = String::from_utf8_lossy(content.bytes.trim_ascii()).into_owned();
            Some(text).filter(|text| !text.is_empty())
        }
        Err(fault) => {
            gaps.extend(fault.into_gap(COLLECTOR));
            None
        }
    }
}

/// Whether an id is one: a name that leads nowhere else.
fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn inside(below: &str, path: &str) -> String {
    if below.is_empty() { path.to_owned() } else { format!("{below}/{path}") }
}

fn is_file(root: &Root, path: &str) -> bool {
    root.tree().stat(path.as_bytes()).is_ok_and(|stat| stat.kind == Kind::File)
}

fn is_folder(root: &Root, path: &str) -> bool {
    root.tree().stat(path.as_bytes()).is_ok_and(|stat| stat.kind == Kind::Directory)
}
