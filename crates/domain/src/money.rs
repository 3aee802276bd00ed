//! Money: integer picodollars, so that sums are exact.

use std::fmt;

use thiserror::Error;

const PICODOLLARS_DIGITS: i32 = 12;
const PICODOLLARS_PER_DOLLAR: u64 = 1_000_000_000_000;

/// Millionths of a millionth of a US dollar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Picodollars(pub i64);

impl fmt::Display for Picodollars {
    /// Dollars with every digit that counts, at least two after the point.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let amount = self.0.unsigned_abs();
        let digits = format!("{:012}", amount % PICODOLLARS_PER_DOLLAR);
        let fraction = digits.trim_end_matches('0');
        write!(f, "{sign}{}.{fraction:0<2}", amount / PICODOLLARS_PER_DOLLAR)
    }
}

/// A cost that is no decimal number, is negative, or does not fit.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("is no amount from 0 to 9,223,372 dollars")]
pub struct UnreadableCost;

/// An agent's own figure in dollars: the digits as they came, and the amount to count with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cost {
    amount: Picodollars,
    text: String,
}

impl Cost {
    /// Reads a JSON number in dollars; digits beyond a picodollar round half up.
    ///
    /// # Errors
    /// [`UnreadableCost`] where the text is no such number or does not fit.
    pub fn from_dollars(text: &str) -> Result<Self, UnreadableCost> {
        let amount = picodollars(text).ok_or(UnreadableCost)?;
        Ok(Self { amount: Picodollars(amount), text: text.to_owned() })
    }

    /// Puts a stored figure and its stored amount together again.
    pub fn from_stored(text: String, amount: Picodollars) -> Self {
        Self { amount, text }
    }

    /// The amount to count with.
    pub fn amount(&self) -> Picodollars {
        self.amount
    }

    /// The figure as it came.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// `mantissa × 10^exponent` dollars as picodollars, without a float in between.
fn picodollars(text: &str) -> Option<i64> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let digits = digits.trim_start_matches('0');
    if digits.is_empty() {
        return Some(0);
    }
    let fraction_digits = i32::try_from(fraction.len()).ok()?;
    let shift = exponent.checked_sub(fraction_digits)?.checked_add(PICODOLLARS_DIGITS)?;
    if shift >= 0 {
        let digits: i64 = digits.parse().ok()?;
        return digits.checked_mul(10_i64.checked_pow(shift.unsigned_abs())?);
    }
    let dropped = usize::try_from(shift.unsigned_abs()).ok()?;
    if dropped > digits.len() {
        return Some(0);
    }
    let (kept, rest) = digits.split_at(digits.len() - dropped);
    let kept: i64 = if kept.is_empty() { 0 } else { kept.parse().ok()? };
    kept.checked_add(i64::from(rest.as_bytes()[0] >= b'5'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_amount_reads_as_dollars_to_the_last_digit() {
        let cases = [
            (0, "0.00"),
            (1, "0.000000000001"),
            (10_000_000_000, "0.01"),
            (1_500_000_000_000, "1.50"),
            (1_234_500_000_000, "1.2345"),
            (-5_000_000_000, "-0.005"),
            (i64::MIN, "-9223372.036854775808"),
        ];
        for (amount, expected) in cases {
            assert_eq!(Picodollars(amount).to_string(), expected);
        }
    }

    #[test]
    fn dollars_become_picodollars_exactly() {
        let cases = [
            ("0", 0),
            ("0.0", 0),
            ("0.0021", 2_100_000_000),
            ("2.1e-3", 2_100_000_000),
            ("2.1E-3", 2_100_000_000),
            ("1", 1_000_000_000_000),
            ("1e2", 100_000_000_000_000),
            ("0.30000000000000004", 300_000_000_000),
            ("0.0000000000005", 1),
            ("0.00000000000049", 0),
            ("1e-300", 0),
            ("0e999999999", 0),
            ("9223372.036854775807", i64::MAX),
        ];
        for (text, expected) in cases {
            let cost = Cost::from_dollars(text);
            assert_eq!(cost.as_ref().map(Cost::amount), Ok(Picodollars(expected)), "{text}");
            assert_eq!(cost.as_ref().map(Cost::text), Ok(text));
        }
    }

    #[test]
    fn what_is_no_amount_is_refused() {
        for text in ["", "-1", "-0.1", "1e400", "9223373", "NaN", "1.2.3", "1e", "e5", "0x10", "1 "]
        {
            assert_eq!(Cost::from_dollars(text), Err(UnreadableCost), "{text}");
        }
    }
}
