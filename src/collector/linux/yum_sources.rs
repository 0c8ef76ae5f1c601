//! `yum_sources`: where yum, dnf and zypper get packages from.
//!
//! A source is not the software: alone it is a remnant, whether or not it is switched on.

use std::collections::BTreeMap;

use crate::collector::{Applies, Collector, Sink};
use crate::format::text::ini::{self, Dialect, Setting};
use crate::fs::Found;
use crate::model::{Artifact, Field, Location, State};
use crate::target::Target;
use crate::text::{shown, text_of};

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "yum_sources",
    about: "Package sources of yum, dnf and zypper, switched on or off.",
    applies: Applies::LINUX,
    reads: &[
        "etc/yum.conf",
        "etc/dnf/dnf.conf",
        "etc/yum.repos.d/*.repo",
        "etc/distro.repos.d/*.repo",
        "etc/zypp/repos.d/*.repo",
        "etc/zypp/services.d/*.service",
    ],
    walks: &[],
    keys: &[],
    yields: &[Field::Name, Field::DisplayName, Field::Source, Field::Enabled, Field::Path],
    run,
    visit: None,
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    for found in sink.files(&target.root, COLLECTOR.reads) {
        let Some(bytes) = sink.read(&target.root, &found, 1 << 20) else { continue };
        let parsed = ini::parse(&bytes, Dialect { indent_continues: true, ..Dialect::default() });
        sink.damage(&found.path, &parsed.damage);
        let mut sections: BTreeMap<&[u8], Vec<&Setting>> = BTreeMap::new();
        for setting in &parsed.value {
            sections.entry(&setting.section).or_default().push(setting);
        }
        for (name, settings) in sections.into_iter().filter(|(name, _)| !matches!(*name, b"" | b"main")) {
            let artifact = artifact(sink, &found, name, &settings);
            sink.artifact(artifact);
        }
    }
}

fn artifact(sink: &Sink<'_>, found: &Found, name: &[u8], settings: &[&Setting]) -> Artifact {
    let last = |key: &[u8]| settings.iter().rfind(|setting| setting.key == key).map(|s| text_of(&s.value));
    let addresses = settings
        .iter()
        .filter(|setting| matches!(setting.key.as_slice(), b"baseurl" | b"mirrorlist" | b"metalink" | b"url"))
        .flat_map(|setting| setting.value.split(|byte| byte.is_ascii_whitespace() || *byte == b','))
        .map(text_of);
    let off = last(b"enabled")
        .is_some_and(|value| ["0", "no", "false", "off"].iter().any(|off| value.eq_ignore_ascii_case(off)));
    Artifact::new(sink.collector(), Location::record(&found.path, text_of(name)))
        .state(State::Remnant)
        .with(Field::Name, text_of(name))
        .with_some(Field::DisplayName, last(b"name"))
        .with_many(Field::Source, addresses)
        .with(Field::Enabled, if off { "no" } else { "yes" })
        .with(Field::Path, shown(&found.path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    #[test]
    fn sections_are_sources() {
        let tree = Memory::new().file("etc/yum.conf", "[main]\ngpgcheck=1\n").file(
            "etc/yum.repos.d/v.repo",
            "[v]\nname=Vendor $releasever\nbaseurl=https://a.example/\n  https://b.example/\nenabled=0\n[w]\nmetalink=https://c.example/\n",
        );
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        assert!(gaps.is_empty(), "{gaps:?}");
        let [v, w] = artifacts.as_slice() else { panic!("{artifacts:?}") };
        assert_eq!(v.fields[&Field::Source].texts().count(), 2);
        assert_eq!(
            (v.text(Field::Enabled), v.text(Field::DisplayName)),
            (Some("no"), Some("Vendor $releasever"))
        );
        assert_eq!((w.text(Field::Name), w.text(Field::Enabled)), (Some("w"), Some("yes")));
    }
}
