//! `system_extensions`: what macOS keeps of the system extensions that apps had it activate.
//!
//! They run from a folder of their own and outlive the app they came in. Source: systemextensionsctl(8); the list
//! is read as osquery's table of this name reads it.

use super::extension_state::{path_of, state_of};
use super::{bundle, dictionary};
use crate::collector::{Applies, Collector, Sink, Visit};
use crate::format::text::plist::Value;
use crate::fs::{Entry, Found};
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "system_extensions",
    about: "System extensions that were activated, with state and team, their bundles, and the teams that profiles allow.",
    applies: Applies::MACOS,
    reads: &["Library/SystemExtensions/db.plist"],
    walks: &["Library/SystemExtensions"],
    keys: &[],
    yields: &[
        Field::Name,
        Field::DisplayName,
        Field::BundleIdentifier,
        Field::Version,
        Field::Release,
        Field::Copyright,
        Field::Section,
        Field::Description,
        Field::Type,
        Field::Status,
        Field::Program,
        Field::OnDisk,
        Field::TeamIdentifier,
        Field::Signer,
        Field::SignerChain,
        Field::InstallSource,
        Field::User,
        Field::Path,
    ],
    run,
    visit: Some(Visit { wants, file }),
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    for found in sink.files(&target.root, COLLECTOR.reads) {
        let Some(list) = dictionary(&target.root, sink, &found) else { continue };
        for extension in list.get("extensions").map(Value::items).unwrap_or_default() {
            let artifact = activated(target, sink, &found, extension);
            sink.artifact(artifact);
        }
        for policy in list.get("extensionPolicies").map(Value::items).unwrap_or_default() {
            let teams = policy.texts("allowedTeamIdentifiers").into_iter().map(str::to_owned);
            let by_team = policy.get("allowedExtensions").map(Value::entries).unwrap_or_default();
            let teams: Vec<String> = teams.chain(by_team.iter().map(|(team, _)| team.clone())).collect();
            let identifiers = by_team.iter().flat_map(|(_, list)| list.items()).filter_map(Value::as_text);
            let artifact =
                Artifact::new(sink.collector(), Location::record(&found.path, "extensionPolicies"))
                    .state(State::Remnant)
                    .with(Field::Type, "policy")
                    .with_many(Field::TeamIdentifier, teams)
                    .with_many(Field::BundleIdentifier, identifiers);
            if !artifact.fields.is_empty() {
                sink.artifact(artifact);
            }
        }
    }
}

fn activated(target: &Target, sink: &Sink<'_>, found: &Found, extension: &Value) -> Artifact {
    let identifier = extension.text("identifier").unwrap_or_default();
    let status = extension.text("state").unwrap_or_default();
    let version = extension.get("bundleVersion");
    let short = version.and_then(|it| it.text("CFBundleShortVersionString"));
    let build = version.and_then(|it| it.text("CFBundleVersion"));
    let staged = extension.get("stagedBundleURL").and_then(|it| it.text("relative")).map(path_of);
    let origin = extension.text("originPath").map(path_of);
    let container = extension.get("container").and_then(|it| it.text("bundlePath")).map(path_of);
    let state = match state_of(status) {
        State::Installed if target.is_live() && status == "activated_enabled" => State::Running,
        state => state,
    };
    let there = staged.as_deref().map(|path| if target.root.is_gone(path.as_bytes()) { "no" } else { "yes" });
    Artifact::new(sink.collector(), Location::record(&found.path, identifier))
        .state(state)
        .with(Field::Name, identifier)
        .with(Field::BundleIdentifier, identifier)
        .with_some(Field::TeamIdentifier, extension.text("teamID"))
        .with_some(Field::Version, short.or(build))
        .with_some(Field::Release, build.filter(|build| short.is_some_and(|short| short != *build)))
        .with(Field::Status, status)
        .with_many(Field::Section, extension.texts("categories"))
        .with_many(Field::InstallSource, origin.into_iter().chain(container))
        .with(Field::Type, "activation")
        .with_some(Field::OnDisk, there)
        .with_some(Field::Path, staged)
}

fn wants(entry: &Entry<'_>) -> bool {
    bundle::wanted(entry, &[b"systemextension", b"dext"])
}

fn file(target: &Target, entry: &Entry<'_>, sink: &mut Sink<'_>) {
    let info = bundle::info(entry, sink);
    let artifact = bundle::artifact(target, sink, entry.path(), &info, "bundle");
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
    fn a_bundle_has_the_state_that_macos_gives_it() {
        let state = |status: &str| {
            let list = format!(
                "<plist><dict><key>extensions</key><array><dict><key>identifier</key><string>com.example.ext</string>\
                <key>uniqueID</key><string>U-1</string><key>state</key><string>{status}</string></dict></array></dict></plist>"
            );
            let tree = Memory::new().file("Library/SystemExtensions/db.plist", list).file(
                "Library/SystemExtensions/U-1/e.systemextension/Contents/Info.plist",
                "<plist><dict><key>CFBundleIdentifier</key><string>com.example.ext</string></dict></plist>",
            );
            let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
            collect(&COLLECTOR, &target).0.iter().map(|one| one.state).collect::<Vec<_>>()
        };
        assert_eq!(state("activated_enabled"), [State::Installed; 2]);
        assert_eq!(state("activated_disabled"), [State::Disabled; 2]);
        assert_eq!(state("terminated_waiting_to_uninstall_on_reboot"), [State::Remnant; 2]);
    }

    #[test]
    fn an_extension_outlives_its_app() {
        let list = "<plist><dict><key>extensions</key><array><dict><key>identifier</key><string>com.example.ext</string>\
            <key>teamID</key><string>EXAMPLE123</string><key>state</key><string>activated_enabled</string>\
            <key>bundleVersion</key><dict><key>CFBundleVersion</key><string>7</string></dict>\
            <key>originPath</key><string>/Applications/Gone.app/Contents/Library/SystemExtensions/e.systemextension</string>\
            <key>stagedBundleURL</key><dict><key>relative</key><string>file:///Library/SystemExtensions/U/my%20e.systemextension/</string></dict>\
            </dict><dict><key>identifier</key><string>com.example.old</string><key>state</key><string>terminated_waiting_to_uninstall_on_reboot</string></dict></array>\
            <key>extensionPolicies</key><array><dict><key>allowedTeamIdentifiers</key><array><string>OTHER12345</string></array></dict></array></dict></plist>";
        let tree = Memory::new().file("Library/SystemExtensions/db.plist", list).file(
            "Library/SystemExtensions/U/my e.systemextension/Contents/Info.plist",
            "<plist><dict><key>CFBundleIdentifier</key><string>com.example.ext</string></dict></plist>",
        );
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        assert!(gaps.is_empty(), "{gaps:?}");
        let [active, old, policy, bundle] = artifacts.as_slice() else { panic!("{artifacts:?}") };
        assert_eq!(
            (active.state, active.text(Field::TeamIdentifier)),
            (State::Installed, Some("EXAMPLE123"))
        );
        assert_eq!((active.text(Field::OnDisk), active.text(Field::Version)), (Some("yes"), Some("7")));
        assert_eq!((old.state, bundle.state), (State::Remnant, State::Installed));
        assert_eq!(policy.text(Field::TeamIdentifier), Some("OTHER12345"));
    }
}
