//! What images say of their layers is held against what is there.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use crate::support::image;

use std::path::Path;

use serde_json::Value;

fn layer(text: &str) -> image::Layer {
    let mut tar = Vec::new();
    image::member(&mut tar, b"etc/os-release", b'0', 0o644, b"", b"ID=scratch\n");
    image::member(&mut tar, b"etc/text", b'0', 0o644, b"", text.as_bytes());
    image::gzipped(tar)
}

/// An image of one layer with gzip and one without any compression.
fn layers() -> [image::Layer; 2] {
    let plain = layer("two");
    [layer("one"), image::Layer { stored: plain.tar.clone(), tar: plain.tar }]
}

/// Places and details of the gaps on layers.
fn gaps(target: &Path, arguments: &[&str]) -> Vec<String> {
    let output = assert_cmd::Command::cargo_bin("debar")
        .unwrap()
        .args(["scan", "--no-progress", "-o", "json"])
        .args(arguments)
        .arg(target)
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |gap: &Value, name: &str| gap[name].as_str().unwrap().to_owned();
    let gaps = report["gaps"].as_array().unwrap().iter();
    let gaps: Vec<String> = gaps
        .filter(|gap| gap["collector"] == "image")
        .map(|gap| format!("{}: {}", text(gap, "place"), text(gap, "detail")))
        .collect();
    assert_eq!(output.status.code() == Some(3), !gaps.is_empty(), "{gaps:?}");
    gaps
}

fn blob(folder: &Path, bytes: &[u8]) -> std::path::PathBuf {
    folder.join("blobs/sha256").join(image::digest(bytes))
}

/// Changes a file's text `from` to `to`, of the same length.
fn change(path: &Path, from: &str, to: &str) {
    let bytes = std::fs::read(path).unwrap();
    let at = bytes.windows(from.len()).position(|part| part == from.as_bytes()).unwrap();
    let changed = [&bytes[..at], to.as_bytes(), &bytes[at + from.len()..]].concat();
    std::fs::write(path, changed).unwrap();
}

#[test]
fn right_digests_are_no_gap() {
    let folder = tempfile::tempdir().unwrap();
    image::oci_folder(&layers(), folder.path());
    assert_eq!(gaps(folder.path(), &[]), [""; 0]);
    assert_eq!(gaps(folder.path(), &["--verify-layers"]), [""; 0]);
    let archive = folder.path().join("image.tar");
    std::fs::write(&archive, image::docker_archive(&layers())).unwrap();
    assert_eq!(gaps(&archive, &["--verify-layers"]), [""; 0]);
}

#[test]
fn a_compressed_layer_in_place_of_another_is_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let layers = layers();
    image::oci_folder(&layers, folder.path());
    // A whole layer, only not the one that was named; of the same length or not.
    let other = layer("one, too").stored;
    std::fs::write(blob(folder.path(), &layers[0].stored), &other).unwrap();
    let gaps = gaps(folder.path(), &[]);
    assert!(gaps.iter().any(|gap| gap.contains("it is not the layer that the manifest names")), "{gaps:?}");
}

#[test]
fn a_layer_of_another_size_is_a_gap_whether_compressed_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let layers = layers();
    image::oci_folder(&layers, folder.path());
    let longer = [layers[1].stored.as_slice(), &[0; 512]].concat();
    std::fs::write(blob(folder.path(), &layers[1].stored), &longer).unwrap();
    let gaps = gaps(folder.path(), &[]);
    assert_eq!(gaps.len(), 1);
    let expected = format!("it has {} bytes and should have {}", longer.len(), longer.len() - 512);
    assert!(gaps[0].ends_with(&expected), "{gaps:?}");
}

#[test]
fn an_uncompressed_layer_is_verified_when_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let layers = layers();
    image::oci_folder(&layers, folder.path());
    change(&blob(folder.path(), &layers[1].stored), "two", "TWO");
    assert_eq!(gaps(folder.path(), &["--verify-layers"]).len(), 1);
    let archive = folder.path().join("image.tar");
    std::fs::write(&archive, image::docker_archive(&layers)).unwrap();
    change(&archive, "two", "TWO");
    // It is read in place: what the scan does not need is not read.
    assert_eq!(gaps(&archive, &[]), [""; 0]);
    let gaps = gaps(&archive, &["--verify-layers"]);
    assert!(gaps[0].contains("it is not the layer that the config names"), "{gaps:?}");
}

#[test]
fn what_a_compressed_layer_holds_is_verified_when_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    // The bytes are those of the manifest, the archive in them is not that of the config.
    let layers = [image::Layer { tar: layer("another").tar, stored: layer("one").stored }];
    image::oci_folder(&layers, folder.path());
    assert_eq!(gaps(folder.path(), &[]), [""; 0]);
    let gaps = gaps(folder.path(), &["--verify-layers"]);
    assert!(gaps[0].contains("the archive in it is not the one that the config names"), "{gaps:?}");
}

#[test]
fn layers_that_only_one_of_manifest_and_config_names_are_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let layers = layers();
    let archive = folder.path().join("image.tar");
    std::fs::write(&archive, image::docker_archive(&layers)).unwrap();
    // The second layer's name is taken out of the manifest; the padding keeps the header right.
    let name = format!(",\"{}/layer.tar\"", image::digest(&layers[1].tar));
    change(&archive, &name, &" ".repeat(name.len()));
    let gaps = gaps(&archive, &[]);
    assert!(gaps.iter().any(|gap| gap.contains("names 2 layers and its manifest 1")), "{gaps:?}");
}
