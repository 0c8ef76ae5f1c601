//! Which images a target holds, and that a scan of nothing is none.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

use std::path::Path;

use crate::support::{debar, image, run};

fn layer(names: &[(&str, &str)]) -> image::Layer {
    let mut tar = Vec::new();
    for (path, text) in names {
        image::member(&mut tar, path.as_bytes(), b'0', 0o644, b"", text.as_bytes());
    }
    image::gzipped(tar)
}

fn linux(text: &str) -> [image::Layer; 1] {
    [layer(&[("etc/os-release", "ID=scratch\n"), ("etc/text", text)])]
}

fn archive(path: &Path, members: &[(&str, &[u8])]) {
    let mut tar = Vec::new();
    for (name, bytes) in members {
        image::member(&mut tar, name.as_bytes(), b'0', 0o644, b"", bytes);
    }
    tar.extend([0; 1024]);
    std::fs::write(path, tar).unwrap();
}

/// The exit code and the errors of a scan.
fn scanned(arguments: &[&str]) -> (i32, String, String) {
    run(debar().args(["scan", "--no-progress", "-o", "json"]).args(arguments))
}

#[test]
fn nothing_scanned_is_no_clean_scan() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tar");
    let target = path.to_str().unwrap();
    const MARKER: (&str, &[u8]) = ("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#);
    let cases: &[&[(&str, &[u8])]] = &[
        &[("manifest.json", b"[]")],
        &[("manifest.json", b"null")],
        &[("repositories", b"{}")],
        &[MARKER],
        &[MARKER, ("index.json", br#"{"manifests":null}"#)],
        &[("a.txt", b"x"), ("b/c.py", b"y")],
    ];
    for members in cases {
        archive(&path, members);
        let (code, output, errors) = scanned(&[target]);
        assert_eq!((code, output.as_str()), (2, ""), "{members:?}");
        assert!(errors.starts_with("error: cannot scan "), "{errors}");
        assert_eq!(run(debar().args(["inventory", "--no-progress", target])).0, 2, "{members:?}");
    }
    let list = folder.path().join("list.txt");
    std::fs::write(&list, format!("{target}\n")).unwrap();
    let (code, _, errors) = scanned(&["--shard", "2/2", "--from-file", list.to_str().unwrap()]);
    assert!(code == 2 && errors.contains("the shard 2/2 of 1 targets is empty"), "{errors}");
    // What is found in such an archive is reported all the same.
    archive(&path, &[("opt/kaspersky/x", b"x"), ("etc/os-release", b"ID=scratch\n")]);
    assert_ne!(scanned(&[target]).0, 2);
}

#[test]
fn a_system_beside_a_layout_is_scanned_too() {
    let folder = tempfile::tempdir().unwrap();
    image::oci_folder(&linux("a"), folder.path());
    let target = folder.path().to_str().unwrap();
    let count = |output: &str| output.matches("\"verdict\"").count();
    assert_eq!(count(&scanned(&[target]).1), 1);
    std::fs::create_dir(folder.path().join("etc")).unwrap();
    std::fs::write(folder.path().join("etc/os-release"), "ID=scratch\n").unwrap();
    assert_eq!(count(&scanned(&[target]).1), 2);
    // An archive that has one member twice is read differently by different tools.
    let path = folder.path().join("twice.tar");
    let mut tar = image::docker_archive(&linux("a"));
    tar.truncate(tar.len() - 1024);
    image::member(&mut tar, b"manifest.json", b'0', 0o644, b"", b"[]");
    tar.extend([0; 1024]);
    std::fs::write(&path, tar).unwrap();
    let (code, _, errors) = scanned(&[path.to_str().unwrap()]);
    assert_eq!(code, 2, "{errors}");
}

#[test]
fn a_name_chooses_an_image_and_a_slip_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    image::oci_folder(&linux("a"), folder.path());
    let index = folder.path().join("index.json");
    let text = std::fs::read_to_string(&index).unwrap();
    let mut parsed: serde_json::Value = serde_json::from_str(&text).unwrap();
    parsed["manifests"][0]["annotations"] = serde_json::json!({ "org.opencontainers.image.ref.name": "v1" });
    std::fs::write(&index, parsed.to_string()).unwrap();
    let of = |reference: &str| scanned(&[&format!("oci-dir:{}:{reference}", folder.path().display())]);
    assert_eq!(of("v1").0, 0, "{}", of("v1").2);
    let (code, _, errors) = of("v2");
    assert!(code == 2 && errors.contains("it has no image `v2`; there is v1"), "{errors}");
    let (code, _, errors) = scanned(&[&format!("docker-archive:{}", folder.path().display())]);
    assert!(code == 2 && errors.contains("it is a folder"), "{errors}");
    for (name, reference) in [
        ("alpine:3.19", "registry:alpine:3.19"),
        ("docker:alpine", "registry:alpine"),
        ("alpine", "registry:alpine"),
    ] {
        let (code, _, errors) = scanned(&[name]);
        assert!(code == 2 && errors.contains(&format!("{reference}. ")), "{errors}");
        assert!(errors.contains("oci-dir:FOLDER[:TAG]"), "{errors}");
    }
    let (_, _, errors) = scanned(&["./gone"]);
    assert!(!errors.contains("write registry:"), "{errors}");
}

#[test]
fn windows_in_an_image_of_another_system_is_a_gap() {
    let of = |os: &str, name: &str| {
        let folder = tempfile::tempdir().unwrap();
        image::oci_folder_of(os, &[layer(&[(name, "x")])], folder.path());
        let (code, output, _) = scanned(&[folder.path().to_str().unwrap()]);
        (code, output.contains("its layers hold another one"))
    };
    assert_eq!(of("linux", "Files/Windows/System32/x.dll"), (3, true));
    assert_eq!(of("linux", "Hives\\Software_Delta"), (3, true));
    assert_eq!(of("windows", "etc/os-release"), (3, true));
    assert!(!of("linux", "etc/os-release").1);
}

#[test]
fn what_was_not_compared_is_reported_without_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tar");
    let [layer] = linux("a");
    std::fs::write(
        &path,
        image::docker_archive(&[image::Layer { stored: layer.tar.clone(), tar: layer.tar }]),
    )
    .unwrap();
    let of = |more: &[&str]| {
        let (code, output, _) = scanned(&[&[path.to_str().unwrap()], more].concat());
        (code, output.contains("uncompressed layer not compared (--verify-layers)"))
    };
    assert_eq!(of(&[]), (0, true));
    assert_eq!(of(&["--verify-layers"]), (0, false));
}

/// The members of an archive of `docker save` with one layer of these files for each name.
fn saved(layers: &[(&str, &[(&str, &str)])], manifest: &str) -> Vec<(String, Vec<u8>)> {
    let mut members: Vec<(String, Vec<u8>)> =
        layers.iter().map(|(name, files)| ((*name).to_owned(), layer(files).stored)).collect();
    members.push(("c.json".to_owned(), br#"{"os":"linux","architecture":"amd64"}"#.to_vec()));
    members.push(("manifest.json".to_owned(), manifest.as_bytes().to_vec()));
    members
}

#[test]
fn an_image_with_many_names_is_scanned_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tar");
    let system: &[(&str, &str)] = &[("etc/os-release", "ID=scratch\n")];
    let entry = |tag: usize| format!(r#"{{"Config":"c.json","RepoTags":["x:{tag}"],"Layers":["a.tar"]}}"#);
    let mut entries: Vec<String> = (0..10_000).map(entry).collect();
    entries.push(r#"{"Config":"c.json","RepoTags":["y:1"],"Layers":["a.tar","b.tar"]}"#.to_owned());
    let manifest = format!("[{}]", entries.join(","));
    let members = saved(&[("a.tar", system), ("b.tar", &[("etc/text", "b")])], &manifest);
    let members: Vec<(&str, &[u8])> =
        members.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    archive(&path, &members);
    let (code, output, errors) = scanned(&[path.to_str().unwrap()]);
    assert_eq!((code, output.matches("\"verdict\"").count()), (0, 2), "{errors}");
}

#[test]
fn both_layouts_of_a_folder_are_scanned() {
    let folder = tempfile::tempdir().unwrap();
    image::oci_folder(&linux("a"), folder.path());
    let target = folder.path().to_str().unwrap();
    let reports = || scanned(&[target]).1.matches("\"verdict\"").count();
    let system: &[(&str, &str)] = &[("etc/os-release", "ID=scratch\n")];
    for (name, bytes) in saved(&[("a.tar", system)], r#"[{"Config":"c.json","Layers":["a.tar"]}]"#) {
        std::fs::write(folder.path().join(name), bytes).unwrap();
    }
    assert_eq!(reports(), 2);
    // A file of that name that is something else.
    std::fs::write(folder.path().join("manifest.json"), r#"{"name":"an app"}"#).unwrap();
    assert_eq!(reports(), 1);
}

#[test]
fn a_folder_of_skopeo_is_an_image() {
    let folder = tempfile::tempdir().unwrap();
    image::oci_folder(&linux("a"), &folder.path().join("oci"));
    let made = folder.path().join("dir");
    std::fs::create_dir(&made).unwrap();
    let index = std::fs::read_to_string(folder.path().join("oci/index.json")).unwrap();
    let index: serde_json::Value = serde_json::from_str(&index).unwrap();
    let manifest = index["manifests"][0]["digest"].as_str().unwrap().to_owned();
    for blob in std::fs::read_dir(folder.path().join("oci/blobs/sha256")).unwrap() {
        let blob = blob.unwrap();
        let name = blob.file_name().into_string().unwrap();
        let name = if manifest.ends_with(&name) { "manifest.json".to_owned() } else { name };
        std::fs::copy(blob.path(), made.join(name)).unwrap();
    }
    std::fs::write(made.join("version"), "Directory Transport Version: 1.1\n").unwrap();
    let (code, output, errors) = scanned(&[made.to_str().unwrap()]);
    assert!(code == 0 && output.contains(&manifest), "{code} {errors}");
    let text = std::fs::read_to_string(made.join("manifest.json")).unwrap();
    std::fs::write(made.join("manifest.json"), text.replace("\"layers\"", "\"other\"")).unwrap();
    assert_ne!(scanned(&[made.to_str().unwrap()]).0, 0);
}
