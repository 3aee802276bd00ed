//! Values that several answers hold.

use domain::{Picodollars, Tokens};
use schemars::JsonSchema;
use serde::Serialize;

/// Tokens by kind; null where nothing is said of a kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct TokenCounts {
    /// Prompt tokens that were not read from the cache.
    pub input: Option<i64>,
    /// Answer tokens without thinking.
    pub output: Option<i64>,
    /// Thinking tokens.
    pub reasoning: Option<i64>,
    /// Prompt tokens read from the cache.
    pub cache_read: Option<i64>,
    /// Prompt tokens written to the cache, for however long.
    pub cache_write: Option<i64>,
    /// Those of them that the cache keeps for an hour.
    pub cache_write_1h: Option<i64>,
}

impl From<Tokens> for TokenCounts {
    fn from(tokens: Tokens) -> Self {
        let Tokens { input, output, reasoning, cache_read, cache_write, cache_write_1h } = tokens;
        Self { input, output, reasoning, cache_read, cache_write, cache_write_1h }
    }
}

impl TokenCounts {
    /// Adds other counts, kind by kind. A sum that does not fit stays at the greatest number.
    pub fn add(&mut self, other: Self) {
        let sum = |sum: &mut Option<i64>, more: Option<i64>| {
            if let Some(more) = more {
                *sum = Some(sum.unwrap_or_default().saturating_add(more));
            }
        };
        sum(&mut self.input, other.input);
        sum(&mut self.output, other.output);
        sum(&mut self.reasoning, other.reasoning);
        sum(&mut self.cache_read, other.cache_read);
        sum(&mut self.cache_write, other.cache_write);
        sum(&mut self.cache_write_1h, other.cache_write_1h);
    }

    /// All tokens; those of an hour are in `cache_write` already.
    pub fn total(&self) -> i64 {
        let Self { input, output, reasoning, cache_read, cache_write, cache_write_1h: _ } = self;
        [input, output, reasoning, cache_read, cache_write]
            .into_iter()
            .flatten()
            .fold(0, |total, count| total.saturating_add(*count))
    }
}

/// An amount of money: exact, and as dollars to be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Amount {
    /// Millionths of a millionth of a US dollar.
    pub picodollars: i64,
    /// The same in dollars, to the last digit; text, because a JSON number may be read as a float.
    pub dollars: String,
}

impl From<Picodollars> for Amount {
    fn from(amount: Picodollars) -> Self {
        Self { picodollars: amount.0, dollars: amount.to_string() }
    }
}

/// How much of a whole, in per cent with two digits after the point; 0 of nothing.
pub(crate) fn percent<T: TryInto<i128>>(part: T, whole: T) -> f64 {
    let [part, whole] = [part, whole].map(|count| count.try_into().unwrap_or(i128::MAX));
    let basis_points = part.saturating_mul(10_000).checked_div(whole).unwrap_or_default();
    f64::from(i32::try_from(basis_points).unwrap_or(i32::MAX)) / 100.0
}

/// `2 h 5 min`, `40 s`: a length in its two greatest units.
pub fn length(duration_ms: i64) -> String {
    const UNITS: [(i64, &str); 5] =
        [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s"), (1, "ms")];
    let Some(greatest) = UNITS.iter().position(|(unit, _)| duration_ms >= *unit) else {
        return "0 s".to_owned();
    };
    let mut left = duration_ms;
    let mut told = Vec::new();
    for (unit, name) in UNITS.iter().skip(greatest).take(2) {
        let count = left / unit;
        left %= unit;
        if count > 0 {
            told.push(format!("{count} {name}"));
        }
    }
    told.join(" ")
}

/// `$0.0021`: an amount to the last digit that it has, at least to the cent.
pub fn dollars(picodollars: i64) -> String {
    let amount = Picodollars(picodollars).to_string();
    match amount.strip_prefix('-') {
        Some(amount) => format!("-${amount}"),
        None => format!("${amount}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_told_in_its_two_greatest_units() {
        let cases = [
            (0, "0 s"),
            (-1, "0 s"),
            (999, "999 ms"),
            (1_000, "1 s"),
            (7_500_000, "2 h 5 min"),
            (86_400_001, "1 d"),
            (i64::MAX, "106751991167 d 7 h"),
        ];
        for (duration, expected) in cases {
            assert_eq!(length(duration), expected, "{duration}");
        }
    }

    #[test]
    fn a_sum_of_tokens_counts_what_is_kept_for_an_hour_once() {
        let mut sum = TokenCounts { input: Some(1), ..TokenCounts::default() };
        sum.add(TokenCounts {
            cache_write: Some(10),
            cache_write_1h: Some(4),
            ..TokenCounts::default()
        });
        assert_eq!((sum.total(), sum.input, sum.output), (11, Some(1), None));
        sum.add(TokenCounts { input: Some(i64::MAX), ..TokenCounts::default() });
        assert_eq!(sum.total(), i64::MAX);
    }
}
