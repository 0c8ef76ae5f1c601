//! containerd: its database (bolt) says which images, containers and snapshots there are, in namespaces; images are
//! blobs of the content store, and unpacked they and containers are snapshots.
//!
//! Source: containerd's `metadata/buckets.go`, `snapshots/storage/bolt.go` and its content store. Kubernetes may be set
//! to throw blobs away once they are unpacked; such images are read from their snapshots.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::Arc;

use serde_json::json;

use super::folder::Keeping;
use super::folder::Marks;
use super::listing::{Contents, Item, LayerFolder, Listing, MAX_LAYERS, inside, is_folder, with_own_layers};
use crate::bytes::{Damage, DamageKind, ReadAt};
use crate::format::database::bolt::{Bucket, Database, Value};
use crate::fs::memory::Memory;
use crate::fs::root::{Fault, Root};
use crate::fs::tree::{Listed, Stat, Tree, join};
use crate::image::digest::chain_id;
use crate::image::error::ImageError;
use crate::image::gaps::{COLLECTOR, gap};
use crate::image::layout::{self, Chosen};
use crate::model::{Gap, GapKind};

/// Databases up to this size are read.
const MAX_DATABASE: usize = 256 << 20;

/// Buckets of a namespace.
const OF_NAMESPACE: &[&str] =
    &["labels", "images", "containers", "snapshots", "content", "leases", "sandboxes", "indexes", "ingest"];
/// Fields of images, containers and snapshots.
const OF_IMAGE: &[&str] = &["createdat", "updatedat", "target", "labels"];
const OF_TARGET: &[&str] = &["digest", "mediatype", "size", "annotations"];
const OF_CONTAINER: &[&str] = &[
    "createdat",
    "updatedat",
    "spec",
    "image",
    "snapshotter",
    "snapshotKey",
    "runtime",
    "extensions",
    "labels",
    "sandboxid",
];
const OF_SNAPSHOT: &[&str] = &["name", "createdat", "updatedat", "parent", "children", "labels"];
const OF_FOLDER: &[&str] = &["id", "parent", "kind", "createdat", "updatedat", "inodes", "size", "labels"];

/// The images and containers of a store that lies below a path of a root.
pub(super) fn items(root: &Arc<Root>, below: &str) -> Result<Listing, ImageError> {
    let path = inside(below, "io.containerd.metadata.v1.bolt/meta.db");
    let unusable = |what: String| ImageError::Unusable(format!("its database {path} cannot be used: {what}"));
    let bytes = match read(root, &path) {
        Ok(bytes) => bytes,
        Err(what) => return Err(unusable(what)),
    };
    let database = Database::open(&bytes).map_err(|damage| unusable(damage.what))?;
    let mut salvage = Salvage { path: &path, gaps: Vec::new() };
    salvage.damaged(database.damage());
    let mut items = Vec::new();
    let top = salvage.fields(&database.root(), &["v1"]);
    let namespaces = match salvage.sub_bucket(&top, "v1") {
        // The version of the schema is a plain value.
        Some(version) => salvage.buckets(&version, &["version"]),
        None => Vec::new(),
    };
    for (namespace, bucket) in namespaces {
        let parts = salvage.fields(&bucket, OF_NAMESPACE);
        let snapshots = match salvage.sub_bucket(&parts, "snapshots") {
            Some(listed) => Snapshots::read(root, below, &listed, &mut salvage),
            None => Snapshots::none(root, below),
        };
        let mut known = BTreeMap::new();
        if let Some(listed) = salvage.sub_bucket(&parts, "images") {
            images(root, below, &listed, &snapshots, &mut salvage, &mut items, &mut known);
        }
        if let Some(listed) = salvage.sub_bucket(&parts, "containers") {
            for (id, container) in salvage.buckets(&listed, &[]) {
                let container = salvage.fields(&container, OF_CONTAINER);
                items.push(container_of(&lossy(id), &lossy(namespace), &container, &snapshots, &known));
            }
        }
    }
    Ok(Listing { items, gaps: salvage.gaps })
}

/// Reads buckets as far as they can be read; what is damaged becomes a gap.
struct Salvage<'p> {
    path: &'p str,
    gaps: Vec<Gap>,
}

/// The fields of a bucket.
type Fields<'a> = BTreeMap<String, Value<'a>>;

impl Salvage<'_> {
    fn damaged(&mut self, damage: Option<Damage>) {
        let gap = damage.map(|damage| crate::fs::damage_gap(COLLECTOR, self.path, &damage));
        self.gaps.extend(gap.filter(|gap| !self.gaps.contains(gap)));
    }

    fn corrupt(&mut self, what: String) {
        self.damaged(Some(Damage::new(DamageKind::Corrupt, None, what)));
    }

    /// The buckets in a bucket of buckets; plain values in it have one of the given names.
    fn buckets<'a>(&mut self, bucket: &Bucket<'a>, plain: &[&str]) -> Vec<(&'a [u8], Bucket<'a>)> {
        let (entries, damage) = bucket.entries();
        self.damaged(damage);
        let mut buckets = Vec::new();
        for (key, value) in entries {
            match value {
                Value::Bucket(bucket) => buckets.push((key, bucket)),
                Value::Bytes(_) if plain.contains(&lossy(key).as_str()) => {}
                Value::Bytes(_) => {
                    self.corrupt(format!(
                        "`{}` is a value where a bucket should be",
                        crate::text::shown(key)
                    ));
                }
            }
        }
        buckets
    }

    /// The fields of a bucket. A name that is one flipped bit away from a field's is that field, damaged: there is no
    /// checksum over the pages.
    fn fields<'a>(&mut self, bucket: &Bucket<'a>, known: &[&str]) -> Fields<'a> {
        let (entries, damage) = bucket.entries();
        self.damaged(damage);
        let mut fields = Fields::new();
        for (key, value) in entries {
            let flipped = known.iter().find(|name| is_flipped(key, name.as_bytes()));
            if let Some(name) = flipped {
                self.corrupt(format!("`{}` should be `{name}`", crate::text::shown(key)));
            }
            fields.insert(flipped.map_or_else(|| lossy(key), |name| (*name).to_owned()), value);
        }
        fields
    }

    /// A field that is a bucket, if it is there.
    fn sub_bucket<'a>(&mut self, fields: &Fields<'a>, name: &str) -> Option<Bucket<'a>> {
        match fields.get(name)? {
            Value::Bucket(bucket) => Some(*bucket),
            Value::Bytes(_) => {
                self.corrupt(format!("`{name}` is a value where a bucket should be"));
                None
            }
        }
    }
}

/// Whether a name differs from another in a single bit.
fn is_flipped(name: &[u8], other: &[u8]) -> bool {
    let bits = |(one, other): (&u8, &u8)| (one ^ other).count_ones();
    name.len() == other.len() && name.iter().zip(other).map(bits).sum::<u32>() == 1
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

fn field(fields: &Fields<'_>, name: &str) -> String {
    match fields.get(name) {
        Some(Value::Bytes(bytes)) => lossy(bytes),
        Some(Value::Bucket(_)) | None => String::new(),
    }
}

/// The images of a namespace; several names may be one image.
fn images(
    root: &Arc<Root>,
    below: &str,
    listed: &Bucket<'_>,
    snapshots: &Snapshots,
    salvage: &mut Salvage<'_>,
    items: &mut Vec<Item>,
    known: &mut BTreeMap<String, Chosen>,
) {
    let mut targets: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, image) in salvage.buckets(listed, &[]) {
        let image = salvage.fields(&image, OF_IMAGE);
        let target = salvage.sub_bucket(&image, "target").map(|target| salvage.fields(&target, OF_TARGET));
        let digest = target.map(|target| field(&target, "digest")).unwrap_or_default();
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
            Ok(named) => named.map(|named| named.chosen).unwrap_or_default(),
            Err(error) => vec![Chosen {
                digest: digest.clone(),
                gaps: vec![gap(GapKind::Corrupt, format!("image {title}"), error.to_string())],
                ..Chosen::default()
            }],
        };
        for mut chosen in chosen {
            chosen.references = called.clone();
            called.iter().for_each(|name| drop(known.insert(name.clone(), chosen.clone())));
            let is_whole = chosen.layers.iter().all(|layer| content.exists(layer.path.as_bytes()));
            let diff_ids = &chosen.config.rootfs.diff_ids;
            let unpacked = chain_id(diff_ids).and_then(|chain| snapshots.unpacked(&chain));
            let unpacked = unpacked.filter(|layers| layers.len() == diff_ids.len());
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
    container: &Fields<'_>,
    snapshots: &Snapshots,
    known: &BTreeMap<String, Chosen>,
) -> Item {
    let mut chosen = known.get(&field(container, "image")).cloned().unwrap_or_default();
    let (snapshotter, key) = (field(container, "snapshotter"), field(container, "snapshotKey"));
    // What Kubernetes calls it.
    let labels = match container.get("labels") {
        Some(Value::Bucket(labels)) => Some(labels),
        _ => None,
    };
    let label =
        |name: &str| labels.and_then(|labels| labels.bytes(name.as_bytes())).map(lossy).unwrap_or_default();
    let (pod, own) = (label("io.kubernetes.pod.name"), label("io.kubernetes.container.name"));
    let name = if own.is_empty() { format!("{namespace}/{id}") } else { format!("{namespace}/{pod}/{own}") };
    let image_layers = chosen.config.rootfs.diff_ids.len();
    let layers =
        if key.is_empty() { Vec::new() } else { snapshots.chain(&snapshotter, &key, &mut chosen.gaps) };
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

/// A snapshot as a snapshotter keeps it.
struct Kept {
    /// The number of its folder.
    number: u64,
    /// The name of the snapshot that it is based on; empty where there is none.
    parent: String,
}

/// The snapshots of a namespace.
struct Snapshots {
    root: Arc<Root>,
    below: String,
    /// Of each snapshotter: each key's name in the snapshotter's own database, and its parent's key.
    keys: BTreeMap<String, BTreeMap<String, (String, String)>>,
    /// Of each snapshotter: each name's folder.
    folders: BTreeMap<String, BTreeMap<String, Kept>>,
}

impl Snapshots {
    fn none(root: &Arc<Root>, below: &str) -> Snapshots {
        let (keys, folders) = (BTreeMap::new(), BTreeMap::new());
        Snapshots { root: Arc::clone(root), below: below.to_owned(), keys, folders }
    }

    fn read(root: &Arc<Root>, below: &str, listed: &Bucket<'_>, salvage: &mut Salvage<'_>) -> Snapshots {
        let mut all = Snapshots::none(root, below);
        for (snapshotter, snapshots) in salvage.buckets(listed, &[]) {
            let snapshotter = lossy(snapshotter);
            let mut keys = BTreeMap::new();
            for (key, snapshot) in salvage.buckets(&snapshots, &[]) {
                let snapshot = salvage.fields(&snapshot, OF_SNAPSHOT);
                keys.insert(lossy(key), (field(&snapshot, "name"), field(&snapshot, "parent")));
            }
            all.keys.insert(snapshotter.clone(), keys);
            let path = inside(below, &format!("io.containerd.snapshotter.v1.{snapshotter}/metadata.db"));
            match read(root, &path).and_then(|bytes| kept(&bytes, &path, &mut salvage.gaps)) {
                Ok(folders) => drop(all.folders.insert(snapshotter, folders)),
                Err(what) => salvage.gaps.push(gap(GapKind::Unreadable, path, what)),
            }
        }
        all
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
            let keys = self.keys.get(snapshotter);
            let known = keys.and_then(|keys| keys.get(&next));
            let kept = known.and_then(|(name, _)| self.folders.get(snapshotter)?.get(name));
            let (Some((_, parent)), Some(Kept { number, parent: below })) = (known, kept) else {
                gaps.push(gap(GapKind::Corrupt, place, "containerd knows no such snapshot".to_owned()));
                break;
            };
            // Both databases name the parent: a damaged one must not end the chain.
            let named = keys.and_then(|keys| keys.get(parent)).map_or("", |(name, _)| name.as_str());
            if named != below {
                let what = "containerd and its snapshotter name different parents of it".to_owned();
                gaps.push(gap(GapKind::Corrupt, place.clone(), what));
            }
            if !seen.insert(next.clone()) || seen.len() > MAX_LAYERS {
                gaps.push(gap(GapKind::Corrupt, place, "snapshots that are each other's parents".to_owned()));
                break;
            }
            let top = format!("io.containerd.snapshotter.v1.{snapshotter}/snapshots/{number}");
            let top = inside(&self.below, &if snapshotter == "native" { top } else { format!("{top}/fs") });
            if is_folder(&self.root, &top) {
                folders.push(top.into_bytes())
            } else {
                let what = format!("the snapshotter {snapshotter} has no files for it at {top}");
                gaps.push(gap(GapKind::Unsupported, place, what));
            }
            next.clone_from(parent);
        }
        folders.reverse();
        let keeping = |at: usize| match snapshotter {
            "native" => Keeping::Whole(at.checked_sub(1).and_then(|lower| folders.get(lower).cloned())),
            "fuse-overlayfs" => Keeping::Changes(Marks::Names),
            _ => Keeping::Changes(Marks::Kernel),
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
fn kept(bytes: &[u8], path: &str, gaps: &mut Vec<Gap>) -> Result<BTreeMap<String, Kept>, String> {
    let database = Database::open(bytes).map_err(|damage| damage.what)?;
    let mut salvage = Salvage { path, gaps: Vec::new() };
    salvage.damaged(database.damage());
    let top = salvage.fields(&database.root(), &["v1"]);
    let version = salvage.sub_bucket(&top, "v1").ok_or("it has no bucket `v1`")?;
    let parts = salvage.fields(&version, &["snapshots", "parents"]);
    let mut kept = BTreeMap::new();
    let mut used = BTreeMap::new();
    let snapshots = match salvage.sub_bucket(&parts, "snapshots") {
        Some(all) => salvage.buckets(&all, &[]),
        None => Vec::new(),
    };
    for (name, snapshot) in snapshots {
        let snapshot = salvage.fields(&snapshot, OF_FOLDER);
        let number = match snapshot.get("id") {
            Some(Value::Bytes(bytes)) => varint(bytes),
            _ => None,
        };
        let Some(number) = number else {
            salvage.corrupt(format!("the snapshot {} has no number", crate::text::shown(name)));
            continue;
        };
        if let Some(other) = used.insert(number, lossy(name)) {
            salvage
                .corrupt(format!("the snapshots {other} and {} have one folder", crate::text::shown(name)));
        }
        kept.insert(lossy(name), Kept { number, parent: field(&snapshot, "parent") });
    }
    gaps.append(&mut salvage.gaps);
    Ok(kept)
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
    fn a_flipped_name_is_recognised() {
        assert!(is_flipped(b"imagds", b"images") && is_flipped(b"parend", b"parent"));
        for other in ["images", "image", "labels", "snapshots"] {
            assert!(!is_flipped(other.as_bytes(), b"images"), "{other}");
        }
    }

    #[test]
    fn numbers_of_go() {
        assert_eq!(varint(&[5]), Some(5));
        assert_eq!(varint(&[0xac, 0x02]), Some(300));
        assert_eq!(varint(&[0x80]), None);
        assert_eq!(varint(&[0xff; 12]), None);
    }
}
