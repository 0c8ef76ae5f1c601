//! `xbps_packages`: the database of XBPS.

use crate::collector::{Applies, Collector, Sink};
use crate::format::package::xbps;
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "xbps_packages",
    about: "Packages of XBPS (Void Linux).",
    applies: Applies::LINUX,
    reads: &["var/db/xbps/pkgdb*.plist"],
    walks: &[],
    keys: &[],
    yields: &[
        Field::Name,
        Field::Version,
        Field::Arch,
        Field::Maintainer,
        Field::Status,
        Field::Source,
        Field::License,
        Field::Homepage,
        Field::Description,
        Field::InstallDate,
        Field::Size,
    ],
    run,
    visit: None,
};

/// Bytes read of a database.
const LIMIT: usize = 64 << 20;

fn run(target: &Target, sink: &mut Sink<'_>) {
    for found in sink.files(&target.root, COLLECTOR.reads) {
        let Some(bytes) = sink.read(&target.root, &found, LIMIT) else { continue };
        let read = xbps::read(&bytes);
        sink.damage(&found.path, &read.damage);
        for package in read.value {
            let is_gone = matches!(package.state.as_deref(), Some("not-installed" | "half-removed"));
            let artifact =
                Artifact::new(sink.collector(), Location::record(&found.path, package.name.as_str()))
                    .state(if is_gone { State::Remnant } else { State::Installed })
                    .with(Field::Name, package.name)
                    .with_some(Field::Version, package.version)
                    .with_some(Field::Arch, package.arch)
                    .with_some(Field::Maintainer, package.maintainer)
                    .with_some(Field::Status, package.state)
                    .with_some(Field::Source, package.repository)
                    .with_some(Field::License, package.license)
                    .with_some(Field::Homepage, package.homepage)
                    .with_some(Field::Description, package.description)
                    .with_some(Field::InstallDate, package.install_date)
                    .with_some(Field::Size, package.size);
            sink.artifact(artifact);
        }
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
    fn states_follow_the_database() {
        let list = "<plist><dict><key>a</key><dict><key>pkgver</key><string>a-1_1</string><key>state</key><string>installed</string></dict>\
            <key>b</key><dict><key>pkgver</key><string>b-2_1</string><key>state</key><string>half-removed</string></dict></dict></plist>";
        let tree = Memory::new().file("var/db/xbps/pkgdb-0.38.plist", list);
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        assert_eq!(gaps, []);
        let states: Vec<_> = artifacts.iter().map(|it| (it.text(Field::Version), it.state)).collect();
        assert_eq!(states, [(Some("1_1"), State::Installed), (Some("2_1"), State::Remnant)]);
    }
}
