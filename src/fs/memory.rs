//! A file tree in memory: what tests build, and what equivalence with directories and images is proven on.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;

use super::tree::{Kind, Listed, ListedKind, Stat, Tree, join, parent};
use crate::bytes::ReadAt;

/// One node of a [`Memory`] tree.
#[derive(Debug, Clone)]
enum Node {
    File {
        bytes: Arc<Vec<u8>>,
        executable: bool,
    },
    Directory,
    Link(Vec<u8>),
    Special,
    /// Every operation on it fails with this error kind.
    Failing(io::ErrorKind),
}

/// A file tree in memory.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    nodes: BTreeMap<Vec<u8>, Node>,
}

/// A shared byte vector that can be read by position.
struct Shared(Arc<Vec<u8>>);

impl ReadAt for Shared {
    fn size(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.0.as_slice().read_at(offset, buf)
    }
}

impl Memory {
    /// An empty tree.
    pub fn new() -> Self {
        Memory::default()
    }

    fn insert(&mut self, path: &[u8], node: Node) {
        let mut directory = parent(path);
        while !directory.is_empty() {
            self.nodes.entry(directory.to_vec()).or_insert(Node::Directory);
            directory = parent(directory);
        }
        self.nodes.insert(path.to_vec(), node);
    }

    /// Adds a file, with the directories above it.
    #[must_use]
    pub fn file(mut self, path: impl AsRef<[u8]>, bytes: impl Into<Vec<u8>>) -> Self {
        self.insert(path.as_ref(), Node::File { bytes: Arc::new(bytes.into()), executable: false });
        self
    }

    /// Adds an executable file.
    #[must_use]
    pub fn executable(mut self, path: impl AsRef<[u8]>, bytes: impl Into<Vec<u8>>) -> Self {
        self.insert(path.as_ref(), Node::File { bytes: Arc::new(bytes.into()), executable: true });
        self
    }

    /// Adds a directory.
    #[must_use]
    pub fn directory(mut self, path: impl AsRef<[u8]>) -> Self {
        self.insert(path.as_ref(), Node::Directory);
        self
    }

    /// Adds a link.
    #[must_use]
    pub fn link(mut self, path: impl AsRef<[u8]>, to: impl Into<Vec<u8>>) -> Self {
        self.insert(path.as_ref(), Node::Link(to.into()));
        self
    }

    /// Adds a device, pipe or socket.
    #[must_use]
    pub fn special(mut self, path: impl AsRef<[u8]>) -> Self {
        self.insert(path.as_ref(), Node::Special);
        self
    }

    /// Adds a path on which every operation fails.
    #[must_use]
    pub fn failing(mut self, path: impl AsRef<[u8]>, error: io::ErrorKind) -> Self {
        self.insert(path.as_ref(), Node::Failing(error));
        self
    }

    fn node(&self, path: &[u8]) -> io::Result<&Node> {
        if path.is_empty() {
            return Ok(&Node::Directory);
        }
        self.nodes.get(path).ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Tree for Memory {
    fn stat(&self, path: &[u8]) -> io::Result<Stat> {
        Ok(match self.node(path)? {
            Node::File { bytes, executable } => {
                Stat { size: bytes.len() as u64, executable: *executable, ..Stat::of(Kind::File) }
            }
            Node::Directory => Stat::of(Kind::Directory),
            Node::Link(to) => Stat::of(Kind::Link(to.clone())),
            Node::Special => Stat::of(Kind::Special),
            Node::Failing(error) => return Err((*error).into()),
        })
    }

    fn list(&self, path: &[u8]) -> io::Result<Vec<Listed>> {
        match self.node(path)? {
            Node::Directory => {}
            Node::Failing(error) => return Err((*error).into()),
            _ => return Err(io::ErrorKind::NotADirectory.into()),
        }
        let prefix = if path.is_empty() { Vec::new() } else { join(path, b"") };
        let mut names = Vec::new();
        for (full, node) in self.nodes.range(prefix.clone()..) {
            let Some(name) = full.strip_prefix(prefix.as_slice()) else {
                break;
            };
            if !name.is_empty() && !name.contains(&b'/') {
                let kind = match node {
                    Node::File { .. } | Node::Failing(_) => ListedKind::File,
                    Node::Directory => ListedKind::Directory,
                    Node::Link(_) => ListedKind::Link,
                    Node::Special => ListedKind::Special,
                };
                names.push(Listed { name: name.to_vec(), kind });
            }
        }
        Ok(names)
    }

    fn open(&self, path: &[u8]) -> io::Result<Box<dyn ReadAt>> {
        match self.node(path)? {
            Node::File { bytes, .. } => Ok(Box::new(Shared(Arc::clone(bytes)))),
            Node::Failing(error) => Err((*error).into()),
            _ => Err(io::ErrorKind::InvalidInput.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_above_a_file_exist_and_list_it_once() {
        let tree = Memory::new().file("opt/a/x", b"1").file("opt/a/y", b"2").directory("opt/ab");
        let names = tree.list(b"opt").unwrap();
        assert_eq!(names.len(), 2);
        assert_eq!(tree.list(b"opt/a").unwrap().len(), 2);
        assert_eq!(tree.stat(b"opt/a").unwrap().kind, Kind::Directory);
    }
}
