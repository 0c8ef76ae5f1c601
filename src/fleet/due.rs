//! Until when a finding must be reported, where the rules of a host's audience ask for that: counted from the day on which
//! a product was first seen there, not from the newest report.

use jiff::tz::Offset;
use serde::{Deserialize, Serialize};

use super::Time;
use crate::finding::clocks::{Deadline, last_day};
use crate::signature::rules::Clock;

/// Duties kept of one host.
const MAX_DUTIES: usize = 64;

/// What a rule that binds a host asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duty {
    /// Id of the rule.
    #[serde(rename = "r")]
    rule: String,
    /// What is due, and how it is counted.
    #[serde(rename = "c")]
    clock: Clock,
}

/// What is due for a product on a host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Due {
    /// The last day, YYYY-MM-DD.
    pub day: String,
    /// What is due.
    pub what: String,
    /// The rule that asks for it.
    pub rule: String,
}

impl From<Deadline> for Duty {
    fn from(deadline: Deadline) -> Self {
        let Deadline { rule, what, days, count, from, .. } = deadline;
        Duty { rule, clock: Clock { what, days, count, from, note: None } }
    }
}

/// Adds duties to those that are known, in an order of their own.
pub(super) fn unite(known: &mut Vec<Duty>, more: &[Duty]) {
    known.extend(more.iter().filter(|duty| !known.contains(duty)).cloned().collect::<Vec<_>>());
    known.sort_by(|one, other| key(one).cmp(&key(other)));
    known.truncate(MAX_DUTIES);
}

fn key(duty: &Duty) -> (&str, &str, u16, &str) {
    (&duty.rule, &duty.clock.what, duty.clock.days, &duty.clock.from)
}

/// What is due first for a product under some rules that was found at a time.
pub(super) fn first(duties: &[Duty], rules: &[String], found: Time) -> Option<Due> {
    let found = Offset::UTC.to_datetime(jiff::Timestamp::from_second(found).ok()?).date();
    let due = duties.iter().filter(|duty| rules.contains(&duty.rule)).filter_map(|duty| {
        let of_rule = duties.iter().filter(|other| other.rule == duty.rule);
        let clocks: Vec<Clock> = of_rule.map(|other| other.clock.clone()).collect();
        let day = last_day(&duty.clock, &clocks, found)?.to_string();
        Some(Due { day, what: duty.clock.what.clone(), rule: duty.rule.clone() })
    });
    due.min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::rules::DayCount;

    #[test]
    fn days_count_from_the_first_sight_and_the_first_of_a_chain_is_due() {
        let duty = |what: &str, from: &str, days| Duty {
            rule: "far".to_owned(),
            clock: Clock {
                what: what.to_owned(),
                days,
                count: DayCount::Business,
                from: from.to_owned(),
                note: None,
            },
        };
        let duties = [duty("first report", "identification", 3), duty("second report", "first report", 10)];
        // 2026-07-02, a Thursday; Friday is a federal holiday.
        let due = first(&duties, &["far".to_owned()], 1_782_950_400).unwrap();
        assert_eq!((due.day.as_str(), due.what.as_str()), ("2026-07-08", "first report"));
        assert_eq!(first(&duties, &["other".to_owned()], 1_782_950_400), None);
        let mut known = vec![duties[1].clone()];
        unite(&mut known, &duties);
        let mut other = vec![duties[0].clone()];
        unite(&mut other, &duties);
        assert_eq!((known.len(), &known), (2, &other));
    }
}
