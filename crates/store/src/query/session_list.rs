//! The sessions, the last active first.

use turso::Value;

use crate::{Holder, StoreError, engine::Row};

/// The statement; it walks `sessions_by_activity` and counts by each table's own key.
pub const SQL: &str = "\
    SELECT s.session_id, s.agent, s.agent_version, s.project_path, s.provider_id, s.model_id, \
           s.created_at_unix_ms, s.last_activity_at_unix_ms, \
           (SELECT count(*) FROM messages m WHERE m.session_id = s.session_id), \
           (SELECT count(*) FROM parts p WHERE p.session_id = s.session_id), \
           (SELECT count(*) FROM tool_calls t WHERE t.session_id = s.session_id), \
           (SELECT sum(m.cost_given_picodollars) FROM messages m WHERE m.session_id = s.session_id) \
    FROM sessions s \
    ORDER BY s.last_activity_at_unix_ms DESC \
    LIMIT ?1";

/// One session. Counts are counted when asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// Its identity.
    pub session_id: String,
    /// Which agent holds it.
    pub agent: Option<String>,
    /// The agent's version.
    pub agent_version: Option<String>,
    /// The folder that the agent works in.
    pub project_path: Option<String>,
    /// Who serves the model.
    pub provider_id: Option<String>,
    /// The model that spoke last.
    pub model_id: Option<String>,
    /// When the first thing in it came into being.
    pub created_at_unix_ms: Option<i64>,
    /// When the last thing in it came into being.
    pub last_activity_at_unix_ms: Option<i64>,
    /// How many messages it has.
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
    holder.engine.query("list sessions", SQL, &[Value::Integer(limit.into())], read)
}

fn read(row: &mut Row) -> Result<SessionRow, StoreError> {
    Ok(SessionRow {
        session_id: row.text()?.unwrap_or_default(),
        agent: row.text()?,
        agent_version: row.text()?,
        project_path: row.text()?,
        provider_id: row.text()?,
        model_id: row.text()?,
        created_at_unix_ms: row.integer()?,
        last_activity_at_unix_ms: row.integer()?,
        messages: row.integer()?.unwrap_or(0),
        parts: row.integer()?.unwrap_or(0),
        tool_calls: row.integer()?.unwrap_or(0),
        cost_given_picodollars: row.integer()?,
    })
}
