//! `homebrew_packages`: formulae and casks of Homebrew, which lives in a folder of its own on Apple silicon, in
//! `/usr/local` on Intel and in a home folder on Linux.
//!
//! The folders are the database; receipts add where a package is from. Source: Homebrew, `keg.rb`, `tab.rb` and
//! `cask/metadata.rb`.

use crate::collector::{Applies, Collector, Sink};
use crate::fs::Found;
use crate::fs::tree::{file_name, join, parent};
use crate::model::{Artifact, Field, GapKind, Location, Os, State};
use crate::target::Target;
use crate::text::{shown, text_of};

const FORMULAE: &[&str] =
    &["opt/homebrew/Cellar/*/*/", "usr/local/Cellar/*/*/", "home/linuxbrew/.linuxbrew/Cellar/*/*/"];
const CASKS: &[&str] = &["opt/homebrew/Caskroom/*/*/", "usr/local/Caskroom/*/*/"];

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "homebrew_packages",
    about: "Formulae and casks of Homebrew.",
    applies: Applies { os: &[Os::Macos, Os::Linux], live_only: false, image_only: false },
    reads: &[
        "opt/homebrew/Cellar/*/*/",
        "usr/local/Cellar/*/*/",
        "home/linuxbrew/.linuxbrew/Cellar/*/*/",
        "opt/homebrew/Caskroom/*/*/",
        "usr/local/Caskroom/*/*/",
        "opt/homebrew/Cellar/*/*/INSTALL_RECEIPT.json",
        "usr/local/Cellar/*/*/INSTALL_RECEIPT.json",
        "home/linuxbrew/.linuxbrew/Cellar/*/*/INSTALL_RECEIPT.json",
        "opt/homebrew/Caskroom/*/.metadata/INSTALL_RECEIPT.json",
        "usr/local/Caskroom/*/.metadata/INSTALL_RECEIPT.json",
    ],
    walks: &[],
    keys: &[],
    yields: &[Field::Name, Field::Version, Field::Type, Field::Source, Field::InstallDate, Field::Path],
    run,
    visit: None,
};

/// Bytes read of a receipt.
const LIMIT: usize = 4 << 20;

fn run(target: &Target, sink: &mut Sink<'_>) {
    for pattern in FORMULAE {
        for found in sink.glob(&target.root, pattern) {
            one(target, sink, &found, "formula", &found.real);
        }
    }
    for pattern in CASKS {
        for found in sink.glob(&target.root, pattern) {
            // `.metadata` and `.upgrading` are Homebrew's own.
            if !file_name(&found.path).starts_with(b".") {
                one(target, sink, &found, "cask", &join(parent(&found.real), b".metadata"));
            }
        }
    }
}

fn one(target: &Target, sink: &mut Sink<'_>, found: &Found, kind: &str, receipt_folder: &[u8]) {
    if !found.is_directory() {
        return;
    }
    let is_empty = match target.root.list_found(found) {
        Ok(names) => names.is_empty(),
        Err(fault) => {
            sink.fault(fault);
            false
        }
    };
    let path = join(receipt_folder, b"INSTALL_RECEIPT.json");
    let bytes = sink.read_path(&target.root, &path, LIMIT);
    let receipt = bytes.and_then(|bytes| match serde_json::from_slice::<serde_json::Value>(&bytes) {
        Ok(receipt) => Some(receipt),
        Err(error) => {
            sink.gap(GapKind::Corrupt, shown(&path), format!("not JSON: {error}"));
            None
        }
    });
    let at = |pointer: &str| receipt.as_ref().and_then(|receipt| receipt.pointer(pointer));
    let installed = at("/time").and_then(serde_json::Value::as_i64);
    let installed = installed.and_then(|time| jiff::Timestamp::from_second(time).ok());
    let artifact = Artifact::new(sink.collector(), Location::path(&found.path))
        .state(if is_empty { State::Remnant } else { State::Installed })
        .with(Field::Name, text_of(file_name(parent(&found.path))))
        .with(Field::Version, text_of(file_name(&found.path)))
        .with(Field::Type, kind)
        .with_some(Field::Source, at("/source/tap").and_then(serde_json::Value::as_str))
        .with_some(Field::InstallDate, installed.map(|time| time.to_string()))
        .with(Field::Path, shown(&found.path));
    sink.artifact(artifact);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    #[test]
    fn formulae_and_casks_of_both_prefixes() {
        let tree = Memory::new()
            .file(
                "usr/local/Cellar/rclone/1.67.0/INSTALL_RECEIPT.json",
                "{\"time\": 1722991679, \"source\": {\"tap\": \"homebrew/core\"}}",
            )
            .file("opt/homebrew/Cellar/jq/1.7/INSTALL_RECEIPT.json", "{cut")
            .file("opt/homebrew/Caskroom/firefox/130.0.1/firefox.app", "")
            .file(
                "opt/homebrew/Caskroom/firefox/.metadata/INSTALL_RECEIPT.json",
                "{\"source\": {\"tap\": \"homebrew/cask\"}}",
            )
            .directory("usr/local/Caskroom/left/1.0");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        assert_eq!(gaps.len(), 1);
        let uninstalls: Vec<_> = artifacts
            .iter()
            .map(|it| {
                (
                    it.text(Field::Name).unwrap(),
                    it.text(Field::Version).unwrap(),
                    it.text(Field::Source),
                    it.state,
                )
            })
            .collect();
        assert_eq!(
            uninstalls,
            [
                ("jq", "1.7", None, State::Installed),
                ("rclone", "1.67.0", Some("homebrew/core"), State::Installed),
                ("firefox", "130.0.1", Some("homebrew/cask"), State::Installed),
                ("left", "1.0", None, State::Remnant),
            ]
        );
        assert_eq!(artifacts[1].text(Field::InstallDate), Some("2024-08-07T00:47:59Z"));
    }
}
