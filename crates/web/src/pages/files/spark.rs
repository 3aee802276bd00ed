//! When files were changed: a small drawing for each, all over the same days.

use std::{collections::BTreeMap, fmt::Write as _};

use jiff::{Span, civil::Date};
use report::overall::files::{FileDay, HotFile};

/// So many lines fit.
const BARS: i32 = 48;
/// How far one begins behind the other.
const STEP: i32 = 4;

/// The days of all drawings, cut into equal times.
#[derive(Clone, Copy)]
pub(super) struct Axis {
    pub first: Date,
    pub last: Date,
    days_each: i32,
}

/// When one file was changed.
pub(super) struct Spark {
    /// What is drawn: a line up for each time, in the form of SVG.
    pub lines: String,
    /// The same in words.
    pub words: String,
}

impl Spark {
    pub const WIDTH: i32 = BARS * STEP;
    pub const HEIGHT: i64 = 24;
    pub const LINE_WIDTH: i32 = STEP - 1;
}

impl Axis {
    /// The days on which any of these files was changed, and the ones between.
    pub fn of(files: &[HotFile]) -> Option<Self> {
        let days = || files.iter().flat_map(|file| &file.days).filter_map(date);
        let (first, last) = (days().min()?, days().max()?);
        let days = days_between(first, last) + 1;
        let days_each = (days + BARS - 1) / BARS;
        // The last time ends with the last day.
        let first = last.saturating_sub(Span::new().days(days_each * BARS - 1));
        Some(Self { first, last, days_each })
    }

    /// The drawing of a file that was changed on these days; nothing where there are none.
    pub fn spark(self, days: &[FileDay]) -> Option<Spark> {
        let (first, last) = (days.first()?, days.last()?);
        let most = days.iter().max_by_key(|day| day.operations)?;
        let words = if first == last {
            format!("{} changes, all on {}", first.operations, first.day)
        } else {
            format!(
                "changed on {} days from {} to {}, most often on {}: {} times",
                days.len(),
                first.day,
                last.day,
                most.day,
                most.operations
            )
        };
        let times = self.times(days);
        let most = times.values().max().copied().unwrap_or(1);
        let mut lines = String::new();
        for (place, operations) in times {
            // A change among many is seen too.
            let height = share(operations, most).max(2);
            let x = place * STEP + STEP / 2;
            let _ = write!(lines, "M{x} {}v-{height}", Spark::HEIGHT);
        }
        Some(Spark { lines, words })
    }

    /// How often it was changed in each time.
    fn times(self, days: &[FileDay]) -> BTreeMap<i32, usize> {
        let mut times = BTreeMap::new();
        for (day, operations) in days.iter().filter_map(|day| Some((date(day)?, day.operations))) {
            let place = days_between(self.first, day) / self.days_each;
            *times.entry(place).or_default() += operations;
        }
        times
    }
}

fn date(day: &FileDay) -> Option<Date> {
    day.day.parse().ok()
}

fn days_between(first: Date, last: Date) -> i32 {
    first.until(last).map_or(0, |span| span.get_days())
}

fn share(operations: usize, most: usize) -> i64 {
    let [operations, most] =
        [operations, most].map(|count| i64::try_from(count).unwrap_or(i64::MAX));
    Spark::HEIGHT.saturating_mul(operations) / most.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(days: &[(&str, usize)]) -> HotFile {
        let day = |(day, operations): &(&str, usize)| FileDay {
            day: (*day).to_owned(),
            operations: *operations,
        };
        HotFile { days: days.iter().map(day).collect(), ..HotFile::default() }
    }

    #[test]
    fn files_are_drawn_over_the_same_days() {
        let one = file(&[("2026-11-19", 1), ("2026-11-20", 12)]);
        let other = file(&[("2026-11-10", 3)]);
        let axis = Axis::of(&[one.clone(), other.clone()]).expect("there are days");
        assert_eq!(
            (axis.first.to_string(), axis.last.to_string()),
            ("2026-10-04".into(), "2026-11-20".into())
        );
        let drawn = |file: &HotFile| axis.spark(&file.days).expect("there are days");
        assert_eq!(drawn(&one).lines, "M186 24v-2M190 24v-24");
        assert_eq!(drawn(&other).lines, "M150 24v-24");
        let words =
            "changed on 2 days from 2026-11-19 to 2026-11-20, most often on 2026-11-20: 12 times";
        assert_eq!(drawn(&one).words, words);
    }

    #[test]
    fn days_that_stand_close_are_one_line() {
        let file = file(&[("2025-01-01", 1), ("2025-01-02", 1), ("2026-11-20", 4)]);
        let axis = Axis::of(std::slice::from_ref(&file)).expect("there are days");
        let times: Vec<_> = axis.times(&file.days).into_iter().collect();
        assert_eq!(times, [(2, 2), (BARS - 1, 4)]);
    }

    #[test]
    fn what_has_no_day_is_not_drawn() {
        assert!(Axis::of(&[file(&[]), file(&[("when", 1)])]).is_none());
        let axis = Axis::of(&[file(&[("2026-11-20", 1)])]).expect("there is a day");
        assert!(axis.spark(&[]).is_none());
    }
}
