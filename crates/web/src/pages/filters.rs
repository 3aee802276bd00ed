//! How pages tell numbers, money and times.

#![expect(
    clippy::inline_always,
    clippy::trivially_copy_pass_by_ref,
    clippy::unnecessary_wraps,
    clippy::unused_self,
    reason = "templates hand over references, and the rest is what the macro makes of a filter"
)]

use std::fmt::{Display, Write as _};

use askama::{
    Result, Values, filter_fn,
    filters::{Html, Safe, escape as escape_html},
};
use domain::UnixMs;
use jiff::{Timestamp, tz::TimeZone};
use report::{
    Amount,
    plain::{Keep, escape},
};

/// A foreign text within a line.
#[filter_fn]
pub fn line(text: impl AsRef<str>, _: &dyn Values) -> Result<String> {
    Ok(escape(text.as_ref(), Keep::Nothing).into_owned())
}

/// A foreign text of several lines.
#[filter_fn]
pub fn block(text: impl AsRef<str>, _: &dyn Values) -> Result<String> {
    Ok(escape(text.as_ref(), Keep::Lines).into_owned())
}

/// A whole number with its thousands apart: `1,234,567`.
#[filter_fn]
pub fn count(number: impl Display, _: &dyn Values) -> Result<String> {
    Ok(thousands(&number.to_string()))
}

/// A whole number; a dash where none is known.
#[filter_fn]
pub fn known(number: &Option<i64>, _: &dyn Values) -> Result<String> {
    Ok(number.map_or_else(|| "–".to_owned(), |number| thousands(&number.to_string())))
}

/// A great number in three digits: `1.23 M`.
#[filter_fn]
pub fn short(number: &i64, _: &dyn Values) -> Result<String> {
    Ok(shortened(*number))
}

/// A size in three digits: `1.23 MB`.
#[filter_fn]
pub fn bytes(number: &u64, _: &dyn Values) -> Result<String> {
    Ok(in_units(*number, [" TB", " GB", " MB", " kB", " B"]))
}

/// Money to four digits that count, `$12.35`, `$0.001234`; a dash where none is known.
#[filter_fn]
pub fn money(cost: &Option<Amount>, _: &dyn Values) -> Result<String> {
    Ok(cost.as_ref().map_or_else(|| "–".to_owned(), |cost| dollars(cost.picodollars)))
}

/// Money that is known.
#[filter_fn]
pub fn dollars_of(cost: &Amount, _: &dyn Values) -> Result<String> {
    Ok(dollars(cost.picodollars))
}

/// A share, to a tenth of a per cent.
#[filter_fn]
pub fn percent(share: &f64, _: &dyn Values) -> Result<String> {
    Ok(format!("{share:.1} %"))
}

/// A share in whole per cent, as the classes of bars have it; anything is more than nothing.
#[filter_fn]
pub fn whole_percent(share: &f64, _: &dyn Values) -> Result<u8> {
    Ok(whole(*share))
}

/// A length in its two greatest units; a dash where none is known.
#[filter_fn]
pub fn length(duration_ms: &Option<i64>, _: &dyn Values) -> Result<String> {
    Ok(duration_ms.map_or_else(|| "–".to_owned(), report::length))
}

/// A foreign text within a line in which code stands between back quotes.
#[filter_fn]
pub fn coded(text: &str, _: &dyn Values) -> Result<Safe<String>> {
    Ok(Safe(with_code(text)?))
}

fn with_code(text: &str) -> Result<String> {
    let mut told = String::new();
    for (place, piece) in escape(text, Keep::Nothing).split('`').enumerate() {
        let piece = escape_html(piece, Html)?;
        if place % 2 == 0 {
            write!(told, "{piece}")?;
        } else {
            write!(told, "<code>{piece}</code>")?;
        }
    }
    Ok(told)
}

/// A moment in a time zone, to the minute; a dash where none is known.
#[filter_fn]
pub fn moment(at_unix_ms: &Option<i64>, _: &dyn Values, zone: &TimeZone) -> Result<String> {
    Ok(at_unix_ms.and_then(|at| minute(at, zone)).unwrap_or_else(|| "–".to_owned()))
}

fn minute(at_unix_ms: i64, zone: &TimeZone) -> Option<String> {
    let at = Timestamp::from_millisecond(UnixMs::new(at_unix_ms)?.get()).ok()?;
    Some(at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string())
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is clamped")]
fn whole(share: f64) -> u8 {
    if share <= 0.0 { 0 } else { share.round().clamp(1.0, 100.0) as u8 }
}

fn thousands(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("-", digits));
    let mut told = String::from(sign);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            told.push(',');
        }
        told.push(digit);
    }
    told
}

pub(super) fn shortened(number: i64) -> String {
    let sign = if number < 0 { "-" } else { "" };
    format!("{sign}{}", in_units(number.unsigned_abs(), [" T", " B", " M", " k", ""]))
}

/// In the greatest unit that leaves three digits, rounded; the names are those of a million million and so
/// on, down to one.
fn in_units(number: u64, [tera, giga, mega, kilo, one]: [&str; 5]) -> String {
    let size = u128::from(number);
    if size < 1_000 {
        return format!("{size}{one}");
    }
    let units =
        [(1_000, kilo), (1_000_000, mega), (1_000_000_000, giga), (1_000_000_000_000, tera)];
    // What rounds up to a thousand of a unit is told in the next one.
    let fits = |(unit, _): &(u128, &str)| size * 2 < unit * 1_999;
    let (unit, name) = units.into_iter().find(fits).unwrap_or(units[3]);
    let rounded = |parts: u128| (size * parts * 2 + unit) / (unit * 2);
    let (hundredths, tenths) = (rounded(100), rounded(10));
    match (hundredths, tenths) {
        (0..1_000, _) => format!("{}.{:02}{name}", hundredths / 100, hundredths % 100),
        (_, 0..1_000) => format!("{}.{}{name}", tenths / 10, tenths % 10),
        _ => format!("{}{name}", thousands(&rounded(1).to_string())),
    }
}

pub(super) fn dollars(picodollars: i64) -> String {
    const CENT: u64 = 10_000_000_000;
    let (sign, amount) = (if picodollars < 0 { "-" } else { "" }, picodollars.unsigned_abs());
    // Below ten cents as many digits as it takes to see four that count.
    let (mut digits, mut unit) = (2, CENT);
    while digits < 12 && amount < unit * 1_000 && amount < CENT * 10 && amount > 0 {
        digits += 1;
        unit /= 10;
    }
    let rounded = (amount + unit / 2) / unit;
    let whole_units = 1_000_000_000_000 / unit;
    let (whole, fraction) = (rounded / whole_units, rounded % whole_units);
    format!("{sign}${}.{fraction:0digits$}", thousands(&whole.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_to_be_read() {
        let cases = [
            (0, "0", "0"),
            (999, "999", "999"),
            (1_000, "1,000", "1.00 k"),
            (12_345, "12,345", "12.3 k"),
            (123_456, "123,456", "123 k"),
            (999_499, "999,499", "999 k"),
            (999_500, "999,500", "1.00 M"),
            (3_965_249, "3,965,249", "3.97 M"),
            (9_996_000, "9,996,000", "10.0 M"),
            (1_234_567, "1,234,567", "1.23 M"),
            (-1_234_567_890, "-1,234,567,890", "-1.23 B"),
            (i64::MAX, "9,223,372,036,854,775,807", "9,223,372 T"),
        ];
        for (number, told, short) in cases {
            assert_eq!(thousands(&number.to_string()), told);
            assert_eq!(shortened(number), short, "{number}");
        }
    }

    #[test]
    fn code_is_what_stands_between_back_quotes_and_is_escaped() {
        let cases = [
            ("run `a b` <now>", "run <code>a b</code> &#60;now&#62;"),
            ("`</code><b>` `", "<code>&#60;/code&#62;&#60;b&#62;</code> <code></code>"),
        ];
        for (text, told) in cases {
            assert_eq!(with_code(text).expect("it fits"), told);
        }
    }

    #[test]
    fn sizes_have_their_unit() {
        let cases = [(0, "0 B"), (1_234, "1.23 kB"), (56_700_000_000, "56.7 GB")];
        for (number, told) in cases {
            assert_eq!(in_units(number, [" TB", " GB", " MB", " kB", " B"]), told);
        }
    }

    #[test]
    fn money_is_told_to_the_cent_and_little_of_it_more_finely() {
        let cases = [
            (0, "$0.00"),
            (1_234_567_000_000_000, "$1,234.57"),
            (999_999_000_000, "$1.00"),
            (123_456_000_000, "$0.12"),
            (12_345_600_000, "$0.01235"),
            (1_234_000_000, "$0.001234"),
            (1, "$0.000000000001"),
            (-2_500_000_000_000, "-$2.50"),
        ];
        for (amount, told) in cases {
            assert_eq!(dollars(amount), told, "{amount}");
        }
    }

    #[test]
    fn a_bar_of_anything_can_be_seen() {
        let shares = [(0.0, 0), (0.01, 1), (1.4, 1), (99.6, 100), (250.0, 100), (f64::NAN, 0)];
        for (share, expected) in shares {
            assert_eq!(whole(share), expected, "{share}");
        }
    }

    #[test]
    fn a_moment_is_told_in_its_zone() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        assert_eq!(minute(1_795_168_018_979, &zone).as_deref(), Some("2026-11-20 11:46"));
        assert_eq!(minute(-1, &zone), None);
    }
}
