//! What Windows Installer has registered: products by their codes, in packed form, and what they upgrade.

use std::collections::BTreeMap;

use super::super::registered::{artifact, is_gone_or_empty, machine_or_user, state};
use crate::collector::Sink;
use crate::format::package::packed_guid;
use crate::model::{Artifact, Field, Value};
use crate::registry::Values;
use crate::target::Target;

/// Whose products `UserData\S-1-5-18` are: those of the machine.
const MACHINE: &str = "S-1-5-18";

/// Products of Windows Installer that a device management installs.
pub(super) const MANAGED: &str = r"HKLM\SOFTWARE\Microsoft\EnterpriseDesktopAppManagement\*\MSI\*";

/// One registered product.
pub(super) struct Product {
    code: String,
    /// Whose it is; `None` for the machine.
    sid: Option<String>,
    upgrade_codes: Vec<String>,
    package_code: Option<String>,
    name: Option<String>,
    properties: Values,
    key: String,
}

/// Every registered product that no entry of `Uninstall` has taken yet.
pub(super) struct Products {
    all: BTreeMap<(String, Option<String>), Product>,
}

impl Products {
    pub(super) fn read(target: &Target, sink: &mut Sink<'_>) -> Products {
        let mut products = Products { all: BTreeMap::new() };
        products.read_user_data(target, sink);
        products.read_advertised(target, sink);
        products.read_upgrade_codes(target, sink);
        products.read_managed(target, sink);
        products
    }

    fn product(&mut self, code: String, sid: Option<String>, key: &str) -> &mut Product {
        self.all.entry((code.clone(), sid.clone())).or_insert_with(|| Product {
            code,
            sid,
            upgrade_codes: Vec::new(),
            package_code: None,
            name: None,
            properties: Values::default(),
            key: key.to_owned(),
        })
    }

    /// Products with what was installed of them.
    fn read_user_data(&mut self, target: &Target, sink: &mut Sink<'_>) {
        let registry = target.registry();
        for user in
            sink.keys(registry, r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Installer\UserData\*")
        {
            let sid = (user.name() != MACHINE).then(|| user.name().to_owned());
            let products = sink.registry(user.key("Products"));
            for product in products.iter().flat_map(|key| sink.registry(key.subkeys())).collect::<Vec<_>>() {
                let Some(code) = packed_guid::unpack(product.name()) else { continue };
                for key in sink.registry(product.key("InstallProperties")) {
                    let values = sink.values(&key);
                    self.product(code.clone(), sid.clone(), key.path()).properties = values;
                }
            }
        }
    }

    /// Products that Windows Installer offers, with the code of their package.
    fn read_advertised(&mut self, target: &Target, sink: &mut Sink<'_>) {
        let registry = target.registry();
        for pattern in [
            r"HKLM\SOFTWARE\Classes\Installer\Products\*",
            r"HKU\*\Software\Microsoft\Installer\Products\*",
            // What an administrator had installed for a user.
            r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Installer\Managed\*\Installer\Products\*",
        ] {
            for key in sink.keys(registry, pattern) {
                let Some(code) = packed_guid::unpack(key.name()) else { continue };
                let of_user = registry.user_of(&key).and_then(|user| user.sid.clone());
                let managed =
                    key.path().split('\\').skip_while(|part| !part.eq_ignore_ascii_case("Managed")).nth(1);
                let sid = of_user.or_else(|| managed.map(str::to_owned));
                let values = sink.values(&key);
                let product = self.product(code, sid, key.path());
                product.package_code = values.text("PackageCode").and_then(|code| packed_guid::unpack(&code));
                product.name = values.text("ProductName");
            }
        }
    }

    /// Products that a device management was asked to install, with what they are fetched from. Those that Windows Installer
    /// knows are reported already. Source: "EnterpriseDesktopAppManagement CSP" of Microsoft's documentation.
    fn read_managed(&mut self, target: &Target, sink: &mut Sink<'_>) {
        for key in sink.keys(target.registry(), MANAGED) {
            let code = key.name().to_uppercase();
            let is_known = self.all.keys().any(|(known, _)| *known == code);
            if is_known || !packed_guid::is_guid(&code) {
                continue;
            }
            let values = sink.values(&key);
            let file = ["DownloadLocation", "CurrentDownloadUrl"].iter().find_map(|name| values.text(name));
            let name = file.and_then(|file| {
                let last = file.rsplit(['\\', '/']).next().unwrap_or_default();
                let last = last.split(['?', '#']).next().unwrap_or_default();
                let last = crate::text::percent::decoded(last);
                let stem = last.rsplit_once('.').map_or(last.as_str(), |(stem, _)| stem);
                Some(stem.to_owned()).filter(|stem| !stem.is_empty())
            });
            self.product(code, None, key.path()).name = name;
        }
    }

    fn read_upgrade_codes(&mut self, target: &Target, sink: &mut Sink<'_>) {
        let registry = target.registry();
        for pattern in [
            r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Installer\UpgradeCodes\*",
            r"HKLM\SOFTWARE\Classes\Installer\UpgradeCodes\*",
            r"HKU\*\Software\Microsoft\Installer\UpgradeCodes\*",
            r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\Installer\Managed\*\Installer\UpgradeCodes\*",
        ] {
            for key in sink.keys(registry, pattern) {
                let Some(upgrade) = packed_guid::unpack(key.name()) else { continue };
                let of = registry.user_of(&key).and_then(|user| user.sid.clone());
                for value in sink.values(&key).iter() {
                    let Some(code) = packed_guid::unpack(&value.name) else { continue };
                    let known: Vec<_> =
                        self.all.keys().filter(|(known, _)| *known == code).cloned().collect();
                    for at in &known {
                        if let Some(product) = self.all.get_mut(at)
                            && !product.upgrade_codes.contains(&upgrade)
                        {
                            product.upgrade_codes.push(upgrade.clone());
                        }
                    }
                    // Registered for upgrades and for nothing else: what a removal forgot.
                    if known.is_empty() {
                        self.product(code, of.clone(), key.path()).upgrade_codes.push(upgrade.clone());
                    }
                }
            }
        }
    }

    /// Takes what is registered of a product code, for one user or for the machine.
    pub(super) fn take(&mut self, code: &str, sid: Option<&str>) -> Vec<Product> {
        let mut taken: Vec<Product> =
            self.all.remove(&(code.to_owned(), sid.map(str::to_owned))).into_iter().collect();
        if taken.is_empty() {
            let at = self.all.keys().find(|(known, _)| known == code).cloned();
            taken.extend(at.and_then(|at| self.all.remove(&at)));
        }
        taken
    }

    /// What no entry has taken.
    pub(super) fn rest(self) -> impl Iterator<Item = Product> {
        self.all.into_values()
    }
}

impl Product {
    /// Whether its kept package and its folder are gone; `None` where neither is named.
    pub(super) fn is_gone(&self, target: &Target) -> Option<bool> {
        let named = ["LocalPackage", "InstallLocation"].iter().filter_map(|name| {
            let path = self.properties.text(name).filter(|path| path.trim().len() > 3)?;
            Some(is_gone_or_empty(target, &path, None))
        });
        named.reduce(|one, other| one && other)
    }

    /// Adds what is known to an entry of `Uninstall`.
    pub(super) fn complete(self, artifact: &mut Artifact) {
        let mut completed = std::mem::replace(artifact, Artifact::new("", artifact.location.clone()));
        completed = completed
            .with_many(Field::UpgradeCode, self.upgrade_codes.iter().map(String::as_str))
            .with_some(Field::PackageCode, self.package_code.as_deref());
        for (field, name) in PROPERTIES {
            if !completed.fields.contains_key(field) {
                completed = completed.with_some(*field, self.properties.text(name));
            }
        }
        // Windows Installer may know a program by a name that no entry shows: all of them name it.
        let known = completed.fields.get(&Field::Name).into_iter().flat_map(Value::texts).map(str::to_owned);
        let mut names: Vec<String> = known.collect();
        let own = [self.properties.text("DisplayName"), self.name.clone()];
        for name in own.into_iter().flatten().filter(|name| !name.trim().is_empty()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        // A product code is the name of what has no other.
        names.sort_by_key(|name| packed_guid::is_guid(name));
        *artifact = completed.with_many(Field::Name, names);
    }

    /// A product that has no entry of `Uninstall`.
    pub(super) fn artifact(self, target: &Target, sink: &mut Sink<'_>) -> Artifact {
        let registry = target.registry();
        let key = sink.registry(registry.key(&self.key));
        let is_left = self.properties.is_empty()
            || self.is_gone(target).unwrap_or(true) && registry.has_files(&target.root);
        let base = match key.first() {
            Some(key) => artifact(sink, registry, key),
            None => Artifact::new(sink.collector(), crate::model::Location::registry(self.key.as_str())),
        };
        let name = self.properties.text("DisplayName").or_else(|| self.name.clone());
        let user = registry.users().iter().find(|user| user.sid.is_some() && user.sid == self.sid);
        let mut artifact = base
            .with(Field::Name, name.unwrap_or_else(|| self.code.clone()))
            .with(Field::IdentifyingNumber, self.code.as_str())
            .with_many(Field::Type, ["msi", "no-uninstall-entry"])
            .with(Field::Scope, machine_or_user(user))
            .with_some(Field::Uid, self.sid.as_deref())
            .with_some(Field::User, user.map(|user| user.name.as_str()))
            .state(state(is_left));
        self.complete(&mut artifact);
        artifact
    }
}

/// Properties of a product that are what an entry of `Uninstall` has.
const PROPERTIES: &[(Field, &str)] = &[
    (Field::Version, "DisplayVersion"),
    (Field::Publisher, "Publisher"),
    (Field::InstallLocation, "InstallLocation"),
    (Field::InstallSource, "InstallSource"),
    (Field::InstallDate, "InstallDate"),
    (Field::UninstallString, "UninstallString"),
];
