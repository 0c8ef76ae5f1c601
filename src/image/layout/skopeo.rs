//! The folders that `skopeo copy` makes of `dir:` targets, seen as OCI layouts.
//!
//! Source: containers/image, `directory/directory_dest.go` and `directory_transport.go`: `version`, `manifest.json` (a
//! manifest or an index), blobs by the hexadecimal digits of their SHA-256 alone, and further manifests of an index as
//! `DIGITS.manifest.json`.

use std::io;
use std::sync::Arc;

use serde_json::json;

use super::super::digest;
use super::json::MAX_JSON;
use crate::bytes::ReadAt;
use crate::fs::memory::Memory;
use crate::fs::root::Root;
use crate::fs::tree::{Listed, Stat, Tree};

/// What the file `version` begins with.
const MARK: &[u8] = b"Directory Transport Version: ";

/// Such a folder as an OCI layout; `None` when it is none.
pub(in super::super) fn view(root: &Arc<Root>) -> Option<Arc<Root>> {
    let version = root.read(b"version", 4096).ok()?;
    if !version.bytes.starts_with(MARK) {
        return None;
    }
    let manifest = root.read(b"manifest.json", MAX_JSON).ok().filter(|content| content.cut_from.is_none())?;
    let digest = digest::sha256(&manifest.bytes);
    let index = json!({ "schemaVersion": 2, "manifests": [{ "digest": digest }] }).to_string();
    let tree = Folder {
        made: Memory::new()
            .file("index.json", index)
            .file("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#)
            .file(super::oci::blob_path(&digest)?, manifest.bytes),
        root: Arc::clone(root),
    };
    Some(Arc::new(Root::new(Box::new(tree))))
}

struct Folder {
    made: Memory,
    root: Arc<Root>,
}

impl Folder {
    /// Where the blob at a path of the layout lies in the folder.
    fn place(&self, path: &[u8]) -> Option<Vec<u8>> {
        let digits = path.strip_prefix(b"blobs/sha256/")?;
        let manifest = [digits, b".manifest.json"].concat();
        Some(if self.root.tree().stat(digits).is_err() && self.root.tree().stat(&manifest).is_ok() {
            manifest
        } else {
            digits.to_vec()
        })
    }
}

impl Tree for Folder {
    fn stat(&self, path: &[u8]) -> io::Result<Stat> {
        match (self.made.stat(path), self.place(path)) {
            (Err(_), Some(place)) => self.root.tree().stat(&place),
            (made, _) => made,
        }
    }

    fn list(&self, path: &[u8]) -> io::Result<Vec<Listed>> {
        self.made.list(path)
    }

    fn open(&self, path: &[u8]) -> io::Result<Box<dyn ReadAt>> {
        match (self.made.open(path), self.place(path)) {
            (Err(_), Some(place)) => self.root.tree().open(&place),
            (made, _) => made,
        }
    }
}
