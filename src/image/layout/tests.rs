use super::chosen::{MAX_IMAGES, MAX_LAYERS};
use super::json::MAX_JSON;
use super::oci::blob_path;
use super::*;
use crate::fs::memory::Memory;
use crate::image::digest;

const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// A layout in the making.
#[derive(Default)]
struct Made {
    tree: Memory,
    entries: Vec<String>,
}

impl Made {
    fn blob(&mut self, bytes: &str) -> String {
        let digest = digest::sha256(bytes);
        self.tree = std::mem::take(&mut self.tree).file(blob_path(&digest).unwrap(), bytes);
        digest
    }

    /// A manifest of an image; `os` distinguishes one from another.
    fn manifest(&mut self, os: &str, media_type: &str) -> String {
        let layer = self.blob(&format!("layer of {os}"));
        let config = self
            .blob(&format!(r#"{{"os":"{os}","architecture":"amd64","rootfs":{{"diff_ids":["{layer}"]}}}}"#));
        self.blob(&format!(
            r#"{{"config":{{"digest":"{config}"}},"layers":[{{"mediaType":"{media_type}","digest":"{layer}"}}]}}"#
        ))
    }

    fn entry(&mut self, digest: &str, more: &str) {
        self.entries.push(format!(r#"{{"digest":"{digest}"{more}}}"#));
    }

    fn root(&self) -> Root {
        let index = format!(r#"{{"manifests":[{}]}}"#, self.entries.join(","));
        let tree = self.tree.clone().file("index.json", index);
        Root::new(Box::new(tree.file("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#)))
    }

    fn chosen(&self) -> Vec<Chosen> {
        oci(&self.root(), Some(&Platform::parse("linux/amd64").unwrap())).unwrap().unwrap().chosen
    }
}

fn names(chosen: &[Chosen]) -> Vec<&str> {
    chosen.iter().map(|image| image.config.os.as_str()).collect()
}

fn details(chosen: &[Chosen]) -> String {
    chosen
        .iter()
        .flat_map(|image| &image.gaps)
        .map(|gap| format!("{}: {}\n", gap.place, gap.detail))
        .collect()
}

#[test]
fn an_image_is_one_whatever_its_annotations_say() {
    let mut made = Made::default();
    let image = made.manifest("linux", LAYER);
    let annotation = r#","annotations":{"vnd.docker.reference.type":"attestation-manifest"}"#;
    made.entry(&image, annotation);
    assert_eq!(names(&made.chosen()), ["linux"]);
    // What only has documents is none, whether its media types are those of layers or not.
    let mut made = Made::default();
    let image = made.manifest("linux", LAYER);
    let proof = made.manifest("unknown", "application/vnd.in-toto+json");
    made.entry(&image, "");
    made.entry(&proof, "");
    let chosen = made.chosen();
    assert_eq!((names(&chosen), details(&chosen).as_str()), (vec!["linux"], ""));
}

#[test]
fn an_artifact_of_the_drafts_of_oci_is_no_image() {
    let artifact = |made: &mut Made, media_type: &str| {
        let document = made.blob("{}");
        let text = format!(
            r#"{{"artifactType":"x","blobs":[{{"mediaType":"{media_type}","digest":"{document}"}}]}}"#
        );
        let digest = made.blob(&text);
        made.entry(&digest, "");
    };
    let mut made = Made::default();
    let image = made.manifest("linux", LAYER);
    made.entry(&image, "");
    artifact(&mut made, "application/spdx+json");
    let chosen = made.chosen();
    assert_eq!((names(&chosen), details(&chosen).as_str()), (vec!["linux"], ""));
    artifact(&mut made, LAYER);
    assert!(details(&made.chosen()).contains("neither an image nor manifests"));
}

#[test]
fn platforms_are_compared_as_engines_spell_them_and_as_the_config_says() {
    for (platform, is_taken) in [
        (r#","platform":{"os":"linux","architecture":"x86_64"}"#, true),
        (r#","platform":{"OS":"Linux","Architecture":"AMD64"}"#, true),
        (r#","platform":null"#, true),
        // The index lies; the image runs here all the same.
        (r#","platform":{"os":"linux","architecture":"arm64"}"#, true),
    ] {
        let mut made = Made::default();
        let image = made.manifest("linux", LAYER);
        made.entry(&image, platform);
        assert_eq!(!made.chosen().is_empty(), is_taken, "{platform}");
    }
    let mut made = Made::default();
    let other = made.manifest("windows", LAYER);
    let image = made.manifest("linux", LAYER);
    made.entry(&other, r#","platform":{"os":"windows","architecture":"amd64"}"#);
    made.entry(&image, r#","platform":{"os":"linux","architecture":"amd64"}"#);
    assert_eq!(names(&made.chosen()), ["linux"]);
}

#[test]
fn a_manifest_that_is_not_there_is_a_gap_unless_it_is_of_another_platform() {
    let absent = digest::sha256("absent");
    for (more, is_gap) in [
        ("", true),
        (r#","platform":{"os":"linux","architecture":"amd64"}"#, true),
        (r#","platform":{"os":"linux","architecture":"arm64"}"#, false),
        (
            r#","platform":{"os":"unknown","architecture":"unknown"},"annotations":{"vnd.docker.reference.type":"attestation-manifest"}"#,
            false,
        ),
        (r#","annotations":{"vnd.docker.reference.type":"attestation-manifest"}"#, true),
    ] {
        let mut made = Made::default();
        let image = made.manifest("linux", LAYER);
        made.entry(&image, "");
        made.entry(&absent, more);
        assert_eq!(details(&made.chosen()).contains(&absent), is_gap, "{more}");
    }
}

#[test]
fn what_readers_differ_on_is_a_gap() {
    let mut made = Made::default();
    let clean = made.manifest("clean", LAYER);
    let image = made.manifest("linux", LAYER);
    let text = made.root().read(blob_path(&image).unwrap().as_bytes(), MAX_JSON).unwrap().bytes;
    let text = String::from_utf8(text).unwrap();
    let layer = made.blob("another layer");
    // Fields that differ only in case, an index that is a manifest at once, a media type that no layer has.
    let twice = format!(r#"{},"Layers":[{{"digest":"{layer}"}}]}}"#, text.trim_end_matches('}'));
    let both = format!(r#"{},"manifests":[{{"digest":"{clean}"}}]}}"#, text.trim_end_matches('}'));
    let odd = text.replace(LAYER, "application/octet-stream");
    for (text, expected, count) in
        [(twice, "occurs more than once", 1), (both, "at once", 2), (odd, "media type", 1)]
    {
        let digest = made.blob(&text);
        made.entries.clear();
        made.entry(&digest, "");
        let chosen = oci(&made.root(), None).unwrap().unwrap().chosen;
        assert!(details(&chosen).contains(expected), "{expected}: {}", details(&chosen));
        assert_eq!(chosen.len(), count, "{expected}");
    }
}

#[test]
fn a_digest_is_compared_whatever_its_algorithm() {
    let of_sha512 = |honest: bool| {
        let mut made = Made::default();
        let image = made.manifest("linux", LAYER);
        let bytes = made.root().read(blob_path(&image).unwrap().as_bytes(), MAX_JSON).unwrap().bytes;
        let named = if honest { bytes.clone() } else { b"other".to_vec() };
        let digest =
            format!("sha512:{}", crate::text::hex::hex(&<sha2::Sha512 as sha2::Digest>::digest(named)));
        made.tree = std::mem::take(&mut made.tree).file(blob_path(&digest).unwrap(), bytes);
        made.entry(&digest, "");
        details(&made.chosen())
    };
    assert_eq!(of_sha512(true), "");
    assert!(of_sha512(false).contains("digest of its bytes"));
    let mut made = Made::default();
    let image = made.manifest("linux", LAYER);
    let bytes = made.root().read(blob_path(&image).unwrap().as_bytes(), MAX_JSON).unwrap().bytes;
    made.tree = std::mem::take(&mut made.tree).file("blobs/blake3/ab", bytes);
    made.entry("blake3:ab", "");
    assert!(details(&made.chosen()).contains("cannot be verified"));
}

#[test]
fn an_index_of_many_names_ends() {
    let mut made = Made::default();
    let image = made.manifest("linux", LAYER);
    let mut index = image.clone();
    for _ in 0..3 {
        let entries = vec![format!(r#"{{"digest":"{index}"}}"#); 200].join(",");
        index = made.blob(&format!(r#"{{"manifests":[{entries}]}}"#));
    }
    made.entry(&index, "");
    let chosen = made.chosen();
    assert_eq!((chosen.len(), details(&chosen).as_str()), (1, ""));
    // Further names of one image are further names.
    for tag in 0..2 * MAX_IMAGES {
        let name = format!(r#","annotations":{{"org.opencontainers.image.ref.name":"v{tag}"}}"#);
        made.entry(&image, &name);
    }
    let chosen = made.chosen();
    assert_eq!(
        (chosen.len(), chosen[0].references.len(), details(&chosen).as_str()),
        (1, 2 * MAX_IMAGES, "")
    );
}

#[test]
fn layers_that_are_no_layers_do_not_fill_the_memory() {
    let mut made = Made::default();
    let config = made.blob(r#"{"os":"linux"}"#);
    let layers = vec!["{}"; 150_000].join(",");
    for number in 0..20 {
        let manifest = format!(r#"{{"config":{{"digest":"{config}"}},"layers":[{layers}],"n":{number}}}"#);
        let image = made.blob(&manifest);
        made.entry(&image, "");
    }
    let chosen = made.chosen();
    assert_eq!(chosen.len(), 20);
    assert!(chosen.iter().all(|image| image.gaps.len() < 200 && image.layers.len() <= MAX_LAYERS));
    assert!(details(&chosen).contains("of its layers were not read"));
}

#[test]
fn an_artifact_of_layers_without_a_config_is_a_gap() {
    let mut made = Made::default();
    let image = made.manifest("linux", LAYER);
    let (empty, layer) = (made.blob("{}"), made.blob("layer"));
    let of = |kind: &str| {
        format!(
            r#"{{"config":{{"mediaType":"application/vnd.oci.empty.v1+json","digest":"{empty}"}},
            "layers":[{{"mediaType":"{kind}","digest":"{layer}"}}]}}"#
        )
    };
    for (kind, is_gap) in [(LAYER, true), ("application/vnd.acme.data", false), ("", false)] {
        let artifact = made.blob(&of(kind));
        made.entries.clear();
        made.entry(&image, "");
        made.entry(&artifact, "");
        let chosen = made.chosen();
        assert_eq!(
            (names(&chosen), details(&chosen).contains("of no image")),
            (vec!["linux"], is_gap),
            "{kind}"
        );
    }
}

/// An archive of `docker save` with images of these layers.
fn saved(manifest: &str) -> Memory {
    Memory::new()
        .file("manifest.json", manifest)
        .file("c.json", r#"{"os":"linux","rootfs":{"diff_ids":["sha256:1"]}}"#)
        .file("a.tar", "a")
}

#[test]
fn images_of_docker_are_read_as_go_reads_them() {
    let of = |manifest: &str| docker(&Root::new(Box::new(saved(manifest)))).map(Option::unwrap);
    let chosen =
        of(r#"[{"Config":"c.json","Layers":["b.tar"],"layers":["a.tar"],"RepoTags":null}]"#).unwrap();
    assert_eq!(chosen[0].layers[0].path, "a.tar");
    assert!(details(&chosen).contains("occurs more than once"));
    assert!(of("[]").is_err() && of("null").is_err());
    // One image with many names is one.
    let entry = |number: usize, layer: &str| {
        format!(r#"{{"Config":"c.json","Layers":["{layer}"],"RepoTags":["x:{number}"]}}"#)
    };
    let mut many: Vec<String> = (0..=MAX_IMAGES).map(|number| entry(number, "a.tar")).collect();
    many.push(entry(0, "b.tar"));
    let chosen = of(&format!("[{}]", many.join(","))).unwrap();
    assert_eq!((chosen.len(), chosen[0].references.len()), (2, MAX_IMAGES + 1));
    assert_eq!((chosen[1].layers[0].path.as_str(), details(&chosen).as_str()), ("b.tar", ""));
    let many: Vec<String> = (0..=MAX_IMAGES).map(|number| entry(0, &format!("{number}.tar"))).collect();
    let chosen = of(&format!("[{}]", many.join(","))).unwrap();
    assert_eq!(chosen.len(), MAX_IMAGES);
    assert!(details(&chosen[..1]).contains("10001 images"));
}

#[test]
fn what_only_older_engines_load_is_a_gap() {
    let of = |id: &str| {
        let tree = saved(r#"[{"Config":"c.json","Layers":["1/layer.tar"]}]"#)
            .file("1/layer.tar", "a")
            .file("2/layer.tar", "b")
            .file("repositories", format!(r#"{{"x":{{"latest":"{id}"}}}}"#));
        details(&docker(&Root::new(Box::new(tree))).unwrap().unwrap()).contains("repositories")
    };
    // Newer archives name what is no folder.
    assert_eq!((of("1"), of("2"), of("3")), (false, true, false));
    let tree = Memory::new().file("2/json", r#"{"id":"2","parent":"1"}"#).file("2/layer.tar", "b");
    let chosen = docker(&Root::new(Box::new(tree))).unwrap().unwrap();
    assert!(details(&chosen).contains("layer 1: the archive has no such layer"));
}

#[test]
fn images_of_both_layouts_are_all_found() {
    let mut made = Made::default();
    let image = made.manifest("linux", LAYER);
    made.entry(&image, "");
    let both = |manifest: &str| {
        let tree = made.tree.clone().file("manifest.json", manifest).file("a.tar", "a");
        let index = format!(r#"{{"manifests":[{}]}}"#, made.entries.join(","));
        let tree = tree.file("index.json", index).file("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#);
        detect(&Root::new(Box::new(tree)), None).unwrap().unwrap().len()
    };
    let of = |text: &str| text.replace("sha256:", "blobs/sha256/");
    let manifest = made.root().read(blob_path(&image).unwrap().as_bytes(), MAX_JSON).unwrap().bytes;
    let manifest: super::super::manifest::Manifest = serde_json::from_slice(&manifest).unwrap();
    let (config, layer) = (of(&manifest.config.unwrap().digest), of(&manifest.layers[0].digest));
    assert_eq!(both(&format!(r#"[{{"Config":"{config}","Layers":["{layer}"]}}]"#)), 1);
    assert_eq!(both(&format!(r#"[{{"Config":"{config}","Layers":["a.tar"]}}]"#)), 2);
    assert_eq!(both(&format!(r#"[{{"Config":"{config}","Layers":["{layer}","{layer}"]}}]"#)), 2);
}

#[test]
fn layers_of_old_archives_are_images_without_a_name_too() {
    let tree = Memory::new()
        .file("1/json", r#"{"id":"1"}"#)
        .file("1/layer.tar", "a")
        .file("2/json", r#"{"id":"2","parent":"1","os":"linux"}"#)
        .file("2/layer.tar", "b")
        .file("3/json", r#"{"id":"3","parent":"1"}"#)
        .file("3/layer.tar", "c")
        .file("repositories", r#"{"x":{"latest":"3"}}"#);
    let chosen = docker(&Root::new(Box::new(tree))).unwrap().unwrap();
    let paths = |image: &Chosen| image.layers.iter().map(|layer| layer.path.clone()).collect::<Vec<_>>();
    assert_eq!(
        chosen.iter().map(paths).collect::<Vec<_>>(),
        [["1/layer.tar", "2/layer.tar"], ["1/layer.tar", "3/layer.tar"]]
    );
    assert_eq!(
        (chosen[0].config.os.as_str(), chosen[1].references.as_slice()),
        ("linux", ["x:latest".to_owned()].as_slice())
    );
}
