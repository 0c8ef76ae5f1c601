//! `scoop_packages`: programs of Scoop, by the manifests that it keeps in each version's folder.

use serde_json::Value;

use crate::collector::common::places::home_owner;
use crate::collector::{Applies, Collector, Sink};
use crate::fs::tree::{file_name, join, parent};
use crate::model::{Artifact, Field, GapKind, Location};
use crate::target::Target;
use crate::text::{shown, text_of};

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "scoop_packages",
    about: "Programs of Scoop, of users and of the machine, by their manifests.",
    applies: Applies::WINDOWS,
    reads: &[
        "Users/*/scoop/apps/*/*/manifest.json",
        "Users/*/scoop/apps/*/*/install.json",
        "ProgramData/scoop/apps/*/*/manifest.json",
        "ProgramData/scoop/apps/*/*/install.json",
    ],
    walks: &[],
    keys: &[],
    yields: &[
        Field::Name,
        Field::Version,
        Field::Description,
        Field::Homepage,
        Field::License,
        Field::Source,
        Field::Program,
        Field::Arch,
        Field::User,
        Field::Path,
    ],
    run,
    visit: None,
};

/// Bytes read of a manifest.
const LIMIT: usize = 4 << 20;

fn run(target: &Target, sink: &mut Sink<'_>) {
    let manifests: Vec<&str> =
        COLLECTOR.reads.iter().copied().filter(|path| path.ends_with("/manifest.json")).collect();
    for found in sink.files(&target.root, &manifests) {
        let Some(bytes) = sink.read(&target.root, &found, LIMIT) else { continue };
        let folder = parent(&found.path);
        let manifest = json(sink, &found.path, &bytes);
        // Scoop notes the bucket beside it; packages installed from an address have none.
        let install_path = join(folder, b"install.json");
        let install = sink.read_path(&target.root, &install_path, LIMIT);
        let install = install.map(|bytes| json(sink, &install_path, &bytes)).unwrap_or_default();
        let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let license = manifest.get("license").and_then(|it| it.get("identifier").or(Some(it)));
        let artifact = Artifact::new(sink.collector(), Location::path(&found.path))
            .with(Field::Name, text_of(file_name(parent(folder))))
            .with_some(Field::Version, text(&manifest, "version"))
            .with_some(Field::Description, text(&manifest, "description"))
            .with_some(Field::Homepage, text(&manifest, "homepage"))
            .with_some(Field::License, license.and_then(Value::as_str))
            .with_some(Field::Source, text(&install, "bucket").or_else(|| text(&install, "url")))
            .with_some(Field::Arch, text(&install, "architecture"))
            .with_many(Field::Program, programs(&manifest))
            .with_some(Field::User, home_owner(&found.path))
            .with(Field::Path, shown(&found.path));
        sink.artifact(artifact);
    }
}

fn json(sink: &mut Sink<'_>, path: &[u8], bytes: &[u8]) -> Value {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    serde_json::from_slice(bytes).unwrap_or_else(|error| {
        sink.gap(GapKind::Corrupt, shown(path), format!("not JSON: {error}"));
        Value::Null
    })
}

/// `bin` is one program, or several, each with an alias or without.
fn programs(manifest: &Value) -> Vec<String> {
    let one = |value: &Value| match value {
        Value::Array(parts) => parts.first().and_then(Value::as_str).map(str::to_owned),
        other => other.as_str().map(str::to_owned),
    };
    match manifest.get("bin") {
        Some(Value::Array(all)) => all.iter().filter_map(one).collect(),
        Some(other) => one(other).into_iter().collect(),
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    #[test]
    fn programs_of_users_and_of_the_machine() {
        let tree = Memory::new()
            .directory("Windows/System32")
            .file(
                "Users/anna/scoop/apps/tool/1.2/manifest.json",
                r#"{"version": "1.2", "license": {"identifier": "MIT"}, "bin": ["a.exe", ["b.exe", "b"]]}"#,
            )
            .file(
                "Users/anna/scoop/apps/tool/1.2/install.json",
                r#"{"bucket": "main", "architecture": "64bit"}"#,
            )
            .link("Users/anna/scoop/apps/tool/current", "1.2")
            .file("ProgramData/scoop/apps/other/current/manifest.json", "{");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        let [tool, other] = artifacts.as_slice() else { panic!("{artifacts:?}") };
        assert_eq!((tool.text(Field::Name), tool.text(Field::Source)), (Some("tool"), Some("main")));
        assert_eq!(tool.fields[&Field::Program].texts().collect::<Vec<_>>(), ["a.exe", "b.exe"]);
        assert_eq!((tool.text(Field::License), tool.text(Field::User)), (Some("MIT"), Some("anna")));
        assert_eq!((other.text(Field::Name), gaps.len()), (Some("other"), 1));
    }
}
