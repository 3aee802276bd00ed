//! What messages took, summed up so far that any question by day, model, agent, project or session
//! can be answered from the sums: by session, quarter of an hour, model and length of the prompt.

use domain::{Model, Tokens, UnixMs};
use turso::Value;

use super::{elsewhere::COUNTS_IN, seen::bounds, usage::columns};
use crate::{Holder, StoreError, canary::IS_CANARY, engine::Row};

/// Every time zone is whole quarters of an hour away from UTC.
const QUARTER_MS: i64 = 15 * 60 * 1_000;

/// A message that claims more tokens claims nonsense, and must not make a sum overflow.
const MOST_TOKENS: i64 = 1_000_000_000_000;

/// In picodollars. Costs are summed up in two parts, which cannot overflow.
const MICRODOLLAR: i64 = 1_000_000;

const TOKENS: [&str; 6] = [
    "tokens_input",
    "tokens_output",
    "tokens_reasoning",
    "tokens_cache_read",
    "tokens_cache_write",
    "tokens_cache_write_1h",
];

/// What a message took, where it may count.
const COUNTED: &str = "(inherited IS NOT 1 OR request_id IS NOT NULL) AND (tokens_input > 0 OR tokens_output > 0 \
     OR tokens_reasoning > 0 OR tokens_cache_read > 0 OR tokens_cache_write > 0 \
     OR cost_given IS NOT NULL)";

/// How long a prompt is.
const PROMPT: &str = "coalesce(tokens_input, 0) + coalesce(tokens_cache_read, 0) \
     + coalesce(tokens_cache_write, 0)";

/// When a message came into being, as far as that is known.
const AT: &str = "coalesce(generated_at_unix_ms, ordered_at_unix_ms)";

/// How fine the sums are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grain {
    /// One for each session, quarter of an hour, model and length of the prompt.
    Session,
    /// One for each message.
    Message,
}

/// The statement. It reads every message of the time that is asked for: that is what the question is.
pub fn sums_sql(tiers: &[i64], grain: Grain) -> String {
    let tier = tiers.iter().map(|tier| format!("({PROMPT} > {tier})"));
    let tier = tier.fold("0".to_owned(), |sum, tier| format!("{sum} + {tier}"));
    let (message, and_message) = match grain {
        Grain::Session => ("NULL", ""),
        Grain::Message => ("message_id", ", message_id"),
    };
    let tokens = TOKENS.map(|column| format!("sum(min({column}, {MOST_TOKENS}))")).join(", ");
    format!(
        "SELECT session_id, {AT} / {QUARTER_MS}, {tier}, \
                coalesce(tokens_cache_write_1h, 0) > coalesce(tokens_cache_write, 0), \
                provider_id, model_id, {tokens}, count(*), \
                sum(cost_given_picodollars / {MICRODOLLAR}), \
                sum(cost_given_picodollars % {MICRODOLLAR}), {message} \
         FROM messages \
         WHERE {COUNTED} AND NOT ({IS_CANARY}) AND {AT} >= ?1 AND {AT} < ?2 \
         GROUP BY session_id, 2, 3, 4, provider_id, model_id{and_message}"
    )
}

/// The statement that finds answers which several sessions hold, with the index that it needs.
pub const SHARED: (&str, &str) = (
    "SELECT message_id FROM messages GROUP BY message_id HAVING count(*) > 1",
    "messages_by_message_id",
);

/// The statement that finds where such an answer does not count, with the index that it needs.
pub fn elsewhere_sql(tiers: &[i64], grain: Grain) -> (String, &'static str) {
    let sums = sums_sql(tiers, grain);
    let (select, group) = sums.split_once(" GROUP BY").expect("it is grouped");
    let sql = format!("{select} AND message_id = ?3 AND {COUNTS_IN} IS NOT NULL GROUP BY{group}");
    (sql, "messages_by_message_id")
}

/// Some messages of one session, of one model, in one quarter of an hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageSum {
    /// The session.
    pub session_id: String,
    /// When the quarter of an hour begins; nothing where no time is known.
    pub at: Option<UnixMs>,
    /// How many of the bounds that were asked about their prompts exceed.
    pub tier: usize,
    /// Whether their counts contradict each other, so that they have no cost.
    pub is_contradictory: bool,
    /// The model that spoke.
    pub model: Option<Model>,
    /// What they took together.
    pub tokens: Tokens,
    /// How many they are; less than none takes off what counts in another session.
    pub messages: i64,
    /// What they cost, as the agent says; nothing where it does not say of any.
    pub cost_given_picodollars: Option<i128>,
    /// The message, where each is by itself.
    pub message_id: Option<String>,
}

/// Which messages are summed up.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// From this time on.
    pub since: UnixMs,
    /// Before this time.
    pub until: UnixMs,
}

impl Span {
    /// From one time to another, where they are given.
    pub fn between(since: Option<UnixMs>, until: Option<UnixMs>) -> Self {
        let end = UnixMs::new(i64::MAX).expect("it is not negative");
        Self { since: since.unwrap_or(UnixMs::EPOCH), until: until.unwrap_or(end) }
    }
}

/// The sums of a span of time. `tiers` are the lengths of prompts at which prices change, ascending.
///
/// What several sessions hold counts in one of them: what the others hold follows with its signs turned.
///
/// # Errors
/// The engine failed.
pub fn usage_sums(
    holder: &Holder<'_>,
    span: Span,
    tiers: &[i64],
    grain: Grain,
) -> Result<Vec<UsageSum>, StoreError> {
    let engine = &holder.engine;
    let bounds = bounds(span);
    let mut sums = engine.query("sum up usage", &sums_sql(tiers, grain), &bounds, read)?;
    let shared = engine.query("find shared answers", SHARED.0, &[], Row::text)?;
    let (elsewhere, _) = elsewhere_sql(tiers, grain);
    for message in shared.into_iter().flatten() {
        let [since, until] = bounds.clone();
        let key = [since, until, Value::Text(message)];
        let found = engine.query("find shared answers", &elsewhere, &key, read)?;
        sums.extend(found.into_iter().map(UsageSum::turned));
    }
    Ok(sums)
}

impl UsageSum {
    fn turned(self) -> Self {
        let turn = |count: Option<i64>| count.map(|count| -count);
        let cost_given_picodollars = self.cost_given_picodollars.map(|cost| -cost);
        let Tokens { input, output, reasoning, cache_read, cache_write, cache_write_1h } =
            self.tokens;
        let tokens = Tokens {
            input: turn(input),
            output: turn(output),
            reasoning: turn(reasoning),
            cache_read: turn(cache_read),
            cache_write: turn(cache_write),
            cache_write_1h: turn(cache_write_1h),
        };
        Self { tokens, messages: -self.messages, cost_given_picodollars, ..self }
    }
}

fn read(row: &mut Row) -> Result<UsageSum, StoreError> {
    let session_id = row.text()?.unwrap_or_default();
    let quarter = row.integer()?;
    let tier = row.integer()?.and_then(|tier| usize::try_from(tier).ok());
    Ok(UsageSum {
        session_id,
        at: quarter.and_then(|quarter| UnixMs::new(quarter.checked_mul(QUARTER_MS)?)),
        tier: tier.unwrap_or_default(),
        is_contradictory: row.integer()? == Some(1),
        model: columns(row, "messages", "provider_id")?,
        tokens: columns(row, "messages", "tokens_input")?.unwrap_or_default(),
        messages: row.integer()?.unwrap_or_default(),
        cost_given_picodollars: {
            let parts = (row.integer()?, row.integer()?);
            let sum =
                |(micro, pico)| i128::from(micro) * i128::from(MICRODOLLAR) + i128::from(pico);
            parts.0.zip(parts.1).map(sum)
        },
        message_id: row.text()?,
    })
}
