//! What a file of reports holds: compressed or not, in UTF-8 or UTF-16, one document or several.

use std::path::Path;

use serde_json::value::RawValue;

use crate::format::container::decompress::{Compression, bounded};
use crate::signature::signing;
use crate::text::written;

/// The largest report, in bytes. Several are in memory at a time.
pub(super) const MAX_BYTES: u64 = 16 << 20;
/// Endings of files that another program is still writing.
const UNFINISHED: &[&str] = &["tmp", "part", "partial", "crdownload", "filepart", "swp", "download"];
/// Endings of files that hold reports.
const REPORTS: &[&str] = &["json", "ndjson", "jsonl"];

/// Whether a file of a folder is half written or belongs to the tool that writes it.
pub(super) fn is_unfinished(path: &Path) -> bool {
    let name = path.file_name().map(std::ffi::OsStr::as_encoded_bytes).unwrap_or_default();
    let ending = path.extension().map(|ending| ending.to_string_lossy().to_ascii_lowercase());
    name.starts_with(b".")
        || name.ends_with(b"~")
        || ending.is_some_and(|ending| UNFINISHED.contains(&ending.as_str()))
}

/// Whether a file is the signature of the file beside it.
pub(super) fn is_signature(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case(signing::EXTENSION))
}

/// Whether a file is meant to be a report, by its name or by how it begins.
pub(super) fn is_meant(path: &Path, bytes: &[u8]) -> bool {
    let name = path.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let named = name.split('.').skip(1).any(|part| REPORTS.contains(&part));
    named || matches!(bytes.trim_ascii_start().first(), Some(b'{' | b'['))
}

/// The text of a file as UTF-8, without its compression, byte order mark and what a crash left behind its end.
pub(super) fn decoded(bytes: Vec<u8>) -> Result<Vec<u8>, String> {
    let bytes = match Compression::of(&bytes) {
        Some(compression) => {
            let limit = usize::try_from(MAX_BYTES).unwrap_or(usize::MAX);
            let unpacked = bounded(&bytes, compression, limit);
            if let Some(damage) = unpacked.damage.first() {
                return Err(format!("its compression ({compression:?}) does not unpack: {}", damage.what));
            }
            unpacked.value
        }
        None => bytes,
    };
    let mut text = written::utf8_strictly(&bytes, |first| b"{[\"\r\n ".contains(&first))
        .ok_or("its UTF-16 is damaged: PowerShell's `>` wrote it; use -o json=FILE")?
        .into_owned();
    // A file system that lost power leaves zeros behind the end of a file.
    while text.last() == Some(&0) {
        text.pop();
    }
    Ok(text)
}

/// The documents of a text: JSON values one after the other, those of a list, and the lines of NDJSON up to each summary.
/// `None` when it is no JSON.
pub(super) fn split(bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut documents = Vec::new();
    let mut lines: Vec<u8> = Vec::new();
    for value in serde_json::Deserializer::from_slice(bytes).into_iter::<&RawValue>() {
        let text = value.ok()?.get();
        if text.starts_with('[') {
            let values: Vec<&RawValue> = serde_json::from_str(text).ok()?;
            documents.extend(values.iter().map(|value| value.get().as_bytes().to_vec()));
        } else if kind_of(text).is_some() {
            lines.extend_from_slice(text.as_bytes());
            lines.push(b'\n');
            if kind_of(text).as_deref() == Some("summary") {
                documents.push(std::mem::take(&mut lines));
            }
        } else {
            documents.push(text.as_bytes().to_vec());
        }
    }
    if !lines.is_empty() {
        documents.push(lines);
    }
    Some(documents)
}

/// What a line of NDJSON is.
fn kind_of(text: &str) -> Option<String> {
    #[derive(serde::Deserialize)]
    struct Line {
        r#type: Option<String>,
    }
    text.starts_with("{\"type\"").then(|| serde_json::from_str::<Line>(text).ok()?.r#type).flatten()
}

/// Which tool wrote a refused report wrong, if its bytes show that.
pub(super) fn culprit(bytes: &[u8]) -> Option<String> {
    let text = bytes.trim_ascii_start();
    let has = |needle: &[u8]| memchr::memmem::find(text, needle).is_some();
    if text.first() == Some(&b'<') {
        return Some("it is a web page: a proxy or a login page answered in place of the file".to_owned());
    }
    if has(b"\"System.Object[]\"") || has(b": \"@{") || has(b":\"@{") {
        return Some(
            "PowerShell's ConvertTo-Json cut it: copy the file as it is, or use -Depth 100".to_owned(),
        );
    }
    if std::str::from_utf8(text).is_err() {
        return Some(
            "it is not UTF-8: an editor or Out-File -Encoding changed it; use -o json=FILE".to_owned(),
        );
    }
    let first = text.split(|&byte| byte == b'\n').next().unwrap_or_default().trim_ascii();
    if !matches!(first.first(), None | Some(b'{' | b'[')) {
        let shown: String = String::from_utf8_lossy(first).chars().take(60).collect();
        return Some(format!(
            "another program wrote {shown:?} into it before the report; use -o json=FILE, not `>`"
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_wrote_the_file_the_text_is_the_same() {
        let text = "{\"host\":\"B\u{fc}ro\"}";
        let wide = |big: bool| -> Vec<u8> {
            text.encode_utf16()
                .flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() })
                .collect()
        };
        let mut packed = Vec::new();
        std::io::Read::read_to_end(
            &mut flate2::read::GzEncoder::new(text.as_bytes(), flate2::Compression::fast()),
            &mut packed,
        )
        .unwrap();
        let forms: [Vec<u8>; 7] = [
            text.as_bytes().to_vec(),
            [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            [b"\xff\xfe".to_vec(), wide(false)].concat(),
            [b"\xfe\xff".to_vec(), wide(true)].concat(),
            wide(false),
            wide(true),
            packed,
        ];
        for form in forms {
            assert_eq!(decoded(form).unwrap(), text.as_bytes());
        }
        assert_eq!(decoded([text.as_bytes(), &[0; 4096]].concat()).unwrap(), text.as_bytes());
        assert!(decoded(vec![0x1f, 0x8b, 8, 0]).unwrap_err().contains("Gzip"));
    }

    #[test]
    fn documents_are_split_however_they_are_joined() {
        let of = |text: &str| -> Vec<String> {
            let documents = split(text.as_bytes()).unwrap();
            documents.into_iter().map(|document| String::from_utf8(document).unwrap()).collect()
        };
        assert_eq!(of("{\"a\":1}\n{\"a\":2}"), ["{\"a\":1}", "{\"a\":2}"]);
        assert_eq!(of("[{\"a\":1},{\"a\":2}]"), ["{\"a\":1}", "{\"a\":2}"]);
        let lines = "{\"type\":\"finding\"}\n{\"type\":\"summary\"}\n{\"type\":\"summary\"}\n";
        assert_eq!(
            of(lines),
            ["{\"type\":\"finding\"}\n{\"type\":\"summary\"}\n", "{\"type\":\"summary\"}\n"]
        );
        assert!(split(b"{\"a\"").is_none());
    }

    #[test]
    fn half_written_files_and_other_files_are_no_reports() {
        for name in ["a/.b.json", "b.json~", "b.json.tmp", "B.JSON.PART"] {
            assert!(is_unfinished(Path::new(name)), "{name}");
        }
        assert!(!is_unfinished(Path::new("WKS-1")));
        assert!(is_meant(Path::new("a.JSON.gz"), b"") && is_meant(Path::new("WKS"), b" {"));
        assert!(!is_meant(Path::new("notes.txt"), b"no report"));
    }

    #[test]
    fn a_refused_report_says_which_tool_wrote_it_wrong() {
        let said = |bytes: &[u8]| culprit(bytes).unwrap_or_default();
        assert!(said(b"<html>").contains("web page"));
        assert!(said(b"{\"findings\":\"System.Object[]\"}").contains("ConvertTo-Json"));
        assert!(said(b"{\"host\":\"B\xfcro\"}").contains("UTF-8"));
        assert!(said(b"WARNING: x\n{").contains("WARNING: x"));
        assert_eq!(said(b"{}"), "");
    }
}
