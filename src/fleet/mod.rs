//! The fleet: reports of many hosts, rolled up into one picture.
//!
//! One record per host holds what its reports came to as *runs*: from the first to the last report that said the same.
//! A host that reports the same every day has one run, so a fleet's store stays small however long it is kept.
//! A run keeps when each of its reports was made, so that the runs come out the same in whatever order reports come, late
//! or twice. Everything else is worked out of the runs when the caller asks: first and last seen, gone, reappeared, trends.
//!
//! A product is gone only when a later report without gaps does not have it: an incomplete scan that did not see
//! it proves nothing.

mod assets;
mod dashboard;
mod documents;
mod due;
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
mod status;
mod steps;
mod store;
mod tables;
mod trend;

use serde::{Deserialize, Serialize};

use crate::model::State;
use crate::report::Verdict;

pub use assets::{Asset, Assets};
pub use dashboard::write as dashboard;
pub use due::{Due, Duty};
pub use export::{ExportFormat, export};
pub use gather::{Gathered, gather};
pub use history::ProductView;
pub use identity::Change;
pub use ingest::{Ingested, Intake, Refused, ingest};
pub use next::{Cure, Step, cures, next_step, sentence};
pub use roll_up::{Fleet, HostView, Standing};
pub use statement::{FleetStatement, state};
pub use status::{Status, status};
pub use store::{Store, StoreError};
pub use tables::{days, findings, hosts, notes_of, why, worklist};
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
    /// The date of the newest one.
    #[serde(rename = "sn", default, skip_serializing_if = "String::is_empty")]
    pub newest_signatures: String,
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
    #[serde(rename = "r", default)]
    pub runs: Vec<Run>,
    /// What those came to whose clock was so wrong that only their arrival dates them: in milliseconds, for the order of
    /// arrival decides.
    #[serde(rename = "e", default, skip_serializing_if = "Vec::is_empty")]
    pub misdated: Vec<Run>,
    /// What the newest of these says of the host, and when it arrived, in milliseconds.
    #[serde(rename = "z", default, skip_serializing_if = "Option::is_none")]
    pub adrift: Option<(Time, Box<Host>)>,
    /// Reports with a right clock that arrived late.
    #[serde(rename = "l", default, skip_serializing_if = "Vec::is_empty")]
    pub late: Vec<Late>,
    /// What the rules that bind it ask for when something is found.
    #[serde(rename = "y", default, skip_serializing_if = "Vec::is_empty")]
    pub duties: Vec<Duty>,
}

/// A report that arrived long after it was made: a report with a wrong clock that arrived in between is older.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Late {
    /// When it was made.
    #[serde(rename = "f")]
    pub made: Time,
    /// When it arrived, in milliseconds.
    #[serde(rename = "t")]
    pub arrived: Time,
    /// What vouches for it.
    #[serde(rename = "q", default, skip_serializing_if = "Trust::is_none")]
    pub trust: Trust,
}

impl Host {
    /// Every run, whatever dates it.
    pub fn every_run(&self) -> impl Iterator<Item = &Run> {
        self.runs.iter().chain(&self.misdated)
    }

    /// When its first and its newest report were made, or arrived.
    pub fn span(&self) -> (Time, Time) {
        let certain = self.runs.iter().map(|run| (run.from, run.to));
        let spans =
            || certain.clone().chain(self.misdated.iter().map(|run| (run.from / 1_000, run.to / 1_000)));
        let first = spans().map(|(from, _)| from).min();
        (first.unwrap_or_default(), spans().map(|(_, to)| to).max().unwrap_or_default())
    }

    /// The host without what several reports say together.
    fn bare(&self) -> Host {
        let (runs, misdated, late, duties) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Host { reports: 0, adrift: None, runs, misdated, late, duties, ..self.clone() }
    }

    /// Notes what vouches for a host of one report.
    pub fn vouch(&mut self, trust: Trust) {
        self.trust = trust;
        self.runs.iter_mut().chain(&mut self.misdated).for_each(|run| run.said.trust = trust);
        self.late.iter_mut().for_each(|late| late.trust = trust);
        self.adrift.iter_mut().for_each(|(_, facts)| facts.trust = trust);
    }
}

/// What vouches for who made a report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// Nothing: anyone who can write to the folder can have made it.
    #[default]
    Unauthenticated,
    /// A signature beside it, by a key that the user trusts.
    Signed,
    /// It came into the folder of the host's certificate.
    Certificate,
}

impl Trust {
    /// The word used in tables.
    pub fn word(self) -> &'static str {
        match self {
            Trust::Unauthenticated => "unauthenticated",
            Trust::Signed => "signed",
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
    /// From each of its reports to the next one; empty when there are only these two.
    #[serde(rename = "i", default, skip_serializing_if = "String::is_empty")]
    pub steps: String,
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
    /// What vouches for it.
    #[serde(rename = "q", default, skip_serializing_if = "Trust::is_none")]
    pub trust: Trust,
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
    /// When it arrived, in milliseconds: the order of reports whose clock was wrong.
    pub arrived: Time,
    /// The host with the one run, dated or misdated.
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
    /// Days after which signatures are too old; 0 for never.
    pub signature_age: u16,
}

impl Options {
    /// The oldest report that still returns how a host stands.
    pub(super) fn horizon(self) -> Time {
        self.now - Time::from(self.stale_after) * DAY
    }

    /// Whether signatures of a day (YYYY-MM-DD) are too old.
    pub(super) fn is_aged(self, day: &str) -> bool {
        let Ok(day) = day.parse::<jiff::civil::Date>() else { return false };
        let Ok(begin) = jiff::tz::Offset::UTC.to_timestamp(day.at(0, 0, 0, 0)) else { return false };
        self.signature_age > 0 && self.now - begin.as_second() > (Time::from(self.signature_age) + 1) * DAY
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
