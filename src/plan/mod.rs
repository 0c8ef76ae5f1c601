//! Removal plans: from the findings of reports to ordered, checked steps, and to scripts that take them.
//!
//! debar removes nothing. A report is not believed: each piece of evidence must match the signatures in use again, and a
//! step is bound to the facts that it matched by. A package in its exact version, a product code, a file at its path: the
//! script refuses a step when the host no longer shows just that. What cannot be bound so is a step by hand, with a check
//! by which the script sees that it is done.
//!
//! What cannot be undone comes first, and stops: a replacement for the only antivirus, decryption. Then the data of
//! products is kept. Agents go before products, because they would bring them back, then the restart that drivers need,
//! and then what was left: filters before drivers, services, folders. The scripts hold that back while a step before it
//! for a product of the same vendor is left to do: an uninstaller needs its own service and folder.

mod action;
pub mod build;
mod by_hand;
mod collected;
pub mod deploy;
pub mod folders;
pub mod page;
pub mod powershell;
pub mod sh;
mod steps;
pub mod text;
pub mod uninstall;
mod wording;

use std::io::{self, Write};

use crate::model::TargetKind;
pub use steps::{Action, Check, HostPlan, Phase, Plan, Settled, Step};
use steps::{elsewhere, vendor_of};

/// Writes a plan.
pub type PlanWriter = fn(&Plan, &mut dyn Write) -> io::Result<()>;

/// The ways to write a plan: name, function.
pub const WRITERS: &[(&str, PlanWriter)] = &[
    ("text", text::write),
    ("markdown", page::write),
    ("json", json),
    ("sh", sh::write),
    ("ps1", powershell::write),
    ("intune-detect", deploy::intune_detect),
    ("intune-remediate", deploy::intune_remediate),
    ("configmgr", deploy::configmgr),
    ("ansible", deploy::ansible),
];

impl Plan {
    /// A plan without hosts.
    pub(crate) fn empty() -> Self {
        Plan {
            schema_version: crate::report::SCHEMA_VERSION.to_owned(),
            debar: env!("CARGO_PKG_VERSION").to_owned(),
            hosts: Vec::new(),
        }
    }
}

impl Plan {
    /// Whether it is about nothing but images, which are built again: no script has a step for a host.
    pub(crate) fn is_of_images(&self) -> bool {
        !self.hosts.is_empty() && self.hosts.iter().all(|host| host.target_kind == TargetKind::Image)
    }
}

fn json(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    crate::write::json(plan, true, out)
}

#[cfg(test)]
mod tests;
