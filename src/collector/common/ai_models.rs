//! `ai_models`: models that Ollama, LM Studio, Hugging Face's and ModelScope's libraries keep on disk, and who published
//! them.
//!
//! Only names of folders and Ollama's small manifests are read, never weights. Layouts: Ollama's `manifests/HOST/NAMESPACE/
//! MODEL/TAG`; "Understand caching" of huggingface_hub (`models--ORGANISATION--NAME`); ModelScope's `hub/models/NAMESPACE/NAME`,
//! where `___` stands for a dot; LM Studio's `models/PUBLISHER/MODEL`.

use std::collections::BTreeSet;

use super::places::{PROGRAM_PLACES, home_owner, leads_to};
use crate::bytes::{Damage, DamageKind};
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::format::package::gguf;
use crate::format::text::relaxed_json;
use crate::fs::tree::{ListedKind, file_name, join, parent};
use crate::fs::{Entry, Fault, Found};
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::{shown, text_of};

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "ai_models",
    about: "Models of llama.cpp, and those that Ollama, LM Studio, RamaLama, Docker, PaddleX, Hugging Face's and ModelScope's libraries keep on disk, with who published them.",
    applies: Applies::EVERYWHERE,
    reads: READS,
    walks: PROGRAM_PLACES,
    keys: &[],
    yields: &[
        Field::Name,
        Field::Version,
        Field::Namespace,
        Field::Vendor,
        Field::Author,
        Field::Source,
        Field::Type,
        Field::Size,
        Field::User,
        Field::Path,
    ],
    run,
    visit: Some(Visit { wants, file }),
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
    /// A folder for each namespace, of each registry.
    Ramalama,
    /// A folder for each model.
    PaddleX,
    /// One list.
    Docker,
}

impl Layout {
    fn word(self) -> &'static str {
        match self {
            Layout::Ollama => "ollama",
            Layout::HuggingFace => "hugging-face",
            Layout::ModelScope => "modelscope",
            Layout::LmStudio => "lm-studio",
            Layout::Ramalama => "ramalama",
            Layout::PaddleX => "paddlex",
            Layout::Docker => "docker",
        }
    }
}

/// Defines folders, and what is read below them.
macro_rules! places {
    ($($layout:ident $below:literal [$($folder:literal)*])*; [$($file:literal)*]) => {
        const FILES: &[&str] = &[$($file,)*];
        /// Files of llama.cpp that stores of models keep.
        const STORED: &[&str] = &[$($(stored!($layout $folder),)*)*];
        const PLACES: &[(Layout, &str)] = &[$($((Layout::$layout, concat!($folder, $below)),)*)*];
        const READS: &[&str] = &[
            $($(concat!($folder, $below),)*)*
            $($(also!($layout $folder),)*)*
            $($(stored!($layout $folder),)*)*
            $($file,)*
            "home/*/.docker/models/models.json", "root/.docker/models/models.json", "Users/*/.docker/models/models.json",
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
    (Ramalama $folder:literal) => {
        concat!($folder, "/*/*/*/")
    };
    (PaddleX $folder:literal) => {
        concat!($folder, "/*/*/")
    };
}

/// Where a layout has files of llama.cpp by their names; one below the folder of a revision may lie in one of its own.
macro_rules! stored {
    (HuggingFace $folder:literal) => {
        concat!($folder, "/models--*/snapshots/*/*.gguf")
    };
    (Ramalama $folder:literal) => {
        concat!($folder, "/*/*/snapshots/*/*.gguf")
    };
    (Ollama $folder:literal) => {
        concat!($folder, "/blobs/sha256-*")
    };
    ($layout:ident $folder:literal) => {
        concat!($folder, "/*/*/*.gguf")
    };
}

places! {
    Ollama "/manifests/*/*/*/*" [
        "home/*/.ollama/models" "root/.ollama/models" "Users/*/.ollama/models" "usr/share/ollama/.ollama/models"
        "var/lib/ollama/models" "var/lib/ollama/.ollama/models" "var/lib/ollama" "var/snap/ollama/common/models"
        "var/lib/docker/volumes/*/_data/models" "home/*/.local/share/containers/storage/volumes/*/_data/models"
        "var/lib/containers/storage/volumes/*/_data/models" "opt/ollama/models" "models" "data/ollama/models" "data/models" "ollama/models" "ProgramData/ollama/models"
    ]
    HuggingFace "/models--*/" [
        "home/*/.cache/huggingface/hub" "root/.cache/huggingface/hub" "Users/*/.cache/huggingface/hub"
        "home/*/.cache/huggingface/transformers" "var/lib/*/.cache/huggingface/hub" "home/*/.cache/llama.cpp"
        "models" "models/hub" "data" "data/hub" "data/*/hub" "data/models" "var/lib/docker/volumes/*/_data" "var/lib/docker/volumes/*/_data/hub" "data/huggingface/hub" "opt/models" "opt/huggingface/hub" "app/models"
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
    Ramalama "/*/*/" [
        "home/*/.local/share/ramalama/store/huggingface" "home/*/.local/share/ramalama/store/ollama"
        "home/*/.local/share/ramalama/store/modelscope" "var/lib/ramalama/store/huggingface" "var/lib/ramalama/store/ollama"
    ]
    PaddleX "/*/" [
        "home/*/.paddlex/official_models" "root/.paddlex/official_models" "Users/*/.paddlex/official_models"
    ]
    ; [
        "*.gguf" "models/*.gguf" "data/*.gguf" "data/models/*.gguf" "app/models/*.gguf" "workspace/*.gguf" "workspace/models/*.gguf"
        "home/*/*.gguf" "home/*/models/*.gguf" "home/*/.cache/llama.cpp/*.gguf" "home/*/.cache/gpt4all/*.gguf" "home/*/llama.cpp/models/*.gguf"
        "home/*/.config/Jan/data/*/models/*/*.gguf" "home/*/.config/Jan/data/*/models/*/*/*.gguf" "home/*/jan/models/*/*.gguf"
        "home/*/.config/Msty/models-gguf/*.gguf" "home/*/*/*.gguf" "home/*/*/models/*.gguf" "home/*/*/models/*/*.gguf" "mnt/*.gguf" "mnt/*/*.gguf" "srv/*/*.gguf" "Users/*/*/*.gguf"
        "root/*.gguf" "root/models/*.gguf" "root/.cache/llama.cpp/*.gguf" "root/llama.cpp/models/*.gguf"
        "Users/*/*.gguf" "Users/*/models/*.gguf" "Users/*/.cache/llama.cpp/*.gguf" "Users/*/Library/Caches/llama.cpp/*.gguf"
    ]
}

/// Lists of Docker's Model Runner.
const DOCKER: &[&str] = &[
    "home/*/.docker/models/models.json",
    "root/.docker/models/models.json",
    "Users/*/.docker/models/models.json",
];
/// Folders beside those of namespaces.
const NO_NAMESPACES: &[&str] =
    &["models", "datasets", "hub", "ast_indexer", "_github", "temp", "._____temp", ".lock", "credentials"];
/// Bytes read of a manifest.
const LIMIT: usize = 1 << 20;
/// Models of one target.
const MAX_MODELS: usize = 100_000;

fn run(target: &Target, sink: &mut Sink<'_>) {
    let stored: Vec<&str> = STORED.iter().copied().filter(|pattern| pattern.ends_with(".gguf")).collect();
    for found in sink.files(&target.root, FILES).into_iter().chain(sink.files(&target.root, &stored)) {
        llama(target, &found.path, target.root.open_found(&found), sink);
    }
    for found in sink.files(&target.root, DOCKER) {
        docker(target, sink, &found);
    }
    let mut seen = BTreeSet::new();
    for (layout, pattern) in PLACES {
        let found = sink.glob(&target.root, pattern);
        for found in sink.limited(found, MAX_MODELS, pattern.as_bytes(), "models") {
            if seen.insert(found.real.clone()) {
                match layout {
                    Layout::Ollama => ollama(target, sink, &found),
                    Layout::HuggingFace => hugging_face(target, sink, &found),
                    Layout::ModelScope | Layout::LmStudio | Layout::Ramalama => {
                        in_folders(sink, *layout, &found);
                    }
                    Layout::PaddleX if found.is_directory() => {
                        let artifact =
                            model_of(sink, *layout, &found.path, text_of(file_name(&found.path)), None);
                        sink.artifact(artifact);
                    }
                    Layout::PaddleX | Layout::Docker => {}
                }
            }
        }
    }
}

fn wants(entry: &Entry<'_>) -> bool {
    entry.has_ending(&[".gguf"])
}

fn file(target: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let path = entry.path();
    if entry.found().is_some_and(|found| found.stat.placeholder)
        || FILES.iter().any(|pattern| leads_to(&target.root, pattern, path))
        || is_stored(target, path)
    {
        return;
    }
    llama(target, path, entry.open(), sink);
}

/// Whether a file is one of a store: the links there lead to content that is called by its digest.
fn is_stored(target: &Target, path: &[u8]) -> bool {
    let is_it = |pattern: &&str| target.root.glob(pattern).iter().flatten().any(|found| found.path == path);
    STORED.iter().filter(|pattern| pattern.ends_with(".gguf")).any(is_it)
}

/// A file of llama.cpp, by what its head says.
fn llama(
    target: &Target,
    path: &[u8],
    file: Result<Box<dyn crate::bytes::ReadAt>, Fault>,
    sink: &mut Sink<'_>,
) {
    let file = match file {
        Ok(file) => file,
        Err(fault) => return sink.fault(fault),
    };
    let model = match target.root.during(path, || gguf::read(file.as_ref())) {
        Ok(model) => model,
        Err(damage) => return sink.damage(path, &[damage]),
    };
    sink.damage(path, &model.damage);
    let model = model.value;
    // `https://huggingface.co/NAMESPACE/NAME`; names of organisations are written with blanks for hyphens.
    let of_address = |address: &String| Some(address.split("://").nth(1)?.split('/').nth(1)?.to_owned());
    let of_name = |name: &String| name.to_lowercase().split_whitespace().collect::<Vec<_>>().join("-");
    let namespaces =
        model.addresses.iter().filter_map(of_address).chain(model.organizations.iter().map(of_name));
    let file_name = text_of(file_name(path));
    let stem = file_name.get(..file_name.len().saturating_sub(5)).unwrap_or(&file_name);
    let artifact = Artifact::new(sink.collector(), Location::path(path))
        .with_many(Field::Name, model.name.iter().map(String::as_str).chain([stem]))
        .with_some(Field::Version, model.version)
        .with_many(Field::Namespace, namespaces)
        .with_many(Field::Vendor, &model.organizations)
        .with_many(Field::Author, &model.authors)
        .with_many(Field::Source, &model.addresses)
        .with(Field::Type, "gguf")
        .with(Field::Size, file.size().to_string())
        .with_some(Field::User, home_owner(path))
        .with(Field::Path, shown(path));
    sink.artifact(artifact);
}

/// The models of Docker's Model Runner, by the tags that they were pulled by (`models.json` of model-distribution).
fn docker(target: &Target, sink: &mut Sink<'_>, found: &Found) {
    let Some(bytes) = sink.read(&target.root, found, LIMIT) else { return };
    let list: serde_json::Value = match relaxed_json::parse(&bytes) {
        Ok(list) => list,
        Err(damage) => return sink.damage(&found.path, &[damage]),
    };
    let models = list.get("models").and_then(serde_json::Value::as_array).into_iter().flatten();
    let tags = models.filter_map(|model| model.get("tags")?.as_array()).flatten();
    for tag in tags.filter_map(serde_json::Value::as_str) {
        let (name, version) =
            tag.rsplit_once(':').filter(|(_, version)| !version.contains('/')).unwrap_or((tag, "latest"));
        let namespace = name.rsplit('/').nth(1).map(str::to_owned);
        let mut artifact = model_of(sink, Layout::Docker, &found.path, name.to_owned(), namespace);
        artifact.location = Location::record(&found.path, tag);
        sink.artifact(artifact.with(Field::Version, version));
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
    for layer in layers.into_iter().flatten() {
        weights(target, sink, &found.path, layer);
    }
}

/// The weights of a model of Ollama, whose head says what they are, whatever the user called the model.
fn weights(target: &Target, sink: &mut Sink<'_>, manifest: &[u8], layer: &serde_json::Value) {
    let text = |key: &str| layer.get(key).and_then(serde_json::Value::as_str);
    if text("mediaType") != Some("application/vnd.ollama.image.model") {
        return;
    }
    let hex = text("digest").and_then(|digest| digest.strip_prefix("sha256:")).unwrap_or_default();
    if hex.is_empty() || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return;
    }
    let store = (0..5).fold(manifest, |path, _| parent(path));
    let path = join(&join(store, b"blobs"), format!("sha256-{hex}").as_bytes());
    match target.root.open(&path) {
        // Weights of other formats, and what is still to be fetched.
        Err(Fault::Absent) => {}
        Ok(file) if file.read_vec(0, 4).is_ok_and(|head| head != *b"GGUF") => {}
        file => llama(target, &path, file, sink),
    }
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
fn in_folders(sink: &mut Sink<'_>, layout: Layout, found: &Found) {
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
mod tests;
