//! Installer packages of macOS (`.pkg`): an archive of the xar format with a compressed table of contents in XML.
//!
//! Flat packages hold `PackageInfo`, product archives `Distribution` and one `PackageInfo` for each part; the certificates
//! of the signature stand in the table (xar's wiki, "xarformat"; Apple's "Distribution XML Reference").

use crate::bytes::decode::base64;
use crate::bytes::{Damage, DamageKind, ReadAt, Salvaged, limited};
use crate::format::certificate::x509::Certificate;
use crate::format::container::decompress::{self, Compression};
use crate::format::text::xml;

/// Bytes of the table, packed and unpacked.
const MAX_TABLE: usize = 16 << 20;
/// Bytes of a description, packed and unpacked.
const MAX_MEMBER: usize = 4 << 20;
/// Descriptions of one package.
const MAX_MEMBERS: usize = 500;

/// A package of the Installer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Package {
    /// Title of the product.
    pub title: Option<String>,
    /// Identifiers of the product and its parts, each once.
    pub identifiers: Vec<String>,
    /// Version of the product, else of the first part that has one.
    pub version: Option<String>,
    /// Names of the certificate that signed it.
    pub signers: Vec<String>,
    /// Names of all certificates of the signature.
    pub chain: Vec<String>,
}

/// Whether a file that starts with these bytes is one.
pub fn is_xar(head: &[u8]) -> bool {
    head.starts_with(b"xar!")
}

/// A member of the table.
#[derive(Debug, Default)]
struct Member {
    name: String,
    offset: u64,
    length: u64,
    is_packed: bool,
}

/// Reads a package; damage when its table or a description cannot be read.
pub fn read(file: &dyn ReadAt) -> Salvaged<Package> {
    let mut out = Salvaged::whole(Package::default());
    let (table, heap) = match table(file) {
        Ok(found) => found,
        Err(damage) => return Salvaged::lost(damage),
    };
    let mut members = Vec::new();
    let mut certificates = Vec::new();
    let mut open = Member::default();
    let damage = xml::read(&table, &mut |around, element| {
        let within = around.last().map(|outer| outer.name.as_str());
        match (within, element.name.as_str()) {
            // Names come before data in every archive, but nothing demands it.
            (Some("file"), "name") => open.name.clone_from(&element.text),
            (Some("data"), "offset") => open.offset = element.text.parse().unwrap_or(u64::MAX),
            (Some("data"), "length") => open.length = element.text.parse().unwrap_or(u64::MAX),
            (Some("data"), "encoding") => {
                open.is_packed =
                    element.attribute("style").is_some_and(|style| style != "application/octet-stream");
            }
            (_, "file") => {
                let member = std::mem::take(&mut open);
                if matches!(member.name.as_str(), "PackageInfo" | "Distribution") {
                    members.push(member);
                }
            }
            (Some("X509Data"), "X509Certificate") => certificates.extend(base64(element.text.as_bytes())),
            _ => {}
        }
    });
    out.damage.extend(damage);
    let names = certificates.iter().filter_map(|der| Certificate::read(der)).map(|it| it.subject.known_as());
    let names: Vec<Vec<String>> = names.collect();
    // The signer's comes first.
    out.value.signers = names.first().cloned().unwrap_or_default();
    out.value.chain = names.concat();
    // The product before its parts.
    members.sort_by_key(|member| member.name != "Distribution");
    for member in limited(members, MAX_MEMBERS, "parts of a package", &mut out.damage) {
        match content(file, heap, &member) {
            Ok(bytes) => describe(&bytes, &mut out),
            Err(damage) => out.damage.push(damage),
        }
    }
    if out.value.identifiers.is_empty() && out.damage.is_empty() {
        let what = "an archive without the description of a package";
        out.damage.push(Damage::new(DamageKind::Corrupt, None, what));
    }
    out
}

/// The table, and where the bytes of members begin.
fn table(file: &dyn ReadAt) -> Result<(Vec<u8>, u64), Damage> {
    let cut = || Damage::new(DamageKind::Truncated, 0, "the table of contents is cut off");
    let head = file.read_vec(0, 28)?;
    let header =
        head.get(4..6).and_then(|two| two.try_into().ok()).map(u16::from_be_bytes).ok_or_else(cut)?;
    let length = head.get(8..16).and_then(|it| it.try_into().ok()).map(u64::from_be_bytes).ok_or_else(cut)?;
    let size = usize::try_from(length).unwrap_or(usize::MAX);
    if size > MAX_TABLE {
        return Err(Damage::new(DamageKind::OverLimit, 8, format!("a table of contents of {length} bytes")));
    }
    let packed = file.read_vec(u64::from(header), size)?;
    if packed.len() < size {
        return Err(cut());
    }
    let mut table = decompress::bounded(&packed, Compression::Zlib, MAX_TABLE);
    match table.damage.pop() {
        Some(damage) if table.value.is_empty() || damage.kind == DamageKind::OverLimit => Err(damage),
        _ => Ok((table.value, u64::from(header).saturating_add(length))),
    }
}

fn content(file: &dyn ReadAt, heap: u64, member: &Member) -> Result<Vec<u8>, Damage> {
    let at = heap.saturating_add(member.offset);
    let cut = |kind| Damage::new(kind, at, format!("{} cannot be read whole", member.name));
    if member.length > MAX_MEMBER as u64 {
        return Err(cut(DamageKind::OverLimit));
    }
    let bytes = file.read_vec(at, usize::try_from(member.length).unwrap_or(MAX_MEMBER))?;
    if (bytes.len() as u64) < member.length {
        return Err(cut(DamageKind::Truncated));
    }
    if !member.is_packed {
        return Ok(bytes);
    }
    // What the format calls gzip is zlib; newer tools use bzip2 or xz.
    let compression = Compression::of(&bytes).unwrap_or(Compression::Zlib);
    let mut unpacked = decompress::bounded(&bytes, compression, MAX_MEMBER);
    match unpacked.damage.pop() {
        Some(damage) => Err(damage),
        None => Ok(unpacked.value),
    }
}

/// Adds what a description says.
fn describe(bytes: &[u8], out: &mut Salvaged<Package>) {
    let package = &mut out.value;
    let mut add = |id: Option<&str>, version: Option<&str>| {
        if let Some(id) = id.filter(|id| !package.identifiers.iter().any(|known| known == id)) {
            package.identifiers.push(id.to_owned());
        }
        if package.version.is_none() {
            package.version = version.map(str::to_owned);
        }
    };
    let mut title = None;
    let damage = xml::read(bytes, &mut |_, element| match element.name.as_str() {
        "pkg-info" => add(element.attribute("identifier"), element.attribute("version")),
        "product" | "pkg-ref" => add(element.attribute("id"), element.attribute("version")),
        "title" => title = Some(element.text.clone()).filter(|text| !text.is_empty()),
        _ => {}
    });
    package.title = package.title.take().or(title);
    out.damage.extend(damage);
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Write as _;

    use proptest::prelude::*;

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    /// A flat package with an identifier.
    pub(crate) fn package(id: &str) -> Vec<u8> {
        let info = packed(format!("<pkg-info identifier=\"{id}\" version=\"1.2\"/>").as_bytes());
        let table = format!(
            "<xar><toc><file id=\"1\"><name>PackageInfo</name><type>file</type><data><length>{}</length><offset>0</offset>\
             <encoding style=\"application/x-gzip\"/></data></file></toc></xar>",
            info.len()
        );
        let table = packed(table.as_bytes());
        let mut bytes = b"xar!\0\x1c\0\x01".to_vec();
        bytes.extend((table.len() as u64).to_be_bytes());
        bytes.extend([0; 12]);
        [bytes, table, info].concat()
    }

    #[test]
    fn the_description_identifies_the_package() {
        let bytes = package("com.example.tool");
        let read = read(&bytes);
        assert_eq!(read.damage, []);
        assert_eq!(
            (read.value.identifiers.as_slice(), read.value.version.as_deref()),
            (&["com.example.tool".to_owned()][..], Some("1.2"))
        );
        for length in 4..bytes.len() {
            assert_ne!(super::read(&bytes[..length].to_vec()).damage, [], "{length}");
        }
    }

    #[test]
    fn a_product_has_a_title_and_parts() {
        let mut out = Salvaged::whole(Package::default());
        describe(b"<installer-gui-script><title>Tool</title><product id=\"com.example.tool\" version=\"3\"/><pkg-ref id=\"com.example.part\"/></installer-gui-script>", &mut out);
        assert_eq!(
            (out.value.title.as_deref(), out.value.identifiers.len(), out.value.version.as_deref()),
            (Some("Tool"), 2, Some("3"))
        );
    }

    proptest! {
        #[test]
        fn any_change_does_not_panic(at in 0_usize..300, value in any::<u8>()) {
            let mut bytes = package("com.example.tool");
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
            read(&bytes);
        }
    }
}
