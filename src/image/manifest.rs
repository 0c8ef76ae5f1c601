//! The JSON of images: `manifest.json` of `docker save`, and index, manifest and config of the OCI image
//! specification (which Docker's own media types share).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::platform::Platform;

/// One image of a `docker save` archive.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct DockerImage {
    /// Path of the config.
    pub(super) config: String,
    /// Names with tags.
    pub(super) repo_tags: Vec<String>,
    /// Paths of the layers, lowest first.
    pub(super) layers: Vec<String>,
}

/// The `json` of a layer in archives older than `manifest.json` (Docker before 1.10), which has the fields of a config
/// as well.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct OldLayer {
    pub(super) parent: String,
}

/// A reference to a blob.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Descriptor {
    /// What the blob is.
    pub media_type: String,
    /// Its digest.
    pub digest: String,
    /// Its size.
    pub size: u64,
    /// For manifests in an index.
    pub platform: Option<Platform>,
    /// Free facts.
    pub annotations: BTreeMap<String, String>,
}

/// An index or a manifest; which one is recognised by what it has.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Manifest {
    /// Of an index.
    pub manifests: Vec<Descriptor>,
    /// Of a manifest.
    pub config: Option<Descriptor>,
    /// Of a manifest.
    pub layers: Vec<Descriptor>,
    /// Of a manifest of Docker's schema 1, which came before configs.
    pub fs_layers: Vec<Empty>,
    /// Of a manifest of an artifact, which the first drafts of OCI 1.1 had.
    pub blobs: Vec<Descriptor>,
    /// Free facts.
    pub annotations: BTreeMap<String, String>,
    /// `application/vnd.docker.distribution.manifest.v1+…` is older than configs.
    pub schema_version: u32,
}

/// An element of which only the number counts.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Empty {}

/// An image's config.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Config {
    /// Operating system.
    pub os: String,
    /// Architecture.
    pub architecture: String,
    /// Variant of the architecture.
    pub variant: Option<String>,
    /// Who made it.
    pub author: String,
    /// When it was made.
    pub created: String,
    /// What it runs.
    pub config: RunConfig,
    /// Digests of the uncompressed layers.
    pub rootfs: RootFs,
    /// One entry per build step.
    pub history: Vec<History>,
}

/// What a container of the image runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct RunConfig {
    /// Environment, as NAME=value.
    pub env: Vec<String>,
    /// Entry point.
    pub entrypoint: Vec<String>,
    /// Command, or arguments of the entry point.
    pub cmd: Vec<String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// User it runs as.
    pub user: String,
}

/// The digests of the uncompressed layers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct RootFs {
    /// Lowest first.
    pub diff_ids: Vec<String>,
}

/// One build step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct History {
    /// The command.
    pub created_by: String,
    /// Whether it made no layer.
    pub empty_layer: bool,
    /// What the builder says of it.
    pub comment: String,
}

impl Config {
    /// The build step of each layer.
    pub fn steps(&self) -> Vec<&History> {
        self.history.iter().filter(|step| !step.empty_layer).collect()
    }

    /// How many of the lowest layers come from the base image; `None` when the history does not tell.
    ///
    /// A Dockerfile's own steps follow those of its base, and a base ends with the `CMD` or `ENTRYPOINT` that its
    /// own Dockerfile ended with, so the last but one of those marks the end (the last is the image's own).
    /// `BuildKit` marks its steps by a comment; steps of classic builders and of `debuerreotype` before them are the
    /// base's.
    pub fn base_layers(&self) -> Option<usize> {
        let ends = |step: &History| {
            let command = step.created_by.trim_start_matches("/bin/sh -c #(nop)").trim_start();
            step.empty_layer && (command.starts_with("CMD ") || command.starts_with("ENTRYPOINT "))
        };
        let last_own = self.history.iter().rposition(|step| !step.empty_layer)?;
        let end = self.history.get(..last_own)?.iter().rposition(ends);
        let end = end.or_else(|| {
            // A base without a command: its steps do not say BuildKit, the image's own do.
            let own = |step: &History| step.comment.starts_with("buildkit");
            let first = self.history.iter().position(own).filter(|&first| first > 0)?;
            Some(first - 1)
        })?;
        let count = self.history.get(..=end)?.iter().filter(|step| !step.empty_layer).count();
        Some(count).filter(|&count| count > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(steps: &[(&str, bool, &str)]) -> Config {
        let history = steps.iter().map(|&(command, empty_layer, comment)| History {
            created_by: command.to_owned(),
            empty_layer,
            comment: comment.to_owned(),
        });
        Config { history: history.collect(), ..Config::default() }
    }

    #[test]
    fn a_base_ends_with_its_own_command() {
        let config = config(&[
            ("/bin/sh -c #(nop) ADD file:1 in / ", false, ""),
            ("/bin/sh -c #(nop)  CMD [\"bash\"]", true, ""),
            ("/bin/sh -c apt-get install -y x", false, ""),
            ("/bin/sh -c #(nop)  CMD [\"x\"]", true, ""),
        ]);
        assert_eq!(config.base_layers(), Some(1));
    }

    #[test]
    fn buildkit_marks_its_own_steps() {
        let config = config(&[
            ("# debian.sh --arch 'amd64'", false, "debuerreotype 0.15"),
            ("RUN /bin/sh -c x # buildkit", false, "buildkit.dockerfile.v0"),
            ("CMD [\"x\"]", true, "buildkit.dockerfile.v0"),
        ]);
        assert_eq!(config.base_layers(), Some(1));
    }

    #[test]
    fn without_a_mark_nothing_is_claimed() {
        assert_eq!(config(&[("layer a", false, ""), ("layer b", false, "")]).base_layers(), None);
        assert_eq!(Config::default().base_layers(), None);
    }

    #[test]
    fn null_is_empty() {
        let text = r#"{"config":{"Env":null,"Labels":null,"Entrypoint":null},"history":null,"rootfs":{"diff_ids":null}}"#;
        assert_eq!(super::super::go_json::read::<Config>(text.as_bytes()).unwrap().value, Config::default());
    }
}
