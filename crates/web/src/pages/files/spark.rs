//! When files were changed: a small drawing for each, all over the same days.

use jiff::{Span, civil::Date};
use report::overall::files::{FileDay, HotFile};

/// So many bars fit.
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
    pub bars: Vec<Bar>,
}

impl Spark {
    pub const WIDTH: i32 = BARS * STEP;
    pub const HEIGHT: i64 = 24;
    pub const BAR_WIDTH: i32 = STEP - 1;
}

/// The changes of one time.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Bar {
    pub x: i32,
    pub y: i64,
    pub height: i64,
    /// From which day on …
    pub first: Date,
    /// … to which one.
    pub last: Date,
    pub operations: usize,
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

    /// The drawing of a file that was changed on these days, one after the other.
    pub fn spark(self, days: &[FileDay]) -> Spark {
        let mut bars: Vec<Bar> = Vec::new();
        for (day, operations) in days.iter().filter_map(|day| Some((date(day)?, day.operations))) {
            let place = days_between(self.first, day) / self.days_each;
            let x = place * STEP;
            match bars.last_mut() {
                Some(bar) if bar.x == x => bar.operations += operations,
                _ => bars.push(self.bar(place, operations)),
            }
        }
        let most = bars.iter().map(|bar| bar.operations).max().unwrap_or(1);
        for bar in &mut bars {
            // A change among many is seen too.
            bar.height = share(bar.operations, most).max(2);
            bar.y = Spark::HEIGHT - bar.height;
        }
        Spark { bars }
    }

    fn bar(self, place: i32, operations: usize) -> Bar {
        let after = |days: i32| self.first.saturating_add(Span::new().days(days));
        let first = after(place * self.days_each);
        let last = after((place + 1) * self.days_each - 1);
        Bar { x: place * STEP, y: 0, height: 0, first, last, operations }
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

    /// Where bars are, how high they are, and how much they stand for.
    fn drawn(axis: Axis, file: &HotFile) -> Vec<(i32, i64, usize)> {
        let bars = axis.spark(&file.days).bars;
        bars.iter().map(|bar| (bar.x / STEP, bar.height, bar.operations)).collect()
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
        assert_eq!(drawn(axis, &one), [(46, 2, 1), (47, 24, 12)]);
        assert_eq!(drawn(axis, &other), [(37, 24, 3)]);
    }

    #[test]
    fn days_that_stand_close_are_one_bar() {
        let file = file(&[("2025-01-01", 1), ("2025-01-02", 1), ("2026-11-20", 4)]);
        let axis = Axis::of(std::slice::from_ref(&file)).expect("there are days");
        let bars = axis.spark(&file.days).bars;
        assert_eq!(bars.iter().map(|bar| bar.operations).collect::<Vec<_>>(), [2, 4]);
        assert!(bars.iter().all(|bar| bar.x >= 0 && bar.x < Spark::WIDTH));
        assert_eq!(bars[1].last, axis.last);
    }

    #[test]
    fn what_has_no_day_is_not_drawn() {
        assert!(Axis::of(&[file(&[]), file(&[("when", 1)])]).is_none());
    }
}
