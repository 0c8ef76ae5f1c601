//! Removal plans: from the findings of reports to ordered, checked steps, and to scripts that take them.
//!
//! debar removes nothing. A plan is bound to what was seen: every action names a package in its exact version, a product
//! code, a file at its path, and the script refuses a step when the host no longer shows just that. What cannot be bound
//! so becomes a step for a person. Agents go before products, because they would bring them back, then the restart that
//! drivers need, and then what was left: services, drivers, folders. The scripts hold that back while a step before it
//! for a product of the same vendor is left to do: an uninstaller needs its own service and folder.

pub mod build;
pub mod page;
pub mod powershell;
pub mod sh;
pub mod uninstall;

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::{Os, TargetKind};

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
    /// The target as the user named it.
    pub target: String,
    /// What kind of target it is.
    pub target_kind: TargetKind,
    /// Its operating system.
    pub os: Option<Os>,
    /// When the scan ended that the plan is made from.
    pub scanned: String,
    /// The steps, in order.
    pub steps: Vec<Step>,
}

/// What a script says where it was started on a running host, and the scan saw a folder; the name of its host can be
/// that of this one, of which it is a copy.
fn elsewhere(host: &HostPlan) -> Option<String> {
    (host.target_kind == TargetKind::Directory).then(|| {
        format!("the scan saw the system in {}, not a running host: run this in that system", host.target)
    })
}

/// When a step comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Management agents, which would bring products back.
    Agent,
    /// Products.
    Product,
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
fn is_false(value: &bool) -> bool {
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
    },
    /// Deletes a folder that no package owns.
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
        /// Properties that take a password, asked for when the script runs.
        secrets: Vec<String>,
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
    },
    /// For a person: the uninstaller that a program registered, where it has no form that asks nothing.
    UninstallByHand {
        /// The registry key that it is registered under.
        key: String,
        /// The name that is registered.
        name: String,
        /// The command, without its passwords.
        command: String,
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
    },
    /// For a person.
    Manual {
        /// Commands from the signature, shown and never run.
        commands: Vec<String>,
    },
}

/// The vendor in `vendor/product`.
fn vendor_of(product: &str) -> &str {
    product.split('/').next().unwrap_or_default()
}

impl Step {
    /// The vendor of the product.
    fn vendor(&self) -> &str {
        vendor_of(&self.product)
    }

    /// Whether what was left of products has to wait for it.
    fn is_first(&self) -> bool {
        matches!(self.phase, Phase::Agent | Phase::Product)
    }

    /// Whether it has to wait for the agents and products.
    fn waits(&self) -> bool {
        matches!(self.phase, Phase::Service | Phase::Remnant)
    }
}

/// Writes a plan.
pub type PlanWriter = fn(&Plan, &mut dyn Write) -> io::Result<()>;

/// The ways to write a plan: name, function.
pub const WRITERS: &[(&str, PlanWriter)] =
    &[("markdown", page::write), ("json", json), ("sh", sh::write), ("ps1", powershell::write)];

fn json(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    crate::write::json(plan, true, out)
}
