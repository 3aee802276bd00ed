//! What a corpus took and costs, worked out where it is made.
//!
//! The prices are written down here once more and multiplied in whole numbers of another width, so
//! that they are no copy of what is tested.

/// 2026-10-07 00:00:00 UTC: Sonnet 5.5 reads its cache for less, and Haiku 5.5 is there.
pub const CHANGE: i64 = 1_791_331_200_000;

/// What one answer took, of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    /// Prompt tokens that the cache took no part in.
    pub input: i64,
    /// Prompt tokens that were read from it.
    pub cache_read: i64,
    /// Prompt tokens that were written to it, for five minutes or an hour.
    pub cache_write: i64,
    /// Of these, those for an hour.
    pub cache_write_1h: i64,
    /// The answer without the thinking.
    pub output: i64,
    /// The thinking.
    pub reasoning: i64,
}

impl Tokens {
    /// Both, kind by kind.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self {
            input: self.input + other.input,
            cache_read: self.cache_read + other.cache_read,
            cache_write: self.cache_write + other.cache_write,
            cache_write_1h: self.cache_write_1h + other.cache_write_1h,
            output: self.output + other.output,
            reasoning: self.reasoning + other.reasoning,
        }
    }
}

/// One answer of a model, which counts once however often it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The session; for a subagent with its id behind a slash.
    pub session: String,
    /// As the interface of the models names it.
    pub message_id: String,
    /// The model.
    pub model: &'static str,
    /// When it began, in Unix milliseconds.
    pub at: i64,
    /// What it took.
    pub tokens: Tokens,
    /// What that costs in picodollars; `None` where the model has no price, or none yet.
    pub cost: Option<i128>,
}

impl Answer {
    /// The day in UTC, in days since 1970.
    pub fn day(&self) -> i64 {
        self.at.div_euclid(86_400_000)
    }
}

/// The models of a corpus.
pub const MODELS: [&str; 6] = [
    "claude-opus-5-5",
    "claude-sonnet-5-5",
    "claude-haiku-5-5",
    "claude-opus-4-8",
    "claude-sonnet-4-5-20250929",
    WITHOUT_A_PRICE,
];

/// The one that nobody sells.
pub const WITHOUT_A_PRICE: &str = "house-model-1";

/// Picodollars for one token: input, cache read, cache write, the same for an hour, output.
type Prices = [i128; 5];

const OPUS_5_5: Prices = [4_000_000, 200_000, 5_000_000, 8_000_000, 20_000_000];
const SONNET_5_5: Prices = [2_000_000, 100_000, 2_500_000, 4_000_000, 10_000_000];
const SONNET_5_5_BEFORE: Prices = [2_000_000, 200_000, 2_500_000, 4_000_000, 10_000_000];
const HAIKU_5_5: Prices = [100_000, 10_000, 125_000, 200_000, 500_000];
const HAIKU_5_5_LONG: Prices = [500_000, 50_000, 625_000, 1_000_000, 2_500_000];
const OPUS_4_8: Prices = [5_000_000, 500_000, 6_250_000, 10_000_000, 25_000_000];
const SONNET_4_5: Prices = [3_000_000, 300_000, 3_750_000, 6_000_000, 15_000_000];
const SONNET_4_5_LONG: Prices = [6_000_000, 600_000, 7_500_000, 12_000_000, 22_500_000];

/// What a model costs at a time with a prompt of that length.
pub fn prices(model: &str, at: i64, prompt: i64) -> Option<Prices> {
    Some(match model {
        "claude-opus-5-5" => OPUS_5_5,
        "claude-sonnet-5-5" if at < CHANGE => SONNET_5_5_BEFORE,
        "claude-sonnet-5-5" => SONNET_5_5,
        "claude-haiku-5-5" if at < CHANGE => return None,
        "claude-haiku-5-5" if prompt > 100_000 => HAIKU_5_5_LONG,
        "claude-haiku-5-5" => HAIKU_5_5,
        "claude-opus-4-8" => OPUS_4_8,
        "claude-sonnet-4-5-20250929" if prompt > 200_000 => SONNET_4_5_LONG,
        "claude-sonnet-4-5-20250929" => SONNET_4_5,
        _ => return None,
    })
}

/// What tokens cost in picodollars.
pub fn cost(model: &str, at: i64, tokens: Tokens) -> Option<i128> {
    let Tokens { input, cache_read, cache_write, cache_write_1h, output, reasoning } = tokens;
    let prices = prices(model, at, input + cache_read + cache_write)?;
    let minutes = cache_write - cache_write_1h;
    let counts = [input, cache_read, minutes, cache_write_1h, output + reasoning];
    Some(counts.into_iter().map(i128::from).zip(prices).map(|(count, price)| count * price).sum())
}
