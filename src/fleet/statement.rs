//! A statement over the fleet on a day: who was asked, who answered, what was found, and what was not read.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::next::{cures, number, sentence};
use super::roll_up::{Fleet, HostView, Standing};
use super::tables::status_of;
use super::{Options, day_of, stamp};
use crate::text::escape::{line, printable};

/// What is stated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FleetStatement {
    /// Version of this document.
    pub schema_version: &'static str,
    /// The time that it speaks of (UTC).
    pub as_of: String,
    /// The version of debar that made it.
    pub debar: &'static str,
    /// The fleet in one sentence.
    pub summary: String,
    /// Whether a list of assets says who should have answered.
    pub listed: bool,
    /// Hosts that should have answered: those of the list, and those that answered without being on it.
    pub asked: usize,
    /// Hosts that ever answered.
    pub answered: usize,
    /// Hosts by status.
    pub standings: BTreeMap<&'static str, usize>,
    /// What was found, on which hosts.
    pub found: Vec<FoundProduct>,
    /// What was not read, on which hosts.
    pub not_read: Vec<NotRead>,
    /// Hosts that never answered.
    pub never_reported: Vec<String>,
    /// Hosts whose last answer is too old, with its day.
    pub silent: Vec<HostDay>,
    /// Hosts whose answers nothing vouches for.
    pub unauthenticated: usize,
    /// Hosts by the date of their signatures.
    pub signatures: BTreeMap<String, usize>,
}

/// A product and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FoundProduct {
    /// `vendor/product`.
    pub product: String,
    /// Its name.
    pub name: String,
    /// The rules that speak against it.
    pub rules: Vec<String>,
    /// Where it is.
    pub hosts: Vec<FoundHost>,
}

/// A host that has a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FoundHost {
    /// Its name.
    pub host: String,
    /// The state of the product.
    pub state: &'static str,
    /// `present`, or `unconfirmed` when the newest report could not see.
    pub status: &'static str,
    /// The day on which it was first seen.
    pub since: String,
}

/// A kind of gap and where it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotRead {
    /// The kind.
    pub kind: &'static str,
    /// What it means.
    pub means: &'static str,
    /// Hosts whose newest report has it.
    pub hosts: Vec<String>,
}

/// A host and a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HostDay {
    /// Its name.
    pub host: String,
    /// The day.
    pub day: String,
}

/// States how a fleet stands.
pub fn state(fleet: &Fleet, options: Options) -> FleetStatement {
    let of = |standing: Standing| fleet.hosts.iter().filter(move |view| view.standing == standing);
    let mut found: BTreeMap<&str, Vec<FoundHost>> = BTreeMap::new();
    let mut gaps: BTreeMap<&'static str, NotRead> = BTreeMap::new();
    let mut signatures: BTreeMap<String, usize> = BTreeMap::new();
    for view in &fleet.hosts {
        for product in view.open() {
            found.entry(&product.id).or_default().push(FoundHost {
                host: view.host.name.clone(),
                state: product.state.word(),
                status: status_of(product),
                since: day_of(product.first_seen),
            });
        }
        for cure in cures(view) {
            let kind = cure.kind.word();
            let entry = gaps.entry(kind).or_insert_with(|| NotRead {
                kind,
                means: cure.kind.about(),
                hosts: Vec::new(),
            });
            entry.hosts.push(view.host.name.clone());
        }
        if !view.host.signatures.is_empty() {
            *signatures.entry(view.host.signatures.clone()).or_default() += 1;
        }
    }
    let found = found.into_iter().map(|(id, hosts)| {
        let known = fleet.product(id);
        FoundProduct { product: id.to_owned(), name: known.name, rules: known.rules, hosts }
    });
    let answered = |view: &&HostView| view.host.reports > 0;
    FleetStatement {
        schema_version: "1.0",
        as_of: stamp(options.now),
        debar: env!("CARGO_PKG_VERSION"),
        summary: sentence(fleet),
        listed: fleet.listed,
        asked: fleet.hosts.len(),
        answered: fleet.hosts.iter().filter(answered).count(),
        standings: Standing::ALL.iter().map(|standing| (standing.word(), of(*standing).count())).collect(),
        found: found.collect(),
        not_read: gaps.into_values().collect(),
        never_reported: of(Standing::NeverReported).map(|view| view.host.name.clone()).collect(),
        silent: of(Standing::Stale)
            .map(|view| HostDay { host: view.host.name.clone(), day: day_of(view.last) })
            .collect(),
        unauthenticated: fleet
            .hosts
            .iter()
            .filter(answered)
            .filter(|view| view.host.trust == super::Trust::Unauthenticated)
            .count(),
        signatures,
    }
}

impl FleetStatement {
    /// Writes it as a page of Markdown.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn markdown(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut say = |text: &str| writeln!(out, "{}", line(&printable(text)));
        say("# Statement on the fleet")?;
        say(&format!("As of {}, by debar {}.", self.as_of, self.debar))?;
        say("")?;
        say(&self.summary)?;
        say("")?;
        say("## Who was asked")?;
        if self.listed {
            say(&format!(
                "{} hosts: those of the asset list, and others that answered.",
                number(self.asked)
            ))?;
        } else {
            say(&format!(
                "No asset list was given: hosts that never answered are unknown. {} hosts are known.",
                number(self.asked)
            ))?;
        }
        say("")?;
        say("## Who answered")?;
        say(&format!(
            "{} of {}. {} never did, {} no longer do.",
            number(self.answered),
            number(self.asked),
            number(self.never_reported.len()),
            number(self.silent.len())
        ))?;
        say(&format!("Nothing vouches for the answers of {} hosts.", number(self.unauthenticated)))?;
        for host in &self.never_reported {
            say(&format!("- {}: never reported", code(host)))?;
        }
        for HostDay { host, day } in &self.silent {
            say(&format!("- {}: last report {day}", code(host)))?;
        }
        say("")?;
        say("## What was found")?;
        if self.found.is_empty() {
            say("Nothing.")?;
        }
        for FoundProduct { product, name, rules, hosts } in &self.found {
            say(&format!("### {} ({})", code(name), code(product)))?;
            say(&format!("Rules: {}", if rules.is_empty() { "none".to_owned() } else { rules.join(", ") }))?;
            for FoundHost { host, state, status, since } in hosts {
                say(&format!("- {}: {state}, {status}, since {since}", code(host)))?;
            }
        }
        say("")?;
        say("## What was not read")?;
        if self.not_read.is_empty() {
            say("Every newest report read everything.")?;
        }
        for NotRead { kind, means, hosts } in &self.not_read {
            let hosts: Vec<String> = hosts.iter().map(|host| code(host)).collect();
            say(&format!("- {kind} ({means}): {}", hosts.join(", ")))?;
        }
        Ok(())
    }
}

/// A name of a host or product as code: it is no markup, whatever it contains.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('`', "'"))
}
