//! Version resources of Windows files: company, product and version as the vendor wrote them.
//!
//! Every string table of every language is kept: a product may call itself by its Russian or Japanese name in
//! one of them only. Lengths in real files are often wrong (counted in bytes, or without padding), so a text
//! ends at its NUL or at the end of its block, whichever comes first. Format: Microsoft's `VS_VERSIONINFO`.

use crate::format::executable::ByteOrder;

const LE: ByteOrder = ByteOrder::Little;
/// `dwSignature` of the fixed part.
const FIXED_SIGNATURE: u32 = 0xfeef_04bd;

/// The content of version resources.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VersionResource {
    /// `dwFileVersion` of the fixed part.
    pub file_version: Option<[u16; 4]>,
    /// `dwProductVersion` of the fixed part.
    pub product_version: Option<[u16; 4]>,
    /// The string tables, in order.
    pub tables: Vec<StringTable>,
}

/// The strings of one language.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StringTable {
    /// Language and code page as eight hexadecimal digits: `040904b0`.
    pub language: String,
    /// Keys and texts, in order.
    pub strings: Vec<(String, String)>,
}

impl VersionResource {
    /// The texts of a key in every language, each once, without surrounding blanks.
    pub fn texts(&self, key: &str) -> Vec<&str> {
        let mut texts = Vec::new();
        for (found, text) in self.tables.iter().flat_map(|table| &table.strings) {
            let text = text.trim();
            if found.eq_ignore_ascii_case(key) && !text.is_empty() && !texts.contains(&text) {
                texts.push(text);
            }
        }
        texts
    }

    /// Takes over what another resource of the same file says.
    pub(super) fn merge(&mut self, other: VersionResource) {
        self.file_version = self.file_version.or(other.file_version);
        self.product_version = self.product_version.or(other.product_version);
        self.tables.extend(other.tables);
    }
}

/// A version as people write it: `21.3.10.391`.
pub fn dotted([a, b, c, d]: [u16; 4]) -> String {
    format!("{a}.{b}.{c}.{d}")
}

/// Reads one version resource; `None` if the bytes are none.
pub fn read(bytes: &[u8]) -> Option<VersionResource> {
    let root = Block::read(bytes)?;
    if root.key != "VS_VERSION_INFO" {
        return None;
    }
    let mut version = VersionResource::default();
    let fixed = root.body.get(..usize::from(root.value_length)).unwrap_or_default();
    if LE.u32(fixed, 0) == Some(FIXED_SIGNATURE) {
        version.file_version = four(fixed, 8);
        version.product_version = four(fixed, 16);
    }
    for info in root.children(root.value_length.into()) {
        if info.key == "StringFileInfo" {
            for table in info.children(0) {
                let string = |block: Block<'_>| (block.key.clone(), block.text());
                let strings = table.children(0).map(string).collect();
                version.tables.push(StringTable { language: table.key, strings });
            }
        }
    }
    Some(version)
}

fn four(bytes: &[u8], at: usize) -> Option<[u16; 4]> {
    let words = [LE.u16(bytes, at + 2)?, LE.u16(bytes, at)?, LE.u16(bytes, at + 6)?, LE.u16(bytes, at + 4)?];
    Some(words).filter(|words| *words != [0; 4])
}

/// One block: length, length of its value, type, key, padding, value, padding, children.
struct Block<'a> {
    key: String,
    value_length: u16,
    /// From the value to the end of the block.
    body: &'a [u8],
    length: usize,
}

impl<'a> Block<'a> {
    /// The block at the start of some bytes, which start at a multiple of four of the resource.
    fn read(bytes: &'a [u8]) -> Option<Block<'a>> {
        let length = usize::from(LE.u16(bytes, 0)?);
        let value_length = LE.u16(bytes, 2)?;
        if length < 8 {
            return None;
        }
        // A block that says it is longer than its parent ends with it.
        let length = length.min(bytes.len());
        let block = bytes.get(..length)?;
        let (key, key_length) = utf16(block.get(6..)?);
        let value_at = (6 + key_length + 2).next_multiple_of(4);
        Some(Block { key, value_length, body: block.get(value_at..).unwrap_or_default(), length })
    }

    /// The blocks inside, after a value of the given size.
    fn children(&self, value_length: usize) -> impl Iterator<Item = Block<'a>> + use<'a> {
        let mut rest = self.body.get(value_length.next_multiple_of(4)..).unwrap_or_default();
        std::iter::from_fn(move || {
            let block = Block::read(rest)?;
            rest = rest.get(block.length.next_multiple_of(4)..).unwrap_or_default();
            Some(block)
        })
    }

    fn text(&self) -> String {
        utf16(self.body).0
    }
}

/// The UTF-16 text up to a NUL or the end, and its length in bytes.
fn utf16(bytes: &[u8]) -> (String, usize) {
    let units = bytes.chunks_exact(2).filter_map(|pair| Some(u16::from_le_bytes(*pair.first_chunk()?)));
    let units: Vec<u16> = units.take_while(|unit| *unit != 0).collect();
    (String::from_utf16_lossy(&units), units.len() * 2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A block as a resource compiler writes it.
    fn block(key: &str, value: &[u8], is_text: bool, children: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = vec![0; 6];
        bytes.extend(key.encode_utf16().chain([0]).flat_map(u16::to_le_bytes));
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes.extend_from_slice(value);
        for child in children {
            bytes.resize(bytes.len().next_multiple_of(4), 0);
            bytes.extend_from_slice(child);
        }
        let (length, value_length) =
            (bytes.len() as u16, if is_text { value.len() / 2 } else { value.len() });
        bytes[..2].copy_from_slice(&length.to_le_bytes());
        bytes[2..4].copy_from_slice(&(value_length as u16).to_le_bytes());
        bytes[4] = u8::from(is_text);
        bytes
    }

    fn wide(text: &str) -> Vec<u8> {
        text.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect()
    }

    fn sample() -> Vec<u8> {
        let mut fixed = vec![0; 52];
        fixed[..4].copy_from_slice(&FIXED_SIGNATURE.to_le_bytes());
        for (at, word) in [(10, 21_u16), (8, 3), (14, 10), (12, 391)] {
            fixed[at..at + 2].copy_from_slice(&word.to_le_bytes());
        }
        let english = block(
            "040904b0",
            &[],
            true,
            &[
                block("CompanyName", &wide("Example Ltd"), true, &[]),
                block("ProductName", &wide("Example "), true, &[]),
            ],
        );
        let russian = block(
            "041904b0",
            &[],
            true,
            &[
                block("companyname", &wide("Пример"), true, &[]),
                block("ProductName", &wide("Example"), true, &[]),
            ],
        );
        let translation = block("Translation", &[9, 4, 0xb0, 4], false, &[]);
        block(
            "VS_VERSION_INFO",
            &fixed,
            false,
            &[
                block("VarFileInfo", &[], true, &[translation]),
                block("StringFileInfo", &[], true, &[english, russian]),
            ],
        )
    }

    #[test]
    fn every_language_is_read() {
        let version = read(&sample()).unwrap();
        assert_eq!(version.texts("CompanyName"), ["Example Ltd", "Пример"]);
        assert_eq!(version.texts("ProductName"), ["Example"]);
        assert_eq!(version.file_version.map(dotted).as_deref(), Some("21.3.10.391"));
        assert_eq!(version.product_version, None);
        assert_eq!(version.tables[1].language, "041904b0");
    }

    #[test]
    fn a_cut_resource_keeps_the_strings_before_the_cut() {
        let bytes = sample();
        let version = read(&bytes[..bytes.len() - 130]).unwrap();
        assert!(version.texts("CompanyName").contains(&"Example Ltd"));
        assert_eq!(read(&bytes[..5]), None);
        assert_eq!(read(b"VS_VERSION_INFO"), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn any_bytes_never_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20),
        ) {
            let _ = read(&bytes);
            let mut sample = sample();
            for (at, value) in changes {
                let at = at.index(sample.len());
                sample[at] = value;
            }
            let _ = read(&sample);
        }
    }
}
