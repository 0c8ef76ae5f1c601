//! Business days of the US federal government, computed.
//!
//! Sources: 5 U.S.C. 6103(a) names the holidays, 6103(b) the Friday before one on a Saturday; Executive Order 11582 the
//! Monday after one on a Sunday. Inauguration Day (6103(c)) is one only in and around Washington, D.C., and is none here;
//! days off by executive order for a single year are not known in advance.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday, date};

/// The legal holidays that are observed in a year, each on the day it is observed, in order.
pub fn observed(year: i16) -> Vec<Date> {
    let fixed = [(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)].map(|(month, day)| date(year, month, day));
    let floating = [
        nth(year, 1, 3, Weekday::Monday),
        nth(year, 2, 3, Weekday::Monday),
        nth(year, 5, -1, Weekday::Monday),
        nth(year, 9, 1, Weekday::Monday),
        nth(year, 10, 2, Weekday::Monday),
        nth(year, 11, 4, Weekday::Thursday),
    ];
    // New Year's Day of the next year may be observed on December 31.
    let next = date(year.saturating_add(1), 1, 1);
    let all = fixed.into_iter().chain([next]).map(shifted).chain(floating.into_iter().flatten());
    let mut days: Vec<Date> = all.filter(|day| day.year() == year).collect();
    days.sort_unstable();
    days
}

fn nth(year: i16, month: i8, nth: i8, weekday: Weekday) -> Option<Date> {
    date(year, month, 1).nth_weekday_of_month(nth, weekday).ok()
}

/// The day that a holiday on a given date is observed on.
fn shifted(day: Date) -> Date {
    match day.weekday() {
        Weekday::Saturday => day.saturating_sub(1.day()),
        Weekday::Sunday => day.saturating_add(1.day()),
        _ => day,
    }
}

/// Whether the federal government works on a day.
pub fn is_business_day(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !observed(day.year()).contains(&day)
}

/// The day that is so many business days after a day, which itself does not count.
pub fn business_days_after(day: Date, count: u16) -> Date {
    let mut at = day;
    for _ in 0..count {
        at = at.saturating_add(1.day());
        while !is_business_day(at) && at < Date::MAX {
            at = at.saturating_add(1.day());
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the Office of Personnel Management lists them.
    #[test]
    fn holidays_of_known_years() {
        let days = |year| {
            observed(year).iter().map(|day| day.strftime("%m-%d").to_string()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(days(2024), "01-01 01-15 02-19 05-27 06-19 07-04 09-02 10-14 11-11 11-28 12-25");
        assert_eq!(days(2026), "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25");
        assert_eq!(days(2021), "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31");
        assert_eq!(days(2022), "01-17 02-21 05-30 06-20 07-04 09-05 10-10 11-11 11-24 12-26");
    }

    #[test]
    fn business_days_pass_over_weekends_and_holidays() {
        let after = |day: Date, count| business_days_after(day, count).to_string();
        assert_eq!(after(date(2026, 11, 24), 1), "2026-11-25");
        assert_eq!(after(date(2026, 11, 24), 3), "2026-11-30", "Thanksgiving and a weekend");
        assert_eq!(after(date(2026, 11, 24), 10), "2026-12-09");
        assert_eq!(after(date(2021, 12, 30), 1), "2022-01-03", "New Year's Day observed in the old year");
        assert_eq!(after(date(2026, 11, 28), 0), "2026-11-28");
    }
}
