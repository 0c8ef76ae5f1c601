//! `privileged_helpers`: tools that apps had installed to run as root, with the identity they carry inside.
//!
//! Source: Apple, "SMJobBless": the tool's property lists are sections of its executable.

use super::bundle;
use crate::collector::{Applies, Collector, Sink};
use crate::format::executable::macho;
use crate::format::text::plist;
use crate::fs::Found;
use crate::fs::root::name_of;
use crate::model::{Artifact, Field, Location};
use crate::target::Target;
use crate::text::shown;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "privileged_helpers",
    about: "Helper tools that apps installed to run as root, with signer and team.",
    applies: Applies::MACOS,
    reads: &["Library/PrivilegedHelperTools/*"],
    walks: &[],
    keys: &[],
    yields: &[
        Field::Name,
        Field::DisplayName,
        Field::BundleIdentifier,
        Field::Version,
        Field::TeamIdentifier,
        Field::Signer,
        Field::SignerChain,
        Field::Path,
    ],
    run,
    visit: None,
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    for found in sink.files(&target.root, COLLECTOR.reads) {
        let artifact = artifact(target, sink, &found);
        sink.artifact(artifact);
    }
}

fn artifact(target: &Target, sink: &mut Sink<'_>, found: &Found) -> Artifact {
    let artifact = Artifact::new(sink.collector(), Location::path(&found.path))
        .with(Field::Name, name_of(found))
        .with(Field::Path, shown(&found.path));
    let file = match target.root.open_found(found) {
        Ok(file) => file,
        Err(fault) => {
            sink.fault(fault);
            return artifact;
        }
    };
    let read = target.root.during(&found.real, || macho::read(file.as_ref()));
    let list = read.and_then(|read| read.value.into_iter().find_map(|one| one.info_plist));
    let info = list.map(|bytes| plist::read(&bytes).value);
    let name = name_of(found);
    let by_name = (info.is_none() && name.matches('.').count() > 1).then_some(name);
    let text = |key: &str| info.as_ref().and_then(|info| info.text(key));
    let artifact = artifact
        // A helper is called after its bundle (SMJobBless).
        .with_many(
            Field::BundleIdentifier,
            [text("CFBundleIdentifier"), by_name.as_deref()].into_iter().flatten(),
        )
        .with_some(Field::DisplayName, text("CFBundleName"))
        .with_some(Field::Version, text("CFBundleShortVersionString").or(text("CFBundleVersion")));
    bundle::signed(target, sink, &found.path, file.as_ref(), artifact)
}
