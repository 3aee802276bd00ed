//! What one message costs: each count times its price, and their sum.

use domain::{Model, Picodollars, Tokens, UnixMs};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use thiserror::Error;

use crate::{Found, Kind, NotFound, PriceTable, Rate};

/// Why a message has no cost. It is never zero instead.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum NoCost {
    /// The agent counts no tokens.
    #[error("the agent counts no tokens")]
    NothingCounted,
    /// There is no price.
    #[error(transparent)]
    NoPrice(#[from] NotFound),
    /// There is a price, but not of a kind that was used.
    #[error("no price of {} tokens is known", .0.as_str())]
    NoPriceOf(Kind),
    /// More tokens were written to the cache for an hour than at all.
    #[error("more cache writes last an hour than there are")]
    Contradictory,
    /// The amount is beyond what is counted.
    #[error("it is more than 9,223,372 dollars, which is not counted any more")]
    Overflow,
}

impl NoCost {
    /// Whether a further price would help.
    pub fn is_for_want_of_a_price(self) -> bool {
        match self {
            Self::NoPrice(
                NotFound::UnknownModel | NotFound::ManyProviders | NotFound::NoPriceThen,
            )
            | Self::NoPriceOf(_) => true,
            Self::NoPrice(NotFound::NoModel)
            | Self::NothingCounted
            | Self::Contradictory
            | Self::Overflow => false,
        }
    }
}

/// One kind of token in a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factor {
    /// The kind.
    pub kind: Kind,
    /// How many; more than none.
    pub tokens: i64,
    /// What one costs, where that is known.
    pub rate: Option<Rate>,
    /// What all cost, where that is known and can be counted.
    pub amount: Option<Picodollars>,
}

/// What a message costs, with all that led to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge<'t> {
    /// The price, where there is one.
    pub found: Option<Found<'t>>,
    /// Each kind of token that was used.
    pub factors: Vec<Factor>,
    /// The sum, or why there is none.
    pub cost: Result<Picodollars, NoCost>,
}

/// What a message costs that came into being at `at`.
pub fn charge<'t>(
    table: &'t PriceTable,
    model: Option<&Model>,
    at: Option<UnixMs>,
    tokens: &Tokens,
) -> Charge<'t> {
    charge_together(table, model, at, tokens, prompt_tokens(tokens))
}

/// What messages cost together that came into being on one day, and whose prompts are each about as
/// long as `prompt_tokens`: between the same two of [`PriceTable::prompt_bounds`].
pub fn charge_together<'t>(
    table: &'t PriceTable,
    model: Option<&Model>,
    at: Option<UnixMs>,
    tokens: &Tokens,
    prompt_tokens: i64,
) -> Charge<'t> {
    let none = |cost| Charge { found: None, factors: Vec::new(), cost: Err(cost) };
    if tokens.is_empty() {
        return none(NoCost::NothingCounted);
    }
    let Some(counts) = counts(tokens) else { return none(NoCost::Contradictory) };
    let found = table.find(model, at.map(day), prompt_tokens);
    let rate = |kind| found.ok().and_then(|found| found.price.rates.of(kind));
    let used = counts.into_iter().filter(|(_, tokens)| *tokens > 0);
    let factors: Vec<Factor> =
        used.map(|(kind, tokens)| Factor::new(kind, tokens, rate(kind))).collect();
    let cost = found.map_err(NoCost::from).and_then(|_| sum(&factors));
    Charge { found: found.ok(), factors, cost }
}

impl Factor {
    fn new(kind: Kind, tokens: i64, rate: Option<Rate>) -> Self {
        let amount = rate.and_then(|rate| rate.picodollars_per_token().checked_mul(tokens));
        Self { kind, tokens, rate, amount: amount.map(Picodollars) }
    }
}

fn sum(factors: &[Factor]) -> Result<Picodollars, NoCost> {
    let sum = factors.iter().try_fold(0_i64, |sum, factor| {
        factor.rate.ok_or(NoCost::NoPriceOf(factor.kind))?;
        let Picodollars(amount) = factor.amount.ok_or(NoCost::Overflow)?;
        sum.checked_add(amount).ok_or(NoCost::Overflow)
    });
    sum.map(Picodollars)
}

/// How many tokens of each kind; `None` where the counts contradict each other.
fn counts(tokens: &Tokens) -> Option<[(Kind, i64); Kind::ALL.len()]> {
    let Tokens { input, output, reasoning, cache_read, cache_write, cache_write_1h } = *tokens;
    let for_an_hour = cache_write_1h.unwrap_or(0);
    let for_minutes = cache_write.unwrap_or(0).checked_sub(for_an_hour)?;
    (for_minutes >= 0).then_some([
        (Kind::Input, input.unwrap_or(0)),
        (Kind::CacheRead, cache_read.unwrap_or(0)),
        (Kind::CacheWrite, for_minutes),
        (Kind::CacheWrite1h, for_an_hour),
        (Kind::Output, output.unwrap_or(0)),
        (Kind::Reasoning, reasoning.unwrap_or(0)),
    ])
}

fn prompt_tokens(tokens: &Tokens) -> i64 {
    let prompt = [tokens.input, tokens.cache_read, tokens.cache_write];
    prompt.into_iter().flatten().fold(0, i64::saturating_add)
}

/// The day of a time in UTC; the last one there is for a time that no calendar reaches.
fn day(at: UnixMs) -> Date {
    Timestamp::from_millisecond(at.get())
        .map_or(Date::MAX, |time| time.to_zoned(TimeZone::UTC).date())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;
    use toml::de::DeTable;

    use super::*;
    use crate::reading;

    /// Prices that share no factor, so that a swapped one shows.
    const TABLE: &str = r#"prices = [
        { provider = "p", model = "all", input = 0.000007, cache_read = 0.000011,
          cache_write = 0.000013, cache_write_1h = 0.000017, output = 0.000019, reasoning = 0.000023 },
        { provider = "p", model = "some", input = 3, output = 15 },
        { provider = "p", model = "free", input = 0, output = 0 },
        { provider = "p", model = "dear", input = 9223372036854.775807 },
        { provider = "p", model = "long", input = 1, cache_read = 1, cache_write = 1 },
        { provider = "p", model = "long", prompt_over_tokens = 10, input = 2, cache_read = 2, cache_write = 2 },
        { provider = "p", model = "dated", until = 2026-10-07, input = 2 },
        { provider = "p", model = "dated", from = 2026-10-07, input = 1 },
    ]"#;

    fn table() -> PriceTable {
        let text = DeTable::parse(TABLE).expect("TOML");
        let own = reading::read(text.get_ref().get("prices").expect("a list")).expect("prices");
        PriceTable::built_in().with(&own)
    }

    fn model(id: &str) -> Model {
        Model { provider_id: None, model_id: Some(id.to_owned()) }
    }

    fn at(milliseconds: i64) -> Option<UnixMs> {
        UnixMs::new(milliseconds)
    }

    /// Input, cache read, cache write, of it for an hour, output, reasoning.
    fn tokens(counts: [i64; 6]) -> Tokens {
        let [input, cache_read, cache_write, cache_write_1h, output, reasoning] = counts.map(Some);
        Tokens { input, output, reasoning, cache_read, cache_write, cache_write_1h }
    }

    fn cost(id: &str, tokens: &Tokens) -> Result<i64, NoCost> {
        let table = table();
        // 2026-11-20 09:46:58.979 UTC.
        let charge = charge(&table, Some(&model(id)), at(1_795_168_018_979), tokens);
        charge.cost.map(|Picodollars(amount)| amount)
    }

    #[test]
    fn each_kind_of_token_has_its_own_price() {
        let cases = [
            ([1, 0, 0, 0, 0, 0], 7),
            ([0, 1, 0, 0, 0, 0], 11),
            ([0, 0, 1, 0, 0, 0], 13),
            ([0, 0, 1, 1, 0, 0], 17),
            ([0, 0, 5, 2, 0, 0], 3 * 13 + 2 * 17),
            ([0, 0, 0, 0, 1, 0], 19),
            ([0, 0, 0, 0, 0, 1], 23),
            ([2, 3, 5, 1, 7, 11], 2 * 7 + 3 * 11 + 4 * 13 + 17 + 7 * 19 + 11 * 23),
            ([0; 6], 0),
        ];
        for (counts, expected) in cases {
            assert_eq!(cost("all", &tokens(counts)), Ok(expected), "{counts:?}");
        }
    }

    /// Worked out on paper from the prices that Anthropic names.
    #[test]
    fn real_prices_are_exact_to_the_last_digit() {
        let counts = [4, 17_301, 9_127, 2_048, 1_203, 0];
        let cases = [
            // 4×5 + 17301×0.50 + 7079×6.25 + 2048×10 + 1203×25 = 103469.25 millionths of a dollar.
            ("claude-opus-4-5-20251101", 103_469_250_000),
            // 4×4 + 17301×0.20 + 7079×5 + 2048×8 + 1203×20 = 79315.2
            ("claude-opus-5-5", 79_315_200_000),
            // 4×2 + 17301×0.10 + 7079×2.50 + 2048×4 + 1203×10 = 39657.6
            ("claude-sonnet-5-5", 39_657_600_000),
            // 4×0.10 + 17301×0.01 + 7079×0.125 + 2048×0.20 + 1203×0.50 = 2069.385
            ("claude-haiku-5-5", 2_069_385_000),
        ];
        for (id, expected) in cases {
            assert_eq!(cost(id, &tokens(counts)), Ok(expected), "{id}");
        }
    }

    #[test]
    fn thinking_without_a_price_of_its_own_costs_what_the_answer_costs() {
        let thought = Tokens { reasoning: Some(2), ..Tokens::default() };
        assert_eq!(cost("some", &thought), Ok(30_000_000));
    }

    #[test]
    fn what_cannot_be_said_is_not_zero() {
        let one = |kind| {
            let mut counts = [0; 6];
            counts[kind] = 1;
            tokens(counts)
        };
        let contradictory = Tokens { cache_write_1h: Some(1), ..Tokens::default() };
        let cases = [
            ("nothing counted", "all", Tokens::default(), NoCost::NothingCounted),
            ("unknown model", "none", one(0), NoCost::NoPrice(NotFound::UnknownModel)),
            ("unknown model, no tokens", "none", tokens([0; 6]), NotFound::UnknownModel.into()),
            ("a kind without a price", "some", one(1), NoCost::NoPriceOf(Kind::CacheRead)),
            ("cache writes", "some", one(2), NoCost::NoPriceOf(Kind::CacheWrite)),
            ("an hour of nothing", "all", contradictory, NoCost::Contradictory),
            ("more for an hour", "all", tokens([0, 0, 1, 2, 0, 0]), NoCost::Contradictory),
        ];
        for (name, id, tokens, expected) in cases {
            assert_eq!(cost(id, &tokens), Err(expected), "{name}");
        }
        assert_eq!(
            cost("some", &tokens([1, 0, 0, 0, 1, 0])),
            Ok(18_000_000),
            "others are not used"
        );
        assert_eq!(cost("free", &tokens([1, 0, 0, 0, 1, 0])), Ok(0), "free is a price");
        let table = table();
        assert_eq!(
            charge(&table, None, at(0), &one(0)).cost,
            Err(NoCost::NoPrice(NotFound::NoModel))
        );
        let unknown = charge(&table, Some(&model("none")), at(0), &one(0));
        assert_eq!(unknown.factors.iter().map(|factor| factor.tokens).collect::<Vec<_>>(), [1]);
    }

    #[test]
    fn what_is_too_much_is_said_and_does_not_wrap() {
        let max = i64::MAX;
        let cases = [
            ("the greatest there is", "dear", [1, 0, 0, 0, 0, 0], Ok(max)),
            ("one product", "dear", [2, 0, 0, 0, 0, 0], Err(NoCost::Overflow)),
            ("as many as can be", "all", [max, 0, 0, 0, 0, 0], Err(NoCost::Overflow)),
            ("the greatest product", "all", [max / 7, 0, 0, 0, 0, 0], Ok(max - max % 7)),
            ("the sum", "all", [max / 7, 0, 0, 0, 1, 0], Err(NoCost::Overflow)),
            ("the prompt's length", "long", [max, max, max, max, 0, 0], Err(NoCost::Overflow)),
            ("free of charge", "free", [max, 0, 0, 0, max, 0], Ok(0)),
        ];
        for (name, id, counts, expected) in cases {
            assert_eq!(cost(id, &tokens(counts)), expected, "{name}");
        }
    }

    #[test]
    fn a_long_prompt_counts_the_cache_and_prices_the_whole_request() {
        let cases =
            [([10, 0, 0, 0, 0, 0], 10), ([11, 0, 0, 0, 0, 0], 22), ([4, 4, 3, 0, 0, 0], 22)];
        for (counts, expected) in cases {
            assert_eq!(cost("long", &tokens(counts)), Ok(expected * 1_000_000), "{counts:?}");
        }
    }

    #[test]
    fn a_day_begins_at_midnight_in_utc() {
        // 2026-10-07 00:00:00 UTC.
        let midnight = 1_791_331_200_000;
        let table = table();
        let input = tokens([1, 0, 0, 0, 0, 0]);
        let cases = [
            (at(midnight - 1), Ok(2_000_000)),
            (at(midnight), Ok(1_000_000)),
            (at(0), Ok(2_000_000)),
            (at(i64::MAX), Ok(1_000_000)),
            (None, Err(NoCost::NoPrice(NotFound::NoPriceThen))),
        ];
        for (time, expected) in cases {
            let found = charge(&table, Some(&model("dated")), time, &input).cost;
            assert_eq!(found.map(|Picodollars(amount)| amount), expected, "{time:?}");
        }
        assert_eq!(day(at(midnight).expect("not negative")), date(2026, 10, 7));
        assert_eq!(day(at(midnight - 1).expect("not negative")), date(2026, 10, 6));
    }

    /// Counts as agents give them, of which none lasts an hour that was not written.
    fn any_tokens() -> impl Strategy<Value = [i64; 6]> {
        let count = || prop_oneof![0..10_i64, 0..1_000_000_000_000_i64];
        (count(), count(), count(), 0..=100_i64, count(), count()).prop_map(
            |(input, read, write, share, output, reasoning)| {
                [input, read, write, write / 100 * share, output, reasoning]
            },
        )
    }

    proptest! {
        #[test]
        fn two_messages_cost_as_much_as_one_with_the_tokens_of_both(
            one in any_tokens(),
            other in any_tokens(),
        ) {
            let both: [i64; 6] = std::array::from_fn(|kind| one[kind] + other[kind]);
            let [one, other, both] = [one, other, both].map(|counts| cost("all", &tokens(counts)));
            prop_assert_eq!(one.and_then(|one| other.map(|other| one + other)), both);
        }

        #[test]
        fn the_sum_is_that_of_whole_numbers(counts in any_tokens()) {
            let [input, read, write, hour, output, reasoning] = counts.map(i128::from);
            let expected = 7 * input + 11 * read + 13 * (write - hour) + 17 * hour + 19 * output
                + 23 * reasoning;
            prop_assert_eq!(cost("all", &tokens(counts)).map(i128::from), Ok(expected));
        }
    }
}
