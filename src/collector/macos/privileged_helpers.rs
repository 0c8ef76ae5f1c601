//! `privileged_helpers`: tools that apps had installed to run as root, with the identity they carry inside.
//!
//! Source: Apple, "SMJobBless": the tool's property lists are sections of its executable.

use super::{bundle, not_a_dictionary};
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
    let info = list.map(|bytes| plist::read(&bytes));
    if let Some(info) = &info {
        let damage = not_a_dictionary(&info.value).into_iter().chain(info.damage.iter().cloned());
        sink.damage(&found.path, &damage.take(1).collect::<Vec<_>>());
    }
    let info = info.map(|info| info.value);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::{GapKind, TargetKind};

    /// A Mach-O file with one section, the property list.
    fn tool(list: &[u8]) -> Vec<u8> {
        let name = |text: &str| {
            let mut name = text.as_bytes().to_vec();
            name.resize(16, 0);
            name
        };
        let words = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
        let long = |value: usize| (value as u64).to_le_bytes().to_vec();
        let section = [
            name("__info_plist"),
            name("__TEXT"),
            long(0x400),
            long(list.len()),
            words(&[0x400, 0, 0, 0, 0, 0, 0, 0]),
        ];
        let segment = [
            words(&[0x19, 72 + 80]),
            name("__TEXT"),
            long(0),
            long(0x1000),
            long(0),
            long(0x1000),
            words(&[5, 5, 1, 0]),
            section.concat(),
        ];
        let head = words(&[0xfeed_facf, 0x0100_0007, 3, 2, 1, 152, 0, 0]);
        let mut file = [head, segment.concat()].concat();
        file.resize(0x400, 0);
        file.extend_from_slice(list);
        file.resize(0x1000, 0);
        file
    }

    #[test]
    fn a_list_inside_of_a_tool_that_is_damaged_is_a_gap() {
        let whole =
            b"<plist><dict><key>CFBundleIdentifier</key><string>com.vendor.helper</string></dict></plist>";
        for (list, id, gap) in [
            (whole.as_slice(), Some("com.vendor.helper"), None),
            (&whole[..60], None, Some(GapKind::Truncated)),
            (b"\x01\x02junk", None, Some(GapKind::Corrupt)),
            (&[0; 90], None, Some(GapKind::Corrupt)),
        ] {
            let tree = Memory::new().file("Library/PrivilegedHelperTools/helper", tool(list));
            let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
            let (found, gaps) = collect(&COLLECTOR, &target);
            let [found] = found.as_slice() else { panic!("{found:?}") };
            assert_eq!(found.text(Field::BundleIdentifier), id);
            assert_eq!(gaps.first().map(|gap| gap.kind), gap, "{gaps:?}");
        }
    }
}
