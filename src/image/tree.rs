//! A merged image as a [`Tree`].

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::bodies::{Blob, Budget, Kept, Sparse, Window};
use super::body::Body;
use super::cache::Cache;
use super::layer::{self, LayerIndex, LayerKind};
use super::merge::{self, Merged};
use super::sieve::Parts;
use crate::bytes::ReadAt;
use crate::format::container::tar::MemberKind;
use crate::fs::RealPath;
use crate::fs::tree::{Kind, LayerHive, Listed, ListedKind, Stat, Tree, parent};
use crate::model::Layer;

/// Passes over a layer for a single file that nobody foresaw; more files are gaps.
const MAX_PASSES: usize = 64;

/// Where the bytes are that a second pass fetched.
type Fetched = (Arc<Kept>, Body);

/// What the trees of one image share.
pub(super) struct Shared {
    /// What reports say of each layer.
    pub(super) about: Vec<Layer>,
    /// Each layer's blob.
    pub(super) blobs: Vec<Blob>,
    pub(super) budget: Arc<Budget>,
    /// Bodies that a second pass fetched, by layer and offset.
    fetched: Mutex<BTreeMap<(u32, u64), Fetched>>,
    passes: AtomicUsize,
    /// Layers of whose sieved bodies one was asked for in whole; the one who holds it makes a pass for another.
    unsieved: Mutex<BTreeSet<u32>>,
    /// Where layers stay for another run, and the layers.
    pub(super) cache: Option<(Arc<Cache>, LayerKind, Vec<Arc<LayerIndex>>)>,
}

/// What second passes fetched stays for another run, too.
impl Drop for Shared {
    fn drop(&mut self) {
        let Some((cache, kind, layers)) = &self.cache else { return };
        let fetched = self.fetched.get_mut().unwrap_or_else(PoisonError::into_inner);
        let numbers: BTreeSet<u32> = fetched.keys().map(|(layer, _)| *layer).collect();
        for number in numbers {
            if let (Some(about), Some(index)) = (self.about.get(number as usize), layers.get(number as usize))
            {
                cache
                    .complete(&about.digest, *kind, index, &|offset| fetched.get(&(number, offset)).cloned());
            }
        }
    }
}

impl Shared {
    pub(super) fn new(about: Vec<Layer>, blobs: Vec<Blob>, budget: Arc<Budget>) -> Self {
        Shared {
            about,
            blobs,
            budget,
            fetched: Mutex::default(),
            passes: AtomicUsize::new(0),
            unsieved: Mutex::default(),
            cache: None,
        }
    }

    fn fetched(&self, layer: u32, offset: u64) -> Option<Fetched> {
        self.fetched.lock().unwrap_or_else(PoisonError::into_inner).get(&(layer, offset)).cloned()
    }

    /// Fetches bodies of one layer with one pass.
    fn fetch(&self, layer: u32, wanted: &[(u64, u64)]) -> io::Result<()> {
        let blob = self.blobs.get(layer as usize).ok_or(io::ErrorKind::NotFound)?;
        let (kept, bodies) = layer::fetch(&blob.open()?, wanted, &self.budget)?;
        let mut fetched = self.fetched.lock().unwrap_or_else(PoisonError::into_inner);
        for (offset, body) in bodies {
            fetched.insert((layer, offset), (Arc::clone(&kept), body));
        }
        Ok(())
    }

    /// Fetches one body with a pass of its own.
    fn fetch_one(&self, layer: u32, offset: u64, size: u64) -> io::Result<Fetched> {
        if let Some(found) = self.fetched(layer, offset) {
            return Ok(found);
        }
        self.take_pass()?;
        self.fetch(layer, &[(offset, size)])?;
        self.fetched(layer, offset).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }

    fn take_pass(&self) -> io::Result<()> {
        if self.passes.fetch_add(1, Ordering::Relaxed) >= MAX_PASSES {
            let what = format!("more than {MAX_PASSES} files would each need another pass over their layer");
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, what));
        }
        Ok(())
    }

    /// The whole body of a member of which pieces were kept. A file that asks for what was left out is strange; where
    /// there is one there may be more, so the second of a layer brings all of them.
    fn whole(&self, merged: &Merged, content: (u32, u32), size: u64) -> io::Result<Box<dyn ReadAt>> {
        let (layer, number) = content;
        let index = merged.layers.get(layer as usize).ok_or(io::ErrorKind::NotFound)?;
        let offset = index.sieved.get(&number).map(|sieved| sieved.offset).ok_or(io::ErrorKind::NotFound)?;
        let mut unsieved = self.unsieved.lock().unwrap_or_else(PoisonError::into_inner);
        if self.fetched(layer, offset).is_none() {
            let mut wanted = vec![(offset, size)];
            if !unsieved.insert(layer) {
                let size = |number| index.members.get(number as usize).map(|member| member.size);
                let all = index.sieved.iter().filter_map(|(number, it)| Some((it.offset, size(*number)?)));
                wanted = all.filter(|(offset, _)| self.fetched(layer, *offset).is_none()).collect();
                wanted.sort_unstable();
            }
            self.take_pass()?;
            self.fetch(layer, &wanted)?;
        }
        drop(unsieved);
        let (kept, body) = self.fetched(layer, offset).ok_or(io::ErrorKind::UnexpectedEof)?;
        kept.open(body, size).ok_or_else(|| over_limit(size))
    }
}

fn over_limit(size: u64) -> io::Error {
    let what = format!("{size} bytes of a compressed layer, more than is kept");
    io::Error::new(io::ErrorKind::FileTooLarge, what)
}

/// The files of an image.
pub struct ImageTree {
    pub(super) merged: Arc<Merged>,
    pub(super) shared: Arc<Shared>,
    /// For trees of what was lost: the layer that removed each node.
    pub(super) removed_in: Vec<u32>,
    /// For Windows images: the hives of its layers.
    pub(super) hives: Option<Hives>,
}

/// The hives of a Windows image's layers: those that a state of the image has.
#[derive(Clone)]
pub(super) struct Hives {
    /// The image as it is, whose lowest layer has the hives that the others change.
    pub(super) image: Arc<Merged>,
    /// For an earlier state: the layer from which on hives are left out.
    pub(super) before: Option<usize>,
}

/// Hives among the files of the lowest layer, and what they are called beside the others'.
const BASES: &[(&str, &str)] = &[
    ("Windows/System32/config/SOFTWARE", "Hives/Software_Base"),
    ("Windows/System32/config/SYSTEM", "Hives/System_Base"),
    ("Windows/System32/config/DEFAULT", "Hives/DefaultUser_Base"),
];

impl ImageTree {
    /// A tree of an image.
    pub(super) fn new(merged: impl Into<Arc<Merged>>, shared: &Arc<Shared>) -> Self {
        let (merged, shared) = (merged.into(), Arc::clone(shared));
        ImageTree { merged, shared, removed_in: Vec::new(), hives: None }
    }

    fn about(&self, layer: usize, removed_in: Option<usize>) -> Option<Layer> {
        Some(Layer { removed_in, ..self.shared.about.get(layer)?.clone() })
    }

    /// A hive: the member `content` of an image.
    fn hive(
        &self,
        path: Vec<u8>,
        image: &Arc<Merged>,
        content: (u32, u32),
        layer: Option<Layer>,
    ) -> LayerHive {
        let tree = ImageTree::new(Arc::clone(image), &self.shared);
        LayerHive { path, layer, open: Box::new(move || tree.body(content)) }
    }

    fn node(&self, path: &[u8]) -> io::Result<u32> {
        match self.merged.lookup(path) {
            Some(node) => Ok(node),
            None => {
                // As an operating system says it: nothing lies below a file.
                let above = self.merged.lookup(parent(path));
                let is_folder = above.is_none_or(|above| self.merged.kind(above) == MemberKind::Directory);
                Err(if is_folder { io::ErrorKind::NotFound } else { io::ErrorKind::NotADirectory }.into())
            }
        }
    }

    fn body(&self, content: (u32, u32)) -> io::Result<Box<dyn ReadAt>> {
        let (index, member) = self.merged.member(content).ok_or(io::ErrorKind::InvalidInput)?;
        if member.kind != MemberKind::File {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let size = index.kept(member, content.1);
        let (kept, body) = match member.body() {
            Body::Unread(offset) => self.shared.fetch_one(content.0, offset, size)?,
            body => (Arc::clone(&index.kept), body),
        };
        let bytes: Option<Box<dyn ReadAt>> = match body {
            Body::None => Some(Box::new(Vec::new())),
            Body::Archive(offset) => {
                let blob = self.shared.blobs.get(content.0 as usize).ok_or(io::ErrorKind::NotFound)?;
                Some(Box::new(Window { bytes: blob.open()?, offset, size }))
            }
            Body::Memory(_) | Body::File(_) => kept.open(body, size),
            Body::Unread(_) => None,
            Body::OverLimit => return Err(over_limit(size)),
        };
        let stored = bytes.ok_or_else(|| io::Error::other("its bytes were not kept"))?;
        if let Some(sieved) = index.sieved.get(&content.1) {
            let (shared, merged) = (Arc::clone(&self.shared), Arc::clone(&self.merged));
            let size = member.size;
            let whole = Box::new(move || shared.whole(&merged, content, size));
            return Ok(Box::new(Parts { kept: stored, pieces: Arc::clone(&sieved.pieces), size, whole }));
        }
        Ok(match index.sparse.get(&content.1) {
            Some(pieces) => Box::new(Sparse { stored, pieces: Arc::clone(pieces), size: member.size }),
            None => stored,
        })
    }
}

impl Tree for ImageTree {
    fn stat(&self, path: &[u8]) -> io::Result<Stat> {
        let node = self.node(path)?;
        let Some((index, member)) = self.merged.member(self.merged.content(node)) else {
            return Ok(Stat::of(Kind::Directory));
        };
        let executable = member.executable;
        Ok(match member.kind {
            MemberKind::File => Stat { size: member.size, executable, ..Stat::of(Kind::File) },
            MemberKind::Directory => Stat { executable, ..Stat::of(Kind::Directory) },
            MemberKind::Link => Stat::of(Kind::Link(index.link(member).to_vec())),
            MemberKind::Special | MemberKind::HardLink => Stat::of(Kind::Special),
        })
    }

    fn list(&self, path: &[u8]) -> io::Result<Vec<Listed>> {
        let folder = self.node(path)?;
        if self.merged.kind(folder) != MemberKind::Directory {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        let listed = |number: u32| {
            let node = self.merged.node(number)?;
            let kind = match self.merged.kind(number) {
                MemberKind::File => ListedKind::File,
                MemberKind::Directory => ListedKind::Directory,
                MemberKind::Link => ListedKind::Link,
                MemberKind::Special | MemberKind::HardLink => ListedKind::Special,
            };
            Some(Listed { name: self.merged.name(node).to_vec(), kind })
        };
        Ok(self.merged.children(folder).filter_map(listed).collect())
    }

    fn open(&self, path: &[u8]) -> io::Result<Box<dyn ReadAt>> {
        self.body(self.merged.content(self.node(path)?))
    }

    fn layer_hives(&self) -> Option<Vec<LayerHive>> {
        let Hives { image, before } = self.hives.as_ref()?;
        let mut hives = Vec::new();
        let end = before.unwrap_or(image.layers.len());
        for (number, layer) in image.layers.iter().enumerate().take(end).rev() {
            for &hive in &layer.hives {
                let Some(member) = layer.members.get(hive as usize) else { continue };
                let path = [b"Hives/", layer.name(member.name)].concat();
                let content = (u32::try_from(number).unwrap_or(u32::MAX), hive);
                hives.push(self.hive(path, image, content, self.about(number, *before)));
            }
        }
        if before.is_some() {
            let files = BASES.iter().filter_map(|(file, path)| Some((image.lookup(file.as_bytes())?, path)));
            for (node, path) in files.filter(|&(node, _)| image.kind(node) == MemberKind::File) {
                let layer = image.node(node).and_then(|node| self.about(node.layer as usize, *before));
                hives.push(self.hive(path.as_bytes().to_vec(), image, image.content(node), layer));
            }
        }
        Some(hives)
    }

    /// One pass per layer, for those files whose bytes were not kept.
    fn fetch(&self, paths: &BTreeSet<RealPath>) {
        let mut by_layer: BTreeMap<u32, BTreeSet<(u64, u64)>> = BTreeMap::new();
        for path in paths {
            let Ok(node) = self.node(path) else { continue };
            let content = self.merged.content(node);
            if let Some((index, member)) = self.merged.member(content)
                && let Body::Unread(offset) = member.body()
                && self.shared.fetched(content.0, offset).is_none()
            {
                let size = index.stored(member, content.1);
                by_layer.entry(content.0).or_default().insert((offset, size));
            }
        }
        for (layer, wanted) in by_layer {
            let wanted: Vec<(u64, u64)> = wanted.into_iter().collect();
            // What fails here fails again, and is reported, when the file is opened.
            drop(self.shared.fetch(layer, &wanted));
        }
    }

    fn is_at_hand(&self, path: &[u8]) -> bool {
        let member = self
            .node(path)
            .ok()
            .map(|node| self.merged.content(node))
            .and_then(|content| Some((content.0, self.merged.member(content)?.1)));
        match member {
            Some((layer, member)) => match member.body() {
                Body::Unread(offset) => self.shared.fetched(layer, offset).is_some(),
                _ => true,
            },
            None => true,
        }
    }

    fn is_partial(&self) -> bool {
        self.merged.layers.iter().any(|layer| layer.is_compressed)
    }

    fn layer(&self, path: &[u8]) -> Option<Layer> {
        let number = self.merged.lookup(path)?;
        let layer = self.merged.node(number)?.layer;
        let mut about = self.shared.about.get(layer as usize)?.clone();
        let removed = self.removed_in.get(number as usize).filter(|&&layer| layer != merge::NONE);
        about.removed_in = removed.map(|&layer| layer as usize);
        Some(about)
    }
}
