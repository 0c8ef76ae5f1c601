//! Documents instead of targets: inventories of debar and bills of materials, matched without the machine.
//!
//! An inventory of debar says what was read and what was not, so that it clears as far as its coverage. A bill of
//! materials lists what its maker looked for: it can show a product, never that there is none.

mod bill;
mod cyclonedx;
mod forms;
mod inventory;
mod lenient;
mod listing;
mod spdx;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::read::{MAX_BYTES, ReadError, refused};
use crate::text::written;
pub use listing::Recorded;

/// What distinguishes documents by their first level.
#[derive(Deserialize)]
struct Head {
    #[serde(rename = "bomFormat")]
    bom_format: Option<IgnoredAny>,
    #[serde(rename = "spdxVersion")]
    spdx_version: Option<String>,
    #[serde(rename = "@graph")]
    graph: Option<IgnoredAny>,
    schema_version: Option<String>,
    artifacts: Option<IgnoredAny>,
    findings: Option<IgnoredAny>,
    reports: Option<IgnoredAny>,
    r#type: Option<IgnoredAny>,
}

/// Whether bytes can begin such a document: an object of JSON, XML, or tags of SPDX, which no archive and no disk begins with.
pub fn may_begin(bytes: &[u8]) -> bool {
    let bytes = match bytes {
        [0xff, 0xfe, rest @ ..] | [0xef, 0xbb, 0xbf, rest @ ..] => rest,
        [0xfe, 0xff, 0, rest @ ..] => rest,
        bytes => bytes,
    };
    let bytes = bytes.trim_ascii_start();
    matches!(bytes.first(), Some(b'{' | b'<')) || bytes.starts_with(forms::TAGS.as_bytes())
}

/// What a document lists, one entry for each machine or image that it is about; never none.
///
/// # Errors
/// When it is none of the documents that can be matched, is not whole or too large.
pub fn read(bytes: &[u8], name: &str) -> Result<Vec<Recorded>, ReadError> {
    if bytes.len() > MAX_BYTES {
        return Err(refused(format!("it has over {MAX_BYTES} bytes; at most that many are read")));
    }
    let bytes = written::utf8_strictly(bytes, |first| b"{<S".contains(&first));
    let mut bytes = bytes.ok_or_else(|| refused("it is damaged UTF-16"))?;
    let text = bytes.trim_ascii_start();
    if text.first() == Some(&b'<') {
        bytes = forms::of_xml(text)?.into();
    } else if text.starts_with(forms::TAGS.as_bytes()) {
        bytes = forms::of_tags(&String::from_utf8_lossy(text)).into();
    }
    // One object a line is many documents: the first says which kind they are.
    let head = serde_json::Deserializer::from_slice(&bytes).into_iter::<Head>().next();
    let head = match head {
        Some(Ok(head)) => head,
        Some(Err(error)) => return Err(not_json(&error)),
        None => return Err(refused("it is empty")),
    };
    if head.bom_format.is_some() {
        return cyclonedx::read(&bytes, name).map(|recorded| vec![recorded]);
    }
    if let Some(version) = &head.spdx_version {
        return spdx::read(&bytes, name, version).map(|recorded| vec![recorded]);
    }
    if head.graph.is_some() {
        return spdx::read_graph(&bytes, name).map(|recorded| vec![recorded]);
    }
    if head.findings.is_some() {
        return Err(refused(
            "it is the report of a scan, which keeps only what matched. Name an inventory, as `debar inventory -o json=FILE` writes it",
        ));
    }
    if head.artifacts.is_some() && head.schema_version.is_some() || head.reports.is_some() {
        return inventory::read(&bytes, name);
    }
    if head.r#type.is_some() {
        return inventory::read_lines(&bytes, name);
    }
    Err(refused(
        "it is JSON, and no inventory of debar, CycloneDX or SPDX document. `debar inventory -o json` makes an inventory; most tools \
         that list packages can write CycloneDX or SPDX",
    ))
}

fn not_json(error: &serde_json::Error) -> ReadError {
    let message = if error.is_eof() {
        "it ends in the middle: the document is not whole. Get a whole one"
    } else {
        "it begins like JSON and is none"
    };
    ReadError { line: error.line(), column: error.column(), message: message.to_owned() }
}

#[cfg(test)]
mod tests;
