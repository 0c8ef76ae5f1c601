//! Generated files in the repository are what the code generates now.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::path::Path;

#[test]
fn packaging_holds_the_generated_files() {
    let packaging = Path::new(env!("CARGO_MANIFEST_DIR")).join("packaging");
    let mut stale = Vec::new();
    for (path, content) in debar::generate::files() {
        if std::fs::read_to_string(packaging.join(&path)).ok().as_deref() != Some(&content) {
            stale.push(path);
        }
    }
    assert!(stale.is_empty(), "run `cargo run -- generate packaging` and commit: {}", stale.join(", "));
}
