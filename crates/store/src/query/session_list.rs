//! The sessions, the last active first.

use turso::Value;

use crate::{
    Holder, StoreError,
    engine::{Engine, Row},
};

/// The statements, with the index that each needs. The counts are asked for each session that is
/// listed: as subqueries they would be counted for every session there is (turso 0.8.3).
pub const STATEMENTS: [(&str, &str); 6] = [
    (SESSIONS, "sessions_by_activity"),
    (MESSAGES, "messages_in_order"),
    (PARTS, "parts_in_order"),
    (TOOL_CALLS, "tool_calls_in_order"),
    (INHERITED_PARTS, "sqlite_autoindex_parts_1"),
    (INHERITED_TOOL_CALLS, "sqlite_autoindex_parts_1"),
];

const SESSIONS: &str = "\
    SELECT session_id, title, parent_session_id, agent, agent_version, project_path, project_name, \
           provider_id, model_id, status, ended_at_unix_ms, end_reason, created_at_unix_ms, last_activity_at_unix_ms \
    FROM sessions \
    ORDER BY last_activity_at_unix_ms DESC \
    LIMIT ?1";

// What a fork copied counts in the session that it was copied from.
const MESSAGES: &str = "\
    SELECT count(*), sum(cost_given_picodollars) \
    FROM messages \
    WHERE session_id = ?1 AND inherited IS NOT 1";

const PARTS: &str = "SELECT count(*) FROM parts WHERE session_id = ?1";

const TOOL_CALLS: &str = "SELECT count(*) FROM tool_calls WHERE session_id = ?1";

// Taken off: hardly any session is a fork, and asking each part for its message takes long.
const INHERITED_PARTS: &str = "\
    SELECT count(*) \
    FROM messages \
    JOIN parts ON parts.session_id = messages.session_id \
        AND parts.message_id = messages.message_id \
    WHERE messages.session_id = ?1 AND messages.inherited = 1";

const INHERITED_TOOL_CALLS: &str = "\
    SELECT count(*) \
    FROM messages \
    JOIN parts ON parts.session_id = messages.session_id \
        AND parts.message_id = messages.message_id \
    WHERE messages.session_id = ?1 AND messages.inherited = 1 AND parts.part_type = 'tool'";

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
    /// How many messages it has, without those that a fork copied; so for all counts.
    pub messages: i64,
    /// How many parts they have.
    pub parts: i64,
    /// How many tools were called.
    pub tool_calls: i64,
    /// What the agent says that it cost; nothing where it does not say.
    pub cost_given_picodollars: Option<i64>,
}

/// At most `limit` sessions, the last active first.
///
/// # Errors
/// The engine failed.
pub fn session_list(holder: &Holder<'_>, limit: u32) -> Result<Vec<SessionRow>, StoreError> {
    let engine = &holder.engine;
    let mut rows =
        engine.query("list sessions", SESSIONS, &[Value::Integer(limit.into())], read)?;
    for row in &mut rows {
        let key = [Value::Text(row.session_id.clone())];
        let counted = engine.query_first("count messages", MESSAGES, &key, |row| {
            Ok((row.integer()?, row.integer()?))
        })?;
        let (messages, cost) = counted.unwrap_or_default();
        row.messages = messages.unwrap_or(0);
        row.cost_given_picodollars = cost;
        row.parts = count(engine, PARTS, &key)? - count(engine, INHERITED_PARTS, &key)?;
        row.tool_calls =
            count(engine, TOOL_CALLS, &key)? - count(engine, INHERITED_TOOL_CALLS, &key)?;
    }
    Ok(rows)
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
        messages: 0,
        parts: 0,
        tool_calls: 0,
        cost_given_picodollars: None,
    })
}
