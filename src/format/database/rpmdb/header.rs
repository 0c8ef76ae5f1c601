//! The header of an installed rpm package: an index of tags and a store of their values.
//!
//! Format: rpm's documentation, "Package format", section "Header", and `header.c` of rpm 4: two big-endian
//! counts (index entries, bytes of store), then 16 bytes per entry (tag, type, offset, count), then the store.
//! Since rpm 4.14 the header inside the database ends its immutable region with a trailer, and carries the
//! SHA-1 and SHA-256 of that region as tags of the outer header.

use std::ops::Range;

use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::bytes::{Damage, DamageKind, Salvaged};
use crate::text::hex::hex;

/// What is known of a package.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// Name.
    pub name: String,
    /// Version.
    pub version: String,
    /// Release.
    pub release: String,
    /// Epoch, if it has one.
    pub epoch: Option<u32>,
    /// Architecture; absent for keys.
    pub arch: Option<String>,
    /// Vendor.
    pub vendor: Option<String>,
    /// Packager.
    pub packager: Option<String>,
    /// One-line summary.
    pub summary: Option<String>,
    /// Home page.
    pub url: Option<String>,
    /// Licence.
    pub license: Option<String>,
    /// Group.
    pub group: Option<String>,
    /// Name of the source package file.
    pub source_rpm: Option<String>,
    /// When it was installed, in seconds since 1970 (UTC).
    pub install_time: Option<u32>,
    /// Installed size in bytes.
    pub size: Option<u64>,
}

const NAME: u32 = 1000;
const VERSION: u32 = 1001;
const RELEASE: u32 = 1002;
const EPOCH: u32 = 1003;
const SUMMARY: u32 = 1004;
const INSTALL_TIME: u32 = 1008;
const SIZE: u32 = 1009;
const VENDOR: u32 = 1011;
const LICENSE: u32 = 1014;
const PACKAGER: u32 = 1015;
const GROUP: u32 = 1016;
const URL: u32 = 1020;
const ARCH: u32 = 1022;
const SOURCE_RPM: u32 = 1044;
const LONG_SIZE: u32 = 5009;
const SHA1_HEADER: u32 = 269;
const SHA256_HEADER: u32 = 273;
/// The tag of the immutable region's own entry.
const REGION_IMMUTABLE: u32 = 63;

const INT32: u32 = 4;
const INT64: u32 = 5;
const STRING: u32 = 6;
const BIN: u32 = 7;
const STRING_ARRAY: u32 = 8;
const I18N_STRING: u32 = 9;

/// rpm's own limits (`hdrchkTags`, `hdrchkData`).
const MAX_ENTRIES: usize = 0xffff;
const MAX_STORE: usize = 256 << 20;

#[derive(Debug, Clone, Copy)]
struct Entry {
    tag: u32,
    kind: u32,
    offset: usize,
    count: usize,
}

struct Header<'a> {
    bytes: &'a [u8],
    entries: Vec<Entry>,
    store: &'a [u8],
}

/// Reads a header blob. A header whose digest does not fit is returned with damage.
///
/// # Errors
/// When the blob is no header, or has no name.
pub fn read(bytes: &[u8]) -> Result<Salvaged<Package>, Damage> {
    let header = Header::parse(bytes)?;
    let name = header.text(NAME).ok_or_else(|| corrupt("a header without a package name"))?;
    let package = Package {
        name,
        version: header.text(VERSION).unwrap_or_default(),
        release: header.text(RELEASE).unwrap_or_default(),
        epoch: header.number(EPOCH).and_then(|epoch| u32::try_from(epoch).ok()),
        arch: header.text(ARCH),
        vendor: header.text(VENDOR),
        packager: header.text(PACKAGER),
        summary: header.text(SUMMARY),
        url: header.text(URL),
        license: header.text(LICENSE),
        group: header.text(GROUP),
        source_rpm: header.text(SOURCE_RPM),
        install_time: header.number(INSTALL_TIME).and_then(|time| u32::try_from(time).ok()),
        size: header.number(LONG_SIZE).or_else(|| header.number(SIZE)),
    };
    let mut damage = Vec::new();
    // As rpm's `hdrblobInit`: with a damaged count of entries, texts would be taken from the wrong place.
    if header.size() != bytes.len() {
        let what = format!("the header of package {} has {} bytes", package.name, bytes.len());
        damage.push(corrupt(&format!("{what} and states {}", header.size())));
    }
    if header.digest_fits() == Some(false) {
        damage.push(corrupt(&format!("the digest of package {} does not fit its header", package.name)));
    }
    if package.version.is_empty() {
        damage.push(corrupt(&format!("package {} has no version", package.name)));
    }
    Ok(Salvaged { value: package, damage })
}

fn corrupt(what: &str) -> Damage {
    Damage::new(DamageKind::Corrupt, None, what)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at.checked_add(4)?).and_then(|four| four.try_into().ok()).map(u32::from_be_bytes)
}

impl<'a> Header<'a> {
    fn parse(bytes: &'a [u8]) -> Result<Self, Damage> {
        let cut = || Damage::new(DamageKind::Truncated, None, "a header that ends within its index");
        let count = u32_at(bytes, 0).ok_or_else(cut)? as usize;
        let length = u32_at(bytes, 4).ok_or_else(cut)? as usize;
        if count == 0 || count > MAX_ENTRIES || length > MAX_STORE {
            return Err(corrupt("a header with impossible counts"));
        }
        let store_at = 8 + count * 16;
        let store = bytes.get(store_at..).and_then(|rest| rest.get(..length));
        let store = store.ok_or_else(|| {
            Damage::new(DamageKind::Truncated, None, format!("a header of {length} bytes that ends early"))
        })?;
        let mut entries = Vec::with_capacity(count);
        for index in 0..count {
            let at = 8 + index * 16;
            let part = |part: usize| u32_at(bytes, at + part * 4).ok_or_else(cut);
            entries.push(Entry {
                tag: part(0)?,
                kind: part(1)?,
                offset: part(2)? as usize,
                count: part(3)? as usize,
            });
        }
        Ok(Header { bytes, entries, store })
    }

    /// What its counts say that it takes.
    fn size(&self) -> usize {
        8 + self.entries.len() * 16 + self.store.len()
    }

    fn entry(&self, tag: u32) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.tag == tag)
    }

    /// A text; of localised ones the first, which is in the C locale.
    fn text(&self, tag: u32) -> Option<String> {
        let entry = self.entry(tag)?;
        if !matches!(entry.kind, STRING | STRING_ARRAY | I18N_STRING) {
            return None;
        }
        let rest = self.store.get(entry.offset..)?;
        let end = rest.iter().position(|&byte| byte == 0)?;
        let text = String::from_utf8_lossy(rest.get(..end)?).into_owned();
        Some(text).filter(|text| !text.is_empty())
    }

    fn number(&self, tag: u32) -> Option<u64> {
        let entry = self.entry(tag).filter(|entry| entry.count >= 1)?;
        match entry.kind {
            INT32 => u32_at(self.store, entry.offset).map(u64::from),
            INT64 => {
                let eight = self.store.get(entry.offset..entry.offset.checked_add(8)?)?;
                eight.try_into().ok().map(u64::from_be_bytes)
            }
            _ => None,
        }
    }

    /// Whether the immutable region has the digest that the header states; `None` when it states none.
    fn digest_fits(&self) -> Option<bool> {
        let (index, store) = self.region()?;
        let mut blob = Vec::with_capacity(8);
        // The region is digested as the file had it: a header of its own entries and store.
        blob.extend_from_slice(&u32::try_from(index.len() / 16).ok()?.to_be_bytes());
        blob.extend_from_slice(&u32::try_from(store.len()).ok()?.to_be_bytes());
        let parts = [&[0x8e, 0xad, 0xe8, 0x01, 0, 0, 0, 0], blob.as_slice(), index, store];
        if let Some(stated) = self.text(SHA256_HEADER) {
            return Some(
                hex(parts
                    .iter()
                    .fold(Sha256::new(), |digest, part| digest.chain_update(part))
                    .finalize()
                    .as_slice())
                    == stated,
            );
        }
        let stated = self.text(SHA1_HEADER)?;
        Some(
            hex(parts
                .iter()
                .fold(Sha1::new(), |digest, part| digest.chain_update(part))
                .finalize()
                .as_slice())
                == stated,
        )
    }

    /// The index entries and the store of the immutable region, which begins the header; its trailer says
    /// how many entries belong to it.
    fn region(&self) -> Option<(&'a [u8], &'a [u8])> {
        let first =
            self.entries.first().filter(|entry| entry.tag == REGION_IMMUTABLE && entry.kind == BIN)?;
        let trailer = self.store.get(first.offset..first.offset.checked_add(16)?)?;
        // The trailer's offset is minus the length of the region's index.
        let index_length = usize::try_from(0_u32.wrapping_sub(u32_at(trailer, 8)?)).ok()?;
        let end = first.offset.checked_add(16)?;
        let index = Range { start: 8, end: 8_usize.checked_add(index_length)? };
        if !index_length.is_multiple_of(16) || index.end > 8 + self.entries.len() * 16 {
            return None;
        }
        Some((self.bytes.get(index)?, self.store.get(..end)?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn header(entries: &[(u32, u32, &[u8])]) -> Vec<u8> {
        let (mut index, mut store) = (Vec::new(), Vec::new());
        for (tag, kind, value) in entries {
            for part in [*tag, *kind, store.len() as u32, 1] {
                index.extend_from_slice(&part.to_be_bytes());
            }
            store.extend_from_slice(value);
        }
        let mut bytes = Vec::new();
        bytes.extend_from_slice(&(entries.len() as u32).to_be_bytes());
        bytes.extend_from_slice(&(store.len() as u32).to_be_bytes());
        bytes.extend(index);
        bytes.extend(store);
        bytes
    }

    #[test]
    fn tags_are_read() {
        let bytes =
            header(&[(NAME, STRING, b"kesl\0"), (VERSION, STRING, b"12.1\0"), (EPOCH, INT32, &[0, 0, 0, 2])]);
        let found = read(&bytes).unwrap();
        assert_eq!(
            (found.value.name.as_str(), found.value.version.as_str(), found.value.epoch),
            ("kesl", "12.1", Some(2))
        );
        assert_eq!(found.damage, []);
    }

    #[test]
    fn a_short_header_is_truncated() {
        let bytes = header(&[(NAME, STRING, b"kesl\0")]);
        assert_eq!(read(&bytes[..bytes.len() - 1]).unwrap_err().kind, DamageKind::Truncated);
        assert_eq!(read(&bytes[..6]).unwrap_err().kind, DamageKind::Truncated);
    }

    proptest! {
        #[test]
        fn any_bytes_do_not_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            drop(read(&bytes));
        }
    }
}
