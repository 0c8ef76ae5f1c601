//! Identity of a Windows Installer package (`.msi`) or patch (`.msp`): its properties and its summary.
//!
//! Sources: "Property Table", "Summary Property Descriptions" of Microsoft's documentation, \[MS-OLEPS\] for the
//! summary, and Wine's `dlls/msi/{table,string}.c` for names of streams and the pool of texts.

use std::collections::BTreeMap;

use super::packed_guid;
use crate::bytes::{Damage, DamageKind, ReadAt, Salvaged};
use crate::format::certificate::pkcs7::{self, SignedData};
use crate::format::container::compound_file::{CompoundFile, Stream};

/// Bytes read of the pool of texts, whose names every table refers to.
const MAX_POOL: u64 = 32 << 20;
/// Bytes read of one table or of the summary.
const MAX_TABLE: u64 = 1 << 20;
/// Bytes read of a signature.
const MAX_SIGNATURE: u64 = 1 << 20;
/// Characters of one text that are kept.
const MAX_TEXT: usize = 4_096;

/// What a package says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// Whether it is a package or patch of Windows Installer at all, not a document.
    pub is_installer: bool,
    /// The `Property` table: `ProductName`, `Manufacturer`, `ProductVersion`, `ProductCode`, `UpgradeCode` and others.
    pub properties: BTreeMap<String, String>,
    /// Title of the summary.
    pub title: Option<String>,
    /// Subject of the summary: the product.
    pub subject: Option<String>,
    /// Author of the summary: the manufacturer.
    pub author: Option<String>,
    /// Comments of the summary.
    pub comments: Option<String>,
    /// Platform and languages, e.g. `x64;1033`.
    pub template: Option<String>,
    /// Who signed it.
    pub signed: SignedData,
    /// Package code, of a patch its own code and those that it replaces.
    pub revision: Option<String>,
}

impl Package {
    /// The package code, in braces; of a patch its own.
    pub fn code(&self) -> Option<&str> {
        self.revision.as_deref().and_then(|text| text.get(..38)).filter(|code| packed_guid::is_guid(code))
    }

    /// A property that is there and not empty.
    pub fn property(&self, name: &str) -> Option<&str> {
        self.properties.get(name).map(String::as_str).filter(|text| !text.is_empty())
    }
}

/// Reads a package; `None` if it is no compound file.
pub fn read(file: &dyn ReadAt) -> Option<Salvaged<Package>> {
    let compound = match CompoundFile::open(file) {
        Ok(compound) => compound?,
        // Named as one and broken: better reported than passed over.
        Err(damage) => {
            let value = Package { is_installer: true, ..Package::default() };
            return Some(Salvaged { value, damage: vec![damage] });
        }
    };
    let mut package = Package::default();
    let mut damage = Vec::new();
    if let Err(error) = read_properties(&compound, &mut package) {
        damage.push(error);
    }
    if let Some(summary) = stream(&compound, "\u{5}SummaryInformation") {
        let read = compound.read(summary, MAX_TABLE).and_then(|bytes| {
            let cut = || Damage::new(DamageKind::Corrupt, None, "the summary contradicts itself");
            read_summary(&bytes, &mut package).ok_or_else(cut)
        });
        damage.extend(read.err());
    }
    if let Some(signature) = stream(&compound, "\u{5}DigitalSignature") {
        match compound.read(signature, MAX_SIGNATURE) {
            Ok(bytes) => {
                let signed = pkcs7::read(&bytes);
                package.signed = signed.value;
                damage.extend(signed.damage);
            }
            Err(error) => damage.push(error),
        }
    }
    package.is_installer = is_class(&compound.class) || !package.properties.is_empty();
    Some(Salvaged { value: package, damage })
}

/// `{000C1084-0000-0000-C000-000000000046}` for packages, 1086 for patches, 1082 for transforms.
fn is_class(class: &[u8; 16]) -> bool {
    matches!(class, [0x82 | 0x84 | 0x86, 0x10, 0x0c, 0, 0, 0, 0, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x46])
}

fn stream<'c>(compound: &'c CompoundFile<'_>, name: &str) -> Option<&'c Stream> {
    compound.streams().iter().find(|stream| unpacked(&stream.name) == name)
}

/// Names of tables are packed: a character stands for one or two of 64; a mark in front says that it is a table.
fn unpacked(name: &[u16]) -> String {
    const CHARACTERS: &[u8; 64] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._";
    let one = |index: u16| CHARACTERS.get(usize::from(index & 0x3f)).map_or('?', |&byte| char::from(byte));
    let mut text = String::new();
    for unit in char::decode_utf16(name.iter().copied()) {
        match unit.map(|char| (char, u32::from(char))) {
            Ok((_, code @ 0x3800..=0x47ff)) => {
                let code = u16::try_from(code - 0x3800).unwrap_or(0);
                text.extend([one(code), one(code >> 6)]);
            }
            Ok((_, code @ 0x4800..=0x483f)) => text.push(one(u16::try_from(code - 0x4800).unwrap_or(0))),
            Ok((_, 0x4840)) => text.push('!'),
            Ok((char, _)) => text.push(char),
            Err(_) => text.push('?'),
        }
    }
    text
}

fn read_properties(compound: &CompoundFile<'_>, package: &mut Package) -> Result<(), Damage> {
    let (Some(pool), Some(data), Some(table)) =
        (stream(compound, "!_StringPool"), stream(compound, "!_StringData"), stream(compound, "!Property"))
    else {
        return Ok(());
    };
    let pool = compound.read(pool, MAX_POOL)?;
    let table = compound.read(table, MAX_TABLE)?;
    // Texts are referred to by numbers of two bytes, in large packages of three.
    let width = if pool.get(3).is_some_and(|byte| byte & 0x80 != 0) { 3 } else { 2 };
    let count = table.len() / (2 * width);
    let number = |at: usize| {
        let bytes = table.get(at * width..(at + 1) * width)?;
        Some(bytes.iter().rev().fold(0_usize, |number, &byte| number << 8 | usize::from(byte)))
    };
    // By columns: all names, then all values.
    let pairs: Vec<(usize, usize)> =
        (0..count).filter_map(|row| Some((number(row)?, number(count + row)?))).collect();
    let data = compound.read(data, MAX_POOL)?;
    let texts = texts(&pool, &data, &pairs);
    for (name, value) in pairs {
        if let (Some(name), Some(value)) = (texts.get(&name), texts.get(&value)) {
            package.properties.insert(name.clone(), value.clone());
        }
    }
    Ok(())
}

/// The texts of these numbers. The pool has the length of each; they lie behind each other.
fn texts(pool: &[u8], data: &[u8], wanted: &[(usize, usize)]) -> BTreeMap<usize, String> {
    let wanted: std::collections::BTreeSet<usize> =
        wanted.iter().flat_map(|(name, value)| [*name, *value]).collect();
    let page = pool.get(..2).map_or(0, |bytes| u16::from_le_bytes(bytes.try_into().unwrap_or([0; 2])));
    let mut entries = pool.get(4..).unwrap_or_default().chunks_exact(4).map(|entry| match entry {
        [a, b, c, d] => (u16::from_le_bytes([*a, *b]), u16::from_le_bytes([*c, *d])),
        _ => (0, 0),
    });
    let (mut texts, mut at, mut number) = (BTreeMap::new(), 0_usize, 0);
    while let Some((length, uses)) = entries.next() {
        number += 1;
        // Longer than 64 KiB: the upper half stands in place of the count of uses, the lower in the next entry.
        let length = match (length, uses) {
            (0, 0) => continue,
            (0, high) => usize::from(high) << 16 | entries.next().map_or(0, |(low, _)| usize::from(low)),
            (length, _) => usize::from(length),
        };
        if wanted.contains(&number)
            && let Some(bytes) = data.get(at..at.saturating_add(length.min(MAX_TEXT)))
        {
            texts.insert(number, decoded(bytes, page));
        }
        at = at.saturating_add(length);
    }
    texts
}

/// Text of a code page of Windows; 0 is neutral, which installers take for ASCII.
fn decoded(bytes: &[u8], page: u16) -> String {
    let encoding = match page {
        874 => encoding_rs::WINDOWS_874,
        932 => encoding_rs::SHIFT_JIS,
        936 | 54936 => encoding_rs::GB18030,
        949 => encoding_rs::EUC_KR,
        950 => encoding_rs::BIG5,
        1250 => encoding_rs::WINDOWS_1250,
        1251 => encoding_rs::WINDOWS_1251,
        1253 => encoding_rs::WINDOWS_1253,
        1254 => encoding_rs::WINDOWS_1254,
        1255 => encoding_rs::WINDOWS_1255,
        1256 => encoding_rs::WINDOWS_1256,
        1257 => encoding_rs::WINDOWS_1257,
        1258 => encoding_rs::WINDOWS_1258,
        0 | 20127 | 65001 if std::str::from_utf8(bytes).is_ok() => encoding_rs::UTF_8,
        _ => encoding_rs::WINDOWS_1252,
    };
    encoding.decode_without_bom_handling(bytes).0.into_owned()
}

/// The summary: a set of numbered properties.
fn read_summary(bytes: &[u8], package: &mut Package) -> Option<()> {
    let number = |at: usize| -> Option<usize> {
        let four = bytes.get(at..at.checked_add(4)?)?;
        usize::try_from(u32::from_le_bytes(four.try_into().ok()?)).ok()
    };
    let section = number(44)?;
    let count = number(section.checked_add(4)?)?;
    let entries = || {
        (0..count.min(256)).filter_map(|index| {
            let at = section.checked_add(8 + index * 8)?;
            Some((number(at)?, section.checked_add(number(at + 4)?)?))
        })
    };
    // VT_I2
    let page = entries().find(|(id, at)| *id == 1 && number(*at) == Some(2));
    let page = page.and_then(|(_, at)| number(at + 4)).and_then(|page| u16::try_from(page & 0xffff).ok());
    for (id, at) in entries() {
        let wanted = match id {
            2 => &mut package.title,
            3 => &mut package.subject,
            4 => &mut package.author,
            6 => &mut package.comments,
            7 => &mut package.template,
            9 => &mut package.revision,
            _ => continue,
        };
        // VT_LPSTR
        let (Some(30), Some(length)) = (number(at), number(at + 4)) else { continue };
        let text = bytes.get(at + 8..at.checked_add(8)?.checked_add(length)?)?;
        let text = text.split(|&byte| byte == 0).next().unwrap_or_default();
        let text = decoded(text.get(..MAX_TEXT.min(text.len())).unwrap_or_default(), page.unwrap_or(0));
        *wanted = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &[u8] = include_bytes!("../../../tests/fixtures/windows/example.msi");

    #[test]
    fn properties_and_summary_as_msiinfo_prints_them() {
        let read = read(&FILE).unwrap();
        assert_eq!(read.damage, []);
        let package = read.value;
        let property = |name| package.property(name).unwrap();
        assert_eq!(
            ["ProductName", "Manufacturer", "ProductVersion", "ProductCode", "UpgradeCode"].map(property),
            [
                "Example Guard Agent",
                "Example Guard Ltd",
                "15.1.0",
                "{5D6E7F80-1A2B-3C4D-8E9F-A0B1C2D3E4F5}",
                "{AAAAAAAA-BBBB-CCCC-DDDD-EEEEFFFF0000}",
            ]
        );
        assert_eq!(package.subject.as_deref(), Some("Example Guard Agent Setup"));
        assert_eq!(package.author.as_deref(), Some("Example Guard Ltd"));
        assert_eq!(package.code(), Some("{178751C4-1B43-4B0D-A07E-BB2A2E12F50C}"));
        assert!(package.is_installer);
    }

    #[test]
    fn a_manufacturer_in_cyrillic() {
        let name = encoding_rs::WINDOWS_1251.encode("ООО Пример Защита").0.into_owned();
        let mut file = FILE.to_vec();
        let place =
            |file: &[u8], text: &[u8]| file.windows(text.len()).position(|part| part == text).unwrap();
        // The pool of texts lies behind the only table that begins with a code page and no text before.
        let compound = CompoundFile::open(&FILE).unwrap().unwrap();
        let pool = compound.read(stream(&compound, "!_StringPool").unwrap(), MAX_POOL).unwrap();
        let at = place(&file, &pool[..32]);
        file[at..at + 2].copy_from_slice(&1251_u16.to_le_bytes());
        let data = compound.read(stream(&compound, "!_StringData").unwrap(), MAX_POOL).unwrap();
        let at = place(&file, &data[..32]) + place(&data, b"Example Guard Ltd");
        file[at..at + 17].copy_from_slice(&name);
        let package = read(&file).unwrap().value;
        assert_eq!(package.property("Manufacturer"), Some("ООО Пример Защита"));
    }

    #[test]
    fn a_cut_or_flipped_package_is_damage() {
        for cut in [600, 2_000, FILE.len() / 2] {
            let read = read(&&FILE[..cut]).unwrap();
            assert!(!read.damage.is_empty() || read.value.properties.is_empty(), "{cut}");
        }
        for at in (0..FILE.len()).step_by(97) {
            let mut file = FILE.to_vec();
            file[at] ^= 0xff;
            drop(read(&file));
        }
        assert_eq!(read(&&b"text"[..]), None);
    }

    #[test]
    fn texts_longer_than_64_kib_move_the_others() {
        let mut pool = 1252_u32.to_le_bytes().to_vec();
        for (length, uses) in [(1_u16, 1_u16), (0, 1), (4, 1), (0, 0), (2, 1)] {
            pool.extend([length.to_le_bytes(), uses.to_le_bytes()].concat());
        }
        let data = [b"a".to_vec(), vec![b'b'; 65_540], b"cc".to_vec()].concat();
        let texts = texts(&pool, &data, &[(1, 2), (3, 4)]);
        assert_eq!(
            texts.iter().map(|(number, text)| (*number, text.len())).collect::<Vec<_>>(),
            [(1, 1), (2, MAX_TEXT), (4, 2)]
        );
    }
}
