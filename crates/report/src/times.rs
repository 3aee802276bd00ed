//! Times as people write them: a day, a moment, or how long ago.

use domain::UnixMs;
use jiff::{Span, Timestamp, Zoned, civil, tz::TimeZone};

/// The time zone of that name in the IANA database; `None` where there is none.
pub fn zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok()
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
