//! Questions about all sessions.
//!
//! What a fork or a copy of a transcript holds besides is counted once, where its message counts.

pub mod activity;
pub mod agents;
pub mod attribution;
pub mod compactions;
pub mod errors;
pub mod facets;
pub mod files;
mod questions;
pub mod sessions;
pub mod summary;
pub mod tokens;
pub mod tool_cost;
pub mod tools;

use domain::UnixMs;
use jiff::tz::TimeZone;
use schemars::JsonSchema;
use serde::Serialize;

pub use self::questions::{OVERALL_QUESTIONS, OverallAnswer, OverallQuestion};
use self::sessions::Order;
use crate::{SessionFilter, times};

/// How many details are told where nobody says.
pub const TOLD: u32 = 20;

/// What is asked about, and how much of it is told.
#[derive(Clone, Debug)]
pub struct Scope {
    /// Which sessions, and which time.
    pub filter: SessionFilter,
    /// At most so many details; the sums are over all.
    pub limit: usize,
    /// The time zone of days.
    pub zone: TimeZone,
    /// Of files, those only whose path holds each of these words, in whatever case.
    pub path: Option<String>,
    /// In which order sessions stand.
    pub order: Order,
}

impl Scope {
    /// All that passes a filter, in the order that nobody asked for.
    pub fn all(filter: SessionFilter, zone: TimeZone) -> Self {
        Self { filter, limit: usize::MAX, zone, path: None, order: Order::default() }
    }
}

/// What was asked, and how much there is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct OverallMeta {
    /// From when on, in Unix milliseconds; null from the beginning on.
    pub since_unix_ms: Option<i64>,
    /// Before when; null to the end.
    pub until_unix_ms: Option<i64>,
    /// The time zone of days.
    pub time_zone: String,
    /// How many details are told.
    pub count: usize,
    /// How many there are.
    pub total: usize,
}

/// Leaves the first details, and says how many there were.
fn cut<Detail>(scope: &Scope, details: &mut Vec<Detail>) -> OverallMeta {
    let total = details.len();
    details.truncate(scope.limit);
    OverallMeta {
        since_unix_ms: scope.filter.since.map(UnixMs::get),
        until_unix_ms: scope.filter.until.map(UnixMs::get),
        time_zone: scope.zone.iana_name().unwrap_or("local").to_owned(),
        count: details.len(),
        total,
    }
}

/// The day of a time.
fn day(at: UnixMs, zone: &TimeZone) -> Option<String> {
    times::day(at, zone).map(|day| day.to_string())
}

/// The middle of some numbers, of an even count the mean of both in the middle, rounded down.
fn median(numbers: &mut [i64]) -> Option<i64> {
    if numbers.is_empty() {
        return None;
    }
    let is_odd = numbers.len() % 2 == 1;
    let upper = numbers.len() / 2;
    let (below, &mut middle, _) = numbers.select_nth_unstable(upper);
    let lower = below.iter().max().filter(|_| !is_odd);
    Some(lower.map_or(middle, |lower| whole(i128::from(*lower) + i128::from(middle), 2)))
}

/// The mean, rounded down.
fn mean(sum: i128, count: usize) -> Option<i64> {
    (count > 0).then(|| whole(sum, count))
}

fn whole(sum: i128, count: usize) -> i64 {
    let count = i128::try_from(count).unwrap_or(i128::MAX);
    i64::try_from(sum.div_euclid(count)).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::percent;

    #[test]
    fn a_median_is_the_middle_and_of_two_their_mean() {
        let cases: [(&[i64], Option<i64>); 7] = [
            (&[], None),
            (&[7], Some(7)),
            (&[3, 1], Some(2)),
            (&[2, 1], Some(1)),
            (&[9, 1, 5], Some(5)),
            (&[5, 5, 5, 1], Some(5)),
            (&[i64::MAX, i64::MAX], Some(i64::MAX)),
        ];
        for (numbers, expected) in cases {
            assert_eq!(median(&mut numbers.to_vec()), expected, "{numbers:?}");
        }
    }

    #[test]
    fn a_mean_and_a_rate_of_nothing_are_told_as_such() {
        assert_eq!((mean(0, 0), mean(7, 2), mean(-7, 2)), (None, Some(3), Some(-4)));
        assert_eq!(mean(i128::from(i64::MAX) * 3, 2), Some(i64::MAX));
        let rates = [percent(0, 0), percent(1, 3), percent(3, 3), percent(usize::MAX, 1)];
        assert_eq!(&rates[..3], [0.0, 33.33, 100.0]);
        assert!(rates[3] > 100.0);
    }
}
