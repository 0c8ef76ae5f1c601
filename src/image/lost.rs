//! What layers removed or replaced, as trees of their own: it still ships.

use std::sync::Arc;

use super::merge::{Merged, NONE, ROOT};
use crate::format::container::tar::MemberKind;

/// Names behind a link that went away that are placed where the link was.
const MAX_BEHIND_LINK: usize = 10_000;

impl Merged {
    /// Everything that was lost, in trees of their own: what was lost last, what was lost at the same path before
    /// that, and so on; at most `limit` trees, and how many paths found no place.
    pub(super) fn lost_trees(&self, limit: usize) -> (Vec<(Merged, Vec<u32>)>, usize) {
        let mut trees = LostTrees { from: self, trees: Vec::new(), limit, omitted: 0 };
        for lost in self.lost.iter().rev() {
            let chain = self.chain(lost.node);
            trees.subtree(lost.node, &chain, lost.removed_in, usize::MAX);
            // What was reached through a link that went away is reached so no more.
            if let Some(folder) = lost.led_to {
                trees.subtree(folder, &chain, lost.removed_in, MAX_BEHIND_LINK);
            }
        }
        trees.add_links();
        (trees.trees, trees.omitted)
    }

    /// The nodes on the way to a node, from the top, and the node.
    fn chain(&self, number: u32) -> Vec<u32> {
        let mut chain = Vec::new();
        let mut at = number;
        while at != ROOT {
            chain.push(at);
            let Some(node) = self.node(at) else { break };
            at = node.parent;
        }
        chain.reverse();
        chain
    }

    /// Puts the last node of a chain of another tree at the names of the chain, unless something else is there.
    fn place(&mut self, from: &Merged, chain: &[u32], removed: &mut Vec<u32>, removed_in: u32) -> bool {
        let mut to = ROOT;
        for (depth, &number) in chain.iter().enumerate() {
            let Some(source) = from.node(number).copied() else { return true };
            let is_last = depth + 1 == chain.len();
            to = match self.child(to, from.name(&source)) {
                Some(child) if !is_last && self.kind(child) == MemberKind::Directory => child,
                Some(_) => return false,
                None => {
                    removed.push(removed_in);
                    let content = if is_last { from.content(number) } else { (NONE, NONE) };
                    self.add(to, source.layer, source.source, Some(content))
                }
            };
        }
        true
    }
}

/// The trees of what was lost, while they are made.
struct LostTrees<'a> {
    from: &'a Merged,
    trees: Vec<(Merged, Vec<u32>)>,
    limit: usize,
    omitted: usize,
}

impl LostTrees<'_> {
    /// Places everything below a node, at most `limit` names, as if the node were at the end of a chain.
    fn subtree(&mut self, top: u32, chain: &[u32], removed_in: u32, limit: usize) {
        let mut chain = chain.to_vec();
        let mut pending = vec![(top, chain.len())];
        let mut count = 0;
        while let Some((number, depth)) = pending.pop() {
            chain.truncate(depth);
            if number != top {
                chain.push(number);
            }
            count += 1;
            if count > limit {
                self.omitted += 1;
                return;
            }
            let is_empty = self.from.children(number).next().is_none();
            if is_empty && chain.last() == Some(&number) {
                self.place(&chain, removed_in);
            }
            pending.extend(self.from.children(number).map(|child| (child, chain.len())));
        }
    }

    /// Places one node in the first tree that has room for it.
    fn place(&mut self, chain: &[u32], removed_in: u32) {
        for at in 0..self.limit {
            if at == self.trees.len() {
                let empty = Merged::empty(Arc::clone(&self.from.layers), self.from.folds_case);
                self.trees.push((empty, vec![NONE]));
            }
            let Some((tree, removed)) = self.trees.get_mut(at) else { break };
            if tree.place(self.from, chain, removed, removed_in) {
                return;
            }
        }
        self.omitted += 1;
    }

    /// Adds the image's links to folders, by which what was lost was reached.
    fn add_links(&mut self) {
        if self.trees.is_empty() {
            return;
        }
        let mut pending = vec![ROOT];
        while let Some(folder) = pending.pop() {
            for child in self.from.children(folder) {
                match self.from.kind(child) {
                    MemberKind::Directory => pending.push(child),
                    MemberKind::Link if self.from.folder_of(child).is_some() => {
                        let chain = self.from.chain(child);
                        for (tree, removed) in &mut self.trees {
                            tree.place(self.from, &chain, removed, NONE);
                        }
                    }
                    _ => {}
                }
            }
        }
    }
}
