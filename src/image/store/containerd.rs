//! containerd: its database (bolt) says which images, containers and snapshots there are, in namespaces; images are
//! blobs of the content store, and unpacked they and containers are snapshots.
//!
//! Source: containerd's `metadata/buckets.go`, `snapshots/storage/bolt.go` and its content store. Kubernetes may be set
//! to throw blobs away once they are unpacked; such images are read from their snapshots.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use serde_json::json;

use super::docker::chain_id;
use super::{Contents, Item, Keeping, LayerFolder, MAX_LAYERS, is_folder, with_own_layers};
use crate::bytes::ReadAt;
use crate::format::database::bolt::{Bucket, Database};
use crate::fs::memory::Memory;
use crate::fs::root::{Fault, Root};
use crate::fs::tree::{Listed, Stat, Tree, join};
use crate::image::layout::{self, Chosen};
use crate::image::{ImageError, gap};
use crate::model::{Gap, GapKind};

/// Databases up to this size are read.
const MAX_DATABASE: usize = 256 << 20;

/// The images and containers of a store that lies below a path of a root.
pub(super) fn items(root: &Arc<Root>, below: &str) -> Result<Vec<Item>, ImageError> {
    let path = inside(below, "io.containerd.metadata.v1.bolt/meta.db");
    let unusable = |what: String| ImageError::Unusable(format!("its database {path} cannot be used: {what}"));
    let bytes = match read(root, &path) {
        Ok(bytes) => bytes,
        Err(what) => return Err(unusable(what)),
    };
    let database = Database::open(&bytes).map_err(|damage| unusable(damage.what))?;
    let Some(version) = database.root().bucket(b"v1") else { return Ok(Vec::new()) };
    let mut items = Vec::new();
    for (namespace, bucket) in version.buckets() {
        let mut gaps = Vec::new();
        let snapshots = Snapshots::read(root, below, &bucket, &mut gaps);
        let mut known = BTreeMap::new();
        images(root, below, &bucket, &snapshots, &gaps, &mut items, &mut known);
        let namespace = lossy(namespace);
        if let Some(containers) = bucket.bucket(b"containers") {
            let (entries, damage) = containers.entries();
            if let Some(damage) = damage {
                gaps.push(crate::fs::damage_gap(crate::image::COLLECTOR, path.clone(), &damage));
            }
            drop(entries);
            for (id, container) in containers.buckets() {
                items.push(container_of(&lossy(id), &namespace, &container, &snapshots, &known, &gaps));
            }
        }
    }
    Ok(items)
}

fn inside(below: &str, path: &str) -> String {
    if below.is_empty() { path.to_owned() } else { format!("{below}/{path}") }
}

fn read(root: &Root, path: &str) -> Result<Vec<u8>, String> {
    match root.read(path.as_bytes(), MAX_DATABASE) {
        Err(Fault::Absent) => Err("it is not there".to_owned()),
        Err(Fault::Unreadable { detail, .. }) => Err(detail),
        Ok(content) if content.cut_from.is_some() => Err(format!("it is larger than {MAX_DATABASE} bytes")),
        Ok(content) => Ok(content.bytes),
    }
}

fn lossy(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn field(bucket: &Bucket<'_>, name: &str) -> String {
    bucket.bytes(name.as_bytes()).map(lossy).unwrap_or_default()
}

/// The images of a namespace; several names may be one image.
fn images(
    root: &Arc<Root>,
    below: &str,
    bucket: &Bucket<'_>,
    snapshots: &Snapshots,
    gaps: &[Gap],
    items: &mut Vec<Item>,
    known: &mut BTreeMap<String, Chosen>,
) {
    let mut targets: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, image) in bucket.bucket(b"images").map(|images| images.buckets()).unwrap_or_default() {
        let digest = image.bucket(b"target").map(|target| field(&target, "digest")).unwrap_or_default();
        targets.entry(digest).or_default().push(lossy(name));
    }
    for (digest, mut called) in targets {
        // Names that say no more than the digest come last.
        called.sort_by_key(|name| (name.starts_with("sha256:"), name.contains('@'), name.clone()));
        let names: Vec<String> = std::iter::once(digest.clone()).chain(called.iter().cloned()).collect();
        let title = called.first().cloned().unwrap_or_default();
        let index = json!({ "manifests": [{ "digest": digest, "annotations": { "io.containerd.image.name": title } }] });
        let content = WithIndex {
            index: Memory::new().file("index.json", index.to_string()),
            root: Arc::clone(root),
            content: inside(below, "io.containerd.content.v1.content").into_bytes(),
        };
        let content = Arc::new(Root::new(Box::new(content)));
        let chosen = match layout::oci(&content, None) {
            Ok(chosen) => chosen.unwrap_or_default(),
            Err(error) => {
                let what = match error {
                    ImageError::Io(error) => error.to_string(),
                    ImageError::Unusable(what) => what,
                };
                vec![Chosen {
                    digest: digest.clone(),
                    gaps: vec![gap(GapKind::Corrupt, format!("image {title}"), what)],
                    ..Chosen::default()
                }]
            }
        };
        for mut chosen in chosen {
            chosen.references = called.clone();
            chosen.gaps.extend(gaps.iter().cloned());
            called.iter().for_each(|name| drop(known.insert(name.clone(), chosen.clone())));
            let is_whole = chosen.layers.iter().all(|layer| content.exists(layer.path.as_bytes()));
            let unpacked =
                chain_id(&chosen.config.rootfs.diff_ids).and_then(|chain| snapshots.unpacked(&chain));
            let contents = match unpacked {
                Some(layers) if !is_whole => Contents::Folders { chosen, layers },
                _ => Contents::Blobs { chosen, root: Arc::clone(&content) },
            };
            items.push(Item { is_container: false, names: names.clone(), contents });
        }
    }
}

fn container_of(
    id: &str,
    namespace: &str,
    container: &Bucket<'_>,
    snapshots: &Snapshots,
    known: &BTreeMap<String, Chosen>,
    gaps: &[Gap],
) -> Item {
    let mut chosen = known.get(&field(container, "image")).cloned().unwrap_or_default();
    chosen.gaps.extend(gaps.iter().cloned());
    let (snapshotter, key) = (field(container, "snapshotter"), field(container, "snapshotKey"));
    // What Kubernetes calls it.
    let labels = container.bucket(b"labels");
    let label = |name: &str| labels.as_ref().map(|labels| field(labels, name)).unwrap_or_default();
    let (pod, own) = (label("io.kubernetes.pod.name"), label("io.kubernetes.container.name"));
    let name = if own.is_empty() { format!("{namespace}/{id}") } else { format!("{namespace}/{pod}/{own}") };
    let image_layers = chosen.config.rootfs.diff_ids.len();
    let layers = match key.is_empty() {
        // Some have a file system that containerd does not keep.
        true => Vec::new(),
        false => snapshots.chain(&snapshotter, &key, &mut chosen.gaps),
    };
    chosen.layers.clear();
    let own = layers.len().saturating_sub(image_layers);
    chosen.config = with_own_layers(chosen.config, &name, image_layers, own);
    if key.is_empty() {
        let what = "its files are not kept by containerd".to_owned();
        chosen.gaps.push(gap(GapKind::Unsupported, format!("container {id}"), what));
    }
    Item {
        is_container: true,
        names: vec![id.to_owned(), name],
        contents: Contents::Folders { chosen, layers },
    }
}

/// The snapshots of a namespace.
struct Snapshots {
    root: Arc<Root>,
    below: String,
    /// Of each snapshotter: each key's name in the snapshotter's own database, and its parent's key.
    keys: BTreeMap<String, BTreeMap<String, (String, String)>>,
    /// Of each snapshotter: the number of each name's folder.
    folders: BTreeMap<String, BTreeMap<String, u64>>,
}

impl Snapshots {
    fn read(root: &Arc<Root>, below: &str, bucket: &Bucket<'_>, gaps: &mut Vec<Gap>) -> Snapshots {
        let (mut keys, mut folders) = (BTreeMap::new(), BTreeMap::new());
        for (snapshotter, snapshots) in
            bucket.bucket(b"snapshots").map(|all| all.buckets()).unwrap_or_default()
        {
            let snapshotter = lossy(snapshotter);
            let of_key = |(key, snapshot): (&[u8], Bucket<'_>)| {
                (lossy(key), (field(&snapshot, "name"), field(&snapshot, "parent")))
            };
            keys.insert(snapshotter.clone(), snapshots.buckets().into_iter().map(of_key).collect());
            let path = inside(below, &format!("io.containerd.snapshotter.v1.{snapshotter}/metadata.db"));
            match read(root, &path).and_then(|bytes| numbers(&bytes)) {
                Ok(numbers) => drop(folders.insert(snapshotter, numbers)),
                Err(what) => gaps.push(gap(GapKind::Unreadable, path, what)),
            }
        }
        Snapshots { root: Arc::clone(root), below: below.to_owned(), keys, folders }
    }

    /// The folders of an image that some snapshotter has unpacked.
    fn unpacked(&self, chain: &str) -> Option<Vec<LayerFolder>> {
        let snapshotter = self.keys.iter().find(|(_, keys)| keys.contains_key(chain))?.0;
        let mut gaps = Vec::new();
        let layers = self.chain(snapshotter, chain, &mut gaps);
        gaps.is_empty().then_some(layers)
    }

    /// The folders of a snapshot and those below it, the lowest first.
    fn chain(&self, snapshotter: &str, key: &str, gaps: &mut Vec<Gap>) -> Vec<LayerFolder> {
        let mut folders: Vec<Vec<u8>> = Vec::new();
        let mut seen = BTreeSet::new();
        let mut next = key.to_owned();
        while !next.is_empty() {
            let place = format!("snapshot {next}");
            let known = self.keys.get(snapshotter).and_then(|keys| keys.get(&next));
            let number = known.and_then(|(name, _)| self.folders.get(snapshotter)?.get(name));
            let (Some((_, parent)), Some(number)) = (known, number) else {
                gaps.push(gap(GapKind::Corrupt, place, "containerd knows no such snapshot".to_owned()));
                break;
            };
            if !seen.insert(next.clone()) || seen.len() > MAX_LAYERS {
                gaps.push(gap(GapKind::Corrupt, place, "snapshots that are each other's parents".to_owned()));
                break;
            }
            let top = format!("io.containerd.snapshotter.v1.{snapshotter}/snapshots/{number}");
            let top = inside(&self.below, &if snapshotter == "native" { top } else { format!("{top}/fs") });
            match is_folder(&self.root, &top) {
                true => folders.push(top.into_bytes()),
                false => {
                    let what = format!("the snapshotter {snapshotter} has no files for it at {top}");
                    gaps.push(gap(GapKind::Unsupported, place, what));
                }
            }
            next.clone_from(parent);
        }
        folders.reverse();
        let keeping = |at: usize| match snapshotter {
            "native" => Keeping::Whole(at.checked_sub(1).and_then(|lower| folders.get(lower).cloned())),
            _ => Keeping::Changes,
        };
        let layer = |(at, path): (usize, &Vec<u8>)| LayerFolder {
            path: path.clone(),
            keeping: keeping(at),
            digest: String::new(),
        };
        folders.iter().enumerate().map(layer).collect()
    }
}

/// Which folder each snapshot has, from the snapshotter's own database.
fn numbers(bytes: &[u8]) -> Result<BTreeMap<String, u64>, String> {
    let database = Database::open(bytes).map_err(|damage| damage.what)?;
    let snapshots = database.root().bucket(b"v1").and_then(|version| version.bucket(b"snapshots"));
    let number = |(name, snapshot): (&[u8], Bucket<'_>)| Some((lossy(name), varint(snapshot.bytes(b"id")?)?));
    Ok(snapshots
        .map(|snapshots| snapshots.buckets())
        .unwrap_or_default()
        .into_iter()
        .filter_map(number)
        .collect())
}

/// An unsigned number as Go's `encoding/binary` writes it.
fn varint(bytes: &[u8]) -> Option<u64> {
    let mut number = 0_u64;
    for (at, &byte) in bytes.iter().take(10).enumerate() {
        number |= u64::from(byte & 0x7f).checked_shl(u32::try_from(at * 7).ok()?)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

/// The content store with an index that it does not have itself, as an OCI layout.
struct WithIndex {
    index: Memory,
    root: Arc<Root>,
    content: Vec<u8>,
}

impl Tree for WithIndex {
    fn stat(&self, path: &[u8]) -> io::Result<Stat> {
        match path {
            b"index.json" => self.index.stat(path),
            _ => self.root.tree().stat(&join(&self.content, path)),
        }
    }

    fn list(&self, path: &[u8]) -> io::Result<Vec<Listed>> {
        self.root.tree().list(&join(&self.content, path))
    }

    fn open(&self, path: &[u8]) -> io::Result<Box<dyn ReadAt>> {
        match path {
            b"index.json" => self.index.open(path),
            _ => self.root.tree().open(&join(&self.content, path)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_go() {
        assert_eq!(varint(&[5]), Some(5));
        assert_eq!(varint(&[0xac, 0x02]), Some(300));
        assert_eq!(varint(&[0x80]), None);
        assert_eq!(varint(&[0xff; 12]), None);
    }
}
