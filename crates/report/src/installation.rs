//! How the record is kept: where it lies, what is set for it, what tokens cost in it, and how it is.
//!
//! What a record does not know of itself is looked up by whoever answers: nothing here looks at files.

use jiff::civil::Date;
use pricing::{Kind, Price, PriceTable};
use schemars::JsonSchema;
use serde::Serialize;

use crate::health::Health;

/// How the record is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Installation {
    /// The versions of what keeps it.
    pub versions: Versions,
    /// How it is, as far as that is found at once: `recount doctor` looks longer.
    pub health: Health,
    /// When each agent was last heard of, by name.
    pub agents: Vec<HeardAgent>,
    /// Where it lies.
    pub places: Vec<Place>,
    /// How long it is kept.
    pub retention: Retention,
    /// What tokens cost in it, a person's own prices first.
    pub prices: Vec<KnownPrice>,
    /// The server that answers.
    pub server: Reached,
}

/// The versions of what keeps the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Versions {
    /// The program.
    pub program: &'static str,
    /// The tables.
    pub schema: i64,
}

/// An agent in the record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct HeardAgent {
    /// Which one; null where nobody said so.
    pub agent: Option<String>,
    /// When the last thing of it came into being, in Unix milliseconds.
    pub last_at_unix_ms: Option<i64>,
}

/// A file or folder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Place {
    /// What it is for.
    pub name: &'static str,
    /// Where it is.
    pub path: String,
    /// How many bytes are in it; null where nothing is there.
    pub bytes: Option<u64>,
    /// How many files are in it, if it is a folder.
    pub files: Option<u64>,
}

/// How long the record is kept; 0 sets no limit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Retention {
    /// How many days sessions are kept after they were last active.
    pub max_age_days: u64,
    /// How many bytes all sessions may take.
    pub max_bytes: u64,
    /// Whether commands see to it by themselves.
    pub auto: bool,
    /// How many sessions are older than that.
    pub sessions_too_old: usize,
}

/// What a million tokens of a model cost, in US dollars; null where no price is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct KnownPrice {
    /// Who serves the model.
    pub provider: String,
    /// The model.
    pub model: String,
    /// Its further names.
    pub aliases: Vec<String>,
    /// Whether a person has set it; the others come with the program.
    pub is_own: bool,
    /// Prompt tokens that the cache took no part in.
    pub input: Option<String>,
    /// Answer tokens.
    pub output: Option<String>,
    /// Thinking tokens.
    pub reasoning: Option<String>,
    /// Prompt tokens read from the cache.
    pub cache_read: Option<String>,
    /// Prompt tokens written to the cache for five minutes.
    pub cache_write: Option<String>,
    /// Prompt tokens written to the cache for an hour.
    pub cache_write_1h: Option<String>,
    /// It holds for prompts of more tokens only; null for any.
    pub prompt_over_tokens: Option<i64>,
    /// The first day on which it holds, in UTC; null since the model exists.
    pub from: Option<String>,
    /// The first day on which it holds no more; null until further notice.
    pub until: Option<String>,
    /// Where it was found.
    pub source: Option<String>,
    /// When that was read.
    pub read_on: Option<String>,
}

/// How a server is reached. What it is to be told to let anybody in is not among it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Reached {
    /// Its address and port.
    pub at: String,
    /// Whether other machines may reach it.
    pub is_open_to_others: bool,
    /// Whether a request has to know its token.
    pub needs_token: bool,
}

impl KnownPrice {
    /// All of a table, a person's own first.
    pub fn all(table: &PriceTable) -> Vec<Self> {
        let (own, built_in) = table.own_and_built_in();
        let own = own.iter().map(|price| Self::of(price, true));
        own.chain(built_in.iter().map(|price| Self::of(price, false))).collect()
    }

    fn of(price: &Price, is_own: bool) -> Self {
        let rate = |kind| price.rates.of(kind).map(pricing::Rate::dollars_per_million);
        let day = |day: Option<Date>| day.map(|day| day.to_string());
        Self {
            provider: price.provider.clone(),
            model: price.model.clone(),
            aliases: price.aliases.clone(),
            is_own,
            input: rate(Kind::Input),
            output: rate(Kind::Output),
            reasoning: rate(Kind::Reasoning),
            cache_read: rate(Kind::CacheRead),
            cache_write: rate(Kind::CacheWrite),
            cache_write_1h: rate(Kind::CacheWrite1h),
            prompt_over_tokens: price.prompt_over_tokens,
            from: day(price.from),
            until: day(price.until),
            source: price.source.clone(),
            read_on: day(price.read_on),
        }
    }
}
