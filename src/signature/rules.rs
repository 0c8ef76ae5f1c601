//! Rules: the legal authorities that speak of products, as `rules.json` states them.
//!
//! A rule says exactly what it prohibits, whom it binds and from when; the report repeats it in those words and
//! never says "illegal".

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::audience::Audience;

/// The file of rules.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RulesFile {
    /// Where the schema lies, for editors.
    #[serde(rename = "$schema", default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The number of the file format: 1.
    pub format: u32,
    /// Version of this file; it grows.
    pub version: String,
    /// Date of this version, YYYY-MM-DD.
    pub date: String,
    /// The rules.
    pub rules: Vec<Rule>,
    /// Vendors that rules name and that have no signature file of their own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vendors: Vec<NamedVendor>,
}

/// A vendor that rules name without a signature file of its own: its products are in the file of another vendor, or
/// no software of it for computers is known. Exactly one of `file` and `no_software` is given.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedVendor {
    /// Its id, as rules name it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Id of the vendor whose signature file lists its products.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Why there is nothing to check for: no software of it for computers is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_software: Option<String>,
    /// A public source of that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// What a rule acts on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Having it on a system.
    Presence,
    /// Using it.
    Use,
    /// Buying it.
    Procurement,
    /// Supplying it, or entering agreements on it.
    Supply,
    /// Updating it.
    Updates,
    /// Reselling it, integrating it, licensing it for either.
    Resale,
    /// Spending certain funds on it.
    Funding,
    /// Dealing with its maker.
    Dealings,
    /// Authorising equipment.
    Authorisation,
    /// Having to report or certify.
    Reporting,
    /// A public warning without legal force.
    Warning,
}

impl Effect {
    /// The word used in reports.
    pub fn word(self) -> &'static str {
        match self {
            Effect::Presence => "presence",
            Effect::Use => "use",
            Effect::Procurement => "procurement",
            Effect::Supply => "supply",
            Effect::Updates => "updates",
            Effect::Resale => "resale",
            Effect::Funding => "funding",
            Effect::Dealings => "dealings",
            Effect::Authorisation => "authorisation",
            Effect::Reporting => "reporting",
            Effect::Warning => "warning",
        }
    }
}

/// A legal authority.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Short id.
    pub id: String,
    /// Title.
    pub title: String,
    /// Where it is published.
    pub citation: String,
    /// Who issued it.
    pub issuer: String,
    /// Country or state, e.g. `US`, `US-TX`, `AU`.
    pub jurisdiction: String,
    /// How it stands, e.g. `in force`.
    pub status: String,
    /// The day it ended, YYYY-MM-DD, if it was withdrawn, replaced or has expired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<String>,
    /// Whether it has legal force (a warning has not).
    pub binding: bool,
    /// What it acts on.
    pub effects: Vec<Effect>,
    /// One or two sentences: exactly what it prohibits or requires.
    pub summary: String,
    /// Who is bound.
    pub binds: Vec<String>,
    /// For whom it matters, as `--audience` names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub audiences: Vec<Audience>,
    /// Who is not, or what it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub does_not_bind: Option<String>,
    /// Its dates, in order.
    pub milestones: Vec<Milestone>,
    /// What it exempts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exemptions: Vec<String>,
    /// Duties to report.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reporting: Vec<String>,
    /// Deadlines of these duties that run from the day on which the product is found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clocks: Vec<Clock>,
    /// What it threatens who does not comply with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub penalties: Option<String>,
    /// Vendors it speaks of, by id.
    pub vendors: Vec<String>,
    /// Its text.
    pub url: String,
    /// Public sources of what is said here.
    pub sources: Vec<String>,
    /// What of it no source confirmed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unconfirmed: Vec<String>,
}

/// A date of a rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Milestone {
    /// The day, YYYY-MM-DD, or the moment with its offset.
    pub date: String,
    /// What happens then.
    pub what: String,
    /// What is acted on from then; absent for announcements.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub effects: Vec<Effect>,
    /// The vendors that it concerns, by id; absent when it concerns every vendor of the rule.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vendors: Vec<String>,
}

/// A deadline that runs from an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// What is due, e.g. `first report to the contracting officer`.
    pub what: String,
    /// How many days.
    pub days: u16,
    /// Which days count.
    pub count: DayCount,
    /// What it runs from, e.g. `identification`; the name of another clock of the rule when it follows that one.
    pub from: String,
    /// What to know: another clause date, who is bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Which days a clock counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DayCount {
    /// Monday to Friday without US federal holidays.
    Business,
    /// Every day.
    Calendar,
}

/// A rule as it stands on a day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AppliedRule {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Where it is published.
    pub citation: String,
    /// Country or state.
    pub jurisdiction: String,
    /// Whether it has legal force.
    pub binding: bool,
    /// Exactly what it prohibits or requires.
    pub summary: String,
    /// Who is bound.
    pub binds: Vec<String>,
    /// Who is not, or what it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub does_not_bind: Option<String>,
    /// What it exempts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exemptions: Vec<String>,
    /// Deadlines that run from the day on which the product is found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clocks: Vec<Clock>,
    /// How it stands, in the words of the rules file.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub status: String,
    /// Whether something is prohibited or required on the day.
    pub in_force: bool,
    /// What it acts on, on the day.
    pub effects: Vec<Effect>,
    /// The first day on which it acted on something, YYYY-MM-DD.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// Days from then to the day of the report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days_in_force: Option<i32>,
    /// The next date of the rule, if one is ahead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Milestone>,
    /// Days from the day of the report to that date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days_until_next: Option<i32>,
    /// Its text.
    pub url: String,
}

impl Rule {
    /// The rule as it stands on a day for a vendor. A rule that ended is shown with its status and is not in force.
    /// `is_vendor` decides which ids of the rule stand for the vendor: a signature file may list products of several.
    pub fn applied(&self, day: Date, is_vendor: impl Fn(&str) -> bool) -> AppliedRule {
        let names = |milestone: &Milestone| milestone.vendors.iter().any(|id| is_vendor(id));
        // A user's signature file may cite the rule for a vendor that no milestone names: every date counts for it.
        let has_own = self.milestones.iter().any(names);
        let concerns = |milestone: &Milestone| !has_own || milestone.vendors.is_empty() || names(milestone);
        let milestones: Vec<&Milestone> = self.milestones.iter().filter(|one| concerns(one)).collect();
        let acting = |milestone: &&Milestone| !milestone.effects.is_empty();
        let past = |milestone: &&Milestone| milestone.day().is_some_and(|date| date <= day);
        let passed: Vec<&Milestone> = milestones.iter().copied().filter(acting).filter(past).collect();
        let mut effects: Vec<Effect> =
            passed.iter().flat_map(|milestone| milestone.effects.clone()).collect();
        effects.sort_unstable();
        effects.dedup();
        let since = passed.iter().filter_map(|milestone| milestone.day()).min();
        let next = milestones.iter().copied().find(|one| one.day().is_some_and(|date| date > day));
        let until_next = next.and_then(Milestone::day).and_then(|next| day.until(next).ok());
        AppliedRule {
            id: self.id.clone(),
            title: self.title.clone(),
            citation: self.citation.clone(),
            jurisdiction: self.jurisdiction.clone(),
            binding: self.binding,
            summary: self.summary.clone(),
            binds: self.binds.clone(),
            does_not_bind: self.does_not_bind.clone(),
            exemptions: self.exemptions.clone(),
            clocks: self.clocks.clone(),
            status: self.status.clone(),
            in_force: !passed.is_empty() && !self.has_ended(day),
            effects,
            since: since.map(|date| date.to_string()),
            days_in_force: since.and_then(|since| since.until(day).ok()).map(|span| span.get_days()),
            next: next.cloned(),
            days_until_next: until_next.map(|span| span.get_days()),
            url: self.url.clone(),
        }
    }

    fn has_ended(&self, day: Date) -> bool {
        self.ended.as_deref().and_then(|date| date.parse::<Date>().ok()).is_some_and(|ended| ended <= day)
    }
}

impl Milestone {
    /// The day of the milestone; of a moment, the day where it was set.
    pub fn day(&self) -> Option<Date> {
        self.date.get(..10).and_then(|date| date.parse().ok())
    }
}
