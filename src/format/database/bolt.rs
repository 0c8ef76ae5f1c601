//! Bolt (bbolt), the key/value file in which containerd keeps what it knows: read without its lock, buckets inside
//! buckets, each a B+ tree of pages.
//!
//! Source: the file format as bbolt's `page.go`, `meta.go` and `bucket.go` define it (version 2, little-endian). A
//! writer never changes a page that the current meta page leads to, so a copy of the file is consistent unless it
//! was taken across two commits.

use crate::bytes::{Damage, DamageKind};

const MAGIC: u32 = 0xED0C_DAED;
const VERSION: u32 = 2;
const HEADER: usize = 16;
const BRANCH: u16 = 0x01;
const LEAF: u16 = 0x02;
const META: u16 = 0x04;
const IS_BUCKET: u32 = 0x01;
/// Levels of one tree.
const MAX_DEPTH: usize = 32;
/// Entries that one bucket may have.
const MAX_ENTRIES: usize = 1_000_000;

/// A database over the bytes of its file.
#[derive(Debug, Clone, Copy)]
pub struct Database<'a> {
    bytes: &'a [u8],
    page_size: usize,
    root: u64,
    /// Whether only one of its two meta pages is whole.
    is_torn: bool,
}

/// A bucket: a tree of pages, or one page inside the value that names it.
#[derive(Debug, Clone, Copy)]
pub struct Bucket<'a> {
    database: Database<'a>,
    root: u64,
    inline: &'a [u8],
}

/// What a key leads to.
#[derive(Debug, Clone, Copy)]
pub enum Value<'a> {
    /// Bytes.
    Bytes(&'a [u8]),
    /// Another bucket.
    Bucket(Bucket<'a>),
}

impl<'a> Database<'a> {
    /// Opens a database: of its two meta pages the newer that is whole.
    ///
    /// # Errors
    /// When neither is.
    pub fn open(bytes: &'a [u8]) -> Result<Database<'a>, Damage> {
        // The second meta page lies one page on; the size of a page is recognised by the first, which may be damaged.
        let sizes = (9..=16).map(|power| 1_usize << power);
        let metas = std::iter::once(0).chain(sizes).filter_map(|at| Meta::read(bytes, at));
        let metas: Vec<Meta> = metas.collect();
        let count = metas.len();
        let newest = metas.into_iter().max_by_key(|meta| meta.transaction);
        let meta = newest.ok_or_else(|| {
            Damage::new(DamageKind::Corrupt, 0, "it has no meta page of bolt that is whole")
        })?;
        Ok(Database { bytes, page_size: meta.page_size, root: meta.root, is_torn: count < 2 })
    }

    /// What is damaged of the file as a whole: with one meta page only, this may be an older state than the last.
    pub fn damage(&self) -> Option<Damage> {
        let what =
            "one of its two meta pages is damaged, so what is read may be older than what was written last";
        self.is_torn.then(|| Damage::new(DamageKind::Corrupt, 0, what))
    }

    /// The bucket in which all others are.
    pub fn root(&self) -> Bucket<'a> {
        Bucket { database: *self, root: self.root, inline: &[] }
    }

    /// A page with those that it overflows into.
    fn page(&self, number: u64) -> Option<&'a [u8]> {
        let at = usize::try_from(number).ok()?.checked_mul(self.page_size)?;
        let overflow = u32_at(self.bytes.get(at..)?, 12)? as usize;
        let len = overflow.checked_add(1)?.checked_mul(self.page_size)?;
        let rest = self.bytes.get(at..)?;
        rest.get(..len.min(rest.len()))
    }
}

/// What a walk along a bucket's tree has found.
struct Found<'a> {
    entries: Vec<(&'a [u8], Value<'a>)>,
    /// How many more pages it may look at.
    pages: usize,
}

struct Meta {
    page_size: usize,
    root: u64,
    transaction: u64,
}

impl Meta {
    fn read(bytes: &[u8], at: usize) -> Option<Meta> {
        let page = bytes.get(at..)?;
        let meta = page.get(HEADER..HEADER + 64)?;
        let is_meta =
            u16_at(page, 8)? & META != 0 && u32_at(meta, 0)? == MAGIC && u32_at(meta, 4)? == VERSION;
        // FNV-1a over everything before the checksum.
        let sum = meta.get(..56)?.iter().fold(0xcbf2_9ce4_8422_2325_u64, |sum, &byte| {
            (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let page_size = u32_at(meta, 8)? as usize;
        if !is_meta || sum != u64_at(meta, 56)? || !(512..=1 << 16).contains(&page_size) {
            return None;
        }
        Some(Meta { page_size, root: u64_at(meta, 16)?, transaction: u64_at(meta, 48)? })
    }
}

impl<'a> Bucket<'a> {
    fn of_value(database: Database<'a>, value: &'a [u8]) -> Option<Bucket<'a>> {
        Some(Bucket { database, root: u64_at(value, 0)?, inline: value.get(16..)? })
    }

    /// Everything in the bucket, in the order of keys, and where it is damaged.
    pub fn entries(&self) -> (Vec<(&'a [u8], Value<'a>)>, Option<Damage>) {
        // No page of a tree is in it twice: one that leads back to itself ends.
        let pages = self.database.bytes.len() / self.database.page_size + 1;
        let mut found = Found { entries: Vec::new(), pages };
        let result = match self.root {
            0 => self.page_entries(self.inline, 0, &mut found),
            root => self.tree(root, 0, &mut found),
        };
        let damage = result.err().map(|what| Damage::new(DamageKind::Corrupt, None, what));
        (found.entries, damage)
    }

    /// What a key leads to.
    pub fn get(&self, key: &[u8]) -> Option<Value<'a>> {
        self.entries().0.into_iter().find(|(known, _)| *known == key).map(|(_, value)| value)
    }

    /// The bucket that a key leads to.
    pub fn bucket(&self, key: &[u8]) -> Option<Bucket<'a>> {
        match self.get(key)? {
            Value::Bucket(bucket) => Some(bucket),
            Value::Bytes(_) => None,
        }
    }

    /// The bytes that a key leads to.
    pub fn bytes(&self, key: &[u8]) -> Option<&'a [u8]> {
        match self.get(key)? {
            Value::Bytes(bytes) => Some(bytes),
            Value::Bucket(_) => None,
        }
    }

    /// The buckets in it, with their keys.
    pub fn buckets(&self) -> Vec<(&'a [u8], Bucket<'a>)> {
        let bucket = |(key, value)| match value {
            Value::Bucket(bucket) => Some((key, bucket)),
            Value::Bytes(_) => None,
        };
        self.entries().0.into_iter().filter_map(bucket).collect()
    }

    fn tree(&self, page: u64, depth: usize, found: &mut Found<'a>) -> Result<(), String> {
        found.pages = found.pages.checked_sub(1).ok_or("a tree of more pages than the file has")?;
        if depth >= MAX_DEPTH {
            return Err(format!("a tree of more than {MAX_DEPTH} levels"));
        }
        let bytes = self.database.page(page).ok_or_else(|| format!("page {page} is not there"))?;
        if u64_at(bytes, 0) != Some(page) {
            return Err(format!("page {page} calls itself another"));
        }
        self.page_entries(bytes, depth, found)
    }

    fn page_entries(&self, page: &'a [u8], depth: usize, found: &mut Found<'a>) -> Result<(), String> {
        let short = || "a page ends too early".to_owned();
        let flags = u16_at(page, 8).ok_or_else(short)?;
        let count = usize::from(u16_at(page, 10).ok_or_else(short)?);
        let mut first = Ok(());
        // Keys and values follow the elements without a space between them, in the order of the keys.
        let mut end = HEADER + count * 16;
        for number in 0..count {
            if found.entries.len() >= MAX_ENTRIES {
                return Err(format!("a bucket of more than {MAX_ENTRIES} entries"));
            }
            let element = page.get(HEADER + number * 16..).ok_or_else(short)?;
            let is_in_place = extent(element, flags).and_then(|(at, len)| {
                let is_next = at.checked_add(HEADER + number * 16)? == end;
                end = end.checked_add(len)?;
                Some(is_next)
            });
            if is_in_place != Some(true) {
                first = first.and(Err("the entries of a page do not follow each other".to_owned()));
            }
            let result = match flags {
                BRANCH => match u64_at(element, 8) {
                    Some(child) => self.tree(child, depth + 1, found),
                    None => Err(short()),
                },
                LEAF => self.leaf(element).ok_or_else(short).and_then(|entry| {
                    let is_sorted = found.entries.last().is_none_or(|(last, _)| *last < entry.0);
                    found.entries.push(entry);
                    is_sorted.then_some(()).ok_or_else(|| "the keys of a bucket are not in order".to_owned())
                }),
                _ => return Err("a page is neither branch nor leaf".to_owned()),
            };
            // What one child lacks does not hide the others.
            first = first.and(result);
        }
        first
    }

    fn leaf(&self, element: &'a [u8]) -> Option<(&'a [u8], Value<'a>)> {
        let at = u32_at(element, 4)? as usize;
        let key_end = at.checked_add(u32_at(element, 8)? as usize)?;
        let value_end = key_end.checked_add(u32_at(element, 12)? as usize)?;
        let (key, value) = (element.get(at..key_end)?, element.get(key_end..value_end)?);
        Some(match u32_at(element, 0)? & IS_BUCKET {
            0 => (key, Value::Bytes(value)),
            _ => (key, Value::Bucket(Bucket::of_value(self.database, value)?)),
        })
    }
}

/// Where the bytes of an element begin, from the element on, and how many they are.
fn extent(element: &[u8], flags: u16) -> Option<(usize, usize)> {
    if flags == BRANCH {
        return Some((u32_at(element, 0)? as usize, u32_at(element, 4)? as usize));
    }
    let len = (u32_at(element, 8)? as usize).checked_add(u32_at(element, 12)? as usize)?;
    Some((u32_at(element, 4)? as usize, len))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2)?.try_into().ok().map(u16::from_le_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..at + 8)?.try_into().ok().map(u64::from_le_bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: usize = 512;

    fn header(number: u64, flags: u16, count: u16, page: &mut Vec<u8>) {
        page.extend_from_slice(&number.to_le_bytes());
        page.extend_from_slice(&flags.to_le_bytes());
        page.extend_from_slice(&count.to_le_bytes());
        page.extend_from_slice(&0_u32.to_le_bytes());
    }

    fn leaf(number: u64, entries: &[(&[u8], Vec<u8>, bool)]) -> Vec<u8> {
        let mut page = Vec::new();
        header(number, LEAF, u16::try_from(entries.len()).unwrap(), &mut page);
        let mut data = Vec::new();
        for (at, (key, value, is_bucket)) in entries.iter().enumerate() {
            let position = (entries.len() - at) * 16 + data.len();
            for number in [usize::from(*is_bucket), position, key.len(), value.len()] {
                page.extend_from_slice(&u32::try_from(number).unwrap().to_le_bytes());
            }
            data.extend_from_slice(key);
            data.extend_from_slice(value);
        }
        page.extend_from_slice(&data);
        page
    }

    fn branch(number: u64, children: &[u64]) -> Vec<u8> {
        let mut page = Vec::new();
        header(number, BRANCH, u16::try_from(children.len()).unwrap(), &mut page);
        for (at, child) in children.iter().enumerate() {
            page.extend_from_slice(&u32::try_from((children.len() - at) * 16).unwrap().to_le_bytes());
            page.extend_from_slice(&[0; 4]);
            page.extend_from_slice(&child.to_le_bytes());
        }
        page
    }

    fn meta(number: u64, root: u64, transaction: u64) -> Vec<u8> {
        let mut page = Vec::new();
        header(number, META, 0, &mut page);
        let mut meta = Vec::new();
        for number in [MAGIC, VERSION, PAGE as u32, 0] {
            meta.extend_from_slice(&number.to_le_bytes());
        }
        for number in [root, 0, 0, 0, transaction] {
            meta.extend_from_slice(&number.to_le_bytes());
        }
        let sum = meta.iter().fold(0xcbf2_9ce4_8422_2325_u64, |sum, &byte| {
            (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        meta.extend_from_slice(&sum.to_le_bytes());
        page.extend(meta);
        page
    }

    fn file(pages: Vec<Vec<u8>>) -> Vec<u8> {
        pages
            .into_iter()
            .flat_map(|mut page| {
                page.resize(PAGE, 0);
                page
            })
            .collect()
    }

    fn made() -> Vec<u8> {
        let inline = [vec![0; 16], leaf(0, &[(b"inner", b"1".to_vec(), false)])].concat();
        let outer = [5_u64.to_le_bytes(), [0; 8]].concat();
        file(vec![
            meta(0, 2, 1),
            meta(1, 4, 2),
            leaf(2, &[(b"old", b"x".to_vec(), false)]),
            leaf(3, &[(b"a", b"alpha".to_vec(), false), (b"b", inline, true)]),
            branch(4, &[3, 6]),
            leaf(5, &[(b"deep", b"2".to_vec(), false)]),
            leaf(6, &[(b"c", outer, true)]),
        ])
    }

    #[test]
    fn buckets_inline_and_of_pages() {
        let bytes = made();
        let root = Database::open(&bytes).unwrap().root();
        assert_eq!(root.bytes(b"a"), Some(&b"alpha"[..]));
        assert_eq!(root.bucket(b"b").unwrap().bytes(b"inner"), Some(&b"1"[..]));
        assert_eq!(root.bucket(b"c").unwrap().bytes(b"deep"), Some(&b"2"[..]));
        assert_eq!(root.buckets().len(), 2);
        assert_eq!(root.entries().1, None);
    }

    #[test]
    fn what_containerd_wrote() {
        let read = |bytes: &[u8]| {
            let mut out = Vec::new();
            std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(bytes), &mut out).unwrap();
            out
        };
        let bytes = read(include_bytes!("../../../tests/fixtures/bolt/meta.db.gz"));
        let version = Database::open(&bytes).unwrap().root().bucket(b"v1").unwrap();
        let namespace = version.bucket(b"k8s.io").unwrap();
        let images = namespace.bucket(b"images").unwrap();
        assert_eq!(images.entries().1, None);
        let target = images.bucket(b"made:1").unwrap().bucket(b"target").unwrap();
        let digest = b"sha256:d1d5f8e2f664023abb13f483741c45a7a5866e2aea1a97f8465a029bab061d85";
        assert_eq!(target.bytes(b"digest"), Some(&digest[..]));
        let container = namespace.bucket(b"containers").unwrap().bucket(b"box2").unwrap();
        assert_eq!(container.bytes(b"image"), Some(&b"made:1"[..]));
        let snapshots = namespace.bucket(b"snapshots").unwrap().bucket(b"overlayfs").unwrap();
        let bytes = read(include_bytes!("../../../tests/fixtures/bolt/metadata.db.gz"));
        let own = Database::open(&bytes).unwrap().root().bucket(b"v1").unwrap().bucket(b"snapshots").unwrap();
        for (key, snapshot) in snapshots.buckets() {
            let name = snapshot.bytes(b"name").unwrap();
            assert!(own.bucket(name).unwrap().bytes(b"id").is_some(), "{}", String::from_utf8_lossy(key));
        }
        assert_eq!(snapshots.buckets().len(), 3);
    }

    #[test]
    fn the_older_meta_page_serves_when_the_newer_is_torn() {
        let mut bytes = made();
        bytes[PAGE + 40] ^= 1;
        let torn = Database::open(&bytes).unwrap();
        assert_eq!(torn.root().bytes(b"old"), Some(&b"x"[..]));
        assert!(torn.damage().is_some() && Database::open(&made()).unwrap().damage().is_none());
        bytes[20] ^= 1;
        assert!(Database::open(&bytes).is_err());
    }

    #[test]
    fn entries_that_vanish_or_move_are_damage() {
        let damage = |at: usize, bit: u8| {
            let mut bytes = made();
            bytes[at] ^= bit;
            Database::open(&bytes).unwrap().root().entries().1.is_some()
        };
        // The count of a leaf and of a branch, where an entry lies, the size of its key, a key that sorts elsewhere.
        for (at, bit) in [(3 * PAGE + 10, 1), (4 * PAGE + 10, 1), (3 * PAGE + 20, 1), (3 * PAGE + 24, 2)] {
            assert!(damage(at, bit), "{at}");
        }
        assert!(damage(3 * PAGE + 48, 8));
        assert!(!damage(2 * PAGE + 20, 1), "a page that nothing leads to");
    }

    #[test]
    fn what_is_damaged_does_not_hide_the_rest() {
        let mut bytes = made();
        bytes.truncate(6 * PAGE);
        let (entries, damage) = Database::open(&bytes).unwrap().root().entries();
        assert_eq!((entries.len(), damage.is_some()), (2, true));
        // A tree that leads back to itself ends.
        let bytes = file(vec![meta(0, 2, 1), Vec::new(), branch(2, &[2, 2])]);
        assert!(Database::open(&bytes).unwrap().root().entries().1.is_some());
    }
}
