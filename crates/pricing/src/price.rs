//! One price: of which model, since when and for how long, and of each kind of token.

use jiff::civil::Date;
use thiserror::Error;

/// How many digits behind the point a price of a million tokens can have: a picodollar a token is a
/// millionth of a dollar for a million.
const FRACTION_DIGITS: usize = 6;

/// A kind of token that has a price of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Prompt tokens that the cache took no part in.
    Input,
    /// Prompt tokens read from the cache.
    CacheRead,
    /// Prompt tokens written to the cache for five minutes.
    CacheWrite,
    /// Prompt tokens written to the cache for an hour.
    CacheWrite1h,
    /// Answer tokens without thinking.
    Output,
    /// Thinking tokens.
    Reasoning,
}

impl Kind {
    /// Every kind, in the order in which they are told.
    pub const ALL: [Self; 6] = [
        Self::Input,
        Self::CacheRead,
        Self::CacheWrite,
        Self::CacheWrite1h,
        Self::Output,
        Self::Reasoning,
    ];

    /// The key of its price.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::CacheRead => "cache_read",
            Self::CacheWrite => "cache_write",
            Self::CacheWrite1h => "cache_write_1h",
            Self::Output => "output",
            Self::Reasoning => "reasoning",
        }
    }
}

/// What one token costs: whole picodollars, never negative.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rate(i64);

/// Why a text is no price.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum UnreadableRate {
    /// It is no number of digits, or negative, or has an exponent.
    #[error("is no decimal number of dollars such as 3.75")]
    NoAmount,
    /// A token of it would cost a fraction of a picodollar.
    #[error("has more than {FRACTION_DIGITS} digits behind the point")]
    TooFine,
    /// It is beyond what can be counted with.
    #[error("is too large")]
    TooLarge,
}

impl Rate {
    /// Reads US dollars for a million tokens.
    ///
    /// # Errors
    /// The text is no such number, or not a whole number of picodollars for one token.
    pub fn from_dollars_per_million(text: &str) -> Result<Self, UnreadableRate> {
        let (whole, fraction) = match text.split_once('.') {
            Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
            Some(_) => return Err(UnreadableRate::NoAmount),
            None => (text, ""),
        };
        let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !are_digits(whole) || !are_digits(fraction) {
            return Err(UnreadableRate::NoAmount);
        }
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > FRACTION_DIGITS {
            return Err(UnreadableRate::TooFine);
        }
        let digits = format!("{whole}{fraction:0<FRACTION_DIGITS$}");
        digits.parse().map(Self).map_err(|_| UnreadableRate::TooLarge)
    }

    /// What one token costs.
    pub fn picodollars_per_token(self) -> i64 {
        self.0
    }

    /// What a million tokens cost, in dollars, to the last digit: `0.025`, `15`.
    pub fn dollars_per_million(self) -> String {
        let digits = format!("{:0>width$}", self.0, width = FRACTION_DIGITS + 1);
        let (whole, fraction) = digits.split_at(digits.len() - FRACTION_DIGITS);
        let text = format!("{whole}.{fraction}");
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }
}

/// What each kind of token costs, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rates([Option<Rate>; Kind::ALL.len()]);

impl Rates {
    /// Names the price of a kind.
    pub fn set(&mut self, kind: Kind, rate: Rate) {
        self.0[kind as usize] = Some(rate);
    }

    /// The price that was named for a kind.
    pub fn named(&self, kind: Kind) -> Option<Rate> {
        self.0[kind as usize]
    }

    /// The price that holds for a kind: thinking costs what the answer costs unless it is said.
    pub fn of(&self, kind: Kind) -> Option<Rate> {
        match (self.named(kind), kind) {
            (None, Kind::Reasoning) => self.named(Kind::Output),
            (named, _) => named,
        }
    }
}

/// One price of one model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Price {
    /// Who serves the model.
    pub provider: String,
    /// The model.
    pub model: String,
    /// Its further names.
    pub aliases: Vec<String>,
    /// The first day on which the price holds, in UTC; without one it holds since the model exists.
    pub from: Option<Date>,
    /// The first day on which it holds no more.
    pub until: Option<Date>,
    /// It holds for requests whose prompt is longer than this; without one for any.
    pub prompt_over_tokens: Option<i64>,
    /// What each kind of token costs.
    pub rates: Rates,
    /// Where it was found.
    pub source: Option<String>,
    /// When that was read.
    pub read_on: Option<Date>,
}

impl Price {
    /// Whether the price is of the same model.
    pub fn is_of_the_model_of(&self, other: &Self) -> bool {
        self.provider == other.provider && self.model == other.model
    }

    /// Whether that is a name of the model.
    pub fn has_name(&self, name: &str) -> bool {
        self.model == name || self.aliases.iter().any(|alias| alias == name)
    }

    /// Whether it holds on a day; of an unknown day, whether it holds on all.
    pub fn holds_on(&self, day: Option<Date>) -> bool {
        match day {
            Some(day) => {
                self.from.is_none_or(|from| from <= day)
                    && self.until.is_none_or(|until| day < until)
            }
            None => self.from.is_none() && self.until.is_none(),
        }
    }

    /// Whether there is a day on which both hold, for prompts of the same length.
    pub fn overlaps(&self, other: &Self) -> bool {
        let begins_before_end = |one: &Self, other: &Self| match (one.from, other.until) {
            (Some(from), Some(until)) => from < until,
            _ => true,
        };
        self.prompt_over_tokens == other.prompt_over_tokens
            && begins_before_end(self, other)
            && begins_before_end(other, self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dollars_for_a_million_are_picodollars_for_one_and_back() {
        let cases = [
            ("0", 0, "0"),
            ("3", 3_000_000, "3"),
            ("3.75", 3_750_000, "3.75"),
            ("0.025", 25_000, "0.025"),
            ("0.000001", 1, "0.000001"),
            ("0.1000000000000", 100_000, "0.1"),
            ("007.50", 7_500_000, "7.5"),
            ("10", 10_000_000, "10"),
            ("9223372036854.775807", i64::MAX, "9223372036854.775807"),
        ];
        for (text, expected, told) in cases {
            let rate = Rate::from_dollars_per_million(text).expect(text);
            assert_eq!(rate.picodollars_per_token(), expected, "{text}");
            assert_eq!(rate.dollars_per_million(), told, "{text}");
        }
    }

    #[test]
    fn what_is_no_exact_price_is_refused() {
        use UnreadableRate::{NoAmount, TooFine, TooLarge};
        let cases = [
            ("", NoAmount),
            (".5", NoAmount),
            ("5.", NoAmount),
            ("-1", NoAmount),
            ("+1", NoAmount),
            ("1e-3", NoAmount),
            ("1_000", NoAmount),
            ("1.2.3", NoAmount),
            ("nan", NoAmount),
            ("inf", NoAmount),
            ("٣", NoAmount),
            ("0.0000001", TooFine),
            ("3.7500001", TooFine),
            ("9223372036854.775808", TooLarge),
            ("99999999999999999999", TooLarge),
        ];
        for (text, expected) in cases {
            assert_eq!(Rate::from_dollars_per_million(text), Err(expected), "{text}");
        }
    }

    #[test]
    fn thinking_costs_what_the_answer_costs_unless_it_is_said() {
        let rate = |text| Rate::from_dollars_per_million(text).expect(text);
        let mut rates = Rates::default();
        assert_eq!(rates.of(Kind::Reasoning), None);
        rates.set(Kind::Output, rate("10"));
        assert_eq!(rates.of(Kind::Reasoning), Some(rate("10")));
        assert_eq!(rates.named(Kind::Reasoning), None);
        rates.set(Kind::Reasoning, rate("4"));
        assert_eq!(rates.of(Kind::Reasoning), Some(rate("4")));
    }
}
