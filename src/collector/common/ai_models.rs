//! `ai_models`: models that Ollama, LM Studio, Hugging Face's and ModelScope's libraries keep on disk, and who published
//! them.
//!
//! Only names of folders and Ollama's small manifests are read, never weights. Layouts: Ollama's `manifests/HOST/NAMESPACE/
//! MODEL/TAG`; "Understand caching" of huggingface_hub (`models--ORGANISATION--NAME`); ModelScope's `hub/models/NAMESPACE/NAME`,
//! where `___` stands for a dot; LM Studio's `models/PUBLISHER/MODEL`.

use std::collections::BTreeSet;

use super::places::home_owner;
use crate::bytes::{Damage, DamageKind};
use crate::collector::{Applies, Collector, Sink};
use crate::format::text::relaxed_json;
use crate::fs::Found;
use crate::fs::tree::{ListedKind, file_name, join, parent};
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::{shown, text_of};

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "ai_models",
    about: "Models that Ollama, LM Studio, Hugging Face's and ModelScope's libraries keep on disk, with who published them.",
    applies: Applies::EVERYWHERE,
    reads: READS,
    walks: &[],
    keys: &[],
    yields: &[
        Field::Name,
        Field::Version,
        Field::Namespace,
        Field::Vendor,
        Field::Source,
        Field::Type,
        Field::Size,
        Field::User,
        Field::Path,
    ],
    run,
    visit: None,
};

/// What lays models out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layout {
    /// A manifest for each tag.
    Ollama,
    /// A folder for each repository, with links to content by digest.
    HuggingFace,
    /// A folder for each namespace.
    ModelScope,
    /// A folder for each publisher.
    LmStudio,
}

impl Layout {
    fn word(self) -> &'static str {
        match self {
            Layout::Ollama => "ollama",
            Layout::HuggingFace => "hugging-face",
            Layout::ModelScope => "modelscope",
            Layout::LmStudio => "lm-studio",
        }
    }
}

/// Defines folders, and what is read below them.
macro_rules! places {
    ($($layout:ident $below:literal [$($folder:literal)*])*) => {
        const PLACES: &[(Layout, &str)] = &[$($((Layout::$layout, concat!($folder, $below)),)*)*];
        const READS: &[&str] = &[
            $($(concat!($folder, $below),)*)*
            $($(also!($layout $folder),)*)*
        ];
    };
}

/// What else is read of a layout.
macro_rules! also {
    (HuggingFace $folder:literal) => {
        concat!($folder, "/models--*/snapshots/*/")
    };
    (Ollama $folder:literal) => {
        concat!($folder, "/manifests/*/")
    };
    (ModelScope $folder:literal) => {
        concat!($folder, "/*/*/*/")
    };
    (LmStudio $folder:literal) => {
        concat!($folder, "/*/*/*/")
    };
}

places! {
    Ollama "/manifests/*/*/*/*" [
        "home/*/.ollama/models" "root/.ollama/models" "Users/*/.ollama/models" "usr/share/ollama/.ollama/models"
        "var/lib/ollama/models" "var/lib/ollama/.ollama/models" "var/lib/ollama" "var/snap/ollama/common/models"
        "opt/ollama/models" "models" "data/ollama/models" "data/models" "ollama/models" "ProgramData/ollama/models"
    ]
    HuggingFace "/models--*/" [
        "home/*/.cache/huggingface/hub" "root/.cache/huggingface/hub" "Users/*/.cache/huggingface/hub"
        "home/*/.cache/huggingface/transformers" "var/lib/*/.cache/huggingface/hub" "home/*/.cache/llama.cpp"
        "models" "models/hub" "data" "data/hub" "data/models" "data/huggingface/hub" "opt/models" "opt/huggingface/hub" "app/models"
        "app/.cache/huggingface/hub" "workspace/models" "workspace/.cache/huggingface/hub" "huggingface/hub" "hf/hub" "srv/models"
        ".cache/huggingface/hub"
    ]
    ModelScope "/*/*/" [
        "home/*/.cache/modelscope/hub" "root/.cache/modelscope/hub" "Users/*/.cache/modelscope/hub"
        "home/*/.cache/modelscope/hub/models" "root/.cache/modelscope/hub/models" "Users/*/.cache/modelscope/hub/models"
        "home/*/.cache/modelscope/models" "root/.cache/modelscope/models" "Users/*/.cache/modelscope/models"
        "mnt/workspace/.cache/modelscope" "mnt/workspace/.cache/modelscope/models" "mnt/workspace/.cache/modelscope/hub"
    ]
    LmStudio "/*/*/" [
        "home/*/.lmstudio/models" "root/.lmstudio/models" "Users/*/.lmstudio/models"
        "home/*/.cache/lm-studio/models" "Users/*/.cache/lm-studio/models"
    ]
}

/// Folders beside those of namespaces.
const NO_NAMESPACES: &[&str] =
    &["models", "datasets", "hub", "ast_indexer", "_github", "temp", "._____temp", ".lock", "credentials"];
/// Bytes read of a manifest.
const LIMIT: usize = 1 << 20;
/// Models of one target.
const MAX_MODELS: usize = 100_000;

fn run(target: &Target, sink: &mut Sink<'_>) {
    let mut seen = BTreeSet::new();
    for (layout, pattern) in PLACES {
        let found = sink.glob(&target.root, pattern);
        for found in sink.limited(found, MAX_MODELS, pattern.as_bytes(), "models") {
            if seen.insert(found.real.clone()) {
                match layout {
                    Layout::Ollama => ollama(target, sink, &found),
                    Layout::HuggingFace => hugging_face(target, sink, &found),
                    Layout::ModelScope | Layout::LmStudio => in_folders(target, sink, *layout, &found),
                }
            }
        }
    }
}

/// The last components of a path, the last one first.
fn names<const N: usize>(path: &[u8]) -> [String; N] {
    let mut parts = path.rsplit(|&byte| byte == b'/');
    std::array::from_fn(|_| parts.next().map(text_of).unwrap_or_default())
}

/// `HOST/NAMESPACE/MODEL/TAG`.
fn ollama(target: &Target, sink: &mut Sink<'_>, found: &Found) {
    if !found.is_file() {
        return;
    }
    let [tag, model, namespace, host] = names(&found.path);
    let Some(bytes) = sink.read(&target.root, found, LIMIT) else { return };
    let manifest: serde_json::Value = match relaxed_json::parse(&bytes) {
        Ok(manifest) => manifest,
        Err(damage) => {
            sink.damage(&found.path, &[damage]);
            serde_json::Value::Null
        }
    };
    let layers = manifest.get("layers").and_then(serde_json::Value::as_array);
    if layers.is_none() && !manifest.is_null() {
        sink.damage(&found.path, &[Damage::new(DamageKind::Corrupt, None, "a manifest without layers")]);
    }
    let sizes = layers.into_iter().flatten().filter_map(|layer| layer.get("size")?.as_u64());
    let size = sizes.fold(0_u64, u64::saturating_add);
    // The library's own models have no namespace in commands.
    let (name, namespace) = match namespace.as_str() {
        "library" => (model, None),
        _ => (format!("{namespace}/{model}"), Some(namespace)),
    };
    let artifact = model_of(sink, Layout::Ollama, &found.path, name, namespace)
        .with(Field::Version, tag)
        .with(Field::Source, host)
        .with_some(Field::Size, (size > 0).then(|| size.to_string()));
    sink.artifact(artifact);
}

/// `models--ORGANISATION--NAME`; a snapshot for each revision.
fn hugging_face(target: &Target, sink: &mut Sink<'_>, found: &Found) {
    let called = text_of(file_name(&found.path));
    let Some(rest) = called.strip_prefix("models--").filter(|_| found.is_directory()) else { return };
    let (namespace, name) = match rest.split_once("--") {
        Some((namespace, name)) => (Some(namespace.to_owned()), format!("{namespace}/{name}")),
        None => (None, rest.to_owned()),
    };
    let snapshots = folders_in(target, sink, &join(&found.path, b"snapshots"));
    // What was asked for and not fetched leaves a folder, too.
    let state = if snapshots.is_empty() { State::Remnant } else { State::Installed };
    let artifact = model_of(sink, Layout::HuggingFace, &found.path, name, namespace)
        .with_some(Field::Version, snapshots.last().cloned())
        .with(Field::Source, "huggingface.co")
        .state(state);
    sink.artifact(artifact);
}

/// The names of the folders in a folder, which may be absent.
fn folders_in(target: &Target, sink: &mut Sink<'_>, path: &[u8]) -> Vec<String> {
    match target.root.find(path) {
        Ok(found) if found.is_directory() => sink
            .list(&target.root, &found)
            .into_iter()
            .filter(|listed| matches!(listed.kind, ListedKind::Directory | ListedKind::Link))
            .map(|listed| text_of(&listed.name))
            .collect(),
        Ok(_) => Vec::new(),
        Err(fault) => {
            sink.fault(fault);
            Vec::new()
        }
    }
}

/// `NAMESPACE/NAME`.
fn in_folders(_: &Target, sink: &mut Sink<'_>, layout: Layout, found: &Found) {
    let [name, namespace] = names(&found.path);
    let is_hidden = |name: &str| name.starts_with('.');
    if !found.is_directory()
        || NO_NAMESPACES.contains(&namespace.as_str())
        || NO_NAMESPACES.contains(&name.as_str())
        || is_hidden(&name)
        || is_hidden(&namespace)
        || file_name(parent(parent(&found.path))) == b"datasets"
    {
        return;
    }
    let name = format!("{namespace}/{}", name.replace("___", "."));
    let host = (layout == Layout::ModelScope).then_some("modelscope.cn");
    let artifact = model_of(sink, layout, &found.path, name, Some(namespace)).with_some(Field::Source, host);
    sink.artifact(artifact);
}

fn model_of(
    sink: &Sink<'_>,
    layout: Layout,
    path: &[u8],
    name: String,
    namespace: Option<String>,
) -> Artifact {
    Artifact::new(sink.collector(), Location::path(path))
        .with(Field::Name, name)
        .with_some(Field::Vendor, namespace.as_deref())
        .with_some(Field::Namespace, namespace)
        .with(Field::Type, layout.word())
        .with_some(Field::User, home_owner(path))
        .with(Field::Path, shown(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::{Gap, GapKind, TargetKind};

    const MANIFEST: &str = r#"{"schemaVersion": 2, "layers": [{"size": 5}, {"size": 7}]}"#;

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
            (
                "home/u/.cache/modelscope/hub/Maker/Example-2___5/.msc",
                "Maker/Example-2.5",
                Some("Maker"),
                None,
            ),
            (
                "Users/u/.lmstudio/models/maker/Example-GGUF/example.gguf",
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
    fn what_was_not_fetched_is_left_over_and_damage_a_gap() {
        let tree = Memory::new()
            .file("home/u/.cache/huggingface/hub/models--Maker--Example/refs/main", "0a1b")
            .file("home/u/.cache/huggingface/hub/datasets--Maker--Texts/refs/main", "0a1b")
            .file("home/u/.ollama/models/manifests/registry.ollama.ai/library/example/7b", &MANIFEST[..20]);
        let (artifacts, gaps) = collected(tree);
        assert_eq!(
            artifacts.iter().map(|it| it.state).collect::<Vec<_>>(),
            [State::Installed, State::Remnant]
        );
        assert_eq!(gaps.iter().map(|gap| gap.kind).collect::<Vec<_>>(), [GapKind::Truncated]);
    }
}
