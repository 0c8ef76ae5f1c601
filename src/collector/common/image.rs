//! `image`: what a container image says of itself in its config: names, labels, entry point, environment, the
//! build history, and the base it was made from.
//!
//! Sources: the OCI image specification's config and its predefined annotation keys.

use crate::collector::{Applies, Collector, Sink};
use crate::model::{Artifact, Field, Location};
use crate::target::Target;
use crate::text::secret::REDACTED;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "image",
    about: "The config of a container image: names, labels, entry point, environment, build history, base image.",
    applies: Applies::IMAGE,
    reads: &[],
    walks: &[],
    keys: &[],
    yields: &[
        Field::Name,
        Field::Type,
        Field::Reference,
        Field::Digest,
        Field::Arch,
        Field::Author,
        Field::Vendor,
        Field::Version,
        Field::Description,
        Field::License,
        Field::Homepage,
        Field::Source,
        Field::User,
        Field::Label,
        Field::Entrypoint,
        Field::Env,
        Field::History,
    ],
    run,
    visit: None,
};

/// Annotations and labels that the specification gives a meaning.
const KNOWN: &[(&str, Field)] = &[
    ("org.opencontainers.image.vendor", Field::Vendor),
    ("org.opencontainers.image.version", Field::Version),
    ("org.opencontainers.image.description", Field::Description),
    ("org.opencontainers.image.licenses", Field::License),
    ("org.opencontainers.image.url", Field::Homepage),
    ("org.opencontainers.image.source", Field::Source),
];

fn run(target: &Target, sink: &mut Sink<'_>) {
    let Some(image) = &target.image else { return };
    let (config, run) = (&image.config, &image.config.config);
    if image.digest.is_empty() {
        // A plain archive of a file system says nothing of itself.
        return;
    }
    let fact = |key: &str| image.annotations.get(key).or_else(|| run.labels.get(key)).cloned();
    let name = fact("org.opencontainers.image.title").or_else(|| image.references.first().cloned());
    let mut artifact = Artifact::new(sink.collector(), Location::default())
        .with(Field::Name, name.unwrap_or_else(|| image.digest.clone()))
        .with(Field::Type, "image")
        .with(Field::Digest, image.digest.as_str())
        .with(Field::Arch, config.architecture.as_str())
        .with(Field::Author, config.author.as_str())
        .with(Field::User, run.user.as_str())
        .with(Field::Entrypoint, [run.entrypoint.as_slice(), run.cmd.as_slice()].concat().join(" "))
        .with_many(Field::Reference, &image.references)
        .with_many(Field::Label, run.labels.iter().map(|(key, value)| format!("{key}={value}")))
        .with_many(Field::Env, run.env.iter().map(|variable| without_secret(variable)))
        .with_many(Field::History, config.history.iter().map(|step| step.created_by.as_str()));
    for (key, field) in KNOWN {
        artifact = artifact.with_some(*field, fact(key));
    }
    sink.artifact(artifact);
    let base = fact("org.opencontainers.image.base.name");
    let digest = fact("org.opencontainers.image.base.digest");
    if base.is_some() || digest.is_some() {
        let artifact = Artifact::new(sink.collector(), Location::default())
            .with_some(Field::Name, base.clone().or_else(|| digest.clone()))
            .with(Field::Type, "base image")
            .with_some(Field::Reference, base)
            .with_some(Field::Digest, digest);
        sink.artifact(artifact);
    }
}

/// Reports travel further than images: the value of a variable that is named like a secret stays out of them.
fn without_secret(variable: &str) -> String {
    const SECRETS: &[&str] =
        &["PASSWORD", "PASSWD", "SECRET", "TOKEN", "CREDENTIAL", "API_KEY", "APIKEY", "PRIVATE_KEY"];
    let (name, _) = variable.split_once('=').unwrap_or((variable, ""));
    let upper = name.to_ascii_uppercase();
    if SECRETS.iter().any(|word| upper.contains(word)) {
        format!("{name}={REDACTED}")
    } else {
        variable.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::collector::collect;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::image::{Config, ImageInfo};
    use crate::model::TargetKind;

    #[test]
    fn config_and_base_are_told_and_secrets_are_not() {
        let config: Config = serde_json::from_str(
            r#"{"architecture":"amd64","os":"linux","history":[{"created_by":"RUN x"}],"config":{
            "Env":["PATH=/bin","DB_PASSWORD=hunter2"],"Entrypoint":["/a"],"Cmd":["b","c"],
            "Labels":{"vendor":"Example","org.opencontainers.image.base.name":"docker.io/library/debian:12"}}}"#,
        )
        .unwrap();
        let info = ImageInfo {
            references: vec!["example/app:1".to_owned()],
            digest: "sha256:1".to_owned(),
            config: config.into(),
            ..ImageInfo::default()
        };
        let mut target = Target::new(TargetKind::Image, "x", Root::new(Box::new(Memory::new())));
        target.image = Some(Arc::new(info));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        assert_eq!((artifacts.len(), gaps.len()), (2, 0));
        assert_eq!(artifacts[0].text(Field::Entrypoint), Some("/a b c"));
        assert_eq!(artifacts[0].text(Field::History), Some("RUN x"));
        let env = artifacts[0].fields.get(&Field::Env).unwrap().joined();
        assert_eq!(env, "PATH=/bin, DB_PASSWORD=<redacted>");
        assert_eq!(artifacts[1].text(Field::Reference), Some("docker.io/library/debian:12"));
    }
}
