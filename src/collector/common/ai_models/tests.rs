//! Models of every layout, what was not fetched, and damage.

use super::*;
use crate::collector::collect;
use crate::fs::Root;
use crate::fs::memory::Memory;
use crate::model::{Gap, GapKind, TargetKind};

const MANIFEST: &str = r#"{"schemaVersion": 2, "layers": [{"size": 5}, {"size": 7}]}"#;

#[test]
fn models_of_llama_wherever_they_lie() {
    let bytes = gguf::tests::model(&[
        ("general.name", "Tool"),
        ("general.organization", "Example Maker"),
        ("general.repo_url", "https://huggingface.co/example-maker/tool"),
    ]);
    let tree = Memory::new()
        .file("home/u/.cache/llama.cpp/tool-q4.gguf", bytes.clone())
        .file("opt/models/other.gguf", bytes.clone())
        .file("home/u/Downloads/cut.gguf", &bytes[..70]);
    let (artifacts, gaps) = collected(tree);
    let texts = |field: Field| artifacts.iter().filter_map(|it| it.text(field)).collect::<Vec<_>>();
    assert_eq!(texts(Field::Namespace), ["example-maker", "example-maker"]);
    assert_eq!((texts(Field::Path).len(), gaps.len()), (3, 1), "{gaps:?}");
    assert_eq!(gaps[0].kind, GapKind::Truncated);
}

fn collected(tree: Memory) -> (Vec<Artifact>, Vec<Gap>) {
    collect(&COLLECTOR, &Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree))))
}

#[test]
fn models_of_every_layout_with_their_publishers() {
    for (path, name, vendor, version) in [
        (
            "home/u/.ollama/models/manifests/registry.ollama.ai/library/example/7b",
            "example",
            None,
            Some("7b"),
        ),
        (
            "usr/share/ollama/.ollama/models/manifests/hf.co/maker/example/Q4",
            "maker/example",
            Some("maker"),
            Some("Q4"),
        ),
        (
            "root/.cache/huggingface/hub/models--Maker--Example-7B/snapshots/0a1b/config.json",
            "Maker/Example-7B",
            Some("Maker"),
            Some("0a1b"),
        ),
        ("data/models--Maker--Example/snapshots/1/x", "Maker/Example", Some("Maker"), Some("1")),
        (
            "home/u/.cache/modelscope/hub/models/Maker/Example-2___5/.msc",
            "Maker/Example-2.5",
            Some("Maker"),
            None,
        ),
        ("home/u/.cache/modelscope/hub/Maker/Example-2___5/.msc", "Maker/Example-2.5", Some("Maker"), None),
        (
            "Users/u/.lmstudio/models/maker/Example-GGUF/config.json",
            "maker/Example-GGUF",
            Some("maker"),
            None,
        ),
    ] {
        let (artifacts, gaps) = collected(Memory::new().file(path, MANIFEST));
        assert_eq!(gaps, [], "{path}");
        let [found] = artifacts.as_slice() else { panic!("{path}: {artifacts:?}") };
        assert_eq!((found.text(Field::Name), found.text(Field::Vendor)), (Some(name), vendor), "{path}");
        assert_eq!((found.text(Field::Version), found.state), (version, State::Installed), "{path}");
    }
}

#[test]
fn models_of_docker_ramalama_and_paddlex() {
    let list = r#"{"models": [{"id": "sha256:1", "tags": ["ai/tool:7b", "example.com:5000/maker/kit"]}]}"#;
    let tree = Memory::new()
        .file("home/u/.docker/models/models.json", list)
        .file("home/u/.local/share/ramalama/store/huggingface/maker/kit/refs/x", "")
        .file("root/.paddlex/official_models/Kit-1/inference.yml", "")
        .file("Users/u/.docker/models/models.json", &list[..40]);
    let (artifacts, gaps) = collected(tree);
    let names: Vec<_> =
        artifacts.iter().map(|it| (it.text(Field::Name).unwrap(), it.text(Field::Namespace))).collect();
    let expected = [
        ("ai/tool", Some("ai")),
        ("example.com:5000/maker/kit", Some("maker")),
        ("maker/kit", Some("maker")),
        ("Kit-1", None),
    ];
    assert_eq!((names, gaps.len()), (expected.to_vec(), 1));
}

#[test]
fn what_was_not_fetched_is_left_over_and_damage_a_gap() {
    let tree = Memory::new()
        .file("home/u/.cache/huggingface/hub/models--Maker--Example/refs/main", "0a1b")
        .file("home/u/.cache/huggingface/hub/datasets--Maker--Texts/refs/main", "0a1b")
        .file("home/u/.ollama/models/manifests/registry.ollama.ai/library/example/7b", &MANIFEST[..20]);
    let (artifacts, gaps) = collected(tree);
    assert_eq!(artifacts.iter().map(|it| it.state).collect::<Vec<_>>(), [State::Installed, State::Remnant]);
    assert_eq!(gaps.iter().map(|gap| gap.kind).collect::<Vec<_>>(), [GapKind::Truncated]);
}

#[test]
fn files_of_llama_in_stores_are_named_by_what_they_hold_and_once() {
    let bytes = gguf::tests::model(&[("general.name", "Tool")]);
    let manifest = r#"{"layers": [{"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:0a1b"},
        {"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:../../x"},
        {"mediaType": "application/vnd.ollama.image.license", "digest": "sha256:0c"}]}"#;
    let hub = "home/u/.cache/huggingface/hub/models--Maker--Kit";
    let tree = Memory::new()
        .file(format!("{hub}/blobs/0a"), bytes.clone())
        .link(format!("{hub}/snapshots/1/kit.gguf"), "../../blobs/0a")
        .file("srv/models/models--Maker--Kit/blobs/0a", bytes.clone())
        .link("srv/models/models--Maker--Kit/snapshots/1/q4/kit.gguf", "../../../blobs/0a")
        .file(
            "home/u/.local/share/ramalama/store/huggingface/maker/kit/snapshots/sha256-1/kit.gguf",
            bytes.clone(),
        )
        .file("root/.ollama/models/manifests/registry.ollama.ai/library/mine/7b", manifest)
        .file("root/.ollama/models/blobs/sha256-0a1b", bytes)
        .file("root/.ollama/models/blobs/sha256-0c", "text");
    let (artifacts, gaps) = collected(tree);
    let mut paths: Vec<_> = artifacts
        .iter()
        .filter(|it| it.text(Field::Type) == Some("gguf") && it.text(Field::Name) == Some("Tool"))
        .filter_map(|it| it.text(Field::Path))
        .collect();
    paths.sort_unstable();
    let expected = [
        "/home/u/.cache/huggingface/hub/models--Maker--Kit/snapshots/1/kit.gguf",
        "/home/u/.local/share/ramalama/store/huggingface/maker/kit/snapshots/sha256-1/kit.gguf",
        "/root/.ollama/models/blobs/sha256-0a1b",
        "/srv/models/models--Maker--Kit/snapshots/1/q4/kit.gguf",
    ];
    assert_eq!((paths.as_slice(), gaps), (&expected[..], vec![]));
}
