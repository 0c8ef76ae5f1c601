//! The deadlines of rules: until when something is due, counted from the day on which a product was identified.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Finding;
use super::holidays::business_days_after;
use crate::signature::rules::{Clock, DayCount};

/// Something that a rule says is due.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Deadline {
    /// Id of the rule.
    pub rule: String,
    /// Its citation.
    pub citation: String,
    /// What is due.
    pub what: String,
    /// How many days.
    pub days: u16,
    /// Which days count.
    pub count: DayCount,
    /// What it runs from.
    pub from: String,
    /// The last day, YYYY-MM-DD; absent when the clock runs from something that a scan cannot know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// What to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The deadlines of the rules in force that speak of the findings that count, from the day of identification on.
pub fn deadlines(findings: &[Finding], identified: Date) -> Vec<Deadline> {
    let mut rules = BTreeMap::new();
    for finding in findings.iter().filter(|finding| finding.counts()) {
        for rule in finding.rules.iter().filter(|rule| rule.in_force) {
            rules.entry(rule.id.as_str()).or_insert(rule);
        }
    }
    let mut deadlines = Vec::new();
    for rule in rules.into_values() {
        for clock in &rule.clocks {
            let due = last_day(clock, &rule.clocks, identified);
            deadlines.push(Deadline {
                rule: rule.id.clone(),
                citation: rule.citation.clone(),
                what: clock.what.clone(),
                days: clock.days,
                count: clock.count,
                from: clock.from.clone(),
                due: due.map(|day| day.to_string()),
                note: clock.note.clone(),
            });
        }
    }
    deadlines
}

/// The last day of a clock among the clocks of its rule; nothing when it runs from what a scan cannot know.
pub fn last_day(clock: &Clock, clocks: &[Clock], identified: Date) -> Option<Date> {
    due(clock, clocks, identified, 0)
}

/// A clock that follows another runs from the last day of that one. `depth` bounds clocks that follow each other in a ring.
fn due(clock: &Clock, clocks: &[Clock], identified: Date, depth: u8) -> Option<Date> {
    let start = match clocks.iter().find(|other| other.what == clock.from) {
        _ if clock.from == "identification" => identified,
        Some(before) if depth < 8 => due(before, clocks, identified, depth + 1)?,
        _ => return None,
    };
    Some(match clock.count {
        DayCount::Business => business_days_after(start, clock.days),
        DayCount::Calendar => start.saturating_add(i32::from(clock.days).days()),
    })
}
