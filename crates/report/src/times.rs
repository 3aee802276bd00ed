//! Times as people write them: a day, a moment, or how long ago.

use domain::UnixMs;
use jiff::{Span, Timestamp, Zoned, civil, tz::TimeZone};

/// The time zone of that name in the IANA database; `None` where there is none.
pub fn zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok()
}

/// The day that holds a time; `None` where no calendar reaches that far.
pub fn day(at: UnixMs, zone: &TimeZone) -> Option<civil::Date> {
    let at = Timestamp::from_millisecond(at.get()).ok()?;
    Some(at.to_zoned(zone.clone()).date())
}

/// `2026-11-20 11:24:03` in that time zone; milliseconds where no calendar reaches that far.
pub fn absolute_time(time: UnixMs, zone: &TimeZone) -> String {
    match Timestamp::from_millisecond(time.get()) {
        Ok(time) => time.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string(),
        Err(_) => format!("{} ms", time.get()),
    }
}

/// `2026-11-20T11:24:03.979Z` (RFC 3339), the same everywhere; milliseconds where no calendar reaches
/// that far.
pub fn exact_time(time: UnixMs) -> String {
    match Timestamp::from_millisecond(time.get()) {
        Ok(time) => format!("{time:.3}"),
        Err(_) => format!("{} ms", time.get()),
    }
}

/// When it begins: the day, or the moment. `None` where it is neither.
pub fn since(text: &str, now: UnixMs, zone: &TimeZone) -> Option<UnixMs> {
    moment(text, now, zone, 0)
}

/// When it ends: at the end of the day, or at the moment. `None` where it is neither.
pub fn until(text: &str, now: UnixMs, zone: &TimeZone) -> Option<UnixMs> {
    moment(text, now, zone, 1)
}

fn moment(text: &str, now: UnixMs, zone: &TimeZone, days_later: i64) -> Option<UnixMs> {
    let time = if let Ok(day) = text.parse::<civil::Date>() {
        let day = day.checked_add(Span::new().try_days(days_later).ok()?).ok()?;
        day.to_zoned(zone.clone()).ok()?.timestamp()
    } else if let Ok(time) = text.parse::<Timestamp>() {
        time
    } else {
        let ago: Span = text.parse().ok()?;
        let now = Timestamp::from_millisecond(now.get()).ok()?;
        Zoned::new(now, zone.clone()).checked_sub(ago).ok()?.timestamp()
    };
    UnixMs::new(time.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> UnixMs {
        UnixMs::new(milliseconds).expect("not negative")
    }

    #[test]
    fn a_time_is_told_in_the_zone_and_beyond_the_calendar_as_a_number() {
        let plus_two = TimeZone::fixed(jiff::tz::offset(2));
        let cases = [
            (0, &TimeZone::UTC, "1970-01-01 00:00:00"),
            (1_795_168_018_979, &TimeZone::UTC, "2026-11-20 09:46:58"),
            (1_795_168_018_979, &plus_two, "2026-11-20 11:46:58"),
            (i64::MAX, &TimeZone::UTC, "9223372036854775807 ms"),
        ];
        for (milliseconds, zone, expected) in cases {
            assert_eq!(absolute_time(at(milliseconds), zone), expected);
        }
        assert_eq!(exact_time(at(1_795_168_018_979)), "2026-11-20T09:46:58.979Z");
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        let zone = zone("Europe/Paris").expect("it is in the database");
        // 2026-11-20 12:00 in Paris.
        let now = UnixMs::new(1_795_172_400_000).expect("not negative");
        let cases = [
            ("2026-11-20", Some((1_795_129_200_000, 1_795_215_600_000))),
            // The clock goes back on that day, which is an hour longer.
            ("2026-10-25", Some((1_792_879_200_000, 1_792_969_200_000))),
            ("2026-11-20T11:00:00Z", Some((1_795_172_400_000, 1_795_172_400_000))),
            ("12h", Some((1_795_129_200_000, 1_795_129_200_000))),
            ("1 week", Some((1_794_567_600_000, 1_794_567_600_000))),
            ("yesterday", None),
            ("2026-13-01", None),
            ("", None),
            ("9999999y", None),
        ];
        for (text, expected) in cases {
            let found = since(text, now, &zone).zip(until(text, now, &zone));
            let found = found.map(|(since, until)| (since.get(), until.get()));
            assert_eq!(found, expected, "{text:?}");
        }
    }
}
