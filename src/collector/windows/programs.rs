//! `programs`: what "Apps & features" lists, and what only Windows Installer knows.
//!
//! Every entry is kept: those that are hidden (`SystemComponent`), those without a version, publisher or name, of
//! the machine in both views and of every user. An entry under a product code and its visible twin (`InstallWIX_…`,
//! `InstallShield_…`) are one program. What Windows Installer has registered completes it, or is a program of its
//! own. Sources: "Uninstall Registry Key" and "Registry of Windows Installer" of Microsoft's documentation.

mod installer;
mod wine;

use std::collections::BTreeMap;

use super::registered::{command, icon_file, is_gone_or_empty, machine_or_user, state};
use crate::collector::{Applies, Collector, Sink};
use crate::format::package::packed_guid;
use crate::model::{Artifact, Field, Os, Value};
use crate::registry::{HIVES, Key, Software, User, Values, with_hives};
use crate::target::Target;
use installer::Products;

/// The collector.
pub const COLLECTOR: Collector = Collector {
    name: "programs",
    about: "Installed programs of the machine (64- and 32-bit) and of every user, with the codes of Windows Installer; programs of Wine.",
    applies: Applies::EVERYWHERE,
    reads: &with_hives::<{ HIVES.len() + wine::READS.len() }>(&wine::READS),
    walks: &[],
    keys: &[
        r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\*",
        r"HKLM\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall\*",
        r"HKU\*\Software\Microsoft\Windows\CurrentVersion\Uninstall\*",
        r"HKU\*\Software\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall\*",
        r"HKU\*\Software\Classes\VirtualStore\MACHINE\SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\*",
        r"HKU\*\Software\Classes\VirtualStore\MACHINE\SOFTWARE\WOW6432Node\Microsoft\Windows\CurrentVersion\Uninstall\*",
        r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Installer\UserData\*\Products\*\InstallProperties",
        r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Installer\UpgradeCodes\*",
        r"HKLM\SOFTWARE\Classes\Installer\Products\*",
        r"HKLM\SOFTWARE\Classes\Installer\UpgradeCodes\*",
        r"HKU\*\Software\Microsoft\Installer\Products\*",
        r"HKU\*\Software\Microsoft\Installer\UpgradeCodes\*",
        r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Installer\Managed\*\Installer\Products\*",
        r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Installer\Managed\*\Installer\UpgradeCodes\*",
        installer::MANAGED,
    ],
    yields: &[
        Field::Name,
        Field::Version,
        Field::Publisher,
        Field::Description,
        Field::Homepage,
        Field::InstallLocation,
        Field::InstallSource,
        Field::InstallDate,
        Field::UninstallString,
        Field::QuietUninstallString,
        Field::IdentifyingNumber,
        Field::PackageCode,
        Field::UpgradeCode,
        Field::Path,
        Field::Type,
        Field::Scope,
        Field::Arch,
        Field::User,
        Field::Uid,
        Field::Key,
    ],
    run,
    visit: None,
};

/// Prefixes under which setups write a second, visible entry beside that of the product code.
const TWINS: &[&str] = &["InstallWIX_", "InstallShield_"];

fn run(target: &Target, sink: &mut Sink<'_>) {
    wine::run(target, sink);
    // A target of no known system is given to every collector.
    if target.families.is_empty() || target.may_be(Os::Windows) {
        installed(target, sink);
    }
}

/// What the registry of Windows knows.
fn installed(target: &Target, sink: &mut Sink<'_>) {
    let registry = target.registry();
    let mut products = Products::read(target, sink);
    for place in registry.software() {
        let uninstall = format!(r"{}\Microsoft\Windows\CurrentVersion\Uninstall\*", place.key);
        let mut entries: BTreeMap<String, (Artifact, Option<bool>)> = BTreeMap::new();
        for key in sink.keys(registry, &uninstall) {
            let values = sink.values(&key);
            let (artifact, is_gone) = entry(target, sink, &place, &key, &values);
            match entries.remove(&code_of(&key)) {
                Some(twin) => {
                    let merged = merge(twin, (artifact, is_gone), is_twin(key.name()));
                    entries.insert(code_of(&key), merged);
                }
                None => drop(entries.insert(code_of(&key), (artifact, is_gone))),
            }
        }
        for (code, (mut artifact, mut is_gone)) in entries {
            let of_user = place.user.and_then(|user| user.sid.as_deref());
            for product in products.take(&code, of_user) {
                is_gone = both_gone(is_gone, product.is_gone(target));
                product.complete(&mut artifact);
            }
            // One that names nothing is taken at its word.
            sink.artifact(artifact.state(state(is_gone == Some(true))));
        }
    }
    for product in products.rest() {
        let artifact = product.artifact(target, sink);
        sink.artifact(artifact);
    }
}

/// What entries are one program by: the product code, else the name of the key.
fn code_of(key: &Key<'_>) -> String {
    let name = key.name();
    let bare = TWINS.iter().find_map(|prefix| {
        let (start, rest) = name.split_at_checked(prefix.len())?;
        start.eq_ignore_ascii_case(prefix).then_some(rest)
    });
    bare.filter(|code| packed_guid::is_guid(code)).unwrap_or(name).to_uppercase()
}

fn is_twin(name: &str) -> bool {
    TWINS
        .iter()
        .any(|prefix| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix)))
}

/// Of two that each may name something: whether all of it is gone; `None` if neither names anything.
fn both_gone(first: Option<bool>, second: Option<bool>) -> Option<bool> {
    match (first, second) {
        (Some(first), Some(second)) => Some(first && second),
        (one, other) => one.or(other),
    }
}

/// One entry, and whether all that it names is gone.
fn entry(
    target: &Target,
    sink: &Sink<'_>,
    place: &Software<'_>,
    key: &Key<'_>,
    values: &Values,
) -> (Artifact, Option<bool>) {
    let registry = target.registry();
    let user = place.user;
    let expanded = |name: &str| values.text(name).map(|text| registry.expand(&text, user));
    let code = code_of(key);
    let display = values.text("DisplayName").filter(|name| !name.trim().is_empty());
    let kinds = [
        (values.number("WindowsInstaller") == Some(1), "msi"),
        (values.number("SystemComponent").is_some_and(|number| number != 0), "system-component"),
        (values.text("ParentKeyName").is_some() || values.text("ReleaseType").is_some(), "update"),
    ];
    let icon = expanded("DisplayIcon").map(|icon| icon_file(&icon).to_owned());
    let artifact = super::registered::artifact(sink, registry, key)
        .with(Field::Name, display.unwrap_or_else(|| key.name().to_owned()))
        .with_some(Field::Version, values.text("DisplayVersion").or_else(|| version(values)))
        .with_some(Field::Publisher, values.text("Publisher"))
        .with_some(Field::Description, values.text("Comments"))
        .with_many(
            Field::Homepage,
            ["URLInfoAbout", "HelpLink", "URLUpdateInfo"].iter().filter_map(|name| values.text(name)),
        )
        .with_some(
            Field::InstallLocation,
            expanded("InstallLocation").or_else(|| expanded("Inno Setup: App Path")),
        )
        .with_some(Field::InstallSource, expanded("InstallSource"))
        .with_some(Field::InstallDate, values.text("InstallDate"))
        .with_some(Field::UninstallString, expanded("UninstallString"))
        .with_some(Field::QuietUninstallString, expanded("QuietUninstallString"))
        .with_some(Field::IdentifyingNumber, packed_guid::is_guid(&code).then_some(code))
        .with_some(Field::Path, icon)
        .with_many(Field::Type, kinds.iter().filter(|(is, _)| *is).map(|(_, word)| *word))
        .with(Field::Scope, machine_or_user(user))
        .with_some(Field::Arch, place.is_32_bit.then_some("x86"));
    let gone = is_entry_gone(target, values, user);
    (artifact, gone)
}

/// Without `DisplayVersion`, what Windows Installer and setups write as numbers.
fn version(values: &Values) -> Option<String> {
    let part = |name: &str| values.number(name);
    let major = part("VersionMajor").or_else(|| part("MajorVersion"))?;
    let minor = part("VersionMinor").or_else(|| part("MinorVersion")).unwrap_or_default();
    (major != 0 || minor != 0).then(|| format!("{major}.{minor}"))
}

/// Whether nothing is left of what an entry names: its folder, its uninstaller, its icon. What is Windows' own (the
/// uninstaller of every MSI) says nothing. `None` if it names nothing.
fn is_entry_gone(target: &Target, values: &Values, user: Option<&User>) -> Option<bool> {
    let mut named = false;
    for name in ["InstallLocation", "DisplayIcon"] {
        if let Some(path) = values.text(name).filter(|path| path.trim().len() > 3) {
            if !is_gone_or_empty(target, icon_file(&path), user) {
                return Some(false);
            }
            named = true;
        }
    }
    for name in ["UninstallString", "QuietUninstallString"] {
        let Some(started) = values.text(name).and_then(|line| command(target, &line, user)) else { continue };
        let program = started.program.to_lowercase();
        let is_system = ["msiexec", "msiexec.exe", "rundll32", "rundll32.exe"]
            .iter()
            .any(|tool| program.rsplit('\\').next() == Some(*tool));
        if is_system {
            continue;
        }
        if !started.is_gone {
            return Some(false);
        }
        named = true;
    }
    named.then_some(true)
}

/// One program out of an entry and its twin: the visible one first, what it lacks from the other.
fn merge(
    first: (Artifact, Option<bool>),
    second: (Artifact, Option<bool>),
    second_is_twin: bool,
) -> (Artifact, Option<bool>) {
    let (shown, hidden) = if second_is_twin { (second, first) } else { (first, second) };
    let is_gone = both_gone(shown.1, hidden.1);
    let mut artifact = shown.0;
    for (field, value) in hidden.0.fields {
        match field {
            Field::UninstallString | Field::Key | Field::Type | Field::Name => {
                let texts: Vec<String> = artifact
                    .fields
                    .get(&field)
                    .into_iter()
                    .flat_map(Value::texts)
                    .map(str::to_owned)
                    .collect();
                let more: Vec<String> = value.texts().map(str::to_owned).collect();
                artifact = artifact.with_many(field, texts.into_iter().chain(more));
            }
            _ => drop(artifact.fields.entry(field).or_insert(value)),
        }
    }
    (artifact, is_gone)
}

#[cfg(test)]
mod tests;
