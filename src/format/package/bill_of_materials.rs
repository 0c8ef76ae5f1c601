//! Bills of materials (`.bom`): the list of what a package of the macOS Installer put on the disk.
//!
//! A store of numbered blocks with a few named ones. Under the name `Paths` lies a tree whose leaves, linked in a
//! list, hold one entry a path: its name and the number of the folder it is in. Only this tree is read. Apple
//! documents no format; source: bom(5), and `bom.h` of bomutils by Fabian Renn.

use std::collections::{HashMap, HashSet};

use crate::bytes::{Damage, DamageKind, Salvaged};
use crate::format::executable::ByteOrder;

const BE: ByteOrder = ByteOrder::Big;
/// Paths read of one list.
pub const MAX_PATHS: usize = 500_000;
/// Folders above a path.
const MAX_DEPTH: usize = 128;
/// Bytes of a name; macOS knows none longer than 255 UTF-16 units, or 1,024 bytes a path.
const MAX_NAME: usize = 1_024;
/// Steps from the root of the tree to its first leaf.
const MAX_LEVELS: usize = 32;
/// `BOMPathInfo2.type` of a folder.
const FOLDER: u8 = 2;

/// One path of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// From the place that the package was installed to, without a leading `./` or slash.
    pub path: Vec<u8>,
    /// Whether it is a folder.
    pub is_folder: bool,
}

/// An entry as stored.
struct Entry<'a> {
    id: u32,
    parent: u32,
    name: &'a [u8],
    is_folder: bool,
}

/// Reads a bill of materials: the paths in the order of the list, without the root itself. What comes before a
/// place that does not fit is kept.
pub fn read(bytes: &[u8]) -> Salvaged<Vec<Listed>> {
    let mut out = Salvaged::whole(Vec::new());
    let mut entries = Vec::new();
    let store = Store { bytes };
    if let Err(damage) = store.entries(&mut entries) {
        out.damage.push(damage);
    }
    let by_id: HashMap<u32, &Entry<'_>> = entries.iter().map(|entry| (entry.id, entry)).collect();
    let mut budget = bytes.len().saturating_mul(64);
    for entry in &entries {
        let Some(path) = path_of(entry, &by_id) else { continue };
        // Deep folders repeat in every path below them.
        budget = match budget.checked_sub(path.len()) {
            Some(rest) => rest,
            None => {
                out.damage.push(Damage::new(
                    DamageKind::OverLimit,
                    None,
                    "the paths unfold to too many bytes",
                ));
                break;
            }
        };
        if !path.is_empty() {
            out.value.push(Listed { path, is_folder: entry.is_folder });
        }
    }
    out
}

/// `None` when a folder is missing from the list or the folders go in a circle.
fn path_of(entry: &Entry<'_>, by_id: &HashMap<u32, &Entry<'_>>) -> Option<Vec<u8>> {
    let mut names = Vec::new();
    let mut at = entry;
    // Counted by folders and not by names: those called `.` have none and may go in a circle, too.
    for _ in 0..=MAX_DEPTH {
        // The root is written as `.` by some and `./.` by others.
        names.extend(at.name.rsplit(|&byte| byte == b'/').filter(|part| !matches!(part, [] | [b'.'])));
        if at.parent == 0 {
            names.reverse();
            return Some(names.join(&b'/'));
        }
        at = by_id.get(&at.parent)?;
    }
    None
}

/// The blocks of a store.
struct Store<'a> {
    bytes: &'a [u8],
}

impl<'a> Store<'a> {
    /// A block by its number.
    fn block(&self, number: u32) -> Option<&'a [u8]> {
        let table = usize::try_from(BE.u32(self.bytes, 16)?).ok()?;
        let count = BE.u32(self.bytes, table)?;
        let place = table.checked_add(4)?.checked_add(usize::try_from(number).ok()?.checked_mul(8)?)?;
        if number == 0 || number >= count {
            return None;
        }
        let from = usize::try_from(BE.u32(self.bytes, place)?).ok()?;
        let len = usize::try_from(BE.u32(self.bytes, place.checked_add(4)?)?).ok()?;
        self.bytes.get(from..from.checked_add(len)?)
    }

    /// The number of the block with a name.
    fn named(&self, wanted: &[u8]) -> Option<u32> {
        let names = usize::try_from(BE.u32(self.bytes, 24)?).ok()?;
        let count = BE.u32(self.bytes, names)?;
        let mut at = names.checked_add(4)?;
        for _ in 0..count {
            let number = BE.u32(self.bytes, at)?;
            let len = usize::from(*self.bytes.get(at.checked_add(4)?)?);
            let name = self.bytes.get(at + 5..at + 5 + len)?;
            if name == wanted {
                return Some(number);
            }
            at += 5 + len;
        }
        None
    }

    fn entries(&self, out: &mut Vec<Entry<'a>>) -> Result<(), Damage> {
        let broken = |what: &str| Damage::new(DamageKind::Corrupt, None, what);
        if !self.bytes.starts_with(b"BOMStore") {
            return Err(broken("it is no bill of materials"));
        }
        let tree = self.named(b"Paths").and_then(|number| self.block(number));
        let tree = tree.filter(|tree| tree.starts_with(b"tree"));
        let mut number =
            tree.and_then(|tree| BE.u32(tree, 8)).ok_or_else(|| broken("it has no list of paths"))?;
        let node =
            |number| self.block(number).ok_or_else(|| broken("a block of the list points outside the file"));
        let mut block = node(number)?;
        let mut levels = 0;
        // A node above the leaves: the first of its children leads to the first leaf.
        while BE.u16(block, 0) == Some(0) {
            number = BE.u32(block, 12).ok_or_else(|| broken("a node of the list has no children"))?;
            block = node(number)?;
            levels += 1;
            if levels > MAX_LEVELS {
                return Err(broken("the list of paths is nested too deeply"));
            }
        }
        let mut leaves = HashSet::new();
        loop {
            if !leaves.insert(number) {
                return Err(broken("the leaves of the list go in a circle"));
            }
            let count = BE.u16(block, 2).ok_or_else(|| broken("a leaf of the list is cut off"))?;
            for at in 0..usize::from(count) {
                let entry = self
                    .entry(block, 12 + 8 * at)
                    .ok_or_else(|| broken("an entry of the list is cut off"))?;
                if out.len() >= MAX_PATHS {
                    let what = format!("it lists more than {MAX_PATHS} paths");
                    return Err(Damage::new(DamageKind::OverLimit, None, what));
                }
                out.push(entry);
            }
            number = BE.u32(block, 4).ok_or_else(|| broken("a leaf of the list is cut off"))?;
            if number == 0 {
                return Ok(());
            }
            block = node(number)?;
        }
    }

    fn entry(&self, leaf: &[u8], at: usize) -> Option<Entry<'a>> {
        let info = self.block(BE.u32(leaf, at)?)?;
        let file = self.block(BE.u32(leaf, at + 4)?)?;
        let kind = self.block(BE.u32(info, 4)?).and_then(|info| info.first());
        // Many entries may share one long block: each is checked no further than a name can go.
        let name = file.get(4..file.len().min(4 + MAX_NAME))?;
        let name = name.split(|&byte| byte == 0).next().unwrap_or(name);
        Some(Entry { id: BE.u32(info, 0)?, parent: BE.u32(file, 0)?, name, is_folder: kind == Some(&FOLDER) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::fixture;

    /// Written by another implementation; see tests/fixtures/README.md.
    fn tool() -> Vec<u8> {
        fixture("macos/Tool.bom")
    }

    #[test]
    fn paths_with_their_folders() {
        let read = read(&tool());
        assert_eq!(read.damage, []);
        let paths: Vec<_> = read
            .value
            .iter()
            .map(|one| (String::from_utf8_lossy(&one.path).into_owned(), one.is_folder))
            .collect();
        assert!(paths.contains(&("Tool.app".to_owned(), true)), "{paths:?}");
        assert!(paths.contains(&("Tool.app/Contents/MacOS/Tool".to_owned(), false)), "{paths:?}");
        assert!(paths.contains(&("Tool.app/Contents/Info.plist".to_owned(), false)), "{paths:?}");
    }

    #[test]
    fn a_list_of_several_leaves_is_read_to_its_end() {
        let read = read(&fixture("macos/Many.bom"));
        assert_eq!(read.damage, []);
        assert_eq!(read.value.iter().filter(|one| !one.is_folder).count(), 600);
        assert!(read.value.iter().any(|one| one.path == b"deep/folder/file-600"));
    }

    #[test]
    fn a_cut_or_foreign_file_is_damage_and_never_a_panic() {
        let whole = tool();
        for cut in (0..whole.len()).step_by(97) {
            let read = read(&whole[..cut]);
            assert!(read.value.len() <= 400);
        }
        assert_eq!(read(b"PK\x03\x04").damage.len(), 1);
        assert_eq!(read(b"").damage.len(), 1);
    }

    /// The number of the only leaf of the fixture and where it lies.
    fn only_leaf(bytes: &[u8]) -> (u32, usize) {
        let store = Store { bytes };
        let tree = store.block(store.named(b"Paths").unwrap()).unwrap();
        let first = BE.u32(tree, 8).unwrap();
        let leaf = store.block(first).unwrap();
        assert_eq!(BE.u16(leaf, 0), Some(1), "a small list is one leaf");
        (first, leaf.as_ptr() as usize - bytes.as_ptr() as usize)
    }

    #[test]
    fn folders_without_a_name_that_go_in_a_circle_end() {
        let mut bytes = tool();
        let (_, leaf) = only_leaf(&bytes);
        let store = Store { bytes: &bytes };
        // The root is `.` and has no folder above it: it becomes its own.
        let place = |block: &[u8]| block.as_ptr() as usize - bytes.as_ptr() as usize;
        let info = place(store.block(BE.u32(&bytes, leaf + 12).unwrap()).unwrap());
        let file = place(store.block(BE.u32(&bytes, leaf + 16).unwrap()).unwrap());
        assert_eq!((&bytes[file..file + 4], bytes[file + 4]), (&[0; 4][..], b'.'));
        let id: [u8; 4] = bytes[info..info + 4].try_into().unwrap();
        bytes[file..file + 4].copy_from_slice(&id);
        assert_eq!(read(&bytes).value, []);
    }

    #[test]
    fn leaves_that_go_in_a_circle_end() {
        let mut bytes = tool();
        let (first, at) = only_leaf(&bytes);
        bytes[at + 4..at + 8].copy_from_slice(&first.to_be_bytes());
        let read = read(&bytes);
        assert_eq!(read.damage.len(), 1);
        assert!(read.damage[0].what.contains("circle"));
    }
}
