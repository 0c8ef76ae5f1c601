//! The JSON of images: `manifest.json` of `docker save`, and index, manifest and config of the OCI image
//! specification (which Docker's own media types share).

use std::collections::BTreeMap;

use serde::Deserialize;

/// One image of a `docker save` archive.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DockerImage {
    /// Path of the config.
    pub(super) config: String,
    /// Names with tags.
    #[serde(default)]
    pub(super) repo_tags: Option<Vec<String>>,
    /// Paths of the layers, lowest first.
    #[serde(default)]
    pub(super) layers: Option<Vec<String>>,
}

/// The `json` of a layer in archives older than `manifest.json` (Docker before 1.10).
#[derive(Debug, Clone, Deserialize)]
pub(super) struct OldLayer {
    #[serde(default)]
    pub(super) parent: Option<String>,
    #[serde(flatten)]
    pub(super) config: Config,
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

/// What an image runs on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Platform {
    /// Operating system, in Go's words.
    pub os: String,
    /// Architecture, in Go's words.
    pub architecture: String,
    /// Variant of the architecture.
    pub variant: Option<String>,
}

impl Platform {
    /// Reads `os/architecture[/variant]`.
    pub fn parse(text: &str) -> Option<Platform> {
        let mut parts = text.split('/').map(str::to_owned);
        let platform = Platform { os: parts.next()?, architecture: parts.next()?, variant: parts.next() };
        let whole = parts.next().is_none() && !platform.os.is_empty() && !platform.architecture.is_empty();
        whole.then_some(platform)
    }

    /// What images for this machine run on.
    pub fn of_this_machine() -> Platform {
        let architecture = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            "x86" => "386",
            other => other,
        };
        // Containers run on Linux, also on a Mac.
        Platform { os: "linux".to_owned(), architecture: architecture.to_owned(), variant: None }
    }

    /// Whether this is the platform asked for; a variant only counts when one is asked for.
    pub fn fits(&self, asked: &Platform) -> bool {
        self.os == asked.os
            && self.architecture == asked.architecture
            && (asked.variant.is_none() || self.variant == asked.variant)
    }

    /// Whether the entry says nothing: attestations carry `unknown/unknown`.
    pub fn is_unknown(&self) -> bool {
        self.os == "unknown" || self.os.is_empty()
    }
}

impl std::fmt::Display for Platform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        self.variant
            .iter()
            .filter(|variant| !variant.is_empty())
            .try_for_each(|variant| write!(f, "/{variant}"))
    }
}

/// An index or a manifest; which one is told by what it has.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Manifest {
    /// Of an index.
    pub manifests: Vec<Descriptor>,
    /// Of a manifest.
    pub config: Option<Descriptor>,
    /// Of a manifest.
    pub layers: Vec<Descriptor>,
    /// Free facts.
    pub annotations: BTreeMap<String, String>,
    /// `application/vnd.docker.distribution.manifest.v1+…` is older than configs.
    pub schema_version: u32,
}

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
    #[serde(deserialize_with = "or_default")]
    pub config: RunConfig,
    /// Digests of the uncompressed layers.
    pub rootfs: RootFs,
    /// One entry per build step.
    #[serde(deserialize_with = "or_default")]
    pub history: Vec<History>,
}

/// What a container of the image runs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct RunConfig {
    /// Environment, as NAME=value.
    #[serde(deserialize_with = "or_default")]
    pub env: Vec<String>,
    /// Entry point.
    #[serde(deserialize_with = "or_default")]
    pub entrypoint: Vec<String>,
    /// Command, or arguments of the entry point.
    #[serde(deserialize_with = "or_default")]
    pub cmd: Vec<String>,
    /// Labels.
    #[serde(deserialize_with = "or_default")]
    pub labels: BTreeMap<String, String>,
    /// User it runs as.
    #[serde(deserialize_with = "or_default")]
    pub user: String,
}

/// The digests of the uncompressed layers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct RootFs {
    /// Lowest first.
    #[serde(deserialize_with = "or_default")]
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

/// Docker writes `null` for what is empty.
fn or_default<'de, D: serde::Deserializer<'de>, T: Default + Deserialize<'de>>(
    input: D,
) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(input)?.unwrap_or_default())
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
        assert_eq!(serde_json::from_str::<Config>(text).unwrap(), Config::default());
    }

    #[test]
    fn platforms() {
        let arm = Platform::parse("linux/arm/v7").unwrap();
        assert_eq!(arm.to_string(), "linux/arm/v7");
        assert!(arm.fits(&Platform::parse("linux/arm").unwrap()));
        assert!(!Platform::parse("linux/arm").unwrap().fits(&arm));
        assert_eq!(Platform::parse("linux"), None);
    }
}
