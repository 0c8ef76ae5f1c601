//! For fuzzing: everything that is done with the bytes of layers.

use std::ops::Range;
use std::sync::Arc;

use super::assemble::MAX_VERSIONS;
use super::bodies::{Blob, Budget};
use super::layer::{Asked, Interest, LayerIndex, LayerKind};
use super::merge::{Rules, merge};
use super::tree::{Hives, ImageTree, Shared};
use crate::bytes::ReadAt;
use crate::format::executable::bulk;
use crate::fs::tree::{ListedKind, Tree, join};
use crate::model::Layer;

struct Everything;

impl Interest for Everything {
    fn folder(&self, _: &[u8]) -> Asked {
        Asked::default()
    }
    fn wants(&self, _: &Asked, _: &[u8], _: bool) -> bool {
        true
    }
    fn unread(&self, head: &[u8], size: u64) -> Vec<Range<u64>> {
        bulk::ranges(head, size)
    }
}

/// Reads some bytes as layers, of either kind, merges them, and opens every file of the result.
pub fn merge_all(layers: &[&[u8]]) {
    let budget = Arc::new(Budget::new(1 << 20, 0, 1 << 20));
    let blobs: Vec<Arc<dyn ReadAt>> =
        layers.iter().map(|layer| Arc::new(layer.to_vec()) as Arc<dyn ReadAt>).collect();
    for kind in [LayerKind::Plain, LayerKind::Windows] {
        let indexes: Vec<_> =
            blobs.iter().map(|blob| Arc::new(LayerIndex::read(blob, kind, &Everything, &budget))).collect();
        let rules = Rules { whiteouts: true, folds_case: kind == LayerKind::Windows };
        let image = Arc::new(merge(indexes.into(), rules));
        let (lost, _) = image.lost_trees(MAX_VERSIONS);
        let about = vec![Layer::default(); layers.len()];
        let opened = blobs.iter().cloned().map(Blob::Open).collect();
        let shared = Arc::new(Shared::new(about, opened, Arc::clone(&budget)));
        let lost = lost.into_iter().map(|(merged, _)| Arc::new(merged));
        for merged in std::iter::once(Arc::clone(&image)).chain(lost) {
            let mut tree = ImageTree::new(merged, &shared);
            tree.hives = Some(Hives { image: Arc::clone(&image), before: Some(1) });
            open_all(&tree);
        }
    }
}

fn open_all(tree: &ImageTree) {
    let mut pending = vec![Vec::new()];
    while let Some(folder) = pending.pop() {
        for listed in tree.list(&folder).into_iter().flatten() {
            let path = join(&folder, &listed.name);
            if listed.kind == ListedKind::Directory {
                pending.push(path);
            } else if let Ok(file) = tree.open(&path) {
                drop(file.read_vec(0, 1 << 16));
            }
        }
    }
    for hive in tree.layer_hives().unwrap_or_default() {
        drop((hive.open)().map(|file| file.read_vec(0, 1 << 16)));
    }
}
