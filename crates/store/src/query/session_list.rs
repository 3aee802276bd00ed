//! Sessions, each with how much it holds.

use domain::Resume;
use turso::Value;

use super::{
    elsewhere::counts_elsewhere,
    usage_sums::{UsageSum, session_sums},
};
use crate::{
    Holder, StoreError,
    engine::{Engine, Row},
    resume,
};

/// The statements, with the index that each needs. The counts are asked for each session that is
/// listed: as subqueries they would be counted for every session there is (turso 0.8.3).
pub fn statements() -> [(String, &'static str); 6] {
    [
        (session_sql(), "sqlite_autoindex_sessions_1"),
        (MESSAGES.to_owned(), "messages_usage"),
        (PARTS.to_owned(), "parts_in_order"),
        (TOOL_CALLS.to_owned(), "tool_calls_in_order"),
        (elsewhere_sql(), "messages_by_message_id"),
        (PARTS_ELSEWHERE.to_owned(), "sqlite_autoindex_parts_1"),
    ]
}

fn session_sql() -> String {
    format!(
        "SELECT session_id, title, parent_session_id, agent, agent_version, project_path, \
                project_name, provider_id, model_id, status, ended_at_unix_ms, end_reason, \
                created_at_unix_ms, last_activity_at_unix_ms, {} \
         FROM sessions \
         WHERE session_id = ?1",
        resume::COLUMNS
    )
}

const MESSAGES: &str = "\
    SELECT count(*), count(cost_given_picodollars), sum(cost_given_picodollars) \
    FROM messages \
    WHERE session_id = ?1";

const PARTS: &str = "SELECT count(*) FROM parts WHERE session_id = ?1";

const TOOL_CALLS: &str = "SELECT count(*) FROM tool_calls WHERE session_id = ?1";

// Taken off: hardly any session is a fork, and asking each part for its message takes long.
fn elsewhere_sql() -> String {
    let elsewhere = counts_elsewhere();
    format!(
        "SELECT message_id, cost_given_picodollars \
         FROM messages \
         WHERE session_id = ?1 AND {elsewhere}"
    )
}

const PARTS_ELSEWHERE: &str = "\
    SELECT count(*), count(CASE part_type WHEN 'tool' THEN 1 END) \
    FROM parts \
    WHERE session_id = ?1 AND message_id = ?2";

/// One session. Counts are counted when asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// Its identity.
    pub session_id: String,
    /// The agent's own title for it.
    pub title: Option<String>,
    /// The session that started it, if it is a subagent's.
    pub parent_session_id: Option<String>,
    /// Which agent holds it.
    pub agent: Option<String>,
    /// The agent's version.
    pub agent_version: Option<String>,
    /// The folder that the agent works in.
    pub project_path: Option<String>,
    /// What the project is called.
    pub project_name: Option<String>,
    /// Who serves the model.
    pub provider_id: Option<String>,
    /// The model that spoke last.
    pub model_id: Option<String>,
    /// How it is, in the agent's own word.
    pub status: Option<String>,
    /// When it last came to an end or to rest. It may have gone on since.
    pub ended_at_unix_ms: Option<i64>,
    /// Why it did.
    pub end_reason: Option<String>,
    /// When the first thing in it came into being.
    pub created_at_unix_ms: Option<i64>,
    /// When the last thing in it came into being.
    pub last_activity_at_unix_ms: Option<i64>,
    /// Whether it can be resumed, as it was looked up.
    pub resume: Resume,
    /// How many messages it has, without those that count in another; so for all counts.
    pub messages: i64,
    /// How many parts they have.
    pub parts: i64,
    /// How many tools were called.
    pub tool_calls: i64,
    /// What the agent says that it cost; nothing where it does not say.
    pub cost_given_picodollars: Option<i64>,
    /// What its messages took.
    pub usage: Vec<UsageSum>,
}

/// These sessions, in that order; one that is not there is left out. `tiers` are the lengths of prompts at
/// which prices change, ascending.
///
/// # Errors
/// The engine failed.
pub fn sessions_counted(
    holder: &Holder<'_>,
    ids: &[&str],
    tiers: &[i64],
) -> Result<Vec<SessionRow>, StoreError> {
    let engine = &holder.engine;
    let sql = session_sql();
    let mut rows = Vec::with_capacity(ids.len());
    for id in ids {
        let key = [Value::Text((*id).to_owned())];
        if let Some(mut row) = engine.query_first("list sessions", &sql, &key, read)? {
            count_up(engine, &mut row, tiers)?;
            rows.push(row);
        }
    }
    Ok(rows)
}

/// All that is there, less what counts elsewhere.
fn count_up(engine: &Engine, session: &mut SessionRow, tiers: &[i64]) -> Result<(), StoreError> {
    let id = Value::Text(session.session_id.clone());
    let key = [id.clone()];
    let numbers =
        |row: &mut Row| Ok([row.integer()?, row.integer()?].map(Option::unwrap_or_default));
    let counted = engine.query_first("count messages", MESSAGES, &key, |row| {
        Ok((numbers(row)?, row.integer()?.unwrap_or_default()))
    })?;
    let ([messages, costs], cost) = counted.unwrap_or_default();
    session.messages = messages;
    session.parts = count(engine, PARTS, &key)?;
    session.tool_calls = count(engine, TOOL_CALLS, &key)?;
    let elsewhere = engine.query("find what counts elsewhere", &elsewhere_sql(), &key, |row| {
        Ok((row.text()?.unwrap_or_default(), row.integer()?))
    })?;
    let (mut costs, mut cost) = (costs, cost);
    let copies = elsewhere.iter().map(|(message, _)| message.clone()).collect();
    session.usage = session_sums(engine, &id, &copies, tiers)?;
    for (message, its_cost) in elsewhere {
        let key = [id.clone(), Value::Text(message)];
        let counted = engine.query_first("count rows", PARTS_ELSEWHERE, &key, numbers)?;
        let [parts, tool_calls] = counted.unwrap_or_default();
        session.messages -= 1;
        session.parts -= parts;
        session.tool_calls -= tool_calls;
        costs -= i64::from(its_cost.is_some());
        cost -= its_cost.unwrap_or_default();
    }
    session.cost_given_picodollars = (costs > 0).then_some(cost);
    Ok(())
}

fn count(engine: &Engine, sql: &str, key: &[Value]) -> Result<i64, StoreError> {
    let counted = engine.query_first("count rows", sql, key, Row::integer)?;
    Ok(counted.flatten().unwrap_or(0))
}

/// A session without its counts.
fn read(row: &mut Row) -> Result<SessionRow, StoreError> {
    Ok(SessionRow {
        session_id: row.text()?.unwrap_or_default(),
        title: row.text()?,
        parent_session_id: row.text()?,
        agent: row.text()?,
        agent_version: row.text()?,
        project_path: row.text()?,
        project_name: row.text()?,
        provider_id: row.text()?,
        model_id: row.text()?,
        status: row.text()?,
        ended_at_unix_ms: row.integer()?,
        end_reason: row.text()?,
        created_at_unix_ms: row.integer()?,
        last_activity_at_unix_ms: row.integer()?,
        resume: resume::read(row)?,
        messages: 0,
        parts: 0,
        tool_calls: 0,
        cost_given_picodollars: None,
        usage: Vec::new(),
    })
}
