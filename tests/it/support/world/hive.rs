//! Writes registry hives for tests: keys, values, big data, names in any script, lists of any length.
//!
//! Written against the format's specification, not against debar's reader: `tests/e2e/agreement/registry.sh` has other
//! readers read what it writes.
#![allow(dead_code, clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::collections::BTreeMap;

const NONE: u32 = u32::MAX;

#[derive(Default)]
struct Key {
    name: String,
    /// By the name in upper case, which is the order of lists.
    children: BTreeMap<String, Key>,
    values: Vec<(String, u32, Vec<u8>)>,
    /// How it changes a hive below: 0 merges, 1 deletes, 2 hides values, 3 hides everything.
    layering: u8,
}

/// The type of a value that says that there is none; no type of Windows.
const TOMBSTONE: u32 = 0xdead;

/// A hive that is being written.
#[derive(Default)]
pub struct Hive {
    root: Key,
}

/// UTF-16 with a zero at the end.
pub fn text(text: &str) -> Vec<u8> {
    text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
}

impl Hive {
    pub fn new() -> Self {
        Hive { root: Key { name: "ROOT".into(), ..Key::default() } }
    }

    fn key(&mut self, path: &str) -> &mut Key {
        let mut at = &mut self.root;
        for name in path.split('\\').filter(|name| !name.is_empty()) {
            let new = || Key { name: name.to_owned(), ..Key::default() };
            at = at.children.entry(name.to_uppercase()).or_insert_with(new);
        }
        at
    }

    pub fn add_key(&mut self, path: &str) -> &mut Self {
        self.key(path);
        self
    }

    pub fn value(&mut self, path: &str, name: &str, kind: u32, data: impl Into<Vec<u8>>) -> &mut Self {
        self.key(path).values.push((name.to_owned(), kind, data.into()));
        self
    }

    /// A `REG_SZ`.
    pub fn text(&mut self, path: &str, name: &str, data: &str) -> &mut Self {
        self.value(path, name, 1, text(data))
    }

    /// A `REG_DWORD`.
    pub fn number(&mut self, path: &str, name: &str, data: u32) -> &mut Self {
        self.value(path, name, 4, data.to_le_bytes())
    }

    /// What a key does to the same key of the hive below: 0 merges, 1 deletes, 2 hides values, 3 hides everything.
    pub fn layering(&mut self, path: &str, layering: u8) -> &mut Self {
        self.key(path).layering = layering;
        self
    }

    /// Says that there is no value of a name, in a hive of changes.
    pub fn deleted_value(&mut self, path: &str, name: &str) -> &mut Self {
        self.value(path, name, TOMBSTONE, [])
    }

    /// The bytes of the hive.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bins = Bins { bytes: vec![0; 32] };
        let root = bins.key(&self.root, NONE, true);
        let size = bins.bytes.len().next_multiple_of(4096);
        let free = size - bins.bytes.len();
        if free > 0 {
            bins.bytes.extend((free as u32).to_le_bytes());
            bins.bytes.resize(size, 0);
        }
        bins.bytes[..4].copy_from_slice(b"hbin");
        bins.put(8, size as u32);
        let mut bytes = b"regf".to_vec();
        for field in [1u32, 1, 0, 0, 1, 5, 0, 1, root, size as u32, 1] {
            bytes.extend(field.to_le_bytes());
        }
        bytes.resize(508, 0);
        let sum =
            bytes.chunks_exact(4).fold(0, |sum, word| sum ^ u32::from_le_bytes(word.try_into().unwrap()));
        bytes.extend(sum.to_le_bytes());
        bytes.resize(4096, 0);
        bytes.extend(bins.bytes);
        bytes
    }
}

struct Bins {
    bytes: Vec<u8>,
}

impl Bins {
    fn put(&mut self, at: usize, number: u32) {
        self.bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
    }

    /// Adds an allocated cell and returns its offset.
    fn cell(&mut self, content: &[u8]) -> u32 {
        let at = self.bytes.len();
        let size = (content.len() + 4).next_multiple_of(8);
        self.bytes.extend((-(size as i32)).to_le_bytes());
        self.bytes.extend(content);
        self.bytes.resize(at + size, 0);
        at as u32
    }

    fn key(&mut self, key: &Key, parent: u32, is_root: bool) -> u32 {
        let is_latin1 = key.name.is_ascii();
        let name = stored_name(&key.name);
        let mut node = b"nk".to_vec();
        let flags = if is_root { 0x0cu16 } else { 0 } | if is_latin1 { 0x20 } else { 0 };
        node.extend(flags.to_le_bytes());
        node.extend(132_000_000_000_000_000u64.to_le_bytes());
        for field in [
            u32::from(key.layering) << 8,
            parent,
            key.children.len() as u32,
            0,
            NONE,
            NONE,
            key.values.len() as u32,
            NONE,
            NONE,
            NONE,
        ] {
            node.extend(field.to_le_bytes());
        }
        node.resize(72, 0);
        node.extend((name.len() as u16).to_le_bytes());
        node.extend([0, 0]);
        node.extend(&name);
        let offset = self.cell(&node);
        let children: Vec<(String, u32)> = key
            .children
            .iter()
            .map(|(upper, child)| (upper.clone(), self.key(child, offset, false)))
            .collect();
        if !children.is_empty() {
            let list = self.list(&children);
            self.put(offset as usize + 4 + 28, list);
        }
        if !key.values.is_empty() {
            let values: Vec<u8> =
                key.values.iter().flat_map(|value| self.value(value).to_le_bytes()).collect();
            let list = self.cell(&values);
            self.put(offset as usize + 4 + 40, list);
        }
        offset
    }

    fn list(&mut self, children: &[(String, u32)]) -> u32 {
        let leaves: Vec<u32> = children
            .chunks(500)
            .map(|chunk| {
                let mut leaf = b"lh".to_vec();
                leaf.extend((chunk.len() as u16).to_le_bytes());
                for (upper, offset) in chunk {
                    leaf.extend(offset.to_le_bytes());
                    let hash = upper
                        .encode_utf16()
                        .fold(0u32, |hash, unit| hash.wrapping_mul(37).wrapping_add(u32::from(unit)));
                    leaf.extend(hash.to_le_bytes());
                }
                self.cell(&leaf)
            })
            .collect();
        if let [one] = leaves.as_slice() {
            return *one;
        }
        let mut root = b"ri".to_vec();
        root.extend((leaves.len() as u16).to_le_bytes());
        root.extend(leaves.iter().flat_map(|leaf| leaf.to_le_bytes()));
        self.cell(&root)
    }

    fn value(&mut self, (name, kind, data): &(String, u32, Vec<u8>)) -> u32 {
        let (size, place) = match data.len() {
            _ if *kind == TOMBSTONE => (0, NONE),
            0..=4 => {
                let mut inline = data.clone();
                inline.resize(4, 0);
                (data.len() as u32 | 0x8000_0000, u32::from_le_bytes(inline.try_into().unwrap()))
            }
            5..=16_344 => (data.len() as u32, self.cell(data)),
            _ => (data.len() as u32, self.big_data(data)),
        };
        let mut value = b"vk".to_vec();
        let stored = stored_name(name);
        value.extend((stored.len() as u16).to_le_bytes());
        let is_tombstone = *kind == TOMBSTONE;
        let flags = u32::from(name.is_ascii()) | if is_tombstone { 2 } else { 0 };
        for field in [size, place, if is_tombstone { 0 } else { *kind }, flags] {
            value.extend(field.to_le_bytes());
        }
        value.extend(&stored);
        self.cell(&value)
    }

    fn big_data(&mut self, data: &[u8]) -> u32 {
        let segments: Vec<u8> =
            data.chunks(16_344).flat_map(|segment| self.cell(segment).to_le_bytes()).collect();
        let list = self.cell(&segments);
        let mut head = b"db".to_vec();
        head.extend((data.len().div_ceil(16_344) as u16).to_le_bytes());
        head.extend(list.to_le_bytes());
        self.cell(&head)
    }
}

fn stored_name(name: &str) -> Vec<u8> {
    if name.is_ascii() {
        name.as_bytes().to_vec()
    } else {
        name.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }
}
