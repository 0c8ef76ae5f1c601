//! What a store lists, and how its small files are read.

use std::sync::Arc;

use super::folder::Keeping;
use crate::fs::root::Root;
use crate::fs::tree::Kind;
use crate::image::gaps::{COLLECTOR, gap};
use crate::image::layout::Chosen;
use crate::image::manifest::{Config, History};
use crate::model::{Gap, GapKind};

/// Lists of images, layers and containers are small; anything larger is none.
pub(super) const MAX_JSON: usize = 64 << 20;

/// Layers of one image or container.
pub(super) const MAX_LAYERS: usize = 10_000;

/// An image or container of a store.
pub struct Item {
    pub(super) is_container: bool,
    /// Its id, then its names.
    pub(super) names: Vec<String>,
    pub(super) contents: Contents,
}

/// Where the layers of an image or container are.
pub(super) enum Contents {
    /// Unpacked, in folders of the store.
    Folders { chosen: Chosen, layers: Vec<LayerFolder> },
    /// In blobs, in the layout that a root of its own shows.
    Blobs { chosen: Chosen, root: Arc<Root> },
}

/// A layer that lies unpacked in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct LayerFolder {
    pub(super) path: Vec<u8>,
    pub(super) keeping: Keeping,
    pub(super) digest: String,
}

/// What a store lists.
#[derive(Default)]
pub(super) struct Listing {
    pub(super) items: Vec<Item>,
    /// What could not be read of the lists: each image and container may be another than it seems.
    pub(super) gaps: Vec<Gap>,
}

impl Item {
    pub(super) fn chosen_mut(&mut self) -> &mut Chosen {
        match &mut self.contents {
            Contents::Folders { chosen, .. } | Contents::Blobs { chosen, .. } => chosen,
        }
    }

    /// What it is called in a report; it can be asked for by that, too.
    pub fn title(&self) -> String {
        let name = self.names.get(1).or(self.names.first()).map(String::as_str).unwrap_or_default();
        format!("{} {name}", if self.is_container { "container" } else { "image" })
    }

    pub(super) fn is_called(&self, asked: &str) -> bool {
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

/// The history of a container: its image's, and what it wrote itself in so many layers.
pub(super) fn with_own_layers(
    mut config: Arc<Config>,
    name: &str,
    image_layers: usize,
    own: usize,
) -> Arc<Config> {
    if config.steps().len() == image_layers {
        let step = || History { created_by: format!("written by container {name}"), ..History::default() };
        Arc::make_mut(&mut config).history.extend((0..own).map(|_| step()));
    }
    config
}

/// The names in a folder of a store; none when it is not there.
pub(super) fn names(root: &Root, path: &str, gaps: &mut Vec<Gap>) -> Vec<String> {
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
pub(super) fn text(root: &Root, path: &str, gaps: &mut Vec<Gap>) -> Option<String> {
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
pub(super) fn is_id(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

pub(super) fn inside(below: &str, path: &str) -> String {
    if below.is_empty() { path.to_owned() } else { format!("{below}/{path}") }
}

pub(super) fn is_file(root: &Root, path: &str) -> bool {
    root.tree().stat(path.as_bytes()).is_ok_and(|stat| stat.kind == Kind::File)
}

pub(super) fn is_folder(root: &Root, path: &str) -> bool {
    root.tree().stat(path.as_bytes()).is_ok_and(|stat| stat.kind == Kind::Directory)
}
