//! The plan as data: hosts, phases, steps, and how each is checked.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Os, TargetKind};
use crate::signature::Password;

/// A plan for one or more hosts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    /// Version of this format; that of reports.
    pub schema_version: String,
    /// The debar that made it.
    pub debar: String,
    /// The hosts.
    pub hosts: Vec<HostPlan>,
}

/// The steps of one host.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HostPlan {
    /// The host's name.
    pub host: String,
    /// The target by its absolute path; as the user named it where it has none.
    pub target: String,
    /// What kind of target it is.
    pub target_kind: TargetKind,
    /// Its operating system.
    pub os: Option<Os>,
    /// When the scan ended that the plan is made from.
    pub scanned: String,
    /// The steps, in order.
    pub steps: Vec<Step>,
    /// What the report says and the signatures in use do not: no step is made of it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<String>,
}

/// What a script says where it was started on a running host, and the scan saw a folder; the name of its host can be
/// that of this one, of which it is a copy.
pub(super) fn elsewhere(host: &HostPlan) -> Option<String> {
    (host.target_kind == TargetKind::Directory).then(|| {
        format!("the scan saw the system in {}, not a running host: run this in that system", host.target)
    })
}

/// When a step comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// What must be settled before anything is removed.
    Confirm,
    /// Data of products, kept before they go.
    Keep,
    /// Management agents, which would bring products back.
    Agent,
    /// Products.
    Product,
    /// Lists that name drivers: Windows needs every driver that they name.
    Filter,
    /// Services, units and drivers that products left.
    Service,
    /// Folders and files that products left.
    Remnant,
    /// What a person has to do.
    Manual,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// Its id within the host, in order: `s01`.
    pub id: String,
    /// When it comes.
    pub phase: Phase,
    /// What it does, for people.
    pub title: String,
    /// The product, `vendor/product`.
    pub product: String,
    /// Ids of the evidence that it is bound to.
    pub evidence: Vec<String>,
    /// The action.
    pub action: Action,
    /// What it changes on the host.
    pub changes: String,
    /// Whether the host must be restarted before the next step.
    #[serde(default, skip_serializing_if = "is_false")]
    pub reboot_after: bool,
    /// What to know before or after.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
pub(super) fn is_false(value: &bool) -> bool {
    !value
}

/// What a step does; bound to what was seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Action {
    /// Purges a package of dpkg.
    Deb {
        /// Name.
        name: String,
        /// Version.
        version: String,
        /// Architecture; empty when the database names none.
        arch: String,
        /// Maintainer, where the signature goes by it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        maintainer: Option<String>,
    },
    /// Erases a package of rpm.
    Rpm {
        /// Name.
        name: String,
        /// Epoch; 0 when it has none.
        epoch: String,
        /// Version.
        version: String,
        /// Release.
        release: String,
        /// Architecture; empty when the database names none.
        arch: String,
        /// Vendor, where the signature goes by it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        vendor: Option<String>,
        /// Packager, where the signature goes by it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        packager: Option<String>,
    },
    /// Deletes a package of apk.
    Apk {
        /// Name.
        name: String,
        /// Version.
        version: String,
    },
    /// Removes a package of pacman.
    Pacman {
        /// Name.
        name: String,
        /// Version.
        version: String,
    },
    /// Removes a snap with its data.
    Snap {
        /// Name.
        name: String,
        /// Version.
        version: String,
    },
    /// Uninstalls a Flatpak of the system.
    Flatpak {
        /// Application id.
        name: String,
    },
    /// Disables a systemd unit that no package owns and deletes its file.
    Unit {
        /// Name of the unit.
        name: String,
        /// Its file.
        path: String,
        /// A program that it starts, where the signature goes by it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        program: Option<String>,
        /// Whether it is one of a user's manager (`systemctl --user`), never the system's unit of that name.
        #[serde(default, skip_serializing_if = "is_false")]
        user: bool,
    },
    /// Copies what cannot be had again out of a folder: quarantine, keys, logs, backups.
    Keep {
        /// The folder's path.
        path: String,
        /// Whether all of it is data; else what lies in it under the names of data.
        all: bool,
    },
    /// Deletes a folder that no package owns, once its data is kept.
    Folder {
        /// Its path.
        path: String,
    },
    /// Deletes a file that no package owns.
    File {
        /// Its path.
        path: String,
        /// Its size in bytes, if it was recorded.
        size: Option<String>,
        /// A text that it holds, where the signature goes by it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        holds: Option<String>,
    },
    /// Removes a product of Windows Installer.
    Msi {
        /// Its product code.
        product_code: String,
        /// The registry key that it is registered under.
        key: String,
        /// The name that is registered.
        name: String,
        /// The version that is registered; empty when none is.
        version: String,
        /// Further values of the key that the signature goes by.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        values: BTreeMap<String, String>,
        /// Properties that take a password, read from the environment or asked for when the script runs.
        secrets: Vec<Password>,
    },
    /// Runs the uninstaller that a program registered.
    Uninstaller {
        /// The registry key that it is registered under.
        key: String,
        /// The value that holds the command.
        value: String,
        /// The command as registered.
        command: String,
        /// The program of the command.
        program: String,
        /// The arguments of the command, as one text.
        arguments: String,
        /// The name that is registered.
        name: String,
        /// Further values of the key that the signature goes by.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        values: BTreeMap<String, String>,
    },
    /// For a person: the uninstaller that a program registered, where it has no form that asks nothing.
    UninstallByHand {
        /// The registry key that it is registered under.
        key: String,
        /// The name that is registered.
        name: String,
        /// The command, without its passwords.
        command: String,
        /// The user whose program it is; such a command is never run by anybody else.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        user: Option<String>,
    },
    /// Takes a driver out of the lists of filters (`UpperFilters`, `LowerFilters`) of all device classes and devices.
    DriverFilter {
        /// The driver's name.
        name: String,
    },
    /// Unbinds a network component (a filter or protocol of NDIS) by `netcfg.exe`.
    NetworkComponent {
        /// The registry key that it is registered under.
        key: String,
        /// Its component id.
        component: String,
        /// Further values of the key that the signature goes by.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        values: BTreeMap<String, String>,
    },
    /// Stops and deletes a Windows service or driver that was left.
    WindowsService {
        /// Its name.
        name: String,
        /// Whether it is a driver.
        #[serde(default, skip_serializing_if = "is_false")]
        driver: bool,
        /// The command that starts it, as registered with its variables expanded; empty where Windows finds it by name.
        command: String,
        /// Further values of the key that the signature goes by; empty where it asks for none to be there.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        values: BTreeMap<String, String>,
    },
    /// Stops the script until the person who runs it says that this is settled.
    Confirm {
        /// What must be settled.
        what: Settled,
        /// What of the product the script looks for: it stops only while one of these is there.
        checks: Vec<Check>,
    },
    /// For a person.
    Manual {
        /// Commands from the signature, shown and never run.
        commands: Vec<String>,
        /// What the script sees that it is done by: the step is left to do while one of these is there.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        checks: Vec<Check>,
    },
}

/// What must be settled before a product is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Settled {
    /// Another antivirus is ready.
    Replacement,
    /// Disks and files that the product encrypted are decrypted.
    Decrypted,
}

/// Something whose absence says that a step by hand is done.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Check {
    /// A file or folder.
    Path {
        /// Its path.
        path: String,
    },
    /// A text in a file.
    Text {
        /// The file.
        path: String,
        /// The text.
        text: String,
    },
    /// A registry key.
    Key {
        /// Its path.
        key: String,
    },
    /// A value of a registry key.
    Value {
        /// The key's path.
        key: String,
        /// The value's name.
        value: String,
    },
    /// A text in the values of a registry key: the name of one, or a part of what one holds.
    Data {
        /// The key's path.
        key: String,
        /// The text.
        text: String,
    },
    /// A package.
    Package {
        /// The collector that saw it, e.g. `deb_packages`.
        source: String,
        /// Its name.
        name: String,
    },
    /// A kernel module that is loaded.
    Module {
        /// Its name.
        name: String,
    },
}

/// The vendor in `vendor/product`.
pub(super) fn vendor_of(product: &str) -> &str {
    product.split('/').next().unwrap_or_default()
}

impl Step {
    /// The vendor of the product.
    pub(super) fn vendor(&self) -> &str {
        vendor_of(&self.product)
    }

    /// Whether what was left of products has to wait for it.
    pub(super) fn is_first(&self) -> bool {
        matches!(self.phase, Phase::Agent | Phase::Product)
    }

    /// Whether it has to wait for the agents and products.
    pub(super) fn waits(&self) -> bool {
        matches!(self.phase, Phase::Filter | Phase::Service | Phase::Remnant)
    }
}
