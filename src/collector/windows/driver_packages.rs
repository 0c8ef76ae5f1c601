//! `driver_packages`: packages in the driver store, by their `.inf` files.
//!
//! Every driver package that did not come with Windows is published as `oem*.inf`; a folder in the store that no
//! such file stands for is read too, because a removal may leave it. Format: Microsoft's "INF Version Section".

use std::collections::BTreeMap;

use crate::artifact::{Artifact, Field, Location, shown, text_of};
use crate::collector::{Applies, Collector, Sink};
use crate::format::ini::{self, Dialect};
use crate::format::xml;
use crate::target::Target;
use crate::target::root::name_of;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "driver_packages",
    about: "Driver packages in the driver store: provider, class, version, catalogue.",
    applies: Applies::WINDOWS,
    reads: &["Windows/INF/oem*.inf", "Windows/System32/DriverStore/FileRepository/*/*.inf"],
    walks: &[],
    keys: &[],
    yields: &[
        Field::Name,
        Field::Publisher,
        Field::Version,
        Field::Type,
        Field::Service,
        Field::Source,
        Field::Path,
    ],
    run,
    visit: None,
};

/// Bytes read of one file; those of graphics drivers reach 4 MB.
const LIMIT: usize = 8 << 20;

fn run(target: &Target, sink: &mut Sink<'_>) {
    for found in sink.files(&target.root, COLLECTOR.reads) {
        let Some(bytes) = sink.read(&target.root, &found, LIMIT) else { continue };
        let text = xml::decoded(&bytes);
        let settings = ini::parse(text.as_bytes(), Dialect::default());
        let inf = Inf::of(&settings.value);
        let date_and_version = inf.version("driverver");
        let version =
            date_and_version.as_deref().and_then(|text| text.rsplit_once(',')).map(|(_, it)| it.trim());
        let artifact = Artifact::new(sink.collector(), Location::path(&found.path))
            .with(Field::Name, name_of(&found))
            .with_some(Field::Publisher, inf.version("provider"))
            .with_some(Field::Version, version)
            .with_some(Field::Type, inf.version("class"))
            .with_some(Field::Source, inf.version("catalogfile"))
            .with_many(Field::Service, inf.services)
            .with(Field::Path, shown(&found.path));
        sink.artifact(artifact);
    }
}

/// What identifies a package: its version section, with strings filled in, and the services it adds.
struct Inf {
    strings: BTreeMap<String, String>,
    version: BTreeMap<String, String>,
    services: Vec<String>,
}

impl Inf {
    fn of(settings: &[ini::Setting]) -> Inf {
        let mut inf = Inf { strings: BTreeMap::new(), version: BTreeMap::new(), services: Vec::new() };
        for setting in settings {
            let section = text_of(&setting.section).to_ascii_lowercase();
            let key = text_of(&setting.key).to_ascii_lowercase();
            let value = text_of(&setting.value);
            match section.as_str() {
                "version" => drop(inf.version.insert(key, unquoted(&value).to_owned())),
                // `[Strings]` is for all languages, `[Strings.0419]` for one.
                "strings" => drop(inf.strings.insert(key, unquoted(&value).to_owned())),
                _ if section.starts_with("strings.") => {
                    inf.strings.entry(key).or_insert_with(|| unquoted(&value).to_owned());
                }
                _ if key == "addservice" => {
                    let name = value.split(',').next().unwrap_or_default().trim().trim_matches('"');
                    if inf.services.len() < 100 {
                        inf.services.push(name.to_owned());
                    }
                }
                _ => {}
            }
        }
        let services = std::mem::take(&mut inf.services);
        inf.services = services.iter().map(|name| inf.filled(name)).collect();
        inf
    }

    fn version(&self, key: &str) -> Option<String> {
        self.version.get(key).map(|value| self.filled(value))
    }

    /// `%Name%` stands for a string.
    fn filled(&self, value: &str) -> String {
        let name = value.strip_prefix('%').and_then(|rest| rest.strip_suffix('%'));
        let found = name.and_then(|name| self.strings.get(&name.to_ascii_lowercase()));
        found.cloned().unwrap_or_else(|| value.to_owned())
    }
}

/// A value without the comment behind it and without quotes.
fn unquoted(value: &str) -> &str {
    let value = value.trim();
    match value.strip_prefix('"') {
        Some(rest) => rest.split('"').next().unwrap_or_default(),
        None => value.split(';').next().unwrap_or_default().trim(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::target::memory::Memory;
    use crate::target::{Root, TargetKind};

    #[test]
    fn strings_are_filled_in_whatever_the_encoding() {
        let text = "[Version]\r\nSignature=\"$Windows NT$\"\r\nClass = ActivityMonitor ; a filter\r\nProvider=%Vendor%\r\n\
                    DriverVer=01/02/2026,30.1.2.3\r\nCatalogFile=x.cat\r\n[DefaultInstall.Services]\r\nAddService=%Svc%,0x2,S\r\n\
                    [Strings]\r\nVendor = \"АО Пример\"\r\nsvc=\"examplefs\"\r\n";
        let mut wide = vec![0xff, 0xfe];
        wide.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
        let store = "Windows/System32/DriverStore/FileRepository/x.inf_amd64_0123";
        let tree = Memory::new()
            .file("Windows/INF/oem1.inf", wide)
            .file("Windows/INF/netrast.inf", "")
            .file(format!("{store}/x.inf"), text);
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        assert!(gaps.is_empty() && artifacts.len() == 2, "{artifacts:?}");
        for artifact in &artifacts {
            assert_eq!(artifact.text(Field::Publisher), Some("АО Пример"));
            assert_eq!(artifact.text(Field::Version), Some("30.1.2.3"));
            assert_eq!(artifact.text(Field::Service), Some("examplefs"));
            assert_eq!(artifact.text(Field::Type), Some("ActivityMonitor"));
        }
    }
}
