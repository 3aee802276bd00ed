//! What messages took, summed up so far that any question by day, model, agent, project or session
//! can be answered from the sums: by session, quarter of an hour, model and length of the prompt.

use std::slice;

use domain::{Model, Tokens, UnixMs};
use turso::Value;

use super::{elsewhere::COUNTS_IN, seen::bounds, usage::columns};
use crate::{
    Holder, StoreError,
    canary::IS_CANARY,
    engine::{Engine, Row},
};

/// Every time zone is whole quarters of an hour away from UTC.
const QUARTER_MS: i64 = 15 * 60 * 1_000;

/// A message that claims more tokens claims nonsense, and must not make a sum overflow.
const MOST_TOKENS: i64 = 1_000_000_000_000;

/// What a message took, where it may count.
const COUNTED: &str = "(inherited IS NOT 1 OR request_id IS NOT NULL) AND (tokens_input > 0 OR tokens_output > 0 \
     OR tokens_reasoning > 0 OR tokens_cache_read > 0 OR tokens_cache_write > 0 \
     OR cost_given_picodollars > 0)";

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

/// The statement; the index `messages_usage` holds all that it reads. It reads every message of the time
/// that is asked for: that is what the question is. Messages of a session follow one another, which makes
/// sums without sorting.
pub fn messages_sql(grain: Grain) -> String {
    let message = match grain {
        Grain::Session => "NULL",
        Grain::Message => "message_id",
    };
    format!(
        "SELECT session_id, {AT}, provider_id, model_id, tokens_input, tokens_output, \
                tokens_reasoning, tokens_cache_read, tokens_cache_write, tokens_cache_write_1h, \
                cost_given_picodollars, {message} \
         FROM messages \
         WHERE {COUNTED} AND NOT ({IS_CANARY}) AND {AT} >= ?1 AND {AT} < ?2"
    )
}

/// The statement that finds answers which several sessions hold, with the index that it needs.
pub const SHARED: (&str, &str) = (
    "SELECT message_id FROM messages WHERE request_id IS NOT NULL \
     GROUP BY message_id HAVING count(*) > 1",
    "messages_answers",
);

/// The statement that finds where such an answer does not count, with the index that it needs.
pub fn elsewhere_sql(grain: Grain) -> (String, &'static str) {
    let messages = messages_sql(grain);
    let sql = format!("{messages} AND message_id = ?3 AND {COUNTS_IN} IS NOT NULL");
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
    let mut sums = sum_up(engine, &messages_sql(grain), &bounds, tiers)?;
    let shared = engine.query("find shared answers", SHARED.0, &[], Row::text)?;
    let (elsewhere, _) = elsewhere_sql(grain);
    for message in shared.into_iter().flatten() {
        let [since, until] = bounds.clone();
        let key = [since, until, Value::Text(message)];
        let read = |row: &mut Row| read(row, tiers);
        let found = engine.query("find shared answers", &elsewhere, &key, read)?;
        sums.extend(found.into_iter().map(UsageSum::turned));
    }
    Ok(sums)
}

/// The statements about one session, with the index that each needs: of all its messages, and of one.
pub fn session_statements() -> [(String, &'static str); 2] {
    let messages = messages_sql(Grain::Session);
    [
        (format!("{messages} AND session_id = ?3"), "messages_usage"),
        (format!("{messages} AND session_id = ?3 AND message_id = ?4"), "messages_by_message_id"),
    ]
}

/// The sums of one session, of which those messages count elsewhere.
pub(super) fn session_sums(
    engine: &Engine,
    session_id: &Value,
    elsewhere: &[Value],
    tiers: &[i64],
) -> Result<Vec<UsageSum>, StoreError> {
    let [(all, _), (one, _)] = session_statements();
    let [since, until] = bounds(Span::between(None, None));
    let key = [since, until, session_id.clone()];
    let mut sums = sum_up(engine, &all, &key, tiers)?;
    for message in elsewhere {
        let key = [&key[..], slice::from_ref(message)].concat();
        sums.extend(sum_up(engine, &one, &key, tiers)?.into_iter().map(UsageSum::turned));
    }
    Ok(sums)
}

fn sum_up(
    engine: &Engine,
    sql: &str,
    parameters: &[Value],
    tiers: &[i64],
) -> Result<Vec<UsageSum>, StoreError> {
    engine.fold("sum up usage", sql, parameters, |sums: &mut Vec<UsageSum>, row| {
        let message = read(row, tiers)?;
        match sums.last_mut().filter(|sum| message.is_of(sum)) {
            Some(sum) => sum.add(&message),
            None => sums.push(message),
        }
        Ok(())
    })
}

impl UsageSum {
    /// Whether both are summed up together.
    fn is_of(&self, other: &Self) -> bool {
        let key = |sum: &Self| (sum.at, sum.tier, sum.is_contradictory);
        key(self) == key(other)
            && self.session_id == other.session_id
            && self.model == other.model
            && self.message_id == other.message_id
    }

    fn add(&mut self, other: &Self) {
        let add = |sum: &mut Option<i64>, more: Option<i64>| {
            *sum = (*sum).into_iter().chain(more).reduce(i64::saturating_add);
        };
        add(&mut self.tokens.input, other.tokens.input);
        add(&mut self.tokens.output, other.tokens.output);
        add(&mut self.tokens.reasoning, other.tokens.reasoning);
        add(&mut self.tokens.cache_read, other.tokens.cache_read);
        add(&mut self.tokens.cache_write, other.tokens.cache_write);
        add(&mut self.tokens.cache_write_1h, other.tokens.cache_write_1h);
        self.messages += other.messages;
        let costs = [self.cost_given_picodollars, other.cost_given_picodollars];
        self.cost_given_picodollars = costs.into_iter().flatten().reduce(|sum, more| sum + more);
    }

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

/// One message.
fn read(row: &mut Row, tiers: &[i64]) -> Result<UsageSum, StoreError> {
    let session_id = row.text()?.unwrap_or_default();
    let quarter = row.integer()?.map(|at| at / QUARTER_MS);
    let model = columns(row, "messages", "provider_id")?;
    let tokens: Tokens = columns(row, "messages", "tokens_input")?.unwrap_or_default();
    let prompt = [tokens.input, tokens.cache_read, tokens.cache_write];
    let prompt = prompt.into_iter().flatten().fold(0, i64::saturating_add);
    let most = |count: Option<i64>| count.map(|count| count.min(MOST_TOKENS));
    Ok(UsageSum {
        session_id,
        at: quarter.and_then(|quarter| UnixMs::new(quarter * QUARTER_MS)),
        tier: tiers.iter().filter(|tier| prompt > **tier).count(),
        is_contradictory: tokens.cache_write_1h.unwrap_or_default()
            > tokens.cache_write.unwrap_or_default(),
        model,
        tokens: Tokens {
            input: most(tokens.input),
            output: most(tokens.output),
            reasoning: most(tokens.reasoning),
            cache_read: most(tokens.cache_read),
            cache_write: most(tokens.cache_write),
            cache_write_1h: most(tokens.cache_write_1h),
        },
        messages: 1,
        cost_given_picodollars: row.integer()?.map(i128::from),
        message_id: row.text()?,
    })
}
