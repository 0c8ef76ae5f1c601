//! The fleet: reports of many hosts, rolled up into one picture.
//!
//! One record per host holds what its reports came to as *runs*: from the first to the last report that said the same.
//! A host that reports the same every day has one run, so a fleet's store stays small however long it is kept.
//! Everything else is worked out of the runs when the caller asks: first and last seen, gone, reappeared, trends. A
//! report may come late or twice; the runs come out the same.
//!
//! A product is gone only when a later report without gaps does not have it: an incomplete scan that did not see
//! it proves nothing.

mod assets;
mod dashboard;
mod documents;
mod export;
mod gather;
mod history;
mod identity;
mod ingest;
mod next;
#[cfg(feature = "parquet")]
mod parquet;
mod roll_up;
mod sighting;
mod statement;
mod store;
mod tables;
mod trend;

use serde::{Deserialize, Serialize};

use crate::model::State;
use crate::report::Verdict;

pub use assets::{Asset, Assets};
pub use dashboard::write as dashboard;
pub use export::{ExportFormat, export};
pub use gather::{Gathered, gather};
pub use history::ProductView;
pub use identity::Change;
pub use ingest::{Ingested, Intake, Refused, ingest};
pub use next::{Cure, Step, cures, next_step, sentence};
pub use roll_up::{Fleet, HostView, Standing};
pub use statement::{FleetStatement, state};
pub use store::{Store, StoreError};
pub use tables::{Status, days, findings, hosts, notes_of, status, why, worklist};
pub use trend::{Day, trend};

/// Seconds since 1970, UTC.
pub type Time = i64;

/// What is kept of a host.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Host {
    /// Its name, as its newest report writes it.
    #[serde(rename = "n")]
    pub name: String,
    /// The identity of its installation, if the reports tell.
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// Its domain, if the reports tell.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// Identifiers of its hardware, `KIND:VALUE`, the strongest first.
    #[serde(rename = "h", default, skip_serializing_if = "Vec::is_empty")]
    pub hardware: Vec<String>,
    /// Its operating system, for people.
    #[serde(rename = "o", default, skip_serializing_if = "String::is_empty")]
    pub os: String,
    /// The version of debar that made the newest report.
    #[serde(rename = "v", default, skip_serializing_if = "String::is_empty")]
    pub debar: String,
    /// The date of the oldest signature file of the newest report.
    #[serde(rename = "s", default, skip_serializing_if = "String::is_empty")]
    pub signatures: String,
    /// Kinds of gaps of the newest report.
    #[serde(rename = "g", default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<String>,
    /// Products of the newest report that are restricted only for some organisations.
    #[serde(rename = "a", default, skip_serializing_if = "Vec::is_empty")]
    pub also_here: Vec<String>,
    /// Products of which the newest report has only weak traces.
    #[serde(rename = "w", default, skip_serializing_if = "Vec::is_empty")]
    pub possible: Vec<String>,
    /// Places that the newest report skipped on purpose.
    #[serde(rename = "x", default, skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<String>,
    /// Whole seconds that its clock was ahead, if it was; negative when it was behind.
    #[serde(rename = "k", default, skip_serializing_if = "is_zero")]
    pub ahead: Time,
    /// What vouches for its newest report.
    #[serde(rename = "q", default, skip_serializing_if = "Trust::is_none")]
    pub trust: Trust,
    /// How many reports it sent.
    #[serde(rename = "c")]
    pub reports: u64,
    /// What they came to, oldest first.
    #[serde(rename = "r")]
    pub runs: Vec<Run>,
}

/// What vouches for who made a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// Nothing: anyone who can write to the folder can have made it.
    #[default]
    Unauthenticated,
    /// It came into the folder of the host's certificate.
    Certificate,
}

impl Trust {
    /// The word used in tables.
    pub fn word(self) -> &'static str {
        match self {
            Trust::Unauthenticated => "unauthenticated",
            Trust::Certificate => "certificate",
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
    fn is_none(&self) -> bool {
        *self == Trust::Unauthenticated
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(number: &Time) -> bool {
    *number == 0
}

/// What a host's reports said from one time to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The first report that said so.
    #[serde(rename = "f")]
    pub from: Time,
    /// The last one.
    #[serde(rename = "t")]
    pub to: Time,
    /// What they said.
    #[serde(rename = "s")]
    pub said: Said,
}

/// What a report says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Said {
    /// What it came to.
    #[serde(rename = "v")]
    pub verdict: Verdict,
    /// Whether everything was read.
    #[serde(rename = "w")]
    pub whole: bool,
    /// The products against which something speaks, by id.
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<(String, State)>,
    /// Whether it proves nothing gone: when it was made, or which host made it, is a guess.
    #[serde(rename = "u", default, skip_serializing_if = "std::ops::Not::not")]
    pub unsure: bool,
}

impl Said {
    /// Whether a product that it lacks is gone.
    pub fn clears(&self) -> bool {
        self.whole && !self.unsure
    }
}

/// What one report reports a host.
#[derive(Debug, Clone)]
pub struct Sighting {
    /// Digest of the report: the same report is taken once.
    pub digest: [u8; 16],
    /// When it was made, as far as that can be known.
    pub time: Time,
    /// When it arrived: the order of reports whose clock was wrong.
    pub arrived: Time,
    /// The host with the one run.
    pub host: Host,
    /// The products, with what is known of them.
    pub products: Vec<Product>,
}

/// What is known of a product, whatever the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// `vendor/product`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its vendor's name.
    pub vendor: String,
    /// The rules that speak against it.
    pub rules: Vec<String>,
}

/// How to look at the store.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// What time it is.
    pub now: Time,
    /// Days without a report after which a host is stale.
    pub stale_after: u32,
}

impl Options {
    /// The oldest report that still returns how a host stands.
    pub(super) fn horizon(self) -> Time {
        self.now - Time::from(self.stale_after) * DAY
    }
}

/// The day of a time, YYYY-MM-DD (UTC).
pub fn day_of(time: Time) -> String {
    jiff::Timestamp::from_second(time)
        .map_or_else(|_| String::new(), |time| time.strftime("%Y-%m-%d").to_string())
}

/// A time as RFC 3339 (UTC).
pub fn stamp(time: Time) -> String {
    jiff::Timestamp::from_second(time).map_or_else(|_| String::new(), |time| time.to_string())
}

/// Seconds of a day.
pub const DAY: Time = 86_400;
