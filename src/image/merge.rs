//! `merge(layers)`: the file tree that a container would see. Pure: names and numbers in, a tree out.
//!
//! As the OCI image specification's "Layer Filesystem Changeset" and what container runtimes do: a whiteout hides
//! what lower layers have under its name, an opaque one everything in its folder; a file replaces a folder; folders
//! merge; parents that no layer names exist all the same; the parents of a member are taken through links that
//! lower layers have there. What a layer removes or replaces stays known.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hashbrown::{DefaultHashBuilder, HashTable};

use super::layer::{BESIDE, LayerIndex, Member, Name};
use crate::format::container::tar::MemberKind;

/// No node.
pub(super) const NONE: u32 = u32::MAX;
pub(super) const ROOT: u32 = 0;
/// As many links as the Linux kernel follows in one path.
const MAX_LINKS: usize = 40;

/// Steps from folder to folder that a merge may take: links in links cost as many as one likes.
const MAX_STEPS: u64 = 4 << 20;
/// Steps for each member and folder: paths are long.
const STEPS_EACH: u64 = 64;

/// One path of the tree. Images have a million: what few of them have lies beside them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) parent: u32,
    pub(super) first_child: u32,
    pub(super) next_sibling: u32,
    /// The layer that brought it in.
    pub(super) layer: u32,
    pub(super) source: Source,
}

/// What of its layer names a node: a member, or a folder that members lie in and that is none itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Source(u32);

impl Source {
    const FOLDER: u32 = 1 << 31;
    const ROOT: Source = Source(Self::FOLDER);

    /// Numbers are below 2^31: names are counted in 32 bits, and each takes a byte.
    fn member(number: u32) -> Self {
        Source(number & !Self::FOLDER)
    }

    fn folder(number: u32) -> Self {
        Source(number | Self::FOLDER)
    }

    fn as_member(self) -> Option<u32> {
        (self.0 & Self::FOLDER == 0).then_some(self.0)
    }

    fn name(self, layer: &LayerIndex) -> Option<Name> {
        let number = self.0 & !Self::FOLDER;
        if self.0 & Self::FOLDER == 0 {
            Some(layer.members.get(number as usize)?.name)
        } else {
            Some(layer.folders.get(number as usize)?.name)
        }
    }
}

/// Where the content of a node is: layer and member. `NONE`: a folder that no layer names.
pub(super) type Content = (u32, u32);

/// A path that a later layer removed or replaced, with everything below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lost {
    pub(super) node: u32,
    /// The layer that did it.
    pub(super) removed_in: u32,
    /// The folder that a link led to.
    pub(super) led_to: Option<u32>,
}

/// What went wrong in a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Dangling {
    pub(super) layer: u32,
    pub(super) path: Vec<u8>,
    pub(super) link: Vec<u8>,
}

/// The tree that layers make together.
pub(super) struct Merged {
    pub(super) layers: Arc<[Arc<LayerIndex>]>,
    pub(super) nodes: Vec<Node>,
    /// Nodes whose content is not their own member, in order: hard links, and folders of lost trees.
    elsewhere: Vec<(u32, Content)>,
    /// Which nodes a later layer took away, as far as there are any.
    is_removed: Vec<bool>,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
    pub(super) lost: Vec<Lost>,
    /// Hard links to nothing.
    pub(super) dangling: Vec<Dangling>,
    /// Whether names compare without case.
    pub(super) folds_case: bool,
    /// How often a folder or link went away: what was resolved before may no longer hold.
    epoch: u32,
    /// Steps that are left.
    steps: AtomicU64,
    /// Nodes that it may have: not more than its layers have members and folders, however often each is named.
    max_nodes: usize,
    /// Whether it ended early, for want of steps or nodes.
    pub(super) is_cut: bool,
}

/// How layers are merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rules {
    /// Whether there are whiteouts; a plain archive of a file system has none.
    pub(super) whiteouts: bool,
    /// Whether names compare without case, as on Windows.
    pub(super) folds_case: bool,
}

/// Merges layers, the lowest first.
pub(super) fn merge(layers: Arc<[Arc<LayerIndex>]>, rules: Rules) -> Merged {
    let mut merged = Merged::empty(layers, rules.folds_case);
    let mut distinct = BTreeSet::new();
    let layers = merged.layers.iter().filter(|layer| distinct.insert(Arc::as_ptr(layer)));
    let entries: usize = layers.map(|layer| layer.members.len() + layer.folders.len()).sum();
    merged.max_nodes = entries.saturating_add(1 << 16);
    // Growing by doubling would take half as much again.
    merged.nodes.reserve_exact(entries);
    merged.table.reserve(entries, |_| 0);
    let each = STEPS_EACH.saturating_mul(merged.max_nodes as u64);
    merged.steps = AtomicU64::new(MAX_STEPS.saturating_add(each));
    for layer in 0..merged.layers.len() {
        merged.apply(u32::try_from(layer).unwrap_or(NONE), rules.whiteouts);
    }
    merged.is_at_end();
    merged
}

fn name_of<'a>(layers: &'a [Arc<LayerIndex>], node: &Node) -> Option<&'a [u8]> {
    let layer = layers.get(node.layer as usize)?;
    Some(layer.name(node.source.name(layer)?))
}

/// The hash of a name in a folder.
fn hash(hasher: &DefaultHashBuilder, folds_case: bool, parent: u32, name: &[u8]) -> u64 {
    if !folds_case {
        return super::layer::hash(hasher, parent, name);
    }
    super::layer::hash(hasher, parent, &name.to_ascii_lowercase())
}

impl Merged {
    pub(super) fn empty(layers: Arc<[Arc<LayerIndex>]>, folds_case: bool) -> Self {
        let root =
            Node { parent: ROOT, first_child: NONE, next_sibling: NONE, layer: 0, source: Source::ROOT };
        Merged {
            layers,
            nodes: vec![root],
            elsewhere: Vec::new(),
            is_removed: Vec::new(),
            table: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            lost: Vec::new(),
            dangling: Vec::new(),
            folds_case,
            epoch: 0,
            steps: AtomicU64::new(0),
            max_nodes: usize::MAX,
            is_cut: false,
        }
    }

    /// Takes a step, if one is left.
    fn step(&self) -> bool {
        let left = self.steps.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        left.is_ok()
    }

    /// Whether it must end here.
    fn is_at_end(&mut self) -> bool {
        self.is_cut |= self.steps.load(Ordering::Relaxed) == 0 || self.nodes.len() > self.max_nodes;
        self.is_cut
    }

    pub(super) fn node(&self, node: u32) -> Option<&Node> {
        self.nodes.get(node as usize)
    }

    /// Where the content of a node is; of hard links that of the first name.
    pub(super) fn content(&self, number: u32) -> Content {
        if let Ok(at) = self.elsewhere.binary_search_by_key(&number, |(node, _)| *node) {
            return self.elsewhere.get(at).map_or((NONE, NONE), |(_, content)| *content);
        }
        let own = self.node(number).and_then(|node| Some((node.layer, node.source.as_member()?)));
        own.unwrap_or((NONE, NONE))
    }

    fn is_removed(&self, number: u32) -> bool {
        self.is_removed.get(number as usize).copied().unwrap_or(false)
    }

    pub(super) fn member(&self, content: Content) -> Option<(&LayerIndex, &Member)> {
        let layer = self.layers.get(content.0 as usize)?;
        Some((layer, layer.members.get(content.1 as usize)?))
    }

    pub(super) fn name(&self, node: &Node) -> &[u8] {
        name_of(&self.layers, node).unwrap_or_default()
    }

    pub(super) fn kind(&self, number: u32) -> MemberKind {
        self.member(self.content(number)).map_or(MemberKind::Directory, |(_, member)| member.kind)
    }

    /// The path of a node, also of a lost one.
    pub(super) fn path(&self, node: u32) -> Vec<u8> {
        let mut names = Vec::new();
        let mut at = node;
        while at != ROOT {
            let Some(node) = self.node(at) else { break };
            names.push(self.name(node));
            at = node.parent;
        }
        names.reverse();
        names.join(&b'/')
    }

    pub(super) fn child(&self, parent: u32, name: &[u8]) -> Option<u32> {
        let hash = hash(&self.hasher, self.folds_case, parent, name);
        let is_name =
            |other: &[u8]| if self.folds_case { other.eq_ignore_ascii_case(name) } else { other == name };
        let same = |&number: &u32| {
            self.node(number).is_some_and(|node| node.parent == parent && is_name(self.name(node)))
        };
        self.table.find(hash, same).copied()
    }

    /// What is in a folder.
    pub(super) fn children(&self, folder: u32) -> impl Iterator<Item = u32> {
        let mut next = self.node(folder).map_or(NONE, |node| node.first_child);
        std::iter::from_fn(move || {
            while let Some(node) = self.node(next) {
                let at = next;
                next = node.next_sibling;
                if !self.is_removed(at) {
                    return Some(at);
                }
            }
            None
        })
    }

    /// The node at a path; links are not followed.
    pub(super) fn lookup(&self, path: &[u8]) -> Option<u32> {
        let mut at = ROOT;
        for name in path.split(|&byte| byte == b'/').filter(|name| !name.is_empty()) {
            at = self.child(at, name)?;
        }
        Some(at)
    }

    fn apply(&mut self, layer: u32, whiteouts: bool) {
        let layers = Arc::clone(&self.layers);
        let Some(index) = layers.get(layer as usize) else { return };
        if whiteouts {
            for member in &index.members {
                if let Some(hidden) = index.removes(member)
                    && !self.is_at_end()
                {
                    self.whiteout(layer, index, member.folder, hidden);
                }
            }
        }
        let mut folders: Vec<(u32, u32)> = vec![(NONE, 0); index.folders.len()];
        for (number, member) in index.members.iter().enumerate() {
            if self.is_at_end() {
                return;
            }
            if member.folder == BESIDE || (whiteouts && index.removes(member).is_some()) {
                continue;
            }
            let known = folders.get(member.folder as usize).copied();
            let parent = match known {
                Some((node, epoch)) if node != NONE && epoch == self.epoch => node,
                _ => {
                    let node = self.make_folder(layer, index, member.folder);
                    if let Some(known) = folders.get_mut(member.folder as usize) {
                        *known = (node, self.epoch);
                    }
                    node
                }
            };
            self.put(layer, index, parent, u32::try_from(number).unwrap_or(NONE), member);
        }
    }

    fn whiteout(&mut self, layer: u32, index: &LayerIndex, folder: u32, hidden: &[u8]) {
        let Some(parent) = self.find_folder(&index.folder_path(folder)) else { return };
        if hidden == b".wh..opq" {
            for child in self.children(parent).collect::<Vec<_>>() {
                self.remove(child, layer);
            }
            if let Some(folder) = self.nodes.get_mut(parent as usize) {
                folder.first_child = NONE;
            }
        } else if !hidden.starts_with(b".wh.")
            && let Some(node) = self.child(parent, hidden)
        {
            self.remove(node, layer);
        }
    }

    fn put(&mut self, layer: u32, index: &LayerIndex, parent: u32, number: u32, member: &Member) {
        let name = index.name(member.name);
        let existing = self.child(parent, name);
        let mut content = None;
        if member.kind == MemberKind::HardLink {
            let target = index.link(member);
            let found = self.find_no_follow(target).or_else(|| self.find_removed(layer, target));
            let found = found.map(|node| self.content(node));
            match found
                .filter(|found| self.member(*found).is_some_and(|(_, m)| m.kind != MemberKind::Directory))
            {
                Some(found) => content = Some(found),
                None => {
                    let mut path = self.path(parent);
                    path.push(b'/');
                    path.extend_from_slice(name);
                    self.dangling.push(Dangling { layer, path, link: target.to_vec() });
                    return;
                }
            }
        }
        if let Some(existing) = existing {
            let both_folders =
                member.kind == MemberKind::Directory && self.kind(existing) == MemberKind::Directory;
            if both_folders {
                return;
            }
            self.remove(existing, layer);
        }
        self.add(parent, layer, Source::member(number), content);
    }

    /// Adds a node to a folder; `content` where it is not its own member's.
    pub(super) fn add(&mut self, parent: u32, layer: u32, source: Source, content: Option<Content>) -> u32 {
        let number = u32::try_from(self.nodes.len()).unwrap_or(NONE);
        let next_sibling = self.node(parent).map_or(NONE, |node| node.first_child);
        let node = Node { parent, first_child: NONE, next_sibling, layer, source };
        let hash = hash(&self.hasher, self.folds_case, parent, self.name(&node));
        self.nodes.push(node);
        let content = content.filter(|&content| content != self.content(number));
        self.elsewhere.extend(content.map(|content| (number, content)));
        if let Some(parent) = self.nodes.get_mut(parent as usize) {
            parent.first_child = number;
        }
        let (nodes, layers, hasher, folds_case) = (&self.nodes, &self.layers, &self.hasher, self.folds_case);
        self.table.insert_unique(hash, number, |&number| {
            let node = nodes.get(number as usize);
            let name = node.and_then(|node| name_of(layers, node));
            self::hash(hasher, folds_case, node.map_or(0, |node| node.parent), name.unwrap_or_default())
        });
        number
    }

    /// Takes a node out of its folder; it stays known as lost.
    fn remove(&mut self, number: u32, removed_in: u32) {
        let Some(node) = self.node(number).copied() else { return };
        let led_to = self.folder_of(number).filter(|&folder| folder != number);
        let hash = hash(&self.hasher, self.folds_case, node.parent, self.name(&node));
        if let Ok(entry) = self.table.find_entry(hash, |&found| found == number) {
            entry.remove();
        }
        // It stays in the list of its folder, marked: taking it out of a folder of a million names would cost a
        // walk along them.
        if self.is_removed.len() <= number as usize {
            self.is_removed.resize(number as usize + 1, false);
        }
        if let Some(is_removed) = self.is_removed.get_mut(number as usize) {
            *is_removed = true;
        }
        if self.kind(number) != MemberKind::File {
            self.epoch += 1;
        }
        self.lost.push(Lost { node: number, removed_in, led_to });
    }

    /// The folder at a path, links followed; `None` when there is none.
    fn find_folder(&self, path: &[u8]) -> Option<u32> {
        self.resolve(path, true).filter(|&node| self.kind(node) == MemberKind::Directory)
    }

    /// What is at a path; links followed on the way but not at its end.
    fn find_no_follow(&self, path: &[u8]) -> Option<u32> {
        self.resolve(path, false)
    }

    /// What was at a path until a layer removed it. Engines go through a layer in order: a hard link in it may name what
    /// one of its whiteouts removes. Links on the way are not followed.
    fn find_removed(&self, layer: u32, path: &[u8]) -> Option<u32> {
        let mut at = ROOT;
        for name in parts(path).into_iter().rev() {
            let is_it = |lost: &&Lost| {
                let is_here = |node: &Node| node.parent == at && self.name(node) == name.as_slice();
                self.step() && self.node(lost.node).is_some_and(is_here)
            };
            let lost = || self.lost.iter().rev().take_while(|lost| lost.removed_in == layer).find(is_it);
            at = self.child(at, &name).or_else(|| lost().map(|lost| lost.node))?;
        }
        Some(at)
    }

    fn resolve(&self, path: &[u8], follow_last: bool) -> Option<u32> {
        let mut pending: Vec<Vec<u8>> = parts(path);
        let mut at = ROOT;
        let mut links = 0;
        while let Some(name) = pending.pop() {
            if !self.step() {
                return None;
            }
            if name == b".." {
                at = self.node(at)?.parent;
                continue;
            }
            let child = self.child(at, &name)?;
            if self.kind(child) == MemberKind::Link && (follow_last || !pending.is_empty()) {
                links += 1;
                if links > MAX_LINKS {
                    return None;
                }
                let (layer, member) = self.member(self.content(child))?;
                let link = layer.link(member);
                if link.starts_with(b"/") {
                    at = ROOT;
                }
                pending.extend(parts(link));
            } else {
                at = child;
            }
        }
        Some(at)
    }

    /// The node of a layer's folder, made where it is missing. Links that lead to folders are followed, as when a
    /// runtime unpacks; a file or a link to nowhere in the way is replaced.
    fn make_folder(&mut self, layer: u32, index: &LayerIndex, folder: u32) -> u32 {
        let mut chain = Vec::new();
        let mut at = folder;
        while at != 0 {
            let Some(folder) = index.folders.get(at as usize) else { break };
            chain.push((folder.name, Source::folder(at)));
            at = folder.parent;
        }
        let mut node = ROOT;
        while let Some((name, source)) = chain.pop() {
            if !self.step() {
                break;
            }
            node = match self.child(node, index.name(name)) {
                None => self.add(node, layer, source, None),
                Some(child) => match self.folder_of(child) {
                    Some(folder) => folder,
                    None => {
                        self.remove(child, layer);
                        self.add(node, layer, source, None)
                    }
                },
            };
        }
        node
    }

    /// The folder that a node is, or leads to.
    pub(super) fn folder_of(&self, child: u32) -> Option<u32> {
        match self.kind(child) {
            MemberKind::Directory => Some(child),
            MemberKind::Link => self.find_folder(&self.path(child)),
            _ => None,
        }
    }
}

fn parts(path: &[u8]) -> Vec<Vec<u8>> {
    path.split(|&byte| byte == b'/')
        .rev()
        .filter(|part| !part.is_empty() && *part != b".")
        .map(<[u8]>::to_vec)
        .collect()
}
