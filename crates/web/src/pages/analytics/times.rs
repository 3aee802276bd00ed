//! The times of a chart, those in which nothing was done among them.

use jiff::{Span, ToSpan as _, civil::Date};
use report::usage::By;

/// More bars nobody tells apart; then only those times are drawn in which anything was done.
const MOST: usize = 1_100;

/// Every day, Monday or month from one day to another, as answers name them; nothing where they are too
/// many.
pub(super) fn times(each: By, first: Date, last: Date) -> Option<Vec<String>> {
    let (mut time, step): (Date, Span) = match each {
        By::Week => {
            let since = i64::from(first.weekday().to_monday_zero_offset());
            (first.saturating_sub(since.days()), 1.week())
        }
        By::Month => (first.first_of_month(), 1.month()),
        By::Day | By::Model | By::Agent | By::Project | By::Session | By::Tool => (first, 1.day()),
    };
    let mut times = Vec::new();
    while time <= last {
        if times.len() == MOST {
            return None;
        }
        times.push(name(each, time));
        time = time.checked_add(step).ok()?;
    }
    Some(times)
}

/// The day that a name begins with.
pub(super) fn day(name: &str) -> Option<Date> {
    name.parse().or_else(|_| format!("{name}-01").parse()).ok()
}

fn name(each: By, time: Date) -> String {
    if each == By::Month { time.strftime("%Y-%m").to_string() } else { time.to_string() }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn every_time_is_there_and_named_as_answers_name_it() {
        let (first, last) = (date(2026, 10, 30), date(2026, 11, 10));
        let of = |each| times(each, first, last).unwrap_or_default();
        assert_eq!(of(By::Day).len(), 12);
        assert_eq!(of(By::Week), ["2026-10-26", "2026-11-02", "2026-11-09"]);
        assert_eq!(of(By::Month), ["2026-10", "2026-11"]);
        assert_eq!(times(By::Day, last, first), Some(vec![]));
        assert_eq!(times(By::Day, date(1970, 1, 1), last), None);
        assert_eq!([day("2026-11"), day("2026-11-10")], [Some(date(2026, 11, 1)), Some(last)]);
        assert_eq!(day("?"), None);
    }
}
