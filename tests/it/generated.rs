//! Generated files in the repository are what the code generates now.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::path::Path;

#[test]
fn the_repository_holds_the_generated_files() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut stale = Vec::new();
    for (path, content) in crate::support::generated_files() {
        if std::fs::read_to_string(top.join(&path)).ok().as_deref() != Some(&content) {
            stale.push(path);
        }
    }
    assert!(stale.is_empty(), "run `cargo run -- generate .` and commit: {}", stale.join(", "));
}

/// Editors check signature files by the schema, so it must accept what debar accepts.
#[test]
fn the_built_in_files_fit_their_schemas() {
    let signatures = Path::new(env!("CARGO_MANIFEST_DIR")).join("signatures");
    let read = |name: &str| -> serde_json::Value {
        serde_json::from_str(&std::fs::read_to_string(signatures.join(name)).unwrap()).unwrap()
    };
    let files = std::fs::read_dir(&signatures).unwrap().map(|entry| entry.unwrap().file_name());
    let files: Vec<String> =
        files.map(|name| name.into_string().unwrap()).filter(|name| name.ends_with(".json")).collect();
    assert!(files.len() >= 2, "{files:?}");
    for name in files {
        let file = read(&name);
        let schema = file.get("$schema").and_then(|schema| schema.as_str()).expect("a schema");
        let validator = jsonschema::validator_for(&read(schema)).unwrap();
        let errors: Vec<String> = validator.iter_errors(&file).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
}
