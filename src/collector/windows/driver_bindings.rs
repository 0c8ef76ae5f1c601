//! `driver_bindings`: drivers that Windows loads for a class of devices, in safe mode or before all others. A driver that is
//! removed while a class still names it leaves a machine without keyboard or disk.
//!
//! Sources: Microsoft's "Device filter driver ordering" (`UpperFilters`, `LowerFilters`), "SafeBoot" keys, "Early launch
//! antimalware" (`ELAMBKUP` holds the copies that a repair uses).

use super::registered::{artifact, is_gone, state};
use crate::collector::common::program_files::identity_of;
use crate::collector::{Applies, Collector, Sink};
use crate::fs::root::name_of;
use crate::model::{Artifact, Field, Location, State};
use crate::registry::{HIVES, Key, with_hives};
use crate::target::Target;
use crate::text::{shown, text_of};

/// Keys that name filters of a class, and of single devices.
const FILTERS: &[&str] = &[
    r"HKLM\SYSTEM\CurrentControlSet\Control\Class\*",
    r"HKLM\SYSTEM\CurrentControlSet\Control\Class\*\*",
    r"HKLM\SYSTEM\CurrentControlSet\Enum\*\*\*",
];
/// What classes keep of devices.
const INSTANCES: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\Class\*\*";
/// Devices.
const DEVICES: &str = r"HKLM\SYSTEM\CurrentControlSet\Enum\*\*\*";
const VALUES: &[(&str, &str)] = &[
    ("UpperFilters", "upper-filter"),
    ("LowerFilters", "lower-filter"),
    ("*UpperFilters", "upper-filter"),
    ("*LowerFilters", "lower-filter"),
];
/// What is loaded in safe mode.
const SAFE_BOOT: &str = r"HKLM\SYSTEM\CurrentControlSet\Control\SafeBoot\*\*";
/// Copies of drivers that are loaded before all others.
const BACKUPS: &[&str] = &["Windows/ELAMBKUP/*"];

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "driver_bindings",
    about: "Drivers and services that Windows loads for classes of devices (filters), in safe mode, devices with their manufacturer, and copies of early-launch drivers.",
    applies: Applies::WINDOWS,
    reads: &with_hives::<{ HIVES.len() + BACKUPS.len() }>(BACKUPS),
    walks: &[],
    keys: &[
        r"HKLM\SYSTEM\CurrentControlSet\Control\Class\*",
        r"HKLM\SYSTEM\CurrentControlSet\Enum\*\*\*",
        INSTANCES,
        SAFE_BOOT,
    ],
    yields: &[
        Field::Name,
        Field::Path,
        Field::Type,
        Field::Section,
        Field::Company,
        Field::Signer,
        Field::Key,
    ],
    run,
    visit: None,
};

fn run(target: &Target, sink: &mut Sink<'_>) {
    for pattern in FILTERS {
        for key in sink.keys(target.registry(), pattern) {
            let values = sink.values(&key);
            for (value, kind) in VALUES {
                for name in values.texts(value) {
                    let section = values.text("Class").unwrap_or_else(|| key.name().to_owned());
                    let artifact = binding(target, sink, &key, &name, kind).with(Field::Section, section);
                    sink.artifact(artifact);
                }
            }
        }
    }
    for key in sink.keys(target.registry(), DEVICES) {
        device(target, sink, &key);
    }
    for key in sink.keys(target.registry(), INSTANCES) {
        instance(target, sink, &key);
    }
    for key in sink.keys(target.registry(), SAFE_BOOT) {
        // Classes of devices and groups are Windows' own.
        let kind = sink.values(&key).text("").unwrap_or_default();
        if key.name().starts_with('{') || kind.eq_ignore_ascii_case("DriverGroup") {
            continue;
        }
        let mode = key.path().rsplit('\\').nth(1).unwrap_or_default().to_owned();
        let artifact = binding(target, sink, &key, key.name(), "safe-boot").with(Field::Section, mode);
        sink.artifact(artifact);
    }
    for found in sink.files(&target.root, BACKUPS) {
        let name = name_of(&found);
        let stem = name.rsplit_once('.').map_or(name.as_str(), |(stem, _)| stem);
        let identity = identity_of(target, &found.real);
        let text = |field| identity.as_ref().and_then(|one| one.text(field)).map(str::to_owned);
        let artifact = Artifact::new(sink.collector(), Location::path(&found.path))
            .with(Field::Name, stem)
            .with(Field::Path, shown(&found.path))
            .with(Field::Type, "early-launch-backup")
            .with_some(Field::Company, text(Field::Company))
            .with_some(Field::Signer, text(Field::Signer))
            .state(State::Remnant);
        sink.artifact(artifact);
    }
}

/// What a class keeps of a device, also of one that is gone: who made the driver, and what it is called.
fn instance(target: &Target, sink: &mut Sink<'_>, key: &Key<'_>) {
    let values = sink.values(key);
    let Some(company) = values.text("ProviderName") else { return };
    let name = values.text("ComponentId").or_else(|| values.text("MatchingDeviceId"));
    let artifact = artifact(sink, target.registry(), key)
        .with(Field::Name, name.unwrap_or_else(|| key.name().to_owned()))
        .with(Field::Type, "device-driver")
        .with(Field::Company, company)
        .with_some(Field::Section, values.text("DriverDesc"))
        .state(State::Remnant);
    sink.artifact(artifact);
}

/// A device by its manufacturer, as the driver that serves it gives it: `@oem5.inf,%name%;Manufacturer`.
fn device(target: &Target, sink: &mut Sink<'_>, key: &Key<'_>) {
    let values = sink.values(key);
    let text = |name| {
        let text = values.text(name)?;
        Some(text.rsplit_once(';').map_or(text.as_str(), |(_, shown)| shown).to_owned())
    };
    let Some(company) = text("Mfg") else { return };
    let service = values.text("Service").unwrap_or_default();
    let artifact = if service.is_empty() {
        artifact(sink, target.registry(), key)
            .with(Field::Name, key.name())
            .with(Field::Type, "device")
            .state(State::Remnant)
    } else {
        binding(target, sink, key, &service, "device")
    };
    let shown = text("FriendlyName").or_else(|| text("DeviceDesc"));
    sink.artifact(artifact.with(Field::Company, company).with_some(Field::Section, shown));
}

/// A driver or service that a key names; what the name stands for is gone when neither its service nor its file is there.
fn binding(target: &Target, sink: &mut Sink<'_>, key: &Key<'_>, name: &str, kind: &str) -> Artifact {
    let registry = target.registry();
    let service = name.strip_suffix(".sys").or_else(|| name.strip_suffix(".SYS")).unwrap_or(name);
    let service_key = format!(r"HKLM\SYSTEM\CurrentControlSet\Services\{service}");
    let services = sink.registry(registry.key(&service_key));
    let image = services.first().and_then(|key| sink.values(key).text("ImagePath"));
    let path = match image.as_deref().and_then(|image| registry.on_target(image)) {
        Some(path) => registry.windows_path(&path),
        None => registry.expand(&format!(r"%SystemRoot%\System32\drivers\{service}.sys"), None),
    };
    let is_left = services.is_empty() && is_gone(target, &path, None);
    artifact(sink, registry, key)
        .with(Field::Name, text_of(service.as_bytes()))
        .with(Field::Path, path)
        .with(Field::Type, kind)
        .state(state(is_left))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collector::collect;
    use crate::collector::windows::testing::complete;
    use crate::registry::Memory;

    #[test]
    fn filters_safe_mode_and_backups() {
        const CONTROL: &str = r"HKLM\SYSTEM\CurrentControlSet\Control";
        let keyboard = format!(r"{CONTROL}\Class\{{4d36e96b-e325-11ce-bfc1-08002be10318}}");
        let registry = Memory::new()
            .value(&keyboard, "UpperFilters", ["guardkbd", "kbdclass"])
            .value(&keyboard, "Class", "Keyboard")
            .value(&format!(r"{CONTROL}\SafeBoot\Minimal\guard.sys"), "", "Driver")
            .value(&format!(r"{CONTROL}\SafeBoot\Network\Base"), "", "DriverGroup")
            .value(
                r"HKLM\SYSTEM\CurrentControlSet\Services\guard",
                "ImagePath",
                r"system32\drivers\vendor\guard.sys",
            )
            .value(r"HKLM\SYSTEM\CurrentControlSet\Enum\USB\VID\1", "LowerFilters", "guardusb")
            .value(r"HKLM\SYSTEM\CurrentControlSet\Enum\ROOT\NET\0000", "Mfg", "@oem5.inf,%v%;Vendor Lab")
            .value(r"HKLM\SYSTEM\CurrentControlSet\Enum\ROOT\NET\0000", "DeviceDesc", "@oem5.inf,%d%;Adapter")
            .value(r"HKLM\SYSTEM\CurrentControlSet\Enum\ROOT\NET\0000", "Service", "guard");
        let target = complete()
            .file("Windows/System32/drivers/kbdclass.sys", "")
            .file("Windows/ELAMBKUP/guardelam.sys", "MZ")
            .target(registry);
        let (found, gaps) = collect(&COLLECTOR, &target);
        assert!(gaps.is_empty(), "{gaps:?}");
        let text = |one: &Artifact, field| one.text(field).unwrap_or_default().to_owned();
        let seen: Vec<_> = found
            .iter()
            .map(|one| (text(one, Field::Name), text(one, Field::Type), text(one, Field::Section), one.state))
            .collect();
        let expected = [
            ("guardkbd", "upper-filter", "Keyboard", State::Remnant),
            ("kbdclass", "upper-filter", "Keyboard", State::Installed),
            ("guardusb", "lower-filter", "1", State::Remnant),
            ("guard", "device", "Adapter", State::Installed),
            ("guard", "safe-boot", "Minimal", State::Installed),
            ("guardelam", "early-launch-backup", "", State::Remnant),
        ];
        let expected: Vec<_> =
            expected.map(|(a, b, c, state)| (a.to_owned(), b.to_owned(), c.to_owned(), state)).to_vec();
        assert_eq!(seen, expected);
        assert_eq!(found[3].text(Field::Company), Some("Vendor Lab"));
        assert_eq!(found[4].text(Field::Path), Some(r"C:\Windows\system32\drivers\vendor\guard.sys"));
    }
}
