//! Points in time: milliseconds since the Unix epoch, never negative.

/// How far ahead of its receipt a time may lie and still order the conversation: one day.
pub const FUTURE_TOLERANCE_MS: u64 = 24 * 60 * 60 * 1000;

/// Milliseconds since the Unix epoch, from 0 to `i64::MAX`, so that every value fits a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMs(i64);

impl UnixMs {
    /// The beginning of time.
    pub const EPOCH: Self = Self(0);

    /// `None` for a time before the epoch.
    pub const fn new(milliseconds: i64) -> Option<Self> {
        if milliseconds >= 0 { Some(Self(milliseconds)) } else { None }
    }

    /// The value of a column or a header.
    pub fn get(self) -> i64 {
        self.0
    }

    /// Whether something received at that time can have been made at this one: a clock may be
    /// ahead, but not by more than a day.
    pub fn is_plausible_at(self, received_at: Self) -> bool {
        let ahead = self.0.saturating_sub(received_at.0);
        u64::try_from(ahead).map_or(true, |ms| ms <= FUTURE_TOLERANCE_MS)
    }

    /// The time that orders: this one, or the receipt where this one is not plausible.
    #[must_use]
    pub fn ordered_by(self, received_at: Self) -> Self {
        if self.is_plausible_at(received_at) { self } else { received_at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_before_the_epoch_is_none() {
        assert_eq!(UnixMs::new(-1), None);
        assert_eq!(UnixMs::new(0).map(UnixMs::get), Some(0));
        assert_eq!(UnixMs::new(i64::MAX).map(UnixMs::get), Some(i64::MAX));
    }

    #[test]
    fn a_time_more_than_a_day_ahead_is_ordered_by_receipt() {
        let day = i64::try_from(FUTURE_TOLERANCE_MS).expect("a day fits");
        let at = |ms| UnixMs::new(ms).expect("not negative");
        let cases = [
            ("past", 5, 10, 5),
            ("same", 10, 10, 10),
            ("a day ahead", 10 + day, 10, 10 + day),
            ("a day and a millisecond ahead", 11 + day, 10, 10),
            ("the end of time", i64::MAX, 10, 10),
        ];
        for (name, time, receipt, expected) in cases {
            assert_eq!(at(time).ordered_by(at(receipt)), at(expected), "{name}");
        }
    }
}
