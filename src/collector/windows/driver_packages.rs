//! `driver_packages`: packages in the driver store, by their `.inf` files.
//!
//! Every driver package that did not come with Windows is published as `oem*.inf`; a folder in the store that no
//! such file stands for is read too, because a removal may leave it. Drivers seldom carry a signature themselves: who
//! signed is recognised by the catalogue of the package. Whether a file is the very one that the catalogue lists is not
//! checked. Format: Microsoft's "INF Version Section", "Catalog Files and Digital Signatures".

use std::collections::{BTreeMap, BTreeSet};

use crate::bytes::{Damage, DamageKind};
use crate::collector::{Applies, Collector, Sink};
use crate::format::certificate::pkcs7::{self, SignedData};
use crate::format::text::ini::{self, Dialect};
use crate::format::text::xml;
use crate::fs::Found;
use crate::fs::root::name_of;
use crate::fs::tree::{file_name, join, parent};
use crate::model::{Artifact, Field, Location, State};
use crate::registry::{HIVES, Key, with_hives};
use crate::target::Target;
use crate::text::{shown, text_of};

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "driver_packages",
    about: "Driver packages in the driver store: provider, class, version, services, signer of the catalogue.",
    applies: Applies::WINDOWS,
    reads: &with_hives::<{ HIVES.len() + READS.len() }>(READS),
    walks: &[],
    keys: &[
        r"HKLM\SYSTEM\CurrentControlSet\Services\*",
        r"HKLM\SYSTEM\CurrentControlSet\Control\Class\*\*",
        r"HKLM\SYSTEM\DriverDatabase\DriverInfFiles\*",
        r"HKLM\SYSTEM\DriverDatabase\DriverPackages\*",
        r"HKLM\DRIVERS\DriverDatabase\DriverPackages\*",
    ],
    yields: &[
        Field::Name,
        Field::Publisher,
        Field::Version,
        Field::Type,
        Field::Service,
        Field::Source,
        Field::Signer,
        Field::SignerChain,
        Field::Path,
        Field::Key,
    ],
    run,
    visit: None,
};

const READS: &[&str] = &[
    PACKAGES[0],
    PACKAGES[1],
    "Windows/System32/CatRoot/*/oem*.cat",
    "Windows/System32/DriverStore/FileRepository/*/*.cat",
];
const PACKAGES: [&str; 2] = ["Windows/INF/oem*.inf", "Windows/System32/DriverStore/FileRepository/*/*.inf"];
/// Where the catalogues of published packages are: `oem1.cat` of `oem1.inf`.
const CATALOGUES: &[u8] = b"Windows/System32/CatRoot/{F750E6C3-38EE-11D1-85E5-00C04FC295EE}";

/// Bytes read of one file; those of graphics drivers reach 4 MB.
const LIMIT: usize = 8 << 20;

fn run(target: &Target, sink: &mut Sink<'_>) {
    let in_use = InUse::read(target, sink);
    for found in sink.files(&target.root, &PACKAGES) {
        let Some(bytes) = sink.read(&target.root, &found, LIMIT) else { continue };
        let text = xml::decoded(&bytes);
        let settings = ini::parse(text.as_bytes(), Dialect::default());
        // One byte alone is a byte order mark that is cut off.
        let is_wide = matches!(bytes.get(..2), Some([0xff, 0xfe] | [0xfe, 0xff]));
        if is_wide && bytes.len() % 2 == 1 || matches!(*bytes, [0xff | 0xfe]) {
            sink.damage(
                &found.path,
                &[Damage::new(DamageKind::Truncated, None, "the file ends inside a character")],
            );
        }
        let inf = Inf::of(&settings.value);
        // Microsoft's "INF Version Section": it is required, as is its signature.
        if inf.version("signature").is_none() {
            let what = "there is no [Version] section, which says whose package it is";
            sink.damage(&found.path, &[Damage::new(DamageKind::Corrupt, None, what)]);
        }
        let date_and_version = inf.version("driverver");
        let version =
            date_and_version.as_deref().and_then(|text| text.rsplit_once(',')).map(|(_, it)| it.trim());
        let signed = catalogue(target, sink, &found, inf.version("catalogfile"));
        let is_used =
            in_use.is_used(&name_of(&found), &text_of(file_name(parent(&found.path))), &inf.services);
        let artifact = Artifact::new(sink.collector(), Location::path(&found.path))
            .with_many(Field::Signer, signed.signer_names())
            .with_many(Field::SignerChain, signed.certificate_names())
            .with(Field::Name, name_of(&found))
            .with_some(Field::Publisher, inf.version("provider"))
            .with_some(Field::Version, version)
            .with_some(Field::Type, inf.version("class"))
            .with_some(Field::Source, inf.version("catalogfile"))
            .with_many(Field::Service, inf.services)
            .with(Field::Path, shown(&found.path))
            .state(if is_used { State::Installed } else { State::Remnant });
        sink.artifact(artifact);
    }
    registered(target, sink);
}

/// Packages as the registry has them, which outlast the files of the store, and the drivers of devices.
fn registered(target: &Target, sink: &mut Sink<'_>) {
    let registry = target.registry();
    for (pattern, publisher, kind) in REGISTERED {
        for key in sink.keys(registry, pattern) {
            let values = sink.values(&key);
            let Some(publisher) = values.text(publisher) else { continue };
            // A package of the database is only staged; a device has the driver of its key.
            let is_device = *kind == "device";
            let published = values.text("InfPath").or_else(|| values.text(""));
            let artifact = super::registered::artifact(sink, registry, &key)
                .with_many(Field::Name, [values.text("DriverDesc").unwrap_or_else(|| key.name().to_owned())])
                .with(Field::Publisher, publisher)
                .with_some(Field::Version, values.text("DriverVersion"))
                .with_some(Field::Source, published)
                .with(Field::Type, *kind)
                .state(if is_device { State::Installed } else { State::Remnant });
            sink.artifact(artifact);
        }
    }
}

/// Keys of packages and devices, the value that names their maker, and what they are.
const REGISTERED: &[(&str, &str, &str)] = &[
    (r"HKLM\SYSTEM\DriverDatabase\DriverPackages\*", "Provider", "package"),
    (r"HKLM\DRIVERS\DriverDatabase\DriverPackages\*", "Provider", "package"),
    (r"HKLM\SYSTEM\CurrentControlSet\Control\Class\*\*", "ProviderName", "device"),
];

/// What of the store is in use: a package is only staged as long as no device has it and none of its services is
/// there. Sources: Microsoft's "Registry Trees and Keys for Devices and Drivers" (`InfPath` of a device's software
/// key), "Driver Store".
struct InUse {
    /// Whether the registry can tell.
    is_known: bool,
    services: BTreeSet<String>,
    /// Published names, such as `oem1.inf`.
    published: BTreeSet<String>,
    /// Folders of the store by the published name.
    folders: BTreeMap<String, String>,
}

impl InUse {
    fn read(target: &Target, sink: &mut Sink<'_>) -> InUse {
        let registry = target.registry();
        let names = |sink: &mut Sink<'_>, pattern: &str, value: &str| -> Vec<(String, String)> {
            let keys = sink.keys(registry, pattern);
            let text = |key: &Key<'_>| key.values().items.text(value).unwrap_or_default().to_lowercase();
            keys.iter().map(|key| (key.name().to_lowercase(), text(key))).collect()
        };
        let services = names(sink, r"HKLM\SYSTEM\CurrentControlSet\Services\*", "ImagePath");
        let devices = names(sink, r"HKLM\SYSTEM\CurrentControlSet\Control\Class\*\*", "InfPath");
        let folders = names(sink, r"HKLM\SYSTEM\DriverDatabase\DriverInfFiles\*", "");
        InUse {
            is_known: registry.mounts().any(|(at, _)| at.eq_ignore_ascii_case(r"HKLM\SYSTEM")),
            services: services.into_iter().map(|(name, _)| name).collect(),
            published: devices.into_iter().map(|(_, inf)| inf).collect(),
            folders: folders.into_iter().collect(),
        }
    }

    fn is_used(&self, name: &str, folder: &str, services: &[String]) -> bool {
        let (name, folder) = (name.to_lowercase(), folder.to_lowercase());
        let has_device = || {
            self.published.contains(&name)
                || self.published.iter().any(|inf| self.folders.get(inf) == Some(&folder))
        };
        !self.is_known
            || services.iter().any(|service| self.services.contains(&service.to_lowercase()))
            || has_device()
    }
}

/// The signature of the catalogue that vouches for a package: of a published one under its own name in the store of
/// catalogues, of one in the driver store beside it.
fn catalogue(target: &Target, sink: &mut Sink<'_>, found: &Found, named: Option<String>) -> SignedData {
    let folder = parent(&found.path);
    let published = || {
        let stem = file_name(&found.path).split(|&byte| byte == b'.').next().unwrap_or_default();
        join(CATALOGUES, &[stem, b".cat"].concat())
    };
    let path = match (file_name(folder).eq_ignore_ascii_case(b"INF"), named) {
        (true, _) => published(),
        (false, Some(name)) if !name.contains(['/', '\\']) => join(folder, name.as_bytes()),
        (false, _) => return SignedData::default(),
    };
    // One that is no catalogue, or broken, signs nothing; Windows would say the same.
    sink.read_path(&target.root, &path, LIMIT).map(|bytes| pkcs7::read(&bytes).value).unwrap_or_default()
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
    use crate::fs::Root;
    use crate::fs::memory::Memory;
    use crate::model::TargetKind;

    const CATALOGUE: &[u8] = include_bytes!("../../../tests/fixtures/executables/cms-indefinite.ber");

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
            .file(format!("{store}/x.inf"), text)
            .file(format!("{store}/x.cat"), CATALOGUE)
            .file([CATALOGUES, b"/OEM1.CAT"].concat(), CATALOGUE);
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (artifacts, gaps) = collect(&COLLECTOR, &target);
        assert!(gaps.is_empty() && artifacts.len() == 2, "{artifacts:?}");
        for artifact in &artifacts {
            assert_eq!(artifact.text(Field::Publisher), Some("АО Пример"));
            assert_eq!(artifact.text(Field::Version), Some("30.1.2.3"));
            assert_eq!(artifact.text(Field::Service), Some("examplefs"));
            assert_eq!(artifact.text(Field::Type), Some("ActivityMonitor"));
            assert!(
                artifact.text(Field::Signer).is_some_and(|signer| signer.contains("Example")),
                "{artifact:?}"
            );
        }
    }

    #[test]
    fn a_package_without_its_head_is_damaged() {
        // Bytes in the middle of the byte order mark shift all characters by half, and the first bracket goes with it.
        let mut wide = vec![0xff, b' ', 0xfe];
        wide.extend("[Version]\r\nProvider=\"Example\"\r\n".encode_utf16().flat_map(u16::to_le_bytes));
        let tree = Memory::new().file("Windows/INF/oem1.inf", wide);
        let target = Target::new(TargetKind::Directory, "test", Root::new(Box::new(tree)));
        let (_, gaps) = collect(&COLLECTOR, &target);
        assert_eq!(gaps.len(), 1, "{gaps:?}");
    }
}
