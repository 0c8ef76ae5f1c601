//! `merge(layers)`: the file tree that a container would see. Pure: names and numbers in, a tree out.
//!
//! As the OCI image specification's "Layer Filesystem Changeset" and what container runtimes do: a whiteout hides
//! what lower layers have under its name, an opaque one everything in its folder; a file replaces a folder; folders
//! merge; parents that no layer names exist all the same; the parents of a member are taken through links that
//! lower layers have there. What a layer removes or replaces stays known.

use std::sync::Arc;

use hashbrown::{DefaultHashBuilder, HashTable};

use super::layer::{BESIDE, LayerIndex, Member, Name};
use crate::format::container::tar::MemberKind;

/// No node.
pub(super) const NONE: u32 = u32::MAX;
const ROOT: u32 = 0;
/// As many links as the Linux kernel follows in one path.
const MAX_LINKS: usize = 40;

/// One path of the tree.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) parent: u32,
    pub(super) first_child: u32,
    pub(super) next_sibling: u32,
    /// The layer that brought it in.
    pub(super) layer: u32,
    name: Name,
    /// Where its content is: layer and member; for hard links those of the first name. `NONE`: a folder that no
    /// layer names.
    pub(super) content: (u32, u32),
    /// Whether a later layer took it away.
    is_removed: bool,
}

/// A path that a later layer removed or replaced, with everything below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lost {
    pub(super) node: u32,
    /// The layer that did it.
    pub(super) removed_in: u32,
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
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
    pub(super) lost: Vec<Lost>,
    /// Hard links to nothing.
    pub(super) dangling: Vec<Dangling>,
    /// Whether names compare without case.
    folds_case: bool,
    /// How often a folder or link went away: what was resolved before may no longer hold.
    epoch: u32,
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
    for layer in 0..merged.layers.len() {
        merged.apply(u32::try_from(layer).unwrap_or(NONE), rules.whiteouts);
    }
    merged
}

/// The hash of a name in a folder.
fn hash(hasher: &DefaultHashBuilder, folds_case: bool, parent: u32, name: &[u8]) -> u64 {
    if !folds_case {
        return super::layer::hash(hasher, parent, name);
    }
    super::layer::hash(hasher, parent, &name.to_ascii_lowercase())
}

impl Merged {
    fn empty(layers: Arc<[Arc<LayerIndex>]>, folds_case: bool) -> Self {
        let root = Node {
            parent: ROOT,
            first_child: NONE,
            next_sibling: NONE,
            layer: 0,
            name: Name::default(),
            content: (NONE, NONE),
            is_removed: false,
        };
        Merged {
            layers,
            nodes: vec![root],
            table: HashTable::new(),
            hasher: DefaultHashBuilder::default(),
            lost: Vec::new(),
            dangling: Vec::new(),
            folds_case,
            epoch: 0,
        }
    }

    pub(super) fn node(&self, node: u32) -> Option<&Node> {
        self.nodes.get(node as usize)
    }

    pub(super) fn member(&self, content: (u32, u32)) -> Option<(&LayerIndex, &Member)> {
        let layer = self.layers.get(content.0 as usize)?;
        Some((layer, layer.members.get(content.1 as usize)?))
    }

    pub(super) fn name(&self, node: &Node) -> &[u8] {
        self.layers.get(node.layer as usize).map(|layer| layer.name(node.name)).unwrap_or_default()
    }

    pub(super) fn kind(&self, node: &Node) -> MemberKind {
        self.member(node.content).map_or(MemberKind::Directory, |(_, member)| member.kind)
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
        let is_name = |other: &[u8]| match self.folds_case {
            true => other.eq_ignore_ascii_case(name),
            false => other == name,
        };
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
                if !node.is_removed {
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
                if let Some(hidden) = index.name(member.name).strip_prefix(b".wh.") {
                    self.whiteout(layer, index, member.folder, hidden);
                }
            }
        }
        let mut folders: Vec<(u32, u32)> = vec![(NONE, 0); index.folders.len()];
        for (number, member) in index.members.iter().enumerate() {
            if member.folder == BESIDE || (whiteouts && index.name(member.name).starts_with(b".wh.")) {
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
        let mut content = (layer, number);
        if member.kind == MemberKind::HardLink {
            let target = index.link(member);
            let found = self.find_no_follow(target).and_then(|node| self.node(node)).map(|node| node.content);
            match found
                .filter(|found| self.member(*found).is_some_and(|(_, m)| m.kind != MemberKind::Directory))
            {
                Some(found) => content = found,
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
            let both_folders = member.kind == MemberKind::Directory
                && self.node(existing).is_some_and(|node| self.kind(node) == MemberKind::Directory);
            if both_folders {
                return;
            }
            self.remove(existing, layer);
        }
        self.add(parent, layer, member.name, content);
    }

    fn add(&mut self, parent: u32, layer: u32, name: Name, content: (u32, u32)) -> u32 {
        let number = u32::try_from(self.nodes.len()).unwrap_or(NONE);
        let next_sibling = self.node(parent).map_or(NONE, |node| node.first_child);
        let node = Node { parent, first_child: NONE, next_sibling, layer, name, content, is_removed: false };
        let hash = hash(&self.hasher, self.folds_case, parent, self.name(&node));
        self.nodes.push(node);
        if let Some(parent) = self.nodes.get_mut(parent as usize) {
            parent.first_child = number;
        }
        let (nodes, layers, hasher, folds_case) = (&self.nodes, &self.layers, &self.hasher, self.folds_case);
        self.table.insert_unique(hash, number, |&number| {
            let node = nodes.get(number as usize);
            let name = node.and_then(|node| Some(layers.get(node.layer as usize)?.name(node.name)));
            self::hash(hasher, folds_case, node.map_or(0, |node| node.parent), name.unwrap_or_default())
        });
        number
    }

    /// Takes a node out of its folder; it stays known as lost.
    fn remove(&mut self, number: u32, removed_in: u32) {
        let Some(node) = self.node(number).copied() else { return };
        let hash = hash(&self.hasher, self.folds_case, node.parent, self.name(&node));
        if let Ok(entry) = self.table.find_entry(hash, |&found| found == number) {
            entry.remove();
        }
        // It stays in the list of its folder, marked: taking it out of a folder of a million names would cost a
        // walk along them.
        if let Some(node) = self.nodes.get_mut(number as usize) {
            node.is_removed = true;
        }
        if self.kind(&node) != MemberKind::File {
            self.epoch += 1;
        }
        self.lost.push(Lost { node: number, removed_in });
    }

    /// The folder at a path, links followed; `None` when there is none.
    fn find_folder(&self, path: &[u8]) -> Option<u32> {
        self.resolve(path, true)
            .filter(|&node| self.node(node).is_some_and(|node| self.kind(node) == MemberKind::Directory))
    }

    /// What is at a path; links followed on the way but not at its end.
    fn find_no_follow(&self, path: &[u8]) -> Option<u32> {
        self.resolve(path, false)
    }

    fn resolve(&self, path: &[u8], follow_last: bool) -> Option<u32> {
        let mut pending: Vec<Vec<u8>> = parts(path);
        let mut at = ROOT;
        let mut links = 0;
        while let Some(name) = pending.pop() {
            if name == b".." {
                at = self.node(at)?.parent;
                continue;
            }
            let child = self.child(at, &name)?;
            let node = self.node(child)?;
            if self.kind(node) == MemberKind::Link && (follow_last || !pending.is_empty()) {
                links += 1;
                if links > MAX_LINKS {
                    return None;
                }
                let (layer, member) = self.member(node.content)?;
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
            chain.push(folder.name);
            at = folder.parent;
        }
        let mut node = ROOT;
        while let Some(name) = chain.pop() {
            let bytes = index.name(name);
            node = match self.child(node, bytes) {
                None => self.add(node, layer, name, (NONE, NONE)),
                Some(child) => match self.node(child).map(|node| self.kind(node)) {
                    Some(MemberKind::Directory) => child,
                    Some(MemberKind::Link) if self.find_folder(&self.path(child)).is_some() => {
                        self.find_folder(&self.path(child)).unwrap_or(ROOT)
                    }
                    _ => {
                        self.remove(child, layer);
                        self.add(node, layer, name, (NONE, NONE))
                    }
                },
            };
        }
        node
    }

    /// Everything that was lost, in trees of their own: what was lost last, what was lost at the same path before
    /// that, and so on; at most `limit` trees, and how many paths found no place.
    pub(super) fn lost_trees(&self, limit: usize) -> (Vec<(Merged, Vec<u32>)>, usize) {
        let mut trees: Vec<(Merged, Vec<u32>)> = Vec::new();
        let mut omitted = 0;
        for lost in self.lost.iter().rev() {
            let mut pending = vec![(lost.node, self.path(lost.node))];
            while let Some((number, path)) = pending.pop() {
                if self.children(number).next().is_none() {
                    let placed = (0..=limit).find(|&at| {
                        if at == limit {
                            return false;
                        }
                        if at == trees.len() {
                            trees
                                .push((Merged::empty(Arc::clone(&self.layers), self.folds_case), vec![NONE]));
                        }
                        trees.get_mut(at).is_some_and(|(tree, removed)| {
                            tree.place(self, number, &path, removed, lost.removed_in)
                        })
                    });
                    omitted += usize::from(placed.is_none());
                }
                for child in self.children(number) {
                    let Some(next) = self.node(child) else { continue };
                    pending.push((child, crate::fs::tree::join(&path, self.name(next))));
                }
            }
        }
        (trees, omitted)
    }

    /// Puts a node of another tree at its path, unless something else is there.
    fn place(
        &mut self,
        from: &Merged,
        number: u32,
        path: &[u8],
        removed: &mut Vec<u32>,
        removed_in: u32,
    ) -> bool {
        let Some(node) = from.node(number).copied() else { return true };
        let mut ancestors = Vec::new();
        let mut at = number;
        // By the names of the path: a lost node's own parents may be lost as well.
        while at != ROOT {
            ancestors.push(at);
            let Some(node) = from.node(at) else { break };
            at = node.parent;
        }
        if self.lookup(path).is_some() {
            return false;
        }
        let mut to = ROOT;
        for (depth, &ancestor) in ancestors.iter().enumerate().rev() {
            let Some(source) = from.node(ancestor).copied() else { return true };
            let name = from.name(&source).to_vec();
            if depth == 0 {
                self.add(to, source.layer, source.name, node.content);
                removed.push(removed_in);
                return true;
            }
            to = match self.child(to, &name) {
                Some(child)
                    if self.node(child).is_some_and(|node| self.kind(node) == MemberKind::Directory) =>
                {
                    child
                }
                Some(_) => return false,
                None => {
                    removed.push(removed_in);
                    self.add(to, source.layer, source.name, (NONE, NONE))
                }
            };
        }
        true
    }
}

fn parts(path: &[u8]) -> Vec<Vec<u8>> {
    path.split(|&byte| byte == b'/')
        .rev()
        .filter(|part| !part.is_empty() && *part != b".")
        .map(<[u8]>::to_vec)
        .collect()
}
