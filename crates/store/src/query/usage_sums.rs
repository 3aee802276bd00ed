//! What messages took, summed up so far that any question by day, model, agent, project or session
//! can be answered from the sums: by session, quarter of an hour, model and length of the prompt.

use std::{collections::HashSet, slice};

use domain::{Model, Tokens, UnixMs};
use turso::Value;

use super::{
    copies::Copies,
    seen::{asked_for, bounds},
    usage::columns,
};
use crate::{
    Holder, StoreError,
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

/// How fine the sums are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grain {
    /// One for each session, quarter of an hour, model and length of the prompt.
    Session,
    /// One for each message.
    Message,
}

/// What is read of a message.
const COLUMNS: &str = "\
    session_id, coalesce(generated_at_unix_ms, ordered_at_unix_ms), provider_id, model_id, \
    tokens_input, tokens_output, tokens_reasoning, tokens_cache_read, tokens_cache_write, \
    tokens_cache_write_1h, cost_given_picodollars, message_id";

/// The statement; the index `messages_usage` holds all that it reads. It reads every message of the time
/// that is asked for: that is what the question is. Messages of a session follow one another, which makes
/// sums without sorting.
pub fn messages_sql(span: Span) -> String {
    format!("SELECT {COLUMNS} {} AND {COUNTED}", asked_for("messages", span))
}

/// The statement about one session, with the index that it needs.
pub fn session_sql() -> (String, &'static str) {
    let sql = format!("SELECT {COLUMNS} FROM messages WHERE session_id = ?1 AND {COUNTED}");
    (sql, "messages_usage")
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
    /// How many they are.
    pub messages: i64,
    /// What they cost, as the agent says; nothing where it does not say of any.
    pub cost_given_picodollars: Option<i128>,
    /// The message, where each is by itself.
    pub message_id: Option<String>,
}

/// Which messages are summed up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

/// The sums of a span of time, without copies. `tiers` are the lengths of prompts at which prices change,
/// ascending.
///
/// # Errors
/// The engine failed.
pub fn usage_sums(
    holder: &Holder<'_>,
    span: Span,
    tiers: &[i64],
    grain: Grain,
    copies: &Copies,
) -> Result<Vec<UsageSum>, StoreError> {
    let is_own =
        |sum: &UsageSum| !copies.contains(Some(&sum.session_id), sum.message_id.as_deref());
    sum_up(&holder.engine, (&messages_sql(span), &bounds(span)), tiers, grain, is_own)
}

/// The sums of one session, of which those messages count elsewhere.
pub(super) fn session_sums(
    engine: &Engine,
    session_id: &Value,
    elsewhere: &HashSet<String>,
    tiers: &[i64],
) -> Result<Vec<UsageSum>, StoreError> {
    let (sql, _) = session_sql();
    let is_own = |sum: &UsageSum| sum.message_id.as_ref().is_none_or(|id| !elsewhere.contains(id));
    sum_up(engine, (&sql, slice::from_ref(session_id)), tiers, Grain::Session, is_own)
}

fn sum_up(
    engine: &Engine,
    (sql, parameters): (&str, &[Value]),
    tiers: &[i64],
    grain: Grain,
    is_own: impl Fn(&UsageSum) -> bool,
) -> Result<Vec<UsageSum>, StoreError> {
    engine.fold("sum up usage", sql, parameters, |sums: &mut Vec<UsageSum>, row| {
        let mut message = read(row, tiers)?;
        if !is_own(&message) {
            return Ok(());
        }
        match grain {
            Grain::Session => message.message_id = None,
            Grain::Message => {}
        }
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
