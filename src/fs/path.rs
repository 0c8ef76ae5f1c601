//! Paths of a target: raw bytes, components separated by `/`.

use std::borrow::Borrow;
use std::ops::Deref;

/// A path whose directories are no links: what trees are asked for, and what two names of one file have in common. Only
/// resolving a path that was asked for makes one, and adding a name that a directory lists; so the two cannot be
/// swapped.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RealPath(Vec<u8>);

impl RealPath {
    /// A path that was resolved.
    pub(super) fn resolved(path: Vec<u8>) -> Self {
        RealPath(path)
    }

    /// The path of a name that this directory lists.
    #[must_use]
    pub fn join(&self, name: &[u8]) -> Self {
        RealPath(join(&self.0, name))
    }

    /// The directory that this is in; of the root, the root.
    #[must_use]
    pub fn parent(&self) -> Self {
        RealPath(parent(&self.0).to_vec())
    }

    /// The bytes, components separated by `/`.
    pub fn as_slice(&self) -> &[u8] {
        &self.0
    }

    /// The bytes, components separated by `/`.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }
}

impl Deref for RealPath {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl Borrow<[u8]> for RealPath {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq<[u8]> for RealPath {
    fn eq(&self, other: &[u8]) -> bool {
        self.0 == other
    }
}

/// Joins a directory path and one component.
pub fn join(directory: &[u8], name: &[u8]) -> Vec<u8> {
    if directory.is_empty() {
        return name.to_vec();
    }
    let mut path = Vec::with_capacity(directory.len() + 1 + name.len());
    path.extend_from_slice(directory);
    path.push(b'/');
    path.extend_from_slice(name);
    path
}

/// The directory a path lies in; empty for the root and for names in the root.
pub fn parent(path: &[u8]) -> &[u8] {
    match path.iter().rposition(|&byte| byte == b'/') {
        Some(at) => path.get(..at).unwrap_or_default(),
        None => &[],
    }
}

/// The last component of a path.
pub fn file_name(path: &[u8]) -> &[u8] {
    match path.iter().rposition(|&byte| byte == b'/') {
        Some(at) => path.get(at + 1..).unwrap_or_default(),
        None => path,
    }
}

/// Whether `path` is `directory` or lies below it.
pub fn is_within(path: &[u8], directory: &[u8]) -> bool {
    directory.is_empty()
        || path.strip_prefix(directory).is_some_and(|rest| rest.is_empty() || rest.first() == Some(&b'/'))
}

#[cfg(test)]
impl<const N: usize> PartialEq<&[u8; N]> for RealPath {
    fn eq(&self, other: &&[u8; N]) -> bool {
        self.0 == *other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn within_is_by_component() {
        assert!(is_within(b"opt/a", b"opt"));
        assert!(is_within(b"opt", b"opt"));
        assert!(!is_within(b"optical", b"opt"));
        assert!(is_within(b"anything", b""));
    }

    #[test]
    fn parts_of_a_path() {
        assert_eq!(parent(b"a/b/c"), b"a/b");
        assert_eq!(parent(b"a"), b"");
        assert_eq!(file_name(b"a/b/c"), b"c");
        assert_eq!(join(b"", b"a"), b"a");
    }
}
