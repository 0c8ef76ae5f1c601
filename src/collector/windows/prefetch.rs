//! `prefetch`: programs that were started, by the files that Windows keeps to start them faster.
//!
//! Each is called `NAME.EXE-HASH.pf`; the hash is of the path (and, for some, of the command line). The program may
//! be gone since: what it shows is that it ran.

use crate::collector::{Applies, Collector, Sink};
use crate::fs::root::name_of;
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::shown;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "prefetch",
    about: "Programs that were started on this Windows, by the names of its prefetch files.",
    applies: Applies::WINDOWS,
    reads: &["Windows/Prefetch/*.pf"],
    walks: &[],
    keys: &[],
    yields: &[Field::Name, Field::Path],
    run,
    visit: None,
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    for found in sink.files(&target.root, COLLECTOR.reads) {
        let Some(name) = program(&name_of(&found)) else { continue };
        let artifact = Artifact::new(sink.collector(), Location::path(&found.path))
            .state(State::Remnant)
            .with(Field::Name, name)
            .with(Field::Path, shown(&found.path));
        sink.artifact(artifact);
    }
}

/// `AVP.EXE` of `AVP.EXE-1A2B3C4D.pf`.
fn program(file: &str) -> Option<String> {
    let stem = file.get(..file.len().checked_sub(3)?)?;
    let (name, hash) = stem.rsplit_once('-')?;
    let is_hash = hash.len() == 8 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_hash && !name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    #[test]
    fn names_without_their_hash() {
        let tree = Memory::new()
            .directory("Windows/System32")
            .file("Windows/Prefetch/SOME-TOOL.EXE-0A1B2C3D.pf", "MAM\x04")
            .file("Windows/Prefetch/layout.ini", "")
            .file("Windows/Prefetch/PfPre_b40a8cd6.pf", "");
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        assert!(gaps.is_empty());
        let names: Vec<_> = artifacts.iter().map(|one| one.text(Field::Name).unwrap()).collect();
        assert_eq!((names.as_slice(), artifacts[0].state), (["SOME-TOOL.EXE"].as_slice(), State::Remnant));
    }
}
