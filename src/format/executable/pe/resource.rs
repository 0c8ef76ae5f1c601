//! The resource tree of a PE file, as far as it leads to version resources.

use super::{Headers, LE};
use crate::bytes::{Damage, DamageKind, ReadAt};
use crate::format::executable::exact;
use crate::format::executable::version_resource::{self, VersionResource};

const RT_VERSION: u32 = 16;
/// Subdirectories and leaves have this bit set or not.
const IS_DIRECTORY: u32 = 0x8000_0000;
/// More entries of one directory than this are not read; programs with thousands of icons exist.
const MAX_ENTRIES: usize = 4096;
/// More version resources than this (languages times names) are not read.
const MAX_VERSIONS: usize = 64;
/// The first bytes of the tree, read at once: they hold the directories and often the version itself.
const WINDOW: usize = 4096;

/// The resource section, with its first bytes at hand.
struct Tree<'a> {
    file: &'a dyn ReadAt,
    start: u64,
    window: Vec<u8>,
}

/// Every version resource merged into one; `None` if there is none.
pub(super) fn version(
    file: &dyn ReadAt,
    headers: &Headers,
    address: u64,
    damage: &mut Vec<Damage>,
) -> Option<VersionResource> {
    let result = match headers.offset_of(address) {
        Some((start, rest)) if start < file.size() => {
            let window = file.read_vec(start, WINDOW.min(usize::try_from(rest).unwrap_or(WINDOW)));
            window.map_err(Damage::from).and_then(|window| {
                let tree = Tree { file, start, window };
                merged(&tree, headers, damage)
            })
        }
        Some((start, _)) => {
            Err(Damage::new(DamageKind::Truncated, start, "the file ends before its resources"))
        }
        None => Err(Damage::new(DamageKind::Corrupt, None, "the resources lie in no section")),
    };
    result.unwrap_or_else(|error| {
        damage.push(error);
        None
    })
}

fn merged(
    tree: &Tree<'_>,
    headers: &Headers,
    damage: &mut Vec<Damage>,
) -> Result<Option<VersionResource>, Damage> {
    let root = tree.directory(0)?;
    let Some((_, types)) = root.into_iter().find(|(id, _)| *id == RT_VERSION) else {
        return Ok(None);
    };
    let mut merged: Option<VersionResource> = None;
    let mut leaves = 0;
    for (_, name) in tree.children(types)? {
        for (_, leaf) in tree.children(name)? {
            leaves += 1;
            if leaves > MAX_VERSIONS || leaf & IS_DIRECTORY != 0 {
                damage.push(Damage::new(DamageKind::Corrupt, tree.start, "the version resources do not end"));
                return Ok(merged);
            }
            match content(tree, headers, leaf) {
                Ok(bytes) => match version_resource::read(&bytes) {
                    Some(version) => merged.get_or_insert_default().merge(version),
                    None => damage.push(Damage::new(
                        DamageKind::Corrupt,
                        tree.start,
                        "a version resource is damaged",
                    )),
                },
                Err(error) => damage.push(error),
            }
        }
    }
    Ok(merged)
}

/// The bytes of a leaf.
fn content(tree: &Tree<'_>, headers: &Headers, leaf: u32) -> Result<Vec<u8>, Damage> {
    let entry = tree.bytes(leaf, 8)?;
    let number = |at| LE.u32(&entry, at).map(u64::from).unwrap_or(0);
    // The block states its own length in 16 bits.
    let size = number(4).min(u64::from(u16::MAX)) as usize;
    let Some((offset, _)) = headers.offset_of(number(0)) else {
        return Err(Damage::new(DamageKind::Corrupt, tree.start, "a version resource lies in no section"));
    };
    match offset.checked_sub(tree.start).and_then(|at| u32::try_from(at).ok()) {
        Some(at) => tree.bytes(at, size),
        None => exact(tree.file, offset, size, "a version resource"),
    }
}

impl Tree<'_> {
    /// Bytes at a place of the resource section.
    fn bytes(&self, at: u32, len: usize) -> Result<Vec<u8>, Damage> {
        let start = at as usize;
        if let Some(bytes) = start.checked_add(len).and_then(|end| self.window.get(start..end)) {
            return Ok(bytes.to_vec());
        }
        exact(self.file, self.start.saturating_add(u64::from(at)), len, "the resources")
    }

    /// The entries that a subdirectory holds; a leaf where a subdirectory belongs is damage.
    fn children(&self, entry: u32) -> Result<Vec<(u32, u32)>, Damage> {
        if entry & IS_DIRECTORY == 0 {
            let what = "a leaf stands where a resource directory belongs";
            return Err(Damage::new(DamageKind::Corrupt, self.start, what));
        }
        self.directory(entry & !IS_DIRECTORY)
    }

    /// Name or id, and offset, of each entry of a directory.
    fn directory(&self, at: u32) -> Result<Vec<(u32, u32)>, Damage> {
        let header = self.bytes(at, 16)?;
        let count = |at| usize::from(LE.u16(&header, at).unwrap_or(0));
        let count = (count(12) + count(14)).min(MAX_ENTRIES);
        let entries = self.bytes(at.saturating_add(16), count * 8)?;
        let entry = |bytes: &[u8]| Some((LE.u32(bytes, 0)?, LE.u32(bytes, 4)?));
        Ok(entries.chunks_exact(8).filter_map(entry).collect())
    }
}
